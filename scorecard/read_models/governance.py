"""The chain as an outline that can be edited, and how a goal will be judged, said back in plain words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.compute.frames import target_in
from indicators.periods import Period
from indicators.templatetags.figures import number
from scorecard import wording
from scorecard.read_models.choice import Address, Choice
from scorecard.read_models.goal import Line, in_use, line_of, made_of, statuses_of
from scorecard.rows import (
    AssessmentRow,
    CommitteeRow,
    GoalIndicatorRow,
    GoalNodeRow,
    IssueNodeRow,
    LinkNodeRow,
    MandateRow,
    OrderNodeRow,
)
from scorecard.wording import Level, Thresholds, Why


def years_words(valid_from: int | None, valid_to: int | None) -> str:
    """“2023–2026”, “2026”, “from 2027”, “to 2025”; "" without either."""
    if valid_from is None:
        return "" if valid_to is None else _("to %(year)s") % {"year": valid_to}
    if valid_to is None:
        return _("from %(year)s") % {"year": valid_from}
    return str(valid_from) if valid_from == valid_to else f"{valid_from}–{valid_to}"


@dataclass(frozen=True)
class Place:
    """Where a part stands among its siblings, counted from 1."""

    number: int
    of: int

    @property
    def first(self) -> bool:
        return self.number == 1

    @property
    def last(self) -> bool:
        return self.number == self.of


@dataclass(frozen=True)
class Part:
    """A direction, a directive or an indicator of a goal. kind and id: what its address is made of."""

    kind: str
    id: int
    text: str
    note: str
    place: Place


@dataclass(frozen=True)
class GoalNode:
    id: int
    code: str
    short: str
    sentence: str
    committee: str
    years: str
    summary: str
    links: tuple[Part, ...]
    directions: tuple[Part, ...]
    directives: tuple[Part, ...]
    place: Place
    open: bool


@dataclass(frozen=True)
class IssueNode:
    id: int
    code: str
    name: str
    text: str
    goals: tuple[GoalNode, ...]
    place: Place


@dataclass(frozen=True)
class Mandate:
    """A vision and its years. ended: it is read only; started: its first year has come; decided: where and when."""

    id: int
    title: str
    text: str
    years: str
    ended: bool
    started: bool
    example: bool
    decided: str
    copied_from: str


@dataclass(frozen=True)
class Governance:
    mandate: Mandate
    tabs: tuple[dict[str, Any], ...]
    issues: tuple[IssueNode, ...]
    levels: Mapping[str, Level]
    correcting: bool

    @property
    def editable(self) -> bool:
        """Whether parts may be added, moved and deleted."""
        return not self.mandate.ended

    @property
    def changeable(self) -> bool:
        """Whether texts may be edited: also in an ended mandate, for a correction with its reason."""
        return self.editable or self.correcting


def mandate_of(row: MandateRow, year: int, all_rows: Sequence[MandateRow] = ()) -> Mandate:
    source = next((other for other in all_rows if other.id == row.copied_from), None)
    decided = ""
    if row.decided_on is not None:
        values = {"day": row.decided_on.isoformat(), "decision": row.decision}
        decided = (
            _("Decided by the council on %(day)s: %(decision)s.") if row.decision else _("Decided on %(day)s.")
        ) % values
    return Mandate(
        id=row.id,
        title=row.title,
        text=row.text,
        years=years_words(row.valid_from, row.valid_to),
        ended=row.valid_to is not None and row.valid_to < year,
        started=row.valid_from <= year,
        example=row.example,
        decided=decided,
        copied_from=_("Started from a copy of %(years)s.") % {"years": years_words(source.valid_from, source.valid_to)}
        if source
        else "",
    )


def chosen_mandate(rows: Sequence[MandateRow], asked: int | None, year: int) -> MandateRow | None:
    """The mandate asked for; without a question the one that runs, or else the newest. None where it is not there."""
    if asked is not None:
        return next((row for row in rows if row.id == asked), None)
    runs = [row for row in rows if row.valid_from <= year and (row.valid_to is None or row.valid_to >= year)]
    return next(iter([*runs, *rows]), None)


def governance(
    *,
    rows: Sequence[MandateRow],
    chosen: MandateRow,
    issues: Sequence[IssueNodeRow],
    goals: Sequence[GoalNodeRow],
    links: Sequence[LinkNodeRow],
    orders: Sequence[OrderNodeRow],
    levels: Mapping[str, Level],
    year: int,
    opened: int | None,
    correcting: bool,
    url: Callable[[int], str],
) -> Governance:
    """The whole chain of a mandate; opened: the goal whose details stand open."""
    nodes = {
        row.id: [
            _goal(goal, number, sum(g.issue_id == row.id for g in goals), links, orders, levels, goal.id == opened)
            for number, goal in enumerate((g for g in goals if g.issue_id == row.id), 1)
        ]
        for row in issues
    }
    return Governance(
        mandate=mandate_of(chosen, year, rows),
        tabs=tuple(
            {"label": years_words(row.valid_from, row.valid_to), "url": url(row.id), "current": row.id == chosen.id}
            for row in rows
        ),
        issues=tuple(
            IssueNode(row.id, row.code, row.name, row.text, tuple(nodes[row.id]), Place(number, len(issues)))
            for number, row in enumerate(issues, 1)
        ),
        levels=levels,
        correcting=correcting,
    )


def _goal(
    row: GoalNodeRow,
    place: int,
    siblings: int,
    links: Sequence[LinkNodeRow],
    orders: Sequence[OrderNodeRow],
    levels: Mapping[str, Level],
    opened: bool,
) -> GoalNode:
    mine = [link for link in links if link.goal_id == row.id]
    kinds = {
        kind: [order for order in orders if order.goal_id == row.id and order.kind == kind]
        for kind in ("direction", "directive")
    }
    return GoalNode(
        id=row.id,
        code=row.code,
        short=row.short,
        sentence=row.sentence,
        committee=row.committee,
        years=years_words(row.valid_from, row.valid_to),
        summary=_summary(len(mine), {kind: len(found) for kind, found in kinds.items()}, levels),
        links=tuple(
            Part("link", link.id, link.name, _link_note(link), Place(number, len(mine)))
            for number, link in enumerate(mine, 1)
        ),
        directions=_orders(kinds["direction"]),
        directives=_orders(kinds["directive"]),
        place=Place(place, siblings),
        open=opened,
    )


def _orders(rows: Sequence[OrderNodeRow]) -> tuple[Part, ...]:
    return tuple(
        Part(
            row.kind,
            row.id,
            row.text,
            wording.listed_plainly([row.committee, years_words(row.valid_from, row.valid_to)]),
            Place(number, len(rows)),
        )
        for number, row in enumerate(rows, 1)
    )


def _link_note(link: LinkNodeRow) -> str:
    weight = _("weight %(weight)s") % {"weight": number(link.weight, 0 if link.weight.is_integer() else 2)}
    return wording.listed_plainly(
        [
            _("key indicator") if link.key else "",
            weight if link.weight != 1 else "",
            _("retired") if link.retired else "",
        ]
    )


def _summary(links: int, orders: Mapping[str, int], levels: Mapping[str, Level]) -> str:
    """“6 indicators, 1 direction, 2 directives”"""
    texts = [ngettext("%(count)s indicator", "%(count)s indicators", links) % {"count": number(links)}]
    for kind, count in orders.items():
        if count:
            texts.append(_counted(count, levels[kind]))
    return wording.listed_plainly(texts)


def _counted(count: int, level: Level) -> str:
    return f"{number(count)} {wording.in_running_text(level.singular if count == 1 else level.plural)}"


# ── how a goal will be judged ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Judged:
    """The rule in sentences, each indicator with its target and figures, and what the rule gives with them.

    status, why: with the figures of `period`; status is "" where there is nothing to judge by.
    """

    rule: tuple[str, ...]
    period: str
    lines: tuple[tuple[Line, str], ...]
    status: str
    why: Why


def said_back(
    *,
    links: Sequence[GoalIndicatorRow],
    assessments: Sequence[AssessmentRow],
    choice: Choice,
    thresholds: Thresholds,
    indicator_url: Address,
    targets_url: Address | None,
) -> Judged:
    """How a goal with these indicators will be judged, with the figures of the chosen year as example."""
    used = in_use(links, choice.shown)
    shown = {row.indicator_id: row for row in assessments if row.period == choice.shown}
    made = made_of(links, statuses_of(assessments), choice.shown, thresholds)
    year = Period.parse(choice.shown).year
    return Judged(
        rule=tuple(
            wording.rule_words(
                weights=[one.weight for one in used],
                keys=[one.name for one in used if one.key],
                untargeted=sum(target_in(list(one.targets.values()), year) is None for one in used),
                thresholds=thresholds,
            )
        ),
        period=choice.shown,
        lines=tuple(
            (line_of(one, shown.get(one.id), choice, indicator_url), targets_url(one.code) if targets_url else "")
            for one in used
        ),
        status=made.status.value if used else "",
        why=wording.why_goal(made, thresholds),
    )


def weighted(rows: Sequence[GoalIndicatorRow], links: Sequence[tuple[int, float, bool]]) -> list[GoalIndicatorRow]:
    """Described indicators in the order, with the weights and key marks, that a form gives them."""
    by_id = {row.id: row for row in rows}
    return [by_id[link_id]._replace(weight=weight, key=key) for link_id, weight, key in links if link_id in by_id]


# ── committees ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CommitteeEntry:
    id: int
    name: str
    departments: str
    duties: str
    deletable: bool


def committees(rows: Collection[CommitteeRow], levels: Mapping[str, Level]) -> tuple[CommitteeEntry, ...]:
    """Committees with what they answer for, over all mandates."""
    return tuple(
        CommitteeEntry(
            id=row.id,
            name=row.name,
            departments=wording.listed(row.departments),
            duties=wording.listed_plainly(
                _counted(count, levels[kind])
                for kind, count in (("goal", row.goals), ("directive", row.directives))
                if count
            ),
            deletable=row.goals == 0 and row.directives == 0,
        )
        for row in rows
    )
