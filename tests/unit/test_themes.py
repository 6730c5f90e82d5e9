"""Themes in comments: found again where they were put in, the same every time, compared by mood (METHODS §5.8)."""

import builtins
import itertools
import math
from typing import Any

import numpy as np
import pytest

from surveys.compute import themes as module
from surveys.compute.themes import (
    LEAST_COMMENTS,
    Contrast,
    Reason,
    Refusal,
    Themes,
    ThemesUnavailableError,
    contrast,
    themes,
    wilson,
)

pytest.importorskip("sklearn")
pytest.importorskip("snowballstemmer")

VOCABULARY = {
    "roads": [
        "snöröjning",
        "trottoar",
        "trottoaren",
        "halka",
        "halkan",
        "gropar",
        "plogning",
        "cyklar",
        "cykelväg",
        "sanden",
    ],
    "calls": [
        "telefon",
        "telefonen",
        "kötid",
        "kötiden",
        "svarar",
        "växeln",
        "handläggare",
        "ärende",
        "ärendet",
        "väntan",
    ],
    "meals": ["maten", "mat", "lunch", "lunchen", "äldreboende", "smakar", "kall", "portioner", "köket", "kocken"],
}


def written(seed: int = 3, each: int = 40) -> tuple[list[str], list[bool], list[str]]:
    """Comments of six words from one of three vocabularies, their mood, and which vocabulary: who writes of roads is
    satisfied one time in four, everybody else three times in four."""
    rng = np.random.default_rng(seed)
    rows = [
        (" ".join(rng.choice(words, 6, replace=False)), bool(rng.random() < (0.25 if name == "roads" else 0.75)), name)
        for name, words in VOCABULARY.items()
        for _ in range(each)
    ]
    order = rng.permutation(len(rows))
    return [rows[i][0] for i in order], [rows[i][1] for i in order], [rows[i][2] for i in order]


def found(**changed: Any) -> Themes:
    texts, moods, _names = written()
    result = themes(**({"comments": texts, "satisfied": moods, "seed": 1, "count": 3} | changed))
    assert isinstance(result, Themes)
    return result


def test_what_was_put_in_is_found_again() -> None:
    """Each theme's comments come from one vocabulary, and so do its words."""
    _texts, _moods, names = written()
    result = found()
    assert len(result.themes) == 3
    for theme in result.themes:
        of = {names[place] for place, weight in theme.comments.items() if weight > 0.6}
        assert len(of) == 1
        assert set(theme.words) <= set(VOCABULARY[of.pop()])
        assert len(theme.comments) >= 36


def test_the_same_comments_and_seed_give_the_same_themes() -> None:
    assert found() == found()


def test_moods_do_not_decide_what_a_theme_is() -> None:
    without = found(satisfied=[None] * 120)
    assert [theme.words for theme in without.themes] == [theme.words for theme in found().themes]
    assert all(theme.contrast is None for theme in without.themes)


def test_inflections_are_one_word_shown_as_it_is_written_most() -> None:
    texts = ["kötiden lunch"] * 2 + ["kötiderna lunch"] + ["kötid snö"] * 1
    stems = module._stems(texts)
    assert len({stem for pairs in stems for stem, word in pairs if word.startswith("kötid")}) == 1
    surface = module._surface_forms([pair for pairs in stems for pair in pairs])
    assert surface[stems[0][0][0]] == "kötiden"


def test_marks_of_masking_and_common_words_are_no_words() -> None:
    assert module._stems(["[namn] är mycket bra på [adress] och i"]) == [[]]


def test_mood_is_told_with_an_interval() -> None:
    _texts, moods, names = written()
    roads = next(theme for theme in found().themes if set(theme.words) <= set(VOCABULARY["roads"]))
    told = roads.contrast
    assert told is not None
    satisfied = sum(moods)
    truly = sum(moods[place] for place in roads.comments)
    assert told.satisfied == pytest.approx(100 * truly / satisfied)
    assert told.difference == pytest.approx(told.satisfied - told.dissatisfied)
    assert told.certain
    assert told.upper < 0
    assert names.count("roads") == 40


def test_few_comments_give_no_themes() -> None:
    texts, moods, _names = written()
    few = LEAST_COMMENTS - 1
    assert themes(texts[:few] + ["bra"] * 50, moods[:few] + [True] * 50, seed=1) == Refusal(
        Reason.TOO_FEW_COMMENTS, few, LEAST_COMMENTS
    )


def test_comments_without_words_in_common_give_no_themes() -> None:
    texts = ["".join(letters) for letters in itertools.islice(itertools.product("bdfgk", "aeo", "lmnp", "i"), 40)]
    result = themes(texts, [True] * 40, seed=1)
    assert isinstance(result, Refusal)
    assert result.reason is Reason.NOTHING_IN_COMMON


def test_small_themes_are_not_told() -> None:
    assert found(least=200).themes == ()
    assert found(least=200).without == found(least=200).n


def test_a_text_sent_many_times_makes_no_theme_of_its_own() -> None:
    texts, moods, _names = written()
    alone = found()
    campaign = found(comments=texts + [texts[0]] * 60, satisfied=moods + [False] * 60)
    assert [theme.words for theme in sorted(campaign.themes, key=lambda t: t.words)] == [
        theme.words for theme in sorted(alone.themes, key=lambda t: t.words)
    ]


def test_comments_and_moods_must_pair() -> None:
    with pytest.raises(ValueError, match="2 comments and 1 moods"):
        themes(["a", "b"], [True], seed=1)


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, moods, _names = written()
    real = builtins.__import__

    def without_sklearn(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_sklearn)
    with pytest.raises(ThemesUnavailableError, match="extra `themes`"):
        themes(texts, moods, seed=1)


# ── intervals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "n", "lower", "upper"),
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(count: int, n: int, lower: float, upper: float) -> None:
    assert wilson(count, n) == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "lower", "upper"),
    # Newcombe (1998), "Interval estimation for the difference between independent proportions", table II, method 10.
    [((56, 70, 48, 80), 5.24, 33.39), ((9, 10, 3, 10), 17.05, 80.90)],
)
def test_newcombes_interval_is_the_published_one(
    counts: tuple[int, int, int, int], lower: float, upper: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_MOOD", 1)
    monkeypatch.setattr(module, "LEAST_COUNT", 1)
    told = contrast(*counts)
    assert told is not None
    assert (told.lower, told.upper) == pytest.approx((lower, upper), abs=0.005)


@pytest.mark.parametrize("counts", [(10, 19, 10, 40), (3, 40, 10, 40), (10, 40, 38, 40), (10, 13, 10, 40)])
def test_nothing_is_compared_where_a_count_is_small(counts: tuple[int, int, int, int]) -> None:
    assert contrast(*counts) is None


def test_none_of_one_mood_is_a_share_of_0() -> None:
    told = contrast(0, 40, 12, 40)
    assert isinstance(told, Contrast)
    assert told.satisfied == 0
    assert told.difference == -30
    assert told.certain
    assert not math.isnan(told.lower)
