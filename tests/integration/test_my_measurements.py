"""My measurements: what is asked of whom, in which order, and who sees whose."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import operations
from indicators.models import Indicator, InputPeriod
from indicators.operations import CellKey, Entered
from indicators.queries.access import person
from tests.integration import entry_world
from tests.integration.entry_world import World, definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return entry_world.build()


def html(user: User, address: str = "/en/my-measurements/", status: int = 200) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    return re.sub(r"\s+", " ", answer.content.decode())


def sections(page: str) -> list[str]:
    return re.findall(r'<h2 id="s-(\w+)"', page)


def enter(world: World, code: str, value: float, *, submit: bool = False) -> CellKey:
    cell = CellKey(world.indicator(code).pk, world.open.code, "T")
    who, now = person(world.reporter), timezone.now()
    operations.save_cell(cell=cell, entered=Entered(value), seen=None, by=world.reporter, person=who, now=now)
    if submit:
        assert operations.submit(cells=[cell], by=world.reporter, person=who, now=now).done == (cell,)
    return cell


def test_what_is_ready_leads_straight_to_submitting(world: World) -> None:
    Indicator.objects.filter(code="s01").update(divided=False)
    enter(world, "s01", 70)
    page = html(world.reporter)
    place, kind = world.indicator("s01").department.code, world.indicator("s01").frequency
    assert f'<a href="/en/my-measurements/{place}/submit/?kind={kind}">Look through and submit' in page


def test_what_came_back_stands_first_with_its_note(world: World) -> None:
    cell = enter(world, "s03", 70, submit=True)
    operations.send_back(
        cells=[cell], note="Which schools?", by=world.approver, person=person(world.approver), now=timezone.now()
    )
    page = html(world.reporter)
    assert sections(page)[0] == "returned"
    assert "Which schools?" in page
    assert "Agda Ek" in page
    assert page.index("Which schools?") < page.index("s-closed")


def test_a_value_is_late_the_day_after_it_was_due(world: World) -> None:
    """Due days counted so that today is the last day, then the day after it."""
    days = (timezone.localdate() - world.open.last_day).days
    Indicator.objects.filter(code="s01").update(due_days=days)
    Indicator.objects.filter(code="s02").update(due_days=days - 1)
    Indicator.objects.exclude(code__in=["s01", "s02"]).update(retired_on=timezone.localdate())
    InputPeriod.objects.filter(period=world.closed.code).delete()
    page = html(world.reporter)
    assert sections(page) == ["late", "due"]
    late, due = page.split('id="s-late"')[1].split('id="s-due"')
    assert "Mått s02" in late
    assert "Mått s01" in due


def test_what_is_filled_in_is_ready_and_then_waits(world: World) -> None:
    Indicator.objects.exclude(code="s01").update(retired_on=timezone.localdate())
    Indicator.objects.filter(code="s01").update(divided=False)
    InputPeriod.objects.filter(period=world.closed.code).delete()
    enter(world, "s01", 70)
    assert sections(html(world.reporter)) == ["ready"]
    cell = CellKey(world.indicator("s01").pk, world.open.code, "T")
    operations.submit(cells=[cell], by=world.reporter, person=person(world.reporter), now=timezone.now())
    assert sections(html(world.reporter)) == ["submitted"]
    operations.approve(cells=[cell], by=world.approver, person=person(world.approver), now=timezone.now())
    assert sections(html(world.reporter)) == ["approved"]


def test_a_closed_period_says_whom_to_ask(world: World) -> None:
    page = html(world.reporter)
    closed = page.split('id="s-closed"')[1]
    assert "Stina Ek (stina@example.org)" in closed


def test_an_exception_opens_the_period_for_one_department(world: World) -> None:
    period = InputPeriod.objects.get(period=world.closed.code)
    period.exceptions.create(department=world.school, closes_at=timezone.now() + timedelta(hours=1), reason="Sjukdom")
    assert "closed" not in sections(html(world.reporter))
    assert "closed" in sections(html(world.stranger))


def test_each_sees_their_own_department(world: World) -> None:
    assert "Mått c01" not in html(world.reporter)
    assert "Mått s01" not in html(world.stranger)
    both = html(world.strategist)
    assert "Mått c01" in both
    assert "Mått s01" in both
    one = html(world.strategist, "/en/my-measurements/?department=care")
    assert "Mått s01" not in one
    assert "Mått c01" in one


def test_mine_are_those_i_am_responsible_for(world: World) -> None:
    Indicator.objects.filter(code="s04").update(responsible=world.reporter)
    page = html(world.reporter, "/en/my-measurements/?whose=me")
    assert "Mått s04" in page
    assert "Mått s05" not in page


def test_somebody_elses_department_is_not_there(world: World) -> None:
    assert "school" in html(world.reporter, "/en/my-measurements/?department=care", 404)
    html(world.reporter, "/en/my-measurements/?whose=them", 404)


def test_who_hands_in_nothing_is_told_whom_to_ask(world: World) -> None:
    assert "Ask a quality strategist" in html(world.council, status=403)


def test_nothing_open_says_so(world: World) -> None:
    InputPeriod.objects.all().delete()
    page = html(world.reporter)
    assert sections(page) == []
    assert "Nothing to hand in right now" in page


def test_a_department_without_indicators_of_its_own(world: World) -> None:
    Indicator.objects.filter(department=world.care).delete()
    assert "There is nothing that your departments hand in" in html(world.stranger)


def test_two_clicks_lead_to_the_cell(world: World) -> None:
    page = html(world.reporter)
    assert 'href="/en/my-measurements/school/?kind=tertial#i-s01"' in page
    assert 'class="ways__link" href="/en/my-measurements/school/?kind=tertial"' in page


def test_queries_do_not_grow_with_indicators(world: World) -> None:
    counts = []
    for _more in range(2):
        client = Client()
        client.force_login(world.reporter)
        client.get("/en/about/")  # the session is written now, and only now and then later
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/en/my-measurements/").status_code == 200
        counts.append(len(queries))
        operations.store_definitions(
            units=[], areas=[], departments=[], indicators=[definition(f"x{n}") for n in range(15)], by=None
        )
    assert counts[0] == counts[1] == 12, counts
