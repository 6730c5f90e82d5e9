"""The questionnaire of a wave, for strategists: pages, questions, their order and rules, and a look at it as residents
see it."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.templatetags.figures import language
from surveys.compute.completeness import faults
from surveys.forms.building import (
    OWN_CHOICES,
    WITH_ROWS,
    FirstChoices,
    MoreChoices,
    QuestionForm,
    RuleForm,
    SectionForm,
    options_of,
    question_initial,
)
from surveys.models import Item, Section, Wave, WaveState
from surveys.operations import editing
from surveys.operations.questions import QuestionnaireError
from surveys.queries import building as queries
from surveys.queries import questionnaire as questionnaires
from surveys.queries.library import library
from surveys.read_models import editor as read_model
from surveys.read_models.answering import question_views
from surveys.read_models.building import KINDS, in_language
from surveys.views.building import confirm_page, form_page
from surveys.views.waves import crumbs, for_those_who_steer, get_or_post, wave_of

LANGUAGES = ("sv", "en")


@require_safe
@never_cache
@for_those_who_steer
def questionnaire(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """Pages and questions with what is missing; while the wave is prepared with the ways to change them."""
    found = wave_of(code, wave)
    pages = queries.written(found.pk)
    lacks = faults(pages)
    context = {
        "survey": found.survey,
        "wave": found,
        "may_change": found.state == WaveState.PREPARING,
        "pages": read_model.edited_pages(pages, queries.item_rows(found.pk), lacks),
        "faults": read_model.told_faults(pages, lacks),
        "crumbs": crumbs(found.survey, found),
    }
    return render(request, "surveys/steer_questionnaire.html", context)


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@get_or_post
@never_cache
@for_those_who_steer
def section_new(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    found = wave_of(code, wave)
    form = SectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _tried(
            form, lambda: editing.add_section(wave_id=found.pk, **form.given(), by=request.user)  # type: ignore[arg-type]
        )  # fmt: skip
        if made is not None:
            return redirect(_at(found, f"page-{made.pk}"))
    return form_page(request, form, _("New page"), _crumbs(found), _at(found), _("Make the page"))


@get_or_post
@never_cache
@for_those_who_steer
def section_edit(request: HttpRequest, code: str, wave: str, section_id: int) -> HttpResponse:
    found, section = _section(code, wave, section_id)
    initial = {
        f"{field}_{lang}": text for field in ("title", "intro") for lang, text in queries.both(section, field).items()
    }
    form = SectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = _tried(
            form,
            lambda: editing.change_section(section_id=section.pk, **form.given(), by=request.user),  # type: ignore[arg-type]
        )
        if done is not None:
            return redirect(_at(found, f"page-{section.pk}"))
    return form_page(request, form, _("Change the page"), _crumbs(found), _at(found, f"page-{section.pk}"), _("Save"))


@require_POST
@for_those_who_steer
def section_move(request: HttpRequest, code: str, wave: str, section_id: int) -> HttpResponse:
    found, section = _section(code, wave, section_id)
    up = request.POST.get("to") == "up"
    _told(request, lambda: editing.move_section(section_id=section.pk, up=up, by=request.user))  # type: ignore[arg-type]
    return redirect(_at(found, f"page-{section.pk}"))


@get_or_post
@never_cache
@for_those_who_steer
def section_remove(request: HttpRequest, code: str, wave: str, section_id: int) -> HttpResponse:
    found, section = _section(code, wave, section_id)
    if request.method == "POST":
        _told(request, lambda: editing.remove_section(section_id=section.pk, by=request.user))  # type: ignore[arg-type]
        return redirect(_at(found))
    text = _(
        "The page and its questions leave this wave. The survey keeps the questions, so that they can be added again."
    )
    back = _at(found, f"page-{section.pk}")
    title = _("Remove the page “%(title)s”") % {"title": section.title}
    return confirm_page(request, title, text, _crumbs(found), back, _("Remove the page"))


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@get_or_post
@never_cache
@for_those_who_steer
def add(request: HttpRequest, code: str, wave: str, section_id: int) -> HttpResponse:
    """Questions for a page: ready ones of the library, earlier ones of the survey, or one of one's own."""
    found, section = _section(code, wave, section_id)
    ready, earlier = _ticked(request, "ready"), _ticked(request, "earlier")
    if request.method == "POST" and (ready or earlier):
        by: Any = request.user
        _told(request, lambda: editing.add_from_library(section_id=section.pk, codes=ready, by=by))
        _told(request, lambda: editing.add_earlier(section_id=section.pk, codes=earlier, by=by))
        return redirect(_at(found, f"page-{section.pk}"))
    if request.method == "POST":
        messages.info(request, _("Tick the questions that you want to add."))
    topic, words = request.GET.get("topic", ""), request.GET.get("q", "")[:100]
    known = library()
    if topic and topic not in {each.code for each in known.topics}:
        raise Http404(_("The library has no topic “%(topic)s”.") % {"topic": topic[:40]})
    context = {
        "survey": found.survey,
        "wave": found,
        "page": section,
        "topics": read_model.offered_topics(
            [(each.code, each.name, each.questions) for each in known.topics], queries.codes_in(found.pk), topic, words
        ),
        "topic_choices": [(each.code, in_language(each.name)) for each in known.topics],
        "topic": topic,
        "words": words,
        "earlier": queries.earlier(found),
        "kinds": [(kind, word, read_model.KIND_MEANS[kind]) for kind, word in KINDS.items()],
        "crumbs": _crumbs(found),
    }
    return render(request, "surveys/steer_library.html", context)


