"""Residents' answers in: kept page by page for the device they are given on, handed in once, mixed in batches.

What holds the anonymity up is told in docs/adr/0026: an invitation learns that it is answered and nothing else; answers
wait without a token; a batch of them becomes responses in shuffled order, and what waited is deleted.
"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from django.db import connection, transaction

from indicators.operations.actor import User
from surveys.compute.mood import mood
from surveys.compute.questionnaire import Answers, Asked, Given, Questionnaire, completed, shown
from surveys.models import Draft, Invitation, Mode, Purge, Purged, Submission, Wave, WaveState
from surveys.operations.comments import store_comments
from surveys.operations.responses import store_responses
from surveys.queries import questionnaire as questionnaires
from surveys.queries.answering import Standing, digest_of, plain, standing_of

LEAST_MIXED = 10
DAYS_UNTOUCHED = 30
COLUMNS = ("stratum", "cluster", "mode", "day", "weight")
ANSWER_COLUMNS = ("respondent", "question_id", "part", "value", "absence")


class NotTakenError(ValueError):
    """Answers that cannot be taken, and why: the standing of the wave or the invitation."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(standing.value)
        self.standing = standing


class NothingAnsweredError(ValueError):
    """The device has no answers here: none were given, they have been handed in, or they are too old."""


class IncompleteError(ValueError):
    """Questions that must be answered have no answer. `codes`: which, in the order of asking."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = tuple(codes)


def save_page(*, wave_id: int, key: str, answers: Answers, day: date, by: User = None) -> dict[str, dict[int, Given]]:
    """Keep what was answered on a page for the device with this key, and give all that it has answered so far.

    `answers`: of the questions that were seen there; an empty entry takes back what was answered before. What was not
    seen stays, so that two pages of one device never undo each other.
    """
    with transaction.atomic():
        kept, _made = Draft.objects.select_for_update().get_or_create(
            key_digest=digest_of(wave_id, key), defaults={"wave_id": wave_id, "touched_on": day}
        )
        kept.answers = {code: given for code, given in {**kept.answers, **_json(answers)}.items() if given}
        kept.touched_on = day
        kept.save(update_fields=["answers", "touched_on"])
        return plain(kept.answers)


def forget_draft(*, wave_id: int, key: str, by: User = None) -> bool:
    """Delete what a device has begun; whether there was anything."""
    deleted, _per_model = Draft.objects.filter(key_digest=digest_of(wave_id, key)).delete()
    return bool(deleted)


def submit_draft(
    *, wave_id: int, key: str, mode: str, language: str, token: str = "", day: date, by: User = None
) -> None:  # fmt: skip
    """Hand in what a device has answered, and delete it there. However often it is asked for, it happens once.

    Raises NotTakenError, IncompleteError, or NothingAnsweredError; then nothing is changed.
    """
    with transaction.atomic():
        kept = Draft.objects.select_for_update().filter(key_digest=digest_of(wave_id, key)).first()
        if kept is None:
            if token and Invitation.objects.filter(wave_id=wave_id, token=token, answered=True).exists():
                raise NotTakenError(Standing.ANSWERED)
            raise NothingAnsweredError
        answers, asked = plain(kept.answers), questionnaires.of_wave(wave_id)
        if not answers:
            raise NothingAnsweredError
        if lacking := lacking_answers(asked, answers):
            raise IncompleteError(lacking)
        _submit(asked, answers, mode, language, token, day)
        kept.delete()


def submit_answers(
    *, wave_id: int, answers: Answers, mode: str, language: str, token: str = "", day: date, by: User = None
) -> None:  # fmt: skip
    """Put finished answers among those that wait, and mark the invitation: both or neither, once an invitation.

    Nobody writes down who asks for it, so `by` is None where a resident does. Raises NotTakenError.
    """
    with transaction.atomic():
        _submit(questionnaires.of_wave(wave_id), answers, mode, language, token, day)


def lacking_answers(asked: Questionnaire, answers: Answers) -> list[str]:
    """The codes of questions that show, must be answered, and have a part without an answer."""
    return [
        question.code
        for question in shown(asked, answers)
        if question.required and not set(question.parts) <= set(answers.get(question.code, {}))
    ]


def _submit(asked: Questionnaire, answers: Answers, mode: str, language: str, token: str, day: date) -> None:
    stratum = _take_invitation(asked.wave_id, token, day) if mode == Mode.WEB else _take_link(asked.wave_id, day)
    Submission.objects.create(
        wave_id=asked.wave_id,
        stratum=stratum,
        mode=mode,
        language=language,
        day=day,
        answers=_json(completed(asked, answers)),
    )


def _take_invitation(wave_id: int, token: str, day: date) -> str:
    """Mark the invitation as answered and give its stratum. The lock lets one of several devices through."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("wave", "stratum")
        .filter(wave_id=wave_id, token=token)
        .first()
    )
    if invitation is None:
        raise NotTakenError(Standing.UNKNOWN)
    if invitation.answered:
        raise NotTakenError(Standing.ANSWERED)
    _check_open(invitation.wave, day)
    invitation.answered = True
    invitation.save(update_fields=["answered"])
    return invitation.stratum.code


def _take_link(wave_id: int, day: date) -> str:
    wave = Wave.objects.filter(pk=wave_id, link_open=True).first()
    if wave is None:
        raise NotTakenError(Standing.UNKNOWN)
    _check_open(wave, day)
    return ""


