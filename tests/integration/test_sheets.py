"""Sheets: prepared, uploaded, looked at, stored all or nothing."""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from python_calamine import load_workbook

from indicators import operations
from indicators.compute.sheet_rows import HEADS, Kind
from indicators.models import Import, InputPeriod, Measurement, SheetUpload
from indicators.operations import SheetStateError
from indicators.periods import Kind as Frequency
from indicators.queries import sheets as queries
from indicators.read_models import sheets as read_model
from indicators.sources.prepared_sheet import prepared_workbook
from indicators.sources.sheet import SheetError
from indicators.sources.table_file import workbook
from tests.integration import sheet_world
from tests.integration.sheet_world import NOW, World

pytestmark = pytest.mark.django_db

HEAD = ["Indicator", "Period", "Breakdown", "Value", "Reason for no value", "Numerator", "Denominator", "Comment"]


@pytest.fixture
def world() -> World:
    return sheet_world.build()


@pytest.fixture
def open_now(world: World) -> World:
    """Pages ask what the time is."""
    InputPeriod.objects.update(opens_at=datetime(2020, 1, 1, tzinfo=UTC), closes_at=datetime(2100, 1, 1, tzinfo=UTC))
    return world


def xlsx(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for line, row in enumerate([head, *rows]):
            page.write_row(line, 0, row)
    return out.getvalue()


def receive(world: World, content: bytes, who: str = "reporter", name: str = "mine.xlsx") -> SheetUpload:
    return operations.receive_sheet(filename=name, content=content, **world.who(who))


def commit(world: World, kept: SheetUpload, who: str = "reporter", **more: Any) -> operations.Committed:
    how = {"digest": kept.digest, "leave_out": False} | more
    return operations.commit_sheet(upload_id=kept.pk, **how, **world.who(who))


def everything() -> dict[str, int]:
    return {"measurements": Measurement.objects.count(), "deliveries": Import.objects.count()}


GOOD = [
    ["share", 2025, "", "", "", 412, 500, "Ny enkät"],
    ["both", "2025", "women", 54.5],
    ["days", "2025", "", "12,5"],
]


class TestReceive:
    def test_nothing_is_stored_but_the_file(self, world: World) -> None:
        before = everything()
        kept = receive(world, xlsx(*GOOD, ["days", "2025", "", 1]), name="C:\\x\\värden\x07.xlsx")
        assert kept.filename == "värden.xlsx"
        assert kept.summary == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 1, "doubtful": 0, "empty": 0}
        assert everything() == before

    def test_a_file_that_cannot_be_read_is_not_kept(self, world: World) -> None:
        for content in (b"PK\x03\x04 broken", b"no header;here\n1;2\n"):
            with pytest.raises(SheetError):
                receive(world, content)
        assert not SheetUpload.objects.exists()

    def test_queries_do_not_grow_with_the_rows(self, world: World) -> None:
        counts = []
        who = world.who("reporter")
        for rows in (GOOD[:1], [*GOOD, *(["nothing", str(year), "", 1] for year in range(1950, 2020))]):
            with CaptureQueriesContext(connection) as seen:
                operations.receive_sheet(filename="mine.xlsx", content=xlsx(*rows), **who)
            counts.append(len(seen))
        assert counts == [7, 7]

    def test_other_departments_drafts_are_not_shown(self, world: World) -> None:
        world.save(61, who="stranger", cell=world.cell("other"))
        looked = queries.look(xlsx(["other", "2025", "", 7]), world.person("reporter"), NOW)
        (row,) = looked.preview.rows
        assert row.kind is Kind.REJECTED
        assert row.before is None


