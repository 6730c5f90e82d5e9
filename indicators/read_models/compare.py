"""The compare pages: our place among others over all indicators, and every municipality in one indicator (METHODS §3).

Position among others is never mixed with status against our own target: nothing here knows a target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators import charts
from indicators.compute import benchmark, series
from indicators.compute.comparison import equal
from indicators.compute.series import Break
from indicators.compute.status import SIGN, Direction, margin_of_difference
from indicators.periods import Kind, Period
from indicators.templatetags.figures import NO_BREAK_SPACE, difference, number, with_unit

QUARTERS = ("best", "middle", "worst")
SORTS = ("area", "quarter", "name", "rank", "difference")
ORDERS = ("best", "worst")
FEWEST_PEERS, MOST_PEERS = benchmark.LEAST_PEERS, 30
_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "ö": "}", "é": "e", "ü": "u"})


class NoSuchChoiceError(LookupError):
    """The address names something that does not exist; the message says what, and what may stand there instead."""


def alphabetical(text: str) -> str:
    """Sort key with å, ä, ö after z."""
    return text.casefold().translate(_AFTER_Z)


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Subject:
    """An indicator that is compared, as far as these pages show it."""

    id: int
    code: str
    name: str
    area: str
    area_name: str
    unit: str
    symbol: str
    share: bool
    decimals: int
    direction: str
    measures: str
    kpi: str

    @property
    def sign(self) -> int:
        """+1 higher is better, −1 lower is better, 0 where no way is the good one."""
        return SIGN.get(Direction(self.direction), 0)

    def value(self, value: float | None) -> str:
        return with_unit(value, self.decimals, self.symbol)

    def number(self, value: float | None, *, sign: bool = False) -> str:
        return number(value, self.decimals, sign=sign)

    def difference(self, value: float | None) -> str:
        return difference(value, self.decimals, self.symbol, share=self.share)

    def difference_unit(self, value: float | None) -> str:
        """What stands after the number of a difference: percentage points for shares."""
        return self.difference(value).removeprefix(self.number(value, sign=True)).strip(NO_BREAK_SPACE)


@dataclass(frozen=True)
class Standing:
    """A row of `Benchmark`; `newest_own` is our newest year with a value, whether it could be compared or not."""

    indicator_id: int
    group_id: int
    year: int
    eligible: bool
    others: int
    median: float | None
    q25: float | None
    q75: float | None
    own: float | None
    rank: int | None
    best_rank: int | None
    worst_rank: int | None
    percentile: float | None
    quarter: str
    robust_z: float | None
    own_change: float | None
    peer_change: float | None
    newest_own: int | None = None


@dataclass(frozen=True)
class PeerList:
    """A stored peer group; `area` is set for lists of similar municipalities made for one area."""

    id: int
    code: str
    kind: str
    title: str
    area: str | None


@dataclass(frozen=True)
class Chosen:
    """Whom we are compared with: stored lists (one an area for “similar”), or codes of our own choice."""

    value: str
    title: str
    lists: tuple[PeerList, ...] = ()
    peers: tuple[str, ...] = ()

    def list_for(self, area: str) -> PeerList | None:
        """The list that serves an area: the one made for it goes before the general one."""
        fitting = [item for item in self.lists if item.area in (None, area)]
        return min(fitting, key=lambda item: (item.area is None, item.id), default=None)


def group_options(lists: Sequence[PeerList]) -> list[tuple[str, str]]:
    """Choices of a group as (value in the address, words); all lists of similar municipalities are one choice."""
    options: dict[str, str] = {}
    for item in lists:
        if item.kind == "similar":
            options.setdefault("similar", _("Similar municipalities"))
        else:
            options.setdefault("all" if item.kind == "all" else item.code, item.title)
    return list(options.items())


def choose_group(lists: Sequence[PeerList], wanted: str) -> Chosen:
    """The group that an address names, by kind (“all”, “similar”) or code. Raises NoSuchChoiceError."""
    options = dict(group_options(lists))
    if wanted in ("", "all", "similar") or any(item.kind == "similar" and item.code == wanted for item in lists):
        kind = "similar" if wanted not in ("", "all") else "all"
        found = tuple(item for item in lists if item.kind == kind)
        value = kind
    else:
        found = tuple(item for item in lists if item.code == wanted)
        value = wanted
    if not found:
        raise NoSuchChoiceError(
            _("There is no group “%(code)s” to compare with. These exist: %(groups)s.")
            % {"code": wanted, "groups": ", ".join(f"{value} ({title})" for value, title in options.items())}
        )
    return Chosen(value, options.get(value, found[0].title), lists=found)


# ── all indicators ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Landscape:
    """What the page over all indicators is made from: `standings` by indicator id, `margins` by id and year."""

    home: str
    chosen: Chosen
    options: list[tuple[str, str]]
    subjects: Sequence[Subject]
    standings: Mapping[int, Standing]
    margins: Mapping[tuple[int, int], float]
    breaks: Mapping[int, Sequence[Break]]


@dataclass(frozen=True)
class Choice:
    """What of it is shown, and in which order."""

    area: str = ""
    quarter: str = ""
    sort: str = "area"
    order: str = "best"


@dataclass(frozen=True)
class Trend:
    """How our change compares with the others'; arrow says where our number went, text whether we gained on them."""

    verdict: str
    arrow: str
    text: str
    detail: str
    certain: bool


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    area: str
    area_name: str
    quarter: str
    quarter_word: str
    value: str
    median: str
    difference: str
    difference_unit: str
    rank: str
    rank_note: str
    year: str
    year_note: str
    trend: Trend
    place: tuple[float | None, float | None, float | None]  # percentile, rank, goodness: what sorting goes by


