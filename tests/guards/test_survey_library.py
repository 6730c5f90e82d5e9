"""The library of ready questions is whole: both languages, answers that make sense, codes that fit an address."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from surveys.compute.completeness import Written, WrittenChoice, WrittenPage, faults
from surveys.compute.questionnaire import GRADES
from surveys.sources.library import ORDER, read_definition, read_library

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "fixtures" / "surveys"
LIBRARY = read_library(FOLDER / "library")
QUESTIONS = list(LIBRARY.questions.values())
KINDS = {"share", "five", "ten", "single", "multiple", "number", "text", "expectation", "kano"}
PUBLISHED = ROOT / ".." / "shared" / "kolada" / "kpi.json.gz"


def by_code(question: Any) -> str:
    return str(question["code"])


def written(question: Any) -> Written:
    choices = [
        WrittenChoice(o["value"], o["label"], o.get("positive", False), o.get("no_opinion", False))
        for o in question.get("options", [])
    ]
    return Written(
        item_id=1,
        code=question["code"],
        kind=question["kind"],
        text=question["text"],
        second_text=question.get("second_text", {}),
        help=question.get("help", {}),
        unit=question.get("unit", {}),
        choices=tuple(choices),
    )


def test_there_is_enough_to_build_from_and_every_topic_has_its_place() -> None:
    assert len(QUESTIONS) >= 90
    assert {topic.code for topic in LIBRARY.topics} == set(ORDER)
    assert all(topic.name["sv"] and topic.name["en"] for topic in LIBRARY.topics)


@pytest.mark.parametrize("question", QUESTIONS, ids=by_code)
class TestEachQuestion:
    def test_it_could_be_opened_as_it_is(self, question: Any) -> None:
        assert faults([WrittenPage(1, {"sv": "a", "en": "a"}, {}, (written(question),))]) == []

    def test_it_fits_its_columns(self, question: Any) -> None:
        assert question["kind"] in KINDS
        assert re.fullmatch(r"[a-z0-9-]{1,40}", question["code"])
        labels = [text for option in question.get("options", []) for text in option["label"].values()]
        assert all(0 < len(label) <= 160 for label in labels)

    def test_its_choices_are_told_apart(self, question: Any) -> None:
        for language in ("sv", "en"):
            labels = [option["label"][language] for option in question.get("options", [])]
            assert len(set(labels)) == len(labels)
        values = [option["value"] for option in question.get("options", [])]
        assert len(set(values)) == len(values)

    def test_it_reads_as_a_question_in_both_languages(self, question: Any) -> None:
        for half in ("text", "second_text"):
            for text in question.get(half, {}).values():
                assert text[0].isupper()
                assert text.endswith(("?", "…"))
                assert len(text) <= 160, "too long to be read on a phone at a glance"

    def test_a_scale_in_words_has_as_many_good_answers_as_others(self, question: Any) -> None:
        if question["kind"] == "share":
            graded = [option for option in question["options"] if not option.get("no_opinion")]
            good = [option["value"] for option in graded if option.get("positive")]
            rest = [option["value"] for option in graded if not option.get("positive")]
            assert len(good) == len(rest)
            assert min(good) > max(rest), "the better an answer, the higher its value"
            assert sum(1 for option in question["options"] if option.get("no_opinion")) == 1

    def test_words_of_grades_stand_at_the_ends(self, question: Any) -> None:
        if question["kind"] in GRADES:
            low, high = GRADES[question["kind"]]
            values = [o["value"] for o in question.get("options", []) if not o.get("no_opinion")]
            assert values == (list(range(1, 6)) if question["kind"] == "kano" else [low, high])

    def test_background_is_one_choice_without_good_answers(self, question: Any) -> None:
        if question.get("background"):
            assert question["kind"] == "single"
            assert not any(option.get("positive") for option in question["options"])


def test_no_two_questions_ask_the_same() -> None:
    for language in ("sv", "en"):
        texts = [question["text"][language] for question in QUESTIONS]
        assert len(set(texts)) == len(texts)


def test_published_figures_exist_belong_to_one_question_and_have_margins_to_stand_beside() -> None:
    named = [question["published_kpi"] for question in QUESTIONS if question.get("published_kpi")]
    assert len(named) == len(set(named)) >= 40
    if not PUBLISHED.is_file():
        pytest.skip("no list of published key figures beside the project")
    content = json.loads(gzip.decompress(PUBLISHED.read_bytes()))
    rows = content if isinstance(content, list) else content.get("values") or content["results"]
    titles = {row["id"]: row["title"] for row in rows}
    assert [code for code in named if not titles.get(code, "").startswith("Medborgarundersökningen")] == []


@pytest.mark.parametrize("path", sorted((FOLDER / "demonstration").glob("*.yaml")), ids=lambda path: path.stem)
def test_demonstrations_are_marked_as_invented_and_build_on_the_library(path: Path) -> None:
    definition = read_definition(path)
    assert definition["invented"] is True
    for wave in definition["waves"]:
        entries = [entry for section in wave["sections"] for entry in section["questions"]]
        codes = [entry if isinstance(entry, str) else entry["library"] for entry in entries]
        assert set(codes) <= set(LIBRARY.questions)
        assert len(set(codes)) == len(codes)
        assert any(LIBRARY.questions[code].get("background") for code in codes)
        assert any(LIBRARY.questions[code]["kind"] == "text" for code in codes)
