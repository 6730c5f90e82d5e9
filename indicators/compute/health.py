"""Whether an indicator is worth its place: what speaks against it, from its own figures (docs/METHODS.md, B)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from indicators.compute.comparison import above, equal

CONSTANT_POINTS = 5  # so many values in a row
GAP_PERIODS, LEAST_GAPS = 8, 2  # of the latest due periods
REVISED_LEAST, REVISED_SHARE = 2, 0.25  # periods with another value before; of all with a value
DUPLICATE_YEARS, DUPLICATE_CORRELATION = 6, 0.95
NEAR = 0.01
LOOK_DAYS = 30  # so long must have been counted before “never” is said


class Sign(StrEnum):
    """What can be said against an indicator; in the order in which it is told."""

    LATE = "late"
    MISSING = "missing"
    REVISED = "revised"
    OVERRULED = "overruled"
    CONSTANT = "constant"
    DUPLICATE = "duplicate"
    UNSEEN = "unseen"
    NO_GOAL = "no_goal"


class Advice(StrEnum):
    """What a strategist may do; a person decides."""

    PRUNE = "prune"
    MEND = "mend"
    KEEP = "keep"


@dataclass(frozen=True)
class Pair:
    """Two indicators whose yearly values go up and down together, or one up as the other goes down."""

    first: int
    second: int
    correlation: float
    years: int


def constant(values: Sequence[float]) -> int:
    """How many of the latest values, newest last, are the same; 0 below five, where nothing can be said."""
    if len(values) < CONSTANT_POINTS:
        return 0
    same = 0
    for value in reversed(values):
        if not equal(float(value), float(values[-1])):
            break
        same += 1
    return same if same >= CONSTANT_POINTS else 0


def gaps(answered: Sequence[bool]) -> int:
    """How many of the latest eight due periods, newest last, have neither a value nor a stated reason; 0 for one alone,
    which is late or an accident."""
    missing = sum(1 for there in answered[-GAP_PERIODS:] if not there)
    return missing if missing >= LEAST_GAPS else 0


def often_revised(revised: int, periods: int) -> bool:
    """At least two periods, and a quarter of those with a value, had another official value before."""
    return revised >= REVISED_LEAST and revised >= REVISED_SHARE * periods


def never_looked_at(looks: int, counted_days: int) -> bool:
    """No look at all since counting began, at least thirty days ago."""
    return looks == 0 and counted_days >= LOOK_DAYS


def duplicates(series: Mapping[int, Mapping[int, float]]) -> list[Pair]:
    """Pairs whose Pearson correlation over at least six common years lies above 0.95 or below −0.95, strongest first.

    A series that does not vary over the common years is like no other. What moves together need not measure the same:
    two steady trends do so too, which is why the pair is shown and nothing is decided.
    """
    years = sorted({year for values in series.values() for year in values})
    if not years:
        return []
    frame = pd.DataFrame({identity: [own.get(y, np.nan) for y in years] for identity, own in series.items()})
    # All pairs at once, a little too many; each is then worked out over its own common years.
    near = frame.corr(min_periods=DUPLICATE_YEARS).abs().to_numpy() > DUPLICATE_CORRELATION - NEAR
    found = []
    for place, other in zip(*np.nonzero(np.triu(near, k=1)), strict=True):
        a, b = frame.iloc[:, place].to_numpy(), frame.iloc[:, other].to_numpy()
        r = correlation(a, b)
        if r is not None and above(abs(r), DUPLICATE_CORRELATION):
            first, second = sorted((int(frame.columns[place]), int(frame.columns[other])))
            found.append(Pair(first, second, r, int((~np.isnan(a) & ~np.isnan(b)).sum())))
    return sorted(found, key=lambda pair: (-abs(pair.correlation), pair.first, pair.second))


def correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    """Pearson's r over the places where both have a value; None where there are fewer than six, or one never varies."""
    both = ~(np.isnan(a) | np.isnan(b))
    x, y = a[both], b[both]
    if len(x) < DUPLICATE_YEARS or bool(np.all(equal(x, x[0]))) or bool(np.all(equal(y, y[0]))):
        return None
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x * x).sum()) * np.sqrt((y * y).sum()))
    return float((x * y).sum() / size) if size > 0 else None


def advice(signs: Collection[Sign], *, decides: bool) -> Advice | None:
    """Keep what decides a goal's status; prune what is in no goal and has one more sign of being needless; mend what is
    late, missing, often revised or often overruled; None where there is nothing to do."""
    needless = {Sign.CONSTANT, Sign.DUPLICATE, Sign.UNSEEN, Sign.MISSING}
    unsound = {Sign.LATE, Sign.MISSING, Sign.REVISED, Sign.OVERRULED}
    if not decides and Sign.NO_GOAL in signs and needless & set(signs):
        return Advice.PRUNE
    if unsound & set(signs):
        return Advice.MEND
    return Advice.KEEP if decides else None
