"""Two departments that hand in values, an open period, and people in every role, for tests of sheets."""

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
    definition("share", numerator=texts("De som nöjda"), denominator=texts("Alla som svarat")),
    definition("both", divided=True),
    definition("days", unit="days", decimals=1, maximum=None, direction="lower"),
    definition("month", frequency="month", due_days=15),
    definition("other", department="care"),
    definition("fetched", source="kolada", kolada_id="N90001"),
]


@dataclass
class World:
    """Ids by code, people by name: reporter, second (a reporter too), approver, stranger (reporter of the other
    department), strategist, council."""

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

    def revisions(self, cell: CellKey) -> list[tuple[str, float | None]]:
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
    world = World(dict(Indicator.objects.values_list("code", "pk")), departments, people(departments))
    open_periods("2024", "2025", "2025M12", "2026M01")
    operations.record_measurements(
        rows=[operations.Measured(world.ids["share"], year, value=value) for year, value in YEARS.items()],
        source="department",
        state=MeasurementState.APPROVED,
        by=None,
        refresh=False,
    )
    return world


def people(departments: dict[str, int]) -> dict[str, Any]:
    school, care = departments["school"], departments["care"]
    roles: dict[str, tuple[RoleName, int | None]] = {
        "reporter": (RoleName.REPORTER, school), "second": (RoleName.REPORTER, school),
        "approver": (RoleName.APPROVER, school), "stranger": (RoleName.REPORTER, care),
        "strategist": (RoleName.STRATEGIST, None), "council": (RoleName.COUNCIL, None),
    }  # fmt: skip
    found = {}
    for name, (role, department) in roles.items():
        user = get_user_model().objects.create_user(
            f"{name}@example.org", f"{name}@example.org", first_name=name.capitalize(), last_name="Test"
        )
        operations.grant_role(user=user, name=role, department_id=department, by=None)
        found[name] = user
    return found


def open_periods(*codes: str) -> None:
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
