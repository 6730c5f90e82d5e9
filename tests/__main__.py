"""The whole suite, on PostgreSQL where a server answers, otherwise on SQLite; arguments go to pytest."""

import os
import sys
import tempfile

import pytest

from tests import machine


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="scorecard-tests-") as var:
        # Settings are read once, by pytest's Django plugin, before any conftest: what they need is set here.
        os.environ["SCORECARD_VAR"] = var
        url = machine.postgresql_url()
        if url:
            os.environ["DATABASE_URL"] = url
        # A file stays with one process, so that what its tests share is made once.
        shared = [] if sys.argv[1:] else ["--numprocesses=auto", "--dist=loadfile"]
        return pytest.main([*shared, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