def _ticked(request: HttpRequest, name: str) -> list[str]:
    """The codes that were ticked, each once; what can be no code is passed over."""
    return [code for code in dict.fromkeys(request.POST.getlist(name)) if re.fullmatch(r"[\w-]{1,40}", code)]


@get_or_post
@never_cache
@for_those_who_steer
def item_new(request: HttpRequest, code: str, wave: str, section_id: int, kind: str) -> HttpResponse:
    """A question of one's own, of the kind in the address."""
    found, section = _section(code, wave, section_id)
    if kind not in KINDS:
        raise Http404(
            _("There is no kind of question “%(kind)s”. Choose one of: %(known)s.")
            % {"kind": kind[:20], "known": ", ".join(KINDS)}
        )
    form = QuestionForm(request.POST or None, kind=kind, scales=read_model.scale_choices(library().scales))
    rows = FirstChoices(request.POST or None, prefix="choice") if kind in WITH_ROWS else None
    if _valid(request, form, rows):
        definition = form.definition(_options(form, rows))
        made = _tried(
            form,
            lambda: editing.add_question(section_id=section.pk, definition=definition, by=request.user),  # type: ignore[arg-type]
        )
        if made is not None:
            return redirect(_at(found, f"item-{made.pk}"))
    return _question_page(request, found, form, rows, _("New question"), _at(found, f"page-{section.pk}"))


@get_or_post
@never_cache
@for_those_who_steer
def item_edit(request: HttpRequest, code: str, wave: str, item_id: int) -> HttpResponse:
    """Another wording; of a question that was asked with what it means for its series."""
    found, item = _item(code, wave, item_id)
    kind, asked = item.version.question.kind, queries.version_asked(item.version_id)
    initial, choices = question_initial(item.version)
    published = bool(item.version.question.published_kpi)
    form = QuestionForm(request.POST or None, kind=kind, asked=asked, published=published, initial=initial)
    rows = MoreChoices(request.POST or None, initial=choices, prefix="choice") if kind in WITH_ROWS else None
    if _valid(request, form, rows):
        how = form.cleaned_data.get("how")
        done = _tried(
            form,
            lambda: editing.reword(
                item_id=item.pk,
                definition=form.definition(_options(form, rows)),
                how=editing.Rewording(how) if how else None,
                reason=form.cleaned_data.get("reason", ""),
                by=request.user,  # type: ignore[arg-type]
            ),
        )
        if done is not None:
            return redirect(_at(found, f"item-{item.pk}"))
    return _question_page(request, found, form, rows, _("Change the question"), _at(found, f"item-{item.pk}"))


def _valid(request: HttpRequest, form: QuestionForm, rows: "BaseFormSet[Any] | None") -> bool:
    """Whether everything that was posted holds; both are checked, so that all faults are told at once."""
    if request.method != "POST":
        return False
    checked = [form.is_valid(), rows is None or rows.is_valid()]
    return all(checked)


def _options(form: QuestionForm, rows: "BaseFormSet[Any] | None") -> list[Any]:
    if form.kind == "kano":
        return list(library().scales["needs"])
    if form.cleaned_data.get("scale", OWN_CHOICES) != OWN_CHOICES:
        return list(library().scales[form.cleaned_data["scale"]])
    return options_of(rows, form.kind) if rows is not None else []


def _question_page(
    request: HttpRequest, wave: Wave, form: QuestionForm, rows: "BaseFormSet[Any] | None", title: str, back: str
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form,
        "rows": rows,
        "with_good": form.kind in ("share", "single"),
        "title": title,
        "kind": KINDS[form.kind],
        "means": read_model.KIND_MEANS[form.kind],
        "crumbs": _crumbs(wave),
        "back": back,
    }
    return render(request, "surveys/steer_question.html", context)


