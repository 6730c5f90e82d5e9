"""Whose changes are kept field by field: one list of models, read by the log and by the history of a definition.

django-auditlog hears `save()` and `delete()`; what a query writes past them (`update`, `bulk_create`, `bulk_update`)
must be told by `indicators.operations.changes.record_changes`. Append-only tables are their own log and are not here.
"""

from auditlog.registry import auditlog
from django.db.models import Model
from modeltranslation.translator import NotRegistered, translator

# What changes by itself, or says nothing that the log does not say anyway.
ALWAYS_LEFT_OUT = ("id", "granted_by", "granted_at", "created_by", "created_at", "opened_by", "scored_at", "version")


def keep_changes_of(model: type[Model], *, include: tuple[str, ...] = (), leave_out: tuple[str, ...] = ()) -> None:
    """Have every change of the model's rows recorded: of its own columns, or of those in `include`.

    Of a translated text the Swedish and the English column are kept, not the one that stands for the reader's language.
    """
    columns = {field.name for field in model._meta.concrete_fields}
    kept = set(include) or columns - set(ALWAYS_LEFT_OUT) - set(leave_out) - _translated(model)
    auditlog.register(
        model,
        include_fields=sorted(kept),
        m2m_fields=set() if include else {field.name for field in model._meta.many_to_many},
    )


def _translated(model: type[Model]) -> set[str]:
    try:
        return set(translator.get_options_for_model(model).fields)  # type: ignore[attr-defined]
    except NotRegistered:
        return set()


def register() -> None:
    """Called once the models are there."""
    from indicators import models

    for model in (
        models.Department,
        models.Indicator,
        models.Target,
        models.SeriesBreak,
        models.PeerGroup,
        models.Role,
        models.Contact,
        models.InputPeriod,
        models.InputException,
    ):
        keep_changes_of(model)
