"""Whole stages over plain rows: own series, benchmarks and assessments of many indicators at once (METHODS §1–3).

Nothing here decides a number: it lines rows up and calls the functions of `series`, `benchmark` and `status`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indicators.compute import benchmark, series, status
from indicators.compute.comparison import above, equal
from indicators.compute.series import Break
from indicators.compute.status import SIGN, Direction, Form, Observation, Reason, Target, Verdict
from indicators.periods import Kind, Period

OLDEST_YEARS = 2  # a value or comparison value older than this many years says nothing of the period any more
RECENT = 12  # how many due periods a small chart shows
LESSON_YEARS = 5
ABSENCE_REASON = {
    "not_due": Reason.NOT_YET_DUE,
    "not_applicable": Reason.NOT_APPLICABLE,
    "confidential": Reason.CONFIDENTIAL,
    "method_changed": Reason.BREAK,
    "too_few_answers": Reason.TOO_FEW_ANSWERS,
}


@dataclass(frozen=True)
class DatedTarget:
    """A target with its identity and the years it is valid in, both included."""

    id: int
    target: Target
    valid_from: int
    valid_to: int | None


@dataclass(frozen=True)
class Definition:
    """What the computation needs to know of an indicator; the texts stay in the database."""

    id: int
    code: str
    kpi: str
    respondents_kpi: str
    area: str
    kind: Kind
    due_days: int
    good: Direction
    share: bool
    decimals: int
    breaks: tuple[Break, ...] = ()
    targets: tuple[DatedTarget, ...] = ()
    source: str = ""
    formula: str = ""
    margin_kpi: str = ""


@dataclass(frozen=True)
class Point:
    """One due period of our own series: a value, or None with the reason why there is none."""

    period: Period
    value: float | None
    absence: str = ""
    margin: float | None = None
    margin_computed: bool = False
    respondents: int | None = None
    revision: int = 0
    earlier_value: float | None = None
    delivery_id: int | None = None
    lacks: tuple[tuple[str, str, str], ...] = ()  # of a computed value: (input, period, why) of what was missing


@dataclass(frozen=True)
class Group:
    """A peer group as the computation sees it; `area` limits a list of similar municipalities to its area."""

    id: int
    code: str
    kind: str
    area: str | None
    members: tuple[str, ...]


@dataclass(frozen=True)
class PeerMatrix:
    """Values of all municipalities: one row an indicator and year, one column a municipality, NaN where none.

    `rows` maps a kpi to the slice of rows that are its years, ascending; `years` gives the year of each row.
    """

    codes: list[str]
    column: dict[str, int]
    years: NDArray[np.int64]
    rows: dict[str, slice]
    values: NDArray[np.float64]


def peer_matrix(values: pd.DataFrame) -> PeerMatrix:
    """values: columns kpi, year, municipality, value; one row a key."""
    kpis, kpi_names = pd.factorize(values["kpi"], sort=True)
    columns, codes = pd.factorize(values["municipality"], sort=True)
    years = values["year"].to_numpy(dtype=np.int64)
    row_keys, row = np.unique(kpis.astype(np.int64) * 10_000 + years, return_inverse=True)
    matrix = np.full((len(row_keys), len(codes)), np.nan)
    matrix[row, columns] = values["value"].to_numpy(dtype=float)
    kpi_of_row = row_keys // 10_000
    starts = np.searchsorted(kpi_of_row, np.arange(len(kpi_names)))
    ends = np.searchsorted(kpi_of_row, np.arange(len(kpi_names)), side="right")
    slices = {str(name): slice(int(starts[i]), int(ends[i])) for i, name in enumerate(kpi_names)}
    names = [str(code) for code in codes]
    return PeerMatrix(names, {code: i for i, code in enumerate(names)}, row_keys % 10_000, slices, matrix)


def fill_gaps(points: Sequence[Point], kind: Kind, until: Period | None) -> list[Point]:
    """Points in order of their periods with an explicit “missing” for every due period up to `until` that has none."""
    known = {point.period: point for point in points}
    filled = series.with_gaps({p.period: math.nan if p.value is None else p.value for p in points}, kind, until)
    return [known.get(period, Point(period, None, "missing")) for period in filled]


def last_due(kind: Kind, due_days: int, today: date) -> Period:
    """The newest period whose value should be there by now."""
    period = Period.of(kind, today)
    while period.due(due_days) > today:
        period = period.previous()
    return period


# ── benchmarks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def benchmarks(
    definitions: Sequence[Definition],
    matrix: PeerMatrix,
    groups: Sequence[Group],
    home: str,
    margins: Mapping[int, Mapping[int, float]],
) -> dict[int, list[dict[str, Any]]]:
    """Rows of `Benchmark` by indicator, for every group and year: reference without us, place with us.

    margins: indicator → year → our value's margin of error, where it has one. All indicators that share a group are
    computed together, as one stack of rows.
    """
    found: dict[int, list[dict[str, Any]]] = {definition.id: [] for definition in definitions}
    if home not in matrix.column:
        return found
    for group in groups:
        columns = [matrix.column[code] for code in group.members if code != home and code in matrix.column]
        served = [d for d in definitions if d.kpi in matrix.rows and group.area in (None, d.area)]
        if columns and served:
            for row in _benchmarks_of(served, matrix, group, columns, matrix.column[home], margins):
                found[row["indicator_id"]].append(row)
    return found


def _benchmarks_of(
    served: Sequence[Definition],
    matrix: PeerMatrix,
    group: Group,
    columns: Sequence[int],
    home: int,
    margins: Mapping[int, Mapping[int, float]],
) -> list[dict[str, Any]]:
    spans = [matrix.rows[d.kpi] for d in served]
    taken = np.concatenate([np.arange(span.start, span.stop) for span in spans])
    lengths = [span.stop - span.start for span in spans]
    owner = np.repeat(np.arange(len(served)), lengths)
    years, mine = matrix.years[taken], matrix.values[taken, home]
    others = matrix.values[np.ix_(taken, np.array(columns))]
    higher = np.array([d.good is not Direction.LOWER for d in served])[owner]
    judged = np.array([d.good in SIGN for d in served])[owner] & ~np.isnan(mine)
    margin = np.array(
        [margins.get(served[o].id, {}).get(y, np.nan) for o, y in zip(owner.tolist(), years.tolist(), strict=True)]
    )
    before = np.where(_breaks_at(served, owner, years), -1, _rows_before(owner, years))
    ref, spot = benchmark.reference(others), benchmark.place(mine, others, higher)
    best = worst = np.full(len(taken), np.nan)
    sampled = ~np.isnan(margin)
    if sampled.any():
        best, worst = best.copy(), worst.copy()
        best[sampled], worst[sampled] = benchmark.rank_interval(
            mine[sampled], margin[sampled], others[sampled], higher[sampled]
        )
    table = {
        "indicator_id": np.array([d.id for d in served])[owner],
        "group_id": np.full(len(taken), group.id),
        "year": years,
        "eligible": np.concatenate(
            [benchmark.eligible(mine[owner == i], others[owner == i]) for i in range(len(served))]
        ),
        "others": ref.n,
        "mean": ref.mean,
        "median": ref.median,
        "q25": ref.q25,
        "q75": ref.q75,
        "low": ref.low,
        "high": ref.high,
        "own": mine,
        "robust_z": benchmark.robust_z(mine, others),
        "own_change": mine - np.where(before < 0, np.nan, mine[before]),
        "peer_change": benchmark.peer_trend(np.where((before < 0)[:, None], np.nan, others[before]), others),
        "percentile": np.where(judged, spot.percentile, np.nan),
    }
    whole = {"rank": spot.rank, "best_rank": best, "worst_rank": worst}
    quarters = np.where(judged, benchmark.quarters(mine, others, higher), "")
    names = [*table, *whole, "quarter"]
    lists = [*(c.tolist() for c in table.values()), *(_whole(c, judged) for c in whole.values()), quarters.tolist()]
    return [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]


def _whole(numbers: NDArray[np.float64], judged: NDArray[np.bool_]) -> list[int | None]:
    return [int(x) if ok and x == x else None for x, ok in zip(numbers.tolist(), judged.tolist(), strict=True)]


def _rows_before(owner: NDArray[np.int64], years: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every row the one that holds the same indicator's year before, −1 where that year is not there."""
    previous = np.arange(len(years)) - 1
    follows = np.zeros(len(years), dtype=bool)
    follows[1:] = (owner[1:] == owner[:-1]) & (years[1:] == years[:-1] + 1)
    return np.where(follows, previous, -1)


