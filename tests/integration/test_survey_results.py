"""Result pages over a survey asked twice: what everybody reads, what stays hidden, and a fixed number of queries."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from indicators import operations
from indicators.models import Indicator, Municipality, PeerGroup, PeerGroupMember, PeerValue
from indicators.permissions import RoleName
from surveys.models import Edition, IndicatorLink, Wave
from surveys.queries import results as queries
from tests.integration import survey_world
from tests.integration.small_world import define, definition
from tests.integration.survey_world import FIGURES, METHOD, SurveyWorld, hidden, share, store

pytestmark = pytest.mark.django_db
WAVE = "/en/surveys/medborgare/2026/"
PAGES = ("", "priorities/", "method/", "question/recommend/", "question/library-always-open/")


@pytest.fixture
def world() -> SurveyWorld:
    return survey_world.build()


@pytest.fixture
def strategist() -> Client:
    user = User.objects.create_user("s", "s@example.org", "a long password")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, address: str, status: int = 200) -> str:
    """A page's content as its reader reads it."""
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    body = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    words = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(words)).replace("\u00a0", " ")


def row(client: Client, address: str, heading: str) -> str:
    """The row of a table that begins with a heading."""
    page = unescape(client.get(address).content.decode())
    found = [part for part in page.split("<tr ")[1:] if heading in part.partition("</th>")[0]]
    assert found, heading
    words = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", found[0].partition("</tr>")[0], flags=re.DOTALL)
    return re.sub(r"\s+", " ", words.partition(">")[2] or words).strip()


# ── the wave's page ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_headline_is_the_overall_question_with_its_interval(client: Client, world: SurveyWorld) -> None:
    page = text(client, "/en/surveys/medborgare/")
    assert (
        "88 of 100 could recommend somebody to move to the municipality (between 85 and 91). "
        "58 of them answer “Yes, definitely”." in page
    )
    assert "668 of the 1,600 people who were asked answered. That is 42 of 100." in page


def test_the_same_in_swedish(client: Client, world: SurveyWorld) -> None:
    page = text(client, "/surveys/medborgare/")
    assert "88 av 100 kan rekommendera någon att flytta till kommunen (mellan 85 och 91)." in page
    assert "58 av dem svarar ”Ja, absolut”." in page


def test_each_question_says_whether_it_changed_for_certain(client: Client, world: SurveyWorld) -> None:
    better = row(client, WAVE, "Could you recommend")
    assert "88%" in better
    assert "better, up 8" in better
    assert "worse, down 9" in row(client, WAVE, "runs its services")
    assert "no certain change" in row(client, WAVE, "as a place to live")
    assert "the wording was changed" in row(client, WAVE, "told in time")
    assert "not asked the time before" in row(client, WAVE, "libraries' supply")
    assert "Since 2024 1 of 4 questions have become better for certain and 1 worse." in text(client, WAVE)


def test_what_is_hidden_is_two_dots_with_the_reason_and_no_number(client: Client, world: SurveyWorld) -> None:
    found = row(client, WAVE, "staff treated you")
    assert ".." in found
    assert "hidden to protect individuals" in found
    assert not re.search(r"\d", found.replace("2024", "")), found


def test_a_measured_zero_is_shown(client: Client, world: SurveyWorld) -> None:
    assert "0%" in row(client, WAVE, "supply of books")


def test_an_index_has_its_band_and_its_interval(client: Client, world: SurveyWorld) -> None:
    page = text(client, WAVE)
    assert "Satisfied citizen index 66 from 0 to 100 · high, 64–68, 630 answers better, up 6" in page


def test_other_kinds_of_questions_have_a_line_of_their_own(client: Client, world: SurveyWorld) -> None:
    assert "63%" in row(client, WAVE, "In which ways")
    assert "most chosen: The municipality" in row(client, WAVE, "In which ways")
    assert "2 times" in row(client, WAVE, "How many times").replace("\u00a0", " ")
    assert "expected 8.1, experienced 6.9 of 10" in row(client, WAVE, "expect of compulsory school")
    assert "A bonus" in row(client, WAVE, "visited every day")


# ── one question ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_shows_answers_groups_and_waves(client: Client, world: SurveyWorld) -> None:
    address = f"{WAVE}question/recommend/"
    assert "58% 55–61%" in row(client, address, "Yes, definitely")
    assert "91% 88–94% 340 answers" in row(client, address, "Woman")
    other = row(client, address, "Other")
    assert ".." in other
    assert not re.search(r"\d", other)
    assert "2024 80%" in row(client, address, "2024")
    assert "4% have no opinion" in text(client, address)


