"""How long after its approval a value stands on the indicator's public page, in an embedded installation: SQLite, the
queue of files, one worker. Measured over HTTP, five approvals, the slowest counts."""

import socket
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests import processes

APPROVALS = 5
# Enters, submits and approves a value for the newest open month, as the department's people do.
APPROVE = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from indicators import operations
from indicators.models import Indicator, Measurement
from indicators.operations import CellKey, Entered
from indicators.queries.access import person
users = {{u.email: u for u in get_user_model().objects.all()}}
who, boss = users["rapportor@example.org"], users["godkannare@example.org"]
cell = CellKey(Indicator.objects.get(code="ser08").pk, "{period}", "T")
newest = Measurement.objects.filter(indicator_id=cell.indicator_id, period=cell.period).order_by("-revision").first()
now = timezone.now()
operations.save_cell(cell=cell, entered=Entered({value}, comment="Ny rutin"), seen=newest and newest.revision, by=who,
                     person=person(who), now=now)
operations.submit(cells=[cell], by=who, person=person(who), now=now, reason="Mätfel")
done = operations.approve(cells=[cell], by=boss, person=person(boss), now=now)
assert len(done.done) == 1, done.refused
print(timezone.now().timestamp())
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def seconds() -> list[float]:
    """From the commit of the approval to the page that shows the value, one a run."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = processes.embedded(Path(folder) / "var", PORT=str(port), DEBUG="0")
        for command in (["migrate"], ["load_demonstration"], ["collectstatic", "--noinput"]):
            processes.manage(environment, *command, "--verbosity", "0")
        period = processes.manage(
            environment, "shell", "--verbosity", "0", "--command",
            "from indicators.models import InputPeriod\n"
            "print(InputPeriod.objects.filter(kind='month').latest('period').period)",
        ).split()[-1]  # fmt: skip
        page = f"http://127.0.0.1:{port}/en/indicator/ser08/"
        with processes.running(environment, "manage.py", "serve", log=Path(folder) / "log"):
            processes.wait_until(lambda: answers(page), seconds=60, what="the site answers")
            return [once(environment, page, period, 71.5 + number) for number in range(APPROVALS)]


def answers(page: str) -> bool:
    try:
        with urllib.request.urlopen(page, timeout=5):
            return True
    except OSError:
        return False


def once(environment: dict[str, str], page: str, period: str, value: float) -> float:
    said = processes.manage(
        environment, "shell", "--verbosity", "0", "--command", APPROVE.format(period=period, value=value)
    )
    approved = float(said.split()[-1])

    def shown() -> bool:
        with urllib.request.urlopen(page, timeout=5) as answer:
            return f"{value}%" in answer.read().decode()

    processes.wait_until(shown, seconds=30, what=f"{value} on {page}")
    return time.time() - approved


def figures() -> list[tuple[str, float, str, str]]:
    """The slowest of five, with its bound."""
    taken = seconds()
    told = ", ".join(f"{second:.2f}" for second in taken)
    return [("approved → on the public page, embedded, seconds", max(taken), "≤ 2", told)]


if __name__ == "__main__":
    for figure in figures():
        sys.stdout.write(f"{figure}\n")
