"""How few goals are chosen among many candidates: criteria, scores, the proposal and the decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models import Indicator
from scorecard.models.chain import Committee, Goal, Vision


class Prioritisation(models.Model):
    """One session over candidate issues, for the goals of a year. `vision`: the chain that took its result in."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("Being prepared")
        SCORING = "scoring", _("Scoring")
        DISCUSSION = "discussion", _("Discussion")
        DECIDED = "decided", _("Decided")

    title = models.CharField(max_length=160)
    year = models.PositiveSmallIntegerField(help_text=_("The first year of the goals that come of it."))
    capacity = models.PositiveSmallIntegerField(default=19, help_text=_("How many can be chosen at most."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    line = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("How many stand above the line."))
    version = models.PositiveIntegerField(default=0, help_text=_("Counts changes, which screens follow."))
    vision = models.ForeignKey(Vision, null=True, blank=True, on_delete=models.SET_NULL, related_name="prioritisations")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-year", "-id"]
        constraints = [models.CheckConstraint(condition=Q(capacity__gte=1), name="capacity_at_least_one")]

    def __str__(self) -> str:
        return self.title


class Criterion(models.Model):
    prioritisation = models.ForeignKey(Prioritisation, on_delete=models.CASCADE, related_name="criteria")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    help = models.TextField(blank=True)
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    against = models.BooleanField(default=False, help_text=_("A high score speaks against, e.g. a high cost."))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["prioritisation", "code"], name="one_criterion_a_code"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="criterion_weight_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Candidate(models.Model):
    """A strategic issue that is weighed. `place` is its row on the shared list once the line is discussed."""

    prioritisation = models.ForeignKey(Prioritisation, on_delete=models.CASCADE, related_name="candidates")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    theme = models.CharField(max_length=120, blank=True)
    committee = models.ForeignKey(Committee, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="candidates")
    indicators = models.ManyToManyField(Indicator, blank=True, related_name="candidates")
    order = models.PositiveSmallIntegerField(default=0)
    place = models.PositiveSmallIntegerField(null=True, blank=True)
    chosen = models.BooleanField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text=_("Why it was chosen or set aside."))

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["prioritisation", "code"], name="one_candidate_a_code")]

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    prioritisation = models.ForeignKey(Prioritisation, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prioritisation", "user"], name="one_participation")]

    def __str__(self) -> str:
        return f"{self.prioritisation_id} {self.user_id}"


class Score(models.Model):
    """1 to 5. No row: the participant has not scored; a row without a value: has no opinion."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="scores")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="scores")
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    scored_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "candidate", "criterion"], name="one_score"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=1, value__lte=5), name="score_from_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.candidate_id} {self.value}"


class Decision(models.Model):
    """What was decided in a prioritisation, as it stood then. Append-only: the newest counts."""

    prioritisation = models.ForeignKey(Prioritisation, on_delete=models.CASCADE, related_name="decisions")
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    capacity = models.PositiveSmallIntegerField()
    chosen = models.JSONField(help_text=_("Codes in order."))
    set_aside = models.JSONField(help_text=_("Code → the reason."))
    proposal = models.JSONField(help_text=_("The computed order, with what it was computed from."))

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prioritisation_id} {self.decided_at:%Y-%m-%d}"
