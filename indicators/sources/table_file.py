"""Tables as files that others open: CSV and Excel. Every export goes through here, so that none carries a formula.

A text that a spreadsheet would take for a formula is marked as text; numbers stay numbers. In CSV the mark is an
apostrophe before the text; in Excel it is the cell's own property “quote prefix”, which leaves the text as it is.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # Excel reads the wide forms alike
# As xlsxwriter would have it, texts become formulas, links and numbers by how they begin.
WORKBOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDEST_TITLE = 31

Cell = str | float | int | None


@dataclass(frozen=True)
class Sheet:
    """A table with its name; a cell of None is empty."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula, or hand it to another program as one."""
    return text.startswith(FORMULA_STARTS)


def harmless(text: str) -> str:
    """A text for a CSV file: one that looks like a formula is marked as text."""
    return f"'{text}" if is_formula_like(text) else text


def csv_text(sheet: Sheet, language: str) -> str:
    """A table as CSV text, in Swedish as Swedish Excel reads it; numbers unrounded, empty where there is none."""
    swedish = language == "sv"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if swedish else ",", lineterminator="\r\n")
    writer.writerow([harmless(text) for text in sheet.header])
    for row in sheet.rows:
        writer.writerow([_csv_cell(cell, swedish) for cell in row])
    return out.getvalue()


def _csv_cell(cell: Cell, swedish: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    text = f"{Decimal(repr(cell)):f}"
    return text.replace(".", ",") if swedish else text


class Formats:
    """The looks of a workbook's cells; each exists twice, the second marking the text as text."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], tuple[object, object]] = {}

    def of(self, text: object, **look: object) -> object:
        """The format of a cell with this content and look."""
        key = tuple(sorted(look.items()))
        if key not in self._made:
            plain, quoted = self._book.add_format(look), self._book.add_format({**look, "quote_prefix": True})
            self._made[key] = (plain, quoted)
        return self._made[key][isinstance(text, str) and is_formula_like(text)]


def write_cell(page: object, line: int, column: int, cell: Cell, formats: Formats, **look: object) -> None:
    """Write a text as text, a number as a number, and of nothing the look alone."""
    look_of_it = formats.of(cell, **look)
    if isinstance(cell, str) and cell:
        page.write_string(line, column, cell, look_of_it)  # type: ignore[attr-defined]
    elif cell is None or cell == "":
        page.write_blank(line, column, None, look_of_it)  # type: ignore[attr-defined]
    else:
        page.write_number(line, column, cell, look_of_it)  # type: ignore[attr-defined]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Tables as an Excel file."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, WORKBOOK) as book:
        formats = Formats(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.title[:WIDEST_TITLE])
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.header) - 1, 18)
            pair = len(sheet.header) == 2
            if pair:
                page.set_column(0, 0, 30)
                page.set_column(1, 1, 90)
            for column, text in enumerate(sheet.header):
                write_cell(page, 0, column, text, formats, bold=True)
            for line, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    if cell is not None:
                        look = {"text_wrap": True, "valign": "top"} if pair and column == 1 else {}
                        write_cell(page, line, column, cell, formats, **look)
    return out.getvalue()
