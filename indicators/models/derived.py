"""Derived rows: deleted and built again to the same content by `indicators.pipeline`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.compute.benchmark import Quarter
from indicators.compute.status import Reason, Status
from indicators.models.constraints import is_one_of
from indicators.models.definitions import Indicator
from indicators.models.places import PeerGroup


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
    lacks = models.JSONField(null=True, help_text=_("Computed values: which inputs were missing, by code and period."))

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
