"""A prioritisation as everyone sees it: the list of them, the shared list, one candidate, what was decided."""

from collections.abc import Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.permissions import may_prioritise, may_steer
from indicators.queries.follow_up import follow_up_years
from indicators.templatetags.figures import language
from indicators.views.access import View, needs, person_of
from scorecard import queries as chain_queries
from scorecard.compute.prioritisation import propose
from scorecard.forms.prioritisation import GoalsForm, ReasonForm
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import PrioritisationError
from scorecard.operations.prioritisation_goals import make_goals
from scorecard.queries import prioritisation as queries
from scorecard.read_models import prioritisation as read_model
from scorecard.read_models.choice import choose_period
from scorecard.read_models.prioritisation import DECIDED, DISCUSSION, SCORING, Beside, CandidateRow, SessionRow
from scorecard.views.council import addresses

PLACE = "x-place-x"
NOT_YET = gettext_lazy(
    "This prioritisation is not decided yet and is open to council members and strategists. "
    "Ask an administrator to give your account one of those roles."
)
for_strategists = needs(
    may_steer,
    gettext_lazy(
        "A prioritisation is prepared and led by strategists. Ask an administrator to give your account that role."
    ),
)


def session_of(request: HttpRequest, number: int) -> SessionRow:
    found = queries.session(number, request.user.pk)
    if found is None:
        raise Http404(_("There is no prioritisation with number %(number)s.") % {"number": number})
    return found


def open_once_decided(view: View) -> View:
    """Everyone may read what was decided; before that, those who may take part."""

    @wraps(view)
    def guarded(request: HttpRequest, number: int, *args: Any, **kwargs: Any) -> HttpResponse:
        session = session_of(request, number)
        if session.state != DECIDED and not may_prioritise(person_of(request)):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            raise PermissionDenied(str(NOT_YET))
        return view(request, session, *args, **kwargs)

    return guarded


def user_id(request: HttpRequest) -> int:
    """Of who has signed in; asked only behind a door that nobody else passes."""
    found = request.user.pk
    if found is None:
        raise PermissionDenied(str(NOT_YET))
    return found


def told(request: HttpRequest, error: PrioritisationError) -> None:
    messages.error(request, str(error))


def crumbs(session: SessionRow | None = None) -> list[dict[str, str]]:
    found = [{"label": _("Prioritisations"), "url": reverse("prioritisations")}]
    if session is not None:
        found.append({"label": session.title, "url": reverse("prioritisation", args=[session.number])})
    return found


def candidate_addresses(name: str, number: int) -> Any:
    before, after = reverse(name, args=[number, PLACE]).split(PLACE)
    return lambda code: f"{before}{code}{after}"


def data_beside(rows: list[CandidateRow]) -> Mapping[str, tuple[Beside, ...]]:
    """What the figures say of each candidate, by code (3 queries)."""
    choice = choose_period(follow_up_years(), None, this_year=timezone.localdate().year)
    known = chain_queries.indicators(choice.shown, choice.before, language(), definitions=False)
    by_id = {row.id: row for row in known}
    experienced = queries.experienced()
    url = addresses("indicator")
    return {row.code: read_model.beside(row, by_id, experienced, url) for row in rows}


