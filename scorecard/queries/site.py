"""What every page says, and what the page about the figures counts."""

from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, Q

from indicators.models import Import, Indicator
from scorecard.models import LevelName
from scorecard.queries.sql import read, text
from scorecard.rows import Counts, SiteRow


def site(user_id: int | None, language: str = "sv") -> tuple[SiteRow | None, list[tuple[str, int | None]]]:
    """What every page says of the installation (None until it is set up), and the roles of the user (1 query)."""
    named = ", ".join(
        f"MAX(CASE WHEN level = '{level}' THEN {text(number, language)} END)"
        for level in LevelName.Level.values
        for number in ("singular", "plural")
    )
    rows = read(
        f"""
        SELECT home.name, home.invented,
               EXISTS (SELECT 1 FROM scorecard_vision WHERE example), role.name, role.department_id, named.*
        FROM (SELECT {named} FROM scorecard_levelname) named
        LEFT JOIN indicators_municipality home ON home.is_home
        LEFT JOIN indicators_role role ON role.user_id = %s""",  # noqa: S608 - our own column names
        [user_id],
    )
    name, invented, example = rows[0][:3]
    roles = [(row[3], row[4]) for row in rows if row[3] is not None]
    levels = {
        level: (singular, plural)
        for level, singular, plural in zip(LevelName.Level.values, rows[0][5::2], rows[0][6::2], strict=True)
        if singular is not None
    }
    return (None if name is None else SiteRow(name, bool(invented), bool(example), levels)), roles


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def counts() -> Counts:
    """How many indicators the municipality steers by, and of which kinds (1 query)."""
    effect = Q(measures="effect")
    row = Indicator.objects.filter(retired_on=None, steering=True).aggregate(
        indicators=Count("id", distinct=True),
        effect=Count("id", distinct=True, filter=effect),
        experienced=Count("id", distinct=True, filter=effect & Q(experienced=True)),
        comparable=Count("id", distinct=True, filter=Q(comparable=True)),
        targets=Count("id", distinct=True, filter=Q(targets__isnull=False)),
    )
    return Counts(**row)


def last_fetched() -> list[tuple[str, datetime]]:
    """When values last came from each source (1 query)."""
    rows = Import.objects.exclude(fetched_at=None).values_list("source").annotate(Max("fetched_at")).order_by("source")
    return list(rows)
