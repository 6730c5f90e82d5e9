"""Where a strategist starts: what waits, and a way to every part of the system."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.permissions import may_administer, may_steer
from indicators.views.access import needs, person_of


@require_safe
@never_cache
@needs(may_steer, _("Steering is for strategists and administrators. Ask an administrator to give you that role."))
def steer(request: HttpRequest) -> HttpResponse:
    return render(request, "scorecard/steer.html", {"may_administer": may_administer(person_of(request))})
