"""An indicator as a file: CSV, Excel and an image. What the page shows is what is downloaded, choices and all."""

import csv
import io
from decimal import Decimal

import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators import charts
from indicators.read_models import indicator as read_model
from indicators.read_models import indicator_chart, indicator_export
from indicators.read_models.indicator_export import Cell, Sheet
from indicators.templatetags.figures import language
from indicators.views.indicator import read

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
IMAGE_WIDTH = 1600
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def indicator_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The series, one line a period. In Swedish as Swedish Excel reads it: semicolons and decimal commas."""
    rows = read(request.GET, code)
    return _attachment(csv_text(indicator_export.series(rows)).encode("utf-8-sig"), "text/csv", f"{code}.csv")


@require_safe
def indicator_xlsx(request: HttpRequest, code: str) -> HttpResponse:
    """Everything on the page as sheets."""
    rows = read(request.GET, code)
    page = read_model.page(rows, divided=False)
    return _attachment(workbook(indicator_export.sheets(rows, page)), XLSX, f"{code}.xlsx")


@require_safe
def indicator_png(request: HttpRequest, code: str) -> HttpResponse:
    """The chart as an image, with its title and where it comes from."""
    rows = read(request.GET, code)
    chart = indicator_chart.chart(rows, divided=bool(request.GET.get("divided")))
    if chart is None:
        raise Http404(_("There is no value to draw yet."))
    drawing = charts.line_svg(chart, narrow=False, standalone=True, note=indicator_chart.credit(rows))
    return _attachment(charts.png(drawing, width=IMAGE_WIDTH), "image/png", f"{code}.png")


def _attachment(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula, marked as text."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_text(sheet: Sheet) -> str:
    """A table as CSV text in the reader's form; numbers unrounded, an empty cell where there is none."""
    swedish = language() == "sv"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if swedish else ",", lineterminator="\r\n")
    writer.writerow([harmless(text) for text in sheet.header])
    for row in sheet.rows:
        writer.writerow([_csv_cell(cell, swedish) for cell in row])
    return out.getvalue()


def _csv_cell(cell: Cell, swedish: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    text = f"{Decimal(repr(cell)):f}"
    return text.replace(".", ",") if swedish else text


def workbook(sheets: list[Sheet]) -> bytes:
    """Tables as an Excel file; every text is written as text, so that none is taken for a formula or a link."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.title[:31])
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.header) - 1, 18)
            if len(sheet.header) == 2:
                page.set_column(0, 0, 30)
                page.set_column(1, 1, 90, wrapped)
            for column, text in enumerate(sheet.header):
                page.write_string(0, column, text, bold)
            for line, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        page.write_string(line, column, cell)
                    elif cell is not None:
                        page.write_number(line, column, cell)
    return out.getvalue()
