"""Jobs and data, for strategists and staff: check access, make one call, say what came of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from indicators import operations
from indicators.models import JobState
from indicators.permissions import may_see_jobs
from indicators.queries import jobs as queries
from indicators.read_models import jobs as read_model
from indicators.views.access import needs

for_those_who_may = needs(
    may_see_jobs,
    gettext_lazy(
        "Jobs and data are for strategists and administrators. Ask an administrator to give your account that role."
    ),
)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@for_those_who_may
def jobs(request: HttpRequest) -> HttpResponse:
    """The latest runs and the state of the data; the runs alone where htmx asks for them."""
    runs = read_model.runs_page(queries.runs())
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "indicators/_jobs_runs.html", {"runs": runs})
    context = {
        "runs": runs,
        "data": read_model.data_page(**queries.page(timezone.localdate())),
        "demonstration": queries.is_demonstration(),
    }
    return render(request, "indicators/jobs.html", context)


@require_safe
@never_cache
@for_those_who_may
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: what was asked, how it went, its parts and what it delivered."""
    found = queries.job(job_id)
    if found is None:
        raise Http404(
            _("There is no job with number %(id)s. The latest are listed under Jobs and data.") % {"id": job_id}
        )
    page = read_model.job_page(
        found,
        parts=queries.parts(job_id),
        deliveries=queries.deliveries(job_id),
        indicators=queries.indicator_names(found.indicators),
    )
    return render(request, "indicators/jobs_detail.html", {"page": page})


@require_POST
@for_those_who_may
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Queue a failed job again."""
    found = queries.job(job_id)
    if found is None:
        raise Http404(
            _("There is no job with number %(id)s. The latest are listed under Jobs and data.") % {"id": job_id}
        )
    if found.state != JobState.FAILED:
        messages.info(request, _("The job has not failed, so there is nothing to try again."))
    else:
        again = operations.retry_job(job_id=job_id, by=request.user)  # type: ignore[arg-type]
        if again.pk == job_id:
            messages.success(request, _("The job is queued again and goes on where it stopped."))
        else:
            messages.info(request, _("A newer job already does the same work, so the old one was left as it is."))
    return redirect("jobs")


@require_POST
@for_those_who_may
def recompute(request: HttpRequest) -> HttpResponse:
    """Have everything computed anew."""
    operations.request_recompute(by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Everything will be computed anew. Pages show the old figures until it is done."))
    return redirect("jobs")


@require_POST
@for_those_who_may
def fetch(request: HttpRequest) -> HttpResponse:
    """Have Kolada's values fetched: new years, or all of them again where that is asked for."""
    if queries.is_demonstration():
        messages.error(
            request, _("The demonstration has no values in Kolada. Set up a real municipality to fetch any.")
        )
    else:
        revise = request.POST.get("revise") == "1"
        operations.request_import(by=request.user, revise=revise)  # type: ignore[arg-type]
        messages.success(
            request,
            _("All years will be fetched again from Kolada; what has been revised will be listed below.")
            if revise
            else _("New values will be fetched from Kolada."),
        )
    return redirect("jobs")
