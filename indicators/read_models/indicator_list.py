"""The list of all indicators: search, filters, one line each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators import charts, wording
from indicators.periods import Period
from indicators.templatetags.figures import language, number, with_unit

GOOD_WAY = {"higher": "higher", "lower": "lower"}


class ListRow(NamedTuple):
    """An indicator and its assessment in one period, None where there is none."""

    code: str
    name: str
    name_sv: str
    definition: str
    purpose: str
    area: str
    area_name: str
    department: str
    owner: str
    source: str
    measures: str
    kolada_id: str
    symbol: str
    share: bool
    decimals: int
    direction: str
    status: str | None
    reason: str | None
    value: Decimal | None
    value_period: str | None
    change: float | None
    change_word: str | None
    comparison_period: str | None
    rank: int | None
    peers: int | None
    quarter: str | None
    recent: list[float | None] | None
    margin: float | None


@dataclass(frozen=True)
class Filter:
    """What the reader asked for; "" is everything."""

    search: str = ""
    area: str = ""
    status: str = ""
    source: str = ""
    measures: str = ""

    @property
    def on(self) -> bool:
        return any((self.search.strip(), self.area, self.status, self.source, self.measures))


@dataclass(frozen=True)
class Line:
    code: str
    name: str
    status: str
    reason: str
    value: str
    value_period: str
    arrow: str
    change: str
    certain: bool
    rank: str
    quarter: str
    spark: SafeString


@dataclass(frozen=True)
class Section:
    title: str
    code: str
    lines: list[Line]


@dataclass(frozen=True)
class ListPage:
    period: str
    periods: list[str]
    lead: str
    sections: list[Section]
    summary: str
    filtered: bool


def list_page(rows: Sequence[ListRow], wanted: Filter, *, period: str, periods: Sequence[str]) -> ListPage:
    """The indicators that fit, under their areas."""
    found = [row for row in rows if _fits(row, wanted)]
    sections: dict[str, Section] = {}
    for row in found:
        sections.setdefault(row.area, Section(row.area_name, row.area, [])).lines.append(_line(row))
    summary = ngettext("%(shown)s of %(count)s indicator", "%(shown)s of %(count)s indicators", len(rows))
    return ListPage(
        period=period,
        periods=list(reversed(periods)),
        lead=_lead(rows, period),
        sections=list(sections.values()),
        summary=summary % {"shown": number(len(found)), "count": number(len(rows))},
        filtered=wanted.on,
    )


def _lead(rows: Sequence[ListRow], period: str) -> str:
    if not period:
        return _("No values have been computed yet.")
    effect = sum(1 for row in rows if row.measures == "effect")
    values = {"count": number(len(rows)), "effect": number(effect), "period": period}
    return (
        ngettext(
            "%(count)s indicator, and how it stood at the end of %(period)s. %(effect)s of them measures an effect.",
            "%(count)s indicators, and how they stood at the end of %(period)s. %(effect)s of them measure effects, "
            "the rest how we work, what it takes and how much is done.",
            len(rows),
        )
        % values
    )


def _fits(row: ListRow, wanted: Filter) -> bool:
    exact = ((wanted.area, row.area), (wanted.source, row.source), (wanted.measures, row.measures))
    if any(asked and asked != has for asked, has in exact):
        return False
    if wanted.status and wanted.status != (row.status or "not_assessable"):
        return False
    text = " ".join(
        (row.code, row.name, row.name_sv, row.definition, row.purpose, row.area_name, row.department, row.owner,
         row.kolada_id)
    ).casefold()  # fmt: skip
    return all(word in text for word in wanted.search.casefold().split())


def _line(row: ListRow) -> Line:
    status = row.status or "not_assessable"
    why = wording.REASON.get(row.reason or ("" if row.status else "no_value"))
    period = Period.parse(row.value_period).short(language()) if row.value_period else ""
    arrow, words, certain = _change(row)
    rank = ""
    if row.rank is not None and row.peers is not None:
        # With a margin of error the exact place is not certain; the indicator's own page gives the interval.
        form = _("about %(rank)s of %(peers)s") if wording.has_margin(row.margin) else _("%(rank)s of %(peers)s")
        rank = form % {"rank": number(row.rank), "peers": number(row.peers)}
    return Line(
        code=row.code,
        name=row.name or row.name_sv,
        status=status,
        reason=str(why) if why else "",
        value="" if row.value is None else with_unit(row.value, row.decimals, row.symbol),
        value_period=period,
        arrow=arrow,
        change=words,
        certain=certain,
        rank=rank,
        quarter=row.quarter or "",
        spark=_spark(row),
    )


def _change(row: ListRow) -> tuple[str, str, bool]:
    if row.change is None or not row.comparison_period:
        return "", "", True
    size = wording.Scale(row.symbol, row.decimals, row.share).distance(row.change)
    since = Period.parse(row.comparison_period).label(language())
    word = row.change_word or ""
    flat = word == "unchanged" or row.change == 0
    arrow = "flat" if flat else "up" if row.change > 0 else "down"
    return arrow, wording.change_words(row.change, word, size, since), word != "uncertain"


def _spark(row: ListRow) -> SafeString:
    good: Any = GOOD_WAY.get(row.direction)
    label = _("%(name)s, the latest periods") % {"name": row.name or row.name_sv}
    return charts.sparkline(row.recent or [], label=label, good=good)
