"""The shipped definitions become surveys: the library's questions, a continued wording, rules, indices."""

from pathlib import Path

import pytest
from django.conf import settings

from surveys.models import Item, Survey
from surveys.operations.questionnaire import store_survey
from surveys.operations.questions import QuestionnaireError
from surveys.queries import questionnaire
from surveys.sources.library import read_definition

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.BASE_DIR) / "fixtures" / "surveys" / "demonstration"


def stored(name: str) -> Survey:
    return store_survey(definition=read_definition(FOLDER / f"{name}.yaml"), by=None)


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_every_definition_can_be_stored_twice_and_changes_nothing_the_second_time(name: str) -> None:
    survey = stored(name)
    before = [survey.waves.count(), survey.questions.count(), Item.objects.count(), survey.indices.count()]
    again = stored(name)
    assert again.pk == survey.pk
    assert [again.waves.count(), again.questions.count(), Item.objects.count(), again.indices.count()] == before
    assert survey.overall is not None


def test_questions_keep_their_identity_and_a_reworded_one_continues() -> None:
    survey = stored("citizen-survey")
    first, second = survey.waves.order_by("period")
    one, two = questionnaire.of_wave(first.pk), questionnaire.of_wave(second.pk)
    shared = set(one.by_code) & set(two.by_code)
    assert len(shared) >= 38
    assert all(one.by_code[code].question_id == two.by_code[code].question_id for code in shared)
    reworded = [code for code in shared if one.by_code[code].version_id != two.by_code[code].version_id]
    assert reworded == ["informed-changes"]
    version = survey.questions.get(code="informed-changes").versions.get(number=2)
    assert version.continues
    assert version.reason
    assert set(two.by_code) - set(one.by_code) == {"library-always-open"}


def test_rules_come_along() -> None:
    survey = stored("after-contact")
    asked = questionnaire.of_wave(survey.waves.first().pk).by_code["contact-cause"]
    assert (asked.shown_by, asked.shown_values) == ("contact-needless", (1,))


def test_a_rule_that_points_forwards_is_refused_and_nothing_is_stored() -> None:
    definition = {
        "code": "wrong",
        "name": {"sv": "Fel", "en": "Wrong"},
        "waves": [
            {
                "code": "1",
                "period": "2026",
                "sections": [
                    {
                        "title": {"sv": "Ett", "en": "One"},
                        "questions": [
                            {"library": "treated-well", "shown_by": "contacted", "shown_values": [1]},
                            "contacted",
                        ],
                    }
                ],
            }
        ],
    }
    with pytest.raises(QuestionnaireError):
        store_survey(definition=definition, by=None)
    assert not Survey.objects.filter(code="wrong").exists()
