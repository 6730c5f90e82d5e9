"""Reads of prioritisations: a fixed number of SQL queries whatever the number of candidates and participants."""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from indicators.models import Indicator, Role
from indicators.permissions import RoleName
from scorecard.compute.prioritisation import Counts, Weighing
from scorecard.models import Candidate, Committee, Criterion, Decision, Goal, Participant, Prioritisation, Score, Vision
from scorecard.read_models.prioritisation import (
    CandidateRow,
    CriterionRow,
    DecisionRow,
    ParticipantRow,
    SessionRow,
    UserRow,
)

WHO_MAY = (RoleName.COUNCIL.value, RoleName.STRATEGIST.value, RoleName.ADMINISTRATOR.value)


class Scores(NamedTuple):
    """What `compute.prioritisation.propose` asks for."""

    counts: dict[str, list[Counts]]
    criteria: list[Weighing]
    scorers: dict[str, int]
    participants: int


def sessions(*, decided_only: bool, user_id: int | None) -> list[SessionRow]:
    """All sessions, the newest year first; only those that are decided for who may not take part (1 query)."""
    rows = Prioritisation.objects.all()
    return _sessions(rows.filter(state=Prioritisation.State.DECIDED) if decided_only else rows, user_id)


def session(number: int, user_id: int | None) -> SessionRow | None:
    """One session (1 query)."""
    return next(iter(_sessions(Prioritisation.objects.filter(pk=number), user_id)), None)


def _sessions(rows: QuerySet[Prioritisation], user_id: int | None) -> list[SessionRow]:
    mine = Participant.objects.filter(prioritisation=OuterRef("pk"), user=user_id)
    found = rows.select_related("vision").annotate(
        candidate_count=_count(Candidate),
        chosen_count=_count(Candidate, chosen=True),
        participant_count=_count(Participant),
        finished_count=_count(Participant, finished_at__isnull=False),
        mine=Exists(mine),
        mine_finished=Exists(mine.filter(finished_at__isnull=False)),
    )
    return [
        SessionRow(
            number=row.pk,
            title=row.title,
            year=row.year,
            capacity=row.capacity,
            state=row.state,
            line=row.line,
            version=row.version,
            vision_id=row.vision_id,
            vision_from=row.vision.valid_from if row.vision else None,
            candidates=row.candidate_count,
            chosen=row.chosen_count,
            participants=row.participant_count,
            finished=row.finished_count,
            takes_part=row.mine,
            has_finished=row.mine_finished,
        )
        for row in found
    ]


def _count(model: type[Candidate] | type[Participant], **narrowed: bool) -> Coalesce:
    """How many rows a session has, counted by themselves: joined, candidates and participants would multiply."""
    rows = model._default_manager.filter(prioritisation=OuterRef("pk"), **narrowed).order_by()
    return Coalesce(Subquery(rows.values("prioritisation").annotate(count=Count("pk")).values("count")), 0)


def criteria(number: int) -> list[CriterionRow]:
    """The criteria in order (1 query)."""
    return [
        CriterionRow(row.pk, row.code, row.name, row.help, row.weight, row.against)
        for row in Criterion.objects.filter(prioritisation=number)
    ]


def candidates(number: int) -> list[CandidateRow]:
    """The candidates in the order of the shared list, or as they were entered, with their links (3 queries)."""
    rows = (
        Candidate.objects.filter(prioritisation=number)
        .select_related("committee", "goal")
        .order_by("place", "order", "id")
    )
    of_goals: dict[int, list[int]] = defaultdict(list)
    for goal_id, indicator_id in (
        Goal.objects.filter(candidates__prioritisation=number)
        .order_by("links__order", "links__id")
        .values_list("id", "links__indicator_id")
    ):
        if indicator_id is not None and indicator_id not in of_goals[goal_id]:
            of_goals[goal_id].append(indicator_id)
    own = defaultdict[int, list[int]](list)
    links = Candidate.indicators.through.objects.filter(candidate__prioritisation=number)
    for candidate_id, indicator_id in links.order_by("id").values_list("candidate_id", "indicator_id"):
        own[candidate_id].append(indicator_id)
    return [_candidate(row, own[row.pk], of_goals[row.goal_id] if row.goal_id else []) for row in rows]


