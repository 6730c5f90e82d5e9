"""What the columns of a file of answers may mean: guessed from codes, wordings and what was said of an earlier file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.compute.answer_table import AnswerTable, Role, Target, normal
from surveys.compute.questionnaire import PAIRS, Asked

HEADS = {
    Role.WEIGHT: ("vikt", "weight", "kalibreringsvikt", "kalvikt", "w"),
    Role.STRATUM: ("stratum", "strata"),
    Role.CLUSTER: ("kluster", "cluster", "psu"),
    Role.RESPONDENT: ("id", "response id", "respondent", "respondent_id", "svarande", "svarsid", "löpnummer", "lopnr"),
    Role.QUESTION: ("question", "fråga", "frågekod", "item", "variable", "variabel"),
    Role.ANSWER: ("answer", "svar", "value", "värde"),
}
REFUSED_CODES = ("-9", "-99", "N/A", "Ej svar", "Inget svar", "No answer")
NO_OPINION_CODES = ("Vet ej", "Vet inte", "Ingen åsikt", "Ingen uppfattning", "Don't know", "No opinion")
BY_PLACE = re.compile(r"g(\d+)q(\d+)", re.IGNORECASE)  # as LimeSurvey names what has no code of its own
PARTED = re.compile(r"(?P<base>.+?)(?:\[(?P<bracket>[^\]]*)\]|[_.-](?P<suffix>\w+))$")
TITLED = re.compile(r"(?P<code>[\w-]+(?:\[[^\]]*\])?)[.:]\s+\S")
MOST_ITEMS = 2000


@dataclass(frozen=True)
class Known:
    """A question with everything it may be recognised by. `place`: page and place on it, counted from 1. `labels`: the
    normal text of its options in both languages → the option's value."""

    asked: Asked
    place: tuple[int, int]
    texts: frozenset[str]
    second_texts: frozenset[str] = frozenset()
    labels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerMapping:
    """What was said of a file. `targets`: a column each; `items`: of a long file, what the texts of its question column
    are; `meanings`: question code → normal text → option's value as text, or a word of Absence."""

    targets: tuple[Target, ...]
    items: Mapping[str, Target] = field(default_factory=dict)
    refused: tuple[str, ...] = REFUSED_CODES
    no_opinion: tuple[str, ...] = NO_OPINION_CODES
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leave_out: bool = False

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "AnswerMapping":
        """From what was stored of it as JSON."""
        return AnswerMapping(
            targets=tuple(map(Target.of, stored["targets"])),
            items={text: Target.of(target) for text, target in stored["items"]},
            refused=tuple(stored["refused"]),
            no_opinion=tuple(stored["no_opinion"]),
            meanings=stored["meanings"],
            leave_out=bool(stored["leave_out"]),
        )

    def stored(self) -> dict[str, Any]:
        """As JSON; `of` makes the same of it."""
        return {
            "targets": [target.text for target in self.targets],
            "items": [[text, target.text] for text, target in self.items.items()],  # JSON keeps no order of keys
            "refused": list(self.refused),
            "no_opinion": list(self.no_opinion),
            "meanings": {code: dict(texts) for code, texts in self.meanings.items()},
            "leave_out": self.leave_out,
        }


def guessed(table: AnswerTable, known: Sequence[Known], earlier: Mapping[str, str]) -> AnswerMapping:
    """What the columns most likely are. `earlier`: header → target's text, as it was said of an earlier file; it comes
    before what the file itself says. No question's part and no role is given to two columns: the first has it."""
    targets: list[Target] = []
    for text in table.header:
        target = _guess(text, known, earlier)
        targets.append(Target() if target in targets else target)
    roles = {target.role for target in targets}
    if not {Role.RESPONDENT, Role.QUESTION, Role.ANSWER} <= roles:
        shaped = (Role.QUESTION, Role.ANSWER)
        return AnswerMapping(tuple(Target() if target.role in shaped else target for target in targets))
    return AnswerMapping(
        # In a long file a column is about the respondent or about the answer, never a question.
        tuple(target if target.role else Target() for target in targets),
        guessed_items(table, targets, known, earlier),
    )


def guessed_items(
    table: AnswerTable, targets: Sequence[Target], known: Sequence[Known], earlier: Mapping[str, str]
) -> dict[str, Target]:
    """Of a long file: what each text of its question column most likely is (at most MOST_ITEMS of them)."""
    place = next(place for place, target in enumerate(targets) if target.role is Role.QUESTION)
    names = [text.strip() for text in table.cells[place].unique()[:MOST_ITEMS]]
    found: dict[str, Target] = {}
    for name in names:
        target = _guess(name, known, earlier)
        found[name] = Target() if target.role or target in found.values() else target
    return found


def _guess(text: str, known: Sequence[Known], earlier: Mapping[str, str]) -> Target:
    if not text:
        return Target()
    if text in earlier:
        return Target.of(earlier[text])
    return _by_code(text, known) or _by_text(text, known) or _by_role(text) or _by_place(text, known) or Target()


def _by_role(text: str) -> Target | None:
    return next((Target(role=role) for role, heads in HEADS.items() if normal(text) in heads), None)


def _plain_code(text: str) -> str:
    return re.sub(r"[\s_.-]+", "-", text.strip()).casefold()


def _by_code(text: str, known: Sequence[Known]) -> Target | None:
    if titled := TITLED.match(text):
        text = titled["code"]
    for one in known:
        if _plain_code(text) == _plain_code(one.asked.code):
            return _whole(one)
    if not (parted := PARTED.fullmatch(text)):
        return None
    for one in known:
        if _plain_code(parted["base"]) == _plain_code(one.asked.code):
            return _part(one, parted["bracket"] or parted["suffix"] or "")
    return None


def _by_text(text: str, known: Sequence[Known]) -> Target | None:
    """The wording alone, or with an option's label in brackets after it."""
    parted = re.fullmatch(r"(.+?)\s*\[([^\]]*)\]", text)
    for one in known:
        if normal(text) in one.second_texts:
            return Target(code=one.asked.code, part=2)
        if normal(text) in one.texts:
            return _whole(one)
        if parted and normal(parted[1]) in one.texts:
            return _part(one, parted[2])
    return None


def _by_place(text: str, known: Sequence[Known]) -> Target | None:
    parted = PARTED.fullmatch(text)
    found = BY_PLACE.fullmatch(parted["base"] if parted else text)
    if not found:
        return None
    one = next((one for one in known if one.place == (int(found[1]), int(found[2]))), None)
    if one is None:
        return None
    return _part(one, parted["bracket"] or parted["suffix"] or "") if parted else _whole(one)


def _whole(one: Known) -> Target:
    return Target(code=one.asked.code, part=1 if one.asked.kind in PAIRS else None)


def _part(one: Known, text: str) -> Target | None:
    """Which part of a question a suffix names: an option's value or label, or the nth sub-question (SQ001)."""
    parts = one.asked.parts
    if parts == (0,):
        return None
    numbered = re.fullmatch(r"(?:SQ|sq|A|a)?0*(\d+)", text)
    if numbered and text[0].isdigit() and int(text) in parts:
        return Target(code=one.asked.code, part=int(text))
    if numbered and 1 <= int(numbered[1]) <= len(parts):
        return Target(code=one.asked.code, part=parts[int(numbered[1]) - 1])
    if one.asked.kind == "multiple" and normal(text) in one.labels:
        return Target(code=one.asked.code, part=one.labels[normal(text)])
    return None
