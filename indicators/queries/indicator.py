"""What the page of one indicator, its downloads and the list of all indicators show: a fixed number of queries."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from indicators.compute import formula, frames
from indicators.compute.benchmark import could_be_mean
from indicators.compute.series import Break
from indicators.compute.status import Direction
from indicators.models import (
    Area,
    Assessment,
    Benchmark,
    Import,
    Indicator,
    Municipality,
    PeerGroup,
    PeerGroupMember,
    PeerValue,
    SeriesPoint,
    Target,
)
from indicators.models import SeriesBreak as StoredBreak
from indicators.periods import Kind, Period
from indicators.queries.computation import number, target_value
from indicators.queries.follow_up import follow_up_years
from indicators.read_models.compare import MOST_PEERS, NoSuchChoiceError
from indicators.read_models.follow_up import default_period
from indicators.read_models.indicator_list import ListRow
from indicators.read_models.indicator_rows import (
    Assessed,
    Definition,
    Group,
    Place,
    Point,
    Rows,
    SeriesBreak,
    Town,
)
from indicators.read_models.indicator_rows import (
    PeerValue as PeerRow,
)
from indicators.templatetags.figures import language

PLACE = (
    "year", "eligible", "others", "mean", "median", "q25", "q75", "own", "rank", "best_rank", "worst_rank",
    "percentile", "quarter", "low", "high", "own_change", "peer_change",
)  # fmt: skip


def indicator(code: str, *, period: str = "", group: str = "", peers: Sequence[str] = ()) -> Rows:
    """Everything the page needs (at most 12 queries). Empty choices: the year that all pages show, all municipalities.

    Raises NoSuchChoiceError where the address names something that does not exist, and says what does.
    """
    definition = _definition(code)
    towns, invented = _towns()
    assessments = _assessments(definition.id)
    shown = _period(period, assessments)
    series = _series(definition.id)
    breaks = _breaks(definition.id)
    stored = _stored_places(definition.id)
    chosen = _chosen(group, peers, stored, towns, definition)
    until = int(shown) if shown else 0
    if chosen is not None and chosen.codes:
        history = _published(definition, chosen.codes, towns)
        places = _own_choice(definition, chosen, history, towns, series.get("T", []), breaks)
        place = _shown(places, until)
        values = history.get(place.year, []) if place else []
    else:
        places = next((found for kept, found in stored if chosen and kept.value == chosen.value), [])
        place = _shown(places, until)
        values = _peers(definition, chosen, place.year, towns) if chosen and place else []
    return Rows(
        definition=definition,
        towns=towns,
        invented=invented,
        goals=_goals(definition.id, shown),
        survey=_survey(definition.id) if definition.source == "survey" else None,
        series=series,
        breaks=breaks,
        targets=_targets(definition.id),
        target_groups={kind: kept.title for kind, kept in _by_kind(stored).items()},
        assessments=assessments,
        period=shown,
        groups=_offered(stored, chosen),
        group=chosen,
        places=places,
        place=place,
        peers=values,
        nation=_nation(definition.kolada_id, stored) if definition.kolada_id else {},
    )


def _definition(code: str) -> Definition:
    i = Indicator.objects.select_related("area", "unit", "department").filter(code=code).first()
    if i is None:
        raise NoSuchChoiceError(_("There is no indicator with the code “%(code)s”.") % {"code": code})
    return Definition(
        id=i.pk,
        code=i.code,
        name=i.name,
        purpose=i.purpose,
        definition=i.definition,
        calculation=i.calculation,
        quality=i.quality,
        numerator=i.numerator,
        denominator=i.denominator,
        area=i.area_id,
        area_name=i.area.name,
        unit=i.unit.name,
        symbol=i.unit.symbol,
        share=i.unit.share,
        decimals=i.decimals,
        good=Direction(i.direction),
        measures=i.measures,
        experienced=i.experienced,
        comparable=i.comparable,
        influenceable=i.influenceable,
        never_good_enough=i.never_good_enough,
        frequency=i.frequency,
        due_days=i.due_days,
        source=i.source,
        kolada_id=i.kolada_id,
        respondents_kolada_id=i.respondents_kolada_id,
        department=i.department.name,
        owner=i.owner,
        retired=i.retired_on is not None,
        formula=i.formula,
        inputs=_input_names(i.formula),
        steering=i.steering,
    )


def _input_names(text: str) -> dict[str, str]:
    """Names of the indicators in a formula (1 query, none where there is no formula)."""
    if not text:
        return {}
    codes = formula.codes(formula.parse(text))
    return {i.code: i.name for i in Indicator.objects.filter(code__in=codes)}


def _towns() -> tuple[dict[str, Town], bool]:
    """Every municipality by code, and whether ours is invented."""
    rows = list(Municipality.objects.filter(type="K").values_list("code", "name", "is_home", "invented"))
    return {code: Town(code, name, own) for code, name, own, _ in rows}, any(own and inv for _, _, own, inv in rows)


def _assessments(indicator_id: int) -> list[Assessed]:
    rows: QuerySet[Assessment] = QuerySet(Assessment).filter(indicator_id=indicator_id).order_by("period")
    return [
        Assessed(
            period=a.period,
            status=a.status,
            reason=a.reason,
            value=number(a.value),
            value_period=a.value_period,
            margin=a.margin,
            comparison_period=a.comparison_period,
            change=a.change,
            change_word=a.change_word,
            target_id=a.target_id,
            lessons=a.lessons,
            trace=a.trace,
            rule_version=a.rule_version,
            computed_at=a.computed_at,
        )
        for a in rows
    ]


def _period(wanted: str, assessments: Sequence[Assessed]) -> str:
    """The year that is shown: the one asked for, even where this indicator has nothing to say of it; else the one that
    all pages show."""
    own = {a.period for a in assessments}
    if wanted in own:
        return wanted
    years = follow_up_years()
    if not wanted:
        return default_period(years) or max(own, default="")
    known = sorted(own | {year.period for year in years})
    if wanted in known:
        return wanted
    if not known:
        raise NoSuchChoiceError(_("Nothing has been followed up yet, so there is no year to choose."))
    raise NoSuchChoiceError(
        _("There is no follow-up year “%(period)s”. Choose a year from %(first)s to %(last)s.")
        % {"period": wanted, "first": known[0], "last": known[-1]}
    )


def _series(indicator_id: int) -> dict[str, list[Point]]:
    """Our own series by breakdown, in order of periods, with the delivery that each value came with."""
    delivery = Import.objects.filter(pk=OuterRef("delivery_id"))
    rows = (
        QuerySet(SeriesPoint)
        .filter(indicator_id=indicator_id)
        .annotate(fetched=Subquery(delivery.values("fetched_at")[:1]), job=Subquery(delivery.values("job_id")[:1]))
        .order_by("breakdown", "period")
        .values_list(
            "breakdown", "period", "value", "absence", "margin", "margin_computed", "respondents", "revision",
            "earlier_value", "fetched", "job", "lacks",
        )
    )  # fmt: skip
    found: dict[str, list[Point]] = {}
    for breakdown, period, value, absence, margin, computed, answers, revision, earlier, fetched, job, lacks in rows:
        point = Point(
            Period.parse(period), number(value), absence, number(margin), computed, answers, revision, number(earlier),
            fetched, job, lacks,
        )  # fmt: skip
        found.setdefault(breakdown, []).append(point)
    return {breakdown: sorted(points, key=lambda p: p.period) for breakdown, points in found.items()}


def _breaks(indicator_id: int) -> list[SeriesBreak]:
    rows = StoredBreak.objects.filter(indicator_id=indicator_id).order_by("period")
    return [SeriesBreak(Period.parse(b.period), b.reason, b.comparable_backwards) for b in rows]


def _targets(indicator_id: int) -> list[frames.DatedTarget]:
    rows = Target.objects.filter(indicator_id=indicator_id).order_by("valid_from")
    return [frames.DatedTarget(t.pk, target_value(t), t.valid_from, t.valid_to) for t in rows]


def _survey(indicator_id: int) -> tuple[str, str] | None:
    """Code and name of the survey with released results that feeds the indicator; followed by our own relation, since
    surveys are above us."""
    links = Indicator.survey_links.rel.related_model.objects.filter(  # type: ignore[attr-defined]
        indicator=indicator_id, breakdown="T", survey__waves__editions__state="released"
    ).select_related("survey")
    link = links.first()
    return (link.survey.code, link.survey.name) if link else None


def _goals(indicator_id: int, period: str) -> list[tuple[str, str]]:
    """Code and short name of the goals that the indicator shows, of the chain valid in the period; of every chain where
    nothing has been followed up yet. The chain lies above this app: it is reached through the indicator's own
    relation."""
    goals = Indicator.goals.rel.related_model.objects.filter(links__indicator=indicator_id)  # type: ignore[attr-defined]
    if period:
        goals = goals.filter(_valid("issue__vision__", int(period), needed=True), _valid("", int(period), needed=False))
    return list(goals.order_by("issue__order", "order").values_list("code", "short"))


def _valid(path: str, year: int, *, needed: bool) -> Q:
    """Validity in years, both ends included; an empty end is open, an empty beginning where it is not `needed`."""
    begun = Q(**{f"{path}valid_from__lte": year})
    if not needed:
        begun |= Q(**{f"{path}valid_from__isnull": True})
    return begun & (Q(**{f"{path}valid_to__gte": year}) | Q(**{f"{path}valid_to__isnull": True}))


# ── groups and places ─────────────────────────────────────────────────────────────────────────────────────────────────


def _stored_places(indicator_id: int) -> list[tuple[Group, list[Place]]]:
    """The groups that the indicator is compared with, in the order of the choices, each with our place by year."""
    title = f"group__title_{language()}"
    head = ("group_id", "group__code", "group__kind", "group__computed", title, "group__title_sv")
    rows: QuerySet[Benchmark] = QuerySet(Benchmark).filter(indicator_id=indicator_id)
    rows = rows.order_by("group__order", "group_id", "year")
    found: dict[int, tuple[Group, list[Place]]] = {}
    similar = False
    for row in rows.values_list(*head, *PLACE):
        pk, code, kind, computed, own_title, swedish, *place = row
        if pk not in found:
            # The first list of similar municipalities is the one made for the area: the address calls it by its kind.
            by_kind = kind == "all" or (kind == "similar" and not similar)
            similar = similar or kind == "similar"
            words = own_title or swedish
            if computed:
                words = _("%(group)s, by our own calculation") % {"group": words}
            found[pk] = (Group(kind if by_kind else code, words, computed=computed, id=pk, kind=kind, code=code), [])
        found[pk][1].append(Place(*place))
    return list(found.values())


def _by_kind(stored: Sequence[tuple[Group, list[Place]]]) -> dict[str, Group]:
    found: dict[str, Group] = {}
    for group, _places in stored:
        found.setdefault(group.kind, group)
    return found


def _chosen(
    wanted: str,
    peers: Sequence[str],
    stored: Sequence[tuple[Group, list[Place]]],
    towns: dict[str, Town],
    definition: Definition,
) -> Group | None:
    if peers:
        codes = _codes(peers, towns)
        return Group("", _("Own choice of municipalities"), codes=codes) if definition.kolada_id else None
    known = [group for group, _places in stored]
    if not wanted:
        return next((group for group, places in stored if _any_eligible(places)), None)
    named = next((g for g in known if wanted in (g.value, g.code)), None)
    if named is not None:
        return named
    other = PeerGroup.objects.filter(Q(code=wanted) | Q(kind=wanted, kind__in=["all", "similar"])).first()
    if other is None:
        raise NoSuchChoiceError(
            _("There is no group “%(code)s” to compare with. These exist: %(groups)s.")
            % {"code": wanted, "groups": _choices(known)}
        )
    return Group(wanted, other.title) if known else None


def _offered(stored: Sequence[tuple[Group, list[Place]]], chosen: Group | None) -> list[Group]:
    """Groups to choose between: those that can be compared with in some year, and the one that was asked for."""
    groups = [group for group, places in stored if _any_eligible(places) or group == chosen]
    return groups if chosen is None or chosen.codes or chosen in groups else [*groups, chosen]


def _any_eligible(places: Sequence[Place]) -> bool:
    return any(place.eligible for place in places)


def _choices(groups: Sequence[Group]) -> str:
    return ", ".join(f"{group.value} ({group.title})" for group in groups)


def _codes(peers: Sequence[str], towns: dict[str, Town]) -> tuple[str, ...]:
    """Codes of municipalities given as codes or names, our own left out."""
    by_name = {town.name.casefold(): town.code for town in towns.values()}
    unknown = [p for p in peers if p not in towns and p.casefold() not in by_name]
    if unknown:
        raise NoSuchChoiceError(
            _("No municipality is called “%(names)s”. Write codes or names, such as %(example)s.")
            % {"names": "”, “".join(unknown[:5]), "example": _example(towns)}
        )
    codes = {p if p in towns else by_name[p.casefold()] for p in peers}
    others = sorted(code for code in codes if not towns[code].own)
    if not others:
        raise NoSuchChoiceError(_("Choose at least one other municipality than our own."))
    if len(others) > MOST_PEERS:
        raise NoSuchChoiceError(_("Choose at most %(most)s municipalities.") % {"most": MOST_PEERS})
    return tuple(others)


def _example(towns: dict[str, Town]) -> str:
    other = next((town for town in towns.values() if not town.own), None)
    return f"{other.code} ({other.name})" if other else "–"


def _shown(places: Sequence[Place], until: int) -> Place | None:
    """The newest year that can be compared; where none can, the newest in which we and any other have a value."""
    rows = [place for place in places if place.year <= until]
    eligible = [place for place in rows if place.eligible]
    both = [place for place in rows if place.own is not None and place.others > 0]
    return max(eligible or both, key=lambda place: place.year, default=None)


def _by_year(kpi: str, chosen: Q, towns: dict[str, Town]) -> dict[int, list[PeerRow]]:
    """Newest revision of the chosen values of an identity, by year; withdrawn ones left out (1 query)."""
    delivery = Import.objects.filter(pk=OuterRef("delivery_id")).values("fetched_at")[:1]
    rows = (
        QuerySet(PeerValue)
        .filter(chosen, kpi=kpi, breakdown="T")
        .annotate(fetched=Subquery(delivery))
        .order_by("year", "municipality", "revision")
        .values_list("year", "municipality", "value", "fetched")
    )
    newest = {(year, code): (value, fetched) for year, code, value, fetched in rows}
    found: dict[int, list[PeerRow]] = {}
    for (year, code), (value, fetched) in newest.items():
        if value is not None and code in towns:
            found.setdefault(year, []).append(PeerRow(code, float(value), fetched))
    return found


def _peers(definition: Definition, group: Group, year: int, towns: dict[str, Town]) -> list[PeerRow]:
    """Values of a stored group and our own in one year."""
    members = PeerGroupMember.objects.filter(group_id=group.id).values("municipality_id")
    chosen = Q(year=year) & (Q(municipality__in=Subquery(members)) | Q(municipality=_home(towns)))
    return _by_year(definition.kolada_id, chosen, towns).get(year, [])


def _nation(kpi: str, stored: Sequence[tuple[Group, list[Place]]]) -> dict[int, float]:
    """The nation's own values by year, newest revisions, withdrawn ones left out (1 query). They come as published and
    kept apart from the group's median: one is weighted by size, the other is not. A value that can be no mean of the
    municipalities, such as a sum or a 0 put where nothing was counted, is left out."""
    ranges = {p.year: p for group, places in stored if group.kind == "all" for p in places}
    codes = Municipality.objects.filter(type=Municipality.Type.NATION).values("code")
    rows: Iterable[tuple[int, Any]] = (
        QuerySet(PeerValue)
        .filter(kpi=kpi, breakdown="T", municipality__in=Subquery(codes))
        .order_by("year", "revision")
        .values_list("year", "value")
    )
    newest = {year: float(value) for year, value in dict(rows).items() if value is not None}
    return {year: value for year, value in newest.items() if _may_be_mean(value, ranges.get(year))}


def _may_be_mean(value: float, place: Place | None) -> bool:
    return place is None or could_be_mean(value, [place.low, place.high, place.own])


def _home(towns: dict[str, Town]) -> str:
    return next((town.code for town in towns.values() if town.own), "")


def _published(definition: Definition, codes: Sequence[str], towns: dict[str, Town]) -> dict[int, list[PeerRow]]:
    """Values of some municipalities and our own, by year."""
    return _by_year(definition.kolada_id, Q(municipality__in=[*codes, _home(towns)]), towns)


def _own_choice(
    definition: Definition,
    group: Group,
    history: dict[int, list[PeerRow]],
    towns: dict[str, Town],
    own: Sequence[Point],
    breaks: Sequence[SeriesBreak],
) -> list[Place]:
    """Our place among municipalities of one's own choice, by the function that made the stored rows."""
    home = _home(towns)
    codes = sorted({home, *group.codes})
    column = {code: i for i, code in enumerate(codes)}
    years = sorted(history)
    block = np.full((len(years), len(codes)), np.nan)
    for row, year in enumerate(years):
        for peer in history[year]:
            block[row, column[peer.code]] = peer.value
    matrix = frames.PeerMatrix(
        codes, column, np.array(years, dtype=np.int64), {definition.kolada_id: slice(0, len(years))}, block
    )
    mine = frames.Definition(
        id=definition.id,
        code=definition.code,
        kpi=definition.kolada_id,
        respondents_kpi="",
        area=definition.area,
        kind=Kind.YEAR,
        due_days=definition.due_days,
        good=definition.good,
        share=definition.share,
        decimals=definition.decimals,
        breaks=tuple(Break(b.period, b.comparable_backwards) for b in breaks),
    )
    margins = {definition.id: {p.period.year: p.margin for p in own if p.margin is not None}}
    chosen = frames.Group(0, "own", "own", None, group.codes)
    rows = frames.benchmarks([mine], matrix, [chosen], home, margins)[definition.id] if years else []
    return [Place(**{name: _plain(row[name]) for name in PLACE}) for row in rows]


