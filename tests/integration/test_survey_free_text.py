"""Residents' comments from their door to the public page: masked, read, quoted, grouped, deleted; and hypotheses."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import operations
from indicators.models import JobRun
from indicators.permissions import RoleName
from surveys.models import (
    Comment,
    CommentTheme,
    Hypothesis,
    HypothesisOrigin,
    HypothesisState,
    Purge,
    Question,
    Survey,
    Theme,
    Wave,
)
from surveys.operations.comments import store_comments
from surveys.operations.free_text_demonstration import store as store_demonstration
from surveys.operations.hypotheses import Beginning, HypothesisError, Told, create_hypothesis, move_hypothesis
from surveys.operations.purges import purge_comments
from surveys.operations.themes import ThemeError, find_themes, merge_themes, name_theme, request_themes
from tests.integration import survey_world
from tests.integration.survey_world import SurveyWorld

pytestmark = pytest.mark.django_db
PUBLIC = "/en/surveys/medborgare/2026/comments/"
QUEUE = "/en/steer/surveys/medborgare/2026/comments/"
THEMES = "/en/steer/surveys/medborgare/2026/themes/"
NEEDS = "/en/steer/surveys/needs/"

ROADS = ["hål gatan cykelväg asfalt", "cykelväg asfalt snö gatan", "snö gatan hål trottoar", "asfalt hål trottoar snö"]
SCHOOL = ["lärare elever klassrum skolmat", "skolmat elever rast lärare", "klassrum rast elever", "lärare rast skolmat"]
CARE = [
    "hemtjänst äldre boende vård",
    "vård boende personal hemtjänst",
    "äldre personal vård",
    "boende äldre hemtjänst",
]


def texts(count: int = 60) -> list[tuple[str, str]]:
    """Texts about three things with a mood; roads only by those who are not satisfied, and no two alike."""
    found = []
    for place in range(count):
        about, mood = [(ROADS, "dissatisfied"), (SCHOOL, "satisfied"), (CARE, "satisfied")][place % 3]
        words = about[place // 3 % 4].split()
        turned = words[place % len(words) :] + words[: place % len(words)]
        found.append((" ".join(turned * (1 + place // 12)), mood))
    return found


@pytest.fixture
def world() -> SurveyWorld:
    return survey_world.build()


@pytest.fixture
def wave(world: SurveyWorld) -> Wave:
    return world.waves["2026"]


@pytest.fixture
def question(wave: Wave) -> Question:
    return Question.objects.get(survey=wave.survey, code="improve-first")


@pytest.fixture
def strategist() -> Client:
    user = User.objects.create_user("s", "s@example.org", "a long password")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client = Client()
    client.force_login(user)
    return client


def put(wave: Wave, question: Question, *told: tuple[str, str]) -> list[Comment]:
    store_comments(wave=wave, texts=[(question.pk, text, mood) for text, mood in told], by=None)
    return list(Comment.objects.filter(wave=wave).order_by("id"))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    body = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body))).replace("\u00a0", " ")


def decide(client: Client, comment: Comment, **data: str) -> Any:
    return client.post(f"{QUEUE}{comment.pk}/", data)


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_name_and_a_number_are_masked_before_the_text_is_stored(wave: Wave, question: Question) -> None:
    [comment] = put(wave, question, ("Ring Karin Åkesson på 070-174 06 05 om skolan", "satisfied"))
    assert "Åkesson" not in comment.text
    assert "174" not in comment.text
    assert comment.masked == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM surveys_comment")
        assert "Åkesson" not in str(cursor.fetchall())


def test_the_queue_shows_twenty_at_a_time_with_mood_and_question(
    strategist: Client, wave: Wave, question: Question
) -> None:
    put(wave, question, *[(f"text nummer {n} om gatan", "dissatisfied") for n in range(23)])
    told = page(strategist, QUEUE)
    assert told.count("text nummer") == 20
    assert told.count("Not satisfied on the whole") == 20
    assert "To be read (23)" in told
    assert page(strategist, f"{QUEUE}?page=2").count("text nummer") == 3


def test_the_queue_takes_as_many_queries_for_one_text_as_for_twenty(
    strategist: Client, wave: Wave, question: Question
) -> None:
    put(wave, question, ("en text om gatan", ""))
    strategist.get(QUEUE)
    with CaptureQueriesContext(connection) as few:
        strategist.get(QUEUE)
    put(wave, question, *[(f"text nummer {n} om gatan", "") for n in range(19)])
    with CaptureQueriesContext(connection) as many:
        strategist.get(QUEUE)
    assert len(many) == len(few)


def test_only_an_approved_text_becomes_a_quote(strategist: Client, wave: Wave, question: Question) -> None:
    put(wave, question, ("kasta bort den här", ""), ("citera den här", ""), ("behåll den här", ""), ("oläst text", ""))
    by_text = {comment.text: comment for comment in Comment.objects.all()}
    decide(strategist, by_text["kasta bort den här"], decision="remove")
    decide(strategist, by_text["citera den här"], decision="quote")
    decide(strategist, by_text["behåll den här"], decision="keep")
    public = page(Client(), PUBLIC)
    assert "citera den här" in public
    assert not any(text in public for text in by_text if text != "citera den här")
    removed = Comment.objects.get(pk=by_text["kasta bort den här"].pk)
    assert (removed.state, removed.text) == ("removed", "")
    assert decide(strategist, removed, decision="quote").status_code == 302
    assert Comment.objects.get(pk=removed.pk).state == "removed"


def test_a_quote_that_is_taken_back_leaves_the_public_page(strategist: Client, wave: Wave, question: Question) -> None:
    [comment] = put(wave, question, ("citera den här", ""))
    decide(strategist, comment, decision="quote")
    assert "citera den här" in page(Client(), PUBLIC)
    decide(strategist, comment, decision="keep")
    assert "citera den här" not in page(Client(), PUBLIC)


def test_further_words_are_hidden_for_good_and_the_text_stays_in_its_list(
    strategist: Client, wave: Wave, question: Question
) -> None:
    [comment] = put(wave, question, ("gumman i det gula huset ropar, gula huset", ""))
    answer = decide(strategist, comment, decision="hide", part="Gula huset", state="waiting")
    assert answer["Location"].endswith(f"#comment-{comment.pk}")
    comment.refresh_from_db()
    assert comment.text == "gumman i det [dolt] ropar, [dolt]"
    assert (comment.masked, comment.state) == (2, "waiting")
    decide(strategist, comment, decision="hide", part="inte där")
    assert "does not stand in the comment" in strategist.get(QUEUE).content.decode()


def test_a_text_of_another_wave_cannot_be_decided_here(
    strategist: Client, world: SurveyWorld, question: Question
) -> None:
    [comment] = put(world.waves["2024"], question, ("en text", ""))
    assert decide(strategist, comment, decision="quote").status_code == 404
    comment.refresh_from_db()
    assert comment.state == "waiting"


def test_the_lists_say_when_there_is_nothing(strategist: Client, wave: Wave) -> None:
    assert "Every text has been read" in page(strategist, QUEUE)
    assert "Texts come to this list" in page(strategist, f"{QUEUE}?state=quotable")
    assert strategist.get(f"{QUEUE}?state=nonsense").status_code == 404
    assert strategist.get(f"{QUEUE}?question=x").status_code == 404


# ── themes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def told(wave: Wave) -> list[tuple[Any, ...]]:
    themes = Theme.objects.filter(wave=wave).order_by("number")
    return [(t.number, t.words, t.found, sorted(t.comments.values_list("comment_id", "weight"))) for t in themes]


def test_themes_are_the_same_twice(wave: Wave, question: Question) -> None:
    put(wave, question, *texts())
    assert find_themes(wave_id=wave.pk, by=None) >= 3
    first = told(wave)
    find_themes(wave_id=wave.pk, by=None)
    assert told(wave) == first


def test_numbers_of_a_theme_are_those_of_its_comments(wave: Wave, question: Question) -> None:
    put(wave, question, *texts())
    find_themes(wave_id=wave.pk, by=None)
    for theme in Theme.objects.filter(wave=wave):
        count = theme.comments.count()
        assert theme.found["count"] == count
        assert theme.found["share"] == pytest.approx(100 * count / 60)
    roads = next(t for t in Theme.objects.filter(wave=wave) if {"gatan", "asfalt"} & set(t.words))
    moods = set(Comment.objects.filter(themes__theme=roads).values_list("mood", flat=True))
    assert moods == {"dissatisfied"}
    assert roads.found["contrast"]["certain"]
    assert roads.found["contrast"]["difference"] < 0


def test_too_few_comments_make_no_theme(strategist: Client, wave: Wave, question: Question) -> None:
    put(wave, question, *texts(29))
    assert find_themes(wave_id=wave.pk, by=None) == 0
    assert "No themes." in page(strategist, THEMES)


def test_names_and_hypotheses_stay_when_themes_are_found_anew(wave: Wave, question: Question) -> None:
    put(wave, question, *texts())
    find_themes(wave_id=wave.pk, by=None)
    theme = Theme.objects.filter(wave=wave).first()
    assert theme is not None
    name_theme(theme_id=theme.pk, title="Vårt namn", hidden=True, by=None)
    need = create_hypothesis(
        survey_id=wave.survey_id, told=Told("Ett behov"), by=None,
        beginning=Beginning(HypothesisOrigin.THEME, wave.pk, theme.pk),
    )  # fmt: skip
    put(wave, question, *[(text + " igen", mood) for text, mood in texts(12)])
    find_themes(wave_id=wave.pk, by=None)
    theme.refresh_from_db()
    assert (theme.title, theme.hidden) == ("Vårt namn", True)
    assert Hypothesis.objects.get(pk=need.pk).theme_id == theme.pk


def test_merged_themes_count_a_comment_once_and_stay_together(wave: Wave, question: Question) -> None:
    put(wave, question, *texts())
    count = find_themes(wave_id=wave.pk, by=None)
    into, theme = Theme.objects.filter(wave=wave).order_by("number")[:2]
    both = set(CommentTheme.objects.filter(theme__in=(into, theme)).values_list("comment_id", flat=True))
    merge_themes(theme_id=theme.pk, into_id=into.pk, by=None)
    into.refresh_from_db()
    assert into.found["count"] == len(both)
    assert set(into.comments.values_list("comment_id", flat=True)) == both
    find_themes(wave_id=wave.pk, by=None)
    assert Theme.objects.filter(wave=wave).count() == count - 1
    assert set(Theme.objects.get(pk=into.pk).comments.values_list("comment_id", flat=True)) == both
    with pytest.raises(ThemeError):
        merge_themes(theme_id=into.pk, into_id=into.pk, by=None)


def test_the_button_asks_for_a_job_once(strategist: Client, wave: Wave, question: Question) -> None:
    strategist.post(f"{THEMES}find/")
    assert not JobRun.objects.filter(kind="survey_themes").exists()
    put(wave, question, *texts())
    strategist.post(f"{THEMES}find/")
    strategist.post(f"{THEMES}find/")
    assert JobRun.objects.filter(key=f"survey-themes:{wave.pk}").count() == 1


def test_a_strategist_names_hides_and_merges_on_the_page(strategist: Client, wave: Wave, question: Question) -> None:
    put(wave, question, *texts())
    find_themes(wave_id=wave.pk, by=None)
    first, second = Theme.objects.filter(wave=wave).order_by("number")[:2]
    strategist.post(f"{THEMES}{first.pk}/", {"title": "Skolan först", "hidden": "on"})
    said = page(strategist, THEMES)
    assert "Skolan först" in said
    assert "Hidden from the public" in said
    strategist.post(f"{THEMES}{second.pk}/", {"merge": "1", "into": str(first.pk)})
    assert not Theme.objects.filter(pk=second.pk).exists()
    answer = strategist.post(f"{THEMES}{first.pk}/", {"merge": "1", "into": "x"}, follow=True)
    assert "Choose another theme" in answer.content.decode()


# ── for everybody ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_a_wave_is_public_before_its_results_are() -> None:
    wave = survey_world.build(released=False).waves["2026"]
    put(wave, Question.objects.get(code="improve-first"), ("citera den här", ""))
    Comment.objects.update(state="quotable")
    assert Client().get(PUBLIC).status_code == 404


def test_the_public_reads_themes_that_are_shown_and_large_enough(wave: Wave, question: Question) -> None:
    put(wave, question, *texts())
    find_themes(wave_id=wave.pk, by=None)
    shown, hidden, small = Theme.objects.filter(wave=wave).order_by("number")[:3]
    name_theme(theme_id=shown.pk, title="Visat", hidden=False, by=None)
    name_theme(theme_id=hidden.pk, title="Undangömt", hidden=True, by=None)
    Theme.objects.filter(pk=small.pk).update(title="Litet", found={**small.found, "count": 4})
    said = page(Client(), PUBLIC)
    assert "Visat" in said
    assert "Undangömt" not in said
    assert "Litet" not in said
    assert not any(text in said for text, _mood in texts())


def test_a_page_without_anything_says_what_will_come(wave: Wave) -> None:
    assert "No comments to show yet" in page(Client(), PUBLIC)
    assert "The free texts are deleted on" in page(Client(), PUBLIC)


def test_names_in_texts_never_reach_the_public_page(wave: Wave, question: Question) -> None:
    put(wave, question, ("Tack till Fatima Hassan på 070-174 06 31", "satisfied"))
    Comment.objects.update(state="quotable")
    said = page(Client(), PUBLIC)
    assert "[namn]" in said
    assert "Hassan" not in said
    assert "174" not in said


# ── deletion ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_texts_are_deleted_on_their_day_and_the_deletion_is_told(
    strategist: Client, wave: Wave, question: Question
) -> None:
    put(wave, question, *texts())
    Comment.objects.update(state="quotable")
    find_themes(wave_id=wave.pk, by=None)
    before = [(t.words, t.found) for t in Theme.objects.filter(wave=wave)]
    assert purge_comments(today=date(2027, 10, 14), by=None) == 0
    assert purge_comments(today=date(2027, 10, 15), by=None) == 60
    assert not Comment.objects.filter(wave=wave).exists()
    assert [(t.words, t.found) for t in Theme.objects.filter(wave=wave)] == before
    assert [(p.wave_id, p.what, p.count) for p in Purge.objects.all()] == [(wave.pk, "comments", 60)]
    assert purge_comments(today=date(2027, 10, 16), by=None) == 0
    assert Purge.objects.count() == 1
    put(wave, question, ("en text som kom sent", ""))
    find_themes(wave_id=wave.pk, by=None)
    assert Theme.objects.filter(wave=wave).count() == len(before)
    with pytest.raises(ThemeError):
        request_themes(wave_id=wave.pk, by=None)
    assert "The free texts were deleted on" in page(Client(), PUBLIC)
    assert "of 60 comments" in page(Client(), PUBLIC)
    assert "60" in page(strategist, "/en/steer/surveys/purges/")


# ── hypotheses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hypothesis_begins_from_a_theme_with_its_words(strategist: Client, wave: Wave, question: Question) -> None:
    theme = Theme.objects.create(wave=wave, question=question, number=1, words=["snö", "gata"], title="Snöröjning")
    address = f"{NEEDS}new/?theme={theme.pk}"
    assert "Words that return: snö, gata." in page(strategist, address)
    strategist.post(address, {"survey": wave.survey_id, "title": "Vet när det plogas", "text": "x"})
    need = Hypothesis.objects.get()
    assert (need.origin, need.theme_id, need.wave_id, need.state) == ("theme", theme.pk, wave.pk, "open")
    assert "From the theme “Snöröjning”" in page(strategist, NEEDS)


@pytest.mark.parametrize(("origin", "code"), [("gap", "school-expectation"), ("kano", "library-always-open")])
def test_a_hypothesis_begins_from_a_gap_or_a_pair(strategist: Client, wave: Wave, origin: str, code: str) -> None:
    about = f"/en/surveys/medborgare/2026/question/{code}/"
    href = re.search(r'href="([^"]*needs/new/[^"]*)"', strategist.get(about).content.decode())
    assert href
    assert "needs/new" not in Client().get(about).content.decode()
    address = unescape(href[1])
    strategist.post(address, {"survey": wave.survey_id, "title": "Ett behov"})
    need = Hypothesis.objects.get()
    assert need.question is not None
    assert (need.origin, need.question.code, need.wave_id) == (origin, code, wave.pk)


def test_a_decision_needs_a_reason_in_the_page_the_operation_and_the_database(
    strategist: Client, world: SurveyWorld
) -> None:
    need = create_hypothesis(survey_id=world.survey.pk, told=Told("Ett behov"), beginning=Beginning(), by=None)
    answer = strategist.post(f"{NEEDS}{need.pk}/move/", {"state": "confirmed", "reason": " "})
    assert "Write what was found out" in answer.content.decode()
    with pytest.raises(HypothesisError):
        move_hypothesis(hypothesis_id=need.pk, state=HypothesisState.DROPPED, reason="", by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hypothesis.objects.filter(pk=need.pk).update(state="dropped", reason="")
    strategist.post(f"{NEEDS}{need.pk}/move/", {"state": "confirmed", "reason": "Vi frågade tio."})
    assert "Vi frågade tio." in page(strategist, NEEDS)


def test_a_theme_of_another_survey_is_refused(world: SurveyWorld) -> None:
    other = Survey.objects.create(code="other", name="Other")
    beginning = Beginning(HypothesisOrigin.THEME, world.waves["2026"].pk)
    with pytest.raises(HypothesisError):
        create_hypothesis(survey_id=other.pk, told=Told("Ett behov"), beginning=beginning, by=None)


def test_an_improvement_is_kept_and_an_indicator_begins_with_the_need(strategist: Client, world: SurveyWorld) -> None:
    need = create_hypothesis(
        survey_id=world.survey.pk, told=Told("Ett behov", "Därför att"), beginning=Beginning(), by=None
    )
    address = f"{NEEDS}{need.pk}/"
    strategist.post(
        address, {"title": "Ett behov", "text": "Därför att", "improvement": "Gör så", "due_on": "2027-01-31"}
    )
    need.refresh_from_db()
    assert (need.improvement, need.due_on) == ("Gör så", date(2027, 1, 31))
    href = re.search(r'href="([^"]*definitions/new/[^"]*)"', strategist.get(address).content.decode())
    assert href
    begun = strategist.get(unescape(href[1])).content.decode()
    assert 'value="Ett behov"' in begun
    assert "Därför att" in begun


# ── the demonstration ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_demonstration_is_stored_once(wave: Wave, question: Question) -> None:
    from django.utils import timezone

    Survey.objects.update(invented=True)
    put(wave, question, *texts())
    for _time in range(2):
        store_demonstration(by=None, now=timezone.now())
    assert Hypothesis.objects.count() == 3
    assert {need.state for need in Hypothesis.objects.all()} == {"open", "trying", "confirmed"}
    quotes = Comment.objects.filter(state="quotable").count()
    assert 0 < quotes <= 2 * Theme.objects.count()
