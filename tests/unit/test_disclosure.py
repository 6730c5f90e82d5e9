"""Disclosure control against an attacker who solves for every hidden count with all that is published (METHODS §5.7).

The attacker shares no code with what it attacks: it takes only what is shown, and brute force or HiGHS.
"""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.compute.disclosure.audit import Protected, audit, protect
from surveys.compute.disclosure.bounds import hidden_rows, of_categories, of_unknowns
from surveys.compute.disclosure.cells import (
    RESIDUAL,
    RESPONDENTS,
    Cell,
    Cells,
    Decision,
    Distribution,
    Key,
    Rule,
    State,
    covered,
    restored,
)
from surveys.compute.disclosure.editions import Edition, Joint
from surveys.compute.disclosure.suppression import categories, complementary, primary, too_small
from tests.attacker import Attacker

RULE = Rule()
Levels = Mapping[str, tuple[int, ...]]


def survey(*tables: tuple[str, Mapping[str, Levels]]) -> list[Cell]:
    """Cells of tables given as name → variable → level → (positive, other, don't know, missing); wholes and numbers of
    respondents follow from the levels of the first variable and the first table."""
    cells: list[Cell] = []
    for number, (name, variables) in enumerate(tables):
        first = next(iter(variables.values()))
        whole = [sum(column) for column in zip(*first.values(), strict=True)]
        if number == 0:
            cells.append(Cell(RESPONDENTS, "", "", (sum(whole),)))
        cells.append(cell(name, "", "", whole))
        for variable, levels in variables.items():
            for level, columns in levels.items():
                cells.append(cell(name, variable, level, columns))
                if number == 0:
                    cells.append(Cell(RESPONDENTS, variable, level, (sum(columns),)))
    return cells


def cell(table: str, variable: str, level: str, columns: Sequence[int]) -> Cell:
    return Cell(table, variable, level, tuple(columns[:-2]), columns[-2], columns[-1])


SEX = {"women": (60, 30, 5, 5), "men": (50, 40, 5, 5)}
AGES = {"18–29": (6, 5, 1, 0), "30–44": (34, 25, 4, 2), "45–64": (40, 22, 3, 3), "65+": (30, 18, 2, 5)}


# ── too small ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("counts", "variable", "state"),
    [
        ((0, 0), "age", None),  # nobody: nothing to hide, and 0 is a value
        ((2, 2), "age", State.COUNT),
        ((5, 5), "age", State.BASE),
        ((19, 0), "age", State.BASE),
        ((20, 0), "age", None),
        ((16, 4), "age", State.PART),
        ((15, 5), "age", None),
        ((5, 0), "", None),  # everybody together needs no base of 20
        ((4, 0), "", State.COUNT),
        ((100, 3), "", State.PART),
    ],
)
def test_what_is_too_small(counts: tuple[int, ...], variable: str, state: State | None) -> None:
    assert too_small(Cell("q", variable, "x" if variable else "", counts), RULE) is state


def test_the_rule_is_a_setting_of_the_survey() -> None:
    row = Cell("q", "age", "x", (16, 4))
    assert too_small(row, Rule(parts=False)) is None
    assert too_small(row, Rule(least_count=4)) is None
    assert too_small(row, Rule(least_base=21)) is State.BASE


def test_a_number_of_respondents_needs_the_least_count_alone() -> None:
    assert too_small(Cell(RESPONDENTS, "age", "x", (5,)), RULE) is None
    assert too_small(Cell(RESPONDENTS, "age", "x", (4,)), RULE) is State.COUNT
    assert too_small(Cell("visits", "age", "x", (5,), shares=False), RULE) is None


# ── bounds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def possible(counts: np.ndarray, totals_known: Sequence[bool]) -> Iterator[np.ndarray]:
    """Every table of whole numbers with the same column sums, and row totals where they are known: by trying all."""
    rows, columns = counts.shape
    ways = [list(compositions(int(total), rows)) for total in counts.sum(axis=0)]
    for chosen in itertools.product(*ways):
        table = np.array(chosen).T.reshape(rows, columns)
        if all(table[i].sum() == counts[i].sum() for i in range(rows) if totals_known[i]):
            yield table


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, parts - 1):
            yield (first, *rest)


