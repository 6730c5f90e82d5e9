"""Results made, released and linked to indicators: for those who steer."""

from typing import Any

from django.utils import timezone

from indicators.models import Indicator
from surveys.models import Edition, EditionState, IndicatorLink, Survey, Wave
from surveys.operations.questionnaire import store_survey
from tests.access import STEERING, Row
from tests.integration.survey_world import DEFINITION


def _wave(_world: Any) -> Wave:
    store_survey(definition={**DEFINITION, "code": "editions", "waves": DEFINITION["waves"][:1]}, by=None)
    return Wave.objects.select_related("survey").get(survey__code="editions")


def _draft(world: Any) -> Edition:
    return Edition.objects.create(wave=world.results_wave, number=1, audit={"passed": True, "findings": []})


def _released(world: Any) -> Edition:
    return Edition.objects.create(
        wave=world.results_wave, number=2, state=EditionState.RELEASED, released_at=timezone.now()
    )


def _link(world: Any) -> IndicatorLink:
    survey = world.results_wave.survey
    return IndicatorLink.objects.create(
        survey=survey, indicator=Indicator.objects.order_by("id").first(), question=survey.questions.first()
    )


def _survey(world: Any) -> Survey:
    return world.results_wave.survey


THINGS = {"results_wave": _wave, "draft_edition": _draft, "released_edition": _released, "survey_link": _link}
WAVE = ("editions", lambda world: world.results_wave.code)
ROWS = [
    Row("wave-results", STEERING, WAVE),
    Row("wave-results-make", STEERING, WAVE, method="post"),
    Row("edition-release", STEERING, (lambda world: world.draft_edition.pk,), method="post"),
    Row("edition-withdraw", STEERING, (lambda world: world.released_edition.pk,)),
    Row("edition-withdraw", STEERING, (lambda world: world.released_edition.pk,), method="post"),
    Row("survey-links", STEERING, (lambda world: _survey(world).code,)),
    Row("survey-links", STEERING, (lambda world: _survey(world).code,), method="post"),
    Row("survey-link-remove", STEERING, ("editions", lambda world: world.survey_link.pk), method="post"),
]
