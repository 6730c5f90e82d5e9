"""What has changed since the period before: statuses of goals and indicators, the most notable first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext

from indicators.templatetags.figures import number, with_unit
from indicators.wording import REASON, Scale
from scorecard import wording
from scorecard.compute.goals import Proposal
from scorecard.read_models.standing import STEP, movement
from scorecard.rows import IndicatorRow

CHANGES = 8  # shown until all are asked for, of which goals at most
GOAL_CHANGES = 5
ARROWS = {"better": "up", "worse": "down", "gained": "new", "lost": "gone"}
ORDER = {"better": 0, "worse": 1, "gained": 2, "lost": 3}


@dataclass(frozen=True, slots=True)
class StatusChange:
    """“Name: from partly met to **met**”, with a line of detail. arrow: up is better, down is worse."""

    arrow: str
    name: str
    url: str
    text: str
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A changed status before it is put into words. weight: how notable it is, smaller is more; goals come first."""

    move: str
    certain: bool
    name: str
    url: str
    before: str
    after: str
    weight: tuple[int, ...]
    source: Proposal | IndicatorRow

    def told(self) -> StatusChange:
        text, status = wording.status_change(self.move, self.before, self.after)
        detail = _goal_detail(self.source) if isinstance(self.source, Proposal) else _indicator_detail(self.source)
        arrow = ARROWS[self.move] if self.certain else "flat"
        return StatusChange(arrow, self.name, self.url, text, status, detail)


def moved_goal(name: str, url: str, before: str, after: str, made: Proposal) -> Moved | None:
    """None where the status has not changed."""
    move = movement(before, after)
    return Moved(move, True, name, url, before, after, (0, ORDER[move]), made) if move else None


def moved_indicator(row: IndicatorRow, url: str, *, linked: bool, key: bool) -> Moved | None:
    """Weighed by the size of the step, then key ones and those that show a goal before the others. What lies inside its
    margin of error is never called better or worse, whatever its status does. None where nothing has changed."""
    before, after = row.status_before or "not_assessable", row.status or "not_assessable"
    move = movement(before, after)
    if not move:
        return None
    certain = row.change_word != "uncertain" or move in ("gained", "lost")
    step = 2 if move in ("gained", "lost") else 2 - abs(STEP[after] - STEP[before])
    weight = (1, step if certain else 3, 0 if key else 1 if linked else 2, ORDER[move])
    return Moved(move, certain, row.name, url, before, after, weight, row)


def most_notable(changes: Sequence[Moved]) -> list[Moved]:
    """As many for the better as for the worse, as far as there are: what went wrong is never hidden behind the rest."""
    of_goals = [change for change in changes if change.weight[0] == 0]
    rest = [change for change in changes if change.weight[0] == 1]
    kept = _in_turn(of_goals)[: max(GOAL_CHANGES, CHANGES - len(rest))]
    return sorted(kept, key=lambda change: change.weight) + _in_turn(rest)[: CHANGES - len(kept)]


def _in_turn(changes: Sequence[Moved]) -> list[Moved]:
    """Better, worse, better, worse …, then what can or can no longer be assessed, last what is uncertain; each kind in
    its own order."""
    seen: Counter[str] = Counter()
    placed = []
    for change in changes:
        kind = 2 if not change.certain else 0 if change.move in ("better", "worse") else 1
        placed.append(((kind, seen[change.move]), change))
        seen[change.move] += 1
    return [change for _place, change in sorted(placed, key=lambda one: one[0])]


def _goal_detail(made: Proposal) -> str:
    return wording.sentence(wording.outcomes(made)) if made.assessable > 0 else ""


def _indicator_detail(row: IndicatorRow) -> str:
    if row.value is None:
        return str(REASON.get(row.reason or "", ""))
    scale = Scale(row.symbol, row.decimals, row.share)
    details = [with_unit(row.value, row.decimals, row.symbol)]
    change = wording.change_words(row.change, row.change_word, scale)
    if change.text:
        details.append(change.text)
    if row.rank is not None and row.peers is not None:
        place = {"rank": number(row.rank), "peers": number(row.peers)}
        details.append(pgettext("position", "place %(rank)s of %(peers)s") % place)
    return ", ".join(details)
