"""The questions of the published citizen survey: all there, in our own words, and none counted among the 121."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from indicators.sources.definitions import (
    BILINGUAL,
    DefinitionError,
    Definitions,
    read_citizen_survey,
    read_definitions,
)
from tests.integration.conftest import replay_folder  # noqa: F401 (the fixture)

COPIED = 60  # characters in a row that two texts share only where one was copied from the other
IMPORTANT = range(544, 554)  # what residents find important where they live: no way is the good one


@pytest.fixture(scope="module")
def folder(project: Path) -> Path:
    return project / "fixtures" / "definitions"


@pytest.fixture(scope="module")
def steered(folder: Path) -> Definitions:
    return read_definitions(folder)


@pytest.fixture(scope="module")
def questions(folder: Path, steered: Definitions) -> dict[str, dict[str, Any]]:
    return {entry["kolada_id"]: entry for entry in read_citizen_survey(folder, steered)}


@pytest.fixture(scope="module")
def catalogue(replay_folder: Path) -> dict[str, dict[str, Any]]:  # noqa: F811 (the fixture)
    with gzip.open(replay_folder / "kpi.json.gz", "rt", encoding="utf-8") as file:
        return {kpi["id"]: kpi for kpi in json.load(file)["values"]}


def test_every_published_question_is_defined_once(
    questions: dict[str, Any], steered: Definitions, catalogue: dict[str, Any]
) -> None:
    """Kolada publishes a margin for each of the 112 questions, and for nothing else that begins with U01 so."""
    margins = {k for k, v in catalogue.items() if k.startswith("U01") and v["title"].startswith("Osäkerhetstal")}
    among = {d["kolada_id"]: d for d in steered.indicators if d.get("respondents_kolada_id")}
    assert len(margins) == 112
    assert len(steered.indicators) == 121
    assert among.keys() & questions.keys() == set()
    assert {f"U01{kpi[-3:]}" for kpi in among.keys() | questions.keys()} == margins
    for kpi, entry in (among | questions).items():
        assert entry["margin_kolada_id"] == f"U01{kpi[-3:]}"
        assert entry["respondents_kolada_id"] == "N00528"


def test_they_are_there_to_be_looked_up(questions: dict[str, Any], steered: Definitions) -> None:
    assert not any(entry["steering"] for entry in questions.values())
    assert all(entry.get("steering", True) for entry in steered.indicators)
    assert not any(entry.get("target") for entry in questions.values())


def test_what_residents_want_is_neither_better_nor_worse(questions: dict[str, Any]) -> None:
    for kpi, entry in questions.items():
        assert (entry["direction"] == "context") == (int(kpi[-3:]) in IMPORTANT), kpi
        assert (entry["measures"], entry["experienced"], entry["comparable"]) == ("effect", True, True)


def test_the_scale_is_that_of_the_question(questions: dict[str, Any], catalogue: dict[str, Any]) -> None:
    """The answers that count as positive, as the catalogue names them, stand in the numerator."""
    for kpi, entry in questions.items():
        counted = re.findall(r'"+([A-ZÅÄÖa-zåäö ]+)"+', catalogue[kpi]["description"].split("på frågan")[0])
        words = {re.sub("^(mycket|ganska|inte alls|inte så) ", "", word.lower()) for word in counted}
        assert words, kpi
        assert all(word in entry["numerator"]["sv"] for word in words), (kpi, words)


def test_women_and_men_where_values_of_them_are_published(
    questions: dict[str, Any],
    replay_folder: Path,  # noqa: F811 (the fixture)
) -> None:
    """Of any municipality: in a single one a sex may be left out, where too few of it have answered."""
    published: dict[str, set[str]] = {}
    with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for kpi, _place, _year, gender, _value in csv.reader(
            line for line in file if line.startswith(("N005", "N006"))
        ):
            published.setdefault(kpi, set()).add(gender)
    for kpi, entry in questions.items():
        assert entry["divided"] == ({"K", "M"} <= published[kpi]), kpi


class TestWords:
    def test_in_both_languages_short_and_unlike(self, questions: dict[str, Any], steered: Definitions) -> None:
        for language in ("sv", "en"):
            entries = [*steered.indicators, *questions.values()]
            names = Counter(entry["name"][language].casefold() for entry in entries)
            assert [name for name, count in names.items() if len(name) > 60 or count > 1] == []
            told = Counter(entry["definition"][language] for entry in questions.values())
            assert [text for text, count in told.items() if count > 1] == []

    def test_swedish_is_swedish_and_english_english(self, questions: dict[str, Any]) -> None:
        swedish = re.compile(r"\b(och|som|för|till|andelen|inte|är)\b", re.IGNORECASE)
        english = re.compile(r"\b(and|the|which|share|of|with|are)\b", re.IGNORECASE)
        careless = re.compile(r"  | ,| \.(?!\d)|\.\.|\bTODO\b|\?\?", re.IGNORECASE)
        for kpi, entry in questions.items():
            for name in BILINGUAL:
                pair = entry[name]
                assert not english.search(pair["sv"]), f"{kpi}: {pair['sv']}"
                assert not swedish.search(pair["en"]), f"{kpi}: {pair['en']}"
                assert not careless.search(pair["sv"] + pair["en"]), kpi
                assert max(map(len, pair.values())) < 400, kpi

    def test_the_words_are_our_own(self, questions: dict[str, Any], catalogue: dict[str, Any]) -> None:
        for kpi, entry in questions.items():
            theirs = " ".join(catalogue[kpi]["description"].split())
            for name in BILINGUAL:
                ours = entry[name]["sv"]
                copied = [ours[i : i + COPIED] for i in range(len(ours) - COPIED + 1) if ours[i : i + COPIED] in theirs]
                assert not copied, f"{kpi} {name}: {copied[0]}"


def edited(change: Callable[[Any], object], folder: Path, to: Path) -> Path:
    content = yaml.safe_load((folder / "citizen_survey.yaml").read_text(encoding="utf-8"))
    change(content)
    (to / "citizen_survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return to


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.pop("scales"), "lacks common, scales or groups"),
        (lambda c: c["groups"][0].update(scale="ugly"), "a scale and an area"),
        (lambda c: c["groups"][0].update(area="moon"), "a scale and an area"),
        (lambda c: c["groups"][0]["questions"][0].pop("kolada_id"), "needs a kolada_id"),
        (lambda c: c["groups"][0]["questions"][0].pop("definition"), "cs544 lacks definition"),
        (lambda c: c["groups"][0]["questions"][0].update(kolada_id="N00530"), "two indicators have the kolada_id"),
        (lambda c: c["groups"][0].update(department="nobody"), "department 'nobody'"),
    ],
)
def test_a_fault_is_told_with_its_place(
    change: Callable[[Any], object], told: str, folder: Path, steered: Definitions, tmp_path: Path
) -> None:
    with pytest.raises(DefinitionError, match=told):
        read_citizen_survey(edited(change, folder, tmp_path), steered)
