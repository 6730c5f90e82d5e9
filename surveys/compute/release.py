"""From results to figures that may be shown: counted for disclosure control, decided once, hidden everywhere alike."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from surveys.compute.collected import NO_OPINION, Collected
from surveys.compute.disclosure.audit import Finding, protect
from surveys.compute.disclosure.cells import RESPONDENTS, Cell, Decision, Distribution, Rule, restored
from surveys.compute.disclosure.editions import Edition
from surveys.compute.questionnaire import GRADES, POSITIVE_FROM, Asked
from surveys.compute.results import WHOLE, Group, Result, groups_of, positive

HIDDEN = "protected"
DECIMALS = 1  # that a figure leaves the app with: more would tell of single answers in a group of hundreds
LINES = ("value", "se", "lower", "upper")


@dataclass(frozen=True)
class Counted:
    """What disclosure control looks at: cells of every table, and how everybody's answers fall into categories."""

    cells: tuple[Cell, ...]
    distributions: tuple[Distribution, ...]


def counted(collected: Collected, questions: Sequence[Asked], results: Sequence[Result]) -> Counted:
    """People behind every result, unweighted. A question is a table; each option of several its own; an index too."""
    groups = groups_of(collected, questions)
    cells = [Cell(RESPONDENTS, *_place(group), (int(inside.sum()),), shares=False) for group, inside in groups.items()]
    distributions: list[Distribution] = []
    for asked in questions:
        if asked.kind != "text":
            cells += _cells_of(collected, asked, groups)
            distributions += _distribution_of(collected, asked)
    for result in results:
        if result.statistic == "index":
            people = int(groups[result.group].sum())
            cells.append(Cell(table_of(result), *_place(result.group), (result.n,), missing=people - result.n))
    return Counted(tuple(cells), tuple(distributions))


def table_of(result: Result) -> str:
    """The table of disclosure control that a result belongs to."""
    return _index_table(result.index) if result.index else result.question


def filters_of(questions: Sequence[Asked]) -> dict[str, list[str]]:
    """Table → the tables whose answers decide who is asked, of questions that are shown to some only."""
    by_code = {asked.code: asked for asked in questions}
    found: dict[str, list[str]] = {}
    for asked in questions:
        parent = by_code.get(asked.shown_by)
        if parent is not None:
            found |= dict.fromkeys(_tables(asked, asked.parts), _tables(parent, asked.shown_values))
    return found


def _tables(asked: Asked, values: Sequence[int]) -> list[str]:
    """The table of a question; of several choices those of the given options."""
    return [_option_table(asked.code, value) for value in values] if asked.kind == "multiple" else [asked.code]


def _index_table(code: str) -> str:
    return f"index/{code}"


def _option_table(code: str, value: int) -> str:
    return f"{code}/{value}"


def _place(group: Group) -> tuple[str, str]:
    return group.code, "" if group.level is None else str(group.level)


def _cells_of(collected: Collected, asked: Asked, groups: Mapping[Group, Any]) -> Iterator[Cell]:
    if asked.kind == "multiple":
        for part in asked.parts:
            ticks = collected.answers(asked.code, part)
            yes, no = int((ticks == 1).sum()), int((ticks == 0).sum())
            yield Cell(_option_table(asked.code, part), "", "", (yes, no), missing=len(collected) - yes - no)
        return
    first = asked.parts[0]
    silent = collected.states(asked.code, first) == NO_OPINION
    ones = positive(collected, asked)
    answered = ~np.isnan(collected.answers(asked.code, first))
    if len(asked.parts) == 2:
        answered &= ~np.isnan(collected.answers(asked.code, asked.parts[1]))
        silent &= ~answered
        groups = {WHOLE: groups[WHOLE]}
    for group, inside in groups.items():
        n, without = int((answered & inside).sum()), int((silent & inside).sum())
        yes = n if ones is None else int((ones[inside] == 1).sum())
        counts = (n,) if ones is None else (yes, n - yes)
        yield Cell(asked.code, *_place(group), counts, without, int(inside.sum()) - n - without)


def _distribution_of(collected: Collected, asked: Asked) -> Iterator[Distribution]:
    """How everybody's answers fall into the options, with what else is published of them: positive ones, the mean."""
    answers = collected.answers(asked.code)
    forms: tuple[tuple[int, ...], ...]
    if asked.kind in ("share", "single"):
        values = [option.value for option in asked.options if not option.no_opinion]
        good = tuple(int(option.positive) for option in asked.options if not option.no_opinion)
        forms = (good,) if any(good) else ()
    elif asked.kind in POSITIVE_FROM:
        low, high = GRADES[asked.kind]
        values = list(range(low, high + 1))
        forms = (tuple(int(grade >= POSITIVE_FROM[asked.kind]) for grade in values), tuple(values))
    else:
        return
    yield Distribution(asked.code, tuple(int((answers == value).sum()) for value in values), forms)


