"""What the pipeline computes from."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q

from indicators.compute import formula, frames, series
from indicators.compute.series import Break
from indicators.compute.status import Direction, Form, Side, Target
from indicators.models import (
    Area,
    Assessment,
    Indicator,
    Measurement,
    MeasurementState,
    Municipality,
    PeerGroup,
    PeerGroupMember,
    PeerValue,
    SeriesBreak,
    Source,
)
from indicators.models import Target as StoredTarget
from indicators.periods import Kind, Period
from indicators.sources.kolada import SURVEY_ANSWERS, SURVEY_RESPONSE_RATE

POPULATION = "N01951"  # Kolada's identity of the number of inhabitants, which formulas “per inhabitant” divide by


def number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def present(value: float) -> float | None:
    """A float out of a frame, None for its NaN."""
    return None if value != value else float(value)


# ── what the pipeline computes from ───────────────────────────────────────────────────────────────────────────────────


def home() -> Municipality | None:
    """The municipality that this installation belongs to; None until it is set up."""
    return Municipality.objects.filter(is_home=True).first()


def definitions(ids: Iterable[int] | None = None, *, lock: bool = False) -> list[frames.Definition]:
    """Definitions with breaks and targets, by id (3 queries). `lock` keeps others from computing the same meanwhile."""
    chosen = Indicator.objects.order_by("id").select_related(None)
    if ids is not None:
        chosen = chosen.filter(id__in=list(ids))
    if lock:
        chosen = chosen.select_for_update(of=("self",))
    rows = list(
        chosen.values(
            "id",
            "code",
            "kolada_id",
            "respondents_kolada_id",
            "margin_kolada_id",
            "area_id",
            "frequency",
            "due_days",
            "direction",
            "decimals",
            "source",
            "formula",
            "unit__share",
        )
    )
    found = [r["id"] for r in rows]
    breaks: dict[int, list[Break]] = {}
    for b in SeriesBreak.objects.filter(indicator_id__in=found).values(
        "indicator_id", "period", "comparable_backwards"
    ):
        breaks.setdefault(b["indicator_id"], []).append(Break(Period.parse(b["period"]), b["comparable_backwards"]))
    targets: dict[int, list[frames.DatedTarget]] = {}
    for t in StoredTarget.objects.filter(indicator_id__in=found):
        targets.setdefault(t.indicator_id, []).append(
            frames.DatedTarget(t.id, target_value(t), t.valid_from, t.valid_to)
        )
    return [
        frames.Definition(
            id=r["id"],
            code=r["code"],
            kpi=r["kolada_id"],
            respondents_kpi=r["respondents_kolada_id"],
            area=r["area_id"],
            kind=Kind(r["frequency"]),
            due_days=r["due_days"],
            good=Direction(r["direction"]),
            share=r["unit__share"],
            decimals=r["decimals"],
            source=r["source"],
            formula=r["formula"],
            margin_kpi=r["margin_kolada_id"],
            breaks=tuple(breaks.get(r["id"], ())),
            targets=tuple(targets.get(r["id"], ())),
        )
        for r in rows
    ]


def formulas() -> dict[str, formula.Tree]:
    """The formulas of all computed indicators, by code (1 query)."""
    rows = Indicator.objects.filter(source=Source.COMPUTED).order_by("code").values_list("code", "formula")
    return {code: formula.parse(text) for code, text in rows}


def inputs_of(wanted: Sequence[frames.Definition]) -> list[frames.Definition]:
    """Definitions of everything that the computed ones among these follow from, directly or through others (5 queries;
    none where nothing is computed)."""
    computed = [d.code for d in wanted if d.formula]
    if not computed:
        return []
    names = formula.needed(computed, formulas()) - {d.code for d in wanted}
    return definitions(Indicator.objects.filter(code__in=names).values_list("id", flat=True)) if names else []


def with_dependents(ids: Iterable[int]) -> list[int]:
    """These indicators and the computed ones that follow from them, directly or through others (at most 2 queries)."""
    changed = set(ids)
    known = formulas()
    if not known:
        return sorted(changed)
    codes = dict(Indicator.objects.filter(Q(pk__in=changed) | Q(source=Source.COMPUTED)).values_list("code", "pk"))
    following = formula.dependents([code for code, pk in codes.items() if pk in changed], known)
    return sorted(changed | {codes[code] for code in following})


def inhabitants(home: str) -> dict[str, dict[int, float]]:
    """How many live in a municipality, by breakdown and year (1 query)."""
    rows = peer_frame([POPULATION], municipalities=[home] if home else [], all_breakdowns=True)
    found: dict[str, dict[int, float]] = {}
    for breakdown, year, value in zip(*(rows[c].tolist() for c in ("breakdown", "year", "value")), strict=True):
        if value == value:
            found.setdefault(breakdown, {})[year] = float(value)
    return found


def target_value(stored: StoredTarget) -> Target:
    """The stored target as the value that `compute.status` judges by."""
    return Target(
        form=Form(stored.form),
        side=Side(stored.side) if stored.side else None,
        value=number(stored.value),
        lower=number(stored.lower),
        upper=number(stored.upper),
        tolerance=float(stored.tolerance),
        wanted=Direction(stored.wanted) if stored.wanted else None,
        percent=number(stored.percent),
        baseline_period=stored.baseline_period or None,
        percentile=number(stored.percentile),
        rank=stored.rank,
        group=stored.group or None,
    )


def groups() -> list[frames.Group]:
    """Every peer group with its members (2 queries)."""
    members: dict[int, list[str]] = {}
    for group, code in PeerGroupMember.objects.order_by("municipality_id").values_list("group_id", "municipality_id"):
        members.setdefault(group, []).append(code)
    return [
        frames.Group(g["id"], g["code"], g["kind"], g["area_id"], tuple(members.get(g["id"], ())))
        for g in PeerGroup.objects.order_by("order", "id").values("id", "code", "kind", "area_id")
    ]


def peer_frame(
    kpis: Sequence[str], *, municipalities: Sequence[str] | None = None, all_breakdowns: bool = False
) -> pd.DataFrame:
    """Newest published values: kpi, year, municipality, value (float, withdrawn ones left out); one query.

    With `all_breakdowns` also the column breakdown, and revision, delivery_id. Only municipalities, never regions or
    the nation, unless codes are named.
    """
    table = PeerValue._meta.db_table
    cast = "value::float8" if connection.vendor == "postgresql" else "value"
    columns = ["kpi", "year", "municipality", "breakdown", "revision", "value", "delivery_id"]
    where = [f"kpi IN ({', '.join(['%s'] * len(kpis))})"]
    arguments: list[Any] = list(kpis)
    if municipalities is None:
        # Named one by one: as a join, the planner starts from the wrong end while it does not know the small table.
        others = list(Municipality.objects.exclude(type="K").values_list("code", flat=True))
        if others:
            where.append(f"municipality NOT IN ({', '.join(['%s'] * len(others))})")
            arguments += others
    else:
        where.append(f"municipality IN ({', '.join(['%s'] * len(municipalities))})")
        arguments += municipalities
    if not all_breakdowns:
        columns = ["kpi", "year", "municipality", "revision", "value"]
        where.append("breakdown = 'T'")
    if not kpis or municipalities == []:
        return pd.DataFrame(columns=columns)
    selected = ", ".join(cast if name == "value" else name for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {selected} FROM {table} WHERE {' AND '.join(where)}", arguments)
        rows = cursor.fetchall()
    frame = pd.DataFrame.from_records(rows, columns=columns)
    key = [name for name in ("kpi", "year", "municipality", "breakdown") if name in columns]
    frame["value"] = frame["value"].astype(float)
    if all_breakdowns or (not frame.empty and frame["revision"].max() > 0):
        frame = series.newest_revision(frame, key, earlier="earlier_value" if all_breakdowns else None)
    # A withdrawn value stays only where its history is asked for.
    return frame if all_breakdowns else frame[frame["value"].notna()].drop(columns="revision")


def last_published_years(kpis: Sequence[str]) -> dict[str, int]:
    """The newest year in which any municipality has a value, by kpi (1 query)."""
    rows = PeerValue.objects.filter(kpi__in=kpis, value__isnull=False).values_list("kpi").annotate(Max("year"))
    return dict(rows.order_by())


def measurements(ids: Sequence[int]) -> pd.DataFrame:
    """Approved measurements of the indicators' own sources, the newest approved one of each cell (1 query).

    Columns: indicator_id, period (code), breakdown, value, absence, margin, respondents, revision, delivery_id,
    earlier_value. `revision` counts how often what is approved has changed: drafts, returns and approving the same
    again are none of the council's revisions, and `earlier_value` is the value that was approved before.
    """
    columns = [
        "indicator_id", "period", "breakdown", "value", "absence", "margin", "respondents", "revision", "delivery_id",
    ]  # fmt: skip
    if not ids:
        return pd.DataFrame(columns=columns)
    rows = Measurement.objects.filter(indicator_id__in=ids, state=MeasurementState.APPROVED).filter(
        Q(source="department", indicator__source="department") | Q(source="survey", indicator__source="survey")
    )
    frame = pd.DataFrame.from_records(list(rows.values_list(*columns)), columns=columns)
    if frame.empty:
        return frame.assign(earlier_value=pd.Series(dtype=float))
    for name in ("value", "margin"):
        frame[name] = frame[name].map(number).astype(float)
    cell = ["indicator_id", "period", "breakdown"]
    return series.newest_revision(series.official_revisions(frame, cell), cell, earlier="earlier_value")


def kpi_ranges() -> dict[str, tuple[float | None, float | None]]:
    """Possible range by kpi, for validation; a margin of error is not below 0 (1 query)."""
    rows = list(
        Indicator.objects.exclude(kolada_id="").values_list("kolada_id", "margin_kolada_id", "minimum", "maximum")
    )
    margins: dict[str, tuple[float | None, float | None]] = {margin: (0.0, None) for _, margin, _, _ in rows if margin}
    return margins | {kpi: (number(low), number(high)) for kpi, _, low, high in rows}


def imported_kpis() -> list[str]:
    """Every Kolada identity that the definitions need: the indicators' own, their numbers of answers and margins of
    error, the response rate of the citizen survey, and the number of inhabitants where a formula divides by it (2
    queries)."""
    names = ("kolada_id", "respondents_kolada_id", "margin_kolada_id")
    rows = Indicator.objects.filter(retired_on=None).values_list(*names)
    people = {POPULATION} if any(map(formula.per_inhabitant, formulas().values())) else set()
    named = {kpi for row in rows for kpi in row if kpi}
    return sorted(named | people | ({SURVEY_RESPONSE_RATE} if SURVEY_ANSWERS in named else set()))


def municipality_codes() -> set[str]:
    """Codes that a value may belong to: municipalities, regions and the nation."""
    return set(Municipality.objects.values_list("code", flat=True))


def similar_families() -> dict[str, str]:
    """Kolada's family of lists of similar municipalities → the area it was made for."""
    rows = Area.objects.exclude(similar__in=["", "övergripande"]).order_by("order").values_list("similar", "code")
    return dict(rows)


