"""The chain of steering as a strategist writes it: its parts, their order, mandates, committees, names of levels.

Every change of a chain locks its vision first, so that two people cannot give one place to two parts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import Max, Model, Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.operations.actor import User, recorded
from indicators.operations.changes import record_changes
from scorecard.models import (
    Committee,
    Direction,
    Directive,
    Goal,
    GoalIndicator,
    LevelName,
    StrategicIssue,
    Vision,
)

Fields = Mapping[str, Any]
PARENT: dict[type[Model], str] = {
    StrategicIssue: "vision",
    Goal: "issue",
    Direction: "goal",
    Directive: "goal",
    GoalIndicator: "goal",
}
TO_VISION: dict[type[Model], str] = {
    StrategicIssue: "",
    Goal: "issue__",
    Direction: "goal__issue__",
    Directive: "goal__issue__",
    GoalIndicator: "goal__issue__",
}
YEAR_AT_THE_END = re.compile(r"-(19|20|21)\d\d$")


class GovernanceError(ValueError):
    """The chain does not allow it; the message is for the reader and says what to do instead."""


class EndedMandateError(GovernanceError):
    """The chain's mandate has ended: it is read only, but for corrections with a reason."""


@dataclass(frozen=True)
class LinkOf:
    """An indicator that shows a goal, as it is to be stored."""

    indicator_id: int
    weight: Decimal = Decimal(1)
    key: bool = False


# ── the mandate ───────────────────────────────────────────────────────────────────────────────────────────────────────


def has_ended(vision: Vision, today: date) -> bool:
    return vision.valid_to is not None and vision.valid_to < today.year


def _locked(vision_id: int, today: date, correction: str) -> Vision:
    """The vision, held until the transaction ends. Raises EndedMandateError unless it may be changed."""
    vision = Vision.objects.select_for_update().get(pk=vision_id)
    if has_ended(vision, today) and not correction.strip():
        refuse_ended(vision)
    return vision


def refuse_ended(vision: Vision) -> NoReturn:
    """Raises EndedMandateError, which says what can be done instead."""
    raise EndedMandateError(
        _(
            "This mandate ended with %(year)s, so its goals stand as they were. Texts that were wrong even then can be "
            "corrected with a reason, which is logged: open the mandate and choose “Correct with a reason”."
        )
        % {"year": vision.valid_to}
    )


def _log_correction(row: Model, correction: str, by: User) -> None:
    if correction.strip():
        record_changes(changed=[(row, {"correction": (None, correction.strip())})], by=by)


def _store(row: Model, fields: Fields) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def refuse_overlap(*, valid_from: int, valid_to: int | None, but: int | None = None) -> None:
    """Raises GovernanceError where another mandate is valid in one of the years."""
    last = valid_to if valid_to is not None else 9999
    others = Vision.objects.all() if but is None else Vision.objects.exclude(pk=but)
    others = others.filter(Q(valid_to=None) | Q(valid_to__gte=valid_from), valid_from__lte=last)
    other = others.order_by("valid_from").first()
    if other is not None:
        raise GovernanceError(
            _("The years overlap those of “%(title)s” (%(years)s). One chain of goals is valid at a time.")
            % {"title": other.title, "years": f"{other.valid_from}–{'' if other.valid_to is None else other.valid_to}"}
        )


def save_vision(*, vision_id: int | None, fields: Fields, today: date, correction: str = "", by: User) -> Vision:
    """Store a vision and its years; without an id a first, empty chain. Overlapping years are refused."""
    with transaction.atomic(), recorded(by):
        vision = Vision() if vision_id is None else _locked(vision_id, today, correction)
        refuse_overlap(valid_from=fields["valid_from"], valid_to=fields["valid_to"], but=vision.pk)
        _store(vision, fields)
        _log_correction(vision, correction, by)
        return vision


