"""The published results of the citizen survey: every question that Kolada publishes of it, steered by or not."""

from collections.abc import Sequence

from indicators.compute.frames import Point
from indicators.compute.series import Break
from indicators.compute.status import Direction
from indicators.models import Benchmark, Indicator, Municipality, PeerValue, SeriesBreak, SeriesPoint
from indicators.periods import Period
from indicators.queries.compare import STANDING, peer_lists
from indicators.queries.computation import number
from indicators.read_models.citizen_survey import GROUPS, Facts, Question
from indicators.read_models.compare import Chosen, Standing
from indicators.sources.kolada import SURVEY_ANSWERS, SURVEY_RESPONSE_RATE

# Translated columns of related tables are named in both languages, so that neither is fetched row by row.
QUESTION = (
    "code", "name_sv", "name_en", "area_id", "area__name_sv", "area__name_en", "unit__symbol_sv", "unit__symbol_en",
    "unit__share", "direction", "steering", "kolada_id",
)  # fmt: skip


def facts() -> Facts:
    """Everything the page needs (8 queries)."""
    questions = _questions()
    ids = [question.id for question in questions]
    home = Municipality.objects.filter(is_home=True).values_list("code", "name", "invented").first()
    code, name, invented = home or ("", "", False)
    return Facts(
        home=name,
        invented=invented,
        questions=questions,
        points=_points(ids),
        breaks=_breaks(ids),
        standings=_standings(questions),
        answers=_of_the_survey(SURVEY_ANSWERS, code),
        rates=_of_the_survey(SURVEY_RESPONSE_RATE, code),
    )


def _questions() -> list[Question]:
    rows = Indicator.objects.filter(respondents_kolada_id=SURVEY_ANSWERS, retired_on=None)
    rows = rows.select_related("area", "unit").only(*QUESTION).order_by("area__order", "area_id", "kolada_id")
    return [
        Question(
            id=i.pk,
            code=i.code,
            name=i.name,
            area=i.area_id,
            area_name=i.area.name,
            symbol=i.unit.symbol,
            share=i.unit.share,
            good=Direction(i.direction),
            steering=i.steering,
        )
        for i in rows
    ]


def _points(ids: Sequence[int]) -> dict[tuple[int, int], Point]:
    """Our own results by question and year."""
    rows = SeriesPoint.objects.filter(indicator_id__in=ids, breakdown="T").values_list(
        "indicator_id", "period", "value", "absence", "margin", "margin_computed", "respondents"
    )
    found = {}
    for indicator, code, value, absence, margin, computed, respondents in rows:
        period = Period.parse(code)
        point = Point(period, number(value), absence, number(margin), computed, respondents)
        found[indicator, period.last_day.year] = point
    return found


def _breaks(ids: Sequence[int]) -> dict[int, list[Break]]:
    found: dict[int, list[Break]] = {}
    rows = SeriesBreak.objects.filter(indicator_id__in=ids)
    for indicator, period, backwards in rows.values_list("indicator_id", "period", "comparable_backwards"):
        found.setdefault(indicator, []).append(Break(Period.parse(period), backwards))
    return found


def _standings(questions: Sequence[Question]) -> dict[str, dict[tuple[int, int], Standing]]:
    """Our place among similar municipalities, by the list that serves the question's area, and among all, by question
    and year (2 queries)."""
    lists = [item for item in peer_lists() if item.kind in GROUPS]
    serving: dict[tuple[int, int], str] = {}
    for kind in GROUPS:
        of_kind = Chosen(kind, "", tuple(item for item in lists if item.kind == kind))
        serving |= {(question.id, item.id): kind for question in questions if (item := of_kind.list_for(question.area))}
    rows = Benchmark.objects.filter(group_id__in=[item.id for item in lists], eligible=True)
    found: dict[str, dict[tuple[int, int], Standing]] = {kind: {} for kind in GROUPS}
    for values in rows.filter(indicator_id__in=[question.id for question in questions]).values(*STANDING):
        chosen = serving.get((values["indicator_id"], values["group_id"]))
        if chosen is not None:
            found[chosen][values["indicator_id"], values["year"]] = Standing(**values)
    return found


def _of_the_survey(kpi: str, home: str) -> dict[int, float]:
    """What is published of our survey as a whole, by year; withdrawn values left out (1 query)."""
    rows = PeerValue.objects.filter(kpi=kpi, municipality=home, breakdown="T").order_by("revision")
    newest = dict(rows.values_list("year", "value"))
    return {year: float(value) for year, value in newest.items() if value is not None}
