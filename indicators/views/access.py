"""The door of pages that are not for all: sign in first, then the right to the page, with a reason for who lacks it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from indicators.permissions import Person
from indicators.queries import access

View = Callable[..., HttpResponse]


def person_of(request: HttpRequest) -> Person:
    """Who asks; read once a request."""
    known: Person | None = getattr(request, "person", None)
    if known is None:
        known = access.person(request.user)
        request.person = known  # type: ignore[attr-defined]
    return known


def needs(allowed: Callable[[Person], bool], reason: str | Promise) -> Callable[[View], View]:
    """Let in whom `allowed(person)` lets in. Others sign in first, or are told the reason, which says whom to ask.

    A predicate that takes a department is asked for any department here, and again where the object is loaded.
    """

    def door(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(person_of(request)):
                raise PermissionDenied(str(reason))
            return view(request, *args, **kwargs)

        return guarded

    return door
