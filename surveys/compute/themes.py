"""What residents' comments are about: themes found in the words, and how they differ by mood (METHODS §5.8).

Words are brought to their stems, weighed by TF-IDF and taken apart by non-negative matrix factorisation. A theme is a
group of words that people use together; what it is called is for people to say. Needs the extra `themes`.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_COMMENTS = 30
LEAST_THEME = 5  # comments that a theme needs to be told of
LEAST_MOOD = 20  # comments of each mood that a difference needs
LEAST_COUNT = 5  # no count from 1 to below it can be worked out from the shares
FEWEST, MOST = 3, 12
SHOWN_WORDS = 6
BELONGS = 0.25  # of a comment's weight on all themes
TOO_COMMON = 0.5  # of the comments: a word in more of them tells none apart
PERCENT = 100.0

WORD = re.compile(r"[^\W\d_]{3,}")
MARK = re.compile(r"\[[^\]]*\]")  # what masking put in the place of a name

_STOPWORDS = """
    aldrig all alla allt alltför alltid alltså and andra annan annat antingen are att av bara behöva behöver
    behövs blev bli blir blivit bor borde bott bra but båda både can dag dagar dagen dags de dem den denna deras
    dess dessa det detta dig din dina ditt dock dom du då dålig dåliga dåligt där därför efter eftersom egen eget
    ej eller en enda enligt ens er era ett fast fem fick fin fina finnas finns fint fler flera flesta for fort
    fortfarande fram from från fungera fungerar fyra få får fått för före först ganska ge genom ger gick gjorde
    gjort gå gång gånger går gör göra ha had hade haft han hans har has have hela helt henne hennes heter hon
    honom hos hur här högt i ibland icke igen ihop in inga ingen ingenting inget innan inne inom inte istället ja
    jag jätte jättebra kan kanske knappt kom komma kommer kommit kring kunde kunna känna känner känns ligger lika
    liksom lite man massa med medan mellan men mer mera mest mig min mina mindre mitt mot mycket mån månad månader
    många måste möjligt nej ner ni nio nog not nu nya nytt någon något några nån nåt när nästan och också ofta
    olika om one oss our out per person personer precis på riktigt runt rätt sak saker saknas samma samt se sedan
    sen ser sett sex sig sin sina sitt sju själv själva ska skall skulle snarare som stor stora stort så sådan
    sådana sådant säga säger sätt ta tack tar that the they this till tills tillsammans tio tre tror trots två
    tycka tycker tyvärr under upp ut utan utmärkt vad var vara varför varit varje vart vecka veckor vem verkar
    verkligen very vet veta vi via vid vidare vilja vilka vilken vilket vill vår våra vårt väl väldigt was what
    with you år året åt åtta än ändå är även över övrigt
"""
STOPWORDS = frozenset(_STOPWORDS.split())


class Reason(StrEnum):
    """Why no themes are told."""

    TOO_FEW_COMMENTS = "too_few_comments"
    NOTHING_IN_COMMON = "nothing_in_common"


@dataclass(frozen=True)
class Refusal:
    """The rule that was not met: what was found and what was asked for."""

    reason: Reason
    found: int
    needed: int


class ThemesUnavailableError(RuntimeError):
    """The packages that find themes are not installed; the message names the extra."""


@dataclass(frozen=True)
class Contrast:
    """How often a theme is met among satisfied and dissatisfied, per cent, and the difference, percentage points.

    lower, upper: Newcombe's interval of the difference from Wilson's of the shares. certain: 0 lies outside it.
    """

    satisfied: float
    dissatisfied: float
    difference: float
    lower: float
    upper: float
    certain: bool


@dataclass(frozen=True)
class Theme:
    """A theme, told by its words as people write them most often, the most telling first.

    comments: place of each comment that belongs to it → its weight, above BELONGS up to 1. share: of all comments, per
    cent. contrast is None where too few comments of a mood are there, or a count behind it would be too small.
    """

    words: tuple[str, ...]
    comments: dict[int, float]
    share: float
    contrast: Contrast | None


@dataclass(frozen=True)
class Themes:
    """Themes by falling number of comments; n: comments that say anything; without: those that belong to no theme;
    telling: the places of those that say anything."""

    n: int
    without: int
    themes: tuple[Theme, ...]
    telling: tuple[int, ...]


def themes(
    comments: Sequence[str],
    satisfied: Sequence[bool | None],
    *,
    seed: int,
    count: int | None = None,
    least: int = LEAST_THEME,
) -> Themes | Refusal:
    """The themes of comments, or why none are told.

    satisfied: of each comment whether its writer is satisfied on the whole, None where that is not known. count: how
    many themes are looked for; by default the square root of half the number of comments, from FEWEST to MOST. Those
    with fewer than `least` comments are not told. The same comments and seed give the same themes, whatever the mood.
    Raises ValueError where comments and moods differ in number, ThemesUnavailableError without scikit-learn or
    snowballstemmer.
    """
    if len(comments) != len(satisfied):
        raise ValueError(f"{len(comments)} comments and {len(satisfied)} moods")
    stemmed = _stems(comments)
    telling = [i for i, stems in enumerate(stemmed) if stems]
    if len(telling) < LEAST_COMMENTS:
        return Refusal(Reason.TOO_FEW_COMMENTS, len(telling), LEAST_COMMENTS)
    wanted = count or min(MOST, max(FEWEST, round(math.sqrt(len(telling) / 2))))
    found = _taken_apart([[stem for stem, _word in stemmed[i]] for i in telling], wanted, seed)
    if found is None:
        return Refusal(Reason.NOTHING_IN_COMMON, 0, wanted)
    weights, words, names = found
    surface = _surface_forms([pair for stems in dict.fromkeys(map(tuple, stemmed)) for pair in stems])
    moods = [satisfied[i] for i in telling]
    told = [
        _theme(
            weights[:, k], [surface[names[place]] for place in _strongest(words[k])], telling, moods
        )
        for k in range(len(words))
        if (weights[:, k] >= BELONGS).sum() >= least
    ]  # fmt: skip
    told.sort(key=lambda theme: (-len(theme.comments), theme.words))
    in_any = {place for theme in told for place in theme.comments}
    return Themes(len(telling), len(telling) - len(in_any), tuple(told), tuple(telling))


def _stems(comments: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Of each comment its telling words as (stem, word in small letters), in order."""
    try:
        import snowballstemmer
    except ImportError as missing:
        raise ThemesUnavailableError("install the extra `themes`: snowballstemmer is missing") from missing
    stemmer = snowballstemmer.stemmer("swedish")
    found = []
    for comment in comments:
        words = [word for word in WORD.findall(MARK.sub(" ", comment.lower())) if word not in STOPWORDS]
        found.append(list(zip(stemmer.stemWords(words), words, strict=True)))
    return found


