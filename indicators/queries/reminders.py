"""What is waited for and from whom, and what has been sent."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch, Q
from django.utils import timezone

from indicators.compute.input_window import WindowState
from indicators.compute.reminder_plan import Due, Told, due_day
from indicators.models import Indicator, Reminder, Role, Source
from indicators.periods import Period
from indicators.permissions import RoleName
from indicators.queries import input_periods
from indicators.read_models.input_periods import OpenedPeriod
from indicators.read_models.reminders import Ground, IndicatorNames, Recipient, SentDigest

OLDEST = timedelta(days=400)  # what has been due for longer than that, nobody is reminded of any more
LATEST = 60


def ground(now: datetime) -> Ground:
    """Everything that digests are planned and written from (6 queries)."""
    today = timezone.localdate(now)
    indicators = _indicators()
    people = _people(indicators)
    return Ground(
        today=today,
        dues=_dues(indicators, input_periods.opened(), people, now),
        told=_told(today),
        people={person.user_id: person for person, _roles in people.values()},
        indicators={
            i.pk: IndicatorNames(
                code=i.code,
                names={"sv": i.name_sv, "en": i.name_en or i.name_sv},
                frequency=i.frequency,
                department=i.department.code,
                departments={"sv": i.department.name_sv, "en": i.department.name_en or i.department.name_sv},
            )
            for i in indicators
        },
    )


def _indicators() -> list[Any]:
    rows: Any = Indicator.objects.filter(source=Source.DEPARTMENT, retired_on=None).select_related("department")
    return list(
        rows.only(
            "code", "name_sv", "name_en", "frequency", "due_days", "responsible_id", "department__code",
            "department__name_sv", "department__name_en", "department__head_id",
        ).order_by("code")
    )  # fmt: skip


People = dict[int, tuple[Recipient, list[tuple[str, int | None]]]]


def _people(indicators: Iterable[Any]) -> People:
    """Active people who may be reminded, with those of their roles that matter here (2 queries)."""
    named = {i.responsible_id for i in indicators} | {i.department.head_id for i in indicators}
    wanted = [RoleName.REPORTER.value, RoleName.STRATEGIST.value]
    users: Any = get_user_model().objects
    rows = (
        users.filter(Q(pk__in=named - {None}) | Q(roles__name__in=wanted), is_active=True)
        .select_related("contact")
        .prefetch_related(Prefetch("roles", Role.objects.filter(name__in=wanted)))
        .distinct()
        .order_by("pk")
    )
    return {user.pk: (recipient(user), [(r.name, r.department_id) for r in user.roles.all()]) for user in rows}


def recipient(user: Any) -> Recipient:
    """How a person is reached; one without a row of contact wants reminders, in Swedish."""
    contact = getattr(user, "contact", None)
    return Recipient(
        user_id=user.pk,
        name=input_periods.person_name(user),
        address=user.email,
        language=contact.language if contact else "sv",
        wants=contact.reminders if contact else True,
    )


def _dues(indicators: list[Any], opened: list[OpenedPeriod], people: People, now: datetime) -> list[Due]:
    states = input_periods.states([row.period for row in opened])
    strategists = tuple(pk for pk, (_p, roles) in people.items() if (RoleName.STRATEGIST.value, None) in roles)
    found = []
    for row in opened:
        for indicator in (i for i in indicators if i.frequency == row.kind):
            state = states.get((indicator.pk, row.period), "")
            window = row.window(now, indicator.department_id)
            if state in ("submitted", "approved") or window.state is WindowState.NOT_YET:
                continue
            due = _due(row, indicator, now)
            if timezone.localdate(now) - due > OLDEST:
                continue
            reporter = (RoleName.REPORTER.value, indicator.department_id)
            found.append(
                Due(
                    indicator_id=indicator.pk,
                    period=row.period,
                    due=due,
                    state="" if state == "cleared" else state,
                    responsible=indicator.responsible_id if indicator.responsible_id in people else None,
                    reporters=tuple(pk for pk, (_p, roles) in people.items() if reporter in roles),
                    head=indicator.department.head_id if indicator.department.head_id in people else None,
                    strategists=strategists,
                )
            )
    return found


def _due(row: OpenedPeriod, indicator: Any, now: datetime) -> date:
    window = row.window(now, indicator.department_id)
    closes_at = window.closes_at or row.closes_at
    return due_day(
        Period.parse(row.period).due(indicator.due_days),
        timezone.localdate(row.opens_at),
        timezone.localdate(closes_at - timedelta(minutes=1)),
        exception=window.exception,
    )


def _told(today: date) -> frozenset[Told]:
    """What people have been reminded of: letters that left (1 query)."""
    rows = Reminder.objects.filter(day__gte=today - OLDEST * 2, sent_at__isnull=False).values_list("user_id", "items")
    return frozenset(
        (user_id, item["indicator"], item["period"], item["step"]) for user_id, items in rows for item in items
    )


def sent() -> list[SentDigest]:
    """The latest digests, newest first, those that failed among them (1 query)."""
    rows = Reminder.objects.select_related("user").order_by("-day", "-id")[:LATEST]
    return [_digest(row) for row in rows]


def claimed_on(day: date) -> dict[int, SentDigest]:
    """Users to whom a digest of the day was claimed, with what came of it (1 query)."""
    rows = Reminder.objects.select_related("user").filter(day=day)
    return {row.user_id: _digest(row) for row in rows}


def _digest(row: Reminder) -> SentDigest:
    return SentDigest(
        day=row.day,
        name=input_periods.person_name(row.user),
        address=row.address,
        items=tuple(
            (item["code"], item["period"], (row.day - date.fromisoformat(item["due"])).days) for item in row.items
        ),
        claimed_at=row.claimed_at,
        sent_at=row.sent_at,
        error=row.error,
    )
