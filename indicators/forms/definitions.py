"""Forms of definitions, targets, breaks and departments: labels and help in plain words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from indicators import definition_wording, wording
from indicators.definition_wording import HELP, LABEL
from indicators.forms.choices import Choices
from indicators.models import Area, DefinitionAct, Department, Indicator, Unit
from indicators.operations.indicator_definitions import EDITABLE
from indicators.periods import Kind, Period, PeriodError

KPI = re.compile(r"[NU]\d{5}")
SECTIONS = (
    (
        gettext_lazy("What and why"),
        ("code", "name", "purpose", "definition", "area", "direction", "measures", "experienced", "influenceable",
         "never_good_enough", "steering"),
    ),
    (
        gettext_lazy("How it is measured"),
        ("calculation", "numerator", "denominator", "unit", "decimals", "minimum", "maximum", "divided", "aggregation"),
    ),
    (
        gettext_lazy("Who and when"),
        ("department", "owner", "responsible", "four_eyes", "frequency", "due_days"),
    ),
    (
        gettext_lazy("Where the values come from"),
        ("source", "kolada_id", "respondents_kolada_id", "margin_kolada_id", "formula"),
    ),
    (gettext_lazy("Comparability"), ("comparable", "quality")),
)  # fmt: skip
IN_TWO_LANGUAGES = ("name", "purpose", "definition", "calculation", "quality", "numerator", "denominator", "owner")
SWITCHES = ("experienced", "comparable", "influenceable", "never_good_enough", "steering")
BESIDE = ("respondents_kolada_id", "margin_kolada_id")  # what Kolada publishes beside a survey's share
NEEDED = ("name", "purpose", "definition", "calculation", "owner")
SHORT = {"name": 120, "owner": 120}
LANGUAGE = {"sv": gettext_lazy("in Swedish"), "en": gettext_lazy("in English")}


@dataclass(frozen=True)
class Row:
    """Fields that stand side by side: one, or the Swedish and the English text with the help that both share."""

    fields: tuple[forms.BoundField, ...]
    label: str = ""
    help: str = ""

    @property
    def paired(self) -> bool:
        return len(self.fields) > 1


class OneLine(forms.Textarea):
    """A text of several lines that starts small."""

    def __init__(self, rows: int = 3) -> None:
        super().__init__(attrs={"rows": rows})


def _decimal(**more: Any) -> forms.DecimalField:
    """A number in the reader's form: 1,5 in Swedish, 1.5 in English; more decimals than are stored are refused."""
    return forms.DecimalField(
        max_digits=20, decimal_places=8, localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **more
    )


def _text(value: str) -> str:
    """A text as it is stored, whichever line ends the browser sent."""
    return value.replace("\r\n", "\n").strip()


