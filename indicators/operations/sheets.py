"""Uploaded sheets in: kept as they came, previewed, committed all or nothing."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction

from indicators.compute.sheet_rows import Kind, SheetRow
from indicators.models import Import, SheetUpload, Source
from indicators.operations.actor import User
from indicators.operations.entry import CellKey, Entered, save_cells
from indicators.permissions import Person
from indicators.queries import sheets as queries
from indicators.queries.sheets import Looked

LONGEST_NAME = 200
UNNAMED = "sheet"


class SheetStateError(ValueError):
    """A sheet that has been committed or discarded already."""


@dataclass(frozen=True)
class Committed:
    """What came of a commit. `changed`: what stands in the database is not what the preview showed, and nothing was
    stored; `rejected`: rows were rejected and not left out on purpose, and nothing was stored."""

    stored: int = 0
    changed: bool = False
    rejected: int = 0


def receive_sheet(*, filename: str, content: bytes, by: User, person: Person, now: datetime) -> SheetUpload:
    """Keep an uploaded file with what it would do (7 queries). Raises SheetError; then nothing is kept."""
    preview = queries.look(content, person, now).preview
    summary = {**preview.counts, "doubtful": preview.doubtful, "empty": preview.empty}
    return SheetUpload.objects.create(
        uploaded_by=by,  # type: ignore[misc]
        filename=plain_name(filename),
        content=content,
        summary=summary,
        digest=preview.digest,
    )


def plain_name(filename: str) -> str:
    """The file's own name without folders and characters that are none."""
    name = "".join(c for c in PurePath(filename.replace("\\", "/")).name if c.isprintable()).strip()
    return name[:LONGEST_NAME] or UNNAMED


def commit_sheet(
    *, upload_id: int, digest: str, leave_out: bool, by: User, person: Person, now: datetime
) -> Committed:  # fmt: skip
    """Write every new and changed row of a sheet as a draft, or nothing.

    `digest`: of the preview that was looked at; where the database has changed since, nothing is stored. `leave_out`:
    rows that are rejected are left out on purpose. Raises SheetStateError for a sheet that is no longer previewed.
    """
    with transaction.atomic():
        upload = SheetUpload.objects.select_for_update().get(pk=upload_id)
        if upload.state != SheetUpload.State.PREVIEWED:
            raise SheetStateError(upload.state)
        looked = queries.look(bytes(upload.content), person, now)
        rejected = looked.preview.counts[Kind.REJECTED]
        if looked.preview.digest != digest:
            return Committed(changed=True)
        if rejected and not leave_out:
            return Committed(rejected=rejected)
        rows = [row for row in looked.preview.rows if row.kind in (Kind.NEW, Kind.CHANGED)]
        if not rows:
            return Committed()
        delivery = Import.objects.create(source=Source.DEPARTMENT, origin=upload.filename, started_at=now)
        saved = save_cells(
            cells=[_cell(row) for row in rows], all_or_nothing=True, by=by, person=person, now=now, delivery=delivery
        )
        if not saved.stored:  # somebody wrote between the preview and the lock
            transaction.set_rollback(True)
            return Committed(changed=True)
        _close(upload, delivery, looked, now)
    return Committed(stored=len(rows))


def _cell(row: SheetRow) -> tuple[CellKey, Entered, int | None]:
    assert row.indicator_id is not None
    before, said = row.before, row.said
    along: dict[str, Any] = {}
    if before is not None:
        along = {"evidence_id": before.evidence_id, "evidence_link": before.evidence_link}
    entered = Entered(said.value, said.absence, said.numerator, said.denominator, said.comment, **along)
    return CellKey(row.indicator_id, row.period, row.breakdown), entered, before.revision if before else None


def _close(upload: SheetUpload, delivery: Import, looked: Looked, now: datetime) -> None:
    """What was left out and what said the same is part of what the delivery brought."""
    counts = looked.preview.counts
    delivery.refresh_from_db()
    delivery.received += counts[Kind.REJECTED] + counts[Kind.UNCHANGED]
    delivery.rejected += counts[Kind.REJECTED]
    delivery.unchanged += counts[Kind.UNCHANGED]
    delivery.fetched_at = now
    delivery.save()
    upload.state = SheetUpload.State.COMMITTED
    upload.delivery = delivery
    upload.digest = looked.preview.digest
    upload.summary = {**counts, "doubtful": looked.preview.doubtful, "empty": looked.preview.empty}
    upload.save(update_fields=["state", "delivery", "digest", "summary"])


def discard_sheet(*, upload_id: int, by: User) -> bool:
    """Put a previewed sheet aside; the file is kept. False where it was not merely previewed."""
    with transaction.atomic():
        waiting = SheetUpload.objects.filter(pk=upload_id, state=SheetUpload.State.PREVIEWED)
        return bool(waiting.update(state=SheetUpload.State.DISCARDED))
