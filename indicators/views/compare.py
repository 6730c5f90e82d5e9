"""The compare pages: public, read-only; everything chosen stands in the address."""

import difflib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from indicators.forms.choices import CompareForm, CostQualityForm, RankingForm
from indicators.periods import Period, PeriodError
from indicators.queries import compare as queries
from indicators.read_models import compare as read_model
from indicators.read_models import cost_quality as pair_model
from indicators.read_models.compare import Choice, Chosen, NoSuchChoiceError, Subject, Town

Towns = dict[str, Town]


@require_safe
@vary_on_headers("HX-Request")
def compare(request: HttpRequest) -> HttpResponse:
    """Our municipality against a group over all indicators; the list alone where htmx asks for it."""
    until = _until(request.GET)
    choice = _choice(request.GET)
    chosen, options, home, _towns = _peers(request.GET)
    if home is None:
        return render(
            request, "indicators/compare.html", {"page": None, "section": "compare", "tabs": _tabs("compare", chosen)}
        )
    facts = queries.landscape(home=home, chosen=chosen, options=options, until=until)
    areas = {s.area: s.area_name for s in facts.subjects}
    if choice.area and choice.area not in areas:
        raise Http404(
            _("There is no area “%(code)s”. These exist: %(areas)s.") % {"code": choice.area, "areas": ", ".join(areas)}
        )
    page = read_model.all_indicators(facts, choice)
    if request.GET.get("period") and page.empty:
        raise Http404(_("There are no comparisons for %(period)s or earlier.") % {"period": until})
    context = {
        "section": "compare",
        "page": page,
        "period": request.GET.get("period", ""),
        "peers": ", ".join(_towns[code].name for code in chosen.peers),
        "limits": {"fewest": read_model.FEWEST_PEERS, "most": read_model.MOST_PEERS},
        "passed_on": _passed_on(chosen),
        "tabs": _tabs("compare", chosen),
        "form": CompareForm(
            groups=_with_own(options, chosen),
            areas=list(areas.items()),
            initial={
                "group": chosen.value,
                "area": choice.area,
                "quarter": choice.quarter,
                "order": choice.order,
                "sort": request.GET.get("sort", ""),
                "peers": ",".join(chosen.peers),
                "period": request.GET.get("period", ""),
            },
        ),
    }
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    context["partial"] = bool(partial)
    return render(request, "indicators/_compare_list.html" if partial else "indicators/compare.html", context)


@require_safe
def compare_first(request: HttpRequest) -> HttpResponse:
    """The page of one indicator, for those who have not chosen one yet."""
    subjects = queries.subjects()
    if not subjects:
        raise Http404(_("No indicator has values from other municipalities yet."))
    return _to_indicator(request.GET, request.GET.get("indicator") or subjects[0].code)


