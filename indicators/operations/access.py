"""Who may do what: roles granted and taken back; who signed in."""

from typing import Any

from django.db import transaction

from indicators.models import Role, SignIn
from indicators.operations.actor import User, recorded
from indicators.permissions import OF_A_DEPARTMENT, RoleName


class RoleError(ValueError):
    """A role that cannot be granted like this; the message says why."""


def grant_role(*, user: Any, name: RoleName, department_id: int | None = None, by: User) -> Role:
    """Give a person a role, for a department where it is a department's; granting twice changes nothing."""
    if (name in OF_A_DEPARTMENT) != (department_id is not None):
        raise RoleError(f"{name} is granted {'for a department' if name in OF_A_DEPARTMENT else 'everywhere'}")
    with transaction.atomic(), recorded(by):
        found = Role.objects.filter(user=user, name=name.value, department=department_id).first()
        return found or Role.objects.create(
            user=user,
            name=name.value,
            department_id=department_id,
            granted_by=by,  # type: ignore[misc]
        )


def withdraw_role(*, role_id: int, by: User) -> None:
    """Take a role back. Whether an administrator remains is the business of whoever calls."""
    with transaction.atomic(), recorded(by):
        for role in Role.objects.filter(pk=role_id):
            role.delete()


def log_sign_in(*, user: Any, account: str, outcome: SignIn.Outcome, method: str) -> None:
    """One line in the log of sign-ins; never changed afterwards."""
    SignIn.objects.create(user=user, account=account, outcome=outcome.value, method=method[:40])
