"""What every page about one wave for strategists begins with: who may see it, which wave it is, where it hangs."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.permissions import may_steer
from indicators.views.access import needs
from surveys.models import Wave
from surveys.queries import editions as queries

for_those_who_steer = needs(
    may_steer,
    gettext_lazy("Surveys are run by the quality strategists. Ask one of them, or an administrator for that role."),
)


def wave_of(code: str, wave: str) -> Wave:
    """The wave that an address names, with its survey. Raises Http404."""
    found = queries.wave(code, wave)
    if found is None:
        raise Http404(_("There is no such wave. The survey's page lists its waves."))
    return found


def crumbs_of(wave: Wave, *more: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page below a wave. `more`: name of an address of the wave and its words."""
    survey = wave.survey
    crumbs = [
        {"label": _("Steer"), "url": reverse("steer")},
        {"label": _("Surveys"), "url": reverse("survey-steer")},
        {"label": survey.name, "url": reverse("survey-steer-edit", args=[survey.code])},
        {"label": wave.code, "url": reverse("wave", args=[survey.code, wave.code])},
    ]
    return crumbs + [{"label": label, "url": reverse(name, args=[survey.code, wave.code])} for name, label in more]
