"""The questionnaire in its editor: pages and questions with what they lack, the library to add from, the preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from surveys.compute.completeness import Fault, Lack, Written, WrittenPage
from surveys.read_models.answering import QuestionView
from surveys.read_models.building import KINDS, in_language

KIND_MEANS = {
    "share": gettext_lazy("Four or so answers in words. The result is the share of good answers."),
    "five": gettext_lazy("Grades with words at the ends. The result is a mean, and the share of 4 and 5."),
    "ten": gettext_lazy("Finer grades, needed for a satisfaction index."),
    "single": gettext_lazy("One answer of several, for example about the person who answers."),
    "multiple": gettext_lazy("As many answers as fit."),
    "number": gettext_lazy("A count or an amount, within limits that you set."),
    "text": gettext_lazy("Own words. Names and numbers are masked before anybody reads them."),
    "expectation": gettext_lazy("The level that people expect and the one they meet, from 1 to 10."),
    "kano": gettext_lazy("How it would be with something, and how without it. Shows what kind of need it meets."),
}
LANGUAGE_NAMES = {"sv": gettext_lazy("Swedish"), "en": gettext_lazy("English")}
# In the middle of a sentence.
IN_LANGUAGE = {"sv": pgettext_lazy("missing in", "Swedish"), "en": pgettext_lazy("missing in", "English")}
LACKS = {
    Lack.NO_QUESTIONS: gettext_lazy("There are no questions yet."),
    Lack.EMPTY_SECTION: gettext_lazy("The page has no questions. Add some, or remove the page."),
    Lack.TITLE: gettext_lazy("The page's title is missing in %(language)s."),
    Lack.INTRO: gettext_lazy("The page's introduction is missing in %(language)s."),
    Lack.TEXT: gettext_lazy("The question is missing in %(language)s."),
    Lack.SECOND_TEXT: gettext_lazy("The second question of the pair is missing in %(language)s."),
    Lack.HELP: gettext_lazy("The help text is missing in %(language)s."),
    Lack.UNIT: gettext_lazy("The unit is missing in %(language)s."),
    Lack.LABEL: gettext_lazy("A choice has no words in %(language)s."),
    Lack.TOO_FEW_CHOICES: gettext_lazy("There must be at least two choices besides “don't know”."),
    Lack.NO_POSITIVE: gettext_lazy("No choice is marked as a good answer, so there is no share to show."),
    Lack.ALL_POSITIVE: gettext_lazy("All choices are marked as good answers, so the share would always be all."),
    Lack.RULE_FORWARDS: gettext_lazy("It hangs on a question that is asked after it. Move one of them."),
    Lack.RULE_VALUES: gettext_lazy("It hangs on answers that do not exist any more. Choose which answers show it."),
}


@dataclass(frozen=True)
class ItemRow:
    """`asked_before`: in a wave that has opened; then its wording is versioned. `published`: other municipalities'
    results exist."""

    required: bool
    background: bool
    version: int
    continues: bool
    asked_before: bool
    published: bool


@dataclass(frozen=True)
class EditedItem:
    """A question in the editor. `rule`: when it shows, "" where always; `choices`: its answers in one line."""

    id: int
    number: int
    text: str
    second_text: str
    kind: str
    choices: str
    notes: tuple[str, ...]
    rule: str
    faults: tuple[str, ...]
    first: bool
    last: bool


@dataclass(frozen=True)
class EditedPage:
    id: int
    number: int
    title: str
    intro: str
    items: tuple[EditedItem, ...]
    faults: tuple[str, ...]
    first: bool
    last: bool


@dataclass(frozen=True)
class Told:
    """A fault with the place that it is mended at: the anchor of a question or of a page; "" for the whole."""

    where: str
    text: str
    anchor: str


def edited_pages(pages: Sequence[WrittenPage], rows: Mapping[int, ItemRow], found: Sequence[Fault]) -> list[EditedPage]:
    """The questionnaire as the editor shows it, in the reader's language where that exists."""
    words = {question.item_id: question for page in pages for question in page.questions}
    count = 0
    shown: list[EditedPage] = []
    for at, page in enumerate(pages):
        items = []
        for place, question in enumerate(page.questions):
            count += 1
            ends = (at == 0 and place == 0, at == len(pages) - 1 and place == len(page.questions) - 1)
            items.append(_edited_item(count, question, rows[question.item_id], words, found, ends))
        shown.append(
            EditedPage(
                id=page.section_id,
                number=at + 1,
                title=in_language(page.title),
                intro=in_language(page.intro),
                items=tuple(items),
                faults=tuple(
                    fault_text(fault) for fault in found if fault.section_id == page.section_id and not fault.item_id
                ),
                first=at == 0,
                last=at == len(pages) - 1,
            )
        )
    return shown


def _edited_item(
    count: int, question: Written, row: ItemRow, words: Mapping[int, Written], found: Sequence[Fault],
    ends: tuple[bool, bool],
) -> EditedItem:  # fmt: skip
    return EditedItem(
        id=question.item_id,
        number=count,
        text=in_language(question.text) or _("(no text)"),
        second_text=in_language(question.second_text),
        kind=str(KINDS[question.kind]),
        choices=" · ".join(in_language(choice.label) for choice in question.choices),
        notes=tuple(_notes(row)),
        rule=_rule(question, words),
        faults=tuple(fault_text(fault) for fault in found if fault.item_id == question.item_id),
        first=ends[0],
        last=ends[1],
    )


