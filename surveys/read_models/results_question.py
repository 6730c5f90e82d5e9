"""The page of one question: how people answered, by group, over time, and beside what others publish."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from indicators.charts import Band, Break, Chart, Line, Point, line_svg
from indicators.compute import benchmark
from indicators.periods import Period
from indicators.templatetags.figures import NO_BREAK_SPACE, language, number, with_unit
from indicators.wording import given_decimals
from surveys import wording
from surveys.charts import middle_bar, result_bar
from surveys.compute.questionnaire import GRADES, PAIRS, POSITIVE_FROM, Asked
from surveys.compute.release import DECIMALS
from surveys.read_models.results import (
    JUDGED,
    Head,
    bar_of,
    change_between,
    head,
    headline_of,
    interval_of,
    main_figure,
    result_text,
    scale_of,
)
from surveys.read_models.results_rows import (
    EditionRow,
    FigureRow,
    Figures,
    PeerRows,
    QuestionRows,
    series_broken,
)
from surveys.wording import HIDDEN, Change


@dataclass(frozen=True)
class Bar:
    """A row of a table of results."""

    label: str
    bar: SafeString
    result: str
    interval: str
    n: str = ""
    hidden: bool = False
    own: bool = False


@dataclass(frozen=True)
class Group:
    """Results by the answers to one question about the person."""

    title: str
    rows: list[Bar]


@dataclass(frozen=True)
class Compared:
    title: str
    lead: str
    rows: list[Bar]


@dataclass(frozen=True)
class QuestionPage:
    head: Head
    section: str
    text: str
    second_text: str
    lead: str
    gap: SafeString
    result: str
    interval: str
    n: str
    no_opinion: str
    change: Change | None
    since: str
    counted: str
    kano: str
    options: list[Bar]
    groups: list[Group]
    chart: dict[str, Any] | None
    compared: Compared | None
    indicators: list[dict[str, str]]
    wordings: list[str]
    any_hidden: bool


def question_page(rows: QuestionRows) -> QuestionPage:
    asked, shown = rows.asked, rows.shown
    figures = rows.figures.get(shown.edition.id, Figures())
    figure = main_figure(asked, figures)
    options, groups = _options(asked, figures), _groups(rows, figures, figure)
    hidden = [bar for bar in options if bar.hidden] + [bar for g in groups for bar in g.rows if bar.hidden]
    return QuestionPage(
        head=head(shown),
        section=rows.section,
        text=asked.text,
        second_text=asked.second_text if asked.kind in PAIRS else "",
        lead=_lead(rows, figures, figure),
        gap=bar_of(asked, figure) if figure and figure.statistic == "gap" else SafeString(""),
        result=result_text(asked, figure) if figure else "",
        interval=interval_of(asked, figure) if figure else "",
        n=wording.answers(figure.n) if figure else "",
        no_opinion=_no_opinion(asked, figures),
        change=_change(rows, figure),
        since=shown.before.wave.label if shown.before else "",
        counted=_counted(asked, figures),
        kano=_kano(asked, figure),
        options=options,
        groups=groups,
        chart=_over_time(rows),
        compared=_compared(rows, figure),
        indicators=[{"name": name, "url": reverse("indicator", args=[code])} for code, name in rows.indicators],
        wordings=_wordings(rows),
        any_hidden=bool(hidden) or bool(figure and figure.hidden),
    )


def _lead(rows: QuestionRows, figures: Figures, figure: FigureRow | None) -> str:
    if figure is None:
        return _("Nobody has answered this question.")
    if figure.hidden:
        return _("The result is hidden to protect individuals: too few people answered.")
    if figure.statistic == "share":
        return headline_of(rows.asked, figures, rows.statement)
    details = figure.details
    if figure.statistic == "gap" and "expectation" in details and "experience" in details:
        return wording.gap(details["expectation"], details["experience"], bool(details.get("certain")))
    if figure.statistic == "kano":
        category = details.get("category") or ""
        return f"{wording.KANO[category]}. {wording.KANO_MEANS[category]}"
    return ""


def _no_opinion(asked: Asked, figures: Figures) -> str:
    figure = figures.find(asked.code, "no_opinion")
    if figure is None or figure.value is None or not any(option.no_opinion for option in asked.options):
        return ""
    return wording.share_text(figure.value)


def _kano(asked: Asked, figure: FigureRow | None) -> str:
    if asked.kind != "kano" or figure is None or figure.hidden:
        return ""
    return _(
        "The kind of need is a guess that follows from how people answered both questions. Try it out with people."
    )


def _counted(asked: Asked, figures: Figures) -> str:
    """Which answers count as positive."""
    if asked.kind in POSITIVE_FROM and figures.find(asked.code, "share"):
        return _("Grades from %(grade)s to %(most)s are counted as positive answers.") % {
            "grade": POSITIVE_FROM[asked.kind],
            "most": GRADES[asked.kind][1],
        }
    good = [option.label for option in asked.options if option.positive]
    return _("Counted as positive answers: %(answers)s.") % {"answers": wording.either(good)} if good else ""


def _change(rows: QuestionRows, figure: FigureRow | None) -> Change | None:
    shown = rows.shown
    if shown.before is None or figure is None or figure.statistic not in JUDGED:
        return None
    earlier = rows.figures.get(shown.before.id, Figures()).find(rows.asked.code, figure.statistic)
    broken = series_broken(shown.edition, shown.before, shown.waves, rows.asked.code)
    return change_between(figure, earlier, broken, scale_of(rows.asked, figure.statistic))


# ── how people answered ───────────────────────────────────────────────────────────────────────────────────────────────


def _options(asked: Asked, figures: Figures) -> list[Bar]:
    """Every choice or grade with its share."""
    labels = [(option.value, option.label) for option in asked.options if not option.no_opinion]
    if asked.kind in ("five", "ten"):
        low, high = GRADES[asked.kind]
        labels = [(grade, str(grade)) for grade in range(low, high + 1)]
    found = [(label, figures.find(asked.code, "option", value)) for value, label in labels]
    return [_bar(label, asked, figure) for label, figure in found if figure is not None]


def _bar(label: str, asked: Asked, figure: FigureRow) -> Bar:
    if figure.hidden:
        return Bar(label, SafeString(""), HIDDEN, "", HIDDEN, hidden=True)
    return Bar(
        label,
        bar_of(asked, figure),
        result_text(asked, figure),
        interval_of(asked, figure),
        number(figure.n) if figure.n is not None else "",
    )


def _groups(rows: QuestionRows, figures: Figures, figure: FigureRow | None) -> list[Group]:
    """The main figure by each question about the person, in the order of asking; the whole first."""
    if figure is None:
        return []
    asked, found = rows.asked, []
    for background in rows.questionnaire.by_code.values():
        if not background.background:
            continue
        levels = [
            (option.label, figures.find(asked.code, figure.statistic, group=background.code, level=option.value))
            for option in background.options
        ]
        bars = [_bar(label, asked, each) for label, each in levels if each is not None]
        if bars:
            found.append(Group(background.text, bars))
    return found


# ── over time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _over_time(rows: QuestionRows) -> dict[str, Any] | None:
    """The share or mean in each wave with its interval as a band, and the table; None with fewer than two waves."""
    asked = rows.asked
    now = main_figure(asked, rows.figures.get(rows.shown.edition.id, Figures()))
    if now is None or now.statistic not in ("share", "gap", "mean", "median"):
        return None
    waves = [
        (edition, found)
        for edition in rows.shown.waves
        if (found := rows.figures.get(edition.id, Figures()).find(asked.code, now.statistic)) is not None
    ]
    if len([found for _edition, found in waves if found.value is not None]) < 2:
        return None
    chart = _chart(rows, waves, now.statistic)
    return {
        "title": "",
        "wide": line_svg(chart, narrow=False),
        "narrow": line_svg(chart, narrow=True),
        "caption": _("The shaded area is the margin of error of each wave."),
        "table": _time_table(rows, waves),
    }


Waves = Sequence[tuple[EditionRow, FigureRow]]


def _chart(rows: QuestionRows, waves: Waves, statistic: str) -> Chart:
    asked, scale = rows.asked, scale_of(rows.asked, statistic)
    broken = _breaks(rows, waves)

    def points(name: str) -> list[Point]:
        found: list[Point] = []
        for edition, figure in waves:
            period = Period.parse(edition.wave.period)
            if edition.id in broken and found:
                found.append(Point((found[-1].x + period.x) / 2, "", None))  # the band is not joined across a break
            value = getattr(figure, name)
            drawn = None if value is None else round(value, DECIMALS)
            found.append(Point(period.x, period.short(language()), drawn))
        return found

    def own() -> list[Point]:
        return [point for point in points("value") if point.label]

    first, last = waves[0][1], waves[-1][1]
    return Chart(
        title=asked.text,
        summary=_("%(first)s in %(from)s and %(last)s in %(to)s.")
        % {
            "first": result_text(asked, first),
            "from": waves[0][0].wave.label,
            "last": result_text(asked, last),
            "to": waves[-1][0].wave.label,
        },
        unit=_("per cent") if scale.symbol == "%" else "",
        lines=[Line("own", _("this survey"), own())],
        band=Band(points("lower"), points("upper"), _("margin of error")),
        breaks=[
            Break(Period.parse(edition.wave.period).x, _("new method") if why == "method" else _("new wording"))
            for edition, _figure in waves
            if (why := broken.get(edition.id))
        ],
        y_format=lambda value: with_unit(value, scale.decimals, scale.symbol),
        tick_format=lambda value: number(value, given_decimals(value)),
    )


def _breaks(rows: QuestionRows, waves: Waves) -> dict[int, str]:
    """Editions whose results do not continue the wave before, with why."""
    pairs = pairwise(waves)
    found = {
        later.id: series_broken(later, earlier, rows.shown.waves, rows.asked.code) or _reworded(rows, earlier, later)
        for (earlier, _a), (later, _b) in pairs
    }
    return {edition: why for edition, why in found.items() if why}


def _reworded(rows: QuestionRows, earlier: EditionRow, later: EditionRow) -> str:
    """ "wording" where a wording between does not continue the one before: also across waves that left the question
    out, which a comparison of each wave with the one before it does not see."""
    number_of = {version.id: version.number for version in rows.versions}
    before, now = (number_of.get(e.method.get("versions", {}).get(rows.asked.code)) for e in (earlier, later))
    if before is None or now is None:
        return ""
    low, high = sorted((before, now))
    between = [version for version in rows.versions if low < version.number <= high]
    return "" if all(version.continues for version in between) else "wording"


def _time_table(rows: QuestionRows, waves: Waves) -> dict[str, Any]:
    asked, broken = rows.asked, _breaks(rows, waves)
    why = {"method": _("new method"), "wording": _("new wording")}
    return {
        "columns": [
            {"label": _("Wave"), "number": False},
            {"label": _("Result"), "number": True},
            {"label": _("Margin of error"), "number": True},
            {"label": _("Answers"), "number": True},
            {"label": _("Note"), "number": False},
        ],
        "rows": [
            {
                "cells": [
                    edition.wave.label,
                    result_text(asked, figure),
                    interval_of(asked, figure),
                    number(figure.n) if figure.n is not None else HIDDEN if figure.hidden else "",
                    why.get(broken.get(edition.id, ""), ""),
                ]
            }
            for edition, figure in waves
        ],
    }


def _wordings(rows: QuestionRows) -> list[str]:
    """What was asked before, and what was said of each change, newest first."""
    found = []
    for version, before in reversed(list(zip(rows.versions[1:], rows.versions, strict=False))):
        if version.continues:
            text = _("Before, the question read “%(text)s”. It was judged to mean the same: %(reason)s")
        else:
            text = _("Before, the question read “%(text)s”. The new wording means something else. %(reason)s")
        found.append((text % {"text": before.text, "reason": version.reason}).strip())
    return found


# ── what others publish ───────────────────────────────────────────────────────────────────────────────────────────────


def _compared(rows: QuestionRows, figure: FigureRow | None) -> Compared | None:
    """Our result beside what is published of us and of similar municipalities; None where too few publish it."""
    if rows.peers is None or figure is None or figure.statistic != "share" or figure.value is None:
        return None
    year = _year(rows.peers)
    if year is None:
        return None
    values = rows.peers.values[year]
    own = values.get(rows.peers.home)
    others = benchmark.reference([value for place, value in values.items() if place != rows.peers.home])
    low, middle, high = float(others.q25), float(others.median), float(others.q75)
    bars = [Bar(_this_survey(rows), bar_of(rows.asked, figure), result_text(rows.asked, figure),
                interval_of(rows.asked, figure), own=True)]  # fmt: skip
    if own is not None:
        label = _("%(place)s, published %(year)s") % {"place": rows.peers.home_name, "year": year}
        bars.append(Bar(label, result_bar(own), wording.share_text(own), ""))
    bars.append(
        Bar(
            _("%(group)s, median %(year)s") % {"group": rows.peers.group, "year": year},
            middle_bar(low, middle, high),
            wording.share_text(middle),
            _("middle half %(range)s") % {"range": wording.interval_text(low, high)},
        )
    )
    return Compared(
        title=_("Beside similar municipalities"),
        lead=_(
            "Others ask nearly the same question in the national citizen survey, in another way. "
            "Small differences may come from that. %(count)s municipalities published a result in %(year)s."
        )
        % {"count": number(int(others.n)), "year": year},
        rows=bars,
    )


def _this_survey(rows: QuestionRows) -> str:
    return f"{rows.shown.survey.name}{NO_BREAK_SPACE}{rows.shown.edition.wave.label}"


def _year(peers: PeerRows) -> int | None:
    """The newest year in which enough others have a value (METHODS §3)."""
    others = {year: len(row.keys() - {peers.home}) for year, row in peers.values.items()}
    return max((year for year, count in others.items() if count >= benchmark.LEAST_PEERS), default=None)
