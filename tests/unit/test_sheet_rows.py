"""Rows of a sheet: new, changed, unchanged or rejected, and why."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.input_window import Window, WindowState
from indicators.compute.plausibility import Check, Rules
from indicators.compute.revisions import Revision
from indicators.compute.sheet_rows import (
    HEADS,
    REASON_WORDS,
    Fault,
    Followed,
    Ground,
    Kind,
    Preview,
    Said,
    classify,
    find_head,
    head_of,
    key_text,
    keys_of,
    rows_after,
)
from indicators.models import Absence
from indicators.periods import Kind as Frequency
from indicators.wording import ABSENCE

HEAD = ["Nyckeltal", "Period", "Kön", "Värde", "Orsak till att värde saknas", "Täljare", "Nämnare", "Kommentar"]
OPEN = Window(WindowState.OPEN)
CLOSED = Window(WindowState.CLOSED)
SHARE = Followed(1, "share", 7, Rules(Frequency.YEAR, 0, 0.0, 100.0, share=True, divided=True))
DAYS = Followed(2, "days", 7, Rules(Frequency.YEAR, 1, 0.0, None))
OTHER = Followed(3, "other", 8, Rules(Frequency.YEAR), refusal=Fault.NOT_YOURS.value)


def revision(number: int = 0, state: str = "draft", value: float | None = 54.0, **more: Any) -> Revision:
    held = {
        "absence": "", "numerator": None, "denominator": None, "comment": "", "evidence_id": None,
        "evidence_link": "", "note": "", "checks": (), "entered_by_id": 1,
        "entered_at": datetime(2026, 1, 1, tzinfo=UTC),
    } | more  # fmt: skip
    return Revision(number, state, value, **held)


def ground(stored: dict[tuple[int, str], dict[str, list[Revision]]] | None = None, window: Window = OPEN) -> Ground:
    windows = {(str(year), 7): window for year in range(2019, 2026)}
    return Ground(
        followed={row.code: row for row in (SHARE, DAYS, OTHER)}, revisions=stored or {}, windows=windows, breaks={},
        peers={}, reasons=frozenset(Absence.values), today=date(2026, 2, 1),
    )  # fmt: skip


def judged(*rows: list[Any], head: list[str] = HEAD, on: Ground | None = None, **more: Any) -> Preview:
    table = [head, *rows]
    found = find_head(table, "sv")
    assert found is not None
    below = rows_after(table, found)
    return classify(below, found, keys_of(below, found), on or ground(), **more)


def only(preview: Preview) -> Any:
    (row,) = preview.rows
    return row


class TestHead:
    def test_both_languages_any_order_others_passed_over(self) -> None:
        head = head_of(["Extra", "VALUE ", "Period", " indicator:"], 3, "sv")
        assert head is not None
        assert head.columns == {"value": 1, "period": 2, "indicator": 3}
        assert (head.line, head.language) == (3, "en")

    def test_prepared_heads_are_known(self) -> None:
        for language, words in HEADS.items():
            head = head_of(list(words.values()), 1, "sv")
            assert head is not None
            assert head.language == language
            assert set(head.columns) == set(words)

    @pytest.mark.parametrize("row", [[], ["Period", "Värde"], ["Nyckeltal", "Period"], [1, 2.0, True], ["", ""]])
    def test_what_is_none(self, row: list[Any]) -> None:
        assert head_of(row, 1, "sv") is None

    def test_a_head_without_language_is_in_the_readers(self) -> None:
        for language in ("sv", "en"):
            head = head_of(["Kod", "Period", "Utfall"], 1, language)
            assert head is not None
            assert head.language == language


class TestWords:
    def test_reasons_are_called_as_on_the_pages(self) -> None:
        assert set(REASON_WORDS["en"]) == set(Absence.values)
        for language, words in REASON_WORDS.items():
            with override(language):
                assert words == {code: str(ABSENCE[code]) for code in words}


class TestKinds:
    def test_new(self) -> None:
        row = only(judged(["share", "2025", "", 54.5]))
        assert (row.kind, row.line, row.said) == (Kind.NEW, 2, Said(54.5))

    def test_zero_is_a_value(self) -> None:
        assert only(judged(["share", "2025", "", 0])).said.value == 0
        assert only(judged(["share", "2025", "", "0"])).kind is Kind.NEW

    def test_unchanged_and_changed(self) -> None:
        on = ground({(1, "T"): {"2025": [revision(3)]}})
        assert only(judged(["share", "2025", "", 54], on=on)).kind is Kind.UNCHANGED
        row = only(judged(["share", "2025", "", 55], on=on))
        assert (row.kind, row.before.revision, row.said.value) == (Kind.CHANGED, 3, 55)

    def test_a_cleared_cell_is_empty(self) -> None:
        on = ground({(1, "T"): {"2025": [revision(), revision(1, "cleared", None)]}})
        row = only(judged(["share", "2025", "", 54], on=on))
        assert (row.kind, row.before.revision) == (Kind.NEW, 1)

    def test_an_empty_row_says_nothing(self) -> None:
        on = ground({(1, "T"): {"2025": [revision()]}})
        found = judged(["share", "2025", "", ""], ["", "", "", ""], ["days", "2025", "", "", ""], on=on)
        assert found.rows == []
        assert found.empty == 2

    def test_a_comment_stays_where_none_is_given(self) -> None:
        on = ground({(1, "T"): {"2025": [revision(comment="Ny enkät")]}})
        assert only(judged(["share", "2025", "", 54], on=on)).kind is Kind.UNCHANGED
        assert only(judged(["share", "2025", "", 55], on=on)).said.comment == "Ny enkät"

    def test_a_value_from_its_parts(self) -> None:
        row = only(judged(["share", "2025", "", "", "", 1, 4]))
        assert row.said == Said(25.0, "", 1.0, 4.0)
        on = ground({(1, "T"): {"2025": [revision(value=25.0, numerator=1.0, denominator=4.0)]}})
        assert only(judged(["share", "2025", "", "", "", 1, 4], on=on)).kind is Kind.UNCHANGED
        assert only(judged(["share", "2025", "", 25], on=on)).kind is Kind.UNCHANGED
        changed = only(judged(["share", "2025", "", 26], on=on))
        assert (changed.kind, changed.said.numerator) == (Kind.CHANGED, None)

    def test_parts_alone_of_what_is_no_share_are_rejected(self) -> None:
        row = only(judged(["days", "2025", "", "", "", 3.0, 5.0]))
        assert (row.kind, row.problems[0].fault) == (Kind.REJECTED, Check.PARTS_ALONE)

    def test_reasons_and_marks(self) -> None:
        for cells in (["", "Sekretess"], ["", "confidential"], ["..", ""], ["", ".."]):
            assert only(judged(["share", "2025", "", *cells])).said.absence == "confidential"

    def test_a_prepared_row_is_known_by_its_key(self) -> None:
        head = ["Nyckel", "Nyckeltal", "Period", "Kön", "Värde"]
        row = only(judged([key_text("share", "2025", "K"), "share", "helår", "kvinnor", 54], head=head))
        assert (row.kind, row.period, row.breakdown) == (Kind.NEW, "2025", "K")

    def test_periods_as_numbers_and_in_words(self) -> None:
        for written in (2025.0, 2025, " 2025 "):
            assert only(judged(["share", written, "", 54])).kind is Kind.NEW
        rows = judged(["share", "Andra tertialet 2025", "", 54]).rows
        assert rows[0].period == "2025T2"


class TestRejected:
    @pytest.mark.parametrize(
        ("row", "role", "fault"),
        [
            (["", "2025", "", 5], "indicator", Fault.NO_INDICATOR),
            (["nothing", "2025", "", 5], "indicator", Fault.UNKNOWN_INDICATOR),
            (["other", "2025", "", 5], "indicator", Fault.NOT_YOURS),
            (["share", "", "", 5], "period", Fault.NO_PERIOD),
            (["share", "soon", "", 5], "period", Check.NO_PERIOD),
            (["share", "2025T1", "", 5], "period", Check.WRONG_FREQUENCY),
            (["share", "2027", "", 5], "period", Check.NOT_BEGUN),
            (["share", "2026", "", 5], "period", Fault.WINDOW),
            (["share", date(2025, 5, 1), "", 5], "period", Fault.PERIOD_IS_DATE),
            (["share", "2025", "children", 5], "breakdown", Check.UNKNOWN_BREAKDOWN),
            (["days", "2025", "women", 5], "breakdown", Check.NOT_DIVIDED),
            (["share", "2025", "", "many"], "value", Fault.UNREADABLE),
            (["share", "2025", "", "1.234"], "value", Fault.UNREADABLE),
            (["share", "2025", "", datetime(2025, 5, 4, tzinfo=UTC)], "value", Fault.IS_A_DATE),
            (["share", "2025", "", True], "value", Fault.IS_YES_OR_NO),
            (["share", "2025", "", "#DIV/0!"], "value", Fault.UNREADABLE),
            (["share", "2025", "", 101], "value", Check.OUT_OF_RANGE),
            (["share", "2025", "", 54, "saknas"], "value", Check.VALUE_AND_REASON),
            (["share", "2025", "", "", "no idea"], "reason", Check.UNKNOWN_REASON),
            (["share", "2025", "", "", "", 5], "value", Check.PARTS_INCOMPLETE),
            (["share", "2025", "", "", "", 5, 4], "value", Check.NUMERATOR_ABOVE),
            (["share", "2025", "", "", "", 0, 0], "value", Check.ZERO_DENOMINATOR),
            (["share", "2025", "", "", "", "", "", "why"], "value", Fault.COMMENT_ALONE),
            (["share", "2025", "", 5, "", "", "", "x" * 4001], "comment", Fault.COMMENT_TOO_LONG),
        ],
    )
    def test_reasons(self, row: list[Any], role: str, fault: Any) -> None:
        found = only(judged(row))
        assert found.kind is Kind.REJECTED
        assert (found.problems[0].role, found.problems[0].fault) == (role, fault)

    def test_every_problem_of_a_row_is_told(self) -> None:
        found = only(judged(["share", "2026", "", "many", "no idea", "x", 4]))
        assert [p.role for p in found.problems] == ["value", "numerator", "reason", "period"]

    def test_the_same_cell_twice(self) -> None:
        rows = judged(["share", "2025", "", 5], ["share", "2025", "alla", 6], ["days", "2025", "", 5]).rows
        assert [row.kind for row in rows] == [Kind.NEW, Kind.REJECTED, Kind.NEW]
        assert rows[1].problems[0].figures == {"line": 2}

    def test_a_key_that_says_something_else_than_its_row(self) -> None:
        head = ["Nyckel", "Nyckeltal", "Värde"]
        found = only(judged([key_text("share", "2025", "T"), "days", 54], head=head))
        assert found.problems[0].fault is Fault.KEY_CHANGED

    def test_a_formula_without_value(self) -> None:
        found = only(judged(["share", "2025", "", ""], empty_formulas=[(2, 3)]))
        assert found.problems[0].fault is Fault.EMPTY_FORMULA

    def test_what_was_sent_back_may_be_mended_after_closing(self) -> None:
        back = {(1, "T"): {"2025": [revision(), revision(1, "submitted"), revision(2, "returned", note="?")]}}
        assert only(judged(["share", "2025", "", 55], on=ground(back, CLOSED))).kind is Kind.CHANGED
        assert only(judged(["share", "2025", "", 55], on=ground({}, CLOSED))).problems[0].fault is Fault.WINDOW

    def test_what_stands_there_already_is_no_matter_for_a_window(self) -> None:
        stored = {(1, "T"): {"2025": [revision()]}}
        assert only(judged(["share", "2025", "", 54], on=ground(stored, CLOSED))).kind is Kind.UNCHANGED


class TestDoubts:
    STORED = {(1, "T"): {str(year): [revision(0, "approved", 80.0 + year % 3)] for year in range(2018, 2025)}}

    def test_far_from_history(self) -> None:
        found = judged(["share", "2025", "", 12], on=ground(self.STORED))
        assert found.doubtful == 1
        assert only(found).findings[0].check is Check.FAR_FROM_HISTORY
        assert judged(["share", "2025", "", 81], on=ground(self.STORED)).doubtful == 0

    def test_periods_of_another_frequency_are_no_history(self) -> None:
        years = {(1, "T"): {f"{year}S": [revision(0, "approved", 80.0 + year % 3)] for year in range(2018, 2025)}}
        assert judged(["share", "2025", "", 12], on=ground(years)).doubtful == 0

    def test_rejected_rows_are_not_doubted(self) -> None:
        found = judged(["share", "2025", "", 12], on=ground(self.STORED, CLOSED))
        assert only(found).findings == ()


class TestDigest:
    def test_tells_what_changed_in_the_database(self) -> None:
        row = ["share", "2025", "", 55]
        before = judged(row).digest
        assert judged(row).digest == before
        assert judged(row, on=ground({(1, "T"): {"2025": [revision()]}})).digest != before
        assert judged(row, on=ground(window=CLOSED)).digest != before


CELLS = st.one_of(
    st.text(max_size=8), st.floats(), st.integers(), st.booleans(), st.dates(), st.none(),
    st.sampled_from(["share", "days", "2025", "K", "54", "saknas", "..", "=1+1", "share|2025|T", "😀"]),
)  # fmt: skip


@given(st.lists(st.lists(CELLS, max_size=9), max_size=8))
def test_whatever_the_cells_hold_each_row_is_judged(rows: list[list[Any]]) -> None:
    found = judged(*rows)
    assert len(found.rows) + found.empty <= len(rows)
    assert sum(found.counts.values()) == len(found.rows)
    for row in found.rows:
        assert (row.kind is Kind.REJECTED) == bool(row.problems)
        assert row.kind is Kind.REJECTED or row.indicator_id is not None
