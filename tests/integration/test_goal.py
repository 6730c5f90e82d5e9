"""A goal's page over a small council: status and why, judgement, indicators, years, directions, refusals, queries."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import operations as indicator_operations
from indicators.permissions import RoleName
from scorecard import operations
from scorecard.models import Goal, GoalJudgement
from tests.integration import council_world

pytestmark = pytest.mark.django_db


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    words = re.sub(r"<(head|script|svg).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(words).split())


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_status_explains_itself_with_numbers(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/one/")
    assert "Of 2 indicators that can be assessed, 2 are met." in page
    assert "Weighted together, with partly met counted as half, that is 100%." in page
    assert "100% ≥ 80%" in page
    assert "2 of 2 indicators assessable" in page
    assert "Key indicators Mått ann (en)" in page
    assert "No judgement for 2022 has been recorded by the committee responsible: Skolnämnden (en)." in page


def test_a_key_indicator_that_is_not_met_holds_the_goal_back(client: Client) -> None:
    council_world.build()
    council_world.measure({"ben": {"2019": 90.0}, "ann": {"2019": 10.0}})
    council_world.pipeline.refresh(
        list(council_world.Indicator.objects.values_list("id", flat=True)), today=council_world.TODAY
    )
    page = text(client, "/en/goal/one/?period=2019")
    assert "50% ≤ 50% < 80%" in page


def test_not_assessable_says_how_much_is_missing(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/four/")
    assert "None of the goal's indicators can be assessed." in page
    assert "0 of 1 indicator assessable; 1 as context only." in page


def test_judgement_and_proposal_are_both_there(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/two/")
    assert "How the goal stands in 2022 Change period" in page
    assert "Judged by: Skolnämnden (en) Vi är på god väg (en) What is being done: Mer av det som fungerar (en)" in page
    assert "Decided on 2023-03-14. The computed proposal below is another; both are kept." in page
    assert "Computed proposal: Not met Of 2 indicators that can be assessed, 1 is partly met and 1 is not met." in page
    assert "25% < 50%" in page
    assert "No judgement for" not in page
    assert "Judged by" not in text(client, "/en/goal/two/?period=2021")


def test_the_newest_revision_of_a_judgement_counts(client: Client) -> None:
    council_world.build()
    operations.judge_goal(
        goal=Goal.objects.get(code="two"),
        period="2022",
        status="not_met",
        motivation=council_world.texts("Vid närmare eftertanke"),
        actions=None,
        decided_on=date(2023, 4, 1),
        by=None,
    )
    page = text(client, "/en/goal/two/")
    assert GoalJudgement.objects.count() == 2
    assert "Vid närmare eftertanke" in page
    assert "Vi är på god väg" not in page
    assert "It agrees with the computed proposal below." in page


def test_each_indicator_is_one_row_with_everything(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/one/")
    assert "Mått ann (en) key indicator Met 82% 2022 at least 80% better, up 12 percentage points since 2021" in page
    assert "Chefen för ann (en) Skolförvaltningen (en)" in page
    assert "unchanged since 2021" in page
    two = text(client, "/en/goal/two/")
    assert "Partly met 78% 2022 at least 80% worse, down 7 percentage points since 2021" in two


def test_a_measured_zero_and_a_value_that_is_not_there(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/three/")
    assert "Mått eva (en) Not met 0% 2022 at least 80% –" in page
    assert "Mått fia (en) Cannot be assessed confidential .. confidential" in page


def test_years_are_a_row_of_words(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/one/")
    assert "Year by year 2022 Met 2021 Partly met 2020 Partly met" in page
    assert "2022 Partly met judged 2021 Partly met" in text(client, "/en/goal/two/")


def test_directions_and_directives(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/goal/one/")
    assert "Direction Inriktning för one (en)" in page
    assert "Directives from the council Uppdrag för one (en) Skolnämnden (en), 2022–2023" in page


def test_the_period_goes_along(client: Client) -> None:
    council_world.build()
    page = client.get("/en/goal/one/?period=2021").content.decode()
    assert 'href="/en/?period=2021"' in page
    assert 'href="/en/?period=2021#learning"' in page
    assert 'href="/en/indicator/ann/?period=2021"' in page
    assert "How the goal stands in 2021" in page


def test_both_languages(client: Client) -> None:
    council_world.build()
    assert "Målet one ska nås" in text(client, "/goal/one/")
    assert "Målet one ska nås (en)" not in text(client, "/goal/one/")
    assert 'href="/en/goal/one/?period=2021" lang="en"' in client.get("/goal/one/?period=2021").content.decode()


def test_an_empty_translation_falls_back_to_swedish(client: Client) -> None:
    council_world.build()
    Goal.objects.filter(code="one").update(sentence_en="")
    assert "Målet one ska nås" in text(client, "/en/goal/one/")
    assert "Målet one ska nås" in text(client, "/en/")


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("/en/goal/nosuch/", "There is no goal “nosuch”."),
        ("/en/goal/one/?period=1980", "There are values for 2020–2022."),
    ],
)
def test_what_does_not_exist_is_refused_with_help(client: Client, address: str, hint: str) -> None:
    council_world.build()
    assert hint in text(client, address, status=404)


def test_a_goal_without_indicators(client: Client) -> None:
    council_world.build()
    Goal.objects.get(code="four").links.all().delete()
    page = text(client, "/en/goal/four/")
    assert "No indicators are linked to the goal" in page
    assert "there is nothing to judge it by" in page


def test_as_many_queries_with_few_indicators_as_with_121(client: Client) -> None:
    council_world.build()
    addresses = ["/goal/one/", "/en/goal/two/", "/goal/three/?period=2021"]
    few = [queries(client, address) for address in addresses]
    council_world.add_shipped()
    assert [queries(client, address) for address in addresses] == few
    assert queries(client, "/goal/easy-contact/") == few[0]
    assert max(few) <= 8


def test_few_queries_for_those_who_are_logged_in(client: Client) -> None:
    council_world.build()
    user = User.objects.create_user("strategist", password="a long password")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    client.get("/")  # notes that the session is in use, as once in ten minutes
    assert queries(client, "/goal/two/") <= 8
