"""Sheets of values: for those who hand in; an upload is there for its uploader and for strategists alone. Sheets of
definitions: for those who steer."""

from typing import Any

from indicators.models import SheetUpload
from tests.access import DEPARTMENT, STEERING, Row


def _upload(about: str, content: bytes) -> SheetUpload:
    """Uploaded by nobody of the world's people."""
    return SheetUpload.objects.create(about=about, filename="sheet.csv", content=content, digest="")


THINGS = {
    "values_sheet": lambda world: _upload("values", b"Indicator;Period;Value\nnothing;2025;1\n"),
    "definitions_sheet": lambda world: _upload("definitions", b"Code;Name (in Swedish)\nnothing;x\n"),
}


def _values(world: Any) -> int:
    return int(world.values_sheet.pk)


def _definitions(world: Any) -> int:
    return int(world.definitions_sheet.pk)


ROWS = [
    Row("sheet-upload", DEPARTMENT),
    Row("sheet-upload", DEPARTMENT, method="post"),
    Row("sheet-download", DEPARTMENT, (lambda world: world.department.code,)),
    Row("sheet", STEERING, (_values,), refused=404),
    Row("sheet-commit", STEERING, (_values,), method="post", refused=404),
    Row("sheet-discard", STEERING, (_values,), method="post", refused=404),
    Row("sheet-errors", STEERING, (_values,), refused=404),
    Row("definition-sheet", STEERING),
    Row("definition-sheet-upload", STEERING),
    Row("definition-sheet-upload", STEERING, method="post"),
    Row("definition-sheet-preview", STEERING, (_definitions,)),
    Row("definition-sheet-commit", STEERING, (_definitions,), method="post"),
]
