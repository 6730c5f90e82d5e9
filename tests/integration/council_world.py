"""A small installation for the council's pages: eight indicators of our own departments, four goals under two issues,
two committees and a judgement, taken in and computed by the real operations and the real pipeline.

2021 → 2022: goal one goes from partly met to met, two is judged partly met where the proposal is not met, three goes
from met to not met (one of its indicators is measured for the first time, a 0, the other becomes confidential), four
is followed as context only.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from indicators import operations, pipeline
from indicators.models import Indicator, MeasurementState
from indicators.operations import Measured
from indicators.sources.definitions import read_definitions, read_yaml
from scorecard import operations as chain
from scorecard.models import Goal

TODAY = date(2023, 6, 1)
HOME = "9001"
VALUES: dict[str, dict[str, float | str]] = {
    "ann": {"2020": 71.0, "2021": 70.0, "2022": 82.0},
    "ben": {"2020": 90.0, "2021": 90.0, "2022": 90.0},
    "cid": {"2021": 85.0, "2022": 78.0},
    "dan": {"2021": 60.0, "2022": 60.0},
    "eva": {"2022": 0.0},
    "fia": {"2021": 90.0, "2022": "confidential"},
    "gus": {"2021": 10.0, "2022": 12.0},
    "hed": {"2021": 88.0, "2022": 88.0},
}


def texts(words: str) -> dict[str, str]:
    return {"sv": words, "en": f"{words} (en)"}


def definition(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "name": texts(f"Mått {code}"), "purpose": texts("Syftet"), "definition": texts(f"Så mäts {code}"),
        "calculation": texts("Så räknas det"), "owner": texts(f"Chefen för {code}"), "area": "learn", "unit": "percent",
        "decimals": 0, "direction": "higher", "measures": "effect", "experienced": False, "comparable": False,
        "influenceable": True, "never_good_enough": False, "frequency": "year", "due_days": 30, "source": "department",
        "divided": False, "department": "school",
        "target": {"form": "level", "comparison": "at_least", "value": 80, "tolerance": 5},
    } | more  # fmt: skip


def goal(code: str, committee: str, indicators: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "code": code,
        "sentence": texts(f"Målet {code} ska nås"),
        "short": texts(f"Mål {code}"),
        "committee": committee,
        "direction": texts(f"Inriktning för {code}"),
        "directives": [
            {"committee": committee, "text": texts(f"Uppdrag för {code}"), "valid_from": "2022", "valid_to": "2023"}
        ],
        "indicators": indicators,
    }


CHAIN = {
    "vision": {"title": texts("Vår vision"), "text": texts("Allt blir bra")},
    "committees": [
        {"code": "school-board", "name": texts("Skolnämnden")},
        {"code": "service-board", "name": texts("Servicenämnden")},
    ],
    "issues": [
        {
            "code": "learning",
            "name": texts("Lärande"),
            "goals": [
                goal("one", "school-board", [{"code": "ann", "key": True, "weight": 1}, {"code": "ben"}]),
                goal("two", "school-board", [{"code": "cid"}, {"code": "dan"}]),
            ],
        },
        {
            "code": "service",
            "name": texts("Service"),
            "goals": [
                goal("three", "service-board", [{"code": "eva"}, {"code": "fia"}]),
                goal("four", "service-board", [{"code": "gus"}]),
            ],
        },
    ],
}
DEPARTMENTS = [
    {"code": "school", "name": texts("Skolförvaltningen"), "committee": "school-board"},
    {"code": "office", "name": texts("Servicekontoret"), "committee": "service-board"},
]


def build(*, invented: bool = True, example: bool = False, values: bool = True) -> None:
    """The installation, computed."""
    operations.store_municipalities(places=[(HOME, "Exempelby", "K")], home=HOME, invented=invented, by=None)
    operations.store_definitions(
        units=[{"code": "percent", "symbol": "%", "name": {"sv": "procent", "en": "per cent"}, "share": True}],
        areas=[{"code": "learn", "name": texts("Skolan")}, {"code": "serve", "name": texts("Service")}],
        departments=DEPARTMENTS,
        indicators=[
            definition(code) for code in ("ann", "ben", "cid", "dan")
        ] + [
            definition("eva", area="serve", department="office"),
            definition("fia", area="serve", department="office"),
            definition("gus", area="serve", department="office", direction="context", target=None),
            definition("hed", area="serve", department="office"),
        ],
        by=None,
    )  # fmt: skip
    chain.store_chain(chain=CHAIN, departments=DEPARTMENTS, valid_from=2000, example=example, by=None)
    if values:
        measure(VALUES)
        chain.judge_goal(
            goal=Goal.objects.get(code="two"),
            period="2022",
            status="partly",
            motivation=texts("Vi är på god väg"),
            actions=texts("Mer av det som fungerar"),
            decided_on=date(2023, 3, 14),
            by=None,
        )
    pipeline.refresh(list(Indicator.objects.values_list("id", flat=True)), today=TODAY)


def measure(values: dict[str, dict[str, float | str]]) -> None:
    ids = dict(Indicator.objects.values_list("code", "id"))
    rows = [
        Measured(ids[code], period, absence=value)
        if isinstance(value, str)
        else Measured(ids[code], period, value=value)
        for code, series in values.items()
        for period, value in series.items()
    ]
    delivery = operations.start_import(source="department", origin="test", job=None)
    operations.record_measurements(
        rows=rows,
        source="department",
        state=MeasurementState.APPROVED,
        by=None,
        delivery=delivery,
        refresh=False,
    )
    operations.finish_import(delivery=delivery, unanswered=[])


def add_shipped() -> None:
    """The 121 reviewed definitions and their 19 goals beside what is there, with values for the departments' own."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "definitions"
    shipped = read_definitions(folder)
    operations.store_definitions(
        units=shipped.units,
        areas=shipped.areas,
        departments=shipped.departments,
        indicators=shipped.indicators,
        by=None,
    )
    chain.store_chain(
        chain=read_yaml(folder / "governance.yaml"),
        departments=shipped.departments,
        valid_from=2000,
        example=True,
        by=None,
    )
    yearly = [d["code"] for d in shipped.indicators if d["source"] == "department" and d["frequency"] == "year"]
    measure({code: {"2021": 40.0, "2022": 50.0} for code in yearly})
    pipeline.refresh(list(Indicator.objects.values_list("id", flat=True)), today=TODAY)
