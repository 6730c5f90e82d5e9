"""What the compare pages show: a fixed number of queries whatever the number of indicators and municipalities."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db.models import OuterRef, Q, QuerySet, Subquery

from indicators.compute import frames
from indicators.compute.series import Break
from indicators.compute.status import Direction
from indicators.models import (
    Benchmark,
    Indicator,
    Municipality,
    PeerGroup,
    PeerGroupMember,
    PeerValue,
    SeriesBreak,
    SeriesPoint,
)
from indicators.periods import Kind, Period
from indicators.read_models.compare import Chosen, Landscape, PeerList, Ranking, Standing, Subject, Town
from indicators.read_models.cost_quality import CostQuality

STANDING = (
    "indicator_id", "group_id", "year", "eligible", "others", "median", "q25", "q75", "own", "rank", "best_rank",
    "worst_rank", "percentile", "quarter", "robust_z", "own_change", "peer_change",
)  # fmt: skip
# Translated columns of related tables are named in both languages, so that neither is fetched row by row.
SUBJECT = (
    "code", "name_sv", "name_en", "area__name_sv", "area__name_en", "unit__symbol_sv", "unit__symbol_en",
    "unit__share", "decimals", "direction", "measures", "kolada_id",
)  # fmt: skip


def subjects(code: str | None = None) -> list[Subject]:
    """Indicators that we steer by and other municipalities have too, by area and code; with `code` that one, whether
    we steer by it or not (1 query)."""
    chosen = Indicator.objects.filter(comparable=True, retired_on=None).exclude(kolada_id="")
    chosen = chosen.filter(steering=True) if code is None else chosen.filter(code=code)
    rows = chosen.select_related("area", "unit").only(*SUBJECT).order_by("area__order", "area_id", "code")
    return [
        Subject(
            id=i.pk,
            code=i.code,
            name=i.name,
            area=i.area_id,
            area_name=i.area.name,
            unit=i.unit_id,
            symbol=i.unit.symbol,
            share=i.unit.share,
            decimals=i.decimals,
            direction=i.direction,
            measures=i.measures,
            kpi=i.kolada_id,
        )
        for i in rows
    ]


def peer_lists() -> list[PeerList]:
    """Every stored group, in the order of the choices (1 query)."""
    rows = PeerGroup.objects.order_by("order", "code").only("code", "kind", "title_sv", "title_en", "area_id")
    return [PeerList(g.pk, g.code, g.kind, g.title, g.area_id) for g in rows]


def towns() -> dict[str, Town]:
    """Every municipality by code, never a region or the nation; ours is marked (1 query)."""
    rows = Municipality.objects.filter(type="K").values_list("code", "name", "is_home")
    return {code: Town(code, name, own) for code, name, own in rows}


def _breaks(ids: Sequence[int]) -> dict[int, list[Break]]:
    found: dict[int, list[Break]] = {}
    rows = SeriesBreak.objects.filter(indicator_id__in=ids)
    for indicator, period, backwards in rows.values_list("indicator_id", "period", "comparable_backwards"):
        found.setdefault(indicator, []).append(Break(Period.parse(period), backwards))
    return found


def _margins(ids: Sequence[int]) -> dict[tuple[int, int], float]:
    """Margins of error of our own yearly values, where they have one, by indicator and year (1 query)."""
    rows = SeriesPoint.objects.filter(indicator_id__in=ids, breakdown="T", margin__isnull=False)
    return {
        (indicator, Period.parse(period).year): float(margin)
        for indicator, period, margin in rows.values_list("indicator_id", "period", "margin")
        if margin is not None
    }


# ── standings: stored for stored groups, computed by the same functions for a group of one's own choice ───────────────


def _stored(group_ids: Iterable[int], until: int) -> QuerySet[Benchmark]:
    return Benchmark.objects.filter(group_id__in=list(group_ids), year__lte=until)


def _newest_stored(chosen: Chosen, subjects: Sequence[Subject], until: int) -> dict[int, Standing]:
    """The newest year of each indicator that can be compared (1 query)."""
    area_list = {s.id: chosen.list_for(s.area) for s in subjects}
    same = Benchmark.objects.filter(indicator=OuterRef("indicator"), group=OuterRef("group"), year__lte=until)
    rows = (
        _stored((item.id for item in chosen.lists), until)
        .filter(eligible=True)
        .annotate(
            newest_own=Subquery(same.filter(own__isnull=False).order_by("-year").values("year")[:1]),
        )
        .filter(year=Subquery(same.filter(eligible=True).order_by("-year").values("year")[:1]))
    )
    found = {}
    for values in rows.values(*STANDING, "newest_own"):
        serving = area_list.get(values["indicator_id"])
        if serving is not None and serving.id == values["group_id"]:
            found[values["indicator_id"]] = Standing(**values)
    return found


def peer_values(
    kpis: Sequence[str], among: Q, *, years: Sequence[int] | None = None
) -> dict[tuple[str, int], dict[str, float]]:
    """Newest published values by Kolada identity and year, then by municipality; withdrawn ones left out (1 query)."""
    rows = PeerValue.objects.filter(among, kpi__in=kpis, breakdown="T").order_by("revision")
    if years is not None:
        rows = rows.filter(year__in=years)
    found: dict[tuple[str, int], dict[str, float]] = {}
    for kpi, year, code, value in rows.values_list("kpi", "year", "municipality", "value"):
        found.setdefault((kpi, year), {})[code] = math.nan if value is None else float(value)
    return {key: {c: v for c, v in row.items() if v == v} for key, row in found.items()}


def _matrix(values: dict[tuple[str, int], dict[str, float]], codes: Sequence[str]) -> frames.PeerMatrix:
    """What `frames.benchmarks` reads, from a few municipalities' values."""
    keys = sorted(values)
    column = {code: i for i, code in enumerate(codes)}
    block = np.full((len(keys), len(codes)), np.nan)
    rows: dict[str, slice] = {}
    for i, key in enumerate(keys):
        start = rows[key[0]].start if key[0] in rows else i
        rows[key[0]] = slice(start, i + 1)
        for code, value in values[key].items():
            block[i, column[code]] = value
    return frames.PeerMatrix(list(codes), column, np.array([year for _, year in keys], dtype=np.int64), rows, block)