@dataclass(frozen=True)
class Section:
    title: str
    area: str
    rows: list[Row]


@dataclass(frozen=True)
class AreaCounts:
    """How many indicators of an area stand where; `marks` repeats a mark once an indicator."""

    area: str
    name: str
    counts: list[dict[str, Any]]


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    number: bool
    sort: str  # what aria-sort says; "" where the list is not sorted by it
    order: str  # the order that a click asks for


@dataclass(frozen=True)
class Overview:
    lead: str
    trend_lead: str
    group: str
    tally: list[dict[str, Any]]
    areas: list[AreaCounts]
    sections: list[Section]
    columns: list[Column]
    grouped: bool
    summary: str
    filtered: bool
    notes: list[str]
    not_compared: list[Subject]
    empty: bool


def all_indicators(facts: Landscape, choice: Choice) -> Overview:
    """Our municipality against a group over all indicators."""
    rows = [
        _row(subject, facts.standings[subject.id], facts) for subject in facts.subjects if subject.id in facts.standings
    ]
    shown = [
        row for row in rows if choice.area in ("", row.area) and (not choice.quarter or row.quarter == choice.quarter)
    ]
    judged = [row for row in rows if row.quarter]
    return Overview(
        lead=_lead(facts.home, judged),
        trend_lead=_trend_lead(judged),
        group=facts.chosen.title,
        tally=_tally(rows),
        areas=_areas(judged),
        sections=_sections(shown, choice),
        columns=_columns(choice),
        grouped=choice.sort == "area",
        summary=_("%(shown)s of %(all)s indicators") % {"shown": len(shown), "all": len(rows)},
        filtered=bool(choice.area or choice.quarter),
        notes=_notes(rows, choice),
        not_compared=[s for s in facts.subjects if s.id not in facts.standings],
        empty=not rows,
    )


