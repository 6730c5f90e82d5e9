"""One value a due period, gaps, changes, breaks, coarser periods (METHODS §2)."""

import math

import pandas as pd
import pytest

from indicators.compute.series import (
    Aggregation,
    Break,
    aggregate,
    breaks_between,
    change,
    due_periods,
    newest_revision,
    relative_change,
    segment,
    share_margin,
    with_gaps,
)
from indicators.periods import Kind, Period, PeriodError

P = Period.parse
NAN = math.nan


# ── newest revision ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_revision_wins_whatever_the_order_of_entry() -> None:
    frame = pd.DataFrame(
        {"k": ["b", "a", "a", "a"], "period": ["1", "1", "1", "2"], "revision": [0, 2, 1, 0], "value": [1, 20, 10, 5]}
    )
    for mixed in (frame, frame.iloc[::-1], frame.iloc[[2, 0, 3, 1]]):
        found = newest_revision(mixed, ["k", "period"]).sort_values(["k", "period"])
        assert found.to_dict("list") == {
            "k": ["a", "a", "b"],
            "period": ["1", "2", "1"],
            "revision": [2, 0, 0],
            "value": [20, 5, 1],
        }


def test_revision_10_is_newer_than_revision_9_and_a_withdrawal_is_a_revision() -> None:
    frame = pd.DataFrame({"k": ["a", "a"], "revision": [10, 9], "value": [NAN, 1.0]})
    found = newest_revision(frame, ["k"])
    assert found["revision"].tolist() == [10]
    assert math.isnan(found["value"][0])


def test_the_value_before_is_that_of_the_revision_before() -> None:
    frame = pd.DataFrame(
        {"k": ["a", "b", "a", "c", "c"], "revision": [2, 0, 1, 0, 3], "value": [NAN, 5.0, 0.0, NAN, 4.0]}
    )
    found = newest_revision(frame, ["k"], earlier="before").set_index("k")
    assert found["before"]["a"] == 0.0
    assert math.isnan(found["before"]["b"])
    assert math.isnan(found["before"]["c"]), "withdrawn before it came again"
    assert found["revision"].to_dict() == {"a": 2, "b": 0, "c": 3}


def test_no_rows_stay_no_rows() -> None:
    assert newest_revision(pd.DataFrame(columns=["k", "revision", "value"]), ["k"]).empty


# ── due periods and gaps ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "first", "last", "expected"),
    [
        (Kind.YEAR, "2022", "2024", ["2022", "2023", "2024"]),
        (Kind.TERTIAL, "2024", "2024", ["2024T1", "2024T2", "2024T3"]),
        (Kind.QUARTER, "2024", "2024H1", ["2024Q1", "2024Q2"]),
        (Kind.SCHOOL_YEAR, "2024", "2024", ["2024S"]),
        (Kind.MONTH, "2024Q1", "2024Q1", ["2024M01", "2024M02", "2024M03"]),
        (Kind.YEAR, "2024T1", "2024T2", []),
        (Kind.YEAR, "2023T3", "2024T2", ["2023"]),
        (Kind.HALF, "2024S", "2024S", ["2023H2", "2024H1"]),
        (Kind.YEAR, "2024", "2023", []),
    ],
)
def test_the_periods_that_end_within_a_span(kind: Kind, first: str, last: str, expected: list[str]) -> None:
    assert [p.code for p in due_periods(kind, P(first), P(last))] == expected


def test_gaps_are_explicit_and_in_order_of_time() -> None:
    filled = with_gaps({P("2024"): 4.0, P("2021"): 0.0}, Kind.YEAR)
    assert [p.code for p in filled] == ["2021", "2022", "2023", "2024"]
    assert filled[P("2021")] == 0.0
    assert math.isnan(filled[P("2022")])
    assert filled[P("2024")] == 4.0


def test_gaps_go_on_until_the_period_asked_for_and_never_cut_a_value() -> None:
    assert [p.code for p in with_gaps({P("2024M11"): 1.0}, Kind.MONTH, P("2025M01"))] == [
        "2024M11",
        "2024M12",
        "2025M01",
    ]
    assert list(with_gaps({P("2024"): 1.0}, Kind.YEAR, P("2020"))) == [P("2024")]
    assert with_gaps({}, Kind.YEAR, P("2024")) == {}


