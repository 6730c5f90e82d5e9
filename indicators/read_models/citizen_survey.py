"""The published results of the citizen survey: every question with its margin of error, what has certainly changed
since the year before, and our place among similar municipalities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from indicators import wording
from indicators.compute import series
from indicators.compute.comparison import above
from indicators.compute.frames import Point, change_word
from indicators.compute.series import Break
from indicators.compute.status import SIGN, Direction, margin_of_difference
from indicators.read_models.compare import Standing, rank_note, rank_text
from indicators.sources.table_file import Cell, Sheet
from indicators.templatetags.figures import difference, number, with_unit

DECIMALS = 1  # as the results are published
CHANGES = ("better", "worse", "uncertain")
WHICH = ("steering", "others")
GROUPS = ("similar", "all")  # whom we are compared with: the first of which enough have taken part
QUESTIONS_PUBLISHED = 112


@dataclass(frozen=True)
class Question:
    """A question, as far as this page shows it; `steering`: among the indicators that the municipality steers by."""

    id: int
    code: str
    name: str
    area: str
    area_name: str
    symbol: str
    share: bool
    good: Direction
    steering: bool


@dataclass(frozen=True)
class Facts:
    """What the page is made from. `points` by question and year, `standings` by group and then alike; `answers` and
    `rates`: how many answered the survey, and how many per cent of those asked, by year."""

    home: str
    invented: bool
    questions: Sequence[Question]
    points: Mapping[tuple[int, int], Point]
    breaks: Mapping[int, Sequence[Break]]
    standings: Mapping[str, Mapping[tuple[int, int], Standing]]
    answers: Mapping[int, float]
    rates: Mapping[int, float]

    def years(self) -> list[int]:
        """Years with any result, newest first."""
        return sorted({year for (_id, year), point in self.points.items() if point.value is not None}, reverse=True)

    def group(self, year: int) -> str:
        """The first group in which at least half of the year's results can be compared; the last where none is."""
        asked = sum(self.value(question, year) is not None for question in self.questions)
        counts = {group: sum(at == year for _id, at in self.standings.get(group, {})) for group in GROUPS}
        return next((group for group in GROUPS if 0 < asked <= 2 * counts[group]), GROUPS[-1])

    def standing(self, question: Question, year: int) -> Standing | None:
        return self.standings.get(self.group(year), {}).get((question.id, year))

    def value(self, question: Question, year: int | None) -> Point | None:
        """The result of a year, None where there is none."""
        point = None if year is None else self.points.get((question.id, year))
        return point if point is not None and point.value is not None else None


@dataclass(frozen=True)
class Filter:
    """What the reader asked for; "" is everything."""

    area: str = ""
    change: str = ""
    which: str = ""

    @property
    def on(self) -> bool:
        return any((self.area, self.change, self.which))


@dataclass(frozen=True)
class Result:
    """A share as text with its margin: “93.9%”, “±1.8, computed”; `absence` says why there is none."""

    value: str
    margin: str
    absence: str = ""


@dataclass(frozen=True)
class Change:
    """`word`: better, worse, uncertain, unchanged, changed (certain, and no way is the good one) or "" (no earlier)."""

    word: str
    arrow: str
    text: str
    certain: bool


@dataclass(frozen=True)
class Line:
    code: str
    name: str
    steering: bool
    now: Result
    before: Result
    change: Change
    quarter: str
    quarter_word: str
    rank: str
    rank_note: str


@dataclass(frozen=True)
class Section:
    title: str
    area: str
    lines: list[Line]


@dataclass(frozen=True)
class Page:
    year: int
    before: int | None
    years: list[int]
    areas: list[tuple[str, str]]
    lead: str
    group: str
    group_title: str
    sections: list[Section]
    summary: str
    filtered: bool
    notes: list[str]
    only_some: bool


