"""Identity providers as the environment names them, in the form that django-allauth reads. Knows no Django.

One OpenID Connect provider and one SAML provider at most: a municipality has one directory of its staff.
"""

from typing import Any

import environ

OIDC, SAML = "openid_connect", "saml"
# Where identity providers put the address and the name: Entra ID and AD FS, then what SAML federations use.
ATTRIBUTES = {
    "uid": ["urn:oasis:names:tc:SAML:attribute:subject-id"],
    "email": [
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "email",
        "mail",
    ],
    "first_name": [
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "urn:oid:2.5.4.42",
        "givenName",
    ],
    "last_name": ["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "urn:oid:2.5.4.4", "sn"],
}


def providers(env: environ.Env) -> dict[str, Any]:
    """`SOCIALACCOUNT_PROVIDERS`: empty where the environment names neither."""
    found: dict[str, Any] = {}
    if env("OIDC_SERVER_URL", default=""):
        found[OIDC] = {"OAUTH_PKCE_ENABLED": True, "APPS": [_oidc(env)]}
    if env("SAML_IDP_ENTITY_ID", default=""):
        found[SAML] = {"APPS": [_saml(env)]}
    return found


def _oidc(env: environ.Env) -> dict[str, Any]:
    return {
        "provider_id": "oidc",
        "name": env("OIDC_NAME", default="OpenID Connect"),
        "client_id": env("OIDC_CLIENT_ID"),
        "secret": env("OIDC_CLIENT_SECRET", default=""),
        "settings": {
            "server_url": env("OIDC_SERVER_URL"),
            "fetch_userinfo": env.bool("OIDC_FETCH_USERINFO", default=False),
            # Domains whose addresses the provider vouches for without the claim email_verified, as Entra ID does.
            "verified_email": env.list("OIDC_TRUSTED_DOMAINS", default=[]),
        },
    }


def _saml(env: environ.Env) -> dict[str, Any]:
    metadata = env("SAML_IDP_METADATA_URL", default="")
    place = {"metadata_url": metadata} if metadata else {
        "sso_url": env("SAML_IDP_SSO_URL"),
        "x509cert": env("SAML_IDP_CERTIFICATE").replace("\\n", "\n"),
    }  # fmt: skip
    return {
        "client_id": "saml",
        "name": env("SAML_NAME", default="SAML"),
        "settings": {
            "idp": {"entity_id": env("SAML_IDP_ENTITY_ID"), **place},
            "attribute_mapping": ATTRIBUTES,
            "verified_email": env.list("SAML_TRUSTED_DOMAINS", default=[]),
            "advanced": {
                "strict": True,
                "want_assertion_signed": True,
                "reject_idp_initiated_sso": True,
                "reject_deprecated_algorithm": True,
                "allow_single_label_domains": env.bool("SAML_ALLOW_SINGLE_LABEL_DOMAINS", default=False),
            },
        },
    }
