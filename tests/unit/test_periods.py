"""Periods: codes, days, order, neighbours and names (DESIGN §3, DOMAIN “periods”)."""

import copy
import pickle
from datetime import date, timedelta

import pytest

from indicators.periods import Kind, Period, PeriodError, codes_before, span

P = Period.parse

DAYS = [
    ("2024", Kind.YEAR, "2024-01-01", "2024-12-31"),
    ("2024H1", Kind.HALF, "2024-01-01", "2024-06-30"),
    ("2024H2", Kind.HALF, "2024-07-01", "2024-12-31"),
    ("2024T1", Kind.TERTIAL, "2024-01-01", "2024-04-30"),
    ("2024T2", Kind.TERTIAL, "2024-05-01", "2024-08-31"),
    ("2024T3", Kind.TERTIAL, "2024-09-01", "2024-12-31"),
    ("2024Q1", Kind.QUARTER, "2024-01-01", "2024-03-31"),
    ("2024Q4", Kind.QUARTER, "2024-10-01", "2024-12-31"),
    ("2024M02", Kind.MONTH, "2024-02-01", "2024-02-29"),
    ("2023M02", Kind.MONTH, "2023-02-01", "2023-02-28"),
    ("1900M02", Kind.MONTH, "1900-02-01", "1900-02-28"),
    ("2000M02", Kind.MONTH, "2000-02-01", "2000-02-29"),
    ("2024M12", Kind.MONTH, "2024-12-01", "2024-12-31"),
    ("2024S", Kind.SCHOOL_YEAR, "2023-07-01", "2024-06-30"),
    ("2199", Kind.YEAR, "2199-01-01", "2199-12-31"),
]


@pytest.mark.parametrize(("code", "kind", "first", "last"), DAYS)
def test_first_and_last_day(code: str, kind: Kind, first: str, last: str) -> None:
    period = P(code)
    assert period.kind is kind
    assert period.first_day == date.fromisoformat(first)
    assert period.last_day == date.fromisoformat(last)
    assert period.code == str(period) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "24",
        "20244",
        "2024-05",
        "2024H0",
        "2024H3",
        "2024T0",
        "2024T4",
        "2024Q5",
        "2024M0",
        "2024M13",
        "2024M",
        "2024S1",
        "2024s",
        "2024q1",
        "2024Q1x",
        "2024 Q1",
        "Q12024",
        "1899",
        "2200",
        "0000",
        "år 2024",
        "-2024",
    ],
)
def test_what_is_no_period_is_refused_with_a_message(text: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        P(text)
    assert str(refusal.value)


def test_a_refusal_is_a_value_error() -> None:
    assert issubclass(PeriodError, ValueError)


@pytest.mark.parametrize(
    ("text", "code"), [(" 2024 ", "2024"), ("2024M5", "2024M05"), ("2024Q03", "2024Q3"), ("2024H01", "2024H1")]
)
def test_other_spellings_get_the_one_code(text: str, code: str) -> None:
    assert P(text).code == code
    assert P(text) == P(code)


def test_a_kind_has_only_its_parts() -> None:
    for kind, most in [
        (Kind.YEAR, 1),
        (Kind.HALF, 2),
        (Kind.TERTIAL, 3),
        (Kind.QUARTER, 4),
        (Kind.MONTH, 12),
        (Kind.SCHOOL_YEAR, 1),
    ]:
        assert Period(kind, 2024, most).part == most
        for part in (0, most + 1, -1):
            with pytest.raises(PeriodError):
                Period(kind, 2024, part)


@pytest.mark.parametrize(
    ("kind", "day", "code"),
    [
        (Kind.YEAR, "2024-12-31", "2024"),
        (Kind.HALF, "2024-06-30", "2024H1"),
        (Kind.HALF, "2024-07-01", "2024H2"),
        (Kind.TERTIAL, "2024-04-30", "2024T1"),
        (Kind.TERTIAL, "2024-05-01", "2024T2"),
        (Kind.TERTIAL, "2024-09-01", "2024T3"),
        (Kind.QUARTER, "2024-03-31", "2024Q1"),
        (Kind.QUARTER, "2024-04-01", "2024Q2"),
        (Kind.MONTH, "2024-02-29", "2024M02"),
        (Kind.SCHOOL_YEAR, "2023-06-30", "2023S"),
        (Kind.SCHOOL_YEAR, "2023-07-01", "2024S"),
        (Kind.SCHOOL_YEAR, "2023-12-31", "2024S"),
        (Kind.SCHOOL_YEAR, "2024-06-30", "2024S"),
    ],
)
def test_the_period_in_which_a_day_lies(kind: Kind, day: str, code: str) -> None:
    assert Period.of(kind, date.fromisoformat(day)).code == code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2023", "2024"),
        ("2023H2", "2024H1"),
        ("2023T3", "2024T1"),
        ("2023Q4", "2024Q1"),
        ("2023M12", "2024M01"),
        ("2024M09", "2024M10"),
        ("2023S", "2024S"),
        ("1999S", "2000S"),
    ],
)
def test_neighbours_over_the_turn_of_the_year(before: str, after: str) -> None:
    assert P(before).next() == P(after)
    assert P(after).previous() == P(before)
    assert P(after).ordinal - P(before).ordinal == 1
    assert P(after).first_day - P(before).last_day == timedelta(days=1)


