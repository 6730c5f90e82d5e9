"""Mailings: who can be reached, what waits, how far each has come."""

from django.db.models import Count, Q, QuerySet

from indicators.models import JobKind, JobRun, JobState
from indicators.queries.computation import home
from surveys.compute.letter_text import loads
from surveys.models import Channel, Invitation, Mailing, Sending, SendingState, Wave
from surveys.read_models.mailings import MailingRow, Reach, Receiver

JOB = (JobState.QUEUED, JobState.RUNNING)


def reachable(wave_id: int, channel: str) -> list[int]:
    """Ids of the invitations that can be reached in a way and are not answered (1 query)."""
    return list(_reached(wave_id, channel).filter(answered=False).order_by("id").values_list("pk", flat=True))


def _reached(wave_id: int, channel: str) -> QuerySet[Invitation]:
    lacking = {"email": ""} if channel == Channel.EMAIL else {"address": ""}
    return Invitation.objects.filter(wave_id=wave_id).exclude(**lacking)


def reach(wave: Wave) -> Reach:
    """How many have been invited, have answered, and can be reached by what (1 query)."""
    found = Invitation.objects.filter(wave=wave).aggregate(
        invited=Count("pk"),
        answered=Count("pk", filter=Q(answered=True)),
        by_letter=Count("pk", filter=~Q(address="")),
        by_email=Count("pk", filter=~Q(email="")),
    )
    return Reach(**found)


def mailings(wave: Wave) -> list[MailingRow]:
    """A wave's mailings, newest first, with how far each has come (2 queries)."""
    rows = _counted().filter(wave=wave).order_by("-id")
    busy = set(JobRun.objects.filter(kind=JobKind.SURVEY_LETTERS, state__in=JOB).values_list("key", flat=True))
    return [_row(mailing, f"mailing:{mailing.pk}" in busy) for mailing in rows]


def mailing(wave: Wave, mailing_id: int) -> MailingRow | None:
    """One mailing of a wave (2 queries)."""
    found = _counted().filter(wave=wave, pk=mailing_id).first()
    return None if found is None else _row(found, job_of(mailing_id))


def _counted() -> QuerySet[Mailing]:
    return Mailing.objects.annotate(
        waiting=Count("sendings", filter=Q(sendings__state="waiting", sendings__invitation__answered=False)),
        claimed=Count("sendings", filter=Q(sendings__state="claimed")),
        sent=Count("sendings", filter=Q(sendings__state="sent")),
        failed=Count("sendings", filter=Q(sendings__state="failed")),
    )


def _row(mailing: Mailing, busy: bool) -> MailingRow:
    counts = {name: getattr(mailing, name) for name in ("waiting", "claimed", "sent", "failed")}
    return MailingRow(
        mailing.pk, mailing.kind, mailing.channel, loads(mailing.text), mailing.made_at, busy=busy, **counts
    )


def job_of(mailing_id: int) -> bool:
    """Whether a worker sends the mailing, or will (1 query)."""
    return JobRun.objects.filter(key=f"mailing:{mailing_id}", state__in=JOB).exists()


def failures(mailing_id: int, most: int = 5) -> list[tuple[str, int]]:
    """The commonest reasons why letters failed, with how often (1 query)."""
    failed = Sending.objects.filter(mailing_id=mailing_id, state=SendingState.FAILED)
    return list(failed.order_by().values_list("error").annotate(n=Count("pk")).order_by("-n", "error")[:most])


def waiting(mailing_id: int) -> list[int]:
    """Ids of the letters that wait, in order (1 query)."""
    found = Sending.objects.filter(mailing_id=mailing_id, state=SendingState.WAITING)
    return list(found.order_by("pk").values_list("pk", flat=True))


def receivers(mailing_id: int, first: int, most: int) -> list[Receiver]:
    """Whom the letters of a mailing go to, from the `first`th in order: all to whom one is to be printed or was, and
    who have not answered (1 query)."""
    printed = Sending.objects.filter(mailing_id=mailing_id, invitation__answered=False)
    rows = printed.exclude(state=SendingState.FAILED).select_related("invitation").order_by("pk")[first : first + most]
    return [_receiver(row.invitation) for row in rows]


def _receiver(invitation: Invitation) -> Receiver:
    return Receiver(
        name=invitation.name,
        address=invitation.address,
        place=" ".join(filter(None, (invitation.postcode, invitation.city))),
        token=invitation.token,
        language=invitation.language,
    )


def printed(mailing_id: int) -> int:
    """How many letters `receivers` gives in all (1 query)."""
    found = Sending.objects.filter(mailing_id=mailing_id, invitation__answered=False)
    return found.exclude(state=SendingState.FAILED).count()


def municipality() -> str:
    """The name of whose survey it is (1 query)."""
    found = home()
    return found.name if found else ""
