"""The pages of sheets: what an uploaded one would do, row by row and cell by cell; and what a prepared one says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext, pgettext, pgettext_lazy

from indicators.check_wording import Writing, sentence, unreadable
from indicators.compute.input_window import Window, WindowState
from indicators.compute.plausibility import Check, Finding
from indicators.compute.revisions import Revision
from indicators.compute.sheet_rows import (
    BREAKDOWN_WORDS,
    HEADS,
    REASON_WORDS,
    Fault,
    Head,
    Kind,
    Preview,
    Problem,
    Said,
    SheetRow,
    key_text,
)
from indicators.compute.validate import LARGEST
from indicators.periods import Kind as Frequency
from indicators.periods import Period, PeriodError
from indicators.sources.prepared_sheet import Column, Line, Prepared
from indicators.sources.sheet import column_letters
from indicators.sources.table_file import Cell, Sheet
from indicators.templatetags.figures import language, missing, number, with_unit
from indicators.wording import ABSENCE, FREQUENCY, given_decimals

KIND = {
    Kind.NEW: pgettext_lazy("row of a sheet", "New"),
    Kind.CHANGED: pgettext_lazy("row of a sheet", "Changed"),
    Kind.UNCHANGED: pgettext_lazy("row of a sheet", "Unchanged"),
    Kind.REJECTED: pgettext_lazy("row of a sheet", "Rejected"),
}
KINDS = {
    Kind.NEW: pgettext_lazy("rows of a sheet", "New"),
    Kind.CHANGED: pgettext_lazy("rows of a sheet", "Changed"),
    Kind.UNCHANGED: pgettext_lazy("rows of a sheet", "Unchanged"),
    Kind.REJECTED: pgettext_lazy("rows of a sheet", "Rejected"),
}
UPLOAD_STATE = {
    "previewed": pgettext_lazy("uploaded sheet", "Not stored yet"),
    "committed": pgettext_lazy("uploaded sheet", "Stored"),
    "discarded": pgettext_lazy("uploaded sheet", "Discarded"),
}
REQUIRED_BY_WINDOW = {
    WindowState.NOT_OPENED: gettext_lazy("The period %(period)s has not been opened for values."),
    WindowState.NOT_YET: gettext_lazy("The period %(period)s opens for values on %(opens)s."),
    WindowState.CLOSED: gettext_lazy("The period %(period)s closed for values on %(closes)s."),
}
FAULT = {
    Fault.NO_INDICATOR: gettext_lazy("The row names no indicator. Write its code, e.g. fsk05."),
    Fault.UNKNOWN_INDICATOR: gettext_lazy(
        "There is no indicator with the code “%(code)s”. Copy the code from a prepared sheet."
    ),
    Fault.KEY_CHANGED: gettext_lazy(
        "The row's hidden key says %(key)s, but the column says “%(code)s”. Paste values only, not whole rows, into a "
        "prepared sheet."
    ),
    Fault.PERIOD_IS_DATE: gettext_lazy(
        "The cell holds the date %(text)s instead of a period. Write it as text, like 2024T2 or 2024M05."
    ),
    Fault.NO_PERIOD: gettext_lazy("The row names no period. Write it like 2024, 2024T2, 2024Q3 or 2024M05."),
    Fault.OTHER_SOURCE: gettext_lazy("The values of this indicator are not handed in by departments."),
    Fault.RETIRED: gettext_lazy("The indicator is no longer followed up, so nothing can be handed in."),
    Fault.NOT_YOURS: gettext_lazy("The indicator belongs to %(department)s, and your account has no role there."),
    Fault.IS_A_DATE: gettext_lazy(
        "The cell holds a date or a time (%(text)s) where a number should be. Format the cell as a number in Excel and "
        "enter the value again."
    ),
    Fault.IS_YES_OR_NO: gettext_lazy("The cell holds true or false where a number should be."),
    Fault.EMPTY_FORMULA: gettext_lazy(
        "The cell holds a formula without a computed value. Open the file in Excel, save it and upload it again, or "
        "enter the number."
    ),
    Fault.COMMENT_ALONE: gettext_lazy("The row has a comment but neither a value nor a reason. Fill one of them in."),
    Fault.COMMENT_TOO_LONG: gettext_lazy("The comment is longer than %(most)s characters. Shorten it."),
    Fault.TWICE: gettext_lazy("The same cell stands in row %(line)s already. Keep one of the two."),
}
ASK_FOR = {Fault.NOT_YOURS, Fault.WINDOW, Fault.OTHER_SOURCE, Fault.RETIRED}
ASK_FOR_COMMENT = gettext_lazy("Write a comment before you submit.")


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class UploadRow:
    """An upload in a list."""

    id: int
    filename: str
    uploaded_at: datetime
    state: str
    summary: Mapping[str, int]


class Named(NamedTuple):
    """An indicator as the pages write it."""

    name: str
    department: str
    writing: Writing


@dataclass(frozen=True)
class PreparedCell:
    """A cell that may be filled in, with what helps to fill it in. `earlier`: (period, revision), oldest first."""

    code: str
    name: str
    definition: str
    calculation: str
    symbol: str
    decimals: int
    share: bool
    numerator: str
    denominator: str
    due: date
    period: str
    breakdown: str
    newest: Revision | None
    earlier: tuple[tuple[str, Revision], ...]


# ── the preview ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Told:
    """Something about a cell of the sheet, and the cell's address."""

    address: str
    text: str


