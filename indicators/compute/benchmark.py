"""Position among peers (METHODS §3), in numpy along the last axis: a municipality a column, NaN where it has no value.

Every function works on one row (one indicator, one year) and on any stack of rows alike, so the page that ranks 290
municipalities and the job that ranks all indicators in all years call the same code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indicators.compute.comparison import above, at_least, equal

LEAST_PEERS = 5
LEAST_COVERAGE = 0.5

Floats = NDArray[np.float64]


class Quarter(StrEnum):
    """Relative place as Kommunens Kvalitet i Korthet shows it; never a status."""

    BEST = "best"
    MIDDLE = "middle"
    WORST = "worst"
    NO_DIFFERENCE = "no_difference"


def could_be_mean(value: float, ends: Sequence[float | None]) -> bool:
    """Whether a value lies inside what it should be a mean of, given some of the values, the least and the greatest
    among them (METHODS §3). None and NaN are left out; with nothing left every value could be."""
    known = np.array([end for end in ends if end is not None and not np.isnan(end)])
    return known.size == 0 or bool(at_least(value, known.min()) and at_least(known.max(), value))


def quantile(values: ArrayLike, q: float) -> Any:
    """Type-7 quantile over the last axis, NaN left out; NaN where nothing is left. q in 0–1."""
    return sorted_quantile(np.sort(np.asarray(values, dtype=float), axis=-1), q)


def sorted_quantile(ordered: Floats, q: float) -> Any:
    """`quantile` of rows that are sorted already, NaN last, as numpy sorts."""
    if ordered.shape[-1] == 0:
        return np.full(ordered.shape[:-1], np.nan)[()]
    n = np.sum(~np.isnan(ordered), axis=-1)
    spot = np.maximum(n - 1, 0) * q
    below = np.floor(spot).astype(int)
    next_up = np.minimum(below + 1, np.maximum(n - 1, 0))
    low = np.take_along_axis(ordered, below[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(ordered, next_up[..., None], axis=-1)[..., 0]
    return low + (high - low) * (spot - below)


@dataclass(frozen=True)
class Reference:
    """What a group looks like in one year (or arrays of it, one entry a row). NaN where nobody has a value."""

    n: Any
    mean: Any
    median: Any
    q25: Any
    q75: Any
    low: Any
    high: Any


def reference(values: ArrayLike) -> Reference:
    """Unweighted mean and median, quartiles (type 7), extremes over the last axis. Leave our own out first."""
    data = np.asarray(values, dtype=float)
    if data.shape[-1] == 0:
        data = np.full((*data.shape[:-1], 1), np.nan)
    present = ~np.isnan(data)
    n = present.sum(axis=-1)
    total = np.where(present, data, 0.0).sum(axis=-1)
    mean = np.divide(total, n, out=np.full(np.shape(total), np.nan), where=n > 0)
    ordered = np.sort(data, axis=-1)  # NaN sorts last
    low, q25, median, q75, high = (sorted_quantile(ordered, q) for q in (0.0, 0.25, 0.5, 0.75, 1.0))
    return Reference(n, mean, median, q25, q75, low, high)


@dataclass(frozen=True)
class Place:
    """Rank 1 is best, n counts municipalities with data (our own included); NaN and 0 where our own has none."""

    rank: Any
    n: Any
    percentile: Any
    tied: Any


def signs(higher_is_better: ArrayLike) -> Any:
    """+1 where higher is better, −1 where lower is; one answer, or one a row."""
    return np.where(np.asarray(higher_is_better, dtype=bool), 1.0, -1.0)[()]


def place(own: ArrayLike, others: ArrayLike, higher_is_better: ArrayLike) -> Place:
    """Competition rank and percentile of `own` among itself and `others` (METHODS §3).

    Percentile = 100·(worse + ½·tied incl. self)/n. Ties are equal within the tolerance of `comparison`.
    own [rows], others [rows × members]; `higher_is_better` is one answer or one a row.
    """
    mine = np.asarray(own, dtype=float)[..., None]
    rest = np.asarray(others, dtype=float)
    sign = np.asarray(signs(higher_is_better))[..., None]
    present = ~np.isnan(rest)
    alike = equal(rest, mine)
    tied = (present & alike).sum(axis=-1) + 1
    better = (present & ~alike & (sign * rest > sign * mine)).sum(axis=-1)
    n = present.sum(axis=-1) + 1
    worse = n - tied - better
    has = ~np.isnan(mine[..., 0])
    rank = np.where(has, better + 1.0, np.nan)
    percentile = np.where(has, 100.0 * (worse + tied / 2) / n, np.nan)
    return Place(rank[()], np.where(has, n, 0)[()], percentile[()], np.where(has, tied, 0)[()])


def ranking(values: ArrayLike, higher_is_better: bool) -> tuple[Floats, Floats]:
    """Ranks (1, 1, 1, 4) and percentiles of every municipality in one row; NaN where it has no value."""
    data = np.asarray(values, dtype=float)
    places = [place(data[i], np.delete(data, i), higher_is_better) for i in range(len(data))]
    return (
        np.array([p.rank for p in places], dtype=float),
        np.array([p.percentile for p in places], dtype=float),
    )


def rank_interval(own: ArrayLike, margin: ArrayLike, others: ArrayLike, higher_is_better: ArrayLike) -> tuple[Any, Any]:
    """Best and worst rank that the interval own ± margin allows: shown instead of a rank where the count is small.

    NaN where there is no value or no margin. One row or a stack of rows, as in `place`.
    """
    reach = signs(higher_is_better) * np.asarray(margin, dtype=float)
    best = place(np.asarray(own, dtype=float) + reach, others, higher_is_better)
    worst = place(np.asarray(own, dtype=float) - reach, others, higher_is_better)
    return best.rank, worst.rank + worst.tied - 1


def quarter(value: float, others: ArrayLike, higher_is_better: bool) -> Quarter | None:
    """Relative colour: best if g ≥ Q75, worst if g ≤ Q25, g = s·value, best tested first; Q25 = Q75 → no difference.

    None where the value is missing or fewer than 5 others have one. Never for context indicators: do not ask.
    """
    code = quarters(np.array([value]), np.asarray(others, dtype=float)[None, :], higher_is_better)[0]
    return Quarter(code) if code else None


def quarters(own: Floats, others: Floats, higher_is_better: ArrayLike) -> list[str]:
    """`quarter` for a stack of rows: own [rows], others [rows × members] → codes, "" where there is none."""
    sign = signs(higher_is_better)
    g = sign * own
    low, high = quantile(others, 0.25), quantile(others, 0.75)
    # The quartiles of −x are those of x, mirrored and swapped: type 7 is symmetric.
    q25, q75 = np.where(sign > 0, low, -high), np.where(sign > 0, high, -low)
    enough = (~np.isnan(others)).sum(axis=-1) >= LEAST_PEERS
    choices = [
        np.isnan(own) | ~enough,
        equal(q25, q75),
        at_least(g, q75),
        at_least(q25, g),
    ]
    labels = ["", Quarter.NO_DIFFERENCE.value, Quarter.BEST.value, Quarter.WORST.value]
    return list(np.select(choices, labels, default=Quarter.MIDDLE.value))


def robust_z(value: ArrayLike, others: ArrayLike) -> Any:
    """(y − median)/(1.4826·MAD); NaN where the MAD is 0 or nobody has a value (METHODS §3). One row or a stack."""
    data = np.asarray(others, dtype=float)
    median = np.asarray(quantile(data, 0.5))
    mad = np.asarray(quantile(np.abs(data - median[..., None]), 0.5))
    usable = ~np.isnan(mad) & ~equal(mad, 0.0)
    z = np.divide(
        np.asarray(value, dtype=float) - median, 1.4826 * mad, out=np.full(np.shape(mad), np.nan), where=usable
    )
    return z[()]


def peer_trend(earlier: ArrayLike, later: ArrayLike) -> Any:
    """Median of the paired changes over municipalities that have both years; NaN without a pair (METHODS §3)."""
    return quantile(np.asarray(later, dtype=float) - np.asarray(earlier, dtype=float), 0.5)


def eligible(own: ArrayLike, others: ArrayLike) -> NDArray[np.bool_]:
    """Which years (rows of `others`, in any order) can carry a benchmark: we have a value, at least 5 others do, and
    at least half as many as in the group's best year (METHODS §3)."""
    n = (~np.isnan(np.asarray(others, dtype=float))).sum(axis=-1)
    best = n.max(initial=0)
    return np.asarray(~np.isnan(np.asarray(own, dtype=float)) & (n >= LEAST_PEERS) & (n >= LEAST_COVERAGE * best))


