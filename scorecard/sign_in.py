"""How people sign in: django-allauth's adapters, the log of sign-ins, where each starts, who needs a second factor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators import operations
from indicators.models import SignIn
from indicators.permissions import RoleName, may_approve, may_enter, may_steer
from indicators.views.access import person_of
from scorecard import queries

PASSWORD, PASSKEY, SINGLE_SIGN_ON, CODE, RECOVERY = "password", "passkey", "single sign-on", "code", "recovery code"
FACTORS = {"totp": CODE, "webauthn": PASSKEY, "recovery_codes": RECOVERY}


class AccountAdapter(DefaultAccountAdapter):
    """Nobody makes an account here; after signing in everybody starts where their work is."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy(
            "The e-mail address or the password is wrong. If you have forgotten the password, choose a new one below."
        ),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries with the wrong password. Wait five minutes, or choose a new password below."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return start_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """“Signed in as …” is seen in the masthead; what else happened is told."""
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """The name in people's authenticator apps is the municipality's and the product's."""

    def _get_site_name(self) -> str:
        row, _roles = queries.site(None)
        return _("%(municipality)s scorecard") % {"municipality": row.municipality} if row else "Scorecard"


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Lets in whom the identity provider vouches for and who has an account, or gets one where that is set."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        if not any(address.verified for address in sociallogin.email_addresses):
            raise ImmediateHttpResponse(refused(request, _(
                "Your organisation's sign-in did not vouch for an e-mail address of yours, so it cannot be matched "
                "to an account."
            )))  # fmt: skip
        if not settings.SSO_CREATE_ACCOUNTS:
            address = next(a.email for a in sociallogin.email_addresses if a.verified)
            raise ImmediateHttpResponse(
                refused(request, _("There is no account for %(address)s.") % {"address": address})
            )

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(settings.SSO_CREATE_ACCOUNTS)


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """The page that says why single sign-on did not let somebody in."""
    return render(request, "socialaccount/refused.html", {"reason": reason}, status=403)


def start_of(request: HttpRequest) -> str:
    """Where somebody who has just signed in goes: to what they came to do."""
    person = person_of(request)
    if may_steer(person):
        names = ["steer"]
    elif may_approve(person) and not person.departments(RoleName.REPORTER):
        names = ["review"]
    else:
        names = ["my-measurements"] if may_enter(person) else []
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return reverse("overview")


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether its person must have a second factor before going on. Single sign-on brings its own.

    No query for whoever used one when signing in.
    """
    if not request.user.is_authenticated:
        return False
    used = {record.get("method") for record in get_authentication_records(request, request.user)}
    if used & {"mfa", "socialaccount"} or not may_steer(person_of(request)):
        return False
    return not is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def method_of(request: HttpRequest | None, user: Any) -> str:
    """How somebody signed in, e.g. “password + code”; empty where it is not known, as in a test."""
    if request is None or not hasattr(request, "session"):
        return ""
    used = []
    for record in get_authentication_records(request, user):
        method = record.get("method", "")
        if method == "mfa":
            used.append(FACTORS.get(record.get("type", ""), CODE))
        elif method == "socialaccount":
            used.append(SINGLE_SIGN_ON)
        elif method == "password":
            used.append(PASSWORD)
    return " + ".join(dict.fromkeys(used))


@receiver(user_logged_in, dispatch_uid="log-of-sign-ins")
def _signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    operations.log_sign_in(
        user=user, account=user.email, outcome=SignIn.Outcome.SUCCEEDED, method=method_of(request, user)
    )


@receiver(user_logged_out, dispatch_uid="log-of-sign-outs")
def _signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if user is not None:
        operations.log_sign_in(user=user, account=user.email, outcome=SignIn.Outcome.SIGNED_OUT, method="")


@receiver(user_login_failed, dispatch_uid="log-of-refusals")
def _refused(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Only of accounts that exist: what else was written may be anything, a password too."""
    written = credentials.get("email") or ""
    user = get_user_model().objects.filter(email__iexact=written).first() if written else None
    if user is not None:
        operations.log_sign_in(user=user, account=user.email, outcome=SignIn.Outcome.FAILED, method=PASSWORD)
