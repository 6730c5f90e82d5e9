"""Sentences about results: plain language in both languages, and numbers that are those of the figures."""

import math
import re
from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from surveys import wording
from surveys.compute import weighing, weighting
from surveys.compute.estimation import DesignError, Estimate
from surveys.compute.questionnaire import Asked, Choice
from surveys.compute.waves import difference

GOOD = (Choice(4, "Mycket bra", True), Choice(3, "Ganska bra", True))
OPTIONS = (*GOOD, Choice(2, "Dåligt"), Choice(9, "Vet ej", no_opinion=True))
SHARE = Asked(1, 1, "snow", "share", "Hur fungerar snöröjningen?", options=OPTIONS)
TEN = Asked(2, 2, "whole", "ten", "Hur nöjd är du som helhet?")
STATEMENTS = {"": "", "sv": "tycker att kommunen är bra att bo i", "en": "think the municipality is a good place"}
LANGUAGES = ("sv", "en")
MOST_WORDS = 25
JARGON = {
    "sv": r"konfidens|signifika|standardfel|estimat|varians|percentil|respondent|population|viktad|aggreger|\bp-värde",
    "en": r"confidence|significan|standard error|estimat|varianc|percentile|respondent|population|weighted|\bp-value",
}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def unquoted(text: str) -> str:
    """Without the questions and answers that are quoted: those are the questionnaire's words, not ours."""
    return re.sub(r"[“”][^“”]*”", "citat", text)


def whole_numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", unquoted(plain(text)))]


def sentences(language: str) -> list[str]:
    """One of every kind of sentence that a page of results can show to everybody."""
    statement = STATEMENTS[language]
    found = [
        wording.headline(SHARE, statement, 89.6, 86.7, 92.1, 74.8),
        wording.headline(SHARE, "", 89.6, 86.7, 92.1, 74.8),
        wording.headline(TEN, "", 61.0, None, None, None),
        wording.answered(622, 1600, 38.9),
        wording.answered(622, None, None),
        wording.reach(self_selected=True, drawn=False),
        wording.reach(self_selected=False, drawn=True),
        wording.reading_help(self_selected=False),
        wording.reading_help(self_selected=True),
        wording.changes_lead({"better": 5, "worse": 1, "uncertain": 29}, "2024"),
        wording.changes_lead({"uncertain": 29}, "2024"),
        wording.gap(8.1, 6.9, True),
        wording.gap(6.9, 8.1, True),
        wording.gap(7.0, 7.1, False),
    ]
    words = [wording.KANO, wording.KANO_MEANS, wording.QUADRANT, wording.QUADRANT_MEANS, wording.NO_DRIVERS]
    return found + [str(text) for entries in words for text in entries.values()]


class TestPlainLanguage:
    def test_sentences_are_short(self, language: str) -> None:
        for text in sentences(language):
            for sentence in re.split(r"(?<=[.!?:])\s", unquoted(text)):
                assert len(sentence.split()) <= MOST_WORDS, sentence

    def test_without_the_words_of_statisticians(self, language: str) -> None:
        assert [text for text in sentences(language) if re.search(JARGON[language], text, re.IGNORECASE)] == []

    def test_nothing_is_left_in_the_other_language(self) -> None:
        with translation.override("sv"):
            swedish = sentences("sv")
        with translation.override("en"):
            english = sentences("en")
        same = [a for a, b in zip(swedish, english, strict=True) if a == b]
        assert same == []

    def test_begins_with_a_capital_or_a_number_and_ends(self, language: str) -> None:
        for text in sentences(language)[:14]:
            assert re.match(r"[A-ZÅÄÖ0-9“”]", text), text
            assert text.endswith("."), text


class TestHeadline:
    def test_says_share_interval_and_the_strongest_answer(self) -> None:
        with translation.override("en"):
            said = wording.headline(SHARE, STATEMENTS["en"], 89.6, 86.7, 92.1, 74.8)
            assert said == (
                "90 of 100 think the municipality is a good place (between 87 and 92). 75 of them answer “Mycket bra”."
            )

    def test_quotes_question_and_answers_where_the_library_has_no_words(self) -> None:
        with translation.override("en"):
            assert wording.headline(SHARE, "", 61.2, 57.0, 65.4, None) == (
                "“Hur fungerar snöröjningen?” 61 of 100 answer “Mycket bra” or “Ganska bra” (between 57 and 65)."
            )
            assert wording.headline(TEN, "", 61.2, None, None, None) == (
                "“Hur nöjd är du som helhet?” 61 of 100 give at least 7 out of 10."
            )

    @given(st.floats(10, 90), st.floats(0.5, 10), st.floats(0.5, 10))
    def test_numbers_are_those_of_the_figures(self, share: float, below: float, above: float) -> None:
        lower, upper = share - below, share + above
        with translation.override("sv"):
            said = whole_numbers(wording.headline(SHARE, STATEMENTS["sv"], share, lower, upper, None))
        count, hundred, low, high = said
        assert hundred == 100
        assert low <= count <= high
        for told, figure in ((count, share), (low, lower), (high, upper)):
            assert abs(told - figure) <= 0.5

    @given(st.floats(0, 100, exclude_min=True, exclude_max=True))
    def test_never_all_and_never_nobody_unless_it_is(self, share: float) -> None:
        with translation.override("en"):
            assert wording.of_hundred(share) not in ("0", "100")

    def test_an_interval_that_would_read_as_one_number_gets_a_decimal(self) -> None:
        with translation.override("en"):
            assert wording.headline(SHARE, STATEMENTS["en"], 0.3, 0.1, 0.4, None).endswith("(between 0.1 and 0.4).")

    def test_nobody_and_all(self) -> None:
        with translation.override("en"):
            assert (wording.of_hundred(0.0), wording.of_hundred(100.0)) == ("0", "100")
            assert (wording.of_hundred(0.2), wording.of_hundred(99.7)) == ("fewer than 1", "more than 99")
            said = wording.headline(SHARE, STATEMENTS["en"], 99.7, 98.0, 100.0, None)
            assert said.startswith("More than 99 of 100 think"), "a sentence begins with a capital"


