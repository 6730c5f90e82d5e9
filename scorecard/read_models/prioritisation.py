"""Prioritisations as pages: what the data says of a candidate, the scoring, the shared list and what was decided."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators.templatetags.figures import missing, number, with_unit
from indicators.wording import REASON
from scorecard import wording
from scorecard.compute.prioritisation import HIGHEST, LOWEST, Cell, Standing, most_divided
from scorecard.rows import IndicatorRow

Address = Callable[[str], str]
SHOWN_BESIDE = 4  # indicators whose figures stand beside a candidate; the others are behind its goal's link
NO_OPINION = "none"
PREPARING, SCORING, DISCUSSION, DECIDED = "preparing", "scoring", "discussion", "decided"
STATE_WORDS = {
    PREPARING: gettext_lazy("Being prepared"),
    SCORING: gettext_lazy("Scoring"),
    DISCUSSION: pgettext_lazy("state of a prioritisation", "Discussion"),
    DECIDED: pgettext_lazy("state of a prioritisation", "Decided"),
}


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class SessionRow(NamedTuple):
    """A session with its counts, and whether the person who asks takes part in it and has finished."""

    number: int
    title: str
    year: int
    capacity: int
    state: str
    line: int | None
    version: int
    vision_id: int | None
    vision_from: int | None
    candidates: int
    chosen: int
    participants: int
    finished: int
    takes_part: bool
    has_finished: bool

    @property
    def state_word(self) -> str:
        return str(STATE_WORDS[self.state])


class CriterionRow(NamedTuple):
    id: int
    code: str
    name: str
    help: str
    weight: Decimal
    against: bool

    @property
    def weighs(self) -> str:
        return weight_words(self.weight)


class CandidateRow(NamedTuple):
    """indicators: ids of its own and then its goal's."""

    id: int
    code: str
    name: str
    text: str
    theme: str
    committee: str
    goal_code: str
    goal: str
    indicators: tuple[int, ...]
    place: int | None
    chosen: bool | None
    reason: str


class ParticipantRow(NamedTuple):
    user_id: int
    name: str
    scored: int
    finished_at: datetime | None


class UserRow(NamedTuple):
    id: int
    name: str
    role: str


class DecisionRow(NamedTuple):
    """ranks and scores: of the proposal as it was computed then, by code."""

    at: datetime
    by: str
    capacity: int
    chosen: tuple[str, ...]
    set_aside: dict[str, str]
    ranks: dict[str, int | None]
    scores: dict[str, float | None]


def weight_words(weight: Decimal) -> str:
    return number(weight, 0 if weight == int(weight) else 2)


# ── what the data says ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Beside:
    """One indicator beside a candidate: against our own target and, apart from that, among others."""

    name: str
    url: str
    status: str
    reason: str
    value: str
    period: str
    place: str
    experienced: bool


def beside(
    row: CandidateRow, indicators: Mapping[int, IndicatorRow], experienced: frozenset[int], url: Address
) -> tuple[Beside, ...]:
    """Figures of the linked indicators, those that residents experience themselves first."""
    known = [indicators[one] for one in row.indicators if one in indicators]
    known.sort(key=lambda one: one.id not in experienced)
    return tuple(_beside(one, one.id in experienced, url) for one in known[:SHOWN_BESIDE])


def _beside(one: IndicatorRow, experienced: bool, url: Address) -> Beside:
    place = ""
    if one.rank is not None and one.peers is not None:
        ranked = {"rank": number(one.rank), "peers": number(one.peers)}
        place = _("place %(rank)s of %(peers)s") % ranked
    reason = str(REASON[one.reason]) if one.reason else "" if one.status else str(REASON["no_value"])
    return Beside(
        name=one.name,
        url=url(one.code),
        status=one.status or "not_assessable",
        reason=reason,
        value=with_unit(one.value, one.decimals, one.symbol) if one.value is not None else missing(""),
        period=wording.period_short(one.value_period),
        place=place,
        experienced=experienced,
    )


