"""Breaks in series: added, reworded and taken back by people."""

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.models import Indicator, SeriesBreak
from indicators.operations.actor import User, recorded
from indicators.operations.indicator_definitions import DefinitionFaultError, checked_period
from indicators.operations.jobs import request_refresh


def save_break(
    *,
    indicator_id: int,
    break_id: int | None,
    period: str,
    reason: str,
    reason_en: str,
    comparable_backwards: bool,
    by: User,
) -> SeriesBreak:
    """Add a break, or change one (`break_id`). Raises DefinitionFaultError."""
    with transaction.atomic(), recorded(by):
        indicator = Indicator.objects.select_for_update().get(pk=indicator_id)
        code = checked_period(indicator, period).code
        if indicator.breaks.filter(period=code).exclude(pk__in=[break_id]).exists():
            raise DefinitionFaultError(
                "period", _("There is a break in %(period)s already: change that one.") % {"period": code}
            )
        found = indicator.breaks.get(pk=break_id) if break_id else SeriesBreak(indicator=indicator)
        found.period, found.comparable_backwards = code, comparable_backwards
        found.reason_sv, found.reason_en = reason, reason_en or reason  # type: ignore[attr-defined]
        found.save()
        request_refresh(indicator_ids=[indicator_id], by=by)
    return found


def remove_break(*, break_id: int, by: User) -> None:
    """Take back a break that was recorded by mistake; the log keeps what it said."""
    with transaction.atomic(), recorded(by):
        found = SeriesBreak.objects.select_for_update().get(pk=break_id)
        found.delete()
        request_refresh(indicator_ids=[found.indicator_id], by=by)
