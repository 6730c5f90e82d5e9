"""Jobs: asked for, claimed, kept alive, finished, failed, swept (docs/ARCHITECTURE.md, “Jobs”)."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from indicators.models import JobKind, JobRun, JobState
from indicators.operations.actor import User
from indicators.queries.computation import with_dependents

logger = logging.getLogger(__name__)


RUN_JOB = "indicators.tasks.run"
# Kinds that another app's worker knows how to run; named by text, since imports point down.
RUN_ELSEWHERE = {
    JobKind.SURVEY_ANSWERS: "surveys.tasks.run",
    JobKind.SURVEY_RESULTS: "surveys.tasks.run",
    JobKind.SURVEY_LETTERS: "surveys.tasks.run",
    JobKind.SURVEY_THEMES: "surveys.tasks.run",
}


# Kinds that only the command which asked for them can run: their row is kept for it, no worker is told.
HERE_ONLY = frozenset({JobKind.DEMONSTRATION})


Parameters = Mapping[str, Any]


class JobLostError(Exception):
    """Somebody else holds the job now: this attempt must write nothing more."""


def request_job(
    *, kind: JobKind, key: str, by: User, parameters: Parameters | None = None, parent: JobRun | None = None,
    here: bool = False, widen: Callable[[Parameters, Parameters], Parameters] | None = None,
) -> JobRun:  # fmt: skip
    """Queue a job, or join the one with the same key that is queued already: many changes, one computation.

    A joined job stays locked until the caller's transaction ends, so that it cannot be claimed, and compute from what
    stood before, while the change that asked for it is not yet committed. It takes over the newest parent and
    parameters; `widen` makes one wish of the earlier and the later. `here`: the caller runs it, no worker is told.
    """
    wish = dict(parameters or {})
    defaults = {"kind": kind, "parameters": wish, "requested_by": by, "parent": parent}
    with transaction.atomic():
        job, created = _queued_or_new(key, defaults)
        if created:
            if not here:
                transaction.on_commit(lambda: nudge(job=job))
            return job
        wider = dict(widen(job.parameters, wish)) if widen else wish
        if wider != job.parameters or (parent and parent.pk != job.parent_id):
            job.progress = _still_to_compute(job.progress)
            job.parameters, job.parent = wider, parent or job.parent
            job.save(update_fields=["parameters", "progress", "parent"])
    return job


def _queued_or_new(key: str, defaults: Mapping[str, Any]) -> tuple[JobRun, bool]:
    queued = JobRun.objects.select_for_update()
    try:
        return queued.get_or_create(key=key, state=JobState.QUEUED, defaults=defaults)
    except IntegrityError:
        # The one that stood in the way was claimed between two looks; now the place is free.
        return queued.get_or_create(key=key, state=JobState.QUEUED, defaults=defaults)


def _still_to_compute(progress: Mapping[str, Any]) -> dict[str, Any]:
    """The progress of an attempt for a wider wish: nothing is finished, but what it changed waits for computation."""
    return {name: told for name, told in progress.items() if name != "finished"}


def nudge(*, job: JobRun) -> bool:
    """Tell a worker of a queued job. The row is the truth: where the broker is away (False) the sweep tells again."""
    if job.kind in HERE_ONLY:
        return True
    try:
        current_app.send_task(RUN_ELSEWHERE.get(JobKind(job.kind), RUN_JOB), args=[job.pk])
    except (OperationalError, OSError) as error:
        logger.warning("job %s stays queued, the broker did not answer: %s", job.pk, error)
        return False
    return True


def claim_job(*, job_id: int) -> JobRun | None:
    """Take a queued job, or None where it is gone, taken, or another with its key is running."""
    now = timezone.now()
    token = uuid.uuid4()
    try:
        with transaction.atomic():
            JobRun.objects.filter(pk=job_id, state=JobState.QUEUED).update(
                state=JobState.RUNNING, claim=token, attempts=F("attempts") + 1,
                started_at=now, heard_at=now, finished_at=None, error="",
            )  # fmt: skip
    except IntegrityError:
        return None
    return JobRun.objects.filter(pk=job_id, claim=token).first()


def _held(job: JobRun) -> QuerySet[JobRun]:
    return JobRun.objects.filter(pk=job.pk, state=JobState.RUNNING, claim=job.claim)


@contextmanager
def kept_alive(job: JobRun) -> Iterator[None]:
    """Renew the lease of a claimed job from a thread: a wait for Kolada or for a lock may take longer than it lasts."""
    stop = threading.Event()

    def renew() -> None:
        try:
            while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
                try:
                    _held(job).update(heard_at=timezone.now())
                except DatabaseError as error:
                    logger.warning("the lease of job %s was not renewed: %s", job.pk, error)
                    connections.close_all()
        finally:
            connections.close_all()

    thread = threading.Thread(target=renew, name=f"lease-of-job-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def report_progress(
    *, job: JobRun, done: int, total: int, message: str = "", progress: Mapping[str, Any] | None = None
) -> None:
    """Tell how far a job is, and keep its lease. Raises JobLostError where the job was taken over."""
    fields: dict[str, Any] = {"done": done, "total": total, "message": message, "heard_at": timezone.now()}
    if progress is not None:
        fields["progress"] = dict(progress)
    if not _held(job).update(**fields):
        raise JobLostError(f"job {job.pk} is no longer held by this attempt")


def finish_job(*, job: JobRun, message: str = "") -> None:
    """Record success. Call inside the transaction that writes the job's result, so that both happen or neither."""
    now = timezone.now()
    fields: dict[str, Any] = {"state": JobState.SUCCEEDED, "finished_at": now, "heard_at": now}
    if message:
        fields["message"] = message
    if not _held(job).update(**fields):
        raise JobLostError(f"job {job.pk} is no longer held by this attempt")
    transaction.on_commit(lambda: _after(job))


