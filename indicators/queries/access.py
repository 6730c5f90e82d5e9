"""Who somebody is here."""

from typing import Any

from indicators.models import Role
from indicators.permissions import NOBODY, Person, RoleName


def person(user: Any) -> Person:
    """The roles of a user (1 query; none for who is not signed in). Superusers are administrators without a row."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    roles: set[tuple[str, int | None]] = set(Role.objects.filter(user_id=user.pk).values_list("name", "department_id"))
    if user.is_superuser:
        roles.add((RoleName.ADMINISTRATOR.value, None))
    return Person(user.pk, user.get_full_name() or user.email or user.get_username(), frozenset(roles))
