"""Surveys and their waves, for strategists: made, described, copied, opened, closed; the way of a wave on one page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from surveys.compute.completeness import faults
from surveys.forms.building import SurveyForm, SurveySettingsForm, WaveForm, WaveSettingsForm, wave_initial
from surveys.models import Wave, WaveState
from surveys.operations import surveys as operations
from surveys.operations.questions import QuestionnaireError
from surveys.queries import building as queries
from surveys.queries.library import library
from surveys.read_models import building as read_model
from surveys.read_models import wave as wave_read_model
from surveys.views.waves import crumbs, for_those_who_steer, get_or_post, survey_of, wave_of

# ── surveys ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@for_those_who_steer
def surveys(request: HttpRequest) -> HttpResponse:
    """Every survey with its waves."""
    return render(request, "surveys/steer_surveys.html", {"rows": queries.surveys(), "crumbs": crumbs()[:1]})


@get_or_post
@never_cache
@for_those_who_steer
def survey_new(request: HttpRequest) -> HttpResponse:
    form = SurveyForm(request.POST or None, departments=queries.departments())
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.create_survey(**form.given(), by=request.user)  # type: ignore[arg-type]
        except QuestionnaireError as error:
            form.add_error("code", str(error))
        else:
            return redirect("survey-steer-edit", made.code)
    return form_page(request, form, _("New survey"), crumbs(), reverse("survey-steer"), _("Make the survey"))


@require_safe
@never_cache
@for_those_who_steer
def survey(request: HttpRequest, code: str) -> HttpResponse:
    """A survey: its waves, its settings, its questions in every wording."""
    found = survey_of(code)
    waves = queries.waves_of(found.pk)
    topics = {topic.code: read_model.in_language(topic.name) for topic in library().topics}
    context = {
        "survey": found,
        "waves": waves,
        "public": any(wave.released for wave in waves),
        "groups": read_model.by_topic(queries.questions_of(found.pk), topics),
        "facts": read_model.survey_facts(
            department=found.department.name if found.department else "",
            least_count=found.least_count,
            least_base=found.least_base,
            keep_texts_days=found.keep_texts_days,
            overall=dict(queries.overall_choices(found.pk)).get(found.overall_id or 0, ""),
        ),
        "links": queries.links(found.pk),
        "crumbs": crumbs(),
    }
    return render(request, "surveys/steer_survey.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def survey_settings(request: HttpRequest, code: str) -> HttpResponse:
    found = survey_of(code)
    names = ("least_count", "least_base", "keep_texts_days")
    initial = {name: getattr(found, name) for name in names}
    for field in ("name", "purpose"):
        initial |= {f"{field}_{language}": text for language, text in queries.both(found, field).items()}
    form = SurveySettingsForm(
        request.POST or None,
        initial=initial | {"department": found.department_id, "overall": found.overall_id},
        departments=queries.departments(),
        questions=queries.overall_choices(found.pk),
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_survey(survey_id=found.pk, **form.given(), by=request.user)  # type: ignore[arg-type]
        except QuestionnaireError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("survey-steer-edit", code)
    back = reverse("survey-steer-edit", args=[code])
    return form_page(request, form, _("Settings"), crumbs(found), back, _("Save"))


# ── waves ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@get_or_post
@never_cache
@for_those_who_steer
def wave_new(request: HttpRequest, code: str) -> HttpResponse:
    """A wave without questions."""
    found = survey_of(code)
    year = str(timezone.localdate().year)
    form = WaveForm(request.POST or None, initial={"code": year, "period": year})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.create_wave(survey_id=found.pk, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except QuestionnaireError as error:
            form.add_error("code", str(error))
        else:
            return redirect("wave", code, made.code)
    back = reverse("survey-steer-edit", args=[code])
    return form_page(request, form, _("New wave"), crumbs(found), back, _("Make the wave"))


@require_safe
@never_cache
@for_those_who_steer
def wave(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """What is done, what is next and what blocks it."""
    found = wave_of(code, wave)
    pages = queries.written(found.pk)
    standing = queries.standing(found, pages, len(faults(pages)), timezone.localdate())
    context = {
        "survey": found.survey,
        "wave": found,
        "state_word": str(read_model.STATES[found.state]),
        "steps": wave_read_model.steps(standing),
        "period": read_model.period_text(found.period),
        "comments": wave_read_model.comments_text(standing.comments),
        "crumbs": crumbs(found.survey),
    }
    return render(request, "surveys/steer_wave.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def wave_settings(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Dates, sample, weights, texts of the method page; what stands fast by now is not offered."""
    found = wave_of(code, wave)
    form = WaveSettingsForm(
        request.POST or None, initial=wave_initial(found), fixed=operations.fixed_columns(found.state)
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = operations.change_wave(wave_id=found.pk, **form.given(), by=request.user)  # type: ignore[arg-type]
        except QuestionnaireError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("wave", code, changed.code)
    lead = ""
    if found.state != WaveState.PREPARING:
        lead = _("The wave has opened. What people were told, such as the first day, stands fast.")
    back = reverse("wave", args=[code, wave])
    return form_page(request, form, _("Settings of the wave"), crumbs(found.survey, found), back, _("Save"), lead)


@get_or_post
@never_cache
@for_those_who_steer
def wave_copy(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """A new wave with the same questions."""
    found = wave_of(code, wave)
    year = str(timezone.localdate().year + 1)
    form = WaveForm(request.POST or None, initial={"code": year, "period": year})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.copy_wave(wave_id=found.pk, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except QuestionnaireError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("The wave is copied. Its questions can be changed until it opens."))
            return redirect("wave", code, made.code)
    lead = _("The new wave asks the same questions in the same words, so their series go on. Answers are not copied.")
    back = reverse("wave", args=[code, wave])
    title = _("Copy the wave %(wave)s") % {"wave": found.code}
    return form_page(request, form, title, crumbs(found.survey, found), back, _("Copy"), lead)


@get_or_post
@never_cache
@for_those_who_steer
def wave_open(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Tell what opening means; then open."""
    found = wave_of(code, wave)
    if request.method == "POST":
        try:
            operations.open_wave(wave_id=found.pk, by=request.user, today=timezone.localdate())  # type: ignore[arg-type]
        except QuestionnaireError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The wave is open."))
        return redirect("wave", code, wave)
    text = _("From then on people can answer. The questions stand as they are, since answers already given would "
             "otherwise mean something else.")  # fmt: skip
    return _ask(request, found, _("Open the wave"), text)


@get_or_post
@never_cache
@for_those_who_steer
def wave_close(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Tell what closing means; then close."""
    found = wave_of(code, wave)
    if request.method == "POST":
        try:
            operations.close_wave(wave_id=found.pk, by=request.user, today=timezone.localdate())  # type: ignore[arg-type]
        except QuestionnaireError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The wave is closed. Its results can be made."))
        return redirect("wave", code, wave)
    text = _(
        "No more answers are taken: links tell people kindly that it is over. A closed wave cannot be opened again."
    )
    return _ask(request, found, _("Close the wave"), text)


def _ask(request: HttpRequest, wave: Wave, title: str, text: str) -> HttpResponse:
    return confirm_page(
        request, title, text, crumbs(wave.survey, wave), reverse("wave", args=[wave.survey.code, wave.code])
    )


def confirm_page(
    request: HttpRequest, title: str, text: str, crumbs: list[dict[str, str]], back: str, submit: str = ""
) -> HttpResponse:  # fmt: skip
    """A page that says what will happen, with a button to do it and a way back."""
    context = {"title": title, "text": text, "submit": submit or title, "crumbs": crumbs, "back": back}
    return render(request, "surveys/steer_confirm.html", context)


def form_page(
    request: HttpRequest, form: Any, title: str, crumbs: list[dict[str, str]], back: str, submit: str, lead: str = ""
) -> HttpResponse:  # fmt: skip
    """A page with one form."""
    context = {"form": form, "title": title, "lead": lead, "crumbs": crumbs, "cancel_url": back, "submit": submit}
    return render(request, "surveys/steer_form.html", context)
