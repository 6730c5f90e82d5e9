"""docker-compose.yml, Dockerfile and the npm lock, read as text: no Docker is needed to see that they fit the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecard.management.commands.serve import commands

SERVICES = {"postgres", "redis", "migrate", "web", "worker", "beat"}
OURS = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def compose(project: Path) -> dict[str, Any]:
    return yaml.safe_load((project / "docker-compose.yml").read_text(encoding="utf-8"))


def test_six_services_and_a_volume_for_what_must_not_be_lost(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == SERVICES
    mounted = {volume.split(":")[0] for service in compose["services"].values() for volume in service["volumes"]}
    assert mounted == set(compose["volumes"])


def test_what_keeps_running_is_watched(compose: dict[str, Any]) -> None:
    for name in SERVICES - {"migrate"}:
        check = compose["services"][name]["healthcheck"]
        assert check["test"][0] in ("CMD", "CMD-SHELL")
        assert {"interval", "timeout", "retries"} <= set(check)
    assert compose["services"]["migrate"]["restart"] == "no"


def test_nothing_of_ours_starts_before_the_database_is_migrated(compose: dict[str, Any]) -> None:
    assert compose["services"]["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        waits = compose["services"][name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
        assert waits["redis"]["condition"] == "service_healthy"


def test_every_variable_is_one_that_the_settings_read(compose: dict[str, Any], project: Path) -> None:
    readers = [project / "scorecard" / name for name in ("settings.py", "single_sign_on.py")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in readers)
    for name in OURS:
        for variable in compose["services"][name]["environment"]:
            assert f'"{variable}"' in read, variable
    composed = (project / "docker-compose.yml").read_text(encoding="utf-8")
    written = (project / ".env.example").read_text(encoding="utf-8")
    for variable in re.findall(r"^#?([A-Z_]+)=", written, re.MULTILINE):
        known = f'"{variable}"' in read or f"${{{variable}" in composed
        assert known, f".env.example names {variable}, which nothing reads"


def test_the_programs_are_those_of_the_embedded_installation(compose: dict[str, Any]) -> None:
    """One worker keeps the clock there, a beat of its own here; otherwise they are the same programs."""
    web, worker = (set(line) for line in commands("0.0.0.0", 8000, 4).values())
    started = {name: compose["services"][name]["command"] for name in OURS}
    assert {"gunicorn", "scorecard.wsgi", "--no-control-socket", "0.0.0.0:8000"} <= set(started["web"]) & web
    assert {"celery", "scorecard", "worker", "--without-gossip", "--without-mingle"} <= set(started["worker"]) & worker
    assert "--beat" not in started["worker"]
    assert started["beat"][:4] == ["celery", "--app", "scorecard", "beat"]


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    for name in ("postgres", *OURS):
        for variable, value in compose["services"][name]["environment"].items():
            if "PASSWORD" in variable or variable == "DATABASE_URL":
                assert "${POSTGRES_PASSWORD:?" in value


def test_the_image_runs_as_nobody_special_and_holds_no_data(project: Path) -> None:
    image = (project / "Dockerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", image, re.MULTILINE)
    assert [name for _, name in stages] == ["scripts", "application"]
    last = image.rpartition("FROM ")[2]
    assert last.index("\nUSER scorecard") < last.index("\nCMD ")
    ignored = (project / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".env", "var", ".venv", "node_modules"} <= set(ignored)


def test_the_lock_pins_by_content_and_names_no_registry(project: Path) -> None:
    text = (project / "package-lock.json").read_text(encoding="utf-8")
    wanted = json.loads((project / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = {k.removeprefix("node_modules/"): v for k, v in json.loads(text)["packages"].items() if k}
    assert {name: package["version"] for name, package in locked.items()} == wanted
    assert all(package["integrity"].startswith("sha512-") for package in locked.values())
    assert "://" not in text