def decide_vision(*, vision_id: int, decided_on: date, decision: str, today: date, by: User) -> Vision:
    """Record that the council has decided the chain's goals, and where: they are examples no longer."""
    with transaction.atomic(), recorded(by):
        vision = _locked(vision_id, today, "")
        _store(vision, {"decided_on": decided_on, "decision": decision, "example": False})
        return vision


def delete_vision(*, vision_id: int, today: date, by: User) -> None:
    """Delete a mandate that has not begun and that nothing refers to."""
    with transaction.atomic(), recorded(by):
        vision = _locked(vision_id, today, "")
        if vision.valid_from <= today.year:
            raise GovernanceError(_("The mandate has begun, so it is kept. End its validity instead."))
        for goal in Goal.objects.filter(issue__vision=vision):
            _refuse_referred_goal(goal)
        if vision.prioritisations.exists():
            raise GovernanceError(_("A prioritisation led to this mandate, so it is kept."))
        vision.delete()


def copy_mandate(
    *, vision_id: int, valid_from: int, valid_to: int | None, titles: Fields, today: date, by: User
) -> Vision:
    """A new mandate that starts from a copy of the whole chain; the copied one ends the year before, if not earlier.

    Goals get codes of the year. Directives keep their length, and start with the mandate. Goals and directives whose
    validity ended before the copied mandate did are left behind.
    """
    with transaction.atomic(), recorded(by):
        source = Vision.objects.select_for_update().get(pk=vision_id)
        if valid_from <= source.valid_from:
            raise GovernanceError(
                _("A new mandate starts after the one it is copied from, which started in %(year)s.")
                % {"year": source.valid_from}
            )
        if source.valid_to is None or source.valid_to >= valid_from:
            _store(source, {"valid_to": valid_from - 1})
        refuse_overlap(valid_from=valid_from, valid_to=valid_to)
        new = Vision(valid_from=valid_from, valid_to=valid_to, copied_from=source, **titles)
        new.save()
        for issue in list(source.issues.all()):
            goals = list(issue.goals.filter(Q(valid_to=None) | Q(valid_to__gte=source.valid_to)))
            _copied(issue, vision=new)
            for goal in goals:
                _copy_goal(goal, issue, valid_from)
        return new


def _copied(row: Any, **fields: Any) -> int:
    """Insert the row once more with other fields; the row itself is the copy afterwards. Returns the old id."""
    old = int(row.pk)
    row.pk = None
    row._state.adding = True
    _store(row, fields)
    return old


def _copy_goal(goal: Goal, issue: StrategicIssue, start: int) -> None:
    code = free_code(f"{YEAR_AT_THE_END.sub('', goal.code)[:50]}-{start}", Goal.objects.all(), 60)
    old = _copied(goal, issue=issue, code=code, valid_from=None, valid_to=None)
    for model in (GoalIndicator, Direction):
        for row in model.objects.filter(goal_id=old):
            _copied(row, goal=goal)
    for directive in Directive.objects.filter(goal_id=old):
        length = None if directive.valid_to is None else directive.valid_to - directive.valid_from
        _copied(directive, goal=goal, valid_from=start, valid_to=None if length is None else start + length)


def free_code(wanted: str, taken: QuerySet[Any], longest: int) -> str:
    """The code itself, or with a number behind it where somebody has it already."""
    base = wanted[:longest].strip("-") or "x"
    code, number = base, 1
    while taken.filter(code=code).exists():
        number += 1
        code = f"{base[: longest - 4]}-{number}"
    return code


# ── its parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def vision_id_of(row: Any) -> int:
    """The vision that a part of a chain belongs to."""
    path = f"{TO_VISION[type(row)]}vision_id"
    return int(type(row).objects.values_list(path, flat=True).get(pk=row.pk))


def _siblings(model: Any, parent_id: int) -> QuerySet[Any]:
    return model.objects.filter(**{f"{PARENT[model]}_id": parent_id}).order_by("order", "id")


def _last_place(model: Any, parent_id: int) -> int:
    highest = _siblings(model, parent_id).aggregate(last=Max("order"))["last"]
    return 0 if highest is None else int(highest) + 1


