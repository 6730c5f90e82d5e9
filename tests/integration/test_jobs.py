"""The job machinery: two workers, killed anywhere, lost and doubled messages, retry."""

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from celery import Celery
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from indicators import operations, pipeline, tasks
from indicators.models import Assessment, Benchmark, Import, Indicator, JobKind, JobRun, JobState, SeriesPoint
from scorecard import pipeline as setting_up
from tests import machine, processes

pytestmark = pytest.mark.django_db(transaction=True)
DERIVED = (SeriesPoint, Benchmark, Assessment)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that workers were told of, in order."""
    found: list[int] = []

    def nudge(*, job: JobRun) -> bool:
        found.append(job.pk)
        return True

    monkeypatch.setattr(operations.jobs, "nudge", nudge)
    return found


def requested(key: str = "indicator:1", **more: Any) -> JobRun:
    return operations.request_job(kind=JobKind.REFRESH, key=key, by=None, **more)


def claimed(key: str = "indicator:1", **more: Any) -> JobRun:
    job = operations.claim_job(job_id=requested(key, **more).pk)
    assert job is not None
    return job


def state(job: JobRun) -> str:
    return JobRun.objects.get(pk=job.pk).state


def later(seconds: float | None = None) -> datetime:
    """The time at which a worker that says nothing from now on is taken for dead."""
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1 if seconds is None else seconds)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in threads that start together; what they returned, in order."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = call()
        except Exception as error:  # noqa: BLE001 (given back to the test)
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class TestRequest:
    def test_many_changes_are_one_job(self, told: list[int]) -> None:
        assert requested().pk == requested().pk
        assert JobRun.objects.count() == len(told) == 1

    def test_the_same_wish_from_many_at_once_is_one_job(self, told: list[int]) -> None:
        jobs = at_once([requested] * 6)
        assert {job.pk for job in jobs} == {JobRun.objects.get().pk}

    def test_a_change_while_the_job_runs_is_computed_afterwards(self, told: list[int]) -> None:
        first = claimed()
        second = requested()
        assert second.pk != first.pk
        assert operations.claim_job(job_id=second.pk) is None
        operations.finish_job(job=first)
        assert told == [first.pk, second.pk, second.pk], "the waiting one is told of again when its turn comes"
        assert operations.claim_job(job_id=second.pk) is not None

    def test_a_joined_job_does_not_start_before_the_change_is_committed(self, told: list[int]) -> None:
        """Else it would compute from what stood before, and nobody would ask again."""
        job = requested()
        joined, proceed = threading.Event(), threading.Event()
        order: list[str] = []

        def change() -> None:
            with transaction.atomic():
                requested()
                joined.set()
                proceed.wait(5)
                order.append("committing")

        def claim() -> JobRun | None:
            joined.wait(5)
            threading.Timer(0.3, proceed.set).start()
            found = operations.claim_job(job_id=job.pk)
            order.append("claimed")
            return found

        _, found = at_once([change, claim])
        assert isinstance(found, JobRun)
        assert order == ["committing", "claimed"]

    def test_two_imports_in_one_do_what_both_ask_for(self, told: list[int]) -> None:
        first = operations.request_import(by=None, kpis=["N1", "N2"])
        JobRun.objects.filter(pk=first.pk).update(progress={"finished": ["N1"], "changed": ["N1"]})
        second = operations.request_import(by=None, kpis=["N3"], revise=True)
        assert second.pk == first.pk
        assert second.parameters == {"revise": True, "kpis": ["N1", "N2", "N3"]}
        assert second.progress == {"changed": ["N1"]}, "all is asked for again, and what changed is still computed"
        assert operations.request_import(by=None).parameters == {"revise": True, "kpis": None}

    def test_a_command_that_runs_its_job_itself_tells_no_worker(self, told: list[int]) -> None:
        operations.request_recompute(by=None, here=True)
        assert told == []

    def test_where_the_broker_is_away_the_job_waits(self, caplog: pytest.LogCaptureFixture) -> None:
        away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
        away.conf.update(task_publish_retry=False, broker_transport_options={"max_retries": 1, "interval_start": 0})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(operations.jobs, "current_app", away)
            job = requested()
        assert state(job) == JobState.QUEUED
        assert "the broker did not answer" in caplog.text


class TestClaim:
    def test_one_of_many_claimers_gets_the_job(self, told: list[int]) -> None:
        job = requested()
        found = at_once([lambda: operations.claim_job(job_id=job.pk)] * 6)
        assert sum(isinstance(one, JobRun) for one in found) == 1
        assert sum(one is None for one in found) == 5
        assert JobRun.objects.get().attempts == 1

    def test_two_jobs_with_one_key_never_run_together(self, told: list[int]) -> None:
        waiting = claimed()
        operations.fail_job(job=waiting, error="once")
        JobRun.objects.filter(pk=waiting.pk).update(state=JobState.FAILED)
        first, second = requested(), JobRun.objects.get(pk=waiting.pk)
        holder = operations.claim_job(job_id=first.pk)
        JobRun.objects.filter(pk=second.pk).update(state=JobState.QUEUED)
        assert holder is not None
        assert operations.claim_job(job_id=second.pk) is None
        assert state(second) == JobState.QUEUED

    def test_a_doubled_message_is_one_run(self, told: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        runs: list[int] = []

        def run(job: JobRun, *, today: date) -> None:
            runs.append(job.pk)
            operations.finish_job(job=job)

        monkeypatch.setattr(pipeline, "run", run)
        job = requested()
        at_once([lambda: tasks.run(job.pk)] * 4)
        tasks.run(job.pk)
        assert runs == [job.pk]
        assert state(job) == JobState.SUCCEEDED

    def test_a_message_of_a_job_that_is_gone_does_nothing(self) -> None:
        tasks.run(4711)
        assert not JobRun.objects.exists()


class TestLease:
    def test_who_lost_the_job_may_neither_report_nor_finish_nor_fail_it(self, told: list[int]) -> None:
        lost = claimed()
        operations.sweep_jobs(now=later())
        holder = operations.claim_job(job_id=lost.pk)
        assert holder is not None
        with pytest.raises(operations.JobLostError):
            operations.report_progress(job=lost, done=1, total=2)
        with pytest.raises(operations.JobLostError):
            operations.finish_job(job=lost)
        operations.fail_job(job=lost, error="I thought it was mine")
        stored = JobRun.objects.get(pk=lost.pk)
        assert (stored.state, stored.claim, stored.error) == (JobState.RUNNING, holder.claim, "")

    def test_the_result_of_who_lost_the_job_is_not_written(self, told: list[int]) -> None:
        lost = claimed()
        operations.sweep_jobs(now=later())

        @transaction.atomic
        def write_and_finish() -> None:
            Import.objects.create(source="kolada", started_at=timezone.now())
            operations.finish_job(job=lost)

        with pytest.raises(operations.JobLostError):
            write_and_finish()
        assert not Import.objects.exists()

    def test_a_long_silent_wait_keeps_the_job(self, told: list[int], settings: Any) -> None:
        settings.JOB_LEASE_SECONDS = 0.4
        job = claimed()
        heard = job.heard_at
        with operations.kept_alive(job):
            processes.wait_until(lambda: JobRun.objects.get(pk=job.pk).heard_at > heard, what="a sign of life")
            operations.sweep_jobs(now=timezone.now())
            assert state(job) == JobState.RUNNING
        operations.finish_job(job=job)

    def test_a_sign_of_life_between_two_looks_of_the_sweep_saves_the_job(self, told: list[int]) -> None:
        job = claimed()
        operations.report_progress(job=job, done=1, total=2)
        operations.fail_job(job=job, error="silent", silent_since=timezone.now() - timedelta(seconds=60))
        assert state(job) == JobState.RUNNING

    def test_two_sweeps_at_once_queue_a_lost_job_once(self, told: list[int]) -> None:
        job = claimed()
        results = at_once([lambda: operations.sweep_jobs(now=later())] * 4)
        assert not [one for one in results if isinstance(one, Exception)]
        stored = JobRun.objects.get(pk=job.pk)
        assert (stored.state, stored.attempts) == (JobState.QUEUED, 1)


class TestFailure:
    def test_a_job_that_fails_is_tried_again_and_then_given_up(self, told: list[int]) -> None:
        job = requested()
        for attempt in range(1, settings.JOB_ATTEMPTS + 1):
            assert operations.claim_job(job_id=job.pk) is not None
            held = JobRun.objects.get(pk=job.pk)
            assert held.attempts == attempt
            operations.fail_job(job=held, error=f"attempt {attempt}")
        stored = JobRun.objects.get(pk=job.pk)
        assert (stored.state, stored.error) == (JobState.FAILED, f"attempt {settings.JOB_ATTEMPTS}")
        assert operations.claim_job(job_id=job.pk) is None

    def test_a_job_that_kills_its_worker_every_time_is_given_up(self, told: list[int]) -> None:
        job = requested()
        for _ in range(settings.JOB_ATTEMPTS):
            assert operations.claim_job(job_id=job.pk) is not None
            operations.sweep_jobs(now=later())
        assert state(job) == JobState.FAILED

    def test_the_error_and_its_place_are_written_on_the_job(
        self, told: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(job: JobRun, *, today: date) -> None:
            raise ZeroDivisionError("no residents")

        monkeypatch.setattr(pipeline, "run", broken)
        job = requested()
        tasks.run(job.pk)
        stored = JobRun.objects.get(pk=job.pk)
        assert stored.state == JobState.QUEUED
        assert "ZeroDivisionError: no residents" in stored.error
        assert "in broken" in stored.error

    def test_a_failed_job_leaves_its_work_to_one_that_waits_already(self, told: list[int]) -> None:
        job = operations.claim_job(job_id=operations.request_import(by=None).pk)
        assert job is not None
        progress = {"finished": ["N1"], "changed": ["N1"]}
        operations.report_progress(job=job, done=1, total=2, progress=progress)
        waiting = operations.request_import(by=None)
        operations.fail_job(job=job, error="cut off")
        assert state(job) == JobState.FAILED
        assert JobRun.objects.get(pk=waiting.pk).progress == {"changed": ["N1"]}
        assert operations.claim_job(job_id=waiting.pk) is not None

    def test_retry_goes_on_where_it_stopped(self, told: list[int]) -> None:
        job = claimed()
        operations.report_progress(job=job, done=1, total=2, progress={"finished": ["N1"]})
        JobRun.objects.filter(pk=job.pk).update(state=JobState.FAILED, attempts=3, error="gone")
        again = operations.retry_job(job_id=job.pk, by=None)
        assert (again.state, again.attempts, again.error) == (JobState.QUEUED, 0, "")
        assert again.progress == {"finished": ["N1"]}
        assert told[-1] == job.pk

    def test_retry_twice_or_beside_a_newer_one_queues_one(self, told: list[int]) -> None:
        job = claimed()
        JobRun.objects.filter(pk=job.pk).update(state=JobState.FAILED)
        at_once([lambda: operations.retry_job(job_id=job.pk, by=None)] * 3)
        assert JobRun.objects.get().state == JobState.QUEUED
        JobRun.objects.filter(pk=job.pk).update(state=JobState.FAILED)
        newer = requested()
        assert operations.retry_job(job_id=job.pk, by=None).pk == newer.pk


class TestSweep:
    def test_a_lost_message_is_sent_again_but_not_at_every_sweep(self, told: list[int]) -> None:
        job = requested()
        assert operations.sweep_jobs(now=later(5)) == [], "its first message is on its way"
        assert operations.sweep_jobs(now=later(11)) == [job.pk]
        assert operations.sweep_jobs(now=later(41)) == [], "a long queue does not grow with every sweep"
        assert operations.sweep_jobs(now=later(11 + settings.JOB_LEASE_SECONDS + 1)) == [job.pk]

    def test_a_failed_attempt_is_taken_up_by_the_next_sweep(self, told: list[int]) -> None:
        job = claimed()
        operations.fail_job(job=job, error="once")
        assert operations.sweep_jobs(now=timezone.now()) == [job.pk]

    def test_a_worker_that_is_heard_of_keeps_its_job(self, told: list[int]) -> None:
        job = claimed()
        operations.sweep_jobs(now=later(settings.JOB_LEASE_SECONDS - 1))
        assert state(job) == JobState.RUNNING

    def test_what_only_a_command_can_run_is_left_to_it(self) -> None:
        job = operations.request_job(kind=JobKind.DEMONSTRATION, key="demonstration", by=None)
        assert operations.claim_job(job_id=job.pk) is not None
        assert operations.sweep_jobs(now=later()) == []
        assert state(job) == JobState.QUEUED, "the command goes on from here when it is run again"


class TestParts:
    """A recomputation in parts: its row is done when the last part is."""

    def split(self, parts: int = 2) -> tuple[JobRun, list[JobRun]]:
        parent = operations.claim_job(job_id=operations.request_recompute(by=None).pk)
        assert parent is not None
        with transaction.atomic():
            children = [
                requested(f"recompute:{number}", parent=parent, parameters={"indicators": [number]})
                for number in range(parts)
            ]
            operations.wait_for_children(job=parent, total=parts)
        return parent, children

    def finish(self, job: JobRun) -> None:
        held = operations.claim_job(job_id=job.pk)
        assert held is not None
        operations.finish_job(job=held)

    def give_up(self, job: JobRun) -> None:
        JobRun.objects.filter(pk=job.pk).update(attempts=settings.JOB_ATTEMPTS - 1)
        held = operations.claim_job(job_id=job.pk)
        assert held is not None
        operations.fail_job(job=held, error="broken")

    def test_the_last_part_finishes_the_whole(self, told: list[int]) -> None:
        parent, (one, two) = self.split()
        self.finish(one)
        stored = JobRun.objects.get(pk=parent.pk)
        assert (stored.state, stored.done, stored.total) == (JobState.RUNNING, 1, 2)
        self.finish(two)
        stored = JobRun.objects.get(pk=parent.pk)
        assert (stored.state, stored.done) == (JobState.SUCCEEDED, 2)

    def test_parts_that_finish_at_the_same_moment_finish_the_whole(self, told: list[int]) -> None:
        parent, children = self.split(6)
        held = [operations.claim_job(job_id=child.pk) for child in children]
        results = at_once([lambda job=job: operations.finish_job(job=job) for job in held])
        assert results == [None] * 6
        assert state(parent) == JobState.SUCCEEDED

    def test_nothing_to_compute_is_done_at_once(self, told: list[int]) -> None:
        parent, _ = self.split(0)
        assert state(parent) == JobState.SUCCEEDED

    def test_a_whole_is_not_swept_while_a_part_is_open(self, told: list[int]) -> None:
        parent, (one, _) = self.split()
        self.finish(one)
        operations.sweep_jobs(now=later())
        assert state(parent) == JobState.RUNNING

    def test_a_worker_killed_between_its_result_and_the_count_is_made_up_for(self, told: list[int]) -> None:
        parent, children = self.split()
        JobRun.objects.filter(pk__in=[child.pk for child in children]).update(state=JobState.SUCCEEDED)
        operations.sweep_jobs(now=later())
        assert state(parent) == JobState.SUCCEEDED

    def test_a_worker_killed_before_it_split_starts_over(self, told: list[int]) -> None:
        parent = operations.claim_job(job_id=operations.request_recompute(by=None).pk)
        assert parent is not None
        operations.sweep_jobs(now=later())
        assert state(parent) == JobState.QUEUED

    def test_a_whole_that_waited_is_told_of_when_the_one_before_is_done(self, told: list[int]) -> None:
        _, children = self.split(1)
        waiting = operations.request_recompute(by=None)
        self.finish(children[0])
        assert told[-1] == waiting.pk
        assert operations.claim_job(job_id=waiting.pk) is not None

    def test_retry_of_the_whole_repeats_the_parts_that_failed(self, told: list[int]) -> None:
        parent, (one, two) = self.split()
        self.finish(one)
        self.give_up(two)
        stored = JobRun.objects.get(pk=parent.pk)
        assert (stored.state, stored.error) == (JobState.FAILED, "1 of 2 parts failed")
        again = operations.retry_job(job_id=parent.pk, by=None)
        assert (again.state, again.done, again.total) == (JobState.RUNNING, 1, 2)
        assert (state(one), state(two)) == (JobState.SUCCEEDED, JobState.QUEUED)
        self.finish(two)
        stored = JobRun.objects.get(pk=parent.pk)
        assert (stored.state, stored.done, stored.error) == (JobState.SUCCEEDED, 2, "")

    def test_retry_of_the_part_that_failed_finishes_the_whole(self, told: list[int]) -> None:
        parent, (one, two) = self.split()
        self.finish(one)
        self.give_up(two)
        operations.retry_job(job_id=two.pk, by=None)
        assert state(parent) == JobState.RUNNING
        self.finish(two)
        assert state(parent) == JobState.SUCCEEDED

    def test_a_part_left_queued_by_an_earlier_whole_is_adopted(self, told: list[int]) -> None:
        """Else the later whole would wait for ever for a part that another counts."""
        earlier, (one, two) = self.split()
        self.finish(one)
        self.give_up(two)
        JobRun.objects.filter(pk=two.pk).update(state=JobState.QUEUED, claim=None)
        later_whole, parts = self.split()
        assert two.pk in {part.pk for part in parts}
        for part in parts:
            self.finish(part)
        assert state(later_whole) == JobState.SUCCEEDED
        assert state(earlier) == JobState.FAILED


# ── real workers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def served_worker(log: Path) -> Iterator[processes.Process]:
    """A worker process on Redis and on the suite's own PostgreSQL database."""
    of = connection.settings_dict
    address = f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT'] or 5432}/{of['NAME']}"
    told = {"DATABASE_URL": address, "CELERY_BROKER_URL": str(machine.redis_url()), "SCORECARD_VAR": str(log.parent)}
    with processes.running(os.environ | told, *processes.WORKER, "--concurrency", "1", log=log) as process:
        yield process


