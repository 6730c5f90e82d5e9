"""One goal: its status and why, its judgement, its indicators, year by year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators.charts import sparkline
from indicators.compute.frames import target_in
from indicators.periods import Period
from indicators.templatetags.figures import missing, number, with_unit
from indicators.wording import ABSENCE, REASON, Scale, target_words
from scorecard import wording
from scorecard.compute.goals import GoalStatus, Proposal
from scorecard.read_models.choice import Address, Choice, Option, period_options, with_parameters
from scorecard.read_models.standing import counted_reasons, parts_of, proposal, recent_values
from scorecard.rows import AssessmentRow, GoalHead, GoalIndicatorRow, JudgementRow, OrderRow
from scorecard.wording import Thresholds

HISTORY = 8  # years of the goal's status shown before the rest is folded


@dataclass(frozen=True)
class Line:
    """An indicator in the goal's table, every number a text; "" where there is nothing to say."""

    code: str
    url: str
    name: str
    key: bool
    weight: str
    status: str
    reason: str
    value: str
    absence: str
    period: str
    stale: bool
    target: str
    change: wording.Change
    since: str
    spark: SafeString
    place: str
    quarter: str
    department: str
    owner: str


@dataclass(frozen=True)
class YearMark:
    year: str
    url: str
    status: str
    decided: bool
    current: bool


@dataclass(frozen=True)
class Judgement:
    """What people decided. moved: the proposal that they saw where it has become another since, else ""."""

    status: str
    differs: bool
    motivation: str
    actions: str
    decided_on: str
    moved: str
    entered: str


@dataclass(frozen=True)
class Order:
    text: str
    committee: str
    validity: str


@dataclass(frozen=True)
class GoalPage:
    title: str
    sentence: str
    period: str
    crumbs: tuple[dict[str, str], ...]
    committee: str
    status: str
    proposed: str
    judgement: Judgement | None
    why: wording.Why
    facts: tuple[dict[str, str], ...]
    note: str
    reasons: str
    lines: tuple[Line, ...]
    directions: tuple[Order, ...]
    directives: tuple[Order, ...]
    history: tuple[YearMark, ...]
    earlier: tuple[YearMark, ...]
    years: tuple[Option, ...]


def goal_page(
    *,
    goal: GoalHead,
    links: Sequence[GoalIndicatorRow],
    assessments: Sequence[AssessmentRow],
    orders: Sequence[OrderRow],
    choice: Choice,
    thresholds: Thresholds,
    base: str,
    overview_url: str,
    indicator_url: Address,
) -> GoalPage:
    """Everything on a goal's page, for the chosen period."""
    statuses = statuses_of(assessments)
    links_then = in_use(links, choice.shown)
    shown = {row.indicator_id: row for row in assessments if row.period == choice.shown}
    made = made_of(links, statuses, choice.shown, thresholds)
    decided = goal.judgements.get(choice.shown)
    history = _history(goal, links, statuses, choice, thresholds, base)
    return GoalPage(
        title=goal.short,
        sentence=goal.sentence,
        period=choice.shown,
        crumbs=(
            {"label": _("Overview"), "url": overview_url + choice.suffix},
            {"label": goal.issue, "url": f"{overview_url}{choice.suffix}#{goal.issue_code}"},
        ),
        committee=goal.committee,
        status=decided.status if decided else made.status.value,
        proposed=made.status.value,
        judgement=_judgement(decided, made) if decided else None,
        why=wording.why_goal(made, thresholds),
        facts=_facts(made, links_then),
        note=wording.assessable_words(made.assessable, made.indicators),
        reasons=wording.reasons_words(counted_reasons(made)),
        lines=tuple(line_of(link, shown.get(link.id), choice, indicator_url) for link in links_then),
        directions=tuple(_order(row) for row in orders if row.valid_from is None),
        directives=tuple(_order(row) for row in orders if row.valid_from is not None),
        history=tuple(history[:HISTORY]),
        earlier=tuple(history[HISTORY:]),
        years=period_options(choice, lambda period: with_parameters(base, period)),
    )


def statuses_of(assessments: Sequence[AssessmentRow]) -> dict[tuple[int, str], tuple[str, str]]:
    """Status and reason by indicator and period."""
    return {(row.indicator_id, row.period): (row.status, row.reason) for row in assessments}


def made_of(
    links: Sequence[GoalIndicatorRow],
    statuses: Mapping[tuple[int, str], tuple[str, str]],
    period: str,
    thresholds: Thresholds,
) -> Proposal:
    """The proposal for a period, over the indicators that were in use when it ended."""
    return proposal(
        parts_of((*statuses.get((one.id, period), (None, None)), one.weight, one.key) for one in in_use(links, period)),
        thresholds,
    )


def in_use(links: Sequence[GoalIndicatorRow], period: str) -> list[GoalIndicatorRow]:
    """Without the indicators that had been retired when the period ended."""
    end = Period.parse(period).last_day
    return [one for one in links if one.retired_on is None or one.retired_on > end]


