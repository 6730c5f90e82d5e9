"""The entry grid: a department's indicators of one frequency, the periods it may hand in, what stands in each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators import check_wording, wording
from indicators.compute.input_window import Window, WindowState
from indicators.compute.plausibility import restored
from indicators.periods import Kind, Period
from indicators.read_models.entry_rows import (
    BREAKDOWN,
    KIND,
    STATE,
    Item,
    Key,
    Stored,
    as_typed,
    cell_name,
    clock,
    key_text,
    last_day,
    spark,
    stored_text,
    target_text,
    value_or_reason,
)
from indicators.read_models.input_periods import ask, moment, refusal
from indicators.templatetags.figures import language, missing

LATEST = 5  # so many periods, and so many of the last values


@dataclass(frozen=True)
class GridRows:
    """What is read for the grid. `periods`: its columns, oldest first, each with its window for this department."""

    department_id: int
    department: str
    code: str
    kind: Kind
    kinds: tuple[Kind, ...]
    items: tuple[Item, ...]
    periods: tuple[Period, ...]
    windows: Mapping[str, Window]
    cells: Mapping[Key, Stored]
    strategists: Sequence[tuple[str, str]]
    approvers: Sequence[tuple[str, str]]

    def open(self, period: Period) -> bool:
        return self.windows[period.code].state is WindowState.OPEN

    def may_write(self, key: Key) -> bool:
        """The period is open, or what was handed in for it has come back."""
        stored = self.cells.get(key)
        return self.windows[key[1]].state is WindowState.OPEN or (stored is not None and stored.asked_back is not None)

    def writable(self, period: Period) -> bool:
        return any(self.may_write((item.id, period.code, b)) for item in self.items for b in item.breakdowns)


@dataclass(frozen=True)
class Typed:
    """What was sent for a cell and could not be stored, with why: it is shown again as it was typed."""

    texts: Mapping[str, str]
    faults: tuple[str, ...] = ()
    conflict: str = ""


@dataclass(frozen=True)
class PeriodHead:
    code: str
    label: str
    short: str
    note: str
    span: int


@dataclass(frozen=True)
class Column:
    """A period that may be written to, one breakdown."""

    period: str
    breakdown: str
    label: str
    word: str


@dataclass(frozen=True)
class EarlierCell:
    """A period that is only read."""

    label: str
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Talk:
    """What there is to read and answer at a cell."""

    key: str
    word: str = ""
    faults: tuple[str, ...] = ()
    conflict: str = ""
    note: str = ""
    changed: str = ""
    findings: tuple[str, ...] = ()
    needs_comment: bool = False

    @property
    def says(self) -> bool:
        return bool(self.faults or self.conflict or self.note or self.changed or self.findings)


@dataclass(frozen=True)
class Field:
    """A cell that may be written to."""

    key: str
    name: str
    word: str
    texts: Mapping[str, str]
    mark: str
    evidence_id: int | None
    evidence_name: str
    seen: str
    state: str
    state_word: str
    of_parts: bool
    history: str
    address: tuple[str, str, str]
    talk: Talk

    @property
    def follows(self) -> bool:
        """The value follows from its parts and is not typed."""
        return self.texts["numerator"] != "" and self.texts["denominator"] != ""


@dataclass(frozen=True)
class ColumnCell:
    """A cell of a column: a field, or what is only read there; neither where the indicator is not divided."""

    column: Column
    field: Field | None
    text: str = ""


@dataclass(frozen=True)
class Line:
    id: int
    code: str
    name: str
    unit: str
    target: str
    spark: SafeString
    definition: str
    calculation: str
    quality: str
    numerator: str
    denominator: str
    latest: tuple[tuple[str, str], ...]
    responsible: str
    approval: str
    earlier: tuple[EarlierCell, ...]
    cells: tuple[ColumnCell, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(cell.field for cell in self.cells if cell.field is not None)

    @property
    def talks(self) -> bool:
        """Whether something at its cells waits for an answer."""
        return any(cell.talk.needs_comment or cell.talk.faults or cell.talk.conflict for cell in self.fields)


@dataclass(frozen=True)
class Problem:
    key: str
    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class GridPage:
    department: str
    code: str
    kind: str
    tabs: tuple[tuple[str, str, bool], ...]
    lead: str
    earlier: tuple[PeriodHead, ...]
    open: tuple[PeriodHead, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    closed: tuple[str, ...]
    ask: str
    reasons: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    drafts: int
    summary: str

    @property
    def divided(self) -> bool:
        """Women and men have columns, so that the table's head has two levels."""
        return any(column.word for column in self.columns)

    @property
    def width(self) -> int:
        return 1 + len(self.earlier) + len(self.columns)


