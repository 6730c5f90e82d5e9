"""The entry grid: a department's values, typed or pasted, saved cell by cell or as a plain form, and submitted."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators import check_wording, operations, wording
from indicators.forms import entry as entry_forms
from indicators.operations.entry import (
    CellKey,
    EntryConflictError,
    EntryError,
    EntryFaultError,
    SavedCell,
)
from indicators.permissions import may_enter
from indicators.queries import entry_grid as queries
from indicators.queries import input_periods
from indicators.read_models import entry_grid as read_model
from indicators.read_models import entry_submission
from indicators.read_models.entry_grid import GridRows, Talk, Typed
from indicators.read_models.entry_rows import Key, as_typed, key_text, parse_key
from indicators.read_models.input_periods import ask, moment
from indicators.templatetags.figures import language
from indicators.views.access import needs, person_of

for_those_who_hand_in = needs(
    may_enter,
    gettext_lazy(
        "Values are entered by those who report or approve for a department. Ask a quality strategist or an "
        "administrator to give your account that role."
    ),
)


def department_of(request: HttpRequest, code: str) -> tuple[int, str]:
    """Id and name of the department in the address. Reading somebody else's is 404, writing there 403."""
    found = queries.department(code)
    if found is not None and may_enter(person_of(request), found[0]):
        return found
    if found is not None and request.method == "POST":
        words = _("Your account has no role in %(department)s, so nothing was saved.") % {"department": found[1]}
        raise PermissionDenied(f"{words} {ask(input_periods.whom_to_ask())}")
    words = _("You hand in nothing for “%(code)s”. What you can hand in stands under My measurements.")
    raise Http404(words % {"code": code})


def _rows(request: HttpRequest, code: str) -> GridRows:
    """The department's grid of the frequency in the address."""
    department_id, name = department_of(request, code)
    rows = queries.grid(department_id, name, code, kind=request.GET.get("kind", ""), now=timezone.now())
    if rows is None:
        words = _("%(department)s hands in no indicators of that frequency. Choose one under My measurements.")
        raise Http404(words % {"department": name})
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_hand_in
def entry_grid(request: HttpRequest, department: str) -> HttpResponse:
    """The grid; posted, the plain form that saves every cell that was changed."""
    rows = _rows(request, department)
    if request.method != "POST":
        return _grid(request, rows)
    sent = _sent(request, rows)
    saved = operations.save_cells(
        cells=sent.cells,
        all_or_nothing=False,
        by=request.user,  # type: ignore[arg-type]
        person=person_of(request),
        now=timezone.now(),
    )
    typed, refused = dict(sent.typed), list(sent.refused)
    for rejected in saved.rejected:
        key = (rejected.cell.indicator_id, rejected.cell.period, rejected.cell.breakdown)
        conflict = isinstance(rejected.error, EntryConflictError)
        text = _theirs(rejected.error) if isinstance(rejected.error, EntryConflictError) else rejected.message
        typed[key] = Typed(sent.texts[key], () if conflict else (text,), text if conflict else "")
    count = sum(cell.written for cell in saved.saved)
    if count:
        words = ngettext("%(n)s cell was saved.", "%(n)s cells were saved.", count) % {"n": count}
        messages.success(request, words)
    if typed or refused:
        return _grid(request, _rows(request, department), typed, refused, status=422)
    if not count:
        messages.info(request, _("Nothing was changed, so nothing was saved."))
    where = "entry-submit" if request.POST.get("then") == "submit" else "entry-grid"
    return redirect(f"{reverse(where, args=[department])}?kind={rows.kind.value}")


def _grid(
    request: HttpRequest, rows: GridRows, typed: Mapping[Key, Typed] | None = None, refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "page": read_model.grid_page(rows, typed),
        "refused": refused or [],
        "texts": entry_forms.live_texts(),
        "crumbs": [{"label": _("My measurements"), "url": reverse("my-measurements")}],
        "section": "my-measurements",
    }
    return render(request, "indicators/entry_grid.html", context, status=status)


def _sent(request: HttpRequest, rows: GridRows) -> entry_forms.Sent:
    shown = {(item.id, p.code, b) for item in rows.items for p in rows.periods for b in item.breakdowns}
    writable = {key for key in shown if rows.may_write(key)}
    revisions = queries.revisions([item.id for item in rows.items], [p.code for p in rows.periods])
    names = {item.id: item for item in rows.items}
    return entry_forms.read_form(
        request.POST, revisions=revisions, shown=shown, writable=writable, items=names, language=language()
    )


