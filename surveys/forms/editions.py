"""What is chosen when results are withdrawn or linked to indicators."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Choices = Sequence[tuple[str, Any]]


class WithdrawForm(forms.Form):
    note = forms.CharField(
        label=_("Why is it withdrawn?"),
        help_text=_("Readers of the results see this."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LinkForm(forms.Form):
    """Which result feeds which indicator."""

    indicator = forms.ChoiceField(label=_("Indicator"), help_text=_("Those whose source is “survey”."))
    breakdown = forms.ChoiceField(
        label=_("For"), choices=[("T", _("All")), ("K", _("Women")), ("M", _("Men"))],
    )  # fmt: skip
    result = forms.ChoiceField(label=_("Result"), help_text=_("A share, a mean or an index of this survey."))
    group = forms.ChoiceField(
        label=_("Of whom"),
        required=False,
        help_text=_("For women and men: choose their answer to the question on sex."),
    )

    def __init__(self, *args: Any, indicators: Choices, results: Choices, groups: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = [("", pgettext_lazy("of whom", "Everybody"))]
        for name, offered in (("indicator", indicators), ("result", results), ("group", [*everybody, *groups])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
