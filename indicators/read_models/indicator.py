"""The page of one indicator: rows in, a frozen page out with every number already text.

Nothing is computed here: status, change and place come from derived rows; ranks of the others from
`compute.benchmark.ranking`; the target's path from `compute.status`; a group of one's own choice arrives as the same
rows, made by the same function as the stored ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators import charts, definition_wording, wording
from indicators.compute import benchmark
from indicators.compute.frames import LESSON_YEARS
from indicators.compute.status import SIGN, Direction, Form
from indicators.periods import Period
from indicators.read_models import indicator_chart
from indicators.read_models.compare import alphabetical
from indicators.read_models.indicator_rows import (
    Assessed,
    Definition,
    Group,
    Place,
    Rows,
    day,
    derived_source,
    inside,
    own_source,
    period_text,
)
from indicators.sources.kolada import SURVEY_ANSWERS
from indicators.templatetags.figures import number

MANY = 20  # longer lists of municipalities are folded
# A date is not broken over two lines.
DATE, UNBROKEN_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)"), "\\1-\u2060\\2-\u2060\\3"
BEST_SHOWN, AROUND_US = 3, 2  # which of a folded list show all the same


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Status:
    code: str
    word: str
    reason: str
    target: str
    title: str
    why: wording.Explanation
    facts: list[dict[str, Any]]


@dataclass(frozen=True)
class Value:
    number: str
    unit: str
    reason: str
    period: str
    note: str


@dataclass(frozen=True)
class Change:
    arrow: str
    text: str
    certain: bool


@dataclass(frozen=True)
class RankingLine:
    """`rank` is "" where nobody is ranked; ours may be an interval. `skipped` says how many are left out before it."""

    name: str
    rank: str
    value: str
    own: bool
    skipped: str = ""


@dataclass(frozen=True)
class Ranking:
    """`excerpt` is what shows of a long list that is folded; None where the whole list shows."""

    caption: str
    excerpt: list[RankingLine] | None
    lines: list[RankingLine]
    ranked: bool
    year: str
    count: str
    note: str


@dataclass(frozen=True)
class Comparison:
    """Our place in the chosen group in one year."""

    title: str
    year: int
    notes: list[str]
    rank_text: str
    quarter: str
    scope: str
    small_strip: SafeString
    strip: dict[str, Any] | None
    facts: list[dict[str, Any]]
    ranking: Ranking | None


@dataclass(frozen=True)
class Lesson:
    name: str
    code: str
    text: str


@dataclass(frozen=True)
class Page:
    code: str
    name: str
    retired: bool
    goals: Sequence[tuple[str, str]]
    survey: tuple[str, str] | None
    citizen_survey: bool
    steering: bool
    lead: str
    period: str
    periods: list[str]
    status: Status | None
    value: Value
    change: Change | None
    chart: dict[str, Any] | None
    divisible: bool
    groups: Sequence[Group]
    group: Group | None
    comparison: Comparison | None
    no_comparison: str
    lessons: list[Lesson]
    lessons_text: str
    definition: list[dict[str, Any]]
    sources: list[str]
    footer: str


def page(rows: Rows, *, divided: bool) -> Page:
    """What the page shows. `divided`: draw women and men too."""
    definition, assessed = rows.definition, rows.assessed
    return Page(
        code=definition.code,
        name=definition.name,
        retired=definition.retired,
        goals=rows.goals,
        survey=rows.survey,
        citizen_survey=definition.respondents_kolada_id == SURVEY_ANSWERS,
        steering=definition.steering,
        lead=_lead(rows),
        period=rows.period,
        periods=sorted({a.period for a in rows.assessments} | {rows.period} - {""}, reverse=True),
        status=_status(rows, assessed) if assessed else _nothing_yet(rows),
        value=_value(rows, assessed),
        change=_change(definition, assessed) if assessed else None,
        chart=indicator_chart.figure(rows, divided=divided),
        divisible=any(point.value is not None for sex in "KM" for point in rows.series.get(sex, ())),
        groups=rows.groups,
        group=rows.group,
        comparison=_comparison(rows),
        no_comparison=_no_comparison(rows),
        lessons=_lessons(rows),
        lessons_text=_lessons_text(rows),
        definition=_definition(rows),
        sources=[DATE.sub(UNBROKEN_DATE, line) for line in sources(rows)],
        footer=_footer(rows),
    )


def _lead(rows: Rows) -> str:
    definition, assessed, place = rows.definition, rows.assessed, rows.place
    if assessed is None:
        return _no_value_by_then(rows)
    standing = wording.Standing(
        value=assessed.value,
        value_period=assessed.value_period,
        margin=assessed.margin,
        change=assessed.change,
        change_word=assessed.change_word,
        comparison_period=assessed.comparison_period,
        reason=assessed.reason,
    )
    if place is not None and rows.group is not None and place.eligible and assessed.value is not None:
        standing = wording.Standing(
            **{
                **standing.__dict__,
                "municipality": rows.home,
                "rank": place.rank,
                "best_rank": place.best_rank,
                "worst_rank": place.worst_rank,
                "peers": place.others + 1,
                "quarter": place.quarter,
                "group": rows.group.title,
                "group_year": place.year,
            }
        )
    return wording.summary(standing, symbol=definition.symbol, decimals=definition.decimals, share=definition.share)


# status and value


def _status(rows: Rows, assessed: Assessed) -> Status:
    definition = rows.definition
    why = wording.explain(
        dict(assessed.trace),
        status=assessed.status,
        reason=assessed.reason,
        symbol=definition.symbol,
        decimals=definition.decimals,
        share=definition.share,
        good=definition.good,
    )
    titles = {
        "met": _("Why met?"),
        "near": _("Why partly met?"),
        "not_met": _("Why not met?"),
        "not_assessable": _("Why can it not be assessed?"),
    }
    return Status(
        code=assessed.status,
        word=str(wording.STATUS[assessed.status]),
        reason=str(wording.REASON[assessed.reason]) if assessed.reason else "",
        target=_target_words(rows),
        title=titles[assessed.status],
        why=why,
        facts=_facts(rows, assessed, why),
    )


def _no_value_by_then(rows: Rows) -> str:
    if rows.period and any(point.value is not None for point in rows.points):
        return _("No value had been measured by the end of %(period)s.") % {"period": rows.period}
    return _("No value has been recorded yet.")


def _nothing_yet(rows: Rows) -> Status | None:
    """For a year before our first value, when nothing was assessed; None where nothing has been followed up at all."""
    if not rows.period:
        return None
    return Status(
        code="not_assessable",
        word=str(wording.STATUS["not_assessable"]),
        reason=str(wording.REASON["no_value"]),
        target=_target_words(rows),
        title=_("Why can it not be assessed?"),
        why=wording.Explanation(_no_value_by_then(rows), ""),
        facts=[],
    )


def _target_words(rows: Rows) -> str:
    dated, definition = rows.target, rows.definition
    if dated is None:
        return ""
    return wording.target_words(
        dated.target,
        symbol=definition.symbol,
        decimals=definition.decimals,
        share=definition.share,
        group_title=rows.target_groups.get(dated.target.group or "") if dated.target.form is Form.POSITION else None,
    )


def _facts(rows: Rows, assessed: Assessed, why: wording.Explanation) -> list[dict[str, Any]]:
    facts = [{"name": step.name, "text": step.text} for step in why.steps]
    if words := _target_words(rows):
        facts.insert(0, {"name": _("Target"), "text": words})
    value = next((p for p in rows.points if p.period.code == assessed.value_period), None)
    if value is not None:
        facts.append(
            {"name": _("Source of the value"), "text": _join(own_source(rows), _since(rows, value.fetched_at))}
        )
    computed = localtime(assessed.computed_at).strftime("%Y-%m-%d %H:%M")
    facts.append({"name": _("Computed"), "text": computed})
    facts.append({"name": _("Version of the rules"), "text": assessed.rule_version})
    return facts


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _since(rows: Rows, moment: datetime | None) -> str:
    if moment is None:
        return ""
    fetched = bool(rows.definition.kolada_id) and not rows.invented
    return (_("fetched %(date)s") if fetched else _("recorded %(date)s")) % {"date": day(moment)}


def _value(rows: Rows, assessed: Assessed | None) -> Value:
    definition = rows.definition
    if assessed is None or assessed.value is None:
        reason = wording.REASON.get(assessed.reason) if assessed else None
        return Value("", "", str(reason or wording.REASON["no_value"]), rows.period, "")
    percent = definition.symbol == "%"
    note = ""
    if assessed.margin is not None and wording.has_margin(assessed.margin):
        note = _("margin of error ±%(margin)s") % {"margin": definition.distance(assessed.margin)}
    return Value(
        number=definition.value(assessed.value) if percent else number(assessed.value, definition.decimals),
        unit="" if percent else definition.symbol,
        reason="",
        period=period_text(Period.parse(assessed.value_period)),
        note=note,
    )


def _change(definition: Definition, assessed: Assessed) -> Change | None:
    if assessed.change is None or not assessed.comparison_period:
        return None
    text = wording.change_words(
        assessed.change,
        assessed.change_word,
        definition.distance(assessed.change),
        period_text(Period.parse(assessed.comparison_period)),
    )
    same = assessed.change_word == "unchanged" or assessed.change == 0
    arrow = "flat" if same else "up" if assessed.change > 0 else "down"
    return Change(arrow, text, assessed.change_word != "uncertain")


# place among others


def _no_comparison(rows: Rows) -> str:
    """Why there is nothing to compare with; "" where there is."""
    if rows.place is not None:
        return ""
    if rows.definition.source == "survey":
        return _(
            "The result comes from the municipality's own survey. No other municipality has a value, "
            "so there is nothing to compare with."
        )
    if rows.definition.source == "computed":
        return _("The value is computed from other indicators. Computed values are not compared with others.")
    if rows.definition.source == "department":
        return _(
            "The municipality measures this itself. No other municipality has a value, "
            "so there is nothing to compare with."
        )
    if not rows.groups:
        return _("No values of other municipalities have been fetched, so there is nothing to compare with.")
    return _(
        "In no year up to %(period)s do both we and others of the group have a value. "
        "Choose another group or another year."
    ) % {"period": rows.period}


def _comparison(rows: Rows) -> Comparison | None:
    place, group, definition = rows.place, rows.group, rows.definition
    if place is None or group is None:
        return None
    spot = {"group": group.title, "year": place.year}
    return Comparison(
        title=_("Compared with others"),
        year=place.year,
        notes=_comparison_notes(rows, place),
        rank_text=_rank_text(place, definition),
        quarter=place.quarter if place.eligible else "",
        scope=_("%(group)s, %(year)s") % spot,
        small_strip=_small_strip(definition, place),
        strip=_strip(rows, place, group),
        facts=_comparison_facts(rows, place, group),
        ranking=_ranking(rows, place, group),
    )


def _rank_text(place: Place, definition: Definition) -> str:
    if not place.eligible:
        return _("Too few municipalities have a value for a place among them.")
    if definition.good is Direction.INTERVAL:
        return _("The municipalities are not ranked: the best lies inside an interval.")
    if place.rank is None:
        return _("The municipalities are not ranked: neither high nor low is better.")
    words = wording.place_words(place.rank, place.best_rank, place.worst_rank, place.others + 1)
    return words[:1].upper() + words[1:]


def _comparison_notes(rows: Rows, place: Place) -> list[str]:
    notes = []
    until = int(rows.period)
    newest = max((p.period.year for p in rows.points if p.value is not None and p.period.year <= until), default=0)
    if not place.eligible:
        notes.append(
            _(
                "At least %(least)s others, and half of those that have had a value in the best year, are needed for "
                "places and quarters. The values are shown without."
            )
            % {"least": benchmark.LEAST_PEERS}
        )
    elif newest > place.year:
        notes.append(
            _("Our newest value is for %(newest)s, but too few others have one then: %(year)s is compared instead.")
            % {"newest": newest, "year": place.year}
        )
    if place.best_rank is not None and place.best_rank != place.worst_rank:
        notes.append(
            _(
                "Our value has a margin of error, so our place is given as an interval: "
                "the other places lie inside the margin."
            )
        )
    return notes


def _small_strip(definition: Definition, place: Place) -> SafeString:
    if place.low is None or place.high is None or not place.eligible:
        return SafeString("")
    label = _("Our value beside the lowest, the highest and the middle half of the group")
    return charts.position_svg(place.own, low=place.low, high=place.high, q25=place.q25, q75=place.q75, label=label)


def _strip(rows: Rows, place: Place, group: Group) -> dict[str, Any] | None:
    definition = rows.definition
    dots = [
        charts.Dot(v.code, rows.towns[v.code].name, v.value, definition.value(v.value), own=rows.towns[v.code].own)
        for v in rows.peers
    ]
    if not place.eligible:
        return None
    good = {Direction.HIGHER: _("better →"), Direction.LOWER: _("← better")}.get(definition.good, "")
    summary = _("%(municipality)s has %(own)s; the median of the others is %(median)s.") % {
        "municipality": rows.home,
        "own": definition.value(place.own),
        "median": definition.value(place.median),
    }

    def drawn(narrow: bool) -> SafeString:
        return charts.strip_svg(
            dots,
            q25=place.q25,
            median=place.median,
            q75=place.q75,
            label=f"{definition.name}, {group.title}, {place.year}",
            higher_is_better={Direction.HIGHER: True, Direction.LOWER: False}.get(definition.good),
            narrow=narrow,
            better_text=good,
            median_text=_("median %(value)s") % {"value": definition.value(place.median)},
            summary=summary,
        )

    caption = _("Every dot is a municipality. The grey field is the middle half of the others, the line their median.")
    return {
        "title": _("%(group)s, %(year)s") % {"group": group.title, "year": place.year},
        "wide": drawn(False),
        "narrow": drawn(True),
        "caption": f"{caption} {_derived_credit(rows)}",
    }


def _comparison_facts(rows: Rows, place: Place, group: Group) -> list[dict[str, Any]]:
    definition = rows.definition
    middle = ""
    if place.q25 is not None and place.q75 is not None and place.eligible:
        middle = _("%(low)s to %(high)s") % {
            "low": definition.value(place.q25),
            "high": definition.value(place.q75),
        }
    facts = [
        {"name": _("Group"), "text": group.title},
        {"name": _("Year"), "text": str(place.year)},
        {"name": _("Municipalities with a value, besides us"), "text": number(place.others)},
        {"name": _("Our value"), "text": definition.value(place.own)},
        {"name": _("Median of the others"), "text": definition.value(place.median) if place.eligible else ""},
        {"name": _("Unweighted mean of the others"), "text": definition.value(place.mean) if place.eligible else ""},
        {"name": _("Middle half of the others"), "text": middle},
        {
            "name": _("Percentile"),
            "text": number(place.percentile) if place.eligible and place.percentile is not None else "",
        },
        {"name": _("Change since the year before"), "text": _trend(definition, place)},
        {
            "name": _("Values fetched"),
            "text": day(max((v.fetched_at for v in rows.peers if v.fetched_at), default=None)),
        },
    ]
    if group.computed:
        words = _("found by our own calculation: population, median income and share of people aged 80 and over")
        facts.insert(1, {"name": _("How the group was chosen"), "text": words})
    return facts


def _trend(definition: Definition, place: Place) -> str:
    """Our change beside the median of the others' paired changes (METHODS §3)."""
    if place.own_change is None or place.peer_change is None or not place.eligible:
        return ""
    return _("%(own)s for us, %(others)s for the typical other municipality (median of their changes)") % {
        "own": definition.difference(place.own_change),
        "others": definition.difference(place.peer_change),
    }


