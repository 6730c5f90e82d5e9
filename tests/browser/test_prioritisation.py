"""A strategist and two members in three browsers at once: scored, followed, decided, made goals of; with axe."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from indicators import operations as indicator_operations
from indicators.permissions import RoleName
from scorecard.models import Candidate, Decision, Goal, Participant, Prioritisation, Score
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import NewCandidate
from tests.browser.test_walk import overflow, violations
from tests.integration import council_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
NAMES = ("Alfa", "Beta", "Gamma", "Delta")
FOLLOWS_WITHIN = 2_000  # milliseconds, from one person's click to another's screen
Visit = Callable[..., Page]


def person(name: str, role: RoleName) -> Any:
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "pw", first_name=name.title())
    indicator_operations.grant_role(user=user, name=role, by=None)
    return user


@pytest.fixture
def people(transactional_db: None) -> dict[str, Any]:
    council_world.build()
    return {
        "strategist": person("stina", RoleName.STRATEGIST),
        "ada": person("ada", RoleName.COUNCIL),
        "bo": person("bo", RoleName.COUNCIL),
    }


@pytest.fixture
def number(people: dict[str, Any]) -> int:
    """A session that is prepared: four candidates, two can be chosen, two members score."""
    made = operations.create_prioritisation(title="Målen", year=2026, capacity=2, by=None).pk
    rows = [NewCandidate(name={"sv": name, "en": name}, theme={"sv": "Tema", "en": "Theme"}) for name in NAMES]
    rows[0] = NewCandidate(name={"sv": "Alfa", "en": "Alfa"}, goal="one", theme={"sv": "Lärande", "en": "Learning"})
    operations.add_candidates(number=made, candidates=rows, by=None)
    operations.set_participants(number=made, user_ids=[people["ada"].pk, people["bo"].pk], by=None)
    return made


@pytest.fixture
def visit(browser: Browser, chromium: str, live_server: Any, people: dict[str, Any]) -> Iterator[Visit]:
    """Opens a page in a browser of its own, signed in; script errors fail the test."""
    opened: list[Browser] = []
    errors: list[str] = []

    def go(who: str, path: str, **window: Any) -> Page:
        client = Client()
        client.force_login(people[who])
        own = browser.browser_type.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened.append(own)
        context = own.new_context(base_url=live_server.url, **(DESK | window))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield go
    for own in opened:
        own.close()
    assert errors == []


def codes(page: Page) -> list[str | None]:
    """The order on a screen, with “line” where the line stands."""
    rows = page.locator("#shared tbody tr").all()
    return [row.get_attribute("data-code") or "line" for row in rows]


def choose(page: Page, value: int) -> None:
    """Give the shown candidate the value on every criterion, each saved before the next."""
    for question in page.locator(".question").all():
        with page.expect_response("**/scoring/save/") as saved:
            question.locator(f"input[value='{value}']").check(force=True)
        assert saved.value.status == 200


def test_three_browsers_from_the_first_score_to_the_goals(visit: Visit, number: int) -> None:
    home = f"/en/prioritisation/{number}/"
    lead, ada, bo = visit("strategist", home), visit("ada", home, **PHONE), visit("bo", home)
    expect(ada.locator("main")).to_contain_text("It is being prepared")
    lead.get_by_role("button", name="Open the scoring").click()
    for page in (ada, bo):
        page.goto(home)
        page.get_by_role("link", name="Start to score").click()
    for ada_gives, bo_gives in ((5, 5), (4, 2), (3, 3), (1, 1)):
        choose(ada, ada_gives)
        choose(bo, bo_gives)
        for page in (ada, bo):
            page.locator(".scoring__ways [rel=next], .scoring__ways a.button:not([rel])").first.click()
    assert Score.objects.count() == 2 * len(NAMES) * 5
    expect(ada.locator("main")).to_contain_text("4 of 4 candidates")
    ada.get_by_role("button", name="I am done", exact=True).click()
    expect(lead.locator("#participants")).to_contain_text("1 of 2 participants have finished", timeout=6_000)

    lead.get_by_role("button", name="Close the scoring and discuss").click()
    expect(lead.locator("#row-alfa")).to_be_visible()
    for page in (ada, bo):  # their screens follow without a touch
        expect(page.locator("#row-alfa")).to_be_visible(timeout=6_000)
        assert codes(page) == codes(lead)
    first, *_rest = codes(lead)
    assert "line" in codes(lead)
    beta = lead.locator("#row-beta td.shared__criterion").first
    expect(beta).to_contain_text("3 (1)")  # 4 and 2: the median, and half the distance between them

    last = codes(lead)[-1]
    lead.locator(f"#row-{last}").drag_to(lead.locator(f"#row-{first}"), target_position={"x": 300, "y": 2})
    expect(lead.locator("#shared tbody tr").first).to_have_attribute("data-code", str(last))
    for page in (ada, bo):
        expect(page.locator("#shared tbody tr").first).to_have_attribute("data-code", str(last), timeout=FOLLOWS_WITHIN)
    lead.locator("#line-down").click()
    expect(bo.locator("#shared tbody tr").nth(3)).to_have_attribute("id", "line", timeout=FOLLOWS_WITHIN)
    expect(lead.locator("main")).to_contain_text("1 too many above the line")
    lead.locator("#line-up").click()
    lead.locator("#across-alfa").click() if codes(lead).index("alfa") > 2 else None
    expect(bo.locator("#shared tbody tr").nth(2)).to_have_attribute("id", "line", timeout=FOLLOWS_WITHIN)

    lead.get_by_role("link", name="Reasons and decision").click()
    lead.get_by_role("button", name="Record the decision").click()
    expect(lead.locator("main")).to_contain_text("without a reason")
    lead.get_by_label("Tick all").check()
    lead.get_by_label("Reason").fill("Waits until next time")
    lead.get_by_role("button", name="Give this reason").click()
    lead.get_by_role("button", name="Record the decision").click()
    expect(lead.locator("main")).to_contain_text("The decision is recorded")
    for page in (ada, bo):
        expect(page.locator("main")).to_contain_text("Waits until next time", timeout=6_000)
        assert page.get_by_role("button", name="Make goals").count() == 0

    lead.get_by_label("A new mandate").check()
    committee = lead.get_by_label("Committee for new goals")
    if committee.count():
        committee.select_option(index=1)
    lead.get_by_role("button", name="Make goals").click()
    expect(lead.locator("main")).to_contain_text("The result has become goals")
    decided = Decision.objects.get()
    assert len(decided.chosen) == 2
    assert Goal.objects.filter(issue__vision__valid_from=2026).count() == 2


def test_keyboard_alone_scores_and_moves(visit: Visit, number: int) -> None:
    operations.open_scoring(number=number, by=None)
    page = visit("ada", f"/prioritisation/{number}/score/alfa/")
    page.locator("main input[type=radio]").first.focus()
    for _question in range(5):
        with page.expect_response("**/scoring/save/"):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    assert Score.objects.filter(participant__user__username="ada", value=2).count() == 5
    operations.open_discussion(number=number, by=None)
    lead = visit("strategist", f"/prioritisation/{number}/")
    before = codes(lead)
    second = str(before[1])
    lead.locator(f"#up-{second}").focus()
    lead.keyboard.press("Enter")
    expect(lead.locator("#shared tbody tr").first).to_have_attribute("data-code", second)
    assert lead.evaluate("document.activeElement.id") == f"up-{second}"
    expect(lead.locator("#said")).to_contain_text("plats 1")


def test_without_scripts_forms_do_it_all(visit: Visit, number: int) -> None:
    operations.open_scoring(number=number, by=None)
    page = visit("ada", f"/prioritisation/{number}/score/alfa/", java_script_enabled=False)
    for question in page.locator(".question").all():
        question.locator("input[value='4']").check(force=True)
    page.locator("noscript button, form.scoring button").first.click()
    assert Score.objects.filter(value=4).count() == 5
    operations.open_discussion(number=number, by=None)
    lead = visit("strategist", f"/prioritisation/{number}/", java_script_enabled=False)
    second = str(codes(lead)[1])
    lead.locator(f"#up-{second}").click()
    assert codes(lead)[0] == second


@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("prefix", ["", "/en"], ids=["sv", "en"])
def test_pages_have_no_barriers(visit: Visit, number: int, prefix: str, window: dict[str, Any]) -> None:
    """Every page is looked at before the test speaks."""
    home = f"{prefix}/prioritisation/{number}/"
    Participant.objects.create(prioritisation_id=number, user=get_user_model().objects.get(username="stina"))
    page = visit("strategist", f"{prefix}/prioritisations/", **window)
    problems: list[str] = []

    def look(*paths: str) -> None:
        for path in paths:
            page.goto(path)
            problems.extend(f"{path}: {finding}" for finding in violations(page))
            problems.extend([f"{path}: scrolls sideways by {overflow(page)}"] if overflow(page) > 0 else [])
            headings = page.locator("h1").count()
            problems.extend([f"{path}: {headings} main headings"] if headings != 1 else [])
        page.goto("about:blank")  # a page that follows the session would load itself anew while the next is asked for

    look(f"{prefix}/prioritisations/", f"{prefix}/prioritisations/new/")
    look(home, *(f"{home}{part}/" for part in ("settings", "candidates", "candidates/new", "participants")))
    operations.open_scoring(number=number, by=None)
    look(home, f"{home}scoring/", f"{home}score/alfa/")
    operations.store_scores(
        number=number,
        user_id=get_user_model().objects.get(username="ada").pk,
        scores={(code.lower(), "effect"): 4 for code in NAMES},
        now=Prioritisation.objects.get(pk=number).created_at,
        by=None,
    )
    operations.open_discussion(number=number, by=None)
    look(home, f"{home}candidate/alfa/", f"{home}decision/")
    below = Candidate.objects.filter(prioritisation=number, place__gt=2).values_list("code", flat=True)
    operations.give_reasons(number=number, codes=list(below), reason="Får vänta", by=None)
    operations.decide(number=number, version=Prioritisation.objects.get(pk=number).version, by=None)
    look(home, f"{home}candidate/alfa/", f"{prefix}/prioritisations/")
    assert problems == []
