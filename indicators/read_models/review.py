"""The review queue and a cell's history: what was handed in, and all that speaks for or against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from indicators import charts
from indicators.check_wording import Writing, sentence
from indicators.compute.plausibility import Peers, restored
from indicators.compute.revisions import Act, Revision, acts, standing
from indicators.periods import Period, codes_before
from indicators.permissions import Person
from indicators.read_models.entry_rows import BREAKDOWN, GOOD_WAY, STATE, Item, target_text, value_or_reason
from indicators.templatetags.figures import language, number
from indicators.wording import given_decimals

LAST_VALUES = 5
SPARK = 12
ACT = {
    Act.ENTERED: pgettext_lazy("what was done to a value", "Entered"),
    Act.CHANGED: pgettext_lazy("what was done to a value", "Changed"),
    Act.CORRECTED: pgettext_lazy("what was done to a value", "Correction begun"),
    Act.CLEARED: pgettext_lazy("what was done to a value", "Emptied"),
    Act.SUBMITTED: pgettext_lazy("what was done to a value", "Submitted"),
    Act.RETURNED: pgettext_lazy("what was done to a value", "Sent back"),
    Act.APPROVED: pgettext_lazy("what was done to a value", "Approved"),
    Act.WITHDRAWN: pgettext_lazy("what was done to a value", "Correction withdrawn"),
    Act.RECORDED: pgettext_lazy("what was done to a value", "Recorded"),
}
NOTE = {
    Act.RETURNED: gettext_lazy("What is to be mended"),
    Act.SUBMITTED: gettext_lazy("Reason for the correction"),
    Act.APPROVED: gettext_lazy("Reason for the correction"),
}

Series = Mapping[str, Sequence[Revision]]


@dataclass(frozen=True)
class Waiting:
    """A cell that waits for approval."""

    indicator_id: int
    period: str
    breakdown: str
    department_id: int


@dataclass(frozen=True)
class ReviewRows:
    """`series`: revisions by (indicator, breakdown) and period; the rest by id."""

    waiting: tuple[Waiting, ...]
    items: Mapping[int, Item]
    series: Mapping[tuple[int, str], Series]
    peers: Mapping[int, Sequence[Peers]]
    departments: Mapping[int, str]
    people: Mapping[int, str]
    files: Mapping[int, str]


@dataclass(frozen=True)
class HistoryRows:
    item: Item
    period: str
    breakdown: str
    revisions: tuple[Revision, ...]
    department_code: str
    department: str
    people: Mapping[int, str]
    files: Mapping[int, str]


@dataclass(frozen=True)
class ReviewCell:
    """One value to decide about. `key` names the cell and the revision that is shown. `own`: why the reader may not
    approve it; "" where they may. `entered`: "" where the same person submitted it."""

    key: str
    anchor: str
    code: str
    name: str
    period_code: str
    period: str
    breakdown_code: str
    breakdown: str
    value: str
    parts: str
    before: str
    reason: str
    findings: tuple[str, ...]
    comment: str
    evidence_id: int | None
    evidence_name: str
    evidence_link: str
    entered: str
    submitted: str
    spark: SafeString
    last: tuple[tuple[str, str], ...]
    target: str
    peers: str
    own: str
    label: str


@dataclass(frozen=True)
class ReviewDepartment:
    id: int
    name: str
    cells: tuple[ReviewCell, ...]
    count: str


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class ReviewPage:
    departments: tuple[ReviewDepartment, ...]
    choices: tuple[Choice, ...]
    chosen: str
    lead: str
    total: int


@dataclass(frozen=True)
class Happened:
    """One thing that was done to a cell. `value`: what it held from then on, "" where that stayed the same."""

    act: str
    who: str
    when: str
    at: datetime
    value: str
    parts: str
    comment: str
    note: str
    note_label: str
    findings: tuple[str, ...]
    evidence_id: int | None
    evidence_name: str
    evidence_link: str


@dataclass(frozen=True)
class MeasurementPage:
    code: str
    title: str
    name: str
    department: str
    department_code: str
    kind: str
    state: str
    official: str
    changed: bool
    happened: tuple[Happened, ...]


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def review_page(rows: ReviewRows, *, person: Person, chosen: int | None, own_words: Mapping[int, str]) -> ReviewPage:
    """What waits, by department; `chosen`: one of them alone. `own_words`: by department, why one's own value is left
    to another."""
    counts: dict[int, int] = {}
    for cell in rows.waiting:
        counts[cell.department_id] = counts.get(cell.department_id, 0) + 1
    shown = [cell for cell in rows.waiting if chosen is None or cell.department_id == chosen]
    departments = []
    for pk in dict.fromkeys(cell.department_id for cell in shown):
        cells = tuple(_cell(rows, cell, person, own_words[pk]) for cell in shown if cell.department_id == pk)
        departments.append(ReviewDepartment(pk, rows.departments[pk], cells, _values(len(cells))))
    everything = Choice("", _("All departments (%(count)s)") % {"count": len(rows.waiting)}, chosen is None)
    choices = [Choice(str(pk), f"{rows.departments[pk]} ({count})", chosen == pk) for pk, count in counts.items()]
    return ReviewPage(
        tuple(departments),
        (everything, *choices) if len(choices) > 1 or chosen is not None else (),
        "" if chosen is None else str(chosen),
        ngettext("%(count)s value waits for approval.", "%(count)s values wait for approval.", len(shown))
        % {"count": len(shown)},
        len(shown),
    )


def _values(count: int) -> str:
    return ngettext("%(count)s value", "%(count)s values", count) % {"count": count}


def cell_key(indicator_id: int, period: str, breakdown: str, revision: int) -> str:
    """A cell and the revision that was looked at, in a field's value."""
    return f"{indicator_id}-{period}-{breakdown}-{revision}"


