"""Definitions, targets, breaks and departments: for those who steer."""

from collections.abc import Callable
from typing import Any

from tests.access import STEERING, Row


def code(world: Any) -> str:
    return str(world.indicator.code)


def target(world: Any) -> int:
    """A target of the world's indicator, made where it has none."""
    found = world.indicator.targets.first() or world.indicator.targets.create(form="not_worse")
    return int(found.pk)


def series_break(world: Any) -> int:
    """A break in the series of the world's indicator, made where it has none."""
    found = world.indicator.breaks.first() or world.indicator.breaks.create(period="2020", reason_sv="Ny metod")
    return int(found.pk)


def department(world: Any) -> str:
    return str(world.department.code)


def both(name: str, *arguments: Callable[[Any], Any]) -> list[Row]:
    """A page and the form on it."""
    return [Row(name, STEERING, arguments), Row(name, STEERING, arguments, method="post")]


ROWS = [
    Row("indicator-definitions", STEERING),
    *both("definition-new"),
    *both("definition-edit", code),
    *both("definition-copy", code),
    *both("definition-retire", code),
    Row("definition-history", STEERING, (code,)),
    *both("definition-breaks", code),
    *both("definition-break", code, series_break),
    Row("targets", STEERING, (code,)),
    *both("target-new", code),
    *both("target-edit", code, target),
    *both("target-end", code, target),
    Row("departments", STEERING),
    *both("department-edit", department),
]
