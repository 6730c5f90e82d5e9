"""The chain as strategists edit it: outline, mandates, parts, committees, names of levels."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.permissions import may_steer
from indicators.queries.follow_up import follow_up_years
from indicators.templatetags.figures import language
from indicators.views.access import needs
from scorecard import operations
from scorecard.forms import governance as forms
from scorecard.models import Committee, Direction, Directive, Goal, GoalIndicator, StrategicIssue, Vision
from scorecard.queries import council as council_queries
from scorecard.queries import governance as queries
from scorecard.read_models import governance as read_model
from scorecard.views.council import addresses, chosen_period, level_names, thresholds

for_strategists = needs(
    may_steer,
    gettext_lazy("The chain of goals is edited by strategists and administrators. Ask one of them for a change."),
)
PARTS: dict[str, Any] = {
    "issue": StrategicIssue,
    "goal": Goal,
    "direction": Direction,
    "directive": Directive,
    "link": GoalIndicator,
}


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For strategists; never cached. What an ended mandate refuses is 403 with its reason."""

    @never_cache
    @for_strategists
    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except operations.EndedMandateError as error:
            raise PermissionDenied(str(error)) from error

    return door


def _user(request: HttpRequest) -> Any:
    """Who writes: behind `guarded` always somebody who is signed in."""
    return request.user


def _one(model: Any, pk: int) -> Any:
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise Http404(_("It is not there, or no longer. The whole chain stands under “Vision, issues and goals”."))
    return found


def _outline(vision_id: int, *, opened: int | None = None, anchor: str = "", correcting: bool = False) -> str:
    chosen: dict[str, Any] = {"mandate": vision_id}
    if opened is not None:
        chosen["open"] = opened
    if correcting:
        chosen["correct"] = 1
    return f"{reverse('governance')}?{urlencode(chosen)}{anchor}"


def _number(request: HttpRequest, name: str) -> int | None:
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else None


def _correcting(request: HttpRequest, vision: Vision) -> bool:
    """Whether an ended mandate is opened for a correction. Raises EndedMandateError where that is not asked for."""
    if not operations.has_ended(vision, timezone.localdate()):
        return False
    if "correct" not in request.GET:
        operations.refuse_ended(vision)
    return True


def _place(row: Any) -> dict[str, Any]:
    """Where the outline shows a part: the goal that stands open, and the anchor."""
    if isinstance(row, StrategicIssue):
        return {"anchor": f"#issue-{row.pk}"}
    goal_id = row.pk if isinstance(row, Goal) else row.goal_id
    return {"opened": goal_id, "anchor": f"#goal-{goal_id}"}


def _crumbs(vision_id: int | None = None) -> list[dict[str, str]]:
    found = [
        {"label": _("Steer"), "url": reverse("steer")},
        {"label": _("Vision, issues and goals"), "url": reverse("governance")},
    ]
    if vision_id is not None:
        found[1]["url"] = _outline(vision_id)
    return found


def _form(request: HttpRequest, fields: Mapping[str, Any], initial: Any = None, *, correcting: bool = False) -> Any:
    values = initial if isinstance(initial, dict) else {name: getattr(initial, name, None) for name in fields}
    data = request.POST if request.method == "POST" else None
    return forms.ChainForm(data, fields=fields, initial=values, correcting=correcting)


