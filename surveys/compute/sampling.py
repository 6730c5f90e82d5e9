"""Samples: how many are asked in each stratum, who they are, what margin of error that promises, and what of the
response may be shown (METHODS §5).

A stratum is a part of the population that is sampled by itself: N its people, n those who are asked.
"""

import hashlib
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

LEVEL = 0.95
# Below these a stratum points people out: who was asked, and what “some in it” answered, could be guessed.
LEAST_POPULATION = 50
LEAST_SAMPLE = 20
# Fewer answers than this, and more than none, are not told by group.
LEAST_SHOWN = 5
# Shares this close to a whole number are that number, but for rounding.
WHOLE = 1e-9


class Method(StrEnum):
    """How a sample is divided between strata."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"


class SamplingError(ValueError):
    """A sample that cannot be divided or drawn like this: says what, where and what to do."""


class TooSmall(StrEnum):
    """Why a stratum must not be sampled."""

    POPULATION = "population"
    SAMPLE = "sample"


@dataclass(frozen=True)
class Refusal:
    """A stratum that would point people out; `count` is what is too small: its population or its sample."""

    stratum: str
    reason: TooSmall
    count: int


def allocate(
    populations: Mapping[str, int],
    n: int,
    method: str = Method.PROPORTIONAL,
    *,
    spread: Mapping[str, float] | None = None,
    least: int = 0,
) -> dict[str, int]:
    """How many of n people to ask in each stratum; the numbers sum to n, or to everybody where there are fewer.

    Shares follow N (proportional), 1 (equal) or N·S (neyman), S being `spread`: the standard deviation expected in the
    stratum. No stratum gets more than its people or fewer than `least` (all its people where it has fewer); what these
    bounds take or leave goes to the others in the same shares. Whole numbers by largest remainder: what is left after
    rounding down goes where most was cut off; ties to the larger population, then to the first name.

    Raises SamplingError for no strata, negative numbers, a missing or unusable spread, and an n that does not hold
    `least` in every stratum.
    """
    names = sorted(populations)
    people = np.array([populations[name] for name in names], dtype=float)
    if not names or (people < 0).any() or n < 0 or least < 0:
        raise SamplingError("populations and sizes must not be negative, and there must be at least one stratum")
    total = min(n, int(people.sum()))
    low = np.minimum(people, least)
    if low.sum() > total:
        raise SamplingError(f"{total} is too few for at least {least} in each of {len(names)} strata; ask more people")
    shares = _bounded(_sizes(names, people, method, spread), low, people, total)
    return _whole(names, people, shares, total)


def _sizes(
    names: list[str], people: NDArray[np.float64], method: str, spread: Mapping[str, float] | None
) -> NDArray[np.float64]:
    """What shares of the sample follow."""
    if method == Method.EQUAL:
        return (people > 0).astype(float)
    if method == Method.PROPORTIONAL:
        return people
    if method != Method.NEYMAN:
        raise SamplingError(f'method "{method}" is unknown; choose one of: {", ".join(Method)}')
    given = spread or {}
    missing = [name for name in names if not (math.isfinite(given.get(name, math.nan)) and given[name] >= 0)]
    if missing:
        raise SamplingError(f"spread: give a standard deviation of 0 or more for {', '.join(missing)}")
    sizes = people * np.array([given[name] for name in names])
    if not sizes.sum() > 0:
        raise SamplingError("spread: all standard deviations are 0, so nothing tells the strata apart")
    return sizes


def _bounded(
    sizes: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    """Shares of `total` in the ratio of sizes, none outside low..high: those that hit a bound are set to it, and the
    rest is divided anew."""
    shares = np.zeros(len(sizes))
    free = np.ones(len(sizes), dtype=bool)
    while free.any():
        left = total - shares[~free].sum()
        weights = sizes[free]
        if not weights.sum() > 0:  # nobody left has a size, such as a spread of 0: what is left follows the room there
            weights = (high - low)[free] if (high - low)[free].sum() > 0 else np.ones(int(free.sum()))
            extra = max(0.0, left - low[free].sum()) / weights.sum()
            shares[free] = np.minimum(low[free] + extra * weights, high[free])
            break
        wanted = np.zeros(len(sizes))
        wanted[free] = left * weights / weights.sum()
        short, over = free & (wanted < low), free & (wanted > high)
        if not (short.any() or over.any()):
            shares[free] = wanted[free]
            break
        # Of the two kinds only the one that weighs more is set, since the other may come right by it.
        lacking, beyond = (low - wanted)[short].sum(), (wanted - high)[over].sum()
        bound, hit = (low, short) if lacking >= beyond else (high, over)
        shares[hit] = bound[hit]
        free &= ~hit
    return shares


def _whole(names: list[str], people: NDArray[np.float64], shares: NDArray[np.float64], total: int) -> dict[str, int]:
    floors = np.floor(shares + WHOLE)
    cut = np.where(floors < people, shares - floors, -np.inf)
    order = sorted(range(len(names)), key=lambda i: (-round(float(cut[i]), 9), -people[i], names[i]))
    for i in order[: total - int(floors.sum())]:
        floors[i] += 1
    return {name: int(size) for name, size in zip(names, floors, strict=True)}


def draw(strata: Sequence[Hashable], wanted: Mapping[str, int], seed: int) -> NDArray[np.intp]:
    """Row numbers of a stratified simple random sample without replacement, ascending.

    strata: the stratum of each row, (rows,). The same rows, numbers and seed give the same sample; each stratum has
    random numbers of its own, made from the seed and its name, so that its sample hangs only on its own rows in their
    order. Raises SamplingError where more are wanted than there are.
    """
    labels = np.asarray(strata, dtype=object)
    chosen = [np.empty(0, dtype=np.intp)]
    for name in sorted(wanted):
        rows = np.flatnonzero(labels == name)
        if not 0 <= wanted[name] <= len(rows):
            raise SamplingError(f"{name}: {wanted[name]} wanted, but there are {len(rows)} rows")
        chosen.append(rows[_generator(seed, name).permutation(len(rows))[: wanted[name]]])
    return np.sort(np.concatenate(chosen))


def _generator(seed: int, stratum: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}\n{stratum}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def expected_answers(sampled: ArrayLike, response_rate: float) -> NDArray[np.float64]:
    """How many answers to expect from so many asked, (strata,) or one; `response_rate` from 0 to 1."""
    return np.asarray(sampled, float) * response_rate


def planned_margin(
    sampled: ArrayLike, population: ArrayLike, response_rate: float, share: float = 50.0
) -> float:  # fmt: skip
    """The margin of error of a share (both in per cent) that a sample promises: half the width of its 95 % interval.

    sampled, population: of one stratum, or (strata,) of all that are told together. response_rate: from 0 to 1, the
    part expected to answer, the same everywhere. With r = n · rate answers a stratum's variance is
    (1 − r/N) · p(1 − p) / (r − 1), the finite-population correction included; strata are weighed by N; t has Σr −
    strata degrees of freedom. NaN where a stratum would have fewer than two answers: then there is nothing to promise.

    Source: Cochran 1977, sections 3.2 and 5.4.
    """
    people = np.atleast_1d(np.asarray(population, float))
    answers = np.atleast_1d(expected_answers(sampled, response_rate))
    freedom = answers.sum() - len(answers)
    if not len(answers) or (answers < 2).any() or (answers > people).any():
        return math.nan
    p = share / 100
    variance = (1 - answers / people) * p * (1 - p) / (answers - 1)
    weights = people / people.sum()
    return float(100 * stdtrit(freedom, (1 + LEVEL) / 2) * math.sqrt((weights**2 * variance).sum()))


def response_share(answered: int, sampled: int) -> float:
    """Which part of those asked has answered, in per cent; NaN where nobody was asked."""
    return 100 * answered / sampled if sampled else math.nan


def too_small(populations: Mapping[str, int], wanted: Mapping[str, int]) -> list[Refusal]:
    """The strata that must not be sampled like this, by name: fewer than 50 people, or fewer than 20 of them asked."""
    found = []
    for name in sorted(populations):
        if populations[name] < LEAST_POPULATION:
            found.append(Refusal(name, TooSmall.POPULATION, populations[name]))
        elif wanted.get(name, 0) < LEAST_SAMPLE:
            found.append(Refusal(name, TooSmall.SAMPLE, wanted.get(name, 0)))
    return found


def hidden_counts(answered: Mapping[str, int]) -> frozenset[str]:
    """Strata whose number of answers is not told while the total is: 1 to 4, and as many more of the smallest as it
    takes for the hidden ones to sum to at least 5 and to be two, so that none follows from the total.
    """
    hidden = {name for name, count in answered.items() if 0 < count < LEAST_SHOWN}
    others = sorted((count, name) for name, count in answered.items() if name not in hidden)
    while hidden and others and (len(hidden) < 2 or sum(answered[name] for name in hidden) < LEAST_SHOWN):
        hidden.add(others.pop(0)[1])
    return frozenset(hidden)