# ── scoring ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Answer:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion as it is asked of one candidate. `field`: the name of its field in the form."""

    field: str
    criterion: str
    name: str
    help: str
    low: str
    high: str
    answers: tuple[Answer, ...]

    @property
    def answered(self) -> bool:
        return any(answer.chosen for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Asked:
    """A candidate with its questions."""

    code: str
    name: str
    text: str
    theme: str
    goal: str
    goal_url: str
    url: str
    questions: tuple[Question, ...]
    beside: tuple[Beside, ...] = ()

    @property
    def done(self) -> bool:
        return all(question.answered for question in self.questions)


@dataclass(frozen=True)
class Group:
    """Candidates of one theme."""

    theme: str
    candidates: tuple[Asked, ...]


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    words: str


@dataclass(frozen=True)
class ScoringPage:
    """One candidate at a time: which, out of how many, and the ones around it."""

    shown: Asked
    place: str
    before: str
    after: str
    next_open: str
    progress: Progress


def questions(
    code: str, criteria: Sequence[CriterionRow], given: Mapping[tuple[str, str], int | None]
) -> tuple[Question, ...]:
    found = []
    for row in criteria:
        key = (code, row.code)
        chosen = "" if key not in given else _answer(given[key])
        values = [*(str(value) for value in range(LOWEST, HIGHEST + 1)), NO_OPINION]
        found.append(
            Question(
                field=field_name(code, row.code),
                criterion=row.code,
                name=row.name,
                help=row.help,
                low=_("%(value)s low") % {"value": number(LOWEST)},
                high=_("%(value)s high") % {"value": number(HIGHEST)},
                answers=tuple(Answer(value, _answer_words(value), value == chosen) for value in values),
            )
        )
    return tuple(found)


def _answer_words(value: str) -> str:
    return _("No opinion") if value == NO_OPINION else value


def _answer(value: int | None) -> str:
    return NO_OPINION if value is None else str(value)


def field_name(candidate: str, criterion: str) -> str:
    return f"{candidate}|{criterion}"


def asked(
    rows: Iterable[CandidateRow],
    criteria: Sequence[CriterionRow],
    given: Mapping[tuple[str, str], int | None],
    *,
    url: Address,
    goal_url: Address,
) -> list[Asked]:
    return [
        Asked(
            code=row.code,
            name=row.name,
            text=row.text,
            theme=row.theme,
            goal=row.goal,
            goal_url=goal_url(row.goal_code) if row.goal_code else "",
            url=url(row.code),
            questions=questions(row.code, criteria, given),
        )
        for row in rows
    ]


def progress(found: Sequence[Asked]) -> Progress:
    """How many candidates have an answer, or “no opinion”, on every criterion."""
    done = sum(one.done for one in found)
    words = _("%(done)s of %(total)s candidates") % {"done": number(done), "total": number(len(found))}
    return Progress(done, len(found), words)


def scoring_page(found: Sequence[Asked], code: str, data: tuple[Beside, ...]) -> ScoringPage | None:
    """The candidate of a code with its neighbours; None where there is none."""
    at = next((place for place, one in enumerate(found) if one.code == code), None)
    if at is None:
        return None
    shown = found[at]
    open_after = [one for one in [*found[at + 1 :], *found[:at]] if not one.done]
    return ScoringPage(
        shown=replace(shown, beside=data),
        place=_("Candidate %(place)s of %(total)s") % {"place": number(at + 1), "total": number(len(found))},
        before=found[at - 1].url if at > 0 else "",
        after=found[at + 1].url if at + 1 < len(found) else "",
        next_open=open_after[0].url if open_after else "",
        progress=progress(found),
    )


def by_theme(found: Iterable[Asked]) -> tuple[Group, ...]:
    themes: dict[str, list[Asked]] = {}
    for one in found:
        themes.setdefault(one.theme, []).append(one)
    return tuple(Group(theme or _("Without a theme"), tuple(members)) for theme, members in themes.items())


# ── the shared list ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate on one criterion, as text."""

    criterion: str
    median: str
    spread: str
    divided: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the shared list. computed: its computed place, where people have moved it across the line, else "";
    across: the place that takes it to the other side of the line."""

    code: str
    id: int
    name: str
    theme: str
    url: str
    place: str
    above: bool
    across: int
    computed: str
    score: str
    cells: tuple[Scored, ...]
    scorers: str
    few: bool
    divided: bool
    status: str
    standing: str
    reason: str


@dataclass(frozen=True)
class SharedList:
    """lines above the line, lines below it, and what the line says."""

    above: tuple[Line, ...]
    below: tuple[Line, ...]
    line_words: str
    over: str
    criteria: tuple[CriterionRow, ...]
    divided: tuple[Line, ...]
    columns: int


def shared_list(
    session: SessionRow,
    rows: Sequence[CandidateRow],
    criteria: Sequence[CriterionRow],
    standings: Sequence[Standing],
    data: Mapping[str, tuple[Beside, ...]],
    *,
    url: Address,
) -> SharedList:
    """The list that everyone looks at: its places are people's, its figures computed."""
    by_code = {one.code: one for one in standings}
    apart = most_divided(standings)
    drawn = session.line or 0
    computed = {one.code: place for place, one in enumerate(standings, 1)}
    lines = [
        _line(row, place, drawn, by_code[row.code], computed[row.code], criteria, apart, data, url)
        for place, row in enumerate(rows, 1)
    ]
    over = drawn - session.capacity
    return SharedList(
        above=tuple(lines[:drawn]),
        below=tuple(lines[drawn:]),
        line_words=_("The line: %(above)s above it, at most %(capacity)s can be chosen")
        % {"above": number(drawn), "capacity": number(session.capacity)},
        over=(
            ngettext("%(over)s too many above the line", "%(over)s too many above the line", over)
            % {"over": number(over)}
            if over > 0
            else ""
        ),
        criteria=tuple(criteria),
        divided=tuple(line for code in apart for line in lines if line.code == code),
        columns=len(criteria) + 5,
    )


def _line(
    row: CandidateRow,
    place: int,
    drawn: int,
    one: Standing,
    computed: int,
    criteria: Sequence[CriterionRow],
    apart: Sequence[str],
    data: Mapping[str, tuple[Beside, ...]],
    url: Address,
) -> Line:
    first = next(iter(data.get(row.code, ())), None)
    return Line(
        code=row.code,
        id=row.id,
        name=row.name,
        theme=row.theme,
        url=url(row.code),
        place=number(place),
        above=place <= drawn,
        across=drawn + 1 if place <= drawn else max(drawn, 1),
        computed="" if (computed <= drawn) == (place <= drawn) else number(computed),
        score=number(one.score, 2),
        cells=tuple(_scored(criterion, cell) for criterion, cell in zip(criteria, one.cells, strict=True)),
        scorers=number(one.scorers),
        few=one.few,
        divided=row.code in apart,
        status=first.status if first else "",
        standing=first.place if first else "",
        reason=row.reason,
    )


def _scored(criterion: CriterionRow, cell: Cell) -> Scored:
    return Scored(
        criterion=criterion.name,
        median=_score(cell.median),
        spread=_score(cell.spread) if cell.spread is not None else "",
        divided=cell.divided,
    )


def _score(value: float | None) -> str:
    """Medians and spreads with as many decimals as they need: 3, 3.5, 1.25."""
    if value is None:
        return missing("")
    return number(value, next((places for places in (0, 1) if round(value, places) == value), 2))


# ── one candidate, once it is scored ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the scores of a criterion fall, without whose they are."""

    name: str
    against: bool
    weight: str
    median: str
    spread: str
    scorers: str
    counts: tuple[tuple[str, int], ...]


def distributions(
    criteria: Sequence[CriterionRow], counts: Sequence[Mapping[int, int]], standing: Standing
) -> tuple[Distribution, ...]:
    return tuple(
        Distribution(
            name=row.name,
            against=row.against,
            weight=row.weighs,
            median=_score(cell.median),
            spread=_score(cell.spread),
            scorers=number(cell.scorers),
            counts=tuple((number(value), given.get(value, 0)) for value in range(LOWEST, HIGHEST + 1)),
        )
        for row, given, cell in zip(criteria, counts, standing.cells, strict=True)
    )


# ── what was decided ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Result:
    code: str
    name: str
    text: str
    theme: str
    place: str
    computed: str
    score: str
    reason: str
    goal: str
    goal_url: str
    beside: tuple[Beside, ...]


@dataclass(frozen=True)
class Together:
    """Candidates that were set aside for one reason."""

    reason: str
    candidates: tuple[Result, ...]


@dataclass(frozen=True)
class ResultPage:
    words: str
    recorded: str
    chosen: tuple[Result, ...]
    set_aside: tuple[Together, ...]
    differs: str
    without_committee: tuple[str, ...] = field(default=())


def result_page(
    session: SessionRow,
    rows: Sequence[CandidateRow],
    decision: DecisionRow,
    data: Mapping[str, tuple[Beside, ...]],
    *,
    goal_url: Address,
) -> ResultPage:
    """What was chosen, in order, and what was set aside, by reason; the proposal stands beside both."""
    by_code = {row.code: row for row in rows}
    chosen = tuple(
        _result(by_code[code], place, decision, data, goal_url) for place, code in enumerate(decision.chosen, 1)
    )
    reasons: dict[str, list[Result]] = {}
    for code, reason in decision.set_aside.items():
        place = len(decision.chosen) + 1
        reasons.setdefault(reason, []).append(_result(by_code[code], place, decision, data, goal_url))
    ordered = sorted(reasons.items(), key=lambda item: -len(item[1]))
    best = {code for place, code in enumerate(decision.ranks, 1) if place <= len(decision.chosen)}
    lifted = len(set(decision.chosen) - best)
    return ResultPage(
        words=_("%(chosen)s of %(total)s candidates were chosen, with room for at most %(capacity)s.")
        % {"chosen": number(len(chosen)), "total": number(len(rows)), "capacity": number(decision.capacity)},
        recorded=decision.by,
        chosen=chosen,
        set_aside=tuple(Together(reason, tuple(members)) for reason, members in ordered),
        differs=(
            ngettext(
                "%(count)s was chosen that the computed order would have set aside.",
                "%(count)s were chosen that the computed order would have set aside.",
                lifted,
            )
            % {"count": wording.sentence(wording.number_word(lifted))}
            if lifted
            else _("The decision follows the computed order.")
        ),
        without_committee=tuple(one.name for one in chosen if not one.goal and not by_code[one.code].committee),
    )


def _result(
    row: CandidateRow,
    place: int,
    decision: DecisionRow,
    data: Mapping[str, tuple[Beside, ...]],
    goal_url: Address,
) -> Result:
    rank = decision.ranks.get(row.code)
    return Result(
        code=row.code,
        name=row.name,
        text=row.text,
        theme=row.theme,
        place=number(place),
        computed=number(rank),
        score=number(decision.scores.get(row.code), 2),
        reason=row.reason,
        goal=row.goal,
        goal_url=goal_url(row.goal_code) if row.goal_code else "",
        beside=data.get(row.code, ()),
    )


# ── the list of sessions ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    url: str
    state: str
    words: str


def entries(rows: Iterable[SessionRow], url: Callable[[int], str]) -> tuple[Entry, ...]:
    return tuple(Entry(row.title, url(row.number), row.state_word, _entry_words(row)) for row in rows)


def _entry_words(row: SessionRow) -> str:
    values = {
        "chosen": number(row.chosen),
        "candidates": number(row.candidates),
        "capacity": number(row.capacity),
        "finished": number(row.finished),
        "participants": number(row.participants),
        "year": row.year,
    }
    if row.state == DECIDED:
        return _("%(chosen)s of %(candidates)s chosen for %(year)s") % values
    if row.state == SCORING:
        return _("%(candidates)s candidates for %(year)s; %(finished)s of %(participants)s participants done") % values
    return _("%(candidates)s candidates for %(year)s, room for %(capacity)s") % values


def finished_words(session: SessionRow) -> str:
    """“3 of 9 participants have finished”."""
    values = {"finished": number(session.finished), "participants": number(session.participants)}
    text = ngettext(
        "%(finished)s of %(participants)s participant has finished",
        "%(finished)s of %(participants)s participants have finished",
        session.participants,
    )
    return text % values


def place_words(place: int | None) -> str:
    return "" if place is None else pgettext("on the shared list", "place %(place)s") % {"place": number(place)}
