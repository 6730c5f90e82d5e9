"""All writes: keyword-only, `by=` whom, one transaction, effects after the commit."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from indicators import bulk
from indicators.compute.series import Aggregation
from indicators.compute.validate import LARGEST, Fault
from indicators.models import (
    Absence,
    Area,
    Assessment,
    Benchmark,
    Breakdown,
    Department,
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
    PeerGroupMember,
    SeriesBreak,
    SeriesPoint,
    Target,
    Unit,
)
from indicators.periods import Period, PeriodError

logger = logging.getLogger(__name__)

User = AbstractBaseUser | None
RUN_JOB = "indicators.tasks.run"
EXAMPLES = 5


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

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
        current_app.send_task(RUN_JOB, args=[job.pk])
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
    """Have the derived rows of each indicator made anew after a change; asking twice gives one computation."""
    return [
        request_job(kind=JobKind.REFRESH, key=f"indicator:{pk}", by=by, parameters={"indicators": [pk]})
        for pk in sorted(indicator_ids)  # in one order, so that two who ask at once never wait for each other
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


# ── raw values in ─────────────────────────────────────────────────────────────────────────────────────────────────────


def start_import(*, source: str, origin: str, job: JobRun | None, revise: bool = False) -> Import:
    """Open a delivery; a job that goes on after an interruption goes on with its own."""
    if job:
        open_delivery = Import.objects.filter(job=job, fetched_at=None).first()
        if open_delivery:
            if revise and not open_delivery.revise:  # the job was joined by a wider wish meanwhile
                open_delivery.revise = True
                open_delivery.save(update_fields=["revise"])
            return open_delivery
    return Import.objects.create(source=source, origin=origin, job=job, revise=revise, started_at=timezone.now())


def store_peer_values(
    *, stage: bulk.PeerStage, delivery: Import, received: int, faults: pd.DataFrame, known: bool,
    job: JobRun | None,    progress: Mapping[str, Any] | None = None, done: int = 0, total: int = 0, message: str = "",
) -> bulk.Applied:  # fmt: skip
    """Apply a staged block of pages: values, rejections, counts and the job's place in the work, all or nothing.

    faults: columns kpi, fault, example; one row a rejected raw row. known: as in `bulk.PeerStage.apply`.
    """
    with transaction.atomic():
        applied = stage.apply(delivery.pk, known=known)
        faults = pd.concat([faults, _repeated(applied.repeats)]) if applied.repeats else faults
        _keep_rejections(delivery, faults)
        locked = Import.objects.select_for_update().get(pk=delivery.pk)
        locked.received += received
        locked.added += applied.added
        locked.revised += applied.revised
        locked.unchanged += applied.unchanged
        locked.rejected += len(faults)
        locked.save()
        if job:
            report_progress(job=job, done=done, total=total, message=message, progress=progress)
    return applied


def _repeated(repeats: Sequence[bulk.Repeat]) -> pd.DataFrame:
    rows = [
        (r.kpi, (Fault.DUPLICATE if r.alike else Fault.CONFLICT).value, f"{r.municipality} {r.year} {r.breakdown}")
        for r in repeats
        for _ in range(r.surplus)
    ]
    return pd.DataFrame(rows, columns=["kpi", "fault", "example"])


def _keep_rejections(delivery: Import, faults: pd.DataFrame) -> None:
    for (kpi, fault), rows in faults.groupby(["kpi", "fault"], sort=True):
        line, _ = ImportRejection.objects.get_or_create(
            delivery=delivery, kpi=str(kpi)[:40], fault=fault, defaults={"count": 0}
        )
        line.count += len(rows)
        line.examples = [*line.examples, *rows["example"].tolist()][:EXAMPLES]
        line.save()


def finish_import(*, delivery: Import, unanswered: Sequence[str]) -> None:
    """Close a delivery: from now on it is the date behind its values."""
    Import.objects.filter(pk=delivery.pk).update(fetched_at=timezone.now(), unanswered=list(unanswered))
    bulk.refresh_statistics()


class MeasurementError(ValueError):
    """A measurement that its indicator cannot have; the message says which and why."""


@dataclass(frozen=True)
class Measured:
    """A measurement to record: a value, or the reason why there is none."""

    indicator_id: int
    period: str
    breakdown: str = "T"
    value: float | None = None
    absence: str = ""
    numerator: float | None = None
    denominator: float | None = None
    margin: float | None = None
    respondents: int | None = None
    comment: str = ""


def record_measurements(
    *, rows: Sequence[Measured], source: str, state: MeasurementState, by: User, delivery: Import | None = None,
    refresh: bool = True,
) -> int:  # fmt: skip
    """Add measurements as new revisions where they differ from the newest; returns how many were added.

    Raw is append-only: what stood there stays, and the new revision says who and when. Raises MeasurementError where
    a row is none of its indicator's; then nothing is recorded.
    """
    with transaction.atomic():
        wanted = {row.indicator_id for row in rows}
        locked = Indicator.objects.select_for_update().filter(pk__in=wanted)
        kinds = dict(locked.values_list("pk", "frequency"))
        _check_measured(rows, kinds)
        newest: dict[tuple[int, str, str], Measurement] = {}
        stored = Measurement.objects.filter(indicator_id__in=wanted, source=source).order_by("revision")
        for measurement in stored:
            newest[measurement.indicator_id, measurement.period, measurement.breakdown] = measurement
        fresh = []
        for row in rows:
            before = newest.get((row.indicator_id, row.period, row.breakdown))
            if before is None or _says_something_else(before, row, state):
                revision = before.revision + 1 if before else 0
                fresh.append(
                    Measurement(
                        **asdict(row), source=source, state=state, revision=revision, delivery=delivery, entered_by=by
                    )  # type: ignore[misc]
                )
        Measurement.objects.bulk_create(fresh, batch_size=2000)
        if delivery:
            revised = sum(1 for measurement in fresh if measurement.revision)
            Import.objects.filter(pk=delivery.pk).update(
                received=F("received") + len(rows),
                added=F("added") + len(fresh) - revised,
                revised=F("revised") + revised,
                unchanged=F("unchanged") + len(rows) - len(fresh),
            )
        if refresh and fresh:
            changed = sorted({measurement.indicator_id for measurement in fresh})
            request_refresh(indicator_ids=changed, by=by)
    return len(fresh)


def _check_measured(rows: Sequence[Measured], kinds: Mapping[int, str]) -> None:
    seen = set()
    for row in rows:
        fault = _fault_of(row, kinds.get(row.indicator_id))
        key = (row.indicator_id, row.period, row.breakdown)
        if fault or key in seen:
            raise MeasurementError(f"indicator {row.indicator_id}, {row.period!r}: {fault or 'given twice'}")
        seen.add(key)


def _fault_of(row: Measured, kind: str | None) -> str:
    """What is wrong with a measurement of an indicator that is measured once a `kind`; "" where nothing is."""
    numbers = (row.value, row.numerator, row.denominator, row.margin, row.respondents)
    if kind is None:
        return "there is no indicator with this id"
    try:
        period = Period.parse(row.period)
    except PeriodError as error:
        return str(error)
    if period.kind != kind or period.code != row.period:
        return f"the indicator is measured once a {kind}"
    if row.breakdown not in Breakdown.values:
        return f"{row.breakdown!r} is no breakdown"
    if not all(number is None or abs(number) < LARGEST for number in numbers):
        return "a number is finite and below 1e12"
    if (row.value is None) != (row.absence in Absence.values):
        return "either a value or one of the known reasons why there is none"
    return ""


def _says_something_else(before: Measurement, row: Measured, state: MeasurementState) -> bool:
    if before.state != state or before.absence != row.absence or before.comment != row.comment:
        return True
    pairs = [
        (before.value, row.value),
        (before.numerator, row.numerator),
        (before.denominator, row.denominator),
        (before.margin, row.margin),
        (before.respondents, row.respondents),
    ]
    return any(
        (a is None) != (b is None) or (a is not None and b is not None and round(float(a) - b, 8)) for a, b in pairs
    )


# ── derived rows out ──────────────────────────────────────────────────────────────────────────────────────────────────


def store_derived(
    *,
    indicator_ids: Sequence[int],
    points: Sequence[Mapping[str, Any]],
    benchmarks: Sequence[Mapping[str, Any]],
    assessments: Sequence[Mapping[str, Any]],
) -> None:
    """Make these the derived rows of the indicators: changed rows change, equal ones stay, the rest goes."""
    if not indicator_ids:
        return
    with transaction.atomic():
        bulk.replace(SeriesPoint, points, scope="indicator_id", ids=indicator_ids)
        bulk.replace(Benchmark, benchmarks, scope="indicator_id", ids=indicator_ids)
        bulk.replace(Assessment, assessments, scope="indicator_id", ids=indicator_ids, ignoring=["computed_at"])


def refresh_statistics() -> None:
    """After much was written at once: see `bulk.refresh_statistics`."""
    bulk.refresh_statistics()


# ── definitions, municipalities and groups ────────────────────────────────────────────────────────────────────────────


def _translated(field: str, texts: Mapping[str, str] | str | None) -> dict[str, str]:
    if isinstance(texts, str):
        texts = {"sv": texts, "en": texts}
    return {f"{field}_{language}": (texts or {}).get(language, "") for language in ("sv", "en")}


def store_definitions(
    *,
    units: Sequence[Mapping[str, Any]],
    areas: Sequence[Mapping[str, Any]],
    departments: Sequence[Mapping[str, Any]],
    indicators: Sequence[Mapping[str, Any]],
    by: User,
) -> int:
    """Take the reviewed files in: what they define is created or updated, nothing is deleted; returns how many."""
    with transaction.atomic():
        for unit in units:
            Unit.objects.update_or_create(
                code=unit["code"],
                defaults={
                    **_translated("symbol", unit["symbol"]),
                    **_translated("name", unit["name"]),
                    "share": unit.get("share", False),
                },
            )
        for order, area in enumerate(areas):
            Area.objects.update_or_create(
                code=area["code"],
                defaults={**_translated("name", area["name"]), "similar": area.get("similar", ""), "order": order},
            )
        for department in departments:
            Department.objects.update_or_create(
                code=department["code"], defaults=_translated("name", department["name"])
            )
        known = dict(Department.objects.values_list("code", "id"))
        for definition in indicators:
            _store_indicator(definition, known)
    return len(indicators)


TEXTS = ("name", "purpose", "definition", "calculation", "quality", "numerator", "denominator", "owner")
PLAIN = (
    "decimals", "minimum", "maximum", "direction", "measures", "experienced", "comparable", "influenceable",
    "never_good_enough", "frequency", "due_days", "source", "divided",
)  # fmt: skip


def _store_indicator(definition: Mapping[str, Any], departments: Mapping[str, int]) -> None:
    fields: dict[str, Any] = {name: definition[name] for name in PLAIN if name in definition}
    for name in TEXTS:
        fields |= _translated(name, definition.get(name))
    indicator, _ = Indicator.objects.update_or_create(
        code=definition["code"],
        defaults={
            **fields,
            "area_id": definition["area"],
            "unit_id": definition["unit"],
            "kolada_id": definition.get("kolada_id") or "",
            "respondents_kolada_id": definition.get("respondents_kolada_id") or "",
            "aggregation": definition.get("aggregation", Aggregation.LAST.value),
            "department_id": departments[definition["department"]],
        },
    )
    for item in definition.get("breaks", ()):
        SeriesBreak.objects.update_or_create(
            indicator=indicator,
            period=str(item["period"]),
            defaults={
                **_translated("reason", item["reason"]),
                "comparable_backwards": item.get("comparable_backwards", False),
            },
        )
    if definition.get("target"):
        _store_target(indicator, definition["target"])


WANTED = {"increase": "higher", "decrease": "lower"}


def _store_target(indicator: Indicator, target: Mapping[str, Any]) -> None:
    wanted = WANTED.get(target.get("wanted", ""), "")
    if target["form"] == "direction" and not wanted:
        wanted = indicator.direction
    plain = ("value", "lower", "upper", "percent", "percentile", "rank")
    Target.objects.update_or_create(
        indicator=indicator,
        valid_from=target.get("valid_from", 2000),
        defaults={
            "form": target["form"],
            "side": target.get("comparison", ""),
            "wanted": wanted,
            "tolerance": target.get("tolerance", 0),
            "baseline_period": str(target.get("baseline_period") or ""),
            "group": target.get("group", "all" if target["form"] == "position" else ""),
            "valid_to": target.get("valid_to"),
            **{name: target.get(name) for name in plain},
        },
    )


class NotSetUpError(Exception):
    """The installation is not a real municipality's, or nobody's yet; the message says what to do."""


class NotEmptyError(Exception):
    """The installation belongs to another municipality already; the message says what to do."""


def store_municipalities(
    *, places: Sequence[tuple[str, str, str]], home: str, invented: bool, by: User
) -> Municipality:
    """Take in municipalities, regions and the nation (code, name, type) and name our own among them.

    Refused where invented and real ones would stand side by side: an invented figure never carries a real name.
    """
    with transaction.atomic():
        other = Municipality.objects.filter(invented=not invented).first()
        if other:
            raise NotEmptyError(
                "This database holds the demonstration; set up a real municipality in a fresh one"
                if other.invented
                else f"This database holds real municipalities ({other.name} …); the demonstration needs a fresh one"
            )
        kinds = {code: kind for code, _, kind in places}
        if home not in kinds:
            raise NotEmptyError(f"There is no municipality with code {home} among the {len(kinds)} that were given")
        if kinds[home] != Municipality.Type.MUNICIPALITY:
            raise NotEmptyError(f"{home} is a region or the nation; give the code of a municipality")
        Municipality.objects.exclude(code=home).filter(is_home=True).update(is_home=False)
        for code, name, kind in places:
            Municipality.objects.update_or_create(
                code=code, defaults={"name": name, "type": kind, "invented": invented}
            )
        Municipality.objects.filter(code=home).update(is_home=True)
        return Municipality.objects.get(code=home)


@dataclass(frozen=True)
class GroupOf:
    """A peer group to store. members: code → (distance, variables) for computed groups, or empty values."""

    code: str
    title: Mapping[str, str]
    kind: str
    members: Mapping[str, tuple[float | None, Mapping[str, float] | None]]
    area: str | None = None
    family: str = ""
    year: int | None = None
    computed: bool = False
    order: int = 0


def drop_groups(*, keep: Sequence[str], by: User) -> None:
    """Let go of the peer groups that are not among these, and of what was derived from them."""
    with transaction.atomic():
        gone = PeerGroup.objects.exclude(code__in=keep)
        Benchmark.objects.filter(group__in=gone).delete()
        gone.delete()


def store_groups(*, groups: Sequence[GroupOf], by: User) -> None:
    """Make these peer groups what they are now; members that left are removed."""
    known = set(Municipality.objects.values_list("code", flat=True))
    with transaction.atomic():
        for item in groups:
            group, _ = PeerGroup.objects.update_or_create(
                code=item.code,
                defaults={
                    **_translated("title", item.title),
                    "kind": item.kind,
                    "area_id": item.area,
                    "family": item.family,
                    "year": item.year,
                    "computed": item.computed,
                    "fetched_at": timezone.now(),
                    "order": item.order,
                },
            )
            members = {code: told for code, told in item.members.items() if code in known}
            PeerGroupMember.objects.filter(group=group).exclude(municipality_id__in=members).delete()
            for code, (distance, variables) in members.items():
                PeerGroupMember.objects.update_or_create(
                    group=group, municipality_id=code, defaults={"distance": distance, "variables": variables}
                )
