"""Starting the real programs from tests: an installation of its own each, ended whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
Process = subprocess.Popen[str]


def embedded(var: Path, **more: str) -> dict[str, str]:
    """The environment of an installation without any server, whose data lies in `var`."""
    told = {
        "SCORECARD_VAR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'scorecard.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "STATIC_ROOT": str(var / "static"),
    }
    return os.environ | told | more


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a management command; its output. Raises CalledProcessError where it fails."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until(condition: Callable[[], object], *, seconds: float = 30, what: str = "") -> None:
    """Poll until the condition is true; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {what}"
        time.sleep(0.02)


@contextmanager
def running(environment: Mapping[str, str], *command: str, log: Path) -> Iterator[Process]:
    """A Python program in a process group of its own, killed with all its children at the end."""
    with (
        log.open("a") as out,
        subprocess.Popen(
            [sys.executable, *command], cwd=PROJECT, env=environment, text=True,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            yield process
        finally:
            kill(process)


def kill(process: Process) -> None:
    """SIGKILL for the process and its children: nothing of theirs runs another line."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


WORKER = ("-m", "celery", "--app", "scorecard", "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
