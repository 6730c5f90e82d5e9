"""How goals stand: stored assessments lined up as parts of a goal, judged by `compute.goals.propose`."""

import json
from collections.abc import Iterable, Sequence

from indicators.compute.status import Reason, Status
from scorecard.compute.goals import GoalStatus, Part, Proposal, propose
from scorecard.wording import Thresholds

GOAL_STATUSES = tuple(status.value for status in GoalStatus)
STEP = {"not_met": 0, "near": 1, "partly": 1, "met": 2}


def movement(before: str | None, after: str | None) -> str:
    """better, worse, gained (now assessable), lost (no longer), or "" where nothing has changed."""
    was, now = STEP.get(before or ""), STEP.get(after or "")
    if was is None or now is None:
        return "" if was is now else "gained" if was is None else "lost"
    return "" if was == now else "better" if now > was else "worse"


def parts_of(statuses: Iterable[tuple[str | None, str | None, float, bool]]) -> list[Part]:
    """Parts of a goal from (status, reason, weight, key); an indicator without an assessment has no value."""
    found = []
    for status, reason, weight, key in statuses:
        if status is None:
            found.append(Part(Status.NOT_ASSESSABLE, weight, key, Reason.NO_VALUE))
        else:
            found.append(Part(Status(status), weight, key, Reason(reason) if reason else None))
    return found


def proposal(parts: Sequence[Part], thresholds: Thresholds) -> Proposal:
    return propose(
        parts,
        met_share=thresholds.met,
        partly_share=thresholds.partly,
        assessable_share=thresholds.assessable,
    )


def counted_reasons(made: Proposal) -> dict[str, int]:
    return {(reason or Reason.NO_VALUE).value: count for reason, count in made.reasons.items()}


def recent_values(stored: str | None) -> list[float | None]:
    """Values of the latest due periods, None for gaps, from their stored JSON."""
    return json.loads(stored) if stored else []
