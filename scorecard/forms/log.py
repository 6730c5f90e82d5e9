"""The filter of the log."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scorecard.queries.log import PROGRAM
from scorecard.read_models.log import KIND

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class LogFilter(forms.Form):
    """Who, what kind, about what, from and to which day; all of it optional."""

    person = forms.ChoiceField(label=pgettext_lazy("in the log", "Who"), required=False)
    kind = forms.ChoiceField(
        label=_("What kind"), required=False, choices=[("", pgettext_lazy("kinds in the log", "All")), *KIND.items()]
    )
    q = forms.CharField(
        label=_("About"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    since = forms.DateField(label=_("From the day"), required=False, widget=DAY)
    until = forms.DateField(label=_("To the day"), required=False, widget=DAY)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = [("", pgettext_lazy("persons in the log", "All")), (PROGRAM, _("The program"))]
        self.fields["person"].choices = [*everybody, *people]  # type: ignore[attr-defined]
