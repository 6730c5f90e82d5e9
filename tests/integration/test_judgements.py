"""Goal judgements: what is missing by committee, the proposal beside the own judgement, revisions that stay."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import operations as indicator_operations
from indicators.models import Indicator
from indicators.permissions import RoleName
from scorecard import operations
from scorecard.compute.goals import Part, propose
from scorecard.models import Goal, GoalJudgement
from tests.integration import council_world
from tests.integration.council_world import texts

pytestmark = pytest.mark.django_db
LIST, EDIT = "/en/steer/judgements/", "/en/steer/judgements/{}/2022/"


@pytest.fixture
def strategist(client: Client) -> User:
    council_world.build()
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password", first_name="Sara")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return user


def plain(content: bytes) -> str:
    found = re.sub(r"<(head|script|svg).*?</\1>|<[^>]+>", " ", content.decode(), flags=re.S)
    return " ".join(unescape(found).split())


def words(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, plain(response.content)[:800]
    return plain(response.content)


def judgement(**more: Any) -> dict[str, Any]:
    return {
        "status": "met", "motivation_sv": "Det går bra", "motivation_en": "It goes well", "actions_sv": "",
        "actions_en": "", "decided_on": "2023-03-20", "seen": "-1",
    } | more  # fmt: skip


def test_the_list_says_what_is_missing_by_committee(client: Client, strategist: User) -> None:
    page = words(client, LIST)
    assert "3 of 4 goals remain." in page
    assert "Skolnämnden (en) 1 of 2 goals remain." in page
    assert "Servicenämnden (en) 2 of 2 goals remain." in page
    assert "Mål two (en) Not met Partly met another than the proposal" in page
    assert "Mål one (en) Met Judge" in page
    assert "4 of 4 goals remain." in words(client, f"{LIST}?period=2021")


def test_the_proposal_stands_beside_the_form(client: Client, strategist: User) -> None:
    page = words(client, EDIT.format("one"))
    assert "Of 2 indicators that can be assessed, 2 are met." in page
    assert "100% ≥ 80%" in page
    assert "Mått ann (en) key indicator" in page
    body = client.get(EDIT.format("one")).content.decode()
    assert re.search(r'<input type="radio" name="status" value="met"[^>]*checked', body), "the proposal is marked"


def test_a_judgement_shows_on_the_goal_s_page_with_the_proposal(client: Client, strategist: User) -> None:
    assert client.post(EDIT.format("one"), judgement(status="partly", actions_sv="Mer stöd")).status_code == 302
    stored = GoalJudgement.objects.get(goal__code="one", period="2022")
    assert (stored.status, stored.revision, stored.entered_by) == ("partly", 0, strategist)
    page = words(client, "/en/goal/one/?period=2022")
    assert "It goes well What is being done: Mer stöd" in page
    assert "Decided on 2023-03-20. The computed proposal below is another; both are kept." in page
    assert "Computed proposal: Met" in page
    assert "3 of 4 goals remain" not in words(client, LIST)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("met", "Write why, also where you agree with the proposal."),
        ("not_met", "Your judgement is another than the proposal (met): write why."),
    ],
)
@pytest.mark.parametrize("empty", ["", "   "])
def test_why_is_asked_for(client: Client, strategist: User, status: str, message: str, empty: str) -> None:
    answer = client.post(EDIT.format("one"), judgement(status=status, motivation_sv=empty))
    assert answer.status_code == 200
    assert message in plain(answer.content)
    assert "It goes well" in answer.content.decode(), "what was written stays in the form"
    assert not GoalJudgement.objects.filter(goal__code="one").exists()


@pytest.mark.parametrize(
    "wrong", [{"status": "splendid"}, {"status": ""}, {"decided_on": "soon"}, {"decided_on": "2999-01-01"}]
)
def test_what_cannot_be_is_refused(client: Client, strategist: User, wrong: dict[str, str]) -> None:
    answer = client.post(EDIT.format("one"), judgement(**wrong))
    assert answer.status_code == 200
    assert "The judgement could not be recorded." in plain(answer.content)
    assert not GoalJudgement.objects.filter(goal__code="one").exists()


def test_a_change_is_a_further_revision_and_the_earlier_one_stays(client: Client, strategist: User) -> None:
    client.post(EDIT.format("one"), judgement())
    client.post(EDIT.format("one"), judgement(status="partly", motivation_sv="Vi ser nu brister", seen="0"))
    stored = GoalJudgement.objects.filter(goal__code="one", period="2022").order_by("revision")
    assert [(row.revision, row.status, row.motivation_sv) for row in stored] == [
        (0, "met", "Det går bra"),
        (1, "partly", "Vi ser nu brister"),
    ]
    page = words(client, EDIT.format("one"))
    assert re.search(r"version 2, Sara, \d{4}-\d\d-\d\d \d\d:\d\d, decided on 2023-03-20", page)
    assert page.index("version 2") < page.index("version 1")


def test_saying_the_same_again_is_no_revision(client: Client, strategist: User) -> None:
    client.post(EDIT.format("one"), judgement())
    client.post(EDIT.format("one"), judgement(seen="0"))
    assert GoalJudgement.objects.filter(goal__code="one").count() == 1


def test_the_second_of_two_sees_the_first_and_chooses(client: Client, strategist: User) -> None:
    operations.judge_goal(
        goal=Goal.objects.get(code="one"), period="2022", status="not_met", motivation=texts("Den andras skäl"),
        actions=None, decided_on=date(2023, 3, 1), by=None,
    )  # fmt: skip
    answer = client.post(EDIT.format("one"), judgement())
    page = plain(answer.content)
    assert "Somebody else has judged the goal meanwhile. Not met Den andras skäl (en)" in page
    assert "Det går bra" in answer.content.decode()
    assert GoalJudgement.objects.filter(goal__code="one").count() == 1
    seen = re.search(r'name="seen" value="(-?\d+)"', answer.content.decode())
    assert seen
    assert client.post(EDIT.format("one"), judgement(seen=seen[1])).status_code == 302
    assert GoalJudgement.objects.filter(goal__code="one").latest("revision").status == "met"


def test_the_proposal_is_kept_as_it_stood(client: Client, strategist: User) -> None:
    client.post(EDIT.format("one"), judgement())
    kept = GoalJudgement.objects.get(goal__code="one").proposal
    assert [(part["code"], part["status"], part["value"], part["key"]) for part in kept["parts"]] == [
        ("ann", "met", 82.0, True),
        ("ben", "met", 90.0, False),
    ]
    again = propose([Part(part["status"], part["weight"], part["key"]) for part in kept["parts"]])
    assert (again.status, again.share) == (kept["status"], kept["share"]), "it can be worked out again from its parts"
    council_world.measure({"ann": {"2022": 10.0}})
    council_world.pipeline.refresh(list(Indicator.objects.values_list("id", flat=True)), today=council_world.TODAY)
    page = words(client, EDIT.format("one"))
    assert "Computed proposal Partly met" in page
    assert "The proposal as it stood then Met Of 2 indicators that can be assessed, 2 are met." in page
    goal_page = words(client, "/en/goal/one/?period=2022")
    assert "When the goal was judged, the proposal was: met." in goal_page


def test_a_measured_zero_is_kept_as_zero_and_a_missing_value_as_none(client: Client, strategist: User) -> None:
    client.post(EDIT.format("three"), judgement(status="not_met"))
    parts = GoalJudgement.objects.get(goal__code="three").proposal["parts"]
    assert [(part["value"], part["reason"]) for part in parts] == [(0.0, ""), (None, "confidential")]


def test_the_same_number_of_queries_for_more_goals(client: Client, strategist: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    asked()
    few = asked()
    council_world.add_shipped()
    assert asked() == few


@pytest.mark.parametrize("address", ["nosuch/2022/", "one/1980/", "one/soon/"])
def test_what_is_not_there_is_404(client: Client, strategist: User, address: str) -> None:
    assert client.get(f"/en/steer/judgements/{address}").status_code == 404


def test_others_are_told_whom_to_ask(client: Client, strategist: User) -> None:
    council = User.objects.create_user("council")
    indicator_operations.grant_role(user=council, name=RoleName.COUNCIL, by=None)
    client.force_login(council)
    assert "Send them what the committee has decided." in words(client, LIST, status=403)
    assert client.post(EDIT.format("one"), judgement()).status_code == 403
    assert not GoalJudgement.objects.filter(goal__code="one").exists()
