"""SQL of our own, in the part that PostgreSQL and SQLite share, with the reader's language named in the columns: a
page with 121
indicators is served from tuples, without the time it takes to put the statements together for every request.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def read(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def text(column: str, language: str) -> str:
    """A translated column in the reader's language; Swedish where the English is empty."""
    return f"{column}_sv" if language == "sv" else f"COALESCE(NULLIF({column}_en, ''), {column}_sv)"
