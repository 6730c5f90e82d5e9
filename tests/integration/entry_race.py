"""Thirty departments that save their cells at the same time, in one installation of their own: a program, so that its
database is the one that its environment names. Prints what came of it as JSON."""

import json
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from typing import Any

DEPARTMENTS, CELLS = 30, 12


def main(departments: int = DEPARTMENTS, cells: int = CELLS) -> dict[str, Any]:
    """How many writes were asked for, how many rows there are, and every error."""
    from django.contrib.auth import get_user_model
    from django.db import connections

    from indicators import operations
    from indicators.models import Department, Indicator, InputPeriod, Measurement
    from indicators.operations import CellKey, Entered
    from indicators.permissions import Person, RoleName
    from tests.integration.measuring_world import definition, texts

    codes = [f"d{n}" for n in range(departments)]
    operations.store_definitions(
        units=[{"code": "percent", "symbol": "%", "name": texts("procent"), "share": True}],
        areas=[{"code": "all", "name": texts("Allt")}],
        departments=[{"code": code, "name": texts(code)} for code in codes],
        indicators=[definition(f"i{code}", department=code, frequency="month") for code in codes],
        by=None,
    )
    now = datetime(2026, 2, 1, tzinfo=UTC)
    periods = [f"2025M{month:02d}" for month in range(1, cells + 1)]
    InputPeriod.objects.bulk_create(
        InputPeriod(kind="month", period=period, opens_at=now, closes_at=datetime(2026, 3, 1, tzinfo=UTC))
        for period in periods
    )
    ids = dict(Department.objects.values_list("code", "pk"))
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    users = [get_user_model().objects.create_user(f"{code}@example.org") for code in codes]
    start, errors = threading.Barrier(departments), []

    def enter(code: str, user: Any) -> None:
        person = Person(user.pk, code, frozenset({(RoleName.REPORTER.value, ids[code])}))
        who: dict[str, Any] = {"by": user, "person": person, "now": now}
        start.wait()
        try:
            for number, period in enumerate(periods):
                key = CellKey(indicators[f"i{code}"], period)
                first = operations.save_cell(cell=key, entered=Entered(float(number)), seen=None, **who)
                again = operations.save_cell(cell=key, entered=Entered(number + 0.5), seen=first.revision, **who)
                assert again.revision == 1
            done = operations.submit(cells=[CellKey(indicators[f"i{code}"], period) for period in periods], **who)
            assert done.refused == (), done.refused
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            errors.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter, args=pair) for pair in zip(codes, users, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = Measurement.objects.values_list("indicator__code", "period", "revision", "state", "value")
    newest = [float(value) for _code, period, _revision, state, value in kept if state == "submitted"]
    return {
        "asked": departments * cells * 3,
        "kept": len(kept),
        "revisions": dict(Counter(str(revision) for _c, _p, revision, _s, _v in kept)),
        "sum": sum(newest),
        "errors": errors,
    }


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(main(*map(int, sys.argv[1:]))))
