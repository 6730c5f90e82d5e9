"""Numbers as people write and paste them, Swedish or English, read without a guess."""

import re
from dataclasses import dataclass
from enum import StrEnum

MINUS_SIGNS = "-\u2212\u2013"  # as typed, the true one, and the en dash that word processors make of it
SPACES = " \u00a0\u202f\u2009"  # ordinary, no-break, narrow no-break, thin
MARKS = {"-": "missing", "\u2212": "missing", "\u2013": "missing", "\u2014": "missing", ".": "not_applicable",
         "..": "confidential"}  # fmt: skip
UNSEEN = "\ufeff\u200b\u2060"  # what a copy may bring along and nobody sees
MOST_CHARACTERS = 60

PLAIN = re.compile(r"[0-9]+")
GROUPED_BY_SPACE = re.compile(rf"(?P<whole>[0-9]{{1,3}}(?P<space>[{SPACES}])[0-9]{{3}}(?:(?P=space)[0-9]{{3}})*)")
DECIMAL = re.compile(r"(?P<whole>[0-9]*)(?P<mark>[.,])(?P<part>[0-9]+)")
GROUPED = re.compile(r"[0-9]{1,3}(?P<mark>[.,])[0-9]{3}(?:(?P=mark)[0-9]{3})+")
GROUPED_DECIMAL = re.compile(r"(?P<whole>[0-9]{1,3}(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})*)"
                             r"(?P<mark>[.,])(?P<part>[0-9]+)")  # fmt: skip


class Unreadable(StrEnum):
    """Why a text is no number."""

    NOT_A_NUMBER = "not_a_number"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Reading:
    """What a text says: a value, or the reason why there is none, or why it cannot be read; all empty: nothing given.

    `fault` is a code of Unreadable.
    """

    value: float | None = None
    absence: str = ""
    fault: str = ""


def read_number(text: str, *, language: str) -> Reading:
    """Read a number or a mark of Kolada's as it was typed or pasted; `language` is “sv” or “en”.

    Spaces group thousands, and where comma and point both stand, or one stands twice, there is one way to read them. A
    single mark with exactly three digits after it may be either: then a comma is a decimal one in Swedish, and anything
    else is ambiguous, unless the digits before it can be no thousands (0, or more than three).
    """
    bare = text.strip(UNSEEN + " \t\r\n\f\v" + SPACES)
    if not bare:
        return Reading()
    if bare in MARKS:
        return Reading(absence=MARKS[bare])
    if len(bare) > MOST_CHARACTERS:
        return Reading(fault=Unreadable.NOT_A_NUMBER.value)
    negative = bare[0] in MINUS_SIGNS
    digits = bare[1:] if negative or bare[0] == "+" else bare
    digits = digits.removesuffix("%").rstrip(SPACES)
    plain = _plain(digits, language)
    if plain in (Unreadable.NOT_A_NUMBER, Unreadable.AMBIGUOUS):
        return Reading(fault=str(plain))
    size = float(plain)
    return Reading(value=-size if negative and size != 0 else size)


def _plain(digits: str, language: str) -> str:
    """The number with a decimal point and nothing else but digits, or a code of Unreadable."""
    if PLAIN.fullmatch(digits):
        return digits
    whole, mark, part = _split(digits)
    if GROUPED_BY_SPACE.fullmatch(whole):
        bare = re.sub(rf"[{SPACES}]", "", whole)
        return f"{bare}.{part}" if mark else bare
    if GROUPED.fullmatch(digits):
        return re.sub(r"[.,]", "", digits)
    both = GROUPED_DECIMAL.fullmatch(digits)
    if both and both["group"] != both["mark"]:
        return f"{re.sub(r'[.,]', '', both['whole'])}.{both['part']}"
    single = DECIMAL.fullmatch(digits)
    if not single:
        return Unreadable.NOT_A_NUMBER
    if _may_be_thousands(single["whole"], single["part"]) and not (single["mark"] == "," and language == "sv"):
        return Unreadable.AMBIGUOUS
    return f"{single['whole']}.{single['part']}"


def _split(digits: str) -> tuple[str, str, str]:
    """Before the first comma or point, the mark itself, and what follows; only digits may follow."""
    found = re.fullmatch(rf"(?P<whole>[0-9{SPACES}]+)(?P<mark>[.,])(?P<part>[0-9]+)", digits)
    return (found["whole"], found["mark"], found["part"]) if found else (digits, "", "")


def _may_be_thousands(whole: str, part: str) -> bool:
    return len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
