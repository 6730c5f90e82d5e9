"""The review queue and a cell's history: check access, make one call, say what came of it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators import operations
from indicators.compute.plausibility import key_fault
from indicators.operations import CellKey, Submitted
from indicators.operations.entry import own_words
from indicators.permissions import Person, RoleName, may_approve, may_enter, may_steer
from indicators.queries import review as queries
from indicators.read_models import review as read_model
from indicators.views.access import needs, person_of

MOST_AT_ONCE = 5000
for_approvers = needs(
    may_approve,
    gettext_lazy(
        "Values are approved by the approvers of their department and by quality strategists. Ask an administrator to "
        "give your account that role."
    ),
)
for_departments = needs(
    may_enter,
    gettext_lazy(
        "What has been done to a value is shown to its department and to quality strategists. Ask an administrator to "
        "give your account a role there."
    ),
)


def _departments(person: Person) -> frozenset[int] | None:
    """Whose values the person decides about; None: everybody's."""
    return None if may_steer(person) else person.departments(RoleName.APPROVER)


@require_safe
@never_cache
@for_approvers
def review(request: HttpRequest) -> HttpResponse:
    """What waits for approval, with what speaks for and against each; one department where the address names it."""
    person = person_of(request)
    rows = queries.page(_departments(person))
    chosen = _chosen(request.GET.get("department", ""), rows, person)
    words = {pk: own_words(name) for pk, name in rows.departments.items()}
    page = read_model.review_page(rows, person=person, chosen=chosen, own_words=words)
    return render(request, "indicators/review.html", {"page": page, "section": "review"})


def _chosen(text: str, rows: read_model.ReviewRows, person: Person) -> int | None:
    if not text:
        return None
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if pk not in rows.departments or not may_approve(person, pk):
        raise Http404(_("There is no such department for you to review. Choose one on the page Review."))
    return pk


@require_POST
@for_approvers
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or send back: the one value whose button was pressed, or all that are ticked."""
    act, _sep, one = request.POST.get("act", "").partition(" ")
    keys = [one] if one else request.POST.getlist("cell")
    back = _back(request)
    seen = dict(filter(None, map(_read, keys[:MOST_AT_ONCE])))
    if act not in ("approve", "return") or not seen:
        messages.info(request, _("Nothing was decided: tick the values first."))
        return redirect(back)
    who: Any = {"by": request.user, "person": person_of(request), "now": timezone.now(), "seen": seen}
    if act == "approve":
        done = operations.approve(cells=list(seen), **who)
        told = ngettext("%(count)s value approved.", "%(count)s values approved.", len(done.done))
    else:
        note = request.POST.get(f"note-{one}" if one else "note", "")
        done = operations.send_back(cells=list(seen), note=note, **who)
        told = ngettext("%(count)s value sent back.", "%(count)s values sent back.", len(done.done))
    _tell(request, done, told % {"count": len(done.done)})
    return redirect(back)


def _back(request: HttpRequest) -> str:
    department = request.POST.get("department", "")
    chosen = f"?department={department}" if department.isascii() and department.isdigit() else ""
    return f"{reverse('review')}{chosen}#queue"


def _read(text: str) -> tuple[CellKey, int] | None:
    """The cell and the revision that `read_models.review.cell_key` wrote; None where the text names none."""
    indicator, period, breakdown, revision = [*text.split("-"), "", "", "", ""][:4]
    if key_fault(period, breakdown) or not all(
        t.isascii() and t.isdigit() and len(t) < 10 for t in (indicator, revision)
    ):
        return None
    return CellKey(int(indicator), period, breakdown), int(revision)


def _tell(request: HttpRequest, done: Submitted, told: str) -> None:
    if done.done:
        messages.success(request, told)
    for message, count in _counted([message for _cell, message in done.refused]):
        messages.error(request, f"{message} ({count})" if count > 1 else message)


def _counted(told: Sequence[str]) -> list[tuple[str, int]]:
    return [(message, told.count(message)) for message in dict.fromkeys(told)]


@require_safe
@never_cache
@for_departments
def measurement(request: HttpRequest, code: str, period: str, breakdown: str) -> HttpResponse:
    """Everything that was done to one cell: who, when, what, why."""
    known = key_fault(period, breakdown) is None
    rows = queries.measurement(code, period, breakdown) if known else None
    if rows is None or not rows.revisions or not may_enter(person_of(request), rows.item.department_id):
        raise Http404(
            _("There is no such value that your department has handed in. Start from My measurements or from Review.")
        )
    page = read_model.measurement_page(rows)
    return render(request, "indicators/review_measurement.html", {"page": page, "section": "my-measurements"})
