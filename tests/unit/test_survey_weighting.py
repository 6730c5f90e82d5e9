"""Weights from the design, and fitted to margins; what cannot be fitted says why."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.compute.weighting import (
    Weighted,
    WeightingError,
    design_weights,
    kish_effect,
    post_stratify,
    rake,
    response_weights,
    trim,
)  # fmt: skip


class TestDesign:
    def test_each_stands_for_as_many_as_were_not_drawn(self) -> None:
        found = design_weights(np.array(["a", "b", "a"]), {"a": 100, "b": 30}, {"a": 20, "b": 10})
        assert found.tolist() == [5, 3, 5]

    def test_answers_take_over_for_those_who_did_not(self) -> None:
        found = response_weights(np.array([7, 7, 8]), {7: 100, 8: 30})
        assert found.tolist() == [50, 50, 30]
        assert found.sum() == 130

    @pytest.mark.parametrize(
        ("population", "sampled", "told"),
        [
            ({"a": 10}, {"a": 5, "b": 5}, "stratum 'b' is missing in the population"),
            ({"a": 10, "b": 10}, {"a": 5}, "stratum 'b' is missing in the sample"),
            ({"a": 10, "b": 4}, {"a": 5, "b": 5}, "stratum 'b': 5 sampled of 4"),
            ({"a": 10, "b": 4}, {"a": 5, "b": 0}, "stratum 'b': 0 sampled of 4"),
        ],
    )
    def test_what_does_not_fit(self, population: Any, sampled: Any, told: str) -> None:
        with pytest.raises(WeightingError, match=told):
            design_weights(np.array(["a", "b"]), population, sampled)


class TestKish:
    def test_by_hand(self) -> None:
        assert kish_effect(np.array([1.0, 1, 4])) == pytest.approx(3 * 18 / 36)

    def test_equal_weights_cost_nothing(self) -> None:
        assert kish_effect(np.full(7, 0.3)) == pytest.approx(1)

    def test_no_weights(self) -> None:
        assert math.isnan(kish_effect(np.array([])))


class TestPostStratify:
    def test_by_hand(self) -> None:
        found = post_stratify(np.array([1.0, 3, 2]), np.array(["f", "f", "m"]), {"f": 8, "m": 10})
        assert found.weights.tolist() == [2, 6, 10]
        assert (found.iterations, found.smallest, found.largest) == (1, 2, 10)
        assert found.calibration().tolist() == [[1, 0], [1, 0], [0, 1]]
        assert found.base_weights.tolist() == [1, 3, 2]


def two_margins() -> tuple[np.ndarray, dict[str, Any]]:
    sex = np.array(["f", "f", "m", "m", "f", "m"])
    age = np.array([1, 2, 1, 2, 1, 2])
    return np.ones(6), {"sex": (sex, {"f": 50, "m": 60}), "age": (age, {1: 30, 2: 80})}


class TestRake:
    def test_every_margin_is_met(self) -> None:
        w, margins = two_margins()
        found = rake(w, margins)
        for labels, population in margins.values():
            for level, people in population.items():
                assert found.weights[labels == level].sum() == pytest.approx(people, rel=1e-8)
        assert found.iterations > 1
        assert found.kish == pytest.approx(kish_effect(found.weights))
        assert (found.smallest, found.largest) == (found.weights.min(), found.weights.max())

    def test_the_cross_ratio_of_the_data_is_kept(self) -> None:
        """What the margins do not say stays as it was answered."""
        w, margins = two_margins()
        found = rake(w, margins).weights
        cell = {(s, a): found[[i for i in range(6) if (margins["sex"][0][i], margins["age"][0][i]) == (s, a)]].sum()
                for s in "fm" for a in (1, 2)}  # fmt: skip
        assert cell["f", 1] * cell["m", 2] / (cell["f", 2] * cell["m", 1]) == pytest.approx((2 * 2) / (1 * 1))

    def test_the_order_of_margins_does_not_matter(self) -> None:
        w, margins = two_margins()
        turned = dict(reversed(margins.items()))
        np.testing.assert_allclose(rake(w, margins).weights, rake(w, turned).weights, rtol=1e-7)

    def test_what_fits_already_is_left_alone(self) -> None:
        w, margins = two_margins()
        first = rake(w, margins, tolerance=1e-13)
        again = rake(first.weights, margins)
        assert again.iterations == 1
        np.testing.assert_allclose(again.weights, first.weights, rtol=1e-12)

    @given(st.integers(0, 10**6), st.integers(20, 200), st.integers(1, 4))
    @settings(max_examples=60, deadline=None)
    def test_margins_that_some_weights_meet_are_met(self, seed: int, n: int, number: int) -> None:
        rng = np.random.default_rng(seed)
        labels = [rng.integers(0, rng.integers(1, 5), n) for _margin in range(number)]
        goal = rng.uniform(0.2, 5, n)
        margins = {
            str(place): (each, {int(level): float(goal[each == level].sum()) for level in np.unique(each)})
            for place, each in enumerate(labels)
        }
        found = rake(rng.uniform(0.5, 2, n), margins)
        for each, population in margins.values():
            for level, people in population.items():
                assert found.weights[each == level].sum() == pytest.approx(people, rel=2e-8)
        assert (found.weights > 0).all()
        matrix = found.calibration()
        assert matrix.sum(axis=1).tolist() == [number] * n

    def test_labels_of_any_kind_give_the_same(self) -> None:
        w, margins = two_margins()
        as_text = {name: (np.array([f"level {x}" for x in labels], dtype=object),
                          {f"level {level}": people for level, people in population.items()})
                   for name, (labels, population) in margins.items()}  # fmt: skip
        far_apart = {**margins, "age": (margins["age"][0] * 10**9, {10**9: 30, 2 * 10**9: 80})}
        for other in (as_text, far_apart):
            np.testing.assert_allclose(rake(w, other).weights, rake(w, margins).weights)

    def test_many_levels(self) -> None:
        """So many combinations that no table of them is kept."""
        rng = np.random.default_rng(1)
        n = 3000
        labels = [rng.integers(0, 300, n) for _margin in range(4)]
        goal = rng.uniform(0.9, 1.1, n)
        margins = {
            str(place): (each, {int(level): float(goal[each == level].sum()) for level in np.unique(each)})
            for place, each in enumerate(labels)
        }
        found = rake(np.ones(n), margins, most=5000)
        assert found.weights[labels[3] == 7].sum() == pytest.approx(margins["3"][1][7], rel=2e-8)


class TestRefusals:
    def refused(self, change: Any, told: str) -> None:
        w, margins = two_margins()
        change(margins)
        with pytest.raises(WeightingError, match=told):
            rake(w, margins)

    def test_a_level_that_the_margin_lacks(self) -> None:
        self.refused(
            lambda m: m.update(sex=(m["sex"][0], {"f": 110})),
            "sex: level 'm' is in the answers but not in the margin",
        )

    def test_a_level_that_nobody_answered(self) -> None:
        self.refused(
            lambda m: m.update(sex=(m["sex"][0], {"f": 50, "m": 50, "x": 10})),
            "sex: level 'x' is in the margin, but nobody answered there; merge it",
        )

    @pytest.mark.parametrize("people", [0, -5, math.nan])
    def test_an_empty_cell_of_the_population(self, people: float) -> None:
        self.refused(
            lambda m: m.update(sex=(m["sex"][0], {"f": 110, "m": people})), "sex: level 'm' has the population"
        )

    def test_totals_that_differ(self) -> None:
        self.refused(
            lambda m: m.update(age=(m["age"][0], {1: 30, 2: 70})), "age sums to 100, but sex to 110; make them the same"
        )

    def test_a_row_without_level(self) -> None:
        self.refused(
            lambda m: m.update(sex=(np.array(["f", None, "m", "m", "f", "m"], dtype=object), m["sex"][1])),
            "sex: row 1 has no level",
        )

    def test_labels_of_another_length(self) -> None:
        self.refused(lambda m: m.update(sex=(m["sex"][0][:5], m["sex"][1])), "sex: 5 labels for 6 weights")

    def test_margins_that_no_weights_can_meet(self) -> None:
        """Everybody of level a is of level x, and the margins want more of a than there are of x."""
        a, x = np.array(["a", "a", "b"]), np.array(["x", "x", "y"])
        with pytest.raises(WeightingError, match=r"still off by a part of .* after 1000 rounds"):
            rake(np.ones(3), {"first": (a, {"a": 60, "b": 40}), "second": (x, {"x": 50, "y": 50})})

    def test_margins_that_want_a_cell_to_vanish(self) -> None:
        a, x = np.array(["a", "a", "b"]), np.array(["x", "y", "y"])
        with pytest.raises(WeightingError, match="Merge levels"):
            rake(np.ones(3), {"first": (a, {"a": 50, "b": 50}), "second": (x, {"x": 60, "y": 40})})

    @pytest.mark.parametrize("weights", [[], [1, 0, 1, 1, 1, 1], [1, math.nan, 1, 1, 1, 1]])
    def test_weights(self, weights: list[float]) -> None:
        with pytest.raises(WeightingError, match="one number above 0 for each row"):
            rake(np.array(weights), two_margins()[1])

    def test_no_margins(self) -> None:
        with pytest.raises(WeightingError, match="at least one"):
            rake(np.ones(2), {})


class TestTrim:
    def test_by_hand(self) -> None:
        """Mean 2; nothing above 1.5 times it; what is cut is shared by all."""
        found = trim(np.array([1.0, 1, 1, 5]), most=1.5)
        assert found.tolist() == pytest.approx([8 / 6, 8 / 6, 8 / 6, 4])
        assert found.sum() == pytest.approx(8)

    def test_unasked_nothing_is_cut(self) -> None:
        assert trim(np.array([1.0, 100])).tolist() == [1, 100]

    def test_bounds_that_leave_the_mean_out(self) -> None:
        with pytest.raises(WeightingError, match="must have the mean, 1, between them"):
            trim(np.ones(3), most=0.5)


def test_weights_are_told_as_they_are() -> None:
    assert isinstance(rake(*two_margins()), Weighted)
