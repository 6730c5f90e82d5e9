"""From raw rows to derived ones: made anew to the same content, whatever happened to them and whoever else is at it."""

import math
import threading
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from indicators import operations, pipeline
from indicators.models import (
    Absence,
    Assessment,
    Benchmark,
    Indicator,
    Measurement,
    MeasurementState,
    Municipality,
    PeerGroup,
    PeerValue,
    SeriesBreak,
    SeriesPoint,
    Target,
)
from indicators.operations import Measured, MeasurementError
from indicators.periods import Kind, Period
from indicators.queries import computation as queries
from tests.integration.small_world import (
    COUNT,
    HOME,
    PEERS,
    SHARE,
    cell,
    define,
    definition,
    entry,
    settle,
    take_in,
    texts,
)

pytestmark = pytest.mark.django_db
TODAY = date(2023, 11, 1)
YEARS = range(2015, 2023)
DERIVED: tuple[type[Model], ...] = (SeriesPoint, Benchmark, Assessment)
ANSWERS = "N10003"
Rows = dict[str, dict[Any, dict[str, Any]]]


def rows(*, without: str = "") -> Rows:
    """Every derived row, by table and key."""
    return {
        model.__name__: {
            tuple(str(row[f.attname]) for f in model._meta.pk.fields): {k: v for k, v in row.items() if k != without}  # type: ignore[union-attr]
            for row in model._default_manager.values()
        }
        for model in DERIVED
    }


def refresh(*indicators: Indicator, today: date = TODAY) -> None:
    pipeline.refresh([i.pk for i in indicators] or queries.indicator_ids(), today=today)


def assessed(indicator: Indicator, period: str = "2022") -> Assessment:
    return Assessment.objects.get(indicator=indicator, period=period)


def _after_review(row: Measured, state: MeasurementState) -> int:
    """A revision as entry's own operations leave it: returned with a note, or cleared without a value."""
    earlier = Measurement.objects.filter(indicator_id=row.indicator_id, period=row.period, breakdown=row.breakdown)
    cleared = state == MeasurementState.CLEARED
    Measurement.objects.create(
        indicator_id=row.indicator_id,
        period=row.period,
        breakdown=row.breakdown,
        source="department",
        revision=earlier.count(),
        value=None if cleared else row.value,
        state=state,
        note="" if cleared else "Why so many?",
    )
    return 1


def measure(
    indicator: Indicator,
    values: dict[str, float | str | None],
    *,
    state: MeasurementState = MeasurementState.APPROVED,
    source: str = "",
    **more: Any,
) -> int:
    """Record values by period; a text is the reason why there is none."""
    measured = [
        Measured(indicator.pk, period, **({"absence": v} if isinstance(v, str) else {"value": v}), **more)
        for period, v in values.items()
    ]
    if state in (MeasurementState.RETURNED, MeasurementState.CLEARED):
        return sum(_after_review(row, state) for row in measured)
    return operations.record_measurements(
        rows=measured, source=source or indicator.source, state=state, by=None, refresh=False
    )


def own(indicator: Indicator, breakdown: str = "T") -> dict[str, float | None]:
    points = SeriesPoint.objects.filter(indicator=indicator, breakdown=breakdown).order_by("period")
    return {p.period: None if p.value is None else float(p.value) for p in points}


def department(code: str = "own", **more: Any) -> Indicator:
    level = {"form": "level", "comparison": "at_least", "value": 60, "tolerance": 5}
    return define(definition(code, **({"source": "department", "target": level} | more)))[0]


@pytest.fixture(autouse=True)
def places(db: None) -> None:
    settle()


