"""Invitations and reminders: prepared for those who have not answered, printed or sent by e-mail, each letter claimed
before it leaves (docs/adr/0020)."""

import logging
from collections.abc import Sequence
from datetime import date
from smtplib import SMTPException
from typing import NamedTuple

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.models import JobKind, JobRun
from indicators.operations.actor import User, recorded
from indicators.operations.jobs import finish_job, report_progress, request_job
from surveys.compute.letter_text import MailText, dumps, loads
from surveys.models import (
    Channel,
    Invitation,
    Mailing,
    MailingKind,
    Sending,
    SendingState,
    Wave,
    WaveState,
)
from surveys.queries import mailings as queries
from surveys.read_models.mailings import email_body, link_of

logger = logging.getLogger(__name__)
BATCH = 1000
REPORTED_EVERY = 25
RETRIED = {"failed": (SendingState.FAILED,), "doubtful": (SendingState.FAILED, SendingState.CLAIMED)}


class MailingError(ValueError):
    """A mailing that cannot be prepared or sent; the message says why and what to do."""


class Sent(NamedTuple):
    """What came of one run over a mailing."""

    sent: int
    failed: int


def prepare_mailing(*, wave_id: int, kind: str, channel: str, text: MailText, by: User) -> Mailing:
    """Prepare a letter or an e-mail to everybody of the sample who can be reached by it and has not answered.

    Nothing is sent by this. Raises MailingError where there is no sample, nobody is left to reach, the survey is over,
    or a reminder would be the first that people hear of it.
    """
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        if wave.state == WaveState.CLOSED:
            raise MailingError(_("The survey has closed, so nobody is asked any more."))
        if not wave.invitations.exists():
            raise MailingError(_("There is no sample yet. Draw it first."))
        if kind == MailingKind.REMINDER and not _invited(wave):
            raise MailingError(_("Nobody has been invited yet. Send the invitation before a reminder."))
        people = queries.reachable(wave.pk, channel)
        if not people:
            raise MailingError(_("Nobody who has not answered can be reached in this way."))
        made = Mailing.objects.create(
            wave=wave, kind=kind, channel=channel, subject=text.sv.subject, text=dumps(text),
            made_by=by,  # type: ignore[misc]
        )  # fmt: skip
        Sending.objects.bulk_create([Sending(mailing=made, invitation_id=pk) for pk in people], batch_size=BATCH)
    return made


def _invited(wave: Wave) -> bool:
    return Sending.objects.filter(mailing__wave=wave, state=SendingState.SENT).exists()


def remove_mailing(*, mailing_id: int, by: User) -> None:
    """Take back a mailing of which nothing has left. Raises MailingError."""
    with transaction.atomic(), recorded(by):
        mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
        if mailing.sendings.exclude(state=SendingState.WAITING).exists() or queries.job_of(mailing_id):
            raise MailingError(_("Something of this mailing has been sent, so it stays in the list."))
        mailing.delete()


def mark_posted(*, mailing_id: int, by: User) -> int:
    """Say that the printed letters have been posted; how many. Those who have answered since it was prepared are left
    out. Raises MailingError for e-mails."""
    with transaction.atomic(), recorded(by):
        mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
        if mailing.channel != Channel.LETTER:
            raise MailingError(_("E-mails are sent from here and need no mark."))
        waiting = Sending.objects.filter(mailing=mailing, state=SendingState.WAITING)
        waiting.filter(invitation__answered=True).delete()
        return waiting.update(state=SendingState.SENT)


def request_sending(*, mailing_id: int, again: str = "", by: User) -> JobRun:
    """Have the waiting e-mails of a mailing sent. `again`: “failed” takes up those that failed too, “doubtful” also
    those that were claimed by a worker that stopped, which may have left. Raises MailingError."""
    with transaction.atomic(), recorded(by):
        mailing = Mailing.objects.select_for_update().select_related("wave").get(pk=mailing_id)
        if mailing.channel != Channel.EMAIL:
            raise MailingError(_("Letters are printed and posted, not sent from here."))
        if not _is_open(mailing.wave, timezone.localdate()):
            raise MailingError(
                _("E-mails can be sent only while the survey is open, since their link would lead nowhere.")
            )
        if again and not queries.job_of(mailing_id):
            states = RETRIED[again]
            Sending.objects.filter(mailing=mailing, state__in=states).update(state=SendingState.WAITING, error="")
        return request_job(
            kind=JobKind.SURVEY_LETTERS, key=f"mailing:{mailing_id}", by=by, parameters={"mailing": mailing_id}
        )


