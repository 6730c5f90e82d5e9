"""What the overview and a goal's page show: rows in, frozen dataclasses out, every number already a text.

Nothing is computed here: a goal's status comes from `compute.goals.propose` over stored assessments, an indicator's
numbers from its assessment.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators.charts import sparkline
from indicators.compute.status import Reason, Status
from indicators.periods import Period
from indicators.templatetags.figures import language, missing, number, with_unit
from indicators.wording import ABSENCE, REASON, STATUS, Scale, target_words
from scorecard import wording
from scorecard.compute.goals import GoalStatus, Part, Proposal, propose
from scorecard.rows import (
    AssessmentRow,
    GoalHead,
    GoalIndicatorRow,
    GoalRow,
    IndicatorRow,
    JudgementRow,
    LinkRow,
    OrderRow,
    YearRow,
)
from scorecard.wording import Thresholds

SPARKS = 3  # small charts a goal has in the overview
CHANGES = 8  # changes shown until all are asked for, of which goals at most
GOAL_CHANGES = 5
HISTORY = 8  # years of a goal's status shown before the rest is folded
LONGEST_SEARCH = 100
STEP = {"not_met": 0, "near": 1, "partly": 1, "met": 2}
GOAL_STATUSES = tuple(status.value for status in GoalStatus)
ALIKE = {"near": "partly"}  # an indicator's status as the filter over goals calls it
Address = Callable[[str], str]


class UnknownChoiceError(ValueError):
    """A choice in the address that does not exist; the message is for the reader and names those that do."""


# ── which period ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Choice:
    """The follow-up period shown, the one shown when none is asked for, and all that can be chosen, oldest first."""

    shown: str
    default: str
    years: tuple[str, ...]

    @property
    def before(self) -> str:
        return str(int(self.shown) - 1)

    @property
    def comparable(self) -> bool:
        """Whether there is a period before to compare with."""
        return self.before in self.years

    @property
    def parameter(self) -> dict[str, str]:
        return {} if self.shown == self.default else {"period": self.shown}

    @property
    def suffix(self) -> str:
        """What an address needs so that the next page shows the same period."""
        return f"?{urlencode(self.parameter)}" if self.parameter else ""


def default_period(years: Sequence[YearRow]) -> str | None:
    """The newest year in which at least half of the indicators with a target are assessed on a value of that very year;
    where no year has that many, the newest with any value."""
    full = [year.period for year in years if year.targets > 0 and 2 * year.assessed >= year.targets]
    return max(full or [year.period for year in years], default=None)


def choose_period(years: Sequence[YearRow], asked: str | None, *, this_year: int) -> Choice:
    """Raises UnknownChoiceError. Without any values the running year is shown."""
    default = default_period(years) or str(this_year)
    codes = tuple(year.period for year in years)
    if asked and asked != default and asked not in codes:
        offered = f"{codes[0]}–{codes[-1]}" if len(codes) > 1 else default
        raise UnknownChoiceError(
            _("There is no follow-up of “%(asked)s”. There are values for %(offered)s.")
            % {"asked": asked[:40], "offered": offered}
        )
    return Choice(asked or default, default, codes)


def period_options(choice: Choice, address: Callable[[dict[str, str]], str]) -> tuple["Option", ...]:
    """Years to choose between, newest first."""
    return tuple(
        Option(year, year, year == choice.shown, address({"period": year} if year != choice.default else {}))
        for year in reversed(choice.years)
    )


# ── small parts ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Spark:
    """A small chart of one indicator with its newest value under it."""

    name: str
    url: str
    svg: SafeString
    value: str


@dataclass(frozen=True, slots=True)
class Tally:
    status: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class StatusChange:
    """“Name: from partly met to **met**”, with a line of detail. arrow: up is better, down is worse."""

    arrow: str
    name: str
    url: str
    text: str
    status: str
    detail: str


ARROWS = {"better": "up", "worse": "down", "gained": "new", "lost": "gone"}


def movement(before: str | None, after: str | None) -> str:
    """better, worse, gained (now assessable), lost (no longer), or "" where nothing has changed."""
    was, now = STEP.get(before or ""), STEP.get(after or "")
    if was is None or now is None:
        return "" if was is now else "gained" if was is None else "lost"
    return "" if was == now else "better" if now > was else "worse"


def parts_of(statuses: Iterable[tuple[str | None, str | None, float, bool]]) -> list[Part]:
    """Parts of a goal from (status, reason, weight, key); an indicator without an assessment has no value."""
    found = []
    for status, reason, weight, key in statuses:
        if status is None:
            found.append(Part(Status.NOT_ASSESSABLE, weight, key, Reason.NO_VALUE))
        else:
            found.append(Part(Status(status), weight, key, Reason(reason) if reason else None))
    return found


def proposal(parts: Sequence[Part], thresholds: Thresholds) -> Proposal:
    return propose(
        parts,
        met_share=thresholds.met,
        partly_share=thresholds.partly,
        assessable_share=thresholds.assessable,
    )


def counted_reasons(made: Proposal) -> dict[str, int]:
    return {(reason or Reason.NO_VALUE).value: count for reason, count in made.reasons.items()}


# ── the overview ──────────────────────────────────────────────────────────────────────────────────────────────────────


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
    decided: bool
    beside: str
    note: str
    reasons: str
    sparks: tuple[Spark, ...]


@dataclass(frozen=True)
class Issue:
    code: str
    name: str
    text: str
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
    brief = changes if filters.all_changes else _most_notable(changes)
    shown = [one for one in judged if _fits(one, filters)]
    found = _search(indicators, shown, filters, indicator_url) if filters.q else None
    address = _addresses(base, choice, filters)
    return Overview(
        period=choice.shown,
        headline=wording.headline(counts) if judged else _("No goals have been decided for the period"),
        lead=_lead(judged, counts, choice),
        vision=judged[0].row.vision if judged else "",
        vision_text=judged[0].row.vision_text if judged else "",
        tally=tuple(
            Tally(s, counts[s], address(status="" if s == filters.status else s) + "#goals", s == filters.status)
            for s in GOAL_STATUSES
        ),
        changes=tuple(change for change, _weight in brief),
        more_changes=len(changes) - len(brief),
        all_changes_url=address(changes="all") + "#changes",
        since=choice.before if choice.comparable else "",
        issues=_by_issue(shown, numbers, choice, goal_url, indicator_url),
        found=found,
        found_words=_found_words(found, filters.q),
        shown_words=_shown_words(len(shown), len(judged)) if filters.narrows else "",
        filters=filters,
        years=period_options(choice, lambda period: _with(base, period | filters.parameters)),
        statuses=tuple(Option(s, str(STATUS[s]), s == filters.status) for s in GOAL_STATUSES),
        areas=_options(((row.area_code, row.area) for row in indicators), filters.area),
        committees=_options(sorted(_committees(goals).items(), key=lambda item: item[1]), filters.committee),
        parameter=choice.parameter,
        clear_url=_with(base, choice.parameter),
        goals=len(judged),
        values=any(row.value is not None for row in indicators),
    )


def _with(base: str, parameters: Mapping[str, str]) -> str:
    return f"{base}?{urlencode(parameters)}" if parameters else base


def _addresses(base: str, choice: Choice, filters: Filters) -> Callable[..., str]:
    kept = choice.parameter | filters.parameters

    def address(**changed: str) -> str:
        return _with(base, {name: value for name, value in {**kept, **changed}.items() if value})

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
        made = proposal(parts_of((i.status, i.reason, float(l.weight), l.key) for l, i in linked), thresholds)  # noqa: E741
        before = row.decided_before
        if before is None and choice.comparable:
            earlier = parts_of((i.status_before, "", float(l.weight), l.key) for l, i in linked)  # noqa: E741
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


# what has changed


def _changes(
    judged: Sequence[_Judged],
    indicators: Sequence[IndicatorRow],
    choice: Choice,
    goal_url: Address,
    indicator_url: Address,
) -> list[tuple[StatusChange, tuple[int, ...]]]:
    """Every changed status with how notable it is (smaller is more): goals first, then indicators by the size of the
    step, key ones and those that show a goal before the others."""
    order = {"better": 0, "worse": 1, "gained": 2, "lost": 3}
    found = []
    for one in judged:
        move = movement(one.before, one.status)
        if move:
            change = _change(move, one.row.short, goal_url(one.row.code) + choice.suffix, one.before, one.status)
            found.append((change(wording.assessable_words(one.made.assessable, one.made.indicators)), (0, order[move])))
    rank = {link.indicator_id: 1 - int(link.key) for one in judged for link, _row in one.links}
    for row in indicators:
        move = movement(row.status_before, row.status) if row.status_before and row.status else ""
        if move:
            step = 2 if move in ("gained", "lost") else 2 - abs(STEP[str(row.status)] - STEP[str(row.status_before)])
            change = _change(move, row.name, indicator_url(row.code), str(row.status_before), str(row.status))
            found.append((change(_indicator_detail(row)), (1, step, rank.get(row.id, 2), order[move])))
    return sorted(found, key=lambda item: item[1])


def _change(move: str, name: str, url: str, before: str, after: str) -> Callable[[str], StatusChange]:
    text, status = wording.status_change(move, before, after)
    return lambda detail: StatusChange(ARROWS[move], name, url, text, status, detail)


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


def _most_notable(
    changes: Sequence[tuple[StatusChange, tuple[int, ...]]],
) -> list[tuple[StatusChange, tuple[int, ...]]]:
    of_goals = [item for item in changes if item[1][0] == 0]
    rest = [item for item in changes if item[1][0] == 1]
    kept = of_goals[: max(GOAL_CHANGES, CHANGES - len(rest))]
    return kept + rest[: CHANGES - len(kept)]


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
            members[0].row.issue_text,
            tuple(_entry(one, numbers[one.row.id], choice, goal_url, indicator_url) for one in members),
        )
        for code, members in issues.items()
    )


def _entry(one: _Judged, place: int, choice: Choice, goal_url: Address, indicator_url: Address) -> GoalEntry:
    differs = one.row.decided is not None and one.row.decided != one.made.status.value
    computed = {"status": wording.status_in_text(one.made.status.value)}
    sparks = []
    for _link, row in one.links:
        if row.value is not None and len(sparks) < SPARKS:
            value = with_unit(row.value, row.decimals, row.symbol)
            svg = sparkline(row.recent or (), label=f"{row.name}: {value}")
            sparks.append(Spark(row.name, indicator_url(row.code), svg, value))
    return GoalEntry(
        number=place,
        code=one.row.code,
        url=goal_url(one.row.code) + choice.suffix,
        sentence=one.row.sentence,
        status=one.status,
        decided=one.row.decided is not None,
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
    indicators: Sequence[IndicatorRow], shown: Sequence[_Judged], filters: Filters, indicator_url: Address
) -> tuple[Found, ...]:
    """Indicators whose code, name or definition holds every word; a committee narrows to those that show its goals."""
    of_committee = {link.indicator_id for one in shown for link, _row in one.links} if filters.committee else None
    return tuple(
        _found(row, indicator_url)
        for row in indicators
        if (not filters.area or row.area_code == filters.area)
        and (not filters.status or ALIKE.get(row.status or "", row.status or "not_assessable") == filters.status)
        and (of_committee is None or row.id in of_committee)
        and _matches(filters.q, row.code, row.name, row.definition)
    )


def _found(row: IndicatorRow, indicator_url: Address) -> Found:
    return Found(
        code=row.code,
        name=row.name,
        url=indicator_url(row.code),
        area=row.area,
        value=with_unit(row.value, row.decimals, row.symbol),
        absence=str(REASON.get(row.reason or "no_value", "")) if row.value is None else "",
        period=_short(row.value_period),
        status=row.status or "not_assessable",
        reason=str(REASON[row.reason]) if row.reason else "",
    )


def _short(code: str | None) -> str:
    return Period.parse(code).short(language()) if code else ""


def _found_words(found: Sequence[Found] | None, q: str) -> str:
    if found is None:
        return ""
    text = ngettext("%(count)s indicator matches “%(search)s”", "%(count)s indicators match “%(search)s”", len(found))
    return text % {"count": number(len(found)), "search": q}


# ── one goal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    status: str
    differs: bool
    motivation: str
    actions: str
    decided_on: str


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


def years_of(goal: GoalHead, years: Sequence[YearRow]) -> list[YearRow]:
    """The years that the goal's vision is valid in."""
    last = goal.vision_to if goal.vision_to is not None else 9999
    return [year for year in years if goal.vision_from <= int(year.period) <= last]


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
    statuses = {(row.indicator_id, row.period): (row.status, row.reason) for row in assessments}
    shown = {row.indicator_id: row for row in assessments if row.period == choice.shown}
    made = _made(links, statuses, choice.shown, thresholds)
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
        facts=_facts(made, links),
        note=wording.assessable_words(made.assessable, made.indicators),
        reasons=wording.reasons_words(counted_reasons(made)),
        lines=tuple(_line(link, shown.get(link.id), choice.shown, indicator_url) for link in links),
        directions=tuple(_order(row) for row in orders if row.valid_from is None),
        directives=tuple(_order(row) for row in orders if row.valid_from is not None),
        history=tuple(history[:HISTORY]),
        earlier=tuple(history[HISTORY:]),
        years=period_options(choice, lambda period: _with(base, period)),
    )


