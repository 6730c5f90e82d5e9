"""Derived rows out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from indicators import bulk
from indicators.models import Assessment, Benchmark, SeriesPoint


def store_derived(
    *,
    indicator_ids: Sequence[int],
    points: Sequence[Mapping[str, Any]],
    benchmarks: Sequence[Mapping[str, Any]],
    assessments: Sequence[Mapping[str, Any]],
) -> None:
    """Make these the derived rows of the indicators: changed rows change, equal ones stay, the rest goes."""
    if not indicator_ids:
        return
    with transaction.atomic():
        bulk.replace(SeriesPoint, points, scope="indicator_id", ids=indicator_ids)
        bulk.replace(Benchmark, benchmarks, scope="indicator_id", ids=indicator_ids)
        bulk.replace(Assessment, assessments, scope="indicator_id", ids=indicator_ids, ignoring=["computed_at"])
