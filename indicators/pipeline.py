"""The stages in order, on one screen each: RAW → VALID → SERIES → POSITION → STATUS → stored. Open this file first."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

import pandas as pd
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from indicators import bulk, operations
from indicators.compute import formula, frames, peer_groups, similar, validate
from indicators.compute.frames import Definition, Evidence, Group, PeerMatrix, Point
from indicators.compute.series import share_margin
from indicators.models import JobKind, JobRun, MeasurementState
from indicators.periods import Kind, Period
from indicators.queries import computation as queries
from indicators.sources import kolada

CHUNK = 16  # indicators a job of a recomputation takes: enough to share the reading, few enough to split over workers
KPIS_AT_ONCE = 10  # Kolada identities between two commits of an import
Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, message: str) -> None:
    """For callers that show none."""


# ── RAW → VALID → stored raw ──────────────────────────────────────────────────────────────────────────────────────────


class Pages(Protocol):
    """Whatever gives decoded pages of API v3: Kolada's client, or the demonstration."""

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[kolada.Page]: ...


def import_peer_values(
    source: Pages,
    *,
    kpis: Sequence[str],
    today: date,
    job: JobRun | None = None,
    revise: bool = False,
    origin: str = "",
    kind: str = "kolada",
    show: Progress = no_progress,
) -> set[str]:
    """Fetch, validate and store values block by block; goes on where an interrupted job stopped.

    Returns the identities whose values changed. Each block of KPIS_AT_ONCE is one transaction with the job's place in
    the work, so a block is stored whole or not at all. New years only (and the newest stored one again, which is often
    filled later), all years with `revise`.
    """
    delivery = operations.start_import(source=kind, origin=origin, job=job, revise=revise)
    finished: list[str] = list(job.progress.get("finished", [])) if job else []
    changed: set[str] = set(job.progress.get("changed", [])) if job else set()
    answered: set[str] = set(job.progress.get("answered", [])) if job else set()
    municipalities, ranges = queries.municipality_codes(), queries.kpi_ranges()
    stored = queries.last_published_years(kpis)
    last = {} if revise else stored
    for block, years in _blocks([k for k in kpis if k not in finished], last, today):
        with bulk.PeerStage() as stage:
            received, faults = 0, []
            for page in source.data(block, years):
                flat = kolada.flatten(page.cells)
                # Plain objects: a column of floats would turn a null, a missing value, into a NaN, a fault.
                raw = pd.DataFrame(flat.rows, columns=validate.RAW_COLUMNS, dtype=object)
                checked = validate.check_peer_values(
                    raw, kpis=block, municipalities=municipalities, latest_year=today.year, ranges=ranges
                )
                stage.load(checked.valid)
                stage.contest(_contested(checked.rejected))
                answered |= set(checked.valid["kpi"].unique())
                received += len(raw) + len(flat.rejected)
                faults += _faults(checked.rejected) + _misshapen(flat, page.number)
                show(len(finished), len(kpis), f"{block[0]}–{block[-1]}, page {page.number}")
                if job:
                    operations.report_progress(job=job, done=len(finished), total=len(kpis), message=block[0])
            finished += block
            applied = operations.store_peer_values(
                stage=stage,
                delivery=delivery,
                received=received,
                known=not stored.keys().isdisjoint(block),
                faults=pd.DataFrame(faults, columns=["kpi", "fault", "example"]),
                job=job,
                progress={"finished": finished, "answered": sorted(answered), "changed": sorted(changed | set(block))},
                done=len(finished),
                total=len(kpis),
            )
            if applied.added or applied.revised:
                changed |= set(block)
        show(len(finished), len(kpis), f"{applied.added} new, {applied.revised} revised")
    # The newest stored year was asked for again, so that one who says nothing now has fallen silent.
    operations.finish_import(delivery=delivery, unanswered=kolada.unanswered(kpis, answered))
    return changed


def _blocks(kpis: Sequence[str], last: Mapping[str, int], today: date) -> Iterable[tuple[list[str], list[int]]]:
    """Identities that start in the same year, at most KPIS_AT_ONCE together, with the years to ask for."""
    by_start: dict[int, list[str]] = {}
    for kpi in kpis:
        by_start.setdefault(last.get(kpi, settings.KOLADA_FIRST_YEAR), []).append(kpi)
    for start, names in sorted(by_start.items()):
        for i in range(0, len(names), KPIS_AT_ONCE):
            yield names[i : i + KPIS_AT_ONCE], list(range(start, today.year + 1))


