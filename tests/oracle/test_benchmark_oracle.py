"""Benchmarks over all published values, worked out a second way: whole numbers, sorting and counting (METHODS §3).

No published value has more than eight decimals, so each is a whole number of units; sixteenths of the last decimal
leave room for quartiles, and for medians of the differences from a median, without rounding anywhere.
"""

import bisect
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from indicators.compute import benchmark
from indicators.compute.frames import Definition, Group, PeerMatrix, benchmarks, newest_benchmark, peer_matrix
from indicators.compute.status import Direction
from indicators.periods import Kind
from tests.oracle.conftest import ALL, COUNTY, SIMILAR, Published

HOMES = ["1384", "0180", "2506", "0980", "1283"]  # Kungsbacka, Stockholm, Arjeplog, Gotland, Helsingborg
GROUPS = {ALL: 1, COUNTY: 2, SIMILAR: 3}
WAYS = {1: Direction.HIGHER, -1: Direction.LOWER, 0: Direction.CONTEXT}
EXACT = ["others", "rank", "quarter", "eligible"]
UNIT = 16 * 10**8  # how many units make 1
CLOSE = ["mean", "median", "q25", "q75", "low", "high", "own", "own_change", "peer_change", "robust_z", "percentile"]
Row = Mapping[str, Any]
Key = tuple[str, str, int]


def close(ours: float | None, theirs: float | None) -> bool:
    """The same to 1e-9 of the size of the number, or missing in both."""
    if ours is None or theirs is None or math.isnan(ours) or math.isnan(theirs):
        return (ours is None or math.isnan(ours)) and (theirs is None or math.isnan(theirs))
    return abs(ours - theirs) <= 1e-9 * max(1.0, abs(theirs))


# ── the second way ────────────────────────────────────────────────────────────────────────────────────────────────────


def quartile(ordered: Sequence[int], which: int) -> int:
    """Type 7: place (n − 1)·which/4 among the sorted, counted from 0, on the straight line between its neighbours."""
    whole, quarters = divmod((len(ordered) - 1) * which, 4)
    low = ordered[whole]
    return low if quarters == 0 else low + (ordered[whole + 1] - low) * quarters // 4


def number(units: int | None) -> float | None:
    return None if units is None else units / UNIT


def colour(way: int, own: int | None, ordered: Sequence[int]) -> str:
    if way == 0 or own is None or len(ordered) < 5:
        return ""
    q25, q75 = quartile(ordered, 1), quartile(ordered, 3)
    if q25 == q75:
        return "no_difference"
    best, worst = (own >= q75, own <= q25) if way > 0 else (own <= q25, own >= q75)
    return "best" if best else "worst" if worst else "middle"


def standing(way: int, own: int | None, ordered: Sequence[int]) -> tuple[int | None, Fraction | None]:
    """Rank and percentile by the place of our own in the sorted list of the others."""
    if own is None or way == 0:
        return None, None
    below, upto = bisect.bisect_left(ordered, own), bisect.bisect_right(ordered, own)
    tied, above = upto - below + 1, len(ordered) - upto
    better, worse = (above, below) if way > 0 else (below, above)
    return better + 1, Fraction(100 * (2 * worse + tied), 2 * (len(ordered) + 1))


def robust_z(own: int | None, ordered: Sequence[int]) -> float | None:
    if own is None or not ordered:
        return None
    centre = quartile(ordered, 2)
    spread = quartile(sorted(abs(x - centre) for x in ordered), 2)
    return (own - centre) / spread / 1.4826 if spread else None


def second_way(
    years: Mapping[int, Mapping[str, str]], exact: Mapping[str, int], way: int, home: str, group: Sequence[str]
) -> dict[int, Row]:
    """The benchmarks of one KPI by year. `exact` gives the number that a text writes."""
    members = [code for code in group if code != home]
    values = {year: {code: exact[found[code]] for code in members if code in found} for year, found in years.items()}
    best = max(map(len, values.values()))
    rows: dict[int, Row] = {}
    for year, found in values.items():
        text = years[year].get(home)
        own = None if text is None else exact[text]
        ordered = sorted(found.values())
        before, before_text = values.get(year - 1, {}), years.get(year - 1, {}).get(home)
        paired = sorted(found[code] - before[code] for code in found.keys() & before.keys())
        rank, percentile = standing(way, own, ordered)
        rows[year] = {
            "others": len(ordered),
            "eligible": own is not None and len(ordered) >= 5 and 2 * len(ordered) >= best,
            "mean": sum(ordered) / len(ordered) / UNIT if ordered else None,
            "median": number(quartile(ordered, 2)) if ordered else None,
            "q25": number(quartile(ordered, 1)) if ordered else None,
            "q75": number(quartile(ordered, 3)) if ordered else None,
            "low": number(ordered[0]) if ordered else None,
            "high": number(ordered[-1]) if ordered else None,
            "own": number(own),
            "own_change": number(own - exact[before_text]) if own is not None and before_text is not None else None,
            "peer_change": number(quartile(paired, 2)) if paired else None,
            "robust_z": robust_z(own, ordered),
            "percentile": None if percentile is None else float(percentile),
            "rank": rank,
            "quarter": colour(way, own, ordered),
        }
    return rows


# ── both, side by side ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def exact(published: Published) -> dict[str, int]:
    texts = {text for years in published.values.values() for found in years.values() for text in found.values()}
    whole = {text: Decimal(text) * UNIT for text in texts}
    assert all(units == int(units) for units in whole.values())
    return {text: int(units) for text, units in whole.items()}


