"""Comments to be read, themes, and what everybody may read of both: as words and lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from indicators.templatetags.figures import difference, number

MOOD = {
    "satisfied": gettext_lazy("Satisfied on the whole"),
    "dissatisfied": gettext_lazy("Not satisfied on the whole"),
    "": gettext_lazy("Not known whether satisfied"),
}
STATE = {
    "waiting": pgettext_lazy("state of comments", "To be read"),
    "kept": pgettext_lazy("state of comments", "Kept"),
    "quotable": pgettext_lazy("state of comments", "May be quoted"),
    "removed": pgettext_lazy("state of comments", "Removed"),
}


@dataclass(frozen=True)
class CommentRow:
    id: int
    question_id: int
    text: str
    masked: int
    mood: str
    state: str


@dataclass(frozen=True)
class ThemeRow:
    """found: base {n, satisfied, dissatisfied}, count, share, contrast, parts (surveys.compute.theme_figures)."""

    id: int
    question_id: int
    words: Sequence[str]
    title: str
    hidden: bool
    found: Mapping[str, Any]
    quotes: Sequence[str]
    hypotheses: int = 0


@dataclass(frozen=True)
class ThemesRows:
    questions: Mapping[int, str]
    themes: Sequence[ThemeRow]
    comments: int
    job_state: str = ""
    job_error: str = ""


@dataclass(frozen=True)
class PurgeRow:
    survey: str
    wave: str
    what: str
    count: int
    at: datetime


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: str
    current: bool


@dataclass(frozen=True)
class CommentLine:
    id: int
    text: str
    question: str
    mood: str
    masked: str
    state: str


def states(counts: Mapping[str, int], current: str) -> list[Choice]:
    """The lists of comments with how many each holds."""
    return [
        Choice(state, str(label), number(counts.get(state, 0)), state == current) for state, label in STATE.items()
    ]  # fmt: skip


def comment_lines(rows: Sequence[CommentRow], questions: Mapping[int, str]) -> list[CommentLine]:
    return [
        CommentLine(
            id=row.id,
            text=row.text,
            question=questions.get(row.question_id, ""),
            mood=str(MOOD[row.mood]),
            masked=masked_text(row.masked),
            state=row.state,
        )
        for row in rows
    ]


def masked_text(count: int) -> str:
    if count == 0:
        return ""
    return ngettext("%(n)s place masked", "%(n)s places masked", count) % {"n": number(count)}


def kept_until(day: date | None, purged: date | None) -> str:
    """What becomes of a wave's free texts, and when."""
    if purged is not None:
        return _("The free texts were deleted on %(day)s. Themes stay, with their words and counts.") % {
            "day": date_format(purged, "DATE_FORMAT")
        }
    if day is None:
        return _("The free texts are deleted a set time after the last day for answers, which has not been set.")
    return _("The free texts are deleted on %(day)s. Themes stay, with their words and counts.") % {
        "day": date_format(day, "DATE_FORMAT")
    }


# ── themes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ThemeLine:
    id: int
    name: str
    title: str
    words: str
    hidden: bool
    share: str
    contrast: str
    quotes: Sequence[str]
    others: list[tuple[int, str]] = field(default_factory=list)
    hypotheses: str = ""


@dataclass(frozen=True)
class QuestionThemes:
    """The themes of one question; `base`: how many comments they were looked for in."""

    question: str
    base: str
    themes: list[ThemeLine]
    quotes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ThemesPage:
    questions: list[QuestionThemes]
    comments: int
    working: bool
    failed: str


def name(row: ThemeRow) -> str:
    """The name that people gave a theme, else its three most telling words, with a capital as in a heading."""
    words = ", ".join(row.words[:3])
    return row.title or words[:1].upper() + words[1:]


def share_text(found: Mapping[str, Any]) -> str:
    count, n = int(found["count"]), int(found["base"]["n"])
    return ngettext(
        "%(count)s of %(n)s comments, %(share)s of 100.", "%(count)s of %(n)s comments, %(share)s of 100.", count
    ) % {"count": number(count), "n": number(n), "share": number(found["share"])}


