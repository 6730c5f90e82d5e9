"""A resident answers on a phone: in both languages, by keyboard alone, without JavaScript, back and forth, later on;
with axe on every page."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from indicators.models import Municipality
from surveys.models import Draft, Invitation, Submission, Wave
from tests.browser.test_walk import overflow, violations
from tests.integration import answering_world
from tests.integration.answering_world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LARGE = 44  # pixels that a finger needs
Visit = Callable[..., Page]


@pytest.fixture
def world(browser: Browser, transactional_db: None) -> World:
    Municipality.objects.create(code="9001", name="Viken", is_home=True)
    return answering_world.build(6)


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    """Opens a page on a phone; script errors and refused resources fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def go(path: str, **window: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **(PHONE | window))
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path)
        return page

    yield go
    for context in opened:
        context.close()
    # A refused page answers with 422, which browsers write to their console.
    assert [error for error in errors if "422" not in error and "404" not in error and "410" not in error] == []


def field(page: Page, name: str) -> Any:
    return page.locator(f"[id='q.{name}']")


def choose(page: Page, name: str) -> None:
    """Tap the label, as a finger does."""
    page.locator(f"label:has([id='q.{name}'])").click()


def forward(page: Page) -> None:
    page.locator("main button[value=next]").click()


def at(page: Page, address: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(address)))


def small_targets(page: Page) -> list[str]:
    """Labels and buttons of questions that a finger would miss."""
    return page.evaluate(
        """(large) => [...document.querySelectorAll(".option, .grade, .button, .answering__language")]
            .filter((e) => e.offsetParent && !e.closest("[hidden]"))
            .filter((e) => e.getBoundingClientRect().height < large || e.getBoundingClientRect().width < large)
            .map((e) => e.className + ": " + e.textContent.trim())""",
        LARGE,
    )


def barriers(page: Page) -> list[str]:
    found = [*violations(page), *small_targets(page)]
    found += [f"scrolls sideways by {overflow(page)}"] if overflow(page) > 0 else []
    found += [] if page.locator("h1").count() == 1 else ["not one main heading"]
    return [f"{page.url}: {finding}" for finding in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["", "/en"])
def test_no_page_has_barriers(visit: Visit, world: World, language: str, scheme: str) -> None:
    """Every page and every refusal, looked at before the test speaks."""
    problems: list[str] = []
    page = visit(f"{language}/answer/", color_scheme=scheme)
    problems += barriers(page)
    page.goto(f"{language}/s/NOSUCHCODE99/")
    problems += barriers(page)
    page.goto(f"{language}/s/{world.tokens[0]}/")
    assert world.tokens[0] not in page.url + page.content()
    assert page.locator("html").get_attribute("lang") == (language.strip("/") or "sv")
    problems += barriers(page)
    page.locator("main a.button").click()
    forward(page)  # a question that must be answered
    at(page, "/answer/page/1/")
    problems += barriers(page)
    choose(page, "place.0.1")
    expect(field(page, "why")).to_be_visible()
    problems += barriers(page)
    choose(page, "place.0.4")
    expect(field(page, "why")).to_be_hidden()
    choose(page, "recommend.0.9")
    forward(page)
    choose(page, "children.0.1")
    choose(page, "school.0.no_opinion")
    problems += barriers(page)
    forward(page)
    forward(page)
    field(page, "calls.0").fill("tre")
    forward(page)
    problems += barriers(page)
    field(page, "calls.0").fill("3")
    forward(page)
    problems += barriers(page)
    choose(page, "sex.0.1")
    forward(page)
    at(page, "/answer/check/")
    problems += barriers(page)
    page.goto(f"{language}/answer/leave/")
    problems += barriers(page)
    page.goto(f"{language}/answer/check/")
    page.locator("main button.button").click()
    at(page, "/answer/thanks/")
    problems += barriers(page)
    page.goto(f"{language}/s/{world.tokens[0]}/")
    problems += barriers(page)
    Wave.objects.update(state="closed")
    page.goto(f"{language}/s/{world.tokens[1]}/")
    problems += barriers(page)
    assert problems == []
    assert Submission.objects.count() == 1


def test_without_javascript(visit: Visit, world: World) -> None:
    """A question that hangs on another of the same page comes when the page is sent."""
    page = visit(f"/s/{world.tokens[0]}/", java_script_enabled=False)
    page.locator("main a.button").click()
    choose(page, "place.0.1")
    expect(field(page, "why")).to_be_hidden()
    forward(page)
    at(page, "/answer/page/1/?more=1#q.why")
    expect(field(page, "why")).to_be_visible()
    field(page, "why.0").fill("För mörkt på vägen till skolan")
    forward(page)
    choose(page, "children.0.2")
    forward(page)
    at(page, "/answer/page/4/")
    forward(page)
    choose(page, "sex.0.2")
    forward(page)
    expect(page.locator("main")).to_contain_text("För mörkt på vägen till skolan")
    page.locator("main button.button").click()
    at(page, "/answer/thanks/")
    sent = Submission.objects.get().answers
    assert sent["place"] == {"0": 1}
    assert sent["why"] == {"0": "För mörkt på vägen till skolan"}


