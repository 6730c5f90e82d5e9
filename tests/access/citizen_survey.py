"""The published citizen survey is public; the world's own indicator is one of its questions."""

from typing import Any

from indicators.models import Indicator, SeriesPoint
from indicators.sources.kolada import SURVEY_ANSWERS
from tests.access import EVERYONE, Row


def _question(world: Any) -> str:
    """A result of the survey, so that there is a file to download."""
    Indicator.objects.filter(pk=world.indicator.pk).update(respondents_kolada_id=SURVEY_ANSWERS)
    SeriesPoint.objects.update_or_create(
        indicator_id=world.indicator.pk, breakdown="T", period="2022", defaults={"value": 80}
    )
    return "2022"


THINGS = {"survey_year": _question}
ROWS = [
    Row("citizen-survey", EVERYONE),
    Row("citizen-survey-csv", EVERYONE, data={"year": lambda world: world.survey_year}),
]