small_tables = st.integers(1, 3).flatmap(
    lambda rows: st.integers(1, 3).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 3), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@given(small_tables, st.lists(st.booleans(), min_size=3, max_size=3))
@settings(max_examples=150, deadline=None)
def test_bounds_of_hidden_rows_are_those_of_every_possible_table(rows: list[list[int]], known: list[bool]) -> None:
    counts = np.array(rows)
    worlds = np.array(list(possible(counts, known)))
    low, high = hidden_rows(counts, np.array(known[: len(rows)]))
    assert low.tolist() == worlds.min(axis=0).tolist()
    assert high.tolist() == worlds.max(axis=0).tolist()


@given(small_tables, st.lists(st.booleans(), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_interval_arithmetic_and_integer_programming_agree(rows: list[list[int]], known: list[bool]) -> None:
    counts = np.array(rows)
    size = counts.size
    places = np.arange(size).reshape(counts.shape)
    masks = [np.isin(np.arange(size), places[:, c]) for c in range(counts.shape[1])]
    masks += [np.isin(np.arange(size), places[i]) for i in range(len(rows)) if known[i]]
    equations = np.array(masks, dtype=float)
    found = of_unknowns(equations, equations @ counts.reshape(-1), np.eye(size))
    low, high = hidden_rows(counts, np.array(known[: len(rows)]))
    assert found == list(zip(low.reshape(-1).tolist(), high.reshape(-1).tolist(), strict=True))


def test_one_hidden_row_is_no_secret() -> None:
    low, high = hidden_rows(np.array([[3, 4, 1, 0]]), np.array([False]))
    assert low.tolist() == high.tolist() == [[3, 4, 1, 0]]


def test_women_and_men_are_all() -> None:
    """60 of 90 answers are women's and hidden, men's are shown: what is left is hers."""
    cells = Cells(survey(("q", {"sex": SEX})))
    decision = Decision(RULE, dict.fromkeys(cells.by_key, State.SHOWN) | {("q", "sex", "women"): State.BASE})
    found = audit(cells.by_key.values(), decision)
    assert not found.passed
    assert [(f.key, f.count, f.low, f.high, f.how) for f in found.findings] == [
        (("q", "sex", "women"), 0, 60, 60, "sums"),
        (("q", "sex", "women"), 1, 30, 30, "sums"),
    ]


# ── hiding ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def states(protected: Protected, table: str, variable: str) -> dict[str, str]:
    return {
        level: state.value
        for (t, v, level), state in protected.decision.states.items()
        if t == table and v == variable
    }  # fmt: skip


def test_a_small_level_is_hidden_and_the_cheapest_other_with_it() -> None:
    found = protect(survey(("q", {"sex": SEX, "age": AGES})))
    assert states(found, "q", "sex") == {"women": "shown", "men": "shown"}
    assert states(found, "q", "age") == {"18–29": "base", "30–44": "shown", "45–64": "shown", "65+": "complement"}
    assert states(found, RESPONDENTS, "age") == dict.fromkeys(AGES, "shown")
    assert found.audit.passed
    assert found.audit.narrowest is not None
    assert found.audit.narrowest >= 3


def test_primary_and_complementary_are_told_apart() -> None:
    cells = Cells(survey(("q", {"age": AGES})))
    hidden = primary(cells.by_key.values(), RULE)
    assert hidden == {("q", "age", "18–29"): State.BASE}
    assert complementary(cells, hidden, RULE) == {("q", "age", "65+"): State.COMPLEMENT}


def test_a_level_with_too_few_respondents_is_hidden_in_every_table() -> None:
    few = {"a": (2, 1, 1, 0), "b": (30, 20, 0, 2), "c": (40, 30, 3, 2)}
    none = {"a": (0, 0, 0, 4), "b": (20, 30, 2, 0), "c": (35, 25, 8, 7)}
    found = protect(survey(("q", {"area": few}), ("filtered", {"area": none})))
    assert states(found, RESPONDENTS, "area") == {"a": "count", "b": "complement", "c": "shown"}
    assert states(found, "q", "area")["b"] == "level"
    assert states(found, "filtered", "area") == {"a": "level", "b": "level", "c": "shown"}
    assert found.audit.passed


def test_whoever_gave_no_background_is_a_level() -> None:
    """90 + 90 of 190 answered: the ten who did not say their sex are a difference, so one sex must be hidden."""
    cells = survey(("q", {"sex": SEX}))
    cells = [
        Cell(c.table, c.variable, c.level, tuple(n + 5 for n in c.counts)) if c.key == ("q", "", "") else c
        for c in cells
        if c.table != RESPONDENTS
    ]
    whole = next(c for c in cells if c.key == ("q", "", ""))
    cells[cells.index(whole)] = Cell("q", "", "", whole.counts, 10, 10)
    found = protect(cells)
    assert found.decision.states["q", "sex", RESIDUAL] is State.BASE
    assert sorted(states(found, "q", "sex").values()) == ["base", "complement", "shown"]
    assert found.audit.passed


def test_what_all_answered_alike_is_hidden_with_enough_others() -> None:
    """In the two smallest levels everybody is positive: hiding both would tell each one's answer."""
    alike = {"a": (8, 0, 0, 0), "b": (21, 0, 0, 0), "c": (30, 0, 0, 0), "d": (40, 20, 0, 0)}
    found = protect(survey(("q", {"area": alike})))
    assert states(found, "q", "area") == {"a": "base", "b": "shown", "c": "shown", "d": "complement"}
    assert found.audit.passed


def test_what_everybody_at_all_answered_cannot_be_hidden_in_a_level() -> None:
    found = protect(survey(("q", {"area": {"a": (8, 0, 0, 0), "b": (21, 0, 0, 0), "c": (30, 0, 0, 0)}})))
    assert states(found, "q", "area")["a"] == "base"
    assert found.audit.passed


def test_a_table_whose_whole_is_too_small_is_hidden_wholly() -> None:
    found = protect(survey(("q", {"sex": SEX}), ("rare", {"sex": {"women": (2, 1, 0, 97), "men": (1, 0, 0, 99)}})))
    assert not found.decision.shows("rare")
    assert set(states(found, "rare", "sex").values()) <= {"count", "whole"}
    assert found.decision.shows("q", "sex", "women")
    assert found.audit.passed


def test_an_index_has_one_count() -> None:
    found = protect(
        [
            Cell(RESPONDENTS, "", "", (100,)),
            Cell("index", "", "", (100,)),
            Cell("index", "sex", "women", (12,)),
            Cell("index", "sex", "men", (88,)),
        ]
    )
    assert not found.decision.shows("index", "sex", "women")
    assert not found.decision.shows("index", "sex", "men")
    assert found.audit.passed


def test_a_background_question_does_not_count_hidden_levels_again() -> None:
    """Its own results are the respondents of each level, and who left it blank is the difference."""
    cells = [
        Cell(RESPONDENTS, "", "", (100,)),
        *(Cell(RESPONDENTS, "area", level, (n,)) for level, n in (("a", 3), ("b", 40), ("c", 50))),
        Cell("area", "", "", (93,), 0, 7),
        *(Cell("area", "area", level, (n,)) for level, n in (("a", 3), ("b", 40), ("c", 50))),
    ]
    composition = Distribution("area", (3, 40, 50))
    found = protect(cells, distributions=[composition])
    assert found.decision.states[RESPONDENTS, "area", RESIDUAL] is State.COMPLEMENT
    assert not found.decision.shows("area")
    assert not found.decision.shows_category("area", 2)
    assert found.audit.passed
    forged = Decision(RULE, {**found.decision.states, ("area", "", ""): State.SHOWN}, found.decision.categories)
    assert "respondents" in {finding.how for finding in audit(cells, forged).findings}


def test_who_is_asked_because_of_a_hidden_answer_is_hidden_too() -> None:
    """Asked only those who said yes: their number is a lower bound of the hidden yeses."""
    first = {"a": (25, 2, 0, 0), "b": (30, 20, 0, 0), "c": (40, 30, 0, 0)}
    second = {"a": (20, 5, 0, 2), "b": (20, 10, 0, 20), "c": (30, 10, 0, 30)}
    cells = survey(("contacted", {"area": first}), ("answered", {"area": second}))
    alone, filtered = protect(cells), protect(cells, filters={"answered": ["contacted"]})
    hidden = {level for level, state in states(filtered, "contacted", "area").items() if state != "shown"}
    assert "a" in hidden
    assert set(states(alone, "answered", "area").values()) == {"shown"}
    assert {level for level, state in states(filtered, "answered", "area").items() if state != "shown"} == hidden
    assert filtered.audit.passed
    told = audit(cells, alone.decision, filters={"answered": ["contacted"]})
    assert {finding.how for finding in told.findings} == {"filter"}


def test_who_is_asked_because_of_a_hidden_category_is_hidden_wholly() -> None:
    first, second = {"a": (60, 43, 0, 0)}, {"a": (50, 50, 0, 3)}
    cells = survey(("how", {"area": first}), ("why", {"area": second}))
    categories_of = [Distribution("how", (60, 3, 40))]
    found = protect(cells, distributions=categories_of, filters={"why": ["how"]})
    assert found.decision.shows("how")
    assert not found.decision.shows("why")
    assert not found.decision.shows("why", "area", "a")


def test_filters_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        protect(survey(("q", {"sex": SEX})), filters={"q": ["r"], "r": ["q"]})


def test_hiding_is_the_same_whatever_the_order() -> None:
    cells = survey(("q", {"sex": SEX, "age": AGES}))
    assert protect(cells).decision.stored() == protect(cells[::-1]).decision.stored()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([Cell("q", "sex", "women", (5, 5))], "no cell of everybody"),
        ([Cell("q", "", "", (5, 5)), Cell("q", "", "", (5, 5))], "twice"),
        ([Cell("q", "", "", (5, 5)), Cell("q", "sex", "women", (6, 5))], "more people"),
        ([Cell("q", "", "", (5, 5)), Cell("q", "sex", "women", (6,))], "different numbers"),
        ([Cell("q", "", "", (-1, 5))], "below 0"),
    ],
)
def test_cells_that_contradict_each_other_are_refused(cells: list[Cell], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        protect(cells)


# ── the decision ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_decision_is_kept_as_json_and_read_again() -> None:
    found = protect(
        survey(("q", {"sex": SEX, "age": AGES})),
        Rule(least_count=6),
        distributions=[Distribution("q", (107, 3, 60, 10), ((1, 1, 0, 0),))],
    )
    again = restored(json.loads(json.dumps(found.decision.stored())))
    assert again == found.decision
    assert not again.shows_category("q", 1)


def test_what_a_decision_does_not_know_is_hidden() -> None:
    decision = protect(survey(("q", {"sex": SEX}))).decision
    assert decision.shows("q", "sex", "women")
    assert not decision.shows("q", "sex", "other")
    assert not decision.shows("q2")
    assert not decision.shows_category("q", 0)


def test_every_figure_of_a_hidden_cell_is_covered() -> None:
    decision = protect(survey(("q", {"age": AGES}))).decision
    figures: dict[Key, dict[str, Any]] = {
        ("q", "age", "18–29"): {"n": 11, "share": 54.5, "lower": 25.0, "upper": 81.0, "dont_know": 8.3},
        ("q", "age", "30–44"): {"n": 59, "share": 57.6, "lower": 44.0, "upper": 70.0, "dont_know": 0.0},
    }
    shown = covered(decision, figures)
    assert set(shown["q", "age", "18–29"].values()) == {None}
    assert shown["q", "age", "30–44"] == figures["q", "age", "30–44"]


def test_the_audit_finds_what_a_decision_shows_by_mistake() -> None:
    cells = survey(("q", {"age": AGES}))
    kept = protect(cells).decision
    forged = Decision(kept.rule, {**kept.states, ("q", "age", "18–29"): State.SHOWN})
    assert "shown" in {finding.how for finding in audit(cells, forged).findings}
    less = Decision(kept.rule, {key: state for key, state in kept.states.items() if key[2] != "30–44"})
    assert "undecided" in {finding.how for finding in audit(cells, less).findings}


# ── distributions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_small_category_takes_another_of_its_side_with_it() -> None:
    """Very bad 3, bad 20 | good 200, very good 250, and the share of positive is shown."""
    assert categories(Distribution("q", (3, 20, 200, 250), ((0, 0, 1, 1),)), RULE) == ((0, 1), False)


def test_a_mean_makes_two_hidden_categories_known_and_four_open() -> None:
    grades = Distribution("q", (3, 20, 200, 250), ((0, 0, 1, 1), (1, 2, 3, 4)))
    assert of_categories(grades.counts, (0, 1), grades.forms) == {0: (3, 3), 1: (20, 20)}
    hidden, without_forms = categories(grades, RULE)
    assert hidden == (0, 1, 2, 3)
    assert not without_forms
    assert min(high - low for low, high in of_categories(grades.counts, hidden, grades.forms).values()) >= 3


def test_where_the_mean_would_give_it_away_it_is_hidden_too() -> None:
    assert categories(Distribution("q", (3, 20), ((1, 2),)), RULE) == ((0, 1), True)


def test_categories_of_a_survey_that_protects_no_parts_are_shown() -> None:
    assert categories(Distribution("q", (3, 20, 200)), Rule(parts=False)) == ((), False)


@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=5),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_no_category_can_be_worked_out(counts: list[int], mean: bool) -> None:
    """By trying every distribution that agrees with what is shown."""
    forms = (tuple(range(1, len(counts) + 1)),) if mean else ()
    hidden, without_forms = categories(Distribution("q", tuple(counts), forms), RULE)
    assert all(i in hidden for i, count in enumerate(counts) if RULE.small(count))
    if sum(counts) < RULE.least_count or not hidden:
        return
    shown = () if without_forms else forms
    worlds = [
        dict(zip(hidden, world, strict=True))
        for world in compositions(sum(counts[i] for i in hidden), len(hidden))
        if all(sum(f[i] * (n - counts[i]) for i, n in zip(hidden, world, strict=True)) == 0 for f in shown)
    ]
    for i in hidden:
        values = [world[i] for world in worlds]
        assert max(values) - min(values) >= RULE.width


