"""The provider that django-allauth finds by this module's name."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


def nonce_of(code_verifier: str) -> str:
    """What ties an ID token to the browser that asked for it; follows from the secret that PKCE keeps there."""
    digest = hashlib.sha256(b"nonce:" + code_verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


class CheckedAdapter(OpenIDConnectOAuth2Adapter):
    """Checks the signature of the ID token even where it came straight from the provider, and its nonce."""

    code_verifier = ""

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        self.code_verifier = pkce_code_verifier or ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("the identity provider sent no ID token")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.PyJWTError as error:
            raise OAuth2Error("the ID token cannot be read") from error
        if header.get("alg") not in SIGNATURES or not header.get("kid"):
            raise OAuth2Error("the ID token is not signed with a key of the identity provider")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if not secrets.compare_digest(str(claims.get("nonce", "")), nonce_of(self.code_verifier)):
            raise OAuth2Error("the ID token was made for another sign-in")
        return claims


class CheckedProvider(OpenIDConnectProvider):
    oauth2_adapter_class = CheckedAdapter

    def get_pkce_params(self) -> dict[str, str]:
        """Parameters of the request to the provider; its caller takes the verifier out and keeps it."""
        parameters: dict[str, str] = super().get_pkce_params()
        return {**parameters, "nonce": nonce_of(parameters["code_verifier"])}


provider_classes = [CheckedProvider]
