"""Weighted estimates with standard errors by Taylor linearisation (METHODS §5.1).

Strata, primary units (clusters) and finite-population correction; after post-stratification or raking the residuals of
the calibration carry the error. The conventions are those of R's survey package (Lumley 2010): svymean, svytotal,
svyratio, svyquantile and svyciprop(method = "logit"); degrees of freedom = primary units − strata.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

Array = NDArray[Any]
Kind = Literal["share", "mean"]

LEVEL = 0.95
# A quadratic form that keeps less than this part of its terms has lost digits, and is computed anew, term by term.
CANCELLED = 1e-6
# Singular values below this part of the largest belong to columns that say the same as others.
REDUNDANT = 1e-9
# A cumulated weight this close below a quantile's level has reached it, but for rounding.
REACHED = 1e-12
INFINITE = "answers: an infinite number cannot be estimated with; give NaN where there is none"


class DesignError(ValueError):
    """A design or an answer that cannot be computed with: says what, where and what to do."""


@dataclass(frozen=True)
class Estimate:
    """One estimated figure. NaN where there is nothing to say: no answers, or too few for an error or an interval.

    n counts the answers in the domain; df = primary units − strata among them. `se` and the bounds are in the unit of
    `value`; `lower` and `upper` enclose it at the level asked for.
    """

    value: float
    se: float
    lower: float
    upper: float
    n: int
    df: float


@dataclass(frozen=True)
class Design:
    """How n answers came about; one row a respondent.

    weights: (n,) final weights, > 0. strata: (n,) labels; None: one stratum. clusters: (n,) labels of primary units,
    nested in strata (the same label in two strata is two units); None: every row is its own. population: primary units
    in the population by stratum, for the finite-population correction; None: no correction. calibration: (n, k) matrix
    of what the weights were calibrated to (indicators of post-strata, or of all raking margins; columns may say the
    same), whose residuals carry the standard error. base_weights: (n,) weights before calibration, which weight the
    regression that makes these residuals, as R's calibrate does; None: the final weights. lonely: what to do with a
    stratum of one primary unit: refuse, or centre it at the grand mean ("adjust" in R).

    Raises DesignError where the parts do not fit together.
    """

    weights: Array
    strata: Array | None = None
    clusters: Array | None = None
    population: Mapping[Any, float] | None = None
    calibration: Array | None = None
    lonely: Literal["refuse", "adjust"] = "refuse"
    base_weights: Array | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _weights(self.weights, "weights"))
        n = len(self.weights)
        if self.base_weights is not None:
            object.__setattr__(self, "base_weights", _weights(self.base_weights, "base_weights"))
        if self.calibration is not None:
            matrix = np.asarray(self.calibration, dtype=float)
            if matrix.ndim != 2 or not np.isfinite(matrix).all():
                raise DesignError("calibration: give a matrix of finite numbers, one row a respondent")
            object.__setattr__(self, "calibration", matrix)
        for name in ("strata", "clusters", "calibration", "base_weights"):
            part = getattr(self, name)
            if part is not None and len(part) != n:
                raise DesignError(f"{name}: {len(part)} rows, but there are {n} weights; give one for each respondent")
        if self.lonely not in ("refuse", "adjust"):
            raise DesignError(f'lonely: "{self.lonely}" is unknown; say "refuse" or "adjust"')
        self._check_population()
        if self.lonely == "refuse" and (alone := self.stratum_names[self._alone]).size:
            raise DesignError(
                f"strata: only one primary unit in {_listed(alone)}, so its spread is unknown; "
                'merge it with another stratum or choose lonely="adjust"'
            )

    def _check_population(self) -> None:
        if self.population is None:
            return
        for name, sampled in zip(self.stratum_names, self.units_by_stratum, strict=True):
            if name not in self.population:
                raise DesignError(f"population: stratum {name!r} is missing; give its number of primary units")
            if not self.population[name] >= sampled:
                raise DesignError(
                    f"population: stratum {name!r} has {self.population[name]:g} primary units, but {sampled} are in "
                    "the sample; correct the population or the strata"
                )

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def _stratum_codes(self) -> tuple[Array, Array]:
        if self.strata is None:
            return np.zeros(len(self), dtype=np.intp), np.array(["all"], dtype=object)[: len(self)]
        return _codes(self.strata, "strata")

    @property
    def stratum(self) -> Array:
        """(n,) number of each row's stratum, from 0."""
        return self._stratum_codes[0]

    @property
    def stratum_names(self) -> Array:
        """(H,) the labels that the numbers stand for."""
        names = self._stratum_codes[1]
        if self.strata is None and self.population and len(self.population) == 1:
            return np.array(list(self.population), dtype=object)[: len(self)]
        return names

    @cached_property
    def unit(self) -> Array:
        """(n,) number of each row's primary unit, from 0, ordered by stratum."""
        if self.clusters is None:
            unit = np.empty(len(self), dtype=np.intp)
            unit[np.argsort(self.stratum, kind="stable")] = np.arange(len(self))
            return unit
        codes, names = _codes(self.clusters, "clusters")
        return np.unique(self.stratum * len(names) + codes, return_inverse=True)[1]

    @cached_property
    def unit_stratum(self) -> Array:
        """(C,) number of each primary unit's stratum, ascending."""
        count = int(self.unit.max()) + 1 if len(self) else 0
        found = np.zeros(count, dtype=np.intp)
        found[self.unit] = self.stratum
        return found

    @cached_property
    def units_by_stratum(self) -> Array:
        """(H,) primary units in the sample."""
        return np.bincount(self.unit_stratum, minlength=len(self.stratum_names))

    @cached_property
    def _unsampled(self) -> Array:
        """(H,) part of the population's primary units that is not in the sample: 1 − f."""
        if self.population is None:
            return np.ones(len(self.stratum_names))
        return 1 - self.units_by_stratum / np.array([self.population[name] for name in self.stratum_names], dtype=float)

    @cached_property
    def _alone(self) -> Array:
        """(H,) strata with one primary unit of several: a stratum that was asked wholly has no spread to estimate."""
        return (self.units_by_stratum == 1) & (self._unsampled > 0)

    @cached_property
    def _scale(self) -> Array:
        """(H,) (1 − f)·m/(m − 1) for m primary units; 1 − f where there is one."""
        m = self.units_by_stratum
        return self._unsampled * np.where(m > 1, m / np.maximum(m - 1, 1), 1.0)

    @property
    def _base(self) -> Array:
        return self.weights if self.base_weights is None else self.base_weights

    @cached_property
    def _basis(self) -> Array | None:
        """(n, r) columns that span the calibration's, orthonormal under the base weights."""
        if self.calibration is None or not len(self):
            return None
        root = np.sqrt(self._base)[:, None]
        # The factor of a thin QR has the singular values of the whole and is small.
        _left, values, right = np.linalg.svd(np.linalg.qr(self.calibration * root, mode="r"), full_matrices=False)
        kept = values > REDUNDANT * values.max(initial=0.0)
        return self.calibration @ (right[kept].T / values[kept])

    def variance(self, scores: Array) -> Array:
        """(q,) linearised variances of Σ w·score for (n, q) scores that are 0 outside the domain."""
        if not len(self):
            return np.full(scores.shape[1], np.nan)
        if self._basis is not None:
            scores = scores - self._basis @ (self._basis.T @ (self._base[:, None] * scores))
        weighted = self.weights[:, None] * scores
        order = np.argsort(self.unit, kind="stable")
        starts = np.searchsorted(self.unit[order], np.arange(len(self.unit_stratum)))
        totals = np.add.reduceat(weighted[order], starts, axis=0)
        first = np.searchsorted(self.unit_stratum, np.arange(len(self.units_by_stratum)))
        centre = np.add.reduceat(totals, first, axis=0) / self.units_by_stratum[:, None]
        centre[self._alone] = totals.mean(axis=0)
        squares = np.add.reduceat((totals - centre[self.unit_stratum]) ** 2, first, axis=0)
        return np.asarray(self._scale @ squares)

    def degrees(self, inside: Array) -> float:
        """Primary units − strata among the rows of a (n,) mask."""
        units = np.unique(self.unit[inside])
        return float(len(units) - len(np.unique(self.unit_stratum[units])))


