"""The one command: web server and worker start together, tell their address and log-ins, and stop together."""

import http.client
import os
import re
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from indicators.models import Municipality, Role
from scorecard.management import demonstration_logins
from scorecard.models import Prioritisation
from tests import processes
from tests.integration import small_world

STRATEGIST = "strateg@example.org"

pytestmark = pytest.mark.embedded


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """An embedded installation of its own, served on a free port."""

    def __init__(self, folder: Path) -> None:
        self.var, self.log, self.port = folder / "var", folder / "log", free_port()
        self.environment = processes.embedded(self.var, PORT=str(self.port))
        self.command = ("manage.py", "serve", "--processes", "1")

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def running(self) -> AbstractContextManager[processes.Process]:
        return processes.running(self.environment, *self.command, log=self.log)

    def wait(self, times: int = 1) -> None:
        """Until it has said the given number of times that it is ready."""
        processes.wait_until(lambda: self.said.count("Stop with Ctrl-C") >= times, seconds=60, what="the start")

    def get(self, path: str) -> int:
        answer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        answer.request("GET", path)
        return answer.getresponse().status

    def is_closed(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def family(self, process: processes.Process) -> list[int]:
        """The web server and the worker: the children of the supervisor."""
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8")
        return [int(pid) for pid in children.split()]


@pytest.fixture
def site(demonstration_var: Path, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    shutil.copytree(demonstration_var, made.var)
    yield made
    assert made.is_closed(), "something of this installation is still running"


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_starts_tells_the_log_ins_and_stops_cleanly_and_again(site: Site) -> None:
    with site.running() as first:
        site.wait()
        assert site.get("/healthz") == 200
        assert site.get("/") in (200, 302)
        family = site.family(first)
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
    assert not any(lives(pid) for pid in family)
    assert f"http://localhost:{site.port}" in site.said
    words = dict(re.findall(r"log in as (\S+) +(\S+)", site.said))
    assert set(words) == {address for address, *_ in demonstration_logins.PEOPLE}
    kept = site.var / "demonstration-logins.txt"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with site.running() as second:
        site.wait(times=2)
        second.send_signal(signal.SIGINT)
        assert second.wait(30) == 0
    assert dict(re.findall(r"log in as (\S+) +(\S+)", site.said)) == words, "the same at every start"
    assert "Traceback" not in site.said
    assert "No hostname" not in site.said


@pytest.mark.parametrize(("place", "name"), [(0, "web server"), (1, "worker")])
def test_the_end_of_one_ends_the_other_and_says_which(site: Site, place: int, name: str) -> None:
    with site.running() as process:
        site.wait()
        family = site.family(process)
        os.kill(family[place], signal.SIGKILL)
        assert process.wait(40) == 1
    assert f"The {name} ended by itself with code -9" in site.said
    assert not any(lives(pid) for pid in family)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children follow a killed parent on Linux alone")
def test_nothing_stays_behind_when_the_supervisor_is_killed(site: Site) -> None:
    with site.running() as process:
        site.wait()
        family = site.family(process)
        assert len(family) == 2
        process.kill()
        processes.wait_until(lambda: not any(lives(pid) for pid in family), seconds=40, what="the end of the children")


def test_a_taken_port_is_told_before_anything_starts(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        with site.running() as process:
            assert process.wait(30) == 1
    assert f"Port {site.port} on 127.0.0.1 cannot be used" in site.said
    assert f"PORT={site.port + 1} make run" in site.said
    assert "ended by itself" not in site.said


@pytest.mark.django_db
class TestLogIns:
    @pytest.fixture(autouse=True)
    def var(self, tmp_path: Path, settings: Any) -> None:
        settings.VAR = tmp_path

    def test_a_real_municipality_gets_none(self) -> None:
        Municipality.objects.create(code="1384", name="Kungsbacka", type="K", is_home=True)
        assert demonstration_logins.ensure() == {}
        assert not get_user_model().objects.exists()

    def test_the_strategist_is_no_administrator(self) -> None:
        Municipality.objects.create(code="9901", name="Exempelby", type="K", is_home=True, invented=True)
        words = demonstration_logins.ensure()
        strategist = get_user_model().objects.get(email=STRATEGIST)
        assert strategist.check_password(words[STRATEGIST])
        assert not strategist.is_superuser
        assert strategist.roles.get().name == "strategist"
        assert demonstration_logins.ensure() == words

    def test_one_of_each_role_and_the_two_of_a_department_in_the_one_that_hands_in_most(self) -> None:
        Municipality.objects.create(code="9901", name="Exempelby", type="K", is_home=True, invented=True)
        small_world.define(
            *(small_world.definition(code, source="department", kolada_id="") for code in ("one", "two")),
            small_world.definition("three", kolada_id="N00001"),
        )
        demonstration_logins.ensure()
        roles = dict(Role.objects.values_list("name", "department__code"))
        assert roles == {
            "administrator": None, "strategist": None, "reporter": "office", "approver": "office", "council": None,
        }  # fmt: skip

    def test_the_strategist_and_the_council_member_take_part_in_what_is_being_scored(self) -> None:
        Municipality.objects.create(code="9901", name="Exempelby", type="K", is_home=True, invented=True)
        scored = Prioritisation.objects.create(title="Målen", year=2027, state="scoring")
        decided = Prioritisation.objects.create(title="Målen", year=2026, state="decided")
        demonstration_logins.ensure()
        asked = set(scored.participants.values_list("user__email", flat=True))
        assert asked == {STRATEGIST, "ledamot@example.org"}
        assert not decided.participants.exists()

        scored.participants.all().delete()
        demonstration_logins.ensure()
        assert not scored.participants.exists(), "who was taken out stays out"

    def test_a_password_that_was_chosen_since_is_neither_changed_nor_told(self) -> None:
        Municipality.objects.create(code="9901", name="Exempelby", type="K", is_home=True, invented=True)
        demonstration_logins.ensure()
        strategist = get_user_model().objects.get(email=STRATEGIST)
        strategist.set_password("ett eget lösenord")
        strategist.save()
        assert demonstration_logins.ensure()[STRATEGIST] is None
        strategist.refresh_from_db()
        assert strategist.check_password("ett eget lösenord")


def test_psycopg2_is_the_driver() -> None:
    """Django prefers psycopg 3 wherever it is installed; it must not come in with another package unnoticed."""
    if connection.vendor == "postgresql":
        assert connection.Database is psycopg2
    with pytest.raises(ModuleNotFoundError):
        __import__("psycopg")
