"""What the revisions of a cell say: how it stands, what is official, who entered it, what was done to it when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from indicators.periods import codes_before

DRAFT, SUBMITTED, RETURNED, APPROVED, CLEARED = "draft", "submitted", "returned", "approved", "cleared"


class Revision(NamedTuple):
    """A revision of a measurement, its numbers as floats."""

    revision: int
    state: str
    value: float | None
    absence: str
    numerator: float | None
    denominator: float | None
    comment: str
    evidence_id: int | None
    evidence_link: str
    note: str
    checks: Sequence[Mapping[str, object]]
    entered_by_id: int | None
    entered_at: datetime


class Act(StrEnum):
    """What a revision did to its cell."""

    ENTERED = "entered"
    CHANGED = "changed"
    CORRECTED = "corrected"
    CLEARED = "cleared"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    RECORDED = "recorded"


class Standing(NamedTuple):
    """How a cell stands. `approved`: what the council sees. `authors`: who entered the figures that stand there, and
    who last changed anything beside them: a colleague's comment makes nobody else the author of a figure.

    `asked_back`: returned, and not handed in again since, so that it may be mended after its period has closed.
    """

    newest: Revision | None
    approved: Revision | None
    authors: frozenset[int]
    asked_back: bool

    @property
    def empty(self) -> bool:
        return self.newest is None or self.newest.state == CLEARED

    @property
    def changed_since_approval(self) -> bool:
        """A correction is under way: what stands there is not what was approved."""
        return self.approved is not None and self.newest is not None and self.newest.state != APPROVED


def standing(revisions: Sequence[Revision]) -> Standing:
    """How a cell stands after its revisions, oldest first."""
    if not revisions:
        return Standing(None, None, frozenset(), False)
    approved = None
    held = _figures(revisions[0])
    author = editor = revisions[0].entered_by_id
    asked_back = False
    for revision in revisions:
        state = revision.state
        if state == APPROVED:
            approved = revision
        if _figures(revision) != held:
            author, held = revision.entered_by_id, _figures(revision)
        if state in (DRAFT, CLEARED):
            editor = revision.entered_by_id
        else:
            asked_back = state == RETURNED
    authors = frozenset(who for who in (author, editor) if who is not None)
    return Standing(revisions[-1], approved, authors, asked_back)


def _figures(revision: Revision) -> tuple[float | str | None, ...]:
    return revision.value, revision.absence, revision.numerator, revision.denominator


def history(by_period: Mapping[str, Sequence[Revision]], *, before: str, since: str = "") -> list[float]:
    """Values handed in for the periods before one, oldest first: of each the newest that was submitted or approved.

    `since`: the period from which values are comparable. Periods of another kind, from before the frequency was
    changed, are no history.
    """
    found = []
    for period in codes_before(by_period, before, since):
        handed_in = [r for r in by_period[period] if r.state in (SUBMITTED, APPROVED)]
        if handed_in and handed_in[-1].value is not None:
            found.append(handed_in[-1].value)
    return found


def acts(revisions: Iterable[Revision]) -> list[tuple[Act, Revision]]:
    """What each revision did, oldest first, in one reading of the states and what they held."""
    told: list[tuple[Act, Revision]] = []
    before: Revision | None = None
    approved = False
    for revision in revisions:
        told.append((_act(revision, before, approved), revision))
        approved = approved or revision.state == APPROVED
        before = revision
    return told


def _act(revision: Revision, before: Revision | None, approved: bool) -> Act:
    match revision.state:
        case "submitted":
            return Act.SUBMITTED if before is not None else Act.RECORDED
        case "returned":
            return Act.RETURNED
        case "approved" if before is None or before.state == APPROVED:
            return Act.RECORDED
        case "approved":
            return Act.APPROVED if before is not None and before.state == SUBMITTED else Act.WITHDRAWN
        case "cleared":
            return Act.CLEARED
    if before is None or before.state == CLEARED:
        return Act.ENTERED
    return Act.CORRECTED if approved and before.state == APPROVED else Act.CHANGED
