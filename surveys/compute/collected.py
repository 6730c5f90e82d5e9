"""What came in of a wave, lined up for estimation: one row a response, one column a part of a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Column = tuple[str, int]
NO_ROW, ANSWERED, NO_OPINION, REFUSED = 0, 1, 2, 3


@dataclass(frozen=True)
class Collected:
    """n responses. strata, clusters, modes (n,) text, "" where none; weights (n,) as they came with an import, NaN.

    columns: (question code, part) → column. values (n, k): option, grade or number, NaN where there is none. state
    (n, k): NO_ROW the question was not shown, ANSWERED, NO_OPINION or REFUSED. lots (n,): a number from 0 to 1 for each
    response that never changes, by which it is placed where a lot decides; None: nobody is placed.
    """

    strata: NDArray[np.str_]
    clusters: NDArray[np.str_]
    modes: NDArray[np.str_]
    weights: Floats
    columns: Mapping[Column, int]
    values: Floats
    state: NDArray[np.int8]
    lots: Floats | None = None

    def __len__(self) -> int:
        return len(self.weights)

    def answers(self, code: str, part: int = 0) -> Floats:
        """(n,) values of a question's part; NaN where not answered or never asked."""
        place = self.columns.get((code, part))
        return np.full(len(self), np.nan) if place is None else self.values[:, place]

    def states(self, code: str, part: int = 0) -> NDArray[np.int8]:
        """(n,) how each response stands to a question's part."""
        place = self.columns.get((code, part))
        return np.zeros(len(self), dtype=np.int8) if place is None else self.state[:, place]

    def only(self, rows: NDArray[np.bool_]) -> "Collected":
        """The responses of a (n,) mask."""
        return Collected(
            self.strata[rows], self.clusters[rows], self.modes[rows], self.weights[rows],
            self.columns, self.values[rows], self.state[rows], None if self.lots is None else self.lots[rows],
        )  # fmt: skip


def chosen(answers: Floats, among: Sequence[int]) -> Floats:
    """1 where the answer is one of the options, 0 where it is another, NaN where there is none."""
    return np.where(np.isnan(answers), np.nan, np.isin(answers, list(among)).astype(float))


def without_opinion(states: NDArray[np.int8]) -> Floats:
    """1 for no opinion, 0 for an answer, NaN for everybody else: what the share without an opinion is the mean of."""
    return np.where(states == NO_OPINION, 1.0, np.where(states == ANSWERED, 0.0, np.nan))
