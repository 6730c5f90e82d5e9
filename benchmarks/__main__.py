"""Every figure of the benchmarks: python -m benchmarks."""

import os

from benchmarks import (
    approval,
    compute,
    database,
    entry,
    ingest,
    pages,
    sheets,
    survey_answering,
    survey_estimates,
    survey_import,
)


def show(name: str, value: float, bound: str, detail: str = "") -> None:
    print(f"{name:<62}{value:>9.2f}   {bound:<14}{detail}", flush=True)


def main() -> None:
    os.environ.setdefault("DEBUG", "1")  # static files are read where they lie; nothing else depends on it
    print(f"{'figure':<62}{'measured':>9}   {'bound':<14}")
    show("import, peak memory, MB", ingest.peak_memory(), "< 400")
    database.make()
    database.use()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False
    settings.ROOT_URLCONF = "benchmarks.bare"
    from indicators import bulk

    call_command("migrate", verbosity=0)
    seconds, rows = ingest.import_all()
    bare = ingest.bare_copy()
    show("import / bare COPY", seconds / bare, "≤ 4, aim 2", f"{rows} rows, {seconds:.2f} s, {bare:.2f} s")
    compute.set_up()
    compute.whole()
    bulk.refresh_statistics()
    reading, all_of_it, single = compute.read(), compute.whole(), compute.one()
    show(
        "everything computed and stored / one reading",
        all_of_it / reading,
        "≤ 3",
        f"{all_of_it:.2f} s, {reading:.2f} s",
    )
    show("everything / one indicator's refresh", all_of_it / single, "≥ 50", f"{1000 * single:.1f} ms")
    bulk.refresh_statistics()
    plain = pages.median(pages.page("/bare/"))
    for name, path in PAGES.items():
        taken = pages.median(pages.page(path))
        show(f"{name} / bare view of 121 rows", taken / plain, "≤ 3", f"{1000 * taken:.1f} ms, {1000 * plain:.1f} ms")
        show(f"{name}, SQL queries", pages.queries(path), "≤ 8")
    show("indicator page, SQL queries", pages.queries("/indicator/fsk01/?period=2022"), "≤ 12")
    show("overview over the wire, kB", pages.weight("/?period=2022") / 1000, "≤ 80")
    for figure in sheets.figures():
        show(*figure)
    for figure in entry.figures():
        show(*figure)
    for figure in approval.figures():
        show(*figure)
    for figure in survey_answering.figures():
        show(*figure)
    for figure in survey_estimates.figures():
        show(*figure)
    for figure in survey_import.figures():
        show(*figure)


PAGES = {"overview": "/?period=2022", "goal page": "/goal/knowledge/?period=2022"}

if __name__ == "__main__":
    main()