@pytest.fixture
def on_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that the test asks for are told to workers on Redis."""
    sender = Celery("sender", broker=machine.redis_url(), set_as_current=False)
    monkeypatch.setattr(operations.jobs, "current_app", sender)


@pytest.fixture
def demonstration(on_redis: None) -> Indicator:
    """The demonstration, computed; the result is an indicator with values, target and peers."""
    quiet: list[str] = []
    setting_up.load_demonstration(today=timezone.localdate(), say=quiet.append, show=lambda done, total, message: None)
    JobRun.objects.all().delete()
    with_peers = Benchmark.objects.values_list("indicator_id", flat=True)
    return Indicator.objects.filter(pk__in=with_peers, targets__isnull=False).order_by("code")[0]


def derived(indicator: Indicator) -> dict[str, list[dict[str, Any]]]:
    """Every derived row of an indicator, without the time of its computation."""
    found = {}
    for model in DERIVED:
        names = [field.attname for field in model._meta.concrete_fields if field.column and field.name != "computed_at"]
        rows = model.objects.filter(indicator=indicator).values(*names)
        found[model.__name__] = sorted(rows, key=str)
    return found


def forget(indicator: Indicator) -> None:
    for model in DERIVED:
        model.objects.filter(indicator=indicator).delete()


@pytest.mark.redis
@pytest.mark.postgresql
class TestServed:
    """The worker of an installation with PostgreSQL and Redis."""

    def test_a_refresh_is_computed_by_the_worker(self, demonstration: Indicator, tmp_path: Path) -> None:
        before = derived(demonstration)
        assert all(before.values())
        forget(demonstration)
        with served_worker(tmp_path / "log"):
            [job] = operations.request_refresh(indicator_ids=[demonstration.pk], by=None)
            processes.wait_until(lambda: state(job) == JobState.SUCCEEDED, what="the refresh")
        assert derived(demonstration) == before

    def test_a_worker_killed_while_it_writes_leaves_nothing_half_written(
        self, demonstration: Indicator, tmp_path: Path
    ) -> None:
        before = derived(demonstration)
        forget(demonstration)
        of = connection.settings_dict
        with closing(
            psycopg2.connect(
                dbname=of["NAME"], user=of["USER"], password=of["PASSWORD"], host=of["HOST"], port=of["PORT"] or 5432
            )
        ) as barrier:
            # The worker has written points and benchmarks in its transaction when it comes to the assessments.
            barrier.cursor().execute(f"LOCK TABLE {Assessment._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
            with served_worker(tmp_path / "log") as worker:
                [job] = operations.request_refresh(indicator_ids=[demonstration.pk], by=None)
                processes.wait_until(waits_for_assessments, what="the worker at the assessments")
                processes.kill(worker)
            barrier.rollback()
        processes.wait_until(lambda: not waits_for_assessments(), what="the end of the dead worker's transaction")
        assert derived(demonstration) == {model.__name__: [] for model in DERIVED}
        assert state(job) == JobState.RUNNING
        assert operations.sweep_jobs(now=later()) == [job.pk]
        with served_worker(tmp_path / "log"):
            processes.wait_until(lambda: state(job) == JobState.SUCCEEDED, what="the second attempt")
        assert derived(demonstration) == before
        assert JobRun.objects.get(pk=job.pk).attempts == 2

    def test_messages_that_were_lost_are_sent_again(self, demonstration: Indicator, tmp_path: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(operations.jobs, "nudge", lambda *, job: True)
            [job] = operations.request_refresh(indicator_ids=[demonstration.pk], by=None)
        with served_worker(tmp_path / "log"):
            assert operations.sweep_jobs(now=later(11)) == [job.pk]
            processes.wait_until(lambda: state(job) == JobState.SUCCEEDED, what="the refresh")


def waits_for_assessments() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [Assessment._meta.db_table]
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.embedded
class TestEmbedded:
    """The worker of an installation without any server: SQLite and a queue of files."""

    def test_a_killed_recomputation_is_finished_by_the_next_worker(
        self, demonstration_var: Path, tmp_path: Path
    ) -> None:
        var = tmp_path / "var"
        shutil.copytree(demonstration_var, var)
        quick = processes.embedded(var, JOB_LEASE_SECONDS="3", JOB_SWEEP_SECONDS="1")
        database = sqlite3.connect(var / "scorecard.sqlite3", timeout=20, isolation_level=None)
        before = content(database)
        assert all(before.values())
        for model in DERIVED:
            database.execute(f"DELETE FROM {model._meta.db_table}")
        ask = "from indicators.operations import request_recompute; request_recompute(by=None)"
        processes.manage(quick, "shell", "--no-imports", "-c", ask)
        worker = (*processes.WORKER, "--concurrency", "2", "--beat")
        with processes.running(quick, *worker, log=tmp_path / "log") as first:
            processes.wait_until(lambda: jobs(database, "refresh", "running"), what="a part under way")
            processes.kill(first)
        done = {pk for (pk,) in database.execute(f"SELECT DISTINCT indicator_id FROM {Assessment._meta.db_table}")}
        for parameters, reached in database.execute(
            "SELECT parameters, state FROM indicators_jobrun WHERE parent_id ="
            " (SELECT MAX(id) FROM indicators_jobrun WHERE kind = 'recompute')"
        ):
            ids = set(json.loads(parameters)["indicators"])
            assert ids <= done if reached == "succeeded" else not ids & done, "a part is written whole or not at all"
        assert jobs(database, "refresh", "running"), "killed in the middle"
        with processes.running(quick, *worker, log=tmp_path / "log"):
            processes.wait_until(lambda: jobs(database, "recompute", "succeeded"), seconds=60, what="the whole")
        assert content(database) == before
        database.close()


def jobs(database: sqlite3.Connection, kind: str, reached: str) -> int:
    """How many jobs of the kind have reached the state, not counting those of the set-up."""
    newest = "(SELECT MAX(id) FROM indicators_jobrun WHERE kind = 'recompute')"
    rows = database.execute(
        f"SELECT COUNT(*) FROM indicators_jobrun WHERE kind = ? AND state = ? AND id >= {newest}", [kind, reached]
    )
    return int(rows.fetchone()[0])


def content(database: sqlite3.Connection) -> dict[str, list[Any]]:
    """Every derived row, without the time of its computation."""
    found = {}
    for model in DERIVED:
        names = [field.column for field in model._meta.concrete_fields if field.column]
        columns = ", ".join(name for name in names if name != "computed_at")
        found[model.__name__] = sorted(database.execute(f"SELECT {columns} FROM {model._meta.db_table}"), key=str)
    return found
