"""The list of surveys, and the page of a wave: a sentence first, then what changed, then every question."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, nan

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from indicators.templatetags.figures import number, with_unit
from indicators.wording import Scale
from surveys import wording
from surveys.charts import gap_bar, result_bar
from surveys.compute.estimation import Estimate
from surveys.compute.questionnaire import GRADES, Asked
from surveys.compute.waves import difference
from surveys.read_models.results_rows import (
    EditionRow,
    FigureRow,
    Figures,
    IndexRow,
    Listed,
    Results,
    Shown,
    SurveyList,
    series_broken,
)
from surveys.wording import HIDDEN, Change

JUDGED = frozenset({"share", "gap", "index"})  # statistics of which more is better


# ── what all pages of a wave have ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Head:
    """The frame of a wave's pages. `notices`: (title, text, kind) for components/notice.html."""

    code: str
    wave: str
    name: str
    label: str
    query: str
    notices: list[tuple[str, str, str]]
    waves: list[dict[str, object]]
    draft_url: str
    is_draft: bool
    withdrawn: bool
    invented: bool


def head(shown: Shown) -> Head:
    edition, survey = shown.edition, shown.survey
    return Head(
        code=survey.code,
        wave=edition.wave.code,
        name=survey.name,
        label=edition.wave.label,
        query=shown.query,
        notices=_notices(shown),
        waves=[
            {
                "label": each.wave.label,
                "url": reverse("survey-wave", args=[survey.code, each.wave.code]),
                "current": each.wave.code == edition.wave.code,
            }
            for each in shown.waves
        ],
        draft_url=_draft_url(shown),
        is_draft=edition.state == "draft",
        withdrawn=edition.state == "withdrawn",
        invented=survey.invented,
    )


def _draft_url(shown: Shown) -> str:
    if shown.draft is None:
        return ""
    address = reverse("survey-wave", args=[shown.survey.code, shown.edition.wave.code])
    return f"{address}?edition={shown.draft.number}"


def _notices(shown: Shown) -> list[tuple[str, str, str]]:
    edition = shown.edition
    found = []
    if edition.state == "draft":
        text = _("These results have not been released. Only those who steer see them.")
        found.append((_("Draft"), text, "warning"))
    elif edition.state == "withdrawn":
        found.append((_("These results have been withdrawn"), edition.note, "warning"))
    elif shown.chosen:
        text = _("A newer edition of these results has replaced it.")
        found.append((_("Edition %(number)s") % {"number": edition.number}, text, "warning"))
    return found


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ListedSurvey:
    name: str
    url: str
    label: str
    sentence: str
    released_on: str


@dataclass(frozen=True)
class OpenNow:
    name: str
    url: str
    purpose: str
    until: str


@dataclass(frozen=True)
class ListPage:
    released: list[ListedSurvey]
    open: list[OpenNow]


def survey_list(rows: SurveyList) -> ListPage:
    return ListPage(
        released=[_listed(item) for item in rows.released],
        open=[
            OpenNow(
                item.name, reverse("answer-link", args=[item.code, item.wave]), item.purpose, _until(item.closes_on)
            )
            for item in rows.open
        ],
    )


def _listed(item: Listed) -> ListedSurvey:
    edition = item.edition
    sentence = headline_of(item.overall, item.figures, item.statement) or participation(edition)
    return ListedSurvey(
        name=item.survey.name,
        url=reverse("survey", args=[item.survey.code]),
        label=edition.wave.label,
        sentence=sentence,
        released_on=edition.released_on.isoformat() if edition.released_on else "",
    )


def _until(day: date | None) -> str:
    return _("Open until %(day)s") % {"day": day.isoformat()} if day else ""


# ── a wave ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """A question in the list. `result` is its number as text, ".." where it is hidden; `note` what kind of number."""

    code: str
    text: str
    url: str
    bar: SafeString
    result: str
    interval: str
    note: str
    n: str
    no_opinion: str
    change: Change | None
    hidden: bool = False
    is_gap: bool = False


