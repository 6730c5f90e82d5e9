import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from scorecard.management import demonstration_logins

Children = Mapping[str, "subprocess.Popen[bytes]"]
Logins = Mapping[str, str | None]
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (where an address of all kinds can be asked)
PATIENCE = 20  # seconds that a child may take to finish what it is doing, before it is ended
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def commands(host: str, port: int, processes: int) -> dict[str, list[str]]:
    """What runs beside each other: the web server and the worker that also keeps the clock."""
    web = [
        "gunicorn", "scorecard.wsgi", "--bind", f"{host}:{port}", "--workers", str(processes),
        "--graceful-timeout", str(PATIENCE // 2), "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    worker = [
        "celery", "--quiet", "--app", "scorecard", "worker", "--beat", "--concurrency", str(processes),
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    ]  # fmt: skip
    return {"web server": [sys.executable, "-m", *web], "worker": [sys.executable, "-m", *worker]}


def check_free(host: str, port: int) -> None:
    """Raise CommandError where the address cannot be had, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error}). Is the site running already? "
                f"Another port: PORT={port + 1} make run"
            ) from error


class StopRequest:
    """Becomes true at the first SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self.made = False

    def __bool__(self) -> bool:
        return self.made

    def make(self, number: int, frame: FrameType | None) -> None:
        self.made = True


@contextmanager
def stop_requests() -> Iterator[StopRequest]:
    stop = StopRequest()
    before = {number: signal.signal(number, stop.make) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A child in a session of its own, so that Ctrl-C reaches only this process, which then stops it in good order."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def bind_to_parent() -> None:
        if libc is not None:
            libc.prctl(DIE_WITH_PARENT, signal.SIGTERM)

    return subprocess.Popen(  # noqa: S603 (our own command lines)
        command, cwd=settings.BASE_DIR, start_new_session=True, preexec_fn=bind_to_parent
    )


def stop_all(children: Children) -> None:
    """Ask every child to stop, and end what does not within PATIENCE; a job cut off is taken up at the next start."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # the child, or children of its own that outlived it
        child.wait()


def answers(host: str, port: int) -> bool:
    """Whether the site answers, with whatever page; an error of its own is no answer."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Command(BaseCommand):
    help = "Run the web server and the worker together until Ctrl-C; the end of one ends the other."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="of each kind; default: cores")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        check_free(host, port)
        logins = demonstration_logins.ensure()
        connections.close_all()
        with stop_requests() as stop:
            children = {name: start(line) for name, line in commands(host, port, options["processes"]).items()}
            try:
                self.watch(children, stop, EVERYWHERE.get(host, host), port, logins)
            finally:
                stop_all(children)
        self.stdout.write("Stopped.")

    def watch(self, children: Children, stop: StopRequest, host: str, port: int, logins: Logins) -> None:
        """Return when asked to stop; raise CommandError when a child ends by itself."""
        announced = False
        while not stop:
            for name, child in children.items():
                if child.poll() is not None:
                    raise CommandError(f"The {name} ended by itself with code {child.returncode}; all is stopped.")
            if not announced and answers(host, port):
                self.announce(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}", logins)
                announced = True
            time.sleep(0.2)

    def announce(self, address: str, logins: Logins) -> None:
        self.stdout.write(f"\nThe scorecard is at {address}")
        for name, password in logins.items():
            self.stdout.write(f"  log in as {name:<26} {password or '(with the password that was chosen since)'}")
        if logins:
            self.stdout.write("  This is a demonstration of an invented municipality.")
        self.stdout.write("Stop with Ctrl-C.")
        self.stdout.flush()
