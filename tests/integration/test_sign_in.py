"""Signing in with e-mail and password, forgotten passwords, the second factor, sessions that end, and their log."""

import re
import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from indicators.models import Department, SignIn
from scorecard import middleware, operations
from tests.integration import small_world

pytestmark = pytest.mark.django_db
PASSWORD, ADDRESS = "fyra lugna ord i rad", "stina@example.org"


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    cache.clear()


def account(role: str = "strategist", email: str = ADDRESS, *, of: int | None = None) -> Any:
    return operations.create_account(
        email=email, first_name="Stina", last_name="Strateg", language="sv", roles={(role, of)}, password=PASSWORD,
        by=None,
    )  # fmt: skip


def log_in(client: Client, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(reverse("login"), {"login": ADDRESS, "password": password, **more})


def confirm(client: Client) -> None:
    """What concerns the safety of an account asks for the password once more."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def lines() -> list[tuple[str, str, str]]:
    return list(SignIn.objects.order_by("id").values_list("account", "outcome", "method"))


class TestPassword:
    @pytest.mark.parametrize("written", [ADDRESS, "STINA@Example.org", f"  {ADDRESS} "])
    def test_the_right_one_lets_in_and_is_logged(self, client: Client, written: str) -> None:
        account()
        client.post(reverse("login"), {"login": written, "password": PASSWORD})
        assert is_in(client)
        assert lines() == [(ADDRESS, "succeeded", "password")]

    def test_is_kept_as_argon2(self) -> None:
        assert account().password.startswith("argon2$argon2id$")

    def test_the_wrong_one_does_not_and_is_logged_without_it(self, client: Client) -> None:
        account()
        answer = log_in(client, "fel lösenord helt och hållet")
        assert answer.status_code == 200
        assert "lösenordet är fel" in answer.content.decode()
        assert not is_in(client)
        assert lines() == [(ADDRESS, "failed", "password")]

    def test_what_was_written_for_an_unknown_account_is_not_kept(self, client: Client) -> None:
        """People write their password in the wrong field."""
        client.post(reverse("login"), {"login": "nobody@example.org", "password": "x"})
        assert lines() == []

    def test_an_unknown_address_is_answered_as_a_known_one(self, client: Client) -> None:
        account()
        known = log_in(client, "fel").content.decode()
        unknown = client.post(reverse("login"), {"login": "nobody@example.org", "password": "fel"}).content.decode()
        notice = re.compile(r'class="notice notice--error".*?</div>', re.DOTALL)
        assert notice.search(known)[0] == notice.search(unknown)[0]  # type: ignore[index]

    def test_a_sixth_try_is_refused_even_with_the_right_one(self, client: Client) -> None:
        account()
        for _n in range(5):
            log_in(client, "fel")
        answer = log_in(Client())  # another browser is no way round
        assert "För många försök" in answer.content.decode()
        assert not is_in(client)

    def test_a_closed_account_stays_out(self, client: Client) -> None:
        account("administrator", "chief@example.org")
        operations.close_account(user_id=account().pk, by=None)
        log_in(client)
        assert not is_in(client)

    def test_a_session_of_a_closed_account_is_over_at_once(self, client: Client) -> None:
        account("administrator", "chief@example.org")
        user = account()
        log_in(client)
        operations.close_account(user_id=user.pk, by=None)
        assert client.get(reverse("account")).status_code == 302

    def test_nobody_makes_an_account(self, client: Client) -> None:
        assert client.get("/signup/").status_code == 404
        assert client.post("/accounts/signup/", {"email": ADDRESS, "password1": PASSWORD}).status_code == 404


class TestStart:
    def test_everybody_starts_where_their_work_is(self) -> None:
        small_world.define()
        department = Department.objects.get().pk
        where = {}
        for role, of in (("council", None), ("strategist", None), ("reporter", department), ("approver", department)):
            account(role, f"{role}@example.org", of=of)
            client = Client()
            answer = client.post(reverse("login"), {"login": f"{role}@example.org", "password": PASSWORD})
            where[role] = answer["Location"]
        mine, steer, review = reverse("my-measurements"), reverse("steer"), reverse("review")
        assert where == {"council": reverse("overview"), "strategist": steer, "reporter": mine, "approver": review}

    def test_who_reports_and_approves_starts_with_what_is_to_be_handed_in(self, client: Client) -> None:
        small_world.define()
        place = Department.objects.get().pk
        operations.create_account(
            email=ADDRESS, first_name="Stina", last_name="Strateg", language="sv", password=PASSWORD, by=None,
            roles={("approver", place), ("reporter", place)},
        )  # fmt: skip
        assert log_in(client)["Location"] == reverse("my-measurements")

    def test_or_where_they_wanted_to_go(self, client: Client) -> None:
        account()
        assert log_in(client, next="/jobs/")["Location"] == "/jobs/"

    def test_but_never_elsewhere(self, client: Client) -> None:
        account()
        assert log_in(client, next="https://evil.example/")["Location"] == reverse("steer")

    def test_signing_out_is_posted_and_logged(self, client: Client) -> None:
        account()
        log_in(client)
        client.get(reverse("logout"))
        assert is_in(client)
        client.post(reverse("logout"))
        assert not is_in(client)
        assert lines()[-1] == (ADDRESS, "signed_out", "")


class TestForgotten:
    def link(self) -> str:
        found = re.search(r"https?://testserver(/password/new/\S+)", str(mail.outbox[-1].body))
        assert found, mail.outbox[-1].body
        return found[1]

    def choose(self, client: Client, link: str, password: str) -> Any:
        form = client.get(link, follow=True)
        return client.post(form.redirect_chain[-1][0], {"password1": password, "password2": password})

    def test_a_link_by_letter_works_once(self, client: Client) -> None:
        account()
        client.post(reverse("account_reset_password"), {"email": ADDRESS})
        assert [letter.to for letter in mail.outbox] == [[ADDRESS]]
        link, new = self.link(), "helt andra ord i raden"
        self.choose(client, link, new)
        log_in(client, new)
        assert is_in(client)
        assert "fungerar inte längre" in Client().get(link, follow=True).content.decode()

    def test_an_unknown_address_gets_no_letter_and_the_same_page(self, client: Client) -> None:
        answer = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
        assert answer["Location"] == reverse("account_reset_password_done")
        assert mail.outbox == []

    def test_a_short_or_common_one_is_refused(self, client: Client) -> None:
        user = account()
        client.post(reverse("account_reset_password"), {"email": ADDRESS})
        form = client.get(self.link(), follow=True).redirect_chain[-1][0]
        for bad in ("kort", "stina@example.org"):
            assert client.post(form, {"password1": bad, "password2": bad}).status_code == 200
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_the_link_gets_old(self, client: Client, settings: Any) -> None:
        account()
        client.post(reverse("account_reset_password"), {"email": ADDRESS})
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert "fungerar inte längre" in client.get(self.link(), follow=True).content.decode()


class TestSecondFactor:
    def with_app(self, user: Any) -> str:
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(user, secret)
        return secret

    def code(self, secret: str) -> str:
        counter = next(iter(totp.yield_hotp_counters_from_time()))
        return totp.format_hotp_value(totp.hotp_value(secret, counter))

    def test_an_app_is_asked_for_after_the_password(self, client: Client) -> None:
        secret = self.with_app(account())
        answer = log_in(client)
        assert answer["Location"].startswith(reverse("mfa_authenticate"))
        assert not is_in(client)
        assert client.get(reverse("steer")).status_code == 302
        assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
        assert not is_in(client)
        client.post(reverse("mfa_authenticate"), {"code": self.code(secret)})
        assert is_in(client)
        assert lines()[-1] == (ADDRESS, "succeeded", "password + code")

    def test_a_code_works_once(self, client: Client) -> None:
        secret = self.with_app(account())
        code = self.code(secret)
        log_in(client)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(client)
        again = Client()
        log_in(again)
        again.post(reverse("mfa_authenticate"), {"code": code})
        assert not is_in(again)

    def test_the_app_is_added_with_its_code_and_recovery_codes_come_along(self, client: Client) -> None:
        account()
        log_in(client)
        assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
        confirm(client)
        page = client.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        assert secret in page.content.decode()
        answer = client.post(reverse("mfa_activate_totp"), {"code": self.code(secret)})
        assert answer["Location"] == reverse("mfa_view_recovery_codes")
        kinds = set(Authenticator.objects.values_list("type", flat=True))
        assert kinds == {"totp", "recovery_codes"}
        assert len(re.findall(r"<li><code>", client.get(answer["Location"]).content.decode())) == 10

    def test_where_it_is_required_strategists_get_nowhere_without(self, client: Client, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = True
        account()
        log_in(client)
        assert client.get(reverse("jobs"))["Location"] == reverse("second-factor")
        assert client.post(reverse("jobs-recompute"))["Location"] == reverse("second-factor")
        assert "Du behöver en" in client.get(reverse("second-factor")).content.decode()
        confirm(client)
        assert client.get(reverse("mfa_activate_totp")).status_code == 200
        assert client.post(reverse("logout")).status_code == 302

    def test_with_one_they_do_and_departments_never_need_it(self, client: Client, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = True
        secret = self.with_app(account())
        log_in(client)
        client.post(reverse("mfa_authenticate"), {"code": self.code(secret)})
        assert client.get(reverse("jobs")).status_code == 200
        account("council", "ledamot@example.org")
        other = Client()
        other.post(reverse("login"), {"login": "ledamot@example.org", "password": PASSWORD})
        assert other.get(reverse("overview")).status_code == 200

    def test_somebody_elses_passkey_is_not_there(self, client: Client) -> None:
        theirs = Authenticator.objects.create(
            user=account("council", "ledamot@example.org"), type="webauthn", data={"name": "Key"}
        )
        account()
        log_in(client)
        confirm(client)
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            assert client.get(reverse(name, args=[theirs.pk])).status_code == 404
            assert client.post(reverse(name, args=[theirs.pk])).status_code == 404
        assert Authenticator.objects.filter(pk=theirs.pk).exists()

    def test_a_passkey_is_asked_for_by_its_challenge(self, client: Client) -> None:
        account()
        log_in(client)
        confirm(client)
        page = client.get(reverse("mfa_add_webauthn")).content.decode()
        assert '"challenge"' in page
        asked = Client().get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
        assert asked.json()["request_options"]["publicKey"]["challenge"]


class TestSession:
    def test_lives_eight_hours_without_work(self, settings: Any) -> None:
        assert settings.SESSION_COOKIE_AGE == 8 * 3600

    def test_is_renewed_now_and_then_but_not_by_every_page(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account()
        log_in(client)
        client.get(reverse("about"))
        first = client.session.get(middleware.SEEN)
        assert first is not None
        client.get(reverse("about"))
        assert client.session[middleware.SEEN] == first
        later = time.time() + middleware.RENEW_SECONDS + 1
        monkeypatch.setattr(middleware.time, "time", lambda: later)
        answer = client.get(reverse("about"))
        assert client.session[middleware.SEEN] == int(later)
        assert "sessionid" in answer.cookies

    def test_ends_elsewhere_when_asked_and_here_not(self, client: Client) -> None:
        account()
        elsewhere = Client()
        log_in(elsewhere)
        log_in(client)
        client.post(reverse("account-sessions-end"))
        assert client.get(reverse("account")).status_code == 200
        assert elsewhere.get(reverse("account")).status_code == 302

    def test_another_persons_session_is_left_alone(self, client: Client) -> None:
        account("council", "ledamot@example.org")
        other = Client()
        other.post(reverse("login"), {"login": "ledamot@example.org", "password": PASSWORD})
        account()
        log_in(client)
        client.post(reverse("account-sessions-end"))
        assert other.get(reverse("account")).status_code == 200

    def test_a_new_password_ends_the_sessions_of_the_old(self, client: Client) -> None:
        account()
        elsewhere = Client()
        log_in(elsewhere)
        log_in(client)
        new = "helt andra ord i raden"
        client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert get_user_model().objects.get().check_password(new)
        assert elsewhere.get(reverse("account")).status_code == 302

    def test_knows_how_one_came_in(self, client: Client) -> None:
        account()
        log_in(client)
        assert [record["method"] for record in client.session[AUTHENTICATION_METHODS_SESSION_KEY]] == ["password"]
