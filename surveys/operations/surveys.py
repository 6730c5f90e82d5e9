"""Surveys and their waves: made, described, copied, opened, closed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.operations.actor import User, recorded
from indicators.operations.translations import translated
from surveys.compute.completeness import faults
from surveys.models import Edition, EditionState, Item, Section, Survey, Wave, WaveState
from surveys.operations.answering import mix_submissions
from surveys.operations.editing import prepared
from surveys.operations.questionnaire import WAVE_TEXTS
from surveys.operations.questions import QuestionnaireError
from surveys.queries.building import written

Texts = Mapping[str, str]
# What an opened wave no longer changes: it says when and about what people were asked.
FIXED_WHEN_OPEN = ("code", "period", "opens_on")
COPIED = ("link_open", "population", "weighting", "adjust_lonely", "seed")


def create_survey(*, code: str, name: Texts, purpose: Texts, department_id: int | None, by: User) -> Survey:
    """A survey without waves. Raises QuestionnaireError where the code is taken."""
    with transaction.atomic(), recorded(by):
        if Survey.objects.filter(code=code).exists():
            raise QuestionnaireError(_("There is a survey with the code “%(code)s” already.") % {"code": code})
        return Survey.objects.create(
            code=code, **translated("name", name), **translated("purpose", purpose), department_id=department_id
        )


def change_survey(
    *, survey_id: int, name: Texts, purpose: Texts, department_id: int | None, least_count: int, least_base: int,
    keep_texts_days: int, overall_id: int | None, by: User,
) -> Survey:  # fmt: skip
    """The settings that hold for all waves. The least numbers stand fast once results were released: what was shown by
    one rule and hidden by another can be subtracted."""
    with transaction.atomic(), recorded(by):
        survey = Survey.objects.select_for_update().get(pk=survey_id)
        least = (least_count, least_base)
        if least != (survey.least_count, survey.least_base) and was_released(survey):
            raise QuestionnaireError(
                _(
                    "Results have been released with the least numbers %(count)s and %(base)s. They stand fast, since "
                    "tables made by different rules can reveal what either of them hides."
                )
                % {"count": survey.least_count, "base": survey.least_base}
            )
        columns = translated("name", name) | translated("purpose", purpose)
        columns |= {"department_id": department_id, "least_count": least_count, "least_base": least_base}  # type: ignore[dict-item]
        columns |= {"keep_texts_days": keep_texts_days, "overall_id": overall_id}  # type: ignore[dict-item]
        _set(survey, columns)
        return survey


def was_released(survey: Survey) -> bool:
    """Whether results of it have ever been shown to the public."""
    states = (EditionState.RELEASED, EditionState.WITHDRAWN)
    return Edition.objects.filter(wave__survey=survey, state__in=states).exists()


def create_wave(*, survey_id: int, code: str, period: str, by: User) -> Wave:
    """A wave without questions. Raises QuestionnaireError where the code is taken."""
    with transaction.atomic(), recorded(by):
        survey = Survey.objects.select_for_update().get(pk=survey_id)
        _refuse_taken(survey, code)
        return Wave.objects.create(survey=survey, code=code, period=period, created_by=by)  # type: ignore[misc]


def copy_wave(*, wave_id: int, code: str, period: str, by: User) -> Wave:
    """A new wave with the same questionnaire: the same questions and wordings, so that their series go on."""
    with transaction.atomic(), recorded(by):
        source = Wave.objects.select_related("survey").get(pk=wave_id)
        _refuse_taken(source.survey, code)
        texts = {f"{name}_{language}" for name in WAVE_TEXTS[:-1] for language in ("sv", "en")}
        wave = Wave.objects.create(
            survey=source.survey,
            code=code,
            period=period,
            **{name: getattr(source, name) for name in (*COPIED, *sorted(texts))},
            created_by=by,  # type: ignore[misc]
        )
        _copy_questionnaire(source, wave)
        return wave


def _copy_questionnaire(source: Wave, wave: Wave) -> None:
    sections: dict[int, Section] = {}
    for section in source.sections.all():
        old = section.pk
        section.pk, section.wave = None, wave
        section.save()
        sections[old] = section
    copied: dict[int, Item] = {}
    for item in source.items.order_by("section__order", "section_id", "order", "id"):
        old, decider = item.pk, item.shown_by_id
        item.pk, item.wave, item.section = None, wave, sections[item.section_id]
        item.shown_by = copied.get(decider) if decider is not None else None
        item.save()
        copied[old] = item


def change_wave(*, wave_id: int, columns: Mapping[str, Any], texts: Mapping[str, Texts], by: User) -> Wave:
    """The settings of a wave: `columns` by field, `texts` in both languages. Once it has opened its code, period and
    first day stand fast; once it has closed its dates do."""
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        fixed = fixed_columns(wave.state)
        columns = {name: value for name, value in columns.items() if name not in fixed}
        if columns.get("code", wave.code) != wave.code:
            _refuse_taken(wave.survey, columns["code"])
        both: dict[str, Any] = dict(columns)
        for name, text in texts.items():
            both |= translated(name, text)
        _set(wave, both)
        return wave


def fixed_columns(state: str) -> tuple[str, ...]:
    """What a wave in this state no longer changes."""
    if state == WaveState.PREPARING:
        return ()
    return FIXED_WHEN_OPEN if state == WaveState.OPEN else (*FIXED_WHEN_OPEN, "closes_on", "link_open")


def open_wave(*, wave_id: int, by: User, today: date) -> Wave:
    """Let people answer from now on; the questionnaire stands fast. Raises QuestionnaireError, saying what lacks."""
    with prepared(lambda: wave_id, by) as wave:
        found = faults(written(wave_id))
        if found:
            raise QuestionnaireError(
                _("The questionnaire is not complete, so the wave cannot be opened. Look at the questionnaire's list.")
            )
        if wave.closes_on is None:
            raise QuestionnaireError(_("Set the last day for answers before you open the wave."))
        if wave.closes_on < today:
            raise QuestionnaireError(
                _("The last day for answers, %(day)s, has passed. Choose a later one.") % {"day": wave.closes_on}
            )
        if wave.opens_on is not None and wave.opens_on > today:
            raise QuestionnaireError(
                _("The wave is to open on %(day)s. Choose an earlier first day, or wait.") % {"day": wave.opens_on}
            )
        wave.state, wave.opens_on = WaveState.OPEN, wave.opens_on or today
        wave.save()
        return wave


def close_wave(*, wave_id: int, by: User, today: date) -> Wave:
    """Take no more answers; those that wait are mixed. Raises QuestionnaireError where it is not open."""
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        if wave.state != WaveState.OPEN:
            raise QuestionnaireError(_("Only an open wave can be closed."))
        wave.state = WaveState.CLOSED
        if wave.closes_on is None or wave.closes_on > today:
            wave.closes_on = today
        wave.save()
        mix_submissions(wave_id=wave_id, by=by)
        return wave


def _refuse_taken(survey: Survey, code: str) -> None:
    if survey.waves.filter(code=code).exists():
        raise QuestionnaireError(_("The survey has a wave “%(code)s” already. Choose another code.") % {"code": code})


def _set(row: Any, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
