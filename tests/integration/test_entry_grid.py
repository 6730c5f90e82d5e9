"""The entry grid: one cell at a time, as a plain form, submitted; what it refuses and what it says then."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import operations
from indicators.models import Indicator, InputPeriod, Measurement
from indicators.operations import CellKey, Entered
from indicators.queries.access import person
from tests.integration import entry_world
from tests.integration.entry_world import World

pytestmark = pytest.mark.django_db
GRID = "/en/my-measurements/school/?kind=tertial"
SUBMIT = "/en/my-measurements/school/submit/?kind=tertial"


@pytest.fixture
def world() -> World:
    return entry_world.build()


@pytest.fixture
def reporter(world: World) -> Client:
    return signed_in(world.reporter)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/en/about/")  # the session is written now, and only now and then later
    return client


def squeezed(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def cell(world: World, code: str = "s01", breakdown: str = "T") -> CellKey:
    return CellKey(world.indicator(code).pk, world.open.code, breakdown)


def save(client: Client, key: str, status: int = 200, **texts: str) -> dict[str, Any]:
    answer = client.post("/en/entry-cell/", {"cell": key, "seen": "", **texts})
    assert answer.status_code == status, answer.content[:600]
    found: dict[str, Any] = json.loads(answer.content)
    return found


def states(world: World, code: str = "s01") -> list[tuple[int, str, float | None]]:
    rows = Measurement.objects.filter(indicator__code=code, period=world.open.code, breakdown="T")
    return [(r.revision, r.state, None if r.value is None else float(r.value)) for r in rows.order_by("revision")]


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_cells_can_be_written_where_the_period_is_open(world: World, reporter: Client) -> None:
    entry_world.approved(world.indicator("s01"), {world.closed.code: 71.5})
    page = squeezed(reporter.get(GRID))
    assert f'name="value:{world.key("s01")}"' in page
    assert f'name="value:{world.key("s01", "K")}"' in page
    assert f'name="value:{world.key("s01", period=world.closed)}"' not in page
    assert "71.5%" in page
    assert "Stina Ek (stina@example.org)" in page


def test_the_grid_begins_with_a_frequency_that_is_open(world: World, reporter: Client) -> None:
    assert 'aria-current="page">Four months' in squeezed(reporter.get("/en/my-measurements/school/"))
    assert reporter.get("/en/my-measurements/school/?kind=month").status_code == 200
    assert reporter.get("/en/my-measurements/school/?kind=quarter").status_code == 404


def test_an_older_period_that_is_open_longer_has_its_column(world: World, reporter: Client) -> None:
    period = InputPeriod.objects.get(period=world.closed.code)
    period.exceptions.create(department=world.school, closes_at=timezone.now() + timedelta(hours=1), reason="Sjukdom")
    page = squeezed(reporter.get(GRID))
    assert f'name="value:{world.key("s01", period=world.closed)}"' in page
    assert "longer for you" in page


def test_reading_somebody_elses_is_404_and_writing_there_403(world: World, reporter: Client) -> None:
    assert reporter.get("/en/my-measurements/care/").status_code == 404
    assert reporter.get("/en/my-measurements/nowhere/").status_code == 404
    answer = reporter.post("/en/my-measurements/care/", {f"value:{world.key('c01')}": "5"})
    assert answer.status_code == 403
    assert "Vårdförvaltningen" in squeezed(answer)
    assert "Stina Ek" in squeezed(answer)
    told = save(reporter, world.key("c01"), 403, value="5")
    assert "Vårdförvaltningen" in told["refused"]
    assert reporter.get("/en/entry-cell/", {"cell": world.key("c01")}).status_code == 404
    assert Measurement.objects.count() == 0


def test_strategists_help_everywhere(world: World) -> None:
    client = signed_in(world.strategist)
    assert client.get("/en/my-measurements/care/").status_code == 200
    save(client, world.key("c01"), value="50")


def test_queries_do_not_grow_with_indicators(world: World) -> None:
    counts = []
    for _more in range(2):
        client = signed_in(world.reporter)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(GRID).status_code == 200
        counts.append(len(queries))
        new = [entry_world.share(f"x{n}", divided=True) for n in range(15)]
        operations.store_definitions(units=[], areas=[], departments=[], indicators=new, by=None)
    assert counts[0] == counts[1] == 13, counts


# ── one cell ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_saving_a_cell_takes_six_queries(world: World, reporter: Client) -> None:
    """With a finding to word and without."""
    entry_world.approved(world.indicator("s01"), {world.open.shift(-n).code: 80.0 + n for n in range(1, 7)})
    key = world.key("s01")
    for texts in ({"value": "82"}, {"value": "8.2", "seen": "0"}):
        with CaptureQueriesContext(connection) as captured:
            save(reporter, key, **texts)
        asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
        assert len(asked) <= 6, "\n".join(asked)
    assert states(world) == [(0, "draft", 82), (1, "draft", 8.2)]


def test_a_doubtful_value_is_kept_and_asked_about(world: World, reporter: Client) -> None:
    entry_world.approved(world.indicator("s01"), {world.open.shift(-n).code: 80.0 + n for n in range(1, 7)})
    told = save(reporter, world.key("s01"), value="8.2")
    assert told["asks"] is True
    assert "8.2%" in told["talk"]
    assert save(reporter, world.key("s01"), value="8.2", comment="Anew", seen="0")["asks"] is False


def test_forms_of_numbers_follow_the_language(world: World, reporter: Client) -> None:
    told = save(reporter, world.key("s01"), 422, value="1.234")
    assert told["fields"] == ["value"]
    answer = reporter.post("/entry-cell/", {"cell": world.key("s01"), "seen": "", "value": "12,5 %"})
    assert json.loads(answer.content)["value"] == "12,5"
    assert states(world) == [(0, "draft", 12.5)]


def test_zero_is_a_value_and_empty_is_none(world: World, reporter: Client) -> None:
    assert save(reporter, world.key("s01"), value="0")["value"] == "0"
    assert save(reporter, world.key("s01"), value="", seen="0")["state"] == "cleared"
    assert states(world) == [(0, "draft", 0), (1, "cleared", None)]


def test_a_mark_or_a_reason(world: World, reporter: Client) -> None:
    told = save(reporter, world.key("s01"), value="..")
    assert (told["absence"], told["value"], told["mark"]) == ("confidential", "", "..")
    assert save(reporter, world.key("s02"), absence="method_changed")["absence"] == "method_changed"
    save(reporter, world.key("s03"), 422, value="7", absence="missing")
    save(reporter, world.key("s03"), 422, value="..", absence="missing")


def test_the_value_follows_from_its_parts(world: World, reporter: Client) -> None:
    told = save(reporter, world.key("s01"), numerator="1", denominator="8", value="99")
    assert told["value"] == "12.5"
    assert "8" in save(reporter, world.key("s01"), 422, numerator="9", denominator="8", seen="0")["faults"][0]
    save(reporter, world.key("s01"), 422, numerator="9", seen="0")
    save(reporter, world.key("s01"), 422, numerator="-", denominator="8", seen="0")


def test_links_are_addresses(world: World, reporter: Client) -> None:
    told = save(reporter, world.key("s01"), 422, value="7", link="javascript:alert(1)")
    assert told["fields"] == ["link"]
    save(reporter, world.key("s01"), value="7", link="https://example.org/a")


def test_somebody_elses_value_is_told_and_nothing_lost(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61")
    other = signed_in(world.approver)
    told = save(other, world.key("s01"), 409, value="62")
    assert "Rut Ek" in told["conflict"]
    assert "61" in told["conflict"]
    assert told["seen"] == "0"
    assert states(world) == [(0, "draft", 61)]
    save(other, world.key("s01"), value="62", seen=told["seen"])
    assert states(world) == [(0, "draft", 61), (1, "draft", 62)]


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "-1", "²", "٣", "x"])
def test_a_revision_or_a_file_that_no_page_writes_is_none(world: World, reporter: Client, number: str) -> None:
    assert save(reporter, world.key("s01"), value="7", seen=number, evidence=number)["seen"] == "0"
    save(reporter, world.key("s01"), 409, value="8", seen=number)


def test_a_reason_that_no_page_writes_is_refused_in_the_plain_form(world: World, reporter: Client) -> None:
    for reason in ("approved", "\0"):
        sent = form_of(reporter, GRID) | {f"absence:{world.key('s01')}": reason}
        assert reporter.post(GRID, sent).status_code == 422
    assert states(world) == []


def test_the_plain_form_of_121_indicators_is_not_too_much(world: World, reporter: Client) -> None:
    """Total, women and men, seven fields a cell, seven open periods."""
    sent = {f"field:{number}": "" for number in range(121 * 3 * 7 * 7)}
    assert reporter.post(GRID, sent).status_code == 302


def test_a_closed_period_refuses_and_says_whom_to_ask(world: World, reporter: Client) -> None:
    told = save(reporter, world.key("s01", period=world.closed), 403, value="5")
    assert "Stina Ek" in told["refused"]


def test_what_was_entered_is_shown_as_text_and_never_as_markup(world: World, reporter: Client) -> None:
    told = save(reporter, world.key("s01"), 422, value="<img src=x>")
    assert "<img" not in told["talk"]


NO_CELLS = ["", "x", "1-2-3-4", "1--T", "1-2024T9-T", "1-2024T1-X", "²-2024T1-T", "9999999999-2024T1-T"]


@pytest.mark.parametrize("key", NO_CELLS)
def test_a_cell_that_is_none(reporter: Client, key: str) -> None:
    assert reporter.post("/en/entry-cell/", {"cell": key, "value": "1"}).status_code == 404


def test_seen_and_evidence_that_are_no_numbers_are_nothing(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="5", seen="²", evidence="x")
    assert states(world) == [(0, "draft", 5)]


# ── the plain form ────────────────────────────────────────────────────────────────────────────────────────────────────


def form_of(client: Client, address: str = GRID) -> dict[str, str]:
    """The fields of the page as a browser would send them."""
    html = client.get(address).content.decode()
    fields = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ":" in name[1]:
            fields[name[1]] = value[1] if value else ""
    for name, inside in re.findall(r'<select[^>]* name="([^"]*:[^"]*)">(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        fields[name] = chosen[1] if chosen else ""
    return fields | dict(re.findall(r'<textarea[^>]* name="([^"]*:[^"]*)"[^>]*>(.*?)</textarea>', html, re.S))


def test_only_what_was_changed_is_saved(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61", comment="Så är det")
    save(reporter, world.key("s02"), absence="confidential")
    form = form_of(reporter) | {f"value:{world.key('s03')}": "63", f"comment:{world.key('s01')}": "Så\r\nvar det"}
    answer = reporter.post(GRID, form, follow=True)
    assert "2 cells were saved." in squeezed(answer)
    assert Measurement.objects.count() == 4
    assert Measurement.objects.get(indicator__code="s01", revision=1).comment == "Så\nvar det"
    assert "Nothing was changed" in squeezed(reporter.post(GRID, form_of(reporter), follow=True))


def test_faults_are_listed_with_links_and_the_rest_is_saved(world: World, reporter: Client) -> None:
    form = form_of(reporter) | {f"value:{world.key('s01')}": "about 60", f"value:{world.key('s02')}": "62"}
    answer = reporter.post(GRID, form)
    page = squeezed(answer)
    assert answer.status_code == 422
    assert f'<a href="#v-{world.key("s01")}">' in page
    assert 'value="about 60"' in page
    assert 'aria-invalid="true"' in page
    assert Measurement.objects.count() == 1


def test_a_conflict_in_the_plain_form_shows_both(world: World, reporter: Client) -> None:
    form = form_of(reporter) | {f"value:{world.key('s01')}": "62"}
    save(signed_in(world.approver), world.key("s01"), value="61")
    answer = reporter.post(GRID, form)
    assert answer.status_code == 422
    assert "Agda Ek wrote 61 here" in squeezed(answer)
    assert 'value="62"' in squeezed(answer)
    again = form | {f"seen:{world.key('s01')}": "0"}
    assert reporter.post(GRID, again).status_code == 302
    assert states(world) == [(0, "draft", 61), (1, "draft", 62)]


def test_a_period_that_closed_meanwhile_is_told_and_not_lost(world: World, reporter: Client) -> None:
    form = form_of(reporter) | {f"value:{world.key('s01')}": "62"}
    InputPeriod.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    answer = reporter.post(GRID, form)
    assert answer.status_code == 422
    assert "has closed, so “62” was not saved" in squeezed(answer)
    assert Measurement.objects.count() == 0


def test_what_came_back_can_be_mended_though_the_period_has_closed(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61")
    submit(world, "s01")
    operations.send_back(
        cells=[cell(world)], note="Which?", by=world.approver, person=person(world.approver), now=timezone.now()
    )
    InputPeriod.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    page = squeezed(reporter.get(GRID))
    assert f'name="value:{world.key("s01")}"' in page
    assert f'name="value:{world.key("s02")}"' not in page
    assert "Which?" in page
    reporter.post(GRID, form_of(reporter) | {f"value:{world.key('s01')}": "60"})
    assert states(world)[-1] == (3, "draft", 60)


def test_what_is_written_in_a_field_comes_back_unchanged(world: World, reporter: Client) -> None:
    """In both languages, numbers that a reader might take for thousands among them."""
    Indicator.objects.filter(code="s01").update(minimum=None, maximum=None)
    for prefix, value in (("", 1234.5), ("/en", 1234.5), ("/en", 1.234), ("", 1.234), ("/en", -0.125), ("", 1e6)):
        seen = len(states(world)) - 1 if states(world) else None
        operations.save_cell(
            cell=cell(world), entered=Entered(value), seen=seen, by=world.reporter, person=person(world.reporter),
            now=timezone.now(),
        )  # fmt: skip
        address = f"{prefix}/my-measurements/school/?kind=tertial"
        before = len(states(world))
        reporter.post(address, form_of(reporter, address) | {f"comment:{world.key('s01')}": f"{prefix}{value}"})
        assert len(states(world)) == before + 1
        assert states(world)[-1][2] == value


# ── submitting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def submit(world: World, *codes: str) -> None:
    cells = [cell(world, code) for code in codes]
    operations.submit(cells=cells, by=world.reporter, person=person(world.reporter), now=timezone.now())


def test_what_is_chosen_is_submitted_and_the_page_says_what_happens_next(world: World, reporter: Client) -> None:
    for code in ("s01", "s02"):
        save(reporter, world.key(code), value="61")
    page = squeezed(reporter.get(SUBMIT))
    assert page.count('type="checkbox" name="cell"') == 2
    answer = reporter.post(SUBMIT, {"cell": [f"{world.key('s01')}-0"]}, follow=True)
    assert answer.redirect_chain[0][0] == "/en/my-measurements/"
    assert "Agda Ek then approves" in squeezed(answer)
    assert states(world, "s01")[-1][1] == "submitted"
    assert states(world, "s02")[-1][1] == "draft"


def test_a_doubtful_value_without_a_comment_cannot_be_chosen(world: World, reporter: Client) -> None:
    entry_world.approved(world.indicator("s01"), {world.open.shift(-n).code: 80.0 + n for n in range(1, 7)})
    save(reporter, world.key("s01"), value="8.2")
    page = squeezed(reporter.get(SUBMIT))
    assert "Needs a comment first" in page
    reporter.post(SUBMIT, {"cell": [f"{world.key('s01')}-0"]})
    assert states(world)[-1][1] == "draft"


def test_correcting_an_approved_value_asks_for_the_reason(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61")
    submit(world, "s01")
    operations.approve(cells=[cell(world)], by=world.approver, person=person(world.approver), now=timezone.now())
    assert save(reporter, world.key("s01"), value="62", seen="2")["state"] == "draft"
    assert "The council sees 61.0%" in squeezed(reporter.get(GRID))
    ticked = f"{world.key('s01')}-3"
    assert f'name="cell" value="{ticked}"' in squeezed(reporter.get(SUBMIT))
    answer = reporter.post(SUBMIT, {"cell": [ticked], "reason": " "})
    assert answer.status_code == 422
    assert "Say why it is corrected" in squeezed(answer)
    for words in ("Räknat\0fel", "x" * 4001):
        assert reporter.post(SUBMIT, {"cell": [ticked], "reason": words}).status_code == 422
    reporter.post(SUBMIT, {"cell": [ticked], "reason": "Räknat fel"})
    newest = Measurement.objects.filter(indicator__code="s01").latest("revision")
    assert (newest.state, newest.note) == ("submitted", "Räknat fel")


def test_what_was_changed_since_it_was_looked_at_is_not_submitted(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61")
    ticked = f"{world.key('s01')}-0"
    assert ticked in squeezed(reporter.get(SUBMIT))
    save(signed_in(world.approver), world.key("s01"), value="16", seen="0")
    answer = reporter.post(SUBMIT, {"cell": [ticked]})
    assert answer.status_code == 422
    assert "The value was changed meanwhile" in squeezed(answer)
    for name in (world.key("s01"), f"{world.key('s01')}-{'9' * 5000}", f"{world.key('s01')}-²"):
        assert "Choose at least one value" in squeezed(reporter.post(SUBMIT, {"cell": [name]}))
    assert states(world)[-1] == (1, "draft", 16)


def test_taking_back_a_correction_lets_the_approved_value_stand(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61")
    submit(world, "s01")
    operations.approve(cells=[cell(world)], by=world.approver, person=person(world.approver), now=timezone.now())
    save(reporter, world.key("s01"), value="62", seen="2")
    assert save(reporter, world.key("s01"), value="61", seen="3")["state"] == "approved"


def test_nothing_chosen_is_told(world: World, reporter: Client) -> None:
    save(reporter, world.key("s01"), value="61")
    assert "Choose at least one value" in squeezed(reporter.post(SUBMIT, {}))
    assert "Nothing to submit" in squeezed(signed_in(world.strategist).get("/en/my-measurements/care/submit/"))
