"""Statuses over published values, worked out a second way: decimal arithmetic and misses (METHODS §1).

Targets, tolerances and margins are taken from the values themselves, so that many lie exactly on a bound.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from indicators.compute import benchmark, status
from indicators.compute.frames import DatedTarget, Definition, Evidence, Point, assess_period, fill_gaps
from indicators.compute.series import Break, share_margin
from indicators.compute.status import Direction, Form, Observation, Side, Target
from indicators.periods import Kind, Period
from tests.oracle.conftest import ALL, Published

HOMES = ["1384", "0180", "2506", "1283"]  # Kungsbacka, Stockholm, Arjeplog, Helsingborg
WAYS = {1: Direction.HIGHER, -1: Direction.LOWER}
NO_MARGIN = Decimal(0)
EPSILON = Decimal("1e-12")
Outcome = tuple[str, str]
MET, NEAR, NOT_MET = ("met", ""), ("near", ""), ("not_met", "")
INSIDE = ("near", "inside_margin")


@pytest.fixture(autouse=True)
def many_digits() -> Iterator[None]:
    with localcontext(prec=40):
        yield


# ── the second way ────────────────────────────────────────────────────────────────────────────────────────────────────


def exceeds(a: Decimal, b: Decimal) -> bool:
    return a - b > EPSILON * max(Decimal(1), abs(a), abs(b))


def of_level(y: Decimal, lower: Decimal | None, upper: Decimal | None, tol: Decimal, moe: Decimal) -> Outcome:
    """By how each end of the interval of error misses the good side."""
    short = [end for end in (y - moe, y + moe) if lower is not None and exceeds(lower, end)]
    over = [end for end in (y - moe, y + moe) if upper is not None and exceeds(end, upper)]
    if not short and not over:
        return MET
    if moe > 0 and len(short) < 2 and len(over) < 2:
        return INSIDE
    beyond = (lower is not None and exceeds(lower - tol, y)) or (upper is not None and exceeds(y, upper + tol))
    return NOT_MET if beyond else NEAR


def of_change(way: int, y: Decimal, c: Decimal, tol: Decimal, moe1: Decimal, moe2: Decimal) -> Outcome:
    margin = (moe1 * moe1 + moe2 * moe2).sqrt()
    threshold, size = max(tol, margin), abs(y - c)
    if exceeds(size, threshold):
        return MET if (y > c) == (way > 0) else NOT_MET
    return INSIDE if margin > 0 and not exceeds(size, margin) else NEAR


def of_not_worse(way: int, y: Decimal, c: Decimal, tol: Decimal, moe1: Decimal, moe2: Decimal) -> Outcome:
    worse = (y < c) if way > 0 else (y > c)
    return NOT_MET if worse and of_change(way, y, c, tol, moe1, moe2) == NOT_MET else MET


def of_yearly_change(y: Decimal, base: Decimal, percent: Decimal, years: int, tol: Decimal) -> Outcome:
    if base <= 0:
        return "not_assessable", "baseline_not_positive"
    target = base
    for _ in range(years):
        target += target * percent / 100
    return of_level(y, target, None, tol, NO_MARGIN) if percent > 0 else of_level(y, None, target, tol, NO_MARGIN)


# ── the values ────────────────────────────────────────────────────────────────────────────────────────────────────────


def own_series(published: Published) -> Iterator[tuple[str, str, dict[int, Decimal]]]:
    """Kpi, municipality and its values by year; every series of the four that has at least two values."""
    for kpi, years in published.values.items():
        for home in HOMES:
            found = {year: Decimal(years[year][home]) for year in sorted(years) if home in years[year]}
            if len(found) > 1:
                yield kpi, home, found


def judged(target: Target, good: Direction, **seen: Any) -> Outcome:
    verdict = status.assess(target, good, Observation(**seen))
    return verdict.status.value, verdict.reason.value if verdict.reason else ""


def agree(pairs: Iterator[tuple[Any, Outcome, Outcome]], least: int, all_of: set[Outcome]) -> None:
    """Both ways say the same of every case, of which there are many, and each outcome is among them."""
    counts: Counter[Outcome] = Counter()
    differing = []
    for case, ours, theirs in pairs:
        counts[theirs] += 1
        if ours != theirs:
            differing.append((case, ours, theirs))
    assert differing == []
    assert counts.total() >= least
    assert set(counts) == all_of


def tolerances(y: Decimal, target: Decimal) -> list[Decimal]:
    """None, exactly what is missing, and a little less."""
    miss = abs(y - target)
    return [Decimal(0), miss, miss * Decimal("0.9")]


# ── the two side by side ──────────────────────────────────────────────────────────────────────────────────────────────


def test_levels(published: Published) -> None:
    def cases() -> Iterator[tuple[Any, Outcome, Outcome]]:
        for kpi, home, found in own_series(published):
            values = list(found.values())
            centre = statistics.median(values).quantize(values[0])
            for year, y in list(found.items())[::2]:
                for t in {values[0], centre, values[-1] + 1}:
                    for tol in tolerances(y, t):
                        yield from each_side(y, t, tol, (kpi, home, year))

    def each_side(y: Decimal, t: Decimal, tol: Decimal, case: Any) -> Iterator[tuple[Any, Outcome, Outcome]]:
        higher, size = t + 2 * tol, float(tol)
        for side, lower, upper in [
            (Side.AT_LEAST, t, None),
            (Side.AT_MOST, None, t),
            (Side.BETWEEN, t, higher),
        ]:
            target = Target(Form.LEVEL, side, float(t), float(t), float(higher), size)
            ours = judged(target, Direction.HIGHER, value=float(y))
            yield (case, side, t, tol), ours, of_level(y, lower, upper, tol, NO_MARGIN)

    agree(cases(), 50_000, {MET, NEAR, NOT_MET})


def test_margins_of_the_citizen_survey(published: Published) -> None:
    z = Decimal(statistics.NormalDist().inv_cdf(0.975))
    seen = 0
    for kpi in sorted(published.surveyed):
        for year, found in published.values[kpi].items():
            for place, text in found.items():
                n = published.answers.get(year, {}).get(place)
                if n is None:
                    continue
                p = Decimal(text) / 100
                expected = 100 * z * (p * (1 - p) / Decimal(n)).sqrt()
                assert share_margin(float(text), float(n)) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
                seen += 1
    assert seen > 5_000


def test_survey_results_and_their_changes_with_margins(published: Published) -> None:
    def cases() -> Iterator[tuple[Any, Outcome, Outcome]]:
        for kpi in sorted(published.surveyed):
            years = published.values[kpi]
            for year, found in years.items():
                for place in sorted(found)[::9]:
                    n = published.answers.get(year, {}).get(place)
                    if n is not None:
                        y, moe = Decimal(found[place]), Decimal(share_margin(float(found[place]), float(n)))
                        yield from against_targets((kpi, place, year), y, moe)
                        yield from since_before((kpi, place, year), y, moe)

    def against_targets(case: Any, y: Decimal, moe: Decimal) -> Iterator[tuple[Any, Outcome, Outcome]]:
        for step in ("-1.5", "-1", "-0.5", "0", "0.5", "1", "1.5"):
            t = y + Decimal(step) * moe
            for tol in (Decimal(0), moe * Decimal("1.5")):
                target = Target(Form.SURVEY, Side.AT_LEAST, float(t), tolerance=float(tol))
                ours = judged(target, Direction.HIGHER, value=float(y), margin=float(moe))
                yield (*case, step, tol), ours, of_level(y, t, None, tol, moe)
                target = Target(Form.SURVEY, Side.BETWEEN, lower=float(t - tol), upper=float(t + moe))
                ours = judged(target, Direction.HIGHER, value=float(y), margin=float(moe))
                yield (*case, step, tol, "between"), ours, of_level(y, t - tol, t + moe, Decimal(0), moe)

    def since_before(case: Any, y: Decimal, moe: Decimal) -> Iterator[tuple[Any, Outcome, Outcome]]:
        kpi, place, year = case
        before = published.values[kpi].get(year - 1, {}).get(place)
        n = published.answers.get(year - 1, {}).get(place)
        if before is None or n is None:
            return
        c, moe2 = Decimal(before), Decimal(share_margin(float(before), float(n)))
        for way, good in WAYS.items():
            numbers = {
                "value": float(y),
                "margin": float(moe),
                "comparison": float(c),
                "comparison_margin": float(moe2),
            }
            for tol in (Decimal(0), Decimal(5)):
                target = Target(Form.DIRECTION, wanted=good, tolerance=float(tol))
                yield (*case, way, tol), judged(target, good, **numbers), of_change(way, y, c, tol, moe, moe2)
                target = Target(Form.NOT_WORSE, tolerance=float(tol))
                yield (
                    (*case, way, "not worse"),
                    judged(target, good, **numbers),
                    of_not_worse(way, y, c, tol, moe, moe2),
                )

    agree(cases(), 10_000, {MET, NEAR, NOT_MET, INSIDE})


def test_direction_and_not_worse(published: Published) -> None:
    def cases() -> Iterator[tuple[Any, Outcome, Outcome]]:
        for kpi, home, found in own_series(published):
            values = list(found.values())
            for c, y in [*pairwise(values), (values[0], values[-1]), (values[0], values[0])]:
                for tol in tolerances(y, c):
                    for way, good in WAYS.items():
                        case, numbers = (kpi, home, y, c, tol), {"value": float(y), "comparison": float(c)}
                        target = Target(Form.DIRECTION, wanted=good, tolerance=float(tol))
                        theirs = of_change(way, y, c, tol, NO_MARGIN, NO_MARGIN)
                        yield case, judged(target, WAYS[-way], **numbers), theirs
                        target = Target(Form.NOT_WORSE, tolerance=float(tol))
                        theirs = of_not_worse(way, y, c, tol, NO_MARGIN, NO_MARGIN)
                        yield case, judged(target, good, **numbers), theirs

    agree(cases(), 50_000, {MET, NEAR, NOT_MET})


def test_yearly_changes(published: Published) -> None:
    def cases() -> Iterator[tuple[Any, Outcome, Outcome]]:
        for kpi, home, found in own_series(published):
            start, base = next(iter(found.items()))
            for year, y in found.items():
                for percent in (Decimal("2"), Decimal("-2"), Decimal("0.5"), Decimal("-12.5")):
                    for tol in (Decimal(0), abs(y - base)):
                        target = Target(Form.YEARLY_CHANGE, percent=float(percent), tolerance=float(tol))
                        numbers = {"value": float(y), "baseline": float(base), "years": float(year - start)}
                        theirs = of_yearly_change(y, base, percent, year - start, tol)
                        yield (kpi, home, year, percent), judged(target, Direction.HIGHER, **numbers), theirs

    agree(cases(), 30_000, {MET, NEAR, NOT_MET, ("not_assessable", "baseline_not_positive")})


def test_positions_by_average_and_minimum_ranks(published: Published) -> None:
    """The percentile from pandas' average rank a, (a − ½)/n, and the place from its minimum rank."""

    def cases() -> Iterator[tuple[Any, Outcome, Outcome]]:
        for kpi, years in published.values.items():
            way = published.ways[kpi]
            if way == 0:
                continue
            for year in sorted(years)[-4:]:
                values = pd.Series({code: float(text) for code, text in years[year].items()})
                average = values.rank(method="average", ascending=way > 0)
                places = values.rank(method="min", ascending=way < 0)
                for home in HOMES:
                    if home in values:
                        percentile = 100 * (average[home] - 0.5) / len(values)
                        yield from each_target((kpi, home, year), way, values, percentile, int(places[home]), home)

    def each_target(
        case: Any, way: int, values: pd.Series, percentile: float, rank: int, home: str
    ) -> Iterator[tuple[Any, Outcome, Outcome]]:
        spot = benchmark.place(values[home], values.drop(home).to_numpy(), way > 0)
        assert spot.percentile == pytest.approx(percentile, abs=1e-9)
        assert spot.rank == rank
        seen = {
            "value": values[home],
            "percentile": float(spot.percentile),
            "rank": int(spot.rank),
            "peers": len(values),
        }
        few = ("not_assessable", "too_few_peers") if len(values) < 5 else None
        for q, tol in [(75, 5), (50, 10), (90, 0), (round(percentile), 1)]:
            ours = judged(Target(Form.POSITION, percentile=q, tolerance=tol), WAYS[way], **seen)
            theirs = few or of_level(Decimal(percentile), Decimal(q), None, Decimal(tol), NO_MARGIN)
            yield (*case, q), ours, theirs
        for k, tol in [(rank, 0), (max(1, rank - 1), 1), (max(1, rank - 2), 1), (100, 20)]:
            ours = judged(Target(Form.POSITION, rank=k, tolerance=tol), WAYS[way], **seen)
            yield (*case, k), ours, few or (MET if rank <= k else NEAR if rank <= k + tol else NOT_MET)

    agree(cases(), 10_000, {MET, NEAR, NOT_MET})