def test_a_period_of_another_kind_is_refused() -> None:
    with pytest.raises(PeriodError):
        with_gaps({P("2024"): 1.0, P("2024S"): 1.0}, Kind.YEAR)


# ── changes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_in_the_unit_and_zero_counts() -> None:
    assert change(42.5, 40) == 2.5
    assert change(0, 3) == -3
    assert math.isnan(change(NAN, 1))


@pytest.mark.parametrize(("y", "c", "expected"), [(110, 100, 0.1), (0, 100, -1), (-50, 100, -1.5)])
def test_a_relative_change(y: float, c: float, expected: float) -> None:
    assert relative_change(y, c) == pytest.approx(expected)


@pytest.mark.parametrize("base", [0.0, -10.0, NAN])
def test_a_relative_change_needs_a_positive_base(base: float) -> None:
    assert math.isnan(relative_change(5.0, base))


# ── breaks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

BREAKS = (Break(P("2019"), comparable_backwards=False), Break(P("2021"), comparable_backwards=True))


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("2018", "2019", True),
        ("2018", "2024", True),
        ("2019", "2020", False),
        ("2016", "2018", False),
        ("2020", "2021", False),
        ("2019", "2019", False),
        ("2018", "2018", False),
    ],
)
def test_a_break_starts_at_its_period_unless_comparable_backwards(earlier: str, later: str, expected: bool) -> None:
    assert breaks_between(BREAKS, P(earlier), P(later)) is expected
    assert breaks_between(BREAKS, P(later), P(earlier)) is expected, "a named baseline may lie after the value"


def test_segments_are_counted_from_0() -> None:
    breaks = (*BREAKS, Break(P("2023"), comparable_backwards=False))
    assert [segment(breaks, P(str(y))) for y in range(2018, 2025)] == [0, 1, 1, 1, 1, 2, 2]
    assert segment((), P("2024")) == 0


def test_a_break_may_be_written_in_another_kind_of_period() -> None:
    breaks = (Break(P("2024T2"), comparable_backwards=False),)
    assert breaks_between(breaks, P("2023"), P("2024"))
    assert not breaks_between(breaks, P("2023M12"), P("2024M07"))
    assert breaks_between(breaks, P("2023M12"), P("2024M08"))


# ── margin of a share ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_margin_of_a_share_as_a_simple_random_sample() -> None:
    assert share_margin(50, 1000) == pytest.approx(3.0990, abs=1e-4)
    assert share_margin(50, 100, z=1) == pytest.approx(5)
    assert share_margin(20, 400) == pytest.approx(share_margin(80, 400))
    assert share_margin(0, 400) == share_margin(100, 400) == 0


@pytest.mark.parametrize(
    ("percent", "n"), [(50, 0), (50, -1), (50, NAN), (NAN, 100), (-0.1, 100), (100.1, 100), (NAN, NAN)]
)
def test_no_margin_without_answers_or_for_what_is_no_share(percent: float, n: float) -> None:
    assert math.isnan(share_margin(percent, n))


# ── coarser periods ───────────────────────────────────────────────────────────────────────────────────────────────────


def parts(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(P(code), value, numerator, denominator) for code, value, numerator, denominator in rows],
        columns=["period", "value", "numerator", "denominator"],
    )


QUARTERS = parts(
    ("2024Q3", 30, 3, 10), ("2024Q1", 10, 1, 10), ("2024Q4", 5, 1, 20), ("2024Q2", 0, 0, 60), ("2023Q4", 7, 7, 100)
)


def by_period(frame: pd.DataFrame, column: str = "value") -> dict[str, float]:
    return {p.code: v for p, v in zip(frame["period"], frame[column], strict=True)}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Aggregation.SUM, 45),
        (Aggregation.LAST, 5),
        (Aggregation.WEIGHTED_MEAN, (300 + 100 + 100 + 0) / 100),
        (Aggregation.RECOMPUTE, 5 / 100),
    ],
)
def test_a_year_of_quarters(how: Aggregation, expected: float) -> None:
    found = by_period(aggregate(QUARTERS, Kind.YEAR, how))
    assert list(found) == ["2023", "2024"]
    assert found["2024"] == pytest.approx(expected)