def grid_page(rows: GridRows, typed: Mapping[Key, Typed] | None = None) -> GridPage:
    """The page; `typed` holds what was just sent and could not be stored."""
    typed = typed or {}
    divided = any(item.divided for item in rows.items)
    writable = [period for period in rows.periods if rows.writable(period)]
    columns = tuple(
        Column(p.code, b, p.label(language()), str(BREAKDOWN[b]) if divided else "")
        for p in writable
        for b in (("T", "K", "M") if divided else ("T",))
    )
    lines = tuple(_line(rows, item, columns, typed, several=len(writable) > 1) for item in rows.items)
    fields = [cell for line in lines for cell in line.fields]
    return GridPage(
        department=rows.department,
        code=rows.code,
        kind=rows.kind.value,
        tabs=tuple((kind.value, str(KIND[kind]), kind is rows.kind) for kind in rows.kinds),
        lead=_lead(rows, writable),
        earlier=tuple(_head(rows, p, 1) for p in rows.periods if p not in writable),
        open=tuple(_head(rows, p, 3 if divided else 1) for p in writable),
        columns=columns,
        lines=lines,
        closed=_closed(rows, writable),
        ask=ask(rows.strategists),
        reasons=tuple((code, str(words)) for code, words in wording.ABSENCE.items() if code != "not_due"),
        problems=tuple(
            Problem(cell.key, cell.name, (*cell.talk.faults, *([cell.talk.conflict] if cell.talk.conflict else [])))
            for cell in fields
            if cell.talk.faults or cell.talk.conflict
        ),
        drafts=sum(cell.state == "draft" for cell in fields),
        summary=_summary(fields),
    )


def _lead(rows: GridRows, writable: Sequence[Period]) -> str:
    ends = [(rows.windows[p.code].closes_at, p) for p in writable if rows.open(p)]
    if not writable:
        return _("No period is open right now. What has been handed in is shown below.")
    if not ends:
        return _("No period is open right now, but something has come back to you to be mended.")
    names = ", ".join(p.label(language()) for _end, p in ends)
    closes = min(end for end, _p in ends if end is not None)
    day = last_day(closes)
    if day is not None:
        words = {"periods": names, "day": date_format(day, "j F Y")}
        return _("Enter values for %(periods)s. Open until the end of %(day)s.") % words
    return _("Enter values for %(periods)s. Open until %(time)s.") % {"periods": names, "time": clock(closes)}


def _summary(fields: Sequence[Field]) -> str:
    """How far the department has come with what is open."""
    if not fields:
        return ""
    filled = sum(cell.state not in ("", "cleared") for cell in fields)
    words = ngettext("%(filled)s of %(all)s cell filled in", "%(filled)s of %(all)s cells filled in", len(fields))
    return words % {"filled": filled, "all": len(fields)}


def _head(rows: GridRows, period: Period, span: int) -> PeriodHead:
    window = rows.windows[period.code]
    note = {
        WindowState.NOT_OPENED: "",  # nothing to say of a column that is only read: older ones never were opened
        WindowState.NOT_YET: _("not open yet"),
        WindowState.CLOSED: _("closed"),
        WindowState.OPEN: _("longer for you") if window.exception else "",
    }[window.state]
    return PeriodHead(period.code, period.label(language()), period.short(language()), note, span)


def _closed(rows: GridRows, writable: Sequence[Period]) -> tuple[str, ...]:
    """Why the newest of the periods that are only read cannot be written to; all of them where none is open."""
    shut = [p for p in rows.periods if not rows.open(p) and rows.windows[p.code].state is not WindowState.NOT_OPENED]
    if not shut and not writable:
        shut = list(rows.periods[-1:])
    return tuple(refusal(p.code, rows.windows[p.code], rows.strategists) for p in shut[-1:])


def _line(rows: GridRows, item: Item, columns: Sequence[Column], typed: Mapping[Key, Typed], *, several: bool) -> Line:
    told = [point for point in item.recent if point[1] is not None or point[2] not in ("", "missing", "not_due")]
    latest = tuple(
        (period.short(language()), value_or_reason(item, value, absence))
        for period, value, absence in reversed(told[-LATEST:])
    )
    return Line(
        id=item.id,
        code=item.code,
        name=item.name,
        unit=item.unit,
        target=target_text(item, rows.periods[-1].last_day.year),
        spark=spark(item),
        definition=item.definition,
        calculation=item.calculation,
        quality=item.quality,
        numerator=item.numerator,
        denominator=item.denominator,
        latest=latest,
        responsible=item.responsible or item.owner,
        approval=approval_text(item, rows.approvers),
        earlier=tuple(_earlier(rows, item, p) for p in rows.periods if not rows.writable(p)),
        cells=tuple(_cell(rows, item, column, typed, several=several) for column in columns),
    )


