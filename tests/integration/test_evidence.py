"""Evidence: which files are taken, what ties them to a cell, and who may have them back."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from indicators import operations
from indicators.models import Evidence, Measurement
from indicators.operations import CellKey, Entered
from indicators.queries.access import person
from indicators.sources import evidence_file
from tests.integration import entry_world
from tests.integration.entry_world import World
from tests.integration.test_entry_grid import signed_in, squeezed

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 and so on"


@pytest.fixture
def world() -> World:
    built = entry_world.build()
    cell = CellKey(built.indicator("s01").pk, built.open.code, "T")
    operations.save_cell(
        cell=cell, entered=Entered(61, comment="Kvar"), seen=None, by=built.reporter, person=person(built.reporter),
        now=timezone.now(),
    )  # fmt: skip
    return built


@pytest.fixture
def reporter(world: World) -> Client:
    return signed_in(world.reporter)


def attach(client: Client, world: World, name: str, content: bytes, code: str = "s01") -> str:
    address = f"/en/my-measurements/school/evidence/?cell={world.key(code)}"
    answer = client.post(address, {"file": SimpleUploadedFile(name, content)}, follow=True)
    return squeezed(answer)


def test_a_file_is_kept_with_the_cell_and_given_back_as_a_download(world: World, reporter: Client) -> None:
    assert "The file is attached." in attach(reporter, world, "Elevräkning mars.pdf", PDF)
    newest = Measurement.objects.latest("revision")
    assert (newest.revision, newest.value, newest.comment, newest.state) == (1, 61, "Kvar", "draft")
    assert newest.evidence is not None
    answer = reporter.get(f"/en/evidence/{newest.evidence_id}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Elevräkning mars.pdf" in squeezed(reporter.get("/en/my-measurements/school/?kind=tertial"))


def test_saving_the_cell_again_keeps_its_file(world: World, reporter: Client) -> None:
    attach(reporter, world, "a.pdf", PDF)
    file = Evidence.objects.get()
    texts = {"cell": world.key("s01"), "seen": "1", "value": "62", "evidence": str(file.pk)}
    assert reporter.post("/en/entry-cell/", texts).status_code == 200
    assert Measurement.objects.latest("revision").evidence == file


def test_the_same_file_again_is_kept_once(world: World, reporter: Client) -> None:
    for _again in range(2):
        attach(reporter, world, "a.pdf", PDF)
    assert Evidence.objects.count() == 1
    assert Measurement.objects.count() == 2


def test_somebody_elses_file_is_not_there(world: World, reporter: Client) -> None:
    attach(reporter, world, "a.pdf", PDF)
    address = f"/en/evidence/{Evidence.objects.get().pk}/"
    assert signed_in(world.stranger).get(address).status_code == 404
    assert signed_in(world.council).get(address).status_code == 403
    assert signed_in(world.strategist).get(address).status_code == 200
    assert Client().get(address).status_code == 302
    assert reporter.get("/en/evidence/99999/").status_code == 404


def test_a_cell_of_somebody_else_takes_no_file(world: World) -> None:
    stranger = signed_in(world.stranger)
    address = f"/en/my-measurements/school/evidence/?cell={world.key('s01')}"
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 403
    across = f"/en/my-measurements/care/evidence/?cell={world.key('s01')}"
    assert stranger.post(across, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 404
    assert Evidence.objects.count() == 0


def test_somebody_elses_file_cannot_be_tied_to_a_cell(world: World) -> None:
    other = Evidence.objects.create(
        department=world.care, filename="a.pdf", content_type="application/pdf", size=1, digest="", content=b"a"
    )
    texts = {"cell": world.key("s01"), "seen": "0", "value": "62", "evidence": str(other.pk)}
    assert signed_in(world.reporter).post("/en/entry-cell/", texts).status_code == 422
    assert Measurement.objects.count() == 1


def test_an_empty_cell_takes_none_and_says_what_to_do(world: World, reporter: Client) -> None:
    assert "before you attach a file" in attach(reporter, world, "a.pdf", PDF, "s02")
    assert Evidence.objects.count() == 0


def package(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


WORKBOOK = package("[Content_Types].xml", "xl/workbook.xml")
REFUSED = [
    ("empty.pdf", b"", "is empty"),
    ("page.html", b"<p>", "of a kind that is not taken"),
    ("no-ending", PDF, "of a kind that is not taken"),
    ("text.pdf", b"just text", "not what its name says"),
    ("picture.png", PDF, "not what its name says"),
    ("broken.xlsx", WORKBOOK[:40], "not what its name says"),
    ("zip.docx", WORKBOOK, "not what its name says"),
    ("macros.xlsx", package("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "not what its name says"),
    ("binary.csv", b"a;b\x00\x01", "not what its name says"),
]


@pytest.mark.parametrize(("name", "content", "told"), REFUSED, ids=[name for name, _c, _t in REFUSED])
def test_what_is_not_taken_says_why(world: World, reporter: Client, name: str, content: bytes, told: str) -> None:
    assert told in attach(reporter, world, name, content)
    assert Evidence.objects.count() == 0
    assert Measurement.objects.count() == 1


TAKEN = [
    ("a.PDF", PDF, "application/pdf"),
    ("a.png", b"\x89PNG\r\n\x1a\n..", "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ("a.xlsx", WORKBOOK, evidence_file.CONTENT_TYPE["xlsx"]),
    ("a.docx", package("[Content_Types].xml", "word/document.xml"), evidence_file.CONTENT_TYPE["docx"]),
    ("a.csv", "år;värde\r\n2024;5".encode("cp1252"), "text/csv"),
    ("a.txt", "år".encode("utf-16"), "text/plain"),
]


@pytest.mark.parametrize(("name", "content", "kind"), TAKEN, ids=[name for name, _c, _k in TAKEN])
def test_what_is_taken(name: str, content: bytes, kind: str) -> None:
    assert evidence_file.content_type_of(name, content) == kind


def test_ten_megabytes_and_no_more(world: World, reporter: Client) -> None:
    largest = PDF + b" " * (evidence_file.LARGEST - len(PDF))
    assert evidence_file.content_type_of("a.pdf", largest) == "application/pdf"
    assert "larger than 10 MB" in attach(reporter, world, "a.pdf", largest + b" ")
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/a.pdf", "a.pdf"),
        ("C:\\tmp\\a.pdf", "a.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("å" * 300 + ".pdf", "å" * 146 + ".pdf"),
    ],
)
def test_names_are_bare(given: str, kept: str) -> None:
    assert evidence_file.clean_name(given) == kept