@pytest.fixture
def world(places: None) -> dict[str, Indicator]:
    """Everything that a derived row can hold: margins, women and men, a gap, a revision, a break, months, reasons."""
    indicators = define(
        definition(
            "share", kolada_id=SHARE, respondents_kolada_id=ANSWERS, minimum=0, maximum=100, divided=True,
            target={"form": "position", "group": "all", "percentile": 75, "tolerance": 5},
        ),
        definition(
            "count", kolada_id=COUNT, direction="lower",
            breaks=[{"period": "2019", "reason": {"sv": "Ny metod", "en": "New method"}}],
            target={"form": "yearly_change", "percent": -3, "baseline_period": "2019", "tolerance": 0.5},
        ),
        definition("calls", source="department", frequency="month", due_days=20),
        definition("heard", source="survey", target={"form": "not_worse", "tolerance": 0}),
    )  # fmt: skip
    similar: dict[str, Any] = dict.fromkeys(PEERS[:7], (None, None))
    operations.store_groups(groups=[operations.GroupOf("similar", texts("Similar"), "similar", similar)], by=None)
    places = (HOME, *PEERS)
    values = [
        cell([entry(40 + i + year / 7 % 3, "T"), entry(41 + i, "K")], SHARE, place, year)
        for i, place in enumerate(places)
        for year in YEARS
        if (place, year) != (HOME, 2017)
    ]
    values += [
        cell(1000 / 3 + 7 * i - year % 5, COUNT, place, year) for i, place in enumerate(places) for year in YEARS
    ]
    values += [cell(333, ANSWERS, HOME, year) for year in YEARS]
    take_in(values, kpis=[SHARE, COUNT, ANSWERS])
    take_in([cell(52.5, SHARE, HOME, 2020), cell(None, SHARE, HOME, 2016)], revise=True)
    share, count, calls, heard = indicators
    measure(calls, {f"2022M{month:02}": 70 + month / 3 for month in range(1, 13)} | {"2023M01": "confidential"})
    measure(heard, {"2020": 61.5, "2021": 0, "2022": 60}, margin=2.125, respondents=400)
    refresh()
    return {i.code: i for i in (share, count, calls, heard)}


# ── derived is disposable ─────────────────────────────────────────────────────────────────────────────────────────────