def test_a_question_stands_beside_published_results_of_similar_municipalities(
    client: Client, world: SurveyWorld
) -> None:
    group = PeerGroup.objects.create(code="like", title_sv="Liknande", title_en="Similar", kind="similar")
    Municipality.objects.create(code="1000", name="Hemby", is_home=True)
    for number in range(1, 8):
        code = str(1000 + number)
        Municipality.objects.create(code=code, name=f"Ort {number}")
        PeerGroupMember.objects.create(group=group, municipality_id=code)
        _published(code, 70 + number)
    _published("1000", 79)
    _published("1001", None, revision=1)  # withdrawn by its source
    _published("1002", 99, year=2023)  # alone in its year
    address = f"{WAVE}question/recommend/"
    assert "79%" in row(client, address, "Hemby, published 2022")
    assert "75%" in row(client, address, "Similar, median 2022"), "the median of 72 … 77 is 74.5"
    assert "6 municipalities published a result in 2022" in text(client, address)


def _published(code: str, value: float | None, *, year: int = 2022, revision: int = 0) -> None:
    PeerValue.objects.create(
        kpi="N00670", year=year, municipality=code, breakdown="T", revision=revision, value=value, delivery_id=1
    )


def test_a_question_names_the_indicators_that_it_feeds(client: Client, world: SurveyWorld) -> None:
    (fed,) = define(definition("dem01", source="survey"))
    question = world.survey.questions.get(code="recommend")
    IndicatorLink.objects.create(survey=world.survey, indicator=fed, question=question)
    with override("en"):
        address = reverse("indicator", args=[fed.code])
    assert f'<a href="{address}">' in client.get(f"{WAVE}question/recommend/").content.decode()
    assert Indicator.objects.get() == fed


# ── priorities, method, files ─────────────────────────────────────────────────────────────────────────────────────────


def test_priorities_are_lists_before_they_are_a_drawing(client: Client, world: SurveyWorld) -> None:
    page = text(client, f"{WAVE}priorities/")
    assert "Worth a look first: Influence and trust." in page
    assert "It shows what goes together, not what causes what." in page
    assert "People expected 8.1 of 10 but experienced 6.9: worse than expected." in page
    assert "A bonus." in page
    assert page.index("Improve if possible") < page.index("Show as a table")


def test_a_wave_without_drivers_says_why(client: Client, world: SurveyWorld) -> None:
    assert "have not been weighed against each other" in text(client, "/en/surveys/medborgare/2024/priorities/")


def test_the_method_page_tells_how_it_was_made(client: Client, world: SurveyWorld) -> None:
    page = text(client, f"{WAVE}method/")
    for told in ("Residents aged 18 or older.", "The population register.", "60,000", "1,600", "668 answers", "42%",
                 "4 answers by the open link are not counted", "How old are you?", "214.0", "1.32",
                 "No count below 5 and no share or mean of fewer than 20", "One question was reworded",
                 "Are you told in time when something is to change?", "Norr 25,000 600 240 40%", "12%",
                 "Woman 355", "Other .."):  # fmt: skip
        assert told in page, told


def test_the_method_page_of_an_open_link_says_that_people_chose_themselves(client: Client, world: SurveyWorld) -> None:
    method = {**METHOD, "self_selected": True, "invited": None, "response_rate": None}
    store(world.waves["2026"], FIGURES["2026"], state="released", method=method)
    assert "not what everybody thinks" in text(client, f"{WAVE}method/")
    assert "not what everybody thinks" in text(client, WAVE)


def lines(body: bytes, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=delimiter))


def test_the_csv_has_every_figure_and_hides_the_hidden(client: Client, world: SurveyWorld) -> None:
    found = lines(client.get(f"{WAVE}results.csv").content, ",")
    assert len(found) == len(FIGURES["2026"])
    first = next(line for line in found if line["Question code"] == "recommend")
    assert (first["Kind of number"], first["Value"], first["Lower limit"], first["Answers"]) == (
        "Share of positive answers", "88.0", "85.5", "640",
    )  # fmt: skip
    secret = [line for line in found if line["Hidden"]]
    assert len(secret) == len([told for told in FIGURES["2026"] if told.get("hidden")])
    assert {line[name] for line in secret for name in ("Value", "Lower limit", "Upper limit", "Answers")} == {".."}


def test_the_swedish_csv_reads_in_swedish_excel(client: Client, world: SurveyWorld) -> None:
    body = client.get("/surveys/medborgare/2026/results.csv").content.decode("utf-8-sig")
    assert body.splitlines()[1].count(";") == 14
    assert ";85,5;" in body


def test_the_workbook_opens_and_has_results_and_method(client: Client, world: SurveyWorld) -> None:
    book = zipfile.ZipFile(io.BytesIO(client.get(f"{WAVE}results.xlsx").content))
    names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
    assert names == ["Results", "Method"]


def test_a_hidden_figure_is_nowhere(client: Client, world: SurveyWorld) -> None:
    """What is stored of a hidden figure is nothing, and every page and file of it says the same."""
    store(world.waves["2026"], [share("recommend", 88.0, 1.3), hidden("good-place")], state="released", method=METHOD)
    for page in (*PAGES, "question/good-place/", "results.csv"):
        assert client.get(WAVE + page).status_code == 200
    assert ".." in row(client, WAVE, "as a place to live")
    assert "The result is hidden" in text(client, f"{WAVE}question/good-place/")


