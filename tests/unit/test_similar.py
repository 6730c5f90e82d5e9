"""Similar municipalities by distance of z-scores (METHODS §3)."""

import math

import pandas as pd
import pytest

from indicators.compute.similar import nearest


def table(**columns: list[float | None]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=[f"{i:04d}" for i in range(1, length + 1)])


def test_distance_is_euclidean_over_z_scores_with_log_population() -> None:
    variables = table(population=[100, 1000, 10_000], income=[1.0, 2.0, 6.0])
    found = nearest(variables, "0001")
    spread = math.sqrt(((1 - 3) ** 2 + (2 - 3) ** 2 + (6 - 3) ** 2) / 3)
    step = 1 / math.sqrt(2 / 3)  # one power of ten, in standard deviations
    assert found.index.tolist() == ["0002", "0003"]
    assert found["distance"].tolist() == pytest.approx([math.hypot(step, 1 / spread), math.hypot(2 * step, 5 / spread)])


def test_the_variables_are_shown_as_they_were_given() -> None:
    variables = table(population=[100, 1000, 10_000], income=[1.0, 2.0, 6.0])
    found = nearest(variables, "0002")
    assert found.columns.tolist() == ["population", "income", "distance"]
    assert found["population"].to_dict() == {"0001": 100, "0003": 10_000}


def test_the_seven_nearest_and_never_oneself() -> None:
    variables = table(a=[float(i) for i in range(12)])
    found = nearest(variables, "0001")
    assert found.index.tolist() == [f"{i:04d}" for i in range(2, 9)]
    assert len(nearest(variables, "0001", k=3)) == 3
    assert len(nearest(variables, "0001", k=99)) == 11


def test_ties_by_code_even_where_floats_differ_in_their_last_bits() -> None:
    for values in ([1.2, 1.1, 1.3], [1.2, 1.3, 1.1]):
        assert nearest(table(a=values), "0001").index.tolist() == ["0002", "0003"]
    same = table(a=[0.0, 5.0, 5.0, 5.0]).iloc[[0, 3, 1, 2]]
    assert nearest(same, "0001", k=2).index.tolist() == ["0002", "0003"]


def test_complete_cases_only_and_they_make_the_z_scores() -> None:
    variables = table(population=[10, 20, None, 0, -5, 30], a=[1, 2, 3, 4, 5, None])
    found = nearest(variables, "0001")
    assert found.index.tolist() == ["0002"]
    assert found["distance"].tolist() == pytest.approx([math.hypot(2, 2)])


def test_who_is_no_complete_case_has_nobody_similar() -> None:
    variables = table(population=[10, 20, None, 0], a=[1, 2, 3, 4])
    for code in ("0003", "0004", "9999"):
        found = nearest(variables, code)
        assert found.empty
        assert "distance" in found


def test_weights_are_of_the_squared_differences_and_zero_leaves_a_variable_out() -> None:
    variables = table(a=[0.0, 1.0, 2.0], b=[0.0, 2.0, 1.0])
    step = 1 / math.sqrt(2 / 3)
    assert nearest(variables, "0001", weights={"b": 0})["distance"].to_dict() == pytest.approx(
        {"0002": step, "0003": 2 * step}
    )
    assert nearest(variables, "0001", weights={"a": 4})["distance"].to_dict() == pytest.approx(
        {"0002": step * math.sqrt(4 + 4), "0003": step * math.sqrt(16 + 1)}
    )


def test_a_weight_for_no_variable_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        nearest(table(a=[1.0, 2.0]), "0001", weights={"b": 1.0})


def test_a_variable_without_spread_adds_nothing() -> None:
    plain, constant = table(a=[0.0, 1.0, 3.0]), table(a=[0.0, 1.0, 3.0], b=[0.1, 0.1, 0.1])
    assert nearest(constant, "0001")["distance"].tolist() == pytest.approx(nearest(plain, "0001")["distance"].tolist())
    assert nearest(table(a=[1.0, 1.0]), "0001")["distance"].tolist() == [0.0]
