"""What is asked of somebody's departments, or of a person."""

from collections.abc import Collection
from datetime import datetime

from django.utils.timezone import localtime

from indicators.models import Department
from indicators.queries import input_periods
from indicators.queries.entry_grid import HANDED_IN, cells, items, opened
from indicators.read_models.my_measurements import OPENED_KEPT, Place, TaskRows


def places(department_ids: Collection[int] | None = None) -> list[Place]:
    """Departments that hand in indicators, by name; None: all of them (1 query)."""
    rows = Department.objects.filter(indicators__source=HANDED_IN, indicators__retired_on__isnull=True)
    if department_ids is not None:
        rows = rows.filter(pk__in=department_ids)
    return [Place(d.pk, d.code, d.name) for d in rows.distinct().order_by("name")]


def tasks(offered: Collection[Place], *, mine: int | None = None, now: datetime) -> TaskRows:
    """What the departments are asked for, or of that what one user is responsible for (7 queries)."""
    ids = [place.id for place in offered]
    shown = items(ids, mine=mine)
    by_kind = opened(now)
    periods = [p.code for kind in {i.frequency for i in shown} for p in by_kind.get(kind, [])[-OPENED_KEPT:]]
    return TaskRows(
        places={place.id: place for place in offered},
        items=shown,
        opened=by_kind,
        windows=input_periods.windows(periods, ids, now),
        cells=cells([item.id for item in shown], periods),
        strategists=input_periods.whom_to_ask(),
        today=localtime(now).date(),
    )
