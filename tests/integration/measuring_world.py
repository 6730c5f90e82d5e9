"""Two departments that measure, open periods, people in every role; February 2026."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from indicators import operations
from indicators.models import Department, Indicator, InputPeriod, Measurement, MeasurementState
from indicators.operations import CellKey, Entered
from indicators.permissions import Person, RoleName
from indicators.queries import access

NOW = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
YEARS = {"2019": 81.0, "2020": 83.0, "2021": 82.0, "2022": 85.0, "2023": 84.0, "2024": 83.0}


def texts(words: str) -> dict[str, str]:
    return {"sv": words, "en": f"{words} (en)"}


def definition(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "name": texts(f"Mått {code}"), "purpose": texts("Syftet"), "definition": texts("Vad det är"),
        "calculation": texts("Så räknas det"), "owner": texts("Chefen"), "area": "all", "unit": "percent",
        "decimals": 0, "minimum": 0, "maximum": 100, "direction": "higher", "measures": "effect", "experienced": False,
        "comparable": False, "influenceable": True, "never_good_enough": False, "frequency": "year", "due_days": 60,
        "source": "department", "divided": False, "department": "school",
    } | more  # fmt: skip


DEFINITIONS = [
    definition(
        "share",
        numerator=texts("De som är nöjda"),
        denominator=texts("Alla som svarat"),
        target={"form": "level", "comparison": "at_least", "value": 80, "tolerance": 1},
    ),
    definition("both", divided=True),
    definition("days", unit="days", decimals=1, maximum=None, direction="lower"),
    definition("month", frequency="month", due_days=15),
    definition("other", department="care"),
    definition("fetched", source="kolada", kolada_id="N90001"),
]


@dataclass
class World:
    """Ids by code, people by name: reporter and second (of the school), approver, stranger (reporter of the care),
    strategist, council."""

    ids: dict[str, int]
    departments: dict[str, int]
    users: dict[str, Any]

    def person(self, name: str) -> Person:
        return access.person(self.users[name])

    def who(self, name: str) -> dict[str, Any]:
        return {"by": self.users[name], "person": self.person(name), "now": NOW}

    def cell(self, code: str = "share", period: str = "2025", breakdown: str = "T") -> CellKey:
        return CellKey(self.ids[code], period, breakdown)

    def save(
        self, value: float | None, *, seen: int | None = None, who: str = "reporter", cell: CellKey | None = None,
        **more: Any,
    ) -> operations.SavedCell:  # fmt: skip
        return operations.save_cell(
            cell=cell or self.cell(), entered=Entered(value=value, **more), seen=seen, **self.who(who)
        )

    def hand_in(self, value: float, *, who: str = "reporter", cell: CellKey | None = None, **more: Any) -> CellKey:
        """Save a value in an empty cell and submit it."""
        self.save(value, who=who, cell=cell, **more)
        done = operations.submit(cells=[cell or self.cell()], **self.who(who))
        assert done.refused == (), done.refused
        return done.done[0]

    def revisions(self, cell: CellKey | None = None) -> list[tuple[str, float | None]]:
        """State and value of every revision of a cell, oldest first."""
        cell = cell or self.cell()
        rows = Measurement.objects.filter(
            indicator_id=cell.indicator_id, period=cell.period, breakdown=cell.breakdown
        ).order_by("revision")
        return [(row.state, None if row.value is None else float(row.value)) for row in rows]


def build() -> World:
    """The installation; “share” has approved values of six years."""
    operations.store_definitions(
        units=[
            {"code": "percent", "symbol": "%", "name": texts("procent"), "share": True},
            {"code": "days", "symbol": {"sv": "dagar", "en": "days"}, "name": texts("dagar")},
        ],
        areas=[{"code": "all", "name": texts("Allt")}],
        departments=[
            {"code": "school", "name": texts("Skolförvaltningen")},
            {"code": "care", "name": texts("Omsorgsförvaltningen")},
        ],
        indicators=DEFINITIONS,
        by=None,
    )
    departments = dict(Department.objects.values_list("code", "pk"))
    world = World(dict(Indicator.objects.values_list("code", "pk")), departments, _people(departments))
    _open_periods("2024", "2025", "2025M12", "2026M01")
    rows = [operations.Measured(world.ids["share"], year, value=value) for year, value in YEARS.items()]
    operations.record_measurements(
        rows=rows, source="department", state=MeasurementState.APPROVED, by=None, refresh=False
    )
    return world


def _people(departments: dict[str, int]) -> dict[str, Any]:
    school, care = departments["school"], departments["care"]
    roles: dict[str, tuple[RoleName, int | None]] = {
        "reporter": (RoleName.REPORTER, school), "second": (RoleName.REPORTER, school),
        "approver": (RoleName.APPROVER, school), "stranger": (RoleName.REPORTER, care),
        "strategist": (RoleName.STRATEGIST, None), "council": (RoleName.COUNCIL, None),
    }  # fmt: skip
    found = {}
    for name, (role, department) in roles.items():
        user = get_user_model().objects.create_user(f"{name}@example.org", f"{name}@example.org")
        user.first_name, user.last_name = name.capitalize(), "Test"
        user.save()
        operations.grant_role(user=user, name=role, department_id=department, by=None)
        found[name] = user
    return found


def _open_periods(*codes: str) -> None:
    """Open from the turn of the year to the end of February 2026."""
    InputPeriod.objects.bulk_create(
        InputPeriod(
            kind="month" if "M" in code else "year",
            period=code,
            opens_at=datetime(2026, 1, 1, tzinfo=UTC),
            closes_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
        for code in codes
    )
