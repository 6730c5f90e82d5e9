"""Invitations and reminders for strategists: written, looked at, printed or sent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.templatetags.figures import language, number
from indicators.views.access import person_of
from indicators.views.downloads import attachment
from surveys.forms.mailings import MailingForm, suggested
from surveys.models import Channel, MailingKind, Wave, WaveState
from surveys.operations import mailings as operations
from surveys.operations.mailings import MailingError
from surveys.queries import mailings as queries
from surveys.read_models import mailings as read_model
from surveys.read_models.mailings import LETTERS_A_FILE, MailingRow
from surveys.sources.letters import letters_pdf
from surveys.views.waves import crumbs_of, for_those_who_steer, get_or_post, wave_of


def _context(wave: Wave, *, below: bool = True, **more: Any) -> dict[str, Any]:
    crumbs = crumbs_of(wave, ("wave-letters", _("Letters"))) if below else crumbs_of(wave)
    return {"wave": wave, "survey": wave.survey, "crumbs": crumbs, **more}


def _mailing_of(wave: Wave, mailing_id: int) -> MailingRow:
    found = queries.mailing(wave, mailing_id)
    if found is None:
        raise Http404(_("There is no such mailing. The wave's mailings are listed under Letters."))
    return found


@require_safe
@never_cache
@for_those_who_steer
def letters(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """What has been sent, how many have answered, and what can be sent now."""
    found = wave_of(code, wave)
    page = read_model.letters_page(queries.reach(found), queries.mailings(found), state=found.state)
    return render(request, "surveys/letters.html", _context(found, below=False, page=page))


@get_or_post
@never_cache
@for_those_who_steer
def new(request: HttpRequest, code: str, wave: str, kind: str, channel: str) -> HttpResponse:
    """Write an invitation or a reminder; nothing is sent by saving it."""
    found = wave_of(code, wave)
    if kind not in MailingKind.values or channel not in Channel.values:
        raise Http404(_("There is no such kind of mailing. Choose one under Letters."))
    undated = found.state == WaveState.PREPARING and found.closes_on is None
    form = MailingForm(
        request.POST or None,
        channel=channel,
        undated=undated,
        initial=_suggested(request, found, kind, channel),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.prepare_mailing(
                wave_id=found.pk,
                kind=kind,
                channel=channel,
                text=form.mail_text(),
                by=request.user,  # type: ignore[arg-type]  # not anonymous behind the door
            )
        except MailingError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The mailing is prepared. Nothing has been sent yet."))
            return redirect("wave-mailing", code, wave, made.pk)
    context = _context(
        found,
        form=form,
        undated=undated,
        title=str(read_model.KIND[kind, channel]),
        cancel_url=reverse("wave-letters", args=[code, wave]),
    )
    return render(request, "surveys/mailing_new.html", context, status=422 if form.errors else 200)


def _suggested(request: HttpRequest, wave: Wave, kind: str, channel: str) -> dict[str, str]:
    contact = ", ".join(filter(None, (person_of(request).name, getattr(request.user, "email", ""))))
    return suggested(wave, kind=kind, channel=channel, municipality=queries.municipality(), contact=contact)


@require_safe
@never_cache
@for_those_who_steer
def mailing(request: HttpRequest, code: str, wave: str, mailing_id: int) -> HttpResponse:
    """A mailing as its receivers read it, and the next step."""
    found = wave_of(code, wave)
    row = _mailing_of(found, mailing_id)
    page = read_model.mailing_page(
        row,
        printed=queries.printed(mailing_id) if row.channel == Channel.LETTER else 0,
        failures=queries.failures(mailing_id) if row.failed else [],
        state=found.state,
        closes_on=found.closes_on,
    )
    return render(request, "surveys/mailing.html", _context(found, page=page, mailing=row))


@require_safe
@never_cache
@for_those_who_steer
def letters_file(request: HttpRequest, code: str, wave: str, mailing_id: int, part: int) -> HttpResponse:
    """A PDF with a part of the letters: to those who have not answered now."""
    found = wave_of(code, wave)
    row = _mailing_of(found, mailing_id)
    receivers = queries.receivers(mailing_id, (part - 1) * LETTERS_A_FILE, LETTERS_A_FILE) if part > 0 else []
    if row.channel != Channel.LETTER or found.state == "closed" or not receivers:
        raise Http404(_("There are no such letters to print. The mailing's page lists its files."))
    with override("sv"):  # the line above every letter, whoever prints it
        sender = read_model.sender(queries.municipality())
    pdf = letters_pdf(
        read_model.letters(row.text, receivers, closes_on=found.closes_on),
        title=row.text.sv.subject,
        sender=sender,
        language=language(),
        both=row.text.both,
    )
    return attachment(pdf, "application/pdf", f"{code}-{wave}-{row.kind}-{mailing_id}-{part}.pdf")


@require_POST
@for_those_who_steer
def posted(request: HttpRequest, code: str, wave: str, mailing_id: int) -> HttpResponse:
    """Say that the printed letters have been posted."""
    row = _mailing_of(wave_of(code, wave), mailing_id)
    try:
        count = operations.mark_posted(mailing_id=row.id, by=request.user)  # type: ignore[arg-type]
    except MailingError as refusal:
        messages.error(request, str(refusal))
    else:
        told = ngettext("%(n)s letter is marked as posted.", "%(n)s letters are marked as posted.", count)
        messages.success(request, told % {"n": number(count)})
    return redirect("wave-mailing", code, wave, mailing_id)


@require_POST
@for_those_who_steer
def send(request: HttpRequest, code: str, wave: str, mailing_id: int) -> HttpResponse:
    """Have the waiting e-mails sent; with `again`, also those that failed or may not have left."""
    row = _mailing_of(wave_of(code, wave), mailing_id)
    again = request.POST.get("again", "")
    if again not in ("", *operations.RETRIED):
        raise Http404(_("Choose which e-mails are to be sent again."))
    try:
        operations.request_sending(mailing_id=row.id, again=again, by=request.user)  # type: ignore[arg-type]
    except MailingError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(
            request, _("The e-mails are being sent. This page shows how many have left when you load it anew.")
        )
    return redirect("wave-mailing", code, wave, mailing_id)


@require_POST
@for_those_who_steer
def remove(request: HttpRequest, code: str, wave: str, mailing_id: int) -> HttpResponse:
    """Take back a mailing of which nothing has left."""
    row = _mailing_of(wave_of(code, wave), mailing_id)
    try:
        operations.remove_mailing(mailing_id=row.id, by=request.user)  # type: ignore[arg-type]
    except MailingError as refusal:
        messages.error(request, str(refusal))
        return redirect("wave-mailing", code, wave, mailing_id)
    messages.success(request, _("The mailing is removed. Nothing of it had been sent."))
    return redirect("wave-letters", code, wave)
