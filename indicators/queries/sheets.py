"""Sheets: what a prepared one holds, and what an uploaded one would do."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.compute.input_window import Window, WindowState
from indicators.compute.revisions import Standing, standing
from indicators.compute.sheet_rows import (
    Fault,
    Followed,
    Ground,
    Head,
    Key,
    Preview,
    classify,
    find_head,
    head_of,
    keys_of,
    rows_after,
)
from indicators.models import Absence, Department, Indicator, InputPeriod, SheetUpload, Source
from indicators.periods import Kind, Period, PeriodError, codes_before
from indicators.permissions import Person, may_enter, may_steer
from indicators.queries import entry, input_periods
from indicators.queries.entry import Definition
from indicators.read_models.sheets import PreparedCell, UploadRow
from indicators.sources.sheet import Limits, SheetError, Table, column_number, read_sheet
from indicators.templatetags.figures import language

REASONS = frozenset(Absence.values)
LATEST = 20
EARLIER = 5
ADDRESS = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Looked:
    """An uploaded sheet beside what stands in the database. `definitions`: by code, those that it names."""

    table: Table
    head: Head
    preview: Preview
    definitions: dict[str, Definition]


def limits() -> Limits:
    """How large an uploaded sheet may be."""
    return Limits(
        bytes=settings.SHEET_MAX_BYTES,
        unpacked=settings.SHEET_MAX_UNPACKED_BYTES,
        ratio=settings.SHEET_MAX_RATIO,
        rows=settings.SHEET_MAX_ROWS,
        columns=settings.SHEET_MAX_COLUMNS,
        cells=settings.SHEET_MAX_CELLS,
    )


def look(content: bytes, person: Person, now: datetime) -> Looked:
    """What the rows of a sheet would do if it were committed now (6 queries). Raises SheetError."""
    words = language()
    table = read_sheet(content, limits(), lambda row: head_of(row, 1, words) is not None)
    head = find_head(table.rows, words)
    if head is None:
        raise SheetError(
            _(
                "No header was found in the first rows. A sheet needs the columns Indicator, Period and Value, and "
                "may have Breakdown, Reason for no value, Numerator, Denominator and Comment. Download a prepared "
                "sheet and copy your figures into it."
            )
        )
    rows = rows_after(table.rows, head)
    keys = keys_of(rows, head)
    definitions, ground = _ground(keys, person, now)
    preview = classify(rows, head, keys, ground, empty_formulas=_places(table.empty_formulas))
    return Looked(table, head, preview, definitions)


def _places(addresses: Collection[str]) -> list[tuple[int, int]]:
    found = [match for address in addresses if (match := ADDRESS.fullmatch(address))]
    return [(int(match[2]), column_number(match[1])) for match in found]


def _ground(keys: Sequence[Key], person: Person, now: datetime) -> tuple[dict[str, Definition], Ground]:
    """What rows with these keys are judged by (6 queries)."""
    named = {key[0] for key in keys}
    ids = {pk for pk, code in Indicator.objects.order_by().values_list("id", "code") if code in named}
    definitions = {row.code: row for row in entry.definitions(ids, lock=False).values()}
    followed = {code: _followed(row, person) for code, row in definitions.items()}
    mine = {row.id for row in followed.values() if not row.refusal}
    periods = {period for period in {key[1] for key in keys} if _is_period(period)}
    return definitions, Ground(
        followed=followed,
        revisions=entry.revisions(mine),
        windows=input_periods.windows(periods, {row.department_id for row in followed.values()}, now),
        breaks=entry.breaks(mine),
        peers=entry.peers(mine),
        reasons=REASONS,
        today=timezone.localdate(now),
    )


def _is_period(text: str) -> bool:
    try:
        return Period.parse(text).code == text
    except PeriodError:
        return False


def _followed(row: Definition, person: Person) -> Followed:
    refusal = ""
    if not may_enter(person, row.department_id):
        refusal = Fault.NOT_YOURS.value
    elif row.source != Source.DEPARTMENT:
        refusal = Fault.OTHER_SOURCE.value
    elif row.retired:
        refusal = Fault.RETIRED.value
    return Followed(row.id, row.code, row.department_id, row.rules, refusal)


# ── uploads ───────────────────────────────────────────────────────────────────────────────────────────────────────────


VALUES, DEFINITIONS = SheetUpload.About.VALUES, SheetUpload.About.DEFINITIONS


def upload(upload_id: int, person: Person, about: SheetUpload.About = VALUES) -> SheetUpload | None:
    """A sheet of the person's own, or for strategists anybody's (1 query)."""
    rows = SheetUpload.objects.select_related("delivery").filter(pk=upload_id, about=about)
    if not may_steer(person):
        rows = rows.filter(uploaded_by_id=person.user_id)
    return rows.first()


def latest(person: Person, about: SheetUpload.About = VALUES) -> list[UploadRow]:
    """The person's latest uploads, newest first, without the files (1 query)."""
    rows = SheetUpload.objects.filter(uploaded_by_id=person.user_id, about=about).defer("content")[:LATEST]
    return [UploadRow(row.pk, row.filename, row.uploaded_at, row.state, row.summary) for row in rows]


