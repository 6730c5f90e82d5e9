"""Rows of an uploaded sheet against what stands in the database: new, changed, unchanged or rejected, with reasons.

A row is a cell of the entry grid: an indicator, a period, a breakdown, and a value or a reason why there is none. Rows
in which nothing is filled in say nothing: they neither clear a cell nor count.
"""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from indicators.compute.input_window import NOT_OPENED, Window, WindowState
from indicators.compute.numerals import read_number
from indicators.compute.plausibility import (
    NO_PAST,
    POINTS,
    Check,
    Finding,
    Given,
    Past,
    Peers,
    Rules,
    as_stored,
    doubts,
    past_of,
    place_fault,
    settled_value,
    value_fault,
    year_of,
)
from indicators.compute.revisions import Revision, history, standing
from indicators.periods import Kind as Frequency
from indicators.periods import Period, PeriodError

Row = Sequence[Any]
Key = tuple[str, str, str]

LONGEST_COMMENT = 4000
HEADS_AMONG = 20
SEPARATOR = "|"

# What the columns are called, in both languages; a sheet may have them in any order, and others beside them.
HEADS = {
    "sv": {
        "key": "Nyckel", "indicator": "Nyckeltal", "name": "Namn", "period": "Period", "breakdown": "Kön",
        "unit": "Enhet", "value": "Värde", "reason": "Orsak till att värde saknas", "numerator": "Täljare",
        "denominator": "Nämnare", "comment": "Kommentar", "earlier": "Senaste värden", "due": "Ska vara inne",
    },
    "en": {
        "key": "Key", "indicator": "Indicator", "name": "Name", "period": "Period", "breakdown": "Breakdown",
        "unit": "Unit", "value": "Value", "reason": "Reason for no value", "numerator": "Numerator",
        "denominator": "Denominator", "comment": "Comment", "earlier": "Latest values", "due": "Due",
    },
}  # fmt: skip
# Other words for them that people use.
ALSO_HEADS = {
    "kod": "indicator", "code": "indicator", "indikator": "indicator", "nyckeltalskod": "indicator",
    "indicator code": "indicator", "uppdelning": "breakdown", "sex": "breakdown", "gender": "breakdown",
    "utfall": "value", "orsak": "reason", "reason": "reason", "saknas därför att": "reason", "anmärkning": "comment",
}  # fmt: skip
BREAKDOWNS = {
    "": "T", "t": "T", "alla": "T", "all": "T", "totalt": "T", "total": "T", "samtliga": "T",
    "k": "K", "kvinnor": "K", "women": "K", "m": "M", "män": "M", "men": "M",
}  # fmt: skip
BREAKDOWN_WORDS = {
    "sv": {"T": "alla", "K": "kvinnor", "M": "män"},
    "en": {"T": "all", "K": "women", "M": "men"},
}
REASON_WORDS = {
    "sv": {
        "missing": "saknas", "not_due": "kommer senare", "not_applicable": "ej tillämpligt",
        "confidential": "sekretess", "method_changed": "metoden har ändrats", "too_few_answers": "för få svar",
    },
    "en": {
        "missing": "missing", "not_due": "not yet due", "not_applicable": "not applicable",
        "confidential": "confidential", "method_changed": "the method has changed",
        "too_few_answers": "too few answers",
    },
}  # fmt: skip
REASONS = {word: code for words in REASON_WORDS.values() for code, word in words.items()} | {
    code: code for code in REASON_WORDS["en"]
}


