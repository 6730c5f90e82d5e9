"""The page of jobs and data: runs, deliveries, coverage, what is late and what was revised, in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators.compute import series
from indicators.compute.frames import last_due
from indicators.compute.validate import Fault
from indicators.periods import Kind, Period
from indicators.sources.kolada import Misshape
from indicators.templatetags.figures import difference, language, number, with_unit

STATE = {
    "queued": pgettext_lazy("job", "Waiting"),
    "running": pgettext_lazy("job", "Running"),
    "succeeded": pgettext_lazy("job", "Done"),
    "failed": pgettext_lazy("job", "Failed"),
}
SOURCE = {
    "kolada": gettext_lazy("Kolada"),
    "department": gettext_lazy("The departments"),
    "survey": gettext_lazy("Surveys"),
    "computed": gettext_lazy("Computed from others"),
    "demonstration": gettext_lazy("The demonstration"),
}
TITLE = {
    "recompute": gettext_lazy("Compute everything"),
    "demonstration": gettext_lazy("Load the demonstration"),
    "survey_answers": gettext_lazy("Read in answers to a survey"),
    "survey_results": gettext_lazy("Make the results of a survey"),
    "survey_letters": gettext_lazy("Send the invitations of a survey"),
    "survey_themes": gettext_lazy("Find themes in free texts"),
}
BREAKDOWN = {"T": "", "K": pgettext_lazy("values for", "women"), "M": pgettext_lazy("values for", "men")}
FAULT = {
    Fault.UNKNOWN_KPI: gettext_lazy("nobody asked for this identity"),
    Fault.UNKNOWN_MUNICIPALITY: gettext_lazy("there is no municipality with this code"),
    Fault.NO_YEAR: gettext_lazy("the period is no year"),
    Fault.FUTURE_YEAR: gettext_lazy("the year has not come yet"),
    Fault.UNKNOWN_BREAKDOWN: gettext_lazy("neither all, women nor men"),
    Fault.NOT_A_NUMBER: gettext_lazy("the value is not a number"),
    Fault.NOT_FINITE: gettext_lazy("the value is not a finite number"),
    Fault.TOO_LARGE: gettext_lazy("the value is too large to be true"),
    Fault.OUT_OF_RANGE: gettext_lazy("the value lies outside what is possible for the indicator"),
    Fault.DUPLICATE: gettext_lazy("the same value came more than once; the first was kept"),
    Fault.CONFLICT: gettext_lazy("different values came for the same place and year; none was taken"),
    Misshape.CELL: gettext_lazy("a row is not built as rows should be"),
    Misshape.KPI: gettext_lazy("the indicator has no identity"),
    Misshape.MUNICIPALITY: gettext_lazy("the municipality has no code"),
    Misshape.PERIOD: gettext_lazy("the period cannot be read as a year"),
    Misshape.VALUES: gettext_lazy("a row has no values"),
    Misshape.ENTRY: gettext_lazy("a value is not built as values should be"),
    Misshape.GENDER: gettext_lazy("it is not told whether the value is for all, women or men"),
    Misshape.ABSENT: gettext_lazy("the field of the value is not there"),
    Misshape.NUMBER: gettext_lazy("the value cannot be read as a number"),
    Misshape.DIGITS: gettext_lazy("the number has too many digits"),
    Misshape.DELETED: gettext_lazy("it cannot be told whether the value was withdrawn"),
}
_EXAMPLE = re.compile(r"(?P<code>\w+) (?P<period>\S+) (?P<gender>[TKM])(?:: (?P<value>.+))?")


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Job:
    """A job's row; `parts` and `failed_parts` count what it was split into, `now_at` is what a running one works on."""

    id: int
    kind: str
    state: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    done: int
    total: int
    indicators: tuple[int, ...]
    revise: bool
    now_at: str
    parts: int
    failed_parts: int
    error: str


@dataclass(frozen=True)
class Runs:
    """Whole jobs, and refreshes after a change: the last that failed, and how many failed, are going and are done."""

    latest: Sequence[Job]
    failed_refreshes: Sequence[Job]
    failed: int
    going: int
    done: int
    last: datetime | None


@dataclass(frozen=True)
class Rejection:
    kpi: str
    fault: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Delivery:
    """One delivery of raw values; `municipalities` names the codes that its examples of rejected rows begin with."""

    id: int
    source: str
    origin: str
    job_id: int | None
    revise: bool
    started_at: datetime
    fetched_at: datetime | None
    received: int
    added: int
    revised: int
    unchanged: int
    rejected: int
    unanswered: tuple[str, ...]
    rejections: tuple[Rejection, ...]
    municipalities: Mapping[str, str]


