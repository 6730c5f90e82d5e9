"""Whole stages over plain rows: series, benchmarks, assessments (METHODS §1–3)."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from indicators.compute.frames import (
    DatedTarget,
    Definition,
    Evidence,
    Group,
    PeerMatrix,
    Point,
    assess_period,
    benchmarks,
    change_word,
    comparison_point,
    fill_gaps,
    group_of_kind,
    last_due,
    lessons,
    newest_benchmark,
    newest_value,
    peer_matrix,
    target_in,
)
from indicators.compute.series import Break
from indicators.compute.status import Direction, Form, Reason, Side, Status, Target
from indicators.periods import Kind, Period

P = Period.parse
HIGHER, LOWER, INTERVAL, CONTEXT = Direction.HIGHER, Direction.LOWER, Direction.INTERVAL, Direction.CONTEXT
HOME, PEERS = "1384", [f"000{i}" for i in range(1, 7)]
EVERYONE = Group(1, "all", "all", None, (HOME, *PEERS))
NEIGHBOURS = Group(2, "near", "similar", "FSK", tuple(PEERS[:5]))


def definition(**changes: Any) -> Definition:
    return replace(
        Definition(7, "FSK01", "N1", "", "FSK", Kind.YEAR, 60, HIGHER, share=False, decimals=1),
        **changes,
    )


def level(value: float, **changes: Any) -> tuple[DatedTarget, ...]:
    return (DatedTarget(1, Target(Form.LEVEL, Side.AT_LEAST, value, **changes), 2000, None),)


def aimed(form: Form, **changes: Any) -> tuple[DatedTarget, ...]:
    return (DatedTarget(1, Target(form, **changes), 2000, None),)


def points(values: Mapping[str, float | str | None]) -> list[Point]:
    """Own series: a number is a value, a text the reason why there is none."""
    return [
        Point(P(code), None, value or "missing")
        if isinstance(value, str) or value is None
        else Point(P(code), float(value))
        for code, value in values.items()
    ]


def frame(values: Mapping[tuple[str, int], Sequence[float | None]]) -> pd.DataFrame:
    """Values of home and of the six peers by kpi and year; None is no row."""
    rows = [
        (kpi, year, code, value)
        for (kpi, year), line in values.items()
        for code, value in zip([HOME, *PEERS], line, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["kpi", "year", "municipality", "value"])


def matrix(values: Mapping[tuple[str, int], Sequence[float | None]]) -> PeerMatrix:
    return peer_matrix(frame(values))


def by_year(rows: Sequence[Mapping[str, Any]], group: int = 1) -> dict[int, Mapping[str, Any]]:
    return {row["year"]: row for row in rows if row["group_id"] == group}


# ── matrix, gaps, due ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_matrix_has_a_row_an_indicator_and_year_and_nan_where_there_is_none() -> None:
    made = matrix({("N2", 2020): [1, 2, 3, None, 5, 6, 0], ("N1", 2021): [9] * 7, ("N1", 2019): [8, *[None] * 6]})
    assert made.codes == [*PEERS, HOME]
    assert made.years.tolist() == [2019, 2021, 2020]
    assert made.rows == {"N1": slice(0, 2), "N2": slice(2, 3)}
    assert made.values[2, made.column[HOME]] == 1
    assert math.isnan(made.values[2, made.column["0003"]])
    assert made.values[2, made.column["0006"]] == 0
    assert made.values.shape == (3, 7)


def test_the_order_of_entry_plays_no_part() -> None:
    rows = frame({("N2", 2020): [1, 2, 3, 4, 5, 6, 7], ("N1", 2021): [9] * 7})
    one, other = peer_matrix(rows), peer_matrix(rows.sample(frac=1, random_state=1).reset_index(drop=True))
    assert one.codes == other.codes
    assert one.rows == other.rows
    assert (one.values == other.values).all()


def test_no_values_make_an_empty_matrix() -> None:
    made = matrix({})
    assert (made.codes, made.rows, made.values.shape) == ([], {}, (0, 0))
    assert benchmarks([definition()], made, [EVERYONE], HOME, {}) == {7: []}


def test_gaps_become_missing_points_and_stated_reasons_stay() -> None:
    filled = fill_gaps(points({"2023": "confidential", "2020": 0.0}), Kind.YEAR, P("2024"))
    assert [(p.period.code, p.value, p.absence) for p in filled] == [
        ("2020", 0.0, ""),
        ("2021", None, "missing"),
        ("2022", None, "missing"),
        ("2023", None, "confidential"),
        ("2024", None, "missing"),
    ]
    assert fill_gaps([], Kind.YEAR, P("2024")) == []


@pytest.mark.parametrize(
    ("kind", "days", "today", "expected"),
    [
        (Kind.YEAR, 60, "2025-03-01", "2024"),
        (Kind.YEAR, 60, "2025-02-28", "2023"),
        (Kind.YEAR, 0, "2024-12-31", "2024"),
        (Kind.MONTH, 0, "2024-02-28", "2024M01"),
        (Kind.TERTIAL, 30, "2024-05-30", "2024T1"),
        (Kind.SCHOOL_YEAR, 90, "2024-09-28", "2024S"),
        (Kind.YEAR, 400, "2025-01-01", "2022"),
    ],
)
def test_the_newest_period_that_is_due(kind: Kind, days: int, today: str, expected: str) -> None:
    assert last_due(kind, days, date.fromisoformat(today)).code == expected


# ── benchmarks ────────────────────────────────────────────────────────────────────────────────────────────────────────

VALUES: dict[tuple[str, int], Sequence[float | None]] = {
    ("N1", 2020): [50, 10, 20, 30, 40, 50, 60],
    ("N1", 2021): [55, 11, 22, 30, 39, 52, None],
    ("N1", 2023): [60, 10, 20, 30, 40, None, None],
    ("N2", 2020): [1, 2, 3, 4, 5, 6, 7],
}


def test_our_own_is_part_of_the_ranking_and_not_of_the_reference() -> None:
    row = by_year(benchmarks([definition()], matrix(VALUES), [EVERYONE], HOME, {})[7])[2020]
    assert (row["others"], row["own"]) == (6, 50)
    assert (row["median"], row["mean"], row["low"], row["high"]) == (35, 35, 10, 60)
    assert (row["q25"], row["q75"]) == (22.5, 47.5)
    assert row["rank"] == 2, "ties share: one better, one tied"
    assert row["percentile"] == pytest.approx(100 * (4 + 2 / 2) / 7)
    assert row["quarter"] == "best"
    assert row["robust_z"] == pytest.approx(15 / (1.4826 * 15))
    assert row["eligible"] is True


def test_lower_is_better_turns_place_and_colour_round_but_not_the_reference() -> None:
    higher, lower = (
        by_year(benchmarks([definition(good=good)], matrix(VALUES), [EVERYONE], HOME, {})[7])[2020]
        for good in (HIGHER, LOWER)
    )
    assert lower["rank"] == 5
    assert lower["quarter"] == "worst"
    assert lower["percentile"] == pytest.approx(100 - higher["percentile"])
    same = ("median", "mean", "q25", "q75", "robust_z", "own_change", "peer_change")
    assert {k: lower[k] for k in same} == pytest.approx({k: higher[k] for k in same}, nan_ok=True)


@pytest.mark.parametrize("good", [CONTEXT, INTERVAL])
def test_without_a_good_way_there_is_a_reference_and_no_place(good: Direction) -> None:
    for row in benchmarks([definition(good=good)], matrix(VALUES), [EVERYONE], HOME, {7: {2020: 5.0}})[7]:
        assert (row["rank"], row["best_rank"], row["worst_rank"], row["quarter"]) == (None, None, None, "")
        assert math.isnan(row["percentile"])
        assert row["median"] > 0


def test_changes_are_from_the_year_before_and_never_over_a_gap() -> None:
    found = by_year(benchmarks([definition()], matrix(VALUES), [EVERYONE], HOME, {})[7])
    assert math.isnan(found[2020]["own_change"])
    assert math.isnan(found[2020]["peer_change"])
    assert found[2021]["own_change"] == 5
    assert found[2021]["peer_change"] == 1, "the median of 1, 2, 0, −1, 2"
    assert math.isnan(found[2023]["own_change"]), "2022 is not there"
    assert math.isnan(found[2023]["peer_change"])


def test_the_year_before_is_of_the_same_indicator() -> None:
    values = {("N1", 2019): [1] * 7, ("N2", 2020): [5] * 7}
    found = benchmarks([definition(), definition(id=8, kpi="N2")], matrix(values), [EVERYONE], HOME, {})
    assert math.isnan(found[8][0]["own_change"])


@pytest.mark.parametrize(("comparable", "expected"), [(False, True), (True, False)])
def test_no_change_over_a_break(comparable: bool, expected: bool) -> None:
    broken = definition(breaks=(Break(P("2021"), comparable_backwards=comparable),))
    found = by_year(benchmarks([broken], matrix(VALUES), [EVERYONE], HOME, {})[7])[2021]
    assert math.isnan(found["own_change"]) is expected
    assert math.isnan(found["peer_change"]) is expected
    assert found["rank"] == 1, "the place in the year is not touched"


def test_a_break_of_one_indicator_does_not_touch_another() -> None:
    values = {**VALUES, ("N2", 2021): [2, 3, 4, 5, 6, 7, 8]}
    broken = definition(breaks=(Break(P("2021"), comparable_backwards=False),))
    found = benchmarks([broken, definition(id=8, kpi="N2")], matrix(values), [EVERYONE], HOME, {})
    assert math.isnan(by_year(found[7])[2021]["own_change"])
    assert by_year(found[8])[2021]["own_change"] == 1


def test_a_year_that_too_few_share_is_not_eligible() -> None:
    found = by_year(benchmarks([definition()], matrix(VALUES), [EVERYONE], HOME, {})[7])
    assert [found[y]["eligible"] for y in (2020, 2021, 2023)] == [True, True, False]
    assert found[2023]["quarter"] == "", "four others"
    assert found[2023]["rank"] == 1


def test_each_indicator_has_its_own_best_year() -> None:
    values = {("N1", 2020): [1, 1, 2, 3, 4, 5, None], ("N2", 2020): [1, None, None, 3, 4, 5, 6]}
    found = benchmarks([definition(), definition(id=8, kpi="N2")], matrix(values), [EVERYONE], HOME, {})
    assert [found[7][0]["eligible"], found[8][0]["eligible"]] == [True, False]


def test_a_year_without_our_own_value_has_a_reference_only() -> None:
    row = benchmarks([definition()], matrix({("N1", 2020): [None, 1, 2, 3, 4, 5, 6], ("N2", 1): [1] * 7}),
                     [EVERYONE], HOME, {})[7][0]  # fmt: skip
    assert (row["eligible"], row["rank"], row["quarter"], row["others"]) == (False, None, "", 6)
    assert math.isnan(row["own"])
    assert row["median"] == 3.5


def test_zero_is_ranked_like_any_value() -> None:
    row = benchmarks([definition(good=LOWER)], matrix({("N1", 2020): [0, 1, 2, 3, 4, 5, 6]}), [EVERYONE], HOME, {})
    assert row[7][0]["rank"] == 1
    assert row[7][0]["own"] == 0


def test_a_margin_gives_an_interval_of_ranks() -> None:
    found = by_year(benchmarks([definition()], matrix(VALUES), [EVERYONE], HOME, {7: {2020: 12.0}, 8: {2021: 1.0}})[7])
    assert (found[2020]["best_rank"], found[2020]["worst_rank"]) == (1, 4)
    assert found[2021]["best_rank"] is None


def test_groups_serve_their_area_and_leave_out_whom_nobody_knows() -> None:
    stranger = Group(3, "x", "network", None, ("9998", "9999", HOME))
    groups = [EVERYONE, NEIGHBOURS, stranger]
    found = benchmarks([definition(), definition(id=8, kpi="N2", area="GYM")], matrix(VALUES), groups, HOME, {})
    assert {row["group_id"] for row in found[7]} == {1, 2}
    assert {row["group_id"] for row in found[8]} == {1}
    assert by_year(found[7], 2)[2020]["others"] == 5
    partly = replace(stranger, members=("9999", "0001"))
    assert by_year(benchmarks([definition()], matrix(VALUES), [partly], HOME, {})[7], 3)[2020]["others"] == 1


def test_without_home_or_values_there_is_nothing() -> None:
    made = matrix(VALUES)
    assert benchmarks([definition()], made, [EVERYONE], "", {}) == {7: []}
    assert benchmarks([definition(kpi="N9")], made, [EVERYONE], HOME, {}) == {7: []}
    assert benchmarks([], made, [EVERYONE], HOME, {}) == {}


def test_a_benchmark_holds_plain_numbers() -> None:
    for row in benchmarks([definition()], matrix(VALUES), [EVERYONE, NEIGHBOURS], HOME, {})[7]:
        json.dumps(row)
        assert {type(value) for value in row.values()} <= {int, float, bool, str, type(None)}


def test_the_newest_eligible_year_until_the_period() -> None:
    rows = benchmarks([definition()], matrix(VALUES), [EVERYONE], HOME, {})[7]
    assert newest_benchmark(rows, 2023)["year"] == 2021  # type: ignore[index]
    assert newest_benchmark(rows, 2020)["year"] == 2020  # type: ignore[index]
    assert newest_benchmark(rows, 2019) is None
    assert newest_benchmark([], 2023) is None


# ── lessons ───────────────────────────────────────────────────────────────────────────────────────────────────────────

FIVE_YEARS: dict[tuple[str, int], Sequence[float | None]] = {
    ("N1", 2016): [50, 50, 60, 70, 10, None, 1],
    ("N1", 2021): [50, 55, 80, 65, 40, 90, 99],
}


def test_similar_ones_who_do_better_and_improved() -> None:
    assert lessons(definition(), matrix(FIVE_YEARS), NEIGHBOURS, HOME, 2021) == [
        {"code": "0002", "value": 80.0, "earlier": 60.0, "year": 2021},
        {"code": "0001", "value": 55.0, "earlier": 50.0, "year": 2021},
    ]
    with_us = replace(NEIGHBOURS, members=(HOME, *NEIGHBOURS.members, "9999"))
    assert len(lessons(definition(), matrix(FIVE_YEARS), with_us, HOME, 2021)) == 2


def test_where_lower_is_better_those_who_fell() -> None:
    found = lessons(definition(good=LOWER), matrix({**FIVE_YEARS, ("N1", 2016): [0, 99, 99, 99, 45, 9, 9]}),
                    NEIGHBOURS, HOME, 2021)  # fmt: skip
    assert [lesson["code"] for lesson in found] == ["0004"]


def test_nobody_to_learn_from() -> None:
    made = matrix(FIVE_YEARS)
    assert lessons(definition(), made, None, HOME, 2021) == []
    assert lessons(definition(good=CONTEXT), made, NEIGHBOURS, HOME, 2021) == []
    assert lessons(definition(good=INTERVAL), made, NEIGHBOURS, HOME, 2021) == []
    assert lessons(definition(), made, NEIGHBOURS, HOME, 2020) == []
    assert lessons(definition(), made, NEIGHBOURS, HOME, 2016) == [], "2011 is not there"
    assert lessons(definition(kpi="N9"), made, NEIGHBOURS, HOME, 2021) == []


@pytest.mark.parametrize(
    ("period", "comparable", "expected"), [("2018", False, 0), ("2018", True, 2), ("2016", False, 2)]
)
def test_an_improvement_is_not_counted_over_a_break(period: str, comparable: bool, expected: int) -> None:
    broken = definition(breaks=(Break(P(period), comparable_backwards=comparable),))
    assert len(lessons(broken, matrix(FIVE_YEARS), NEIGHBOURS, HOME, 2021)) == expected


# ── which target, which value, which comparison ───────────────────────────────────────────────────────────────────────


def test_the_target_of_a_year() -> None:
    goal = Target(Form.NOT_WORSE)
    targets = (DatedTarget(1, goal, 2015, 2019), DatedTarget(2, goal, 2018, None), DatedTarget(3, goal, 2022, 2022))
    assert [getattr(target_in(targets, y), "id", None) for y in (2014, 2015, 2017, 2018, 2021, 2022, 2023)] == [
        None,
        1,
        1,
        2,
        2,
        3,
        2,
    ]
    assert target_in((), 2020) is None


def codes(pair: tuple[Point | None, Point | None]) -> list[str | None]:
    return [point.period.code if point else None for point in pair]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ({"2022": 1, "2023": 2, "2024": 3}, ["2024", "2024"]),
        ({"2024": 3, "2025": 4}, ["2024", "2024"]),
        ({"2023": 2, "2024": ""}, ["2023", "2024"]),
        ({"2022": 1, "2023": "", "2024": ""}, ["2022", "2024"]),
        ({"2021": 1, "2022": "", "2023": "", "2024": ""}, [None, "2024"]),
        ({"2023": 2, "2024": "not_due"}, ["2023", "2024"]),
        ({"2023": 2, "2024": "confidential"}, [None, "2024"]),
        ({"2023": 2, "2024": "not_applicable"}, [None, "2024"]),
        ({"2023": "confidential", "2024": 0}, ["2024", "2024"]),
        ({"2024T3": 1}, ["2024T3", "2024T3"]),
        ({"2024S": 1, "2025S": 2}, ["2024S", "2024S"]),
        ({"2025": 1}, [None, None]),
        ({}, [None, None]),
    ],
)
def test_the_value_that_speaks_for_2024(series: dict[str, Any], expected: list[str | None]) -> None:
    assert codes(newest_value(points(series), P("2024"))) == expected


@pytest.mark.parametrize(
    ("series", "named", "expected"),
    [
        ({"2022": 1, "2023": 0, "2024": 3}, None, "2023"),
        ({"2022": 1, "2023": "", "2024": 3}, None, "2022"),
        ({"2021": 1, "2022": "", "2023": "", "2024": 3}, None, None),
        ({"2024": 3}, None, None),
        ({"2024": 3, "2025": 4}, None, None),
        ({"2015": 0, "2023": 2, "2024": 3}, "2015", "2015"),
        ({"2015": "", "2023": 2, "2024": 3}, "2015", None),
        ({"2023": 2, "2024": 3}, "2014", None),
    ],
)
def test_what_a_value_is_compared_with(series: dict[str, Any], named: str | None, expected: str | None) -> None:
    own = points(series)
    y = next(p for p in own if p.period.code == "2024")
    found = comparison_point(own, y, named)
    assert (found.period.code if found else None) == expected


def test_the_list_made_for_the_area_goes_before_the_general_one() -> None:
    general, other = Group(0, "g", "similar", None, ()), Group(3, "o", "similar", "GYM", ())
    groups = [general, other, NEIGHBOURS, EVERYONE]
    assert group_of_kind(groups, "similar", "FSK") is NEIGHBOURS
    assert group_of_kind(groups, "similar", "KUL") is general
    assert group_of_kind(groups, "all", "KUL") is EVERYONE
    assert group_of_kind(groups, "county", "KUL") is None
    assert group_of_kind(groups, None, "KUL") is None


def point(value: float | None, margin: float | None = None) -> Point:
    return Point(P("2024"), value, margin=margin)


@pytest.mark.parametrize(
    ("good", "y", "c", "expected"),
    [
        (HIGHER, point(2), point(1), "better"),
        (HIGHER, point(1), point(2), "worse"),
        (LOWER, point(2), point(1), "worse"),
        (LOWER, point(0), point(1), "better"),
        (HIGHER, point(0.1 + 0.2), point(0.3), "unchanged"),
        (HIGHER, point(0), point(0), "unchanged"),
        (HIGHER, point(55, 3), point(50, 4), "uncertain"),
        (HIGHER, point(55.1, 3), point(50, 4), "better"),
        (LOWER, point(55.1, 3), point(50, 4), "worse"),
        (HIGHER, point(0.3, 0.2), point(0.1), "uncertain"),
        (HIGHER, point(55, 0.0), point(50, 0.0), "better"),
        (INTERVAL, point(2), point(1), ""),
        (CONTEXT, point(2), point(1), ""),
        (HIGHER, point(None), point(1), ""),
        (HIGHER, point(1), point(None), ""),
    ],
)
def test_the_word_for_a_change(good: Direction, y: Point, c: Point, expected: str) -> None:
    assert change_word(good, y, c, comparable=True) == expected
    assert change_word(good, y, c, comparable=False) == ""


def test_a_change_as_large_as_its_margin_is_inside_it_for_word_and_status_alike() -> None:
    y, c = Point(P("2024"), 0.3, margin=0.2), Point(P("2023"), 0.1)
    assert 0.3 - 0.1 < 0.2
    assert change_word(HIGHER, y, c, comparable=True) == "uncertain"
    y, c = Point(P("2024"), 1.1, margin=0.1), Point(P("2023"), 1.0)
    assert 1.1 - 1.0 > 0.1
    assert change_word(HIGHER, y, c, comparable=True) == "uncertain"


# ── assessments ───────────────────────────────────────────────────────────────────────────────────────────────────────

TODAY = date(2025, 6, 1)


def assessed(
    series: dict[str, Any] | list[Point], until: str = "2024", today: date = TODAY, **changes: Any
) -> dict[str, Any]:
    own = series if isinstance(series, list) else points(series)
    return assess_period(Evidence(definition(**changes), own), P(until), today)


def outcome(row: dict[str, Any]) -> tuple[str, str]:
    return row["status"], row["reason"]


def test_a_value_against_a_level() -> None:
    row = assessed({"2022": 80, "2023": 84, "2024": 86.25}, targets=level(85, tolerance=2.0))
    assert outcome(row) == ("met", "")
    assert (row["value"], row["value_period"], row["gap"], row["target_id"]) == (86.25, "2024", 1.25, 1)
    assert (row["comparison"], row["comparison_period"], row["change"]) == (84, "2023", 2.25)
    assert row["change_word"] == "better"
    assert row["recent"] == [80, 84, 86.25]
    assert row["rule_version"] == "1"
    assert row["period"] == "2024"


def test_the_same_value_can_be_worse_and_still_met() -> None:
    row = assessed({"2023": 90, "2024": 86}, targets=level(85))
    assert (row["status"], row["change_word"]) == ("met", "worse")


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ({}, Reason.NO_VALUE),
        ({"2024": ""}, Reason.NO_VALUE),
        ({"2020": 90}, Reason.NO_VALUE),
        ({"2023": 90, "2024": "confidential"}, Reason.CONFIDENTIAL),
        ({"2023": 90, "2024": "not_applicable"}, Reason.NOT_APPLICABLE),
        ({"2023": 90, "2024": "method_changed"}, Reason.BREAK),
        ({"2023": 90, "2024": "too_few_answers"}, Reason.TOO_FEW_ANSWERS),
        ({"2024": "not_due"}, Reason.NOT_YET_DUE),
    ],
)
def test_why_there_is_no_value(series: dict[str, Any], reason: Reason) -> None:
    row = assessed(series, targets=level(85))
    assert outcome(row) == ("not_assessable", reason.value)
    assert (row["value"], row["gap"], row["change"], row["comparison"]) == (None, None, None, None)


def test_not_yet_due_until_the_due_day_and_late_after_it() -> None:
    for today, reason in [(date(2025, 2, 28), Reason.NOT_YET_DUE), (date(2025, 3, 1), Reason.NO_VALUE)]:
        assert outcome(assessed({}, today=today, targets=level(85)))[1] == reason.value
    early = assessed({}, kind=Kind.TERTIAL, today=date(2024, 7, 1), targets=level(85))
    assert early["reason"] == "no_value", "the first four months were due at the end of June"


def test_context_and_no_target() -> None:
    assert outcome(assessed({"2024": 1}, good=CONTEXT, targets=level(0))) == ("not_assessable", "context_only")
    assert outcome(assessed({"2024": 1})) == ("not_assessable", "no_target")
    later = (DatedTarget(1, Target(Form.LEVEL, Side.AT_LEAST, 1.0), 2025, None),)
    assert outcome(assessed({"2024": 1}, targets=later)) == ("not_assessable", "no_target")
    assert assessed({"2024": 1}, targets=later)["target_id"] is None


def test_zero_is_a_value_all_the_way() -> None:
    row = assessed({"2023": 0, "2024": 0}, targets=level(0))
    assert outcome(row) == ("met", "")
    assert (row["value"], row["comparison"], row["change"], row["gap"]) == (0, 0, 0, 0)
    assert row["change_word"] == "unchanged"
    assert row["recent"] == [0, 0]


@pytest.mark.parametrize("form", [Form.DIRECTION, Form.NOT_WORSE])
def test_forms_that_compare_with_the_previous_value(form: Form) -> None:
    targets = aimed(form, wanted=HIGHER)
    assert assessed({"2023": 80, "2024": 81}, targets=targets)["status"] == "met"
    assert assessed({"2023": 82, "2024": 81}, targets=targets)["status"] == "not_met"
    assert outcome(assessed({"2024": 81}, targets=targets)) == ("not_assessable", "no_value")


def test_a_named_baseline() -> None:
    targets = aimed(Form.NOT_WORSE, baseline_period="2015")
    row = assessed({"2015": 70, "2023": 82, "2024": 81}, targets=targets)
    assert (row["status"], row["comparison_period"], row["change"]) == ("met", "2015", 11)


@pytest.mark.parametrize("form", [Form.DIRECTION, Form.NOT_WORSE])
def test_a_break_between_value_and_comparison(form: Form) -> None:
    breaks = (Break(P("2024"), comparable_backwards=False),)
    row = assessed({"2023": 80, "2024": 81}, targets=aimed(form, wanted=HIGHER), breaks=breaks)
    assert outcome(row) == ("not_assessable", "break")
    assert (row["comparison"], row["comparison_period"], row["change"], row["change_word"]) == (None, "", None, "")
    assert row["trace"]["comparison_period"] == "2023", "the trace says between what"
    backwards = (Break(P("2024"), comparable_backwards=True),)
    row = assessed({"2023": 80, "2024": 81}, targets=aimed(form, wanted=HIGHER), breaks=backwards)
    assert (row["status"], row["change"]) == ("met", 1)


def test_a_break_hides_the_change_but_not_the_level() -> None:
    row = assessed({"2023": 80, "2024": 86}, targets=level(85), breaks=(Break(P("2024"), comparable_backwards=False),))
    assert (row["status"], row["change"], row["change_word"]) == ("met", None, "")


def test_yearly_change_counts_years_from_its_baseline() -> None:
    targets = aimed(Form.YEARLY_CHANGE, percent=10.0, baseline_period="2022")
    assert assessed({"2022": 100, "2023": 100, "2024": 121}, targets=targets)["status"] == "met"
    assert assessed({"2022": 100, "2023": 111, "2024": ""}, targets=targets)["status"] == "met", "2023 against 110"
    assert assessed({"2022": 100, "2023": 111, "2024": 120.9}, targets=targets)["status"] == "not_met"
    assert outcome(assessed({"2022": 0, "2024": 5}, targets=targets)) == ("not_assessable", "baseline_not_positive")
    assert outcome(assessed({"2021": 0, "2024": 5}, targets=targets)) == ("not_assessable", "no_value")
    broken = (Break(P("2023"), comparable_backwards=False),)
    assert outcome(assessed({"2022": 100, "2024": 200}, targets=targets, breaks=broken)) == ("not_assessable", "break")


def test_a_survey_result_inside_its_margin() -> None:
    own = [Point(P("2023"), 80.0, margin=4.0), Point(P("2024"), 84.0, margin=3.0, margin_computed=True)]
    row = assessed(own, targets=aimed(Form.SURVEY, side=Side.AT_LEAST, value=85.0))
    assert outcome(row) == ("near", "inside_margin")
    assert row["margin"] == 3
    assert row["change_word"] == "uncertain"
    assert row["trace"]["margin_computed"] is True


def evidence(good: Direction = HIGHER, **target: Any) -> Evidence:
    made = definition(good=good, targets=aimed(Form.POSITION, **target))
    rows = benchmarks([made], matrix(VALUES), [EVERYONE, NEIGHBOURS], HOME, {})[7]
    by_group = {g: [r for r in rows if r["group_id"] == g] for g in (1, 2)}
    return Evidence(made, points({"2020": 50, "2021": 55, "2023": 60}), by_group, [EVERYONE, NEIGHBOURS])


def test_a_position_is_of_the_newest_year_that_enough_share() -> None:
    row = assess_period(evidence(percentile=75.0, group="all"), P("2023"), TODAY)
    assert row["status"] == "met"
    assert (row["benchmark_year"], row["rank"], row["peers"], row["quarter"]) == (2021, 1, 6, "best")
    assert (row["trace"]["benchmark_year"], row["trace"]["group_id"]) == (2021, 1)
    assert row["trace"]["numbers"]["peers"] == 6
    assert row["value_period"] == "2023"
    row = assess_period(evidence(rank=1, group="similar"), P("2020"), TODAY)
    assert (row["status"], row["trace"]["group_id"]) == ("met", 2)
    row = assess_period(evidence(rank=1, group="all"), P("2020"), TODAY)
    assert (row["status"], row["gap"], row["benchmark_year"]) == ("not_met", -1, 2020)


def test_a_position_without_a_group_or_a_year_is_not_assessable() -> None:
    for group in ("county", None):
        row = assess_period(evidence(percentile=50.0, group=group), P("2023"), TODAY)
        assert outcome(row) == ("not_assessable", "too_few_peers")
    few = replace(evidence(percentile=50.0, group="all"), benchmarks={})
    assert outcome(assess_period(few, P("2023"), TODAY)) == ("not_assessable", "too_few_peers")


def test_the_place_among_all_is_shown_beside_every_status_and_mixed_into_none() -> None:
    made = evidence(percentile=75.0, group="all")
    bare = replace(made, definition=replace(made.definition, targets=level(1000)))
    row = assess_period(bare, P("2021"), TODAY)
    assert (row["status"], row["quarter"], row["rank"], row["peers"]) == ("not_met", "best", 1, 6)


@pytest.mark.parametrize("form", [Form.NOT_WORSE, Form.POSITION])
def test_an_indicator_whose_good_way_is_an_interval_does_not_stop_the_others(form: Form) -> None:
    row = assessed({"2023": 1, "2024": 2}, good=INTERVAL, targets=aimed(form, rank=1, group="all"))
    assert outcome(row) == ("not_assessable", "no_target")


@pytest.mark.parametrize(
    "targets",
    [
        (),
        level(85),
        aimed(Form.LEVEL, side=Side.BETWEEN, lower=80.0, upper=85.0),
        aimed(Form.DIRECTION, wanted=LOWER),
        aimed(Form.NOT_WORSE, baseline_period="2022"),
        aimed(Form.YEARLY_CHANGE, percent=1.5, baseline_period="2022"),
        aimed(Form.POSITION, percentile=50.0, group="all"),
    ],
)
@pytest.mark.parametrize("series", [{"2022": 1, "2024": 2}, {"2024": 0}, {}, {"2022": 0, "2023": "confidential"}])
def test_an_assessment_is_plain_json_and_names_its_inputs(targets: Any, series: dict[str, Any]) -> None:
    row = assessed(series, targets=targets)
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert row["status"] in {s.value for s in Status}
    assert (row["status"] == "not_assessable") <= bool(row["reason"])
    if row["value"] is not None:
        assert row["trace"]["value_period"] == row["value_period"]
    if targets:
        assert row["trace"]["form"] == targets[0].target.form.value


def test_the_trace_says_what_the_newest_period_held_where_an_older_one_speaks() -> None:
    row = assessed({"2023": 90, "2024": ""}, targets=level(85))
    assert (row["value_period"], row["trace"]["newest_period"], row["trace"]["newest_absence"]) == (
        "2023",
        "2024",
        "missing",
    )
    assert "newest_period" not in assessed({"2024": 90}, targets=level(85))["trace"]


def test_the_small_chart_has_the_last_twelve_due_periods_with_their_gaps() -> None:
    series = {f"{y}": (None if y == 2020 else y - 2000.123456) for y in range(2008, 2026)}
    recent = assessed(series, targets=level(1))["recent"]
    assert len(recent) == 12
    assert recent[7] is None
    assert recent[-1] == 23.877