def _form_page(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    return render(request, "scorecard/governance_form.html", {"form": form, "section": "steer", **context})


# ── the outline ───────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@guarded
def governance(request: HttpRequest) -> HttpResponse:
    """The chain of one mandate, by default the running one's."""
    year = timezone.localdate().year
    rows = queries.mandates(language())
    chosen = read_model.chosen_mandate(rows, _number(request, "mandate"), year)
    if chosen is None and rows:
        raise Http404(_("There is no such mandate. Those that exist can be chosen under “Vision, issues and goals”."))
    if chosen is None:
        return render(request, "scorecard/governance_empty.html", {"section": "steer"})
    page = read_model.governance(
        rows=rows,
        chosen=chosen,
        issues=queries.issues(chosen.id, language()),
        goals=queries.goal_nodes(chosen.id, language()),
        links=queries.link_nodes(chosen.id, language()),
        orders=queries.order_nodes(chosen.id, language()),
        levels=level_names(),
        year=year,
        opened=_number(request, "open"),
        correcting="correct" in request.GET,
        url=_outline,
    )
    return render(request, "scorecard/governance.html", {"page": page, "section": "steer"})


# ── the mandate ───────────────────────────────────────────────────────────────────────────────────────────────────────


@guarded
def vision_new(request: HttpRequest) -> HttpResponse:
    """A first chain, empty; later ones start from a copy."""
    form = _form(request, forms.vision_fields(), {})
    if request.method == "POST" and form.is_valid():
        try:
            vision = operations.save_vision(
                vision_id=None, fields=form.own_fields, today=timezone.localdate(), by=_user(request)
            )
        except operations.GovernanceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The mandate is there. Add its first strategic issue."))
            return redirect(_outline(vision.pk))
    return _form_page(
        request, form, title=_("A first mandate"), lead="", submit=_("Create"), cancel_url=reverse("governance"),
        crumbs=_crumbs(),
    )  # fmt: skip


@guarded
def vision_edit(request: HttpRequest, vision_id: int) -> HttpResponse:
    """The vision's texts and years."""
    vision = _one(Vision, vision_id)
    correcting = _correcting(request, vision)
    form = _form(request, forms.vision_fields(), vision, correcting=correcting)
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_vision(
                vision_id=vision.pk,
                fields=form.own_fields,
                today=timezone.localdate(),
                correction=form.correction,
                by=_user(request),
            )
        except operations.EndedMandateError:
            raise
        except operations.GovernanceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(_outline(vision.pk, correcting=correcting))
    return _form_page(
        request, form, title=level_names()["vision"].singular, lead="", submit=_("Save"),
        cancel_url=_outline(vision.pk), crumbs=_crumbs(vision.pk), delete_url=_deletable_mandate(vision),
    )  # fmt: skip


def _deletable_mandate(vision: Vision) -> str:
    begun = vision.valid_from <= timezone.localdate().year
    return "" if begun else reverse("mandate-delete", args=[vision.pk])


@guarded
def mandate_new(request: HttpRequest, vision_id: int) -> HttpResponse:
    """A new mandate from a copy of this one."""
    source = _one(Vision, vision_id)
    start = (source.valid_to or timezone.localdate().year) + 1
    initial = {"valid_from": start, "valid_to": start + 3, "title_sv": source.title_sv, "title_en": source.title_en}
    form = _form(request, forms.mandate_fields(), initial)
    if request.method == "POST" and form.is_valid():
        found = form.own_fields
        try:
            new = operations.copy_mandate(
                vision_id=source.pk,
                valid_from=found["valid_from"],
                valid_to=found["valid_to"],
                titles={
                    "title_sv": found["title_sv"],
                    "title_en": found["title_en"],
                    "text_sv": source.text_sv,
                    "text_en": source.text_en,
                },
                today=timezone.localdate(),
                by=_user(request),
            )
        except operations.GovernanceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                _(
                    "The new mandate is a copy of the whole chain. Edit it freely: the older one does not change. "
                    "Directives have been moved to the new years; look them through."
                ),
            )
            return redirect(_outline(new.pk))
    return _form_page(
        request,
        form,
        title=_("A new mandate"),
        lead=_(
            "It starts from a copy of %(title)s (%(years)s) with every issue, goal, indicator, direction and directive."
        )
        % {"title": source.title, "years": read_model.years_words(source.valid_from, source.valid_to)},
        submit=_("Copy the chain"),
        cancel_url=_outline(source.pk),
        crumbs=_crumbs(source.pk),
    )


@guarded
def mandate_decide(request: HttpRequest, vision_id: int) -> HttpResponse:
    """“The council has decided these goals”: when and where; they are examples no longer."""
    vision = _one(Vision, vision_id)
    if operations.has_ended(vision, timezone.localdate()):
        operations.refuse_ended(vision)
    form = _form(request, forms.decision_fields(), vision)
    if request.method == "POST" and form.is_valid():
        operations.decide_vision(vision_id=vision.pk, **form.own_fields, today=timezone.localdate(), by=_user(request))
        messages.success(request, _("The goals stand as decided by the council."))
        return redirect(_outline(vision.pk))
    return _form_page(
        request,
        form,
        title=_("The council has decided these goals"),
        lead=_("Write when, and where the decision can be read. The note that the goals are examples goes away."),
        submit=_("The council has decided"),
        cancel_url=_outline(vision.pk),
        crumbs=_crumbs(vision.pk),
    )