@get_or_post
@never_cache
@for_those_who_steer
def item_rule(request: HttpRequest, code: str, wave: str, item_id: int) -> HttpResponse:
    """Whether it must be answered, and which answers show it."""
    found, item = _item(code, wave, item_id)
    form = RuleForm(
        request.POST or None,
        offered=read_model.rule_choices(queries.written(found.pk), item.pk),
        initial={
            "required": item.required,
            "shown_by": [f"{item.shown_by_id}:{value}" for value in item.shown_values],
        },
    )
    if request.method == "POST" and form.is_valid():
        done = _tried(
            form, lambda: editing.set_rule(item_id=item.pk, **form.given(), by=request.user)  # type: ignore[arg-type]
        )  # fmt: skip
        if done is not None:
            return redirect(_at(found, f"item-{item.pk}"))
    back = _at(found, f"item-{item.pk}")
    return form_page(request, form, _("When it shows"), _crumbs(found), back, _("Save"), item.version.text)


@require_POST
@for_those_who_steer
def item_move(request: HttpRequest, code: str, wave: str, item_id: int) -> HttpResponse:
    found, item = _item(code, wave, item_id)
    up = request.POST.get("to") == "up"
    _told(request, lambda: editing.move_item(item_id=item.pk, up=up, by=request.user))  # type: ignore[arg-type]
    return redirect(_at(found, f"item-{item.pk}"))


@require_POST
@for_those_who_steer
def item_remove(request: HttpRequest, code: str, wave: str, item_id: int) -> HttpResponse:
    found, item = _item(code, wave, item_id)
    if _told(request, lambda: editing.remove_item(item_id=item.pk, by=request.user)):  # type: ignore[arg-type]
        messages.success(request, _("“%(text)s” was taken out of the wave.") % {"text": item.version.text})
    return redirect(_at(found, f"page-{item.section_id}"))


# ── as residents see it ───────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@never_cache
@for_those_who_steer
def preview(request: HttpRequest, code: str, wave: str) -> HttpResponse:
    """One page of the questionnaire as residents see it, in either language. Nothing can be sent."""
    found = wave_of(code, wave)
    shown_in = request.GET.get("language", language())
    if shown_in not in LANGUAGES:
        raise Http404(_("Questionnaires are in Swedish and English. Choose sv or en."))
    with override(shown_in):
        asked = questionnaires.of_wave(found.pk)
        number = _page_number(request.GET.get("page", "1"), len(asked.pages))
        page = asked.pages[number - 1] if asked.pages else None
        views = read_model.previewed(question_views(page.questions, asked, {})) if page else []
        fields = render_to_string("surveys/_questions.html", {"questions": views})
        name = found.survey.name
    context = {
        "survey": found.survey,
        "wave": found,
        "page": page,
        "name": name,
        "fields": fields,
        "shown_in": shown_in,
        "number": number,
        "count": len(asked.pages),
        "before": number - 1,
        "after": number + 1 if number < len(asked.pages) else 0,
        "languages": read_model.preview_languages(shown_in, number),
        "crumbs": _crumbs(found),
    }
    return render(request, "surveys/steer_preview.html", context)


def _page_number(given: str, count: int) -> int:
    if re.fullmatch(r"[0-9]{1,4}", given) is None or not 1 <= int(given) <= max(count, 1):
        raise Http404(_("The questionnaire has %(count)s pages.") % {"count": count})
    return int(given)


# ── what the views above share ────────────────────────────────────────────────────────────────────────────────────────


def _section(code: str, wave: str, section_id: int) -> tuple[Wave, Section]:
    found = wave_of(code, wave)
    section = queries.section(found.pk, section_id)
    if section is None:
        raise Http404(_("That page is not in the questionnaire any more. It may have been removed."))
    return found, section


def _item(code: str, wave: str, item_id: int) -> tuple[Wave, Item]:
    found = wave_of(code, wave)
    item = queries.item(found.pk, item_id)
    if item is None:
        raise Http404(_("That question is not in the questionnaire any more. It may have been removed."))
    return found, item


def _at(wave: Wave, anchor: str = "") -> str:
    """The editor, at a question or a page."""
    address = reverse("wave-questionnaire", args=[wave.survey.code, wave.code])
    return f"{address}#{anchor}" if anchor else address


def _crumbs(wave: Wave) -> list[dict[str, str]]:
    return [*crumbs(wave.survey, wave), {"label": _("Questionnaire"), "url": _at(wave)}]


def _tried(form: Any, write: Callable[[], Any]) -> Any:
    """What the write gives; None where it is refused, which the form then tells."""
    try:
        return write()
    except QuestionnaireError as error:
        form.add_error(None, str(error))
        return None


def _told(request: HttpRequest, write: Callable[[], Any]) -> bool:
    """Whether the write was done; where it is refused the next page tells why."""
    try:
        write()
    except QuestionnaireError as error:
        messages.error(request, str(error))
        return False
    return True
