"""Loading many rows on two engines: COPY on PostgreSQL, executemany on SQLite, and writing only what differs.

Measured on a million rows: the ORM's own bulk upsert takes five times as long and rewrites every row it meets.
"""

import io
import json
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db import IntegrityError, connection, models, transaction

from indicators.models import Assessment, Benchmark, PeerValue, SeriesPoint

PEER_STAGE = "peer_value_stage"
KEYS_AT_ONCE = 500  # times three columns stays far below every limit of placeholders
PEER_KEY = ("kpi", "year", "municipality", "breakdown")


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _differs(left: str, right: str) -> str:
    return f"{left} IS DISTINCT FROM {right}" if _is_postgresql() else f"{left} IS NOT {right}"


def plain(value: Any) -> Any:
    """A Python value as the database's plain one; NaN becomes NULL, structures become JSON with sorted keys."""
    kind = type(value)
    if kind is float:
        return None if value != value else value
    if value is None or kind is int or kind is str or kind is bool:
        return value
    if kind is dict or kind is list:
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    if kind is Decimal:
        return str(value)
    if kind is datetime:
        return connection.ops.adapt_datetimefield_value(value)
    if kind is date:
        return value.isoformat()
    raise TypeError(f"{kind.__name__} has no place in a derived table")


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_text(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.translate(ESCAPES) if type(value) is str else str(value)


def load(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows of plain values to a table without looking at what is there."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if _is_postgresql():
            text = io.StringIO()
            text.writelines("\t".join(map(_copy_text, row)) + "\n" for row in rows)
            text.seek(0)
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", text)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))


@dataclass(frozen=True)
class Repeat:
    """A key that came on more than one page; `surplus` rows of it were not taken, all of them where they contradict."""

    kpi: str
    year: int
    municipality: str
    breakdown: str
    surplus: int
    alike: bool


@dataclass(frozen=True)
class Applied:
    """How many rows were new, changed what stood there, or said the same again; and which keys came twice."""

    added: int
    revised: int
    unchanged: int
    repeats: list[Repeat]


class PeerStage:
    """A temporary table beside `PeerValue`: pages are loaded into it one by one, then applied in one short transaction,
    so that nothing is locked while the network is waited for and nothing is ever half-stored."""

    def __init__(self) -> None:
        self.rows = 0
        self.contested: set[tuple[str, int, str, str]] = set()

    def __enter__(self) -> "PeerStage":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {PEER_STAGE}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE {PEER_STAGE} (kpi varchar(12), year smallint, municipality varchar(8),"
                " breakdown varchar(1), value numeric(20, 8))"
            )
        return self

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {PEER_STAGE}")

    def load(self, valid: pd.DataFrame) -> None:
        """Add a page of valid rows (columns of PEER_KEY and value; NaN = withdrawn)."""
        columns = [valid[name].tolist() for name in (*PEER_KEY, "value")]
        self.rows += len(valid)
        if not _is_postgresql():
            values = [None if v != v else v for v in columns.pop()]
            load(PEER_STAGE, [*PEER_KEY, "value"], zip(*columns, values, strict=True))
            return
        text = io.StringIO()
        text.writelines(f"{k}\t{y}\t{m}\t{b}\t{v!r}\n" for k, y, m, b, v in zip(*columns, strict=True))
        text.seek(0)
        with connection.cursor() as cursor:
            # NaN never reaches the table as a number: numeric has one, and it would pass for a value.
            cursor.copy_expert(f"COPY {PEER_STAGE} FROM STDIN (NULL 'nan')", text)

    def contest(self, keys: Iterable[tuple[str, int, str, str]]) -> None:
        """Keys (PEER_KEY) that a page gave with contradicting values: no other page may decide what is right."""
        self.contested.update(keys)

    def apply(self, delivery_id: int, *, known: bool) -> Applied:
        """Write what differs from the newest revision as a further one. Call inside a transaction.

        `known`: whether any of the staged identities has values already; where none has, nothing is compared.
        Validation saw each page alone: keys that came on two pages are settled here, and reported.
        """
        if not self.rows:
            return Applied(added=0, revised=0, unchanged=0, repeats=[])
        with transaction.atomic(), connection.cursor() as cursor:
            repeats = self._drop_contested(cursor)
            if known:
                repeats += self._settle_repeats(cursor)
                written, revised = self._revise(cursor, delivery_id)
            else:
                found, written = self._add_all(cursor, delivery_id)
                repeats, revised = repeats + found, 0
        unchanged = self.rows - sum(row.surplus for row in repeats) - written
        return Applied(added=written - revised, revised=revised, unchanged=unchanged, repeats=repeats)

    def _add_all(self, cursor: Any, delivery_id: int) -> tuple[list[Repeat], int]:
        # Looking for repeats takes as long as the insert, and there hardly ever are any: the key finds them.
        try:
            with transaction.atomic():
                return [], self._add(cursor, delivery_id)
        except IntegrityError:
            repeats = self._settle_repeats(cursor)
            return repeats, self._add(cursor, delivery_id)

    def _drop_contested(self, cursor: Any) -> list[Repeat]:
        where = " AND ".join(f"{name} = %s" for name in PEER_KEY)
        repeats = []
        for key in sorted(self.contested):
            cursor.execute(f"DELETE FROM {PEER_STAGE} WHERE {where}", key)
            if cursor.rowcount:
                repeats.append(Repeat(*key, surplus=cursor.rowcount, alike=False))
        return repeats

    def _settle_repeats(self, cursor: Any) -> list[Repeat]:
        """Take keys with contradicting values out; of keys that merely repeat themselves keep one row."""
        keys = ", ".join(PEER_KEY)
        cursor.execute(
            f"SELECT {keys}, COUNT(*), COUNT(DISTINCT value), COUNT(value), MAX(value) FROM {PEER_STAGE}"
            f" GROUP BY {keys} HAVING COUNT(*) > 1"
        )
        repeats = []
        for *key, rows, values, present, value in cursor.fetchall():
            alike = values <= 1 and present in (0, rows)
            where = " AND ".join(f"{name} = %s" for name in PEER_KEY)
            cursor.execute(f"DELETE FROM {PEER_STAGE} WHERE {where}", key)
            if alike:
                cursor.execute(f"INSERT INTO {PEER_STAGE} VALUES (%s, %s, %s, %s, %s)", [*key, value])
            repeats.append(Repeat(key[0], key[1], key[2], key[3], rows - alike, alike))
        return repeats

    def _add(self, cursor: Any, delivery_id: int) -> int:
        """First revisions, where nothing is stored for these identities: no comparison is needed."""
        cursor.execute(
            f"INSERT INTO {PeerValue._meta.db_table} (kpi, year, municipality, breakdown, revision, value, delivery_id)"
            f" SELECT kpi, year, municipality, breakdown, 0, value, %s FROM {PEER_STAGE} WHERE value IS NOT NULL",
            [delivery_id],
        )
        return int(cursor.rowcount)

    def _revise(self, cursor: Any, delivery_id: int) -> tuple[int, int]:
        """Rows written, and how many of them are revisions of a value that stood there."""
        keys, table = ", ".join(PEER_KEY), PeerValue._meta.db_table
        same = " AND ".join(f"c.{name} = s.{name}" for name in PEER_KEY)
        older = " AND ".join(f"m.{name} = s.{name}" for name in PEER_KEY)
        if _is_postgresql():
            cursor.execute(f"ANALYZE {PEER_STAGE}")
        # The newest revision is looked up by key for each staged row: grouped and joined, SQLite takes a thousand times
        # as long.
        cursor.execute(
            f"INSERT INTO {table} ({keys}, revision, value, delivery_id)"
            f" SELECT s.kpi, s.year, s.municipality, s.breakdown, COALESCE(c.revision + 1, 0), s.value, %s"
            f" FROM {PEER_STAGE} s LEFT JOIN {table} c ON {same}"
            f" AND c.revision = (SELECT MAX(m.revision) FROM {table} m WHERE {older})"
            f" WHERE (c.kpi IS NULL AND s.value IS NOT NULL)"
            f" OR (c.kpi IS NOT NULL AND {_differs('c.value', 's.value')})"
            f" RETURNING revision",
            [delivery_id],
        )
        revisions = cursor.fetchall()
        return len(revisions), sum(1 for (revision,) in revisions if revision)


def refresh_statistics() -> None:
    """Let the query planner know tables that have just been filled: until it does, pages read them from end to end."""
    if _is_postgresql():
        with connection.cursor() as cursor:
            for model in (PeerValue, SeriesPoint, Benchmark, Assessment):
                cursor.execute(f"ANALYZE {model._meta.db_table}")


def replace(
    model: type[models.Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    scope: str,
    ids: Sequence[int],
    ignoring: Sequence[str] = (),
) -> None:
    """Make `rows` the whole content of a derived table for the given `ids` of its column `scope`.

    What stands there is read once and compared in full, so that only rows that are new, gone or different are written;
    a row that differs in nothing but the columns `ignoring` is left as it stands, and running again writes nothing.
    Call inside a transaction.
    """
    columns = [field.attname for field in model._meta.concrete_fields if field.column]
    key = operator.itemgetter(*map(columns.index, _key_columns(model)))
    compared = [place for place, name in enumerate(columns) if name not in ignoring]
    fresh = {key(row): row for row in (tuple(row.get(name) for name in columns) for row in rows)}
    stored = model._default_manager.filter(**{f"{scope}__in": ids}).values_list(*columns)
    kept, outdated = set(), []
    for row in stored:
        name = key(row)
        new = fresh.get(name)
        if new is not None and all(_same(row[place], new[place]) for place in compared):
            kept.add(name)
        else:
            outdated.append(name)
    _delete(model, outdated)
    added = [tuple(map(plain, row)) for name, row in fresh.items() if name not in kept]
    if added:
        load(model._meta.db_table, columns, added)


def _key_columns(model: type[models.Model]) -> list[str]:
    key = model._meta.pk
    assert isinstance(key, models.CompositePrimaryKey), f"{model.__name__} is no derived table"
    return [str(field.attname) for field in key.fields]  # type: ignore[union-attr]  # it has plain fields only


def _same(stored: Any, new: Any) -> bool:
    if type(new) is float:
        if new != new:
            return stored is None
        if type(stored) is not Decimal:
            return stored is not None and float(stored) == new
        kept = round(new, 8)
        return float(stored) in (kept, float(f"{kept:.15g}"))  # SQLite gives fifteen digits back
    return bool(stored == new)


def _delete(model: type[models.Model], keys: Sequence[tuple[Any, ...]]) -> None:
    names = _key_columns(model)
    with connection.cursor() as cursor:
        for start in range(0, len(keys), KEYS_AT_ONCE):
            block = keys[start : start + KEYS_AT_ONCE]
            one = f"({', '.join(['%s'] * len(names))})"
            cursor.execute(
                f"DELETE FROM {model._meta.db_table} WHERE ({', '.join(names)})"
                f" IN (VALUES {', '.join([one] * len(block))})",
                [part for name in block for part in name],
            )