def test_follow_up_of_every_year_of_a_series_with_its_gaps(published: Published) -> None:
    """From the series to the assessment: which value speaks, what it is compared with, whether a break lies between."""

    def cases() -> Iterator[tuple[Any, Outcome, Outcome]]:
        for kpi, home, found in own_series(published):
            way = published.ways[kpi] or 1
            broken = list(found)[len(found) // 2]
            breaks = (Break(Period(Kind.YEAR, broken), comparable_backwards=False),)
            targets = (DatedTarget(1, Target(Form.NOT_WORSE), 2000, None),)
            definition = Definition(1, kpi, kpi, "", "", Kind.YEAR, 60, WAYS[way], False, 1, breaks, targets)
            own = [Point(Period(Kind.YEAR, year), float(y)) for year, y in found.items()]
            points = fill_gaps(own, Kind.YEAR, Period(Kind.YEAR, 2022))
            evidence = Evidence(definition, points)
            for until in range(min(found), 2026):
                row = assess_period(evidence, Period(Kind.YEAR, until), Period(Kind.YEAR, 2030).last_day)
                yield (kpi, home, until), (row["status"], row["reason"]), expected(found, until, broken, way)

    def expected(found: dict[int, Decimal], until: int, broken: int, way: int) -> Outcome:
        speaks = next((year for year in range(until, until - 3, -1) if year in found), None)
        before = speaks and next((year for year in range(speaks - 1, speaks - 3, -1) if year in found), None)
        if speaks is None or before is None:
            return "not_assessable", "no_value"
        if before < broken <= speaks:
            return "not_assessable", "break"
        return of_not_worse(way, found[speaks], found[before], Decimal(0), NO_MARGIN, NO_MARGIN)

    agree(cases(), 5_000, {MET, NOT_MET, ("not_assessable", "no_value"), ("not_assessable", "break")})


def test_what_pandas_and_the_values_are_made_of(published: Published) -> None:
    """Zero, ties and negative numbers are among the values, so the agreement says something of them."""
    latest = [years[max(years)] for years in published.values.values()]
    numbers = [Decimal(text) for found in latest for text in found.values()]
    assert min(numbers) < 0
    assert Decimal(0) in numbers
    assert any(len(set(found.values())) < len(found) for found in latest)
    assert all(math.isfinite(number) for number in numbers)
    assert len(published.groups["1384"][ALL]) == 290
