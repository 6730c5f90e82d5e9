"""Forms of accounts."""

from collections.abc import Sequence
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.models.access import ROLE_LABELS
from indicators.permissions import OF_A_DEPARTMENT, RoleName

Departments = Sequence[tuple[int, str]]
EVERYWHERE = [(name, label) for name, label in ROLE_LABELS if RoleName(name) not in OF_A_DEPARTMENT]


class AccountForm(forms.Form):
    """An account with its roles: those that hold everywhere, and departments to report and to approve for."""

    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"), max_length=150)
    language = forms.ChoiceField(label=_("Language of letters"), choices=settings.LANGUAGES, initial="sv")
    everywhere = forms.MultipleChoiceField(
        label=_("Roles in the whole municipality"),
        required=False,
        choices=EVERYWHERE,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Administrators make accounts and can do all that strategists can."),
    )
    reporter = forms.TypedMultipleChoiceField(
        label=_("Hands in values for"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    approver = forms.TypedMultipleChoiceField(
        label=_("Approves values for"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, departments: Departments, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reporter", "approver"):
            self.fields[name].choices = departments  # type: ignore[attr-defined]
        for name, hint in (("first_name", "off"), ("last_name", "off"), ("email", "off")):
            self.fields[name].widget.attrs["autocomplete"] = hint

    def roles(self) -> set[tuple[str, int | None]]:
        """The roles that were ticked, as (name, department)."""
        ticked = self.cleaned_data
        roles: set[tuple[str, int | None]] = {(name, None) for name in ticked["everywhere"]}
        return roles | {(name.value, pk) for name in OF_A_DEPARTMENT for pk in ticked[name.value]}

    def account(self) -> dict[str, Any]:
        names = ("first_name", "last_name", "email", "language")
        return {name: self.cleaned_data[name] for name in names} | {"roles": self.roles()}


class OwnAccountForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    language = forms.ChoiceField(label=_("Language of letters"), choices=settings.LANGUAGES)
    reminders = forms.BooleanField(
        label=_("Send me reminders before values are due"),
        required=False,
        help_text=_("Letters about values that are late come anyway: somebody must know of them."),
    )


class AccountsFilter(forms.Form):
    q = forms.CharField(
        label=_("Name or e-mail address"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=pgettext_lazy("of a person", "Role"),
        required=False,
        choices=[("", pgettext_lazy("roles", "All")), *ROLE_LABELS],
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("of an account", "State"),
        required=False,
        choices=[
            ("", pgettext_lazy("accounts", "All")),
            ("open", pgettext_lazy("accounts", "Open")),
            ("closed", pgettext_lazy("accounts", "Closed")),
        ],
    )


class LoginForm(AllauthLoginForm):
    """Labels say what to write; nothing stands in the fields that would have to be written over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].help_text = ""