class TestCommit:
    def test_drafts_with_their_delivery(self, world: World) -> None:
        kept = receive(world, xlsx(*GOOD))
        assert commit(world, kept).stored == 3
        kept.refresh_from_db()
        assert kept.state == SheetUpload.State.COMMITTED
        delivery = kept.delivery
        assert delivery is not None
        assert (delivery.source, delivery.origin) == ("department", "mine.xlsx")
        assert (delivery.received, delivery.added, delivery.revised, delivery.rejected) == (3, 3, 0, 0)
        stored = Measurement.objects.get(indicator_id=world.ids["share"], period="2025")
        assert (stored.state, float(stored.value or 0), stored.comment) == ("draft", 82.4, "Ny enkät")
        assert stored.delivery_id == delivery.pk
        assert stored.entered_by == world.users["reporter"]

    def test_what_the_preview_doubts_is_what_the_draft_keeps(self, world: World) -> None:
        kept = receive(world, xlsx(["share", "2025", "", 12]))
        assert kept.summary["doubtful"] == 1
        looked = queries.look(bytes(kept.content), world.person("reporter"), NOW)
        commit(world, kept)
        stored = Measurement.objects.get(indicator_id=world.ids["share"], period="2025")
        assert stored.checks == [finding.stored() for finding in looked.preview.rows[0].findings]

    def test_all_or_nothing(self, world: World) -> None:
        kept = receive(world, xlsx(*GOOD, ["days", "2024", "", "many"]))
        before = everything()
        assert commit(world, kept).rejected == 1
        assert everything() == before
        assert commit(world, kept, leave_out=True).stored == 3
        kept.refresh_from_db()
        assert kept.delivery is not None
        assert kept.delivery.rejected == 1

    def test_only_once(self, world: World) -> None:
        kept = receive(world, xlsx(*GOOD))
        commit(world, kept)
        with pytest.raises(SheetStateError):
            commit(world, kept)

    def test_what_changed_since_is_shown_first(self, world: World) -> None:
        kept = receive(world, xlsx(*GOOD))
        world.save(55, who="second", cell=world.cell("days"))
        before = everything()
        assert commit(world, kept).changed
        assert everything() == before
        looked = queries.look(bytes(kept.content), world.person("reporter"), NOW)
        assert [row.kind for row in looked.preview.rows] == [Kind.NEW, Kind.NEW, Kind.CHANGED]
        assert commit(world, kept, digest=looked.preview.digest).stored == 3
        assert world.revisions(world.cell("days")) == [("draft", 55), ("draft", 12.5)]

    def test_changed_and_unchanged(self, world: World) -> None:
        world.save(12.5, cell=world.cell("days"), comment="Egen mätning", evidence_link="https://example.org/a")
        kept = receive(world, xlsx(["days", "2025", "", 12.5], ["share", "2024", "", 82]))
        assert (kept.summary["unchanged"], kept.summary["changed"]) == (1, 1)
        assert commit(world, kept).stored == 1
        assert world.revisions(world.cell("share", "2024")) == [("approved", 83), ("draft", 82)]

    def test_evidence_stays_with_a_changed_value(self, world: World) -> None:
        world.save(12.5, cell=world.cell("days"), comment="Egen mätning", evidence_link="https://example.org/a")
        commit(world, receive(world, xlsx(["days", "2025", "", 13])))
        newest = Measurement.objects.filter(indicator_id=world.ids["days"]).latest("revision")
        assert (newest.evidence_link, newest.comment) == ("https://example.org/a", "Egen mätning")

    def test_nothing_to_store(self, world: World) -> None:
        world.save(12.5, cell=world.cell("days"))
        kept = receive(world, xlsx(["days", "2025", "", 12.5]))
        before = everything()
        assert commit(world, kept).stored == 0
        assert everything() == before

    def test_a_discarded_sheet_is_not_stored(self, world: World) -> None:
        kept = receive(world, xlsx(*GOOD))
        assert operations.discard_sheet(upload_id=kept.pk, by=world.users["reporter"])
        assert not operations.discard_sheet(upload_id=kept.pk, by=world.users["reporter"])
        with pytest.raises(SheetStateError):
            commit(world, kept)


