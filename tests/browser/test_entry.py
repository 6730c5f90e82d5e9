"""A department fills in its grid: by paste, by keyboard alone, two at once, without JavaScript; with axe."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from indicators import operations
from indicators.models import Measurement
from indicators.operations import CellKey, Entered
from indicators.queries.access import person
from tests.browser.test_walk import RULES
from tests.integration import entry_world
from tests.integration.entry_world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
GRID = "/my-measurements/school/?kind=tertial"
Visit = Callable[..., Page]


@pytest.fixture
def world(browser: Browser, transactional_db: None) -> World:
    built = entry_world.build()
    past = {built.open.shift(-n).code: 80.0 + n for n in range(1, 7)}
    entry_world.approved(built.indicator("s01"), past)
    return built


@pytest.fixture
def visit(browser: Browser, live_server: Any, world: World) -> Iterator[Visit]:
    """Opens a page in a window of its own, signed in; script errors fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def go(user: User, path: str = GRID, **window: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=live_server.url, **(DESK | window))
        opened.append(context)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield go
    for context in opened:
        context.close()
    assert errors == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [f"{v['id']}: {v['help']} – {[n['target'] for n in v['nodes']][:3]}" for v in found]


def paste(page: Page, selector: str, text: str) -> None:
    """As a spreadsheet's copy arrives: an event with the text, on the field that has the focus."""
    page.locator(selector).focus()
    page.evaluate(
        """([selector, text]) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.querySelector(selector).dispatchEvent(event);
        }""",
        [selector, text],
    )


def field(world: World, code: str, breakdown: str = "T", name: str = "v") -> str:
    return f'[id="{name}-{world.key(code, breakdown)}"]'


def newest(world: World, code: str, breakdown: str = "T") -> Measurement | None:
    rows = Measurement.objects.filter(
        indicator__code=code, period=world.open.code, breakdown=breakdown, source="department"
    )
    return rows.order_by("-revision").first()


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Allt är sparat.")


def test_twenty_cells_are_pasted_and_two_of_them_are_bad(visit: Visit, world: World) -> None:
    page = visit(world.reporter)
    rows = [f"{70 + n},5\t{60 + n}" for n in range(1, 11)]
    rows[2] = "73,5\tungefär 60"
    rows[6] = "177,5\t67"
    paste(page, field(world, "s01"), "\r\n".join(rows) + "\r\n")
    told = page.locator("#pasted")
    expect(told).to_be_visible(timeout=15000)
    expect(told.locator("li")).to_have_count(2)
    expect(told).to_contain_text("”ungefär 60” (rad 3, kolumn 2)")
    expect(told).to_contain_text("”177,5” (rad 7, kolumn 1)")
    expect(told).to_be_focused()
    expect(page.locator(field(world, "s03", "K"))).to_have_value("")
    expect(page.locator(field(world, "s07"))).to_have_value("")
    expect(page.locator(field(world, "s10", "K"))).to_have_value("70")
    stored = Measurement.objects.filter(period=world.open.code, revision=0)
    assert stored.count() == 18
    found = newest(world, "s04")
    assert found is not None
    assert (float(found.value or 0), found.state, found.entered_by) == (74.5, "draft", world.reporter)


def test_a_quoted_cell_and_its_line_end_are_one_cell(visit: Visit, world: World) -> None:
    page = visit(world.reporter)
    paste(page, field(world, "s02"), '"71,5"\t"sju\ntio ""nio"""\n\t\n72\t')
    expect(page.locator("#pasted li")).to_have_count(1)
    expect(page.locator("#pasted")).to_contain_text("(rad 1, kolumn 2)")
    expect(page.locator(field(world, "s02"))).to_have_value("71,5")
    expect(page.locator(field(world, "s04"))).to_have_value("72")


def test_a_heading_is_not_pasted_over_the_first_value(visit: Visit, world: World) -> None:
    page = visit(world.reporter)
    paste(page, field(world, "s01"), "Alla\tKvinnor\r\n71\t72\r\n")
    expect(page.locator("#pasted")).to_contain_text("Inget klistrades in")
    expect(page.locator("#pasted")).to_be_focused()
    expect(page.locator(field(world, "s02"))).to_have_value("")
    assert not Measurement.objects.filter(period=world.open.code).exists()


