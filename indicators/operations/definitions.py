"""Definitions from the reviewed files: what is missing is created; what people have edited stays, unless restored."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model

from indicators.compute.series import Aggregation
from indicators.models import Area, Department, Indicator, SeriesBreak, Target, Unit
from indicators.operations.actor import User, recorded
from indicators.operations.translations import translated


def store_definitions(
    *,
    units: Sequence[Mapping[str, Any]],
    areas: Sequence[Mapping[str, Any]],
    departments: Sequence[Mapping[str, Any]],
    indicators: Sequence[Mapping[str, Any]],
    by: User,
    restore: bool = False,
) -> int:
    """Take the reviewed files in; returns how many indicators they define.

    What is not there yet is created. What is there is left as it is, since people may have edited it; with `restore` it
    is made what the files say, and its targets and breaks that the files do not have are removed. No indicator is
    deleted.
    """
    with transaction.atomic(), recorded(by):
        for unit in units:
            words = {**translated("symbol", unit["symbol"]), **translated("name", unit["name"])}
            _keep(Unit, {"code": unit["code"]}, {**words, "share": unit.get("share", False)}, restore)
        for order, area in enumerate(areas):
            plain = {"similar": area.get("similar", ""), "order": order}
            _keep(Area, {"code": area["code"]}, {**translated("name", area["name"]), **plain}, restore)
        for department in departments:
            _keep(Department, {"code": department["code"]}, translated("name", department["name"]), restore)
        known = dict(Department.objects.values_list("code", "id"))
        there = set(Indicator.objects.values_list("code", flat=True))
        for definition in indicators:
            if restore or definition["code"] not in there:
                _store_indicator(definition, known)
    return len(indicators)


def _keep(model: type[Model], key: Mapping[str, Any], fields: Mapping[str, Any], restore: bool) -> None:
    """A row that is there, as it is or, with `restore`, as the files say."""
    if restore:
        model._default_manager.update_or_create(**key, defaults=fields)
    else:
        model._default_manager.get_or_create(**key, defaults=fields)


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
            "formula": definition.get("formula") or "",
            "respondents_kolada_id": definition.get("respondents_kolada_id") or "",
            "margin_kolada_id": definition.get("margin_kolada_id") or "",
            "steering": definition.get("steering", True),
            "aggregation": definition.get("aggregation", Aggregation.LAST.value),
            "department_id": departments[definition["department"]],
        },
    )
    _store_breaks(indicator, definition.get("breaks", ()))
    _store_target(indicator, definition.get("target"))


def _store_breaks(indicator: Indicator, breaks: Sequence[Mapping[str, Any]]) -> None:
    """Make these the breaks of an indicator; each row is deleted by itself, so that the log tells of it."""
    for gone in indicator.breaks.exclude(period__in=[str(item["period"]) for item in breaks]):
        gone.delete()
    for item in breaks:
        SeriesBreak.objects.update_or_create(
            indicator=indicator,
            period=str(item["period"]),
            defaults={
                **translated("reason", item["reason"]),
                "comparable_backwards": item.get("comparable_backwards", False),
            },
        )


WANTED = {"increase": "higher", "decrease": "lower"}


def _store_target(indicator: Indicator, target: Mapping[str, Any] | None) -> None:
    valid_from: int = (target or {}).get("valid_from", 2000)
    kept = indicator.targets.filter(valid_from=valid_from) if target else indicator.targets.none()
    for gone in indicator.targets.exclude(pk__in=kept):
        gone.delete()
    if not target:
        return
    wanted = WANTED.get(target.get("wanted", ""), "")
    if target["form"] == "direction" and not wanted:
        wanted = indicator.direction
    plain = ("value", "lower", "upper", "percent", "percentile", "rank")
    Target.objects.update_or_create(
        indicator=indicator,
        valid_from=valid_from,
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
