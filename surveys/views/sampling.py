"""A wave's sample for strategists: register in, populations and backgrounds, the draw with its expected margin of
error, addresses forgotten."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.sources.sheet import SheetError
from indicators.templatetags.figures import number
from surveys.forms.sampling import CountsForm, FrameForm, MarginsForm, PlanForm
from surveys.models import Wave
from surveys.operations import sampling as operations
from surveys.operations.sampling import KEEP_ADDRESSES_DAYS, SampleError
from surveys.queries import sampling as queries
from surveys.read_models import sampling as read_model
from surveys.sources.frame_file import read_frame_file
from surveys.views.waves import crumbs_of, for_those_who_steer, get_or_post, wave_of

SUGGESTED = 1200


def _context(wave: Wave, *, below: bool = True, **more: Any) -> dict[str, Any]:
    crumbs = crumbs_of(wave, ("wave-sample", _("Sample"))) if below else crumbs_of(wave)
    return {"wave": wave, "survey": wave.survey, "crumbs": crumbs, **more}


def _to_sample(wave: Wave) -> HttpResponse:
    return redirect("wave-sample", wave.survey.code, wave.code)


@require_safe
@never_cache
@for_those_who_steer
def sample(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Who is asked: the register, the strata with their response, and what to do next."""
    found = wave_of(code, wave)
    page = read_model.sample_page(queries.sample(found), state=found.state, seed=found.seed)
    backgrounds = [(row, read_model.margin_note(row, found.population)) for row in queries.backgrounds(found)]
    context = _context(
        found, below=False, page=page, backgrounds=backgrounds, state=found.state, days=KEEP_ADDRESSES_DAYS
    )
    return render(request, "surveys/sample.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def frame_upload(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Read a register in, all or nothing."""
    found = wave_of(code, wave)
    form = FrameForm(request.POST or None, request.FILES or None, limits=queries.limits())
    refused: read_model.Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            content = form.content()
            frame = read_frame_file(content, form.limits, queries.frame_backgrounds(found))
            if frame.rejected_count and not form.cleaned_data["leave_out"]:
                refused = read_model.refused(frame)
            else:
                stored = operations.read_frame(
                    wave_id=found.pk,
                    filename=form.cleaned_data["file"].name,
                    content=content,
                    frame=frame,
                    leave_out=form.cleaned_data["leave_out"],
                    by=request.user,  # type: ignore[arg-type]  # not anonymous behind the door
                )
                _tell_stored(request, stored, frame.passed_over)
                return _to_sample(found)
        except (SheetError, SampleError) as refusal:
            form.add_error("file", str(refusal))
    context = _context(found, form=form, refused=refused, days=KEEP_ADDRESSES_DAYS)
    return render(request, "surveys/sample_frame.html", context, status=422 if form.errors or refused else 200)


def _tell_stored(request: HttpRequest, stored: operations.FrameStored, passed_over: list[str]) -> None:
    told = ngettext("%(n)s person was read in.", "%(n)s people were read in.", stored.people)
    messages.success(request, told % {"n": number(stored.people)})
    if stored.backgrounds:
        told = _("The population's numbers were taken from the register for: %(questions)s.")
        messages.info(request, told % {"questions": ", ".join(stored.backgrounds)})
    if passed_over:
        messages.info(
            request,
            _("These columns were not needed and not stored: %(names)s.") % {"names": ", ".join(passed_over[:20])},
        )


@get_or_post
@never_cache
@for_those_who_steer
def counts(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """How many people each group of the population has."""
    found = wave_of(code, wave)
    rows = queries.sample(found).strata
    initial = {"lines": "\n".join(f"{row.code}\t{row.population}" for row in rows)}
    form = CountsForm(request.POST or None, request.FILES or None, limits=queries.limits(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_counts(
                wave_id=found.pk,
                counts=form.cleaned_data["counts"],
                by=request.user,  # type: ignore[arg-type]
            )
        except SampleError as refusal:
            form.add_error("lines", str(refusal))
        else:
            messages.success(request, _("The population is saved."))
            return _to_sample(found)
    context = _context(found, form=form, cancel_url=reverse("wave-sample", args=[code, wave]))
    return render(request, "surveys/sample_counts.html", context, status=422 if form.errors else 200)


@get_or_post
@never_cache
@for_those_who_steer
def draw(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """What a draw would give, from the choices in the address; posted, the draw itself."""
    found = wave_of(code, wave)
    rows = queries.sample(found)
    if rows.frame is None or rows.frame.drawn_at is not None:
        messages.info(request, _("There is no register to draw from. Read one in first."))
        return _to_sample(found)
    posted = request.method == "POST"
    given = request.POST if posted else request.GET if "people" in request.GET else None
    first = {"people": min(SUGGESTED, rows.frame.people), "seed": found.seed, "method": "proportional"}
    form = PlanForm(given, strata=rows.strata, initial=first)
    plan = None
    if given is not None and form.is_valid():
        plan = read_model.plan(rows.strata, form.allocation, form.cleaned_data["rate"])
        if posted and not plan.refused and _drawn(request, found, form):
            return _to_sample(found)
    context = _context(found, form=form, plan=plan, given=_as_given(form) if plan else [], people=rows.frame.people)
    status = 422 if form.errors or (posted and plan and plan.refused) else 200
    return render(request, "surveys/sample_draw.html", context, status=status)


def _drawn(request: HttpRequest, wave: Wave, form: PlanForm) -> bool:
    try:
        count = operations.draw_sample(
            wave_id=wave.pk,
            wanted=form.allocation,
            seed=form.cleaned_data["seed"],
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except SampleError as refusal:
        form.add_error(None, str(refusal))
        return False
    told = ngettext(
        "%(n)s person was drawn. The others in the register have been deleted.",
        "%(n)s people were drawn. The others in the register have been deleted.",
        count,
    )
    messages.success(request, told % {"n": number(count)})
    return True


def _as_given(form: PlanForm) -> list[tuple[str, str]]:
    """The choices as they were typed, to be posted unchanged."""
    return [(name, form.data[name]) for name in form.fields if name in form.data]


@get_or_post
@never_cache
@for_those_who_steer
def remove(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Take a register or a sample back, as long as nothing has been sent."""
    found = wave_of(code, wave)
    if request.method == "POST":
        try:
            operations.remove_sample(wave_id=found.pk, by=request.user)  # type: ignore[arg-type]
        except SampleError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The sample is removed, and its names and addresses are deleted."))
        return _to_sample(found)
    return render(request, "surveys/sample_remove.html", _context(found))


@get_or_post
@never_cache
@for_those_who_steer
def margins(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """How many of the population have each background."""
    found = wave_of(code, wave)
    form = MarginsForm(request.POST or None, backgrounds=queries.backgrounds(found))
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_margins(wave_id=found.pk, margins=form.margins(), by=request.user)  # type: ignore[arg-type]
        except SampleError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The population's backgrounds are saved."))
            return _to_sample(found)
    context = _context(found, form=form, population=number(found.population) if found.population is not None else "")
    return render(request, "surveys/sample_margins.html", context, status=422 if form.errors else 200)


@get_or_post
@never_cache
@for_those_who_steer
def forget(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Delete the names and addresses of a closed survey."""
    found = wave_of(code, wave)
    if request.method == "POST":
        try:
            count = operations.forget_addresses(wave_id=found.pk, by=request.user)  # type: ignore[arg-type]
        except SampleError as refusal:
            messages.error(request, str(refusal))
        else:
            told = ngettext("%(n)s person is forgotten.", "%(n)s people are forgotten.", count)
            messages.success(request, told % {"n": number(count)})
        return _to_sample(found)
    return render(request, "surveys/sample_forget.html", _context(found))
