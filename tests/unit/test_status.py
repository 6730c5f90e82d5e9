"""Status against a target: every form, every boundary, every reason (METHODS §1)."""

import json
import math
from typing import Any

import pytest

from indicators.compute import status as rules
from indicators.compute.status import (
    Direction,
    Form,
    Observation,
    Reason,
    Side,
    Status,
    Target,
    Verdict,
    assess,
    between,
    direction,
    gap,
    level_at_least,
    level_at_most,
    margin_of_difference,
    not_worse,
    position_percentile,
    position_rank,
    yearly_change,
    yearly_target,
)

MET, NEAR, NOT_MET, NONE = Status.MET, Status.NEAR, Status.NOT_MET, Status.NOT_ASSESSABLE
HIGHER, LOWER, INTERVAL, CONTEXT = Direction.HIGHER, Direction.LOWER, Direction.INTERVAL, Direction.CONTEXT
INSIDE = Reason.INSIDE_MARGIN


def outcome(verdict: Verdict) -> tuple[Status, Reason | None]:
    return verdict.status, verdict.reason


# ── levels ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("y", "tolerance", "expected"),
    [
        (85.0, 2, MET),
        (85.1, 2, MET),
        (84.9, 2, NEAR),
        (83.0, 2, NEAR),
        (82.9, 2, NOT_MET),
        (84.9, 0, NOT_MET),
        (85.0, 0, MET),
    ],
)
def test_at_least(y: float, tolerance: float, expected: Status) -> None:
    assert outcome(level_at_least(y, 85, tolerance)) == (expected, None)
    assert outcome(level_at_most(-y, -85, tolerance)) == (expected, None)


@pytest.mark.parametrize(
    ("y", "expected"), [(10.0, MET), (9.9, MET), (10.1, NEAR), (12.0, NEAR), (12.1, NOT_MET), (-50.0, MET)]
)
def test_at_most(y: float, expected: Status) -> None:
    assert outcome(level_at_most(y, 10, 2)) == (expected, None)


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (2.0, MET),
        (3.0, MET),
        (4.0, MET),
        (1.9, NEAR),
        (1.5, NEAR),
        (1.4, NOT_MET),
        (4.1, NEAR),
        (4.5, NEAR),
        (4.6, NOT_MET),
    ],
)
def test_between(y: float, expected: Status) -> None:
    assert outcome(between(y, 2, 4, 0.5)) == (expected, None)
    assert outcome(between(-y, -4, -2, 0.5)) == (expected, None)


def test_an_interval_of_one_point_can_be_met_and_an_empty_one_is_refused() -> None:
    assert between(3, 3, 3).status is MET
    assert between(3.1, 3, 3).status is NOT_MET
    for lower, upper in [(4, 2), (math.nan, 2), (2, math.nan)]:
        with pytest.raises(ValueError):
            between(3, lower, upper)


def test_floats_are_compared_with_the_tolerance_of_the_method() -> None:
    assert 0.1 + 0.2 > 0.3
    assert level_at_most(0.1 + 0.2, 0.3).status is MET
    assert level_at_least(0.3, 0.1 + 0.2).status is MET
    assert 1.1 - 0.1 * 3 < 0.8 + 1e-12
    assert level_at_least(0.8, 1.1, 0.3).status is NEAR
    assert level_at_least(1e9 - 1e-4, 1e9).status is MET, "1e-12 of the size of the numbers"
    assert level_at_least(1e9 - 1e-2, 1e9).status is NOT_MET
    assert level_at_least(1 - 1e-11, 1).status is NOT_MET


def test_the_unrounded_value_decides() -> None:
    assert level_at_least(84.96, 85.0).status is NOT_MET


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_form_judges_numbers_only_so_that_missing_is_never_red_or_green(number: float) -> None:
    for judge in (
        lambda: level_at_least(number, 1),
        lambda: level_at_most(number, 1),
        lambda: between(number, 0, 1),
        lambda: direction(number, 1, 1),
        lambda: direction(1, number, 1),
        lambda: not_worse(number, 1, 1),
        lambda: not_worse(1, number, -1),
        lambda: yearly_change(number, 1, 1, 1),
    ):
        with pytest.raises(ValueError):
            judge()


