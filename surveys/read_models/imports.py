"""Files of answers: what the pages about them show. Texts that may be about a person are counted, never shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators.sources.sheet import column_letters
from indicators.sources.table_file import Sheet
from indicators.templatetags.figures import NO_BREAK_SPACE, number
from surveys.compute.answer_mapping import AnswerMapping, Known
from surveys.compute.answer_rows import AnswerFault, Rejection, Tally, Understood
from surveys.compute.answer_table import AnswerTable, Role, Sample, Target, is_harmless, is_long
from surveys.compute.questionnaire import GRADES, SINGLE_KINDS, Absence, Asked

ROLES = {
    Role.WEIGHT: pgettext_lazy("column of answers", "Weight"),
    Role.STRATUM: pgettext_lazy("column of answers", "Stratum"),
    Role.CLUSTER: pgettext_lazy("column of answers", "Cluster"),
    Role.RESPONDENT: pgettext_lazy("column of answers", "Respondent"),
    Role.QUESTION: pgettext_lazy("column of answers", "Question"),
    Role.ANSWER: pgettext_lazy("column of answers", "Answer"),
}
ABOUT_ROLE = {
    Role.WEIGHT: gettext_lazy("how much each respondent counts"),
    Role.STRATUM: gettext_lazy("which group of the sample each respondent belongs to"),
    Role.CLUSTER: gettext_lazy("respondents who were drawn together, e.g. a unit"),
    Role.RESPONDENT: gettext_lazy("whose row it is; never stored"),
    Role.QUESTION: gettext_lazy("which question the row answers, where each row is one answer"),
    Role.ANSWER: gettext_lazy("the answer itself, where each row is one answer"),
}
ABSENCE_WORDS = {
    Absence.NO_OPINION.value: pgettext_lazy("an answer", "no opinion"),
    Absence.REFUSED.value: pgettext_lazy("an answer", "not answered"),
}
FAULTS = {
    AnswerFault.UNKNOWN: gettext_lazy("The text is none of the question's choices."),
    AnswerFault.OUT_OF_RANGE: gettext_lazy("The number lies outside what the question allows."),
    AnswerFault.NOT_A_NUMBER: gettext_lazy("The text is no number."),
    AnswerFault.AMBIGUOUS: gettext_lazy(
        "The number can be read in two ways: a point may divide thousands or decimals."
    ),
    AnswerFault.TOO_LONG: gettext_lazy("The free text is longer than 4,000 characters."),
    AnswerFault.GIVEN_TWICE: gettext_lazy("The respondent answers the same question twice."),
    AnswerFault.WEIGHT: gettext_lazy("The weight is missing, no number, or not above 0."),
    AnswerFault.STRATUM: gettext_lazy("The stratum is missing, or none of those of the wave."),
    AnswerFault.CLUSTER: gettext_lazy("The cluster is missing or longer than 40 characters."),
    AnswerFault.SAME_RESPONDENT: gettext_lazy("The same respondent stands in an earlier row."),
}
STATES = {
    "mapping": gettext_lazy("Columns to be explained"),
    "previewed": gettext_lazy("Not read in yet"),
    "running": gettext_lazy("Being read in"),
    "committed": gettext_lazy("Read in"),
    "discarded": gettext_lazy("Put aside"),
    "failed": gettext_lazy("Failed, nothing was read in"),
}
MOST_TEXTS = 40
MOST_ERROR_ROWS = 10_000


def moment(when: datetime) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def target_text(target: Target) -> str:
    """A target as it is typed and shown."""
    return str(ROLES[target.role]) if target.role else target.text


def meanings(one: Known) -> list[tuple[str, str]]:
    """What a text in the answers to a question may mean: (stored, shown)."""
    options = one.asked.options
    if one.asked.kind == "multiple":
        choices = [("1", _("chosen")), ("0", _("not chosen"))]
    elif one.asked.kind in GRADES:
        low, high = GRADES[one.asked.kind]
        labels = {option.value: option.label for option in options}
        choices = [(str(grade), f"{grade} {labels.get(grade, '')}".strip()) for grade in range(low, high + 1)]
    else:
        choices = [(str(option.value), option.label) for option in options if not option.no_opinion]
    return [
        *choices,
        (Absence.NO_OPINION.value, str(ABSENCE_WORDS[Absence.NO_OPINION.value])),
        (Absence.REFUSED.value, str(ABSENCE_WORDS[Absence.REFUSED.value])),
    ]


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FileShown:
    id: int
    filename: str
    uploaded: str
    state: str
    told: str


def files(rows: Sequence[Any]) -> list[FileShown]:
    """Uploaded files (AnswerImport), as they come."""
    return [
        FileShown(row.pk, row.filename, moment(row.uploaded_at), str(STATES[row.state]), _told(row)) for row in rows
    ]


def _told(row: Any) -> str:
    return brought(row.respondents, row.answers) if row.state == "committed" else ""


def brought(respondents: int, answers: int) -> str:
    """“14 answers from 3 respondents”."""
    return _("%(answers)s from %(respondents)s") % {
        "answers": ngettext("%(n)s answer", "%(n)s answers", answers) % {"n": number(answers)},
        "respondents": ngettext("%(n)s respondent", "%(n)s respondents", respondents) % {"n": number(respondents)},
    }


def same_file(filename: str, uploaded_at: datetime) -> str:
    """Why a file whose rows are there already is not taken in."""
    return _(
        "The same answers were read in from the file “%(name)s”, uploaded %(when)s. Reading them in again would count "
        "everybody twice."
    ) % {"name": filename, "when": moment(uploaded_at)}


# ── columns ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ColumnShown:
    """A column, or an item of a long file, with the field that says what it is. `about`: the question's text."""

    field: str
    address: str
    header: str
    holds: str
    typed: str
    about: str
    fault: str


