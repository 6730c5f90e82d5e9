"""Who may open what: every address of the project as every role, by the table in tests/access."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from indicators.models import SignIn
from tests.access import ROLES, Row
from tests.access.world import PASSWORD, World, rows

pytestmark = pytest.mark.django_db


def patterns(found: list[Any]) -> Iterator[URLPattern]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


def names() -> list[str]:
    return [str(pattern.name) for pattern in patterns(get_resolver().url_patterns)]


def test_every_address_has_a_row() -> None:
    """An address without a name has none either: nobody could say who may open it."""
    assert sorted(set(names()) - {row.name for row in rows()}) == []


def test_every_row_has_an_address() -> None:
    assert sorted({row.name for row in rows()} - set(names())) == []


def called(value: Any, world: World) -> Any:
    return value(world) if callable(value) else value


def ask(client: Client, row: Row, world: World) -> HttpResponse:
    address = reverse(row.name, args=[called(arg, world) for arg in row.args])
    data = {key: called(value, world) for key, value in row.data.items()}
    answer: HttpResponse = getattr(client, row.method)(address, data)  # type: ignore[assignment]
    return answer


def sent_to_log_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].split("?")[0] in (reverse("login"), "/en/login/")


def fault(row: Row, role: str, answer: HttpResponse) -> str | None:
    """What is wrong with the answer; None: it is as the table says."""
    status = answer.status_code
    if status >= 500:
        return f"{status}"
    if role in row.allowed:
        return f"{status}, but is allowed" if sent_to_log_in(answer) or status in (401, 403, 404) else None
    if role == "public" and sent_to_log_in(answer):
        return None
    if role == "public" and row.refused not in (401, 404):
        return f"{status}, but should be sent to the log-in"
    return None if status == row.refused else f"{status}, but should be {row.refused}"


@override_settings(ACCOUNT_RATE_LIMITS=False)
def test_the_table() -> None:
    """Every row as every role, each undone before the next; all faults are told at once."""
    world, faults = World(), []
    for row in rows():
        try:
            [called(arg, world) for arg in row.args]  # made outside what is undone
            [called(value, world) for value in row.data.values()]
        except Exception as error:  # noqa: BLE001 (told with the other faults)
            faults.append(f"{row.method} {row.name}: {error!r}")
            continue
        for role in ROLES:
            with transaction.atomic():
                client = Client(raise_request_exception=False)
                if role != "public":
                    client.force_login(world.users[role])
                found = fault(row, role, ask(client, row, world))
                transaction.set_rollback(True)
            if found:
                faults.append(f"{row.method} {row.name} as {role}: {found}")
    assert not faults, "\n" + "\n".join(faults)


def test_the_table_notices_a_door_left_open() -> None:
    """The test of the test: a page that everybody sees, said to be for administrators alone."""
    world = World()
    row = Row("about", frozenset({"administrator"}))
    assert fault(row, "public", ask(Client(), row, world)) is not None


def test_who_has_no_account_signs_in_and_who_has_one_is_logged() -> None:
    world = World()
    client = Client()
    client.post(reverse("login"), {"login": world.somebody.email, "password": PASSWORD})
    assert client.get(reverse("account")).status_code == 200
    assert SignIn.objects.get().outcome == "succeeded"