# ── uncertain values ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("y", "tolerance", "expected"),
    [
        (88.0, 0, (MET, None)),
        (88.1, 0, (MET, None)),
        (87.9, 0, (NEAR, INSIDE)),
        (85.0, 0, (NEAR, INSIDE)),
        (84.0, 0, (NEAR, INSIDE)),
        (82.0, 0, (NEAR, INSIDE)),
        (81.9, 0, (NOT_MET, None)),
        (81.9, 4, (NEAR, None)),
        (81.0, 4, (NEAR, None)),
        (80.9, 4, (NOT_MET, None)),
        (83.0, 4, (NEAR, INSIDE)),
    ],
)
def test_with_a_margin_the_whole_interval_decides(
    y: float, tolerance: float, expected: tuple[Status, Reason | None]
) -> None:
    assert outcome(level_at_least(y, 85, tolerance, 3)) == expected
    assert outcome(level_at_most(-y, -85, tolerance, 3)) == expected


@pytest.mark.parametrize(
    ("y", "margin", "expected"),
    [
        (3.0, 1.0, (MET, None)),
        (3.0, 1.1, (NEAR, INSIDE)),
        (2.5, 0.6, (NEAR, INSIDE)),
        (3.0, 5.0, (NEAR, INSIDE)),
        (1.0, 1.0, (NEAR, INSIDE)),
        (1.0, 0.9, (NOT_MET, None)),
        (5.0, 0.9, (NOT_MET, None)),
        (4.9, 1.0, (NEAR, INSIDE)),
    ],
)
def test_an_interval_target_with_a_margin(y: float, margin: float, expected: tuple[Status, Reason | None]) -> None:
    assert outcome(between(y, 2, 4, 0, margin)) == expected


def test_a_margin_of_zero_or_none_or_nan_is_no_margin() -> None:
    for margin in (None, 0.0, math.nan):
        assert outcome(level_at_least(84, 85, 2, margin)) == (NEAR, None)
        assert outcome(direction(2, 1, 1, 0, margin, margin)) == (MET, None)


@pytest.mark.parametrize("margin", [-0.1, math.inf])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ValueError):
        level_at_least(1, 1, 0, margin)
    with pytest.raises(ValueError):
        direction(1, 1, 1, 0, margin)


def test_margin_of_a_difference() -> None:
    assert margin_of_difference(3, 4) == 5
    assert margin_of_difference(3, None) == 3
    assert margin_of_difference(None, 4) == 4
    assert margin_of_difference(None, None) is None


# ── direction, not worse ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("y", "expected"), [(52.1, MET), (52.0, NEAR), (50.0, NEAR), (48.0, NEAR), (47.9, NOT_MET), (60, MET)]
)
def test_shall_increase(y: float, expected: Status) -> None:
    assert outcome(direction(y, 50, 1, 2)) == (expected, None)
    assert outcome(direction(-y, -50, -1, 2)) == (expected, None)


def test_without_a_tolerance_no_change_is_unchanged_and_the_least_change_counts() -> None:
    assert direction(50, 50, 1).status is NEAR
    assert direction(50.001, 50, 1).status is MET
    assert direction(49.999, 50, 1).status is NOT_MET
    assert direction(49.999, 50, -1).status is MET


def test_the_larger_of_tolerance_and_margin_of_the_difference_is_the_threshold() -> None:
    assert outcome(direction(55, 50, 1, 2, 3, 4)) == (NEAR, INSIDE)
    assert outcome(direction(55.1, 50, 1, 2, 3, 4)) == (MET, None)
    assert outcome(direction(44.9, 50, 1, 2, 3, 4)) == (NOT_MET, None)
    assert outcome(direction(55.5, 50, 1, 6, 3, 4)) == (NEAR, None), "beyond the margin, inside the tolerance"
    assert outcome(direction(54, 50, 1, 6, 3, 4)) == (NEAR, INSIDE)
    assert outcome(direction(50, 50, 1, 0, 0, 0)) == (NEAR, None)


@pytest.mark.parametrize(
    ("y", "sign", "tolerance", "expected"),
    [
        (50.0, 1, 0, MET),
        (49.9, 1, 0, NOT_MET),
        (48.0, 1, 2, MET),
        (47.9, 1, 2, NOT_MET),
        (50.0, -1, 0, MET),
        (50.1, -1, 0, NOT_MET),
        (52.0, -1, 2, MET),
        (52.1, -1, 2, NOT_MET),
    ],
)
def test_not_worse_has_no_near(y: float, sign: int, tolerance: float, expected: Status) -> None:
    assert outcome(not_worse(y, 50, sign, tolerance)) == (expected, None)


