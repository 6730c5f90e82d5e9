"""Survey estimates: domains, missing answers, edges, refusals, and the table against one figure at a time."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, t

from surveys.compute.estimation import Design, DesignError, Estimate, mean, quantile, ratio, share, table, total

NAN = math.nan


def fields(estimate: Estimate) -> list[float]:
    return [estimate.value, estimate.se, estimate.lower, estimate.upper, estimate.n, estimate.df]


def simple(n: int = 10) -> Design:
    return Design(np.full(n, 3.0))


class TestOneFigure:
    def test_mean_of_a_simple_sample(self) -> None:
        y = np.arange(10.0)
        found = mean(simple(), y)
        reach = t.ppf(0.975, 9) * y.std(ddof=1) / math.sqrt(10)
        assert fields(found) == pytest.approx([4.5, y.std(ddof=1) / math.sqrt(10), 4.5 - reach, 4.5 + reach, 10, 9])

    def test_total_counts_people(self) -> None:
        found = total(simple(), np.ones(10))
        assert (found.value, found.se) == (30, 0)

    def test_a_missing_answer_is_outside_the_domain(self) -> None:
        y = np.array([1.0, 2, NAN, 4, 5, NAN, 7, 8, 9, 10])
        kept = ~np.isnan(y)
        assert fields(mean(simple(), y)) == fields(mean(simple(), np.nan_to_num(y), kept))

    @pytest.mark.parametrize("given", [0.0, 1.0])
    def test_one_answer_has_no_interval_even_where_all_say_the_same(self, given: float) -> None:
        y = np.array([given, *[NAN] * 9])
        found, row = share(simple(), y), table(simple(), y[:, None], np.ones((10, 1), dtype=bool))
        assert (found.value, found.n, found.df) == (given, 1, 0)
        assert np.isnan([found.se, found.lower, found.upper, row["lower"][0, 0], row["upper"][0, 0]]).all()

    def test_zero_is_an_answer(self) -> None:
        assert mean(simple(), np.zeros(10)).value == 0
        assert mean(simple(), np.zeros(10)).n == 10

    def test_a_domain_keeps_the_whole_design(self) -> None:
        """How many of a sample fall into a group is chance too; a design of the group alone would forget it."""
        strata = np.repeat([1, 2], 5)
        inside = np.array([1, 1, 0, 0, 0, 1, 1, 1, 1, 0], dtype=bool)
        whole = Design(np.ones(10), strata)
        assert total(whole, np.ones(10), inside).se > 0
        assert total(Design(np.ones(6), strata[inside]), np.ones(6)).se == 0

    def test_degrees_of_freedom_are_those_of_the_domain(self) -> None:
        design = Design(np.ones(8), np.repeat([1, 2], 4), np.array([1, 1, 2, 3, 1, 2, 2, 3]))
        assert mean(design, np.arange(8.0)).df == 6 - 2
        only_first = np.arange(8) < 4
        assert mean(design, np.arange(8.0), only_first).df == 3 - 1

    def test_weights_of_another_size_change_no_mean_and_no_error(self) -> None:
        y, w = np.array([1.0, 5, 2, 8, 4]), np.array([1.0, 2, 3, 1, 2])
        assert fields(mean(Design(w), y)) == pytest.approx(fields(mean(Design(1000 * w), y)))

    def test_who_was_asked_wholly_has_no_error(self) -> None:
        found = mean(Design(np.ones(5), population={"all": 5}), np.arange(5.0))
        assert (found.value, found.se) == (2, 0)

    def test_ratio_takes_those_who_have_both(self) -> None:
        over, under = np.array([1.0, 2, NAN, 4]), np.array([2.0, NAN, 3, 8])
        found = ratio(simple(4), over, under)
        assert (found.value, found.n) == (0.5, 2)

    def test_ratio_over_nothing(self) -> None:
        found = ratio(simple(3), np.ones(3), np.zeros(3))
        assert math.isnan(found.value)
        assert found.n == 3

    @pytest.mark.parametrize("estimate", [total, mean, share])
    def test_nobody_answered(self, estimate: Any) -> None:
        found = estimate(simple(), np.full(10, NAN))
        assert found.n == 0
        assert all(map(math.isnan, [found.value, found.se, found.lower, found.upper, found.df]))

    def test_one_answer_has_no_error(self) -> None:
        y = np.where(np.arange(10) == 3, 5.0, NAN)
        found = mean(simple(), y)
        assert (found.value, found.n, found.df) == (5, 1, 0)
        assert math.isnan(found.se)
        assert math.isnan(found.lower)


class TestShare:
    def test_logit_interval_by_hand(self) -> None:
        y = np.array([1.0] * 30 + [0.0] * 10)
        found = share(simple(40), y)
        se = math.sqrt(0.75 * 0.25 / 39)
        reach = t.ppf(0.975, 39) * se / (0.75 * 0.25)
        bounds = [1 / (1 + math.exp(-(math.log(3) + side * reach))) for side in (-1, 1)]
        assert [found.value, found.se, found.lower, found.upper] == pytest.approx([0.75, se, *bounds])

    @pytest.mark.parametrize(("n", "level"), [(12, 0.95), (50, 0.9)])
    def test_all_and_nobody_have_the_bound_of_clopper_and_pearson(self, n: int, level: float) -> None:
        nobody, everybody = share(simple(n), np.zeros(n), level=level), share(simple(n), np.ones(n), level=level)
        bound = beta.ppf(1 - (1 - level) / 2, 1, n)
        assert (nobody.value, nobody.lower, nobody.upper) == (0, 0, pytest.approx(bound))
        assert (everybody.value, everybody.lower, everybody.upper) == (1, pytest.approx(1 - bound), 1)
        assert nobody.se * t.ppf((1 + level) / 2, n - 1) == pytest.approx(bound)

    def test_unequal_weights_say_less(self) -> None:
        y = np.zeros(20)
        even, uneven = Design(np.ones(20)), Design(np.r_[np.ones(10), np.full(10, 9.0)])
        assert share(uneven, y).upper > share(even, y).upper

    def test_the_mirror_of_a_share(self) -> None:
        y = np.array([1.0, 0, 0, 1, 0, 0, 0, 1, 0, 0])
        yes, no = share(simple(), y), share(simple(), 1 - y)
        assert [1 - no.value, no.se, 1 - no.upper, 1 - no.lower] == pytest.approx(
            [yes.value, yes.se, yes.lower, yes.upper]
        )

    def test_only_one_and_zero_are_counted(self) -> None:
        with pytest.raises(DesignError, match=r"1 for yes and 0 for no, but there is 4"):
            share(simple(3), np.array([1.0, 4, 0]))


class TestQuantile:
    def test_the_least_answer_that_reaches_half(self) -> None:
        assert quantile(simple(4), np.array([4.0, 1, 3, 2]), 0.5).value == 2
        assert quantile(simple(5), np.array([4.0, 1, 3, 2, 9]), 0.5).value == 3

    def test_weights_move_it(self) -> None:
        assert quantile(Design(np.array([1.0, 1, 10])), np.array([1.0, 2, 3]), 0.5).value == 3

    def test_bounds_are_answers(self) -> None:
        y = np.arange(200.0)
        found = quantile(simple(200), y, 0.5)
        assert found.lower in y
        assert found.upper in y
        assert found.lower < found.value < found.upper

    def test_no_bound_beyond_the_answers(self) -> None:
        found = quantile(simple(10), np.arange(10.0), 0.95)
        assert math.isnan(found.upper)
        assert math.isnan(found.se)

    @pytest.mark.parametrize("q", [0, 1, -0.1, NAN])
    def test_a_level_between_nothing_and_all(self, q: float) -> None:
        with pytest.raises(DesignError, match="give a number between 0 and 1"):
            quantile(simple(), np.arange(10.0), q)


class TestRefusals:
    @pytest.mark.parametrize("weight", [0, -1, NAN, math.inf])
    def test_weights(self, weight: float) -> None:
        with pytest.raises(DesignError, match="weights: row 1 has"):
            Design(np.array([1.0, weight]))

    def test_one_unit_in_a_stratum(self) -> None:
        with pytest.raises(DesignError, match=r"only one primary unit in 'b', .* lonely=\"adjust\""):
            Design(np.ones(4), np.array(["a", "a", "a", "b"]))

    def test_one_unit_may_be_adjusted_for(self) -> None:
        design = Design(np.ones(4), np.array(["a", "a", "a", "b"]), lonely="adjust")
        found = mean(design, np.array([1.0, 2, 3, 6]))
        # By hand: scores (y − 3)/4; in a squares about their mean −1/4, times 3/2; in b the one about 0.
        assert found.se**2 == pytest.approx(1.5 * (1 / 16 + 0 + 1 / 16) + (3 / 4) ** 2)

    def test_one_unit_that_is_the_whole_stratum_is_no_chance(self) -> None:
        design = Design(np.ones(3), np.array(["a", "a", "b"]), population={"a": 10, "b": 1})
        assert mean(design, np.array([1.0, 2, 3])).se > 0

    def test_a_stratum_that_the_population_lacks(self) -> None:
        with pytest.raises(DesignError, match="stratum 'b' is missing"):
            Design(np.ones(4), np.array(["a", "a", "b", "b"]), population={"a": 5})

    def test_a_population_smaller_than_the_sample(self) -> None:
        with pytest.raises(DesignError, match="has 1 primary units, but 2 are in the sample"):
            Design(np.ones(2), np.array(["a", "a"]), population={"a": 1})

    def test_a_label_that_is_missing(self) -> None:
        with pytest.raises(DesignError, match="strata: row 1 has no label"):
            Design(np.ones(2), np.array(["a", None], dtype=object))

    @pytest.mark.parametrize("part", ["strata", "clusters", "calibration", "base_weights"])
    def test_parts_of_another_length(self, part: str) -> None:
        given_part = np.ones((3, 1)) if part == "calibration" else np.ones(3)
        with pytest.raises(DesignError, match=f"{part}: 3 rows, but there are 2 weights"):
            Design(np.ones(2), **{part: given_part})

    def test_answers_of_another_length(self) -> None:
        with pytest.raises(DesignError, match="give one a respondent"):
            mean(simple(3), np.ones(4))

    def test_an_infinite_answer(self) -> None:
        with pytest.raises(DesignError, match="infinite"):
            mean(simple(2), np.array([1.0, math.inf]))
        with pytest.raises(DesignError, match="infinite"):
            table(simple(2), np.array([[1.0], [math.inf]]), np.ones((2, 1), dtype=bool), kind="mean")

    def test_a_domain_that_is_none(self) -> None:
        with pytest.raises(DesignError, match="truth values"):
            mean(simple(2), np.ones(2), np.array([1, 0]))


@st.composite
def surveys(draw: Any) -> tuple[Design, np.ndarray, np.ndarray, str]:
    """A design with anything that it can have, answers with gaps, groups of any size, also empty ones."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, q, g = draw(st.integers(6, 60)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    strata = np.arange(n) % draw(st.integers(1, 3))
    few = draw(st.booleans())
    base = rng.integers(1, 4, n).astype(float) if few else rng.uniform(0.5, 3, n)
    weights = base * (1 + 0.5 * (strata == 1))
    levels = rng.integers(0, 3, (n, 2))
    calibration = np.hstack([np.eye(3)[levels[:, 0]], np.eye(3)[levels[:, 1]]]) if draw(st.booleans()) else None
    clusters = np.arange(n) // 2 if draw(st.booleans()) else None
    population = dict.fromkeys(range(3), n + 5) if draw(st.booleans()) else None
    design = Design(weights, strata, clusters, population, calibration, "adjust", base if draw(st.booleans()) else None)
    kind = draw(st.sampled_from(["share", "mean"]))
    y = rng.integers(0, 2, (n, q)).astype(float) if kind == "share" else rng.normal(1e4, 1, (n, q))
    y[rng.random((n, q)) < 0.2] = NAN
    return design, y, rng.random((n, g)) < rng.choice([0, 0.1, 0.5, 1]), kind


