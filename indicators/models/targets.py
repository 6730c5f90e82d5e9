"""What is aimed at."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.compute.status import Form, Side
from indicators.models.constraints import choices, is_one_of
from indicators.models.definitions import Indicator
from indicators.models.places import PeerGroup


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