# ── the attack ────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def surveys(draw: st.DrawFn, most: int = 12) -> list[Cell]:
    """A few dozen people, two questions, two background variables with two to four levels, one of them often small."""
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    people = draw(st.integers(40, 40 * most))
    levels = [draw(st.integers(2, 4)) for _ in range(2)]
    uneven = draw(st.sampled_from([0.3, 1.0, 5.0]))
    of = [rng.choice(count, people, p=rng.dirichlet([uneven] * count)) for count in levels]
    answers = [rng.choice(4, people, p=rng.dirichlet([4, 4, 0.5, 0.5])) for _ in range(2)]
    return counted(of, levels, answers)


def counted(of: Sequence[np.ndarray], levels: Sequence[int], answers: Sequence[np.ndarray]) -> list[Cell]:
    masks = {("", ""): np.ones(len(of[0]), dtype=bool)}
    masks |= {(f"v{v}", str(k)): of[v] == k for v, count in enumerate(levels) for k in range(count)}
    cells = [Cell(RESPONDENTS, *group, (int(mask.sum()),)) for group, mask in masks.items()]
    for number, given_answers in enumerate(answers):
        for (variable, level), mask in masks.items():
            columns = np.bincount(given_answers[mask], minlength=4).tolist()
            cells.append(cell(f"q{number}", variable, level, columns))
    return cells