@dataclass(frozen=True)
class RowShown:
    line: int
    kind: str
    kind_word: str
    code: str
    name: str
    known: bool
    period: str
    breakdown: str
    old: str
    new: str
    parts: str
    comment: str
    problems: list[Told]
    doubts: list[str]
    doubts_need_comment: bool


@dataclass(frozen=True)
class KindShown:
    """A kind of rows to look at alone; `kind` is "" for all."""

    kind: str
    word: str
    count: str
    current: bool


@dataclass(frozen=True)
class PreviewPage:
    title: str
    lead: str
    kinds: list[KindShown]
    rows: list[RowShown]
    rejected: int
    rejected_text: str
    storable: int
    store_text: str
    store_rest_text: str
    doubts_text: str
    empty_text: str
    digest: str


def period_text(code: str) -> str:
    """A period in words; what names none as it was written."""
    try:
        return Period.parse(code).label(language())
    except PeriodError:
        return code


def filtered(preview: Preview, kind: str) -> list[SheetRow]:
    """The rows of a kind; “doubtful” are those that the checks ask a comment for; "" are all."""
    if kind == "doubtful":
        return [row for row in preview.rows if row.findings]
    return [row for row in preview.rows if not kind or row.kind == kind]


def preview_page(
    *, filename: str, preview: Preview, head: Head, kind: str, rows: Sequence[SheetRow], named: Mapping[str, Named],
    whom: Sequence[tuple[str, str]],
) -> PreviewPage:  # fmt: skip
    """`rows`: those of this page. `whom`: whom to ask where a period is closed."""
    counts = preview.counts
    storable = counts[Kind.NEW] + counts[Kind.CHANGED]
    rejected = counts[Kind.REJECTED]
    values = {"n": number(storable), "rejected": number(rejected)}
    return PreviewPage(
        title=filename,
        lead=_lead(preview),
        kinds=_kinds(preview, kind),
        rows=[row_shown(row, head, named.get(row.code), whom) for row in rows],
        rejected=rejected,
        rejected_text=ngettext(
            "%(rejected)s row was rejected, so nothing can be stored yet.",
            "%(rejected)s rows were rejected, so nothing can be stored yet.",
            rejected,
        )
        % values,
        storable=storable,
        store_text=ngettext("Store %(n)s value as a draft", "Store %(n)s values as drafts", storable) % values,
        store_rest_text=ngettext(
            "Leave the rejected rows out and store %(n)s value as a draft",
            "Leave the rejected rows out and store %(n)s values as drafts",
            storable,
        )
        % values,
        doubts_text=ngettext(
            "%(n)s value looks unusual and needs a comment before it is submitted.",
            "%(n)s values look unusual and need a comment before they are submitted.",
            preview.doubtful,
        )
        % {"n": number(preview.doubtful)}
        if preview.doubtful
        else "",
        empty_text=ngettext(
            "%(n)s row without a value was passed over; what stands there is left as it is.",
            "%(n)s rows without a value were passed over; what stands there is left as it is.",
            preview.empty,
        )
        % {"n": number(preview.empty)}
        if preview.empty
        else "",
        digest=preview.digest,
    )


def _lead(preview: Preview) -> str:
    """“Rows: 20 new, 3 changed and 2 rejected. Nothing has been stored yet.”"""
    if not preview.rows:
        return _("No row has a value or a reason filled in, so there is nothing to store.")
    return _open_lead({kind.value: preview.counts[kind] for kind in Kind})


def _open_lead(counts: Mapping[str, int]) -> str:
    if not any(counts[kind.value] for kind in Kind if kind is not Kind.UNCHANGED):
        return _("Everything in the sheet stands here already, so there is nothing to store.")
    return _("Rows: %(counts)s. Nothing has been stored yet.") % {"counts": _counts(counts)}


