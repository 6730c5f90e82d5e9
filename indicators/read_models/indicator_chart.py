"""The large chart of an indicator and its table twin, from the same rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from indicators import charts
from indicators.compute import benchmark, status
from indicators.compute.frames import target_in
from indicators.compute.status import Form, Side, Target
from indicators.periods import Kind, Period
from indicators.read_models.indicator_rows import (
    Place,
    Point,
    Rows,
    derived_source,
    own_source,
    period_notes,
    period_text,
    value_or_reason,
)
from indicators.templatetags.figures import language, number
from indicators.wording import given_decimals


def plotly_words() -> dict[str, str]:
    """What Plotly says itself, in the reader's language."""
    return {
        "Zoom": pgettext("chart tool", "Zoom"),
        "Pan": pgettext("chart tool", "Move"),
        "Zoom in": pgettext("chart tool", "Zoom in"),
        "Zoom out": pgettext("chart tool", "Zoom out"),
        "Reset axes": pgettext("chart tool", "Show everything"),
        "Download plot as a png": pgettext("chart tool", "Download as an image"),
        "Download plot as a PNG": pgettext("chart tool", "Download as an image"),
        "Double-click to zoom back out": pgettext("chart tool", "Double-click to show everything"),
        "Taking snapshot - this may take a few seconds": pgettext("chart tool", "Making the image"),
        "Snapshot succeeded": pgettext("chart tool", "The image is ready"),
        "Sorry, there was a problem downloading your snapshot!": pgettext("chart tool", "The image could not be made"),
    }


def figure(rows: Rows, *, divided: bool) -> dict[str, Any] | None:
    """The context of components/chart.html without its downloads; None where there is not one value to draw."""
    drawn = chart(rows, divided=divided)
    if drawn is None:
        return None
    return {
        "title": "",
        "wide": charts.line_svg(drawn, narrow=False),
        "narrow": charts.line_svg(drawn, narrow=True),
        "caption": caption(rows),
        "table": table(rows),
        "data": charts.line_plotly(drawn, locale=language(), words=plotly_words(), filename=rows.definition.code),
    }


def chart(rows: Rows, *, divided: bool) -> charts.Chart | None:
    """Own series, target, median and middle half of the group, the nation; women and men on request. None: nothing
    known."""
    own = _own_points(rows, "T")
    if not any(point.y is not None for point in own):
        return None
    definition = rows.definition
    lines = [charts.Line("own", rows.home or definition.name, own)]
    lines += _target_lines(rows)
    places = _drawn_places(rows)
    if places:
        median = [charts.Point(float(p.year), str(p.year), p.median) for p in places]
        lines.append(charts.Line("median", _("median"), median))
    if years := _nation_years(rows):
        nation = [charts.Point(float(year), str(year), rows.nation.get(year)) for year in years]
        lines.append(charts.Line("nation", nation_name(), nation))
    if divided:
        for role, sex, name in (("women", "K", _("women")), ("men", "M", _("men"))):
            points = _own_points(rows, sex)
            if any(point.y is not None for point in points):
                lines.append(charts.Line(role, name, points))  # type: ignore[arg-type]
    breaks = [charts.Break(b.period.x, _("new method")) for b in rows.breaks if not b.comparable_backwards]
    return charts.Chart(
        title=definition.name,
        summary=_summary(rows),
        unit=definition.unit,
        lines=lines,
        band=_band(places),
        breaks=breaks,
        y_format=lambda value: number(value, definition.decimals),
        tick_format=lambda value: number(value, given_decimals(value)),
    )


def _own_points(rows: Rows, breakdown: str) -> list[charts.Point]:
    points = rows.series.get(breakdown, ())
    return [charts.Point(p.period.x, p.period.short(language()), p.value) for p in points]


def nation_name() -> str:
    """Says what kind of value it is, so that it is not taken for the median of the municipalities."""
    return _("The nation (weighted value)")


def _nation_years(rows: Rows) -> Sequence[int]:
    """Years from our first value on; empty where the nation has a value in none of them."""
    first = min((p.period.year for p in rows.points if p.value is not None), default=None)
    if first is None:
        return ()
    years = range(first, max(p.period.year for p in rows.points) + 1)
    return years if any(year in rows.nation for year in years) else ()


def _drawn_places(rows: Rows) -> list[Place]:
    """Years that the middle of the group may be drawn for: inside our own series, with enough municipalities; a year
    without them stays a gap."""
    valued = [p.period.year for p in rows.points if p.value is not None]
    if not valued:
        return []
    by_year = {p.year: p for p in rows.places if p.others >= benchmark.LEAST_PEERS}
    first, last = min(valued), max(p.period.year for p in rows.points)
    nothing = dict.fromkeys(Place.__dataclass_fields__)
    found = [by_year.get(year) or Place(**{**nothing, "year": year}) for year in range(first, last + 1)]  # type: ignore[arg-type]
    return found if any(p.median is not None for p in found) else []


def _band(places: list[Place]) -> charts.Band | None:
    if not places:
        return None
    low = [charts.Point(float(p.year), str(p.year), p.q25) for p in places]
    high = [charts.Point(float(p.year), str(p.year), p.q75) for p in places]
    return charts.Band(low, high, _("middle half of the others"))


