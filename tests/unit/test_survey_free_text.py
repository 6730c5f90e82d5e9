"""Words that people hide, numbers of themes, and which theme goes on, without a database."""

from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from surveys.compute.hiding import HIDDEN, hide
from surveys.compute.keeping import texts_go_on
from surveys.compute.theme_figures import Base, continued, figures
from surveys.compute.themes import contrast
from surveys.read_models.free_text import ThemeRow, contrast_text, name, share_text

BASE = Base(n=200, satisfied=100, dissatisfied=100)


class TestHide:
    def test_every_place_goes_whatever_its_capitals(self) -> None:
        assert hide("Kalle är bra. Tack kalle!", "Kalle") == (f"{HIDDEN} är bra. Tack {HIDDEN}!", 2)

    def test_the_possessive_goes_and_longer_words_stay(self) -> None:
        assert hide("Annas katt, Annabell", "anna") == (f"{HIDDEN} katt, Annabell", 1)

    def test_several_words_with_any_space_between(self) -> None:
        assert hide("Huset vid\n  bron lyser", "vid bron") == (f"Huset {HIDDEN} lyser", 1)

    @pytest.mark.parametrize("part", ["", " ", "a", ".", "[namn]", "[dolt]"])
    def test_too_little_and_marks_hide_nothing(self, part: str) -> None:
        assert hide("En [namn] och a. [dolt]", part) == ("En [namn] och a. [dolt]", 0)

    def test_what_looks_like_a_pattern_is_taken_as_it_stands(self) -> None:
        assert hide("Ring (0) 12 eller 112", "(0) 12") == (f"Ring {HIDDEN} eller 112", 1)

    @given(st.text(alphabet="abc åÅ.", max_size=40), st.text(alphabet="abcåÅ", min_size=2, max_size=4))
    def test_twice_hides_nothing_more(self, text: str, part: str) -> None:
        once, _count = hide(text, part)
        assert hide(once, part) == (once, 0)


class TestFigures:
    def test_share_and_contrast_are_those_of_the_moods(self) -> None:
        found = figures([True] * 10 + [False] * 40 + [None] * 5, BASE, least_count=5)
        assert (found.count, found.share) == (55, 27.5)
        assert found.contrast == contrast(10, 100, 40, 100)

    def test_no_contrast_over_a_small_count_of_a_stricter_survey(self) -> None:
        moods = [True] * 7 + [False] * 40
        assert figures(moods, BASE, least_count=5).contrast is not None
        assert figures(moods, BASE, least_count=10).contrast is None

    def test_nobody_of_a_mood_is_no_small_count(self) -> None:
        assert figures([False] * 40, BASE, least_count=10).contrast is not None


class TestContinued:
    def test_the_nearest_goes_on_and_one_only(self) -> None:
        old = {7: {1, 2, 3, 4}, 8: {5, 6, 7, 8}}
        assert continued(old, {}, [{5, 6, 7}, {1, 2}, {3, 4, 1, 2}, {9}]) == {0: 8, 1: 7}

    def test_one_that_was_put_together_takes_both_parts(self) -> None:
        assert continued({7: {1, 2, 3, 4}}, {7: 2}, [{1, 2}, {3, 4}, {1, 3}]) == {0: 7, 1: 7}

    def test_less_than_half_in_common_is_another_theme(self) -> None:
        assert continued({7: {1, 2}}, {}, [{2, 3, 4}]) == {}


def test_a_mark_on_the_calendar_or_none() -> None:
    assert texts_go_on(date(2026, 10, 15), 365) == date(2027, 10, 15)
    assert texts_go_on(None, 365) is None


def _row(title: str = "") -> ThemeRow:
    return ThemeRow(1, 1, ["väg", "hål", "cykel", "buss"], title, False, {}, [])


def test_a_theme_is_called_by_people_or_by_its_words() -> None:
    assert (name(_row()), name(_row("Vägar"))) == ("Väg, hål, cykel", "Vägar")


def test_a_difference_says_who_and_how_much() -> None:
    told = {
        "satisfied": 10.0, "dissatisfied": 40.0, "difference": -30.0, "lower": -40.6, "upper": -18.4, "certain": True,
    }  # fmt: skip
    with override("en"):
        said = contrast_text({"contrast": told})
        assert said.startswith(
            "More common among those who are not satisfied on the whole: 40 of 100 against 10 of 100"
        )
        assert "between 18 and 41" in said
        assert contrast_text({"contrast": {**told, "certain": False}}).startswith("No certain difference: 10 of 100")
        assert contrast_text({"contrast": {**told, "difference": 30.0}}).startswith(
            "More common among those who are satisfied"
        )
        assert contrast_text({"contrast": None}) == ""
        assert share_text({"count": 55, "share": 27.5, "base": {"n": 200}}) == "55 of 200 comments, 28 of 100."
