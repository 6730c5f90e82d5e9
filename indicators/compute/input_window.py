"""When values of a period may be handed in, and how local wall time becomes a moment (docs/METHODS.md, B)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Stockholm")


class WindowState(StrEnum):
    NOT_OPENED = "not_opened"
    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """Whether a department may hand in now; `exception`: it is open longer, or was, than for the others."""

    state: WindowState
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    exception: bool = False


NOT_OPENED = Window(WindowState.NOT_OPENED)


def window(
    opens_at: datetime | None, closes_at: datetime | None, exception_closes_at: datetime | None, now: datetime
) -> Window:
    """From `opens_at` up to, not including, the closing time: the later of the common and the excepted one."""
    if opens_at is None or closes_at is None:
        return NOT_OPENED
    longer = exception_closes_at is not None and exception_closes_at > closes_at
    closes = exception_closes_at if longer and exception_closes_at is not None else closes_at
    if now < opens_at:
        state = WindowState.NOT_YET
    elif now < closes:
        state = WindowState.OPEN
    else:
        state = WindowState.CLOSED
    return Window(state, opens_at, closes, longer)


class WallFault(StrEnum):
    """Why a local time names no moment, or two."""

    SKIPPED = "skipped"
    TWICE = "twice"


def moment_of(wall: datetime, zone: ZoneInfo = ZONE) -> datetime | WallFault:
    """The moment, in UTC, that a clock on the wall shows `wall`, which knows no zone; a fault where it never does, or
    does so twice: nothing is guessed."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        return WallFault.SKIPPED
    if first != second:
        return WallFault.TWICE
    return first


def midnight(day: date, zone: ZoneInfo = ZONE) -> datetime:
    """The moment, in UTC, at which a day begins in Sweden, where clocks are never turned at midnight."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def suggested(last_day: date, due_days: int, zone: ZoneInfo = ZONE) -> tuple[datetime, datetime]:
    """Opens as the day after the period's last one begins; closes as the day ends on which the slowest value is due,
    at least one day later."""
    return midnight(last_day + timedelta(days=1), zone), midnight(last_day + timedelta(days=1 + max(due_days, 1)), zone)


@dataclass(frozen=True)
class Progress:
    """How far the values of a period have come; the five sum to `expected`."""

    expected: int
    missing: int
    draft: int
    returned: int
    submitted: int
    approved: int

    @property
    def handed_in(self) -> int:
        return self.submitted + self.approved


def progress(states: Iterable[str]) -> Progress:
    """One state a value that is expected, as its newest revision says; "" or "cleared": there is none."""
    found = Counter(state if state in ("draft", "returned", "submitted", "approved") else "missing" for state in states)
    return Progress(
        expected=found.total(),
        missing=found["missing"],
        draft=found["draft"],
        returned=found["returned"],
        submitted=found["submitted"],
        approved=found["approved"],
    )
