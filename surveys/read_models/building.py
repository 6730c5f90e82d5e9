"""The pages on which strategists build a survey: rows in words, what a questionnaire lacks, the steps of a wave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators.periods import Period, PeriodError
from indicators.templatetags.figures import language, number, with_unit
from surveys.compute.completeness import Fault, Lack, Written, WrittenPage
from surveys.compute.waves import response
from surveys.read_models.answering import QuestionView

PREPARING, OPEN, CLOSED = "preparing", "open", "closed"
STATES = {
    PREPARING: gettext_lazy("Being prepared"),
    OPEN: pgettext_lazy("state of a survey", "Open"),
    CLOSED: pgettext_lazy("state of a survey", "Closed"),
}
KINDS = {
    "share": gettext_lazy("Scale in words, with “don't know”"),
    "five": gettext_lazy("Grade 1 to 5"),
    "ten": gettext_lazy("Grade 1 to 10"),
    "single": gettext_lazy("One choice"),
    "multiple": gettext_lazy("Several choices"),
    "number": gettext_lazy("A number"),
    "text": gettext_lazy("Free text"),
    "expectation": gettext_lazy("Expectation and experience"),
    "kano": gettext_lazy("Pair for needs (Kano)"),
}
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


# ── rows that queries give ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WaveRow:
    code: str
    period: str
    state: str
    opens_on: date | None
    closes_on: date | None
    questions: int
    released: bool

    @property
    def state_word(self) -> str:
        return _("Results released") if self.released else str(STATES[self.state])

    @property
    def mark(self) -> str:
        """The state as a class of the page's style sheet."""
        return "released" if self.released else self.state

    @property
    def period_text(self) -> str:
        return period_text(self.period)

    @property
    def days(self) -> str:
        if self.opens_on is None and self.closes_on is None:
            return _("No dates yet")
        return f"{self.opens_on or '…'} – {self.closes_on or '…'}"

    @property
    def questions_text(self) -> str:
        return count_of_questions(self.questions)


@dataclass(frozen=True)
class SurveyRow:
    code: str
    name: str
    department: str
    invented: bool
    waves: tuple[WaveRow, ...]


@dataclass(frozen=True)
class VersionRow:
    """`waves`: the codes of those that asked in these words."""

    number: int
    text: str
    continues: bool
    reason: str
    waves: tuple[str, ...]

    @property
    def history(self) -> str:
        """What the wording is to the one before it; "" for the first."""
        if self.number == 1:
            return ""
        if self.continues:
            return _("Continues the series: %(reason)s") % {"reason": self.reason}
        return _("Starts the series anew.")

    @property
    def waves_text(self) -> str:
        return ", ".join(self.waves) or _("not asked yet")


@dataclass(frozen=True)
class QuestionRow:
    code: str
    kind: str
    topic: str
    background: bool
    versions: tuple[VersionRow, ...]

    @property
    def newest(self) -> VersionRow:
        return self.versions[-1]

    @property
    def kind_word(self) -> str:
        return str(KINDS[self.kind])


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
class Standing:
    """What a wave has come to, counted. `waiting`: answers not mixed yet; `responses`: those that are."""

    state: str
    opens_on: date | None
    closes_on: date | None
    today: date
    link_open: bool
    pages: int
    questions: int
    lacks: int
    frame: bool
    invited: int
    answered: int
    mailings: int
    waiting: int
    responses: int
    imports: int
    comments: int
    draft: bool
    blocked: bool
    released: bool


def period_text(code: str) -> str:
    try:
        return Period.parse(code).label(language())
    except PeriodError:
        return code


def count_of_questions(count: int) -> str:
    return ngettext("%(n)s question", "%(n)s questions", count) % {"n": number(count)}


# ── the questionnaire in the editor ───────────────────────────────────────────────────────────────────────────────────


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


def in_language(texts: Mapping[str, str]) -> str:
    """A text in the reader's language, else in the other one."""
    return texts.get(language()) or next((text for text in texts.values() if text), "")


def fault_text(fault: Fault) -> str:
    told = str(LACKS[fault.lack])
    return told % {"language": str(LANGUAGE_NAMES[fault.language])} if fault.language else told


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


# ── the wave's page ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    """A step of a wave. `state`: done, going, next, waiting (something before it is not done), optional, unused; `address`: the name
    of the page where it is done; `act`: “open” or “close” where it is a button on the wave's own page."""

    key: str
    title: str
    text: str
    state: str
    state_word: str
    address: str = ""
    link: str = ""
    act: str = ""
    blocks: tuple[str, ...] = ()


