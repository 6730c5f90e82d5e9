"""What `queries` hands to `read_models`: one row each, in the reader's language, nothing made of it yet."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.compute.frames import DatedTarget


class SiteRow(NamedTuple):
    municipality: str
    invented: bool
    example_goals: bool


class GoalRow(NamedTuple):
    id: int
    code: str
    sentence: str
    short: str
    committee_code: str
    committee: str
    issue_code: str
    issue: str
    vision: str
    vision_text: str
    vision_from: int
    decided: str | None
    decided_before: str | None


class LinkRow(NamedTuple):
    goal_id: int
    indicator_id: int
    weight: float
    key: bool


class IndicatorRow(NamedTuple):
    """An indicator as it stood at the end of the period, and its status at the end of the one before.

    recent: values of the latest due periods, as JSON: only what is drawn is read.
    """

    id: int
    code: str
    name: str
    area_code: str
    area: str
    symbol: str
    decimals: int
    share: bool
    status: str | None
    reason: str | None
    value: Decimal | float | None
    value_period: str | None
    change: float | None
    change_word: str | None
    rank: int | None
    peers: int | None
    recent: str | None
    status_before: str | None
    definition: str


class JudgementRow(NamedTuple):
    period: str
    revision: int
    status: str
    motivation: str
    actions: str
    decided_on: date


class GoalHead(NamedTuple):
    """A goal with where it hangs, and the newest revision of each of its judgements by period."""

    id: int
    code: str
    sentence: str
    short: str
    committee_code: str
    committee: str
    issue_code: str
    issue: str
    vision_from: int
    vision_to: int | None
    judgements: dict[str, JudgementRow]


class GoalIndicatorRow(NamedTuple):
    """An indicator of a goal with what is needed to show it, and every target it has had."""

    id: int
    code: str
    name: str
    owner: str
    department: str
    symbol: str
    decimals: int
    share: bool
    weight: float
    key: bool
    targets: dict[int, DatedTarget]


class AssessmentRow(NamedTuple):
    """How an indicator stood at the end of a year; everything from `value` on is read for the shown period only.

    recent: values of the latest due periods, as JSON.
    """

    indicator_id: int
    period: str
    status: str
    reason: str
    value: Decimal | float | None
    value_period: str | None
    change: float | None
    change_word: str | None
    comparison_period: str | None
    target_id: int | None
    rank: int | None
    peers: int | None
    quarter: str | None
    recent: str | None
    newest_absence: str


class OrderRow(NamedTuple):
    """A direction (no committee) or a directive."""

    text: str
    committee: str
    valid_from: int | None
    valid_to: int | None


class Counts(NamedTuple):
    indicators: int
    effect: int
    experienced: int
    comparable: int
    targets: int
