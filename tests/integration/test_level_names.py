"""What a municipality calls the levels of its chain shows wherever the levels stand."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from indicators import operations as indicator_operations
from indicators.permissions import RoleName
from scorecard.models import LevelName
from tests.integration import council_world

pytestmark = pytest.mark.django_db
NAMES = "/en/steer/governance/names/"
FOCUS = {
    "issue_singular_sv": "Fokusområde", "issue_plural_sv": "Fokusområden", "issue_singular_en": "Focus area",
    "issue_plural_en": "Focus areas", "directive_singular_sv": "Uppdrag", "directive_plural_sv": "Uppdrag",
}  # fmt: skip


@pytest.fixture
def strategist(client: Client) -> User:
    council_world.build()
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return user


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    found = re.sub(r"<(head|script|svg).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(found).split())


def test_own_names_show_in_both_languages(client: Client, strategist: User) -> None:
    assert "Strategic issue Lärande" in words(client, "/en/")
    assert client.post(NAMES, FOCUS).status_code == 302
    assert "Focus area Lärande (en)" in words(client, "/en/")
    assert "Fokusområde Lärande" in words(client, "/")
    assert "Focus area Service (en)" in words(client, "/en/steer/governance/")
    assert "Uppdrag från fullmäktige" in words(client, "/goal/one/")
    assert "Uppdrag from the council" in words(client, "/en/goal/one/"), "Swedish where the English is empty"
    assert 'value="Fokusområde"' in client.get(NAMES).content.decode()


def test_emptied_names_are_the_ordinary_ones_again(client: Client, strategist: User) -> None:
    client.post(NAMES, FOCUS)
    client.post(NAMES, {})
    assert not LevelName.objects.exists()
    assert "Strategic issue Lärande" in words(client, "/en/")


def test_half_a_name_is_asked_for(client: Client, strategist: User) -> None:
    answer = client.post(NAMES, {"goal_singular_sv": "Målområde"})
    assert answer.status_code == 200
    assert "Write both Swedish names" in answer.content.decode()
    assert not LevelName.objects.exists()
