"""Raw rows become valid rows or rejected ones with a reason; nothing is guessed and nothing is dropped in silence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

KEY = ["kpi", "municipality", "year", "breakdown"]
RAW_COLUMNS = ["kpi", "municipality", "period", "gender", "value", "deleted"]
LARGEST = 1e12  # what numeric(20, 8) holds
FIRST_YEAR = 1970


class Fault(StrEnum):
    UNKNOWN_KPI = "unknown_kpi"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    NO_YEAR = "no_year"
    FUTURE_YEAR = "future_year"
    UNKNOWN_BREAKDOWN = "unknown_breakdown"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    TOO_LARGE = "too_large"
    OUT_OF_RANGE = "out_of_range"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Checked:
    """`valid`: columns kpi, municipality, year (int), breakdown, value (float; NaN = withdrawn by the source).
    `rejected`: the raw columns and `fault` (a code of Fault)."""

    valid: pd.DataFrame
    rejected: pd.DataFrame


def check_peer_values(
    raw: pd.DataFrame,
    *,
    kpis: Collection[str],
    municipalities: Collection[str],
    latest_year: int,
    ranges: Mapping[str, tuple[float | None, float | None]] | None = None,
) -> Checked:
    """Sort raw rows from Kolada (RAW_COLUMNS, object dtype) into valid and rejected ones; the first fault counts.

    `ranges`: possible range by kpi, bounds of None are open. The same key twice with one value keeps the first and
    rejects the rest as duplicates; with different values all are rejected, since nobody can tell which is right.
    """
    frame = raw.reset_index(drop=True)
    year = _years(frame["period"])
    number, is_number = _numbers(frame["value"])
    withdrawn = frame["deleted"].isin([True]).to_numpy() | frame["value"].isna().to_numpy()
    withdrawn &= ~_is_nan_float(frame["value"])
    value = np.where(withdrawn, np.nan, number)
    known = frame["kpi"].isin(list(kpis)).to_numpy()
    low, high = _bounds(frame["kpi"], known, ranges or {})
    faults = {
        Fault.UNKNOWN_KPI: ~known,
        Fault.UNKNOWN_MUNICIPALITY: ~frame["municipality"].isin(list(municipalities)).to_numpy(),
        Fault.NO_YEAR: np.isnan(year) | (year < FIRST_YEAR),
        Fault.FUTURE_YEAR: year > latest_year,
        Fault.UNKNOWN_BREAKDOWN: ~frame["gender"].isin(["T", "K", "M"]).to_numpy(),
        Fault.NOT_A_NUMBER: ~withdrawn & ~is_number,
        Fault.NOT_FINITE: ~withdrawn & is_number & ~np.isfinite(number),
        Fault.TOO_LARGE: ~withdrawn & (np.abs(value) >= LARGEST),
        Fault.OUT_OF_RANGE: ~withdrawn & ((value < low) | (value > high)),
    }
    fault = np.select(list(faults.values()), [code.value for code in faults], default="")
    sound = fault == ""
    clean = pd.DataFrame(
        {
            "kpi": frame["kpi"][sound].astype(str),
            "municipality": frame["municipality"][sound].astype(str),
            "year": year[sound].astype("int64"),
            "breakdown": frame["gender"][sound].astype(str),
            "value": value[sound].round(8),
        },
        index=frame.index[sound],
    )
    repeated = _repeats(clean)
    fault[repeated.index] = repeated.to_numpy()
    bad = fault != ""
    valid = clean.drop(index=repeated.index).reset_index(drop=True)
    return Checked(valid, frame[bad].assign(fault=fault[bad]).reset_index(drop=True))


def _repeats(clean: pd.DataFrame) -> pd.Series:
    """Faults of rows whose key comes more than once, by the row's label."""
    twins = clean[clean.duplicated(KEY, keep=False)]
    if twins.empty:
        return pd.Series(dtype=object)
    alike = twins.groupby(KEY)["value"].transform(lambda v: v.nunique(dropna=False)) == 1
    faults = pd.Series(np.where(alike, Fault.DUPLICATE.value, Fault.CONFLICT.value), index=twins.index, dtype=object)
    keep = alike & ~twins.duplicated(KEY, keep="first")
    return faults[~keep]


def _years(periods: pd.Series) -> np.ndarray:
    """Whole years as float, NaN where a period is no whole number; version 2 of the API gave text."""
    plain = periods.map(_may_be_year).astype(bool)
    years = pd.to_numeric(periods.where(plain), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    years = np.where(np.isfinite(years), years, np.nan)
    return np.where(years % 1 == 0, years, np.nan)


def _may_be_year(period: object) -> bool:
    """Whether a period can be read as a number; Python counts booleans as numbers and has ints beyond any float."""
    if isinstance(period, bool) or not isinstance(period, (int, float, str, np.integer, np.floating)):
        return False
    return isinstance(period, str) or bool(-LARGEST < period < LARGEST)


def _numbers(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The values as float (NaN for what is none) and which of them are numbers; text and booleans are not."""
    kinds = values.map(type)
    is_number = kinds.isin([int, float]).to_numpy()
    numbers = np.full(len(values), np.nan)
    # An int beyond 1e308 cannot be a float; clipping keeps it too large instead of failing the page.
    numbers[is_number] = [
        float(v) if isinstance(v, float) else float(max(min(v, 10**30), -(10**30))) for v in values[is_number]
    ]
    return numbers, is_number


def _is_nan_float(values: pd.Series) -> np.ndarray:
    """A NaN that the source spelled out is a fault; a null is a missing value."""
    return values.map(lambda v: isinstance(v, float) and v != v).to_numpy(dtype=bool)


def _bounds(
    kpis: pd.Series, known: np.ndarray, ranges: Mapping[str, tuple[float | None, float | None]]
) -> tuple[np.ndarray, np.ndarray]:
    """Possible range of every row; open where the kpi is not known, whatever stands in its place."""
    lows = {kpi: -np.inf if low is None else low for kpi, (low, _) in ranges.items()}
    highs = {kpi: np.inf if high is None else high for kpi, (_, high) in ranges.items()}
    low, high = np.full(len(kpis), -np.inf), np.full(len(kpis), np.inf)
    low[known] = kpis[known].map(lows).astype(float).fillna(-np.inf)
    high[known] = kpis[known].map(highs).astype(float).fillna(np.inf)
    return low, high
