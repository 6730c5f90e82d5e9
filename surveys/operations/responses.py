"""Many responses in at once, mixed, with identities that say nothing: by COPY on PostgreSQL, executemany on SQLite."""

import io
import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, transaction
from numpy.typing import NDArray

from indicators.operations.actor import User
from surveys.models import Answer, AnswerImport, Response, Wave

ROWS_AT_ONCE = 100_000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


def store_responses(
    *, wave: Wave, responses: pd.DataFrame, answers: pd.DataFrame, delivery: AnswerImport | None = None, by: User
) -> int:  # fmt: skip
    """Add responses with their answers, in an order that is not the one they came in; gives how many responses.

    `responses`: a row each, numbered 0 … n − 1 by the index, with stratum, cluster, mode, day and weight (NaN or None:
    none). `answers`: respondent (such a number), question_id, part, value (NaN: none) and absence ("" beside a value).
    All or nothing. What the database refuses (a weight of 0, an answer given twice) raises IntegrityError.
    """
    if responses.empty:
        return 0
    ids = _random_ids(len(responses))
    order = np.argsort(ids)  # identities are random, so their order is a shuffle
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(len(ids))
    respondents = answers["respondent"].to_numpy(dtype=np.int64)
    by_response = np.argsort(rank[respondents], kind="stable")
    with transaction.atomic():
        for block in _blocks(order):
            _load_responses(wave.pk, delivery.pk if delivery else None, ids[block], responses.iloc[block])
        for block in _blocks(by_response):
            _load_answers(ids[respondents[block]], answers.iloc[block])
    return len(responses)


def _random_ids(count: int) -> NDArray[np.int64]:
    """Identities from the system's source of randomness, no two alike, from 1 to 2⁶²."""
    while True:
        ids = (np.frombuffer(secrets.token_bytes(8 * count), dtype=np.uint64) >> np.uint64(2)).astype(np.int64) + 1
        if len(np.unique(ids)) == count:
            return ids


def _blocks(order: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [order[start : start + ROWS_AT_ONCE] for start in range(0, len(order), ROWS_AT_ONCE)]


def _load_responses(wave_id: int, delivery_id: int | None, ids: NDArray[np.int64], rows: pd.DataFrame) -> None:
    columns = ("id", "wave_id", "delivery_id", "stratum", "cluster", "mode", "day", "weight")
    told = [[None if pd.isna(cell) else cell for cell in rows[name].tolist()] for name in columns[3:]]
    lines = list(zip(ids.tolist(), [wave_id] * len(ids), [delivery_id] * len(ids), *told, strict=True))
    if connection.vendor == "postgresql":
        _copy(Response._meta.db_table, columns, "".join(["\t".join(map(_copy_text, line)) + "\n" for line in lines]))
    else:
        _insert(Response._meta.db_table, columns, lines)


def _copy_text(cell: Any) -> str:
    if cell is None:
        return NULL
    return cell.translate(ESCAPES) if isinstance(cell, str) else str(cell)


def _load_answers(ids: NDArray[np.int64], rows: pd.DataFrame) -> None:
    columns = ("response_id", "question_id", "part", "value", "absence")
    told = [rows[name].tolist() for name in columns[1:]]
    lines = zip(ids.tolist(), *told, strict=True)
    if connection.vendor == "postgresql":
        # Nothing here needs escaping: numbers, and words of ours.
        text = "".join([f"{i}\t{q}\t{part}\t{value}\t{absence}\n" for i, q, part, value, absence in lines])
        _copy(Answer._meta.db_table, columns, text, null="nan")
    else:
        plain = [(i, q, part, None if value != value else value, absence) for i, q, part, value, absence in lines]
        _insert(Answer._meta.db_table, columns, plain)


def _copy(table: str, columns: Sequence[str], text: str, null: str = NULL) -> None:
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (NULL '{null}')", io.StringIO(text))


def _insert(table: str, columns: Sequence[str], lines: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", lines)