class TestDisposable:
    def test_the_world_has_what_this_is_about(self, world: dict[str, Indicator]) -> None:
        assert all(len(table) > 5 for table in rows().values())
        assert {a.status for a in Assessment.objects.all()} >= {"met", "not_met", "not_assessable"}
        assert SeriesPoint.objects.filter(margin_computed=True).exists()
        assert SeriesPoint.objects.filter(breakdown="K").exists()
        assert SeriesPoint.objects.filter(revision=1, value=None).exists()
        assert Assessment.objects.exclude(lessons=[]).exists()

    def test_deleted_and_built_again_to_the_same_content(self, world: dict[str, Indicator]) -> None:
        before = rows(without="computed_at")
        for model in DERIVED:
            model._default_manager.all().delete()
        refresh()
        assert rows(without="computed_at") == before

    def test_running_again_writes_nothing(self, world: dict[str, Indicator]) -> None:
        before = rows()
        with CaptureQueriesContext(
            connection,
        ) as ran:
            refresh()
        assert rows() == before, "computed_at included"
        writes = [q["sql"] for q in ran if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE", "COPY")]
        assert writes == []

    def test_one_by_one_or_all_together_is_the_same(self, world: dict[str, Indicator]) -> None:
        before = rows()
        for indicator in reversed(world.values()):
            refresh(indicator)
        assert rows() == before

    def test_what_was_tampered_with_is_repaired_and_the_rest_is_left(self, world: dict[str, Indicator]) -> None:
        before = rows(without="computed_at")
        computed = dict(Assessment.objects.values_list("pk", "computed_at"))
        SeriesPoint.objects.filter(period="2018", breakdown="T").update(value=99, absence="")
        SeriesPoint.objects.filter(period="2019", breakdown="K").delete()
        SeriesPoint.objects.create(indicator=world["share"], breakdown="M", period="1999", value=1)
        Benchmark.objects.filter(year=2021).update(median=-1, quarter="", rank=None, eligible=False)
        Benchmark.objects.filter(year=2020).delete()
        Assessment.objects.filter(indicator=world["share"], period="2021").update(status="met", reason="", trace={})
        Assessment.objects.filter(indicator=world["heard"]).delete()
        Assessment.objects.create(
            indicator=world["calls"], period="1990", status="met", rule_version="0", computed_at=computed.popitem()[1]
        )
        assert rows(without="computed_at") != before
        refresh()
        assert rows(without="computed_at") == before
        again = dict(Assessment.objects.values_list("pk", "computed_at"))
        made_anew = {(pk, period) for (pk, period), moment in computed.items() if again[pk, period] != moment}
        heard = {
            (world["heard"].pk, p)
            for p in Assessment.objects.filter(indicator=world["heard"]).values_list("period", flat=True)
        }
        assert made_anew - heard == {(world["share"].pk, "2021")}

    @pytest.mark.parametrize("model", DERIVED)
    def test_another_indicators_rows_are_not_touched(self, world: dict[str, Indicator], model: type[Model]) -> None:
        model._default_manager.filter(indicator=world["share"]).delete()
        refresh(world["count"], world["calls"], world["heard"])
        assert not model._default_manager.filter(indicator=world["share"]).exists()

    def test_raw_rows_stay_as_they_are(self, world: dict[str, Indicator]) -> None:
        before = [sorted(m._default_manager.values_list(), key=str) for m in (PeerValue, Measurement, Target)]
        refresh()
        assert [sorted(m._default_manager.values_list(), key=str) for m in (PeerValue, Measurement, Target)] == before

    @pytest.mark.parametrize(
        "value", [1 / 3, 2 / 3, 0.1 + 0.2, 1e-8, 5e-9, 0.000000015, 1234.123456785, 7e7 + 0.123456789, 9.9e11]
    )  # fmt: skip
    def test_awkward_numbers_are_the_same_the_second_time(self, value: float) -> None:
        define(definition("count", kolada_id=COUNT), definition("heard", source="survey"))
        take_in([cell(value, COUNT, place, year) for place in (HOME, *PEERS) for year in (2021, 2022)], kpis=[COUNT])
        measure(Indicator.objects.get(code="heard"), {"2021": value, "2022": -value}, margin=value)
        refresh()
        before = rows()
        refresh()
        assert rows() == before

    def test_a_new_target_changes_the_assessments_alone(self, world: dict[str, Indicator]) -> None:
        before = rows()
        Target.objects.filter(indicator=world["heard"]).update(form="level", side="at_least", value=60)
        refresh()
        after = rows()
        assert (after["SeriesPoint"], after["Benchmark"]) == (before["SeriesPoint"], before["Benchmark"])
        changed = {key for key, row in after["Assessment"].items() if row != before["Assessment"][key]}
        assert {key[0] for key in changed} == {str(world["heard"].pk)}

    def test_a_day_later_only_what_the_day_changes(self, world: dict[str, Indicator]) -> None:
        before = rows()
        refresh(today=date(2023, 11, 2))
        assert rows() == before
        refresh(today=date(2024, 1, 1))
        gained = rows()["Assessment"].keys() - before["Assessment"].keys()
        assert {key[1] for key in gained} == {"2024"}

    def test_nothing_to_refresh(self) -> None:
        assert pipeline.refresh([], today=TODAY) == 0
        assert pipeline.refresh([4711], today=TODAY) == 0

    def test_before_there_is_a_municipality(self, world: dict[str, Indicator]) -> None:
        Municipality.objects.update(is_home=False)
        refresh()
        assert not Benchmark.objects.exists()
        assert own(world["share"]) == {}
        assert own(world["heard"]) != {}


# ── measurements of our own ───────────────────────────────────────────────────────────────────────────────────────────


class TestMeasured:
    @pytest.mark.parametrize("state", [s for s in MeasurementState if s is not MeasurementState.APPROVED])
    def test_only_what_is_approved_counts(self, state: MeasurementState) -> None:
        indicator = department()
        measure(indicator, {"2021": 61})
        measure(indicator, {"2022": 75}, state=state)
        refresh()
        assert own(indicator) == {"2021": 61.0, "2022": None}
        found = assessed(indicator)
        assert (found.value_period, found.status) == ("2021", "met")

    @pytest.mark.parametrize("state", [s for s in MeasurementState if s is not MeasurementState.APPROVED])
    def test_a_correction_that_waits_does_not_hide_what_is_approved(self, state: MeasurementState) -> None:
        indicator = department()
        measure(indicator, {"2022": 61})
        measure(indicator, {"2022": 75}, state=state)
        refresh()
        assert own(indicator) == {"2022": 61.0}

    def test_an_approved_correction_wins_and_says_what_stood_there(self) -> None:
        indicator = department()
        for value, state in ((61, "approved"), (99, "returned"), (58, "approved")):
            measure(indicator, {"2022": value}, state=MeasurementState(state))
        refresh()
        point = SeriesPoint.objects.get()
        assert (point.value, point.earlier_value, point.revision) == (58, 61, 1)
        assert assessed(indicator).status == "near"

    def test_order_of_entry_plays_no_part(self) -> None:
        indicator = department(frequency="quarter")
        measure(indicator, {"2022Q3": 3, "2021Q4": 1, "2022Q1": 2})
        refresh()
        assert own(indicator)["2022Q2"] is None
        assert list(own(indicator))[:4] == ["2021Q4", "2022Q1", "2022Q2", "2022Q3"]

    def test_another_source_does_not_decide(self) -> None:
        indicator = department()
        measure(indicator, {"2022": 61})
        measure(indicator, {"2022": 99, "2021": 98}, source="survey")
        refresh()
        assert own(indicator) == {"2022": 61.0}

    def test_measurements_of_an_indicator_that_kolada_decides_are_left_out(self) -> None:
        [indicator] = define(definition("share", kolada_id=SHARE))
        take_in([cell(50, year=2022)])
        measure(indicator, {"2022": 99}, source="department")
        refresh()
        assert own(indicator) == {"2022": 50.0}

    def test_women_and_men_have_their_own_series(self) -> None:
        indicator = department(divided=True)
        measure(indicator, {"2021": 61, "2022": 62})
        measure(indicator, {"2022": 70}, breakdown="K")
        refresh()
        assert (own(indicator, "K"), own(indicator, "M")) == ({"2022": 70.0}, {})
        assert assessed(indicator).value == 62

    @pytest.mark.parametrize(
        ("absence", "reason"),
        [
            (Absence.NOT_DUE, "not_yet_due"),
            (Absence.NOT_APPLICABLE, "not_applicable"),
            (Absence.CONFIDENTIAL, "confidential"),
            (Absence.METHOD_CHANGED, "break"),
            (Absence.TOO_FEW_ANSWERS, "too_few_answers"),
            (Absence.MISSING, "no_value"),
        ],
    )
    def test_a_stated_reason_reaches_the_status(self, absence: Absence, reason: str) -> None:
        indicator = department()
        measure(indicator, {"2022": absence.value})
        refresh()
        found = assessed(indicator)
        assert (found.status, found.reason, found.value) == ("not_assessable", reason, None)
        assert SeriesPoint.objects.get().absence == absence.value

    def test_every_reason_is_tried(self) -> None:
        assert len(Absence) == 6

    def test_a_stated_reason_does_not_let_the_year_before_speak_and_a_missing_value_does(self) -> None:
        silent, late = department("silent"), department("late")
        for indicator, absence in ((silent, "confidential"), (late, "missing")):
            measure(indicator, {"2021": 61, "2022": absence})
        refresh()
        assert (assessed(silent).status, assessed(silent).reason) == ("not_assessable", "confidential")
        assert (assessed(late).status, assessed(late).value_period) == ("met", "2021")

    @pytest.mark.parametrize("target", [{"value": 0}, {"value": 0, "comparison": "at_most"}])
    def test_zero_is_a_value_and_a_target(self, target: dict[str, Any]) -> None:
        aim = {"form": "level", "comparison": "at_least", "tolerance": 0} | target
        indicator = department(target=aim)
        measure(indicator, {"2021": 5, "2022": 0})
        refresh()
        found = assessed(indicator)
        assert (found.status, found.value, found.gap, found.change) == ("met", 0, 0, -5)
        assert found.recent == [5.0, 0.0]

    def test_an_indicator_without_any_value_is_followed_up_this_year_only(self) -> None:
        indicator = department()
        refresh()
        assert own(indicator) == {}
        assert list(Assessment.objects.values_list("period", "status", "reason")) == [
            ("2023", "not_assessable", "not_yet_due")
        ]

    def test_a_retired_indicator_is_left_as_it_is(self) -> None:
        indicator = department()
        measure(indicator, {"2022": 61})
        refresh()
        Indicator.objects.update(retired_on=date(2023, 1, 1))
        measure(indicator, {"2022": 10})
        refresh()
        assert own(indicator) == {"2022": 61.0}

    def test_the_derived_rows_of_a_retired_indicator_can_be_made_anew(self) -> None:
        indicator = department()
        measure(indicator, {"2022": 61})
        refresh()
        Indicator.objects.update(retired_on=date(2023, 1, 1))
        assert queries.ids_to_recompute() == []
        operations.store_derived(indicator_ids=[indicator.pk], points=[], benchmarks=[], assessments=[])
        assert own(indicator) == {}
        assert queries.ids_to_recompute() == [indicator.pk]
        pipeline.refresh(queries.ids_to_recompute(), today=TODAY)
        assert own(indicator) == {"2022": 61.0}


class TestWhatIsNoMeasurement:
    @pytest.mark.parametrize(
        "period", ["2022", "2022M13", "2022Q1", "", "förra året", "2022M1", " 2022M01", "0001M01", "2022M01; --"]
    )  # fmt: skip
    def test_a_period_that_the_indicator_does_not_have(self, period: str) -> None:
        indicator = department(frequency="month")
        with pytest.raises(MeasurementError):
            measure(indicator, {"2022M02": 61, period: 62})
        assert not Measurement.objects.exists(), "all or nothing"

    def test_twice_in_one_delivery(self) -> None:
        indicator = department()
        twice = [Measured(indicator.pk, "2022", value=value) for value in (1.0, 2.0)]
        with pytest.raises(MeasurementError, match="twice"):
            operations.record_measurements(
                rows=twice, source="department", state=MeasurementState.APPROVED, by=None, refresh=False
            )

    def test_of_an_indicator_that_is_not_there(self) -> None:
        with pytest.raises(MeasurementError, match="no indicator"):
            operations.record_measurements(
                rows=[Measured(4711, "2022", value=1.0)], source="department", state=MeasurementState.APPROVED, by=None
            )

    @pytest.mark.parametrize("value", [math.nan, math.inf, 1e12, 1e300])
    def test_what_no_column_holds(self, value: float) -> None:
        indicator = department()
        with pytest.raises(MeasurementError, match="number"):
            measure(indicator, {"2021": 5, "2022": value})
        assert not Measurement.objects.exists()

    @pytest.mark.parametrize("more", [{}, {"value": 5.0, "absence": "missing"}, {"absence": "forgotten"}])
    def test_neither_a_value_nor_a_known_reason_or_both(self, more: dict[str, Any]) -> None:
        indicator = department()
        with pytest.raises(MeasurementError, match="reason"):
            operations.record_measurements(
                rows=[Measured(indicator.pk, "2022", **more)],
                source="department",
                state=MeasurementState.APPROVED,
                by=None,
            )

    def test_the_same_again_is_no_new_revision(self) -> None:
        indicator = department()
        assert measure(indicator, {"2021": 1 / 3, "2022": "confidential"}, margin=None) == 2
        assert measure(indicator, {"2021": 1 / 3, "2022": "confidential"}) == 0
        assert measure(indicator, {"2021": 1 / 3, "2022": 0}) == 1

    def test_a_delivery_says_how_many(self) -> None:
        indicator = department()
        deliveries = []
        for values in ((1, 2), (1, 3), (1, 3)):
            delivery = operations.start_import(source="department", origin="a sheet", job=None)
            pipeline.record_approved(
                [Measured(indicator.pk, f"{2021 + i}", value=v) for i, v in enumerate(values)],
                source="department",
                delivery=delivery,
            )
            delivery.refresh_from_db()
            deliveries.append((delivery.received, delivery.added, delivery.revised, delivery.unchanged))
        assert deliveries == [(2, 2, 0, 0), (2, 0, 1, 1), (2, 0, 0, 2)]


# ── periods, breaks, targets ──────────────────────────────────────────────────────────────────────────────────────────


class TestPeriods:
    @pytest.mark.parametrize(
        ("kind", "last", "before"),
        [
            (Kind.YEAR, "2022", "2021"),
            (Kind.HALF, "2022H2", "2022H1"),
            (Kind.TERTIAL, "2022T3", "2022T2"),
            (Kind.QUARTER, "2022Q4", "2022Q3"),
            (Kind.MONTH, "2022M12", "2022M11"),
            (Kind.SCHOOL_YEAR, "2022S", "2021S"),
        ],
    )
    def test_a_year_is_judged_by_its_last_period(self, kind: Kind, last: str, before: str) -> None:
        change = {"form": "direction", "wanted": "increase", "tolerance": 0}
        indicator = department(frequency=kind.value, due_days=10, target=change)
        after = Period.parse(last).next().code
        measure(indicator, {before: 50, last: 51, after: 1})
        refresh()
        found = assessed(indicator)
        assert (found.value_period, found.comparison_period, found.status) == (last, before, "met")
        assert found.recent[-2:] == [50.0, 51.0]

    @pytest.mark.parametrize(("due_days", "last"), [(0, "2023M10"), (1, "2023M10"), (2, "2023M09"), (45, "2023M08")])
    def test_the_series_goes_on_to_what_should_be_there(self, due_days: int, last: str) -> None:
        indicator = department(frequency="month", due_days=due_days)
        measure(indicator, {"2023M06": 5})
        refresh()
        assert list(own(indicator))[-1] == last
        assert set(own(indicator).values()) == {5.0, None}

    def test_values_beyond_the_last_due_period_are_kept(self) -> None:
        indicator = department(frequency="month", due_days=300)
        measure(indicator, {"2023M06": 5, "2023M09": 6})
        refresh()
        assert list(own(indicator)) == ["2023M06", "2023M07", "2023M08", "2023M09"]

    def test_a_changed_frequency_starts_a_series_of_its_own(self) -> None:
        indicator = department(frequency="quarter")
        measure(indicator, {"2022Q3": 50, "2022Q4": 51})
        Indicator.objects.update(frequency="year")
        indicator.refresh_from_db()
        refresh()
        assert own(indicator) == {}
        measure(indicator, {"2022": 61})
        refresh()
        assert own(indicator) == {"2022": 61.0}

    def test_a_value_of_kolada_that_others_have_and_we_have_not_is_missing(self) -> None:
        [indicator] = define(definition("share", kolada_id=SHARE))
        take_in([cell(50, year=2020), *(cell(40, place=code, year=2022) for code in PEERS)])
        refresh()
        assert own(indicator) == {"2020": 50.0, "2021": None, "2022": None}
        assert SeriesPoint.objects.get(period="2022").absence == "missing"

    def test_a_value_older_than_two_years_speaks_no_more(self) -> None:
        indicator = department()
        measure(indicator, {"2020": 61})
        refresh()
        statuses = dict(Assessment.objects.values_list("period", "status"))
        assert statuses == {"2020": "met", "2021": "met", "2022": "met", "2023": "not_assessable"}


class TestBreaks:
    FORMS = [
        {"form": "direction", "wanted": "increase", "tolerance": 0},
        {"form": "not_worse", "tolerance": 0},
        {"form": "yearly_change", "percent": 2, "baseline_period": "2021", "tolerance": 0},
    ]

    @pytest.mark.parametrize("target", FORMS)
    @pytest.mark.parametrize(
        ("comparable", "status", "reason"), [(False, "not_assessable", "break"), (True, "met", "")]
    )
    def test_between_value_and_comparison(
        self, target: dict[str, Any], comparable: bool, status: str, reason: str
    ) -> None:
        indicator = department(
            target=target,
            breaks=[{"period": "2022", "reason": {"sv": "x", "en": "x"}, "comparable_backwards": comparable}],
        )
        measure(indicator, {"2021": 50, "2022": 60})
        refresh()
        found = assessed(indicator)
        assert (found.status, found.reason) == (status, reason)
        assert (found.comparison, found.change) == ((50, 10.0) if comparable else (None, None))

    def test_a_level_is_judged_over_a_break_and_its_change_is_not_told(self) -> None:
        indicator = department(breaks=[{"period": "2022", "reason": {"sv": "x", "en": "x"}}])
        measure(indicator, {"2021": 50, "2022": 60})
        refresh()
        found = assessed(indicator)
        assert (found.status, found.change, found.change_word) == ("met", None, "")

    def test_the_change_against_peers_stops_at_a_break(self) -> None:
        define(definition("count", kolada_id=COUNT, breaks=[{"period": "2021", "reason": {"sv": "x", "en": "x"}}]))
        take_in(
            [
                cell(year - 2000 + i, COUNT, place, year)
                for i, place in enumerate((HOME, *PEERS))
                for year in range(2019, 2023)
            ],
            kpis=[COUNT],
        )
        refresh()
        changes = dict(Benchmark.objects.values_list("year", "own_change"))
        assert changes == {2019: None, 2020: 1.0, 2021: None, 2022: 1.0}
        assert dict(Benchmark.objects.values_list("year", "peer_change")) == changes

    def test_a_break_that_is_taken_back_counts_no_more(self) -> None:
        indicator = department(target=self.FORMS[0], breaks=[{"period": "2022", "reason": {"sv": "x", "en": "x"}}])
        measure(indicator, {"2021": 50, "2022": 60})
        refresh()
        SeriesBreak.objects.all().delete()
        refresh()
        assert assessed(indicator).status == "met"


class TestTargets:
    def test_each_year_has_the_target_valid_then(self) -> None:
        indicator = department(target=None)
        for valid_from, valid_to, level in ((2016, 2018, 50), (2019, 2020, 70), (2022, None, 40)):
            Target.objects.create(
                indicator=indicator,
                form="level",
                side="at_least",
                value=level,
                valid_from=valid_from,
                valid_to=valid_to,
            )
        measure(indicator, {str(year): 60 for year in range(2015, 2024)})
        refresh()
        found = dict(Assessment.objects.order_by("period").values_list("period", "status"))
        assert found == {
            "2015": "not_assessable",
            "2016": "met", "2017": "met", "2018": "met",
            "2019": "not_met", "2020": "not_met",
            "2021": "not_assessable",
            "2022": "met", "2023": "met",
        }  # fmt: skip
        gaps = dict(Assessment.objects.values_list("period", "gap"))
        assert (gaps["2018"], gaps["2020"], gaps["2022"]) == (10.0, -10.0, 20.0)
        assert assessed(indicator, "2021").reason == "no_target"

    def test_of_two_valid_targets_the_one_that_started_last(self) -> None:
        indicator = department()  # at least 60, from 2000 on
        later = Target.objects.create(indicator=indicator, form="level", side="at_least", value=70, valid_from=2022)
        measure(indicator, {"2021": 65, "2022": 65})
        refresh()
        assert (assessed(indicator, "2021").status, assessed(indicator).status) == (
            "met",
            "near" if later.tolerance else "not_met",
        )
        assert assessed(indicator).target_id == later.pk

    def test_a_file_may_say_until_when(self) -> None:
        aim = {"form": "level", "comparison": "at_least", "value": 60, "valid_from": 2018, "valid_to": 2021}
        indicator = department(target=aim)
        measure(indicator, {str(year): 65 for year in (2017, 2021, 2022)})
        refresh()
        found = dict(Assessment.objects.values_list("period", "reason"))
        assert (found["2017"], found["2021"], found["2022"]) == ("no_target", "", "no_target")

    def test_a_group_that_is_let_go_takes_its_benchmarks_along(self, world: dict[str, Indicator]) -> None:
        assert Benchmark.objects.exists()
        operations.drop_groups(keep=["another"], by=None)
        assert not Benchmark.objects.exists()
        assert not PeerGroup.objects.exists()
        refresh()
        assert {a.reason for a in Assessment.objects.filter(indicator=world["share"], period="2022")} == {
            "too_few_peers"
        }

    def test_a_service_without_groups_takes_none_away(self, world: dict[str, Indicator]) -> None:
        before = set(PeerGroup.objects.values_list("code", flat=True))
        pipeline.store_published_groups([])
        assert set(PeerGroup.objects.values_list("code", flat=True)) >= before


# ── more than one at it ───────────────────────────────────────────────────────────────────────────────────────────────


def at_once(calls: Iterable[Callable[[], Any]]) -> list[BaseException]:
    """Run the calls in threads that start together; what they raised."""
    calls = list(calls)
    start, raised = threading.Barrier(len(calls)), list[BaseException]()

    def run(call: Callable[[], Any]) -> None:
        try:
            start.wait()
            call()
        except Exception as error:  # noqa: BLE001 (given back to the test)
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_the_same_indicators_from_several_workers(self, world: dict[str, Indicator]) -> None:
        before = rows(without="computed_at")
        ids = queries.indicator_ids()
        for model in DERIVED:
            model._default_manager.all().delete()
        parts = [ids, ids[::-1], ids[:3], ids[1:], ids[::-1][:2]]
        assert at_once([lambda part=part: pipeline.refresh(part, today=TODAY) for part in parts]) == []
        assert rows(without="computed_at") == before

    def test_the_later_of_two_has_the_newer_values(
        self, world: dict[str, Indicator], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One has read old values and is slow; they are revised, and another refreshes; then the slow one writes."""
        store, slow = operations.store_derived, threading.Event()

        def store_slowly(**more: Any) -> None:
            if threading.current_thread().name == "slow":
                slow.set()
                revised.wait(timeout=1)  # SQLite lets nobody write meanwhile, so that this must end by itself
            store(**more)

        def revise() -> None:
            take_in([cell(99, SHARE, HOME, 2022)])
            revised.set()
            refresh()
            connections.close_all()

        def refresh_slowly() -> None:
            refresh()
            connections.close_all()

        revised = threading.Event()
        monkeypatch.setattr(operations, "store_derived", store_slowly)
        first = threading.Thread(target=refresh_slowly, name="slow")
        second = threading.Thread(target=revise)
        first.start()
        assert slow.wait(timeout=10)
        second.start()
        for thread in (first, second):
            thread.join(timeout=30)
            assert not thread.is_alive()
        assert own(world["share"])["2022"] == 99.0
        assert assessed(world["share"]).value == 99

    def test_measurements_handed_in_at_the_same_moment_are_all_kept(self) -> None:
        indicator = department()
        calls = [lambda value=value: measure(indicator, {"2022": value}) for value in (1.0, 2.0, 3.0, 4.0)]
        assert at_once(calls) == []
        kept = Measurement.objects.order_by("revision").values_list("revision", flat=True)
        assert list(kept) == [0, 1, 2, 3]
        refresh()
        assert SeriesPoint.objects.get().revision == 3
