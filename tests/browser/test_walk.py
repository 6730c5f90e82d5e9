"""A council member walks overview → goal → indicator → compare, in both languages, on a phone and at a desk."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
WINDOWS = [PHONE, DESK, PHONE | {"color_scheme": "dark"}]
NAMES = ["phone", "desk", "dark"]
LANGUAGES = {"sv": "", "en": "/en"}
PUBLIC = [
    "/?period=2022",
    "/goal/knowledge/?period=2022",
    "/indicators/",
    "/indicators/?q=skola",
    "/indicator/fsk01/?period=2022",
    "/indicator/ser05/",
    "/compare/",
    "/compare/indicator/fsk01/",
    "/compare/cost-quality/",
    "/about/",
    "/accessibility/",
    "/login/",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def violations(page: Page) -> list[str]:
    """What axe-core has against the page at WCAG 2.1 AA, one line a finding."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [f"{v['id']}: {v['help']} – {[n['target'] for n in v['nodes']][:3]}" for v in found]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("window", WINDOWS, ids=NAMES, indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_have_no_barriers(page: Page, language: str) -> None:
    """Every page is looked at before the test speaks, so that one run tells all that is wrong."""
    problems: list[str] = []
    for path in PUBLIC:
        page.goto(LANGUAGES[language] + path)
        assert page.locator("html").get_attribute("lang") == language
        headings = page.locator("h1").count()
        problems += [] if headings == 1 else [f"{path}: {headings} main headings"]
        problems += [f"{path}: {finding}" for finding in violations(page)]
        problems += [] if overflow(page) <= 0 else [f"{path}: scrolls sideways by {overflow(page)} pixels"]
    assert problems == []


@pytest.mark.parametrize("window", [PHONE], ids=["phone"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_address_helps(window: BrowserContext, language: str) -> None:
    page = window.new_page()
    answer = page.goto(f"{LANGUAGES[language]}/goal/no-such-goal/")
    assert answer is not None
    assert answer.status == 404
    assert violations(page) == []
    assert overflow(page) <= 0
    expect(page.locator("main a").first).to_be_visible()


@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_overview_to_comparison(page: Page, language: str) -> None:
    prefix = LANGUAGES[language]
    page.goto(f"{prefix}/?period=2022")
    expect(page.get_by_role("heading", level=1)).to_contain_text({"sv": "mål", "en": "goals"}[language])
    goals = page.locator(f"main a[href^='{prefix}/goal/']")
    assert goals.count() >= 19
    page.locator(f"main a[href^='{prefix}/goal/knowledge/']").first.click()
    expect(page).to_have_url(re.compile(rf"{prefix}/goal/knowledge/"))
    page.locator(f"main a[href^='{prefix}/indicator/']").first.click()
    expect(page).to_have_url(re.compile(rf"{prefix}/indicator/\w+/"))
    expect(page.locator("body")).to_contain_text("Kungsbacka")
    expect(page.locator(".why").first).to_be_visible()
    expect(page.locator("#chart .main-svg").first).to_be_visible(timeout=15_000)
    page.goto(f"{prefix}/compare/")
    page.locator(f"main a[href^='{prefix}/indicator/'], main a[href^='{prefix}/compare/indicator/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("window", [DESK], ids=["desk"], indirect=True)
def test_every_year_up_to_2022_is_there(page: Page) -> None:
    page.goto("/indicator/eko01/?period=2022")
    text = page.locator("main").inner_html()
    for year in range(2000, 2023):
        assert f">{year}<" in text, f"{year} is not in the table twin"


@pytest.mark.parametrize("window", [DESK | {"java_script_enabled": False}], ids=["no-script"], indirect=True)
def test_everything_is_readable_without_scripts(page: Page) -> None:
    page.goto("/?period=2022")
    page.locator("main a[href^='/goal/']").first.click()
    page.locator("main a[href^='/indicator/']").first.click()
    expect(page.locator("#chart-static svg").first).to_be_visible()
    expect(page.locator("table").first).to_be_attached()
    page.goto("/indicators/?q=behöriga")
    assert page.locator("main a[href^='/indicator/']").count() >= 1


@pytest.mark.parametrize("window", [DESK], ids=["desk"], indirect=True)
def test_keyboard_alone_is_enough(page: Page) -> None:
    page.goto("/?period=2022")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.className")
    assert "skip" in focused
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside, "the skip link does not lead to the content"
    page.locator("main a[href^='/goal/']").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/goal/"))


@pytest.mark.parametrize("window", [DESK], ids=["desk"], indirect=True)
def test_the_strip_tells_names_by_arrow_keys(page: Page) -> None:
    page.goto("/indicator/fsk01/?period=2022")
    strip = page.locator("figure.strip")
    strip.locator("[tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")
    expect(strip.locator(".strip__live")).not_to_be_empty()
    named = strip.locator(".strip__live").inner_text()
    page.keyboard.press("ArrowRight")
    assert strip.locator(".strip__live").inner_text() != named


@pytest.mark.parametrize("window", [DESK], ids=["desk"], indirect=True)
def test_language_switch_keeps_the_page(page: Page) -> None:
    page.goto("/indicator/fsk01/?period=2022")
    page.get_by_role("link", name="English").first.click()
    expect(page).to_have_url(re.compile(r"/en/indicator/fsk01/"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("window", [DESK], ids=["desk"], indirect=True)
def test_downloads(page: Page) -> None:
    page.goto("/indicator/fsk01/?period=2022")
    for ending, start in ((".csv", None), (".xlsx", b"PK"), (".png", b"\x89PNG")):
        link = page.locator(f"a[href*='{ending}']").first
        answer = page.request.get(str(link.get_attribute("href")))
        assert answer.ok
        assert start is None or answer.body().startswith(start)


@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"], indirect=True)
def test_strategist_sees_jobs_and_others_are_told_why_not(page: Page, window: BrowserContext) -> None:
    page.goto("/jobs/")
    expect(page).to_have_url(re.compile("/login/"))
    page.fill("input[name=login]", "s@example.invalid")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/jobs/"))
    assert violations(page) == []
    assert overflow(page) <= 0
    expect(page.locator("main")).to_contain_text("Kolada")
