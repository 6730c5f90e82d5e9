"""A whole tertial, by keyboard alone and in Swedish: a period is opened, a reminder goes out, a department pastes 20
values of which two are bad, mends them and submits; one comes back and is corrected; all are approved, the goal is
judged, and the council's page shows it with its reason. axe-core looks at every page on the way."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from indicators import operations, tasks
from indicators.models import InputPeriod, JobRun, JobState, Measurement
from scorecard import operations as chain_operations
from scorecard.models import GoalJudgement
from tests.browser.test_entry import violations
from tests.integration import entry_world
from tests.integration.entry_world import PASSWORD, World, texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOAL = "fler-kommer"
TARGET = {"form": "level", "comparison": "at_least", "value": 60, "tolerance": 2}


@pytest.fixture
def world(browser: Browser, transactional_db: None) -> World:
    """Ten shares with women and men, due in three days, in a goal; the period is not opened yet."""
    last = entry_world.last_tertial()
    days = (timezone.localdate() + timedelta(days=3) - last.last_day).days
    shares = [
        entry_world.share(f"s{n:02d}", divided=True, due_days=days, target=TARGET)
        for n in range(1, entry_world.ROWS + 1)
    ]
    operations.store_municipalities(places=[("9999", "Exempelby", "K")], home="9999", invented=True, by=None)
    built = entry_world.build(*shares)
    InputPeriod.objects.filter(period=built.open.code).delete()
    for code in (entry["code"] for entry in shares):
        for breakdown in "TK":
            past = {built.open.shift(-n).code: 68.0 + n % 3 for n in range(1, 8)}
            entry_world.approved(built.indicator(code), past, breakdown)
    chain_operations.store_chain(
        chain={
            "vision": {"title": texts("Alla får komma"), "text": texts("Så vill vi ha det.")},
            "committees": [{"code": "edu", "name": texts("Skolnämnden")}],
            "issues": [{
                "code": "learning", "name": texts("Lärande"), "goals": [{
                    "code": GOAL, "sentence": texts("Fler ska komma"), "short": texts("Fler kommer"),
                    "committee": "edu", "indicators": [{"code": entry["code"]} for entry in shares],
                }],
            }],
        },
        departments=[{"code": "school", "committee": "edu"}], valid_from=2000, example=False, by=None,
    )  # fmt: skip
    return built


class Hand:
    """Somebody at a keyboard: nothing here touches a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, selector: str, steps: int = 150) -> "Hand":
        """Tab until what has the focus fits the selector."""
        for _step in range(steps):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return self
        raise AssertionError(f"{selector} on {self.page.url} was not reached with {steps} × Tab")

    def press(self, *keys: str) -> "Hand":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def write(self, text: str) -> "Hand":
        """Over what the field holds already."""
        self.press("Control+a")
        self.page.keyboard.insert_text(text)
        return self

    def choose_day(self, selector: str, day: date) -> "Hand":
        """Digits in a date field, in the order that this browser shows its parts in."""
        self.go_to(selector)
        for order in ("%Y%m%d", "%m%d%Y", "%d%m%Y"):
            self.press(*day.strftime(order))
            if self.page.evaluate("document.activeElement.value") == day.isoformat():
                return self
            self.press("ArrowLeft", "ArrowLeft")
        raise AssertionError(f"{day} could not be typed into {selector}")

    def follow(self, selector: str) -> "Hand":
        """Enter on a link or button that loads a page."""
        self.go_to(selector)
        with self.page.expect_navigation():
            self.press("Enter")
        return self

    def log_in(self, user: User) -> "Hand":
        self.page.goto("/login/")
        self.go_to("input[name=login]").write(user.email)
        self.go_to("input[name=password]").write(PASSWORD)
        with self.page.expect_navigation():
            self.press("Enter")
        return self

    def no_barriers(self) -> None:
        assert violations(self.page) == [], self.page.url


