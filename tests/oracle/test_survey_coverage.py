"""Whether intervals hold what they promise: 500 samples of invented people whose true figures are known."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from surveys.compute.estimation import Design, table
from surveys.compute.questionnaire import questions
from surveys.compute.weighting import rake, response_weights
from surveys.sources.demonstration import Population, Sample, draw, figures_of
from tests.invented_surveys import people

DRAWS = 500
PROMISED = (0.93, 0.97)


def design(population: Population, sample: Sample) -> Design:
    """Stratified, raked to what the register knows, finite population: as the demonstration's results are made.

    A background that somebody did not tell is taken from the register, so that nothing but the estimate is tested.
    """
    strata = sample.collected.strata
    base = response_weights(strata, population.strata())
    margins = {
        code: (population.collected.answers(code)[sample.rows].astype(int), levels)
        for code, levels in population.margins().items()
    }
    fitted = rake(base, margins)
    return Design(
        fitted.weights, strata, population=population.strata(), calibration=fitted.calibration(), base_weights=base
    )


def groups(population: Population, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Everybody, then each level of each background, a column each."""
    masks = [np.ones(len(rows), dtype=bool)]
    for code in population.parameters.backgrounds:
        own = population.collected.answers(code)[rows]
        masks += [own == level for level in population.levels(code)]
    return np.column_stack(masks)


def columns(population: Population, collected: Any, kind: str) -> NDArray[np.float64]:
    return np.column_stack(
        [
            values
            for asked in questions(population.questionnaire)
            if not asked.background
            for statistic, _part, values in figures_of(collected, asked)
            if statistic == kind
        ]
    )


def truth(population: Population, kind: str) -> NDArray[np.float64]:
    """(q, g)"""
    y = columns(population, population.collected, kind)
    inside = groups(population, np.arange(len(population)))
    known = ~np.isnan(y)
    return np.asarray((np.where(known, y, 0.0).T @ inside) / (known.T.astype(float) @ inside))


def covered(population: Population, kind: str, seeds: range) -> Mapping[str, NDArray[np.float64]]:
    """Of each figure (q, g) the part of draws whose interval holds the truth, and the mean error of the estimates."""
    true = truth(population, kind)
    held, error, drawn = np.zeros(true.shape), np.zeros(true.shape), np.zeros(true.shape)
    for seed in seeds:
        sample = draw(population, seed=seed)
        domains = groups(population, sample.rows)
        found = table(design(population, sample), columns(population, sample.collected, kind), domains, kind=kind)
        there = found["df"] > 0
        drawn += there
        held += there & (found["lower"] <= true) & (true <= found["upper"])
        error += np.where(there, found["value"] - true, 0.0)
    return {"held": held / drawn, "bias": error / drawn, "true": true}