@dataclass(frozen=True)
class Followed:
    """An indicator and the newest period that it has an answer for ("" where it never had one). What the municipality
    does not steer by lends its name to what came in, and is counted nowhere."""

    code: str
    name: str
    source: str
    kpi: str
    respondents_kpi: str
    margin_kpi: str
    frequency: str
    due_days: int
    department: str
    owner: str
    newest: str
    steering: bool


@dataclass(frozen=True)
class Revision:
    code: str
    name: str
    period: str
    breakdown: str
    earlier: float | None
    value: float | None
    decimals: int
    symbol: str
    share: bool
    fetched_at: datetime | None


# ── runs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def moment(when: datetime | None) -> str:
    """“2026-11-21 14:05” in local time, in both languages."""
    return "" if when is None else f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def duration(start: datetime | None, end: datetime | None) -> str:
    """How long something took, in the two largest units that matter."""
    if start is None or end is None:
        return ""
    seconds = max(0, round((end - start).total_seconds()))
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}


@dataclass(frozen=True)
class JobRow:
    id: int
    title: str
    state: str
    state_word: str
    open: bool
    done: int
    total: int
    progress: str
    now_at: str
    started: str
    finished: str
    duration: str
    asked: str
    asked_by: str
    message: str
    error: str
    may_retry: bool


@dataclass(frozen=True)
class RunsPage:
    rows: list[JobRow]
    failed_refreshes: list[JobRow]
    failed_text: str
    running: bool
    summary: str
    refreshes: str


def runs_page(runs: Runs) -> RunsPage:
    """The latest runs; `running` says whether it pays to look again soon."""
    rows = [job_row(job) for job in runs.latest]
    failed_text = ""
    if runs.failed:
        failed_text = ngettext(
            "%(n)s refresh after a change has failed", "%(n)s refreshes after changes have failed", runs.failed
        ) % {"n": runs.failed}
    going = sum(1 for row in rows if row.open) + runs.going
    newest_failed = bool(rows) and rows[0].state == "failed"
    return RunsPage(
        rows=rows,
        failed_refreshes=[job_row(job) for job in runs.failed_refreshes],
        failed_text=failed_text,
        running=going > 0,
        summary=_runs_summary(going, newest_failed or runs.failed > 0),
        refreshes=_refreshes(runs),
    )


def _runs_summary(going: int, failed: bool) -> str:
    if going:
        return ngettext("%(n)s job is waiting or running.", "%(n)s jobs are waiting or running.", going) % {"n": going}
    if failed:
        return _("Nothing is running. Something failed and can be tried again below.")
    return _("Nothing is running, and the last job went well.")


def _refreshes(runs: Runs) -> str:
    if not runs.done or runs.last is None:
        return ""
    return ngettext(
        "Besides, %(n)s refresh after a change is done, the last at %(when)s.",
        "Besides, %(n)s refreshes after changes are done, the last at %(when)s.",
        runs.done,
    ) % {"n": number(runs.done), "when": moment(runs.last)}


def job_row(job: Job) -> JobRow:
    going = job.state in ("queued", "running")
    return JobRow(
        id=job.id,
        title=_title(job),
        state=job.state,
        state_word=str(STATE[job.state]),
        open=going,
        done=job.done,
        total=job.total,
        progress=_("%(done)s of %(total)s") % {"done": job.done, "total": job.total} if job.total else "",
        now_at=job.now_at,
        started=moment(job.started_at),
        finished=moment(job.finished_at),
        duration=duration(job.started_at, job.finished_at),
        asked=moment(job.asked_at),
        asked_by=job.asked_by or pgettext("who asked for a job", "the timetable or a command"),
        message=_message(job),
        error=job.error,
        may_retry=job.state == "failed",
    )


def _title(job: Job) -> str:
    if job.kind == "kolada_import":
        return _("Fetch from Kolada, all years again") if job.revise else _("Fetch from Kolada")
    if job.kind == "refresh":
        count = len(job.indicators)
        return ngettext("Compute %(n)s indicator", "Compute %(n)s indicators", count) % {"n": count}
    return str(TITLE[job.kind])