def wait_for_children(*, job: JobRun, total: int) -> None:
    """Leave a job running until the last of its parts is done; the parts keep its count."""
    report_progress(job=job, done=0, total=total)
    settle_parent(parent_id=job.pk)


def settle_parent(*, parent_id: int) -> None:
    """Bring a parent's count up to date, and finish it when all its parts are done."""
    with transaction.atomic():
        parent = JobRun.objects.select_for_update().get(pk=parent_id)
        if parent.state != JobState.RUNNING:
            return
        states = list(parent.children.values_list("state", flat=True))
        open_parts = [s for s in states if s in (JobState.QUEUED, JobState.RUNNING)]
        failed = sum(1 for s in states if s == JobState.FAILED)
        parent.done, parent.heard_at = len(states) - len(open_parts), timezone.now()
        if not open_parts and len(states) >= parent.total:
            parent.state = JobState.FAILED if failed else JobState.SUCCEEDED
            parent.error = f"{failed} of {len(states)} parts failed" if failed else ""
            parent.finished_at = parent.heard_at
            transaction.on_commit(lambda: _after(parent))
        parent.save(update_fields=["done", "heard_at", "state", "error", "finished_at"])


def _after(job: JobRun) -> None:
    if job.parent_id:
        settle_parent(parent_id=job.parent_id)
    # A job with the same key may have been queued while this one ran; its nudge came too early.
    waiting = JobRun.objects.filter(key=job.key, state=JobState.QUEUED).first()
    if waiting:
        nudge(job=waiting)


def fail_job(*, job: JobRun, error: str, silent_since: datetime | None = None) -> None:
    """Record a failure: queued again while attempts are left (the sweep brings it back), otherwise failed.

    Does nothing where this attempt holds the job no longer, or where it was heard of after `silent_since`. Where a job
    with the same key waits already that one does the work, and takes over what was changed and not yet computed.
    """
    with transaction.atomic():
        # The waiting one first: a claim locks it first too, so that the two never wait for each other.
        waiting = JobRun.objects.select_for_update().filter(key=job.key, state=JobState.QUEUED).first()
        held = _held(job) if silent_since is None else _held(job).filter(heard_at__lt=silent_since)
        stored = held.select_for_update().first()
        if stored is None:
            return
        stored.error = error
        if waiting is None and stored.attempts < settings.JOB_ATTEMPTS:
            stored.state, stored.claim, stored.heard_at = JobState.QUEUED, None, None
            try:
                with transaction.atomic():
                    stored.save(update_fields=["state", "claim", "heard_at", "error"])
                return
            except IntegrityError:
                waiting = JobRun.objects.select_for_update().get(key=job.key, state=JobState.QUEUED)
        if waiting is not None and stored.progress:
            waiting.progress = {**_still_to_compute(stored.progress), **waiting.progress}
            waiting.save(update_fields=["progress"])
        held.update(state=JobState.FAILED, error=error, finished_at=timezone.now())
        transaction.on_commit(lambda: _after(job))


