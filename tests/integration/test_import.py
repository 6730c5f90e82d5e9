"""What may come from a source of peer values, sound or hostile, and what is stored of it and reported."""

import csv
import gzip
import itertools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators import bulk, operations, pipeline
from indicators.compute.validate import Fault
from indicators.models import Benchmark, Import, ImportRejection, JobRun, JobState, PeerValue, SeriesPoint
from indicators.queries import computation as queries
from indicators.sources.kolada import KoladaClient, KoladaError, Misshape
from tests.integration.small_world import (
    COUNT,
    HOME,
    NATION,
    OTHER,
    PEERS,
    REGION,
    SHARE,
    TODAY,
    Pages,
    cell,
    define,
    definition,
    entry,
    reasons,
    settle,
    stored,
    take_in,
)

pytestmark = pytest.mark.django_db
SOUND = cell(50.5, year=2019)
UNASKED = "N10004"
KEPT = {(SHARE, 2019, HOME, "T", 0): 50.5}


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    settle()
    define(
        definition("share", kolada_id=SHARE, minimum=0, maximum=100, divided=True),
        definition("count", kolada_id=COUNT),
        definition("other", kolada_id=OTHER),
        definition("unasked", kolada_id=UNASKED),
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that do not wait between their attempts."""
    monkeypatch.setitem(KoladaClient.__init__.__kwdefaults__, "sleep", lambda seconds: None)


def claimed_job(**more: Any) -> JobRun:
    job = operations.claim_job(job_id=operations.request_import(by=None, **more).pk)
    assert job is not None
    return job


# ── what is sound ─────────────────────────────────────────────────────────────────────────────────────────────────────


class TestSound:
    def test_values_come_with_where_they_are_from(self) -> None:
        job = claimed_job()
        before = timezone.now()
        delivery = take_in([cell(50.5), cell(51, year=2021)], job=job, origin="https://api.example/v3/")
        assert stored() == {(SHARE, 2020, HOME, "T", 0): 50.5, (SHARE, 2021, HOME, "T", 0): 51.0}
        assert set(PeerValue.objects.values_list("delivery_id", flat=True)) == {delivery.pk}
        assert (delivery.source, delivery.origin, delivery.job) == ("kolada", "https://api.example/v3/", job)
        assert delivery.fetched_at is not None
        assert before <= delivery.started_at <= delivery.fetched_at <= timezone.now()
        assert (delivery.received, delivery.added, delivery.rejected, delivery.unanswered) == (2, 2, 0, [])

    def test_women_and_men_are_kept_in_whatever_order(self) -> None:
        take_in([cell([entry(48, "M"), entry(50, "T"), entry(52.25, "K")])])
        assert {key[3]: value for key, value in stored().items()} == {"T": 50.0, "K": 52.25, "M": 48.0}

    def test_women_alone(self) -> None:
        take_in([cell([entry(52, "K")])])
        assert list(stored()) == [(SHARE, 2020, HOME, "K", 0)]

    @pytest.mark.parametrize("value", [0, 0.0, -0.0, 1e-8, 100, 33.33333333])
    def test_what_is_a_value(self, value: float) -> None:
        delivery = take_in([cell(value)])
        assert stored() == {(SHARE, 2020, HOME, "T", 0): float(value)}
        assert delivery.rejected == 0

    @pytest.mark.parametrize("value", [-5, 999_999_999_999.0, 123_456_789.125, -1e-8])
    def test_values_of_an_indicator_without_bounds(self, value: float) -> None:
        take_in([cell(value, COUNT)], kpis=[COUNT])
        assert stored() == {(COUNT, 2020, HOME, "T", 0): float(value)}

    @pytest.mark.parametrize("deleted", [False, 0, None, "0", "false", ""])
    def test_not_deleted_in_many_spellings(self, deleted: Any) -> None:
        take_in([cell(7, isdeleted=deleted)])
        assert list(stored().values()) == [7.0]

    @pytest.mark.parametrize("period", [2020, "2020"])
    def test_a_year_as_number_or_text(self, period: Any) -> None:
        take_in([cell(7, year=period)])
        assert list(stored()) == [(SHARE, 2020, HOME, "T", 0)]

    @pytest.mark.parametrize(("value", "more"), [(None, {}), (5, {"isdeleted": True}), (5, {"isdeleted": 1})])
    def test_a_missing_value_that_never_was_there_is_no_row(self, value: Any, more: dict[str, Any]) -> None:
        delivery = take_in([cell(value, **more), SOUND])
        assert stored() == KEPT
        assert (delivery.received, delivery.added, delivery.rejected, delivery.unanswered) == (2, 1, 0, [])

    def test_groups_are_left_out_without_a_complaint(self) -> None:
        delivery = take_in([cell(99, place="G37433"), cell(98, place="g1"), SOUND])
        assert stored() == KEPT
        assert (delivery.received, delivery.rejected) == (1, 0)

    def test_a_region_and_the_nation_are_stored_and_are_nobodys_peers(self) -> None:
        values = [(HOME, 50), (NATION, 99), (REGION, 98), *((code, 40 + i) for i, code in enumerate(PEERS))]
        take_in([cell(value, place=place) for place, value in values])
        assert {key[2] for key in stored()} == {place for place, _ in values}
        assert set(queries.peer_frame([SHARE])["municipality"]) == {HOME, *PEERS}
        pipeline.refresh(queries.indicator_ids([SHARE]), today=TODAY)
        place = Benchmark.objects.get()
        assert (place.others, place.high, place.rank) == (len(PEERS), 51.0, 2)

    def test_a_page_without_cells_and_a_source_without_pages(self) -> None:
        assert take_in([]).unanswered == [SHARE]
        assert take_in().received == 0


# ── what is faulty ────────────────────────────────────────────────────────────────────────────────────────────────────

FAULTY: list[tuple[Fault, Any, str]] = [
    (Fault.UNKNOWN_KPI, cell(50, kpi="N99999"), "N99999"),
    (Fault.UNKNOWN_KPI, cell(50, kpi=UNASKED), UNASKED),  # defined, but not asked for
    (Fault.UNKNOWN_MUNICIPALITY, cell(50, place="9999"), SHARE),
    (Fault.UNKNOWN_MUNICIPALITY, cell(50, place="01384"), SHARE),
    (Fault.NO_YEAR, cell(50, year=1066), SHARE),
    (Fault.NO_YEAR, cell(50, year="1969"), SHARE),
    (Fault.FUTURE_YEAR, cell(50, year=TODAY.year + 1), SHARE),
    (Fault.FUTURE_YEAR, cell(50, year="9999"), SHARE),
    (Fault.NOT_FINITE, cell(math.nan), SHARE),
    (Fault.NOT_FINITE, cell(math.inf), SHARE),
    (Fault.NOT_FINITE, cell(-math.inf), SHARE),
    (Fault.TOO_LARGE, cell(1e12), SHARE),
    (Fault.TOO_LARGE, cell(-1e300), SHARE),
    (Fault.OUT_OF_RANGE, cell(100.00000001), SHARE),
    (Fault.OUT_OF_RANGE, cell(-0.1), SHARE),
]
MISSHAPEN: list[tuple[Misshape, Any]] = [
    (Misshape.CELL, "N10001"),
    (Misshape.CELL, None),
    (Misshape.CELL, [SHARE, HOME, 2020, 5]),
    (Misshape.KPI, cell(50, kpi=10001)),
    (Misshape.KPI, cell(50, kpi="N1'; DROP TABLE")),
    (Misshape.KPI, cell(50, kpi="N" * 41)),
    (Misshape.KPI, cell(50, kpi="N1\0")),
    (Misshape.MUNICIPALITY, cell(50, place=1384)),
    (Misshape.MUNICIPALITY, cell(50, place="")),
    (Misshape.MUNICIPALITY, cell(50, place="1384\n")),
    (Misshape.PERIOD, cell(50, year=2020.0)),
    (Misshape.PERIOD, cell(50, year=True)),
    (Misshape.PERIOD, cell(50, year=10**400)),
    (Misshape.PERIOD, cell(50, year="２０２０")),
    (Misshape.PERIOD, cell(50, year="2020-01")),
    (Misshape.PERIOD, cell(50, year=None)),
    (Misshape.VALUES, {**cell(50), "values": {}}),
    (Misshape.VALUES, {**cell(50), "values": []}),
    (Misshape.VALUES, {"kpi": SHARE, "municipality": HOME, "period": 2020}),
    (Misshape.ENTRY, cell([50])),
    (Misshape.ENTRY, cell([None])),
    (Misshape.GENDER, cell(50, gender="X")),
    (Misshape.GENDER, cell(50, gender=None)),
    (Misshape.GENDER, cell(50, gender=["T"])),
    (Misshape.ABSENT, cell([{"gender": "T", "isdeleted": False}])),
    (Misshape.NUMBER, cell("50,5")),
    (Misshape.NUMBER, cell("50.5")),
    (Misshape.NUMBER, cell("NaN")),
    (Misshape.NUMBER, cell(True)),
    (Misshape.NUMBER, cell({"value": 50})),
    (Misshape.NUMBER, cell("\ud800\0" * 1000)),
    (Misshape.DIGITS, cell(10**400)),
    (Misshape.DIGITS, cell(2**53 + 1)),
    (Misshape.DELETED, cell(50, isdeleted="perhaps")),
    (Misshape.DELETED, cell(50, isdeleted=2)),
]
# Shape is looked at first: these two can only come from another reader of pages than `flatten`.
CAUGHT_BY_SHAPE = {Fault.UNKNOWN_BREAKDOWN: Misshape.GENDER, Fault.NOT_A_NUMBER: Misshape.NUMBER}


class TestFaulty:
    def test_every_reason_is_tried_here(self) -> None:
        on_pages = {Fault.DUPLICATE, Fault.CONFLICT}
        assert {fault for fault, *_ in FAULTY} | on_pages | set(CAUGHT_BY_SHAPE) == set(Fault)
        assert {reason for reason, _ in MISSHAPEN} == set(Misshape)

    @pytest.mark.parametrize(("fault", "raw", "kpi"), FAULTY)
    def test_a_faulty_value_is_rejected_and_its_neighbours_stay(self, fault: Fault, raw: Any, kpi: str) -> None:
        delivery = take_in([raw, SOUND])
        assert stored() == KEPT
        line = delivery.rejections.get()
        assert (line.fault, line.count, len(line.examples)) == (fault.value, 1, 1)
        assert kpi in f"{line.kpi} {line.examples}"
        assert (delivery.received, delivery.added, delivery.rejected) == (2, 1, 1)

    @pytest.mark.parametrize(("reason", "raw"), MISSHAPEN)
    def test_a_misshapen_cell_is_rejected_and_its_neighbours_stay(self, reason: Misshape, raw: Any) -> None:
        delivery = take_in([SOUND, raw])
        assert stored() == KEPT
        line = delivery.rejections.get()
        assert (line.kpi, line.fault, line.count) == ("", reason.value, 1)
        assert line.examples[0].startswith("page 1, cell 2: ")
        assert len(line.examples[0]) < 400
        assert (delivery.received, delivery.added, delivery.rejected) == (2, 1, 1)

    def test_one_bad_entry_does_not_cost_the_others_of_its_cell(self) -> None:
        delivery = take_in([cell([entry(48, "M"), entry("n/a", "T"), entry(52, "K")])])
        assert {key[3] for key in stored()} == {"M", "K"}
        assert reasons(delivery) == {("", "value_is_not_a_number"): 1}

    def test_the_report_counts_all_and_shows_the_first(self) -> None:
        cells = [cell(math.nan, place=place, year=year) for year in (2019, 2020) for place in (HOME, *PEERS)]
        delivery = take_in(cells[:10], cells[10:])
        line = delivery.rejections.get()
        assert (line.count, len(line.examples)) == (26, operations.EXAMPLES)
        assert line.examples[0] == f"{HOME} 2019 T: nan"

    def test_a_flood_of_made_up_identities_is_one_line(self) -> None:
        """A report of a line an identity would be as long as what was sent."""
        delivery = take_in([*(cell(1, kpi=f"X{number}") for number in range(3000)), SOUND])
        assert stored() == KEPT
        assert reasons(delivery) == {("", "unknown_kpi"): 3000}
        assert "X0" in delivery.rejections.get().examples[0]

    def test_an_identity_of_which_all_is_rejected_gave_nothing(self) -> None:
        delivery = take_in([cell(101), SOUND, cell(math.nan, COUNT)], kpis=[SHARE, COUNT])
        assert delivery.unanswered == [COUNT]

    def test_fractions_beyond_what_is_stored_are_rounded_once(self) -> None:
        take_in([cell(1 / 3)])
        again = take_in([cell(1 / 3)])
        assert stored() == {(SHARE, 2020, HOME, "T", 0): 0.33333333}
        assert (again.added, again.revised, again.unchanged) == (0, 0, 1)


class TestTwice:
    """The same key more than once: on one page, on two pages of a block, for identities stored already or not."""

    @pytest.fixture(params=["new", "stored"])
    def known(self, request: pytest.FixtureRequest) -> Iterator[None]:
        if request.param == "stored":
            take_in([cell(11, year=2019)])
        return None

    @pytest.mark.parametrize("split", [0, 1, 2])
    def test_alike_keeps_one(self, known: None, split: int) -> None:
        cells = [cell(50), cell(50.0), cell(50)]
        delivery = take_in(cells[:split], cells[split:])
        assert stored()[SHARE, 2020, HOME, "T", 0] == 50.0
        assert len([key for key in stored() if key[1] == 2020]) == 1
        assert reasons(delivery) == {(SHARE, "duplicate"): 2}
        assert (delivery.received, delivery.added, delivery.rejected) == (3, 1, 2)

    @pytest.mark.parametrize("split", [0, 1, 2])
    @pytest.mark.parametrize("values", [(50, 51, 50), (50, None, 50), (0, None, 0), (50, 51, 52)])
    def test_contradicting_keeps_none(self, known: None, split: int, values: tuple[Any, ...]) -> None:
        cells = [cell(value) for value in values]
        delivery = take_in(cells[:split], [*cells[split:], cell(1, year=2021)])
        assert [key for key in stored() if key[1] == 2020] == []
        assert stored()[SHARE, 2021, HOME, "T", 0] == 1.0
        assert set(reasons(delivery)) <= {(SHARE, "conflict"), (SHARE, "duplicate")}
        assert delivery.rejected == 3
        assert delivery.received == delivery.added + delivery.rejected

    def test_a_contradiction_leaves_what_stood_there(self) -> None:
        take_in([cell(50)])
        take_in([cell(60)], [cell(61)], revise=True)
        assert stored() == {(SHARE, 2020, HOME, "T", 0): 50.0}

    def test_a_contradiction_inside_a_page_is_not_settled_by_the_next_page(self) -> None:
        """Nobody can tell which of three is right because two of them stood together."""
        delivery = take_in([cell(50), cell(51)], [cell(50)])
        assert stored() == {}
        assert reasons(delivery) == {(SHARE, "conflict"): 3}

    def test_one_cell_with_a_gender_twice(self) -> None:
        take_in([cell([entry(50), entry(51), entry(52, "K")])])
        assert stored() == {(SHARE, 2020, HOME, "K", 0): 52.0}

    def test_twins_of_different_breakdowns_or_places_are_none(self) -> None:
        delivery = take_in([cell([entry(50), entry(50, "K")]), cell(50, place=PEERS[0]), cell(50, year=2021)])
        assert (len(stored()), delivery.rejected) == (4, 0)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
numbers = st.sampled_from([0, 1, 50.5, None, math.nan, math.inf, 1e300, "7", True, 10**30, -3])
cells = st.builds(
    lambda value, kpi, place, year, gender, deleted: cell(
        value if not isinstance(value, list) else [value], kpi, place, year, gender=gender, isdeleted=deleted
    ),
    numbers | anything,
    st.sampled_from([SHARE, SHARE, "N99999", None]) | anything,
    st.sampled_from([HOME, PEERS[0], NATION, "G1", "9999"]) | anything,
    st.sampled_from([2019, 2020, "2020", 2090, 12]) | anything,
    st.sampled_from(["T", "K", "M", "X"]) | anything,
    st.sampled_from([True, False, 0, 1, None]) | anything,
)


class TestAnything:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.lists(cells | anything, max_size=6), max_size=3))
    def test_whatever_comes_is_stored_or_reported_and_nothing_is_lost(self, pages: list[list[Any]]) -> None:
        PeerValue.objects.all().delete()
        delivery = take_in(*pages)
        counted = delivery.added + delivery.revised + delivery.unchanged + delivery.rejected
        assert delivery.received == counted
        assert delivery.rejected == sum(reasons(delivery).values())
        assert len(stored()) == delivery.added
        for (kpi, year, place, breakdown, revision), value in stored().items():
            assert (kpi, revision) == (SHARE, 0)
            assert 1970 <= year <= TODAY.year
            assert place in (HOME, NATION, REGION, *PEERS)
            assert breakdown in "TKM"
            assert value is not None
            assert 0 <= value <= 100
        json.dumps(list(delivery.rejections.values_list("examples", flat=True)), allow_nan=False)


# ── all or nothing ────────────────────────────────────────────────────────────────────────────────────────────────────


class PlugPulledError(Exception):
    """What a test raises where a process would die."""


def pulled_at(place: int) -> Callable[[int], None]:
    """Raises at the n-th page given, counted over all that is asked."""
    given = itertools.count(1)

    def before_page(_number: int) -> None:
        if next(given) == place:
            raise PlugPulledError

    return before_page


KPIS = [f"N2{number:04}" for number in range(25)]


def numbered(before_page: Callable[[int], None] | None = None) -> Pages:
    """Twenty-five identities, three pages an answer: the year 2019, the year 2020, and a fault."""
    return Pages(
        [cell(number, kpi, year=2019) for number, kpi in enumerate(KPIS)],
        [cell(number, kpi, year=2020) for number, kpi in enumerate(KPIS)],
        [cell(math.nan, kpi, place=PEERS[0]) for kpi in KPIS],
        before_page=before_page,
        ordinary=KPIS,
    )


@pytest.mark.django_db(transaction=True)
class TestAllOrNothing:
    def test_a_failure_between_two_pages_of_a_block_stores_nothing_of_it(self) -> None:
        with pytest.raises(PlugPulledError):
            pipeline.import_peer_values(numbered(pulled_at(3)), kpis=KPIS, today=TODAY)
        assert stored() == {}
        assert not ImportRejection.objects.exists()
        assert Import.objects.get().received == 0

    def test_the_blocks_before_it_stay(self) -> None:
        with pytest.raises(PlugPulledError):
            pipeline.import_peer_values(numbered(pulled_at(6)), kpis=KPIS, today=TODAY)
        delivery = Import.objects.get()
        assert {key[0] for key in stored()} == set(KPIS[: pipeline.KPIS_AT_ONCE])
        assert (delivery.received, delivery.added, delivery.rejected) == (30, 20, 10)
        assert delivery.fetched_at is None, "a delivery that was cut off is no date to show"

    def test_a_failure_while_the_report_is_written_takes_the_values_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any) -> None:
            raise PlugPulledError

        monkeypatch.setattr(operations.deliveries, "_keep_rejections", fail)
        job = claimed_job()
        with pytest.raises(PlugPulledError):
            take_in([SOUND], job=job)
        assert stored() == {}
        assert JobRun.objects.get(pk=job.pk).progress == {}

    @pytest.mark.parametrize("known", [False, True])
    def test_a_row_that_the_database_refuses_takes_the_block_back(
        self, known: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if known:
            take_in([SOUND])
        check = pipeline.validate.check_peer_values

        def careless(raw: Any, **more: Any) -> Any:
            checked = check(raw, **more)
            checked.valid.loc[0, "breakdown"] = "X"
            return checked

        monkeypatch.setattr(pipeline.validate, "check_peer_values", careless)
        with pytest.raises(IntegrityError):
            take_in([cell(1), cell(2, place=PEERS[0]), cell(math.nan, place=PEERS[1])])
        assert stored() == (KEPT if known else {})
        assert not ImportRejection.objects.exists()

    def test_who_lost_the_job_writes_nothing_more(self) -> None:
        def taken_over(_page: int) -> None:
            JobRun.objects.update(state=JobState.FAILED)

        job = claimed_job()
        with pytest.raises(operations.JobLostError):
            pipeline.import_peer_values(Pages([SOUND], before_page=taken_over), kpis=[SHARE], today=TODAY, job=job)
        assert stored() == {}

    def test_a_page_beyond_the_limit_in_the_middle_of_a_block(self) -> None:
        """A hundred megabytes: refused by name, and the pages before it are not kept."""
        answers = {"1": json.dumps({"values": [SOUND], "next_url": "?page=2"}), "2": " " * 2_000_000}

        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, text=answers[request.url.params.get("page", "1")])

        with KoladaClient(
            "https://api.example/v3/", max_bytes=1_000_000, requests_per_second=0, transport=httpx.MockTransport(answer)
        ) as client, pytest.raises(KoladaError, match="more than 1000000 bytes"):  # fmt: skip
            pipeline.import_peer_values(client, kpis=[SHARE], today=TODAY)
        assert stored() == {}


@pytest.mark.django_db(transaction=True)
class TestRestart:
    def test_a_second_run_asks_only_for_what_remains(self) -> None:
        job = claimed_job(kpis=KPIS)
        first = numbered(pulled_at(7))  # after two blocks
        with pytest.raises(PlugPulledError):
            pipeline.import_peer_values(first, kpis=KPIS, today=TODAY, job=job)
        operations.fail_job(job=job, error="the plug was pulled")
        again = operations.claim_job(job_id=operations.request_import(by=None, kpis=KPIS).pk)
        assert again is not None
        assert (again.pk, again.attempts, again.done) == (job.pk, 2, 20)
        second = numbered()
        changed = pipeline.import_peer_values(second, kpis=KPIS, today=TODAY, job=again)
        assert [kpis for kpis, _years in second.asked] == [KPIS[20:]]
        assert changed == set(KPIS), "what the first run changed waits for computation too"
        delivery = Import.objects.get()
        assert (delivery.received, delivery.added, delivery.rejected) == (75, 50, 25)
        assert delivery.unanswered == []
        assert set(stored()) == {(kpi, year, HOME, "T", 0) for kpi in KPIS for year in (2019, 2020)}

    def test_joined_by_a_wish_for_revised_history_it_starts_over_and_says_so(self) -> None:
        job = claimed_job(kpis=KPIS)
        with pytest.raises(PlugPulledError):
            pipeline.import_peer_values(numbered(pulled_at(4)), kpis=KPIS, today=TODAY, job=job)
        operations.fail_job(job=job, error="the plug was pulled")
        wider = operations.request_import(by=None, kpis=KPIS[:1], revise=True)
        assert wider.pk == job.pk
        again = operations.claim_job(job_id=job.pk)
        assert again is not None
        source = numbered()
        pipeline.import_peer_values(source, kpis=again.parameters["kpis"], today=TODAY, job=again, revise=True)
        assert {kpi for kpis, years in source.asked if years[0] == 2000 for kpi in kpis} == set(KPIS)
        assert Import.objects.get().revise

    def test_killed_after_the_last_block_computes_and_asks_nothing(self) -> None:
        job = claimed_job(kpis=[SHARE])
        take_in([SOUND], job=job)
        operations.fail_job(job=job, error="killed before it said so")
        again = operations.claim_job(job_id=job.pk)
        source = Pages([SOUND])
        assert pipeline.import_peer_values(source, kpis=[SHARE], today=TODAY, job=again) == {SHARE}
        assert source.asked == []

    def test_what_gave_nothing_in_the_first_run_is_in_the_report_of_the_second(self) -> None:
        kpis = [*KPIS[:9], "N99999", *KPIS[10:20]]
        job = claimed_job(kpis=kpis)
        with pytest.raises(PlugPulledError):
            pipeline.import_peer_values(numbered(pulled_at(4)), kpis=kpis, today=TODAY, job=job)
        operations.fail_job(job=job, error="the plug was pulled")
        pipeline.import_peer_values(numbered(), kpis=kpis, today=TODAY, job=operations.claim_job(job_id=job.pk))
        assert Import.objects.get().unanswered == ["N99999"]

    def test_a_new_job_after_a_failed_one_starts_where_values_are_missing(self) -> None:
        with pytest.raises(PlugPulledError):
            pipeline.import_peer_values(numbered(pulled_at(4)), kpis=KPIS, today=TODAY)
        source = numbered()
        pipeline.import_peer_values(source, kpis=KPIS, today=TODAY)
        years = {kpi: years for kpis, years in source.asked for kpi in kpis}
        assert {kpi for kpi in KPIS if years[kpi][0] == 2000} == set(KPIS[10:])
        assert {kpi for kpi in KPIS if years[kpi][0] == 2020} == set(KPIS[:10])
        assert len(stored()) == 50

    def test_the_stage_of_a_run_that_died_does_not_come_into_the_next(self) -> None:
        stage = bulk.PeerStage()
        stage.__enter__()
        delivery = take_in([SOUND])
        assert (stored(), delivery.received) == (KEPT, 1)


# ── again, and later ──────────────────────────────────────────────────────────────────────────────────────────────────


class TestAgain:
    def test_the_first_run_asks_for_all_years(self) -> None:
        source = Pages([SOUND])
        pipeline.import_peer_values(source, kpis=[SHARE], today=TODAY)
        assert source.asked == [([SHARE], list(range(configured.KOLADA_FIRST_YEAR, TODAY.year + 1)))]

    def test_the_second_run_asks_each_identity_from_its_newest_year(self) -> None:
        cells = [SOUND, cell(60, year=2021), cell(5, COUNT, year=2022)]
        take_in(cells, kpis=[SHARE, COUNT, OTHER])
        source = Pages([*cells, cell(70, year=2023), cell(8, year=2020)])
        pipeline.import_peer_values(source, kpis=[SHARE, COUNT, OTHER], today=TODAY)
        asked = {kpi: (years[0], years[-1]) for kpis, years in source.asked for kpi in kpis}
        assert asked == {SHARE: (2021, 2023), COUNT: (2022, 2023), OTHER: (2000, 2023)}
        assert (SHARE, 2023, HOME, "T", 0) in stored()
        assert (SHARE, 2020, HOME, "T", 0) not in stored(), "an older year is asked for with revise only"

    def test_the_same_again_changes_nothing(self) -> None:
        cells = [cell([entry(48.5, "M"), entry(50, "T")]), cell(1 / 7, place=PEERS[0]), cell(None, place=PEERS[1])]
        take_in(cells)
        before = stored()
        for revise in (False, True):
            delivery = take_in(cells, revise=revise)
            assert stored() == before
            assert (delivery.added, delivery.revised, delivery.unchanged) == (0, 0, delivery.received)

    def test_nothing_changed_is_nothing_to_compute(self) -> None:
        pages = Pages([SOUND])
        assert pipeline.import_peer_values(pages, kpis=[SHARE], today=TODAY) == {SHARE}
        assert pipeline.import_peer_values(pages, kpis=[SHARE], today=TODAY) == set()

    def test_a_year_that_was_partly_there_is_filled(self) -> None:
        take_in([cell(50, year=2022)])
        delivery = take_in([cell(50, year=2022), cell(40, place=PEERS[0], year=2022)])
        assert (delivery.added, delivery.unchanged) == (1, 1)

    def test_an_identity_that_fell_silent_is_reported(self) -> None:
        """Its newest year is asked for again, so that silence means that the source has it no longer."""
        take_in([SOUND])
        assert take_in([], kpis=[SHARE]).unanswered == [SHARE]


class TestRevised:
    def point(self) -> SeriesPoint:
        pipeline.refresh(queries.indicator_ids([SHARE]), today=TODAY)
        return SeriesPoint.objects.get(breakdown="T", period="2020")

    def test_a_revision_stands_beside_what_it_replaces(self) -> None:
        first = take_in([cell(50), cell(60, year=2021)])
        second = take_in([cell(55), cell(60, year=2021)], revise=True)
        assert stored() == {
            (SHARE, 2020, HOME, "T", 0): 50.0, (SHARE, 2020, HOME, "T", 1): 55.0, (SHARE, 2021, HOME, "T", 0): 60.0,
        }  # fmt: skip
        assert (second.added, second.revised, second.unchanged, second.revise) == (0, 1, 1, True)
        assert list(PeerValue.objects.filter(year=2020).order_by("revision").values_list("delivery_id", flat=True)) == [
            first.pk, second.pk,
        ]  # fmt: skip
        point = self.point()
        assert (point.value, point.earlier_value, point.revision, point.delivery_id) == (55, 50, 1, second.pk)

    def test_the_newest_year_is_revised_without_asking(self) -> None:
        take_in([cell(50)])
        take_in([cell(55)])
        assert stored()[SHARE, 2020, HOME, "T", 1] == 55.0

    @pytest.mark.parametrize(("value", "more"), [(None, {}), (50, {"isdeleted": True}), (0, {"isdeleted": 1})])
    def test_a_withdrawn_value_becomes_missing_and_not_zero(self, value: Any, more: dict[str, Any]) -> None:
        take_in([cell(50), cell(60, year=2021)])
        delivery = take_in([cell(value, **more), cell(60, year=2021)], revise=True)
        assert stored()[SHARE, 2020, HOME, "T", 1] is None
        assert (delivery.revised, delivery.added) == (1, 0)
        point = self.point()
        assert (point.value, point.absence, point.earlier_value, point.revision) == (None, "missing", 50, 1)

    def test_the_newest_value_withdrawn_is_not_hidden_by_the_one_before(self) -> None:
        take_in([cell(50), *(cell(40, place=code) for code in PEERS)])
        take_in([cell(None), cell(40, place=PEERS[0])])
        assert self.point().value is None
        assert HOME not in set(queries.peer_frame([SHARE])["municipality"])

    def test_withdrawn_twice_is_one_revision_and_back_again_another(self) -> None:
        for value in (50, None, None, 50):
            take_in([cell(value), cell(1, year=2019)], revise=True)
        assert [value for key, value in sorted(stored().items()) if key[1] == 2020] == [50.0, None, 50.0]
        point = self.point()
        assert (point.value, point.revision) == (50, 2)

    def test_zero_is_revised_like_any_value(self) -> None:
        for value in (50, 0, 0, 50):
            take_in([cell(value)])
        assert [value for _key, value in sorted(stored().items())] == [50.0, 0.0, 50.0]

    def test_the_revision_of_another_breakdown_or_place_touches_ours_not(self) -> None:
        take_in([cell([entry(50), entry(51, "K")]), cell(1, place=NATION)])
        take_in([cell([entry(50), entry(52, "K")]), cell(2, place=NATION)])
        assert {key for key in stored() if key[4]} == {(SHARE, 2020, HOME, "K", 1), (SHARE, 2020, NATION, "T", 1)}
        assert self.point().revision == 0

    def test_a_revision_is_news_for_the_computation(self) -> None:
        take_in([cell(50), cell(5, COUNT)], kpis=[SHARE, COUNT])
        changed = pipeline.import_peer_values(
            Pages([cell(51), cell(5, COUNT)]), kpis=[SHARE, COUNT], today=TODAY, revise=True
        )
        assert SHARE in changed


class TestUnanswered:
    def test_unknown_identities_are_told_apart_from_rejected_ones(self) -> None:
        delivery = take_in([SOUND], kpis=[SHARE, "N99998", "N99999"])
        assert delivery.unanswered == ["N99998", "N99999"]
        assert delivery.rejected == 0

    def test_a_source_that_is_empty_for_all_is_no_failure(self) -> None:
        delivery = take_in(kpis=[SHARE, COUNT])
        assert (delivery.unanswered, delivery.received) == ([SHARE, COUNT], 0)
        assert delivery.fetched_at is not None


# ── over the wire ─────────────────────────────────────────────────────────────────────────────────────────────────────

WIRE = ["N00090", "N00905", "U07514"]
PLACES = (HOME, "1401", NATION, REGION)


@pytest.fixture(scope="module")
def published(replay_folder: Path) -> dict[tuple[str, int, str, str], float]:
    wanted = tuple(f"{kpi}," for kpi in WIRE)
    with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(line for line in file if line.startswith(wanted))
        return {(k, int(y), m, b): float(v) for k, m, y, b, v in rows if v and m in (*PLACES, *PEERS)}


@pytest.fixture(scope="module")
def revision_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("revision") / "revised.csv"
    path.write_text(
        "kpi,municipality,year,gender,value\n"
        f"N00905,{HOME},2010,T,123456\nN00905,{HOME},2011,T,\nN00905,{NATION},2010,T,1\nN00905,{HOME},1999,T,5\n"
    )
    return path


@pytest.fixture(scope="module")
def servers(start_replay: Callable[..., Callable[[], str]], revision_file: Path) -> dict[str, str]:
    faulty = start_replay("--faults", "0.3", "--seed", "11")
    revised = start_replay("--revise", str(revision_file))
    return {"faulty": faulty(), "revised": revised()}


@pytest.fixture
def wire(settings: Any) -> Callable[..., Import]:
    """Runs an import job as a worker or the command would, against a server."""
    define(*(definition(kpi.lower(), kolada_id=kpi) for kpi in WIRE))
    settings.KOLADA_REQUESTS_PER_SECOND = 0

    def run(url: str, **more: Any) -> Import:
        settings.KOLADA_URL = url
        job = claimed_job(kpis=[*WIRE, "N99999"], **more)
        pipeline.import_from_kolada(job, today=TODAY)
        assert JobRun.objects.get(pk=job.pk).state == JobState.SUCCEEDED
        return Import.objects.latest("id")

    return run


class TestOverTheWire:
    def test_faults_on_the_way_change_nothing(
        self,
        servers: dict[str, str],
        wire: Callable[..., Import],
        published: dict[Any, float],
        impatient: None,
    ) -> None:
        delivery = wire(servers["faulty"])
        got = {key[:4]: value for key, value in stored().items()}
        assert got == {key: pytest.approx(value, abs=5e-9) for key, value in published.items()}
        assert delivery.unanswered == ["N99999"]
        assert {fault for _kpi, fault in reasons(delivery)} == {"unknown_municipality"}
        assert delivery.added == len(published)

    def test_revised_history(
        self, servers: dict[str, str], wire: Callable[..., Import], published: dict[Any, float]
    ) -> None:
        newest = published["N00905", 2022, HOME, "T"]
        before = [(HOME, 2010, 1), (HOME, 2011, 2), (NATION, 2010, 9), (HOME, 2022, newest)]
        take_in([cell(value, "N00905", place=place, year=year) for place, year, value in before], kpis=["N00905"])
        plain = wire(servers["revised"])
        assert plain.revised == 0, "older years are asked for with revise only"
        delivery = wire(servers["revised"], revise=True)
        assert delivery.revise
        own = {key: value for key, value in stored().items() if key[:4:2] == ("N00905", HOME) and key[3] == "T"}
        assert [own["N00905", 2010, HOME, "T", n] for n in (0, 1)] == [1.0, 123456.0]
        assert [own["N00905", 2011, HOME, "T", n] for n in (0, 1)] == [2.0, None]
        assert ("N00905", 1999, HOME, "T", 0) not in own, "before the first year that is asked for"
        assert stored()["N00905", 2010, NATION, "T", 1] == 1.0
        assert stored()["N00905", 2009, HOME, "T", 0] == published["N00905", 2009, HOME, "T"]
        pipeline.refresh(queries.indicator_ids(["N00905"]), today=TODAY)
        points = {p.period: p for p in SeriesPoint.objects.filter(breakdown="T", period__in=["2010", "2011"])}
        assert (points["2010"].value, points["2010"].earlier_value) == (123456, 1)
        assert (points["2011"].value, points["2011"].absence, points["2011"].earlier_value) == (None, "missing", 2)

    def test_the_command_says_what_came_of_it(
        self, servers: dict[str, str], wire: Callable[..., Import], capsys: pytest.CaptureFixture[str], settings: Any
    ) -> None:
        settings.KOLADA_URL = servers["revised"]
        call_command("import_kolada", "--kpi", "N00905", "--kpi", "N99999")
        told = capsys.readouterr().out
        assert "gave nothing: N99999" in told
        assert "rejected N00905 unknown_municipality" in told

    @pytest.mark.parametrize("wrong", ["N0090", "n00905", "N00905,N01951", "../kpi", "N00905 "])
    def test_an_identity_that_cannot_be_asked_for_queues_no_job(self, wrong: str) -> None:
        with pytest.raises(CommandError, match="looks like N00945"):
            call_command("import_kolada", "--kpi", wrong)
        assert not JobRun.objects.exists()

    def test_a_service_that_is_away_says_so_and_the_job_can_be_taken_up(self, impatient: None, settings: Any) -> None:
        settings.KOLADA_URL = "http://127.0.0.1:9/v3/"
        settings.KOLADA_REQUESTS_PER_SECOND = 0
        job = claimed_job(kpis=[SHARE])
        with pytest.raises(KoladaError, match="import again later"):
            pipeline.import_from_kolada(job, today=TODAY)
        assert stored() == {}
        operations.fail_job(job=job, error="Kolada is away")
        assert JobRun.objects.get(pk=job.pk).state == JobState.QUEUED