def _message(job: Job) -> str:
    if job.parts and job.failed_parts:
        return ngettext("%(failed)s of %(parts)s part failed.", "%(failed)s of %(parts)s parts failed.", job.parts) % {
            "failed": job.failed_parts,
            "parts": job.parts,
        }
    if job.attempts > 1:
        return ngettext("%(n)s attempt", "%(n)s attempts", job.attempts) % {"n": job.attempts}
    return ""


# ── deliveries ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RejectionRow:
    kpi: str
    name: str
    reason: str
    count: str
    examples: list[str]


@dataclass(frozen=True)
class DeliveryRow:
    id: int
    job_id: int | None
    title: str
    when: str
    facts: list[dict[str, str]]
    rejections: list[RejectionRow]
    unanswered: list[dict[str, str]]


def delivery_rows(deliveries: Sequence[Delivery], followed: Sequence[Followed]) -> list[DeliveryRow]:
    """Deliveries with their counts, and why which rows were turned down."""
    names = {f.kpi: f.name for f in followed if f.kpi}
    answers = {f.respondents_kpi: f.name for f in followed if f.respondents_kpi}
    names |= {kpi: _("%(name)s: number of answers") % {"name": name} for kpi, name in answers.items()}
    margins = {f.margin_kpi: f.name for f in followed if f.margin_kpi}
    names |= {kpi: _("%(name)s: margin of error") % {"name": name} for kpi, name in margins.items()}
    return [_delivery_row(delivery, names) for delivery in deliveries]


def _delivery_row(delivery: Delivery, names: Mapping[str, str]) -> DeliveryRow:
    source = str(SOURCE.get(delivery.source, delivery.source))
    counts = [
        (_("Received"), delivery.received),
        (pgettext("values", "New"), delivery.added),
        (pgettext("values", "Revised"), delivery.revised),
        (pgettext("values", "Unchanged"), delivery.unchanged),
        (pgettext("values", "Rejected"), delivery.rejected),
    ]
    # What departments and surveys hand in is recorded row by row and not counted on the delivery.
    counted = delivery.source in ("kolada", "demonstration")
    return DeliveryRow(
        id=delivery.id,
        job_id=delivery.job_id,
        title=_("%(source)s, all years again") % {"source": source} if delivery.revise else source,
        when=moment(delivery.fetched_at) or _("begun %(when)s, not finished") % {"when": moment(delivery.started_at)},
        facts=[{"name": name, "text": number(count)} for name, count in counts] if counted else [],
        rejections=[_rejection_row(r, delivery.municipalities, names) for r in delivery.rejections],
        unanswered=[{"kpi": kpi, "name": names.get(kpi, "")} for kpi in delivery.unanswered],
    )


def _rejection_row(rejection: Rejection, municipalities: Mapping[str, str], names: Mapping[str, str]) -> RejectionRow:
    return RejectionRow(
        kpi=rejection.kpi,
        name=names.get(rejection.kpi, ""),
        reason=str(FAULT.get(rejection.fault, rejection.fault)),  # type: ignore[call-overload]
        count=number(rejection.count),
        examples=[_example(text, municipalities) for text in rejection.examples],
    )


def _example(text: str, municipalities: Mapping[str, str]) -> str:
    """“Mölndal 2022, women: -59.79” where the row can be read, else the row as it came. The value stays as it came."""
    match = _EXAMPLE.fullmatch(text)
    if match is None:
        return text
    place = municipalities.get(match["code"], match["code"])
    group = str(BREAKDOWN[match["gender"]])
    told = f"{place} {match['period']}" + (f", {group}" if group else "")
    return f"{told}: {match['value']}" if match["value"] else told


# ── coverage, what is late, what was revised ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CoverageRow:
    source: str
    all: int
    up_to_date: int
    late: int
    never: int
    progress: str
    newest: str


@dataclass(frozen=True)
class LateRow:
    code: str
    name: str
    owner: str
    expected: str
    due: str
    newest: str


@dataclass(frozen=True)
class LateGroup:
    department: str
    rows: list[LateRow]


@dataclass(frozen=True)
class RevisionRow:
    code: str
    name: str
    period: str
    breakdown: str
    earlier: str
    value: str
    change: str
    fetched: str


@dataclass(frozen=True)
class DataPage:
    deliveries: list[DeliveryRow]
    coverage: list[CoverageRow]
    coverage_lead: str
    late: list[LateGroup]
    late_count: int
    revisions: list[RevisionRow]
    revisions_note: str


