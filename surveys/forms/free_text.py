"""What is chosen about themes and hypotheses."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys.models import HypothesisState
from surveys.operations.hypotheses import Told

Choices = Sequence[tuple[int, str]]
LONGEST = 4000


class ThemeForm(forms.Form):
    title = forms.CharField(required=False, max_length=120)
    hidden = forms.BooleanField(required=False)


class HypothesisForm(forms.Form):
    """What is thought to be needed, and what is to come of it."""

    title = forms.CharField(
        label=_("The need in one sentence"), max_length=160, help_text=_("E.g. Parents want to know early.")
    )
    text = forms.CharField(
        label=_("What points to it"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Do not write anything that points to one person."),
    )
    improvement = forms.CharField(
        label=_("What is to be done"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    department = forms.TypedChoiceField(label=_("Who does it"), required=False, coerce=int, empty_value=None)
    due_on = forms.DateField(
        label=_("To be done by"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    indicator = forms.TypedChoiceField(
        label=_("The indicator that came of it"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, departments: Choices, indicators: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "department", pgettext_lazy("no department", "Nobody yet"), departments)
        _offer(self, "indicator", pgettext_lazy("no indicator", "None yet"), indicators)

    def told(self) -> Told:
        data = self.cleaned_data
        return Told(
            title=data["title"], text=data["text"], improvement=data["improvement"], department_id=data["department"],
            due_on=data["due_on"], indicator_id=data["indicator"],
        )  # fmt: skip


class NewHypothesisForm(HypothesisForm):
    """The same, with the survey that it is about."""

    survey = forms.TypedChoiceField(label=_("Survey"), coerce=int)
    field_order = ("survey", "title", "text")

    def __init__(self, *args: Any, surveys: Choices, **kwargs: Any) -> None:
        super().__init__(*args, departments=(), indicators=(), **kwargs)
        for name in ("improvement", "department", "due_on", "indicator"):
            del self.fields[name]
        field = self.fields["survey"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = surveys

    def told(self) -> Told:
        return Told(title=self.cleaned_data["title"], text=self.cleaned_data["text"])


class MoveForm(forms.Form):
    """How far a hypothesis has come."""

    state = forms.ChoiceField(label=_("How far it has come"), choices=HypothesisState.choices)
    reason = forms.CharField(
        label=_("What was found out"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to confirm or drop it."),
    )


def _offer(form: forms.Form, name: str, none: Any, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.TypedChoiceField)
    field.choices = [("", none), *choices]
