"""A sheet that somebody uploaded, read without trusting it: XLSX and CSV, told apart by their content.

Nothing is evaluated: of a formula the value is read that the spreadsheet stored. An XLSX file is unpacked here, within
limits, and packed again before it is parsed, so that what was checked is what is read; a file that lies about its size
is stopped while it is unpacked. Whatever is wrong is a SheetError that says what, where and what to do.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from xml.parsers import expat

import python_calamine
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Cell = str | float | int | bool | datetime | date | time | timedelta
Row = Sequence[Cell]

CHUNK = 1 << 20
MOST_MEMBERS = 2000
MOST_SHEETS = 10
SMALL = 1 << 20  # a member below this may be packed as tightly as it likes
LONGEST_FIELD = 100_000
HEADS_AMONG = 20  # the header stands among the first rows

OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", gettext_lazy("an old Excel file, or one protected by a password")),
    (b"%PDF", gettext_lazy("a PDF")),
    (b"{\\rtf", gettext_lazy("a text document")),
    (b"\x89PNG", gettext_lazy("an image")),
    (b"\xff\xd8\xff", gettext_lazy("an image")),
    (b"GIF8", gettext_lazy("an image")),
)


class SheetError(ValueError):
    """A file that cannot be read; the message says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Limits:
    """How large a sheet may be.

    `ratio`: how many times its packed size a part may unpack to. `cells`: rows × columns.
    """

    bytes: int
    unpacked: int
    ratio: int
    rows: int
    columns: int
    cells: int


@dataclass(frozen=True)
class Table:
    """The rows as they stand in the file: row n of the sheet is `rows[n - 1]`.

    `empty_formulas`: addresses of cells with a formula whose value the file does not hold.
    """

    kind: str
    rows: list[list[Cell]]
    empty_formulas: frozenset[str] = field(default_factory=frozenset)


def column_letters(number: int) -> str:
    """The letters of a column counted from 0: A, B, …, Z, AA, …"""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The column counted from 0 that letters name."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def read_sheet(content: bytes, limits: Limits, is_header: Callable[[Row], bool]) -> Table:
    """The rows of an XLSX or CSV file; of a workbook those of the first visible sheet with a row that `is_header`.

    Raises SheetError.
    """
    check_kind(content, limits)
    if is_packed(content):
        return _read_workbook(content, limits, is_header)
    return Table("csv", _read_csv(decoded(content), limits))


def is_packed(content: bytes) -> bool:
    """Whether the file is a workbook, if it is one of the kinds that are read, and no text."""
    return content.startswith(b"PK")