class TestPrepared:
    @pytest.mark.parametrize("language", ["sv", "en"])
    def test_there_and_back(self, world: World, language: str) -> None:
        """Uploaded as it was downloaded it changes nothing; filled in, it says what was filled in."""
        world.save(12.5, cell=world.cell("days"), comment="=1+1")
        with override(language):
            cells = queries.prepared_cells(world.departments["school"], Frequency.YEAR, NOW)
            body = prepared_workbook(read_model.prepared(cells, "Skolförvaltningen"))
            looked = queries.look(body, world.person("reporter"), NOW)
        assert looked.head.language == language
        assert {row.kind for row in looked.preview.rows} == {Kind.UNCHANGED}
        assert len(looked.preview.rows) == 2  # days 2025 and share 2024
        keys = [(cell.code, cell.period, cell.breakdown) for cell in cells]
        assert ("both", "2025", "K") in keys
        assert not any(code in ("other", "fetched", "month") for code, _period, _sex in keys)

    def test_locked_but_for_what_is_filled_in(self, world: World) -> None:
        cells = queries.prepared_cells(world.departments["school"], Frequency.YEAR, NOW)
        with override("sv"):
            body = prepared_workbook(read_model.prepared(cells, "Skolförvaltningen"))
        book = load_workbook(io.BytesIO(body))
        assert book.sheet_names == ["Mätvärden", "Så fyller du i"]
        rows = book.get_sheet_by_index(0).to_python()
        assert [HEADS["sv"][role] for role in read_model.PREPARED_ROLES] == rows[0]
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
            assert "xl/comments1.xml" in archive.namelist()
        assert "<sheetProtection" in sheet
        assert 'type="list"' in sheet
        assert "sekretess" in sheet
        assert re.search(r'<col min="1" max="1"[^>]* hidden="1"', sheet)

    def test_what_was_sent_back_is_offered_after_closing(self, world: World) -> None:
        cell = world.cell("days")
        world.save(12.5, cell=cell)
        operations.submit(cells=[cell], **world.who("reporter"))
        operations.send_back(cells=[cell], note="?", **world.who("approver"))
        InputPeriod.objects.update(closes_at=datetime(2026, 1, 2, tzinfo=UTC))
        cells = queries.prepared_cells(world.departments["school"], Frequency.YEAR, NOW)
        assert [(c.code, c.period) for c in cells] == [("days", "2025")]


class TestErrorFile:
    def test_can_be_mended_and_uploaded(self, world: World) -> None:
        content = xlsx(["days", "2025", "", "many", "", "", "", '=HYPERLINK("x")'], *GOOD[:2])
        with override("en"):
            looked = queries.look(content, world.person("reporter"), NOW)
            named: dict[str, Any] = {}
            sheet = read_model.error_sheet(looked.table.rows, looked.preview, looked.head, named, [])
            body = workbook([sheet])
            again = queries.look(body, world.person("reporter"), NOW)
        rows = load_workbook(io.BytesIO(body)).get_sheet_by_index(0).to_python()
        assert len(rows) == 2
        assert rows[1][-2] == 2
        assert "D2:" in str(rows[1][-1])
        assert rows[1][7] == '=HYPERLINK("x")'  # as it was, and marked as text
        assert [row.kind for row in again.preview.rows] == [Kind.REJECTED]


