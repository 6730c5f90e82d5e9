"""Estimates of a whole survey against numpy's plain weighted means, and raking against one pass of weighted counts."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

QUESTIONS, RESPONDENTS = 200, 5_000
RAKED, LEVELS = 100_000, (2, 7, 8, 12)
REPEATS = 15


def both(action: Callable[[], Any], bare: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of each, the least of several, taken in turns: others use the machine too."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _repeat in range(REPEATS):
        for seconds, each in zip(taken, (action, bare), strict=True):
            began = time.perf_counter()
            each()
            seconds.append(time.perf_counter() - began)
    return min(taken[0]), min(taken[1])


def survey(kind: str) -> tuple[Any, Any, Any, Any]:
    """Answers (n, 200) with gaps, twelve groups (n, 12): all, sex, age, district; the raked and the plain design."""
    from surveys.compute.estimation import Design
    from surveys.compute.weighting import rake, response_weights

    rng = np.random.default_rng(2026)
    backgrounds = [rng.integers(0, levels, RESPONDENTS) for levels in (2, 5, 4)]
    groups = np.column_stack([np.ones(RESPONDENTS), *(np.eye(b.max() + 1)[b] for b in backgrounds)]).astype(bool)
    low, high = (0, 1) if kind == "share" else (1, 10)
    answers = rng.integers(low, high + 1, (RESPONDENTS, QUESTIONS)).astype(float)
    answers[rng.random(answers.shape) < 0.1] = np.nan
    people = {district: 20_000 + 5_000 * district for district in range(4)}
    base = response_weights(backgrounds[2], people)
    whole = sum(people.values())
    margins = {"sex": {0: 0.5 * whole, 1: 0.5 * whole}, "age": dict.fromkeys(range(5), whole / 5)}
    labelled = {name: (labels, margins[name]) for name, labels in zip(margins, backgrounds[:2], strict=True)}
    fitted = rake(base, labelled | {"district": (backgrounds[2], people)})
    raked = Design(
        fitted.weights, backgrounds[2], population=people, calibration=fitted.calibration(), base_weights=base
    )
    # Weights of one's own, as an import may bring them: no two rows are alike.
    own = Design(fitted.weights * rng.uniform(0.5, 2, RESPONDENTS), backgrounds[2], population=people)
    return answers, groups, raked, own


def plain(answers: Any, groups: Any, weights: Any) -> Any:
    """Weighted means by group, without errors: what numpy gives for two products of matrices."""
    answered = ~np.isnan(answers)
    weighted = (groups * weights[:, None]).T
    return (weighted @ np.where(answered, answers, 0.0)) / (weighted @ answered.astype(float))


def figures() -> list[tuple[str, float, str, str]]:
    from surveys.compute.estimation import table
    from surveys.compute.weighting import rake

    told = []
    for kind in ("share", "mean"):
        answers, groups, raked, own = survey(kind)
        for name, design in (("raked", raked), ("own weights", own)):
            found = table(design, answers, groups, kind=kind)  # type: ignore[arg-type]
            assert np.allclose(found["value"].T, plain(answers, groups, design.weights))
            taken, bare = both(
                lambda d=design, a=answers, g=groups, k=kind: table(d, a, g, kind=k),
                lambda d=design, a=answers, g=groups: plain(a, g, d.weights),
            )
            told.append(
                (
                    f"200 questions × 12 groups, {kind}s, {name} / plain means",
                    taken / bare,
                    "≤ 10",
                    f"{1000 * taken:.1f} ms, {1000 * bare:.1f} ms",
                )
            )
    rng = np.random.default_rng(2026)
    labels = [rng.integers(0, levels, RAKED) for levels in LEVELS]
    weights = rng.uniform(0.5, 1.5, RAKED)
    wanted = [np.bincount(each, weights=weights) * rng.uniform(0.6, 1.6, each.max() + 1) for each in labels]
    margins = {
        str(place): (each, dict(enumerate(1e6 * target / target.sum())))
        for place, (each, target) in enumerate(zip(labels, wanted, strict=True))
    }
    rounds = rake(weights, margins).iterations
    taken, once = both(lambda: rake(weights, margins), lambda: [np.bincount(each, weights=weights) for each in labels])
    detail = f"{1000 * taken:.1f} ms, {1000 * once:.2f} ms, {rounds} rounds"
    return [*told, ("raking 100,000 rows, four margins / a pass of counts", taken / once, "< 20", detail)]


if __name__ == "__main__":
    for figure in figures():
        print(*figure)
