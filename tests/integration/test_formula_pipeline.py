"""Computed indicators through the pipeline: values, gaps with their reasons, order, breaks, women and men."""

from datetime import date
from typing import Any

import pytest

from indicators import operations, pipeline
from indicators.models import Assessment, Benchmark, Indicator, JobRun, MeasurementState, SeriesBreak, SeriesPoint
from indicators.operations import Measured
from indicators.queries import computation as queries
from tests.integration import small_world as world

pytestmark = pytest.mark.django_db
POPULATION = "N01951"


def counted(code: str, **more: Any) -> dict[str, Any]:
    return world.definition(code, source="department", comparable=False, unit="count", **more)


def computed(code: str, formula: str, **more: Any) -> dict[str, Any]:
    return counted(code, **({"formula": formula} | more)) | {"source": "computed"}


def measure(indicator: Indicator, values: dict[str, float | str | None], breakdown: str = "T") -> None:
    rows = [
        Measured(indicator.pk, period, breakdown, absence=value)
        if isinstance(value, str)
        else Measured(indicator.pk, period, breakdown, value=value)
        for period, value in values.items()
    ]
    operations.record_measurements(
        rows=rows, source="department", state=MeasurementState.APPROVED, by=None, refresh=False
    )


def series(indicator: Indicator, breakdown: str = "T") -> dict[str, float | None]:
    rows = SeriesPoint.objects.filter(indicator=indicator, breakdown=breakdown).order_by("period")
    return {p.period: None if p.value is None else float(p.value) for p in rows}


def refresh(*indicators: Indicator, today: date = world.TODAY) -> None:
    pipeline.refresh([i.pk for i in indicators], today=today)


def _population(by_year: dict[int, float]) -> None:
    pages = world.Pages(
        [world.cell(value, kpi=POPULATION, year=year) for year, value in by_year.items()], ordinary=(POPULATION,)
    )
    pipeline.import_peer_values(pages, kpis=[POPULATION], today=world.TODAY)


@pytest.fixture(autouse=True)
def _settled(db: None) -> None:
    operations.store_definitions(
        units=[
            {"code": "count", "symbol": "", "name": world.texts("number")},
            {"code": "percent", "symbol": "%", "name": world.texts("per cent"), "share": True},
        ],
        areas=[{"code": "all", "name": world.texts("Everything")}],
        departments=[{"code": "office", "name": world.texts("The office")}],
        indicators=[],
        by=None,
    )
    world.settle()


def test_per_1000_inhabitants_by_hand() -> None:
    """120 ÷ 80 000 and 0 ÷ 90 000, times 1 000; 2022 has no inhabitants yet, and says so."""
    _population({2020: 80_000, 2021: 90_000})
    complaints, rate = world.define(counted("complaints"), computed("rate", "complaints per 1 000 invånare"))
    measure(complaints, {"2020": 120.0, "2021": 0.0, "2022": 30.0})
    refresh(rate)
    assert series(rate) == {"2020": 1.5, "2021": 0.0, "2022": None}
    gap = SeriesPoint.objects.get(indicator=rate, period="2022")
    assert (gap.absence, gap.lacks) == ("missing", [["inhabitants", "2022", "missing"]])
    assert SeriesPoint.objects.get(indicator=rate, period="2021").lacks is None
    assert Assessment.objects.get(indicator=rate, period="2021").value == 0
    assert not Benchmark.objects.filter(indicator=rate).exists()


def test_a_computed_one_from_computed_ones_whichever_is_asked_for() -> None:
    a, twice, above = world.define(counted("a"), computed("twice", "2 × a"), computed("above", "twice + a"))
    measure(a, {"2021": 5.0, "2022": 7.0})
    refresh(above)
    assert series(above) == {"2021": 15.0, "2022": 21.0}
    assert series(twice) == {}
    refresh(above, twice, a)
    assert series(twice) == {"2021": 10.0, "2022": 14.0}


def test_a_change_has_what_follows_from_it_computed_too() -> None:
    a, twice, above, other = world.define(
        counted("a"), computed("twice", "2 × a"), computed("above", "twice + 1"), counted("other")
    )
    assert queries.with_dependents([a.pk]) == sorted([a.pk, twice.pk, above.pk])
    assert queries.with_dependents([other.pk]) == [other.pk]
    operations.request_refresh(indicator_ids=[a.pk], by=None)
    asked = {pk for job in JobRun.objects.all() for pk in job.parameters["indicators"]}
    assert asked == {a.pk, twice.pk, above.pk}


