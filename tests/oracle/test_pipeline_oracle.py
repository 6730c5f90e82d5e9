"""After a real import over the wire: what stands in the database for Kungsbacka, worked out a second way.

The second way reads the published file and the definition files, and counts in plain Python: no pandas, no numpy, and
nothing of `compute/`. It follows METHODS §1–3.
"""

import csv
import gzip
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

import pytest
import yaml
from pytest_django import DjangoDbBlocker

from indicators.models import Assessment, Benchmark, Import, Indicator, PeerGroup, SeriesPoint
from indicators.queries import computation as queries
from scorecard import pipeline
from tests.integration.conftest import start_replay  # noqa: F401 (the fixture)

pytestmark = pytest.mark.django_db
HOME, TODAY = "1384", date(2023, 11, 1)
# Every form of target, each way that is good, a break, margins, a context indicator, groups of four kinds.
CODES = [
    "ald05", "ald08", "dem01", "eko01", "eko02", "eko04", "eko05", "fsk06", "fsk07", "gym04", "gym06", "ifo02", "kli01",
    "kul05", "nar03", "try01",
]  # fmt: skip
SIGN = {"higher": 1, "lower": -1}
Values = dict[int, dict[str, float]]  # year → municipality → value


@dataclass
class Group:
    code: str
    kind: str
    area: str | None
    order: int
    members: list[str]


@dataclass
class World:
    """What both ways start from: the files, and the groups that the set-up has chosen."""

    definitions: dict[str, dict[str, Any]]
    published: dict[str, Values]
    groups: list[Group]
    delivery: Import
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def values(self, code: str) -> Values:
        return self.published.get(self.definitions[code]["kolada_id"], {})

    def own(self, code: str) -> dict[int, float]:
        return {year: row[HOME] for year, row in self.values(code).items() if HOME in row}

    def serving(self, code: str) -> list[Group]:
        area = self.definitions[code]["area"]
        return [g for g in self.groups if g.area in (None, area)]

    def group_of(self, kind: str, code: str) -> Group | None:
        fitting = [g for g in self.serving(code) if g.kind == kind]
        return min(fitting, key=lambda g: (g.area is None, g.order), default=None)


@pytest.fixture(scope="module")
def world(
    replay_folder: Path,
    start_replay: Callable[..., Callable[[], str]],  # noqa: F811 (the fixture)
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    project: Path,
) -> Any:
    """Kungsbacka, set up from the replay with the identities of CODES; taken out of the database afterwards."""
    from django.core.management import call_command

    found = {}
    for path in sorted((project / "fixtures" / "definitions" / "indicators").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found |= {entry["code"]: {**entry, "area": content["area"]} for entry in content["indicators"]}
    definitions = {code: found[code] for code in CODES}
    kpis = {d[key] for d in definitions.values() for key in ("kolada_id", "respondents_kolada_id") if d.get(key)}
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline.settings, "KOLADA_URL", start_replay()(), raising=False)
        patch.setattr(pipeline.settings, "KOLADA_REQUESTS_PER_SECOND", 0, raising=False)
        patch.setattr(pipeline.indicator_pipeline, "KPIS_AT_ONCE", 2)
        patch.setattr(queries, "imported_kpis", lambda: sorted(kpis))
        pipeline.setup_municipality(HOME, today=TODAY, say=str, show=lambda *_: None)
        groups = [
            Group(g.code, g.kind, g.area_id, g.pk, sorted(m.municipality_id for m in g.members.all()))
            for g in PeerGroup.objects.order_by("pk").prefetch_related("members")
        ]
        ranges = {
            d["kolada_id"]: (d.get("minimum", -math.inf), d.get("maximum", math.inf)) for d in definitions.values()
        }
        made = World(definitions, read(replay_folder, kpis, ranges), groups, Import.objects.get())
        chosen = Indicator.objects.filter(code__in=CODES)
        for model in (SeriesPoint, Benchmark, Assessment):
            rows = model._default_manager.filter(indicator__in=chosen).select_related("indicator")
            made.rows[model.__name__] = [{**vars(row), "code": row.indicator.code} for row in rows]
        yield made
        call_command("flush", interactive=False, verbosity=0)


