"""Reads of the pages where definitions, targets and departments are edited."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch, Q

from indicators.compute import formula, frames
from indicators.models import (
    Area,
    Benchmark,
    Breakdown,
    DefinitionNote,
    Department,
    Indicator,
    PeerGroup,
    Role,
    SeriesBreak,
    SeriesPoint,
    Target,
    Unit,
)
from indicators.periods import Period
from indicators.queries import computation
from indicators.queries.computation import number
from indicators.read_models.definitions import (
    BreakRow,
    Change,
    DepartmentRow,
    Judged,
    ListRow,
    NoteRow,
    Subject,
    TargetRow,
)


def listed(today: date) -> list[ListRow]:
    """Every indicator, retired ones too (2 queries)."""
    valid = Target.objects.filter(valid_from__lte=today.year).filter(Q(valid_to=None) | Q(valid_to__gte=today.year))
    rows = (
        Indicator.objects.select_related("unit", "department", "area", "responsible")
        .prefetch_related(Prefetch("targets", queryset=valid, to_attr="valid_targets"))
        .order_by("area__order", "code")
    )
    return [
        ListRow(
            code=i.code,
            name=i.name,
            area=i.area_id,
            area_name=i.area.name,
            department_code=i.department.code,
            department=i.department.name,
            source=i.source,
            frequency=i.frequency,
            responsible=_person(i.responsible),
            retired_on=i.retired_on,
            target=_target_row(i, i.valid_targets[-1]) if i.valid_targets else None,
            steering=i.steering,
        )
        for i in rows
    ]


def _person(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user is not None else ""


def choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Areas and departments to filter by (2 queries)."""
    areas = [(area.code, area.name) for area in Area.objects.all()]
    return areas, [(department.code, department.name) for department in Department.objects.all()]


def indicator(code: str) -> Indicator | None:
    """One indicator with what its pages name (1 query)."""
    return Indicator.objects.select_related("unit", "department", "area", "responsible").filter(code=code).first()


def subject(found: Indicator) -> Subject:
    """What every page of one indicator says of it (2 queries where a formula names others, none otherwise)."""
    named: list[tuple[str, str]] = []
    if found.formula:
        codes = formula.codes(formula.parse(found.formula))
        named = [(i.code, i.name) for i in Indicator.objects.filter(code__in=codes).order_by("code")]
    return Subject(
        id=found.pk,
        code=found.code,
        name=found.name,
        symbol=found.unit.symbol,
        decimals=found.decimals,
        share=found.unit.share,
        good=found.direction,
        frequency=found.frequency,
        source=found.source,
        formula=found.formula,
        inputs=tuple(named),
        retired_on=found.retired_on,
    )


# ── targets and breaks ────────────────────────────────────────────────────────────────────────────────────────────────


def targets(found: Indicator) -> list[TargetRow]:
    """The indicator's targets, newest first (1 query)."""
    return [_target_row(found, target) for target in found.targets.order_by("-valid_from")]


def _target_row(found: Indicator, target: Target) -> TargetRow:
    unit = found.unit
    return TargetRow(
        id=target.pk,
        target=computation.target_value(target),
        valid_from=target.valid_from,
        valid_to=target.valid_to,
        symbol=unit.symbol,
        decimals=found.decimals,
        share=unit.share,
    )


def target(found: Indicator, target_id: int) -> Target | None:
    return found.targets.filter(pk=target_id).first()


def judged(found: Indicator, today: date) -> Judged:
    """What targets of the indicator are tried on: its stored series, places and groups (8 queries)."""
    definition = computation.definitions([found.pk])[0]
    stored = SeriesPoint.objects.filter(indicator_id=found.pk, breakdown=Breakdown.ALL)
    rows = stored.values("period", "value", "absence", "margin", "margin_computed", "lacks")
    points = sorted((_point(row) for row in rows), key=lambda point: point.period)
    places: dict[int, list[Mapping[str, Any]]] = {}
    for row in Benchmark.objects.filter(indicator_id=found.pk).values():
        places.setdefault(row["group_id"], []).append(row)
    titles = {kind.value: str(kind.label) for kind in PeerGroup.Kind}
    return Judged(frames.Evidence(definition, points, places, computation.groups()), titles, today)


