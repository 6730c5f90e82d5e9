"""What the strategist sees of a wave's editions: what is hidden, what a release changes in the indicators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from indicators.compute.comparison import above
from indicators.compute.status import margin_of_difference
from indicators.templatetags.figures import number, with_unit
from surveys.wording import why_not_made


@dataclass(frozen=True)
class EditionLine:
    id: int
    place: int
    number: str
    state: str
    state_word: str
    when: str
    figures: str
    hidden: str
    note: str


@dataclass(frozen=True)
class FedLine:
    """An indicator that a release feeds: what it says now, what it will say, and whether that is a certain change."""

    code: str
    name: str
    breakdown: str
    before: str
    after: str
    change: str
    certain: bool


@dataclass(frozen=True)
class Finding:
    where: str
    why: str


@dataclass(frozen=True)
class Page:
    title: str
    facts: tuple[Mapping[str, str], ...]
    draft: EditionLine | None
    editions: tuple[EditionLine, ...]
    fed: tuple[FedLine, ...]
    findings: tuple[Finding, ...]
    working: bool
    failed: str
    may_make: bool
    why_not: str
    waiting: str


def edition_line(row: Mapping[str, Any]) -> EditionLine:
    """`row`: id, number, state, made_at, released_at, figures, hidden, note."""
    words = {
        "draft": pgettext("state of an edition", "Draft"),
        "blocked": pgettext("state of an edition", "Blocked"),
        "released": pgettext("state of an edition", "Released"),
        "withdrawn": pgettext("state of an edition", "Withdrawn"),
    }
    when = row["released_at"] or row["made_at"]
    return EditionLine(
        id=row["id"],
        place=row["number"],
        number=_("Edition %(number)s") % {"number": number(row["number"])},
        state=row["state"],
        state_word=words[row["state"]],
        when=date_format(when, "DATE_FORMAT"),
        figures=number(row["figures"]),
        hidden=number(row["hidden"]),
        note=row["note"],
    )


def fed_line(row: Mapping[str, Any]) -> FedLine:
    """`row`: code, name, decimals, symbol, breakdown, before and after as {value, margin} or None."""
    before, after = row["before"], row["after"]
    change, certain = _change(before, after)
    told = _value(after, row) if after else _("too few answers")
    return FedLine(
        row["code"], row["name"], str(BREAKDOWN[row["breakdown"]]), _value(before, row), told, change, certain
    )


def _value(told: Mapping[str, Any] | None, row: Mapping[str, Any]) -> str:
    if told is None or told["value"] is None:
        return "–"
    text = with_unit(told["value"], row["decimals"], row["symbol"])
    margin = told["margin"]
    return text if margin is None else f"{text} ± {number(margin, row['decimals'])}"


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str, bool]:
    known = [told["value"] for told in (before, after) if told and told["value"] is not None]
    if len(known) < 2 or before is None or after is None:
        return _("nothing to compare with"), False
    step = float(after["value"]) - float(before["value"])
    reach = margin_of_difference(before["margin"], after["margin"])
    if not above(abs(step), 0.0 if reach is None else reach):
        return _("no certain change"), False
    return (_("higher") if step > 0 else _("lower")), True


BREAKDOWN = {"T": gettext_lazy("all"), "K": gettext_lazy("women"), "M": gettext_lazy("men")}
HOW = {
    "shown": gettext_lazy("too small to be shown"),
    "sums": gettext_lazy("can be worked out from totals"),
    "together": gettext_lazy("the hidden levels together are too few"),
    "distribution": gettext_lazy("can be worked out from the distribution"),
    "editions": gettext_lazy("can be worked out with an earlier edition"),
    "change": gettext_lazy("too few answers have come since the earlier edition"),
    "respondents": gettext_lazy("can be worked out from the question about the background"),
    "filter": gettext_lazy("can be worked out from a question that only some were asked"),
    "undecided": gettext_lazy("is not covered by the decision"),
}


def findings(audit: Mapping[str, Any], texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """What the audit found, as where and why. `texts`: question code → its words."""
    told = []
    for found in audit.get("findings", ()):
        where = [texts.get(code, code) for code in (found["table"], found["variable"]) if code]
        told.append(Finding(" – ".join(where) or _("Number of answers"), str(HOW[found["how"]])))
    return tuple(told)


def page(title: str, row: Mapping[str, Any]) -> Page:
    """`row`: as surveys.queries.editions.standing gives it."""
    lines = tuple(edition_line(edition) for edition in row["editions"])
    draft = next((line for line in lines if line.state in ("draft", "blocked")), None)
    closed = row["state"] == "closed"
    return Page(
        title=title,
        facts=_facts(row),
        draft=draft,
        editions=tuple(line for line in lines if line is not draft),
        fed=tuple(fed_line(fed) for fed in row["fed"]),
        findings=findings(row["audit"], row["texts"]),
        working=row["job_state"] in ("queued", "running"),
        failed=why_not_made(row["job_error"]) if row["job_state"] == "failed" else "",
        may_make=closed and row["responses"] > 0,
        why_not=_why_not(closed, row["responses"]),
        waiting=waiting_text(row["waiting"]) if row["waiting"] else "",
    )


def _why_not(closed: bool, responses: int) -> str:
    if not closed:
        return _("Results are made when the survey has closed: close it first.")
    return "" if responses else _("There are no answers to make results of.")


def _facts(row: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    return (
        {"name": _("Answers"), "text": number(row["responses"])},
        {"name": _("State"), "text": row["state_word"]},
        {"name": _("Last day"), "text": date_format(row["closes_on"], "DATE_FORMAT") if row["closes_on"] else "–"},
        {"name": _("Weights"), "text": row["weighting"]},
    )


def waiting_text(count: int) -> str:
    return ngettext(
        "%(count)s answer waits to be mixed with others.", "%(count)s answers wait to be mixed with others.", count
    ) % {"count": number(count)}
