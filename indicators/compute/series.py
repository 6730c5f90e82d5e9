"""One value a due period (METHODS §2): newest approved revision, explicit gaps, changes, coarser periods."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from indicators.periods import Kind, Period, PeriodError, span

NORMAL_95 = 1.959963984540054


class Aggregation(StrEnum):
    """How an indicator's values make one for a coarser period."""

    SUM = "sum"
    WEIGHTED_MEAN = "weighted_mean"
    LAST = "last"
    RECOMPUTE = "recompute"


@dataclass(frozen=True)
class Break:
    """From `period` on the series is measured in another way; comparable backwards or not."""

    period: Period
    comparable_backwards: bool


def newest_revision(frame: pd.DataFrame, keys: Sequence[str], *, earlier: str | None = None) -> pd.DataFrame:
    """The row with the highest `revision` for each combination of `keys`; order of entry plays no part.

    Rows without siblings keep their order and come first, the others follow in the order of their keys. `earlier`
    names a column to add: the `value` of the revision before, NaN where there is none or it had none.
    """
    names = list(keys)
    # Two rows of one key differ in revision, so one of them is above 0: only rows like those can have siblings.
    above = frame[frame["revision"] > 0]
    likely = np.ones(len(frame), dtype=bool)
    for name in names:
        likely &= frame[name].isin(above[name].unique()).to_numpy()
    repeated = np.zeros(len(frame), dtype=bool)
    repeated[likely] = frame[likely].duplicated(names, keep=False)
    alone, siblings = frame[~repeated], frame[repeated].sort_values([*names, "revision"], kind="stable")
    if earlier is not None:
        alone = alone.assign(**{earlier: math.nan})
        siblings = siblings.assign(**{earlier: siblings.groupby(names)["value"].shift().astype(float)})
    newest = siblings.drop_duplicates(names, keep="last")
    return pd.concat([alone, newest], ignore_index=True) if len(newest) else alone.reset_index(drop=True)


