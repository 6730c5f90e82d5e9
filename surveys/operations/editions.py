"""Editions of results: made, released, withdrawn; and which indicators they feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from indicators.models import Indicator, JobKind, JobRun, Source
from indicators.operations.actor import User, recorded
from indicators.operations.jobs import finish_job, request_job
from surveys.models import (
    Edition,
    EditionState,
    Figure,
    IndicatorLink,
    Question,
    SatisfactionIndex,
    Survey,
    Wave,
    WaveState,
)
from surveys.queries.editions import binding_editions

UNRELEASED = (EditionState.DRAFT, EditionState.BLOCKED)
BATCH = 2000


class EditionError(ValueError):
    """An edition that cannot be made, released or withdrawn; the message says why and what to do."""


class LinkError(ValueError):
    """A result that cannot feed an indicator; the message says why and what to do."""


@dataclass(frozen=True)
class Made:
    """An edition as it was computed: figures as fields of Figure but for the edition, with codes for foreign keys.

    `bound_by`: ids of the editions that it was protected against, oldest first.
    """

    figures: Sequence[Mapping[str, Any]]
    method: Mapping[str, Any]
    decision: Mapping[str, Any]
    audit: Mapping[str, Any]
    drivers: Mapping[str, Any] = field(default_factory=dict)
    bound_by: Sequence[int] = ()

    @property
    def passed(self) -> bool:
        return bool(self.audit["passed"])


def request_results(*, wave_id: int, by: User) -> JobRun:
    """Have the results of a wave made. Raises EditionError while answers may still come in, so that no draft shows how
    few answers change a figure."""
    wave = Wave.objects.get(pk=wave_id)
    if wave.state != WaveState.CLOSED:
        raise EditionError(_("Results are made when the survey has closed: close it first."))
    return request_job(
        kind=JobKind.SURVEY_RESULTS, key=f"survey-results:{wave_id}", by=by, parameters={"wave": wave_id}
    )


def store_edition(*, wave_id: int, made: Made, by: User, job: JobRun | None = None) -> Edition:
    """Put a draft in the place of the wave's earlier draft, and end the job with it. Released ones stay.

    Raises EditionError where another edition was released meanwhile: this one was not protected against it.
    """
    with transaction.atomic():
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        if [edition.pk for edition in binding_editions(wave)] != list(made.bound_by):
            raise EditionError(_("An edition was released while these results were made. Make them again."))
        Edition.objects.filter(wave=wave, state__in=UNRELEASED).delete()
        last = wave.editions.aggregate(last=Max("number"))["last"] or 0
        edition = Edition.objects.create(
            wave=wave,
            number=last + 1,
            state=EditionState.DRAFT if made.passed else EditionState.BLOCKED,
            method=dict(made.method),
            decision=dict(made.decision),
            audit=dict(made.audit),
            drivers=dict(made.drivers),
        )
        questions = dict(Question.objects.filter(survey_id=wave.survey_id).values_list("code", "pk"))
        indices = dict(SatisfactionIndex.objects.filter(survey_id=wave.survey_id).values_list("code", "pk"))
        Figure.objects.bulk_create(
            [_figure(edition, figure, questions, indices) for figure in made.figures], batch_size=BATCH
        )
        if job:
            finish_job(job=job, message=f"{len(made.figures)} figures, edition {edition.number}")
    return edition


def _figure(
    edition: Edition, given: Mapping[str, Any], questions: Mapping[str, int], indices: Mapping[str, int]
) -> Figure:
    fields = dict(given)
    question, index, group = fields.pop("question"), fields.pop("index"), fields.pop("group")
    return Figure(
        edition=edition,
        question_id=questions[question] if question else None,
        index_id=indices[index] if index else None,
        group_id=questions[group] if group else None,
        **fields,
    )


def mark_released(*, edition_id: int, by: User, now: datetime) -> Edition:
    """Release a draft that passed its audit. From now on it stays as it is. Raises EditionError."""
    with transaction.atomic(), recorded(by):
        # The wave first, as whoever makes results does: a draft is not replaced while it is released.
        Wave.objects.select_for_update(of=("self",)).filter(editions=edition_id).first()
        edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
        if edition is None:
            raise EditionError(_("There is no such edition. It may have been made anew."))
        if edition.state == EditionState.RELEASED:
            raise EditionError(_("This edition is released already."))
        if edition.state == EditionState.BLOCKED:
            raise EditionError(
                _("The audit found figures that would tell what single people answered. Merge groups or leave them "
                  "out, and make the results again.")
            )  # fmt: skip
        if edition.state == EditionState.WITHDRAWN:
            raise EditionError(_("This edition was withdrawn. Make the results again to release a new one."))
        edition.state, edition.released_at = EditionState.RELEASED, now
        edition.released_by = by  # type: ignore[assignment]  # any account
        edition.save()
    return edition


def withdraw_edition(*, edition_id: int, note: str, by: User) -> Edition:
    """Take a released edition off the pages, with the reason. It is kept: what it told binds later editions, and what
    it fed the indicators stays until an edition after it is released. Raises EditionError."""
    with transaction.atomic(), recorded(by):
        edition = Edition.objects.select_for_update().get(pk=edition_id)
        if edition.state != EditionState.RELEASED:
            raise EditionError(_("Only a released edition can be withdrawn."))
        if not note.strip():
            raise EditionError(_("Say why the edition is withdrawn: readers are told."))
        edition.state, edition.note = EditionState.WITHDRAWN, note.strip()
        edition.save()
    return edition


@dataclass(frozen=True)
class Feed:
    """Which result: a question or an index, of all or of one group."""

    statistic: str
    question_id: int | None = None
    index_id: int | None = None
    part: int = 0
    group_id: int | None = None
    level: int | None = None


def link_indicator(*, survey_id: int, indicator_id: int, breakdown: str, feed: Feed, by: User) -> IndicatorLink:
    """Have a result of a survey feed an indicator from the next release on. Raises LinkError."""
    with transaction.atomic(), recorded(by):
        survey = Survey.objects.get(pk=survey_id)
        indicator = Indicator.objects.select_for_update().get(pk=indicator_id)
        if indicator.source != Source.SURVEY:
            raise LinkError(_("The indicator takes its values from elsewhere: choose “survey” as its source first."))
        if IndicatorLink.objects.filter(indicator=indicator, breakdown=breakdown).exists():
            raise LinkError(_("Another result feeds this indicator already: remove that link first."))
        parts = (feed.question_id, feed.group_id)
        known = set(Question.objects.filter(survey=survey, pk__in=[p for p in parts if p]).values_list("pk", flat=True))
        if any(part not in known for part in parts if part):
            raise LinkError(_("The question belongs to another survey."))
        return IndicatorLink.objects.create(
            survey=survey,
            indicator=indicator,
            breakdown=breakdown,
            question_id=feed.question_id,
            index_id=feed.index_id,
            statistic=feed.statistic,
            part=feed.part,
            group_id=feed.group_id,
            level=feed.level,
        )


def unlink_indicator(*, link_id: int, by: User) -> None:
    """Have a result feed an indicator no longer; what it fed stays."""
    with transaction.atomic(), recorded(by):
        IndicatorLink.objects.get(pk=link_id).delete()
