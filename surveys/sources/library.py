"""The library of ready questions and the plain definitions of surveys: reviewed YAML files, read with errors that name
file, entry and remedy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indicators.sources.definitions import DefinitionError, read_yaml

SCALES = "scales.yaml"
# Topics in the order in which the library shows them; one that is not named here comes last.
ORDER = (
    "overall", "contact", "influence", "safety", "preschool", "school", "elderly-care", "home-care", "streets", "waste",
    "culture", "leisure", "environment", "economy", "business", "after-contact", "background",
)  # fmt: skip
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Topic:
    code: str
    name: Texts
    questions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Library:
    """`questions`: by code, with their scale written out as options. `scales`: by name, lists of options."""

    topics: Sequence[Topic]
    questions: Mapping[str, Mapping[str, Any]]
    scales: Mapping[str, Sequence[Mapping[str, Any]]]


def read_library(folder: Path) -> Library:
    """Every topic of the folder. Raises DefinitionError on a scale that does not exist or a code that stands twice."""
    scales = read_yaml(folder / SCALES)
    topics = [_topic(path, scales) for path in sorted(folder.glob("*.yaml")) if path.name != SCALES]
    topics.sort(key=lambda topic: (ORDER.index(topic.code) if topic.code in ORDER else len(ORDER), topic.code))
    questions: dict[str, Mapping[str, Any]] = {}
    for topic in topics:
        for question in topic.questions:
            if question["code"] in questions:
                raise DefinitionError(f"{topic.code}: the question {question['code']} stands twice in the library")
            questions[question["code"]] = question
    return Library(topics, questions, scales)


def _topic(path: Path, scales: Mapping[str, Sequence[Mapping[str, Any]]]) -> Topic:
    content = read_yaml(path)
    if not isinstance(content, dict) or content.get("topic") != path.stem:
        raise DefinitionError(f"{path} must name its topic: {path.stem}")
    questions = [_question(entry, content["topic"], scales, path) for entry in content.get("questions", [])]
    return Topic(content["topic"], content["name"], questions)


def _question(
    entry: Mapping[str, Any], topic: str, scales: Mapping[str, Sequence[Mapping[str, Any]]], path: Path
) -> dict[str, Any]:
    missing = [name for name in ("code", "kind", "text") if not entry.get(name)]
    if missing:
        raise DefinitionError(f"{path}: {entry.get('code', '(without code)')} lacks {', '.join(missing)}")
    found = {**entry, "topic": topic}
    scale = found.pop("scale", None)
    if scale is not None:
        if scale not in scales:
            raise DefinitionError(f"{path}: {entry['code']} names the scale {scale}; known: {', '.join(scales)}")
        found.setdefault("options", scales[scale])
    return found


def read_definition(path: Path) -> dict[str, Any]:
    """The plain definition of a survey. Raises DefinitionError where the file holds none."""
    content = read_yaml(path)
    if not isinstance(content, dict) or not content.get("code") or not isinstance(content.get("waves"), list):
        raise DefinitionError(f"{path} is no survey with a code and waves")
    return content
