"""An indicator as a file: CSV, Excel and an image. What the page shows is what is downloaded, choices and all."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators import charts
from indicators.read_models import indicator as read_model
from indicators.read_models import indicator_chart, indicator_export
from indicators.sources.table_file import XLSX, csv_text, workbook
from indicators.templatetags.figures import language
from indicators.views.indicator import read

IMAGE_WIDTH = 1600


@require_safe
def indicator_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The series, one line a period. In Swedish as Swedish Excel reads it: semicolons and decimal commas."""
    rows = read(request.GET, code)
    text = csv_text(indicator_export.series(rows), language())
    return attachment(text.encode("utf-8-sig"), "text/csv", f"{code}.csv")


@require_safe
def indicator_xlsx(request: HttpRequest, code: str) -> HttpResponse:
    """Everything on the page as sheets."""
    rows = read(request.GET, code)
    page = read_model.page(rows, divided=False)
    return attachment(workbook(indicator_export.sheets(rows, page)), XLSX, f"{code}.xlsx")


@require_safe
def indicator_png(request: HttpRequest, code: str) -> HttpResponse:
    """The chart as an image, with its title and where it comes from."""
    rows = read(request.GET, code)
    chart = indicator_chart.chart(rows, divided=bool(request.GET.get("divided")))
    if chart is None:
        raise Http404(_("There is no value to draw yet."))
    drawing = charts.line_svg(chart, narrow=False, standalone=True, note=indicator_chart.credit(rows))
    return attachment(charts.png(drawing, width=IMAGE_WIDTH), "image/png", f"{code}.png")


def attachment(body: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep, never shown in the browser; `name` is plain letters and digits."""
    response = HttpResponse(body, content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
