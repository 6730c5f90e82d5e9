"""What the council's pages say, from rows alone: sentences, choices, changes, searches."""

import string
from collections import Counter
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.status import Reason, Status
from indicators.read_models.follow_up import YearRow
from indicators.wording import Scale
from scorecard import wording
from scorecard.compute.goals import GoalStatus, Part, propose
from scorecard.read_models import overview as overview_model
from scorecard.read_models.changes import CHANGES, GOAL_CHANGES, Moved, most_notable, moved_goal, moved_indicator
from scorecard.read_models.choice import UnknownChoiceError, choose_period
from scorecard.read_models.overview import Filters
from scorecard.read_models.standing import GOAL_STATUSES, movement, parts_of
from scorecard.rows import GoalRow, IndicatorRow, LinkRow
from scorecard.wording import Thresholds

THRESHOLDS = Thresholds(0.8, 0.5, 0.5)


@pytest.fixture(autouse=True)
def _english() -> Any:
    with override("en"):
        yield


def indicator(number: int, **more: Any) -> IndicatorRow:
    usual: dict[str, Any] = {
        "id": number, "code": f"i{number:03}", "name": f"Name {number}", "area_code": "a", "area": "Area",
        "symbol": "%", "decimals": 1, "share": True, "status": "met", "reason": "", "value": 50.0,
        "value_period": "2022", "change": 1.0, "change_word": "better", "rank": 3, "peers": 290,
        "recent": "[49.0, null, 50.0]", "status_before": "met", "definition": "",
    }  # fmt: skip
    return IndicatorRow(**(usual | more))


def goal(number: int, **more: Any) -> GoalRow:
    usual: dict[str, Any] = {
        "id": number, "code": f"g{number}", "sentence": f"Sentence {number}", "short": f"Short {number}",
        "committee_code": "c", "committee": "Committee", "issue_code": "s", "issue": "Issue", "vision": "Vision",
        "vision_text": "Text", "vision_from": 2000, "decided": None, "decided_before": None,
    }  # fmt: skip
    return GoalRow(**(usual | more))


def page(
    goals: list[GoalRow], links: list[LinkRow], indicators: list[IndicatorRow], filters: Filters | None = None
) -> overview_model.Overview:
    years = [YearRow("2021", 10, 10, 10), YearRow("2022", 10, 10, 10)]
    return overview_model.overview(
        goals=goals,
        links=links,
        indicators=indicators,
        choice=choose_period(years, None, this_year=2023),
        filters=filters or Filters(),
        thresholds=THRESHOLDS,
        base="/",
        goal_url=lambda code: f"/goal/{code}/",
        indicator_url=lambda code: f"/indicator/{code}/",
    )


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "count", "word"),
    [
        ("en", 0, "zero"),
        ("en", 9, "nine"),
        ("en", 20, "twenty"),
        ("en", 21, "21"),
        ("sv", 1, "ett"),
        ("sv", 19, "nitton"),
    ],
)
def test_number_words(language: str, count: int, word: str) -> None:
    with override(language):
        assert wording.number_word(count) == word


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ({"met": 9, "partly": 5, "not_met": 3, "not_assessable": 2}, "Nine of nineteen goals are met"),
        ({"met": 1, "partly": 18}, "One of nineteen goals is met"),
        ({"met": 19}, "All nineteen goals are met"),
        ({"met": 1}, "The only goal is met"),
        ({"not_met": 19}, "None of the nineteen goals is met"),
        ({"partly": 1}, "The only goal is partly met"),
        ({"not_met": 1}, "The only goal is not met"),
        ({"not_assessable": 19}, "None of the nineteen goals can be assessed"),
        ({"met": 20, "not_met": 5}, "Twenty of 25 goals are met"),
    ],
)
def test_headline(counts: dict[str, int], headline: str) -> None:
    assert wording.headline(counts) == headline


def test_standing_says_the_rest_and_why() -> None:
    text = wording.standing({"partly": 5, "not_met": 1, "not_assessable": 2}, {"break": 1, "no_value": 3})
    assert text == "Five are partly met and one is not met. Two cannot be assessed, mostly because values are missing."
    assert wording.standing({"met": 3}, {}) == ""
    assert wording.standing({"met": 1, "not_assessable": 1}, {}) == "One cannot be assessed."


def test_standing_does_not_repeat_the_headline() -> None:
    assert wording.standing({"not_assessable": 19}, {"no_value": 3}) == "Mostly because values are missing."
    assert wording.standing({"not_assessable": 1}, {}) == ""
    assert wording.standing({"partly": 1}, {}) == ""