def total(design: Design, y: Array, domain: Array | None = None, level: float = LEVEL) -> Estimate:
    """Σ w·y over the domain, y (n,) numbers; NaN in y is outside the domain. NaN where nobody answered."""
    values, inside = _answers(design, y, domain)
    n, df = int(inside.sum()), design.degrees(inside)
    if not n:
        return _nothing()
    return _around(float(design.weights @ values), _root(design.variance(values[:, None])[0]), n, df, level)


def mean(design: Design, y: Array, domain: Array | None = None, level: float = LEVEL) -> Estimate:
    """Σ w·y / Σ w over the domain, y (n,) numbers; NaN in y is outside the domain.

    t interval. One answer has no standard error; without degrees of freedom there is no interval.
    """
    values, inside = _answers(design, y, domain)
    return _ratio(design, values, inside.astype(float), inside, level)


def ratio(
    design: Design, numerator: Array, denominator: Array, domain: Array | None = None, level: float = LEVEL
) -> Estimate:
    """Σ w·numerator / Σ w·denominator over those who have both; NaN where the denominators sum to 0."""
    over, first = _answers(design, numerator, domain)
    under, second = _answers(design, denominator, domain)
    inside = first & second
    return _ratio(design, np.where(inside, over, 0.0), np.where(inside, under, 0.0), inside, level)