def test_a_coarser_period_needs_all_its_parts_but_for_the_last_value() -> None:
    assert math.isnan(by_period(aggregate(QUARTERS, Kind.YEAR, Aggregation.SUM))["2023"])
    assert math.isnan(by_period(aggregate(QUARTERS, Kind.YEAR, Aggregation.RECOMPUTE))["2023"])
    assert by_period(aggregate(QUARTERS, Kind.YEAR, Aggregation.LAST))["2023"] == 7
    early = QUARTERS[[p.code != "2024Q4" for p in QUARTERS["period"]]]
    assert math.isnan(by_period(aggregate(early, Kind.YEAR, Aggregation.LAST))["2024"]), "Q3 is not the last"


@pytest.mark.parametrize("how", [Aggregation.SUM, Aggregation.WEIGHTED_MEAN, Aggregation.RECOMPUTE])
def test_a_missing_part_is_not_zero(how: Aggregation) -> None:
    halves = parts(("2024H1", 10, 1, 10), ("2024H2", NAN, NAN, NAN))
    assert math.isnan(by_period(aggregate(halves, Kind.YEAR, how))["2024"])
    halves = parts(("2024H1", 10, 1, 10), ("2024H2", 0, 0, 10))
    assert by_period(aggregate(halves, Kind.YEAR, how))["2024"] > 0


@pytest.mark.parametrize("missing", [(5, NAN, 10), (5, 1, NAN)])
def test_a_missing_numerator_or_denominator_is_not_zero(missing: tuple[float, float, float]) -> None:
    halves = parts(("2024H1", 10, 1, 10), ("2024H2", *missing))
    assert math.isnan(by_period(aggregate(halves, Kind.YEAR, Aggregation.RECOMPUTE))["2024"])


def test_per_cent_are_recomputed_on_the_scale_of_100_and_the_sums_come_along() -> None:
    found = aggregate(QUARTERS, Kind.YEAR, Aggregation.RECOMPUTE, is_share=True, scale=100)
    assert by_period(found)["2024"] == pytest.approx(5)
    assert by_period(found, "numerator")["2024"] == 5
    assert by_period(found, "denominator")["2024"] == 100


@pytest.mark.parametrize("how", [Aggregation.RECOMPUTE, Aggregation.WEIGHTED_MEAN])
def test_denominators_that_sum_to_nothing_give_no_value(how: Aggregation) -> None:
    for denominator in (0, -1):
        halves = parts(("2024H1", 1, 0, 0), ("2024H2", 1, 0, denominator))
        assert math.isnan(by_period(aggregate(halves, Kind.YEAR, how))["2024"])


@pytest.mark.parametrize("how", [Aggregation.SUM, Aggregation.WEIGHTED_MEAN])
def test_shares_are_never_averaged_or_summed(how: Aggregation) -> None:
    with pytest.raises(ValueError):
        aggregate(QUARTERS, Kind.YEAR, how, is_share=True)


def test_months_make_a_school_year() -> None:
    months = parts(*((P("2023M07").shift(i).code, 1.0, 1.0, 2.0) for i in range(12)))
    assert by_period(aggregate(months, Kind.SCHOOL_YEAR, Aggregation.SUM)) == {"2024S": 12.0}
    assert math.isnan(by_period(aggregate(months[1:], Kind.SCHOOL_YEAR, Aggregation.SUM))["2024S"])


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (["2024Q1"], Kind.TERTIAL),
        (["2024"], Kind.HALF),
        (["2024"], Kind.SCHOOL_YEAR),
        (["2023T2", "2023T3", "2024T1"], Kind.SCHOOL_YEAR),
        (["2024S"], Kind.YEAR),
        (["2024S"], Kind.HALF),
        (["2024T1"], Kind.HALF),
    ],
)
@pytest.mark.parametrize("how", list(Aggregation))
def test_periods_that_do_not_make_up_whole_ones_are_refused(codes: list[str], kind: Kind, how: Aggregation) -> None:
    with pytest.raises(PeriodError):
        aggregate(parts(*((code, 1.0, 1.0, 1.0) for code in codes)), kind, how)


def test_the_same_kind_is_left_as_it_is_but_sorted() -> None:
    assert by_period(aggregate(QUARTERS, Kind.QUARTER, Aggregation.SUM)) == {
        "2023Q4": 7,
        "2024Q1": 10,
        "2024Q2": 0,
        "2024Q3": 30,
        "2024Q4": 5,
    }


def test_nothing_makes_nothing() -> None:
    found = aggregate(QUARTERS[:0], Kind.YEAR, Aggregation.SUM)
    assert list(found.columns) == ["period", "value", "numerator", "denominator"]
    assert found.empty