def _check_open(wave: Wave, day: date) -> None:
    standing = standing_of(wave, day)
    if standing != Standing.OPEN:
        raise NotTakenError(standing)


def _json(answers: Answers) -> dict[str, dict[str, Given]]:
    return {code: {str(part): value for part, value in given.items()} for code, given in answers.items()}


# ── mixing ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def mix_all(*, by: User) -> int:
    """Mix the waiting answers of every wave that has enough; how many were mixed."""
    waves = list(Submission.objects.order_by().values_list("wave_id", flat=True).distinct())
    return sum(mix_submissions(wave_id=wave_id, by=by) for wave_id in waves)


def mix_submissions(*, wave_id: int, least: int = LEAST_MIXED, by: User) -> int:
    """Turn the waiting answers of a wave into responses and comments, in shuffled order and apart from each other; how
    many. Fewer than `least` go on waiting, unless the wave has closed and no more will come.
    """
    with transaction.atomic():
        # NO KEY: answers go on coming in meanwhile; a second mixing waits and finds nothing left.
        wave = Wave.objects.select_for_update(no_key=True, of=("self",)).select_related("survey").get(pk=wave_id)
        waiting = list(Submission.objects.select_for_update().filter(wave_id=wave_id))
        if not waiting or (len(waiting) < least and wave.state != WaveState.CLOSED):
            return 0
        secrets.SystemRandom().shuffle(waiting)
        asked = questionnaires.of_wave(wave_id)
        told = [plain(submission.answers) for submission in waiting]
        store_responses(wave=wave, responses=_responses(waiting), answers=_answers(asked, told), by=by)
        store_comments(wave=wave, texts=_texts(wave, asked, told), by=by)
        Submission.objects.filter(pk__in=[submission.pk for submission in waiting]).delete()
        _write_invitations_anew(wave_id)
    return len(waiting)


def _responses(waiting: Sequence[Submission]) -> pd.DataFrame:
    rows = [(submission.stratum, "", submission.mode, submission.day, None) for submission in waiting]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS), dtype=object)


def _answers(asked: Questionnaire, told: Sequence[Answers]) -> pd.DataFrame:
    """A row for each part of each answer; free texts are no answers here."""
    rows: list[tuple[Any, ...]] = []
    for respondent, answers in enumerate(told):
        for code, given in answers.items():
            question = asked.by_code[code]
            if question.kind != "text":
                rows += [(respondent, question.question_id, part, *_value(value)) for part, value in given.items()]
    types = {"respondent": int, "question_id": int, "part": int, "value": float, "absence": object}
    return pd.DataFrame(rows, columns=pd.Index(ANSWER_COLUMNS)).astype(types)


def _value(given: Given) -> tuple[float, str]:
    return (float("nan"), given) if isinstance(given, str) else (float(given), "")


def _texts(wave: Wave, asked: Questionnaire, told: Sequence[Answers]) -> list[tuple[int, str, str]]:
    """Free texts with their question's id; of the answers beside them they keep the mood alone."""
    by_id = {question.question_id: question for question in asked.by_code.values()}
    overall: Asked | None = by_id.get(wave.survey.overall_id or 0)
    texts = []
    for answers in told:
        feeling = mood(overall, answers.get(overall.code, {}) if overall else {})
        for code, given in answers.items():
            question, text = asked.by_code[code], given.get(0)
            if question.kind == "text" and isinstance(text, str) and text.strip():
                texts.append((question.question_id, text, feeling))
    return texts


def _write_invitations_anew(wave_id: int) -> None:
    """Take the answered invitations out and put them in again in shuffled order, all in one transaction.

    PostgreSQL keeps with each row which transaction wrote it and where it lies. Left alone, that would tell in which
    order people answered, and with the day on the responses narrow down who is who. An update is not enough: it leaves
    a row on its page. What refers to a row is checked at the end of the transaction, when it is there again. SQLite
    keeps rows by their identity, and nothing of when they were written.
    """
    if connection.vendor == "postgresql":
        table = Invitation._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH answered AS (DELETE FROM {table} WHERE wave_id = %s AND answered RETURNING *) "  # noqa: S608
                f"INSERT INTO {table} SELECT * FROM answered ORDER BY gen_random_uuid()",
                [wave_id],
            )


# ── what is too old ───────────────────────────────────────────────────────────────────────────────────────────────────


def purge_drafts(*, today: date, by: User) -> int:
    """Delete answers that were begun and not handed in: untouched for thirty days, or their wave has closed. How many;
    each wave's number is written down."""
    with transaction.atomic():
        old = Draft.objects.filter(touched_on__lt=today - timedelta(days=DAYS_UNTOUCHED))
        late = Draft.objects.filter(wave__state=WaveState.CLOSED)
        gone: dict[int, int] = defaultdict(int)
        doomed = list((old | late).select_for_update(of=("self",)).values_list("pk", "wave_id"))
        for _pk, wave_id in doomed:
            gone[wave_id] += 1
        Draft.objects.filter(pk__in=[pk for pk, _wave in doomed]).delete()
        Purge.objects.bulk_create(
            Purge(wave_id=wave_id, what=Purged.DRAFTS, count=count, purged_by=by)  # type: ignore[misc]
            for wave_id, count in sorted(gone.items())
        )
    return len(doomed)
