"""A department's values in: entered, submitted, returned, approved, cleared. Each act on a cell is a further revision.

Who may do it, whether the period is open, whether somebody else wrote meanwhile and what is doubtful about a value is
decided here, for one cell as for fifty thousand, under a lock on the indicators.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators import bulk
from indicators.check_wording import Writing, sentence
from indicators.compute import plausibility
from indicators.compute.input_window import NOT_OPENED, Window, WindowState
from indicators.compute.plausibility import NO_PAST, Check, Finding, Given, Past, Peers
from indicators.compute.revisions import Revision, Standing, history, standing
from indicators.models import Absence, Import, Measurement, MeasurementState, Source
from indicators.operations.actor import User
from indicators.operations.jobs import request_refresh
from indicators.permissions import Person, may_approve, may_enter, may_steer
from indicators.queries import entry as queries
from indicators.queries import input_periods
from indicators.queries.entry import Definition, Series
from indicators.wording import period_label

REASONS = frozenset(Absence.values)
LONGEST_LINK = 500
LONGEST_WORDS = 4000  # of a note or a reason, which is kept with every cell that it is given for
IN_ONE_INSERT = 200  # more go the way of many rows
COLUMNS = (
    "indicator_id", "period", "breakdown", "source", "revision", "value", "absence", "numerator", "denominator",
    "comment", "evidence_id", "evidence_link", "note", "checks", "state", "entered_by_id", "entered_at", "delivery_id",
    "method",
)  # fmt: skip


@dataclass(frozen=True)
class CellKey:
    """Where a value stands: an indicator that departments measure, the code of a period, T, K or M."""

    indicator_id: int
    period: str
    breakdown: str = "T"


@dataclass(frozen=True)
class Entered:
    """What was entered. No value, no reason and no parts: the cell is to be cleared."""

    value: float | None = None
    absence: str = ""
    numerator: float | None = None
    denominator: float | None = None
    comment: str = ""
    evidence_id: int | None = None
    evidence_link: str = ""

    @property
    def nothing(self) -> bool:
        return not self.absence and self.value is None and self.numerator is None and self.denominator is None

    @property
    def given(self) -> Given:
        return Given(self.value, self.absence, self.numerator, self.denominator)


class SavedCell(NamedTuple):
    """How a cell stands after it was saved; `written`: a further revision was needed to say so; `writing`: how the
    findings' numbers are written, where one cell alone was saved."""

    revision: int | None
    state: str
    value: float | None
    absence: str
    findings: tuple[Finding, ...]
    written: bool
    cell: CellKey
    writing: Writing = Writing()


