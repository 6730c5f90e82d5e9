"""The health of the indicators: what speaks against each, what depends on it, what a strategist may do about it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators.compute import health
from indicators.compute.health import Advice, Sign
from indicators.read_models.health import Finding, IndicatorFacts, findings
from indicators.sources.table_file import Cell, Sheet
from indicators.templatetags.figures import number
from indicators.wording import STATUS
from scorecard.compute.goals import Part
from scorecard.read_models.standing import parts_of, proposal
from scorecard.rows import GoalRow, IndicatorRow, LinkRow
from scorecard.wording import Thresholds

SIGNS = {
    Sign.LATE: pgettext_lazy("indicators", "Late"),
    Sign.MISSING: pgettext_lazy("indicators", "With gaps"),
    Sign.REVISED: pgettext_lazy("indicators", "Often revised"),
    Sign.OVERRULED: pgettext_lazy("indicators", "Checks overruled"),
    Sign.CONSTANT: pgettext_lazy("indicators", "Constant"),
    Sign.DUPLICATE: pgettext_lazy("indicators", "Like another"),
    Sign.UNSEEN: pgettext_lazy("indicators", "Never looked at"),
    Sign.NO_GOAL: pgettext_lazy("indicators", "In no goal"),
}
ADVICE = {
    Advice.PRUNE: gettext_lazy("Consider retiring it"),
    Advice.MEND: gettext_lazy("Mend it"),
    Advice.KEEP: gettext_lazy("Keep it"),
}
SORTS = {
    "signs": gettext_lazy("Stands out"),
    "name": gettext_lazy("Indicator"),
    "goals": gettext_lazy("Goals"),
    "looks": gettext_lazy("Looked at"),
}
DECIDES = "decides"


@dataclass(frozen=True)
class GoalLink:
    """A goal that an indicator is part of; `without`: its proposed status without it, "" where that is the same."""

    title: str
    url: str
    status: str
    without: str


@dataclass(frozen=True)
class HealthRow:
    code: str
    name: str
    url: str
    area: str
    department: str
    findings: list[Finding]
    goals: list[GoalLink]
    looks: str
    seen: int
    advice: str
    retire: bool

    @property
    def decides(self) -> bool:
        return any(goal.without for goal in self.goals)

    def has(self, kind: str) -> bool:
        return kind == "" or (kind == DECIDES and self.decides) or any(f.sign.value == kind for f in self.findings)


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Heading:
    """A column's name that sorts by it; `order`: "ascending", "descending" or ""."""

    label: str
    url: str
    order: str


@dataclass(frozen=True)
class HealthPage:
    lead: str
    summary: str
    tabs: list[Tab]
    headings: list[Heading]
    rows: list[HealthRow]


def health_rows(
    facts: Sequence[IndicatorFacts],
    *,
    goals: Sequence[GoalRow],
    links: Sequence[LinkRow],
    indicators: Sequence[IndicatorRow],
    thresholds: Thresholds,
    today: date,
    goal_url: Callable[[str], str],
    indicator_url: Callable[[str], str],
) -> list[HealthRow]:
    """Every indicator in use with its findings and the goals that it is part of, in order of the codes."""
    pairs = health.duplicates({one.id: one.yearly for one in facts})
    names = {one.id: (one.code, one.name) for one in facts}
    hung = goal_links(goals, links, indicators, thresholds=thresholds, goal_url=goal_url)
    rows = []
    for one in facts:
        own = findings(one, pairs=pairs, names=names, today=today)
        part_of = hung.get(one.id, [])
        if not part_of:
            own.append(Finding(Sign.NO_GOAL, _("Shows no goal")))
        decides = any(goal.without for goal in part_of)
        advised = health.advice({finding.sign for finding in own}, decides=decides)
        rows.append(
            HealthRow(
                code=one.code,
                name=one.name,
                url=indicator_url(one.code),
                area=one.area,
                department=one.department,
                findings=own,
                goals=part_of,
                looks=_looks(one),
                seen=one.looks,
                advice=str(ADVICE[advised]) if advised else "",
                retire=advised is Advice.PRUNE,
            )
        )
    return rows


