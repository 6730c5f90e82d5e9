"""All results of a wave before disclosure control: every question, of all and of each group, with errors and counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveys.compute import drivers as driving
from surveys.compute.collected import ANSWERED, Collected, chosen, without_opinion
from surveys.compute.estimation import Design, quantile, table
from surveys.compute.gaps import expectation_gap
from surveys.compute.index import item_scores, person_index
from surveys.compute.kano import kano
from surveys.compute.priorities import matrix
from surveys.compute.questionnaire import GRADES, POSITIVE_FROM, Asked

Floats = NDArray[np.float64]
PERCENT = 100.0
LEAST_PLACED = 20  # answers that make a choice a group of its own where others are placed by lot
LEAST_AREAS = 3  # topics that make a matrix of topics
LEAST_ASKED = 0.5  # of all who answered, graded something of an area


@dataclass(frozen=True)
class Group:
    """Those who gave one answer to a background question; of everybody both are empty."""

    code: str = ""
    level: int | None = None


WHOLE = Group()


@dataclass(frozen=True)
class Result:
    """One number before disclosure control. Shares in per cent. `counts`: people by outcome, unweighted, which is what
    disclosure control looks at; empty for a mean. `items`: the questions that an index is made of."""

    statistic: str
    question: str
    group: Group
    value: float
    n: int
    se: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    part: int = 0
    index: str = ""
    counts: tuple[int, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexOf:
    """An index: its items as (question, lowest, highest, weight), and how many a person must have answered."""

    code: str
    items: tuple[tuple[str, float, float, float], ...]
    least: int = 1


def groups_of(collected: Collected, questions: Sequence[Asked]) -> dict[Group, NDArray[np.bool_]]:
    """Everybody, and those of each choice of each background question, as (n,) masks.

    Who did not tell their background, or told one that fewer than LEAST_PLACED share, is placed among the other choices
    by lot, in proportion to them (`placed`). They could not be shown by themselves, and a choice beside them would have
    to be hidden too, since it and everybody else's figures would tell of them.
    """
    found = {WHOLE: np.ones(len(collected), dtype=bool)}
    for asked in questions:
        if asked.background:
            levels, _by_lot = placed(collected, asked)
            values = [option.value for option in asked.options]
            found |= {
                Group(asked.code, value): levels == value
                for value in values
                if collected.lots is None or (levels == value).any()
            }
    return found


def placed(collected: Collected, asked: Asked) -> tuple[Floats, int]:
    """The level of each response to a background question (n,), and how many were placed by lot.

    Without lots, or where fewer than two choices are large enough to be placed in, the answers as they are.
    """
    answers = collected.answers(asked.code)
    options = [option.value for option in asked.options if not option.no_opinion]
    counts = {value: int((answers == value).sum()) for value in options}
    large = [value for value, count in counts.items() if count >= LEAST_PLACED]
    if collected.lots is None or len(large) < 2:
        return answers, 0
    told = np.isin(answers, large)
    reached = np.cumsum([counts[value] for value in large]) / sum(counts[value] for value in large)
    by_lot = np.array(large, dtype=float)[np.minimum(np.searchsorted(reached, collected.lots), len(large) - 1)]
    return np.where(told, answers, by_lot), int((~told).sum())


def all_results(
    collected: Collected, design: Design, questions: Sequence[Asked], indices: Sequence[IndexOf]
) -> list[Result]:
    """Every figure of every question in every group (METHODS §5.3–5.6)."""
    groups = groups_of(collected, questions)
    asked = [q for q in questions if q.kind != "text"]
    found = [
        Result("respondents", "", group, float(inside.sum()), int(inside.sum()), counts=(int(inside.sum()),))
        for group, inside in groups.items()
    ]
    found += _shares(collected, design, groups, asked)
    found += _means(collected, design, groups, asked, indices)
    for question in asked:
        found += _of_one(collected, design, question)
    return found


def positive(collected: Collected, asked: Asked) -> Floats | None:
    """1 where the answer is positive, 0 where it is not, NaN without one; None where no answer is the good one."""
    answers = collected.answers(asked.code)
    if asked.kind in POSITIVE_FROM:
        return np.where(np.isnan(answers), np.nan, (answers >= POSITIVE_FROM[asked.kind]).astype(float))
    good = [option.value for option in asked.options if option.positive]
    return chosen(answers, good) if good and asked.kind in ("share", "single") else None


def score(collected: Collected, asked: Asked) -> Floats | None:
    """The answer from 0 to 100, the better the higher; None where no answer is the good one."""
    if asked.kind in ("five", "ten"):
        low, high = GRADES[asked.kind]
        return PERCENT * (collected.answers(asked.code) - low) / (high - low)
    ones = positive(collected, asked)
    return None if ones is None else PERCENT * ones


def _shares(
    collected: Collected, design: Design, groups: Mapping[Group, NDArray[np.bool_]], questions: Sequence[Asked]
) -> Iterator[Result]:
    """Shares of positive answers and of no opinion, and who chose which option."""
    wanted: list[tuple[str, Asked, int, Floats]] = []
    for asked in questions:
        ones = positive(collected, asked)
        if ones is not None:
            wanted.append(("share", asked, 0, ones))
        wanted.append(("no_opinion", asked, 0, without_opinion(collected.states(asked.code, asked.parts[0]))))
    columns = np.column_stack([ones for *_known, ones in wanted]) if wanted else np.empty((len(collected), 0))
    yield from _tabled(design, groups, wanted, columns, "share", PERCENT)
    options = [
        ("option", asked, value, ones) for asked in questions for value, ones in _option_columns(collected, asked)
    ]
    if options:
        columns = np.column_stack([ones for *_known, ones in options])
        yield from _tabled(design, {WHOLE: groups[WHOLE]}, options, columns, "share", PERCENT)


def _option_columns(collected: Collected, asked: Asked) -> Iterator[tuple[int, Floats]]:
    answers = collected.answers(asked.code)
    if asked.kind in ("share", "single"):
        yield from ((o.value, chosen(answers, [o.value])) for o in asked.options if not o.no_opinion)
    elif asked.kind in ("five", "ten"):
        low, high = GRADES[asked.kind]
        yield from ((grade, chosen(answers, [grade])) for grade in range(low, high + 1))
    elif asked.kind == "multiple":
        yield from ((part, collected.answers(asked.code, part)) for part in asked.parts)


def _means(
    collected: Collected,
    design: Design,
    groups: Mapping[Group, NDArray[np.bool_]],
    questions: Sequence[Asked],
    indices: Sequence[IndexOf],
) -> Iterator[Result]:
    """Means of grades and numbers, and indices, which are means of what each person's answers give."""
    wanted: list[tuple[str, Asked | str, int, Floats]] = [
        ("mean", asked, 0, collected.answers(asked.code))
        for asked in questions
        if asked.kind in ("five", "ten", "number")
    ]
    for index in indices:
        scores = [item_scores(collected.answers(code), low, high) for code, low, high, _weight in index.items]
        weights = [weight for *_item, weight in index.items]
        of_person = person_index(np.column_stack(scores), 0.0, PERCENT, weights, index.least)
        wanted.append(("index", index.code, 0, of_person))
    if wanted:
        columns = np.column_stack([values for *_known, values in wanted])
        items = {index.code: tuple(code for code, *_limits in index.items) for index in indices}
        for result in _tabled(design, groups, wanted, columns, "mean", 1.0):
            yield replace(result, items=items[result.index]) if result.index else result


