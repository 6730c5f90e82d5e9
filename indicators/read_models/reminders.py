"""Reminders: the letter in its reader's language, and the page of what went to whom and what is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators.compute.reminder_plan import Due, Notice, Part, Told, coming, plan
from indicators.periods import Period
from indicators.read_models.input_periods import ask, label, moment
from indicators.templatetags.figures import language, number

DAYS_AHEAD = 21


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Recipient:
    """How a person is reached. `wants`: has not unsubscribed."""

    user_id: int
    name: str
    address: str
    language: str
    wants: bool


@dataclass(frozen=True)
class IndicatorNames:
    """An indicator and its department in both languages: a letter is in its reader's."""

    code: str
    names: Mapping[str, str]
    frequency: str
    department: str
    departments: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.names[language()]


@dataclass(frozen=True)
class Ground:
    """Everything that digests are planned and written from."""

    today: date
    dues: Sequence[Due]
    told: frozenset[Told]
    people: Mapping[int, Recipient]
    indicators: Mapping[int, IndicatorNames]

    @property
    def unsubscribed(self) -> frozenset[int]:
        return frozenset(user_id for user_id, person in self.people.items() if not person.wants)

    def plan(self) -> dict[int, list[Notice]]:
        """The digests of today."""
        return plan(self.dues, told=self.told, unsubscribed=self.unsubscribed, today=self.today)


@dataclass(frozen=True)
class SentDigest:
    """A digest as it was claimed. `items`: (indicator's code, period, days after the due day)."""

    day: date
    name: str
    address: str
    items: tuple[tuple[str, str, int], ...]
    claimed_at: datetime
    sent_at: datetime | None
    error: str


# ── the letter ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class LetterItem:
    name: str
    what: str


@dataclass(frozen=True)
class LetterGroup:
    """Values under one address: a department's of one frequency."""

    title: str
    url: str
    items: list[LetterItem]


@dataclass(frozen=True)
class LetterSection:
    title: str
    groups: list[LetterGroup]


@dataclass(frozen=True)
class Letter:
    """A digest as text is made of it. `unsubscribe_url`: "" for who has unsubscribed already."""

    subject: str
    greeting: str
    lead: str
    sections: list[LetterSection]
    ask: str
    why: str
    duty: str
    unsubscribe_url: str


def items(notices: Sequence[Notice], indicators: Mapping[int, IndicatorNames]) -> list[dict[str, object]]:
    """What is kept of a digest: enough to know what somebody has been told."""
    return [
        {
            "indicator": notice.due.indicator_id,
            "code": indicators[notice.due.indicator_id].code,
            "period": notice.due.period,
            "due": notice.due.due.isoformat(),
            "step": notice.step,
            "part": notice.part.value,
        }
        for notice in notices
    ]


def letter(
    person: Recipient,
    notices: Sequence[Notice],
    indicators: Mapping[int, IndicatorNames],
    *,
    today: date,
    addresses: Mapping[tuple[str, str], str],
    strategists: Sequence[tuple[str, str]],
    unsubscribe_url: str,
) -> Letter:
    """One person's digest, in the language that is active. `addresses`: of a department's values of a frequency."""
    sections = [
        (pgettext("letter", "Late"), [n for n in notices if n.due.due < today]),
        (_("Due today"), [n for n in notices if n.due.due == today]),
        (_("Due soon"), [n for n in notices if n.due.due > today]),
    ]
    late = len(sections[0][1])
    count = len(notices)
    subject = ngettext("%(n)s value to hand in", "%(n)s values to hand in", count) % {"n": number(count)}
    if late:
        subject = f"{subject}, " + ngettext("%(n)s late", "%(n)s late", late) % {"n": number(late)}
    return Letter(
        subject=subject,
        greeting=pgettext("letter", "Hello %(name)s,") % {"name": person.name},
        lead=_("These values of the scorecard have not been handed in yet."),
        sections=[LetterSection(title, _groups(own, indicators, addresses, today)) for title, own in sections if own],
        ask=_whom(person, strategists),
        why=_why({notice.part for notice in notices}),
        duty=_duty(notices, person),
        unsubscribe_url=unsubscribe_url if person.wants else "",
    )


def _whom(person: Recipient, strategists: Sequence[tuple[str, str]]) -> str:
    """Whom to ask; nobody is told to ask themselves."""
    others = [one for one in strategists if one[1] != person.address]
    if strategists and not others:
        return ""
    return _("Is something unclear, or do you need more time?") + " " + ask(others)


def _groups(
    notices: Sequence[Notice],
    indicators: Mapping[int, IndicatorNames],
    addresses: Mapping[tuple[str, str], str],
    today: date,
) -> list[LetterGroup]:
    groups: dict[tuple[str, str, str], list[Notice]] = {}
    for notice in notices:
        names = indicators[notice.due.indicator_id]
        groups.setdefault((names.department, names.frequency, notice.due.period), []).append(notice)
    return [
        LetterGroup(
            title=f"{indicators[own[0].due.indicator_id].departments[language()]}, {label(period)}",
            url=addresses[department, frequency],
            items=[LetterItem(indicators[n.due.indicator_id].name, _what(n, today)) for n in own],
        )
        for (department, frequency, period), own in groups.items()
    ]


