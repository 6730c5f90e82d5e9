"""Definitions from the reviewed files."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from indicators.compute.series import Aggregation
from indicators.models import Area, Department, Indicator, SeriesBreak, Target, Unit
from indicators.operations.actor import User
from indicators.operations.translations import translated


def store_definitions(
    *,
    units: Sequence[Mapping[str, Any]],
    areas: Sequence[Mapping[str, Any]],
    departments: Sequence[Mapping[str, Any]],
    indicators: Sequence[Mapping[str, Any]],
    by: User,
) -> int:
    """Take the reviewed files in: what they define is created or updated, nothing is deleted; returns how many."""
    with transaction.atomic():
        for unit in units:
            Unit.objects.update_or_create(
                code=unit["code"],
                defaults={
                    **translated("symbol", unit["symbol"]),
                    **translated("name", unit["name"]),
                    "share": unit.get("share", False),
                },
            )
        for order, area in enumerate(areas):
            Area.objects.update_or_create(
                code=area["code"],
                defaults={**translated("name", area["name"]), "similar": area.get("similar", ""), "order": order},
            )
        for department in departments:
            Department.objects.update_or_create(
                code=department["code"], defaults=translated("name", department["name"])
            )
        known = dict(Department.objects.values_list("code", "id"))
        for definition in indicators:
            _store_indicator(definition, known)
    return len(indicators)


TEXTS = ("name", "purpose", "definition", "calculation", "quality", "numerator", "denominator", "owner")


PLAIN = (
    "decimals", "minimum", "maximum", "direction", "measures", "experienced", "comparable", "influenceable",
    "never_good_enough", "frequency", "due_days", "source", "divided",
)  # fmt: skip


def _store_indicator(definition: Mapping[str, Any], departments: Mapping[str, int]) -> None:
    fields: dict[str, Any] = {name: definition[name] for name in PLAIN if name in definition}
    for name in TEXTS:
        fields |= translated(name, definition.get(name))
    indicator, _ = Indicator.objects.update_or_create(
        code=definition["code"],
        defaults={
            **fields,
            "area_id": definition["area"],
            "unit_id": definition["unit"],
            "kolada_id": definition.get("kolada_id") or "",
            "respondents_kolada_id": definition.get("respondents_kolada_id") or "",
            "aggregation": definition.get("aggregation", Aggregation.LAST.value),
            "department_id": departments[definition["department"]],
        },
    )
    for item in definition.get("breaks", ()):
        SeriesBreak.objects.update_or_create(
            indicator=indicator,
            period=str(item["period"]),
            defaults={
                **translated("reason", item["reason"]),
                "comparable_backwards": item.get("comparable_backwards", False),
            },
        )
    if definition.get("target"):
        _store_target(indicator, definition["target"])


WANTED = {"increase": "higher", "decrease": "lower"}


def _store_target(indicator: Indicator, target: Mapping[str, Any]) -> None:
    wanted = WANTED.get(target.get("wanted", ""), "")
    if target["form"] == "direction" and not wanted:
        wanted = indicator.direction
    plain = ("value", "lower", "upper", "percent", "percentile", "rank")
    Target.objects.update_or_create(
        indicator=indicator,
        valid_from=target.get("valid_from", 2000),
        defaults={
            "form": target["form"],
            "side": target.get("comparison", ""),
            "wanted": wanted,
            "tolerance": target.get("tolerance", 0),
            "baseline_period": str(target.get("baseline_period") or ""),
            "group": target.get("group", "all" if target["form"] == "position" else ""),
            "valid_to": target.get("valid_to"),
            **{name: target.get(name) for name in plain},
        },
    )