@guarded
def mandate_delete(request: HttpRequest, vision_id: int) -> HttpResponse:
    """Delete a mandate that has not begun, after a question."""
    vision = _one(Vision, vision_id)
    return _delete(
        request,
        name=f"{vision.title} ({read_model.years_words(vision.valid_from, vision.valid_to)})",
        back=_outline(vision.pk),
        done=reverse("governance"),
        delete=lambda: operations.delete_vision(vision_id=vision.pk, today=timezone.localdate(), by=_user(request)),
    )


def _delete(request: HttpRequest, *, name: str, back: str, done: str, delete: Callable[[], None]) -> HttpResponse:
    """The question on GET, the deletion on POST; a refusal stands on the page with its reason."""
    refused = ""
    if request.method == "POST":
        try:
            delete()
        except operations.EndedMandateError:
            raise
        except operations.GovernanceError as error:
            refused = str(error)
        else:
            messages.success(request, _("“%(name)s” is deleted. The log keeps what it was.") % {"name": name})
            return redirect(done)
    context = {"name": name, "refused": refused, "back": back, "section": "steer", "crumbs": _crumbs()}
    return render(request, "scorecard/governance_delete.html", context)


# ── issues, directions, directives ────────────────────────────────────────────────────────────────────────────────────


def _part_fields(kind: str) -> dict[str, Any]:
    if kind == "issue":
        return forms.issue_fields()
    if kind == "direction":
        return forms.direction_fields()
    if kind == "directive":
        return forms.directive_fields(queries.committee_choices())
    raise Http404(_("Issues, directions and directives are edited here."))


@guarded
def governance_new(request: HttpRequest, kind: str, parent_id: int) -> HttpResponse:
    """A new strategic issue of a vision, or a new direction or directive of a goal."""
    fields = _part_fields(kind)
    parent = _one(Vision if kind == "issue" else Goal, parent_id)
    vision = parent if isinstance(parent, Vision) else _one(Vision, operations.vision_id_of(parent))
    if operations.has_ended(vision, timezone.localdate()):
        operations.refuse_ended(vision)
    initial = {"valid_from": timezone.localdate().year}
    if isinstance(parent, Goal):
        initial["committee_id"] = parent.committee_id
    form = _form(request, fields, initial)
    opened = parent.pk if isinstance(parent, Goal) else None
    back = _outline(vision.pk, opened=opened, anchor=f"#goal-{opened}" if opened else "")
    if request.method == "POST" and form.is_valid():
        row = operations.add_part(
            model=PARTS[kind],
            parent_id=parent.pk,
            fields=form.own_fields,
            today=timezone.localdate(),
            by=_user(request),
        )
        messages.success(request, _("Saved."))
        return redirect(_outline(vision.pk, **_place(row)))
    return _form_page(
        request, form, title=_("New: %(level)s") % {"level": level_names()[kind].singular},
        lead=parent.short if isinstance(parent, Goal) else "", submit=_("Save"), cancel_url=back,
        crumbs=_crumbs(vision.pk),
    )  # fmt: skip


@guarded
def governance_edit(request: HttpRequest, kind: str, part_id: int) -> HttpResponse:
    """A strategic issue, a direction or a directive."""
    fields = _part_fields(kind)
    row = _one(PARTS[kind], part_id)
    vision = _one(Vision, operations.vision_id_of(row))
    correcting = _correcting(request, vision)
    form = _form(request, fields, row, correcting=correcting)
    back = _outline(vision.pk, **_place(row), correcting=correcting)
    if request.method == "POST" and form.is_valid():
        operations.edit_part(
            row=row, fields=form.own_fields, today=timezone.localdate(), correction=form.correction, by=_user(request)
        )
        messages.success(request, _("Saved."))
        return redirect(back)
    return _form_page(
        request, form, title=level_names()[kind].singular, lead="" if kind == "issue" else row.goal.short,
        submit=_("Save"), cancel_url=back, crumbs=_crumbs(vision.pk),
        delete_url="" if correcting else reverse("governance-delete", args=[kind, row.pk]),
    )  # fmt: skip


