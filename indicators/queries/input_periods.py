"""When departments may hand in, and how far they have come."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import FilteredRelation, Prefetch, Q

from indicators.compute.input_window import NOT_OPENED, Window, window
from indicators.models import Breakdown, Indicator, InputException, InputPeriod, Measurement, Source
from indicators.periods import Period
from indicators.permissions import RoleName
from indicators.read_models.input_periods import ExpectedValue, GrantedException, OpenedPeriod


def windows(periods: Collection[str], department_ids: Collection[int], now: datetime) -> dict[tuple[str, int], Window]:
    """Whether each department may hand in for each period now, exceptions included (1 query)."""
    rows = (
        InputPeriod.objects.filter(period__in=set(periods))
        .annotate(granted=FilteredRelation("exceptions", condition=Q(exceptions__department_id__in=department_ids)))
        .order_by()
        .values_list("period", "opens_at", "closes_at", "granted__department_id", "granted__closes_at")
    )
    common: dict[str, tuple[datetime, datetime]] = {}
    longer: dict[tuple[str, int], datetime] = {}
    for period, opens_at, closes_at, department_id, until in rows:
        common[period] = (opens_at, closes_at)
        if department_id is not None:
            longer[period, department_id] = until
    return {
        (period, department): window(*common[period], longer.get((period, department)), now)
        if period in common
        else NOT_OPENED
        for period in set(periods)
        for department in set(department_ids)
    }


def whom_to_ask() -> list[tuple[str, str]]:
    """(name, e-mail) of the quality strategists, by name (1 query)."""
    users: Any = get_user_model().objects
    rows = users.filter(is_active=True, roles__name=RoleName.STRATEGIST.value).order_by("last_name", "first_name", "pk")
    return [(user.get_full_name() or user.get_username(), user.email) for user in rows.distinct()]


def opened(kinds: Collection[str] | None = None) -> list[OpenedPeriod]:
    """Periods with their dates and exceptions, newest first, of some frequencies or all (2 queries)."""
    rows = InputPeriod.objects.select_related("opened_by").prefetch_related(
        Prefetch("exceptions", InputException.objects.select_related("department", "granted_by"))
    )
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return [_opened(row) for row in sorted(rows, key=lambda row: Period.parse(row.period), reverse=True)]


def one(period: str) -> OpenedPeriod | None:
    """A period that has been opened (2 queries)."""
    return next((row for row in opened([Period.parse(period).kind.value]) if row.period == period), None)


def _opened(row: InputPeriod) -> OpenedPeriod:
    exceptions = [
        GrantedException(
            department_id=granted.department_id,
            department=granted.department.name,
            closes_at=granted.closes_at,
            reason=granted.reason,
            granted_by=person_name(granted.granted_by),
            granted_at=granted.granted_at,
        )
        for granted in row.exceptions.all()
    ]
    return OpenedPeriod(
        period=row.period,
        kind=row.kind,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        note=row.note,
        opened_by=person_name(row.opened_by),
        exceptions=tuple(sorted(exceptions, key=lambda granted: granted.department)),
    )


def person_name(user: Any) -> str:
    """“Anna Ek”, else the e-mail address or user name; "" for the program itself."""
    return "" if user is None else user.get_full_name() or user.email or user.get_username()


def expected() -> list[ExpectedValue]:
    """The indicators that departments hand in, those in use, by department (1 query)."""
    rows = (
        Indicator.objects.filter(source=Source.DEPARTMENT, retired_on=None)
        .select_related("department")
        .only(
            "code", "name_sv", "name_en", "frequency", "due_days", "department__name_sv", "department__name_en",
            "department__code",
        )
        .order_by("code")
    )  # fmt: skip
    found = [
        ExpectedValue(
            indicator_id=i.pk,
            code=i.code,
            name=i.name,
            frequency=i.frequency,
            due_days=i.due_days,
            department_id=i.department_id,
            department=i.department.name,
        )
        for i in rows
    ]
    return sorted(found, key=lambda value: (value.department, value.code))


def states(periods: Collection[str]) -> dict[tuple[int, str], str]:
    """How the value for all of each indicator and period stands, by its newest revision (1 query)."""
    rows = (
        Measurement.objects.filter(source=Source.DEPARTMENT, breakdown=Breakdown.ALL, period__in=set(periods))
        .order_by("revision")
        .values_list("indicator_id", "period", "state")
    )
    return {(indicator_id, period): state for indicator_id, period, state in rows}
