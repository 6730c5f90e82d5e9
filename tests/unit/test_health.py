"""Signs against an indicator: their minima, their edges, and a correlation worked out another way."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.health import (
    Advice,
    Pair,
    Sign,
    advice,
    constant,
    correlation,
    duplicates,
    gaps,
    never_looked_at,
    often_revised,
)

YEARS = range(2015, 2024)
numbers = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("values", "same"),
    [
        ([], 0),
        ([3.0] * 4, 0),  # too few to say anything
        ([3.0] * 5, 5),
        ([0.0] * 6, 6),  # 0 is a value
        ([1.0, *[3.0] * 5], 5),
        ([*[3.0] * 6, 4.0], 0),  # it moves again
        ([0.3, 0.1 + 0.2, 0.3, 0.3, 0.3], 5),
    ],
)
def test_constant(values: list[float], same: int) -> None:
    assert constant(values) == same


@pytest.mark.parametrize(
    ("answered", "missing"),
    [
        ([], 0),
        ([True, False], 0),  # one alone is late, or an accident
        ([False, False], 2),
        ([False] * 20 + [True] * 8, 0),  # of old no account
        ([True] * 6 + [False, True, False], 2),
        ([False] * 9, 8),
    ],
)
def test_gaps(answered: list[bool], missing: int) -> None:
    assert gaps(answered) == missing


@pytest.mark.parametrize(("revised", "periods", "often"), [(0, 0, False), (1, 1, False), (2, 8, True), (2, 9, False)])
def test_often_revised(revised: int, periods: int, often: bool) -> None:
    assert often_revised(revised, periods) is often


@pytest.mark.parametrize(("looks", "days", "never"), [(0, 29, False), (0, 30, True), (1, 300, False), (0, 0, False)])
def test_never_is_said_after_thirty_days_of_counting(looks: int, days: int, never: bool) -> None:
    assert never_looked_at(looks, days) is never


def series(*values: float, first: int = 2015) -> dict[int, float]:
    return {first + place: value for place, value in enumerate(values)}


def test_two_that_move_together_and_two_that_mirror() -> None:
    a, b = series(1, 2, 3, 4, 5, 7), series(2, 4, 6, 8, 10, 14)
    mirror = series(*(-value for value in a.values()))
    assert duplicates({1: a, 2: b}) == [Pair(1, 2, pytest.approx(1.0), 6)]
    assert duplicates({1: a, 3: mirror}) == [Pair(1, 3, pytest.approx(-1.0), 6)]


def test_too_few_common_years_a_constant_and_chance_are_no_pairs() -> None:
    a = series(1, 2, 3, 4, 5, 7)
    assert duplicates({1: a, 2: series(1, 2, 3, 4, 5)}) == []
    assert duplicates({1: a, 2: series(1, 2, 3, 4, 5, 7, first=2016)}) == []  # five years in common
    assert duplicates({1: a, 2: series(*[4.0] * 6)}) == []
    assert duplicates({1: a, 2: series(3, 1, 4, 1, 5, 9)}) == []
    assert duplicates({}) == []


def test_the_limit_itself_is_not_above_it() -> None:
    """A pair of exactly 0.95: y = x + noise that is orthogonal to x, of the size that gives it."""
    x = np.array([-1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0, 1.0])
    noise = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    for wanted, found in ((0.9499, 0), (0.9501, 1)):
        y = x + noise * math.sqrt(1 / wanted**2 - 1)
        assert correlation(x, y) == pytest.approx(wanted)
        assert len(duplicates({1: series(*x), 2: series(*y)})) == found


@given(st.lists(st.tuples(numbers, numbers), min_size=6, max_size=30))
def test_correlation_is_pearsons(pairs: list[tuple[float, float]]) -> None:
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    found = correlation(a, b)
    if found is None:
        return
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    assert correlation(b, a) == pytest.approx(found)
    if min(statistics.pstdev(a), statistics.pstdev(b)) > 1e-3:
        assert found == pytest.approx(statistics.correlation(list(a), list(b)), abs=1e-6)


@pytest.mark.parametrize(
    ("signs", "decides", "advised"),
    [
        (set(), False, None),
        (set(), True, Advice.KEEP),
        ({Sign.NO_GOAL}, False, None),
        ({Sign.NO_GOAL, Sign.UNSEEN}, False, Advice.PRUNE),
        ({Sign.NO_GOAL, Sign.CONSTANT}, False, Advice.PRUNE),
        ({Sign.CONSTANT, Sign.UNSEEN}, False, None),
        ({Sign.LATE}, False, Advice.MEND),
        ({Sign.LATE}, True, Advice.MEND),
        ({Sign.NO_GOAL, Sign.LATE}, False, Advice.MEND),
    ],
)
def test_advice(signs: set[Sign], decides: bool, advised: Advice | None) -> None:
    assert advice(signs, decides=decides) is advised
