"""The log, for strategists and administrators: filtered, paged, exported."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.permissions import may_see_log
from indicators.sources.table_file import XLSX, csv_text, workbook
from indicators.templatetags.figures import language
from indicators.views.access import needs
from indicators.views.downloads import attachment
from scorecard.forms.log import LogFilter
from scorecard.queries import log as queries
from scorecard.read_models import log as read_model

A_PAGE = 50
# What one file holds at most; the page says so. Narrower dates give the rest.
A_FILE = 20_000

for_those_who_may = needs(
    may_see_log,
    gettext_lazy("The log is for strategists and administrators. Ask an administrator to give you that role."),
)


class Entries:
    """The log as a paginator wants it: counted once, and read a page at a time."""

    def __init__(self, wanted: queries.Wanted) -> None:
        self.wanted = wanted

    def count(self) -> int:
        return queries.how_many(self.wanted)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, places: slice) -> list[read_model.Entry]:
        return queries.entries(self.wanted, first=places.start, number=places.stop - places.start)


@require_safe
@never_cache
@for_those_who_may
def log(request: HttpRequest) -> HttpResponse:
    """Sign-ins and changes, newest first."""
    form, wanted = _asked(request)
    entries: Any = Entries(wanted)
    page: Any = Paginator(entries, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "filtered": wanted != queries.Wanted(),
        "page_obj": page,
        "lines": read_model.lines(page.object_list),
        "query": query.urlencode(),
        "most": A_FILE,
    }
    return render(request, "scorecard/log.html", context)


@require_safe
@never_cache
@for_those_who_may
def log_csv(request: HttpRequest) -> HttpResponse:
    """The log as the filters leave it, as CSV."""
    text = csv_text(_sheet(request), language())
    return attachment(text.encode("utf-8-sig"), "text/csv", "log.csv")


@require_safe
@never_cache
@for_those_who_may
def log_xlsx(request: HttpRequest) -> HttpResponse:
    """The log as the filters leave it, as Excel."""
    return attachment(workbook([_sheet(request)]), XLSX, "log.xlsx")


def _sheet(request: HttpRequest) -> Any:
    _form, wanted = _asked(request)
    return read_model.sheet(queries.entries(wanted, first=0, number=A_FILE))


def _asked(request: HttpRequest) -> tuple[LogFilter, queries.Wanted]:
    """The form as asked, and what of it can be understood; the form says what cannot."""
    form = LogFilter(request.GET or None, people=queries.people())
    form.is_valid()
    given: dict[str, Any] = getattr(form, "cleaned_data", {})
    since: date | None = given.get("since")
    until: date | None = given.get("until")
    words = given.get("q", "").replace("\0", "").strip()
    return form, queries.Wanted(given.get("person", ""), given.get("kind", ""), words, since, until)
