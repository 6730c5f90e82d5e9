"""What departments hand in: their indicators, how each cell stands, and the periods that the entry grid shows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.timezone import localtime

from indicators.compute.frames import DatedTarget
from indicators.compute.input_window import Window
from indicators.models import Department, Evidence, Indicator, InputPeriod, Measurement, SeriesPoint, Source, Target
from indicators.periods import Kind, Period
from indicators.permissions import RoleName
from indicators.queries import input_periods
from indicators.queries.computation import number, target_value
from indicators.read_models.entry_grid import LATEST, GridRows
from indicators.read_models.entry_rows import EvidenceFile, Item, Key, Stored

HANDED_IN = Source.DEPARTMENT.value
MOST_OPEN = 12  # of periods that were opened, the latest so many may still be open


def department(code: str) -> tuple[int, str] | None:
    """A department's id and name (1 query)."""
    found = Department.objects.filter(code=code).first()
    return (found.pk, found.name) if found else None


def person_name(first: str | None, last: str | None, mail: str | None, account: str | None) -> str:
    return f"{first or ''} {last or ''}".strip() or mail or account or ""


def items(department_ids: Collection[int] | None = None, *, mine: int | None = None) -> list[Item]:
    """Indicators that departments hand in, by department, name and code, with targets and official values (3 queries).

    `department_ids` None: every department's; `mine`: those that a user is responsible for.
    """
    chosen = Indicator.objects.filter(source=HANDED_IN, retired_on__isnull=True)
    if department_ids is not None:
        chosen = chosen.filter(department_id__in=department_ids)
    if mine is not None:
        chosen = chosen.filter(responsible_id=mine)
    found = list(chosen.select_related("unit", "responsible").order_by("department_id", "area__order", "code"))
    targets, recent = _targets(found), _recent(found)
    return [_item(indicator, targets[indicator.pk], recent[indicator.pk]) for indicator in found]


def _item(i: Indicator, targets: Sequence[DatedTarget], recent: Sequence[tuple[Period, float | None, str]]) -> Item:
    who = i.responsible
    return Item(
        id=i.pk,
        code=i.code,
        name=i.name,
        definition=i.definition,
        calculation=i.calculation,
        quality=i.quality,
        numerator=i.numerator,
        denominator=i.denominator,
        symbol=i.unit.symbol,
        unit=i.unit.name,
        share=i.unit.share,
        decimals=i.decimals,
        direction=i.direction,
        frequency=Kind(i.frequency),
        due_days=i.due_days,
        divided=i.divided,
        four_eyes=i.four_eyes,
        responsible_id=i.responsible_id,
        responsible=person_name(who.first_name, who.last_name, who.email, who.get_username()) if who else "",
        owner=i.owner,
        department_id=i.department_id,
        targets=tuple(targets),
        recent=tuple(recent),
    )


def _targets(indicators: Iterable[Indicator]) -> dict[int, list[DatedTarget]]:
    found: dict[int, list[DatedTarget]] = defaultdict(list)
    for t in Target.objects.filter(indicator__in=[i.pk for i in indicators]).order_by("valid_from"):
        found[t.indicator_id].append(DatedTarget(t.pk, target_value(t), t.valid_from, t.valid_to))
    return found


def _recent(indicators: Iterable[Indicator]) -> dict[int, list[tuple[Period, float | None, str]]]:
    found: dict[int, list[tuple[Period, float | None, str]]] = defaultdict(list)
    rows = SeriesPoint.objects.filter(indicator__in=[i.pk for i in indicators], breakdown="T")
    for indicator_id, period, value, absence in rows.values_list("indicator_id", "period", "value", "absence"):
        found[indicator_id].append((Period.parse(period), number(value), absence))
    return defaultdict(list, {pk: sorted(points, key=lambda point: point[0]) for pk, points in found.items()})


CELL = (
    "indicator_id", "period", "breakdown", "revision", "value", "absence", "numerator", "denominator", "comment",
    "evidence_id", "evidence__filename", "evidence_link", "note", "checks", "state", "entered_at",
    "entered_by__first_name", "entered_by__last_name", "entered_by__email", "entered_by__username",
)  # fmt: skip


def revisions(indicator_ids: Collection[int], periods: Collection[str]) -> dict[Key, list[Stored]]:
    """Every revision of the cells of these indicators and periods, oldest first (1 query)."""
    rows = Measurement.objects.filter(indicator_id__in=indicator_ids, period__in=periods, source=HANDED_IN)
    found: dict[Key, list[Stored]] = defaultdict(list)
    approved: dict[Key, tuple[int, float | None, str]] = {}
    asked: dict[Key, str | None] = {}
    for row in rows.order_by("revision").values(*CELL):
        key = (row["indicator_id"], row["period"], row["breakdown"])
        if row["state"] not in ("draft", "cleared"):
            asked[key] = row["note"] if row["state"] == "returned" else None
        stored = _stored(row, approved.get(key), asked.get(key))
        found[key].append(stored)
        if stored.state == "approved":
            approved[key] = (stored.revision, stored.value, stored.absence)
    return dict(found)


