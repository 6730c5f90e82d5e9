"""Raw values as they came, only ever added to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.models.constraints import is_one_of
from indicators.models.definitions import Breakdown, Department, Indicator, Source
from indicators.models.jobs import JobRun


class Import(models.Model):
    """One delivery of raw values: where from, when fetched, by which job, what came of it."""

    source = models.CharField(max_length=20, choices=[*Source.choices, ("demonstration", _("Demonstration"))])
    origin = models.CharField(max_length=300, blank=True, help_text=_("Address or file that the values came from."))
    job = models.ForeignKey(JobRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports")
    revise = models.BooleanField(default=False, help_text=_("Asked for all years again, to find revised history."))
    started_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)
    received = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unanswered = models.JSONField(default=list, help_text=_("Identities that were asked for and gave nothing."))

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"


class ImportRejection(models.Model):
    """Rejected raw rows of an import, by reason, with how many and the first of them as they came."""

    delivery = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejections")
    kpi = models.CharField(max_length=40, blank=True)
    fault = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    examples = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "kpi", "fault"], name="one_line_a_fault")]

    def __str__(self) -> str:
        return f"{self.kpi} {self.fault} × {self.count}"


class PeerValue(models.Model):
    """A municipality's value as published, our own included. Append-only: revised history is a further revision, and
    a value of None in one means that the source withdrew it. Foreign keys are checked when rows are staged, not by
    the database: a constraint on each of a million rows makes loading twelve times slower."""

    pk = models.CompositePrimaryKey("kpi", "year", "municipality", "breakdown", "revision")
    kpi = models.CharField(max_length=12)
    year = models.SmallIntegerField()
    municipality = models.CharField(max_length=8)
    breakdown = models.CharField(max_length=1)
    revision = models.SmallIntegerField(default=0)
    value = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    delivery_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(breakdown__in=["T", "K", "M"]), name="peer_breakdown_known")]

    def __str__(self) -> str:
        return f"{self.kpi} {self.year} {self.municipality}"


class MeasurementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    CLEARED = "cleared", pgettext_lazy("state of a cell", "Cleared")


class Absence(models.TextChoices):
    MISSING = "missing", _("missing")
    NOT_DUE = "not_due", _("not due")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    CONFIDENTIAL = "confidential", _("confidential")
    METHOD_CHANGED = "method_changed", _("method changed")
    TOO_FEW_ANSWERS = "too_few_answers", _("too few answers")


class Evidence(models.Model):
    """A file that a measurement rests on, kept as it was handed in."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename


class Measurement(models.Model):
    """Our own value from a department or a survey. Append-only: whatever is done to a cell (entered, submitted,
    returned, approved, corrected, cleared) is a further revision, which says who did it and when. The newest tells how
    the cell stands, the newest approved one what the council sees."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="measurements")
    period = models.CharField(max_length=8)
    breakdown = models.CharField(max_length=1, choices=Breakdown.choices, default=Breakdown.ALL)
    source = models.CharField(max_length=12, choices=Source.choices)
    revision = models.PositiveSmallIntegerField(default=0)
    value = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    absence = models.CharField(max_length=16, choices=Absence.choices, blank=True)
    numerator = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    denominator = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    margin = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    respondents = models.PositiveIntegerField(null=True, blank=True)
    method = models.CharField(max_length=80, blank=True, help_text=_("Survey, wave and edition that it came from."))
    comment = models.TextField(blank=True)
    evidence = models.ForeignKey(Evidence, null=True, blank=True, on_delete=models.PROTECT, related_name="measurements")
    evidence_link = models.URLField(max_length=500, blank=True)
    note = models.TextField(blank=True, help_text=_("Why it was returned, or why an approved value is corrected."))
    checks = models.JSONField(default=list, help_text=_("Soft checks that spoke up, with their figures."))
    state = models.CharField(max_length=10, choices=MeasurementState.choices, default=MeasurementState.DRAFT)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    delivery = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="measurements")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "period", "breakdown", "source", "revision"], name="one_measurement_a_revision"
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=False, absence="") & ~Q(state="cleared"))
                | (Q(value__isnull=True) & ~Q(absence="") & ~Q(state="cleared"))
                | Q(value__isnull=True, absence="", state="cleared"),
                name="a_value_or_a_reason",
            ),
            models.CheckConstraint(condition=Q(margin__isnull=True) | Q(margin__gte=0), name="margin_not_negative"),
            is_one_of("absence", Absence, "absence_known", blank=True),
            is_one_of("state", MeasurementState, "measurement_state_known"),
            models.CheckConstraint(condition=Q(breakdown__in=["T", "K", "M"]), name="breakdown_known"),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(note=""), name="returned_with_a_note"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period} {self.breakdown}"
