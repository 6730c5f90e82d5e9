"""Law 2: a read never writes. Every page is asked for while the database refuses everything but reading.

The session of who asks is no part of it: signing in is stepwise, and what was begun is kept there.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from indicators.models import Indicator, JobRun
from scorecard.models import Goal
from tests.access.world import World, rows
from tests.integration.test_access import called

pytestmark = pytest.mark.django_db
WRITING = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|CREATE|ALTER|DROP)\b", re.IGNORECASE)
SESSION = re.compile(r'^\s*(INSERT INTO|UPDATE|DELETE FROM) "django_session"', re.IGNORECASE)
# Outside the languages.
BARE = re.compile(r"^/(healthz$|sso/)")


class WroteError(AssertionError):
    """A page wrote to the database."""


def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if WRITING.match(sql) and not SESSION.match(sql):
        raise WroteError(sql[:200])
    return execute(sql, params, many, context)


def addresses(world: World) -> list[tuple[str, dict[str, Any]]]:
    """What the table of addresses gets, and the pages of every indicator and goal."""
    asked = [
        (
            reverse(row.name, args=[called(arg, world) for arg in row.args]),
            {key: called(value, world) for key, value in row.data.items()},
        )
        for row in rows()
        if row.method == "get"
    ]
    asked += [(reverse("goal", args=[code]), {}) for code in Goal.objects.values_list("code", flat=True)]
    codes = Indicator.objects.values_list("code", flat=True)
    return asked + [(reverse(name, args=[code]), {}) for name in ("indicator", "compare-indicator") for code in codes]


def test_no_page_writes() -> None:
    """Who may open everything asks; and somebody without an account, who sees other pages at the same addresses."""
    world = World()
    asked = addresses(world)
    assert len(asked) > 40
    chief = Client()
    chief.force_login(world.users["administrator"])
    with connection.execute_wrapper(refuse):
        for client in (chief, Client()):
            for address, data in asked:
                for language in ("",) if BARE.match(address) else ("", "/en"):
                    with transaction.atomic():
                        answer = client.get(language + address, data)
                    # Where there is nothing to show, pages say so with 302 or 4xx; what counts is that none wrote.
                    assert answer.status_code < 500, address


def test_the_guard_itself_refuses_a_write() -> None:
    with connection.execute_wrapper(refuse), pytest.raises(WroteError):
        JobRun.objects.create(kind="recompute", key="recompute")
