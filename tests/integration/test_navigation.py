"""Which item of the navigation a page hangs on, and what the strategists' hub leads to."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation

from indicators import operations
from indicators.permissions import RoleName
from scorecard.context import SECTIONS, section
from tests.integration import council_world

pytestmark = pytest.mark.django_db
HUB = re.compile(r'<a href="(/en/[^"]*)"')


@pytest.fixture
def world() -> None:
    council_world.build(values=False)


def signed_in(role: RoleName) -> Client:
    user = User.objects.create_user(role, f"{role}@example.org", "a long password")
    operations.grant_role(user=user, name=role, by=None)
    client = Client()
    client.force_login(user)
    return client


def marked(client: Client, address: str) -> list[tuple[str, str]]:
    """The items of the navigation that are marked, and as what."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    head = answer.content.decode().partition("<main")[0]
    return re.findall(r'<a href="([^"]*)" aria-current="(\w+)"', head)


def content(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]


def test_every_name_of_a_section_begins_an_address() -> None:
    known = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    for names in SECTIONS.values():
        for name in names:
            assert any(url == name or url.startswith(f"{name}-") for url in known), name


def test_a_page_of_its_own_is_its_own_section() -> None:
    assert section("overview") == "overview"
    assert section("account") == "account", "one's own account is no part of steering"
    assert section("account-edit") == "steer"


def test_the_item_is_the_page_itself_or_what_the_page_hangs_on(world: None) -> None:
    client = signed_in(RoleName.STRATEGIST)
    assert marked(client, "/en/steer/") == [("/en/steer/", "page")]
    assert marked(client, "/en/prioritisations/new/") == [("/en/prioritisations/", "true")]
    assert marked(client, "/en/") == [("/en/", "page")]


def test_every_page_of_the_hub_leads_back_to_it(world: None) -> None:
    client = signed_in(RoleName.ADMINISTRATOR)
    with translation.override("en"):
        items = {reverse(name) for name in ("my-measurements", "review", "prioritisations")}
    pages = set(HUB.findall(content(client, "/en/steer/"))) - items
    assert len(pages) > 8
    for page in pages:
        assert marked(client, page) == [("/en/steer/", "true")], page
        assert 'href="/en/steer/"' in content(client, page), page


def test_the_hub_offers_accounts_to_those_who_may_see_them(world: None) -> None:
    for role, offered in ((RoleName.ADMINISTRATOR, True), (RoleName.STRATEGIST, False)):
        client = signed_in(role)
        assert ('href="/en/accounts/"' in client.get("/en/steer/").content.decode()) is offered
        assert (client.get("/en/accounts/").status_code == 200) is offered
