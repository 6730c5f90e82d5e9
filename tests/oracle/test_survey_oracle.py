"""Survey estimates a second way: the figures of R's survey package (survey_reference.R makes them), the jackknife,
and the spread over every possible sample of small populations."""

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveys.compute.estimation import Design, Estimate, mean, quantile, ratio, share, table, total
from surveys.compute.weighting import post_stratify, rake, response_weights

HERE = Path(__file__).parent
SEX = {"f": 420, "m": 370}
AGE = {"18-29": 200, "30-64": 330, "65+": 260}
REFERENCE = json.loads((HERE / "survey_reference.json").read_text(encoding="utf-8"))

# Totals with a lonely unit follow another rule in R 4.1: a test of their own has both.
SAME = [figure for figure in REFERENCE["figures"] if figure[:2] != ["lonely", "total"]]


def answers() -> pd.DataFrame:
    return pd.read_csv(HERE / "survey_reference.csv")


def by(frame: pd.DataFrame, column: str) -> dict[Any, float]:
    return frame.groupby("stratum")[column].first().to_dict()


def design(name: str) -> tuple[pd.DataFrame, Design]:
    """The rows and the design that survey_reference.R calls by this name."""
    d = answers()
    if name == "lonely":
        d = d[~((d.stratum == "C") & (d.cluster != "C1"))].reset_index(drop=True)
    w, strata, clusters = d.design_weight.to_numpy(), d.stratum.to_numpy(), d.cluster.to_numpy()
    population, units = by(d, "population"), by(d, "clusters_in_population")
    margins = {"sex": (d.sex.to_numpy(), SEX), "age": (d.age.to_numpy(), AGE)}
    match name:
        case "strata":
            return d, Design(w, strata, population=population)
        case "clusters":
            return d, Design(w, strata, clusters, population=units)
        case "clusters_without_fpc":
            return d, Design(w, strata, clusters)
        case "lonely":
            return d, Design(w, strata, clusters, lonely="adjust")
        case "post_stratified":
            fitted = post_stratify(w, d.sex.to_numpy(), SEX)
            return d, Design(fitted.weights, strata, population=population, calibration=fitted.calibration())
        case "raked":
            fitted = rake(np.full(len(d), 790 / 80), margins, tolerance=1e-12)
        case "calibrated" | "calibrated_clusters":
            fitted = rake(w, margins, tolerance=1e-12)
    kept = {"calibration": fitted.calibration(), "base_weights": fitted.base_weights}
    if name == "calibrated_clusters":
        return d, Design(fitted.weights, strata, clusters, **kept)
    return d, Design(fitted.weights, strata, population=population if name == "calibrated" else None, **kept)


def estimated(name: str, statistic: str, question: str, domain: str) -> Estimate:
    d, made = design(name)
    y = d[question].to_numpy(dtype=float)
    inside = {"all": np.ones(len(d), dtype=bool), "g1": (d.group == "g1").to_numpy(), "f": (d.sex == "f").to_numpy()}
    chosen = inside[domain]
    if statistic.startswith("quantile"):
        return quantile(made, y, float(statistic.removeprefix("quantile")), chosen)
    if statistic == "ratio":
        return ratio(made, y, d.hours.to_numpy(), chosen)
    return {"mean": mean, "total": total, "share": share}[statistic](made, y, chosen)


@pytest.mark.parametrize("figure", SAME, ids=lambda figure: "-".join(figure[:4]))
def test_figures_of_the_survey_package(figure: list[Any]) -> None:
    name, statistic, question, domain, *told = figure
    e = estimated(name, statistic, question, domain)
    expected = [math.nan if number is None else number for number in told]
    # R stops its logistic regression at 1e-8 and its raking at 1e-10 persons.
    np.testing.assert_allclose([e.value, e.se, e.lower, e.upper, e.df], expected, rtol=2e-7, equal_nan=True)


