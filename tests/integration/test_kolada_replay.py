"""The client against the replay of Kolada's API: what comes out is what was published, faults or not."""

import csv
import gzip
import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from indicators.sources.kolada import KoladaClient, KoladaError, Trouble, flatten, unanswered

KPIS = ["N00090", "N00206", "N00905", "N03103", "U07514"]
YEARS = range(2000, 2023)
Key = tuple[str, str, int, str]


@pytest.fixture(scope="session")
def replays(start_replay: Callable[..., Callable[[], str]]) -> tuple[str, str]:
    """Base URLs of a faultless replay and of one where a fifth of the data requests fail."""
    faultless, faulty = start_replay(), start_replay("--faults", "0.2", "--seed", "7")
    return faultless(), faulty()


@pytest.fixture(scope="session")
def published(replay_folder: Path) -> dict[Key, float | None]:
    wanted = tuple(f"{kpi}," for kpi in KPIS)
    with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(line for line in file if line.startswith(wanted))
        return {
            (kpi, place, int(year), gender): float(value) if value else None for kpi, place, year, gender, value in rows
        }


def imported(client: KoladaClient, years: range = YEARS) -> dict[Key, float | None]:
    values: dict[Key, float | None] = {}
    for page in client.data(KPIS, years):
        assert len(page.cells) <= 5000
        flat = flatten(page.cells)
        assert flat.rejected == []
        for kpi, place, year, gender, value, deleted in flat.rows:
            assert not deleted
            assert (kpi, place, year, gender) not in values
            values[kpi, place, year, gender] = value
    return values


def test_every_published_value_comes_and_no_other(replays: tuple[str, str], published: dict[Key, float | None]) -> None:
    assert len(published) > 10_000
    with KoladaClient(replays[0], requests_per_second=0) as client:
        assert imported(client) == published


def test_faults_change_nothing(
    replays: tuple[str, str], published: dict[Key, float | None], caplog: pytest.LogCaptureFixture
) -> None:
    values: dict[Key, float | None] = {}
    with (
        caplog.at_level(logging.WARNING, logger="indicators.sources.kolada"),
        KoladaClient(replays[1], requests_per_second=0, longest_wait=0.02) as client,
    ):
        for year in YEARS:
            values |= imported(client, range(year, year + 1))
    assert values == published
    # Seed 7 has each of the replay's four faults among these requests.
    for fault in ("HTTP 429", "HTTP 500", "without sending a response", "complete message body"):
        assert fault in caplog.text, fault


def test_the_catalogue_is_whole(replays: tuple[str, str]) -> None:
    with KoladaClient(replays[0], requests_per_second=0) as client:
        places = {place.code: place for place in client.municipalities()}
        groups = {group.code: group for group in client.groups()}
        kpis = {kpi.id: kpi for kpi in client.kpis(KPIS)}
    kinds = [place.type for place in places.values()]
    assert (kinds.count("K"), kinds.count("L"), kinds.count("N")) == (290, 21, 1)
    assert (places["0000"].type, places["1384"].name) == ("N", "Kungsbacka")
    assert len(groups) == 3630
    assert groups["G37433"].members == ("0117", "0120", "0163", "1401", "1402", "1482", "2482")
    assert {code for group in groups.values() for code in group.members} <= set(places)
    assert list(kpis) == KPIS
    assert kpis["N00090"].divided
    assert kpis["N00090"].next_publication is not None


def test_unknown_ids_are_met_with_silence(replays: tuple[str, str]) -> None:
    asked = ["N00905", "N99999"]
    with KoladaClient(replays[0], requests_per_second=0) as client:
        assert unanswered(asked, [kpi.id for kpi in client.kpis(asked)]) == ["N99999"]
        rows = [row for page in client.data(asked, [2022]) for row in flatten(page.cells).rows]
    assert unanswered(asked, (row[0] for row in rows)) == ["N99999"]


def test_more_ids_than_a_segment_holds(replays: tuple[str, str]) -> None:
    asked = [f"N{number:05}" for number in range(900, 960)]
    with KoladaClient(replays[0], requests_per_second=0) as client:
        assert "N00905" in [kpi.id for kpi in client.kpis(asked)]
        assert len(list(client.data(asked, [2022]))) == 3


def test_another_base_url_says_what_to_do(replays: tuple[str, str]) -> None:
    wrong = replays[0].replace("/v3/", "/v2/")
    with KoladaClient(wrong, requests_per_second=0) as client, pytest.raises(KoladaError, match="base URL") as caught:
        client.municipalities()
    assert caught.value.trouble == Trouble.REFUSED


def test_the_pace_holds_on_the_clock(replays: tuple[str, str]) -> None:
    with KoladaClient(replays[0], requests_per_second=20) as client:
        start = time.monotonic()
        for _ in range(5):
            client.kpis(KPIS)
        assert time.monotonic() - start >= 4 / 20