@require_safe
def prioritisations(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows = queries.sessions(decided_only=not may_prioritise(person), user_id=person.user_id)
    context = {
        "entries": read_model.entries(rows, lambda number: reverse("prioritisation", args=[number])),
        "may_steer": may_steer(person),
        "may_prioritise": may_prioritise(person),
    }
    return render(request, "scorecard/prioritisations.html", context)


@require_safe
@never_cache
@open_once_decided
def prioritisation(request: HttpRequest, session: SessionRow) -> HttpResponse:
    """The session as it stands: its preparation, its scoring, the shared list, or what was decided."""
    context: dict[str, Any] = {
        "session": session,
        "crumbs": crumbs(),
        "may_steer": may_steer(person_of(request)),
        "finished_words": read_model.finished_words(session),
    }
    if session.state == DECIDED:
        return render(request, "scorecard/prioritisation_result.html", context | _result(session))
    if session.state == DISCUSSION:
        return render(request, "scorecard/prioritisation_discussion.html", context | {"page": _shared_list(session)})
    context["criteria"] = queries.criteria(session.number)
    if session.state == SCORING:
        context |= _own_progress(request, session)
        context["participants"] = queries.participants(session.number) if context["may_steer"] else []
    return render(request, "scorecard/prioritisation.html", context)


def _own_progress(request: HttpRequest, session: SessionRow) -> dict[str, Any]:
    if not session.takes_part:
        return {}
    given = queries.own_scores(session.number, user_id(request))
    url = candidate_addresses("prioritisation-score", session.number)
    rows = queries.candidates(session.number)
    found = read_model.asked(rows, queries.criteria(session.number), given, url=url, goal_url=addresses("goal"))
    unscored = [one.url for one in found if not one.done]
    return {"progress": read_model.progress(found), "next_url": (unscored or [one.url for one in found] or [""])[0]}


def _shared_list(session: SessionRow) -> read_model.SharedList:
    rows = queries.candidates(session.number)
    facts = queries.scores(session.number)
    return read_model.shared_list(
        session,
        rows,
        queries.criteria(session.number),
        propose(facts.counts, facts.criteria, facts.scorers, facts.participants),
        data_beside(rows),
        url=candidate_addresses("prioritisation-candidate", session.number),
    )


def _result(session: SessionRow) -> dict[str, Any]:
    decision = queries.decision(session.number)
    if decision is None:
        raise Http404(_("There is no prioritisation with number %(number)s.") % {"number": session.number})
    rows = queries.candidates(session.number)
    starts, valid = queries.chain_from(session.year)
    form = GoalsForm(initial={"chain": "valid" if starts or not session.year else "new"})
    if starts:
        form.fields["chain"].choices = form.fields["chain"].choices[1:]  # type: ignore[attr-defined]
    elif not valid:
        form.fields["chain"].choices = form.fields["chain"].choices[:1]  # type: ignore[attr-defined]
    page = read_model.result_page(session, rows, decision, data_beside(rows), goal_url=addresses("goal"))
    if not page.without_committee:
        del form.fields["committee"]
    return {"page": page, "decision": decision, "form": form}


@require_safe
@never_cache
@open_once_decided
def follow(request: HttpRequest, session: SessionRow) -> HttpResponse:
    """What a screen asks every other second: nothing where nothing has changed, else the part that has."""
    asked = request.GET
    if asked.get("state") != session.state:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    same_version = asked.get("version") == str(session.version)
    steering = may_steer(person_of(request))
    if session.state == DISCUSSION and not same_version:
        context = {"session": session, "page": _shared_list(session), "may_steer": steering}
        return render(request, "scorecard/_prioritisation_list.html", context)
    if session.state == SCORING and steering and asked.get("finished") is not None:
        context = {
            "session": session,
            "participants": queries.participants(session.number),
            "finished_words": read_model.finished_words(session),
        }
        return render(request, "scorecard/_prioritisation_participants.html", context)
    return HttpResponse(status=204)


@require_safe
@open_once_decided
def candidate(request: HttpRequest, session: SessionRow, code: str) -> HttpResponse:
    """One candidate: its text, what the data says, and how the scores fall once the scoring is closed."""
    rows = queries.candidates(session.number)
    row = next((one for one in rows if one.code == code), None)
    if row is None:
        raise Http404(_("There is no candidate “%(code)s” in this prioritisation.") % {"code": code[:60]})
    context = {
        "session": session,
        "candidate": row,
        "goal_url": addresses("goal")(row.goal_code) if row.goal_code else "",
        "beside": data_beside([row])[code],
        "crumbs": crumbs(session),
        "may_move": session.state == DISCUSSION and may_steer(person_of(request)),
        "place": read_model.place_words(row.place) if session.state in (DISCUSSION, DECIDED) else "",
    }
    if session.state in (DISCUSSION, DECIDED):
        facts = queries.scores(session.number)
        standings = propose(facts.counts, facts.criteria, facts.scorers, facts.participants)
        standing = next(one for one in standings if one.code == code)
        criteria = queries.criteria(session.number)
        context["distributions"] = read_model.distributions(criteria, facts.counts[code], standing)
    return render(request, "scorecard/prioritisation_candidate.html", context)


@require_POST
@for_strategists
def state(request: HttpRequest, number: int) -> HttpResponse:
    """Open the scoring, the discussion or the preparation."""
    session_of(request, number)
    acts = {
        "scoring": operations.open_scoring,
        "discussion": operations.open_discussion,
        "preparing": operations.back_to_preparation,
    }
    act = acts.get(request.POST.get("to", ""))
    if act is None:
        raise Http404(_("A prioritisation can go to: scoring, discussion, preparing."))
    try:
        act(number=number, by=request.user)  # type: ignore[arg-type]
    except PrioritisationError as error:
        told(request, error)
    return redirect("prioritisation", number)


@require_POST
@for_strategists
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Move a candidate or the line. `move`: the candidate's code (empty: the line) and where: up, down, to:7."""
    session_of(request, number)
    posted = request.POST
    if "code" in posted:  # the form on a candidate's own page
        code, where = posted["code"], f"to:{posted.get('to', '')}"
    else:
        code, _bar, where = posted.get("move", "").partition("|")
    try:
        _move(number, code, where, request)
    except PrioritisationError as error:
        told(request, error)
        if request.htmx:  # type: ignore[attr-defined]
            answer = HttpResponse()
            answer["HX-Refresh"] = "true"
            return answer
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('prioritisation', args=[number])}#{f'row-{code}' if code else 'line'}")
    session = session_of(request, number)
    page = _shared_list(session)
    moved = next((one for one in [*page.above, *page.below] if one.code == code), None)
    said = (
        _("%(name)s is on place %(place)s.") % {"name": moved.name, "place": moved.place} if moved else page.line_words
    )
    context = {"session": session, "page": page, "may_steer": True, "said": said}
    return render(request, "scorecard/_prioritisation_list.html", context)