def add_part(*, model: type[Model], parent_id: int, fields: Fields, today: date, by: User) -> Any:
    """Add an issue to a vision, or a direction or directive to a goal, as the last of its kind there."""
    with transaction.atomic(), recorded(by):
        vision_id = parent_id if PARENT[model] == "vision" else vision_id_of(Goal.objects.get(pk=parent_id))
        _locked(vision_id, today, "")
        row: Any = model(**{f"{PARENT[model]}_id": parent_id}, order=_last_place(model, parent_id))
        if isinstance(row, StrategicIssue):
            taken = StrategicIssue.objects.filter(vision_id=parent_id)
            row.code = free_code(slugify(fields["name_sv"]), taken, 40)
        _store(row, fields)
        return row


def edit_part(*, row: Any, fields: Fields, today: date, correction: str = "", by: User) -> None:
    """Change the texts and years of an issue, a direction or a directive."""
    with transaction.atomic(), recorded(by):
        _locked(vision_id_of(row), today, correction)
        row.refresh_from_db()
        _store(row, fields)
        _log_correction(row, correction, by)


def move_part(*, row: Any, to: int, today: date, by: User) -> int:
    """Put a part at a place among its siblings, counted from 0; returns the place it got."""
    with transaction.atomic(), recorded(by):
        _locked(vision_id_of(row), today, "")
        row.refresh_from_db()
        rows = [one for one in _siblings(type(row), getattr(row, f"{PARENT[type(row)]}_id")) if one.pk != row.pk]
        place = min(max(0, to), len(rows))
        rows.insert(place, row)
        for order, one in enumerate(rows):
            if one.order != order:
                one.order = order
                one.save(update_fields=["order"])
        return place


def step_part(*, row: Any, step: int, today: date, by: User) -> int:
    """Move a part so many places down, or up where `step` is negative; returns the place it got."""
    with transaction.atomic():
        _locked(vision_id_of(row), today, "")
        row.refresh_from_db()
        siblings = list(_siblings(type(row), getattr(row, f"{PARENT[type(row)]}_id")).values_list("id", flat=True))
        return move_part(row=row, to=siblings.index(row.pk) + step, today=today, by=by)


def delete_part(*, row: Any, today: date, by: User) -> None:
    """Delete a part of a chain that nothing refers to. Raises GovernanceError, which says what to do instead."""
    with transaction.atomic(), recorded(by):
        _locked(vision_id_of(row), today, "")
        if isinstance(row, StrategicIssue):
            count = row.goals.count()
            if count:
                text = ngettext(
                    "It holds %(count)s goal. Move or delete that first.",
                    "It holds %(count)s goals. Move or delete those first.",
                    count,
                )
                raise GovernanceError(text % {"count": count})
        if isinstance(row, Goal):
            _refuse_referred_goal(row)
        row.delete()


def _refuse_referred_goal(goal: Goal) -> None:
    reason = why_goal_stays(judged=goal.judgements.exists(), weighed=goal.candidates.exists())
    if reason:
        raise GovernanceError(reason)


def why_goal_stays(*, judged: bool, weighed: bool) -> str:
    """Why a goal cannot be deleted; "" where it can."""
    if judged:
        return _("The goal has been judged, and judgements are kept. Write a last year in “Valid to and including”.")
    if weighed:
        return _("A prioritisation refers to the goal. Write a last year in “Valid to and including” instead.")
    return ""


# ── a goal with its indicators ────────────────────────────────────────────────────────────────────────────────────────


