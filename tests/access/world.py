"""The installation that the table of addresses × roles is tried in.

A module of the table that needs more puts makers into its own `THINGS`: name → function of the world. A thing is made
when a row first asks for it, e.g. `lambda world: world.prioritisation.pk`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator

import tests.access
from indicators.models import Department, Indicator, JobRun
from indicators.permissions import RoleName
from scorecard import operations
from scorecard.models import Goal
from tests.access import ROLES, Row
from tests.integration import indicator_world

PASSWORD = "fyra lugna ord i rad"
Maker = Callable[["World"], Any]


def modules() -> list[Any]:
    """The modules of the table, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(tests.access.__path__) if found.name != "world")
    return [importlib.import_module(f"tests.access.{name}") for name in names]


def rows() -> list[Row]:
    return [row for module in modules() for row in module.ROWS]


def things() -> dict[str, Maker]:
    found: dict[str, Maker] = {}
    for module in modules():
        made = getattr(module, "THINGS", {})
        if both := set(found) & set(made):
            raise LookupError(f"{module.__name__} makes {sorted(both)}, and another module does too; rename one")
        found |= made
    return found


class World:
    """Two departments: `department`, of the reporter and the approver, and `other`; a goal, indicators, a job."""

    def __init__(self) -> None:
        indicator_world.build()
        indicator_world.set_goals()
        self.department, self.other = _departments()
        self.users = {role: self._user(role) for role in ROLES if role != "public"}
        self.somebody = self._account("somebody@example.org", set())

    def __getattr__(self, name: str) -> Any:
        maker = things().get(name)
        if maker is None:
            raise AttributeError(f"the world has no {name}; add a maker to THINGS in a module of tests/access")
        made = maker(self)
        setattr(self, name, made)
        return made

    @cached_property
    def goal(self) -> Goal:
        return Goal.objects.order_by("id").first() or _lacking("a goal")

    @cached_property
    def indicator(self) -> Indicator:
        return Indicator.objects.filter(source="kolada", comparable=True).order_by("id").first() or _lacking(
            "an indicator"
        )

    @cached_property
    def job(self) -> JobRun:
        return JobRun.objects.create(kind="recompute", key="recompute", state="failed")

    @cached_property
    def passkey(self) -> Authenticator:
        return Authenticator.objects.create(user=self.somebody, type=Authenticator.Type.WEBAUTHN, data={"name": "Key"})

    def _user(self, role: str) -> Any:
        of = self.department.pk if role in (RoleName.REPORTER.value, RoleName.APPROVER.value) else None
        return self._account(f"{role}@example.org", {(role, of)})

    def _account(self, email: str, roles: set[tuple[str, int | None]]) -> Any:
        return operations.create_account(
            email=email, first_name="En", last_name="Person", language="sv", roles=roles, password=PASSWORD, by=None
        )


def _departments() -> tuple[Department, Department]:
    other, _made = Department.objects.get_or_create(
        code="other-department", defaults={"name_sv": "En annan förvaltning"}
    )
    mine = Department.objects.exclude(pk=other.pk).order_by("id").first() or _lacking("a department")
    return mine, other


def _lacking(what: str) -> Any:
    raise LookupError(f"the world of the table has no {what}")