def _what(notice: Notice, today: date) -> str:
    """“was due 2026-10-30, 22 days ago; returned, needs a correction”."""
    days = abs((notice.due.due - today).days)
    words = {"day": f"{notice.due.due:%Y-%m-%d}", "days": number(days)}
    if notice.due.due < today:
        text = ngettext("was due %(day)s, %(days)s day ago", "was due %(day)s, %(days)s days ago", days) % words
    elif days:
        text = ngettext("due %(day)s, in %(days)s day", "due %(day)s, in %(days)s days", days) % words
    else:
        text = _("due today, %(day)s") % words
    if notice.due.state == "returned":
        return f"{text}; " + _("returned to be corrected")
    if notice.due.state == "draft":
        return f"{text}; " + _("a draft, not submitted yet")
    return text


WHY = {
    Part.RESPONSIBLE: lambda: _("You get this letter because you are responsible for the indicators."),
    Part.REPORTER: lambda: _("You get this letter because you report for the department."),
    Part.HEAD: lambda: _("You get this letter as head of the department."),
    Part.STRATEGIST: lambda: _("You get this letter as a quality strategist."),
}


def _why(parts: set[Part]) -> str:
    return " ".join(WHY[part]() for part in Part if part in parts)


def _duty(notices: Sequence[Notice], person: Recipient) -> str:
    if not any(notice.duty for notice in notices):
        return ""
    if person.wants:
        return _(
            "If you unsubscribe, letters about late values that you answer for come all the same, since nobody else "
            "would hand them in."
        )
    return _(
        "You have unsubscribed from reminders. This one comes all the same: the values are late and you answer for "
        "them, and nobody else would hand them in."
    )


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DigestLine:
    """A digest that is to be sent, was sent or failed."""

    user_id: int
    name: str
    address: str
    what: list[str]
    note: str
    state: str
    state_word: str
    when: str
    error: str


@dataclass(frozen=True)
class ComingDay:
    day: str
    lines: list[DigestLine]


@dataclass(frozen=True)
class RemindersPage:
    """`due`: digests of today that have not left; `failures`: the newest first; `coming`: if nothing is handed in."""

    due: list[DigestLine]
    coming: list[ComingDay]
    failures: list[DigestLine]
    sent: list[DigestLine]


def reminders_page(ground: Ground, claimed: Mapping[int, SentDigest], sent: Sequence[SentDigest]) -> RemindersPage:
    """What is due to be sent, what comes next, what failed, and what went to whom."""
    gone = {user_id for user_id, digest in claimed.items() if not digest.error}
    ahead = coming(
        ground.dues,
        told=ground.told | _as_told(ground.plan()),
        unsubscribed=ground.unsubscribed,
        after=ground.today,
        days=DAYS_AHEAD,
    )
    return RemindersPage(
        due=[
            _planned(ground, user, notices, ground.today) for user, notices in ground.plan().items() if user not in gone
        ],
        coming=[
            ComingDay(f"{day:%Y-%m-%d}", [_planned(ground, user, notices, day) for user, notices in digests.items()])
            for day, digests in ahead
        ],
        failures=[_told_line(digest) for digest in sent if digest.error],
        sent=[_told_line(digest) for digest in sent if not digest.error],
    )


def _as_told(digests: Mapping[int, Sequence[Notice]]) -> frozenset[Told]:
    return frozenset(
        (user, notice.due.indicator_id, notice.due.period, notice.step)
        for user, notices in digests.items()
        for notice in notices
    )


def _planned(ground: Ground, user_id: int, notices: Sequence[Notice], day: date) -> DigestLine:
    person = ground.people[user_id]
    parts = {notice.part for notice in notices}
    return DigestLine(
        user_id=user_id,
        name=person.name,
        address=person.address,
        what=_summary(
            [(ground.indicators[n.due.indicator_id].code, n.due.period, (day - n.due.due).days) for n in notices]
        ),
        note=", ".join(PART[part]() for part in Part if part in parts),
        state="planned",
        state_word="",
        when="",
        error="" if person.address else _("The account has no e-mail address. Add one under Accounts and roles."),
    )


PART = {
    Part.RESPONSIBLE: lambda: pgettext("reminded as", "responsible"),
    Part.REPORTER: lambda: pgettext("reminded as", "reporter"),
    Part.HEAD: lambda: pgettext("reminded as", "head of department"),
    Part.STRATEGIST: lambda: pgettext("reminded as", "strategist"),
}


def _summary(told: Sequence[tuple[str, str, int]]) -> list[str]:
    """How many values of each period, and how late: “oktober 2026: 4, 1 day late”."""
    groups: dict[tuple[str, int], int] = {}
    for _identity, period, days in told:
        groups[period, days] = groups.get((period, days), 0) + 1
    found = []
    for (period, days), count in sorted(groups.items(), key=lambda group: (Period.parse(group[0][0]), -group[0][1])):
        values = ngettext("%(n)s value", "%(n)s values", count) % {"n": number(count)}
        found.append(f"{label(period)}: {values}, {_days_words(days)}")
    return found


def _days_words(days: int) -> str:
    if days < 0:
        return ngettext("%(n)s day before", "%(n)s days before", -days) % {"n": number(-days)}
    if days > 0:
        return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": number(days)}
    return _("on the due day")


def _told_line(digest: SentDigest) -> DigestLine:
    if digest.error:
        state, word, when = "failed", pgettext("letter", "Failed"), digest.claimed_at
    elif digest.sent_at is None:
        state, word, when = "claimed", pgettext("letter", "Being sent"), digest.claimed_at
    else:
        state, word, when = "sent", pgettext("letter", "Sent"), digest.sent_at
    return DigestLine(
        user_id=0,
        name=digest.name,
        address=digest.address,
        what=_summary(digest.items),
        note="",
        state=state,
        state_word=word,
        when=moment(when),
        error=digest.error,
    )