class TestNumbers:
    def test_intervals_in_both_languages(self) -> None:
        with translation.override("sv"):
            assert plain(wording.interval_text(83.6, 90.4)) == "84–90 %"
            assert plain(wording.interval_text(-1.4, -1.0, 1, "")) == "−1,4 – −1,0"
        with translation.override("en"):
            assert plain(wording.interval_text(83.6, 90.4)) == "84–90%"

    def test_an_interval_from_zero_is_one(self) -> None:
        with translation.override("en"):
            assert wording.interval_text(0.0, 0.0) == "0–0%"
            assert wording.interval_text(None, 3.0) == ""

    def test_bands(self) -> None:
        bands = [{"from": 60, "word": {"sv": "högt", "en": "high"}}, {"from": 0, "word": {"sv": "lågt", "en": "low"}}]
        with translation.override("sv"):
            assert [wording.band(x, bands) for x in (0.0, 59.9, 60.0, 100.0)] == ["lågt", "lågt", "högt", "högt"]
            assert wording.band(-1.0, bands) == ""
            assert wording.band(50.0, []) == ""


class TestChange:
    def estimate(self, value: float, se: float) -> Estimate:
        return Estimate(value, se, value - 2 * se, value + 2 * se, 600, math.inf)

    def told(self, before: float, now: float, se: float = 1.5) -> wording.Change:
        with translation.override("en"):
            return wording.change(difference(self.estimate(before, se), self.estimate(now, se)), wording.SHARE)

    def test_certain_changes_have_a_word_an_arrow_and_a_size(self) -> None:
        better, worse = self.told(70, 80), self.told(80, 70)
        assert (better.verdict, better.arrow, plain(better.text)) == ("better", "up", "better, up 10 percentage points")
        assert (worse.verdict, worse.arrow, plain(worse.text)) == ("worse", "down", "worse, down 10 percentage points")
        assert better.certain
        assert worse.certain

    def test_inside_the_margin_no_direction_is_told(self) -> None:
        found = self.told(70, 72)
        assert (found.verdict, found.arrow, found.text) == ("uncertain", "flat", "no certain change")

    def test_a_certain_but_tiny_change_is_never_told_as_none(self) -> None:
        assert plain(self.told(70, 70.3, 0.01).text) == "better, up 0.3 percentage points"

    @pytest.mark.parametrize("why", ["wording", "method", "new", "hidden"])
    def test_what_cannot_be_compared_says_why(self, why: str, language: str) -> None:
        found = wording.no_change(why)
        assert (found.verdict, found.arrow, found.certain) == (why, "", False)
        assert found.text


class TestWhichAnswersCount:
    def test_choices_are_quoted(self, language: str) -> None:
        assert wording.counted(SHARE) == {
            "sv": "”Mycket bra” eller ”Ganska bra”", "en": "“Mycket bra” or “Ganska bra”",
        }[language]  # fmt: skip

    def test_grades_from_which(self) -> None:
        with translation.override("en"):
            assert wording.counted(TEN) == "at least 7 of 10"
            assert wording.counted(TEN, 6.26) == "at least 7 of 10, mean 6.3"


class TestWhyNotMade:
    REFUSALS = (
        DesignError, weighing.NoAnswersError, weighing.NoMarginsError, weighing.SeveralMarginsError,
        weighing.SomeWeightsError, weighing.UnknownStratumError, weighting.WeightingError,
    )  # fmt: skip

    @pytest.mark.parametrize("refusal", REFUSALS)
    def test_every_refusal_has_words_of_its_own(self, refusal: type[Exception]) -> None:
        trace = (
            f"Traceback (most recent call last):\n  File …\n{refusal.__module__}.{refusal.__name__}: strata: 'x': y\n"
        )
        with translation.override("en"):
            told = wording.why_not_made(trace)
            assert told == str(wording.NOT_WEIGHED[refusal.__name__])
        assert "strata" not in told

    @pytest.mark.parametrize("trace", ["", "KeyError: 'x'", "a.b.OutOfMemory"])
    def test_what_nobody_foresaw_is_ours(self, trace: str) -> None:
        with translation.override("en"):
            assert wording.why_not_made(trace).startswith("Something went wrong on our side")