@pytest.mark.parametrize("name", ["post_stratified", "raked", "calibrated"])
def test_weights_of_the_survey_package(name: str) -> None:
    np.testing.assert_allclose(design(name)[1].weights, REFERENCE["weights"][name], rtol=1e-9)


def test_a_lonely_unit_is_centred_at_the_mean_of_all_units() -> None:
    """R 4.1 centres totals at 0 there, newer ones at the mean of the units: the one follows from the other."""
    d, made = design("lonely")
    y = d.score.to_numpy(dtype=float)
    units = pd.Series(np.nan_to_num(made.weights * y)).groupby(made.unit).sum()
    alone = units[made.unit[(d.stratum == "C").to_numpy()][0]]
    figure = next(f for f in REFERENCE["figures"] if f[:4] == ["lonely", "total", "score", "all"])
    value, se = figure[4], figure[5]
    found = total(made, y)
    assert found.value == pytest.approx(value)
    assert found.se**2 == pytest.approx(se**2 - alone**2 + (alone - units.mean()) ** 2)


def jackknife(d: pd.DataFrame, unit: np.ndarray, estimate: Any) -> float:
    """Variance by leaving out one primary unit at a time, stratum by stratum (JKn)."""
    whole, variance = estimate(d), 0.0
    for rows in d.groupby("stratum").groups.values():
        units = np.unique(unit[rows])
        for left_out in units:
            others = np.isin(unit, units) & (unit != left_out)
            rest = d.assign(w=np.where(others, d.w * len(units) / (len(units) - 1), d.w))[unit != left_out]
            variance += (len(units) - 1) / len(units) * (estimate(rest) - whole) ** 2
    return float(variance)


@pytest.mark.parametrize("clustered", [False, True])
def test_the_jackknife_gives_nearly_the_same_errors(clustered: bool) -> None:
    d = answers()
    d["w"] = d.design_weight
    made = Design(d.w.to_numpy(), d.stratum.to_numpy(), d.cluster.to_numpy() if clustered else None)

    def of_mean(rows: pd.DataFrame) -> float:
        known = rows[rows.score.notna() & (rows.group == "g1")]
        return float((known.w * known.score).sum() / known.w.sum())

    def of_ratio(rows: pd.DataFrame) -> float:
        known = rows[rows.score.notna()]
        return float((known.w * known.score).sum() / (known.w * known.hours).sum())

    found = mean(made, d.score.to_numpy(), (d.group == "g1").to_numpy())
    assert found.se == pytest.approx(np.sqrt(jackknife(d, made.unit, of_mean)), rel=0.06)
    found = ratio(made, d.score.to_numpy(), d.hours.to_numpy())
    assert found.se == pytest.approx(np.sqrt(jackknife(d, made.unit, of_ratio)), rel=0.06)


def test_the_jackknife_with_raking_done_anew_each_time() -> None:
    """Only residuals of the calibration explain what raked estimates really vary."""
    d, made = design("raked")
    d["w"] = 790 / 80

    def of_mean(rows: pd.DataFrame) -> float:
        margins = {"sex": (rows.sex.to_numpy(), SEX), "age": (rows.age.to_numpy(), AGE)}
        w = rake(rows.w.to_numpy(), margins).weights
        known = rows.score.notna().to_numpy()
        return float((w[known] * rows.score[known]).sum() / w[known].sum())

    anew = np.sqrt(jackknife(d, made.unit, of_mean))
    assert mean(made, d.score.to_numpy()).se == pytest.approx(anew, rel=0.05)


def test_raked_weights_taken_as_fixed_can_be_off_by_far() -> None:
    """A margin that says almost all: its share is known, and the error of the estimate nearly 0."""
    rng = np.random.default_rng(5)
    level = rng.integers(0, 2, 400)
    y = np.where(rng.random(400) < 0.03, 1 - level, level).astype(float)
    fitted = post_stratify(np.full(400, 25.0), level, {0: 5000, 1: 5000})
    fixed, known = Design(fitted.weights), Design(fitted.weights, calibration=fitted.calibration())
    assert mean(fixed, y).se > 2.5 * mean(known, y).se
    by_cells = sum(0.25 * y[level == each].var(ddof=1) / (level == each).sum() for each in (0, 1))
    assert mean(known, y).se == pytest.approx(np.sqrt(by_cells), rel=0.02)


