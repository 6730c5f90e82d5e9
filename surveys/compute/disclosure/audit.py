"""The attacker's view: with everything that is published, how closely is each hidden count known? (METHODS §5.7)"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from surveys.compute.disclosure.bounds import of_categories
from surveys.compute.disclosure.cells import RESPONDENTS, WHOLE, Cell, Cells, Decision, Distribution, Key, Rule, State
from surveys.compute.disclosure.editions import Edition, Joint, changed
from surveys.compute.disclosure.suppression import Filters, Guard, counted_again, decide, primary, too_small


@dataclass(frozen=True)
class Finding:
    """What blocks a publication. count: index of the count, −1 their sum; low, high: what can be worked out of it.

    how: "shown" (too small and not hidden), "sums" (from totals and the other levels), "together" (the hidden levels
    are a small group whose figures are a difference), "distribution", "editions" (with what earlier editions show),
    "change" (how it changed between editions), "respondents" (from the background question's own results), "filter"
    (from a question that only some of its answers lead to), "undecided" (a cell that the decision does not know).
    """

    key: Key
    count: int
    low: int
    high: int
    how: str


@dataclass(frozen=True)
class Audit:
    """checked: hidden counts that were bounded; narrowest: the least width among them, None without any."""

    findings: tuple[Finding, ...]
    checked: int
    narrowest: int | None

    @property
    def passed(self) -> bool:
        """Whether it may be published."""
        return not self.findings


@dataclass(frozen=True)
class Protected:
    """What may be shown, and the proof; where the audit has not passed, nothing of the edition may be published."""

    decision: Decision
    audit: Audit


def protect(
    cells: Iterable[Cell],
    rule: Rule | None = None,
    *,
    earlier: Sequence[Edition] = (),
    distributions: Sequence[Distribution] = (),
    filters: Filters | None = None,
) -> Protected:
    """The decision of an edition and its audit.

    cells: of each table everybody's and those of each level of each grouping variable, RESPONDENTS among the tables; a
    level without an answer to the background question is added by itself. earlier: the editions before, oldest first.
    filters: table → the tables whose answers decide who is asked there.
    Where the audit finds a level known by way of earlier editions, all levels of that variable are hidden in the table.
    Raises ValueError where cells contradict each other.
    """
    rule = Rule() if rule is None else rule
    sorted_in = Cells(cells)
    hidden = primary(sorted_in.by_key.values(), rule) | changed(sorted_in, earlier, rule)
    decision = decide(sorted_in, hidden, rule, distributions, filters)
    found = _audited(sorted_in, decision, earlier, distributions, filters or {})
    if not found.passed and earlier:
        for finding in found.findings:
            table, variable, _level = finding.key
            for cell in sorted_in.rows.get((table, variable), []):
                hidden.setdefault(cell.key, State.EDITION)
        decision = decide(sorted_in, hidden, rule, distributions, filters)
        found = _audited(sorted_in, decision, earlier, distributions, filters or {})
    return Protected(decision, found)


def audit(
    cells: Iterable[Cell],
    decision: Decision,
    *,
    earlier: Sequence[Edition] = (),
    distributions: Sequence[Distribution] = (),
    filters: Filters | None = None,
) -> Audit:
    """Bounds every hidden count by all that is shown, here and in earlier editions; by the rule of the decision."""
    return _audited(Cells(cells), decision, earlier, distributions, filters or {})


def _audited(
    cells: Cells,
    decision: Decision,
    earlier: Sequence[Edition],
    distributions: Sequence[Distribution],
    filters: Filters,
) -> Audit:
    findings = _shown_too_small(cells, decision)
    widths: list[int] = []
    editions = [*((Cells(e.cells), e.decision, e.grown) for e in earlier), (cells, decision, False)]
    findings += _counted_again(cells, decision) + _filtered(cells, decision, filters)
    findings += _whole_changes(cells, decision, earlier)
    for table, variable in sorted(cells.rows):
        own, bounded = _of_rows(cells, decision, table, variable)
        joint = _of_editions(table, variable, editions, decision.rule) if earlier and not own else []
        findings += own + joint
        widths += bounded
    for distribution in distributions:
        own, bounded = _of_distribution(distribution, decision)
        findings += own
        widths += bounded
    return Audit(tuple(findings), len(widths), min(widths) if widths else None)


def _shown_too_small(cells: Cells, decision: Decision) -> list[Finding]:
    found = []
    for key, cell in cells.by_key.items():
        if key not in decision.states:
            found.append(Finding(key, -1, cell.base, cell.base, "undecided"))
        elif decision.shows(*key) and too_small(cell, decision.rule) is not None:
            found.append(Finding(key, -1, cell.base, cell.base, "shown"))
    return found


def _counted_again(cells: Cells, decision: Decision) -> list[Finding]:
    """Background questions whose own results would show the respondents of levels that are hidden."""
    hidden = [key for key in cells.by_key if key[0] == RESPONDENTS and not decision.shows(*key)]
    return [
        Finding(key, -1, cells.by_key[key].base, cells.by_key[key].base, "respondents")
        for key in hidden
        if key[1] in counted_again(hidden) and decision.shows(key[1])
    ]


def _filtered(cells: Cells, decision: Decision, filters: Filters) -> list[Finding]:
    """Tables that show how many answered a hidden question in a certain way, since only those were asked."""
    found = []
    for (table, variable, level), cell in cells.by_key.items():
        if not decision.shows(table, variable, level):
            continue
        for parent in filters.get(table, ()):
            known = (parent, variable, level) in cells.by_key
            if (known and not decision.shows(parent, variable, level)) or decision.categories.get(parent):
                found.append(Finding(cell.key, -1, cell.base, cell.base, "filter"))
    return found


def _of_rows(cells: Cells, decision: Decision, table: str, variable: str) -> tuple[list[Finding], list[int]]:
    """What sums give away in one edition, and the width of every hidden count."""
    rows = cells.rows[table, variable]
    is_hidden = np.array([not decision.shows(*cell.key) for cell in rows])
    if not is_hidden.any() or not decision.shows(table):
        return [], []
    hidden = {key: state for key, state in decision.states.items() if state is not State.SHOWN}
    guard = Guard(cells, table, variable, hidden, decision.rule)
    low, high = guard.bounds(is_hidden)
    found = [Finding(rows[i].key, c, least, most, "sums") for i, c, least, most, _wanted in guard.narrow(is_hidden)]
    together = guard.together(is_hidden)
    if together is not None and too_small(together, decision.rule) is not None:
        first = next(cell for cell, hides in zip(rows, is_hidden, strict=True) if hides)
        found.append(Finding(first.key, -1, together.base, together.base, "together"))
    return found, (high - low)[is_hidden].reshape(-1).tolist()


def _whole_changes(cells: Cells, decision: Decision, earlier: Sequence[Edition]) -> list[Finding]:
    """An edition that had to hide everybody's number because too few have come since the last: it says nothing new."""
    if not earlier or decision.shows(RESPONDENTS) or not earlier[-1].decision.shows(RESPONDENTS):
        return []
    whole = cells.whole(RESPONDENTS)
    return [] if whole is None else [Finding((RESPONDENTS, *WHOLE), -1, whole.base, whole.base, "change")]


def _of_editions(
    table: str, variable: str, editions: Sequence[tuple[Cells, Decision, bool]], rule: Rule
) -> list[Finding]:
    """What earlier editions add to it: hidden counts need the width that each edition alone leaves them."""
    joint = Joint(table, variable, editions)
    if joint.adds_nothing(rule) or joint.certified(rule):
        return []
    return [
        Finding((table, variable, s.level), s.count, s.low, s.high, "change" if s.is_change else "editions")
        for s in joint.secrets(rule)
        if s.high - s.low < s.wanted
    ]


def _of_distribution(distribution: Distribution, decision: Decision) -> tuple[list[Finding], list[int]]:
    table, counts = distribution.table, distribution.counts
    if not decision.shows(table):
        return [], []
    hidden = [i for i in range(len(counts)) if not decision.shows_category(table, i)]
    forms = distribution.forms if decision.shows_forms(table) else ()
    bounds = of_categories(counts, hidden, forms)
    small = [i for i, count in enumerate(counts) if decision.rule.small(count) and decision.rule.parts]
    key = (table, *WHOLE)
    found = [Finding(key, i, counts[i], counts[i], "shown") for i in small if i not in hidden]
    found += [
        Finding(key, i, low, high, "distribution")
        for i, (low, high) in bounds.items()
        if high - low < decision.rule.width
    ]
    return found, [high - low for low, high in bounds.values()]