def goal_links(
    goals: Sequence[GoalRow],
    links: Sequence[LinkRow],
    indicators: Sequence[IndicatorRow],
    *,
    thresholds: Thresholds,
    goal_url: Callable[[str], str],
) -> dict[int, list[GoalLink]]:
    """By indicator the goals that it is part of, and the status that each would have without it."""
    standing = {row.id: (row.status, row.reason) for row in indicators}
    found: dict[int, list[GoalLink]] = {}
    for goal in goals:
        own = [link for link in links if link.goal_id == goal.id and link.indicator_id in standing]
        parts = parts_of((*standing[link.indicator_id], link.weight, link.key) for link in own)
        status = proposal(parts, thresholds).status
        for place, link in enumerate(own):
            without = proposal(_all_but(parts, place), thresholds).status
            found.setdefault(link.indicator_id, []).append(
                GoalLink(
                    title=goal.short or goal.sentence,
                    url=goal_url(goal.code),
                    status=str(STATUS[status]),
                    without=str(STATUS[without]) if without is not status else "",
                )
            )
    return found


def _all_but(parts: Sequence[Part], place: int) -> list[Part]:
    return [part for other, part in enumerate(parts) if other != place]


def _looks(one: IndicatorFacts) -> str:
    if one.looks:
        return ngettext("%(n)s time", "%(n)s times", one.looks) % {"n": number(one.looks)}
    if one.counted_days < health.LOOK_DAYS:
        return pgettext("looked at", "not yet")
    return _("never")


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def health_page(
    rows: Sequence[HealthRow], *, period: str, kind: str, sort: str, reverse: bool, base: str
) -> HealthPage:
    """The rows of one sign, or all, in the order asked for; what stands out most comes first unless asked otherwise."""
    shown = sorted([row for row in rows if row.has(kind)], key=ORDER[sort], reverse=reverse)
    pruned = sum(1 for row in rows if row.retire)
    return HealthPage(
        lead=_("What can be said against each of the %(n)s indicators, and which goals hang on them in %(period)s.")
        % {"n": number(len(rows)), "period": period},
        summary=ngettext(
            "%(n)s indicator could be retired: it shows no goal, and one more thing speaks against it.",
            "%(n)s indicators could be retired: they show no goal, and one more thing speaks against each.",
            pruned,
        )
        % {"n": number(pruned)},
        tabs=_tabs(rows, kind, sort, base),
        headings=[_heading(name, kind, sort, reverse=reverse, base=base) for name in SORTS],
        rows=shown,
    )


def _tabs(rows: Sequence[HealthRow], kind: str, sort: str, base: str) -> list[Tab]:
    kinds = {"": _("All"), **{sign.value: str(label) for sign, label in SIGNS.items()}, DECIDES: _("Decide a goal")}
    return [
        Tab(
            label=_("%(kind)s: %(n)s") % {"kind": label, "n": number(sum(1 for row in rows if row.has(value)))},
            url=f"{base}?kind={value}&sort={sort}",
            current=value == kind,
        )
        for value, label in kinds.items()
    ]


def _heading(name: str, kind: str, sort: str, *, reverse: bool, base: str) -> Heading:
    turn = "&order=reverse" if name == sort and not reverse else ""
    order = "" if name != sort else "descending" if reverse else "ascending"
    return Heading(str(SORTS[name]), f"{base}?kind={kind}&sort={name}{turn}", order)


def _most_first(row: HealthRow) -> tuple[bool, int, str]:
    return (not row.retire, -len(row.findings), row.code)


ORDER: Mapping[str, Callable[[HealthRow], tuple[object, ...]]] = {
    "signs": _most_first,
    "name": lambda row: (row.name.casefold(), row.code),
    "goals": lambda row: (not row.decides, -len(row.goals), row.code),
    "looks": lambda row: (row.seen, row.code),
}
KINDS: Collection[str] = ("", *(sign.value for sign in Sign), DECIDES)


def health_sheet(rows: Sequence[HealthRow]) -> Sheet:
    """The rows as a table for a file."""
    header = [
        _("Code"), _("Indicator"), _("Area"), _("Department"), *(str(label) for label in SIGNS.values()),
        _("Goals"), _("Goals whose status would change without it"), _("Looks in a year"), _("Advice"),
    ]  # fmt: skip
    lines: list[list[Cell]] = []
    for row in rows:
        told = {sign: "; ".join(f.text for f in row.findings if f.sign is sign) for sign in SIGNS}
        lines.append(
            [
                row.code, row.name, row.area, row.department, *told.values(),
                "; ".join(goal.title for goal in row.goals),
                "; ".join(goal.title for goal in row.goals if goal.without), row.seen, row.advice,
            ]
        )  # fmt: skip
    return Sheet(_("Health of the indicators"), header, lines)
