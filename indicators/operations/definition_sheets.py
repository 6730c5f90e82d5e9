"""Definitions by sheet: kept as uploaded, stored all or nothing, each with the checks of the page that edits one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from indicators.models import SheetUpload
from indicators.operations.actor import User
from indicators.operations.indicator_definitions import (
    Comparability,
    DefinitionFaultError,
    Fields,
    change_indicator,
    create_indicator,
)
from indicators.operations.sheets import SheetStateError, plain_name


@dataclass(frozen=True)
class DefinitionChange:
    """What a row of the sheet changes. `indicator_id` None: a new indicator; `seen`: the version that was looked at."""

    line: int
    code: str
    fields: Fields
    indicator_id: int | None = None
    seen: str = ""
    comparability: Comparability | None = None


class DefinitionRowError(ValueError):
    """A row that cannot be stored; nothing was. `line`, `code` and `field` say where, the message what to do."""

    def __init__(self, change: DefinitionChange, fault: DefinitionFaultError) -> None:
        super().__init__(str(fault))
        self.line, self.code, self.field = change.line, change.code, fault.field


def keep_definition_sheet(
    *, filename: str, content: bytes, summary: Mapping[str, Any], digest: str, by: User
) -> SheetUpload:  # fmt: skip
    """Keep an uploaded sheet of definitions with what it would do."""
    return SheetUpload.objects.create(
        about=SheetUpload.About.DEFINITIONS,
        uploaded_by=by,  # type: ignore[misc]
        filename=plain_name(filename),
        content=content,
        summary=dict(summary),
        digest=digest,
    )


def store_definition_sheet(*, upload_id: int, changes: Sequence[DefinitionChange], by: User) -> int:
    """Store every change of a sheet, or none; returns how many.

    Raises DefinitionRowError for the first row that cannot be stored, SheetStateError for a sheet that was dealt with.
    """
    with transaction.atomic():
        upload = SheetUpload.objects.select_for_update().get(pk=upload_id)
        if upload.state != SheetUpload.State.PREVIEWED:
            raise SheetStateError(upload.state)
        for change in changes:
            try:
                if change.indicator_id is None:
                    create_indicator(code=change.code, fields=change.fields, by=by)
                else:
                    change_indicator(
                        indicator_id=change.indicator_id,
                        fields=change.fields,
                        comparability=change.comparability,
                        seen=change.seen,
                        by=by,
                    )
            except DefinitionFaultError as fault:
                raise DefinitionRowError(change, fault) from fault
        upload.state = SheetUpload.State.COMMITTED
        upload.save(update_fields=["state"])
    return len(changes)