@dataclass(frozen=True)
class SectionOf:
    title: str
    anchor: str
    lines: list[Line]


@dataclass(frozen=True)
class IndexLine:
    name: str
    value: str
    note: str
    bar: SafeString
    change: Change | None


@dataclass(frozen=True)
class Tally:
    verdict: str
    arrow: str
    count: int
    word: str


@dataclass(frozen=True)
class WavePage:
    head: Head
    lead: str
    also: list[str]
    participation: str
    reach: str
    reading_help: str
    since: str
    changes_lead: str
    tally: list[Tally]
    changed: list[dict[str, str]]
    indices: list[IndexLine]
    sections: list[SectionOf]
    facts: list[dict[str, str]]
    has_drivers: bool
    any_hidden: bool


def wave_page(rows: Results) -> WavePage:
    """Everything that the page of a wave shows."""
    shown = rows.shown
    questions = rows.questionnaire.by_code
    sections = [
        SectionOf(page.title, f"section-{number_}", lines)
        for number_, page in enumerate(rows.questionnaire.pages, start=1)
        if (lines := [line for asked in page.questions if (line := _line(asked, rows)) is not None])
    ]
    lines = [line for section in sections for line in section.lines]
    verdicts = Counter(line.change.verdict for line in lines if line.change is not None)
    since = shown.before.wave.label if shown.before else ""
    return WavePage(
        head=head(shown),
        lead=_headline(questions.get(shown.survey.overall), rows) or shown.survey.purpose,
        also=[
            sentence
            for code, asked in questions.items()
            if code in rows.statements and code != shown.survey.overall and (sentence := _headline(asked, rows))
        ],
        participation=participation(shown.edition),
        reach=_reach(shown.edition),
        reading_help=wording.reading_help(self_selected=bool(shown.edition.method.get("self_selected"))),
        since=since,
        changes_lead=wording.changes_lead(verdicts, since) if since else "",
        tally=_tally(verdicts) if since else [],
        changed=_changed(lines),
        indices=[found for index in rows.indices if (found := _index(index, rows)) is not None],
        sections=sections,
        facts=_facts(shown),
        has_drivers=bool(shown.edition.drivers) or bool(_pairs(rows)),
        any_hidden=any(line.hidden for line in lines),
    )


def _headline(asked: Asked | None, rows: Results) -> str:
    return headline_of(asked, rows.figures, rows.statements.get(asked.code, "") if asked else "")


def headline_of(asked: Asked | None, figures: Figures, statement: str) -> str:
    """A question's share of positive answers as a sentence; empty where it was not asked, or there is none to tell."""
    share = figures.find(asked.code, "share") if asked else None
    if asked is None or share is None or share.value is None:
        return ""
    good = [option for option in asked.options if option.positive]
    first = figures.find(asked.code, "option", good[0].value) if len(good) > 1 else None
    return wording.headline(asked, statement, share.value, share.lower, share.upper, first.value if first else None)


def participation(edition: EditionRow) -> str:
    method = edition.method
    return wording.answered(method.get("answered"), method.get("invited"), method.get("response_rate"))


def _reach(edition: EditionRow) -> str:
    method = edition.method
    return wording.reach(self_selected=bool(method.get("self_selected")), drawn=method.get("invited") is not None)


def _facts(shown: Shown) -> list[dict[str, str]]:
    edition, wave = shown.edition, shown.edition.wave
    asked_between = ""
    if wave.opens_on and wave.closes_on:
        asked_between = f"{wave.opens_on.isoformat()} – {wave.closes_on.isoformat()}"
    return [
        {"name": pgettext("people a survey is about", "About"), "text": edition.text("population_text")},
        {"name": _("Answers were given"), "text": asked_between},
        {"name": _("Who asks"), "text": shown.survey.department},
        {"name": _("Released"), "text": edition.released_on.isoformat() if edition.released_on else ""},
        {"name": _("Edition"), "text": str(edition.number) if edition.number > 1 else ""},
    ]


