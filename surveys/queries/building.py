"""What strategists need to build a survey: its waves and questions, what a questionnaire lacks, how far a wave is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from indicators.models import Department
from surveys.compute.completeness import Written, WrittenChoice, WrittenPage
from surveys.models import (
    AnswerImport,
    AnswerImportState,
    Comment,
    CommentState,
    Edition,
    EditionState,
    IndicatorLink,
    Invitation,
    Item,
    Mailing,
    Option,
    Question,
    QuestionVersion,
    Response,
    SampleFrame,
    Section,
    Submission,
    Survey,
    Wave,
    WaveState,
)
from surveys.queries.estimation import response_by_stratum
from surveys.read_models.building import QuestionRow, SurveyRow, VersionRow, WaveRow
from surveys.read_models.editor import ItemRow
from surveys.read_models.wave import Standing

ASKED = (WaveState.OPEN, WaveState.CLOSED)
BY_PLACE = ("section__order", "section_id", "order", "id")


def surveys() -> list[SurveyRow]:
    """Every survey with its waves, the newest first (2 queries)."""
    waves: dict[int, list[WaveRow]] = defaultdict(list)
    for wave in _counted(Wave.objects.order_by("-period", "-id")):
        waves[wave.survey_id].append(_wave_row(wave))
    found = Survey.objects.select_related("department").order_by("name", "id")
    return [_survey_row(survey, waves[survey.pk]) for survey in found]


def survey(code: str) -> Survey | None:
    """A survey by its code (1 query)."""
    return Survey.objects.select_related("department", "overall").filter(code=code).first()


def waves_of(survey_id: int) -> list[WaveRow]:
    """The waves of a survey, the newest first (1 query)."""
    return [_wave_row(wave) for wave in _counted(Wave.objects.filter(survey_id=survey_id).order_by("-period", "-id"))]


def wave(code: str, wave_code: str) -> Wave | None:
    """A wave by the codes in its address, with its survey (1 query)."""
    waves = Wave.objects.select_related("survey__department", "survey__overall")
    return waves.filter(survey__code=code, code=wave_code).first()


def _counted(waves: QuerySet[Wave]) -> QuerySet[Any]:
    released = Q(editions__state=EditionState.RELEASED)
    return waves.annotate(
        asked=Count("items", distinct=True), released=Count("editions", filter=released, distinct=True)
    )


def _wave_row(wave: Any) -> WaveRow:
    return WaveRow(
        code=wave.code,
        period=wave.period,
        state=wave.state,
        opens_on=wave.opens_on,
        closes_on=wave.closes_on,
        questions=wave.asked,
        released=bool(wave.released),
    )


def _survey_row(survey: Survey, waves: Sequence[WaveRow]) -> SurveyRow:
    return SurveyRow(
        code=survey.code,
        name=survey.name,
        department=survey.department.name if survey.department else "",
        invented=survey.invented,
        waves=tuple(waves),
    )


def questions_of(survey_id: int) -> list[QuestionRow]:
    """The questions of a survey, each with its wordings and the waves that asked them (2 queries)."""
    waves: dict[int, list[str]] = defaultdict(list)
    for version_id, code in (
        Item.objects.filter(wave__survey_id=survey_id)
        .order_by("wave__period", "wave_id")
        .values_list("version_id", "wave__code")
    ):
        waves[version_id].append(code)
    rows: dict[int, list[QuestionVersion]] = defaultdict(list)
    for version in (
        QuestionVersion.objects.filter(question__survey_id=survey_id)
        .select_related("question")
        .order_by("question__topic", "question__code", "number")
    ):
        rows[version.question_id].append(version)
    return [_question_row(versions, waves) for versions in rows.values()]


def _question_row(versions: Sequence[QuestionVersion], waves: dict[int, list[str]]) -> QuestionRow:
    question = versions[-1].question
    return QuestionRow(
        code=question.code,
        kind=question.kind,
        topic=question.topic,
        background=question.background,
        versions=tuple(
            VersionRow(
                number=version.number,
                text=version.text,
                continues=version.continues,
                reason=version.reason,
                waves=tuple(waves[version.pk]),
            )
            for version in versions
        ),
    )


def overall_choices(survey_id: int) -> list[tuple[int, str]]:
    """Questions that can tell the satisfied from the dissatisfied, with their newest wording (1 query)."""
    found: dict[int, str] = {}
    for version in (
        QuestionVersion.objects.filter(question__survey_id=survey_id, question__kind__in=("share", "five", "ten"))
        .select_related("question")
        .order_by("question__code", "number")
    ):
        found[version.question_id] = version.text
    return list(found.items())


def departments() -> list[tuple[int, str]]:
    """Who can ask (1 query)."""
    return [(row.pk, row.name) for row in Department.objects.order_by("name")]


def codes_in(wave_id: int) -> set[str]:
    """Codes of the questions in a wave (1 query)."""
    return set(Item.objects.filter(wave_id=wave_id).values_list("version__question__code", flat=True))


def earlier(wave: Wave) -> list[tuple[str, str]]:
    """Questions of the survey that do not stand in this wave: code and newest wording (2 queries)."""
    standing = codes_in(wave.pk)
    found: dict[str, str] = {}
    for version in (
        QuestionVersion.objects.filter(question__survey_id=wave.survey_id)
        .select_related("question")
        .order_by("question__code", "number")
    ):
        if version.question.code not in standing:
            found[version.question.code] = version.text
    return list(found.items())


# ── a questionnaire in both languages ─────────────────────────────────────────────────────────────────────────────────


def written(wave_id: int) -> list[WrittenPage]:
    """The pages of a wave as they are written in both languages (3 queries)."""
    choices: dict[int, list[WrittenChoice]] = defaultdict(list)
    for option in Option.objects.filter(version__items__wave_id=wave_id).order_by("order", "value"):
        choices[option.version_id].append(
            WrittenChoice(option.value, both(option, "label"), option.positive, option.no_opinion)
        )
    questions: dict[int, list[Written]] = defaultdict(list)
    for item in Item.objects.filter(wave_id=wave_id).select_related("version__question").order_by(*BY_PLACE):
        questions[item.section_id].append(_written(item, tuple(choices[item.version_id])))
    return [
        WrittenPage(section.pk, both(section, "title"), both(section, "intro"), tuple(questions[section.pk]))
        for section in Section.objects.filter(wave_id=wave_id).order_by("order", "id")
    ]


def _written(item: Item, choices: tuple[WrittenChoice, ...]) -> Written:
    version = item.version
    return Written(
        item_id=item.pk,
        code=version.question.code,
        kind=version.question.kind,
        text=both(version, "text"),
        second_text=both(version, "second_text"),
        help=both(version, "help"),
        unit=both(version, "unit"),
        choices=choices,
        shown_by=item.shown_by_id,
        shown_values=tuple(item.shown_values),
    )


def both(row: object, field: str) -> dict[str, str]:
    """A text in both languages, empty where it is missing (no query)."""
    return {language: getattr(row, f"{field}_{language}") or "" for language in ("sv", "en")}


def item_rows(wave_id: int) -> dict[int, ItemRow]:
    """What the editor tells of each question besides its wording, by item (2 queries)."""
    asked_before = set(
        Question.objects.filter(
            versions__items__wave__state__in=ASKED, versions__items__wave__survey__waves=wave_id
        ).values_list("pk", flat=True)
    )
    return {
        item.pk: ItemRow(
            required=item.required,
            background=item.version.question.background,
            version=item.version.number,
            continues=item.version.continues,
            asked_before=item.version.question_id in asked_before,
            published=bool(item.version.question.published_kpi),
        )
        for item in Item.objects.filter(wave_id=wave_id).select_related("version__question")
    }


def section(wave_id: int, section_id: int) -> Section | None:
    """A page of the wave (1 query)."""
    return Section.objects.filter(wave_id=wave_id, pk=section_id).first()


def item(wave_id: int, item_id: int) -> Item | None:
    """A question of the wave (1 query)."""
    return Item.objects.select_related("version__question", "section").filter(wave_id=wave_id, pk=item_id).first()


def version_asked(version_id: int) -> bool:
    """Whether a wording stands in a wave that has opened (1 query)."""
    return Item.objects.filter(version_id=version_id, wave__state__in=ASKED).exists()


# ── how far a wave is ─────────────────────────────────────────────────────────────────────────────────────────────────


def standing(wave: Wave, pages: Sequence[WrittenPage], lacks: int, today: date) -> Standing:
    """Everything that the wave's page counts (9 queries).

    Of the sample: by its invitations, and once those are deleted by what the strata keep.
    """
    sample = Invitation.objects.filter(wave=wave).aggregate(
        invited=Count("pk"), answered=Count("pk", filter=Q(answered=True))
    )
    if not sample["invited"]:
        strata = response_by_stratum(wave)
        sample = {name: sum(stratum[name] for stratum in strata) for name in ("invited", "answered")}
    states = list(Edition.objects.filter(wave=wave).values_list("state", flat=True))
    committed = Q(state=AnswerImportState.COMMITTED)
    return Standing(
        state=wave.state,
        opens_on=wave.opens_on,
        closes_on=wave.closes_on,
        today=today,
        link_open=wave.link_open,
        pages=len(pages),
        questions=sum(len(page.questions) for page in pages),
        lacks=lacks,
        frame=SampleFrame.objects.filter(wave=wave).exists(),
        invited=sample["invited"],
        answered=min(sample["answered"], sample["invited"]),
        mailings=Mailing.objects.filter(wave=wave).count(),
        waiting=Submission.objects.filter(wave=wave).count(),
        responses=Response.objects.filter(wave=wave).count(),
        imports=AnswerImport.objects.filter(committed, wave=wave).count(),
        comments=Comment.objects.filter(wave=wave, state=CommentState.WAITING).count(),
        draft=EditionState.DRAFT in states,
        blocked=EditionState.BLOCKED in states,
        released=EditionState.RELEASED in states,
    )


def links(survey_id: int) -> int:
    """How many indicators the survey feeds (1 query)."""
    return IndicatorLink.objects.filter(survey_id=survey_id).count()
