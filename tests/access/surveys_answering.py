"""Answering: open to all, since residents have no account; what a link lets one do is decided by the link."""

from typing import Any

from surveys.models import Wave
from tests.access import EVERYONE, Row
from tests.integration import answering_world


def _wave(world: Any) -> Wave:
    return answering_world.build().wave


THINGS = {"answered_wave": _wave}
ROWS = [
    # A code leads on, whether there is such an invitation or not.
    Row("answer", EVERYONE, (lambda world: world.answered_wave.invitations.first().token,)),
    Row("answer", EVERYONE, ("NOSUCHCODE22",)),
    Row("answer-link", EVERYONE, (lambda world: world.answered_wave.survey.code, "2026")),
    Row("answer-link", frozenset(), ("no-such-survey", "2026"), refused=404),
    Row("answer-start", EVERYONE),
    Row("answer-start", EVERYONE, method="post", data={"code": "NOSUCHCODE22"}),
    # Without a link these lead to the beginning, or say that there is nothing.
    Row("answer-page", EVERYONE, (1,)),
    Row("answer-page", EVERYONE, (1,), method="post"),
    Row("answer-review", EVERYONE),
    Row("answer-review", EVERYONE, method="post"),
    Row("answer-done", EVERYONE),
    Row("answer-leave", EVERYONE),
    Row("answer-leave", EVERYONE, method="post"),
]
