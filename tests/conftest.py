"""What all tests share: the queue and texts they run with, and the one rule for what a machine lacks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation

from scorecard.celery import app
from scorecard.management.commands.compile_translations import compile_stale
from tests import machine, processes


def missing(marker: str) -> str | None:
    """Why tests with this marker, or that ask for this fixture, cannot run here; None where they can."""
    if marker == "postgresql" and connections["default"].vendor != "postgresql":
        return "no PostgreSQL: the suite runs on SQLite (make test uses 127.0.0.1:5432 or DATABASE_URL)"
    if marker == "redis" and machine.redis_url() is None:
        return "no Redis at 127.0.0.1:6379 (TEST_REDIS_URL names another)"
    if marker == "browser" and machine.browser() is None:
        return "no Chromium (CHROMIUM names one)"
    if marker == "replay_folder" and machine.replay() is None:
        return "no replay of Kolada's API in ../shared/kolada (KOLADA_REPLAY names another folder)"
    return None


def pytest_configure(config: pytest.Config) -> None:
    # Jobs are asked for in many tests: the messages go nowhere, and no worker of an installation here hears them.
    app.conf.update(broker_url="memory://", broker_transport=None, broker_transport_options={})
    compile_stale()


def pytest_report_header() -> list[str]:
    return [f"database: {connections['default'].vendor}, Redis: {machine.redis_url()}, browser: {machine.browser()}"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here. One line raises it, so that pytest's summary is one line a reason."""
    for need in [*(mark.name for mark in item.iter_markers()), *getattr(item, "fixturenames", ())]:
        reason = missing(need)
        if reason and machine.in_ci():
            pytest.fail(f"nothing may be skipped in CI: {reason}", pytrace=False)
        elif reason:
            pytest.skip(reason)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skip in CI would pass for a green run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if machine.in_ci() and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A database for each of the processes that share the suite; SQLite in a file, as in an installation, so that
    threads and a second process see one database, in WAL mode."""
    if connections["default"].vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "suite.sqlite3")
        connections["default"].settings_dict["TEST"]["NAME"] = name


@pytest.fixture(autouse=True)
def _ordinary_language() -> Iterator[None]:
    """A page in English leaves its language with the thread; the next test has the ordinary one again."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def demonstration_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an embedded installation with the demonstration, computed; copy it before anything writes there."""
    var = tmp_path_factory.mktemp("demonstration") / "var"
    environment = processes.embedded(var)
    for command in (["migrate"], ["load_demonstration"], ["collectstatic", "--noinput"]):
        processes.manage(environment, *command, "--verbosity", "0")
    return var


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(settings.BASE_DIR)
