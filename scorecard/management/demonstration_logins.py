"""Log-ins of the demonstration: made once with random passwords, kept in a file that only the installer reads."""

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from indicators.operations import grant_role
from indicators.permissions import RoleName
from indicators.queries.computation import home

NAMES = ("administrator", "strategist")


def path() -> Path:
    return Path(settings.VAR) / "demonstration-logins.txt"


def ensure() -> dict[str, str | None]:
    """Passwords by name, None where somebody chose another since. Empty in the installation of a real municipality."""
    ours = home()
    if ours is None or not ours.invented:
        return {}
    known = _read()
    if set(known) != set(NAMES):
        known = {name: secrets.token_urlsafe(12) for name in NAMES}
        _write(known)
        _store(known, renew=True)
    else:
        _store(known, renew=False)
    users = get_user_model().objects.in_bulk(NAMES, field_name="username")
    return {name: word if users[name].check_password(word) else None for name, word in known.items()}


def _store(passwords: dict[str, str], *, renew: bool) -> None:
    with transaction.atomic():
        for name, password in passwords.items():
            rights = {"is_staff": True, "is_superuser": True} if name == "administrator" else {}
            user, created = get_user_model().objects.get_or_create(username=name, defaults=rights)
            if created or renew:
                user.set_password(password)
                user.save()
            if name == RoleName.STRATEGIST:
                grant_role(user=user, name=RoleName.STRATEGIST, by=None)


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