def _stored(row: dict[str, Any], approved: tuple[int, float | None, str] | None, asked_back: str | None) -> Stored:
    by = "entered_by__"
    return Stored(
        revision=row["revision"],
        value=number(row["value"]),
        absence=row["absence"],
        numerator=number(row["numerator"]),
        denominator=number(row["denominator"]),
        comment=row["comment"],
        evidence_id=row["evidence_id"],
        evidence_name=row["evidence__filename"] or "",
        evidence_link=row["evidence_link"],
        note=row["note"],
        checks=tuple(row["checks"]),
        state=row["state"],
        who=person_name(row[f"{by}first_name"], row[f"{by}last_name"], row[f"{by}email"], row[f"{by}username"]),
        when=row["entered_at"],
        approved=approved,
        asked_back=asked_back,
    )


def cells(indicator_ids: Collection[int], periods: Collection[str]) -> dict[Key, Stored]:
    """How each cell stands: its newest revision (1 query)."""
    return {key: stored[-1] for key, stored in revisions(indicator_ids, periods).items()}


def opened(now: datetime) -> dict[Kind, list[Period]]:
    """Periods that have been opened, by kind, oldest first (1 query)."""
    found: dict[Kind, list[Period]] = defaultdict(list)
    for code in InputPeriod.objects.filter(opens_at__lte=now).order_by().values_list("period", flat=True):
        period = Period.parse(code)
        found[period.kind].append(period)
    return {kind: sorted(periods) for kind, periods in found.items()}


def approvers(department_id: int) -> list[tuple[str, str]]:
    """(name, e-mail) of those who approve for a department, by name (1 query)."""
    users: Any = get_user_model().objects
    rows = users.filter(
        Q(roles__name=RoleName.APPROVER.value, roles__department_id=department_id), is_active=True
    ).order_by("last_name", "first_name", "pk")
    return [(person_name(u.first_name, u.last_name, u.email, u.username), u.email) for u in rows.distinct()]


def grid(department_id: int, name: str, code: str, *, kind: str, now: datetime) -> GridRows | None:
    """The grid of a department for one frequency, "" for the one to begin with; None where it hands in nothing of that
    frequency (8 queries)."""
    everything, by_kind, today = items([department_id]), opened(now), localtime(now).date()
    kinds = tuple(k for k in Kind if any(item.frequency is k for item in everything))
    shown = {k: _columns(by_kind.get(k, []), Period.of(k, today).previous()) for k in kinds}
    codes = {period.code for periods in shown.values() for period in periods}
    windows = {period: w for (period, _department), w in input_periods.windows(codes, [department_id], now).items()}
    chosen = next((k for k in kinds if k.value == kind), None) if kind else _first_open(shown, windows)
    if chosen is None:
        return None
    chosen_items = tuple(item for item in everything if item.frequency is chosen)
    periods = [p for p in shown[chosen] if windows[p.code].state == "open" or p in shown[chosen][-LATEST:]]
    return GridRows(
        department_id=department_id,
        department=name,
        code=code,
        kind=chosen,
        kinds=kinds,
        items=chosen_items,
        periods=tuple(periods),
        windows=windows,
        cells=cells([item.id for item in chosen_items], [p.code for p in periods]),
        strategists=input_periods.whom_to_ask(),
        approvers=approvers(department_id),
    )


def _columns(known: Sequence[Period], last_complete: Period) -> list[Period]:
    """Periods that may be shown, oldest first: the latest opened ones, and those before the newest of them."""
    newest = known[-1] if known else last_complete
    return sorted({*(newest.shift(-step) for step in range(LATEST)), *known[-MOST_OPEN:]})


def _first_open(shown: Mapping[Kind, Sequence[Period]], windows: Mapping[str, Window]) -> Kind | None:
    """The frequency to begin with: the first of which a period is open, else the first."""
    with_open = [k for k, periods in shown.items() if any(windows[p.code].state == "open" for p in periods)]
    return next(iter(with_open or shown), None)


def one_cell(key: Key) -> tuple[Item, Stored | None] | None:
    """A cell and its indicator, without targets and series; None where departments hand in no such indicator
    (2 queries)."""
    found = Indicator.objects.filter(pk=key[0], source=HANDED_IN, retired_on__isnull=True)
    indicator = found.select_related("unit", "responsible").first()
    if indicator is None:
        return None
    return _item(indicator, (), ()), cells([indicator.pk], [key[1]]).get(key)


def evidence(evidence_id: int) -> EvidenceFile | None:
    """A file as it was handed in (1 query)."""
    found = Evidence.objects.filter(pk=evidence_id).first()
    if found is None:
        return None
    return EvidenceFile(found.department_id, found.filename, found.content_type, bytes(found.content))
