"""Sign-in through SAML: an identity provider that signs real responses, and what a false one would try."""

import base64
import re
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from indicators.models import SignIn
from scorecard import operations
from scorecard.single_sign_on import ATTRIBUTES

pytestmark = pytest.mark.django_db
ADDRESS, ENTITY = "stina@example.org", "https://idp.example.org/metadata"
HOST = "scorecard.example.org"
ACS, AUDIENCE = f"https://{HOST}/sso/saml/acs/", f"https://{HOST}/sso/saml/metadata/"
EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"


@dataclass(frozen=True)
class Signer:
    """A key with its certificate, as PEM."""

    key: str
    certificate: str


def new_signer() -> Signer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Signer(pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode())


SIGNER, STRANGER = new_signer(), new_signer()


@dataclass(frozen=True)
class Statement:
    """What the identity provider says; a test replaces what it lies about."""

    request: str
    email: str = ADDRESS
    audience: str = AUDIENCE
    recipient: str = ACS
    issuer: str = ENTITY
    since: timedelta = timedelta(minutes=-1)
    until: timedelta = timedelta(minutes=5)
    signer: Signer | None = SIGNER
    id: str = field(default_factory=OneLogin_Saml2_Utils.generate_unique_id)

    def signed(self) -> str:
        """A response with a signed assertion, as it is posted."""
        now = datetime.now(UTC)
        at = {name: (now + delta).strftime("%Y-%m-%dT%H:%M:%SZ") for name, delta in
              (("now", timedelta()), ("since", self.since), ("until", self.until))}  # fmt: skip
        assertion = f"""<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 ID="{self.id}" Version="2.0" IssueInstant="{at["now"]}"><saml:Issuer>{self.issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">person-1</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{at["until"]}" Recipient="{self.recipient}" InResponseTo="{self.request}"/></saml:SubjectConfirmation>
</saml:Subject><saml:Conditions NotBefore="{at["since"]}" NotOnOrAfter="{at["until"]}"><saml:AudienceRestriction>
<saml:Audience>{self.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{at["now"]}" SessionIndex="s1"><saml:AuthnContext><saml:AuthnContextClassRef>
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="{EMAIL}"><saml:AttributeValue xsi:type="xs:string">{self.email}
</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>""".replace(
            "\n</saml:Attr", "</saml:Attr"
        )
        if self.signer is not None:
            assertion = OneLogin_Saml2_Utils.add_sign(assertion, self.signer.key, self.signer.certificate).decode()
        assertion = assertion.removeprefix('<?xml version="1.0"?>').strip()
        response = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_{self.id}" Version="2.0"
 IssueInstant="{at["now"]}" Destination="{self.recipient}" InResponseTo="{self.request}"><saml:Issuer
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{self.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode
 Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}</samlp:Response>"""
        return base64.b64encode(response.encode()).decode()


@pytest.fixture(autouse=True)
def provider(settings: Any) -> None:
    """As `scorecard.single_sign_on` makes it of the environment."""
    settings.ALLOWED_HOSTS = [HOST]
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [{
        "client_id": "saml", "name": "Kommunens inloggning",
        "settings": {
            "idp": {"entity_id": ENTITY, "sso_url": "https://idp.example.org/sso", "x509cert": SIGNER.certificate},
            "attribute_mapping": ATTRIBUTES,
            "verified_email": ["example.org"],
            "advanced": {"strict": True, "want_assertion_signed": True, "reject_idp_initiated_sso": True},
        },
    }]}}  # fmt: skip


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": HOST})


def account() -> Any:
    return operations.create_account(
        email=ADDRESS, first_name="Stina", last_name="Strateg", language="sv", roles={("strategist", None)}, by=None
    )


def asked(browser: Client) -> Statement:
    """Press the button; a true statement in answer to what the identity provider was asked."""
    answer = browser.post("/sso/saml/start/", secure=True)
    found = re.search(r"SAMLRequest=([^&\"]*)", answer.content.decode())
    assert found, answer.content.decode()[:500]
    from urllib.parse import unquote

    request = zlib.decompress(base64.b64decode(unquote(found[1])), -15).decode()
    number = re.search(r'ID="([^"]*)"', request)
    assert number
    return Statement(request=number[1])


def hand_in(browser: Client, response: str) -> HttpResponse:
    """Post the response as the person's browser does, and follow it to the end."""
    return browser.post("/sso/saml/acs/", {"SAMLResponse": response}, secure=True, follow=True)  # type: ignore[return-value]


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_who_has_an_account_gets_in(browser: Client) -> None:
    user = account()
    hand_in(browser, asked(browser).signed())
    assert browser.session["_auth_user_id"] == str(user.pk)
    assert SignIn.objects.get().method == "single sign-on"


def test_who_has_none_is_told_whom_to_ask(browser: Client) -> None:
    answer = hand_in(browser, asked(browser).signed())
    assert answer.status_code == 403
    assert ADDRESS in answer.content.decode()
    assert not get_user_model().objects.exists()


def test_an_address_of_a_domain_that_is_not_trusted_is_not_enough(browser: Client) -> None:
    user = account()
    operations.change_account(
        user_id=user.pk, email="stina@elsewhere.example", first_name="S", last_name="S", language="sv",
        roles={("administrator", None)}, by=None,
    )  # fmt: skip
    hand_in(browser, replace(asked(browser), email="stina@elsewhere.example").signed())
    assert not is_in(browser)


LIES = {
    "for another audience": {"audience": "https://somebody.else/metadata"},
    "for another recipient": {"recipient": "https://somebody.else/acs/"},
    "of another provider": {"issuer": "https://evil.example"},
    "expired": {"since": timedelta(hours=-2), "until": timedelta(hours=-1)},
    "not valid yet": {"since": timedelta(hours=1), "until": timedelta(hours=2)},
    "signed by a stranger": {"signer": STRANGER},
    "not signed": {"signer": None},
    "in answer to another request": {"request": "ONELOGIN_another"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_false_response_is_refused(browser: Client, lie: str) -> None:
    account()
    answer = hand_in(browser, replace(asked(browser), **LIES[lie]).signed())  # type: ignore[arg-type]
    assert answer.status_code in (200, 401, 403)
    assert not is_in(browser)


def test_a_changed_response_is_refused(browser: Client) -> None:
    account()
    true = base64.b64decode(asked(browser).signed())
    false = true.replace(b"stina@example.org", b"admin@example.org")
    assert false != true
    hand_in(browser, base64.b64encode(false).decode())
    assert not is_in(browser)


def test_the_same_response_twice_is_refused(browser: Client) -> None:
    account()
    response = asked(browser).signed()
    hand_in(browser, response)
    assert is_in(browser)
    browser.logout()
    hand_in(browser, response)
    assert not is_in(browser)
    stranger = Client(headers={"host": HOST})
    hand_in(stranger, response)
    assert not is_in(stranger)


@pytest.mark.parametrize("nonsense", ["", "no base64 at all", base64.b64encode(b"<html>").decode()])
def test_nonsense_is_refused_without_an_error_of_ours(browser: Client, nonsense: str) -> None:
    account()
    asked(browser)
    assert hand_in(browser, nonsense).status_code < 500
    assert not is_in(browser)


def test_the_metadata_names_our_addresses_in_every_language(browser: Client) -> None:
    answer = browser.get("/sso/saml/metadata/", secure=True)
    assert answer.status_code == 200
    assert ACS in answer.content.decode()
    assert AUDIENCE in answer.content.decode()
    assert reverse("saml_acs", args=["saml"]) == "/sso/saml/acs/"
