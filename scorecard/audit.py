"""Whose changes are kept field by field in the council's part, and of accounts."""

from indicators.audit import keep_changes_of


def register() -> None:
    """Called once the models are there. Scores are a participant's own and are kept by whom and when themselves."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import get_user_model

    from scorecard import models

    for model in (
        models.Committee,
        models.Vision,
        models.StrategicIssue,
        models.Goal,
        models.GoalIndicator,
        models.Direction,
        models.Directive,
        models.LevelName,
        models.Prioritisation,
        models.Criterion,
        models.Candidate,
        models.Participant,
    ):
        keep_changes_of(model)
    keep_changes_of(get_user_model(), include=("email", "first_name", "last_name", "is_active", "is_superuser"))
    keep_changes_of(Authenticator, include=("type", "user"))
