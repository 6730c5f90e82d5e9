"""The chain is ordered by mouse, by keys and without a script; a goal is previewed, saved and judged; with axe."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from indicators import operations as indicator_operations
from indicators.permissions import RoleName
from scorecard.models import Goal, GoalJudgement, Vision
from tests.browser.test_walk import RULES
from tests.integration import council_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
Visit = Callable[..., Page]


@pytest.fixture
def strategist(browser: Browser, transactional_db: None) -> User:
    council_world.build()
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    return user


@pytest.fixture
def visit(browser: Browser, live_server: Any, strategist: User) -> Iterator[Visit]:
    """Opens a page in a window of its own, signed in; errors of scripts and resources fail the test, a refusal does
    not."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def go(path: str, **window: Any) -> Page:
        client = Client()
        client.force_login(strategist)
        context = browser.new_context(base_url=live_server.url, **(DESK | window))
        opened.append(context)
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
    assert [error for error in errors if "403" not in error] == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [f"{v['id']}: {v['help']} – {[n['target'] for n in v['nodes']][:3]}" for v in found]


def shown(page: Page) -> list[str]:
    return page.locator(".gov-goal h3").all_inner_texts()


def stored(issue: str) -> list[str]:
    return list(Goal.objects.filter(issue__code=issue).order_by("order").values_list("code", flat=True))


@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("prefix", ["", "/en"], ids=["sv", "en"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(visit: Visit, prefix: str, window: Any) -> None:
    goal, vision = Goal.objects.get(code="one"), Vision.objects.get()
    page = visit(f"{prefix}/steer/governance/?open={goal.pk}", **window)
    rest = (
        f"/steer/governance/goal/{goal.pk}/",
        f"/steer/governance/mandate/{vision.pk}/copy/",
        "/steer/governance/names/",
        "/steer/governance/committees/",
        "/steer/judgements/",
        "/steer/judgements/one/2022/",
    )
    for address in ("", *rest):
        if address:
            page.goto(prefix + address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (
            address
        )


def test_order_by_keys_says_the_new_place_and_keeps_the_focus(visit: Visit) -> None:
    page = visit("/en/steer/governance/")
    button = page.get_by_role("button", name="Move down: Mål one (en)")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reorder-live")).to_have_text("“Mål one (en)” is now in place 2.")
    assert shown(page)[:2] == ["Mål two (en)", "Mål one (en)"]
    assert page.evaluate("document.activeElement.closest('article').querySelector('h3').innerText") == "Mål one (en)"
    page.keyboard.press("Enter")
    expect(page.locator("#reorder-live")).to_have_text("“Mål one (en)” is now in place 1.")
    assert stored("learning") == ["one", "two"]


def test_order_by_dragging(visit: Visit) -> None:
    page = visit("/en/steer/governance/")
    first, second = (page.locator(f"#goal-{Goal.objects.get(code=code).pk}") for code in ("one", "two"))
    second.scroll_into_view_if_needed()
    handle, target = first.locator(".gov-handle").first.bounding_box(), second.bounding_box()
    assert handle
    assert target
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, target["y"] + target["height"] - 5, steps=8)
    page.mouse.up()
    expect(page.locator("#reorder-live")).to_have_text("“Mål one (en)” is now in place 2.")
    assert stored("learning") == ["two", "one"]


def test_order_without_a_script(visit: Visit) -> None:
    page = visit("/en/steer/governance/", java_script_enabled=False)
    page.get_by_role("button", name="Move up: Mål two (en)").click()
    expect(page.get_by_text("“Mål two (en)” is now in place 1.")).to_be_visible()
    assert shown(page)[:2] == ["Mål two (en)", "Mål one (en)"]


def test_where_the_server_refuses_the_page_shows_what_is_stored(visit: Visit, strategist: User) -> None:
    page = visit("/en/steer/governance/")
    Vision.objects.update(valid_to=2022)
    with page.expect_navigation():
        page.get_by_role("button", name="Move down: Mål one (en)").click()
    expect(page.get_by_text("This mandate ended with 2022")).to_be_visible()
    assert stored("learning") == ["one", "two"]


def test_a_goal_is_previewed_then_saved_and_judged(visit: Visit) -> None:
    goal = Goal.objects.get(code="one")
    page = visit(f"/en/steer/governance/goal/{goal.pk}/")
    expect(page.locator("#judged")).to_contain_text("The goal is judged by 2 indicators")
    page.get_by_label("Remove indicator 1").check()
    page.get_by_role("button", name="Show how it will be judged").click()
    expect(page.locator("#judged")).to_contain_text("The goal is judged by 1 indicator")
    assert goal.links.count() == 2
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The goal is saved.")).to_be_visible()
    assert goal.links.count() == 1
    page.goto("/en/steer/judgements/one/2022/")
    page.get_by_label("Not met", exact=True).check()
    page.get_by_label("Decided on").fill("2023-03-20")
    page.get_by_role("button", name="Record the judgement").click()
    expect(page.get_by_text("Your judgement is another than the proposal (met): write why.")).to_be_visible()
    page.get_by_label("Why, in Swedish").fill("Vi når inte alla")
    page.get_by_role("button", name="Record the judgement").click()
    expect(page.get_by_text("The judgement is recorded")).to_be_visible()
    assert GoalJudgement.objects.get(goal=goal).motivation_sv == "Vi når inte alla"


def test_a_filter_on_the_overview_marks_the_tally_and_is_kept_by_the_years(visit: Visit) -> None:
    page = visit("/en/")
    page.locator("#status").select_option("met")
    expect(page.locator("#tally a[aria-current=true]")).to_contain_text("Met")
    expect(page.locator("#result")).to_contain_text("1 of 4 goals")
    page.locator("#years summary").click()
    page.locator("#years a", has_text="2021").click()
    expect(page.locator("#status")).to_have_value("met")
    assert "period=2021" in page.url
