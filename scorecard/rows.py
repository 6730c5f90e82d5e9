"""What `queries` hands to `read_models`: one row each, in the reader's language, nothing made of it yet."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from indicators.compute.frames import DatedTarget


class SiteRow(NamedTuple):
    municipality: str
    invented: bool
    example_goals: bool
    levels: dict[str, tuple[str, str]]


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
    """A revision of a judgement. proposed: the status that was proposed when it was made, "" where it was not kept."""

    period: str
    revision: int
    status: str
    motivation: str
    actions: str
    decided_on: date
    proposed: str
    entered_by: str
    entered_at: datetime


class GoalHead(NamedTuple):
    """A goal with where it hangs, the years it is valid in, and the newest revision of each judgement by period."""

    id: int
    code: str
    sentence: str
    short: str
    committee_code: str
    committee: str
    issue_code: str
    issue: str
    valid_from: int
    valid_to: int | None
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
    retired_on: date | None
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


class MandateRow(NamedTuple):
    id: int
    title: str
    text: str
    valid_from: int
    valid_to: int | None
    example: bool
    decided_on: date | None
    decision: str
    copied_from: int | None


class IssueNodeRow(NamedTuple):
    id: int
    code: str
    name: str
    text: str


class GoalNodeRow(NamedTuple):
    """A goal of a chain as a strategist sees it. judged, weighed: whether judgements, prioritisations refer to it."""

    id: int
    issue_id: int
    code: str
    short: str
    sentence: str
    committee: str
    valid_from: int | None
    valid_to: int | None
    judged: bool
    weighed: bool


class LinkNodeRow(NamedTuple):
    id: int
    goal_id: int
    code: str
    name: str
    weight: float
    key: bool
    retired: bool


class OrderNodeRow(NamedTuple):
    """A direction (no committee) or a directive of a chain."""

    kind: str
    id: int
    goal_id: int
    text: str
    committee: str
    valid_from: int | None
    valid_to: int | None


class CommitteeRow(NamedTuple):
    id: int
    name: str
    departments: tuple[str, ...]
    goals: int
    directives: int


class RecordedRow(NamedTuple):
    """By whom and when the newest revision of a judgement was recorded."""

    revision: int
    person: str
    entered_at: datetime


class RevisionRow(NamedTuple):
    """A revision of a judgement with the proposal as it stood then ({}: not kept), and its texts as stored."""

    revision: int
    status: str
    motivation: str
    actions: str
    decided_on: date
    person: str
    entered_at: datetime
    proposal: dict[str, Any]
    motivation_sv: str
    motivation_en: str
    actions_sv: str
    actions_en: str
