"""A file of answers and what its columns mean → responses, answers and free texts, with everything that is wrong named.

Each column is read by its distinct texts, so that a million answers cost little more than the few texts they consist
of. A respondent whose weight or group cannot be read is rejected whole; a single answer that cannot be read counts, if
it is left out on purpose, as not answered.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indicators.compute.numerals import Unreadable, read_number
from surveys.compute.answer_mapping import AnswerMapping, Known
from surveys.compute.answer_table import AnswerTable, Ints, Respondents, Role, Target, bare, normal
from surveys.compute.questionnaire import GRADES, LONGEST_TEXT, SINGLE_KINDS, Absence, Asked, is_possible

BLANK, ANSWERED, NO_OPINION, REFUSED, FAULTY = range(5)
STATE = {"": ANSWERED, Absence.NO_OPINION.value: NO_OPINION, Absence.REFUSED.value: REFUSED}
ABSENCES = np.array(["", "", Absence.NO_OPINION.value, Absence.REFUSED.value, Absence.REFUSED.value], dtype=object)
CHOSEN = frozenset({"1", "y", "yes", "ja", "j", "x", "true", "sant", "vald", "selected", "checked"})
NOT_CHOSEN = frozenset({"0", "n", "no", "nej", "false", "falskt", "ej vald", "inte vald", "not selected", "unchecked"})
GRADED = re.compile(r"(\d{1,2})\s*[-–—.:=(]?\s*[^\d]*")
PLAIN_DECIMAL = re.compile(r"\d+\.\d+")
LONGEST_GROUP = 40
FIRST = 5
EXPLAINED = {*SINGLE_KINDS, *GRADES, "multiple"}  # kinds whose texts somebody can explain
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class AnswerFault(StrEnum):
    """Why an answer, or a respondent as a whole, is not taken in."""

    UNKNOWN = "unknown"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_NUMBER = "not_a_number"
    AMBIGUOUS = "ambiguous"
    TOO_LONG = "too_long"
    GIVEN_TWICE = "given_twice"
    WEIGHT = "weight"
    STRATUM = "stratum"
    CLUSTER = "cluster"
    SAME_RESPONDENT = "same_respondent"


OF_A_RESPONDENT = frozenset(
    {AnswerFault.WEIGHT, AnswerFault.STRATUM, AnswerFault.CLUSTER, AnswerFault.SAME_RESPONDENT}
)  # fmt: skip


@dataclass(frozen=True)
class Rejection:
    """One fault in one column, with all the rows of the file where it stands. `text`: one of the texts; it may be about
    a person, and whoever shows it decides."""

    fault: AnswerFault
    header: str
    code: str
    lines: Ints
    text: str = ""


@dataclass(frozen=True)
class Tally:
    """How a question's part was answered in the file, with the texts that were not understood and how often they stand
    there. `first`: of the first respondents: value and absence, None where the question did not show."""

    asked: Asked
    part: int
    header: str
    answered: int
    no_opinion: int
    refused: int
    faulty: int
    hidden: int
    values: Mapping[float, int]
    unknown: Mapping[str, int]
    understood: Mapping[str, str]
    first: Sequence[tuple[float, str] | None]


@dataclass(frozen=True)
class FreeText:
    """A comment before it is masked, and what its author answered to the survey's overall question (NaN: nothing)."""

    question_id: int
    text: str
    overall: float


@dataclass(frozen=True)
class Understood:
    """What a file says. `responses` and `answers` as `surveys.operations.responses.store_responses` takes them, without
    mode and day. `empty`: respondents without any answer, who are left out."""

    responses: pd.DataFrame
    answers: pd.DataFrame
    texts: Sequence[FreeText]
    tallies: Sequence[Tally]
    rejections: Sequence[Rejection]
    empty: int
    first_lines: Sequence[int] = ()

    @property
    def rejected(self) -> int:
        """How many answers and respondents are rejected."""
        return sum(len(rejection.lines) for rejection in self.rejections)


@dataclass
class _Read:
    """A column as numbers: (n,) values and states. `unknown`: texts that somebody can explain, and how often they
    stand there; `understood`: texts → option's value or word of Absence."""

    header: str
    values: Floats
    states: NDArray[np.int8]
    rejections: list[Rejection] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    understood: dict[str, str] = field(default_factory=dict)


Reading = tuple[float, int, AnswerFault | None]  # value, state, fault
NOTHING: Reading = (np.nan, BLANK, None)


