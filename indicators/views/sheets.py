"""Sheets: download a prepared one, upload one's own, look at every row, store all or nothing."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators import operations
from indicators.check_wording import Writing
from indicators.models import SheetUpload
from indicators.periods import Kind
from indicators.permissions import may_enter
from indicators.queries import input_periods
from indicators.queries import sheets as queries
from indicators.read_models import sheets as read_model
from indicators.sources.prepared_sheet import prepared_workbook
from indicators.sources.sheet import SheetError
from indicators.sources.table_file import XLSX, workbook
from indicators.templatetags.figures import language, number
from indicators.views.access import needs, person_of
from indicators.views.downloads import attachment

ROWS_A_PAGE = 200
KINDS = ("", "new", "changed", "unchanged", "rejected", "doubtful")

for_those_who_enter = needs(
    may_enter,
    gettext_lazy(
        "Sheets are for those who hand in values for a department. Ask an administrator to give your account that role."
    ),
)

# Whose sheet it is, is asked where it is loaded: somebody else's is not there.
for_its_owner = needs(lambda person: person.signed_in, gettext_lazy("Sign in to see your sheets."))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_enter
def upload(request: HttpRequest) -> HttpResponse:
    """Prepared sheets to download, a file to upload, and what was uploaded before."""
    error, person, now = "", person_of(request), timezone.now()
    if request.method == "POST":
        try:
            kept = operations.receive_sheet(
                **file_of(request),
                by=request.user,  # type: ignore[arg-type]
                person=person,
                now=now,
            )
            return redirect("sheet", kept.pk)
        except SheetError as refusal:
            error = str(refusal)
    context = {
        "error": error,
        "downloads": read_model.downloads(queries.departments(person, now)),
        "uploads": read_model.upload_rows(queries.latest(person)),
        "limits": queries.limits(),
        "most_bytes": queries.limits().bytes // 1_000_000,
        "most_rows": number(queries.limits().rows),
        "crumbs": _crumbs()[:1],
        "section": "my-measurements",
    }
    return render(request, "indicators/sheet_upload.html", context, status=422 if error else 200)


def file_of(request: HttpRequest) -> dict[str, Any]:
    """Name and content of the uploaded file, read no further than may be. Raises SheetError."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise SheetError(_("Choose a file first."))
    return {"filename": file.name or "", "content": file.read(queries.limits().bytes + 1)}


def _found(request: HttpRequest, upload_id: int) -> SheetUpload:
    found = queries.upload(upload_id, person_of(request))
    if found is None:
        raise Http404(
            _("There is no such sheet among yours. Those that you have uploaded are listed where you upload them.")
        )
    return found


def _looked(request: HttpRequest, found: SheetUpload, now: datetime) -> queries.Looked:
    return queries.look(bytes(found.content), person_of(request), now)


@require_safe
@never_cache
@for_its_owner
def sheet(request: HttpRequest, upload_id: int) -> HttpResponse:
    """What an uploaded sheet would do, row by row; once it is stored, what came of it."""
    found = _found(request, upload_id)
    if found.state != SheetUpload.State.PREVIEWED:
        stored_at = found.delivery.fetched_at if found.delivery else None
        page = read_model.closed_page(found.filename, found.state, found.summary, found.uploaded_at, stored_at)
        return render(request, "indicators/sheet_closed.html", {"page": page, "section": "my-measurements"})
    return _preview(request, found)


def _preview(request: HttpRequest, found: SheetUpload) -> HttpResponse:
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        raise Http404(
            _("There are no rows of the kind “%(kind)s”. Choose one of: %(known)s.")
            % {"kind": kind, "known": ", ".join(KINDS[1:])}
        )
    try:
        looked = _looked(request, found, timezone.now())
    except SheetError as refusal:  # the limits have been lowered since
        messages.error(request, str(refusal))
        return redirect("sheet-upload")
    page_obj = Paginator(read_model.filtered(looked.preview, kind), ROWS_A_PAGE).get_page(request.GET.get("page"))
    page = read_model.preview_page(
        filename=found.filename,
        preview=looked.preview,
        head=looked.head,
        kind=kind,
        rows=list(page_obj),
        named=_named(looked),
        whom=input_periods.whom_to_ask(),
    )
    context = {
        "page": page,
        "page_obj": page_obj,
        "upload": found,
        "crumbs": _crumbs(),
        "section": "my-measurements",
    }
    return render(request, "indicators/sheet.html", context)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("My measurements"), "url": reverse("my-measurements")},
        {"label": _("Hand in by sheet"), "url": reverse("sheet-upload")},
    ]


