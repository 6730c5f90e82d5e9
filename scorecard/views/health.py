"""The health of the indicators, for strategists: what to mend and what to prune."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.permissions import may_steer
from indicators.queries.follow_up import follow_up_years
from indicators.queries.health import facts
from indicators.sources.table_file import csv_text
from indicators.templatetags.figures import language
from indicators.views.access import needs
from indicators.views.downloads import attachment
from scorecard import queries
from scorecard.read_models import health as read_model
from scorecard.read_models.choice import choose_period
from scorecard.views.council import addresses, thresholds

for_strategists = needs(
    may_steer,
    gettext_lazy(
        "The health of the indicators is for strategists and administrators. Ask an administrator to give your "
        "account that role."
    ),
)


@require_safe
@never_cache
@for_strategists
def health(request: HttpRequest) -> HttpResponse:
    """Every indicator with what speaks against it; one sign alone where the address names it."""
    kind, sort = request.GET.get("kind", ""), request.GET.get("sort", "signs")
    if kind not in read_model.KINDS or sort not in read_model.ORDER:
        raise Http404(_("There is no such list. All of them are linked from the health of the indicators."))
    period, rows = _rows()
    page = read_model.health_page(
        rows, period=period, kind=kind, sort=sort, reverse=request.GET.get("order") == "reverse", base=reverse("health")
    )
    crumbs = [{"label": _("Steer"), "url": reverse("steer")}]
    return render(request, "scorecard/health.html", {"page": page, "crumbs": crumbs})


@require_safe
@never_cache
@for_strategists
def health_csv(request: HttpRequest) -> HttpResponse:
    """Everything as a file."""
    _period, rows = _rows()
    text = csv_text(read_model.health_sheet(rows), language())
    return attachment(text.encode("utf-8-sig"), "text/csv", "health.csv")


def _rows() -> tuple[str, list[read_model.HealthRow]]:
    """The year that goals are followed up for, and the rows (9 queries)."""
    today = timezone.localdate()
    choice = choose_period(follow_up_years(), None, this_year=today.year)
    rows = read_model.health_rows(
        facts(today),
        goals=queries.goals(choice.shown, choice.before, language()),
        links=queries.links(),
        indicators=queries.indicators(choice.shown, choice.before, language(), definitions=False),
        thresholds=thresholds(),
        today=today,
        goal_url=addresses("goal"),
        indicator_url=addresses("indicator"),
    )
    return choice.shown, rows