def test_by_keyboard_alone(visit: Visit, world: World) -> None:
    page = visit(world.reporter, "/my-measurements/")
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('ways__link')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/my-measurements/school/**")
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('entry__value')"):
            break
    keys = page.keyboard
    keys.type("81,5")
    keys.press("Enter")
    keys.type("82")
    keys.press("ArrowRight")
    keys.type("83")
    keys.press("ArrowUp")
    keys.type("..")
    keys.press("Enter")
    saved(page)
    expect(page.locator(field(world, "s02", "K"))).to_be_focused()
    texts = [(newest(world, "s01"), 81.5, ""), (newest(world, "s02"), 82, ""), (newest(world, "s02", "K"), 83, "")]
    for found, value, absence in [*texts, (newest(world, "s01", "K"), None, "confidential")]:
        assert found is not None
        assert (None if found.value is None else float(found.value), found.absence) == (value, absence)
    keys.type("99")
    keys.press("Escape")
    expect(page.locator(field(world, "s02", "K"))).to_have_value("83")


def test_what_was_saved_is_taken_back_as_a_further_revision(visit: Visit, world: World) -> None:
    page = visit(world.reporter)
    value = page.locator(field(world, "s05"))
    for text in ("61", "62"):
        value.fill(text)
        value.press("Enter")
        saved(page)
    value.focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#saved")).to_contain_text("Ångrat")
    expect(value).to_have_value("61")
    page.keyboard.press("Control+z")
    expect(value).to_have_value("")
    expect(page.locator("#saved")).to_contain_text("Ångrat")
    rows = Measurement.objects.filter(indicator__code="s05").order_by("revision")
    page.wait_for_function("!document.querySelector('.is-saving')")
    assert [(row.revision, row.value, row.state) for row in rows] == [
        (0, 61, "draft"), (1, 62, "draft"), (2, 61, "draft"), (3, None, "cleared"),
    ]  # fmt: skip


def test_what_is_impossible_or_doubtful_is_told_at_the_field(visit: Visit, world: World) -> None:
    page = visit(world.reporter)
    value = page.locator(field(world, "s01"))
    value.fill("181")
    value.press("Enter")
    expect(value).to_have_attribute("aria-invalid", "true")
    expect(page.locator(field(world, "s01", name="m"))).to_contain_text("181")
    expect(value).to_have_value("181")
    value.fill("8,2")
    value.press("Enter")
    expect(page.locator(field(world, "s01", name="m"))).to_contain_text("8,2")
    expect(value).not_to_have_attribute("aria-invalid", "true")
    page.locator(field(world, "s01", name="m")).get_by_role("link").click()
    comment = page.locator(field(world, "s01", name="c"))
    expect(comment).to_be_focused()
    page.keyboard.type("Ett nytt arbetssätt")
    page.keyboard.press("Tab")
    expect(page.locator(f"{field(world, 's01', name='m')} a")).to_have_count(0)
    found = newest(world, "s01")
    assert found is not None
    assert found.comment == "Ett nytt arbetssätt"
    assert found.checks


def test_the_value_of_a_share_follows(visit: Visit, world: World) -> None:
    page = visit(world.reporter)
    page.locator("#i-s02 summary").click()
    page.locator(field(world, "s02", name="n")).fill("45")
    page.locator(field(world, "s02", name="d")).fill("60")
    page.keyboard.press("Tab")
    value = page.locator(field(world, "s02"))
    expect(value).to_have_value("75")
    expect(value).not_to_be_editable()
    page.locator(field(world, "s02", name="d")).fill("40")
    page.keyboard.press("Tab")
    expect(page.locator(field(world, "s02", name="m"))).to_contain_text("45")
    found = newest(world, "s02")
    assert found is not None
    assert (found.value, found.numerator, found.denominator) == (75, 45, 60)


def test_two_write_the_same_cell_and_the_second_chooses(visit: Visit, world: World) -> None:
    first, second = visit(world.reporter), visit(world.approver)
    cell, talk = field(world, "s06"), field(world, "s06", name="m")
    for page, text in ((first, "66"), (second, "67")):
        page.locator(cell).fill(text)
        page.locator(cell).press("Enter")
        if page is first:
            saved(page)
    expect(second.locator(talk)).to_contain_text("Rut Ek")
    expect(second.locator(talk)).to_contain_text("66")
    expect(second.locator(cell)).to_have_value("67")
    second.locator(talk).get_by_role("button", name="Behåll").click()
    expect(second.locator(cell)).to_have_value("66")
    expect(second.locator(talk)).to_be_empty()
    second.locator(cell).fill("68")
    second.locator(cell).press("Enter")
    saved(second)
    first.locator(cell).fill("69")
    first.locator(cell).press("Enter")
    expect(first.locator(talk)).to_contain_text("Agda Ek")
    first.locator(talk).get_by_role("button", name="Använd").click()
    saved(first)
    rows = Measurement.objects.filter(indicator__code="s06").order_by("revision")
    assert [(float(row.value or 0), row.entered_by) for row in rows] == [
        (66, world.reporter), (68, world.approver), (69, world.reporter),
    ]  # fmt: skip


def test_the_line_breaks_and_comes_back(visit: Visit, world: World) -> None:
    page = visit(world.reporter)

    def broken(route: Route) -> None:
        route.abort("internetdisconnected")

    page.route("**/entry-cell/", broken)
    page.locator(field(world, "s08")).fill("78")
    page.locator(field(world, "s08")).press("Enter")
    expect(page.locator("#saved")).to_contain_text("Ingen anslutning")
    assert newest(world, "s08") is None
    page.unroute("**/entry-cell/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    saved(page)
    found = newest(world, "s08")
    assert found is not None
    assert found.value == 78


def test_without_javascript(visit: Visit, world: World) -> None:
    page = visit(world.reporter, java_script_enabled=False)
    page.locator(field(world, "s01")).fill("83")
    page.locator(field(world, "s02")).fill("ungefär 80")
    page.get_by_role("button", name="Spara", exact=True).click()
    problems = page.locator("#problems")
    expect(problems.locator("li")).to_have_count(1)
    expect(problems).to_contain_text("ungefär 80")
    expect(page.locator(field(world, "s02"))).to_have_value("ungefär 80")
    assert newest(world, "s02") is None
    page.locator(field(world, "s02")).fill("80")
    page.get_by_role("button", name="Spara och gå vidare").click()
    page.wait_for_url("**/submit/**")
    expect(page.get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("button", name="Lämna in").click()
    page.wait_for_url("**/my-measurements/")
    expect(page.locator(".messages")).to_contain_text("Agda Ek")
    states = [found.state for code in ("s01", "s02") if (found := newest(world, code))]
    assert states == ["submitted", "submitted"]


@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["", "/en"], ids=["sv", "en"])
def test_pages_have_no_barriers(visit: Visit, world: World, window: dict[str, Any], language: str) -> None:
    """With a draft that asks for a comment, a returned value and a fault on the page."""
    now = timezone.now()
    who = person(world.reporter)
    doubtful, back = (CellKey(world.indicator(code).pk, world.open.code, "T") for code in ("s01", "s02"))
    for cell, value in ((doubtful, 8.2), (back, 70.0)):
        operations.save_cell(cell=cell, entered=Entered(value), seen=None, by=world.reporter, person=who, now=now)
    operations.submit(cells=[back], by=world.reporter, person=who, now=now + timedelta(seconds=1))
    operations.send_back(
        cells=[back], note="Gäller det alla?", by=world.approver, person=person(world.approver), now=now
    )
    problems = []
    page = visit(world.reporter, f"{language}/my-measurements/", **window)
    for path in ("/my-measurements/", GRID, f"/my-measurements/school/submit/{GRID[-13:]}",
                 f"/my-measurements/school/evidence/?cell={world.key('s01')}"):  # fmt: skip
        page.goto(language + path)
        for summary in page.locator("main summary").all()[:3]:
            summary.click()
        if path == GRID:
            page.locator(field(world, "s03")).fill("999")
            page.locator(field(world, "s03")).press("Enter")
            expect(page.locator(field(world, "s03"))).to_have_attribute("aria-invalid", "true")
        problems += [f"{path}: {finding}" for finding in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        problems += [f"{path}: scrolls sideways by {wide}"] if wide > 0 else []
    assert problems == []


def test_the_approver_sees_what_came_of_each_decision(world: World, visit: Visit) -> None:
    """A return without a note is stopped at its field and hinders no other decision; the outcome is within sight."""
    who, now = person(world.reporter), timezone.now()
    for code, value in (("s01", 80), ("s03", 70)):
        cell = CellKey(world.indicator(code).pk, world.open.code, "T")
        operations.save_cell(
            cell=cell, entered=Entered(value, comment="Enligt verksamhetssystemet"), seen=None, by=world.reporter,
            person=who, now=now,
        )  # fmt: skip
        assert operations.submit(cells=[cell], by=world.reporter, person=who, now=now).done == (cell,)
    page = visit(world.approver, "/review/", viewport={"width": 1366, "height": 600})
    first = page.locator("[data-review-cell]").first
    first.locator("summary").click()
    first.get_by_role("button", name="Skicka tillbaka med texten").click()
    expect(first.locator("textarea")).to_be_focused()
    assert Measurement.objects.filter(state="returned").count() == 0
    first.get_by_role("button", name="Godkänn").click()
    expect(page.get_by_text("1 värde godkänt.")).to_be_in_viewport()
    expect(page.locator("[data-review-cell]")).to_have_count(1)
    expect(page.locator("[data-review-cell]")).to_be_focused()
