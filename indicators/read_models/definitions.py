"""What the pages of definitions, targets, breaks, history and departments show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators import definition_wording, wording
from indicators.compute import frames
from indicators.compute.frames import DatedTarget, Evidence
from indicators.compute.status import Target
from indicators.periods import Kind, Period
from indicators.templatetags.figures import language, number

# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Subject:
    """The indicator that a page is about."""

    id: int
    code: str
    name: str
    symbol: str
    decimals: int
    share: bool
    good: str
    frequency: str
    source: str
    formula: str
    inputs: tuple[tuple[str, str], ...]
    retired_on: date | None

    @property
    def formula_words(self) -> str:
        return definition_wording.formula_words(self.formula) if self.formula else ""

    @property
    def computed(self) -> bool:
        return self.source == "computed"


@dataclass(frozen=True)
class TargetRow:
    """A stored target with what its numbers are written by."""

    id: int
    target: Target
    valid_from: int
    valid_to: int | None
    symbol: str
    decimals: int
    share: bool


@dataclass(frozen=True)
class ListRow:
    code: str
    name: str
    area: str
    area_name: str
    department_code: str
    department: str
    source: str
    frequency: str
    responsible: str
    retired_on: date | None
    target: TargetRow | None
    steering: bool

    @property
    def state(self) -> str:
        if self.retired_on is not None:
            return "retired"
        return "used" if self.steering else "looked_up"


@dataclass(frozen=True)
class BreakRow:
    id: int
    period: Period
    reason: str
    comparable_backwards: bool


@dataclass(frozen=True)
class Judged:
    """What a target is tried on: what is known of the indicator today; `titles` of kinds of groups."""

    evidence: Evidence
    titles: Mapping[str, str]
    today: date


@dataclass(frozen=True)
class Change:
    """One entry of the log: about “indicator”, “target” or “seriesbreak”; fields: name → (from, to) as stored."""

    about: str
    object_id: int
    act: str
    who: str
    at: datetime
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class NoteRow:
    act: str
    reason: str
    period: str
    who: str
    at: datetime


@dataclass(frozen=True)
class DepartmentRow:
    code: str
    name: str
    head: str
    indicators: int
    people: tuple[str, ...]


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Filter:
    q: str = ""
    area: str = ""
    department: str = ""
    source: str = ""
    state: str = "used"


@dataclass(frozen=True)
class Line:
    code: str
    name: str
    department: str
    source: str
    frequency: str
    target: str
    responsible: str
    retired: str


@dataclass(frozen=True)
class ListPage:
    sections: list[tuple[str, list[Line]]]
    summary: str
    filtered: bool


def list_page(rows: Sequence[ListRow], wanted: Filter) -> ListPage:
    """The indicators that fit, under their areas. What is only looked up is counted where it is asked for."""
    rows = rows if wanted.state in ("", "looked_up") else [row for row in rows if row.state != "looked_up"]
    fitting = [row for row in rows if _fits(row, wanted)]
    sections: dict[str, list[Line]] = {}
    for row in fitting:
        sections.setdefault(row.area_name, []).append(_line(row))
    summary = ngettext("%(shown)s of %(all)s indicator", "%(shown)s of %(all)s indicators", len(rows))
    told = summary % {"shown": number(len(fitting)), "all": number(len(rows))}
    return ListPage(list(sections.items()), told, wanted != Filter())


def _fits(row: ListRow, wanted: Filter) -> bool:
    words = f"{row.name} {row.code} {row.responsible}".casefold()
    return (
        all(word in words for word in wanted.q.casefold().split())
        and wanted.area in ("", row.area)
        and wanted.department in ("", row.department_code)
        and wanted.source in ("", row.source)
        and wanted.state in ("", row.state)
    )


def _line(row: ListRow) -> Line:
    return Line(
        code=row.code,
        name=row.name,
        department=row.department,
        source=str(wording.SOURCE[row.source]),
        frequency=str(wording.FREQUENCY[row.frequency]),
        target=_words(row.target, {}) if row.target else "",
        responsible=row.responsible,
        retired=row.retired_on.isoformat() if row.retired_on else "",
    )


# ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Verdict:
    """How a target would be judged by the newest figures: its words, a sentence, the inequality, the status."""

    words: str
    year: str
    status: str
    status_word: str
    sentence: str
    formula: str


@dataclass(frozen=True)
class TargetLine:
    id: int
    words: str
    years: str
    now: bool
    ended: bool
    verdict: Verdict


def targets_page(rows: Sequence[TargetRow], known: Judged, subject: Subject) -> list[TargetLine]:
    """Every target in words, with how today's figures would be judged by it."""
    year = known.today.year
    return [
        TargetLine(
            id=row.id,
            words=_words(row, known.titles),
            years=years(row.valid_from, row.valid_to),
            now=row.valid_from <= year and (row.valid_to is None or year <= row.valid_to),
            ended=row.valid_to is not None and row.valid_to < year,
            verdict=verdict(row.target, known, subject),
        )
        for row in rows
    ]


def years(first: int, last: int | None) -> str:
    """“2020–2023”, “from 2020”, “2020”."""
    if last is None:
        return _("from %(year)s") % {"year": first}
    return f"{first}–{last}" if first != last else f"{first}"


