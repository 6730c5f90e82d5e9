"""What is checked when a value is handed in: hard faults that block, soft findings that ask for a comment (METHODS B).

A finding is a code with its figures; `indicators.check_wording` makes the sentence.
"""

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from statistics import median
from typing import Any

from indicators.compute.comparison import above, equal
from indicators.compute.validate import LARGEST
from indicators.periods import Kind, Period, PeriodError

POINTS = 12  # how far back a series' own history is looked at
LEAST_POINTS = 4  # fewer say nothing about what is usual
SHOWN = 5  # points that a message names
FAR_Z = 3.5  # robust z from which a value is far from its history
NORMAL_MAD = 1.4826  # makes the median deviation of a normal distribution its standard deviation
LEAST_SPREAD = 0.01  # of the median's size: a series that hardly moves does not make every step far
LEAST_PEERS = 5
PEER_MARGIN = 1.0  # times the distance between the quartiles, beyond the lowest and the highest
SLIPS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)
BREAKDOWNS = ("T", "K", "M")
SAME_TIMES = 3  # the same value for this many times in a row asks whether it was measured anew


class Check(StrEnum):
    """Codes of what can be found. The first block blocks."""

    NO_PERIOD = "no_period"
    WRONG_FREQUENCY = "wrong_frequency"
    NOT_BEGUN = "not_begun"
    NOT_DIVIDED = "not_divided"
    UNKNOWN_BREAKDOWN = "unknown_breakdown"
    DUPLICATE = "duplicate"
    NOTHING_GIVEN = "nothing_given"
    UNKNOWN_FILE = "unknown_file"
    NOT_A_LINK = "not_a_link"
    UNREADABLE_TEXT = "unreadable_text"
    UNKNOWN_REASON = "unknown_reason"
    VALUE_AND_REASON = "value_and_reason"
    NOT_FINITE = "not_finite"
    TOO_LARGE = "too_large"
    OUT_OF_RANGE = "out_of_range"
    PARTS_INCOMPLETE = "parts_incomplete"
    PARTS_NEGATIVE = "parts_negative"
    PARTS_ALONE = "parts_alone"
    NUMERATOR_ABOVE = "numerator_above"
    ZERO_DENOMINATOR = "zero_denominator"
    NOT_THE_SHARE = "not_the_share"

    FAR_FROM_HISTORY = "far_from_history"
    FAR_FROM_PEERS = "far_from_peers"
    UNIT_SLIP = "unit_slip"
    SAME_AGAIN = "same_again"


SOFT = frozenset({Check.FAR_FROM_HISTORY, Check.FAR_FROM_PEERS, Check.UNIT_SLIP, Check.SAME_AGAIN})


@dataclass(frozen=True)
class Finding:
    """What a check found: its code and the figures behind it, plain numbers and codes that JSON can hold."""

    check: Check
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return self.check not in SOFT

    def stored(self) -> dict[str, Any]:
        """As it is kept in `Measurement.checks`."""
        return {"check": self.check.value, "figures": dict(self.figures)}


