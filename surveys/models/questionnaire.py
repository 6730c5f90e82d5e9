"""What is asked: surveys and their waves, questions that keep their identity, wordings that are versioned."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.models import Department
from indicators.models.constraints import is_one_of


class Survey(models.Model):
    """What is asked again and again, e.g. the citizen survey. The least numbers and the time that free texts are kept
    hold for all its waves, so that one decision on disclosure serves every table."""

    code = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True, help_text=_("What the answers are used for, as residents read it."))
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("Who asks.")
    )
    least_count = models.PositiveSmallIntegerField(default=5)
    least_base = models.PositiveSmallIntegerField(default=20)
    keep_texts_days = models.PositiveSmallIntegerField(
        default=365, help_text=_("How long free texts are kept after a wave has closed.")
    )
    overall = models.ForeignKey(
        "Question", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text=_("The question that tells the satisfied from the dissatisfied."),
    )  # fmt: skip
    invented = models.BooleanField(default=False, help_text=_("A demonstration: the answers are invented."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(least_count__gte=3), name="least_count_protects"),
            models.CheckConstraint(condition=Q(least_base__gte=F("least_count")), name="least_base_protects"),
        ]

    def __str__(self) -> str:
        return self.name


class Weighting(models.TextChoices):
    NONE = "none", _("No weights")
    DESIGN = "design", _("Weights from the sample's design")
    POSTSTRATIFIED = "poststratified", _("Post-stratified")
    RAKED = "raked", _("Raked")


class WaveState(models.TextChoices):
    PREPARING = "preparing", _("Being prepared")
    OPEN = "open", pgettext_lazy("state of a survey", "Open")
    CLOSED = "closed", pgettext_lazy("state of a survey", "Closed")


class Wave(models.Model):
    """One round of a survey. While it is prepared its questionnaire may change; once it has opened it may not."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="waves")
    code = models.SlugField(max_length=20, help_text=_("Part of the address, e.g. 2026."))
    period = models.CharField(max_length=8, help_text=_("The period that the results stand for."))
    state = models.CharField(max_length=10, choices=WaveState.choices, default=WaveState.PREPARING)
    opens_on = models.DateField(null=True, blank=True)
    closes_on = models.DateField(null=True, blank=True, help_text=_("The last day for answers."))
    link_open = models.BooleanField(default=False, help_text=_("Anybody may answer by the survey's open link."))
    population = models.PositiveIntegerField(null=True, blank=True, help_text=_("People whom the survey is about."))
    population_text = models.TextField(blank=True, help_text=_("Who is asked about, in words."))
    frame_text = models.TextField(blank=True, help_text=_("The register that the sample was drawn from."))
    mode_text = models.TextField(blank=True, help_text=_("How people were asked, and how they could answer."))
    change_text = models.TextField(blank=True, help_text=_("What was done differently than the time before."))
    method_break = models.BooleanField(
        default=False, help_text=_("The method differs so much that results cannot be compared with earlier waves.")
    )
    weighting = models.CharField(max_length=16, choices=Weighting.choices, default=Weighting.DESIGN)
    adjust_lonely = models.BooleanField(
        default=False, help_text=_("Strata with one answer are centred at the mean of all instead of refused.")
    )
    seed = models.PositiveBigIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["survey", "period", "id"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "code"], name="one_wave_a_code"),
            is_one_of("state", WaveState, "wave_state_known"),
            is_one_of("weighting", Weighting, "wave_weighting_known"),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True) | Q(closes_on__isnull=True) | Q(opens_on__lte=F("closes_on")),
                name="wave_opens_before_it_closes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.code}"


class Section(models.Model):
    """A page of a wave's questionnaire."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="sections")
    order = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=120)
    intro = models.TextField(blank=True)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.title


class QuestionKind(models.TextChoices):
    SHARE = "share", _("Scale in words, with “don't know”")
    FIVE = "five", _("Grade 1 to 5")
    TEN = "ten", _("Grade 1 to 10")
    SINGLE = "single", _("One choice")
    MULTIPLE = "multiple", _("Several choices")
    NUMBER = "number", _("A number")
    TEXT = "text", _("Free text")
    EXPECTATION = "expectation", _("Expectation and experience")
    KANO = "kano", _("Pair for needs (Kano)")


class Question(models.Model):
    """The identity of a question, kept while waves and wordings follow each other. Of a pair it is one question with
    two parts: part 1 expectation or “if it is there”, part 2 experience or “if it is missing”."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=12, choices=QuestionKind.choices)
    topic = models.SlugField(max_length=40, blank=True, help_text=_("The area of the library that it belongs to."))
    background = models.BooleanField(default=False, help_text=_("About the person; results are shown by its choices."))
    published_kpi = models.CharField(
        max_length=12, blank=True, help_text=_("The key figure with other municipalities' results of this question.")
    )

    class Meta:
        ordering = ["survey", "code"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "code"], name="one_question_a_code"),
            is_one_of("kind", QuestionKind, "question_kind_known"),
            models.CheckConstraint(condition=Q(background=False) | Q(kind="single"), name="background_is_one_choice"),
        ]

    def __str__(self) -> str:
        return self.code


class QuestionVersion(models.Model):
    """A wording of a question. `continues`: declared to mean the same as the version before, so that a series goes on;
    one that does not continue starts a series anew."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    text = models.TextField()
    help = models.TextField(blank=True)
    second_text = models.TextField(blank=True, help_text=_("The other half of a pair."))
    continues = models.BooleanField(default=False)
    reason = models.TextField(blank=True, help_text=_("Why the wording was changed, and why it means the same."))
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["question", "number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="one_version_a_number"),
            models.CheckConstraint(
                condition=Q(continues=False) | (Q(number__gt=1) & ~Q(reason="")), name="continued_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lt=F("maximum")),
                name="question_range_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"


class Option(models.Model):
    """A choice of a wording. `value` is what an answer stores; `positive` counts into the share of positive answers;
    `no_opinion` (“don't know”, “does not concern me”) is left out of it and shown by itself."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="options")
    value = models.SmallIntegerField()
    label = models.CharField(max_length=160)
    positive = models.BooleanField(default=False)
    no_opinion = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "value"]
        constraints = [
            models.UniqueConstraint(fields=["version", "value"], name="one_option_a_value"),
            models.CheckConstraint(condition=~Q(positive=True, no_opinion=True), name="no_opinion_is_not_positive"),
        ]

    def __str__(self) -> str:
        return self.label


class Item(models.Model):
    """A question in the questionnaire of a wave. Shown always, or only where `shown_by` was answered with one of
    `shown_values`; that item stands on an earlier page or higher on the same."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="items")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="items")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="items")
    order = models.PositiveSmallIntegerField(default=0)
    required = models.BooleanField(default=False)
    shown_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="shows")
    shown_values = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["section__order", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["wave", "version"], name="a_version_once_a_wave")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.version_id}"
