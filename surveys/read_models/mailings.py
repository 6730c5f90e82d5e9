"""What the pages of mailings show, and what stands in a letter: the same text with each person's places filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override, pgettext

from indicators.templatetags.figures import CONFIDENTIAL, number, with_unit
from surveys.compute.letter_text import MailText, filled
from surveys.compute.sampling import LEAST_SHOWN, response_share
from surveys.compute.tokens import grouped
from surveys.sources.letters import Letter, LetterSide

LETTERS_A_FILE = 400
KIND = {
    ("invitation", "letter"): gettext_lazy("Invitation by letter"),
    ("invitation", "email"): gettext_lazy("Invitation by e-mail"),
    ("reminder", "letter"): gettext_lazy("Reminder by letter"),
    ("reminder", "email"): gettext_lazy("Reminder by e-mail"),
}
EXAMPLE_TOKEN = "ABCDEFGHJKMN"  # noqa: S105 - nobody has it, and it opens nothing
ONLY_HERE = ("localhost", "127.0.0.1", "::1")


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Reach:
    """How many are asked, have answered, and have a postal or an e-mail address."""

    invited: int
    answered: int
    by_letter: int
    by_email: int


@dataclass(frozen=True)
class MailingRow:
    """`waiting`: letters that have not left, to people who have not answered; `busy`: a worker sends it, or will."""

    id: int
    kind: str
    channel: str
    text: MailText
    made_at: datetime
    waiting: int
    claimed: int
    sent: int
    failed: int
    busy: bool = False


@dataclass(frozen=True)
class Receiver:
    """To whom a letter goes. `place`: postcode and town."""

    name: str
    address: str
    place: str
    token: str
    language: str


# ── in a letter ───────────────────────────────────────────────────────────────────────────────────────────────────────


def link_of(token: str, language: str) -> str:
    """The address under which a person answers, in their language."""
    with override(language):
        return f"{settings.SITE_URL}{reverse('answer', args=[token])}"


def sender(municipality: str) -> str:
    """Who writes, as a letter says it; nothing before an installation is set up."""
    if not municipality or municipality.endswith((" kommun", " stad")):
        return municipality
    return pgettext("sender of a letter", "Municipality of %(name)s") % {"name": municipality}


def start_address(language: str) -> str:
    """Where a code is typed, as people write it: without scheme and last stroke."""
    with override(language):
        return f"{settings.SITE_URL}{reverse('answer-start')}".partition("://")[2].rstrip("/")


def last_day(closes_on: date | None, language: str) -> str:
    """The last day for answers in words; where none is set, that there is time."""
    with override(language):
        if closes_on is None:
            return pgettext("in a letter: answer by …", "the day when the survey closes")
        return date_format(closes_on, "j F Y")


def email_body(body: str, *, name: str, token: str, link: str, closes_on: date | None, language: str) -> str:
    """The text of one person's e-mail."""
    values = {"name": name, "link": link, "code": grouped(token), "last day": last_day(closes_on, language)}
    return filled(body, values)


def letters(
    text: MailText, receivers: Sequence[Receiver], *, closes_on: date | None
) -> list[Letter]:  # fmt: skip
    """The letters of a mailing in the order of their receivers."""
    return [
        Letter(
            [line for line in (receiver.name, receiver.address, receiver.place) if line],
            [_side(text, receiver, language, closes_on) for language in _sides(text, receiver.language)],
        )
        for receiver in receivers
    ]


def _sides(text: MailText, language: str) -> list[str]:
    own = "en" if language == "en" and text.en.body else "sv"
    other = "sv" if own == "en" else "en"
    return [own, other] if text.both and text.en.body else [own]


def _side(text: MailText, receiver: Receiver, language: str, closes_on: date | None) -> LetterSide:
    part, link, code = text.part(language), link_of(receiver.token, language), grouped(receiver.token)
    short = start_address(language)
    values = {"name": receiver.name, "link": short, "code": code, "last day": last_day(closes_on, language)}
    body = filled(part.body, values)
    with override(language):
        return LetterSide(
            language=language,
            subject=filled(part.subject, values),
            paragraphs=[block.split("\n") for block in _blocks(body)],
            link=link,
            short=short,
            code=code,
            how=_("Point your phone's camera at the square. Or go to this address and type the code:"),
            code_label=_("Code:"),
            alt=_("QR code that leads to the survey: %(address)s") % {"address": short},
        )


def _blocks(body: str) -> list[str]:
    """The paragraphs of a text: what empty lines part."""
    lines = [line.strip() for line in body.replace("\r\n", "\n").split("\n")]
    blocks = "\n".join(lines).split("\n\n")
    return [block.strip("\n") for block in blocks if block.strip()]


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class MailingShown:
    id: int
    title: str
    subject: str
    made: str
    counts: str


@dataclass(frozen=True)
class LettersPage:
    lead: str
    facts: list[dict[str, str]]
    mailings: list[MailingShown]
    offers: list[tuple[str, str, str]]
    closed: bool
    only_here: str


def letters_page(reach: Reach, rows: Sequence[MailingRow], *, state: str) -> LettersPage:
    """`offers`: kind, channel and words of what can be prepared now. `only_here`: the address that links would lead to
    where nobody but this machine reaches it."""
    return LettersPage(
        lead=_lead(reach),
        facts=_facts(reach),
        mailings=[mailing_shown(row) for row in rows],
        offers=_offers(reach, rows) if state != "closed" else [],
        closed=state == "closed",
        only_here=settings.SITE_URL if urlsplit(settings.SITE_URL).hostname in ONLY_HERE else "",
    )


