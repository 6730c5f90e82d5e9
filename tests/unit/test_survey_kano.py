"""Kano's categories from pairs of questions (METHODS §5.6)."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.compute.kano import Category, Kano, berger, coefficients, fong, kano, tally

NAN = math.nan
M, O, A, I, R, Q = Category  # noqa: E741

# The table as it is printed, a row for each answer to “with it”: like, expect, neutral, accept, dislike.
PRINTED = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
LETTERS = {"M": M, "O": O, "A": A, "I": I, "R": R, "Q": Q}


def counted(**numbers: int) -> dict[Category, int]:
    return {category: numbers.get(letter, 0) for letter, category in LETTERS.items()}


def answered(**numbers: int) -> Kano:
    """Everybody's answers for so many of each category, one pair of answers standing for it."""
    pairs = {"M": (2, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "R": (5, 1), "Q": (1, 1)}
    rows = [pairs[letter] for letter, count in numbers.items() for _ in range(count)]
    answer = kano([a for a, _ in rows], [b for _, b in rows])
    assert answer is not None
    return answer


@pytest.mark.parametrize("row", range(5))
@pytest.mark.parametrize("column", range(5))
def test_the_table(row: int, column: int) -> None:
    assert tally([row + 1], [column + 1])[LETTERS[PRINTED[row][column]]] == 1


def test_who_answered_only_one_of_the_two_is_left_out() -> None:
    counts = tally([1, NAN, 1, 3], [5, 5, NAN, 3])
    assert counts == counted(O=1, I=1)
    assert kano([NAN, 1], [1, NAN]) is None


@pytest.mark.parametrize("wrong", [0, 6, 2.5])
def test_other_codes_are_an_error(wrong: float) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        kano([1, wrong], [1, 1])


def test_the_mode_and_its_ties() -> None:
    assert answered(I=10, A=9, M=2).mode == I
    order = "MOAIRQ"
    for first, second in pairwise(order):
        assert answered(**{second: 7, first: 7}).mode == LETTERS[first]
    assert answered(Q=5, R=5, I=5, A=5, O=5, M=5).mode == M


def test_bergers_rule_asks_first_whether_it_matters() -> None:
    """I is named most often, but more answered one of O, A, M than one of I, R, Q."""
    assert berger(counted(I=40, A=25, O=20, M=10, R=5)) == A
    assert answered(I=40, A=25, O=20, M=10, R=5).mode == I
    assert berger(counted(A=30, O=20, I=29, R=21)) == I, "as many on both sides: not more"
    assert berger(counted(A=30, O=21, I=29, R=21)) == A
    assert berger(counted(R=3, Q=4, I=2, M=8)) == Q
    assert berger(counted(O=6, M=6, A=6, I=1)) == M


def test_fongs_test_at_its_bound() -> None:
    """n = 100, a = 40, b = 25: 1.65·√(65·135/200) = 10.93 ≤ 15; with b = 30: 1.65·√(70·130/200) = 11.13 > 10."""
    assert fong(counted(A=40, I=25, O=20, M=15))
    assert not fong(counted(A=40, I=30, O=20, M=10))
    mixed, clear = answered(A=40, I=30, O=20, M=10), answered(A=40, I=25, O=20, M=15)
    assert (mixed.verdict, mixed.separated) == (None, False)
    assert (clear.verdict, clear.separated) == (A, True)


def test_fong_with_one_category_or_one_answer() -> None:
    assert fong(counted(M=20)), "20 against 0: 1.65·√(20·20/40) = 5.2"
    assert not fong(counted(M=1)), "1 against 0: 1.65·√(1/2) = 1.17"
    assert not fong(counted(M=7, A=7))
    assert not fong(counted())


def test_coefficients() -> None:
    better, worse = coefficients(counted(A=10, O=20, M=30, I=40, R=50, Q=60))
    assert (better, worse) == pytest.approx((0.30, -0.50))
    assert all(math.isnan(c) for c in coefficients(counted(R=3, Q=2)))
    assert coefficients(counted(I=5)) == (0.0, 0.0)


answers = st.one_of(st.just(NAN), st.integers(1, 5).map(float))


@given(st.lists(st.tuples(answers, answers), max_size=80))
def test_nothing_is_lost_and_coefficients_stay_in_bounds(rows: list[tuple[float, float]]) -> None:
    with_it, without_it = np.array(rows).reshape(-1, 2).T
    complete = int((~np.isnan(with_it) & ~np.isnan(without_it)).sum())
    answer = kano(with_it, without_it)
    if answer is None:
        assert complete == 0
        return
    assert answer.n == complete == sum(answer.counts.values())
    assert answer.counts[answer.mode] == max(answer.counts.values())
    assert answer.verdict in (None, answer.mode)
    if not math.isnan(answer.better):
        assert 0 <= answer.better <= 1
        assert -1 <= answer.worse <= 0


@given(st.lists(st.tuples(answers, answers), min_size=1, max_size=40))
def test_asking_the_other_way_round_turns_what_is_wanted_into_its_reverse(rows: list[tuple[float, float]]) -> None:
    """With and without exchanged: what was liked with it is now liked without it."""
    with_it, without_it = np.array(rows).T
    counts, turned = tally(with_it, without_it), tally(without_it, with_it)
    wanted = counts[M] + counts[O] + counts[A]
    assert turned[R] == wanted
    assert (turned[I], turned[Q]) == (counts[I], counts[Q])
