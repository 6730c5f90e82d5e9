"""Import of every replayed value from decoded pages, against a bare COPY of the same rows into the same table."""

import io
import resource
import subprocess
import sys
import time
from datetime import date

from benchmarks import database

TODAY = date(2026, 11, 21)


def import_all() -> tuple[float, int]:
    """Seconds of the import without the making of the pages, and how many rows it stored."""
    from indicators import operations, pipeline
    from indicators.models import PeerValue

    operations.store_municipalities(places=database.municipalities(), home=database.HOME, invented=False, by=None)
    replay = database.Replay()
    start = time.perf_counter()
    pipeline.import_peer_values(replay, kpis=replay.kpis, today=TODAY)
    return time.perf_counter() - start - replay.seconds, PeerValue.objects.count()


def bare_copy() -> float:
    """Seconds of one COPY of the stored rows into the emptied table."""
    from django.db import connection

    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY indicators_peervalue TO STDOUT", text)
        cursor.execute("CREATE TABLE kept AS SELECT * FROM indicators_peervalue")
        cursor.execute("TRUNCATE indicators_peervalue")
        text.seek(0)
        start = time.perf_counter()
        cursor.copy_expert("COPY indicators_peervalue FROM STDIN", text)
        return time.perf_counter() - start


def peak_memory() -> float:
    """Megabytes at most of a process that does nothing but the import."""
    database.make()
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest"], capture_output=True, text=True, check=True, timeout=600
    )
    return float(told.stdout.split()[-1])


if __name__ == "__main__":
    from django.core.management import call_command

    database.use()
    call_command("migrate", verbosity=0)
    import_all()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
