"""The priority matrix (METHODS §5.5): areas by grade and importance, cut at the mean of the areas on each axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from indicators.compute.comparison import at_least


class Quadrant(StrEnum):
    """What a place in the matrix asks for."""

    PRIORITISE = "prioritise"
    IMPROVE_IF_POSSIBLE = "improve_if_possible"
    KEEP = "keep"
    LOWER_PRIORITY = "lower_priority"


# (graded high, weighs heavily)
QUADRANTS = {
    (False, True): Quadrant.PRIORITISE,
    (True, True): Quadrant.IMPROVE_IF_POSSIBLE,
    (True, False): Quadrant.KEEP,
    (False, False): Quadrant.LOWER_PRIORITY,
}


@dataclass(frozen=True)
class Matrix:
    """Where the matrix is cut, and the quadrant of each area in the order given: None where grade or importance is
    missing. Cuts are NaN where no area has both."""

    grade_cut: float
    importance_cut: float
    quadrants: tuple[Quadrant | None, ...]


def quadrant(grade: float, importance: float, *, grade_cut: float, importance_cut: float) -> Quadrant | None:
    """The quadrant of one area; on a line counts as high. None where a number is missing (NaN)."""
    if np.isnan([grade, importance, grade_cut, importance_cut]).any():
        return None
    return QUADRANTS[bool(at_least(grade, grade_cut)), bool(at_least(importance, importance_cut))]


def matrix(grades: ArrayLike, importances: ArrayLike) -> Matrix:
    """All areas, cut at the unweighted means of those that have both a grade and an importance.

    grades and importances (areas,), any units, more being better and weighing more; NaN where unknown.
    """
    grade, importance = np.asarray(grades, dtype=float), np.asarray(importances, dtype=float)
    both = ~np.isnan(grade) & ~np.isnan(importance)
    cuts = (float(grade[both].mean()), float(importance[both].mean())) if both.any() else (np.nan, np.nan)
    return Matrix(*cuts, _placed(grade.tolist(), importance.tolist(), *cuts))


def _placed(
    grades: Sequence[float], importances: Sequence[float], grade_cut: float, importance_cut: float
) -> tuple[Quadrant | None, ...]:
    return tuple(
        quadrant(grade, importance, grade_cut=grade_cut, importance_cut=importance_cut)
        for grade, importance in zip(grades, importances, strict=True)
    )
