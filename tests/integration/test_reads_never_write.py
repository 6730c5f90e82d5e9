"""Law 2: a read never writes. Every page is asked for while the database refuses everything but reading."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from indicators.models import Indicator, JobRun
from scorecard.models import Goal
from tests.integration import indicator_world

pytestmark = pytest.mark.django_db
WRITING = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|CREATE|ALTER|DROP)\b", re.IGNORECASE)
# Leaving ends the session, and takes a POST; starting jobs does too, which test_jobs_page tries.
POSTED = {"logout", "jobs-recompute", "jobs-import", "job-retry"}


class WroteError(AssertionError):
    """A page wrote to the database."""


def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if WRITING.match(sql):
        raise WroteError(sql[:200])
    return execute(sql, params, many, context)


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


def addresses() -> list[str]:
    """An address for every named URL, and those of every indicator and goal."""
    indicators, goals = Indicator.objects.values_list("code", flat=True), Goal.objects.values_list("code", flat=True)
    job = JobRun.objects.values_list("id", flat=True).first()
    found = []
    for pattern in patterns(get_resolver().url_patterns):
        wanted = set(pattern.pattern.converters)
        if pattern.name in POSTED:
            continue
        if not wanted:
            found.append(reverse(str(pattern.name)))
        elif wanted == {"job_id"}:
            found.append(reverse(str(pattern.name), kwargs={"job_id": job}))
        else:
            codes = goals if pattern.name == "goal" else indicators
            found += [reverse(str(pattern.name), kwargs={"code": code}) for code in codes]
    return found


def test_no_page_writes() -> None:
    indicator_world.build()
    client = Client()
    client.force_login(User.objects.create_superuser("chief"))
    JobRun.objects.create(kind="recompute", key="recompute", state="failed")
    asked = addresses()
    assert len(asked) > 20
    with connection.execute_wrapper(refuse):
        for address in asked:
            for language in ("", "/en"):
                answer = client.get(address if address == "/healthz" else language + address)
                # Pages of indicators without peers or values say so with 404 or 302; what counts is that none wrote.
                assert answer.status_code in (200, 302, 404), address


def test_the_guard_itself_refuses_a_write() -> None:
    with connection.execute_wrapper(refuse), pytest.raises(WroteError):
        JobRun.objects.create(kind="recompute", key="recompute")