def _target_lines(rows: Rows) -> list[charts.Line]:
    """What is aimed at in each period of our series: one line, two for an interval, none for a position or a change."""
    levels = [(p.period, target_levels(rows, p.period)) for p in rows.points]
    names = {0: _("target"), 1: _("target, upper limit")}
    lines = []
    for number_ in range(max((len(found) for _period, found in levels), default=0)):
        points = [
            charts.Point(period.x, period.short(language()), found[number_] if number_ < len(found) else None)
            for period, found in levels
        ]
        name = _("target, lower limit") if number_ == 0 and _any_interval(levels) else names[number_]
        lines.append(charts.Line("target", name, points))
    return lines


def _any_interval(levels: list[tuple[Period, list[float]]]) -> bool:
    return any(len(found) == 2 for _period, found in levels)


def target_levels(rows: Rows, period: Period) -> list[float]:
    """The level or levels aimed at in a period, by the target valid in its year; empty where no level is."""
    dated = target_in(rows.targets, period.year)
    if dated is None:
        return []
    target = dated.target
    if target.form is Form.YEARLY_CHANGE:
        level = _path(rows, target, period)
        return [] if level is None else [level]
    if target.form not in (Form.LEVEL, Form.SURVEY):
        return []
    levels = [target.lower, target.upper] if target.side is Side.BETWEEN else [target.value]
    return [level for level in levels if level is not None]


def _path(rows: Rows, target: Target, period: Period) -> float | None:
    start = Period.parse(target.baseline_period or "")
    base = next((p.value for p in rows.points if p.period == start), None)
    if base is None or target.percent is None or base <= 0 or period.x < start.x:
        return None
    return status.yearly_target(base, target.percent, period.x - start.x)


def _summary(rows: Rows) -> str:
    """The chart in words: first, last, highest and lowest value."""
    known = [p for p in rows.points if p.value is not None]
    definition = rows.definition

    def value_of(point: Point) -> float:
        return point.value if point.value is not None else 0.0

    low, high = min(known, key=value_of), max(known, key=value_of)
    if len(known) == 1:
        return _("One value: %(value)s for %(period)s.") % {
            "value": definition.value(known[0].value),
            "period": period_text(known[0].period),
        }
    return _(
        "From %(first)s (%(start)s) to %(last)s (%(end)s). Highest %(high)s (%(high_period)s), lowest %(low)s "
        "(%(low_period)s)."
    ) % {
        "first": definition.value(known[0].value),
        "start": period_text(known[0].period),
        "last": definition.value(known[-1].value),
        "end": period_text(known[-1].period),
        "high": definition.value(high.value),
        "high_period": period_text(high.period),
        "low": definition.value(low.value),
        "low_period": period_text(low.period),
    }


def caption(rows: Rows) -> str:
    """What is drawn, and where it comes from."""
    if rows.group is None or not _drawn_places(rows):
        return " ".join([_summary(rows), *_nation_note(rows), f"{own_source(rows)}."])
    band = _("Grey field: the middle half of the others in the group “%(group)s”. Dashed line: their median.")
    words = [band % {"group": rows.group.title}, *_nation_note(rows), f"{own_source(rows)}."]
    if not rows.invented:
        words.append(_("Median and quartiles: own processing of data from Kolada."))
    return " ".join(words)


def _nation_note(rows: Rows) -> list[str]:
    if not _nation_years(rows):
        return []
    return [
        _(
            "Line of dashes and dots: the nation's own value as Kolada gives it, usually a weighted mean, "
            "which is another thing than the median of the municipalities."
        )
    ]


def table(rows: Rows) -> dict[str, Any]:
    """The chart as a table, newest period first."""
    definition = rows.definition
    sexes = [(sex, name) for sex, name in (("K", _("Women")), ("M", _("Men"))) if rows.series.get(sex)]
    by_sex: dict[str, Mapping[Period, Point]] = {sex: {p.period: p for p in rows.series[sex]} for sex, _name in sexes}
    places = {p.year: p for p in rows.places}
    columns = [{"label": _("Period")}, {"label": _("Value"), "number": True}]
    columns += [{"label": name, "number": True} for _sex, name in sexes]
    nation = bool(_nation_years(rows))
    if nation:
        columns.append({"label": nation_name(), "number": True})
    if places:
        columns += [
            {"label": _("Median of the others"), "number": True},
            {"label": _("Others with a value"), "number": True},
        ]
    columns.append({"label": _("Notes")})
    lines = []
    for point in reversed(rows.points):
        cells = [period_text(point.period), value_or_reason(definition, point)]
        cells += [value_or_reason(definition, by_sex[sex].get(point.period)) for sex, _name in sexes]
        yearly = point.period.kind is Kind.YEAR
        if nation:
            cells.append(definition.value(rows.nation.get(point.period.year) if yearly else None))
        if places:
            place = places.get(point.period.year) if yearly else None
            enough = place is not None and place.others >= benchmark.LEAST_PEERS
            cells.append(definition.value(place.median) if place and enough else _("– (too few)"))
            cells.append(number(place.others if place else 0))
        cells.append("; ".join(period_notes(rows, point)))
        lines.append({"cells": cells, "own": False})
    return {"caption": "", "columns": columns, "rows": lines}


def credit(rows: Rows) -> str:
    """The line that an image carries when it leaves the page."""
    if rows.place is None and not rows.places:
        return f"{own_source(rows)}."
    group = _("Compared with: %(group)s.") % {"group": rows.group.title} if rows.group else ""
    if rows.invented:
        return f"{group} {derived_source(rows)}."
    source = _("%(source)s. Median and quartiles: own processing of data from Kolada.")
    return f"{group} {source % {'source': own_source(rows)}}"