def test_nothing_inside_its_margin_is_worse() -> None:
    assert not_worse(45, 50, 1, 0, 3, 4).status is MET
    assert not_worse(44.9, 50, 1, 0, 3, 4).status is NOT_MET
    assert direction(45, 50, 1, 0, 3, 4).status is NEAR


# ── yearly change ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_target_grows_or_shrinks_from_the_baseline_like_interest() -> None:
    assert yearly_target(100, 10, 0) == 100
    assert yearly_target(100, 10, 2) == pytest.approx(121)
    assert yearly_target(100, -10, 2) == pytest.approx(81)
    assert yearly_target(100, 21, 0.5) == pytest.approx(110)


@pytest.mark.parametrize(
    ("y", "percent", "tolerance", "expected"),
    [
        (121.0, 10, 0, MET),
        (120.9, 10, 0, NOT_MET),
        (120.0, 10, 1, NEAR),
        (119.9, 10, 1, NOT_MET),
        (81.0, -10, 0, MET),
        (81.1, -10, 0, NOT_MET),
        (82.0, -10, 1, NEAR),
        (82.1, -10, 1, NOT_MET),
        (0.0, -10, 0, MET),
    ],
)
def test_yearly_change(y: float, percent: float, tolerance: float, expected: Status) -> None:
    assert outcome(yearly_change(y, 100, percent, 2, tolerance)) == (expected, None)


def test_yearly_change_of_an_uncertain_value() -> None:
    assert outcome(yearly_change(120, 100, 10, 2, 0, 2)) == (NEAR, INSIDE)
    assert outcome(yearly_change(123, 100, 10, 2, 0, 2)) == (MET, None)
    assert outcome(yearly_change(118.9, 100, 10, 2, 0, 2)) == (NOT_MET, None)


@pytest.mark.parametrize("baseline", [0.0, -5.0])
def test_yearly_change_needs_a_positive_baseline(baseline: float) -> None:
    assert outcome(yearly_change(10, baseline, 5, 3)) == (NONE, Reason.BASELINE_NOT_POSITIVE)


@pytest.mark.parametrize("percent", [0, -100, -150, math.nan, math.inf])
def test_a_yearly_change_that_is_none_is_refused(percent: float) -> None:
    with pytest.raises(ValueError):
        yearly_change(10, 10, percent, 1)


# ── position ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("percentile", "expected"), [(75, MET), (74.9, NEAR), (70, NEAR), (69.9, NOT_MET)])
def test_percentile_at_least(percentile: float, expected: Status) -> None:
    assert outcome(position_percentile(percentile, 75, 5)) == (expected, None)


@pytest.mark.parametrize(("rank", "expected"), [(1, MET), (10, MET), (11, NEAR), (12, NEAR), (13, NOT_MET)])
def test_rank_at_most(rank: int, expected: Status) -> None:
    assert outcome(position_rank(rank, 10, 2)) == (expected, None)


# ── assess: which form, which inputs ──────────────────────────────────────────────────────────────────────────────────

LEVEL = Target(Form.LEVEL, Side.AT_LEAST, 85.0, tolerance=2.0)


@pytest.mark.parametrize(
    ("target", "seen", "expected"),
    [
        (LEVEL, Observation(84), NEAR),
        (Target(Form.SURVEY, Side.AT_LEAST, 85.0), Observation(88, 2), MET),
        (Target(Form.SURVEY, Side.AT_LEAST, 85.0), Observation(86, 2), NEAR),
        (Target(Form.LEVEL, Side.AT_MOST, 85.0), Observation(84), MET),
        (Target(Form.LEVEL, Side.BETWEEN, lower=80, upper=84), Observation(84), MET),
        (Target(Form.LEVEL, Side.BETWEEN, lower=0, upper=0), Observation(0), MET),
        (Target(Form.DIRECTION, wanted=HIGHER), Observation(2, comparison=1), MET),
        (Target(Form.DIRECTION, wanted=LOWER), Observation(2, comparison=1), NOT_MET),
        (Target(Form.DIRECTION), Observation(2, comparison=1), MET),
        (Target(Form.NOT_WORSE), Observation(1, comparison=2), NOT_MET),
        (Target(Form.NOT_WORSE), Observation(1, 3, comparison=2, comparison_margin=4), MET),
        (Target(Form.YEARLY_CHANGE, percent=10), Observation(121, baseline=100, years=2), MET),
        (Target(Form.YEARLY_CHANGE, percent=10), Observation(120, baseline=100, years=2), NOT_MET),
        (Target(Form.POSITION, percentile=75), Observation(0, percentile=75, rank=9, peers=30), MET),
        (Target(Form.POSITION, rank=8), Observation(0, percentile=75, rank=9, peers=30), NOT_MET),
        (Target(Form.POSITION, rank=8, tolerance=1), Observation(0, percentile=75, rank=9, peers=30), NEAR),
    ],
)
def test_each_form_is_judged_by_its_rule(target: Target, seen: Observation, expected: Status) -> None:
    assert assess(target, HIGHER, seen).status is expected


