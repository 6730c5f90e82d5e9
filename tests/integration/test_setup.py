"""Setting an installation up: a real municipality, the invented one, never both; again, and after an interruption."""

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from indicators import operations
from indicators import pipeline as indicator_pipeline
from indicators.compute.status import Reason, Status
from indicators.models import (
    Assessment,
    Benchmark,
    Import,
    ImportRejection,
    Indicator,
    JobKind,
    JobRun,
    JobState,
    Measurement,
    MeasurementState,
    Municipality,
    PeerGroup,
    PeerValue,
    SeriesPoint,
)
from indicators.operations import Measured
from indicators.queries import computation as queries
from indicators.sources import kolada
from scorecard import pipeline
from scorecard.compute.goals import Part, propose
from scorecard.models import Goal, GoalJudgement, StrategicIssue, Vision
from tests import processes

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 9, 1)
FEW = ["N00905", "N01951", "N01957", "N00090"]


def load_demonstration(today: date = TODAY) -> None:
    pipeline.load_demonstration(today=today, say=str, show=indicator_pipeline.no_progress)


Standing = dict[str, list[tuple[Any, ...]]]


def standing() -> Standing:
    """What the computation came to: every derived value, by table, without identities and times."""
    code = "indicator__code"
    return {
        "series": sorted(SeriesPoint.objects.values_list(code, "breakdown", "period", "value", "absence"), key=str),
        "place": sorted(Benchmark.objects.values_list(code, "group__code", "year", "rank", "median"), key=str),
        "status": sorted(Assessment.objects.values_list(code, "period", "status", "reason", "value", "rank"), key=str),
    }


def goal_statuses(period: str) -> dict[str, str]:
    """The proposal for every goal in a year."""
    found = {}
    for goal in Goal.objects.prefetch_related("links__indicator"):
        parts = []
        for link in goal.links.all():
            row = Assessment.objects.filter(indicator=link.indicator, period=period).first()
            status = Status(row.status) if row else Status.NOT_ASSESSABLE
            parts.append(Part(status, float(link.weight), link.key, Reason(row.reason) if row and row.reason else None))
        found[goal.code] = propose(parts).status.value
    return found


def nothing_waits() -> bool:
    return not JobRun.objects.exclude(state=JobState.SUCCEEDED).exists()


@pytest.fixture(scope="module")
def finished() -> dict[str, Standing]:
    """What an undisturbed run came to, by installation; the first test that knows writes it down."""
    return {}


class PlugPulledError(Exception):
    """What a test raises where a process would die."""


def pull(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, at: int = 1) -> None:
    """Have a function raise the n-th time it is called, before it does anything."""
    function, calls = getattr(owner, name), itertools.count(1)

    def dying(*arguments: Any, **more: Any) -> Any:
        if next(calls) == at:
            raise PlugPulledError(name)
        return function(*arguments, **more)

    monkeypatch.setattr(owner, name, dying)


# ── the invented municipality ─────────────────────────────────────────────────────────────────────────────────────────


