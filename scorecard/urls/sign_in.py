"""Addresses of signing in, of one's password and second factor: django-allauth's pages, those that we use.

`single_sign_on` stands outside the languages: identity providers know these addresses by heart.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.saml import views as saml
from django.urls import path, re_path

from scorecard.views import sign_in

framed, sent_on = sign_in.framed, sign_in.sent_on
login, logout = framed(sign_in.Login.as_view()), framed(account.logout)

urlpatterns = [
    path("login/", login, name="login"),
    path("logout/", logout, name="logout"),
    # Under the names that django-allauth asks for; one address, two names.
    path("login/", login, name="account_login"),
    path("logout/", logout, name="account_logout"),
    path("login/start/", sign_in.start, name="login-start"),
    path("login/inactive/", framed(account.account_inactive), name="account_inactive"),
    path("login/confirm/", framed(account.reauthenticate), name="account_reauthenticate"),
    path("login/code/", framed(mfa.authenticate), name="mfa_authenticate"),
    path("login/code/confirm/", framed(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("login/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("login/passkey/confirm/", framed(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("password/", framed(account.password_change), name="account_change_password"),
    path("password/first/", framed(account.password_set), name="account_set_password"),
    path("password/forgotten/", framed(account.password_reset), name="account_reset_password"),
    path("password/forgotten/sent/", framed(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        framed(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/", framed(account.password_reset_from_key_done), name="account_reset_password_from_key_done"
    ),
    path("second-factor/", sign_in.second_factor, name="second-factor"),
    path("second-factor/", sign_in.second_factor, name="mfa_index"),
    path("second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("second-factor/passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("second-factor/passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("second-factor/passkeys/<int:pk>/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("second-factor/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]

single_sign_on = [
    path("sso/cancelled/", framed(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sso/error/", framed(social.login_error), name="socialaccount_login_error"),
    path("sso/<slug:provider_id>/", sent_on(sign_in.oidc_login), name="openid_connect_login"),
    path("sso/<slug:provider_id>/callback/", sign_in.oidc_callback, name="openid_connect_callback"),
    path("sso/<slug:organization_slug>/start/", sent_on(saml.login), name="saml_login"),
    path("sso/<slug:organization_slug>/acs/", saml.acs, name="saml_acs"),
    path("sso/<slug:organization_slug>/acs/finish/", sign_in.saml_finish, name="saml_finish_acs"),
    path("sso/<slug:organization_slug>/sls/", saml.sls, name="saml_sls"),
    path("sso/<slug:organization_slug>/metadata/", saml.metadata, name="saml_metadata"),
]
