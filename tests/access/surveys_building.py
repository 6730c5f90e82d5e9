"""Surveys are built by strategists and administrators."""

from typing import Any

from surveys.models import Item, Section, Wave
from surveys.operations.questionnaire import store_survey
from tests.access import STEERING, Row

DEFINITION = {
    "code": "built",
    "name": {"sv": "Byggd", "en": "Built"},
    "waves": [
        {
            "code": "2026",
            "period": "2026",
            "sections": [{"title": {"sv": "Sida", "en": "Page"}, "questions": ["contacted", "sex"]}],
        }
    ],
}


def _wave(world: Any) -> Wave:
    return store_survey(definition=DEFINITION, by=None).waves.get()


def _section(world: Any) -> Section:
    return world.built_wave.sections.get()


def _item(world: Any) -> Item:
    return world.built_wave.items.order_by("order").last()


THINGS = {"built_wave": _wave, "built_section": _section, "built_item": _item}
SURVEY = (lambda world: world.built_wave.survey.code,)
WAVE = (*SURVEY, "2026")
SECTION = (*WAVE, lambda world: world.built_section.pk)
ITEM = (*WAVE, lambda world: world.built_item.pk)

ROWS = [
    Row("survey-steer", STEERING),
    Row("survey-steer-new", STEERING),
    Row("survey-steer-new", STEERING, method="post"),
    Row("survey-steer-edit", STEERING, SURVEY),
    Row("survey-steer-settings", STEERING, SURVEY),
    Row("survey-steer-settings", STEERING, SURVEY, "post"),
    Row("wave-new", STEERING, SURVEY),
    Row("wave-new", STEERING, SURVEY, "post"),
    Row("wave", STEERING, WAVE),
    Row("wave-settings", STEERING, WAVE),
    Row("wave-settings", STEERING, WAVE, "post"),
    Row("wave-copy", STEERING, WAVE),
    Row("wave-copy", STEERING, WAVE, "post"),
    Row("wave-open", STEERING, WAVE),
    Row("wave-open", STEERING, WAVE, "post"),
    Row("wave-close", STEERING, WAVE),
    Row("wave-close", STEERING, WAVE, "post"),
    Row("wave-questionnaire", STEERING, WAVE),
    Row("wave-preview", STEERING, WAVE),
    Row("wave-section-new", STEERING, WAVE),
    Row("wave-section-new", STEERING, WAVE, "post"),
    Row("wave-section-edit", STEERING, SECTION),
    Row("wave-section-edit", STEERING, SECTION, "post"),
    Row("wave-section-move", STEERING, SECTION, "post", {"to": "up"}),
    Row("wave-section-remove", STEERING, SECTION),
    Row("wave-item-add", STEERING, SECTION),
    Row("wave-item-add", STEERING, SECTION, "post"),
    Row("wave-item-new", STEERING, (*SECTION, "share")),
    Row("wave-item-new", STEERING, (*SECTION, "text"), "post"),
    Row("wave-item-edit", STEERING, ITEM),
    Row("wave-item-edit", STEERING, ITEM, "post"),
    Row("wave-item-rule", STEERING, ITEM),
    Row("wave-item-rule", STEERING, ITEM, "post"),
    Row("wave-item-move", STEERING, ITEM, "post", {"to": "up"}),
    Row("wave-item-remove", STEERING, ITEM, "post"),
    Row("wave-section-remove", STEERING, SECTION, "post"),
]
