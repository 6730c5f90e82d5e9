"""The published citizen survey, from the replay of Kolada's API to its page: every question with a margin of error."""

import csv
import gzip
import math
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import operations, pipeline
from indicators.models import Assessment, Indicator, Municipality, SeriesPoint
from indicators.queries import citizen_survey, computation, health
from indicators.queries import compare as compare_queries
from indicators.queries import indicator as indicator_queries
from indicators.sources.definitions import read_citizen_survey, read_definitions
from indicators.sources.kolada import KoladaClient
from scorecard import pipeline as setup
from scorecard import queries as site_queries
from scorecard.models import Goal, GoalIndicator
from scorecard.queries import council
from tests.integration.small_world import COUNT, SHARE, Pages, cell, define, definition, entry, settle

pytestmark = pytest.mark.django_db
HOME, TODAY = "1384", date(2023, 6, 1)
SIMILAR = ("0117", "0120", "0163", "1401", "1402", "1482", "2482")
OTHERS = ("0114", "0123", "1380", "1383", "1480", "2480")
PLACES = (HOME, *SIMILAR, *OTHERS)
ANSWERS, RATE = "N00528", "N00529"
NOT_PUBLISHED_IN_2021 = {"N00577", "N00641", "N00646"}  # of ours: not asked yet, or too few answers
MARGIN = "U10001"
ROW = re.compile(r'<th scope="row" role="rowheader"><span><a href="/en/indicator/(\w+)/"')
Published = dict[tuple[str, int, str], float]


@pytest.fixture(scope="module")
def pages(start_replay: Callable[..., Callable[[], str]]) -> Pages:
    """What the replay answers for everything that the survey needs: the cells of a few municipalities, once for all."""
    numbers = [entry["kolada_id"][-3:] for entry in _questions_of_the_files()]
    kpis = [*(f"N00{n}" for n in numbers), *(f"U01{n}" for n in numbers), ANSWERS, RATE]
    with KoladaClient(start_replay()(), requests_per_second=0) as client:
        found = [
            [c for c in page.cells if c["municipality"] in PLACES] for page in client.data(kpis, range(2019, 2024))
        ]
    return Pages(*found, ordinary=set(kpis))


def _questions_of_the_files() -> list[dict[str, Any]]:
    steered = read_definitions(setup.FIXTURES / "definitions")
    among = [entry for entry in steered.indicators if entry.get("respondents_kolada_id") == ANSWERS]
    return [*among, *read_citizen_survey(setup.FIXTURES / "definitions", steered)]


@pytest.fixture(scope="module")
def ours(replay_folder: Path) -> Published:
    """What Kungsbacka's file of values says: by identity, year and breakdown."""
    with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(line for line in file if f",{HOME}," in line)
        return {(kpi, int(year), sex): float(value) for kpi, _place, year, sex, value in rows if value}


@pytest.fixture
def questions(pages: Pages) -> list[Indicator]:
    """Kungsbacka and its similar municipalities with all definitions, and the survey's values of the replay."""
    places = [(code, f"Ort {code}", "K") for code in PLACES]
    operations.store_municipalities(places=places, home=HOME, invented=False, by=None)
    setup.store_citizen_survey(setup.store_definitions(example=True))
    group = operations.GroupOf
    members: dict[str, Any] = dict.fromkeys(SIMILAR, (None, None))
    operations.store_groups(
        by=None,
        groups=[
            group("all", {"sv": "Alla", "en": "All"}, "all", dict.fromkeys(PLACES, (None, None))),
            group("G37433", {"sv": "Liknande", "en": "Similar"}, "similar", members, order=10),
        ],
    )
    found = list(Indicator.objects.filter(respondents_kolada_id=ANSWERS).order_by("kolada_id"))
    wanted = {ANSWERS, RATE, *(q.kolada_id for q in found), *(q.margin_kolada_id for q in found)}
    assert wanted <= set(computation.imported_kpis()), "everything that is needed is fetched"
    pipeline.import_peer_values(pages, kpis=sorted(wanted), today=TODAY)
    pipeline.refresh([i.pk for i in found], today=TODAY)
    return found


