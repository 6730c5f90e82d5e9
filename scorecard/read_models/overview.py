"""The overview: how the goals stand, what has changed, the goals by strategic issue, and the search."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.charts import sparkline
from indicators.templatetags.figures import number, with_unit
from indicators.wording import REASON, STATUS
from scorecard import wording
from scorecard.compute.goals import GoalStatus, Proposal
from scorecard.read_models.changes import Moved, StatusChange, most_notable, moved_goal, moved_indicator
from scorecard.read_models.choice import (
    Address,
    Choice,
    Option,
    UnknownChoiceError,
    period_options,
    with_parameters,
)
from scorecard.read_models.standing import GOAL_STATUSES, counted_reasons, movement, parts_of, proposal, recent_values
from scorecard.rows import GoalRow, IndicatorRow, LinkRow
from scorecard.wording import Thresholds

SPARKS = 3  # small charts a goal has
WIDTH_OF_SPARK = 9  # characters that fit under one: a longer unit is left to its name
LONGEST_SEARCH = 100
ALIKE = {"near": "partly"}  # an indicator's status as the filter over goals calls it


@dataclass(frozen=True, slots=True)
class Spark:
    """A small chart of one indicator with its newest value under it."""

    name: str
    url: str
    svg: SafeString
    value: str


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many goals have a status, and which."""

    status: str
    count: int
    url: str
    chosen: bool
    goals: tuple[Named, ...]


@dataclass(frozen=True)
class Filters:
    status: str = ""
    area: str = ""
    committee: str = ""
    q: str = ""
    all_changes: bool = False

    @property
    def narrows(self) -> bool:
        return bool(self.status or self.area or self.committee or self.q)

    @property
    def parameters(self) -> dict[str, str]:
        chosen = {"q": self.q, "status": self.status, "area": self.area, "committee": self.committee}
        return {name: value for name, value in chosen.items() if value}


@dataclass(frozen=True, slots=True)
class GoalEntry:
    """A goal in the overview. beside: the computed proposal where people have decided otherwise."""

    number: int
    code: str
    url: str
    sentence: str
    status: str
    beside: str
    note: str
    reasons: str
    sparks: tuple[Spark, ...]


