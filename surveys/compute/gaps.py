"""The expectation gap of paired questions (METHODS §5.6): how far what was experienced is from what was expected."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from indicators.compute.comparison import above
from surveys.compute.estimation import Design, Estimate, mean


@dataclass(frozen=True)
class Gap:
    """Experience less expectation, in steps of the scale: below 0 falls short of what was expected.

    All three are over the same people, those who answered both, so that `experience` − `expectation` is `gap`.
    certain: the interval of the gap leaves out 0.
    """

    gap: Estimate
    expectation: Estimate
    experience: Estimate
    certain: bool


def expectation_gap(
    design: Design,
    expectation: ArrayLike,
    experience: ArrayLike,
    domain: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Gap:
    """The weighted mean of the pairwise differences, with the design's standard error.

    expectation and experience (n,) on one scale, NaN where not answered; domain (n,) bool, everybody by default.
    Nobody is compared with somebody else: the pairing takes the person's own strictness out of the error. Raises
    DesignError as the design does.
    """
    expected, experienced = np.asarray(expectation, dtype=float), np.asarray(experience, dtype=float)
    answered = ~np.isnan(expected) & ~np.isnan(experienced)
    both = answered if domain is None else answered & np.asarray(domain, dtype=bool)
    gap = mean(design, experienced - expected, both, level)
    certain = bool(above(gap.lower, 0.0) | above(0.0, gap.upper))
    return Gap(gap, mean(design, expected, both, level), mean(design, experienced, both, level), certain)
