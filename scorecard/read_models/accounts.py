"""Accounts as administrators see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators.models.access import ROLE_LABELS

LABELS = dict(ROLE_LABELS)


@dataclass(frozen=True)
class RoleOf:
    name: str
    department_id: int | None
    department: str


@dataclass(frozen=True)
class Account:
    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    language: str
    reminders: bool
    active: bool
    superuser: bool
    has_password: bool
    second_factor: bool
    last_login: datetime | None
    roles: tuple[RoleOf, ...]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.username


@dataclass(frozen=True)
class AccountLine:
    id: int
    name: str
    email: str
    roles: tuple[str, ...]
    seen: str
    second_factor: str
    state: str
    active: bool


@dataclass(frozen=True)
class AccountsPage:
    lines: tuple[AccountLine, ...]
    summary: str
    filtered: bool


def accounts_page(found: Sequence[Account], *, filtered: bool) -> AccountsPage:
    summary = ngettext("%(number)s account", "%(number)s accounts", len(found)) % {"number": len(found)}
    return AccountsPage(tuple(line(account) for account in found), summary, filtered)


def line(account: Account) -> AccountLine:
    return AccountLine(
        id=account.id,
        name=account.name,
        email=account.email,
        roles=roles_in_words(account),
        seen=timezone.localtime(account.last_login).strftime("%Y-%m-%d") if account.last_login else _("never"),
        second_factor=_("Has one") if account.second_factor else pgettext("second factor", "None"),
        state=state_in_words(account),
        active=account.active,
    )


def roles_in_words(account: Account) -> tuple[str, ...]:
    """“Quality strategist”, “Reporter: the department of …”; a superuser is an administrator without a row."""
    words = [
        f"{LABELS[role.name]}: {role.department}" if role.department else str(LABELS[role.name])
        for role in account.roles
    ]
    if account.superuser and not any(role.name == "administrator" for role in account.roles):
        words.append(_("Administrator (made on the command line)"))
    return tuple(words)


def state_in_words(account: Account) -> str:
    if not account.active:
        return pgettext("account", "Closed")
    if not account.has_password and account.last_login is None:
        return pgettext("account", "Invited")
    return pgettext("account", "Open")