def check_kind(content: bytes, limits: Limits) -> None:
    """Raise SheetError for what is empty, too large, or known to be neither a workbook nor text."""
    if not content:
        raise SheetError(_("The file is empty. Choose the file that you have filled in."))
    if len(content) > limits.bytes:
        raise SheetError(
            _("The file is larger than %(most)s MB. Divide it into several files, or remove pictures from it.")
            % {"most": limits.bytes // 1_000_000}
        )
    for start, kind in OTHER_KINDS:
        if content.startswith(start):
            raise SheetError(_not_a_sheet(str(kind)))
    if content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise SheetError(_not_a_sheet(_("a web page, even if its name ends in .xls")))


def _not_a_sheet(kind: str) -> str:
    return _("The file is %(kind)s. Open it in Excel, save it as “Excel workbook (.xlsx)” and upload that.") % {
        "kind": kind
    }


# ── XLSX ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _damaged(what: str) -> SheetError:
    return SheetError(
        _("The file cannot be read as an Excel workbook: %(what)s. Open it in Excel, save it anew and upload that.")
        % {"what": what}
    )


def _read_workbook(content: bytes, limits: Limits, is_header: Callable[[Row], bool]) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts, survey = _unpacked(archive, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, SheetError):
            raise
        raise _damaged(_("the file is cut off or damaged")) from error
    if "xl/workbook.xml" not in parts:
        raise SheetError(_not_a_sheet(_("no Excel workbook but another kind of packed file")))
    _check_shared(parts, limits)
    first: Table | None = None
    for rows in _worksheets(parts):
        if any("\0" in cell for row in rows for cell in row if isinstance(cell, str)):  # no database keeps it
            raise _damaged(_("a part of it is not written as Excel writes it"))
        table = Table("xlsx", rows, frozenset(survey.empty_formulas))
        if any(is_header(row) for row in rows[:HEADS_AMONG]):
            return table
        first = first or table
    if first is None:
        raise SheetError(_("The workbook has no visible sheet with anything in it. Fill in the prepared sheet."))
    return first


class _Survey:
    """What the unpacked parts hold, counted while they are unpacked."""

    def __init__(self) -> None:
        self.unpacked = 0
        self.empty_formulas: set[str] = set()


def _unpacked(archive: zipfile.ZipFile, limits: Limits) -> tuple[dict[str, bytes], _Survey]:
    """The parts that make up the tables, each read to its end and checked."""
    members = archive.infolist()
    _check_directory(members, limits)
    survey, parts = _Survey(), {}
    for member in members:
        name = member.filename
        if not name.endswith((".xml", ".rels")):
            continue  # pictures and programs are never unpacked
        if name in parts:
            raise _damaged(_("it holds the same part twice"))
        if member.flag_bits & 1:
            raise SheetError(_not_a_sheet(_("protected by a password")))
        body = _read_member(archive, member, survey, limits)
        _check_part(name, body, survey, limits)
        parts[name] = body
    return parts, survey


def _too_much_inside(limits: Limits) -> SheetError:
    return SheetError(
        _(
            "The file unpacks to more than %(most)s MB or is packed unusually tightly, and was not read. Copy the "
            "cells that matter into the prepared sheet and upload that."
        )
        % {"most": limits.unpacked // 1_000_000}
    )


def _check_directory(members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """What the file says of itself, before anything is unpacked."""
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > limits.unpacked:
        raise _too_much_inside(limits)
    for member in members:
        if member.file_size > max(SMALL, limits.ratio * member.compress_size):
            raise _too_much_inside(limits)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, survey: _Survey, limits: Limits) -> bytes:
    """A part, read piece by piece and no further than the limits allow, whatever the directory said."""
    pieces, size = [], 0
    with archive.open(member) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            survey.unpacked += len(piece)
            if survey.unpacked > limits.unpacked or size > max(SMALL, limits.ratio * member.compress_size):
                raise _too_much_inside(limits)
            pieces.append(piece)
    return b"".join(pieces)


# Cells as every spreadsheet writes them, in columns A–Z and rows that are allowed: a glance is enough. Whatever is
# written otherwise is walked through element by element.
USUAL_CELL = b'<c r="'
UNUSUAL_ROW = re.compile(rb'<row(?! r="\d)')
EMPTY_FORMULA = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v/>|<v></v>)?</c>')


@cache
def _beyond(rows: int) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Find a cell that is not in the columns A–Z, and a number of a row that may lie beyond the limit."""
    digits, first = len(str(rows)), str(rows)[0]
    number = rf"(?:\d{{{digits + 1}}}|[{first}-9]\d{{{digits - 1}}})"
    cell, row = rf'<c r="(?:[^A-Z]|[A-Z](?:\D|{number}))', rf'<row r="{number}'
    return re.compile(cell.encode()), re.compile(row.encode())


def _is_unusual(body: bytes, limits: Limits) -> bool:
    """Whether a part holds anything that a glance does not settle; each test is a single pass."""
    if b"<c" not in body and b":c" not in body and b"<row" not in body and b":row" not in body:
        return False
    others = body.count(b"<c") - body.count(b"<col")
    if others != body.count(USUAL_CELL) or b":c" in body or b":row" in body or UNUSUAL_ROW.search(body):
        return True
    return any(beyond.search(body) for beyond in _beyond(limits.rows))


def _check_part(name: str, body: bytes, survey: _Survey, limits: Limits) -> None:
    if (b"<!" in body and (b"<!DOCTYPE" in body or b"<!ENTITY" in body)) or b"\x00" in body[:200]:
        raise _damaged(_("a part of it is not written as Excel writes it"))
    if _is_unusual(body, limits):
        _walk(name, body, limits)
    if b"<f" in body:
        survey.empty_formulas.update(match[1].decode() for match in EMPTY_FORMULA.finditer(body))


def _walk(name: str, body: bytes, limits: Limits) -> None:
    """Where the cells of a part lie, counted exactly as a parser would."""
    row = column = last_row = last_column = 0
    address = re.compile(r"([A-Z]{1,3})?(\d{1,7})?")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, last_row, last_column
        kind = tag.rpartition(":")[2]
        if kind not in ("row", "c"):
            return
        given = address.fullmatch(attributes.get("r", ""))
        if given is None:
            raise _damaged(_("a cell has the address %(address)s") % {"address": attributes["r"][:20]})
        if kind == "row":
            row, column = int(given[2]) if given[2] else row + 1, 0
        else:
            row = int(given[2]) if given[2] else max(row, 1)
            column = column_number(given[1]) + 1 if given[1] else column + 1
            last_row, last_column = max(last_row, row), max(last_column, column)
            if row > limits.rows or column > limits.columns or last_row * last_column > limits.cells:
                raise too_large(limits, f"{column_letters(column - 1)}{row}")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise _damaged(_("its part %(part)s is not well formed") % {"part": name[:60]}) from error


SHARED_TEXT = re.compile(rb"<(?:\w+:)?si\b")


def _check_shared(parts: dict[str, bytes], limits: Limits) -> None:
    """A text stands in a workbook once, however many cells hold it: those cells too must fit into what is unpacked."""
    shared = [body for name, body in parts.items() if name.lower().endswith("sharedstrings.xml")]
    sheets = [body for name, body in parts.items() if not name.lower().endswith("sharedstrings.xml")]
    longest = max((len(text) for body in shared for text in SHARED_TEXT.split(body)), default=0)
    values = sum(body.count(b"<v") + body.count(b":v") for body in sheets)
    if longest * values <= limits.unpacked:  # so it is of nearly every file
        return
    lengths = [length for body in shared for length in _texts(body, "si", "t")]
    written = 0
    for body in sheets:
        for place in _shared_places(body):
            written += lengths[place] if place < len(lengths) else 0
        if written > limits.unpacked:
            raise _too_much_inside(limits)


def _texts(body: bytes, whole: str, part: str) -> list[int]:
    """How many characters each element `whole` holds in its elements `part`."""
    lengths: list[int] = []
    inside = False

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal inside
        kind = tag.rpartition(":")[2]
        if kind == whole:
            lengths.append(0)
        inside = kind == part

    def text(told: str) -> None:
        if inside and lengths:
            lengths[-1] += len(told)

    def end(_tag: str) -> None:
        nonlocal inside
        inside = False

    _parsed(body, start, text, end)
    return lengths


def _shared_places(body: bytes) -> list[int]:
    """Which of the shared texts the cells of a part hold, in order."""
    places: list[int] = []
    shared, digits, inside = False, "", False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal shared, digits, inside
        kind = tag.rpartition(":")[2]
        if kind == "c":
            shared = attributes.get("t") == "s"
        inside, digits = kind == "v", ""

    def text(told: str) -> None:
        nonlocal digits
        if inside and shared:
            digits = (digits + told)[:12]

    def end(_tag: str) -> None:
        nonlocal inside
        if inside and digits.strip().isdecimal():
            places.append(int(digits))
        inside = False

    _parsed(body, start, text, end)
    return places


def _parsed(
    body: bytes,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None],
    end: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise _damaged(_("a part of it is not written as Excel writes it")) from error


def too_large(limits: Limits, address: str) -> SheetError:
    """The table reaches further than a sheet may."""
    return SheetError(
        _(
            "Cell %(address)s lies outside what a sheet may hold: %(rows)s rows and %(columns)s columns. Delete empty "
            "rows and columns beyond your table, or divide it into several files."
        )
        % {"address": address, "rows": limits.rows, "columns": limits.columns}
    )


def _worksheets(parts: dict[str, bytes]) -> Iterator[list[list[Cell]]]:
    """Rows of the visible worksheets that are not empty, each from row 1 and column A."""
    checked = io.BytesIO()
    with zipfile.ZipFile(checked, "w", zipfile.ZIP_STORED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    checked.seek(0)
    try:
        book = python_calamine.load_workbook(checked)
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        for name in visible[:MOST_SHEETS]:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                yield rows
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        raise _damaged(str(error)[:200]) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the parser's own end, which is no Exception
            raise
        raise _damaged(_("a part of it is not written as Excel writes it")) from error


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def decoded(content: bytes) -> str:
    """The text of a CSV file in the encodings that spreadsheets write."""
    encoding = "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content[1:2000:2].count(0) > len(content[1:2000:2]) * 0.4:
        encoding = "utf-16-le"
    elif content[0:2000:2].count(0) > len(content[0:2000:2]) * 0.4:
        encoding = "utf-16-be"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace") if encoding == "utf-8-sig" else "\0"
    if "\0" in text or "\ufffd" in text:
        raise SheetError(
            _(
                "The file is neither an Excel workbook nor text that can be read. Save it from Excel as “Excel "
                "workbook (.xlsx)” or “CSV UTF-8” and upload that."
            )
        )
    return text


def delimiter_of(text: str) -> str:
    """What stands between the cells of the first line that has any; quoted parts do not count."""
    for line in text.splitlines()[:HEADS_AMONG]:
        bare = re.sub(r'"[^"]*"', "", line)
        counts = {mark: bare.count(mark) for mark in (";", "\t", ",")}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best]:
            return best
    return ";"


def _read_csv(text: str, limits: Limits) -> list[list[Cell]]:
    said = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else delimiter_of(text)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[Cell]] = [[]] if said else []
    try:
        for row in reader:
            rows.append(list(row))
            if len(row) > limits.columns or len(rows) > limits.rows:
                raise too_large(limits, f"{column_letters(min(len(row), limits.columns + 1) - 1)}{len(rows)}")
    except csv.Error as error:
        raise SheetError(
            _(
                "Line %(line)s cannot be read as cells (%(error)s). Look for a quotation mark that is not closed, or "
                "save the sheet as “Excel workbook (.xlsx)” and upload that."
            )
            % {"line": reader.line_num, "error": error}
        ) from error
    if not any(any(row) for row in rows):
        raise SheetError(_("The file has no cells. Choose the file that you have filled in."))
    return rows
