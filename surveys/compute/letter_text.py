"""The text of a mailing in Swedish and English, with places for what differs from person to person."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("sv", "en")
# As people write them → what they stand for. Both languages' names hold in either text.
PLACES: Mapping[str, str] = {
    "namn": "name", "name": "name",
    "länk": "link", "link": "link",
    "kod": "code", "code": "code",
    "sista dag": "last day", "last day": "last day",
}  # fmt: skip
PLACE = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True)
class Part:
    """A mailing in one language; empty where it is not written in it."""

    subject: str = ""
    body: str = ""


@dataclass(frozen=True)
class MailText:
    """What a mailing says. `both`: letters have the other language on their back."""

    sv: Part
    en: Part = Part()
    both: bool = False

    def part(self, language: str) -> Part:
        """The text for a reader; where there is none in their language, the Swedish one."""
        return self.en if language == "en" and self.en.body else self.sv


def dumps(text: MailText) -> str:
    """The text as it is stored."""
    parts = {code: {"subject": part.subject, "body": part.body} for code, part in (("sv", text.sv), ("en", text.en))}
    return json.dumps({**parts, "both": text.both}, ensure_ascii=False)


def loads(stored: str) -> MailText:
    """The text from how it is stored."""
    told = json.loads(stored)
    return MailText(Part(**told["sv"]), Part(**told["en"]), bool(told["both"]))


def places(text: str) -> set[str]:
    """What the places in a text stand for; one that stands for nothing as it is written, in braces."""
    return {PLACES.get(" ".join(name.split()).casefold(), f"{{{name}}}") for name in PLACE.findall(text)}


def unknown_places(text: str) -> list[str]:
    """The places that stand for nothing, as they are written, in order."""
    return sorted(place for place in places(text) if place.startswith("{"))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled. What is empty leaves no space before it: “Hej {namn}!” becomes “Hej!”.

    A place that stands for nothing stays as it is written; values are put in once and are not searched for places.
    """

    def value(match: re.Match[str]) -> str:
        place = PLACES.get(" ".join(match[2].split()).casefold())
        if place is None or place not in values:
            return match[0]
        return f"{match[1]}{values[place]}" if values[place] else ""

    return re.sub(r"([ \t]?)\{([^{}\n]*)\}", value, text)
