"""The published citizen survey: a page and the same as a file; public, everything chosen stands in the address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.forms.choices import CitizenSurveyForm
from indicators.queries import citizen_survey as queries
from indicators.read_models import citizen_survey as read_model
from indicators.read_models.citizen_survey import CHANGES, WHICH, Facts, Filter
from indicators.sources.table_file import csv_text
from indicators.templatetags.figures import language
from indicators.views.downloads import attachment


@require_safe
def citizen_survey(request: HttpRequest) -> HttpResponse:
    """Every published question by area."""
    facts = queries.facts()
    context = {"section": "indicators", "crumbs": [{"label": _("Indicators"), "url": reverse("indicators")}]}
    if not facts.years():
        return render(request, "indicators/citizen_survey.html", {**context, "page": None})
    year = _year(request.GET.get("year", "").strip(), facts)
    asked = {name: request.GET.get(name, "").strip() for name in ("area", "change", "which")}
    known = {"area": {question.area for question in facts.questions}, "change": set(CHANGES), "which": set(WHICH)}
    for name, value in asked.items():
        if value and value not in known[name]:
            raise Http404(
                _("“%(value)s” cannot be chosen. These can: %(choices)s.")
                % {"value": value[:40], "choices": ", ".join(sorted(known[name]))}
            )
    page = read_model.page(facts, year, Filter(**asked))
    form = CitizenSurveyForm(years=page.years, areas=page.areas, initial={"year": str(year), **asked})
    shown = {**context, "page": page, "form": form, "invented": facts.invented}
    return render(request, "indicators/citizen_survey.html", shown)


@require_safe
def citizen_survey_csv(request: HttpRequest) -> HttpResponse:
    """Every question on a line, whatever the page is filtered by."""
    facts = queries.facts()
    if not facts.years():
        raise Http404(_("There are no results of the citizen survey yet."))
    year = _year(request.GET.get("year", "").strip(), facts)
    text = csv_text(read_model.sheet(facts, year), language())
    return attachment(text.encode("utf-8-sig"), "text/csv", f"citizen-survey-{year}.csv")


def _year(wanted: str, facts: Facts) -> int:
    """The year in the address, else the newest with results."""
    years = facts.years()
    if not wanted:
        return years[0]
    if wanted.isascii() and wanted.isdigit() and int(wanted) in years:
        return int(wanted)
    raise Http404(
        _("There are no results for “%(year)s”. These years have results: %(years)s.")
        % {"year": wanted[:20], "years": ", ".join(map(str, years))}
    )
