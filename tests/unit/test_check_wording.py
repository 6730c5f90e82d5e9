"""What the checks found, as sentences with the figures in them."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from indicators.check_wording import CHECK_NAMES, SENTENCES, Writing, sentence, unreadable
from indicators.compute.plausibility import SOFT, Check, Finding, Peers, doubts, past_of
from indicators.compute.validate import LARGEST

PERCENT = Writing("%", 0)
PEERS = Peers(2024, 7, 70, 88, 76, 82)
FIGURES: dict[Check, dict[str, object]] = {
    Check.NO_PERIOD: {"period": "nästa"},
    Check.WRONG_FREQUENCY: {"period": "2025", "kind": "month"},
    Check.NOT_BEGUN: {"period": "2027", "first_day": "2027-01-01"},
    Check.UNKNOWN_BREAKDOWN: {"breakdown": "X"},
    Check.UNKNOWN_REASON: {"reason": "lost"},
    Check.VALUE_AND_REASON: {"given": 80, "reason": "missing"},
    Check.TOO_LARGE: {"given": 1e13, "largest": LARGEST},
    Check.OUT_OF_RANGE: {"given": 101, "minimum": 0, "maximum": 100},
    Check.PARTS_INCOMPLETE: {"missing": "numerator"},
    Check.PARTS_NEGATIVE: {"numerator": -1, "denominator": 5},
    Check.NUMERATOR_ABOVE: {"numerator": 51, "denominator": 50},
    Check.NOT_THE_SHARE: {"numerator": 41, "denominator": 50, "given": 81, "share": 82},
    Check.FAR_FROM_HISTORY: {"given": 54, "points": 5, "low": 81, "high": 85, "peer_low": 70, "peer_high": 88},
    Check.FAR_FROM_PEERS: {"given": 54, "peer_low": 70, "peer_high": 88},
    Check.UNIT_SLIP: {"given": 830, "points": 5, "low": 81, "high": 85, "times": 10, "too_large": True, "would_be": 83},
    Check.SAME_AGAIN: {"given": 84, "times": 3},
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_the_figures_are_in_the_sentence() -> None:
    found = doubts(54, past_of([81.0, 83.0, 82.0, 85.0, 84.0], decimals=0), PEERS)
    assert sentence(found[0], PERCENT) == "You entered 54%; the last 5 were 81–85; similar municipalities 70–88."


def test_to_somebody_else_it_says_who_did_not() -> None:
    finding = Finding(Check.FAR_FROM_PEERS, FIGURES[Check.FAR_FROM_PEERS])
    assert sentence(finding, Writing("%", 0, to_author=False)).startswith(
        "54% was entered; similar municipalities 70–88"
    )


def test_a_slip_says_what_it_would_be() -> None:
    assert sentence(Finding(Check.UNIT_SLIP, FIGURES[Check.UNIT_SLIP]), PERCENT) == (
        "You entered 830%; the last 5 were 81–85; is it 10 times too large? Then it would be 83."
    )


@pytest.mark.parametrize(
    ("minimum", "maximum", "told"),
    [
        (0, 100, "0–100%"),
        (0, None, "below the least that is possible, 0%"),
        (None, 100, "above the most that is possible"),
    ],
)
def test_the_possible_range(minimum: float | None, maximum: float | None, told: str) -> None:
    finding = Finding(Check.OUT_OF_RANGE, {"given": 101, "minimum": minimum, "maximum": maximum})
    assert told in sentence(finding, PERCENT)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("check", list(Check))
def test_every_check_has_a_sentence_in_both_languages(check: Check, language: str) -> None:
    with translation.override(language):
        told = sentence(Finding(check, FIGURES.get(check, {})), PERCENT)
        name = str(CHECK_NAMES[check]) if check in SOFT else ""
    assert told.endswith((".", "?"))
    assert "%(" not in told
    assert check not in SOFT or name
    if language == "sv":
        with translation.override("en"):
            assert told != sentence(Finding(check, FIGURES.get(check, {})), PERCENT)


def test_all_are_covered() -> None:
    assert set(SENTENCES) == set(Check)


def test_unreadable_texts_say_how_to_write() -> None:
    assert "two ways" in unreadable("ambiguous", "1.234")
    assert "“abc” is no number" in unreadable("not_a_number", "abc")
