"""Pages about the site itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.compute.status import LEAST_PEERS
from indicators.templatetags.figures import number, with_unit
from indicators.wording import SOURCE
from scorecard import queries
from scorecard.views.council import thresholds


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    limits = thresholds()
    context: dict[str, Any] = {
        "counts": queries.counts(),
        "fetched": [
            {"name": SOURCE.get(source, _("Demonstration")), "day": timezone.localdate(moment).isoformat()}
            for source, moment in queries.last_fetched()
        ],
        "met": with_unit(100 * limits.met, 0, "%"),
        "partly": with_unit(100 * limits.partly, 0, "%"),
        "assessable": with_unit(100 * limits.assessable, 0, "%"),
        "least_peers": number(LEAST_PEERS),
    }
    return render(request, "scorecard/about.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "scorecard/accessibility.html")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: “ok” once the database has answered; an error otherwise."""
    queries.database_answers()
    return HttpResponse("ok", content_type="text/plain")
