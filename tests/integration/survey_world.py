"""A survey that has been asked twice, 2024 and 2026, with released editions of invented results.

The questionnaire comes from the library through the real operation; figures are written as the pipeline stores them,
each given below, so that a test can say what a page must show. Nobody's answers are behind them.

2024 → 2026: `recommend` goes up for certain (80 → 88, se 1.4 and 1.3), `good-place` moves inside the margin (85 → 86),
`runs-services` goes down for certain (70 → 61), `informed-changes` was reworded and starts anew, `treated-well` is
hidden in 2026, and `library-books` is asked for the first time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from surveys.models import Edition, Figure, Question, SatisfactionIndex, Survey, Wave
from surveys.operations.questionnaire import store_survey

CODE = "medborgare"
T = 1.96
Told = Mapping[str, Any]


def texts(swedish: str, english: str) -> dict[str, str]:
    return {"sv": swedish, "en": english}


WHOLE = ["recommend", "good-place", "runs-services", "satisfied-overall"]
CONTACT = ["treated-well", "contact-channel", "times-contacted", "contacted"]
SERVICES = ["school-expectation", "library-always-open"]
PERSON = ["sex", "age"]
NEW_WORDING = {
    "library": "informed-changes",
    "text": texts("Får du veta i tid när något ska ändras?", "Are you told in time when something is to change?"),
}


def _wave(code: str, more: Sequence[Any], **fields: Any) -> dict[str, Any]:
    return {
        "code": code, "period": code, "opens_on": date(int(code), 9, 1), "closes_on": date(int(code), 10, 15),
        "population": 60000, "weighting": "raked",
        "population_text": texts("Invånare som är 18 år eller äldre.", "Residents aged 18 or older."),
        "frame_text": texts("Folkbokföringen.", "The population register."),
        "mode_text": texts("Brev med en personlig länk.", "A letter with a personal link."),
        "sections": [
            {"title": texts("Kommunen som helhet", "The municipality as a whole"), "questions": WHOLE},
            {"title": texts("Kontakt och inflytande", "Contact and influence"), "questions": [*CONTACT, *more]},
            {"title": texts("Verksamheter", "Services"), "questions": SERVICES},
            {"title": texts("Med egna ord", "In your own words"), "questions": ["improve-first"]},
            {"title": texts("Om dig", "About you"), "questions": PERSON},
        ],
    } | fields  # fmt: skip


DEFINITION: dict[str, Any] = {
    "code": CODE,
    "name": texts("Medborgarundersökningen", "The citizen survey"),
    "purpose": texts("Svaren används när målen följs upp.", "The answers are used when the goals are followed up."),
    "overall": "recommend",
    "indices": [
        {
            "code": "nmi",
            "name": texts("Nöjd-medborgar-index", "Satisfied citizen index"),
            "items": [{"question": "satisfied-overall", "lo": 1, "hi": 10, "weight": 1}],
            "bands": [
                {"from": 0, "word": texts("lågt", "low")},
                {"from": 60, "word": texts("högt", "high")},
            ],
        }
    ],
    "waves": [
        _wave("2024", ["informed-changes"]),
        _wave(
            "2026",
            [NEW_WORDING, "library-books"],
            change_text=texts("En fråga fick en ny formulering.", "One question was reworded."),
        ),
    ],
}


@dataclass(frozen=True)
class SurveyWorld:
    survey: Survey
    waves: Mapping[str, Wave]
    editions: Mapping[str, Edition]


def share(question: str, value: float, se: float, n: int = 640, **more: Any) -> Told:
    """A share in per cent with a symmetric interval; `more`: group, level, part, statistic."""
    return {
        "statistic": "share", "question": question, "value": value, "se": se, "lower": value - T * se,
        "upper": value + T * se, "n": n,
    } | more  # fmt: skip


def hidden(question: str, statistic: str = "share", **more: Any) -> Told:
    return {"statistic": statistic, "question": question, "hidden": "protected"} | more


def _options(question: str, values: Mapping[int, float]) -> list[Told]:
    return [share(question, value, 1.5, statistic="option", part=part) for part, value in values.items()]


def _common(recommend: float, good: float, runs: float, index: float) -> list[Told]:
    return [
        share("recommend", recommend, 1.3),
        *_options("recommend", {4: recommend - 30, 3: 30.0, 2: 8.0, 1: 92.0 - recommend}),
        share("recommend", 4.0, 0.7, statistic="no_opinion", n=668),
        share("good-place", good, 1.4),
        share("runs-services", runs, 1.9),
        share("satisfied-overall", 62.0, 2.0),
        share("satisfied-overall", 6.8, 0.1, statistic="mean"),
        share("", index, 1.0, statistic="index", index="nmi", n=630),
        *_options("contact-channel", {1: 41.0, 2: 22.0, 3: 63.0, 4: 9.0, 5: 3.0}),
        share("times-contacted", 2.0, 0.5, statistic="median", n=610),
        share("times-contacted", 3.4, 0.2, statistic="mean", n=610),
        *_options("contacted", {1: 55.0, 2: 45.0}),
    ]  # fmt: skip


FIGURES: dict[str, list[Told]] = {
    "2024": [
        *_common(80.0, 85.0, 70.0, 60.0),
        share("treated-well", 77.0, 2.1, n=350),
        share("informed-changes", 48.0, 2.0),
    ],
    "2026": [
        *_common(88.0, 86.0, 61.0, 66.0),
        hidden("treated-well"),
        *(hidden("treated-well", "option", part=part) for part in (4, 3, 2, 1)),
        share("informed-changes", 55.0, 2.0),
        share("library-books", 0.0, 0.4, lower=0.0, upper=0.8),
        share(
            "school-expectation", -1.2, 0.1, n=400, statistic="gap",
            details={"expectation": 8.1, "experience": 6.9, "certain": True},
        ),
        {
            "statistic": "kano", "question": "library-always-open", "value": 500.0, "n": 500,
            "details": {
                "category": "attractive", "mode": "attractive", "berger": "attractive", "better": 0.62, "worse": -0.2,
                "counts": {}, "mixed": False,
            },
        },
        share("recommend", 91.0, 1.6, n=340, group="sex", level=1),
        share("recommend", 84.0, 2.0, n=290, group="sex", level=2),
        hidden("recommend", group="sex", level=3),
        *(share("recommend", 80.0 + 3 * age, 2.5, n=100 + age, group="age", level=age) for age in range(1, 6)),
        {"statistic": "respondents", "question": "", "value": 668.0, "n": 668},
        *(
            {"statistic": "respondents", "question": "", "group": "sex", "level": level, "value": float(n), "n": n}
            for level, n in ((1, 355), (2, 301))
        ),
        {"statistic": "respondents", "question": "", "group": "sex", "level": 3, "hidden": "protected"},
        {"statistic": "response_rate", "question": "", "value": 41.75, "n": 1600},
    ],
}  # fmt: skip
METHOD: dict[str, Any] = {
    "population": 60000, "invited": 1600, "answered": 668, "counted": 668, "left_out": 4, "self_selected": False,
    "response_rate": 41.75, "modes": {"web": 668, "link": 4}, "opens_on": "2026-09-01", "closes_on": "2026-10-15",
    "weighting": "raked", "margins": ["sex", "age"], "iterations": 7, "smallest_weight": 31.0, "largest_weight": 214.0,
    "kish": 1.32, "strata": [
        {"code": "Norr", "population": 25000, "invited": 600, "answered": 240},
        {"code": "Söder", "population": 35000, "invited": 1000, "answered": 428},
    ],
    "least_count": 5, "least_base": 20, "item_nonresponse": {"times-contacted": 12.4},
}  # fmt: skip
DRIVERS: dict[str, Any] = {
    "overall": "satisfied-overall", "refused": None, "r2": 0.46, "n": 512, "draws": 500,
    "cut": {"grade": 62.0, "importance": 25.0},
    "drivers": [
        {"area": area, "questions": [], "importance": weight, "lower": weight - 6, "upper": weight + 6, "sign": 1,
         "grade": grade, "quadrant": quadrant, "indistinguishable_from": alike, "rank": rank}
        for rank, (area, weight, grade, quadrant, alike) in enumerate(
            [
                ("influence", 41.0, 47.0, "prioritise", []),
                ("contact", 29.0, 71.0, "improve_if_possible", ["safety"]),
                ("safety", 18.0, 54.0, "lower_priority", ["contact"]),
                ("culture", 12.0, 76.0, "keep", []),
            ], start=1)
    ],
}  # fmt: skip


def build(*, released: bool = True) -> SurveyWorld:
    """The survey, its two waves (closed) and an edition of each: released, or (2026) still a draft."""
    survey = store_survey(definition=DEFINITION, by=None)
    Wave.objects.filter(survey=survey).update(state="closed")
    waves = {wave.code: wave for wave in survey.waves.all()}
    editions = {
        "2024": store(waves["2024"], FIGURES["2024"], state="released", method={**METHOD, "breaks": []}),
        "2026": store(
            waves["2026"],
            FIGURES["2026"],
            state="released" if released else "draft",
            method={**METHOD, "breaks": ["informed-changes"], "compared_with": "2024"},
            drivers=DRIVERS,
        ),
    }
    return SurveyWorld(survey, waves, editions)


def store(
    wave: Wave,
    figures: Sequence[Told],
    *,
    state: str = "draft",
    method: Told | None = None,
    drivers: Told | None = None,
    note: str = "",
) -> Edition:
    """A further edition of a wave with these figures."""
    last = Edition.objects.filter(wave=wave).order_by("-number").first()
    edition = Edition.objects.create(
        wave=wave,
        number=last.number + 1 if last else 1,
        state=state,
        method=dict(method or {}),
        drivers=dict(drivers or {}),
        released_at=datetime(int(wave.period), 12, 1, 9, tzinfo=UTC) if state in ("released", "withdrawn") else None,
        note=note,
    )
    questions = {q.code: q for q in Question.objects.filter(survey=wave.survey)}
    indices = {i.code: i for i in SatisfactionIndex.objects.filter(survey=wave.survey)}
    Figure.objects.bulk_create(_figure(edition, dict(told), questions, indices) for told in figures)
    return edition


def _figure(
    edition: Edition, told: dict[str, Any], questions: Mapping[str, Question], indices: Mapping[str, SatisfactionIndex]
) -> Figure:
    question, group, index = told.pop("question", ""), told.pop("group", ""), told.pop("index", "")
    return Figure(
        edition=edition,
        question=questions[question] if question else None,
        group=questions[group] if group else None,
        index=indices[index] if index else None,
        **told,
    )
