"""Setting an installation up, stage by stage: places → definitions → chain → values → groups → everything computed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from indicators import operations as indicator_operations
from indicators import pipeline as indicator_pipeline
from indicators.compute.input_window import midnight, suggested
from indicators.models import Breakdown, JobKind, JobRun, JobState, Measurement, MeasurementState, Source
from indicators.periods import PARTS, Kind, Period
from indicators.permissions import Person, RoleName
from indicators.queries import computation as indicator_queries
from indicators.queries import input_periods
from indicators.sources import kolada
from indicators.sources.definitions import Definitions, read_citizen_survey, read_definitions, read_yaml
from indicators.sources.demonstration import Demonstration
from scorecard import operations, queries
from scorecard.models import Goal, GoalJudgement
from surveys import demonstration as surveys

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
SMALLEST_OF_LARGE = 50_000  # inhabitants of the invented municipalities that make up our category
FIRST_YEAR_OF_CHAIN = 2000  # the shipped chain is judged in every year, so that a council sees how it would have stood
LEAST_TIME_TO_HAND_IN = timedelta(days=14)
# How far the invented departments have come with what is to be handed in now, in the order of departments and codes.
HOW_FAR = (MeasurementState.SUBMITTED, None, MeasurementState.RETURNED, MeasurementState.DRAFT, None)
Say = Callable[[str], None]
Progress = indicator_pipeline.Progress


def store_definitions(*, example: bool, restore: bool = False) -> Definitions:
    """The 121 reviewed definitions, and the chain of 19 goals where there is none yet; definitions that people have
    edited stay as they are, unless they are to be restored."""
    found = read_definitions(FIXTURES / "definitions")
    indicator_operations.store_definitions(
        units=found.units,
        areas=found.areas,
        departments=found.departments,
        indicators=found.indicators,
        by=None,
        restore=restore,
    )
    if not queries.has_chain():
        chain = read_yaml(FIXTURES / "definitions" / "governance.yaml")
        operations.store_chain(
            chain=chain, departments=found.departments, valid_from=FIRST_YEAR_OF_CHAIN, example=example, by=None
        )
    return found


def store_citizen_survey(found: Definitions, *, restore: bool = False) -> int:
    """The questions of the published citizen survey beside the 121, to be looked up; returns how many they are."""
    return indicator_operations.store_definitions(
        units=[],
        areas=[],
        departments=[],
        indicators=read_citizen_survey(FIXTURES / "definitions", found),
        by=None,
        restore=restore,
    )


def setup_municipality(code: str, *, today: date, say: Say, show: Progress, restore: bool = False) -> None:
    """Make this the installation of a real municipality: places, groups and values from Kolada, definitions from files.

    Definitions that are there already are left as people have edited them, unless `restore` asks for the files' own.

    Raises NotEmptyError where the installation is another's, the demonstration's among them.
    """
    refuse_another(code)
    with kolada.KoladaClient(
        settings.KOLADA_URL,
        requests_per_second=settings.KOLADA_REQUESTS_PER_SECOND,
        max_bytes=settings.KOLADA_MAX_BYTES,
    ) as client:
        places = client.municipalities()
        home = indicator_operations.store_municipalities(
            places=[(p.code, p.name, p.type) for p in places], home=code, invented=False, by=None
        )
        say(f"{home.name}: {len(places)} municipalities, regions and the nation")
        found = store_definitions(example=True, restore=restore)
        say(f"{len(found.indicators)} indicators, {Goal.objects.count()} goals")
        say(f"{store_citizen_survey(found, restore=restore)} more questions of the citizen survey to look up")
        groups = client.groups()
    kpis = sorted({*indicator_queries.imported_kpis(), *indicator_pipeline.SIMILARITY.values()})
    job = indicator_operations.request_import(by=None, kpis=kpis, here=True)
    run_here(job, today=today, show=show, refresh=False)
    indicator_pipeline.store_published_groups(groups)
    say("Peer groups stored")
    open_current_periods(today=today)
    compute_all(today=today, show=show)


def refuse_another(code: str) -> None:
    """Peers' values serve any municipality; what one has measured and judged itself is not another's."""
    home = indicator_queries.home()
    if home is None or home.invented or home.code == code:
        return
    if Measurement.objects.exists() or GoalJudgement.objects.exists():
        raise indicator_operations.NotEmptyError(
            f"This installation holds what {home.name} has measured and decided; "
            "another municipality needs a fresh database"
        )


def load_demonstration(*, today: date, say: Say, show: Progress) -> None:
    """The invented municipality, through the same stages as a real one."""
    found = store_definitions_of_demonstration(say)
    source = Demonstration(FIXTURES / "demonstration", found.indicators)
    kpis = source.kpis()
    queued = indicator_operations.request_job(
        kind=JobKind.DEMONSTRATION, key="demonstration", by=None, parameters={"kpis": kpis}, here=True
    )
    with held_here(queued) as job:
        indicator_pipeline.import_peer_values(
            source, kpis=kpis, today=today, job=job, kind="demonstration", origin="fixtures/demonstration", show=show
        )
        with transaction.atomic():
            surveys.load(FIXTURES / "surveys", now=timezone.now(), say=say)
            record_own_measurements(source)
            judge_goals()
            prioritise(today)
            indicator_operations.finish_job(job=job, message=f"{len(kpis)} series")
    indicator_pipeline.store_computed_groups(areas=[None])
    store_invented_groups(source)
    open_current_periods(today=today)
    compute_all(today=today, show=show)
    hand_in_for_invented_departments(say)


def store_definitions_of_demonstration(say: Say) -> Definitions:
    found = read_definitions(FIXTURES / "definitions")
    source = Demonstration(FIXTURES / "demonstration", found.indicators)
    home = indicator_operations.store_municipalities(
        places=[(s.code, s.name, "K") for s in source.settlements], home=source.home, invented=True, by=None
    )
    say(f"{home.name}, invented, among {len(source.settlements) - 1} invented municipalities")
    return store_definitions(example=False)


def store_invented_groups(source: Demonstration) -> None:
    """All invented municipalities, those of the home municipality's county, and the large ones, of which it is one."""
    places = source.settlements
    home = next(s for s in places if s.code == source.home)
    everyone: dict[str, Any] = {s.code: (None, None) for s in places}
    county = {s.code: everyone[s.code] for s in places if s.county == home.county}
    large = {s.code: everyone[s.code] for s in places if s.population >= SMALLEST_OF_LARGE}
    english = f"{SMALLEST_OF_LARGE:,}"
    swedish = english.replace(",", "\u202f")
    group = indicator_operations.GroupOf
    indicator_operations.store_groups(
        by=None,
        groups=[
            group("all", {"sv": "Alla kommuner", "en": "All municipalities"}, "all", everyone),
            group("county", {"sv": home.county, "en": home.county}, "county", county, order=30),
            group(
                "category",
                {"sv": f"Kommuner med minst {swedish} invånare", "en": f"Municipalities of at least {english} people"},
                "category",
                large,
                order=40,
            ),
        ],
    )


