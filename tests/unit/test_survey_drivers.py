"""Drivers of satisfaction and the priority matrix (METHODS §5.5)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.compute.drivers import (
    Driver,
    Drivers,
    Reason,
    Refusal,
    drivers,
    lmg,
    weighted_covariance,
)
from surveys.compute.priorities import Quadrant, matrix, quadrant

NAN = math.nan


def sample(n: int, effects: list[float], noise: float = 1.0, seed: int = 5) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """An outcome, answers that go together by a common mood, and their names."""
    generator = np.random.default_rng(seed)
    mood = generator.normal(size=(n, 1))
    answers = np.clip(np.round(3 + mood + generator.normal(size=(n, len(effects)))), 1, 5)
    return answers @ effects + noise * generator.normal(size=n), answers, [f"q{i}" for i in range(len(effects))]


def found(*args: object, **kwargs: object) -> Drivers:
    answer = drivers(*args, **{"seed": 1, **kwargs})  # type: ignore[arg-type]
    assert isinstance(answer, Drivers)
    return answer


def refused(*args: object, **kwargs: object) -> Refusal:
    answer = drivers(*args, **{"seed": 1, **kwargs})  # type: ignore[arg-type]
    assert isinstance(answer, Refusal)
    return answer


def by_name(answer: Drivers) -> dict[str, Driver]:
    return {driver.name: driver for driver in answer.drivers}


class TestShares:
    def test_uncorrelated_drivers_share_by_their_squared_correlations(self) -> None:
        covariance = np.array([[1, 0, 0.6], [0, 4, 1.0], [0.6, 1.0, 1]])
        assert lmg(covariance) == pytest.approx([0.36, 0.25])

    def test_two_correlated_drivers_by_hand(self) -> None:
        """r1 = 0.5, r2 = 0.4, r12 = 0.3: R² = (0.25 + 0.16 − 2·0.5·0.4·0.3)/0.91 = 0.29/0.91; first r1² alone, then
        what is left after the other, halved."""
        both = 0.29 / 0.91
        shares = lmg([[1, 0.3, 0.5], [0.3, 1, 0.4], [0.5, 0.4, 1]])
        assert shares == pytest.approx([(0.25 + both - 0.16) / 2, (0.16 + both - 0.25) / 2])

    def test_twins_share_alike_and_a_mixture_of_others_does_not_break_it(self) -> None:
        outcome, answers, _names = sample(300, [1.0, 0.5])
        alone = lmg(weighted_covariance(np.column_stack([answers, outcome]), np.ones(300)))
        twins = lmg(weighted_covariance(np.column_stack([answers, answers[:, :1], outcome]), np.ones(300)))
        assert twins[0] == pytest.approx(twins[2])
        assert twins.sum() == pytest.approx(alone.sum())

    def test_a_driver_that_does_not_vary_adds_nothing(self) -> None:
        assert lmg([[0, 0, 0], [0, 1, 0.5], [0, 0.5, 1]]) == pytest.approx([0, 0.25])

    def test_an_outcome_that_does_not_vary_has_no_shares(self) -> None:
        assert np.isnan(lmg([[1, 0], [0, 0]])).all()

    def test_a_stack_of_matrices_is_each_of_them(self) -> None:
        matrices = [
            weighted_covariance(np.column_stack([answers, outcome]), np.ones(50))
            for outcome, answers, _ in (sample(50, [1.0, 0.2, 0.4], seed=seed) for seed in range(11))
        ]
        assert lmg(np.array(matrices)) == pytest.approx(np.array([lmg(matrix) for matrix in matrices]), abs=1e-14)

    @pytest.mark.parametrize("size", [0, 16])
    def test_too_many_or_none_are_an_error(self, size: int) -> None:
        with pytest.raises(ValueError, match="1 to 15"):
            lmg(np.eye(size + 1))

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 7), st.integers(0, 10**6))
    def test_they_sum_to_r_squared_and_none_is_negative(self, size: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        data = generator.normal(size=(40, size + 1)) @ generator.normal(size=(size + 1, size + 1))
        weights = generator.uniform(0.1, 5, 40)
        shares = lmg(weighted_covariance(data, weights))
        root = np.sqrt(weights)[:, None]
        design = root * np.column_stack([np.ones(40), data[:, :-1]])
        residual = root[:, 0] * data[:, -1] - design @ np.linalg.lstsq(design, root[:, 0] * data[:, -1])[0]
        mean = weights @ data[:, -1] / weights.sum()
        assert shares.sum() == pytest.approx(1 - residual @ residual / (weights @ (data[:, -1] - mean) ** 2))
        assert (shares > -1e-12).all()

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10**6), st.permutations(range(4)), st.floats(-1000, 1000), st.floats(0.01, 100))
    def test_order_place_and_unit_play_no_part(self, seed: int, order: list[int], shift: float, unit: float) -> None:
        data = np.random.default_rng(seed).normal(size=(30, 5))
        plain = lmg(weighted_covariance(data, np.ones(30)))
        moved = data[:, [*order, 4]] * [unit, -unit, 1, 1, unit] + shift
        assert lmg(weighted_covariance(moved, np.ones(30))) == pytest.approx(plain[order], rel=1e-6, abs=1e-9)


class TestCovariance:
    def test_a_weight_of_three_is_three_people(self) -> None:
        data = np.array([[1.0, 2.0], [2.0, 1.0], [5.0, 9.0]])
        thrice = np.repeat(data, [3, 1, 1], axis=0)
        assert weighted_covariance(data, [3, 1, 1]) == pytest.approx(np.cov(thrice.T, bias=True))

    def test_a_constant_has_none(self) -> None:
        assert weighted_covariance(np.full((7, 1), 0.1), np.linspace(0.1, 1, 7))[0, 0] < 1e-30


class TestDrivers:
    def test_the_strongest_comes_first_with_shares_interval_and_ranks(self) -> None:
        outcome, answers, names = sample(600, [0.1, 1.0, 0.0])
        answer = found(outcome, answers, names)
        assert [driver.rank for driver in answer.drivers] == [1, 2, 3]
        assert answer.drivers[0].name == "q1"
        assert sum(driver.share for driver in answer.drivers) == pytest.approx(answer.r_squared)
        assert sum(driver.normalised for driver in answer.drivers) == pytest.approx(1)
        assert all(driver.lower < driver.share < driver.upper for driver in answer.drivers)
        assert answer.n == 600
        assert answer.draws == 500

    def test_the_sign_is_that_of_the_correlation(self) -> None:
        outcome, answers, names = sample(400, [1.0, 1.0])
        answers[:, 1] = 6 - answers[:, 1]
        answer = by_name(found(outcome, answers, names))
        assert (answer["q0"].sign, answer["q1"].sign) == (1, -1)
        assert answer["q0"].correlation == pytest.approx(np.corrcoef(outcome, answers[:, 0])[0, 1])

    def test_ranks_that_the_bootstrap_does_not_separate_are_told(self) -> None:
        outcome, answers, names = sample(500, [0.5, 0.5, 0.0, 1.5])
        answer = by_name(found(outcome, answers, names))
        assert answer["q3"].alike == ()
        assert (answer["q3"].best_rank, answer["q3"].worst_rank) == (1, 1)
        assert answer["q0"].alike == ("q1",)
        assert {(answer[name].best_rank, answer[name].worst_rank) for name in ("q0", "q1")} == {(2, 3)}
        assert (answer["q2"].best_rank, answer["q2"].worst_rank) == (4, 4)

    def test_the_seed_decides_the_interval_and_nothing_else(self) -> None:
        outcome, answers, names = sample(200, [0.5, 0.4])
        one, same, other = (found(outcome, answers, names, seed=seed) for seed in (7, 7, 8))
        assert one == same
        assert [d.share for d in one.drivers] == [d.share for d in other.drivers]
        assert [d.lower for d in one.drivers] != [d.lower for d in other.drivers]

    def test_who_left_out_one_answer_is_left_out_and_a_zero_is_an_answer(self) -> None:
        outcome, answers, names = sample(150, [1.0, 0.5])
        answers -= 3
        gappy, silent = answers.copy(), outcome.copy()
        gappy[:10, 0], silent[10:15] = NAN, NAN
        assert (gappy == 0).any()
        answer = found(silent, gappy, names)
        assert answer.n == 135
        assert answer == found(outcome[15:], answers[15:], names)

    def test_weights_count_and_nobody_without_one_does(self) -> None:
        outcome, answers, names = sample(300, [1.0, 0.2])
        twice = np.where(np.arange(300) < 100, 2.0, 1.0)
        assert [d.share for d in found(outcome, answers, names, twice).drivers] == pytest.approx(
            [d.share for d in found(np.r_[outcome, outcome[:100]], np.r_[answers, answers[:100]], names).drivers]
        )
        none = np.where(np.arange(300) < 100, 0.0, 1.0)
        assert found(outcome, answers, names, none).n == 200

    def test_an_outcome_that_hardly_varies_loses_draws_and_says_so(self) -> None:
        outcome, answers, names = np.zeros(120), np.zeros((120, 1)), ["q0"]
        outcome[0] = answers[0, 0] = answers[1, 0] = 1.0
        answer = found(outcome, answers, names)
        assert answer.drivers[0].share == pytest.approx(1 * 118 / (2 * 119))
        assert 200 < answer.draws < 400

    def test_shapes_that_do_not_fit_are_an_error(self) -> None:
        with pytest.raises(ValueError, match="names"):
            drivers(np.ones(3), np.ones((3, 2)), ["a"], seed=1)


class TestRefusals:
    def test_too_many_drivers(self) -> None:
        outcome, answers, names = sample(1000, [1.0] * 16)
        assert refused(outcome, answers, names) == Refusal(Reason.TOO_MANY_DRIVERS, 16, 15)
        assert len(found(outcome, answers[:, :15], names[:15], draws=3).drivers) == 15

    @pytest.mark.parametrize(("n", "size", "needed"), [(99, 2, 100), (100, 10, 100), (109, 11, 110)])
    def test_a_hundred_answers_and_ten_a_driver(self, n: int, size: int, needed: int) -> None:
        outcome, answers, names = sample(needed, [1.0] * size)
        assert found(outcome, answers, names, draws=2).n == needed
        if n < needed:
            refusal = refused(outcome[:n], answers[:n], names)
            assert refusal == Refusal(Reason.TOO_FEW_ANSWERS, n, needed)

    def test_a_driver_or_an_outcome_that_nobody_answered(self) -> None:
        outcome, answers, names = sample(150, [1.0, 1.0])
        answers[:, 1] = NAN
        assert refused(outcome, answers, names).names == ("q1",)
        assert refused(np.full(150, NAN), answers[:, :1], names[:1]) == Refusal(
            Reason.NOT_ANSWERED, 0, 100, ("outcome",)
        )
        assert refused(outcome, np.empty((150, 0)), []).reason == Reason.NOT_ANSWERED

    def test_a_driver_that_does_not_vary_among_those_who_answered_all(self) -> None:
        outcome, answers, names = sample(150, [1.0, 1.0])
        answers[:, 1] = 4.0
        answers[0, :] = (NAN, 1.0)
        assert refused(outcome, answers, names) == Refusal(Reason.NO_VARIATION, 1, 2, ("q1",))

    def test_r_squared_below_a_tenth(self) -> None:
        """Exactly a tenth is enough: with r = √0.1 and one driver R² is 0.1."""
        answers = np.tile([-1.0, 1.0], 100)
        across = np.repeat([-1.0, 1.0], 100)
        exactly = np.sqrt(0.1) * answers + np.sqrt(0.9) * across
        assert found(exactly, answers[:, None], ["q"], draws=2).r_squared == pytest.approx(0.1)
        weaker = np.sqrt(0.099) * answers + np.sqrt(0.901) * across
        refusal = refused(weaker, answers[:, None], ["q"])
        assert (refusal.reason, refusal.needed) == (Reason.TOO_WEAK, 0.10)
        assert refusal.found == pytest.approx(0.099)


class TestPriorities:
    def test_the_four_quadrants(self) -> None:
        answer = matrix([40, 80, 80, 40], [0.3, 0.3, 0.1, 0.1])
        assert (answer.grade_cut, answer.importance_cut) == pytest.approx((60, 0.2))
        assert answer.quadrants == (
            Quadrant.PRIORITISE,
            Quadrant.IMPROVE_IF_POSSIBLE,
            Quadrant.KEEP,
            Quadrant.LOWER_PRIORITY,
        )

    def test_on_a_line_counts_as_high(self) -> None:
        assert quadrant(60, 0.1, grade_cut=60, importance_cut=0.2) == Quadrant.KEEP
        assert quadrant(59, 0.1 + 0.2, grade_cut=60, importance_cut=0.3) == Quadrant.PRIORITISE
        assert set(matrix([0.1] * 3, [0.7] * 3).quadrants) == {Quadrant.IMPROVE_IF_POSSIBLE}

    def test_what_lacks_a_number_has_no_place_and_moves_no_line(self) -> None:
        answer = matrix([40, 80, NAN, 1000], [0.3, 0.1, 9, NAN])
        assert (answer.grade_cut, answer.importance_cut) == pytest.approx((60, 0.2))
        assert answer.quadrants == (Quadrant.PRIORITISE, Quadrant.KEEP, None, None)
        empty = matrix([NAN], [1])
        assert math.isnan(empty.grade_cut)
        assert empty.quadrants == (None,)

    def test_zero_is_a_grade_and_an_importance(self) -> None:
        assert matrix([0, 10], [0, 1]).quadrants == (Quadrant.LOWER_PRIORITY, Quadrant.IMPROVE_IF_POSSIBLE)
