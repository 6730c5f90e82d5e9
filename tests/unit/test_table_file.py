"""Exports carry no formula: one function decides, and every file of a table is written by one module."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from indicators.sources.prepared_sheet import Column, Line, Prepared, prepared_workbook
from indicators.sources.table_file import FORMULA_STARTS, Sheet, csv_text, harmless, is_formula_like, workbook

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"table_file.py", "prepared_sheet.py"}
EVIL = ["=1+1", "+46", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://x")', "=cmd|'/C calc'!A0"]


def parts(body: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def quoted_styles(files: dict[str, str]) -> set[int]:
    """Numbers of the cell formats that mark their text as text."""
    formats = re.search(r"<cellXfs.*?</cellXfs>", files["xl/styles.xml"], re.DOTALL)
    assert formats
    found = re.findall(r"<xf [^>]*>", formats[0])
    return {number for number, style in enumerate(found) if 'quotePrefix="1"' in style}


def test_every_file_of_a_table_is_written_in_one_place() -> None:
    """Whoever exports calls `table_file` or `prepared_sheet`; nobody else knows how such a file is made."""
    code = [path for app in ("indicators", "scorecard", "surveys") for path in (ROOT / app).rglob("*.py")]
    makes = re.compile(r"csv\.(writer|DictWriter)|xlsxwriter|write_formula|openpyxl|\.to_(csv|excel)\(")
    elsewhere = [
        f"{path.relative_to(ROOT)}"
        for path in code
        if path.name not in WRITERS and makes.search(path.read_text("utf-8"))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("text", EVIL)
def test_a_formula_is_marked_as_text(text: str) -> None:
    assert is_formula_like(text)
    for language, mark in (("sv", ";"), ("en", ",")):
        written = csv_text(Sheet("T", [text], [[text, -1.5]]), language)
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=mark):
            assert row[0] == f"'{text}"
    files = parts(workbook([Sheet("T", [text], [[text, -1.5]])]))
    sheet = files["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    styles = {int(number) for number in re.findall(r'<c r="A\d" s="(\d+)" t="s">', sheet)}
    assert styles
    assert styles <= quoted_styles(files)
    assert "<v>-1.5</v>" in sheet  # a number stays a number


def test_a_prepared_sheet_is_harmless_too() -> None:
    columns = [Column("=head", fill_in=True), Column("b", choices=["=1", "x"])]
    body = prepared_workbook(Prepared("=T", columns, [Line(["=1", "@x"])], "E", ["=e"]))
    files = parts(body)
    for name in ("sheet1.xml", "sheet2.xml"):
        assert "<f>" not in files[f"xl/worksheets/{name}"]
    assert load_workbook(io.BytesIO(body)).get_sheet_by_index(0).to_python() == [["=head", "b"], ["=1", "@x"]]
    assert len(quoted_styles(files)) >= 3


@given(st.text(max_size=20))
def test_harmless_never_begins_like_a_formula_and_loses_nothing(text: str) -> None:
    marked = harmless(text)
    assert not marked.startswith(FORMULA_STARTS)
    assert marked.removeprefix("'" if is_formula_like(text) else "") == text