def _surface_forms(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Stem → the word that it is written as most often; ties go to the shorter, then by alphabet."""
    counted: dict[str, Counter[str]] = {}
    for stem, word in pairs:
        counted.setdefault(stem, Counter())[word] += 1
    return {
        stem: min(words, key=lambda word, of=words: (-of[word], len(word), word))  # type: ignore[misc]
        for stem, words in counted.items()
    }  # fmt: skip


def _taken_apart(
    documents: Sequence[Sequence[str]], count: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]] | None:
    """(comments, themes) shares of each comment's weight, (themes, stems) weights, the stems; None where comments have
    too few stems in common. A text that came several times is looked at once, so that a campaign makes no theme."""
    try:
        from sklearn.decomposition import NMF
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as missing:
        raise ThemesUnavailableError("install the extra `themes`: scikit-learn is missing") from missing
    places = {text: place for place, text in enumerate(dict.fromkeys(map(tuple, documents)))}
    vectorizer = TfidfVectorizer(analyzer=_as_it_is, min_df=2, max_df=TOO_COMMON, sublinear_tf=True)
    try:
        weighed = vectorizer.fit_transform(list(places))
    except ValueError:  # no stem is left
        return None
    names: list[str] = vectorizer.get_feature_names_out().tolist()
    if len(names) < count:
        return None
    model = NMF(count, init="nndsvda", random_state=seed, max_iter=600)
    of_comments = model.fit_transform(weighed)
    words = model.components_
    # Scaled so that a theme's words have length 1, else weights of different themes cannot be compared.
    length = np.linalg.norm(words, axis=1)
    used = length > 0
    of_comments = of_comments[:, used] * length[used]
    total = of_comments.sum(axis=1, keepdims=True)
    shares = np.divide(of_comments, total, out=np.zeros_like(of_comments), where=total > 0)
    return shares[[places[tuple(text)] for text in documents]], words[used], names


def _as_it_is(stems: Any) -> Any:
    return stems


def _strongest(weights: NDArray[np.float64]) -> list[int]:
    """The places of the words with most weight; ties by alphabet, in which the stems stand."""
    order = np.lexsort((np.arange(len(weights)), -np.round(weights, 12)))
    return [int(place) for place in order[:SHOWN_WORDS] if weights[place] > 0]


def _theme(
    weights: NDArray[np.float64], words: Sequence[str], telling: Sequence[int], moods: Sequence[bool | None]
) -> Theme:
    belongs = weights >= BELONGS
    comments = {telling[row]: float(weights[row]) for row in np.flatnonzero(belongs).tolist()}
    sides = []
    for side in (True, False):
        of_side = np.array([mood is side for mood in moods])
        sides.append((int((belongs & of_side).sum()), int(of_side.sum())))
    return Theme(tuple(words), comments, PERCENT * len(comments) / len(telling), contrast(*sides[0], *sides[1]))


def contrast(
    with_theme: int, satisfied: int, with_theme_too: int, dissatisfied: int, *, level: float = 0.95
) -> Contrast | None:
    """How a theme's share among the satisfied (with_theme of satisfied) differs from that among the dissatisfied.

    Newcombe (1998), method 10. None below LEAST_MOOD comments of either mood, and where one of the four counts behind
    it is above 0 and below LEAST_COUNT.
    """
    counts = (with_theme, satisfied - with_theme, with_theme_too, dissatisfied - with_theme_too)
    if min(satisfied, dissatisfied) < LEAST_MOOD or any(0 < count < LEAST_COUNT for count in counts):
        return None
    one, other = with_theme / satisfied, with_theme_too / dissatisfied
    low, high = wilson(with_theme, satisfied, level)
    least, most = wilson(with_theme_too, dissatisfied, level)
    difference = one - other
    lower = difference - math.hypot(one - low, most - other)
    upper = difference + math.hypot(high - one, other - least)
    return Contrast(
        PERCENT * one, PERCENT * other, PERCENT * difference, PERCENT * lower, PERCENT * upper, lower > 0 or upper < 0
    )


def wilson(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share, from 0 to 1; n must be above 0."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