class TestDemonstration:
    def test_it_is_whole_and_twice_is_once(self, finished: dict[str, Standing]) -> None:
        load_demonstration()
        self.check_places()
        self.check_deliveries()
        self.check_story()
        self.check_variety()
        assert nothing_waits()
        finished["demonstration"] = standing()
        raw = [PeerValue.objects.count(), Measurement.objects.count(), GoalJudgement.objects.count()]
        computed = list(Assessment.objects.order_by("pk").values_list("pk", "computed_at"))
        load_demonstration()
        assert standing() == finished["demonstration"]
        assert list(Assessment.objects.order_by("pk").values_list("pk", "computed_at")) == computed
        assert [PeerValue.objects.count(), Measurement.objects.count(), GoalJudgement.objects.count()] == raw
        assert nothing_waits()
        deliveries = Import.objects.count()
        call_command("load_demonstration", "--if-empty")
        assert Import.objects.count() == deliveries, "what is there is left alone"

    def check_places(self) -> None:
        assert Municipality.objects.filter(invented=True).count() == Municipality.objects.count() > 30
        home = queries.home()
        assert home is not None
        assert (home.code, home.invented) == ("9001", True)
        assert [m.objects.count() for m in (Indicator, Goal, Vision)] == [121, 19, 1]
        assert StrategicIssue.objects.exists()
        assert not Vision.objects.get().example
        assert {g.kind for g in PeerGroup.objects.all()} == {"all", "similar", "county", "category"}
        assert all(g.members.count() > 5 for g in PeerGroup.objects.all())

    def check_deliveries(self) -> None:
        for delivery in Import.objects.all():
            assert (delivery.rejected, delivery.unanswered) == (0, []), delivery
            assert delivery.received == delivery.added > 0
            assert delivery.source in ("demonstration", "department", "survey")
            assert delivery.fetched_at is not None

    def check_story(self) -> None:
        """A council must find something of everything in it, and changes since the year before in both directions."""
        now, before = goal_statuses("2025"), goal_statuses("2024")
        assert Counter(now.values()) == {"met": 7, "partly": 7, "not_met": 3, "not_assessable": 2}
        order = {"not_met": 0, "partly": 1, "met": 2}
        both = [goal for goal in now if {now[goal], before[goal]} <= order.keys()]
        steps = [order[now[goal]] - order[before[goal]] for goal in both]
        assert sum(step > 0 for step in steps) >= 3
        assert sum(step < 0 for step in steps) >= 2
        assert any(before[goal] not in order and now[goal] in order for goal in now), "newly assessable"
        judged = dict(GoalJudgement.objects.filter(period="2025").values_list("goal__code", "status"))
        assert 0 < sum(now[goal] != status for goal, status in judged.items()) <= 4
        assert judged.keys() < now.keys(), "some goals wait for their judgement"

    def check_variety(self) -> None:
        reasons = set(Assessment.objects.filter(period="2025").values_list("reason", flat=True))
        assert reasons >= {"no_value", "break", "too_few_answers", "inside_margin"}
        assessed = Assessment.objects.filter(period="2025").exclude(status="not_assessable")
        assert {row.trace["form"] for row in assessed} == {
            "level", "direction", "yearly_change", "not_worse", "position", "survey",
        }  # fmt: skip
        assert {p[4:5] for p in SeriesPoint.objects.values_list("period", flat=True)} == {"", "H", "T", "Q", "M", "S"}
        assert not Assessment.objects.filter(reason="too_few_peers", period__gte="2022").exists()

    @pytest.mark.parametrize(
        ("owner", "name", "at"),
        [
            (operations, "store_peer_values", 4),
            (pipeline, "judge_goals", 1),
            (operations, "store_derived", 4),
        ],
        ids=lambda given: given if isinstance(given, str | int) else "",
    )
    def test_interrupted_anywhere_it_is_finished_by_the_next_run(
        self,
        finished: dict[str, Standing],
        owner: Any,
        name: str,
        at: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with monkeypatch.context() as patch:
            pull(patch, owner, name, at=at)
            with pytest.raises(PlugPulledError):
                load_demonstration()
        load_demonstration()
        assert nothing_waits()
        assert not PeerValue.objects.filter(revision__gt=0).exists()
        assert not Measurement.objects.filter(revision__gt=0).exists()
        once = standing()
        if "demonstration" not in finished:
            load_demonstration()
            finished["demonstration"] = standing()
        assert once == finished["demonstration"]


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """An installation of its own, in which a dead process is taken for dead after a second."""
    environment = processes.embedded(tmp_path / "var", JOB_LEASE_SECONDS="1", LOG_LEVEL="ERROR")
    processes.manage(environment, "migrate", "--verbosity", "0")
    return environment


def tables(environment: dict[str, str]) -> dict[str, Any]:
    with closing(sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///"), timeout=10)) as database:
        status = "SELECT indicator_id, period, status, value, rank FROM indicators_assessment ORDER BY 1, 2"
        jobs = "SELECT kind, state, COUNT(*) FROM indicators_jobrun GROUP BY 1, 2"
        return {
            "status": database.execute(status).fetchall(),
            "raw": database.execute("SELECT COUNT(*), MAX(revision) FROM indicators_peervalue").fetchone(),
            "jobs": {(kind, state): count for kind, state, count in database.execute(jobs)},
        }


@pytest.mark.slow
def test_killed_twice_it_is_finished_by_the_third_run(alone: dict[str, str], tmp_path: Path) -> None:
    """The same with SIGKILL, after which nothing is tidied up: first while values come in, then while it computes."""
    for kind in (JobKind.DEMONSTRATION, JobKind.REFRESH):
        with processes.running(alone, "manage.py", "load_demonstration", log=tmp_path / "log") as process:
            processes.wait_until(
                lambda kind=kind, process=process: (
                    (kind, "running") in tables(alone)["jobs"] or process.poll() is not None
                ),
                what=f"a running job of kind {kind}",
            )
            processes.kill(process)
        assert (kind, "running") in tables(alone)["jobs"]
        time.sleep(1.1)  # a lease
    with pytest.raises(AssertionError, match="wait 120 seconds and try again") as caught:
        processes.manage(alone | {"JOB_LEASE_SECONDS": "120"}, "load_demonstration")
    assert "Traceback" not in str(caught.value)
    processes.manage(alone, "load_demonstration")
    found = tables(alone)
    assert found["raw"][1] == 0, "no value came twice"
    assert len({row[0] for row in found["status"]}) == 121
    assert {state for _kind, state in found["jobs"]} <= {"succeeded", "failed"}


# ── a real municipality ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def replay(start_replay: Callable[..., Callable[[], str]]) -> str:
    return start_replay()()


@pytest.fixture
def service(replay: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Kolada is the replay, asked without a pause, and in short answers: it finds every page of one anew."""
    monkeypatch.setattr(indicator_pipeline, "KPIS_AT_ONCE", 2)
    settings.KOLADA_URL, settings.KOLADA_REQUESTS_PER_SECOND = replay, 0
    return replay


@pytest.fixture
def few(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All stages as they are, with the values of few identities."""
    monkeypatch.setattr(queries, "imported_kpis", lambda: FEW)


def real_setup(code: str = "1384") -> None:
    call_command("setup_municipality", code, verbosity=0)


def undisturbed(finished: dict[str, Standing]) -> Standing:
    """Kungsbacka with few identities, set up once more where no test before this one has done so."""
    if "kungsbacka" not in finished:
        real_setup()
        finished["kungsbacka"] = standing()
    return finished["kungsbacka"]


class TestReal:
    @pytest.mark.slow
    def test_kungsbacka(self, service: str, capsys: pytest.CaptureFixture[str]) -> None:
        real_setup()
        told = capsys.readouterr().out
        assert "Kungsbacka: 312 municipalities, regions and the nation" in told
        assert "121 indicators, 19 goals" in told
        assert Counter(Municipality.objects.values_list("type", flat=True)) == {"K": 290, "L": 21, "N": 1}
        assert not Municipality.objects.filter(invented=True).exists()
        assert Vision.objects.get().example
        delivery = Import.objects.get()
        assert sorted(delivery.unanswered) == self.margins(), "which the replay has no values of"
        assert Indicator.objects.filter(steering=True).count() == 121
        assert set(ImportRejection.objects.values_list("fault", flat=True)) <= {"out_of_range"}
        assert delivery.rejected < delivery.received / 10_000
        assert PeerValue.objects.count() == delivery.added > 400_000
        assert nothing_waits()
        self.check_groups()
        self.check_figures()
        again = self.again()
        assert again.received < delivery.received / 5
        assert (again.added, again.revised, sorted(again.unanswered)) == (0, 0, self.margins())

    def margins(self) -> list[str]:
        """The identities of the margins of the citizen survey's 112 questions."""
        found = Indicator.objects.exclude(margin_kolada_id="").values_list("margin_kolada_id", flat=True)
        assert len(found) == 112
        return sorted(found)

    def check_groups(self) -> None:
        by_kind: dict[str, list[PeerGroup]] = {}
        for group in PeerGroup.objects.prefetch_related("members"):
            by_kind.setdefault(group.kind, []).append(group)
        members = {kind: [g.members.count() for g in groups] for kind, groups in by_kind.items()}
        assert members["all"] == [290]
        assert members["county"] == [6]
        assert len(members["category"]) == 1
        assert set(members["similar"]) == {7}
        areas = {group.area_id for group in by_kind["similar"]}
        assert None in areas
        assert len(areas) > 3
        general = next(g for g in by_kind["similar"] if g.area_id is None)
        assert general.code == "G37433"

    def check_figures(self) -> None:
        followed = Indicator.objects.exclude(kolada_id="")
        with_values = SeriesPoint.objects.filter(breakdown="T", value__isnull=False).values_list("indicator", flat=True)
        assert not followed.exclude(pk__in=with_values).exists()
        assert SeriesPoint.objects.filter(period="2022", value__isnull=False).exists()
        assert not SeriesPoint.objects.filter(period__gt="2022").exists()
        assert Counter(Assessment.objects.filter(period="2022").values_list("status", flat=True)).keys() == {
            "met", "near", "not_met", "not_assessable",
        }  # fmt: skip
        assert Benchmark.objects.filter(group__kind="all", year=2022, others__gt=280).exists()
        assert not Benchmark.objects.filter(others__gt=289).exists(), "regions and the nation are nobody's peers"
        goals = goal_statuses("2022")
        assert sum(status != "not_assessable" for status in goals.values()) >= 10

    def again(self) -> Import:
        before = standing()
        real_setup()
        assert standing() == before
        assert nothing_waits()
        return Import.objects.latest("id")

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("9999", "no municipality with code 9999"),
            ("Kungsbacka", "no municipality with code Kungsbacka"),
            ("", "no municipality"),
            ("0013", "region or the nation"),
            ("0000", "region or the nation"),
        ],
    )
    def test_a_code_that_is_no_municipalitys(self, few: None, code: str, told: str) -> None:
        with pytest.raises(CommandError, match=told):
            real_setup(code)
        assert not Municipality.objects.exists()

    @pytest.mark.parametrize(
        ("owner", "name", "at"),
        [
            (operations, "finish_job", 1),
            (operations, "drop_groups", 1),
            (operations, "store_derived", 3),
        ],
        ids=lambda given: given if isinstance(given, str | int) else "",
    )
    def test_interrupted_anywhere_it_is_finished_by_the_next_run(
        self,
        few: None,
        finished: dict[str, Standing],
        owner: Any,
        name: str,
        at: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with monkeypatch.context() as patch:
            pull(patch, owner, name, at=at)
            with pytest.raises(PlugPulledError):
                real_setup()
        real_setup()
        assert nothing_waits()
        assert not PeerValue.objects.filter(revision__gt=0).exists()
        assert standing() == undisturbed(finished)

    def test_a_slip_of_the_finger_is_put_right(self, few: None, finished: dict[str, Standing]) -> None:
        real_setup("1480")
        real_setup("1384")
        home = queries.home()
        assert home is not None
        assert home.name == "Kungsbacka"
        [similar] = PeerGroup.objects.filter(kind="similar", area=None)
        assert similar.code == "G37433", "no list that was made for another is left"
        assert standing() == undisturbed(finished)

    def test_what_one_has_measured_is_not_anothers(self, few: None) -> None:
        real_setup("1480")
        own = Indicator.objects.filter(source="department", frequency="year").first()
        assert own is not None
        operations.record_measurements(
            rows=[Measured(own.pk, "2022", value=1.0)], source="department", state=MeasurementState.DRAFT, by=None
        )
        with pytest.raises(CommandError, match=r"what Göteborg has measured.*fresh database"):
            real_setup("1384")
        home = queries.home()
        assert home is not None
        assert home.code == "1480"


def catalogue(**answers: Any) -> httpx.MockTransport:
    """A service with a catalogue of our making, and no values."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"values": answers.get(request.url.path.split("/")[2], [])})

    return httpx.MockTransport(answer)


class TestHostileCatalogue:
    GOOD = [{"id": "1384", "title": "Kungsbacka", "type": "K"}, {"id": "0000", "title": "Riket", "type": "L"}]

    @pytest.mark.parametrize(
        "answers",
        [
            {"municipality": []},
            {"municipality": [{"id": "1384", "title": "Kungsbacka", "type": "X"}]},
            {"municipality": [{"id": "1384", "title": "Kungsbacka", "type": None}]},
            {"municipality": [{"id": "1384", "title": "K" * 200, "type": "K"}]},
            {"municipality": [{"id": "1384", "title": "", "type": "K"}]},
            {"municipality": [{"id": "138400000", "title": "Kungsbacka", "type": "K"}, *GOOD]},
            {"municipality": [{"id": 1384, "title": "Kungsbacka", "type": "K"}]},
            {"municipality": ["1384"]},
            {"municipality": {"1384": "Kungsbacka"}},
        ],
    )
    def test_places_that_are_none(self, answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        with self.served(answers, monkeypatch), pytest.raises(CommandError):
            real_setup()
        assert not Municipality.objects.exists()
        assert not Indicator.objects.exists()

    @pytest.mark.parametrize("groups", [["G1"], [{"title": "no id"}], [{"id": "G1", "members": "all"}], 7])
    def test_groups_that_are_none(self, groups: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = {"municipality": self.GOOD, "municipality_groups": groups}
        with self.served(answers, monkeypatch), pytest.raises(CommandError, match="run the command again"):
            real_setup()
        assert not PeerGroup.objects.exists()
        assert not PeerValue.objects.exists()

    def test_a_service_that_knows_only_us(self, monkeypatch: pytest.MonkeyPatch) -> None:
        members = [{"member_id": "1384"}, {"member_id": "9999"}]
        groups = [{"id": "G1", "title": "Alla kommuner (ovägt medel)", "members": members}]
        with self.served({"municipality": self.GOOD, "municipality_groups": groups}, monkeypatch):
            real_setup()
        assert [g.members.count() for g in PeerGroup.objects.all()] == [1]
        assert len(Import.objects.get().unanswered) > 90
        assert set(Assessment.objects.values_list("status", flat=True)) == {"not_assessable"}

    @contextmanager
    def served(self, answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        client = kolada.KoladaClient

        def quick(url: str, **more: Any) -> kolada.KoladaClient:
            more |= {"requests_per_second": 0, "transport": catalogue(**answers), "sleep": lambda _: None}
            return client(url, **more)

        with monkeypatch.context() as patch:
            patch.setattr(kolada, "KoladaClient", quick)
            yield


# ── never both ────────────────────────────────────────────────────────────────────────────────────────────────────────


class TestNeverBoth:
    def test_no_real_municipality_beside_the_invented_ones(self, few: None) -> None:
        load_demonstration()
        before = standing()
        with pytest.raises(CommandError, match=r"holds the demonstration.*fresh"):
            real_setup()
        assert not Municipality.objects.filter(invented=False).exists()
        assert standing() == before

    def test_no_invented_municipality_beside_the_real_ones(self, few: None) -> None:
        real_setup()
        before = standing()
        call_command("load_demonstration", "--if-empty")
        with pytest.raises(CommandError, match=r"real municipalities.*fresh"):
            call_command("load_demonstration")
        assert not Municipality.objects.filter(invented=True).exists()
        assert not Measurement.objects.exists()
        assert not GoalJudgement.objects.exists()
        assert standing() == before

    def test_not_even_one_place_of_the_other_kind(self) -> None:
        operations.store_municipalities(places=[("1384", "Kungsbacka", "K")], home="1384", invented=False, by=None)
        with pytest.raises(operations.NotEmptyError):
            operations.store_municipalities(places=[("9001", "Exempelby", "K")], home="9001", invented=True, by=None)
        assert list(Municipality.objects.values_list("code", "is_home")) == [("1384", True)]

    def test_values_of_real_places_are_not_fetched_for_an_invented_one(self, service: str) -> None:
        load_demonstration()
        before = Import.objects.count()
        with pytest.raises(CommandError, match="Exempelby is invented"):
            call_command("import_kolada")
        job = operations.claim_job(job_id=operations.request_import(by=None).pk)
        assert job is not None
        with pytest.raises(operations.NotSetUpError):
            indicator_pipeline.run(job, today=TODAY)
        assert Import.objects.count() == before

    def test_values_are_not_fetched_before_there_is_a_municipality(self, service: str) -> None:
        with pytest.raises(CommandError, match="no municipality here yet"):
            call_command("import_kolada")
        assert not JobRun.objects.exists()

    def test_no_invented_place_has_the_name_or_the_code_of_a_real_one(self, service: str) -> None:
        with kolada.KoladaClient(service, requests_per_second=0) as client:
            real = client.municipalities()
        pipeline.store_definitions_of_demonstration(str)
        invented = Municipality.objects.values_list("code", "name")
        assert not {code for code, _ in invented} & {place.code for place in real}
        assert not {name.casefold() for _, name in invented} & {place.name.casefold() for place in real}
