"""A council member reads a survey's results: on a phone and a desktop, in both languages, in the dark, without scripts;
with axe on every page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from indicators.models import Municipality
from tests.browser.test_walk import overflow, violations
from tests.integration import survey_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}
SURVEY = "/surveys/medborgare/2026/"
PAGES = (
    "/surveys/",
    SURVEY,
    f"{SURVEY}question/recommend/",
    f"{SURVEY}question/school-expectation/",
    f"{SURVEY}priorities/",
    f"{SURVEY}method/",
)
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Visit]:
    """Opens a page of the small world; script errors and refused resources fail the test."""
    Municipality.objects.create(code="9001", name="Viken", is_home=True)
    survey_world.build()
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def go(path: str, **window: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **({"viewport": PHONE} | window))
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path)
        return page

    yield go
    for context in opened:
        context.close()
    assert errors == []


def test_ten_seconds_on_a_phone(visit: Visit) -> None:
    """What the first screen says: the result with its interval, before anything is scrolled or opened."""
    page = visit("/en/surveys/")
    page.get_by_role("link", name="The citizen survey").first.click()
    lead = page.locator(".lead")
    expect(lead).to_contain_text("88 of 100 could recommend somebody to move to the municipality (between 85 and 91).")
    box = lead.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"]


def test_from_the_list_to_a_question_and_back_by_keyboard(visit: Visit) -> None:
    page = visit(f"/en{SURVEY}", viewport=DESKTOP)
    page.get_by_role("link", name="Could you recommend somebody").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Could you recommend somebody")
    page.get_by_text("Show as a table").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="2024")).to_be_visible()
    page.get_by_role("link", name="The citizen survey 2026").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The citizen survey")


def test_reads_the_same_without_scripts(visit: Visit) -> None:
    page = visit(f"/en{SURVEY}priorities/", java_script_enabled=False)
    expect(page.get_by_role("heading", name="Prioritise")).to_be_visible()
    page.get_by_role("link", name="Method").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How it was made")


@pytest.mark.parametrize(
    "window", [{}, {"color_scheme": "dark"}, {"viewport": DESKTOP}], ids=["phone", "dark", "desktop"]
)
@pytest.mark.parametrize("language", ["", "/en"], ids=["sv", "en"])
def test_no_barriers(visit: Visit, window: dict[str, Any], language: str) -> None:
    page = visit(language + PAGES[0], **window)
    for path in PAGES:
        page.goto(language + path)
        assert violations(page) == [], path
        assert overflow(page) == 0, path