def _named(looked: queries.Looked) -> dict[str, read_model.Named]:
    return {
        code: read_model.Named(row.name, row.department, Writing(row.symbol, row.rules.decimals))
        for code, row in looked.definitions.items()
    }


@require_POST
@for_its_owner
def commit(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Store every new and changed row as a draft, or nothing."""
    found = _found(request, upload_id)
    try:
        done = operations.commit_sheet(
            upload_id=found.pk,
            digest=request.POST.get("digest", ""),
            leave_out=request.POST.get("leave_out") == "1",
            by=request.user,  # type: ignore[arg-type]
            person=person_of(request),
            now=timezone.now(),
        )
    except operations.SheetStateError:
        messages.info(request, _("This sheet has been dealt with already. Nothing more was stored."))
        return redirect("sheet", upload_id)
    except SheetError as refusal:
        messages.error(request, str(refusal))
        return redirect("sheet-upload")
    if done.changed:
        messages.warning(
            request,
            _("Values have changed since you looked, so nothing was stored. Here is what the sheet would do now."),
        )
    elif done.rejected:
        messages.error(
            request, _("Rows were rejected, so nothing was stored. Mend them, or leave them out on purpose.")
        )
    elif not done.stored:
        messages.info(request, _("There is nothing to store: no row is new or changed."))
    else:
        messages.success(
            request,
            ngettext("%(n)s value is stored as a draft.", "%(n)s values are stored as drafts.", done.stored)
            % {"n": number(done.stored)},
        )
    return redirect("sheet", upload_id)


@require_POST
@for_its_owner
def discard(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Put a sheet aside without storing anything."""
    found = _found(request, upload_id)
    if operations.discard_sheet(upload_id=found.pk, by=request.user):  # type: ignore[arg-type]
        messages.success(request, _("The sheet is discarded. Nothing was stored."))
    else:
        messages.info(request, _("This sheet has been dealt with already. Nothing more was stored."))
    return redirect("sheet-upload")


@require_safe
@never_cache
@for_its_owner
def errors(request: HttpRequest, upload_id: int) -> HttpResponse:
    """The rejected rows with their reasons as an Excel file, to be mended and uploaded."""
    found = _found(request, upload_id)
    try:
        looked = _looked(request, found, timezone.now())
    except SheetError as refusal:
        raise Http404(str(refusal)) from refusal
    table = read_model.error_sheet(
        looked.table.rows, looked.preview, looked.head, _named(looked), input_periods.whom_to_ask()
    )
    return attachment(workbook([table]), XLSX, f"rejected-{found.pk}.xlsx")


@require_safe
@never_cache
@for_those_who_enter
def download(request: HttpRequest, department: str) -> HttpResponse:
    """A workbook with the cells that a department may fill in now, for indicators of one frequency."""
    found = queries.department(department)
    if found is None or not may_enter(person_of(request), found.pk):
        # Reading somebody else's drafts: as if there were none.
        raise Http404(_("There is no department “%(code)s” that you hand in values for.") % {"code": department[:40]})
    kind = request.GET.get("kind", Kind.YEAR.value)
    if kind not in {known.value for known in Kind}:
        raise Http404(
            _("There is no frequency “%(kind)s”. Choose one of: %(known)s.")
            % {"kind": kind[:40], "known": ", ".join(known.value for known in Kind)}
        )
    cells = queries.prepared_cells(found.pk, Kind(kind), timezone.now())
    if not cells:
        messages.info(
            request,
            _("No period is open for these indicators, so there is nothing to fill in. %(whom)s")
            % {"whom": read_model.whom_text(input_periods.whom_to_ask())},
        )
        return redirect("sheet-upload")
    body = prepared_workbook(read_model.prepared(cells, found.name))
    return attachment(body, XLSX, f"{found.code}-{kind}-{language()}.xlsx")
