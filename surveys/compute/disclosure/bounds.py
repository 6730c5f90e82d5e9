"""How closely a hidden count can be worked out from what is published: exact integer bounds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveys.compute.disclosure.cells import Ints

Floats = NDArray[np.float64]
UNPROVED = (0, 0)  # where no bound could be found, the worst is assumed: that the count is known


def hidden_rows(counts: Ints, totals_known: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Bounds of each count of wholly hidden rows, whose column sums are known, (rows, columns) each.

    The sums are known since the whole is published and so are all other rows. With known row totals these are the
    bounds of Fréchet, which are attained in a two-way table; rows whose totals are hidden take what the others leave.
    """
    columns = counts.sum(axis=0)
    totals = counts.sum(axis=1)
    known = totals_known.copy()
    free = ~known
    if free.sum() == 1:
        known |= free  # the one that is left has what is left
        free = ~known
    everything = int(columns.sum())
    low = np.maximum(0, totals[:, None] + columns[None, :] - everything)
    high = np.minimum(totals[:, None], columns[None, :])
    room = int(totals[free].sum())
    low[free] = 0
    high[free] = np.minimum(room, columns)
    return low, high


def of_unknowns(
    equations: Floats, sums: Floats, targets: Floats, *, differences: Floats | None = None
) -> list[tuple[int, int]]:
    """Least and greatest value of each target over all whole numbers x ≥ 0 with equations·x = sums.

    equations: (m, k), sums: (m,), targets: (t, k), whole coefficients. differences: (d, k); differences·x ≥ 0 is known
    as well. By mixed-integer programming (HiGHS); a target without an upper end has one beyond every sum. A system that
    cannot be solved gives UNPROVED for its targets.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    unknowns = equations.shape[1]
    beyond = float(np.abs(sums).sum()) + 1.0
    constraints = [LinearConstraint(equations, sums, sums)] if len(equations) else []
    if differences is not None and len(differences):
        constraints.append(LinearConstraint(differences, 0.0, np.inf))
    found = []
    for target in targets:
        ends = []
        for sign in (1.0, -1.0):
            solved = milp(
                sign * target,
                constraints=constraints,
                bounds=Bounds(0.0, beyond),
                integrality=np.ones(unknowns),
                options={"mip_rel_gap": 0.0},
            )
            ends.append(None if solved.x is None or solved.status != 0 else round(sign * float(solved.fun)))
        low, high = ends
        found.append(UNPROVED if low is None or high is None else (low, high))
    return found


def of_categories(
    counts: Sequence[int], hidden: Sequence[int], forms: Sequence[Sequence[int]]
) -> dict[int, tuple[int, int]]:
    """Bounds of the hidden categories of a distribution, by index: the sum of all is known, and Σ form·counts.

    Where the forms only part the categories into groups, as positive and other, a category lies between 0 and what is
    hidden of its group; otherwise a system of equations is solved.
    """
    chosen = list(hidden)
    if not chosen:
        return {}
    values = np.array([counts[i] for i in chosen], dtype=np.float64)
    equations = np.array([[1.0] * len(chosen), *[[float(form[i]) for i in chosen] for form in forms]])
    if np.isin(equations, (0.0, 1.0)).all() and _partition(equations[1:]):
        patterns = [tuple(column) for column in equations.T]
        room = [sum(v for v, p in zip(values, patterns, strict=True) if p == pattern) for pattern in patterns]
        alone = [patterns.count(pattern) == 1 for pattern in patterns]
        return {
            i: (int(values[k]), int(values[k])) if alone[k] else (0, int(room[k])) for k, i in enumerate(chosen)
        }  # fmt: skip
    found = of_unknowns(equations, equations @ values, np.eye(len(chosen)))
    return dict(zip(chosen, found, strict=True))


def _partition(forms: Floats) -> bool:
    """Whether no category is in two forms, so that each group's sum is known."""
    return bool((forms.sum(axis=0) <= 1).all())