def areas_without_list() -> list[str]:
    """Areas that name no published list: their similar municipalities are computed."""
    return list(Area.objects.filter(similar="").values_list("code", flat=True))


def indicator_ids(kpis: Iterable[str] | None = None) -> list[int]:
    """Indicators that are fed by the given Kolada identities, or all of them (at most 2 queries)."""
    chosen = Indicator.objects.filter(retired_on=None).order_by("code")
    if kpis is not None:
        names = list(kpis)
        fed = Q(kolada_id__in=names) | Q(respondents_kolada_id__in=names) | Q(margin_kolada_id__in=names)
        if POPULATION in names:
            fed |= Q(code__in=[code for code, tree in formulas().items() if formula.per_inhabitant(tree)])
        chosen = chosen.filter(fed)
    return list(chosen.values_list("id", flat=True))


def ids_to_recompute() -> list[int]:
    """Indicators in use, which are computed anew, and retired ones whose derived rows are gone: a retired one that has
    them stays as it is (1 query)."""
    derived = Assessment.objects.filter(indicator=OuterRef("pk"))
    chosen = Indicator.objects.filter(Q(retired_on=None) | ~Exists(derived))
    return list(chosen.order_by("code").values_list("id", flat=True))


def ids_by_code() -> dict[str, int]:
    return dict(Indicator.objects.values_list("code", "id"))
