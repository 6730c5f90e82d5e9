"""My measurements, the entry grid and the submission: rows in, pages out, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.input_window import Window, WindowState
from indicators.compute.numerals import read_number
from indicators.forms.entry import read_cell
from indicators.operations.entry import Entered
from indicators.periods import Kind, Period
from indicators.read_models.entry_grid import GridRows, Typed, grid_page
from indicators.read_models.entry_rows import Item, Stored, as_typed, key_text, parse_key
from indicators.read_models.entry_submission import submit_page
from indicators.read_models.my_measurements import MyPage, Place, TaskRows, my_page, standing

NOW = datetime(2026, 5, 10, 8, tzinfo=UTC)
T1 = Period.parse("2026T1")
OPEN = Window(WindowState.OPEN, NOW - timedelta(days=9), NOW + timedelta(days=9))
SHUT = Window(WindowState.CLOSED, NOW - timedelta(days=99), NOW - timedelta(days=9))
ITEM = Item(
    id=7, code="abc", name="Närvaro", definition="d", calculation="c", quality="", numerator="De som kom",
    denominator="Alla", symbol="%", unit="procent", share=True, decimals=1, direction="higher", frequency=Kind.TERTIAL,
    due_days=30, divided=True, four_eyes=True, responsible_id=None, responsible="", owner="Rektor", department_id=1,
)  # fmt: skip
DRAFT = Stored(
    revision=0, value=0.0, absence="", numerator=None, denominator=None, comment="", evidence_id=None, evidence_name="",
    evidence_link="", note="", checks=(), state="draft", who="Rut Ek", when=NOW,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


def rows(*items: Item, cells: dict[tuple[int, str, str], Stored] | None = None, open_: bool = True) -> GridRows:
    periods = tuple(T1.shift(-n) for n in (2, 1, 0))
    windows = {p.code: SHUT for p in periods} | ({T1.code: OPEN} if open_ else {})
    return GridRows(
        department_id=1, department="Skolan", code="school", kind=Kind.TERTIAL, kinds=(Kind.TERTIAL,),
        items=items or (ITEM,), periods=periods, windows=windows, cells=cells or {},
        strategists=[("Stina", "stina@example.org")], approvers=[],
    )  # fmt: skip


class TestStanding:
    TODAY = date(2026, 5, 10)

    @pytest.mark.parametrize(
        ("states", "window", "due", "told"),
        [
            (["", "", ""], OPEN, TODAY, "due"),
            (["", "", ""], OPEN, TODAY - timedelta(days=1), "late"),
            (["cleared"], OPEN, TODAY, "due"),
            (["draft", "", ""], OPEN, TODAY, "due"),
            (["draft", "draft", "draft"], OPEN, TODAY - timedelta(days=1), "ready"),
            (["submitted", "", ""], OPEN, TODAY - timedelta(days=1), "submitted"),
            (["approved", "", ""], SHUT, TODAY, "approved"),
            (["approved", "draft", ""], OPEN, TODAY, "ready"),
            (["approved", "submitted"], OPEN, TODAY, "submitted"),
            (["draft"], SHUT, TODAY, "closed"),
            (["returned", ""], SHUT, TODAY, "returned"),
        ],
    )
    def test_one_word_for_the_cells(self, states: list[str], window: Window, due: date, told: str) -> None:
        assert standing(states, window, due, self.TODAY) == told

    @given(st.lists(st.sampled_from(["", "cleared", "draft", "submitted", "approved"]), min_size=1, max_size=3))
    def test_nothing_is_asked_for_once_the_period_has_closed(self, states: list[str]) -> None:
        assert standing(states, SHUT, self.TODAY, self.TODAY) in ("closed", "submitted", "approved")


class TestMyPage:
    def page(self, cells: dict[tuple[int, str, str], Stored]) -> MyPage:
        asked = TaskRows(
            places={1: Place(1, "school", "Skolan")}, items=[ITEM], opened={Kind.TERTIAL: [T1]},
            windows={(T1.code, 1): OPEN}, cells=cells, strategists=[], today=date(2026, 5, 10),
        )  # fmt: skip
        return my_page(asked)

    def test_zero_is_filled_in(self) -> None:
        page = self.page({(7, T1.code, "T"): DRAFT})
        assert page.sections[0].rows[0].progress == "1 of 3 filled in"

    def test_a_return_by_nobody_is_told_by_its_time_alone(self) -> None:
        page = self.page({(7, T1.code, "T"): replace(DRAFT, state="returned", note="Vilka skolor?", who="")})
        assert page.sections[0].rows[0].notes == (("2026-05-10 10:00", "Vilka skolor?"),)

    def test_what_was_cleared_is_not(self) -> None:
        page = self.page({(7, T1.code, "T"): replace(DRAFT, value=None, state="cleared")})
        assert page.sections[0].rows[0].progress == "not begun"


class TestGrid:
    def test_women_and_men_have_columns_where_any_is_divided(self) -> None:
        whole = replace(ITEM, id=8, code="whole", divided=False)
        page = grid_page(rows(ITEM, whole))
        assert [column.word for column in page.columns] == ["All", "Women", "Men"]
        assert [cell.field is not None for cell in page.lines[1].cells] == [True, False, False]
        assert [column.word for column in grid_page(rows(whole)).columns] == [""]

    def test_zero_stands_in_its_field_and_in_what_is_only_read(self) -> None:
        page = grid_page(rows(cells={(7, T1.code, "T"): DRAFT, (7, T1.previous().code, "T"): DRAFT}))
        assert page.lines[0].fields[0].texts["value"] == "0"
        assert page.lines[0].earlier[1].text == "0.0%"

    def test_nothing_open_says_why_and_whom_to_ask(self) -> None:
        page = grid_page(rows(open_=False))
        assert page.columns == ()
        assert "stina@example.org" in page.closed[0]

    def test_what_came_back_is_written_in_a_closed_period_and_nothing_else(self) -> None:
        back = replace(DRAFT, state="returned", note="Why?", asked_back="Why?")
        page = grid_page(rows(cells={(7, T1.code, "K"): back}, open_=False))
        assert [cell.field is not None for cell in page.lines[0].cells] == [False, True, False]
        assert page.lines[0].fields[0].talk.note == "Why?"

    def test_what_could_not_be_stored_is_shown_as_it_was_typed(self) -> None:
        typed = {(7, T1.code, "T"): Typed({"value": "about 60"}, ("No number.",))}
        page = grid_page(rows(cells={(7, T1.code, "T"): DRAFT}), typed)
        assert page.lines[0].fields[0].texts["value"] == "about 60"
        assert [(p.key, p.texts) for p in page.problems] == [("7-2026T1-T", ("No number.",))]

    def test_the_value_follows_where_both_parts_are_given(self) -> None:
        page = grid_page(rows(cells={(7, T1.code, "T"): replace(DRAFT, numerator=0.0, denominator=8.0)}))
        assert page.lines[0].fields[0].follows

    def test_a_correction_says_what_the_council_sees(self) -> None:
        page = grid_page(rows(cells={(7, T1.code, "T"): replace(DRAFT, revision=3, approved=(2, 0.0, ""))}))
        assert "The council sees 0.0%" in page.lines[0].fields[0].talk.changed

    def test_a_check_asks_until_there_is_a_comment(self) -> None:
        same = {"check": "same_again", "figures": {"given": 5.0, "times": 3}}
        asks = replace(DRAFT, checks=(same,))
        for stored, needed in ((asks, True), (replace(asks, comment="Yes"), False)):
            page = grid_page(rows(cells={(7, T1.code, "T"): stored}))
            assert page.lines[0].fields[0].talk.needs_comment is needed
            assert len(page.lines[0].fields[0].talk.findings) == 1
            sent = submit_page(rows(cells={(7, T1.code, "T"): stored}))
            assert (len(sent.to_comment), len(sent.ready)) == ((1, 0) if needed else (0, 1))

    def test_what_came_back_is_not_said_to_be_submitted(self) -> None:
        back = replace(DRAFT, state="returned", note="Vilka skolor?", asked_back="Vilka skolor?")
        sent = submit_page(rows(cells={(7, T1.code, "T"): back}))
        assert [(line.key, line.note) for line in sent.returned] == [("7-2026T1-T", "Vilka skolor?")]
        assert not sent.ready


class TestFields:
    @given(st.floats(-1e9, 1e9).map(lambda x: round(x, 6)), st.sampled_from(["sv", "en"]))
    def test_a_number_is_read_back_as_it_was_written(self, value: float, language: str) -> None:
        with translation.override(language):
            assert read_number(as_typed(value), language=language).value == value

    @given(st.integers(1, 10**9 - 1), st.sampled_from(["2026", "2026T1", "2026M11", "2026S"]), st.sampled_from("TKM"))
    def test_a_key_is_read_back(self, indicator: int, period: str, breakdown: str) -> None:
        assert parse_key(key_text((indicator, period, breakdown))) == (indicator, period, breakdown)

    @given(st.text(max_size=30))
    def test_any_text_is_a_key_or_none(self, text: str) -> None:
        key = parse_key(text)
        assert key is None or key[2] in "TKM"

    EMPTY = dict.fromkeys(("value", "absence", "numerator", "denominator", "comment", "link"), "")

    def test_nothing_given_clears(self) -> None:
        assert read_cell(self.EMPTY, evidence_id=None, language="en") == Entered()

    def test_zero_is_given(self) -> None:
        assert read_cell(self.EMPTY | {"value": "0"}, evidence_id=None, language="en") == Entered(0.0)

    @given(st.fixed_dictionaries(dict.fromkeys(EMPTY, st.text(max_size=12))))
    def test_any_texts_become_something_or_faults_that_speak(self, texts: dict[str, str]) -> None:
        read = read_cell(texts, evidence_id=None, language="sv")
        assert isinstance(read, Entered) or all(fault.text for fault in read)


class TestUntilWhen:
    """A period that closes at midnight is open to the end of the day before; nobody means the next day's 00:00."""

    @pytest.mark.parametrize(
        ("closes", "told"),
        [
            (datetime(2026, 5, 31, 22, tzinfo=UTC), "Open until the end of 31 May 2026."),
            (datetime(2026, 5, 31, 21, 59, tzinfo=UTC), "Open until 31 May 2026 23:59."),
            (datetime(2026, 11, 30, 23, tzinfo=UTC), "Open until the end of 30 November 2026."),
        ],
    )
    def test_lead(self, closes: datetime, told: str) -> None:
        open_ = Window(WindowState.OPEN, NOW, closes)
        assert grid_page(replace(rows(), windows=rows().windows | {T1.code: open_})).lead.endswith(told)


def test_columns_that_are_only_read_do_not_say_that_they_never_were_opened() -> None:
    never = Window(WindowState.NOT_OPENED, None, None)
    before = T1.shift(-1).code
    notes = {
        head.code: head.note for head in grid_page(replace(rows(), windows=rows().windows | {before: never})).earlier
    }
    assert notes == {before: "", T1.shift(-2).code: "closed"}