def _faults(rejected: pd.DataFrame) -> list[tuple[str, str, Any]]:
    """Rejected rows with the row itself as example, as text: NaN and infinity have no JSON.

    Identities that were not asked for share one line: a report of a line each would be as long as what came.
    """
    found = []
    for row in rejected.to_dict("records"):
        example = f"{row['municipality']} {row['period']} {row['gender']}: {row['value']!r}"
        if row["fault"] == validate.Fault.UNKNOWN_KPI:
            found.append(("", row["fault"], f"{row['kpi']} {example}"))
        else:
            found.append((row["kpi"], row["fault"], example))
    return found


def _contested(rejected: pd.DataFrame) -> Iterator[tuple[str, int, str, str]]:
    """Keys whose values contradict each other on a page."""
    rows = rejected[rejected["fault"] == validate.Fault.CONFLICT]
    return zip(rows["kpi"], rows["period"].astype(int), rows["municipality"], rows["gender"], strict=True)


def _misshapen(flat: kolada.Flattened, page: int) -> list[tuple[str, str, Any]]:
    return [("", r.reason.value, f"page {page}, cell {r.cell + 1}: {r.excerpt}") for r in flat.rejected]


# ── VALID → SERIES → POSITION → STATUS → stored derived ───────────────────────────────────────────────────────────────


def refresh(indicator_ids: Sequence[int], *, today: date, job: JobRun | None = None) -> int:
    """Make the derived rows of these indicators anew from raw, in one transaction; returns how many assessments.

    The definitions stay locked from the first read to the commit, so that of two refreshes of one indicator the later
    always has the newer raw values.
    """
    with transaction.atomic():
        definitions = queries.definitions(indicator_ids, lock=True)
        inputs = queries.inputs_of(definitions)
        definitions = with_inherited_breaks(definitions, inputs)
        home = queries.home()
        groups = queries.groups()
        kpis = sorted({d.kpi for d in (*definitions, *inputs) if d.kpi})
        matrix = frames.peer_matrix(queries.peer_frame(kpis))
        series = own_series([*definitions, *inputs], matrix, home.code if home else "", today)
        margins = {
            d.id: {p.period.year: p.margin for p in series[d.id]["T"] if p.margin is not None} for d in definitions
        }
        places = frames.benchmarks(definitions, matrix, groups, home.code if home else "", margins)
        points: list[dict[str, Any]] = []
        assessments: list[dict[str, Any]] = []
        now = timezone.now()
        for definition in definitions:
            own = series[definition.id]
            evidence = Evidence(definition, own["T"], by_group(places[definition.id]), groups)
            for period in follow_up_periods(own["T"], today):
                row = frames.assess_period(evidence, period, today)
                row["lessons"] = _lessons(definition, matrix, groups, home.code if home else "", row, evidence)
                row["computed_at"] = now
                assessments.append(row)
            points += [_point_row(definition.id, b, p) for b, ps in own.items() for p in ps]
        operations.store_derived(
            indicator_ids=[d.id for d in definitions],
            points=points,
            benchmarks=[row for rows in places.values() for row in rows],
            assessments=assessments,
        )
        if job:
            operations.finish_job(job=job, message=f"{len(definitions)} indicators, {len(assessments)} assessments")
    return len(assessments)


def follow_up_periods(points: Sequence[Point], today: date) -> list[Period]:
    """The calendar years in which an indicator is followed up: from its first value of our own to the present year."""
    first = next((point.period.last_day.year for point in points), today.year)
    return [Period(Kind.YEAR, year) for year in range(first, today.year + 1)]