# ── prepared sheets ───────────────────────────────────────────────────────────────────────────────────────────────────


def departments(person: Person, now: datetime) -> list[tuple[str, str, list[str]]]:
    """Departments that the person may hand in for: code, name, frequencies of their open periods (3 queries)."""
    rows = (
        Indicator.objects.filter(source=Source.DEPARTMENT, retired_on=None)
        .order_by("department__name", "frequency")
        .values_list("department_id", "department__code", f"department__name_{language()}", "frequency")
        .distinct()
    )
    mine = [row for row in rows if may_enter(person, row[0])]
    opened = set(InputPeriod.objects.values_list("period", flat=True))
    windows = input_periods.windows(opened, {row[0] for row in mine}, now)
    found: dict[tuple[str, str], list[str]] = {}
    for department_id, code, name, frequency in mine:
        kinds = found.setdefault((code, name or code), [])
        if any(_open(windows, period, department_id, frequency) for period in opened):
            kinds.append(frequency)
    return [(code, name, kinds) for (code, name), kinds in found.items()]


def _open(windows: Mapping[tuple[str, int], Window], period: str, department_id: int, frequency: str) -> bool:
    window = windows[period, department_id]
    return window.state is WindowState.OPEN and Period.parse(period).kind.value == frequency


def department(code: str) -> Department | None:
    """A department by its code (1 query)."""
    return Department.objects.filter(code=code).first()


def prepared_cells(department_id: int, kind: Kind, now: datetime) -> list[PreparedCell]:
    """The cells that a department may fill in now for indicators of a frequency, in order (4 queries)."""
    indicators = list(
        Indicator.objects.filter(
            source=Source.DEPARTMENT, retired_on=None, department_id=department_id, frequency=kind.value
        ).select_related("unit")
    )
    opened = sorted(InputPeriod.objects.filter(kind=kind.value).values_list("period", flat=True))
    windows = input_periods.windows(opened, {department_id}, now)
    revisions = entry.revisions([indicator.pk for indicator in indicators])
    found = []
    for indicator in indicators:
        for breakdown in "TKM" if indicator.divided else "T":
            series = revisions.get((indicator.pk, breakdown), {})
            stands = {period: standing(series[period]) for period in sorted(series)}
            opened_to_all = {p for p in opened if windows[p, department_id].state is WindowState.OPEN}
            asked_back = {
                period for period, stood in stands.items() if stood.asked_back and Period.parse(period).kind is kind
            }
            found += [
                _prepared_cell(indicator, breakdown, period, stands) for period in sorted(opened_to_all | asked_back)
            ]
    return found


def _prepared_cell(
    indicator: Indicator, breakdown: str, period: str, stands: Mapping[str, Standing]
) -> PreparedCell:  # fmt: skip
    """`stands`: how the cells of the series stand, by period in order."""
    own = stands.get(period)
    held = [(code, stands[code].newest) for code in codes_before(stands, period) if not stands[code].empty]
    return PreparedCell(
        code=indicator.code,
        name=indicator.name,
        definition=indicator.definition,
        calculation=indicator.calculation,
        symbol=indicator.unit.symbol,
        decimals=indicator.decimals,
        share=indicator.unit.share,
        numerator=indicator.numerator,
        denominator=indicator.denominator,
        due=Period.parse(period).due(indicator.due_days),
        period=period,
        breakdown=breakdown,
        newest=None if own is None or own.empty else own.newest,
        earlier=tuple((code, newest) for code, newest in held if newest is not None)[-EARLIER:],
    )
