"""What is counted, the rule it must meet, and the decision what is shown: plain values (METHODS §5.7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Key = tuple[str, str, str]  # table, grouping variable, level

RESPONDENTS = ""  # the table of how many responded, of all and at each level
WHOLE = ("", "")  # variable and level of everybody
RESIDUAL = ""  # level of those whom no level of a grouping variable holds: they gave no answer there


@dataclass(frozen=True)
class Rule:
    """A survey's setting.

    least_count: no count from 1 to below it can be seen or worked out. least_base: answers that a share or a mean of a
    subgroup needs; everybody together needs least_count. width: how far apart the bounds of a hidden count must be.
    parts: the counts behind a share are counts too, so that 2 of 60 is not shown as 3.3 % of 60.
    """

    least_count: int = 5
    least_base: int = 20
    width: int = 3
    parts: bool = True

    def small(self, count: int) -> bool:
        """A count that may not be seen; 0 may."""
        return 0 < count < self.least_count


@dataclass(frozen=True)
class Cell:
    """People of one level in one table, unweighted.

    counts: how many gave each kind of answer that a share is made of, as (positive, other); a mean has one, (n,).
    dont_know and missing: had no opinion, gave no answer or were not asked; together with counts they are everybody of
    the level. shares: whether shares or means are made of it; False for a plain table of counts.
    """

    table: str
    variable: str
    level: str
    counts: tuple[int, ...]
    dont_know: int = 0
    missing: int = 0
    shares: bool = True

    @property
    def key(self) -> Key:
        return self.table, self.variable, self.level

    @property
    def base(self) -> int:
        return sum(self.counts)

    @property
    def columns(self) -> tuple[int, ...]:
        """The counts, those without opinion, those without answer."""
        return (*self.counts, self.dont_know, self.missing)

    @property
    def total(self) -> int:
        return sum(self.columns)


@dataclass(frozen=True)
class Distribution:
    """How everybody's answers to one question fall into its categories; the categories exclude each other.

    forms: (k,) whole numbers each; Σ form·counts is published too, as the number of positive answers (1 where a
    category is positive) or the mean (the grades). The sum of all counts always is.
    """

    table: str
    counts: tuple[int, ...]
    forms: tuple[tuple[int, ...], ...] = ()


class State(StrEnum):
    """Whether a cell is shown, and otherwise why not. Readers see none of the reasons: which of two hidden cells is the
    small one is itself a piece of knowledge."""

    SHOWN = "shown"
    COUNT = "count"
    BASE = "base"
    PART = "part"
    LEVEL = "level"
    WHOLE = "whole"
    EDITION = "edition"
    COMPLEMENT = "complement"


@dataclass(frozen=True)
class Decision:
    """What of an edition is shown: made once, stored, asked by every table, filter and file.

    states: key → State. categories: table → indices of hidden categories of its distribution. forms: tables whose
    forms, such as the mean, are hidden too. What a decision does not know is hidden.
    """

    rule: Rule
    states: Mapping[Key, State]
    categories: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()

    def shows(self, table: str, variable: str = "", level: str = "") -> bool:
        """Whether the figures of a cell may be shown: its share or mean, interval, number of answers, no opinion."""
        return self.states.get((table, variable, level)) is State.SHOWN

    def shows_category(self, table: str, category: int) -> bool:
        """Whether one category of everybody's distribution may be shown; known by its place in the counts."""
        return self.shows(table) and table in self.categories and category not in self.categories[table]

    def shows_forms(self, table: str) -> bool:
        """Whether what is computed from the whole distribution, such as its mean, may be shown."""
        return self.shows(table) and table not in self.forms

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        cells: dict[str, dict[str, dict[str, str]]] = {}
        for (table, variable, level), state in sorted(self.states.items()):
            cells.setdefault(table, {}).setdefault(variable, {})[level] = state.value
        return {
            "rule": asdict(self.rule),
            "cells": cells,
            "categories": {table: list(hidden) for table, hidden in sorted(self.categories.items())},
            "forms": sorted(self.forms),
        }


def restored(kept: Mapping[str, Any]) -> Decision:
    """A decision as it was stored. Raises KeyError or ValueError on what is none."""
    states = {
        (table, variable, level): State(state)
        for table, variables in kept["cells"].items()
        for variable, levels in variables.items()
        for level, state in levels.items()
    }
    categories = {table: tuple(hidden) for table, hidden in kept["categories"].items()}
    return Decision(Rule(**kept["rule"]), states, categories, frozenset(kept["forms"]))


def covered(decision: Decision, figures: Mapping[Key, Mapping[str, Any]]) -> dict[Key, dict[str, Any]]:
    """The figures of cells as they may be shown: of a hidden cell every figure is None, the number of answers too."""
    return {
        key: dict(known) if decision.shows(*key) else dict.fromkeys(known) for key, known in figures.items()
    }  # fmt: skip


class Cells:
    """Cells by table and variable, with a residual level wherever the levels leave somebody of the whole out.

    Raises ValueError where a table has no whole, a level comes twice or the levels hold more people than the whole.
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.by_key: dict[Key, Cell] = {}
        self.rows: dict[tuple[str, str], list[Cell]] = {}
        for cell in cells:
            if cell.key in self.by_key:
                raise ValueError(f"cell twice: {cell.key}")
            if min(cell.columns) < 0:
                raise ValueError(f"a count below 0: {cell.key}")
            self.by_key[cell.key] = cell
            if cell.variable:
                self.rows.setdefault((cell.table, cell.variable), []).append(cell)
        for (table, variable), rows in self.rows.items():
            residual = self._residual(table, variable, rows)
            if residual is not None:
                self.by_key[residual.key] = residual
                rows.append(residual)
            rows.sort(key=lambda cell: cell.level)

    def _residual(self, table: str, variable: str, rows: Sequence[Cell]) -> Cell | None:
        whole = self.whole(table)
        if whole is None:
            raise ValueError(f"table {table!r} has levels of {variable!r} and no cell of everybody")
        if {len(cell.counts) for cell in rows} != {len(whole.counts)}:
            raise ValueError(f"table {table!r}, {variable!r}: cells with different numbers of counts")
        left = np.array(whole.columns) - np.array([cell.columns for cell in rows]).sum(axis=0)
        if (left < 0).any():
            raise ValueError(f"table {table!r}: the levels of {variable!r} hold more people than there are")
        if not left.any():
            return None
        if (table, variable, RESIDUAL) in self.by_key:
            raise ValueError(f"table {table!r}: the levels of {variable!r} do not add up to everybody")
        *counts, dont_know, missing = left.tolist()
        return Cell(table, variable, RESIDUAL, tuple(counts), dont_know, missing, whole.shares)

    def whole(self, table: str) -> Cell | None:
        return self.by_key.get((table, *WHOLE))

    def linked(self, table: str, variable: str) -> bool:
        """Whether the rows are the respondents of each level, so that published numbers of respondents bound them."""
        known = [self.by_key.get((RESPONDENTS, variable, cell.level)) for cell in self.rows[table, variable]]
        whole, everybody = self.whole(table), self.whole(RESPONDENTS)
        return (
            whole is not None
            and everybody is not None
            and whole.total == everybody.total
            and all(
                other is not None and other.total == cell.total
                for cell, other in zip(self.rows[table, variable], known, strict=True)
            )
        )