def _row(subject: Subject, standing: Standing, facts: Landscape) -> Row:
    sign = subject.sign
    gap = None
    if standing.own is not None and standing.median is not None:
        gap = series.change(standing.own, standing.median)
    goodness = sign * standing.robust_z if sign and standing.robust_z is not None else None
    return Row(
        code=subject.code,
        name=subject.name,
        area=subject.area,
        area_name=subject.area_name,
        quarter=standing.quarter,
        quarter_word="" if sign else _("No better or worse"),
        value=subject.value(standing.own),
        median=subject.number(standing.median),
        difference=subject.number(gap, sign=True),
        difference_unit=subject.difference_unit(gap),
        rank=rank_text(standing),
        rank_note=rank_note(standing),
        year=str(standing.year),
        year_note=fallback_note(standing),
        trend=_trend(subject, standing, facts),
        place=(standing.percentile, standing.rank, goodness),
    )


def rank_text(standing: Standing) -> str:
    """“46 of 290”, counted with ourselves; empty where no way is the good one."""
    if standing.rank is None:
        return ""
    return _("%(rank)s of %(all)s") % {"rank": standing.rank, "all": standing.others + 1}


def rank_note(standing: Standing) -> str:
    """The ranks that the margin of error allows, where the value has one."""
    if standing.best_rank is None or standing.worst_rank is None or standing.best_rank == standing.worst_rank:
        return ""
    return _("%(best)s–%(worst)s within the margin of error") % {
        "best": standing.best_rank,
        "worst": standing.worst_rank,
    }


def fallback_note(standing: Standing) -> str:
    """Said where our newest value is younger than the year that can be compared."""
    if standing.newest_own is None or standing.newest_own <= standing.year:
        return ""
    return _("our newest value is from %(year)s, when too few others have one") % {"year": standing.newest_own}


def _trend(subject: Subject, standing: Standing, facts: Landscape) -> Trend:
    now, before = Period(Kind.YEAR, standing.year), Period(Kind.YEAR, standing.year - 1)
    if series.breaks_between(facts.breaks.get(subject.id, ()), before, now):
        return Trend("", "", _("the method has changed"), "", True)
    if standing.own_change is None or standing.peer_change is None:
        return Trend("", "", _("no value the year before"), "", True)
    arrow = "flat" if equal(standing.own_change, 0.0) else "up" if standing.own_change > 0 else "down"
    own, others = _told_apart(standing.own_change, standing.peer_change, subject.decimals)
    detail = _("we %(own)s, the others %(others)s") % {"own": own, "others": others}
    margins = [facts.margins.get((subject.id, year)) for year in (standing.year, standing.year - 1)]
    verdict = _gain(subject.sign, standing.own_change, standing.peer_change, margin_of_difference(*margins))
    words = {
        "": pgettext("change against others", "no better or worse"),
        "uncertain": pgettext("change against others", "no certain difference"),
        "level": pgettext("change against others", "in step with the others"),
        "ahead": pgettext("change against others", "better than the others"),
        "behind": pgettext("change against others", "worse than the others"),
    }
    return Trend(verdict, arrow, words[verdict], detail, verdict != "uncertain")


def _told_apart(own: float, others: float, decimals: int) -> tuple[str, str]:
    """Both changes with as many decimals as it takes to see that they differ, at most three more than usual."""
    for more in range(4):
        texts = number(own, decimals + more, sign=True), number(others, decimals + more, sign=True)
        if texts[0] != texts[1]:
            return texts
    return number(own, decimals, sign=True), number(others, decimals, sign=True)


def _gain(sign: int, own: float, others: float, margin: float | None) -> str:
    """Whether our change is better than the median of the others' paired changes; never inside the margin of ours."""
    if not sign:
        return ""
    gain = sign * series.change(own, others)
    if margin and abs(gain) <= margin:
        return "uncertain"
    if equal(gain, 0.0):
        return "level"
    return "ahead" if gain > 0 else "behind"


def _count(rows: Sequence[Row], quarter: str) -> int:
    return sum(1 for row in rows if row.quarter == quarter)