def page(facts: Facts, year: int, wanted: Filter) -> Page:
    """The results of one of the years that there are, beside those of the year before it."""
    years = facts.years()
    before = next((other for other in years if other < year), None)
    lines = [(question, _line(facts, question, year, before)) for question in facts.questions]
    asked = [(question, line) for question, line in lines if line.now.value]
    sections: dict[str, Section] = {}
    for question, line in lines:
        if _fits(question, line, wanted):
            sections.setdefault(question.area, Section(question.area_name, question.area, [])).lines.append(line)
    shown = sum(len(section.lines) for section in sections.values())
    return Page(
        year=year,
        before=before,
        years=years,
        areas=list({question.area: question.area_name for question in facts.questions}.items()),
        lead=" ".join(filter(None, [_lead(facts, year, len(asked)), _change_lead(asked, before)])),
        group=facts.group(year),
        group_title=_group_title(facts.group(year)),
        sections=list(sections.values()),
        summary=ngettext("%(shown)s of %(all)s question", "%(shown)s of %(all)s questions", len(lines))
        % {"shown": number(shown), "all": number(len(lines))},
        filtered=wanted.on,
        notes=_notes(facts, year, before),
        only_some=len(facts.questions) < QUESTIONS_PUBLISHED,
    )


def _group_title(group: str) -> str:
    return _("Among similar municipalities") if group == "similar" else _("Among all municipalities")


def _fits(question: Question, line: Line, wanted: Filter) -> bool:
    return (
        wanted.area in ("", question.area)
        and wanted.change in ("", line.change.word)
        and wanted.which in ("", "steering" if question.steering else "others")
    )


def _line(facts: Facts, question: Question, year: int, before: int | None) -> Line:
    standing = facts.standing(question, year)
    judged = question.good in SIGN
    return Line(
        code=question.code,
        name=question.name,
        steering=question.steering,
        now=_result(facts, question, year),
        before=_result(facts, question, before),
        change=_change(facts, question, year, before),
        quarter=standing.quarter if standing else "",
        quarter_word="" if judged else _("No better or worse"),
        rank=rank_text(standing) if standing else "",
        rank_note=rank_note(standing) if standing else "",
    )


def _result(facts: Facts, question: Question, year: int | None) -> Result:
    point = facts.value(question, year)
    if point is None:
        stored = None if year is None else facts.points.get((question.id, year))
        absence = stored.absence if stored is not None and stored.absence else "missing"
        return Result("", "", str(wording.ABSENCE[absence]))
    return Result(with_unit(point.value, DECIMALS, question.symbol), _margin(point))


def _margin(point: Point) -> str:
    if not wording.has_margin(point.margin):
        return ""
    form = pgettext("a margin of error", "±%(margin)s, computed") if point.margin_computed else "±%(margin)s"
    return form % {"margin": number(point.margin, DECIMALS)}


def _change(facts: Facts, question: Question, year: int, before: int | None) -> Change:
    now, then = facts.value(question, year), facts.value(question, before)
    if now is None or then is None or now.value is None or then.value is None:
        return Change("", "", _("no earlier result") if now else "", certain=True)
    if series.breaks_between(facts.breaks.get(question.id, ()), then.period, now.period):
        return Change("", "", _("the question has changed"), certain=True)
    size = series.change(now.value, then.value)
    word = change_word(question.good, now, then, comparable=True) or _without_a_good_way(size, now, then)
    arrow = "flat" if word == "unchanged" else "up" if size > 0 else "down"
    told = difference(abs(size), DECIMALS, question.symbol, share=question.share, sign=False)
    plain = "" if word == "changed" else word
    return Change(word, arrow, wording.change_words(size, plain, told, str(before)), word != "uncertain")


def _without_a_good_way(size: float, now: Point, then: Point) -> str:
    """Whether a change is certain where neither way is better."""
    margin = margin_of_difference(now.margin, then.margin)
    return "uncertain" if margin is not None and not above(abs(size), margin) else "changed"


