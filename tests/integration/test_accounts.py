"""Accounts and roles: made, invited, changed, closed; the last administrator stays."""

import re
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse

from indicators.models import Contact, Department
from scorecard import operations
from scorecard.operations.accounts import AccountError
from scorecard.queries import accounts as queries
from tests.integration import small_world

pytestmark = pytest.mark.django_db
FORM = {"first_name": "Rut", "last_name": "Rapportör", "email": "rut@example.org", "language": "sv"}


def account(role: str = "administrator", email: str = "chief@example.org") -> Any:
    return operations.create_account(
        email=email, first_name="Anna", last_name="Administratör", language="sv", roles={(role, None)}, by=None
    )


@pytest.fixture
def chief(client: Client) -> Any:
    user = account()
    client.force_login(user)
    return user


def office() -> Department:
    small_world.define()
    return Department.objects.get()


def made(client: Client, **more: Any) -> Any:
    client.post(reverse("account-new"), FORM | more)
    return get_user_model().objects.get(email=FORM["email"])


class TestNew:
    def test_an_account_with_roles_gets_its_invitation(self, client: Client, chief: Any) -> None:
        department = office()
        user = made(client, reporter=[department.pk], everywhere=["council"])
        roles = set(user.roles.values_list("name", "department_id", "granted_by"))
        assert roles == {("reporter", department.pk, chief.pk), ("council", None, chief.pk)}
        assert not user.has_usable_password()
        assert [letter.to for letter in mail.outbox] == [["rut@example.org"]]
        assert "Du har fått ett konto" in mail.outbox[0].subject

    def test_the_invitation_works_once(self, client: Client, chief: Any) -> None:
        made(client)
        found = re.search(r"http://testserver(/password/new/\S+)", str(mail.outbox[0].body))
        assert found
        invited = Client()
        form = invited.get(found[1], follow=True).redirect_chain[-1][0]
        invited.post(form, {"password1": "fyra lugna ord i rad", "password2": "fyra lugna ord i rad"})
        invited.post(reverse("login"), {"login": "rut@example.org", "password": "fyra lugna ord i rad"})
        assert invited.get(reverse("account")).status_code == 200
        assert "fungerar inte längre" in Client().get(found[1], follow=True).content.decode()

    def test_the_letter_is_in_the_persons_language(self, client: Client, chief: Any) -> None:
        made(client, language="en")
        assert "/en/password/new/" in str(mail.outbox[0].body)
        assert mail.outbox[0].subject.startswith("You have an account")

    @pytest.mark.parametrize("address", ["chief@example.org", "CHIEF@example.org"])
    def test_an_address_is_taken_once(self, client: Client, chief: Any, address: str) -> None:
        answer = client.post(reverse("account-new"), FORM | {"email": address})
        assert "redan ett konto" in answer.content.decode()
        assert get_user_model().objects.count() == 1

    @pytest.mark.parametrize("bad", [{"email": "inte en adress"}, {"everywhere": ["king"]}, {"reporter": ["99999"]}])
    def test_nonsense_stores_nothing(self, client: Client, chief: Any, bad: dict[str, Any]) -> None:
        assert client.post(reverse("account-new"), FORM | bad).status_code == 200
        assert get_user_model().objects.count() == 1
        assert mail.outbox == []

    def test_a_letter_that_cannot_be_sent_is_told(self, client: Client, chief: Any, settings: Any) -> None:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
            "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9,
        )  # fmt: skip
        page = client.post(reverse("account-new"), FORM, follow=True).content.decode()
        assert "kunde inte skickas" in page
        assert get_user_model().objects.filter(email=FORM["email"]).exists()


