"""Files of answers that were asked elsewhere: what they say, as it stands now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from indicators.models import JobKind, JobRun, JobState
from indicators.sources.sheet import Limits
from surveys.compute.answer_mapping import AnswerMapping, Known
from surveys.compute.answer_rows import Understood, understand
from surveys.compute.answer_table import AnswerTable, normal
from surveys.compute.questionnaire import Questionnaire
from surveys.models import AnswerImport, AnswerImportState, Item, Option, Stratum, Wave
from surveys.queries import questionnaire
from surveys.sources.answer_file import read_answers

STORED = (AnswerImportState.RUNNING, AnswerImportState.COMMITTED)
OPEN = (AnswerImportState.MAPPING, AnswerImportState.PREVIEWED)
LATEST = 50


@dataclass(frozen=True)
class Looked:
    """A file beside the questionnaire that it answers."""

    table: AnswerTable
    mapping: AnswerMapping
    known: Sequence[Known]
    understood: Understood


def limits() -> Limits:
    """How large a file of answers may be."""
    return Limits(
        bytes=settings.SURVEY_FILE_MAX_BYTES,
        unpacked=settings.SURVEY_FILE_MAX_UNPACKED_BYTES,
        ratio=settings.SURVEY_FILE_MAX_RATIO,
        rows=settings.SURVEY_FILE_MAX_ROWS,
        columns=settings.SURVEY_FILE_MAX_COLUMNS,
        cells=settings.SURVEY_FILE_MAX_CELLS,
    )


def of_wave(wave_id: int) -> Sequence[AnswerImport]:
    """The latest files of a wave without their content, newest first (1 query)."""
    return list(AnswerImport.objects.filter(wave_id=wave_id).defer("content", "mapping")[:LATEST])


def found(import_id: int, wave_id: int) -> AnswerImport | None:
    """A file of a wave, without its content until that is asked for (1 query)."""
    return AnswerImport.objects.filter(pk=import_id, wave_id=wave_id).defer("content").first()


def stored_before(wave_id: int, digest: str) -> AnswerImport | None:
    """The file with the same rows that has been read in or is being read (1 query)."""
    return AnswerImport.objects.filter(wave_id=wave_id, digest=digest, state__in=STORED).defer("content").first()


def is_stuck(delivery: AnswerImport) -> bool:
    """Whether a file is said to be read in while no job does it any more (1 query)."""
    if delivery.state != AnswerImportState.RUNNING:
        return False
    alive = JobRun.objects.filter(key=job_key(delivery.pk), state__in=[JobState.QUEUED, JobState.RUNNING])
    return not alive.exists()


def job_key(import_id: int) -> str:
    return f"{JobKind.SURVEY_ANSWERS.value}:{import_id}"


@dataclass(frozen=True)
class Earlier:
    """What was said of an earlier file: header → target's text, and `AnswerMapping.meanings`."""

    targets: Mapping[str, str]
    meanings: Mapping[str, Mapping[str, str]]


def earlier(survey_id: int) -> Earlier:
    """What was said of the newest file of the survey whose columns were explained (1 query)."""
    explained = AnswerImport.objects.filter(wave__survey_id=survey_id).exclude(state=AnswerImportState.MAPPING)
    newest = explained.order_by("-id").values_list("mapping", flat=True).first()
    if not newest:
        return Earlier({}, {})
    columns = (*zip(newest["headers"], newest["targets"], strict=True), *newest["items"])
    return Earlier({text: target for text, target in columns if target}, newest["meanings"])


def known(wave_id: int) -> list[Known]:
    """The questions of a wave with their wordings and labels in both languages (5 queries)."""
    asked = questionnaire.of_wave(wave_id)
    texts = {
        item.version_id: item.version
        for item in Item.objects.filter(wave_id=wave_id).select_related("version")
    }  # fmt: skip
    labels: dict[int, dict[str, int]] = defaultdict(dict)
    for version_id, value, swedish, english in Option.objects.filter(version__items__wave_id=wave_id).values_list(
        "version_id", "value", "label_sv", "label_en"
    ):
        labels[version_id] |= {normal(label): value for label in (swedish, english) if label}
    return [
        Known(
            asked=one,
            place=place,
            texts=_wordings(texts[one.version_id], "text"),
            second_texts=_wordings(texts[one.version_id], "second_text"),
            labels=labels[one.version_id],
        )
        for one, place in _placed(asked)
    ]


def _placed(asked: Questionnaire) -> list[tuple[Any, tuple[int, int]]]:
    return [
        (one, (number, place))
        for number, page in enumerate(asked.pages, start=1)
        for place, one in enumerate(page.questions, start=1)
    ]


def _wordings(version: Any, field: str) -> frozenset[str]:
    told = (getattr(version, f"{field}_{language}") for language in ("sv", "en"))
    return frozenset(normal(text) for text in told if text)


def table(delivery: AnswerImport) -> AnswerTable:
    """The rows of a file that is still kept (1 query). Raises SheetError."""
    return read_answers(bytes(delivery.content or b""), limits())


def look(delivery: AnswerImport, of: Wave, mapping: AnswerMapping | None = None) -> Looked:
    """What a file would bring if it were read in now (8 queries). Raises SheetError."""
    rows, asked = table(delivery), known(of.pk)
    mapping = mapping or AnswerMapping.of(delivery.mapping)
    strata = frozenset(Stratum.objects.filter(wave_id=of.pk).values_list("code", flat=True))
    overall = of.survey.overall.code if of.survey.overall else ""
    return Looked(rows, mapping, asked, understand(rows, mapping, asked, strata=strata, overall=overall))
