"""The board of needs that may be unspoken: columns by how far each hypothesis has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from indicators.templatetags.figures import number

COLUMNS = {
    "open": (
        pgettext_lazy("hypotheses", "To be tried"),
        gettext_lazy("Nobody has looked into these yet."),
    ),
    "trying": (
        pgettext_lazy("hypotheses", "Being tried"),
        gettext_lazy("Somebody asks, counts or looks at how it is."),
    ),
    "confirmed": (
        pgettext_lazy("hypotheses", "Confirmed"),
        gettext_lazy("The need is there. What is to be done?"),
    ),
    "dropped": (
        pgettext_lazy("hypotheses", "Dropped"),
        gettext_lazy("The need was not there, or is met already."),
    ),
}
ORIGINS = {
    "theme": gettext_lazy("From a theme in comments"),
    "gap": gettext_lazy("From a gap between expectation and experience"),
    "kano": gettext_lazy("From a pair of questions about a need"),
    "own": gettext_lazy("An observation of our own"),
}


@dataclass(frozen=True)
class Card:
    id: int
    title: str
    origin: str
    survey: str
    state: str
    reason: str
    improvement: str
    who: str
    indicator: Mapping[str, str] | None


@dataclass(frozen=True)
class Column:
    state: str
    title: str
    text: str
    count: str
    cards: list[Card] = field(default_factory=list)


def board(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """`rows`: id, title, origin, state, survey, wave, theme, reason, improvement, department, due_on, indicator as
    (code, name) or None."""
    found = []
    for state, (title, text) in COLUMNS.items():
        cards = [_card(row) for row in rows if row["state"] == state]
        found.append(Column(state, str(title), str(text), number(len(cards)), cards))
    return found


def _card(row: Mapping[str, Any]) -> Card:
    due = row["due_on"]
    until = _("by %(day)s") % {"day": date_format(due, "DATE_FORMAT")} if due else ""
    indicator = row["indicator"]
    return Card(
        id=row["id"],
        title=row["title"],
        origin=origin_text(row["origin"], row["theme"]),
        survey=" ".join(part for part in (row["survey"], row["wave"]) if part),
        state=row["state"],
        reason=row["reason"],
        improvement=row["improvement"],
        who=", ".join(part for part in (row["department"], until) if part),
        indicator={"code": indicator[0], "name": indicator[1]} if indicator else None,
    )


def origin_text(origin: str, theme: str) -> str:
    if theme:
        return _("From the theme “%(theme)s”") % {"theme": theme}
    return str(ORIGINS[origin])


def suggested(origin: str, *, theme: str = "", words: Sequence[str] = (), question: str = "") -> str:
    """What points to a need, as a text to begin with."""
    if origin == "theme" and theme:
        return _("Comments on “%(theme)s”. Words that return: %(words)s.") % {
            "theme": theme, "words": ", ".join(words),
        }  # fmt: skip
    if origin == "gap" and question:
        return _("Expectation and experience differ for “%(question)s”.") % {"question": question}
    if origin == "kano" and question:
        return _("The answers to the pair of questions “%(question)s” point to a need.") % {"question": question}
    return ""