def _ranking(rows: Rows, place: Place, group: Group) -> Ranking | None:
    definition = rows.definition
    if not rows.peers:
        return None
    values = np.array([peer.value for peer in rows.peers])
    ranked = definition.judged and place.eligible
    ranks = benchmark.ranking(values, definition.good is not Direction.LOWER)[0] if ranked else None
    sign = -SIGN.get(definition.good, 1)
    order = sorted(
        range(len(values)), key=lambda i: (sign * values[i], alphabetical(rows.towns[rows.peers[i].code].name))
    )
    lines = [_ranking_line(rows, place, i, None if ranks is None else int(ranks[i])) for i in order]
    ours = next((n for n, line in enumerate(lines) if line.own), None)
    excerpt = None
    if len(lines) > MANY:
        shown = set(range(BEST_SHOWN))
        if ours is not None:
            shown |= set(range(max(0, ours - AROUND_US), min(len(lines), ours + AROUND_US + 1)))
        excerpt = _excerpt(lines, sorted(shown))
    return Ranking(
        caption=_("%(group)s, %(year)s") % {"group": group.title, "year": place.year},
        excerpt=excerpt,
        lines=lines,
        ranked=ranked,
        year=str(place.year),
        count=ngettext("Show all %(count)s municipality", "Show all %(count)s municipalities", len(lines))
        % {"count": number(len(lines))},
        note=_derived_credit(rows) if ranked else _value_credit(rows),
    )


