"""Reminders: what went to whom and what is next, for strategists; the way out of them, for whom they were sent to."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators import operations
from indicators.permissions import may_steer
from indicators.queries import reminders as queries
from indicators.read_models import reminders as read_model
from indicators.views.access import needs

for_strategists = needs(
    may_steer,
    gettext_lazy(
        "Reminders are for strategists and administrators. Ask an administrator to give your account that role."
    ),
)


@require_safe
@never_cache
@for_strategists
def reminders(request: HttpRequest) -> HttpResponse:
    """What is due to be sent, what comes next, what failed, and what has gone to whom."""
    ground = queries.ground(timezone.now())
    page = read_model.reminders_page(ground, queries.claimed_on(ground.today), queries.sent())
    return render(request, "indicators/reminders.html", {"page": page})


@require_POST
@for_strategists
def send(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send one person's digest of today now."""
    done = operations.send_reminders(now=timezone.now(), only=user_id, by=request.user)  # type: ignore[arg-type]
    if not done:
        messages.info(request, _("Nothing was sent: the person has been reminded already, or nothing is due any more."))
    elif done[0].error:
        messages.error(request, _("The letter could not be sent. The reason stands below, under Failed."))
    else:
        messages.success(request, _("The letter was sent to %(address)s.") % {"address": done[0].address})
    return redirect("reminders")


@csrf_exempt  # mail programs post here without a page of ours (RFC 8058); the link itself is signed
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One button, or the mail program's own; no log-in, since the link was sent to the person alone."""
    try:
        if request.method == "POST":
            operations.unsubscribe(token=token)
        else:
            operations.user_of_token(token)
    except operations.UnsubscribeError as error:
        raise Http404(
            _("The link could not be read. Copy all of it from the letter, or turn reminders off under your account.")
        ) from error
    return render(request, "indicators/reminders_unsubscribe.html", {"done": request.method == "POST"})
