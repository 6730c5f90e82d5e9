"""Answers that were asked elsewhere: upload a file, say what its columns are, look, read in all or nothing."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.sources.sheet import SheetError
from indicators.sources.table_file import XLSX, workbook
from indicators.templatetags.figures import number
from indicators.views.downloads import attachment
from surveys.compute.answer_mapping import AnswerMapping
from surveys.compute.answer_table import samples
from surveys.forms.imports import fields_of, read_columns, read_meanings
from surveys.models import AnswerImport, AnswerImportState, Wave, WaveState
from surveys.operations import imports as operations
from surveys.queries import imports as queries
from surveys.read_models import imports as read_model
from surveys.views.waves import crumbs_of, for_those_who_steer, get_or_post, wave_of

QUESTIONS_A_PAGE = 50
OPEN = frozenset(queries.OPEN)


def _found(code: str, wave: str, import_id: int) -> tuple[Wave, AnswerImport]:
    of = wave_of(code, wave)
    delivery = queries.found(import_id, of.pk)
    if delivery is None:
        raise Http404(_("There is no such file among those of the wave. Its files are listed where you upload them."))
    return of, delivery


def _context(wave: Wave, delivery: AnswerImport | None = None, **more: Any) -> dict[str, Any]:
    crumbs = crumbs_of(wave, *([("wave-imports", _("Import answers"))] if delivery else []))
    return {"wave": wave, "survey": wave.survey, "delivery": delivery, "crumbs": crumbs, "section": "steer", **more}


def _to(name: str, wave: Wave, delivery: AnswerImport) -> HttpResponse:
    return redirect(name, wave.survey.code, wave.code, delivery.pk)


@get_or_post
@never_cache
@for_those_who_steer
def files(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """A file to upload, and those that were uploaded before."""
    of, error = wave_of(code, wave), ""
    if request.method == "POST":
        try:
            return _to("wave-import-mapping", of, _received(request, of))
        except SheetError as refusal:
            error = str(refusal)
        except operations.SameFileError as same:
            error = _same(same)
    context = _context(
        of,
        error=error,
        files=read_model.files(queries.of_wave(of.pk)),
        most_bytes=queries.limits().bytes // 1_000_000,
        most_rows=number(queries.limits().rows),
    )
    return render(request, "surveys/imports.html", context, status=422 if error else 200)


def _received(request: HttpRequest, wave: Wave) -> AnswerImport:
    """The uploaded file, read no further than may be."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        raise SheetError(_("Choose a file first."))
    content = sent.read(queries.limits().bytes + 1)
    return operations.receive_file(
        wave_id=wave.pk,
        filename=sent.name or "",
        content=content,
        by=request.user,  # type: ignore[arg-type]
    )


def _same(refusal: operations.SameFileError) -> str:
    earlier = refusal.earlier
    return read_model.same_file(earlier.filename, earlier.uploaded_at) if earlier else _("Choose a file first.")


@get_or_post
@never_cache
@for_those_who_steer
def columns(request: HttpRequest, code: str, wave: str, import_id: int) -> HttpResponse:
    """What each column is: guessed, and corrected by people."""
    of, delivery = _found(code, wave, import_id)
    if delivery.state not in OPEN:
        return _to("wave-import", of, delivery)
    try:
        table = queries.table(delivery)
    except SheetError as refusal:  # the limits have been lowered since
        return _broken(request, of, refusal)
    known, mapping = queries.known(of.pk), AnswerMapping.of(delivery.mapping)
    typed, wrong = fields_of(mapping), {}
    if request.method == "POST":
        said = read_columns(request.POST, table, mapping, known)
        if said.mapping is not None:
            return _explained(request, of, delivery, said.mapping, look_again=said.items_are_new)
        typed, wrong = dict(said.typed), dict(said.faults)
    page = read_model.columns_page(delivery.filename, table, samples(table), mapping, known, typed, wrong)
    context = _context(of, delivery, page=page)
    return render(request, "surveys/import_columns.html", context, status=422 if wrong else 200)


def _explained(
    request: HttpRequest, wave: Wave, delivery: AnswerImport, mapping: AnswerMapping, *, look_again: bool
) -> HttpResponse:
    try:
        operations.explain_columns(import_id=delivery.pk, mapping=mapping, by=request.user)  # type: ignore[arg-type]
    except operations.ImportStateError:
        return _dealt_with(request, wave, delivery)
    if look_again:
        messages.info(request, _("Each row is one answer. Say which question each code in the file is."))
        return _to("wave-import-mapping", wave, delivery)
    return _to("wave-import", wave, delivery)