@dataclass(frozen=True)
class Suggestion:
    value: str
    label: str


@dataclass(frozen=True)
class ColumnsPage:
    title: str
    lead: str
    columns: Sequence[ColumnShown]
    items: Sequence[ColumnShown]
    suggestions: Sequence[Suggestion]
    refused: str
    no_opinion: str
    faults: Sequence[tuple[str, str]]


def columns_page(
    filename: str, table: AnswerTable, samples: Sequence[Sample], mapping: AnswerMapping, known: Sequence[Known],
    typed: Mapping[str, str], faults: Mapping[str, str],
) -> ColumnsPage:  # fmt: skip
    """`typed` and `faults`: field → text."""
    suggestions = _suggestions(known)
    about = {suggestion.value: suggestion.label for suggestion in suggestions}

    def shown(name: str, address: str, header: str, holds: str) -> ColumnShown:
        text = typed.get(name, "")
        return ColumnShown(name, address, header, holds, text, about.get(text, ""), faults.get(name, ""))

    columns = [
        shown(f"column-{place}", column_letters(place), header, _holds(sample))
        for place, (header, sample) in enumerate(zip(table.header, samples, strict=True))
    ]
    long = is_long(mapping.targets)
    items = [shown(f"item-{place}", "", text, "") for place, text in enumerate(mapping.items)] if long else []
    counted = ngettext("%(n)s row", "%(n)s rows", len(table)) % {"n": number(len(table))}
    return ColumnsPage(
        title=filename,
        lead=_("%(rows)s below the headers. Say what each column is; what you leave empty is not read.")
        % {"rows": counted},
        columns=columns,
        items=items,
        suggestions=suggestions,
        refused=typed.get("refused", ""),
        no_opinion=typed.get("no_opinion", ""),
        faults=list(faults.items()),
    )


def _holds(sample: Sample) -> str:
    """“1 · 2 · 3”, or how many different texts there are."""
    if not sample.distinct:
        return _("empty")
    if sample.shown:
        return " · ".join(sample.shown)
    return ngettext("%(n)s different text", "%(n)s different texts", sample.distinct) % {"n": number(sample.distinct)}