def _excerpt(lines: Sequence[RankingLine], shown: Sequence[int]) -> list[RankingLine]:
    """Lines of a list by their number; where some are left out between two of them, the latter says how many."""
    found = []
    for before, n in zip([-1, *shown], shown, strict=False):
        left_out = n - before - 1
        words = ngettext("%(count)s municipality between", "%(count)s municipalities between", left_out)
        found.append(replace(lines[n], skipped=words % {"count": number(left_out)} if left_out else ""))
    return found


def _ranking_line(rows: Rows, place: Place, i: int, rank: int | None) -> RankingLine:
    peer = rows.peers[i]
    town = rows.towns[peer.code]
    shown = "" if rank is None else number(rank)
    if rank is not None and town.own and place.best_rank is not None and place.worst_rank != place.best_rank:
        shown = f"{number(place.best_rank)}–{number(place.worst_rank)}"
    return RankingLine(town.name, shown, rows.definition.value(peer.value), town.own)


# learn from


def _lessons(rows: Rows) -> list[Lesson]:
    assessed, definition = rows.assessed, rows.definition
    found = []
    for lesson in assessed.lessons if assessed else ():
        town = rows.towns.get(lesson["code"])
        values = {
            "value": definition.value(lesson["value"]),
            "year": lesson["year"],
            "earlier": definition.value(lesson["earlier"]),
            "before": lesson["year"] - LESSON_YEARS,
        }
        text = _("%(value)s in %(year)s, from %(earlier)s in %(before)s") % values
        found.append(Lesson(town.name if town else lesson["code"], lesson["code"], text))
    return found


