"""Attempts with what stands beside the tables: drawings, the matrix of areas, the method, drafts that were stopped."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from indicators.operations import grant_role
from indicators.permissions import RoleName
from surveys import pipeline
from surveys.compute.questionnaire import Asked
from surveys.compute.questionnaire import questions as asked_of
from surveys.models import Edition, EditionState, Stratum, Wave
from surveys.operations.responses import store_responses
from surveys.queries import questionnaire
from tests.integration import test_attack

pytestmark = pytest.mark.django_db
wave = test_attack.wave
PLACE = [test_attack.CODE, test_attack.PERIOD]
PEOPLE = 300


@pytest.fixture
def strategist(client: Client) -> Client:
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return client


def fill(wave: Wave, given: Callable[[Asked, int], float | None], strata: list[str] | None = None) -> None:
    """An answer of each of PEOPLE to each question that is asked of all; None: passed over."""
    asked = [question for question in asked_of(questionnaire.of_wave(wave.pk)) if not question.shown_by]
    rows = [
        (person, question.question_id, 0, value, "")
        for question in asked
        for person in range(PEOPLE)
        if (value := given(question, person)) is not None
    ]
    shared = {"cluster": "", "mode": "web", "day": None, "weight": np.nan}
    responses = pd.DataFrame({"stratum": strata or [""] * PEOPLE, **shared}, index=range(PEOPLE))
    answers = pd.DataFrame(rows, columns=["respondent", "question_id", "part", "value", "absence"])
    store_responses(wave=wave, responses=responses, answers=answers, by=None)


def alike(question: Asked, person: int) -> float:
    """People who are content are content with all but one thing, with which only two are not."""
    content = (person * 7919) % PEOPLE < 0.6 * PEOPLE or (person + len(question.code)) % 5 == 0
    if question.code == "good-place":
        content = person >= 2
    if question.kind == "ten":
        return 6.0 + person % 5 if content else 1.0 + person % 5
    opinions = [option for option in question.options if not option.no_opinion]
    if question.background or question.code == "contacted":
        return float(opinions[person % 2].value)
    return float(next(option.value for option in opinions if option.positive == content))


def test_an_area_that_is_a_hidden_question_is_in_no_matrix(client: Client, wave: Wave) -> None:
    """298 of 300 is a grade of 99.3: the share that the page of the question hides."""
    fill(wave, alike)
    edition = test_attack.publish(wave)
    assert edition.figures.get(question__code="good-place", statistic="share", group=None).hidden
    areas = {driver["area"] for driver in edition.drivers["drivers"]}
    assert "runs-services" in areas
    assert "good-place" not in areas
    assert "99" not in re.findall(r"<td[^>]*>\s*(\d+)\s*</td>", _page(client, "survey-priorities"))


def test_a_stratum_with_few_answers_hides_the_answers_of_strata_and_what_weights_tell(
    client: Client, wave: Wave
) -> None:
    Stratum.objects.bulk_create(
        Stratum(wave=wave, code=code, population=people, sampled=asked)
        for code, people, asked in (("north", 60, 50), ("south", 2000, 400))
    )
    Wave.objects.filter(pk=wave.pk).update(weighting="design")
    fill(wave, alike, strata=["north"] * 3 + ["south"] * (PEOPLE - 3))
    method = test_attack.publish(wave).method
    assert [stratum["answered"] for stratum in method["strata"]] == [None, None]
    assert method["largest_weight"] is None  # 60 people over 20.0 would be 3 answers
    page = _page(client, "survey-method")
    assert "20,0" not in page
    assert ".." in page


def test_nobody_sees_the_figures_of_an_edition_that_the_audit_stopped(strategist: Client, wave: Wave) -> None:
    """Whoever steers may have the register at hand as well."""
    fill(wave, alike)
    edition = pipeline.make_results(wave.pk)
    findings = [
        {"table": "recommend", "variable": "sex", "level": "1", "how": how} for how in ("filter", "respondents")
    ]
    audit = {"passed": False, "findings": findings}
    Edition.objects.filter(pk=edition.pk).update(state=EditionState.BLOCKED, audit=audit)
    for name in ("survey-wave", "survey-method", "survey-priorities", "survey-csv", "survey-xlsx"):
        for query in ("", "?edition=1", "?edition=draft"):
            assert strategist.get(reverse(name, args=PLACE) + query).status_code == 404, (name, query)
    steered = strategist.get(reverse("wave-results", args=PLACE))
    assert steered.status_code == 200
    assert "edition=draft" not in steered.content.decode()


def test_drawings_say_no_more_than_the_file(client: Client, wave: Wave) -> None:
    """A coordinate with two decimals would tell strata and weights apart where the file's one decimal does not."""
    fill(wave, alike)
    test_attack.publish(wave)
    pages = [_page(client, "survey-wave"), client.get(reverse("survey-question", args=[*PLACE, "recommend"])).content]
    bars = re.findall(r'<svg class="result-bar".*?</svg>', "".join(map(str, pages)))
    assert len(bars) > 5
    for bar in bars:
        if "1 to 10" not in bar:
            assert not re.search(r"\d\.\d\d", bar), bar


def _page(client: Client, name: str) -> str:
    answer = client.get(reverse(name, args=PLACE), headers={"accept-language": "sv"})
    assert answer.status_code == 200
    return answer.content.decode()
