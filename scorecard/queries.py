"""All reads of the chain's pages: a fixed number of SQL queries whatever the size, plain rows out.

Rows are read with a plain `QuerySet` and the reader's language named in the columns: a page with 121 indicators is
served from tuples, not from model instances with every long text in two languages.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, models
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Left, NullIf

from indicators.compute.status import Direction as Good
from indicators.compute.status import Form, Side, Target
from indicators.models import Assessment, Import, Indicator, Municipality
from indicators.permissions import STRATEGIST
from scorecard.models import Direction, Directive, Goal, GoalIndicator, GoalJudgement, Vision
from scorecard.rows import (
    AssessmentRow,
    Counts,
    GoalHead,
    GoalIndicatorRow,
    GoalRow,
    IndicatorRow,
    JudgementRow,
    LinkRow,
    OrderRow,
    SiteRow,
    YearRow,
)


def text(path: str, language: str) -> Combinable:
    """A translated column in the reader's language; Swedish where the English is empty."""
    if language == "sv":
        return F(f"{path}_sv")
    translated = NullIf(F(f"{path}_{language}"), Value(""), output_field=models.TextField())
    return Coalesce(translated, F(f"{path}_sv"), output_field=models.TextField())


# ── every page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def site(user_id: int | None) -> SiteRow | None:
    """What every page says of the installation and, for a user, whether they are a strategist; None until it is set up
    (1 query)."""
    strategist: Any = Value(False, output_field=BooleanField())
    if user_id is not None:
        strategist = Exists(Group.objects.filter(name=STRATEGIST, user=user_id))
    rows = QuerySet(Municipality).filter(is_home=True).order_by()
    found = rows.values_list("name", "invented", Exists(QuerySet(Vision).filter(example=True)), strategist).first()
    return SiteRow(*found) if found else None


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


# ── periods ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def follow_up_years() -> list[YearRow]:
    """Years that any value belongs to, oldest first (1 query)."""
    fresh = Q(value_period_year=F("period"))
    rows = (
        QuerySet(Assessment)
        .annotate(value_period_year=Left("value_period", 4))
        .values_list("period")
        .annotate(
            targets=Count("target_id"),
            assessed=Count("status", filter=fresh & ~Q(status="not_assessable")),
            own=Count("status", filter=fresh),
        )
        .filter(own__gt=0)
        .order_by("period")
    )
    return [YearRow(*row) for row in rows]


# ── the overview ──────────────────────────────────────────────────────────────────────────────────────────────────────


def goals(period: str, before: str, language: str) -> list[GoalRow]:
    """The goals of the vision valid in the period, in order, with what people decided then and the period before
    (1 query)."""
    year = int(period)
    rows = (
        QuerySet(Goal)
        .filter(issue__vision__valid_from__lte=year)
        .filter(Q(issue__vision__valid_to=None) | Q(issue__vision__valid_to__gte=year))
        .order_by("issue__order", "order", "id")
        .values_list(
            "id",
            "code",
            text("sentence", language),
            text("short", language),
            "committee__code",
            text("committee__name", language),
            "issue__code",
            text("issue__name", language),
            text("issue__text", language),
            text("issue__vision__title", language),
            text("issue__vision__text", language),
            "issue__vision__valid_from",
            _decided(period),
            _decided(before),
        )
    )
    found = [GoalRow(*row) for row in rows]
    newest = max((row.vision_from for row in found), default=0)
    return [row for row in found if row.vision_from == newest]


def _decided(period: str) -> Subquery:
    newest = QuerySet(GoalJudgement).filter(goal=OuterRef("pk"), period=period).order_by("-revision")
    return Subquery(newest.values("status")[:1])


def links() -> list[LinkRow]:
    """Which indicators show which goals, in order (1 query)."""
    rows = QuerySet(GoalIndicator).order_by("goal_id", "order", "id")
    return [LinkRow(*row) for row in rows.values_list("goal_id", "indicator_id", "weight", "key")]


def indicators(period: str, before: str, language: str, *, definitions: bool) -> list[IndicatorRow]:
    """All indicators in use, by area and code, with two assessments each (1 query); definitions where asked for."""
    rows = (
        QuerySet(Indicator)
        .filter(retired_on=None)
        .annotate(
            now=FilteredRelation("assessments", condition=Q(assessments__period=period)),
            before=FilteredRelation("assessments", condition=Q(assessments__period=before)),
        )
        .order_by("area__order", "code")
        .values_list(
            "id",
            "code",
            text("name", language),
            "area_id",
            text("area__name", language),
            text("unit__symbol", language),
            "decimals",
            "unit__share",
            "now__status",
            "now__reason",
            "now__value",
            "now__value_period",
            "now__change",
            "now__change_word",
            "now__rank",
            "now__peers",
            "now__recent",
            "before__status",
            text("definition", language) if definitions else Value("", output_field=models.TextField()),
        )
    )
    return [IndicatorRow(*row) for row in rows]