def _lead(home: str, judged: Sequence[Row]) -> str:
    if not judged:
        return ""
    return ngettext(
        "%(home)s is in the best quarter for %(best)s of %(all)s indicator and in the worst quarter for %(worst)s.",
        "%(home)s is in the best quarter for %(best)s of %(all)s indicators and in the worst quarter for %(worst)s.",
        len(judged),
    ) % {"home": home, "best": _count(judged, "best"), "worst": _count(judged, "worst"), "all": len(judged)}


def _trend_lead(judged: Sequence[Row]) -> str:
    verdicts = [row.trend.verdict for row in judged if row.trend.verdict]
    if not verdicts:
        return ""
    return ngettext(
        "Since the year before, %(ahead)s of %(all)s indicator has developed better than among the others and "
        "%(behind)s worse.",
        "Since the year before, %(ahead)s of %(all)s indicators have developed better than among the others and "
        "%(behind)s worse.",
        len(verdicts),
    ) % {"ahead": verdicts.count("ahead"), "behind": verdicts.count("behind"), "all": len(verdicts)}


def _tally(rows: Sequence[Row]) -> list[dict[str, Any]]:
    tally: list[dict[str, Any]] = [{"quarter": q, "word": "", "count": _count(rows, q)} for q in QUARTERS]
    if same := _count(rows, "no_difference"):
        tally.append({"quarter": "no_difference", "word": "", "count": same})
    if context := sum(1 for row in rows if not row.quarter):
        tally.append({"quarter": "", "word": _("No better or worse"), "count": context})
    return tally


def _areas(judged: Sequence[Row]) -> list[AreaCounts]:
    areas: dict[str, list[Row]] = {}
    for row in judged:
        areas.setdefault(row.area, []).append(row)
    return [
        AreaCounts(
            area,
            rows[0].area_name,
            [{"quarter": q, "count": _count(rows, q), "marks": range(_count(rows, q))} for q in QUARTERS],
        )
        for area, rows in areas.items()
    ]


def _ordered(rows: Sequence[Row], sort: str, order: str) -> list[Row]:
    """Best or worst first; what cannot be sorted by the column comes last either way."""
    by_name = sorted(rows, key=lambda row: alphabetical(row.name))
    if sort == "name":
        return by_name if order == "best" else by_name[::-1]

    def goodness(row: Row) -> float | None:
        percentile, rank, z = row.place
        if sort == "rank":
            return None if rank is None else -rank
        return z if sort == "difference" else percentile

    def key(row: Row) -> tuple[bool, int, float]:
        good = goodness(row)
        band = QUARTERS.index(row.quarter) if sort == "quarter" and row.quarter in QUARTERS else 0
        way = -1 if order == "best" else 1
        return (good is None, -way * band, way * (good or 0.0))

    return sorted(by_name, key=key)


def _sections(rows: Sequence[Row], choice: Choice) -> list[Section]:
    if choice.sort != "area":
        return [Section("", "", _ordered(rows, choice.sort, choice.order))] if rows else []
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row.area, []).append(row)
    return [
        Section(found[0].area_name, area, _ordered(found, "percentile", choice.order)) for area, found in areas.items()
    ]


def _columns(choice: Choice) -> list[Column]:
    def column(key: str, label: str, number: bool = False) -> Column:
        current = choice.sort == key
        best_first = choice.order == "best"
        up = "ascending" if best_first else "descending"
        return Column(key, label, number, up if current else "", "worst" if current and best_first else "best")

    return [
        column("name", _("Indicator")),
        column("quarter", _("Quarter")),
        Column("", _("Value"), True, "", ""),
        Column("", _("Median of the group"), True, "", ""),
        column("difference", _("Difference"), True),
        column("rank", pgettext("among municipalities", "Place"), True),
        Column("", _("Change against the others"), False, "", ""),
    ]