def _move(number: int, code: str, where: str, request: HttpRequest) -> None:
    steps = {"up": -1, "down": 1}.get(where, 0)
    place = where.removeprefix("to:")
    to = int(place) if where.startswith("to:") and place.isascii() and place.isdigit() and len(place) < 5 else None
    if not steps and to is None:
        raise PrioritisationError(_("Say where to move it: up, down or to a place."))
    by: Any = request.user
    if code:
        operations.move_candidate(number=number, code=code, to=to, steps=steps, by=by)
    else:
        operations.move_line(number=number, to=to, steps=steps, by=by)


@require_safe
@never_cache
@for_strategists
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """The last look before deciding: what stands above the line, and the reasons for the rest."""
    session = session_of(request, number)
    if session.state != DISCUSSION:
        return redirect("prioritisation", number)
    page = _shared_list(session)
    context = {
        "session": session,
        "page": page,
        "form": ReasonForm(),
        "silent": [line for line in page.below if not line.reason],
        "reasoned": [line for line in page.below if line.reason],
        "crumbs": crumbs(session),
    }
    return render(request, "scorecard/prioritisation_decision.html", context)


@require_POST
@for_strategists
def reasons(request: HttpRequest, number: int) -> HttpResponse:
    """One reason for all the candidates that are ticked."""
    session_of(request, number)
    try:
        operations.give_reasons(
            number=number,
            codes=request.POST.getlist("codes"),
            reason=request.POST.get("reason", "")[:1000],
            by=request.user,  # type: ignore[arg-type]
        )
    except PrioritisationError as error:
        told(request, error)
    return redirect(f"{reverse('prioritisation-decision', args=[number])}#aside")


@require_POST
@for_strategists
def decide(request: HttpRequest, number: int) -> HttpResponse:
    session_of(request, number)
    version = request.POST.get("version", "")
    try:
        operations.decide(
            number=number,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1,
            by=request.user,  # type: ignore[arg-type]
        )
    except PrioritisationError as error:
        told(request, error)
        return redirect("prioritisation-decision", number)
    messages.success(request, _("The decision is recorded and can be read by everyone."))
    return redirect("prioritisation", number)


@require_POST
@for_strategists
def goals(request: HttpRequest, number: int) -> HttpResponse:
    """Make goals of what was chosen."""
    session_of(request, number)
    form = GoalsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose where the goals go."))
        return redirect("prioritisation", number)
    committee = form.cleaned_data["committee"]
    try:
        made = make_goals(
            number=number,
            new_mandate=form.cleaned_data["chain"] == "new",
            committee_id=committee.pk if committee else None,
            by=request.user,  # type: ignore[arg-type]
        )
    except PrioritisationError as error:
        told(request, error)
    else:
        values = {"made": made.made, "there": made.there_already, "vision": made.vision.title}
        messages.success(
            request, _("%(made)s goals were made under “%(vision)s”; %(there)s were there already.") % values
        )
    return redirect("prioritisation", number)
