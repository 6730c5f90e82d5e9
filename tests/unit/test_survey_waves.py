"""Two waves compared, and response rates."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from surveys.compute.estimation import Design, Estimate, mean
from surveys.compute.waves import difference, response, response_by_group


def told(value: float, se: float, df: float = math.inf) -> Estimate:
    return Estimate(value, se, math.nan, math.nan, 100, df)


class TestDifference:
    def test_errors_add_as_squares(self) -> None:
        found = difference(told(0.50, 0.03), told(0.60, 0.04))
        assert (found.value, found.se) == (pytest.approx(0.1), pytest.approx(0.05))
        assert [found.lower, found.upper] == pytest.approx([0.1 - 1.959964 * 0.05, 0.1 + 1.959964 * 0.05])
        assert found.certain

    @pytest.mark.parametrize(("later", "certain"), [(0.598, True), (0.5979, False), (0.402, True), (0.4021, False)])
    def test_certain_only_if_the_interval_excludes_0(self, later: float, certain: bool) -> None:
        assert difference(told(0.5, 0.03), told(later, 0.04)).certain is certain

    def test_degrees_of_freedom_of_welch(self) -> None:
        first, second = np.array([3.0, 5, 4, 8, 6]), np.array([9.0, 7, 12, 10, 6, 11, 8])
        found = difference(mean(Design(np.ones(5)), first), mean(Design(np.ones(7)), second))
        se = math.sqrt(first.var(ddof=1) / 5 + second.var(ddof=1) / 7)
        parts = (first.var(ddof=1) / 5) ** 2 / 4 + (second.var(ddof=1) / 7) ** 2 / 6
        assert found.upper - found.value == pytest.approx(t.ppf(0.975, se**4 / parts) * se)

    def test_a_figure_without_error_leaves_the_other_its_degrees(self) -> None:
        found = difference(told(0.5, 0.0), told(0.6, 0.05, 8))
        assert found.upper - found.value == pytest.approx(t.ppf(0.975, 8) * 0.05)

    @pytest.mark.parametrize(
        ("earlier", "later"),
        [
            (told(0.5, math.nan), told(0.9, 0.01)),
            (told(math.nan, math.nan), told(0.9, 0.01)),
            (told(0.5, 0.01, 0), told(0.9, 0.01)),
            (told(0.5, 0.0), told(0.9, 0.0)),
        ],
    )
    def test_nothing_is_certain_without_an_error(self, earlier: Estimate, later: Estimate) -> None:
        found = difference(earlier, later)
        assert not found.certain
        assert math.isnan(found.lower)

    @given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.01, 2), st.floats(0.01, 2), st.integers(2, 500))
    def test_turned_round_it_is_the_same(self, a: float, b: float, first: float, second: float, df: int) -> None:
        there = difference(told(a, first, df), told(b, second, 7))
        back = difference(told(b, second, 7), told(a, first, df))
        assert (there.value, there.certain) == (-back.value, back.certain)
        assert [there.lower, there.upper] == pytest.approx([-back.upper, -back.lower])

    def test_a_higher_level_is_harder(self) -> None:
        earlier, later = told(0.5, 0.03), told(0.6, 0.04)
        assert difference(earlier, later, level=0.95).certain
        assert not difference(earlier, replace(later), level=0.99).certain


class TestResponse:
    def test_of_those_who_could(self) -> None:
        assert response(60, 170, 20).rate == 0.4

    def test_nobody_answered(self) -> None:
        assert response(0, 10).rate == 0

    def test_nobody_could(self) -> None:
        assert math.isnan(response(0, 5, 5).rate)

    @pytest.mark.parametrize("counts", [(11, 10, 0), (9, 10, 2), (-1, 10, 0), (0, -1, 0), (0, 5, 6)])
    def test_counts_that_contradict_each_other(self, counts: tuple[int, int, int]) -> None:
        with pytest.raises(ValueError, match="cannot all be right"):
            response(*counts)

    def test_by_group(self) -> None:
        found = response_by_group(
            np.array(["m", "f", "m", "f", "m"]), np.array([1, 1, 0, 0, 0]), np.array([0, 0, 1, 0, 0]), ["f", "m", "x"]
        )
        assert found.index.tolist() == ["f", "m", "x"]
        assert found["answered"].tolist() == [1, 1, 0]
        assert found["invited"].tolist() == [2, 3, 0]
        assert found["rate"].tolist()[:2] == [0.5, 0.5]
        assert math.isnan(found["rate"].iloc[2])

    def test_who_is_in_no_group_is_counted(self) -> None:
        found = response_by_group(np.array(["m", None], dtype=object), np.array([True, False]))
        assert found["invited"].sum() == 2
