"""Numbers as text: the one place where they are rounded."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from indicators.templatetags import figures

NARROW, HARD, MINUS = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("value", "decimals", "swedish", "english"),
    [
        (1234.5, 1, f"1{NARROW}234,5", "1,234.5"),
        (1234567, 0, f"1{NARROW}234{NARROW}567", "1,234,567"),
        (0, 0, "0", "0"),
        (0.0, 1, "0,0", "0.0"),
        (-2.5, 1, f"{MINUS}2,5", f"{MINUS}2.5"),
        (-0.04, 1, "0,0", "0.0"),
        (0.125, 2, "0,13", "0.13"),
        (0.5, 0, "1", "1"),
        (Decimal("89.7654"), 1, "89,8", "89.8"),
        (None, 1, "–", "–"),
        (float("nan"), 1, "–", "–"),
    ],
)
def test_number(value: float | None, decimals: int, swedish: str, english: str) -> None:
    with translation.override("sv"):
        assert figures.number(value, decimals) == swedish
    with translation.override("en"):
        assert figures.number(value, decimals) == english


def test_sign() -> None:
    with translation.override("en"):
        assert figures.number(1.6, 1, sign=True) == "+1.6"
        assert figures.number(0.0, 1, sign=True) == "0.0"
        assert figures.number(0.04, 1, sign=True) == "0.0"
        assert figures.number(-1.6, 1, sign=True) == f"{MINUS}1.6"


def test_with_unit() -> None:
    with translation.override("sv"):
        assert figures.with_unit(90.5, 1, "%") == f"90,5{HARD}%"
        assert figures.with_unit(28, 0, "dagar") == f"28{HARD}dagar"
        assert figures.with_unit(4.2, 1, "") == "4,2"
        assert figures.with_unit(None, 1, "%") == "–"
        assert figures.with_unit(0, 0, "%") == f"0{HARD}%"
    with translation.override("en"):
        assert figures.with_unit(90.5, 1, "%") == "90.5%"
        assert figures.with_unit(28, 0, "days") == f"28{HARD}days"


def test_a_difference_of_shares_is_in_percentage_points() -> None:
    with translation.override("en"):
        assert figures.difference(1.6, 1, "%", share=True) == f"+1.6{HARD}percentage points"
        assert figures.difference(-1, 0, "%", share=True) == f"{MINUS}1{HARD}percentage point"
        assert figures.difference(1.0, 1, "%", share=True) == f"+1.0{HARD}percentage points"
        assert figures.difference(0, 0, "%", share=True) == f"0{HARD}percentage points"
        assert figures.difference(3, 0, "days", share=False) == f"+3{HARD}days"
        assert figures.difference(3, 0, "days", share=False, sign=False) == f"3{HARD}days"
        assert figures.difference(2, 0, "", share=False) == "+2"
        assert figures.difference(None, 0, "%", share=True) == "–"


@pytest.mark.parametrize(
    ("absence", "mark"),
    [("missing", "–"), ("not_due", "–"), ("not_applicable", "."), ("confidential", ".."), ("too_few_answers", "..")],
)
def test_marks_for_what_is_missing(absence: str, mark: str) -> None:
    assert figures.missing(absence) == mark


def test_filter() -> None:
    with translation.override("en"):
        text = Template("{% load figures %}{{ x|number:2 }} {{ y|number }}").render(Context({"x": 1.005, "y": None}))
    assert text == "1.01 –"


@given(st.floats(-1e12, 1e12), st.integers(0, 4), st.sampled_from(["sv", "en"]))
def test_text_says_the_rounded_number(value: float, decimals: int, language: str) -> None:
    with translation.override(language):
        text = figures.number(value, decimals)
    plain = text.replace(MINUS, "-").replace(NARROW, "")
    plain = plain.replace(",", ".") if language == "sv" else plain.replace(",", "")
    assert abs(Decimal(plain) - Decimal(repr(value))) <= Decimal("0.5").scaleb(-decimals)
    assert text not in (f"{MINUS}0", f"{MINUS}0,0", f"{MINUS}0.0")


def test_a_file_rounds_as_a_page_does() -> None:
    """7.25 is 7.2 by Python's own rounding."""
    assert [float(figures.rounded(value, 1)) for value in (7.25, -0.25, 0.0)] == [7.3, -0.3, 0.0]
