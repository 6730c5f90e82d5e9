"""Goal judgements per period: what is missing, and one goal's proposal beside the committee's own judgement."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from indicators.permissions import may_judge
from indicators.queries.follow_up import follow_up_years
from indicators.templatetags.figures import language
from indicators.views.access import needs
from scorecard import operations, queries
from scorecard.forms import governance as forms
from scorecard.models import Goal
from scorecard.queries import judgements as judgement_queries
from scorecard.read_models import judgements as read_model
from scorecard.read_models.choice import UnknownChoiceError, choose_period, years_of
from scorecard.rows import RevisionRow
from scorecard.views.council import PLACE, addresses, chosen_period, level_names, thresholds

for_those_who_may = needs(
    may_judge,
    gettext_lazy(
        "Judgements are recorded by strategists and administrators. Send them what the committee has decided."
    ),
)


@require_safe
@never_cache
@for_those_who_may
def judgements(request: HttpRequest) -> HttpResponse:
    """The goals of a period by committee, with what is missing."""
    try:
        choice = chosen_period(request, follow_up_years())
    except UnknownChoiceError as error:
        raise Http404(str(error)) from error
    before, after = reverse("judgement-edit", args=[PLACE, choice.shown]).split(PLACE)
    page = read_model.judgements_page(
        goals=queries.goals(choice.shown, choice.before, language()),
        links=queries.links(),
        indicators=queries.indicators(choice.shown, choice.before, language(), definitions=False),
        recorded=judgement_queries.recorded(choice.shown),
        choice=choice,
        thresholds=thresholds(),
        base=reverse("judgements"),
        edit_url=lambda code: f"{before}{code}{after}",
    )
    return render(request, "scorecard/judgements.html", {"page": page, "section": "steer"})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_those_who_may
def judgement_edit(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """One goal for one period: the proposal with its reasons, and the form of the committee's own judgement."""
    head = queries.goal(code, language())
    if head is None:
        raise Http404(_("There is no goal “%(code)s”. All goals are listed in the overview.") % {"code": code[:60]})
    today = timezone.localdate()
    try:
        choice = choose_period(years_of(head, follow_up_years()), period, this_year=today.year)
    except UnknownChoiceError as error:
        raise Http404(str(error)) from error
    revisions = judgement_queries.revisions(head.id, period, language())
    page = read_model.judgement_page(
        goal=head,
        links=queries.goal_indicators(head.id, language()),
        assessments=queries.assessments(head.id, period),
        revisions=revisions,
        choice=choice,
        thresholds=thresholds(),
        indicator_url=addresses("indicator"),
    )
    posted = request.method == "POST"
    form = forms.JudgementForm(
        request.POST if posted else None, initial=_initial(revisions, page), proposed=page.proposed, today=today
    )
    conflict = None
    if posted and form.is_valid():
        try:
            _record(request, head.id, period, form, page)
        except operations.JudgementConflictError as error:
            conflict = error.newest
            # The next attempt is made in sight of what came in between.
            form.data = {**request.POST.dict(), "seen": str(conflict.revision)}
        else:
            messages.success(request, _("The judgement is recorded and shows on the goal's page."))
            return redirect(f"{reverse('judgements')}?period={period}")
    context = {"page": page, "form": form, "conflict": conflict, "levels": level_names(), "section": "steer"}
    return render(request, "scorecard/judgement_form.html", context)


def _initial(revisions: list[RevisionRow], page: read_model.JudgementPage) -> dict[str, Any]:
    """What stands now; without a judgement the proposal is marked, and the text is still to be written."""
    if not revisions:
        return {"status": page.proposed, "seen": operations.NONE, "decided_on": None}
    newest = revisions[0]
    kept = ("status", "motivation_sv", "motivation_en", "actions_sv", "actions_en", "decided_on")
    return {**{name: getattr(newest, name) for name in kept}, "seen": newest.revision}


def _record(
    request: HttpRequest, goal_id: int, period: str, form: forms.JudgementForm, page: read_model.JudgementPage
) -> None:
    found = form.cleaned_data
    operations.judge_goal(
        goal=Goal.objects.get(pk=goal_id),
        period=period,
        status=found["status"],
        motivation={"sv": found["motivation_sv"], "en": found["motivation_en"]},
        actions={"sv": found["actions_sv"], "en": found["actions_en"]},
        decided_on=found["decided_on"],
        proposal=page.kept,
        seen=found["seen"],
        by=request.user,  # type: ignore[arg-type]
    )
