"""The expectation gap of paired questions (METHODS §5.6)."""

import math

import numpy as np
import pytest

from surveys.compute.estimation import Design, mean
from surveys.compute.gaps import expectation_gap

NAN = math.nan


def test_a_gap_by_hand() -> None:
    """Differences −1, −2, 0, −1: mean −1, s = √(2/3), SE = s/√4, t with 3 degrees of freedom 3.182."""
    gap = expectation_gap(Design(np.ones(4)), [5, 5, 3, 4], [4, 3, 3, 3])
    assert gap.gap.value == pytest.approx(-1)
    assert gap.gap.se == pytest.approx(math.sqrt(2 / 3) / 2)
    assert gap.gap.lower == pytest.approx(-1 - 3.182446 * math.sqrt(2 / 3) / 2, abs=1e-6)
    assert not gap.certain


def test_only_those_who_answered_both_count_in_all_three() -> None:
    gap = expectation_gap(Design(np.ones(5)), [5, 4, NAN, 3, 0], [3, NAN, 5, 3, 0])
    assert (gap.gap.n, gap.expectation.n, gap.experience.n) == (3, 3, 3)
    assert gap.expectation.value == pytest.approx(8 / 3)
    assert gap.experience.value == pytest.approx(2)
    assert gap.gap.value == pytest.approx(gap.experience.value - gap.expectation.value)


def test_weights_and_domain_are_the_designs() -> None:
    generator = np.random.default_rng(3)
    expected, mood = generator.integers(1, 6, 80).astype(float), generator.normal(size=80)
    experienced = np.clip(expected - 1 + np.round(mood), 1, 5)
    design = Design(generator.uniform(0.5, 2, 80), strata=np.repeat(["a", "b"], 40))
    women = np.arange(80) % 2 == 0
    gap = expectation_gap(design, expected, experienced, women, level=0.9)
    assert gap.gap == mean(design, experienced - expected, women, 0.9)
    assert gap.certain
    assert gap.gap.upper < 0


def test_pairing_takes_away_what_people_differ_by() -> None:
    """Strict and mild people alike rate half a step lower than they hoped: certain for pairs, not for two samples."""
    strictness = np.tile([1.0, 2.0, 3.0, 4.0], 25)
    step = np.tile([0.0, -1.0], 50)
    gap = expectation_gap(Design(np.ones(100)), strictness + 1, strictness + 1 + step)
    apart = math.hypot(gap.expectation.se, gap.experience.se)
    assert gap.certain
    assert gap.gap.se < apart / 2


def test_nobody_who_answered_both_has_no_gap() -> None:
    gap = expectation_gap(Design(np.ones(3)), [1, NAN, NAN], [NAN, 2, NAN])
    assert math.isnan(gap.gap.value)
    assert not gap.certain


def test_no_difference_is_a_gap_of_zero() -> None:
    gap = expectation_gap(Design(np.ones(6)), [1, 2, 3, 4, 5, 3], [2, 1, 4, 3, 5, 3])
    assert gap.gap.value == 0
    assert not gap.certain
