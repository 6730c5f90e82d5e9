"""What somebody has to hand in: check access, read, render."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.permissions import RoleName, may_enter, may_steer
from indicators.queries import my_measurements as queries
from indicators.read_models import my_measurements as read_model
from indicators.views.access import needs, person_of

for_those_who_hand_in = needs(
    may_enter,
    gettext_lazy(
        "My measurements is for those who hand in or approve a department's values. Ask a quality strategist or an "
        "administrator to give your account that role."
    ),
)


@require_safe
@never_cache
@for_those_who_hand_in
def my_measurements(request: HttpRequest) -> HttpResponse:
    """What is returned, late, due and ready: of one's departments, of one of them, or of oneself."""
    person = person_of(request)
    mine = person.departments(RoleName.REPORTER, RoleName.APPROVER)
    offered = queries.places(None if may_steer(person) else mine)
    wanted, whose = request.GET.get("department", ""), request.GET.get("whose", "")
    if whose not in ("", "me"):
        raise Http404(_("“%(whose)s” is not known here; leave it out, or write me.") % {"whose": whose})
    chosen = [place for place in offered if place.code == wanted] if wanted else offered
    if wanted and not chosen:
        codes = ", ".join(place.code for place in offered) or "–"
        raise Http404(_("You hand in nothing for “%(wanted)s”. You can choose: %(codes)s.") % {
            "wanted": wanted, "codes": codes
        })  # fmt: skip
    rows = queries.tasks(chosen, mine=person.user_id if whose == "me" else None, now=timezone.now())
    context = {
        "page": read_model.my_page(rows),
        "offered": offered,
        "department": wanted,
        "whose": whose,
        "section": "my-measurements",
    }
    return render(request, "indicators/my_measurements.html", context)
