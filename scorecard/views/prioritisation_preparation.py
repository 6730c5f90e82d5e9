"""Preparing a prioritisation: heading and criteria, candidates, participants."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from indicators.models import Indicator
from indicators.models.access import ROLE_LABELS
from scorecard.forms.prioritisation import (
    CandidateForm,
    CopyForm,
    CriteriaFormSet,
    PasteForm,
    PrioritisationForm,
    candidate_initial,
    criteria_initial,
)
from scorecard.models import Goal
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import NewCandidate, PrioritisationError
from scorecard.queries import prioritisation as queries
from scorecard.read_models.prioritisation import PREPARING, SCORING, SessionRow
from scorecard.views.prioritisation import crumbs, for_strategists, session_of, told

CAPACITY = 19  # the council's experience: so few goals that everybody knows them
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@never_cache
@for_strategists
def new(request: HttpRequest) -> HttpResponse:
    year = timezone.localdate().year + 1
    form = PrioritisationForm(request.POST or None, initial={"year": year, "capacity": CAPACITY})
    if request.method == "POST" and form.is_valid():
        made = operations.create_prioritisation(**form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        return redirect("prioritisation", made.pk)
    return render(request, "scorecard/prioritisation_new.html", {"form": form, "crumbs": crumbs()})


@get_or_post
@never_cache
@for_strategists
def settings(request: HttpRequest, number: int) -> HttpResponse:
    """Title, year, capacity and the criteria with their weights."""
    session = _prepared(request, number)
    if isinstance(session, HttpResponse):
        return session
    head = {"title": session.title, "year": session.year, "capacity": session.capacity}
    form = PrioritisationForm(request.POST or None, initial=head)
    criteria = CriteriaFormSet(request.POST or None, initial=criteria_initial(number), prefix="criteria")
    if request.method == "POST" and form.is_valid() and criteria.is_valid():
        rows = [one.stored() for one in criteria.forms if one.has_changed() or one.initial]
        try:
            operations.change_prioritisation(
                number=number,
                **form.cleaned_data,
                criteria=rows,
                by=request.user,  # type: ignore[arg-type]
            )
        except PrioritisationError as error:
            told(request, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("prioritisation", number)
    context = {"session": session, "form": form, "criteria": criteria, "crumbs": crumbs(session)}
    return render(request, "scorecard/prioritisation_settings.html", context)


@get_or_post
@never_cache
@for_strategists
def candidates(request: HttpRequest, number: int) -> HttpResponse:
    """The candidates, and three ways to add some: one by one, as a pasted list, from another session."""
    session = _prepared(request, number)
    if isinstance(session, HttpResponse):
        return session
    act = request.POST.get("act", "")
    paste = PasteForm(
        request.POST if act == "paste" else None,
        goals=list(Goal.objects.values_list("code", flat=True)),
        indicators=list(Indicator.objects.values_list("code", flat=True)),
    )
    copy = CopyForm(request.POST if act == "copy" else None, number=number)
    try:
        added = _added(act, paste, copy, number, request)
    except PrioritisationError as error:
        told(request, error)
    else:
        if added is not None:
            messages.success(request, _("%(count)s candidates were added.") % {"count": added})
            return redirect("prioritisation-candidates", number)
    context = {
        "session": session,
        "rows": queries.candidates(number),
        "paste": paste,
        "copy": copy,
        "others": copy.fields["source"].queryset.exists(),  # type: ignore[attr-defined]
        "crumbs": crumbs(session),
    }
    return render(request, "scorecard/prioritisation_candidates.html", context)


def _added(act: str, paste: PasteForm, copy: CopyForm, number: int, request: HttpRequest) -> int | None:
    by: Any = request.user
    if act == "paste" and paste.is_valid():
        return operations.add_candidates(number=number, candidates=paste.cleaned_data["lines"], by=by)
    if act == "copy" and copy.is_valid():
        return operations.copy_candidates(number=number, source=copy.cleaned_data["source"].pk, by=by)
    return None


@get_or_post
@never_cache
@for_strategists
def candidate_new(request: HttpRequest, number: int) -> HttpResponse:
    session = _prepared(request, number)
    if isinstance(session, HttpResponse):
        return session
    form = CandidateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.add_candidates(
                number=number,
                candidates=[NewCandidate(**form.given())],
                by=request.user,  # type: ignore[arg-type]
            )
        except PrioritisationError as error:
            form.add_error(None, str(error))
        else:
            return redirect("prioritisation-candidates", number)
    return _candidate_page(request, session, form, _("New candidate"))


@get_or_post
@never_cache
@for_strategists
def candidate_edit(request: HttpRequest, number: int, code: str) -> HttpResponse:
    session = _prepared(request, number)
    if isinstance(session, HttpResponse):
        return session
    initial = candidate_initial(number, code)
    if initial is None:
        raise Http404(_("There is no candidate “%(code)s” in this prioritisation.") % {"code": code[:60]})
    form = CandidateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_candidate(
                number=number,
                code=code,
                changed=NewCandidate(**form.given()),
                by=request.user,  # type: ignore[arg-type]
            )
        except PrioritisationError as error:
            form.add_error(None, str(error))
        else:
            return redirect("prioritisation-candidates", number)
    return _candidate_page(request, session, form, initial["name_sv"])


def _candidate_page(request: HttpRequest, session: SessionRow, form: CandidateForm, title: str) -> HttpResponse:
    context = {
        "session": session,
        "form": form,
        "title": title,
        "crumbs": [
            *crumbs(session),
            {"label": _("Candidates"), "url": reverse("prioritisation-candidates", args=[session.number])},
        ],
    }
    return render(request, "scorecard/prioritisation_candidate_form.html", context)


@require_POST
@for_strategists
def candidate_remove(request: HttpRequest, number: int, code: str) -> HttpResponse:
    session_of(request, number)
    try:
        operations.remove_candidate(number=number, code=code, by=request.user)  # type: ignore[arg-type]
    except PrioritisationError as error:
        told(request, error)
    return redirect("prioritisation-candidates", number)


@get_or_post
@never_cache
@for_strategists
def participants(request: HttpRequest, number: int) -> HttpResponse:
    """Who scores: ticked among those who may take part."""
    session = _prepared(request, number, SCORING)
    if isinstance(session, HttpResponse):
        return session
    people = queries.people()
    if request.method == "POST":
        ticked = set(request.POST.getlist("users"))
        try:
            operations.set_participants(
                number=number,
                user_ids={person.id for person in people if str(person.id) in ticked},
                by=request.user,  # type: ignore[arg-type]
            )
        except PrioritisationError as error:
            told(request, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("prioritisation", number)
    chosen = {row.user_id for row in queries.participants(number)}
    roles = dict(ROLE_LABELS)
    context = {
        "session": session,
        "people": [
            {"id": person.id, "name": person.name, "role": roles[person.role], "chosen": person.id in chosen}
            for person in people
        ],
        "crumbs": crumbs(session),
    }
    return render(request, "scorecard/prioritisation_participants.html", context)


def _prepared(request: HttpRequest, number: int, *more: str) -> SessionRow | HttpResponse:
    """The session while it can be prepared; otherwise back to it, with the reason."""
    session = session_of(request, number)
    if session.state in (PREPARING, *more):
        return session
    messages.info(
        request,
        _("The prioritisation is in the state “%(state)s”, in which this cannot be changed.")
        % {"state": session.state_word},
    )
    return redirect("prioritisation", number)
