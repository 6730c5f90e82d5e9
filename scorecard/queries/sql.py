"""SQL of our own, in the part that PostgreSQL and SQLite share, with the reader's language named in the columns: a
page with 121 indicators is served from tuples, without the time it takes to put the statements together for every
request.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from indicators.periods import Period

# How the one who wrote something is named; needs `auth_user person` in the statement.
PERSON = "COALESCE(NULLIF(TRIM(person.first_name || ' ' || person.last_name), ''), person.email, '')"


def read(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def text(column: str, language: str) -> str:
    """A translated column in the reader's language; Swedish where the English is empty."""
    return f"{column}_sv" if language == "sv" else f"COALESCE(NULLIF({column}_en, ''), {column}_sv)"


def last_day(period: str) -> date:
    """The day by whose end a period is over."""
    return Period.parse(period).last_day


def as_date(value: Any) -> date | None:
    """A date column, which SQLite gives as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: Any) -> datetime:
    """A moment's column, which SQLite gives as text or without its zone, UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