@pytest.fixture
def hand(browser: Browser, live_server: Any) -> Iterator[Callable[[], Hand]]:
    """A browser of its own for each who asks; script errors fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def sit_down() -> Hand:
        context = browser.new_context(base_url=live_server.url, locale="sv-SE")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Hand(page)

    yield sit_down
    for context in opened:
        context.close()
    assert errors == []


def work_off_the_queue() -> None:
    """What the embedded worker does with the jobs that the pages asked for."""
    while waiting := JobRun.objects.filter(state=JobState.QUEUED).order_by("id").first():
        tasks.run(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == JobState.SUCCEEDED, waiting.error


def open_the_period(stina: Hand, world: World) -> None:
    stina.log_in(world.strategist)
    stina.follow("a[href='/input-periods/']").no_barriers()
    stina.follow(f"a[href='/input-periods/{world.open.code}/open/']").no_barriers()
    stina.choose_day("input[name=closes_day]", timezone.localdate() + timedelta(days=10))
    stina.follow("main form button[type=submit]")
    assert InputPeriod.objects.get(period=world.open.code).closes_at > timezone.now()


def reminder(world: World) -> str:
    """The letter to the reporter; the path of its link."""
    tasks.remind()
    tasks.remind()
    [letter] = [message for message in mail.outbox if message.to == [world.reporter.email]]
    assert "Mått s01" in letter.body
    words = [word.strip("<>.,") for word in str(letter.body).split()]
    links = [urlsplit(word) for word in words if word.startswith("http")]
    return next(f"{link.path}?{link.query}" for link in links if "/my-measurements/" in link.path)


def paste_twenty(rut: Hand, world: World) -> None:
    rows = [f"{70 + n % 4},5\t{69 + n % 4}" for n in range(entry_world.ROWS)]
    rows[2], rows[6] = "72,5\tungefär 70", "172,5\t71"
    rut.go_to(f'[id="v-{world.key("s01")}"]').no_barriers()
    rut.page.evaluate("text => navigator.clipboard.writeText(text)", "\r\n".join(rows) + "\r\n")
    rut.press("Control+v")
    told = rut.page.locator("#pasted")
    expect(told.locator("li")).to_have_count(2, timeout=30_000)  # twenty requests, one after the other
    expect(told).to_contain_text("ungefär 70” (rad 3, kolumn 2)")
    expect(told).to_contain_text("172,5” (rad 7, kolumn 1)")
    assert Measurement.objects.filter(period=world.open.code, revision=0).count() == 18
    rut.no_barriers()
    for code, breakdown, value in (("s03", "K", "70"), ("s07", "T", "71,5")):
        rut.go_to(f'[id="v-{world.key(code, breakdown)}"]').write(value).press("Enter")
        expect(rut.page.locator("#saved")).to_have_text("Allt är sparat.")


def submit(rut: Hand) -> None:
    rut.follow("#to-submit").no_barriers()
    rut.follow("main form button[type=submit]")
    expect(rut.page.locator(".messages")).to_contain_text("Agda Ek")


def states(world: World) -> dict[str, int]:
    """How many cells stand how, by their newest revision."""
    rows = Measurement.objects.filter(period=world.open.code).order_by("revision")
    newest = {(row.indicator_id, row.breakdown): row.state for row in rows}
    return {state: list(newest.values()).count(state) for state in set(newest.values())}


def return_one_and_approve_the_rest(agda: Hand, world: World) -> None:
    agda.log_in(world.approver)
    agda.follow("a[href='/review/']").no_barriers()
    agda.go_to("[data-review-cell]").press("j", "r").write("Är alla skolor med?")
    agda.follow("details[open] button[value^='return ']")
    assert states(world) == {"submitted": 19, "returned": 1}
    agda.go_to("[data-review-all]").press("Space")
    agda.follow("button[value=approve]")
    assert states(world) == {"approved": 19, "returned": 1}


def correct_what_came_back(rut: Hand) -> None:
    rut.page.goto("/my-measurements/")
    expect(rut.page.locator("main")).to_contain_text("Är alla skolor med?")
    rut.follow(".tasks a").no_barriers()
    returned = Measurement.objects.filter(state="returned").latest("revision")
    key = f"{returned.indicator_id}-{returned.period}-{returned.breakdown}"
    rut.go_to(f'[id="v-{key}"]').write("71,2").press("Enter")
    expect(rut.page.locator("#saved")).to_have_text("Allt är sparat.")
    submit(rut)


def judge(stina: Hand) -> None:
    stina.page.goto("/steer/")
    stina.follow("a[href='/judgements/'], a[href='/steer/judgements/']").no_barriers()
    stina.follow(f"a[href*='{GOAL}']").no_barriers()
    stina.go_to("input[name=status]")
    for _option in range(4):
        if stina.page.evaluate("document.activeElement.value") == "partly":
            break
        stina.press("ArrowDown")
    stina.press("Space")
    stina.go_to("textarea[name=motivation_sv]").write("Siffrorna är goda, men två skolor saknas.")
    stina.go_to("textarea[name=actions_sv]").write("De två skolorna mäts i vår.")
    stina.choose_day("input[name=decided_on]", timezone.localdate())
    stina.follow("main form button[type=submit]")
    told = GoalJudgement.objects.get(goal__code=GOAL)
    assert (told.status, told.proposal["status"]) == ("partly", "met")


def test_a_whole_tertial(hand: Callable[[], Hand], world: World) -> None:
    stina, rut, agda, council = hand(), hand(), hand(), hand()
    open_the_period(stina, world)
    link = reminder(world)
    rut.log_in(world.reporter)
    assert urlsplit(rut.page.url).path == "/my-measurements/"
    rut.page.goto(link)
    paste_twenty(rut, world)
    submit(rut)
    assert states(world) == {"submitted": 20}
    return_one_and_approve_the_rest(agda, world)
    correct_what_came_back(rut)
    agda.page.goto("/review/")
    agda.go_to("[data-review-cell]")
    with agda.page.expect_navigation():
        agda.press("a")
    assert states(world) == {"approved": 20}
    work_off_the_queue()
    judge(stina)

    council.page.goto(f"/?period={world.open.last_day.year}")
    council.follow(f"main a[href*='/goal/{GOAL}/']").no_barriers()
    shown = council.page.locator("main")
    expect(shown).to_contain_text("Delvis uppnått")
    expect(shown).to_contain_text("Siffrorna är goda, men två skolor saknas.")
    expect(shown).to_contain_text("De två skolorna mäts i vår.")
    expect(shown).to_contain_text("10 av 10 nyckeltal")
    council.follow("a[href^='/indicator/s07/']").no_barriers()
    expect(council.page.locator("main")).to_contain_text("71,5")
    expect(council.page.locator("main")).to_contain_text("minst 60")
