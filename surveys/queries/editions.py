"""Editions and what they feed, as strategists and the pipeline read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from indicators.models import Indicator, JobRun, Measurement
from indicators.templatetags.figures import rounded
from surveys.compute.release import DECIMALS, margin
from surveys.models import (
    Edition,
    EditionState,
    Figure,
    IndicatorLink,
    Item,
    QuestionVersion,
    Response,
    SatisfactionIndex,
    Submission,
    Wave,
    WaveState,
)

BINDING = (EditionState.RELEASED, EditionState.WITHDRAWN)


@dataclass(frozen=True)
class Fed:
    """A link with the figure of an edition that feeds it; None where the edition has none."""

    link: IndicatorLink
    figure: Figure | None


def binding_editions(wave: Wave) -> list[Edition]:
    """Editions whose figures somebody may have kept, oldest first (1 query)."""
    return list(Edition.objects.filter(wave=wave, state__in=BINDING).order_by("number"))


def previous_wave(wave: Wave) -> Wave | None:
    """The newest wave before this one that has been released (1 query)."""
    earlier = Wave.objects.filter(survey_id=wave.survey_id, period__lt=wave.period)
    return earlier.filter(editions__state=EditionState.RELEASED).order_by("-period").distinct().first()


def versions(wave: Wave) -> dict[str, int]:
    """Question → the version that was asked (1 query)."""
    return dict(Item.objects.filter(wave=wave).values_list("version__question__code", "version_id"))


def broken_since(earlier: Wave, later: Wave) -> list[str]:
    """Questions of both waves whose wordings between do not continue each other (2 queries)."""
    before, now = versions(earlier), versions(later)
    both = sorted(before.keys() & now.keys())
    found = QuestionVersion.objects.filter(question__survey_id=later.survey_id)
    chain: dict[int, tuple[str, int, bool]] = {
        pk: (code, number, continues)
        for pk, code, number, continues in found.values_list("pk", "question__code", "number", "continues")
    }
    return [code for code in both if before[code] != now[code] and not _continued(chain, before[code], now[code])]


def _continued(chain: dict[int, tuple[str, int, bool]], before: int, now: int) -> bool:
    """Whether every wording after one of them up to the other was declared to mean the same."""
    code = chain[now][0]
    low, high = sorted((chain[before][1], chain[now][1]))
    between = [continues for c, number, continues in chain.values() if c == code and low < number <= high]
    return all(between)


def fed_by(edition: Edition) -> list[Fed]:
    """Every link of the survey with its figure of this edition (2 queries)."""
    links = list(
        IndicatorLink.objects.filter(survey_id=edition.wave.survey_id)
        .select_related("indicator__unit", "question", "index", "group")
        .order_by("indicator_id", "breakdown")
    )
    figures = {_key(figure): figure for figure in Figure.objects.filter(edition=edition)}
    return [Fed(link, figures.get(_key(link))) for link in links]


def _key(of: Figure | IndicatorLink) -> Sequence[object]:
    return (of.question_id, of.index_id, of.statistic, of.part, of.group_id, of.level)


def editions_of(of: Wave) -> list[dict[str, Any]]:
    """A wave's editions, newest first, with how many figures they have and hide (1 query)."""
    hidden = Count("figures", filter=~Q(figures__hidden=""))
    rows = Edition.objects.filter(wave=of).annotate(figures_count=Count("figures"), hidden_count=hidden)
    return [
        {
            "id": edition.pk,
            "number": edition.number,
            "state": edition.state,
            "made_at": edition.made_at,
            "released_at": edition.released_at,
            "figures": edition.figures_count,
            "hidden": edition.hidden_count,
            "note": edition.note,
            "audit": edition.audit,
        }
        for edition in rows.order_by("-number")
    ]


