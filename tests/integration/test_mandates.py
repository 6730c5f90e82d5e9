"""Mandates: a new one starts from a copy, older chains stay readable as they were, ended ones are corrected only."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from indicators import operations as indicator_operations
from indicators.models import Indicator
from indicators.permissions import RoleName
from scorecard import operations, pipeline
from scorecard.models import Direction, Directive, Goal, GoalIndicator, GoalJudgement, StrategicIssue, Vision
from tests.integration import council_world
from tests.integration.council_world import TODAY, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategist(client: Client) -> User:
    council_world.build()
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return user


def plain(content: bytes) -> str:
    found = re.sub(r"<(head|script|svg).*?</\1>|<[^>]+>", " ", content.decode(), flags=re.S)
    return " ".join(unescape(found).split())


def english(name: str, args: list[Any]) -> str:
    with override("en"):
        return reverse(name, args=args)


def words(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, plain(response.content)[:800]
    return plain(response.content)


def copy(start: int, by: User | None, end: int | None = None, vision: Vision | None = None) -> Vision:
    return operations.copy_mandate(
        vision_id=(vision or Vision.objects.earliest("valid_from")).pk,
        valid_from=start,
        valid_to=end,
        titles={"title_sv": "Nästa vision", "title_en": "Next vision", "text_sv": "", "text_en": ""},
        today=TODAY,
        by=by,
    )


def chain_of(vision: Vision) -> dict[str, Any]:
    """Everything in a chain, apart from its years and codes of goals."""
    goals = Goal.objects.filter(issue__vision=vision).order_by("issue__order", "order")
    return {
        "issues": list(vision.issues.values_list("code", "name_sv", "name_en", "text_sv", "text_en", "order")),
        "goals": list(goals.values_list("sentence_sv", "sentence_en", "short_sv", "committee", "order")),
        "links": [list(g.links.values_list("indicator__code", "weight", "key", "order")) for g in goals],
        "directions": [list(g.directions.values_list("text_sv", "text_en", "order")) for g in goals],
        "directives": [list(g.directives.values_list("text_sv", "committee", "order")) for g in goals],
    }


def test_a_copy_holds_the_whole_chain_under_new_codes(strategist: User) -> None:
    old = Vision.objects.get()
    new = copy(2024, strategist, end=2027)
    old.refresh_from_db()
    assert chain_of(new) == chain_of(old)
    assert (old.valid_from, old.valid_to) == (2000, 2023)
    assert (new.valid_from, new.valid_to, new.copied_from, new.decided_on) == (2024, 2027, old, None)
    codes = list(Goal.objects.filter(issue__vision=new).values_list("code", flat=True))
    assert codes == ["one-2024", "two-2024", "three-2024", "four-2024"]
    directive = Directive.objects.get(goal__code="one-2024")
    assert (directive.valid_from, directive.valid_to) == (2024, 2025), "2022–2023, moved to the mandate's start"
    assert not GoalJudgement.objects.filter(goal__issue__vision=new).exists()


def test_a_copy_of_a_copy_has_the_code_of_its_own_year(strategist: User) -> None:
    second = copy(2024, strategist, end=2027)
    third = copy(2028, strategist, vision=second)
    assert Goal.objects.filter(issue__vision=third).first().code == "one-2028"  # type: ignore[union-attr]


def test_goals_that_had_ended_are_left_behind(strategist: User) -> None:
    Goal.objects.filter(code="one").update(valid_to=2021)
    new = copy(2024, strategist)
    assert not Goal.objects.filter(issue__vision=new, code="one-2024").exists()
    assert Goal.objects.filter(issue__vision=new).count() == 3


def test_pages_of_earlier_periods_show_the_chain_of_then(client: Client, strategist: User) -> None:
    before = {address: words(client, address) for address in ("/en/?period=2021", "/en/goal/one/?period=2021")}
    new = copy(2022, strategist)
    Goal.objects.filter(issue__vision=new, code="one-2022").update(sentence_sv="Nytt", sentence_en="New wording")
    StrategicIssue.objects.filter(vision=new).update(name_en="Renamed")
    Direction.objects.filter(goal__issue__vision=new).delete()
    GoalIndicator.objects.filter(goal__issue__vision=new).update(weight=7)
    now = words(client, "/en/")
    assert "New wording" in now
    assert "Next vision" in now
    assert "Målet one ska nås" not in now
    assert words(client, "/en/?period=2021") == before["/en/?period=2021"]
    page = words(client, "/en/goal/one/?period=2021")
    for text in ("Målet one ska nås (en)", "Inriktning för one (en)", "Met"):
        assert text in page
    assert "There are values for 2020–2021." in words(client, "/en/goal/one/?period=2022", status=404)
    assert words(client, "/en/goal/one-2022/?period=2021", status=404)


def test_an_indicator_s_page_names_the_goals_of_the_period_it_shows(client: Client, strategist: User) -> None:
    link = GoalIndicator.objects.select_related("goal", "indicator").first()
    assert link is not None
    vision = Vision.objects.earliest("valid_from")
    copied = copy(2022, strategist)
    codes = {goal.code: goal.issue.vision_id for goal in Goal.objects.filter(links__indicator=link.indicator)}
    assert set(codes.values()) == {vision.pk, copied.pk}
    for period, shown in (("2021", vision.pk), ("2022", copied.pk)):
        html = client.get(f"/en/indicator/{link.indicator.code}/", {"period": period}).content.decode()
        named = {code for code in codes if f'href="/en/goal/{code}/?period={period}"' in html}
        assert named == {code for code, of in codes.items() if of == shown}


def test_a_goal_that_has_ended_is_not_named_by_its_indicator(client: Client, strategist: User) -> None:
    link = GoalIndicator.objects.select_related("goal", "indicator").first()
    assert link is not None
    Goal.objects.filter(pk=link.goal_id).update(valid_to=2021)
    for period, named in (("2021", True), ("2022", False)):
        html = client.get(f"/en/indicator/{link.indicator.code}/", {"period": period}).content.decode()
        assert (f'href="/en/goal/{link.goal.code}/?period={period}"' in html) is named


def test_a_retired_indicator_stays_in_the_periods_it_was_used_in(client: Client, strategist: User) -> None:
    before = words(client, "/en/goal/one/?period=2021")
    Indicator.objects.filter(code="ben").update(retired_on=date(2022, 6, 30))
    assert "Mått ben (en)" in words(client, "/en/goal/one/?period=2021")
    status = re.search(r"How the goal stands in 2021 .*?Why this status\? .*?assessable", before)
    assert status
    assert status[0] in words(client, "/en/goal/one/?period=2021")
    later = words(client, "/en/goal/one/?period=2022")
    assert "Mått ben (en)" not in later
    assert "1 of 1 indicator assessable" in later
    overview = words(client, "/en/?period=2021")
    assert "2 of 2 indicators assessable" in overview
    assert "1 of 1 indicator assessable" in words(client, "/en/?period=2022")


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (2000, None, "A new mandate starts after the one it is copied from, which started in 2000."),
        (1995, None, "A new mandate starts after the one it is copied from"),
        (2024, 2026, "The years overlap those of “Next vision” (2026–2029)."),
    ],
)
def test_overlaps_are_refused_and_nothing_is_stored(strategist: User, start: int, end: int, message: str) -> None:
    copy(2026, strategist, end=2029)
    before = list(Vision.objects.values_list("valid_from", "valid_to"))
    with override("en"), pytest.raises(operations.GovernanceError, match=re.escape(message)):
        copy(start, strategist, end=end)
    assert list(Vision.objects.values_list("valid_from", "valid_to")) == before


def test_years_of_a_vision_may_not_reach_into_another_s(client: Client, strategist: User) -> None:
    copy(2090, strategist, end=2093)
    old = Vision.objects.get(valid_from=2000)
    data = {"title_sv": "Vår vision", "valid_from": "2000", "valid_to": "2090"}
    response = client.post(english("mandate-edit", [old.pk]), data)
    assert "The years overlap those of “Next vision” (2090–2093)." in plain(response.content)
    old.refresh_from_db()
    assert old.valid_to == 2089


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_mandate_is_made_and_chosen_on_the_page(client: Client, strategist: User) -> None:
    old = Vision.objects.get()
    form = words(client, english("mandate-new", [old.pk]))
    assert "It starts from a copy of Vår vision (en) (from 2000)" in form
    data = {"valid_from": "2090", "valid_to": "2093", "title_sv": "Vision 2093", "title_en": ""}
    response = client.post(english("mandate-new", [old.pk]), data, follow=True)
    page = plain(response.content)
    assert "The new mandate is a copy of the whole chain." in page
    assert "Vision, 2090–2093" in page
    assert "Started from a copy of 2000–2089." in page
    running = words(client, "/en/steer/governance/")
    assert "Vision, 2000–2089" in running, "the running mandate is shown until the new one begins"


def test_a_mandate_that_has_not_begun_can_be_deleted_again(client: Client, strategist: User) -> None:
    new = copy(2090, strategist)
    response = client.post(reverse("mandate-delete", args=[new.pk]))
    assert response.status_code == 302
    assert Vision.objects.count() == 1
    page = plain(client.post(english("mandate-delete", [Vision.objects.get().pk])).content)
    assert "The mandate has begun, so it is kept." in page


def test_what_the_council_has_decided_is_no_example(client: Client, strategist: User) -> None:
    Vision.objects.update(example=True)
    assert "The goals are examples" in words(client, "/en/")
    vision = Vision.objects.get()
    address = english("mandate-decide", [vision.pk])
    assert client.post(address, {"decided_on": "", "decision": "KF § 112"}).status_code == 200
    assert Vision.objects.get().example
    assert client.post(address, {"decided_on": "2023-05-16", "decision": "KF § 112"}).status_code == 302
    vision.refresh_from_db()
    assert (vision.example, vision.decided_on, vision.decision) == (False, date(2023, 5, 16), "KF § 112")
    assert "The goals are examples" not in words(client, "/en/")
    assert "Decided by the council on 2023-05-16: KF § 112." in words(client, "/en/steer/governance/")


# ── an ended mandate ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ended(strategist: User) -> Vision:
    """A mandate of 2000–2021, followed by a copy."""
    copy(2022, strategist)
    return Vision.objects.get(valid_from=2000)


def writes(vision: Vision) -> list[tuple[str, list[Any], dict[str, Any]]]:
    goal = Goal.objects.get(code="one")
    direction = Direction.objects.get(goal=goal)
    return [
        ("mandate-edit", [vision.pk], {"title_sv": "Annat", "valid_from": "2000", "valid_to": "2021"}),
        ("mandate-decide", [vision.pk], {"decided_on": "2023-01-01", "decision": "x"}),
        ("governance-new", ["issue", vision.pk], {"name_sv": "Ny"}),
        ("governance-new", ["direction", goal.pk], {"text_sv": "Ny"}),
        ("governance-edit", ["direction", direction.pk], {"text_sv": "Ny"}),
        ("governance-delete", ["direction", direction.pk], {}),
        ("governance-move", ["goal", goal.pk], {"step": "1"}),
        ("goal-new", [goal.issue_id], {}),
        ("goal-edit", [goal.pk], {}),
    ]


def test_an_ended_mandate_is_read_only_and_says_why(client: Client, ended: Vision) -> None:
    before = chain_of(ended)
    page = words(client, f"/en/steer/governance/?mandate={ended.pk}")
    assert "This mandate has ended." in page
    assert "Move up" not in page
    assert "Add:" not in page
    for name, args, data in writes(ended):
        response = client.post(english(name, args), data)
        assert response.status_code == 403, name
        assert "This mandate ended with 2021" in plain(response.content), name
    assert chain_of(ended) == before


def test_a_correction_needs_a_reason_which_is_logged(client: Client, ended: Vision, strategist: User) -> None:
    direction = Direction.objects.get(goal__code="one")
    address = f"{english('governance-edit', ['direction', direction.pk])}?correct=1"
    assert "Reason for the correction" in words(client, address)
    assert client.post(address, {"text_sv": "Rättat", "correction": " "}).status_code == 200
    direction.refresh_from_db()
    assert direction.text_sv == "Inriktning för one"
    response = client.post(address, {"text_sv": "Rättat", "correction": "Fel i protokollet"})
    assert response.status_code == 302
    direction.refresh_from_db()
    assert direction.text_sv == "Rättat"
    entries = list(LogEntry.objects.get_for_object(direction).filter(actor=strategist))
    assert any(entry.changes.get("correction") == ["None", "Fel i protokollet"] for entry in entries)
    assert any(entry.changes.get("text_sv") == ["Inriktning för one", "Rättat"] for entry in entries)


def test_a_goal_of_an_ended_mandate_can_still_be_judged(ended: Vision) -> None:
    """The annual report of the last year comes after it."""
    goal = Goal.objects.get(code="one")
    made = operations.judge_goal(
        goal=goal, period="2021", status="met", motivation=texts("Bra"), actions=None, decided_on=TODAY, by=None
    )
    assert made.revision == 0


# ── set-up ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_setting_up_once_more_leaves_an_edited_chain_alone() -> None:
    council_world.operations.store_municipalities(places=[("9001", "E", "K")], home="9001", invented=False, by=None)
    pipeline.store_definitions(example=True)
    vision, goal = Vision.objects.get(), Goal.objects.get(code="knowledge")
    operations.decide_vision(vision_id=vision.pk, decided_on=TODAY, decision="KF § 1", today=TODAY, by=None)
    Goal.objects.filter(pk=goal.pk).update(sentence_sv="Vår egen mening")
    goal.links.all()[0].delete()
    Goal.objects.filter(code="early-years").delete()
    count = goal.links.count()
    pipeline.store_definitions(example=True)
    goal.refresh_from_db()
    vision.refresh_from_db()
    assert goal.sentence_sv == "Vår egen mening"
    assert goal.links.count() == count
    assert not vision.example
    assert Goal.objects.count() == 18