def _kinds(preview: Preview, current: str) -> list[KindShown]:
    shown = [("", pgettext("rows of a sheet", "All"), len(preview.rows))]
    shown += [(kind.value, str(KINDS[kind]), preview.counts[kind]) for kind in (Kind.REJECTED, *list(Kind)[:3])]
    if preview.doubtful:
        shown.append(("doubtful", pgettext("rows of a sheet", "Unusual"), preview.doubtful))
    return [
        KindShown(kind, word, number(count), kind == current)
        for kind, word, count in shown
        if count or not kind or kind == current
    ]


def row_shown(row: SheetRow, head: Head, named: Named | None, whom: Sequence[tuple[str, str]]) -> RowShown:
    """A row in words: what stood there, what the sheet says, and what is wrong in which cell."""
    writing = named.writing if named else Writing(decimals=0)
    before = row.before if row.before is not None and row.before.state != "cleared" else None
    return RowShown(
        line=row.line,
        kind=row.kind.value,
        kind_word=str(KIND[row.kind]),
        code=row.code,
        name=named.name if named else "",
        known=row.indicator_id is not None,
        period=period_text(row.period),
        breakdown="" if row.breakdown == "T" else BREAKDOWN_WORDS[language()].get(row.breakdown, row.breakdown),
        old=held_text(before.value, before.absence, writing) if before else "",
        new=held_text(row.said.value, row.said.absence, writing) or _as_written(row),
        parts=_parts(row.said),
        comment=row.said.comment,
        problems=[told(problem, row, head, named, whom) for problem in row.problems],
        doubts=[sentence(finding, writing) for finding in row.findings],
        doubts_need_comment=bool(row.findings) and not row.said.comment,
    )


def _as_written(row: SheetRow) -> str:
    """What stands in a value's cell that could not be read."""
    return next((str(p.figures.get("text", "")) for p in row.problems if p.role == "value"), "")


def held_text(value: float | None, absence: str, writing: Writing) -> str:
    """What a cell holds: `54 %`, with all the decimals that were given, or “– (missing)”."""
    if value is not None and abs(value) >= LARGEST:
        return repr(value)  # as it was given: it is rejected, and has more digits than a number is written with
    if value is not None:
        return with_unit(value, max(given_decimals(value), writing.decimals), writing.symbol)
    return f"{missing(absence)} ({ABSENCE[absence]})" if absence else ""


def _parts(said: Said) -> str:
    if said.numerator is None or said.denominator is None or max(abs(said.numerator), abs(said.denominator)) >= LARGEST:
        return ""
    values = (number(part, given_decimals(part)) for part in (said.numerator, said.denominator))
    return _("%(numerator)s of %(denominator)s") % dict(zip(("numerator", "denominator"), values, strict=True))


def told(
    problem: Problem, row: SheetRow, head: Head, named: Named | None, whom: Sequence[tuple[str, str]]
) -> Told:  # fmt: skip
    """A problem in words, with the address of its cell."""
    column = head.columns.get(problem.role)
    if column is None:
        column = head.columns.get("key", head.columns.get("indicator", 0))
    text = _problem_text(problem, row, named)
    if problem.fault in ASK_FOR:
        text = f"{text} {whom_text(whom)}"
    return Told(f"{column_letters(column)}{row.line}", text)


def whom_text(whom: Sequence[tuple[str, str]]) -> str:
    people = ", ".join(f"{name} ({mail})" if mail else name for name, mail in whom)
    return _("Ask a quality strategist: %(people)s.") % {"people": people} if people else _("Ask a quality strategist.")


def _problem_text(problem: Problem, row: SheetRow, named: Named | None) -> str:
    figures: dict[str, Any] = dict(problem.figures)
    if problem.fault is Fault.UNREADABLE:
        return unreadable(figures["fault"], figures["text"])
    if problem.fault is Fault.WINDOW:
        window: Window = figures["window"]
        moments = {"opens": _moment(window.opens_at), "closes": _moment(window.closes_at)}
        return str(REQUIRED_BY_WINDOW[window.state]) % {"period": period_text(row.period), **moments}
    if isinstance(problem.fault, Check):
        return sentence(Finding(problem.fault, figures), named.writing if named else Writing())
    figures["department"] = named.department if named else ""
    return str(FAULT[problem.fault]) % figures


