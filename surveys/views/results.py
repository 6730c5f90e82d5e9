"""Released results, for all; whoever steers also sees drafts. Everything chosen stands in the address."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.permissions import may_steer
from indicators.sources.table_file import XLSX, csv_text, workbook
from indicators.templatetags.figures import language
from indicators.views.access import person_of
from indicators.views.downloads import attachment
from surveys.queries import results as queries
from surveys.read_models import results as read_model
from surveys.read_models.results_export import figures_sheet, sheets
from surveys.read_models.results_method import method_page
from surveys.read_models.results_priorities import priorities_page
from surveys.read_models.results_question import question_page
from surveys.read_models.results_rows import DRAFT, NoSuchResultError, Results, Wanted

MOST_DIGITS = 4


@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """Every survey with released results, and those that may be answered now."""
    page = read_model.survey_list(queries.survey_list(timezone.localdate()))
    return render(request, "surveys/results_list.html", {"page": page})


@require_safe
def wave(request: HttpRequest, code: str, wave: str = "") -> HttpResponse:
    """The results of a wave; without one of the newest."""
    rows = _read(queries.results, request, code, wave=wave)
    return _page(request, "results_wave", read_model.wave_page(rows), "survey-wave")


@require_safe
def question(request: HttpRequest, code: str, wave: str, question: str) -> HttpResponse:
    rows = _read(queries.question, request, code, wave=wave, question=question)
    return _page(request, "results_question", question_page(rows), "survey-question")


@require_safe
def priorities(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """What to look at first: the matrix, expectations that were not met, kinds of needs."""
    rows = _read(queries.results, request, code, wave=wave)
    return _page(request, "results_priorities", priorities_page(rows), "survey-priorities")


@require_safe
def method(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    rows = _read(queries.everything, request, code, wave=wave)
    return _page(request, "results_method", method_page(rows), "survey-method")


@require_safe
def results_csv(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    rows = _published(_read(queries.everything, request, code, wave=wave))
    text = csv_text(figures_sheet(rows), language())
    return attachment(text.encode("utf-8-sig"), "text/csv", f"{code}-{wave}.csv")


@require_safe
def results_xlsx(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    rows = _published(_read(queries.everything, request, code, wave=wave))
    return attachment(workbook(sheets(rows)), XLSX, f"{code}-{wave}.xlsx")


# ── what an address asks for ──────────────────────────────────────────────────────────────────────────────────────────


def _read(query: Any, request: HttpRequest, code: str, **chosen: str) -> Any:
    """The rows of a page, with drafts for those who steer; 404 with what there is otherwise."""
    try:
        return query(code, wanted=_edition(request), drafts=may_steer(person_of(request)), **chosen)
    except NoSuchResultError as error:
        raise Http404(str(error)) from error


def _edition(request: HttpRequest) -> Wanted:
    text = request.GET.get("edition", "")
    if text in ("", DRAFT):
        return text or None
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    raise NoSuchResultError(_("“%(edition)s” is no number of an edition.") % {"edition": text[:20]})


def _published(rows: Results) -> Results:
    """A withdrawn edition is not handed out as a file."""
    if rows.shown.edition.state == "withdrawn":
        raise Http404(_("These results have been withdrawn."))
    return rows


def _page(request: HttpRequest, template: str, page: Any, name: str) -> HttpResponse:
    head = page.head
    here = reverse("survey-wave", args=[head.code, head.wave]) + head.query
    crumbs = [{"label": _("Surveys"), "url": reverse("surveys")}]
    if name != "survey-wave":
        crumbs.append({"label": f"{head.name} {head.label}", "url": here})
    return render(
        request,
        f"surveys/{'results_withdrawn' if head.withdrawn else template}.html",
        {"page": page, "crumbs": crumbs, "here": name, "wave_url": here},
    )
