"""Medians, spreads, weighted scores and the proposed order, by hand, by property and by an oracle."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from statistics import median as plain_median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.compute.prioritisation import (
    Weighing,
    disagreement,
    few_scores,
    median,
    most_divided,
    propose,
    quantile,
    ranks,
    speaking_for,
    spread,
    weighted_score,
)

SCORES = st.lists(st.integers(1, 5), max_size=41)
WEIGHTS = st.decimals("0", "100", places=2)
CRITERIA = st.lists(st.tuples(WEIGHTS, st.booleans()), min_size=1, max_size=6)


def counted(scores: list[int]) -> dict[int, int]:
    return {value: scores.count(value) for value in set(scores)}


class TestOneCriterion:
    @pytest.mark.parametrize(
        ("scores", "middle", "width"),
        [
            ([], None, None),
            ([4], 4, None),
            ([1, 5], 3, 2),
            ([2, 3], Fraction(5, 2), Fraction(1, 2)),
            ([1, 2, 3, 4, 5], 3, 2),
            ([3, 3, 3, 3], 3, 0),
            ([1, 1, 5, 5], 3, 4),
            ([1, 2, 2, 5], 2, 1),
        ],
    )
    def test_by_hand(self, scores: list[int], middle: Fraction | None, width: Fraction | None) -> None:
        assert median(counted(scores)) == middle
        assert spread(counted(scores)) == width

    def test_no_opinion_is_no_score_and_never_0(self) -> None:
        """Who has no opinion is in no count, so that three who say 4 and one without an opinion give 4."""
        assert median({4: 3}) == 4
        assert median({}) is None

    @given(SCORES.filter(bool), st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)]))
    def test_a_quantile_is_numpys(self, scores: list[int], part: Fraction) -> None:
        found = quantile(counted(scores), part)
        assert found is not None
        assert float(found) == pytest.approx(float(np.quantile(scores, float(part))))

    @given(SCORES.filter(bool))
    def test_a_median_is_pythons(self, scores: list[int]) -> None:
        assert median(counted(scores)) == plain_median(scores)

    @given(SCORES.filter(lambda scores: len(scores) > 1))
    def test_a_spread_lies_within_the_scale(self, scores: list[int]) -> None:
        width = spread(counted(scores))
        assert width is not None
        assert 0 <= width <= max(scores) - min(scores)

    def test_against_turns_the_scale(self) -> None:
        assert [speaking_for(Fraction(x), True) for x in (1, 3, 5)] == [5, 3, 1]
        assert speaking_for(Fraction(2), False) == 2


class TestScore:
    def test_by_hand(self) -> None:
        criteria = [Weighing(Decimal(3)), Weighing(Decimal(1), against=True)]
        assert weighted_score([Fraction(5), Fraction(5)], criteria) == 4  # (3·5 + 1·1) ÷ 4

    def test_a_criterion_without_scores_leaves_with_its_weight(self) -> None:
        criteria = [Weighing(Decimal(3)), Weighing(Decimal(1))]
        assert weighted_score([None, Fraction(2)], criteria) == 2
        assert weighted_score([None, None], criteria) is None

    def test_weight_0_leaves_a_criterion_out(self) -> None:
        assert weighted_score([Fraction(5), Fraction(1)], [Weighing(Decimal(0)), Weighing(Decimal(2))]) == 1
        assert weighted_score([Fraction(5)], [Weighing(Decimal(0))]) is None

    @given(st.data(), CRITERIA)
    def test_it_lies_within_the_scale_and_ignores_the_size_of_weights(
        self, data: st.DataObject, rows: list[tuple[Decimal, bool]]
    ) -> None:
        criteria = [Weighing(weight, against) for weight, against in rows]
        medians = [data.draw(st.none() | st.sampled_from([Fraction(n, 2) for n in range(2, 11)])) for _ in rows]
        found = weighted_score(medians, criteria)
        assert found is None or 1 <= found <= 5
        doubled = [Weighing(weight * 2, against) for weight, against in rows]
        assert weighted_score(medians, doubled) == found

    def test_disagreement_is_the_weighted_mean_of_spreads(self) -> None:
        criteria = [Weighing(Decimal(3)), Weighing(Decimal(1), against=True), Weighing(Decimal(9))]
        assert disagreement([Fraction(2), Fraction(0), None], criteria) == Fraction(3, 2)


class TestOrder:
    def test_equal_scores_share_a_place_and_stand_by_code(self) -> None:
        found = ranks({"b": Fraction(4), "a": Fraction(4), "d": Fraction(5), "c": Fraction(1), "x": None})
        assert list(found.items()) == [("d", 1), ("a", 2), ("b", 2), ("c", 4), ("x", None)]

    def test_a_third_is_not_less_than_a_third(self) -> None:
        """Sums of floats would part what is equal: 1/3 in two ways."""
        weights = [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]
        forth = weighted_score([Fraction(1), Fraction(2), Fraction(4)], [Weighing(w) for w in weights])
        back = weighted_score([Fraction(4), Fraction(2), Fraction(1)], [Weighing(w) for w in reversed(weights)])
        assert ranks({"a": forth, "b": back}) == {"a": 1, "b": 1}

    def test_few(self) -> None:
        assert few_scores(2, 5)
        assert not few_scores(3, 6)
        assert not few_scores(0, 0)

    def test_most_divided_widest_first_and_only_where_opinions_differ(self) -> None:
        criteria = [Weighing(Decimal(1))]
        counts = {"a": [{3: 4}], "b": [{1: 2, 5: 2}], "c": [{2: 2, 4: 2}], "d": [{1: 2, 5: 2}], "e": [{1: 1}]}
        standings = propose(counts, criteria, {}, 4)
        assert most_divided(standings) == ("b", "d", "c")
        assert most_divided(standings, most=1) == ("b",)


def oracle(
    scores: dict[str, list[list[int]]], criteria: list[tuple[Decimal, bool]]
) -> list[tuple[str, int | None, Decimal | None]]:
    """The same order a second way: sorted lists and Decimal, without counts or fractions."""
    with localcontext(prec=40):
        found: dict[str, Decimal | None] = {}
        for code, row in scores.items():
            above, below = Decimal(0), Decimal(0)
            for values, (weight, against) in zip(row, criteria, strict=True):
                if not values:
                    continue
                ordered = sorted(6 - v if against else v for v in values)
                half = len(ordered) // 2
                middle = Decimal(ordered[half] + ordered[-half - 1]) / 2
                above, below = above + weight * middle, below + weight
            found[code] = (above / below).quantize(Decimal("1e-25"), ROUND_HALF_EVEN) if below else None
        known = sorted((-score, code) for code, score in found.items() if score is not None)
        order: list[tuple[str, int | None, Decimal | None]] = [
            (code, 1 + sum(other < score for other, _code in known), -score) for score, code in known
        ]
        return order + [(code, None, None) for code in sorted(found) if found[code] is None]


class TestOracle:
    @given(st.data(), CRITERIA, st.integers(1, 12))
    def test_the_order_is_the_oracles(
        self, data: st.DataObject, rows: list[tuple[Decimal, bool]], candidates: int
    ) -> None:
        scores = {f"c{n:02}": [data.draw(SCORES) for _ in rows] for n in range(candidates)}
        found = propose(
            {code: [counted(values) for values in row] for code, row in scores.items()},
            [Weighing(weight, against) for weight, against in rows],
            {},
            0,
        )
        expected = oracle(scores, rows)
        assert [(one.code, one.rank) for one in found] == [(code, rank) for code, rank, _score in expected]
        for one, (_code, _rank, score) in zip(found, expected, strict=True):
            assert (one.score is None) == (score is None)
            assert one.score is None or one.score == pytest.approx(float(score or 0))

    @given(st.data(), st.permutations(range(8)))
    def test_the_order_does_not_depend_on_who_is_entered_first(self, data: st.DataObject, order: list[int]) -> None:
        rows = {f"c{n}": [counted(data.draw(SCORES))] for n in range(8)}
        criteria = [Weighing(Decimal(1))]
        shuffled = {f"c{n}": rows[f"c{n}"] for n in order}
        assert propose(rows, criteria, {}, 5) == propose(shuffled, criteria, {}, 5)

    @given(SCORES.filter(bool))
    def test_one_more_high_score_never_lowers_a_candidate(self, scores: list[int]) -> None:
        before, after = median(counted(scores)), median(counted([*scores, 5]))
        assert before is not None
        assert after is not None
        assert after >= before
