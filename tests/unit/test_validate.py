"""Raw rows become valid or rejected ones, each for a reason; nothing is guessed, nothing gets lost (DESIGN §2, §3)."""

import math
from typing import Any

import pandas as pd
import pytest

from indicators.compute.validate import LARGEST, RAW_COLUMNS, Checked, Fault, check_peer_values

GOOD = {"kpi": "N1", "municipality": "1384", "period": 2022, "gender": "T", "value": 12.5, "deleted": False}
NAN = math.nan


def row(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def check(*rows: dict[str, Any], **options: Any) -> Checked:
    raw = pd.DataFrame({name: pd.Series([r[name] for r in rows], dtype=object) for name in RAW_COLUMNS})
    return check_peer_values(
        raw,
        **{"kpis": ["N1", "N2"], "municipalities": {"1384", "0180", "0000"}, "latest_year": 2023, **options},
    )


def fault_of(**changes: Any) -> str:
    """The fault of one row; "" where it is valid."""
    checked = check(row(**changes))
    assert len(checked.valid) + len(checked.rejected) == 1
    return checked.rejected["fault"][0] if len(checked.rejected) else ""


def test_a_good_row_becomes_plain_columns() -> None:
    checked = check(row(), row(municipality="0180", period="2021", value=0))
    assert checked.rejected.empty
    assert checked.valid.to_dict("records") == [
        {"kpi": "N1", "municipality": "1384", "year": 2022, "breakdown": "T", "value": 12.5},
        {"kpi": "N1", "municipality": "0180", "year": 2021, "breakdown": "T", "value": 0.0},
    ]
    assert checked.valid["year"].dtype == "int64"
    assert checked.valid["value"].dtype == "float64"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kpi": "N3"}, Fault.UNKNOWN_KPI),
        ({"kpi": "n1"}, Fault.UNKNOWN_KPI),
        ({"kpi": None}, Fault.UNKNOWN_KPI),
        ({"kpi": ["N1"]}, Fault.UNKNOWN_KPI),
        ({"kpi": {"id": "N1"}}, Fault.UNKNOWN_KPI),
        ({"municipality": "1385"}, Fault.UNKNOWN_MUNICIPALITY),
        ({"municipality": 1384}, Fault.UNKNOWN_MUNICIPALITY),
        ({"municipality": "180"}, Fault.UNKNOWN_MUNICIPALITY),
        ({"municipality": []}, Fault.UNKNOWN_MUNICIPALITY),
        ({"period": None}, Fault.NO_YEAR),
        ({"period": "förra året"}, Fault.NO_YEAR),
        ({"period": 2022.5}, Fault.NO_YEAR),
        ({"period": True}, Fault.NO_YEAR),
        ({"period": NAN}, Fault.NO_YEAR),
        ({"period": math.inf}, Fault.NO_YEAR),
        ({"period": "inf"}, Fault.NO_YEAR),
        ({"period": 10**400}, Fault.NO_YEAR),
        ({"period": -(10**400)}, Fault.NO_YEAR),
        ({"period": [2022]}, Fault.NO_YEAR),
        ({"period": 1969}, Fault.NO_YEAR),
        ({"period": 0}, Fault.NO_YEAR),
        ({"period": 2024}, Fault.FUTURE_YEAR),
        ({"gender": "X"}, Fault.UNKNOWN_BREAKDOWN),
        ({"gender": "t"}, Fault.UNKNOWN_BREAKDOWN),
        ({"gender": None}, Fault.UNKNOWN_BREAKDOWN),
        ({"gender": ["T"]}, Fault.UNKNOWN_BREAKDOWN),
        ({"value": "12.5"}, Fault.NOT_A_NUMBER),
        ({"value": ""}, Fault.NOT_A_NUMBER),
        ({"value": True}, Fault.NOT_A_NUMBER),
        ({"value": [1]}, Fault.NOT_A_NUMBER),
        ({"value": {}}, Fault.NOT_A_NUMBER),
        ({"value": NAN}, Fault.NOT_FINITE),
        ({"value": NAN, "deleted": True}, Fault.NOT_FINITE),
        ({"value": math.inf}, Fault.NOT_FINITE),
        ({"value": -math.inf}, Fault.NOT_FINITE),
        ({"value": LARGEST}, Fault.TOO_LARGE),
        ({"value": -LARGEST}, Fault.TOO_LARGE),
        ({"value": 10**400}, Fault.TOO_LARGE),
        ({"value": -(10**400)}, Fault.TOO_LARGE),
    ],
)
def test_each_fault(changes: dict[str, Any], fault: Fault) -> None:
    assert fault_of(**changes) == fault


@pytest.mark.parametrize(
    "changes",
    [
        {"period": 1970},
        {"period": 2023},
        {"period": 2022.0},
        {"gender": "K"},
        {"gender": "M"},
        {"municipality": "0000"},
        {"kpi": "N2"},
        {"value": 0},
        {"value": -0.0},
        {"value": -3},
        {"value": LARGEST - 1},
        {"value": 1e-8},
    ],
)
def test_what_is_sound_is_taken(changes: dict[str, Any]) -> None:
    assert fault_of(**changes) == ""


def test_the_first_fault_counts() -> None:
    assert fault_of(kpi="?", municipality="?", period="?", gender="?", value="?") == Fault.UNKNOWN_KPI
    assert fault_of(municipality="?", period="?", gender="?", value="?") == Fault.UNKNOWN_MUNICIPALITY
    assert fault_of(period="?", gender="?", value="?") == Fault.NO_YEAR
    assert fault_of(period=2024, gender="?", value="?") == Fault.FUTURE_YEAR
    assert fault_of(gender="?", value="?") == Fault.UNKNOWN_BREAKDOWN