def understand(
    table: AnswerTable, mapping: AnswerMapping, known: Sequence[Known], *, strata: Collection[str] = (),
    overall: str = "",
) -> Understood:  # fmt: skip
    """Read a table of answers as `mapping` says.

    `known`: the questions in the order of asking. `strata`: codes that a stratum must be one of; none: any. `overall`:
    the code of the question that tells the satisfied from the dissatisfied. A question that hangs on another counts as
    passed over where it showed and is empty, and is left out where it did not show; where the other is not in the file,
    it counts as shown where it is answered. Raises ValueError for a mapping that does not fit the table.
    """
    if len(mapping.targets) != len(table.header):
        raise ValueError("the mapping is of another file")
    people = Respondents(table, mapping.targets, mapping.items)
    about, kept, rejections = _about(people, table, mapping, frozenset(strata))
    reads, texts = _read_columns(people, mapping, {one.asked.code: one for one in known})
    parts = _parts(reads, known, people.count)
    answered = np.zeros(people.count, dtype=bool)
    for read in reads.values():
        answered |= read.states > BLANK
    for _question_id, written in texts:
        answered |= written != ""
    empty = int((kept & ~answered).sum())
    kept &= answered
    rejections += [rejection for read in reads.values() for rejection in read.rejections]
    feeling = reads[(overall, 0)].values if (overall, 0) in reads else np.full(people.count, np.nan)
    return Understood(
        responses=about[kept].reset_index(drop=True),
        answers=_answers(parts, kept),
        texts=[
            FreeText(question_id, str(written[row]), float(feeling[row]))
            for question_id, written in texts
            for row in np.flatnonzero((written != "") & kept).tolist()
        ],
        tallies=[_tally(part, kept) for part in parts],
        rejections=[rejection for rejection in rejections if len(rejection.lines)],
        empty=empty,
        first_lines=people.lines[np.flatnonzero(kept)[:FIRST]].tolist(),
    )


# ── about the respondent ──────────────────────────────────────────────────────────────────────────────────────────────


def _about(
    people: Respondents, table: AnswerTable, mapping: AnswerMapping, strata: frozenset[str]
) -> tuple[pd.DataFrame, Mask, list[Rejection]]:
    """Stratum, cluster and weight of each respondent; who can be taken in; and why the others cannot."""
    headers = {target.role: table.header[place] for place, target in enumerate(mapping.targets) if target.role}
    rejections: list[Rejection] = []
    kept = np.ones(people.count, dtype=bool)

    def reject(bad: Mask, fault: AnswerFault, role: Role) -> None:
        nonlocal kept
        rejections.append(Rejection(fault, headers.get(role, ""), "", people.lines[bad & kept]))
        kept = kept & ~bad

    reject(people.repeated(), AnswerFault.SAME_RESPONDENT, Role.RESPONDENT)
    weights = np.full(people.count, np.nan)
    if (told := people.about(Role.WEIGHT)) is not None:
        weights = _numbers(told)
        reject(~(np.isfinite(weights) & (weights > 0)), AnswerFault.WEIGHT, Role.WEIGHT)
    groups = {}
    for role, fault, possible in (
        (Role.STRATUM, AnswerFault.STRATUM, strata),
        (Role.CLUSTER, AnswerFault.CLUSTER, frozenset()),
    ):
        texts = people.about(role)
        groups[role], bad = _groups(texts, possible) if texts is not None else _no_groups(people.count)
        reject(bad, fault, role)
    about = {"stratum": groups[Role.STRATUM], "cluster": groups[Role.CLUSTER], "weight": weights}
    return pd.DataFrame(about), kept, rejections


def _groups(texts: NDArray[np.object_], possible: frozenset[str]) -> tuple[NDArray[np.object_], Mask]:
    """Names of groups, and which cannot be one: empty, too long, or none of those that are possible."""
    codes, names = pd.factorize(texts)
    clean = np.array([bare(str(name)) for name in names], dtype=object)
    bad = np.array([not 0 < len(name) <= LONGEST_GROUP or bool(possible and name not in possible) for name in clean])
    return clean[codes], bad[codes]


def _no_groups(count: int) -> tuple[NDArray[np.object_], Mask]:
    return np.full(count, "", dtype=object), np.zeros(count, dtype=bool)


def _numbers(texts: NDArray[np.object_]) -> Floats:
    codes, names = pd.factorize(texts)
    points = _has_decimal_points(names)
    return np.array([_number(bare(str(name)), points)[0] for name in names], dtype=float)[codes]