def data_page(
    *,
    deliveries: Sequence[Delivery],
    followed: Sequence[Followed],
    revisions: Sequence[Revision],
    revisions_in_all: int,
    today: date,
) -> DataPage:
    """How complete the values are, what is late and whose it is, and which history has been revised."""
    steered = [f for f in followed if f.steering]
    late = [f for f in steered if _late(f, today)]
    more = revisions_in_all - len(revisions)
    return DataPage(
        deliveries=delivery_rows(deliveries, followed),
        coverage=_coverage(steered, today),
        coverage_lead=_(
            "%(current)s of %(all)s indicators have a value, or a reason why there is none, for their newest "
            "due period."
        )
        % {"current": len(steered) - len(late), "all": len(steered)},
        late=_late_groups(late, today),
        late_count=len(late),
        revisions=[_revision_row(r) for r in revisions],
        revisions_note=ngettext("%(n)s more is not shown.", "%(n)s more are not shown.", more) % {"n": number(more)}
        if more > 0
        else "",
    )


def _expected(item: Followed, today: date) -> Period:
    return last_due(Kind(item.frequency), item.due_days, today)


def _late(item: Followed, today: date) -> bool:
    return not item.newest or Period.parse(item.newest) < _expected(item, today)


def _coverage(followed: Sequence[Followed], today: date) -> list[CoverageRow]:
    rows = []
    for source in ("kolada", "department", "survey", "computed"):
        own = [f for f in followed if f.source == source]
        if own:
            late = sum(1 for f in own if _late(f, today))
            never = sum(1 for f in own if not f.newest)
            text = _("%(done)s of %(total)s") % {"done": len(own) - late, "total": len(own)}
            rows.append(CoverageRow(str(SOURCE[source]), len(own), len(own) - late, late, never, text, _newest(own)))
    return rows


def _newest(followed: Sequence[Followed]) -> str:
    """The newest year that any of them has an answer for, and how many have one."""
    years = [Period.parse(f.newest).last_day.year for f in followed if f.newest]
    if not years:
        return ""
    return _("%(year)s: %(count)s of %(all)s") % {
        "year": max(years),
        "count": years.count(max(years)),
        "all": len(followed),
    }


def _late_groups(late: Sequence[Followed], today: date) -> list[LateGroup]:
    groups: dict[str, list[LateRow]] = {}
    for item in sorted(late, key=lambda f: (f.department, f.code)):
        expected = _expected(item, today)
        groups.setdefault(item.department, []).append(
            LateRow(
                code=item.code,
                name=item.name,
                owner=item.owner,
                expected=expected.label(language()),
                due=f"{expected.due(item.due_days):%Y-%m-%d}",
                newest=Period.parse(item.newest).label(language()) if item.newest else "",
            )
        )
    return [LateGroup(department, rows) for department, rows in groups.items()]


def _revision_row(revision: Revision) -> RevisionRow:
    def told(value: float | None) -> str:
        return with_unit(value, revision.decimals, revision.symbol)

    change = None
    if revision.earlier is not None and revision.value is not None:
        change = series.change(revision.value, revision.earlier)
    return RevisionRow(
        code=revision.code,
        name=revision.name,
        period=Period.parse(revision.period).label(language()),
        breakdown=str(BREAKDOWN[revision.breakdown]),
        earlier=told(revision.earlier),
        value=told(revision.value) if revision.value is not None else _("withdrawn by the source"),
        change=difference(change, revision.decimals, revision.symbol, share=revision.share)
        if change is not None
        else "",
        fetched=moment(revision.fetched_at),
    )


# ── one job ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class JobPage:
    row: JobRow
    facts: list[dict[str, str]]
    parts: list[JobRow]
    deliveries: list[DeliveryRow]
    indicators: list[tuple[str, str]]


def job_page(
    job: Job, *, parts: Sequence[Job], deliveries: Sequence[Delivery], indicators: Sequence[tuple[str, str]]
) -> JobPage:
    """One job with what it was asked to do, its parts and what it delivered."""
    row = job_row(job)
    facts: list[dict[str, Any]] = [
        {"name": _("Asked for by"), "text": row.asked_by},
        {"name": _("Asked for at"), "text": row.asked},
        {"name": _("Started"), "text": row.started},
        {"name": _("Finished"), "text": row.finished},
        {"name": _("Took"), "text": row.duration},
        {"name": _("Attempts"), "text": str(job.attempts)},
        {"name": _("Done so far"), "text": row.progress},
    ]
    return JobPage(row, facts, [job_row(p) for p in parts], delivery_rows(deliveries, []), list(indicators))
