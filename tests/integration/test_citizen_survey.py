"""The published citizen survey, from the replay of Kolada's API to its page: every question with a margin of error."""

import csv
import gzip
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from indicators import operations, pipeline
from indicators.models import Assessment, Indicator, SeriesPoint
from indicators.queries import citizen_survey, computation
from indicators.queries import compare as compare_queries
from indicators.queries import indicator as indicator_queries
from indicators.sources.kolada import KoladaClient, Page
from scorecard import pipeline as setup
from scorecard import queries as site_queries
from scorecard.queries import council
from tests.integration.small_world import Pages, cell, entry

pytestmark = pytest.mark.django_db
HOME, TODAY = "1384", date(2023, 6, 1)
SIMILAR = ("0117", "0120", "0163", "1401", "1402", "1482", "2482")
PLACES = (HOME, *SIMILAR)
ANSWERS, RATE = computation.SURVEY_ANSWERS, computation.SURVEY_RESPONSE_RATE
NOT_ASKED_IN_2021 = {"N00577", "N00641", "N00646"}  # or too few of ours answered
Published = dict[tuple[str, int, str], float]


class OfAFew:
    """The replay's pages with the cells of a few municipalities alone, so that taking them in is quick."""

    def __init__(self, client: KoladaClient) -> None:
        self.client = client

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Page]:
        for page in self.client.data(kpis, years):
            yield Page(page.number, page.url, [c for c in page.cells if c["municipality"] in PLACES])


@pytest.fixture(scope="module")
def replay(start_replay: Callable[..., Callable[[], str]]) -> str:
    return start_replay()()


@pytest.fixture(scope="module")
def ours(replay_folder: Path) -> Published:
    """What Kungsbacka's file of values says: by identity, year and breakdown."""
    with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(line for line in file if f",{HOME}," in line)
        return {(kpi, int(year), sex): float(value) for kpi, _place, year, sex, value in rows if value}


@pytest.fixture
def questions(replay: str, settings: Any) -> list[Indicator]:
    """Kungsbacka and its similar municipalities with all definitions, and the survey's values of the replay."""
    settings.KOLADA_FIRST_YEAR = 2019
    operations.store_municipalities(
        places=[(code, f"Ort {code}", "K") for code in PLACES], home=HOME, invented=False, by=None
    )
    setup.store_citizen_survey(setup.store_definitions(example=True))
    group = operations.GroupOf
    members: dict[str, Any] = dict.fromkeys(SIMILAR, (None, None))
    operations.store_groups(
        by=None,
        groups=[
            group("all", {"sv": "Alla", "en": "All"}, "all", members | {HOME: (None, None)}),
            group("G37433", {"sv": "Liknande", "en": "Similar"}, "similar", members, order=10),
        ],
    )
    found = list(Indicator.objects.filter(respondents_kolada_id=ANSWERS).order_by("kolada_id"))
    with KoladaClient(replay, requests_per_second=0) as client:
        kpis = [*(i.kolada_id for i in found), *(i.margin_kolada_id for i in found), ANSWERS, RATE]
        pipeline.import_peer_values(OfAFew(client), kpis=kpis, today=TODAY)
    pipeline.refresh([i.pk for i in found], today=TODAY)
    return found


def point(question: Indicator, year: int, breakdown: str = "T") -> SeriesPoint:
    return SeriesPoint.objects.get(indicator=question, period=str(year), breakdown=breakdown)


def publish(*cells: Any) -> None:
    """Values from Kolada, later than what is stored; computed."""
    source = Pages(cells, ordinary={c["kpi"] for c in cells})
    pipeline.import_peer_values(source, kpis=sorted({c["kpi"] for c in cells}), today=TODAY, revise=True)
    ids = computation.indicator_ids({c["kpi"] for c in cells})
    assert ids, "what a margin belongs to is computed anew"
    pipeline.refresh(ids, today=TODAY)


# ── all of them flow in ───────────────────────────────────────────────────────────────────────────────────────────────


def test_all_questions_flow_in_with_margins(questions: list[Indicator], ours: Published) -> None:
    """Margins are worked out a second way from what is published: 1.96·√(p·(100 − p)/n)."""
    assert len(questions) == 112
    assert {kpi for kpi, year, sex in ours if (year, sex) == (2021, "T")} >= {
        q.kolada_id for q in questions if q.kolada_id not in NOT_ASKED_IN_2021
    }
    seen = {2021: 0, 2022: 0}
    for question in questions:
        for year in seen:
            p, n = ours.get((question.kolada_id, year, "T")), ours[ANSWERS, year, "T"]
            if p is None:
                assert (question.kolada_id, year) in {(kpi, 2021) for kpi in NOT_ASKED_IN_2021}
                assert not SeriesPoint.objects.filter(indicator=question, period="2021", value__isnull=False).exists()
                continue
            stored = point(question, year)
            assert float(stored.value or 0) == pytest.approx(p)
            assert stored.margin is not None
            assert float(stored.margin) == pytest.approx(1.959964 * math.sqrt(p * (100 - p) / n), abs=1e-5)
            assert stored.margin_computed
            assert stored.respondents == n
            seen[year] += 1
    assert seen == {2021: 109, 2022: 112}


