"""Accounts with their roles, for administrators, and one's own."""

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet

from indicators.models import Contact, Department, Role
from scorecard.read_models.accounts import Account, RoleOf


def accounts(*, q: str = "", role: str = "", state: str = "") -> list[Account]:
    """All accounts that the choices leave, by name (2 queries)."""
    found = get_user_model().objects.order_by("last_name", "first_name", "email", "id")
    if q:
        parts = Q(email__icontains=q) | Q(first_name__icontains=q) | Q(last_name__icontains=q)
        found = found.filter(parts | Q(username__icontains=q))
    if role:
        found = found.filter(roles__name=role).distinct()
    if state:
        found = found.filter(is_active=state == "open")
    return _accounts(found)


def account(user_id: int) -> Account | None:
    """One account (2 queries)."""
    return next(iter(_accounts(get_user_model().objects.filter(pk=user_id))), None)


def _accounts(found: QuerySet) -> list[Account]:
    factors = Authenticator.objects.filter(user_id=OuterRef("pk"), type__in=["totp", "webauthn"])
    users = list(found.select_related("contact").annotate(second_factor=Exists(factors)))
    roles: dict[int, list[RoleOf]] = {user.pk: [] for user in users}
    held = Role.objects.filter(user_id__in=roles).select_related("department").order_by("name", "department__name_sv")
    for item in held:
        department = item.department.name if item.department else ""
        roles[item.user_id].append(RoleOf(item.name, item.department_id, department))
    return [
        Account(
            id=user.pk,
            username=user.get_username(),
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            language=kept.language if (kept := getattr(user, "contact", None)) else "sv",
            reminders=kept.reminders if kept else True,
            active=user.is_active,
            superuser=user.is_superuser,
            has_password=user.has_usable_password(),
            second_factor=user.second_factor,
            last_login=user.last_login,
            roles=tuple(roles[user.pk]),
        )
        for user in users
    ]


def departments() -> list[tuple[int, str]]:
    """Departments as choices (1 query)."""
    return [(d.pk, d.name) for d in Department.objects.order_by("name_sv").only("id", "name_sv", "name_en")]


def contact(user_id: int) -> tuple[str, bool]:
    """Language of letters, and whether reminders are wanted (1 query)."""
    row = Contact.objects.filter(user_id=user_id).first()
    return (row.language, row.reminders) if row else ("sv", True)
