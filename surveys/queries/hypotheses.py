"""Hypotheses on needs, and what their forms offer."""

from indicators.models import Department, Indicator
from surveys.models import Hypothesis, Question, QuestionVersion, Survey, Theme, Wave


def all_of_them() -> list[Hypothesis]:
    """Every hypothesis with what its card tells (1 query)."""
    return list(Hypothesis.objects.select_related("survey", "wave", "department", "indicator", "theme"))


def one(hypothesis_id: int) -> Hypothesis | None:
    """A hypothesis with what its page tells (1 query)."""
    found = Hypothesis.objects.select_related("survey", "wave", "theme", "question", "department", "indicator")
    return found.filter(pk=hypothesis_id).first()


def surveys() -> list[tuple[int, str]]:
    """Surveys to choose from (1 query)."""
    return [(survey.pk, survey.name) for survey in Survey.objects.order_by("code")]


def survey(code: str) -> Survey | None:
    """A survey by its code (1 query)."""
    return Survey.objects.filter(code=code).first()


def wave(survey_id: int, code: str) -> Wave | None:
    """A wave of a survey (1 query)."""
    return Wave.objects.filter(survey_id=survey_id, code=code).first()


def theme(theme_id: int) -> Theme | None:
    """A theme with its wave (1 query)."""
    return Theme.objects.select_related("wave__survey").filter(pk=theme_id).first()


def question(survey_id: int, code: str) -> tuple[Question, str] | None:
    """A question of a survey with its newest wording (at most 2 queries)."""
    found = Question.objects.filter(survey_id=survey_id, code=code).first()
    if found is None:
        return None
    version = QuestionVersion.objects.filter(question=found).order_by("-number").first()
    return found, version.text if version else found.code


def choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Departments, and indicators that are in use (2 queries)."""
    departments = [(department.pk, department.name) for department in Department.objects.order_by("name")]
    indicators = Indicator.objects.filter(retired_on__isnull=True).order_by("code")
    return departments, [(indicator.pk, f"{indicator.name} ({indicator.code})") for indicator in indicators]
