"""Answers that were asked elsewhere: uploaded, explained, looked at, read in all or nothing, once."""

import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import python_calamine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.models import JobKind, JobRun, JobState
from indicators.operations.jobs import claim_job
from indicators.sources.sheet import SheetError
from surveys.compute.answer_mapping import AnswerMapping
from surveys.compute.answer_table import content_digest
from surveys.models import Answer, AnswerImport, Comment, Question, Response, Stratum, Wave
from surveys.operations import imports as operations
from surveys.operations.responses import store_responses
from surveys.queries import imports as queries
from surveys.sources.answer_file import read_answers
from surveys.tasks import run
from tests.integration import import_world, sheet_world

pytestmark = pytest.mark.django_db

PLAIN = "\r\n".join([
    "safety;contact;reply;visits;words;Vikt",
    "Mycket bra;Telefon;;3;Ring Anna på 070-123 45 67;1,5",
    "2;E-post;4;0;;0,5",
    "Vet ej;Telefon, E-post;;–;Det gick bra;2",
])  # fmt: skip


@pytest.fixture
def wave(db: None) -> Wave:
    return import_world.build()


@pytest.fixture
def strategist(client: Client, wave: Wave) -> Client:
    client.force_login(sheet_world.build().users["strategist"])
    return client


def receive(wave: Wave, content: str | bytes = PLAIN, name: str = "answers.csv") -> AnswerImport:
    sent = content.encode() if isinstance(content, str) else content
    return operations.receive_file(wave_id=wave.pk, filename=name, content=sent, by=None)


def explained(wave: Wave, content: str | bytes = PLAIN, **more: Any) -> AnswerImport:
    kept = receive(wave, content, **more)
    operations.explain_columns(import_id=kept.pk, mapping=AnswerMapping.of(kept.mapping), by=None)
    return kept


def imported(wave: Wave, content: str | bytes = PLAIN, *, leave_out: bool = False, **more: Any) -> AnswerImport:
    kept = explained(wave, content, **more)
    operations.request_reading(import_id=kept.pk, leave_out=leave_out, by=None)
    run(JobRun.objects.get(kind=JobKind.SURVEY_ANSWERS, state=JobState.QUEUED).pk)
    kept.refresh_from_db()
    return kept


def stored(wave: Wave) -> Counter[tuple[Any, ...]]:
    """How often each whole response stands there: weight and its answers by code."""
    codes = dict(Question.objects.values_list("pk", "code"))
    found: Counter[tuple[Any, ...]] = Counter()
    for response in Response.objects.filter(wave=wave):
        answers = Answer.objects.filter(response_id=response.pk)
        told = sorted((codes[a.question_id], a.part, a.value if a.absence == "" else a.absence) for a in answers)
        found[response.weight, *told] += 1
    return found


EXPECTED = Counter([
    (1.5, ("contact", 1, 1), ("contact", 2, 0), ("safety", 0, 4), ("visits", 0, 3)),
    (0.5, ("contact", 1, 0), ("contact", 2, 1), ("reply", 0, 4), ("safety", 0, 2), ("visits", 0, 0)),
    (2.0, ("contact", 1, 1), ("contact", 2, 1), ("reply", 0, "refused"), ("safety", 0, "no_opinion"),
     ("visits", 0, "refused")),
])  # fmt: skip