def _notes(rows: Sequence[Row], choice: Choice) -> list[str]:
    notes = []
    if late := sum(1 for row in rows if row.year_note):
        notes.append(
            ngettext(
                "For %(count)s indicator an earlier year than our newest is compared: too few others have a value.",
                "For %(count)s indicators an earlier year than our newest is compared: too few others have a value.",
                late,
            )
            % {"count": late}
        )
    if choice.sort == "difference":
        notes.append(
            _("Differences are sorted by how large they are beside the usual spread between the municipalities.")
        )
    return notes


# ── one indicator, every municipality ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Town:
    code: str
    name: str
    own: bool = False


@dataclass(frozen=True)
class Ranking:
    """What the page of one indicator is made from. `values`: the group's and our own in the year, by code; `years` with
    the standing of each."""

    subject: Subject
    chosen: Chosen
    options: list[tuple[str, str]]
    towns: Mapping[str, Town]
    values: Mapping[str, float]
    standings: Mapping[int, Standing]
    year: int
    newest_eligible: int | None


@dataclass(frozen=True)
class TownRow:
    code: str
    name: str
    own: bool
    rank: str
    value: str
    difference: str
    quarter: str
    order: tuple[float, str]


@dataclass(frozen=True)
class Band:
    quarter: str
    title: str
    rows: list[TownRow]


@dataclass(frozen=True)
class RankingPage:
    subject: Subject
    group: str
    year: int
    years: list[int]
    lead: str
    facts: list[dict[str, str]]
    notes: list[str]
    bands: list[Band]
    ranked: bool
    total: int
    shown: int
    summary: str
    gap_unit: str
    strip: dict[str, Any] | None


def one_indicator(facts: Ranking, *, search: str = "", sort: str = "rank") -> RankingPage:
    """Every municipality of a group in one indicator and year: ranks and quarters as METHODS §3 has them."""
    subject, standing = facts.subject, facts.standings.get(facts.year)
    towns = [facts.towns[code] for code in facts.values if code in facts.towns]
    enough = standing is not None and (standing.eligible or (standing.own is None and standing.others >= FEWEST_PEERS))
    rows = _town_rows(subject, towns, facts.values, standing, ranked=bool(subject.sign) and enough)
    wanted = alphabetical(search.strip())
    shown = [row for row in rows if wanted in alphabetical(row.name)]
    ranked = bool(subject.sign) and enough and sort == "rank"
    return RankingPage(
        subject=subject,
        group=facts.chosen.title,
        year=facts.year,
        years=sorted(facts.standings, reverse=True),
        lead=_ranking_lead(subject, standing, next((t.name for t in facts.towns.values() if t.own), ""), facts),
        facts=_ranking_facts(subject, standing),
        notes=_ranking_notes(facts, standing, enough),
        bands=_bands(shown, sort, ranked),
        ranked=bool(subject.sign) and enough,
        total=len(rows),
        shown=len(shown),
        summary=_("%(shown)s of %(all)s municipalities") % {"shown": len(shown), "all": len(rows)},
        gap_unit=subject.difference_unit(2.0),
        strip=_strip(subject, towns, facts.values, standing),
    )


def _town_rows(
    subject: Subject, towns: Sequence[Town], values: Mapping[str, float], standing: Standing | None, *, ranked: bool
) -> list[TownRow]:
    data = np.array([values[town.code] for town in towns], dtype=float)
    higher = subject.sign >= 0
    ranks, quarters = np.full(len(data), np.nan), [""] * len(data)
    if ranked:
        ranks, _percentiles = benchmark.ranking(data, higher)
        # Nobody is part of the reference that it is compared with: each against all but itself.
        others = np.array([np.delete(data, i) for i in range(len(data))])
        quarters = benchmark.quarters(data, others, higher)
    median = standing.median if standing else None
    return [
        TownRow(
            code=town.code,
            name=town.name,
            own=town.own,
            rank="" if np.isnan(ranks[i]) else str(int(ranks[i])),
            value=subject.value(float(data[i])),
            difference=subject.number(None if median is None else series.change(float(data[i]), median), sign=True),
            quarter=quarters[i],
            order=(-(subject.sign or 1) * float(data[i]), alphabetical(town.name)),
        )
        for i, town in enumerate(towns)
    ]


