"""Sign-in through an OpenID Connect provider that really runs, and what a false one would try."""

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from indicators.models import SignIn
from scorecard import operations
from tests.integration import identity_provider
from tests.integration.identity_provider import Provider

pytestmark = pytest.mark.django_db
ADDRESS = "stina@example.org"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    running = Provider()
    running.person = {"email": ADDRESS, "email_verified": True, "given_name": "Stina", "family_name": "Strateg"}
    settings.SOCIALACCOUNT_PROVIDERS = running.settings()
    yield running
    running.close()


def account(email: str = ADDRESS) -> Any:
    return operations.create_account(
        email=email, first_name="Stina", last_name="Strateg", language="sv", roles={("strategist", None)}, by=None
    )


def sent_to(client: Client) -> str:
    """Press the button on the log-in page; the address of the provider that the browser is sent on to."""
    page = client.get(reverse("login")).content.decode()
    action = re.search(r'action="(/sso/oidc/[^"]*)"', page)
    assert action, "no button on the log-in page"
    answer = client.post(action[1].replace("&amp;", "&"))
    assert answer.status_code == 200  # a redirect would be refused by form-action
    found = re.search(r'content="0;url=([^"]*)"', answer.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def back(place: str) -> str:
    """What the provider redirects to once it knows the person."""
    return httpx.get(place, follow_redirects=False, trust_env=False).headers["Location"]


def sign_in(client: Client) -> HttpResponse:
    return client.get(back(sent_to(client)))  # type: ignore[return-value]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_who_has_an_account_gets_in_and_keeps_her_roles(provider: Provider, client: Client) -> None:
    user = account()
    answer = sign_in(client)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get(reverse("login-start"))["Location"] == reverse("steer")
    logged = SignIn.objects.get()
    assert (logged.account, logged.outcome, logged.method) == (ADDRESS, "succeeded", "single sign-on")
    assert sign_in(Client()).status_code == 302  # and the next time, by the provider's own name for her
    assert get_user_model().objects.count() == 1


def test_who_has_no_account_is_told_whom_to_ask(provider: Provider, client: Client) -> None:
    answer = sign_in(client)
    assert answer.status_code == 403
    assert ADDRESS in answer.content.decode()
    assert not is_in(client)
    assert not get_user_model().objects.exists()


def test_accounts_without_roles_are_made_where_that_is_set(provider: Provider, client: Client, settings: Any) -> None:
    settings.SSO_CREATE_ACCOUNTS = True
    assert sign_in(client).status_code == 302
    made = get_user_model().objects.get()
    assert (made.email, made.first_name, made.has_usable_password()) == (ADDRESS, "Stina", False)
    assert not made.roles.exists()
    assert client.get(reverse("steer")).status_code == 403


@pytest.mark.parametrize("verified", [False, None])
def test_an_address_that_nobody_vouches_for_is_not_enough(
    provider: Provider, client: Client, verified: bool | None, settings: Any
) -> None:
    account()
    settings.SSO_CREATE_ACCOUNTS = True
    provider.person = {"email": ADDRESS} | ({} if verified is None else {"email_verified": verified})
    assert sign_in(client).status_code == 403
    assert not is_in(client)


def test_the_domain_of_a_trusted_directory_is(provider: Provider, client: Client, settings: Any) -> None:
    """Entra ID sends no email_verified."""
    account()
    provider.person = {"email": ADDRESS}
    settings.SOCIALACCOUNT_PROVIDERS = provider.settings(verified_email=["example.org"])
    assert sign_in(client).status_code == 302
    assert is_in(client)


def test_a_closed_account_stays_closed(provider: Provider, client: Client) -> None:
    get_user_model().objects.create_superuser("chief")  # who remains
    operations.close_account(user_id=account().pk, by=None)
    sign_in(client)
    assert not is_in(client)


LIES = {
    "another audience": {"aud": "somebody-else"},
    "another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": int(time.time()) - 3600},
    "of another sign-in": {"nonce": "stolen"},
    "without a nonce": {"nonce": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_us_is_refused(provider: Provider, client: Client, lie: str) -> None:
    account()
    provider.change = lambda claims: claims | LIES[lie]
    refused(client)


def test_a_token_signed_with_another_key_is_refused(provider: Provider, client: Client) -> None:
    account()
    provider.key = identity_provider.new_key()
    refused(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_true_signature_is_refused(provider: Provider, client: Client, algorithm: str) -> None:
    account()
    provider.algorithm = algorithm
    refused(client)


def refused(client: Client) -> None:
    answer = sign_in(client)
    assert answer.status_code in (200, 401, 403)
    assert "Du är inte inloggad" in answer.content.decode()
    assert not is_in(client)


def test_the_same_token_twice_is_refused(provider: Provider, client: Client) -> None:
    account()
    provider.change = lambda claims: claims | {"jti": "one"}
    assert sign_in(client).status_code == 302
    again = Client()
    refused(again)


def test_the_same_answer_twice_is_refused(provider: Provider, client: Client) -> None:
    account()
    place = back(sent_to(client))
    client.get(place)
    client.logout()
    client.get(place)
    assert not is_in(client)


def test_an_answer_in_another_browser_is_refused(provider: Provider, client: Client) -> None:
    account()
    place = back(sent_to(client))
    other = Client()
    other.get(place)
    assert not is_in(other)


def test_a_code_without_its_secret_is_refused(provider: Provider, client: Client) -> None:
    """PKCE: whoever has caught the code but not the browser's secret gets no token."""
    account()
    place = back(sent_to(client))
    for asked in provider.codes.values():
        asked["code_challenge"] = "another"
    client.get(place)
    assert provider.refused == ["verifier"]
    assert not is_in(client)


def test_who_changes_their_mind_is_told(provider: Provider, client: Client) -> None:
    state = httpx.URL(sent_to(client)).params["state"]
    address = reverse("openid_connect_callback", args=["oidc"])
    answer = client.get(address, {"error": "access_denied", "state": state}, follow=True)
    assert answer.status_code == 200
    assert reverse("login") in answer.content.decode()