def test_women_and_men_have_no_computed_margin(questions: list[Indicator]) -> None:
    rows = SeriesPoint.objects.filter(breakdown__in=["K", "M"], value__isnull=False)
    assert rows.count() > 400
    assert not rows.filter(margin__isnull=False).exists()


# ── a published margin goes before a computed one ─────────────────────────────────────────────────────────────────────


class TestPublishedMargin:
    @pytest.fixture
    def question(self, questions: list[Indicator]) -> Indicator:
        return next(q for q in questions if q.kolada_id == "N00667")

    def test_it_wins_for_all_and_for_women_and_men(self, question: Indicator) -> None:
        computed = point(question, 2022).margin
        publish(cell([entry(2.7), entry(3.9, "K"), entry(4.1, "M")], question.margin_kolada_id, HOME, 2022))
        assert [float(point(question, 2022, sex).margin or 0) for sex in "TKM"] == [2.7, 3.9, 4.1]
        stored = point(question, 2022)
        assert not stored.margin_computed
        assert stored.respondents == 630
        assert computed is not None
        assert float(computed) != 2.7
        before = point(question, 2021)
        assert before.margin_computed, "a year without a published one keeps the computed one"
        assert Assessment.objects.get(indicator=question, period="2022").margin == pytest.approx(2.7)

    def test_one_that_is_withdrawn_gives_way_to_the_computed_one(self, question: Indicator) -> None:
        computed = point(question, 2022).margin
        publish(cell(2.7, question.margin_kolada_id, HOME, 2022))
        publish(cell(None, question.margin_kolada_id, HOME, 2022))
        assert point(question, 2022).margin == computed
        assert point(question, 2022).margin_computed

    def test_one_without_a_number_of_answers_is_taken_too(self, question: Indicator) -> None:
        Indicator.objects.filter(pk=question.pk).update(respondents_kolada_id="")
        publish(cell(2.7, question.margin_kolada_id, HOME, 2022))
        assert (float(point(question, 2022).margin or 0), point(question, 2022).respondents) == (2.7, None)
        assert point(question, 2021).margin is None

    def test_below_zero_it_is_turned_down(self, question: Indicator) -> None:
        source = Pages([cell(-1.0, question.margin_kolada_id, HOME, 2022)], ordinary={question.margin_kolada_id})
        pipeline.import_peer_values(source, kpis=[question.margin_kolada_id], today=TODAY, revise=True)
        pipeline.refresh([question.pk], today=TODAY)
        assert point(question, 2022).margin_computed

    def test_the_indicators_page_tells_them_apart(self, question: Indicator, client: Client) -> None:
        address = reverse("indicator", args=[question.code]) + "?period=2022"
        with override("en"):
            english = reverse("indicator", args=[question.code]) + "?period=2022"
        assert "computed" in client.get(english).content.decode()
        publish(
            cell(2.7, question.margin_kolada_id, HOME, 2022),
            cell(2.9, question.margin_kolada_id, HOME, 2021),
        )
        page = client.get(english).content.decode()
        assert "margin of error ±2.7" in page
        assert "margin of error ±2.7\u00a0percentage points, computed" not in page
        assert client.get(address).status_code == 200


def test_everything_that_is_needed_is_fetched(questions: list[Indicator]) -> None:
    kpis = set(computation.imported_kpis())
    assert {ANSWERS, RATE, *(q.kolada_id for q in questions), *(q.margin_kolada_id for q in questions)} <= kpis


# ── the 121 stay the 121 ──────────────────────────────────────────────────────────────────────────────────────────────


def test_those_only_looked_up_are_counted_and_listed_nowhere_else(questions: list[Indicator], client: Client) -> None:
    looked_up = {q.code for q in questions if not q.steering}
    assert len(looked_up) == 80
    with override("sv"):
        assert site_queries.counts().indicators == 121
        assert len(indicator_queries.listed("2022")) == 121
        assert len(council.indicators("2022", "2021", "sv", definitions=False)) == 121
        assert not {s.code for s in compare_queries.subjects()} & looked_up
        for name in ("overview", "indicators", "compare", "cost-quality", "about"):
            page = client.get(reverse(name)).content.decode()
            assert not [code for code in looked_up if f"/{code}/" in page], name


def test_each_has_its_own_page_and_comparison(questions: list[Indicator], client: Client) -> None:
    code = next(q.code for q in questions if q.kolada_id == "N00670")
    with override("sv"):
        page = client.get(reverse("indicator", args=[code])).content.decode()
        assert "Kan rekommendera andra att flytta hit" in page
        ranking = client.get(reverse("compare-indicator", args=[code]) + "?group=similar&year=2022")
        assert ranking.status_code == 200
        assert all(f"Ort {place}" in ranking.content.decode() for place in SIMILAR)
        for name in ("indicator_csv", "indicator_xlsx", "indicator_png"):
            assert client.get(reverse(name, args=[code])).status_code == 200


