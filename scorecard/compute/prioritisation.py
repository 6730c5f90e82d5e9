"""Few out of many: from the participants' scores to a proposed order (METHODS §4). Pure, and exact in fractions.

Scores of one candidate on one criterion come as counts: how many gave 1, 2, … 5. Who has no opinion is in none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

LOWEST, HIGHEST = 1, 5
DIVIDED = 2  # an interquartile range of this many steps: a quarter of the room stands two steps from another quarter
MOST_DIVIDED = 5
Counts = Mapping[int, int]


class Weighing(NamedTuple):
    """A criterion: how much it weighs, and whether a high score speaks against the candidate."""

    weight: Decimal
    against: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One candidate on one criterion: how many have scored, their median and the interquartile range."""

    scorers: int
    median: float | None
    spread: float | None

    @property
    def divided(self) -> bool:
        return self.spread is not None and self.spread >= DIVIDED


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate's place in the proposal. `rank` is shared where scores are equal; None: nobody has scored."""

    code: str
    rank: int | None
    score: float | None
    spread: float | None
    scorers: int
    few: bool
    cells: tuple[Cell, ...]


def quantile(counts: Counts, part: Fraction) -> Fraction | None:
    """The value that `part` of the scores lie below, interpolated between neighbours; None without scores."""
    values = [value for value in sorted(counts) for _ in range(counts[value])]
    if len(values) == 0:
        return None
    at = (len(values) - 1) * part
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (at - below) * (values[above] - values[below])


def median(counts: Counts) -> Fraction | None:
    """The middle score, halfway between the two middle ones of an even number."""
    return quantile(counts, Fraction(1, 2))


def spread(counts: Counts) -> Fraction | None:
    """The interquartile range: how far apart the middle half of the scores lie. None with fewer than two scores."""
    low, high = quantile(counts, Fraction(1, 4)), quantile(counts, Fraction(3, 4))
    return None if low is None or high is None or sum(counts.values()) < 2 else high - low


def speaking_for(score: Fraction, against: bool) -> Fraction:
    """A score turned so that high speaks for the candidate: 6 − x on a criterion that speaks against."""
    return LOWEST + HIGHEST - score if against else score


def weighted_score(medians: Sequence[Fraction | None], criteria: Sequence[Weighing]) -> Fraction | None:
    """The weighted mean of the medians, turned to speak for; criteria without scores leave with their weight."""
    found = [
        (Fraction(criterion.weight), speaking_for(middle, criterion.against))
        for middle, criterion in zip(medians, criteria, strict=True)
        if middle is not None and criterion.weight > 0
    ]
    return _mean(found)


def disagreement(spreads: Sequence[Fraction | None], criteria: Sequence[Weighing]) -> Fraction | None:
    """The weighted mean of the criteria's interquartile ranges; those without one leave with their weight."""
    found = [
        (Fraction(criterion.weight), width)
        for width, criterion in zip(spreads, criteria, strict=True)
        if width is not None and criterion.weight > 0
    ]
    return _mean(found)


def _mean(weighted: Sequence[tuple[Fraction, Fraction]]) -> Fraction | None:
    whole = sum((weight for weight, _value in weighted), Fraction(0))
    return sum((weight * value for weight, value in weighted), Fraction(0)) / whole if whole else None


def few_scores(scorers: int, participants: int) -> bool:
    """Fewer than half of those who take part have scored the candidate."""
    return 2 * scorers < participants


def ranks(scores: Mapping[str, Fraction | None]) -> dict[str, int | None]:
    """Places by code, in order: the highest first, equal ones share a place and stand by code, the unscored last."""
    known = {code: score for code, score in scores.items() if score is not None}
    order = sorted(known, key=lambda code: (-known[code], code))
    found: dict[str, int | None] = {}
    for place, code in enumerate(order, 1):
        earlier = order[place - 2] if place > 1 else None
        found[code] = found[earlier] if earlier is not None and known[earlier] == known[code] else place
    return found | dict.fromkeys(sorted(set(scores) - set(known)))


def propose(
    counts: Mapping[str, Sequence[Counts]],
    criteria: Sequence[Weighing],
    scorers: Mapping[str, int],
    participants: int,
) -> tuple[Standing, ...]:
    """The computed order, best first. A proposal: people decide.

    counts: by candidate's code, one for each criterion in the order of `criteria`. scorers: how many have an opinion on
    at least one criterion, by code. participants: how many have scored anything at all.
    """
    middles = {code: [median(one) for one in row] for code, row in counts.items()}
    widths = {code: [spread(one) for one in row] for code, row in counts.items()}
    scores = {code: weighted_score(row, criteria) for code, row in middles.items()}
    return tuple(
        Standing(
            code=code,
            rank=rank,
            score=_float(scores[code]),
            spread=_float(disagreement(widths[code], criteria)),
            scorers=scorers.get(code, 0),
            few=few_scores(scorers.get(code, 0), participants),
            cells=tuple(
                Cell(sum(one.values()), _float(middle), _float(width))
                for one, middle, width in zip(counts[code], middles[code], widths[code], strict=True)
            ),
        )
        for code, rank in ranks(scores).items()
    )


def most_divided(standings: Sequence[Standing], most: int = MOST_DIVIDED) -> tuple[str, ...]:
    """Codes of those on which opinions differ most, widest spread first, ties by code; none without any spread."""
    apart = [(one.spread, one.code) for one in standings if one.spread is not None and one.spread > 0]
    return tuple(code for _width, code in sorted(apart, key=lambda item: (-item[0], item[1]))[:most])


def _float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)
