"""Files that measurements rest on: kept as they came, tied to their cell by a further revision."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.models import Evidence, Indicator
from indicators.operations.actor import User
from indicators.operations.entry import CellKey, Entered, SavedCell, save_cell
from indicators.permissions import Person
from indicators.queries import entry_grid as queries
from indicators.sources import evidence_file


class EvidenceError(ValueError):
    """A file that was not attached; the message says why and what to do."""


def attach_evidence(
    *, cell: CellKey, filename: str, content: bytes, by: User, person: Person, now: datetime
) -> SavedCell:
    """Keep a file and let the cell's newest content rest on it; the same file again is kept once.

    Raises EvidenceError where the file is not taken, and what `save_cell` raises.
    """
    name = evidence_file.clean_name(filename)
    try:
        content_type = evidence_file.content_type_of(name, content)
    except evidence_file.EvidenceFileError as error:
        raise EvidenceError(_refusal(error.reason, name)) from error
    with transaction.atomic():
        key = (cell.indicator_id, cell.period, cell.breakdown)
        held = queries.cells([cell.indicator_id], [cell.period]).get(key)
        if held is None or held.empty:
            raise EvidenceError(_("Enter the value, or the reason why there is none, before you attach a file to it."))
        file = _kept(cell, name, content, content_type, by)
        entered = Entered(
            value=held.value,
            absence=held.absence,
            numerator=held.numerator,
            denominator=held.denominator,
            comment=held.comment,
            evidence_id=file.pk,
            evidence_link=held.evidence_link,
        )
        return save_cell(cell=cell, entered=entered, seen=held.revision, by=by, person=person, now=now)


def _kept(cell: CellKey, name: str, content: bytes, content_type: str, by: User) -> Evidence:
    department_id = Indicator.objects.values_list("department_id", flat=True).get(pk=cell.indicator_id)
    digest = hashlib.sha256(content).hexdigest()
    known = Evidence.objects.filter(department_id=department_id, digest=digest, filename=name).defer("content").first()
    return known or Evidence.objects.create(
        department_id=department_id,
        filename=name,
        content_type=content_type,
        size=len(content),
        digest=digest,
        content=content,
        uploaded_by=by,  # type: ignore[misc]
    )


def _refusal(reason: str, name: str) -> str:
    kinds = "PDF, XLSX, DOCX, PNG, JPG, CSV, TXT"
    values = {"name": name, "kinds": kinds, "most": evidence_file.LARGEST // 1024 // 1024}
    if reason == "empty":
        return _("“%(name)s” is empty. Choose another file.") % values
    if reason == "too_large":
        return _("“%(name)s” is larger than %(most)s MB. Make it smaller, or give a link to it instead.") % values
    if reason == "unknown_type":
        return _("“%(name)s” is of a kind that is not taken. These are: %(kinds)s.") % values
    return (
        _("“%(name)s” is not what its name says, is damaged or holds macros. Save it anew as one of these: %(kinds)s.")
        % values
    )
