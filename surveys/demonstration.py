"""The demonstration's surveys: invented answers through the same pipeline as real ones, released and linked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from indicators.models import Indicator
from indicators.sources.definitions import read_yaml
from surveys import pipeline
from surveys.compute.masking import mask
from surveys.models import Question, Survey, Wave, WaveState
from surveys.operations import free_text_demonstration
from surveys.operations.demonstration import Invented, store_invented
from surveys.operations.editions import Feed, link_indicator
from surveys.operations.questionnaire import store_survey
from surveys.operations.surveys import change_wave, open_wave
from surveys.queries import questionnaire
from surveys.sources import demonstration as source

Say = Callable[[str], None]
OPEN_FOR = timedelta(days=60)
# indicator, breakdown → survey, question, and the answer to a background question where it is of a group
LINKS: tuple[tuple[str, str, str, str, tuple[str, int] | None], ...] = (
    ("eko07", "T", "citizen-survey", "tax-money-wise", None),
    ("eko07", "K", "citizen-survey", "tax-money-wise", ("sex", 1)),
    ("eko07", "M", "citizen-survey", "tax-money-wise", ("sex", 2)),
    ("ser12", "T", "citizen-survey", "letters-clear", None),
)


def load(folder: Path, *, now: datetime, say: Say) -> None:
    """Surveys of fixtures/surveys: definitions, people, answers, results. What is there already stays."""
    texts = read_yaml(folder / "invented" / "comments.yaml")
    parameters = {path.stem: source.Parameters.read(path) for path in source.parameter_files(folder / "invented")}
    surveys = [
        store_survey(definition=read_yaml(path), by=None) for path in sorted((folder / "demonstration").glob("*.yaml"))
    ]
    _link()
    for survey in surveys:
        for wave in survey.waves.filter(state=WaveState.PREPARING).order_by("period"):
            if wave.opens_on is None:
                open_now(wave, today=now.date())
            elif store_invented(wave_id=wave.pk, invented=_invented(wave, parameters[survey.code], texts), by=None):
                edition = pipeline.make_results(wave.pk)
                pipeline.release_edition(edition.pk, by=None, now=now, refresh=False)
                say(f"{survey.name} {wave.code}: {edition.method['answered']} answers")
    free_text_demonstration.store(by=None, now=now)


def open_now(wave: Wave, *, today: date) -> None:
    """Open a wave for everybody who tries the demonstration."""
    change_wave(
        wave_id=wave.pk, columns={"opens_on": today, "closes_on": today + OPEN_FOR}, texts={}, by=None
    )  # fmt: skip
    open_wave(wave_id=wave.pk, today=today, by=None)


def _invented(wave: Wave, parameters: source.Parameters, texts: Any) -> Invented:
    people = source.population(questionnaire.of_wave(wave.pk), parameters, wave.code)
    sample = source.draw(people)
    assert wave.opens_on is not None
    assert wave.closes_on is not None
    comments = []
    for row in source.comments(people, sample, texts).itertuples():
        masked = mask(str(row.text))
        comments.append((int(row.question_id), masked.text, masked.count, str(row.mood)))  # type: ignore[arg-type]
    return Invented(
        strata={code: (people, sample.invited[code]) for code, people in people.strata().items()},
        margins=people.margins(),
        responses=source.responses(sample, wave.opens_on, wave.closes_on),
        answers=source.answers(people, sample),
        comments=comments,
    )


def _link() -> None:
    indicators = dict(Indicator.objects.filter(source="survey").values_list("code", "pk"))
    for code, breakdown, survey_code, question, group in LINKS:
        survey = Survey.objects.get(code=survey_code)
        linked = survey.links.filter(indicator__code=code, breakdown=breakdown).exists()
        if code in indicators and not linked:
            ids = dict(Question.objects.filter(survey=survey).values_list("code", "pk"))
            of = {"group_id": ids[group[0]], "level": group[1]} if group else {}
            link_indicator(
                survey_id=survey.pk, indicator_id=indicators[code], breakdown=breakdown,
                feed=Feed("share", question_id=ids[question], **of), by=None,
            )  # fmt: skip