def _made(
    links: Sequence[GoalIndicatorRow],
    statuses: Mapping[tuple[int, str], tuple[str, str]],
    period: str,
    thresholds: Thresholds,
) -> Proposal:
    return proposal(
        parts_of((*statuses.get((one.id, period), (None, None)), float(one.weight), one.key) for one in links),
        thresholds,
    )


def _judgement(row: JudgementRow, made: Proposal) -> Judgement:
    differs = row.status != made.status.value
    return Judgement(row.status, differs, row.motivation, row.actions, row.decided_on.isoformat())


def _facts(made: Proposal, links: Sequence[GoalIndicatorRow]) -> tuple[dict[str, str], ...]:
    weights = {one.weight for one in links}
    decimals = 0 if all(weight == int(weight) for weight in weights) else 2
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
    marks = []
    for year in choice.years:
        decided = goal.judgements.get(year)
        status = decided.status if decided else _made(links, statuses, year, thresholds).status.value
        if marks or status != GoalStatus.NOT_ASSESSABLE or year == choice.shown:
            url = _with(base, {} if year == choice.default else {"period": year})
            marks.append(YearMark(year, url, status, decided is not None, year == choice.shown))
    return marks[::-1]


def _line(link: GoalIndicatorRow, row: AssessmentRow | None, period: str, indicator_url: Address) -> Line:
    scale = Scale(link.symbol, link.decimals, link.share)
    value = row.value if row else None
    place = ""
    if row and row.rank is not None and row.peers is not None:
        ranked = {"rank": number(row.rank), "peers": number(row.peers)}
        place = pgettext("position", "%(rank)s of %(peers)s") % ranked
    text = with_unit(value, link.decimals, link.symbol)
    return Line(
        code=link.code,
        url=indicator_url(link.code),
        name=link.name,
        key=link.key,
        weight="" if link.weight == 1 else number(link.weight, 0 if link.weight == int(link.weight) else 2),
        status=row.status if row else "not_assessable",
        reason=str(REASON[row.reason]) if row and row.reason else "" if row else str(REASON["no_value"]),
        value=text if value is not None else missing(row.newest_absence or "" if row else ""),
        absence=_absence(row) if value is None else "",
        period=_short(row.value_period) if row else "",
        stale=bool(row and row.value_period and not row.value_period.startswith(period)),
        target=_target(link, row, scale),
        change=wording.change_words(row.change if row else None, row.change_word if row else None, scale),
        since=_short(row.comparison_period) if row else "",
        spark=sparkline((row.recent or ()) if row else (), label=f"{link.name}: {text}"),
        place=place,
        quarter=(row.quarter or "") if row else "",
        department=link.department,
        owner=link.owner,
    )


def _absence(row: AssessmentRow | None) -> str:
    if row is None:
        return str(ABSENCE["missing"])
    return str(ABSENCE.get(row.newest_absence or "missing", ABSENCE["missing"]))


def _target(link: GoalIndicatorRow, row: AssessmentRow | None, scale: Scale) -> str:
    target = link.targets.get(row.target_id) if row and row.target_id is not None else None
    if target is None:
        return ""
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
