"""Comments read, themes named; for everybody what was approved; and what has been deleted."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.permissions import may_steer
from indicators.templatetags.figures import number
from indicators.views.access import needs, person_of
from surveys.compute.keeping import texts_go_on
from surveys.forms.free_text import ThemeForm
from surveys.models import CommentState, Wave
from surveys.operations.moderation import ModerationError, decide_comment, hide_in_comment
from surveys.operations.themes import ThemeError, merge_themes, name_theme, request_themes
from surveys.queries import free_text as queries
from surveys.queries.results import shown_edition
from surveys.read_models import free_text as read_model
from surveys.read_models.results import head
from surveys.read_models.results_rows import NoSuchResultError

for_those_who_steer = needs(
    may_steer,
    gettext_lazy("Free texts are read by the quality strategists. Ask one of them, or an administrator for that role."),
)
DECISIONS = {"keep": CommentState.KEPT, "quote": CommentState.QUOTABLE, "remove": CommentState.REMOVED}
MOST_DIGITS = 18


def _wave(code: str, wave: str) -> Wave:
    found = queries.wave(code, wave)
    if found is None:
        raise Http404(_("There is no such wave. The survey's page lists its waves."))
    return found


def crumbs_of(wave: Wave) -> list[dict[str, str]]:
    survey = wave.survey
    return [
        {"label": _("Steer"), "url": reverse("steer")},
        {"label": _("Surveys"), "url": reverse("survey-steer")},
        {"label": survey.name, "url": reverse("survey-steer-edit", args=[survey.code])},
        {"label": wave.code, "url": reverse("wave", args=[survey.code, wave.code])},
    ]


def _kept_until(wave: Wave) -> str:
    return read_model.kept_until(texts_go_on(wave.closes_on, wave.survey.keep_texts_days), queries.purged_on(wave.pk))


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@for_those_who_steer
def comments(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Comments of a wave, at most twenty at a time; those that nobody has read first."""
    found = _wave(code, wave)
    state, question_id = _chosen(request.GET)
    questions = queries.texts_of_questions(found.pk)
    page = queries.comments(found.pk, state=state, question_id=question_id, page=request.GET.get("page", ""))
    context = {
        "wave": found,
        "survey": found.survey,
        "crumbs": crumbs_of(found),
        "states": read_model.states(queries.counts(found.pk), state),
        "state": state,
        "questions": [(pk, text, pk == question_id) for pk, text in questions.items()],
        "question": question_id,
        "page_obj": page,
        "lines": read_model.comment_lines(queries.comment_rows(page.object_list), questions),
        "kept_until": _kept_until(found),
    }
    return render(request, "surveys/comments.html", context)


def _chosen(given: Any) -> tuple[str, int | None]:
    """The state and the question that an address or a form asks for."""
    state = given.get("state", "") or CommentState.WAITING.value
    if state not in CommentState.values:
        raise Http404(_("There is no such list of comments."))
    question = given.get("question", "")
    if question and not (question.isascii() and question.isdigit() and len(question) <= MOST_DIGITS):
        raise Http404(_("There is no such question."))
    return state, int(question) if question else None


@require_POST
@for_those_who_steer
def decide(request: HttpRequest, code: str, wave: str, comment_id: int) -> HttpResponse:
    """Keep, quote, remove a comment, or hide words in it; then back to the list where the reader was."""
    found = _wave(code, wave)
    if queries.comment(found.pk, comment_id) is None:
        raise Http404(_("The comment is no longer there. Its time may be over."))
    state, question_id = _chosen(request.POST)
    asked, part = request.POST.get("decision", ""), request.POST.get("part", "").strip()
    try:
        stays = _decided(request, comment_id, asked, part)
    except ModerationError as refused:
        messages.error(request, str(refused))
        stays = True
    query = {"state": state, "question": question_id or "", "page": request.POST.get("page", "")}
    address = f"{reverse('comments', args=[code, wave])}?{urlencode({k: v for k, v in query.items() if v})}"
    return redirect(f"{address}#{f'comment-{comment_id}' if stays else 'comments'}")


