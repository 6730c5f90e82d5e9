"""What an indicator's own figures say against it: signs with the figures behind them, no page yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.compute import health
from indicators.compute.frames import last_due
from indicators.compute.health import Pair, Sign
from indicators.periods import Kind, Period
from indicators.templatetags.figures import language, number

STATED = ("not_applicable", "confidential", "method_changed", "too_few_answers")


class PointRow(NamedTuple):
    """A due period of our series; `revised`: another value was official before."""

    period: Period
    value: float | None
    absence: str
    revised: bool

    @property
    def answered(self) -> bool:
        return self.value is not None or self.absence in STATED


@dataclass(frozen=True)
class IndicatorFacts:
    """`points`: our series, oldest first; `looks`: in a year at most; `counted_days`: how long looks were counted."""

    id: int
    code: str
    name: str
    area: str
    department: str
    frequency: str
    due_days: int
    points: Sequence[PointRow]
    overruled: int
    looks: int
    counted_days: int

    @property
    def yearly(self) -> dict[int, float]:
        """The value of the last period that ends in each year."""
        return {p.period.last_day.year: p.value for p in self.points if p.value is not None}


@dataclass(frozen=True)
class Finding:
    """A sign with its figures, as a sentence; `other`: code of the indicator that it is like."""

    sign: Sign
    text: str
    other: str = ""


def findings(
    facts: IndicatorFacts, *, pairs: Sequence[Pair], names: Mapping[int, tuple[str, str]], today: date
) -> list[Finding]:
    """What the indicator's own figures say; `names`: (code, name) by id."""
    found = [*_late(facts, today), *_missing(facts, today), *_revised(facts), *_overruled(facts), *_constant(facts)]
    found += _duplicates(facts, pairs, names)
    if health.never_looked_at(facts.looks, facts.counted_days):
        text = ngettext(
            "Nobody has opened its page in %(n)s day", "Nobody has opened its page in %(n)s days", facts.counted_days
        )
        found.append(Finding(Sign.UNSEEN, text % {"n": number(facts.counted_days)}))
    return found


def _duplicates(facts: IndicatorFacts, pairs: Sequence[Pair], names: Mapping[int, tuple[str, str]]) -> list[Finding]:
    """The strongest by name, the others by number."""
    own = [pair for pair in pairs if facts.id in (pair.first, pair.second)]
    if not own:
        return []
    code, name = names[own[0].second if own[0].first == facts.id else own[0].first]
    words = {"name": name, "r": number(own[0].correlation, 2), "n": number(own[0].years)}
    text = _("Moves with “%(name)s” (correlation %(r)s over %(n)s years)") % words
    more = len(own) - 1
    if more:
        text = f"{text} " + ngettext("and with %(n)s more", "and with %(n)s more", more) % {"n": number(more)}
    return [Finding(Sign.DUPLICATE, text, code)]


def _late(facts: IndicatorFacts, today: date) -> list[Finding]:
    expected = last_due(Kind(facts.frequency), facts.due_days, today)
    newest = max((point.period for point in facts.points if point.answered), default=None)
    if newest is not None and newest >= expected:
        return []
    words = {
        "period": expected.label(language()),
        "day": f"{expected.due(facts.due_days):%Y-%m-%d}",
    }
    return [Finding(Sign.LATE, _("Late: %(period)s was due %(day)s") % words)]


def _missing(facts: IndicatorFacts, today: date) -> list[Finding]:
    due = [point.answered for point in facts.points if point.period.due(facts.due_days) <= today]
    missing = health.gaps(due)
    of = min(len(due), health.GAP_PERIODS)
    if not missing:
        return []
    words = {"n": number(missing), "of": number(of)}
    return [Finding(Sign.MISSING, _("%(n)s of the last %(of)s values are missing") % words)]


def _revised(facts: IndicatorFacts) -> list[Finding]:
    revised = sum(1 for point in facts.points if point.revised)
    periods = sum(1 for point in facts.points if point.value is not None)
    if not health.often_revised(revised, periods):
        return []
    words = {"n": number(revised), "of": number(periods)}
    return [Finding(Sign.REVISED, _("%(n)s of %(of)s values were changed afterwards") % words)]


def _overruled(facts: IndicatorFacts) -> list[Finding]:
    if facts.overruled == 0:
        return []
    text = ngettext("A check was overruled %(n)s time", "A check was overruled %(n)s times", facts.overruled) % {
        "n": number(facts.overruled)
    }
    return [Finding(Sign.OVERRULED, text)]


def _constant(facts: IndicatorFacts) -> list[Finding]:
    same = health.constant([point.value for point in facts.points if point.value is not None])
    if not same:
        return []
    return [Finding(Sign.CONSTANT, _("The same value %(n)s times in a row") % {"n": number(same)})]
