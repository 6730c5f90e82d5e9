"""Two waves compared, and how many of those asked answered (METHODS §5.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from surveys.compute.estimation import LEVEL, Estimate

Array = NDArray[Any]


@dataclass(frozen=True)
class Difference:
    """Later − earlier, in the unit of the two. `certain`: the interval excludes 0, so the change is no chance."""

    value: float
    se: float
    lower: float
    upper: float
    certain: bool


@dataclass(frozen=True)
class Response:
    """How many were asked and how many answered. rate = answered / (invited − not eligible); NaN where nobody is."""

    answered: int
    invited: int
    not_eligible: int
    rate: float


def difference(earlier: Estimate, later: Estimate, level: float = LEVEL) -> Difference:
    """Difference of two independent samples: se = √(se₁² + se₂²).

    t interval with Welch and Satterthwaite's degrees of freedom; an `Estimate` with df = ∞ (a published figure) has the
    normal one. NaN and not certain where either has no standard error. An interval that only touches 0 does not exclude
    it, and two figures without any error are never certain.
    """
    value = later.value - earlier.value
    se = float(np.hypot(earlier.se, later.se))
    df = _degrees(earlier, later, se)
    if not (np.isfinite(se) and se > 0 and df > 0):
        return Difference(value, se, float("nan"), float("nan"), False)
    reach = float(stdtrit(df, (1 + level) / 2)) * se
    lower, upper = value - reach, value + reach
    return Difference(value, se, lower, upper, bool(lower > 0 or upper < 0))


def _degrees(earlier: Estimate, later: Estimate, se: float) -> float:
    uncertain = [each for each in (earlier, later) if each.se != 0]
    if not se > 0 or not all(each.df > 0 for each in uncertain):
        return float("nan")
    # As parts of the whole, so that tiny errors do not vanish when raised to the fourth.
    spent = sum((each.se / se) ** 4 / each.df for each in uncertain)
    return 1 / spent if spent > 0 else float("inf")


def response(answered: int, invited: int, not_eligible: int = 0) -> Response:
    """Counts of people: those who answered, of those invited who could have (not dead, not moved away).

    Raises ValueError where the counts contradict each other.
    """
    could = invited - not_eligible
    if min(answered, invited, not_eligible) < 0 or could < answered:
        raise ValueError(
            f"{answered} answered of {invited} invited, {not_eligible} not eligible: these cannot all be right"
        )
    return Response(answered, invited, not_eligible, answered / could if could else float("nan"))


def response_by_group(
    group: Array, answered: Array, not_eligible: Array | None = None, order: Sequence[Any] = ()
) -> pd.DataFrame:
    """Response of everybody invited, by group: (n,) labels, and (n,) truth values that say who answered.

    not_eligible: (n,) truth values; None: all could answer. Returns columns answered, invited, not_eligible, rate, a
    row a group, in `order` where given, otherwise as they first come; missing labels are a group of their own (NaN).
    """
    frame = pd.DataFrame({"group": np.asarray(group), "answered": np.asarray(answered, dtype=bool)})
    frame["not_eligible"] = False if not_eligible is None else np.asarray(not_eligible, dtype=bool)
    by = frame.groupby("group", sort=False, dropna=False)
    counts = by.agg(answered=("answered", "sum"), invited=("answered", "size"), not_eligible=("not_eligible", "sum"))
    if order:
        counts = counts.reindex(list(order), fill_value=0)
    counts["rate"] = [response(*map(int, row)).rate for row in counts.to_numpy()]
    return counts
