"""Cost against quality for a pair of indicators: who has lower cost with kept quality, now and over five years.

An association between two indicators of the same year, never a cause; nothing is weighed together into one number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators import charts
from indicators.compute import benchmark, series
from indicators.compute.comparison import above, at_least, equal
from indicators.compute.series import Break
from indicators.periods import Kind, Period
from indicators.read_models.compare import NoSuchChoiceError, Standing, Subject, Town, alphabetical

YEARS_BACK = 5
SHOWN_AT_ONCE = 12
MONEY = ("sek", "million_sek")
# Cost and quality of the same service, as they are most often asked about; the first is what the page opens with.
PAIRS = (
    ("ald08", "ald02"),
    ("ald08", "ald09"),
    ("fsk04", "fsk01"),
    ("fsk10", "fsk06"),
    ("fsk10", "fsk07"),
    ("ifo08", "ifo01"),
    ("sam09", "sam01"),
    ("eko06", "dem07"),
)
_COSTS = frozenset(cost for cost, _quality in PAIRS)


@dataclass(frozen=True)
class CostQuality:
    """What the page is made from. `values` by Kolada identity and year, then by municipality; `year` None where the two
    have no year in common that can be compared."""

    cost: Subject
    quality: Subject
    home: Town
    group: str
    year: int | None
    earlier: int | None
    cost_standing: Standing | None
    quality_standing: Standing | None
    towns: Mapping[str, Town]
    values: Mapping[tuple[str, int], Mapping[str, float]]
    breaks: Mapping[int, Sequence[Break]]
    quality_margin: float | None


# ── which pairs there are ─────────────────────────────────────────────────────────────────────────────────────────────


def costs(subjects: Sequence[Subject]) -> list[Subject]:
    """What may stand as cost: money spent, with less or no way called the better one."""
    return [
        s
        for s in subjects
        if s.measures == "resource"
        and s.direction in ("context", "lower")
        and (s.unit.startswith(MONEY) or s.code in _COSTS)
    ]


def qualities(subjects: Sequence[Subject]) -> list[Subject]:
    """What may stand as quality: effects and processes with a good direction."""
    return [s for s in subjects if s.sign and s.measures in ("effect", "process")]


def pairs(subjects: Sequence[Subject]) -> list[tuple[Subject, Subject]]:
    """The pairs offered ready-made, as far as this installation has them; else costs and qualities of one area."""
    cost_of = {s.code: s for s in costs(subjects)}
    quality_of = {s.code: s for s in qualities(subjects)}
    ready = [(cost_of[c], quality_of[q]) for c, q in PAIRS if c in cost_of and q in quality_of]
    return ready or [(c, q) for c in cost_of.values() for q in quality_of.values() if c.area == q.area]


def choose_pair(subjects: Sequence[Subject], cost: str, quality: str) -> tuple[Subject, Subject] | None:
    """The pair that an address names, the first ready-made one where it names none; None where there are no pairs.

    One half alone is completed with a partner. Raises NoSuchChoiceError.
    """
    ready = pairs(subjects)
    left = _named(costs(subjects), cost, _("There is no cost “%(code)s” to compare. These exist: %(codes)s."))
    right = _named(
        qualities(subjects), quality, _("There is no quality indicator “%(code)s” to compare. These exist: %(codes)s.")
    )
    if left and right:
        return left, right
    if left:
        return next((p for p in ready if p[0] == left), None) or _first(left, qualities(subjects))
    if right:
        return next((p for p in ready if p[1] == right), None) or next(((c, right) for c in costs(subjects)), None)
    return ready[0] if ready else None


def _first(cost: Subject, among: Sequence[Subject]) -> tuple[Subject, Subject] | None:
    partner = min(among, key=lambda q: (q.area != cost.area, q.code), default=None)
    return (cost, partner) if partner else None


def _named(subjects: Sequence[Subject], code: str, message: str) -> Subject | None:
    if not code:
        return None
    found = next((s for s in subjects if s.code == code), None)
    if found is None:
        raise NoSuchChoiceError(message % {"code": code, "codes": ", ".join(s.code for s in subjects)})
    return found


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CostQualityPage:
    cost: Subject
    quality: Subject
    group: str
    year: int | None
    lead: str
    facts: list[dict[str, str]]
    notes: list[str]
    chart: dict[str, Any] | None
    better: dict[str, Any] | None
    better_rest: dict[str, Any] | None
    better_text: str
    over_time: dict[str, Any] | None
    over_time_text: str


def cost_quality(facts: CostQuality) -> CostQualityPage:
    """Where we stand in a pair, who has lower cost with at least our quality, and who got there over five years."""
    if facts.year is None or facts.cost_standing is None or facts.quality_standing is None:
        return _empty(facts)
    rows = _both(facts, facts.year)
    better = _better(facts, rows)
    over_time, over_time_text = _over_time(facts)
    return CostQualityPage(
        cost=facts.cost,
        quality=facts.quality,
        group=facts.group,
        year=facts.year,
        lead=_lead(facts),
        facts=_facts(facts),
        notes=_notes(facts),
        chart=_chart(facts, rows),
        better=_pair_table(facts, better[:SHOWN_AT_ONCE]) if better else None,
        better_rest=_pair_table(facts, better[SHOWN_AT_ONCE:]) if len(better) > SHOWN_AT_ONCE else None,
        better_text=_better_text(facts, len(better), len(rows) - 1),
        over_time=over_time,
        over_time_text=over_time_text,
    )


def _empty(facts: CostQuality) -> CostQualityPage:
    lead = _("The two indicators have no year in common in which enough municipalities of the group have values.")
    return CostQualityPage(facts.cost, facts.quality, facts.group, None, lead, [], [], None, None, None, "", None, "")


@dataclass(frozen=True)
class _Pair:
    town: Town
    cost: float
    quality: float


def _both(facts: CostQuality, year: int) -> list[_Pair]:
    cost = facts.values.get((facts.cost.kpi, year), {})
    quality = facts.values.get((facts.quality.kpi, year), {})
    return [_Pair(t, cost[c], quality[c]) for c, t in facts.towns.items() if c in cost and c in quality]


def _own(facts: CostQuality, rows: Sequence[_Pair]) -> _Pair | None:
    return next((row for row in rows if row.town.code == facts.home.code), None)


def _side(sign: int, own: float | None, median: float | None, margin: float | None) -> int:
    """+1 on the good side of the median, −1 on the other, 0 level with it or not to be told apart from it."""
    if own is None or median is None or equal(own, median) or (margin and abs(own - median) <= margin):
        return 0
    return sign if above(own, median) else -sign


def _lead(facts: CostQuality) -> str:
    cost, quality = facts.cost_standing, facts.quality_standing
    if cost is None or quality is None:
        return ""
    sides = (
        _side(-1, cost.own, cost.median, None),
        _side(facts.quality.sign, quality.own, quality.median, facts.quality_margin),
    )
    sentences = {
        (1, 1): _("%(home)s has lower cost and better quality than the median."),
        (1, 0): _("%(home)s has lower cost than the median, and quality on a level with it."),
        (1, -1): _("%(home)s has lower cost than the median, but also weaker quality."),
        (0, 1): _("%(home)s has the same cost as the median and better quality."),
        (0, 0): _("%(home)s has the same cost as the median, and quality on a level with it."),
        (0, -1): _("%(home)s has the same cost as the median, but weaker quality."),
        (-1, 1): _("%(home)s has higher cost than the median, and better quality."),
        (-1, 0): _("%(home)s has higher cost than the median, and quality on a level with it."),
        (-1, -1): _("%(home)s has higher cost and weaker quality than the median."),
    }
    return sentences[sides] % {"home": facts.home.name}


def _facts(facts: CostQuality) -> list[dict[str, str]]:
    cost, quality = facts.cost_standing, facts.quality_standing
    if cost is None or quality is None:
        return []
    against = _("%(own)s, median %(median)s")
    rows = [
        {
            "name": facts.cost.name,
            "text": against % {"own": facts.cost.value(cost.own), "median": facts.cost.value(cost.median)},
        },
        {
            "name": facts.quality.name,
            "text": against % {"own": facts.quality.value(quality.own), "median": facts.quality.value(quality.median)},
        },
    ]
    if facts.quality_margin:
        margin = facts.quality.difference(facts.quality_margin).removeprefix("+")
        rows.append({"name": _("Margin of error of our quality figure"), "text": f"± {margin}"})
    return rows


def _notes(facts: CostQuality) -> list[str]:
    notes = []
    newest = [s.newest_own for s in (facts.cost_standing, facts.quality_standing) if s and s.newest_own]
    if facts.year is not None and newest and min(newest) > facts.year:
        notes.append(_("%(year)s is the newest year in which both indicators can be compared.") % {"year": facts.year})
    if facts.cost.direction == "context" and not facts.cost.unit.startswith("sek"):
        notes.append(_("The cost is set against what is expected of a municipality with the same needs."))
    return notes


def _chart(facts: CostQuality, rows: Sequence[_Pair]) -> dict[str, Any]:
    cost, quality = facts.cost_standing, facts.quality_standing
    points = [
        charts.ScatterPoint(r.town.code, r.town.name, r.cost, r.quality, own=r.town.code == facts.home.code)
        for r in rows
    ]
    good, poor = _("better quality"), _("weaker quality")
    top, bottom = (good, poor) if facts.quality.sign > 0 else (poor, good)
    low, high = _("Lower cost"), _("Higher cost")

    def drawn(narrow: bool) -> SafeString:
        return charts.scatter_svg(
            points,
            label=_("%(cost)s against %(quality)s") % {"cost": facts.cost.name, "quality": facts.quality.name},
            x_title=_with_symbol(facts.cost.name, facts.cost),
            y_title=_with_symbol(facts.quality.name, facts.quality),
            x_format=facts.cost.number,
            y_format=facts.quality.number,
            summary=_lead(facts),
            x_line=cost.median if cost else None,
            y_line=quality.median if quality else None,
            quadrants=(f"{low}, {top}", f"{high}, {top}", f"{low}, {bottom}", f"{high}, {bottom}"),
            narrow=narrow,
        )

    return {
        "title": "",
        "wide": drawn(False),
        "narrow": drawn(True),
        "caption": _("Every dot is a municipality, %(year)s. The dashed lines are the medians of the group.")
        % {"year": facts.year},
        "table": _pair_table(facts, sorted(rows, key=lambda row: alphabetical(row.town.name))),
    }


def _with_symbol(words: str, subject: Subject) -> str:
    return f"{words} ({subject.symbol})" if subject.symbol else words


def _pair_table(facts: CostQuality, rows: Sequence[_Pair]) -> dict[str, Any]:
    return {
        "columns": [
            {"label": _("Municipality"), "number": False},
            {"label": _with_symbol(_("Cost"), facts.cost), "number": True},
            {"label": _with_symbol(pgettext("beside cost", "Quality"), facts.quality), "number": True},
        ],
        "rows": [
            {
                "cells": [r.town.name, facts.cost.number(r.cost), facts.quality.number(r.quality)],
                "own": r.town.code == facts.home.code,
            }
            for r in rows
        ],
    }


def _better(facts: CostQuality, rows: Sequence[_Pair]) -> list[_Pair]:
    """Lower cost than ours and at least our quality, best quality first."""
    own = _own(facts, rows)
    if own is None:
        return []
    sign = facts.quality.sign
    found = [r for r in rows if above(own.cost, r.cost) and at_least(sign * r.quality, sign * own.quality)]
    return sorted(found, key=lambda r: (-sign * r.quality, r.cost, alphabetical(r.town.name)))


def _better_text(facts: CostQuality, count: int, others: int) -> str:
    words = {"count": count, "all": others, "home": facts.home.name}
    if not count:
        return _("None of the %(all)s others has both lower cost and at least as good quality as %(home)s.") % words
    return (
        ngettext(
            "%(count)s of %(all)s others has lower cost and at least as good quality as %(home)s.",
            "%(count)s of %(all)s others have lower cost and at least as good quality as %(home)s.",
            count,
        )
        % words
    )


# ── over time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Change:
    before: _Pair
    now: _Pair
    relative: float  # change of cost beside the median of the group's paired changes


def _over_time(facts: CostQuality) -> tuple[dict[str, Any] | None, str]:
    if facts.year is None or facts.earlier is None:
        return None, ""
    words: dict[str, Any] = {"earlier": facts.earlier, "year": facts.year}
    span = Period(Kind.YEAR, facts.earlier), Period(Kind.YEAR, facts.year)
    if any(series.breaks_between(breaks, *span) for breaks in facts.breaks.values()):
        return None, _(
            "The method of one of the indicators has changed between %(earlier)s and %(year)s, so the change over "
            "five years cannot be told."
        ) % words
    changes = _changes(facts)
    if len(changes) < benchmark.LEAST_PEERS:
        return None, _("Too few municipalities have both values for %(earlier)s and %(year)s.") % words
    kept = [c for c in changes if above(0.0, c.relative) and _quality_kept(facts, c)]
    kept.sort(key=lambda c: (c.relative, alphabetical(c.now.town.name)))
    words |= {"count": len(kept), "all": len(changes)}
    text = (
        ngettext(
            "From %(earlier)s to %(year)s the cost of %(count)s of %(all)s municipalities has developed more "
            "favourably than the median, while quality has been kept or become better.",
            "From %(earlier)s to %(year)s the costs of %(count)s of %(all)s municipalities have developed more "
            "favourably than the median, while quality has been kept or become better.",
            len(kept),
        )
        % words
    )
    if any(c.now.town.code == facts.home.code for c in kept):
        text += " " + _("%(home)s is one of them.") % {"home": facts.home.name}
    return (_change_table(facts, kept[:SHOWN_AT_ONCE]) if kept else None), text


def _changes(facts: CostQuality) -> list[_Change]:
    """Municipalities with both values in both years; the cost's change beside the others' median (METHODS §3)."""
    if facts.year is None or facts.earlier is None:
        return []
    before = {row.town.code: row for row in _both(facts, facts.earlier)}
    now = [row for row in _both(facts, facts.year) if row.town.code in before]
    others = [row for row in now if row.town.code != facts.home.code]
    if not others:
        return []
    usual = benchmark.peer_trend([before[r.town.code].cost for r in others], [r.cost for r in others])
    return [_Change(before[r.town.code], r, series.change(r.cost, before[r.town.code].cost) - usual) for r in now]


def _quality_kept(facts: CostQuality, change: _Change) -> bool:
    sign = facts.quality.sign
    return bool(at_least(sign * change.now.quality, sign * change.before.quality))


def _change_table(facts: CostQuality, changes: Sequence[_Change]) -> dict[str, Any]:
    cost, quality = facts.cost, facts.quality

    def span(subject: Subject, before: float, now: float) -> str:
        return f"{subject.number(before)} → {subject.number(now)}"

    return {
        "columns": [
            {"label": _("Municipality"), "number": False},
            {"label": _with_symbol(_("Cost"), cost), "number": True},
            {"label": _("Beside the median change"), "number": True},
            {"label": _with_symbol(pgettext("beside cost", "Quality"), quality), "number": True},
        ],
        "rows": [
            {
                "cells": [
                    c.now.town.name,
                    span(cost, c.before.cost, c.now.cost),
                    cost.number(c.relative, sign=True),
                    span(quality, c.before.quality, c.now.quality),
                ],
                "own": c.now.town.code == facts.home.code,
            }
            for c in changes
        ],
    }
