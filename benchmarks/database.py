"""A PostgreSQL database of its own for the benchmarks, filled from the replay of Kolada's values."""

import csv
import gzip
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg2

NAME = "scorecard_bench"
REPLAY = Path(os.environ.get("KOLADA_REPLAY", Path(__file__).resolve().parents[2] / "shared" / "kolada"))
SERVER = os.environ.get("BENCH_SERVER", "postgres://postgres@127.0.0.1:5432")
HOME = "1384"


def make() -> None:
    """Drop and create the database, and point Django at it. Call before Django is set up."""
    connection = psycopg2.connect(f"{SERVER}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    connection.close()


def use() -> None:
    """Set Django up on the database."""
    os.environ["DATABASE_URL"] = f"{SERVER}/{NAME}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "scorecard.settings"
    import django

    django.setup()


def municipalities() -> list[tuple[str, str, str]]:
    with gzip.open(REPLAY / "municipality.json.gz", "rt", encoding="utf-8") as file:
        values = json.load(file)["values"]
    return [(v["id"], v["title"], "N" if v["id"] == "0000" else v["type"]) for v in values]


def groups() -> list[tuple[str, str, list[str]]]:
    with gzip.open(REPLAY / "municipality_groups.json.gz", "rt", encoding="utf-8") as file:
        values = json.load(file)["values"]
    return [(g["id"], g["title"], [m["member_id"] for m in g["members"]]) for g in values]


class Replay:
    """The replayed values as decoded pages of API v3, made from the file as they are asked for.

    `seconds` counts the time that making the pages took, which is no part of an import.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        with gzip.open(REPLAY / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
            self.count_by_kpi = Counter(row[0] for row in csv.reader(file))
        del self.count_by_kpi["kpi"]

    @property
    def kpis(self) -> list[str]:
        return sorted(self.count_by_kpi)

    @property
    def count(self) -> int:
        return self.count_by_kpi.total()

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Any]:
        from indicators.sources.kolada import Page

        start = time.perf_counter()
        for number, cells in enumerate(self._pages(set(kpis)), start=1):
            self.seconds += time.perf_counter() - start
            yield Page(number, "replay", cells)
            start = time.perf_counter()
        self.seconds += time.perf_counter() - start

    def _pages(self, kpis: set[str]) -> Iterator[list[dict[str, Any]]]:
        cells: list[dict[str, Any]] = []
        with gzip.open(REPLAY / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            next(reader)
            wanted = (row for row in reader if row[0] in kpis)
            for (kpi, place, year), rows in groupby(wanted, key=lambda row: tuple(row[:3])):
                values = [
                    {"gender": r[3], "count": 1, "status": "", "value": float(r[4]), "isdeleted": False} for r in rows
                ]
                cells.append({"kpi": kpi, "municipality": place, "period": int(year), "values": values})
                if len(cells) == 5000:
                    yield cells
                    cells = []
        if cells:
            yield cells
