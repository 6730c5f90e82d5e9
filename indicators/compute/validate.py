"""Raw rows become valid rows or rejected ones with a reason; nothing is guessed and nothing is dropped in silence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

KEY = ["kpi", "municipality", "year", "breakdown"]
RAW_COLUMNS = ["kpi", "municipality", "period", "gender", "value", "deleted"]
LARGEST = 1e12  # what numeric(20, 8) holds
FINE = 2.0**26  # from here on floats lie further apart than 1e-8
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
    number, is_number, is_null = _numbers(frame["value"])
    withdrawn = is_null | (frame["deleted"].isin([True]).to_numpy() & ~(is_number & np.isnan(number)))
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
    # Numbers first, words for the few bad rows only: a column of words for a million good ones costs half the time.
    code = np.select(list(faults.values()), range(len(faults)), default=-1)
    sound = code < 0
    clean = pd.DataFrame(
        {
            "kpi": frame["kpi"][sound],
            "municipality": frame["municipality"][sound],
            "year": year[sound].astype("int64"),
            "breakdown": frame["gender"][sound],
            "value": _as_stored(value[sound]),
        },
        index=frame.index[sound],
    )
    repeated = _repeats(clean)
    names = [fault.value for fault in faults]
    found = pd.Series([names[c] for c in code[~sound]], index=frame.index[~sound], dtype=object)
    fault = pd.concat([found, repeated]).sort_index()
    valid = clean.drop(index=repeated.index).reset_index(drop=True)
    return Checked(valid, frame.loc[fault.index].assign(fault=fault).reset_index(drop=True))


def _as_stored(values: np.ndarray) -> np.ndarray:
    """Rounded to the eight decimals that are stored; large floats have none left, and rounding would disturb them."""
    return np.where(np.abs(values) < FINE, values.round(8), values)


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
    given = periods.tolist()
    if set(map(type, given)) == {int} and min(given) > -LARGEST and max(given) < LARGEST:
        return np.array(given, dtype=float)
    plain = periods.map(_may_be_year).astype(bool)
    years = pd.to_numeric(periods.where(plain), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    years = np.where(np.isfinite(years), years, np.nan)
    return np.where(years % 1 == 0, years, np.nan)


def _may_be_year(period: object) -> bool:
    """Whether a period can be read as a number; Python counts booleans as numbers and has ints beyond any float."""
    if isinstance(period, bool) or not isinstance(period, (int, float, str, np.integer, np.floating)):
        return False
    return isinstance(period, str) or bool(-LARGEST < period < LARGEST)


def _numbers(values: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The values as float (NaN for what is none), which of them are numbers, and which are null (a missing value).

    Text and booleans are no numbers; a NaN that the source spelled out is one, and not finite.
    """
    given = values.tolist()
    kinds = set(map(type, given))
    if kinds <= {float}:
        return np.array(given, dtype=float), np.ones(len(given), bool), np.zeros(len(given), bool)
    is_null = np.array([v is None or v is pd.NA for v in given], dtype=bool)
    is_number = np.array([type(v) in (int, float) for v in given], dtype=bool)
    # An int beyond 1e308 cannot be a float; clipping keeps it too large instead of failing the page.
    numbers = [
        v if type(v) is float else float(max(min(v, 10**30), -(10**30))) if type(v) is int else np.nan for v in given
    ]
    return np.array(numbers, dtype=float), is_number, is_null


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
