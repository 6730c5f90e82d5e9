"""Judgements of goals."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from indicators.operations.actor import User
from indicators.operations.translations import translated
from scorecard.models import Goal, GoalJudgement


def judge_goal(
    *,
    goal: Goal,
    period: str,
    status: str,
    motivation: Mapping[str, str],
    actions: Mapping[str, str] | None,
    decided_on: date,
    by: User,
) -> GoalJudgement:
    """Record what people decided about a goal for a period, as a new revision beside the computed proposal."""
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
        return GoalJudgement.objects.create(
            goal=goal,
            period=period,
            revision=newest.revision + 1 if newest else 0,
            entered_by=by,
            **fields,  # type: ignore[misc]
        )
