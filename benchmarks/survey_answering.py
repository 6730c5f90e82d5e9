"""Two hundred residents answer at once against gunicorn: every answer arrives once, and a page takes as long as a bare
form under the same load allows."""

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
RESIDENTS = 200
PATIENCE = 120


class Browser:
    """One resident's: cookies by path, redirects followed, how long each answer took by the kind of address."""

    def __init__(self, port: int, times: list[float]) -> None:
        self.port, self.times = port, times
        self.cookies: dict[tuple[str, str], str] = {}

    def get(self, path: str, *, timed: bool = False) -> str:
        return self._ask("GET", path, None, timed)

    def post(self, path: str, fields: list[tuple[str, str]], *, timed: bool = False) -> str:
        fields = [*fields, ("csrfmiddlewaretoken", self.cookies["csrftoken", "/"])]
        return self._ask("POST", path, urlencode(fields), timed)

    def _ask(self, method: str, path: str, body: str | None, timed: bool) -> str:
        """The page at last. A redirect counts as an answer of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{n}={v}" for (n, under), v in self.cookies.items() if path.startswith(under))}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        if timed:
            self.times.append(time.perf_counter() - start)
        connection.close()
        for line in response.msg.get_all("Set-Cookie") or []:
            name, value, under = re.match(r"([^=]+)=\"?([^;\"]*)\"?;.*?[Pp]ath=([^;]+)", line).groups()  # type: ignore[union-attr]
            self.cookies[name, under] = value
        if response.status == 302:
            return self._ask("GET", response.headers["Location"].partition("#")[0], None, timed)
        assert response.status == 200, f"{method} {path} answered {response.status}"
        return text


def resident(browser: Browser, token: str, number: int) -> None:
    browser.get(f"/s/{token}/")
    browser.get("/answer/page/1/", timed=True)
    pages = [
        (1, ["place", "recommend"], [("q.place.0", "4"), ("q.recommend.0", "9")]),
        (2, ["children"], [("q.children.0", "2")]),
        (4, ["ways", "calls", "answer-time", "chat"], [("q.ways.0", "1"), ("q.calls.0", str(number))]),
        (5, ["sex", "more"], [("q.sex.0", "1"), ("q.more.0", "Fler träd, tack")]),
    ]
    for page, seen, fields in pages:
        browser.post(f"/answer/page/{page}/", [*(("seen", code) for code in seen), *fields], timed=True)
    assert "answering" in browser.post("/answer/check/", [])


def bare_visitor(browser: Browser) -> None:
    browser.get("/bare-form/", timed=True)
    for number in range(4):
        browser.post("/bare-form/", [("q1", str(number)), ("q2", "Fler träd, tack")], timed=True)


def at_once(visit: Callable[[int], None], count: int) -> None:
    """All visits, begun together; the first failure is raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            visit(number)
        except Exception as error:  # noqa: BLE001 (told below)
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} of {count} visits failed") from failures[0]


@contextmanager
def gunicorn() -> Iterator[int]:
    """The site as `manage.py serve` starts its web server; the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    workers = str(os.cpu_count() or 1)
    command = [sys.executable, "-m", "gunicorn", "scorecard.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", workers,
               "--no-control-socket", "--log-level", "warning"]  # fmt: skip
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.served", "LOG_LEVEL": "ERROR"}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _attempt in range(300):
        assert process.poll() is None, "gunicorn ended before it answered"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("gunicorn did not answer within 30 seconds")


def slowest_but_five(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[int(len(times) * 0.95)]


def measured() -> tuple[float, float, int]:
    """Seconds of a page and of a bare form, the 95th percentile of each under the same load; how many answers were lost
    or counted twice."""
    from django.db import connection

    from surveys.models import Answer, Invitation, Question, QuestionVersion, Wave
    from surveys.operations import answering
    from tests.integration import answering_world

    world = answering_world.build(RESIDENTS)
    QuestionVersion.objects.filter(question__code="calls").update(maximum=RESIDENTS)
    connection.close()
    bare: list[float] = []
    ours: list[float] = []
    with gunicorn() as port:
        at_once(lambda number: bare_visitor(Browser(port, [])), 20)  # each worker has its code and templates ready
        at_once(lambda number: bare_visitor(Browser(port, bare)), RESIDENTS)
        at_once(lambda number: resident(Browser(port, ours), world.tokens[number], number), RESIDENTS)
    Wave.objects.filter(pk=world.wave.pk).update(state="closed")
    answering.mix_all(by=None)
    calls = Question.objects.get(survey=world.survey, code="calls")
    counts: Counter[Any] = Counter(Answer.objects.filter(question_id=calls.pk).values_list("value", flat=True))
    wrong = sum(abs(counts.pop(float(number), 0) - 1) for number in range(RESIDENTS)) + counts.total()
    wrong += Invitation.objects.filter(wave=world.wave, answered=False).count()
    return slowest_but_five(ours), slowest_but_five(bare), wrong


def figures() -> list[tuple[str, float, str, str]]:
    ours, bare, wrong = measured()
    detail = f"{1000 * ours:.0f} ms, {1000 * bare:.0f} ms"
    return [
        ("200 residents at once, answers lost or counted twice", wrong, "0", ""),
        ("200 residents at once, p95 of a page / bare form", ours / bare, "≤ 3", detail),
    ]


if __name__ == "__main__":
    from benchmarks import database

    os.environ.setdefault("DEBUG", "1")
    database.make()
    database.use()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for name, value, bound, detail in figures():
        print(f"{name}: {value:.2f} ({bound}) {detail}")
