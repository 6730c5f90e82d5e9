"""The page of one indicator and the list of all of them, over data that went through the real pipeline."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.models import Assessment, Benchmark, Indicator, Municipality, PeerValue
from indicators.queries import indicator as queries
from indicators.read_models import indicator as read_model
from tests.integration import indicator_world as world

pytestmark = pytest.mark.django_db
Page = Callable[..., str]
MOST_QUERIES = 12


@pytest.fixture
def built() -> None:
    world.build()
    world.set_goals()


@pytest.fixture
def page(client: Client) -> Page:
    """The text of a page as a reader meets it: English unless asked otherwise, one space between words."""

    def read(address: str, *, status: int = 200, swedish: bool = False, **headers: Any) -> str:
        answer = client.get(address if swedish else f"/en{address}", **headers)
        assert answer.status_code == status, answer.status_code
        return re.sub(r"\s+", " ", unescape(answer.content.decode()))

    return read


def words(html: str) -> str:
    """Without tags; drawings left out."""
    html = re.sub(r"<(svg|script)\b.*?</\1>", " ", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# ── one indicator ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
class TestOneIndicator:
    def test_says_how_it_stands_and_why(self, page: Page) -> None:
        text = words(page("/indicator/passed/"))
        assert "The value for 2022 is 89.8%. That is 0.6 percentage points less than for 2021, which is worse." in text
        assert "Target: at least 89%" in text
        assert "The target is at least 89%. The value, 89.8%, meets it. 89.8 ≥ 89" in text
        assert "Follow-up of 2022" in text

    def test_shows_its_goals(self, page: Page) -> None:
        html = page("/indicator/passed/")
        assert 'href="/en/goal/g1/"' in html
        assert 'href="/en/goal/g2/"' in html
        assert 'href="/en/goal/g2/">Trivs (en)</a></li>' in page("/indicator/calls/"), (
            "one goal stands in the breadcrumb"
        )

    def test_place_is_the_stored_one(self, page: Page) -> None:
        stored = Benchmark.objects.get(indicator__code="passed", group__code="all", year=2022)
        text = words(page("/indicator/passed/"))
        assert f"Place {stored.rank} of {stored.others + 1}" in text
        assert "of the others" in text

    def test_the_ranking_agrees_with_every_stored_place(self, page: Page) -> None:
        for group in ("all", "similar", "G2"):
            stored = Benchmark.objects.get(
                indicator__code="passed", group__code={"similar": "G1"}.get(group, group), year=2022
            )
            html = page(f"/indicator/passed/?group={group}")
            ours = re.findall(r'<tr class="is-own"><td[^>]*>(\d+)</td><th[^>]*>Exempelby</th>', html)
            assert set(ours) == {str(stored.rank)}

    def test_the_nation_is_a_line_of_its_own(self, page: Page) -> None:
        assert "The nation" not in page("/indicator/passed/")
        Municipality.objects.create(code="0000", name="Riket", type=Municipality.Type.NATION)
        place = Benchmark.objects.get(indicator__code="passed", group__code="all", year=2022)
        assert place.low is not None
        assert place.high is not None
        middle = round((place.low + place.high) / 2, 1)
        values = [(2021, 0, 0.0), (2022, 0, middle + 1), (2022, 1, middle)]
        delivery = PeerValue.objects.filter(kpi=world.PASSED).values_list("delivery_id", flat=True)[0]
        for year, revision, value in values:
            PeerValue.objects.create(
                kpi=world.PASSED, year=year, municipality="0000", breakdown="T", revision=revision, value=value,
                delivery_id=delivery,
            )  # fmt: skip
        html = page("/indicator/passed/")
        cells = re.findall(r'data-label="The nation \(weighted value\)" class="number">([^<]*)<', html)
        assert cells[0] == f"{middle}%", "the newest revision"
        assert set(cells[1:]) == {"–"}, "a 0 below every municipality is no mean of them"
        assert "usually a weighted mean" in words(html)
        assert "Riket (vägt värde)" in page("/indicator/passed/", swedish=True)
        stored = Benchmark.objects.get(pk=place.pk)
        assert (stored.median, stored.others) == (place.median, place.others)

    def test_equal_values_share_a_place(self, page: Page) -> None:
        html = page("/indicator/trusted/?group=G2")
        row = r'ranking__place">(\d+)</td><th scope="row">Ort \d+</th><td class="number">(\d+)%</td>'
        by_value: dict[str, list[int]] = {}
        for place, value in re.findall(row, html):
            by_value.setdefault(value, []).append(int(place))
        assert all(len(set(places)) == 1 for places in by_value.values())
        tied = max(by_value.values(), key=len)
        assert len(tied) > 1
        assert min(p[0] for p in by_value.values()) == 1

    def test_long_lists_are_folded_around_us(self, page: Page) -> None:
        html = page("/indicator/passed/")
        assert "Show all 40 municipalities" in html
        folded = html[: html.index("Show all 40 municipalities")]
        assert folded.count('<th scope="row">') <= 8
        assert "Exempelby" in folded
        assert "Show all" not in page("/indicator/passed/?group=similar")

    def test_names_its_sources_as_they_may_be_named(self, page: Page) -> None:
        text = words(page("/indicator/passed/"))
        assert "Source: Kolada, key figure N90001, fetched 20" in text
        assert "Median, quartiles, places and quarters: own processing of data from Kolada." in text
        assert "Source: Servicecenter (en)" in words(page("/indicator/calls/"))
        survey = words(page("/indicator/heard/"))
        assert "Source: the municipality's survey, Servicecenter (en)" in survey
        assert "Kolada" not in survey.replace("Source: the municipality's survey", "")

    def test_women_and_men_are_drawn_on_request(self, page: Page) -> None:
        assert "chart-line--women" not in page("/indicator/passed/")
        html = page("/indicator/passed/?divided=1")
        assert "chart-line--women" in html
        assert "chart-line--men" in html
        assert "divided=1" in html[html.index("Download as CSV") - 300 : html.index("Download as CSV")]
        assert 'name="divided"' not in page("/indicator/calls/")

    def test_a_missing_year_is_a_gap_and_no_zero(self, page: Page) -> None:
        html = page("/indicator/passed/")
        row = re.search(r'<th scope="row" role="rowheader">2018</th>(.*?)</tr>', html)
        assert row is not None
        assert "– (missing)" in row[1]
        assert "0.0%" not in row[1]
        drawn = json.loads(re.findall(r'id="chart-data"[^>]*>(.*?)</script>', html)[0])
        own = next(trace for trace in drawn["data"] if trace["meta"]["role"] == "own")
        assert dict(zip(own["x"], own["y"], strict=True))[2018] is None

    def test_confidential_and_zero(self, page: Page) -> None:
        html = page("/indicator/calls/")
        assert ".. (confidential)" in html
        assert re.search(r"December 2022</th> <td[^>]*>0\.0%", html), "a measured 0 is shown"
        assert "The value for December 2022 is 0.0%." in html
        assert "dec 2022" in html.lower()

    def test_without_peers_it_says_why(self, page: Page) -> None:
        html = page("/indicator/calls/")
        assert "The municipality measures this itself. No other municipality has a value" in html
        assert 'class="chart strip"' not in html
        assert "Choose the municipalities yourself" not in html
        assert "the municipality's own survey. No other municipality" in page("/indicator/heard/")

    def test_without_any_value(self, page: Page) -> None:
        html = page("/indicator/silent/")
        assert "No value yet" in html
        assert "plotly" not in html
        assert 'class="chart card"' not in html

    def test_context_is_never_ranked_or_judged(self, page: Page) -> None:
        text = words(page("/indicator/cost/"))
        assert "The municipalities are not ranked: neither high nor low is better." in text
        assert not re.search(r"\b(better|worse)\b", text[: text.index("Compared with others")].replace("is better", ""))

    def test_inside_the_margin_nothing_is_better(self, page: Page) -> None:
        text = words(page("/indicator/trusted/"))
        assert Assessment.objects.get(indicator__code="trusted", period="2022").change_word == "uncertain"
        assert "The difference from 2021 lies inside the margin of error." in text
        assert "no certain change since 2021" in text
        assert "which is better" not in text
        stored = Benchmark.objects.get(indicator__code="trusted", group__code="all", year=2022)
        assert stored.best_rank is not None
        assert f"Place {stored.best_rank}–{stored.worst_rank} of 40" in text
        assert "computed as for a simple random sample" in text

    def test_a_break_is_drawn_and_explained(self, page: Page) -> None:
        html = page("/indicator/heard/?period=2021")
        assert "chart-break" in html
        assert "method changed: Frågan är ny (en)" in html
        assert "The method changed between 2020 and 2021, so the two values cannot be compared." in html

    def test_history_that_was_revised_says_what_it_was(self, page: Page) -> None:
        changes: dict[tuple[str, int, str, str], float | None] = {(world.PASSED, 2021, world.HOME, "T"): 88.8}
        world.publish(world.Published(changes), revise=True)
        world.compute()
        html = page("/indicator/passed/")
        assert "changed by the source: was 90.4%" in html
        assert "That is 1.0 percentage points more than for 2021, which is better." in html

    def test_a_withdrawn_value_says_what_it_was(self, page: Page) -> None:
        world.publish(world.Published({(world.PASSED, 2021, world.HOME, "T"): None}), revise=True)
        world.compute()
        assert "withdrawn by the source: was 90.4%" in page("/indicator/passed/")

    def test_learn_from(self, page: Page) -> None:
        assert "Learn from" not in page("/indicator/passed/")
        world.publish(world.Published({(world.PASSED, 2022, world.HOME, "T"): 40.0}), revise=True)
        world.compute()
        lessons = Assessment.objects.get(indicator__code="passed", period="2022").lessons
        assert lessons
        text = words(page("/indicator/passed/"))
        assert "Learn from" in text
        assert re.search(rf"Ort {lessons[0]['code']} [\d.]+% in 2022, from [\d.]+% in 2017", text)

    def test_an_earlier_year_is_compared_where_the_newest_has_too_few(self, page: Page) -> None:
        gone = {(world.PASSED, 2022, code, "T"): None for code in world.OTHERS[4:]}
        world.publish(world.Published(gone), revise=True)
        world.compute()
        text = words(page("/indicator/passed/"))
        assert "Our newest value is for 2022, but too few others have one then: 2021 is compared instead." in text
        assert "The value for 2022 is 89.8%" in text

    def test_both_languages(self, page: Page) -> None:
        swedish = page("/indicator/passed/", swedish=True)
        assert '<html lang="sv">' in swedish
        assert "Mått passed</h1>" in swedish
        assert "89,8" in swedish
        english = page("/indicator/passed/")
        assert "Mått passed (en)</h1>" in english
        assert "Alla kommuner (en)" in english

    def test_period(self, page: Page) -> None:
        text = words(page("/indicator/passed/?period=2017"))
        assert "The value for 2017 is 92.8%." in text
        assert "Follow-up of 2017" in text


# ── choices ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
class TestChoices:
    def test_own_choice_gives_what_the_stored_group_gives(self) -> None:
        for code in ("passed", "trusted", "cost"):
            stored = queries.indicator(code, group="similar")
            own = queries.indicator(code, peers=world.SIMILAR)
            assert own.group is not None
            assert own.group.codes == tuple(world.SIMILAR)
            assert own.places == stored.places
            assert own.place == stored.place
            assert sorted(own.peers, key=lambda p: p.code) == sorted(stored.peers, key=lambda p: p.code)

    def test_names_become_codes_in_the_address(self, client: Client) -> None:
        answer = client.get("/en/indicator/passed/", {"peers": "ort 9003, 9002,Exempelby", "divided": "1"})
        assert answer.status_code == 302
        assert answer["Location"] == "/en/indicator/passed/?peers=9002,9003&divided=1"
        assert client.get(answer["Location"]).status_code == 200

    def test_fewer_than_five_are_shown_without_places(self, page: Page) -> None:
        html = page("/indicator/passed/?peers=9002,9003")
        text = words(html)
        assert "Too few municipalities have a value for a place among them." in text
        assert "Ort 9003" in text
        assert 'class="chart strip"' not in html
        assert "ranking__place" not in html
        assert "Best quarter" not in text

    def test_the_form_keeps_the_choice(self, page: Page) -> None:
        html = page(f"/indicator/passed/?peers={','.join(world.SIMILAR)}&period=2020")
        assert '<option value="" selected>Own choice</option>' in html
        assert 'value="Ort 9002, Ort 9003,' in html
        assert '<option value="2020" selected>' in html

    def test_a_group_goes_before_an_own_choice(self) -> None:
        assert queries.indicator("passed", group="G2", peers=[]).group is not None

    @pytest.mark.parametrize(
        ("address", "said"),
        [
            ("/indicator/pased/", "There is no indicator with the code “pased”. Similar codes: passed"),
            ("/indicator/passed/?period=1999", "There is no follow-up year “1999”. Choose a year from 2015 to 2023."),
            ("/indicator/passed/?period=x", "There is no follow-up year “x”."),
            ("/indicator/passed/?group=moon", "There is no group “moon” to compare with. These exist: all (Alla"),
            ("/indicator/passed/?peers=Atlantis", "No municipality is called “Atlantis”. Write codes or names"),
            ("/indicator/passed/?peers=9001", "Choose at least one other municipality than our own."),
            ("/indicators/?area=moon", "“moon” cannot be chosen. Choose one of: edu (Skolan (en))"),
            ("/indicators/?status=red", "“red” cannot be chosen."),
            ("/indicators/?period=1999", "There is no follow-up year “1999”."),
        ],
    )  # fmt: skip
    def test_what_does_not_exist_gives_a_404_that_helps(self, page: Page, address: str, said: str) -> None:
        assert said in words(page(address, status=404))

    def test_a_known_group_without_figures_is_shown_empty(self, page: Page) -> None:
        gone = {(world.PASSED, year, code, "T"): None for year in world.YEARS for code in world.COUNTY}
        world.publish(world.Published(gone), revise=True)
        world.compute()
        html = page("/indicator/passed/?group=G2")
        assert "In no year up to 2022 do both we and others of the group have a value." in html
        assert '<option value="G2" selected>Länet (en)</option>' in html
        assert '<option value="G2"' not in page("/indicator/passed/")

    def test_a_year_before_our_first_value(self, page: Page) -> None:
        text = words(page("/indicator/calls/?period=2017"))
        assert "No value had been measured by the end of 2017." in text
        assert "Cannot be assessed" in text
        assert "Follow-up of 2017" in text
        assert '<option value="2017" selected>' in page("/indicator/calls/?period=2017")
        assert "No value has been recorded yet." in words(page("/indicator/silent/?period=2017"))

    def test_a_group_in_the_address_does_no_harm_where_nothing_is_compared(self, page: Page) -> None:
        assert "nothing to compare with" in page("/indicator/calls/?group=all")
        assert "nothing to compare with" in page("/indicator/calls/?peers=9002")

    def test_only_reading_is_allowed(self, client: Client) -> None:
        assert client.post("/indicator/passed/").status_code == 405
        assert client.head("/indicator/passed/").status_code == 200


# ── cost ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_number_of_queries_is_fixed(client: Client) -> None:
    world.build()
    world.set_goals()
    addresses = [
        "/en/indicator/passed/",
        "/en/indicator/passed/?group=similar&divided=1&period=2020",
        f"/en/indicator/passed/?peers={','.join(world.SIMILAR)}",
        "/en/indicator/calls/",
        "/en/indicator/silent/",
        "/en/indicators/",
        "/en/indicators/?q=passed&area=edu",
    ]
    before = [_queries(client, address) for address in addresses]
    assert max(before) <= MOST_QUERIES
    more = [world.definition(f"more{n}", area="service", source="department", department="service") for n in range(60)]
    world.operations.store_definitions(units=[], areas=[], departments=[], indicators=more, by=None)
    world.compute()
    assert [_queries(client, address) for address in addresses] == before


# ── demonstration ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_invented_figures_never_carry_a_real_source(page: Page) -> None:
    world.build(invented=True)
    for code in ("passed", "trusted", "calls", "heard"):
        html = page(f"/indicator/{code}/")
        text = words(html)
        assert "Invented figures for demonstration" in text
        assert "Source: Kolada" not in html
        assert "data from Kolada" not in html


def test_before_anything_is_set_up(page: Page) -> None:
    assert "No values have been computed yet." in page("/indicators/")
    assert "There is no indicator" in page("/indicator/passed/", status=404)


def test_before_anything_is_computed(page: Page) -> None:
    world.operations.store_definitions(
        units=[{"code": "percent", "symbol": "%", "name": "procent", "share": True}],
        areas=[{"code": "edu", "name": world.texts("Skolan")}],
        departments=[{"code": "school", "name": world.texts("Skola")}],
        indicators=[world.DEFINITIONS[0]],
        by=None,
    )
    html = page("/indicator/passed/")
    assert "No value has been recorded yet." in html
    assert "No values of other municipalities have been fetched" in html
    assert "Nothing has been followed up yet" in words(page("/indicator/passed/?period=2020", status=404))


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
class TestList:
    def test_all_indicators_with_how_they_stand(self, page: Page) -> None:
        html = page("/indicators/")
        assert html.count('href="/en/indicator/') == len(world.DEFINITIONS)
        assert "6 of 6 indicators" in html
        assert "89.8%" in html

    @pytest.mark.parametrize(
        ("filters", "codes"),
        [
            ("q=PASSED", {"passed"}),
            ("q=mått+chefen", {"passed", "trusted", "cost", "calls", "heard", "silent"}),
            ("q=n90003", {"cost"}),
            ("area=service", {"calls", "heard", "silent"}),
            ("source=survey", {"heard"}),
            ("measures=resource", {"cost"}),
            ("status=met", {"passed", "heard"}),
            ("status=not_assessable&source=department", {"silent"}),
            ("q=zebra", set()),
        ],
    )
    def test_search_and_filters(self, page: Page, filters: str, codes: set[str]) -> None:
        html = page(f"/indicators/?{filters}")
        assert set(re.findall(r'href="/en/indicator/(\w+)/', html)) == codes
        assert "Clear filters" in html
        if not codes:
            assert "No indicator fits" in html

    def test_the_fragment_is_part_of_the_page(self, page: Page) -> None:
        fragment = page("/indicators/?area=edu", headers={"HX-Request": "true"})
        assert "<html" not in fragment
        assert fragment.strip() in page("/indicators/?area=edu")

    def test_period(self, page: Page) -> None:
        html = page("/indicators/?period=2017")
        assert "92.8%" in html
        assert 'href="/en/indicator/passed/?period=2017"' in html

    def test_retired_indicators_are_left_out_but_still_have_a_page(self, page: Page) -> None:
        Indicator.objects.filter(code="passed").update(retired_on=world.TODAY)
        assert "/indicator/passed/" not in page("/indicators/")
        assert "This indicator is no longer followed." in page("/indicator/passed/")


@pytest.mark.usefixtures("built")
def test_every_number_is_text_in_the_page_model() -> None:
    with translation.override("en"):
        found = read_model.page(queries.indicator("passed"), divided=True)
    assert found.comparison is not None
    assert found.comparison.ranking is not None
    assert all(isinstance(line.value, str) and isinstance(line.rank, str) for line in found.comparison.ranking.lines)
    assert isinstance(found.value.number, str)