@guarded
def governance_delete(request: HttpRequest, kind: str, part_id: int) -> HttpResponse:
    """Delete a part that nothing refers to, after a question."""
    if kind not in ("issue", "goal", "direction", "directive"):
        raise Http404(_("An indicator is taken off a goal in the goal's form."))
    row = _one(PARTS[kind], part_id)
    vision = _one(Vision, operations.vision_id_of(row))
    if operations.has_ended(vision, timezone.localdate()):
        operations.refuse_ended(vision)
    done = _outline(vision.pk) if kind in ("issue", "goal") else _outline(vision.pk, **_place(row))
    return _delete(
        request,
        name=str(row),
        back=_outline(vision.pk, **_place(row)),
        done=done,
        delete=lambda: operations.delete_part(row=row, today=timezone.localdate(), by=_user(request)),
    )


@require_POST
@guarded
def governance_move(request: HttpRequest, kind: str, part_id: int) -> HttpResponse:
    """Put a part higher or lower among its siblings: by `step` (-1, 1), or to a `place` counted from 1.

    A script gets the new place as a sentence to say, others come back to the outline.
    """
    if kind not in PARTS:
        raise Http404(_("There is no such part of a chain."))
    row = _one(PARTS[kind], part_id)
    vision_id = operations.vision_id_of(row)
    step, place = request.POST.get("step", ""), request.POST.get("place", "")
    if place.isascii() and place.isdigit() and len(place) < 6:
        now = operations.move_part(row=row, to=int(place) - 1, today=timezone.localdate(), by=_user(request))
    elif step in ("-1", "1"):
        now = operations.step_part(row=row, step=int(step), today=timezone.localdate(), by=_user(request))
    else:
        return HttpResponse(_("Say where to: a step up or down, or a place."), status=400, content_type="text/plain")
    said = _("“%(name)s” is now in place %(place)s.") % {"name": _name(row), "place": now + 1}
    if request.headers.get("X-Requested-With") == "reorder":
        return HttpResponse(said, content_type="text/plain; charset=utf-8")
    messages.success(request, said)
    return redirect(_outline(vision_id, **_place(row)))


def _name(row: Any) -> str:
    return str(row.indicator if isinstance(row, GoalIndicator) else row)


# ── a goal ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@guarded
def goal_new(request: HttpRequest, issue_id: int) -> HttpResponse:
    """A new goal under an issue."""
    issue = _one(StrategicIssue, issue_id)
    vision = _one(Vision, issue.vision_id)
    if operations.has_ended(vision, timezone.localdate()):
        operations.refuse_ended(vision)
    return _goal_form(request, vision, issue, None, correcting=False)


@guarded
def goal_edit(request: HttpRequest, goal_id: int) -> HttpResponse:
    """A goal with its indicators, and how it will be judged."""
    goal = _one(Goal, goal_id)
    issue = _one(StrategicIssue, goal.issue_id)
    vision = _one(Vision, issue.vision_id)
    return _goal_form(request, vision, issue, goal, correcting=_correcting(request, vision))


def _goal_form(
    request: HttpRequest, vision: Vision, issue: StrategicIssue, goal: Goal | None, *, correcting: bool
) -> HttpResponse:
    names = level_names()
    fields = forms.goal_fields(
        queries.committee_choices(), queries.issue_choices(vision.pk, language()), names["issue"].singular
    )
    form = _form(request, fields, goal if goal else {"issue_id": issue.pk}, correcting=correcting)
    stored: list[dict[str, Any]] = [
        {"indicator": link.indicator_id, "weight": link.weight.normalize(), "key": link.key}
        for link in (goal.links.all() if goal else [])
    ]
    links: Any = forms.Links(
        request.POST if request.method == "POST" else None,
        initial=stored,
        prefix="links",
        form_kwargs={
            "indicators": queries.indicator_choices(),
            "names": queries.indicator_names([one["indicator"] for one in stored]),
        },
    )
    valid = request.method == "POST" and links.is_valid() & form.is_valid()
    if "preview" in request.POST and request.htmx:  # type: ignore[attr-defined]
        return render(request, "scorecard/_goal_form_judged.html", {"judged": _said_back(request, _chosen(links))})
    if valid and "preview" not in request.POST:
        try:
            saved = operations.save_goal(
                goal_id=goal.pk if goal else None,
                issue_id=form.own_fields["issue_id"],
                fields={name: value for name, value in form.own_fields.items() if name != "issue_id"},
                links=[operations.LinkOf(*link) for link in links.links()],
                today=timezone.localdate(),
                correction=form.correction,
                by=_user(request),
            )
        except operations.EndedMandateError:
            raise
        except operations.GovernanceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The goal is saved. Below stands how it will be judged."))
            again = "?correct=1" if correcting else ""
            return redirect(f"{reverse('goal-edit', args=[saved.pk])}{again}#judged")
    chosen = _chosen(links) if links.is_bound else [(one["indicator"], one["weight"], one["key"]) for one in stored]
    context = {
        "form": form,
        "links": links,
        "goal": goal,
        "judged": _said_back(request, chosen),
        "levels": names,
        "crumbs": _crumbs(vision.pk),
        "back": _outline(vision.pk, **(_place(goal) if goal else _place(issue)), correcting=correcting),
        "delete_url": reverse("governance-delete", args=["goal", goal.pk]) if goal and not correcting else "",
        "section": "steer",
    }
    return render(request, "scorecard/goal_form.html", context)


