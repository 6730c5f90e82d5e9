"""Residents answer: by a link or a typed code to the questions, a page at a time, to thanks. No account, no session.

An answer's address never holds the code, no page is kept by a cache, and nothing says who or where somebody is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from indicators.templatetags.figures import language
from surveys.compute.questionnaire import Answers, Asked, Questionnaire, is_shown
from surveys.compute.tokens import cleaned
from surveys.forms.answering import Handed, lacking_faults, read_page
from surveys.models import Mode
from surveys.operations import answering as operations
from surveys.queries import answering as queries
from surveys.queries.answering import Asking, Standing
from surveys.read_models import answering as read_model
from surveys.views.device import KIND_TOKEN, KIND_WAVE, Device, Entry, hand_over

STATUS = {Standing.UNKNOWN: 404, Standing.CLOSED: 410}
View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Nothing is kept between the server and the reader, no search engine lists it, and no other site learns of it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        # Not “no-referrer” for pages with forms: browsers then send them with the origin “null”, which the check
        # against forged requests refuses. The address with the code is left with “no-referrer” (below).
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return guarded


def _asking(entry: Entry | None) -> Asking:
    if entry is None:
        return queries.UNKNOWN
    today = timezone.localdate()
    return queries.by_token(entry.token, today) if entry.token else queries.by_link(entry.wave_id, today)


# ── in ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@private
def by_token(request: HttpRequest, token: str) -> HttpResponse:
    """A personal link. Asks nothing of the database: the next page does, whose address may stand in any log."""
    response = redirect(f"{reverse('answer-start')}?link=1")
    hand_over(response, token)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@private
def by_link(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """A survey's open link, which anybody may answer by."""
    wave_id = queries.linked_wave(code, wave)
    if wave_id is None:
        raise Http404(_("There is no survey that everybody can answer at this address. Check the address."))
    response = redirect(f"{reverse('answer-start')}?link=1")
    Device.of(request).opened(KIND_WAVE, str(wave_id)).keep(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@private
def start(request: HttpRequest) -> HttpResponse:
    """What the survey is about and how to begin; or why it cannot be answered; or a field for the code of a letter."""
    if request.method == "POST":
        return _typed_code(request)
    device = Device.of(request)
    if device.current is None:
        context = {"no_cookies": "link" in request.GET, "gone": "gone" in request.GET}
        return render(request, "surveys/answer_code.html", context)
    asking = _asking(device.current)
    response = _start_page(request, device.current, asking)
    if asking.standing == Standing.UNKNOWN:
        device = device.without_current()
    device.keep(response)
    return response


def _start_page(request: HttpRequest, entry: Entry, asking: Asking) -> HttpResponse:
    context: dict[str, Any]
    if asking.standing == Standing.UNKNOWN:
        context = {"wrong_link": True}
        return render(request, "surveys/answer_code.html", context, status=STATUS[Standing.UNKNOWN])
    if asking.standing == Standing.ANSWERED or entry.done:
        return render(request, "surveys/answer_done.html", {"asking": asking, "before": True})
    if asking.standing != Standing.OPEN:
        context = {"asking": asking, "closed": asking.standing == Standing.CLOSED}
        return render(request, "surveys/answer_not_open.html", context, status=STATUS.get(asking.standing, 200))
    asked = queries.questionnaire(asking)
    answers = queries.draft(asking.wave_id, entry.key)
    context = {
        "asking": asking,
        "pages": len(asked.pages),
        "begun": bool(answers),
        "number": read_model.first_page(asked, answers),
        "free_texts": any(question.kind == "text" for question in asked.by_code.values()),
    }
    return render(request, "surveys/answer_start.html", context)


def _typed_code(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("code", "")[:60]
    if queries.by_token(cleaned(typed), timezone.localdate()).standing == Standing.UNKNOWN:
        return render(request, "surveys/answer_code.html", {"typed": typed, "wrong": True}, status=422)
    response = redirect(f"{reverse('answer-start')}?link=1")
    Device.of(request).opened(KIND_TOKEN, cleaned(typed)).keep(response)
    return response


# ── a page ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@private
def page(request: HttpRequest, number: int) -> HttpResponse:
    """One page of questions; sent, it is kept and leads on."""
    device = Device.of(request)
    asking = _asking(device.current)
    if device.current is None or device.current.done or asking.standing != Standing.OPEN:
        return redirect("answer-start")
    asked = queries.questionnaire(asking)
    if not 1 <= number <= len(asked.pages):
        raise Http404(_("The survey has no page %(number)s.") % {"number": number})
    if request.method == "POST":
        response = _page_sent(request, asked, asking, device.current, number)
        device.keep(response)
        return response
    return _page(request, asked, asking, queries.draft(asking.wave_id, device.current.key), number)


def _page_sent(
    request: HttpRequest, asked: Questionnaire, asking: Asking, entry: Entry, number: int
) -> HttpResponse:  # fmt: skip
    questions, go = asked.pages[number - 1].questions, request.POST.get("go", "next")
    handed = read_page(questions, request.POST)
    answers = operations.save_page(
        wave_id=asking.wave_id, key=entry.key, answers=handed.answers, day=timezone.localdate(), by=None
    )
    faults = dict(handed.faults)
    if go == "next":
        faults = lacking_faults(_lacking(questions, asked, answers, handed)) | faults
    if faults:
        return _page(request, asked, asking, answers, number, faults, handed)
    if go == "language":
        return redirect(_in_other_language(number))
    way = read_model.way(asked, answers, number)
    if go == "back":
        return redirect("answer-page", way.before) if way.before else redirect("answer-start")
    opened = [q for q in questions if q.code not in handed.answers and is_shown(q, asked, answers)]
    if opened:  # without a script they could not be seen before
        return redirect(f"{reverse('answer-page', args=[number])}?more=1#q.{opened[0].code}")
    return redirect("answer-page", way.after) if way.after else redirect("answer-review")


def _lacking(
    questions: tuple[Asked, ...], asked: Questionnaire, answers: Answers, handed: Handed
) -> list[Asked]:  # fmt: skip
    """Questions of the page that were seen, must be answered and are not."""
    lacking = operations.lacking_answers(asked, answers)
    return [question for question in questions if question.code in lacking and question.code in handed.answers]


def _in_other_language(number: int) -> str:
    with override("en" if language() == "sv" else "sv"):
        return reverse("answer-page", args=[number])


def _page(
    request: HttpRequest,
    asked: Questionnaire,
    asking: Asking,
    answers: Answers,
    number: int,
    faults: dict[str, str] | None = None,
    handed: Handed | None = None,
) -> HttpResponse:
    section = asked.pages[number - 1]
    views = read_model.question_views(section.questions, asked, answers, faults, handed.typed if handed else None)
    context = {
        "asking": asking,
        "section_title": section.title,
        "intro": section.intro,
        "questions": views,
        "faulty": [view for view in views if view.fault],
        "way": read_model.way(asked, answers, number),
        "number": number,
        "more": "more" in request.GET,
    }
    return render(request, "surveys/answer_page.html", context, status=422 if faults else 200)


# ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@private
def review(request: HttpRequest) -> HttpResponse:
    """Everything that was answered, to be looked through and sent. Sent again, it changes nothing."""
    device = Device.of(request)
    asking = _asking(device.current)
    if device.current is None or device.current.done or asking.standing != Standing.OPEN:
        return redirect("answer-start")
    if request.method == "POST":
        return _sent(request, device, device.current, asking)
    return _review(request, device.current, asking)


def _review(
    request: HttpRequest, entry: Entry, asking: Asking, lacking: tuple[str, ...] = ()
) -> HttpResponse:  # fmt: skip
    asked = queries.questionnaire(asking)
    answers = queries.draft(asking.wave_id, entry.key)
    context = {
        "asking": asking,
        "nothing": not answers,
        "pages": read_model.review(asked, answers, lacking),
        "lacking": bool(lacking),
        "last": read_model.last_page(asked, answers),
    }
    return render(request, "surveys/answer_review.html", context, status=422 if lacking else 200)


def _sent(request: HttpRequest, device: Device, entry: Entry, asking: Asking) -> HttpResponse:
    try:
        operations.submit_draft(
            wave_id=asking.wave_id, key=entry.key, mode=asking.mode, language=language(), token=entry.token,
            day=timezone.localdate(), by=None,
        )  # fmt: skip
    except operations.IncompleteError as refusal:
        return _review(request, entry, asking, refusal.codes)
    except operations.NothingAnsweredError:
        return redirect("answer-done")
    except operations.NotTakenError as refusal:
        if refusal.standing != Standing.ANSWERED:
            return redirect("answer-start")
        operations.forget_draft(wave_id=asking.wave_id, key=entry.key, by=None)
    response = redirect("answer-done")
    device.finished().keep(response)
    return response


@require_safe
@private
def done(request: HttpRequest) -> HttpResponse:
    """Thanks; or, where this device has sent nothing, what may have happened."""
    entry = Device.of(request).current
    asking = _asking(entry)
    sent = entry is not None and (entry.done or asking.standing == Standing.ANSWERED)
    context = {"asking": asking, "nothing": not sent, "again": sent and asking.mode == Mode.LINK}
    return render(request, "surveys/answer_done.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def leave(request: HttpRequest) -> HttpResponse:
    """Delete what this device has answered and not sent, and forget the link."""
    device = Device.of(request)
    asking = _asking(device.current)
    if request.method != "POST":
        return render(request, "surveys/answer_leave.html", {"asking": asking, "nothing": device.current is None})
    if device.current is not None:
        operations.forget_draft(wave_id=asking.wave_id, key=device.current.key, by=None)
    again = "again" in request.POST and asking.mode == Mode.LINK
    response = (
        redirect("answer-link", asking.survey_code, asking.wave_code)
        if again
        else redirect(f"{reverse('answer-start')}?gone=1")
    )
    device.without_current().keep(response)
    return response