def _lead(reach: Reach) -> str:
    if not reach.invited:
        return _("There is no sample yet, so there is nobody to write to. Draw the sample first.")
    told, rate = answered_text(reach.answered, reach.invited)
    return _("%(answered)s of %(invited)s have answered (%(rate)s).") % {
        "answered": told, "invited": number(reach.invited), "rate": rate,
    }  # fmt: skip


def answered_text(answered: int, invited: int) -> tuple[str, str]:
    """How many have answered and their share; so few that they might be pointed out are not told."""
    if 0 < answered < LEAST_SHOWN:
        return CONFIDENTIAL, CONFIDENTIAL
    return number(answered), with_unit(response_share(answered, invited), 0, "%")


def _facts(reach: Reach) -> list[dict[str, str]]:
    if not reach.invited:
        return []
    return [
        {"name": _("With a postal address"), "text": number(reach.by_letter)},
        {"name": _("With an e-mail address"), "text": number(reach.by_email)},
    ]


def _offers(reach: Reach, rows: Sequence[MailingRow]) -> list[tuple[str, str, str]]:
    kinds = ["reminder", "invitation"] if any(row.sent for row in rows) else ["invitation"]
    channels = [c for c, n in (("letter", reach.by_letter), ("email", reach.by_email)) if n]
    return [(kind, channel, str(KIND[kind, channel])) for kind in kinds for channel in channels]


def mailing_shown(row: MailingRow) -> MailingShown:
    return MailingShown(
        row.id,
        str(KIND[row.kind, row.channel]),
        row.text.sv.subject,
        f"{timezone.localtime(row.made_at):%Y-%m-%d %H:%M}",
        counts_text(row),
    )


def counts_text(row: MailingRow) -> str:
    """“1 150 sent, 50 waiting”."""
    told = [
        (row.sent, _("%(n)s sent") if row.channel == "email" else _("%(n)s posted")),
        (row.waiting, _("%(n)s waiting") if row.channel == "email" else _("%(n)s not posted yet")),
        (row.failed, pgettext("letters", "%(n)s failed")),
        (row.claimed, pgettext("letters", "%(n)s uncertain")),
    ]
    return ", ".join(words % {"n": number(count)} for count, words in told if count) or _("nobody left to write to")


@dataclass(frozen=True)
class LetterFile:
    part: int
    label: str


@dataclass(frozen=True)
class SampleSide:
    """How the mailing reads for an invented person."""

    language: str
    subject: str
    paragraphs: list[list[str]]


@dataclass(frozen=True)
class MailingPage:
    title: str
    lead: str
    facts: list[dict[str, str]]
    samples: list[SampleSide]
    files: list[LetterFile]
    waiting: int
    waiting_text: str
    failed: int
    claimed: int
    failures: list[str]
    busy: bool
    may_send: bool
    may_remove: bool
    why_not: str


def mailing_page(
    row: MailingRow, *, printed: int, failures: Sequence[tuple[str, int]], state: str, closes_on: date | None
) -> MailingPage:  # fmt: skip
    """`printed`: how many letters its PDF has; `state`: of the wave."""
    email = row.channel == "email"
    return MailingPage(
        title=str(KIND[row.kind, row.channel]),
        lead=counts_text(row),
        facts=[{"name": _("Prepared"), "text": f"{timezone.localtime(row.made_at):%Y-%m-%d %H:%M}"}],
        samples=_samples(row, closes_on),
        files=[] if email or state == "closed" else letter_files(printed),
        waiting=row.waiting,
        waiting_text=_waiting_text(row),
        failed=row.failed,
        claimed=0 if row.busy else row.claimed,
        failures=[f"{number(count)} × {error}" for error, count in failures],
        busy=row.busy,
        may_send=email and row.waiting > 0 and state == "open" and not row.busy,
        may_remove=not (row.sent or row.failed or row.claimed or row.busy),
        why_not=_("The e-mails can be sent when the survey has opened.") if email and state == "preparing" else "",
    )


def _waiting_text(row: MailingRow) -> str:
    if row.channel == "email":
        told = ngettext("Send %(n)s e-mail now", "Send %(n)s e-mails now", row.waiting)
    else:
        told = ngettext("%(n)s letter has been posted", "%(n)s letters have been posted", row.waiting)
    return told % {"n": number(row.waiting)}


def letter_files(printed: int) -> list[LetterFile]:
    """The PDF files of a mailing: each as many letters as are made in seconds."""
    starts = range(0, printed, LETTERS_A_FILE)
    return [
        LetterFile(
            part,
            _("Letters %(first)s–%(last)s (PDF)")
            % {"first": number(first + 1), "last": number(min(first + LETTERS_A_FILE, printed))},
        )
        for part, first in enumerate(starts, start=1)
    ]


def _samples(row: MailingRow, closes_on: date | None) -> list[SampleSide]:
    found = []
    for language in ("sv", "en"):
        part = row.text.part(language)
        if language == "en" and part is not row.text.en:
            continue
        link = link_of(EXAMPLE_TOKEN, language) if row.channel == "email" else start_address(language)
        body = email_body(
            part.body, name="Kim Exempel", token=EXAMPLE_TOKEN, link=link, closes_on=closes_on, language=language
        )
        found.append(SampleSide(language, part.subject, [block.split("\n") for block in _blocks(body)]))
    return found
