"""Comments, themes and hypotheses: for those who steer; what was approved of a released wave is for everybody."""

from typing import Any

from surveys.models import Comment, Hypothesis, Question, Theme
from tests.access import EVERYONE, STEERING, Row
from tests.access.surveys_results import code, wave


def _question(world: Any) -> Question:
    return Question.objects.get(survey=world.survey_results.survey, code="improve-first")


def _comment(world: Any) -> Comment:
    return Comment.objects.create(wave=world.survey_results.waves["2026"], question=_question(world), text="Bra.")


def _theme(world: Any) -> Theme:
    wave_of = world.survey_results.waves["2026"]
    base = {"n": 40, "satisfied": 20, "dissatisfied": 20}
    found = {"base": base, "count": 10, "share": 25.0, "contrast": None, "parts": 1}
    return Theme.objects.create(wave=wave_of, question=_question(world), number=1, words=["väg"], found=found)


def _hypothesis(world: Any) -> Hypothesis:
    return Hypothesis.objects.create(survey=world.survey_results.survey, title="Tidiga besked")


THINGS = {"a_comment": _comment, "a_theme": _theme, "a_hypothesis": _hypothesis}
COMMENT = (code, wave, lambda world: world.a_comment.pk)
THEME = (code, wave, lambda world: world.a_theme.pk)
HYPOTHESIS = (lambda world: world.a_hypothesis.pk,)
ROWS = [
    Row("survey-comments", EVERYONE, (code, wave)),
    Row("comments", STEERING, (code, wave)),
    Row("comment-decide", STEERING, COMMENT, method="post", data={"decision": "keep"}),
    Row("themes", STEERING, (code, wave)),
    Row("themes-find", STEERING, (code, wave), method="post"),
    Row("theme", STEERING, THEME, method="post", data={"title": "Vägar"}),
    Row("hypotheses", STEERING),
    Row("hypothesis-new", STEERING),
    Row("hypothesis-new", STEERING, method="post"),
    Row("hypothesis", STEERING, HYPOTHESIS),
    Row("hypothesis", STEERING, HYPOTHESIS, method="post"),
    Row("hypothesis-move", STEERING, HYPOTHESIS, method="post", data={"state": "trying"}),
    Row("comments-deleted", STEERING),
]