def _suggestions(known: Sequence[Known]) -> list[Suggestion]:
    found = []
    for one in known:
        asked = one.asked
        if asked.parts == (0,):
            found.append(Suggestion(asked.code, asked.text))
        elif asked.kind == "multiple":
            found.append(Suggestion(asked.code, _("%(text)s (all choices in one cell)") % {"text": asked.text}))
            found += [Suggestion(f"{asked.code}[{o.value}]", f"{asked.text}: {o.label}") for o in asked.options]
        else:
            found.append(Suggestion(f"{asked.code}[1]", asked.text))
            found.append(Suggestion(f"{asked.code}[2]", asked.second_text or asked.text))
    return found + [Suggestion(str(word), str(ABOUT_ROLE[role])) for role, word in ROLES.items()]


# ── the preview ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FaultShown:
    text: str
    column: str
    count: str
    row: str
    example: str


@dataclass(frozen=True)
class TextShown:
    """A text in the answers to a question, and what it may mean: (stored, shown, chosen)."""

    code: str
    text: str
    count: str
    meanings: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True)
class Explained:
    code: str
    title: str
    texts: Sequence[TextShown]
    withheld: str


@dataclass(frozen=True)
class QuestionShown:
    code: str
    title: str
    header: str
    answered: str
    no_opinion: str
    refused: str
    divided: str
    first: str
    explainable: bool


@dataclass(frozen=True)
class PreviewPage:
    """What a file would bring. `rejected_text`, `explain`: empty where everything was understood."""

    title: str
    lead: str
    facts: Sequence[Mapping[str, str]]
    rejected_text: str
    store_text: str
    storable: bool
    faults: Sequence[FaultShown]
    explain: Sequence[Explained]
    questions: Sequence[QuestionShown] = ()
    numbered: Sequence[tuple[str, str]] = ()
    first_rows: str = ""
    lacking: Sequence[str] = field(default_factory=tuple)


def preview_page(
    filename: str, table: AnswerTable, mapping: AnswerMapping, known: Sequence[Known], said: Understood, explain: str,
    tallies: Sequence[Tally],
) -> PreviewPage:  # fmt: skip
    """`explain`: the code of a question whose texts are all to be shown with what they mean. `tallies`: those of this
    page of the list."""
    respondents, answers = len(said.responses), len(said.answers)
    held = {tally.asked.code for tally in said.tallies}
    return PreviewPage(
        title=filename,
        lead=_lead(respondents, answers, len(said.texts)),
        facts=_facts(table, mapping, said),
        rejected_text=_rejected(said.rejected),
        store_text=_store_text(respondents, bool(said.rejected)),
        storable=respondents > 0,
        faults=[_fault(rejection) for rejection in said.rejections],
        explain=_explained(said.tallies, {one.asked.code: one for one in known}, explain),
        questions=[_question(tally) for tally in tallies],
        numbered=_numbered(said.tallies),
        first_rows=", ".join(number(line) for line in said.first_lines),
        lacking=[one.asked.text for one in known if one.asked.code not in held],
    )


def _lead(respondents: int, answers: int, texts: int) -> str:
    if not respondents:
        return _("No answer in the file can be read in. See below what is wrong.")
    lead = _("%(brought)s can be read in. Nothing has been stored yet.") % {"brought": brought(respondents, answers)}
    if not texts:
        return lead
    comments = ngettext(
        "%(n)s free text goes to the comments to be read, with names and numbers masked.",
        "%(n)s free texts go to the comments to be read, with names and numbers masked.",
        texts,
    ) % {"n": number(texts)}
    return f"{lead} {comments}"


def _facts(table: AnswerTable, mapping: AnswerMapping, said: Understood) -> list[dict[str, str]]:
    long = is_long(mapping.targets)
    targets = mapping.items.values() if long else mapping.targets
    read = sum(bool(target.code or target.role) for target in targets)
    roles = [str(ROLES[target.role]) for target in mapping.targets if target.role]
    return [
        {"name": _("Shape"), "text": _("one row an answer") if long else _("one row a respondent")},
        {"name": _("Rows in the file"), "text": number(len(table))},
        {
            "name": _("Questions in the file") if long else _("Columns"),
            "text": _("%(read)s read, %(rest)s left out") % {"read": number(read), "rest": number(len(targets) - read)},
        },
        {"name": _("About the respondent"), "text": ", ".join(roles)},
        {"name": _("Left out without any answer"), "text": number(said.empty)},
    ]


