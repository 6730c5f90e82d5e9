"""Whole surveys from plain definitions, as the files of the demonstration hold them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.models import Department
from indicators.operations.actor import User, recorded
from indicators.operations.translations import translated
from surveys.models import Item, SatisfactionIndex, Section, Survey, Wave
from surveys.operations.questions import Definition, QuestionnaireError, version_for
from surveys.queries.library import library

WAVE_TEXTS = ("population_text", "frame_text", "mode_text", "change_text")
WAVE_FIELDS = (
    "code", "period", "opens_on", "closes_on", "link_open", "population", "method_break", "weighting", "adjust_lonely",
    "seed",
)  # fmt: skip
SURVEY_FIELDS = ("least_count", "least_base", "keep_texts_days", "invented")


def store_survey(*, definition: Mapping[str, Any], by: User) -> Survey:
    """Make a survey of a plain definition, or add the waves and indices that one with the same code lacks.

    What is stored already is left as it is. Sections name questions of the library by code, or hold dicts: `library`
    (a code to start from) with what differs, or a whole question; with `required`, `shown_by` (a code),
    `shown_values` and, for a reworded question, `continues` (why it means the same).
    Raises QuestionnaireError on unknown codes and on a show-if rule that points forwards.
    """
    with transaction.atomic(), recorded(by):
        survey = _survey(definition)
        for wave in definition["waves"]:
            if not survey.waves.filter(code=wave["code"]).exists():
                _store_wave(survey, wave, by)
        for index in definition.get("indices", []):
            SatisfactionIndex.objects.get_or_create(
                survey=survey,
                code=index["code"],
                defaults={
                    **translated("name", index["name"]),
                    "items": list(index["items"]),
                    "least_items": index.get("least_items", 1),
                    "bands": index.get("bands", []),
                },
            )
        if survey.overall is None and definition.get("overall"):
            survey.overall = survey.questions.filter(code=definition["overall"]).first()
            survey.save()
    return survey


def _survey(definition: Mapping[str, Any]) -> Survey:
    found = Survey.objects.select_for_update().filter(code=definition["code"]).first()
    if found is not None:
        return found
    return Survey.objects.create(
        code=definition["code"],
        **translated("name", definition["name"]),
        **translated("purpose", definition.get("purpose")),
        department=Department.objects.filter(code=definition.get("department", "")).first(),
        **{name: definition[name] for name in SURVEY_FIELDS if name in definition},
    )


def _store_wave(survey: Survey, definition: Mapping[str, Any], by: User) -> Wave:
    texts: dict[str, str] = {}
    for name in WAVE_TEXTS:
        texts |= translated(name, definition.get(name))
    wave = Wave.objects.create(
        survey=survey,
        **{name: definition[name] for name in WAVE_FIELDS if name in definition},
        **texts,
        created_by=by,  # type: ignore[misc]
    )
    stored: dict[str, Item] = {}
    for order, section in enumerate(definition.get("sections", [])):
        _store_section(wave, order, section, stored)
    return wave


def _store_section(wave: Wave, order: int, definition: Mapping[str, Any], stored: dict[str, Item]) -> None:
    texts = translated("title", definition["title"]) | translated("intro", definition.get("intro"))
    section = Section.objects.create(wave=wave, order=order, **texts)
    questions: Sequence[str | Mapping[str, Any]] = definition.get("questions", [])
    for place, entry in enumerate(questions):
        question = whole_definition(entry)
        stored[question["code"]] = Item.objects.create(
            wave=wave,
            section=section,
            version=version_for(survey=wave.survey, definition=question),
            order=place,
            required=question.get("required", False),
            shown_by=_decider(question, stored),
            shown_values=list(question.get("shown_values", [])),
        )


def _decider(question: Definition, stored: Mapping[str, Item]) -> Item | None:
    code = question.get("shown_by")
    if not code:
        return None
    if code not in stored:
        raise QuestionnaireError(
            _("“%(code)s” hangs on “%(by)s”, which is not asked before it.") % {"code": question["code"], "by": code}
        )
    return stored[code]


def whole_definition(entry: str | Mapping[str, Any]) -> dict[str, Any]:
    """A question of the library by code, or with what differs, or one written out. Raises QuestionnaireError."""
    if isinstance(entry, str):
        entry = {"library": entry}
    code = entry.get("library")
    if code is None:
        return dict(entry)
    known = library().questions
    if code not in known:
        raise QuestionnaireError(_("The library has no question with the code “%(code)s”.") % {"code": code})
    return {**known[code], **{name: value for name, value in entry.items() if name != "library"}}