def shown(client: Client, query: str = "") -> str:
    """The page, in English."""
    answer = client.get(f"/en/surveys/published/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def point(question: Indicator, year: int, breakdown: str = "T") -> SeriesPoint:
    return SeriesPoint.objects.get(indicator=question, period=str(year), breakdown=breakdown)


# ── all of them flow in ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_all_questions_flow_in_with_margins_and_stand_on_the_page(
    questions: list[Indicator], ours: Published, client: Client
) -> None:
    assert len(questions) == 112
    values_and_margins(questions, ours)
    women_and_men()
    page_of_all(questions, ours, client)
    changes_as_the_assessments_have_them(questions, client)
    filters(questions, client)
    the_file(client, ours)
    fixed_number_of_queries(questions)


def values_and_margins(questions: list[Indicator], ours: Published) -> None:
    """Margins are worked out a second way from what is published: 1.96·√(p·(100 − p)/n)."""
    seen = {2021: 0, 2022: 0}
    for question in questions:
        for year in seen:
            p, n = ours.get((question.kolada_id, year, "T")), ours[ANSWERS, year, "T"]
            if p is None:
                assert (question.kolada_id, year) in {(kpi, 2021) for kpi in NOT_PUBLISHED_IN_2021}
                assert not SeriesPoint.objects.filter(indicator=question, period="2021", value__isnull=False).exists()
                continue
            stored = point(question, year)
            assert stored.value is not None
            assert float(stored.value) == pytest.approx(p)
            assert stored.margin is not None
            assert float(stored.margin) == pytest.approx(1.959964 * math.sqrt(p * (100 - p) / n), abs=1e-5)
            assert stored.margin_computed
            assert stored.respondents == n
            seen[year] += 1
    assert seen == {2021: 109, 2022: 112}


def women_and_men() -> None:
    """Their numbers of answers are not published, so nothing is computed for them."""
    rows = SeriesPoint.objects.filter(breakdown__in=["K", "M"], value__isnull=False)
    assert rows.count() > 400
    assert not rows.filter(margin__isnull=False).exists()


def page_of_all(questions: list[Indicator], ours: Published, client: Client) -> None:
    page = shown(client)
    assert sorted(ROW.findall(page)) == sorted(q.code for q in questions)
    assert "630 people answered, 40% of those asked." in page
    assert f"{ours['N00667', 2022, 'T']:.1f}%" in page
    assert page.count(", computed</small>") == 109 + 112
    # 97.3 per cent; of the ten others that took part, three have more. Only four of them are similar.
    assert '4 of 11<span class="visually-hidden">, A good place to live</span>' in page
    assert "Too few of the similar municipalities" in page
    assert page.count("No better or worse") == 10
    assert "no certain change since 2021" in page
    earlier = shown(client, "?year=2021")
    assert "673 people answered, 42% of those asked." in earlier
    assert "since 20" not in earlier.split("<table")[1].split("</table>")[0]


def changes_as_the_assessments_have_them(questions: list[Indicator], client: Client) -> None:
    """The page's words against those of the stored assessments, made by the pipeline."""
    stored = Assessment.objects.filter(period="2022", indicator__in=questions, comparison_period="2021")
    counts = {word: stored.filter(change_word=word).count() for word in ("better", "worse")}
    assert sum(counts.values()) > 5
    assert "Since 2021, {better} have certainly become better and {worse} certainly worse.".format(**counts) in shown(
        client
    )
    for word, count in counts.items():
        assert len(ROW.findall(shown(client, f"?change={word}"))) == count


def filters(questions: list[Indicator], client: Client) -> None:
    assert "80 of 112 questions" in shown(client, "?which=others")
    assert "32 of 112 questions" in shown(client, "?which=steering")
    count = sum(q.area_id == "try" for q in questions)
    assert f"{count} of 112 questions" in shown(client, "?area=try")
    assert "No question fits what is chosen." in shown(client, "?area=nar&change=worse&which=steering")
    for query in ("?year=1999", "?year=x", "?area=moon", "?change=more", "?which=mine"):
        assert client.get(f"/en/surveys/published/{query}").status_code == 404, query