def test_inhabitants_are_fetched_and_their_news_reach_the_formula() -> None:
    _a, rate = world.define(counted("a"), computed("rate", "a per inhabitant"))
    assert POPULATION in queries.imported_kpis()
    assert queries.indicator_ids([POPULATION]) == [rate.pk]
    assert queries.indicator_ids(["N00001"]) == []


def test_months_added_up_to_years() -> None:
    month, year = world.define(counted("month", frequency="month", due_days=10), computed("year", "sum(month)"))
    measure(month, {f"2021M{m:02d}": float(m) for m in range(1, 13)} | {"2022M01": 1.0, "2022M02": "confidential"})
    refresh(year)
    assert series(year) == {"2021": 78.0, "2022": None}
    assert SeriesPoint.objects.get(indicator=year, period="2022").absence == "confidential"


def test_women_and_men_where_every_input_has_them() -> None:
    a, b, both = world.define(counted("a", divided=True), counted("b"), computed("both", "a + b"))
    for breakdown, value in (("T", 10.0), ("K", 6.0), ("M", 4.0)):
        measure(a, {"2022": value}, breakdown)
    measure(b, {"2022": 1.0})
    refresh(both)
    assert (series(both), series(both, "K")) == ({"2022": 11.0}, {})
    measure(b, {"2022": 0.5}, "K")
    measure(b, {"2022": 0.5}, "M")
    refresh(both)
    assert (series(both, "K"), series(both, "M")) == ({"2022": 6.5}, {"2022": 4.5})


def test_women_and_men_per_inhabitant_where_the_inhabitants_are_divided(db: None) -> None:
    _population({2022: 1000})
    a, rate = world.define(counted("a", divided=True), computed("rate", "a per inhabitant"))
    for breakdown, value in (("T", 10.0), ("K", 6.0), ("M", 4.0)):
        measure(a, {"2022": value}, breakdown)
    refresh(rate)
    assert (series(rate), series(rate, "K"), series(rate, "M")) == ({"2022": 0.01}, {}, {})


def test_a_result_that_is_too_large_spoils_no_refresh() -> None:
    a, huge = world.define(counted("a"), computed("huge", "a × 1 000 000"))
    measure(a, {"2021": 2.0, "2022": 9e9})
    refresh(a, huge)
    assert (series(huge), series(a)) == ({"2021": 2_000_000.0, "2022": None}, {"2021": 2.0, "2022": 9e9})
    assert SeriesPoint.objects.get(indicator=huge, period="2022").lacks == [["÷", "2022", "too_large"]]


def test_division_by_zero_is_no_value() -> None:
    a, b, ratio = world.define(counted("a"), counted("b"), computed("ratio", "a ÷ b"))
    measure(a, {"2021": 1.0, "2022": 1.0})
    measure(b, {"2021": 4.0, "2022": 0.0})
    refresh(ratio)
    assert series(ratio) == {"2021": 0.25, "2022": None}
    assert SeriesPoint.objects.get(indicator=ratio, period="2022").lacks == [["÷", "2022", "zero"]]


def test_a_break_of_an_input_stops_the_comparison() -> None:
    target = {"form": "not_worse"}
    a, twice = world.define(counted("a"), computed("twice", "2 × a", target=target))
    measure(a, {"2021": 5.0, "2022": 7.0})
    refresh(twice)
    assert Assessment.objects.get(indicator=twice, period="2022").status == "met"
    SeriesBreak.objects.create(indicator=a, period="2022", reason_sv="Ny metod")
    refresh(twice)
    row = Assessment.objects.get(indicator=twice, period="2022")
    assert (row.status, row.reason) == ("not_assessable", "break")


def test_computing_twice_writes_nothing() -> None:
    a, ratio = world.define(counted("a"), computed("ratio", "a per inhabitant"))
    measure(a, {"2021": 1.0, "2022": "missing"})
    refresh(a, ratio)
    before = list(SeriesPoint.objects.values_list("indicator_id", "period", "lacks"))
    computed_at = list(Assessment.objects.values_list("computed_at", flat=True))
    refresh(a, ratio)
    assert list(SeriesPoint.objects.values_list("indicator_id", "period", "lacks")) == before
    assert list(Assessment.objects.values_list("computed_at", flat=True)) == computed_at


def test_what_is_not_computed_costs_no_more_queries(django_assert_num_queries: Any) -> None:
    (a,) = world.define(counted("a"))
    found = queries.definitions([a.pk])
    with django_assert_num_queries(0):
        assert queries.inputs_of(found) == []
