"""Forms of a sample: a register, counts, how many to draw, the population's backgrounds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.sources.sheet import Limits, SheetError
from indicators.templatetags.figures import number
from surveys.compute.sampling import LEAST_SAMPLE, Method, SamplingError, allocate
from surveys.operations.sampling import LARGEST_SEED
from surveys.read_models.sampling import METHODS, BackgroundRow, StratumRow, bad_line_text
from surveys.sources.frame_file import BadLine, pasted_rows, read_count_file, read_counts

ACCEPTED = ".xlsx,.csv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TOLD = 20


def _file(label: Any, **more: Any) -> forms.FileField:
    return forms.FileField(label=label, widget=forms.FileInput(attrs={"accept": ACCEPTED}), **more)


class FrameForm(forms.Form):
    """A register. `content()` gives its bytes, read no further than may be."""

    file = _file(gettext_lazy("File"))
    leave_out = forms.BooleanField(
        label=gettext_lazy("Leave out rows that are not in order"),
        required=False,
        help_text=gettext_lazy("Without this, one faulty row is enough for nothing to be stored."),
    )

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = limits
        self.fields["file"].help_text = _("Excel (.xlsx) or CSV, at most %(megabytes)s MB and %(rows)s rows.") % {
            "megabytes": number(limits.bytes // 1_000_000), "rows": number(limits.rows),
        }  # fmt: skip

    def content(self) -> bytes:
        content: bytes = self.cleaned_data["file"].read(self.limits.bytes + 1)
        return content


def _told(bad: Sequence[BadLine]) -> list[forms.ValidationError]:
    told = [forms.ValidationError(bad_line_text(line)) for line in bad[:MOST_TOLD]]
    if len(bad) > MOST_TOLD:
        told.append(forms.ValidationError(_("… and %(n)s more.") % {"n": number(len(bad) - MOST_TOLD)}))
    return told


class CountsForm(forms.Form):
    """How many people each group has, typed, pasted or as a file; `cleaned_data["counts"]`: name → number."""

    lines = forms.CharField(
        label=gettext_lazy("Groups and how many people they have"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("One group on each line, then its number. You can paste two columns from Excel."),
    )
    file = _file(
        gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy("Excel or CSV: names in column A, numbers in B."),
    )

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = limits

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        name, given = ("file", data["file"]) if data.get("file") else ("lines", data.get("lines", ""))
        try:
            if name == "file":
                counts, bad = read_count_file(given.read(self.limits.bytes + 1), self.limits)
            else:
                counts, bad = read_counts(pasted_rows(given))
        except SheetError as refusal:
            self.add_error("file", str(refusal))
            return data
        if bad:
            self.add_error(name, _told(bad))
        elif not counts:
            self.add_error(name, _("Write at least one group with its number."))
        data["counts"] = counts
        return data


class PlanForm(forms.Form):
    """How many to draw, and how they are divided. `allocation`: group → people, once it is valid."""

    people = forms.IntegerField(label=gettext_lazy("People to ask"), min_value=1, max_value=1_000_000)
    method = forms.ChoiceField(label=gettext_lazy("How they are divided"))
    least = forms.IntegerField(
        label=gettext_lazy("At least in each group"), min_value=0, max_value=100_000, initial=LEAST_SAMPLE
    )
    rate = forms.FloatField(
        label=gettext_lazy("Expected response rate, per cent"),
        min_value=1, max_value=100, initial=40, localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=gettext_lazy("In the national citizen survey 35 to 40 per cent answer."),
    )  # fmt: skip
    seed = forms.IntegerField(
        label=gettext_lazy("Seed of the draw"), min_value=0, max_value=LARGEST_SEED,
        help_text=gettext_lazy("Any whole number. The same register and the same seed draw the same people."),
    )  # fmt: skip

    def __init__(self, *args: Any, strata: Sequence[StratumRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.strata = strata
        self.allocation: dict[str, int] = {}
        self.fields["method"].choices = [(m.value, METHODS[m]) for m in Method]  # type: ignore[attr-defined]
        if len(strata) < 2:
            for name in ("method", "least"):
                self.fields[name].required = False
                self.fields[name].widget = forms.HiddenInput()
        self.neyman = (self.data.get("method") if self.is_bound else "") == Method.NEYMAN
        for row in strata if self.neyman else []:
            self.fields[f"spread_{row.id}"] = forms.FloatField(
                label=_("Standard deviation in “%(name)s”") % {"name": row.code},
                min_value=0, max_value=1e9, localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )  # fmt: skip

    def clean_rate(self) -> float:
        rate: float = self.cleaned_data["rate"]
        if not math.isfinite(rate):
            raise forms.ValidationError(_("Write a number from 1 to 100."))
        return rate / 100

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        spread = {row.code: data[f"spread_{row.id}"] for row in self.strata} if self.neyman else None
        populations = {row.code: row.in_frame for row in self.strata}
        sizes = {row.code: row.population for row in self.strata}
        if data["people"] > sum(populations.values()):
            message = _("The register has only %(n)s people. Write a smaller number.")
            self.add_error("people", message % {"n": number(sum(populations.values()))})
            return data
        least = data.get("least") or 0
        if least * len(populations) > data["people"]:
            self.add_error("people", _("That is too few for the least number in every group. Ask more people."))
            return data
        try:
            method = data.get("method") or Method.PROPORTIONAL.value
            self.allocation = allocate(sizes, data["people"], method, spread=spread, least=least)
        except SamplingError:
            self.add_error(None, _("The sample cannot be divided like this: at least one deviation must be above 0."))
        return data


class MarginsForm(forms.Form):
    """How many of the population have each background, typed or pasted; `margins()`: question → choice → people."""

    def __init__(self, data: Any = None, *, backgrounds: Sequence[BackgroundRow]) -> None:
        super().__init__(data)
        self.backgrounds = backgrounds
        for row in backgrounds:
            for choice in row.choices:
                self.fields[field_name(row.question_id, choice.value)] = forms.CharField(
                    label=choice.label, required=False, max_length=20, initial=choice.population,
                    widget=forms.TextInput(attrs={"inputmode": "numeric"}),
                )  # fmt: skip
            self.fields[paste_name(row.question_id)] = forms.CharField(
                label=_("Or paste from Excel"), required=False, max_length=20_000,
                help_text=_("The choices and their numbers as two columns. They take the place of the fields above."),
                widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            )  # fmt: skip

    def groups(self) -> list[tuple[BackgroundRow, list[forms.BoundField], forms.BoundField]]:
        """Each question with its fields, and the one to paste into."""
        return [
            (row, [self[field_name(row.question_id, c.value)] for c in row.choices], self[paste_name(row.question_id)])
            for row in self.backgrounds
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for row in self.backgrounds:
            pasted = data.get(paste_name(row.question_id), "")
            data.update(self._pasted(row, pasted) if pasted else self._typed(row))
        return data

    def _typed(self, row: BackgroundRow) -> dict[str, int | None]:
        names = [field_name(row.question_id, choice.value) for choice in row.choices]
        told = {name: self._count(name) for name in names}
        empty = [name for name in names if told[name] is None and not self.errors.get(name)]
        for name in empty if len(empty) < len(names) else []:
            self.add_error(name, _("Write a number here too, or leave the whole question empty."))
        return told

    def _count(self, name: str) -> int | None:
        text = str(self.cleaned_data.get(name) or "").strip()
        if not text:
            return None
        counts, _bad = read_counts([["", ""], ["x", text]])
        if "x" not in counts:
            self.add_error(name, _("Write a whole number, like 1 234."))
        return counts.get("x")

    def _pasted(self, row: BackgroundRow, text: str) -> dict[str, int | None]:
        counts, bad = read_counts(pasted_rows(text))
        by_label = {label.casefold(): count for label, count in counts.items()}
        lacking = [choice.label for choice in row.choices if choice.label.casefold() not in by_label]
        unknown = sorted(counts.keys() - {label for label in counts if _is_choice(row, label)})
        if bad:
            self.add_error(paste_name(row.question_id), _told(bad))
        elif lacking or unknown:
            told = _("The choices must be these: %(known)s.") % {"known": ", ".join(c.label for c in row.choices)}
            self.add_error(paste_name(row.question_id), told)
        return {field_name(row.question_id, c.value): by_label.get(c.label.casefold()) for c in row.choices}

    def margins(self) -> dict[int, Mapping[int, int]]:
        """Of a question whose fields are empty nothing: it has no numbers any more."""
        return {
            row.question_id: {
                choice.value: count
                for choice in row.choices
                if (count := self.cleaned_data[field_name(row.question_id, choice.value)]) is not None
            }
            for row in self.backgrounds
        }


def _is_choice(row: BackgroundRow, label: str) -> bool:
    return any(choice.label.casefold() == label.casefold() for choice in row.choices)


def paste_name(question_id: int) -> str:
    """The field into which a background question's numbers are pasted."""
    return f"paste_{question_id}"


def field_name(question_id: int, value: int) -> str:
    """The field of a background question's choice."""
    return f"margin_{question_id}_{value}"