STEP_STATES = {
    "done": pgettext_lazy("step of a wave", "Done"),
    "next": pgettext_lazy("step of a wave", "Next"),
    "going": pgettext_lazy("step of a wave", "Going on"),
    "waiting": pgettext_lazy("step of a wave", "Later"),
    "optional": pgettext_lazy("step of a wave", "If you want"),
    "unused": pgettext_lazy("step of a wave", "Not used"),
}


@dataclass(frozen=True)
class _Plan:
    """A step before it is known which one is next. `needed`: whether the wave cannot go on without it;
    `going`: it goes on now, until its last day."""

    key: str
    title: str
    text: str
    done: bool
    needed: bool = True
    going: bool = False
    address: str = ""
    link: str = ""
    act: str = ""
    blocks: tuple[str, ...] = ()


def steps(standing: Standing) -> list[Step]:
    """The way of a wave from its questionnaire to released results. One step at most is next."""
    plans = [
        _questionnaire(standing), _sample(standing), _letters(standing), _open(standing), _answers(standing),
        _close(standing), _results(standing), _release(standing),
    ]  # fmt: skip
    may = {"close"} if standing.state == OPEN else set()
    found: list[Step] = []
    next_found = False
    for plan in plans:
        if plan.going:
            state, next_found = "going", True
        elif plan.done:
            state = "done"
        elif not plan.needed:
            state = "unused" if standing.state == CLOSED else "optional"
        elif not next_found:
            state, next_found = "next", True
        else:
            state = "waiting"
        act = plan.act if state == "next" or plan.act in may else ""
        found.append(
            Step(
                plan.key, plan.title, plan.text, state, str(STEP_STATES[state]), plan.address, plan.link, act,
                plan.blocks if state == "next" else (),
            )
        )  # fmt: skip
    return found


def _questionnaire(standing: Standing) -> _Plan:
    pages = ngettext("%(n)s page", "%(n)s pages", standing.pages) % {"n": number(standing.pages)}
    text = _("%(questions)s on %(pages)s.") % {
        "questions": count_of_questions(standing.questions),
        "pages": pages,
    }
    if standing.lacks and standing.state == PREPARING:
        lacks = ngettext("%(n)s thing is missing.", "%(n)s things are missing.", standing.lacks)
        text = f"{text} {lacks % {'n': number(standing.lacks)}}"
    return _Plan(
        "questionnaire",
        _("Questionnaire"),
        text,
        done=standing.state != PREPARING or not standing.lacks,
        address="wave-questionnaire",
        link=_("Write the questions") if standing.state == PREPARING else _("Read the questions"),
    )


def _sample(standing: Standing) -> _Plan:
    if standing.invited:
        text = ngettext("%(n)s person is in the sample.", "%(n)s people are in the sample.", standing.invited)
        text %= {"n": number(standing.invited)}
    elif standing.frame:
        text = _("A register has been read in. The sample has not been drawn.")
    elif standing.state == CLOSED:
        text = _("No sample was drawn here.")
    elif standing.link_open:
        text = _("Not needed: anybody may answer by the open link.")
    else:
        text = _("Read in a register and draw a sample, or let anybody answer by an open link.")
    return _Plan(
        "sample",
        pgettext("of a survey", "Sample"),
        text,
        done=bool(standing.invited),
        needed=not _can_go_without_sample(standing),
        address="wave-sample",
        link=_("To the sample"),
    )


def _can_go_without_sample(standing: Standing) -> bool:
    return standing.link_open or standing.state == CLOSED or bool(standing.responses)


def _letters(standing: Standing) -> _Plan:
    if standing.mailings:
        text = ngettext("%(n)s mailing has been made.", "%(n)s mailings have been made.", standing.mailings)
        text %= {"n": number(standing.mailings)}
    elif standing.state == CLOSED:
        text = _("No invitations were sent from here.")
    else:
        text = _("Letters with a personal link, or e-mails. Reminders go only to those who have not answered.")
    return _Plan(
        "letters",
        _("Invitations"),
        text,
        done=bool(standing.mailings),
        needed=not _can_go_without_sample(standing),
        address="wave-letters",
        link=_("To the invitations"),
    )


def _open(standing: Standing) -> _Plan:
    opened = standing.state != PREPARING
    if opened:
        text = _("Open since %(day)s.") if standing.state == OPEN else _("Opened on %(day)s.")
        text %= {"day": standing.opens_on}
    else:
        text = _("From then on people can answer, and the questions stand as they are.")
    return _Plan("open", _("Open"), text, done=opened, act="open", blocks=tuple(_blocks_opening(standing)))


