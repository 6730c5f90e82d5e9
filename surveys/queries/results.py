"""Editions of results and their figures as rows for the result pages. Nothing here reads an answer.

Numbers of queries hold whatever the number of questions, groups and waves.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.models import Municipality, PeerGroup, PeerGroupMember, PeerValue
from indicators.templatetags.figures import language
from surveys.compute.questionnaire import Asked, Choice, Questionnaire
from surveys.models import (
    Edition,
    Figure,
    IndicatorLink,
    Item,
    Option,
    QuestionVersion,
    SatisfactionIndex,
    Survey,
    Wave,
    WaveState,
)
from surveys.queries import questionnaire as asked_in
from surveys.queries.library import library
from surveys.read_models.results_rows import (
    EditionRow,
    FigureRow,
    Figures,
    IndexRow,
    Listed,
    NoSuchResultError,
    OpenSurvey,
    PeerRows,
    QuestionRows,
    Results,
    Shown,
    SurveyList,
    SurveyRow,
    VersionRow,
    Wanted,
    WaveRow,
    choose,
)

FIGURE = (
    "edition_id", "question__code", "index__code", "statistic", "part", "group__code", "level", "value", "se", "lower",
    "upper", "n", "hidden", "details",
)  # fmt: skip
OF_ALL = Q(group=None)


def survey_list(today: date) -> SurveyList:
    """Every survey with a released edition, newest first, and those that anybody may answer today (5 queries)."""
    editions = _editions(Q(state="released"))
    newest: dict[int, tuple[SurveyRow, EditionRow]] = {}
    for survey, edition in sorted(editions, key=lambda pair: (pair[1].wave.ends_on, pair[1].number)):
        newest[survey.id] = (survey, edition)
    found = _figures([edition.id for _survey, edition in newest.values()], OF_ALL & ~Q(question=None, index=None))
    overall = _overall_questions([edition.wave.id for _survey, edition in newest.values()])
    listed = [
        Listed(survey, edition, asked, found.get(edition.id, Figures()), _statement(asked) if asked else "")
        for survey, edition in newest.values()
        for asked in [overall.get(edition.wave.id)]
    ]
    listed.sort(key=lambda item: (item.edition.released_on or item.edition.made_on, item.survey.code), reverse=True)
    return SurveyList(listed, _open_surveys(today))


def results(code: str, *, wave: str = "", wanted: Wanted = None, drafts: bool = False) -> Results:
    """What the page of a wave shows (7 queries). Raises NoSuchResultError."""
    shown = shown_edition(code, wave=wave, wanted=wanted, drafts=drafts)
    asked = asked_in.of_wave(shown.edition.wave.id)
    ids = [edition.id for edition in (shown.edition, shown.before) if edition is not None]
    found = _figures(ids, OF_ALL)
    return Results(
        shown=shown,
        questionnaire=asked,
        figures=found.get(shown.edition.id, Figures()),
        earlier=found.get(shown.before.id, Figures()) if shown.before else Figures(),
        indices=_indices(shown.survey.id),
        statements={code: text for code, each in asked.by_code.items() if (text := _statement(each))},
        topics={topic.code: topic.name[language()] for topic in library().topics},
    )


def everything(code: str, *, wave: str, wanted: Wanted = None, drafts: bool = False) -> Results:
    """All figures of an edition, of all groups, for the method page and the files (7 queries)."""
    shown = shown_edition(code, wave=wave, wanted=wanted, drafts=drafts)
    found = _figures([shown.edition.id], Q())
    return Results(
        shown=shown,
        questionnaire=asked_in.of_wave(shown.edition.wave.id),
        figures=found.get(shown.edition.id, Figures()),
        earlier=Figures(),
        indices=_indices(shown.survey.id),
    )


def question(code: str, *, wave: str, question: str, wanted: Wanted = None, drafts: bool = False) -> QuestionRows:
    """One question of a wave (8 queries; 3 more where others publish results of it). Raises NoSuchResultError."""
    shown = shown_edition(code, wave=wave, wanted=wanted, drafts=drafts)
    questionnaire = asked_in.of_wave(shown.edition.wave.id)
    asked = questionnaire.by_code.get(question)
    if asked is None:
        raise NoSuchResultError(
            _("The survey has no question “%(code)s” in this wave. Choose one on the page of its results.")
            % {"code": question}
        )
    of_groups = Q(edition_id=shown.edition.id) | OF_ALL
    found = _figures([e.id for e in shown.waves], Q(question_id=asked.question_id) & of_groups)
    return QuestionRows(
        shown=shown,
        questionnaire=questionnaire,
        asked=asked,
        section=_section_of(questionnaire, asked),
        figures=found,
        versions=_versions(asked.question_id),
        indicators=_indicators(asked.question_id),
        peers=_peers(asked.published_kpi) if asked.published_kpi else None,
        statement=_statement(asked),
    )


def shown_edition(code: str, *, wave: str = "", wanted: Wanted = None, drafts: bool = False) -> Shown:
    """Which edition an address means (2 queries). Raises NoSuchResultError."""
    survey = Survey.objects.filter(code=code).select_related("overall", "department").first()
    if survey is None:
        raise NoSuchResultError(_("There is no survey “%(code)s”.") % {"code": code})
    editions = [edition for _survey, edition in _editions(Q(wave__survey_id=survey.pk))]
    return choose(_survey(survey), editions, wave=wave, wanted=wanted, drafts=drafts)


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _editions(which: Q) -> list[tuple[SurveyRow, EditionRow]]:
    rows = (
        Edition.objects.filter(which)
        .select_related("wave__survey__overall", "wave__survey__department")
        .defer("audit", "decision")
        .order_by("wave_id", "number")
    )
    return [(_survey(row.wave.survey), _edition(row)) for row in rows]


def _survey(survey: Survey) -> SurveyRow:
    return SurveyRow(
        id=survey.pk,
        code=survey.code,
        name=survey.name,
        purpose=survey.purpose,
        department=survey.department.name if survey.department else "",
        overall=survey.overall.code if survey.overall else "",
        invented=survey.invented,
    )


def _edition(edition: Edition) -> EditionRow:
    released = edition.released_at
    return EditionRow(
        id=edition.pk,
        number=edition.number,
        state=edition.state,
        wave=_wave(edition.wave),
        method=edition.method,
        drivers=edition.drivers,
        made_on=timezone.localdate(edition.made_at),
        released_on=timezone.localdate(released) if released else None,
        note=edition.note,
    )


def _wave(wave: Wave) -> WaveRow:
    return WaveRow(
        id=wave.pk,
        code=wave.code,
        period=wave.period,
        state=wave.state,
        opens_on=wave.opens_on,
        closes_on=wave.closes_on,
        population=wave.population,
        population_text=wave.population_text,
        frame_text=wave.frame_text,
        mode_text=wave.mode_text,
        change_text=wave.change_text,
        method_break=wave.method_break,
        weighting=wave.weighting,
    )


def _figures(editions: Sequence[int], which: Q) -> dict[int, Figures]:
    """Figures by edition (1 query)."""
    found: dict[int, list[FigureRow]] = {}
    rows = Figure.objects.filter(which, edition_id__in=editions).order_by()
    for edition, question_code, index, statistic, part, group, *rest in rows.values_list(*FIGURE):
        found.setdefault(edition, []).append(
            FigureRow(question_code or "", index or "", statistic, part, group or "", *rest)
        )
    return {edition: Figures.of(figures) for edition, figures in found.items()}


def _indices(survey_id: int) -> list[IndexRow]:
    rows = SatisfactionIndex.objects.filter(survey_id=survey_id).order_by("code")
    return [IndexRow(i.code, i.name, [item["question"] for item in i.items], i.bands) for i in rows]


def _versions(question_id: int) -> list[VersionRow]:
    rows = QuestionVersion.objects.filter(question_id=question_id).order_by("number")
    return [VersionRow(v.pk, v.number, v.text, v.continues, v.reason) for v in rows]


def _indicators(question_id: int) -> list[tuple[str, str]]:
    """Code and name of the indicators that the question feeds (1 query)."""
    links = IndicatorLink.objects.filter(question_id=question_id).select_related("indicator").order_by("indicator_id")
    return list({link.indicator.code: link.indicator.name for link in links}.items())


def _statement(asked: Asked) -> str:
    """What positive answers to a question of the library mean; empty where the wave asked it in other words."""
    known = library().questions.get(asked.code, {})
    same = known.get("kind") == asked.kind and known["text"][language()] == asked.text
    return str(known["statement"][language()]) if same and "statement" in known else ""


def _section_of(questionnaire: Questionnaire, asked: Asked) -> str:
    return next((page.title for page in questionnaire.pages if asked in page.questions), "")


def _overall_questions(waves: Sequence[int]) -> dict[int, Asked]:
    """The overall question of each wave, where it was asked (2 queries)."""
    items = Item.objects.filter(wave_id__in=waves, version__question_id=F("wave__survey__overall_id")).select_related(
        "version__question"
    )
    found = {item.wave_id: item for item in items}
    choices: dict[int, list[Choice]] = {}
    versions = [item.version_id for item in found.values()]
    for option in Option.objects.filter(version_id__in=versions).order_by("order", "value"):
        choices.setdefault(option.version_id, []).append(
            Choice(option.value, option.label, option.positive, option.no_opinion)
        )
    return {wave: _asked(item, choices.get(item.version_id, ())) for wave, item in found.items()}


def _asked(item: Item, options: Iterable[Choice]) -> Asked:
    question_ = item.version.question
    return Asked(
        item.pk, question_.pk, question_.code, question_.kind, item.version.text, item.version.second_text,
        options=tuple(options), version_id=item.version_id,
    )  # fmt: skip


def _open_surveys(today: date) -> list[OpenSurvey]:
    rows = (
        Wave.objects.filter(state=WaveState.OPEN, link_open=True)
        .filter(Q(opens_on=None) | Q(opens_on__lte=today), Q(closes_on=None) | Q(closes_on__gte=today))
        .select_related("survey")
        .order_by("closes_on", "survey__code")
    )
    return [OpenSurvey(w.survey.code, w.code, w.survey.name, w.survey.purpose, w.closes_on) for w in rows]


# ── what others publish ───────────────────────────────────────────────────────────────────────────────────────────────


def _peers(kpi: str) -> PeerRows | None:
    """Newest published values, ours and those of similar municipalities (3 queries); None without a group of them."""
    home = Municipality.objects.filter(is_home=True).first()
    groups = PeerGroup.objects.filter(kind=PeerGroup.Kind.SIMILAR).order_by("order", "code")
    group = min(groups, key=lambda g: g.area_id is not None, default=None)
    if home is None or group is None:
        return None
    members = PeerGroupMember.objects.filter(group_id=group.pk).values("municipality_id")
    rows = PeerValue.objects.filter(Q(municipality__in=members) | Q(municipality=home.pk), kpi=kpi, breakdown="T")
    newest: dict[int, dict[str, float | None]] = {}
    for year, place, value in rows.order_by("revision").values_list("year", "municipality", "value"):
        newest.setdefault(year, {})[place] = None if value is None else float(value)
    values = {year: {place: value for place, value in row.items() if value is not None} for year, row in newest.items()}
    return PeerRows(home.pk, home.name, group.title, values)
