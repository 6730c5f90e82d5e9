"""When departments may hand in, what they send along, whom the clock reminds."""

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from indicators.models.constraints import choices, is_one_of
from indicators.models.definitions import Department, Indicator
from indicators.periods import Kind


class InputPeriod(models.Model):
    """When values of a period may be handed in: from `opens_at` up to, not including, `closes_at`.

    A period without a row is not opened.
    """

    kind = models.CharField(max_length=12, choices=choices(Kind))
    period = models.CharField(max_length=8, unique=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    note = models.TextField(blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-opens_at", "period"]
        constraints = [
            models.CheckConstraint(condition=models.Q(closes_at__gt=F("opens_at")), name="opens_before_it_closes"),
            is_one_of("kind", Kind, "input_period_kind_known"),
        ]

    def __str__(self) -> str:
        return self.period


class InputException(models.Model):
    """Another closing time for one department, with the reason why."""

    input_period = models.ForeignKey(InputPeriod, on_delete=models.CASCADE, related_name="exceptions")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    closes_at = models.DateTimeField()
    reason = models.TextField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["input_period", "department"], name="one_exception_a_department"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="an_exception_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.input_period_id} {self.department_id}"


class SheetUpload(models.Model):
    """A sheet as it was uploaded, previewed, and perhaps committed. The file is kept, so that the preview can be shown
    again and it can be told later what a delivery came from."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("Previewed")
        COMMITTED = "committed", _("Committed")
        DISCARDED = "discarded", _("Discarded")

    class About(models.TextChoices):
        VALUES = "values", _("Values")
        DEFINITIONS = "definitions", _("Definitions")

    about = models.CharField(max_length=11, choices=About.choices, default=About.VALUES)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="uploads"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEWED)
    summary = models.JSONField(default=dict, help_text=_("How many cells are new, changed, unchanged, rejected."))
    digest = models.CharField(max_length=64, help_text=_("Of what the preview showed; a commit stores just that."))
    delivery = models.ForeignKey(
        "indicators.Import", null=True, blank=True, on_delete=models.PROTECT, related_name="uploads"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename


class Reminder(models.Model):
    """One digest to one person on one day. The row is claimed before the letter is sent, so that none goes twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    address = models.EmailField()
    items = models.JSONField(default=list, help_text=_("What it reminded of, each with its kind."))
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Look(models.Model):
    """How often an indicator's page was opened on a day. Counts no persons."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="looks")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "day"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.day} {self.count}"
