"""The reviewed definition files below `fixtures/definitions`, read with errors that name file, entry and remedy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where libyaml is built in: a tenth of the time

REQUIRED = (
    "code", "name", "purpose", "definition", "calculation", "unit", "decimals", "direction", "measures", "experienced",
    "comparable", "influenceable", "frequency", "due_days", "source", "department", "owner",
)  # fmt: skip
BILINGUAL = ("name", "purpose", "definition", "calculation", "quality", "numerator", "denominator", "owner")


class DefinitionError(ValueError):
    """A definition file that cannot be taken in: which file, which entry, what is wrong with it."""


@dataclass(frozen=True)
class Definitions:
    units: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    departments: list[dict[str, Any]]
    indicators: list[dict[str, Any]]


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises DefinitionError naming the file and the line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (a safe one)
    except FileNotFoundError:
        raise DefinitionError(f"{path} is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}") from error


def read_definitions(folder: Path) -> Definitions:
    """Units, areas, departments and indicators of a definitions folder, checked against each other."""
    units, areas, departments = (
        _coded(read_yaml(folder / f"{name}.yaml"), folder / f"{name}.yaml")
        for name in ("units", "areas", "departments")
    )
    indicators: list[dict[str, Any]] = []
    for area in areas:
        path = folder / "indicators" / f"{area['code']}.yaml"
        content = read_yaml(path)
        if not isinstance(content, dict) or not isinstance(content.get("indicators"), list):
            raise DefinitionError(f"{path} is no area with a list of indicators")
        if content.get("area") != area["code"]:
            raise DefinitionError(f"{path} says area {content.get('area')!r}, its name says {area['code']!r}")
        for entry in content["indicators"]:
            _check(entry, path)
            indicators.append({**entry, "area": area["code"]})
    found = Definitions(units, areas, departments, indicators)
    _check_references(found)
    return found


def read_citizen_survey(folder: Path, found: Definitions) -> list[dict[str, Any]]:
    """The questions of the published citizen survey that are not among the indicators found, as entries like theirs.

    Each is made of what all questions share, what those with the same scale and those of its group share, and its own
    words, the later before the earlier. They are for looking up, not for steering by. Raises DefinitionError.
    """
    path = folder / "citizen_survey.yaml"
    content = read_yaml(path)
    if not isinstance(content, dict) or not {"common", "scales", "groups"} <= content.keys():
        raise DefinitionError(f"{path} lacks common, scales or groups")
    areas = {area["code"] for area in found.areas}
    questions = []
    for group in content["groups"]:
        shared = {name: value for name, value in group.items() if name != "questions"}
        for question in group["questions"]:
            own = {**shared, **question}
            scale = content["scales"].get(own.pop("scale", None))
            if scale is None or own.get("area") not in areas or not own.get("kolada_id"):
                raise DefinitionError(f"{path}: {question!r} needs a kolada_id, and a scale and an area that are there")
            number = own["kolada_id"][-3:]
            entry = {"code": f"cs{number}", "margin_kolada_id": f"U01{number}", "steering": False}
            entry |= {**content["common"], **scale, **own}
            _check(entry, path)
            questions.append(entry)
    _check_references(replace(found, indicators=[*found.indicators, *questions]))
    return questions


def _coded(content: Any, path: Path) -> list[dict[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(entry, dict) and entry.get("code") for entry in content):
        raise DefinitionError(f"{path} is no list of entries with a code")
    return content


def _check(entry: Any, path: Path) -> None:
    if not isinstance(entry, dict):
        raise DefinitionError(f"{path}: {entry!r} is no indicator")
    code = entry.get("code", "(without code)")
    missing = [name for name in REQUIRED if entry.get(name) is None]
    if missing:
        raise DefinitionError(f"{path}: {code} lacks {', '.join(missing)}")
    for name in BILINGUAL:
        texts = entry.get(name)
        if texts is not None and (not isinstance(texts, dict) or set(texts) != {"sv", "en"} or not all(texts.values())):
            raise DefinitionError(f"{path}: {code} needs {name} in Swedish (sv) and English (en)")


def _check_references(found: Definitions) -> None:
    units = {unit["code"] for unit in found.units}
    departments = {department["code"] for department in found.departments}
    for entry in found.indicators:
        if entry["unit"] not in units:
            raise DefinitionError(f"{entry['code']} names the unit {entry['unit']!r}, which units.yaml does not have")
        if entry["department"] not in departments:
            raise DefinitionError(f"{entry['code']} names the department {entry['department']!r}, which is not there")
    for name in ("code", "kolada_id"):
        _refuse_twins([entry.get(name) for entry in found.indicators], name)
    for language in ("sv", "en"):
        _refuse_twins([entry["name"][language] for entry in found.indicators], f"name ({language})")


def _refuse_twins(values: Sequence[str | None], what: str) -> None:
    seen: set[str] = set()
    for text in filter(None, values):
        if text in seen:
            raise DefinitionError(f"two indicators have the {what} {text!r}")
        seen.add(text)
