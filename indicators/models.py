"""What an indicator is, what was measured, and what follows from it.

Raw tables (`Measurement`, `PeerValue`) are only ever added to; derived ones (`SeriesPoint`, `Benchmark`, `Assessment`)
can be deleted and built again to the same content by `indicators.pipeline`.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.compute.benchmark import Quarter
from indicators.compute.series import Aggregation
from indicators.compute.status import Direction, Form, Reason, Side, Status
from indicators.periods import Kind


def choices(enum: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]


def is_one_of(field: str, enum: type, name: str, *, blank: bool = False) -> models.CheckConstraint:
    """The database refuses what the enumeration does not know."""
    values = [value for value, _label in choices(enum)] + ([""] if blank else [])
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


class Breakdown(models.TextChoices):
    ALL = "T", _("All")
    WOMEN = "K", _("Women")
    MEN = "M", _("Men")


class Source(models.TextChoices):
    KOLADA = "kolada", _("Kolada")
    DEPARTMENT = "department", _("Department")
    SURVEY = "survey", _("Survey")


class Measures(models.TextChoices):
    EFFECT = "effect", _("Effect")
    PROCESS = "process", _("Process")
    RESOURCE = "resource", _("Resource")
    VOLUME = "volume", _("Volume")


class Unit(models.Model):
    code = models.SlugField(primary_key=True, max_length=40)
    symbol = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=80)
    share = models.BooleanField(default=False, help_text=_("A share: differences are in percentage points."))

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    code = models.SlugField(primary_key=True, max_length=20)
    name = models.CharField(max_length=120)
    similar = models.CharField(
        max_length=60, blank=True, help_text=_("Kolada's family of lists of similar municipalities; empty: computed.")
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    code = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    class Type(models.TextChoices):
        MUNICIPALITY = "K", _("Municipality")
        REGION = "L", _("Region")
        NATION = "N", _("The nation")

    code = models.CharField(primary_key=True, max_length=8)
    name = models.CharField(max_length=80)
    type = models.CharField(max_length=1, choices=Type.choices, default=Type.MUNICIPALITY)
    is_home = models.BooleanField(default=False, help_text=_("The municipality that this installation belongs to."))
    invented = models.BooleanField(default=False, help_text=_("Belongs to the demonstration; no such place exists."))

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_home"], condition=Q(is_home=True), name="one_home_municipality"),
            models.CheckConstraint(condition=Q(is_home=False) | Q(type="K"), name="home_is_a_municipality"),
            models.CheckConstraint(condition=Q(type__in=["K", "L", "N"]), name="municipality_type_known"),
        ]

    def __str__(self) -> str:
        return self.name


class PeerGroup(models.Model):
    class Kind(models.TextChoices):
        ALL = "all", _("All municipalities")
        COUNTY = "county", _("The county")
        CATEGORY = "category", _("The same category of municipalities")
        SIZE = "size", _("The same size")
        SIMILAR = "similar", _("Similar municipalities")
        NETWORK = "network", _("Network")

    code = models.SlugField(unique=True, max_length=40)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    family = models.CharField(max_length=60, blank=True, help_text=_("Which list of similar municipalities this is."))
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.CASCADE)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    computed = models.BooleanField(default=False)
    fetched_at = models.DateTimeField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.title


class PeerGroupMember(models.Model):
    group = models.ForeignKey(PeerGroup, on_delete=models.CASCADE, related_name="members")
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+")
    distance = models.FloatField(null=True, blank=True, help_text=_("Computed groups: distance of z-scores."))
    variables = models.JSONField(null=True, blank=True, help_text=_("Computed groups: the variables compared."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "municipality"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.municipality_id}"


class Indicator(models.Model):
    code = models.SlugField(unique=True, max_length=20)
    name = models.CharField(max_length=120)
    purpose = models.TextField()
    definition = models.TextField()
    calculation = models.TextField()
    quality = models.TextField(blank=True)
    numerator = models.TextField(blank=True)
    denominator = models.TextField(blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="indicators")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    decimals = models.PositiveSmallIntegerField(default=1)
    minimum = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    maximum = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    direction = models.CharField(max_length=10, choices=choices(Direction))
    measures = models.CharField(max_length=10, choices=Measures.choices)
    experienced = models.BooleanField(default=False)
    comparable = models.BooleanField(default=False)
    influenceable = models.BooleanField(default=True)
    never_good_enough = models.BooleanField(default=False)
    frequency = models.CharField(max_length=12, choices=choices(Kind), default=Kind.YEAR.value)
    due_days = models.PositiveSmallIntegerField(default=60)
    source = models.CharField(max_length=12, choices=Source.choices)
    kolada_id = models.CharField(max_length=12, blank=True)
    respondents_kolada_id = models.CharField(max_length=12, blank=True)
    divided = models.BooleanField(default=False)
    aggregation = models.CharField(max_length=14, choices=choices(Aggregation), default=Aggregation.LAST.value)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="indicators")
    owner = models.CharField(max_length=120)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["kolada_id"], condition=~Q(kolada_id=""), name="one_indicator_a_kolada_id"),
            models.CheckConstraint(
                condition=(Q(source="kolada") & ~Q(kolada_id="")) | (~Q(source="kolada") & Q(kolada_id="")),
                name="kolada_id_with_kolada",
            ),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lt=F("maximum")),
                name="indicator_range_not_empty",
            ),
            is_one_of("direction", Direction, "indicator_direction_known"),
            is_one_of("measures", Measures, "indicator_measures_known"),
            is_one_of("frequency", Kind, "indicator_frequency_known"),
            is_one_of("source", Source, "indicator_source_known"),
            is_one_of("aggregation", Aggregation, "indicator_aggregation_known"),
        ]

    def __str__(self) -> str:
        return self.name


class SeriesBreak(models.Model):
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="breaks")
    period = models.CharField(max_length=8)
    reason = models.TextField()
    comparable_backwards = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "period"], name="one_break_a_period")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period}"


class Target(models.Model):
    """What is aimed at, in one of six forms; valid from a year to a year, both included."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    form = models.CharField(max_length=14, choices=choices(Form))
    side = models.CharField(max_length=10, choices=choices(Side), blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    lower = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    upper = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    tolerance = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    wanted = models.CharField(max_length=10, choices=[("higher", _("Increase")), ("lower", _("Decrease"))], blank=True)
    percent = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    baseline_period = models.CharField(max_length=8, blank=True)
    percentile = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    group = models.CharField(max_length=10, choices=PeerGroup.Kind.choices, blank=True)
    valid_from = models.PositiveSmallIntegerField(default=2000)
    valid_to = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["indicator", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "valid_from"], name="one_target_a_start"),
            models.CheckConstraint(condition=Q(tolerance__gte=0), name="tolerance_not_negative"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="target_validity_in_order"
            ),
            is_one_of("form", Form, "target_form_known"),
            is_one_of("side", Side, "target_side_known", blank=True),
            models.CheckConstraint(
                name="target_has_its_numbers",
                condition=(
                    Q(form__in=["level", "survey"], side__in=["at_least", "at_most"], value__isnull=False)
                    | Q(form__in=["level", "survey"], side="between", lower__isnull=False, upper__gte=F("lower"))
                    | Q(form="direction", wanted__in=["higher", "lower"])
                    | Q(form="not_worse")
                    | (Q(form="yearly_change", percent__gt=-100) & ~Q(percent=0) & ~Q(baseline_period=""))
                    | Q(form="position", percentile__gte=0, percentile__lte=100, rank__isnull=True)
                    | Q(form="position", percentile__isnull=True, rank__gte=1)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.form}"


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


class Absence(models.TextChoices):
    MISSING = "missing", _("missing")
    NOT_DUE = "not_due", _("not due")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    CONFIDENTIAL = "confidential", _("confidential")
    METHOD_CHANGED = "method_changed", _("method changed")
    TOO_FEW_ANSWERS = "too_few_answers", _("too few answers")


class Measurement(models.Model):
    """Our own value from a department or a survey. Append-only: a correction is a further revision."""

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
    comment = models.TextField(blank=True)
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
                condition=Q(value__isnull=False, absence="") | (Q(value__isnull=True) & ~Q(absence="")),
                name="a_value_or_a_reason",
            ),
            models.CheckConstraint(condition=Q(margin__isnull=True) | Q(margin__gte=0), name="margin_not_negative"),
            is_one_of("absence", Absence, "absence_known", blank=True),
            is_one_of("state", MeasurementState, "measurement_state_known"),
            models.CheckConstraint(condition=Q(breakdown__in=["T", "K", "M"]), name="breakdown_known"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period} {self.breakdown}"


