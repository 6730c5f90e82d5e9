"""The priority matrix as lists first and a drawing second; expectation gaps and kinds of needs (METHODS §5.5–5.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from indicators.templatetags.figures import number
from surveys import wording
from surveys.charts import MatrixPoint, matrix_svg
from surveys.compute.questionnaire import Asked
from surveys.read_models.results import Head, bar_of, head, interval_of
from surveys.read_models.results_rows import FigureRow, Results

MOST_NAMED = 3
QUADRANTS = ("prioritise", "improve_if_possible", "keep", "lower_priority")


@dataclass(frozen=True)
class Area:
    """An area of the survey. `grade` from 0 to 100, `importance` its part of what explains satisfaction."""

    number: int
    name: str
    grade: str
    importance: str
    interval: str
    alike: str


@dataclass(frozen=True)
class Quadrant:
    key: str
    name: str
    meaning: str
    areas: list[Area]


@dataclass(frozen=True)
class Gap:
    text: str
    url: str
    bar: SafeString
    sentence: str
    interval: str
    n: str


@dataclass(frozen=True)
class Need:
    text: str
    url: str
    word: str
    meaning: str
    with_it: str
    without_it: str
    n: str


@dataclass(frozen=True)
class PrioritiesPage:
    head: Head
    lead: str
    quadrants: list[Quadrant]
    chart: dict[str, Any] | None
    explained: str
    refused: str
    gaps: list[Gap]
    needs: list[Need]
    any_hidden: bool


def priorities_page(rows: Results) -> PrioritiesPage:
    drivers = rows.shown.edition.drivers
    refused = drivers.get("refused") if drivers else None
    found = [] if refused or not drivers else sorted(drivers["drivers"], key=lambda d: -d["importance"])
    texts = {code: asked.text for code, asked in rows.questionnaire.by_code.items()} | dict(rows.topics)
    names = {each["area"]: texts.get(each["area"], each["area"]) for each in found}
    quadrants = _quadrants(found, names)
    pairs = [
        (asked, figure)
        for asked in rows.questionnaire.by_code.values()
        for statistic in ("gap", "kano")
        if (figure := rows.figures.find(asked.code, statistic)) is not None
    ]
    return PrioritiesPage(
        head=head(rows.shown),
        lead=_lead(quadrants),
        quadrants=quadrants,
        chart=_chart(drivers, found, names) if found else None,
        explained=_explained(drivers) if found else "",
        refused=_refused(refused) if refused or not drivers else "",
        gaps=[_gap(asked, figure, rows) for asked, figure in _shortest(pairs)],
        needs=[
            _need(asked, figure, rows) for asked, figure in pairs if figure.statistic == "kano" and not figure.hidden
        ],
        any_hidden=any(figure.hidden for _asked, figure in pairs),
    )


def _shortest(pairs: list[tuple[Asked, FigureRow]]) -> list[tuple[Asked, FigureRow]]:
    """Expectation gaps, what falls shortest of what was expected first."""
    gaps = [(figure.value, asked, figure) for asked, figure in pairs if figure.statistic == "gap"]
    known = [(value, asked, figure) for value, asked, figure in gaps if value is not None]
    return [(asked, figure) for _value, asked, figure in sorted(known, key=lambda gap: (gap[0], gap[1].code))]


def _refused(reason: str | None) -> str:
    return str(wording.NO_DRIVERS.get(reason or "", _("The areas have not been weighed against each other.")))


def _lead(quadrants: list[Quadrant]) -> str:
    first = next((q for q in quadrants if q.key == "prioritise"), None)
    if first is None:
        return ""
    if not first.areas:
        return _("No area both weighs heavily and is graded lower than the others.")
    names = [area.name for area in first.areas]
    return _ended(_("Worth a look first: %(areas)s.") % {"areas": "; ".join(names)})


def _ended(sentence: str) -> str:
    """An area may be called by its question, whose question mark ends the sentence."""
    return sentence.removesuffix(".") if sentence.endswith("?.") else sentence


def _quadrants(found: list[Mapping[str, Any]], names: Mapping[str, str]) -> list[Quadrant]:
    if not found:
        return []
    areas: dict[str, list[Area]] = {key: [] for key in QUADRANTS}
    for place, driver in enumerate(found, start=1):
        if driver["quadrant"] in areas:
            areas[driver["quadrant"]].append(
                Area(
                    number=place,
                    name=names[driver["area"]],
                    grade=number(driver["grade"], 0),
                    importance=wording.share_text(driver["importance"]),
                    interval=wording.interval_text(driver["lower"], driver["upper"]),
                    alike=_alike([names[other] for other in driver["indistinguishable_from"]]),
                )
            )
    return [
        Quadrant(key, str(wording.QUADRANT[key]), str(wording.QUADRANT_MEANS[key]), areas[key]) for key in QUADRANTS
    ]


def _alike(names: list[str]) -> str:
    """The areas whose weight the bootstrap does not tell from this one's; many of them by their number."""
    if len(names) > MOST_NAMED:
        return _("Weighs about as much as %(count)s other areas.") % {"count": number(len(names))}
    return _ended(_("Weighs about as much as: %(areas)s.") % {"areas": ", ".join(names)}) if names else ""