def standing(of: Wave) -> dict[str, Any]:
    """How far a wave's results are, and what releasing the draft would tell the indicators (at most 10 queries)."""
    job = JobRun.objects.filter(key=f"survey-results:{of.pk}").order_by("-id").first()
    draft = Edition.objects.filter(wave=of, state__in=(EditionState.DRAFT, EditionState.BLOCKED)).first()
    texts = Item.objects.filter(wave=of).select_related("version__question")
    return {
        "state": of.state,
        "state_word": of.get_state_display(),
        "weighting": of.get_weighting_display(),
        "closes_on": of.closes_on,
        "responses": Response.objects.filter(wave=of).count(),
        "waiting": Submission.objects.filter(wave=of).count(),
        "job_state": job.state if job else "",
        "job_error": job.error if job else "",
        "editions": editions_of(of),
        "audit": draft.audit if draft else {},
        "texts": {item.version.question.code: item.version.text for item in texts},
        "fed": _to_be_fed(draft, of) if draft else [],
    }


def _to_be_fed(draft: Edition, of: Wave) -> list[dict[str, Any]]:
    found = fed_by(draft)
    before = newest_measured([fed.link.indicator_id for fed in found], of.period)
    return [
        {
            "code": fed.link.indicator.code,
            "name": fed.link.indicator.name,
            "decimals": fed.link.indicator.decimals,
            "symbol": fed.link.indicator.unit.symbol,
            "breakdown": fed.link.breakdown,
            "before": before.get((fed.link.indicator_id, fed.link.breakdown)),
            "after": None
            if fed.figure is None or fed.figure.value is None
            else _rounded(fed.figure.value, fed.figure.lower, fed.figure.upper),
        }
        for fed in found
    ]


def _rounded(exact: float, lower: float | None, upper: float | None) -> dict[str, Any]:
    """As the indicator will get it."""
    value = float(rounded(exact, DECIMALS))
    return {"value": value, "margin": margin(value, lower, upper)}


def edition(edition_id: int) -> Edition | None:
    """An edition with its wave and survey (1 query)."""
    return Edition.objects.select_related("wave__survey").filter(pk=edition_id).first()


def newest_measured(indicator_ids: Sequence[int], before: str) -> dict[tuple[int, str], dict[str, Any]]:
    """(indicator, breakdown) → the newest approved value from a survey of a period before this one (1 query)."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    rows = Measurement.objects.filter(
        indicator_id__in=indicator_ids, source="survey", state="approved", period__lt=before, value__isnull=False
    ).order_by("period", "revision")
    for indicator_id, breakdown, value, margin_of in rows.values_list("indicator_id", "breakdown", "value", "margin"):
        if value is not None:
            found[indicator_id, breakdown] = {
                "value": float(value),
                "margin": None if margin_of is None else float(margin_of),
            }
    return found


def ended(today: date) -> list[int]:
    """Open waves whose last day has passed (1 query)."""
    return list(Wave.objects.filter(state=WaveState.OPEN, closes_on__lt=today).values_list("pk", flat=True))


def links(survey_id: int) -> list[IndicatorLink]:
    """Which results of a survey feed which indicators (1 query)."""
    return list(
        IndicatorLink.objects.filter(survey_id=survey_id)
        .select_related("indicator", "question", "index", "group")
        .order_by("indicator__code", "breakdown")
    )


def newest_versions(survey_id: int) -> list[QuestionVersion]:
    """The newest wording of every question of a survey, with its options (2 queries)."""
    newest: dict[int, QuestionVersion] = {}
    versions = QuestionVersion.objects.filter(question__survey_id=survey_id).select_related("question")
    for version in versions.prefetch_related("options").order_by("number"):
        newest[version.question_id] = version
    return sorted(newest.values(), key=lambda version: version.question.code)


def linkable(survey_id: int) -> tuple[list[Indicator], list[SatisfactionIndex]]:
    """Indicators that take their values from surveys, and the indices of this one (2 queries)."""
    indicators = Indicator.objects.filter(source="survey", retired_on__isnull=True).order_by("code")
    return list(indicators), list(SatisfactionIndex.objects.filter(survey_id=survey_id))
