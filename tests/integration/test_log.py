"""The log of every change: who, when, what, from, to; filtered, paged, exported."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from indicators.models import Department, Indicator, Measurement, SignIn, Target
from indicators.operations import grant_role, record_changes, recorded
from indicators.permissions import RoleName
from scorecard import operations
from scorecard.queries import log
from scorecard.queries.log import Wanted
from scorecard.read_models import log as read_model
from tests.integration import council_world, small_world

pytestmark = pytest.mark.django_db


def account(role: str = "strategist", email: str = "stina@example.org") -> Any:
    return operations.create_account(
        email=email, first_name="Stina", last_name="Strateg", language="sv", roles={(role, None)}, by=None
    )


def changed(by: Any = None, **fields: Any) -> Indicator:
    small_world.define(small_world.definition("one", source="department", kolada_id=""))
    indicator = Indicator.objects.get(code="one")
    LogEntry.objects.all().delete()
    with recorded(by):
        for name, value in fields.items():
            setattr(indicator, name, value)
        indicator.save()
    return indicator


class TestWhatIsKept:
    def test_each_field_from_what_to_what_and_by_whom(self) -> None:
        user = account()
        changed(user, due_days=30, name_sv="Nytt namn")
        kept = LogEntry.objects.get()
        assert kept.actor == user
        assert kept.remote_addr is None
        assert kept.changes == {"due_days": ["60", "30"], "name_sv": ["one på svenska", "Nytt namn"]} | kept.changes
        assert set(kept.changes) == {"due_days", "name_sv"}

    @pytest.mark.parametrize("language", ["sv", "en"])
    def test_a_translated_text_once_whatever_the_readers_language(self, language: str) -> None:
        with override(language):
            changed(None, purpose_en="Because")
        assert set(LogEntry.objects.get().changes) == {"purpose_en"}

    def test_the_program_is_nobody(self) -> None:
        changed(None, due_days=1)
        assert LogEntry.objects.get().actor is None

    def test_nothing_changed_is_nothing_kept(self) -> None:
        changed(None, due_days=60)
        assert not LogEntry.objects.exists()

    def test_the_inner_person_counts_and_the_outer_is_back_afterwards(self) -> None:
        outer, inner = account(), account(email="second@example.org")
        indicator = changed(None)
        with recorded(outer):
            with recorded(inner):
                indicator.due_days = 1
                indicator.save()
            indicator.due_days = 2
            indicator.save()
        indicator.due_days = 3
        indicator.save()
        assert list(LogEntry.objects.order_by("id").values_list("actor", flat=True)) == [inner.pk, outer.pk, None]

    def test_what_a_query_writes_is_told_by_hand(self) -> None:
        user = account()
        indicator = changed(None)
        assert record_changes(changed=[(indicator, {"due_days": (60, 0), "decimals": (1, 1)})], by=user) == 1
        kept = LogEntry.objects.get()
        assert (kept.changes, kept.actor) == ({"due_days": ["60", "0"]}, user)
        assert record_changes(changed=[(indicator, {"decimals": (1, 1)})], by=user) == 0

    def test_passwords_and_secrets_are_not(self) -> None:
        for model in auditlog.get_models():
            kept = set(auditlog.get_model_fields(model)["include_fields"])
            assert kept, model
            assert not kept & {"password", "data", "secret", "token", "last_login"}, model

    def test_who_posts_a_form_is_the_one(self, client: Client) -> None:
        chief = account("administrator")
        client.force_login(chief)
        LogEntry.objects.all().delete()
        client.post(reverse("account"), {"first_name": "A", "last_name": "B", "language": "sv"})
        assert set(LogEntry.objects.values_list("actor", flat=True)) == {chief.pk}

    def test_a_role_that_is_granted(self) -> None:
        chief, user = account("administrator"), account("council", "lena@example.org")
        LogEntry.objects.all().delete()
        grant_role(user=user, name=RoleName.STRATEGIST, by=chief)
        line = read_model.line(log.entries(Wanted(kind="change"), first=0, number=1)[0])
        assert line.who == "Stina Strateg"
        assert {(d.field, d.after) for d in line.differences} >= {("Roll", "Kvalitetsstrateg")}


class TestPage:
    @pytest.fixture(autouse=True)
    def signed_in(self, client: Client) -> Any:
        self.user = account()
        client.force_login(self.user)

    def lines(self, client: Client, **asked: Any) -> list[Any]:
        return list(client.get(reverse("log"), asked).context["lines"])

    def test_tells_a_change_in_words(self, client: Client) -> None:
        changed(self.user, due_days=0)
        line = self.lines(client, kind="change")[0]
        assert line.who == "Stina Strateg"
        assert line.what.startswith("one på svenska")
        difference = line.differences[0]
        assert (difference.before, difference.after) == ("60", "0")  # 0 is a value
        assert "due_days" not in client.get(reverse("log")).content.decode()

    def test_names_what_is_referred_to(self, client: Client) -> None:
        indicator = changed(self.user)
        indicator.department = Department.objects.create(code="other", name_sv="En annan")
        indicator.save()
        difference = next(line for line in self.lines(client, q="one på") if line.differences).differences[0]
        assert (difference.before, difference.after) == ("The office på svenska", "En annan")

    def test_a_target_goes_by_its_indicator_even_when_it_is_gone(self, client: Client) -> None:
        indicator = changed(self.user)
        target = Target.objects.create(indicator=indicator, form="not_worse")
        target.tolerance = 2
        target.save()
        assert self.lines(client)[0].what.startswith("one på svenska")
        target.delete()
        assert self.lines(client)[0].what.startswith("one på svenska")

    def test_has_values_judgements_and_sign_ins(self, client: Client) -> None:
        council_world.build()
        kinds = {line.kind for line in read_model.lines(log.entries(Wanted(), first=0, number=500))}
        assert {"Värde", "Målbedömning", "Inloggning"} <= kinds

    def test_a_corrected_value_from_what_to_what(self, client: Client) -> None:
        council_world.build()
        first = Measurement.objects.filter(value__isnull=False).order_by("id").first()
        assert first is not None
        Measurement.objects.create(
            indicator=first.indicator, period=first.period, breakdown=first.breakdown, source=first.source,
            revision=first.revision + 1, value=0, state="approved", entered_by=self.user, note="Fel i systemet",
        )  # fmt: skip
        line = self.lines(client, kind="value", person=self.user.pk)[0]
        assert line.note == "Fel i systemet"
        assert line.differences[0].before.startswith(str(int(first.value or 0)))
        assert line.differences[0].after.startswith("0")

    @pytest.mark.parametrize(
        ("asked", "number"),
        [({"kind": "sign_in"}, 1), ({"kind": "judgement"}, 0), ({"q": "no such thing"}, 0), ({"person": "program"}, 0)],
    )
    def test_is_filtered(self, client: Client, asked: dict[str, str], number: int) -> None:
        LogEntry.objects.all().delete()
        assert len(self.lines(client, **asked)) == number

    def test_days_are_both_included(self, client: Client) -> None:
        LogEntry.objects.all().delete()
        today = timezone.localdate()
        assert len(self.lines(client, since=today, until=today)) == 1
        assert self.lines(client, until=today - timedelta(days=1)) == []
        assert self.lines(client, since=today + timedelta(days=1)) == []

    @pytest.mark.parametrize("bad", [{"since": "igår"}, {"kind": "gossip"}, {"person": "99999"}, {"page": "x"}])
    def test_what_cannot_be_understood_is_said_and_breaks_nothing(self, client: Client, bad: dict[str, str]) -> None:
        assert client.get(reverse("log"), bad).status_code == 200

    def test_is_paged_newest_first(self, client: Client) -> None:
        LogEntry.objects.all().delete()
        for number in range(60):
            SignIn.objects.create(user=self.user, account=str(number), outcome="failed")
        assert len(self.lines(client)) == 50
        assert len(self.lines(client, page=2)) == 11
        moments = [(line.day, line.time) for line in self.lines(client)]
        assert moments == sorted(moments, reverse=True)

    def test_takes_no_more_queries_for_more_lines(self, django_assert_max_num_queries: Any) -> None:
        council_world.build()
        with django_assert_max_num_queries(20):
            log.entries(Wanted(), first=0, number=10)
        with django_assert_max_num_queries(20):
            log.entries(Wanted(), first=0, number=400)


class TestFile:
    @pytest.fixture(autouse=True)
    def signed_in(self, client: Client) -> Any:
        client.force_login(account())

    def test_csv_is_safe_to_open(self, client: Client) -> None:
        changed(None, name_sv='=HYPERLINK("http://evil.example")')
        text = client.get(reverse("log-csv"), {"kind": "change"}).content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert len(rows) == 2
        assert rows[1][5] == "one på svenska"
        assert rows[1][6] == '\'=HYPERLINK("http://evil.example")'

    def test_excel_holds_the_same_and_follows_the_filter(self, client: Client) -> None:
        changed(None, due_days=1)
        answer = client.get(reverse("log-xlsx"), {"kind": "change"})
        found = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert [row[6] for row in found if row and row[5] == "60"] == ["1"]


def test_the_log_is_for_those_who_steer(client: Client) -> None:
    client.force_login(account("council"))
    assert client.get(reverse("log")).status_code == 403
    assert "administratör" in client.get(reverse("log")).content.decode()


def test_accounts_stay_in_the_log_when_they_are_closed() -> None:
    get_user_model().objects.create_superuser("chief")
    user = account()
    changed(user, due_days=1)
    operations.close_account(user_id=user.pk, by=None)
    assert any(entry.who == "Stina Strateg" for entry in log.entries(Wanted(), first=0, number=9))