def _moment(when: datetime | None) -> str:
    return "" if when is None else f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def error_sheet(
    table_rows: Sequence[Sequence[Any]], preview: Preview, head: Head, named: Mapping[str, Named],
    whom: Sequence[tuple[str, str]],
) -> Sheet:  # fmt: skip
    """The rejected rows as they were given, with the reasons in a column of their own, to be mended and uploaded."""
    rejected = [row for row in preview.rows if row.kind is Kind.REJECTED]
    width = max([len(table_rows[head.line - 1]), *(len(table_rows[row.line - 1]) for row in rejected)])
    names = [str(cell) for cell in table_rows[head.line - 1]]
    header = [*names, *[""] * (width - len(names)), _("Row in your sheet"), _("Reason for rejection")]
    lines: list[list[Cell]] = []
    for row in rejected:
        given = [_as_given(cell) for cell in table_rows[row.line - 1]]
        reasons = [told(problem, row, head, named.get(row.code), whom) for problem in row.problems]
        why = " ".join(f"{reason.address}: {reason.text}" for reason in reasons)
        lines.append([*given, *[None] * (width - len(given)), row.line, why])
    return Sheet(_("Rejected rows"), header, lines)


def _as_given(cell: Any) -> Cell:
    if cell == "" or cell is None:
        return None
    return cell if isinstance(cell, str | float | int) and not isinstance(cell, bool) else str(cell)


# ── uploads ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class UploadShown:
    id: int
    filename: str
    uploaded: str
    state: str
    counts: str


def upload_rows(rows: Sequence[UploadRow]) -> list[UploadShown]:
    return [
        UploadShown(row.id, row.filename, _moment(row.uploaded_at), str(UPLOAD_STATE[row.state]), _counts(row.summary))
        for row in rows
    ]


def _counts(summary: Mapping[str, int]) -> str:
    """“20 new, 3 changed and 2 rejected”; kinds that no row is of are left out."""
    counts = {kind: summary.get(kind.value, 0) for kind in Kind}
    words = {
        Kind.NEW: npgettext("rows of a sheet", "%(n)s new", "%(n)s new", counts[Kind.NEW]),
        Kind.CHANGED: npgettext("rows of a sheet", "%(n)s changed", "%(n)s changed", counts[Kind.CHANGED]),
        Kind.UNCHANGED: npgettext("rows of a sheet", "%(n)s unchanged", "%(n)s unchanged", counts[Kind.UNCHANGED]),
        Kind.REJECTED: npgettext("rows of a sheet", "%(n)s rejected", "%(n)s rejected", counts[Kind.REJECTED]),
    }
    told = [words[kind] % {"n": number(count)} for kind, count in counts.items() if count]
    return (
        _("%(first)s and %(last)s") % {"first": ", ".join(told[:-1]), "last": told[-1]} if told[1:] else "".join(told)
    )


@dataclass(frozen=True)
class ClosedPage:
    """A sheet that has been dealt with."""

    title: str
    lead: str
    stored: bool
    facts: list[dict[str, str]]


def closed_page(
    filename: str, state: str, summary: Mapping[str, int], uploaded_at: datetime, stored_at: datetime | None
) -> ClosedPage:  # fmt: skip
    """What came of a sheet that was stored or discarded."""
    stored = summary.get(Kind.NEW.value, 0) + summary.get(Kind.CHANGED.value, 0)
    lead = (
        ngettext("%(n)s value was stored as a draft.", "%(n)s values were stored as drafts.", stored)
        % {"n": number(stored)}
        if state == "committed"
        else _("The sheet was discarded. Nothing was stored.")
    )
    return ClosedPage(
        title=filename,
        lead=lead,
        stored=state == "committed",
        facts=[
            {"name": pgettext("of a sheet", "Uploaded"), "text": _moment(uploaded_at)},
            {"name": pgettext("of a sheet", "Stored"), "text": _moment(stored_at)},
            {"name": pgettext("of a sheet", "Rows"), "text": _counts(summary)},
        ],
    )


@dataclass(frozen=True)
class Download:
    """A prepared sheet that can be downloaded."""

    department: str
    code: str
    kind: str
    label: str


def downloads(departments: Sequence[tuple[str, str, Sequence[str]]]) -> list[Download]:
    """One a department and frequency with an open period."""
    return [
        Download(name, code, kind, str(FREQUENCY[kind]))
        for code, name, kinds in departments
        for kind in (frequency.value for frequency in Frequency)
        if kind in kinds
    ]


# ── definitions ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DefinitionsPage:
    """A sheet of definitions: its rows with what changes in them, those that change nothing left out."""

    title: str
    lead: str
    open: bool
    rows: Sequence[Any]
    words: Mapping[str, str]
    rejected: int
    storable: int
    store_text: str


