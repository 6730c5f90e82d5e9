"""A sheet of 50,000 values: looked at, against calamine reading the file; stored, against a bare executemany."""

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

INDICATORS, PERIODS = 500, 100
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REPEATS = 5


def set_up() -> Any:
    """Five hundred monthly indicators of one department, a hundred open periods, and who hands in; gives the user."""
    from django.contrib.auth import get_user_model

    from indicators import operations
    from indicators.models import Area, Department, Indicator, InputPeriod, Unit
    from indicators.permissions import RoleName

    unit = Unit.objects.create(code="bench", symbol_sv="%", symbol_en="%", name_sv="procent", share=True)
    area = Area.objects.create(code="bench", name_sv="Allt")
    department = Department.objects.create(code="bench", name_sv="Förvaltningen")
    Indicator.objects.bulk_create(
        Indicator(
            code=f"bench{n:03d}", name_sv=f"Andel nöjda av sort {n}", area=area, unit=unit, direction="higher",
            minimum=0, maximum=100, measures="effect", frequency="month", source="department", department=department,
        )
        for n in range(INDICATORS)
    )  # fmt: skip
    InputPeriod.objects.bulk_create(
        InputPeriod(
            kind="month",
            period=period,
            opens_at=datetime(2020, 1, 1, tzinfo=UTC),
            closes_at=datetime(2030, 1, 1, tzinfo=UTC),
        )
        for period in periods()
    )
    user = get_user_model().objects.create_user("bench@example.org", "bench@example.org")
    operations.grant_role(user=user, name=RoleName.REPORTER, department_id=department.pk, by=None)
    return user


def periods() -> list[str]:
    return [f"{2018 + n // 12}M{n % 12 + 1:02d}" for n in range(PERIODS)]


def file() -> bytes:
    """The sheet as the prepared one is laid out, with every value filled in."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Nyckel", "Nyckeltal", "Namn", "Period", "Kön", "Enhet", "Värde", "Kommentar"])
        line = 0
        for n in range(INDICATORS):
            for place, period in enumerate(periods()):
                line += 1
                code = f"bench{n:03d}"
                value = (n * 7 + place * 13) % 1000 / 10
                page.write_row(
                    line, 0, [f"{code}|{period}|T", code, f"Andel nöjda av sort {n}", period, "alla", "%", value]
                )
    return out.getvalue()


def best(call: Callable[[], Any]) -> float:
    """The shortest of some runs, in seconds: what the machine does besides only makes them longer."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def read(content: bytes) -> float:
    """Seconds of calamine's own reading."""
    from python_calamine import load_workbook

    return best(lambda: load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False))


def preview(content: bytes, user: Any) -> float:
    """Seconds of everything up to the judged rows: unpacking, checking, reading, queries, checks."""
    from indicators.queries import access, sheets

    person = access.person(user)
    looked = sheets.look(content, person, NOW)
    assert looked.preview.counts["rejected"] == 0
    assert len(looked.preview.rows) == INDICATORS * PERIODS
    return best(lambda: sheets.look(content, person, NOW))


def commit(content: bytes, user: Any) -> float:
    """Seconds of the commit, the second look at the file included; what is stored stays."""
    from indicators import operations
    from indicators.queries import access

    person = access.person(user)
    kept = operations.receive_sheet(filename="bench.xlsx", content=content, by=user, person=person, now=NOW)
    start = time.perf_counter()
    done = operations.commit_sheet(
        upload_id=kept.pk, digest=kept.digest, leave_out=False, by=user, person=person, now=NOW
    )
    taken = time.perf_counter() - start
    assert done.stored == INDICATORS * PERIODS
    return taken


def bare() -> float:
    """Seconds of one executemany of the stored rows into an empty table of the same shape."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM indicators_measurement")
        rows = cursor.fetchall()
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.execute("CREATE TABLE bare (LIKE indicators_measurement INCLUDING ALL)")
        plain = [tuple("[]" if isinstance(cell, list) else cell for cell in row) for row in rows]
        start = time.perf_counter()
        with transaction.atomic():
            cursor.executemany(f"INSERT INTO bare VALUES ({marks})", plain)
        return time.perf_counter() - start


def figures() -> list[tuple[str, float, str, str]]:
    """Both ratios, with their bounds and what they are made of."""
    user, content = set_up(), file()
    reading, looking = read(content), preview(content, user)
    storing, plain = commit(content, user), bare()
    seen = f"{looking:.2f} s, {reading:.2f} s, {len(content) / 1e6:.1f} MB"
    return [
        ("preview of 50,000 cells / calamine's own reading", looking / reading, "≤ 3", seen),
        ("commit of 50,000 values / bare executemany", storing / plain, "≤ 5", f"{storing:.2f} s, {plain:.2f} s"),
    ]
