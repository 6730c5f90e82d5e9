"""What the result pages are made from: plain rows of editions and their figures, and how one edition is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from indicators.periods import Period
from indicators.templatetags.figures import language
from surveys.compute.questionnaire import Asked, Questionnaire

RELEASED, WITHDRAWN = "released", "withdrawn"
SETTLED = frozenset({RELEASED, WITHDRAWN})
DRAFT = "draft"
Wanted = int | str | None
Key = tuple[str, str, str, int, str, int | None]


class NoSuchResultError(LookupError):
    """The address names results that do not exist, or not for this reader; the message says which there are."""


@dataclass(frozen=True)
class SurveyRow:
    id: int
    code: str
    name: str
    purpose: str
    department: str
    overall: str  # the code of the question that tells the satisfied from others; empty where there is none
    invented: bool


@dataclass(frozen=True)
class WaveRow:
    """A wave as far as its results and its method page tell of it."""

    id: int
    code: str
    period: str
    state: str
    opens_on: date | None
    closes_on: date | None
    population: int | None
    population_text: str
    frame_text: str
    mode_text: str
    change_text: str
    method_break: bool
    weighting: str

    @property
    def label(self) -> str:
        return Period.parse(self.period).label(language())

    @property
    def ends_on(self) -> date:
        return Period.parse(self.period).last_day


@dataclass(frozen=True)
class EditionRow:
    id: int
    number: int
    state: str
    wave: WaveRow
    method: Mapping[str, Any]
    drivers: Mapping[str, Any]
    made_on: date
    released_on: date | None
    note: str

    @property
    def released(self) -> bool:
        return self.state == RELEASED

    def text(self, name: str) -> str:
        """A text of the method as it stood when the results were made, in the reader's language."""
        return str(self.method.get(f"{name}_{language()}") or getattr(self.wave, name))


@dataclass(frozen=True)
class FigureRow:
    """A number of an edition: a value, or the reason why it is hidden. See `surveys.models.Figure`."""

    question: str
    index: str
    statistic: str
    part: int = 0
    group: str = ""
    level: int | None = None
    value: float | None = None
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    hidden: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return (self.question, self.index, self.statistic, self.part, self.group, self.level)


@dataclass(frozen=True)
class Figures:
    """The figures of an edition that were fetched, by what they are of."""

    by_key: Mapping[Key, FigureRow] = field(default_factory=dict)

    @staticmethod
    def of(rows: Sequence[FigureRow]) -> "Figures":
        return Figures({row.key: row for row in rows})

    def find(
        self, question: str, statistic: str, part: int = 0, *, group: str = "", level: int | None = None
    ) -> FigureRow | None:
        return self.by_key.get((question, "", statistic, part, group, level))

    def index(self, code: str) -> FigureRow | None:
        return self.by_key.get(("", code, "index", 0, "", None))


@dataclass(frozen=True)
class IndexRow:
    code: str
    name: str
    questions: Sequence[str]
    bands: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Shown:
    """The edition that a page shows, the one of the wave before, and what the address must carry to get here again.

    `waves`: of each wave the edition that this reader gets, oldest first. `draft`: a newer edition of the wave than the
    one shown, for who may see it.
    """

    survey: SurveyRow
    edition: EditionRow
    before: EditionRow | None
    waves: Sequence[EditionRow]
    editions: Sequence[EditionRow]
    chosen: bool
    draft: EditionRow | None = None

    @property
    def query(self) -> str:
        return f"?edition={self.edition.number}" if self.chosen else ""


@dataclass(frozen=True)
class Results:
    """A wave's results: figures of everybody, and those of the wave before. `statements`: what positive answers to a
    question mean, by its code, where the library says it; `topics`: what an area of the library is called."""

    shown: Shown
    questionnaire: Questionnaire
    figures: Figures
    earlier: Figures
    indices: Sequence[IndexRow]
    statements: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionRow:
    id: int
    number: int
    text: str
    continues: bool
    reason: str


@dataclass(frozen=True)
class PeerRows:
    """Published values of a key figure by year and municipality: our own and those of the group."""

    home: str
    home_name: str
    group: str
    values: Mapping[int, Mapping[str, float]]


@dataclass(frozen=True)
class QuestionRows:
    """One question: its figures in each wave that asked it, of everybody and, in the wave shown, of each group."""

    shown: Shown
    questionnaire: Questionnaire
    asked: Asked
    section: str
    figures: Mapping[int, Figures]
    versions: Sequence[VersionRow]
    indicators: Sequence[tuple[str, str]]
    peers: PeerRows | None
    statement: str = ""


