"""The chain a council steers by: vision, strategic issues, goals, directions and directives."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.models import Department, Indicator


class Committee(models.Model):
    code = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=120)
    departments = models.ManyToManyField(Department, blank=True, related_name="committees")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Vision(models.Model):
    """One chain of steering, valid for a mandate. `example`: proposals that no council has decided yet.

    decided_on, decision: when the council decided the chain, and where that can be read, e.g. a paragraph of minutes.
    """

    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    valid_from = models.PositiveSmallIntegerField()
    valid_to = models.PositiveSmallIntegerField(null=True, blank=True)
    example = models.BooleanField(default=False)
    decided_on = models.DateField(null=True, blank=True)
    decision = models.CharField(max_length=200, blank=True)
    copied_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="copies")

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_vision_a_start"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="vision_validity_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class LevelName(models.Model):
    """What this municipality calls a level of its chain; a level without a row has its ordinary name."""

    class Level(models.TextChoices):
        VISION = "vision", _("Vision")
        ISSUE = "issue", _("Strategic issue")
        GOAL = "goal", _("Goal")
        DIRECTION = "direction", pgettext_lazy("policy", "Direction")
        DIRECTIVE = "directive", _("Directive")

    level = models.CharField(max_length=10, choices=Level.choices, primary_key=True)
    singular = models.CharField(max_length=60)
    plural = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.singular


class StrategicIssue(models.Model):
    vision = models.ForeignKey(Vision, on_delete=models.CASCADE, related_name="issues")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["vision", "code"], name="one_issue_a_code")]

    def __str__(self) -> str:
        return self.name


class Goal(models.Model):
    """What is to be reached. Valid as long as its vision, unless years of its own narrow that."""

    issue = models.ForeignKey(StrategicIssue, on_delete=models.CASCADE, related_name="goals")
    code = models.SlugField(unique=True, max_length=60)
    sentence = models.CharField(max_length=300)
    short = models.CharField(max_length=60)
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="goals")
    order = models.PositiveSmallIntegerField(default=0)
    valid_from = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_to = models.PositiveSmallIntegerField(null=True, blank=True)
    indicators = models.ManyToManyField(Indicator, through="GoalIndicator", related_name="goals")

    class Meta:
        ordering = ["issue__order", "order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="goal_validity_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.short


class GoalIndicator(models.Model):
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="links")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="links")
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    key = models.BooleanField(default=False, help_text=_("The goal is not met while this indicator is not met."))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "indicator"], name="one_link"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="weight_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.goal_id} – {self.indicator_id}"


class Direction(models.Model):
    """Policy direction: how and to whom."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="directions")
    text = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.text[:60]


class Directive(models.Model):
    """The council's exact task to a committee, for a year or two."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="directives")
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="directives")
    text = models.TextField()
    valid_from = models.PositiveSmallIntegerField()
    valid_to = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.text[:60]
