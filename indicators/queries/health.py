"""What speaks for and against each indicator, as rows: values, revisions, overruled checks, looks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Min, Sum

from indicators.models import Indicator, Look, SeriesPoint
from indicators.periods import Period
from indicators.queries.review import overruled_checks
from indicators.read_models.health import IndicatorFacts, PointRow

YEAR = timedelta(days=365)


def facts(today: date) -> list[IndicatorFacts]:
    """Every indicator in use that the municipality steers by, in order of the codes, with all that its health is judged
    by (5 queries)."""
    points = _points()
    looks, counted_since = _looks(today)
    overruled: dict[int, int] = defaultdict(int)
    for row in overruled_checks():
        overruled[row.indicator_id] += row.count
    rows = (
        Indicator.objects.filter(retired_on=None, steering=True)
        .select_related("area", "department")
        .only(
            "code", "name_sv", "name_en", "frequency", "due_days", "source", "area__name_sv", "area__name_en",
            "area__order", "department__name_sv", "department__name_en",
        )
        .order_by("code")
    )  # fmt: skip
    return [
        IndicatorFacts(
            id=i.pk,
            code=i.code,
            name=i.name,
            area=i.area.name,
            department=i.department.name,
            frequency=i.frequency,
            due_days=i.due_days,
            points=points.get(i.pk, []),
            overruled=overruled.get(i.pk, 0),
            looks=looks.get(i.pk, 0),
            counted_days=(today - counted_since).days if counted_since else 0,
        )
        for i in rows
    ]


def _points() -> dict[int, list[PointRow]]:
    """Our own series for all, oldest first."""
    rows = SeriesPoint.objects.filter(breakdown="T").values_list(
        "indicator_id", "period", "value", "absence", "earlier_value"
    )
    found: dict[int, list[PointRow]] = defaultdict(list)
    for indicator_id, period, value, absence, earlier in rows.iterator():
        number = None if value is None else float(value)
        found[indicator_id].append(PointRow(Period.parse(period), number, absence, earlier is not None))
    for own in found.values():
        own.sort(key=lambda point: point.period)
    return found


def _looks(today: date) -> tuple[dict[int, int], date | None]:
    """Looks of a year by indicator, and the day on which counting began."""
    recent: Iterable[tuple[int, int]] = (
        Look.objects.filter(day__gt=today - YEAR).order_by().values_list("indicator").annotate(Sum("count"))
    )
    began = Look.objects.aggregate(first=Min("day"))["first"]
    return dict(recent), None if began is None else max(began, today - YEAR)
