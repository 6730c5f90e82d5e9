"""Whether intervals hold what they promise: 500 samples of invented people whose true figures are known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from surveys.compute.estimation import Design, Estimate, table
from surveys.compute.questionnaire import questions
from surveys.compute.results import all_results
from surveys.compute.waves import difference
from surveys.compute.weighing import Plan, Weighting, weigh
from surveys.compute.weighting import rake, response_weights
from surveys.sources.demonstration import Population, Sample, draw, figures_of, truths
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


def unraked(population: Population, sample: Sample) -> Design:
    strata = sample.collected.strata
    return Design(response_weights(strata, population.strata()), strata, population=population.strata())


def covered(
    population: Population,
    kind: str,
    designed: Callable[[Population, Sample], Design] = design,
    draws: int = DRAWS,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each figure (q, g): the part of draws whose interval holds the truth, and the mean error of the estimates."""
    true = truth(population, kind)
    held, error = np.zeros(true.shape), np.zeros(true.shape)
    for seed in range(draws):
        sample = draw(population, seed=seed)
        y, domains = columns(population, sample.collected, kind), groups(population, sample.rows)
        found = table(designed(population, sample), y, domains, kind=kind)
        held += (found["lower"] <= true) & (true <= found["upper"])
        error += found["value"] - true
    return held / draws, error / draws


@pytest.mark.slow
@pytest.mark.parametrize(
    ("survey", "wave", "kind"),
    [("citizen-survey", "2026", "share"), ("citizen-survey", "2026", "mean"), ("home-care", "2026", "share")],
)
def test_intervals_hold_the_truth_as_often_as_they_promise(survey: str, wave: str, kind: str) -> None:
    held, error = covered(people(survey, wave), kind)
    least, most = PROMISED
    assert least <= held[:, 0].mean() <= most, "of everybody"
    assert least <= held.mean() <= most, "of all figures"
    assert ((least <= held.mean(axis=0)) & (held.mean(axis=0) <= most)).all(), "of each group"
    # One figure's rate has a chance error of 1 percentage point over 500 draws, and there are hundreds of figures.
    assert (np.abs(held - 0.95) < 0.05).all()
    assert np.abs(error[:, 0]).max() < (0.005 if kind == "share" else 0.02), "bias"


def test_without_raking_the_truth_is_missed() -> None:
    """The young see some things differently and answer less: what raking is there for, and what the test above sees."""
    held, error = covered(people("citizen-survey", "2026"), "share", unraked, draws=150)
    assert held[:, 0].min() < 0.85
    assert np.abs(error[:, 0]).max() > 0.02


def test_the_interval_of_a_difference_holds_the_true_one() -> None:
    """Two waves, two independent samples each time; some questions moved, most did not."""
    earlier, later = people("citizen-survey", "2024"), people("citizen-survey", "2026")
    shared = len(truth(earlier, "share"))  # the later wave has a question more, a pair for needs, which has no share
    true = truth(later, "share")[:shared, 0] - truth(earlier, "share")[:, 0]
    held, certain = np.zeros(shared), np.zeros(shared)
    draws = 250
    for seed in range(draws):
        found = [
            table(
                design(population, sample := draw(population, seed=seed)),
                columns(population, sample.collected, "share"),
                np.ones((len(sample.rows), 1), dtype=bool),
            )
            for population in (earlier, later)
        ]
        for question in range(shared):
            before, after = (Estimate(**{name: values[question, 0] for name, values in each.items()}) for each in found)
            change = difference(before, after)
            held[question] += change.lower <= true[question] <= change.upper
            certain[question] += change.certain
    assert PROMISED[0] <= held.mean() / draws <= PROMISED[1]
    unmoved, moved = np.abs(true) < 0.004, np.abs(true) > 0.06
    assert certain[unmoved].mean() / draws < 0.07
    assert certain[moved].mean() / draws > 0.6


@pytest.mark.parametrize(
    ("survey", "wave", "weighting"), [("citizen-survey", "2026", "raked"), ("home-care", "2026", "poststratified")]
)
def test_what_is_shown_holds_the_truth(survey: str, wave: str, weighting: Weighting) -> None:
    """The whole way to the results, with people who do not tell their background or pass over a question."""
    population = people(survey, wave)
    told = truths(population)
    true = {
        (row.question, row.background, row.level): 100 * row.value
        for row in told[told.statistic == "share"].astype(object).where(told.notna(), None).itertuples()
    }
    held = []
    for seed in range(40):
        sample = draw(population, seed=seed)
        plan = Plan(weighting, population.strata(), sample.invited, len(population), population.margins())
        weighed = weigh(sample.collected, plan)
        for result in all_results(weighed.collected, weighed.design, list(questions(population.questionnaire)), []):
            known = true.get((result.question, result.group.code, result.group.level))
            if result.statistic == "share" and known is not None and not np.isnan(result.lower):
                held.append(result.lower <= known <= result.upper)
    assert len(held) > 2000
    assert PROMISED[0] <= np.mean(held) <= PROMISED[1]