def _point(row: Mapping[str, Any]) -> frames.Point:
    return frames.Point(
        Period.parse(row["period"]),
        number(row["value"]),
        row["absence"],
        margin=number(row["margin"]),
        margin_computed=row["margin_computed"],
        lacks=tuple((code, period, why) for code, period, why in row["lacks"] or ()),
    )


def breaks(found: Indicator) -> list[BreakRow]:
    """The breaks in the indicator's series, newest first (1 query)."""
    rows = found.breaks.order_by("-period")
    return [BreakRow(b.pk, Period.parse(b.period), b.reason, b.comparable_backwards) for b in rows]


def series_break(found: Indicator, break_id: int) -> SeriesBreak | None:
    return found.breaks.filter(pk=break_id).first()


# ── history ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def history(found: Indicator) -> tuple[list[Change], list[NoteRow]]:
    """Every change of a definition, its targets and its breaks, newest first, and why people said they made them
    (at most 9 queries). Those that have been removed are in it."""
    kinds = ContentType.objects.get_for_models(Indicator, Target, SeriesBreak)
    wanted = Q(content_type=kinds[Indicator], object_id=found.pk)
    for model, relation in ((Target, found.targets), (SeriesBreak, found.breaks)):
        made = LogEntry.objects.filter(
            content_type=kinds[model], action=LogEntry.Action.CREATE, changes__indicator__1=str(found.pk)
        )
        ids = {*made.values_list("object_id", flat=True), *relation.values_list("pk", flat=True)}
        wanted |= Q(content_type=kinds[model], object_id__in=ids)
    names = {kind.pk: model._meta.model_name or "" for model, kind in kinds.items()}
    changes = [
        Change(
            about=names[entry.content_type_id],
            object_id=entry.object_id or 0,
            act=ACTION[entry.action],
            who=_person(entry.actor) or (entry.actor_email or ""),
            at=entry.timestamp,
            fields={name: (old, new) for name, (old, new) in (entry.changes or {}).items()},
        )
        for entry in LogEntry.objects.filter(wanted).select_related("actor").order_by("-timestamp", "-id")
    ]
    notes = [
        NoteRow(note.act, note.reason, note.period, _person(note.noted_by), note.noted_at)
        for note in DefinitionNote.objects.filter(indicator=found).select_related("noted_by")
    ]
    return changes, notes


ACTION = {
    LogEntry.Action.CREATE: "created",
    LogEntry.Action.UPDATE: "changed",
    LogEntry.Action.DELETE: "removed",
    LogEntry.Action.ACCESS: "read",
}


def names_in_history() -> dict[str, dict[str, str]]:
    """What identities in the log stand for: field → stored text → name (4 queries)."""
    users = get_user_model().objects.all()
    return {
        "area": {area.code: area.name for area in Area.objects.all()},
        "unit": {unit.code: unit.name for unit in Unit.objects.all()},
        "department": {str(department.pk): department.name for department in Department.objects.all()},
        "responsible": {str(user.pk): _person(user) for user in users},
    }


# ── departments and people ────────────────────────────────────────────────────────────────────────────────────────────


def departments() -> list[DepartmentRow]:
    """Every department with its head, how many indicators it answers for and who hands in (3 queries)."""
    roles: dict[int, list[str]] = {}
    of_departments = Role.objects.exclude(department=None).select_related("user")
    for role in of_departments.order_by("user__last_name", "user__username"):
        names = roles.setdefault(role.department_id or 0, [])
        if _person(role.user) not in names:
            names.append(_person(role.user))
    counts: dict[int, int] = {}
    for pk in Indicator.objects.filter(retired_on=None).order_by().values_list("department_id", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return [
        DepartmentRow(d.code, d.name, _person(d.head), counts.get(d.pk, 0), tuple(roles.get(d.pk, ())))
        for d in Department.objects.select_related("head")
    ]


def department(code: str) -> Department | None:
    return Department.objects.select_related("head").filter(code=code).first()


def people_of(department_id: int) -> set[int]:
    """Ids of who can be responsible for a department's indicators: its reporters and approvers, and who steers."""
    wanted = Q(department_id=department_id) | Q(name__in=["strategist", "administrator"])
    return set(Role.objects.filter(wanted, user__is_active=True).values_list("user_id", flat=True))
