"""An edition as tables for CSV and Excel: every figure that the pages show, hidden ones as “..”."""

from django.utils.translation import gettext as _

from indicators.sources.table_file import Cell, Sheet
from indicators.templatetags.figures import rounded
from surveys import wording
from surveys.compute.questionnaire import GRADES, Asked
from surveys.compute.release import DECIMALS
from surveys.read_models.results_method import method_page
from surveys.read_models.results_rows import FigureRow, Figures, Results
from surveys.wording import HIDDEN

IN_HUNDREDTHS = frozenset({"share", "option", "no_opinion", "response_rate"})


def figures_sheet(rows: Results) -> Sheet:
    """One line a figure, in the order of the questionnaire: of everybody first, then by group."""
    header = [
        _("Survey"), _("Wave"), _("Edition"), _("Question code"), _("Question"), _("Kind of number"), _("Answer"),
        _("Group"), _("Level"), _("Value"), _("Unit"), _("Lower limit"), _("Upper limit"), _("Answers"), _("Hidden"),
    ]  # fmt: skip
    return Sheet(_("Results"), header, [_line(rows, figure) for figure in _ordered(rows.figures, rows)])


def sheets(rows: Results) -> list[Sheet]:
    """The figures, and the method as its page tells it."""
    lines: list[list[Cell]] = []
    for section in method_page(rows).sections:
        lines += [[fact["name"], fact["text"]] for fact in section.facts if fact["text"]]
        lines += [[section.title, text] for text in section.lines]
    return [figures_sheet(rows), Sheet(_("Method"), [_("What"), _("How it was")], lines)]


def _ordered(figures: Figures, rows: Results) -> list[FigureRow]:
    order = {code: place for place, code in enumerate(rows.questionnaire.by_code)}
    kinds = {statistic: place for place, statistic in enumerate(wording.STATISTIC)}
    last = len(order)

    def option(figure: FigureRow) -> int:
        asked = rows.questionnaire.by_code.get(figure.question)
        values = [each.value for each in asked.options] if asked else []
        return values.index(figure.part) if figure.part in values else figure.part

    def place(figure: FigureRow) -> tuple[object, ...]:
        return (
            order.get(figure.question, last), figure.index, order.get(figure.group, -1),
            -1 if figure.level is None else figure.level, kinds[figure.statistic], option(figure),
        )  # fmt: skip

    return sorted(figures.by_key.values(), key=place)


def _line(rows: Results, figure: FigureRow) -> list[Cell]:
    edition = rows.shown.edition
    asked = rows.questionnaire.by_code.get(figure.question)
    group = rows.questionnaire.by_code.get(figure.group)
    index = next((each.name for each in rows.indices if each.code == figure.index), figure.index)
    numbers: list[Cell] = [HIDDEN] * 4
    if not figure.hidden:
        value, lower, upper = (_rounded(x) for x in (figure.value, figure.lower, figure.upper))
        numbers = [value, lower, upper, figure.n]
    if figure.statistic == "kano" and not figure.hidden:
        numbers[0] = str(wording.KANO[figure.details.get("category") or ""])
    return [
        rows.shown.survey.name,
        edition.wave.label,
        edition.number,
        figure.question or figure.index,
        asked.text if asked else index,
        str(wording.STATISTIC[figure.statistic]),
        _answer(asked, figure),
        group.text if group else figure.group,
        _level(group, figure.level),
        numbers[0],
        _unit(asked, figure),
        *numbers[1:],
        _("hidden to protect individuals") if figure.hidden else "",
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(rounded(value, DECIMALS))


def _answer(asked: Asked | None, figure: FigureRow) -> str:
    if figure.statistic != "option" or asked is None:
        return ""
    return next((o.label for o in asked.options if o.value == figure.part), str(figure.part))


def _level(group: Asked | None, level: int | None) -> str:
    if level is None:
        return ""
    return next((o.label for o in group.options if o.value == level), str(level)) if group else str(level)


def _unit(asked: Asked | None, figure: FigureRow) -> str:
    if figure.statistic in IN_HUNDREDTHS:
        return "%"
    if asked is not None and asked.kind in GRADES and figure.statistic in ("mean", "gap"):
        low, high = GRADES[asked.kind]
        return f"{low}–{high}"
    return asked.unit if asked is not None and figure.statistic in ("mean", "median") else ""
