"""Who is asked: the frame, its strata, the sample's invitations and what was sent to them.

An invitation knows a person and whether somebody has answered by it. What was answered stands elsewhere and knows no
invitation (docs/adr/0026).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.models.constraints import is_one_of
from surveys.models.questionnaire import Question, Wave


class Stratum(models.Model):
    """A part of the population that is sampled by itself. `sampled` and `population` outlive the addresses."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="strata")
    code = models.CharField(max_length=40)
    population = models.PositiveIntegerField()
    wanted = models.PositiveIntegerField(default=0)
    sampled = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "code"], name="one_stratum_a_code"),
            models.CheckConstraint(condition=Q(sampled__lte=F("population")), name="sample_within_population"),
        ]

    def __str__(self) -> str:
        return self.code


class Margin(models.Model):
    """How many of the population have a background: what weights are raked or post-stratified to."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="margins")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    value = models.SmallIntegerField()
    population = models.PositiveIntegerField()

    class Meta:
        ordering = ["question", "value"]
        constraints = [models.UniqueConstraint(fields=["wave", "question", "value"], name="one_margin_a_level")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.value}: {self.population}"


class SampleFrame(models.Model):
    """A register that was read in; its people are deleted when the sample has been drawn."""

    wave = models.OneToOneField(Wave, on_delete=models.CASCADE, related_name="frame")
    filename = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    people = models.PositiveIntegerField()
    rejected = models.JSONField(default=list)
    read_at = models.DateTimeField(auto_now_add=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    drawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.filename


class Addressed(models.Model):
    """How a person is reached."""

    name = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="sv")

    class Meta:
        abstract = True


class FramePerson(Addressed):
    frame = models.ForeignKey(SampleFrame, on_delete=models.CASCADE, related_name="persons")
    stratum = models.ForeignKey(Stratum, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.frame_id} {self.pk}"


class Invitation(Addressed):
    """A person of the sample. `answered` is all that the token tells."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="invitations")
    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="invitations")
    token = models.CharField(max_length=16, unique=True)
    answered = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["wave", "answered"])]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.pk}"


class MailingKind(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    REMINDER = "reminder", _("Reminder")


class Channel(models.TextChoices):
    LETTER = "letter", _("Letter")
    EMAIL = "email", _("E-mail")


class Mailing(models.Model):
    """An invitation or a reminder to everybody who has not answered, as letters (a PDF) or by e-mail."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="mailings")
    kind = models.CharField(max_length=10, choices=MailingKind.choices)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    subject = models.CharField(max_length=160)
    text = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            is_one_of("kind", MailingKind, "mailing_kind_known"),
            is_one_of("channel", Channel, "mailing_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.kind} {self.channel}"


class SendingState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    CLAIMED = "claimed", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Sending(models.Model):
    """One letter of a mailing, claimed before it leaves."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="sendings")
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="sendings")
    state = models.CharField(max_length=8, choices=SendingState.choices, default=SendingState.WAITING)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing", "invitation"], name="one_sending_a_person"),
            is_one_of("state", SendingState, "sending_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id} {self.invitation_id} {self.state}"