class TestReadIn:
    def test_answers_comments_and_the_file_afterwards(self, wave: Wave) -> None:
        kept = imported(wave)
        assert stored(wave) == EXPECTED
        assert (kept.state, kept.content, kept.respondents, kept.answers, kept.rejected) == (
            "committed",
            None,
            3,
            14,
            0,
        )
        assert {(r.mode, r.day, r.delivery_id) for r in Response.objects.all()} == {("import", None, kept.pk)}
        wave.refresh_from_db()
        assert wave.state == "closed"
        assert wave.closes_on is not None  # from when on texts and addresses are counted as old

    def test_free_texts_are_masked_and_know_the_mood_alone(self, wave: Wave) -> None:
        imported(wave)
        found = {comment.mood: comment for comment in Comment.objects.filter(wave=wave)}
        assert set(found) == {"satisfied", ""}
        assert "070" not in found["satisfied"].text
        assert found["satisfied"].masked > 0

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    def test_however_it_was_saved(self, wave: Wave, encoding: str, delimiter: str) -> None:
        cells = [line.split(";") for line in PLAIN.split("\r\n")]
        text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in cells)
        imported(wave, text.replace("–", "-").encode(encoding))
        assert stored(wave) == EXPECTED

    def test_a_workbook(self, wave: Wave) -> None:
        imported(wave, xlsx([
            ["safety", "contact", "reply", "visits", "Vikt"], ["Mycket bra", 1, "", 3, 1.5],
            [2, 2, 4, 0, 0.5], ["Vet ej", "1;2", "", "–", 2],
        ]), name="answers.xlsx")  # fmt: skip
        assert stored(wave) == EXPECTED

    def test_a_long_file(self, wave: Wave) -> None:
        columns = PLAIN.split("\r\n")[0].split(";")[:4]
        rows = [
            f"p{n},{code},{text},{line.split(';')[5].replace(',', '.')}"
            for n, line in enumerate(PLAIN.split("\r\n")[1:])
            for code, text in zip(columns, line.replace(", ", " | ").split(";"), strict=False)
        ]
        imported(wave, "\n".join(["respondent,question,answer,weight", *rows]))
        assert stored(wave) == EXPECTED

    def test_as_limesurvey_exports(self, wave: Wave) -> None:
        imported(wave, "\n".join([
            '"id","submitdate","token","ipaddr","safety","contact[1]","contact[2]","contact[other]","reply","visits"',
            '"1","2026-03-01 10:00:00","abc","10.0.0.1","4","Y","N","","","3.0"',
            '"2","2026-03-01 10:00:01","abd","10.0.0.2","2","N","Y","fax","4","0"',
        ]))  # fmt: skip
        assert stored(wave) == Counter(
            {
                (None, *rest): n
                for (_weight, *rest), n in EXPECTED.items()
                if "safety" in str(rest) and ("safety", 0, "no_opinion") not in rest
            }
        )

    def test_nothing_of_who_answered_is_stored(self, wave: Wave) -> None:
        kept = imported(wave, "id;token;safety\nanna;hemlig-1;3\nbo;hemlig-2;4\n")
        texts = [connection.ops.quote_name(name) for name in connection.introspection.table_names() if "survey" in name]
        for table in texts:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {table}")
                assert not [row for row in cursor.fetchall() if "hemlig-" in str(row) or "anna" in str(row)], table
        assert kept.answers == 2


