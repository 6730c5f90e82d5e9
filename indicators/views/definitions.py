"""Definitions, targets, breaks and departments, for strategists: check access, make one call, say what came of it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from indicators import definition_wording
from indicators.forms.definitions import (
    BreakForm,
    DefinitionForm,
    DefinitionListForm,
    DepartmentForm,
    EndForm,
    RestoreForm,
    RetireForm,
    TargetForm,
    example_period,
    initial_of,
    initial_of_target,
    shape_of,
    shapes,
)
from indicators.models import DefinitionAct, Indicator
from indicators.operations.breaks import remove_break, save_break
from indicators.operations.departments import change_department
from indicators.operations.indicator_definitions import (
    Comparability,
    DefinitionFaultError,
    change_indicator,
    create_indicator,
    method_changes,
    restore_indicator,
    retire_indicator,
    version_of,
    with_fields,
)
from indicators.operations.targets import built_target, end_target, save_target
from indicators.permissions import may_steer
from indicators.queries import definitions as queries
from indicators.queries.computation import target_value
from indicators.read_models import definitions as read_model
from indicators.views.access import needs

for_those_who_steer = needs(
    may_steer,
    gettext_lazy(
        "Definitions and targets are kept by the quality strategists. Ask one of them for the change, or an "
        "administrator to give your account that role."
    ),
)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
SUGGESTED = ("name_sv", "name_en", "purpose_sv", "purpose_en")


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@for_those_who_steer
def definitions(request: HttpRequest) -> HttpResponse:
    """Every indicator with what is aimed at and who answers for it; retired ones where they are asked for."""
    areas, departments = queries.choices()
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "area", "department", "source", "state")}
    form = DefinitionListForm(
        areas=areas, departments=departments, initial={**asked, "state": asked["state"] or "used"}
    )
    known = {
        "area": {code for code, _name in areas},
        "department": {code for code, _name in departments},
        "source": set(read_model.VALUES["source"]),
        "state": {"used", "looked_up", "retired", "all"},
    }
    for name, codes in known.items():
        if asked[name] and asked[name] not in codes:
            raise Http404(
                _("There is no “%(given)s” to filter by. Choose one of: %(known)s.")
                % {"given": asked[name], "known": ", ".join(sorted(codes))}
            )
    state = {"": "used", "all": ""}.get(asked["state"], asked["state"])
    wanted = read_model.Filter(**{**asked, "state": state})
    page = read_model.list_page(queries.listed(timezone.localdate()), wanted)
    fragment = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "indicators/_definitions_list.html" if fragment else "indicators/definitions.html"
    return render(request, template, {"page": page, "form": form})


# ── one definition ────────────────────────────────────────────────────────────────────────────────────────────────────


def _found(code: str) -> Indicator:
    found = queries.indicator(code)
    if found is None:
        raise Http404(_("There is no indicator with the code “%(code)s”.") % {"code": code})
    return found


def _page(found: Indicator, current: str) -> dict[str, Any]:
    """What the pages of one indicator share: who it is, and the ways between its pages."""
    pages = [
        ("definition-edit", _("Definition")),
        ("targets", _("Targets")),
        ("definition-breaks", _("Breaks in the series")),
        ("definition-history", _("History")),
    ]
    return {
        "subject": queries.subject(found),
        "tabs": [
            {"label": label, "url": reverse(name, args=[found.code]), "current": name == current}
            for name, label in pages
        ],
        "crumbs": _crumbs(),
    }


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Steer"), "url": reverse("steer")},
        {"label": _("Definitions and targets"), "url": reverse("indicator-definitions")},
    ]


def _blame(form: forms.Form, fault: DefinitionFaultError) -> None:
    """Put a refusal beside the field that it is about."""
    names = [fault.field, f"{fault.field}_sv"]
    form.add_error(next((name for name in names if name in form.fields), None), str(fault))


@get_or_post
@never_cache
@for_those_who_steer
def new(request: HttpRequest) -> HttpResponse:
    """An indicator that is not there yet. A page that leads here may suggest a name and a purpose in the address."""
    initial = {"decimals": 1, "due_days": 60, "four_eyes": True, "influenceable": True, "steering": True,
               "source": "department", "frequency": "year", "aggregation": "last"}  # fmt: skip
    initial |= {name: request.GET[name] for name in SUGGESTED if name in request.GET}
    form = DefinitionForm(request.POST or None, new=True, department_people=queries.people_of, initial=initial)
    return _created(request, form, title=_("New indicator"), copied_from=None)


@get_or_post
@never_cache
@for_those_who_steer
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new indicator that begins as another's definition; targets and values are not copied."""
    source = _found(code)
    own = ("kolada_id", "respondents_kolada_id", "margin_kolada_id", "name_sv", "name_en")
    initial = initial_of(source) | dict.fromkeys(own, "")
    form = DefinitionForm(request.POST or None, new=True, department_people=queries.people_of, initial=initial)
    return _created(request, form, title=_("Copy of %(name)s") % {"name": source.name}, copied_from=source)


