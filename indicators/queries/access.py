"""Who somebody is here."""

from collections.abc import Iterable
from typing import Any

from indicators.models import Role
from indicators.permissions import NOBODY, Person, RoleName


def person(user: Any) -> Person:
    """The roles of a user (1 query; none for who is not signed in)."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    return person_with(user, Role.objects.filter(user_id=user.pk).values_list("name", "department_id"))


def person_with(user: Any, roles: Iterable[tuple[str, int | None]]) -> Person:
    """A signed-in user whose roles have been read. Superusers are administrators without a row."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    granted = set(roles)
    if user.is_superuser:
        granted.add((RoleName.ADMINISTRATOR.value, None))
    return Person(user.pk, user.get_full_name() or user.email or user.get_username(), frozenset(granted))