def xlsx(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    return out.getvalue()


class TestOnce:
    def test_the_same_file_twice_changes_nothing(self, wave: Wave) -> None:
        imported(wave)
        with pytest.raises(operations.SameFileError):
            receive(wave, name="another-name.csv")
        assert stored(wave) == EXPECTED

    def test_nor_the_same_rows_in_another_order_kind_or_encoding(self, wave: Wave) -> None:
        head, *rows = (line.split(";") for line in PLAIN.split("\r\n"))
        order = [3, 0, 5, 1, 4, 2]
        mixed = [[row[k] for k in order] for row in [head, *reversed(rows)]]
        imported(wave)
        with pytest.raises(operations.SameFileError):
            receive(wave, "\n".join("\t".join(row) for row in mixed).encode("utf-16"))
        with pytest.raises(operations.SameFileError):
            receive(wave, xlsx(mixed))

    def test_two_that_were_uploaded_before_either_was_read_in(self, wave: Wave) -> None:
        first, second = explained(wave), explained(wave)
        operations.request_reading(import_id=first.pk, leave_out=False, by=None)
        with pytest.raises(operations.SameFileError) as refusal:
            operations.request_reading(import_id=second.pk, leave_out=False, by=None)
        assert refusal.value.earlier == first

    def test_a_job_that_runs_twice_stores_once(self, wave: Wave) -> None:
        kept = explained(wave)
        operations.request_reading(import_id=kept.pk, leave_out=False, by=None)
        for _ in range(2):
            operations.read_in(import_id=kept.pk, job=None, by=None)
        assert stored(wave) == EXPECTED

    def test_other_waves_have_their_own(self, wave: Wave) -> None:
        imported(wave)
        other = import_world.build("other")
        imported(other)
        assert stored(other) == EXPECTED

    def test_the_digest_tells_values_apart(self) -> None:
        one, other = (read_answers(f"a;b\n1;{n}\n".encode(), queries.limits()) for n in (1, 2))
        assert content_digest(one) != content_digest(other)


class TestAllOrNothing:
    FAULTY = "safety;Vikt\n3;1\n7;1\n4;0\n"

    def test_faults_that_nobody_left_out_store_nothing(self, wave: Wave) -> None:
        kept = imported(wave, self.FAULTY)
        assert (kept.state, kept.rejected, Response.objects.count(), Answer.objects.count()) == ("failed", 2, 0, 0)
        assert kept.rejections == [
            {"fault": "weight", "header": "Vikt", "question": "", "count": 1, "row": 4},
            {"fault": "unknown", "header": "safety", "question": "safety", "count": 1, "row": 3},
        ]
        wave.refresh_from_db()
        assert wave.state == "preparing"

    def test_left_out_on_purpose(self, wave: Wave) -> None:
        kept = imported(wave, self.FAULTY, leave_out=True)
        assert (kept.state, kept.rejected) == ("committed", 2)
        assert stored(wave) == Counter([(1.0, ("safety", 0, 3)), (1.0, ("safety", 0, "refused"))])

    def test_a_failure_on_the_way_leaves_nothing(self, wave: Wave, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: Any) -> int:
            raise ConnectionError("the database went away")

        monkeypatch.setattr(operations, "store_comments", fail)
        kept = explained(wave)
        operations.request_reading(import_id=kept.pk, leave_out=False, by=None)
        with pytest.raises(ConnectionError):
            operations.read_in(import_id=kept.pk, job=None, by=None)
        kept.refresh_from_db()
        assert (kept.state, Response.objects.count(), Answer.objects.count()) == ("running", 0, 0)

    def test_a_job_that_was_taken_over_stores_nothing(self, wave: Wave) -> None:
        kept = explained(wave)
        job = operations.request_reading(import_id=kept.pk, leave_out=False, by=None)
        held = claim_job(job_id=job.pk)
        JobRun.objects.filter(pk=job.pk).update(state=JobState.QUEUED, claim=None)
        with pytest.raises(Exception, match="no longer held"):
            operations.read_in(import_id=kept.pk, job=held, by=None)
        assert Response.objects.count() == 0

    def test_an_unknown_stratum_is_refused_where_the_wave_has_strata(self, wave: Wave) -> None:
        Stratum.objects.create(wave=wave, code="nord", population=100)
        kept = imported(wave, "safety;stratum\n3;nord\n4;öst\n")
        assert (kept.state, kept.rejections[0]["fault"]) == ("failed", "stratum")

    @pytest.mark.parametrize(
        "step",
        [
            lambda pk: operations.explain_columns(import_id=pk, mapping=AnswerMapping(()), by=None),
            lambda pk: operations.explain_texts(import_id=pk, meanings={}, by=None),
            lambda pk: operations.request_reading(import_id=pk, leave_out=False, by=None),
        ],
    )
    def test_what_was_put_aside_is_over(self, wave: Wave, step: Callable[[int], object]) -> None:
        kept = explained(wave)
        assert operations.discard_file(import_id=kept.pk, by=None)
        kept.refresh_from_db()
        assert (kept.state, kept.content) == ("discarded", None)
        with pytest.raises(operations.ImportStateError):
            step(kept.pk)

    def test_one_that_is_read_in_cannot_be_put_aside_unless_its_job_is_gone(self, wave: Wave) -> None:
        kept = explained(wave)
        job = operations.request_reading(import_id=kept.pk, leave_out=False, by=None)
        assert not operations.discard_file(import_id=kept.pk, by=None)
        JobRun.objects.filter(pk=job.pk).update(state=JobState.FAILED)
        assert operations.discard_file(import_id=kept.pk, by=None)


class TestStoring:
    def frames(self, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        responses = pd.DataFrame(
            {"stratum": "a\tb\\", "cluster": "", "mode": "import", "day": None, "weight": np.arange(1.0, count + 1)}
        )
        answers = pd.DataFrame(
            {
                "respondent": np.arange(count),
                "question_id": 7,
                "part": 0,
                "value": np.arange(1.0, count + 1),
                "absence": "",
            }
        )
        return responses, answers

    def test_the_order_of_the_file_is_gone_and_answers_follow_their_response(self, wave: Wave) -> None:
        responses, answers = self.frames(300)
        assert store_responses(wave=wave, responses=responses, answers=answers, by=None) == 300
        by_id = dict(Response.objects.order_by("id").values_list("id", "weight"))
        assert dict(Answer.objects.values_list("response_id", "value")) == by_id
        ranks = np.argsort(np.array(list(by_id.values()), dtype=float))
        assert abs(np.corrcoef(ranks, np.arange(300))[0, 1]) < 0.3
        column = "ctid" if connection.vendor == "postgresql" else "rowid"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT weight FROM surveys_response ORDER BY {column}")
            placed = [weight for (weight,) in cursor.fetchall()]
        assert abs(np.corrcoef(placed, np.arange(300))[0, 1]) < 0.3
        assert set(Response.objects.values_list("stratum", flat=True)) == {"a\tb\\"}

    def test_what_the_database_refuses_leaves_nothing(self, wave: Wave) -> None:
        responses, answers = self.frames(3)
        for wrong in (pd.concat([answers, answers.iloc[:1]]), answers.assign(absence="refused")):
            with pytest.raises(IntegrityError), transaction.atomic():
                store_responses(wave=wave, responses=responses, answers=wrong, by=None)
        assert Response.objects.count() == Answer.objects.count() == 0

    def test_nobody(self, wave: Wave) -> None:
        responses, answers = self.frames(0)
        assert store_responses(wave=wave, responses=responses, answers=answers, by=None) == 0


class TestPages:
    BASE = "/en/steer/surveys/residents/2026/imports/"

    def upload(self, client: Client, content: str | bytes = PLAIN) -> Any:
        sent = content.encode() if isinstance(content, str) else content
        return client.post(self.BASE, {"file": SimpleUploadedFile("svar.csv", sent)})

    def columns(self, client: Client, at: str, **more: str) -> Any:
        kept = AnswerImport.objects.get()
        with translation.override("en"):
            from surveys.forms.imports import fields_of

            return client.post(at, {**fields_of(AnswerMapping.of(kept.mapping)), **more})

    def test_from_the_file_to_the_answers(self, strategist: Client, wave: Wave) -> None:
        answer = self.upload(strategist)
        at = answer.headers["Location"]
        page = strategist.get(at).content.decode()
        assert 'value="safety"' in page
        assert "070-123 45 67" not in page
        seen = strategist.get(self.columns(strategist, at).headers["Location"]).content.decode()
        assert "14 answers from 3 respondents can be read in" in seen
        assert "Read in 3 respondents" in seen
        assert "070-123 45 67" not in seen
        strategist.post(f"{self.BASE}{AnswerImport.objects.get().pk}/read-in/")
        run(JobRun.objects.get(kind=JobKind.SURVEY_ANSWERS).pk)
        assert stored(wave) == EXPECTED
        assert (
            "The answers have been read in"
            in strategist.get(f"{self.BASE}{AnswerImport.objects.get().pk}/").content.decode()
        )

    def test_an_unreadable_file_is_refused_with_why(self, strategist: Client) -> None:
        answer = self.upload(strategist, b"%PDF-1.7")
        assert answer.status_code == 422
        assert "The file is a PDF" in answer.content.decode()
        assert AnswerImport.objects.count() == 0

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ({"column-0": "nothing"}, "No question of the wave has the code “nothing”"),
            ({"column-0": "contact"}, "stands at two columns"),
            ({"column-0": "contact[7]"}, "has no part 7"),
            ({"column-0": "Answer"}, "needs a column “Respondent” too"),
            ({f"column-{n}": "" for n in range(6)}, "No column is an answer to a question yet"),
        ],
    )
    def test_columns_that_cannot_be(self, strategist: Client, typed: dict[str, str], told: str) -> None:
        at = self.upload(strategist).headers["Location"]
        answer = self.columns(strategist, at, **typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert told in page
        assert 'aria-describedby="column-0-fault"' in page or 'id="column-1-fault"' in page
        assert all(f'value="{text}"' in page for text in typed.values() if text)
        assert AnswerImport.objects.get().state == "mapping"

    def test_texts_are_explained_where_they_stand(self, strategist: Client, wave: Wave) -> None:
        at = self.upload(strategist, "safety\nA4\nA4\n2\nA2\n").headers["Location"]
        seen = self.columns(strategist, at).headers["Location"]
        page = strategist.get(seen).content.decode()
        assert "3 answers or rows were rejected" in page
        assert "“A4”" in page
        strategist.post(f"{seen}texts/", {"code": ["safety"] * 2, "text": ["A4", "A2"], "meaning": ["4", "no_opinion"]})
        page = strategist.get(seen).content.decode()
        assert "rejected" not in page
        strategist.post(f"{seen}read-in/")
        run(JobRun.objects.get(kind=JobKind.SURVEY_ANSWERS).pk)
        assert stored(wave) == Counter(
            {(None, ("safety", 0, 4)): 2, (None, ("safety", 0, 2)): 1, (None, ("safety", 0, "no_opinion")): 1}
        )

    def test_numbers_that_are_read_as_choices_are_told(self, strategist: Client) -> None:
        at = self.upload(strategist, "safety\n1\n4\n4\n").headers["Location"]
        page = strategist.get(self.columns(strategist, at).headers["Location"]).content.decode()
        assert "Numbers are read as choices" in page
        assert f"1 = {import_world.OPINIONS[0][1]} · 4 = {import_world.OPINIONS[3][1]}" in page

    def test_words_need_no_such_check(self, strategist: Client) -> None:
        at = self.upload(strategist, f"safety\n{import_world.OPINIONS[0][1]}\n{import_world.OPINIONS[3][1]}\n").headers[
            "Location"
        ]
        page = strategist.get(self.columns(strategist, at).headers["Location"]).content.decode()
        assert "Numbers are read as choices" not in page

    def test_texts_that_may_tell_who_answered_are_counted_and_not_shown(self, strategist: Client) -> None:
        names = "\n".join(f"Anna Svensson {chr(65 + n)}" for n in range(20))
        at = self.upload(strategist, f"safety\n3\n{names}\n").headers["Location"]
        seen = self.columns(strategist, at).headers["Location"]
        page = strategist.get(seen).content.decode()
        assert "20 other texts are not shown" in page
        assert "Svensson" not in page
        book = python_calamine.load_workbook(io.BytesIO(strategist.get(f"{seen}faults.xlsx").content))
        rows = book.get_sheet_by_index(0).to_python()
        assert (len(rows), rows[1][:3]) == (21, [3, "safety", "safety"])
        assert "Svensson" not in str(rows)

    def test_what_was_said_is_remembered_for_the_next_file_of_the_survey(self, strategist: Client, wave: Wave) -> None:
        at = self.upload(strategist, "Q7;Q8\n3;4\n").headers["Location"]
        self.columns(strategist, at, **{"column-0": "safety", "column-1": "visits"})
        strategist.post(at.replace("columns", "texts"), {"code": ["safety"], "text": ["Topp"], "meaning": ["4"]})
        later = receive(wave, "Q8;Q9;Q7\n1;2;3\n")
        assert later.mapping["targets"] == ["visits", "", "safety"]
        assert later.mapping["meanings"] == {"safety": {"topp": "4"}}

    def test_a_long_file_asks_for_its_questions(self, strategist: Client) -> None:
        at = self.upload(strategist, "vem;vad;sagt\na;safety;3\na;Q2;4\n").headers["Location"]
        roles = {"column-0": "Respondent", "column-1": "Question", "column-2": "Answer"}
        again = self.columns(strategist, at, **roles).headers["Location"]
        assert again == at
        page = strategist.get(at).content.decode()
        assert 'name="item-1"' in page
        seen = self.columns(strategist, at, **{"item-1": "visits"}).headers["Location"]
        assert "2 answers from 1 respondent can be read in" in strategist.get(seen).content.decode()

    def test_looking_writes_nothing_and_asks_a_fixed_number_of_questions(self, strategist: Client) -> None:
        seen = self.columns(strategist, self.upload(strategist).headers["Location"]).headers["Location"]
        strategist.get(seen)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            strategist.get(seen)
        verbs = {query["sql"].split()[0] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))}
        assert verbs == {"SELECT"}
        assert len(asked) < 25


@pytest.mark.parametrize(
    "content",
    [b"", b"a;b\n", b'a;b\n"1;2\n', b"a;b\n1;2;3\n", b"\x00\x01\x02", b"PK\x03\x04", b"<html>", b"a" * 100, b"\n\n\n"],
)
def test_broken_files_say_what_is_wrong(wave: Wave, content: bytes) -> None:
    with pytest.raises(SheetError) as refusal:
        receive(wave, content)
    assert len(str(refusal.value)) > 30
    assert AnswerImport.objects.count() == 0


def test_a_file_beyond_the_limits(wave: Wave, settings: Any) -> None:
    settings.SURVEY_FILE_MAX_ROWS = 3
    with pytest.raises(SheetError, match="A4"):
        receive(wave, "safety\n1\n2\n3\n4\n")
    settings.SURVEY_FILE_MAX_BYTES = 10
    with pytest.raises(SheetError, match="MB"):
        receive(wave)
