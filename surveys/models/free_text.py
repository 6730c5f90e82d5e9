"""Residents' comments, masked before they are stored; their themes; and what a strategist makes of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models import Department, Indicator
from indicators.models.constraints import is_one_of
from surveys.models.answers import random_id
from surveys.models.questionnaire import Question, Survey, Wave


class CommentState(models.TextChoices):
    WAITING = "waiting", _("To be read")
    KEPT = "kept", _("Read and kept")
    QUOTABLE = "quotable", _("May be quoted")
    REMOVED = "removed", _("Removed")


class Mood(models.TextChoices):
    SATISFIED = "satisfied", _("Satisfied")
    DISSATISFIED = "dissatisfied", _("Not satisfied")


class Comment(models.Model):
    """A free text, apart from the answers it came with: of those it knows only whether the person was satisfied."""

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="comments")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField(help_text=_("Masked. What was masked is not kept."))
    masked = models.PositiveSmallIntegerField(default=0)
    mood = models.CharField(max_length=12, choices=Mood.choices, blank=True)
    state = models.CharField(max_length=10, choices=CommentState.choices, default=CommentState.WAITING)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            is_one_of("state", CommentState, "comment_state_known"),
            is_one_of("mood", Mood, "comment_mood_known", blank=True),
            models.CheckConstraint(condition=~Q(state="removed") | Q(text=""), name="a_removed_comment_is_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.state}"


class Theme(models.Model):
    """What several comments are about: found by the program, named by its words, renamed by people. `found`: counts and
    shares by mood as they were computed."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="themes")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    words = models.JSONField(default=list)
    title = models.CharField(max_length=120, blank=True, help_text=_("A name given by people."))
    hidden = models.BooleanField(default=False)
    found = models.JSONField(default=dict)

    class Meta:
        ordering = ["wave", "question", "number"]
        constraints = [models.UniqueConstraint(fields=["wave", "question", "number"], name="one_theme_a_number")]

    def __str__(self) -> str:
        return self.title or ", ".join(self.words[:3])


class CommentTheme(models.Model):
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="themes")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="comments")
    weight = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "theme"], name="a_theme_once_a_comment")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.theme_id}"


class HypothesisOrigin(models.TextChoices):
    THEME = "theme", _("A theme in comments")
    GAP = "gap", _("A gap between expectation and experience")
    KANO = "kano", _("A pair of questions about a need")
    OWN = "own", _("An observation of our own")


class HypothesisState(models.TextChoices):
    OPEN = "open", _("To be tried")
    TRYING = "trying", _("Being tried")
    CONFIRMED = "confirmed", _("Confirmed")
    DROPPED = "dropped", _("Dropped")


class Hypothesis(models.Model):
    """A need that may be unspoken, collected from themes, gaps, pairs or experience. Never more than a hypothesis until
    somebody has tried it."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="hypotheses")
    wave = models.ForeignKey(Wave, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    origin = models.CharField(max_length=8, choices=HypothesisOrigin.choices, default=HypothesisOrigin.OWN)
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="hypotheses")
    question = models.ForeignKey(Question, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=HypothesisState.choices, default=HypothesisState.OPEN)
    reason = models.TextField(blank=True, help_text=_("What was found out."))
    improvement = models.TextField(blank=True, help_text=_("What is to be done."))
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text=_("The indicator that came of it."),
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            is_one_of("origin", HypothesisOrigin, "hypothesis_origin_known"),
            is_one_of("state", HypothesisState, "hypothesis_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "dropped"]) | ~Q(reason=""), name="decided_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Purged(models.TextChoices):
    COMMENTS = "comments", _("Free texts")
    ADDRESSES = "addresses", _("Names and addresses of the sample")
    DRAFTS = "drafts", _("Answers that were begun and not sent")


class Purge(models.Model):
    """Personal data that was deleted: what, how much, when. Only ever added to."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="purges")
    what = models.CharField(max_length=10, choices=Purged.choices)
    count = models.PositiveIntegerField()
    purged_at = models.DateTimeField(auto_now_add=True)
    purged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [is_one_of("what", Purged, "purge_what_known")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.what} {self.count}"
