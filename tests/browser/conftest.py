"""A real installation in a browser: Kungsbacka from the replay of Kolada, served by gunicorn, seen with Chromium.

The suite's other tests use pytest-django's databases; these have an installation of their own, made once by the very
commands that a user types.
"""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import machine
from tests.integration.conftest import replay_folder  # noqa: F401 (the fixture, where its folder is looked for)

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = secrets.token_urlsafe(16)
HOME = "1384"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; tests marked `browser` are skipped where it is not."""
    return str(machine.browser())


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended before it answered"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within 30 seconds")


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of a PostgreSQL database of our own, dropped afterwards; "" (SQLite) where no server answers."""
    url = machine.postgresql_url()
    if url is None:
        yield ""
        return
    server, name = url.rsplit("/", 1)[0], f"test_browser_{os.getpid()}"
    connection = psycopg2.connect(f"{server}/postgres", connect_timeout=3)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@pytest.fixture(scope="session")
def replay(replay_folder: Path) -> Iterator[str]:  # noqa: F811 (the fixture)
    """The base URL of the replayed API."""
    port = free_port()
    command = [sys.executable, str(replay_folder / "serve.py"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_for(f"http://127.0.0.1:{port}/v3/municipality/{HOME}", process)
        yield f"http://127.0.0.1:{port}/v3/"
        process.terminate()


@pytest.fixture(scope="session")
def site(database: str, replay: str, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Kungsbacka's site with everything imported and computed."""
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")},
        **({"DATABASE_URL": database} if database else {}),
        "SCORECARD_VAR": str(tmp_path_factory.mktemp("var")),
        "KOLADA_URL": replay,
        "KOLADA_REQUESTS_PER_SECOND": "0",
        "PYTHONPATH": str(ROOT),
    }

    def manage(*words: str, **extra: str) -> None:
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=ROOT, env=environment | extra, check=True, capture_output=True, timeout=300)

    manage("migrate", "-v0")
    manage("compile_translations")
    manage("collectstatic", "--noinput", "-v0")
    manage("setup_municipality", HOME)
    manage(
        "createsuperuser", "--noinput", "--username", "strategist", "--email", "s@example.invalid",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )  # fmt: skip
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "scorecard.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=environment))
        stack.callback(process.terminate)
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, in which nothing of ours runs; Django must not take it for one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@pytest.fixture
def window(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser context; parametrised with keyword arguments of `new_context`."""
    context = browser.new_context(base_url=site, **getattr(request, "param", {}))
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page that fails the test on a script error or a refused resource."""
    opened = window.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield opened
    # plotly's map library, part of the full build only, tries to add a style that no map of ours needs.
    assert [e for e in errors if "inline style" not in e] == []
