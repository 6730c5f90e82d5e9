"""Scoring on one's own screen: one candidate at a time, or all of them in a table; saved at once."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.permissions import may_prioritise
from indicators.views.access import View, needs
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import PrioritisationError
from scorecard.queries import prioritisation as queries
from scorecard.read_models import prioritisation as read_model
from scorecard.read_models.prioritisation import NO_OPINION, SCORING, Asked, SessionRow
from scorecard.views.council import addresses
from scorecard.views.prioritisation import candidate_addresses, crumbs, data_beside, session_of, told, user_id


def for_participants(view: View) -> View:
    """Those who were asked to take part, while the scoring is open."""

    @needs(
        may_prioritise,
        gettext_lazy("Council members and strategists score. Ask an administrator to give your account such a role."),
    )
    @wraps(view)
    def guarded(request: HttpRequest, number: int, *args: Any, **kwargs: Any) -> HttpResponse:
        session = session_of(request, number)
        if not session.takes_part:
            raise PermissionDenied(
                _("You are not among the participants of this prioritisation. Ask a quality strategist to add you.")
            )
        return view(request, session, *args, **kwargs)

    return guarded


def _asked(request: HttpRequest, session: SessionRow) -> tuple[list[Asked], list[read_model.CandidateRow]]:
    rows = queries.candidates(session.number)
    found = read_model.asked(
        rows,
        queries.criteria(session.number),
        queries.own_scores(session.number, user_id(request)),
        url=candidate_addresses("prioritisation-score", session.number),
        goal_url=addresses("goal"),
    )
    return found, rows


@require_safe
@never_cache
@for_participants
def scoring(request: HttpRequest, session: SessionRow) -> HttpResponse:
    """All candidates in a table, by theme."""
    if session.state != SCORING:
        return redirect("prioritisation", session.number)
    found, _rows = _asked(request, session)
    context = {
        "session": session,
        "groups": read_model.by_theme(found),
        "criteria": queries.criteria(session.number),
        "progress": read_model.progress(found),
        "crumbs": crumbs(session),
    }
    return render(request, "scorecard/prioritisation_scoring.html", context)


@require_safe
@never_cache
@for_participants
def score(request: HttpRequest, session: SessionRow, code: str) -> HttpResponse:
    """One candidate, what the data says of it, and its questions."""
    if session.state != SCORING:
        return redirect("prioritisation", session.number)
    found, rows = _asked(request, session)
    row = next((one for one in rows if one.code == code), None)
    page = row and read_model.scoring_page(found, code, data_beside([row])[code])
    if not page:
        raise Http404(_("There is no candidate “%(code)s” in this prioritisation.") % {"code": code[:60]})
    context = {"session": session, "page": page, "crumbs": crumbs(session)}
    return render(request, "scorecard/prioritisation_score.html", context)


@require_POST
@for_participants
def save(request: HttpRequest, session: SessionRow) -> HttpResponse:
    """Keep scores: a single one that a script sends, or all of a form. `next`: the candidate to show then."""
    by_script = request.headers.get("X-Requested-With") == "fetch"
    try:
        given, withdrawn = _given(request.POST)
        operations.store_scores(
            number=session.number,
            user_id=user_id(request),
            scores=given,
            withdrawn=withdrawn,
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except PrioritisationError as error:
        if by_script:
            return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
        told(request, error)
        return redirect("prioritisation", session.number)
    if by_script:
        found, _rows = _asked(request, session)
        return HttpResponse(read_model.progress(found).words, content_type="text/plain; charset=utf-8")
    after = request.POST.get("next", "")
    if after and after in {row.code for row in queries.candidates(session.number)}:
        return redirect("prioritisation-score", session.number, after)
    messages.success(request, _("Saved."))
    return redirect("prioritisation", session.number)


def _given(posted: QueryDict) -> tuple[dict[tuple[str, str], int | None], list[tuple[str, str]]]:
    """Scores of a form: fields are “candidate|criterion”; "" is no answer, “none” no opinion."""
    given: dict[tuple[str, str], int | None] = {}
    withdrawn = []
    for field, value in posted.items():
        candidate, bar, criterion = field.partition("|")
        if not bar:
            continue
        if value == "":
            withdrawn.append((candidate, criterion))
        elif value == NO_OPINION:
            given[candidate, criterion] = None
        elif isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 1:
            given[candidate, criterion] = int(value)
        else:
            raise PrioritisationError(_("“%(value)s” is no score.") % {"value": str(value)[:20]})
    return given, withdrawn


@require_POST
@for_participants
def finish(request: HttpRequest, session: SessionRow) -> HttpResponse:
    """Say that one is done, or that one goes on."""
    try:
        operations.finish_scoring(
            number=session.number,
            user_id=user_id(request),
            finished=request.POST.get("finished") == "1",
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except PrioritisationError as error:
        told(request, error)
    return redirect("prioritisation", session.number)