def retry_job(*, job_id: int, by: User) -> JobRun:
    """Queue a failed job again from where it stopped: of one in parts those that failed, and with a part its parent."""
    with transaction.atomic():
        job = JobRun.objects.select_for_update().get(pk=job_id)
        waiting = JobRun.objects.filter(key=job.key, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
        if job.state != JobState.FAILED or waiting:
            return waiting or job
        failed_parts = list(job.children.filter(state=JobState.FAILED).order_by("id"))
        if failed_parts:
            _reopen(job)
            for part in failed_parts:
                retry_job(job_id=part.pk, by=by)
            settle_parent(parent_id=job.pk)
        else:
            if job.parent:
                _reopen(job.parent)
            job.state, job.claim, job.attempts, job.error, job.heard_at = JobState.QUEUED, None, 0, "", None
            job.requested_by = by  # type: ignore[assignment]
            job.save()
            transaction.on_commit(lambda: nudge(job=job))
    return JobRun.objects.get(pk=job_id)


def _reopen(parent: JobRun) -> None:
    """Have a failed parent wait for its parts again; not where a newer one with its key is under way."""
    others = JobRun.objects.filter(key=parent.key, state=JobState.RUNNING)
    if others.exists():
        return
    JobRun.objects.filter(pk=parent.pk, state=JobState.FAILED).update(
        state=JobState.RUNNING, claim=uuid.uuid4(), heard_at=timezone.now(), finished_at=None, error=""
    )


def sweep_jobs(*, now: datetime) -> list[int]:
    """Queue again what a dead worker left running, and nudge what has waited too long; returns the nudged ids."""
    silent = now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    open_parts = Q(children__state__in=[JobState.QUEUED, JobState.RUNNING])
    for job in JobRun.objects.filter(state=JobState.RUNNING, heard_at__lt=silent).exclude(open_parts).order_by("id"):
        if job.children.exists():
            settle_parent(parent_id=job.pk)
        else:
            lost = "The worker stopped without a word; the job is taken up where it was left."
            fail_job(job=job, error=lost, silent_since=silent)
    # Told again once a lease at most, or a long queue would grow with every sweep.
    waiting = JobRun.objects.filter(state=JobState.QUEUED).exclude(kind__in=HERE_ONLY)
    untold = waiting.filter(Q(requested_at__lt=now - timedelta(seconds=10)) | Q(attempts__gt=0))
    told = []
    for job in untold.filter(Q(heard_at=None) | Q(heard_at__lt=silent)).order_by("id"):
        if not nudge(job=job):
            break  # nor would the broker answer for the rest
        JobRun.objects.filter(pk=job.pk, state=JobState.QUEUED).update(heard_at=now)
        told.append(job.pk)
    return told


def request_refresh(*, indicator_ids: Sequence[int], by: User) -> list[JobRun]:
    """Have the derived rows of each indicator, and of those computed from it, made anew after a change; asking twice
    gives one computation."""
    return [
        request_job(kind=JobKind.REFRESH, key=f"indicator:{pk}", by=by, parameters={"indicators": [pk]})
        for pk in with_dependents(indicator_ids)  # in one order, so that two who ask at once never wait for each other
    ]


def request_recompute(*, by: User, here: bool = False) -> JobRun:
    """Have everything computed anew, split over the workers; `here`: the caller starts it."""
    return request_job(kind=JobKind.RECOMPUTE, key="recompute", by=by, here=here)


def request_import(*, by: User, revise: bool = False, kpis: Sequence[str] | None = None, here: bool = False) -> JobRun:
    """Have Kolada's values fetched: new years, or with `revise` all of history again; `here`: the caller runs it."""
    parameters = {"revise": revise, "kpis": list(kpis) if kpis else None}
    return request_job(
        kind=JobKind.KOLADA_IMPORT, key="kolada", by=by, parameters=parameters, here=here, widen=_wider_import
    )


def _wider_import(earlier: Parameters, later: Parameters) -> Parameters:
    """One import that does what both ask for. No list of identities means all that the definitions need."""
    first, second = earlier.get("kpis"), later.get("kpis")
    return {
        "revise": bool(earlier.get("revise") or later.get("revise")),
        "kpis": sorted({*first, *second}) if first and second else None,
    }