def figures(results: Sequence[Result], questions: Sequence[Asked], decision: Decision) -> list[dict[str, Any]]:
    """The results as they may be shown: of what is hidden only that it is."""
    places = _categories(questions)
    found = []
    for result in results:
        if _shown(result, decision, places):
            found.append(figure_of(result))
        else:
            found.append(figure_of(result, hidden=HIDDEN))
    return found


def _categories(questions: Sequence[Asked]) -> dict[str, dict[int, int]]:
    """Question → option → its place among the categories of the question's distribution; several choices have none."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for asked in questions:
        if asked.kind in ("share", "single"):
            values = [option.value for option in asked.options if not option.no_opinion]
        elif asked.kind in POSITIVE_FROM:
            values = list(range(GRADES[asked.kind][0], GRADES[asked.kind][1] + 1))
        else:
            continue
        found[asked.code] = {value: place for place, value in enumerate(values)}
    return found


def _shown(result: Result, decision: Decision, places: Mapping[str, Mapping[int, int]]) -> bool:
    if result.statistic == "option":
        if result.question not in places:
            return decision.shows(_option_table(result.question, result.part))
        return decision.shows_category(result.question, places[result.question][result.part])
    if result.statistic == "no_opinion" and result.question not in places and result.group == WHOLE:
        tables = {table for table, _variable, _level in decision.states if table.startswith(f"{result.question}/")}
        if tables:
            return all(decision.shows(table) for table in tables)
    shown = decision.shows(table_of(result), *_place(result.group))
    if result.statistic == "mean" and result.question in places and result.group == WHOLE:
        return shown and decision.shows_forms(result.question)
    # An index of one question is its mean, and one of three less the means of two is the third.
    return shown and all(
        decision.shows(item, *_place(result.group)) and (result.group != WHOLE or decision.shows_forms(item))
        for item in result.items
    )


def figure_of(result: Result, hidden: str = "") -> dict[str, Any]:
    """A result as the fields of a stored figure; of a hidden one every number is None."""
    numbers = {name: _stated(getattr(result, name)) for name in LINES}
    return {
        "statistic": result.statistic,
        "question": result.question,
        "index": result.index,
        "part": result.part,
        "group": result.group.code,
        "level": result.group.level,
        **(dict.fromkeys(LINES) if hidden else numbers),
        "n": None if hidden else result.n,
        "hidden": hidden,
        "details": {} if hidden else dict(result.details),
    }


def _stated(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def margin(value: float, lower: float | None, upper: float | None) -> float | None:
    """The margin of error of a value with an interval around it: the longer arm, rounded up to DECIMALS, so that
    value ± margin covers the interval also where the value was rounded. None without one."""
    if lower is None or upper is None:
        return None
    steps = 10**DECIMALS
    return math.ceil(round(max(upper - value, value - lower) * steps, 6)) / steps


@dataclass(frozen=True)
class Released:
    """Figures as they may be shown, with the decision and the audit as JSON keeps them."""

    figures: list[dict[str, Any]]
    decision: dict[str, Any]
    audit: dict[str, Any]


def protected(
    collected: Collected,
    questions: Sequence[Asked],
    results: Sequence[Result],
    rule: Rule,
    earlier: Sequence[Mapping[str, Any]] = (),
) -> Released:
    """The results after disclosure control (METHODS §5.7). earlier: decisions of the wave's editions that were released
    before, as they were stored, oldest first."""
    behind = counted(collected, questions, results)
    found = protect(
        behind.cells,
        rule,
        earlier=[_edition(kept) for kept in earlier],
        distributions=behind.distributions,
        filters=filters_of(questions),
    )
    return Released(
        figures(results, questions, found.decision),
        {**found.decision.stored(), "counted": [asdict(cell) for cell in behind.cells]},
        {
            "passed": found.audit.passed,
            "checked": found.audit.checked,
            "narrowest": found.audit.narrowest,
            "findings": [_told(finding) for finding in found.audit.findings],
        },
    )


def shown_wholly(released: Released) -> frozenset[str]:
    """Questions whose number of answers is shown."""
    return frozenset(
        figure["question"]
        for figure in released.figures
        if figure["question"] and not figure["group"] and not figure["hidden"]
    )


def strata_as_shown(strata: Sequence[Mapping[str, Any]], least: int) -> list[dict[str, Any]]:
    """Strata with how many answered; of all of them None where one has a small count, since their sum is known."""
    small = any(0 < stratum["answered"] < least for stratum in strata)
    return [{**stratum, "answered": None if small else stratum["answered"]} for stratum in strata]


def _edition(kept: Mapping[str, Any]) -> Edition:
    """An earlier edition with the counts behind it, which what was hidden is still bounded by."""
    cells = tuple(Cell(**{**cell, "counts": tuple(cell["counts"])}) for cell in kept["counted"])
    return Edition(cells, restored(kept))


def _told(finding: Finding) -> dict[str, Any]:
    table, variable, level = finding.key
    return {"table": table, "variable": variable, "level": level, "how": finding.how}
