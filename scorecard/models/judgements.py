"""What people decided about a goal, beside what was computed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models import is_one_of
from scorecard.compute.goals import GoalStatus
from scorecard.models.chain import Goal


class GoalJudgement(models.Model):
    """What people decided about a goal for a period, beside the computed proposal. Append-only: the newest counts.

    proposal: the computed proposal with its numbers and parts as it stood then; empty where none had been computed.
    """

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="judgements")
    period = models.CharField(max_length=8)
    status = models.CharField(max_length=16)
    motivation = models.TextField()
    actions = models.TextField(blank=True)
    decided_on = models.DateField()
    proposal = models.JSONField(default=dict, blank=True)
    revision = models.PositiveSmallIntegerField(default=0)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["period", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "period", "revision"], name="one_judgement_a_revision"),
            models.CheckConstraint(condition=~Q(motivation=""), name="a_judgement_is_motivated"),
            is_one_of("status", GoalStatus, "goal_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.goal_id} {self.period} {self.status}"
