"""What the invented residents answered, stored as if it had come in. For the demonstration alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from django.db import transaction

from indicators.operations.actor import User
from surveys.models import Comment, Margin, Question, Stratum, Wave, WaveState
from surveys.operations.responses import store_responses


class NotInventedError(ValueError):
    """Invented answers would stand among real ones."""


@dataclass(frozen=True)
class Invented:
    """A wave's answers. strata: code → (people, invited); margins: question code → option → people; responses and
    answers as store_responses takes them; comments: (question id, masked text, marks in it, mood)."""

    strata: Mapping[str, tuple[int, int]]
    margins: Mapping[str, Mapping[int, int]]
    responses: pd.DataFrame
    answers: pd.DataFrame
    comments: Sequence[tuple[int, str, int, str]]


def store_invented(*, wave_id: int, invented: Invented, by: User) -> bool:
    """Fill a wave of an invented survey and close it; False where it has been filled. Raises NotInventedError."""
    with transaction.atomic():
        wave = Wave.objects.select_for_update().select_related("survey").get(pk=wave_id)
        if not wave.survey.invented:
            raise NotInventedError(f"{wave.survey.code} is a real survey: invented answers have no place in it")
        if wave.responses.exists():
            return False
        Stratum.objects.bulk_create(
            [
                Stratum(wave=wave, code=code, population=people, wanted=sampled, sampled=sampled)
                for code, (people, sampled) in invented.strata.items()
                if code
            ]
        )
        questions = dict(Question.objects.filter(survey=wave.survey).values_list("code", "pk"))
        Margin.objects.bulk_create(
            [
                Margin(wave=wave, question_id=questions[code], value=value, population=people)
                for code, levels in invented.margins.items()
                for value, people in levels.items()
            ]
        )
        store_responses(wave=wave, responses=invented.responses, answers=invented.answers, by=by)
        Comment.objects.bulk_create(
            [
                Comment(wave=wave, question_id=question, text=text, masked=masked, mood=mood)
                for question, text, masked, mood in invented.comments
            ]
        )
        wave.state = WaveState.CLOSED
        wave.save(update_fields=["state"])
    return True
