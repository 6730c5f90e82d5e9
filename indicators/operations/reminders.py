"""Reminders sent: each digest is claimed before it leaves, so that of two workers only one sends it."""

import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from indicators.compute.reminder_plan import Notice
from indicators.models import Contact, Reminder
from indicators.operations.actor import User, recorded
from indicators.queries import input_periods
from indicators.queries import reminders as queries
from indicators.read_models import reminders as read_model
from indicators.read_models.reminders import Ground, Letter, Recipient

logger = logging.getLogger(__name__)
SALT = "indicators.reminders.unsubscribe"
NO_ADDRESS = "no e-mail address"


class UnsubscribeError(ValueError):
    """A link that was not made here, or was cut off on its way."""


def send_reminders(*, now: datetime, by: User, only: int | None = None) -> list[Reminder]:
    """Send today's digests, or one person's; those that were claimed here, sent or failed.

    A digest that failed is tried again by the next call; one that another process has claimed is left to it. One whose
    process died between claim and sending is not sent again that day: its values are told the next day.
    """
    ground = queries.ground(now)
    strategists = input_periods.whom_to_ask()
    done = []
    for user_id, notices in ground.plan().items():
        if only is not None and user_id != only:
            continue
        person = ground.people[user_id]
        kept = read_model.items(notices, ground.indicators)
        claim = claim_reminder(user_id=user_id, day=ground.today, address=person.address, items=kept, now=now)
        if claim is not None:
            done.append(_send(claim, person, notices, ground, strategists))
    return done


def claim_reminder(
    *, user_id: int, day: date, address: str, items: list[dict[str, object]], now: datetime
) -> Reminder | None:
    """The right to send a person's digest of a day; None where somebody else has it, or has sent it."""
    try:
        with transaction.atomic():
            return Reminder.objects.create(user_id=user_id, day=day, address=address, items=items, claimed_at=now)
    except IntegrityError:
        pass  # claimed before: ours only if that try has failed
    with transaction.atomic():
        failed = Reminder.objects.filter(user_id=user_id, day=day, sent_at=None).exclude(error="")
        if not failed.update(error="", address=address, items=items, claimed_at=now):
            return None
        return Reminder.objects.get(user_id=user_id, day=day)


def _send(
    claim: Reminder, person: Recipient, notices: list[Notice], ground: Ground, strategists: list[tuple[str, str]]
) -> Reminder:
    try:
        if not person.address:
            raise ValueError(NO_ADDRESS)
        with override(person.language):
            made = _letter(person, notices, ground, strategists)
            _message(person, made).send()
    except Exception as error:
        logger.exception("reminder to user %s failed", person.user_id)
        claim.error = f"{type(error).__name__}: {error}" if str(error) != NO_ADDRESS else NO_ADDRESS
        Reminder.objects.filter(pk=claim.pk).update(error=claim.error)
        return claim
    claim.sent_at = timezone.now()
    Reminder.objects.filter(pk=claim.pk).update(sent_at=claim.sent_at)
    return claim


def _letter(person: Recipient, notices: list[Notice], ground: Ground, strategists: list[tuple[str, str]]) -> Letter:
    unsubscribe = reverse("reminders-unsubscribe", args=[unsubscribe_token(person.user_id)])
    return read_model.letter(
        person,
        notices,
        ground.indicators,
        today=ground.today,
        addresses=_addresses(notices, ground),
        strategists=strategists,
        unsubscribe_url=f"{settings.SITE_URL}{unsubscribe}",
    )


def _addresses(notices: list[Notice], ground: Ground) -> Mapping[tuple[str, str], str]:
    """Where each department's values of a frequency are entered."""
    indicators = [ground.indicators[notice.due.indicator_id] for notice in notices]
    places = {(indicator.department, indicator.frequency) for indicator in indicators}
    return {
        (department, kind): f"{settings.SITE_URL}{reverse('entry-grid', args=[department])}?kind={kind}"
        for department, kind in places
    }


def _message(person: Recipient, made: Letter) -> EmailMessage:
    headers = {}
    if made.unsubscribe_url:  # RFC 8058: the mail program's own button, one click
        headers = {
            "List-Unsubscribe": f"<{made.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    body = render_to_string("email/reminder.txt", {"letter": made})
    return EmailMessage(made.subject, body, to=[person.address], headers=headers)


def unsubscribe_token(user_id: int) -> str:
    """What the link in a letter holds: who it was sent to, signed."""
    return signing.dumps(user_id, salt=SALT)


def user_of_token(token: str) -> int:
    """To whom a link was sent. Raises UnsubscribeError."""
    try:
        return int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise UnsubscribeError("the link is not one of ours, or was cut off") from error


def unsubscribe(*, token: str) -> None:
    """No more reminders to whom the letter was sent, but for those of duty. Raises UnsubscribeError."""
    user_id = user_of_token(token)
    user: Any = get_user_model().objects.filter(pk=user_id).first()
    if user is None:
        raise UnsubscribeError("the account is not there any more")
    with transaction.atomic(), recorded(user):
        contact, _fresh = Contact.objects.get_or_create(user=user)
        if contact.reminders:
            contact.reminders = False
            contact.save()
