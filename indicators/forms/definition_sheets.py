"""Every definition as a row of a sheet, and the sheet back: each changed row goes through the form that edits one."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from indicators import definition_wording, wording
from indicators.check_wording import unreadable
from indicators.compute.numerals import read_number
from indicators.definition_wording import LABEL
from indicators.forms.definitions import IN_TWO_LANGUAGES, LANGUAGE, DefinitionForm, plain
from indicators.models import Area, DefinitionAct, Department, Indicator, Unit
from indicators.operations.definition_sheets import DefinitionChange
from indicators.operations.indicator_definitions import EDITABLE, Comparability, method_changes, version_of
from indicators.queries import definitions as queries
from indicators.queries.sheets import limits
from indicators.sources.prepared_sheet import Column, Line, Prepared
from indicators.sources.sheet import SheetError, column_letters, read_sheet
from indicators.sources.table_file import Cell
from indicators.templatetags.figures import language

HEADS_AMONG = 20
SWITCHES = ("experienced", "comparable", "influenceable", "never_good_enough", "divided", "four_eyes", "steering")
NUMBERS = ("decimals", "minimum", "maximum", "due_days")
LISTS: Mapping[str, Mapping[str, Any]] = {
    "direction": wording.DIRECTION, "measures": wording.MEASURES, "frequency": wording.FREQUENCY,
    "source": wording.SOURCE, "aggregation": definition_wording.AGGREGATION,
    "answer": {act: definition_wording.ACT[act] for act in ("comparable", "backwards", "break")},
}  # fmt: skip
NAMED = ("area", "unit", "department")
YES = pgettext_lazy("in a sheet", "yes")
NO = pgettext_lazy("in a sheet", "no")
ROLES = ("code", "new", "version", *EDITABLE, "answer", "period", "reason", "reason_en")
EXTRA = {
    "new": gettext_lazy("New indicator"),
    "version": gettext_lazy("Version"),
    "answer": gettext_lazy("Can the series still be compared?"),
    "period": gettext_lazy("First period with the new method"),
    "reason": gettext_lazy("Why, for those who read the series later"),
    "reason_en": gettext_lazy("Why, in English"),
}
WIDE = ("purpose", "definition", "calculation", "quality", "numerator", "denominator", "formula")


@dataclass(frozen=True)
class Difference:
    """A field that changes, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class JudgedRow:
    """A row of the sheet: `kind` new, changed, unchanged or rejected; `problems`: (address, what to do)."""

    line: int
    code: str
    name: str
    kind: str
    differences: Sequence[Difference] = ()
    problems: Sequence[tuple[str, str]] = ()
    change: DefinitionChange | None = None


