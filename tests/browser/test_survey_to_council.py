"""From question to council: a strategist builds a survey, draws a sample, opens it, links and releases its results;
residents answer; the council sees the indicator move, or that no change is certain."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from indicators import operations as indicator_operations
from indicators import pipeline as indicator_pipeline
from indicators.models import Indicator, JobKind, JobRun, MeasurementState
from indicators.permissions import RoleName
from scorecard.pipeline import store_definitions
from surveys import pipeline
from surveys.models import Invitation, Response, Wave
from surveys.operations.answering import submit_answers
from tests.browser.test_walk import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
STEER = "/en/steer/surveys"
Visit = Callable[..., Page]


@pytest.fixture
def strategist(browser: Browser, transactional_db: None) -> User:
    indicator_operations.store_municipalities(places=[("1384", "Exempelby", "K")], home="1384", invented=True, by=None)
    store_definitions(example=False)
    eko07 = Indicator.objects.get(code="eko07")
    indicator_operations.record_measurements(
        rows=[indicator_operations.Measured(eko07.pk, "2025", value=50.0, margin=4.0, respondents=600)],
        source="survey", state=MeasurementState.APPROVED, by=None,
    )  # fmt: skip
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    return user


@pytest.fixture
def visit(browser: Browser, live_server: Any, strategist: User) -> Iterator[Visit]:
    """Opens a page in a window of its own; errors of scripts and resources fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def go(path: str, *, signed_in: bool = True, **window: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **(DESK | window))
        opened.append(context)
        if signed_in:
            client = Client()
            client.force_login(strategist)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path)
        return page

    yield go
    for context in opened:
        context.close()
    # The full build of plotly.js tries one inline style, which the policy refuses without harm.
    assert [error for error in errors if "Applying inline style" not in error] == []


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"main [name={name}]").fill(text)


def build(page: Page) -> None:
    """A survey with one wave and two pages of questions from the library."""
    fill(page, name_sv="Skattepengarna", name_en="Taxpayers' money", code="money")
    page.get_by_role("button", name="Make the survey").click()
    page.goto(f"{STEER}/money/new-wave/")
    fill(page, code="2026", period="2026")
    page.locator("main form button[type=submit]").click()
    for number, (title, (topic, question)) in enumerate(
        {"Money": ("economy", "tax-money-wise"), "You": ("background", "sex")}.items()
    ):
        page.goto(f"{STEER}/money/2026/pages/new/")
        fill(page, title_sv=title, title_en=title)
        page.locator("main form button[type=submit]").click()
        section = Wave.objects.get(code="2026").sections.order_by("pk")[number]
        page.goto(f"{STEER}/money/2026/pages/{section.pk}/add/?topic={topic}")
        page.locator(f"#ready-{question}").check()
        page.get_by_role("button", name="Add those that are ticked").click()
    page.goto(f"{STEER}/money/2026/settings/")
    today = timezone.localdate()
    fill(page, opens_on=today.isoformat(), closes_on=(today + timedelta(days=20)).isoformat())
    page.locator("main form button[type=submit]").click()


def draw(page: Page) -> None:
    """A register of 900 in one stratum is read in, and 400 are drawn."""
    lines = ["stratum;namn;e-post", *(f"centrum;Person {n};p{n}@example.org" for n in range(900))]
    page.goto(f"{STEER}/money/2026/sample/register/")
    page.locator("main input[type=file]").set_input_files(
        {"name": "register.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    page.locator("main form button[type=submit]").click()
    page.goto(f"{STEER}/money/2026/sample/draw/")
    page.locator("main [name=people]").fill("400")
    page.get_by_role("button", name="Show the plan").click()
    drawing = page.get_by_role("button", name="Draw 400 people")
    expect(drawing).to_be_visible()
    assert violations(page) == []
    drawing.click()
    expect(drawing).to_have_count(0)
    assert Invitation.objects.count() == 400


def answer_on_a_phone(page: Page) -> None:
    """A resident, whose code does not stay in the address."""
    expect(page).not_to_have_url(re.compile("/s/"))
    page.get_by_role("link", name="Begin").click()
    page.get_by_text("Fairly wisely").click()
    assert violations(page) == []
    page.get_by_role("button", name="Next page").click()
    page.get_by_text("Woman", exact=True).click()
    page.get_by_role("button", name="Look through and send").click()
    page.get_by_role("button", name="Send my answers").click()
    expect(page).to_have_url(re.compile("/answer/thanks/"))


def answer_the_rest(positive: float) -> None:
    """Three hundred others, through the operation that the page calls."""
    chance = random.Random(1)
    wave = Wave.objects.get(code="2026")
    for invitation in Invitation.objects.filter(answered=False)[:300]:
        money = 3 if chance.random() < positive else 2
        answers = {"tax-money-wise": {0: money}, "sex": {0: chance.choice([1, 2])}}
        submit_answers(
            wave_id=wave.pk, answers=answers, mode="web", language="sv", token=invitation.token,
            day=timezone.localdate(),
        )  # fmt: skip


def run_results() -> None:
    job = JobRun.objects.get(kind=JobKind.SURVEY_RESULTS)
    claimed = indicator_operations.claim_job(job_id=job.pk)
    assert claimed is not None
    pipeline.run(claimed)


def test_from_question_to_council(visit: Visit) -> None:
    page = visit(f"{STEER}/new/")
    build(page)
    draw(page)
    page.goto(f"{STEER}/money/2026/")
    assert violations(page) == []
    page.goto(f"{STEER}/money/2026/open/")
    page.locator("main form button[type=submit]").click()
    wave = Wave.objects.get(code="2026")
    assert wave.state == "open"

    resident = visit(f"/en/s/{Invitation.objects.order_by('pk').first().token}/", signed_in=False, **PHONE)
    answer_on_a_phone(resident)
    answer_the_rest(0.52)

    page.goto(f"{STEER}/money/links/")
    page.locator("[name=indicator]").select_option(str(Indicator.objects.get(code="eko07").pk))
    question = wave.survey.questions.get(code="tax-money-wise")
    page.locator("[name=result]").select_option(f"{question.pk}-share")
    page.get_by_role("button", name="Link them").click()
    page.goto(f"{STEER}/money/2026/close/")
    page.locator("main form button[type=submit]").click()
    assert Response.objects.count() == 301

    page.goto(f"{STEER}/money/2026/results/")
    page.get_by_role("button", name="Make the results").click()
    run_results()
    page.goto(f"{STEER}/money/2026/results/")
    expect(page.get_by_text("no certain change")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Release the results").click()

    indicator_pipeline.refresh([Indicator.objects.get(code="eko07").pk], today=date(2027, 1, 15))
    council = visit("/en/indicator/eko07/?period=2026", signed_in=False, **PHONE)
    expect(council.get_by_text("margin of error").first).to_be_visible()
    expect(council.get_by_text("no certain change").first).to_be_visible()
    assert violations(council) == []
    council.get_by_role("link", name="How residents answered").click()
    expect(council.get_by_role("heading", level=1)).to_contain_text("Taxpayers' money")
    assert violations(council) == []
