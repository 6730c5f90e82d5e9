"""What must be known to write a cell: its indicator, its window, its revisions and those of the periods before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import FloatField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject

from indicators.compute.input_window import Window, window
from indicators.compute.plausibility import Peers, Rules, year_of
from indicators.compute.revisions import Revision
from indicators.models import (
    Benchmark,
    Evidence,
    Indicator,
    InputException,
    InputPeriod,
    Measurement,
    SeriesBreak,
    Source,
)
from indicators.periods import Kind
from indicators.queries.computation import number
from indicators.templatetags.figures import language

REVISION_COLUMNS = (
    "indicator_id", "period", "breakdown", "revision", "state", "value_", "absence", "numerator_", "denominator_",
    "comment", "evidence_id", "evidence_link", "note", "checks", "entered_by_id", "entered_at",
)  # fmt: skip
PEER_FIGURES = JSONObject(year="year", others="others", low="low", high="high", q25="q25", q75="q75")
# An indicator's and a breakdown's revisions: period → revisions, oldest first.
Series = dict[str, list[Revision]]


@dataclass(frozen=True)
class Definition:
    """What an indicator asks of those who hand in its values."""

    id: int
    code: str
    name: str
    department_id: int
    department: str
    source: str
    retired: bool
    four_eyes: bool
    symbol: str
    rules: Rules


@dataclass(frozen=True)
class CellGround:
    """Everything a single cell is judged by, except its revisions."""

    definition: Definition
    window: Window
    comparable_from: str
    peers: Peers | None
    evidence_department: int | None


def _columns() -> list[str]:
    words = language()
    return [
        "id", "code", f"name_{words}", "department_id", f"department__name_{words}", "source", "retired_on",
        "four_eyes", f"unit__symbol_{words}", "frequency", "decimals", "minimum", "maximum", "unit__share", "divided",
    ]  # fmt: skip


def _definition(row: Sequence[Any]) -> Definition:
    pk, code, name, department_id, department, source, retired, four_eyes, symbol, kind, *rest = row
    decimals, minimum, maximum, share, divided = rest[:5]
    rules = Rules(Kind(kind), decimals, number(minimum), number(maximum), share, divided)
    gone = retired is not None
    return Definition(
        pk, code, name or code, department_id, department or "", source, gone, four_eyes, symbol or "", rules
    )


def _peers(year: int) -> QuerySet[Benchmark, Any]:
    """Where the similar municipalities lie in the newest year that can be compared, `year` at the latest."""
    return (
        Benchmark.objects.filter(
            indicator=OuterRef("pk"), group__kind="similar", year__lte=year, low__isnull=False, q25__isnull=False
        )
        .order_by("-year", "group__order")
        .values(found=PEER_FIGURES)[:1]
    )


def _breaks(period: str) -> QuerySet[SeriesBreak, Any]:
    return (
        SeriesBreak.objects.filter(indicator=OuterRef("pk"), comparable_backwards=False, period__lte=period)
        .order_by("-period")
        .values("period")[:1]
    )


def ground(*, indicator_id: int, period: str, evidence_id: int | None, now: datetime) -> CellGround | None:
    """What a cell is judged by, with its indicator locked until the transaction ends (1 query)."""
    opened = InputPeriod.objects.filter(period=period)
    granted = InputException.objects.filter(input_period__period=period, department=OuterRef("department_id"))
    files = Evidence.objects.none() if evidence_id is None else Evidence.objects.filter(pk=evidence_id)
    indicators: QuerySet[Indicator, Any] = QuerySet(Indicator)
    row = (
        indicators.filter(pk=indicator_id)
        .select_for_update(of=("self",))
        .annotate(
            opens=Subquery(opened.values("opens_at")[:1]),
            closes=Subquery(opened.values("closes_at")[:1]),
            granted=Subquery(granted.values("closes_at")[:1]),
            comparable_from=Subquery(_breaks(period)),
            peers=Subquery(_peers(year_of(period))),
            evidence_department=Subquery(files.values("department_id")[:1]),
        )
        .values_list(*_columns(), "opens", "closes", "granted", "comparable_from", "peers", "evidence_department")
        .first()
    )
    if row is None:
        return None
    *definition, opens, closes, granted_until, comparable_from, peers, evidence_department = row
    return CellGround(
        _definition(definition),
        window(opens, closes, granted_until, now),
        comparable_from or "",
        Peers(**peers) if peers else None,
        evidence_department,
    )


def definitions(ids: Collection[int], *, lock: bool) -> dict[int, Definition]:
    """Indicators by id (1 query); `lock`: until the transaction ends, in order of id."""
    rows: QuerySet[Indicator, Any] = QuerySet(Indicator).filter(pk__in=set(ids)).order_by("id")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return {row[0]: _definition(row) for row in rows.values_list(*_columns())}


def breaks(ids: Collection[int]) -> dict[int, list[str]]:
    """Periods from which values are not comparable backwards, by indicator, in order (1 query)."""
    found: dict[int, list[str]] = {}
    rows = SeriesBreak.objects.filter(indicator_id__in=set(ids), comparable_backwards=False).order_by("period")
    for pk, period in rows.values_list("indicator_id", "period"):
        found.setdefault(pk, []).append(period)
    return found


def peers(ids: Collection[int]) -> dict[int, list[Peers]]:
    """Where the similar municipalities lie, by indicator, newest year first (1 query)."""
    found: dict[int, list[Peers]] = {}
    rows = Benchmark.objects.filter(
        indicator_id__in=set(ids), group__kind="similar", low__isnull=False, q25__isnull=False
    ).order_by("-year", "group__order")
    for pk, row in rows.values_list("indicator_id", PEER_FIGURES):
        found.setdefault(pk, []).append(Peers(**row))
    return found


def evidence_departments(ids: Collection[int]) -> dict[int, int]:
    """Which department each file belongs to (1 query)."""
    return dict(Evidence.objects.filter(pk__in=set(ids)).values_list("pk", "department_id"))


def revisions(
    ids: Collection[int], *, breakdown: str | None = None, periods: Collection[str] | None = None
) -> dict[tuple[int, str], Series]:
    """Every revision made by departments, by indicator and breakdown: all, or those of some periods (1 query)."""
    rows = Measurement.objects.filter(indicator_id__in=set(ids), source=Source.DEPARTMENT)
    if breakdown is not None:
        rows = rows.filter(breakdown=breakdown)
    if periods is not None:
        rows = rows.filter(period__in=set(periods))
    # A Decimal takes ten times as long to make as a float.
    as_float: dict[str, Any] = {f"{name}_": Cast(name, FloatField()) for name in ("value", "numerator", "denominator")}
    told: QuerySet[Measurement, Any] = rows.annotate(**as_float).order_by(
        "indicator_id", "breakdown", "period", "revision"
    )
    found: dict[tuple[int, str], Series] = {}
    for pk, period, kind, *rest in told.values_list(*REVISION_COLUMNS):
        found.setdefault((pk, kind), {}).setdefault(period, []).append(Revision._make(rest))
    return found


def names(ids: Collection[int | None]) -> Mapping[int, str]:
    """Names of people by id (1 query)."""
    users: Any = get_user_model().objects
    wanted = {pk for pk in ids if pk is not None}
    return {user.pk: user.get_full_name() or user.get_username() for user in users.filter(pk__in=wanted)}
