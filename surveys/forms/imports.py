"""What was said of a file of answers, read: columns, items, codes of missing answers, meanings of texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from surveys.compute.answer_mapping import AnswerMapping, Known, guessed_items
from surveys.compute.answer_table import AnswerTable, Role, Target, is_long, normal
from surveys.compute.questionnaire import PAIRS
from surveys.read_models.imports import ROLES, meanings, target_text

MOST_CODES = 30


@dataclass(frozen=True)
class Said:
    """What was posted. `typed`: field → text, to be shown again; `faults`: field → what is wrong; `mapping` where
    nothing is. `items_are_new`: the items of a long file are guesses that nobody has looked at."""

    typed: Mapping[str, str]
    faults: Mapping[str, str]
    mapping: AnswerMapping | None = None
    items_are_new: bool = False


def fields_of(mapping: AnswerMapping) -> dict[str, str]:
    """What the fields hold before anybody has typed: columns and items by their place."""
    fields = {f"column-{place}": target_text(target) for place, target in enumerate(mapping.targets)}
    fields |= {f"item-{place}": target_text(target) for place, target in enumerate(mapping.items.values())}
    return fields | {"refused": "; ".join(mapping.refused), "no_opinion": "; ".join(mapping.no_opinion)}


def read_columns(posted: QueryDict, table: AnswerTable, before: AnswerMapping, known: Sequence[Known]) -> Said:
    """What was said of the columns, and of a long file's items."""
    faults: dict[str, str] = {}
    by_code = {one.asked.code: one for one in known}
    names = [f"column-{place}" for place in range(len(table.header))]
    targets = _targets(posted, names, by_code, faults)
    _check_shape(names, targets, faults)
    items, new = dict(before.items), False
    if is_long(targets) and not faults:
        items, new = _items(posted, table, targets, before, known, faults)
    if not faults and not any(target.code for target in (*targets, *items.values())) and not new:
        faults["column-0"] = _("No column is an answer to a question yet. Write a question's code at one of them.")
    typed = {name: posted.get(name, "") for name in (*names, *fields_of(before), "refused", "no_opinion")}
    if faults:
        return Said(typed, faults)
    mapping = replace(
        before,
        targets=tuple(targets),
        items=items if is_long(targets) else {},
        refused=_codes(posted.get("refused", "")),
        no_opinion=_codes(posted.get("no_opinion", "")),
    )
    return Said(typed, {}, mapping, new)


def _targets(
    posted: QueryDict, names: Sequence[str], by_code: Mapping[str, Known], faults: dict[str, str]
) -> list[Target]:  # fmt: skip
    targets: list[Target] = []
    for name in names:
        text = posted.get(name, "").strip()
        target, fault = _target(text, by_code)
        if not fault and target != Target() and target in targets:
            fault = _("“%(text)s” stands at two columns. Keep one of them.") % {"text": text}
        if fault:
            faults[name] = fault
        targets.append(target)
    return targets


def _target(text: str, by_code: Mapping[str, Known]) -> tuple[Target, str]:
    """What a typed text names, or what is wrong with it. A code comes before a word."""
    if not text:
        return Target(), ""
    parted = re.fullmatch(r"(.+)\[(\d+)\]", text)
    one = by_code.get(parted[1] if parted else text)
    if one is None:
        role = next((role for role, word in ROLES.items() if normal(text) == normal(str(word))), None)
        if role:
            return Target(role=role), ""
        told = _("No question of the wave has the code “%(text)s”. Choose one from the list, or leave the field empty.")
        return Target(), told % {"text": text[:60]}
    if parted is None:
        if one.asked.kind in PAIRS:
            told = _("“%(code)s” asks two things. Write %(code)s[1] or %(code)s[2].")
            return Target(), told % {"code": one.asked.code}
        return Target(code=one.asked.code), ""
    part = int(parted[2])
    possible = {option.value for option in one.asked.options} if one.asked.kind == "multiple" else set(one.asked.parts)
    if one.asked.parts == (0,) or part not in possible:
        return Target(), _("The question “%(code)s” has no part %(part)s.") % {"code": one.asked.code, "part": part}
    return Target(code=one.asked.code, part=part), ""


def _check_shape(names: Sequence[str], targets: Sequence[Target], faults: dict[str, str]) -> None:
    """Either a column a question, or one column of questions, one of answers and one that says whose they are."""
    roles = {target.role: name for name, target in zip(names, targets, strict=True) if target.role}
    if Role.QUESTION not in roles and Role.ANSWER not in roles:
        return
    lacking = [role for role in (Role.RESPONDENT, Role.QUESTION, Role.ANSWER) if role not in roles]
    if lacking:
        told = _("A file with one answer in each row needs a column “%(role)s” too.") % {"role": ROLES[lacking[0]]}
        faults[roles.get(Role.QUESTION, roles.get(Role.ANSWER, names[0]))] = told
    for name, target in zip(names, targets, strict=True):
        if target.code and not lacking:
            faults[name] = _(
                "In a file with one answer in each row no column is a question of its own. Empty this field."
            )


def _items(
    posted: QueryDict, table: AnswerTable, targets: Sequence[Target], before: AnswerMapping, known: Sequence[Known],
    faults: dict[str, str],
) -> tuple[dict[str, Target], bool]:  # fmt: skip
    """What each text of the question column is, as posted; guessed where another column has become that one."""
    place = [target.role for target in targets].index(Role.QUESTION)
    same = place < len(before.targets) and before.targets[place].role is Role.QUESTION
    if not (same and before.items and "item-0" in posted):
        return guessed_items(table, targets, known, {}), True
    names = [f"item-{number}" for number in range(len(before.items))]
    found = _targets(posted, names, {one.asked.code: one for one in known}, faults)
    for name, target in zip(names, found, strict=True):
        if target.role:
            faults[name] = _("Write a question's code here, or leave the field empty.")
    return dict(zip(before.items, found, strict=True)), False


def _codes(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(r"[;\r\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_CODES]


def read_meanings(posted: QueryDict, known: Sequence[Known]) -> dict[str, dict[str, str]]:
    """Question code → normal text → meaning, of those that were chosen; what cannot be a meaning is passed over."""
    by_code = {one.asked.code: one for one in known}
    found: dict[str, dict[str, str]] = {}
    rows = zip(posted.getlist("code"), posted.getlist("text"), posted.getlist("meaning"), strict=False)
    for code, text, meaning in rows:
        if code in by_code and meaning in dict(meanings(by_code[code])):
            found.setdefault(code, {})[normal(text)] = meaning
    return found
