"""What leaves this app: editions of results that passed disclosure control, and which indicators they feed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from indicators.models import Breakdown, Indicator
from indicators.models.constraints import is_one_of
from surveys.models.questionnaire import Question, Survey, Wave


class Statistic(models.TextChoices):
    """What a figure states. Shares are in per cent, means in the scale's own unit, indices from 0 to 100."""

    RESPONDENTS = "respondents", _("Number of answers")
    SHARE = "share", _("Share of positive answers")
    OPTION = "option", _("Share who chose an option")
    NO_OPINION = "no_opinion", _("Share without an opinion")
    MEAN = "mean", _("Mean")
    MEDIAN = "median", _("Median")
    INDEX = "index", _("Index")
    GAP = "gap", _("Expectation gap")
    KANO = "kano", _("Kind of need (Kano)")
    DRIVER = "driver", _("Share of what explains satisfaction")
    RESPONSE_RATE = "response_rate", _("Response rate")


class SatisfactionIndex(models.Model):
    """An index over questions, computed per person and then estimated as a mean. Items: [{"question": code, "lo": 1,
    "hi": 10, "weight": 1}, …]."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="indices")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    items = models.JSONField(default=list)
    least_items = models.PositiveSmallIntegerField(default=1)
    bands = models.JSONField(default=list, blank=True, help_text=_("Words for bands: lower limit and word."))

    class Meta:
        ordering = ["survey", "code"]
        constraints = [models.UniqueConstraint(fields=["survey", "code"], name="one_index_a_code")]

    def __str__(self) -> str:
        return self.name


class EditionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    BLOCKED = "blocked", _("Blocked by the disclosure audit")
    RELEASED = "released", _("Released")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Edition(models.Model):
    """The results of a wave as they were made at one time. A draft can be made anew; a released one stays as it is and
    binds later ones: what it told can be subtracted."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=EditionState.choices, default=EditionState.DRAFT)
    method = models.JSONField(default=dict, help_text=_("Sample, response, weighting: what the method page states."))
    decision = models.JSONField(default=dict, help_text=_("What is hidden, decided once and used by every table."))
    audit = models.JSONField(default=dict)
    drivers = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.TextField(blank=True, help_text=_("Why a released edition was withdrawn."))

    class Meta:
        ordering = ["wave", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "number"], name="one_edition_a_number"),
            models.UniqueConstraint(
                fields=["wave"], condition=Q(state__in=["draft", "blocked"]), name="one_draft_edition_a_wave"
            ),
            is_one_of("state", EditionState, "edition_state_known"),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(released_at__isnull=False), name="released_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id}.{self.number}"


class Figure(models.Model):
    """One number of an edition. `group` and `level`: of whom (empty: of all); `part`: as of an answer. Either a value
    or the reason why it is hidden; of a hidden figure nothing is stored."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="figures")
    question = models.ForeignKey(Question, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    index = models.ForeignKey(SatisfactionIndex, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    part = models.SmallIntegerField(default=0)
    statistic = models.CharField(max_length=14, choices=Statistic.choices)
    group = models.ForeignKey(Question, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.SmallIntegerField(null=True, blank=True)
    value = models.FloatField(null=True)
    se = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    n = models.PositiveIntegerField(null=True)
    hidden = models.CharField(max_length=16, blank=True, help_text=_("Why it is not shown."))
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["edition", "question", "statistic", "group", "level", "part"]
        constraints = [
            # Written out, since SQLite takes every null for another one.
            models.UniqueConstraint(
                "edition",
                Coalesce("question", 0),
                Coalesce("index", 0),
                "part",
                "statistic",
                Coalesce("group", 0),
                Coalesce("level", -32768),
                name="one_figure",
            ),
            is_one_of("statistic", Statistic, "statistic_known"),
            models.CheckConstraint(
                condition=Q(hidden="")
                | Q(value__isnull=True, se__isnull=True, lower__isnull=True, upper__isnull=True, n__isnull=True),
                name="a_hidden_figure_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.statistic}"


class IndicatorLink(models.Model):
    """Which result feeds which indicator: a question or an index of a survey, of all or of one group."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="links")
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="survey_links")
    breakdown = models.CharField(max_length=1, choices=Breakdown.choices, default=Breakdown.ALL)
    question = models.ForeignKey(Question, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    index = models.ForeignKey(SatisfactionIndex, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    statistic = models.CharField(max_length=14, choices=Statistic.choices, default=Statistic.SHARE)
    part = models.SmallIntegerField(default=0)
    group = models.ForeignKey(Question, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    level = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["indicator", "breakdown"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "breakdown"], name="one_result_feeds_an_indicator"),
            models.CheckConstraint(
                condition=Q(question__isnull=False, index__isnull=True) | Q(question__isnull=True, index__isnull=False),
                name="a_question_or_an_index",
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True, level__isnull=True) | Q(group__isnull=False, level__isnull=False),
                name="a_group_with_its_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.breakdown}"
