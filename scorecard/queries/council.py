"""Reads of the overview and of a goal."""

import json
from collections.abc import Sequence
from typing import Any

from indicators.compute.frames import DatedTarget
from indicators.compute.status import Direction as Good
from indicators.compute.status import Form, Side, Target
from scorecard.queries.sql import PERSON, as_date, as_moment, last_day, read, text
from scorecard.rows import (
    AssessmentRow,
    GoalHead,
    GoalIndicatorRow,
    GoalRow,
    IndicatorRow,
    JudgementRow,
    LinkRow,
    OrderRow,
)


def goals(period: str, before: str, language: str) -> list[GoalRow]:
    """The goals valid in the period, of the vision valid in it, in order, with what people decided then and the period
    before (1 query)."""
    decided = """(SELECT judgement.status FROM scorecard_goaljudgement judgement
        WHERE judgement.goal_id = goal.id AND judgement.period = %s ORDER BY judgement.revision DESC LIMIT 1)"""
    rows = read(
        f"""
        SELECT goal.id, goal.code, {text("goal.sentence", language)}, {text("goal.short", language)},
               committee.code, {text("committee.name", language)},
               issue.code, {text("issue.name", language)},
               {text("vision.title", language)}, {text("vision.text", language)}, vision.valid_from,
               {decided}, {decided}
        FROM scorecard_goal goal
        JOIN scorecard_committee committee ON committee.id = goal.committee_id
        JOIN scorecard_strategicissue issue ON issue.id = goal.issue_id
        JOIN scorecard_vision vision ON vision.id = issue.vision_id
        WHERE vision.valid_from <= %s AND (vision.valid_to IS NULL OR vision.valid_to >= %s)
          AND (goal.valid_from IS NULL OR goal.valid_from <= %s) AND (goal.valid_to IS NULL OR goal.valid_to >= %s)
        ORDER BY issue."order", goal."order", goal.id""",  # noqa: S608 - our own column names
        [period, before, *[int(period)] * 4],
    )
    found = [GoalRow(*row) for row in rows]
    newest = max((row.vision_from for row in found), default=0)
    return [row for row in found if row.vision_from == newest]


def links() -> list[LinkRow]:
    """Which indicators show which goals, in order (1 query)."""
    rows = read("""
        SELECT goal_id, indicator_id, weight, "key" FROM scorecard_goalindicator ORDER BY goal_id, "order", id""")
    return [LinkRow(goal, indicator, float(weight), bool(key)) for goal, indicator, weight, key in rows]


def indicators(period: str, before: str, language: str, *, definitions: bool) -> list[IndicatorRow]:
    """All indicators that were in use when the period ended, by area and code, with two assessments each (1 query);
    definitions where asked for. What is only there to be looked up counts where a goal names it."""
    rows = read(
        f"""
        SELECT indicator.id, indicator.code, {text("indicator.name", language)},
               area.code, {text("area.name", language)},
               {text("unit.symbol", language)}, indicator.decimals, unit.share,
               now.status, now.reason, now.value, now.value_period, now.change, now.change_word, now.rank, now.peers,
               CAST(now.recent AS text), earlier.status,
               {text("indicator.definition", language) if definitions else "''"}
        FROM indicators_indicator indicator
        JOIN indicators_area area ON area.code = indicator.area_id
        JOIN indicators_unit unit ON unit.code = indicator.unit_id
        LEFT JOIN indicators_assessment now ON now.indicator_id = indicator.id AND now.period = %s
        LEFT JOIN indicators_assessment earlier ON earlier.indicator_id = indicator.id AND earlier.period = %s
        WHERE (indicator.retired_on IS NULL OR indicator.retired_on > %s)
          AND (indicator.steering OR indicator.id IN (SELECT indicator_id FROM scorecard_goalindicator))
        ORDER BY area."order", indicator.code""",  # noqa: S608 - our own column names
        [period, before, last_day(period)],
    )
    return [IndicatorRow(*row) for row in rows]


def goal(code: str, language: str) -> GoalHead | None:
    """The goal of a code with its judgements, None where there is none (1 query)."""
    rows = read(
        f"""
        SELECT goal.id, goal.code, {text("goal.sentence", language)}, {text("goal.short", language)},
               committee.code, {text("committee.name", language)}, issue.code, {text("issue.name", language)},
               vision.valid_from, vision.valid_to, goal.valid_from, goal.valid_to,
               judgement.period, judgement.revision, judgement.status,
               {text("judgement.motivation", language)}, {text("judgement.actions", language)}, judgement.decided_on,
               CAST(judgement.proposal AS text), {PERSON}, judgement.entered_at
        FROM scorecard_goal goal
        JOIN scorecard_committee committee ON committee.id = goal.committee_id
        JOIN scorecard_strategicissue issue ON issue.id = goal.issue_id
        JOIN scorecard_vision vision ON vision.id = issue.vision_id
        LEFT JOIN scorecard_goaljudgement judgement ON judgement.goal_id = goal.id
        LEFT JOIN auth_user person ON person.id = judgement.entered_by_id
        WHERE goal.code = %s
        ORDER BY judgement.period, judgement.revision""",  # noqa: S608 - our own column names
        [code],
    )
    if not rows:
        return None
    judgements = {row[12]: _judgement(row[12:]) for row in rows if row[12] is not None}
    vision_from, vision_to, goal_from, goal_to = rows[0][8:12]
    first = vision_from if goal_from is None else max(vision_from, goal_from)
    lasts = [year for year in (vision_to, goal_to) if year is not None]
    return GoalHead(*(*rows[0][:8], first, min(lasts, default=None), judgements))