def comparison_year(
    years: Sequence[int], own: ArrayLike, others: ArrayLike, until: int | None = None
) -> tuple[int | None, bool]:
    """The year of a benchmark, and whether it had to fall back to one before our newest (METHODS §3).

    years [rows] names the rows of own [rows] and others [rows × members]. Only years up to `until` are chosen among;
    the group's best year is looked for in all of them. (None, False) where no year will do.
    """
    mine = np.asarray(own, dtype=float)
    fits = eligible(mine, others)
    seen = [
        (year, fit)
        for year, fit, y in zip(years, fits, mine, strict=True)
        if not np.isnan(y) and (until is None or year <= until)
    ]
    chosen = max((year for year, fit in seen if fit), default=None)
    newest = max((year for year, _ in seen), default=None)
    return chosen, chosen is not None and chosen != newest


@dataclass(frozen=True)
class Lesson:
    """A similar municipality to learn from: its value in the year, five years before, and how much better that is."""

    code: str
    value: float
    earlier: float
    improvement: float


def learn_from(
    own: float, now: ArrayLike, before: ArrayLike, codes: Sequence[str], higher_is_better: bool, most: int = 5
) -> list[Lesson]:
    """Similar municipalities that did better in the same year and improved most over five, best first (METHODS §3).

    `now` and `before` hold the similar municipalities' values in the year and five years earlier, in the order of
    `codes`. Ask only for an indicator in the worst half. Ties are broken by code.
    """
    sign = 1.0 if higher_is_better else -1.0
    values, earlier = np.asarray(now, dtype=float), np.asarray(before, dtype=float)
    improvement = sign * (values - earlier)
    wanted = above(sign * values, sign * own) & above(improvement, 0.0)
    lessons = [
        Lesson(code, float(values[i]), float(earlier[i]), float(improvement[i]))
        for i, code in enumerate(codes)
        if wanted[i]
    ]
    return sorted(lessons, key=lambda lesson: (-lesson.improvement, lesson.code))[:most]
