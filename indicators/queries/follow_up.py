"""Which years there is anything to follow up: asked on every page, so in SQL of its own."""

from django.db import connection

from indicators.read_models.follow_up import YearRow

YEARS = """
    SELECT period, COUNT(target_id),
           COUNT(*) FILTER (WHERE status <> 'not_assessable' AND substr(value_period, 1, 4) = period),
           COUNT(*) FILTER (WHERE substr(value_period, 1, 4) = period)
    FROM indicators_assessment GROUP BY period ORDER BY period"""


def follow_up_years() -> list[YearRow]:
    """Years that any value belongs to, oldest first (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(YEARS)
        return [YearRow(*row) for row in cursor.fetchall() if row[3] > 0]
