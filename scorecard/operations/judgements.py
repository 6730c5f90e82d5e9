"""Judgements of goals."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from indicators.operations.actor import User
from indicators.operations.translations import translated
from scorecard.models import Goal, GoalJudgement


class JudgementConflictError(ValueError):
    """Somebody else has judged the goal meanwhile; `newest` is what stands now."""

    def __init__(self, newest: GoalJudgement) -> None:
        super().__init__(f"revision {newest.revision} of {newest.goal_id} {newest.period} has come in between")
        self.newest = newest


ANY = -2  # whatever revision was looked at
NONE = -1  # there was no judgement to look at


def judge_goal(
    *,
    goal: Goal,
    period: str,
    status: str,
    motivation: Mapping[str, str],
    actions: Mapping[str, str] | None,
    decided_on: date,
    proposal: Mapping[str, Any] | None = None,
    seen: int = ANY,
    by: User,
) -> GoalJudgement:
    """Record what people decided about a goal for a period, as a new revision beside the computed proposal.

    proposal: the proposal as it stands when they decide. seen: the revision that they looked at, NONE where there was
    none; raises JudgementConflictError where another is the newest. What says the same again is no new revision.
    """
    with transaction.atomic():
        Goal.objects.select_for_update().get(pk=goal.pk)
        newest = GoalJudgement.objects.filter(goal=goal, period=period).order_by("-revision").first()
        fields = {
            "status": status,
            "decided_on": decided_on,
            **translated("motivation", motivation),
            **translated("actions", actions),
        }
        if newest and all(getattr(newest, name) == value for name, value in fields.items()):
            return newest
        if newest and seen not in (ANY, newest.revision):
            raise JudgementConflictError(newest)
        return GoalJudgement.objects.create(
            goal=goal,
            period=period,
            revision=newest.revision + 1 if newest else 0,
            proposal=dict(proposal or {}),
            entered_by=by,
            **fields,  # type: ignore[misc]
        )