def _created(request: HttpRequest, form: DefinitionForm, *, title: str, copied_from: Indicator | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            made = create_indicator(
                code=form.cleaned_data["code"],
                fields=form.definition(),
                copied_from=copied_from,
                by=request.user,  # type: ignore[arg-type]
            )
        except DefinitionFaultError as fault:
            _blame(form, fault)
        else:
            messages.success(request, _("“%(name)s” has been created. Give it a target.") % {"name": made.name})
            return redirect("targets", made.code)
    context = {"form": form, "title": title, "crumbs": _crumbs(), "copied": copied_from is not None}
    return render(request, "indicators/definition_new.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """A definition; where the method changes, the question whether the series can still be compared."""
    found = _found(code)
    form = DefinitionForm(
        request.POST or None,
        new=False,
        department_people=queries.people_of,
        initial={**initial_of(found), "seen": version_of(found), "period": _this_period(found)},
    )
    changed: list[str] = []
    page = _page(found, "definition-edit")
    if request.method == "POST" and form.is_valid():
        changed = method_changes(found, form.definition())
        try:
            if not changed or form.cleaned_data["answer"]:
                _change(request, found, form, asked=bool(changed))
                messages.success(request, _("The definition is stored. Its figures are computed anew."))
                return redirect("definition-edit", code)
            with_fields(found, form.definition())  # what cannot be stored is told before the question is asked
            form.ask(period=example_period(form.cleaned_data["frequency"], timezone.localdate()))
        except DefinitionFaultError as fault:
            _blame(form, fault)
            changed = changed if form.cleaned_data.get("answer") else []
    return render(request, "indicators/definition_edit.html", {**page, "form": form, "changed": _labels(changed)})


def _change(request: HttpRequest, found: Indicator, form: DefinitionForm, *, asked: bool) -> None:
    change_indicator(
        indicator_id=found.pk,
        fields=form.definition(),
        comparability=_answer(form) if asked else None,
        seen=form.cleaned_data["seen"],
        by=request.user,  # type: ignore[arg-type]
    )


def _this_period(found: Indicator) -> str:
    return example_period(found.frequency, timezone.localdate())


def _labels(names: list[str]) -> list[str]:
    labels = definition_wording.LABEL
    return list(dict.fromkeys(str(labels[name.removesuffix("_sv")]) for name in names))


def _answer(form: DefinitionForm) -> Comparability:
    told = form.cleaned_data
    return Comparability(DefinitionAct(told["answer"]), told["reason"], told["period"], told["reason_en"])


@get_or_post
@never_cache
@for_those_who_steer
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Follow an indicator no longer, or a retired one again."""
    found, today = _found(code), timezone.localdate()
    retired = found.retired_on is not None
    form = RestoreForm(request.POST or None) if retired else RetireForm(request.POST or None, initial={"on": today})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if retired:
                restore_indicator(indicator_id=found.pk, reason=told["reason"], by=request.user)  # type: ignore[arg-type]
                messages.success(request, _("The indicator is followed again. Its figures are computed anew."))
            else:
                retire_indicator(
                    indicator_id=found.pk,
                    on=told["on"],
                    reason=told["reason"],
                    today=today,
                    by=request.user,  # type: ignore[arg-type]
                )
                messages.success(request, _("The indicator is retired. Its page and its series stay."))
            return redirect("definition-history", code)
        except DefinitionFaultError as fault:
            _blame(form, fault)
    return render(request, "indicators/definition_retire.html", {**_page(found, ""), "form": form, "retired": retired})


@require_safe
@never_cache
@for_those_who_steer
def history(request: HttpRequest, code: str) -> HttpResponse:
    """Who changed what in a definition, its targets and its breaks, when and why."""
    found = _found(code)
    changes, notes = queries.history(found)
    events = read_model.history_page(changes, notes, queries.names_in_history())
    return render(
        request, "indicators/definition_history.html", {**_page(found, "definition-history"), "events": events}
    )


# ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@for_those_who_steer
def targets(request: HttpRequest, code: str) -> HttpResponse:
    """The targets of an indicator, in words, with how the newest figures would be judged."""
    found = _found(code)
    page = _page(found, "targets")
    known = queries.judged(found, timezone.localdate())
    lines = read_model.targets_page(queries.targets(found), known, page["subject"])
    gaps = read_model.gaps(known) if page["subject"].computed else []
    context = {**page, "lines": lines, "gaps": gaps, "shapes": shapes(), "context_only": found.direction == "context"}
    return render(request, "indicators/definition_targets.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def target_new(request: HttpRequest, code: str) -> HttpResponse:
    """A further target: the form is chosen first, then its fields are asked."""
    found = _found(code)
    shape = request.GET.get("form", "").strip()
    if shape not in {key for key, _title, _example in shapes()}:
        return redirect("targets", code)
    year = timezone.localdate().year
    form = TargetForm(
        request.POST or None,
        shape=shape,
        frequency=found.frequency,
        offer_to_end=found.targets.exists(),
        initial={"valid_from": year, "end_earlier": True, "side": "at_least", "wanted": _wanted(found)},
    )
    return _target_page(request, found, form, target_id=None)


def _wanted(found: Indicator) -> str:
    return found.direction if found.direction in ("higher", "lower") else "higher"


@get_or_post
@never_cache
@for_those_who_steer
def target_edit(request: HttpRequest, code: str, target_id: int) -> HttpResponse:
    """A target that is there, mended."""
    found = _found(code)
    target = queries.target(found, target_id)
    if target is None:
        raise Http404(_("This indicator has no such target. Its targets are listed on its page."))
    shape = shape_of(target.form, target.side)
    form = TargetForm(request.POST or None, shape=shape, frequency=found.frequency, initial=initial_of_target(target))
    return _target_page(request, found, form, target_id=target_id)


def _target_page(request: HttpRequest, found: Indicator, form: TargetForm, *, target_id: int | None) -> HttpResponse:
    verdict = None
    page = _page(found, "targets")
    if request.method == "POST" and form.is_valid():
        fields = form.target()
        if request.POST.get("act") == "save":
            try:
                save_target(
                    indicator_id=found.pk,
                    target_id=target_id,
                    fields=fields,
                    end_earlier=form.cleaned_data.get("end_earlier", False),
                    by=request.user,  # type: ignore[arg-type]
                )
            except DefinitionFaultError as fault:
                _blame(form, fault)
            else:
                messages.success(request, _("The target is stored. The status is computed anew."))
                return redirect("targets", found.code)
        known = queries.judged(found, timezone.localdate())
        wanted = target_value(built_target(found, fields))
        verdict = read_model.verdict(wanted, known, page["subject"])
    title, example = next((title, example) for key, title, example in shapes() if key == form.shape)
    context = {**page, "form": form, "verdict": verdict, "title": title, "example": example, "new": target_id is None}
    return render(request, "indicators/definition_target.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def target_end(request: HttpRequest, code: str, target_id: int) -> HttpResponse:
    """The last year of a target."""
    found = _found(code)
    target = queries.target(found, target_id)
    if target is None:
        raise Http404(_("This indicator has no such target. Its targets are listed on its page."))
    form = EndForm(request.POST or None, initial={"last_year": target.valid_to or timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        try:
            end_target(target_id=target_id, last_year=form.cleaned_data["last_year"], by=request.user)  # type: ignore[arg-type]
        except DefinitionFaultError as fault:
            form.add_error("last_year", str(fault))
        else:
            messages.success(request, _("The target ends. The status is computed anew."))
            return redirect("targets", code)
    return _small(request, found, "targets", form, _("End the target"), _("End it"), reverse("targets", args=[code]))


def _small(
    request: HttpRequest, found: Indicator, current: str, form: forms.Form, heading: str, submit: str, cancel: str
) -> HttpResponse:
    """A page with one short form."""
    context = {**_page(found, current), "form": form, "heading": heading, "submit": submit, "cancel_url": cancel}
    return render(request, "indicators/definition_form.html", context)


# ── breaks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@get_or_post
@never_cache
@for_those_who_steer
def breaks(request: HttpRequest, code: str) -> HttpResponse:
    """The breaks in a series, and a further one."""
    found = _found(code)
    form = BreakForm(request.POST or None, example=_this_period(found))
    if request.method == "POST" and form.is_valid() and _saved(request, found, form, None):
        messages.success(request, _("The break is recorded. The figures are computed anew."))
        return redirect("definition-breaks", code)
    context = {**_page(found, "definition-breaks"), "breaks": queries.breaks(found), "form": form}
    return render(request, "indicators/definition_breaks.html", context)


def _saved(request: HttpRequest, found: Indicator, form: BreakForm, break_id: int | None) -> bool:
    told: Mapping[str, Any] = form.cleaned_data
    try:
        save_break(indicator_id=found.pk, break_id=break_id, by=request.user, **told)  # type: ignore[arg-type]
    except DefinitionFaultError as fault:
        _blame(form, fault)
        return False
    return True


@get_or_post
@never_cache
@for_those_who_steer
def break_edit(request: HttpRequest, code: str, break_id: int) -> HttpResponse:
    """A break reworded, or taken back."""
    found = _found(code)
    stored = queries.series_break(found, break_id)
    if stored is None:
        raise Http404(_("This indicator has no such break. Its breaks are listed on its page."))
    if request.method == "POST" and request.POST.get("act") == "remove":
        remove_break(break_id=break_id, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("The break is taken back. The figures are computed anew."))
        return redirect("definition-breaks", code)
    initial = {
        "period": stored.period,
        "reason": stored.reason_sv,  # type: ignore[attr-defined]
        "reason_en": stored.reason_en,  # type: ignore[attr-defined]
        "comparable_backwards": stored.comparable_backwards,
    }
    form = BreakForm(request.POST or None, example=_this_period(found), initial=initial)
    if request.method == "POST" and form.is_valid() and _saved(request, found, form, break_id):
        messages.success(request, _("The break is stored. The figures are computed anew."))
        return redirect("definition-breaks", code)
    context = {**_page(found, "definition-breaks"), "form": form}
    return render(request, "indicators/definition_break.html", context)


# ── departments ───────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@for_those_who_steer
def departments(request: HttpRequest) -> HttpResponse:
    """The departments, their heads, and who hands in for them."""
    crumbs = [{"label": _("Steer"), "url": reverse("steer")}]
    return render(request, "indicators/departments.html", {"departments": queries.departments(), "crumbs": crumbs})


@get_or_post
@never_cache
@for_those_who_steer
def department_edit(request: HttpRequest, code: str) -> HttpResponse:
    """A department's names and head."""
    found = queries.department(code)
    if found is None:
        raise Http404(_("There is no department with the code “%(code)s”.") % {"code": code})
    initial = {"name_sv": found.name_sv, "name_en": found.name_en, "head": found.head_id}  # type: ignore[attr-defined]
    form = DepartmentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_department(department_id=found.pk, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("The department is stored."))
        return redirect("departments")
    context = {
        "form": form,
        "heading": found.name,
        "submit": pgettext("button", "Store"),
        "cancel_url": reverse("departments"),
        "crumbs": [
            {"label": _("Steer"), "url": reverse("steer")},
            {"label": _("Departments"), "url": reverse("departments")},
        ],
    }
    return render(request, "indicators/department_edit.html", context)