def restored(kept: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings as they were kept; codes of checks that are no longer made are left out."""
    known = {check.value for check in Check}
    return tuple(Finding(Check(row["check"]), row.get("figures", {})) for row in kept if row.get("check") in known)


@dataclass(frozen=True)
class Rules:
    """What an indicator asks of its values."""

    kind: Kind
    decimals: int = 1
    minimum: float | None = None
    maximum: float | None = None
    share: bool = False
    divided: bool = False


@dataclass(frozen=True)
class Given:
    """What was entered: a value or a reason, and the numerator and denominator that a share follows from."""

    value: float | None = None
    absence: str = ""
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True)
class Past:
    """What an indicator's own earlier values say: how many, where they lie, how they move."""

    points: int = 0
    low: float = math.nan
    high: float = math.nan
    shown: int = 0
    middle: float = math.nan
    spread: float = math.nan
    jump: float = math.nan
    last: float = math.nan
    run: int = 0


@dataclass(frozen=True)
class Peers:
    """Where the similar municipalities lie in a year, our own not among them."""

    year: int
    others: int
    low: float
    high: float
    q25: float
    q75: float


NO_PAST = Past()


# ── hard ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=4096)
def _parsed(period: str) -> Period | None:
    try:
        return Period.parse(period)
    except PeriodError:
        return None


def key_fault(period: str, breakdown: str = "T") -> Finding | None:
    """A text that names no period, or no breakdown, of any indicator."""
    if _parsed(period) is None:
        return Finding(Check.NO_PERIOD, {"period": period[:20]})
    if breakdown not in BREAKDOWNS:
        return Finding(Check.UNKNOWN_BREAKDOWN, {"breakdown": breakdown[:20]})
    return None


def year_of(period: str) -> int:
    """The year in which a period ends; 0 for a text that names none."""
    found = _parsed(period)
    return 0 if found is None else found.last_day.year


def place_fault(rules: Rules, period: str, breakdown: str, today: date) -> Finding | None:
    """What is wrong with the place that something is entered in: its period or its breakdown."""
    found = _parsed(period)
    if found is None or breakdown not in BREAKDOWNS:
        return key_fault(period, breakdown)
    if found.kind is not rules.kind or found.code != period:
        return Finding(Check.WRONG_FREQUENCY, {"period": period, "kind": rules.kind.value})
    if found.first_day > today:
        return Finding(Check.NOT_BEGUN, {"period": period, "first_day": found.first_day.isoformat()})
    if breakdown != "T" and not rules.divided:
        return Finding(Check.NOT_DIVIDED, {"breakdown": breakdown})
    return None


def share_of(numerator: float, denominator: float) -> float:
    """The share in per cent that numerator and denominator make: 100·n/d; NaN unless d is above 0."""
    return 100 * numerator / denominator if denominator > 0 else math.nan


def as_stored(value: float | None) -> float | None:
    """A number with the eight decimals that are kept; large ones have fewer."""
    return None if value is None else round(value, 8)


def settled_value(given: Given, rules: Rules) -> float | None:
    """The value that was entered, or of a share that which follows from its parts; None where there is none."""
    if given.absence or given.numerator is None or given.denominator is None or not rules.share:
        return given.value
    share = share_of(given.numerator, given.denominator)
    return None if math.isnan(share) else share


def value_fault(given: Given, rules: Rules, reasons: Collection[str]) -> Finding | None:
    """The first thing that is wrong with what was entered; None where it can be stored."""
    for number in (given.value, given.numerator, given.denominator):
        if number is not None and not math.isfinite(number):
            return Finding(Check.NOT_FINITE)
        if number is not None and abs(number) >= LARGEST:
            return Finding(Check.TOO_LARGE, {"given": number, "largest": LARGEST})
    if given.absence and given.absence not in reasons:
        return Finding(Check.UNKNOWN_REASON, {"reason": given.absence})
    if given.absence and given.value is not None:
        return Finding(Check.VALUE_AND_REASON, {"given": given.value, "reason": given.absence})
    if given.numerator is not None or given.denominator is not None:
        fault = _parts_fault(given, rules)
        if fault:
            return fault
    value = as_stored(settled_value(given, rules))  # 100·n/n may lie a hair above 100 before it is rounded
    if value is not None and not _in_range(value, rules):
        return Finding(Check.OUT_OF_RANGE, {"given": value, "minimum": rules.minimum, "maximum": rules.maximum})
    return None


def _parts_fault(given: Given, rules: Rules) -> Finding | None:
    if given.numerator is None or given.denominator is None:
        missing = "numerator" if given.numerator is None else "denominator"
        return Finding(Check.PARTS_INCOMPLETE, {"missing": missing})
    parts = {"numerator": given.numerator, "denominator": given.denominator}
    if given.denominator < 0 or (rules.share and given.numerator < 0):
        return Finding(Check.PARTS_NEGATIVE, parts)
    if not rules.share:
        # Nothing follows from the parts of what is no share.
        return Finding(Check.PARTS_ALONE, parts) if given.value is None and not given.absence else None
    if given.numerator > given.denominator:
        return Finding(Check.NUMERATOR_ABOVE, parts)
    if given.absence:
        return None
    if given.denominator == 0:
        return Finding(Check.ZERO_DENOMINATOR, parts)
    share = share_of(given.numerator, given.denominator)
    # What was typed may be rounded as it is shown; anything further away is another number.
    if given.value is not None and above(abs(given.value - share), 0.5 * 10.0**-rules.decimals):
        return Finding(Check.NOT_THE_SHARE, {**parts, "given": given.value, "share": share})
    return None


def _in_range(value: float, rules: Rules) -> bool:
    low = rules.minimum is None or value >= rules.minimum
    return low and (rules.maximum is None or value <= rules.maximum)


# ── soft ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def past_of(values: Sequence[float], *, decimals: int = 1) -> Past:
    """What the values before, oldest first, say about the next one; the last POINTS of them count.

    The spread is 1.4826 times the median deviation from the median, at least one step of the last shown decimal and
    1 % of the median's size. The jump is the largest step between neighbours.
    """
    last = list(values[-POINTS:])
    if not last:
        return NO_PAST
    middle = median(last)
    deviation = NORMAL_MAD * median(abs(v - middle) for v in last)
    shown = last[-SHOWN:]
    return Past(
        points=len(last),
        low=min(shown),
        high=max(shown),
        shown=len(shown),
        middle=middle,
        spread=max(deviation, 10.0**-decimals, LEAST_SPREAD * abs(middle)),
        jump=max((abs(b - a) for a, b in itertools.pairwise(last)), default=0.0),
        last=last[-1],
        run=_run(last),
    )


def _run(values: Sequence[float]) -> int:
    """How many times in a row the last value stands at the end."""
    count = 0
    for value in reversed(values):
        if not equal(value, values[-1]):
            break
        count += 1
    return count


def doubts(value: float, past: Past, peers: Peers | None = None) -> tuple[Finding, ...]:
    """What makes a value doubtful, though it is possible; whoever hands it in is asked for a comment."""
    found = []
    figures = {"given": value} | _peer_figures(peers)
    usual = {"points": past.shown, "low": past.low, "high": past.high}
    if past.points >= LEAST_POINTS and _far(value, past):
        factor = _slip(value, past)
        if factor is not None:
            slip = {"times": round(max(factor, 1 / factor)), "too_large": factor > 1, "would_be": value / factor}
            found.append(Finding(Check.UNIT_SLIP, figures | usual | slip))
        else:
            z = (value - past.middle) / past.spread
            found.append(Finding(Check.FAR_FROM_HISTORY, figures | usual | {"z": z, "jump": past.jump}))
    if peers is not None and _outside(value, peers):
        found.append(Finding(Check.FAR_FROM_PEERS, figures))
    if past.run + 1 >= SAME_TIMES and equal(value, past.last):
        found.append(Finding(Check.SAME_AGAIN, {"given": value, "times": past.run + 1}))
    return tuple(found)


def _far(value: float, past: Past) -> bool:
    """Outside what the series has been, by its spread and by the largest step that it ever made."""
    z = abs(value - past.middle) / past.spread
    return bool(above(z, FAR_Z)) and bool(above(abs(value - past.last), past.jump))


def _slip(value: float, past: Past) -> float | None:
    """By which factor the value misses a history that it would fit in; None where none helps. 0 fits by none."""
    if value == 0 or past.middle == 0:
        return None
    best = min(SLIPS, key=lambda factor: abs(value / factor - past.middle))
    return best if abs(value / best - past.middle) <= FAR_Z * past.spread else None


def _peer_figures(peers: Peers | None) -> dict[str, Any]:
    if peers is None or peers.others < LEAST_PEERS:
        return {}
    return {"peer_low": peers.low, "peer_high": peers.high, "peers": peers.others, "peer_year": peers.year}


def _outside(value: float, peers: Peers) -> bool:
    """Beyond the lowest or the highest of the similar municipalities by PEER_MARGIN quartile distances."""
    if peers.others < LEAST_PEERS:
        return False
    margin = PEER_MARGIN * (peers.q75 - peers.q25)
    return bool(above(value, peers.high + margin)) or bool(above(peers.low - margin, value))
