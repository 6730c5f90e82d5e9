"""The list of all indicators and the page of one: public, read-only; everything chosen stands in the address."""

import difflib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from indicators import wording
from indicators.forms.choices import IndicatorForm, IndicatorListForm
from indicators.queries import indicator as queries
from indicators.queries.follow_up import follow_up_years
from indicators.read_models import indicator as read_model
from indicators.read_models import indicator_list
from indicators.read_models.compare import MOST_PEERS, NoSuchChoiceError
from indicators.read_models.follow_up import YearRow, default_period
from indicators.read_models.indicator_rows import Rows

CHOICES = ("period", "group", "peers", "divided")


def read(parameters: QueryDict, code: str) -> Rows:
    """The rows that an address names; a 404 that says what is wrong and what there is instead."""
    try:
        return queries.indicator(
            code,
            period=parameters.get("period", "").strip(),
            group=parameters.get("group", "").strip(),
            peers=[] if parameters.get("group", "").strip() else named(parameters),
        )
    except NoSuchChoiceError as error:
        raise Http404(_with_nearest(str(error), code)) from None


def named(parameters: QueryDict) -> list[str]:
    """Municipalities of one's own choice, from one field with commas or several."""
    return [part.strip() for text in parameters.getlist("peers") for part in text.split(",") if part.strip()]


def _with_nearest(message: str, code: str) -> str:
    codes = queries.codes()
    if code in codes:
        return message
    near = difflib.get_close_matches(code, codes, n=3, cutoff=0.4)
    hint = _("Similar codes: %(codes)s.") % {"codes": ", ".join(near)}
    return f"{message} {hint}" if near else message


def chosen(rows: Rows, parameters: QueryDict, **changes: str) -> str:
    """The query string of what is shown, with some of it changed, so that links keep the choices."""
    kept = {
        "period": parameters.get("period", "").strip(),
        "group": rows.group.value if rows.group and parameters.get("group", "").strip() else "",
        "peers": ",".join(rows.group.codes) if rows.group else "",
        "divided": "1" if parameters.get("divided") else "",
    } | changes
    text = urlencode({name: kept[name] for name in CHOICES if kept[name]}, safe=",")
    return f"?{text}" if text else ""


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: how it stands and why, over time, among others, what it is and where it comes from."""
    rows = read(request.GET, code)
    here = chosen(rows, request.GET)
    if rows.group is not None and rows.group.codes and ",".join(rows.group.codes) != request.GET.get("peers"):
        # Names become codes, so that the address that is sent on is always the same.
        return HttpResponseRedirect(reverse("indicator", args=[code]) + here)
    page = read_model.page(rows, divided=bool(request.GET.get("divided")))
    return render(request, "indicators/indicator.html", {"page": page, **_choices(rows, page, request, here)})


def _choices(rows: Rows, page: read_model.Page, request: HttpRequest, here: str) -> dict[str, Any]:
    own = rows.group is not None and bool(rows.group.codes)
    groups = [(group.value, group.title) for group in rows.groups]
    if own and rows.group is not None:
        groups.insert(0, ("", _("Own choice")))
    downloads = [
        {"label": label, "url": reverse(name, args=[page.code]) + here}
        for name, label in (
            ("indicator_csv", _("Download as CSV")),
            ("indicator_xlsx", _("Download for Excel")),
            ("indicator_png", _("Download as an image")),
        )
        if name != "indicator_png" or page.chart
    ]
    return {
        "form": IndicatorForm(
            periods=page.periods,
            groups=groups,
            divisible=page.divisible,
            initial={
                "period": page.period,
                "group": rows.group.value if rows.group else "",
                "divided": bool(request.GET.get("divided")),
                "peers": ",".join(rows.group.codes) if own and rows.group else "",
            },
        ),
        "peers": ", ".join(rows.towns[code].name for code in rows.group.codes) if own and rows.group else "",
        "chart": {**page.chart, "downloads": downloads} if page.chart else None,
        "downloads": downloads,
        "period_chosen": request.GET.get("period", ""),
        "divided": request.GET.get("divided", ""),
        "most_peers": MOST_PEERS,
        "source_line": page.footer,
    }


@require_safe
@vary_on_headers("HX-Request")
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator in use; the list alone where htmx asks for it."""
    years = follow_up_years()
    period = _year(request.GET.get("period", "").strip(), years)
    areas = queries.areas()
    wanted = _wanted(request.GET, areas)
    rows = queries.listed(period)
    page = indicator_list.list_page(rows, wanted, period=period, periods=[year.period for year in years])
    form = IndicatorListForm(
        areas=areas,
        periods=page.periods,
        initial={
            "q": wanted.search,
            "area": wanted.area,
            "status": wanted.status,
            "source": wanted.source,
            "measures": wanted.measures,
            "period": period,
        },
    )
    context = {"page": page, "form": form, "asked_period": request.GET.get("period", "")}
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    return render(request, "indicators/_indicator_list.html" if partial else "indicators/indicators.html", context)


def _year(wanted: str, years: list[YearRow]) -> str:
    known = [year.period for year in years]
    if not wanted:
        return default_period(years)
    if wanted in known:
        return wanted
    if not known:
        raise Http404(_("Nothing has been followed up yet, so there is no year to choose."))
    raise Http404(
        _("There is no follow-up year “%(period)s”. Choose a year from %(first)s to %(last)s.")
        % {"period": wanted, "first": known[0], "last": known[-1]}
    )


def _wanted(parameters: QueryDict, areas: list[tuple[str, str]]) -> indicator_list.Filter:
    """What the address asks for; a 404 where it names an area, a status or a source that does not exist."""
    known: dict[str, Mapping[str, Any]] = {
        "area": dict(areas),
        "status": {key: str(wording.STATUS[key]) for key in ("met", "near", "not_met", "not_assessable")},
        "source": wording.SOURCE,
        "measures": wording.MEASURES,
    }
    asked = {name: parameters.get(name, "").strip() for name in known}
    for name, value in asked.items():
        if value and value not in known[name]:
            raise Http404(
                _("“%(value)s” cannot be chosen. Choose one of: %(choices)s.")
                % {"value": value, "choices": ", ".join(f"{key} ({words})" for key, words in known[name].items())}
            )
    return indicator_list.Filter(search=parameters.get("q", ""), **asked)