def _decided(request: HttpRequest, comment_id: int, asked: str, part: str) -> bool:
    """Do what was asked; True where the comment stays in its list."""
    by: Any = request.user
    if asked == "hide":
        if not part:
            raise ModerationError(_("Write the words that are to be hidden, or mark them in the comment."))
        count = hide_in_comment(comment_id=comment_id, part=part, by=by)
        told = ngettext("Hidden in %(n)s place.", "Hidden in %(n)s places.", count)
        messages.success(request, told % {"n": number(count)})
        return True
    if asked not in DECISIONS:
        raise ModerationError(_("Choose what is to become of the comment."))
    decide_comment(comment_id=comment_id, state=DECISIONS[asked], by=by)
    messages.success(request, _DONE[asked])
    return False


_DONE = {
    "keep": gettext_lazy("The comment is kept."),
    "quote": gettext_lazy("The comment may be quoted."),
    "remove": gettext_lazy("The comment is removed."),
}


# ── themes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@for_those_who_steer
def themes(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """What a wave's comments are about."""
    found = _wave(code, wave)
    context = {
        "page": read_model.themes_page(queries.themes(found)),
        "wave": found,
        "survey": found.survey,
        "crumbs": crumbs_of(found),
        "kept_until": _kept_until(found),
    }
    return render(request, "surveys/themes.html", context)


@require_POST
@for_those_who_steer
def find(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Have the themes found."""
    found = _wave(code, wave)
    try:
        request_themes(wave_id=found.pk, by=request.user)  # type: ignore[arg-type]  # not anonymous behind the door
    except ThemeError as refused:
        messages.error(request, str(refused))
    else:
        messages.info(request, _("The themes are being found. This takes some seconds."))
    return redirect("themes", code, wave)


@require_POST
@for_those_who_steer
def theme(request: HttpRequest, code: str, wave: str, theme_id: int) -> HttpResponse:
    """Name a theme, hide it from the public, or put it into another."""
    found = _wave(code, wave)
    if queries.theme(found.pk, theme_id) is None:
        raise Http404(_("There is no such theme. It may have been found anew or merged."))
    by: Any = request.user
    into = request.POST.get("into", "")
    if "merge" in request.POST:
        try:
            if not (into.isascii() and into.isdigit() and len(into) <= MOST_DIGITS):
                raise ThemeError(_("Choose another theme of the same question."))
            theme_id = merge_themes(theme_id=theme_id, into_id=int(into), by=by).pk
        except ThemeError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The themes are merged."))
    else:
        form = ThemeForm(request.POST)
        if form.is_valid():
            name_theme(theme_id=theme_id, by=by, **form.cleaned_data)
            messages.success(request, _("The theme is saved."))
        else:
            messages.error(request, _("The name may have at most 120 letters. Shorten it."))
    return redirect(f"{reverse('themes', args=[code, wave])}#theme-{theme_id}")


# ── for everybody ─────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
def public_comments(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """What people wrote about, and quotes that were approved; only where the results are released."""
    try:
        shown = shown_edition(code, wave=wave, drafts=may_steer(person_of(request)))
    except NoSuchResultError as error:
        raise Http404(str(error)) from error
    frame = head(shown)
    crumbs = [{"label": _("Surveys"), "url": reverse("surveys")}]
    here = reverse("survey-wave", args=[frame.code, frame.wave])
    crumbs.append({"label": f"{frame.name} {frame.label}", "url": here})
    context: dict[str, Any] = {"crumbs": crumbs, "here": "survey-comments", "wave_url": here}
    if frame.withdrawn:
        return render(request, "surveys/results_withdrawn.html", context | {"page": {"head": frame}})
    found = _wave(frame.code, frame.wave)
    rows = queries.public(found.pk, found.survey.least_count)
    page = read_model.public_page(frame, rows, _kept_until(found))
    return render(request, "surveys/results_comments.html", context | {"page": page})


@require_safe
@never_cache
@for_those_who_steer
def purges(request: HttpRequest) -> HttpResponse:
    """Personal data that has been deleted: what, how much, when."""
    table = read_model.purge_table(queries.purges())
    crumbs = [{"label": _("Steer"), "url": reverse("steer")}, {"label": _("Surveys"), "url": reverse("survey-steer")}]
    return render(request, "surveys/purges.html", {"table": table, "crumbs": crumbs})
