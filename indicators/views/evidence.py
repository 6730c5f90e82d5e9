"""Files that measurements rest on: handed in at a cell, given back to those who may see the department's drafts."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from indicators import operations
from indicators.forms.entry import EvidenceForm
from indicators.operations.entry import CellKey, EntryError, EntryRefusedError
from indicators.operations.evidence import EvidenceError
from indicators.periods import Period
from indicators.permissions import may_enter
from indicators.queries import entry_grid as queries
from indicators.read_models.entry_rows import Key, cell_name, key_text, parse_key
from indicators.views.access import person_of
from indicators.views.entry_grid import department_of, for_those_who_hand_in


@require_safe
@never_cache
@for_those_who_hand_in
def evidence(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """A file as it was handed in, always to be saved and never shown by the browser as a page of ours."""
    found = queries.evidence(evidence_id)
    if found is None or not may_enter(person_of(request), found.department_id):
        raise Http404(_("There is no such file, or it belongs to a department that you do not work for."))
    answer = HttpResponse(found.content, content_type=found.content_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.filename) or ""
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_hand_in
def entry_evidence(request: HttpRequest, department: str) -> HttpResponse:
    """Attach a file to a cell."""
    department_id, department_name = department_of(request, department)
    key = parse_key(request.GET.get("cell", ""))
    found = queries.one_cell(key) if key is not None else None
    if key is None or found is None or found[0].department_id != department_id:
        raise Http404(_("There is no such cell. Open the grid anew."))
    item, _held = found
    form = EvidenceForm(request.POST or None, request.FILES or None)
    back = f"{reverse('entry-grid', args=[department])}?kind={item.frequency.value}#i-{item.code}"
    if request.method == "POST" and form.is_valid() and _attached(request, form, key):
        messages.success(request, _("The file is attached."))
        return redirect(back)
    crumbs = [
        {"label": _("My measurements"), "url": reverse("my-measurements")},
        {"label": department_name, "url": back},
    ]
    context = {
        "form": form,
        "name": cell_name(item, Period.parse(key[1]), key[2]),
        "crumbs": crumbs,
        "back": back,
        "key": key_text(key),
        "section": "my-measurements",
    }
    return render(request, "indicators/entry_evidence.html", context, status=422 if form.errors else 200)


def _attached(request: HttpRequest, form: EvidenceForm, key: Key) -> bool:
    file = form.cleaned_data["file"]
    try:
        operations.attach_evidence(
            cell=CellKey(*key),
            filename=file.name,
            content=file.read(),
            by=request.user,  # type: ignore[arg-type]
            person=person_of(request),
            now=timezone.now(),
        )
    except EntryRefusedError as error:
        raise PermissionDenied(error.message) from error
    except (EvidenceError, EntryError) as error:
        form.add_error("file", str(error))
        return False
    return True