class DefinitionForm(forms.Form):
    """An indicator's definition. `code` is asked for once, when the indicator is made."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Can values from before the change be compared with those after it?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (DefinitionAct.COMPARABLE.value, gettext_lazy("Yes: the same is measured, only the wording is new")),
            (
                DefinitionAct.BACKWARDS.value,
                gettext_lazy("Yes, all the same: the method is new, and the step is small"),
            ),
            (DefinitionAct.BREAK.value, gettext_lazy("No: the series is broken from here on")),
        ],
    )
    period = forms.CharField(
        label=gettext_lazy("First period with the new method"),
        required=False,
        max_length=8,
        help_text=gettext_lazy("For example 2026, 2026T2 or 2026M05. Not needed where only the wording is new."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, for those who read the series later"), required=False, widget=OneLine(2)
    )
    reason_en = forms.CharField(label=gettext_lazy("Why, in English"), required=False, widget=OneLine(2))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, new: bool, department_people: Any = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.people = department_people
        if new:
            self.fields["code"] = forms.CharField(label=LABEL["code"], help_text=HELP["code"], max_length=20)
        for name in IN_TWO_LANGUAGES:
            for language in ("sv", "en"):
                self.fields[f"{name}_{language}"] = _bilingual(name, language)
        self._add_choices()
        self._add_numbers()
        self._add_switches()

    def _add_choices(self) -> None:
        users = get_user_model().objects.filter(is_active=True, roles__isnull=False).distinct()
        self._add("area", forms.ModelChoiceField(Area.objects.all()))
        self._add("unit", forms.ModelChoiceField(Unit.objects.order_by("name_sv")))
        self._add("department", forms.ModelChoiceField(Department.objects.all()))
        self._add("responsible", PersonField(users.order_by("last_name", "username"), required=False))
        listed = {
            "direction": wording.DIRECTION,
            "measures": wording.MEASURES,
            "frequency": wording.FREQUENCY,
            "source": wording.SOURCE,
            "aggregation": definition_wording.AGGREGATION,
        }
        for name, options in listed.items():
            self._add(name, forms.ChoiceField(choices=list(options.items())))

    def _add_numbers(self) -> None:
        self._add("decimals", forms.IntegerField(min_value=0, max_value=8))
        self._add("due_days", forms.IntegerField(min_value=0, max_value=730))
        self._add("minimum", _decimal(required=False))
        self._add("maximum", _decimal(required=False))

    def _add_switches(self) -> None:
        for name in (*SWITCHES, "divided", "four_eyes"):
            self._add(name, forms.BooleanField(required=False))
        for name in ("kolada_id", *BESIDE):
            self._add(name, forms.CharField(required=False, max_length=12))
        self._add("formula", forms.CharField(required=False, widget=OneLine(2)))

    def _add(self, name: str, field: forms.Field) -> None:
        field.label, field.help_text = LABEL[name], HELP[name]
        self.fields[name] = field

    def sections(self) -> Iterator[tuple[str, list[Row]]]:
        """The fields in groups, texts in two languages side by side."""
        for title, names in SECTIONS:
            rows = []
            for name in names:
                if name in IN_TWO_LANGUAGES:
                    pair = (self[f"{name}_sv"], self[f"{name}_en"])
                    rows.append(Row(pair, str(LABEL[name]), str(HELP[name])))
                elif name in self.fields:
                    rows.append(Row((self[name],)))
            yield str(title), rows

    def ask(self, *, period: str) -> None:
        """Ask the question about comparability: its answer and reason are needed, the present period is proposed."""
        self.fields["answer"].required = self.fields["reason"].required = True
        self.data = {**dict(self.data.items()), "period": self.data.get("period") or period}

    def question(self) -> list[forms.BoundField]:
        """What is asked when the method changes."""
        return [self[name] for name in ("answer", "period", "reason", "reason_en")]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name, value in found.items():
            if isinstance(value, str):
                found[name] = _text(value)
        for name in IN_TWO_LANGUAGES:
            if not found.get(f"{name}_en"):
                found[f"{name}_en"] = ""
        self._clean_source(found)
        person, department = found.get("responsible"), found.get("department")
        if person and department and self.people and person.pk not in self.people(department.pk):
            self.add_error(
                "responsible",
                _("%(person)s has no role in %(department)s. An administrator gives roles under Accounts and roles.")
                % {"person": PersonField.words(person), "department": department},
            )
        return found

    def _clean_source(self, found: dict[str, Any]) -> None:
        source = found.get("source")
        if source != "kolada":
            found |= dict.fromkeys(("kolada_id", *BESIDE), "")
        elif not KPI.fullmatch(found.get("kolada_id") or ""):
            self.add_error(
                "kolada_id", _("Write Kolada's identity of the key figure: N or U and five digits, as N00945.")
            )
        for name in BESIDE:
            if found.get(name) and not KPI.fullmatch(found[name]):
                self.add_error(name, _("Write N or U and five digits, as N00945, or leave it empty."))
        if source != "computed":
            found["formula"] = ""
        elif not found.get("formula"):
            self.add_error("formula", _("Write the formula, for example: complaints ÷ cases × 100."))

    def definition(self) -> dict[str, Any]:
        """What is stored of it."""
        return {name: self.cleaned_data[name] for name in EDITABLE if name in self.cleaned_data}


def _bilingual(name: str, language: str) -> forms.CharField:
    needed = name in NEEDED and language == "sv"
    label = f"{LABEL[name]} ({LANGUAGE[language]})"
    if name in SHORT:
        return forms.CharField(label=label, required=needed, max_length=SHORT[name])
    return forms.CharField(label=label, required=needed, widget=OneLine())


class PersonField(forms.ModelChoiceField):
    """A person by name."""

    @staticmethod
    def words(user: Any) -> str:
        return str(user.get_full_name() or user.get_username())

    def label_from_instance(self, obj: Any) -> str:
        return self.words(obj)


def initial_of(indicator: Indicator) -> dict[str, Any]:
    """A stored definition as the form's first content."""
    found = {name: getattr(indicator, name) for name in EDITABLE}
    return {name: plain(value) if isinstance(value, Decimal) else value for name, value in found.items()}