def by_group(benchmarks: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in benchmarks:
        found.setdefault(row["group_id"], []).append(row)
    return found


def own_series(
    definitions: Sequence[Definition], matrix: PeerMatrix, home: str, today: date
) -> dict[int, dict[str, list[Point]]]:
    """Our own points by indicator and breakdown (“T” always there): from Kolada, from approved measurements, or worked
    out from those of the other definitions."""
    kpis = sorted({k for d in definitions for k in (d.kpi, d.respondents_kpi, d.margin_kpi) if k})
    published = queries.peer_frame(kpis, municipalities=[home], all_breakdowns=True) if home else pd.DataFrame()
    by_kpi = {str(k): rows for k, rows in published.groupby("kpi")} if len(published) else {}
    measured = queries.measurements([d.id for d in definitions if not d.kpi and not d.formula])
    by_id = dict(iter(measured.groupby("indicator_id"))) if len(measured) else {}
    found = {}
    for definition in definitions:
        if definition.formula:
            continue
        if definition.kpi:
            rows = matrix.rows.get(definition.kpi)
            until = Period(Kind.YEAR, int(matrix.years[rows].max())) if rows else None
            answers, margins = by_kpi.get(definition.respondents_kpi), by_kpi.get(definition.margin_kpi)
            found[definition.id] = _published_series(by_kpi.get(definition.kpi), answers, margins, until)
        else:
            until = frames.last_due(definition.kind, definition.due_days, today)
            found[definition.id] = _measured_series(by_id.get(definition.id), definition.kind, until)
    add_computed_series(found, definitions, home, today)
    return found


def add_computed_series(
    found: dict[int, dict[str, list[Point]]], definitions: Sequence[Definition], home: str, today: date
) -> None:
    """Work out the computed indicators, each after its inputs; women and men where every input has them,
    the number of inhabitants among them."""
    trees = {d.code: formula.parse(d.formula) for d in definitions if d.formula}
    if not trees:
        return
    by_code = {d.code: d for d in definitions}
    kinds = {d.code: d.kind for d in definitions}
    people = queries.inhabitants(home) if any(map(formula.per_inhabitant, trees.values())) else {}
    for code in formula.in_order(trees):
        tree, definition = trees[code], by_code[code]
        known = {name: found[by_code[name].id] for name in formula.codes(tree)}
        until = frames.last_due(definition.kind, definition.due_days, today)
        found[definition.id] = {"T": []}
        for breakdown in "TKM":
            divided = all(breakdown in series for series in known.values())
            if breakdown == "T" or (divided and (breakdown in people or not formula.per_inhabitant(tree))):
                given = {name: series.get(breakdown, []) for name, series in known.items()}
                inhabitants = people.get(breakdown, {})
                found[definition.id][breakdown] = formula.computed_series(
                    tree, definition.kind, given, kinds, inhabitants, until
                )


def with_inherited_breaks(definitions: Sequence[Definition], inputs: Sequence[Definition]) -> list[Definition]:
    """Where an input's method changes, what is computed from it changes too."""
    breaks = {d.code: d.breaks for d in (*definitions, *inputs)}
    kinds = {d.code: d.kind for d in (*definitions, *inputs)}
    trees = {d.code: formula.parse(d.formula) for d in (*definitions, *inputs) if d.formula}
    for code in formula.in_order(trees):
        of_inputs = [b for name in formula.codes(trees[code]) for b in breaks[name]]
        breaks[code] = formula.inherited_breaks(breaks[code], of_inputs, kinds[code])
    return [replace(d, breaks=breaks[d.code]) for d in definitions]


def _published_series(
    rows: pd.DataFrame | None, answers: pd.DataFrame | None, margins: pd.DataFrame | None, until: Period | None
) -> dict[str, list[Point]]:
    """Our own published values, with the published margin of error where there is one; otherwise, for all residents
    together, with one computed from the number of answers."""
    series: dict[str, list[Point]] = {"T": []}
    if rows is None:
        return series
    respondents, published = _by_cell(answers), _by_cell(margins)
    columns = ("breakdown", "year", "value", "revision", "earlier_value", "delivery_id")
    points: dict[str, list[Point]] = {}
    for breakdown, year, value, revision, earlier, delivery in zip(*(rows[c].tolist() for c in columns), strict=True):
        period, cell = Period(Kind.YEAR, year), (breakdown, year)
        answered = respondents.get(cell) if breakdown == "T" and not math.isnan(value) else None
        stated = published.get(cell) if not math.isnan(value) else None
        margin = series_margin(value, answered) if stated is None else stated
        points.setdefault(breakdown, []).append(
            Point(
                period,
                queries.present(value),
                "missing" if math.isnan(value) else "",
                margin=margin,
                margin_computed=margin is not None and stated is None,
                respondents=int(answered) if margin is not None and answered is not None else None,
                revision=revision,
                earlier_value=queries.present(earlier),
                delivery_id=delivery,
            )
        )
    return series | {b: frames.fill_gaps(ps, Kind.YEAR, until) for b, ps in points.items()}


def _by_cell(rows: pd.DataFrame | None) -> dict[tuple[str, int], float]:
    """Values by breakdown and year; withdrawn ones left out."""
    if rows is None:
        return {}
    cells = zip(rows["breakdown"], rows["year"].tolist(), rows["value"].tolist(), strict=True)
    return {(breakdown, year): value for breakdown, year, value in cells if not math.isnan(value)}


def series_margin(value: float, answers: float | None) -> float | None:
    """The margin computed from a share and its number of answers; None where either is missing."""
    return queries.present(share_margin(value, math.nan if answers is None else answers))


def _measured_series(rows: pd.DataFrame | None, kind: Kind, until: Period) -> dict[str, list[Point]]:
    series: dict[str, list[Point]] = {"T": []}
    if rows is None:
        return series
    points: dict[str, list[Point]] = {}
    for row in rows.to_dict("records"):
        period = Period.parse(row["period"])
        if period.kind is not kind:
            continue  # from before the frequency was changed
        points.setdefault(row["breakdown"], []).append(
            Point(
                period,
                queries.present(row["value"]),
                row["absence"],
                margin=queries.present(row["margin"]),
                respondents=None if pd.isna(row["respondents"]) else int(row["respondents"]),
                revision=int(row["revision"]),
                earlier_value=queries.present(row["earlier_value"]),
                delivery_id=None if pd.isna(row["delivery_id"]) else int(row["delivery_id"]),
            )
        )
    return series | {b: frames.fill_gaps(ps, kind, until) for b, ps in points.items()}


def _point_row(indicator_id: int, breakdown: str, point: Point) -> dict[str, Any]:
    return {
        "indicator_id": indicator_id,
        "breakdown": breakdown,
        "period": point.period.code,
        "value": point.value,
        "absence": point.absence,
        "margin": point.margin,
        "margin_computed": point.margin_computed,
        "respondents": point.respondents,
        "revision": point.revision,
        "earlier_value": point.earlier_value,
        "delivery_id": point.delivery_id,
        "lacks": [list(lack) for lack in point.lacks] or None,
    }


def _lessons(
    definition: Definition,
    matrix: PeerMatrix,
    groups: Sequence[Group],
    home: str,
    row: Mapping[str, Any],
    evidence: Evidence,
) -> list[dict[str, Any]]:
    """“Learn from”, for an indicator in the worst half of all municipalities."""
    everyone = frames.group_of_kind(groups, "all", definition.area)
    place = (
        frames.newest_benchmark(evidence.benchmarks.get(everyone.id, ()), Period.parse(row["period"]).year)
        if everyone
        else None
    )
    if place is None or place.get("percentile") is None or place["percentile"] >= 50:
        return []
    similar = frames.group_of_kind(groups, "similar", definition.area)
    return frames.lessons(definition, matrix, similar, home, place["year"])


# ── peer groups ───────────────────────────────────────────────────────────────────────────────────────────────────────

SIMILARITY = {"population": "N01951", "median_income": "N00905", "old_share": "N01957"}


def similarity_variables(kpis: Mapping[str, str] = SIMILARITY) -> pd.DataFrame:
    """What similar municipalities are found by, newest values: population, median net income, share aged 80+."""
    values = queries.peer_frame(sorted(kpis.values()))
    newest = values.sort_values("year").drop_duplicates(["kpi", "municipality"], keep="last")
    table = newest.pivot(index="municipality", columns="kpi", values="value").reindex(columns=list(kpis.values()))
    table.columns = pd.Index(list(kpis))
    table["old_share"] = 100 * table["old_share"] / table["population"]
    return table


def store_computed_groups(*, areas: Sequence[str | None]) -> list[str]:
    """Similar municipalities by distance, for the areas (None: all) that no published list serves (METHODS §3); returns
    the groups' codes."""
    home = queries.home()
    near = similar.nearest(similarity_variables(), home.code) if home else pd.DataFrame()
    if near.empty:
        return []
    members: dict[str, tuple[float | None, Mapping[str, float] | None]] = {
        str(code): (float(row["distance"]), {name: float(row[name]) for name in SIMILARITY})
        for code, row in near.to_dict("index").items()
    }
    operations.store_groups(
        by=None,
        groups=[
            operations.GroupOf(
                code=f"similar-{area}" if area else "similar",
                title={"sv": "Liknande kommuner", "en": "Similar municipalities"},
                kind="similar",
                members=members,
                area=area,
                computed=True,
                order=12,
            )
            for area in areas
        ],
    )
    return [f"similar-{area}" if area else "similar" for area in areas]


def store_published_groups(groups: Sequence[kolada.Group]) -> None:
    """Kolada's groups that concern our municipality, and computed ones where an area has no published list.

    Groups that they replace, such as last year's lists, are let go.
    """
    home = queries.home()
    if home is None:
        return
    chosen = peer_groups.choose(
        [(g.code, g.title, g.members) for g in groups],
        home=home.code,
        name=home.name,
        families=queries.similar_families(),
    )
    operations.store_groups(
        by=None,
        groups=[
            operations.GroupOf(
                g.code, g.title, g.kind, dict.fromkeys(g.members, (None, None)), g.area, g.family, g.year, order=g.order
            )
            for g in chosen
        ],
    )
    computed = store_computed_groups(areas=queries.areas_without_list())
    if chosen:  # an empty answer is no news of our groups
        operations.drop_groups(keep=[*(g.code for g in chosen), *computed], by=None)


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run(job: JobRun, *, today: date) -> None:
    """Do what a claimed job asks for."""
    match job.kind:
        case JobKind.REFRESH:
            refresh(job.parameters["indicators"], today=today, job=job)
        case JobKind.RECOMPUTE:
            split_recompute(job)
        case JobKind.KOLADA_IMPORT:
            import_from_kolada(job, today=today)
        case _:
            raise ValueError(f"nobody knows how to run a job of kind {job.kind}")


def split_recompute(job: JobRun) -> None:
    """Hand a recomputation out in parts, one job each, so that all workers share it."""
    ids = queries.ids_to_recompute()
    chunks = [ids[i : i + CHUNK] for i in range(0, len(ids), CHUNK)]
    with transaction.atomic():
        for number, chunk in enumerate(chunks):
            operations.request_job(
                kind=JobKind.REFRESH,
                key=f"recompute:{number}",
                by=job.requested_by,
                parameters={"indicators": chunk},
                parent=job,
            )
        operations.wait_for_children(job=job, total=len(chunks))


def require_real_home() -> None:
    """Raise NotSetUpError where values of real municipalities have no place."""
    home = queries.home()
    if home is None:
        raise operations.NotSetUpError("There is no municipality here yet: set one up before values are fetched")
    if home.invented:
        raise operations.NotSetUpError(
            f"{home.name} is invented, Kolada's values are those of real municipalities: set one up in a fresh database"
        )


def import_from_kolada(job: JobRun, *, today: date, show: Progress = no_progress, refresh: bool = True) -> None:
    """Fetch from Kolada's API what the definitions need, then have the changed indicators computed, unless the caller
    computes everything anyhow. Raises NotSetUpError where the installation is not a real municipality's."""
    require_real_home()
    kpis = job.parameters.get("kpis") or queries.imported_kpis()
    with kolada.KoladaClient(
        settings.KOLADA_URL,
        requests_per_second=settings.KOLADA_REQUESTS_PER_SECOND,
        max_bytes=settings.KOLADA_MAX_BYTES,
    ) as client:
        changed = import_peer_values(
            client,
            kpis=kpis,
            today=today,
            job=job,
            revise=bool(job.parameters.get("revise")),
            origin=settings.KOLADA_URL,
            show=show,
        )
    with transaction.atomic():
        if changed and refresh:
            operations.request_refresh(indicator_ids=queries.indicator_ids(changed), by=job.requested_by)
        operations.finish_job(job=job, message=f"{len(changed)} of {len(kpis)} identities changed")


def record_approved(rows: Sequence[operations.Measured], *, source: str, delivery: Any) -> int:
    """Take in approved measurements of departments and surveys that were published elsewhere."""
    return operations.record_measurements(
        rows=rows, source=source, state=MeasurementState.APPROVED, by=None, delivery=delivery, refresh=False
    )