def test_every_sample_of_a_small_population() -> None:
    """Over all samples of 2 + 3 from strata of 5 + 6 people the mean of the estimated variances of a total is the
    variance that the estimates have: exactly, since both are unbiased."""
    population = {"a": [3.0, 5.0, 4.0, 9.0, 1.0], "b": [2.0, 8.0, 8.0, 7.0, 3.0, 6.0]}
    size = {"a": 5, "b": 6}
    strata = np.array(["a", "a", "b", "b", "b"])
    totals, variances = [], []
    for first in itertools.combinations(population["a"], 2):
        for second in itertools.combinations(population["b"], 3):
            made = Design(response_weights(strata, size), strata, population=size)
            found = total(made, np.array([*first, *second]))
            totals.append(found.value)
            variances.append(found.se**2)
    assert np.mean(totals) == pytest.approx(sum(map(sum, population.values())))
    assert np.mean(variances) == pytest.approx(np.var(totals))


def test_every_sample_of_clusters() -> None:
    """The same with whole clusters drawn: 3 of 6, of different size."""
    clusters = [[1.0, 2.0], [4.0], [0.0, 3.0, 5.0], [2.0], [7.0, 1.0], [3.0, 3.0]]
    totals, variances = [], []
    for chosen in itertools.combinations(range(6), 3):
        y = np.array([value for each in chosen for value in clusters[each]])
        labels = np.array([each for each in chosen for _value in clusters[each]])
        found = total(Design(np.full(len(y), 2.0), clusters=labels, population={"all": 6}), y)
        totals.append(found.value)
        variances.append(found.se**2)
    assert np.mean(totals) == pytest.approx(sum(map(sum, clusters)))
    assert np.mean(variances) == pytest.approx(np.var(totals))


def test_a_stratified_mean_worked_by_hand() -> None:
    """Two strata of 60 and 40 people, samples of 4 and 3. Means 5 and 12, variances 20/3 and 9."""
    y = np.array([2.0, 4.0, 6.0, 8.0, 9.0, 12.0, 15.0])
    strata = np.array([1, 1, 1, 1, 2, 2, 2])
    found = mean(Design(response_weights(strata, {1: 60, 2: 40}), strata, population={1: 60, 2: 40}), y)
    assert found.value == pytest.approx(0.6 * 5 + 0.4 * 12)
    by_hand = 0.6**2 * (1 - 4 / 60) * (20 / 3) / 4 + 0.4**2 * (1 - 3 / 40) * 9 / 3
    assert found.se == pytest.approx(np.sqrt(by_hand))
    assert found.df == 5
    assert found.upper - found.value == pytest.approx(2.5705818 * found.se)  # t, five degrees of freedom


@pytest.mark.parametrize("kind", ["share", "mean"])
@pytest.mark.parametrize("name", ["strata", "clusters", "raked", "calibrated", "calibrated_clusters", "lonely"])
def test_the_whole_table_has_the_same_figures(name: str, kind: Any) -> None:
    d, made = design(name)
    y = d[["yes"] if kind == "share" else ["score", "hours"]].to_numpy(dtype=float)
    domains = np.column_stack([np.ones(len(d)), d.group == "g1", d.sex == "f"]).astype(bool)
    found = table(made, y, domains, kind=kind)
    for question, group in np.ndindex(found["value"].shape):
        one = {"share": share, "mean": mean}[kind](made, y[:, question], domains[:, group])
        for field, values in found.items():
            assert values[question, group] == pytest.approx(getattr(one, field), rel=1e-10), field