# ── one goal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def goal(code: str, language: str) -> GoalHead | None:
    """The goal of a code, None where there is none (1 query)."""
    rows = list(
        QuerySet(Goal)
        .filter(code=code)
        .order_by("judgements__period", "judgements__revision")
        .values_list(
            "id",
            "code",
            text("sentence", language),
            text("short", language),
            "committee__code",
            text("committee__name", language),
            "issue__code",
            text("issue__name", language),
            "issue__vision__valid_from",
            "issue__vision__valid_to",
            "judgements__period",
            "judgements__revision",
            "judgements__status",
            text("judgements__motivation", language),
            text("judgements__actions", language),
            "judgements__decided_on",
        )
    )
    if not rows:
        return None
    judgements = {row[10]: JudgementRow(*row[10:]) for row in rows if row[10] is not None}
    return GoalHead(*rows[0][:10], judgements)


def goal_indicators(goal_id: int, language: str) -> list[GoalIndicatorRow]:
    """The goal's indicators in order (1 query)."""
    rows = (
        QuerySet(GoalIndicator)
        .filter(goal=goal_id)
        .order_by("order", "id")
        .values_list(
            "indicator_id",
            "indicator__code",
            text("indicator__name", language),
            text("indicator__owner", language),
            text("indicator__department__name", language),
            text("indicator__unit__symbol", language),
            "indicator__decimals",
            "indicator__unit__share",
            "weight",
            "key",
            *(f"indicator__targets__{name}" for name in TARGET_FIELDS),
        )
    )
    found: dict[int, GoalIndicatorRow] = {}
    for row in rows:
        one = found.setdefault(row[0], GoalIndicatorRow(*row[:10], {}))
        if row[10] is not None:
            one.targets[row[10]] = _target(row[11:])
    return list(found.values())


TARGET_FIELDS = (
    "id", "form", "side", "value", "lower", "upper", "tolerance", "wanted", "percent", "baseline_period", "percentile",
    "rank", "group",
)  # fmt: skip


def _target(row: tuple[Any, ...]) -> Target:
    form, side, value, lower, upper, tolerance, wanted, percent, baseline, percentile, rank, group = row
    return Target(
        form=Form(form),
        side=Side(side) if side else None,
        value=_float(value),
        lower=_float(lower),
        upper=_float(upper),
        tolerance=float(tolerance),
        wanted=Good(wanted) if wanted else None,
        percent=_float(percent),
        baseline_period=baseline or None,
        percentile=_float(percentile),
        rank=rank,
        group=group or None,
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def assessments(indicator_ids: Collection[int], period: str) -> list[AssessmentRow]:
    """Every year's status of some indicators, with all the numbers of one period (1 query)."""
    shown = (
        "value", "value_period", "change", "change_word", "comparison_period", "target_id", "rank", "peers", "quarter",
        "recent", "trace__newest_absence",
    )  # fmt: skip
    rows = (
        QuerySet(Assessment)
        .filter(indicator_id__in=indicator_ids)
        .values_list(
            "indicator_id",
            "period",
            "status",
            "reason",
            *(Case(When(period=period, then=F(name))) for name in shown),
        )
    )
    return [AssessmentRow(*row) for row in rows]


def directions_and_directives(goal_id: int, language: str) -> list[OrderRow]:
    """Directions first, then directives, each in order (1 query)."""
    year = models.PositiveSmallIntegerField()
    nothing = Value(None, output_field=year)
    directions = QuerySet(Direction).filter(goal=goal_id).order_by()
    directives = QuerySet(Directive).filter(goal=goal_id).order_by()
    rows = directions.values_list(
        text("text", language),
        Value("", output_field=models.CharField()),
        nothing,
        nothing,
        Value(0),
        "order",
    ).union(
        directives.values_list(
            text("text", language),
            text("committee__name", language),
            "valid_from",
            "valid_to",
            Value(1),
            "order",
        ),
        all=True,
    )
    return [OrderRow(*row[:4]) for row in sorted(rows, key=lambda row: row[4:6])]


# ── about the figures ─────────────────────────────────────────────────────────────────────────────────────────────────


def counts() -> Counts:
    """How many indicators there are, and of which kinds (1 query)."""
    effect = Q(measures="effect")
    row = (
        QuerySet(Indicator)
        .filter(retired_on=None)
        .aggregate(
            indicators=Count("id", distinct=True),
            effect=Count("id", distinct=True, filter=effect),
            experienced=Count("id", distinct=True, filter=effect & Q(experienced=True)),
            comparable=Count("id", distinct=True, filter=Q(comparable=True)),
            targets=Count("id", distinct=True, filter=Q(targets__isnull=False)),
        )
    )
    return Counts(**row)


def last_fetched() -> list[tuple[str, datetime]]:
    """When values last came from each source (1 query)."""
    rows = (
        QuerySet(Import).exclude(fetched_at=None).values_list("source").annotate(Max("fetched_at")).order_by("source")
    )
    return list(rows)