def _dealt_with(request: HttpRequest, wave: Wave, delivery: AnswerImport) -> HttpResponse:
    messages.info(request, _("This file has been dealt with already. Nothing more was stored."))
    return _to("wave-import", wave, delivery)


def _broken(request: HttpRequest, wave: Wave, refusal: SheetError) -> HttpResponse:
    messages.error(request, str(refusal))
    return redirect("wave-imports", wave.survey.code, wave.code)


@require_safe
@never_cache
@for_those_who_steer
def file(request: HttpRequest, code: str, wave: str, import_id: int) -> HttpResponse:
    """What a file would bring; once it is read in, what it brought."""
    of, delivery = _found(code, wave, import_id)
    if delivery.state == AnswerImportState.MAPPING:
        return _to("wave-import-mapping", of, delivery)
    if delivery.state != AnswerImportState.PREVIEWED:
        page = read_model.closed_page(delivery, stuck=queries.is_stuck(delivery))
        return render(request, "surveys/import_closed.html", _context(of, delivery, page=page))
    try:
        looked = queries.look(delivery, of)
    except SheetError as refusal:
        return _broken(request, of, refusal)
    page_obj = Paginator(looked.understood.tallies, QUESTIONS_A_PAGE).get_page(request.GET.get("page"))
    preview = read_model.preview_page(
        delivery.filename,
        looked.table,
        looked.mapping,
        looked.known,
        looked.understood,
        request.GET.get("explain", ""),
        list(page_obj),
    )
    context = _context(of, delivery, page=preview, page_obj=page_obj, closes=of.state == WaveState.PREPARING)
    return render(request, "surveys/import_preview.html", context)


@require_POST
@for_those_who_steer
def texts(request: HttpRequest, code: str, wave: str, import_id: int) -> HttpResponse:
    """Say what texts in the answers to choices mean, and look again."""
    of, delivery = _found(code, wave, import_id)
    said = read_meanings(request.POST, queries.known(of.pk))
    try:
        operations.explain_texts(import_id=delivery.pk, meanings=said, by=request.user)  # type: ignore[arg-type]
    except operations.ImportStateError:
        return _dealt_with(request, of, delivery)
    return _to("wave-import", of, delivery)


@require_POST
@for_those_who_steer
def read_in(request: HttpRequest, code: str, wave: str, import_id: int) -> HttpResponse:
    """Have every answer read in, or nothing."""
    of, delivery = _found(code, wave, import_id)
    leave_out = request.POST.get("leave_out") == "1"
    try:
        operations.request_reading(import_id=delivery.pk, leave_out=leave_out, by=request.user)  # type: ignore[arg-type]
    except operations.ImportStateError:
        return _dealt_with(request, of, delivery)
    except operations.SameFileError as same:
        messages.error(request, _same(same))
        return _to("wave-import", of, delivery)
    messages.success(request, _("The answers are being read in. You may leave the page meanwhile."))
    return _to("wave-import", of, delivery)


@require_POST
@for_those_who_steer
def discard(request: HttpRequest, code: str, wave: str, import_id: int) -> HttpResponse:
    """Put a file aside and delete it."""
    of, delivery = _found(code, wave, import_id)
    if not operations.discard_file(import_id=delivery.pk, by=request.user):  # type: ignore[arg-type]
        return _dealt_with(request, of, delivery)
    messages.success(request, _("The file was put aside. Nothing was read in."))
    return redirect("wave-imports", of.survey.code, of.code)


@require_safe
@never_cache
@for_those_who_steer
def faults(request: HttpRequest, code: str, wave: str, import_id: int) -> HttpResponse:
    """Which rows and columns were rejected and why, as an Excel file without the answers."""
    of, delivery = _found(code, wave, import_id)
    if delivery.state != AnswerImportState.PREVIEWED:
        raise Http404(_("Faults are listed for files that have not been read in yet."))
    try:
        looked = queries.look(delivery, of)
    except SheetError as refusal:
        raise Http404(str(refusal)) from refusal
    return attachment(workbook([read_model.fault_sheet(looked.understood)]), XLSX, f"faults-{delivery.pk}.xlsx")
