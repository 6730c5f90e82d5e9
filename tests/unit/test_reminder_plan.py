"""Who is reminded of what and when: steps, the ladder of people, one digest, duty."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.reminder_plan import (
    Due,
    Notice,
    Part,
    Told,
    coming,
    due_day,
    plan,
    reached,
    recipients,
    working_day,
)

DAY = date(2026, 10, 30)
ANNA, BO, CIA, DAN, EVA = 1, 2, 3, 4, 5


def due(**more: object) -> Due:
    usual = {"indicator_id": 7, "period": "2026Q3", "due": DAY, "state": "", "responsible": ANNA,
             "reporters": (BO, CIA), "head": DAN, "strategists": (EVA,)}  # fmt: skip
    return Due(**usual | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "step"),
    [(-15, None), (-14, -14), (-4, -14), (-3, -3), (-1, -3), (0, 0), (1, 1), (2, 1), (3, 3), (6, 3), (7, 7), (13, 7),
     (14, 14), (27, 14), (28, 28), (55, 28), (56, 56), (111, 56), (112, 112), (300, 224)],
)  # fmt: skip
def test_steps_before_on_and_after_the_day(days: int, step: int | None) -> None:
    assert reached(DAY, DAY + timedelta(days=days)) == step


def people(found: list[tuple[int, Part, bool]]) -> list[int]:
    return [user for user, _part, _duty in found]


def test_the_ladder_of_people() -> None:
    assert recipients(due(), 0, set()) == [(ANNA, Part.RESPONSIBLE, False)]
    assert people(recipients(due(responsible=None), 0, set())) == [BO, CIA]
    assert people(recipients(due(responsible=None, reporters=()), 0, set())) == [DAN]
    assert people(recipients(due(responsible=None, reporters=(), head=None), 0, set())) == [EVA]
    assert recipients(due(responsible=None, reporters=(), head=None, strategists=()), 28, set()) == []


def test_late_values_climb() -> None:
    assert people(recipients(due(), 3, set())) == [ANNA]
    assert recipients(due(), 7, set()) == [(ANNA, Part.RESPONSIBLE, True), (DAN, Part.HEAD, True)]
    assert people(recipients(due(), 14, set())) == [ANNA, DAN]
    assert recipients(due(), 28, set())[2] == (EVA, Part.STRATEGIST, False)


def test_nobody_is_told_twice_of_one_value() -> None:
    assert recipients(due(responsible=DAN, strategists=(DAN,)), 28, set()) == [(DAN, Part.RESPONSIBLE, True)]


def test_who_has_unsubscribed_is_reached_by_duty_alone() -> None:
    assert people(recipients(due(), -3, {ANNA})) == [BO, CIA]
    assert people(recipients(due(), 0, {ANNA, BO, CIA})) == [DAN]
    assert recipients(due(), 1, {ANNA}) == [(ANNA, Part.RESPONSIBLE, True)]
    assert people(recipients(due(responsible=None), 28, {BO, CIA, DAN, EVA})) == [DAN]


def test_one_digest_a_person_latest_first() -> None:
    late, soon = due(indicator_id=1, due=DAY - timedelta(days=7)), due(indicator_id=2, due=DAY + timedelta(days=3))
    digests = plan([soon, late], told=set(), unsubscribed=set(), today=DAY)
    assert set(digests) == {ANNA, DAN}
    assert [notice.due.indicator_id for notice in digests[ANNA]] == [1, 2]
    assert [notice.step for notice in digests[ANNA]] == [7, -3]


def test_what_was_told_is_not_told_again_until_the_next_step() -> None:
    told: set[Told] = {(ANNA, 7, "2026Q3", 1)}
    assert plan([due()], told=told, unsubscribed=set(), today=DAY + timedelta(days=2)) == {}
    assert set(plan([due()], told=told, unsubscribed=set(), today=DAY + timedelta(days=3))) == {ANNA}


def test_missed_days_are_made_up_for_once() -> None:
    """Nothing ran for two months: one notice of the newest step, not one of each."""
    digests = plan([due()], told=set(), unsubscribed=set(), today=DAY + timedelta(days=60))
    assert [notice.step for notice in digests[ANNA]] == [56]


def test_steps_that_fall_on_a_weekend_come_on_monday() -> None:
    saturday = date(2026, 10, 31)
    assert [working_day(saturday + timedelta(days=ahead)) for ahead in range(3)] == [False, False, True]
    days = coming([due(due=saturday)], told=set(), unsubscribed=set(), after=date(2026, 10, 30), days=3)
    assert [(day, notices[ANNA][0].step) for day, notices in days] == [(date(2026, 11, 2), 1)]


def test_what_is_to_come_grows_in_gaps() -> None:
    told: set[Told] = set()
    wednesday = date(2026, 10, 28)
    days = coming([due(due=wednesday)], told=told, unsubscribed=set(), after=wednesday - timedelta(days=20), days=90)
    steps = [notices[ANNA][0].step for _day, notices in days]
    assert steps == [-14, -3, 0, 1, 3, 7, 14, 28, 56]
    assert told == set()


@given(
    st.integers(-40, 400), st.sets(st.sampled_from([ANNA, BO, CIA, DAN, EVA])), st.booleans(), st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_a_late_value_always_reaches_somebody_who_answers(
    days: int, unsubscribed: set[int], responsible: bool, reporters: bool, head: bool
) -> None:
    value = due(responsible=ANNA if responsible else None, reporters=(BO, CIA) if reporters else (),
                head=DAN if head else None)  # fmt: skip
    step = reached(DAY, DAY + timedelta(days=days))
    digests = plan([value], told=set(), unsubscribed=unsubscribed, today=DAY + timedelta(days=days))
    if step is None:
        assert digests == {}
        return
    for user, notices in digests.items():
        assert len(notices) == 1
        assert user not in unsubscribed or notices[0].duty
    if step > 0 and (responsible or head):
        assert any(
            isinstance(notice, Notice) and notice.duty for notices in digests.values() for notice in notices
        ) or (not responsible and reporters and step < 7 and not {BO, CIA} <= unsubscribed)


def test_the_due_day() -> None:
    opens, closes = date(2026, 10, 1), date(2026, 11, 15)
    assert due_day(DAY, opens, closes, exception=False) == DAY
    assert due_day(DAY, opens, date(2026, 10, 20), exception=False) == date(2026, 10, 20)
    assert due_day(DAY, opens, closes, exception=True) == closes
    assert due_day(DAY, date(2026, 11, 1), closes, exception=False) == closes
