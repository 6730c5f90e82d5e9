"""What residents answered. Nothing here knows a token, an address or a time of day, and no order tells one from another
(docs/adr/0026)."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models.constraints import is_one_of
from surveys.models.questionnaire import Wave


class Mode(models.TextChoices):
    """How an answer came in: results of other modes are another method."""

    WEB = "web", _("Web, by a personal invitation")
    LINK = "link", _("Web, by the open link")
    IMPORT = "import", _("Imported")


class Draft(models.Model):
    """Answers of somebody who has begun, found again by a key that only their device has. Knows no invitation."""

    key_digest = models.CharField(max_length=64, unique=True)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)
    touched_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.wave_id}"


class Submission(models.Model):
    """Finished answers that wait until enough have come to be mixed: then they become responses in shuffled order and
    these rows are deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="submissions")
    stratum = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=8, choices=Mode.choices)
    language = models.CharField(max_length=2)
    day = models.DateField()
    answers = models.JSONField()

    class Meta:
        constraints = [is_one_of("mode", Mode, "submission_mode_known")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.mode}"


class AnswerImportState(models.TextChoices):
    MAPPING = "mapping", _("Columns to be explained")
    PREVIEWED = "previewed", _("Looked at")
    RUNNING = "running", _("Being read in")
    COMMITTED = "committed", _("Read in")
    DISCARDED = "discarded", _("Put aside")
    FAILED = "failed", _("Failed")


class AnswerImport(models.Model):
    """A file of answers that was asked elsewhere: kept with what its columns mean until it is committed."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="imports")
    filename = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    content = models.BinaryField(null=True, blank=True, help_text=_("Deleted when it has been read in or put aside."))
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=AnswerImportState.choices, default=AnswerImportState.MAPPING)
    respondents = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    rejections = models.JSONField(default=list, help_text=_("Faults with how often and where first, without answers."))
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            is_one_of("state", AnswerImportState, "answer_import_state_known"),
            models.UniqueConstraint(
                fields=["wave", "digest"], condition=Q(state__in=["running", "committed"]), name="a_file_once_a_wave"
            ),
        ]

    def __str__(self) -> str:
        return self.filename


def random_id() -> int:
    """An identity that says nothing of the order in which answers came."""
    return secrets.randbits(62) + 1


class Response(models.Model):
    """One person's answers as a whole. `weight`: as it came with an import; otherwise weights follow from the stratum.

    Rows are written by the batch, in shuffled order, with random identities.
    """

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="responses")
    stratum = models.CharField(max_length=40, blank=True)
    cluster = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=8, choices=Mode.choices)
    day = models.DateField(null=True, blank=True)
    weight = models.FloatField(null=True, blank=True)
    delivery = models.ForeignKey(
        AnswerImport, null=True, blank=True, on_delete=models.PROTECT, related_name="responses"
    )

    class Meta:
        constraints = [
            is_one_of("mode", Mode, "response_mode_known"),
            models.CheckConstraint(condition=Q(weight__isnull=True) | Q(weight__gt=0), name="weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.mode}"


class NoAnswer(models.TextChoices):
    """Why a question that was shown has no value. A question that was not shown has no row."""

    NO_OPINION = "no_opinion", _("No opinion")
    REFUSED = "refused", _("Not answered")


class Answer(models.Model):
    """What one response says to one question. `value`: the option's value, the grade or the number; `part`: 0; of a
    pair 1 and 2; of several choices the option's value, with 1 for chosen and 0 for not. Foreign keys are checked
    when rows are staged, not by the database: a million answers come in one file."""

    pk = models.CompositePrimaryKey("response_id", "question_id", "part")
    response_id = models.BigIntegerField()
    question_id = models.IntegerField()
    part = models.SmallIntegerField(default=0)
    value = models.FloatField(null=True)
    absence = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            is_one_of("absence", NoAnswer, "no_answer_known", blank=True),
            models.CheckConstraint(
                condition=Q(value__isnull=False, absence="") | (Q(value__isnull=True) & ~Q(absence="")),
                name="an_answer_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}.{self.part}"