# ── missing is not zero ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"value": None},
        {"deleted": True},
        {"deleted": 1},
        {"deleted": True, "value": None},
        {"deleted": True, "value": "gone"},
        {"deleted": True, "value": 1e300},
    ],
)
def test_a_null_or_a_deleted_value_is_withdrawn_not_zero(changes: dict[str, Any]) -> None:
    checked = check(row(**changes), row(municipality="0180"), ranges={"N1": (0, 100)})
    assert checked.rejected.empty
    assert math.isnan(checked.valid["value"][0])
    assert checked.valid["value"][1] == 12.5


@pytest.mark.parametrize("deleted", [False, 0, None, "false"])
def test_what_is_not_deleted_keeps_its_value(deleted: Any) -> None:
    assert check(row(deleted=deleted)).valid["value"].tolist() == [12.5]


def test_a_null_beside_numbers_stays_a_null_and_a_written_nan_is_a_fault() -> None:
    checked = check(row(value=1.0), row(value=None, period=2021), row(value=NAN, period=2020))
    assert checked.valid["year"].tolist() == [2022, 2021]
    assert checked.rejected["fault"].tolist() == [Fault.NOT_FINITE]


# ── possible range ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "bounds", "fault"),
    [
        (0, (0, 100), ""),
        (100, (0, 100), ""),
        (-0.01, (0, 100), Fault.OUT_OF_RANGE),
        (100.01, (0, 100), Fault.OUT_OF_RANGE),
        (1e6, (0, None), ""),
        (-1, (0, None), Fault.OUT_OF_RANGE),
        (-1e6, (None, 0), ""),
        (0.1, (None, 0), Fault.OUT_OF_RANGE),
        (1e6, (None, None), ""),
    ],
)
def test_possible_range(value: float, bounds: tuple[float | None, float | None], fault: str) -> None:
    checked = check(row(value=value), ranges={"N1": bounds})
    assert checked.rejected["fault"].tolist() == ([fault] if fault else [])


def test_a_range_is_of_its_own_kpi_only() -> None:
    checked = check(row(kpi="N2", value=500), row(value=500), ranges={"N1": (0, 100)})
    assert checked.valid["kpi"].tolist() == ["N2"]
    assert checked.rejected["fault"].tolist() == [Fault.OUT_OF_RANGE]
    assert check(row(value=500), ranges={}).rejected.empty


# ── the same key more than once ───────────────────────────────────────────────────────────────────────────────────────


def test_the_same_value_twice_keeps_the_first_and_rejects_the_rest() -> None:
    checked = check(row(), row(municipality="0180"), row(), row(period="2022"))
    assert checked.valid["municipality"].tolist() == ["1384", "0180"]
    assert checked.rejected["fault"].tolist() == [Fault.DUPLICATE] * 2
    assert checked.rejected["period"].tolist() == [2022, "2022"], "the rejected rows are raw"


def test_different_values_for_one_key_are_all_rejected() -> None:
    checked = check(row(), row(value=13), row(), row(gender="K"))
    assert checked.valid["breakdown"].tolist() == ["K"]
    assert checked.rejected["fault"].tolist() == [Fault.CONFLICT] * 3


def test_a_withdrawn_value_beside_a_number_is_a_conflict_and_two_withdrawn_are_not() -> None:
    assert check(row(), row(value=None)).rejected["fault"].tolist() == [Fault.CONFLICT] * 2
    both = check(row(value=None), row(deleted=True))
    assert len(both.valid) == 1
    assert both.rejected["fault"].tolist() == [Fault.DUPLICATE]


def test_zero_beside_a_withdrawn_value_is_a_conflict() -> None:
    assert check(row(value=0), row(value=None)).rejected["fault"].tolist() == [Fault.CONFLICT] * 2


def test_values_that_are_stored_alike_are_alike() -> None:
    checked = check(row(value=1.123456781), row(value=1.123456784))
    assert checked.valid["value"].tolist() == [1.12345678]
    assert checked.rejected["fault"].tolist() == [Fault.DUPLICATE]


def test_a_faulty_row_makes_no_conflict_with_a_sound_one() -> None:
    checked = check(row(), row(value="13"))
    assert checked.valid["value"].tolist() == [12.5]
    assert checked.rejected["fault"].tolist() == [Fault.NOT_A_NUMBER]


# ── shapes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_page() -> None:
    checked = check()
    assert checked.valid.empty
    assert checked.rejected.empty
    assert checked.valid.columns.tolist() == ["kpi", "municipality", "year", "breakdown", "value"]
    assert checked.rejected.columns.tolist() == [*RAW_COLUMNS, "fault"]


def test_rejected_rows_keep_their_raw_content_and_their_order() -> None:
    odd = [row(value="x"), row(), row(kpi={"a": 1}), row(municipality=None)]
    checked = check(*odd)
    assert checked.rejected.drop(columns="fault").to_dict("records") == [odd[0], odd[2], odd[3]]
    assert checked.rejected.index.tolist() == [0, 1, 2]


def test_the_raw_frame_and_its_labels_are_left_alone() -> None:
    raw = pd.DataFrame([row(), row(value="x")], columns=RAW_COLUMNS, dtype=object)
    raw.index = pd.Index([7, 7])
    before = raw.copy(deep=True)
    checked = check_peer_values(raw, kpis=["N1"], municipalities=["1384"], latest_year=2023)
    pd.testing.assert_frame_equal(raw, before)
    assert len(checked.valid) == len(checked.rejected) == 1
