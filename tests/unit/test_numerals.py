"""Numbers as people write them: read as they are meant, or not at all."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.numerals import Reading, read_number
from indicators.templatetags.figures import number

NARROW, NO_BREAK = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,5", 1234.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1234.5", 1234.5), ("1234,5", 1234.5),
        ("12 %", 12), ("12%", 12), (f"12{NO_BREAK}%", 12), (f"1{NARROW}234{NARROW}567,25", 1234567.25),
        (f"1{NO_BREAK}234", 1234), ("\u22125", -5), ("-5,5", -5.5), ("\u20135", -5), ("+5", 5), ("0", 0), ("-0", 0),
        ("0,123", 0.123), ("0.123", 0.123), ("1.234.567", 1234567), ("1,234,567", 1234567), ("1234,567", 1234.567),
        ("1234.567", 1234.567), ("1 234,567", 1234.567), ("1.234,567", 1234.567), (",5", 0.5), (".5", 0.5),
        ("  7\t", 7), ("\ufeff81", 81),
    ],
)  # fmt: skip
def test_one_way_to_read_it(text: str, value: float) -> None:
    for language in ("sv", "en"):
        assert read_number(text, language=language) == Reading(value=value)


@pytest.mark.parametrize(
    ("text", "absence"),
    [("–", "missing"), ("-", "missing"), ("\u2212", "missing"), ("—", "missing"), ("..", "confidential"),
     (".", "not_applicable"), (" .. ", "confidential")],
)  # fmt: skip
def test_marks_are_reasons(text: str, absence: str) -> None:
    assert read_number(text, language="sv") == Reading(absence=absence)


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", NARROW, "\ufeff"])
def test_nothing_is_nothing(text: str) -> None:
    assert read_number(text, language="sv") == Reading()


def test_what_may_be_thousands_or_decimals_is_not_guessed() -> None:
    assert read_number("1.234", language="sv").fault == "ambiguous"
    assert read_number("1.234", language="en").fault == "ambiguous"
    assert read_number("-12,345", language="en").fault == "ambiguous"
    assert read_number("1,234", language="sv") == Reading(value=1.234)


@pytest.mark.parametrize(
    "text",
    ["abc", "1e5", "1,2E+05", "nan", "inf", "%", "- %", "5,", "5.", "1 23", "12 34 567", "1.23.4", "1,23,4", "...", "…",
     "(5)", "--5", "5-", "5 kr", "1'234", "٣", "１２", "0x10", "=1+1", "1\n2", "2024-01-01", "9" * 61, "🙂"],
)  # fmt: skip
def test_anything_else_is_no_number(text: str) -> None:
    assert read_number(text, language="sv") == Reading(fault="not_a_number")


@given(st.decimals(-(10**11), 10**11, places=4), st.integers(0, 4), st.sampled_from(["sv", "en"]))
def test_what_a_page_shows_is_read_back_or_refused(value: Decimal, decimals: int, language: str) -> None:
    """Never as another number. Only what English writes with three digits after one mark is refused as ambiguous."""
    with translation.override(language):
        text = number(value, decimals)
    plain = text.replace(NARROW, "").replace("\u2212", "-").replace(",", "." if language == "sv" else "")
    shown = float(Decimal(plain))
    reading = read_number(text, language=language)
    if reading.fault:
        assert (language, reading.fault) == ("en", "ambiguous")
    else:
        assert reading.value == shown


@given(st.text(alphabet="0123456789.,- \u202f\u00a0−–%+", max_size=14))
def test_a_reading_is_one_thing(text: str) -> None:
    """A value, a reason, a fault or nothing; and a number that is read has the digits that were written."""
    for language in ("sv", "en"):
        reading = read_number(text, language=language)
        assert sum([reading.value is not None, reading.absence != "", reading.fault != ""]) <= 1
        if reading.value is not None:
            digits = "".join(c for c in text if c.isdigit())
            read = "".join(c for c in f"{abs(Decimal(repr(reading.value))):f}" if c.isdigit())
            assert digits.strip("0") == read.strip("0") or float(digits) == 0
