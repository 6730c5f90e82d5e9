"""How a goal stands: the proposal over its indicators (METHODS §1, “Goal proposal”)."""

import math

import pytest

from indicators.compute.status import Reason, Status
from scorecard.compute.goals import GoalStatus, Part, propose

MET, NEAR, NOT_MET = Part(Status.MET), Part(Status.NEAR), Part(Status.NOT_MET)


def absent(reason: Reason = Reason.NO_VALUE, weight: float = 1.0, key: bool = False) -> Part:
    return Part(Status.NOT_ASSESSABLE, weight, key, reason)


@pytest.mark.parametrize(
    ("parts", "share", "status"),
    [
        ([MET] * 4 + [NOT_MET], 0.8, GoalStatus.MET),
        ([MET] * 3 + [NEAR] * 2, 0.8, GoalStatus.MET),
        ([MET] * 79 + [NOT_MET] * 21, 0.79, GoalStatus.PARTLY),
        ([MET, NOT_MET], 0.5, GoalStatus.PARTLY),
        ([NEAR], 0.5, GoalStatus.PARTLY),
        ([NEAR] * 2 + [NOT_MET], 1 / 3, GoalStatus.NOT_MET),
        ([MET] * 49 + [NOT_MET] * 51, 0.49, GoalStatus.NOT_MET),
        ([NOT_MET], 0.0, GoalStatus.NOT_MET),
        ([MET], 1.0, GoalStatus.MET),
    ],
)
def test_share_and_thresholds(parts: list[Part], share: float, status: GoalStatus) -> None:
    proposal = propose(parts)
    assert proposal.share == pytest.approx(share)
    assert proposal.status is status


def test_weights_count() -> None:
    proposal = propose([Part(Status.MET, 3), Part(Status.NEAR, 2), Part(Status.NOT_MET, 1)])
    assert proposal.share == pytest.approx((3 + 2 / 2) / 6)
    assert (proposal.weight, proposal.assessable_weight) == (6, 6)
    assert propose([Part(Status.MET, 4), Part(Status.NOT_MET, 1)]).status is GoalStatus.MET


def test_a_threshold_is_reached_within_the_tolerance() -> None:
    parts = [Part(Status.MET, w) for w in (0.1, 0.2, 0.5)] + [Part(Status.NOT_MET, 0.2)]
    assert propose(parts).status is GoalStatus.MET
    assert propose([Part(Status.MET, 0.1)] * 3 + [Part(Status.NOT_MET, 0.3)]).status is GoalStatus.PARTLY


def test_a_missed_key_indicator_keeps_a_goal_from_being_met() -> None:
    missed = propose([MET] * 9 + [Part(Status.NOT_MET, key=True)])
    assert missed.share == pytest.approx(0.9)
    assert missed.key_missed
    assert missed.status is GoalStatus.PARTLY


@pytest.mark.parametrize("part", [Part(Status.NEAR, key=True), Part(Status.MET, key=True), absent(key=True)])
def test_only_a_key_indicator_that_is_not_met_does_so(part: Part) -> None:
    proposal = propose([MET] * 9 + [part])
    assert not proposal.key_missed
    assert proposal.status is GoalStatus.MET


def test_a_key_indicator_without_weight_is_still_key() -> None:
    assert propose([MET, Part(Status.NOT_MET, 0.0, key=True)]).status is GoalStatus.PARTLY


def test_a_missed_key_does_not_lower_what_is_below_met_already() -> None:
    assert propose([MET, Part(Status.NOT_MET, key=True)]).status is GoalStatus.PARTLY
    assert propose([NEAR, Part(Status.NOT_MET, key=True)]).status is GoalStatus.NOT_MET


def test_half_of_the_weight_must_be_assessable() -> None:
    assert propose([MET, absent()]).status is GoalStatus.MET
    assert propose([MET, absent(), absent()]).status is GoalStatus.NOT_ASSESSABLE
    assert propose([Part(Status.MET, 2), absent(), absent()]).status is GoalStatus.MET
    assert propose([MET, absent(weight=1.01)]).status is GoalStatus.NOT_ASSESSABLE
    assert propose([MET, absent(weight=1.01)]).share == 1.0


def test_what_is_not_assessable_counts_neither_for_nor_against() -> None:
    assert propose([MET, NOT_MET, absent(), absent()]).share == 0.5


@pytest.mark.parametrize("parts", [[], [absent()], [Part(Status.MET, 0.0)], [Part(Status.MET, 0.0), absent()]])
def test_nothing_to_judge_by_is_not_assessable_and_has_no_share(parts: list[Part]) -> None:
    proposal = propose(parts)
    assert proposal.status is GoalStatus.NOT_ASSESSABLE
    assert proposal.share is None


def test_thresholds_are_settings() -> None:
    parts = [MET, NEAR, NOT_MET]
    assert propose(parts).status is GoalStatus.PARTLY
    assert propose(parts, met_share=0.5).status is GoalStatus.MET
    assert propose(parts, partly_share=0.6).status is GoalStatus.NOT_MET
    assert propose([MET, *[absent()] * 3], assessable_share=0.25).status is GoalStatus.MET
    assert propose([MET, absent()], assessable_share=0.51).status is GoalStatus.NOT_ASSESSABLE


def test_nothing_is_left_out_of_the_count() -> None:
    parts = [MET, MET, NEAR, NOT_MET, absent(), absent(Reason.BREAK), absent(Reason.BREAK)]
    proposal = propose(parts)
    assert (proposal.indicators, proposal.assessable) == (7, 4)
    assert (proposal.met, proposal.near, proposal.not_met) == (2, 1, 1)
    assert proposal.reasons == {Reason.NO_VALUE: 1, Reason.BREAK: 2}
    assert (proposal.weight, proposal.assessable_weight) == (7, 4)


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_a_weight_is_a_finite_number_not_below_zero(weight: float) -> None:
    with pytest.raises(ValueError):
        propose([MET, Part(Status.MET, weight)])