def _theirs(error: EntryConflictError) -> str:
    """What somebody else has written meanwhile, who and when."""
    who = {"who": error.who, "when": moment(error.when), "value": as_typed(error.value)}
    if error.value is not None:
        return _("%(who)s wrote %(value)s here, %(when)s.") % who
    if error.absence:
        who["reason"] = str(wording.ABSENCE[error.absence])
        return _("%(who)s chose the reason “%(reason)s” here, %(when)s.") % who
    return _("%(who)s emptied this cell, %(when)s.") % who


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_hand_in
def entry_cell(request: HttpRequest) -> HttpResponse:
    """One cell as JSON: read, or saved in the background while somebody fills in the grid.

    Saved takes at most 6 queries, those of session, user and roles included.
    """
    key = parse_key((request.POST if request.method == "POST" else request.GET).get("cell", ""))
    if key is None:
        raise Http404(_("There is no such cell. Open the grid anew."))
    if request.method == "POST":
        return _save(request, key)
    found = queries.one_cell(key)
    if found is None or not may_enter(person_of(request), found[0].department_id):
        raise Http404(_("There is no such cell. Open the grid anew."))
    shown = read_model.field_of(found[0], key, found[1])
    return JsonResponse(
        {
            "seen": shown.seen,
            "texts": dict(shown.texts),
            "state": shown.state,
            "stateWord": shown.state_word,
            "mark": shown.mark,
            "history": shown.history,
            "talk": _talk(shown.talk),
        }
    )


def _save(request: HttpRequest, key: Key) -> HttpResponse:
    texts = entry_forms.texts_of(request.POST)
    file = _whole(request.POST.get("evidence", ""))
    read = entry_forms.read_cell(texts, evidence_id=file, language=language())
    if isinstance(read, list):
        return _faulty(key, [fault.text for fault in read], [fault.field for fault in read])
    try:
        saved = operations.save_cell(
            cell=CellKey(*key),
            entered=read,
            seen=_whole(request.POST.get("seen", "")),
            by=request.user,  # type: ignore[arg-type]
            person=person_of(request),
            now=timezone.now(),
        )
    except EntryConflictError as error:
        talk = _talk(Talk(key_text(key), conflict=_theirs(error)))
        newest = "" if error.revision is None else str(error.revision)
        return JsonResponse({"conflict": _theirs(error), "seen": newest, "talk": talk}, status=409)
    except EntryFaultError as error:
        return _faulty(key, [error.message], ["value"])
    except EntryError as error:
        talk = _talk(Talk(key_text(key), faults=(error.message,)))
        return JsonResponse({"refused": error.message, "talk": talk}, status=403)
    return JsonResponse(_saved(key, saved, texts))


def _whole(text: str) -> int | None:
    """The number of a revision or a file; None where the text is none of those that pages write."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _faulty(key: Key, faults: list[str], fields: list[str]) -> JsonResponse:
    talk = _talk(Talk(key_text(key), faults=tuple(faults)))
    return JsonResponse({"faults": faults, "fields": fields, "talk": talk}, status=422)


def _saved(key: Key, saved: SavedCell, texts: Mapping[str, str]) -> dict[str, Any]:
    findings = tuple(check_wording.sentence(finding, saved.writing) for finding in saved.findings)
    asked = bool(findings) and not texts["comment"] and saved.state == "draft"
    return {
        "seen": "" if saved.revision is None else str(saved.revision),
        "value": as_typed(saved.value),
        "absence": saved.absence,
        "state": saved.state,
        "stateWord": read_model.state_text(saved.state, saved.absence),
        "mark": read_model.mark_text(saved.absence),
        "asks": asked,
        "talk": _talk(Talk(key_text(key), findings=findings, needs_comment=asked)),
    }


def _talk(talk: Talk) -> str:
    return render_to_string("indicators/_entry_talk.html", {"talk": talk})


def _chosen(sent: Sequence[str], offered: Collection[str]) -> dict[CellKey, int]:
    """Cells that were ticked, each with the revision that was looked at, as in `SubmitLine.ticked`."""
    found = {}
    for text in sent:
        name, _sep, revision = text.rpartition("-")
        key, seen = parse_key(name), _whole(revision)
        if name in offered and key is not None and seen is not None:
            found[CellKey(*key)] = seen
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_hand_in
def entry_submit(request: HttpRequest, department: str) -> HttpResponse:
    """What can be submitted, what still lacks a comment or a value; posted, what was chosen is handed in."""
    rows = _rows(request, department)
    page = entry_submission.submit_page(rows)
    refused: list[tuple[str, str]] = []
    if request.method == "POST":
        chosen = _chosen(request.POST.getlist("cell"), {line.key for line in page.ready})
        done = operations.submit(
            cells=list(chosen),
            seen=chosen,
            by=request.user,  # type: ignore[arg-type]
            person=person_of(request),
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
        if done.done:
            messages.success(request, entry_submission.thanks(len(done.done), rows))
        if chosen and not done.refused:
            return redirect("my-measurements")
        if not chosen:
            messages.error(request, _("Choose at least one value to submit."))
        names = {line.key: line.name for line in page.ready}
        for cell, why in done.refused:
            text = key_text((cell.indicator_id, cell.period, cell.breakdown))
            refused.append((names.get(text, text), why))
        page = entry_submission.submit_page(_rows(request, department))
    grid_url = f"{reverse('entry-grid', args=[department])}?kind={rows.kind.value}"
    crumbs = [
        {"label": _("My measurements"), "url": reverse("my-measurements")},
        {"label": rows.department, "url": grid_url},
    ]
    context = {
        "page": page,
        "grid_url": grid_url,
        "refused": refused,
        "reason": request.POST.get("reason", ""),
        "crumbs": crumbs,
        "section": "my-measurements",
    }
    return render(request, "indicators/entry_submit.html", context, status=422 if refused else 200)
