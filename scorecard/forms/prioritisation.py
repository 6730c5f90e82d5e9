"""Forms of a prioritisation: heading and criteria, candidates one by one or as a pasted list, goals of the result."""

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from scorecard.models import Candidate, Committee, Criterion, Goal, Prioritisation
from scorecard.operations.prioritisation import NewCandidate

COLUMNS = ("name", "theme", "text", "linked")
LONGEST = {"name": 160, "theme": 120}
MOST_LINES = 500
FAULTS_SHOWN = 5
FIRST_YEAR, LAST_YEAR = 2000, 2100
EXTRA_CRITERIA = 2


def in_language(text: str) -> dict[str, str]:
    """A text that was typed in the reader's language; pages in the other one show it too."""
    return {"sv": text, "en": text if (get_language() or "sv").startswith("en") else ""}


class PrioritisationForm(forms.Form):
    title = forms.CharField(label=pgettext_lazy("of a session", "Title"), max_length=160)
    year = forms.IntegerField(
        label=pgettext_lazy("of goals", "First year"),
        help_text=gettext_lazy("The first year of the goals that come of it."),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("At most"),
        help_text=gettext_lazy("How many candidates can be chosen."),
        min_value=1,
        max_value=200,
    )


class CriterionForm(forms.Form):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name_sv = forms.CharField(label=gettext_lazy("Name in Swedish"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80, required=False)
    help_sv = forms.CharField(label=gettext_lazy("Question in Swedish"), max_length=200, required=False)
    help_en = forms.CharField(label=gettext_lazy("Question in English"), max_length=200, required=False)
    weight = forms.DecimalField(
        label=gettext_lazy("Weight"), min_value=Decimal(0), max_value=Decimal(100), max_digits=6, decimal_places=2,
        localize=True,
    )  # fmt: skip
    against = forms.BooleanField(label=gettext_lazy("A high score speaks against"), required=False)

    def stored(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "id": cleaned.get("id"),
            "name": {"sv": cleaned["name_sv"], "en": cleaned["name_en"]},
            "help": {"sv": cleaned["help_sv"], "en": cleaned["help_en"]},
            "weight": cleaned["weight"],
            "against": cleaned["against"],
            "delete": cleaned.get("DELETE", False),
        }


CriteriaFormSet = formset_factory(CriterionForm, extra=EXTRA_CRITERIA, can_delete=True, max_num=12, validate_max=True)


def criteria_initial(number: int) -> list[dict[str, Any]]:
    """What stands in the criteria's form, in both languages."""
    names = ("id", "name_sv", "name_en", "help_sv", "help_en", "weight", "against")
    return list(Criterion.objects.filter(prioritisation=number).values(*names))


class CandidateForm(forms.Form):
    """One candidate, in both languages, with what its figures come from."""

    name_sv = forms.CharField(label=gettext_lazy("Name in Swedish"), max_length=160)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=160, required=False)
    text_sv = forms.CharField(
        label=gettext_lazy("Description in Swedish"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_en = forms.CharField(
        label=gettext_lazy("Description in English"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    theme_sv = forms.CharField(label=gettext_lazy("Theme in Swedish"), max_length=120, required=False)
    theme_en = forms.CharField(label=gettext_lazy("Theme in English"), max_length=120, required=False)
    committee: "forms.ModelChoiceField[Committee]" = forms.ModelChoiceField(
        label=gettext_lazy("Committee"), queryset=Committee.objects.all(), required=False
    )
    goal: "forms.ModelChoiceField[Goal]" = forms.ModelChoiceField(
        label=gettext_lazy("Goal it carries on"), queryset=Goal.objects.all(), required=False
    )
    indicators = forms.CharField(
        label=gettext_lazy("Indicators"), required=False, help_text=gettext_lazy("Codes, separated by commas.")
    )

    def given(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "name": {"sv": cleaned["name_sv"], "en": cleaned["name_en"]},
            "text": {"sv": cleaned["text_sv"], "en": cleaned["text_en"]},
            "theme": {"sv": cleaned["theme_sv"], "en": cleaned["theme_en"]},
            "committee_id": cleaned["committee"].pk if cleaned["committee"] else None,
            "goal": cleaned["goal"].code if cleaned["goal"] else "",
            "indicators": codes_in(cleaned["indicators"]),
        }


def candidate_initial(number: int, code: str) -> dict[str, Any] | None:
    row = Candidate.objects.filter(prioritisation=number, code=code).prefetch_related("indicators").first()
    if row is None:
        return None
    names = ("name_sv", "name_en", "text_sv", "text_en", "theme_sv", "theme_en")
    return {
        **{name: getattr(row, name) for name in names},
        "committee": row.committee_id,
        "goal": row.goal_id,
        "indicators": ", ".join(indicator.code for indicator in row.indicators.all()),
    }


def codes_in(text: str) -> list[str]:
    return [code for code in text.replace(";", ",").replace(" ", ",").split(",") if code]


class PasteForm(forms.Form):
    """Many candidates at once, one a line: name, theme, description and codes, as columns copied from a sheet."""

    lines = forms.CharField(
        label=gettext_lazy("One candidate a line"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Paste from a sheet: name, theme, description and codes of a goal or of indicators, in that order. "
            "Only the name is needed; in typed lines a semicolon parts the columns."
        ),
    )

    def __init__(self, *args: Any, goals: Sequence[str] = (), indicators: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._goals, self._indicators = set(goals), set(indicators)

    def clean_lines(self) -> list[NewCandidate]:
        """All lines, or an error that names every line that cannot be taken."""
        rows = [(at, row) for at, row in enumerate(rows_of(self.cleaned_data["lines"]), 1) if any(row)]
        if len(rows) > MOST_LINES:
            raise forms.ValidationError(
                _("There are %(count)s lines; at most %(most)s can be pasted at once.")
                % {"count": len(rows), "most": MOST_LINES}
            )
        found, faults, seen = [], [], set[str]()
        for at, row in rows:
            cells = dict(zip(COLUMNS, row, strict=False))
            fault = self._fault(cells, row, seen)
            if fault:
                faults.append(_("Line %(line)s: %(fault)s") % {"line": at, "fault": fault})
            else:
                seen.add(cells["name"].casefold())
                found.append(self._candidate(cells))
        if faults:
            more = len(faults) - FAULTS_SHOWN
            if more > 0:
                told = ngettext("%(count)s more line like these.", "%(count)s more lines like these.", more)
                faults = [*faults[:FAULTS_SHOWN], told % {"count": more}]
            raise forms.ValidationError([_("Nothing was added. Mend these lines:"), *faults])
        return found

    def _fault(self, cells: Mapping[str, str], row: Sequence[str], seen: set[str]) -> str:
        name = cells.get("name", "")
        if not name:
            return _("the name is missing.")
        for column, longest in LONGEST.items():
            if len(cells.get(column, "")) > longest:
                return _("“%(text)s…” is longer than %(longest)s characters.") % {
                    "text": cells[column][:30],
                    "longest": longest,
                }
        if len(row) > len(COLUMNS) and any(row[len(COLUMNS) :]):
            return _("there are %(count)s columns; at most 4 are read.") % {"count": len(row)}
        if name.casefold() in seen:
            return _("“%(name)s” stands here twice.") % {"name": name[:60]}
        unknown = [c for c in codes_in(cells.get("linked", "")) if c not in self._goals and c not in self._indicators]
        if unknown:
            return _("there is no goal or indicator with the code “%(code)s”.") % {"code": unknown[0][:40]}
        return ""

    def _candidate(self, cells: Mapping[str, str]) -> NewCandidate:
        codes = codes_in(cells.get("linked", ""))
        return NewCandidate(
            name=in_language(cells["name"]),
            theme=in_language(cells.get("theme", "")),
            text=in_language(cells.get("text", "")),
            goal=next((code for code in codes if code in self._goals), ""),
            indicators=[code for code in codes if code in self._indicators],
        )


def rows_of(text: str) -> list[list[str]]:
    """Cells of pasted lines: parted by tabs as a sheet copies them, else by semicolons."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    parted = csv.reader(lines.split("\n"), delimiter="\t" if "\t" in lines else ";")
    return [[" ".join(cell.split()) for cell in row] for row in parted]


class CopyForm(forms.Form):
    source = forms.ModelChoiceField(label=gettext_lazy("Copy from"), queryset=Prioritisation.objects.none())

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Prioritisation.objects.exclude(pk=number)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=pgettext_lazy("why it is set aside", "Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )


class GoalsForm(forms.Form):
    """Where the goals go, and who answers for those that name nobody."""

    chain = forms.ChoiceField(
        label=gettext_lazy("Where the goals go"),
        widget=forms.RadioSelect,
        choices=[
            ("new", gettext_lazy("A new mandate from the year on, with only these goals")),
            ("valid", gettext_lazy("The chain that is valid in the year, beside the goals it has")),
        ],
    )
    committee: "forms.ModelChoiceField[Committee]" = forms.ModelChoiceField(
        label=gettext_lazy("Committee for new goals that name none"), queryset=Committee.objects.all(), required=False
    )