def _chosen(links: Any) -> list[tuple[int, Any, bool]]:
    """The links as they are filled in, those left out that cannot be read."""
    return [] if not links.is_valid() else links.links()


def _said_back(request: HttpRequest, chosen: list[tuple[int, Any, bool]]) -> read_model.Judged:
    choice = chosen_period(request, follow_up_years())
    ids = [indicator for indicator, _weight, _key in chosen]
    return read_model.said_back(
        links=read_model.weighted(
            council_queries.described_indicators(ids, language()),
            [(indicator, float(weight), key) for indicator, weight, key in chosen],
        ),
        assessments=council_queries.assessments_of(ids, choice.shown),
        choice=choice,
        thresholds=thresholds(),
        indicator_url=addresses("indicator"),
        targets_url=_targets_url(),
    )


def _targets_url() -> Callable[[str], str] | None:
    """Where the target of an indicator is chosen, by its code."""
    try:
        return addresses("targets")
    except NoReverseMatch:
        return None


# ── committees and names ──────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@guarded
def committees(request: HttpRequest) -> HttpResponse:
    """Committees with their departments and what they answer for."""
    entries = read_model.committees(queries.committees(language()), level_names())
    return render(request, "scorecard/governance_committees.html", {"committees": entries, "section": "steer"})


@guarded
def committee_new(request: HttpRequest) -> HttpResponse:
    return _committee_form(request, None)


@guarded
def committee_edit(request: HttpRequest, committee_id: int) -> HttpResponse:
    return _committee_form(request, _one(Committee, committee_id))


def _committee_form(request: HttpRequest, committee: Committee | None) -> HttpResponse:
    initial: dict[str, Any] = {}
    if committee:
        initial = {
            "name_sv": committee.name_sv,  # type: ignore[attr-defined]
            "name_en": committee.name_en,  # type: ignore[attr-defined]
            "departments": list(committee.departments.values_list("id", flat=True)),
        }
    form = _form(request, forms.committee_fields(queries.department_choices()), initial)
    if request.method == "POST" and form.is_valid():
        found = form.own_fields
        departments = found.pop("departments")
        operations.save_committee(
            committee_id=committee.pk if committee else None,
            fields=found,
            departments=departments,
            by=_user(request),
        )
        messages.success(request, _("Saved."))
        return redirect("committees")
    return _form_page(
        request,
        form,
        title=_("Committee") if committee else _("A new committee"),
        lead="",
        submit=_("Save"),
        cancel_url=reverse("committees"),
        crumbs=[*_crumbs(), {"label": _("Committees"), "url": reverse("committees")}],
        delete_url=reverse("committee-delete", args=[committee.pk]) if committee else "",
    )


@guarded
def committee_delete(request: HttpRequest, committee_id: int) -> HttpResponse:
    """Delete a committee that answers for nothing, after a question."""
    committee = _one(Committee, committee_id)
    return _delete(
        request,
        name=committee.name,
        back=reverse("committees"),
        done=reverse("committees"),
        delete=lambda: operations.delete_committee(committee_id=committee.pk, by=_user(request)),
    )


@guarded
def level_names_edit(request: HttpRequest) -> HttpResponse:
    """What the levels of the chain are called in this municipality."""
    stored = queries.stored_level_names()
    initial = {
        f"{level}_{part}": getattr(row, part) or ""
        for level, row in stored.items()
        for part in forms.LevelNamesForm.PARTS
    }
    form = forms.LevelNamesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        operations.save_level_names(names=form.names, by=_user(request))
        messages.success(request, _("Saved. The names show on every page from now on."))
        return redirect("governance")
    context = {"form": form, "crumbs": _crumbs(), "section": "steer"}
    return render(request, "scorecard/governance_level_names.html", context)
