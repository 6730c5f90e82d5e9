"""Changes that pass the signals by, told to the log."""

from collections.abc import Mapping, Sequence
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from indicators.operations.actor import User

BATCH = 500


def record_changes(*, changed: Sequence[tuple[Model, Mapping[str, tuple[Any, Any]]]], by: User) -> int:
    """Log what `update()`, `bulk_create()` or `bulk_update()` wrote: each row with its fields as (from, to).

    Call it in the transaction of the write; returns how many rows it was about. Fields that stayed the same are left
    out, and so are rows of which nothing changed.
    """
    entries = []
    for row, fields in changed:
        differences = {name: [_text(old), _text(new)] for name, (old, new) in fields.items() if old != new}
        if differences:
            entries.append(
                LogEntry(
                    content_type=ContentType.objects.get_for_model(row),
                    object_pk=str(row.pk),
                    object_id=row.pk if isinstance(row.pk, int) else None,
                    object_repr=str(row),
                    action=LogEntry.Action.UPDATE,
                    changes=differences,
                    actor=by,
                    actor_email=getattr(by, "email", "") or None,
                )
            )
    LogEntry.objects.bulk_create(entries, batch_size=BATCH)
    return len(entries)


def _text(value: Any) -> str:
    return "None" if value is None else str(value)