def test_by_keyboard_alone(visit: Visit, world: World) -> None:
    """Tab, arrows, space and Enter; the focus is always to be seen."""
    page = visit(f"/s/{world.tokens[0]}/")
    press = page.keyboard.press

    def focus_on(selector: str) -> None:
        for _step in range(60):
            if page.evaluate("(s) => document.activeElement.matches(s)", selector):
                break
            press("Tab")
        else:
            raise AssertionError(f"{selector} cannot be reached")
        assert page.evaluate("getComputedStyle(document.activeElement.closest('label') ?? document.activeElement)")

    focus_on("main a.button")
    press("Enter")
    at(page, "/answer/page/1/")
    focus_on("[name='q.place.0']")
    press("Space")  # the first: a further question opens
    expect(field(page, "why")).to_be_visible()
    press("ArrowDown")
    press("ArrowDown")
    expect(field(page, "place.0.3")).to_be_checked()
    expect(field(page, "why")).to_be_hidden()
    focus_on("[name='q.recommend.0']")
    for _step in range(3):
        press("ArrowRight")
    press("Enter")  # sends the page on, and does not change the language
    at(page, "/answer/page/2/")
    assert "/en/" not in page.url
    assert Draft.objects.get().answers["place"] == {"0": 3}
    focus_on("main button[value=back]")
    press("Enter")
    at(page, "/answer/page/1/")
    expect(field(page, "place.0.3")).to_be_checked()
    focus_on("button[value=language]")
    press("Enter")
    at(page, "/en/answer/page/1/")
    expect(field(page, "place.0.3")).to_be_checked()


def test_the_focus_is_seen_on_what_is_chosen_by_key(visit: Visit, world: World) -> None:
    page = visit(f"/s/{world.tokens[0]}/")
    page.locator("main a.button").click()
    for name, shown in (("place.0.1", "xpath=.."), ("recommend.0.1", "xpath=following-sibling::span")):
        field(page, name).focus()
        page.keyboard.press("Space")
        style = field(page, name).locator(shown).evaluate("(e) => getComputedStyle(e).outlineStyle")
        assert style == "solid", name


def test_the_other_language_at_any_time_keeps_place_and_answers(visit: Visit, world: World) -> None:
    page = visit(f"/s/{world.tokens[0]}/")
    page.locator("main a.button").click()
    choose(page, "place.0.4")
    choose(page, "recommend.0.7")
    page.locator("button[value=language]").click()
    at(page, "/en/answer/page/1/")
    expect(page.locator("main")).to_contain_text("How is it to live here?")
    expect(field(page, "place.0.4")).to_be_checked()
    expect(field(page, "recommend.0.7")).to_be_checked()
    page.locator("button[value=language]").click()
    expect(page.locator("main")).to_contain_text("Hur är det att bo här?")
    expect(field(page, "recommend.0.7")).to_be_checked()


def test_the_browsers_back_button_is_harmless(visit: Visit, world: World) -> None:
    page = visit(f"/s/{world.tokens[0]}/")
    page.locator("main a.button").click()
    choose(page, "place.0.4")
    forward(page)
    choose(page, "children.0.2")
    forward(page)
    at(page, "/answer/page/4/")
    page.go_back()
    at(page, "/answer/page/2/")
    expect(field(page, "children.0.2")).to_be_checked()
    forward(page)
    forward(page)
    choose(page, "sex.0.1")
    forward(page)
    page.locator("main button.button").click()
    at(page, "/answer/thanks/")
    page.go_back()  # the form that was sent: it is kept nowhere, and asked for anew it leads to the beginning
    expect(page.locator("main button[value=next]")).to_have_count(0)
    page.goto("/answer/page/1/")
    at(page, "/answer/")
    assert Submission.objects.count() == 1
    assert Invitation.objects.filter(answered=True).count() == 1


def test_one_comes_back_later_on_the_same_device(visit: Visit, world: World, browser: Browser) -> None:
    page = visit(f"/s/{world.tokens[0]}/")
    page.locator("main a.button").click()
    choose(page, "place.0.4")
    choose(page, "recommend.0.7")
    forward(page)
    at(page, "/answer/page/2/")
    kept = page.context.storage_state()
    page.context.close()
    later = visit(f"/s/{world.tokens[0]}/", storage_state=kept)
    later.locator("main a.button").click()
    at(later, "/answer/page/2/")
    later.goto("/answer/page/1/")
    expect(field(later, "recommend.0.7")).to_be_checked()
    elsewhere = visit(f"/s/{world.tokens[0]}/")
    elsewhere.goto("/answer/page/1/")
    expect(field(elsewhere, "recommend.0.7")).not_to_be_checked()


def test_no_other_site_learns_the_code(visit: Visit, world: World) -> None:
    """What the browser sends along with each request: no address with the code, and a form that passes the check."""
    page = visit("/answer/")
    told: list[str] = []
    page.on("request", lambda request: told.append(request.headers.get("referer", "")))
    page.goto(f"/s/{world.tokens[0]}/")
    page.locator("main a.button").click()
    choose(page, "place.0.4")
    forward(page)
    at(page, "/answer/page/2/")
    assert any(told)
    assert not any(world.tokens[0] in referer for referer in told)
