"""A small OpenID Connect provider over real HTTP: discovery, keys, authorization code with PKCE, signed ID tokens.

A test may make it lie: `change(claims)` is what it puts into the token, `key` what it signs with.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "scorecard", "hemligheten"  # of this test alone


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    def __init__(self) -> None:
        self.key = self.published = new_key()
        self.person: dict[str, Any] = {}
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}
        self.refused: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                provider.token(self, {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()})

            def log_message(self, *_args: Any) -> None:
                """Nothing to the console."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def settings(self, **more: Any) -> dict[str, Any]:
        """As `scorecard.single_sign_on` makes them of the environment."""
        inner = {"server_url": self.issuer, "fetch_userinfo": False, "verified_email": [], **more}
        app = {"provider_id": "oidc", "name": "Kommunens inloggning", "client_id": CLIENT, "secret": SECRET}
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app | {"settings": inner}]}}

    def get(self, to: BaseHTTPRequestHandler) -> None:
        address = urlparse(to.path)
        if address.path == "/.well-known/openid-configuration":
            paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys",
                     "userinfo_endpoint": "userinfo"}  # fmt: skip
            answer(to, {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in paths.items()}})
        elif address.path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.published.public_key()))
            answer(to, {"keys": [key | {"kid": "one", "alg": "RS256", "use": "sig"}]})
        elif address.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            to.send_response(302)
            to.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
            to.end_headers()
        else:
            to.send_error(404)

    def token(self, to: BaseHTTPRequestHandler, sent: dict[str, str]) -> None:
        asked = self.codes.pop(sent.get("code", ""), None)  # a code works once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if asked is None or asked.get("code_challenge_method") != "S256":
            self.refused.append("code")
            return answer(to, {"error": "invalid_grant"}, status=400)
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            self.refused.append("verifier")
            return answer(to, {"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "person-1", "iat": now, "exp": now + 300,
                  "jti": secrets.token_hex(8), "nonce": asked.get("nonce"), **self.person}  # fmt: skip
        key: Any = "a secret that both know, which is not how it is done" if self.algorithm == "HS256" else self.key
        signed = jwt.encode(
            self.change(claims), key if self.algorithm != "none" else None, self.algorithm, {"kid": "one"}
        )
        return answer(to, {"access_token": "at", "token_type": "Bearer", "expires_in": 300, "id_token": signed})


def answer(to: BaseHTTPRequestHandler, content: dict[str, Any], *, status: int = 200) -> None:
    body = json.dumps(content).encode()
    to.send_response(status)
    to.send_header("Content-Type", "application/json")
    to.send_header("Content-Length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)