def read(folder: Path, kpis: set[str], ranges: dict[str, tuple[float, float]]) -> dict[str, Values]:
    """The published values of municipalities, without the few that lie outside of what is possible."""
    with (folder / "municipalities_290.csv").open(encoding="utf-8", newline="") as file:
        places = {row["code"] for row in csv.DictReader(file)}
    found: dict[str, Values] = {}
    with gzip.open(folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for kpi, place, year, gender, value in csv.reader(file):
            if kpi in kpis and gender == "T" and value and place in places:
                low, high = ranges.get(kpi, (-math.inf, math.inf))
                if low <= float(value) <= high:
                    found.setdefault(kpi, {}).setdefault(int(year), {})[place] = float(value)
    return found


def close(ours: Any, theirs: float | None) -> bool:
    """The same to 1e-9 of its size, or missing in both."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(float(ours) - theirs) <= 1e-9 * max(1.0, abs(theirs))


def alike(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-12 * max(1.0, abs(a), abs(b))


def middle(numbers: Sequence[float]) -> float | None:
    ordered, half = sorted(numbers), len(numbers) // 2
    if not ordered:
        return None
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


# ── places among peers ────────────────────────────────────────────────────────────────────────────────────────────────


def broken(definition: dict[str, Any], earlier: int, later: int) -> bool:
    return any(
        earlier < int(b["period"]) <= later and not b.get("comparable_backwards", False)
        for b in definition.get("breaks", ())
    )


def benchmark(world: World, code: str, group: Group, year: int) -> dict[str, Any]:
    """One row of a group and a year, by METHODS §3."""
    definition, values = world.definitions[code], world.values(code)
    way = SIGN.get(definition["direction"])
    peers = [m for m in group.members if m != HOME]
    now, before = values[year], values.get(year - 1, {})
    others = [now[m] for m in peers if m in now]
    own = now.get(HOME)
    best_year = max(sum(m in row for m in peers) for row in values.values())
    row: dict[str, Any] = {
        "others": len(others),
        "eligible": own is not None and len(others) >= 5 and 2 * len(others) >= best_year,
        "own": own,
        "mean": fmean(others) if others else None,
        "median": middle(others),
        "low": min(others, default=None),
        "high": max(others, default=None),
        "q25": None, "q75": None, "rank": None, "percentile": None, "quarter": "",
        "own_change": None, "peer_change": None,
    }  # fmt: skip
    if len(others) > 1:
        row["q25"], _, row["q75"] = quantiles(others, n=4, method="inclusive")
    elif others:
        row["q25"] = row["q75"] = others[0]
    if way is not None and own is not None:
        worse = sum(not alike(o, own) and way * o < way * own for o in others)
        tied = 1 + sum(alike(o, own) for o in others)
        row["rank"] = len(others) + 1 - worse - tied + 1
        row["percentile"] = 100 * (worse + tied / 2) / (len(others) + 1)
        row["quarter"] = colour(way, own, others, row["q25"], row["q75"])
    if not broken(definition, year - 1, year):
        if own is not None and HOME in before:
            row["own_change"] = own - before[HOME]
        row["peer_change"] = middle([now[m] - before[m] for m in peers if m in now and m in before])
    return row


def colour(way: int, own: float, others: Sequence[float], q25: float, q75: float) -> str:
    if len(others) < 5:
        return ""
    if alike(q25, q75):
        return "no_difference"
    good, bad = (q75, q25) if way > 0 else (q25, q75)
    if way * own > way * good or alike(own, good):
        return "best"
    return "worst" if way * own < way * bad or alike(own, bad) else "middle"


# ── status against the target ─────────────────────────────────────────────────────────────────────────────────────────


def margin(world: World, code: str, year: int) -> float | None:
    """95 % of a share answered by n, as a simple random sample, in points."""
    answers = world.published.get(world.definitions[code].get("respondents_kolada_id", ""), {})
    n, value = answers.get(year, {}).get(HOME), world.own(code).get(year)
    if not n or value is None or not 0 <= value <= 100:
        return None
    return 1.959963984540054 * math.sqrt(value * (100 - value) / n)


def level(value: float, moe: float, tolerance: float, low: float | None, high: float | None) -> str:
    """Met if the whole interval is inside; not met if it is wholly outside, or, without one, beyond the tolerance."""
    low, high = -math.inf if low is None else low, math.inf if high is None else high
    if value - moe >= low and value + moe <= high:
        return "met"
    if moe > 0 and not (value + moe < low or value - moe > high):
        return "near"
    return "near" if low - tolerance <= value <= high + tolerance else "not_met"


def assessment(world: World, code: str, year: int) -> dict[str, Any]:
    """How an indicator stands at the end of a year, by METHODS §1."""
    definition, own = world.definitions[code], world.own(code)
    known = [y for y in own if year - 2 <= y <= year]
    at = max(known, default=None)
    group = world.group_of("all", code)
    assert group is not None
    spot, spot_year = newest(world, code, group, year)
    row: dict[str, Any] = {
        "value": own.get(at) if at else None,
        "value_period": str(at) if at else "",
        "benchmark_year": spot_year,
        "rank": spot["rank"] if spot else None,
        "peers": spot["others"] + 1 if spot else None,
        "quarter": spot["quarter"] if spot else "",
        "comparison": None,
        "comparison_period": "",
        "change": None,
        "lessons": lessons(world, code, spot, spot_year),
    }
    row["status"], row["reason"] = status(world, code, year, at)
    before = max((y for y in own if at and at - 2 <= y < at), default=None)
    if at and before and not broken(definition, before, at):
        row |= {"comparison": own[before], "comparison_period": str(before), "change": own[at] - own[before]}
    return row


def lessons(world: World, code: str, spot: dict[str, Any] | None, year: int | None) -> list[dict[str, Any]]:
    """In the worst half: similar ones that do better and have improved over five years, the most improved first."""
    definition, values = world.definitions[code], world.values(code)
    similar, way = world.group_of("similar", code), SIGN.get(definition["direction"])
    if spot is None or year is None or similar is None or way is None or spot["percentile"] >= 50:
        return []
    now, before = values[year], values.get(year - 5)
    if before is None or broken(definition, year - 5, year):
        return []
    found = [
        {"code": m, "value": now[m], "earlier": before[m], "year": year}
        for m in similar.members
        if m in now and m in before and way * now[m] > way * now[HOME] and way * now[m] > way * before[m]
    ]
    return sorted(found, key=lambda m: (way * (m["earlier"] - m["value"]), m["code"]))[:5]


def newest(world: World, code: str, group: Group, year: int) -> tuple[dict[str, Any] | None, int | None]:
    """The newest row that can carry a benchmark."""
    for at in sorted((y for y in world.values(code) if y <= year), reverse=True):
        row = benchmark(world, code, group, at)
        if row["eligible"]:
            return row, at
    return None, None


def status(world: World, code: str, year: int, at: int | None) -> tuple[str, str]:
    definition, own = world.definitions[code], world.own(code)
    target, good = definition.get("target"), definition["direction"]
    if good == "context":
        return "not_assessable", "context_only"
    if not target:
        return "not_assessable", "no_target"
    if at is None:
        due = date(year, 12, 31) + timedelta(days=definition["due_days"])
        return "not_assessable", "not_yet_due" if due > TODAY else "no_value"
    value, moe, tolerance = own[at], margin(world, code, at), target.get("tolerance", 0)
    if target["form"] in ("level", "survey"):
        bounds = {
            "at_least": (target.get("value"), None),
            "at_most": (None, target.get("value")),
            "between": (target.get("lower"), target.get("upper")),
        }[target["comparison"]]
        found = level(value, moe or 0, tolerance, *bounds)
        inside = bool(moe) and level(value, moe or 0, tolerance, *bounds) == "near" and touches(value, moe or 0, bounds)
        return found, "inside_margin" if inside else ""
    if target["form"] == "yearly_change":
        return yearly_change(world, code, at)
    if target["form"] == "position":
        return position(world, code, year)
    return against_before(world, code, at)


def touches(value: float, moe: float, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    return (low is None or value + moe >= low) and (high is None or value - moe <= high)


def yearly_change(world: World, code: str, at: int) -> tuple[str, str]:
    target, own = world.definitions[code]["target"], world.own(code)
    base_year = int(target["baseline_period"])
    if base_year not in own or at < base_year:  # the path starts at its baseline
        return "not_assessable", "no_value"
    if broken(world.definitions[code], min(base_year, at), max(base_year, at)):
        return "not_assessable", "break"
    if own[base_year] <= 0:
        return "not_assessable", "baseline_not_positive"
    aim = own[base_year] * (1 + target["percent"] / 100) ** (at - base_year)
    bounds = (aim, None) if target["percent"] > 0 else (None, aim)
    return level(own[at], margin(world, code, at) or 0, target.get("tolerance", 0), *bounds), ""


def position(world: World, code: str, year: int) -> tuple[str, str]:
    target = world.definitions[code]["target"]
    group = world.group_of(target["group"], code)
    spot, _ = newest(world, code, group, year) if group else (None, None)
    if spot is None:
        return "not_assessable", "too_few_peers"
    if "percentile" in target:
        return level(spot["percentile"], 0, target.get("tolerance", 0), target["percentile"], None), ""
    return level(spot["rank"], 0, target.get("tolerance", 0), None, target["rank"]), ""


def against_before(world: World, code: str, at: int) -> tuple[str, str]:
    definition, own = world.definitions[code], world.own(code)
    target = definition["target"]
    before = max((y for y in own if at - 2 <= y < at), default=None)
    if before is None:
        return "not_assessable", "no_value"
    if broken(definition, before, at):
        return "not_assessable", "break"
    wanted = {"increase": 1, "decrease": -1}.get(target.get("wanted", "")) or SIGN[definition["direction"]]
    change = wanted * (own[at] - own[before])
    margins = [margin(world, code, y) for y in (at, before)]
    moe = math.hypot(*(m or 0 for m in margins))
    threshold = max(target.get("tolerance", 0), moe)
    if target["form"] == "not_worse":
        return ("met" if change >= -threshold else "not_met"), ""
    if change > threshold:
        return "met", ""
    if change < -threshold:
        return "not_met", ""
    return "near", "inside_margin" if 0 < moe >= abs(change) else ""


# ── the two ways agree ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_import_is_whole(world: World) -> None:
    assert world.delivery.unanswered == []
    assert world.delivery.added > 50_000
    assert {g.kind for g in world.groups} >= {"all", "county", "category", "similar"}
    general = next(g for g in world.groups if g.kind == "similar" and g.area is None)
    assert general.members == ["0117", "0120", "0163", "1401", "1402", "1482", "2482"]
    forms = {d.get("target", {}).get("form") for d in world.definitions.values()}
    assert forms == {None, "level", "survey", "direction", "not_worse", "yearly_change", "position"}
    assert {d["direction"] for d in world.definitions.values()} == {"higher", "lower", "interval", "context"}
    assert any(d.get("breaks") for d in world.definitions.values())


def test_our_series_is_what_was_published_with_its_gaps(world: World) -> None:
    stored = {(r["code"], int(r["period"])): r for r in world.rows["SeriesPoint"] if r["breakdown"] == "T"}
    expected = {}
    for code in CODES:
        own = world.own(code)
        for year in range(min(own), max(world.values(code)) + 1):
            expected[code, year] = own.get(year)
    assert stored.keys() == expected.keys()
    for (code, year), value in expected.items():
        row = stored[code, year]
        assert close(row["value"], value), (code, year)
        assert row["absence"] == ("" if value is not None else "missing")
        assert close(None if row["margin"] is None else round(row["margin"], 7), rounded(margin(world, code, year)))


def rounded(number: float | None) -> float | None:
    """A margin is stored with eight decimals."""
    return None if number is None else round(number, 7)


def test_every_benchmark(world: World) -> None:
    stored = {(r["code"], r["group_id"], r["year"]): r for r in world.rows["Benchmark"]}
    keys = {(code, group.order, year) for code in CODES for group in world.serving(code) for year in world.values(code)}
    assert stored.keys() == keys
    assert len(keys) > 1000
    groups = {group.order: group for group in world.groups}
    for (code, group, year), row in stored.items():
        for name, theirs in benchmark(world, code, groups[group], year).items():
            same = close(row[name], theirs) if isinstance(theirs, float) else row[name] == theirs
            assert same, f"{code} {groups[group].code} {year} {name}: {row[name]} is not {theirs}"


def test_every_assessment(world: World) -> None:
    stored = {(r["code"], int(r["period"])): r for r in world.rows["Assessment"]}
    assert stored.keys() == {(code, year) for code in CODES for year in range(min(world.own(code)), TODAY.year + 1)}
    assert stored["ifo02", 2018]["change"] is None, "the method changed in that year"
    seen = set()
    for (code, year), row in stored.items():
        for name, theirs in assessment(world, code, year).items():
            same = close(row[name], theirs) if isinstance(theirs, float) else row[name] == theirs
            assert same, f"{code} {year} {name}: {row[name]} is not {theirs}"
        seen.add((row["status"], row["reason"]))
    assert any(row["lessons"] for row in stored.values())
    assert {status for status, _ in seen} == {"met", "near", "not_met", "not_assessable"}
    assert {reason for _, reason in seen} >= {"context_only", "no_value", "inside_margin"}