def save_goal(
    *,
    goal_id: int | None,
    issue_id: int,
    fields: Fields,
    links: Sequence[LinkOf],
    today: date,
    correction: str = "",
    by: User,
) -> Goal:
    """Store a goal with the indicators that show it, in order; without an id a new one, last under its issue."""
    with transaction.atomic(), recorded(by):
        issue = StrategicIssue.objects.get(pk=issue_id)
        vision = _locked(issue.vision_id, today, correction)
        _refuse_years_outside(vision, fields["valid_from"], fields["valid_to"])
        if goal_id is None:
            wanted = f"{slugify(fields['short_sv'])[:50].strip('-')}-{vision.valid_from}"
            goal = Goal(code=free_code(wanted, Goal.objects.all(), 60))
        else:
            goal = Goal.objects.get(pk=goal_id)
            if vision_id_of(goal) != vision.pk:
                raise GovernanceError(_("A goal stays in its own mandate. Choose an issue of the same one."))
        if goal.issue_id != issue_id:
            goal.order = _last_place(Goal, issue_id)
        _store(goal, {**fields, "issue_id": issue_id})
        _store_links(goal, links)
        _log_correction(goal, correction, by)
        return goal


def _refuse_years_outside(vision: Vision, valid_from: int | None, valid_to: int | None) -> None:
    first, last = vision.valid_from, vision.valid_to
    inside = all(year is None or (first <= year and (last is None or year <= last)) for year in (valid_from, valid_to))
    if not inside:
        raise GovernanceError(
            _("The goal's years lie outside its mandate (%(years)s).")
            % {"years": f"{first}–{'' if last is None else last}"}
        )


def _store_links(goal: Goal, links: Sequence[LinkOf]) -> None:
    """Links keep their rows where the indicator stays, so that the log shows what changed."""
    if len({link.indicator_id for link in links}) != len(links):
        raise GovernanceError(_("An indicator can show a goal only once. Remove the second one."))
    stored = {row.indicator_id: row for row in goal.links.all()}
    for indicator_id, row in stored.items():
        if indicator_id not in {link.indicator_id for link in links}:
            row.delete()
    for order, link in enumerate(links):
        row = stored.get(link.indicator_id) or GoalIndicator(goal=goal, indicator_id=link.indicator_id)
        wanted = {"weight": link.weight, "key": link.key, "order": order}
        if row.pk is None or any(getattr(row, name) != value for name, value in wanted.items()):
            _store(row, wanted)


# ── committees, names of levels ───────────────────────────────────────────────────────────────────────────────────────


def save_committee(*, committee_id: int | None, fields: Fields, departments: Sequence[int], by: User) -> Committee:
    """Store a committee and the departments that work for it."""
    with transaction.atomic(), recorded(by):
        committee = Committee() if committee_id is None else Committee.objects.select_for_update().get(pk=committee_id)
        if committee_id is None:
            committee.code = free_code(slugify(fields["name_sv"]), Committee.objects.all(), 40)
        _store(committee, fields)
        committee.departments.set(departments)
        return committee


def delete_committee(*, committee_id: int, by: User) -> None:
    """Delete a committee that answers for nothing."""
    with transaction.atomic(), recorded(by):
        committee = Committee.objects.select_for_update().get(pk=committee_id)
        goals, directives = committee.goals.count(), committee.directives.count()
        if goals or directives:
            values = {
                "goals": ngettext("%(count)s goal", "%(count)s goals", goals) % {"count": goals},
                "directives": ngettext("%(count)s directive", "%(count)s directives", directives)
                % {"count": directives},
            }
            raise GovernanceError(
                _(
                    "The committee answers for %(goals)s and %(directives)s, in earlier mandates too, so it is kept. "
                    "Give its goals to another committee, or let it stand without any."
                )
                % values
            )
        committee.delete()


def save_level_names(*, names: Mapping[str, Fields], by: User) -> None:
    """What the levels of the chain are called here: level → its texts; without texts, by their ordinary names again."""
    with transaction.atomic(), recorded(by):
        stored = {row.level: row for row in LevelName.objects.select_for_update()}
        for level, fields in names.items():
            row = stored.get(level)
            if not any(fields.values()):
                if row is not None:
                    row.delete()
            elif row is None or any(getattr(row, name) != value for name, value in fields.items()):
                _store(row or LevelName(level=level), fields)
