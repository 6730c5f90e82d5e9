"""The chain of steering from a reviewed file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from indicators.models import Department, Indicator
from indicators.operations.actor import User
from indicators.operations.translations import translated
from scorecard.models import Committee, Direction, Directive, Goal, GoalIndicator, StrategicIssue, Vision


class ChainError(ValueError):
    """A chain of steering that does not hold together; the message says which entry and what is wrong."""


def store_chain(
    *, chain: Mapping[str, Any], departments: Sequence[Mapping[str, Any]], valid_from: int, example: bool, by: User
) -> Vision:
    """Take in a vision with everything under it (the shape of `fixtures/definitions/governance.yaml`).

    What is there under the same codes is brought up to date; links, directions and directives are made anew.
    """
    indicators = dict(Indicator.objects.values_list("code", "id"))
    with transaction.atomic():
        committees = _store_committees(chain["committees"], departments)
        vision, _ = Vision.objects.update_or_create(
            valid_from=valid_from,
            defaults={
                **translated("title", chain["vision"]["title"]),
                **translated("text", chain["vision"]["text"]),
                "example": example,
            },
        )
        for number, entry in enumerate(chain["issues"]):
            issue, _ = StrategicIssue.objects.update_or_create(
                vision=vision,
                code=entry["code"],
                defaults={
                    **translated("name", entry["name"]),
                    **translated("text", entry.get("text")),
                    "order": number,
                },
            )
            for place, goal in enumerate(entry["goals"]):
                _store_goal(issue, goal, place, committees, indicators)
    return vision


def _store_committees(
    entries: Sequence[Mapping[str, Any]], departments: Sequence[Mapping[str, Any]]
) -> dict[str, Committee]:
    found = {}
    for entry in entries:
        committee, _ = Committee.objects.update_or_create(
            code=entry["code"], defaults=translated("name", entry["name"])
        )
        served = [d["code"] for d in departments if d["committee"] == entry["code"]]
        committee.departments.set(Department.objects.filter(code__in=served))
        found[entry["code"]] = committee
    return found


def _store_goal(
    issue: StrategicIssue,
    entry: Mapping[str, Any],
    order: int,
    committees: Mapping[str, Committee],
    indicators: Mapping[str, int],
) -> None:
    unknown = [link["code"] for link in entry["indicators"] if link["code"] not in indicators]
    if unknown:
        raise ChainError(f"goal {entry['code']} links to indicators that are not defined: {', '.join(unknown)}")
    goal, _ = Goal.objects.update_or_create(
        code=entry["code"],
        defaults={
            "issue": issue,
            **translated("sentence", entry["sentence"]),
            **translated("short", entry["short"]),
            "committee": committees[entry["committee"]],
            "order": order,
        },
    )
    goal.links.all().delete()
    goal.directions.all().delete()
    goal.directives.all().delete()
    for place, link in enumerate(entry["indicators"]):
        GoalIndicator.objects.create(
            goal=goal,
            indicator_id=indicators[link["code"]],
            weight=link.get("weight", 1),
            key=link.get("key", False),
            order=place,
        )
    if entry.get("direction"):
        Direction.objects.create(goal=goal, **translated("text", entry["direction"]))
    for place, directive in enumerate(entry.get("directives", ())):
        Directive.objects.create(
            goal=goal,
            committee=committees[directive["committee"]],
            **translated("text", directive["text"]),
            valid_from=int(directive["valid_from"]),
            valid_to=int(directive["valid_to"]) if directive.get("valid_to") else None,
            order=place,
        )
