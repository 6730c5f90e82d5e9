"""Whatever is uploaded as answers ends in columns to explain or a clear message; whatever is said of them, nothing but
answers that are possible is ever stored, and all that was promised or nothing."""

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from surveys.compute.questionnaire import is_possible, questions
from surveys.models import Answer, AnswerImport, Comment, Response, Wave
from surveys.operations import imports as operations
from surveys.queries import questionnaire
from tests.integration import import_world, sheet_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVERYWHERE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
BASE = "/en/steer/surveys/residents/2026/imports/"
HEAD = ["id", "safety", "contact", "reply", "visits", "words", "Vikt"]
UNTOUCHED = {"AnswerImport", "Session"}
ANSWERED = HEAD[1:6]  # without columns whose faults reject whole rows
GOOD = "\n".join([";".join(HEAD), "a;3;1;;2;Bra;1,5", "b;Vet ej;1;2;0;;2"]).encode()
Upload = Callable[[bytes], str]


def counts() -> tuple[int, ...]:
    """How many rows there are of everything that looking at a file has no business with (1 query)."""
    tables = [model._meta.db_table for model in apps.get_models() if model.__name__ not in UNTOUCHED]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.fixture
def wave(db: None) -> Wave:
    return import_world.build()


@pytest.fixture
def upload(client: Client, wave: Wave) -> Upload:
    """Uploads a file; gives the message, or the address of its columns. Nothing else has changed."""
    client.force_login(sheet_world.build().users["strategist"])
    before = counts()

    def send(content: bytes) -> str:
        answer = client.post(BASE, {"file": SimpleUploadedFile("answers.csv", content)})
        assert counts() == before
        if answer.status_code == 302:
            at = str(answer.headers["Location"])
            assert client.get(at).status_code == 200
            assert counts() == before
            return at
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "The file was not taken in. Nothing was stored." in page
        message = page.partition('role="alert"')[2].partition("</div>")[0].partition("</strong></p>")[2]
        assert len(message) > 30, message
        assert "Traceback" not in message
        return message

    return send


def read(upload: Upload, client: Client, content: bytes, columns: dict[str, str] | None = None) -> AnswerImport | None:
    """Upload a file, accept or change what was guessed, look, and read it in with faults left out."""
    at = upload(content)
    if not at.startswith("/"):
        return None
    kept = AnswerImport.objects.latest("id")
    page = client.get(at).content.decode()
    posted = dict(_fields(page)) | (columns or {})
    if client.post(at, posted).status_code == 422:
        return None
    seen = at.removesuffix("columns/")
    for where in (at, seen, f"{seen}?explain=safety&page=7", f"{seen}faults.xlsx"):
        assert client.get(where).status_code == 200
    operations.request_reading(import_id=kept.pk, leave_out=True, by=None)
    operations.read_in(import_id=kept.pk, job=None, by=None)
    kept.refresh_from_db()
    assert client.get(seen).status_code == 200
    return kept


def _fields(page: str) -> list[tuple[str, str]]:
    """Names and values of a page's text fields."""
    from html import unescape

    found = []
    for tag in page.split('<input type="text"')[1:]:
        name, value = (tag.partition(f'{key}="')[2].partition('"')[0] for key in ("name", "value"))
        found.append((name, unescape(value)))
    return found


def check(wave: Wave, kept: AnswerImport | None) -> None:
    """All that was promised stands there and is possible, or nothing does."""
    if kept is None or kept.state == "failed":
        assert Response.objects.count() == Answer.objects.count() == Comment.objects.count() == 0
        return
    assert kept.state == "committed"
    assert (Response.objects.count(), Answer.objects.count()) == (kept.respondents, kept.answers)
    by_id = {asked.question_id: asked for asked in questions(questionnaire.of_wave(wave.pk))}
    ids = set(Response.objects.values_list("id", flat=True))
    for answer in Answer.objects.all():
        asked = by_id[answer.question_id]
        assert answer.part in asked.parts
        assert answer.response_id in ids
        assert answer.value is None or is_possible(asked, answer.value)
    assert all(
        weight is None or 0 < weight < float("inf") for weight in Response.objects.values_list("weight", flat=True)
    )


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


