"""The health of the indicators: signs on the page, goals that hang on one, the file; the beacon that counts looks."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import operations, pipeline
from indicators.models import Indicator, Look
from indicators.operations.looks import MOST_A_DAY
from indicators.permissions import RoleName
from tests.integration import council_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def council(db: None) -> None:
    world.build()


@pytest.fixture
def signed_in(client: Client, council: None) -> Client:
    user = User.objects.create_user("stina")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return client


def html(client: Client, address: str = "/en/health/", status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    return re.sub(r"\s+", " ", response.content.decode())


def rows(client: Client) -> dict[str, dict[str, str]]:
    """The file's rows by code."""
    text = client.get("/en/health/health.csv").content.decode("utf-8-sig")
    return {row["Code"]: row for row in csv.DictReader(io.StringIO(text))}


def measured(values: dict[str, dict[str, float | str]]) -> None:
    world.measure(values)
    pipeline.refresh(list(Indicator.objects.values_list("id", flat=True)), today=timezone.localdate())


def years(count: int, value: Any) -> dict[str, float | str]:
    """`value(n)` of the n-th of the last so many years that have ended."""
    last = timezone.localdate().year - 1
    return {f"{last - count + 1 + n}": value(n) for n in range(count)}


def beacon(client: Client, code: str, origin: str = "http://testserver") -> int:
    return client.post(f"/en/indicator/{code}/look/", headers={"Origin": origin}).status_code


# ── signs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_sign_is_told_with_its_figures(signed_in: Client) -> None:
    measured(
        {
            "hed": years(6, lambda n: 88.0),  # the same every year
            "gus": years(8, lambda n: float(n * n)),
            "ann": years(8, lambda n: 2.0 * n * n + 1),  # as gus
            "ben": years(8, lambda n: float((n * 7) % 5)),
        }
    )
    measured({"ben": {year: 50.0 + n for n, year in enumerate(years(3, lambda n: 0.0))}})  # three of them again
    Look.objects.create(
        indicator=Indicator.objects.get(code="ann"), day=timezone.localdate() - timedelta(days=40), count=3
    )
    found = rows(signed_in)
    assert "times in a row" in found["hed"]["Constant"]
    assert found["ann"]["Constant"] == ""
    assert found["ann"]["Like another"] == "Moves with “Mått gus (en)” (correlation 1.00 over 8 years)"
    assert "Mått ann" in found["gus"]["Like another"]
    assert found["ben"]["Often revised"] == "6 of 8 values were changed afterwards"  # three of them in build()
    assert found["dan"]["Late"].startswith("Late: ")
    assert found["ann"]["Late"] == ""
    assert found["hed"]["In no goal"] == "Shows no goal"
    assert found["ann"]["In no goal"] == ""
    assert found["ben"]["Never looked at"] == "Nobody has opened its page in 40 days"
    assert found["ann"]["Never looked at"] == ""
    assert found["ann"]["Looks in a year"] == "3"
    assert found["hed"]["Advice"] == "Consider retiring it"


def test_a_goal_that_would_stand_otherwise_without_an_indicator(signed_in: Client) -> None:
    """In 2022 goal three is not met by eva alone (0 against 80), since fia is confidential; goal one is met by both."""
    found = rows(signed_in)
    assert found["eva"]["Goals whose status would change without it"] == "Mål three (en)"
    assert found["ann"]["Goals whose status would change without it"] == ""
    assert found["eva"]["Advice"] == "Mend it"  # late since, and a goal hangs on it
    page = html(signed_in, "/en/health/?kind=decides")
    assert "Not met; without it: Cannot be assessed" in page
    assert "Mått ann" not in page


def test_lists_of_one_sign_and_their_order(signed_in: Client) -> None:
    Look.objects.create(indicator=Indicator.objects.get(code="ben"), day=timezone.localdate(), count=4)
    page = html(signed_in, "/en/health/?kind=no_goal")
    assert "Mått hed (en)" in page
    assert "Mått ben (en)" not in page
    assert "None is like that" in html(signed_in, "/en/health/?kind=constant")
    names = re.compile(r'<th scope="row"[^>]*><a [^>]*>Mått (\w+)')
    by_name = names.findall(html(signed_in, "/en/health/?sort=name"))
    assert by_name == sorted(by_name)
    assert len(by_name) == 8
    assert names.findall(html(signed_in, "/en/health/?sort=name&order=reverse")) == by_name[::-1]
    assert names.findall(html(signed_in, "/en/health/?sort=looks"))[-1] == "ben"
    assert 'aria-sort="descending"' in html(signed_in, "/en/health/?sort=name&order=reverse")
    for wrong in ("?kind=x", "?sort=x"):
        assert "There is no such list" in html(signed_in, f"/en/health/{wrong}", 404)


def test_no_indicator_at_all(client: Client) -> None:
    user = User.objects.create_superuser("eva")
    client.force_login(user)
    assert "None is like that" in html(client)


def test_the_same_number_of_queries_whatever_the_size(signed_in: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            html(signed_in)
        return len(caught)

    html(signed_in)
    few = asked()
    world.add_shipped()
    assert asked() == few


def test_strategists_alone(client: Client, council: None) -> None:
    assert client.get("/en/health/").status_code == 302
    client.force_login(User.objects.create_user("bo"))
    assert "Ask an administrator" in html(client, status=403)
    assert client.get("/en/health/health.csv").status_code == 403


# ── looks ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_look_is_counted_and_nothing_else_is_kept(client: Client, council: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/en/indicator/ann/look/", headers={"Origin": "http://testserver"})
    assert response.status_code == 204
    assert response.content == b""
    assert not response.cookies
    assert not strict.cookies
    assert beacon(client, "ann") == 204
    row = Look.objects.get()
    assert (row.indicator.code, row.day, row.count) == ("ann", timezone.localdate(), 2)
    assert {field.name for field in Look._meta.get_fields()} == {"id", "indicator", "day", "count"}


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://elsewhere.example.org", 403), ("null", 403), ("http://testserver.example.org", 403), ("", 400)],
)
def test_looks_come_from_our_own_pages(client: Client, council: None, origin: str, status: int) -> None:
    assert beacon(client, "ann", origin) == status
    assert not Look.objects.exists()


def test_unknown_codes_other_methods_and_the_most_that_is_counted(client: Client, council: None) -> None:
    assert beacon(client, "nobody") == 404
    assert client.get("/en/indicator/ann/look/").status_code == 405
    assert not Look.objects.exists()
    beacon(client, "ann")
    Look.objects.update(count=MOST_A_DAY)
    assert beacon(client, "ann") == 204
    assert Look.objects.get().count == MOST_A_DAY


def test_the_page_names_its_beacon(client: Client, council: None) -> None:
    page = html(client, "/en/indicator/ann/")
    assert '<meta name="look" content="/en/indicator/ann/look/">' in page
    assert "js/look.js" in page
    assert not Look.objects.exists()