def approval_text(item: Item, approvers: Sequence[tuple[str, str]]) -> str:
    """Who approves what is submitted, and whether that must be another person."""
    names = ", ".join(name for name, _mail in approvers) or _("the quality strategists")
    if item.four_eyes:
        return _("Approved by %(names)s, but never by the one who entered the value.") % {"names": names}
    return _("Approved by %(names)s.") % {"names": names}


def _earlier(rows: GridRows, item: Item, period: Period) -> EarlierCell:
    """What the council sees of the period, or what has come in, with women and men in small print."""
    notes = []
    whole = rows.cells.get((item.id, period.code, "T"))
    for breakdown in item.breakdowns[1:]:
        stored = rows.cells.get((item.id, period.code, breakdown))
        if stored is not None and not stored.empty:
            notes.append(f"{BREAKDOWN[breakdown]} {stored_text(item, stored)}")
    if whole is not None and whole.state not in ("approved", "cleared"):
        notes.append(str(STATE[whole.state]))
    return EarlierCell(period.short(language()), stored_text(item, whole), tuple(notes))


def _cell(rows: GridRows, item: Item, column: Column, typed: Mapping[Key, Typed], *, several: bool) -> ColumnCell:
    key = (item.id, column.period, column.breakdown)
    if column.breakdown not in item.breakdowns:
        return ColumnCell(column, None)
    stored = rows.cells.get(key)
    if not rows.may_write(key):
        return ColumnCell(column, None, stored_text(item, stored))
    words = [str(BREAKDOWN[column.breakdown]) if item.divided else "", column.label if several else ""]
    return ColumnCell(column, field_of(item, key, stored, typed.get(key), word=", ".join(w for w in words if w)))


def field_of(item: Item, key: Key, stored: Stored | None, sent: Typed | None = None, *, word: str = "") -> Field:
    """A cell as it can be written to; with what was sent for it and could not be stored."""
    texts = field_texts(stored) | (dict(sent.texts) if sent else {})
    state = "" if stored is None else stored.state
    return Field(
        key=key_text(key),
        name=cell_name(item, Period.parse(key[1]), key[2]),
        word=word,
        texts=texts,
        mark=mark_text(texts["absence"]),
        evidence_id=stored.evidence_id if stored else None,
        evidence_name=stored.evidence_name if stored else "",
        seen="" if stored is None else str(stored.revision),
        state=state,
        state_word=state_text(state, texts["absence"]),
        of_parts=item.of_parts,
        history=history_text(stored),
        address=(item.code, key[1], key[2]),
        talk=Talk(
            key=key_text(key),
            word=word,
            faults=sent.faults if sent else (),
            conflict=sent.conflict if sent else "",
            note=(stored.asked_back or "") if stored is not None else "",
            changed=changed_text(item, stored),
            findings=finding_texts(item, stored),
            needs_comment=stored is not None and stored.needs_comment and state in ("draft", "returned"),
        ),
    )


def mark_text(absence: str) -> str:
    """What stands in a field without a value."""
    return missing(absence) if absence else ""


def state_text(state: str, absence: str) -> str:
    """“Draft”, or with the reason why there is no value: “Draft: confidential”."""
    if not absence:
        return str(STATE[state])
    return f"{STATE[state]}: {wording.ABSENCE.get(absence, missing(absence))}"  # what was sent may be anything


def field_texts(stored: Stored | None) -> dict[str, str]:
    """A cell's fields as the page writes them: what comes back unchanged was not touched."""
    if stored is None:
        return dict.fromkeys(("value", "absence", "numerator", "denominator", "comment", "link"), "")
    return {
        "value": as_typed(stored.value),
        "absence": stored.absence,
        "numerator": as_typed(stored.numerator),
        "denominator": as_typed(stored.denominator),
        "comment": stored.comment,
        "link": stored.evidence_link,
    }


def history_text(stored: Stored | None) -> str:
    """Who did the latest thing to a cell, and when."""
    if stored is None:
        return ""
    if stored.state == "cleared":
        values = {"who": stored.who or _("an import"), "when": moment(stored.when)}
        return _("Emptied by %(who)s, %(when)s") % values
    values = {"state": str(STATE[stored.state]), "who": stored.who or _("an import"), "when": moment(stored.when)}
    return _("%(state)s by %(who)s, %(when)s") % values


def changed_text(item: Item, stored: Stored | None) -> str:
    """That another value than this one is approved, which the council sees until this one is."""
    if stored is None or stored.approved is None or stored.state == "approved":
        return ""
    _revision, value, absence = stored.approved
    return _("Changed since approval. The council sees %(value)s until this is approved.") % {
        "value": value_or_reason(item, value, absence)
    }


def finding_texts(item: Item, stored: Stored | None) -> tuple[str, ...]:
    """What the soft checks said of a value, with their figures."""
    if stored is None:
        return ()
    writing = check_wording.Writing(item.symbol, item.decimals, to_author=False)
    return tuple(check_wording.sentence(finding, writing) for finding in restored(stored.checks))
