"""Surveys, waves and questions as rows in words, for the pages on which strategists build them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from indicators.periods import Period, PeriodError
from indicators.templatetags.figures import language, number

PREPARING, OPEN, CLOSED = "preparing", "open", "closed"
STATES = {
    PREPARING: gettext_lazy("Being prepared"),
    OPEN: pgettext_lazy("state of a survey", "Open"),
    CLOSED: pgettext_lazy("state of a survey", "Closed"),
}
KINDS = {
    "share": gettext_lazy("Scale in words, with “don't know”"),
    "five": gettext_lazy("Grade 1 to 5"),
    "ten": gettext_lazy("Grade 1 to 10"),
    "single": gettext_lazy("One choice"),
    "multiple": gettext_lazy("Several choices"),
    "number": gettext_lazy("A number"),
    "text": gettext_lazy("Free text"),
    "expectation": gettext_lazy("Expectation and experience"),
    "kano": gettext_lazy("Pair for needs (Kano)"),
}


# ── rows that queries give ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WaveRow:
    code: str
    period: str
    state: str
    opens_on: date | None
    closes_on: date | None
    questions: int
    released: bool

    @property
    def state_word(self) -> str:
        return _("Results released") if self.released else str(STATES[self.state])

    @property
    def mark(self) -> str:
        """The state as a class of the page's style sheet."""
        return "released" if self.released else self.state

    @property
    def period_text(self) -> str:
        return period_text(self.period)

    @property
    def days(self) -> str:
        if self.opens_on is None and self.closes_on is None:
            return _("No dates yet")
        return f"{self.opens_on or '…'} – {self.closes_on or '…'}"

    @property
    def questions_text(self) -> str:
        return count_of_questions(self.questions)


@dataclass(frozen=True)
class SurveyRow:
    code: str
    name: str
    department: str
    invented: bool
    waves: tuple[WaveRow, ...]


@dataclass(frozen=True)
class VersionRow:
    """`waves`: the codes of those that asked in these words."""

    number: int
    text: str
    continues: bool
    reason: str
    waves: tuple[str, ...]

    @property
    def history(self) -> str:
        """What the wording is to the one before it; "" for the first."""
        if self.number == 1:
            return ""
        if self.continues:
            return _("Continues the series: %(reason)s") % {"reason": self.reason}
        return _("Starts the series anew.")

    @property
    def waves_text(self) -> str:
        return ", ".join(self.waves) or _("not asked yet")


@dataclass(frozen=True)
class QuestionRow:
    code: str
    kind: str
    topic: str
    background: bool
    versions: tuple[VersionRow, ...]

    @property
    def newest(self) -> VersionRow:
        return self.versions[-1]

    @property
    def kind_word(self) -> str:
        return str(KINDS[self.kind])


def period_text(code: str) -> str:
    """A period as it stands in a list, with a capital letter; a code that is none as it is."""
    try:
        label = Period.parse(code).label(language())
    except PeriodError:
        return code
    return label[:1].upper() + label[1:]


def count_of_questions(count: int) -> str:
    return ngettext("%(n)s question", "%(n)s questions", count) % {"n": number(count)}


def in_language(texts: Mapping[str, str]) -> str:
    """A text in the reader's language, else in the other one."""
    return texts.get(language()) or next((text for text in texts.values() if text), "")


# ── the survey's page ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TopicRows:
    name: str
    rows: tuple[QuestionRow, ...]


def by_topic(rows: Sequence[QuestionRow], names: Mapping[str, str]) -> list[TopicRows]:
    """The questions of a survey under the library's topics, in its order; those of no topic last."""
    order = [*names, ""]
    groups: dict[str, list[QuestionRow]] = {}
    for row in rows:
        groups.setdefault(row.topic if row.topic in names else "", []).append(row)
    return [
        TopicRows(names.get(topic) or _("Own questions"), tuple(groups[topic])) for topic in order if topic in groups
    ]


def survey_facts(
    *, department: str, least_count: int, least_base: int, keep_texts_days: int, overall: str
) -> list[dict[str, str]]:  # fmt: skip
    """The settings that hold for all waves."""
    days = ngettext("%(n)s day after a wave has closed", "%(n)s days after a wave has closed", keep_texts_days)
    least = ngettext("of at least %(n)s answer", "of at least %(n)s answers", least_count)
    base = ngettext("of at least %(n)s answer", "of at least %(n)s answers", least_base)
    return [
        {"name": _("Who asks"), "text": department},
        {"name": _("Counts are shown"), "text": least % {"n": number(least_count)}},
        {"name": _("Shares of groups are shown"), "text": base % {"n": number(least_base)}},
        {"name": _("Free texts are kept"), "text": days % {"n": number(keep_texts_days)}},
        {"name": _("Question on satisfaction as a whole"), "text": overall or _("None chosen")},
    ]
