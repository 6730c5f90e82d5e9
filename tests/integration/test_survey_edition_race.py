"""Results made while an edition is released: whatever the order, what was released stays."""

from django.utils import timezone

from surveys.models import Edition, EditionState
from surveys.operations.editions import EditionError, Made, mark_released, store_edition
from surveys.operations.questionnaire import store_survey
from tests.integration.survey_world import DEFINITION
from tests.integration.test_entry_concurrency import at_once

MADE = Made(figures=[], method={}, decision={}, audit={"passed": True})


def test_a_draft_is_released_or_replaced_and_never_lost(transactional_db: None) -> None:
    survey = store_survey(definition=DEFINITION, by=None)
    wave = survey.waves.order_by("id").first()
    assert wave is not None
    for _try in range(15):
        Edition.objects.all().delete()
        draft = store_edition(wave_id=wave.pk, made=MADE, by=None)
        results = at_once(
            lambda: mark_released(edition_id=draft.pk, by=None, now=timezone.now()),  # noqa: B023
            lambda: store_edition(wave_id=wave.pk, made=MADE, by=None),
            lambda: mark_released(edition_id=draft.pk, by=None, now=timezone.now()),  # noqa: B023
        )
        left = Edition.objects.get()  # one of the two
        refused = [result for result in results if isinstance(result, Exception)]
        assert all(isinstance(each, EditionError) for each in refused), results
        assert len(refused) == 2, results
        assert (left.pk == draft.pk) == (left.state == EditionState.RELEASED)