class DefinitionListForm(forms.Form):
    """Search and filters of the list of definitions."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)
    source = forms.ChoiceField(label=pgettext_lazy("of figures", "Source"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("Which"),
        required=False,
        choices=[
            ("used", gettext_lazy("In use")),
            ("looked_up", pgettext_lazy("indicators", "Only looked up")),
            ("retired", pgettext_lazy("indicators", "Retired")),
            ("all", pgettext_lazy("indicators", "All")),
        ],
    )

    def __init__(self, *arguments: Any, areas: Choices, departments: Choices, **more: Any) -> None:
        super().__init__(*arguments, **more)
        everything = [("", pgettext_lazy("choice in a filter", "All"))]
        options = {"area": areas, "department": departments, "source": list(wording.SOURCE.items())}
        for name, listed in options.items():
            self.fields[name].choices = [*everything, *listed]  # type: ignore[attr-defined]


class RetireForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("Last day that it is followed"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it is retired"),
        widget=OneLine(),
        help_text=gettext_lazy("For those who look for the indicator later: what replaces it, or why nobody needs it."),
    )


class RestoreForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is taken up again"), widget=OneLine())


class BreakForm(forms.Form):
    period = forms.CharField(label=gettext_lazy("First period with the new method"), max_length=8)
    reason = forms.CharField(label=gettext_lazy("What has changed"), widget=OneLine())
    reason_en = forms.CharField(label=gettext_lazy("What has changed, in English"), required=False, widget=OneLine())
    comparable_backwards = forms.BooleanField(
        label=LABEL["comparable_backwards"],
        required=False,
        help_text=gettext_lazy("The break is told of, but changes and targets are judged across it."),
    )

    def __init__(self, *arguments: Any, example: str, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["period"].help_text = _("As this indicator has them, for example %(example)s.") % {
            "example": example
        }


class DepartmentForm(forms.Form):
    name_sv = forms.CharField(label=gettext_lazy("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    head = PersonField(
        get_user_model().objects.none(),
        label=LABEL["head"],
        required=False,
        help_text=gettext_lazy("Is reminded where the person who hands in does not answer."),
    )

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        users = get_user_model().objects.filter(is_active=True, roles__isnull=False).distinct()
        self.fields["head"].queryset = users.order_by("last_name", "username")  # type: ignore[attr-defined]


# ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────────────

# The forms that one chooses among: what the goal says → the words, and the fields that it needs.
SHAPES: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "level": (
        gettext_lazy("At least, or at most, a level"),
        gettext_lazy("“At least 85 per cent are content.”"),
        ("side", "value", "tolerance"),
    ),
    "between": (
        gettext_lazy("Between two levels"),
        gettext_lazy("“The reserve lies between 2 and 4 per cent.”"),
        ("lower", "upper", "tolerance"),
    ),
    "direction": (
        gettext_lazy("Shall increase or decrease"),
        gettext_lazy("“The share who feel that they have influence shall increase.”"),
        ("wanted", "baseline_period", "tolerance"),
    ),
    "yearly_change": (
        gettext_lazy("Change by so many per cent a year"),
        gettext_lazy("“Emissions shall fall by 2.5 per cent every year.”"),
        ("percent", "baseline_period", "tolerance"),
    ),
    "not_worse": (
        gettext_lazy("Not worse than before"),
        gettext_lazy("“At least unchanged compared with the year before.”"),
        ("baseline_period", "tolerance"),
    ),
    "position": (
        gettext_lazy("A place among other municipalities"),
        gettext_lazy("“Among the best 25 per cent in the country.”"),
        ("best_share", "rank", "group", "tolerance"),
    ),
    "survey": (
        gettext_lazy("A result of a survey"),
        gettext_lazy("“At least 70 per cent answer that they feel safe.” Judged with the margin of error."),
        ("side", "value", "tolerance"),
    ),
}


def _target_fields() -> dict[str, forms.Field]:
    """Every field that a target may have."""
    sides = [("at_least", definition_wording.SIDE["at_least"]), ("at_most", definition_wording.SIDE["at_most"])]
    best = gettext_lazy("For example 25: among the best 25 per cent. Leave empty where a place is asked for.")
    return {
        "side": forms.ChoiceField(label=LABEL["side"], choices=sides, widget=forms.RadioSelect),
        "value": _decimal(label=LABEL["value"]),
        "lower": _decimal(label=LABEL["lower"]),
        "upper": _decimal(label=LABEL["upper"]),
        "wanted": forms.ChoiceField(
            label=LABEL["wanted"], choices=list(definition_wording.WANTED.items()), widget=forms.RadioSelect
        ),
        "percent": _decimal(
            label=LABEL["percent"],
            help_text=gettext_lazy("With a minus where it shall fall: −2.5 is 2.5 per cent less a year."),
        ),
        "baseline_period": forms.CharField(
            label=LABEL["baseline_period"],
            required=False,
            max_length=8,
            help_text=gettext_lazy("A period, for example 2023. Empty: the period before."),
        ),
        "best_share": _decimal(
            label=gettext_lazy("Among the best … per cent"), required=False, min_value=0, max_value=100, help_text=best
        ),
        "rank": forms.IntegerField(
            label=gettext_lazy("Among the … best"),
            required=False,
            min_value=1,
            help_text=gettext_lazy("For example 3."),
        ),
        "group": forms.ChoiceField(label=LABEL["group"], choices=list(definition_wording.GROUP.items())),
        "tolerance": _decimal(
            label=LABEL["tolerance"],
            required=False,
            min_value=0,
            help_text=gettext_lazy(
                "How far from the target still counts as partly met, in the indicator's unit. 0: not at all."
            ),
        ),
    }


class TargetForm(forms.Form):
    """A target of the chosen shape; only what that shape needs is asked."""

    def __init__(self, *arguments: Any, shape: str, frequency: str, offer_to_end: bool = False, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.shape, self.frequency = shape, frequency
        known = _target_fields()
        for name in SHAPES[shape][2]:
            self.fields[name] = known[name]
        if shape == "position":
            self.fields["tolerance"].help_text = gettext_lazy(
                "How far from the target still counts as partly met: per cent of the municipalities, or places."
            )
        if shape == "yearly_change":
            self.fields["baseline_period"].required = True
            self.fields["baseline_period"].label = gettext_lazy("Counted from the value of")
            self.fields["baseline_period"].help_text = gettext_lazy(
                "The period that the path starts from, for example 2023."
            )
        year = forms.IntegerField(label=LABEL["valid_from"], min_value=2000, max_value=2199)
        last = gettext_lazy("Empty: until further notice.")
        self.fields["valid_from"] = year
        self.fields["valid_to"] = forms.IntegerField(
            label=LABEL["valid_to"], required=False, min_value=2000, max_value=2199, help_text=last
        )
        if offer_to_end:
            self.fields["end_earlier"] = forms.BooleanField(
                label=gettext_lazy("End the target that is valid before, the year before this one begins"),
                required=False,
            )

    def clean_percent(self) -> Decimal:
        percent: Decimal = self.cleaned_data["percent"]
        if percent == 0 or percent <= -100:
            raise ValidationError(_("The change is not 0 and above −100 per cent a year."))
        return percent

    def clean_baseline_period(self) -> str:
        text = (self.cleaned_data["baseline_period"] or "").strip()
        if not text:
            return ""
        try:
            period: Period | None = Period.parse(text)
        except PeriodError:
            period = None
        if period is None or period.kind != self.frequency:
            raise ValidationError(
                _("Write a period as this indicator has them (%(how)s), for example %(example)s.")
                % {
                    "how": wording.FREQUENCY[self.frequency],
                    "example": example_period(self.frequency, date(2023, 1, 1)),
                }
            )
        return period.code

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        lower, upper = found.get("lower"), found.get("upper")
        if lower is not None and upper is not None and upper < lower:
            self.add_error("upper", _("The upper level lies above the lower one."))
        first, last = found.get("valid_from"), found.get("valid_to")
        if first is not None and last is not None and last < first:
            self.add_error("valid_to", _("The last year is not before the first."))
        if self.shape == "position" and not self.errors:
            share, rank = found.get("best_share"), found.get("rank")
            if (share is None) == (rank is None):
                self.add_error("best_share", _("Fill in one of the two: the best per cent, or the number of places."))
        return found

    def target(self) -> dict[str, Any]:
        """The fields of the stored target."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in ("best_share", "end_earlier")}
        found["form"] = "level" if self.shape == "between" else self.shape
        if self.shape == "between":
            found["side"] = "between"
        share = self.cleaned_data.get("best_share")
        if share is not None:
            found["percentile"] = 100 - share
        return found


def example_period(frequency: str, day: date) -> str:
    """How a period of this frequency is written."""
    return Period.of(Kind(frequency), day).code


def shape_of(form: str, side: str) -> str:
    """The shape that a stored target is edited as."""
    return "between" if form in ("level", "survey") and side == "between" else form


def initial_of_target(target: Any) -> dict[str, Any]:
    names = ("side", "value", "lower", "upper", "wanted", "percent", "baseline_period", "rank", "group", "tolerance",
             "valid_from", "valid_to")  # fmt: skip
    found = {name: getattr(target, name) for name in names}
    for name, value in found.items():
        if isinstance(value, Decimal):
            found[name] = plain(value)
    if target.percentile is not None:
        found["best_share"] = plain(100 - target.percentile)
    return found


def plain(value: Decimal) -> Decimal:
    """A stored number without the zeros that fill its column."""
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def shapes() -> Sequence[tuple[str, Any, Any]]:
    return [(key, title, example) for key, (title, example, _fields) in SHAPES.items()]


class EndForm(forms.Form):
    last_year = forms.IntegerField(label=gettext_lazy("Last year that it is valid"), min_value=2000, max_value=2199)
