"""How a goal stands: a computed proposal over its indicators (METHODS §1, “Goal proposal”)."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from indicators.compute.comparison import above, at_least
from indicators.compute.status import Reason, Status


class GoalStatus(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_ASSESSABLE = "not_assessable"


POINTS = {Status.MET: 1.0, Status.NEAR: 0.5, Status.NOT_MET: 0.0}


@dataclass(frozen=True)
class Part:
    """One indicator of a goal: its status, weight ≥ 0, whether it is key, and why it is not assessable."""

    status: Status
    weight: float = 1.0
    key: bool = False
    reason: Reason | None = None


@dataclass(frozen=True)
class Proposal:
    """The proposed status and every number behind it. `share` is None where nothing is assessable.

    indicators and assessable are counts; met, near, not_met are counts too; weight and assessable_weight are sums;
    reasons counts the indicators that could not be assessed, by reason; key_missed says whether a key one is not met.
    """

    status: GoalStatus
    share: float | None
    indicators: int
    assessable: int
    met: int
    near: int
    not_met: int
    weight: float
    assessable_weight: float
    key_missed: bool
    reasons: dict[Reason | None, int]


def propose(
    parts: Sequence[Part], *, met_share: float = 0.8, partly_share: float = 0.5, assessable_share: float = 0.5
) -> Proposal:
    """Share = (Σ w·met + ½ Σ w·near)/Σ w·assessable. Met: share ≥ met_share and no key indicator missed; partly:
    share ≥ partly_share; otherwise not met; not assessable if Σ w·assessable < assessable_share·Σ w, or is 0."""
    if not all(math.isfinite(part.weight) and part.weight >= 0 for part in parts):
        raise ValueError("a weight is a finite number ≥ 0")
    judged = [part for part in parts if part.status is not Status.NOT_ASSESSABLE]
    weight = sum(part.weight for part in parts)
    assessable_weight = sum(part.weight for part in judged)
    points = sum(part.weight * POINTS[part.status] for part in judged)
    share = points / assessable_weight if assessable_weight > 0 else None
    key_missed = any(part.key and part.status is Status.NOT_MET for part in judged)
    counts = Counter(part.status for part in judged)
    if share is None or above(assessable_share * weight, assessable_weight):
        status = GoalStatus.NOT_ASSESSABLE
    elif at_least(share, met_share) and not key_missed:
        status = GoalStatus.MET
    elif at_least(share, partly_share):
        status = GoalStatus.PARTLY
    else:
        status = GoalStatus.NOT_MET
    return Proposal(
        status=status,
        share=share,
        indicators=len(parts),
        assessable=len(judged),
        met=counts[Status.MET],
        near=counts[Status.NEAR],
        not_met=counts[Status.NOT_MET],
        weight=weight,
        assessable_weight=assessable_weight,
        key_missed=key_missed,
        reasons=dict(Counter(part.reason for part in parts if part.status is Status.NOT_ASSESSABLE)),
    )