def the_file(client: Client, ours: Published) -> None:
    answer = client.get("/en/surveys/published/data.csv?year=2022")
    assert answer["Content-Disposition"] == 'attachment; filename="citizen-survey-2022.csv"'
    rows = {row["Code"]: row for row in csv.DictReader(answer.content.decode("utf-8-sig").splitlines())}
    assert len(rows) == 112
    one = rows["cs667"]
    assert float(one["Value"]) == ours["N00667", 2022, "T"]
    assert (one["Margin"], one["Answers to the survey"], one["Steered by"]) == ("computed", "630", "no")
    assert rows["cs646"]["Earlier value"] == ""


def fixed_number_of_queries(questions: list[Indicator]) -> None:
    with CaptureQueriesContext(connection) as many:
        citizen_survey.facts()
    others = Indicator.objects.exclude(pk=questions[0].pk).filter(respondents_kolada_id=ANSWERS)
    others.update(respondents_kolada_id="")
    with CaptureQueriesContext(connection) as few:
        assert len(citizen_survey.facts().questions) == 1
    assert len(many) == len(few) == 8


def test_without_results_the_page_says_what_to_do(client: Client) -> None:
    assert "No results of the citizen survey yet" in shown(client)
    assert client.get("/en/surveys/published/data.csv").status_code == 404


# ── the 121 stay the 121 ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_those_only_looked_up_are_counted_nowhere_and_have_pages_of_their_own(
    questions: list[Indicator], client: Client
) -> None:
    looked_up = {q.code for q in questions if not q.steering}
    assert len(looked_up) == 80
    assert site_queries.counts().indicators == 121
    assert len(indicator_queries.listed("2022")) == 121
    assert len(council.indicators("2022", "2021", "sv", definitions=False)) == 121
    assert len(health.facts(TODAY)) == 121
    assert not {s.code for s in compare_queries.subjects()} & looked_up
    for path in ("/", "/indicators/", "/compare/", "/compare/cost-quality/", "/about/"):
        page = client.get(path).content.decode()
        assert not [code for code in looked_up if f"/{code}/" in page], path
    own_pages(client)
    one_that_a_goal_names_counts_there(next(q for q in questions if not q.steering))


def own_pages(client: Client) -> None:
    assert "Kan rekommendera andra att flytta hit" in client.get("/indicator/cs670/").content.decode()
    ranking = client.get("/compare/indicator/cs670/?group=all&year=2022").content.decode()
    assert all(f"Ort {place}" in ranking for place in OTHERS)
    for name in ("data.csv", "data.xlsx", "chart.png"):
        assert client.get(f"/indicator/cs670/{name}").status_code == 200


def one_that_a_goal_names_counts_there(question: Indicator) -> None:
    goal = Goal.objects.order_by("id").first()
    assert goal is not None
    GoalIndicator.objects.create(goal=goal, indicator=question, order=99)
    assert question.pk in {row.id for row in council.indicators("2022", "2021", "sv", definitions=False)}


@pytest.mark.slow
def test_taken_in_again_the_definitions_change_nothing_that_people_chose() -> None:
    found = setup.store_definitions(example=True)
    assert setup.store_citizen_survey(found) == 80
    chosen = Indicator.objects.filter(steering=False).order_by("pk").first()
    assert chosen is not None
    Indicator.objects.filter(pk=chosen.pk).update(steering=True)
    before = list(Indicator.objects.order_by("pk").values())
    assert setup.store_citizen_survey(found) == 80
    assert list(Indicator.objects.order_by("pk").values()) == before
    setup.store_citizen_survey(found, restore=True)
    assert not Indicator.objects.get(pk=chosen.pk).steering


# ── a published margin goes before a computed one ─────────────────────────────────────────────────────────────────────


