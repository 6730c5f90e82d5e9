"""Accounts and roles, for administrators; one's own account, for everybody who has one."""

from smtplib import SMTPException
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.models.access import FREE
from indicators.permissions import OF_A_DEPARTMENT, may_administer
from indicators.views.access import needs
from scorecard import letters, operations
from scorecard.forms.accounts import AccountForm, AccountsFilter, OwnAccountForm
from scorecard.operations.accounts import AccountError
from scorecard.queries import accounts as queries
from scorecard.read_models.accounts import Account, accounts_page, line

for_administrators = needs(
    may_administer, gettext_lazy("Accounts and roles are for administrators. Ask one of them for what you need.")
)
EDITABLE = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@for_administrators
def accounts(request: HttpRequest) -> HttpResponse:
    """Everybody who has an account, with roles and last sign-in."""
    form = AccountsFilter(request.GET or None)
    chosen = {k: v.replace("\0", "").strip() for k, v in form.cleaned_data.items() if v} if form.is_valid() else {}
    page = accounts_page(queries.accounts(**chosen), filtered=bool(chosen))
    return render(request, "scorecard/accounts.html", {"page": page, "form": form})


@EDITABLE
@never_cache
@for_administrators
def account_new(request: HttpRequest) -> HttpResponse:
    """Make an account and send its invitation."""
    form = AccountForm(request.POST or None, departments=queries.departments())
    if request.method == "POST" and form.is_valid():
        try:
            user = operations.create_account(**form.account(), by=request.user)  # type: ignore[arg-type]
        except AccountError as error:
            form.add_error("email", str(error))
        else:
            _invite(request, user, form.cleaned_data["language"])
            return redirect("accounts")
    return render(request, "scorecard/account_form.html", {"form": form})


@EDITABLE
@never_cache
@for_administrators
def account_edit(request: HttpRequest, user_id: int) -> HttpResponse:
    """Name, address and roles of an account, and what else can be done with it."""
    found = _found(user_id)
    form = AccountForm(request.POST or None, departments=queries.departments(), initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_account(user_id=user_id, **form.account(), by=request.user)  # type: ignore[arg-type]
        except AccountError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The account is saved."))
            return redirect("accounts")
    context = {"form": form, "account": found, "line": line(found)}
    return render(request, "scorecard/account_form.html", context)


@require_POST
@for_administrators
def account_invite(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send the letter with the link to choose a password (again)."""
    found = _found(user_id)
    _invite(request, get_user_model().objects.get(pk=user_id), found.language)
    return redirect("account-edit", user_id=user_id)


@require_POST
@for_administrators
def account_close(request: HttpRequest, user_id: int) -> HttpResponse:
    """Close an account."""
    found = _found(user_id)
    try:
        operations.close_account(user_id=user_id, by=request.user)  # type: ignore[arg-type]
    except AccountError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The account of %(name)s is closed.") % {"name": found.name})
    return redirect("account-edit", user_id=user_id)


@require_POST
@for_administrators
def account_open(request: HttpRequest, user_id: int) -> HttpResponse:
    """Open a closed account again."""
    found = _found(user_id)
    operations.open_account(user_id=user_id, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The account of %(name)s is open again.") % {"name": found.name})
    return redirect("account-edit", user_id=user_id)


@require_POST
@for_administrators
def account_factors_remove(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take the second factor off an account whose person has lost it."""
    found = _found(user_id)
    operations.remove_second_factors(user_id=user_id, by=request.user)  # type: ignore[arg-type]
    messages.success(
        request,
        _("%(name)s logs in with the password alone until a new second factor is added.") % {"name": found.name},
    )
    return redirect("account-edit", user_id=user_id)


@EDITABLE
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """One's own name, language and reminders, and the ways to password, second factor and sessions."""
    language, reminders = queries.contact(request.user.pk)  # type: ignore[arg-type]
    user: Any = request.user
    initial = {"first_name": user.first_name, "last_name": user.last_name, "language": language, "reminders": reminders}
    form = OwnAccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        operations.change_own_account(user=user, **form.cleaned_data, by=user)
        messages.success(request, _("Your account is saved."))
        return redirect("account")
    found = queries.account(user.pk)
    return render(request, "scorecard/account.html", {"form": form, "line": line(found) if found else None})


@require_POST
@login_required
def account_sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = operations.end_other_sessions(user=request.user, keep=request.session.session_key)
    if ended:
        messages.success(request, _("You are logged out everywhere but here."))
    else:
        messages.info(request, _("You were not logged in anywhere else."))
    return redirect("account")


def _found(user_id: int) -> Account:
    found = queries.account(user_id)
    if found is None:
        raise Http404(_("There is no such account. All are listed under Accounts and roles."))
    return found


def _initial(found: Account) -> dict[str, Any]:
    named = {"first_name": found.first_name, "last_name": found.last_name, "email": found.email}
    everywhere = [role.name for role in found.roles if role.name in FREE]
    bound = {name.value: [r.department_id for r in found.roles if r.name == name] for name in OF_A_DEPARTMENT}
    return {**named, "language": found.language, "everywhere": everywhere, **bound}


def _invite(request: HttpRequest, user: Any, language: str) -> None:
    base = f"{request.scheme}://{request.get_host()}"
    try:
        letters.invite(user=user, language=language, base=base)
    except (SMTPException, OSError):
        messages.error(
            request,
            _("The account is there, but the letter to %(address)s could not be sent. Try again from the account.")
            % {"address": user.email},
        )
    else:
        messages.success(request, _("An invitation is sent to %(address)s.") % {"address": user.email})
