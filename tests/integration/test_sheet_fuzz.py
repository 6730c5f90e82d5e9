"""Whatever is uploaded ends in a preview or a clear message, and changes nothing."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indicators.models import InputPeriod
from tests.integration import sheet_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVERYWHERE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
HEAD = ["Nyckeltal", "Period", "Kön", "Värde", "Kommentar"]
UNTOUCHED = {"SheetUpload", "Session"}
Upload = Callable[[bytes], str]


def xlsx(*rows: list[Any]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "nan_inf_to_errors": True}) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(line, column, cell)
                else:
                    page.write_number(line, column, cell)
    return out.getvalue()


GOOD = xlsx(HEAD, ["share", "2025", "", 54, ""], ["days", "2025", "", 12, ""])


def counts() -> tuple[int, ...]:
    """How many rows there are of everything that an upload has no business with (1 query)."""
    tables = [model._meta.db_table for model in apps.get_models() if model.__name__ not in UNTOUCHED]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.fixture(params=["/en/sheets/", "/en/definition-sheets/"])
def upload(request: pytest.FixtureRequest, client: Client, db: None) -> Upload:
    """Uploads a file on a page; gives the message, or "" where there is a preview. Nothing else has changed."""
    world = sheet_world.build()
    InputPeriod.objects.update(opens_at=datetime(2020, 1, 1, tzinfo=UTC), closes_at=datetime(2100, 1, 1, tzinfo=UTC))
    client.force_login(world.users["strategist"])
    before = counts()

    def send(content: bytes) -> str:
        answer = client.post(request.param, {"file": SimpleUploadedFile("sheet.xlsx", content)})
        assert counts() == before
        if answer.status_code == 302:
            page = client.get(answer.headers["Location"])
            assert page.status_code == 200
            assert counts() == before
            return ""
        assert answer.status_code == 422
        page_text = answer.content.decode()
        assert "The file was not taken in. Nothing was stored." in page_text
        alert = page_text.partition('role="alert"')[2].partition("</div>")[0]
        message = alert.partition("</strong></p>")[2]
        assert len(message) > 30, message
        assert "Traceback" not in message
        return message

    return send


@EVERYWHERE
@given(content=st.binary(min_size=0, max_size=3000))
@example(content=b"")
@example(content=b"PK\x03\x04")
@example(content=b"\xff\xfe\x00")
@example(content=b"\xef\xbb\xbf")
def test_random_bytes(upload: Upload, content: bytes) -> None:
    assert upload(content)


@EVERYWHERE
@given(data=st.data())
def test_workbooks_with_broken_bytes(upload: Upload, data: st.DataObject) -> None:
    broken = bytearray(GOOD)
    for place in data.draw(st.lists(st.integers(0, len(GOOD) - 1), min_size=1, max_size=20)):
        broken[place] = data.draw(st.integers(0, 255))
    upload(bytes(broken))


@EVERYWHERE
@given(length=st.integers(0, len(GOOD) - 1))
def test_workbooks_cut_off(upload: Upload, length: int) -> None:
    assert upload(GOOD[:length])


@EVERYWHERE
@given(
    part=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]),
    noise=st.text(alphabet='<>/"= crowvtsifXFD019&;!-[]', max_size=60),
    place=st.floats(0, 1),
)
def test_workbooks_with_broken_parts(upload: Upload, part: str, noise: str, place: float) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as good, zipfile.ZipFile(out, "w") as broken:
        for name in good.namelist():
            body = good.read(name)
            if name == part:
                middle = int(place * len(body))
                body = body[:middle] + noise.encode() + body[middle:]
            broken.writestr(name, body)
    upload(out.getvalue())


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["=1+1", "+46", "@SUM(A1)", "😀", "\ufeff", "–", "..", "1.234", "share", "2025", "\t", "\r\n", "'", '"', "_x0000_"]
)


@EVERYWHERE
@given(
    rows=st.lists(st.lists(TEXTS, max_size=6), max_size=5),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=6),
    mark=st.sampled_from([";", ",", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]),
)
def test_csv_of_all_kinds(upload: Upload, rows: list[list[str]], ends: list[str], mark: str, encoding: str) -> None:
    lines = [HEAD, ["share", "2025", "", "54", ""], *rows]
    text = "".join(mark.join(row) + ends[n % len(ends)] for n, row in enumerate(lines))
    upload(text.encode(encoding, errors="replace"))


@EVERYWHERE
@given(rows=st.lists(st.lists(TEXTS | st.floats(allow_nan=False, allow_infinity=False), max_size=6), max_size=5))
@example(rows=[["", "", "", 1e28], ["share", "2025", "K", 1e300]])
def test_workbooks_with_odd_cells(upload: Upload, rows: list[list[Any]]) -> None:
    upload(xlsx(HEAD, ["share", "2025", "", 54, ""], *rows))


@pytest.mark.parametrize("mark", [b";", b",", b"\t"])
def test_a_million_columns(upload: Upload, mark: bytes) -> None:
    assert "outside what a sheet may hold" in upload(b"Indicator" + mark * 1_000_000 + b"\n")


def test_a_cell_in_the_last_corner(upload: Upload) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        page.write(1_048_575, 16_383, 1)
    assert "XFD1048576" in upload(out.getvalue())


def test_a_zip_bomb(upload: Upload) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" * 90_000_000)
    assert len(out.getvalue()) < 1_500_000
    assert "unpacks to more than 200 MB" in upload(out.getvalue())


def test_too_large_a_file(upload: Upload) -> None:
    assert "larger than 5 MB" in upload(b"a;b\n" * 1_300_000)