def corpus() -> list[bytes]:
    """A good file and a good workbook, broken in many ways."""
    noise = random.Random(20261121)
    files = []
    for good in (GOOD, xlsx(HEAD, ["a", 3, 1, "", 2, "Bra", 1.5]), GOOD.decode().encode("utf-16")):
        files += [good[: len(good) * n // 8] for n in range(8)]
        for _ in range(12):
            bent = bytearray(good)
            for _ in range(noise.randint(1, 8)):
                bent[noise.randrange(len(bent))] = noise.randrange(256)
            files.append(bytes(bent))
    return files


@pytest.mark.parametrize("number", range(60))
def test_broken_files(upload: Upload, client: Client, wave: Wave, number: int) -> None:
    content = corpus()[number]
    if content:
        check(wave, read(upload, client, content))
    else:
        upload(content)


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["1", "3", "9", "0", "-9", "1e999", "nan", "inf", "-1", "1;2", "1,2", "Vet ej", "Telefon", "E-post", "=1+1", "😀",
     "\ufeff", "–", "..", "1.234", "1 234,5", "\t", "'", '"', "1" * 400, "٣", "½", "²", "A" * 41, "a" * 5000]
)  # fmt: skip
ROLES = st.sampled_from(
    ["", "safety", "contact", "contact[1]", "contact[2]", "contact[9]", "reply", "visits", "words", "Weight", "Stratum",
     "Cluster", "Respondent", "Question", "Answer", "safety[1]", "[1]", "=weight", "=x", "x" * 500, "\x00"]
)  # fmt: skip


@EVERYWHERE
@given(
    rows=st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=6),
    mark=st.sampled_from([";", ",", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]),
    head=st.permutations(ANSWERED),
)
def test_csv_of_all_kinds(
    upload: Upload, client: Client, wave: Wave, rows: list[list[str]], mark: str, encoding: str, head: list[str]
) -> None:
    text = "\n".join(mark.join(row) for row in [head, *rows])
    with transaction.atomic():
        check(wave, read(upload, client, text.encode(encoding, errors="replace")))
        transaction.set_rollback(True)


@EVERYWHERE
@given(
    rows=st.lists(
        st.lists(TEXTS | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=7),
        min_size=1,
        max_size=6,
    )
)
@example(rows=[[1e28, "1", "", 1e300, ""], [3, "1", "", 1e-320, ""]])
def test_workbooks_with_odd_cells(upload: Upload, client: Client, wave: Wave, rows: list[list[Any]]) -> None:
    with transaction.atomic():
        check(wave, read(upload, client, xlsx(ANSWERED, *rows)))
        transaction.set_rollback(True)


@EVERYWHERE
@given(
    rows=st.lists(st.tuples(*[TEXTS] * 4), min_size=1, max_size=6),
    targets=st.lists(ROLES, min_size=4, max_size=4),
    codes=st.tuples(TEXTS, TEXTS),
)
@example(rows=[("p", "safety", "3", "")], targets=["Respondent", "Question", "Answer", ""], codes=("", ""))
@example(rows=[("1", "2", "3", "4")], targets=["contact", "contact[1]", "", ""], codes=("", ""))
def test_whatever_is_said_of_the_columns(
    upload: Upload, client: Client, wave: Wave, rows: list[tuple[str, ...]], targets: list[str], codes: tuple[str, str]
) -> None:
    columns = {f"column-{n}": text for n, text in enumerate(targets)} | {"refused": codes[0], "no_opinion": codes[1]}
    quoted = (
        [f'"{text}"' for text in (part.replace('"', '""') for part in row)] for row in (("w", "x", "y", "z"), *rows)
    )
    with transaction.atomic():
        content = "\n".join(";".join(row) for row in quoted).encode("utf-8", errors="replace")
        check(wave, read(upload, client, content, columns))
        transaction.set_rollback(True)


@EVERYWHERE
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5))
def test_whatever_is_said_of_texts(
    upload: Upload, client: Client, wave: Wave, said: list[tuple[str, str, str]]
) -> None:
    with transaction.atomic():
        at = upload(b"safety;contact[1]\nA1;yes\nA2;maybe\n")
        client.post(at, dict(_fields(client.get(at).content.decode())))
        seen = at.removesuffix("columns/")
        codes, texts, meanings = zip(*[*said, ("safety", "A1", "4"), ("contact", "maybe", "refused")], strict=True)
        client.post(f"{seen}texts/", {"code": codes, "text": texts, "meaning": meanings})
        kept = AnswerImport.objects.latest("id")
        assert set(kept.mapping["meanings"]) <= {"safety", "contact"}
        operations.request_reading(import_id=kept.pk, leave_out=True, by=None)
        operations.read_in(import_id=kept.pk, job=None, by=None)
        kept.refresh_from_db()
        check(wave, kept)
        transaction.set_rollback(True)


@pytest.mark.parametrize("mark", [b";", b",", b"\t"])
def test_a_million_columns(upload: Upload, mark: bytes) -> None:
    assert "outside what a sheet may hold" in upload(b"safety" + mark * 1_000_000 + b"\n1\n")


def test_a_zip_bomb(upload: Upload) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" * 90_000_000)
    assert "unpacks to more than 200 MB" in upload(out.getvalue())
