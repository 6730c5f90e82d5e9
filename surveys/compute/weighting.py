"""Weights: from the sample's design, and fitted to what is known of the population (METHODS §5.1, §5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]

TOLERANCE = 1e-8
MOST = 1000
# Whole-number labels within a range this wide are looked up in a table instead of a hash.
TABLE = 1 << 20
# Combinations of levels are counted in a table as long as it stays this short.
DENSE = 1 << 22


class WeightingError(ValueError):
    """Weights that cannot be made: says which margin and level, and what to do."""


@dataclass(frozen=True)
class Weighted:
    """Fitted weights, (n,) in the order of the rows given, and how they came out.

    iterations: rounds over all margins. smallest, largest: the extreme weights. kish: n·Σw²/(Σw)², 1 where all weights
    are alike; variances of means grow by about this factor. base_weights: the weights before.
    """

    weights: Array
    iterations: int
    smallest: float
    largest: float
    kish: float
    base_weights: Array
    _places: tuple[tuple[Array, int], ...] = field(repr=False)

    def calibration(self) -> Array:
        """(n, k) indicators of all levels of all margins, for `Design.calibration`."""
        matrix = np.zeros((len(self.weights), sum(count for _codes, count in self._places)))
        rows, start = np.arange(len(self.weights)), 0
        for codes, count in self._places:
            matrix[rows, start + codes] = 1.0
            start += count
        return matrix


def design_weights(stratum: Array, population: Mapping[Any, float], sampled: Mapping[Any, float]) -> Array:
    """(n,) weights N_h/n_h by stratum labels (n,): each sampled unit stands for that many of the population.

    sampled: units drawn by stratum. Raises WeightingError on a stratum that either mapping lacks, or that has fewer in
    the population than in the sample.
    """
    codes, names = _codes(stratum, "stratum")
    factors = np.empty(len(names))
    for place, name in enumerate(names):
        for mapping, what in ((population, "population"), (sampled, "sample")):
            if name not in mapping:
                raise WeightingError(f"stratum {name!r} is missing in the {what}; give its size there")
        if not 0 < sampled[name] <= population[name]:
            raise WeightingError(
                f"stratum {name!r}: {sampled[name]:g} sampled of {population[name]:g}; correct one of the two"
            )
        factors[place] = population[name] / sampled[name]
    return factors[codes]


def response_weights(stratum: Array, population: Mapping[Any, float]) -> Array:
    """(n,) weights N_h/(answers in h) by stratum labels (n,) of those who answered.

    Takes those who did not answer to be like those who did, stratum by stratum.
    """
    codes, names = _codes(stratum, "stratum")
    answered = np.bincount(codes, minlength=len(names))
    return design_weights(stratum, population, dict(zip(names, answered.tolist(), strict=True)))


def post_stratify(weights: Array, cell: Array, population: Mapping[Any, float]) -> Weighted:
    """Weights scaled so that each cell sums to its population. Raises WeightingError as `rake` does."""
    return rake(weights, {"cell": (cell, population)}, most=1)


def rake(
    weights: Array,
    margins: Mapping[str, tuple[Array, Mapping[Any, float]]],
    *,
    tolerance: float = TOLERANCE,
    most: int = MOST,
) -> Weighted:
    """Weights fitted to several margins in turn until each level is met to the relative `tolerance`.

    weights: (n,) > 0, before. margins: name → ((n,) labels, level → population). Iterative proportional fitting
    (Deming and Stephan 1940), on sums over combinations of levels: rows alike in all margins get the same factor.

    Raises WeightingError on a row without a level, a level that only the data or only the margin has (an empty cell),
    a population that is not above 0, margins of different totals, and where `most` rounds do not suffice.
    """
    base = np.asarray(weights, dtype=float)
    if base.ndim != 1 or not len(base) or not (np.isfinite(base) & (base > 0)).all():
        raise WeightingError("weights: give one number above 0 for each row, and at least one row")
    if not margins:
        raise WeightingError("margins: give at least one to fit to")
    places, targets = [], []
    for name, (labels, population) in margins.items():
        codes, target = _margin(name, labels, population, len(base))
        places.append((codes, len(target)))
        targets.append(target)
    totals = [float(target.sum()) for target in targets]
    for name, whole in zip(margins, totals, strict=True):
        if abs(whole - totals[0]) > tolerance * totals[0]:
            raise WeightingError(
                f"margins: {name} sums to {whole:g}, but {next(iter(margins))} to {totals[0]:g}; "
                "make them the same population"
            )
    cell, of_cell = _combinations(places)
    factors, iterations = _fit(
        np.bincount(cell, weights=base, minlength=len(of_cell[0])), of_cell, targets, list(margins), tolerance, most
    )
    fitted = base * factors[cell]
    return Weighted(
        fitted, iterations, float(fitted.min()), float(fitted.max()), kish_effect(fitted), base, tuple(places)
    )


def trim(weights: Array, *, least: float = 0.0, most: float = np.inf) -> Array:
    """(n,) weights cut to between `least` and `most` times their mean, then scaled back to the sum they had.

    Never done unasked: it trades bias for spread, and margins fitted before are no longer met exactly.
    """
    given = np.asarray(weights, dtype=float)
    if not 0 <= least <= 1 <= most:
        raise WeightingError(f"trim: bounds {least:g} and {most:g} must have the mean, 1, between them")
    middle = given.mean()
    cut = np.clip(given, least * middle, most * middle)
    return np.asarray(cut * (given.sum() / cut.sum()))


def kish_effect(weights: Array) -> float:
    """n·Σw²/(Σw)² of (n,) weights: how much unequal weights add to variances (Kish 1965). NaN for no weights."""
    given = np.asarray(weights, dtype=float)
    if not len(given):
        return float("nan")
    return float(len(given) * (given @ given) / given.sum() ** 2)


# ── fitting ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fit(
    sums: Array, of_cell: list[Array], targets: list[Array], names: list[str], tolerance: float, most: int
) -> tuple[Array, int]:
    """Factors (K,) of the cells' weights, and the rounds that it took."""
    fitted = sums.copy()
    for iteration in range(1, most + 1):
        for codes, target in zip(of_cell, targets, strict=True):
            fitted *= (target / np.bincount(codes, weights=fitted, minlength=len(target)))[codes]
        worst = [
            np.abs(np.bincount(codes, weights=fitted, minlength=len(target)) / target - 1).max()
            for codes, target in zip(of_cell, targets, strict=True)
        ]
        if max(worst) < tolerance:
            return fitted / sums, iteration
    name = names[int(np.argmax(worst))]
    raise WeightingError(
        f"margins: {name} is still off by a part of {max(worst):.1e} after {most} rounds; some combination of levels "
        "that the margins need has no answers. Merge levels, or leave a margin out"
    )


