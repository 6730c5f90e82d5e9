"""A workbook to fill in: what may be filled in is open and white, all else is locked; each choice has its drop-down.

The first sheet holds one row a cell with its key in a hidden column, so that rows may be sorted and filtered. The locks
have no password: they keep slips away, nobody out.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import xlsxwriter

from indicators.sources.table_file import WIDEST_TITLE, WORKBOOK, Cell, Formats, write_cell

LONGEST_LIST = 255  # characters of a drop-down that stands in its cell; longer ones need a sheet of their own
LISTS = "Lists"
HEAD = {"bold": True, "bg_color": "#E4F0F2", "text_wrap": True, "valign": "top", "bottom": 1}
LOCKED = {"font_color": "#565D66", "valign": "top", "text_wrap": True}
OPEN = {"locked": False, "valign": "top", "text_wrap": True, "border": 1, "border_color": "#7B776C"}


@dataclass(frozen=True)
class Column:
    """A column. `choices`: what its drop-down offers; `help` shows beside its head."""

    head: str
    width: int = 14
    fill_in: bool = False
    hidden: bool = False
    choices: Sequence[str] = ()
    help: str = ""


@dataclass(frozen=True)
class Line:
    """A row: its cells; notes that show beside a cell, by column; columns that are locked in this row."""

    cells: Sequence[Cell]
    notes: dict[int, str] = field(default_factory=dict)
    locked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Prepared:
    """What is to be filled in, with a second sheet that explains it. `add_rows`: how many empty rows may be filled."""

    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    explained: str
    explanation: Sequence[str]
    add_rows: int = 0


def prepared_workbook(prepared: Prepared) -> bytes:
    """The workbook as a file."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, WORKBOOK) as book:
        formats = Formats(book)
        page = book.add_worksheet(prepared.title[:WIDEST_TITLE])
        told = book.add_worksheet(prepared.explained[:WIDEST_TITLE])
        told.set_column(0, 0, 100)
        for line, text in enumerate(prepared.explanation):
            write_cell(told, line, 0, text, formats, text_wrap=True, valign="top", bold=not line)
        told.protect()
        _write_columns(book, page, prepared, formats)
        for line, row in enumerate(prepared.lines, start=1):
            _write_line(page, line, row, prepared.columns, formats)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(1, len(prepared.lines)), len(prepared.columns) - 1)
        page.protect(
            "",
            {
                "sort": True, "autofilter": True, "format_columns": True, "format_rows": True,
                "select_locked_cells": True,
            },
        )  # fmt: skip
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
    return out.getvalue()


def _write_columns(book: object, page: object, prepared: Prepared, formats: Formats) -> None:
    """Heads, widths and drop-downs."""
    last = len(prepared.lines) + prepared.add_rows
    lists: list[Sequence[str]] = []
    for number, column in enumerate(prepared.columns):
        write_cell(page, 0, number, column.head, formats, **HEAD)
        open_below = formats.of("", **OPEN) if column.fill_in and prepared.add_rows else None
        page.set_column(number, number, column.width, open_below, {"hidden": column.hidden})  # type: ignore[attr-defined]
        if column.help:
            page.write_comment(0, number, column.help, {"x_scale": 2, "y_scale": 1.5})  # type: ignore[attr-defined]
        if not column.choices or not last:
            continue
        source: object = list(column.choices)
        if sum(len(choice) + 1 for choice in column.choices) > LONGEST_LIST or any("," in c for c in column.choices):
            lists.append(column.choices)
            letter = chr(64 + len(lists))
            source = f"={LISTS}!${letter}$1:${letter}${len(column.choices)}"
        page.data_validation(  # type: ignore[attr-defined]
            1, number, last, number, {"validate": "list", "source": source, "ignore_blank": True}
        )
    if lists:
        aside = book.add_worksheet(LISTS)  # type: ignore[attr-defined]
        aside.hide()
        for number, choices in enumerate(lists):
            for line, choice in enumerate(choices):
                write_cell(aside, line, number, choice, formats)


def _write_line(page: object, line: int, row: Line, columns: Sequence[Column], formats: Formats) -> None:
    for number, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        look = OPEN if column.fill_in and number not in row.locked else LOCKED
        write_cell(page, line, number, cell, formats, **look)
        if number in row.notes:
            page.write_comment(line, number, row.notes[number], {"x_scale": 3, "y_scale": 2})  # type: ignore[attr-defined]
