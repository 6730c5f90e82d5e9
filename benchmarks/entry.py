"""Values entered: 50,000 at once against one bare executemany of the same rows, and the queries of saving one cell."""

import time
from datetime import UTC, datetime
from typing import Any

INDICATORS, PERIODS, PAST = 500, 100, 24
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REPEATS = 3


def set_up() -> Any:
    """Five hundred monthly indicators of one department with two approved years each, and a hundred open periods after
    those; gives the user who hands in."""
    from django.contrib.auth import get_user_model

    from indicators import operations
    from indicators.models import Area, Department, Indicator, InputPeriod, MeasurementState, Unit
    from indicators.permissions import RoleName

    unit = Unit.objects.create(code="entry", symbol_sv="%", symbol_en="%", name_sv="procent", share=True)
    area = Area.objects.create(code="entry", name_sv="Allt")
    department = Department.objects.create(code="entry", name_sv="Förvaltningen")
    made = Indicator.objects.bulk_create(
        Indicator(
            code=f"entry{n:03d}", name_sv=f"Andel av sort {n}", area=area, unit=unit, direction="higher", minimum=0,
            maximum=100, measures="effect", frequency="month", source="department", department=department,
        )
        for n in range(INDICATORS)
    )  # fmt: skip
    opens, closes = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    InputPeriod.objects.bulk_create(
        InputPeriod(kind="month", period=period, opens_at=opens, closes_at=closes) for period in months()[PAST:]
    )
    operations.record_measurements(
        rows=[
            operations.Measured(indicator.pk, period, value=70 + (n * place) % 9)
            for n, indicator in enumerate(made)
            for place, period in enumerate(months()[:PAST])
        ],
        source="department", state=MeasurementState.APPROVED, by=None, refresh=False,
    )  # fmt: skip
    user = get_user_model().objects.create_user("entry@example.org")
    operations.grant_role(user=user, name=RoleName.REPORTER, department_id=department.pk, by=None)
    return user


def months() -> list[str]:
    return [f"{2016 + n // 12}M{n % 12 + 1:02d}" for n in range(PAST + PERIODS)]


def commit(user: Any) -> tuple[float, float]:
    """Seconds of checking and storing 50,000 cells, the best of three, and of one bare executemany of the rows that
    this gave, each into the same table without them."""
    from django.db import connection, transaction

    from indicators.models import Indicator, Measurement
    from indicators.operations import CellKey, Entered, save_cells
    from indicators.queries import access

    ids = Indicator.objects.filter(code__startswith="entry").values_list("pk", flat=True)
    cells = [
        (CellKey(pk, period), Entered(70 + (pk + place) % 11 + 0.5), None)
        for pk in ids
        for place, period in enumerate(months()[PAST:])
    ]
    person, table = access.person(user), Measurement._meta.db_table
    ours = []
    for _ in range(REPEATS):
        with transaction.atomic():
            start = time.perf_counter()
            done = save_cells(cells=cells, all_or_nothing=True, by=user, person=person, now=NOW)
            ours.append(time.perf_counter() - start)
            assert len(done.saved) == len(cells), done.rejected[:3]
            with connection.cursor() as cursor:
                columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
                names = ", ".join(name for name in columns if name != "id")
                cursor.execute(f"SELECT {names} FROM {table} WHERE state = 'draft'")
                rows = [tuple(_plain(value) for value in row) for row in cursor.fetchall()]
            transaction.set_rollback(True)
    marks = ", ".join(["%s"] * (len(columns) - 1))
    with transaction.atomic(), connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        bare = time.perf_counter() - start
        transaction.set_rollback(True)
    return min(ours), bare


def _plain(value: Any) -> Any:
    """A list, which PostgreSQL gives for JSON, as the text that it is inserted as."""
    import json

    return json.dumps(value) if isinstance(value, list) else value


def queries_of_one_cell(user: Any) -> int:
    """SQL statements of saving one cell over the web: session, user and roles included, marks of transactions not."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from indicators.models import Indicator

    indicator = Indicator.objects.filter(code__startswith="entry").first()
    assert indicator is not None
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    key = f"{indicator.pk}-{months()[PAST]}-T"
    client.get("/entry-cell/", {"cell": key})  # the first look of a session also says that it is alive
    counts = []
    for value, seen in (("71", ""), ("72", "0")):
        with CaptureQueriesContext(connection) as captured:
            answer = client.post("/entry-cell/", {"cell": key, "value": value, "seen": seen})
        assert answer.status_code == 200, answer.status_code
        marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
        counts.append(sum(not query["sql"].startswith(marks) for query in captured.captured_queries))
    return max(counts)


def figures() -> list[tuple[str, float, str, str]]:
    """The ratio and the count, with their bounds and what they are made of."""
    user = set_up()
    stored, bare = commit(user)
    return [
        ("50,000 cells checked and saved / bare executemany", stored / bare, "≤ 5", f"{stored:.2f} s, {bare:.2f} s"),
        ("saving one cell, SQL queries", queries_of_one_cell(user), "≤ 6", ""),
    ]


if __name__ == "__main__":
    from benchmarks import database

    database.make()
    database.use()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for name, value, bound, detail in figures():
        print(f"{name}: {value:.2f} ({bound}) {detail}")