def _bands(rows: Sequence[TownRow], sort: str, ranked: bool) -> list[Band]:
    if sort == "name":
        return [Band("", "", sorted(rows, key=lambda row: row.order[1]))] if rows else []
    ordered = sorted(rows, key=lambda row: row.order)
    if not ranked:
        return [Band("", "", ordered)] if rows else []
    bands: list[Band] = []
    for row in ordered:
        if not bands or bands[-1].quarter != row.quarter:
            bands.append(Band(row.quarter, "", []))
        bands[-1].rows.append(row)
    return bands


def _ranking_lead(subject: Subject, standing: Standing | None, home: str, facts: Ranking) -> str:
    if standing is None or standing.own is None:
        return _("%(home)s has no value for %(year)s.") % {"home": home, "year": facts.year}
    words: dict[str, Any] = {"home": home, "value": subject.value(standing.own), "year": facts.year}
    if standing.rank is None or not standing.eligible:
        return _("%(home)s has %(value)s in %(year)s.") % words
    words |= {"rank": standing.rank, "all": standing.others + 1}
    return _("%(home)s has %(value)s in %(year)s: place %(rank)s of %(all)s.") % words


def _ranking_facts(subject: Subject, standing: Standing | None) -> list[dict[str, str]]:
    if standing is None:
        return []
    middle = ""
    if standing.q25 is not None and standing.q75 is not None:
        middle = _("%(low)s to %(high)s") % {"low": subject.value(standing.q25), "high": subject.value(standing.q75)}
    return [
        {"name": _("Median of the group, without us"), "text": subject.value(standing.median)},
        {"name": _("Middle half of the group"), "text": middle},
        {"name": _("Municipalities with a value, besides us"), "text": str(standing.others)},
        {"name": _("Possible places"), "text": rank_note(standing)},
    ]


def _ranking_notes(facts: Ranking, standing: Standing | None, enough: bool) -> list[str]:
    notes = []
    if not enough:
        notes.append(
            _("Too few municipalities of the group have a value for %(year)s, so nobody is ranked.")
            % {"year": facts.year}
        )
    elif not facts.subject.sign:
        notes.append(
            _("Neither more nor less is called better here, so nobody is ranked. The list is in order of value.")
        )
    newest = max((s.year for s in facts.standings.values() if s.own is not None), default=None)
    if newest is not None and facts.newest_eligible == facts.year and newest > facts.year:
        notes.append(
            _("Our newest value is from %(newest)s, but too few others have one: %(year)s is compared instead.")
            % {"newest": newest, "year": facts.year}
        )
    return notes


def _strip(
    subject: Subject, towns: Sequence[Town], values: Mapping[str, float], standing: Standing | None
) -> dict[str, Any] | None:
    if standing is None or len(towns) < FEWEST_PEERS:
        return None
    dots = [charts.Dot(t.code, t.name, values[t.code], subject.value(values[t.code]), own=t.own) for t in towns]
    better = {1: _("better →"), -1: _("← better"), 0: ""}[subject.sign]

    def drawn(narrow: bool) -> SafeString:
        return charts.strip_svg(
            dots,
            q25=standing.q25,
            median=standing.median,
            q75=standing.q75,
            label=subject.name,
            higher_is_better={1: True, -1: False, 0: None}[subject.sign],
            narrow=narrow,
            better_text=better,
            median_text=_("median %(value)s") % {"value": subject.value(standing.median)},
            summary=_("Every municipality as a dot; the grey field is the middle half."),
        )

    return {
        "title": "",
        "wide": drawn(False),
        "narrow": drawn(True),
        "caption": _(
            "Every dot is a municipality. The grey field is the middle half of the group, the line its median."
        ),
    }
