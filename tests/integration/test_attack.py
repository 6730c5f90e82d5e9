"""An attempt to find out what single people answered, with what everybody can read: tables, files, editions.

The survey is small and unweighted, which is the worst case: a share times its number of answers is a count of people.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import unescape

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from surveys import pipeline, wording
from surveys.compute.collected import NO_OPINION
from surveys.compute.disclosure.cells import RESPONDENTS, Cell, Decision, Key, Rule, State
from surveys.compute.questionnaire import Asked
from surveys.compute.questionnaire import questions as asked_of
from surveys.compute.results import groups_of, positive
from surveys.models import Edition, EditionState, Wave
from surveys.operations.editions import EditionError
from surveys.operations.questionnaire import store_survey
from surveys.operations.responses import store_responses
from surveys.queries import estimation, questionnaire
from tests.attacker import Attacker

pytestmark = pytest.mark.django_db
RULE = Rule()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CODE, PERIOD = "liten", "2026"
SHARES = ("recommend", "good-place", "runs-services", "treated-well", "answers-questions")
GROUPS = ("sex", "age", "district")
CSV_COLUMNS = {"question": 3, "kind": 5, "group": 7, "level": 8, "value": 9, "n": 13, "hidden": 14}
AGES = (0.03, 0.22, 0.35, 0.3, 0.08)


def texts(swedish: str) -> dict[str, str]:
    return {"sv": swedish, "en": swedish}


@pytest.fixture
def wave() -> Wave:
    definition = {
        "code": CODE, "name": texts("Liten undersökning"), "purpose": texts("Prov."), "overall": "recommend",
        "waves": [{
            "code": PERIOD, "period": PERIOD, "weighting": "none", "opens_on": date(2026, 9, 1),
            "closes_on": date(2026, 10, 1), "population": 5000,
            "sections": [{
                "title": texts("Allt"),
                "questions": [*SHARES[:3], "satisfied-overall", "contacted",
                              {"library": "treated-well", "shown_by": "contacted", "shown_values": [1]},
                              {"library": "answers-questions", "shown_by": "contacted", "shown_values": [1]}, *GROUPS],
            }],
        }],
    }  # fmt: skip
    with translation.override("sv"):
        survey = store_survey(definition=definition, by=None)
    Wave.objects.filter(survey=survey).update(state="closed")
    return survey.waves.get()


def answer(wave: Wave, people: int, seed: int, *, blank: float = 0.0) -> None:
    """Answers of further people. Districts and ages are uneven, so that some groups are small; hardly anybody is
    dissatisfied in one of the districts."""
    rng = np.random.default_rng(seed)
    asked = list(asked_of(questionnaire.of_wave(wave.pk)))
    district = rng.choice([1, 2, 3], people, p=[0.6, 0.33, 0.07])
    contacted = rng.choice([1, 2], people, p=[0.5, 0.5])
    rows: list[tuple[int, int, int, float, str]] = []
    for question in asked:
        for person in range(people):
            if question.shown_by and contacted[person] == 2:
                continue
            value = _value(rng, question, int(district[person]), int(contacted[person]))
            if question.background and rng.random() < blank:
                continue
            told = (np.nan, "no_opinion") if value is None else (float(value), "")
            rows.append((person, question.question_id, 0, *told))
    responses = pd.DataFrame(
        {"stratum": "", "cluster": "", "mode": "web", "day": date(2026, 9, 5), "weight": np.nan}, index=range(people)
    )
    answers = pd.DataFrame(rows, columns=["respondent", "question_id", "part", "value", "absence"])
    store_responses(wave=wave, responses=responses, answers=answers, by=None)


def _value(rng: np.random.Generator, question: Asked, district: int, contacted: int) -> int | None:
    match question.code:
        case "sex":
            return int(rng.choice([1, 2]))
        case "age":
            return int(rng.choice([1, 2, 3, 4, 5], p=np.array(AGES) / sum(AGES)))
        case "district":
            return district
        case "contacted":
            return contacted
    if question.kind == "ten":
        return int(rng.integers(1, 11))
    if rng.random() < 0.05:
        return None
    good = [option.value for option in question.options if option.positive]
    bad = [option.value for option in question.options if not option.positive and not option.no_opinion]
    return int(rng.choice(good if rng.random() < (0.97 if district == 2 else 0.7) else bad))


def publish(wave: Wave) -> Edition:
    edition = pipeline.make_results(wave.pk)
    assert edition.state == EditionState.DRAFT, edition.audit
    with translation.override("sv"):
        pipeline.release_edition(edition.pk, by=None, now=NOW)
    return edition


# ── what everybody can read ───────────────────────────────────────────────────────────────────────────────────────────


def read_file(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(reverse("survey-csv", args=[CODE, PERIOD]) + query, headers={"accept-language": "sv"})
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    return [{name: row[place] for name, place in CSV_COLUMNS.items()} for row in rows[1:]]


def counted(wave: Wave) -> list[Cell]:
    """The truth, counted anew from the answers: what the attacker is after."""
    questions = list(asked_of(questionnaire.of_wave(wave.pk)))
    collected = estimation.collected(wave)
    cells = []
    for group, inside in groups_of(collected, questions).items():
        place = (group.code, "" if group.level is None else str(group.level))
        cells.append(Cell(RESPONDENTS, *place, (int(inside.sum()),)))
        for asked in questions:
            ones = positive(collected, asked)
            if asked.code in SHARES and ones is not None:
                yes, no = int((ones[inside] == 1).sum()), int((ones[inside] == 0).sum())
                silent = int((collected.states(asked.code)[inside] == NO_OPINION).sum())
                cells.append(Cell(asked.code, *place, (yes, no), silent, int(inside.sum()) - yes - no - silent))
    return [*cells, *residuals(cells)]


def residuals(cells: Sequence[Cell]) -> list[Cell]:
    """Those who left a background question blank: in no table, and everybody less the others."""
    whole = {c.table: c for c in cells if not c.variable}
    found = []
    for table in whole:
        for variable in GROUPS:
            rows = [c.columns for c in cells if (c.table, c.variable) == (table, variable)]
            left = (np.array(whole[table].columns) - np.array(rows).sum(axis=0)).tolist()
            if any(left):
                found.append(Cell(table, variable, "blank", tuple(left[:-2]), left[-2], left[-1]))
    return found


def shown(client: Client, wave: Wave, cells: Sequence[Cell], query: str = "") -> Decision:
    """What the file shows, found by its own words; each number in it is checked against the truth."""
    with translation.override("sv"):
        questions = list(asked_of(questionnaire.of_wave(wave.pk)))
        share, respondents = str(wording.STATISTIC["share"]), str(wording.STATISTIC["respondents"])
    labels = {(q.text, option.label): (q.code, str(option.value)) for q in questions for option in q.options}
    truth = {c.key: c for c in cells}
    # A line that is not there says that nobody answered, which “..” does not say; blanks have no line at all.
    states = {c.key: State.COMPLEMENT if c.base or c.level == "blank" else State.SHOWN for c in cells}
    for row in read_file(client, query):
        place = labels.get((row["group"], row["level"]), ("", ""))
        if row["kind"] == share and row["question"] in SHARES:
            key = (row["question"], *place)
        elif row["kind"] == respondents:
            key = (RESPONDENTS, *place)
        else:
            continue
        if row["n"] == "..":
            assert row["value"] == "..", row
            states[key] = State.COMPLEMENT
            continue
        assert int(row["n"]) == truth[key].base, (row, truth[key])
        states[key] = State.SHOWN
    return Decision(RULE, states)


def secrets(cells: Sequence[Cell], decision: Decision) -> list[tuple[Key, int]]:
    return [
        (c.key, column)
        for c in cells
        if c.table != RESPONDENTS and c.variable and c.total and not decision.shows(*c.key) and decision.shows(c.table)
        for column in range(2)
    ]


# ── the attacks ───────────────────────────────────────────────────────────────────────────────────────────────────────


class TestOneEdition:
    @pytest.mark.parametrize("blank", [0.0, 0.04])
    def test_no_hidden_count_can_be_worked_out_from_the_file(self, client: Client, wave: Wave, blank: float) -> None:
        answer(wave, 300, seed=5, blank=blank)
        publish(wave)
        cells = counted(wave)
        decision = shown(client, wave, cells)
        attacker = Attacker([(cells, decision)])
        after = secrets(cells, decision)
        assert len(after) > 10
        assert sum(decision.shows(*c.key) for c in cells) > 20
        truth = {c.key: c for c in cells}
        for key, column in after:
            low, high = attacker.count(0, key, column)
            assert low <= truth[key].counts[column] <= high
            assert high - low >= RULE.width, (key, column, low, high)

    def test_without_complements_the_attack_succeeds(self, client: Client, wave: Wave) -> None:
        """So the attack is one: shown levels and everybody's figures give the small level away."""
        answer(wave, 300, seed=5)
        publish(wave)
        cells = counted(wave)
        decision = shown(client, wave, cells)
        small = [c for c in cells if c.variable and c.table == "treated-well" and 0 < c.base < RULE.least_base]
        assert small
        careless = Decision(RULE, dict.fromkeys(decision.states, State.SHOWN) | {c.key: State.BASE for c in small[:1]})
        low, high = Attacker([(cells, careless)]).count(0, small[0].key, 0)
        assert low == high == small[0].counts[0]

    def test_no_small_group_and_no_small_part_is_shown(self, client: Client, wave: Wave) -> None:
        answer(wave, 300, seed=6, blank=0.02)
        publish(wave)
        cells = counted(wave)
        decision = shown(client, wave, cells)
        for c in cells:
            if decision.shows(*c.key) and c.base:
                assert c.base >= (RULE.least_base if c.variable and c.table else RULE.least_count)
                assert not any(RULE.small(count) for count in c.counts)

    def test_pages_show_no_more_than_the_file(self, client: Client, wave: Wave) -> None:
        """Of every hidden level the question's page says “..” and no number."""
        answer(wave, 300, seed=5)
        publish(wave)
        cells = counted(wave)
        decision = shown(client, wave, cells)
        with translation.override("sv"):
            questions = {question.code: question for question in asked_of(questionnaire.of_wave(wave.pk))}
        looked_at = 0
        for c in cells:
            if not c.variable or c.table == RESPONDENTS or c.level == "blank" or decision.shows(*c.key):
                continue
            label = next(option.label for option in questions[c.variable].options if str(option.value) == c.level)
            page = client.get(reverse("survey-question", args=[CODE, PERIOD, c.table])).content.decode()
            for row in table_rows(page, label):
                looked_at += 1
                assert ".." in row
                assert not re.search(r"\d", row.replace(label, "").replace("–", "")), row
        assert looked_at > 5

    def test_filters_and_parameters_open_nothing(self, client: Client, wave: Wave) -> None:
        """Whatever is put behind an address, the same is shown, or nothing."""
        answer(wave, 300, seed=5)
        publish(wave)
        plain = read_file(client)
        tried = ("edition=1", "edition=draft", "edition=0", "edition=99", "group=sex&level=1", "least_base=1", "all=1")
        for query in (f"?{parameters}" for parameters in tried):
            answered = client.get(reverse("survey-csv", args=[CODE, PERIOD]) + query, headers={"accept-language": "sv"})
            assert answered.status_code in (200, 404)
            if answered.status_code == 200:
                assert read_file(client, query) == plain

    def test_nothing_stored_with_a_hidden_figure(self, wave: Wave) -> None:
        answer(wave, 300, seed=5)
        edition = publish(wave)
        hidden = edition.figures.exclude(hidden="")
        assert hidden.count() > 10
        assert not hidden.exclude(details={}).exists()


