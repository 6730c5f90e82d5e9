"""What a questionnaire lacks before it can be opened: texts in both languages, choices, rules that point backwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from surveys.compute.questionnaire import PAIRS

LANGUAGES = ("sv", "en")
WITH_CHOICES = frozenset({"share", "single", "multiple"})  # kinds that are answered by choosing; rules may hang on them
FEWEST_CHOICES = 2
Texts = Mapping[str, str]


class Lack(StrEnum):
    """What is wrong, in the order in which it is told."""

    NO_QUESTIONS = "no_questions"
    EMPTY_SECTION = "empty_section"
    TITLE = "title"
    INTRO = "intro"
    TEXT = "text"
    SECOND_TEXT = "second_text"
    HELP = "help"
    UNIT = "unit"
    LABEL = "label"
    TOO_FEW_CHOICES = "too_few_choices"
    NO_POSITIVE = "no_positive"
    ALL_POSITIVE = "all_positive"
    RULE_FORWARDS = "rule_forwards"
    RULE_VALUES = "rule_values"


@dataclass(frozen=True)
class WrittenChoice:
    value: int
    label: Texts
    positive: bool = False
    no_opinion: bool = False


@dataclass(frozen=True)
class Written:
    """A question of a wave in both languages. `shown_by`: the item that it hangs on, None where it always shows."""

    item_id: int
    code: str
    kind: str
    text: Texts
    second_text: Texts
    help: Texts
    unit: Texts
    choices: tuple[WrittenChoice, ...] = ()
    shown_by: int | None = None
    shown_values: tuple[int, ...] = ()


@dataclass(frozen=True)
class WrittenPage:
    section_id: int
    title: Texts
    intro: Texts
    questions: tuple[Written, ...] = ()


@dataclass(frozen=True)
class Fault:
    """`item_id`: of a question, 0 of a section or of the whole. `language`: where a text is missing, else empty."""

    lack: Lack
    section_id: int = 0
    item_id: int = 0
    language: str = ""


def faults(pages: Sequence[WrittenPage]) -> list[Fault]:
    """Everything that keeps a questionnaire from being opened, in the order of asking; empty where nothing does."""
    found: list[Fault] = []
    if not any(page.questions for page in pages):
        found.append(Fault(Lack.NO_QUESTIONS))
    before: dict[int, Written] = {}
    for page in pages:
        found += _of_page(page)
        for question in page.questions:
            found += [Fault(lack, page.section_id, question.item_id, words) for lack, words in _of(question, before)]
            before[question.item_id] = question
    return found


def _of_page(page: WrittenPage) -> Iterator[Fault]:
    if not page.questions:
        yield Fault(Lack.EMPTY_SECTION, page.section_id)
    for language in _missing(page.title):
        yield Fault(Lack.TITLE, page.section_id, language=language)
    for language in _half_missing(page.intro):
        yield Fault(Lack.INTRO, page.section_id, language=language)


def _of(question: Written, before: Mapping[int, Written]) -> Iterator[tuple[Lack, str]]:
    yield from ((Lack.TEXT, language) for language in _missing(question.text))
    if question.kind in PAIRS:
        yield from ((Lack.SECOND_TEXT, language) for language in _missing(question.second_text))
    yield from ((Lack.HELP, language) for language in _half_missing(question.help))
    yield from ((Lack.UNIT, language) for language in _half_missing(question.unit))
    for language in LANGUAGES:
        if any(not choice.label.get(language, "").strip() for choice in question.choices):
            yield Lack.LABEL, language
    yield from ((lack, "") for lack in _of_choices(question))
    yield from ((lack, "") for lack in _of_rule(question, before))


def _of_choices(question: Written) -> Iterator[Lack]:
    if question.kind not in WITH_CHOICES:
        return
    opinions = [choice for choice in question.choices if not choice.no_opinion]
    if len(opinions) < FEWEST_CHOICES:
        yield Lack.TOO_FEW_CHOICES
    elif question.kind == "share" and not any(choice.positive for choice in opinions):
        yield Lack.NO_POSITIVE
    elif question.kind == "share" and all(choice.positive for choice in opinions):
        yield Lack.ALL_POSITIVE


def _of_rule(question: Written, before: Mapping[int, Written]) -> Iterator[Lack]:
    if question.shown_by is None:
        return
    decides = before.get(question.shown_by)
    if decides is None:
        yield Lack.RULE_FORWARDS
    elif not question.shown_values or not set(question.shown_values) <= {
        choice.value for choice in decides.choices if not choice.no_opinion
    }:
        yield Lack.RULE_VALUES


def _missing(texts: Texts) -> list[str]:
    return [language for language in LANGUAGES if not texts.get(language, "").strip()]


def _half_missing(texts: Texts) -> list[str]:
    """A text that may be left out, but not in one language alone."""
    missing = _missing(texts)
    return missing if len(missing) < len(LANGUAGES) else []
