"""Registers of people in: a sample frame as CSV or Excel, read whole, its rows accepted or named with what is wrong.

What a faulty cell holds is never kept or told, since it is about a person: the row, the column and the fault are.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from indicators.sources.sheet import HEADS_AMONG, Cell, Limits, Row, SheetError, column_letters, read_sheet

# How headers may be written, without spaces, hyphens and capitals; Swedish and English.
HEADERS: Mapping[str, frozenset[str]] = {
    "stratum": frozenset({"stratum", "strata", "grupp", "urvalsgrupp", "group", "område", "area"}),
    "name": frozenset({"namn", "name", "fullständigtnamn", "fullname", "förochefternamn"}),
    "first_name": frozenset({"förnamn", "firstname", "givenname", "tilltalsnamn"}),
    "last_name": frozenset({"efternamn", "lastname", "surname", "familyname"}),
    "address": frozenset({"adress", "address", "gatuadress", "utdelningsadress", "postadress", "streetaddress"}),
    "postcode": frozenset({"postnummer", "postnr", "postcode", "postalcode", "zip", "zipcode"}),
    "city": frozenset({"ort", "postort", "city", "town", "stad"}),
    "email": frozenset({"epost", "epostadress", "email", "emailaddress", "mejl", "mail", "epostaddress"}),
    "language": frozenset({"språk", "language", "lang"}),
}
LONGEST = {"stratum": 40, "name": 160, "address": 200, "postcode": 12, "city": 80, "email": 254}
LANGUAGES = {
    "": "sv", "sv": "sv", "svenska": "sv", "swedish": "sv", "swe": "sv",
    "en": "en", "engelska": "en", "english": "en", "eng": "en",
}  # fmt: skip
MOST_FAULTS = 500
COUNT = re.compile(r"\d{1,3}(?:[   .,]\d{3})+|\d+")


class Fault(StrEnum):
    """What is wrong with a row of a register."""

    NO_STRATUM = "no_stratum"
    NOT_REACHED = "not_reached"
    NO_CITY = "no_city"
    BAD_EMAIL = "bad_email"
    BAD_LANGUAGE = "bad_language"
    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    TWICE = "twice"


@dataclass(frozen=True)
class Rejected:
    """A row that is not taken in. `row`: from 1, as in the file; `column`: its letters; `of`: the row it repeats."""

    row: int
    column: str
    fault: Fault
    of: int = 0


class FramePersonRow(NamedTuple):
    stratum: str
    name: str
    address: str
    postcode: str
    city: str
    email: str
    language: str


@dataclass(frozen=True)
class Background:
    """A column of the register that is a background question: its code, and how often each choice stands there.
    `unknown`: rows with something else; where there are any, the column says nothing of the population."""

    code: str
    column: str
    counts: Mapping[int, int]
    unknown: int


@dataclass(frozen=True)
class FrameFile:
    """A register as it was read. `rejected`: those named, at most `MOST_FAULTS`, of `rejected_count`."""

    people: list[FramePersonRow]
    rejected: list[Rejected]
    rejected_count: int
    passed_over: list[str]
    backgrounds: list[Background] = field(default_factory=list)


Choices = Mapping[str, Mapping[str, int]]  # a background question's names → what a cell may say → the choice's value


def read_frame_file(content: bytes, limits: Limits, backgrounds: Mapping[str, Choices] | None = None) -> FrameFile:
    """The people of a register.

    `backgrounds`: question's code → {written header: {written choice: value}}. Raises SheetError for a file that
    cannot be read, has no header row that names how people are reached, or holds nobody.
    """
    rows = read_sheet(content, limits, lambda row: _reaches(_columns(row))).rows
    line, columns = _head(rows)
    questions = _background_columns(rows[line], backgrounds or {}, set(columns.values()))
    known = {*columns.values(), *(column for column, _code, _words in questions)}
    passed_over = [str(cell).strip() for i, cell in enumerate(rows[line]) if i not in known and str(cell).strip()]
    people, rejected, count, kept = _people(rows, line, columns)
    if not people and not count:
        raise SheetError(_("There is nobody in the file below its headers. Choose the register with its people."))
    found = [_background(rows, kept, column, code, words) for column, code, words in questions]
    return FrameFile(people, rejected, count, passed_over, found)


def _key(cell: Cell) -> str:
    return re.sub(r"[\s\-_./]", "", str(cell)).casefold()


def _columns(row: Row) -> dict[str, int]:
    """What each column that is recognised holds; of two with the same header the first."""
    found: dict[str, int] = {}
    for number, cell in enumerate(row):
        for role, names in HEADERS.items():
            if _key(cell) in names:
                found.setdefault(role, number)
    return found


def _reaches(columns: Mapping[str, int]) -> bool:
    return "email" in columns or "address" in columns


def _head(rows: Sequence[Row]) -> tuple[int, dict[str, int]]:
    for line, row in enumerate(rows[:HEADS_AMONG]):
        columns = _columns(row)
        if _reaches(columns):
            return line, columns
    raise SheetError(
        _(
            "No row has headers that say how people are reached. Name the columns, for example Group, Name, Address, "
            "Postcode, City, E-mail, Language; at least an address or an e-mail is needed."
        )
    )


def _text(cell: Cell) -> str | None:
    """A cell as text: a postcode that Excel made a number is whole again; None for what is no text, such as a date."""
    if isinstance(cell, bool | datetime | date):
        return None
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return " ".join(str(cell).split())


def _people(
    rows: Sequence[Row], head: int, columns: Mapping[str, int]
) -> tuple[list[FramePersonRow], list[Rejected], int, list[int]]:
    """The people, the rejected rows that are named, how many were rejected, and the lines of the people."""
    people: list[FramePersonRow] = []
    rejected: list[Rejected] = []
    kept: list[int] = []
    count, seen = 0, dict[tuple[str, ...], int]()
    for line in range(head + 1, len(rows)):
        if not any(str(cell).strip() for cell in rows[line]):
            continue
        found, first = _person(rows[line], columns), 0
        if isinstance(found, FramePersonRow):
            who = tuple(part.casefold() for part in found[1:6])
            first = seen.setdefault(who, line + 1)
            if first == line + 1:
                people.append(found)
                kept.append(line)
                continue
            found = Fault.TWICE, next(role for role in ("name", "first_name", "address", "email") if role in columns)
        count += 1
        if len(rejected) < MOST_FAULTS:
            rejected.append(Rejected(line + 1, _letters(columns, found[1]), found[0], first))
    return people, rejected, count, kept


def _letters(columns: Mapping[str, int], role: str) -> str:
    return column_letters(columns[role] if role in columns else min(columns.values()))


def _person(row: Row, columns: Mapping[str, int]) -> FramePersonRow | tuple[Fault, str]:
    """The row as a person, or what is wrong in the column of which role."""
    told: dict[str, str] = {}
    for role, number in columns.items():
        text = _text(row[number]) if number < len(row) else ""
        if text is None:
            return Fault.NOT_TEXT, role
        if len(text) > LONGEST.get(role, 160):
            return Fault.TOO_LONG, role
        told[role] = text
    name = told.get("name") or " ".join(filter(None, (told.get("first_name"), told.get("last_name"))))
    if "stratum" in columns and not told["stratum"]:
        return Fault.NO_STRATUM, "stratum"
    address, email = told.get("address", ""), told.get("email", "")
    if not address and not email:
        return Fault.NOT_REACHED, "address" if "address" in columns else "email"
    if email and not _is_email(email):
        return Fault.BAD_EMAIL, "email"
    city = told.get("city", "")
    if address and not email and not city:
        return Fault.NO_CITY, "city" if "city" in columns else "address"
    language = LANGUAGES.get(told.get("language", "").casefold())
    if language is None:
        return Fault.BAD_LANGUAGE, "language"
    postcode = re.sub(r"^(\d{3}) ?(\d{2})$", r"\1 \2", told.get("postcode", ""))
    return FramePersonRow(told.get("stratum", ""), name[:160], address, postcode, city, email, language)


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# ── background ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _background_columns(
    head: Row, backgrounds: Mapping[str, Choices], taken: set[int]
) -> list[tuple[int, str, Mapping[str, int]]]:
    found = []
    for code, choices in backgrounds.items():
        names = {_key(name): words for name, words in choices.items()}
        for number, cell in enumerate(head):
            if number not in taken and _key(cell) in names:
                found.append((number, code, names[_key(cell)]))
                break
    return found


def _background(
    rows: Sequence[Row], kept: Sequence[int], column: int, code: str, words: Mapping[str, int]
) -> Background:  # fmt: skip
    """How often each choice stands in the rows that were kept."""
    values = {_key(word): value for word, value in words.items()}
    counts: Counter[int] = Counter()
    unknown = 0
    for line in kept:
        cell = rows[line][column] if column < len(rows[line]) else ""
        value = values.get(_key(_text(cell) or ""))
        if value is None:
            unknown += 1
        else:
            counts[value] += 1
    return Background(code, column_letters(column), dict(counts), unknown)


# ── counts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class BadLine:
    """A line of counts that cannot be read. `line` counts from 1; `column`: 1 the name, 2 the number."""

    line: int
    column: int
    text: str


def read_counts(rows: Sequence[Row]) -> tuple[dict[str, int], list[BadLine]]:
    """Names with how many they are, from rows of two cells; a first row of headers is passed over, as are empty ones.

    A name that comes twice is told, and never added up.
    """
    found: dict[str, int] = {}
    bad: list[BadLine] = []
    filled = [(i, [_text(c) or "" for c in row]) for i, row in enumerate(rows, 1) if any(str(c).strip() for c in row)]
    for place, (line, cells) in enumerate(filled):
        name, given = cells[0], next((cell for cell in cells[1:] if cell), "")
        count = _count(given)
        if count is None:
            if place or not given:
                bad.append(BadLine(line, 2, given))
        elif not name or len(name) > LONGEST["stratum"] or name in found:
            bad.append(BadLine(line, 1, name))
        else:
            found[name] = count
    return found, bad


def _count(text: str) -> int | None:
    """A whole number as people write it, with or without spaces between thousands."""
    return int(re.sub(r"\D", "", text)) if COUNT.fullmatch(text) else None


def pasted_rows(text: str) -> list[list[Cell]]:
    """Lines of two cells as they are pasted from a spreadsheet or typed: a tab, a semicolon, or the number last."""
    rows: list[list[Cell]] = []
    for line in text.splitlines():
        parts = re.split(r"[\t;]", line, maxsplit=1)
        if len(parts) == 1:
            last = re.match(r"(.*\S)[:=\s]+((?:\d{1,3}(?:[   ]\d{3})+|\d+))\s*$", line)
            parts = [last[1].rstrip(":= "), last[2]] if last else parts
        rows.append([part.strip() for part in parts])
    return rows


def read_count_file(content: bytes, limits: Limits) -> tuple[dict[str, int], list[BadLine]]:
    """As `read_counts`, from the first two columns of a CSV or Excel file. Raises SheetError."""
    any_row: Callable[[Row], bool] = bool
    return read_counts(read_sheet(content, limits, any_row).rows)
