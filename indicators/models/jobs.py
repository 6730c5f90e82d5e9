"""Work as rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models.constraints import is_one_of


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")


class JobKind(models.TextChoices):
    REFRESH = "refresh", _("Refresh of indicators")
    RECOMPUTE = "recompute", _("Recomputation of everything")
    KOLADA_IMPORT = "kolada_import", _("Import from Kolada")
    DEMONSTRATION = "demonstration", _("Demonstration data")
    SURVEY_ANSWERS = "survey_answers", _("Import of survey answers")
    SURVEY_RESULTS = "survey_results", _("Results of a survey")
    SURVEY_LETTERS = "survey_letters", _("Letters of a survey")
    SURVEY_THEMES = "survey_themes", _("Themes in free texts")


class JobRun(models.Model):
    """A piece of work as a row: claimed by a conditional update, swept when its worker is not heard of any more."""

    kind = models.CharField(max_length=20, choices=JobKind.choices)
    key = models.CharField(max_length=120, help_text=_("Jobs with the same key never run at the same time."))
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    parameters = models.JSONField(default=dict)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    claim = models.UUIDField(
        null=True, blank=True, help_text=_("Which attempt holds the job; others may not finish it.")
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    progress = models.JSONField(default=dict, help_text=_("Where to go on after an interruption."))
    message = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "heard_at"])]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(state="queued"), name="one_queued_job_a_key"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="running"), name="one_running_job_a_key"),
            is_one_of("state", JobState, "job_state_known"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(claim__isnull=False), name="a_running_job_is_claimed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.state})"
