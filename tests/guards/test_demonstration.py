"""The invented figures: the same from the same seed, possible, nobody's, and what the judgements say of them is so."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from indicators.models import Absence
from indicators.periods import Kind, Period
from indicators.sources.definitions import read_definitions, read_yaml
from indicators.sources.demonstration import LAST_DAY, LAST_YEAR, Demonstration
from indicators.sources.kolada import CELLS_PER_PAGE, flatten
from scorecard.compute.goals import GoalStatus
from tests.integration.conftest import replay_folder  # noqa: F401 (the fixture)

YEARS = range(2000, LAST_YEAR + 1)
PARAMETERS = {
    "level", "spread", "trend", "noise", "own", "own_trend", "women", "first_year", "missing", "respondents", "late",
    "reason", "absent",
}  # fmt: skip
Series = dict[str, Any]


def make(project: Path) -> Demonstration:
    definitions = read_definitions(project / "fixtures" / "definitions")
    return Demonstration(project / "fixtures" / "demonstration", definitions.indicators)


@pytest.fixture(scope="module")
def source(project: Path) -> Demonstration:
    return make(project)


@pytest.fixture(scope="module")
def cells(source: Demonstration) -> list[dict[str, Any]]:
    return [cell for page in source.data(source.kpis(), YEARS) for cell in page.cells]


@pytest.fixture(scope="module")
def own(source: Demonstration, cells: list[dict[str, Any]]) -> dict[str, Series]:
    """Our own values: code → period → value, None where a reason is stated."""
    found: dict[str, Series] = {code: {} for code in source.definitions}
    for cell in cells:
        code = source.by_kpi.get(cell["kpi"])
        if code and cell["municipality"] == source.home:
            found[code][str(cell["period"])] = next(e["value"] for e in cell["values"] if e["gender"] == "T")
    for name in ("department", "survey"):
        for row in source.measurements(name):
            found[row["code"]][row["period"]] = row.get("value")
    return found


def digest(source: Demonstration) -> str:
    everything = [
        [page.cells for page in source.data(source.kpis(), YEARS)],
        [source.measurements(name) for name in ("department", "survey")],
    ]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


class TestTheSame:
    def test_from_the_same_seed(self, project: Path, source: Demonstration) -> None:
        assert digest(make(project)) == digest(source) == digest(source)

    def test_in_another_process_with_another_order_of_hashes(self, project: Path, source: Demonstration) -> None:
        code = "from pathlib import Path; from tests.guards.test_demonstration import *; print(digest(make(Path('.'))))"
        environment = os.environ | {"PYTHONHASHSEED": "4711", "DJANGO_SETTINGS_MODULE": "scorecard.settings"}
        start = "import django; django.setup(); "
        ran = subprocess.run(
            [sys.executable, "-c", start + code],
            cwd=project,
            env=environment,
            text=True,
            capture_output=True,
            check=True,
        )
        assert ran.stdout.strip() == digest(source)

    def test_whatever_else_is_asked_for(self, source: Demonstration, cells: list[dict[str, Any]]) -> None:
        for kpi in source.kpis()[::9]:
            alone = [cell for page in source.data([kpi], [2024]) for cell in page.cells]
            assert alone == [cell for cell in cells if cell["kpi"] == kpi and cell["period"] == 2024]


class TestWhatComes:
    def test_pages_are_what_kolada_would_give(self, source: Demonstration) -> None:
        seen = set()
        for number, page in enumerate(source.data(source.kpis(), YEARS), start=1):
            assert page.number == number
            assert 0 < len(page.cells) <= CELLS_PER_PAGE
            flat = flatten(page.cells)
            assert (flat.rejected, flat.group_cells) == ([], 0)
            keys = [row[:4] for row in flat.rows]
            assert seen.isdisjoint(keys)
            seen.update(keys)
        assert len(seen) > 50_000

    def test_only_what_was_asked_for(self, source: Demonstration) -> None:
        pages = list(source.data(source.kpis()[:3], [2019, 2021, LAST_YEAR + 1]))
        assert {cell["kpi"] for page in pages for cell in page.cells} <= set(source.kpis()[:3])
        assert {cell["period"] for page in pages for cell in page.cells} == {2019, 2021}
        assert list(source.data([], YEARS)) == list(source.data(source.kpis(), [])) == []

    def test_values_are_possible(self, source: Demonstration, cells: list[dict[str, Any]]) -> None:
        for cell in cells:
            entry = source.definitions.get(source.by_kpi.get(cell["kpi"], ""), {})
            low, high = entry.get("minimum"), entry.get("maximum")
            for value in (e["value"] for e in cell["values"]):
                assert low is None or value >= low, cell
                assert high is None or value <= high, cell
            genders = {e["gender"] for e in cell["values"]}
            assert genders == ({"T", "K", "M"} if entry.get("divided") else {"T"}), cell

    def test_measurements_are_whole_periods_that_have_ended(self, source: Demonstration) -> None:
        for name in ("department", "survey"):
            rows = source.measurements(name)
            assert rows
            for row in rows:
                period, entry = Period.parse(row["period"]), source.definitions[row["code"]]
                assert period.kind == entry["frequency"]
                assert period.last_day <= LAST_DAY
                assert ("value" in row) != ("absence" in row)
                assert row.get("absence", "missing") in Absence.values
            keys = Counter((row["code"], row["period"]) for row in rows)
            assert max(keys.values()) == 1

    def test_gaps_are_where_the_parameters_say(self, source: Demonstration, own: dict[str, Series]) -> None:
        gaps = 0
        for code, parameters in source.parameters.items():
            kolada = source.definitions[code]["source"] == "kolada"
            for period in source.absent[code]:
                gaps += 1
                assert (period not in own[code]) if kolada else (own[code][period] is None), f"{code} {period}"
            if kolada and parameters.get("late"):
                assert str(LAST_YEAR) not in own[code], code
                assert str(LAST_YEAR - 1) in own[code], code
            if kolada and not parameters.get("late") and not source.absent[code]:
                assert list(own[code]) == [str(y) for y in range(int(min(own[code])), LAST_YEAR + 1)], code
        assert gaps > 10

    def test_every_frequency_is_among_them(self, own: dict[str, Series]) -> None:
        assert {Period.parse(p).kind for series in own.values() for p in series} == set(Kind)


class TestParameters:
    def test_every_indicator_has_its_own_and_no_other_is_there(self, source: Demonstration) -> None:
        assert source.parameters.keys() == source.definitions.keys()

    def test_no_slip_of_the_pen(self, source: Demonstration) -> None:
        for code, parameters in source.parameters.items():
            entry = source.definitions[code]
            assert parameters.keys() <= PARAMETERS, code
            needed = {"level", "trend", "noise"} | ({"spread", "own"} if entry["source"] == "kolada" else set())
            assert needed <= parameters.keys(), code
            reasons = [*source.absent[code].values(), *([parameters["reason"]] if "reason" in parameters else [])]
            assert set(reasons) <= set(Absence.values), code
            assert "reason" not in parameters or entry["source"] != "kolada", f"{code}: Kolada states no reasons"
            assert entry["source"] != "kolada" or set(reasons) <= {"missing"}, f"{code}: Kolada states no reasons"
            for period in source.absent[code]:
                assert Period.parse(period).kind == entry["frequency"], f"{code} {period}"


class TestNobodys:
    def test_places(self, source: Demonstration) -> None:
        codes = [place.code for place in source.settlements]
        names = [place.name.casefold() for place in source.settlements]
        assert len(set(codes)) == len(set(names)) == len(source.settlements) > 30
        assert source.home in codes
        assert all(code.isdigit() and "9000" < code <= "9999" for code in codes)
        assert all(place.population > 2000 and 0 < place.old_share < 0.2 for place in source.settlements)

    def test_no_place_is_a_real_one(
        self,
        source: Demonstration,
        replay_folder: Path,  # noqa: F811 (the fixture)
    ) -> None:
        with (replay_folder / "municipalities_290.csv").open(encoding="utf-8", newline="") as file:
            real = list(csv.DictReader(file))
        names = {row["name"].casefold() for row in real}
        counties = {row["county"].casefold() for row in real}
        assert len(names) == 290
        for place in source.settlements:
            assert place.name.casefold() not in names
            assert place.county.casefold() not in counties
            assert place.county.removesuffix(" län").removesuffix("s").casefold() not in names
        assert not {place.code for place in source.settlements} & {row["code"] for row in real}


# ── judgements ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def judgements(project: Path) -> list[dict[str, Any]]:
    return read_yaml(project / "fixtures" / "demonstration" / "judgements.yaml")


def rises(own: dict[str, Series], code: str, earlier: str, later: str) -> bool:
    before, after = own[code][earlier], own[code][later]
    assert before is not None
    assert after is not None
    return after > before


class TestJudgements:
    def test_each_is_of_a_goal_and_a_year_that_had_ended(self, judgements: list[dict[str, Any]], project: Path) -> None:
        chain = read_yaml(project / "fixtures" / "definitions" / "governance.yaml")
        goals = {goal["code"] for issue in chain["issues"] for goal in issue["goals"]}
        keys = Counter((entry["goal"], str(entry["period"])) for entry in judgements)
        assert max(keys.values()) == 1
        for entry in judgements:
            assert entry["goal"] in goals
            assert entry["status"] in {status.value for status in GoalStatus}
            assert date(int(entry["period"]), 12, 31) < date.fromisoformat(str(entry["decided_on"])) <= LAST_DAY
            for name in ("motivation", "actions"):
                words = entry[name]
                assert set(words) == {"sv", "en"}
                assert words["sv"] != words["en"]
                assert all(text.strip().endswith(".") for text in words.values()), entry["goal"]

    def test_what_they_say_of_2025_is_so(self, own: dict[str, Series]) -> None:
        """Whoever tunes the figures reads the judgements again."""
        claims = {
            "knowledge: fewer pass Swedish in year 3": not rises(own, "fsk08", "2024", "2025"),
            "upper-secondary: four out of five graduate": own["gym03"]["2025"] >= 80,
            "upper-secondary: fewer from our own schools": not rises(own, "gym04", "2024", "2025"),
            "home-care: visits come on time more often": rises(own, "ald11", "2024Q4", "2025Q4"),
            "home-care: many meet too many people": own["ald05"]["2025"] > 15,
            "care-homes: waiting times are short": own["ald06"]["2025"] < 45,
            "care-homes: residents are less satisfied": not rises(own, "ald02", "2024", "2025"),
            "care-homes: more are injured in falls": rises(own, "ald10", "2024M12", "2025M12"),
            "support: asked for the first time in four years": own["ifo01"].keys().isdisjoint({"2022", "2023", "2024"}),
            "support: fewer than the goal": own["ifo01"]["2025"] < 80,
            "support: not all assessments in time": own["ifo09"]["2025T3"] < 100,
            "safe-outdoors: fewer burglaries": not rises(own, "try08", "2024", "2025"),
            "safe-outdoors: more violent crimes": rises(own, "try07", "2024", "2025"),
            "active-life: fewer club sports sessions": not rises(own, "kul04", "2024", "2025"),
            "influence: slightly more": rises(own, "dem01", "2024", "2025"),
            "easy-contact: officers can be reached": own["ser04"]["2025T3"] >= 60,
            "easy-contact: e-mails are answered": own["ser06"]["2025Q4"] >= 90,
            "easy-contact: the wait is too long": own["ser07"]["2025M12"] > 120,
            "easy-contact: many call more than twice": own["ser05"]["2025T3"] > 2,
            "needless-contacts: counted in another way": own["ser10"]["2025Q4"] is None,
            "needless-contacts: too few answered": own["ser11"]["2025Q4"] is own["ser12"]["2025H2"] is None,
            "well-kept: fault reports take too long": own["sam12"]["2025T3"] < 85,
            "homes-travel: the figures have not come": "2025" not in own["sam05"].keys() | own["sam06"].keys(),
            "business: the rating is rising": rises(own, "nar01", "2024", "2025"),
            "business: permits in time": own["sam10"]["2025M12"] >= 95,
            "climate: business travel emits less": not rises(own, "kli09", "2024", "2025"),
            "climate: waste falls too slowly": own["kli04"]["2025"] > 480,
            "climate: the new figure has not come": "2025" not in own["kli01"],
            "finances: the result reaches the goal": own["eko01"]["2025"] >= 1.5,
            "finances: investments paid without loans": own["eko03"]["2025"] >= 100,
            "staff: more work full-time": rises(own, "med03", "2024", "2025"),
            "staff: fewer choose to leave": not rises(own, "med05", "2024", "2025"),
            "staff: sickness absence has risen": rises(own, "med01", "2024", "2025"),
        }
        assert [claim for claim, holds in claims.items() if not holds] == []