def _rejected(count: int) -> str:
    if not count:
        return ""
    told = ngettext("%(n)s answer or row was rejected.", "%(n)s answers or rows were rejected.", count)
    return told % {"n": number(count)}


def _store_text(respondents: int, rejected: bool) -> str:
    told = (
        ngettext(
            "Leave out what is rejected, and read in %(n)s respondent",
            "Leave out what is rejected, and read in %(n)s respondents",
            respondents,
        )
        if rejected
        else ngettext("Read in %(n)s respondent", "Read in %(n)s respondents", respondents)
    )
    return told % {"n": number(respondents)}


def _fault(rejection: Rejection) -> FaultShown:
    shown = rejection.fault in (AnswerFault.OUT_OF_RANGE, AnswerFault.AMBIGUOUS) and is_harmless(rejection.text)
    return FaultShown(
        text=str(FAULTS[rejection.fault]),
        column=_column(rejection.header, rejection.code),
        count=number(len(rejection.lines)),
        row=str(int(rejection.lines[0])),
        example=rejection.text if shown else "",
    )


def _column(header: str, code: str) -> str:
    return f"{header} → {code}" if code and code != header else header


def _explained(tallies: Sequence[Tally], known: Mapping[str, Known], explain: str) -> list[Explained]:
    found = []
    for tally in tallies:
        one, texts = known[tally.asked.code], dict(tally.unknown)
        if explain == tally.asked.code:
            texts = {**dict.fromkeys(tally.understood, 0), **texts}
        if texts:
            kept = _shown_texts(tally)
            shown = [
                TextShown(
                    one.asked.code, text, number(count) if count else "", _choices(one, tally.understood.get(text))
                )
                for text, count in texts.items()
                if text in kept or not count
            ]
            found.append(Explained(one.asked.code, _title(tally), shown, _withheld(len(texts) - len(shown))))
    return found


def _numbered(tallies: Sequence[Tally]) -> list[tuple[str, str]]:
    """Questions answered in words whose file holds numbers only, with what each is taken to mean: many programs number
    the choices as they stand on the page, and the whole scale would be turned round unseen."""
    found = []
    for tally in tallies:
        meant = {text: said for text, said in tally.understood.items() if said not in set(Absence)}
        if tally.asked.kind in SINGLE_KINDS and meant and all(text.strip().isdigit() for text in meant):
            read = (f"{code} = {_label(tally.asked, float(meant[code]))}" for code in sorted(meant, key=int))
            found.append((_title(tally), " · ".join(read)))
    return found


def _shown_texts(tally: Tally) -> frozenset[str]:
    """Texts that were not understood and may be shown: harmless ones, where they are few or repeat themselves."""
    texts = tally.unknown
    if len(texts) > MOST_TEXTS or (len(texts) > 8 and sum(texts.values()) < 2 * len(texts)):
        return frozenset()
    return frozenset(filter(is_harmless, texts))


def _withheld(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(n)s other text is not shown, since it may tell who answered. The list of faults says in which row.",
        "%(n)s other texts are not shown, since they may tell who answered. The list of faults says in which rows.",
        count,
    ) % {"n": number(count)}


def _choices(one: Known, chosen: str | None) -> list[tuple[str, str, bool]]:
    return [(stored, shown, stored == chosen) for stored, shown in meanings(one)]


def _title(tally: Tally) -> str:
    asked = tally.asked
    if asked.kind == "multiple":
        label = next((option.label for option in asked.options if option.value == tally.part), "")
        return f"{asked.text}: {label}"
    return asked.second_text if tally.part == 2 and asked.second_text else asked.text