def official_revisions(approved: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Approved rows with `revision` counted anew for each combination of `keys`: 0 the first, one more for each that
    says something else. Of rows in a row with the same `value` and `absence` the last is kept, with the first's number.
    """
    names = list(keys)
    rows = approved.sort_values([*names, "revision"], kind="stable")
    cells = rows.groupby(names)
    first = cells.cumcount() == 0
    earlier = cells[["value", "absence"]].shift()
    same_value = (rows["value"] == earlier["value"]) | (rows["value"].isna() & earlier["value"].isna())
    changed = ~first & ~(same_value & (rows["absence"] == earlier["absence"]))
    rows = rows.assign(revision=changed.astype(int).groupby([rows[name] for name in names]).cumsum())
    return rows.drop_duplicates([*names, "revision"], keep="last").reset_index(drop=True)


def due_periods(kind: Kind, first: Period, last: Period) -> list[Period]:
    """Every period of `kind` that ends within first … last, whatever their own kinds."""
    start = Period.of(kind, first.first_day)
    end = Period.of(kind, last.last_day)
    if end.last_day > last.last_day:
        end = end.previous()
    return span(start, end) if start.ordinal <= end.ordinal else []


def with_gaps(values: dict[Period, float], kind: Kind, until: Period | None = None) -> dict[Period, float]:
    """The series with every due period from its first value to its last (or `until`), NaN where none was measured."""
    if not values:
        return {}
    wrong = [period for period in values if period.kind is not kind]
    if wrong:
        raise PeriodError(f"{wrong[0]} does not belong in a series by {kind}")
    last = max(values) if until is None else max(until, max(values))
    return {period: values.get(period, math.nan) for period in span(min(values), last)}


def change(y: float, c: float) -> float:
    """y − c, in the indicator's unit; for a share that is percentage points. NaN where either is missing."""
    return y - c


def relative_change(y: float, c: float) -> float:
    """(y − c)/c as a share of 1; NaN unless the base is positive."""
    return (y - c) / c if c > 0 else math.nan


def breaks_between(breaks: Iterable[Break], earlier: Period, later: Period) -> bool:
    """Whether values of the two periods cannot be compared: a break after the earlier and not after the later period
    that does not say “comparable backwards”. Which of the two is named first plays no part."""
    first, last = min(earlier, later), max(earlier, later)
    return any(first < b.period <= last and not b.comparable_backwards for b in breaks)


def segment(breaks: Iterable[Break], period: Period) -> int:
    """In which comparable stretch of the series a period lies, counted from 0."""
    return sum(1 for b in breaks if b.period <= period and not b.comparable_backwards)


def share_margin(percent: float, n: float, z: float = NORMAL_95) -> float:
    """Half-width of the 95 % interval of a share in per cent, answered by n as a simple random sample, in points.

    100·z·√(p(1 − p)/n). Marked as computed wherever it is shown: no design, no finite population. NaN unless n > 0 and
    0 ≤ percent ≤ 100.
    """
    if not n > 0 or not 0 <= percent <= 100:
        return math.nan
    p = percent / 100
    return 100 * z * math.sqrt(p * (1 - p) / n)


def aggregate(
    parts: pd.DataFrame, kind: Kind, how: Aggregation, *, is_share: bool = False, scale: float = 1.0
) -> pd.DataFrame:
    """Values of finer periods made into one for each coarser period of `kind` (METHODS §2).

    parts: columns period (Period), value, and for RECOMPUTE and WEIGHTED_MEAN numerator and denominator (the mean's
    weight). A coarser period has a value only if all its finer ones have (LAST: if its last one has); otherwise NaN.
    RECOMPUTE gives scale·Σ numerator/Σ denominator (scale 100 for per cent), NaN where the denominators sum to 0.
    Returns columns period, value, numerator, denominator, sorted. Shares are never averaged or summed: ValueError.
    Raises PeriodError where the finer periods do not make up whole coarser ones (quarters in a tertial).
    """
    if is_share and how in (Aggregation.SUM, Aggregation.WEIGHTED_MEAN):
        raise ValueError("a share is recomputed from numerators and denominators, never summed or averaged")
    rows = []
    for code, block in _coarser(parts, kind):
        rows.append({"period": code, **_one(block, code, how, scale)})
    frame = pd.DataFrame(rows, columns=["period", "value", "numerator", "denominator"])
    return frame.sort_values("period", ignore_index=True)


def _coarser(parts: pd.DataFrame, kind: Kind) -> list[tuple[Period, pd.DataFrame]]:
    coarse = [Period.of(kind, period.last_day) for period in parts["period"]]
    grouped: dict[Period, list[int]] = {}
    for row, period in enumerate(coarse):
        grouped.setdefault(period, []).append(row)
    return [(period, parts.iloc[rows].sort_values("period")) for period, rows in grouped.items()]


def _one(block: pd.DataFrame, coarse: Period, how: Aggregation, scale: float) -> dict[str, float]:
    periods: list[Period] = list(block["period"])
    wanted = due_periods(periods[0].kind, coarse, coarse)
    if wanted[0].first_day != coarse.first_day or wanted[-1].last_day != coarse.last_day:
        raise PeriodError(f"a {coarse.kind} is not made up of whole periods by {periods[0].kind}")
    empty = {"value": math.nan, "numerator": math.nan, "denominator": math.nan}
    if how is Aggregation.LAST:
        last = block[[period == wanted[-1] for period in periods]]
        return {**empty, "value": float(last["value"].iloc[0])} if len(last) else empty
    if set(periods) != set(wanted):
        return empty
    if how is Aggregation.SUM:
        return {**empty, "value": float(block["value"].sum(skipna=False))}
    denominator = float(block["denominator"].sum(skipna=False))
    if how is Aggregation.RECOMPUTE:
        numerator = float(block["numerator"].sum(skipna=False))
    else:
        numerator = float((block["value"] * block["denominator"]).sum(skipna=False))
        scale = 1.0
    value = scale * numerator / denominator if denominator > 0 else math.nan
    return {"value": value, "numerator": numerator, "denominator": denominator}
