"""Municipalities and the groups they are compared in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from indicators.models.definitions import Area


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
