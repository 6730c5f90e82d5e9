"""Two departments that hand in, the people who do it, and periods that are open and closed, relative to today."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from indicators import operations
from indicators.models import Department, Indicator, InputPeriod, MeasurementState
from indicators.periods import Kind, Period
from indicators.permissions import RoleName

PASSWORD = "a long enough phrase"
ROWS = 10


def texts(words: str) -> dict[str, str]:
    return {"sv": words, "en": f"{words} (en)"}


def definition(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "name": texts(f"Mått {code}"), "purpose": texts("Syftet"), "definition": texts("Vad det är"),
        "calculation": texts("Så räknas det"), "owner": texts("Chefen"), "area": "edu", "unit": "percent",
        "decimals": 1, "direction": "higher", "measures": "effect", "experienced": False, "comparable": False,
        "influenceable": True, "never_good_enough": False, "frequency": "tertial", "due_days": 30,
        "source": "department", "divided": False, "department": "school", "minimum": 0, "maximum": 100,
    } | more  # fmt: skip


def share(code: str, **more: Any) -> dict[str, Any]:
    return definition(code, numerator=texts("De som kom"), denominator=texts("Alla"), **more)


@dataclass(frozen=True)
class World:
    school: Department
    care: Department
    reporter: User
    approver: User
    stranger: User
    strategist: User
    council: User
    open: Period
    closed: Period

    def indicator(self, code: str) -> Indicator:
        return Indicator.objects.get(code=code)

    def key(self, code: str, breakdown: str = "T", period: Period | None = None) -> str:
        return f"{self.indicator(code).pk}-{(period or self.open).code}-{breakdown}"


def person(name: str, *roles: tuple[RoleName, Department | None]) -> User:
    address = f"{name.lower()}@example.org"
    user = User.objects.create_user(address, address, PASSWORD, first_name=name, last_name="Ek")
    for role, department in roles:
        operations.grant_role(user=user, name=role, department_id=department.pk if department else None, by=None)
    return user


def last_tertial() -> Period:
    """The newest that is over."""
    return Period.of(Kind.TERTIAL, timezone.localdate()).previous()


def build(*definitions: dict[str, Any]) -> World:
    """The world; without definitions ten shares of the school's, handed in each four months, and two of the care's."""
    operations.store_definitions(
        units=[
            {"code": "percent", "symbol": texts("%") | {"en": "%"}, "name": texts("procent"), "share": True},
            {"code": "count", "symbol": {"sv": "", "en": ""}, "name": texts("antal"), "share": False},
        ],
        areas=[{"code": "edu", "name": texts("Skola")}],
        departments=[
            {"code": "school", "name": texts("Skolförvaltningen")},
            {"code": "care", "name": texts("Vårdförvaltningen")},
        ],
        indicators=definitions
        or [
            *(share(f"s{n:02d}", divided=True) for n in range(1, ROWS + 1)),
            definition("month", frequency="month", unit="count", decimals=0, maximum=None),
            definition("c01", department="care"),
        ],
        by=None,
    )
    school, care = Department.objects.get(code="school"), Department.objects.get(code="care")
    now = timezone.now()
    last = last_tertial()
    open_period(last, closes_at=now + timedelta(days=20))
    open_period(last.previous(), closes_at=now - timedelta(days=2))
    return World(
        school=school,
        care=care,
        reporter=person("Rut", (RoleName.REPORTER, school)),
        approver=person("Agda", (RoleName.APPROVER, school)),
        stranger=person("Vera", (RoleName.REPORTER, care)),
        strategist=person("Stina", (RoleName.STRATEGIST, None)),
        council=person("Kalle", (RoleName.COUNCIL, None)),
        open=last,
        closed=last.previous(),
    )


def open_period(period: Period, *, closes_at: datetime) -> InputPeriod:
    opens = timezone.make_aware(datetime.combine(period.last_day + timedelta(days=1), time.min))
    return InputPeriod.objects.create(
        kind=period.kind.value,
        period=period.code,
        opens_at=min(opens, closes_at - timedelta(days=1)),
        closes_at=closes_at,
    )


def approved(indicator: Indicator, values: dict[str, float], breakdown: str = "T") -> None:
    """Values that the council sees already."""
    operations.record_measurements(
        rows=[operations.Measured(indicator.pk, period, breakdown, value) for period, value in values.items()],
        source="department",
        state=MeasurementState.APPROVED,
        by=None,
        refresh=False,
    )