def _judgement(row: tuple[Any, ...]) -> JudgementRow:
    *told, proposal, person, entered_at = row
    proposed = json.loads(proposal).get("status", "") if proposal else ""
    return JudgementRow(*(*told, proposed, person or "", as_moment(entered_at)))


def goal_indicators(goal_id: int, language: str) -> list[GoalIndicatorRow]:
    """The goal's indicators in order, retired ones too, with every target they have had (1 query)."""
    rows = read(
        f"""
        SELECT {_described(language)}, link.weight, link."key"
        FROM scorecard_goalindicator link
        JOIN indicators_indicator indicator ON indicator.id = link.indicator_id
        {_WITH_TARGETS}
        WHERE link.goal_id = %s
        ORDER BY link."order", link.id""",  # noqa: S608 - our own column names
        [goal_id],
    )
    return _with_targets(rows)


def described_indicators(ids: Sequence[int], language: str) -> list[GoalIndicatorRow]:
    """Indicators with every target they have had, each of weight 1, whatever goals they show (1 query)."""
    places = ", ".join(["%s"] * len(ids)) or "NULL"
    rows = read(
        f"""
        SELECT {_described(language)}, 1, FALSE
        FROM indicators_indicator indicator
        {_WITH_TARGETS}
        WHERE indicator.id IN ({places})
        ORDER BY indicator.code""",  # noqa: S608 - our own column names
        list(ids),
    )
    return _with_targets(rows)


_WITH_TARGETS = """
        JOIN indicators_unit unit ON unit.code = indicator.unit_id
        JOIN indicators_department department ON department.id = indicator.department_id
        LEFT JOIN indicators_target target ON target.indicator_id = indicator.id"""


def _described(language: str) -> str:
    return f"""indicator.id, indicator.code, {text("indicator.name", language)}, {text("indicator.owner", language)},
               {text("department.name", language)}, {text("unit.symbol", language)},
               indicator.decimals, unit.share, indicator.retired_on,
               target.id, target.form, target.side, target.value, target.lower, target.upper, target.tolerance,
               target.wanted, target.percent, target.baseline_period, target.percentile, target.rank, target."group",
               target.valid_from, target.valid_to"""


def _with_targets(rows: Sequence[tuple[Any, ...]]) -> list[GoalIndicatorRow]:
    """One row an indicator out of one a target; the last two columns are weight and key mark."""
    found: dict[int, GoalIndicatorRow] = {}
    for row in rows:
        told = (*row[:8], float(row[-2]), bool(row[-1]), as_date(row[8]), {})
        one = found.setdefault(row[0], GoalIndicatorRow(*told))
        if row[9] is not None:
            one.targets[row[9]] = DatedTarget(row[9], _target(row[10:22]), row[22], row[23])
    return list(found.values())


def _target(row: tuple[Any, ...]) -> Target:
    form, side, value, lower, upper, tolerance, wanted, percent, since, percentile, rank, group = row
    return Target(
        form=Form(form),
        side=Side(side) if side else None,
        value=_float(value),
        lower=_float(lower),
        upper=_float(upper),
        tolerance=float(tolerance),
        wanted=Good(wanted) if wanted else None,
        percent=_float(percent),
        baseline_period=since or None,
        percentile=_float(percentile),
        rank=rank,
        group=group or None,
    )


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def assessments(goal_id: int, period: str) -> list[AssessmentRow]:
    """Every year's status of the goal's indicators, with all the numbers of one period (1 query)."""
    of_goal = "SELECT link.indicator_id FROM scorecard_goalindicator link WHERE link.goal_id = %s"
    return _assessments(of_goal, [period, goal_id])


def assessments_of(ids: Sequence[int], period: str) -> list[AssessmentRow]:
    """The same of indicators, whatever goals they show (1 query)."""
    return _assessments(", ".join(["%s"] * len(ids)) or "NULL", [period, *ids])


def _assessments(chosen: str, parameters: Sequence[Any]) -> list[AssessmentRow]:
    rows = read(
        f"""
        SELECT a.indicator_id, a.period, a.status, a.reason, shown.value, shown.value_period, shown.change,
               shown.change_word, shown.comparison_period, shown.target_id, shown.rank, shown.peers, shown.quarter,
               CAST(shown.recent AS text), CAST(shown.trace AS text)
        FROM indicators_assessment a
        LEFT JOIN indicators_assessment shown
               ON shown.indicator_id = a.indicator_id AND shown.period = a.period AND a.period = %s
        WHERE a.indicator_id IN ({chosen})""",  # noqa: S608 - our own column names
        parameters,
    )
    return [AssessmentRow(*(*row[:14], _newest_absence(row[14]))) for row in rows]


def _newest_absence(trace: str | None) -> str:
    return (json.loads(trace).get("newest_absence") or "") if trace else ""


def directions_and_directives(goal_id: int, language: str) -> list[OrderRow]:
    """Directions first, then directives, each in order (1 query)."""
    rows = read(
        f"""
        SELECT 0 AS kind, direction."order" AS place, {text("direction.text", language)}, '', NULL, NULL
        FROM scorecard_direction direction WHERE direction.goal_id = %s
        UNION ALL
        SELECT 1, directive."order", {text("directive.text", language)}, {text("committee.name", language)},
               directive.valid_from, directive.valid_to
        FROM scorecard_directive directive JOIN scorecard_committee committee ON committee.id = directive.committee_id
        WHERE directive.goal_id = %s
        ORDER BY 1, 2""",  # noqa: S608 - our own column names
        [goal_id, goal_id],
    )
    return [OrderRow(*row[2:]) for row in rows]
