"""Needs that may be unspoken: written down as hypotheses, tried, and turned into something."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.operations.actor import User, recorded
from surveys.models import Hypothesis, HypothesisOrigin, HypothesisState, Question, Theme, Wave

DECIDED = frozenset({HypothesisState.CONFIRMED, HypothesisState.DROPPED})


class HypothesisError(ValueError):
    """A hypothesis that cannot be kept or moved; the message says why and what to do."""


@dataclass(frozen=True)
class Told:
    """What is written of a hypothesis, and what is to come of it."""

    title: str
    text: str = ""
    improvement: str = ""
    department_id: int | None = None
    due_on: date | None = None
    indicator_id: int | None = None


@dataclass(frozen=True)
class Beginning:
    """Where a hypothesis comes from."""

    origin: HypothesisOrigin = HypothesisOrigin.OWN
    wave_id: int | None = None
    theme_id: int | None = None
    question_id: int | None = None


def create_hypothesis(*, survey_id: int, told: Told, beginning: Beginning, by: User) -> Hypothesis:
    """A new hypothesis, to be tried. Raises HypothesisError where what it comes from belongs to another survey."""
    with transaction.atomic(), recorded(by):
        _of_survey(survey_id, beginning)
        return Hypothesis.objects.create(survey_id=survey_id, created_by=by, **vars(beginning), **vars(told))  # type: ignore[misc]


def _of_survey(survey_id: int, beginning: Beginning) -> None:
    asked = (
        (beginning.wave_id, Wave.objects.filter(survey_id=survey_id)),
        (beginning.theme_id, Theme.objects.filter(wave__survey_id=survey_id)),
        (beginning.question_id, Question.objects.filter(survey_id=survey_id)),
    )
    if any(pk is not None and not rows.filter(pk=pk).exists() for pk, rows in asked):
        raise HypothesisError(_("The theme or the question belongs to another survey."))


def change_hypothesis(*, hypothesis_id: int, told: Told, by: User) -> Hypothesis:
    """Write a hypothesis anew, and what is to come of it."""
    with transaction.atomic(), recorded(by):
        hypothesis = Hypothesis.objects.select_for_update().get(pk=hypothesis_id)
        for name, value in vars(told).items():
            setattr(hypothesis, name, value)
        hypothesis.save(update_fields=list(vars(told)))
    return hypothesis


def move_hypothesis(*, hypothesis_id: int, state: HypothesisState, reason: str, by: User) -> Hypothesis:
    """Say how far a hypothesis has come. Raises HypothesisError where it is confirmed or dropped without a reason."""
    with transaction.atomic(), recorded(by):
        hypothesis = Hypothesis.objects.select_for_update().get(pk=hypothesis_id)
        reason = reason.strip()
        if state in DECIDED and not reason:
            raise HypothesisError(_("Write what was found out: a need is neither confirmed nor dropped without it."))
        hypothesis.state = state
        hypothesis.reason = reason or hypothesis.reason
        hypothesis.save(update_fields=["state", "reason"])
    return hypothesis