class EntryError(Exception):
    """A cell that was not written; the message says why and what to do. `cell` is the one."""

    def __init__(self, message: str, cell: CellKey, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.cell, self.findings = message, cell, findings


class EntryRefusedError(EntryError):
    """Not now, or not by this person; the message says whom to ask."""


class EntryFaultError(EntryError):
    """It cannot be: `findings` are the hard checks that speak against it."""


class EntryConflictError(EntryError):
    """Somebody else wrote meanwhile. What stands there now: `revision` (None: the cell is empty), `value`, `absence`,
    `who`, `when`. Nothing was written; whoever wants to write over it names that revision as seen."""

    def __init__(self, cell: CellKey, newest: Revision | None, who: str) -> None:
        message = _(
            "%(who)s has changed this cell meanwhile. Look at what stands there now, and choose which to keep."
        ) % {"who": who}
        super().__init__(message, cell)
        self.revision = newest.revision if newest else None
        self.value = newest.value if newest else None
        self.absence = newest.absence if newest else ""
        self.state = newest.state if newest else ""
        self.comment = newest.comment if newest else ""
        self.who = who
        self.when = newest.entered_at if newest else None


@dataclass(frozen=True)
class RejectedCell:
    """A cell of many that was not written, and the error that one alone would have met."""

    cell: CellKey
    error: EntryError

    @property
    def message(self) -> str:
        return self.error.message

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.error.findings


@dataclass(frozen=True)
class SavedCells:
    """What came of many cells; `stored` is False where all or nothing was asked for and something was rejected."""

    saved: tuple[SavedCell, ...] = ()
    rejected: tuple[RejectedCell, ...] = ()
    stored: bool = True


@dataclass(frozen=True)
class Submitted:
    """Cells that were submitted, approved or sent back, and those that were not, each with the reason."""

    done: tuple[CellKey, ...] = ()
    refused: tuple[tuple[CellKey, str], ...] = ()


class _Row(NamedTuple):
    """A revision to write."""

    cell: CellKey
    revision: int
    state: str
    value: float | None = None
    absence: str = ""
    numerator: float | None = None
    denominator: float | None = None
    comment: str = ""
    evidence_id: int | None = None
    evidence_link: str = ""
    note: str = ""
    checks: tuple[Finding, ...] = ()


@dataclass
class _Ground:
    """What a cell is judged by."""

    definition: Definition
    window: Window
    standing: Standing
    past: Callable[[], Past]
    peers: Peers | None
    evidence_departments: Mapping[int, int]


@dataclass(frozen=True)
class _Writer:
    """Who writes, and when. `whom` says whom to ask, and is looked up where somebody is refused."""

    person: Person
    now: datetime
    overrule: bool = False
    asked: list[str] = field(default_factory=list)
    known: dict[int, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def whom(self) -> str:
        if not self.asked:
            people = ", ".join(f"{name} ({mail})" if mail else name for name, mail in input_periods.whom_to_ask())
            self.asked.append(
                _("Ask a quality strategist: %(people)s.") % {"people": people}
                if people
                else _("Ask a quality strategist.")
            )
        return self.asked[0]

    def who(self, user_id: int | None) -> str:
        """The name of somebody who wrote meanwhile (1 query each)."""
        if user_id is None:
            return _("Somebody else")
        if user_id not in self.known:
            self.known.update(queries.names([user_id]))
        return self.known.get(user_id) or _("Somebody else")


# ── entering ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def save_cell(
    *,
    cell: CellKey,
    entered: Entered,
    seen: int | None,
    by: User,
    person: Person,
    now: datetime,
    overrule: bool = False,
) -> SavedCell:
    """Write what was entered in one cell as a draft, or clear it (3 queries).

    `seen`: the revision that the writer looked at, None for an empty cell. An approved value stays official until what
    replaces it is approved; entering it again, or clearing, withdraws the correction. `overrule`: a strategist enters
    although the period is not open. Raises EntryRefusedError, EntryFaultError or EntryConflictError; nothing is written
    then. Soft findings come back with the cell, and are asked about when it is submitted.
    """
    writer = _Writer(person, now, overrule)
    with transaction.atomic():
        ground = _ground_of(cell, entered, writer)
        weighed = _weighed(cell, entered, seen, ground, writer)
        if isinstance(weighed, SavedCell):
            return weighed._replace(writing=_writing(ground.definition))
        _store([weighed], by=by, delivery=None)
    return _saved(weighed)._replace(writing=_writing(ground.definition))


def save_cells(
    *, cells: Sequence[tuple[CellKey, Entered, int | None]], all_or_nothing: bool, by: User, person: Person,
    now: datetime, delivery: Import | None = None, overrule: bool = False,
) -> SavedCells:  # fmt: skip
    """Write what was entered in many cells, with the checks of `save_cell` (7 queries whatever their number, 1 more for
    a delivery, whose counts it brings up to date; where cells are refused 1 to name whom to ask, and 1 for each person
    who wrote meanwhile).

    A cell that comes twice is rejected: the later ones where they say the same, all where they contradict each other.
    `all_or_nothing`: one rejected cell, and none is written.
    """
    writer = _Writer(person, now, overrule)
    with transaction.atomic():
        grounds = _Grounds([cell for cell, _entered, _seen in cells], cells, now)
        saved, rows, rejected = [], [], []
        repeated = _repeated(cells)
        for place, (cell, entered, seen) in enumerate(cells):
            try:
                if place in repeated:
                    raise _fault(cell, Finding(Check.DUPLICATE), grounds.definitions.get(cell.indicator_id))
                weighed = _weighed(cell, entered, seen, grounds.of(cell, writer), writer)
            except EntryError as error:
                rejected.append(RejectedCell(cell, error))
                continue
            if isinstance(weighed, SavedCell):
                saved.append(weighed)
            else:
                rows.append(weighed)
                saved.append(_saved(weighed))
        if all_or_nothing and rejected:
            return SavedCells((), tuple(rejected), stored=False)
        _store(rows, by=by, delivery=delivery)
        if delivery:
            _count(delivery, rows, received=len(cells), rejected=len(rejected))
    return SavedCells(tuple(saved), tuple(rejected))


def _ground_of(cell: CellKey, entered: Entered, writer: _Writer) -> _Ground:
    fault = plausibility.key_fault(cell.period, cell.breakdown)
    if fault:
        raise _fault(cell, fault, None)
    found = queries.ground(
        indicator_id=cell.indicator_id, period=cell.period, evidence_id=entered.evidence_id, now=writer.now
    )
    if found is None:
        raise _unknown(cell)
    series = queries.revisions([cell.indicator_id], breakdown=cell.breakdown).get(
        (cell.indicator_id, cell.breakdown), {}
    )
    files = {}
    if entered.evidence_id is not None and found.evidence_department is not None:
        files[entered.evidence_id] = found.evidence_department
    return _Ground(
        found.definition,
        found.window,
        standing(series.get(cell.period, ())),
        lambda: _past(series, cell.period, found.comparable_from, found.definition),
        found.peers,
        files,
    )


def _past(series: Series, period: str, since: str, definition: Definition) -> Past:
    return plausibility.past_of(history(series, before=period, since=since), decimals=definition.rules.decimals)


class _Grounds:
    """What many cells are judged by, read at once (6 queries)."""

    def __init__(
        self, keys: Sequence[CellKey], cells: Sequence[tuple[CellKey, Entered, int | None]], now: datetime
    ) -> None:
        ids = {key.indicator_id for key in keys}
        self.definitions = queries.definitions(ids, lock=True)
        self.series = queries.revisions(ids)
        self.breaks = queries.breaks(ids)
        self.peers = queries.peers(ids)
        self.files = queries.evidence_departments(
            {entered.evidence_id for _key, entered, _seen in cells if entered.evidence_id is not None}
        )
        departments = {definition.department_id for definition in self.definitions.values()}
        self.windows = input_periods.windows(_named(keys), departments, now)
        self.pasts: dict[tuple[int, str, str], Past] = {}
        self.years: dict[str, int] = {}
        self.ends: dict[tuple[int, str], str] = {}

    def of(self, cell: CellKey, writer: _Writer) -> _Ground:
        definition = self.definitions.get(cell.indicator_id)
        if definition is None:
            raise _unknown(cell)
        series = self.series.get((cell.indicator_id, cell.breakdown), {})
        return _Ground(
            definition,
            self.windows.get((cell.period, definition.department_id), NOT_OPENED),
            standing(series.get(cell.period, ())),
            lambda: self._past(cell, series, definition),
            self._peers(cell),
            self.files,
        )

    def _past(self, cell: CellKey, series: Series, definition: Definition) -> Past:
        """Cells after the last value that was handed in share one history."""
        if not series:
            return NO_PAST
        own = (cell.indicator_id, cell.breakdown)
        end = self.ends.get(own)
        if end is None:
            end = self.ends[own] = max(series)
        since = max((p for p in self.breaks.get(cell.indicator_id, ()) if p <= cell.period), default="")
        key = (*own, cell.period if cell.period <= end else f"after {since}")
        found = self.pasts.get(key)
        if found is None:
            found = self.pasts[key] = _past(series, cell.period, since, definition)
        return found

    def _peers(self, cell: CellKey) -> Peers | None:
        known = self.peers.get(cell.indicator_id)
        if not known:
            return None
        year = self.years.get(cell.period)
        if year is None:
            year = self.years[cell.period] = plausibility.year_of(cell.period)
        return next((peers for peers in known if peers.year <= year), None)


def _weighed(cell: CellKey, entered: Entered, seen: int | None, ground: _Ground, writer: _Writer) -> _Row | SavedCell:
    """The revision to write, or how the cell stands where none is needed. Raises EntryError."""
    definition, stands = ground.definition, ground.standing
    fault = plausibility.key_fault(cell.period, cell.breakdown)
    if fault:
        raise _fault(cell, fault, definition)
    _may_write(cell, ground, writer)
    fault = plausibility.place_fault(definition.rules, cell.period, cell.breakdown, writer.today)
    fault = fault or _fault_of(entered, ground)
    if fault:
        raise _fault(cell, fault, definition)
    settled = _settled(entered, definition)
    newest = stands.newest
    if settled.nothing if stands.empty or newest is None else _content(newest) == _content(settled):
        return _as_it_stands(cell, newest)
    if not (seen is None and stands.empty) and seen != (None if newest is None else newest.revision):
        raise EntryConflictError(cell, newest, writer.who(newest.entered_by_id if newest else None))
    revision = 0 if newest is None else newest.revision + 1
    approved = stands.approved
    if approved is not None and (settled.nothing or _content(approved) == _content(settled)):
        return _withdrawn(cell, revision, stands, approved)
    if settled.nothing:
        return _Row(cell, revision, MeasurementState.CLEARED)
    findings = () if settled.value is None else plausibility.doubts(settled.value, ground.past(), ground.peers)
    return _Row(
        cell, revision, MeasurementState.DRAFT, settled.value, settled.absence, settled.numerator,
        settled.denominator, settled.comment, settled.evidence_id, settled.evidence_link, "", findings,
    )  # fmt: skip


def _may_write(cell: CellKey, ground: _Ground, writer: _Writer) -> None:
    definition, window = ground.definition, ground.window
    if not may_enter(writer.person, definition.department_id):
        raise EntryRefusedError(
            _("%(indicator)s belongs to %(department)s, and your account has no role there. %(whom)s")
            % {"indicator": definition.name, "department": definition.department, "whom": writer.whom()},
            cell,
        )
    if definition.source != Source.DEPARTMENT or definition.retired:
        reason = (
            _("%(indicator)s is no longer followed up, so nothing can be entered. %(whom)s")
            if definition.retired
            else _("The values of %(indicator)s are not entered by departments. %(whom)s")
        )
        raise EntryRefusedError(reason % {"indicator": definition.name, "whom": writer.whom()}, cell)
    if window.state is WindowState.OPEN or ground.standing.asked_back:
        return
    if not (writer.overrule and may_steer(writer.person)):
        raise EntryRefusedError(_closed(cell, window, writer), cell)


def _closed(cell: CellKey, window: Window, writer: _Writer) -> str:
    """Why nothing can be entered for a period now, and whom to ask."""
    values = {"period": period_label(cell.period)}
    if window.state is WindowState.NOT_YET and window.opens_at is not None:
        values["when"] = _moment(window.opens_at)
        reason = _("The period %(period)s opens for values on %(when)s.")
    elif window.state is WindowState.CLOSED and window.closes_at is not None:
        values["when"] = _moment(window.closes_at)
        reason = _("The period %(period)s closed for values on %(when)s.")
    else:
        reason = _("The period %(period)s has not been opened for values.")
    return f"{reason % values} {writer.whom()}"


def _moment(when: datetime) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def _fault_of(entered: Entered, ground: _Ground) -> Finding | None:
    """What is wrong with what was entered, the comment and the evidence included."""
    if "\0" in entered.comment:
        return Finding(Check.UNREADABLE_TEXT)
    if entered.evidence_link and not _is_link(entered.evidence_link):
        return Finding(Check.NOT_A_LINK)
    department = ground.definition.department_id
    if entered.evidence_id is not None and ground.evidence_departments.get(entered.evidence_id) != department:
        return Finding(Check.UNKNOWN_FILE)
    along = entered.comment.strip() or entered.evidence_link or entered.evidence_id is not None
    if entered.nothing and along and ground.standing.empty:
        return Finding(Check.NOTHING_GIVEN)
    return plausibility.value_fault(entered.given, ground.definition.rules, REASONS)


def _is_link(text: str) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_LINK


def _settled(entered: Entered, definition: Definition) -> Entered:
    """What is to be stored: the value that follows, eight decimals, a comment without stray blanks."""
    if entered.nothing:
        return Entered()
    comment = entered.comment.replace("\r\n", "\n").strip() if entered.comment else ""
    value = plausibility.settled_value(entered.given, definition.rules)
    return Entered(
        plausibility.as_stored(value), entered.absence, plausibility.as_stored(entered.numerator),
        plausibility.as_stored(entered.denominator), comment, entered.evidence_id, entered.evidence_link,
    )  # fmt: skip


def _content(held: Revision | Entered) -> tuple[Any, ...]:
    """What a cell holds, for comparing: numbers as they are stored."""
    numbers = tuple(map(plausibility.as_stored, (held.value, held.numerator, held.denominator)))
    return (*numbers, held.absence, held.comment, held.evidence_id, held.evidence_link)


def _as_it_stands(cell: CellKey, newest: Revision | None) -> SavedCell:
    if newest is None:
        return SavedCell(None, "", None, "", (), False, cell)
    findings = plausibility.restored(newest.checks)
    return SavedCell(newest.revision, newest.state, newest.value, newest.absence, findings, False, cell)


def _withdrawn(cell: CellKey, revision: int, stands: Standing, approved: Revision) -> _Row:
    """The approved value stands again; an approved value itself is never emptied."""
    if stands.newest is not None and stands.newest.state == MeasurementState.APPROVED:
        raise EntryRefusedError(
            _("An approved value cannot be emptied. If there is none, choose the reason why: that is a correction."),
            cell,
        )
    return _copy(cell, revision, approved, MeasurementState.APPROVED)


def _copy(
    cell: CellKey, revision: int, of: Revision, state: MeasurementState, note: str = "", *, checked: bool = False
) -> _Row:
    """The same content in another state; with `checked` what the checks had found goes along."""
    return _Row(
        cell, revision, state, of.value, of.absence, of.numerator, of.denominator, of.comment, of.evidence_id,
        of.evidence_link, note, plausibility.restored(of.checks) if checked else (),
    )  # fmt: skip


def _saved(row: _Row) -> SavedCell:
    return SavedCell(row.revision, row.state, row.value, row.absence, row.checks, True, row.cell)


def _fault(cell: CellKey, finding: Finding, definition: Definition | None) -> EntryFaultError:
    writing = _writing(definition) if definition else Writing()
    return EntryFaultError(sentence(finding, writing), cell, (finding,))


def _unknown(cell: CellKey) -> EntryRefusedError:
    return EntryRefusedError(_("There is no such indicator any more. Load the page again."), cell)


def _named(cells: Sequence[CellKey]) -> set[str]:
    """Periods that may be asked the database for."""
    return {cell.period for cell in cells if not plausibility.key_fault(cell.period)}


def _repeated(cells: Sequence[tuple[CellKey, Entered, int | None]]) -> set[int]:
    """Places of cells that came before; where they contradict each other, of the first too."""
    counts = Counter(cell for cell, _entered, _seen in cells)
    if len(counts) == len(cells):
        return set()
    first: dict[CellKey, int] = {}
    found = set()
    for place, (cell, entered, _seen) in enumerate(cells):
        if counts[cell] == 1:
            continue
        if cell in first:
            found.add(place)
            if _content(cells[first[cell]][1]) != _content(entered):
                found.add(first[cell])
        else:
            first[cell] = place
    return found


def _store(rows: Sequence[_Row], *, by: User, delivery: Import | None) -> None:
    """Add the revisions (1 query, more for very many)."""
    if not rows:
        return
    author, source = getattr(by, "pk", None), Source.DEPARTMENT.value
    came_with = delivery.pk if delivery else None
    now = timezone.now()
    if len(rows) <= IN_ONE_INSERT:
        Measurement.objects.bulk_create(
            Measurement(
                indicator_id=r.cell.indicator_id, period=r.cell.period, breakdown=r.cell.breakdown, source=source,
                **{name: getattr(r, name) for name in COLUMNS[4:13]},
                checks=[finding.stored() for finding in r.checks], state=r.state, entered_by_id=author,
                delivery_id=came_with,
            )
            for r in rows
        )  # fmt: skip
        return
    moment = bulk.plain(now)
    bulk.load(
        Measurement._meta.db_table,
        COLUMNS,
        [
            (
                r.cell.indicator_id, r.cell.period, r.cell.breakdown, source, r.revision, r.value, r.absence,
                r.numerator, r.denominator, r.comment, r.evidence_id, r.evidence_link, r.note,
                bulk.plain([finding.stored() for finding in r.checks]) if r.checks else "[]",
                str(r.state), author, moment, came_with, "",
            )
            for r in rows
        ],
    )  # fmt: skip


def _count(delivery: Import, rows: Sequence[_Row], *, received: int, rejected: int) -> None:
    revised = sum(1 for row in rows if row.revision)
    Import.objects.filter(pk=delivery.pk).update(
        received=F("received") + received,
        added=F("added") + len(rows) - revised,
        revised=F("revised") + revised,
        unchanged=F("unchanged") + received - rejected - len(rows),
        rejected=F("rejected") + rejected,
    )


# ── submitting, approving, sending back ───────────────────────────────────────────────────────────────────────────────


def submit(
    *, cells: Sequence[CellKey], by: User, person: Person, now: datetime, reason: str = "", overrule: bool = False,
    seen: Mapping[CellKey, int] | None = None,
) -> Submitted:  # fmt: skip
    """Hand drafts, and cells that were sent back, in for approval (4 queries).

    `reason`: why approved values are corrected; without one they are refused, and so are doubtful values without a
    comment. The rest is submitted all the same. `seen` as for `approve`.
    """
    writer, why = _Writer(person, now, overrule), reason.strip()

    def submitted(cell: CellKey, ground: _Ground) -> _Row:
        stands, definition = ground.standing, ground.definition
        _may_write(cell, ground, writer)
        _refuse_words(cell, why)
        newest = _looked_at(cell, _in_state(cell, stands, MeasurementState.DRAFT, MeasurementState.RETURNED), seen)
        findings = plausibility.restored(newest.checks)
        if findings and not newest.comment:
            told = " ".join(sentence(finding, _writing(definition)) for finding in findings)
            raise EntryRefusedError(_("Say in a comment why it is so, or mend it: %(found)s") % {"found": told}, cell)
        if stands.approved is not None and not why:
            raise EntryRefusedError(_("The value was approved before. Say why it is corrected."), cell)
        note = why if stands.approved is not None else ""
        return _copy(cell, newest.revision + 1, newest, MeasurementState.SUBMITTED, note, checked=True)

    return _acted(cells, submitted, by=by, writer=writer, windows=True)


def approve(
    *, cells: Sequence[CellKey], by: User, person: Person, now: datetime, seen: Mapping[CellKey, int] | None = None
) -> Submitted:
    """Make submitted values official, and have their indicators computed anew after the commit (3 queries, and those of
    a job for each indicator). Where the indicator asks for four eyes, not those of who entered the value.

    `seen`: the revisions that were looked at; a cell that has another by now is refused.
    """
    writer = _Writer(person, now)

    def approved(cell: CellKey, ground: _Ground) -> _Row:
        _may_decide(cell, ground.definition, writer)
        newest = _looked_at(cell, _in_state(cell, ground.standing, MeasurementState.SUBMITTED), seen)
        if ground.definition.four_eyes and is_own(ground.standing, person):
            raise EntryRefusedError(own_words(ground.definition.department), cell)
        return _copy(cell, newest.revision + 1, newest, MeasurementState.APPROVED, newest.note, checked=True)

    with transaction.atomic():
        done = _acted(cells, approved, by=by, writer=writer)
        if done.done:
            request_refresh(indicator_ids=sorted({cell.indicator_id for cell in done.done}), by=by)
    return done


def send_back(
    *, cells: Sequence[CellKey], note: str, by: User, person: Person, now: datetime,
    seen: Mapping[CellKey, int] | None = None,
) -> Submitted:  # fmt: skip
    """Return submitted values to the department with a note that says what to mend (3 queries); `seen` as for
    `approve`."""
    writer, words = _Writer(person, now), note.strip()

    def returned(cell: CellKey, ground: _Ground) -> _Row:
        _may_decide(cell, ground.definition, writer)
        newest = _looked_at(cell, _in_state(cell, ground.standing, MeasurementState.SUBMITTED), seen)
        if not words:
            raise EntryRefusedError(_("Write a note that says what is to be mended."), cell)
        _refuse_words(cell, words)
        return _copy(cell, newest.revision + 1, newest, MeasurementState.RETURNED, words, checked=True)

    return _acted(cells, returned, by=by, writer=writer)


def is_own(stands: Standing, person: Person) -> bool:
    """Whether the person entered what stands in a cell."""
    return person.user_id in stands.authors


def own_words(department: str) -> str:
    """Why nobody approves what they entered themselves, and whom to ask."""
    return _(
        "You entered this value yourself, and it takes another person to approve it. Ask another approver of "
        "%(department)s or a quality strategist."
    ) % {"department": department}


def _acted(
    cells: Sequence[CellKey], act: Callable[[CellKey, _Ground], _Row], *, by: User, writer: _Writer,
    windows: bool = False,
) -> Submitted:  # fmt: skip
    wanted = list(dict.fromkeys(cells))
    ids, periods = {cell.indicator_id for cell in wanted}, _named(wanted)
    with transaction.atomic():
        definitions = queries.definitions(ids, lock=True)
        series = queries.revisions(ids, periods=periods)
        departments = {definition.department_id for definition in definitions.values()}
        opened = input_periods.windows(periods, departments, writer.now) if windows else {}
        rows, refused = [], []
        for cell in wanted:
            definition = definitions.get(cell.indicator_id)
            try:
                if definition is None:
                    raise _unknown(cell)
                stands = standing(series.get((cell.indicator_id, cell.breakdown), {}).get(cell.period, ()))
                window = opened.get((cell.period, definition.department_id), NOT_OPENED)
                rows.append(act(cell, _Ground(definition, window, stands, lambda: NO_PAST, None, {})))
            except EntryError as error:
                refused.append((cell, error.message))
        _store(rows, by=by, delivery=None)
    return Submitted(tuple(row.cell for row in rows), tuple(refused))


def _may_decide(cell: CellKey, definition: Definition, writer: _Writer) -> None:
    if not may_approve(writer.person, definition.department_id):
        raise EntryRefusedError(
            _("Values of %(department)s are approved by its approvers and by quality strategists. %(whom)s")
            % {"department": definition.department, "whom": writer.whom()},
            cell,
        )


def _in_state(cell: CellKey, stands: Standing, *states: MeasurementState) -> Revision:
    """The newest revision, if it is in one of the states; otherwise why nothing can be done with it."""
    newest = stands.newest
    if newest is not None and newest.state in {state.value for state in states}:
        return newest
    told = {
        MeasurementState.DRAFT.value: _("The value has not been submitted."),
        MeasurementState.SUBMITTED.value: _("The value is submitted already and waits for approval."),
        MeasurementState.RETURNED.value: _("The value has been sent back to the department."),
        MeasurementState.APPROVED.value: _("The value is approved already."),
    }
    empty = _("There is no value here.")
    raise EntryRefusedError(empty if newest is None else told.get(newest.state, empty), cell)


def _looked_at(cell: CellKey, newest: Revision, seen: Mapping[CellKey, int] | None) -> Revision:
    if seen is not None and seen.get(cell) != newest.revision:
        raise EntryRefusedError(
            _("The value was changed and handed in anew meanwhile. Look at it again.")
            if newest.state == MeasurementState.SUBMITTED
            else _("The value was changed meanwhile. Look at it again, then submit it."),
            cell,
        )
    return newest


def _refuse_words(cell: CellKey, words: str) -> None:
    if "\0" in words:
        raise _fault(cell, Finding(Check.UNREADABLE_TEXT), None)
    if len(words) > LONGEST_WORDS:
        raise EntryRefusedError(
            _("The comment is too long: %(most)s characters at most.") % {"most": LONGEST_WORDS}, cell
        )


def _writing(definition: Definition) -> Writing:
    return Writing(definition.symbol, definition.rules.decimals)
