"""Pages of results over plain rows: which edition is shown, what is compared, what stays hidden, how bars are drawn."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from surveys.charts import MatrixPoint, gap_bar, matrix_svg, result_bar
from surveys.compute.questionnaire import Asked, Choice, Page, Questionnaire
from surveys.read_models.results import WavePage, change_between, wave_page
from surveys.read_models.results_priorities import priorities_page
from surveys.read_models.results_question import question_page
from surveys.read_models.results_rows import (
    EditionRow,
    FigureRow,
    Figures,
    NoSuchResultError,
    PeerRows,
    QuestionRows,
    Results,
    Shown,
    SurveyRow,
    VersionRow,
    WaveRow,
    choose,
    series_broken,
)
from surveys.wording import SHARE

STATES = ("draft", "blocked", "released", "withdrawn")
SURVEY = SurveyRow(1, "citizens", "The citizen survey", "Why it is asked.", "The office", "overall", False)
CHOICES = (Choice(2, "Good", True), Choice(1, "Bad"), Choice(9, "Don't know", no_opinion=True))
OVERALL = Asked(1, 1, "overall", "share", "Is it good?", options=CHOICES)
SNOW = Asked(2, 2, "snow", "share", "Is the snow cleared?", options=CHOICES)
SEX = Asked(3, 3, "sex", "single", "Are you …", options=(Choice(1, "Woman"), Choice(2, "Man")), background=True)
TEXT = Asked(4, 4, "words", "text", "What else?")
KANO = Asked(5, 5, "need", "kano", "With it?", "Without it?")
GAP = Asked(6, 6, "gap", "expectation", "What do you expect?", "What do you get?")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def wave(year: int, *, method_break: bool = False) -> WaveRow:
    return WaveRow(
        year, str(year), str(year), "closed", date(year, 9, 1), date(year, 10, 1), 1000, "", "", "", "", method_break,
        "raked",
    )  # fmt: skip


def edition(year: int, number: int = 1, state: str = "released", **more: Any) -> EditionRow:
    fields = {"method": {}, "drivers": {}} | more
    return EditionRow(
        year * 10 + number, number, state, fields.get("wave", wave(year)), fields["method"], fields["drivers"],
        date(year, 11, 1), date(year, 12, 1) if state != "draft" else None, "Wrong weights." * (state == "withdrawn"),
    )  # fmt: skip


def share(question: str, value: float | None, se: float = 1.0, **more: Any) -> FigureRow:
    lower, upper = (None, None) if value is None else (value - 2 * se, value + 2 * se)
    fields = {"statistic": "share", "value": value, "se": se, "lower": lower, "upper": upper, "n": 500} | more
    return FigureRow(question, "", **fields)


def hidden(question: str, **more: Any) -> FigureRow:
    return FigureRow(question, "", more.pop("statistic", "share"), hidden="protected", **more)


def results(now: Sequence[FigureRow], before: Sequence[FigureRow] = (), **shown: Any) -> Results:
    asked = Questionnaire.of(1, [Page(1, "All", "", (OVERALL, SNOW, KANO, GAP, TEXT)), Page(2, "You", "", (SEX,))])
    earlier, later = edition(2024), edition(2026, **shown)
    frame = Shown(SURVEY, later, earlier, [earlier, later], [later], False)
    return Results(frame, asked, Figures.of(now), Figures.of(before), [])


def page(now: Sequence[FigureRow], before: Sequence[FigureRow] = (), **shown: Any) -> WavePage:
    return wave_page(results(now, before, **shown))


def test_a_share_tells_which_answers_it_is_of() -> None:
    """“56 %” beside a question that “No” is the good answer to would be read as 56 % yes."""
    (section,) = page([share("overall", 80.0), share("snow", 56.0)]).sections
    assert [line.note for line in section.lines] == ["“Good”", "“Good”"]


class TestWhichEdition:
    EDITIONS = (
        edition(2024), edition(2026, 1), edition(2026, 2), edition(2026, 3, "draft"), edition(2028, 1, "draft"),
    )  # fmt: skip

    def numbers(self, **asked: Any) -> tuple[str, int]:
        found = choose(SURVEY, self.EDITIONS, **({"wave": ""} | asked)).edition
        return found.wave.code, found.number

    def test_everybody_gets_the_newest_released_one_of_the_newest_wave_that_has_one(self) -> None:
        assert self.numbers() == ("2026", 2)
        assert self.numbers(wave="2024") == ("2024", 1)
        assert self.numbers(drafts=True) == ("2026", 2), "a draft is shown only where it is asked for"

    def test_a_draft_is_there_for_who_steers_alone(self) -> None:
        assert self.numbers(wave="2026", wanted="draft", drafts=True) == ("2026", 3)
        assert self.numbers(wave="2028", drafts=True) == ("2028", 1)
        for asked in ({"wave": "2026", "wanted": "draft"}, {"wave": "2026", "wanted": 3}, {"wave": "2028"}):
            with pytest.raises(NoSuchResultError):
                self.numbers(**asked)

    def test_what_the_audit_blocked_is_there_for_nobody(self) -> None:
        editions = [edition(2026, 1), edition(2026, 2, "blocked")]
        assert choose(SURVEY, editions, wave="2026", drafts=True).draft is None
        for wanted in (2, "draft"):
            with pytest.raises(NoSuchResultError):
                choose(SURVEY, editions, wave="2026", wanted=wanted, drafts=True)

    def test_who_steers_is_told_of_a_newer_draft(self) -> None:
        assert choose(SURVEY, self.EDITIONS, wave="2026", drafts=True).draft is not None
        assert choose(SURVEY, self.EDITIONS, wave="2026", drafts=False).draft is None

    def test_an_earlier_released_edition_can_be_asked_for_by_number(self) -> None:
        found = choose(SURVEY, self.EDITIONS, wave="2026", wanted=1)
        assert (found.edition.number, found.chosen, found.query) == (1, True, "?edition=1")
        assert choose(SURVEY, self.EDITIONS, wave="2026").query == ""

    def test_the_wave_before_is_one_that_has_been_released(self) -> None:
        assert choose(SURVEY, [edition(2022, 1, "draft"), edition(2024)], wave="2024", drafts=True).before is None
        found = choose(SURVEY, self.EDITIONS, wave="2026").before
        assert found is not None
        assert found.wave.code == "2024"

    def test_a_withdrawn_edition_is_shown_only_where_there_is_no_other(self) -> None:
        withdrawn = edition(2026, 2, "withdrawn")
        assert choose(SURVEY, [edition(2026, 1), withdrawn], wave="2026").edition.number == 1
        assert choose(SURVEY, [withdrawn], wave="2026").edition.state == "withdrawn"
        with pytest.raises(NoSuchResultError, match="These exist: 1"):
            choose(SURVEY, [edition(2026, 1), withdrawn], wave="2026", wanted=2)

    def test_refusals_say_what_there_is(self) -> None:
        with pytest.raises(NoSuchResultError, match="There are for: 2024, 2026"):
            choose(SURVEY, self.EDITIONS, wave="1999")
        with pytest.raises(NoSuchResultError, match="released yet"):
            choose(SURVEY, [], wave="")

    @given(st.lists(st.tuples(st.sampled_from([2022, 2024, 2026]), st.sampled_from(STATES)), max_size=8))
    def test_nobody_without_the_right_ever_gets_a_draft(self, made: list[tuple[int, str]]) -> None:
        editions = [edition(year, number, state) for number, (year, state) in enumerate(made, start=1)]
        for code in ("", "2022", "2024", "2026"):
            for wanted in (None, "draft", *range(1, 9)):
                try:
                    found = choose(SURVEY, editions, wave=code, wanted=wanted)
                except NoSuchResultError:
                    continue
                assert found.edition.state in ("released", "withdrawn")
                assert all(e.state in ("released", "withdrawn") for e in [*found.waves, *found.editions])
                assert found.draft is None


class TestBreaks:
    def test_a_reworded_question_and_a_new_method_break_the_series(self) -> None:
        first, last = edition(2024), edition(2026, method={"breaks": ["snow"]})
        assert series_broken(last, first, [first, last], "snow") == "wording"
        assert series_broken(last, first, [first, last], "overall") == ""
        other = edition(2026, wave=wave(2026, method_break=True))
        assert series_broken(other, first, [first, other], "overall") == "method"

    def test_a_break_in_a_wave_between_counts_and_one_before_does_not(self) -> None:
        a, b, c = edition(2022, method={"breaks": ["snow"]}), edition(2024, method={"breaks": ["snow"]}), edition(2026)
        assert series_broken(c, a, [a, b, c], "snow") == "wording"
        assert series_broken(c, b, [a, b, c], "snow") == ""


class TestChange:
    def verdict(self, now: FigureRow, before: FigureRow | None, broken: str = "") -> str:
        return change_between(now, before, broken, SHARE).verdict

    def test_certain_only_where_the_interval_of_the_difference_excludes_no_change(self) -> None:
        # sqrt(1 + 1)·1.96 = 2.77
        assert self.verdict(share("snow", 72.9), share("snow", 70.0)) == "better"
        assert self.verdict(share("snow", 72.7), share("snow", 70.0)) == "uncertain"
        assert self.verdict(share("snow", 67.1), share("snow", 70.0)) == "worse"

    def test_degrees_of_freedom_are_used_where_they_are_stored(self) -> None:
        few = {"details": {"df": 4.0}}
        assert self.verdict(share("snow", 72.9, **few), share("snow", 70.0, **few)) == "uncertain"

    def test_nothing_is_said_of_what_cannot_be_compared(self) -> None:
        assert self.verdict(share("snow", 90.0), None) == "new"
        assert self.verdict(share("snow", 90.0), share("snow", 70.0), "wording") == "wording"
        assert self.verdict(hidden("snow"), share("snow", 70.0)) == "hidden"
        assert self.verdict(share("snow", 90.0), hidden("snow")) == "hidden"

    def test_zero_is_a_value(self) -> None:
        assert self.verdict(share("snow", 0.0, 0.2), share("snow", 5.0, 0.2)) == "worse"


class TestWavePage:
    def test_sections_leave_out_questions_about_the_person_and_free_texts(self) -> None:
        found = page([share("overall", 80.0), share("snow", 0.0), share("sex", 50.0)])
        assert [(s.title, [line.code for line in s.lines]) for s in found.sections] == [("All", ["overall", "snow"])]

    def test_a_hidden_result_says_nothing_but_that_it_is_hidden(self) -> None:
        line = page([hidden("snow"), share("snow", 4.0, statistic="no_opinion")]).sections[0].lines[0]
        assert (line.result, line.n, line.interval, line.bar, line.hidden) == ("..", "..", "", "", True)

    def test_a_measured_zero_is_shown(self) -> None:
        line = page([share("snow", 0.0, 0.0)]).sections[0].lines[0]
        assert line.result == "0%"
        assert 'class="fill"' in line.bar

    def test_counts_what_changed_for_certain(self) -> None:
        found = page([share("overall", 80.0), share("snow", 60.0)], [share("overall", 70.0), share("snow", 60.5)])
        assert {entry.verdict: entry.count for entry in found.tally} == {"better": 1, "worse": 0, "uncertain": 1}
        assert [entry["text"] for entry in found.changed] == ["Is it good?"]
        assert found.changes_lead.startswith("Since 2024 1 of 2 questions have become better for certain and 0 worse")

    def test_the_lead_is_the_overall_question_or_what_the_survey_is_for(self) -> None:
        assert page([share("overall", 80.0)]).lead.startswith("“Is it good?” 80 of 100 answer “Good”")
        assert page([hidden("overall")]).lead == "Why it is asked."

    def test_the_most_chosen_answer_is_not_told_where_a_hidden_one_may_be_greater(self) -> None:
        channel = replace(SNOW, kind="multiple", options=(Choice(1, "Phone"), Choice(2, "Letter")))
        rows = results([share("snow", 30.0, statistic="option", part=1), hidden("snow", statistic="option", part=2)])
        asked = Questionnaire.of(1, [Page(1, "All", "", (channel,))])
        line = wave_page(replace(rows, questionnaire=asked)).sections[0].lines[0]
        assert line.hidden


class TestQuestionPage:
    def rows(self, now: Sequence[FigureRow], peers: PeerRows | None = None, **more: Any) -> QuestionRows:
        base = results(now)
        ids = base.shown.edition.id
        figures = {ids: Figures.of(now), **more.pop("figures", {})}
        return QuestionRows(base.shown, base.questionnaire, OVERALL, "All", figures, [], [], peers)

    def test_groups_in_the_order_of_asking_with_hidden_ones_named(self) -> None:
        found = question_page(self.rows([
            share("overall", 80.0),
            share("overall", 85.0, group="sex", level=1),
            hidden("overall", group="sex", level=2),
        ]))  # fmt: skip
        assert [(bar.label, bar.result) for bar in found.groups[0].rows] == [("Woman", "85%"), ("Man", "..")]
        assert found.any_hidden

    def test_a_chart_needs_two_waves(self) -> None:
        earlier = {edition(2024).id: Figures.of([share("overall", 70.0)])}
        assert question_page(self.rows([share("overall", 80.0)])).chart is None
        chart = question_page(self.rows([share("overall", 80.0)], figures=earlier)).chart
        assert chart is not None
        assert [row["cells"][:2] for row in chart["table"]["rows"]] == [["2024", "70%"], ["2026", "80%"]]

    @pytest.mark.parametrize(("continues", "note"), [(True, ""), (False, "new wording")])
    def test_a_new_wording_breaks_the_series_unless_it_was_declared_to_continue(
        self, continues: bool, note: str
    ) -> None:
        now, before = [share("overall", 80.0)], [share("overall", 70.0)]
        rows = self.rows(now, figures={edition(2024).id: Figures.of(before)})
        first, last = (edition(year, method={"versions": {"overall": year}}) for year in (2024, 2026))
        versions = [VersionRow(2024, 1, "Was it?", False, ""), VersionRow(2026, 2, "Is it?", continues, "Same thing.")]
        shown = replace(rows.shown, edition=last, before=first, waves=[first, last])
        chart = question_page(replace(rows, shown=shown, versions=versions)).chart
        assert chart is not None
        assert chart["table"]["rows"][1]["cells"][-1] == note
        assert ("new wording" in str(chart["wide"])) == bool(note)

    def test_beside_others_the_newest_year_in_which_enough_publish(self) -> None:
        values = {
            2022: {"home": 81.0, **{str(i): 70.0 + i for i in range(5)}},
            2023: {"home": 84.0, "1": 72.0},
        }
        found = question_page(self.rows([share("overall", 80.0)], PeerRows("home", "Hemby", "Alike", values))).compared
        assert found is not None
        assert [(bar.label, bar.result) for bar in found.rows] == [
            ("The citizen survey\u00a02026", "80%"), ("Hemby, published 2022", "81%"), ("Alike, median 2022", "72%"),
        ]  # fmt: skip
        assert "71–73%" in found.rows[2].interval, "type 7 quartiles of 70 … 74"

    def test_too_few_others_are_not_compared(self) -> None:
        values = {2022: {"home": 81.0, **{str(i): 70.0 + i for i in range(4)}}}
        assert question_page(self.rows([share("overall", 80.0)], PeerRows("home", "H", "A", values))).compared is None


class TestPriorities:
    DRIVERS: dict[str, Any] = {
        "overall": "overall", "refused": None, "r2": 0.4, "n": 300, "cut": {"grade": 60.0, "importance": 50.0},
        "drivers": [
            {"area": "roads", "importance": 70.0, "lower": 50.0, "upper": 90.0, "grade": 40.0, "quadrant": "prioritise",
             "indistinguishable_from": []},
            {"area": "books", "importance": 30.0, "lower": 10.0, "upper": 50.0, "grade": 80.0, "quadrant": "keep",
             "indistinguishable_from": ["roads"]},
        ],
    }  # fmt: skip

    def test_areas_by_quadrant_with_the_numbers_of_the_drawing(self) -> None:
        rows = replace(results([], drivers=self.DRIVERS), topics={"roads": "Roads", "books": "Libraries"})
        found = priorities_page(rows)
        assert {q.key: [(a.number, a.name) for a in q.areas] for q in found.quadrants} == {
            "prioritise": [(1, "Roads")], "improve_if_possible": [], "keep": [(2, "Libraries")], "lower_priority": [],
        }  # fmt: skip
        assert found.lead == "Worth a look first: Roads."
        assert "40%" in found.explained
        assert "their order is uncertain" in found.explained
        assert found.chart is not None
        assert re.findall(r"<title>(\d \w+)</title>", str(found.chart["wide"])) == ["1 Roads", "2 Libraries"]

    def test_a_question_mark_ends_a_sentence_by_itself(self) -> None:
        rows = replace(results([], drivers=self.DRIVERS), topics={"roads": "Are the roads good?", "books": "Libraries"})
        found = priorities_page(rows)
        assert found.lead == "Worth a look first: Are the roads good?"
        (kept,) = next(q for q in found.quadrants if q.key == "keep").areas
        assert kept.alike == "Weighs about as much as: Are the roads good?"

    @pytest.mark.parametrize("reason", ["too_few_answers", "too_weak", "no_overall_question", "no_areas"])
    def test_a_refusal_says_why(self, reason: str) -> None:
        found = priorities_page(results([], drivers={"overall": "overall", "refused": reason}))
        assert found.refused.endswith(".")
        assert found.chart is None
        assert found.quadrants == []

    def test_hidden_gaps_and_needs_are_left_out_and_said_to_be(self) -> None:
        found = priorities_page(results([hidden("gap", statistic="gap"), hidden("need", statistic="kano")]))
        assert (found.gaps, found.needs, found.any_hidden) == ([], [], True)

    def test_what_falls_shortest_comes_first(self) -> None:
        need = {"category": None, "better": 0.5, "worse": -0.25}
        found = priorities_page(results([
            share("gap", -1.5, statistic="gap", details={"expectation": 8.0, "experience": 6.5, "certain": True}),
            share("need", 300.0, statistic="kano", details=need),
        ]))  # fmt: skip
        assert found.gaps[0].sentence == "People expected 8.0 of 10 but experienced 6.5: worse than expected."
        assert (found.needs[0].word, found.needs[0].with_it, found.needs[0].without_it) == (
            "Opinions differ",
            "50%",
            "25%",
        )


class TestBars:
    @given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
    def test_places_are_those_of_the_numbers(self, a: float, b: float, c: float) -> None:
        lower, value, upper = sorted((a, b, c))
        drawn = str(result_bar(value, lower, upper))
        width = float(re.search(r'class="fill" y="5" width="([\d.]+)"', drawn).group(1))  # type: ignore[union-attr]
        start, end = map(float, re.search(r'"M([\d.]+) 10H([\d.]+)"', drawn).groups())  # type: ignore[union-attr]
        assert abs(width - value) < 0.0501
        assert abs(start - lower) < 0.0501
        assert abs(end - upper) < 0.0501
        assert not re.search(r"\.\d\d", drawn), "more decimals than the files have"

    def test_nothing_is_drawn_for_what_is_missing_and_zero_is_drawn(self) -> None:
        assert result_bar(None) == ""
        assert result_bar(float("nan")) == ""
        assert gap_bar(None, 4.0, low=1, high=10) == ""
        assert 'width="0"' in result_bar(0.0)
        assert "range" not in result_bar(50.0)

    @given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=15))
    def test_every_area_of_the_matrix_is_drawn_inside_it_and_escaped(self, places: list[tuple[float, float]]) -> None:
        points = [MatrixPoint(i, f"<{i}>", x, y) for i, (x, y) in enumerate(places, start=1)]
        drawn = str(matrix_svg(
            points, grade_cut=50.0, importance_cut=50.0, corners=("a", "b", "c", "d"), x_title="x", y_title="y",
            title="<t>", summary="s", narrow=True,
        ))  # fmt: skip
        assert "<t>" not in drawn
        assert drawn.count("<circle") == len(places)
        for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn):
            assert 0 <= float(x) <= 340
            assert 0 <= float(y) <= 320
