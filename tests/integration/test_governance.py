"""The chain as a strategist edits it: outline, parts and their order, goals with indicators, committees."""

import re
from html import unescape
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from indicators import operations as indicator_operations
from indicators.models import Indicator
from indicators.permissions import RoleName
from scorecard import operations
from scorecard.models import Committee, Direction, Directive, Goal, GoalIndicator, StrategicIssue, Vision
from tests.integration import council_world
from tests.integration.council_world import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategist(client: Client) -> User:
    """Signed in, over the small council."""
    council_world.build()
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return user


def english(name: str, args: list[Any]) -> str:
    with override("en"):
        return reverse(name, args=args)


def words(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    return plain(response.content)


def plain(content: bytes) -> str:
    found = re.sub(r"<(head|script|svg).*?</\1>|<[^>]+>", " ", content.decode(), flags=re.S)
    return " ".join(unescape(found).split())


def post(client: Client, name: str, args: list[Any], data: dict[str, Any], status: int = 302) -> str:
    response = client.post(english(name, args), data)
    assert response.status_code == status, plain(response.content)[:1500]
    return plain(response.content)


def goal_data(goal: Goal, **more: Any) -> dict[str, Any]:
    """What the form of a goal posts when nothing is changed; `more` replaces or adds."""
    links = list(goal.links.all())
    data = {
        "sentence_sv": goal.sentence_sv, "sentence_en": goal.sentence_en, "short_sv": goal.short_sv,
        "short_en": goal.short_en, "committee_id": goal.committee_id, "issue_id": goal.issue_id,
        "links-TOTAL_FORMS": len(links) + 3, "links-INITIAL_FORMS": len(links),
    }  # fmt: skip
    for number, link in enumerate(links):
        data |= {f"links-{number}-indicator": link.indicator_id, f"links-{number}-weight": link.weight}
        if link.key:
            data[f"links-{number}-key"] = "on"
    return data | more


# ── the outline ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_whole_chain_is_there(client: Client, strategist: User) -> None:
    page = words(client, "/en/steer/governance/")
    above = ("Vår vision (en)", "Strategic issue Lärande (en)", "Mål one (en)", "Målet one ska nås (en)")
    below = ("Skolnämnden (en)", "Inriktning för one (en)", "Uppdrag för one (en)", "Mått ann (en) key indicator")
    assert [text for text in above + below if text not in page] == []
    assert "2 indicators, 1 direction, 1 directive" in page
    assert page.index("Mål one (en)") < page.index("Mål two (en)")


def test_as_many_queries_with_four_goals_as_with_twenty_three(client: Client, strategist: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/steer/governance/").status_code == 200
        return len(seen)

    asked()  # the first page of a session may read more
    few = asked()
    council_world.add_shipped()
    assert asked() == few


def test_without_a_chain_the_page_says_what_to_do(client: Client, strategist: User) -> None:
    Vision.objects.get().delete()
    assert "There is no chain of goals yet" in words(client, "/en/steer/governance/")
    post(client, "mandate-first", [], {"title_sv": "Ny vision", "valid_from": "2023", "valid_to": ""})
    vision = Vision.objects.get()
    assert (vision.title_sv, vision.valid_from, vision.valid_to) == ("Ny vision", 2023, None)
    assert "Begin with a strategic issue" in words(client, "/en/steer/governance/")


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_added_last_and_edited(client: Client, strategist: User) -> None:
    vision = Vision.objects.get()
    post(client, "governance-new", ["issue", vision.pk], {"name_sv": "Klimat och miljö", "text_sv": "För framtiden"})
    issue = StrategicIssue.objects.get(code="klimat-och-miljo")
    assert list(vision.issues.values_list("code", flat=True))[-1] == issue.code
    post(client, "governance-edit", ["issue", issue.pk], {"name_sv": "Klimat", "name_en": "Climate", "text_sv": ""})
    issue.refresh_from_db()
    assert (issue.name_sv, issue.name_en, issue.text_sv) == ("Klimat", "Climate", "")
    entry = LogEntry.objects.get_for_object(issue).latest("id")
    assert entry.actor == strategist
    assert entry.changes["name_sv"] == ["Klimat och miljö", "Klimat"]


def test_a_required_text_that_is_missing_is_asked_for(client: Client, strategist: User) -> None:
    vision = Vision.objects.get()
    page = post(client, "governance-new", ["issue", vision.pk], {"name_sv": "", "name_en": "Climate"}, status=200)
    assert "The form could not be saved." in page
    assert StrategicIssue.objects.count() == 2


def test_directions_and_directives(client: Client, strategist: User) -> None:
    goal, board = Goal.objects.get(code="one"), Committee.objects.get(code="service-board")
    post(client, "governance-new", ["direction", goal.pk], {"text_sv": "Börja i tid"})
    assert list(goal.directions.values_list("text_sv", flat=True)) == ["Inriktning för one", "Börja i tid"]
    directive = {"text_sv": "Lämna en plan", "committee_id": board.pk, "valid_from": "2023", "valid_to": "2022"}
    page = post(client, "governance-new", ["directive", goal.pk], directive, status=200)
    assert "The last year comes before the first." in page
    post(client, "governance-new", ["directive", goal.pk], directive | {"valid_to": "2024"})
    stored = goal.directives.get(text_sv="Lämna en plan")
    assert (stored.committee, stored.valid_from, stored.valid_to) == (board, 2023, 2024)
    assert "Lämna en plan" in words(client, "/en/goal/one/")


@pytest.mark.parametrize("kind", ["direction", "directive"])
def test_directions_and_directives_are_deleted_after_a_question(client: Client, strategist: User, kind: str) -> None:
    model = {"direction": Direction, "directive": Directive}[kind]
    row = model.objects.filter(goal__code="one").get()
    assert "Delete?" in words(client, english("governance-delete", [kind, row.pk]))
    assert model.objects.filter(pk=row.pk).exists()
    post(client, "governance-delete", [kind, row.pk], {})
    assert not model.objects.filter(pk=row.pk).exists()


def test_an_issue_with_goals_stays(client: Client, strategist: User) -> None:
    issue = StrategicIssue.objects.get(code="learning")
    page = post(client, "governance-delete", ["issue", issue.pk], {}, status=200)
    assert "It holds 2 goals. Move or delete those first." in page
    assert StrategicIssue.objects.filter(pk=issue.pk).exists()


def test_a_judged_goal_stays_and_can_be_ended_instead(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="two")
    page = post(client, "governance-delete", ["goal", goal.pk], {}, status=200)
    assert "The goal has been judged, and judgements are kept." in page
    post(client, "goal-edit", [goal.pk], goal_data(goal, valid_to="2021"))
    assert "Mål two" not in words(client, "/en/?period=2022")
    assert "Mål two" in words(client, "/en/?period=2021")
    assert "There are values for 2020–2021." in words(client, "/en/goal/two/?period=2019", status=404)


def test_a_goal_that_nothing_refers_to_goes_with_its_parts(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="one")
    post(client, "governance-delete", ["goal", goal.pk], {})
    assert not Goal.objects.filter(code="one").exists()
    assert not GoalIndicator.objects.filter(goal_id=goal.pk).exists()
    assert LogEntry.objects.filter(object_id=goal.pk, action=LogEntry.Action.DELETE).exists()


# ── order ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def codes(issue: str) -> list[str]:
    return list(Goal.objects.filter(issue__code=issue).order_by("order").values_list("code", flat=True))


def test_steps_without_a_script(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="one")
    post(client, "governance-move", ["goal", goal.pk], {"step": "1"})
    assert codes("learning") == ["two", "one"]
    assert "“Mål one (en)” is now in place 2." in words(client, "/en/steer/governance/")
    post(client, "governance-move", ["goal", goal.pk], {"step": "1"})
    assert codes("learning") == ["two", "one"], "the last cannot go further"
    post(client, "governance-move", ["goal", goal.pk], {"step": "-1"})
    assert codes("learning") == ["one", "two"]


def test_a_place_with_a_script_is_told_in_words(client: Client, strategist: User) -> None:
    issue = StrategicIssue.objects.get(code="service")
    address = english("governance-move", ["issue", issue.pk])
    answer = client.post(address, {"place": "1"}, headers={"X-Requested-With": "reorder"})
    assert answer.content.decode() == "“Service (en)” is now in place 1."
    assert list(StrategicIssue.objects.values_list("code", flat=True)) == ["service", "learning"]


@pytest.mark.parametrize("data", [{}, {"step": "2"}, {"place": "x"}, {"place": "-1"}, {"place": "9" * 30}])
def test_a_place_that_is_none_is_refused(client: Client, strategist: User, data: dict[str, str]) -> None:
    goal = Goal.objects.get(code="one")
    assert "Say where to" in post(client, "governance-move", ["goal", goal.pk], data, status=400)
    assert codes("learning") == ["one", "two"]


def test_order_is_mended_where_several_had_one_place(strategist: User) -> None:
    Goal.objects.filter(issue__code="learning").update(order=0)
    two = Goal.objects.get(code="two")
    assert operations.step_part(row=two, step=-1, today=TODAY, by=strategist) == 0
    assert codes("learning") == ["two", "one"]
    assert sorted(Goal.objects.filter(issue__code="learning").values_list("order", flat=True)) == [0, 1]


# ── a goal ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_goal_is_said_back_in_plain_words(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="one")
    page = words(client, english("goal-edit", [goal.pk]))
    assert "The goal is judged by 2 indicators, each against its own target." in page
    assert "The goal is met when that gives at least 80%, and partly met from 50%." in page
    assert "It is not met while a key indicator is not met: Mått ann (en)." in page
    assert "at least 80%" in page
    assert "With the figures of 2022 the goal would be: Met" in page
    assert "100% ≥ 80%" in page


def test_links_are_changed_added_and_removed(client: Client, strategist: User) -> None:
    goal, hed = Goal.objects.get(code="one"), Indicator.objects.get(code="hed")
    kept = goal.links.get(indicator__code="ann")
    data = goal_data(goal, **{
        "links-0-weight": "0", "links-1-remove": "on", "links-2-indicator": hed.pk, "links-2-weight": "2,5",
        "links-2-key": "on",
    })  # fmt: skip
    post(client, "goal-edit", [goal.pk], data)
    found = [(link.indicator.code, float(link.weight), link.key) for link in goal.links.all()]
    assert found == [("ann", 0.0, True), ("hed", 2.5, True)], "0 is a weight, and a decimal comma is read"
    assert goal.links.get(indicator__code="ann").pk == kept.pk


def test_an_indicator_shows_a_goal_once(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="one")
    double = goal.links.first().indicator_id  # type: ignore[union-attr]
    page = post(client, "goal-edit", [goal.pk], goal_data(goal, **{"links-2-indicator": double}), status=200)
    assert "An indicator can show a goal only once." in page
    assert goal.links.count() == 2


@pytest.mark.parametrize("weight", ["-1", "much", "1001", "NaN"])
def test_a_weight_that_is_none_is_refused(client: Client, strategist: User, weight: str) -> None:
    goal = Goal.objects.get(code="one")
    page = post(client, "goal-edit", [goal.pk], goal_data(goal, **{"links-0-weight": weight}), status=200)
    assert "The form could not be saved." in page
    assert float(goal.links.all()[0].weight) == 1.0


def test_a_preview_writes_nothing(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="one")
    data = goal_data(goal, **{"links-0-remove": "on", "preview": "1"})
    before = LogEntry.objects.count()
    for headers in ({"HX-Request": "true"}, {}):
        answer = client.post(english("goal-edit", [goal.pk]), data, headers=headers)
        assert answer.status_code == 200
        assert "The goal is judged by 1 indicator, against its own target." in plain(answer.content)
        assert ("<html" in answer.content.decode()) is not headers
    assert goal.links.count() == 2
    assert LogEntry.objects.count() == before


def test_a_new_goal_has_a_code_of_its_mandate(client: Client, strategist: User) -> None:
    issue, board = StrategicIssue.objects.get(code="service"), Committee.objects.get(code="school-board")
    data = {
        "sentence_sv": "Alla ska få svar", "short_sv": "Få svar åt alla", "committee_id": board.pk,
        "issue_id": issue.pk, "links-TOTAL_FORMS": 3, "links-INITIAL_FORMS": 0,
    }  # fmt: skip
    for _ in range(2):
        post(client, "goal-new", [issue.pk], data)
    assert codes("service") == ["three", "four", "fa-svar-at-alla-2000", "fa-svar-at-alla-2000-2"]
    page = words(client, "/en/goal/fa-svar-at-alla-2000/")
    assert "there is nothing to judge it by" in page


def test_a_goal_s_years_lie_inside_its_mandate(client: Client, strategist: User) -> None:
    goal = Goal.objects.get(code="one")
    page = post(client, "goal-edit", [goal.pk], goal_data(goal, valid_from="1999"), status=200)
    assert "The goal's years lie outside its mandate (2000–)." in page


def test_a_goal_moves_to_another_issue_as_its_last(client: Client, strategist: User) -> None:
    goal, service = Goal.objects.get(code="one"), StrategicIssue.objects.get(code="service")
    post(client, "goal-edit", [goal.pk], goal_data(goal, issue_id=service.pk))
    assert codes("service") == ["three", "four", "one"]


# ── committees ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_committees_with_their_departments(client: Client, strategist: User) -> None:
    page = words(client, "/en/steer/governance/committees/")
    assert "Servicenämnden (en) Servicekontoret (en) 2 goals, 2 directives" in page
    departments = Committee.objects.get(code="service-board").departments.all()
    post(client, "committee-new", [], {"name_sv": "Miljönämnden", "departments": [d.pk for d in departments]})
    board = Committee.objects.get(code="miljonamnden")
    assert list(board.departments.all()) == list(departments)
    post(client, "committee-edit", [board.pk], {"name_sv": "Klimatnämnden"})
    board.refresh_from_db()
    assert (board.name_sv, board.code, board.departments.count()) == ("Klimatnämnden", "miljonamnden", 0)
    post(client, "committee-delete", [board.pk], {})
    assert not Committee.objects.filter(pk=board.pk).exists()


def test_a_committee_that_answers_for_goals_stays(client: Client, strategist: User) -> None:
    board = Committee.objects.get(code="service-board")
    page = post(client, "committee-delete", [board.pk], {}, status=200)
    assert "The committee answers for 2 goals and 2 directives" in page
    assert Committee.objects.filter(pk=board.pk).exists()


# ── refused ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    ["goal/999999/", "issue/999999/", "nosuch/1/", "mandate/999999/", "committees/999999/", "?mandate=999999"],
)
def test_what_is_not_there_is_404(client: Client, strategist: User, address: str) -> None:
    assert client.get(f"/steer/governance/{address}").status_code == 404


def test_others_are_told_whom_to_ask(client: Client, strategist: User) -> None:
    council = User.objects.create_user("council")
    indicator_operations.grant_role(user=council, name=RoleName.COUNCIL, by=None)
    client.force_login(council)
    assert "Ask one of them for a change." in words(client, "/en/steer/governance/", status=403)
    goal = Goal.objects.get(code="one")
    assert client.post(reverse("governance-move", args=["goal", goal.pk]), {"step": "1"}).status_code == 403
    assert codes("learning") == ["one", "two"]


# ── a filter on the overview brings along what carries it ─────────────────────────────────────────────────────────────


def test_a_filter_by_htmx_renews_the_tally_and_the_links_that_carry_it(client: Client) -> None:
    council_world.build()
    body = client.get("/en/?status=met", headers={"HX-Request": "true"}).content.decode()
    tally = re.search(r'<ul class="tally tally--named" id="tally" hx-swap-oob="true">.*?</ul>\s*</li>', body, re.S)
    assert tally
    assert 'aria-current="true"' in tally[0]
    years = body[body.index('id="years" hx-swap-oob="true"') :]
    assert "?period=2021&amp;status=met" in years
    assert 'id="tally"' in (whole := client.get("/en/").content.decode())
    assert "hx-swap-oob" not in whole