def test_shifting_outside_the_calendar_is_refused() -> None:
    with pytest.raises(PeriodError):
        P("2199M12").next()
    with pytest.raises(PeriodError):
        P("1900").previous()
    assert P("2024M05").shift(-17).code == "2022M12"
    assert P("2024T2").shift(0) == P("2024T2")


def test_order_is_by_last_day_and_the_longer_of_two_that_end_together_comes_first() -> None:
    ended_2024 = ["2024", "2024H2", "2024T3", "2024Q4", "2024M12"]
    assert sorted(map(P, reversed(ended_2024))) == list(map(P, ended_2024))
    summer = ["2024S", "2024H1", "2024Q2", "2024M06"]
    assert sorted(map(P, reversed(summer))) == list(map(P, summer))
    assert P("2024S") < P("2024T2") < P("2024")
    assert P("2023") < P("2024S")
    assert P("2024M10") > P("2024M09")
    assert P("2024") <= P("2024")
    assert not P("2024") < P("2024")


def test_a_period_is_compared_with_periods_only() -> None:
    assert P("2024") != "2024"
    with pytest.raises(TypeError):
        assert P("2024") < "2025"


def test_the_year_and_the_school_year_of_one_number_are_two_periods() -> None:
    assert P("2024") != P("2024S")
    assert len({P("2024"), P("2024S"), P("2024H1"), P("2024")}) == 3


def test_a_period_stays_equal_and_hashable_after_its_days_are_known() -> None:
    used, fresh = P("2024Q3"), P("2024Q3")
    assert used.code == "2024Q3"
    assert used.last_day > used.first_day
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert pickle.loads(pickle.dumps(used)) == copy.deepcopy(used) == fresh
    with pytest.raises(AttributeError):
        used.year = 2025  # type: ignore[misc]


def test_due_counts_days_from_the_end() -> None:
    assert P("2024").due(0) == date(2024, 12, 31)
    assert P("2024").due(60) == date(2025, 3, 1)
    assert P("2024S").due(1) == date(2024, 7, 1)


def test_place_on_a_time_axis() -> None:
    assert P("2024").x == P("2024S").x == 2024.0
    assert [P(f"2024H{i}").x for i in (1, 2)] == [2024.25, 2024.75]
    assert P("2024M01").x == pytest.approx(2024 + 0.5 / 12)
    assert P("2025T1").x - P("2024T1").x == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("code", "swedish", "english", "short"),
    [
        ("2024", "2024", "2024", "2024"),
        ("2024H1", "första halvåret 2024", "first half-year 2024", "H1 2024"),
        ("2024T2", "andra tertialet 2024", "second four-month period 2024", "T2 2024"),
        ("2024Q4", "fjärde kvartalet 2024", "fourth quarter 2024", "kv4 2024"),
        ("2024M05", "maj 2024", "May 2024", "maj 2024"),
        ("2024M12", "december 2024", "December 2024", "dec 2024"),
        ("2024S", "läsåret 2023/24", "school year 2023/24", "2023/24"),
        ("2000S", "läsåret 1999/00", "school year 1999/00", "1999/00"),
        ("2001S", "läsåret 2000/01", "school year 2000/01", "2000/01"),
    ],
)
def test_names(code: str, swedish: str, english: str, short: str) -> None:
    assert P(code).label() == P(code).label("sv") == swedish
    assert P(code).label("en") == english
    assert P(code).short("sv") == short
    assert P("2024Q3").short("en") == "Q3 2024"


def test_span_has_both_ends() -> None:
    assert [p.code for p in span(P("2023T3"), P("2024T2"))] == ["2023T3", "2024T1", "2024T2"]
    assert span(P("2024"), P("2024")) == [P("2024")]
    assert span(P("2024"), P("2023")) == []


def test_span_of_two_kinds_is_refused() -> None:
    with pytest.raises(PeriodError):
        span(P("2023"), P("2024S"))


def test_codes_before_are_of_one_kind() -> None:
    codes = ["2024Q3", "2022", "2024Q1", "2023", "2023Q4", "2024", "2024S", "2024Q2"]
    assert codes_before(codes, "2024Q3") == ["2023Q4", "2024Q1", "2024Q2"]
    assert codes_before(codes, "2024Q3", since="2024Q1") == ["2024Q1", "2024Q2"]
    assert codes_before(codes, "2024") == ["2022", "2023"]
    assert codes_before([], "2024M01") == []
