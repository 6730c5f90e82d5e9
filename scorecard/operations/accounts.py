"""Accounts: made, invited, changed and closed by administrators; never deleted, so that the log keeps its names."""

from collections.abc import Collection
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.models import Contact, Role
from indicators.operations import User, grant_role, recorded, withdraw_role
from indicators.permissions import RoleName

RolesOf = Collection[tuple[str, int | None]]


class AccountError(ValueError):
    """What cannot be done with an account; the message says why and what to do instead."""


def create_account(
    *, email: str, first_name: str, last_name: str, language: str, roles: RolesOf, by: User, password: str | None = None
) -> Any:
    """A new account with its roles. Without a password nobody can sign in until the invitation has been answered.

    The administrator vouches for the address, which single sign-on matches by.
    """
    with transaction.atomic(), recorded(by):
        _refuse_taken(email, but=None)
        user = get_user_model().objects.create_user(
            username=email.lower(), email=email, password=password, first_name=first_name, last_name=last_name
        )
        EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
        Contact.objects.create(user=user, language=language)
        _set_roles(user, roles, by)
    return user


def change_account(
    *, user_id: int, email: str, first_name: str, last_name: str, language: str, roles: RolesOf, by: User
) -> None:
    """Another name, address or set of roles; refuses to leave the scorecard without an administrator."""
    with transaction.atomic(), recorded(by):
        _alone()
        _refuse_taken(email, but=user_id)
        user = get_user_model().objects.select_for_update().get(pk=user_id)
        if user.email.lower() != email.lower():
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
        if user.username == user.email.lower():
            user.username = email.lower()
        user.email, user.first_name, user.last_name = email, first_name, last_name
        user.save(update_fields=["username", "email", "first_name", "last_name"])
        _set_contact(user, language=language)
        _set_roles(user, roles, by)
        _refuse_no_administrator()


def change_own_account(*, user: Any, first_name: str, last_name: str, language: str, reminders: bool, by: User) -> None:
    """What a person decides about their own account."""
    with transaction.atomic(), recorded(by):
        user.first_name, user.last_name = first_name, last_name
        user.save(update_fields=["first_name", "last_name"])
        _set_contact(user, language=language, reminders=reminders)


def close_account(*, user_id: int, by: User) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out at once; what it did stays in the log."""
    _set_active(user_id, False, by)


def open_account(*, user_id: int, by: User) -> None:
    _set_active(user_id, True, by)


def remove_second_factors(*, user_id: int, by: User) -> int:
    """For who has lost phone and codes: the password alone lets in again; returns how many were removed."""
    with transaction.atomic(), recorded(by):
        mine = list(Authenticator.objects.filter(user_id=user_id))
        for authenticator in mine:
            authenticator.delete()
    return len(mine)


def end_other_sessions(*, user: Any, keep: str | None) -> int:
    """Sign a person out everywhere but here; returns how many sessions ended."""
    ended = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.session_key != keep and session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(session_key__in=ended).delete()
    return len(ended)


def _set_active(user_id: int, active: bool, by: User) -> None:
    with transaction.atomic(), recorded(by):
        _alone()
        user = get_user_model().objects.select_for_update().get(pk=user_id)
        user.is_active = active
        user.save(update_fields=["is_active"])
        _refuse_no_administrator()


def _set_contact(user: Any, **fields: Any) -> None:
    Contact.objects.update_or_create(user=user, defaults=fields)


def _set_roles(user: Any, wanted: RolesOf, by: User) -> None:
    held = {(name, department): pk for pk, name, department in user.roles.values_list("id", "name", "department_id")}
    for key in set(held) - set(wanted):
        withdraw_role(role_id=held[key], by=by)
    for name, department in set(wanted) - set(held):
        grant_role(user=user, name=RoleName(name), department_id=department, by=by)


def _refuse_taken(email: str, but: int | None) -> None:
    found = get_user_model().objects.filter(Q(email__iexact=email) | Q(username__iexact=email))
    if any(pk != but for pk in found.values_list("pk", flat=True)):
        raise AccountError(_("There is an account with this e-mail address already."))


def _alone() -> None:
    """Of two administrators who take each other's role away at once, the second waits, and is then refused."""
    administrators = Role.objects.filter(name=RoleName.ADMINISTRATOR.value).values("user_id")
    users = get_user_model().objects.filter(Q(pk__in=administrators) | Q(is_superuser=True))
    list(users.select_for_update().order_by("pk"))


def _refuse_no_administrator() -> None:
    """Undoes the transaction that would leave nobody to give roles; `_alone` came first."""
    roles = Role.objects.filter(name=RoleName.ADMINISTRATOR.value, user__is_active=True)
    if not roles.exists() and not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        raise AccountError(
            _("This is the last administrator. Make somebody else an administrator first, and then try again.")
        )