# ── who sees what ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", PAGES)
def test_a_draft_is_there_for_those_who_steer_alone(client: Client, strategist: Client, page: str) -> None:
    survey_world.build(released=False)
    assert client.get(WAVE + page).status_code == 404
    seen = text(strategist, WAVE + page)
    assert "These results have not been released. Only those who steer see them." in seen


def test_a_newer_draft_beside_a_released_edition(client: Client, strategist: Client, world: SurveyWorld) -> None:
    store(world.waves["2026"], [share("recommend", 11.0, 1.0)], state="draft", method=METHOD)
    assert "88 of 100" in text(client, WAVE)
    assert "newer draft" not in text(client, WAVE)
    assert "There is a newer draft of these results." in text(strategist, WAVE)
    assert "11 of 100" in text(strategist, f"{WAVE}?edition=draft")
    assert "11 of 100" in text(strategist, f"{WAVE}?edition=2")
    for address in ("?edition=draft", "?edition=2", "results.csv?edition=2", "question/recommend/?edition=2"):
        assert client.get(WAVE + address).status_code == 404, address


def test_links_of_a_chosen_edition_lead_to_the_same_edition(strategist: Client, world: SurveyWorld) -> None:
    store(world.waves["2026"], [share("recommend", 11.0, 1.0)], state="draft", method=METHOD)
    page = strategist.get(f"{WAVE}?edition=2").content.decode()
    inside = re.findall(r'href="(/en/surveys/medborgare/2026/[^"]+)"', page.partition("<main")[2])
    assert len(inside) >= 5
    assert [link for link in inside if "edition=2" not in link] == []


def test_a_withdrawn_edition_says_why_and_shows_nothing(client: Client, world: SurveyWorld) -> None:
    Edition.objects.filter(wave=world.waves["2026"]).update(state="withdrawn", note="The weights were wrong.")
    page = text(client, WAVE)
    assert "The weights were wrong." in page
    assert "88" not in page
    assert client.get(f"{WAVE}results.csv").status_code == 404
    assert "80 of 100" in text(client, "/en/surveys/medborgare/"), "the newest that stands"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nothing/", "There is no survey “nothing”."),
        ("medborgare/1999/", "There are for: 2024, 2026."),
        ("medborgare/2026/question/nothing/", "has no question “nothing”"),
        ("medborgare/2026/?edition=9", "These exist: 1."),
        ("medborgare/2026/?edition=x", "is no number of an edition"),
    ],
)
def test_what_is_not_there_says_what_is(client: Client, world: SurveyWorld, address: str, told: str) -> None:
    assert told in text(client, f"/en/surveys/{address}", 404)


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_has_a_sentence_of_each_and_what_may_be_answered_now(client: Client, world: SurveyWorld) -> None:
    today = timezone.localdate()
    made: Callable[..., Any] = Wave.objects.create
    made(survey=world.survey, code="now", period="2028", state="open", link_open=True, closes_on=today)
    made(survey=world.survey, code="over", period="2029", state="open", link_open=True, closes_on=today - timedelta(1))
    made(survey=world.survey, code="invited", period="2030", state="open", closes_on=date(2099, 1, 1))
    page = client.get("/en/surveys/").content.decode()
    assert "88 of 100 could recommend somebody" in page
    assert re.findall(r'href="(/en/answer/[^"]*)"', page) == ["/en/answer/medborgare/now/"]


def test_an_empty_list_says_when_there_will_be_something(client: Client) -> None:
    assert "When the results of a survey have been released" in text(client, "/en/surveys/")


def test_the_masthead_leads_here(client: Client, world: SurveyWorld) -> None:
    head = client.get(WAVE).content.decode().partition("<main")[0]
    assert '<a href="/en/surveys/" aria-current="true">Surveys</a>' in head


# ── queries ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def counted(read: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        read()
    return len(seen)


def test_the_number_of_queries_is_fixed(world: SurveyWorld) -> None:
    code = world.survey.code
    assert counted(lambda: queries.survey_list(date(2026, 12, 24))) == 5
    assert counted(lambda: queries.results(code)) == 7
    assert counted(lambda: queries.everything(code, wave="2026")) == 7
    assert counted(lambda: queries.question(code, wave="2026", question="good-place")) <= 11
    assert counted(lambda: queries.question(code, wave="2026", question="contacted")) == 8


def test_more_waves_and_editions_cost_no_more_queries(world: SurveyWorld) -> None:
    for number in range(2):
        store(world.waves["2024"], FIGURES["2024"], state="released", method={**METHOD, "breaks": [], "n": number})
    assert counted(lambda: queries.results(world.survey.code)) == 7
    assert counted(lambda: queries.question(world.survey.code, wave="2026", question="contacted")) == 8