def test_good_direction_decides_what_worse_is() -> None:
    seen = Observation(1, comparison=2)
    assert assess(Target(Form.NOT_WORSE), HIGHER, seen).status is NOT_MET
    assert assess(Target(Form.NOT_WORSE), LOWER, seen).status is MET
    assert assess(Target(Form.DIRECTION, wanted=HIGHER), LOWER, seen).status is NOT_MET, "the wanted one goes first"


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        (Target(Form.LEVEL, Side.AT_LEAST, 0.0), Observation(0.0)),
        (Target(Form.LEVEL, Side.AT_MOST, 0.0), Observation(0.0)),
        (Target(Form.LEVEL, Side.BETWEEN, lower=0.0, upper=1.0), Observation(0.0)),
        (Target(Form.NOT_WORSE), Observation(0.0, comparison=0.0)),
        (Target(Form.DIRECTION, wanted=HIGHER), Observation(1.0, comparison=0.0)),
        (Target(Form.YEARLY_CHANGE, percent=-5), Observation(0.0, baseline=1.0, years=0)),
        (Target(Form.POSITION, percentile=0.0), Observation(0.0, percentile=50.0, rank=1, peers=5)),
    ],
)
def test_zero_is_a_value_as_value_target_comparison_and_number_of_years(target: Target, seen: Observation) -> None:
    assert assess(target, HIGHER, seen).status is MET


# ── not assessable ────────────────────────────────────────────────────────────────────────────────────────────────────

COMPLETE = Observation(
    90, comparison=80, baseline=80, years=1, percentile=90, rank=1, peers=50, margin=1, comparison_margin=1
)


@pytest.mark.parametrize("target", [None, LEVEL])
def test_context_indicators_are_never_judged(target: Target | None) -> None:
    assert outcome(assess(target, CONTEXT, COMPLETE)) == (NONE, Reason.CONTEXT_ONLY)


def test_no_target() -> None:
    assert outcome(assess(None, HIGHER, COMPLETE)) == (NONE, Reason.NO_TARGET)


@pytest.mark.parametrize("value", [None, math.nan])
@pytest.mark.parametrize(
    ("absence", "reason"),
    [
        (None, Reason.NO_VALUE),
        (Reason.NOT_YET_DUE, Reason.NOT_YET_DUE),
        (Reason.NOT_APPLICABLE, Reason.NOT_APPLICABLE),
        (Reason.CONFIDENTIAL, Reason.CONFIDENTIAL),
        (Reason.BREAK, Reason.BREAK),
        (Reason.TOO_FEW_ANSWERS, Reason.TOO_FEW_ANSWERS),
    ],
)
@pytest.mark.parametrize("form", [Form.LEVEL, Form.NOT_WORSE, Form.POSITION])
def test_a_missing_value_says_why(value: float | None, absence: Reason | None, reason: Reason, form: Form) -> None:
    target = Target(form, Side.AT_LEAST, 1.0, percentile=50)
    verdict = assess(target, HIGHER, Observation(value, absence=absence, comparison=1, percentile=9, rank=1, peers=9))
    assert outcome(verdict) == (NONE, reason)
    assert verdict.missing == "value"


@pytest.mark.parametrize("form", [Form.DIRECTION, Form.NOT_WORSE])
@pytest.mark.parametrize("comparison", [None, math.nan])
def test_no_comparison_value(form: Form, comparison: float | None) -> None:
    verdict = assess(Target(form), HIGHER, Observation(1, comparison=comparison))
    assert outcome(verdict) == (NONE, Reason.NO_VALUE)
    assert verdict.missing == "comparison"


@pytest.mark.parametrize("form", [Form.DIRECTION, Form.NOT_WORSE])
def test_a_break_since_the_comparison_value(form: Form) -> None:
    verdict = assess(Target(form), HIGHER, Observation(1, comparison=0, break_since_comparison=True))
    assert outcome(verdict) == (NONE, Reason.BREAK)
    assert verdict.missing == "comparison"


