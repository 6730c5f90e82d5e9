"""Position among peers: ranks, percentiles, quarters, references, trends, lessons (METHODS §3)."""

import math

import numpy as np
import pytest

from indicators.compute.benchmark import (
    Lesson,
    Quarter,
    comparison_year,
    could_be_mean,
    eligible,
    learn_from,
    peer_trend,
    place,
    quantile,
    quarter,
    quarters,
    rank_interval,
    ranking,
    reference,
    robust_z,
    signs,
)

NAN = math.nan


# ── quantiles and the reference ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([1, 2, 3, 4], 0.25, 1.75),
        ([1, 2, 3, 4], 0.5, 2.5),
        ([1, 2, 3, 4], 0.75, 3.25),
        ([4, 1, 3, 2, 5], 0.25, 2),
        ([7], 0.25, 7),
        ([0, 0, 0], 0.5, 0),
        ([3, NAN, 1], 0.5, 2),
        ([NAN, NAN, 4], 0.75, 4),
        ([1, 9], 0.0, 1),
        ([1, 9], 1.0, 9),
    ],
)
def test_type_7_quantiles(values: list[float], q: float, expected: float) -> None:
    assert quantile(values, q) == pytest.approx(expected, abs=1e-12)


def test_a_quantile_of_nobody_is_nan() -> None:
    assert math.isnan(quantile([], 0.5))
    assert math.isnan(quantile([NAN, NAN], 0.5))
    assert np.isnan(quantile(np.zeros((3, 0)), 0.25)).tolist() == [True] * 3


def test_the_reference_is_unweighted() -> None:
    ref = reference([10, 20, 20, NAN, 70])
    assert (ref.n, ref.mean, ref.median, ref.q25, ref.q75, ref.low, ref.high) == (4, 30, 20, 17.5, 32.5, 10, 70)


def test_a_reference_of_nobody_is_nan_with_n_0() -> None:
    for values in ([], [NAN, NAN]):
        ref = reference(values)
        assert ref.n == 0
        assert all(math.isnan(x) for x in (ref.mean, ref.median, ref.q25, ref.q75, ref.low, ref.high))
    stack = reference([[1.0, 3.0], [NAN, NAN]])
    assert stack.n.tolist() == [2, 0]
    assert stack.mean[0] == 2
    assert math.isnan(stack.mean[1])


def test_zero_counts_in_the_reference() -> None:
    ref = reference([0, 0, 3])
    assert (ref.n, ref.mean, ref.median, ref.low) == (3, 1, 0, 0)


@pytest.mark.parametrize(
    ("value", "ends", "possible"),
    [
        (0, [8.0, 84.0, 46.0], False),
        (559634, [218.0, 98469.0], False),
        (8, [8.0, 84.0], True),
        (0, [0.0, 3.0], True),
        (7, [8.0, 84.0, 7.0], True),
        (7, [None, math.nan], True),
    ],
)
def test_the_nation_lies_among_the_municipalities(value: float, ends: list[float | None], possible: bool) -> None:
    assert could_be_mean(value, ends) is possible


# ── rank and percentile ───────────────────────────────────────────────────────────────────────────────────────────────


def test_competition_ranking_1_1_1_4() -> None:
    ranks, percentiles = ranking([9, 9, 9, 5, NAN], higher_is_better=True)
    assert ranks[:4].tolist() == [1, 1, 1, 4]
    assert percentiles[:4].tolist() == [62.5, 62.5, 62.5, 12.5]
    assert math.isnan(ranks[4])
    assert math.isnan(percentiles[4])
    ranks, percentiles = ranking([9, 9, 9, 5, NAN], higher_is_better=False)
    assert ranks[:4].tolist() == [2, 2, 2, 1]
    assert percentiles[:4].tolist() == [37.5, 37.5, 37.5, 87.5]


def test_percentile_is_100_times_worse_plus_half_tied_with_self_by_n() -> None:
    spot = place(5, [1, 2, 5, 8, NAN], higher_is_better=True)
    assert (spot.rank, spot.n, spot.tied, spot.percentile) == (2, 5, 2, 100 * (2 + 2 / 2) / 5)
    spot = place(5, [1, 2, 5, 8, NAN], higher_is_better=False)
    assert (spot.rank, spot.n, spot.tied, spot.percentile) == (3, 5, 2, 100 * (1 + 2 / 2) / 5)


def test_our_own_is_part_of_the_ranking() -> None:
    spot = place(1, [2, 3], higher_is_better=True)
    assert (spot.rank, spot.n) == (3, 3)
    alone = place(1, [], higher_is_better=True)
    assert (alone.rank, alone.n, alone.percentile, alone.tied) == (1, 1, 50, 1)
    assert place(1, [NAN, NAN], higher_is_better=True).n == 1


def test_without_our_own_value_there_is_no_place() -> None:
    spot = place(NAN, [1, 2, 3, 4, 5], higher_is_better=True)
    assert (spot.n, spot.tied) == (0, 0)
    assert math.isnan(spot.rank)
    assert math.isnan(spot.percentile)