def _words(row: TargetRow, titles: Mapping[str, str]) -> str:
    title = titles.get(row.target.group or "")
    return wording.target_words(
        row.target, symbol=row.symbol, decimals=row.decimals, share=row.share, group_title=title
    )


def verdict(target: Target, known: Judged, subject: Subject) -> Verdict:
    """How a target would be judged by the newest figures, whichever years it is meant for: by the function that judges
    it for the council."""
    valued = [point.period.last_day.year for point in known.evidence.points if point.value is not None]
    year = max((y for y in valued if y <= known.today.year), default=known.today.year)
    definition = replace(known.evidence.definition, targets=(DatedTarget(0, target, 0, None),))
    row = frames.assess_period(replace(known.evidence, definition=definition), Period(Kind.YEAR, year), known.today)
    told = wording.explain(
        row["trace"],
        status=row["status"],
        reason=row["reason"] or None,
        symbol=subject.symbol,
        decimals=subject.decimals,
        share=subject.share,
        good=subject.good,
    )
    words = wording.target_words(
        target,
        symbol=subject.symbol,
        decimals=subject.decimals,
        share=subject.share,
        group_title=known.titles.get(target.group or ""),
    )
    word = str(wording.STATUS[row["status"]])
    return Verdict(words, f"{year}", row["status"], word, told.sentence, told.formula)


# ── what a computed indicator lacks ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Gap:
    period: str
    text: str


MOST_GAPS = 8


def gaps(known: Judged) -> list[Gap]:
    """The newest periods in which a computed indicator has no value, and what was lacking."""
    found = [point for point in reversed(known.evidence.points) if point.lacks]
    return [
        Gap(point.period.label(language()), definition_wording.lacks_words(point.lacks)) for point in found[:MOST_GAPS]
    ]


# ── history ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Difference:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    """One act: what, who, when, why, and what it changed."""

    title: str
    who: str
    at: datetime
    reason: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def day(self) -> str:
        return localtime(self.at).strftime("%Y-%m-%d %H:%M")


ABOUT = {
    "indicator": {
        "created": gettext_lazy("The indicator was created"),
        "changed": gettext_lazy("The definition was changed"),
        "removed": gettext_lazy("The indicator was removed"),
    },
    "target": {
        "created": gettext_lazy("A target was added"),
        "changed": gettext_lazy("A target was changed"),
        "removed": gettext_lazy("A target was removed"),
    },
    "seriesbreak": {
        "created": gettext_lazy("A break in the series was recorded"),
        "changed": gettext_lazy("A break in the series was changed"),
        "removed": gettext_lazy("A break in the series was taken back"),
    },
}
LANGUAGE = {"sv": pgettext_lazy("a text in", "Swedish"), "en": pgettext_lazy("a text in", "English")}
NOTHING = {"", "None"}
LEFT_OUT = {"id", "indicator"}


def history_page(
    changes: Sequence[Change], notes: Sequence[NoteRow], names: Mapping[str, Mapping[str, str]]
) -> list[Event]:
    """Changes field by field and what people said of them, newest first."""
    events = [
        Event(str(ABOUT[c.about][c.act]), c.who, c.at, differences=_differences(c, names))
        for c in changes
        if c.act in ABOUT.get(c.about, {})
    ]
    for note in notes:
        title = str(definition_wording.ACT[note.act])
        if note.period:
            title = pgettext("an act, from a period", "%(act)s, from %(period)s") % {
                "act": title,
                "period": Period.parse(note.period).label(language()),
            }
        events.append(Event(title, note.who, note.at, reason=note.reason))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _differences(change: Change, names: Mapping[str, Mapping[str, str]]) -> tuple[Difference, ...]:
    found = []
    for field, (old, new) in change.fields.items():
        if field in LEFT_OUT or (old in NOTHING and new in NOTHING):
            continue
        found.append(Difference(_label(field), _shown(field, old, names), _shown(field, new, names)))
    order = list(definition_wording.LABEL.values())
    place = {str(label): n for n, label in enumerate(order)}
    return tuple(sorted(found, key=lambda d: place.get(d.field.partition(" (")[0], len(place))))


def _label(field: str) -> str:
    stem, _sep, code = field.rpartition("_")
    if code in LANGUAGE and stem in definition_wording.LABEL:
        return f"{definition_wording.LABEL[stem]} ({LANGUAGE[code]})"
    return str(definition_wording.LABEL.get(field, field))


def _shown(field: str, text: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """A stored value as people know it."""
    if text in NOTHING:
        return "–"
    if text in ("True", "False"):
        return _("Yes") if text == "True" else _("No")
    if field in names:
        return names[field].get(text, text)
    if field in VALUES:
        return str(VALUES[field].get(text, text))
    if field in NUMBERS:
        return _number(text)
    return text


def _number(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return number(value, wording.given_decimals(value))


NUMBERS = {"minimum", "maximum", "value", "lower", "upper", "tolerance", "percent", "percentile"}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "direction": wording.DIRECTION,
    "measures": wording.MEASURES,
    "frequency": wording.FREQUENCY,
    "source": wording.SOURCE,
    "aggregation": definition_wording.AGGREGATION,
    "form": definition_wording.FORM,
    "side": definition_wording.SIDE,
    "wanted": definition_wording.WANTED,
    "group": definition_wording.GROUP,
}
