"""Reads of the chain as strategists edit it."""

from collections import defaultdict

from indicators.models import Department, Indicator
from scorecard.models import Committee, LevelName, Vision
from scorecard.queries.sql import as_date, read, text
from scorecard.rows import (
    CommitteeRow,
    GoalNodeRow,
    IssueNodeRow,
    LinkNodeRow,
    MandateRow,
    OrderNodeRow,
)


def has_chain() -> bool:
    """Whether any vision is there (1 query)."""
    return Vision.objects.exists()


def mandates(language: str) -> list[MandateRow]:
    """Every mandate, newest first (1 query)."""
    rows = read(
        f"""
        SELECT vision.id, {text("vision.title", language)}, {text("vision.text", language)},
               valid_from, valid_to, example, decided_on, decision, copied_from_id
        FROM scorecard_vision vision ORDER BY valid_from DESC"""  # noqa: S608 - our own column names
    )
    return [MandateRow(*(*row[:5], bool(row[5]), as_date(row[6]), *row[7:])) for row in rows]


def level_names(language: str) -> dict[str, tuple[str, str]]:
    """What levels are called here, one and several; levels without a name of their own are not in it (1 query)."""
    rows = read(
        f"""SELECT level, {text("singular", language)}, {text("plural", language)}
        FROM scorecard_levelname"""  # noqa: S608 - our own column names
    )
    return {level: (singular, plural) for level, singular, plural in rows}


def issues(vision_id: int, language: str) -> list[IssueNodeRow]:
    """The strategic issues of a vision in order (1 query)."""
    rows = read(
        f"""
        SELECT issue.id, issue.code, {text("issue.name", language)}, {text("issue.text", language)}
        FROM scorecard_strategicissue issue WHERE issue.vision_id = %s
        ORDER BY issue."order", issue.id""",  # noqa: S608 - our own column names
        [vision_id],
    )
    return [IssueNodeRow(*row) for row in rows]


def goal_nodes(vision_id: int, language: str) -> list[GoalNodeRow]:
    """The goals of a vision in order, ended ones too (1 query)."""
    rows = read(
        f"""
        SELECT goal.id, goal.issue_id, goal.code, {text("goal.short", language)}, {text("goal.sentence", language)},
               {text("committee.name", language)}, goal.valid_from, goal.valid_to,
               EXISTS (SELECT 1 FROM scorecard_goaljudgement judgement WHERE judgement.goal_id = goal.id),
               EXISTS (SELECT 1 FROM scorecard_candidate candidate WHERE candidate.goal_id = goal.id)
        FROM scorecard_goal goal
        JOIN scorecard_strategicissue issue ON issue.id = goal.issue_id
        JOIN scorecard_committee committee ON committee.id = goal.committee_id
        WHERE issue.vision_id = %s
        ORDER BY issue."order", issue.id, goal."order", goal.id""",  # noqa: S608 - our own column names
        [vision_id],
    )
    return [GoalNodeRow(*(*row[:8], bool(row[8]), bool(row[9]))) for row in rows]


def link_nodes(vision_id: int, language: str) -> list[LinkNodeRow]:
    """Which indicators show the goals of a vision, in order (1 query)."""
    rows = read(
        f"""
        SELECT link.id, link.goal_id, indicator.code, {text("indicator.name", language)}, link.weight, link."key",
               indicator.retired_on IS NOT NULL
        FROM scorecard_goalindicator link
        JOIN scorecard_goal goal ON goal.id = link.goal_id
        JOIN scorecard_strategicissue issue ON issue.id = goal.issue_id
        JOIN indicators_indicator indicator ON indicator.id = link.indicator_id
        WHERE issue.vision_id = %s
        ORDER BY link.goal_id, link."order", link.id""",  # noqa: S608 - our own column names
        [vision_id],
    )
    return [LinkNodeRow(*(*row[:4], float(row[4]), bool(row[5]), bool(row[6]))) for row in rows]


def order_nodes(vision_id: int, language: str) -> list[OrderNodeRow]:
    """Directions, then directives, of every goal of a vision, in order (1 query)."""
    rows = read(
        f"""
        SELECT 'direction' AS kind, 0 AS sort, direction."order" AS place, direction.id AS id, direction.goal_id,
               {text("direction.text", language)}, '', NULL, NULL
        FROM scorecard_direction direction
        JOIN scorecard_goal goal ON goal.id = direction.goal_id
        JOIN scorecard_strategicissue issue ON issue.id = goal.issue_id
        WHERE issue.vision_id = %s
        UNION ALL
        SELECT 'directive', 1, directive."order", directive.id, directive.goal_id,
               {text("directive.text", language)}, {text("committee.name", language)},
               directive.valid_from, directive.valid_to
        FROM scorecard_directive directive
        JOIN scorecard_committee committee ON committee.id = directive.committee_id
        JOIN scorecard_goal goal ON goal.id = directive.goal_id
        JOIN scorecard_strategicissue issue ON issue.id = goal.issue_id
        WHERE issue.vision_id = %s
        ORDER BY 2, 3, 4""",  # noqa: S608 - our own column names
        [vision_id, vision_id],
    )
    return [OrderNodeRow(row[0], *row[3:]) for row in rows]


def committees(language: str) -> list[CommitteeRow]:
    """Committees by name with their departments, and how much they answer for, in all mandates (2 queries)."""
    rows = read(
        f"""
        SELECT committee.id, {text("committee.name", language)},
               (SELECT COUNT(*) FROM scorecard_goal goal WHERE goal.committee_id = committee.id),
               (SELECT COUNT(*) FROM scorecard_directive directive WHERE directive.committee_id = committee.id)
        FROM scorecard_committee committee ORDER BY 2"""  # noqa: S608 - our own column names
    )
    served = read(
        f"""
        SELECT serves.committee_id, {text("department.name", language)}
        FROM scorecard_committee_departments serves
        JOIN indicators_department department ON department.id = serves.department_id
        ORDER BY 2"""  # noqa: S608 - our own column names
    )
    departments: dict[int, list[str]] = defaultdict(list)
    for committee_id, name in served:
        departments[committee_id].append(name)
    return [CommitteeRow(row[0], row[1], tuple(departments[row[0]]), row[2], row[3]) for row in rows]


# ── what forms offer ──────────────────────────────────────────────────────────────────────────────────────────────────


def committee_choices() -> list[tuple[int, str]]:
    """Committees by name (1 query)."""
    return [(row.pk, row.name) for row in Committee.objects.order_by("name")]


def department_choices() -> list[tuple[int, str]]:
    """Departments by name (1 query)."""
    return [(row.pk, row.name) for row in Department.objects.order_by("name")]


def issue_choices(vision_id: int, language: str) -> list[tuple[int, str]]:
    """Issues of one mandate in order (1 query)."""
    return [(row.id, row.name) for row in issues(vision_id, language)]


def indicator_choices() -> list[tuple[str, list[tuple[int, str]]]]:
    """Indicators in use that the municipality steers by, by area (1 query)."""
    chosen = Indicator.objects.filter(retired_on=None, steering=True)
    rows = chosen.select_related("area").order_by("area__order", "code")
    areas: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        areas.setdefault(row.area.name, []).append((row.pk, f"{row.name} ({row.code})"))
    return list(areas.items())


def indicator_names(ids: list[int]) -> dict[int, tuple[str, str]]:
    """Code and name of indicators (1 query)."""
    return {row.pk: (row.code, row.name) for row in Indicator.objects.filter(pk__in=ids)}


def stored_level_names() -> dict[str, LevelName]:
    """The rows behind the form of names (1 query)."""
    return {row.level: row for row in LevelName.objects.all()}
