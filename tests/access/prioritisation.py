"""Prioritisations: who leads, who takes part, what everyone reads once it is decided."""

from typing import Any

from scorecard.models import Prioritisation
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import NewCandidate
from tests.access import EVERYONE, PRIORITISING, STEERING, Row

CODE = "alfa"


def _number(world: Any) -> int:
    """A session that is being prepared, with a candidate; council member, strategist and administrator take part."""
    made = operations.create_prioritisation(title="Målen", year=2026, capacity=1, by=None)
    rows = [NewCandidate(name={"sv": name}) for name in ("Alfa", "Beta")]
    operations.add_candidates(number=made.pk, candidates=rows, by=None)
    users = [world.users[role].pk for role in ("council", "strategist", "administrator")]
    operations.set_participants(number=made.pk, user_ids=users, by=None)
    return made.pk


def _decided(world: Any) -> int:
    made = Prioritisation.objects.create(title="Beslutade", year=2026, capacity=1)
    operations.add_candidates(number=made.pk, candidates=[NewCandidate(name={"sv": "Alfa"})], by=None)
    Prioritisation.objects.filter(pk=made.pk).update(state="decided")
    made.decisions.create(capacity=1, chosen=[CODE], set_aside={}, proposal=[{"code": CODE, "rank": 1, "score": 3.0}])
    return made.pk


THINGS = {"prioritisation": _number, "decided_prioritisation": _decided}
ONE = (lambda world: world.prioritisation,)
DECIDED = (lambda world: world.decided_prioritisation,)
CANDIDATE = (*ONE, CODE)

ROWS = [
    Row("prioritisations", EVERYONE),
    Row("prioritisation-new", STEERING),
    Row("prioritisation-new", STEERING, method="post"),
    Row("prioritisation", PRIORITISING, ONE),
    Row("prioritisation", EVERYONE, DECIDED),
    Row("prioritisation-follow", PRIORITISING, ONE),
    Row("prioritisation-follow", EVERYONE, DECIDED),
    Row("prioritisation-candidate", PRIORITISING, CANDIDATE),
    Row("prioritisation-candidate", EVERYONE, (*DECIDED, CODE)),
    Row("prioritisation-settings", STEERING, ONE),
    Row("prioritisation-settings", STEERING, ONE, "post"),
    Row("prioritisation-participants", STEERING, ONE),
    Row("prioritisation-participants", STEERING, ONE, "post"),
    Row("prioritisation-candidates", STEERING, ONE),
    Row("prioritisation-candidates", STEERING, ONE, "post"),
    Row("prioritisation-candidate-new", STEERING, ONE),
    Row("prioritisation-candidate-new", STEERING, ONE, "post"),
    Row("prioritisation-candidate-edit", STEERING, CANDIDATE),
    Row("prioritisation-candidate-edit", STEERING, CANDIDATE, "post"),
    Row("prioritisation-candidate-remove", STEERING, (*ONE, "no-such-candidate"), "post"),
    Row("prioritisation-scoring", PRIORITISING, ONE),
    Row("prioritisation-score", PRIORITISING, CANDIDATE),
    Row("prioritisation-save", PRIORITISING, ONE, "post"),
    Row("prioritisation-finish", PRIORITISING, ONE, "post"),
    Row("prioritisation-state", STEERING, ONE, "post", {"to": "discussion"}),
    Row("prioritisation-move", STEERING, ONE, "post"),
    Row("prioritisation-decision", STEERING, ONE),
    Row("prioritisation-reasons", STEERING, ONE, "post"),
    Row("prioritisation-decide", STEERING, ONE, "post"),
    Row("prioritisation-goals", STEERING, ONE, "post"),
]