def test_a_break_does_not_touch_a_level_or_a_position() -> None:
    seen = Observation(
        90, break_since_comparison=True, break_since_baseline=True, percentile=90.0, rank=1, peers=20, comparison=1
    )
    assert assess(LEVEL, HIGHER, seen).status is MET
    assert assess(Target(Form.POSITION, percentile=50), HIGHER, seen).status is MET


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"baseline": None}, Reason.NO_VALUE),
        ({"baseline": math.nan}, Reason.NO_VALUE),
        ({"years": None}, Reason.NO_VALUE),
        ({"break_since_baseline": True}, Reason.BREAK),
        ({"baseline": 0.0}, Reason.BASELINE_NOT_POSITIVE),
        ({"baseline": -1.0}, Reason.BASELINE_NOT_POSITIVE),
    ],
)
def test_a_yearly_change_that_cannot_be_counted(changes: dict[str, Any], reason: Reason) -> None:
    seen = Observation(**{"value": 10.0, "baseline": 10.0, "years": 1.0, **changes})
    verdict = assess(Target(Form.YEARLY_CHANGE, percent=2), HIGHER, seen)
    assert outcome(verdict) == (NONE, reason)
    assert verdict.missing == (None if reason is Reason.BASELINE_NOT_POSITIVE else "baseline")


@pytest.mark.parametrize(
    "changes",
    [
        {"peers": rules.LEAST_PEERS - 1},
        {"peers": None},
        {"peers": 0},
        {"rank": None},
        {"percentile": None},
        {"percentile": math.nan},
    ],
)
def test_too_few_peers(changes: dict[str, Any]) -> None:
    seen = Observation(**{"value": 1.0, "percentile": 99.0, "rank": 1, "peers": 30, **changes})
    verdict = assess(Target(Form.POSITION, percentile=50), HIGHER, seen)
    assert outcome(verdict) == (NONE, Reason.TOO_FEW_PEERS)
    assert verdict.missing == "position"


def test_five_municipalities_with_data_are_enough_for_a_place() -> None:
    seen = Observation(1, percentile=90.0, rank=1, peers=5)
    assert assess(Target(Form.POSITION, rank=1), HIGHER, seen).status is MET


@pytest.mark.parametrize(
    "target", [Target(Form.NOT_WORSE), Target(Form.DIRECTION), Target(Form.POSITION, percentile=50)]
)
def test_where_an_interval_is_good_a_target_that_needs_a_way_asks_for_nothing(target: Target) -> None:
    assert outcome(assess(target, INTERVAL, COMPLETE)) == (NONE, Reason.NO_TARGET)


def test_where_an_interval_is_good_a_level_or_a_wanted_way_is_judged() -> None:
    assert assess(Target(Form.LEVEL, Side.BETWEEN, lower=89, upper=91), INTERVAL, Observation(90)).status is MET
    assert assess(Target(Form.NOT_WORSE, wanted=LOWER), INTERVAL, COMPLETE).status is NOT_MET


@pytest.mark.parametrize(
    "target",
    [
        Target(Form.LEVEL),
        Target(Form.LEVEL, Side.AT_LEAST),
        Target(Form.LEVEL, Side.AT_MOST),
        Target(Form.LEVEL, Side.BETWEEN, lower=1.0),
        Target(Form.LEVEL, Side.BETWEEN, upper=1.0),
        Target(Form.YEARLY_CHANGE),
        Target(Form.POSITION),
    ],
)
def test_a_target_without_its_numbers_is_a_mistake_not_a_status(target: Target) -> None:
    with pytest.raises(ValueError):
        assess(target, HIGHER, COMPLETE)


@pytest.mark.parametrize("tolerance", [-0.1, math.nan, math.inf])
def test_a_tolerance_is_a_number_not_below_zero(tolerance: float) -> None:
    with pytest.raises(ValueError):
        Target(Form.LEVEL, Side.AT_LEAST, 1.0, tolerance=tolerance)


def test_not_assessable_is_neither_red_nor_green_and_always_has_a_reason() -> None:
    for form in Form:
        for seen in (Observation(None), Observation(1.0), COMPLETE):
            target = Target(form, Side.AT_LEAST, 1.0, percent=1, percentile=50, wanted=HIGHER)
            verdict = assess(target, HIGHER, seen)
            assert verdict.status in (MET, NEAR, NOT_MET, NONE)
            assert (verdict.status is NONE) <= (verdict.reason is not None)


