"""Uploaded files read without trusting them: every kind of damage ends in a message, nothing is guessed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pytest
import xlsxwriter
from django.utils import translation

from indicators.sources.sheet import Limits, SheetError, Table, column_letters, column_number, read_sheet

LIMITS = Limits(bytes=1_000_000, unpacked=20_000_000, ratio=200, rows=1000, columns=50, cells=20_000)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def read(content: bytes, limits: Limits = LIMITS) -> Table:
    return read_sheet(content, limits, lambda row: "Value" in row)


def refusal(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(SheetError) as caught:
        read(content, limits)
    return str(caught.value)


def xlsx(*sheets: list[list[object]], **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        for rows in sheets:
            page = book.add_worksheet()
            for line, row in enumerate(rows):
                page.write_row(line, 0, row)
    return out.getvalue()


def changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with a text of one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.infolist():
            body = before.read(member)
            if member.filename == name:
                assert old in body
                body = body.replace(old, new)
            after.writestr(member.filename, body)
    return out.getvalue()


SHEET1 = "xl/worksheets/sheet1.xml"
SMALL = [["Indicator", "Period", "Value"], ["fsk05", "2024", 12.5]]


class TestColumns:
    @pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
    def test_letters(self, number: int, letters: str) -> None:
        assert column_letters(number) == letters
        assert column_number(letters) == number


class TestWorkbook:
    def test_rows_as_they_stand(self) -> None:
        table = read(xlsx([[], [], *SMALL]))
        assert table.kind == "xlsx"
        assert table.rows[2:] == SMALL
        assert table.rows[0] == ["", "", ""]

    def test_the_sheet_with_the_header_is_read(self) -> None:
        assert read(xlsx([["Read me"]], SMALL)).rows == SMALL

    def test_formulas_give_the_stored_value_and_are_never_evaluated(self) -> None:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, ["Value", "b"])
            page.write_formula("A2", "=1+1", value=54)
            page.write_formula("A3", "=1+1", value="")
        table = read(out.getvalue())
        assert table.rows[1][0] == 54

    def test_formulas_without_a_value_are_named(self) -> None:
        written = xlsx([["Value"], [7]])
        bare = changed(written, SHEET1, b'<c r="A2"><v>7</v></c>', b'<c r="A2"><f>1+1</f></c>')
        assert read(bare).empty_formulas == {"A2"}

    def test_pictures_and_programs_are_not_unpacked(self) -> None:
        out = io.BytesIO(xlsx(SMALL))
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"x" * 100)
        assert read(out.getvalue()).rows == SMALL

    def test_hidden_sheets_are_passed_over(self) -> None:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            hidden = book.add_worksheet()
            hidden.write_row(0, 0, ["Value", "hidden"])
            shown = book.add_worksheet()
            shown.write_row(0, 0, ["Value", "shown"])
            shown.activate()
            hidden.hide()
        assert read(out.getvalue()).rows == [["Value", "shown"]]


class TestDamage:
    def test_cut_off(self) -> None:
        whole = xlsx(SMALL)
        for length in (5, 100, len(whole) // 2, len(whole) - 10):
            assert "save it anew" in refusal(whole[:length])

    def test_a_part_that_is_no_xml(self) -> None:
        broken = changed(xlsx(SMALL), SHEET1, b"<sheetData>", b"<sheetData><row><c><<")
        assert "not well formed" in refusal(broken)

    def test_another_packed_file(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("content.xml", "<x/>")
        assert "no Excel workbook" in refusal(out.getvalue())

    def test_entities_are_refused(self) -> None:
        start = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        bomb = changed(xlsx(SMALL), SHEET1, start, start + b'<!DOCTYPE a [<!ENTITY b "c">]>')
        assert "not written as Excel writes it" in refusal(bomb)

    @pytest.mark.parametrize(
        ("start", "word"),
        [
            (b"\xd0\xcf\x11\xe0 old", "old Excel file"), (b"%PDF-1.7", "PDF"), (b"{\\rtf1", "text document"),
            (b"\x89PNG\r\n", "image"), (b" <html><table>", "web page"),
        ],
    )  # fmt: skip
    def test_other_kinds_of_files(self, start: bytes, word: str) -> None:
        told = refusal(start + b"x" * 100)
        assert word in told
        assert ".xlsx" in told

    def test_empty(self) -> None:
        assert "empty" in refusal(b"")

    def test_too_many_bytes(self) -> None:
        assert "larger than 1 MB" in refusal(b"x" * 1_000_001)


class TestBombs:
    def test_refused_by_its_directory(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b" " * 21_000_000)
        assert len(out.getvalue()) < 100_000
        assert "unpacks to more than 20 MB" in refusal(out.getvalue())

    def test_one_long_text_in_many_cells_is_refused(self) -> None:
        """30 kB stand in the file once; the 900 cells that hold them would be 27 MB."""
        repeated = xlsx([*SMALL, *([["x" * 30_000]] * 900)])
        assert len(repeated) < 20_000
        assert "unpacks to more than 20 MB" in refusal(repeated)

    def test_long_and_short_texts_together_are_read(self) -> None:
        comments = [["x" * 30_000]] * 300 + [["short"]] * 600
        assert len(read(xlsx([*SMALL, *comments])).rows) == 902

    def test_a_nul_written_as_excel_escapes_it_is_refused(self) -> None:
        name = "xl/sharedStrings.xml"
        assert "not written as Excel writes it" in refusal(changed(xlsx(SMALL), name, b"fsk05", b"fsk_x0000_05"))

    def test_refused_by_its_ratio(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b" " * 5_000_000)
        assert "packed unusually tightly" in refusal(out.getvalue())

    def test_a_directory_that_lies_does_not_help(self) -> None:
        """The directory says 500 bytes, the stream holds 30 MB: reading stops there."""
        body = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = body.compress(b" " * 30_000_000) + body.flush()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"x" * 500)
        whole = bytearray(out.getvalue())
        end = whole.rfind(b"PK\x05\x06")
        central = whole.find(b"PK\x01\x02")
        old = struct.unpack_from("<I", whole, 18)[0]
        name = 30 + len("xl/workbook.xml")
        forged = whole[:name] + packed + whole[name + old : end] + whole[end:]
        shift = len(packed) - old
        struct.pack_into("<I", forged, 18, len(packed))
        struct.pack_into("<I", forged, central + shift + 20, len(packed))
        struct.pack_into("<I", forged, end + shift + 16, central + shift)
        told = refusal(bytes(forged))
        assert "damaged" in told or "tightly" in told

    @pytest.mark.parametrize(
        "cell",
        [
            b'<c r="XFD1048576"><v>1</v></c>', b"<c r='XFD9'><v>1</v></c>", b'<c  r="A999999"><v>1</v></c>',
            b'<c r="xfd9"><v>1</v></c>', b'<x:c xmlns:x="y" r="XFD9"><v>1</v></x:c>', b'<c r="&#88;FD9"><v>1</v></c>',
            b"<c><v>1</v></c>" * 60, b'<c r="A1001"><v>1</v></c>', b'<c r="AZ1"><v>1</v></c>',
        ],
    )  # fmt: skip
    def test_a_cell_far_away_is_refused_before_the_area_is_made(self, cell: bytes) -> None:
        far = changed(xlsx(SMALL), SHEET1, b'<c r="C2"', cell + b'<c r="C2"')
        told = refusal(far)
        assert "outside what a sheet may hold" in told or "has the address" in told

    def test_rows_without_numbers_count_too(self) -> None:
        many = changed(xlsx(SMALL), SHEET1, b"<sheetData>", b"<sheetData>" + b"<row><c><v>1</v></c></row>" * 1001)
        assert "outside what a sheet may hold" in refusal(many)

    def test_the_area_counts_even_if_it_is_empty(self) -> None:
        far = changed(xlsx(SMALL), SHEET1, b'<c r="C2"', b'<c r="AA900"><v>1</v></c><c r="C2"')
        assert "AA900" in refusal(far)

    def test_what_is_within_limits_may_be_written_unusually(self) -> None:
        odd = changed(xlsx(SMALL), SHEET1, b'<c r="C2"', b"<c  r='C2'")
        assert read(odd).rows[1][2] == 12.5


class TestCsv:
    LINES = "Indicator;Period;Value\r\nfsk05;2024;12,5\r\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    def test_encodings(self, encoding: str) -> None:
        rows = read("Indicator;Value;Kön\nåäö;1;–\n".encode(encoding)).rows
        assert rows == [["Indicator", "Value", "Kön"], ["åäö", "1", "–"]]

    @pytest.mark.parametrize("mark", [";", ",", "\t"])
    def test_delimiters(self, mark: str) -> None:
        text = f'Indicator{mark}Value{mark}Comment\nfsk05{mark}1{mark}"a{mark}b"\n'
        assert read(text.encode()).rows[1] == ["fsk05", "1", f"a{mark}b"]

    def test_excel_may_say_the_delimiter(self) -> None:
        rows = read(b"sep=,\r\nIndicator,Value\r\na;b,1\r\n").rows
        assert rows == [[], ["Indicator", "Value"], ["a;b", "1"]]  # as Excel counts the rows

    def test_mixed_line_ends_and_quoted_ones(self) -> None:
        rows = read(b'Indicator;Value\r\na;1\nb;2\rc;"3\r\n4"\n').rows
        assert rows == [["Indicator", "Value"], ["a", "1"], ["b", "2"], ["c", "3\r\n4"]]

    def test_an_open_quotation_mark_is_named_by_its_line(self) -> None:
        assert "Line 3" in refusal(b'Indicator;Value\na;1\nb;"2')

    def test_too_many_columns_and_rows(self) -> None:
        assert "AY1" in refusal(b"Value" + b";" * 1_000_00 + b"\n")
        assert "1001" in refusal(b"Value\n" + b"1\n" * 1500)

    def test_bytes_that_are_no_text(self) -> None:
        assert "neither an Excel workbook nor text" in refusal(bytes(range(256)) * 4)

    def test_nothing_but_line_ends(self) -> None:
        assert "no cells" in refusal(b"\n\n;;\n")