def _tabled(
    design: Design,
    groups: Mapping[Group, NDArray[np.bool_]],
    wanted: Sequence[tuple[str, Asked | str, int, Floats]],
    columns: Floats,
    kind: Any,
    scale: float,
) -> Iterator[Result]:
    domains = np.column_stack(list(groups.values()))
    found = table(design, columns, domains, kind=kind)
    ones = np.nan_to_num(columns).T @ domains if kind == "share" else None
    for row, (statistic, of, part, _values) in enumerate(wanted):
        for column, group in enumerate(groups):
            n = int(found["n"][row, column])
            if n == 0:
                continue
            yes = 0 if ones is None else round(float(ones[row, column]))
            yield Result(
                statistic,
                "" if isinstance(of, str) else of.code,
                group,
                value=scale * float(found["value"][row, column]),
                n=n,
                se=scale * float(found["se"][row, column]),
                lower=scale * float(found["lower"][row, column]),
                upper=scale * float(found["upper"][row, column]),
                part=part,
                index=of if isinstance(of, str) else "",
                counts=() if ones is None else (yes, n - yes),
                details={"df": float(found["df"][row, column])},
            )


def _of_one(collected: Collected, design: Design, asked: Asked) -> Iterator[Result]:
    """What only one kind of question has: a median, a gap, a kind of need. Of everybody."""
    first, second = collected.answers(asked.code, 1), collected.answers(asked.code, 2)
    both = int((~np.isnan(first) & ~np.isnan(second)).sum())
    if asked.kind == "number" and (collected.states(asked.code) == ANSWERED).any():
        half = quantile(design, collected.answers(asked.code), 0.5)
        yield Result("median", asked.code, WHOLE, half.value, half.n, half.se, half.lower, half.upper)
    elif asked.kind == "expectation" and both:
        gap = expectation_gap(design, first, second)
        found = gap.gap
        parts = {
            "expectation": gap.expectation.value, "experience": gap.experience.value, "certain": gap.certain,
            "df": found.df,
        }  # fmt: skip
        yield Result("gap", asked.code, WHOLE, found.value, found.n, found.se, found.lower, found.upper, details=parts)
    elif asked.kind == "kano" and both:
        need = kano(first, second)
        if need is not None:
            told = {
                "category": None if need.verdict is None else need.verdict.value,
                "mode": need.mode.value,
                "berger": need.berger.value,
                "better": None if np.isnan(need.better) else need.better,
                "worse": None if np.isnan(need.worse) else need.worse,
                "mixed": not need.separated,
            }
            yield Result("kano", asked.code, WHOLE, float(need.n), need.n, details=told)


