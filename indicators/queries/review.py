"""What waits for approval, a cell's whole history, and how often checks were overruled."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from indicators.models import Department, Evidence, Measurement, MeasurementState, Source
from indicators.queries import entry
from indicators.queries.entry_grid import items, person_name
from indicators.read_models.review import HistoryRows, ReviewRows, Waiting


@dataclass(frozen=True)
class Overruled:
    """A soft check that spoke up on a value of an indicator which was approved all the same, and how many times."""

    indicator_id: int
    check: str
    count: int


def page(departments: Collection[int] | None) -> ReviewRows:
    """Everything that waits for approval in the departments, None: in all, with what it is judged by (9 queries; 2
    where nothing waits)."""
    waiting = _waiting(departments)
    names = dict(Department.objects.order_by("name").values_list("pk", "name"))
    if not waiting:
        return ReviewRows((), {}, {}, {}, names, {}, {})
    ids = {cell.indicator_id for cell in waiting}
    by_id = {item.id: item for item in items({cell.department_id for cell in waiting}) if item.id in ids}
    series = entry.revisions(ids)
    return ReviewRows(
        tuple(cell for cell in waiting if cell.indicator_id in by_id),
        by_id,
        series,
        entry.peers(ids),
        names,
        _people(r for by_period in series.values() for revisions in by_period.values() for r in revisions),
        _files(r for by_period in series.values() for revisions in by_period.values() for r in revisions),
    )


def _waiting(departments: Collection[int] | None) -> list[Waiting]:
    """Cells whose newest revision is submitted (1 query)."""
    newer = Measurement.objects.filter(
        indicator=OuterRef("indicator"), period=OuterRef("period"), breakdown=OuterRef("breakdown"),
        source=OuterRef("source"), revision__gt=OuterRef("revision"),
    )  # fmt: skip
    rows = Measurement.objects.filter(
        ~Exists(newer), state=MeasurementState.SUBMITTED, source=Source.DEPARTMENT, indicator__retired_on=None
    )
    if departments is not None:
        rows = rows.filter(indicator__department_id__in=departments)
    columns = ("indicator_id", "period", "breakdown", "indicator__department_id")
    ordered = rows.order_by("indicator__department__name", "indicator__code", "-period", "-breakdown")
    return [Waiting(*row) for row in ordered.values_list(*columns)]


def waiting_in(departments: Collection[int] | None) -> int:
    """How many cells wait for approval in the departments, None: in all (1 query)."""
    return len(_waiting(departments))


def measurement(code: str, period: str, breakdown: str) -> HistoryRows | None:
    """A cell with everything that was done to it (7 queries); None where departments hand in no such indicator."""
    found = next((item for item in items() if item.code == code), None)
    if found is None:
        return None
    revisions = entry.revisions([found.id], breakdown=breakdown, periods=[period]).get((found.id, breakdown), {})
    done = revisions.get(period, [])
    department = Department.objects.get(pk=found.department_id)
    return HistoryRows(
        found, period, breakdown, tuple(done), department.code, department.name, _people(done), _files(done)
    )


def _people(revisions: Any) -> Mapping[int, str]:
    """Names of those who made the revisions (1 query)."""
    users: Any = get_user_model().objects
    rows = users.filter(pk__in={r.entered_by_id for r in revisions if r.entered_by_id is not None})
    return {
        pk: person_name(first, last, mail, account)
        for pk, first, last, mail, account in rows.values_list("pk", "first_name", "last_name", "email", "username")
    }


def _files(revisions: Any) -> Mapping[int, str]:
    """Names of the files behind the revisions (1 query)."""
    ids = {r.evidence_id for r in revisions if r.evidence_id is not None}
    return dict(Evidence.objects.filter(pk__in=ids).values_list("pk", "filename"))


def overruled_checks() -> list[Overruled]:
    """How often each soft check spoke up on a value that was approved all the same, by indicator (1 query)."""
    counts: dict[tuple[int, str], int] = {}
    rows = Measurement.objects.filter(state=MeasurementState.APPROVED, source=Source.DEPARTMENT).exclude(checks=[])
    for indicator_id, checks in rows.values_list("indicator_id", "checks"):
        for check in checks:
            key = (indicator_id, check["check"])
            counts[key] = counts.get(key, 0) + 1
    return [Overruled(pk, check, count) for (pk, check), count in sorted(counts.items())]