def share(design: Design, y: Array, domain: Array | None = None, level: float = LEVEL) -> Estimate:
    """Weighted share of ones in y (n,), 1 yes, 0 no, NaN outside; as a part of 1.

    Interval on the logit scale: logit p ± t·se/(p(1 − p)), taken back, so that it stays between 0 and 1. At 0 and 1 the
    linearised error is 0 and says nothing; there the bound is that of Clopper and Pearson, 1 − (α/2)^(1/m) away, with m
    = (Σw)²/Σw² answers in effect, and `se` is the distance to it divided by t, so that a difference of two waves
    carries it. Raises DesignError where y holds anything else.
    """
    _binary(y)
    values, inside = _answers(design, y, domain)
    plain = _ratio(design, values, inside.astype(float), inside, level)
    weights = design.weights[inside]
    squares = np.square(weights).sum()
    effective = weights.sum() ** 2 / squares if squares > 0 else np.nan
    se, lower, upper = _share_interval(
        np.array([plain.value]), np.array([plain.se]), np.array([plain.df]), np.array([effective]), level
    )
    return Estimate(_within(plain.value), float(se[0]), float(lower[0]), float(upper[0]), plain.n, plain.df)


def quantile(design: Design, y: Array, q: float, domain: Array | None = None, level: float = LEVEL) -> Estimate:
    """The least answer whose cumulated weight reaches the part q (0 < q < 1) of the domain's.

    Woodruff's interval: t interval of the share at or below the quantile, its bounds read off the same cumulated
    weights; NaN where a bound leaves 0–1, so that no answer marks it. se = half the interval's length / t.
    """
    if not 0 < q < 1:
        raise DesignError(f"q: {q:g} is no part of a whole; give a number between 0 and 1, 0.5 for the median")
    values, inside = _answers(design, y, domain)
    if not inside.any():
        return _nothing()
    order = np.argsort(values[inside], kind="stable")
    answers, reached = values[inside][order], np.cumsum(design.weights[inside][order])
    reached = reached / reached[-1]

    def at(part: float) -> float:
        if not 0 <= part <= 1:
            return float("nan")
        return float(answers[min(int(np.searchsorted(reached, part - REACHED)), len(answers) - 1)])

    value = at(q)
    below = mean(design, np.where(inside, values <= value, np.nan), level=level)
    lower, upper = (at(below.lower), at(below.upper)) if value < answers[-1] else (np.nan, np.nan)
    se = (upper - lower) / (2 * _t(np.array([below.df]), level)[0])
    return Estimate(value, float(se), lower, upper, below.n, below.df)


