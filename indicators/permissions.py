"""Who may do what: plain predicates over a person and the department it concerns, in one place.

Views ask them through `indicators.views.access`; pages are told the answers.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class RoleName(StrEnum):
    COUNCIL = "council"
    REPORTER = "reporter"
    APPROVER = "approver"
    STRATEGIST = "strategist"
    ADMINISTRATOR = "administrator"


OF_A_DEPARTMENT = (RoleName.REPORTER, RoleName.APPROVER)


@dataclass(frozen=True)
class Person:
    """Who asks. `roles`: (name, department's id or None) as granted; who is not signed in has none."""

    user_id: int | None = None
    name: str = ""
    roles: frozenset[tuple[str, int | None]] = field(default_factory=frozenset)

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    def has(self, *names: RoleName, department_id: int | None = None) -> bool:
        """One of the roles, everywhere or for the department named."""
        return any((name.value, department_id) in self.roles for name in names)

    def departments(self, *names: RoleName) -> frozenset[int]:
        """Ids of the departments that the person has one of these roles for."""
        wanted = {name.value for name in names}
        return frozenset(dep for name, dep in self.roles if name in wanted and dep is not None)


NOBODY = Person()


def may_administer(person: Person) -> bool:
    """Accounts and roles."""
    return person.has(RoleName.ADMINISTRATOR)


def may_steer(person: Person) -> bool:
    """The system as a whole: definitions, goals, periods, prioritisation, the health of indicators."""
    return person.has(RoleName.STRATEGIST, RoleName.ADMINISTRATOR)


def may_see_jobs(person: Person) -> bool:
    return may_steer(person)


def may_see_log(person: Person) -> bool:
    """The log of sign-ins and changes."""
    return may_steer(person)


def may_enter(person: Person, department_id: int | None = None) -> bool:
    """See and write a department's drafts; None: any department's. Strategists and administrators help everywhere."""
    mine = person.departments(RoleName.REPORTER, RoleName.APPROVER)
    return may_steer(person) or (bool(mine) if department_id is None else department_id in mine)


def may_approve(person: Person, department_id: int | None = None) -> bool:
    """Approve and return what a department submitted; None: any department's."""
    mine = person.departments(RoleName.APPROVER)
    return may_steer(person) or (bool(mine) if department_id is None else department_id in mine)


def may_judge(person: Person) -> bool:
    """Record a committee's judgement of a goal."""
    return may_steer(person)


def may_prioritise(person: Person) -> bool:
    """Be asked to take part in a prioritisation; whether one is among its participants is asked there."""
    return person.has(RoleName.COUNCIL, RoleName.STRATEGIST, RoleName.ADMINISTRATOR)