@dataclass(frozen=True)
class Issue:
    code: str
    name: str
    goals: tuple[GoalEntry, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An indicator that a search found."""

    code: str
    name: str
    url: str
    area: str
    value: str
    absence: str
    period: str
    status: str
    reason: str


@dataclass(frozen=True)
class Overview:
    period: str
    headline: str
    lead: str
    vision: str
    vision_text: str
    tally: tuple[Tally, ...]
    changes: tuple[StatusChange, ...]
    more_changes: int
    all_changes_url: str
    since: str
    issues: tuple[Issue, ...]
    found: tuple[Found, ...] | None
    found_words: str
    shown_words: str
    filters: Filters
    years: tuple[Option, ...]
    statuses: tuple[Option, ...]
    areas: tuple[Option, ...]
    committees: tuple[Option, ...]
    parameter: dict[str, str]
    clear_url: str
    goals: int
    values: bool


@dataclass(frozen=True)
class _Judged:
    """A goal with its links and everything that was made of them."""

    row: GoalRow
    links: list[tuple[LinkRow, IndicatorRow]]
    made: Proposal
    status: str
    before: str
    areas: frozenset[str]


def overview(
    *,
    goals: Sequence[GoalRow],
    links: Sequence[LinkRow],
    indicators: Sequence[IndicatorRow],
    choice: Choice,
    filters: Filters,
    thresholds: Thresholds,
    base: str,
    goal_url: Address,
    indicator_url: Address,
) -> Overview:
    """Everything on the overview. Raises UnknownChoiceError for a filter that does not exist."""
    _check_filters(filters, goals, indicators)
    judged = _judge_all(goals, links, indicators, choice, thresholds)
    numbers = {one.row.id: place for place, one in enumerate(judged, 1)}
    counts = Counter(one.status for one in judged)
    changes = _changes(judged, indicators, choice, goal_url, indicator_url) if choice.comparable else []
    brief = changes if filters.all_changes else most_notable(changes)
    shown = [one for one in judged if _fits(one, filters)]
    found = _search(indicators, judged, filters, choice, indicator_url) if filters.q else None
    address = _addresses(base, choice, filters)
    return Overview(
        period=choice.shown,
        headline=wording.headline(counts) if judged else _("No goals have been decided for the period"),
        lead=_lead(judged, counts, choice),
        vision=judged[0].row.vision if judged else "",
        vision_text=judged[0].row.vision_text if judged else "",
        tally=tuple(_tally(status, judged, choice, filters, address, goal_url) for status in GOAL_STATUSES),
        changes=tuple(change.told() for change in brief),
        more_changes=len(changes) - len(brief),
        all_changes_url=address(changes="all") + "#changes",
        since=choice.before if choice.comparable else "",
        issues=_by_issue(shown, numbers, choice, goal_url, indicator_url),
        found=found,
        found_words=_found_words(found, filters.q),
        shown_words=_shown_words(len(shown), len(judged)) if filters.narrows else "",
        filters=filters,
        years=period_options(choice, lambda period: with_parameters(base, period | filters.parameters)),
        statuses=tuple(Option(s, str(STATUS[s]), s == filters.status) for s in GOAL_STATUSES),
        areas=_options(((row.area_code, row.area) for row in indicators), filters.area),
        committees=_options(sorted(_committees(goals).items(), key=lambda item: item[1]), filters.committee),
        parameter=choice.parameter,
        clear_url=with_parameters(base, choice.parameter),
        goals=len(judged),
        values=any(row.value is not None for row in indicators),
    )


def _tally(
    status: str,
    judged: Sequence[_Judged],
    choice: Choice,
    filters: Filters,
    address: Callable[..., str],
    goal_url: Address,
) -> Tally:
    chosen = status == filters.status
    named = tuple(
        Named(one.row.short, goal_url(one.row.code) + choice.suffix) for one in judged if one.status == status
    )
    return Tally(status, len(named), address(status="" if chosen else status) + "#goals", chosen, named)


def _addresses(base: str, choice: Choice, filters: Filters) -> Callable[..., str]:
    kept = choice.parameter | filters.parameters

    def address(**changed: str) -> str:
        return with_parameters(base, {name: value for name, value in {**kept, **changed}.items() if value})

    return address


def _options(pairs: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(code, name, code == chosen) for code, name in dict(pairs).items())


def _committees(goals: Sequence[GoalRow]) -> dict[str, str]:
    return {row.committee_code: row.committee for row in goals}


def _check_filters(filters: Filters, goals: Sequence[GoalRow], indicators: Sequence[IndicatorRow]) -> None:
    areas, committees = {row.area_code: row.area for row in indicators}, _committees(goals)
    if filters.status and filters.status not in GOAL_STATUSES:
        raise _unknown(_("There is no status “%(asked)s”. Choose one of: %(offered)s."), filters.status, GOAL_STATUSES)
    if filters.area and filters.area not in areas:
        raise _unknown(_("There is no area “%(asked)s”. Choose one of: %(offered)s."), filters.area, areas)
    if filters.committee and filters.committee not in committees:
        message = _("There is no committee “%(asked)s”. Choose one of: %(offered)s.")
        raise _unknown(message, filters.committee, committees)


def _unknown(message: str, asked: str, offered: Iterable[str]) -> UnknownChoiceError:
    return UnknownChoiceError(message % {"asked": asked[:40], "offered": ", ".join(offered)})


def _judge_all(
    goals: Sequence[GoalRow],
    links: Sequence[LinkRow],
    indicators: Sequence[IndicatorRow],
    choice: Choice,
    thresholds: Thresholds,
) -> list[_Judged]:
    by_id = {row.id: row for row in indicators}
    by_goal: dict[int, list[tuple[LinkRow, IndicatorRow]]] = {}
    for link in links:
        if link.indicator_id in by_id:
            by_goal.setdefault(link.goal_id, []).append((link, by_id[link.indicator_id]))
    found = []
    for row in goals:
        linked = by_goal.get(row.id, [])
        made = proposal(parts_of((i.status, i.reason, l.weight, l.key) for l, i in linked), thresholds)  # noqa: E741
        before = row.decided_before
        if before is None and choice.comparable:
            earlier = parts_of((i.status_before, "", l.weight, l.key) for l, i in linked)  # noqa: E741
            before = proposal(earlier, thresholds).status.value
        areas = frozenset(indicator.area_code for _link, indicator in linked)
        found.append(_Judged(row, linked, made, row.decided or made.status.value, before or "", areas))
    return found


def _lead(judged: Sequence[_Judged], counts: Mapping[str, int], choice: Choice) -> str:
    if not judged:
        return ""
    reasons: Counter[str] = Counter()
    for one in judged:
        if one.status == GoalStatus.NOT_ASSESSABLE:
            reasons.update(counted_reasons(one.made))
    sentences = [wording.standing(counts, reasons)]
    if choice.comparable:
        moves = Counter(movement(one.before, one.status) for one in judged)
        sentences.append(
            wording.movement(moves["better"], moves["worse"], moves["gained"], moves["lost"], choice.before)
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _changes(
    judged: Sequence[_Judged],
    indicators: Sequence[IndicatorRow],
    choice: Choice,
    goal_url: Address,
    indicator_url: Address,
) -> list[Moved]:
    linked = {link.indicator_id for one in judged for link, _row in one.links}
    key = {link.indicator_id for one in judged for link, _row in one.links if link.key}
    found = [
        moved_goal(one.row.short, goal_url(one.row.code) + choice.suffix, one.before, one.status, one.made)
        for one in judged
    ]
    found += [
        moved_indicator(row, _url(row, choice, indicator_url), linked=row.id in linked, key=row.id in key)
        for row in indicators
    ]
    return sorted((change for change in found if change), key=lambda change: change.weight)


def _url(row: IndicatorRow, choice: Choice, indicator_url: Address) -> str:
    """An indicator's page for the same period, where it was followed up then."""
    return indicator_url(row.code) + (choice.suffix if row.status is not None else "")


# the goals


def _fits(one: _Judged, filters: Filters) -> bool:
    return (
        filters.status in ("", one.status)
        and filters.committee in ("", one.row.committee_code)
        and (not filters.area or filters.area in one.areas)
        and _matches(filters.q, one.row.code, one.row.sentence, one.row.short)
    )


def _matches(q: str, *texts: str) -> bool:
    if not q:
        return True
    text = " ".join(texts).casefold()
    return all(word in text for word in q.casefold().split())


def _by_issue(
    judged: Sequence[_Judged],
    numbers: Mapping[int, int],
    choice: Choice,
    goal_url: Address,
    indicator_url: Address,
) -> tuple[Issue, ...]:
    issues: dict[str, list[_Judged]] = {}
    for one in judged:
        issues.setdefault(one.row.issue_code, []).append(one)
    return tuple(
        Issue(
            code,
            members[0].row.issue,
            tuple(_entry(one, numbers[one.row.id], choice, goal_url, indicator_url) for one in members),
        )
        for code, members in issues.items()
    )


def _entry(one: _Judged, place: int, choice: Choice, goal_url: Address, indicator_url: Address) -> GoalEntry:
    differs = one.row.decided is not None and one.row.decided != one.made.status.value
    computed = {"status": wording.status_in_text(one.made.status.value)}
    sparks: list[Spark] = []
    for _link, row in one.links:
        if row.value is not None and len(sparks) < SPARKS:
            value = with_unit(row.value, row.decimals, row.symbol)
            svg = sparkline(recent_values(row.recent), label=f"{row.name}: {value}")
            brief = value if len(value) <= WIDTH_OF_SPARK else number(row.value, row.decimals)
            sparks.append(Spark(row.name, _url(row, choice, indicator_url), svg, brief))
    return GoalEntry(
        number=place,
        code=one.row.code,
        url=goal_url(one.row.code) + choice.suffix,
        sentence=one.row.sentence,
        status=one.status,
        beside=_("Computed proposal: %(status)s") % computed if differs else "",
        note=wording.assessable_words(one.made.assessable, one.made.indicators),
        reasons=wording.reasons_words(counted_reasons(one.made)),
        sparks=tuple(sparks),
    )


def _shown_words(shown: int, total: int) -> str:
    text = ngettext("%(shown)s of %(total)s goal", "%(shown)s of %(total)s goals", total)
    return text % {"shown": number(shown), "total": number(total)}


# search


def _search(
    indicators: Sequence[IndicatorRow],
    judged: Sequence[_Judged],
    filters: Filters,
    choice: Choice,
    indicator_url: Address,
) -> tuple[Found, ...]:
    """Indicators whose code, name or definition holds every word; a committee narrows to those that show its goals."""
    of_committee = {
        link.indicator_id
        for one in judged
        for link, _row in one.links
        if filters.committee in ("", one.row.committee_code)
    }
    return tuple(
        _found(row, _url(row, choice, indicator_url))
        for row in indicators
        if (not filters.area or row.area_code == filters.area)
        and (not filters.status or ALIKE.get(row.status or "", row.status or "not_assessable") == filters.status)
        and (not filters.committee or row.id in of_committee)
        and _matches(filters.q, row.code, row.name, row.definition)
    )


def _found(row: IndicatorRow, url: str) -> Found:
    return Found(
        code=row.code,
        name=row.name,
        url=url,
        area=row.area,
        value=with_unit(row.value, row.decimals, row.symbol),
        absence=str(REASON.get(row.reason or "no_value", "")) if row.value is None else "",
        period=wording.period_short(row.value_period),
        status=row.status or "not_assessable",
        reason=str(REASON[row.reason]) if row.reason else "",
    )


def _found_words(found: Sequence[Found] | None, q: str) -> str:
    if found is None:
        return ""
    text = ngettext("%(count)s indicator matches “%(search)s”", "%(count)s indicators match “%(search)s”", len(found))
    return text % {"count": number(len(found)), "search": q}
