"""The log in words: who did what when, and for every change what it was and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators import wording
from indicators.definition_wording import LABEL
from indicators.models.raw import MeasurementState
from indicators.read_models.jobs import BREAKDOWN
from indicators.sources.table_file import Sheet
from indicators.templatetags.figures import with_unit

KIND = {
    "sign_in": gettext_lazy("Sign-ins"),
    "change": gettext_lazy("Changes"),
    "value": gettext_lazy("Values handed in"),
    "judgement": gettext_lazy("Goal judgements"),
    "decision": gettext_lazy("Decisions on priorities"),
}
OUTCOME = {
    "succeeded": pgettext_lazy("log", "Logged in"),
    "failed": pgettext_lazy("log", "Tried to log in with the wrong password"),
    "signed_out": pgettext_lazy("log", "Logged out"),
}
METHOD = {
    "password": gettext_lazy("with a password"),
    "code": gettext_lazy("with a code from the app"),
    "passkey": gettext_lazy("with a passkey"),
    "recovery code": gettext_lazy("with a recovery code"),
    "single sign-on": gettext_lazy("through the organisation"),
}
THING = {
    "indicator": gettext_lazy("Indicator"),
    "target": gettext_lazy("Target"),
    "seriesbreak": gettext_lazy("Break in the series"),
    "department": gettext_lazy("Department"),
    "peergroup": gettext_lazy("Group of municipalities"),
    "role": pgettext_lazy("of a person", "Role"),
    "contact": gettext_lazy("Letters and language"),
    "user": gettext_lazy("Account"),
    "authenticator": gettext_lazy("Second factor"),
    "inputperiod": gettext_lazy("Input period"),
    "inputexception": gettext_lazy("Exception from an input period"),
    "committee": gettext_lazy("Committee"),
    "vision": gettext_lazy("Vision"),
    "strategicissue": gettext_lazy("Strategic issue"),
    "goal": gettext_lazy("Goal"),
    "goalindicator": gettext_lazy("Indicator of a goal"),
    "direction": pgettext_lazy("level of the chain", "Direction"),
    "directive": gettext_lazy("Directive"),
    "levelname": gettext_lazy("Name of a level"),
    "prioritisation": gettext_lazy("Prioritisation"),
    "criterion": gettext_lazy("Criterion"),
    "candidate": gettext_lazy("Candidate"),
    "participant": gettext_lazy("Participant"),
    "survey": gettext_lazy("Survey"),
    "wave": pgettext_lazy("of a survey", "Wave"),
    "section": gettext_lazy("Page of a questionnaire"),
    "question": gettext_lazy("Question"),
    "questionversion": gettext_lazy("Wording of a question"),
    "item": gettext_lazy("Question in a wave"),
    "satisfactionindex": gettext_lazy("Satisfaction index"),
    "stratum": gettext_lazy("Group in the sample"),
    "indicatorlink": gettext_lazy("Result that feeds an indicator"),
}
ACTION = {0: pgettext_lazy("log", "made"), 1: pgettext_lazy("log", "changed"), 2: pgettext_lazy("log", "removed")}
FIELD = LABEL | {
    "text": gettext_lazy("Text"),
    "title": gettext_lazy("Title"),
    "sentence": gettext_lazy("Sentence"),
    "short": gettext_lazy("Short name"),
    "singular": gettext_lazy("One of them"),
    "plural": gettext_lazy("Several"),
    "level": gettext_lazy("Level of the chain"),
    "order": gettext_lazy("Order"),
    "goal": gettext_lazy("Goal"),
    "issue": gettext_lazy("Strategic issue"),
    "vision": gettext_lazy("Vision"),
    "committee": gettext_lazy("Committee"),
    "departments": gettext_lazy("Departments"),
    "indicators": gettext_lazy("Indicators"),
    "key": gettext_lazy("Key indicator"),
    "weight": gettext_lazy("Weight"),
    "example": gettext_lazy("Only an example"),
    "decided_on": gettext_lazy("Decided on"),
    "decision": gettext_lazy("Decision"),
    "copied_from": gettext_lazy("Copied from"),
    "capacity": gettext_lazy("How many at most"),
    "line": gettext_lazy("Place of the line"),
    "state": pgettext_lazy("of a thing in the log", "State"),
    "year": gettext_lazy("Year"),
    "version": gettext_lazy("Version"),
    "against": gettext_lazy("Speaks against"),
    "help": gettext_lazy("Help text"),
    "theme": gettext_lazy("Theme"),
    "chosen": gettext_lazy("Chosen"),
    "place": pgettext_lazy("on a list", "Place"),
    "prioritisation": gettext_lazy("Prioritisation"),
    "finished_at": gettext_lazy("Finished at"),
    "user": gettext_lazy("Person"),
    "type": gettext_lazy("Kind"),
    "kind": gettext_lazy("Kind"),
    "email": gettext_lazy("E-mail address"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "is_active": gettext_lazy("Account is open"),
    "is_superuser": gettext_lazy("Administrator from the command line"),
    "language": gettext_lazy("Language of letters"),
    "reminders": gettext_lazy("Reminders"),
    "opens_at": gettext_lazy("Opens"),
    "closes_at": gettext_lazy("Closes"),
    "note": gettext_lazy("Note"),
    "input_period": gettext_lazy("Input period"),
    "computed": gettext_lazy("Computed here"),
    "family": gettext_lazy("Family of lists"),
    "fetched_at": gettext_lazy("Fetched at"),
    "survey": gettext_lazy("Survey"),
    "wave": pgettext_lazy("of a survey", "Wave"),
    "section": gettext_lazy("Page of a questionnaire"),
    "question": gettext_lazy("Question"),
    "least_count": gettext_lazy("Least number of answers behind a count"),
    "least_base": gettext_lazy("Least number of answers behind a share or a mean of a group"),
    "keep_texts_days": gettext_lazy("Days that free texts are kept"),
    "overall": gettext_lazy("Question on satisfaction as a whole"),
    "invented": gettext_lazy("Invented answers"),
    "opens_on": gettext_lazy("First day"),
    "closes_on": gettext_lazy("Last day for answers"),
    "link_open": gettext_lazy("Open link"),
    "population": pgettext_lazy("of a survey", "Population"),
    "population_text": gettext_lazy("Who is asked about"),
    "frame_text": gettext_lazy("The register"),
    "mode_text": gettext_lazy("How people were asked"),
    "change_text": gettext_lazy("What is different this time"),
    "method_break": gettext_lazy("Not comparable with earlier waves"),
    "weighting": gettext_lazy("Weights"),
    "adjust_lonely": gettext_lazy("Margins of error with single answers"),
    "seed": gettext_lazy("Seed of the draw"),
    "intro": gettext_lazy("Introduction"),
    "topic": gettext_lazy("Topic"),
    "background": gettext_lazy("About the person"),
    "published_kpi": gettext_lazy("Others' results"),
    "second_text": gettext_lazy("Second question of the pair"),
    "continues": gettext_lazy("Continues the series"),
    "required": gettext_lazy("Must be answered"),
    "shown_by": gettext_lazy("Shown by the question"),
    "shown_values": gettext_lazy("Shown by the answers"),
    "items": gettext_lazy("Questions of the index"),
    "least_items": gettext_lazy("Least number of questions answered"),
    "bands": gettext_lazy("Words for bands"),
    "wanted": gettext_lazy("Wanted in the sample"),
    "sampled": gettext_lazy("Drawn"),
    "statistic": gettext_lazy("Kind of figure"),
    "part": gettext_lazy("Part of a pair"),
    "group": pgettext_lazy("of those asked", "Group"),
    "index": gettext_lazy("Index"),
}
# Of a row of these, `name` says another thing than the word for indicators does.
NAMES_A_ROLE = "role"
LONGEST = 400


@dataclass(frozen=True)
class SignInRow:
    outcome: str
    method: str


@dataclass(frozen=True)
class ChangeRow:
    """`changes`: (field, from, to), each as text, empty for nothing. `action`: 0 made, 1 changed, 2 removed."""

    thing: str
    title: str
    object_id: int | None
    action: int
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ValueRow:
    indicator: str
    code: str
    period: str
    breakdown: str
    state: str
    first: bool
    earlier: Decimal | None
    earlier_absence: str
    value: Decimal | None
    absence: str
    decimals: int
    symbol: str
    note: str


@dataclass(frozen=True)
class JudgementRow:
    goal: str
    code: str
    period: str
    earlier: str | None
    status: str
    motivation: str


@dataclass(frozen=True)
class DecisionRow:
    title: str
    prioritisation_id: int
    chosen: int
    set_aside: int


@dataclass(frozen=True)
class Entry:
    """One act. `who`: empty for the program."""

    at: datetime
    who: str
    what: SignInRow | ChangeRow | ValueRow | JudgementRow | DecisionRow


@dataclass(frozen=True)
class Difference:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    day: str
    time: str
    who: str
    kind: str
    what: str
    differences: tuple[Difference, ...]
    note: str


def lines(entries: Sequence[Entry]) -> list[Line]:
    return [line(entry) for entry in entries]


def line(entry: Entry) -> Line:
    at = timezone.localtime(entry.at)
    kind, what, differences, note = _told(entry.what)
    who = entry.who or _("The program")
    return Line(at.strftime("%Y-%m-%d"), at.strftime("%H:%M:%S"), who, kind, what, differences, note)


def _told(
    what: SignInRow | ChangeRow | ValueRow | JudgementRow | DecisionRow,
) -> tuple[str, str, tuple[Difference, ...], str]:
    if isinstance(what, SignInRow):
        used = ", ".join(str(METHOD.get(part, part)) for part in what.method.split(" + ") if part)
        return _("Sign-in"), str(OUTCOME[what.outcome]), (), used
    if isinstance(what, ChangeRow):
        return _change(what)
    if isinstance(what, ValueRow):
        return _value(what)
    if isinstance(what, JudgementRow):
        statuses = wording.STATUS
        before = str(statuses.get(what.earlier, what.earlier)) if what.earlier else ""
        after = str(statuses.get(what.status, what.status))
        return (
            _("Goal judgement"),
            f"{what.goal}, {what.period}",
            (Difference(_("Status"), before, after),),
            what.motivation,
        )
    chosen = ngettext("%(number)s chosen", "%(number)s chosen", what.chosen) % {"number": what.chosen}
    aside = ngettext("%(number)s set aside", "%(number)s set aside", what.set_aside) % {"number": what.set_aside}
    return _("Decision on priorities"), what.title, (), f"{chosen}, {aside}"


def _change(row: ChangeRow) -> tuple[str, str, tuple[Difference, ...], str]:
    thing = str(THING.get(row.thing, row.thing))
    what = f"{row.title}: {ACTION.get(row.action, '')}"
    told = row.changes if row.action == 1 else tuple(c for c in row.changes if row.thing in SMALL)
    differences = tuple(Difference(_field(row.thing, name), _short(a), _short(b)) for name, a, b in told if a != b)
    return thing, what, differences, ""


# Of these, making and removing tells every field: there is no other page where they are read.
SMALL = {"role", "contact", "target", "seriesbreak", "inputperiod", "inputexception", "goalindicator", "authenticator"}


def _field(thing: str, name: str) -> str:
    """“Definition (English)”; a field without a word of its own by its name in the program."""
    if thing == NAMES_A_ROLE and name == "name":
        return pgettext("of a person", "Role")
    base, _line, tongue = name.rpartition("_")
    if tongue in ("sv", "en") and base in FIELD:
        language = pgettext("texts in", "Swedish") if tongue == "sv" else pgettext("texts in", "English")
        return f"{FIELD[base]} ({language})"
    return str(FIELD.get(name, name))


def _short(text: str) -> str:
    return {"True": _("yes"), "False": _("no")}.get(text) or (text if len(text) <= LONGEST else text[:LONGEST] + "…")


def _value(row: ValueRow) -> tuple[str, str, tuple[Difference, ...], str]:
    where = [row.indicator, wording.period_label(row.period), str(BREAKDOWN[row.breakdown])]
    before = "" if row.first else _amount(row.earlier, row.earlier_absence, row)
    state = str(MeasurementState(row.state).label)
    difference = Difference(state, before, _amount(row.value, row.absence, row))
    return _("Value"), ", ".join(part for part in where if part), (difference,), row.note


def _amount(value: Decimal | None, absence: str, row: ValueRow) -> str:
    if value is not None:
        return with_unit(value, row.decimals, row.symbol)
    return str(wording.ABSENCE[absence]) if absence else _("empty")


def sheet(entries: Sequence[Entry]) -> Sheet:
    """One line a changed field, for those who look through the log elsewhere."""
    header = [_("When"), _("Who"), _("Kind"), _("What"), _("Field"), _("From"), pgettext("a value", "To"), _("Note")]
    rows = []
    for item in lines(entries):
        for difference in item.differences or (Difference("", "", ""),):
            told = (difference.field, difference.before, difference.after)
            rows.append([f"{item.day} {item.time}", item.who, item.kind, item.what, *told, item.note])
    return Sheet(_("Log"), header, rows)
