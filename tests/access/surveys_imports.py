"""Files of survey answers: for those who steer."""

from typing import Any

from surveys.models import AnswerImport, Wave
from surveys.operations import imports
from tests.access import STEERING, Row
from tests.integration import import_world


def _file(_world: Any) -> AnswerImport:
    """A file of a wave of its own, whose columns are to be explained."""
    wave = import_world.build("imported")
    return imports.receive_file(wave_id=wave.pk, filename="a.csv", content=b"safety\n3\n", by=None)


def _wave(world: Any) -> Wave:
    return world.answer_file.wave


THINGS = {"answer_file": _file}
WAVE = (lambda world: _wave(world).survey.code, lambda world: _wave(world).code)
FILE = (*WAVE, lambda world: world.answer_file.pk)


def _previewed(world: Any) -> int:
    """The file once its columns are explained: only then has it faults to list."""
    AnswerImport.objects.filter(pk=world.answer_file.pk).update(state="previewed")
    return int(world.answer_file.pk)


ROWS = [
    Row("wave-imports", STEERING, WAVE),
    Row("wave-imports", STEERING, WAVE, method="post"),
    Row("wave-import", STEERING, FILE),
    Row("wave-import-mapping", STEERING, FILE),
    Row("wave-import-mapping", STEERING, FILE, method="post"),
    Row("wave-import-values", STEERING, FILE, method="post"),
    Row("wave-import-commit", STEERING, FILE, method="post"),
    Row("wave-import-errors", STEERING, (*WAVE, _previewed)),
    Row("wave-import-discard", STEERING, FILE, method="post"),
]