def contrast_text(found: Mapping[str, Any]) -> str:
    """How a theme differs between the satisfied and the others; empty where too little is known."""
    told = found.get("contrast")
    if told is None:
        return ""
    values = {
        "satisfied": number(told["satisfied"]),
        "dissatisfied": number(told["dissatisfied"]),
        "difference": difference(abs(told["difference"]), 0, "%", share=True, sign=False),
        "lower": number(min(abs(told["lower"]), abs(told["upper"]))),
        "upper": number(max(abs(told["lower"]), abs(told["upper"]))),
    }
    if not told["certain"]:
        return (
            _(
                "No certain difference: %(satisfied)s of 100 among those who are satisfied on the whole and "
                "%(dissatisfied)s of 100 among those who are not."
            )
            % values
        )
    if told["difference"] > 0:
        return (
            _(
                "More common among those who are satisfied on the whole: %(satisfied)s of 100 against "
                "%(dissatisfied)s of 100 among those who are not. The difference is %(difference)s, most likely "
                "between %(lower)s and %(upper)s."
            )
            % values
        )
    return (
        _(
            "More common among those who are not satisfied on the whole: %(dissatisfied)s of 100 against "
            "%(satisfied)s of 100 among those who are. The difference is %(difference)s, most likely between "
            "%(lower)s and %(upper)s."
        )
        % values
    )


def themes_page(rows: ThemesRows) -> ThemesPage:
    """For those who steer: every theme, hidden ones too."""
    failed = rows.job_error.strip().splitlines()[-1] if rows.job_state == "failed" and rows.job_error else ""
    return ThemesPage(
        questions=[
            _question(text, [row for row in rows.themes if row.question_id == question_id])
            for question_id, text in rows.questions.items()
        ],
        comments=rows.comments,
        working=rows.job_state in ("queued", "running"),
        failed=failed,
    )


def _question(text: str, rows: Sequence[ThemeRow], quotes: Sequence[str] = ()) -> QuestionThemes:
    names = [(row.id, name(row)) for row in rows]
    return QuestionThemes(
        question=text,
        base=_base_text(int(rows[0].found["base"]["n"])) if rows else "",
        themes=[
            ThemeLine(
                id=row.id,
                name=name(row),
                title=row.title,
                words=", ".join(row.words),
                hidden=row.hidden,
                share=share_text(row.found),
                contrast=contrast_text(row.found),
                quotes=row.quotes,
                others=[other for other in names if other[0] != row.id],
                hypotheses=_hypotheses_text(row.hypotheses),
            )
            for row in rows
        ],
        quotes=list(quotes),
    )


def _base_text(n: int) -> str:
    return ngettext(
        "The program looked for themes in %(n)s comment.", "The program looked for themes in %(n)s comments.", n
    ) % {"n": number(n)}


def _hypotheses_text(count: int) -> str:
    if count == 0:
        return ""
    return ngettext("%(n)s hypothesis comes from it", "%(n)s hypotheses come from it", count) % {"n": number(count)}


# ── for everybody ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PublicPage:
    head: Any
    questions: list[QuestionThemes]
    kept_until: str

    @property
    def empty(self) -> bool:
        return not any(question.themes or question.quotes for question in self.questions)


def public_page(head: Any, rows: Mapping[str, Any], kept: str) -> PublicPage:
    """`rows`: as surveys.queries.free_text.public gives them. A quote stands under its theme, else by itself."""
    themes: Sequence[ThemeRow] = rows["themes"]
    under_a_theme = {(row.question_id, quote) for row in themes for quote in row.quotes}
    questions = [
        _question(
            text,
            [row for row in themes if row.question_id == question_id],
            [quote for of, quote in rows["quotes"] if of == question_id and (of, quote) not in under_a_theme],
        )
        for question_id, text in rows["questions"].items()
    ]
    return PublicPage(head, [found for found in questions if found.themes or found.quotes], kept)


def purge_table(rows: Sequence[PurgeRow]) -> dict[str, Any]:
    """Deletions for components/data_table.html."""
    return {
        "columns": [
            {"label": _("Day")},
            {"label": _("Survey")},
            {"label": pgettext_lazy("what was deleted", "What was deleted")},
            {"label": _("Number"), "number": True},
        ],
        "rows": [
            {"cells": [date_format(row.at, "DATE_FORMAT"), f"{row.survey} {row.wave}", row.what, number(row.count)]}
            for row in rows
        ],
    }
