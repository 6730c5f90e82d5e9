"""Input periods as pages show them: when they open and close, what has come in, and refusals that say whom to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators.compute.input_window import Progress, Window, WindowState, progress, window
from indicators.periods import Kind, Period
from indicators.templatetags.figures import language, number
from indicators.wording import FREQUENCY

BEFORE, AHEAD = 3, 1  # so many ended periods, and periods to come, are offered for opening


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class GrantedException:
    department_id: int
    department: str
    closes_at: datetime
    reason: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True)
class OpenedPeriod:
    period: str
    kind: str
    opens_at: datetime
    closes_at: datetime
    note: str
    opened_by: str
    exceptions: tuple[GrantedException, ...] = ()

    def window(self, now: datetime, department_id: int | None = None) -> Window:
        """For a department, or for those without an exception."""
        granted = {one.department_id: one.closes_at for one in self.exceptions}
        return window(self.opens_at, self.closes_at, granted.get(department_id) if department_id else None, now)


@dataclass(frozen=True)
class ExpectedValue:
    """An indicator that a department hands in."""

    indicator_id: int
    code: str
    name: str
    frequency: str
    due_days: int
    department_id: int
    department: str


States = Mapping[tuple[int, str], str]


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def moment(when: datetime | None) -> str:
    """“2026-11-21 14:05” in local time, in both languages."""
    return "" if when is None else f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def ask(strategists: Sequence[tuple[str, str]]) -> str:
    """Whom to ask, as a sentence: the strategists with their addresses."""
    if not strategists:
        return _("Ask the municipality's quality strategist.")
    names = ", ".join(f"{name} ({mail})" if mail and mail != name else name for name, mail in strategists)
    return _("Ask %(names)s.") % {"names": names}


def refusal(period: str, found: Window, strategists: Sequence[tuple[str, str]]) -> str:
    """Why nothing can be handed in for a period now, and whom to ask; "" where the period is open."""
    words = {"period": label(period)}
    if found.state is WindowState.OPEN:
        return ""
    if found.state is WindowState.NOT_OPENED:
        reason = _("Values for %(period)s cannot be handed in: the period has not been opened.") % words
    elif found.state is WindowState.NOT_YET:
        words["time"] = moment(found.opens_at)
        reason = _("Values for %(period)s cannot be handed in yet: the period opens %(time)s.") % words
    else:
        words["time"] = moment(found.closes_at)
        reason = _("Values for %(period)s can no longer be handed in: the period closed %(time)s.") % words
    return f"{reason} {ask(strategists)}"


def label(period: str) -> str:
    return Period.parse(period).label(language())


def titled(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


# ── all periods ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PeriodLine:
    code: str
    label: str
    state: str
    state_word: str
    opens: str
    closes: str
    exceptions: str
    expected: int
    handed_in: int
    progress: str
    rest: str


@dataclass(frozen=True)
class KindSection:
    """A frequency: the periods opened, newest first, and those that can be opened next."""

    kind: str
    title: str
    indicators: str
    rows: list[PeriodLine]
    offers: list[tuple[str, str]]


def periods_page(
    opened: Sequence[OpenedPeriod], expected: Sequence[ExpectedValue], states: States, now: datetime
) -> list[KindSection]:
    """By frequency, those that departments hand in and those that have been opened; the most frequent first."""
    kinds = {value.frequency for value in expected} | {row.kind for row in opened}
    return [
        _section(kind, [r for r in opened if r.kind == kind], [v for v in expected if v.frequency == kind], states, now)
        for kind in (Kind.MONTH, Kind.QUARTER, Kind.TERTIAL, Kind.HALF, Kind.YEAR, Kind.SCHOOL_YEAR)
        if kind in kinds
    ]


def _section(
    kind: Kind, opened: Sequence[OpenedPeriod], expected: Sequence[ExpectedValue], states: States, now: datetime
) -> KindSection:
    count = len(expected)
    departments = len({value.department_id for value in expected})
    words = {
        "indicators": ngettext("%(n)s indicator", "%(n)s indicators", count) % {"n": number(count)},
        "departments": ngettext("%(n)s department", "%(n)s departments", departments) % {"n": number(departments)},
    }
    return KindSection(
        kind=kind.value,
        title=titled(str(FREQUENCY[kind.value])),
        indicators=_("%(indicators)s from %(departments)s") % words,
        rows=[_line(row, expected, states, now) for row in opened],
        offers=_offers(kind, {row.period for row in opened}, timezone.localdate(now)),
    )


def _offers(kind: Kind, opened: set[str], today: date) -> list[tuple[str, str]]:
    current = Period.of(kind, today)
    near = [current.shift(step) for step in range(-BEFORE, AHEAD)]
    return [(period.code, period.label(language())) for period in reversed(near) if period.code not in opened]


STATE_WORDS = {
    WindowState.NOT_YET: lambda: pgettext("input period", "Opens later"),
    WindowState.OPEN: lambda: pgettext("input period", "Open"),
    WindowState.CLOSED: lambda: pgettext("input period", "Closed"),
}


def _line(row: OpenedPeriod, expected: Sequence[ExpectedValue], states: States, now: datetime) -> PeriodLine:
    done = progress(states.get((value.indicator_id, row.period), "") for value in expected)
    state = row.window(now).state
    count = len(row.exceptions)
    return PeriodLine(
        code=row.period,
        label=titled(label(row.period)),
        state=state.value,
        state_word=STATE_WORDS[state](),
        opens=moment(row.opens_at),
        closes=moment(row.closes_at),
        exceptions=ngettext("%(n)s exception", "%(n)s exceptions", count) % {"n": number(count)} if count else "",
        expected=done.expected,
        handed_in=done.handed_in,
        progress=_("%(done)s of %(total)s handed in") % {"done": done.handed_in, "total": done.expected},
        rest=_rest(done),
    )


def _rest(done: Progress) -> str:
    """What is still to be done, in words: “2 to approve, 1 returned, 3 missing”."""
    told = [
        (done.submitted, ngettext("%(n)s to approve", "%(n)s to approve", done.submitted)),
        (done.returned, ngettext("%(n)s returned", "%(n)s returned", done.returned)),
        (done.draft, ngettext("%(n)s draft", "%(n)s drafts", done.draft)),
        (done.missing, ngettext("%(n)s missing", "%(n)s missing", done.missing)),
    ]
    return ", ".join(words % {"n": number(count)} for count, words in told if count)


# ── one period ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DepartmentLine:
    """How far a department has come; `waiting`: names of its indicators that have not been handed in."""

    department: str
    counts: Progress
    open: bool
    closes: str
    exception: bool
    waiting: list[str]


@dataclass(frozen=True)
class ExceptionLine:
    department_id: int
    department: str
    closes: str
    reason: str
    granted: str


@dataclass(frozen=True)
class PeriodPage:
    code: str
    name: str
    title: str
    lead: str
    state: str
    facts: list[dict[str, str]]
    departments: list[DepartmentLine]
    affected: list[DepartmentLine]
    kept_open: list[DepartmentLine]
    exceptions: list[ExceptionLine]
    note: str


def period_page(row: OpenedPeriod, expected: Sequence[ExpectedValue], states: States, now: datetime) -> PeriodPage:
    """One period: its dates, how far each department has come, and who would be affected if it closed now."""
    lines = _departments(row, [v for v in expected if v.frequency == row.kind], states, now)
    found = row.window(now)
    unfinished = [line for line in lines if line.counts.handed_in < line.counts.expected]
    return PeriodPage(
        code=row.period,
        name=label(row.period),
        title=titled(label(row.period)),
        lead=_lead(found),
        state=found.state.value,
        facts=[
            {"name": _("Opens"), "text": moment(row.opens_at)},
            {"name": _("Closes"), "text": moment(row.closes_at)},
            {"name": _("How often"), "text": titled(str(FREQUENCY[row.kind]))},
            {"name": _("Opened by"), "text": row.opened_by},
            {"name": _("Note to the departments"), "text": row.note},
        ],
        departments=lines,
        affected=[line for line in unfinished if line.open and not line.exception],
        kept_open=[line for line in lines if line.exception and line.open],
        exceptions=[
            ExceptionLine(
                department_id=granted.department_id,
                department=granted.department,
                closes=moment(granted.closes_at),
                reason=granted.reason,
                granted=", ".join(filter(None, [granted.granted_by, moment(granted.granted_at)])),
            )
            for granted in row.exceptions
        ],
        note=row.note,
    )


def _lead(found: Window) -> str:
    words = {"opens": moment(found.opens_at), "closes": moment(found.closes_at)}
    if found.state is WindowState.NOT_YET:
        return _("Departments can hand in from %(opens)s until %(closes)s.") % words
    if found.state is WindowState.OPEN:
        return _("Departments can hand in now, until %(closes)s.") % words
    return _("Closed since %(closes)s. Reopen it by giving it a later closing time.") % words


def _departments(
    row: OpenedPeriod, expected: Sequence[ExpectedValue], states: States, now: datetime
) -> list[DepartmentLine]:
    own: dict[tuple[str, int], list[ExpectedValue]] = {}
    for value in expected:
        own.setdefault((value.department, value.department_id), []).append(value)
    lines = []
    for (department, department_id), values in own.items():
        standing = {value.name: states.get((value.indicator_id, row.period), "") for value in values}
        found = row.window(now, department_id)
        lines.append(
            DepartmentLine(
                department=department,
                counts=progress(standing.values()),
                open=found.state is WindowState.OPEN,
                closes=moment(found.closes_at),
                exception=found.exception,
                waiting=[name for name, state in standing.items() if state not in ("submitted", "approved")],
            )
        )
    return lines
