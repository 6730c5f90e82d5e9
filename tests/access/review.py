"""The review queue and a cell's history."""

from typing import Any

from indicators.models import Indicator, Measurement, MeasurementState
from tests.access import APPROVERS, DEPARTMENT, Row


def _handed_in(world: Any) -> Measurement:
    """A value that the world's own department has handed in."""
    indicator = Indicator.objects.filter(department=world.department).order_by("id").first()
    assert indicator is not None
    Indicator.objects.filter(pk=indicator.pk).update(source="department", kolada_id="")
    return Measurement.objects.create(
        indicator=indicator, period="2022", source="department", value=80, state=MeasurementState.SUBMITTED
    )


THINGS = {"submitted_value": _handed_in}
ROWS = [
    Row("review", APPROVERS),
    Row("review-decide", APPROVERS, method="post", data={"act": "approve"}),
    Row("measurement", DEPARTMENT, (lambda world: world.submitted_value.indicator.code, "2022", "T")),
]
