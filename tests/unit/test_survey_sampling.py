"""Samples: how they are divided and drawn, what they promise, what of the response is told (METHODS §5)."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surveys.compute.estimation import Design, mean
from surveys.compute.sampling import (
    LEAST_SHOWN,
    Method,
    Refusal,
    SamplingError,
    TooSmall,
    allocate,
    draw,
    expected_answers,
    hidden_counts,
    planned_margin,
    response_share,
    too_small,
)

names = st.text("abcdefgh", min_size=1, max_size=3)
populations = st.dictionaries(names, st.integers(0, 5000), min_size=1, max_size=8)


class TestAllocate:
    @settings(max_examples=300, deadline=None)
    @given(populations, st.integers(0, 20_000), st.sampled_from(["proportional", "equal"]), st.integers(0, 30))
    def test_sums_and_bounds(self, people: dict[str, int], n: int, method: str, least: int) -> None:
        total = min(n, sum(people.values()))
        assume(sum(min(least, count) for count in people.values()) <= total)
        given_out = allocate(people, n, method, least=least)
        assert given_out.keys() == people.keys()
        assert sum(given_out.values()) == total
        assert all(min(least, people[name]) <= size <= people[name] for name, size in given_out.items())

    @settings(max_examples=200, deadline=None)
    @given(populations, st.data())
    def test_proportional_shares_are_off_by_less_than_one(self, people: dict[str, int], data: st.DataObject) -> None:
        everybody = sum(people.values())
        assume(everybody)
        n = data.draw(st.integers(0, everybody))
        for name, size in allocate(people, n).items():
            assert abs(size - n * people[name] / everybody) < 1

    @settings(max_examples=200, deadline=None)
    @given(populations, st.data())
    def test_more_people_never_get_a_smaller_sample(self, people: dict[str, int], data: st.DataObject) -> None:
        given_out = allocate(people, data.draw(st.integers(0, 10_000)))
        order = sorted(people, key=lambda name: people[name])
        assert all(given_out[a] <= given_out[b] for a, b in itertools.pairwise(order))

    def test_largest_remainder_by_hand(self) -> None:
        # 7 of 100: 3.71, 2.31, 0.98 → 3, 2, 0; the two left go to the largest remainders .98 and .71
        assert allocate({"a": 53, "b": 33, "c": 14}, 7) == {"a": 4, "b": 2, "c": 1}

    def test_a_stratum_gives_no_more_than_it_has_and_the_rest_goes_on(self) -> None:
        assert allocate({"small": 10, "big": 1000, "large": 1000}, 310, "equal") == {
            "small": 10, "big": 150, "large": 150,
        }  # fmt: skip

    def test_neyman_follows_population_times_spread(self) -> None:
        # 1000·1 : 1000·3 = 1 : 3
        spread = {"calm": 1.0, "wild": 3.0}
        assert allocate({"calm": 1000, "wild": 1000}, 400, Method.NEYMAN, spread=spread) == {"calm": 100, "wild": 300}

    @settings(max_examples=100, deadline=None)
    @given(st.floats(0.1, 10), st.floats(0.1, 10))
    def test_no_other_division_has_a_smaller_variance_than_neyman(self, first: float, second: float) -> None:
        people, spread = {"a": 3000, "b": 2000}, {"a": first, "b": second}

        def variance(a: int) -> float:
            return (3000 * first) ** 2 / a + (2000 * second) ** 2 / (200 - a)

        best = min(range(1, 200), key=variance)
        assert abs(allocate(people, 200, "neyman", spread=spread)["a"] - best) <= 1

    def test_zero_spread_gets_the_least_and_what_nobody_else_can_give(self) -> None:
        spread = {"a": 0.0, "b": 2.0}
        assert allocate({"a": 500, "b": 500}, 100, "neyman", spread=spread, least=20) == {"a": 20, "b": 80}
        assert allocate({"a": 500, "b": 50}, 100, "neyman", spread=spread) == {"a": 50, "b": 50}

    @pytest.mark.parametrize(
        "call",
        [
            lambda: allocate({}, 10),
            lambda: allocate({"a": -1}, 10),
            lambda: allocate({"a": 10}, -1),
            lambda: allocate({"a": 100, "b": 100}, 30, least=20),
            lambda: allocate({"a": 10}, 5, "quota"),
            lambda: allocate({"a": 10, "b": 10}, 5, "neyman", spread={"a": 1.0}),
            lambda: allocate({"a": 10}, 5, "neyman", spread={"a": math.nan}),
            lambda: allocate({"a": 10}, 5, "neyman", spread={"a": 0.0}),
        ],
    )
    def test_refused(self, call: object) -> None:
        with pytest.raises(SamplingError):
            call()  # type: ignore[operator]


class TestDraw:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(0, 2**31 - 1), st.data())
    def test_as_many_as_wanted_once_each_and_again_the_same(
        self, strata: list[str], seed: int, data: st.DataObject
    ) -> None:
        there = Counter(strata)
        wanted = {name: data.draw(st.integers(0, there[name])) for name in "abc"}
        rows = draw(strata, wanted, seed)
        assert len(set(rows.tolist())) == len(rows) == sum(wanted.values())
        assert Counter(strata[row] for row in rows) == +Counter(wanted)
        assert draw(strata, wanted, seed).tolist() == rows.tolist()

    @settings(max_examples=100, deadline=None)
    @given(st.permutations(["a"] * 12 + ["b"] * 12), st.integers(0, 10_000))
    def test_a_stratum_s_sample_hangs_on_its_own_rows_only(self, mixed: list[str], seed: int) -> None:
        """Where the rows of others stand between them, or how many of those are drawn, changes nothing."""
        alone = draw(["a"] * 12, {"a": 5}, seed).tolist()
        own = [row for row, name in enumerate(mixed) if name == "a"]
        drawn = [row for row in draw(mixed, {"a": 5, "b": 7}, seed) if mixed[row] == "a"]
        assert [own.index(row) for row in drawn] == alone

    def test_everybody_is_as_likely(self) -> None:
        times = np.zeros(10)
        for seed in range(4000):
            times[draw(["x"] * 10, {"x": 3}, seed)] += 1
        # 1 200 expected, standard deviation √(4000·0.3·0.7) ≈ 29
        assert np.abs(times - 1200).max() < 5 * 29

    def test_another_seed_draws_others(self) -> None:
        first, second = (draw(["x"] * 1000, {"x": 100}, seed).tolist() for seed in (1, 2))
        assert first != second

    def test_a_known_draw_stays_as_it_is(self) -> None:
        """A sample that was drawn years ago can be drawn again: the generator must not change."""
        assert draw(["a"] * 10 + ["b"] * 10, {"a": 3, "b": 2}, 7).tolist() == [2, 3, 6, 14, 18]

    def test_more_than_there_are_is_refused(self) -> None:
        with pytest.raises(SamplingError, match="a: 3 wanted, but there are 2"):
            draw(["a", "a", "b"], {"a": 3}, 1)


class TestPlannedMargin:
    def test_published_size_of_the_national_survey(self) -> None:
        """About 1 200 asked and 35–40 % answering: ± 4 to 5 points near 50 %."""
        for rate in (0.35, 0.40):
            assert 4 < planned_margin(1200, 60_000, rate) < 5

    def test_is_what_the_estimate_then_has(self) -> None:
        """Half of each stratum answers yes: the estimate's own interval, as wide as was promised."""
        answers, people = {"a": 100, "b": 60}, {"a": 1000, "b": 90}
        strata = np.repeat(list(answers), list(answers.values()))
        weights = np.array([people[name] / answers[name] for name in strata])
        values = np.concatenate([np.tile([0.0, 1.0], n // 2) for n in answers.values()])
        design = Design(weights=weights, strata=strata, population=people)
        found = mean(design, values)
        assert found.value == pytest.approx(0.5)
        promised = planned_margin([200, 120], [1000, 90], 0.5)
        assert promised == pytest.approx(100 * (found.upper - found.value), rel=1e-9)

    def test_everybody_answers(self) -> None:
        assert planned_margin(100, 100, 1.0) == 0

    @settings(max_examples=100, deadline=None)
    @given(st.integers(50, 5000), st.integers(1, 50), st.floats(0.1, 1))
    def test_more_answers_are_never_less_certain(self, asked: int, more: int, rate: float) -> None:
        fewer, larger = planned_margin(asked, 20_000, rate), planned_margin(asked + more, 20_000, rate)
        assert larger <= fewer

    @pytest.mark.parametrize(("asked", "people", "rate"), [(3, 100, 0.5), ([50, 2], [100, 100], 0.5), ([], [], 0.5)])
    def test_too_few_promise_nothing(self, asked: object, people: object, rate: float) -> None:
        assert math.isnan(planned_margin(asked, people, rate))  # type: ignore[arg-type]

    def test_a_stratum_left_out_promises_nothing_of_the_whole(self) -> None:
        assert math.isnan(planned_margin([500, 0], [1000, 1000], 0.4))


def test_expected_answers_and_response() -> None:
    assert expected_answers([100, 50], 0.4).tolist() == [40.0, 20.0]
    assert response_share(0, 10) == 0
    assert math.isnan(response_share(0, 0))


class TestTooSmall:
    def test_at_the_limits(self) -> None:
        people = {"a": 49, "b": 50, "c": 1000, "d": 1000}
        assert too_small(people, {"a": 49, "b": 20, "c": 19}) == [
            Refusal("a", TooSmall.POPULATION, 49),
            Refusal("c", TooSmall.SAMPLE, 19),
            Refusal("d", TooSmall.SAMPLE, 0),
        ]


class TestHiddenCounts:
    @settings(max_examples=300, deadline=None)
    @given(st.dictionaries(names, st.integers(0, 40), max_size=8))
    def test_no_small_number_follows_from_the_total(self, answered: dict[str, int]) -> None:
        hidden = hidden_counts(answered)
        assert all(name in hidden for name, count in answered.items() if 0 < count < LEAST_SHOWN)
        if hidden and len(hidden) < len(answered):
            assert len(hidden) >= 2
            assert sum(answered[name] for name in hidden) >= LEAST_SHOWN

    def test_nothing_small_hides_nothing(self) -> None:
        assert hidden_counts({"a": 0, "b": 5, "c": 80}) == frozenset()
