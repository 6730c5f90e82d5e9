"""The chain of steering, its mandates, committees and names, and the judgements of goals: for those who steer."""

from collections.abc import Callable
from typing import Any

from scorecard.models import Committee, Direction, Vision
from tests.access import STEERING, Row

Maker = Callable[[Any], Any]


def vision(world: Any) -> int:
    return int(world.goal.issue.vision_id)


def later_vision(world: Any) -> int:
    """A mandate that has not begun."""
    found, _made = Vision.objects.get_or_create(valid_from=2100, defaults={"title_sv": "Senare"})
    Vision.objects.filter(pk=vision(world)).update(valid_to=2099)
    return int(found.pk)


def issue(world: Any) -> int:
    return int(world.goal.issue_id)


def goal(world: Any) -> int:
    return int(world.goal.pk)


def goal_code(world: Any) -> str:
    return str(world.goal.code)


def direction(world: Any) -> int:
    found, _made = Direction.objects.get_or_create(goal=world.goal, defaults={"text_sv": "Så gör vi"})
    return int(found.pk)


def committee(world: Any) -> int:
    return int(world.goal.committee_id)


def spare_committee(world: Any) -> int:
    """A committee that answers for nothing."""
    found, _made = Committee.objects.get_or_create(code="spare", defaults={"name_sv": "Extra nämnd"})
    return int(found.pk)


def fixed(value: str) -> Maker:
    return lambda _world: value


def both(name: str, *arguments: Maker, **data: Any) -> list[Row]:
    """A page and the form on it."""
    return [Row(name, STEERING, arguments), Row(name, STEERING, arguments, method="post", data=data)]


ROWS = [
    Row("governance", STEERING),
    Row("committees", STEERING),
    *both("level-names"),
    *both("committee-new", name_sv="Nya nämnden"),
    *both("committee-edit", committee),
    *both("committee-delete", spare_committee),
    *both("mandate-first"),
    *both("mandate-edit", vision),
    *both("mandate-new", vision),
    *both("mandate-decide", vision),
    *both("mandate-delete", later_vision),
    *both("goal-new", issue),
    *both("goal-edit", goal),
    *both("governance-new", fixed("issue"), vision),
    *both("governance-edit", fixed("direction"), direction),
    *both("governance-delete", fixed("direction"), direction),
    Row("governance-move", STEERING, (fixed("goal"), goal), method="post", data={"step": "1"}),
    Row("judgements", STEERING),
    *both("judgement-edit", goal_code, fixed("2022")),
]
