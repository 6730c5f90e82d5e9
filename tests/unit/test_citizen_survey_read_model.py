"""The page of the published citizen survey over plain rows: what is certain, and what is never claimed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override

from indicators.compute.frames import Point
from indicators.compute.series import Break, share_margin
from indicators.compute.status import Direction
from indicators.periods import Period
from indicators.read_models.citizen_survey import Facts, Filter, Line, Page, Question, page, sheet
from indicators.read_models.compare import Standing

QUESTION = Question(1, "cs610", "Safe after dark", "try", "Safety", "%", True, Direction.HIGHER, steering=True)
WANTED = replace(QUESTION, id=2, code="cs544", name="Quiet", good=Direction.CONTEXT, steering=False)
STANDING = Standing(1, 3, 2022, True, 7, 80.0, 78.0, 85.0, 84.0, 3, 1, 6, 62.5, "middle", 0.2, 4.0, 1.0)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def point(year: int, value: float | None, margin: float | None = 3.0, **more: Any) -> Point:
    return Point(Period.parse(str(year)), value, "" if value is not None else "missing", margin, **more)


def facts(*points: tuple[Question, Point], **more: Any) -> Facts:
    questions = list(dict.fromkeys(question for question, _point in points))
    found = {(question.id, at.period.last_day.year): at for question, at in points}
    return Facts(
        "Hemby", False, questions, found, **{"breaks": {}, "standings": {}, "answers": {}, "rates": {}, **more}
    )


def shown(of: Facts, year: int = 2022, wanted: Filter | None = None) -> Page:
    return page(of, year, wanted or Filter())


def only(of: Facts, year: int = 2022) -> Line:
    (section,) = shown(of, year).sections
    (line,) = section.lines
    return line


def both(now: float, before: float, question: Question = QUESTION, margin: float | None = 3.0) -> Facts:
    return facts((question, point(2021, before, margin)), (question, point(2022, now, margin)))


class TestChange:
    def test_beyond_the_margin_of_the_difference_it_is_certain(self) -> None:
        """√(3² + 3²) = 4.24: five points are more, four are not."""
        better, worse, unsure = (only(both(now, 80.0)).change for now in (85.0, 75.0, 84.0))
        assert (better.word, better.arrow, better.certain) == ("better", "up", True)
        assert better.text == "better: up 5.0\u00a0percentage points since 2021"
        assert (worse.word, worse.arrow) == ("worse", "down")
        assert (unsure.word, unsure.text, unsure.certain) == ("uncertain", "no certain change since 2021", False)

    def test_where_no_way_is_good_a_change_is_certain_or_not_and_never_better(self) -> None:
        moved, unsure = only(both(85.0, 80.0, WANTED)).change, only(both(84.0, 80.0, WANTED)).change
        assert (moved.word, moved.text) == ("changed", "up 5.0\u00a0percentage points since 2021")
        assert (unsure.word, unsure.certain) == ("uncertain", False)

    def test_zero_is_a_result(self) -> None:
        line = only(both(0.0, 8.0))
        assert (line.now.value, line.now.margin) == ("0.0%", "±3.0")
        assert line.change.word == "worse"

    def test_without_an_earlier_result_or_across_a_break_nothing_is_compared(self) -> None:
        alone = only(facts((QUESTION, point(2022, 80.0))))
        assert (alone.change.word, alone.change.arrow, alone.change.text) == ("", "", "no earlier result")
        broken = replace(both(90.0, 80.0), breaks={1: [Break(Period.parse("2022"), False)]})
        assert only(broken).change.text == "the question has changed"
        kept = replace(both(90.0, 80.0), breaks={1: [Break(Period.parse("2022"), True)]})
        assert only(kept).change.word == "better"


class TestMargins:
    def test_a_computed_one_says_so_and_a_published_one_does_not(self) -> None:
        margin = share_margin(50.0, 630)
        line = only(facts((QUESTION, point(2022, 50.0, margin, margin_computed=True))))
        assert line.now.margin == "±3.9, computed"
        assert only(facts((QUESTION, point(2022, 50.0, 4.2)))).now.margin == "±4.2"

    def test_none_is_not_zero(self) -> None:
        assert only(facts((QUESTION, point(2022, 50.0, None)))).now.margin == ""

    def test_the_note_on_computing_stands_only_where_something_is_computed(self) -> None:
        computed = facts((QUESTION, point(2022, 50.0, 3.9, margin_computed=True)))
        assert any("Computed" in note for note in shown(computed).notes)
        assert not any("Computed" in note for note in shown(both(50.0, 50.0)).notes)


class TestPage:
    def test_what_has_changed_is_counted(self) -> None:
        three = [replace(QUESTION, id=n, code=f"cs{n}") for n in (1, 2, 3)]
        found = facts(
            *((q, point(2021, 80.0)) for q in three),
            *((q, point(2022, value)) for q, value in zip(three, (90.0, 60.0, 81.0), strict=True)),
            answers={2022: 630.0},
            rates={2022: 39.5},
        )
        assert shown(found).lead.endswith(
            "630 people answered, 40% of those asked. "
            "Since 2021, 1 have certainly become better and 1 certainly worse. For 1 of 3 no change is certain."
        )
        assert [line.code for s in shown(found, wanted=Filter(change="worse")).sections for line in s.lines] == ["cs2"]
        assert shown(found, wanted=Filter(which="others")).sections == []
        assert shown(found, wanted=Filter(area="try")).filtered

    def test_the_first_year_has_nothing_before_it(self) -> None:
        first = shown(both(90.0, 80.0), 2021)
        assert first.before is None
        assert "Since" not in first.lead
        assert first.years == [2022, 2021]

    def test_a_question_without_a_result_is_told_with_its_reason(self) -> None:
        found = facts((QUESTION, point(2022, 80.0)), (WANTED, point(2022, None)))
        line = shown(found).sections[0].lines[1]
        assert (line.now.value, line.now.absence, line.change.text) == ("", "missing", "")
        assert "1 question " in shown(found).lead

    def test_our_place_is_an_interval_where_the_value_has_a_margin(self) -> None:
        line = only(facts((QUESTION, point(2022, 84.0)), standings={"similar": {(1, 2022): STANDING}}))
        assert (line.rank, line.rank_note, line.quarter) == ("3 of 8", "1–6 within the margin of error", "middle")

    def test_where_too_few_similar_ones_took_part_our_place_is_among_all(self) -> None:
        both_groups = {"similar": {(1, 2021): STANDING}, "all": {(1, 2022): replace(STANDING, others=136)}}
        found = replace(both(84.0, 80.0), standings=both_groups)
        assert (only(found).rank, only(found, 2021).rank) == ("3 of 137", "3 of 8")
        assert shown(found).group_title == "Among all municipalities"
        assert any("Too few of the similar" in note for note in shown(found).notes)
        assert not any("Too few of the similar" in note for note in shown(found, 2021).notes)

    def test_the_file_keeps_numbers_unrounded_and_empty_cells_empty(self) -> None:
        found = facts(
            (QUESTION, point(2022, 84.26, 3.123, margin_computed=True, respondents=630)), (WANTED, point(2022, None))
        )
        rows = sheet(found, 2022).rows
        assert rows[0][4:9] == [2022, 84.26, 3.123, "computed", 630]
        assert rows[1][5:] == [None] * 10
        assert len(rows[0]) == len(sheet(found, 2022).header)

    def test_in_swedish(self) -> None:
        with override("sv"):
            line = only(both(84.0, 80.0))
        assert line.now.value == "84,0\u00a0%"
