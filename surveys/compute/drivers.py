"""What satisfaction goes together with (METHODS §5.5): LMG, the Shapley shares of R², and how far they can be trusted.

LMG (Lindeman, Merenda and Gold 1980; Grömping 2006) gives a driver the mean of what it adds to R² over every order in
which the drivers could be let in. It is worked out exactly, over all subsets, from the weighted covariance matrix of
those who answered everything. It tells of association, not of cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indicators.compute.benchmark import quantile
from indicators.compute.comparison import above

MOST_DRIVERS = 15
LEAST_ANSWERS = 100
ANSWERS_A_DRIVER = 10
LEAST_R_SQUARED = 0.10
DRAWS = 500

# A driver whose variance beside the others is less than this share of its own is a mixture of them: it adds nothing.
COLLINEAR = 1e-10
# Draws worked on at a time; 15 drivers take about 2 MB each on the way.
BLOCK = 4

Floats = NDArray[np.float64]


class Reason(StrEnum):
    """Why no drivers are shown."""

    TOO_MANY_DRIVERS = "too_many_drivers"
    NOT_ANSWERED = "not_answered"
    TOO_FEW_ANSWERS = "too_few_answers"
    NO_VARIATION = "no_variation"
    TOO_WEAK = "too_weak"


@dataclass(frozen=True)
class Refusal:
    """The rule that was not met: what was found, what was asked for, and which questions it is about, if some."""

    reason: Reason
    found: float
    needed: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Driver:
    """One driver. Shares are of the outcome's variance: those of all drivers sum to R², `normalised` to 1.

    lower, upper: percentile bootstrap interval of the share. sign: of the correlation with the outcome, −1, 0 or 1.
    rank is by share; best_rank and worst_rank are as far as the bootstrap tells, and `alike` names the drivers that it
    does not separate this one from.
    """

    name: str
    share: float
    normalised: float
    lower: float
    upper: float
    correlation: float
    sign: int
    rank: int
    best_rank: int
    worst_rank: int
    alike: tuple[str, ...]


@dataclass(frozen=True)
class Drivers:
    """Drivers by falling share; n answered the outcome and every driver; draws of the bootstrap that could be used."""

    r_squared: float
    n: int
    draws: int
    drivers: tuple[Driver, ...]


def drivers(
    outcome: ArrayLike,
    answers: ArrayLike,
    names: Sequence[str],
    weights: ArrayLike | None = None,
    *,
    seed: int,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Drivers | Refusal:
    """Drivers of an outcome, or why they are not shown.

    outcome (n,) and answers (n, drivers), NaN where not answered; weights (n,), 1 each by default; a row without a
    positive weight is nobody's answer. The bootstrap draws whole rows, with their weights, as often as there are.
    Raises ValueError where shapes do not fit.
    """
    data = np.column_stack([np.asarray(answers, dtype=float), np.asarray(outcome, dtype=float)])
    weight = np.ones(len(data)) if weights is None else np.asarray(weights, dtype=float)
    if data.shape[1] != len(names) + 1 or weight.shape != (len(data),):
        raise ValueError(f"{len(names)} names and weights {weight.shape} for answers {data[:, :-1].shape}")
    complete = ~np.isnan(data).any(axis=1) & (weight > 0)
    refused = _refused_on_answers(data, complete, weight > 0, names)
    if refused is not None:
        return refused
    rows, weight = data[complete], weight[complete]
    covariance = weighted_covariance(rows, weight)
    shares = lmg(covariance)
    r_squared = float(shares.sum())
    if above(LEAST_R_SQUARED, r_squared):
        return Refusal(Reason.TOO_WEAK, r_squared, LEAST_R_SQUARED)
    drawn = _bootstrap(rows, weight, draws, seed)
    correlations = _correlation(covariance)[:-1, -1]
    return Drivers(r_squared, len(rows), len(drawn), _described(names, shares, correlations, drawn, level))


def weighted_covariance(data: ArrayLike, weights: ArrayLike) -> Floats:
    """Σ w·(x − x̄)(x − x̄)ᵀ / Σ w with weighted means; data (n, k) without NaN, weights (n,) → (k, k)."""
    values, weight = np.asarray(data, dtype=float), np.asarray(weights, dtype=float)
    centred = values - weight @ values / weight.sum()
    # What rounding left of the mean is taken off once more, so that a constant has variance 0 and not almost 0.
    centred -= weight @ centred / weight.sum()
    return np.asarray((centred * weight[:, None]).T @ centred / weight.sum())


def lmg(covariance: ArrayLike) -> Floats:
    """Shapley shares of R² for the covariance matrix of drivers and, in the last row and column, the outcome.

    covariance (…, p + 1, p + 1) → (…, p). They are ≥ 0 and sum to R². A driver that does not vary, or is a mixture of
    those before it, adds nothing; all are NaN where the outcome does not vary. Raises ValueError unless p is 1 to 15.
    """
    matrices = np.asarray(covariance, dtype=float)
    size = matrices.shape[-1] - 1
    if not 1 <= size <= MOST_DRIVERS:
        raise ValueError(f"{size} drivers: 1 to {MOST_DRIVERS} can be told apart")
    correlation = _correlation(matrices.reshape(-1, size + 1, size + 1))
    gains = _shapley_weights(size)
    blocks = [_explained(correlation[at : at + BLOCK]) @ gains for at in range(0, len(correlation), BLOCK)]
    shares = np.concatenate(blocks) if blocks else np.empty((0, size))
    return shares.reshape(*matrices.shape[:-2], size)


def _correlation(covariance: Floats) -> Floats:
    """Rows and columns scaled to variance 1; zeros for a driver that does not vary, NaN for such an outcome."""
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    scale[..., -1] = np.where(spread[..., -1] > 0, scale[..., -1], np.nan)
    return covariance * scale[..., :, None] * scale[..., None, :]


def _explained(correlation: Floats) -> Floats:
    """R² of the outcome on every subset of drivers: (blocks, p + 1, p + 1) → (blocks, 2ᵖ), bit j for driver j.

    Driver by driver each subset so far is split in two, without it and with it. What is kept of a subset is the
    covariance of the drivers still to come and the outcome, less what the subset explains of it (one step of Gauss).
    """
    left = correlation[:, None]
    for _ in range(correlation.shape[-1] - 1):
        pivot, column, without = left[..., 0, 0], left[..., 1:, 0], left[..., 1:, 1:]
        factor = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > COLLINEAR)
        given = column * factor[..., None]
        left = np.concatenate([without, without - column[..., :, None] * given[..., None, :]], axis=1)
    return np.asarray(1.0 - left[..., 0, 0])


def _shapley_weights(size: int) -> Floats:
    """(2ᵖ, p): the weight of a subset's R² in each share: + where the driver is in it, − where it could be added.

    It is the part of all orders in which this subset, without the driver, comes just before it: s!(p − 1 − s)!/p!.
    """
    subsets = np.arange(2**size)
    inside = (subsets[:, None] >> np.arange(size)) & 1 == 1
    orders = np.array([factorial(s) * factorial(size - 1 - s) / factorial(size) for s in range(size)] + [0.0])
    members = inside.sum(axis=1)
    return np.where(inside, orders[members - 1][:, None], -orders[members][:, None])


def _bootstrap(rows: Floats, weights: Floats, draws: int, seed: int) -> Floats:
    """Shares (draws, p) of rows drawn with replacement; draws in which the outcome does not vary are left out."""
    generator = np.random.default_rng(seed)
    centred = rows - rows.mean(axis=0)
    covariances = np.empty((draws, rows.shape[1], rows.shape[1]))
    for draw in range(draws):
        times = np.bincount(generator.integers(len(rows), size=len(rows)), minlength=len(rows))
        covariances[draw] = weighted_covariance(centred, weights * times)
    shares = lmg(covariances)
    return shares[~np.isnan(shares).any(axis=1)]


def _refused_on_answers(
    data: Floats, complete: NDArray[np.bool_], counted: NDArray[np.bool_], names: Sequence[str]
) -> Refusal | None:
    """The rules that can be checked before anything is computed; the last column of data is the outcome."""
    if len(names) > MOST_DRIVERS:
        return Refusal(Reason.TOO_MANY_DRIVERS, len(names), MOST_DRIVERS)
    needed = max(LEAST_ANSWERS, ANSWERS_A_DRIVER * len(names))
    columns = [*names, "outcome"]
    empty = np.flatnonzero(np.isnan(data[counted]).all(axis=0))
    if len(empty) or not names:
        return Refusal(Reason.NOT_ANSWERED, 0, needed, tuple(columns[i] for i in empty))
    n = int(complete.sum())
    if n < needed:
        return Refusal(Reason.TOO_FEW_ANSWERS, n, needed)
    constant = np.flatnonzero(np.ptp(data[complete], axis=0) == 0)
    if len(constant):
        return Refusal(Reason.NO_VARIATION, 1, 2, tuple(columns[i] for i in constant))
    return None


def _described(
    names: Sequence[str], shares: Floats, correlations: Floats, drawn: Floats, level: float
) -> tuple[Driver, ...]:
    tail = (1 - level) / 2
    low, high = quantile(drawn.T, tail), quantile(drawn.T, 1 - tail)
    differences = drawn.T[:, None, :] - drawn.T[None, :, :]
    greater = above(quantile(differences, tail), 0.0)  # [i, j]: the bootstrap puts i above j
    order = sorted(range(len(names)), key=lambda i: -shares[i])
    found = []
    for rank, i in enumerate(order, start=1):
        separate = greater[i] | greater[:, i]
        found.append(
            Driver(
                name=names[i],
                share=float(shares[i]),
                normalised=float(shares[i] / shares.sum()),
                lower=float(low[i]),
                upper=float(high[i]),
                correlation=float(correlations[i]),
                sign=int(above(correlations[i], 0.0)) - int(above(0.0, correlations[i])),
                rank=rank,
                best_rank=1 + int(greater[:, i].sum()),
                worst_rank=len(names) - int(greater[i].sum()),
                alike=tuple(names[j] for j in order if j != i and not separate[j]),
            )
        )
    return tuple(found)
