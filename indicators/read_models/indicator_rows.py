"""What the page of one indicator is made from, and the words that its parts share: rows in, no page yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators import definition_wording, wording
from indicators.compute.frames import DatedTarget, target_in
from indicators.compute.status import SIGN, Direction
from indicators.periods import Period
from indicators.templatetags.figures import difference, language, missing, number, with_unit


@dataclass(frozen=True)
class Definition:
    """An indicator's definition in the reader's language."""

    id: int
    code: str
    name: str
    purpose: str
    definition: str
    calculation: str
    quality: str
    numerator: str
    denominator: str
    area: str
    area_name: str
    unit: str
    symbol: str
    share: bool
    decimals: int
    good: Direction
    measures: str
    experienced: bool
    comparable: bool
    influenceable: bool
    never_good_enough: bool
    frequency: str
    due_days: int
    source: str
    kolada_id: str
    respondents_kolada_id: str
    department: str
    owner: str
    retired: bool
    formula: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)  # of a formula: code → name
    steering: bool = True

    @property
    def judged(self) -> bool:
        """Whether one way is the good one, so that municipalities can be ranked."""
        return self.good in SIGN

    def value(self, value: float | None) -> str:
        return with_unit(value, self.decimals, self.symbol)

    def difference(self, value: float | None, *, sign: bool = True) -> str:
        return difference(value, self.decimals, self.symbol, share=self.share, sign=sign)

    def distance(self, value: float) -> str:
        return wording.Scale(self.symbol, self.decimals, self.share).distance(value)


@dataclass(frozen=True)
class Point:
    """A period of our own series, one breakdown; `fetched_at` and `job` tell of the delivery that it came with."""

    period: Period
    value: float | None
    absence: str
    margin: float | None
    margin_computed: bool
    respondents: int | None
    revision: int
    earlier_value: float | None
    fetched_at: datetime | None = None
    job: int | None = None
    lacks: Sequence[Sequence[str]] | None = None  # of a computed value: which inputs were missing


@dataclass(frozen=True)
class SeriesBreak:
    period: Period
    reason: str
    comparable_backwards: bool


@dataclass(frozen=True)
class Assessed:
    """A row of `Assessment`."""

    period: str
    status: str
    reason: str
    value: float | None
    value_period: str
    margin: float | None
    comparison_period: str
    change: float | None
    change_word: str
    target_id: int | None
    lessons: Sequence[Mapping[str, Any]]
    trace: Mapping[str, Any]
    rule_version: str
    computed_at: datetime


@dataclass(frozen=True)
class Place:
    """A row of `Benchmark`, stored or made for a group of one's own choice."""

    year: int
    eligible: bool
    others: int
    mean: float | None
    median: float | None
    q25: float | None
    q75: float | None
    own: float | None
    rank: int | None
    best_rank: int | None
    worst_rank: int | None
    percentile: float | None
    quarter: str
    low: float | None
    high: float | None
    own_change: float | None
    peer_change: float | None


@dataclass(frozen=True)
class Group:
    """A peer group: `value` is what the address says (a kind, a code, or "" for one's own choice)."""

    value: str
    title: str
    codes: tuple[str, ...] = ()  # one's own choice only
    computed: bool = False
    id: int = 0
    kind: str = ""
    code: str = ""


@dataclass(frozen=True)
class PeerValue:
    code: str
    value: float
    fetched_at: datetime | None


@dataclass(frozen=True)
class Town:
    code: str
    name: str
    own: bool


@dataclass(frozen=True)
class Rows:
    """Everything that is read for the page. `places`: of the chosen group, by year, ascending. `peers`: values of the
    chosen group and our own in the year shown. `series`: by breakdown, ascending. `nation`: the nation's own value by
    year, as the source publishes it (usually a weighted mean); empty where it has none. `survey`: code and name of the
    survey whose released results feed the indicator."""

    definition: Definition
    towns: Mapping[str, Town]
    invented: bool
    goals: Sequence[tuple[str, str]]
    series: Mapping[str, Sequence[Point]]
    breaks: Sequence[SeriesBreak]
    targets: Sequence[DatedTarget]
    target_groups: Mapping[str, str]
    assessments: Sequence[Assessed]
    period: str
    groups: Sequence[Group]
    group: Group | None
    places: Sequence[Place]
    place: Place | None
    peers: Sequence[PeerValue]
    nation: Mapping[int, float] = field(default_factory=dict)
    survey: tuple[str, str] | None = None

    @property
    def assessed(self) -> Assessed | None:
        return next((a for a in self.assessments if a.period == self.period), None)

    @property
    def home(self) -> str:
        return next((town.name for town in self.towns.values() if town.own), "")

    @property
    def points(self) -> Sequence[Point]:
        return self.series.get("T", ())

    @property
    def target(self) -> DatedTarget | None:
        """What the year was judged against; where nothing was, what was valid in it."""
        assessed = self.assessed
        if assessed is None:
            return target_in(self.targets, int(self.period)) if self.period else None
        return next((t for t in self.targets if t.id == assessed.target_id), None)


# ── words that the parts of the page share


def period_text(period: Period) -> str:
    return period.label(language())


def day(moment: datetime | None) -> str:
    return localtime(moment).date().isoformat() if moment else ""


def own_source(rows: Rows) -> str:
    """Where our own values come from, as it must be named beside them."""
    definition = rows.definition
    if rows.invented:
        return _("Invented figures for demonstration")
    if definition.source == "kolada":
        return _("Source: Kolada")
    if definition.source == "computed":
        return _("Source: computed from other indicators")
    if definition.source == "survey":
        return _("Source: the municipality's survey, %(department)s") % {"department": definition.department}
    return _("Source: %(department)s") % {"department": definition.department}


def derived_source(rows: Rows) -> str:
    """What is computed from others' values must not name Kolada as its source."""
    return _("Invented figures for demonstration") if rows.invented else _("Own processing of data from Kolada")


def inside(text: str) -> str:
    """A phrase inside a sentence."""
    return text[:1].lower() + text[1:]


def period_notes(rows: Rows, point: Point) -> list[str]:
    """What must be known about a value: margin, answers, revision, a break, or why it is missing."""
    definition, notes = rows.definition, []
    if point.margin is not None:
        margin = {"margin": definition.distance(point.margin)}
        notes.append(
            _("margin of error ±%(margin)s, computed") % margin
            if point.margin_computed
            else _("margin of error ±%(margin)s") % margin
        )
    if point.respondents is not None:
        notes.append(
            ngettext("%(count)s answer", "%(count)s answers", point.respondents) % {"count": number(point.respondents)}
        )
    if point.revision and point.earlier_value is not None:
        notes.append(_revision(rows, point, definition.value(point.earlier_value)))
    if point.lacks:
        notes.append(definition_wording.lacks_words(point.lacks))
    notes += [_("method changed: %(reason)s") % {"reason": b.reason} for b in rows.breaks if b.period == point.period]
    return notes


def _revision(rows: Rows, point: Point, earlier: str) -> str:
    words = {"value": earlier}
    if point.value is None:
        return _("withdrawn by the source: was %(value)s") % words
    if rows.definition.source == "kolada":
        return _("changed by the source: was %(value)s") % words
    return _("corrected: was %(value)s") % words


def value_or_reason(definition: Definition, point: Point | None) -> str:
    """The value, or the mark for a missing one with its reason."""
    if point is None:
        return f"{missing('missing')} ({wording.ABSENCE['missing']})"
    if point.value is None:
        absence = point.absence or "missing"
        return f"{missing(absence)} ({wording.ABSENCE[absence]})"
    return definition.value(point.value)
