"""Two invented prioritisations: the one that the shipped goals came out of, and one that is being scored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.db import transaction

from indicators.operations import grant_role
from indicators.permissions import RoleName
from scorecard.compute.prioritisation import HIGHEST, LOWEST
from scorecard.models import Candidate, Committee, Prioritisation
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import NewCandidate
from scorecard.operations.prioritisation_goals import make_goals

CAPACITY = 19
SEED = 144
NO_OPINION = 0.06  # share of the invented scores
# How much a criterion follows what the members feel for an issue; the rest is chance.
FOLLOWS = {"effect": 1.0, "gap": 0.6, "cost": -0.5, "legal": 0.3, "influence": 0.8}
MIDDLE = 3.0
MEMBERS = (
    "Anna Lind", "Karim Haddad", "Birgitta Ek", "Jonas Sandell", "Leila Amini", "Per-Olof Nyman", "Maja Forsberg",
    "Stefan Wik", "Ingrid Dahl",
)  # fmt: skip
STARTED = 5  # members who have begun to score the second one


def store_demonstration(*, entries: Mapping[str, Any], year: int, now: datetime) -> None:
    """Both sessions through the ordinary operations; nothing where there is a prioritisation already."""
    if Prioritisation.objects.exists():
        return
    with transaction.atomic():
        members = [_member(number, name) for number, name in enumerate(MEMBERS, 1)]
        issues = [(issue, theme) for theme in entries["themes"] for issue in theme["issues"]]
        decided = _decided(issues, entries["reasons"], members, year, now)
        _being_scored(decided, issues, members, year + 1, now)


def take_part(*, user_ids: Iterable[int]) -> None:
    """Add people to whatever is being scored now."""
    for session in Prioritisation.objects.filter(state=Prioritisation.State.SCORING):
        there = session.participants.values_list("user_id", flat=True)
        operations.set_participants(number=session.pk, user_ids={*there, *user_ids}, by=None)


def _member(number: int, name: str) -> Any:
    """An invented council member, who cannot sign in."""
    first, _space, last = name.partition(" ")
    user, created = get_user_model().objects.get_or_create(
        username=f"member-{number}@example.invalid",
        defaults={"first_name": first, "last_name": last, "email": f"member-{number}@example.invalid"},
    )
    if created:
        user.set_unusable_password()
        user.save()
    grant_role(user=user, name=RoleName.COUNCIL, by=None)
    return user


def _decided(
    issues: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    reasons: Mapping[str, str],
    members: Sequence[Any],
    year: int,
    now: datetime,
) -> int:
    committees = dict(Committee.objects.values_list("code", "id"))
    number = operations.create_prioritisation(title=f"Målen för {year}", year=year, capacity=CAPACITY, by=None).pk
    operations.add_candidates(
        number=number,
        candidates=[
            NewCandidate(
                name={"sv": issue["sv"], "en": issue["en"]},
                theme=theme["name"],
                committee_id=committees[theme["committee"]],
                goal=issue.get("goal", ""),
                indicators=issue.get("indicators", ()),
            )
            for issue, theme in issues
        ],
        by=None,
    )
    operations.set_participants(number=number, user_ids=[user.pk for user in members], by=None)
    operations.open_scoring(number=number, by=None)
    _score(number, issues, members, now, seed=SEED)
    operations.open_discussion(number=number, by=None)
    codes = dict(Candidate.objects.filter(prioritisation=number).values_list("name_sv", "code"))
    _sink_the_others(number)
    for key, reason in reasons.items():
        told = [codes[issue["sv"]] for issue, _theme in issues if issue.get("aside") == key]
        operations.give_reasons(number=number, codes=told, reason=reason, by=None)
    version = Prioritisation.objects.get(pk=number).version
    operations.decide(number=number, version=version, by=None)
    make_goals(number=number, new_mandate=False, committee_id=None, by=None)
    return number


def _sink_the_others(number: int) -> None:
    """Whatever is no goal goes below the line, in the order it has."""
    rows = list(Candidate.objects.filter(prioritisation=number).order_by("place").values_list("code", "goal_id"))
    last_goal = max(place for place, (_code, goal) in enumerate(rows, 1) if goal is not None)
    for code in [code for code, goal in rows[:last_goal] if goal is None]:
        operations.move_candidate(number=number, code=code, to=last_goal, by=None)


def _being_scored(
    decided: int,
    issues: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    members: Sequence[Any],
    year: int,
    now: datetime,
) -> None:
    number = operations.create_prioritisation(title=f"Målen för {year}", year=year, capacity=CAPACITY, by=None).pk
    operations.copy_candidates(number=number, source=decided, by=None)
    operations.set_participants(number=number, user_ids=[user.pk for user in members], by=None)
    operations.open_scoring(number=number, by=None)
    _score(number, issues, members[:STARTED], now, seed=SEED + 1)


def _score(
    number: int,
    issues: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    members: Sequence[Any],
    now: datetime,
    *,
    seed: int,
) -> None:
    """Scores around what the members feel for each issue, some issues dividing them more than others."""
    drawn = np.random.default_rng(seed)
    codes = dict(Candidate.objects.filter(prioritisation=number).values_list("name_sv", "code"))
    divides = {issue["sv"]: drawn.uniform(0.4, 1.2) for issue, _theme in issues}
    for user in members:
        scores: dict[tuple[str, str], int | None] = {}
        for issue, _theme in issues:
            for criterion, follows in FOLLOWS.items():
                middle = MIDDLE + follows * (issue["strength"] - MIDDLE)
                value = round(float(np.clip(drawn.normal(middle, divides[issue["sv"]]), LOWEST, HIGHEST)))
                silent = drawn.random() < NO_OPINION
                scores[codes[issue["sv"]], criterion] = None if silent else value
        operations.store_scores(number=number, user_id=user.pk, scores=scores, now=now, by=None)
        operations.finish_scoring(number=number, user_id=user.pk, finished=True, now=now, by=None)
