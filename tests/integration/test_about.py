"""About the figures, the accessibility statement, logging in and out, and the health check."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.integration import council_world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("page", ["about", "accessibility", "login"])
def test_pages_are_there_in_both_languages(client: Client, prefix: str, page: str) -> None:
    council_world.build()
    response = client.get(f"{prefix}/{page}/")
    assert response.status_code == 200
    assert f'<html lang="{"en" if prefix else "sv"}">' in response.content.decode()
    assert re.search(r'<a class="brand" href="[^"]*">Exempelby ', response.content.decode())


@override_settings(GOAL_MET_SHARE=0.9)
def test_about_says_the_rules_that_are_in_force(client: Client) -> None:
    council_world.build()
    page = client.get("/en/about/").content.decode()
    assert "The goal is met at 90% or more, partly met at 50% or more" in page
    assert "There are 8 indicators. 8 of them measure effect" in page
    assert "7 have a target" in page
    assert "at least 5 municipalities" in page


def test_about_asks_few_queries(client: Client) -> None:
    council_world.build()
    with CaptureQueriesContext(connection) as seen:
        client.get("/about/")
    assert len(seen) == 3


def test_logging_in_and_out(client: Client) -> None:
    council_world.build()
    User.objects.create_user("anna@example.org", "anna@example.org", "a long password")
    refused = client.post("/en/login/", {"login": "anna@example.org", "password": "wrong"})
    assert "You are not logged in." in refused.content.decode()
    accepted = client.post(
        "/en/login/", {"login": "anna@example.org", "password": "a long password", "next": "/en/goal/one/"}
    )
    assert (accepted.status_code, accepted["Location"]) == (302, "/en/goal/one/")
    assert "Log out" in client.get("/en/").content.decode()
    assert "Log out" in client.get("/en/logout/").content.decode()  # asks; a GET changes nothing
    assert "Log out" in client.get("/en/").content.decode()
    assert client.post("/en/logout/").status_code == 302
    assert "Log out" not in client.get("/en/").content.decode()


def test_logging_in_leads_to_no_other_site(client: Client) -> None:
    User.objects.create_user("anna@example.org", "anna@example.org", "a long password")
    answer = client.post(
        "/en/login/", {"login": "anna@example.org", "password": "a long password", "next": "https://evil.test/"}
    )
    assert answer["Location"] == "/en/"


def test_health_is_one_query(client: Client) -> None:
    with CaptureQueriesContext(connection) as seen:
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert len(seen) == 1
    assert client.get("/en/healthz").status_code == 404
