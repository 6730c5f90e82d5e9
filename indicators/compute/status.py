"""Status of an indicator against its target (METHODS §1): one pure function a form, and `assess`, which picks the form.

The functions of a form take plain numbers and return a `Verdict`. Nothing here knows a clock, a database or a language:
words are made from the trace by `indicators.wording`.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from indicators.compute.comparison import above, at_least

RULE_VERSION = "1"


class Status(StrEnum):
    MET = "met"
    NEAR = "near"
    NOT_MET = "not_met"
    NOT_ASSESSABLE = "not_assessable"


class Reason(StrEnum):
    """Why something is not assessable, or why a value inside its margin is only “near”."""

    CONTEXT_ONLY = "context_only"
    NO_TARGET = "no_target"
    NO_VALUE = "no_value"
    NOT_YET_DUE = "not_yet_due"
    NOT_APPLICABLE = "not_applicable"
    CONFIDENTIAL = "confidential"
    BREAK = "break"
    TOO_FEW_PEERS = "too_few_peers"
    TOO_FEW_ANSWERS = "too_few_answers"
    BASELINE_NOT_POSITIVE = "baseline_not_positive"
    INSIDE_MARGIN = "inside_margin"


class Form(StrEnum):
    """The six ways in which municipal goals are written."""

    LEVEL = "level"
    DIRECTION = "direction"
    YEARLY_CHANGE = "yearly_change"
    NOT_WORSE = "not_worse"
    POSITION = "position"
    SURVEY = "survey"


class Side(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"


class Direction(StrEnum):
    """Which way is good for an indicator."""

    HIGHER = "higher"
    LOWER = "lower"
    INTERVAL = "interval"
    CONTEXT = "context"


SIGN = {Direction.HIGHER: 1, Direction.LOWER: -1}
LEAST_PEERS = 5


@dataclass(frozen=True)
class Verdict:
    """A status, its reason where there is one, and the trace: every number that went into the inequality.

    `trace` holds plain JSON values only: `rule` names the inequality, the other keys its numbers.
    `missing` names the input that was not there: "value", "comparison", "baseline" or "position".
    """

    status: Status
    reason: Reason | None = None
    trace: dict[str, Any] = field(default_factory=dict)
    missing: str | None = None


@dataclass(frozen=True)
class Target:
    """A target in one of the six forms; what a form does not use stays None. Tolerance is in the indicator's unit,
    for positions in points of percentile (or places, where a rank is asked for). `baseline_period` is a code."""

    form: Form
    side: Side | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    tolerance: float = 0.0
    wanted: Direction | None = None
    percent: float | None = None
    baseline_period: str | None = None
    percentile: float | None = None
    rank: int | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        if self.tolerance < 0 or not math.isfinite(self.tolerance):
            raise ValueError(f"a tolerance is a finite number ≥ 0, not {self.tolerance}")


def not_assessable(reason: Reason, *, missing: str | None = None, **trace: Any) -> Verdict:
    return Verdict(Status.NOT_ASSESSABLE, reason, trace, missing)


def _check_numbers(**numbers: float) -> None:
    """A form judges numbers: `assess` has caught what is missing, which here would turn red or green by accident."""
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise ValueError(f"the {name} is a finite number, not {number}")


def _checked_margin(margin: float | None) -> float:
    if margin is None or math.isnan(margin):
        return 0.0
    if not math.isfinite(margin) or margin < 0:
        raise ValueError(f"a margin of error is a finite number ≥ 0, not {margin}")
    return float(margin)


def between(
    y: float, lower: float | None, upper: float | None, tolerance: float = 0.0, margin: float | None = None
) -> Verdict:
    """METHODS §1, level targets and “uncertain values”. A bound of None is open: `at_least` is (T, None).

    With a margin the target is met only if the whole interval y ± margin is on the good side and not met only if it is
    wholly on the bad side; in between it is near, with the reason INSIDE_MARGIN.
    """
    _check_numbers(value=y)
    moe = _checked_margin(margin)
    low = -math.inf if lower is None else lower
    high = math.inf if upper is None else upper
    if math.isnan(low) or math.isnan(high) or low > high:
        raise ValueError(f"the target interval {lower}–{upper} is empty")
    trace = {
        "rule": "between",
        "value": y,
        "lower": lower,
        "upper": upper,
        "tolerance": tolerance,
        "margin": margin,
    }
    if at_least(y - moe, low) and at_least(high, y + moe):
        return Verdict(Status.MET, None, trace)
    wholly_outside = above(low, y + moe) or above(y - moe, high)
    if not wholly_outside and moe > 0:
        return Verdict(Status.NEAR, Reason.INSIDE_MARGIN, trace)
    if at_least(y, low - tolerance) and at_least(high + tolerance, y):
        return Verdict(Status.NEAR, None, trace)
    return Verdict(Status.NOT_MET, None, trace)


def level_at_least(y: float, target: float, tolerance: float = 0.0, margin: float | None = None) -> Verdict:
    """Met: y ≥ T; near: y ≥ T − tol; otherwise not met (METHODS §1)."""
    return between(y, target, None, tolerance, margin)


def level_at_most(y: float, target: float, tolerance: float = 0.0, margin: float | None = None) -> Verdict:
    """Met: y ≤ T; near: y ≤ T + tol; otherwise not met (METHODS §1)."""
    return between(y, None, target, tolerance, margin)


def margin_of_difference(margin: float | None, comparison_margin: float | None) -> float | None:
    """√(moe1² + moe2²) of two independent waves; None where neither has a margin."""
    if margin is None and comparison_margin is None:
        return None
    return math.hypot(_checked_margin(margin), _checked_margin(comparison_margin))


def _change(
    y: float, c: float, sign: int, tolerance: float, margin: float | None, comparison_margin: float | None
) -> dict[str, Any]:
    _check_numbers(value=y, comparison=c)
    difference_margin = margin_of_difference(margin, comparison_margin)
    threshold = max(tolerance, difference_margin or 0.0)
    return {
        "value": y,
        "comparison": c,
        "sign": sign,
        "change": sign * (y - c),
        "tolerance": tolerance,
        "margin": difference_margin,
        "threshold": threshold,
    }


def direction(
    y: float,
    c: float,
    sign: int,
    tolerance: float = 0.0,
    margin: float | None = None,
    comparison_margin: float | None = None,
) -> Verdict:
    """“Ska öka / ska minska” (METHODS §1): d = sign·(y − c), e = max(tol, margin of the difference);
    met d > e, not met d < −e, otherwise near."""
    trace = {"rule": "direction", **_change(y, c, sign, tolerance, margin, comparison_margin)}
    d, e = trace["change"], trace["threshold"]
    if above(d, e):
        return Verdict(Status.MET, None, trace)
    if above(-e, d):
        return Verdict(Status.NOT_MET, None, trace)
    inside = trace["margin"] is not None and trace["margin"] > 0 and not above(abs(d), trace["margin"])
    return Verdict(Status.NEAR, Reason.INSIDE_MARGIN if inside else None, trace)


def not_worse(
    y: float,
    c: float,
    sign: int,
    tolerance: float = 0.0,
    margin: float | None = None,
    comparison_margin: float | None = None,
) -> Verdict:
    """“Minst oförändrad”: met if s·(y − c) ≥ −e, otherwise not met; there is no “near” (METHODS §1)."""
    trace = {"rule": "not_worse", **_change(y, c, sign, tolerance, margin, comparison_margin)}
    met = at_least(trace["change"], -trace["threshold"])
    return Verdict(Status.MET if met else Status.NOT_MET, None, trace)


def yearly_target(baseline: float, percent: float, years: float) -> float:
    """T(t) = b·(1 + p/100)^(t − t0) (METHODS §1)."""
    return baseline * (1 + percent / 100) ** years


def yearly_change(
    y: float,
    baseline: float,
    percent: float,
    years: float,
    tolerance: float = 0.0,
    margin: float | None = None,
) -> Verdict:
    """`percent` % a year from the baseline, `years` = t − t0; at least where percent > 0, at most where < 0."""
    if percent == 0 or percent <= -100 or not math.isfinite(percent):
        raise ValueError(f"a yearly change is a finite per cent, not 0 and above −100; got {percent}")
    inputs: dict[str, Any] = {"baseline": baseline, "percent": percent, "years": years}
    if not above(baseline, 0.0):
        return not_assessable(Reason.BASELINE_NOT_POSITIVE, rule="yearly_change", value=y, **inputs)
    target = yearly_target(baseline, percent, years)
    judge = level_at_least if percent > 0 else level_at_most
    verdict = judge(y, target, tolerance, margin)
    trace = {**verdict.trace, "rule": "yearly_change", "target": target, **inputs}
    return Verdict(verdict.status, verdict.reason, trace)


def position_percentile(percentile: float, q: float, tolerance: float = 0.0) -> Verdict:
    """“Bland de bästa 25 %”: met if percentile ≥ q, near if ≥ q − tol points (METHODS §1)."""
    verdict = level_at_least(percentile, q, tolerance)
    trace = {"rule": "percentile", "percentile": percentile, "wanted_percentile": q, "tolerance": tolerance}
    return Verdict(verdict.status, None, trace)


def position_rank(rank: int, k: int, tolerance: float = 0.0) -> Verdict:
    """“Bland de k främsta”: met if rank ≤ k, near if rank ≤ k + tol places."""
    verdict = level_at_most(rank, k, tolerance)
    return Verdict(verdict.status, None, {"rule": "rank", "rank": rank, "wanted_rank": k, "tolerance": tolerance})


@dataclass(frozen=True)
class Observation:
    """What is known of an indicator when it is judged. None means there is none; 0 is a value.

    value, comparison, baseline: the newest approved value, the previous due (or named) one, the baseline's; margins are
    95 % half-widths in the same unit. `absence` says why the value is missing. `years` = t − t0 for a yearly change.
    `peers` counts municipalities with data, our own included.
    """

    value: float | None
    margin: float | None = None
    absence: Reason | None = None
    comparison: float | None = None
    comparison_margin: float | None = None
    break_since_comparison: bool = False
    baseline: float | None = None
    years: float | None = None
    break_since_baseline: bool = False
    percentile: float | None = None
    rank: int | None = None
    peers: int | None = None


def assess(target: Target | None, good: Direction, seen: Observation) -> Verdict:
    """The status of an indicator by METHODS §1. Missing inputs never raise, they become NOT_ASSESSABLE with a reason.

    “Not worse” and a position need a good way: where that is an interval, such a target asks for nothing.
    """
    if good is Direction.CONTEXT:
        return not_assessable(Reason.CONTEXT_ONLY)
    if target is None or _asks_for_nothing(target, good):
        return not_assessable(Reason.NO_TARGET)
    if seen.value is None or math.isnan(seen.value):
        return not_assessable(seen.absence or Reason.NO_VALUE, missing="value")
    match target.form:
        case Form.LEVEL | Form.SURVEY:
            return _assess_level(target, seen.value, seen.margin)
        case Form.DIRECTION | Form.NOT_WORSE:
            return _assess_against_before(target, good, seen)
        case Form.YEARLY_CHANGE:
            return _assess_yearly_change(target, seen)
        case Form.POSITION:
            return _assess_position(target, seen)


def _asks_for_nothing(target: Target, good: Direction) -> bool:
    match target.form:
        case Form.DIRECTION | Form.NOT_WORSE:
            return (target.wanted or good) not in SIGN
        case Form.POSITION:
            return good not in SIGN
    return False


def _assess_level(target: Target, y: float, margin: float | None) -> Verdict:
    match target.side:
        case Side.AT_LEAST if target.value is not None:
            return level_at_least(y, target.value, target.tolerance, margin)
        case Side.AT_MOST if target.value is not None:
            return level_at_most(y, target.value, target.tolerance, margin)
        case Side.BETWEEN if target.lower is not None and target.upper is not None:
            return between(y, target.lower, target.upper, target.tolerance, margin)
    raise ValueError(f"a level target needs a side and its numbers; got {target}")


def _assess_against_before(target: Target, good: Direction, seen: Observation) -> Verdict:
    assert seen.value is not None
    if seen.comparison is None or math.isnan(seen.comparison):
        return not_assessable(Reason.NO_VALUE, missing="comparison")
    if seen.break_since_comparison:
        return not_assessable(Reason.BREAK, missing="comparison")
    judge = direction if target.form is Form.DIRECTION else not_worse
    sign = SIGN[target.wanted or good]
    return judge(seen.value, seen.comparison, sign, target.tolerance, seen.margin, seen.comparison_margin)


def _assess_yearly_change(target: Target, seen: Observation) -> Verdict:
    assert seen.value is not None
    if target.percent is None:
        raise ValueError("a yearly change needs its per cent")
    if seen.baseline is None or seen.years is None or math.isnan(seen.baseline):
        return not_assessable(Reason.NO_VALUE, missing="baseline")
    if seen.break_since_baseline:
        return not_assessable(Reason.BREAK, missing="baseline")
    return yearly_change(seen.value, seen.baseline, target.percent, seen.years, target.tolerance, seen.margin)


def _assess_position(target: Target, seen: Observation) -> Verdict:
    if seen.rank is None or seen.percentile is None or math.isnan(seen.percentile):
        return not_assessable(Reason.TOO_FEW_PEERS, missing="position", peers=seen.peers or 0)
    if seen.peers is None or seen.peers < LEAST_PEERS:
        return not_assessable(Reason.TOO_FEW_PEERS, missing="position", peers=seen.peers or 0)
    if target.percentile is not None:
        verdict = position_percentile(seen.percentile, target.percentile, target.tolerance)
    elif target.rank is not None:
        verdict = position_rank(seen.rank, target.rank, target.tolerance)
    else:
        raise ValueError("a position target needs a percentile or a rank")
    return Verdict(verdict.status, verdict.reason, {**verdict.trace, "peers": seen.peers, "rank": seen.rank})


def gap(trace: dict[str, Any]) -> float | None:
    """How far a value is from its target in the indicator's unit, ≥ 0 on the good side; None without a level.

    Made from a verdict's trace. For an interval: the distance to the nearer bound. For positions: points of percentile
    (or places); for “ska öka” and “minst oförändrad”: how far the change lies above what is asked.
    """
    match trace.get("rule"):
        case "between" | "yearly_change" if "lower" in trace:
            below = math.inf if trace["lower"] is None else trace["value"] - trace["lower"]
            over = math.inf if trace["upper"] is None else trace["upper"] - trace["value"]
            return min(below, over)
        case "percentile":
            return float(trace["percentile"] - trace["wanted_percentile"])
        case "rank":
            return float(trace["wanted_rank"] - trace["rank"])
        case "direction":
            return float(trace["change"] - trace["threshold"])
        case "not_worse":
            return float(trace["change"] + trace["threshold"])
    return None
