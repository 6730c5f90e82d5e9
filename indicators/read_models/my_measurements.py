"""My measurements: what came back, what is late, what is due and what is ready to submit, each with its way into the
entry grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from indicators.compute.input_window import Window, WindowState
from indicators.periods import Kind, Period
from indicators.read_models.entry_rows import Item, Key, Stored, spark, value_or_reason
from indicators.read_models.input_periods import moment, refusal
from indicators.templatetags.figures import language

# In the order of the page: what somebody waits for comes first.
TITLE = {
    "returned": gettext_lazy("Returned to you"),
    "late": pgettext_lazy("values", "Late"),
    "due": gettext_lazy("To hand in"),
    "ready": gettext_lazy("Ready to submit"),
    "closed": gettext_lazy("Not handed in before the period closed"),
    "submitted": gettext_lazy("Submitted, waiting for approval"),
    "approved": pgettext_lazy("values", "Approved"),
}
LEAD = {
    "returned": gettext_lazy("Read the note, correct the value or comment on it, and submit it again."),
    "late": gettext_lazy("The day has passed, but the period is still open."),
    "due": gettext_lazy("Values, or the reason why there is none."),
    "ready": gettext_lazy("Everything is filled in. Look it through and submit it."),
    "closed": gettext_lazy("These can no longer be handed in without an exception."),
    "submitted": gettext_lazy("Nothing more to do until they are approved or come back."),
    "approved": gettext_lazy("Done for this time."),
}
QUIET = ("submitted", "approved")
OPENED_KEPT = 3


@dataclass(frozen=True)
class Place:
    """A department, as the grid's address names it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class TaskRows:
    """What is read. `opened`: periods that were opened, by kind, oldest first."""

    places: Mapping[int, Place]
    items: Sequence[Item]
    opened: Mapping[Kind, Sequence[Period]]
    windows: Mapping[tuple[str, int], Window]
    cells: Mapping[Key, Stored]
    strategists: Sequence[tuple[str, str]]
    today: date


@dataclass(frozen=True)
class Task:
    """An indicator and a period."""

    item: Item
    period: Period
    state: str
    window: Window
    stored: tuple[Stored | None, ...]

    @property
    def due(self) -> date:
        return self.period.due(self.item.due_days)


@dataclass(frozen=True)
class TaskRow:
    code: str
    name: str
    department: str
    department_code: str
    kind: str
    period: str
    due: str
    progress: str
    newest: str
    newest_period: str
    spark: SafeString
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    state: str
    title: str
    lead: str
    rows: tuple[TaskRow, ...]
    quiet: bool


@dataclass(frozen=True)
class Grid:
    """The way into a department's grid of one frequency, with what waits in it."""

    department: str
    code: str
    kind: str
    label: str
    waiting: str


@dataclass(frozen=True)
class MyPage:
    lead: str
    sections: tuple[Section, ...]
    grids: tuple[Grid, ...]
    many: bool


def my_page(rows: TaskRows) -> MyPage:
    tasks = tasks_of(rows)
    many = len({task.item.department_id for task in tasks}) > 1
    sections = []
    for state, title in TITLE.items():
        found = sorted((t for t in tasks if t.state == state), key=lambda t: (t.due, t.item.department_id, t.item.name))
        if found:
            lines = tuple(_row(rows, task) for task in found)
            sections.append(Section(state, str(title), str(LEAD[state]), lines, state in QUIET))
    return MyPage(_lead(tasks), tuple(sections), _grids(rows, tasks), many)


def tasks_of(rows: TaskRows) -> list[Task]:
    """What is asked for: the latest opened periods of each indicator, as far as they are open or unfinished."""
    found = []
    for item in rows.items:
        for period in list(rows.opened.get(item.frequency, ()))[-OPENED_KEPT:]:
            window = rows.windows[period.code, item.department_id]
            stored = tuple(rows.cells.get((item.id, period.code, b)) for b in item.breakdowns)
            state = standing([s.state if s else "" for s in stored], window, period.due(item.due_days), rows.today)
            if window.state is WindowState.OPEN or state not in ("approved", "submitted"):
                found.append(Task(item, period, state, window, stored))
    return found