def _blocks_opening(standing: Standing) -> list[str]:
    """What must be settled on other pages before the wave can open."""
    told = []
    if standing.lacks:
        told.append(_("The questionnaire is not complete."))
    if standing.closes_on is None:
        told.append(_("The last day for answers is not set."))
    elif standing.closes_on < standing.today:
        told.append(_("The last day for answers, %(day)s, has passed.") % {"day": standing.closes_on})
    if standing.opens_on is not None and standing.opens_on > standing.today:
        told.append(_("The first day, %(day)s, has not come yet.") % {"day": standing.opens_on})
    return told


def _answers(standing: Standing) -> _Plan:
    came = standing.responses + standing.waiting
    text = ngettext("%(n)s answer has come in.", "%(n)s answers have come in.", came) % {"n": number(came)}
    if standing.invited:
        rate = with_unit(100 * response(standing.answered, standing.invited).rate, 1, "%")
        text += " " + _("Of the sample %(answered)s of %(invited)s have answered: a response rate of %(rate)s.") % {
            "answered": number(standing.answered),
            "invited": number(standing.invited),
            "rate": rate,
        }
    if standing.state == OPEN and standing.closes_on is not None:
        text += " " + _("The last day is %(day)s.") % {"day": standing.closes_on}
    return _Plan(
        "answers",
        _("Answers"),
        text,
        done=bool(came) or standing.state == CLOSED,
        going=standing.state == OPEN and standing.closes_on is not None and standing.today <= standing.closes_on,
        address="wave-imports",
        link=_("Read in answers from a file"),
    )


def _close(standing: Standing) -> _Plan:
    closed = standing.state == CLOSED
    if closed:
        text = _("Closed on %(day)s.") % {"day": standing.closes_on}
    else:
        text = _("No more answers are taken, and the results can be made. A closed wave cannot be opened again.")
    return _Plan("close", pgettext("step of a wave", "Close"), text, done=closed, act="close")


def _results(standing: Standing) -> _Plan:
    if standing.blocked:
        text = _("The results are held back: they could tell what single people answered.")
    elif standing.released:
        text = _("Results have been made.")
    elif standing.draft:
        text = _("A draft of the results is there to look at.")
    else:
        text = _("Estimated from the answers and checked so that nobody can be recognised.")
    return _Plan(
        "results",
        _("Results"),
        text,
        done=standing.draft or standing.released,
        address="wave-results",
        link=_("To the results"),
    )


def _release(standing: Standing) -> _Plan:
    text = (
        _("Everybody can read the results, and they feed the indicators they are linked to.")
        if standing.released
        else _("Shows the results to everybody and carries them over to the indicators.")
    )
    return _Plan(
        "release",
        pgettext("step of a wave", "Release"),
        text,
        done=standing.released,
        address="survey-wave" if standing.released else "wave-results",
        link=_("Read the released results") if standing.released else _("To the results"),
    )


def comments_text(waiting: int) -> str:
    """How many free texts wait to be read; "" where none do."""
    if not waiting:
        return ""
    return ngettext("%(n)s free text waits to be read.", "%(n)s free texts wait to be read.", waiting) % {
        "n": number(waiting)
    }


# ── the survey's page ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TopicRows:
    name: str
    rows: tuple[QuestionRow, ...]


def by_topic(rows: Sequence[QuestionRow], names: Mapping[str, str]) -> list[TopicRows]:
    """The questions of a survey under the library's topics, in its order; those of no topic last."""
    order = [*names, ""]
    groups: dict[str, list[QuestionRow]] = {}
    for row in rows:
        groups.setdefault(row.topic if row.topic in names else "", []).append(row)
    return [
        TopicRows(names.get(topic) or _("Own questions"), tuple(groups[topic])) for topic in order if topic in groups
    ]


def survey_facts(
    *, department: str, least_count: int, least_base: int, keep_texts_days: int, overall: str
) -> list[dict[str, str]]:  # fmt: skip
    """The settings that hold for all waves."""
    days = ngettext("%(n)s day after a wave has closed", "%(n)s days after a wave has closed", keep_texts_days)
    least = ngettext("of at least %(n)s answer", "of at least %(n)s answers", least_count)
    base = ngettext("of at least %(n)s answer", "of at least %(n)s answers", least_base)
    return [
        {"name": _("Who asks"), "text": department},
        {"name": _("Counts are shown"), "text": least % {"n": number(least_count)}},
        {"name": _("Shares of groups are shown"), "text": base % {"n": number(least_base)}},
        {"name": _("Free texts are kept"), "text": days % {"n": number(keep_texts_days)}},
        {"name": _("Question on satisfaction as a whole"), "text": overall or _("None chosen")},
    ]


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
    return [
        view if view.shown else replace(view, shown=True, hint=f"{view.hint} {note}".strip()) for view in views
    ]
