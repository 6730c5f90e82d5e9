"""What is told of a theme once people have had their say, and which theme is which when themes are found again."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from surveys.compute.themes import PERCENT, Contrast, contrast

SAME = 0.5  # of a new theme's comments that must have belonged to the old one


@dataclass(frozen=True)
class Base:
    """The comments that themes were looked for in: all that say anything, and those of either mood."""

    n: int
    satisfied: int
    dissatisfied: int


@dataclass(frozen=True)
class Figures:
    """count: comments that belong to the theme; share: of all comments, per cent; contrast: see themes.Contrast."""

    count: int
    share: float
    contrast: Contrast | None


def figures(moods: Sequence[bool | None], base: Base, *, least_count: int) -> Figures:
    """A theme's numbers from the moods of the comments that belong to it (True satisfied, None not known).

    There is no contrast where a count from 1 to below `least_count` stands behind it.
    """
    sides = (sum(mood is True for mood in moods), sum(mood is False for mood in moods))
    counts = (sides[0], base.satisfied - sides[0], sides[1], base.dissatisfied - sides[1])
    small = any(0 < count < least_count for count in counts)
    return Figures(
        len(moods),
        PERCENT * len(moods) / base.n,
        None if small else contrast(sides[0], base.satisfied, sides[1], base.dissatisfied),
    )


def continued(old: Mapping[int, Set[int]], parts: Mapping[int, int], new: Sequence[Set[int]]) -> dict[int, int]:
    """Place of a new theme → the old theme that it goes on, so that names given by people stay.

    old: theme → its comments; parts: theme → of how many it was put together (1 where it was not). A new theme goes on
    the old one that most of its comments belonged to, at least half; an old one takes as many as it has parts. Ties go
    to the earlier new theme, then to the lower number of the old one.
    """
    pairs = sorted(
        (-len(members & comments) / len(members), place, theme)
        for place, members in enumerate(new)
        for theme, comments in old.items()
        if members and len(members & comments) >= SAME * len(members)
    )
    found: dict[int, int] = {}
    taken: dict[int, int] = {}
    for _nearness, place, theme in pairs:
        if place not in found and taken.get(theme, 0) < parts.get(theme, 1):
            found[place] = theme
            taken[theme] = taken.get(theme, 0) + 1
    return found