class TestPublishedMargin:
    @pytest.fixture
    def question(self) -> Indicator:
        """80 per cent of 400 in each of two years: the computed margin is 1.96·√(80·20/400) = 3.92."""
        settle()
        more = {"kolada_id": SHARE, "respondents_kolada_id": COUNT, "margin_kolada_id": MARGIN}
        (question,) = define(definition("safe", divided=True, **more))
        parted = [entry(80.0), entry(75.0, "K"), entry(85.0, "M")]
        shares = [cell(parted, year=year) for year in (2021, 2022)]
        publish(*shares, *(cell(400, COUNT, year=year) for year in (2021, 2022)))
        assert margin(question, 2022) == (3.92, True, 400)
        return question

    def test_it_wins_for_all_and_for_women_and_men(self, question: Indicator) -> None:
        publish(cell([entry(2.7), entry(4.1, "K"), entry(3.9, "M")], MARGIN, year=2022))
        assert margin(question, 2022) == (2.7, False, 400)
        assert margin(question, 2022, "K") == (4.1, False, None)
        assert margin(question, 2022, "M") == (3.9, False, None)
        assert margin(question, 2021) == (3.92, True, 400), "a year without one keeps the computed one"
        assert Assessment.objects.get(indicator=question, period="2022").margin == pytest.approx(2.7)

    def test_one_that_is_withdrawn_gives_way_to_the_computed_one(self, question: Indicator) -> None:
        publish(cell(2.7, MARGIN, year=2022))
        publish(cell(None, MARGIN, year=2022))
        assert margin(question, 2022) == (3.92, True, 400)

    def test_one_without_a_number_of_answers_is_taken_too(self, question: Indicator) -> None:
        Indicator.objects.update(respondents_kolada_id="")
        publish(cell(2.7, MARGIN, year=2022))
        assert margin(question, 2022) == (2.7, False, None)
        assert margin(question, 2021) == (None, False, None)

    def test_one_without_a_value_says_nothing(self, question: Indicator) -> None:
        publish(cell([entry(None), entry(None, "K"), entry(None, "M")], year=2022), cell(2.7, MARGIN, year=2022))
        assert margin(question, 2022) == (None, False, None)

    def test_below_zero_it_is_turned_down(self, question: Indicator) -> None:
        publish(cell(-1.0, MARGIN, year=2022))
        assert margin(question, 2022) == (3.92, True, 400)

    def test_it_decides_what_is_certain(self, question: Indicator) -> None:
        """Four points: inside √(3.92² + 3.92²) = 5.5, outside √(2² + 2²) = 2.8."""
        publish(cell([entry(84.0)], year=2022))
        word = Assessment.objects.filter(indicator=question, period="2022").values_list("change_word", flat=True)
        assert list(word) == ["uncertain"]
        publish(cell(2.0, MARGIN, year=2021), cell(2.0, MARGIN, year=2022))
        assert list(word.all()) == ["better"]

    def test_the_indicators_page_tells_them_apart(self, question: Indicator, client: Client) -> None:
        address = f"/en/indicator/{question.code}/?period=2022"
        assert "margin of error ±3.9\u00a0percentage points, computed" in client.get(address).content.decode()
        publish(cell(2.7, MARGIN, year=2022), cell(2.9, MARGIN, year=2021))
        page = client.get(address).content.decode()
        assert "margin of error ±2.7\u00a0percentage points" in page
        assert ", computed" not in page


def margin(question: Indicator, year: int, breakdown: str = "T") -> tuple[float | None, bool, int | None]:
    """The stored margin to two decimals, whether it is computed, and the number of answers."""
    stored = point(question, year, breakdown)
    number = None if stored.margin is None else round(float(stored.margin), 2)
    return number, stored.margin_computed, stored.respondents


def publish(*cells: Any) -> None:
    """Values from Kolada, later than what is stored, and everything that they belong to computed."""
    kpis = {c["kpi"] for c in cells}
    pipeline.import_peer_values(Pages(cells, ordinary=kpis), kpis=sorted(kpis), today=TODAY, revise=True)
    ids = computation.indicator_ids(kpis)
    assert ids, "values of a margin concern the indicator whose it is"
    pipeline.refresh(ids, today=TODAY)


def test_the_demonstration_says_that_it_has_only_some(client: Client) -> None:
    settle()
    define(definition("safe", kolada_id=SHARE, respondents_kolada_id=ANSWERS, margin_kolada_id=MARGIN))
    publish(cell(80.0, year=2022), cell(400, ANSWERS, year=2022))
    real = shown(client)
    assert "400 people answered." in real
    Municipality.objects.update(invented=True)
    invented = shown(client)
    assert "invented results only for the questions that the municipality steers by" in invented
    assert "invented results" not in real
    assert "Source: Kolada." not in invented.split("<footer")[0]
