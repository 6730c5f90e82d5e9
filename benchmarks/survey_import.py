"""A million survey answers from a CSV file into the database, against a bare COPY of the same rows into the same table.

Each shape runs in a process of its own, so that its peak memory is that of the import alone.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import database

SHAPES = {"5,000 × 200": (5_000, 200), "100,000 × 10": (100_000, 10)}
SEED = 20261121


def file(respondents: int, questions: int) -> bytes:
    """Grades 1 to 5 with an empty cell and a “Vet ej” now and then, as a survey tool exports them."""
    texts = np.array(["", "1", "2", "3", "4", "5", "Vet ej"], dtype=object)
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(len(texts), size=(respondents, questions), p=[0.02, 0.08, 0.15, 0.3, 0.3, 0.12, 0.03])
    lines = [";".join(["id", *(f"q{n}" for n in range(questions))])]
    lines += [f"{n};" + ";".join(row) for n, row in enumerate(texts[drawn].tolist())]
    return "\r\n".join(lines).encode()


def set_up(questions: int) -> int:
    """A wave with so many questions of five grades; gives its id."""
    from surveys.models import Item, Question, QuestionVersion, Section, Survey, Wave

    survey = Survey.objects.create(code=f"bench-{questions}", name_sv="Undersökning")
    wave = Wave.objects.create(survey=survey, code="2026", period="2026")
    section = Section.objects.create(wave=wave, title_sv="Frågor")
    asked = Question.objects.bulk_create(Question(survey=survey, code=f"q{n}", kind="five") for n in range(questions))
    versions = QuestionVersion.objects.bulk_create(
        QuestionVersion(question=question, text_sv=f"Fråga {question.code}") for question in asked
    )
    Item.objects.bulk_create(
        Item(wave=wave, section=section, version=version, order=n) for n, version in enumerate(versions)
    )
    return wave.pk


def imported(content: bytes, wave_id: int) -> float:
    """Seconds from the file to the stored answers: received, its columns confirmed, read in."""
    from surveys.compute.answer_mapping import AnswerMapping
    from surveys.operations import imports

    start = time.perf_counter()
    kept = imports.receive_file(wave_id=wave_id, filename="answers.csv", content=content, by=None)
    imports.explain_columns(import_id=kept.pk, mapping=AnswerMapping.of(kept.mapping), by=None)
    imports.request_reading(import_id=kept.pk, leave_out=False, by=None)
    imports.read_in(import_id=kept.pk, job=None, by=None)
    return time.perf_counter() - start


def bare_copy() -> tuple[float, int]:
    """Seconds of one COPY of the stored answers into the emptied table, and how many there are."""
    from django.db import connection

    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY surveys_answer TO STDOUT", text)
        cursor.execute("TRUNCATE surveys_answer")
        text.seek(0)
        start = time.perf_counter()
        cursor.copy_expert("COPY surveys_answer FROM STDIN", text)
        taken, rows = time.perf_counter() - start, cursor.rowcount
        cursor.execute("TRUNCATE surveys_answer")
        return taken, rows


def run(respondents: int, questions: int) -> dict[str, float]:
    """One shape in a process of its own: seconds of the import and of the bare COPY, rows, peak memory in MB."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as kept:
        kept.write(file(respondents, questions))
        kept.flush()
        command = [sys.executable, "-m", "benchmarks.survey_import", kept.name, str(questions)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    figures: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return figures


def figures() -> list[tuple[str, float, str, str]]:
    """Ratio and peak memory of both shapes, with their bounds."""
    shown = []
    for name, shape in SHAPES.items():
        found = run(*shape)
        seconds = f"{found['rows']} rows, {found['seconds']:.2f} s, {found['bare']:.2f} s"
        shown.append((f"import of {name} answers / bare COPY", found["seconds"] / found["bare"], "≤ 4", seconds))
        shown.append((f"import of {name} answers, peak memory, MB", found["memory"], "< 500", ""))
    return shown


if __name__ == "__main__":
    database.use()
    seconds = imported(Path(sys.argv[1]).read_bytes(), set_up(int(sys.argv[2])))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare, rows = bare_copy()
    print(json.dumps({"seconds": seconds, "bare": bare, "rows": rows, "memory": memory}))
