"""Our own raw values in: a correction is a further revision."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import F

from indicators.compute.validate import LARGEST
from indicators.models import Absence, Breakdown, Import, Indicator, Measurement, MeasurementState
from indicators.operations.actor import User
from indicators.operations.jobs import request_refresh
from indicators.periods import Period, PeriodError


class MeasurementError(ValueError):
    """A measurement that its indicator cannot have; the message says which and why."""


@dataclass(frozen=True)
class Measured:
    """A measurement to record: a value, or the reason why there is none."""

    indicator_id: int
    period: str
    breakdown: str = "T"
    value: float | None = None
    absence: str = ""
    numerator: float | None = None
    denominator: float | None = None
    margin: float | None = None
    respondents: int | None = None
    method: str = ""
    comment: str = ""


def record_measurements(
    *, rows: Sequence[Measured], source: str, state: MeasurementState, by: User, delivery: Import | None = None,
    refresh: bool = True,
) -> int:  # fmt: skip
    """Add measurements as new revisions where they differ from the newest; returns how many were added.

    Raw is append-only: what stood there stays, and the new revision says who and when. Raises MeasurementError where
    a row is none of its indicator's; then nothing is recorded.
    """
    with transaction.atomic():
        wanted = {row.indicator_id for row in rows}
        locked = Indicator.objects.select_for_update().filter(pk__in=wanted)
        kinds = dict(locked.values_list("pk", "frequency"))
        _check_measured(rows, kinds)
        newest: dict[tuple[int, str, str], Measurement] = {}
        stored = Measurement.objects.filter(indicator_id__in=wanted, source=source).order_by("revision")
        for measurement in stored:
            newest[measurement.indicator_id, measurement.period, measurement.breakdown] = measurement
        fresh = []
        for row in rows:
            before = newest.get((row.indicator_id, row.period, row.breakdown))
            if before is None or _says_something_else(before, row, state):
                revision = before.revision + 1 if before else 0
                fresh.append(
                    Measurement(
                        **asdict(row), source=source, state=state, revision=revision, delivery=delivery, entered_by=by
                    )  # type: ignore[misc]
                )
        Measurement.objects.bulk_create(fresh, batch_size=2000)
        if delivery:
            revised = sum(1 for measurement in fresh if measurement.revision)
            Import.objects.filter(pk=delivery.pk).update(
                received=F("received") + len(rows),
                added=F("added") + len(fresh) - revised,
                revised=F("revised") + revised,
                unchanged=F("unchanged") + len(rows) - len(fresh),
            )
        if refresh and fresh:
            changed = sorted({measurement.indicator_id for measurement in fresh})
            request_refresh(indicator_ids=changed, by=by)
    return len(fresh)


def _check_measured(rows: Sequence[Measured], kinds: Mapping[int, str]) -> None:
    seen = set()
    for row in rows:
        fault = _fault_of(row, kinds.get(row.indicator_id))
        key = (row.indicator_id, row.period, row.breakdown)
        if fault or key in seen:
            raise MeasurementError(f"indicator {row.indicator_id}, {row.period!r}: {fault or 'given twice'}")
        seen.add(key)


def _fault_of(row: Measured, kind: str | None) -> str:
    """What is wrong with a measurement of an indicator that is measured once a `kind`; "" where nothing is."""
    numbers = (row.value, row.numerator, row.denominator, row.margin, row.respondents)
    if kind is None:
        return "there is no indicator with this id"
    try:
        period = Period.parse(row.period)
    except PeriodError as error:
        return str(error)
    if period.kind != kind or period.code != row.period:
        return f"the indicator is measured once a {kind}"
    if row.breakdown not in Breakdown.values:
        return f"{row.breakdown!r} is no breakdown"
    if not all(number is None or abs(number) < LARGEST for number in numbers):
        return "a number is finite and below 1e12"
    if (row.value is None) != (row.absence in Absence.values):
        return "either a value or one of the known reasons why there is none"
    return ""


def _says_something_else(before: Measurement, row: Measured, state: MeasurementState) -> bool:
    if before.state != state or before.absence != row.absence or before.comment != row.comment:
        return True
    pairs = [
        (before.value, row.value),
        (before.numerator, row.numerator),
        (before.denominator, row.denominator),
        (before.margin, row.margin),
        (before.respondents, row.respondents),
    ]
    return any(
        (a is None) != (b is None) or (a is not None and b is not None and round(float(a) - b, 8)) for a, b in pairs
    )