class SeriesPoint(models.Model):
    """Derived: our own series, one row a due period and breakdown, gaps included with their reason."""

    pk = models.CompositePrimaryKey("indicator_id", "breakdown", "period")
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="series", db_constraint=False)
    breakdown = models.CharField(max_length=1)
    period = models.CharField(max_length=8)
    value = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    absence = models.CharField(max_length=16, blank=True)
    margin = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    margin_computed = models.BooleanField(default=False)
    respondents = models.IntegerField(null=True)
    revision = models.SmallIntegerField(default=0)
    earlier_value = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    delivery_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period} {self.breakdown}"


class Benchmark(models.Model):
    """Derived: our place in a peer group in one year. `eligible`: enough of the group has a value (METHODS §3)."""

    pk = models.CompositePrimaryKey("indicator_id", "group_id", "year")
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="benchmarks", db_constraint=False)
    group = models.ForeignKey(PeerGroup, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    year = models.SmallIntegerField()
    eligible = models.BooleanField()
    others = models.SmallIntegerField()
    mean = models.FloatField(null=True)
    median = models.FloatField(null=True)
    q25 = models.FloatField(null=True)
    q75 = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    own = models.FloatField(null=True)
    rank = models.SmallIntegerField(null=True)
    best_rank = models.SmallIntegerField(null=True)
    worst_rank = models.SmallIntegerField(null=True)
    percentile = models.FloatField(null=True)
    quarter = models.CharField(max_length=14, blank=True)
    robust_z = models.FloatField(null=True)
    own_change = models.FloatField(null=True)
    peer_change = models.FloatField(null=True)

    class Meta:
        constraints = [is_one_of("quarter", Quarter, "quarter_known", blank=True)]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.group_id} {self.year}"