def _lessons_text(rows: Rows) -> str:
    if not rows.assessed or not rows.assessed.lessons:
        return ""
    return _(
        "We are in the worse half of all municipalities. These municipalities resemble us, had a better value in the "
        "same year and have improved most over five years. Ask them what they did."
    )


# definition and sources


def _definition(rows: Rows) -> list[dict[str, Any]]:
    d = rows.definition
    kinds = [str(wording.MEASURES[d.measures])]
    if d.experienced:
        kinds.append(_("as residents experience it"))
    yes_no = {True: _("Yes"), False: _("No")}
    return [
        {"name": _("Why we measure it"), "text": d.purpose},
        {"name": _("Definition"), "text": d.definition},
        {"name": _("How it is calculated"), "text": d.calculation},
        {"name": _("Formula"), "text": definition_wording.formula_words(d.formula, d.inputs) if d.formula else ""},
        {"name": _("Numerator"), "text": d.numerator},
        {"name": _("Denominator"), "text": d.denominator},
        {"name": _("Good to know"), "text": d.quality},
        {"name": _("Breaks in the series"), "text": _breaks_text(rows)},
        {"name": _("Unit"), "text": d.unit},
        {"name": _("Good direction"), "text": str(wording.DIRECTION[d.good])},
        {"name": _("Measures"), "text": ", ".join(kinds)},
        {"name": _("Comparable with other municipalities"), "text": yes_no[d.comparable]},
        {"name": _("Can be influenced by staff"), "text": yes_no[d.influenceable]},
        {
            "name": _("Good enough"),
            "text": _("Never: this is about safety or the least that the law asks for.") if d.never_good_enough else "",
        },
        {"name": _("Measured"), "text": str(wording.FREQUENCY[d.frequency])},
        {
            "name": _("Due"),
            "text": ngettext(
                "%(count)s day after the period has ended", "%(count)s days after the period has ended", d.due_days
            )
            % {"count": number(d.due_days)},
        },
        {"name": _("Area"), "text": d.area_name},
        {"name": _("Department"), "text": d.department},
        {"name": _("Owner"), "text": d.owner},
        {"name": _("Kolada's identity"), "text": d.kolada_id},
        {"name": _("Code"), "text": d.code},
    ]


