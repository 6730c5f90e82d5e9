"""From what came in to a design: which responses count, what each weighs, and what the method page says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from surveys.compute.collected import Collected
from surveys.compute.estimation import Design, DesignError
from surveys.compute.weighting import kish_effect, post_stratify, rake, response_weights


class NoAnswersError(DesignError):
    """Nobody whose answers count has answered."""


class NoMarginsError(DesignError):
    """Weights by background were chosen, but nobody said how many people there are by background."""


class SeveralMarginsError(DesignError):
    """Post-stratification was chosen with counts by more than one background."""


class SomeWeightsError(DesignError):
    """A part of the responses came with a weight and the others without."""


class UnknownStratumError(DesignError):
    """Responses in a stratum, or in none, that the sample was not drawn from."""


class FewDecideError(DesignError):
    """Weights so unequal that a handful of responses decide every figure, which then tells what these answered."""


Weighting = Literal["none", "design", "poststratified", "raked"]
NOT_STATED = -1  # the level of those who did not tell their background, or told one that no margin counts
LINK = "link"
LEAST_EFFECTIVE = 20.0  # answers in effect, n over Kish, that weights must leave ...
MOST_KISH = 2.0  # ... where they take more than half of the answers


@dataclass(frozen=True)
class Plan:
    """How a wave is weighed. population and sampled: people by stratum, empty without a sample; size: people in all,
    None where unknown; margins: background question → option → people; least: answers that a stratum needs to have a
    weight of its own."""

    weighting: Weighting
    population: Mapping[str, int] = field(default_factory=dict)
    sampled: Mapping[str, int] = field(default_factory=dict)
    size: int | None = None
    margins: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    adjust_lonely: bool = False
    least: int = 0


@dataclass(frozen=True)
class Weighed:
    """The responses that count, their design, and the report: plain values for the method page."""

    collected: Collected
    design: Design
    report: Mapping[str, Any]


def weigh(collected: Collected, plan: Plan) -> Weighed:
    """Choose the responses and weigh them (METHODS §5.1–5.2).

    Answers by the open link choose themselves and are left out where others were drawn; alone they count one each, and
    the report says `self_selected`. Raises DesignError, which says what to mend.
    """
    invited = collected.modes != LINK
    self_selected = not invited.any()
    counted = collected if self_selected else collected.only(invited)
    if not len(counted):
        raise NoAnswersError("There are no answers to estimate from.")
    report: dict[str, Any] = {
        "counted": len(counted),
        "left_out": len(collected) - len(counted),
        "self_selected": self_selected,
        "modes": {str(mode): int((collected.modes == mode).sum()) for mode in np.unique(collected.modes)},
    }
    if self_selected or plan.weighting == "none":
        design = Design(np.ones(len(counted)))
        return Weighed(counted, design, report | {"weighting": "none"})
    labels, population, merged = collapsed(counted.strata, plan.population, plan.least)
    return _with_design(
        replace(counted, strata=labels), replace(plan, population=population), report | {"merged_strata": merged}
    )


def collapsed(
    strata: NDArray[Any], population: Mapping[str, int], least: int
) -> tuple[NDArray[Any], dict[str, int], list[str]]:
    """Labels (n,) and people by stratum where those with fewer than `least` answers are one stratum, with the names of
    these; a stratum that nobody answered in is among them.

    A few answers that stand for many people would be told by a share and its interval, and would spread every estimate.
    Where they are too few together, the next smallest stratum joins them.
    """
    counts = {name: int((strata == name).sum()) for name in population}
    by_size = sorted(counts, key=lambda name: (counts[name], name))
    pool = [name for name in by_size if counts[name] < max(least, 1)]
    for name in by_size[len(pool) :]:
        if not pool or sum(counts[pooled] for pooled in pool) >= least:
            break
        pool.append(name)
    if len(pool) < 2:
        return strata, dict(population), []
    label = " + ".join(sorted(pool))
    kept = {name: people for name, people in population.items() if name not in pool}
    labels = np.where(np.isin(strata, pool), label, strata.astype(object)).astype(str)
    return labels, kept | {label: sum(population[name] for name in pool)}, sorted(pool)


def _with_design(counted: Collected, plan: Plan, report: Mapping[str, Any]) -> Weighed:
    strata = counted.strata
    base = _base_weights(counted, plan)
    population = {name: plan.population[name] for name in np.unique(strata)} if plan.population else None
    clusters = counted.clusters if (counted.clusters != "").any() else None
    shared: dict[str, Any] = {
        "strata": strata,
        "clusters": clusters,
        "population": population if clusters is None else None,
        "lonely": "adjust" if plan.adjust_lonely else "refuse",
    }
    if plan.weighting == "design":
        design = Design(base, **shared)
        return Weighed(counted, design, {**report, "weighting": "design", **_spread(base)})
    if not plan.margins:
        raise NoMarginsError(
            "There are no population counts by background to weight to: give them on the sample's page."
        )
    if plan.weighting == "poststratified":
        if len(plan.margins) != 1:
            raise SeveralMarginsError("Post-stratification takes one background; with several, choose raking.")
        ((code, levels),) = plan.margins.items()
        labels, target = stated(counted.answers(code), levels, base)
        weighted = post_stratify(base, labels, target)
    else:
        margins = {code: stated(counted.answers(code), levels, base) for code, levels in plan.margins.items()}
        weighted = rake(base, _one_total(margins))
    design = Design(weighted.weights, calibration=weighted.calibration(), base_weights=base, **shared)
    spread = {"iterations": weighted.iterations, **_spread(weighted.weights)}
    return Weighed(counted, design, {**report, "weighting": plan.weighting, "margins": list(plan.margins), **spread})


def _base_weights(counted: Collected, plan: Plan) -> NDArray[np.float64]:
    """As they came with an import, else people of the stratum over answers in it."""
    given = ~np.isnan(counted.weights)
    if given.all():
        return counted.weights
    if given.any():
        raise SomeWeightsError(
            f"{int((~given).sum())} of {len(counted)} responses came without a weight; give all or none."
        )
    if not plan.population:
        size = float(plan.size) if plan.size else float(len(counted))
        return np.full(len(counted), size / len(counted))
    unknown = sorted(set(np.unique(counted.strata)) - plan.population.keys())
    if unknown:
        listed = ", ".join(repr(str(name)) for name in unknown)
        raise UnknownStratumError(f"Responses in {listed}, but the sample has no such stratum.")
    return response_weights(counted.strata, plan.population)


def stated(
    answers: NDArray[np.float64], levels: Mapping[int, int], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], dict[int, float]]:
    """The level of each response and the people to weight it to, with those who did not state theirs as a level.

    They keep the part of the population that their base weights give them, and the counted levels share the rest in
    proportion: nobody is guessed into a level, and nobody is left out.
    """
    known = np.isin(answers, list(levels))
    labels = np.where(known, np.nan_to_num(answers, nan=NOT_STATED), NOT_STATED).astype(np.int64)
    people = float(sum(levels.values()))
    silent = float(weights[~known].sum() / weights.sum()) * people
    target = {level: count * (people - silent) / people for level, count in levels.items()}
    return labels, target if known.all() else {**target, NOT_STATED: silent}


def _one_total(
    margins: Mapping[str, tuple[NDArray[np.int64], Mapping[int, float]]],
) -> dict[str, tuple[NDArray[np.int64], dict[int, float]]]:
    """Margins that sum to the first one's total: counts of different registers differ by a few people."""
    total = sum(next(iter(margins.values()))[1].values())
    return {
        code: (labels, {level: people * total / sum(target.values()) for level, people in target.items()})
        for code, (labels, target) in margins.items()
    }


def _spread(weights: NDArray[np.float64]) -> dict[str, float]:
    kish = kish_effect(weights)
    if kish > MOST_KISH and len(weights) / kish < LEAST_EFFECTIVE:
        raise FewDecideError(f"The weights leave {len(weights) / kish:.1f} of {len(weights)} answers in effect.")
    return {"smallest_weight": float(weights.min()), "largest_weight": float(weights.max()), "kish": kish}