def standing(states: Sequence[str], window: Window, due: date, today: date) -> str:
    """How an indicator stands in a period, a key of TITLE. `states`: of its cells ("" and cleared: not entered), the
    whole first: once that is handed in, women and men who are left out hold nothing up."""
    if "returned" in states:
        return "returned"
    if states[0] in ("submitted", "approved"):
        states = [state for state in states if state not in ("", "cleared")]
    unfinished = any(state in ("", "cleared", "draft") for state in states)
    if unfinished and window.state is not WindowState.OPEN:
        return "closed"
    if any(state in ("", "cleared") for state in states):
        return "late" if today > due else "due"
    if unfinished:
        return "ready"
    return "submitted" if "submitted" in states else "approved"


def _lead(tasks: Sequence[Task]) -> str:
    """One sentence: what waits."""
    count = {state: sum(task.state == state for task in tasks) for state in TITLE}
    parts = []
    if count["returned"]:
        words = ngettext("%(n)s has come back to you", "%(n)s have come back to you", count["returned"])
        parts.append(words % {"n": count["returned"]})
    if count["late"]:
        parts.append(ngettext("%(n)s is late", "%(n)s are late", count["late"]) % {"n": count["late"]})
    if count["due"]:
        words = ngettext("%(n)s is to be handed in", "%(n)s are to be handed in", count["due"])
        parts.append(words % {"n": count["due"]})
    if count["ready"]:
        words = ngettext("%(n)s is ready to submit", "%(n)s are ready to submit", count["ready"])
        parts.append(words % {"n": count["ready"]})
    if not parts:
        return _("Nothing waits for you right now.")
    if len(parts) == 1:
        return _("Indicators: %(first)s.") % {"first": parts[0]}
    return _("Indicators: %(first)s and %(last)s.") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _grids(rows: TaskRows, tasks: Sequence[Task]) -> tuple[Grid, ...]:
    """One for each department, frequency and open period where something can be written."""
    found: dict[tuple[str, Period], list[Task]] = {}
    for task in tasks:
        if task.window.state is WindowState.OPEN:
            found.setdefault((rows.places[task.item.department_id].code, task.period), []).append(task)
    grids = []
    names = {place.code: place.name for place in rows.places.values()}
    for (code, period), inside in sorted(found.items(), key=lambda entry: (names[entry[0][0]], entry[0][1])):
        waiting = sum(task.state not in QUIET for task in inside)
        words = ngettext("%(n)s indicator waits", "%(n)s indicators wait", waiting) % {"n": waiting}
        note = words if waiting else _("nothing waits")
        grids.append(Grid(names[code], code, period.kind.value, period.label(language()), note))
    return tuple(grids)


def _row(rows: TaskRows, task: Task) -> TaskRow:
    item, place = task.item, rows.places[task.item.department_id]
    newest = next(((p, v) for p, v, _absence in reversed(item.recent) if v is not None), None)
    return TaskRow(
        code=item.code,
        name=item.name,
        department=place.name,
        department_code=place.code,
        kind=item.frequency.value,
        period=task.period.label(language()),
        due=task.due.isoformat(),
        progress=_progress(task),
        newest=value_or_reason(item, newest[1], "") if newest else "",
        newest_period=newest[0].short(language()) if newest else "",
        spark=spark(item),
        notes=_notes(rows, task),
    )


def _progress(task: Task) -> str:
    filled = sum(stored is not None and not stored.empty for stored in task.stored)
    if not filled:
        return _("not begun")
    if filled == len(task.stored):
        return _("filled in")
    return _("%(filled)s of %(all)s filled in") % {"filled": filled, "all": len(task.stored)}


def _notes(rows: TaskRows, task: Task) -> tuple[tuple[str, str], ...]:
    """(who and when, what): notes of what came back, and why a closed period can take nothing more."""
    found = []
    for stored in task.stored:
        if stored is not None and stored.state == "returned":
            when = moment(stored.when)
            who = _("%(who)s, %(when)s") % {"who": stored.who, "when": when} if stored.who else when
            if (who, stored.note) not in found:
                found.append((who, stored.note))
    if task.window.state is not WindowState.OPEN and task.state != "approved":
        found.append(("", refusal(task.period.code, task.window, rows.strategists)))
    return tuple(found)