class TestPages:
    def post(self, client: Client, content: bytes, name: str = "mine.xlsx") -> Any:
        return client.post("/en/sheets/", {"file": SimpleUploadedFile(name, content)})

    def test_a_sheet_without_news_says_so(self, client: Client, open_now: World) -> None:
        open_now.save(12.5, cell=open_now.cell("days"))
        client.force_login(open_now.users["reporter"])
        answer = self.post(client, xlsx(["days", "2025", "", 12.5]))
        page = client.get(answer.headers["Location"]).content.decode()
        assert "Everything in the sheet stands here already, so there is nothing to store." in page
        assert "Unchanged (1)" in page
        assert "Rejected (0)" not in page
        assert "1 unchanged<" in re.sub(r"\s+", " ", client.get("/en/sheets/").content.decode())

    def test_from_upload_to_drafts(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        page = client.get("/en/sheets/").content.decode()
        assert "/en/sheets/prepared/school/?kind=year" in page
        answer = self.post(client, xlsx(*GOOD, ["days", "2024", "", "many"]))
        kept = SheetUpload.objects.get()
        assert answer.headers["Location"] == f"/en/sheets/{kept.pk}/"
        page = client.get(answer.headers["Location"]).content.decode()
        assert "Rows: 3 new and 1 rejected. Nothing has been stored yet." in page
        assert "<b>D5</b> “many” is no number." in page
        assert "Leave the rejected rows out and store 3 values as drafts" in page
        digest = re.search(r'name="digest" value="(\w+)"', page)
        assert digest
        refused = client.post(f"/en/sheets/{kept.pk}/commit/", {"digest": digest[1]}, follow=True).content.decode()
        assert "Rows were rejected, so nothing was stored" in refused
        done = client.post(
            f"/en/sheets/{kept.pk}/commit/", {"digest": digest[1], "leave_out": "1"}, follow=True
        ).content.decode()
        assert "3 values are stored as drafts." in done
        assert "Go to My measurements and submit" in done
        assert Measurement.objects.filter(delivery__isnull=False).count() == 3

    def test_a_new_preview_where_values_changed(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        self.post(client, xlsx(*GOOD))
        kept = SheetUpload.objects.get()
        page = client.post(f"/en/sheets/{kept.pk}/commit/", {"digest": "old"}, follow=True).content.decode()
        assert "Values have changed since you looked" in page
        assert "Store 3 values as drafts" in page

    def test_kinds_and_pages(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        self.post(client, xlsx(*GOOD, *(["nothing", "2025", "", 1] for _ in range(250))))
        address = f"/en/sheets/{SheetUpload.objects.get().pk}/"
        assert client.get(address).content.decode().count("<tr role") == 201
        second = client.get(f"{address}?kind=rejected&page=2").content.decode()
        assert second.count("<tr role") == 51
        assert "Page 2 of 2" in second
        assert client.get(f"{address}?kind=moon").status_code == 404
        assert "No rows of this kind" in client.get(f"{address}?kind=changed").content.decode()

    def test_a_file_that_cannot_be_read(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        answer = self.post(client, b"%PDF-1.7 ...")
        assert answer.status_code == 422
        assert "The file is a PDF." in answer.content.decode()
        assert "Choose a file first." in client.post("/en/sheets/").content.decode()

    def test_somebody_elses_sheet_is_not_there(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        self.post(client, xlsx(*GOOD))
        kept = SheetUpload.objects.get()
        client.force_login(open_now.users["second"])
        for method, address in (("get", ""), ("get", "rejected.xlsx"), ("post", "commit/"), ("post", "discard/")):
            assert getattr(client, method)(f"/en/sheets/{kept.pk}/{address}").status_code == 404
        client.force_login(open_now.users["strategist"])
        assert client.get(f"/en/sheets/{kept.pk}/").status_code == 200

    def test_downloads(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        answer = client.get("/sheets/prepared/school/?kind=year")
        assert answer["Content-Disposition"] == 'attachment; filename="school-year-sv.xlsx"'
        assert client.get("/en/sheets/prepared/care/?kind=year").status_code == 404
        assert client.get("/en/sheets/prepared/school/?kind=moon").status_code == 404
        nothing = client.get("/en/sheets/prepared/school/?kind=tertial", follow=True).content.decode()
        assert "No period is open for these indicators" in nothing
        self.post(client, xlsx(["days", "2024", "", "many"]))
        rejected = client.get(f"/en/sheets/{SheetUpload.objects.get().pk}/rejected.xlsx")
        assert "rejected-" in rejected["Content-Disposition"]
        assert len(load_workbook(io.BytesIO(rejected.content)).get_sheet_by_index(0).to_python()) == 2

    def test_who_may(self, client: Client, open_now: World) -> None:
        assert client.get("/en/sheets/").status_code == 302
        client.force_login(open_now.users["council"])
        assert client.get("/en/sheets/").status_code == 403

    def test_nothing_of_ones_own(self, client: Client, world: World) -> None:
        client.force_login(world.users["stranger"])
        page = client.get("/en/sheets/").content.decode()
        assert "No period is open for your indicators now" in page
        assert "You have uploaded no sheet yet." in page

    def test_a_csv_of_ones_own(self, client: Client, open_now: World) -> None:
        client.force_login(open_now.users["reporter"])
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows([["Nyckeltal", "Period", "Värde"], ["days", "2025", "1 234,5"]])
        page = self.post(client, out.getvalue().encode("cp1252"), "egen.csv")
        assert "1 new" in client.get(page.headers["Location"]).content.decode()


class TestMany:
    def test_many_rows_store_in_as_many_queries_as_few(self, world: World) -> None:
        months = [f"{year}M{month:02d}" for year in range(2000, 2025) for month in range(1, 13)]
        InputPeriod.objects.filter(period__in=months).delete()
        sheet_world.open_periods(*months)
        kept = receive(world, xlsx(*(["month", month, "", 50] for month in months)))
        assert kept.summary["new"] == 300
        with CaptureQueriesContext(connection) as seen:
            assert commit(world, kept).stored == 300
        assert len(seen) < 30
