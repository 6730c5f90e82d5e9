"""An indicator as tables for CSV and Excel: numbers unrounded, every missing one with its reason, nothing to guess."""

from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from indicators import wording
from indicators.compute import benchmark
from indicators.compute.status import Direction
from indicators.periods import Kind, Period
from indicators.read_models.indicator import Page, sources
from indicators.read_models.indicator_chart import nation_name, target_levels
from indicators.read_models.indicator_rows import Place, Point, Rows, own_source, period_notes, period_text
from indicators.sources.table_file import Cell, Sheet


def sheets(rows: Rows, page: Page) -> list[Sheet]:
    """The series, the municipalities of the shown year, the status with every input, and the definition."""
    found = [series(rows)]
    if rows.place is not None:
        found.append(municipalities(rows, rows.place))
    return [*found, status(rows, page), about(rows, page)]


def series(rows: Rows) -> Sheet:
    """One line a period: our value, women and men, the target, and the chosen group in the same year."""
    definition = rows.definition
    header = [
        _("Indicator"),
        _("Name"),
        _("Unit"),
        _("Period code"),
        _("Period"),
        _("Value"),
        _("Missing because"),
        _("Margin of error"),
        _("Answers"),
        _("Women"),
        _("Men"),
        _("Target"),
        _("Target, upper limit"),
        nation_name(),
        _("Group"),
        _("Median of the others"),
        _("First quartile"),
        _("Third quartile"),
        _("Others with a value"),
        pgettext("among municipalities", "Place"),
        _("Best possible place"),
        _("Worst possible place"),
        _("Notes"),
        _("Source"),
    ]
    places = {place.year: place for place in rows.places}
    sexes = [{p.period: p.value for p in rows.series.get(sex, ())} for sex in "KM"]
    lines: list[list[Cell]] = []
    for point in rows.points:
        place = places.get(point.period.year) if point.period.kind is Kind.YEAR else None
        lines.append(
            [
                definition.code,
                definition.name,
                definition.unit,
                point.period.code,
                period_text(point.period),
                point.value,
                _absence(point),
                point.margin,
                point.respondents,
                *(values.get(point.period) for values in sexes),
                *_levels(rows, point.period),
                rows.nation.get(point.period.year) if point.period.kind is Kind.YEAR else None,
                rows.group.title if rows.group and place else None,
                *_position(place),
                "; ".join(period_notes(rows, point)),
                own_source(rows),
            ]
        )
    return Sheet(_("Series"), header, lines)


def _absence(point: Point) -> str | None:
    return None if point.value is not None else str(wording.ABSENCE[point.absence or "missing"])


def _levels(rows: Rows, period: Period) -> tuple[float | None, float | None]:
    levels = target_levels(rows, period)
    return (levels[0] if levels else None, levels[1] if len(levels) > 1 else None)


def _position(place: Place | None) -> list[Cell]:
    if place is None or place.others < benchmark.LEAST_PEERS:
        return [None, None, None, place.others if place else None, None, None, None]
    ranks = (place.rank, place.best_rank, place.worst_rank) if place.eligible else (None, None, None)
    return [place.median, place.q25, place.q75, place.others, *ranks]


def municipalities(rows: Rows, place: Place) -> Sheet:
    """Every municipality of the group with a value in the shown year."""
    header = [
        _("Code"),
        _("Municipality"),
        _("Year"),
        _("Value"),
        pgettext("among municipalities", "Place"),
        _("Group"),
        _("Ours"),
    ]
    group = rows.group.title if rows.group else ""
    ranked = rows.definition.judged and place.eligible
    values = np.array([peer.value for peer in rows.peers])
    ranks = benchmark.ranking(values, rows.definition.good is not Direction.LOWER)[0] if ranked else None
    lines: list[list[Cell]] = []
    for i, peer in enumerate(rows.peers):
        town = rows.towns[peer.code]
        rank = None if ranks is None else int(ranks[i])
        lines.append([peer.code, town.name, place.year, peer.value, rank, group, _("yes") if town.own else ""])
    return Sheet(_("Municipalities"), header, sorted(lines, key=lambda line: str(line[0])))


def status(rows: Rows, page: Page) -> Sheet:
    """The status with its explanation and every input as it was computed from, so that it can be worked out again."""
    lines: list[list[Cell]] = [[_("Follow-up year"), page.period]]
    if page.status is not None:
        lines += [
            [_("Status"), page.status.word],
            [_("Reason"), page.status.reason],
            [_("Explanation"), page.status.why.sentence],
            [_("Inequality"), page.status.why.formula],
        ]
        lines += [[fact["name"], fact["text"]] for fact in page.status.facts]
    assessed = rows.assessed
    trace = _flat(assessed.trace) if assessed else []
    return Sheet(_("Status"), [_("What"), _("Text or number")], [*lines, *trace])


def _flat(trace: Any, prefix: str = "") -> list[list[Cell]]:
    """The trace's own names, as they are stored: numbers unrounded."""
    found: list[list[Cell]] = []
    for name, value in sorted(trace.items()):
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        else:
            plain = value if isinstance(value, str | int | float) and not isinstance(value, bool) else None
            found.append([f"{prefix}{name}", str(value).lower() if isinstance(value, bool) else plain])
    return found


def about(rows: Rows, page: Page) -> Sheet:
    """The definition and where the figures come from."""
    lines: list[list[Cell]] = [[_("Name"), page.name]]
    lines += [[fact["name"], fact["text"]] for fact in page.definition if fact["text"]]
    lines += [[_("Sources"), line] for line in sources(rows)]
    return Sheet(_("About the indicator"), [_("What"), _("Text or number")], lines)