def _cell(rows: ReviewRows, cell: Waiting, person: Person, own_words: str) -> ReviewCell:
    item = rows.items[cell.indicator_id]
    series = rows.series[cell.indicator_id, cell.breakdown]
    revisions = series[cell.period]
    stands = standing(revisions)
    newest = revisions[-1]
    period = Period.parse(cell.period)
    entered = next((r for r in reversed(revisions[:-1]) if r.state in ("draft", "cleared")), newest)
    own = item.four_eyes and person.user_id in stands.authors
    breakdown = str(BREAKDOWN[cell.breakdown]) if item.divided else ""
    label = ", ".join(part for part in (item.name, breakdown, period.label(language())) if part)
    key = cell_key(cell.indicator_id, cell.period, cell.breakdown, newest.revision)
    return ReviewCell(
        key=key,
        anchor=f"cell-{key}",
        code=item.code,
        name=item.name,
        period_code=cell.period,
        period=period.label(language()),
        breakdown_code=cell.breakdown,
        breakdown=breakdown,
        value=value_or_reason(item, newest.value, newest.absence),
        parts=_parts(newest),
        before="" if stands.approved is None else value_or_reason(item, stands.approved.value, stands.approved.absence),
        reason=newest.note,
        findings=_findings(item, newest),
        comment=newest.comment,
        evidence_id=newest.evidence_id,
        evidence_name=rows.files.get(newest.evidence_id, "") if newest.evidence_id is not None else "",
        evidence_link=newest.evidence_link,
        entered="" if entered.entered_by_id == newest.entered_by_id else _by(rows.people, entered),
        submitted=_by(rows.people, newest),
        spark=_spark(item, series, cell.period),
        last=_last(item, series, cell.period),
        target=target_text(item, period.last_day.year),
        peers=_peers(item, rows.peers.get(item.id, ()), period.last_day.year),
        own=own_words if own else "",
        label=label,
    )


def _by(people: Mapping[int, str], revision: Revision) -> str:
    return _("%(who)s, %(when)s") % {"who": _who(people, revision), "when": _moment(revision.entered_at)}


def _who(people: Mapping[int, str], revision: Revision) -> str:
    if revision.entered_by_id is None:
        return _("the program")
    return people.get(revision.entered_by_id) or _("an account that is gone")


