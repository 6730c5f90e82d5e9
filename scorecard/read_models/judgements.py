"""Judgements of goals for a period: which are missing, and one goal's proposal beside what people decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.compute.status import Reason
from indicators.templatetags.figures import number
from scorecard import wording
from scorecard.compute.goals import GoalStatus, Proposal
from scorecard.read_models.choice import Address, Choice, Option, period_options, with_parameters
from scorecard.read_models.goal import Line, in_use, line_of, made_of, statuses_of
from scorecard.read_models.standing import counted_reasons, parts_of, proposal
from scorecard.rows import (
    AssessmentRow,
    GoalHead,
    GoalIndicatorRow,
    GoalRow,
    IndicatorRow,
    LinkRow,
    RecordedRow,
    RevisionRow,
)
from scorecard.wording import Thresholds, Why


@dataclass(frozen=True)
class Entry:
    """A goal to be judged. status: what people decided, "" where they have not yet."""

    code: str
    url: str
    name: str
    proposed: str
    status: str
    differs: bool
    recorded: str


@dataclass(frozen=True)
class CommitteeJudgements:
    name: str
    missing: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class JudgementsPage:
    period: str
    lead: str
    committees: tuple[CommitteeJudgements, ...]
    years: tuple[Option, ...]


def judgements_page(
    *,
    goals: Sequence[GoalRow],
    links: Sequence[LinkRow],
    indicators: Sequence[IndicatorRow],
    recorded: Mapping[int, RecordedRow],
    choice: Choice,
    thresholds: Thresholds,
    base: str,
    edit_url: Address,
) -> JudgementsPage:
    """The goals of a period by committee, with what was proposed and decided."""
    by_id = {row.id: row for row in indicators}
    entries: dict[str, list[Entry]] = {}
    for goal in goals:
        used = [
            (by_id[link.indicator_id], link) for link in links if link.goal_id == goal.id and link.indicator_id in by_id
        ]
        made = proposal(parts_of((row.status, row.reason, link.weight, link.key) for row, link in used), thresholds)
        entry = Entry(
            code=goal.code,
            url=edit_url(goal.code),
            name=goal.short,
            proposed=made.status.value,
            status=goal.decided or "",
            differs=goal.decided is not None and goal.decided != made.status.value,
            recorded=_recorded(recorded.get(goal.id)),
        )
        entries.setdefault(goal.committee, []).append(entry)
    missing = sum(not entry.status for found in entries.values() for entry in found)
    return JudgementsPage(
        period=choice.shown,
        lead=_missing_words(missing, len(goals)),
        committees=tuple(
            CommitteeJudgements(name, _missing_words(sum(not e.status for e in found), len(found)), tuple(found))
            for name, found in sorted(entries.items())
        ),
        years=period_options(choice, lambda period: with_parameters(base, period)),
    )


def _missing_words(missing: int, total: int) -> str:
    if total == 0:
        return ""
    if missing == 0:
        return _("Every goal has been judged.")
    text = ngettext("%(missing)s of %(total)s goal remains.", "%(missing)s of %(total)s goals remain.", total)
    return text % {"missing": number(missing), "total": number(total)}


def _recorded(row: RecordedRow | None) -> str:
    return _who_and_when(row.person, row.entered_at) if row else ""


def _who_and_when(person: str, moment: datetime) -> str:
    values = {"person": person, "moment": timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")}
    return (_("%(person)s, %(moment)s") if person else "%(moment)s") % values


# ── one goal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Revision:
    number: str
    status: str
    motivation: str
    actions: str
    decided_on: str
    recorded: str
    proposed: str
    why: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class JudgementPage:
    """A goal's proposal with its reasons, and the revisions of what people decided. kept: the proposal as it is stored
    with the judgement."""

    code: str
    title: str
    sentence: str
    committee: str
    period: str
    proposed: str
    why: Why
    note: str
    reasons: str
    lines: tuple[Line, ...]
    revisions: tuple[Revision, ...]
    kept: dict[str, Any]


def judgement_page(
    *,
    goal: GoalHead,
    links: Sequence[GoalIndicatorRow],
    assessments: Sequence[AssessmentRow],
    revisions: Sequence[RevisionRow],
    choice: Choice,
    thresholds: Thresholds,
    indicator_url: Address,
) -> JudgementPage:
    """What is needed to judge a goal for the chosen period."""
    shown = {row.indicator_id: row for row in assessments if row.period == choice.shown}
    made = made_of(links, statuses_of(assessments), choice.shown, thresholds)
    lines = tuple(line_of(one, shown.get(one.id), choice, indicator_url) for one in in_use(links, choice.shown))
    return JudgementPage(
        code=goal.code,
        title=goal.short,
        sentence=goal.sentence,
        committee=goal.committee,
        period=choice.shown,
        proposed=made.status.value,
        why=wording.why_goal(made, thresholds),
        note=wording.assessable_words(made.assessable, made.indicators),
        reasons=wording.reasons_words(counted_reasons(made)),
        lines=lines,
        revisions=tuple(_revision(row, links) for row in revisions),
        kept=_kept(made, in_use(links, choice.shown), shown, thresholds),
    )


def _kept(
    made: Proposal,
    links: Sequence[GoalIndicatorRow],
    shown: Mapping[int, AssessmentRow],
    thresholds: Thresholds,
) -> dict[str, Any]:
    """The proposal with every number behind it, as plain values: it can be told again however figures change."""
    return {
        "status": made.status.value,
        "share": made.share,
        "indicators": made.indicators,
        "assessable": made.assessable,
        "met": made.met,
        "near": made.near,
        "not_met": made.not_met,
        "weight": made.weight,
        "assessable_weight": made.assessable_weight,
        "key_missed": made.key_missed,
        "reasons": counted_reasons(made),
        "thresholds": {"met": thresholds.met, "partly": thresholds.partly, "assessable": thresholds.assessable},
        "parts": [_kept_part(one, shown.get(one.id)) for one in links],
    }


def _kept_part(link: GoalIndicatorRow, row: AssessmentRow | None) -> dict[str, Any]:
    value = row.value if row else None
    return {
        "code": link.code,
        "weight": link.weight,
        "key": link.key,
        "status": row.status if row else "not_assessable",
        "reason": row.reason if row else Reason.NO_VALUE.value,
        "value": None if value is None else float(value),
        "value_period": row.value_period if row else None,
    }


def told_again(kept: Mapping[str, Any]) -> Why:
    """Why a kept proposal was as it was, in the words that a page of then had."""
    made = Proposal(
        status=GoalStatus(kept["status"]),
        share=kept["share"],
        indicators=kept["indicators"],
        assessable=kept["assessable"],
        met=kept["met"],
        near=kept["near"],
        not_met=kept["not_met"],
        weight=kept["weight"],
        assessable_weight=kept["assessable_weight"],
        key_missed=kept["key_missed"],
        reasons={Reason(reason): count for reason, count in kept["reasons"].items()},
    )
    return wording.why_goal(made, Thresholds(**kept["thresholds"]))


def _revision(row: RevisionRow, links: Sequence[GoalIndicatorRow]) -> Revision:
    names = {one.code: one.name for one in links}
    why = told_again(row.proposal) if row.proposal else Why("")
    return Revision(
        number=number(row.revision + 1),
        status=row.status,
        motivation=row.motivation,
        actions=row.actions,
        decided_on=row.decided_on.isoformat(),
        recorded=_who_and_when(row.person, row.entered_at),
        proposed=row.proposal.get("status", ""),
        why=f"{why.sentence} {why.formula}".strip(),
        parts=tuple(
            f"{names.get(part['code'], part['code'])}: {wording.status_in_text(part['status'])}"
            for part in row.proposal.get("parts", ())
        ),
    )
