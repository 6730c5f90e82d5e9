"""The demonstration's surveys without a database: questionnaires from the library, people from their parameters."""

from functools import cache
from pathlib import Path
from typing import Any

from surveys.compute.questionnaire import Asked, Choice, Page, Questionnaire
from surveys.sources.demonstration import Parameters, Population, population
from surveys.sources.library import Library, read_definition, read_library

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "surveys"
WAVES = (("citizen-survey", "2024"), ("citizen-survey", "2026"), ("home-care", "2026"), ("after-contact", "2026-t2"))


@cache
def definition(survey: str) -> dict[str, Any]:
    return read_definition(FOLDER / "demonstration" / f"{survey}.yaml")


@cache
def library() -> Library:
    return read_library(FOLDER / "library")


@cache
def questionnaire(survey: str, wave: str) -> Questionnaire:
    """As the database would give it, in Swedish; numbers of questions count from 1."""
    entries = next(each for each in definition(survey)["waves"] if each["code"] == wave)["sections"]
    pages, number = [], 0
    for place, section in enumerate(entries):
        asked = []
        for entry in section["questions"]:
            number += 1
            asked.append(_asked(entry if isinstance(entry, dict) else {"library": entry}, number))
        pages.append(Page(place, section["title"]["sv"], "", tuple(asked)))
    return Questionnaire.of(1, pages)


def _asked(entry: dict[str, Any], number: int) -> Asked:
    known = {**library().questions[entry["library"]], **entry}
    return Asked(
        item_id=number,
        question_id=number,
        code=known["code"],
        kind=known["kind"],
        text=known["text"]["sv"],
        options=tuple(
            Choice(o["value"], o["label"]["sv"], o.get("positive", False), o.get("no_opinion", False))
            for o in known.get("options", [])
        ),
        required=known.get("required", False),
        background=known.get("background", False),
        shown_by=known.get("shown_by", ""),
        shown_values=tuple(known.get("shown_values", ())),
        minimum=known.get("minimum"),
        maximum=known.get("maximum"),
        topic=known["topic"],
    )


@cache
def people(survey: str, wave: str) -> Population:
    parameters = Parameters.read(FOLDER / "invented" / f"{survey}.yaml")
    return population(questionnaire(survey, wave), parameters, wave)