def record_own_measurements(source: Demonstration) -> None:
    """What the invented departments handed in and what surveys found that are not shown here; what a survey here has
    found already stays."""
    ids = indicator_queries.ids_by_code()
    found = set(Measurement.objects.filter(source=Source.SURVEY).values_list("indicator_id", "period", "breakdown"))
    for name in ("department", "survey"):
        delivery = indicator_operations.start_import(source=name, origin="fixtures/demonstration", job=None)
        rows = [
            indicator_operations.Measured(
                indicator_id=ids[row["code"]], **{k: v for k, v in row.items() if k != "code"}
            )
            for row in source.measurements(name)
            if (ids[row["code"]], row["period"], row.get("breakdown", "T")) not in found
        ]
        indicator_pipeline.record_approved(rows, source=name, delivery=delivery)
        indicator_operations.finish_import(delivery=delivery, unanswered=[])


def judge_goals() -> None:
    goals = {goal.code: goal for goal in Goal.objects.all()}
    for entry in read_yaml(FIXTURES / "demonstration" / "judgements.yaml"):
        operations.judge_goal(
            goal=goals[entry["goal"]],
            period=str(entry["period"]),
            status=entry["status"],
            motivation=entry["motivation"],
            actions=entry.get("actions"),
            decided_on=date.fromisoformat(str(entry["decided_on"])),
            by=None,
        )


def prioritise(today: date) -> None:
    """The prioritisation that the goals came out of, and one for next year that is being scored."""
    entries = read_yaml(FIXTURES / "demonstration" / "candidates.yaml")
    operations.store_prioritisation_demonstration(entries=entries, year=today.year, now=timezone.now())


@contextmanager
def held_here(job: JobRun) -> Iterator[JobRun]:
    """A queued job claimed by this process; a failure is recorded on its row, so that the next run goes on."""
    indicator_operations.sweep_jobs(now=timezone.now())
    claimed = indicator_operations.claim_job(job_id=job.pk)
    if claimed is None:
        raise indicator_operations.JobLostError(
            f"{job.get_kind_display()} is running in another process, or one that was killed holds it still; "
            f"wait {settings.JOB_LEASE_SECONDS} seconds and try again"
        )
    with failure_recorded(claimed):
        yield claimed


@contextmanager
def failure_recorded(job: JobRun) -> Iterator[None]:
    """Whatever ends the work on a claimed job, its row says so and it can be taken up again; meanwhile it is ours."""
    try:
        with indicator_operations.kept_alive(job):
            yield
    except BaseException as error:
        indicator_operations.fail_job(job=job, error=f"{type(error).__name__}: {error}")
        raise