class TestTable:
    @given(surveys())
    @settings(max_examples=150, deadline=None)
    def test_is_what_one_figure_at_a_time_gives(self, survey: tuple[Design, np.ndarray, np.ndarray, Any]) -> None:
        design, y, domains, kind = survey
        found = table(design, y, domains, kind=kind)
        for question, group in np.ndindex(found["value"].shape):
            one = {"share": share, "mean": mean}[kind](design, y[:, question], domains[:, group])
            got = [found[name][question, group] for name in ("value", "se", "lower", "upper", "n", "df")]
            np.testing.assert_allclose(got, fields(one), rtol=1e-7, atol=1e-12)

    def test_an_error_that_cancels_is_still_right(self) -> None:
        """The margins explain the answers but for one in a million parts of their spread."""
        rng = np.random.default_rng(3)
        level = rng.integers(0, 4, 400)
        y = (1000.0 * level + 1e-4 * rng.normal(size=400))[:, None]
        design = Design(np.ones(400), calibration=np.eye(4)[level])
        found = table(design, y, np.ones((400, 1), dtype=bool), kind="mean")
        assert found["se"][0, 0] == pytest.approx(mean(design, y[:, 0]).se, rel=1e-6)
        assert found["se"][0, 0] == pytest.approx(1e-4 / 20, rel=0.1)

    def test_counts_are_whole_numbers(self) -> None:
        found = table(simple(3), np.array([[1.0], [NAN], [0.0]]), np.ones((3, 1), dtype=bool))
        assert found["n"].dtype.kind == "i"
        assert found["n"].tolist() == [[2]]

    def test_no_respondents(self) -> None:
        found = table(Design(np.empty(0)), np.empty((0, 2)), np.empty((0, 3), dtype=bool))
        assert found["value"].shape == (2, 3)
        assert np.isnan(found["value"]).all()
        assert (found["n"] == 0).all()

    def test_shapes(self) -> None:
        with pytest.raises(DesignError, match="two tables with 3 rows each"):
            table(simple(3), np.ones((4, 1)), np.ones((3, 1), dtype=bool))
