"""When departments may hand in: periods opened, moved, closed and reopened; exceptions granted and withdrawn."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.models import Department, InputException, InputPeriod
from indicators.operations.actor import User, recorded
from indicators.periods import Period, PeriodError


class InputPeriodError(ValueError):
    """A period that cannot be opened, moved or closed like this; the message says why and what to do."""


def open_period(*, period: str, opens_at: datetime, closes_at: datetime, note: str = "", by: User) -> InputPeriod:
    """Let departments hand in values of a period from `opens_at` up to, not including, `closes_at`."""
    try:
        parsed = Period.parse(period)
    except PeriodError as error:
        raise InputPeriodError(str(error)) from error
    _in_order(opens_at, closes_at)
    with transaction.atomic(), recorded(by):
        made, fresh = InputPeriod.objects.get_or_create(  # type: ignore[misc]
            period=parsed.code,
            defaults={
                "kind": parsed.kind.value, "opens_at": opens_at, "closes_at": closes_at, "note": note, "opened_by": by,
            },
        )  # fmt: skip
        if not fresh:
            raise InputPeriodError(_("This period has been opened already. Change its dates instead."))
    return made


def change_period(*, period: str, opens_at: datetime, closes_at: datetime, note: str, by: User) -> InputPeriod:
    """Other dates, or another note; a later closing time reopens a period that has closed."""
    _in_order(opens_at, closes_at)
    with transaction.atomic(), recorded(by):
        row = _locked(period)
        row.opens_at, row.closes_at, row.note = opens_at, closes_at, note
        row.save()
    return row


def close_period(*, period: str, now: datetime, by: User) -> InputPeriod:
    """Close at once, but for departments with an exception: they keep the time they were given."""
    with transaction.atomic(), recorded(by):
        row = _locked(period)
        if row.closes_at <= now:
            raise InputPeriodError(_("The period has closed already. Nothing was changed."))
        if row.opens_at >= now:
            raise InputPeriodError(_("The period has not opened yet. Move its opening time instead of closing it."))
        row.closes_at = now
        row.save()
    return row


def grant_exception(*, period: str, department_id: int, closes_at: datetime, reason: str, by: User) -> InputException:
    """Give one department until `closes_at`, which is later than for the others; a further one replaces the first."""
    reason = reason.strip()
    if not reason:
        raise InputPeriodError(_("Write why the department gets more time; the reason is shown to it."))
    with transaction.atomic(), recorded(by):
        row = _locked(period)
        if closes_at <= row.closes_at:
            raise InputPeriodError(_("An exception ends later than the period closes for the others."))
        if not Department.objects.filter(pk=department_id).exists():
            raise InputPeriodError(_("There is no such department. Choose one in the list."))
        granted, _fresh = InputException.objects.update_or_create(  # type: ignore[misc]
            input_period=row,
            department_id=department_id,
            defaults={"closes_at": closes_at, "reason": reason, "granted_by": by},
        )
    return granted


def withdraw_exception(*, period: str, department_id: int, by: User) -> bool:
    """Let the common closing time hold again; whether there was an exception."""
    with transaction.atomic(), recorded(by):
        found = InputException.objects.filter(input_period__period=period, department_id=department_id).first()
        if found is not None:
            found.delete()
    return found is not None


def _locked(period: str) -> InputPeriod:
    row = InputPeriod.objects.select_for_update().filter(period=period).first()
    if row is None:
        raise InputPeriodError(_("This period has not been opened. Open it first."))
    return row


def _in_order(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= opens_at:
        raise InputPeriodError(_("The period must close after it opens. Choose a later closing time."))