def table(
    design: Design, answers: Array, domains: Array, *, kind: Kind = "share", level: float = LEVEL
) -> dict[str, Array]:
    """All questions in all groups at once: what `share` or `mean` gives one at a time.

    answers: (n, q), NaN = no answer. domains: (n, g) truth values, one column a group. Returns (q, g) arrays by the
    names of Estimate's fields; n counts in whole numbers. Time grows with the number of different rows of strata,
    weights, margins and groups rather than with that of respondents.
    """
    y = np.asarray(answers, dtype=float)
    d = np.asarray(domains, dtype=bool)
    if y.ndim != 2 or d.ndim != 2 or len(y) != len(design) or len(d) != len(design):
        raise DesignError(f"answers {y.shape}, domains {d.shape}: give two tables with {len(design)} rows each")
    if np.isinf(y).any():
        raise DesignError(INFINITE)
    if kind not in ("share", "mean"):
        raise DesignError(f'kind: "{kind}" is unknown; say "share" or "mean"')
    if kind == "share":
        _binary(y)
    if design.clusters is None and not design._alone.any() and len(design):
        value, variance, n, df, effective = _by_cells(design, y, d, kind)
    else:
        value, variance, n, df, effective = _by_rows(design, y, d)
    se = np.where(n > 1, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    if kind == "share":
        value = np.clip(value, 0.0, 1.0)
        se, lower, upper = _share_interval(value, se, df, effective, level)
    else:
        reach = _t(df, level) * se
        lower, upper = value - reach, value + reach
    return {"value": value, "se": se, "lower": lower, "upper": upper, "n": n, "df": df}


# ── one at a time ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _ratio(design: Design, over: Array, under: Array, inside: Array, level: float) -> Estimate:
    """Both (n,) and 0 outside the domain."""
    whole = float(design.weights @ under)
    n, df = int(inside.sum()), design.degrees(inside)
    if not n or whole == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan, n, df if n else np.nan)
    value = float(design.weights @ over) / whole
    se = _root(design.variance(((over - value * under) / whole)[:, None])[0])
    return _around(value, se if n > 1 else np.nan, n, df, level)


def _around(value: float, se: float, n: int, df: float, level: float) -> Estimate:
    reach = float(_t(np.array([df]), level)[0]) * se
    return Estimate(value, se, value - reach, value + reach, n, df)


def _nothing() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, np.nan, 0, np.nan)


def _root(variance: float) -> float:
    return float(np.sqrt(max(variance, 0.0)))


def _within(p: float) -> float:
    """A share that its own rounding put outside 0–1."""
    return float(np.clip(p, 0.0, 1.0))


def _t(df: Array, level: float) -> Array:
    """Quantiles of t by degrees of freedom; NaN where there are none."""
    if not 0 < level < 1:
        raise DesignError(f"level: {level:g} is no part of a whole; give 0.95 for 95 per cent")
    different, places = np.unique(df, return_inverse=True)
    known = different > 0
    found = np.where(known, stdtrit(np.where(known, different, 1.0), (1 + level) / 2), np.nan)
    return np.asarray(found[places].reshape(np.shape(df)))


def _share_interval(p: Array, se: Array, df: Array, effective: Array, level: float) -> tuple[Array, Array, Array]:
    """(se, lower, upper) of shares; see `share` for the rule at 0 and 1."""
    t = _t(df, level)
    none, all_of_them = p <= REACHED, p >= 1 - REACHED
    middle = ~(none | all_of_them | np.isnan(p))
    inner = np.where(middle, p, 0.5)
    reach = t * np.where(middle, se, np.nan) / (inner * (1 - inner))
    centre = logit(inner)
    away = 1 - ((1 - level) / 2) ** (1 / np.where(effective > 0, effective, np.nan))
    lower = np.where(none, 0.0, np.where(all_of_them, 1 - away, expit(centre - reach)))
    upper = np.where(none, away, np.where(all_of_them, 1.0, expit(centre + reach)))
    lower, upper = (np.where(np.isnan(t), np.nan, bound) for bound in (lower, upper))  # no degrees, no interval
    return np.where(none | all_of_them, away / t, se), lower, upper


# ── all at once ───────────────────────────────────────────────────────────────────────────────────────────────────────

Parts = tuple[Array, Array, Array, Array, Array]  # value, variance, n, df, effective n: (q, g) each