def table_rows(page: str, label: str) -> list[str]:
    """The text of every table row that begins with a label."""
    rows = [unescape(re.sub(r"<[^>]+>", " ", row)) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
    return [" ".join(row.split()) for row in rows if " ".join(row.split()).startswith(label)]


class TestEditions:
    def test_one_more_answer_cannot_be_published(self, client: Client, wave: Wave) -> None:
        """The difference between two editions would be what that person answered."""
        answer(wave, 300, seed=5)
        publish(wave)
        before = read_file(client)
        answer(wave, 1, seed=8)
        edition = pipeline.make_results(wave.pk)
        assert edition.state == EditionState.BLOCKED
        with pytest.raises(EditionError):
            pipeline.release_edition(edition.pk, by=None, now=NOW)
        assert read_file(client) == before
        assert client.get(reverse("survey-csv", args=[CODE, PERIOD]) + "?edition=2").status_code == 404

    def test_two_editions_together_tell_no_more_than_each(self, client: Client, wave: Wave) -> None:
        answer(wave, 300, seed=5)
        publish(wave)
        first = counted(wave)
        first_shown = shown(client, wave, first)
        answer(wave, 120, seed=9)
        publish(wave)
        second = counted(wave)
        second_shown = shown(client, wave, second)
        assert shown(client, wave, first, "?edition=1").states == first_shown.states
        attacker = Attacker([(first, first_shown), (second, second_shown)])
        old = {c.key: c for c in first}
        for number, cells, decision in ((0, first, first_shown), (1, second, second_shown)):
            assert secrets(cells, decision)
            for key, column in secrets(cells, decision)[::3]:
                low, high = attacker.count(number, key, column)
                assert high > low, (number, key, column)
        for c in second:
            was = old.get(c.key)
            for column in range(len(c.counts)):
                if was is None or not RULE.small(abs(c.counts[column] - was.counts[column])):
                    continue
                low, high = attacker.solve(
                    {attacker.place(1, c.key, column): 1, attacker.place(0, c.key, column): -1}
                )  # fmt: skip
                assert high > low, (c.key, column)


def test_choices_that_few_made_are_nowhere_on_the_method_page(client: Client, wave: Wave) -> None:
    """They are placed by lot among the others, and have no row of their own in any table of groups."""
    answer(wave, 90, seed=12)
    publish(wave)
    collected = estimation.collected(wave)
    with translation.override("sv"):
        questions = [question for question in asked_of(questionnaire.of_wave(wave.pk)) if question.background]
    few = {
        option.label
        for question in questions
        for option in question.options
        if 0 < (collected.answers(question.code) == option.value).sum() < RULE.least_base
    }
    page = client.get(reverse("survey-method", args=[CODE, PERIOD])).content.decode()
    groups = [question for question in questions if any(table_rows(page, o.label) for o in question.options)]
    assert few
    assert groups
    for label in few:
        assert not any(label in row for row in table_rows(page, label)), label
