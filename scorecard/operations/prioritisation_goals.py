"""The result of a prioritisation becomes the goals of its year: once, in a new chain or in the one that is valid."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from indicators.operations.actor import User, recorded
from scorecard.models import (
    Candidate,
    Decision,
    Direction,
    Directive,
    Goal,
    GoalIndicator,
    Prioritisation,
    StrategicIssue,
    Vision,
)
from scorecard.operations.prioritisation import PrioritisationError, locked

OF_A_YEAR = re.compile(r"-\d{4}$")


@dataclass(frozen=True)
class GoalsMade:
    vision: Vision
    made: int
    there_already: int


def make_goals(*, number: int, new_mandate: bool, committee_id: int | None, by: User) -> GoalsMade:
    """Goals from what was decided, in the order decided.

    new_mandate: a chain of its own from the session's year, the present one ending the year before; otherwise the chain
    valid in that year gets what it has not got. A candidate linked to a goal brings that goal with its indicators and
    directions; a new one becomes a goal that bears its name. committee_id: answers where a candidate names none.
    """
    with transaction.atomic(), recorded(by):
        session = locked(number)
        if session.state != Prioritisation.State.DECIDED:
            raise PrioritisationError(_("Goals come of what has been decided, and nothing has been decided yet."))
        if session.vision_id is not None:
            raise PrioritisationError(
                _("This result has become goals already. Change them under Vision, issues and goals.")
            )
        chosen = _chosen(session)
        _refuse_without_committee(chosen, committee_id)
        vision = _new_vision(session.year) if new_mandate else _valid_vision(session.year)
        there = _by_stem(vision)
        made = 0
        for row in chosen:
            if row.goal is not None and row.goal.issue.vision_id == vision.pk:
                continue
            same = there.get(_stem(row.goal.code)) if row.goal else None
            if same is not None:
                row.goal = same
            elif row.goal is not None:
                row.goal = _carried_over(row.goal, vision, session.year)
            else:
                row.goal = _new(row, vision, committee_id)
            row.save(update_fields=["goal"])
            made += same is None
        Prioritisation.objects.filter(pk=number).update(vision=vision, version=F("version") + 1)
    return GoalsMade(vision, made, len(chosen) - made)


def _chosen(session: Prioritisation) -> list[Candidate]:
    decision = Decision.objects.filter(prioritisation=session).order_by("-id").first()
    if decision is None:
        raise PrioritisationError(_("Goals come of what has been decided, and nothing has been decided yet."))
    rows = session.candidates.filter(code__in=decision.chosen).select_related("goal__issue")
    rows = rows.prefetch_related("indicators")
    return sorted(rows, key=lambda row: decision.chosen.index(row.code))


def _refuse_without_committee(chosen: Sequence[Candidate], committee_id: int | None) -> None:
    nobodys = [row.name for row in chosen if row.goal is None and row.committee_id is None]
    if nobodys and committee_id is None:
        raise PrioritisationError(
            _("A goal needs a committee that answers for it. Choose one for: %(names)s.")
            % {"names": ", ".join(nobodys)}
        )


def _stem(code: str) -> str:
    """A goal's code without its year: what the goals of several mandates have in common that were copied from one."""
    return OF_A_YEAR.sub("", code)


def _by_stem(vision: Vision) -> dict[str, Goal]:
    """Goals that the chain has already, also those that came with it from the chain that it was copied from."""
    return {_stem(goal.code): goal for goal in Goal.objects.filter(issue__vision=vision).order_by("-id")}


def _valid(year: int) -> Vision | None:
    until = Q(valid_to__isnull=True) | Q(valid_to__gte=year)
    return Vision.objects.filter(until, valid_from__lte=year).order_by("-valid_from").first()


def _valid_vision(year: int) -> Vision:
    found = _valid(year)
    if found is None:
        raise PrioritisationError(_("No chain of goals is valid in %(year)s. Start a new mandate.") % {"year": year})
    return found


