"""Input periods, for strategists: open, move, close, reopen, and more time for one department."""

from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators import operations
from indicators.compute.input_window import WindowState, midnight, suggested
from indicators.forms.input_periods import ExceptionForm, InputPeriodForm, as_fields
from indicators.periods import Period, PeriodError
from indicators.permissions import may_steer
from indicators.queries import input_periods as queries
from indicators.read_models import input_periods as read_model
from indicators.views.access import needs

MORE_DAYS = 14  # suggested for an exception and for a period that is reopened
for_strategists = needs(
    may_steer,
    gettext_lazy(
        "Input periods are for strategists and administrators. Ask an administrator to give your account that role."
    ),
)


@require_safe
@never_cache
@for_strategists
def input_periods(request: HttpRequest) -> HttpResponse:
    """Every frequency with its periods, how far they have come, and which can be opened next."""
    opened = queries.opened()
    states = queries.states([row.period for row in opened])
    sections = read_model.periods_page(opened, queries.expected(), states, timezone.now())
    return render(request, "indicators/input_periods.html", {"sections": sections})


@require_safe
@never_cache
@for_strategists
def input_period(request: HttpRequest, period: str) -> HttpResponse:
    return _show(request, "indicators/input_period.html", _opened(period))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_strategists
def open_period(request: HttpRequest, period: str) -> HttpResponse:
    """Open a period, with dates suggested from its last day and the slowest value's due date."""
    wanted = _parsed(period)
    if queries.one(wanted.code) is not None:
        return redirect("input-period", period=wanted.code)
    due = [value.due_days for value in queries.expected() if value.frequency == wanted.kind]
    opens_at, closes_at = suggested(wanted.last_day, max(due, default=30))
    form = InputPeriodForm(request.POST or None, initial=as_fields(opens=opens_at, closes=closes_at))
    if request.method == "POST" and form.is_valid():
        try:
            operations.open_period(
                period=wanted.code,
                opens_at=form.cleaned_data["opens_at"],
                closes_at=form.cleaned_data["closes_at"],
                note=form.cleaned_data["note"],
                by=request.user,  # type: ignore[arg-type]
            )
        except operations.InputPeriodError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The period was opened."))
            return redirect("input-period", period=wanted.code)
    context = {
        "form": form,
        "title": _("Open %(period)s") % {"period": read_model.label(wanted.code)},
        "submit": _("Open the period"),
        "crumbs": _crumbs(),
        "cancel_url": reverse("input-periods"),
        "past": closes_at <= timezone.now(),
    }
    return render(request, "indicators/input_period_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_strategists
def change_period(request: HttpRequest, period: str) -> HttpResponse:
    """Other dates; for a period that has closed, the way to reopen it."""
    row = _opened(period)
    closed = row.window(timezone.now()).state is WindowState.CLOSED
    closes_at = _later() if closed else row.closes_at
    form = InputPeriodForm(
        request.POST or None, initial=as_fields(opens=row.opens_at, closes=closes_at) | {"note": row.note}
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_period(
                period=row.period,
                opens_at=form.cleaned_data["opens_at"],
                closes_at=form.cleaned_data["closes_at"],
                note=form.cleaned_data["note"],
                by=request.user,  # type: ignore[arg-type]
            )
        except operations.InputPeriodError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The new dates are saved."))
            return redirect("input-period", period=row.period)
    words = {"period": read_model.label(row.period)}
    context = {
        "form": form,
        "title": _("Reopen %(period)s") % words if closed else _("Change the dates of %(period)s") % words,
        "submit": _("Reopen the period") if closed else _("Save the dates"),
        "crumbs": _crumbs(row.period),
        "cancel_url": reverse("input-period", args=[row.period]),
    }
    return render(request, "indicators/input_period_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_strategists
def close_period(request: HttpRequest, period: str) -> HttpResponse:
    """Show who is affected; then close at once."""
    row = _opened(period)
    if request.method == "POST":
        try:
            operations.close_period(period=row.period, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
        except operations.InputPeriodError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The period is closed. It can be reopened at any time."))
        return redirect("input-period", period=row.period)
    return _show(request, "indicators/input_period_close.html", row)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_strategists
def grant_exception(request: HttpRequest, period: str) -> HttpResponse:
    """More time for one department, with a reason."""
    row = _opened(period)
    departments = {v.department_id: v.department for v in queries.expected() if v.frequency == row.kind}
    form = ExceptionForm(
        request.POST or None,
        departments=list(departments.items()),
        initial=as_fields(closes=max(_later(), row.closes_at + timedelta(days=MORE_DAYS))),
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.grant_exception(
                period=row.period,
                department_id=form.cleaned_data["department"],
                closes_at=form.cleaned_data["closes_at"],
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]
            )
        except operations.InputPeriodError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The department has got more time."))
            return redirect("input-period", period=row.period)
    context = {
        "form": form,
        "title": _("More time for a department"),
        "lead": _("The others keep the closing time %(closes)s.") % {"closes": read_model.moment(row.closes_at)},
        "submit": _("Give more time"),
        "crumbs": _crumbs(row.period),
        "cancel_url": reverse("input-period", args=[row.period]),
    }
    return render(request, "indicators/input_period_form.html", context)


@require_POST
@for_strategists
def withdraw_exception(request: HttpRequest, period: str) -> HttpResponse:
    """Take an exception back: the common closing time holds again."""
    row = _opened(period)
    department = forms.IntegerField(min_value=1)
    try:
        chosen = department.clean(request.POST.get("department"))
    except forms.ValidationError as error:
        raise Http404(_("Choose the department whose exception is to be withdrawn.")) from error
    done = operations.withdraw_exception(
        period=row.period,
        department_id=chosen,
        by=request.user,  # type: ignore[arg-type]
    )
    if done:
        messages.success(request, _("The exception was withdrawn. The common closing time holds again."))
    else:
        messages.info(request, _("There was no such exception any more. Nothing was changed."))
    return redirect("input-period", period=row.period)


def _show(request: HttpRequest, template: str, row: read_model.OpenedPeriod) -> HttpResponse:
    page = read_model.period_page(row, queries.expected(), queries.states([row.period]), timezone.now())
    return render(request, template, {"page": page, "crumbs": _crumbs(row.period), "here": _crumbs()})


def _parsed(period: str) -> Period:
    try:
        return Period.parse(period)
    except PeriodError as error:
        raise Http404(
            _("“%(given)s” is no period. Write for example 2026, 2026H1, 2026T2, 2026Q3 or 2026M05.")
            % {"given": period}
        ) from error


def _opened(period: str) -> read_model.OpenedPeriod:
    row = queries.one(_parsed(period).code)
    if row is None:
        raise Http404(
            _("%(period)s has not been opened. Open it under Input periods.")
            % {"period": read_model.titled(read_model.label(_parsed(period).code))}
        )
    return row


def _later() -> datetime:
    """The end of a day two weeks from now."""
    return midnight(timezone.localdate() + timedelta(days=MORE_DAYS + 1))


def _crumbs(period: str = "") -> list[dict[str, str]]:
    found = [
        {"label": _("Steer"), "url": reverse("steer")},
        {"label": _("Input periods"), "url": reverse("input-periods")},
    ]
    if period:
        label = read_model.titled(read_model.label(period))
        found.append({"label": label, "url": reverse("input-period", args=[period])})
    return found