def _by_rows(design: Design, y: Array, d: Array) -> Parts:
    """Group by group, from the rows themselves."""
    q, g = y.shape[1], d.shape[1]
    value, variance, n, df, effective = (np.full((q, g), np.nan) for _ in range(5))
    w = design.weights
    for group in range(g):
        inside = ~np.isnan(y) & d[:, [group]]
        values = np.where(inside, y, 0.0)
        whole = w @ inside
        with np.errstate(invalid="ignore", divide="ignore"):
            value[:, group] = (w @ values) / whole
            effective[:, group] = whole**2 / (w**2 @ inside)
            variance[:, group] = design.variance((values - value[:, group] * inside) / whole)
        n[:, group] = inside.sum(axis=0)
        df[:, group] = [design.degrees(column) if column.any() else np.nan for column in inside.T]
    return value, variance, n.astype(np.int64), df, effective


def _by_cells(design: Design, y: Array, d: Array, kind: Kind) -> Parts:
    """From sums over cells: rows alike in stratum, weights, margins and groups. Every row its own primary unit.

    The variance Σ_h a_h [Σ u² − (Σ u)²/m_h] of u = w·(z − x·b), with z = (y − μ)/Σw inside the domain and b the
    regression of z on the margins, is multiplied out, so that it needs no more than sums of 1, y and y² by cell.
    """
    cells = _cell_sums(design, y, d, kind)
    first, number = cells.first, cells.number
    stratum, w, base = design.stratum[first], design.weights[first], design._base[first]
    x = np.zeros((len(first), 0)) if design._basis is None else design._basis[first]
    a, m = design._scale, design.units_by_stratum
    squared = a[stratum] * w**2
    by_stratum = (stratum == np.arange(len(m))[:, None]) * w  # (H, cells)
    lines = np.vstack([x.T * base, x.T * squared, by_stratum, squared, w, w**2])
    r, strata = x.shape[1], slice(2 * x.shape[1], 2 * x.shape[1] + len(m))
    of_strata = by_stratum @ (x * number[:, None])  # (H, r) Σ w·x
    inner = (x.T * (number * squared)) @ x - (of_strata.T * (a / m)) @ of_strata
    shape = y.shape[1], d.shape[1]
    value, variance, df, effective, terms = (np.full(shape, np.nan) for _ in range(5))
    n = np.zeros(shape, dtype=np.int64)
    of_squares = (d[first].T * squared) @ cells.squares
    for group in range(d.shape[1]):
        inside: Any = d[first, group]
        if inside.all():
            inside = slice(None)  # a view, where a mask would copy
        s0, s1, l2 = cells.ones[inside], cells.values[inside], of_squares[group]
        l0, l1 = lines[:, inside] @ s0, lines[:, inside] @ s1
        with np.errstate(invalid="ignore", divide="ignore"):
            mu = l1[-2] / l0[-2]
            effective[:, group] = l0[-2] ** 2 / l0[-1]
            score = (l1 - mu * l0) / l0[-2]
            square = (l2 - 2 * mu * l1[-3] + mu**2 * l0[-3]) / l0[-2] ** 2
            terms[:, group] = (l2 + mu**2 * l0[-3]) / l0[-2] ** 2
        b, cross = score[:r], score[r : 2 * r] - of_strata.T @ (score[strata] * (a / m)[:, None])
        variance[:, group] = (
            square - (a / m) @ score[strata] ** 2 - 2 * (b * cross).sum(axis=0) + (b * (inner @ b)).sum(axis=0)
        )
        value[:, group] = mu + cells.centre
        n[:, group] = s0.sum(axis=0)
        df[:, group] = n[:, group] - (l0[strata] > 0).sum(axis=0)
    df[n == 0] = np.nan
    _recompute(design, y, d, value, variance, (variance <= CANCELLED * terms) & (n > 1))
    return value, variance, n, df, effective


def _recompute(design: Design, y: Array, d: Array, value: Array, variance: Array, which: Array) -> None:
    """Puts variances of the marked (q, g) places into `variance`, from the rows themselves."""
    for group in np.flatnonzero(which.any(axis=0)):
        questions = np.flatnonzero(which[:, group])
        inside = ~np.isnan(y[:, questions]) & d[:, [group]]
        scores = np.where(inside, y[:, questions] - value[questions, group], 0.0) / (design.weights @ inside)
        variance[questions, group] = design.variance(scores)


