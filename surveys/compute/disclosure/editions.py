"""What two editions of a survey tell together: whoever was added between them is a group too (METHODS §5.7)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveys.compute.disclosure.bounds import Floats, hidden_rows, of_unknowns
from surveys.compute.disclosure.cells import RESPONDENTS, Cell, Cells, Decision, Ints, Key, Rule, State
from surveys.compute.disclosure.suppression import Guard


@dataclass(frozen=True)
class Edition:
    """Cells as they were counted for an edition, and what of them was shown.

    grown: the edition after it holds the same answers and further ones, none changed or taken back.
    """

    cells: tuple[Cell, ...]
    decision: Decision
    grown: bool = True


def changed(cells: Cells, earlier: Sequence[Edition], rule: Rule) -> dict[Key, State]:
    """The cells that may not be shown because of the last edition.

    Shown then: where the number of answers or one of the counts has changed by 1 to least_count − 1, the difference
    would tell of those few. Hidden then: until at least least_base people have come, so that what is shown now says
    little of what was hidden.
    """
    found: dict[Key, State] = {}
    if not earlier:
        return found
    before = Cells(earlier[-1].cells)
    shown = earlier[-1].decision
    for key, cell in cells.by_key.items():
        old = before.by_key.get(key)
        if old is None:
            continue
        if shown.shows(*key):
            if _small_change(cell, old, rule):
                found[key] = State.EDITION
        elif old.base > 0 and abs(cell.total - old.total) < rule.least_base:
            found[key] = State.EDITION
    return found


def _small_change(cell: Cell, old: Cell, rule: Rule) -> bool:
    steps = [cell.base - old.base]
    if len(cell.counts) == len(old.counts) and rule.parts:
        steps += [new - was for new, was in zip(cell.counts, old.counts, strict=True)]
    return any(rule.small(abs(step)) for step in steps)


@dataclass(frozen=True)
class Secret:
    """A number that must stay open: a hidden count of an edition, or how a count has changed since the one before.

    low and high are what can be worked out of it, wanted how far apart they must be.
    """

    edition: int
    level: str
    count: int
    low: int
    high: int
    wanted: int
    is_change: bool = False


class Joint:
    """All editions of one table and grouping variable as one system of equations in whole numbers.

    Unknowns are (edition, level, column), columns as in `Cell.columns`. Known: what an edition shows, the whole's
    columns, each level's respondents where they are shown, and that a grown edition has lost nobody.
    """

    def __init__(self, table: str, variable: str, editions: Sequence[tuple[Cells, Decision, bool]]) -> None:
        self.table, self.variable = table, variable
        self.editions = [e for e in editions if (table, variable) in e[0].rows]
        rows = [{cell.level: cell for cell in cells.rows[table, variable]} for cells, *_ in self.editions]
        self.levels = sorted(set().union(*rows)) if rows else []
        self.width = len(next(iter(rows[-1].values())).columns) if rows else 0
        self.true: Ints = np.array(
            [[row[level].columns if level in row else [0] * self.width for level in self.levels] for row in rows]
        )
        self.shown = np.array(
            [
                [level not in row or decision.shows(table, variable, level) for level in self.levels]
                for row, (_cells, decision, _grown) in zip(rows, self.editions, strict=True)
            ]
        )

    def adds_nothing(self, rule: Rule) -> bool:
        """Whether no edition tells more than it does alone: nothing hidden or slightly changed, or all the same."""
        if len(self.editions) < 2:
            return True
        same = (self.true == self.true[0]).all() and (self.shown == self.shown[0]).all()
        return bool(same) or (bool(self.shown.all()) and not self._small_changes(rule))

    def certified(self, rule: Rule) -> bool:
        """Whether worlds can be shown in which every secret differs enough; False says nothing.

        Two kinds of worlds, each by the bounds of one two-way table: those who were added fall otherwise into the rows
        that are hidden now, or those of before, and of now with them, into the rows that are hidden both times. What is
        found is never wider than the truth, and it spares most systems the integer programme.
        """
        if len(self.editions) != 2 or not all(decision.shows(self.table) for _c, decision, _g in self.editions):
            return False
        hidden_now, hidden_twice = ~self.shown[1], ~self.shown[0] & ~self.shown[1]
        added = self.true[1] - self.true[0]
        if (~self.shown[0] & self.shown[1]).any() or (added[hidden_now] < 0).any():
            return False
        known = [self._totals_known(e) for e in (0, 1)]
        by_added = self._widths(added, hidden_now, known[1])
        by_before = self._widths(self.true[0], hidden_twice, known[0] | known[1])
        changes = all(hidden_now[i] and by_added[i, c] > 0 for _e, i, c in self._small_changes(rule))
        return changes and all(
            by_before[i, c] >= wanted if e == 0 else max(by_added[i, c], by_before[i, c]) >= wanted
            for (e, i, c), wanted in self._hidden_counts(rule)
        )

    def _totals_known(self, edition: int) -> NDArray[np.bool_]:
        cells, decision, _grown = self.editions[edition]
        linked = self.table != RESPONDENTS and cells.linked(self.table, self.variable)
        return np.array([linked and decision.shows(RESPONDENTS, self.variable, level) for level in self.levels])

    def _widths(self, counts: Ints, rows: NDArray[np.bool_], known: NDArray[np.bool_]) -> Ints:
        """How far each count of the given rows can move while their sums stay; 0 elsewhere."""
        found = np.zeros(counts.shape, dtype=np.int64)
        if rows.any():
            low, high = hidden_rows(counts[rows], known[rows])
            found[rows] = high - low
        return found

    def secrets(self, rule: Rule) -> list[Secret]:
        """Every hidden count and every small change, with the bounds that all editions together put on it."""
        hidden, changes = self._hidden_counts(rule), self._small_changes(rule)
        keys = [key for key, _wanted in hidden] + changes
        if not keys:
            return []
        targets = np.array(
            [self._target(*key, is_change=place >= len(hidden)) for place, key in enumerate(keys)]
        )  # fmt: skip
        equations, sums = self._equations()
        found = of_unknowns(equations, sums, targets, differences=self._differences())
        wanted = [width for _key, width in hidden] + [1] * len(changes)
        return [
            Secret(e, self.levels[i], c, low, high, width, is_change=place >= len(hidden))
            for place, ((e, i, c), (low, high), width) in enumerate(zip(keys, found, wanted, strict=True))
        ]

    def _hidden_counts(self, rule: Rule) -> list[tuple[tuple[int, int, int], int]]:
        """(edition, level, count) of what is hidden below a whole that is shown, and the width that it must keep."""
        found = []
        for e, (cells, decision, _grown) in enumerate(self.editions):
            if not decision.shows(self.table):
                continue
            hidden = {key: state for key, state in decision.states.items() if state is not State.SHOWN}
            guard = Guard(cells, self.table, self.variable, hidden, rule)
            for row, cell in enumerate(guard.rows):
                i = self.levels.index(cell.level)
                if not self.shown[e, i]:
                    found += [((e, i, c), int(guard.wanted[0][row, c])) for c in range(self.width - 2)]
        return found

    def _small_changes(self, rule: Rule) -> list[tuple[int, int, int]]:
        if not rule.parts and self.width > 3:
            return []
        steps = np.diff(self.true, axis=0)[:, :, : self.width - 2]
        return [
            (int(e) + 1, int(i), int(c))
            for e, i, c in np.argwhere((np.abs(steps) > 0) & (np.abs(steps) < rule.least_count))
        ]

    def _target(self, edition: int, level: int, count: int, *, is_change: bool) -> Ints:
        target = np.zeros(self.true.shape, dtype=np.int64)
        target[edition, level, count] = 1
        if is_change:
            target[edition - 1, level, count] = -1
        return target.reshape(-1)

    def _equations(self) -> tuple[Floats, Floats]:
        rows, sums = [], []

        def known(mask: Floats) -> None:
            rows.append(mask.reshape(-1))
            sums.append(float((mask * self.true).sum()))

        for e, (cells, decision, _grown) in enumerate(self.editions):
            linked = self.table != RESPONDENTS and cells.linked(self.table, self.variable)
            whole_shown = decision.shows(self.table)
            for c in range(self.width if linked else self.width - 1):
                if whole_shown:
                    known(self._mask(e, slice(None), c))
            for i, level in enumerate(self.levels):
                if self.shown[e, i]:
                    for c in range(self.width - 1):
                        known(self._mask(e, i, c))
                if linked and decision.shows(RESPONDENTS, self.variable, level):
                    known(self._mask(e, i, slice(None)))
        return np.array(rows, dtype=np.float64).reshape(len(rows), self.true.size), np.array(sums)

    def _mask(self, edition: int, level: int | slice, column: int | slice) -> Floats:
        mask = np.zeros(self.true.shape)
        mask[edition, level, column] = 1.0
        return mask

    def _differences(self) -> Floats:
        size = self.true[0].size
        found = []
        for e in range(1, len(self.editions)):
            if self.editions[e - 1][2]:
                step = np.zeros((size, self.true.size))
                step[:, e * size : (e + 1) * size] = np.eye(size)
                step[:, (e - 1) * size : e * size] -= np.eye(size)
                found.append(step)
        return np.vstack(found) if found else np.empty((0, self.true.size))
