"""Departments: their names and heads."""

from typing import Any

from django.db import transaction

from indicators.models import Department
from indicators.operations.actor import User, recorded


def change_department(*, department_id: int, name_sv: str, name_en: str, head: Any, by: User) -> Department:
    """Rename a department, name its head (a user or None)."""
    with transaction.atomic(), recorded(by):
        department = Department.objects.select_for_update().get(pk=department_id)
        department.name_sv, department.name_en = name_sv, name_en or name_sv  # type: ignore[attr-defined]
        department.head = head
        department.save()
    return department
