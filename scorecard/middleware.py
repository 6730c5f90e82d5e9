"""What happens around every request: addresses that cannot be read, answers that nobody keeps, sessions that end when
nobody works, whose changes they are, the second factor.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from indicators.operations.actor import recorded
from scorecard.sign_in import lacks_second_factor

Answer = Callable[[HttpRequest], HttpResponse]
SEEN = "seen"
# Renewing a session writes; once in a while is enough, and it then ends at most so much too early.
RENEW_SECONDS = 600
# What somebody without a second factor can reach: to get one, to leave, and what the pages are made of.
OPEN_WITHOUT = ("mfa_", "account_", "socialaccount_", "second-factor", "logout", "login", "healthz")


class Readable:
    """Refuse an address with a NUL in it, which no database can be asked for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            raise BadRequest("a NUL in the address")
        return self.get_response(request)


class Private:
    """What is shown to somebody signed in is kept by no proxy, and by no browser that they have logged out of: pages,
    refusals, and what django-allauth shows, recovery codes among it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.session_key and request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class KeepAlive:
    """Let a session live on while its person works: it ends `SESSION_COOKIE_AGE` after the last renewal."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.session_key and request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.get(SEEN, 0) >= min(RENEW_SECONDS, settings.SESSION_COOKIE_AGE // 4):
                request.session[SEEN] = now
        return response


class Actor:
    """Changes made while the request is answered stand in the log as its person's; nobody is looked up for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with recorded(lambda: request.user if request.user.is_authenticated else None):
            return self.get_response(request)


class SecondFactor:
    """With REQUIRE_SECOND_FACTOR, send strategists and administrators who have none to the page that explains it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if not settings.REQUIRE_SECOND_FACTOR or (name or "").startswith(OPEN_WITHOUT):
            return None
        if not lacks_second_factor(request):
            return None
        response = redirect("second-factor")
        add_never_cache_headers(response)
        return response
