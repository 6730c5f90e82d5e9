"""Many who write at the same time: nothing is lost, nothing fails, and two in one cell choose."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from indicators import operations
from indicators.models import JobRun, Measurement
from indicators.operations import Entered, EntryConflictError
from tests import processes
from tests.integration.entry_race import CELLS, DEPARTMENTS
from tests.integration.measuring_world import World, build


@pytest.mark.embedded
@pytest.mark.slow
def test_thirty_departments_at_once_on_sqlite(tmp_path: Path) -> None:
    environment = processes.embedded(tmp_path / "var", DJANGO_SETTINGS_MODULE="scorecard.settings")
    processes.manage(environment, "migrate", "--verbosity", "0")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.integration.entry_race"],
        cwd=processes.PROJECT, env=environment, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    each = DEPARTMENTS * CELLS
    assert told["errors"] == []
    assert told["kept"] == told["asked"] == 3 * each
    assert told["revisions"] == {"0": each, "1": each, "2": each}
    assert told["sum"] == DEPARTMENTS * sum(number + 0.5 for number in range(CELLS))


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls gave or raised, each in a thread of its own, begun together."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[place] = call()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            results[place] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_ten_in_one_cell_one_writes_and_nine_choose(world: World) -> None:
    who = world.who("reporter")
    results = at_once(
        *(
            lambda value=value: operations.save_cell(cell=world.cell(), entered=Entered(80.0 + value), seen=None, **who)
            for value in range(10)
        )
    )
    written = [result for result in results if isinstance(result, operations.SavedCell)]
    refused = [result for result in results if isinstance(result, EntryConflictError)]
    assert (len(written), len(refused)) == (1, 9), results
    assert world.revisions() == [("draft", written[0].value)]
    assert {(error.revision, error.value) for error in refused} == {(0, written[0].value)}


def test_a_value_is_approved_once_however_often_it_is_asked_for(world: World) -> None:
    world.save(84)
    operations.submit(cells=[world.cell()], **world.who("reporter"))
    who = world.who("approver")
    results = at_once(*(lambda: operations.approve(cells=[world.cell()], **who) for _ in range(5)))
    assert sorted(len(result.done) for result in results) == [0, 0, 0, 0, 1]
    assert Measurement.objects.filter(period="2025", state="approved").count() == 1
    assert JobRun.objects.filter(key=f"indicator:{world.ids['share']}").count() == 1


def test_approving_and_changing_at_once_never_approves_what_nobody_looked_at(world: World) -> None:
    world.save(84)
    operations.submit(cells=[world.cell()], **world.who("reporter"))
    approver, reporter = world.who("approver"), world.who("reporter")
    cell = world.cell()
    at_once(
        lambda: operations.approve(cells=[cell], seen={cell: 1}, **approver),
        lambda: operations.save_cell(cell=cell, entered=Entered(83), seen=1, **reporter),
    )
    assert ("approved", 83) not in world.revisions()
    assert world.revisions()[:2] == [("draft", 84), ("submitted", 84)]
    assert len(world.revisions()) == 3
