"""Similar municipalities where no published list exists: distance of z-scores (METHODS §3)."""

import numpy as np
import pandas as pd

NEAREST = 7
DECIMALS = 12  # of a distance of z-scores, when two are compared


def nearest(
    variables: pd.DataFrame,
    code: str,
    *,
    log: tuple[str, ...] = ("population",),
    weights: dict[str, float] | None = None,
    k: int = NEAREST,
) -> pd.DataFrame:
    """The k municipalities nearest to `code`: weighted Euclidean distance of z-scores, complete cases, ties by code.

    variables: index = municipality code, one numeric column a variable; those in `log` must be positive and are taken
    as logarithms. A variable without spread tells nothing and adds 0. Returns a frame indexed by code, nearest first:
    the variables as given, and `distance`. Empty where `code` itself is no complete case. Raises KeyError on an
    unknown weight.
    """
    unknown = set(weights or {}) - set(variables.columns)
    if unknown:
        raise KeyError(f"weights name no variable: {sorted(unknown)}")
    complete = variables.astype(float).dropna()
    for name in log:
        if name in complete:
            complete = complete[complete[name] > 0]
    if code not in complete.index:
        return variables.iloc[0:0].assign(distance=pd.Series(dtype=float))
    measured = complete.apply(lambda column: np.log(column) if column.name in log else column)
    spread = measured.std(ddof=0)
    z = (measured - measured.mean()) / spread.where(spread > 0)
    weight = pd.Series({name: (weights or {}).get(str(name), 1.0) for name in z.columns})
    squared = ((z - z.loc[code]) ** 2).fillna(0.0) * weight
    distance = np.sqrt(squared.sum(axis=1))
    others = complete.assign(distance=distance).drop(index=code)
    # Rounded, so that two that are equally far but for the last bits of a float are told apart by code.
    order = pd.DataFrame({"distance": others["distance"].round(DECIMALS), "code": others.index.astype(str)})
    return others.iloc[order.reset_index(drop=True).sort_values(["distance", "code"]).index].head(k)
