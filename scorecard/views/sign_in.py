"""Signing in: django-allauth's pages in our frame, and the pages around them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.saml import views as saml
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from lxml.etree import XMLSyntaxError

from indicators.permissions import may_steer
from indicators.views.access import person_of
from scorecard.oidc.provider import CheckedAdapter
from scorecard.sign_in import start_of

View = Callable[..., HttpResponse]


class Login(LoginView):
    """The log-in page, with a button for each identity provider that the settings name."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        wanted = self.get_next_url() or reverse("login-start")
        context["providers"] = [
            {"name": name, "url": f"{address}?{urlencode({'next': wanted})}"} for name, address in ways_in()
        ]
        return context


def ways_in() -> list[tuple[str, str]]:
    """Identity providers by name, with the address where signing in there starts."""
    names = {"openid_connect": ("openid_connect_login", "provider_id"), "saml": ("saml_login", "client_id")}
    return [
        (app["name"], reverse(names[kind][0], args=[app[names[kind][1]]]))
        for kind, provider in settings.SOCIALACCOUNT_PROVIDERS.items()
        for app in provider["APPS"]
    ]


def framed(view: View) -> View:
    """A page of django-allauth's without its own `site`, which would stand in the way of what our pages know."""

    @wraps(view)
    def framed_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data.pop("site", None)
        return response

    return framed_view


def sent_on(view: View) -> View:
    """The start of single sign-on: posted, and answered with a page that leads on to the identity provider.

    A redirect would be a form that ends outside our own address, which our policy forbids.
    """

    @require_http_methods(["POST"])
    @never_cache
    @wraps(view)
    def sending_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        place = response.headers.get("Location", "")
        if url_has_allowed_host_and_scheme(place, allowed_hosts={request.get_host()}) or not place:
            return response
        return render(request, "socialaccount/sent_on.html", {"place": place})

    return sending_view


def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _oidc(OAuth2LoginView, request, provider_id)


@require_safe
@never_cache
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _oidc(OAuth2CallbackView, request, provider_id)


def saml_finish(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """The second half of an answer by SAML; one that is no XML is refused like every other that cannot be trusted."""
    try:
        answer: HttpResponse = saml.finish_acs(request, organization_slug=organization_slug)
    except XMLSyntaxError:
        answer = render(request, "socialaccount/authentication_error.html", status=400)
    return answer


def _oidc(step: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = step.adapter_view(CheckedAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return answer


@require_safe
@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Send somebody who has just signed in on to their work, in the language of this address."""
    return redirect(start_of(request))


@require_safe
@never_cache
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """What a second factor is, whether one must have it, which ways one has, and how to get more (1 query)."""
    mine = list(Authenticator.objects.filter(user_id=request.user.pk).order_by("created_at"))
    codes = next((a for a in mine if a.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "required": settings.REQUIRE_SECOND_FACTOR and may_steer(person_of(request)),
        "app": any(a.type == Authenticator.Type.TOTP for a in mine),
        "passkeys": [a.wrap() for a in mine if a.type == Authenticator.Type.WEBAUTHN],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
    }
    return render(request, "scorecard/account_second_factor.html", context)