@dataclass(frozen=True)
class _Cells:
    """Sums by cell, (K, q): answers, Σ (y − centre), Σ (y − centre)²; a row of each cell, and its rows in number."""

    first: Array
    number: Array
    centre: Array
    ones: Array
    values: Array
    squares: Array


def _cell_sums(design: Design, y: Array, d: Array, kind: Kind) -> _Cells:
    cell = _cells(design, d)
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    number = np.diff(starts, append=len(cell))

    def summed(rows: Array) -> Array:
        # Where every row is a cell of its own they stand in their order, and nothing is to be summed.
        return np.add.reduceat(rows[order], starts, axis=0) if len(starts) < len(cell) else rows

    answered = ~np.isnan(y)
    filled, ones = np.where(answered, y, 0.0), answered.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (design.weights @ filled) / (design.weights @ ones)
    centre = np.where(np.isnan(centre), 0.0, centre)
    count = summed(ones)
    if kind == "share":  # sums of ones are exact, so the centre may be taken off afterwards; and 1² = 1
        values = summed(filled)
        return _Cells(
            order[starts], number, centre, count, values - centre * count,
            values * (1 - 2 * centre) + centre**2 * count,
        )  # fmt: skip
    filled -= centre * ones
    return _Cells(order[starts], number, centre, count, summed(filled), summed(filled**2))


def _cells(design: Design, d: Array) -> Array:
    """(n,) numbers from 0: rows with the same number are alike in stratum, weights, margins and groups."""
    parts = [design.stratum[:, None], design.weights[:, None], design._base[:, None], d]
    if design.calibration is not None:
        parts.append(design.calibration)
    rows = np.hstack(parts)
    # Alike rows have the same projection on a random line; that different rows do not is then looked at.
    line = rows @ np.random.default_rng(len(rows.T)).random(rows.shape[1])
    _values, first, cell = np.unique(line, return_index=True, return_inverse=True)
    if len(first) > len(rows) // 2 or not np.array_equal(rows[first[cell]], rows):
        return np.arange(len(rows))
    return cell


# ── what is given ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _weights(given: Array, name: str) -> Array:
    weights = np.asarray(given, dtype=float)
    if weights.ndim != 1:
        raise DesignError(f"{name}: give one number a respondent, not an array of shape {weights.shape}")
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if wrong.size:
        raise DesignError(
            f"{name}: row {wrong[0]} has {weights[wrong[0]]:g}; a respondent's weight is a number above 0, "
            "and who has none is no row"
        )
    return weights


def _codes(labels: Array, name: str) -> tuple[Array, Array]:
    codes, names = pd.factorize(np.asarray(labels))
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise DesignError(f"{name}: row {missing[0]} has no label; give each respondent one")
    return codes, np.array(np.asarray(names).tolist(), dtype=object)


def _answers(design: Design, y: Array, domain: Array | None) -> tuple[Array, Array]:
    """(values with 0 outside, inside) of (n,) answers."""
    given = np.asarray(y, dtype=float)
    if given.shape != (len(design),):
        raise DesignError(f"answers: shape {given.shape}, but there are {len(design)} weights; give one a respondent")
    inside = ~np.isnan(given)
    if domain is not None:
        chosen = np.asarray(domain)
        if chosen.shape != given.shape or chosen.dtype != bool:
            raise DesignError(f"domain: give {len(design)} truth values, one a respondent")
        inside &= chosen
    if np.isinf(given[inside]).any():
        raise DesignError(INFINITE)
    return np.where(inside, given, 0.0), inside


def _binary(y: Array) -> None:
    given = np.asarray(y, dtype=float)
    wrong = ~((given == 0) | (given == 1) | np.isnan(given))
    if wrong.any():
        raise DesignError(
            f"answers: a share counts 1 for yes and 0 for no, but there is {given[wrong][0]:g}; say which answers "
            "are positive first, or estimate a mean"
        )


def _listed(names: Array) -> str:
    shown = ", ".join(repr(str(name)) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