def _is_open(wave: Wave, today: date) -> bool:
    return wave.state == WaveState.OPEN and (wave.closes_on is None or today <= wave.closes_on)


def send_waiting(*, mailing_id: int, job: JobRun | None, by: User) -> Sent:
    """Send the e-mails of a mailing that wait, to those who have not answered when their turn comes, and end the job.

    May be run by two at once, and stopped at any line: each letter is claimed by one conditional update before it
    leaves, so that nobody gets it twice. One whose worker died between claim and sending is left as claimed, for a
    person to decide about. Raises JobLostError where another has taken the job over.
    """
    mailing = Mailing.objects.select_related("wave__survey").get(pk=mailing_id)
    text, sent, failed = loads(mailing.text), 0, 0
    waiting = list(queries.waiting(mailing_id))
    connection = get_connection()
    try:
        for place, sending_id in enumerate(waiting):
            if place % REPORTED_EVERY == 0:
                mailing.wave.refresh_from_db(fields=["state", "closes_on"])
                if not _is_open(mailing.wave, timezone.localdate()):
                    break
                if job is not None:
                    report_progress(job=job, done=place, total=len(waiting))
            invitation = claim_sending(sending_id=sending_id)
            if invitation is None:
                continue
            error = _send(invitation, mailing, text, connection)
            _record(sending_id, error)
            sent, failed = sent + (not error), failed + bool(error)
    finally:
        connection.close()
    with transaction.atomic():
        _drop_answered(mailing_id)
        if job is not None:
            finish_job(job=job, message=f"{sent} sent, {failed} failed")
    return Sent(sent, failed)


def claim_sending(*, sending_id: int) -> Invitation | None:
    """The right to send one letter, with whom it goes to; None where it is taken, or the person has answered."""
    # A join would be moved into a subquery together with the state, and PostgreSQL would not look at the state again
    # after having waited for the other worker's claim: both would send.
    unanswered = Invitation.objects.filter(answered=False)
    waiting = Sending.objects.filter(pk=sending_id, state=SendingState.WAITING, invitation__in=unanswered)
    if not waiting.update(state=SendingState.CLAIMED):
        return None
    return Invitation.objects.get(sendings=sending_id)


def _record(sending_id: int, error: str) -> None:
    state = SendingState.FAILED if error else SendingState.SENT
    Sending.objects.filter(pk=sending_id, state=SendingState.CLAIMED).update(state=state, error=error[:300])


def _send(invitation: Invitation, mailing: Mailing, text: MailText, connection: BaseEmailBackend) -> str:
    """Send one letter; what went wrong, without the address, or an empty text."""
    part = text.part(invitation.language)
    body = email_body(
        part.body,
        name=invitation.name,
        token=invitation.token,
        link=link_of(invitation.token, invitation.language if part is text.en else "sv"),
        closes_on=mailing.wave.closes_on,
        language="en" if part is text.en else "sv",
    )
    # One header only, and no attempt of another line in a subject that was typed.
    message = EmailMessage(" ".join(part.subject.split()), body, to=[invitation.email], connection=connection)
    try:
        connection.open()
        if not message.send():
            return "the server took no letter"
    except (SMTPException, OSError, ValueError) as error:
        logger.warning("e-mail %s of mailing %s failed: %s", invitation.pk, mailing.pk, type(error).__name__)
        connection.close()  # a connection that was refused is not used again
        return _without_address(error, [invitation.email])
    return ""


def _without_address(error: Exception, addresses: Sequence[str]) -> str:
    told = f"{type(error).__name__}: {error}"
    for address in addresses:
        told = told.replace(address, "…")
    return told


def _drop_answered(mailing_id: int) -> None:
    """Those who answered before their turn need no letter."""
    waiting = Sending.objects.filter(mailing_id=mailing_id, state=SendingState.WAITING)
    waiting.filter(invitation__answered=True).delete()
