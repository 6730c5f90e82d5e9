"""The published values, read with the standard library alone: exact, as written, all of every curated KPI."""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.conftest import replay_folder  # noqa: F401 (the fixture, where its folder is looked for)

ALL, COUNTY, SIMILAR = "all", "county", "similar"
ANSWERS = "N00528"


@dataclass(frozen=True)
class Published:
    """values: kpi → year → municipality → the text of the value for all; ways: kpi → +1, −1 or 0 (context).

    groups: municipality → group → members; municipalities only, never regions or the nation.
    answers: year → municipality → answers to the citizen survey; surveyed: the KPIs that are its shares.
    """

    values: Mapping[str, Mapping[int, Mapping[str, str]]]
    ways: Mapping[str, int]
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    answers: Mapping[int, Mapping[str, str]]
    surveyed: frozenset[str]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def published(replay_folder: Path) -> Published:  # noqa: F811 (the fixture)
    signs = {"higher_is_better": 1, "lower_is_better": -1, "context": 0}
    curated = table(replay_folder / "kpis_curated.csv")
    ways = {row["kpi"]: signs[row["direction"]] for row in curated}
    surveyed = frozenset(r["kpi"] for r in curated if r["survey"] == "SCB medborgarundersökning" and r["unit"] == "%")
    places = table(replay_folder / "municipalities_290.csv")
    counties: dict[str, list[str]] = {}
    for place in places:
        counties.setdefault(place["county_code"], []).append(place["code"])
    everyone = tuple(place["code"] for place in places)
    groups = {
        place["code"]: {
            ALL: everyone,
            COUNTY: tuple(counties[place["county_code"]]),
            SIMILAR: tuple(place["similar_overall"].split()),
        }
        for place in places
    }
    values: dict[str, dict[int, dict[str, str]]] = {}
    answers: dict[int, dict[str, str]] = {}
    with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        assert next(rows) == ["kpi", "municipality", "year", "gender", "value"]
        for kpi, place, year, gender, value in rows:
            if gender == "T" and value and kpi in ways and place in groups:
                values.setdefault(kpi, {}).setdefault(int(year), {})[place] = value
            if gender == "T" and value and kpi == ANSWERS and place in groups:
                answers.setdefault(int(year), {})[place] = value
    return Published(values, ways, groups, answers, surveyed - {ANSWERS})
