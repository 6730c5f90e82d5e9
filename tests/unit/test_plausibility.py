"""Hard checks block what cannot be; soft ones ask about what is unlikely, with the figures behind the question."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.plausibility import (
    LEAST_POINTS,
    NO_PAST,
    SOFT,
    Check,
    Finding,
    Given,
    Peers,
    Rules,
    doubts,
    past_of,
    place_fault,
    restored,
    settled_value,
    share_of,
    value_fault,
)
from indicators.periods import Kind

SHARE = Rules(Kind.YEAR, decimals=0, minimum=0, maximum=100, share=True)
COUNT = Rules(Kind.MONTH, decimals=1, divided=True)
TODAY = date(2026, 2, 1)
REASONS = {"missing", "confidential"}
USUAL = [81.0, 83.0, 82.0, 85.0, 84.0]
PEERS = Peers(year=2024, others=7, low=70, high=88, q25=76, q75=82)


def check(given_: Given, rules: Rules = SHARE) -> Check | None:
    found = value_fault(given_, rules, REASONS)
    return found.check if found else None


def checks(value: float, values: list[float], peers: Peers | None = None, decimals: int = 0) -> list[Check]:
    return [finding.check for finding in doubts(value, past_of(values, decimals=decimals), peers)]


class TestHard:
    @pytest.mark.parametrize("value", [0, 100, 50.5])
    def test_the_ends_of_the_possible_range_are_possible(self, value: float) -> None:
        assert check(Given(value)) is None

    @pytest.mark.parametrize("value", [-0.001, 100.001])
    def test_outside_is_not(self, value: float) -> None:
        assert check(Given(value)) is Check.OUT_OF_RANGE

    def test_open_ends(self) -> None:
        assert check(Given(-5), COUNT) is None
        assert check(Given(999_999_999_999), COUNT) is None
        assert check(Given(1e12), COUNT) is Check.TOO_LARGE
        assert check(Given(math.inf), COUNT) is Check.NOT_FINITE
        assert check(Given(numerator=math.nan, denominator=1), COUNT) is Check.NOT_FINITE

    def test_numerator_and_denominator(self) -> None:
        assert check(Given(numerator=50, denominator=50)) is None
        assert check(Given(numerator=0, denominator=50)) is None
        assert check(Given(numerator=51, denominator=50)) is Check.NUMERATOR_ABOVE
        assert check(Given(1.02, numerator=51, denominator=50), COUNT) is None
        assert check(Given(80, numerator=4)) is Check.PARTS_INCOMPLETE
        assert check(Given(80, denominator=4)) is Check.PARTS_INCOMPLETE
        assert check(Given(numerator=0, denominator=0)) is Check.ZERO_DENOMINATOR
        assert check(Given(absence="missing", numerator=0, denominator=0)) is None

    def test_a_share_typed_beside_its_parts_may_be_rounded_as_it_is_shown(self) -> None:
        assert check(Given(67, numerator=2, denominator=3)) is None
        assert check(Given(66, numerator=2, denominator=3)) is Check.NOT_THE_SHARE

    def test_reasons(self) -> None:
        assert check(Given(absence="confidential")) is None
        assert check(Given(absence="lost")) is Check.UNKNOWN_REASON
        assert check(Given(0, absence="missing")) is Check.VALUE_AND_REASON

    @pytest.mark.parametrize(
        ("period", "breakdown", "found"),
        [
            ("2026M02", "T", None),
            ("2026M02", "K", None),
            ("2026M03", "T", Check.NOT_BEGUN),
            ("2026M2", "T", Check.WRONG_FREQUENCY),
            ("2025", "T", Check.WRONG_FREQUENCY),
            ("x", "T", Check.NO_PERIOD),
            ("2026M02", "P", Check.UNKNOWN_BREAKDOWN),
        ],
    )
    def test_places(self, period: str, breakdown: str, found: Check | None) -> None:
        fault = place_fault(COUNT, period, breakdown, TODAY)
        assert (fault.check if fault else None) == found

    def test_a_period_may_be_entered_from_its_first_day(self) -> None:
        assert place_fault(COUNT, "2026M03", "T", date(2026, 3, 1)) is None
        fault = place_fault(COUNT, "2026M03", "T", date(2026, 2, 28))
        assert fault is not None
        assert fault.figures["first_day"] == "2026-03-01"

    def test_women_and_men_only_where_divided(self) -> None:
        fault = place_fault(SHARE, "2025", "M", TODAY)
        assert fault is not None
        assert fault.check is Check.NOT_DIVIDED

    @pytest.mark.parametrize("all_of_them", [0.69, 1.38, 5.27])
    def test_all_of_all_are_100_per_cent_though_a_float_says_a_hair_more(self, all_of_them: float) -> None:
        assert share_of(all_of_them, all_of_them) > 100
        assert check(Given(numerator=all_of_them, denominator=all_of_them)) is None

    def test_nothing_follows_from_the_parts_of_what_is_no_share(self) -> None:
        assert check(Given(numerator=3, denominator=5), COUNT) is Check.PARTS_ALONE
        assert check(Given(0, numerator=3, denominator=5), COUNT) is None
        assert check(Given(absence="missing", numerator=3, denominator=5), COUNT) is None

    @given(st.integers(0, 10**9), st.integers(1, 10**9))
    def test_the_value_follows(self, a: int, b: int) -> None:
        n, d = min(a, b), max(a, b)
        value = settled_value(Given(numerator=n, denominator=d), SHARE)
        assert value == share_of(n, d)
        assert value is not None
        assert 0 <= value <= 100


class TestHistory:
    def test_far_off(self) -> None:
        (finding,) = doubts(54, past_of(USUAL, decimals=0), PEERS)[:1]
        assert finding.check is Check.FAR_FROM_HISTORY
        told = {name: finding.figures[name] for name in ("given", "points", "low", "high", "peer_low", "peer_high")}
        assert told == {"given": 54, "points": 5, "low": 81, "high": 85, "peer_low": 70, "peer_high": 88}

    @pytest.mark.parametrize("value", [81, 85, 86, 80, 88])
    def test_what_is_usual_is_not_asked_about(self, value: float) -> None:
        assert checks(value, USUAL) == []

    def test_few_points_say_nothing(self) -> None:
        assert checks(54, USUAL[: LEAST_POINTS - 1]) == []
        assert checks(54, USUAL[:LEAST_POINTS]) == [Check.FAR_FROM_HISTORY]
        assert doubts(54, NO_PAST) == ()

    def test_a_jump_that_was_made_before_is_no_surprise(self) -> None:
        restless = [80.0, 81.0, 40.0, 80.0, 82.0, 81.0, 80.0]
        assert checks(41, restless) == []
        assert checks(10, restless) == [Check.FAR_FROM_HISTORY]

    def test_a_series_that_never_moved_allows_small_steps(self) -> None:
        assert checks(80.6, [80.0, 80.1, 80.0, 80.0, 80.0], decimals=1) == []
        assert checks(90, [80.0] * 6) == [Check.FAR_FROM_HISTORY]

    def test_old_history_is_left_alone(self) -> None:
        old = [10.0, 90.0] * 5
        assert checks(54, [*old, *(USUAL * 3)[-12:]]) == [Check.FAR_FROM_HISTORY]

    @given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=20), st.floats(-1e9, 1e9))
    def test_nothing_breaks_it_and_soft_findings_never_block(self, values: list[float], value: float) -> None:
        for finding in doubts(value, past_of(values), PEERS):
            assert finding.check in SOFT
            assert not finding.blocks
            assert all(not isinstance(f, float) or math.isfinite(f) for f in finding.figures.values())


class TestUnitSlips:
    @pytest.mark.parametrize("factor", [10, 100, 1000, 0.1, 0.01, 0.001])
    def test_a_factor_that_brings_it_back(self, factor: float) -> None:
        (finding,) = doubts(83 * factor, past_of(USUAL, decimals=0))
        assert finding.check is Check.UNIT_SLIP
        assert finding.figures["times"] == round(max(factor, 1 / factor))
        assert finding.figures["too_large"] is (factor > 1)
        assert finding.figures["would_be"] == pytest.approx(83)

    def test_other_factors_are_just_far(self) -> None:
        assert checks(83 * 20, USUAL) == [Check.FAR_FROM_HISTORY]

    def test_nought_is_no_slip(self) -> None:
        assert checks(0, USUAL) == [Check.FAR_FROM_HISTORY]
        assert checks(10, [0.0] * 5) == [Check.FAR_FROM_HISTORY]


class TestPeers:
    @pytest.mark.parametrize(("value", "far"), [(94, False), (95, True), (64, False), (63, True), (0, True)])
    def test_beyond_all_others_by_a_quartile_distance(self, value: float, far: bool) -> None:
        assert (Check.FAR_FROM_PEERS in checks(value, [], PEERS)) is far

    def test_few_of_them_say_nothing(self) -> None:
        assert checks(0, [], Peers(2024, 4, 70, 88, 76, 82)) == []


class TestTheSameAgain:
    def test_from_the_third_time_on(self) -> None:
        assert checks(84, [81.0, 84.0]) == []
        assert checks(84, [81.0, 84.0, 84.0]) == [Check.SAME_AGAIN]
        assert doubts(84, past_of([84.0] * 4))[0].figures["times"] == 5

    def test_another_value_between_breaks_the_row(self) -> None:
        assert checks(84, [84.0, 81.0, 84.0]) == []

    def test_nought_counts(self) -> None:
        assert checks(0, [0.0, 0.0]) == [Check.SAME_AGAIN]


def test_findings_are_kept_and_come_back() -> None:
    found = doubts(54, past_of(USUAL), PEERS)
    assert restored([finding.stored() for finding in found]) == found
    assert restored([{"check": "from_long_ago", "figures": {}}]) == ()
    assert restored([Finding(Check.SAME_AGAIN, {"times": 3}).stored()])[0].figures == {"times": 3}
