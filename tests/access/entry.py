"""My measurements, the entry grid and evidence: for those who hand in. Other departments' are tried in
`test_entry_grid` and `test_evidence`."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from indicators.models import Evidence, Indicator, InputPeriod
from tests.access import DEPARTMENT, Row

PERIOD = "2022M01"


def handed_in(world: Any) -> Indicator:
    """An indicator whose values the world's department hands in, with a period that is open."""
    found = Indicator.objects.filter(source="department").order_by("id").first()
    assert found is not None
    found.department = world.department
    found.save()
    now = timezone.now()
    InputPeriod.objects.create(
        kind=found.frequency, period=PERIOD, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1)
    )
    return found


def evidence(world: Any) -> Evidence:
    return Evidence.objects.create(
        department=world.department, filename="a.txt", content_type="text/plain", size=1, digest="", content=b"a"
    )


THINGS = {"handed_in": handed_in, "evidence": evidence}
DEPARTMENT_CODE = (lambda world: world.handed_in.department.code,)
CELL = {"cell": lambda world: f"{world.handed_in.pk}-{PERIOD}-T"}

ROWS = [
    Row("my-measurements", DEPARTMENT),
    Row("entry-grid", DEPARTMENT, DEPARTMENT_CODE),
    Row("entry-grid", DEPARTMENT, DEPARTMENT_CODE, "post"),
    Row("entry-submit", DEPARTMENT, DEPARTMENT_CODE),
    Row("entry-submit", DEPARTMENT, DEPARTMENT_CODE, "post"),
    Row("entry-evidence", DEPARTMENT, DEPARTMENT_CODE, data=CELL),
    Row("entry-cell", DEPARTMENT, data=CELL),
    Row("entry-cell", DEPARTMENT, method="post", data=CELL | {"value": ""}),
    Row("evidence", DEPARTMENT, (lambda world: world.evidence.pk,)),
]
