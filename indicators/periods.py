"""Periods of follow-up as values: a code that sorts, a label, a first and a last day, the one before and after.

Codes: ``2024`` calendar year · ``2024H1`` half-year · ``2024T2`` tertial (four months) · ``2024Q3`` quarter ·
``2024M05`` month · ``2024S`` school year 2023/24, kept under the year it ends.
Within one kind the codes sort in time as plain text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, total_ordering

FIRST_YEAR, LAST_YEAR = 1900, 2199


class PeriodError(ValueError):
    """A text that names no period; the message says what was given and what is expected."""


class Kind(StrEnum):
    """How often an indicator has a value."""

    YEAR = "year"
    HALF = "half"
    TERTIAL = "tertial"
    QUARTER = "quarter"
    MONTH = "month"
    SCHOOL_YEAR = "school_year"


PARTS = {Kind.YEAR: 1, Kind.HALF: 2, Kind.TERTIAL: 3, Kind.QUARTER: 4, Kind.MONTH: 12, Kind.SCHOOL_YEAR: 1}
LETTER = {Kind.HALF: "H", Kind.TERTIAL: "T", Kind.QUARTER: "Q", Kind.MONTH: "M"}
KIND_OF_LETTER = {letter: kind for kind, letter in LETTER.items()}
CODE = re.compile(r"(?P<year>\d{4})(?:(?P<school>S)|(?P<letter>[HTQM])(?P<part>\d{1,2}))?")
MONTHS = {
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
ORDINALS = {"sv": ("första", "andra", "tredje", "fjärde"), "en": ("first", "second", "third", "fourth")}
NAMES = {
    "sv": {Kind.HALF: "halvåret", Kind.TERTIAL: "tertialet", Kind.QUARTER: "kvartalet"},
    "en": {Kind.HALF: "half-year", Kind.TERTIAL: "four-month period", Kind.QUARTER: "quarter"},
}


@total_ordering
@dataclass(frozen=True)
class Period:
    """One period; ordered by its last day, then by its first (the shorter of two that end together comes last)."""

    kind: Kind
    year: int
    part: int = 1

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise PeriodError(f"year {self.year} lies outside {FIRST_YEAR}–{LAST_YEAR}")
        if not 1 <= self.part <= PARTS[self.kind]:
            raise PeriodError(f"a {self.kind} has parts 1–{PARTS[self.kind]}, not {self.part}")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period that a code names. Raises PeriodError."""
        match = CODE.fullmatch(text.strip())
        if not match:
            raise PeriodError(f"“{text}” is no period; write 2024, 2024H1, 2024T2, 2024Q3, 2024M05 or 2024S")
        year = int(match["year"])
        if match["school"]:
            return cls(Kind.SCHOOL_YEAR, year)
        if match["letter"]:
            return cls(KIND_OF_LETTER[match["letter"]], year, int(match["part"]))
        return cls(Kind.YEAR, year)

    @classmethod
    def of(cls, kind: Kind, day: date) -> "Period":
        """The period of a kind in which a day lies."""
        if kind is Kind.SCHOOL_YEAR:
            return cls(kind, day.year + (day.month >= 7))
        months = 12 // PARTS[kind]
        return cls(kind, day.year, (day.month - 1) // months + 1)

    @cached_property
    def code(self) -> str:
        if self.kind is Kind.YEAR:
            return f"{self.year}"
        if self.kind is Kind.SCHOOL_YEAR:
            return f"{self.year}S"
        width = 2 if self.kind is Kind.MONTH else 1
        return f"{self.year}{LETTER[self.kind]}{self.part:0{width}d}"

    def __str__(self) -> str:
        return self.code

    @cached_property
    def first_day(self) -> date:
        if self.kind is Kind.SCHOOL_YEAR:
            return date(self.year - 1, 7, 1)
        months = 12 // PARTS[self.kind]
        return date(self.year, (self.part - 1) * months + 1, 1)

    @cached_property
    def last_day(self) -> date:
        if self.kind is Kind.SCHOOL_YEAR:
            return date(self.year, 6, 30)
        months = 12 // PARTS[self.kind]
        end = self.part * months
        return date(self.year + end // 12, end % 12 + 1, 1) - timedelta(days=1)

    def due(self, days: int) -> date:
        """The day on which the value is due, `days` after the period's end."""
        return self.last_day + timedelta(days=days)

    @property
    def ordinal(self) -> int:
        """A whole number that grows by one from a period to the next of its kind."""
        return self.year * PARTS[self.kind] + self.part - 1

    def shift(self, steps: int) -> "Period":
        parts = PARTS[self.kind]
        year, part = divmod(self.ordinal + steps, parts)
        return Period(self.kind, year, part + 1)

    def previous(self) -> "Period":
        return self.shift(-1)

    def next(self) -> "Period":
        return self.shift(1)

    @property
    def x(self) -> float:
        """Place on a time axis in years: the middle of the period for parts of a year, its year for whole ones."""
        if PARTS[self.kind] == 1:
            return float(self.year)
        return self.year + (self.part - 0.5) / PARTS[self.kind]

    def label(self, language: str = "sv") -> str:
        """“2024”, “andra tertialet 2024”, “maj 2024”, “läsåret 2023/24”."""
        if self.kind is Kind.YEAR:
            return f"{self.year}"
        if self.kind is Kind.SCHOOL_YEAR:
            span = f"{self.year - 1}/{self.year % 100:02d}"
            return f"läsåret {span}" if language == "sv" else f"school year {span}"
        if self.kind is Kind.MONTH:
            return f"{MONTHS[language][self.part - 1]} {self.year}"
        return f"{ORDINALS[language][self.part - 1]} {NAMES[language][self.kind]} {self.year}"

    def short(self, language: str = "sv") -> str:
        """For axes and narrow columns: “T2 2024”, “maj 2024”, “2023/24”."""
        if self.kind is Kind.YEAR:
            return f"{self.year}"
        if self.kind is Kind.SCHOOL_YEAR:
            return f"{self.year - 1}/{self.year % 100:02d}"
        if self.kind is Kind.MONTH:
            return f"{MONTHS[language][self.part - 1][:3]} {self.year}"
        letter = {"sv": {Kind.QUARTER: "kv"}}.get(language, {}).get(self.kind, LETTER[self.kind])
        return f"{letter}{self.part} {self.year}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Period):
            return NotImplemented
        return (self.last_day, self.first_day) < (other.last_day, other.first_day)


def codes_before(codes: Iterable[str], before: str, since: str = "") -> list[str]:
    """The codes, oldest first, of earlier periods than `before` and not before `since`; only those of its own kind: an
    indicator that has become quarterly still has its years."""
    letter = before[4:5]
    return sorted(code for code in codes if since <= code < before and code[4:5] == letter)


def span(first: Period, last: Period) -> list[Period]:
    """Every period from the first to the last, both included; empty where the last comes before the first."""
    if first.kind is not last.kind:
        raise PeriodError(f"{first} and {last} are of different kinds")
    return [first.shift(step) for step in range(last.ordinal - first.ordinal + 1)]
