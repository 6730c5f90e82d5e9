"""Needs that may be unspoken: a board of hypotheses, for strategists."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.permissions import may_steer
from indicators.views.access import needs
from surveys.forms.free_text import HypothesisForm, MoveForm, NewHypothesisForm
from surveys.models import Hypothesis, HypothesisOrigin, HypothesisState
from surveys.operations.hypotheses import (
    Beginning,
    HypothesisError,
    change_hypothesis,
    create_hypothesis,
    move_hypothesis,
)
from surveys.queries import hypotheses as queries
from surveys.read_models import hypotheses as read_model

for_those_who_steer = needs(
    may_steer,
    gettext_lazy("Hypotheses are kept by the quality strategists. Ask one of them, or an administrator for that role."),
)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
MOST_DIGITS = 18


def _crumbs(*, inner: bool = False) -> list[dict[str, str]]:
    crumbs = [{"label": _("Steer"), "url": reverse("steer")}, {"label": _("Surveys"), "url": reverse("survey-steer")}]
    return [*crumbs, {"label": _("Unspoken needs"), "url": reverse("hypotheses")}] if inner else crumbs


def _row(of: Hypothesis) -> dict[str, Any]:
    return {
        "id": of.pk,
        "title": of.title,
        "origin": of.origin,
        "state": of.state,
        "survey": of.survey.name,
        "wave": of.wave.code if of.wave else "",
        "theme": str(of.theme) if of.theme else "",
        "reason": of.reason,
        "improvement": of.improvement,
        "department": of.department.name if of.department else "",
        "due_on": of.due_on,
        "indicator": (of.indicator.code, of.indicator.name) if of.indicator else None,
    }


def _found(hypothesis_id: int) -> Hypothesis:
    found = queries.one(hypothesis_id)
    if found is None:
        raise Http404(_("There is no such hypothesis."))
    return found


@require_safe
@never_cache
@for_those_who_steer
def board(request: HttpRequest) -> HttpResponse:
    """Every hypothesis, by how far it has come."""
    columns = read_model.board([_row(each) for each in queries.all_of_them()])
    context = {"columns": columns, "any": any(column.cards for column in columns), "crumbs": _crumbs()}
    return render(request, "surveys/hypotheses.html", context)


# ── a new one ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Start:
    """What the address that led here says of where a hypothesis comes from."""

    survey_id: int | None
    beginning: Beginning
    text: str


def _start(request: HttpRequest) -> _Start:
    given = request.GET
    theme_id = given.get("theme", "")
    if theme_id.isascii() and theme_id.isdigit() and len(theme_id) <= MOST_DIGITS:
        theme = queries.theme(int(theme_id))
        if theme is None:
            raise Http404(_("There is no such theme. It may have been found anew or merged."))
        text = read_model.suggested("theme", theme=str(theme), words=theme.words)
        return _Start(theme.wave.survey_id, Beginning(HypothesisOrigin.THEME, theme.wave_id, theme.pk), text)
    survey = queries.survey(given.get("survey", ""))
    if survey is None:
        return _Start(None, Beginning(), "")
    wave = queries.wave(survey.pk, given.get("wave", ""))
    origin = given.get("origin", "")
    asked = queries.question(survey.pk, given.get("question", ""))
    if asked is None or origin not in (HypothesisOrigin.GAP, HypothesisOrigin.KANO):
        return _Start(survey.pk, Beginning(wave_id=wave.pk if wave else None), "")
    beginning = Beginning(HypothesisOrigin(origin), wave.pk if wave else None, question_id=asked[0].pk)
    return _Start(survey.pk, beginning, read_model.suggested(origin, question=asked[1]))


@get_or_post
@never_cache
@for_those_who_steer
def new(request: HttpRequest) -> HttpResponse:
    """A hypothesis from a theme, a gap, a pair, or an observation of our own."""
    start = _start(request)
    initial = {"survey": start.survey_id, "text": start.text}
    form = NewHypothesisForm(request.POST or None, surveys=queries.surveys(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            create_hypothesis(
                survey_id=form.cleaned_data["survey"], told=form.told(), beginning=start.beginning,
                by=request.user,  # type: ignore[arg-type]  # not anonymous behind the door
            )  # fmt: skip
        except HypothesisError as refused:
            form.add_error("survey", str(refused))
        else:
            messages.success(request, _("The hypothesis stands on the board."))
            return redirect("hypotheses")
    context = {
        "form": form,
        "heading": _("New hypothesis"),
        "lead": _("A need that people may have without saying so. It stays a hypothesis until somebody has tried it."),
        "submit": _("Put it on the board"),
        "cancel_url": reverse("hypotheses"),
        "crumbs": _crumbs(inner=True),
    }
    return render(request, "surveys/short_form.html", context)


# ── one of them ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _form(request: HttpRequest, of: Hypothesis, *, posted: bool) -> HypothesisForm:
    departments, indicators = queries.choices()
    initial = {
        "title": of.title, "text": of.text, "improvement": of.improvement, "department": of.department_id,
        "due_on": of.due_on, "indicator": of.indicator_id,
    }  # fmt: skip
    return HypothesisForm(
        request.POST if posted else None, departments=departments, indicators=indicators, initial=initial
    )


def _page(request: HttpRequest, of: Hypothesis, form: HypothesisForm, moves: MoveForm) -> HttpResponse:
    suggested = urlencode({"name_sv": of.title, "purpose_sv": of.text})
    context = {
        "hypothesis": of,
        "origin": read_model.origin_text(of.origin, str(of.theme) if of.theme else ""),
        "form": form,
        "moves": moves,
        "crumbs": _crumbs(inner=True),
        "new_indicator_url": f"{reverse('definition-new')}?{suggested}",
    }
    return render(request, "surveys/hypothesis.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def hypothesis(request: HttpRequest, hypothesis_id: int) -> HttpResponse:
    """A hypothesis: what points to it, how far it has come, what is to come of it."""
    found = _found(hypothesis_id)
    posted = request.method == "POST"
    form = _form(request, found, posted=posted)
    if posted and form.is_valid():
        change_hypothesis(hypothesis_id=found.pk, told=form.told(), by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("The hypothesis is saved."))
        return redirect("hypothesis", found.pk)
    return _page(request, found, form, MoveForm(initial={"state": found.state, "reason": found.reason}))


@require_POST
@for_those_who_steer
def move(request: HttpRequest, hypothesis_id: int) -> HttpResponse:
    """Say how far a hypothesis has come."""
    found = _found(hypothesis_id)
    moves = MoveForm(request.POST)
    if moves.is_valid():
        try:
            move_hypothesis(
                hypothesis_id=found.pk, state=HypothesisState(moves.cleaned_data["state"]),
                reason=moves.cleaned_data["reason"], by=request.user,  # type: ignore[arg-type]
            )  # fmt: skip
        except HypothesisError as refused:
            moves.add_error("reason", str(refused))
        else:
            messages.success(request, _("The hypothesis is moved."))
            return redirect("hypotheses")
    return _page(request, found, _form(request, found, posted=False), moves)
