"""Enumerations that the database holds too."""

from django.db import models
from django.db.models import Q


def choices(enum: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]


def is_one_of(field: str, enum: type, name: str, *, blank: bool = False) -> models.CheckConstraint:
    """The database refuses what the enumeration does not know."""
    values = [value for value, _label in choices(enum)] + ([""] if blank else [])
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)
