"""Input periods, reminders and the health of the indicators: strategists' work; letters' links and looks are open."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from indicators import operations
from indicators.models import InputPeriod
from indicators.operations.reminders import unsubscribe_token
from tests.access import EVERYONE, STEERING, Row

OPENED = (lambda world: world.input_period.period,)


def _input_period(world: Any) -> InputPeriod:
    now = timezone.now()
    return operations.open_period(
        period="2024", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), by=None
    )


THINGS = {"input_period": _input_period}
ROWS = [
    Row("input-periods", STEERING),
    Row("input-period", STEERING, OPENED),
    Row("input-period-open", STEERING, ("2023",)),
    Row("input-period-open", STEERING, ("2023",), method="post"),
    Row("input-period-change", STEERING, OPENED),
    Row("input-period-change", STEERING, OPENED, method="post"),
    Row("input-period-exception", STEERING, OPENED),
    Row("input-period-exception", STEERING, OPENED, method="post"),
    Row(
        "input-period-exception-withdraw", STEERING, OPENED, method="post",
        data={"department": lambda world: world.department.pk},
    ),
    Row("input-period-close", STEERING, OPENED),
    Row("input-period-close", STEERING, OPENED, method="post"),
    Row("reminders", STEERING),
    Row("reminders-send", STEERING, (lambda world: world.somebody.pk,), method="post"),
    Row("reminders-unsubscribe", EVERYONE, (lambda world: unsubscribe_token(world.somebody.pk),)),
    Row("reminders-unsubscribe", EVERYONE, (lambda world: unsubscribe_token(world.somebody.pk),), method="post"),
    Row("health", STEERING),
    Row("health-csv", STEERING),
    Row("indicator-look", EVERYONE, (lambda world: world.indicator.code,), method="post"),
]  # fmt: skip
