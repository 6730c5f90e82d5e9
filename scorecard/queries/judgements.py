"""Reads of goal judgements as those who record them see them."""

import json
from typing import Any

from scorecard.queries.sql import PERSON, as_moment, read, text
from scorecard.rows import RecordedRow, RevisionRow


def recorded(period: str) -> dict[int, RecordedRow]:
    """Who recorded the newest judgement of each goal for a period, and when (1 query)."""
    rows = read(
        f"""
        SELECT judgement.goal_id, judgement.revision, {PERSON}, judgement.entered_at
        FROM scorecard_goaljudgement judgement LEFT JOIN auth_user person ON person.id = judgement.entered_by_id
        WHERE judgement.period = %s ORDER BY judgement.revision""",  # noqa: S608 - our own column names
        [period],
    )
    return {row[0]: RecordedRow(row[1], row[2] or "", as_moment(row[3])) for row in rows}


def revisions(goal_id: int, period: str, language: str) -> list[RevisionRow]:
    """Every revision of a goal's judgement for a period, newest first (1 query)."""
    rows = read(
        f"""
        SELECT judgement.revision, judgement.status, {text("judgement.motivation", language)},
               {text("judgement.actions", language)}, judgement.decided_on, {PERSON}, judgement.entered_at,
               CAST(judgement.proposal AS text),
               judgement.motivation_sv, judgement.motivation_en, judgement.actions_sv, judgement.actions_en
        FROM scorecard_goaljudgement judgement LEFT JOIN auth_user person ON person.id = judgement.entered_by_id
        WHERE judgement.goal_id = %s AND judgement.period = %s
        ORDER BY judgement.revision DESC""",  # noqa: S608 - our own column names
        [goal_id, period],
    )
    return [RevisionRow(*(*row[:5], row[5] or "", as_moment(row[6]), _kept(row[7]), *_texts(row[8:]))) for row in rows]


def _kept(stored: str | None) -> dict[str, Any]:
    return dict(json.loads(stored)) if stored else {}


def _texts(columns: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(column or "" for column in columns)
