"""Definitions down as a sheet, edited, up again: every difference shown, stored all or nothing."""

import io
import re
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override
from python_calamine import load_workbook

from indicators.forms.definition_sheets import heads, judge, prepared_definitions
from indicators.models import DefinitionNote, Indicator, SeriesBreak, SheetUpload
from indicators.operations import DefinitionRowError, keep_definition_sheet, store_definition_sheet
from indicators.sources.prepared_sheet import prepared_workbook
from indicators.sources.sheet import SheetError
from tests.integration import sheet_world
from tests.integration.sheet_world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return sheet_world.build()


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with override("en"):
        yield


def downloaded() -> list[list[Any]]:
    return load_workbook(io.BytesIO(prepared_workbook(prepared_definitions()))).get_sheet_by_index(0).to_python()


def edited(*changes: tuple[str, str, Any], rows: list[list[Any]] | None = None) -> bytes:
    """The downloaded sheet with some cells changed: (code, field, new content)."""
    rows = rows or downloaded()
    places = {title: place for place, title in enumerate(rows[0])}
    for code, field, content in changes:
        row = next(row for row in rows if row[0] == code)
        row[places[heads()[field]]] = content
    return written(rows)


def written(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return out.getvalue()


def added(**fields: Any) -> bytes:
    rows = downloaded()
    new = {
        "code": "fresh", "new": "yes", "name_sv": "Nytt mått", "purpose_sv": "Syfte", "definition_sv": "Vad",
        "calculation_sv": "Hur", "owner_sv": "Chefen", "area": "all", "unit": "percent", "decimals": 1,
        "direction": "Higher values are better", "measures": "Effect", "frequency": "every year", "due_days": 60,
        "source": "Department", "aggregation": "The last one counts", "department": "care",
    } | fields  # fmt: skip
    by_title = {heads()[field]: content for field, content in new.items()}
    return written([*rows, [by_title.get(title, "") for title in rows[0]]])


def store(world: World, content: bytes) -> int:
    judged = judge(content)
    kept = keep_definition_sheet(
        filename="d.xlsx", content=content, summary=judged.counts, digest=judged.digest, by=world.users["strategist"]
    )
    return store_definition_sheet(upload_id=kept.pk, changes=judged.changes, by=world.users["strategist"])


def only(content: bytes) -> Any:
    (row,) = [row for row in judge(content).rows if row.kind != "unchanged"]
    return row


@pytest.mark.usefixtures("world")
class TestJudged:
    @pytest.mark.parametrize("language", ["sv", "en"])
    def test_uploaded_as_downloaded_nothing_changes(self, language: str) -> None:
        with override(language):
            body = prepared_workbook(prepared_definitions())
        with override("en"):  # in whichever language it is read
            judged = judge(body)
        assert judged.counts == {"new": 0, "changed": 0, "unchanged": 6, "rejected": 0}

    def test_every_field_that_changes_is_told(self) -> None:
        row = only(edited(("days", "name_sv", "Väntetid"), ("days", "decimals", 0), ("days", "four_eyes", "no")))
        assert row.kind == "changed"
        told = [(item.label, item.old, item.new) for item in row.differences]
        assert told == [
            ("Name (in Swedish)", "Mått days", "Väntetid"),
            ("Decimals", "1", "0"),
            ("Approved by somebody else", "yes", "no"),
        ]

    @pytest.mark.parametrize(
        ("field", "content", "told"),
        [
            ("decimals", "many", "is no number"), ("decimals", 11, "less than or equal to 8"),
            ("name_sv", "", "required"), ("department", "nowhere", "not among the choices"),
            ("source", "rumour", "not among the choices"), ("code", "unknown", "choose yes under New indicator"),
            ("kolada_id", "", "Write Kolada's identity"), ("version", "old", "Somebody has changed this indicator"),
        ],
    )  # fmt: skip
    def test_rejected(self, field: str, content: Any, told: str) -> None:
        code = "fetched" if field == "kolada_id" else "days"
        row = only(edited((code, field, content)))
        assert row.kind == "rejected"
        address, text = row.problems[0]
        assert told in text
        assert re.fullmatch(r"[A-Z]+\d+", address)

    def test_a_new_method_asks_whether_the_series_holds(self) -> None:
        change = ("days", "definition_sv", "Något annat")
        assert "still be compared" in only(edited(change)).problems[0][1]
        answered = ("days", "answer", "Changed; a break in the series")
        assert "Write why" in only(edited(change, answered)).problems[0][1]
        assert "first period" in only(edited(change, answered, ("days", "reason", "Ny lag"))).problems[0][1]

    def test_a_code_twice(self) -> None:
        rows = downloaded()
        judged = judge(written([*rows, rows[1]]))
        assert judged.rows[-1].kind == "rejected"

    def test_without_a_header(self) -> None:
        with pytest.raises(SheetError, match="No header was found"):
            judge(b"a;b\n1;2\n")


class TestStored:
    def test_a_change_with_its_break(self, world: World) -> None:
        stored = store(
            world,
            edited(
                ("days", "definition_sv", "Något annat"), ("days", "answer", "Changed; a break in the series"),
                ("days", "reason", "Ny lag"), ("days", "period", "2025"), ("both", "maximum", 90.5),
            ),
        )  # fmt: skip
        assert stored == 2
        assert Indicator.objects.get(code="days").definition_sv == "Något annat"
        assert float(Indicator.objects.get(code="both").maximum or 0) == 90.5
        assert SeriesBreak.objects.get().reason_sv == "Ny lag"
        assert DefinitionNote.objects.get().act == "break"

    def test_a_new_one(self, world: World) -> None:
        assert store(world, added()) == 1
        fresh = Indicator.objects.get(code="fresh")
        assert (fresh.name_sv, fresh.department.code, fresh.source) == ("Nytt mått", "care", "department")

    def test_all_or_nothing(self, world: World) -> None:
        twin = edited(
            ("days", "name_sv", "Väntetid"), ("other", "source", "Kolada"), ("other", "kolada_id", "N90001"),
            ("other", "answer", "Changed; still comparable"), ("other", "reason", "Finns i Kolada"),
        )  # fmt: skip
        with pytest.raises(DefinitionRowError, match="is followed by") as caught:
            store(world, twin)
        assert caught.value.code == "other"
        assert Indicator.objects.get(code="days").name_sv == "Mått days"


class TestPages:
    def test_there_and_back(self, client: Client, world: World) -> None:
        client.force_login(world.users["strategist"])
        answer = client.get("/en/definitions/sheet.xlsx")
        assert answer["Content-Disposition"] == 'attachment; filename="definitions-en.xlsx"'
        file = SimpleUploadedFile("d.xlsx", edited(("days", "name_sv", "Väntetid")))
        sent = client.post("/en/definition-sheets/", {"file": file})
        page = client.get(sent.headers["Location"]).content.decode()
        assert "<del>Mått days</del>" in page
        digest = re.search(r'name="digest" value="(\w+)"', page)
        assert digest
        kept = SheetUpload.objects.get()
        done = client.post(
            f"/en/definition-sheets/{kept.pk}/commit/", {"digest": digest[1]}, follow=True
        ).content.decode()
        assert "1 definition is stored." in done
        assert Indicator.objects.get(code="days").name_sv == "Väntetid"
        assert client.get(f"/en/sheets/{kept.pk}/").status_code == 404
        again = client.post(f"/en/definition-sheets/{kept.pk}/commit/", {"digest": digest[1]}, follow=True)
        assert "nothing was stored" in again.content.decode()

    def test_bad_files_and_others(self, client: Client, world: World) -> None:
        client.force_login(world.users["strategist"])
        answer = client.post("/en/definition-sheets/", {"file": SimpleUploadedFile("d.pdf", b"%PDF-1.7")})
        assert answer.status_code == 422
        assert "The file is a PDF" in answer.content.decode()
        client.force_login(world.users["reporter"])
        for address in ("definition-sheets/", "definitions/sheet.xlsx"):
            assert client.get(f"/en/{address}").status_code == 403