@dataclass(frozen=True)
class OpenSurvey:
    """A survey that anybody may answer now."""

    code: str
    wave: str
    name: str
    purpose: str
    closes_on: date | None


@dataclass(frozen=True)
class Listed:
    """A survey in the list: its newest edition, the overall question and that question's figures."""

    survey: SurveyRow
    edition: EditionRow
    overall: Asked | None
    figures: Figures
    statement: str = ""


@dataclass(frozen=True)
class SurveyList:
    released: Sequence[Listed]
    open: Sequence[OpenSurvey]


# ── which edition ─────────────────────────────────────────────────────────────────────────────────────────────────────


def choose(
    survey: SurveyRow, editions: Sequence[EditionRow], *, wave: str, wanted: Wanted = None, drafts: bool = False
) -> Shown:
    """The edition that an address asks for: a number, DRAFT, or None for the one that a wave is shown by.

    That is its newest released one; with `drafts` (who steers) a draft where none is released; a withdrawn one where
    there is no other, so that its page can say why. One that the audit blocked is shown to nobody. Without a wave the
    newest that has anything. Raises NoSuchResultError.
    """
    seen = [e for e in editions if e.state in SETTLED or (drafts and e.state == DRAFT)]
    shown_of = {e.wave.code: e for e in sorted(seen, key=_preference)}
    waves = sorted(shown_of.values(), key=_time)
    code = wave or (_newest(waves) if waves else "")
    if code not in shown_of:
        raise NoSuchResultError(_no_wave(survey, wave, waves))
    of_wave = [e for e in seen if e.wave.code == code]
    edition = shown_of[code] if wanted is None else _asked_for(of_wave, wanted, drafts)
    before = [e for e in waves if _time(e) < _time(edition) and e.released]
    newer = [e for e in of_wave if e.number > edition.number and e.state not in SETTLED]
    return Shown(
        survey=survey,
        edition=edition,
        before=before[-1] if before else None,
        waves=[edition if e.wave.code == code else e for e in waves],
        editions=of_wave,
        chosen=edition is not shown_of[code],
        draft=newer[0] if newer else None,
    )


def _asked_for(of_wave: Sequence[EditionRow], wanted: int | str, drafts: bool) -> EditionRow:
    """The edition with a number, or the draft; withdrawn ones only for who steers."""
    may = [e for e in of_wave if drafts or e.released]
    for edition in may:
        if wanted == edition.number or (wanted == DRAFT and edition.state not in SETTLED):
            return edition
    if wanted == DRAFT:
        raise NoSuchResultError(_("There is no draft of these results."))
    raise NoSuchResultError(
        _("There is no edition %(number)s of these results. These exist: %(numbers)s.")
        % {"number": wanted, "numbers": ", ".join(str(e.number) for e in may) or "–"}
    )


def _preference(edition: EditionRow) -> tuple[int, int]:
    """Among the editions of a wave the last in this order is shown."""
    return ({RELEASED: 2, WITHDRAWN: 0}.get(edition.state, 1), edition.number)


def _time(edition: EditionRow) -> tuple[Period, int]:
    return (Period.parse(edition.wave.period), edition.wave.id)


def _newest(waves: Sequence[EditionRow]) -> str:
    released = [e for e in waves if e.released]
    return (released or waves)[-1].wave.code


def _no_wave(survey: SurveyRow, wave: str, waves: Sequence[EditionRow]) -> str:
    if not waves:
        return _("No results of “%(survey)s” have been released yet.") % {"survey": survey.name}
    return _("There are no results of “%(survey)s” for “%(wave)s”. There are for: %(waves)s.") % {
        "survey": survey.name,
        "wave": wave,
        "waves": ", ".join(e.wave.code for e in waves),
    }


def series_broken(edition: EditionRow, before: EditionRow, waves: Sequence[EditionRow], question: str) -> str:
    """Why a question's results cannot be compared between two editions: "method", "wording", or "" where they can.

    Each wave says which of its questions do not continue the wave before; a break in any wave on the way counts.
    """
    between = [e for e in waves if _time(before) < _time(e) <= _time(edition)]
    if any(e.wave.method_break for e in between):
        return "method"
    return "wording" if any(question in e.method.get("breaks", ()) for e in between) else ""
