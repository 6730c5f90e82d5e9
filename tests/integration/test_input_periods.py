"""Input periods: opened, moved, closed, reopened, exceptions; what the page says and who may see it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from indicators import operations
from indicators.compute.input_window import WindowState, midnight
from indicators.models import Department, Indicator, InputException, InputPeriod, Measurement
from indicators.operations import InputPeriodError
from indicators.permissions import RoleName
from indicators.queries import input_periods as queries
from indicators.read_models.input_periods import refusal
from scorecard import pipeline
from tests.integration import council_world as world

pytestmark = pytest.mark.django_db
OPENS, CLOSES = midnight(date(2026, 1, 1)), midnight(date(2026, 3, 1))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def council(db: None) -> None:
    world.build(values=False)


@pytest.fixture
def strategist(council: None) -> User:
    user = User.objects.create_user("s@example.org", "s@example.org", first_name="Stina", last_name="Strateg")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    return user


@pytest.fixture
def signed_in(client: Client, strategist: User) -> Client:
    client.force_login(strategist)
    return client


def school() -> int:
    return Department.objects.get(code="school").pk


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    return re.sub(r"\s+", " ", response.content.decode())


def a_period(period: str = "2025") -> InputPeriod:
    return operations.open_period(period=period, opens_at=OPENS, closes_at=CLOSES, by=None)


def dates(opens: tuple[str, str] = ("2026-01-01", "00:00"), closes: tuple[str, str] = ("2026-03-01", "12:00")) -> Any:
    return {"opens_day": opens[0], "opens_time": opens[1], "closes_day": closes[0], "closes_time": closes[1],
            "note": "Hör av er"}  # fmt: skip


# ── windows ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_windows_of_many_in_one_query(council: None) -> None:
    a_period()
    office = Department.objects.get(code="office").pk
    until = CLOSES + timedelta(days=5)
    operations.grant_exception(period="2025", department_id=school(), closes_at=until, reason="Sjukdom", by=None)
    departments = [school(), office]
    with CaptureQueriesContext(connection) as caught:
        found = queries.windows(["2025", "2024"], departments, CLOSES)
    assert len(caught) == 1
    assert {key: (w.state, w.exception) for key, w in found.items()} == {
        ("2025", school()): (WindowState.OPEN, True),
        ("2025", office): (WindowState.CLOSED, False),
        ("2024", school()): (WindowState.NOT_OPENED, False),
        ("2024", office): (WindowState.NOT_OPENED, False),
    }
    assert queries.windows(["2025"], [school()], until)["2025", school()].state is WindowState.CLOSED


def test_a_refusal_says_why_and_whom_to_ask(strategist: User) -> None:
    a_period()
    asked = queries.whom_to_ask()
    assert asked == [("Stina Strateg", "s@example.org")]
    told = {}
    with override("en"):
        for name, period, now in [
            ("never", "2024", OPENS),
            ("early", "2025", OPENS - MINUTE),
            ("late", "2025", CLOSES),
        ]:
            window = queries.windows([period], [school()], now)[period, school()]
            told[name] = refusal(period, window, asked)
        assert refusal("2025", queries.windows(["2025"], [school()], OPENS)["2025", school()], asked) == ""
    assert "has not been opened" in told["never"]
    assert "the period opens 2026-01-01 00:00" in told["early"]
    assert "the period closed 2026-03-01 00:00" in told["late"]
    assert all(text.endswith("Ask Stina Strateg (s@example.org).") for text in told.values())


# ── operations ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_is_refused_and_changes_nothing(council: None) -> None:
    a_period()
    before = list(InputPeriod.objects.values_list())
    later = CLOSES + timedelta(days=1)
    for refused in (
        lambda: operations.open_period(period="2025", opens_at=OPENS, closes_at=CLOSES, by=None),
        lambda: operations.open_period(period="25", opens_at=OPENS, closes_at=CLOSES, by=None),
        lambda: operations.open_period(period="2024", opens_at=CLOSES, closes_at=CLOSES, by=None),
        lambda: operations.change_period(period="2025", opens_at=CLOSES, closes_at=OPENS, note="", by=None),
        lambda: operations.change_period(period="2023", opens_at=OPENS, closes_at=CLOSES, note="", by=None),
        lambda: operations.close_period(period="2025", now=CLOSES, by=None),
        lambda: operations.close_period(period="2025", now=OPENS - MINUTE, by=None),
        lambda: operations.grant_exception(
            period="2025", department_id=school(), closes_at=CLOSES, reason="Sjukdom", by=None
        ),
        lambda: operations.grant_exception(period="2025", department_id=school(), closes_at=later, reason=" ", by=None),
        lambda: operations.grant_exception(period="2025", department_id=0, closes_at=later, reason="Ja", by=None),
    ):
        with pytest.raises(InputPeriodError):
            refused()
    assert list(InputPeriod.objects.values_list()) == before
    assert not InputException.objects.exists()


def test_closed_and_reopened(council: None) -> None:
    a_period()
    now = CLOSES - timedelta(days=3)
    operations.close_period(period="2025", now=now, by=None)
    assert queries.windows(["2025"], [school()], now)["2025", school()].state is WindowState.CLOSED
    assert queries.windows(["2025"], [school()], now - MINUTE)["2025", school()].state is WindowState.OPEN
    operations.change_period(period="2025", opens_at=OPENS, closes_at=CLOSES, note="", by=None)
    assert queries.windows(["2025"], [school()], now)["2025", school()].state is WindowState.OPEN


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_period_is_opened_with_suggested_dates(signed_in: Client) -> None:
    assert "No period has been opened yet" in html(signed_in, "/en/input-periods/")
    form = html(signed_in, "/en/input-periods/2025/open/")
    assert 'value="2026-01-01"' in form
    assert 'value="2026-01-31"' in form
    assert not InputPeriod.objects.exists()
    response = signed_in.post("/en/input-periods/2025/open/", dates(), follow=True)
    assert "The period was opened." in response.content.decode()
    row = InputPeriod.objects.get(period="2025")
    assert (row.opens_at, row.closes_at) == (OPENS, datetime(2026, 3, 1, 11, 0, tzinfo=UTC))
    assert (row.kind, row.note, row.opened_by) == ("year", "Hör av er", User.objects.get(username="s@example.org"))
    assert signed_in.get("/en/input-periods/2025/open/").headers["Location"] == "/en/input-periods/2025/"


@pytest.mark.parametrize(
    ("closes", "said"),
    [
        (("2026-03-29", "02:30"), "On 2026-03-29 the clocks go forward, and 02:30 is never shown"),
        (("2026-10-25", "02:30"), "On 2026-10-25 the clocks go back, and 02:30 comes twice"),
        (("2025-12-01", "12:00"), "must close after it opens"),
        (("i morgon", "12:00"), "Enter a valid date"),
        (("2026-03-01", "25:00"), "Enter a valid time"),
    ],
)
def test_times_that_cannot_be_are_told(signed_in: Client, closes: tuple[str, str], said: str) -> None:
    page = signed_in.post("/en/input-periods/2025/open/", dates(closes=closes)).content.decode()
    assert said in page
    assert not InputPeriod.objects.exists()


@pytest.mark.parametrize(("wall", "in_utc"), [("01:59", "00:59"), ("03:00", "01:00")])
def test_around_the_hour_that_is_skipped(signed_in: Client, wall: str, in_utc: str) -> None:
    signed_in.post("/en/input-periods/2025/open/", dates(closes=("2026-03-29", wall)))
    assert f"{InputPeriod.objects.get().closes_at.astimezone(UTC):%Y-%m-%d %H:%M}" == f"2026-03-29 {in_utc}"


def test_who_is_affected_is_shown_before_closing(signed_in: Client) -> None:
    now = timezone.now()
    operations.open_period(period="2025", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), by=None)
    world.measure({code: {"2025": 50.0} for code in ("ann", "ben", "cid", "dan", "eva", "fia", "gus")})
    page = html(signed_in, "/en/input-periods/2025/close/")
    assert "1 department has not handed in everything" in page
    assert "Servicekontoret" in page
    assert "Mått hed" in page
    assert "Mått ann" not in page
    assert InputPeriod.objects.get().closes_at > now
    done = signed_in.post("/en/input-periods/2025/close/", follow=True).content.decode()
    assert "The period is closed" in done
    assert "Reopen" in done
    assert InputPeriod.objects.get().closes_at <= timezone.now()
    again = signed_in.post("/en/input-periods/2025/close/", follow=True).content.decode()
    assert "closed already. Nothing was changed" in again


def test_more_time_for_one_department_and_back(signed_in: Client) -> None:
    a_period()
    given = {"department": school(), "closes_day": "2026-04-01", "closes_time": "12:00", "reason": "Nytt system"}
    signed_in.post("/en/input-periods/2025/exception/", given)
    granted = InputException.objects.get()
    assert (granted.reason, granted.closes_at) == ("Nytt system", datetime(2026, 4, 1, 10, 0, tzinfo=UTC))
    page = html(signed_in, "/en/input-periods/2025/")
    assert "Nytt system" in page
    assert "2026-04-01 12:00" in page
    too_early = signed_in.post("/en/input-periods/2025/exception/", given | {"closes_day": "2026-02-01"})
    assert "ends later than the period closes" in too_early.content.decode()
    signed_in.post("/en/input-periods/2025/exception/withdraw/", {"department": school()})
    assert not InputException.objects.exists()
    assert signed_in.post("/en/input-periods/2025/exception/withdraw/", {"department": "x"}).status_code == 404


def test_the_page_counts_what_has_come_in(signed_in: Client) -> None:
    a_period()
    world.measure({"ann": {"2025": 0.0}, "ben": {"2025": "confidential"}})
    page = html(signed_in, "/en/input-periods/")
    assert "2 of 8 handed in" in page
    assert "6 missing" in page
    swedish = html(signed_in, "/input-periods/")
    assert "Inlämningsperioder" in swedish


def test_the_same_number_of_queries_whatever_the_size(signed_in: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            html(signed_in, "/en/input-periods/")
        return len(caught)

    a_period()
    html(signed_in, "/en/input-periods/")  # writes the session once
    few = asked()
    for year in range(2015, 2025):
        a_period(f"{year}")
    operations.grant_exception(
        period="2020", department_id=school(), closes_at=CLOSES + timedelta(days=3), reason="Ja", by=None
    )
    assert asked() == few


def test_unknown_periods_and_people_without_the_role(client: Client, strategist: User) -> None:
    client.force_login(strategist)
    assert "is no period" in html(client, "/en/input-periods/25/", 404)
    assert "has not been opened" in html(client, "/en/input-periods/2025/", 404)
    client.force_login(User.objects.create_user("bo"))
    assert "Ask an administrator" in html(client, "/en/input-periods/", 403)
    assert client.post("/en/input-periods/2025/open/", dates()).status_code == 403
    assert not InputPeriod.objects.exists()


# ── set-up ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_set_up_opens_the_last_period_of_each_frequency(council: None) -> None:
    Indicator.objects.filter(code="ann").update(frequency="month", due_days=20)
    today = date(2026, 11, 21)
    pipeline.open_current_periods(today=today)
    rows = {row.period: row for row in InputPeriod.objects.all()}
    assert set(rows) == {"2025", "2026M10"}
    # Both are overdue and lack values: two weeks from today.
    assert {row.closes_at for row in rows.values()} == {midnight(date(2026, 12, 5))}
    pipeline.open_current_periods(today=today + timedelta(days=1))
    assert InputPeriod.objects.count() == 2


def test_the_demonstration_has_something_in_every_state(council: None) -> None:
    today = timezone.localdate()
    year = today.year - 1
    world.measure({code: {f"{year - 1}": 61.0, f"{year - 2}": 60.0, f"{year - 3}": 64.0} for code in world.VALUES})
    pipeline.open_current_periods(today=today)
    pipeline.hand_in_for_invented_departments(lambda text: None)
    states = [queries.states([f"{year}"]).get((i.pk, f"{year}"), "") for i in Indicator.objects.all()]
    assert {state: states.count(state) for state in ("submitted", "returned", "draft")} == {
        "submitted": 2,
        "returned": 2,
        "draft": 1,
    }
    assert Measurement.objects.filter(state="returned").exclude(note="").exists()
