"""Letters about accounts: the invitation with its link, which works once."""

from typing import Any

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override


def invite(*, user: Any, language: str, base: str) -> None:
    """Send the letter with which somebody chooses a password; `base` is the site's address, e.g. https://example.se."""
    with override(language):
        key = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
        link = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
        context = {"name": user.get_full_name(), "link": base + link, "site": base}
        subject = " ".join(render_to_string("account/email/invitation_subject.txt", context).split())
        send_mail(subject, render_to_string("account/email/invitation_message.txt", context), None, [user.email])
