"""What My measurements and the entry grid are made from, and the words that they share: rows in, no page yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from indicators import charts, wording
from indicators.compute.frames import DatedTarget, target_in
from indicators.periods import Kind, Period, PeriodError
from indicators.templatetags.figures import NARROW_SPACE, language, missing, number, with_unit

Key = tuple[int, str, str]

BREAKDOWN = {"T": pgettext_lazy("women and men together", "All"), "K": gettext_lazy("Women"), "M": gettext_lazy("Men")}
STATE = {
    "": "",
    "draft": pgettext_lazy("state of a value", "Draft"),
    "submitted": pgettext_lazy("state of a value", "Submitted"),
    "returned": pgettext_lazy("state of a value", "Returned"),
    "approved": pgettext_lazy("state of a value", "Approved"),
    "cleared": "",
}
KIND = {
    Kind.YEAR: pgettext_lazy("values handed in each", "Year"),
    Kind.HALF: pgettext_lazy("values handed in each", "Half-year"),
    Kind.TERTIAL: pgettext_lazy("values handed in each", "Four months"),
    Kind.QUARTER: pgettext_lazy("values handed in each", "Quarter"),
    Kind.MONTH: pgettext_lazy("values handed in each", "Month"),
    Kind.SCHOOL_YEAR: pgettext_lazy("values handed in each", "School year"),
}
SPARK = 12
GOOD_WAY: Mapping[str, Any] = {"higher": "higher", "lower": "lower"}


@dataclass(frozen=True)
class Item:
    """An indicator that its department hands in, in the reader's language. `recent`: its official values, oldest first,
    each with the reason where there is none."""

    id: int
    code: str
    name: str
    definition: str
    calculation: str
    quality: str
    numerator: str
    denominator: str
    symbol: str
    unit: str
    share: bool
    decimals: int
    direction: str
    frequency: Kind
    due_days: int
    divided: bool
    four_eyes: bool
    responsible_id: int | None
    responsible: str
    owner: str
    department_id: int
    targets: tuple[DatedTarget, ...] = ()
    recent: tuple[tuple[Period, float | None, str], ...] = ()

    @property
    def breakdowns(self) -> tuple[str, ...]:
        return ("T", "K", "M") if self.divided else ("T",)

    @property
    def of_parts(self) -> bool:
        """A share of something: its value may follow from a numerator and a denominator."""
        return self.share and self.numerator != "" and self.denominator != ""


@dataclass(frozen=True)
class Stored:
    """The newest revision of a cell: who did that, and when. `approved`: the newest approved revision, where an older
    one than this was approved, with its value and reason. `asked_back`: why it was returned, until it is submitted;
    it may be mended though its period has closed."""

    revision: int
    value: float | None
    absence: str
    numerator: float | None
    denominator: float | None
    comment: str
    evidence_id: int | None
    evidence_name: str
    evidence_link: str
    note: str
    checks: tuple[Mapping[str, Any], ...]
    state: str
    who: str
    when: datetime
    approved: tuple[int, float | None, str] | None = None
    asked_back: str | None = None

    @property
    def empty(self) -> bool:
        return self.state == "cleared"

    @property
    def needs_comment(self) -> bool:
        """A check spoke up and nobody has said anything to it."""
        return bool(self.checks) and not self.comment.strip()


@dataclass(frozen=True)
class EvidenceFile:
    department_id: int
    filename: str
    content_type: str
    content: bytes


def clock(when: datetime | None) -> str:
    """“11 December 2026 12:21”, as a sentence says it."""
    return date_format(localtime(when), "j F Y H:i") if when else ""


def last_day(closes: datetime) -> date | None:
    """The last whole day before a closing at midnight, which nobody reads as “00:00”; None where it closes by day."""
    local = localtime(closes)
    return (local - timedelta(days=1)).date() if local.time() == time.min else None


def key_text(key: Key) -> str:
    """A cell in a field's name, an element's id, an address."""
    indicator_id, period, breakdown = key
    return f"{indicator_id}-{period}-{breakdown}"


def parse_key(text: str) -> Key | None:
    """The cell that `key_text` wrote; None where the text names none."""
    parts = text.split("-")
    if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit()) or len(parts[0]) > 9:
        return None
    try:
        period = Period.parse(parts[1])
    except PeriodError:
        return None
    return (int(parts[0]), period.code, parts[2]) if parts[2] in BREAKDOWN else None


def cell_name(item: Item, period: Period, breakdown: str) -> str:
    """“Absence, Women, May 2026”: a cell as a sentence or a screen reader says it."""
    words = [item.name, str(BREAKDOWN[breakdown]) if item.divided else "", period.label(language())]
    return ", ".join(word for word in words if word)


def as_typed(value: float | None) -> str:
    """A stored number as somebody would type it, and as it is read back: every decimal, thousands ungrouped. In English
    three decimals might be read as thousands, so that a fourth is written."""
    if value is None:
        return ""
    decimals, grouping = wording.given_decimals(value), NARROW_SPACE
    if language() == "en":
        decimals, grouping = (4 if decimals == 3 else decimals), ","
    return number(value, decimals).replace(grouping, "")


def value_or_reason(item: Item, value: float | None, absence: str) -> str:
    if value is not None:
        return with_unit(value, item.decimals, item.symbol)
    return f"{missing(absence)} ({wording.ABSENCE[absence]})" if absence else "–"


def stored_text(item: Item, stored: Stored | None) -> str:
    return "–" if stored is None else value_or_reason(item, stored.value, stored.absence)


def target_text(item: Item, year: int) -> str:
    """What the indicator aims at in a year, in words; "" where it has no target then."""
    found = target_in(item.targets, year)
    if found is None:
        return ""
    return wording.target_words(found.target, symbol=item.symbol, decimals=item.decimals, share=item.share)


def spark(item: Item) -> SafeString:
    label = _("%(name)s, the latest periods") % {"name": item.name}
    values = [value for _period, value, _absence in item.recent[-SPARK:]]
    return charts.sparkline(values, label=label, good=GOOD_WAY.get(item.direction))
