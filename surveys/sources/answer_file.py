"""A file of answers, read without trusting it: CSV by pandas, XLSX by the checks of `indicators.sources.sheet`.

All cells become texts; a number of a workbook is written with a decimal comma, so that it is read in one way only.
"""

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
from django.utils.translation import gettext as _

from indicators.sources.sheet import (
    Cell,
    Limits,
    SheetError,
    check_kind,
    column_letters,
    decoded,
    delimiter_of,
    is_packed,
    read_sheet,
    too_large,
)
from surveys.compute.answer_table import AnswerTable, table_of

GLANCE = 200_000  # characters in which the delimiter is looked for
LONGEST_HEADER = 1_000_000
UNCLOSED = re.compile(r"EOF inside string starting at row (\d+)")
UNEVEN = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


def read_answers(content: bytes, limits: Limits) -> AnswerTable:
    """The table in the file. Raises SheetError, which says what is wrong, where, and what to do."""
    check_kind(content, limits)
    rows = _workbook(content, limits) if is_packed(content) else _csv(decoded(content), limits)
    table = table_of(rows)
    if table is None:
        raise SheetError(
            _("The file needs a row of headers and at least one row of answers below it. Choose another file.")
        )
    return table


def _workbook(content: bytes, limits: Limits) -> pd.DataFrame:
    rows = read_sheet(content, limits, lambda row: sum(cell != "" for cell in row) > 1).rows
    return pd.DataFrame([[_text(cell) for cell in row] for row in rows], dtype=object).fillna("")


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):f}".replace(".", ",")
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)


def _csv(text: str, limits: Limits) -> pd.DataFrame:
    said = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', text)
    delimiter = said[1] if said else delimiter_of(text[:GLANCE])
    if said:
        text = text[said.end() :]
    _check_size(text, delimiter, limits)
    try:
        return pd.read_csv(
            io.BytesIO(text.encode()), sep=delimiter, header=None, dtype=object, na_filter=False,
            skip_blank_lines=False, engine="c", encoding="utf-8",
        ).fillna("")  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise _refusal(str(error)) from error


def _check_size(text: str, delimiter: str, limits: Limits) -> None:
    ends = max(text.count("\n"), text.count("\r"))
    rows, columns = ends + (not text.endswith(("\n", "\r"))), _width(text, delimiter)
    if rows > limits.rows or columns > limits.columns or rows * columns > limits.cells:
        letters = column_letters(min(columns, limits.columns + 1) - 1)
        raise too_large(limits, f"{letters}{min(rows, limits.rows + 1)}")


def _width(text: str, delimiter: str) -> int:
    """How many cells the first row has; no row may have more."""
    csv.field_size_limit(LONGEST_HEADER)
    try:
        return max(1, len(next(csv.reader(io.StringIO(text[:LONGEST_HEADER]), delimiter=delimiter), [])))
    except csv.Error as error:
        raise _refusal(str(error)) from error


def _refusal(told: str) -> SheetError:
    if found := UNCLOSED.search(told):
        return SheetError(
            _("A quotation mark in row %(line)s is never closed. Mend it, or save the file as Excel (.xlsx).")
            % {"line": int(found[1]) + 1}
        )
    if found := UNEVEN.search(told):
        return SheetError(
            _(
                "Row %(line)s has %(saw)s cells, but the first row has %(expected)s. Look for a delimiter in a text "
                "without quotation marks, or save the file as Excel (.xlsx)."
            )
            % {"line": found[2], "saw": found[3], "expected": found[1]}
        )
    return SheetError(_("The file cannot be read as a table. Save it as “CSV UTF-8” or Excel (.xlsx) and upload that."))