class Kind(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Fault(StrEnum):
    """Why a row is rejected, where the checks of a value (`plausibility.Check`) do not say it."""

    NO_INDICATOR = "no_indicator"
    UNKNOWN_INDICATOR = "unknown_indicator"
    KEY_CHANGED = "key_changed"
    PERIOD_IS_DATE = "period_is_date"
    NO_PERIOD = "no_period"
    OTHER_SOURCE = "other_source"
    RETIRED = "retired"
    NOT_YOURS = "not_yours"
    WINDOW = "window"
    UNREADABLE = "unreadable"
    IS_A_DATE = "is_a_date"
    IS_YES_OR_NO = "is_yes_or_no"
    EMPTY_FORMULA = "empty_formula"
    COMMENT_ALONE = "comment_alone"
    COMMENT_TOO_LONG = "comment_too_long"
    TWICE = "twice"


class Problem(NamedTuple):
    """What is wrong, in which column's cell, with its figures."""

    role: str
    fault: Fault | Check
    figures: Mapping[str, Any]


class Followed(NamedTuple):
    """An indicator as a sheet sees it. `refusal`: a Fault where this person may not hand it in by any sheet."""

    id: int
    code: str
    department_id: int
    rules: Rules
    refusal: str = ""


class Said(NamedTuple):
    """What a row says of its cell."""

    value: float | None = None
    absence: str = ""
    numerator: float | None = None
    denominator: float | None = None
    comment: str = ""


class SheetRow(NamedTuple):
    """A row that says something. `before`: the newest revision of its cell, None where there is none or not asked."""

    line: int
    code: str
    period: str
    breakdown: str
    kind: Kind
    indicator_id: int | None = None
    said: Said = Said()
    before: Revision | None = None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Head:
    """The header: its row (counted from 1), which column plays which role, and in which language it is written."""

    line: int
    columns: Mapping[str, int]
    language: str

    def column(self, role: str) -> int:
        return self.columns.get(role, -1)


@dataclass(frozen=True)
class Ground:
    """What rows are judged by. `revisions`: by indicator and breakdown, then by period, oldest first."""

    followed: Mapping[str, Followed]
    revisions: Mapping[tuple[int, str], Mapping[str, Sequence[Revision]]]
    windows: Mapping[tuple[str, int], Window]
    breaks: Mapping[int, Sequence[str]]
    peers: Mapping[int, Sequence[Peers]]
    reasons: Collection[str]
    today: date


@dataclass(frozen=True)
class Preview:
    """Every row that says something, how many there are of each kind, and how many rows were left empty."""

    rows: list[SheetRow]
    counts: Mapping[str, int]
    empty: int
    doubtful: int
    digest: str


# ── header ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _word(cell: Any) -> str:
    return " ".join(cell.split()).strip(":*").lower() if isinstance(cell, str) else ""


_ROLES = {word.lower(): (role, language) for language, words in HEADS.items() for role, word in words.items()}


def head_of(row: Row, line: int, language: str) -> Head | None:
    """The header that a row is; None where it is none. Of two columns with one role the first counts."""
    columns: dict[str, int] = {}
    languages: Counter[str] = Counter()
    for place, cell in enumerate(row):
        word = _word(cell)
        role, spoken = _ROLES.get(word, (ALSO_HEADS.get(word, ""), ""))
        if role and role not in columns:
            columns[role] = place
            if spoken and _ROLES.get(word) and HEADS["sv"][role] != HEADS["en"][role]:
                languages[spoken] += 1
    named = "key" in columns or {"indicator", "period"} <= columns.keys()
    if not named or not {"value", "reason"} & columns.keys():
        return None
    (best, count), *others = [*languages.most_common(2), ("", 0)]
    return Head(line, columns, best if count and (not others or others[0][1] < count) else language)


def find_head(rows: Sequence[Row], language: str) -> Head | None:
    """The header of a sheet, looked for in its first rows; `language` counts where the header does not tell."""
    for line, row in enumerate(rows[:HEADS_AMONG], start=1):
        head = head_of(row, line, language)
        if head is not None:
            return head
    return None


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def key_text(code: str, period: str, breakdown: str) -> str:
    """The hidden key of a prepared row."""
    return f"{code}{SEPARATOR}{period}{SEPARATOR}{breakdown}"


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _period_code(cell: Any) -> str:
    """The code of a period as it was written; what names none is given back as it is."""
    text = _text(cell)
    try:
        return Period.parse(text.upper()).code
    except PeriodError:
        return _labels().get(" ".join(text.lower().split()), text)


_LABELS: dict[str, str] = {}


def _labels() -> Mapping[str, str]:
    """Periods by the words that prepared sheets write them in, “andra tertialet 2024”, in both languages."""
    if not _LABELS:
        for kind in Frequency:
            for period in _some_periods(kind):
                for language in ("sv", "en"):
                    _LABELS.setdefault(period.label(language).lower(), period.code)
    return _LABELS


def _some_periods(kind: Frequency) -> list[Period]:
    first, last = Period(kind, 2000), Period(kind, 2060)
    return [first.shift(step) for step in range(last.ordinal - first.ordinal)]


def rows_after(rows: Sequence[Row], head: Head) -> list[Row]:
    """The rows after the header, each as wide as the header's last column at least."""
    width = max(head.columns.values()) + 1
    return [row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in rows[head.line :]]


def keys_of(rows: Sequence[Row], head: Head) -> list[Key]:
    """(code, period, breakdown) that each row of `rows_after` names, as far as it does; one a row."""
    key, indicator, period, breakdown = (head.column(role) for role in ("key", "indicator", "period", "breakdown"))
    periods: dict[Any, str] = {}
    found: list[Key] = []
    for row in rows:
        written = row[key] if key >= 0 else ""
        if type(written) is str and written.count(SEPARATOR) == 2:
            found.append(tuple(written.split(SEPARATOR)))  # type: ignore[arg-type]  # three parts
            continue
        when = row[period] if period >= 0 else ""
        if when not in periods:
            periods[when] = _period_code(when)
        who = _text(row[indicator]).lower() if indicator >= 0 else ""
        of = _text(row[breakdown]) if breakdown >= 0 else ""
        found.append((who, periods[when], BREAKDOWNS.get(of.lower(), of)))
    return found


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Reader:
    """Reads the rows of one sheet; keeps what many rows ask for again."""

    def __init__(self, head: Head, ground: Ground, empty_formulas: Collection[tuple[int, int]]) -> None:
        self.ground, self.language, self.empty_formulas = ground, head.language, empty_formulas
        self.prepared = "key" in head.columns
        self.indicator, self.period, self.value, self.reason, self.numerator, self.denominator, self.comment = (
            head.column(role)
            for role in ("indicator", "period", "value", "reason", "numerator", "denominator", "comment")
        )
        self.places: dict[tuple[Frequency, bool, str, str], Finding | None] = {}
        self.pasts: dict[tuple[int, str, int, str], Past] = {}
        self.series: dict[tuple[int, str], list[str]] = {}

    def number(self, row: Row, role: str, column: int, line: int) -> tuple[float | None, str, Problem | None]:
        """What a cell for a number holds: a value, or the reason that a mark stands for, or what is wrong with it."""
        cell = row[column] if column >= 0 else ""
        kind = type(cell)
        if kind is float or kind is int:
            return float(cell), "", None
        if (line, column) in self.empty_formulas:
            return None, "", Problem(role, Fault.EMPTY_FORMULA, {})
        if kind is str:
            if not cell:
                return None, "", None
            reading = read_number(cell, language=self.language)
            if reading.fault:
                return None, "", Problem(role, Fault.UNREADABLE, {"fault": str(reading.fault), "text": cell[:60]})
            return reading.value, reading.absence, None
        if kind is bool:
            return None, "", Problem(role, Fault.IS_YES_OR_NO, {"text": str(cell)})
        return None, "", Problem(role, Fault.IS_A_DATE, {"text": str(cell)[:40]})

    def said(self, row: Row, line: int) -> tuple[Said, tuple[Problem, ...], bool]:
        """What a row says, what of it cannot be read, and whether it says anything."""
        value, absence, problem = self.number(row, "value", self.value, line)
        problems = [problem] if problem else []
        parts: list[float | None] = []
        for role, column in (("numerator", self.numerator), ("denominator", self.denominator)):
            part, _mark, problem = self.number(row, role, column, line)
            problems += [problem] if problem else []
            parts.append(part)
        reason = _text(row[self.reason]) if self.reason >= 0 else ""
        if reason:
            code = REASONS.get(reason.lower(), read_number(reason, language=self.language).absence)
            if not code:
                problems.append(Problem("reason", Check.UNKNOWN_REASON, {"reason": reason[:60]}))
            absence = code or absence
        comment = _text(row[self.comment]).replace("\r\n", "\n") if self.comment >= 0 else ""
        if "\0" in comment:
            problems.append(Problem("comment", Check.UNREADABLE_TEXT, {}))
        if len(comment) > LONGEST_COMMENT:
            problems.append(Problem("comment", Fault.COMMENT_TOO_LONG, {"most": LONGEST_COMMENT}))
        nothing = value is None and not absence and parts == [None, None] and not problems
        if nothing and comment:
            problems.append(Problem("value", Fault.COMMENT_ALONE, {}))
        return Said(value, absence, parts[0], parts[1], comment), tuple(problems), not nothing or bool(comment)

    def is_plain(self, row: Row) -> bool:
        """Whether the row is a number and nothing else, as nearly all rows of a large sheet are."""
        return (
            type(row[self.value]) is float
            and not (self.reason >= 0 and row[self.reason])
            and not (self.comment >= 0 and row[self.comment])
            and not (self.numerator >= 0 and row[self.numerator] != "")
            and not (self.denominator >= 0 and row[self.denominator] != "")
        )

    def place_problem(self, followed: Followed, period: str, breakdown: str) -> Problem | None:
        rules = followed.rules
        name = (rules.kind, rules.divided, period, breakdown)
        if name not in self.places:
            self.places[name] = place_fault(rules, period, breakdown, self.ground.today)
        finding = self.places[name]
        if finding is None:
            return None
        where = "breakdown" if finding.check in (Check.NOT_DIVIDED, Check.UNKNOWN_BREAKDOWN) else "period"
        return Problem(where, finding.check, finding.figures)

    def doubts(self, followed: Followed, period: str, breakdown: str, value: float) -> tuple[Finding, ...]:
        known, past = self.ground.peers.get(followed.id), self.past(followed, period, breakdown)
        if not known and past is NO_PAST:
            return ()
        peers = next((p for p in known if p.year <= year_of(period)), None) if known else None
        return doubts(value, past, peers)

    def past(self, followed: Followed, period: str, breakdown: str) -> Past:
        """What the stored periods before this one say; the same for every period after the last of them."""
        series = self.ground.revisions.get((followed.id, breakdown))
        if not series:
            return NO_PAST
        name = (followed.id, breakdown)
        if name not in self.series:
            self.series[name] = sorted(series)
        since = max((start for start in self.ground.breaks.get(followed.id, ()) if start <= period), default="")
        key = (*name, bisect_left(self.series[name], period), since)
        if key not in self.pasts:
            values = history(series, before=period, since=since)
            self.pasts[key] = past_of(values[-POINTS:], decimals=followed.rules.decimals)
        return self.pasts[key]


def classify(
    rows: Sequence[Row], head: Head, keys: Sequence[Key], ground: Ground, *,
    empty_formulas: Collection[tuple[int, int]] = (),
) -> Preview:  # fmt: skip
    """Every row of `rows_after`, judged. `keys`: of `keys_of`. `empty_formulas`: (row from 1, column from 0)."""
    reader = _Reader(head, ground, frozenset(empty_formulas))
    has_value = reader.value >= 0
    found: list[SheetRow] = []
    first: dict[Key, int] = {}
    empty = 0
    for line, (row, key) in enumerate(zip(rows, keys, strict=True), start=head.line + 1):
        if has_value and reader.is_plain(row):
            judged = _judged(reader, row, line, key, Said(row[reader.value]), ())
        else:
            said, problems, says = reader.said(row, line)
            if not says:
                empty += any(cell != "" for cell in row)
                continue
            judged = _judged(reader, row, line, key, said, problems)
        twin = first.setdefault(key, line)
        if twin != line and judged.indicator_id is not None:
            judged = _rejected(judged, Problem("indicator", Fault.TWICE, {"line": twin}))
        found.append(judged)
    counts = Counter(row.kind for row in found)
    doubtful = sum(1 for row in found if row.findings)
    tally = {kind.value: counts[kind] for kind in Kind}
    return Preview(found, tally, empty, doubtful, _digest(found))


def _rejected(row: SheetRow, *problems: Problem) -> SheetRow:
    return row._replace(kind=Kind.REJECTED, problems=(*row.problems, *problems), findings=())


def _digest(rows: Sequence[SheetRow]) -> str:
    """Of what a preview shows of the database: another one where a cell has changed since."""
    seen = [f"{row.line} {row.kind} {row.before.revision if row.before else ''} {len(row.findings)}" for row in rows]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def _judged(
    reader: _Reader, row: Row, line: int, key: Key, said: Said, problems: tuple[Problem, ...]
) -> SheetRow:  # fmt: skip
    code, period, breakdown = key
    followed = reader.ground.followed.get(code)
    if followed is None:
        unknown = Fault.UNKNOWN_INDICATOR if code else Fault.NO_INDICATOR
        problem = Problem("indicator", unknown, {"code": code[:40]})
        return SheetRow(line, code[:40], period[:40], breakdown[:20], Kind.REJECTED, None, said, None, (problem,))
    misplaced = _misplaced(reader, row, followed, period, breakdown)
    if misplaced is not None:
        wrong = (misplaced, *problems)
        return SheetRow(line, code, period[:40], breakdown[:20], Kind.REJECTED, followed.id, said, None, wrong)
    series = reader.ground.revisions.get((followed.id, breakdown))
    revisions = series.get(period) if series else None
    stands = standing(revisions) if revisions else None
    before = None if stands is None or stands.empty else stands.newest
    if not problems:
        fault = value_fault(Given(*said[:4]), followed.rules, reader.ground.reasons)
        if fault is None:
            said = _completed(said, before, followed.rules)
        else:
            problems = (Problem("value", fault.check, fault.figures),)
    window = reader.ground.windows.get((period, followed.department_id), NOT_OPENED)
    newest = stands.newest if stands else None
    if not problems and before is not None and _says_the_same(before, said):
        return SheetRow(line, code, period, breakdown, Kind.UNCHANGED, followed.id, said, newest)
    if window.state is not WindowState.OPEN and not (stands and stands.asked_back):
        problems = (*problems, Problem("period", Fault.WINDOW, {"window": window}))
    if problems:
        return SheetRow(line, code, period, breakdown, Kind.REJECTED, followed.id, said, newest, problems)
    value = said.value
    findings = reader.doubts(followed, period, breakdown, value) if value is not None else ()
    kind = Kind.NEW if before is None else Kind.CHANGED
    return SheetRow(line, code, period, breakdown, kind, followed.id, said, newest, (), findings)


def _misplaced(reader: _Reader, row: Row, followed: Followed, period: str, breakdown: str) -> Problem | None:
    """Why nothing may be handed in at the place that a row names."""
    if followed.refusal:
        return Problem("indicator", Fault(followed.refusal), {"department_id": followed.department_id})
    if reader.indicator >= 0 and row[reader.indicator] != followed.code:
        text = _text(row[reader.indicator])
        if text and text.lower() != followed.code:
            return Problem("indicator", Fault.KEY_CHANGED, {"key": followed.code, "code": text[:40]})
    if not reader.prepared and reader.period >= 0 and isinstance(row[reader.period], date):
        return Problem("period", Fault.PERIOD_IS_DATE, {"text": str(row[reader.period])[:10]})
    if not period:
        return Problem("period", Fault.NO_PERIOD, {})
    return reader.place_problem(followed, period, breakdown)


def _completed(said: Said, before: Revision | None, rules: Rules) -> Said:
    """What follows from what was said: the share from its parts; comment and parts stay where nothing else is said."""
    if before is None and said.numerator is None and said.denominator is None:
        return said
    value = settled_value(Given(*said[:4]), rules)
    if before is None:
        return said._replace(value=value)
    comment = said.comment or before.comment
    numerator, denominator = said.numerator, said.denominator
    same = as_stored(before.value) == as_stored(value) and before.absence == said.absence
    if numerator is None and denominator is None and same:
        numerator, denominator = before.numerator, before.denominator
    return Said(value, said.absence, numerator, denominator, comment)


def _says_the_same(before: Revision, said: Said) -> bool:
    numbers = ((before.value, said.value), (before.numerator, said.numerator), (before.denominator, said.denominator))
    return (
        before.absence == said.absence
        and before.comment == said.comment
        and all(as_stored(a) == as_stored(b) for a, b in numbers)
    )
