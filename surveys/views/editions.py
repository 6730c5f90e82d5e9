"""Results made, looked at, released and withdrawn; and which indicators they feed. For strategists."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from surveys import pipeline
from surveys.forms.editions import LinkForm, WithdrawForm
from surveys.models import Edition, Survey
from surveys.operations.editions import (
    EditionError,
    Feed,
    LinkError,
    link_indicator,
    request_results,
    unlink_indicator,
    withdraw_edition,
)
from surveys.queries import editions as queries
from surveys.read_models import editions as read_model
from surveys.read_models import links as links_read_model
from surveys.views.waves import crumbs, for_those_who_steer, get_or_post, survey_of, wave_of


@require_safe
@never_cache
@for_those_who_steer
def results(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """The editions of a wave, and what releasing the draft would do."""
    found = wave_of(code, wave)
    page = read_model.page(found.survey.name, queries.standing(found))
    context = {"page": page, "wave": found, "survey": found.survey, "crumbs": crumbs(found.survey, found)}
    return render(request, "surveys/wave_results.html", context)


@require_POST
@for_those_who_steer
def make(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Have the results made."""
    found = wave_of(code, wave)
    try:
        request_results(wave_id=found.pk, by=request.user)  # type: ignore[arg-type]  # not anonymous behind the door
    except EditionError as refused:
        messages.error(request, str(refused))
    else:
        messages.info(request, _("The results are being made. This takes from seconds to a minute."))
    return redirect("wave-results", code, wave)


@require_POST
@for_those_who_steer
def release(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Release a draft: everybody may read it, and the indicators get their values."""
    edition = _edition(edition_id)
    try:
        fed = pipeline.release_edition(edition_id, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except EditionError as refused:
        messages.error(request, str(refused))
    else:
        told = ngettext(
            "The results are released. %(count)s value has gone to the indicators.",
            "The results are released. %(count)s values have gone to the indicators.",
            fed,
        ) % {"count": fed}
        messages.success(request, told)
    return redirect("wave-results", edition.wave.survey.code, edition.wave.code)


@get_or_post
@never_cache
@for_those_who_steer
def withdraw(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Take a released edition off the pages, with a reason."""
    edition = _edition(edition_id)
    wave = edition.wave
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_edition(edition_id=edition_id, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except EditionError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The edition is withdrawn."))
            return redirect("wave-results", wave.survey.code, wave.code)
    context = {
        "form": form,
        "heading": _("Withdraw edition %(number)s") % {"number": edition.number},
        "lead": _(
            "The results disappear from the public pages. What they fed the indicators stays until a new edition."
        ),
        "submit": _("Withdraw the edition"),
        "cancel_url": reverse("wave-results", args=[wave.survey.code, wave.code]),
        "crumbs": crumbs(wave.survey, wave),
    }
    return render(request, "surveys/short_form.html", context)


def _edition(edition_id: int) -> Edition:
    found = queries.edition(edition_id)
    if found is None:
        raise Http404(_("There is no such edition. It may have been made anew."))
    return found


# ── links to indicators ───────────────────────────────────────────────────────────────────────────────────────────────


@get_or_post
@never_cache
@for_those_who_steer
def links(request: HttpRequest, code: str) -> HttpResponse:
    """Which results of a survey feed which indicators, and a further one."""
    survey = survey_of(code)
    indicators, indices = queries.linkable(survey.pk)
    offered = links_read_model.offered(indicators, indices, queries.newest_versions(survey.pk))
    form = LinkForm(request.POST or None, indicators=offered.indicators, results=offered.results, groups=offered.groups)
    if request.method == "POST" and form.is_valid() and _linked(request, survey, form, offered):
        messages.success(request, _("The result feeds the indicator from the next release on."))
        return redirect("survey-links", code)
    context: dict[str, Any] = {
        "survey": survey,
        "lines": links_read_model.lines(queries.links(survey.pk), offered),
        "form": form,
        "crumbs": crumbs(survey),
    }
    return render(request, "surveys/survey_links.html", context)


def _linked(request: HttpRequest, survey: Survey, form: LinkForm, offered: links_read_model.Offered) -> bool:
    told = form.cleaned_data
    feed = Feed(**offered.feed(told["result"], told["group"]))
    try:
        link_indicator(
            survey_id=survey.pk, indicator_id=int(told["indicator"]), breakdown=told["breakdown"], feed=feed,
            by=request.user,  # type: ignore[arg-type]
        )  # fmt: skip
    except LinkError as refused:
        form.add_error("indicator", str(refused))
        return False
    return True


@require_POST
@for_those_who_steer
def unlink(request: HttpRequest, code: str, link_id: int) -> HttpResponse:
    """Have a result feed an indicator no longer."""
    survey = survey_of(code)
    if not any(link.pk == link_id for link in queries.links(survey.pk)):
        raise Http404(_("There is no such link. It may have been removed already."))
    unlink_indicator(link_id=link_id, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The link is removed. Values that it gave stay."))
    return redirect("survey-links", code)
