"""What the suite can use on this machine, found by asking: a database server, a broker, a browser."""

import os
import shutil
from functools import cache
from pathlib import Path

import psycopg2
import redis

PROJECT = Path(__file__).resolve().parents[1]
POSTGRESQL = "postgres://postgres@127.0.0.1:5432/scorecard"
REDIS = "redis://127.0.0.1:6379/5"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("true", "1")


@cache
def postgresql_url() -> str | None:
    """DATABASE_URL where it is set, else the server of this machine where it lets us in without a password.

    The database that is named need not exist: Django makes one beside it, called test_….
    """
    told = os.environ.get("DATABASE_URL")
    if told:
        return told if told.startswith(("postgres://", "postgresql://")) else None
    try:
        psycopg2.connect("postgres://postgres@127.0.0.1:5432/postgres", connect_timeout=3).close()
    except psycopg2.OperationalError:
        return None
    return POSTGRESQL


@cache
def redis_url() -> str | None:
    """TEST_REDIS_URL, else database 5 of the server of this machine; None where it does not answer."""
    url = os.environ.get("TEST_REDIS_URL", REDIS)
    try:
        redis.Redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError:
        return None
    return url


@cache
def browser() -> str | None:
    """The path of a Chromium."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@cache
def replay() -> Path | None:
    """The folder with the replay of Kolada's API and the published values: KOLADA_REPLAY, seen from the project."""
    folder = (PROJECT / os.environ.get("KOLADA_REPLAY", "../shared/kolada")).resolve()
    return folder if (folder / "serve.py").is_file() else None