@dataclass(frozen=True)
class JudgedSheet:
    rows: Sequence[JudgedRow]
    counts: Mapping[str, int]
    digest: str
    columns: Mapping[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> list[DefinitionChange]:
        return [row.change for row in self.rows if row.change is not None]


def heads() -> dict[str, str]:
    """What the columns are called, by field, in the reader's language."""
    found = {"code": str(LABEL["code"])}
    for role in ROLES[1:]:
        base, _mark, tongue = role.rpartition("_")
        if base in IN_TWO_LANGUAGES:
            found[role] = f"{LABEL[base]} ({LANGUAGE[tongue]})"
        else:
            found[role] = str(EXTRA[role] if role in EXTRA else LABEL[role])
    return found


def _in_both_languages(words: Mapping[str, Any]) -> dict[str, str]:
    """Word, in small letters, → code."""
    found = {code.lower(): code for code in words}
    for tongue in ("sv", "en"):
        with override(tongue):
            found |= {str(word).lower(): code for code, word in words.items()}
    return found


# ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Words:
    """What the choices are called (4 queries)."""

    def __init__(self) -> None:
        self.people = {user.pk: user.email or user.get_username() for user in get_user_model().objects.all()}
        self.named: dict[str, dict[Any, tuple[str, str]]] = {
            "area": {row.pk: (row.code, row.name) for row in Area.objects.all()},
            "unit": {row.pk: (row.code, row.name) for row in Unit.objects.order_by("code")},
            "department": {row.pk: (row.code, row.name) for row in Department.objects.all()},
        }
        self.lists = {role: _in_both_languages(words) for role, words in LISTS.items()}
        self.switches = _in_both_languages({"1": YES, "": NO}) | {"true": "1", "x": "1", "0": "", "false": ""}

    def choices(self, role: str) -> tuple[str, ...]:
        if role in NAMED:
            return tuple(f"{code} – {name}" for code, name in self.named[role].values())
        if role in LISTS:
            return tuple(str(word) for word in LISTS[role].values())
        return (str(YES), str(NO)) if role in SWITCHES or role == "new" else ()

    def cell(self, indicator: Indicator, role: str) -> Cell:
        """A field of a stored definition as its cell shows it."""
        if role == "version":
            return version_of(indicator)
        if role in EXTRA:
            return None
        value = getattr(indicator, f"{role}_id") if role in (*NAMED, "responsible") else getattr(indicator, role)
        if role in NAMED:
            return " – ".join(self.named[role][value])
        if role == "responsible":
            return self.people.get(value)
        if role in LISTS:
            return str(LISTS[role][value])
        if role in SWITCHES:
            return str({True: YES, False: NO}[value])
        if isinstance(value, Decimal):
            return float(plain(value))
        found: Cell = value
        return found

    def form_text(self, role: str, cell: Any) -> str:
        """A cell as the form takes it. Raises ValueError that says what to write."""
        if isinstance(cell, date | time | timedelta):
            raise ValueError(_("The cell holds a date. Format it as text and write it again."))
        text = "" if cell is None else str(cell).replace("\r\n", "\n").strip()
        if "\0" in text:
            raise ValueError(_("The cell holds a character that cannot be stored."))
        if role in NUMBERS:
            return _number(cell, text)
        if role in SWITCHES or role == "new":
            return self._chosen(text, self.switches, (str(YES), str(NO)))
        if role in LISTS and text:
            return self._chosen(text, self.lists[role], self.choices(role))
        if role in NAMED and text:
            by_word = {word.lower(): str(pk) for pk, pair in self.named[role].items() for word in pair}
            return self._chosen(text.partition(" – ")[0], by_word, self.choices(role))
        if role == "responsible" and text:
            return self._chosen(text, {mail.lower(): str(pk) for pk, mail in self.people.items()}, ())
        return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else text

    @staticmethod
    def _chosen(text: str, known: Mapping[str, str], offered: Sequence[str]) -> str:
        found = known.get(text.lower())
        if found is None:
            if not offered:
                raise ValueError(_("“%(text)s” is not among the choices.") % {"text": text[:60]})
            raise ValueError(
                _("“%(text)s” is not among the choices. Choose one of: %(known)s.")
                % {"text": text[:60], "known": ", ".join(offered)}
            )
        return found


def _number(cell: Any, text: str) -> str:
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return f"{plain(Decimal(repr(cell))):f}"
    reading = read_number(text, language=language())
    if reading.fault:
        raise ValueError(unreadable(reading.fault, text[:60]))
    return "" if reading.value is None else f"{plain(Decimal(repr(reading.value))):f}"


def prepared_definitions() -> Prepared:
    """Every indicator in use that the municipality steers by, as a row to edit (5 queries)."""
    words, titles = _Words(), heads()
    columns = [
        Column(
            titles[role],
            width=45 if role.rpartition("_")[0] in WIDE or role in WIDE else 20,
            fill_in=role not in ("version",),
            hidden=role == "version",
            choices=words.choices(role),
        )
        for role in ROLES
    ]
    indicators = Indicator.objects.filter(retired_on=None, steering=True).order_by("code")
    return Prepared(
        title=_("Definitions"),
        columns=columns,
        lines=[Line([words.cell(row, role) for role in ROLES], locked=frozenset({0, 1})) for row in indicators],
        explained=_("How to fill in"),
        explanation=[
            _("Definitions of the indicators"),
            _("One row an indicator. Change what you want to change and leave the rest; rows that you delete are left "
              "as they are."),
            _("The code says which indicator a row is about. For a new one, write a new code at the end and choose yes "
              "under New indicator."),
            _("If you change the definition, the calculation, the unit, the frequency or the source, say whether the "
              "series can still be compared, from which period, and why."),
            _("Upload the file when you are done. You will see every difference before anything is stored."),
        ],
        add_rows=50,
    )  # fmt: skip


# ── back in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _columns_of(row: Sequence[Any]) -> dict[str, int]:
    """Which column holds which field, where the row is a header in either language; {} otherwise."""
    known: dict[str, str] = {}
    for tongue in ("sv", "en"):
        with override(tongue):
            known |= {title.lower(): role for role, title in heads().items()}
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        role = known.get(cell.strip().lower()) if isinstance(cell, str) else None
        if role is not None:
            found.setdefault(role, place)
    return found if "code" in found and len(found) > 1 else {}


def judge(content: bytes) -> JudgedSheet:
    """What a sheet of definitions would do (6 queries, and some for each changed row). Raises SheetError."""
    table = read_sheet(content, limits(), lambda row: bool(_columns_of(row)))
    line, columns = next(
        ((n, found) for n, row in enumerate(table.rows[:HEADS_AMONG], start=1) if (found := _columns_of(row))),
        (0, {}),
    )
    if not columns:
        raise SheetError(
            _("No header was found in the first rows. Download the sheet of definitions and change that one.")
        )
    words = _Words()
    stored = {row.code: row for row in Indicator.objects.all()}
    seen: Counter[str] = Counter()
    rows = []
    for number, row in enumerate(table.rows[line:], start=line + 1):
        cells = {role: row[place] for role, place in columns.items() if place < len(row)}
        if any(cell not in ("", None) for role, cell in cells.items() if role != "version"):
            judged = _judge_row(number, cells, columns, words, stored)
            seen[judged.code] += 1
            if seen[judged.code] == 2:
                twice = _("The code “%(code)s” stands in more than one row. Keep one of them.") % {"code": judged.code}
                judged = _rejected(number, judged.code, judged.name, [(_address(columns, "code", number), twice)])
            rows.append(judged)
    counts = Counter(row.kind for row in rows)
    told = [(row.line, row.kind, version_of(stored[row.code]) if row.code in stored else "") for row in rows]
    return JudgedSheet(
        rows,
        {kind: counts[kind] for kind in ("new", "changed", "unchanged", "rejected")},
        hashlib.sha256(repr(told).encode()).hexdigest(),
        columns,
    )


def _address(columns: Mapping[str, int], role: str, line: int) -> str:
    return f"{column_letters(columns.get(role, columns['code']))}{line}"


def _rejected(line: int, code: str, name: str, problems: Sequence[tuple[str, str]]) -> JudgedRow:
    return JudgedRow(line, code, name, "rejected", problems=problems)


def _judge_row(
    line: int, cells: Mapping[str, Any], columns: Mapping[str, int], words: _Words, stored: Mapping[str, Indicator]
) -> JudgedRow:  # fmt: skip
    code = str(cells.get("code", "")).strip()[:40]
    indicator = stored.get(code)
    name = indicator.name if indicator else ""
    given: dict[str, str] = {}
    problems = []
    for role, cell in cells.items():
        try:
            given[role] = words.form_text(role, cell)
        except ValueError as fault:
            problems.append((_address(columns, role, line), str(fault)))
    refusal = _refusal(code, indicator, given)
    if refusal:
        problems.insert(0, (_address(columns, "code", line), refusal))
    if problems:
        return _rejected(line, code, name, problems)
    current = {role: words.form_text(role, words.cell(indicator, role)) for role in EDITABLE} if indicator else {}
    differing = [role for role in EDITABLE if role in given and given[role] != current.get(role, "")]
    if indicator is not None and not differing:
        return JudgedRow(line, code, name, "unchanged")
    form = DefinitionForm({**current, **given}, new=indicator is None, department_people=queries.people_of)
    if not form.is_valid():
        wrong = [(_address(columns, role, line), " ".join(map(str, texts))) for role, texts in form.errors.items()]
        return _rejected(line, code, name, wrong)
    titles = heads()
    differences = [
        Difference(titles[role], _shown(words.cell(indicator, role)) if indicator else "", _shown(cells[role]))
        for role in differing
    ]
    return _changing_row(line, code, indicator, form, differences, columns)


def _changing_row(
    line: int, code: str, indicator: Indicator | None, form: DefinitionForm, differences: Sequence[Difference],
    columns: Mapping[str, int],
) -> JudgedRow:  # fmt: skip
    """A row that holds, unless it leaves open whether the series can still be compared."""
    fields = form.definition()
    if indicator is None:
        return JudgedRow(line, code, fields["name_sv"], "new", differences, (), DefinitionChange(line, code, fields))
    comparability = None
    if method_changes(indicator, fields):
        comparability, missing = _comparability(form)
        if missing:
            role, text = missing
            return _rejected(line, code, indicator.name, [(_address(columns, role, line), text)])
    change = DefinitionChange(line, code, fields, indicator.pk, version_of(indicator), comparability)
    return JudgedRow(line, code, indicator.name, "changed", differences, (), change)


def _refusal(code: str, indicator: Indicator | None, given: Mapping[str, str]) -> str:
    """Why nothing can be changed by a row with this code."""
    if not code:
        return _("The row has no code. Write the indicator's code in the first column.")
    if indicator is None and given.get("new") != "1":
        return _(
            "There is no indicator with the code “%(code)s”. If it is a new one, choose yes under New indicator."
        ) % {"code": code}
    if indicator is not None and given.get("new") == "1":
        return _("There is already an indicator with the code “%(code)s”.") % {"code": code}
    if indicator is not None and indicator.retired_on is not None:
        return _("The indicator is retired. Take it up again on its own page before you change it.")
    if indicator is not None and given.get("version") not in (None, "", version_of(indicator)):
        return _(
            "Somebody has changed this indicator since you downloaded the sheet. Download it anew and change that."
        )
    return ""


def _comparability(form: DefinitionForm) -> tuple[Comparability | None, tuple[str, str] | None]:
    """The answer to whether the series can still be compared, or what of it is missing."""
    told = form.cleaned_data
    if not told["answer"]:
        return None, (
            "answer",
            _("The row changes what is measured. Choose whether the series can still be compared, and write why."),
        )
    if not told["reason"]:
        return None, ("reason", _("Write why, for those who read the series later."))
    if told["answer"] != DefinitionAct.COMPARABLE and not told["period"]:
        return None, ("period", _("Write the first period with the new method, e.g. 2026 or 2026T2."))
    return Comparability(DefinitionAct(told["answer"]), told["reason"], told["period"], told["reason_en"]), None


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
