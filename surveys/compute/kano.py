"""Kano's categories from paired questions (METHODS §5.6): how would it be with this, how would it be without?

Kano et al. 1984; table, rule and coefficients as in Berger et al., “Kano's methods for understanding customer-defined
quality”, Center for Quality of Management Journal 2(4), 1993; the test as in Fong, 5(3), 1996. Answers are counted, not
weighted: the test is about counts. What comes out is a hypothesis about a need.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indicators.compute.comparison import at_least

# The answers to both questions, as they are coded: 1 to 5.
ANSWERS = ("like", "expect", "neutral", "accept", "dislike")
FONG = 1.65


class Category(StrEnum):
    """In the order that decides between categories named equally often."""

    MUST_BE = "must_be"
    ONE_DIMENSIONAL = "one_dimensional"
    ATTRACTIVE = "attractive"
    INDIFFERENT = "indifferent"
    REVERSE = "reverse"
    QUESTIONABLE = "questionable"


M, O, A, I, R, Q = Category  # noqa: E741 – the letters of the literature

# A row for each answer to “with it”, a column for each to “without it”.
TABLE: tuple[tuple[Category, ...], ...] = (
    (Q, A, A, A, O),
    (R, I, I, I, M),
    (R, I, I, I, M),
    (R, I, I, I, M),
    (R, R, R, R, Q),
)


@dataclass(frozen=True)
class Kano:
    """What a pair of questions says of a need.

    counts: how many answered so, n in all. mode: the category named most often. berger: by his rule, which asks first
    whether the need matters to most. separated: Fong's test tells the two most frequent apart. verdict: the mode if so,
    otherwise None, that is “mixed”. better (0 … 1): how much having it adds to satisfaction; worse (−1 … 0): how much
    lacking it takes. Both NaN where nobody answered attractive, one-dimensional, must-be or indifferent.
    """

    n: int
    counts: Mapping[Category, int]
    mode: Category
    berger: Category
    separated: bool
    verdict: Category | None
    better: float
    worse: float


def kano(functional: ArrayLike, dysfunctional: ArrayLike) -> Kano | None:
    """The categories of everybody who answered both questions, taken together; None where nobody did.

    functional, dysfunctional (n,): 1 like it, 2 expect it, 3 neutral, 4 can accept it, 5 dislike it, NaN not answered.
    Raises ValueError on other codes.
    """
    counts = tally(functional, dysfunctional)
    n = sum(counts.values())
    if n == 0:
        return None
    mode, separated = _most(counts, *Category), fong(counts)
    better, worse = coefficients(counts)
    return Kano(n, counts, mode, berger(counts), separated, mode if separated else None, better, worse)


def tally(functional: ArrayLike, dysfunctional: ArrayLike) -> dict[Category, int]:
    """How many pairs of answers fall into each category; pairs with an answer missing are left out."""
    with_it, without_it = np.asarray(functional, dtype=float), np.asarray(dysfunctional, dtype=float)
    both = ~np.isnan(with_it) & ~np.isnan(without_it)
    rows, columns = _codes(with_it[both]), _codes(without_it[both])
    pairs = np.bincount(rows * len(ANSWERS) + columns, minlength=len(ANSWERS) ** 2).tolist()
    counts = dict.fromkeys(Category, 0)
    for category, count in zip((c for row in TABLE for c in row), pairs, strict=True):
        counts[category] += count
    return counts


def berger(counts: Mapping[Category, int]) -> Category:
    """The most frequent of O, A and M if they are together more than I, R and Q together, otherwise of those."""
    wanted, other = (M, O, A), (I, R, Q)
    matters = sum(counts[c] for c in wanted) > sum(counts[c] for c in other)
    return _most(counts, *(wanted if matters else other))


def fong(counts: Mapping[Category, int]) -> bool:
    """Whether the two most frequent categories differ: |a − b| ≥ 1.65·√((a + b)(2n − a − b)/(2n)).

    With nobody, or two categories equally frequent, they do not.
    """
    n = sum(counts.values())
    a, b = sorted(counts.values(), reverse=True)[:2]
    return n > 0 and bool(at_least(float(a - b), FONG * math.sqrt((a + b) * (2 * n - a - b) / (2 * n))))


def coefficients(counts: Mapping[Category, int]) -> tuple[float, float]:
    """(better, worse) = ((A + O)/(A + O + M + I), −(O + M)/(A + O + M + I)); NaN where that sum is 0."""
    base = counts[A] + counts[O] + counts[M] + counts[I]
    if base == 0:
        return math.nan, math.nan
    return (counts[A] + counts[O]) / base, -(counts[O] + counts[M]) / base


def _codes(answers: NDArray[np.float64]) -> NDArray[np.intp]:
    if not np.isin(answers, np.arange(1, len(ANSWERS) + 1)).all():
        raise ValueError(f"answers of Kano pairs are coded 1 to {len(ANSWERS)}")
    return answers.astype(np.intp) - 1


def _most(counts: Mapping[Category, int], *among: Category) -> Category:
    """The most frequent of some categories; of equally frequent ones the first."""
    return max(among, key=lambda category: counts[category])
