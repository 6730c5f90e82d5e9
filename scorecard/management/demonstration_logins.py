"""Log-ins of the demonstration: made once with random passwords, kept in a file that only the installer reads."""

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count

from indicators.models import Department, Source
from indicators.permissions import RoleName
from indicators.queries.computation import home
from scorecard import operations
from scorecard.operations.prioritisation_demonstration import take_part

# E-mail address, first and last name, role. The department of the two in the middle hands in most values.
PEOPLE = (
    ("administrator@example.org", "Anna", "Administratör", RoleName.ADMINISTRATOR),
    ("strateg@example.org", "Stina", "Strateg", RoleName.STRATEGIST),
    ("rapportor@example.org", "Rasmus", "Rapportör", RoleName.REPORTER),
    ("godkannare@example.org", "Gunilla", "Godkännare", RoleName.APPROVER),
    ("ledamot@example.org", "Lena", "Ledamot", RoleName.COUNCIL),
)
OF_A_DEPARTMENT = (RoleName.REPORTER, RoleName.APPROVER)
PRIORITISE = (RoleName.STRATEGIST, RoleName.COUNCIL)


def path() -> Path:
    return Path(settings.VAR) / "demonstration-logins.txt"


def ensure() -> dict[str, str | None]:
    """Passwords by e-mail address, None where somebody chose another since. Empty in the installation of a real
    municipality."""
    ours = home()
    if ours is None or not ours.invented:
        return {}
    known = _read()
    addresses = [address for address, *_ in PEOPLE]
    if set(known) != set(addresses):
        known = {address: secrets.token_urlsafe(12) for address in addresses}
        _write(known)
        _store(known, renew=True)
    else:
        _store(known, renew=False)
    users = {user.email: user for user in get_user_model().objects.filter(email__in=addresses)}
    return {address: word if users[address].check_password(word) else None for address, word in known.items()}


def _store(passwords: dict[str, str], *, renew: bool) -> None:
    department = (
        Department.objects.filter(indicators__source=Source.DEPARTMENT)
        .annotate(number=Count("indicators"))
        .order_by("-number", "code")
        .first()
    )
    asked = []
    for address, first, last, role in PEOPLE:
        of = department.pk if department and role in OF_A_DEPARTMENT else None
        if role in OF_A_DEPARTMENT and of is None:
            roles: set[tuple[str, int | None]] = set()
        else:
            roles = {(role.value, of)}
        user = get_user_model().objects.filter(email=address).first()
        if user is None:
            made = operations.create_account(
                email=address, first_name=first, last_name=last, language="sv", roles=roles,
                password=passwords[address], by=None,
            )  # fmt: skip
            if role in PRIORITISE:
                asked.append(made.pk)
        elif renew:
            user.set_password(passwords[address])
            user.save(update_fields=["password"])
    if asked:
        take_part(user_ids=asked)


def _read() -> dict[str, str]:
    try:
        lines = path().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _write(passwords: dict[str, str]) -> None:
    written = path().with_suffix(".part")
    written.touch(mode=0o600)
    written.write_text("".join(f"{name} {word}\n" for name, word in passwords.items()), encoding="utf-8")
    written.replace(path())