@pytest.mark.parametrize(
    ("moves", "text"),
    [
        ((4, 1, 0, 0), "Since 2021 four goals have moved the right way and one the wrong way."),
        ((0, 2, 1, 0), "Since 2021 two goals have moved the wrong way."),
        ((0, 0, 1, 2), "Since 2021 one goal can now be assessed."),
        ((0, 0, 0, 1), "Since 2021 one goal can no longer be assessed."),
        ((0, 0, 0, 0), "No goal has changed status since 2021."),
    ],
)
def test_movement_of_goals(moves: tuple[int, int, int, int], text: str) -> None:
    assert wording.movement(*moves, "2021") == text


def test_every_reason_and_status_has_words() -> None:
    absent = {reason.value for reason in Reason} - {"inside_margin"}
    assert absent == set(wording.COUNTED_REASON) == set(wording.BECAUSE)
    assert all(wording.reasons_words({reason: n}) for reason in absent for n in (1, 2))


def test_reasons_are_counted_most_common_first() -> None:
    assert wording.reasons_words({"break": 1, "no_value": 2}) == "2 values missing, 1 method changed"
    assert wording.reasons_words({}) == ""


def test_list_of_words() -> None:
    assert [wording.listed(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("change", "word", "arrow", "text"),
    [
        (1.62, "better", "up", "better, up 1.6 percentage points"),
        (-1.62, "worse", "down", "worse, down 1.6 percentage points"),
        (0.04, "better", "up", "better, up 0.04 percentage points"),
        (0.0, "unchanged", "flat", "unchanged"),
        (2.0, "uncertain", "up", "no certain change (up 2.0 percentage points)"),
        (2.0, "", "up", "up 2.0 percentage points"),
        (None, "", "", ""),
    ],
)
def test_change_in_words(change: float | None, word: str, arrow: str, text: str) -> None:
    said = wording.change_words(change, word, Scale("%", 1, True))
    assert (said.arrow, said.text.replace("\xa0", " ")) == (arrow, text)
    assert said.certain is (word != "uncertain")


# ── why a goal has its status ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_share_just_below_is_never_printed_as_reached() -> None:
    parts = [Part(Status.MET)] * 797 + [Part(Status.NOT_MET)] * 203
    assert wording.why_goal(propose(parts), THRESHOLDS).formula == "50% ≤ 79.7% < 80%"


def test_a_missed_key_indicator_is_the_reason() -> None:
    why = wording.why_goal(propose([Part(Status.MET, 9), Part(Status.NOT_MET, 1, key=True)]), THRESHOLDS)
    assert why.formula == "90% ≥ 80%"
    assert "the goal is not met while a key indicator is not met" in why.sentence


@given(
    st.lists(
        st.tuples(st.sampled_from(Status), st.integers(0, 4), st.booleans()).map(
            lambda drawn: Part(drawn[0], float(drawn[1]), drawn[2])
        ),
        max_size=12,
    )
)
def test_every_proposal_explains_itself(parts: list[Part]) -> None:
    made = propose(parts)
    with override("en"):
        why = wording.why_goal(made, THRESHOLDS)
    assert why.sentence
    assert "None" not in why.formula
    assert (why.formula == "") <= (made.status is GoalStatus.NOT_ASSESSABLE)


# ── periods ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_period_shown_is_the_newest_that_is_mostly_there() -> None:
    years = [YearRow("2021", 84, 66, 86), YearRow("2022", 84, 81, 92), YearRow("2023", 110, 19, 19)]
    choice = choose_period(years, None, this_year=2023)
    assert (choice.shown, choice.before, choice.comparable, choice.suffix) == ("2022", "2021", True, "")
    later = choose_period(years, "2023", this_year=2023)
    assert (later.shown, later.suffix) == ("2023", "?period=2023")
    assert not choose_period(years, "2021", this_year=2023).comparable


def test_without_values_the_running_year_is_shown() -> None:
    choice = choose_period([], None, this_year=2026)
    assert (choice.shown, choice.years, choice.comparable) == ("2026", (), False)


@given(st.text())
def test_any_other_period_is_refused(asked: str) -> None:
    years = [YearRow("2022", 2, 2, 2)]
    if asked in ("", "2022"):
        assert choose_period(years, asked, this_year=2023).shown == "2022"
    else:
        with override("en"), pytest.raises(UnknownChoiceError, match="2022"):
            choose_period(years, asked, this_year=2023)


# ── changes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.sampled_from([*GOAL_STATUSES, ""]), st.sampled_from([*GOAL_STATUSES, ""]))
def test_movement_mirrors(before: str, after: str) -> None:
    mirror = {"better": "worse", "worse": "better", "gained": "lost", "lost": "gained", "": ""}
    assert movement(after, before) == mirror[movement(before, after)]


def test_what_is_inside_its_margin_is_neither_better_nor_worse() -> None:
    moved = moved_indicator(indicator(1, status_before="not_met", change_word="uncertain"), "/", linked=True, key=True)
    assert moved is not None
    assert moved.told().arrow == "flat"


def test_better_and_worse_share_the_room() -> None:
    made = propose([Part(Status.MET)])
    better = [moved_goal(f"b{n}", "/", "partly", "met", made) for n in range(9)]
    worse = [moved_goal(f"w{n}", "/", "met", "partly", made) for n in range(2)]
    rest = [moved_indicator(indicator(n, status_before="near"), "/", linked=True, key=False) for n in range(30)]
    shown = most_notable([one for one in (*better, *worse, *rest) if one])
    assert len(shown) == CHANGES
    assert Counter(one.move for one in shown if one.weight[0] == 0) == {"better": 3, "worse": 2}
    assert sum(one.weight[0] == 0 for one in shown) == GOAL_CHANGES


@given(st.lists(st.tuples(st.sampled_from(GOAL_STATUSES), st.sampled_from(GOAL_STATUSES)), max_size=40))
def test_no_more_than_fit_and_none_twice(pairs: list[tuple[str, str]]) -> None:
    made = propose([Part(Status.MET)])
    found = [moved_goal(str(n), f"/{n}", before, after, made) for n, (before, after) in enumerate(pairs)]
    changes: list[Moved] = [one for one in found if one]
    shown = most_notable(changes)
    assert len(shown) == min(CHANGES, len(changes))
    assert len({one.url for one in shown}) == len(shown)


# ── the overview ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_indicator_without_assessment_counts_as_missing() -> None:
    parts = parts_of([(None, None, 1.0, False), ("met", "", 1.0, True)])
    assert parts == [Part(Status.NOT_ASSESSABLE, 1.0, False, Reason.NO_VALUE), Part(Status.MET, 1.0, True)]


def test_a_decision_is_shown_and_the_proposal_beside_it() -> None:
    links = [LinkRow(1, 1, 1.0, False), LinkRow(2, 1, 1.0, False)]
    made = page([goal(1, decided="not_met"), goal(2, decided="met")], links, [indicator(1)])
    first, second = made.issues[0].goals
    assert (first.status, first.beside) == ("not_met", "Computed proposal: met")
    assert (second.status, second.beside) == ("met", "")
    assert [(entry.status, entry.count) for entry in made.tally] == [
        ("met", 1), ("partly", 0), ("not_met", 1), ("not_assessable", 0),
    ]  # fmt: skip


def test_no_more_than_three_small_charts_and_none_without_a_value() -> None:
    rows = [indicator(1, value=None, status="not_assessable", reason="no_value"), *(indicator(n) for n in range(2, 7))]
    made = page([goal(1)], [LinkRow(1, row.id, 1.0, False) for row in rows], rows)
    assert [spark.name for spark in made.issues[0].goals[0].sparks] == ["Name 2", "Name 3", "Name 4"]


def test_a_long_unit_is_left_to_the_name_of_the_chart() -> None:
    rows = [indicator(1, symbol="per 100,000 inh.", value=576.0, decimals=0)]
    spark = page([goal(1)], [LinkRow(1, 1, 1.0, False)], rows).issues[0].goals[0].sparks[0]
    assert spark.value == "576"
    assert "per 100,000 inh." in spark.svg


def test_a_link_to_an_indicator_that_is_retired_is_left_out() -> None:
    made = page([goal(1)], [LinkRow(1, 1, 1.0, False), LinkRow(1, 99, 1.0, False)], [indicator(1)])
    assert made.issues[0].goals[0].note == "1 of 1 indicator assessable"


@given(st.text(alphabet=string.ascii_letters + "åäöÅÄÖ ", max_size=12))
def test_search_finds_what_holds_every_word(q: str) -> None:
    rows = [indicator(1, name="Trygg skola", definition="Äldre elever"), indicator(2, name="Öppna ytor")]
    with override("en"):
        found = page([goal(1)], [], rows, Filters(q=q.strip())).found
    words = q.casefold().split()
    if not words:
        assert found is None
    else:
        texts = {row.code: f"{row.code} {row.name} {row.definition}".casefold() for row in rows}
        assert found is not None
        assert [one.code for one in found] == [c for c, text in texts.items() if all(w in text for w in words)]


def test_a_filter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownChoiceError, match="met, partly, not_met, not_assessable"):
        page([goal(1)], [], [indicator(1)], Filters(status="near"))