def run_here(job: JobRun, *, today: date, show: Progress, refresh: bool = True) -> None:
    """Run a queued import in this process, with its progress on the terminal; goes on where an earlier one stopped."""
    with held_here(job) as claimed:
        indicator_pipeline.import_from_kolada(claimed, today=today, show=show, refresh=refresh)


def compute_all(*, today: date, show: Progress) -> None:
    """Everything computed in this process, part by part, with progress; a worker that is quicker takes its share.

    What an interrupted run left undone goes first: while it is open no other can start, and perhaps no worker is there.
    """
    indicator_operations.sweep_jobs(now=timezone.now())
    for interrupted in JobRun.objects.filter(kind=JobKind.RECOMPUTE, state=JobState.RUNNING):
        compute_parts(interrupted, today=today, show=show)
    with held_here(indicator_operations.request_recompute(by=None, here=True)) as claimed:
        indicator_pipeline.split_recompute(claimed)
    compute_parts(claimed, today=today, show=show)
    indicator_operations.refresh_statistics()


def compute_parts(whole: JobRun, *, today: date, show: Progress) -> None:
    parts = list(whole.children.order_by("id"))
    for done, part in enumerate(parts):
        show(done, len(parts), "series, benchmarks, status")
        mine = indicator_operations.claim_job(job_id=part.pk)
        if mine is not None:
            with failure_recorded(mine):
                indicator_pipeline.run(mine, today=today)
    show(len(parts), len(parts), "series, benchmarks, status")


def open_current_periods(*, today: date) -> None:
    """The last period that has ended, of each frequency that departments hand in; those opened before stay as they are.

    Where values are due already and not there, departments get two weeks from today all the same.
    """
    expected = input_periods.expected()
    newest = {v.frequency: Period.of(Kind(v.frequency), today).previous() for v in expected}
    states = input_periods.states([period.code for period in newest.values()])
    opened = {row.period for row in input_periods.opened()}
    for kind, period in newest.items():
        if period.code in opened:
            continue
        own = [value for value in expected if value.frequency == kind]
        opens_at, closes_at = suggested(period.last_day, max(value.due_days for value in own))
        if any((value.indicator_id, period.code) not in states for value in own):
            closes_at = max(closes_at, midnight(today + LEAST_TIME_TO_HAND_IN))
        indicator_operations.open_period(period=period.code, opens_at=opens_at, closes_at=closes_at, by=None)


def hand_in_for_invented_departments(say: Say) -> None:
    """Some of the values that are to be handed in now, as they stood a year before: submitted, returned and drafts."""
    program = Person(roles=frozenset({(RoleName.ADMINISTRATOR.value, None)}))
    now = timezone.now()
    wanted = _last_year_where_missing()
    entered = indicator_operations.save_cells(
        cells=[(cell, indicator_operations.Entered(value, comment="Enligt verksamhetssystemet"), None)
               for cell, value, _state in wanted],
        all_or_nothing=False, by=None, person=program, now=now,
    )  # fmt: skip
    stored = {saved.cell for saved in entered.saved}
    handed_in = [cell for cell, _value, state in wanted if state is not MeasurementState.DRAFT and cell in stored]
    returned = [cell for cell, _value, state in wanted if state is MeasurementState.RETURNED and cell in stored]
    indicator_operations.submit(cells=handed_in, by=None, person=program, now=now)
    indicator_operations.send_back(
        cells=returned, note="Är hela perioden med? Kontrollera antalet.", by=None, person=program, now=now
    )
    say(f"{len(stored)} values handed in or begun for the periods that are open")


def _last_year_where_missing() -> list[tuple[indicator_operations.CellKey, float, MeasurementState]]:
    """Of the open and empty cells those that are to be filled: the value a year before, and how far it comes."""
    opened = {row.kind: Period.parse(row.period) for row in reversed(input_periods.opened())}
    states = input_periods.states([period.code for period in opened.values()])
    values = {
        (indicator_id, period): value
        for indicator_id, period, value in Measurement.objects.filter(
            source=Source.DEPARTMENT, breakdown=Breakdown.ALL, state=MeasurementState.APPROVED, value__isnull=False
        )
        .order_by("revision")
        .values_list("indicator_id", "period", "value")
    }
    how_far = cycle(HOW_FAR)
    found = []
    for value in input_periods.expected():
        period = opened[value.frequency]
        if (value.indicator_id, period.code) in states:
            continue
        state = next(how_far)
        before = values.get((value.indicator_id, period.shift(-PARTS[period.kind]).code))
        if state is not None and before is not None:
            found.append((indicator_operations.CellKey(value.indicator_id, period.code), float(before), state))
    return found
