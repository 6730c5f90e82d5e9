"""Downloads of an indicator: the same figures as on the page, harmless in a spreadsheet."""

import csv
import io
import struct
import zipfile
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from indicators.models import Benchmark, Indicator
from indicators.sources import table_file
from indicators.sources.table_file import Sheet
from indicators.views import downloads
from tests.integration import indicator_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def built() -> None:
    world.build()


def rows_of(client: Client, address: str, delimiter: str = ",") -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def workbook_of(client: Client, address: str) -> CalamineWorkbook:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == downloads.XLSX
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content))


@pytest.mark.usefixtures("built")
class TestCsv:
    def test_english_form(self, client: Client) -> None:
        rows = {row["Period code"]: row for row in rows_of(client, "/en/indicator/passed/data.csv")}
        assert list(rows) == [str(year) for year in world.YEARS]
        newest = rows["2022"]
        assert newest["Value"] == "89.8"
        assert newest["Women"] == "91.8"
        assert newest["Target"] == "89.0"
        assert newest["Source"] == "Source: Kolada"
        stored = Benchmark.objects.get(indicator__code="passed", group__code="all", year=2022)
        assert float(newest["Median of the others"]) == stored.median
        assert newest["Place"] == str(stored.rank)
        assert newest["Others with a value"] == str(stored.others)

    def test_swedish_form(self, client: Client) -> None:
        answer = client.get("/indicator/passed/data.csv")
        text = answer.content.decode("utf-8-sig")
        assert ";89,8;" in text
        assert text.count("\r\n") == len(world.YEARS) + 1

    def test_missing_is_empty_with_its_reason_and_zero_is_zero(self, client: Client) -> None:
        rows = {row["Period code"]: row for row in rows_of(client, "/en/indicator/calls/data.csv")}
        assert rows["2022M11"]["Value"] == ""
        assert rows["2022M11"]["Missing because"] == "confidential"
        assert rows["2022M12"]["Value"] == "0.0"
        assert rows["2022M12"]["Missing because"] == ""
        assert rows["2022M12"]["Median of the others"] == ""
        gap = {row["Period code"]: row for row in rows_of(client, "/en/indicator/passed/data.csv")}["2018"]
        assert (gap["Value"], gap["Missing because"], gap["Place"]) == ("", "missing", "")

    def test_choices_are_kept(self, client: Client) -> None:
        peers = ",".join(world.SIMILAR)
        own = rows_of(client, f"/en/indicator/passed/data.csv?peers={peers}")
        similar = rows_of(client, "/en/indicator/passed/data.csv?group=similar")
        assert [row["Place"] for row in own] == [row["Place"] for row in similar]
        assert own[0]["Group"] == "Own choice of municipalities"

    def test_a_text_that_looks_like_a_formula_is_text(self, client: Client) -> None:
        Indicator.objects.filter(code="passed").update(name_en='=HYPERLINK("http://evil.test")', name_sv="+1")
        rows = rows_of(client, "/en/indicator/passed/data.csv")
        assert {row["Name"] for row in rows} == {'\'=HYPERLINK("http://evil.test")'}
        swedish = client.get("/indicator/passed/data.csv").content.decode("utf-8-sig")
        assert all(line.split(";")[1] == "'+1" for line in swedish.splitlines()[1:])


@pytest.mark.usefixtures("built")
class TestExcel:
    def test_sheets(self, client: Client) -> None:
        book = workbook_of(client, "/en/indicator/passed/data.xlsx")
        assert book.sheet_names == ["Series", "Municipalities", "Status", "About the indicator"]
        series = book.get_sheet_by_name("Series").to_python()
        assert len(series) == len(world.YEARS) + 1
        newest: dict[Any, Any] = dict(zip(series[0], series[-1], strict=True))
        assert newest["Value"] == 89.8
        towns = book.get_sheet_by_name("Municipalities").to_python()
        assert len(towns) == 1 + 40
        assert towns[1][0] == "9001", "codes are text"

    def test_status_can_be_worked_out_again(self, client: Client) -> None:
        sheet = workbook_of(client, "/en/indicator/passed/data.xlsx").get_sheet_by_name("Status").to_python()
        facts = {row[0]: row[1] for row in sheet}
        assert facts["Status"] == "Met"
        assert facts["Inequality"] == "89.8 ≥ 89"
        assert facts["numbers.value"] == 89.8
        assert facts["numbers.lower"] == 89
        assert facts["numbers.rule"] == "between"
        assert facts["value_period"] == "2022"

    def test_without_peers_there_is_no_sheet_of_municipalities(self, client: Client) -> None:
        book = workbook_of(client, "/en/indicator/calls/data.xlsx")
        assert "Municipalities" not in book.sheet_names

    def test_no_text_becomes_a_formula_or_a_link(self) -> None:
        texts = ["=1+1", "+1", "-1", "@SUM(A1)", "http://evil.test", "\tx"]
        body = table_file.workbook([Sheet("T", ["=header"], [[text] for text in texts])])
        read = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
        assert [row[0] for row in read[:5]] == ["=header", *texts[:4]]
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet


@pytest.mark.usefixtures("built")
class TestImage:
    def test_png(self, client: Client) -> None:
        answer = client.get("/en/indicator/passed/chart.png?group=similar&divided=1")
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", answer.content[16:24])
        assert width == downloads.IMAGE_WIDTH
        assert height > width // 4

    def test_nothing_to_draw(self, client: Client) -> None:
        answer = client.get("/en/indicator/silent/chart.png")
        assert answer.status_code == 404
        assert "There is no value to draw yet." in answer.content.decode()


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", ["data.csv", "data.xlsx", "chart.png"])
class TestAll:
    def test_are_attachments_named_by_the_indicator(self, client: Client, name: str) -> None:
        answer = client.get(f"/indicator/passed/{name}")
        assert answer["Content-Disposition"] == f'attachment; filename="passed.{name.rpartition(".")[2]}"'

    def test_unknown_choices_give_404(self, client: Client, name: str) -> None:
        for address in (f"/indicator/nothing/{name}", f"/indicator/passed/{name}?group=moon"):
            assert client.get(address).status_code == 404


def test_harmless() -> None:
    assert [table_file.harmless(text) for text in ("=1", "+1", "-1", "@x", "\t=1", "\r=1")] == [
        "'=1", "'+1", "'-1", "'@x", "'\t=1", "'\r=1",
    ]  # fmt: skip
    assert table_file.harmless("a=1") == "a=1"
    assert table_file.harmless("") == ""


def test_numbers_are_never_prefixed_nor_in_powers_of_ten() -> None:
    sheet = Sheet("T", ["n"], [[-1.5], [0], [0.00000012], [123456789012.0]])
    lines = {language: table_file.csv_text(sheet, language).split("\r\n")[1:5] for language in ("en", "sv")}
    assert lines["en"] == ["-1.5", "0", "0.00000012", "123456789012.0"]
    assert lines["sv"] == ["-1,5", "0", "0,00000012", "123456789012,0"]