@require_safe
def compare_indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator for all municipalities of a group in a year."""
    wanted = request.GET.get("indicator")
    if wanted and wanted != code:
        return _to_indicator(request.GET, wanted)
    subjects = queries.subjects()
    subject = next((s for s in subjects if s.code == code), None)
    if subject is None:  # one of those that are only there to be looked up
        subject = next(iter(queries.subjects(code)), None)
        if subject is None:
            raise Http404(_no_subject(code, subjects))
        subjects = [subject, *subjects]
    chosen, options, home, towns = _peers(request.GET)
    if home is None:
        raise Http404(_("No municipality has been set up yet."))
    standings = queries.history([subject], chosen, home, timezone.localdate().year)[subject.id]
    if not standings:
        raise Http404(_("No municipality of the group has a value for this indicator."))
    year = _year(request.GET.get("year", ""), standings)
    facts = queries.ranking(
        subject=subject, towns=towns, home=home, chosen=chosen, options=options, standings=standings, year=year
    )
    search = request.GET.get("q", "")[:80]
    sort = "name" if request.GET.get("sort") == "name" else "rank"
    page = read_model.one_indicator(facts, search=search, sort=sort)
    context = {
        "section": "compare",
        "page": page,
        "subject": subject,
        "search": search,
        "filtered": bool(search),
        "clear_url": f"{request.path}?{_passed_on(chosen)}",
        "tabs": _tabs("compare-first", chosen),
        "form": RankingForm(
            indicators=_grouped(subjects),
            groups=_with_own(options, chosen),
            years=page.years,
            initial={
                "indicator": code,
                "group": chosen.value,
                "year": str(year),
                "q": search,
                "sort": sort,
                "peers": ",".join(chosen.peers),
            },
        ),
    }
    return render(request, "indicators/compare_indicator.html", context)


@require_safe
def cost_quality(request: HttpRequest) -> HttpResponse:
    """A cost against a quality indicator among the municipalities of a group."""
    subjects = queries.subjects()
    chosen, options, home, towns = _peers(request.GET)
    try:
        pair = pair_model.choose_pair(subjects, request.GET.get("cost", ""), request.GET.get("quality", ""))
    except NoSuchChoiceError as error:
        raise Http404(str(error)) from error
    if pair is None or home is None:
        return render(request, "indicators/compare_cost.html", {"page": None, "tabs": _tabs("cost-quality", chosen)})
    cost, quality = pair
    facts = queries.cost_quality(
        cost=cost,
        quality=quality,
        towns=towns,
        home=home,
        chosen=chosen,
        until=timezone.localdate().year,
        years_back=pair_model.YEARS_BACK,
    )
    context = {
        "section": "compare",
        "page": pair_model.cost_quality(facts),
        "passed_on": _passed_on(chosen),
        "pairs": [
            {"cost": c, "quality": q, "current": (c, q) == (cost, quality)} for c, q in pair_model.pairs(subjects)
        ],
        "tabs": _tabs("cost-quality", chosen),
        "form": CostQualityForm(
            costs=_grouped(pair_model.costs(subjects)),
            qualities=_grouped(pair_model.qualities(subjects)),
            groups=_with_own(options, chosen),
            initial={
                "cost": cost.code,
                "quality": quality.code,
                "group": chosen.value,
                "peers": ",".join(chosen.peers),
            },
        ),
    }
    return render(request, "indicators/compare_cost.html", context)


# ── what an address asks for ──────────────────────────────────────────────────────────────────────────────────────────


def _peers(asked: QueryDict) -> tuple[Chosen, list[tuple[str, str]], Town | None, Towns]:
    """The chosen group, the groups there are, our municipality, and all there are (2 queries); 404 otherwise."""
    lists, towns = queries.peer_lists(), queries.towns()
    home = next((town for town in towns.values() if town.own), None)
    options = read_model.group_options(lists)
    group, peers = asked.get("group", ""), asked.get("peers", "")
    if home is None:
        return Chosen("", ""), options, None, towns
    try:
        if peers and not group:
            return _own_choice(peers, towns, home), options, home, towns
        return read_model.choose_group(lists, group), options, home, towns
    except NoSuchChoiceError as error:
        raise Http404(str(error)) from error


def _own_choice(text: str, towns: Towns, home: Town) -> Chosen:
    """Municipalities by code or name, between commas."""
    by_name = {town.name.casefold(): town for town in towns.values()}
    found: dict[str, Town] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        town = towns.get(word) or by_name.get(word.casefold())
        if town is None:
            near = difflib.get_close_matches(word.casefold(), by_name, n=3, cutoff=0.6)
            message = _("There is no municipality “%(name)s”.") % {"name": word[:60]}
            if near:
                message += " " + _("Did you mean %(names)s?") % {"names": ", ".join(by_name[n].name for n in near)}
            raise NoSuchChoiceError(message)
        if town.code != home.code:
            found[town.code] = town
    if not read_model.FEWEST_PEERS <= len(found) <= read_model.MOST_PEERS:
        raise NoSuchChoiceError(
            _("Name at least %(fewest)s and at most %(most)s municipalities to compare with, with commas between.")
            % {"fewest": read_model.FEWEST_PEERS, "most": read_model.MOST_PEERS}
        )
    return Chosen("", _("Own choice: %(count)s municipalities") % {"count": len(found)}, peers=tuple(sorted(found)))


def _until(asked: QueryDict) -> int:
    """The year up to which years are compared: the period in the address, or this year."""
    today = timezone.localdate()
    text = asked.get("period", "")
    if not text:
        return today.year
    try:
        year = Period.parse(text).last_day.year
    except PeriodError:
        year = None
    if year is None or year > today.year:
        raise Http404(
            _("“%(period)s” is no year that can be shown. Write a year such as %(example)s.")
            % {"period": text[:20], "example": today.year - 1}
        )
    return year


def _choice(asked: QueryDict) -> Choice:
    valid = {
        "quarter": ("", *read_model.QUARTERS),
        "sort": ("", *read_model.SORTS),
        "order": ("", *read_model.ORDERS),
    }
    for name, choices in valid.items():
        if asked.get(name, "") not in choices:
            raise Http404(
                _("“%(value)s” cannot be chosen. These can: %(choices)s.")
                % {"value": asked.get(name, "")[:40], "choices": ", ".join(filter(None, choices))}
            )
    return Choice(
        area=asked.get("area", ""),
        quarter=asked.get("quarter", ""),
        sort=asked.get("sort") or "area",
        order=asked.get("order") or "best",
    )


def _year(text: str, standings: dict[int, Any]) -> int:
    """The year in the address, else the newest that can be compared, else the newest."""
    if text:
        if text.isascii() and text.isdigit() and int(text) in standings:
            return int(text)
        raise Http404(
            _("There are no values for “%(year)s”. These years have values: %(years)s.")
            % {"year": text[:20], "years": ", ".join(str(y) for y in sorted(standings, reverse=True))}
        )
    return max((y for y, s in standings.items() if s.eligible), default=max(standings))


# ── what a page needs around its content ──────────────────────────────────────────────────────────────────────────────


def _no_subject(code: str, subjects: list[Subject]) -> str:
    near = difflib.get_close_matches(code, [s.code for s in subjects], n=3, cutoff=0.5)
    message = _("No indicator “%(code)s” has values from other municipalities.") % {"code": code[:40]}
    hint = _("Did you mean %(names)s?") % {"names": ", ".join(near)}
    return f"{message} {hint}" if near else message


def _to_indicator(asked: QueryDict, code: str) -> HttpResponseRedirect:
    """Another indicator with the same group; the year and the search belonged to the one that was left."""
    kept = QueryDict(mutable=True)
    for name in ("group", "peers"):
        if asked.get(name):
            kept[name] = asked.get(name, "")
    address = reverse("compare-indicator", args=[code])
    return HttpResponseRedirect(f"{address}?{kept.urlencode()}" if kept else address)


def _passed_on(chosen: Chosen) -> str:
    """The group as it stands in the address of the other compare pages; nothing for all municipalities."""
    kept = QueryDict(mutable=True)
    if chosen.peers:
        kept["peers"] = ",".join(chosen.peers)
    elif chosen.value not in ("", "all"):
        kept["group"] = chosen.value
    return kept.urlencode(safe=",")


def _tabs(current: str, chosen: Chosen) -> list[dict[str, Any]]:
    names = {
        "compare": _("All indicators"),
        "compare-first": _("One indicator"),
        "cost-quality": _("Cost and quality"),
    }
    passed_on = _passed_on(chosen)
    return [
        {
            "label": label,
            "url": f"{reverse(name)}?{passed_on}" if passed_on else reverse(name),
            "current": name == current,
        }
        for name, label in names.items()
    ]


def _with_own(options: list[tuple[str, str]], chosen: Chosen) -> list[tuple[str, str]]:
    return [("", chosen.title), *options] if chosen.peers else options


def _grouped(subjects: list[Subject]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices under the headings of their areas."""
    areas: dict[str, list[tuple[str, str]]] = {}
    for subject in subjects:
        areas.setdefault(subject.area_name, []).append((subject.code, subject.name))
    return list(areas.items())