def _tally(verdicts: Counter[str]) -> list[Tally]:
    words = {
        "better": ("up", pgettext("change of questions", "better")),
        "worse": ("down", pgettext("change of questions", "worse")),
        "uncertain": ("flat", pgettext("change of questions", "no certain change")),
    }
    found = [Tally(verdict, arrow, verdicts[verdict], word) for verdict, (arrow, word) in words.items()]
    return found if any(entry.count for entry in found) else []


def _changed(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Questions that changed for certain, better ones first, for components/changes.html."""
    certain = [(line, line.change) for line in lines if line.change is not None and line.change.certain]
    certain.sort(key=lambda pair: pair[1].verdict != "better")
    return [
        {"arrow": found.arrow, "text": line.text, "url": line.url, "detail": f"{_told(line)}: {found.text}"}
        for line, found in certain
    ]


def _told(line: Line) -> str:
    """The result in a sentence: of a gap both grades, since their difference alone says little."""
    return line.note if line.is_gap else line.result


# ── a question in the list ────────────────────────────────────────────────────────────────────────────────────────────


def main_figure(asked: Asked, figures: Figures) -> FigureRow | None:
    """The figure that a question is shown by: its share of positive answers; else what its kind has; else the choice
    that most made."""
    for statistic in ("share", "gap", "kano", "median", "mean"):
        found = figures.find(asked.code, statistic)
        if found is not None:
            return found
    return most_chosen(asked, figures)


def most_chosen(asked: Asked, figures: Figures) -> FigureRow | None:
    options = [found for o in asked.options if (found := figures.find(asked.code, "option", o.value)) is not None]
    open_ = [found for found in options if found.value is not None]
    if len(open_) < len(options):  # a hidden one may be the greatest
        return next(found for found in options if found.value is None)
    return max(open_, key=lambda found: found.value if found.value is not None else -inf, default=None)


def _line(asked: Asked, rows: Results) -> Line | None:
    """None for what has no result to list: questions about the person, free texts, what nobody answered."""
    if asked.background or asked.kind == "text":
        return None
    figure = main_figure(asked, rows.figures)
    if figure is None:
        return None
    shown = rows.shown
    no_opinion = rows.figures.find(asked.code, "no_opinion")
    hidden = bool(figure.hidden)
    return Line(
        code=asked.code,
        text=asked.text,
        url=reverse("survey-question", args=[shown.survey.code, shown.edition.wave.code, asked.code]) + shown.query,
        bar=bar_of(asked, figure),
        result=result_text(asked, figure),
        interval="" if hidden else interval_of(asked, figure),
        note=_("hidden to protect individuals") if hidden else _note(asked, figure, rows.figures),
        n=number(figure.n) if figure.n is not None else HIDDEN if hidden else "",
        no_opinion=_no_opinion(asked, no_opinion),
        change=_change(asked, figure, rows),
        hidden=hidden,
        is_gap=figure.statistic == "gap",
    )


def scale_of(asked: Asked, statistic: str) -> Scale:
    """How numbers of a question are written."""
    if statistic in ("share", "option", "no_opinion"):
        return wording.SHARE
    if statistic in ("mean", "gap"):
        return wording.GRADE
    return Scale(asked.unit, 0, False)


def bar_of(asked: Asked, figure: FigureRow) -> SafeString:
    if figure.statistic == "kano" or figure.value is None:
        return SafeString("")
    if figure.statistic == "gap":
        low, high = GRADES["expectation"]
        details = figure.details
        return gap_bar(details.get("expectation"), details.get("experience"), low=low, high=high)
    if figure.statistic in ("median", "mean") and asked.kind == "number":
        return SafeString("")  # a number has no scale of its own
    if figure.statistic == "mean":
        low, high = GRADES[asked.kind]
        return result_bar(figure.value, figure.lower, figure.upper, low=low, high=high)
    return result_bar(figure.value, figure.lower, figure.upper)


def result_text(asked: Asked, figure: FigureRow) -> str:
    if figure.hidden:
        return HIDDEN
    if figure.statistic == "kano":
        return str(wording.KANO[figure.details.get("category") or ""])
    if figure.statistic == "gap":
        return number(figure.value, 1, sign=True)
    if figure.statistic in ("median", "mean") and asked.kind == "number":
        return f"{number(figure.value, 1 if figure.statistic == 'mean' else 0)} {asked.unit}".strip()
    scale = scale_of(asked, figure.statistic)
    return with_unit(figure.value, scale.decimals, scale.symbol)


def interval_of(asked: Asked, figure: FigureRow) -> str:
    if figure.statistic == "kano":
        return ""
    scale = scale_of(asked, figure.statistic)
    return wording.interval_text(figure.lower, figure.upper, scale.decimals, scale.symbol)


def _note(asked: Asked, figure: FigureRow, figures: Figures) -> str:
    if figure.statistic == "gap":
        expected, lived = figure.details.get("expectation"), figure.details.get("experience")
        if expected is None or lived is None:
            return ""
        return _("expected %(expected)s, experienced %(experienced)s of 10") % {
            "expected": number(expected, 1), "experienced": number(lived, 1),
        }  # fmt: skip
    if figure.statistic == "median":
        return _("half answered at least this")
    if figure.statistic == "option":
        label = next((o.label for o in asked.options if o.value == figure.part), "")
        return _("most chosen: %(answer)s") % {"answer": label}
    if figure.statistic == "share":
        average = figures.find(asked.code, "mean")
        return wording.counted(asked, average.value if average is not None else None)
    return ""


def _no_opinion(asked: Asked, figure: FigureRow | None) -> str:
    """How many had no opinion; nothing where the question let nobody say so."""
    asks = any(option.no_opinion for option in asked.options)
    if figure is None or figure.value is None or not (asks or figure.value > 0):
        return ""
    return _("%(share)s no opinion") % {"share": wording.share_text(figure.value)}


# ── change ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def estimate(figure: FigureRow) -> Estimate:
    """A stored figure as it was estimated. Without stored degrees of freedom its interval is the normal one."""

    def known(x: float | None) -> float:
        return nan if x is None else x

    return Estimate(
        known(figure.value), known(figure.se), known(figure.lower), known(figure.upper), figure.n or 0,
        float(figure.details.get("df", inf)),
    )  # fmt: skip


def change_between(now: FigureRow, before: FigureRow | None, broken: str, scale: Scale) -> Change:
    """What happened to a figure of which more is better since the wave before."""
    if before is None:
        return wording.no_change("new")
    if broken:
        return wording.no_change(broken)
    if now.value is None or before.value is None:
        return wording.no_change("hidden")
    return wording.change(difference(estimate(before), estimate(now)), scale)


def _change(asked: Asked, figure: FigureRow, rows: Results) -> Change | None:
    shown = rows.shown
    if shown.before is None or figure.statistic not in JUDGED:
        return None
    before = rows.earlier.find(asked.code, figure.statistic)
    broken = series_broken(shown.edition, shown.before, shown.waves, asked.code)
    return change_between(figure, before, broken, scale_of(asked, figure.statistic))


def _index(index: IndexRow, rows: Results) -> IndexLine | None:
    figure = rows.figures.index(index.code)
    if figure is None:
        return None
    if figure.value is None:
        return IndexLine(index.name, HIDDEN, _("hidden to protect individuals"), SafeString(""), None)
    shown, found = rows.shown, None
    if shown.before is not None:
        reasons = [series_broken(shown.edition, shown.before, shown.waves, q) for q in index.questions]
        broken = next(filter(None, reasons), "")
        found = change_between(figure, rows.earlier.index(index.code), broken, Scale("", 0, False))
    notes = [
        wording.band(figure.value, index.bands),
        wording.interval_text(figure.lower, figure.upper, 0, ""),
        wording.answers(figure.n),
    ]
    return IndexLine(
        index.name, number(figure.value, 0), ", ".join(filter(None, notes)),
        result_bar(figure.value, figure.lower, figure.upper), found,
    )  # fmt: skip


def _pairs(rows: Results) -> list[str]:
    return [code for code, asked in rows.questionnaire.by_code.items() if asked.kind in ("expectation", "kano")]