def test_ties_are_equal_within_the_tolerance() -> None:
    spot = place(0.3, [0.1 + 0.2, 0.3 - 1e-13, 0.3 + 1e-11], higher_is_better=True)
    assert (spot.rank, spot.tied) == (2, 3)


def test_zero_and_negative_values_are_ranked() -> None:
    assert ranking([0, -1, 1], higher_is_better=True)[0].tolist() == [2, 3, 1]
    assert ranking([0, -1, 1], higher_is_better=False)[0].tolist() == [2, 1, 3]


def test_a_stack_of_rows_has_a_direction_a_row() -> None:
    others = np.array([[1.0, 2.0, NAN], [1.0, 2.0, NAN], [NAN, NAN, NAN]])
    spot = place([0.0, 0.0, 4.0], others, [True, False, True])
    assert spot.rank.tolist() == [3, 1, 1]
    assert spot.n.tolist() == [3, 3, 1]
    assert signs([True, False]).tolist() == [1, -1]
    assert signs(higher_is_better=False) == -1


def test_an_interval_of_ranks_for_an_uncertain_value() -> None:
    others = [10, 20, 30, 40, NAN]
    assert rank_interval(25, 10, others, higher_is_better=True) == (2, 4)
    assert rank_interval(25, 10, others, higher_is_better=False) == (2, 4)
    assert rank_interval(25, 0, others, higher_is_better=True) == (3, 3)
    assert rank_interval(30, 0, [30, 30, 10], higher_is_better=True) == (1, 3), "tied with two: first or third"
    assert rank_interval(100, 1, others, higher_is_better=True) == (1, 1)
    assert rank_interval(100, 1, others, higher_is_better=False) == (5, 5)


def test_no_interval_of_ranks_without_value_or_margin() -> None:
    for own, margin in [(NAN, 1.0), (1.0, NAN)]:
        assert all(math.isnan(rank) for rank in rank_interval(own, margin, [1, 2], higher_is_better=True))


# ── relative colour ───────────────────────────────────────────────────────────────────────────────────────────────────

FIVE = [10.0, 20.0, 30.0, 40.0, 50.0]  # quartiles 20 and 40


@pytest.mark.parametrize(
    ("value", "higher", "lower"),
    [
        (41, Quarter.BEST, Quarter.WORST),
        (40, Quarter.BEST, Quarter.WORST),
        (39.9, Quarter.MIDDLE, Quarter.MIDDLE),
        (20.1, Quarter.MIDDLE, Quarter.MIDDLE),
        (20, Quarter.WORST, Quarter.BEST),
        (-5, Quarter.WORST, Quarter.BEST),
        (0, Quarter.WORST, Quarter.BEST),
    ],
)
def test_best_and_worst_quarter_with_their_bounds(value: float, higher: Quarter, lower: Quarter) -> None:
    assert quarter(value, FIVE, higher_is_better=True) is higher
    assert quarter(value, FIVE, higher_is_better=False) is lower


def test_a_bound_is_reached_within_the_tolerance() -> None:
    others = [0.1, 0.2, 0.25, 0.3, 0.4]
    assert quarter(0.1 + 0.2, others, higher_is_better=False) is Quarter.WORST
    assert quarter(0.3 - 1e-13, others, higher_is_better=True) is Quarter.BEST


def test_equal_quartiles_are_no_difference_whatever_our_own_is() -> None:
    for value in (1.0, 7.0, 99.0):
        assert quarter(value, [1, 7, 7, 7, 7, 99], higher_is_better=True) is Quarter.NO_DIFFERENCE


def test_fewer_than_five_others_or_no_value_have_no_colour() -> None:
    assert quarter(1, [*FIVE[:4], NAN], higher_is_better=True) is None
    assert quarter(NAN, FIVE, higher_is_better=True) is None
    assert quarter(1, [], higher_is_better=True) is None
    assert quarter(1, [7, 7, 7, 7, NAN], higher_is_better=True) is None, "too few goes before no difference"


def test_quarters_of_a_stack() -> None:
    others = np.array([FIVE, FIVE, [*FIVE[:4], NAN], [7.0] * 5, FIVE])
    own = np.array([45.0, 45.0, 45.0, 45.0, NAN])
    higher = np.array([True, False, True, True, True])
    assert list(quarters(own, others, higher)) == ["best", "worst", "", "no_difference", ""]


# ── robust z, paired trend ────────────────────────────────────────────────────────────────────────────────────────────


def test_robust_z_by_median_and_mad() -> None:
    assert robust_z(50, FIVE) == pytest.approx(20 / (1.4826 * 10))
    assert robust_z(30, FIVE) == 0
    assert robust_z(20, [*FIVE, NAN]) == pytest.approx(-10 / (1.4826 * 10))