@pytest.fixture(scope="module")
def matrix(published: Published) -> PeerMatrix:
    rows = [
        (kpi, year, code, float(text))
        for kpi, years in published.values.items()
        for year, found in years.items()
        for code, text in found.items()
    ]
    return peer_matrix(pd.DataFrame(rows, columns=["kpi", "year", "municipality", "value"]))


@pytest.fixture(scope="module", params=HOMES)
def home(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def ours(published: Published, matrix: PeerMatrix, home: str) -> dict[Key, Row]:
    kpis = sorted(published.values)
    definitions = [
        Definition(i, kpi, kpi, "", "", Kind.YEAR, 0, WAYS[published.ways[kpi]], share=False, decimals=1)
        for i, kpi in enumerate(kpis)
    ]
    groups = [Group(GROUPS[name], name, name, None, published.groups[home][name]) for name in GROUPS]
    names = {number: name for name, number in GROUPS.items()}
    return {
        (kpis[i], names[row["group_id"]], row["year"]): row
        for i, rows in benchmarks(definitions, matrix, groups, home, {}).items()
        for row in rows
    }


@pytest.fixture(scope="module")
def theirs(published: Published, exact: Mapping[str, int], home: str) -> dict[Key, Row]:
    return {
        (kpi, name, year): row
        for kpi, years in published.values.items()
        for name in GROUPS
        if set(published.groups[home][name]) - {home}
        for year, row in second_way(years, exact, published.ways[kpi], home, published.groups[home][name]).items()
    }


def test_all_curated_kpis_and_years_are_there(published: Published, theirs: dict[Key, Row], home: str) -> None:
    assert len(published.values) > 160
    assert len({key[0] for key in theirs}) == len(published.values)
    groups = {name for _, name, _ in theirs}
    assert groups == ({ALL, SIMILAR} if home == "0980" else set(GROUPS)), "Gotland is a county of one"
    assert sum(name == ALL for _, name, _ in theirs) > 1800


def test_the_same_rows_are_made(ours: dict[Key, Row], theirs: dict[Key, Row]) -> None:
    assert ours.keys() == theirs.keys()


@pytest.mark.parametrize("name", EXACT)
def test_counts_ranks_and_colours_are_the_same(ours: dict[Key, Row], theirs: dict[Key, Row], name: str) -> None:
    differing = [(key, row[name], theirs[key][name]) for key, row in ours.items() if row[name] != theirs[key][name]]
    assert differing == []


@pytest.mark.parametrize("name", CLOSE)
def test_numbers_are_the_same_to_nine_digits(ours: dict[Key, Row], theirs: dict[Key, Row], name: str) -> None:
    differing = [
        (key, row[name], theirs[key][name]) for key, row in ours.items() if not close(row[name], theirs[key][name])
    ]
    assert differing == []
    assert any(row[name] is not None for row in theirs.values())


@pytest.mark.parametrize("until", [2010, 2018, 2021, 2022])
def test_the_comparison_year_and_whether_it_fell_back(
    published: Published, matrix: PeerMatrix, ours: dict[Key, Row], theirs: dict[Key, Row], home: str, until: int
) -> None:
    seen, fell_back = 0, 0
    for kpi, years in published.values.items():
        rows = matrix.rows[kpi]
        for name in GROUPS:
            fits = [y for y in years if y <= until and (kpi, name, y) in theirs and theirs[kpi, name, y]["eligible"]]
            newest = max((y for y in years if y <= until and home in years[y]), default=None)
            chosen = max(fits, default=None)
            columns = [matrix.column[c] for c in published.groups[home][name] if c != home and c in matrix.column]
            block = matrix.values[rows]
            found = benchmark.comparison_year(
                matrix.years[rows].tolist(), block[:, matrix.column[home]], block[:, columns], until
            )
            assert found == (chosen, chosen is not None and chosen != newest), (kpi, name)
            row = newest_benchmark([ours[key] for key in ours if key[0] == kpi and key[1] == name], until)
            assert (row["year"] if row else None) == chosen, (kpi, name)
            seen += chosen is not None
            fell_back += found[1]
    assert seen > 100 or until == 2010


def test_the_published_values_have_the_cases_that_are_hard(theirs: dict[Key, Row], home: str) -> None:
    """Ties, gaps, equal quartiles and fall-backs are among what was compared, so the agreement says something."""
    rows = list(theirs.values())
    assert {row["quarter"] for row in rows} >= {"", "best", "middle", "worst"}
    assert any(row["own"] is None for row in rows)
    assert any(not row["eligible"] and row["own"] is not None for row in rows)
    assert any(row["peer_change"] is not None and row["own_change"] is None for row in rows)


def test_everyones_ranks_by_one_sort(published: Published, exact: Mapping[str, int]) -> None:
    """The ranking of all municipalities in a year, as the page shows it."""
    for kpi, years in sorted(published.values.items()):
        year = max(years)
        codes = sorted(published.groups["1384"][ALL])
        found = years[year]
        values = [float(found[code]) if code in found else math.nan for code in codes]
        way = published.ways[kpi] or 1
        ranks, percentiles = benchmark.ranking(values, way > 0)
        ordered = sorted((exact[found[code]] for code in codes if code in found), reverse=way > 0)
        first = {value: place for place, value in reversed(list(enumerate(ordered, start=1)))}
        times = {value: ordered.count(value) for value in first}
        for code, rank, percentile in zip(codes, ranks, percentiles, strict=True):
            if code not in found:
                assert math.isnan(rank)
                assert math.isnan(percentile)
                continue
            value = exact[found[code]]
            assert rank == first[value], (kpi, code)
            worse = len(ordered) - first[value] + 1 - times[value]
            assert close(float(percentile), 100 * (worse + times[value] / 2) / len(ordered)), (kpi, code)