class Assessment(models.Model):
    """Derived: how an indicator stands at the end of a follow-up period (a calendar year), and everything behind it."""

    pk = models.CompositePrimaryKey("indicator_id", "period")
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="assessments", db_constraint=False)
    period = models.CharField(max_length=8)
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=24, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    value_period = models.CharField(max_length=8, blank=True)
    margin = models.FloatField(null=True)
    comparison = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    comparison_period = models.CharField(max_length=8, blank=True)
    change = models.FloatField(null=True)
    change_word = models.CharField(max_length=12, blank=True)
    target_id = models.BigIntegerField(null=True)
    gap = models.FloatField(null=True)
    group_id = models.BigIntegerField(null=True)
    benchmark_year = models.SmallIntegerField(null=True)
    rank = models.SmallIntegerField(null=True)
    peers = models.SmallIntegerField(null=True)
    quarter = models.CharField(max_length=14, blank=True)
    recent = models.JSONField(default=list, help_text=_("Values of the latest due periods, for the small chart."))
    lessons = models.JSONField(default=list)
    trace = models.JSONField(default=dict)
    rule_version = models.CharField(max_length=8)
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["period", "status"])]
        constraints = [
            is_one_of("status", Status, "status_known"),
            is_one_of("reason", Reason, "reason_known", blank=True),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period} {self.status}"