def _moment(when: datetime) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def _parts(revision: Revision) -> str:
    if revision.numerator is None or revision.denominator is None:
        return ""
    return _("%(numerator)s of %(denominator)s") % {
        "numerator": number(revision.numerator, given_decimals(revision.numerator)),
        "denominator": number(revision.denominator, given_decimals(revision.denominator)),
    }


def _findings(item: Item, revision: Revision) -> tuple[str, ...]:
    writing = Writing(item.symbol, item.decimals, to_author=False)
    return tuple(sentence(finding, writing) for finding in restored(revision.checks))


def _official(series: Series, before: str) -> list[tuple[str, Revision]]:
    """Approved revisions of the periods before, oldest first."""
    found = []
    for period in codes_before(series, before):
        approved = standing(series[period]).approved
        if approved is not None:
            found.append((period, approved))
    return found


def _spark(item: Item, series: Series, period: str) -> SafeString:
    """The official values before, and the one handed in as the last point."""
    values = [revision.value for _period, revision in _official(series, period)][-(SPARK - 1) :]
    label = _("%(name)s: the latest approved values and, last, the one handed in") % {"name": item.name}
    return charts.sparkline([*values, series[period][-1].value], label=label, good=GOOD_WAY.get(item.direction))


def _last(item: Item, series: Series, period: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (Period.parse(code).short(language()), value_or_reason(item, revision.value, revision.absence))
        for code, revision in reversed(_official(series, period)[-LAST_VALUES:])
    )


def _peers(item: Item, known: Sequence[Peers], year: int) -> str:
    found = next((peers for peers in known if peers.year <= year), None)
    if found is None:
        return ""
    return _("%(low)s–%(high)s among %(others)s similar municipalities, %(year)s") % {
        "low": number(found.low, item.decimals),
        "high": number(found.high, item.decimals),
        "others": found.others,
        "year": found.year,
    }


# ── one cell's history ────────────────────────────────────────────────────────────────────────────────────────────────


def measurement_page(rows: HistoryRows) -> MeasurementPage:
    """Everything that was done to a cell, newest first."""
    item, stands = rows.item, standing(rows.revisions)
    period = Period.parse(rows.period).label(language())
    breakdown = str(BREAKDOWN[rows.breakdown]) if item.divided else ""
    approved = stands.approved
    told = acts(rows.revisions)
    happened = [
        _happened(rows, act, revision, told[place - 1][1] if place else None)
        for place, (act, revision) in enumerate(told)
    ]
    return MeasurementPage(
        code=item.code,
        title=", ".join(part for part in (item.name, breakdown, period) if part),
        name=item.name,
        department=rows.department,
        department_code=rows.department_code,
        kind=item.frequency.value,
        state=str(STATE["" if stands.newest is None else stands.newest.state]),
        official="" if approved is None else value_or_reason(item, approved.value, approved.absence),
        changed=stands.changed_since_approval,
        happened=tuple(reversed(happened)),
    )


def _happened(rows: HistoryRows, act: Act, revision: Revision, before: Revision | None) -> Happened:
    item = rows.item
    same = before is not None and (before.value, before.absence) == (revision.value, revision.absence)
    fresh = act in (Act.ENTERED, Act.CHANGED, Act.CORRECTED, Act.RECORDED)
    note = revision.note if act is not Act.APPROVED else ""
    return Happened(
        act=str(ACT[act]),
        who=_who(rows.people, revision),
        when=_moment(revision.entered_at),
        at=revision.entered_at,
        value="" if same or act is Act.CLEARED else value_or_reason(item, revision.value, revision.absence),
        parts=_parts(revision) if fresh else "",
        comment=revision.comment if fresh and (before is None or before.comment != revision.comment) else "",
        note=note,
        note_label=str(NOTE.get(act, "")) if note else "",
        findings=_findings(item, revision) if fresh else (),
        evidence_id=revision.evidence_id if fresh else None,
        evidence_name=rows.files.get(revision.evidence_id, "") if revision.evidence_id is not None else "",
        evidence_link=revision.evidence_link if fresh else "",
    )