def _has_decimal_points(texts: Sequence[str] | NDArray[np.object_]) -> bool:
    """Whether a point in this column is a decimal one: some text has one that cannot divide thousands, none a comma."""
    told = [bare(str(text)) for text in texts]
    pointed = [text for text in told if PLAIN_DECIMAL.fullmatch(text)]
    if any("," in text for text in told):
        return False
    return any(text.startswith("0") or len(text.partition(".")[2]) != 3 for text in pointed)


def _number(text: str, points: bool) -> tuple[float, str, str]:
    """Value (NaN: none), fault of the reading, and reason of a mark that stands for no value."""
    reading = read_number(text.replace(".", ",") if points and PLAIN_DECIMAL.fullmatch(text) else text, language="sv")
    return (np.nan if reading.value is None else reading.value, reading.fault, reading.absence)


# ── columns → values ──────────────────────────────────────────────────────────────────────────────────────────────────

Column = tuple[str, int]


def _read_columns(
    people: Respondents, mapping: AnswerMapping, known: Mapping[str, Known]
) -> tuple[dict[Column, _Read], list[tuple[int, NDArray[np.object_]]]]:
    """Each column of a question as a part's values; those of free texts as texts."""
    reads: dict[Column, _Read] = {}
    texts: list[tuple[int, NDArray[np.object_]]] = []
    for number, (header, target) in enumerate(people.columns):
        one = known.get(target.code)
        if one is None:
            continue
        together = one.asked.kind == "multiple" and target.part is None
        given = people.column(number, joined=together)
        read = _read(given.texts, given.lines, header, one, target, mapping)
        if len(given.repeated):
            read.rejections.append(Rejection(AnswerFault.GIVEN_TWICE, header, one.asked.code, given.repeated))
        if one.asked.kind == "text":
            texts.append((one.asked.question_id, np.where(read.states == ANSWERED, given.texts, "")))
        if together:
            reads |= _apart(read, one.asked)
        else:
            reads[(one.asked.code, target.part or 0)] = read
    for one in known.values():
        if one.asked.kind == "multiple":
            _complete_choices(reads, one.asked)
    return reads, texts


def _read(
    texts: NDArray[np.object_], lines: Ints, header: str, one: Known, target: Target, mapping: AnswerMapping
) -> _Read:
    codes, names = pd.factorize(texts)
    reader = _reader(one, target, mapping, _has_decimal_points(names) if one.asked.kind == "number" else False)
    readings = [reader(bare(str(name))) for name in names]
    values = np.array([reading[0] for reading in readings], dtype=float)[codes]
    states = np.array([reading[1] for reading in readings], dtype=np.int8)[codes]
    read = _Read(header, values, states)
    counts = np.bincount(codes, minlength=len(names))
    for place, (name, (value, state, fault)) in enumerate(zip(names, readings, strict=True)):
        text = bare(str(name))
        if fault is AnswerFault.UNKNOWN:
            read.unknown[text] = read.unknown.get(text, 0) + int(counts[place])
        elif state not in (BLANK, FAULTY) and one.asked.kind in EXPLAINED:
            read.understood[text] = str(int(value)) if state == ANSWERED else str(ABSENCES[state])
    for fault in dict.fromkeys(reading[2] for reading in readings if reading[2]):
        places = [place for place, reading in enumerate(readings) if reading[2] is fault]
        rows = np.isin(codes, places)
        read.rejections.append(Rejection(fault, header, one.asked.code, lines[rows], bare(str(names[places[0]]))))
    return read


def _reader(one: Known, target: Target, mapping: AnswerMapping, points: bool) -> Callable[[str], Reading]:
    """How a text of this column is read."""
    said = mapping.meanings.get(one.asked.code, {})
    absent = {normal(text): (np.nan, REFUSED, None) for text in mapping.refused}
    absent |= {normal(text): (np.nan, NO_OPINION, None) for text in mapping.no_opinion}
    kind = one.asked.kind

    def read(text: str) -> Reading:
        if not text:
            return NOTHING
        plain = normal(text)
        if plain in said:
            return _as_said(said[plain])
        if kind == "text":
            return NOTHING if plain in absent else (1.0, *_long_enough(text))
        if kind == "number":
            return absent.get(plain) or _quantity(text, one.asked, points)
        if kind == "multiple" and target.part is None:
            return absent.get(plain) or _several(text, one)
        found = _part_chosen(plain, target, one) if kind == "multiple" else _choice(text, plain, one)
        # What a question itself offers is never taken for a code of missing answers.
        return found or absent.get(plain) or _mark(text) or (np.nan, FAULTY, AnswerFault.UNKNOWN)

    return read


