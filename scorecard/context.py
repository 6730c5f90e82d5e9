"""What every page knows: whose scorecard this is, what its figures are, and its address in the other language."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.translation import get_language, override, pgettext

from indicators import permissions
from indicators.permissions import NOBODY, Person
from indicators.queries.access import person_with
from indicators.templatetags.figures import language
from scorecard import queries
from scorecard.rows import SiteRow
from scorecard.wording import Level, levels

# Pages that hang on an item of the navigation, by how the names of their addresses begin.
SECTIONS = {
    "steer": (
        "input-period", "input-periods", "reminders", "health", "indicator-definitions", "definition", "targets",
        "target", "departments", "department", "governance", "committees", "committee", "mandate", "goal-new",
        "goal-edit", "level-names", "judgements", "judgement", "accounts", "account-new", "account-edit", "log", "jobs",
        "job", "survey-steer", "survey-links", "survey-link", "edition", "wave", "comments", "comment",
        "themes", "theme", "hypotheses", "hypothesis",
    ),
    "surveys": ("survey", "answer"),
    "prioritisations": ("prioritisation",),
}  # fmt: skip
LANGUAGE_NAMES = {"sv": "Svenska", "en": "English"}  # each in its own language, so that its readers find it


@dataclass(frozen=True)
class Site:
    municipality_name: str
    product_name: str
    demonstration: bool
    example_goals: bool
    levels: dict[str, Level]
    may_enter: bool
    may_approve: bool
    may_prioritise: bool
    may_steer: bool
    person: str


def site(request: HttpRequest) -> dict[str, Any]:
    person, row = _person_and_site(request)
    other = next(code for code, _name in settings.LANGUAGES if code != get_language())
    return {
        "site": Site(
            municipality_name=row.municipality if row else "",
            product_name=pgettext("the product's name, after the municipality's", "scorecard"),
            demonstration=row.invented if row else False,
            example_goals=row.example_goals if row else False,
            levels=levels(row.levels if row else {}),
            may_enter=permissions.may_enter(person),
            may_approve=permissions.may_approve(person),
            may_prioritise=permissions.may_prioritise(person),
            may_steer=permissions.may_steer(person),
            person=person.name,
        ),
        "section": section(request.resolver_match.url_name or "" if request.resolver_match else ""),
        "other_language_url": _in_language(request, other),
        "other_language_name": LANGUAGE_NAMES[other],
    }


def section(url_name: str) -> str:
    """The navigation item that a page hangs on; its own name where it hangs on none."""
    for item, names in SECTIONS.items():
        if any(url_name == name or url_name.startswith(f"{name}-") for name in names):
            return item
    return url_name


def _person_and_site(request: HttpRequest) -> tuple[Person, SiteRow | None]:
    """Both in one query, unless the view had to know the person already."""
    user = getattr(request, "user", None)
    known: Person | None = getattr(request, "person", None)
    row, roles = queries.site(user.pk if user is not None and known is None else None, language())
    if known is not None:
        return known, row
    return (NOBODY if user is None else person_with(user, roles)), row


def _in_language(request: HttpRequest, language: str) -> str:
    """The same page in another language; the overview where the page has no other, e.g. when there is no such page."""
    here = request.get_full_path()
    there = translate_url(here, language)
    if there != here:
        return there
    with override(language):
        return reverse("overview")
