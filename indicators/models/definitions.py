"""What is followed up: areas, departments, indicators, their targets and the breaks in their series."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.compute.series import Aggregation
from indicators.compute.status import Direction
from indicators.models.constraints import choices, is_one_of
from indicators.periods import Kind


class Breakdown(models.TextChoices):
    ALL = "T", _("All")
    WOMEN = "K", _("Women")
    MEN = "M", _("Men")


class Source(models.TextChoices):
    KOLADA = "kolada", _("Kolada")
    DEPARTMENT = "department", _("Department")
    SURVEY = "survey", _("Survey")
    COMPUTED = "computed", pgettext_lazy("source of a value", "Computed")


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
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="heads",
        help_text=_("Reminded where the responsible person does not answer."),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


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
    margin_kolada_id = models.CharField(
        max_length=12, blank=True, help_text=_("Kolada's key figure with the margin of error, where one is published.")
    )
    steering = models.BooleanField(
        default=True, help_text=_("One of those that the municipality steers by; others are there to be looked up.")
    )
    divided = models.BooleanField(default=False)
    aggregation = models.CharField(max_length=14, choices=choices(Aggregation), default=Aggregation.LAST.value)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="indicators")
    owner = models.CharField(max_length=120)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="responsible_for",
        help_text=_("The person who hands the values in, and is reminded."),
    )
    four_eyes = models.BooleanField(
        default=True, help_text=_("Approved by another person than the one who entered the value.")
    )
    formula = models.TextField(blank=True, help_text=_("Computed indicators: what the value follows from."))
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
                condition=(Q(source="computed") & ~Q(formula="")) | (~Q(source="computed") & Q(formula="")),
                name="formula_with_computed",
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


class DefinitionAct(models.TextChoices):
    COMPARABLE = "comparable", _("Changed, still comparable")
    BACKWARDS = "backwards", _("Changed, comparable backwards")
    BREAK = "break", _("Changed, with a break in the series")
    RETIRED = "retired", _("Retired")
    RESTORED = "restored", _("Taken up again")
    COPIED = "copied", _("Made as a copy")


class DefinitionNote(models.Model):
    """Why a definition was changed, in the words of who changed it. Only ever added to."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="definition_notes")
    act = models.CharField(max_length=10, choices=DefinitionAct.choices)
    period = models.CharField(max_length=8, blank=True)
    reason = models.TextField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-noted_at", "-id"]
        constraints = [is_one_of("act", DefinitionAct, "definition_note_act_known")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.act}"