def _candidate(row: Candidate, own: list[int], of_goal: list[int]) -> CandidateRow:
    return CandidateRow(
        id=row.pk,
        code=row.code,
        name=row.name,
        text=row.text,
        theme=row.theme,
        committee=row.committee.name if row.committee else "",
        goal_code=row.goal.code if row.goal else "",
        goal=row.goal.short if row.goal else "",
        indicators=tuple(dict.fromkeys([*own, *of_goal])),
        place=row.place,
        chosen=row.chosen,
        reason=row.reason,
    )


def scores(number: int) -> Scores:
    """All scores as counts: never more rows than candidates × criteria × 5, whoever scored (4 queries)."""
    codes = dict(Candidate.objects.filter(prioritisation=number).values_list("id", "code"))
    weighed = list(Criterion.objects.filter(prioritisation=number).values_list("id", "weight", "against"))
    given = Score.objects.filter(candidate__prioritisation=number, value__isnull=False)
    places = {criterion: place for place, (criterion, *_rest) in enumerate(weighed)}
    counts: dict[str, list[dict[int, int]]] = {code: [{} for _ in weighed] for code in codes.values()}
    for candidate, criterion, value, count in given.values_list("candidate", "criterion", "value").annotate(
        count=Count("id")
    ):
        counts[codes[candidate]][places[criterion]][value] = count
    who: dict[int, set[int]] = defaultdict(set)
    for candidate, participant in given.values_list("candidate", "participant").distinct():
        who[candidate].add(participant)
    return Scores(
        counts={code: list(row) for code, row in counts.items()},
        criteria=[Weighing(Decimal(weight), against) for _id, weight, against in weighed],
        scorers={codes[candidate]: len(people) for candidate, people in who.items()},
        participants=len(set().union(*who.values())),
    )


def own_scores(number: int, user_id: int) -> dict[tuple[str, str], int | None]:
    """What one participant has given, None for no opinion, by candidate and criterion (1 query)."""
    rows = Score.objects.filter(participant__prioritisation=number, participant__user=user_id)
    return {(c, k): value for c, k, value in rows.values_list("candidate__code", "criterion__code", "value")}


def participants(number: int) -> list[ParticipantRow]:
    """Who takes part and how far each has come; never what they gave (1 query)."""
    rows = (
        Participant.objects.filter(prioritisation=number)
        .select_related("user")
        .annotate(scored=Count("scores__candidate", distinct=True))
        .order_by("user__last_name", "user__first_name", "user__username")
    )
    return [ParticipantRow(row.user_id, _name(row.user), row.scored, row.finished_at) for row in rows]


def people() -> list[UserRow]:
    """Who can be asked to take part: council members, strategists and administrators (2 queries)."""
    roles = dict(Role.objects.filter(name__in=WHO_MAY).order_by("name").values_list("user_id", "name"))
    users = get_user_model().objects.filter(Q(pk__in=roles) | Q(is_superuser=True), is_active=True)
    ordered = users.order_by("last_name", "first_name", "username")
    return [UserRow(user.pk, _name(user), roles.get(user.pk, RoleName.ADMINISTRATOR.value)) for user in ordered]


def _name(user) -> str:  # type: ignore[no-untyped-def]
    return user.get_full_name() or user.email or user.get_username()


def decision(number: int) -> DecisionRow | None:
    """What was decided last (1 query)."""
    row = Decision.objects.filter(prioritisation=number).select_related("decided_by").order_by("-id").first()
    if row is None:
        return None
    return DecisionRow(
        at=row.decided_at,
        by=_name(row.decided_by) if row.decided_by else "",
        capacity=row.capacity,
        chosen=tuple(row.chosen),
        set_aside=dict(row.set_aside),
        ranks={one["code"]: one["rank"] for one in row.proposal},
        scores={one["code"]: one["score"] for one in row.proposal},
    )


def experienced() -> frozenset[int]:
    """Ids of the indicators that measure what residents themselves experience (1 query)."""
    return frozenset(Indicator.objects.filter(experienced=True).values_list("id", flat=True))


def committees() -> list[tuple[int, str]]:
    """(1 query)"""
    return [(row.pk, row.name) for row in Committee.objects.all()]


def chain_from(year: int) -> tuple[bool, bool]:
    """Whether a chain begins in the year, and whether one is valid in it (1 query)."""
    spans = list(Vision.objects.values_list("valid_from", "valid_to"))
    return (
        any(first == year for first, _last in spans),
        any(first <= year and (last is None or last >= year) for first, last in spans),
    )
