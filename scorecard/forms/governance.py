"""Forms of the chain, of goals with their indicators, of committees, names of levels and judgements."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from indicators.wording import STATUS
from scorecard.compute.goals import GoalStatus
from scorecard.wording import LEVELS

Choices = Sequence[tuple[Any, Any]]
FIRST_YEAR, LAST_YEAR = 1990, 2199
LANGUAGES = {"sv": gettext_lazy("in Swedish"), "en": gettext_lazy("in English")}


def _label(text: str | Promise, language: str) -> Any:
    return format_lazy("{text}, {language}", text=text, language=LANGUAGES[language])


def texts(
    name: str,
    label: str | Promise,
    *,
    longest: int | None = None,
    rows: int = 0,
    required: bool = True,
    help_text: Any = "",
) -> dict[str, forms.Field]:
    """The Swedish and the English field of a text; the English may always be empty."""
    found: dict[str, forms.Field] = {}
    for language in ("sv", "en"):
        attributes: dict[str, Any] = {"lang": language}
        widget: forms.Widget = forms.Textarea({**attributes, "rows": rows}) if rows else forms.TextInput(attributes)
        found[f"{name}_{language}"] = forms.CharField(
            label=_label(label, language),
            max_length=longest,
            required=required and language == "sv",
            widget=widget,
            help_text=help_text if language == "sv" else "",
        )
    return found


def year_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=required,
        help_text=help_text,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "short"}),
    )


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput({"type": "date", "class": "short"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


class ChainForm(forms.Form):
    """A form of part of a chain: its fields in two languages, and in an ended mandate the reason of a correction."""

    def __init__(self, *args: Any, fields: Mapping[str, forms.Field], correcting: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields.update(fields)
        if correcting:
            self.fields["correction"] = forms.CharField(
                label=_("Reason for the correction"),
                help_text=_("The mandate has ended. What was changed, by whom and why is kept in the log."),
                widget=forms.Textarea({"rows": 3}),
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("valid_from"), found.get("valid_to")
        if first is not None and last is not None and last < first:
            self.add_error("valid_to", ValidationError(_("The last year comes before the first.")))
        return found

    @property
    def own_fields(self) -> dict[str, Any]:
        """What is stored: everything but the reason of a correction."""
        return {name: value for name, value in self.cleaned_data.items() if name != "correction"}

    @property
    def correction(self) -> str:
        return str(self.cleaned_data.get("correction", ""))


VALID_FROM = gettext_lazy("Valid from (year)")
VALID_TO = gettext_lazy("Valid to and including (year)")
OPEN_END = gettext_lazy("Empty: until further notice.")


def vision_fields() -> dict[str, forms.Field]:
    return {
        **texts("title", gettext_lazy("Title"), longest=200),
        **texts("text", pgettext_lazy("of a vision", "Text"), rows=5, required=False),
        "valid_from": year_field(VALID_FROM),
        "valid_to": year_field(VALID_TO, required=False, help_text=OPEN_END),
    }


def mandate_fields() -> dict[str, forms.Field]:
    return {
        "valid_from": year_field(
            gettext_lazy("First year of the new mandate"),
            help_text=gettext_lazy("The mandate that is copied ends the year before, unless it ends earlier."),
        ),
        "valid_to": year_field(gettext_lazy("Last year"), required=False, help_text=OPEN_END),
        **texts("title", gettext_lazy("Title of the vision"), longest=200),
    }


def decision_fields() -> dict[str, forms.Field]:
    return {
        "decided_on": day_field(pgettext_lazy("day of a decision", "Decided on")),
        "decision": forms.CharField(
            label=gettext_lazy("Where the decision can be read"),
            max_length=200,
            help_text=gettext_lazy("For example the paragraph of the council's minutes and the case number."),
        ),
    }


def issue_fields() -> dict[str, forms.Field]:
    return {
        **texts("name", gettext_lazy("Name"), longest=120),
        **texts("text", gettext_lazy("What it is about"), rows=4, required=False),
    }


def direction_fields() -> dict[str, forms.Field]:
    return texts("text", gettext_lazy("How, and for whom"), rows=4)


def directive_fields(committees: Choices) -> dict[str, forms.Field]:
    return {
        **texts("text", gettext_lazy("The task, as the council has worded it"), rows=4),
        "committee_id": forms.TypedChoiceField(label=gettext_lazy("Committee"), choices=committees, coerce=int),
        "valid_from": year_field(VALID_FROM),
        "valid_to": year_field(VALID_TO, required=False, help_text=OPEN_END),
    }


def goal_fields(committees: Choices, issues: Choices, issue_label: str) -> dict[str, forms.Field]:
    return {
        **texts(
            "sentence",
            gettext_lazy("The goal in a sentence"),
            longest=300,
            rows=3,
            help_text=gettext_lazy("As the council has decided it, for example “At least 90 per cent shall …”."),
        ),
        **texts(
            "short",
            gettext_lazy("Short name"),
            longest=60,
            help_text=gettext_lazy("For lists and headings, a few words."),
        ),
        "committee_id": forms.TypedChoiceField(
            label=gettext_lazy("Committee that answers for it"), choices=committees, coerce=int
        ),
        "issue_id": forms.TypedChoiceField(label=issue_label, choices=issues, coerce=int),
        "valid_from": year_field(
            VALID_FROM, required=False, help_text=gettext_lazy("Empty: from the first year of the mandate.")
        ),
        "valid_to": year_field(
            VALID_TO,
            required=False,
            help_text=gettext_lazy("Empty: as long as the mandate. Earlier years keep the goal."),
        ),
    }


def committee_fields(departments: Choices) -> dict[str, forms.Field]:
    return {
        **texts("name", gettext_lazy("Name"), longest=120),
        "departments": forms.TypedMultipleChoiceField(
            label=gettext_lazy("Departments that work for it"),
            choices=departments,
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        ),
    }


class WeightField(forms.DecimalField):
    """Reads “2,5” and “2.5” in both languages: a weight never has thousands apart."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class LinkForm(forms.Form):
    """An indicator of a goal. A stored one keeps its indicator; a new row without one is left out."""

    indicator = forms.TypedChoiceField(label=gettext_lazy("Indicator"), coerce=int, required=False, empty_value=None)
    weight = WeightField(
        label=gettext_lazy("Weight"),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=2,
        required=False,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    key = forms.BooleanField(label=gettext_lazy("Key indicator"), required=False)
    remove = forms.BooleanField(label=gettext_lazy("Remove"), required=False)

    def __init__(self, *args: Any, indicators: Choices, names: Mapping[int, tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["indicator"]
        assert isinstance(field, forms.ChoiceField)
        stored = self.initial.get("indicator")
        self.stored = names.get(stored) if stored else None
        if stored and self.stored:
            field.choices = [(stored, self.stored[1])]
            field.widget = forms.HiddenInput()
        else:
            field.choices = [("", _("Choose an indicator to add")), *indicators]

    def clean_weight(self) -> Decimal:
        """Empty is the ordinary weight; 0 is a weight."""
        given = self.cleaned_data.get("weight")
        return Decimal(1) if given is None else given


class LinkFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        if any(self.errors):
            return
        chosen = [link[0] for link in self.links()]
        if len(set(chosen)) != len(chosen):
            raise ValidationError(_("An indicator can show a goal only once. Remove the second one."))

    def links(self) -> list[tuple[int, Decimal, bool]]:
        """(indicator, weight, key) in order, without rows that are empty or to be removed."""
        found = []
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if data.get("indicator") is not None and not data.get("remove"):
                found.append((data["indicator"], data["weight"], data["key"]))
        return found


Links = forms.formset_factory(LinkForm, formset=LinkFormSet, extra=3, max_num=60, absolute_max=80)


class LevelNamesForm(forms.Form):
    """Two Swedish and two English names for each level; a level whose Swedish names are empty has its ordinary name."""

    PARTS = ("singular_sv", "plural_sv", "singular_en", "plural_en")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        labels = {
            "singular_sv": _("One, in Swedish"),
            "plural_sv": _("Several, in Swedish"),
            "singular_en": _("One, in English"),
            "plural_en": _("Several, in English"),
        }
        for level in LEVELS:
            for part in self.PARTS:
                self.fields[f"{level}_{part}"] = forms.CharField(
                    label=labels[part],
                    max_length=60,
                    required=False,
                    widget=forms.TextInput({"lang": part[-2:]}),
                )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for level in LEVELS:
            given = {part: found.get(f"{level}_{part}", "") for part in self.PARTS}
            if any(given.values()):
                for part in ("singular_sv", "plural_sv"):
                    if not given[part]:
                        message = _("Write both Swedish names, or leave all four empty for the ordinary name.")
                        self.add_error(f"{level}_{part}", ValidationError(message))
        return found

    @property
    def names(self) -> dict[str, dict[str, str]]:
        return {level: {part: self.cleaned_data[f"{level}_{part}"] for part in self.PARTS} for level in LEVELS}

    def groups(self) -> list[dict[str, Any]]:
        """Levels with their fields, in the order of the chain."""
        return [
            {"name": ordinary[0], "fields": [self[f"{level}_{part}"] for part in self.PARTS]}
            for level, ordinary in LEVELS.items()
        ]


class JudgementForm(forms.Form):
    """What people decide about a goal for a period. proposed: the computed proposal's status, which they may leave."""

    status = forms.ChoiceField(
        label=gettext_lazy("Your judgement"),
        choices=[(status.value, STATUS[status.value]) for status in GoalStatus],
        widget=forms.RadioSelect,
    )
    decided_on = day_field(pgettext_lazy("day of a decision", "Decided on"))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, proposed: str, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.proposed, self.today = proposed, today
        self.fields.update(
            texts(
                "motivation",
                pgettext_lazy("of a judgement", "Why"),
                rows=5,
                help_text=gettext_lazy("What the judgement rests on. Where it differs from the proposal, say why."),
            )
        )
        self.fields.update(texts("actions", gettext_lazy("Planned actions"), rows=4, required=False))
        self.order_fields(["status", "motivation_sv", "motivation_en", "actions_sv", "actions_en", "decided_on"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not found.get("motivation_sv", "").strip():
            self.errors.pop("motivation_sv", None)  # asked for in words that fit the judgement instead
            status = found.get("status")
            if status and status != self.proposed:
                message = _("Your judgement is another than the proposal (%(proposed)s): write why.") % {
                    "proposed": str(STATUS[self.proposed]).lower()
                }
            else:
                message = _("Write why, also where you agree with the proposal. The council reads it.")
            self.add_error("motivation_sv", ValidationError(message))
        decided = found.get("decided_on")
        if decided is not None and decided > self.today:
            self.add_error("decided_on", ValidationError(_("The day has not come yet.")))
        return found