def _plain(value: Any) -> Any:
    """NaN as the database keeps it: nothing."""
    return None if isinstance(value, float) and math.isnan(value) else value


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def areas() -> list[tuple[str, str]]:
    """Areas that have an indicator to steer by, in order (1 query)."""
    rows = Area.objects.filter(indicators__retired_on=None, indicators__steering=True).distinct()
    return list(rows.order_by("order", "code").values_list("code", "name"))


def listed(period: str) -> list[ListRow]:
    """All indicators in use that the municipality steers by, with how they stood at the end of a period (1 query)."""
    now = FilteredRelation("assessments", condition=Q(assessments__period=period))
    words = language()
    rows = (
        QuerySet(Indicator)
        .filter(retired_on=None, steering=True)
        .annotate(now=now)
        .order_by("area__order", "area_id", "code")
        .values_list(
            "code",
            f"name_{words}",
            "name_sv",
            f"definition_{words}",
            f"purpose_{words}",
            "area_id",
            f"area__name_{words}",
            f"department__name_{words}",
            f"owner_{words}",
            "source",
            "measures",
            "kolada_id",
            f"unit__symbol_{words}",
            "unit__share",
            "decimals",
            "direction",
            "now__status",
            "now__reason",
            "now__value",
            "now__value_period",
            "now__change",
            "now__change_word",
            "now__comparison_period",
            "now__rank",
            "now__peers",
            "now__quarter",
            "now__recent",
            "now__margin",
        )
    )
    return [ListRow(*row) for row in rows]


def codes() -> list[str]:
    """Every indicator's code, for suggestions when one is not found (1 query)."""
    return list(QuerySet(Indicator).order_by("code").values_list("code", flat=True))