def _judgement(row: JudgementRow, made: Proposal) -> Judgement:
    differs = row.status != made.status.value
    moved = row.proposed if row.proposed not in ("", made.status.value) else ""
    return Judgement(
        status=row.status,
        differs=differs,
        motivation=row.motivation,
        actions=row.actions,
        decided_on=row.decided_on.isoformat(),
        moved=wording.status_in_text(moved) if moved else "",
        entered=_entered(row),
    )


def _entered(row: JudgementRow) -> str:
    """When what stands was recorded, and how many times it has been revised; by whom is for the log."""
    values = {"day": timezone.localtime(row.entered_at).date().isoformat(), "count": number(row.revision)}
    if row.revision == 0:
        return _("Recorded %(day)s.") % values
    text = ngettext("Recorded %(day)s, revised once.", "Recorded %(day)s, revised %(count)s times.", row.revision)
    return text % values


def _facts(made: Proposal, links: Sequence[GoalIndicatorRow]) -> tuple[dict[str, str], ...]:
    weights = {one.weight for one in links}
    decimals = 0 if all(weight.is_integer() for weight in weights) else 2
    weight = _("%(assessable)s of %(total)s") % {
        "assessable": number(made.assessable_weight, decimals),
        "total": number(made.weight, decimals),
    }
    return (
        {
            "name": _("Rule"),
            "text": _(
                "The weights of the met indicators, and half of those of the partly met ones, are divided by the "
                "weights of all that can be assessed."
            ),
        },
        {"name": _("Weight that can be assessed"), "text": weight},
        {
            "name": _("Key indicators"),
            "text": wording.listed([one.name for one in links if one.key]) or _("None"),
        },
    )


def _history(
    goal: GoalHead,
    links: Sequence[GoalIndicatorRow],
    statuses: Mapping[tuple[int, str], tuple[str, str]],
    choice: Choice,
    thresholds: Thresholds,
    base: str,
) -> list[YearMark]:
    """The goal's status in every year, newest first, from the first year in which it could be judged."""
    marks: list[YearMark] = []
    for year in choice.years:
        decided = goal.judgements.get(year)
        status = decided.status if decided else made_of(links, statuses, year, thresholds).status.value
        if marks or status != GoalStatus.NOT_ASSESSABLE or year == choice.shown:
            url = with_parameters(base, {} if year == choice.default else {"period": year})
            marks.append(YearMark(year, url, status, decided is not None, year == choice.shown))
    return marks[::-1]


def line_of(link: GoalIndicatorRow, row: AssessmentRow | None, choice: Choice, indicator_url: Address) -> Line:
    """One indicator of a goal as it stood in the chosen period; row: its assessment, None where there is none."""
    scale = Scale(link.symbol, link.decimals, link.share)
    value = row.value if row else None
    place = ""
    if row and row.rank is not None and row.peers is not None:
        ranked = {"rank": number(row.rank), "peers": number(row.peers)}
        place = pgettext("position", "%(rank)s of %(peers)s") % ranked
    text = with_unit(value, link.decimals, link.symbol)
    return Line(
        code=link.code,
        url=indicator_url(link.code) + (choice.suffix if row else ""),
        name=link.name,
        key=link.key,
        weight="" if link.weight == 1 else number(link.weight, 0 if link.weight.is_integer() else 2),
        status=row.status if row else "not_assessable",
        reason=str(REASON[row.reason]) if row and row.reason else "" if row else str(REASON["no_value"]),
        value=text if value is not None else missing(row.newest_absence if row else ""),
        absence=_absence(row) if value is None else "",
        period=wording.period_short(row.value_period) if row else "",
        stale=bool(row and row.value_period and not row.value_period.startswith(choice.shown)),
        target=_target(link, row, choice.shown, scale),
        change=wording.change_words(row.change if row else None, row.change_word if row else None, scale),
        since=wording.period_short(row.comparison_period) if row else "",
        spark=sparkline(recent_values(row.recent if row else None), label=f"{link.name}: {text}"),
        place=place,
        quarter=(row.quarter or "") if row else "",
        department=link.department,
        owner=link.owner,
    )


def _absence(row: AssessmentRow | None) -> str:
    if row is None:
        return str(ABSENCE["missing"])
    return str(ABSENCE.get(row.newest_absence or "missing", ABSENCE["missing"]))


def _target(link: GoalIndicatorRow, row: AssessmentRow | None, period: str, scale: Scale) -> str:
    """What the year was judged against; where nothing was, what was valid in it. "" where there is no target."""
    if row is None:
        dated = target_in(list(link.targets.values()), Period.parse(period).year) if period else None
    else:
        dated = link.targets.get(row.target_id) if row.target_id is not None else None
    if dated is None:
        return ""
    target = dated.target
    title = wording.GROUP.get(target.group or "")
    return target_words(
        target,
        symbol=scale.symbol,
        decimals=scale.decimals,
        share=scale.share,
        group_title=wording.in_running_text(title) if title else None,
    )


def _order(row: OrderRow) -> Order:
    if row.valid_from is None:
        return Order(row.text, row.committee, "")
    if row.valid_to is None:
        return Order(row.text, row.committee, _("from %(year)s") % {"year": row.valid_from})
    validity = str(row.valid_from) if row.valid_from == row.valid_to else f"{row.valid_from}–{row.valid_to}"
    return Order(row.text, row.committee, validity)
