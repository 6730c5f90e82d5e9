"""Definitions by sheet: all of them down, edited, up again, every difference shown, stored all or nothing."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators import operations
from indicators.forms.definition_sheets import heads, judge, prepared_definitions
from indicators.models import SheetUpload
from indicators.permissions import may_steer
from indicators.queries import sheets as queries
from indicators.read_models import sheets as read_model
from indicators.sources.prepared_sheet import prepared_workbook
from indicators.sources.sheet import SheetError
from indicators.sources.table_file import XLSX
from indicators.templatetags.figures import language, number
from indicators.views.access import needs, person_of
from indicators.views.downloads import attachment
from indicators.views.sheets import file_of

for_those_who_steer = needs(
    may_steer,
    gettext_lazy(
        "Definitions are changed by quality strategists and administrators. Ask an administrator to give your account "
        "that role."
    ),
)


@require_safe
@never_cache
@for_those_who_steer
def download(request: HttpRequest) -> HttpResponse:
    """Every indicator in use, one row each."""
    return attachment(prepared_workbook(prepared_definitions()), XLSX, f"definitions-{language()}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_steer
def upload(request: HttpRequest) -> HttpResponse:
    """Where the sheet is downloaded and uploaded, and what was uploaded before."""
    error = ""
    if request.method == "POST":
        try:
            file = file_of(request)
            judged = judge(file["content"])
            kept = operations.keep_definition_sheet(
                **file,
                summary=judged.counts,
                digest=judged.digest,
                by=request.user,  # type: ignore[arg-type]
            )
            return redirect("definition-sheet-preview", kept.pk)
        except SheetError as refusal:
            error = str(refusal)
    context = {
        "error": error,
        "uploads": read_model.upload_rows(queries.latest(person_of(request), queries.DEFINITIONS)),
        "most_bytes": queries.limits().bytes // 1_000_000,
    }
    return render(request, "indicators/definition_sheet.html", context, status=422 if error else 200)


def _found(request: HttpRequest, upload_id: int) -> SheetUpload:
    found = queries.upload(upload_id, person_of(request), queries.DEFINITIONS)
    if found is None:
        raise Http404(_("There is no such sheet of definitions."))
    return found


@require_safe
@never_cache
@for_those_who_steer
def preview(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Every difference, field by field."""
    found = _found(request, upload_id)
    try:
        judged = judge(bytes(found.content)) if found.state == SheetUpload.State.PREVIEWED else None
    except SheetError as refusal:
        messages.error(request, str(refusal))
        return redirect("definition-sheet-upload")
    page = read_model.definitions_page(found.filename, found.state, judged.rows if judged else (), found.summary)
    context = {"page": page, "upload": found, "digest": judged.digest if judged else ""}
    return render(request, "indicators/definition_sheet_preview.html", context)


@require_POST
@for_those_who_steer
def commit(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Store every change, or none."""
    found = _found(request, upload_id)
    try:
        judged = judge(bytes(found.content))
        if judged.digest != request.POST.get("digest", ""):
            messages.warning(
                request,
                _(
                    "Definitions have changed since you looked, so nothing was stored. Here is what the sheet would "
                    "do now."
                ),
            )
        elif judged.counts["rejected"]:
            messages.error(
                request, _("Rows were rejected, so nothing was stored. Mend them and upload the sheet again.")
            )
        elif not judged.changes:
            messages.info(request, _("There is nothing to store: no row is new or changed."))
        else:
            stored = operations.store_definition_sheet(
                upload_id=found.pk,
                changes=judged.changes,
                by=request.user,  # type: ignore[arg-type]
            )
            messages.success(
                request,
                ngettext("%(n)s definition is stored.", "%(n)s definitions are stored.", stored)
                % {"n": number(stored)},
            )
    except operations.DefinitionRowError as fault:
        values = {"line": fault.line, "code": fault.code, "field": heads().get(fault.field, ""), "fault": str(fault)}
        messages.error(request, _("Nothing was stored. Row %(line)s, %(code)s, %(field)s: %(fault)s") % values)
    except operations.SheetStateError:
        messages.info(request, _("This sheet has been dealt with already. Nothing more was stored."))
    except SheetError as refusal:
        messages.error(request, str(refusal))
    return redirect("definition-sheet-preview", upload_id)
