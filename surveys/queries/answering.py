"""What an answering resident's pages need: where they stand, and what they have answered so far."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from indicators.templatetags.figures import language
from surveys.compute.questionnaire import Given, Questionnaire
from surveys.compute.tokens import LENGTH
from surveys.models import Draft, Invitation, Mode, Wave, WaveState
from surveys.queries import questionnaire as questionnaires

QUESTIONNAIRES_KEPT = 32
OF_WAVE = (
    "state", "code", "opens_on", "closes_on", "link_open", "created_at", "survey__code", "survey__name_sv",
    "survey__name_en", "survey__purpose_sv", "survey__purpose_en", "survey__keep_texts_days",
    "survey__department__name_sv", "survey__department__name_en",
)  # fmt: skip


class Standing(StrEnum):
    """What somebody with a link can do now."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    ANSWERED = "answered"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Asking:
    """A wave as the one who is asked meets it. `asker`: the department that asks, "" where none is named."""

    standing: Standing
    wave_id: int = 0
    wave_made: datetime | None = None
    survey_code: str = ""
    wave_code: str = ""
    name: str = ""
    purpose: str = ""
    asker: str = ""
    opens_on: date | None = None
    closes_on: date | None = None
    keep_texts_days: int = 0
    mode: str = ""


UNKNOWN = Asking(Standing.UNKNOWN)


def by_token(token: str, today: date) -> Asking:
    """What the holder of a personal code meets (1 query; none for what cannot be a code)."""
    if len(token) != LENGTH or not token.isascii() or not token.isalnum():
        return UNKNOWN
    invitations = Invitation.objects.order_by().select_related("wave__survey__department")
    invitation = invitations.only("answered", *(f"wave__{name}" for name in OF_WAVE)).filter(token=token).first()
    if invitation is None:
        return UNKNOWN
    standing = Standing.ANSWERED if invitation.answered else standing_of(invitation.wave, today)
    return _asking(invitation.wave, standing, Mode.WEB)


def by_link(wave_id: int, today: date) -> Asking:
    """What somebody meets who came by the open link (1 query)."""
    waves = Wave.objects.order_by().select_related("survey__department").only(*OF_WAVE)
    wave = waves.filter(pk=wave_id, link_open=True).first()
    return _asking(wave, standing_of(wave, today), Mode.LINK) if wave else UNKNOWN


def linked_wave(survey_code: str, wave_code: str) -> int | None:
    """The wave that an open link leads to; None where there is none (1 query)."""
    waves = Wave.objects.filter(survey__code=survey_code, code=wave_code, link_open=True)
    return waves.values_list("pk", flat=True).first()


def standing_of(wave: Wave, today: date) -> Standing:
    """Whether a wave takes answers today: while it is open, from its first day to its last."""
    if wave.state == WaveState.CLOSED or (wave.closes_on is not None and today > wave.closes_on):
        return Standing.CLOSED
    if wave.state == WaveState.PREPARING or (wave.opens_on is not None and today < wave.opens_on):
        return Standing.NOT_YET
    return Standing.OPEN


def _asking(wave: Wave, standing: Standing, mode: Mode) -> Asking:
    survey = wave.survey
    return Asking(
        standing=standing,
        wave_id=wave.pk,
        wave_made=wave.created_at,
        survey_code=survey.code,
        wave_code=wave.code,
        name=survey.name,
        purpose=survey.purpose,
        asker=survey.department.name if survey.department else "",
        opens_on=wave.opens_on,
        closes_on=wave.closes_on,
        keep_texts_days=survey.keep_texts_days,
        mode=mode.value,
    )


def questionnaire(asking: Asking) -> Questionnaire:
    """The questions of a wave that is open, in the reader's language (3 queries the first time; none after that, since
    an open wave's questionnaire does not change)."""
    return _kept_questionnaire(asking.wave_id, asking.wave_made, language())


@lru_cache(maxsize=QUESTIONNAIRES_KEPT)
def _kept_questionnaire(wave_id: int, made: datetime | None, code: str) -> Questionnaire:
    """`made`: tells a wave from an earlier one of the same number; `code`: of the language."""
    return questionnaires.of_wave(wave_id)


def digest_of(wave_id: int, key: str) -> str:
    """What is kept of a device's key: enough to find its answers again, nothing that leads to the device."""
    return hashlib.sha256(f"{wave_id}:{key}".encode()).hexdigest()


def draft(wave_id: int, key: str) -> dict[str, dict[int, Given]]:
    """The answers that a device has begun; {} where there are none (1 query)."""
    kept = Draft.objects.filter(key_digest=digest_of(wave_id, key)).values_list("answers", flat=True).first()
    return plain(kept or {})


def plain(kept: Mapping[str, Mapping[str, Given]]) -> dict[str, dict[int, Given]]:
    """Answers as they stand in JSON, with their parts as numbers again."""
    return {code: {int(part): value for part, value in given.items()} for code, given in kept.items()}