def test_robust_z_is_undefined_without_spread_or_values() -> None:
    assert math.isnan(robust_z(5, [7, 7, 7, 7, 99]))
    assert math.isnan(robust_z(5, [NAN, NAN]))
    assert math.isnan(robust_z(5, []))
    assert math.isnan(robust_z(NAN, FIVE))
    stack = robust_z([50.0, 50.0], [FIVE, [7.0] * 5])
    assert stack[0] == pytest.approx(20 / 14.826)
    assert math.isnan(stack[1])


def test_trend_is_the_median_of_paired_changes_not_the_change_of_medians() -> None:
    earlier, later = [0, 10, 20, NAN, 14], [9, 11, 21, 500, NAN]
    assert peer_trend(earlier, later) == 1
    assert quantile(later, 0.5) - quantile(earlier, 0.5) != 1


def test_a_trend_without_a_pair_is_nan() -> None:
    assert math.isnan(peer_trend([1, NAN], [NAN, 2]))
    assert math.isnan(peer_trend([], []))


# ── the year of the comparison ────────────────────────────────────────────────────────────────────────────────────────


def rows(*counts: int, width: int = 20) -> np.ndarray:
    return np.array([[1.0] * n + [NAN] * (width - n) for n in counts])


def test_a_year_needs_five_others() -> None:
    assert eligible([1, 1, 1], rows(4, 5, 6)).tolist() == [False, True, True]


def test_a_year_needs_half_of_the_groups_best_year() -> None:
    assert eligible([1, 1, 1, 1], rows(20, 9, 10, 11)).tolist() == [True, False, True, True]
    assert eligible([1, 1], rows(15, 7)).tolist() == [True, False], "7 of 15 is not half"


def test_a_year_needs_a_value_of_our_own_and_zero_is_one() -> None:
    assert eligible([0, NAN], rows(10, 10)).tolist() == [True, False]
    assert eligible([], np.zeros((0, 5))).tolist() == []


def test_the_newest_year_that_will_do_and_whether_it_fell_back() -> None:
    years, own = [2019, 2020, 2021, 2022], [1, 1, 1, 1]
    assert comparison_year(years, own, rows(20, 20, 20, 20)) == (2022, False)
    assert comparison_year(years, own, rows(20, 20, 20, 8)) == (2021, True)
    assert comparison_year(years, own, rows(20, 9, 9, 9)) == (2019, True)
    assert comparison_year(years, own, rows(4, 4, 4, 4)) == (None, False)
    assert comparison_year([], [], np.zeros((0, 3))) == (None, False)


def test_a_year_without_our_own_value_is_no_fall_back() -> None:
    assert comparison_year([2020, 2021], [1, NAN], rows(20, 20)) == (2020, False)


def test_only_years_until_the_period_are_chosen_but_the_best_year_may_come_later() -> None:
    years, own = [2019, 2020, 2021], [1, 1, 1]
    assert comparison_year(years, own, rows(12, 12, 12), until=2020) == (2020, False)
    assert comparison_year(years, own, rows(9, 8, 20), until=2020) == (None, False)
    assert comparison_year(years, own, rows(10, 8, 20), until=2020) == (2019, True)
    assert comparison_year(years, own, rows(12, 12, 12), until=2018) == (None, False)


def test_years_may_come_in_any_order() -> None:
    assert comparison_year([2021, 2019, 2020], [1, 1, 1], rows(4, 20, 20)) == (2020, True)


# ── learn from ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_learn_from_those_who_do_better_and_improved_most() -> None:
    now = [60, 70, 55, 80, NAN, 90, 50, 58]
    before = [50, 50, 54, 85, 10, NAN, 0, 57]
    codes = ["a", "b", "c", "d", "e", "f", "g", "h"]
    found = learn_from(50, now, before, codes, higher_is_better=True)
    assert [lesson.code for lesson in found] == ["b", "a", "c", "h"]
    assert found[0] == Lesson("b", 70.0, 50.0, 20.0)


def test_lower_is_better_turns_it_round() -> None:
    found = learn_from(50, [40, 60, 30], [60, 90, 25], ["a", "b", "c"], higher_is_better=False)
    assert [(lesson.code, lesson.improvement) for lesson in found] == [("a", 20.0)]


def test_at_most_five_and_ties_by_code() -> None:
    codes = ["g", "b", "f", "a", "e", "d"]
    found = learn_from(0, [2.0] * 6, [1.0] * 6, codes, higher_is_better=True)
    assert [lesson.code for lesson in found] == ["a", "b", "d", "e", "f"]
    assert [lesson.code for lesson in learn_from(0, [2.0] * 6, [1.0] * 6, codes, True, most=3)] == ["a", "b", "d"]


def test_nobody_to_learn_from() -> None:
    assert learn_from(50, [], [], [], higher_is_better=True) == []
    assert learn_from(50, [50.0], [40.0], ["a"], higher_is_better=True) == [], "as good is not better"
    assert learn_from(50, [60.0], [60.0], ["a"], higher_is_better=True) == [], "better, but not improved"
    assert learn_from(NAN, [60.0], [50.0], ["a"], higher_is_better=True) == []
