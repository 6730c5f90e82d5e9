"""What residents see while they answer: questions as fields, the way through the pages, what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.templatetags.figures import number
from surveys.compute.questionnaire import (
    GRADES,
    LONGEST_TEXT,
    PAIRS,
    Absence,
    Answers,
    Asked,
    Choice,
    Given,
    Page,
    Questionnaire,
    is_shown,
    shown,
)

NO_OPINION = Absence.NO_OPINION.value
# The five answers to either half of a Kano pair, as surveys.compute.kano counts them.
NEEDS = {
    1: gettext_lazy("I would like that"),
    2: gettext_lazy("I take that for granted"),
    3: gettext_lazy("It does not matter to me"),
    4: gettext_lazy("I could live with that"),
    5: gettext_lazy("I would dislike that"),
}


class Layout(StrEnum):
    """How the answers to a question are laid out."""

    LIST = "list"
    SCALE = "scale"
    TICKS = "ticks"
    NUMBER = "number"
    TEXT = "text"


LAYOUTS = {
    "share": Layout.LIST, "single": Layout.LIST, "kano": Layout.LIST, "five": Layout.SCALE, "ten": Layout.SCALE,
    "expectation": Layout.SCALE, "multiple": Layout.TICKS, "number": Layout.NUMBER, "text": Layout.TEXT,
}  # fmt: skip


@dataclass(frozen=True)
class Tick:
    """A button or box to choose. `note`: what the end of a scale means, said beside its number."""

    id: str
    value: str
    label: str
    chosen: bool
    note: str = ""


@dataclass(frozen=True)
class Part:
    """The fields of one part of a question. `legend`: the half of a pair; `apart`: “don't know”, set apart from the
    rest; `low`, `high`: what the ends of a scale mean; `typed`: the text of a number or a free text."""

    name: str
    id: str
    ticks: tuple[Tick, ...] = ()
    apart: Tick | None = None
    legend: str = ""
    low: str = ""
    high: str = ""
    typed: str = ""


@dataclass(frozen=True)
class QuestionView:
    """A question with its fields. One that is not `shown` lies in the page, hidden and not sent, so that a script may
    show it as soon as `shown_by` (a question's code) is answered with one of `shown_values`."""

    code: str
    id: str
    layout: str
    grades: int
    text: str
    help: str
    hint: str
    required: bool
    shown: bool
    fault: str
    parts: tuple[Part, ...]
    unit: str = ""
    shown_by: str = ""
    shown_values: str = ""

    @property
    def described_by(self) -> str:
        """The ids of what is read out with the question."""
        told = {"fault": self.fault, "help": self.help, "hint": self.hint}
        return " ".join(f"{self.id}.{name}" for name, text in told.items() if text)

    @property
    def first_field(self) -> str:
        """Where a link to the question leads: its first field."""
        part = self.parts[0]
        return part.ticks[0].id if part.ticks else part.id


def field_name(code: str, part: int) -> str:
    """The name under which the answer to a part is sent; of several choices all are sent under part 0."""
    return f"q.{code}.{part}"


def question_views(
    questions: Sequence[Asked],
    questionnaire: Questionnaire,
    answers: Answers,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> list[QuestionView]:
    """Questions of a page as fields. `faults`: by code, what is wrong; `typed`: by field name, what was typed and could
    not be understood."""
    return [
        _view(asked, is_shown(asked, questionnaire, answers), answers.get(asked.code, {}), faults or {}, typed or {})
        for asked in questions
    ]


def _view(
    asked: Asked, visible: bool, given: Mapping[int, Given], faults: Mapping[str, str], typed: Mapping[str, str]
) -> QuestionView:
    layout = LAYOUTS[asked.kind]
    pair = asked.kind in PAIRS
    parts = (1, 2) if pair else (0,)
    legends = (asked.text, asked.second_text) if pair else ("",)
    return QuestionView(
        code=asked.code,
        id=f"q.{asked.code}",
        layout=layout.value,
        grades=GRADES[asked.kind][1] if layout is Layout.SCALE else 0,
        text="" if pair else asked.text,
        help=asked.help,
        hint=_hint(layout),
        required=asked.required,
        shown=visible,
        fault=faults.get(asked.code, ""),
        parts=tuple(
            _part(asked, layout, part, legend, given, typed) for part, legend in zip(parts, legends, strict=True)
        ),
        unit=asked.unit,
        shown_by=asked.shown_by,
        shown_values=" ".join(map(str, asked.shown_values)),
    )


def _hint(layout: Layout) -> str:
    if layout is Layout.TICKS:
        return _("You can choose several.")
    if layout is Layout.TEXT:
        return _("Do not write anything that shows who you or somebody else is. At most %(n)s characters.") % {
            "n": number(LONGEST_TEXT)
        }
    return ""


def _part(
    asked: Asked, layout: Layout, part: int, legend: str, given: Mapping[int, Given], typed: Mapping[str, str]
) -> Part:
    name = field_name(asked.code, part)
    answer = given.get(part)
    if layout is Layout.TICKS:
        chosen = {value for value, ticked in given.items() if ticked == 1}
        answer = NO_OPINION if NO_OPINION in given.values() else None
    else:
        chosen = {int(answer)} if isinstance(answer, int | float) else set()
    labels = _labels(asked)
    ends = _ends(asked)
    return Part(
        name=name,
        id=name,
        ticks=tuple(
            Tick(f"{name}.{value}", str(value), label, value in chosen, ends.get(value, ""))
            for value, label in labels.items()
        ),
        apart=_apart(asked, name, answer),
        legend=legend,
        low=ends.get(min(labels, default=0), ""),
        high=ends.get(max(labels, default=0), ""),
        typed=typed.get(name, _as_typed(answer)),
    )


def _labels(asked: Asked) -> dict[int, str]:
    """What can be chosen, by value, without “don't know”."""
    told = {choice.value: choice.label for choice in asked.options if not choice.no_opinion}
    if asked.kind == "kano":
        return {value: told.get(value) or str(words) for value, words in NEEDS.items()}
    if asked.kind in GRADES:
        low, high = GRADES[asked.kind]
        return {grade: number(grade) for grade in range(low, high + 1)}
    return told


def _ends(asked: Asked) -> dict[int, str]:
    """What a scale's numbers mean, where its options say so."""
    if LAYOUTS[asked.kind] is not Layout.SCALE:
        return {}
    return {choice.value: choice.label for choice in asked.options if not choice.no_opinion}


def no_opinion(asked: Asked) -> Choice | None:
    """The choice of a question that stands for having no opinion."""
    return next((choice for choice in asked.options if choice.no_opinion), None)


def _apart(asked: Asked, name: str, answer: Given | None) -> Tick | None:
    choice = no_opinion(asked)
    if choice is None or asked.kind == "text":
        return None
    return Tick(f"{name}.{NO_OPINION}", NO_OPINION, choice.label, answer == NO_OPINION)


def _as_typed(answer: Given | None) -> str:
    """A stored text or number as it stands in its field."""
    if isinstance(answer, str):
        return "" if answer in set(Absence) else answer
    if answer is None:
        return ""
    return number(answer, _decimals(answer))


def _decimals(value: float) -> int:
    """As many decimals as the number was given with, at most six."""
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


@dataclass(frozen=True)
class Way:
    """Where a page stands among those that show to somebody with these answers. Numbers are the addresses' own, from 1;
    `before` and `after`: None at the ends."""

    position: int
    count: int
    before: int | None
    after: int | None


def way(questionnaire: Questionnaire, answers: Answers, here: int) -> Way:
    """The way through the pages; one whose questions are all hidden is passed by."""
    codes = {asked.code for asked in shown(questionnaire, answers)}
    numbers = [place for place, page in enumerate(questionnaire.pages, start=1) if _shows(page, codes)]
    before = [place for place in numbers if place < here]
    after = [place for place in numbers if place > here]
    return Way(len(before) + 1, max(len(numbers), 1), before[-1] if before else None, after[0] if after else None)


def first_page(questionnaire: Questionnaire, answers: Answers) -> int:
    """The address of the page to go on with: the first one that shows with a question not answered yet, else the
    last that shows; of a questionnaire that shows nothing, 1."""
    open_codes = {asked.code for asked in shown(questionnaire, answers) if not answers.get(asked.code)}
    for place, page in enumerate(questionnaire.pages, start=1):
        if any(asked.code in open_codes for asked in page.questions):
            return place
    return last_page(questionnaire, answers)


def last_page(questionnaire: Questionnaire, answers: Answers) -> int:
    """The address of the last page that shows."""
    codes = {asked.code for asked in shown(questionnaire, answers)}
    numbers = [place for place, page in enumerate(questionnaire.pages, start=1) if _shows(page, codes)]
    return numbers[-1] if numbers else 1


def _shows(page: Page, codes: set[str]) -> bool:
    return not page.questions or any(asked.code in codes for asked in page.questions)


@dataclass(frozen=True)
class Answered:
    """A question and what was answered, in words; "" where it was passed over. `field`: where its field is."""

    text: str
    answer: str
    field: str
    lacking: bool


@dataclass(frozen=True)
class AnsweredPage:
    number: int
    title: str
    answered: tuple[Answered, ...]


def review(questionnaire: Questionnaire, answers: Answers, lacking: Sequence[str] = ()) -> list[AnsweredPage]:
    """Everything that would be sent, page by page. `lacking`: codes of questions that must be answered first."""
    codes = {asked.code for asked in shown(questionnaire, answers)}
    pages = []
    for place, page in enumerate(questionnaire.pages, start=1):
        told = [asked for asked in page.questions if asked.code in codes]
        lines = [
            line for asked in told for line in _answered(asked, answers.get(asked.code, {}), asked.code in lacking)
        ]
        if lines:
            pages.append(AnsweredPage(place, page.title, tuple(lines)))
    return pages


def _answered(asked: Asked, given: Mapping[int, Given], lacking: bool) -> list[Answered]:
    field = f"q.{asked.code}"
    if asked.kind == "multiple":
        return [Answered(asked.text, _several_in_words(asked, given), field, lacking)]
    texts = (asked.text, asked.second_text)
    halves = zip(texts, asked.parts, strict=False)
    return [
        Answered(text, _in_words(asked, given.get(part)), field, lacking and part not in given) for text, part in halves
    ]


def _several_in_words(asked: Asked, given: Mapping[int, Given]) -> str:
    apart = no_opinion(asked)
    if apart is not None and NO_OPINION in given.values():
        return apart.label
    return ", ".join(label for value, label in _labels(asked).items() if given.get(value) == 1)


def _in_words(asked: Asked, answer: Given | None) -> str:
    apart = no_opinion(asked)
    if answer == NO_OPINION:
        return apart.label if apart else ""
    if answer is None or asked.kind == "text":
        return _as_typed(answer)
    if asked.kind == "number":
        return f"{_as_typed(answer)} {asked.unit}".strip()
    assert isinstance(answer, int | float)
    return _labels(asked).get(int(answer), "")
