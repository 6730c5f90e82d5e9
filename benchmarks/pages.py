"""Server time and weight of the pages, against the bare view of `benchmarks.bare`."""

import gzip
import re
import time
from collections.abc import Callable
from pathlib import Path

REPEATS = 30


def median(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[REPEATS // 2]


def page(path: str) -> Callable[[], object]:
    """A whole request through every middleware."""
    from django.test import Client

    client = Client()

    def get() -> object:
        response = client.get(path, headers={"host": "localhost"})
        assert response.status_code == 200, f"{path} answered {response.status_code}"
        return response

    return get


def queries(path: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    get = page(path)
    get()
    with CaptureQueriesContext(connection) as seen:
        get()
    return len(seen)


def weight(path: str) -> int:
    """Bytes over the wire, gzipped: the page with every style, script and font that it names; images left out."""
    from django.contrib.staticfiles import finders
    from django.test import Client

    body = Client().get(path, headers={"host": "localhost"}).content
    total = len(gzip.compress(body, 6))
    for name in re.findall(rb'(?:href|src)="/static/([^"?]+\.(?:css|js|woff2?))"', body):
        found = finders.find(name.decode())
        assert found, f"{name.decode()} is linked and cannot be found"
        total += len(gzip.compress(Path(found).read_bytes(), 6))
    return total
