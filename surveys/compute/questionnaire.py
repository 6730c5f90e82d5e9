"""A questionnaire as plain values: what is asked on which page, to whom it shows, what an answer may be.

Answers to a questionnaire are kept as {question code: {part: value}}: an option's value, a grade or a number, the text
of a free text, or a word of `Absence`. A pair has parts 1 and 2; of several choices each option is a part, 1 for chosen
and 0 for not; all others have part 0. A question that was not shown has no entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Given = float | str
Answers = Mapping[str, Mapping[int, Given]]
SINGLE_KINDS = frozenset({"share", "single"})
GRADES = {"five": (1, 5), "ten": (1, 10), "expectation": (1, 10), "kano": (1, 5)}
POSITIVE_FROM = {"five": 4, "ten": 7}  # grades that count as positive
PAIRS = frozenset({"expectation", "kano"})
LONGEST_TEXT = 4000


class Absence(StrEnum):
    """Why a question that was shown has no value."""

    NO_OPINION = "no_opinion"
    REFUSED = "refused"


@dataclass(frozen=True)
class Choice:
    value: int
    label: str
    positive: bool = False
    no_opinion: bool = False


@dataclass(frozen=True)
class Asked:
    """A question where it stands. `shown_by`: the code of the question it hangs on, shown for `shown_values` of it."""

    item_id: int
    question_id: int
    code: str
    kind: str
    text: str
    second_text: str = ""
    help: str = ""
    options: tuple[Choice, ...] = ()
    required: bool = False
    background: bool = False
    shown_by: str = ""
    shown_values: tuple[int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    topic: str = ""
    published_kpi: str = ""
    version_id: int = 0

    @property
    def parts(self) -> tuple[int, ...]:
        """Under which parts its answers are kept."""
        if self.kind in PAIRS:
            return (1, 2)
        if self.kind == "multiple":
            return tuple(option.value for option in self.options if not option.no_opinion)
        return (0,)


@dataclass(frozen=True)
class Page:
    section_id: int
    title: str
    intro: str
    questions: tuple[Asked, ...]


@dataclass(frozen=True)
class Questionnaire:
    wave_id: int
    pages: tuple[Page, ...]
    by_code: Mapping[str, Asked] = field(default_factory=dict)

    @staticmethod
    def of(wave_id: int, pages: Sequence[Page]) -> "Questionnaire":
        return Questionnaire(wave_id, tuple(pages), {asked.code: asked for page in pages for asked in page.questions})


def questions(questionnaire: Questionnaire) -> Iterator[Asked]:
    """All questions in the order of asking."""
    for page in questionnaire.pages:
        yield from page.questions


def is_shown(asked: Asked, questionnaire: Questionnaire, answers: Answers) -> bool:
    """Whether the question shows to somebody with these answers: its own rule holds, and what it hangs on shows too."""
    if not asked.shown_by:
        return True
    decides = questionnaire.by_code.get(asked.shown_by)
    if decides is None or not is_shown(decides, questionnaire, answers):
        return False
    given = answers.get(decides.code, {})
    if decides.kind == "multiple":
        return any(given.get(value) == 1 for value in asked.shown_values)
    return any(given.get(part) in asked.shown_values for part in decides.parts)


def shown(questionnaire: Questionnaire, answers: Answers) -> list[Asked]:
    """The questions that show to somebody with these answers, in the order of asking."""
    return [asked for asked in questions(questionnaire) if is_shown(asked, questionnaire, answers)]


def without_hidden(questionnaire: Questionnaire, answers: Answers) -> dict[str, dict[int, Given]]:
    """The answers to questions that show; what was answered before it was hidden again is left out."""
    codes = {asked.code for asked in shown(questionnaire, answers)}
    return {code: dict(given) for code, given in answers.items() if code in codes}


def completed(questionnaire: Questionnaire, answers: Answers) -> dict[str, dict[int, Given]]:
    """The answers with REFUSED where a question that shows was passed over; free texts that are empty are left out."""
    full = without_hidden(questionnaire, answers)
    for asked in shown(questionnaire, answers):
        if asked.kind != "text":
            given = full.setdefault(asked.code, {})
            for part in asked.parts:
                given.setdefault(part, Absence.REFUSED.value)
    return full


def is_possible(asked: Asked, given: Given) -> bool:
    """Whether a value can be an answer to one part of the question."""
    if asked.kind == "text":
        return isinstance(given, str) and len(given) <= LONGEST_TEXT
    if isinstance(given, str):
        return given in set(Absence)
    if asked.kind in SINGLE_KINDS:
        return any(option.value == given and not option.no_opinion for option in asked.options)
    if asked.kind == "multiple":
        return given in (0, 1)
    if asked.kind in GRADES:
        lowest, highest = GRADES[asked.kind]
        return lowest <= given <= highest and given == int(given)
    low, high = asked.minimum, asked.maximum
    return (low is None or given >= low) and (high is None or given <= high)
