"""Somebody who knows all that is published of a survey, and solves for the rest.

Shares no code with disclosure control: only its plain values for what is counted and what is shown.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from surveys.compute.disclosure.cells import RESPONDENTS, Cell, Decision, Key

BEYOND = 100_000.0


class Attacker:
    """Knows every shown cell of all editions, oldest first, and that all questions are asked of the same people.

    A shown cell gives its base and its shares, so each of its counts, and how many had no opinion. grown: each edition
    holds the answers of the one before.
    """

    def __init__(self, editions: Sequence[tuple[Sequence[Cell], Decision]], *, grown: bool = True) -> None:
        self.places: dict[tuple[int, Key, int], int] = {}
        self.terms: list[dict[int, float]] = []
        self.lows: list[float] = []
        self.highs: list[float] = []
        for number, (cells, decision) in enumerate(editions):
            self.read(number, cells, decision)
        if grown:
            for (number, key, column), place in list(self.places.items()):
                later = self.places.get((number + 1, key, column))
                if later is not None:
                    self.know({later: 1, place: -1}, 0.0, np.inf)

    def place(self, number: int, key: Key, column: int) -> int:
        return self.places.setdefault((number, key, column), len(self.places))

    def know(self, terms: dict[int, float], low: float, high: float) -> None:
        self.terms.append(terms)
        self.lows.append(low)
        self.highs.append(high)

    def read(self, number: int, cells: Sequence[Cell], decision: Decision) -> None:
        columns = {c.key: (1 if c.table == RESPONDENTS else len(c.columns)) for c in cells}
        groups: dict[tuple[str, str], list[Key]] = {}
        for c in cells:
            if c.variable:
                groups.setdefault((c.table, c.variable), []).append(c.key)
            if decision.shows(*c.key):
                for column in range(columns[c.key] - (c.table != RESPONDENTS)):
                    self.know({self.place(number, c.key, column): 1}, c.columns[column], c.columns[column])
            if c.table != RESPONDENTS:
                everybody = self.place(number, (RESPONDENTS, c.variable, c.level), 0)
                terms: dict[int, float] = {self.place(number, c.key, i): 1 for i in range(columns[c.key])}
                self.know(terms | {everybody: -1}, 0, 0)
        for (table, _variable), keys in groups.items():
            for column in range(columns[keys[0]]):
                terms = {self.place(number, key, column): 1 for key in keys}
                self.know(terms | {self.place(number, (table, "", ""), column): -1}, 0, 0)

    def solve(self, terms: Mapping[int, float]) -> tuple[int, int]:
        """Least and greatest value that a sum can have."""
        size = len(self.places)
        matrix = np.zeros((len(self.terms), size))
        for row, known in enumerate(self.terms):
            for place, factor in known.items():
                matrix[row, place] = factor
        goal = np.zeros(size)
        for place, factor in terms.items():
            goal[place] = factor
        ends = [
            milp(
                sign * goal,
                constraints=LinearConstraint(matrix, np.array(self.lows), np.array(self.highs)),
                bounds=Bounds(0, BEYOND),
                integrality=np.ones(size),
            )
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        return round(ends[0].fun), round(-ends[1].fun)

    def count(self, number: int, key: Key, column: int) -> tuple[int, int]:
        return self.solve({self.place(number, key, column): 1})