def definitions_page(
    filename: str, state: str, rows: Sequence[Any], summary: Mapping[str, int]
) -> DefinitionsPage:  # fmt: skip
    """`rows`: of `forms.definition_sheets.judge`; rejected ones first."""
    changing = (row for row in rows if row.kind != Kind.UNCHANGED)
    shown = sorted(changing, key=lambda row: (row.kind != Kind.REJECTED, row.line))
    is_open = state == "previewed"
    counted = [row.kind for row in rows]
    storable = sum(1 for kind in counted if kind in ("new", "changed"))
    if is_open:
        lead = _open_lead({kind.value: counted.count(kind.value) for kind in Kind})
    else:
        lead = f"{UPLOAD_STATE[state]}: {_counts(summary)}."
    return DefinitionsPage(
        title=filename,
        lead=lead,
        open=is_open,
        rows=shown,
        words={kind.value: str(word) for kind, word in KIND.items()},
        rejected=counted.count("rejected"),
        storable=storable,
        store_text=ngettext("Store %(n)s definition", "Store %(n)s definitions", storable) % {"n": number(storable)},
    )


# ── prepared sheets ───────────────────────────────────────────────────────────────────────────────────────────────────


PREPARED_ROLES = (
    "key", "indicator", "name", "period", "breakdown", "unit", "value", "reason", "numerator", "denominator", "comment",
    "earlier", "due",
)  # fmt: skip
FILLED_IN = {"value", "reason", "numerator", "denominator", "comment"}
WIDTHS = {"indicator": 11, "name": 38, "period": 24, "breakdown": 10, "reason": 24, "comment": 44, "earlier": 34}


def prepared(cells: Sequence[PreparedCell], department: str) -> Prepared:
    """The workbook for the cells that a department may fill in."""
    words = language()
    columns = [
        Column(
            HEADS[words][role],
            WIDTHS.get(role, 13),
            fill_in=role in FILLED_IN,
            hidden=role == "key",
            choices=tuple(REASON_WORDS[words].values()) if role == "reason" else (),
        )
        for role in PREPARED_ROLES
    ]
    return Prepared(
        title=_("Values"),
        columns=columns,
        lines=[_prepared_line(cell) for cell in cells],
        explained=_("How to fill in"),
        explanation=_explanation(department),
    )


def _explanation(department: str) -> list[str]:
    return [
        _("Values of %(department)s") % {"department": department},
        _("Fill in the white, framed cells only: a value, or a reason from the list why there is none."),
        _("For a share you may give numerator and denominator and leave the value empty; it follows from them."),
        _("Rows that you leave empty change nothing. What stands there when you download the sheet is what we have."),
        _("The first column is hidden and says which cell a row belongs to. You may sort and filter, not delete it."),
        _("Point at an indicator's name to read how it is defined and calculated."),
        _("Upload the file when you are done. You will see every row before anything is stored."),
    ]


def _prepared_line(cell: PreparedCell) -> Line:
    words, newest = language(), cell.newest
    writing = Writing(cell.symbol, cell.decimals)
    said = newest or Said()
    follows = cell.share and said.numerator is not None and said.denominator is not None
    earlier = "; ".join(
        f"{Period.parse(period).short(words)}: {held_text(revision.value, revision.absence, writing)}"
        for period, revision in cell.earlier
    )
    content: dict[str, Cell] = {
        "key": key_text(cell.code, cell.period, cell.breakdown),
        "indicator": cell.code,
        "name": cell.name,
        "period": period_text(cell.period),
        "breakdown": BREAKDOWN_WORDS[words][cell.breakdown],
        "unit": cell.symbol,
        "value": None if follows else said.value,
        "reason": REASON_WORDS[words].get(said.absence, ""),
        "numerator": said.numerator,
        "denominator": said.denominator,
        "comment": said.comment,
        "earlier": earlier,
        "due": cell.due.isoformat(),
    }
    parts = {PREPARED_ROLES.index("numerator"), PREPARED_ROLES.index("denominator")}
    return Line(
        [content[role] for role in PREPARED_ROLES],
        notes={PREPARED_ROLES.index("name"): _note(cell)},
        locked=frozenset() if cell.numerator and cell.denominator else frozenset(parts),
    )


def _note(cell: PreparedCell) -> str:
    lines = [cell.definition, cell.calculation]
    if cell.numerator and cell.denominator:
        above, below = _("Numerator"), _("Denominator")
        lines += [f"{above}: {cell.numerator}", f"{below}: {cell.denominator}"]
    return "\n\n".join(line for line in lines if line)
