"""What a resident sends with a page: fields in, plain answers or told faults out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from indicators.compute.numerals import read_number
from indicators.templatetags.figures import language, number
from surveys.compute.questionnaire import LONGEST_TEXT, PAIRS, Asked, Given, is_possible
from surveys.read_models.answering import NO_OPINION, field_name, no_opinion

# What no text contains on purpose and a database may refuse.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Handed:
    """What came in with a page. `answers`: of every question that was seen, empty where it was passed over;
    `faults`: code → what is wrong; `typed`: field name → what was typed and is not kept, because it is at fault."""

    answers: dict[str, dict[int, Given]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def read_page(questions: Sequence[Asked], data: QueryDict) -> Handed:
    """Read the answers to a page's questions. What is no possible answer counts as none; a number or a text that cannot
    be kept is told, and stands in its field again."""
    handed, seen = Handed(), set(data.getlist("seen"))
    for asked in questions:
        if asked.code in seen:
            handed.answers[asked.code] = _given(asked, data, handed)
    return handed


def _given(asked: Asked, data: QueryDict, handed: Handed) -> dict[int, Given]:
    match asked.kind:
        case "multiple":
            return _several(asked, data.getlist(field_name(asked.code, 0)), handed)
        case "number":
            return _number(asked, data.getlist(field_name(asked.code, 0)), handed)
        case "text":
            return _text(asked, data.get(field_name(asked.code, 0), ""), handed)
    found = {part: _chosen(asked, data.get(field_name(asked.code, part), "")) for part in asked.parts}
    return {part: value for part, value in found.items() if value is not None}


def _chosen(asked: Asked, sent: str) -> Given | None:
    """A grade or an option's value; None where nothing was chosen that the question has."""
    apart = no_opinion(asked)
    if apart is not None and sent in (NO_OPINION, str(apart.value)):
        return NO_OPINION
    if re.fullmatch(r"-?[0-9]{1,5}", sent) is None:
        return None
    return int(sent) if is_possible(asked, int(sent)) else None


def _several(asked: Asked, sent: Sequence[str], handed: Handed) -> dict[int, Given]:
    ticked = {part for part in asked.parts if str(part) in sent}
    if NO_OPINION in sent and no_opinion(asked) is not None:
        if not ticked:
            return dict.fromkeys(asked.parts, NO_OPINION)
        handed.faults[asked.code] = _("Choose either “%(apart)s” or what applies to you, not both.") % {
            "apart": no_opinion(asked).label  # type: ignore[union-attr]
        }
    return {part: int(part in ticked) for part in asked.parts} if ticked else {}


def _number(asked: Asked, sent: Sequence[str], handed: Handed) -> dict[int, Given]:
    apart = no_opinion(asked)
    text = next((one for one in sent if one != NO_OPINION), "").strip()
    if apart is not None and NO_OPINION in sent and not text:
        return {0: NO_OPINION}
    if not text:
        return {}
    read = read_number(text, language=language())
    if apart is not None and NO_OPINION in sent:
        fault = _("Write a number or choose “%(apart)s”, not both.") % {"apart": apart.label}
    elif read.value is None:
        fault = _("“%(text)s” cannot be read as a number. Write it in figures, e.g. 12.") % {"text": text[:40]}
    elif not is_possible(asked, read.value):
        fault = _range(asked)
    else:
        return {0: read.value}
    handed.faults[asked.code] = fault
    handed.typed[field_name(asked.code, 0)] = text[:200]
    return {}


def _range(asked: Asked) -> str:
    low, high = asked.minimum, asked.maximum
    if high is None:
        return _("The number must be at least %(low)s.") % {"low": _plain(low)}
    if low is None:
        return _("The number must be at most %(high)s.") % {"high": _plain(high)}
    return _("The number must be between %(low)s and %(high)s.") % {"low": _plain(low), "high": _plain(high)}


def _plain(limit: float | None) -> str:
    return number(limit, 0 if limit is None or limit == int(limit) else 2)


def _text(asked: Asked, sent: str, handed: Handed) -> dict[int, Given]:
    text = CONTROLS.sub("", sent.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > LONGEST_TEXT:
        handed.faults[asked.code] = _(
            "The text has %(n)s characters, and %(most)s can be taken. Shorten it."
        ) % {"n": number(len(text)), "most": number(LONGEST_TEXT)}  # fmt: skip
        handed.typed[field_name(asked.code, 0)] = text
        return {}
    return {0: text} if text else {}


def lacking_faults(lacking: Sequence[Asked]) -> dict[str, str]:
    """What is said of questions that must be answered and were not, by code."""
    return {asked.code: _lacks(asked) for asked in lacking}


def _lacks(asked: Asked) -> str:
    apart = no_opinion(asked)
    if asked.kind in PAIRS:
        return _("Both questions must be answered.")
    if apart is not None:
        return _("This question must be answered. If you cannot, choose “%(apart)s”.") % {"apart": apart.label}
    return _("This question must be answered.")