def only_wholes(decision: Decision) -> Decision:
    """The same with every level of every question hidden: what the wholes and the respondents alone tell."""
    return Decision(
        decision.rule,
        {
            key: state if key[0] == RESPONDENTS or not key[1] else State.COMPLEMENT
            for key, state in decision.states.items()
        },
    )


@given(surveys(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_an_attacker_never_gets_closer_than_the_width(cells: list[Cell], parts: bool) -> None:
    """Over all tables at once: questions, groups, wholes and numbers of respondents."""
    found = protect(cells, Rule(parts=parts))
    assert found.audit.passed
    decision = found.decision
    attacker, bare = Attacker([(cells, decision)]), Attacker([(cells, only_wholes(decision))])
    for c in cells:
        if decision.shows(*c.key) or not decision.shows(c.table):
            continue
        for column in range(len(c.counts)):
            low, high = attacker.count(0, c.key, column)
            assert low <= c.counts[column] <= high
            if high - low < RULE.width:
                # Only where the published wholes alone leave no more.
                least, most = bare.count(0, c.key, column)
                assert (low, high) == (least, most) or high - low >= min(RULE.width, most - least)
                assert not parts or not RULE.small(c.counts[column]) or high > low


@given(surveys(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_shown_or_combined_count_is_small(cells: list[Cell], parts: bool) -> None:
    """Share times base, and everything minus what is shown, of every table and variable."""
    rule = Rule(parts=parts)
    decision = protect(cells, rule).decision
    rows: dict[tuple[str, str], list[Cell]] = {}
    by_key = {c.key: c for c in cells}
    for c in cells:
        if decision.shows(*c.key):
            assert too_small(c, rule) is None
        rows.setdefault((c.table, c.variable), []).append(c)
    for (table, variable), own in rows.items():
        shown = [c for c in own if decision.shows(*c.key)]
        if variable and decision.shows(table) and any(c.base for c in shown) and len(shown) < len(own):
            left = by_key[table, "", ""].base - sum(c.base for c in shown)
            assert not rule.small(left)
            assert table == RESPONDENTS or left == 0 or left >= rule.least_base


@given(surveys())
@settings(max_examples=15, deadline=None)
def test_the_audit_measures_what_the_attacker_gets(cells: list[Cell]) -> None:
    """The narrowest bound of the audit is the attacker's over everything at once: tables do not help each other."""
    found = protect(cells)
    attacker = Attacker([(cells, found.decision)])
    widths = [
        high - low
        for c in cells
        if not found.decision.shows(*c.key) and found.decision.shows(c.table)
        for low, high in [attacker.count(0, c.key, column) for column in range(len(c.counts))]
    ]
    assert (min(widths) if widths else None) == found.audit.narrowest


def test_an_attacker_beats_primary_suppression_alone() -> None:
    """The attack works: without complements it finds the hidden level to the last person."""
    cells = survey(("q", {"sex": SEX, "age": AGES}))
    small = primary(cells, RULE)
    decision = Decision(RULE, {c.key: small.get(c.key, State.SHOWN) for c in cells})
    assert Attacker([(cells, decision)]).count(0, ("q", "age", "18–29"), 0) == (6, 6)
    assert not audit(cells, decision).passed


# ── editions ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def grown(levels: Levels, more: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {
        level: tuple(a + b for a, b in zip(row, more.get(level, (0,) * len(row)), strict=True))
        for level, row in levels.items()
    }


def edition(cells: Sequence[Cell], *, by: bool = True) -> Edition:
    return Edition(tuple(cells), protect(cells).decision, by)


def test_the_same_again_is_shown_again() -> None:
    cells = survey(("q", {"sex": SEX, "age": AGES}))
    first = edition(cells)
    again = protect(cells, earlier=[first])
    assert again.audit.passed
    assert {k for k, s in again.decision.states.items() if s is State.SHOWN} == {
        k for k, s in first.decision.states.items() if s is State.SHOWN
    }


def test_one_more_answer_blocks_the_next_edition() -> None:
    """The one who came is the difference of everybody's numbers, so nothing new may come out at all."""
    first = edition(survey(("q", {"sex": SEX})))
    second = protect(survey(("q", {"sex": grown(SEX, {"women": (0, 1, 0, 0)})})), earlier=[first])
    assert not second.audit.passed
    assert "change" in {finding.how for finding in second.audit.findings}


def test_a_level_with_few_new_answers_is_hidden_with_another() -> None:
    new = {"18–29": (0, 0, 0, 0), "30–44": (1, 1, 0, 0), "45–64": (20, 20, 0, 0), "65+": (25, 15, 0, 5)}
    ages = {**AGES, "18–29": (30, 20, 2, 0)}
    first = edition(survey(("q", {"age": ages})))
    cells = survey(("q", {"age": grown(ages, new)}))
    second = protect(cells, earlier=[first])
    assert second.decision.states["q", "age", "30–44"] is State.EDITION
    assert sum(state is not State.SHOWN for (t, v, _l), state in second.decision.states.items() if t and v) >= 2
    if second.audit.passed:
        attacker = Attacker([(first.cells, first.decision), (cells, second.decision)])
        key = ("q", "age", "30–44")
        low, high = attacker.solve({attacker.place(1, key, 0): 1, attacker.place(0, key, 0): -1})
        assert low < high


def test_the_audit_finds_a_person_between_two_editions() -> None:
    """Both editions are harmless alone; a decision made without the first one shows one person's answer."""
    first = edition(survey(("q", {"sex": SEX})))
    cells = survey(("q", {"sex": grown(SEX, {"women": (1, 0, 0, 0), "men": (30, 30, 0, 0)})}))
    alone = protect(cells)
    assert alone.audit.passed
    with_first = audit(cells, alone.decision, earlier=[first])
    assert {(f.key, f.low, f.high) for f in with_first.findings if f.how == "change"} >= {
        (("q", "sex", "women"), 1, 1)
    }  # fmt: skip


def test_other_complements_than_last_time_would_give_both_away() -> None:
    """What one edition hides and the other shows is known where nobody has come."""
    cells = survey(("q", {"age": AGES}))
    first = edition(cells)
    hidden = {("q", "age", "18–29"): State.BASE, ("q", "age", "45–64"): State.COMPLEMENT}
    other = Decision(RULE, {c.key: hidden.get(c.key, State.SHOWN) for c in cells})
    assert audit(cells, other).passed
    assert not audit(cells, other, earlier=[first]).passed


def grown_by(cells: Sequence[Cell], more: int, seed: int) -> list[Cell]:
    """The same survey with further people, who answer at random."""
    rng = np.random.default_rng(seed)
    levels = [len({c.level for c in cells if c.variable == v}) for v in ("v0", "v1")]
    new = counted(
        [rng.choice(count, more) for count in levels], levels, [rng.choice(4, more) for _ in range(2)]
    )  # fmt: skip
    return [
        Cell(a.table, a.variable, a.level, tuple(map(sum, zip(a.counts, b.counts, strict=True))),
             a.dont_know + b.dont_know, a.missing + b.missing)
        for a, b in zip(cells, new, strict=True)
    ]  # fmt: skip


@given(surveys(most=4), st.integers(0, 60), st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_two_editions_together_tell_no_more(cells: list[Cell], more: int, seed: int) -> None:
    first = Edition(tuple(cells), protect(cells).decision)
    now = grown_by(cells, more, seed)
    second = protect(now, earlier=[first])
    if not second.audit.passed:
        return
    attacker = Attacker([(cells, first.decision), (now, second.decision)])
    for a, b in zip(cells, now, strict=True):
        for column in range(len(a.counts)):
            for number, c, decision in ((0, a, first.decision), (1, b, second.decision)):
                if not decision.shows(*c.key) and decision.shows(c.table) and RULE.small(c.counts[column]):
                    low, high = attacker.count(number, c.key, column)
                    assert high > low
            if RULE.small(abs(b.counts[column] - a.counts[column])) and second.decision.shows(b.table):
                places = {attacker.place(1, b.key, column): 1.0, attacker.place(0, a.key, column): -1.0}
                low, high = attacker.solve(places)
                assert high > low


@given(surveys(most=4), st.integers(0, 200), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_what_is_certified_without_solving_is_so(cells: list[Cell], more: int, seed: int) -> None:
    first = Edition(tuple(cells), protect(cells).decision)
    now = grown_by(cells, more, seed)
    second = protect(now, earlier=[first]).decision
    editions = [(Cells(cells), first.decision, True), (Cells(now), second, False)]
    for table, variable in editions[1][0].rows:
        joint = Joint(table, variable, editions)
        if joint.certified(RULE):
            assert all(secret.high - secret.low >= secret.wanted for secret in joint.secrets(RULE))


# ── size ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_200_questions_and_12_levels_take_seconds() -> None:
    """Counted in work, not by the clock: at most a few thousand cells, each bounded by sums of its own table."""
    rng = np.random.default_rng(7)
    levels = [2, 4, 6]
    of = [rng.choice(count, 480, p=rng.dirichlet([3] * count)) for count in levels]
    answers = [rng.choice(4, 480, p=[*(rng.dirichlet([5, 3]) * 0.95), 0.04, 0.01]) for _ in range(200)]
    cells = counted(of, levels, answers)
    found = protect(cells)
    assert len(cells) == 13 * 201
    assert found.audit.passed
    assert found.audit.checked > 100
