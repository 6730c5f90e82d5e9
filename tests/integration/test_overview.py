"""The overview over a small council: what it says, what it refuses, and how many queries it asks."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import operations
from indicators.models import Assessment
from indicators.permissions import RoleName, may_steer
from indicators.queries import access
from scorecard.models import Goal
from tests.integration import council_world

pytestmark = pytest.mark.django_db


def text(client: Client, address: str, status: int = 200, **headers: str) -> str:
    """The page's words without its tags."""
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content[:500]
    words = re.sub(r"<(head|script|svg).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(words).split())


def goals(client: Client, address: str) -> list[str]:
    """Codes of the goals in the list, in order."""
    return re.findall(r'<h3 class="goal__title"><a href="[^"]*/goal/([\w-]+)/', client.get(address).content.decode())


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


# ── what it says ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_sentence_says_how_things_stand(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/")
    assert "One of four goals is met" in page
    assert "One is partly met and one is not met. One cannot be assessed, mostly because targets are missing." in page
    assert "Since 2021 one goal has moved the right way and one the wrong way." in page
    assert "Vår vision (en)." in page
    assert "Follow-up of 2022" in page


def test_goals_stand_under_their_issues_with_share_assessable(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/")
    assert goals(client, "/en/") == ["one", "two", "three", "four"]
    headings = re.findall(r"<h2>(.*?)</h2>", client.get("/en/").content.decode())
    plain = [re.sub(r"<[^>]+>", "", heading) for heading in headings]
    assert plain == ["Changes since 2021", "Strategic issue Lärande (en)", "Strategic issue Service (en)"]
    assert "1 of 2 indicators assessable 1 confidential" in page
    assert "0 of 1 indicator assessable 1 as context only" in page


def test_a_judgement_is_the_status_and_the_proposal_stays_beside_it(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/")
    assert "Partly met The committee's judgement Computed proposal: not met 2 Målet two" in page
    assert "Computed proposal" not in text(client, "/en/?status=met")


def test_a_measured_zero_is_a_value(client: Client) -> None:
    council_world.build()
    body = client.get("/en/").content.decode()
    assert 'aria-label="Mått eva (en): 0%"' in body
    assert '<span aria-hidden="true">0%</span>' in body
    assert "can now be assessed: not met 0%" in text(client, "/en/?changes=all")


def test_changes_show_better_and_worse_new_and_lost(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/")
    assert "Changes since 2021" in page
    assert "Mål one (en) from partly met to met Of 2 indicators that can be assessed, 2 are met" in page
    assert "Mål three (en) from met to not met" in page
    assert "Mått ann (en) from not met to met 82%, better, up 12 percentage points" in page
    assert "Mått cid (en) from met to partly met 78%, worse, down 7 percentage points" in page
    assert "Mått eva (en) can now be assessed: not met" in page
    assert "Mått fia (en) can no longer be assessed confidential" in page


def test_more_changes_than_fit_can_be_asked_for(client: Client) -> None:
    council_world.build()
    codes = [f"ind{n:02}" for n in range(12)]
    council_world.operations.store_definitions(
        units=[{"code": "percent", "symbol": "%", "name": council_world.texts("procent"), "share": True}],
        areas=[{"code": "learn", "name": council_world.texts("Skolan")}],
        departments=council_world.DEPARTMENTS,
        indicators=[council_world.definition(code) for code in codes],
        by=None,
    )
    council_world.measure({c: {"2021": 90.0, "2022": 90.0 if c == codes[0] else 10.0} for c in codes})
    council_world.pipeline.refresh(
        list(council_world.Indicator.objects.values_list("id", flat=True)), today=council_world.TODAY
    )
    brief, whole = text(client, "/en/"), text(client, "/en/?changes=all")
    assert "Show 9 more changes" in brief
    assert "more change" not in whole
    assert all(f"Mått {code} (en) from met to not met" in whole for code in codes[1:])
    assert "Mått ann (en) from not met to met" in brief, "the better is never crowded out by the worse"


def test_both_languages(client: Client) -> None:
    council_world.build()
    swedish = client.get("/").content.decode()
    english = client.get("/en/").content.decode()
    assert '<html lang="sv">' in swedish
    assert "Mål one</a>" in swedish
    assert '<a href="/en/" lang="en" hreflang="en">English</a>' in swedish
    assert '<html lang="en">' in english
    assert "Mål one (en)</a>" in english
    assert '<a href="/" lang="sv" hreflang="sv">Svenska</a>' in english


def test_the_other_language_keeps_the_choices(client: Client) -> None:
    council_world.build()
    page = client.get("/en/?period=2021&status=met").content.decode()
    assert 'href="/?period=2021&amp;status=met" lang="sv"' in page


# ── which period ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_earlier_period_can_be_chosen_and_goes_along(client: Client) -> None:
    council_world.build()
    page = client.get("/en/?period=2021").content.decode()
    assert "Follow-up of 2021" in text(client, "/en/?period=2021")
    assert 'href="/en/goal/one/?period=2021"' in page
    assert 'name="period" value="2021"' in page
    assert "/en/goal/one/?period" not in client.get("/en/?period=2022").content.decode()


def test_the_first_period_has_nothing_to_compare_with(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/?period=2020")
    assert "There is no earlier period to compare with." in page
    assert "Since" not in page


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("period=1999", "There are values for 2020–2022."),
        ("period=2023", "There are values for 2020–2022."),
        ("period=next", "“next”"),
        ("status=green", "met, partly, not_met, not_assessable"),
        ("area=moon", "learn, serve"),
        ("committee=moon", "school-board, service-board"),
    ],
)
def test_what_does_not_exist_is_refused_with_help(client: Client, query: str, hint: str) -> None:
    council_world.build()
    page = text(client, f"/en/?{query}", status=404)
    assert hint in page
    assert "To the overview" in page


def test_an_address_that_nobody_knows(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/no/such/page/", status=404)
    assert "It may have moved, or the address may be wrong." in page
    assert "Resolver404" not in page


# ── filters and search ────────────────────────────────────────────────────────────────────────────────────────────────


def test_filters_narrow_the_goals_and_say_so(client: Client) -> None:
    council_world.build()
    assert goals(client, "/en/?status=not_met") == ["three"]
    assert goals(client, "/en/?status=not_assessable") == ["four"]
    assert goals(client, "/en/?area=learn") == ["one", "two"]
    assert goals(client, "/en/?committee=service-board") == ["three", "four"]
    assert goals(client, "/en/?committee=service-board&status=not_met") == ["three"]
    page = text(client, "/en/?area=learn")
    assert "2 of 4 goals" in page
    assert "One of four goals is met" in page, "the headline is about all goals"


def test_the_tally_filters_by_status_and_names_the_goals(client: Client) -> None:
    council_world.build()
    page = client.get("/en/?area=learn").content.decode()
    assert 'href="/en/?area=learn&amp;status=met#goals"' in page
    assert re.search(r"Met</span></a><ul><li><a href=\"/en/goal/one/\">Mål one \(en\)</a></li></ul>", page)


def test_search_finds_indicators_by_name_code_and_definition(client: Client) -> None:
    council_world.build()
    assert "1 indicator matches “mäts HED”" in text(client, "/en/?q=m%C3%A4ts+HED")
    found = client.get("/en/?q=hed").content.decode()
    assert re.search(r'<th scope="row" role="rowheader"><a href="/en/indicator/hed/">Mått hed \(en\)</a>', found)
    assert "8 indicators match “mått”" in text(client, "/en/?q=m%C3%A5tt")
    assert "1 of 4 goals" in text(client, "/en/?q=one")


def test_search_goes_with_the_other_filters(client: Client) -> None:
    council_world.build()
    assert "4 indicators match" in text(client, "/en/?q=m%C3%A5tt&area=learn")
    assert "3 indicators match" in text(client, "/en/?q=m%C3%A5tt&committee=service-board")
    assert "1 indicator matches" in text(client, "/en/?q=m%C3%A5tt&status=partly")


def test_nothing_found_says_what_to_do(client: Client) -> None:
    council_world.build()
    page = text(client, "/en/?q=xyzzy")
    assert "Nothing fits the choice" in page
    assert "0 indicators match “xyzzy”" in page
    assert "Show everything" in page


def test_a_search_is_text_whatever_it_holds(client: Client) -> None:
    council_world.build()
    page = client.get("/en/?q=%3Cscript%3E%25%00%27").content.decode()
    assert "<script>%" not in page
    assert client.get("/en/?q=" + "a" * 3000).status_code == 200


def test_htmx_gets_the_list_alone_at_the_same_address(client: Client) -> None:
    council_world.build()
    response = client.get("/en/?status=met", headers={"hx-request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    assert "Målet one" in body
    assert "HX-Request" in response.headers["Vary"]


# ── before anything is there ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_installation_says_so(client: Client) -> None:
    page = text(client, "/en/")
    assert "There are no goals yet" in page
    assert "No goals have been decided for the period" in page


def test_goals_without_values_cannot_be_assessed(client: Client) -> None:
    council_world.build(values=False)
    page = text(client, "/en/")
    assert "None of the four goals can be assessed" in page
    assert "There is no earlier period to compare with." in page


@pytest.mark.parametrize(("invented", "example"), [(True, False), (False, True), (False, False)])
def test_what_kind_of_figures_these_are(client: Client, invented: bool, example: bool) -> None:
    council_world.build(invented=invented, example=example)
    page = text(client, "/en/")
    assert ("Demonstration." in page) is invented
    assert ("The goals are examples" in page) is example


# ── queries ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESSES = ["/", "/en/", "/?period=2021", "/?q=m%C3%A5tt", "/?status=met", "/?changes=all"]


def test_as_many_queries_with_few_indicators_as_with_121(client: Client) -> None:
    council_world.build()
    few = [queries(client, address) for address in ADDRESSES]
    council_world.add_shipped()
    assert Goal.objects.count() > 19
    assert Assessment.objects.filter(period="2022").count() > 8
    assert [queries(client, address) for address in ADDRESSES] == few
    assert max(few) <= 8


def test_few_queries_for_those_who_are_logged_in(client: Client) -> None:
    council_world.build()
    user = User.objects.create_user("strategist", password="a long password")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    client.get("/")  # notes that the session is in use, as once in ten minutes
    assert queries(client, "/") <= 8


def test_a_get_writes_nothing(client: Client) -> None:
    council_world.build()
    with CaptureQueriesContext(connection) as seen:
        client.get("/")
    assert all(query["sql"].lstrip().startswith("SELECT") for query in seen)


# ── who may see the jobs ──────────────────────────────────────────────────────────────────────────────────────────────


def test_steering_is_linked_for_strategists_and_administrators_only(client: Client) -> None:
    council_world.build()
    visitor, strategist = (User.objects.create_user(name) for name in ("visitor", "strategist"))
    administrator = User.objects.create_superuser("administrator")
    operations.grant_role(user=strategist, name=RoleName.STRATEGIST, by=None)
    assert "Steer" not in text(client, "/en/")
    for user, allowed in ((visitor, False), (strategist, True), (administrator, True)):
        client.force_login(user)
        assert ("Steer" in text(client, "/en/")) is allowed
        assert may_steer(access.person(User.objects.get(pk=user.pk))) is allowed
        assert client.get("/en/steer/").status_code == (200 if allowed else 403)