def _combinations(places: list[tuple[Array, int]]) -> tuple[Array, list[Array]]:
    """(n,) number of each row's combination of levels, and for each margin the (K,) level of the combination."""
    code, size = places[0][0], places[0][1]
    for codes, count in places[1:]:
        if size * count > DENSE:
            present, code = np.unique(code, return_inverse=True)
            size = len(present)
        code = code * count + codes
        size *= count
    if size <= max(DENSE, len(code)):
        present = np.flatnonzero(np.bincount(code, minlength=size))
        renumbered = np.empty(size, dtype=np.intp)
        renumbered[present] = np.arange(len(present))
        cell = renumbered[code]
    else:
        present, cell = np.unique(code, return_inverse=True)
    row = np.empty(len(present), dtype=np.intp)
    row[cell] = np.arange(len(cell))
    return cell, [codes[row] for codes, _count in places]


def _margin(name: str, labels: Array, population: Mapping[Any, float], n: int) -> tuple[Array, Array]:
    """(codes (n,), targets by code) of one margin."""
    codes, names = _codes(labels, name)
    if len(codes) != n:
        raise WeightingError(f"{name}: {len(codes)} labels for {n} weights; give one for each row")
    targets = np.empty(len(names))
    for place, level in enumerate(names):
        if level not in population:
            raise WeightingError(
                f"{name}: level {level!r} is in the answers but not in the margin; add its population or merge it"
            )
        targets[place] = population[level]
        if not (np.isfinite(targets[place]) and targets[place] > 0):
            raise WeightingError(
                f"{name}: level {level!r} has the population {targets[place]:g}, but somebody answered there; mend it"
            )
    known = set(names)
    for level in population:
        if level not in known:
            raise WeightingError(
                f"{name}: level {level!r} is in the margin, but nobody answered there; merge it with another level"
            )
    return codes, targets


def _codes(labels: Array, name: str) -> tuple[Array, list[Any]]:
    """Numbers from 0 in the order of the level's value or first place, and the levels themselves."""
    given = np.asarray(labels)
    if given.ndim != 1:
        raise WeightingError(f"{name}: give one label for each row")
    if given.dtype.kind in "iu" and len(given):
        least, most = int(given.min()), int(given.max())
        if most - least < TABLE:
            shifted = given - least
            present = np.flatnonzero(np.bincount(shifted, minlength=most - least + 1))
            table = np.empty(most - least + 1, dtype=np.intp)
            table[present] = np.arange(len(present))
            return table[shifted], (present + least).tolist()
    codes, names = pd.factorize(given)
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise WeightingError(f"{name}: row {missing[0]} has no level; give it one, such as one for unknown")
    return codes, np.asarray(names).tolist()
