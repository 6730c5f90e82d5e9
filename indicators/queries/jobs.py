"""What the jobs page shows: runs, imports, what is late and what was revised; a fixed number of queries."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from indicators.models import Import, Indicator, JobKind, JobRun, JobState, Municipality, SeriesPoint
from indicators.read_models.jobs import Delivery, Followed, Job, Rejection, Revision, Runs

LATEST_RUNS, LATEST_DELIVERIES, LATEST_REVISIONS = 15, 8, 60
OPEN = (JobState.QUEUED, JobState.RUNNING)
CODE = re.compile(r"^(\w+) ")


def _jobs(rows: QuerySet[JobRun]) -> list[Job]:
    fields = rows.select_related("requested_by").annotate(
        parts=Count("children"),
        failed_parts=Count("children", filter=Q(children__state=JobState.FAILED)),
    )
    return [
        Job(
            id=job.pk,
            kind=job.kind,
            state=job.state,
            asked_by=job.requested_by.get_username() if job.requested_by else "",
            asked_at=job.requested_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            attempts=job.attempts,
            done=job.done,
            total=job.total,
            indicators=tuple(job.parameters.get("indicators") or ()),
            revise=bool(job.parameters.get("revise")),
            now_at=job.message if job.state == JobState.RUNNING else "",
            parts=job.parts,
            failed_parts=job.failed_parts,
            error=job.error,
        )
        for job in fields
    ]


def runs() -> Runs:
    """Whole jobs, newest first; refreshes after a change apart, since there may be one for every indicator (3 queries).

    A refresh that failed before everything was computed anew needs nobody's attention any more.
    """
    whole = JobRun.objects.filter(parent=None)
    refreshes = whole.filter(kind=JobKind.REFRESH)
    computed = JobRun.objects.filter(kind=JobKind.RECOMPUTE, state=JobState.SUCCEEDED).order_by("-id").values("id")[:1]
    failed = refreshes.filter(state=JobState.FAILED, id__gt=Coalesce(Subquery(computed), 0))
    counts = refreshes.aggregate(
        done=Count("id", filter=Q(state=JobState.SUCCEEDED)),
        last=Max("finished_at", filter=Q(state=JobState.SUCCEEDED)),
        going=Count("id", filter=Q(state__in=OPEN)),
        failed=Count("id", filter=Q(pk__in=failed.values("pk"))),
    )
    return Runs(
        latest=_jobs(whole.exclude(kind=JobKind.REFRESH).order_by("-id")[:LATEST_RUNS]),
        failed_refreshes=_jobs(failed.order_by("-id")[:LATEST_RUNS]),
        failed=counts["failed"],
        going=counts["going"],
        done=counts["done"],
        last=counts["last"],
    )


def job(job_id: int) -> Job | None:
    """One job (1 query)."""
    return next(iter(_jobs(JobRun.objects.filter(pk=job_id))), None)


def parts(job_id: int) -> list[Job]:
    """The parts that a job was split into (1 query)."""
    return _jobs(JobRun.objects.filter(parent=job_id).order_by("id"))


def indicator_names(ids: Iterable[int]) -> list[tuple[str, str]]:
    """(code, name) in order of the codes (1 query)."""
    rows = Indicator.objects.filter(pk__in=list(ids)).order_by("code").only("code", "name_sv", "name_en")
    return [(i.code, i.name) for i in rows]


def deliveries(job_id: int | None = None) -> list[Delivery]:
    """The last deliveries with what was rejected; those of one job with `job_id` (3 queries)."""
    rows = Import.objects.order_by("-id").prefetch_related("rejections")
    found = list(rows.filter(job_id=job_id) if job_id is not None else rows[:LATEST_DELIVERIES])
    examples = [str(e) for d in found for r in d.rejections.all() for e in r.examples]
    names = _municipalities(examples)
    return [
        Delivery(
            id=d.pk,
            source=d.source,
            origin=d.origin,
            job_id=d.job_id,
            revise=d.revise,
            started_at=d.started_at,
            fetched_at=d.fetched_at,
            received=d.received,
            added=d.added,
            revised=d.revised,
            unchanged=d.unchanged,
            rejected=d.rejected,
            unanswered=tuple(str(kpi) for kpi in d.unanswered),
            rejections=tuple(
                Rejection(r.kpi, r.fault, r.count, tuple(str(e) for e in r.examples))
                for r in sorted(d.rejections.all(), key=lambda r: (-r.count, r.kpi, r.fault))
            ),
            municipalities=names,
        )
        for d in found
    ]


def _municipalities(examples: Sequence[str]) -> dict[str, str]:
    """Names of the municipalities that examples of rejected rows begin with (1 query)."""
    codes = {match[1] for example in examples if (match := CODE.match(example))}
    return dict(Municipality.objects.filter(code__in=codes).values_list("code", "name"))


def followed() -> list[Followed]:
    """Every indicator with its newest period that has an answer: a value, or a reason why there is none (2 queries)."""
    answered = SeriesPoint.objects.filter(breakdown="T").filter(
        Q(value__isnull=False) | ~Q(absence__in=["", "missing", "not_due"])
    )
    # Within one frequency the codes of periods sort in time.
    newest: dict[int, str] = dict(answered.values_list("indicator").annotate(Max("period")).order_by())
    rows = (
        Indicator.objects.filter(retired_on=None)
        .select_related("department")
        .only(
            "code", "name_sv", "name_en", "source", "frequency", "due_days", "owner_sv", "owner_en", "kolada_id",
            "respondents_kolada_id", "margin_kolada_id", "steering", "department__name_sv", "department__name_en",
        )
        .order_by("code")
    )  # fmt: skip
    return [
        Followed(
            code=i.code,
            name=i.name,
            source=i.source,
            kpi=i.kolada_id,
            respondents_kpi=i.respondents_kolada_id,
            margin_kpi=i.margin_kolada_id,
            frequency=i.frequency,
            due_days=i.due_days,
            department=i.department.name,
            owner=i.owner,
            newest=newest.get(i.pk, ""),
            steering=i.steering,
        )
        for i in rows
    ]


def revisions() -> tuple[list[Revision], int]:
    """Our own values that were published anew with another number, newest period first, and how many (3 queries)."""
    changed = SeriesPoint.objects.filter(revision__gt=0, earlier_value__isnull=False)
    rows = list(
        changed.select_related("indicator__unit")
        .only(
            "indicator__code", "indicator__name_sv", "indicator__name_en", "indicator__decimals",
            "indicator__unit__symbol_sv", "indicator__unit__symbol_en", "indicator__unit__share",
            "period", "breakdown", "value", "earlier_value", "delivery_id", "revision",
        )
        .order_by("-delivery_id", "-period", "indicator__code", "breakdown")[:LATEST_REVISIONS]
    )  # fmt: skip
    ids = {point.delivery_id for point in rows if point.delivery_id is not None}
    fetched = dict(Import.objects.filter(pk__in=ids).values_list("pk", "fetched_at"))
    found = [
        Revision(
            code=p.indicator.code,
            name=p.indicator.name,
            period=p.period,
            breakdown=p.breakdown,
            earlier=None if p.earlier_value is None else float(p.earlier_value),
            value=None if p.value is None else float(p.value),
            decimals=p.indicator.decimals,
            symbol=p.indicator.unit.symbol,
            share=p.indicator.unit.share,
            fetched_at=fetched.get(p.delivery_id) if p.delivery_id is not None else None,
        )
        for p in rows
    ]
    return found, changed.count()


def is_demonstration() -> bool:
    """Whether our municipality is an invented one, which no source outside has values for (1 query)."""
    return Municipality.objects.filter(is_home=True, invented=True).exists()


def page(today: date) -> dict[str, Any]:
    """Everything the jobs page shows beside the runs."""
    changed, all_changed = revisions()
    return {
        "deliveries": deliveries(),
        "followed": followed(),
        "revisions": changed,
        "revisions_in_all": all_changed,
        "today": today,
    }