def _as_said(meaning: str) -> Reading:
    return (np.nan, STATE[meaning], None) if meaning in STATE else (float(meaning), ANSWERED, None)


def _long_enough(text: str) -> tuple[int, AnswerFault | None]:
    return (ANSWERED, None) if len(text) <= LONGEST_TEXT else (FAULTY, AnswerFault.TOO_LONG)


def _mark(text: str) -> Reading | None:
    return (np.nan, REFUSED, None) if read_number(text, language="sv").absence else None


def _quantity(text: str, asked: Asked, points: bool) -> Reading:
    value, fault, absence = _number(text, points)
    if absence:
        return (np.nan, REFUSED, None)
    if fault:
        ambiguous = fault == Unreadable.AMBIGUOUS.value
        return (np.nan, FAULTY, AnswerFault.AMBIGUOUS if ambiguous else AnswerFault.NOT_A_NUMBER)
    return (value, ANSWERED, None) if is_possible(asked, value) else (np.nan, FAULTY, AnswerFault.OUT_OF_RANGE)


def _choice(text: str, plain: str, one: Known) -> Reading | None:
    """An option by its label or its value; a grade by its number, words after it passed over."""
    value: float | None = one.labels.get(plain)
    if value is None:
        value = read_number(text, language="sv").value
    if value is None and one.asked.kind in GRADES and (graded := GRADED.fullmatch(text)):
        value = float(graded[1])
    if value is None:
        return None
    if any(option.value == value and option.no_opinion for option in one.asked.options):
        return (np.nan, NO_OPINION, None)
    return (value, ANSWERED, None) if is_possible(one.asked, value) else None


def _part_chosen(plain: str, target: Target, one: Known) -> Reading | None:
    """Whether the option that the column stands for was chosen."""
    if plain in CHOSEN or one.labels.get(plain) == target.part:
        return (1.0, ANSWERED, None)
    return (0.0, ANSWERED, None) if plain in NOT_CHOSEN else None


def _several(text: str, one: Known) -> Reading:
    """All options of one cell as a number: bit k for the kth part. They stand apart by ; or |, else by commas."""
    value, places = 0, {part: place for place, part in enumerate(one.asked.parts)}
    marks = r"[;|]" if re.search(r"[;|]", text) or normal(text) in one.labels else r"[;|,]"
    for token in filter(None, map(bare, re.split(marks, text))):
        found = one.labels.get(normal(token))
        if found is None:
            number = read_number(token, language="sv").value
            found = None if number is None or number != int(number) else int(number)
        if any(option.value == found and option.no_opinion for option in one.asked.options):
            return (np.nan, NO_OPINION, None)
        if found not in places:
            return (np.nan, FAULTY, AnswerFault.UNKNOWN)
        value |= 1 << places[found]
    return (float(value), ANSWERED, None)


def _apart(read: _Read, asked: Asked) -> dict[Column, _Read]:
    """A column of whole answers as one a part; what was wrong is told by the first."""
    whole = np.where(np.isnan(read.values), 0, read.values).astype(np.int64)
    found = {}
    for place, part in enumerate(asked.parts):
        values = np.where(read.states == ANSWERED, (whole >> place) & 1, np.nan).astype(float)
        found[(asked.code, part)] = _Read(read.header, values, read.states)
    first = found[(asked.code, asked.parts[0])]
    first.rejections = read.rejections
    return found


def _complete_choices(reads: dict[Column, _Read], asked: Asked) -> None:
    """Where any option of a question was ticked or told, an empty one was not chosen; “no opinion” empties them all."""
    without = [option.value for option in asked.options if option.no_opinion]
    parts = [reads[(asked.code, part)] for part in asked.parts if (asked.code, part) in reads]
    if not parts:
        return
    told = np.zeros(len(parts[0].states), dtype=bool)
    for read in parts:
        told |= read.states == ANSWERED
    for read in parts:
        passed = told & (read.states == BLANK)
        read.values = np.where(passed, 0.0, read.values)
        read.states = np.where(passed, ANSWERED, read.states).astype(np.int8)
    for value in without:
        if (asked.code, value) in reads:
            read = reads.pop((asked.code, value))
            silent = (read.states == ANSWERED) & (read.values == 1)
            for other in parts:
                other.values = np.where(silent, np.nan, other.values)
                other.states = np.where(silent, NO_OPINION, other.states).astype(np.int8)


