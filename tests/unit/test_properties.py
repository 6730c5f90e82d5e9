"""What must hold for any numbers: mirror, units, order, bounds, missing values, nothing lost (METHODS §1–3)."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from indicators.compute import benchmark, series, similar, status
from indicators.compute.comparison import above, at_least, equal
from indicators.compute.series import Aggregation, Break
from indicators.compute.status import Direction, Form, Observation, Reason, Side, Status, Target
from indicators.compute.validate import RAW_COLUMNS, Fault, check_peer_values
from indicators.periods import FIRST_YEAR, LAST_YEAR, PARTS, Kind, Period, PeriodError, span
from scorecard.compute.goals import GoalStatus, Part, propose

Test = Callable[..., None]


def for_any(*strategies: st.SearchStrategy[Any], examples: int = 100) -> Callable[[Test], Test]:
    """The test for any drawn arguments. How long an example takes says more of the machine than of the code."""
    return lambda test: settings(max_examples=examples, deadline=None)(given(*strategies)(test))


# Eighths are exact as floats, so that what should be equal is equal, and often is.
eighths = st.integers(-400, 400).map(lambda i: i / 8)
sizes = st.integers(0, 80).map(lambda i: i / 8)
margins = st.none() | sizes
real = st.floats(-1e9, 1e9)
directions = st.booleans()
signs = st.sampled_from([1, -1])
powers = st.integers(-8, 8).map(lambda i: 2.0**i)
SWAPPED = {Side.AT_LEAST: Side.AT_MOST, Side.AT_MOST: Side.AT_LEAST, Side.BETWEEN: Side.BETWEEN}
OTHER_WAY = {Direction.HIGHER: Direction.LOWER, Direction.LOWER: Direction.HIGHER}
REST = [Direction.HIGHER, Direction.LOWER]


def gappy(numbers: st.SearchStrategy[float], least: int = 0, most: int = 30) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers | st.just(math.nan), min_size=least, max_size=most)


def known(values: Iterable[float]) -> list[float]:
    return [v for v in values if not math.isnan(v)]


def same(a: Any, b: Any) -> bool:
    """Equal, or close, or both missing."""
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True))


# ── comparison ────────────────────────────────────────────────────────────────────────────────────────────────────────


@for_any(real, real)
def test_two_numbers_are_equal_or_one_is_above(a: float, b: float) -> None:
    assert [bool(equal(a, b)), bool(above(a, b)), bool(above(b, a))].count(True) == 1
    assert bool(at_least(a, b)) is not bool(above(b, a))
    assert bool(equal(a, b)) is bool(equal(b, a)) is bool(equal(-a, -b))


@for_any((real | st.just(math.nan)).flatmap(lambda a: st.tuples(st.just(a), real | st.sampled_from([a, a + 1e-13]))))
def test_one_pair_and_an_array_of_pairs_are_compared_alike(pair: tuple[float, float]) -> None:
    for compare in (equal, above, at_least):
        one, many = compare(*pair), compare(*np.array([[pair[0]], [pair[1]]]))
        assert many.shape == (1,)
        assert bool(one) is bool(many[0])
        assert bool(compare(np.float64(pair[0]), pair[1])) is bool(one)


@for_any(real)
def test_nan_is_neither_equal_nor_above_nor_at_least(a: float) -> None:
    for x, y in [(a, math.nan), (math.nan, a), (math.nan, math.nan)]:
        assert not equal(x, y)
        assert not above(x, y)
        assert not at_least(x, y)


# ── status: mirror ────────────────────────────────────────────────────────────────────────────────────────────────────


def negative(number: float | None) -> float | None:
    return None if number is None else -number


@for_any(eighths | real, eighths | real, sizes, margins, st.sampled_from(Side), sizes, examples=200)
def test_mirror_of_levels(y: float, t: float, tol: float, margin: float | None, side: Side, width: float) -> None:
    target = Target(Form.LEVEL, side, t, t, t + width, tol)
    mirror = Target(Form.LEVEL, SWAPPED[side], -t, -(t + width), -t, tol)
    one = status.assess(target, Direction.HIGHER, Observation(y, margin))
    other = status.assess(mirror, Direction.LOWER, Observation(-y, margin))
    assert (one.status, one.reason) == (other.status, other.reason)
    assert status.gap(one.trace) == pytest.approx(status.gap(other.trace))


@for_any(
    eighths | real,
    eighths | real,
    sizes,
    margins,
    margins,
    st.sampled_from([Form.DIRECTION, Form.NOT_WORSE]),
    st.sampled_from([None, *REST]),
    st.sampled_from(REST),
    examples=200,
)
def test_mirror_of_changes(
    y: float,
    c: float,
    tol: float,
    moe1: float | None,
    moe2: float | None,
    form: Form,
    wanted: Direction | None,
    good: Direction,
) -> None:
    one = status.assess(Target(form, tolerance=tol, wanted=wanted), good, Observation(y, moe1, None, c, moe2))
    turned = OTHER_WAY[wanted] if wanted else None
    mirror = Observation(-y, moe1, None, -c, moe2)
    other = status.assess(Target(form, tolerance=tol, wanted=turned), OTHER_WAY[good], mirror)
    assert (one.status, one.reason) == (other.status, other.reason)
    assert status.gap(one.trace) == pytest.approx(status.gap(other.trace))


@for_any(eighths, st.integers(1, 400), st.integers(-99, 99), st.integers(0, 9), sizes, margins)
def test_mirror_of_yearly_changes_is_that_of_the_level_they_ask_for(
    y: float, b: int, percent: int, years: int, tol: float, margin: float | None
) -> None:
    assume(percent != 0)
    one = status.yearly_change(y, b, percent, years, tol, margin)
    judge = status.level_at_most if percent > 0 else status.level_at_least
    other = judge(-y, -status.yearly_target(b, percent, years), tol, margin)
    assert (one.status, one.reason) == (other.status, other.reason)


@for_any(eighths, gappy(eighths, 5), st.integers(0, 100), sizes, st.integers(1, 20))
def test_mirror_of_positions(own: float, others: list[float], q: int, tol: float, k: int) -> None:
    for target in (Target(Form.POSITION, percentile=q, tolerance=tol), Target(Form.POSITION, rank=k, tolerance=tol)):
        verdicts = []
        for sign, good in ((1, Direction.HIGHER), (-1, Direction.LOWER)):
            spot = benchmark.place(sign * own, sign * np.array(others), good is Direction.HIGHER)
            seen = Observation(sign * own, percentile=float(spot.percentile), rank=int(spot.rank), peers=int(spot.n))
            verdicts.append(status.assess(target, good, seen))
        assert verdicts[0] == verdicts[1]


# ── status: units, order, margins ─────────────────────────────────────────────────────────────────────────────────────


@for_any(eighths, eighths, sizes, margins, margins, signs, powers, st.integers(-1000, 1000), examples=200)
def test_another_unit_or_another_zero_changes_no_status(
    y: float, t: float, tol: float, moe1: float | None, moe2: float | None, sign: int, k: float, shift: int
) -> None:
    def scaled(size: float | None) -> float | None:
        return None if size is None else k * size

    a, b = k * y + shift, k * t + shift
    for here, there in [
        (status.level_at_least(y, t, tol, moe1), status.level_at_least(a, b, k * tol, scaled(moe1))),
        (status.level_at_most(y, t, tol, moe1), status.level_at_most(a, b, k * tol, scaled(moe1))),
        (
            status.direction(y, t, sign, tol, moe1, moe2),
            status.direction(a, b, sign, k * tol, scaled(moe1), scaled(moe2)),
        ),
        (
            status.not_worse(y, t, sign, tol, moe1, moe2),
            status.not_worse(a, b, sign, k * tol, scaled(moe1), scaled(moe2)),
        ),
    ]:
        assert (here.status, here.reason) == (there.status, there.reason)


@for_any(eighths, st.integers(1, 400), st.sampled_from([-75, -50, 50, 100]), st.integers(0, 6), sizes, powers)
def test_a_yearly_change_knows_no_unit(y: float, b: int, percent: int, years: int, tol: float, k: float) -> None:
    assert status.yearly_change(y, b, percent, years, tol).status is (
        status.yearly_change(k * y, k * b, percent, years, k * tol).status
    )


ORDER = {Status.NOT_MET: 0, Status.NEAR: 1, Status.MET: 2}


@for_any(eighths, eighths, eighths, sizes, margins, margins, signs, examples=200)
def test_a_better_value_never_has_a_worse_status(
    y: float, z: float, t: float, tol: float, moe1: float | None, moe2: float | None, sign: int
) -> None:
    worse, better = sorted((y, z))
    for judge in (
        lambda v: status.level_at_least(v, t, tol, moe1),
        lambda v: status.level_at_most(-v, -t, tol, moe1),
        lambda v: status.direction(sign * v, sign * t, sign, tol, moe1, moe2),
        lambda v: status.not_worse(sign * v, sign * t, sign, tol, moe1, moe2),
        lambda v: status.position_percentile(v, t, tol),
    ):
        assert ORDER[judge(worse).status] <= ORDER[judge(better).status]


@for_any(eighths, eighths, sizes, sizes, sizes)
def test_the_middle_of_an_interval_is_best(y: float, lower: float, width: float, tol: float, further: float) -> None:
    upper = lower + width
    away = y + further if y >= (lower + upper) / 2 else y - further
    near, far = status.between(y, lower, upper, tol), status.between(away, lower, upper, tol)
    assert ORDER[far.status] <= ORDER[near.status]


@for_any(eighths, eighths, sizes, st.integers(1, 80).map(lambda i: i / 8), sizes, examples=200)
def test_nothing_inside_its_margin_is_green_or_red(y: float, t: float, tol: float, moe: float, other: float) -> None:
    level = status.level_at_least(y, t, tol, moe)
    if y - moe < t <= y + moe:
        assert (level.status, level.reason) == (Status.NEAR, Reason.INSIDE_MARGIN)
    else:
        assert level.reason is None
        assert (level.status is Status.MET) is (y - moe >= t)
    margin = math.hypot(moe, other)
    for sign in (1, -1):
        change = status.direction(y, t, sign, tol, moe, other)
        if abs(y - t) <= margin:
            assert (change.status, change.reason) == (Status.NEAR, Reason.INSIDE_MARGIN)
            assert status.not_worse(y, t, sign, tol, moe, other).status is Status.MET


@for_any(eighths, eighths, sizes, sizes, sizes, margins, signs)
def test_a_wider_tolerance_is_never_stricter_on_a_level(
    y: float, t: float, tol: float, more: float, width: float, margin: float | None, sign: int
) -> None:
    for lower, upper in [(t, None), (None, t), (t, t + width)]:
        strict = status.between(y, lower, upper, tol, margin)
        lenient = status.between(y, lower, upper, tol + more, margin)
        assert ORDER[strict.status] <= ORDER[lenient.status]
        assert (strict.status is Status.MET) is (lenient.status is Status.MET), "a tolerance makes near, never met"
    assert ORDER[status.not_worse(y, t, sign, tol).status] <= ORDER[status.not_worse(y, t, sign, tol + more).status]


maybe = st.none() | st.just(math.nan) | eighths


@for_any(
    st.sampled_from(Form),
    st.none() | st.sampled_from(REST),
    st.sampled_from(Direction),
    st.builds(
        Observation,
        value=maybe,
        margin=st.none() | st.just(math.nan) | sizes,
        absence=st.none() | st.sampled_from(Reason),
        comparison=maybe,
        comparison_margin=st.none() | st.just(math.nan) | sizes,
        break_since_comparison=st.booleans(),
        baseline=maybe,
        years=st.none() | st.integers(0, 9).map(float),
        break_since_baseline=st.booleans(),
        percentile=st.none() | st.just(math.nan) | st.floats(0, 100),
        rank=st.none() | st.integers(1, 290),
        peers=st.none() | st.integers(0, 290),
    ),
    examples=300,
)
def test_whatever_is_missing_nothing_raises_and_missing_is_never_red_or_green(
    form: Form, wanted: Direction | None, good: Direction, seen: Observation
) -> None:
    target = Target(form, Side.AT_LEAST, 0.0, wanted=wanted, percent=2.0, percentile=50.0)
    verdict = status.assess(target, good, seen)
    if seen.value is None or math.isnan(seen.value) or good is Direction.CONTEXT:
        assert verdict.status is Status.NOT_ASSESSABLE
    if verdict.status is Status.NOT_ASSESSABLE:
        assert verdict.reason is not None
    else:
        assert verdict.reason in (None, Reason.INSIDE_MARGIN)
        assert status.gap(verdict.trace) is not None


# ── benchmarks ────────────────────────────────────────────────────────────────────────────────────────────────────────


@for_any(gappy(real, 1), st.floats(0, 1))
def test_quantiles_are_those_of_numpy_and_of_type_7(values: list[float], q: float) -> None:
    ours, there = benchmark.quantile(values, q), known(values)
    if not there:
        assert math.isnan(ours)
    else:
        assert ours == pytest.approx(np.quantile(there, q, method="linear"), rel=1e-9, abs=1e-6)
        assert min(there) - 1e-6 <= ours <= max(there) + 1e-6


@for_any(gappy(eighths, 1), directions, examples=200)
def test_ranks_are_those_of_sorting(values: list[float], higher: bool) -> None:
    ranks, percentiles = benchmark.ranking(values, higher)
    there = known(values)
    in_order = sorted(there, reverse=higher)
    for value, rank, percentile in zip(values, ranks, percentiles, strict=True):
        if math.isnan(value):
            assert math.isnan(rank)
            assert math.isnan(percentile)
        else:
            assert rank == in_order.index(value) + 1
            after = len(there) - in_order.index(value) - there.count(value)
            assert percentile == pytest.approx(100 * (after + there.count(value) / 2) / len(there))


@for_any(gappy(eighths, 1))
def test_percentiles_lie_inside_their_bounds_and_the_two_ways_add_to_100(values: list[float]) -> None:
    there = known(values)
    assume(there)
    upward, downward = (benchmark.ranking(values, way)[1] for way in (True, False))
    assert same(upward + downward, np.where(np.isnan(values), np.nan, 100.0))
    assert np.nanmin(upward) >= 50 / len(there) - 1e-9
    assert np.nanmax(upward) <= 100 - 50 / len(there) + 1e-9
    assert np.nanmean(upward) == pytest.approx(50), "half are worse, on average"


@for_any(eighths, gappy(eighths), directions, powers, st.integers(-1000, 1000), examples=200)
def test_a_place_knows_no_unit_and_mirrors(own: float, others: list[float], higher: bool, k: float, shift: int) -> None:
    rest = np.array(others, dtype=float)
    here = benchmark.place(own, rest, higher)
    for moved in (
        benchmark.place(k * own + shift, k * rest + shift, higher),
        benchmark.place(-own, -rest, not higher),
    ):
        assert (here.rank, here.n, here.percentile, here.tied) == (moved.rank, moved.n, moved.percentile, moved.tied)
    colour = benchmark.quarter(own, rest, higher)
    assert benchmark.quarter(k * own + shift, k * rest + shift, higher) is colour
    assert benchmark.quarter(-own, -rest, not higher) is colour


@for_any(eighths, gappy(eighths, 1), powers, st.integers(-1000, 1000), examples=200)
def test_references_follow_the_unit(own: float, others: list[float], k: float, shift: int) -> None:
    assume(known(others))
    rest = np.array(others)
    here, there = benchmark.reference(rest), benchmark.reference(k * rest + shift)
    assert here.n == there.n == len(known(others))
    for name in ("mean", "median", "q25", "q75", "low", "high"):
        assert k * getattr(here, name) + shift == pytest.approx(getattr(there, name), rel=1e-9, abs=1e-9)
    assert here.low <= here.q25 <= here.median <= here.q75 <= here.high
    assert here.low - 1e-9 <= here.mean <= here.high + 1e-9
    z = benchmark.robust_z(own, rest)
    assert same(z, benchmark.robust_z(k * own + shift, k * rest + shift))
    assert same(-z, benchmark.robust_z(-own, -rest))


@for_any(eighths, gappy(eighths, 1), st.integers(0, 5), directions, st.randoms())
def test_missing_neighbours_and_order_change_nothing(
    own: float, others: list[float], more: int, higher: bool, shuffle: Any
) -> None:
    padded = [*others, *[math.nan] * more]
    shuffle.shuffle(padded)
    assert benchmark.place(own, others, higher) == benchmark.place(own, padded, higher)
    assert benchmark.quarter(own, others, higher) is benchmark.quarter(own, padded, higher)
    assert same(benchmark.robust_z(own, others), benchmark.robust_z(own, padded))
    one, other = benchmark.reference(others), benchmark.reference(padded)
    assert same(
        [one.n, one.mean, one.median, one.q25, one.q75], [other.n, other.mean, other.median, other.q25, other.q75]
    )


@for_any(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.tuples(eighths | st.just(math.nan), gappy(eighths, width, width), directions, sizes),
            min_size=1,
            max_size=5,
        )
    )
)
def test_a_stack_of_rows_is_its_rows(stack: list[tuple[float, list[float], bool, float]]) -> None:
    own, others, higher, margin = (np.array(column) for column in zip(*stack, strict=True))
    together = benchmark.place(own, others, higher)
    ref, z = benchmark.reference(others), benchmark.robust_z(own, others)
    best, worst = benchmark.rank_interval(own, margin, others, higher)
    colours = benchmark.quarters(own, others, higher)
    for i, (y, rest, way, reach) in enumerate(stack):
        alone, alone_ref = benchmark.place(y, rest, way), benchmark.reference(rest)
        assert same(
            [together.rank[i], together.n[i], together.percentile[i], together.tied[i]],
            [alone.rank, alone.n, alone.percentile, alone.tied],
        )
        assert same([ref.n[i], ref.mean[i], ref.q25[i]], [alone_ref.n, alone_ref.mean, alone_ref.q25])
        assert same(z[i], benchmark.robust_z(y, rest))
        assert same([best[i], worst[i]], benchmark.rank_interval(y, reach, rest, way))
        assert (colours[i] or None) == benchmark.quarter(y, rest, way)


@for_any(eighths, gappy(eighths, 1), sizes, directions)
def test_an_interval_of_ranks_holds_the_rank(own: float, others: list[float], margin: float, higher: bool) -> None:
    best, worst = benchmark.rank_interval(own, margin, others, higher)
    spot = benchmark.place(own, others, higher)
    assert 1 <= best <= spot.rank <= worst <= spot.n


@for_any(eighths, st.lists(eighths, min_size=5, max_size=30), st.integers(0, 5), directions, examples=200)
def test_a_colour_goes_with_the_place(own: float, values: list[float], missing: int, higher: bool) -> None:
    others = [*values, *[math.nan] * missing]
    colour, spot = benchmark.quarter(own, others, higher), benchmark.place(own, others, higher)
    if colour is benchmark.Quarter.BEST:
        assert spot.percentile >= 50
    if colour is benchmark.Quarter.WORST:
        assert spot.percentile <= 50
    assert colour is not None


@for_any(st.lists(st.tuples(eighths | st.just(math.nan), eighths | st.just(math.nan)), max_size=20), eighths)
def test_a_paired_trend_sees_only_pairs_and_follows_a_common_change(
    pairs: list[tuple[float, float]], step: float
) -> None:
    earlier, later = [a for a, _ in pairs], [b for _, b in pairs]
    whole = [(a, b) for a, b in pairs if not math.isnan(a) and not math.isnan(b)]
    trend = benchmark.peer_trend(earlier, later)
    assert same(trend, benchmark.peer_trend([a for a, _ in whole], [b for _, b in whole]))
    assert math.isnan(trend) is not bool(whole)
    assert same(trend + step, benchmark.peer_trend(earlier, [b + step for b in later]))
    assert same(-trend, benchmark.peer_trend(later, earlier))


@for_any(
    st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=8),
    st.none() | st.integers(2000, 2010),
    st.randoms(),
)
def test_the_comparison_year_is_the_newest_that_will_do(
    content: list[tuple[bool, int]], until: int | None, shuffle: Any
) -> None:
    years = list(range(2001, 2001 + len(content)))
    best = max(n for _, n in content)
    asked = [y for y in years if until is None or y <= until]
    owned = [y for y in asked if content[y - 2001][0]]
    fitting = [y for y in owned if content[y - 2001][1] >= 5 and 2 * content[y - 2001][1] >= best]
    order = list(range(len(years)))
    shuffle.shuffle(order)
    own = np.array([0.0 if content[i][0] else np.nan for i in order])
    others = np.array([[1.0] * content[i][1] + [np.nan] * (12 - content[i][1]) for i in order])
    year, fell_back = benchmark.comparison_year([years[i] for i in order], own, others, until)
    assert year == (max(fitting) if fitting else None)
    assert fell_back is (bool(fitting) and max(fitting) != max(owned))


@for_any(
    eighths | st.just(math.nan),
    st.lists(st.tuples(eighths | st.just(math.nan), eighths | st.just(math.nan)), max_size=12),
    directions,
)
def test_lessons_are_better_improved_and_in_order(own: float, pairs: list[tuple[float, float]], higher: bool) -> None:
    codes = [f"{i:04d}" for i in range(len(pairs))]
    found = benchmark.learn_from(own, [a for a, _ in pairs], [b for _, b in pairs], codes, higher)
    s = 1 if higher else -1
    fitting = [
        (-s * (now - before), code)
        for code, (now, before) in zip(codes, pairs, strict=True)
        if s * now > s * own and s * now > s * before
    ]
    assert [(-lesson.improvement, lesson.code) for lesson in found] == sorted(fitting)[:5]


@for_any(st.data(), st.integers(3, 9), st.integers(1, 3))
def test_the_nearest_are_those_of_a_full_search_whatever_the_units(data: st.DataObject, n: int, width: int) -> None:
    values = data.draw(st.lists(st.lists(st.integers(1, 30), min_size=n, max_size=n), min_size=width, max_size=width))
    codes = data.draw(st.permutations([f"{i:04d}" for i in range(n)]))
    names = ["population", "a", "b"][:width]
    table = pd.DataFrame(dict(zip(names, values, strict=True)), index=codes, dtype=float)
    found = similar.nearest(table, "0000", k=n)
    columns = [[math.log(v) for v in column] if name == "population" else column
               for name, column in zip(names, values, strict=True)]  # fmt: skip
    z = []
    for column in columns:
        mean = math.fsum(column) / n
        sd = math.sqrt(math.fsum((v - mean) ** 2 for v in column) / n)
        z.append([(v - mean) / sd if len(set(column)) > 1 else 0.0 for v in column])
    home = list(codes).index("0000")
    distance = {c: math.dist([line[i] for line in z], [line[home] for line in z]) for i, c in enumerate(codes)}
    assert sorted(found.index) == sorted(set(codes) - {"0000"})
    assert same(found["distance"], [distance[c] for c in found.index])
    expected = sorted(set(codes) - {"0000"}, key=lambda c: (round(distance[c], 9), c))
    assert list(found.index) == expected
    moved = table.assign(**{name: table[name] * 1000 + (0 if name == "population" else 7) for name in names})
    assert list(similar.nearest(moved, "0000", k=n).index) == expected


# ── validation ────────────────────────────────────────────────────────────────────────────────────────────────────────

leaf = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**15, 10**400, -(10**400)])
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=2)
    | st.sampled_from(
        [Decimal("1.5"), Decimal("NaN"), 1j, date(2020, 1, 1), pd.NaT, pd.NA, np.float64(1), np.int64(2020)]
    )
)
anything = st.recursive(
    leaf,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2) | st.tuples(inner)
    ),
    max_leaves=3,
)
raw_row = st.tuples(
    st.sampled_from(["N1", "N2"]) | anything,
    st.sampled_from(["1384", "0180"]) | anything,
    st.sampled_from([2020, "2020", 2020.0, 2021, 2030]) | anything,
    st.sampled_from(["T", "K"]) | anything,
    st.sampled_from([1, 1.0, 2.5, 0, None, -1, 1000]) | anything,
    st.sampled_from([False, True, 0, 1]) | anything,
)
plain_row = st.tuples(
    st.sampled_from(["N1", "N2"]),
    st.sampled_from(["1384", "0180"]),
    st.sampled_from([2020, "2021"]),
    st.just("T"),
    st.sampled_from([1, 1.0, 2.5, None]),
    st.booleans(),
)


def column(cells: list[Any]) -> pd.Series:
    held = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        held[i] = cell
    return pd.Series(held)


@for_any(st.lists(raw_row | plain_row, max_size=12), examples=300)
def test_every_raw_row_is_in_exactly_one_of_valid_and_rejected_and_nothing_raises(rows: list[tuple[Any, ...]]) -> None:
    raw = pd.DataFrame({name: column([row[i] for row in rows]) for i, name in enumerate(RAW_COLUMNS)})
    raw["row"] = range(len(rows))
    checked = check_peer_values(
        raw, kpis={"N1", "N2"}, municipalities={"1384", "0180"}, latest_year=2023, ranges={"N1": (0, 100)}
    )
    rejected = checked.rejected["row"].tolist()
    assert rejected == sorted(set(rejected))
    kept = [i for i in range(len(rows)) if i not in set(rejected)]
    assert len(kept) == len(checked.valid)
    for i, valid in zip(kept, checked.valid.itertuples(index=False), strict=True):
        kpi, municipality, period, gender, value, deleted = rows[i]
        assert (valid.kpi, valid.municipality, valid.year, valid.breakdown) == (kpi, municipality, int(period), gender)
        if math.isnan(valid.value):
            assert value is None or value is pd.NA or value is pd.NaT or deleted in (True, 1) or value != value
        else:
            assert valid.value == pytest.approx(float(value), abs=1e-8)
            assert valid.kpi != "N1" or 0 <= valid.value <= 100
    assert not checked.valid.duplicated(["kpi", "municipality", "year", "breakdown"]).any()
    assert set(checked.rejected["fault"]) <= {fault.value for fault in Fault}


@for_any(st.lists(plain_row, max_size=12))
def test_repeats_are_settled_by_their_values(rows: list[tuple[Any, ...]]) -> None:
    raw = pd.DataFrame({name: column([row[i] for row in rows]) for i, name in enumerate(RAW_COLUMNS)})
    checked = check_peer_values(raw, kpis={"N1", "N2"}, municipalities={"1384", "0180"}, latest_year=2023)
    content: dict[tuple[str, str, int], list[float | None]] = {}
    for kpi, place, period, _gender, value, deleted in rows:
        content.setdefault((kpi, place, int(period)), []).append(None if deleted else value)
    agreed = {key for key, values in content.items() if len(set(values)) == 1}
    assert {(r.kpi, r.municipality, r.year) for r in checked.valid.itertuples()} == agreed
    faults = Counter(checked.rejected["fault"])
    assert faults[Fault.DUPLICATE] == sum(len(content[key]) - 1 for key in agreed)
    assert faults[Fault.CONFLICT] == sum(len(values) for key, values in content.items() if key not in agreed)


# ── goals ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

weights = st.integers(0, 40).map(lambda i: i / 8)
parts = st.builds(Part, st.sampled_from(Status), weights, st.booleans())
GOAL_ORDER = {GoalStatus.NOT_MET: 0, GoalStatus.PARTLY: 1, GoalStatus.MET: 2}


@for_any(st.lists(parts, max_size=12))
def test_a_goals_share_lies_between_0_and_1_and_the_counts_add_up(content: list[Part]) -> None:
    proposal = propose(content)
    assert proposal.indicators == len(content)
    assert proposal.met + proposal.near + proposal.not_met == proposal.assessable
    assert proposal.assessable + sum(proposal.reasons.values()) == proposal.indicators
    assert proposal.share is None or 0 <= proposal.share <= 1
    if proposal.share is None or proposal.assessable_weight < proposal.weight / 2:
        assert proposal.status is GoalStatus.NOT_ASSESSABLE
    elif proposal.share >= 0.8 and not proposal.key_missed:
        assert proposal.status is GoalStatus.MET
    else:
        assert proposal.status is (GoalStatus.PARTLY if proposal.share >= 0.5 else GoalStatus.NOT_MET)


@for_any(st.lists(parts, min_size=1, max_size=12), st.data())
def test_a_better_indicator_never_worsens_its_goal(content: list[Part], data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(content) - 1))
    old = content[i]
    assume(old.status is not Status.NOT_ASSESSABLE)
    better = data.draw(st.sampled_from([s for s in ORDER if ORDER[s] >= ORDER[old.status]]))
    changed = [*content[:i], Part(better, old.weight, old.key), *content[i + 1 :]]
    before, after = propose(content), propose(changed)
    assert (before.status is GoalStatus.NOT_ASSESSABLE) is (after.status is GoalStatus.NOT_ASSESSABLE)
    if before.status is not GoalStatus.NOT_ASSESSABLE:
        assert GOAL_ORDER[before.status] <= GOAL_ORDER[after.status]
        assert (before.share or 0) <= (after.share or 0)


@for_any(st.lists(parts, max_size=12), powers, st.randoms())
def test_a_goal_knows_neither_the_unit_of_weight_nor_the_order(content: list[Part], k: float, shuffle: Any) -> None:
    scaled = [Part(p.status, k * p.weight, p.key, p.reason) for p in content]
    shuffle.shuffle(scaled)
    one, other = propose(content), propose(scaled)
    assert (one.status, one.key_missed, one.reasons) == (other.status, other.key_missed, other.reasons)
    assert one.share == pytest.approx(other.share)


# ── periods and series ────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def periods(draw: Callable[..., Any], kinds: st.SearchStrategy[Kind] = st.sampled_from(Kind)) -> Period:  # noqa: B008
    kind = draw(kinds)
    return Period(kind, draw(st.integers(FIRST_YEAR + 1, LAST_YEAR - 1)), draw(st.integers(1, PARTS[kind])))


@for_any(periods())
def test_a_period_comes_back_from_its_code_its_days_and_its_neighbours(period: Period) -> None:
    assert Period.parse(period.code) == period
    assert Period.of(period.kind, period.first_day) == Period.of(period.kind, period.last_day) == period
    assert period.next().previous() == period == period.previous().next()
    assert period.next().first_day == period.last_day + timedelta(days=1)
    assert period.previous() < period < period.next()
    assert period.shift(0) == period


@for_any(st.sampled_from(Kind), st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_every_day_lies_in_one_period_of_a_kind(kind: Kind, day: date) -> None:
    period = Period.of(kind, day)
    assert period.first_day <= day <= period.last_day
    assert not period.next().first_day <= day
    assert not day <= period.previous().last_day


@for_any(periods(), periods())
def test_periods_are_in_one_order(a: Period, b: Period) -> None:
    assert [a < b, a == b, a > b].count(True) == 1
    assert (a <= b) is (a < b or a == b)
    if a < b:
        assert a.last_day <= b.last_day
    if a.kind is b.kind:
        assert (a < b) is (a.code < b.code) is (a.ordinal < b.ordinal) is (a.x < b.x)


@for_any(st.lists(periods(), max_size=8))
def test_sorting_periods_is_sorting_their_last_days(content: list[Period]) -> None:
    assert sorted(content) == sorted(content, key=lambda p: (p.last_day, p.first_day))


@for_any(st.text(max_size=8) | st.from_regex(r"[0-9]{4}[HTQMS]?[0-9]{0,2}", fullmatch=True))
def test_a_text_is_a_period_with_a_code_or_is_refused(text: str) -> None:
    try:
        period = Period.parse(text)
    except PeriodError:
        return
    assert Period.parse(period.code) == period


@for_any(periods(), st.integers(0, 40))
def test_a_span_has_every_period_once(first: Period, steps: int) -> None:
    first = Period(first.kind, min(first.year, LAST_YEAR - 45), first.part)
    content = span(first, first.shift(steps))
    assert len(content) == steps + 1
    assert all(b.first_day - a.last_day == timedelta(days=1) for a, b in pairwise(content))


@for_any(st.sampled_from(Kind), periods(), st.sampled_from(Kind), st.integers(0, 3000))
def test_due_periods_are_those_that_end_inside(kind: Kind, first: Period, other: Kind, days: int) -> None:
    first = Period(first.kind, min(max(first.year, FIRST_YEAR + 5), LAST_YEAR - 15), first.part)
    last = Period.of(other, first.last_day + timedelta(days=days))
    due = series.due_periods(kind, first, last)
    assert all(first.first_day <= p.last_day <= last.last_day for p in due)
    one_more = [Period.of(kind, first.first_day).previous(), Period.of(kind, last.last_day).next()]
    around = span(*one_more) if one_more[0].ordinal <= one_more[1].ordinal else []
    assert [p for p in around if first.first_day <= p.last_day <= last.last_day] == due


@for_any(
    st.sampled_from(Kind),
    st.dictionaries(st.integers(0, 30), eighths | st.just(math.nan), min_size=1),
    st.none() | st.integers(-5, 40),
)
def test_a_series_has_no_hole_and_loses_nothing(kind: Kind, content: dict[int, float], until: int | None) -> None:
    start = Period(kind, 2000)
    values = {start.shift(i): v for i, v in content.items()}
    filled = series.with_gaps(values, kind, None if until is None else start.shift(until))
    assert list(filled) == span(min(values), max([*values] if until is None else [*values, start.shift(until)]))
    assert all(filled[p] is v for p, v in values.items())
    assert all(math.isnan(v) for p, v in filled.items() if p not in values)


@for_any(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=4), st.integers(0, 20), st.integers(0, 20))
def test_two_periods_are_comparable_if_they_lie_in_one_segment(content: list[tuple[int, bool]], i: int, k: int) -> None:
    start = Period(Kind.TERTIAL, 2015)
    breaks = [Break(start.shift(at), backwards) for at, backwards in content]
    one, other = start.shift(i), start.shift(k)
    apart = series.segment(breaks, one) != series.segment(breaks, other)
    assert series.breaks_between(breaks, one, other) is apart


@for_any(
    st.sampled_from([(Kind.MONTH, Kind.QUARTER), (Kind.MONTH, Kind.SCHOOL_YEAR), (Kind.TERTIAL, Kind.YEAR)]),
    st.lists(st.tuples(st.integers(0, 36), eighths | st.just(math.nan)), unique_by=lambda pair: pair[0], max_size=30),
    st.sampled_from([Aggregation.SUM, Aggregation.RECOMPUTE, Aggregation.LAST]),
)
def test_a_coarser_value_is_made_of_all_its_parts(
    kinds: tuple[Kind, Kind], content: list[tuple[int, float]], how: Aggregation
) -> None:
    finer, coarser = kinds
    values = {Period(finer, 2015).shift(i): v for i, v in content}
    table = pd.DataFrame({"period": [*values], "value": [*values.values()]}, columns=["period", "value"])
    made = series.aggregate(table.assign(numerator=table["value"], denominator=2.0), coarser, how)
    assert made["period"].tolist() == sorted({Period.of(coarser, p.last_day) for p in values})
    for period, value in zip(made["period"], made["value"], strict=True):
        inside = span(Period.of(finer, period.first_day), Period.of(finer, period.last_day))
        found = [values.get(p, math.nan) for p in inside]
        if how is Aggregation.LAST:
            assert same(value, found[-1])
        else:
            assert same(value, sum(found) / (2 * len(inside) if how is Aggregation.RECOMPUTE else 1))


@for_any(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 20), eighths), unique_by=lambda row: (row[0], row[1]), max_size=20
    )
)
def test_the_newest_revision_of_each_key(rows: list[tuple[int, int, float]]) -> None:
    history: dict[int, list[tuple[int, float]]] = {}
    for key, revision, value in rows:
        history.setdefault(key, []).append((revision, value))
    table = pd.DataFrame(rows, columns=["key", "revision", "value"])
    found = series.newest_revision(table, ["key"], earlier="before").sort_values("key")
    assert found["key"].tolist() == sorted(history)
    for row in found.itertuples():
        *older, newest = sorted(history[row.key])
        assert (row.revision, row.value) == newest
        assert same(row.before, older[-1][1] if older else math.nan)
