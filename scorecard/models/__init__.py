"""The chain a council steers by, how its goals were chosen, and what people decided about them."""

from scorecard.models.chain import (
    Committee,
    Direction,
    Directive,
    Goal,
    GoalIndicator,
    LevelName,
    StrategicIssue,
    Vision,
)
from scorecard.models.judgements import GoalJudgement
from scorecard.models.prioritisation import (
    Candidate,
    Criterion,
    Decision,
    Participant,
    Prioritisation,
    Score,
)

__all__ = [
    "Candidate",
    "Committee",
    "Criterion",
    "Decision",
    "Direction",
    "Directive",
    "Goal",
    "GoalIndicator",
    "GoalJudgement",
    "LevelName",
    "Participant",
    "Prioritisation",
    "Score",
    "StrategicIssue",
    "Vision",
]