def _own_choice(
    chosen: Chosen, subjects: Sequence[Subject], home: str, margins: dict[tuple[int, int], float], until: int
) -> dict[int, list[Standing]]:
    """Standings of every year among municipalities of one's own choice, made by the pipeline's function (2 queries)."""
    codes = sorted({home, *chosen.peers})
    matrix = _matrix(peer_values([s.kpi for s in subjects], Q(municipality__in=codes)), codes)
    by_indicator: dict[int, dict[int, float]] = {}
    for (indicator, year), margin in margins.items():
        by_indicator.setdefault(indicator, {})[year] = margin
    breaks = _breaks([s.id for s in subjects])
    definitions = [_definition(s, breaks.get(s.id, [])) for s in subjects]
    rows = frames.benchmarks(
        definitions, matrix, [frames.Group(0, "own", "own", None, chosen.peers)], home, by_indicator
    )
    return {pk: _standings([row for row in found if row["year"] <= until]) for pk, found in rows.items()}


def _definition(subject: Subject, breaks: Sequence[Break]) -> frames.Definition:
    return frames.Definition(
        id=subject.id,
        code=subject.code,
        kpi=subject.kpi,
        respondents_kpi="",
        area=subject.area,
        kind=Kind.YEAR,
        due_days=0,
        good=Direction(subject.direction),
        share=subject.share,
        decimals=subject.decimals,
        breaks=tuple(breaks),
    )


def _standings(rows: Sequence[dict[str, Any]]) -> list[Standing]:
    def clean(value: Any) -> Any:
        return None if isinstance(value, float) and math.isnan(value) else value

    plain = [{name: clean(row.get(name)) for name in STANDING} for row in rows]
    newest_own = max((row["year"] for row in plain if row["own"] is not None), default=None)
    return [Standing(**row, newest_own=newest_own) for row in plain]


def _newest_eligible(standings: Iterable[Standing]) -> Standing | None:
    return max((s for s in standings if s.eligible), key=lambda s: s.year, default=None)


