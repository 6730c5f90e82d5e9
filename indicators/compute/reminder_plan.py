"""Who is reminded of what, and when (docs/METHODS.md, B)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

BEFORE = (14, 3)  # days before the due day
LATE = (1, 3, 7, 14, 28)  # days after it; then each gap is twice the one before
HEAD_AFTER, STRATEGISTS_AFTER = 7, 21  # days late from which the department head and the strategists are told too
SATURDAY = 5

# Days after the due day at which a step lies: −14, −3, 0, 1, 3, 7, 14, 28, 56 …
Step = int
# (user, indicator, period, step): what somebody has been reminded of.
Told = tuple[int, int, str, Step]


class Part(StrEnum):
    """As whom somebody is reminded."""

    RESPONSIBLE = "responsible"
    REPORTER = "reporter"
    HEAD = "head"
    STRATEGIST = "strategist"


@dataclass(frozen=True)
class Due:
    """A value that is not handed in, and the people it may concern. `state`: of its newest revision, "" for none."""

    indicator_id: int
    period: str
    due: date
    state: str
    responsible: int | None
    reporters: tuple[int, ...]
    head: int | None
    strategists: tuple[int, ...]


@dataclass(frozen=True)
class Notice:
    """One value in somebody's digest. `duty`: it goes to who has unsubscribed too."""

    due: Due
    step: Step
    part: Part
    duty: bool


def reached(due: date, today: date) -> Step | None:
    """The newest step by today; None before the first. Whatever days were missed, only the newest is left to do."""
    days = (today - due).days
    steps = [step for step in _steps(days) if step <= days]
    return max(steps, default=None)


def _steps(until: int) -> Iterator[Step]:
    yield from (-days for days in BEFORE)
    yield 0
    yield from LATE
    step = LATE[-1]
    while step <= until:
        step *= 2
        yield step


def recipients(due: Due, step: Step, unsubscribed: Collection[int]) -> list[tuple[int, Part, bool]]:
    """(user, as whom, duty), nobody twice.

    The first of responsible person, reporters, head, strategists among whom anybody can be reached; the head too from
    7 days late, the strategists from 21. Who has unsubscribed is reached by duty alone: late values, as the
    responsible person or the head.
    """
    ladder: list[tuple[Part, Sequence[int]]] = [
        (Part.RESPONSIBLE, () if due.responsible is None else (due.responsible,)),
        (Part.REPORTER, due.reporters),
        (Part.HEAD, () if due.head is None else (due.head,)),
        (Part.STRATEGIST, due.strategists),
    ]
    found: dict[int, tuple[int, Part, bool]] = {}
    for part, users in ladder:
        called_in = (part is Part.HEAD and step >= HEAD_AFTER) or (
            part is Part.STRATEGIST and step >= STRATEGISTS_AFTER
        )
        if found and not called_in:
            continue
        duty = step > 0 and part in (Part.RESPONSIBLE, Part.HEAD)
        for user in users:
            if user not in found and (duty or user not in unsubscribed):
                found[user] = (user, part, duty)
    return list(found.values())


def plan(
    dues: Iterable[Due], *, told: Collection[Told], unsubscribed: Collection[int], today: date
) -> dict[int, list[Notice]]:
    """One digest a person: of every value the newest step reached that the person has not been told, latest first."""
    digests: dict[int, list[Notice]] = {}
    for due in dues:
        step = reached(due.due, today)
        if step is None:
            continue
        for user, part, duty in recipients(due, step, unsubscribed):
            if (user, due.indicator_id, due.period, step) not in told:
                digests.setdefault(user, []).append(Notice(due, step, part, duty))
    return {user: sorted(notices, key=_latest_first) for user, notices in digests.items()}


def _latest_first(notice: Notice) -> tuple[date, str, int]:
    return notice.due.due, notice.due.period, notice.due.indicator_id


def working_day(day: date) -> bool:
    """Monday to Friday. A step that falls on another day is told on the next of these."""
    return day.weekday() < SATURDAY


def coming(
    dues: Sequence[Due], *, told: Collection[Told], unsubscribed: Collection[int], after: date, days: int
) -> list[tuple[date, dict[int, list[Notice]]]]:
    """The digests of the days after `after`, if nothing is handed in meanwhile; days with none are left out."""
    known = set(told)
    found = []
    for day in (after + timedelta(days=ahead) for ahead in range(1, days + 1)):
        digests = plan(dues, told=known, unsubscribed=unsubscribed, today=day) if working_day(day) else {}
        if digests:
            found.append((day, digests))
        known |= {
            (user, notice.due.indicator_id, notice.due.period, notice.step)
            for user, notices in digests.items()
            for notice in notices
        }
    return found


def due_day(expected: date, opens_on: date, closes_on: date, *, exception: bool) -> date:
    """The day until which a value shall be there: as its definition says, or the last day to hand it in where that
    comes earlier, where the department has an exception, and where the period opened after the day had passed."""
    if exception or opens_on > expected:
        return closes_on
    return min(expected, closes_on)