def _notes(row: ItemRow) -> list[str]:
    told = []
    if row.required:
        told.append(_("Must be answered"))
    if row.background:
        told.append(_("About the person"))
    if row.published:
        told.append(_("Others' results exist"))
    if row.version > 1:
        told.append(_("Wording %(number)s, continues") if row.continues else _("Wording %(number)s, starts anew"))
        told[-1] %= {"number": row.version}
    return told


def _rule(question: Written, words: Mapping[int, Written]) -> str:
    if question.shown_by is None:
        return ""
    decides = words.get(question.shown_by)
    if decides is None:
        return _("Shown by a question that is not here.")
    labels = [in_language(choice.label) for choice in decides.choices if choice.value in question.shown_values]
    return _("Shown only if “%(question)s” is answered with: %(answers)s") % {
        "question": in_language(decides.text),
        "answers": ", ".join(labels) or "–",
    }


def fault_text(fault: Fault) -> str:
    told = str(LACKS[fault.lack])
    return told % {"language": str(IN_LANGUAGE[fault.language])} if fault.language else told


def told_faults(pages: Sequence[WrittenPage], found: Sequence[Fault]) -> list[Told]:
    """What is missing, each with where it is."""
    titles = {page.section_id: in_language(page.title) for page in pages}
    texts = {question.item_id: in_language(question.text) for page in pages for question in page.questions}
    return [
        Told(
            where=(texts.get(fault.item_id) if fault.item_id else titles.get(fault.section_id)) or "",
            text=fault_text(fault),
            anchor=f"item-{fault.item_id}" if fault.item_id else f"page-{fault.section_id}" if fault.section_id else "",
        )
        for fault in found
    ]


def rule_choices(pages: Sequence[WrittenPage], item_id: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Answers that a question may hang on: those of questions with choices that are asked before it.

    Grouped by question; a choice is named “item:value”.
    """
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for page in pages:
        for question in page.questions:
            if question.item_id == item_id:
                return found
            if question.kind in ("share", "single", "multiple"):
                choices = [
                    (f"{question.item_id}:{choice.value}", in_language(choice.label))
                    for choice in question.choices
                    if not choice.no_opinion
                ]
                found.append((in_language(question.text), choices))
    return found


# ── the library ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Offer:
    """A question that can be added. `standing`: it is in the wave already."""

    code: str
    text: str
    second_text: str
    kind: str
    choices: str
    published: bool
    standing: bool


@dataclass(frozen=True)
class OfferedTopic:
    code: str
    name: str
    offers: tuple[Offer, ...]


def offered_topics(
    topics: Sequence[tuple[str, Mapping[str, str], Sequence[Mapping[str, object]]]], standing: set[str],
    topic: str, words: str,
) -> list[OfferedTopic]:  # fmt: skip
    """The library's questions that match: of one topic ("" for all) and with the words in either language."""
    found = []
    for code, name, questions in topics:
        if topic in ("", code):
            offers = tuple(_offer(question, standing) for question in questions if _matches(question, words))
            if offers:
                found.append(OfferedTopic(code, in_language(name), offers))
    return found


def _matches(question: Mapping[str, object], words: str) -> bool:
    texts = question["text"]
    assert isinstance(texts, Mapping)
    text = " ".join([*texts.values(), str(question["code"])]).casefold()
    return all(word in text for word in words.casefold().split())


def _offer(question: Mapping[str, object], standing: set[str]) -> Offer:
    options = question.get("options", [])
    assert isinstance(options, Sequence)
    return Offer(
        code=str(question["code"]),
        text=in_language(question["text"]),  # type: ignore[arg-type]
        second_text=in_language(question.get("second_text") or {}),  # type: ignore[arg-type]
        kind=str(KINDS[str(question["kind"])]),
        choices=" · ".join(in_language(option["label"]) for option in options),
        published=bool(question.get("published_kpi")),
        standing=question["code"] in standing,
    )


def scale_choices(scales: Mapping[str, Sequence[Mapping[str, object]]]) -> list[tuple[str, str]]:
    """Shared answers in words, each told by its choices."""
    return [
        (name, " · ".join(in_language(option["label"]) for option in options))  # type: ignore[arg-type]
        for name, options in scales.items()
        if any(option.get("positive") for option in options)
    ]


def preview_languages(shown_in: str, page: int) -> list[dict[str, object]]:
    """The tabs of the preview."""
    return [
        {"label": str(name), "url": f"?language={code}&page={page}", "current": code == shown_in}
        for code, name in LANGUAGE_NAMES.items()
    ]


def previewed(views: Sequence[QuestionView]) -> list[QuestionView]:
    """Questions as residents see them; those that hang on an answer show too, and say so."""
    note = _("Shown only after certain answers to an earlier question.")
    return [view if view.shown else replace(view, shown=True, hint=f"{view.hint} {note}".strip()) for view in views]
