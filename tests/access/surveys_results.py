"""Results of surveys: released ones are for everybody. Drafts, which only those who steer see, are tried in
`test_survey_results`."""

from typing import Any

from tests.access import EVERYONE, Row
from tests.integration import survey_world


def _survey(world: Any) -> survey_world.SurveyWorld:
    return survey_world.build()


def code(world: Any) -> str:
    return str(world.survey_results.survey.code)


def wave(world: Any) -> str:
    return str(world.survey_results.waves["2026"].code)


def question(world: Any) -> str:
    return "recommend"


THINGS = {"survey_results": _survey}
ROWS = [
    Row("surveys", EVERYONE),
    Row("survey", EVERYONE, (code,)),
    Row("survey-wave", EVERYONE, (code, wave)),
    Row("survey-question", EVERYONE, (code, wave, question)),
    Row("survey-priorities", EVERYONE, (code, wave)),
    Row("survey-method", EVERYONE, (code, wave)),
    Row("survey-csv", EVERYONE, (code, wave)),
    Row("survey-xlsx", EVERYONE, (code, wave)),
]
