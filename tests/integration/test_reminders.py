"""Reminders: letters that are right, sent once, tried again, left off; the page; the way out."""

import re
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import operations, tasks
from indicators.compute.input_window import midnight
from indicators.models import Contact, Department, Indicator, Reminder
from indicators.operations.reminders import claim_reminder, unsubscribe_token
from indicators.permissions import RoleName
from indicators.queries import reminders as queries
from tests.integration import council_world as world

pytestmark = pytest.mark.django_db
DUE = date(2026, 1, 30)  # 30 days after 2025


def at(day: date, hour: int = 8) -> datetime:
    return midnight(day) + timedelta(hours=hour)


def person(name: str, **more: Any) -> User:
    return User.objects.create_user(name, f"{name}@example.org", first_name=name.title(), last_name="Ek", **more)


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """2025 is open; Ann's department is the school, whose reporters and head are known."""
    world.build(values=False)
    operations.open_period(
        period="2025", opens_at=midnight(date(2026, 1, 1)), closes_at=midnight(date(2026, 2, 15)), by=None
    )
    world.measure({code: {"2025": 50.0} for code in ("cid", "dan", "eva", "fia", "gus", "hed")})
    found = {name: person(name) for name in ("rut", "bo", "hans", "stina")}
    school = Department.objects.get(code="school")
    for name in ("rut", "bo"):
        operations.grant_role(user=found[name], name=RoleName.REPORTER, department_id=school.pk, by=None)
    operations.grant_role(user=found["stina"], name=RoleName.STRATEGIST, by=None)
    Department.objects.filter(pk=school.pk).update(head=found["hans"])
    Indicator.objects.filter(code="ann").update(responsible=found["rut"])
    return found


def run(day: date) -> dict[str, EmailMessage]:
    """Today's letters by the first name of whom they went to."""
    mail.outbox.clear()
    operations.send_reminders(now=at(day), by=None)
    return {message.to[0].partition("@")[0]: message for message in mail.outbox}


def test_letters_before_on_and_after_the_day(people: dict[str, User]) -> None:
    assert run(DUE - timedelta(days=15)) == {}
    assert set(run(DUE - timedelta(days=14))) == {"rut", "bo"}  # ann is Rut's, ben any reporter's
    assert run(DUE - timedelta(days=13)) == {}
    assert set(run(DUE)) == {"rut", "bo"}
    assert set(run(DUE + timedelta(days=7))) == {"rut", "bo", "hans"}
    letters = run(DUE + timedelta(days=28))
    assert set(letters) == {"rut", "bo", "hans", "stina"}
    assert "Fråga" not in str(letters["stina"].body)  # whom, but herself?
    world.measure({"ann": {"2025": 0.0}, "ben": {"2025": "confidential"}})
    assert run(DUE + timedelta(days=56)) == {}


def test_one_digest_holds_everything(people: dict[str, User], settings: Any) -> None:
    settings.SITE_URL = "https://styrkort.example.org"
    letter = run(DUE + timedelta(days=3))["rut"]
    text = str(letter.body)
    assert letter.subject == "Styrkortet: 2 värden att lämna in, varav 2 försenade"
    assert "Hej Rut Ek!" in text
    assert "FÖRSENADE" in text
    assert "Mått ann" in text
    assert "Mått ben" in text
    assert "skulle ha lämnats in 2026-01-30, för 3 dagar sedan" in text
    assert "Skolförvaltningen, 2025" in text
    assert "https://styrkort.example.org/my-measurements/school/?kind=year" in text
    assert "Fråga Stina Ek (stina@example.org)." in text
    assert "Du får det här mejlet för att du ansvarar för nyckeltalen." in text
    assert "https://styrkort.example.org/reminders/unsubscribe/" in text
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not re.search(r"\n\n\n|<|>|&#", text), text


def test_a_letter_is_in_its_readers_language(people: dict[str, User]) -> None:
    Contact.objects.create(user=people["bo"], language="en")
    letter = run(DUE)["bo"]
    assert letter.subject == "1 value to hand in"
    assert "Hello Bo Ek," in str(letter.body)
    assert "due today, 2026-01-30" in str(letter.body)
    assert "/en/my-measurements/school/" in str(letter.body)


def test_who_unsubscribed_gets_duty_letters_alone(people: dict[str, User], client: Client) -> None:
    token = unsubscribe_token(people["rut"].pk)
    page = client.get(f"/en/reminders/unsubscribe/{token}/")
    assert "Unsubscribe" in page.content.decode()
    assert not Contact.objects.exists()  # a GET never writes
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/en/reminders/unsubscribe/{token}/").status_code == 200  # a mail program's one click
    assert not Contact.objects.get(user=people["rut"]).reminders
    assert set(run(DUE)) == {"bo"}
    late = run(DUE + timedelta(days=1))
    text = str(late["rut"].body)
    assert "Mått ann" in text
    assert "Mått ben" not in text
    assert "Du har avsagt dig påminnelser" in text
    assert "unsubscribe" not in text
    assert "List-Unsubscribe" not in late["rut"].extra_headers


