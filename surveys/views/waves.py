"""What pages for strategists about a survey or a wave begin with: who may see them, which one it is, where it hangs."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from indicators.permissions import may_steer
from indicators.views.access import needs
from surveys.models import Survey, Wave
from surveys.queries import building as queries

for_those_who_steer = needs(
    may_steer,
    gettext_lazy("Surveys are run by the quality strategists. Ask one of them, or an administrator for that role."),
)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def survey_of(code: str) -> Survey:
    """The survey that an address names. Raises Http404."""
    found = queries.survey(code)
    if found is None:
        raise Http404(_("There is no survey “%(code)s”. The list of surveys has all of them.") % {"code": code[:60]})
    return found


def wave_of(code: str, wave: str) -> Wave:
    """The wave that an address names, with its survey. Raises Http404."""
    found = queries.wave(code, wave)
    if found is None:
        raise Http404(_("There is no wave “%(wave)s”. The survey's page lists those that exist.") % {"wave": wave[:60]})
    return found


def crumbs(survey: Survey | None = None, wave: Wave | None = None) -> list[dict[str, str]]:
    """The way from the hub to a survey's or a wave's page."""
    found = [{"label": _("Steer"), "url": reverse("steer")}, {"label": _("Surveys"), "url": reverse("survey-steer")}]
    if survey is not None:
        found.append({"label": survey.name, "url": reverse("survey-steer-edit", args=[survey.code])})
    if survey is not None and wave is not None:
        found.append({"label": wave.code, "url": reverse("wave", args=[survey.code, wave.code])})
    return found


def crumbs_of(wave: Wave, *more: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page below a wave. `more`: name of an address of the wave and its words."""
    below = [{"label": label, "url": reverse(name, args=[wave.survey.code, wave.code])} for name, label in more]
    return [*crumbs(wave.survey, wave), *below]
