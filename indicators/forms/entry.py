"""What is sent from the entry grid, read: texts become values or faults that say what to do. Nothing is guessed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators import check_wording
from indicators.compute.numerals import read_number
from indicators.operations.entry import CellKey, Entered
from indicators.periods import Period
from indicators.read_models.entry_grid import Typed, field_texts
from indicators.read_models.entry_rows import Item, Key, Stored, cell_name, key_text, parse_key
from indicators.sources import evidence_file

FIELDS = ("value", "absence", "numerator", "denominator", "comment", "link")
LONGEST_COMMENT = 4000
web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Fault:
    """What is wrong with one of a cell's fields, and what to do."""

    field: str
    text: str


def texts_of(posted: Mapping[str, str], suffix: str = "") -> dict[str, str]:
    """A cell's fields as they were sent, without what browsers do to them: line ends, spaces around."""
    return {name: posted.get(f"{name}{suffix}", "").replace("\r\n", "\n").strip() for name in FIELDS}


def read_cell(texts: Mapping[str, str], *, evidence_id: int | None, language: str) -> Entered | list[Fault]:
    """A cell's fields as something that can be stored, or everything that is wrong with them.

    Where numerator and denominator are given, the value follows from them and its own text is not looked at.
    """
    faults: list[Fault] = []
    numbers: dict[str, float | None] = {}
    marks: dict[str, str] = {}
    of_parts = texts["numerator"] != "" and texts["denominator"] != ""
    for name in ("value", "numerator", "denominator"):
        reading = read_number("" if of_parts and name == "value" else texts[name], language=language)
        numbers[name], marks[name] = reading.value, reading.absence
        if reading.fault:
            faults.append(Fault(name, check_wording.unreadable(reading.fault, texts[name])))
    number_here = _("Write a number here, or choose the reason why there is no value.")
    faults += [Fault(name, number_here) for name in ("numerator", "denominator") if marks[name]]
    if marks["value"] and texts["absence"] and marks["value"] != texts["absence"]:
        faults.append(Fault("absence", _("The mark in the field says another reason than the one chosen. Keep one.")))
    faults += _text_faults(texts)
    if faults:
        return faults
    return Entered(
        value=numbers["value"],
        absence=marks["value"] or texts["absence"],
        numerator=numbers["numerator"],
        denominator=numbers["denominator"],
        comment=texts["comment"],
        evidence_id=evidence_id,
        evidence_link=texts["link"],
    )


def _text_faults(texts: Mapping[str, str]) -> list[Fault]:
    faults = []
    if len(texts["comment"]) > LONGEST_COMMENT:
        faults.append(Fault("comment", _("The comment is too long: %(most)s characters at most.") % {
            "most": LONGEST_COMMENT
        }))  # fmt: skip
    if texts["link"]:
        try:
            web_address(texts["link"])
        except ValidationError:
            faults.append(
                Fault("link", _("“%(link)s” is no web address. It begins with https://.") % {"link": texts["link"]})
            )
    return faults


@dataclass
class Sent:
    """The plain form, sorted: cells to save with the revision that was looked at, what could not be read, what may not
    be written any more; and the texts of all that was changed."""

    cells: list[tuple[CellKey, Entered, int | None]] = field(default_factory=list)
    typed: dict[Key, Typed] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    texts: dict[Key, dict[str, str]] = field(default_factory=dict)


def read_form(
    posted: Mapping[str, str], *, revisions: Mapping[Key, Sequence[Stored]], shown: Collection[Key],
    writable: Collection[Key], items: Mapping[int, Item], language: str,
) -> Sent:  # fmt: skip
    """Of every cell that was sent, those that say something else than the revision that their writer looked at."""
    sent = Sent()
    for name in posted:
        key = parse_key(name.removeprefix("value:")) if name.startswith("value:") else None
        if key is None or key not in shown:
            continue
        suffix = f":{key_text(key)}"
        texts, seen = texts_of(posted, suffix), posted.get(f"seen{suffix}", "")
        looked_at = _revision(revisions.get(key, ()), seen)
        if texts == field_texts(looked_at):
            continue
        sent.texts[key] = texts
        if key not in writable:
            where = cell_name(items[key[0]], Period.parse(key[1]), key[2])
            words = _("%(cell)s has closed, so “%(value)s” was not saved. It is read only now.")
            sent.refused.append(words % {"cell": where, "value": texts["value"]})
            continue
        read = read_cell(texts, evidence_id=looked_at.evidence_id if looked_at else None, language=language)
        if isinstance(read, list):
            sent.typed[key] = Typed(texts, tuple(fault.text for fault in read))
        else:
            sent.cells.append((CellKey(*key), read, looked_at.revision if looked_at else None))
    return sent


def _revision(revisions: Sequence[Stored], seen: str) -> Stored | None:
    return next((stored for stored in revisions if str(stored.revision) == seen), None)


class EvidenceForm(forms.Form):
    """A file to attach to a cell."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        allow_empty_file=True,
        help_text=gettext_lazy("PDF, XLSX, DOCX, PNG, JPG, CSV or TXT, at most 10 MB. Leave out personal data."),
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join(f".{ending}" for ending in evidence_file.CONTENT_TYPE)}
        ),
    )

    def clean_file(self) -> Any:
        """What is far too large is not even read."""
        file = self.cleaned_data["file"]
        if file.size > evidence_file.LARGEST:
            raise ValidationError(
                _("The file is larger than %(most)s MB. Make it smaller, or give a link to it instead.")
                % {"most": evidence_file.LARGEST // 1024 // 1024}
            )
        return file


def live_texts() -> dict[str, str]:
    """What the grid's script says, in the reader's language."""
    return {
        "saving": _("Saving …"),
        "saved": _("Saved"),
        "all_saved": _("Everything is saved."),
        "not_saved": _("Not saved"),
        "waiting": _("No connection. What you wrote is kept here and saved when the line is back."),
        "server": _("The server could not save this. It will be tried again."),
        "signed_out": _("You are no longer signed in. Sign in in another tab, then change a cell here to go on."),
        "undone": _("Taken back: %(cell)s"),
        "nothing_to_undo": _("There is nothing to take back."),
        "pasted": _("%(done)s of %(all)s pasted cells were saved."),
        "unread": _("These cells could not be read and stay as they were:"),
        "heading": _("Nothing was pasted: the first row holds words only. Copy the values without their heading."),
        "row_column": _("row %(row)s, column %(column)s"),
        "quoted": _("“%(text)s”"),
        "outside": _("There is no field here to paste into."),
        "follows": _("The value follows from numerator and denominator. Empty those first."),
        "close": _("Close this list"),
    }