def _lead(facts: Facts, year: int, asked: int) -> str:
    told = ngettext(
        "In %(year)s there are results for %(count)s question that residents of %(home)s answered.",
        "In %(year)s there are results for %(count)s questions that residents of %(home)s answered.",
        asked,
    ) % {"year": year, "count": number(asked), "home": facts.home}
    answers, rate = facts.answers.get(year), facts.rates.get(year)
    if answers is None:
        return told
    if rate is None:
        form = ngettext("%(count)s person answered.", "%(count)s people answered.", int(answers))
        return f"{told} {form % {'count': number(answers)}}"
    form = ngettext(
        "%(count)s person answered, %(rate)s of those asked.",
        "%(count)s people answered, %(rate)s of those asked.",
        int(answers),
    )
    return f"{told} {form % {'count': number(answers), 'rate': with_unit(rate, 0, '%')}}"


def _change_lead(asked: Sequence[tuple[Question, Line]], before: int | None) -> str:
    """What has become better or worse, among the questions where one way is better than the other."""
    words = [line.change.word for question, line in asked if question.good in SIGN and line.change.word]
    if not words:
        return ""
    better, worse = words.count("better"), words.count("worse")
    unsure = words.count("uncertain") + words.count("unchanged")
    return _(
        "Since %(before)s, %(better)s have certainly become better and %(worse)s certainly worse. For %(unsure)s of "
        "%(all)s no change is certain."
    ) % {
        "before": before,
        "better": number(better),
        "worse": number(worse),
        "unsure": number(unsure),
        "all": number(len(words)),
    }


def _notes(facts: Facts, year: int, before: int | None) -> list[str]:
    shown = [
        point
        for question in facts.questions
        for point in (facts.value(question, year), facts.value(question, before))
        if point is not None
    ]
    notes = [
        _(
            "After ± stands the margin of error in percentage points: with 95 per cent certainty the share among all "
            "residents lies within it. A change counts as certain if it is larger than the margin of the difference."
        )
    ]
    if any(point.margin_computed for point in shown):
        notes.append(
            _(
                "“Computed” means that no margin of error has been published. It is then worked out from the share "
                "and the number of people who answered the survey, as for a simple random sample. Fewer answered the "
                "single question, so the true margin is larger: a little for most questions, much for those that only "
                "some were asked."
            )
        )
    if facts.group(year) != GROUPS[0]:
        notes.append(
            _(
                "Too few of the similar municipalities have results for %(year)s, so our place is among all that have. "
                "At least five are needed."
            )
            % {"year": year}
        )
    if before is not None:
        notes.append(_("Among this many questions, about one in twenty would seem to have changed by chance alone."))
    return [*notes, _("Invented figures for demonstration") + "." if facts.invented else _credit()]


def _credit() -> str:
    """What is computed from published values must not name Kolada as its source."""
    derived = _("Places, quarters, changes and computed margins: own processing of data from Kolada.")
    source = _("Source: Kolada")
    return f"{source}. {derived}"


# ── as a file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(facts: Facts, year: int) -> Sheet:
    """Every question on a line, numbers unrounded, empty where there is none."""
    years = facts.years()
    before = next((other for other in years if other < year), None)
    header = [
        _("Code"), _("Question"), _("Area"), _("Steered by"), _("Year"), _("Value"), _("Margin of error"),
        _("Margin"), _("Answers to the survey"), _("Earlier year"), _("Earlier value"), _("Earlier margin of error"),
        _("Change"), _group_title(facts.group(year)), _("Municipalities"),
    ]  # fmt: skip
    return Sheet(
        title=_("Citizen survey %(year)s") % {"year": year},
        header=header,
        rows=[_row(facts, question, year, before) for question in facts.questions],
    )


def _row(facts: Facts, question: Question, year: int, before: int | None) -> list[Cell]:
    now, then = facts.value(question, year), facts.value(question, before)
    standing = facts.standing(question, year)
    how: dict[bool, Any] = {True: _("computed"), False: _("published")}
    return [
        question.code,
        question.name,
        question.area_name,
        pgettext("in a sheet", "yes") if question.steering else pgettext("in a sheet", "no"),
        year,
        now.value if now else None,
        now.margin if now else None,
        how[now.margin_computed] if now and now.margin is not None else None,
        now.respondents if now else None,
        before if then else None,
        then.value if then else None,
        then.margin if then else None,
        _change(facts, question, year, before).text or None,
        standing.rank if standing else None,
        standing.others + 1 if standing and standing.rank is not None else None,
    ]