def drivers_of(
    collected: Collected,
    design: Design,
    questions: Sequence[Asked],
    overall: str,
    seed: int,
    in_indices: frozenset[str],
) -> dict[str, Any]:
    """What satisfaction goes together with, area by area, as plain values (METHODS §5.5).

    An area is a topic of the questionnaire; a person's grade of it is the mean of their answers from 0 to 100. The
    overall question, its index and questions about the person are no drivers.
    """
    by_code = {asked.code: asked for asked in questions}
    outcome = score(collected, by_code[overall]) if overall in by_code else None
    if outcome is None:
        return {"overall": overall, "refused": "no_overall_question"}
    areas = _areas(collected, questions, leave_out=in_indices | {overall}, topic=by_code[overall].topic)
    if not areas:
        return {"overall": overall, "refused": "no_areas"}
    grades = np.column_stack(list(areas.values()))
    found = driving.drivers(outcome, grades, list(areas), design.weights, seed=seed)
    if isinstance(found, driving.Refusal):
        return {
            "overall": overall, "refused": found.reason.value, "found": found.found, "needed": found.needed,
            "names": list(found.names),
        }  # fmt: skip
    level = table(design, grades, np.ones((len(collected), 1), dtype=bool), kind="mean")["value"][:, 0]
    grade = dict(zip(areas, level.tolist(), strict=True))
    placed = matrix([grade[d.name] for d in found.drivers], [d.normalised for d in found.drivers])
    return {
        "overall": overall,
        "refused": None,
        "r2": found.r_squared,
        "n": found.n,
        "draws": found.draws,
        "cut": {"grade": placed.grade_cut, "importance": PERCENT * placed.importance_cut},
        "drivers": [
            {
                "area": driver.name,
                "questions": [q.code for q in questions if driver.name in (q.topic, q.code) and q.code != overall],
                "importance": PERCENT * driver.normalised,
                "lower": PERCENT * driver.lower / found.r_squared,
                "upper": PERCENT * driver.upper / found.r_squared,
                "sign": driver.sign,
                "grade": grade[driver.name],
                "quadrant": None if quadrant is None else quadrant.value,
                "indistinguishable_from": list(driver.alike),
                "rank": driver.rank,
            }
            for driver, quadrant in zip(found.drivers, placed.quadrants, strict=True)
        ],
    }


def _areas(
    collected: Collected, questions: Sequence[Asked], leave_out: frozenset[str], topic: str
) -> dict[str, Floats]:
    """Topic → each person's mean grade of it (n,), NaN where they graded nothing of it; in a survey of one or two
    topics every question is an area. What most people have no opinion of would leave too few who graded everything."""
    graded = [asked for asked in questions if not asked.background and asked.code not in leave_out and asked.topic]
    several = len({asked.topic for asked in graded} - {topic}) >= LEAST_AREAS
    scores: dict[str, list[Floats]] = {}
    for asked in graded:
        own = score(collected, asked)
        if own is not None and not (several and asked.topic == topic):
            scores.setdefault(asked.topic if several else asked.code, []).append(own)
    found = {}
    for name, columns in scores.items():
        given = np.column_stack(columns)
        answered = ~np.isnan(given)
        if answered.any(axis=1).mean() >= LEAST_ASKED:
            found[name] = np.where(
                answered.any(axis=1), np.nansum(given, axis=1) / np.maximum(answered.sum(axis=1), 1), np.nan
            )
    return found
