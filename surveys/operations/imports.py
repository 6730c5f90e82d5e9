"""Answers that were asked elsewhere: a file kept, its columns explained, read in by a job all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.models import JobKind, JobRun
from indicators.operations.actor import User, recorded
from indicators.operations.jobs import finish_job, request_job
from indicators.sources.sheet import SheetError
from surveys.compute.answer_mapping import AnswerMapping, guessed
from surveys.compute.answer_rows import FreeText, Rejection
from surveys.compute.answer_table import content_digest
from surveys.compute.mood import mood
from surveys.models import AnswerImport, AnswerImportState, Mode, Wave, WaveState
from surveys.operations.comments import store_comments
from surveys.operations.responses import store_responses
from surveys.queries import imports as queries
from surveys.queries.imports import Looked
from surveys.read_models.imports import brought
from surveys.sources.answer_file import read_answers

LONGEST_NAME = 200


class SameFileError(ValueError):
    """The same rows have been read in already; `earlier` is their file."""

    def __init__(self, earlier: AnswerImport | None) -> None:
        super().__init__("the same rows were read in before")
        self.earlier = earlier


class ImportStateError(ValueError):
    """A file that is no longer, or not yet, in the state that the step is for."""


def receive_file(*, wave_id: int, filename: str, content: bytes, by: User) -> AnswerImport:
    """Keep a file with what its columns may mean. Raises SheetError or SameFileError; then nothing is kept."""
    table = read_answers(content, queries.limits())
    digest = content_digest(table)
    if earlier := queries.stored_before(wave_id, digest):
        raise SameFileError(earlier)
    wave = Wave.objects.get(pk=wave_id)
    earlier_said = queries.earlier(wave.survey_id)
    mapping = guessed(table, queries.known(wave_id), earlier_said.targets)
    mapping = replace(mapping, meanings=earlier_said.meanings)
    with transaction.atomic(), recorded(by):
        return AnswerImport.objects.create(
            wave=wave,
            filename=_plain_name(filename),
            digest=digest,
            content=content,
            mapping={"headers": list(table.header), **mapping.stored()},
            uploaded_by=by,  # type: ignore[misc]
        )


def _plain_name(filename: str) -> str:
    name = "".join(c for c in PurePath(filename.replace("\\", "/")).name if c.isprintable()).strip()
    return name[:LONGEST_NAME] or _("file")


def _locked(import_id: int, states: Sequence[str]) -> AnswerImport:
    delivery = AnswerImport.objects.select_for_update().defer("content").get(pk=import_id)
    if delivery.state not in states:
        raise ImportStateError(delivery.state)
    return delivery


def explain_columns(*, import_id: int, mapping: AnswerMapping, by: User) -> None:
    """Keep what the columns of a file are; from now on it can be looked at. Raises ImportStateError."""
    with transaction.atomic(), recorded(by):
        delivery = _locked(import_id, queries.OPEN)
        delivery.mapping = {"headers": delivery.mapping["headers"], **mapping.stored()}
        delivery.state = AnswerImportState.PREVIEWED
        delivery.save(update_fields=["mapping", "state"])


def explain_texts(*, import_id: int, meanings: Mapping[str, Mapping[str, str]], by: User) -> None:
    """Keep what texts in the answers to choices mean (AnswerMapping.meanings), beside what was said of others before.
    Raises ImportStateError."""
    with transaction.atomic(), recorded(by):
        delivery = _locked(import_id, queries.OPEN)
        before = delivery.mapping["meanings"]
        delivery.mapping["meanings"] = before | {code: before.get(code, {}) | dict(m) for code, m in meanings.items()}
        delivery.save(update_fields=["mapping"])


def request_reading(*, import_id: int, leave_out: bool, by: User) -> JobRun:
    """Have a file read in by a job. `leave_out`: what is rejected is left out on purpose.

    Raises ImportStateError for a file that has not been looked at, SameFileError where its rows are there already.
    """
    with transaction.atomic(), recorded(by):
        delivery = _locked(import_id, [AnswerImportState.PREVIEWED])
        delivery.mapping["leave_out"] = leave_out
        delivery.state = AnswerImportState.RUNNING
        try:
            with transaction.atomic():
                delivery.save(update_fields=["mapping", "state"])
        except IntegrityError as error:
            raise SameFileError(queries.stored_before(delivery.wave_id, delivery.digest)) from error
        return request_job(
            kind=JobKind.SURVEY_ANSWERS,
            key=queries.job_key(delivery.pk),
            parameters={"import": delivery.pk},
            by=by,
        )


def read_in(*, import_id: int, job: JobRun | None, by: User) -> None:
    """Store every answer of a file, or nothing, and finish the job. A file that was read in before is left as it is.

    A wave that was still being prepared is closed, today where it has no last day: what was answered can no longer be
    asked in other words. The file's
    content is deleted. Where answers are rejected that nobody left out on purpose, the file fails, with its faults.
    """
    with transaction.atomic(), recorded(by):
        delivery = AnswerImport.objects.select_for_update().get(pk=import_id)
        told = _("The file had been dealt with already.")
        if delivery.state == AnswerImportState.RUNNING:
            wave = Wave.objects.select_for_update().get(pk=delivery.wave_id)
            told = _read_in(delivery, wave, timezone.localdate(), by)
        if job:
            finish_job(job=job, message=told)


def _read_in(delivery: AnswerImport, wave: Wave, today: date, by: User) -> str:
    try:
        looked = queries.look(delivery, wave)
    except SheetError as refusal:
        return _failed(delivery, None, str(refusal))
    said = looked.understood
    if said.rejected and not looked.mapping.leave_out:
        return _failed(delivery, looked, _("Answers were rejected, so nothing was read in."))
    if said.responses.empty:
        return _failed(delivery, looked, _("The file holds no answer that can be read in."))
    responses = said.responses.assign(mode=Mode.IMPORT.value, day=None)
    store_responses(wave=wave, responses=responses, answers=said.answers, delivery=delivery, by=by)
    store_comments(
        wave=wave, texts=[(text.question_id, text.text, _mood(looked, wave, text)) for text in said.texts], by=by
    )
    if wave.state == WaveState.PREPARING:
        # Addresses and free texts are deleted so many days after the last day, which a file does not tell.
        wave.state, wave.closes_on = WaveState.CLOSED, wave.closes_on or max(wave.opens_on or today, today)
        wave.save(update_fields=["state", "closes_on"])
    delivery.state, delivery.content = AnswerImportState.COMMITTED, None
    _count(delivery, looked)
    return brought(len(responses), len(said.answers))


def _mood(looked: Looked, wave: Wave, text: FreeText) -> str:
    overall = wave.survey.overall
    asked = next((one.asked for one in looked.known if overall and one.asked.code == overall.code), None)
    return mood(asked, {0: text.overall} if text.overall == text.overall else {})


def _failed(delivery: AnswerImport, looked: Looked | None, told: str) -> str:
    delivery.state = AnswerImportState.FAILED
    _count(delivery, looked)
    return told


def _count(delivery: AnswerImport, looked: Looked | None) -> None:
    if looked:
        said = looked.understood
        stored = delivery.state == AnswerImportState.COMMITTED
        delivery.respondents = len(said.responses) if stored else 0
        delivery.answers = len(said.answers) if stored else 0
        delivery.rejected = said.rejected
        delivery.rejections = [_told(rejection) for rejection in said.rejections]
    delivery.save(update_fields=["state", "content", "respondents", "answers", "rejected", "rejections"])


def _told(rejection: Rejection) -> dict[str, Any]:
    """A fault without the text that was written there."""
    return {
        "fault": rejection.fault.value,
        "header": rejection.header,
        "question": rejection.code,
        "count": len(rejection.lines),
        "row": int(rejection.lines[0]),
    }


def discard_file(*, import_id: int, by: User) -> bool:
    """Put a file aside and delete its content. False where it has been, or is being, read in."""
    with transaction.atomic(), recorded(by):
        delivery = AnswerImport.objects.select_for_update().defer("content").get(pk=import_id)
        open_states = (*queries.OPEN, AnswerImportState.FAILED)
        if delivery.state not in open_states and not queries.is_stuck(delivery):
            return False
        delivery.state, delivery.content = AnswerImportState.DISCARDED, None
        delivery.save(update_fields=["state", "content"])
    return True
