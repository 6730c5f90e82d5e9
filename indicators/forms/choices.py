"""Choices that live in the address: GET forms that show what is chosen. The views check what an address asks for."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators import wording

Choices = Sequence[tuple[str, Any]]


class CompareForm(forms.Form):
    """Group, area and quarter of the page over all indicators; the order of the list goes along."""

    group = forms.ChoiceField(label=_("Compared with"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    quarter = forms.ChoiceField(
        label=_("Quarter"),
        required=False,
        choices=[
            ("", pgettext_lazy("quarters", "All")),
            ("best", _("Best quarter")),
            ("middle", _("Middle half")),
            ("worst", _("Worst quarter")),
        ],
    )
    sort = forms.CharField(widget=forms.HiddenInput, required=False)
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("best", _("Best first")), ("worst", _("Worst first"))],
    )
    peers = forms.CharField(widget=forms.HiddenInput, required=False)
    period = forms.CharField(widget=forms.HiddenInput, required=False)

    field_order = ("group", "area", "quarter", "order")

    def __init__(self, *, groups: Choices, areas: Choices, initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        _offer(self, "group", groups)
        _offer(self, "area", [("", pgettext_lazy("areas", "All")), *areas])
        _drop_empty(self, ("sort", "peers", "period"), initial)


class RankingForm(forms.Form):
    """Indicator, group, year and name of the page of one indicator."""

    indicator = forms.ChoiceField(label=_("Indicator"), required=False)
    group = forms.ChoiceField(label=_("Compared with"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    q = forms.CharField(
        label=_("Municipality"), required=False, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    )
    sort = forms.ChoiceField(
        label=_("Order"), required=False, choices=[("rank", _("Best first")), ("name", _("By name"))]
    )
    peers = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *, indicators: Choices, groups: Choices, years: Iterable[int], initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        _offer(self, "indicator", indicators)
        _offer(self, "group", groups)
        _offer(self, "year", [(str(y), str(y)) for y in years])
        _drop_empty(self, ("peers",), initial)


class CostQualityForm(forms.Form):
    """The pair of indicators and the group."""

    cost = forms.ChoiceField(label=_("Cost"), required=False)
    quality = forms.ChoiceField(label=pgettext_lazy("beside cost", "Quality"), required=False)
    group = forms.ChoiceField(label=_("Compared with"), required=False)
    peers = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *, costs: Choices, qualities: Choices, groups: Choices, initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        _offer(self, "cost", costs)
        _offer(self, "quality", qualities)
        _offer(self, "group", groups)
        _drop_empty(self, ("peers",), initial)


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    """Fill a list with what exists now."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _drop_empty(form: forms.Form, names: Iterable[str], initial: dict[str, Any]) -> None:
    """Hidden fields that carry nothing would only lengthen the address."""
    for name in names:
        if not initial.get(name):
            del form.fields[name]


class IndicatorForm(forms.Form):
    """Follow-up year, group, and women and men, of the page of one indicator."""

    period = forms.ChoiceField(label=_("Follow-up year"), required=False)
    group = forms.ChoiceField(label=_("Compared with"), required=False)
    divided = forms.BooleanField(
        label=_("Show women and men"), required=False, widget=forms.CheckboxInput(attrs={"value": "1"})
    )
    peers = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *, periods: Sequence[str], groups: Choices, divisible: bool, initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        _offer(self, "period", [(year, year) for year in periods])
        _offer(self, "group", groups)
        _drop_empty(self, ("peers",), initial)
        if not groups:
            del self.fields["group"]
        if not divisible:
            del self.fields["divided"]


class CitizenSurveyForm(forms.Form):
    """Year, area, and which of the citizen survey's questions."""

    year = forms.ChoiceField(label=_("Year"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    change = forms.ChoiceField(
        label=_("Change"),
        required=False,
        choices=[
            ("", pgettext_lazy("choice in a filter", "All")),
            ("better", _("Certainly better")),
            ("worse", _("Certainly worse")),
            ("uncertain", _("No certain change")),
        ],
    )
    which = forms.ChoiceField(
        label=_("Questions"),
        required=False,
        choices=[
            ("", pgettext_lazy("choice in a filter", "All")),
            ("steering", _("Steered by")),
            ("others", _("Only looked up")),
        ],
    )

    def __init__(self, *, years: Iterable[int], areas: Choices, initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        _offer(self, "year", [(str(year), str(year)) for year in years])
        _offer(self, "area", [("", pgettext_lazy("areas", "All")), *areas])


class IndicatorListForm(forms.Form):
    """Search and filters of the list of all indicators."""

    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    )
    area = forms.ChoiceField(label=_("Area"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    source = forms.ChoiceField(label=pgettext_lazy("of figures", "Source"), required=False)
    measures = forms.ChoiceField(label=pgettext_lazy("what an indicator does", "Measures"), required=False)
    period = forms.ChoiceField(label=_("Follow-up year"), required=False)

    def __init__(self, *, areas: Choices, periods: Sequence[str], initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        everything = [("", pgettext_lazy("choice in a filter", "All"))]
        statuses = [(key, wording.STATUS[key]) for key in ("met", "near", "not_met", "not_assessable")]
        choices = {
            "area": [*everything, *areas],
            "status": [*everything, *statuses],
            "source": [*everything, *wording.SOURCE.items()],
            "measures": [*everything, *wording.MEASURES.items()],
            "period": [(year, year) for year in periods],
        }
        for name, options in choices.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
        if not periods:
            del self.fields["period"]
