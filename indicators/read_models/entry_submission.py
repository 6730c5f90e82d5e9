"""What a department is about to submit, what still hinders it, and what happens next."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.periods import Period
from indicators.read_models.entry_grid import Field, GridRows, field_of
from indicators.read_models.entry_rows import Item, Stored, cell_name, key_text, value_or_reason


@dataclass(frozen=True)
class SubmitLine:
    key: str
    code: str
    name: str
    text: str
    comment: str
    findings: tuple[str, ...]
    changed: str
    note: str
    ticked: str = ""  # the cell and the revision that is shown, in a field's value


@dataclass(frozen=True)
class SubmitPage:
    department: str
    code: str
    kind: str
    lead: str
    ready: tuple[SubmitLine, ...]
    to_comment: tuple[SubmitLine, ...]
    returned: tuple[SubmitLine, ...]
    empty: tuple[SubmitLine, ...]
    corrects: bool
    approval: str


def submit_page(rows: GridRows) -> SubmitPage:
    ready: list[SubmitLine] = []
    to_comment: list[SubmitLine] = []
    returned: list[SubmitLine] = []
    empty: list[SubmitLine] = []
    for item in rows.items:
        for period in rows.periods:
            for breakdown in item.breakdowns:
                key = (item.id, period.code, breakdown)
                stored = rows.cells.get(key)
                if not rows.may_write(key):
                    continue
                line = _line(item, period, stored, field_of(item, key, stored))
                if stored is None or stored.empty:
                    empty.append(line)
                elif stored.state == "returned":
                    returned.append(line)
                elif stored.state == "draft":
                    (to_comment if stored.needs_comment else ready).append(line)
    drafts = [rows.cells[key] for key in rows.cells if rows.may_write(key) and rows.cells[key].state == "draft"]
    return SubmitPage(
        department=rows.department,
        code=rows.code,
        kind=rows.kind.value,
        lead=_lead(len(ready), len(to_comment)),
        ready=tuple(ready),
        to_comment=tuple(to_comment),
        returned=tuple(returned),
        empty=tuple(empty),
        corrects=any(stored.approved is not None and not stored.needs_comment for stored in drafts),
        approval=next_text(rows),
    )


def _line(item: Item, period: Period, stored: Stored | None, field: Field) -> SubmitLine:
    key = key_text((item.id, period.code, field.address[2]))
    return SubmitLine(
        key=key,
        code=item.code,
        name=cell_name(item, period, field.address[2]),
        text=value_or_reason(item, stored.value, stored.absence) if stored else "",
        comment=stored.comment if stored else "",
        findings=field.talk.findings,
        changed=field.talk.changed,
        note=field.talk.note,
        ticked=f"{key}-{stored.revision}" if stored else "",
    )


def _lead(ready: int, to_comment: int) -> str:
    if not ready and not to_comment:
        return _("There is nothing to submit right now.")
    words = ngettext("%(n)s value can be submitted.", "%(n)s values can be submitted.", ready) % {"n": ready}
    if not to_comment:
        return words
    more = ngettext("%(n)s needs a comment first.", "%(n)s need a comment first.", to_comment) % {"n": to_comment}
    return f"{words} {more}"


def next_text(rows: GridRows) -> str:
    """What happens to what is submitted, and who decides."""
    names = ", ".join(name for name, _mail in rows.approvers)
    who = names or ", ".join(name for name, _mail in rows.strategists) or _("a quality strategist")
    words = _(
        "%(who)s then approves the values or sends them back with a note. Approved values are shown to the council."
    )
    text = words % {"who": who}
    if any(item.four_eyes for item in rows.items):
        text += " " + _("Nobody approves what they entered themselves where four eyes are asked for.")
    return text


def thanks(count: int, rows: GridRows) -> str:
    words = ngettext("%(n)s value is submitted.", "%(n)s values are submitted.", count) % {"n": count}
    return f"{words} {next_text(rows)}"
