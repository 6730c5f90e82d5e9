"""Which cells are hidden: those that are too small, and those that would give them away (METHODS §5.7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from surveys.compute.disclosure.bounds import hidden_rows, of_categories
from surveys.compute.disclosure.cells import (
    RESPONDENTS,
    WHOLE,
    Cell,
    Cells,
    Decision,
    Distribution,
    Ints,
    Key,
    Rule,
    State,
)

Filters = Mapping[str, Sequence[str]]  # table → the tables whose answers decide who is asked
AT_MOST_TRIED = 3  # rows added by trying every choice; where more are needed, all are hidden


def too_small(cell: Cell, rule: Rule) -> State | None:
    """Why a cell may not be shown for its own sake; None where it may. One in which nobody answered may."""
    base = cell.base
    if rule.small(base):
        return State.COUNT
    if cell.shares and cell.table != RESPONDENTS and cell.variable and 0 < base < rule.least_base:
        return State.BASE
    if rule.parts and any(rule.small(count) for count in cell.counts):
        return State.PART
    return None


def primary(cells: Iterable[Cell], rule: Rule) -> dict[Key, State]:
    """The cells that are too small, with the reason."""
    found = {cell.key: too_small(cell, rule) for cell in cells}
    return {key: state for key, state in found.items() if state is not None}


def complementary(
    cells: Cells, hidden: Mapping[Key, State], rule: Rule, *, filters: Filters | None = None
) -> dict[Key, State]:
    """What must be hidden besides `hidden`, so that nothing of it can be worked out from sums; without `hidden`.

    A level whose number of respondents is hidden is hidden in every table, a table whose whole is hidden is hidden
    wholly. Then, in each table and grouping variable, the fewest people are hidden that make the rest safe: ties go to
    fewer rows, then to the earlier level. filters: table → the tables whose answers decide who is asked; what is
    hidden there is hidden here, since who was asked here answered there.
    """
    found = dict(hidden)
    for variable in sorted({variable for table, variable in cells.rows if table == RESPONDENTS}):
        found |= _completed(cells, RESPONDENTS, variable, found, rule)
    _cascade(cells, found)
    for table in _parents_first({key[0] for key in cells.by_key}, filters or {}):
        for parent in (filters or {}).get(table, ()):
            _inherit(cells, found, table, parent)
        for variable in sorted({v for t, v in cells.rows if t == table and t != RESPONDENTS}):
            found |= _completed(cells, table, variable, found, rule)
    return {key: state for key, state in found.items() if key not in hidden}


def _parents_first(tables: Iterable[str], filters: Filters) -> list[str]:
    """Tables in an order in which each comes after the one that filters it. Raises ValueError on a circle."""

    def depth(table: str, below: tuple[str, ...] = ()) -> int:
        if table in below:
            raise ValueError(f"filters go round in a circle at {table!r}")
        return max((1 + depth(parent, (*below, table)) for parent in filters.get(table, ())), default=0)

    return sorted(tables, key=lambda table: (depth(table), table))


def _inherit(cells: Cells, found: dict[Key, State], table: str, parent: str) -> None:
    """Hides of a table what is hidden of the one that filters it."""
    for key in cells.by_key:
        if key[0] == table and ((parent, *key[1:]) in found or (parent, *WHOLE) in found):
            found.setdefault(key, State.LEVEL if (parent, *WHOLE) not in found else State.WHOLE)


def _cascade(cells: Cells, found: dict[Key, State]) -> None:
    """Hides what stands below a hidden whole or belongs to a level whose respondents are hidden."""
    nothing_shown = (RESPONDENTS, *WHOLE) in found
    composed = counted_again(found)
    for table, variable, level in cells.by_key:
        if nothing_shown or (table, *WHOLE) in found:
            found.setdefault((table, variable, level), State.WHOLE)
        elif table in composed or (RESPONDENTS, variable, level) in found:
            found.setdefault((table, variable, level), State.LEVEL)


def counted_again(hidden: Iterable[Key]) -> set[str]:
    """Tables that count the respondents of hidden levels again: the background question is a table of its own name, and
    how its answers fall, and how many gave none, are the numbers that were hidden."""
    return {variable for table, variable, _level in hidden if table == RESPONDENTS and variable}


def _completed(cells: Cells, table: str, variable: str, found: Mapping[Key, State], rule: Rule) -> dict[Key, State]:
    """The further rows of a table and variable to hide; none where the whole is hidden, since then no sum is known."""
    rows = cells.rows[table, variable]
    is_hidden = np.array([cell.key in found for cell in rows])
    if not is_hidden.any() or (table, *WHOLE) in found:
        return {}
    guard = Guard(cells, table, variable, found, rule)
    if guard.safe(is_hidden):
        return {}
    for more in _choices(rows, is_hidden):
        tried = is_hidden.copy()
        tried[list(more)] = True
        if guard.safe(tried):
            break
    else:
        more = tuple(np.flatnonzero(~is_hidden).tolist())
    return {rows[i].key: State.COMPLEMENT for i in more}


def _choices(rows: Sequence[Cell], is_hidden: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    """Sets of rows to hide, those that cost the fewest answers first."""
    left = [i for i, cell in enumerate(rows) if not is_hidden[i] and cell.total > 0]
    sets = [chosen for size in range(1, AT_MOST_TRIED + 1) for chosen in combinations(left, size)]
    yield from sorted(sets, key=lambda chosen: (sum(rows[i].total for i in chosen), len(chosen), chosen))


class Guard:
    """Says of one table and grouping variable whether a set of hidden rows is safe, and how closely each is bounded."""

    def __init__(self, cells: Cells, table: str, variable: str, hidden: Mapping[Key, State], rule: Rule) -> None:
        self.rule = rule
        self.rows = cells.rows[table, variable]
        self.linked = table != RESPONDENTS and cells.linked(table, variable)
        # Without a link nothing is known of who gave no answer, nor of a row's total.
        self.counts: Ints = np.array([cell.columns if self.linked else cell.columns[:-1] for cell in self.rows])
        self.totals_known = np.array(
            [self.linked and (RESPONDENTS, variable, cell.level) not in hidden for cell in self.rows]
        )
        self.protected = len(self.rows[0].counts)
        self.wanted = self._wanted()

    def bounds(self, is_hidden: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Bounds of the protected counts of each row, (rows, counts); of a row that is shown the count itself."""
        low, high = self.counts.copy(), self.counts.copy()
        low[is_hidden], high[is_hidden] = hidden_rows(self.counts[is_hidden], self.totals_known[is_hidden])
        return low[:, : self.protected], high[:, : self.protected]

    def base_bounds(self, is_hidden: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Bounds of how many answered in each row, (rows,): its counts taken together."""
        merged = self._merged()
        low, high = merged.copy(), merged.copy()
        low[is_hidden], high[is_hidden] = hidden_rows(merged[is_hidden], self.totals_known[is_hidden])
        return low[:, 0], high[:, 0]

    def _merged(self) -> Ints:
        return np.column_stack([self.counts[:, : self.protected].sum(axis=1), self.counts[:, self.protected :]])

    def _wanted(self) -> tuple[Ints, Ints]:
        """The width that each count and each base must keep: the rule's, or what the published whole leaves of it.

        What the whole alone tells cannot be hidden in a level: where nobody at all answered "no", nobody did there.
        """
        everything = np.ones(len(self.rows), dtype=bool)
        low, high = self.bounds(everything)
        least, most = self.base_bounds(everything)
        return np.minimum(self.rule.width, high - low), np.minimum(self.rule.width, most - least)

    def narrow(self, is_hidden: NDArray[np.bool_]) -> list[tuple[int, int, int, int, int]]:
        """Hidden counts that are bounded too closely: (row, count, low, high, wanted); count −1 is the base.

        The base counts as a secret only where it is itself too small.
        """
        low, high = self.bounds(is_hidden)
        wanted, wanted_base = self.wanted
        failing = (high - low < wanted) & is_hidden[:, None]
        found = [
            (int(i), int(c), int(low[i, c]), int(high[i, c]), int(wanted[i, c])) for i, c in np.argwhere(failing)
        ]  # fmt: skip
        small = np.array([self.rule.small(cell.base) for cell in self.rows])
        least, most = self.base_bounds(is_hidden)
        alone = (most - least < wanted_base) & is_hidden & small
        found += [
            (int(i), -1, int(least[i]), int(most[i]), int(wanted_base[i])) for i in np.flatnonzero(alone)
        ]  # fmt: skip
        return found

    def together(self, is_hidden: NDArray[np.bool_]) -> Cell | None:
        """All hidden rows as one cell, which sums give away; None without any, or where nobody is in the others."""
        if not is_hidden.any() or all(is_hidden[i] or cell.total == 0 for i, cell in enumerate(self.rows)):
            return None
        first = self.rows[0]
        counts = self.counts[is_hidden, : self.protected].sum(axis=0)
        return Cell(first.table, first.variable, "", tuple(counts.tolist()), shares=first.shares)

    def safe(self, is_hidden: NDArray[np.bool_]) -> bool:
        """No hidden count is bounded too closely; the hidden rows together are no smaller group than may be shown."""
        together = self.together(is_hidden)
        if together is not None and too_small(together, self.rule) is not None:
            return False
        return not self.narrow(is_hidden)


def categories(distribution: Distribution, rule: Rule) -> tuple[tuple[int, ...], bool]:
    """The categories of everybody's distribution to hide, and whether its forms (a mean) must be hidden as well.

    The fewest answers are hidden that leave each hidden category `width` to lie in, and that together are no small
    count; categories that nobody chose come last.
    """
    counts = distribution.counts
    small = [i for i, count in enumerate(counts) if rule.small(count)]
    if not rule.parts or not small:
        return (), False
    for forms, hides_forms in ((distribution.forms, False), ((), True)):
        for hidden in _category_choices(counts, small):
            if _categories_safe(counts, hidden, forms, rule):
                return hidden, hides_forms
    return tuple(range(len(counts))), True


def _category_choices(counts: Sequence[int], small: Sequence[int]) -> Iterator[tuple[int, ...]]:
    others = [i for i in range(len(counts)) if i not in small]
    used = [i for i in others if counts[i] > 0]
    sets = [chosen for size in range(AT_MOST_TRIED + 1) for chosen in combinations(used, size)]
    sets.sort(key=lambda chosen: (sum(counts[i] for i in chosen), len(chosen), chosen))
    for more in [*sets, tuple(used), tuple(others)]:
        yield tuple(sorted([*small, *more]))


def _categories_safe(counts: Sequence[int], hidden: Sequence[int], forms: Sequence[Sequence[int]], rule: Rule) -> bool:
    whole = len(hidden) == len(counts)
    if not whole and rule.small(sum(counts[i] for i in hidden)):
        return False
    # Fewer unknowns than one more than what is known of them cannot leave a choice.
    if len(hidden) < 2:
        return False
    found = of_categories(counts, hidden, forms)
    return all(high - low >= rule.width for low, high in found.values())


def decide(
    cells: Cells,
    hidden: Mapping[Key, State],
    rule: Rule,
    distributions: Iterable[Distribution],
    filters: Filters | None = None,
) -> Decision:
    """The decision over all cells and distributions, with the complements of what is hidden.

    A table that is filtered by a question some of whose categories are hidden is hidden wholly: how many were asked
    is how many chose some of them.
    """
    chosen, without_forms = {}, set()
    for distribution in distributions:
        whole = cells.whole(distribution.table)
        if whole is None or whole.base != sum(distribution.counts):
            raise ValueError(f"distribution of {distribution.table!r}: its counts are not the answers of everybody")
        chosen[distribution.table], hides_forms = categories(distribution, rule)
        if hides_forms:
            without_forms.add(distribution.table)
    known = dict(hidden)
    for table, parents in (filters or {}).items():
        if any(chosen.get(parent) for parent in parents) and (table, *WHOLE) in cells.by_key:
            known.setdefault((table, *WHOLE), State.WHOLE)
    states = dict.fromkeys(cells.by_key, State.SHOWN) | known | complementary(cells, known, rule, filters=filters)
    return Decision(rule, states, chosen, frozenset(without_forms))