@pytest.mark.parametrize("token", ["1", "MQ:abc", "x" * 80])
def test_a_link_of_somebody_else_unsubscribes_nobody(people: dict[str, User], client: Client, token: str) -> None:
    for answer in (
        client.get(f"/en/reminders/unsubscribe/{token}/"),
        client.post(f"/en/reminders/unsubscribe/{token}/"),
    ):
        assert answer.status_code == 404
        assert "Copy all of it from the letter" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_closed_or_unopened_period_and_an_exception(people: dict[str, User]) -> None:
    school = Department.objects.get(code="school").pk
    operations.grant_exception(
        period="2025", department_id=school, closes_at=midnight(date(2026, 3, 1)), reason="Sjukdom", by=None
    )
    assert run(DUE + timedelta(days=3)) == {}  # due is now the last day of February
    assert set(run(date(2026, 2, 27))) == {"rut", "bo"}
    assert "om 1 dag" in str(mail.outbox[0].body)
    operations.withdraw_exception(period="2025", department_id=school, by=None)
    assert "hans" in run(date(2026, 3, 2))  # closed since, and late all the same


# ── sent once ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_run_sends_nothing(people: dict[str, User]) -> None:
    assert len(run(DUE)) == 2
    assert run(DUE) == {}
    assert Reminder.objects.filter(sent_at__isnull=False).count() == 2


def together(count: int, work: Callable[[], Any]) -> list[Any]:
    """The same work by several threads at once, each with a connection of its own; what each gave."""
    gate, results, failures = threading.Barrier(count), list[Any](), list[Exception]()

    def one() -> None:
        try:
            gate.wait(10)
            results.append(work())
        except Exception as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    return results


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_twice(people: dict[str, User]) -> None:
    mail.outbox.clear()
    together(4, lambda: operations.send_reminders(now=at(DUE), by=None))
    assert sorted(message.to[0] for message in mail.outbox) == ["bo@example.org", "rut@example.org"]
    assert Reminder.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_that_try_a_failed_letter_again_one_gets_it(people: dict[str, User]) -> None:
    user = people["rut"].pk
    claim = claim_reminder(user_id=user, day=DUE, address="rut@example.org", items=[], now=at(DUE))
    assert claim is not None
    Reminder.objects.filter(pk=claim.pk).update(error="the server said no")

    def again() -> Any:
        return claim_reminder(user_id=user, day=DUE, address="rut@example.org", items=[], now=at(DUE, 9))

    assert sum(1 for found in together(4, again) if found is not None) == 1


def test_what_failed_is_recorded_and_tried_again(people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(message: EmailMessage, fail_silently: bool = False) -> int:
        if message.to == ["rut@example.org"]:
            raise ConnectionRefusedError("the mail server does not answer")
        mail.outbox.append(message)
        return 1

    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", refuse)
        assert set(run(DUE)) == {"bo"}  # one that fails does not stop the others
    row = Reminder.objects.get(user=people["rut"])
    assert row.sent_at is None
    assert "does not answer" in row.error
    assert set(run(DUE)) == {"rut"}
    row.refresh_from_db()
    assert row.sent_at is not None
    assert row.error == ""


def test_an_account_without_an_address_shows_as_failed(people: dict[str, User], client: Client) -> None:
    User.objects.filter(username="rut").update(email="")
    assert set(run(DUE)) == {"bo"}
    assert Reminder.objects.get(user=people["rut"]).error == "no e-mail address"
    client.force_login(people["stina"])
    assert "no e-mail address" in client.get("/en/reminders/").content.decode()


# ── page and task ─────────────────────────────────────────────────────────────────────────────────────────────────────


def open_now(days: int) -> None:
    """The period's values are due so many days from today."""
    operations.change_period(
        period="2025",
        opens_at=timezone.now() - timedelta(days=2),
        closes_at=midnight(timezone.localdate() + timedelta(days=days + 1)),
        note="",
        by=None,
    )


def test_the_page_says_who_is_next_and_sends_to_one(people: dict[str, User], client: Client) -> None:
    open_now(3)
    client.force_login(people["stina"])
    page = re.sub(r"\s+", " ", client.get("/en/reminders/").content.decode())
    assert "Rut Ek" in page
    assert "2025: 2 values, 3 days before" in page
    assert "Hans Ek" in page  # among those who come next
    assert not Reminder.objects.exists()
    mail.outbox.clear()
    done = client.post(f"/en/reminders/send/{people['rut'].pk}/", follow=True).content.decode()
    assert "The letter was sent to rut@example.org" in done
    assert [message.to for message in mail.outbox] == [["rut@example.org"]]
    again = client.post(f"/en/reminders/send/{people['rut'].pk}/", follow=True).content.decode()
    assert "Nothing was sent" in again
    client.force_login(people["bo"])
    assert client.get("/en/reminders/").status_code == 403
    assert client.post(f"/en/reminders/send/{people['bo'].pk}/").status_code == 403
    assert len(mail.outbox) == 1


def test_the_clock_sends_on_working_days(people: dict[str, User], settings: Any) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["remind"]
    schedule = entry["schedule"]
    assert (schedule.hour, schedule.minute, schedule.day_of_week) == ({7}, {30}, {1, 2, 3, 4, 5})
    assert entry["task"] == tasks.remind.name
    open_now(0)
    mail.outbox.clear()
    tasks.remind()
    assert len(mail.outbox) == 2


def test_reading_the_ground_takes_the_same_number_of_queries(people: dict[str, User]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            queries.ground(at(DUE))
        return len(caught)

    few = asked()
    for number in range(5):
        operations.grant_role(
            user=person(f"more{number}"),
            name=RoleName.REPORTER,
            department_id=Department.objects.get(code="office").pk,
            by=None,
        )
    operations.open_period(period="2024", opens_at=midnight(date(2025, 1, 1)), closes_at=at(DUE), by=None)
    assert asked() == few == 7