def _breaks_text(rows: Rows) -> str:
    return " ".join(f"{period_text(b.period)}: {b.reason}" for b in rows.breaks)


def _value_credit(rows: Rows) -> str:
    return f"{own_source(rows)}."


def _derived_credit(rows: Rows) -> str:
    return f"{derived_source(rows)}."


def sources(rows: Rows) -> list[str]:
    """Where every kind of number on the page comes from, with dates and jobs."""
    found = [_value_sources(rows)]
    definition = rows.definition
    if definition.kolada_id and rows.places:
        text = _("Median, quartiles, places and quarters: %(source)s.")
        found.append(text % {"source": inside(derived_source(rows))})
    if any(p.margin is not None and p.margin_computed for p in rows.points):
        text = _(
            "Margins of error: %(source)s, from the share and the number of answers (%(answers)s) as for a simple "
            "random sample, 95 per cent."
        )
        values = {"source": inside(derived_source(rows)), "answers": definition.respondents_kolada_id}
        found.append(text % values)
    if any(p.revision for p in rows.points):
        found.append(_("Values that the source has changed afterwards are marked in the table with what they were."))
    return [line for line in found if line]


def _value_sources(rows: Rows) -> str:
    newest = next((p for p in reversed(rows.points) if p.fetched_at), None)
    values = {
        "source": own_source(rows),
        "kpi": rows.definition.kolada_id,
        "date": day(newest.fetched_at) if newest else "",
        "job": newest.job if newest else "",
    }
    if rows.definition.kolada_id and not rows.invented:
        if newest and newest.job:
            text = _("%(source)s, key figure %(kpi)s, fetched %(date)s by job %(job)s.")
        elif newest:
            text = _("%(source)s, key figure %(kpi)s, fetched %(date)s.")
        else:
            text = _("%(source)s, key figure %(kpi)s. Nothing has been fetched yet.")
        return text % values
    if newest and newest.job:
        return _("%(source)s, recorded %(date)s by job %(job)s.") % values
    if newest:
        return _("%(source)s, recorded %(date)s.") % values
    return f"{values['source']}."


def _footer(rows: Rows) -> str:
    if rows.place is not None and not rows.invented:
        derived = _("Median, quartiles and places: %(source)s.") % {"source": inside(derived_source(rows))}
        return f"{own_source(rows)}. {derived}"
    return f"{own_source(rows)}."
