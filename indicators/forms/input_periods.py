"""Forms of the input periods: dates and times as clocks in Sweden show them. What no clock shows, or shows twice, is
told and never guessed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.compute.input_window import WallFault, moment_of

SKIPPED = gettext_lazy(
    "On %(day)s the clocks go forward, and %(time)s is never shown. Choose 01:59 or earlier, or 03:00 or later."
)
TWICE = gettext_lazy(
    "On %(day)s the clocks go back, and %(time)s comes twice. Choose 01:59 or earlier, or 03:00 or later."
)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
    )


def _moment(form: forms.Form, name: str) -> datetime | None:
    """The moment of the fields `<name>_day` and `<name>_time`; None where either is at fault, which is then told."""
    day, time = form.cleaned_data.get(f"{name}_day"), form.cleaned_data.get(f"{name}_time")
    if day is None or time is None:
        return None
    found = moment_of(datetime.combine(day, time))
    if isinstance(found, WallFault):
        words = SKIPPED if found is WallFault.SKIPPED else TWICE
        form.add_error(f"{name}_time", words % {"day": f"{day:%Y-%m-%d}", "time": f"{time:%H:%M}"})
        return None
    return found


def as_fields(**moments: datetime) -> dict[str, Any]:
    """Initial values of the two fields of each moment, in local time."""
    found: dict[str, Any] = {}
    for name, when in moments.items():
        local = timezone.localtime(when)
        found |= {f"{name}_day": local.date(), f"{name}_time": local.time().replace(second=0, microsecond=0)}
    return found


class InputPeriodForm(forms.Form):
    """When a period opens and closes; `cleaned_data` holds `opens_at` and `closes_at` as moments."""

    opens_day = _day(gettext_lazy("Opens on"))
    opens_time = _time(gettext_lazy("Opens at"))
    closes_day = _day(gettext_lazy("Closes on"))
    closes_time = _time(gettext_lazy("Closes at"))
    note = forms.CharField(
        label=gettext_lazy("Note to the departments"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["opens_at"], data["closes_at"] = _moment(self, "opens"), _moment(self, "closes")
        if data["opens_at"] and data["closes_at"] and data["closes_at"] <= data["opens_at"]:
            self.add_error("closes_day", _("The period must close after it opens. Choose a later closing time."))
        return data


class ExceptionForm(forms.Form):
    """More time for one department; `cleaned_data` holds `closes_at` as a moment."""

    department = forms.TypedChoiceField(label=gettext_lazy("Department"), coerce=int)
    closes_day = _day(gettext_lazy("Closes on"))
    closes_time = _time(gettext_lazy("Closes at"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Shown to the department and kept in the log."),
    )

    def __init__(
        self, data: Any = None, *, departments: Sequence[tuple[int, str]], initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["department"].choices = departments  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["closes_at"] = _moment(self, "closes")
        return data