def _question(tally: Tally) -> QuestionShown:
    return QuestionShown(
        code=tally.asked.code,
        title=_title(tally),
        header=tally.header,
        answered=number(tally.answered),
        no_opinion=number(tally.no_opinion),
        refused=number(tally.refused),
        divided=_divided(tally),
        first=" · ".join(_answer(tally.asked, said) for said in tally.first),
        explainable=bool(tally.understood or tally.unknown),
    )


def _divided(tally: Tally) -> str:
    """“Good 120 · Bad 30”; of numbers from where to where."""
    notes = []
    if tally.hidden:
        told = ngettext(
            "%(n)s answer is left out, since the question did not show to them",
            "%(n)s answers are left out, since the question did not show to them",
            tally.hidden,
        )
        notes.append(told % {"n": number(tally.hidden)})
    if tally.asked.kind == "number" and tally.values:
        ends = {"low": _plain(min(tally.values)), "high": _plain(max(tally.values))}
        return " · ".join([_("from %(low)s to %(high)s") % ends, *notes])
    counts = [f"{_label(tally.asked, value)}{NO_BREAK_SPACE}{number(count)}" for value, count in tally.values.items()]
    return " · ".join(counts + notes)


def _answer(asked: Asked, said: tuple[float, str] | None) -> str:
    if said is None:
        return pgettext("an answer", "not shown")
    value, absence = said
    if absence:
        return str(ABSENCE_WORDS[absence])
    return _("text") if asked.kind == "text" else _label(asked, value)


def _label(asked: Asked, value: float) -> str:
    if asked.kind == "multiple":
        return _("chosen") if value == 1 else _("not chosen")
    return next((option.label for option in asked.options if option.value == value), _plain(value))


def _plain(value: float) -> str:
    return number(value, 0 if value == int(value) else 2)


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ClosedPage:
    """A file that has been dealt with, or is being read in."""

    title: str
    lead: str
    state: str
    facts: Sequence[Mapping[str, str]]
    faults: Sequence[FaultShown]


LEADS = {
    "running": gettext_lazy("The answers are being read in. Load the page again in a moment."),
    "committed": gettext_lazy("The answers have been read in, and the file has been deleted here."),
    "discarded": gettext_lazy("The file was put aside and deleted here. Nothing was read in."),
    "failed": gettext_lazy("The file could not be read in. Nothing was stored."),
    "stuck": gettext_lazy("The work was broken off. Nothing was stored. Put the file aside and upload it again."),
}


def closed_page(delivery: Any, *, stuck: bool) -> ClosedPage:
    """What came of a file (AnswerImport). `stuck`: no job reads it in any more."""
    committed = delivery.state == "committed"
    facts = [
        {"name": pgettext("of a file", "Uploaded"), "text": moment(delivery.uploaded_at)},
        {"name": _("State"), "text": str(STATES[delivery.state])},
        {"name": _("Respondents"), "text": number(delivery.respondents) if committed else ""},
        {"name": _("Answers"), "text": number(delivery.answers) if committed else ""},
        {"name": _("Left out as faulty") if committed else _("Rejected"), "text": number(delivery.rejected)},
    ]
    return ClosedPage(
        title=delivery.filename,
        lead=str(LEADS["stuck" if stuck else delivery.state]),
        state="failed" if stuck else delivery.state,
        facts=facts,
        faults=[
            FaultShown(
                str(FAULTS[AnswerFault(told["fault"])]), _column(told["header"], told["question"]),
                number(told["count"]), str(told["row"]), "",
            )
            for told in delivery.rejections
        ],
    )  # fmt: skip


def fault_sheet(said: Understood) -> Sheet:
    """Every rejected row with its column and why, without what stood there (at most MOST_ERROR_ROWS)."""
    found = sorted(
        (int(line), rejection.header, rejection.code, str(FAULTS[rejection.fault]))
        for rejection in said.rejections
        for line in rejection.lines[:MOST_ERROR_ROWS].tolist()
    )
    header = [_("Row in the file"), _("Column"), _("Question"), _("Reason for rejection")]
    return Sheet(_("Rejected"), header, found[:MOST_ERROR_ROWS])