def _breaks_at(served: Sequence[Definition], owner: NDArray[np.int64], years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows cannot be compared with the year before, since the method changed."""
    return np.array(
        [
            bool(served[o].breaks) and _broken(served[o], y - 1, y)
            for o, y in zip(owner.tolist(), years.tolist(), strict=True)
        ],
        dtype=bool,
    )


def _broken(definition: Definition, earlier: int, later: int) -> bool:
    return series.breaks_between(definition.breaks, Period(Kind.YEAR, earlier), Period(Kind.YEAR, later))


def newest_benchmark(rows: Sequence[Mapping[str, Any]], until: int) -> Mapping[str, Any] | None:
    """The eligible row of the newest year not after `until`; rows of one indicator and one group."""
    fitting = [row for row in rows if row["eligible"] and row["year"] <= until]
    return max(fitting, key=lambda row: row["year"], default=None)


def lessons(
    definition: Definition, matrix: PeerMatrix, similar: Group | None, home: str, year: int
) -> list[dict[str, Any]]:
    """“Learn from” in a year, over the similar municipalities with values then and five years before; nobody where the
    method changed in between."""
    rows = matrix.rows.get(definition.kpi)
    if similar is None or rows is None or definition.good not in SIGN:
        return []
    years = matrix.years[rows].tolist()
    if year not in years or year - LESSON_YEARS not in years or _broken(definition, year - LESSON_YEARS, year):
        return []
    block = matrix.values[rows]
    codes = [code for code in similar.members if code != home and code in matrix.column]
    columns = [matrix.column[code] for code in codes]
    now, before = block[years.index(year)], block[years.index(year - LESSON_YEARS)]
    own = float(now[matrix.column[home]])
    found = benchmark.learn_from(own, now[columns], before[columns], codes, definition.good is Direction.HIGHER)
    return [{"code": lesson.code, "value": lesson.value, "earlier": lesson.earlier, "year": year} for lesson in found]


# ── assessments ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Evidence:
    """What is known of one indicator when its periods are assessed."""

    definition: Definition
    points: Sequence[Point]
    benchmarks: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # by group id
    groups: Sequence[Group] = ()


def target_in(targets: Sequence[DatedTarget], year: int) -> DatedTarget | None:
    """The target valid in a year; where two are, the one that started last."""
    valid = [t for t in targets if t.valid_from <= year and (t.valid_to is None or year <= t.valid_to)]
    return max(valid, key=lambda t: t.valid_from, default=None)


def newest_value(points: Sequence[Point], until: Period) -> tuple[Point | None, Point | None]:
    """The newest point with a value that still speaks for `until`, and the newest point at all by then.

    A stated reason (confidential, not applicable …) in the newest due period counts as the answer; a value that is
    merely missing lets the one before speak, at most OLDEST_YEARS back.
    """
    seen = [p for p in points if p.period.last_day <= until.last_day]
    if not seen:
        return None, None
    newest = seen[-1]
    if newest.absence not in ("", "missing", "not_due"):
        return None, newest
    valued = next((p for p in reversed(seen) if p.value is not None), None)
    if valued is None or valued.period.last_day.year < until.last_day.year - OLDEST_YEARS:
        return None, newest
    return valued, newest


def comparison_point(points: Sequence[Point], y: Point, named: str | None) -> Point | None:
    """The value to compare with: the named period's, else the previous due one's, else the newest at most
    OLDEST_YEARS older than y (surveys that are taken every second year)."""
    by_period = {p.period: p for p in points if p.value is not None}
    if named:
        # A value is no yardstick for itself, nor for what came before it.
        return by_period.get(Period.parse(named)) if Period.parse(named) < y.period else None
    before = [p for p in by_period.values() if p.period < y.period]
    newest = max(before, key=lambda p: p.period, default=None)
    if newest is None or newest.period.last_day.year < y.period.last_day.year - OLDEST_YEARS:
        return None
    return newest


def group_of_kind(groups: Sequence[Group], kind: str | None, area: str) -> Group | None:
    """The group that a target or a page means by a kind; the list made for the area goes before the general one."""
    fitting = [g for g in groups if g.kind == kind and g.area in (None, area)]
    return min(fitting, key=lambda g: (g.area is None, g.id), default=None)


def change_word(good: Direction, y: Point, c: Point, comparable: bool) -> str:
    """better, worse, unchanged, uncertain (inside the margin of error), or "" where no way is the good one."""
    if good not in SIGN or y.value is None or c.value is None or not comparable:
        return ""
    margin = status.margin_of_difference(y.margin, c.margin)
    difference = SIGN[good] * (y.value - c.value)
    if margin and not above(abs(difference), margin):
        return "uncertain"
    if equal(difference, 0.0):
        return "unchanged"
    return "better" if difference > 0 else "worse"


def assess_period(evidence: Evidence, until: Period, today: date) -> dict[str, Any]:
    """The row of `Assessment` for one indicator and follow-up period, without `computed_at`."""
    definition = evidence.definition
    y, newest = newest_value(evidence.points, until)
    dated = target_in(definition.targets, until.year)
    target = dated.target if dated else None
    named = target.baseline_period if target and target.form in (Form.DIRECTION, Form.NOT_WORSE) else None
    c = comparison_point(evidence.points, y, named) if y else None
    broken = bool(y and c and series.breaks_between(definition.breaks, c.period, y.period))
    position = _position(evidence, target.group if target else None, until) if target else None
    if position and position["year"] < until.year - OLDEST_YEARS:
        position = None  # shown on the pages with its year, but too old to judge the present by, as a value would be
    seen = _observation(evidence, target, y, c, broken, position, _absence(evidence, y, newest, until, today))
    verdict = status.assess(target, definition.good, seen)
    shown = _position(evidence, "all", until)
    comparable = bool(y and c) and not broken
    return {
        "indicator_id": definition.id,
        "period": until.code,
        "status": verdict.status.value,
        "reason": verdict.reason.value if verdict.reason else "",
        "value": y.value if y else None,
        "value_period": y.period.code if y else "",
        "margin": y.margin if y else None,
        "comparison": c.value if c and comparable else None,
        "comparison_period": c.period.code if c and comparable else "",
        "change": _change(y, c) if comparable else None,
        "change_word": change_word(definition.good, y, c, comparable) if y and c else "",
        "target_id": dated.id if dated else None,
        "gap": status.gap(verdict.trace),
        "group_id": shown["group_id"] if shown else None,
        "benchmark_year": shown["year"] if shown else None,
        "rank": shown.get("rank") if shown else None,
        "peers": shown["others"] + 1 if shown else None,
        "quarter": shown["quarter"] if shown else "",
        "recent": _recent(evidence.points, until, definition.decimals),
        "trace": {"source": definition.source, **_trace(verdict, target, y, c, newest, position)},
        "rule_version": status.RULE_VERSION,
    }


def _change(y: Point | None, c: Point | None) -> float | None:
    if y is None or c is None or y.value is None or c.value is None:
        return None
    return series.change(y.value, c.value)


def _absence(evidence: Evidence, y: Point | None, newest: Point | None, until: Period, today: date) -> Reason | None:
    if y is not None:
        return None
    if newest is not None and newest.absence in ABSENCE_REASON:
        return ABSENCE_REASON[newest.absence]
    definition = evidence.definition
    expected = series.due_periods(definition.kind, until, until)
    if expected and expected[0].due(definition.due_days) > today:
        return Reason.NOT_YET_DUE
    return Reason.NO_VALUE


def _position(evidence: Evidence, kind: str | None, until: Period) -> Mapping[str, Any] | None:
    group = group_of_kind(evidence.groups, kind, evidence.definition.area)
    return newest_benchmark(evidence.benchmarks.get(group.id, ()), until.year) if group else None


def _observation(
    evidence: Evidence,
    target: Target | None,
    y: Point | None,
    c: Point | None,
    broken: bool,
    position: Mapping[str, Any] | None,
    absence: Reason | None,
) -> Observation:
    if y is None or y.value is None:
        return Observation(value=None, absence=absence)
    base: Point | None = None
    if target and target.form is Form.YEARLY_CHANGE and target.baseline_period:
        wanted = Period.parse(target.baseline_period)
        known = (p for p in evidence.points if p.period == wanted and p.value is not None)
        base = next(known, None) if wanted <= y.period else None  # the path starts at its baseline
    breaks = evidence.definition.breaks
    return Observation(
        value=y.value,
        margin=y.margin,
        comparison=c.value if c else None,
        comparison_margin=c.margin if c else None,
        break_since_comparison=broken,
        baseline=base.value if base else None,
        years=y.period.x - base.period.x if base else None,
        break_since_baseline=bool(base and series.breaks_between(breaks, base.period, y.period)),
        percentile=position.get("percentile") if position else None,
        rank=position.get("rank") if position else None,
        peers=position["others"] + 1 if position else None,
    )


def _trace(
    verdict: Verdict,
    target: Target | None,
    y: Point | None,
    c: Point | None,
    newest: Point | None,
    position: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Every input of a status, so that it can be worked out again from the export alone. JSON values only."""
    trace: dict[str, Any] = {"numbers": {k: _json_number(v) for k, v in verdict.trace.items()}}
    if verdict.missing:
        trace["missing"] = verdict.missing
    if target:
        trace["form"] = target.form.value
        trace["side"] = target.side.value if target.side else None
        trace["wanted"] = target.wanted.value if target.wanted else None
        trace["baseline_period"] = target.baseline_period
    if y:
        trace["value_period"] = y.period.code
        trace["value_margin"] = _json_number(y.margin)
        trace["margin_computed"] = y.margin_computed
    if c:
        trace["comparison_period"] = c.period.code
        trace["comparison_margin"] = _json_number(c.margin)
    if newest and (y is None or newest.period != y.period):
        trace["newest_period"] = newest.period.code
        trace["newest_absence"] = newest.absence
    if target and target.form is Form.POSITION and position:
        trace["benchmark_year"] = position["year"]
        trace["group_id"] = position["group_id"]
    return trace


def _json_number(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _recent(points: Sequence[Point], until: Period, decimals: int) -> list[float | None]:
    seen = [p for p in points if p.period.last_day <= until.last_day][-RECENT:]
    return [None if p.value is None else round(p.value, decimals + 2) for p in seen]
