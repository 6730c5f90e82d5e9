"""Samples, invitations and reminders of a survey: for those who steer."""

from typing import Any

from surveys.models import Mailing, Wave
from tests.access import STEERING, Row
from tests.integration import sample_world

THINGS = {
    "undrawn_wave": lambda world: _undrawn(),
    "drawn_wave": lambda world: sample_world.drawn(("Norr", 20), of=sample_world.wave(survey_code="sampled")),
    "sample_mailing": lambda world: sample_world.prepared(world.drawn_wave),
}


def _undrawn() -> Wave:
    made = sample_world.wave(survey_code="unsampled")
    sample_world.read(made, sample_world.register(("Norr", 60)))
    return made


def _of(thing: str) -> tuple[Any, Any]:
    return (lambda world: getattr(world, thing).survey.code, lambda world: getattr(world, thing).code)


def _letter(world: Any) -> int:
    mailing: Mailing = world.sample_mailing
    return mailing.pk


UNDRAWN, DRAWN = _of("undrawn_wave"), _of("drawn_wave")
ROWS = [
    Row("wave-sample", STEERING, DRAWN),
    Row("wave-frame-upload", STEERING, UNDRAWN),
    Row("wave-counts", STEERING, UNDRAWN),
    Row("wave-draw", STEERING, UNDRAWN),
    Row("wave-margins", STEERING, UNDRAWN),
    Row("wave-sample-remove", STEERING, UNDRAWN),
    Row("wave-addresses-forget", STEERING, DRAWN),
    Row("wave-letters", STEERING, DRAWN),
    Row("wave-mailing-new", STEERING, (*DRAWN, "invitation", "letter")),
    Row("wave-mailing", STEERING, (*DRAWN, _letter)),
    Row("wave-letters-pdf", STEERING, (*DRAWN, _letter, 1)),
    Row("wave-mailing-posted", STEERING, (*DRAWN, _letter), method="post"),
    Row("wave-mailing-send", STEERING, (*DRAWN, _letter), method="post"),
    Row("wave-mailing-remove", STEERING, (*DRAWN, _letter), method="post"),
]
