"""Series, benchmarks and status from database to stored rows, against reading the same rows into pandas."""

import time
from datetime import date

TODAY = date(2026, 11, 21)
READ = """
SELECT kpi, year, municipality, value::float8 FROM indicators_peervalue
WHERE breakdown = 'T' AND kpi IN (SELECT kolada_id FROM indicators_indicator)
AND municipality IN (SELECT code FROM indicators_municipality WHERE type = 'K')
"""


def set_up() -> None:
    """Definitions and peer groups beside the imported values."""
    from benchmarks import database
    from indicators import pipeline as indicator_pipeline
    from indicators.sources.kolada import Group
    from scorecard import pipeline

    pipeline.store_definitions(example=True)
    indicator_pipeline.store_published_groups([Group(c, t, tuple(m)) for c, t, m in database.groups()])


def read() -> float:
    """Seconds of one SQL query into a data frame."""
    import pandas as pd
    from django.db import connection

    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(READ)
        frame = pd.DataFrame.from_records(cursor.fetchall(), columns=["kpi", "year", "municipality", "value"])
    assert len(frame) > 200_000, "the replayed values are not there"
    return time.perf_counter() - start


def whole() -> float:
    """Seconds of everything, from no derived row to all of them."""
    from indicators import pipeline
    from indicators.models import Assessment, Benchmark, SeriesPoint
    from indicators.queries.computation import indicator_ids

    for model in (Assessment, Benchmark, SeriesPoint):
        model.objects.all().delete()
    ids = indicator_ids()
    start = time.perf_counter()
    pipeline.refresh(ids, today=TODAY)
    return time.perf_counter() - start


def one() -> float:
    """Seconds of one indicator's refresh after its newest value was revised: the median over a dozen indicators."""
    from indicators import pipeline
    from indicators.models import Indicator, PeerValue

    times = []
    for indicator in Indicator.objects.exclude(kolada_id="").order_by("code")[:48:4]:
        newest = PeerValue.objects.filter(kpi=indicator.kolada_id, municipality="1384", breakdown="T").latest("year")
        PeerValue.objects.create(
            kpi=newest.kpi, year=newest.year, municipality="1384", breakdown="T", revision=newest.revision + 1,
            value=(newest.value or 0) + 1, delivery_id=newest.delivery_id,
        )  # fmt: skip
        start = time.perf_counter()
        pipeline.refresh([indicator.pk], today=TODAY)
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]
