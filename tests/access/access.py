"""Signing in, one's own account, accounts and roles, the log."""

from tests.access import ADMINISTRATION, EVERYONE, SIGNED_IN, STEERING, Row

SOMEBODY = (lambda world: world.somebody.pk,)
NOT_SET_UP = (lambda world: "nowhere",)

ROWS = [
    # Whoever is signed in is led on from the pages of signing in to where they start.
    Row("login", EVERYONE),
    Row("account_login", EVERYONE),
    Row("logout", EVERYONE, method="post"),
    Row("account_logout", EVERYONE, method="post"),
    Row("account_inactive", EVERYONE),
    Row("mfa_login_webauthn", SIGNED_IN),
    Row("account_reset_password", EVERYONE),
    Row("account_reset_password_done", EVERYONE),
    Row("account_reset_password_from_key", EVERYONE, ("1", "no-such-key")),
    Row("account_reset_password_from_key_done", EVERYONE),
    # A step of a log-in that has been begun; without one it leads away.
    Row("mfa_authenticate", frozenset(), refused=302),
    Row("socialaccount_login_cancelled", EVERYONE),
    Row("socialaccount_login_error", frozenset(), refused=401),
    # Identity providers that the settings do not name are not there, for nobody.
    Row("openid_connect_login", frozenset(), NOT_SET_UP, method="post", refused=404),
    Row("openid_connect_callback", frozenset(), NOT_SET_UP, refused=404),
    Row("saml_login", frozenset(), NOT_SET_UP, method="post", refused=404),
    Row("saml_acs", EVERYONE, NOT_SET_UP, method="post"),
    Row("saml_finish_acs", frozenset(), NOT_SET_UP, refused=404),
    Row("saml_sls", frozenset(), NOT_SET_UP, refused=404),
    Row("saml_metadata", frozenset(), NOT_SET_UP, refused=404),
    Row("login-start", SIGNED_IN),
    Row("account_reauthenticate", SIGNED_IN),
    Row("mfa_reauthenticate", SIGNED_IN),
    Row("mfa_reauthenticate_webauthn", SIGNED_IN),
    Row("account_change_password", SIGNED_IN),
    Row("account_set_password", SIGNED_IN),
    Row("second-factor", SIGNED_IN),
    Row("mfa_index", SIGNED_IN),
    Row("mfa_activate_totp", SIGNED_IN),
    # Nobody in this world has a second factor; test_sign_in tries these with one.
    Row("mfa_deactivate_totp", frozenset(), refused=404),
    Row("mfa_view_recovery_codes", frozenset(), refused=404),
    Row("mfa_generate_recovery_codes", SIGNED_IN),
    Row("mfa_download_recovery_codes", frozenset(), refused=404),
    Row("mfa_list_webauthn", SIGNED_IN),
    Row("mfa_add_webauthn", SIGNED_IN),
    # Asks first whether it is you; somebody else's passkey is not there then (test_sign_in).
    Row("mfa_edit_webauthn", frozenset(), (lambda world: world.passkey.pk,), refused=302),
    Row("mfa_remove_webauthn", frozenset(), (lambda world: world.passkey.pk,), refused=302),
    Row("account", SIGNED_IN),
    Row("account-sessions-end", SIGNED_IN, method="post"),
    Row("accounts", ADMINISTRATION),
    Row("account-new", ADMINISTRATION),
    Row("account-new", ADMINISTRATION, method="post"),
    Row("account-edit", ADMINISTRATION, SOMEBODY),
    Row("account-edit", ADMINISTRATION, SOMEBODY, method="post"),
    Row("account-invite", ADMINISTRATION, SOMEBODY, method="post"),
    Row("account-close", ADMINISTRATION, SOMEBODY, method="post"),
    Row("account-open", ADMINISTRATION, SOMEBODY, method="post"),
    Row("account-factors-remove", ADMINISTRATION, SOMEBODY, method="post"),
    Row("log", STEERING),
    Row("log-csv", STEERING),
    Row("log-xlsx", STEERING),
]