def _explained(drivers: Mapping[str, Any]) -> str:
    told = _(
        "Together the areas explain %(share)s of how satisfied people are, among the %(n)s who graded all of them. "
        "It shows what goes together, not what causes what."
    ) % {"share": wording.share_text(100 * drivers["r2"]), "n": number(drivers["n"])}
    if any(driver["indistinguishable_from"] for driver in drivers["drivers"]):
        return told + " " + _("Several areas weigh about as much, so their order is uncertain.")
    return told


def _chart(drivers: Mapping[str, Any], found: list[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    points = [
        MatrixPoint(place, names[d["area"]], d["grade"], d["importance"], d["quadrant"] == "prioritise")
        for place, d in enumerate(found, start=1)
    ]
    drawn: dict[str, Any] = {
        "grade_cut": drivers["cut"]["grade"],
        "importance_cut": drivers["cut"]["importance"],
        "corners": tuple(
            str(wording.QUADRANT[k]) for k in ("prioritise", "improve_if_possible", "lower_priority", "keep")
        ),
        "x_title": _("Grade: higher to the right →"),
        "y_title": _("↑ How much it weighs"),
        "title": _("The areas by grade and by how much they weigh"),
        "summary": _("The same areas stand in the lists by quadrant."),
    }
    return {
        "title": "",
        "wide": matrix_svg(points, **drawn, narrow=False),
        "narrow": matrix_svg(points, **drawn, narrow=True),
        "caption": _("The lines stand at the means of the areas. The numbers are those of the lists."),
        "table": _table(found, names),
    }


def _table(found: list[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "columns": [
            {"label": _("Area"), "number": False},
            {"label": _("Grade, 0 to 100"), "number": True},
            {"label": _("Weighs"), "number": True},
            {"label": _("Margin of error"), "number": True},
        ],
        "rows": [
            {
                "cells": [
                    f"{place} {names[d['area']]}",
                    number(d["grade"], 0),
                    wording.share_text(d["importance"]),
                    wording.interval_text(d["lower"], d["upper"]),
                ]
            }
            for place, d in enumerate(found, start=1)
        ],
    }


def _url(asked: Asked, rows: Results) -> str:
    shown = rows.shown
    return reverse("survey-question", args=[shown.survey.code, shown.edition.wave.code, asked.code]) + shown.query


def _gap(asked: Asked, figure: FigureRow, rows: Results) -> Gap:
    details = figure.details
    return Gap(
        text=asked.text,
        url=_url(asked, rows),
        bar=bar_of(asked, figure),
        sentence=wording.gap(details["expectation"], details["experience"], bool(details.get("certain"))),
        interval=interval_of(asked, figure),
        n=number(figure.n) if figure.n is not None else "",
    )


def _need(asked: Asked, figure: FigureRow, rows: Results) -> Need:
    category = figure.details.get("category") or ""
    better, worse = figure.details.get("better"), figure.details.get("worse")
    return Need(
        text=asked.text,
        url=_url(asked, rows),
        word=str(wording.KANO[category]),
        meaning=str(wording.KANO_MEANS[category]),
        with_it="" if better is None else wording.share_text(100 * better),
        without_it="" if worse is None else wording.share_text(-100 * worse),
        n=number(figure.n) if figure.n is not None else "",
    )
