"""Who may do what, by department; how people are reached; who signed in when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.models.definitions import Department
from indicators.permissions import OF_A_DEPARTMENT, RoleName

ROLE_LABELS = [
    (RoleName.COUNCIL.value, _("Council member")),
    (RoleName.REPORTER.value, pgettext_lazy("role of a person", "Reporter")),
    (RoleName.APPROVER.value, _("Approver")),
    (RoleName.STRATEGIST.value, _("Quality strategist")),
    (RoleName.ADMINISTRATOR.value, _("Administrator")),
]
BOUND = [name.value for name in OF_A_DEPARTMENT]
FREE = [name.value for name in RoleName if name not in OF_A_DEPARTMENT]


class Role(models.Model):
    """What a person may do: reporters and approvers for one department a row, the other roles everywhere."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=14, choices=ROLE_LABELS)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="roles")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name", "department"], name="one_role_a_department"),
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(department__isnull=True), name="one_role_everywhere"
            ),
            models.CheckConstraint(
                condition=Q(name__in=BOUND, department__isnull=False) | Q(name__in=FREE, department__isnull=True),
                name="role_with_its_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.name} {self.department_id or ''}".strip()


class Contact(models.Model):
    """How a person wants to be reached. A person without a row wants reminders, in Swedish."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact")
    reminders = models.BooleanField(default=True, help_text=_("Reminders before and on the due date."))
    language = models.CharField(max_length=2, choices=settings.LANGUAGES, default="sv")

    def __str__(self) -> str:
        return f"{self.user_id}"


class SignIn(models.Model):
    """A sign-in, tried or done, and a sign-out. Append-only. No IP address is kept."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", _("Signed in")
        FAILED = "failed", _("Refused")
        SIGNED_OUT = "signed_out", _("Signed out")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="sign_ins"
    )
    account = models.CharField(max_length=254, blank=True, help_text=_("The known e-mail address; empty: unknown."))
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    method = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.account} {self.outcome}"
