"""The replay of Kolada's API, where its folder is at hand."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def replay_folder() -> Path:
    """The folder of serve.py and the published values: KOLADA_REPLAY, else ../shared/kolada beside the project.

    Without it the test is skipped, except in CI, where a silent skip would pass for a green run.
    """
    folder = (PROJECT / os.environ.get("KOLADA_REPLAY", "../shared/kolada")).resolve()
    if not (folder / "serve.py").is_file():
        reason = f"no replay of Kolada's API in {folder} (set KOLADA_REPLAY)"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def start_replay(replay_folder: Path) -> Iterator[Callable[..., Callable[[], str]]]:
    """Starts the replay with options; the result, when called, waits until it serves and gives its base URL.

    Starting and waiting are apart so that several can load their data at the same time.
    """
    with ExitStack() as stack:
        environment = pytest.MonkeyPatch()
        stack.callback(environment.undo)
        environment.setenv("NO_PROXY", "127.0.0.1")
        yield lambda *options: stack.enter_context(_serving(replay_folder, options))


@contextmanager
def _serving(folder: Path, options: tuple[str, ...]) -> Iterator[Callable[[], str]]:
    command = [sys.executable, str(folder / "serve.py"), "--port", "0", *options]
    # The server's database lives in a directory of ours, so that nothing stays behind however it ends.
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {"TMPDIR": scratch, "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            known: list[str] = []

            def base_url() -> str:
                if not known and process.stdout is not None:
                    known.append(process.stdout.readline().strip())
                    assert known[0], "the replay ended before it served; its message is above"
                return known[0]

            try:
                yield base_url
            finally:
                process.kill()
