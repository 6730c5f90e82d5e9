"""The invented residents: the same every time, possible answers only, with truths that a sample finds."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indicators.sources.definitions import read_yaml
from surveys.compute.questionnaire import Absence, Asked, Choice, Page, Questionnaire, is_possible, is_shown
from surveys.compute.weighting import rake, response_weights
from surveys.sources.demonstration import (
    Parameters,
    answers,
    comments,
    draw,
    parameter_files,
    population,
    responses,
    truths,
)  # fmt: skip
from tests.invented_surveys import FOLDER, WAVES, definition, people, questionnaire

TEXTS: dict[str, Any] = read_yaml(FOLDER / "invented" / "comments.yaml")
each_wave = pytest.mark.parametrize(("survey", "wave"), WAVES)


def small(**changes: Any) -> tuple[Questionnaire, Parameters]:
    sex = Asked(1, 1, "sex", "single", "", options=(Choice(1, "w"), Choice(2, "m")), background=True)
    grades = (Choice(value, "", positive=value >= 3) for value in (4, 3, 2, 1))
    good = (*grades, Choice(9, "", no_opinion=True))
    works = Asked(2, 2, "works", "share", "", options=good, topic="streets")
    grade = Asked(3, 3, "grade", "ten", "", topic="overall")
    parameters = {
        "code": "small", "people": 4000, "backgrounds": {"sex": {1: 0.5, 2: 0.5}}, "invited": {"": 1000},
        "response": 0.5, "drivers": {"streets": 1.0}, "asked": {"works": {"positive": 0.7}},
    }  # fmt: skip
    return Questionnaire.of(1, [Page(1, "", "", (sex, works, grade))]), Parameters(**{**parameters, **changes})


def true(people_of: Any, question: str, statistic: str = "share", level: int | None = None) -> float:
    told = truths(people_of)
    chosen = told[(told.question == question) & (told.statistic == statistic)]
    chosen = chosen[chosen.level.isna() if level is None else chosen.level == level]
    return float(chosen.value.iloc[0])


class TestPopulation:
    def test_the_same_every_time(self) -> None:
        first, again = population(*small(), "1"), population(*small(), "1")
        np.testing.assert_array_equal(first.collected.values, again.collected.values)
        other = population(*small(), "1", seed=1)
        assert not np.array_equal(first.collected.values, other.collected.values, equal_nan=True)

    def test_one_more_question_changes_no_other_answers(self) -> None:
        asked, parameters = small()
        more = Asked(9, 9, "more", "five", "", topic="streets")
        longer = Questionnaire.of(1, [Page(1, "", "", (more, *asked.pages[0].questions))])
        first, second = population(asked, parameters, "1"), population(longer, parameters, "1")
        for code in asked.by_code:
            np.testing.assert_array_equal(first.collected.answers(code), second.collected.answers(code))

    def test_parameters_are_met(self) -> None:
        assert true(population(*small(), "1"), "works") == pytest.approx(0.7, abs=0.02)

    def test_backgrounds_are_met_exactly(self) -> None:
        assert population(*small(backgrounds={"sex": {1: 0.3, 2: 0.7}}), "1").levels("sex") == {1: 1200, 2: 2800}

    def test_a_group_that_is_less_satisfied_is(self) -> None:
        found = population(*small(satisfaction={"sex": {1: -1.0}}), "1")
        assert true(found, "works", level=1) < true(found, "works", level=2) - 0.05
        assert true(found, "grade", "mean", level=1) < true(found, "grade", "mean", level=2)

    def test_a_wave_that_moved_has_moved(self) -> None:
        asked, parameters = small(shifts={"2": {"works": 0.5}})
        moved = true(population(asked, parameters, "2"), "works") - true(population(asked, parameters, "1"), "works")
        assert 0.1 < moved < 0.2

    def test_a_topic_drives_the_overall_grade(self) -> None:
        found = population(*small(), "1").collected
        known = ~np.isnan(found.answers("works"))
        assert np.corrcoef(found.answers("works")[known], found.answers("grade")[known])[0, 1] > 0.3

    def test_a_background_that_is_not_asked(self) -> None:
        with pytest.raises(ValueError, match="does not ask for the background age"):
            population(*small(backgrounds={"age": {1: 1.0}}), "1")


class TestTruths:
    def test_counted_by_hand(self) -> None:
        found = population(*small(), "1")
        good = [
            value >= 3
            for value, sex in zip(found.collected.answers("works"), found.collected.answers("sex"), strict=True)
            if sex == 2 and not np.isnan(value)
        ]
        told = truths(found)
        row = told[(told.question == "works") & (told.background == "sex") & (told.level == 2)].iloc[0]
        assert (row.value, row.n) == (pytest.approx(sum(good) / len(good)), len(good))


@each_wave
class TestShipped:
    def test_parameters_name_what_is_asked(self, survey: str, wave: str) -> None:
        found = people(survey, wave)
        everywhere = {code for w in definition(survey)["waves"] for code in questionnaire(survey, w["code"]).by_code}
        assert set(found.parameters.asked) <= everywhere
        assert {name for name, asked in found.questionnaire.by_code.items() if asked.background} >= set(
            found.parameters.backgrounds
        )
        topics = {asked.topic for asked in found.questionnaire.by_code.values()}
        assert set(found.parameters.drivers) <= topics
        assert set(found.strata()) == set(found.parameters.invited)
        assert set(found.parameters.shifts) <= {w["code"] for w in definition(survey)["waves"]}

    def test_the_population_is_the_one_that_the_survey_states(self, survey: str, wave: str) -> None:
        stated = next(w for w in definition(survey)["waves"] if w["code"] == wave).get("population")
        assert stated in (None, len(people(survey, wave)))

    def test_every_answer_is_possible_and_every_question_answered_where_it_shows(self, survey: str, wave: str) -> None:
        found = people(survey, wave)
        given = answers(found, sample := draw(found))
        by_id = {asked.question_id: asked for asked in found.questionnaire.by_code.values()}
        assert not given.duplicated(["respondent", "question_id", "part"]).any()
        assert (given.value.isna() == (given.absence != "")).all()
        for question, part, value, absence in {
            tuple(row) for row in given[["question_id", "part", "value", "absence"]].fillna(-1).to_numpy()
        }:
            assert is_possible(by_id[question], absence or value)
            assert part in by_id[question].parts
        for respondent, rows in given[given.respondent < 40].groupby("respondent"):
            told: dict[str, dict[int, Any]] = {}
            for row in rows.itertuples():
                told.setdefault(by_id[row.question_id].code, {})[row.part] = row.absence or row.value
            for asked in by_id.values():
                shown = asked.kind != "text" and is_shown(asked, found.questionnaire, told)
                assert set(told.get(asked.code, {})) == (set(asked.parts) if shown else set()), (respondent, asked.code)
        assert given.respondent.nunique() == len(sample.rows)

    def test_absences_are_told_apart(self, survey: str, wave: str) -> None:
        given = answers(people(survey, wave), draw(people(survey, wave)))
        assert {Absence.REFUSED.value, Absence.NO_OPINION.value, ""} == set(given.absence)

    def test_comments_are_written_to_questions_that_want_text(self, survey: str, wave: str) -> None:
        found = people(survey, wave)
        written = comments(found, draw(found), TEXTS)
        texts = {asked.question_id for asked in found.questionnaire.by_code.values() if asked.kind == "text"}
        assert set(written.question_id) == texts
        assert len(written) > 100
        assert not written.text.str.contains(r"[{}]").any()
        assert set(written.mood) == {"satisfied", "dissatisfied"}


class TestSample:
    def test_as_many_as_wanted_and_nobody_twice(self) -> None:
        found = people("citizen-survey", "2026")
        sample = draw(found)
        assert sample.invited == found.parameters.invited
        assert sum(sample.invited.values()) == 1600
        assert len(set(sample.rows.tolist())) == len(sample.rows)
        assert 0.33 < len(sample.rows) / 1600 < 0.45

    def test_the_young_answer_less(self) -> None:
        found = people("citizen-survey", "2026")
        rows = np.concatenate([draw(found, seed=seed).rows for seed in range(20)])
        young = (found.collected.answers("age")[rows] == 1).mean()
        assert young < 0.65 * (found.collected.answers("age") == 1).mean()

    def test_margins_can_be_raked_to(self) -> None:
        found = people("citizen-survey", "2026")
        sample = draw(found)
        base = response_weights(sample.collected.strata, found.strata())
        margins = {
            code: (found.collected.answers(code)[sample.rows], levels) for code, levels in found.margins().items()
        }
        fitted = rake(base, margins)
        assert fitted.kish > 1.1
        assert fitted.weights.sum() == pytest.approx(len(found))

    def test_days_lie_within_the_wave(self) -> None:
        found = people("home-care", "2026")
        told = responses(draw(found), date(2026, 3, 2), date(2026, 4, 12))
        assert told.day.min() >= date(2026, 3, 2)
        assert told.day.max() <= date(2026, 4, 12)
        assert told.columns.tolist() == ["stratum", "cluster", "mode", "day", "weight"]

    def test_the_open_link_is_told(self) -> None:
        found = people("after-contact", "2026-t2")
        assert set(responses(draw(found), date(2026, 5, 4), date(2026, 8, 30))["mode"]) == {"link"}


class TestComments:
    def test_enough_of_them_and_none_twice(self) -> None:
        every = [
            text for survey in TEXTS["surveys"].values() for theme in survey.values() for mood in theme.values()
            for text in mood
        ]  # fmt: skip
        assert len(every) >= 100
        assert len(set(every)) == len(every)

    def test_some_have_names_and_numbers_to_be_masked(self) -> None:
        found = people("citizen-survey", "2026")
        written = comments(found, draw(found), TEXTS)
        for slot in ("name", "phone"):
            assert any(text.find(words) >= 0 for text in written.text for words in TEXTS["slots"][slot]), slot

    def test_a_question_for_praise_gets_praise(self) -> None:
        found = people("citizen-survey", "2026")
        written = comments(found, draw(found), TEXTS)
        praise = {text for theme in TEXTS["surveys"]["citizen"].values() for text in theme["satisfied"]}
        plain = written[written.question_id == found.questionnaire.by_code["best-about"].question_id].text
        assert plain[plain.isin(praise)].size > 0.7 * plain.size  # the others have a place or a name filled in


def test_a_file_of_parameters_a_survey() -> None:
    assert {path.stem for path in parameter_files(Path(FOLDER / "invented"))} == {survey for survey, _wave in WAVES}


def test_the_topics_weigh_as_they_are_meant_to() -> None:
    found = people("citizen-survey", "2026")
    with_overall = {
        topic: np.corrcoef(liking, found.liking["overall"])[0, 1]
        for topic, liking in found.liking.items()
        if topic in found.parameters.drivers
    }
    first, second, *_others = sorted(with_overall, key=lambda topic: -with_overall[topic])
    assert (first, second) == ("safety", "influence")
