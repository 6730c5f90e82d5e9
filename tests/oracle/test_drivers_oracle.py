"""Drivers a second way: over every order of the drivers, by regression, and against published figures (METHODS §5.5).

The published ones are those of U. Grömping, “Relative importance for linear regression in R: the package relaimpo”,
Journal of Statistical Software 17(1), 2006, for R's data on fertility in 47 Swiss provinces in 1888.
"""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from surveys.compute.drivers import Drivers, drivers, lmg, weighted_covariance

# Agriculture, examination, education, Catholic, infant mortality; fertility.
SWISS = """
17 15 12 9.96 22.2 80.2 | 45.1 6 9 84.84 22.2 83.1 | 39.7 5 5 93.4 20.2 92.5 | 36.5 12 7 33.77 20.3 85.8
43.5 17 15 5.16 20.6 76.9 | 35.3 9 7 90.57 26.6 76.1 | 70.2 16 7 92.85 23.6 83.8 | 67.8 14 8 97.16 24.9 92.4
53.3 12 7 97.67 21 82.4 | 45.2 16 13 91.38 24.4 82.9 | 64.5 14 6 98.61 24.5 87.1 | 62 21 12 8.52 16.5 64.1
67.5 14 7 2.27 19.1 66.9 | 60.7 19 12 4.43 22.7 68.9 | 69.3 22 5 2.82 18.7 61.7 | 72.6 18 2 24.2 21.2 68.3
34 17 8 3.3 20 71.7 | 19.4 26 28 12.11 20.2 55.7 | 15.2 31 20 2.15 10.8 54.3 | 73 19 9 2.84 20 65.1
59.8 22 10 5.23 18 65.5 | 55.1 14 3 4.52 22.4 65 | 50.9 22 12 15.14 16.7 56.6 | 54.1 20 6 4.2 15.3 57.4
71.2 12 1 2.4 21 72.5 | 58.1 14 8 5.23 23.8 74.2 | 63.5 6 3 2.56 18 72 | 60.8 16 10 7.72 16.3 60.5
26.8 25 19 18.46 20.9 58.3 | 49.5 15 8 6.1 22.5 65.4 | 85.9 3 2 99.71 15.1 75.5 | 84.9 7 6 99.68 19.8 69.3
89.7 5 2 100 18.3 77.3 | 78.2 12 6 98.96 19.4 70.5 | 64.9 7 3 98.22 20.2 79.4 | 75.9 9 9 99.06 17.8 65
84.6 3 3 99.46 16.3 92.2 | 63.1 13 13 96.83 18.1 79.3 | 38.4 26 12 5.62 20.3 70.4 | 7.7 29 11 13.79 20.5 65.7
16.7 22 13 11.22 18.9 72.7 | 17.6 35 32 16.92 23 64.4 | 37.6 15 7 4.97 20 77.6 | 18.7 25 7 8.65 19.5 67.6
1.2 37 53 42.34 18 35 | 46.6 16 29 50.43 18.2 44.7 | 27.7 22 29 58.33 19.3 42.8
"""
PUBLISHED = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]


def swiss() -> NDArray[np.float64]:
    return np.array([row.split() for row in SWISS.replace("|", "\n").strip().splitlines()], dtype=float)


def r_squared(data: NDArray[np.float64], weights: NDArray[np.float64], subset: tuple[int, ...]) -> float:
    """By weighted least squares, the outcome in the last column."""
    root = np.sqrt(weights)
    outcome = root * data[:, -1]
    alone = root[:, None]
    full = np.column_stack([alone, root[:, None] * data[:, list(subset)]])
    left = [outcome - x @ np.linalg.lstsq(x, outcome)[0] for x in (alone, full)]
    return float(1 - left[1] @ left[1] / (left[0] @ left[0]))


def over_every_order(data: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    size = data.shape[1] - 1
    explained = {
        frozenset(subset): r_squared(data, weights, subset)
        for count in range(size + 1)
        for subset in combinations(range(size), count)
    }
    orders = list(permutations(range(size)))
    shares = np.zeros(size)
    for order in orders:
        for at, driver in enumerate(order):
            shares[driver] += explained[frozenset(order[: at + 1])] - explained[frozenset(order[:at])]
    return shares / len(orders)


def test_the_published_shares() -> None:
    data = swiss()
    assert data.shape == (47, 6)
    shares = lmg(weighted_covariance(data, np.ones(47)))
    assert shares == pytest.approx(PUBLISHED, abs=5e-9)
    assert shares.sum() == pytest.approx(0.7067350, abs=5e-8)


@pytest.mark.parametrize(("size", "seed"), list(product([2, 3, 5, 6], [1, 2])))
def test_every_order_of_weighted_regressions(size: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    data = generator.normal(size=(60, size + 1)) @ generator.normal(size=(size + 1, size + 1)) + 50
    weights = generator.uniform(0.2, 4, 60)
    assert lmg(weighted_covariance(data, weights)) == pytest.approx(over_every_order(data, weights), abs=1e-10)


def test_fifteen_drivers_by_a_case_with_a_known_answer() -> None:
    """Drivers that go together alike and weigh alike share alike: R² = 15·r²/(1 + 14·ρ)."""
    rho, r = 0.4, 0.5
    covariance = np.full((16, 16), rho) + (1 - rho) * np.eye(16)
    covariance[:15, 15] = covariance[15, :15] = r
    assert lmg(covariance) == pytest.approx(np.full(15, r * r / (1 + 14 * rho)), abs=1e-12)


def test_intervals_hold_what_they_promise() -> None:
    """300 surveys of 400 from one population with known shares: 95 % intervals hold them about that often."""
    generator = np.random.default_rng(20)
    mixing = np.array([[1.0, 0.0, 0.0, 0.0], [0.5, 0.9, 0.0, 0.0], [0.3, 0.2, 0.9, 0.0], [0.5, 0.4, 0.3, 0.9]])
    truth = lmg(mixing @ mixing.T)
    held = []
    for seed in range(300):
        data = generator.normal(size=(400, 4)) @ mixing.T
        answer = drivers(data[:, 3], data[:, :3], ["0", "1", "2"], seed=seed, draws=200)
        assert isinstance(answer, Drivers)
        held += [driver.lower <= truth[int(driver.name)] <= driver.upper for driver in answer.drivers]
    assert 0.92 <= sum(held) / len(held) <= 0.97
