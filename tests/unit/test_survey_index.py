"""The satisfaction index of a person."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from surveys.compute.estimation import Design, mean
from surveys.compute.index import five_point, item_scores, nki, person_index

NAN = np.nan


def test_three_items_on_ten_grades() -> None:
    found = nki(np.array([[1.0, 1, 1], [10, 10, 10], [8, 7, 6]]))
    assert found.tolist() == pytest.approx([0, 100, (7 - 1) * 100 / 9])


def test_the_index_of_all_is_that_of_the_mean_grade() -> None:
    """(mean − 1)·100/9, weighted: computed by person and then estimated, it is the same number, with an interval."""
    rng = np.random.default_rng(4)
    items, w = rng.integers(1, 11, (40, 3)).astype(float), rng.uniform(1, 3, 40)
    found = mean(Design(w), nki(items))
    assert found.value == pytest.approx((np.average(items.mean(axis=1), weights=w) - 1) * 100 / 9)
    assert found.se > 0


def test_five_points() -> None:
    assert five_point(np.array([1.0, 2, 3, 4, 5])).tolist() == [0, 25, 50, 75, 100]


def test_a_missing_item_makes_the_others_carry_its_weight() -> None:
    items = np.array([[10.0, NAN, 1], [NAN, NAN, 10], [NAN, NAN, NAN]])
    assert person_index(items, 1, 10, [2, 1, 1], least=1).tolist() == pytest.approx([200 / 3, 100, NAN], nan_ok=True)
    assert person_index(items, 1, 10, [2, 1, 1], least=2).tolist() == pytest.approx([200 / 3, NAN, NAN], nan_ok=True)
    assert np.isnan(person_index(items, 1, 10)).all()


def test_only_items_without_weight() -> None:
    assert np.isnan(person_index(np.array([[5.0, NAN]]), 1, 10, [0, 1], least=1)).all()


def test_the_lowest_answer_is_a_value() -> None:
    assert person_index(np.array([[1.0, 1.0]]), 1, 10).tolist() == [0]


@given(arrays(float, (5, 3), elements=st.integers(1, 10)), st.lists(st.floats(0.1, 9), min_size=3, max_size=3))
def test_it_lies_between_its_lowest_and_its_highest_item(items: np.ndarray, weights: list[float]) -> None:
    found, scores = person_index(items, 1, 10, weights), item_scores(items, 1, 10)
    assert (found >= scores.min(axis=1) - 1e-9).all()
    assert (found <= scores.max(axis=1) + 1e-9).all()
    np.testing.assert_allclose(found, person_index(items, 1, 10, [7 * w for w in weights]))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: nki(np.array([[0.0, 5, 5]])), "0 is outside the scale 1–10"),
        (lambda: nki(np.ones((2, 2))), "has 3 items"),
        (lambda: item_scores(np.ones(2), 5, 5), "has no length"),
        (lambda: person_index(np.ones((1, 2)), 1, 5, [1, -1]), "2 numbers of at least 0"),
        (lambda: person_index(np.ones((1, 2)), 1, 5, [0, 0]), "not all of them 0"),
        (lambda: person_index(np.ones((1, 2)), 1, 5, least=3), "a number from 1 to 2"),
        (lambda: person_index(np.ones(3), 1, 5), "a column an item"),
    ],
)
def test_refusals(call: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call()  # type: ignore[operator]
