"""The beacon of indicators' pages."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from indicators import operations


@csrf_exempt  # it is sent without cookies, and counts one more of nobody
@require_POST
def look(request: HttpRequest, code: str) -> HttpResponse:
    """Count a look from our own pages; the answer is empty."""
    origin = request.headers.get("Origin", "")
    if urlsplit(origin).netloc != request.get_host():
        # Every browser says where a POST comes from: without that it is no beacon of ours, but no intrusion either.
        return HttpResponse(_("Looks are counted from this site's own pages alone."), status=403 if origin else 400)
    if not operations.count_look(code=code, day=timezone.localdate()):
        raise Http404(
            _("There is no indicator “%(code)s”. All indicators are listed under Indicators.") % {"code": code}
        )
    return HttpResponse(status=204)