# ── the pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def landscape(*, home: Town, chosen: Chosen, options: list[tuple[str, str]], until: int) -> Landscape:
    """Everything the page over all indicators needs (4 queries)."""
    found = subjects()
    ids = [s.id for s in found]
    margins = _margins(ids)
    if chosen.peers:
        history = _own_choice(chosen, found, home.code, margins, until)
        newest = {pk: _newest_eligible(rows) for pk, rows in history.items()}
        standings = {pk: row for pk, row in newest.items() if row is not None}
    else:
        standings = _newest_stored(chosen, found, until)
    return Landscape(home.name, chosen, options, found, standings, margins, _breaks(ids))


def history(subjects: Sequence[Subject], chosen: Chosen, home: Town, until: int) -> dict[int, dict[int, Standing]]:
    """Standings by indicator and year (1 query; 2 for a group of one's own choice)."""
    ids = [s.id for s in subjects]
    if chosen.peers:
        rows = _own_choice(chosen, subjects, home.code, _margins(ids), until)
    else:
        lists = {s.id: chosen.list_for(s.area) for s in subjects}
        rows = {pk: [] for pk in ids}
        stored = _stored({item.id for item in lists.values() if item}, until).filter(indicator_id__in=ids)
        for values in stored.order_by("year").values(*STANDING):
            serving = lists[values["indicator_id"]]
            if serving is not None and serving.id == values["group_id"]:
                rows[values["indicator_id"]].append(Standing(**values))
    return {pk: {s.year: s for s in found} for pk, found in rows.items()}


def _members(chosen: Chosen, area: str, home: Town) -> Q:
    """Which municipalities' values belong to a group and our own; asked as a part of the query for the values."""
    if chosen.peers:
        return Q(municipality__in=[*chosen.peers, home.code])
    serving = chosen.list_for(area)
    group = PeerGroupMember.objects.filter(group_id=serving.id if serving else None)
    return Q(municipality__in=group.values("municipality_id")) | Q(municipality=home.code)


def ranking(
    *,
    subject: Subject,
    towns: dict[str, Town],
    home: Town,
    chosen: Chosen,
    options: list[tuple[str, str]],
    standings: dict[int, Standing],
    year: int,
) -> Ranking:
    """Everything the page of one indicator needs beside its standings (1 query)."""
    values = peer_values([subject.kpi], _members(chosen, subject.area, home), years=[year])
    newest = _newest_eligible(standings.values())
    return Ranking(
        subject=subject,
        chosen=chosen,
        options=options,
        towns=towns,
        values=values.get((subject.kpi, year), {}),
        standings=standings,
        year=year,
        newest_eligible=newest.year if newest else None,
    )


def _one_list(chosen: Chosen, area: str) -> Chosen:
    """The group with the list that serves an area as its only one, for indicators of whatever area."""
    serving = chosen.list_for(area)
    return replace(chosen, lists=(replace(serving, area=None),)) if serving else chosen


def cost_quality(
    *,
    cost: Subject,
    quality: Subject,
    towns: dict[str, Town],
    home: Town,
    chosen: Chosen,
    until: int,
    years_back: int,
) -> CostQuality:
    """Everything the page of a pair needs: standings, values of the newest common year and of some years before it
    (4 queries)."""
    chosen = _one_list(chosen, cost.area)
    standings = history([cost, quality], chosen, home, until)
    common = [
        year
        for year, standing in standings[cost.id].items()
        if standing.eligible and year in standings[quality.id] and standings[quality.id][year].eligible
    ]
    year = max(common, default=None)
    years = [] if year is None else [year - years_back, year]
    values = peer_values([cost.kpi, quality.kpi], _members(chosen, cost.area, home), years=years)
    breaks = _breaks([cost.id, quality.id])
    return CostQuality(
        cost=cost,
        quality=quality,
        home=home,
        group=chosen.title,
        year=year,
        earlier=None if year is None else year - years_back,
        cost_standing=None if year is None else standings[cost.id][year],
        quality_standing=None if year is None else standings[quality.id][year],
        towns=towns,
        values=values,
        breaks={cost.id: breaks.get(cost.id, []), quality.id: breaks.get(quality.id, [])},
        quality_margin=_margins([quality.id]).get((quality.id, year)) if year is not None else None,
    )
