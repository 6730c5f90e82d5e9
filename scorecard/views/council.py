"""The council's pages: overview and goal."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from indicators.queries.follow_up import follow_up_years
from indicators.read_models.follow_up import YearRow
from indicators.templatetags.figures import language
from scorecard import queries
from scorecard.read_models import goal as goal_model
from scorecard.read_models import overview as overview_model
from scorecard.read_models.choice import Address, Choice, UnknownChoiceError, choose_period, years_of
from scorecard.wording import Level, Thresholds, levels

PLACE = "x-place-x"


def addresses(name: str) -> Address:
    """`reverse` for many codes at the price of one."""
    before, after = reverse(name, args=[PLACE]).split(PLACE)
    return lambda code: f"{before}{code}{after}"


def thresholds() -> Thresholds:
    return Thresholds(settings.GOAL_MET_SHARE, settings.GOAL_PARTLY_SHARE, settings.GOAL_ASSESSABLE_SHARE)


def level_names() -> dict[str, Level]:
    """What this municipality calls the levels of its chain."""
    return levels(queries.level_names(language()))


def chosen_period(request: HttpRequest, years: list[YearRow]) -> Choice:
    asked = request.GET.get("period")
    return choose_period(years, asked, this_year=timezone.localdate().year)


@require_safe
@vary_on_headers("HX-Request")
def overview(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    filters = overview_model.Filters(
        status=asked.get("status", ""),
        area=asked.get("area", ""),
        committee=asked.get("committee", ""),
        q=asked.get("q", "").replace("\0", "").strip()[: overview_model.LONGEST_SEARCH],
        all_changes=asked.get("changes") == "all",
    )
    try:
        choice = chosen_period(request, follow_up_years())
        page = overview_model.overview(
            goals=queries.goals(choice.shown, choice.before, language()),
            links=queries.links(),
            indicators=queries.indicators(choice.shown, choice.before, language(), definitions=bool(filters.q)),
            choice=choice,
            filters=filters,
            thresholds=thresholds(),
            base=reverse("overview"),
            goal_url=addresses("goal"),
            indicator_url=addresses("indicator"),
        )
    except UnknownChoiceError as error:
        raise Http404(str(error)) from error
    fragment = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    context = {"page": page, "fragment": fragment}
    return render(request, "scorecard/_overview_filtered.html" if fragment else "scorecard/overview.html", context)


@require_safe
def goal(request: HttpRequest, code: str) -> HttpResponse:
    head = queries.goal(code, language())
    if head is None:
        raise Http404(_("There is no goal “%(code)s”. All goals are listed in the overview.") % {"code": code[:60]})
    try:
        choice = chosen_period(request, years_of(head, follow_up_years()))
    except UnknownChoiceError as error:
        raise Http404(str(error)) from error
    page = goal_model.goal_page(
        goal=head,
        links=queries.goal_indicators(head.id, language()),
        assessments=queries.assessments(head.id, choice.shown),
        orders=queries.directions_and_directives(head.id, language()),
        choice=choice,
        thresholds=thresholds(),
        base=reverse("goal", args=[head.code]),
        overview_url=reverse("overview"),
        indicator_url=addresses("indicator"),
    )
    return render(request, "scorecard/goal.html", {"page": page})