# ── trace and gap ─────────────────────────────────────────────────────────────────────────────────────────────────────


def again(trace: dict[str, Any]) -> Verdict:
    """The verdict worked out from its trace alone, by the inequality that it names."""
    match trace["rule"]:
        case "between":
            return between(trace["value"], trace["lower"], trace["upper"], trace["tolerance"], trace["margin"])
        case "yearly_change":
            numbers = [trace[name] for name in ("value", "baseline", "percent", "years")]
            return yearly_change(*numbers, trace.get("tolerance", 0.0), trace.get("margin"))
        case "direction" | "not_worse" as name:
            judge = direction if name == "direction" else not_worse
            numbers = [trace[name] for name in ("value", "comparison", "sign", "tolerance", "margin")]
            return judge(*numbers)
        case "percentile":
            return position_percentile(trace["percentile"], trace["wanted_percentile"], trace["tolerance"])
        case "rank":
            return position_rank(trace["rank"], trace["wanted_rank"], trace["tolerance"])
    raise AssertionError(f"{trace} names no inequality")


@pytest.mark.parametrize("y", [0.0, 78.0, 84.0, 86.5, 90.0])
@pytest.mark.parametrize(
    "target",
    [
        LEVEL,
        Target(Form.LEVEL, Side.AT_MOST, 85.0, tolerance=1.5),
        Target(Form.LEVEL, Side.BETWEEN, lower=84.0, upper=85.0, tolerance=1.5),
        Target(Form.DIRECTION, wanted=LOWER, tolerance=1.0),
        Target(Form.NOT_WORSE, tolerance=3.0),
        Target(Form.YEARLY_CHANGE, percent=3, tolerance=1.0),
        Target(Form.YEARLY_CHANGE, percent=-3),
        Target(Form.POSITION, percentile=60, tolerance=5),
        Target(Form.POSITION, rank=3, tolerance=2),
    ],
)
@pytest.mark.parametrize("margin", [None, 2.0])
def test_a_status_can_be_worked_out_again_from_its_trace_alone(y: float, target: Target, margin: float | None) -> None:
    seen = Observation(
        y, margin, comparison=80.0, comparison_margin=1.0, baseline=80.0, years=2.0, percentile=y, rank=4, peers=9
    )
    verdict = assess(target, HIGHER, seen)
    assert outcome(again(json.loads(json.dumps(verdict.trace)))) == outcome(verdict)


def test_the_trace_has_every_number_of_the_inequality() -> None:
    assert level_at_least(84, 85, 2, 1).trace == {
        "rule": "between",
        "value": 84,
        "lower": 85,
        "upper": None,
        "tolerance": 2,
        "margin": 1,
    }
    assert direction(1, 5, -1, 2, 3, 4).trace == {
        "rule": "direction",
        "value": 1,
        "comparison": 5,
        "sign": -1,
        "change": 4,
        "tolerance": 2,
        "margin": 5,
        "threshold": 5,
    }
    yearly = yearly_change(100, 100, 10, 2).trace
    assert yearly["target"] == pytest.approx(121)
    assert {"baseline": 100, "percent": 10, "years": 2, "value": 100}.items() <= yearly.items()
    placed = assess(Target(Form.POSITION, rank=3), HIGHER, Observation(1, percentile=5.0, rank=4, peers=9)).trace
    assert {"rank": 4, "wanted_rank": 3, "peers": 9}.items() <= placed.items()


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (level_at_least(84, 85), -1),
        (level_at_least(0, 0), 0),
        (level_at_most(84, 85), 1),
        (between(3, 2, 5), 1),
        (between(6, 2, 5), -1),
        (between(1, 2, 5), -1),
        (yearly_change(125, 100, 10, 2), 4),
        (direction(53, 50, 1, 2), 1),
        (direction(50, 50, 1, 2), -2),
        (not_worse(47, 50, 1, 2), -1),
        (not_worse(50, 50, 1, 2), 2),
        (position_percentile(70, 75), -5),
        (position_rank(4, 10), 6),
        (yearly_change(1, 0, 10, 2), None),
        (assess(None, HIGHER, COMPLETE), None),
    ],
)
def test_gap_is_positive_on_the_good_side(verdict: Verdict, expected: float | None) -> None:
    assert gap(verdict.trace) == (None if expected is None else pytest.approx(expected))