def _new_vision(year: int) -> Vision:
    """A chain from the year on, until the next one that is there already begins; the one before, if it is still valid
    then, ends the year before."""
    starts = list(Vision.objects.select_for_update().values_list("valid_from", flat=True))
    if year in starts:
        raise PrioritisationError(_("A chain of goals from %(year)s is there already. Add to it.") % {"year": year})
    before = _valid(year)
    if before is not None:
        before.valid_to = year - 1
        before.save(update_fields=["valid_to"])
    texts = _texts(before, "title", "text") if before else {"title_sv": "Ny vision", "title_en": "New vision"}
    later = min((start for start in starts if start > year), default=None)
    return Vision.objects.create(
        valid_from=year, valid_to=None if later is None else later - 1, copied_from=before, **texts
    )


def _carried_over(goal: Goal, vision: Vision, year: int) -> Goal:
    """A copy of a goal of another chain, with its indicators, directions and the directives still valid."""
    issue = _issue_like(goal.issue, vision)
    copy = Goal.objects.create(
        issue=issue,
        code=_free_code(f"{_stem(goal.code)}-{year}"),
        committee_id=goal.committee_id,
        order=issue.goals.count(),
        **_texts(goal, "sentence", "short"),
    )
    GoalIndicator.objects.bulk_create(
        GoalIndicator(goal=copy, indicator_id=row.indicator_id, weight=row.weight, key=row.key, order=row.order)
        for row in goal.links.all()
    )
    for direction in goal.directions.all():
        Direction.objects.create(goal=copy, order=direction.order, **_texts(direction, "text"))
    for directive in goal.directives.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=year)):
        Directive.objects.create(
            goal=copy,
            committee_id=directive.committee_id,
            valid_from=directive.valid_from,
            valid_to=directive.valid_to,
            order=directive.order,
            **_texts(directive, "text"),
        )
    return copy


def _new(row: Candidate, vision: Vision, committee_id: int | None) -> Goal:
    """A goal that starts with the candidate's name, committee and indicators; its sentence is written afterwards."""
    issue = _issue_named(row, vision)
    longest = Goal._meta.get_field("short").max_length
    names = _texts(row, "name")
    made = Goal.objects.create(
        issue=issue,
        code=_free_code(row.code),
        committee_id=row.committee_id if row.committee_id is not None else committee_id,  # type: ignore[misc]
        order=issue.goals.count(),
        sentence_sv=names["name_sv"],
        sentence_en=names["name_en"],
        short_sv=names["name_sv"][:longest],
        short_en=names["name_en"][:longest],
    )
    GoalIndicator.objects.bulk_create(
        GoalIndicator(goal=made, indicator=indicator, order=place)
        for place, indicator in enumerate(row.indicators.all())
    )
    return made


def _issue_like(issue: StrategicIssue, vision: Vision) -> StrategicIssue:
    found = vision.issues.filter(code=issue.code).first()
    return found or StrategicIssue.objects.create(
        vision=vision, code=issue.code, order=vision.issues.count(), **_texts(issue, "name", "text")
    )


def _issue_named(row: Candidate, vision: Vision) -> StrategicIssue:
    """The strategic issue that bears the name of the candidate's theme, in this chain or the one before it."""
    themes = _texts(row, "theme")
    theme = themes["theme_sv"] or themes["theme_en"] or _("Other goals")
    same = Q(name_sv__iexact=theme) | Q(name_en__iexact=theme)
    found = vision.issues.filter(same).first()
    if found is not None:
        return found
    before = vision.copied_from.issues.filter(same).first() if vision.copied_from else None
    if before is not None:
        return _issue_like(before, vision)
    code = slugify(theme.translate(str.maketrans("åäöÅÄÖ", "aaoAAO")))[:36] or "issue"
    return StrategicIssue.objects.create(
        vision=vision,
        code=code if not vision.issues.filter(code=code).exists() else f"{code}-{vision.issues.count()}",
        name_sv=themes["theme_sv"] or theme,
        name_en=themes["theme_en"],
        order=vision.issues.count(),
    )


def _free_code(wanted: str) -> str:
    longest = 60
    taken = set(Goal.objects.filter(code__startswith=wanted[: longest - 3]).values_list("code", flat=True))
    code, number = wanted[:longest], 2
    while code in taken:
        code, number = f"{wanted[: longest - 3]}-{number}", number + 1
    return code


def _texts(row: Any, *fields: str) -> dict[str, str]:
    """A row's texts in both languages, as they are stored."""
    return {f"{name}_{code}": getattr(row, f"{name}_{code}") or "" for name in fields for code in ("sv", "en")}