class TestEdit:
    def test_roles_are_given_and_taken_and_logged_with_who(self, client: Client, chief: Any) -> None:
        department = office()
        user = made(client, reporter=[department.pk])
        client.post(reverse("account-edit", args=[user.pk]), FORM | {"approver": [department.pk]})
        assert list(user.roles.values_list("name", "department_id")) == [("approver", department.pk)]
        changes = LogEntry.objects.filter(content_type__model="role", actor=chief).order_by("id")
        told = [(entry.action, entry.changes["name"]) for entry in changes]
        assert told == [(0, ["None", "reporter"]), (2, ["reporter", "None"]), (0, ["None", "approver"])]

    def test_the_form_shows_what_is(self, client: Client, chief: Any) -> None:
        department = office()
        user = made(client, reporter=[department.pk], everywhere=["council"])
        page = client.get(reverse("account-edit", args=[user.pk])).content.decode()
        assert len(re.findall(r"<input[^>]*checked", page)) == 2

    def test_an_account_that_is_not_there_is_404(self, client: Client, chief: Any) -> None:
        assert client.get(reverse("account-edit", args=[99999])).status_code == 404

    def test_a_lost_second_factor_is_taken_off(self, client: Client, chief: Any) -> None:
        from allauth.mfa.models import Authenticator

        user = made(client)
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
        client.post(reverse("account-factors-remove", args=[user.pk]))
        assert not Authenticator.objects.exists()
        assert LogEntry.objects.filter(content_type__model="authenticator", action=2, actor=chief).count() == 1


class TestTheLastAdministrator:
    def test_keeps_the_role(self, client: Client, chief: Any) -> None:
        answer = client.post(reverse("account-edit", args=[chief.pk]), FORM | {"email": chief.email})
        assert "sista administratören" in answer.content.decode()
        assert chief.roles.filter(name="administrator").exists()

    def test_is_not_closed(self, client: Client, chief: Any) -> None:
        page = client.post(reverse("account-close", args=[chief.pk]), follow=True).content.decode()
        assert "sista administratören" in page
        chief.refresh_from_db()
        assert chief.is_active

    def test_a_closed_administrator_does_not_count(self, chief: Any) -> None:
        other = account(email="second@example.org")
        operations.close_account(user_id=other.pk, by=None)
        with pytest.raises(AccountError):
            operations.close_account(user_id=chief.pk, by=None)

    def test_of_two_one_may_go(self, client: Client, chief: Any) -> None:
        other = account(email="second@example.org")
        client.post(reverse("account-close", args=[other.pk]))
        other.refresh_from_db()
        assert not other.is_active
        client.post(reverse("account-open", args=[other.pk]))
        other.refresh_from_db()
        assert other.is_active


class TestOwn:
    def test_name_language_and_reminders(self, client: Client) -> None:
        user = account("council")
        client.force_login(user)
        client.post(reverse("account"), {"first_name": "Lena", "last_name": "Ledamot", "language": "en"})
        user.refresh_from_db()
        assert user.get_full_name() == "Lena Ledamot"
        kept = Contact.objects.get(user=user)
        assert (kept.language, kept.reminders) == ("en", False)

    def test_nobody_gives_themselves_a_role(self, client: Client) -> None:
        user = account("council")
        client.force_login(user)
        client.post(
            reverse("account"), {"first_name": "L", "last_name": "L", "language": "sv", "everywhere": ["administrator"]}
        )
        assert list(user.roles.values_list("name", flat=True)) == ["council"]


def test_the_list_takes_the_same_queries_for_three_and_for_thirty(
    client: Client, chief: Any, django_assert_num_queries: Any
) -> None:
    for number in range(30):
        account("council", f"member-{number}@example.org")
    with django_assert_num_queries(2):
        assert len(queries.accounts()) == 31


@pytest.mark.parametrize(("asked", "number"), [({"q": "anna"}, 2), ({"role": "council"}, 1), ({"state": "closed"}, 0)])
def test_the_list_is_filtered(client: Client, chief: Any, asked: dict[str, str], number: int) -> None:
    account("council", "member@example.org")
    assert len(client.get(reverse("accounts"), asked).context["page"].lines) == number