def test_one_that_a_goal_names_counts_there(questions: list[Indicator]) -> None:
    from scorecard.models import Goal, GoalIndicator

    question = next(q for q in questions if not q.steering)
    goal = Goal.objects.order_by("id").first()
    assert goal is not None
    GoalIndicator.objects.create(goal=goal, indicator=question, order=99)
    assert question.pk in {row.id for row in council.indicators("2022", "2021", "sv", definitions=False)}


def test_taken_in_again_it_changes_nothing_and_what_people_chose_stays(questions: list[Indicator]) -> None:
    chosen = next(q for q in questions if not q.steering)
    Indicator.objects.filter(pk=chosen.pk).update(steering=True)
    before = list(Indicator.objects.order_by("pk").values())
    found = setup.store_definitions(example=True)
    assert setup.store_citizen_survey(found) == 80
    assert list(Indicator.objects.order_by("pk").values()) == before
    setup.store_citizen_survey(found, restore=True)
    assert not Indicator.objects.get(pk=chosen.pk).steering


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class TestPage:
    def get(self, client: Client, query: str = "") -> str:
        with override("en"):
            address = reverse("citizen-survey")
        answer = client.get(address + query)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_every_question_with_value_margin_change_and_place(
        self, questions: list[Indicator], client: Client, ours: Published
    ) -> None:
        page = self.get(client)
        linked = re.findall(r'<th scope="row" role="rowheader"><span><a href="/en/indicator/(\w+)/"', page)
        assert sorted(linked) == sorted(q.code for q in questions)
        assert "630 people answered, 40% of those asked." in page
        assert f"{ours['N00667', 2022, 'T']:.1f}%" in page
        assert page.count(", computed</small>") == 109 + 112
        assert page.count("of 8<span") == 102, "ten questions have no better or worse"
        assert "no certain change since 2021" in page

    def test_changes_are_counted_as_the_assessments_have_them(self, questions: list[Indicator], client: Client) -> None:
        """The page's words against those of the stored assessments, made by the pipeline."""
        stored = Assessment.objects.filter(period="2022", indicator__in=questions, comparison_period="2021")
        better = stored.filter(change_word="better").count()
        worse = stored.filter(change_word="worse").count()
        assert better + worse > 5
        told = f"Since 2021, {better} have certainly become better and {worse} certainly worse."
        assert told in self.get(client)
        for word, count in (("better", better), ("worse", worse)):
            page = self.get(client, f"?change={word}")
            assert len(re.findall(r'role="rowheader"><span><a', page)) == count

    def test_an_earlier_year(self, questions: list[Indicator], client: Client) -> None:
        page = self.get(client, "?year=2021")
        assert "673 people answered, 42% of those asked." in page
        assert "no certain change" not in page.split("<table")[1].split("</table>")[0]

    def test_filters(self, questions: list[Indicator], client: Client) -> None:
        assert "80 of 112 questions" in self.get(client, "?which=others")
        assert "32 of 112 questions" in self.get(client, "?which=steering")
        count = sum(q.area_id == "try" for q in questions)
        assert f"{count} of 112 questions" in self.get(client, "?area=try")

    @pytest.mark.parametrize("query", ["?year=1999", "?year=x", "?area=moon", "?change=more", "?which=mine"])
    def test_a_choice_that_is_none_is_told_with_those_that_are(
        self, questions: list[Indicator], client: Client, query: str
    ) -> None:
        with override("en"):
            answer = client.get(reverse("citizen-survey") + query)
        assert answer.status_code == 404

    def test_a_fixed_number_of_queries(self, questions: list[Indicator]) -> None:
        with CaptureQueriesContext(
            connection,
        ) as many:
            citizen_survey.facts()
        Indicator.objects.exclude(pk=questions[0].pk).filter(respondents_kolada_id=ANSWERS).update(
            respondents_kolada_id=""
        )
        with CaptureQueriesContext(connection) as few:
            assert len(citizen_survey.facts().questions) == 1
        assert len(many) == len(few) == 8

    def test_the_file(self, questions: list[Indicator], client: Client, ours: Published) -> None:
        with override("en"):
            answer = client.get(reverse("citizen-survey-csv") + "?year=2022")
        assert answer["Content-Disposition"] == 'attachment; filename="citizen-survey-2022.csv"'
        rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
        assert len(rows) == 112
        one = next(row for row in rows if row["Code"] == "cs667")
        assert float(one["Value"]) == ours["N00667", 2022, "T"]
        assert (one["Margin"], one["Answers to the survey"], one["Steered by"]) == ("computed", "630", "no")
        assert next(row for row in rows if row["Code"] == "cs646")["Earlier value"] == ""


def test_without_results_the_page_says_what_to_do(client: Client) -> None:
    with override("en"):
        page, file = client.get(reverse("citizen-survey")), client.get(reverse("citizen-survey-csv"))
    assert "No results of the citizen survey yet" in page.content.decode()
    assert file.status_code == 404