# ── what was shown ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Shown:
    """(n,) whether a question showed, and whether that is certain."""

    shows: Mask
    certain: bool


@dataclass(frozen=True)
class _Part:
    """A part of a question that the file holds. `states` (n,): as they are stored; BLANK has no row."""

    asked: Asked
    part: int
    read: _Read
    shows: Mask
    states: NDArray[np.int8]


def _parts(reads: Mapping[Column, _Read], known: Sequence[Known], count: int) -> list[_Part]:
    """Every part that the file holds, in the order of asking, with how each respondent stands to it."""
    found: dict[str, _Shown] = {}
    parts: list[_Part] = []
    by_code = {one.asked.code: one.asked for one in known}
    for asked in by_code.values():
        found[asked.code] = shown = _shown(asked, by_code, reads, found, count)
        held = [(part, reads[(asked.code, part)]) for part in asked.parts if (asked.code, part) in reads]
        parts += [_Part(asked, part, read, shown.shows, _final(read, shown)) for part, read in held]
    return parts


def _shown(
    asked: Asked, by_code: Mapping[str, Asked], reads: Mapping[Column, _Read], found: Mapping[str, _Shown], count: int
) -> _Shown:
    """The rule of `questionnaire.is_shown` for all respondents at once."""
    everybody = np.ones(count, dtype=bool)
    if not asked.shown_by:
        return _Shown(everybody, certain=True)
    decides = by_code.get(asked.shown_by)
    if decides is None or decides.code not in found:
        return _Shown(everybody, certain=False)
    told = [(part, reads[(decides.code, part)].values) for part in decides.parts if (decides.code, part) in reads]
    if not told:
        return _Shown(everybody, certain=False)
    shows = ~everybody
    for part, values in told:
        if decides.kind != "multiple":
            shows |= np.isin(values, asked.shown_values)
        elif part in asked.shown_values:
            shows |= values == 1
    return _Shown(shows & found[decides.code].shows, found[decides.code].certain)


def _final(read: _Read, shown: _Shown) -> NDArray[np.int8]:
    passed = REFUSED if shown.certain else BLANK
    states = np.where(read.states == BLANK, passed, np.where(read.states == FAULTY, REFUSED, read.states))
    return np.where(shown.shows, states, BLANK).astype(np.int8)


def _answers(parts: Sequence[_Part], kept: Mask) -> pd.DataFrame:
    """The rows of all parts one after the other; respondents are numbered without those who are left out."""
    number = (np.cumsum(kept) - 1).astype(np.int32)
    stored = [(part, np.flatnonzero(kept & (part.states != BLANK))) for part in parts if part.asked.kind != "text"]
    sizes = [len(rows) for _part, rows in stored]
    states = _joined([part.states[rows] for part, rows in stored], np.int8)
    values = _joined([part.read.values[rows] for part, rows in stored], np.float64)
    return pd.DataFrame(
        {
            "respondent": _joined([number[rows] for _part, rows in stored], np.int32),
            "question_id": np.repeat(np.array([part.asked.question_id for part, _rows in stored], np.int32), sizes),
            "part": np.repeat(np.array([part.part for part, _rows in stored], np.int16), sizes),
            "value": np.where(states == ANSWERED, values, np.nan),
            "absence": ABSENCES[states],
        }
    )


def _joined(blocks: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=kind)


def _tally(part: _Part, kept: Mask) -> Tally:
    states = part.states[kept]
    read = part.read
    values, counts = np.unique(read.values[kept & (part.states == ANSWERED)], return_counts=True)
    first = np.flatnonzero(kept)[:FIRST].tolist()
    return Tally(
        asked=part.asked,
        part=part.part,
        header=read.header,
        answered=int((states == ANSWERED).sum()),
        no_opinion=int((states == NO_OPINION).sum()),
        refused=int((states == REFUSED).sum()),
        faulty=int((kept & part.shows & (read.states == FAULTY)).sum()),
        hidden=int((kept & ~part.shows & (read.states > BLANK)).sum()),
        values={} if part.asked.kind == "text" else dict(zip(values.tolist(), counts.tolist(), strict=True)),
        unknown=read.unknown,
        understood=read.understood,
        first=[
            None if part.states[row] == BLANK else (float(read.values[row]), str(ABSENCES[part.states[row]]))
            for row in first
        ],
    )
