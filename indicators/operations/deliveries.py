"""Raw values of other municipalities in, delivery by delivery."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from indicators import bulk
from indicators.compute.validate import Fault
from indicators.models import Import, ImportRejection, JobRun
from indicators.operations.jobs import report_progress

EXAMPLES = 5


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


def refresh_statistics() -> None:
    """After much was written at once: see `bulk.refresh_statistics`."""
    bulk.refresh_statistics()
