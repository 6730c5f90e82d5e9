"""Satisfaction index of a person, from several questions (METHODS §5.4). Its estimate is a mean, with its interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NKI_LEAST, NKI_MOST, NKI_ITEMS = 1, 10, 3
FIVE_LEAST, FIVE_MOST = 1, 5


def item_scores(items: Array, lo: float, hi: float) -> Array:
    """Answers between lo and hi as 0–100: 100·(x − lo)/(hi − lo). NaN stays NaN; any shape.

    Raises ValueError on an answer outside the scale, or one without length.
    """
    given = np.asarray(items, dtype=float)
    if not lo < hi:
        raise ValueError(f"a scale from {lo:g} to {hi:g} has no length; give its lowest and its highest answer")
    outside = (given < lo) | (given > hi)
    if outside.any():
        raise ValueError(f"{given[outside][0]:g} is outside the scale {lo:g}–{hi:g}; give NaN for no answer")
    return 100 * (given - lo) / (hi - lo)


def person_index(
    items: Array, lo: float, hi: float, weights: Sequence[float] | None = None, least: int | None = None
) -> Array:
    """(n,) index 0–100 of each person from items (n, k): Σ w_k·score_k, Σ w = 1.

    weights: (k,) ≥ 0, made to sum to 1; None: equal. least: answered items that an index needs; None: all of them.
    Where some are missing the weights of the others are scaled up to 1; NaN where fewer than `least` are there, or only
    ones of no weight.
    """
    scores = item_scores(items, lo, hi)
    if scores.ndim != 2 or not scores.shape[1]:
        raise ValueError(f"items: shape {scores.shape}; give a row a person and a column an item")
    count = scores.shape[1]
    w = np.ones(count) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (count,) or not (np.isfinite(w) & (w >= 0)).all() or not w.sum() > 0:
        raise ValueError(f"weights: give {count} numbers of at least 0, one an item, not all of them 0")
    needed = count if least is None else least
    if not 1 <= needed <= count:
        raise ValueError(f"least: {needed} of {count} items; give a number from 1 to {count}")
    answered = ~np.isnan(scores)
    carried = answered @ w
    enough = (answered.sum(axis=1) >= needed) & (carried > 0)
    weighted = np.where(answered, scores, 0.0) @ w
    return np.where(enough, weighted / np.where(enough, carried, 1.0), np.nan)


def nki(items: Array, weights: Sequence[float] | None = None, least: int | None = None) -> Array:
    """(n,) satisfaction index of items (n, 3) on 1–10: satisfied overall, expectations met, near the ideal."""
    given = np.asarray(items, dtype=float)
    if given.ndim != 2 or given.shape[1] != NKI_ITEMS:
        raise ValueError(f"items: shape {given.shape}; the index has {NKI_ITEMS} items, a column each")
    return person_index(given, NKI_LEAST, NKI_MOST, weights, least)


def five_point(answers: Array) -> Array:
    """Answers 1–5 as 0–100: (x − 1)·25. NaN stays NaN."""
    return item_scores(answers, FIVE_LEAST, FIVE_MOST)
