"""When a period is open, to the minute in Europe/Stockholm, summer time included."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.input_window import (
    NOT_OPENED,
    Progress,
    WallFault,
    WindowState,
    midnight,
    moment_of,
    progress,
    suggested,
    window,
)


def wall(text: str) -> datetime:
    """What a clock on the wall shows: it knows no zone."""
    return datetime.fromisoformat(text)


STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE = timedelta(minutes=1)
OPENS, CLOSES = midnight(date(2026, 9, 1)), midnight(date(2026, 10, 1))


def test_a_period_that_nobody_opened_is_not_open() -> None:
    assert window(None, None, None, OPENS) == NOT_OPENED
    assert NOT_OPENED.state is WindowState.NOT_OPENED


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (OPENS - MINUTE, WindowState.NOT_YET),
        (OPENS, WindowState.OPEN),
        (CLOSES - MINUTE, WindowState.OPEN),
        (CLOSES - timedelta(microseconds=1), WindowState.OPEN),
        (CLOSES, WindowState.CLOSED),
        (CLOSES + MINUTE, WindowState.CLOSED),
    ],
)
def test_open_from_the_first_minute_up_to_the_last(now: datetime, state: WindowState) -> None:
    found = window(OPENS, CLOSES, None, now)
    assert (found.state, found.opens_at, found.closes_at, found.exception) == (state, OPENS, CLOSES, False)


def test_an_exception_gives_more_time_and_never_less() -> None:
    later, earlier = CLOSES + timedelta(days=3), CLOSES - timedelta(days=3)
    assert window(OPENS, CLOSES, later, CLOSES).state is WindowState.OPEN
    assert window(OPENS, CLOSES, later, later - MINUTE).exception
    assert window(OPENS, CLOSES, later, later).state is WindowState.CLOSED
    shortened = window(OPENS, CLOSES, earlier, CLOSES - MINUTE)
    assert (shortened.state, shortened.closes_at, shortened.exception) == (WindowState.OPEN, CLOSES, False)
    assert window(OPENS, CLOSES, later, OPENS - MINUTE).state is WindowState.NOT_YET


def test_an_hour_that_is_skipped_is_told() -> None:
    """On 29 March 2026 the clock goes from 02:00 to 03:00."""
    assert moment_of(wall("2026-03-29T01:59")) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    for minute in (0, 30, 59):
        assert moment_of(wall(f"2026-03-29T02:{minute:02d}")) is WallFault.SKIPPED
    assert moment_of(wall("2026-03-29T03:00")) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_told() -> None:
    """On 25 October 2026 the clock goes from 03:00 back to 02:00."""
    assert moment_of(wall("2026-10-25T01:59")) == datetime(2026, 10, 24, 23, 59, tzinfo=UTC)
    for minute in (0, 30, 59):
        assert moment_of(wall(f"2026-10-25T02:{minute:02d}")) is WallFault.TWICE
    assert moment_of(wall("2026-10-25T03:00")) == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


@given(st.datetimes(wall("2020-01-01"), wall("2035-12-31")).map(lambda at: at.replace(second=0, microsecond=0)))
def test_every_other_wall_time_is_one_moment(shown: datetime) -> None:
    found = moment_of(shown)
    if isinstance(found, WallFault):
        assert shown.hour == 2
        assert shown.month in (3, 10)
        assert shown.weekday() == 6
        assert shown.day > 24
    else:
        assert found.astimezone(STOCKHOLM).replace(tzinfo=None) == shown


@pytest.mark.parametrize(
    ("day", "in_utc"),
    [(date(2026, 3, 29), "2026-03-28T23:00"), (date(2026, 3, 30), "2026-03-29T22:00"),
     (date(2026, 10, 25), "2026-10-24T22:00"), (date(2026, 10, 26), "2026-10-25T23:00")],
)  # fmt: skip
def test_days_begin_at_midnight_in_sweden(day: date, in_utc: str) -> None:
    assert f"{midnight(day):%Y-%m-%dT%H:%M}" == in_utc


def test_suggested_dates_span_the_change_of_clocks() -> None:
    opens_at, closes_at = suggested(date(2026, 9, 30), 30)
    assert opens_at == datetime(2026, 10, 1, tzinfo=STOCKHOLM)
    assert closes_at == datetime(2026, 10, 31, tzinfo=STOCKHOLM)
    assert closes_at - opens_at == timedelta(days=30, hours=1)
    assert suggested(date(2026, 9, 30), 0)[1] > suggested(date(2026, 9, 30), 0)[0]


def test_progress_counts_each_value_once() -> None:
    found = progress(["", "cleared", "draft", "returned", "submitted", "approved", "approved"])
    assert found == Progress(expected=7, missing=2, draft=1, returned=1, submitted=1, approved=2)
    assert found.handed_in == 3
    assert progress([]).expected == 0
