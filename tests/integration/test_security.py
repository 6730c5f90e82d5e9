"""What protects the site around its pages: policy, cookies, limits, error pages, and no secrets in the repository."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.views import defaults

from tests.access.world import World, rows
from tests.integration.test_access import called

ROOT = Path(project.BASE_DIR)
DATA = {"application/json", "application/ld+json"}


class Inline(HTMLParser):
    """Collects what a strict policy would refuse: scripts and styles in the page, handlers, script addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") not in DATA:
            self.found.append("a script in the page")
        if tag == "style":
            self.found.append("a style in the page")
        for name, value in attrs:
            if name == "style" or re.match(r"on[a-z]+$", name):
                self.found.append(f"{tag} {name}={value!r}")
            if name in ("href", "src", "action") and (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value!r}")


def inline(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


@pytest.mark.django_db
def test_no_page_has_code_or_style_of_its_own() -> None:
    world = World()
    readers = {role: Client() for role in ("public", "administrator")}
    readers["administrator"].force_login(world.users["administrator"])
    problems, seen = [], 0
    for row in (row for row in rows() if row.method == "get"):
        try:
            address = reverse(row.name, args=[called(arg, world) for arg in row.args])
        except Exception as error:  # noqa: BLE001 (the table itself is tried in test_access)
            problems.append(f"{row.name}: {error!r}")
            continue
        for role, client in readers.items():
            answer = client.get(address)
            if "html" not in answer.headers.get("Content-Type", "") or answer.streaming:
                continue
            seen += bool(answer.content)
            problems += [f"{address} as {role}: {found}" for found in inline(answer.content.decode())]
    assert not problems, "\n".join(problems)
    assert seen > 20


def test_the_guard_finds_what_it_looks_for() -> None:
    bad = '<p style="a" onclick="b"></p><style></style><script>1</script><a href=" JavaScript:1">x</a>'
    assert len(inline(bad)) == 5
    assert inline('<script src="/a.js"></script><script type="application/json">{}</script>') == []


@pytest.mark.django_db
def test_every_answer_carries_the_policy() -> None:
    World()
    answer = Client().get(reverse("login"))
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def run(code: str, tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-c", code] if not code.startswith("manage.py") else [sys.executable, *code.split()],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env=kept | {"SCORECARD_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "scorecard.settings"} | environment,
    )  # fmt: skip


def test_a_deployment_has_nothing_to_complain_of(tmp_path: Path) -> None:
    ran = run("manage.py check --deploy --fail-level WARNING", tmp_path, HTTPS="true", BEHIND_PROXY="true")
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout


def test_with_https_cookies_and_transport_are_strict(tmp_path: Path) -> None:
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT",
             "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_SAMESITE",
             "REQUIRE_SECOND_FACTOR", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "DEBUG"]  # fmt: skip
    code = f"from django.conf import settings as s; print([getattr(s, n) for n in {names!r}])"
    ran = run(code, tmp_path, HTTPS="1", REQUIRE_SECOND_FACTOR="1")
    assert ran.stdout.strip() == "[True, True, True, True, 31536000, True, 'Lax', True, False, False]", ran.stderr


def test_providers_come_from_the_environment(tmp_path: Path) -> None:
    code = "from django.conf import settings as s; print(sorted(s.SOCIALACCOUNT_PROVIDERS))"
    assert run(code, tmp_path).stdout.strip() == "[]"
    given = {"OIDC_SERVER_URL": "https://idp.example", "OIDC_CLIENT_ID": "x", "SAML_IDP_ENTITY_ID": "https://idp.example",
             "SAML_IDP_METADATA_URL": "https://idp.example/metadata"}  # fmt: skip
    assert run(code, tmp_path, **given).stdout.strip() == "['openid_connect', 'saml']"


def test_a_provider_half_named_is_told_at_the_start(tmp_path: Path) -> None:
    ran = run("import scorecard.settings", tmp_path, OIDC_SERVER_URL="https://idp.example")
    assert ran.returncode != 0
    assert "OIDC_CLIENT_ID" in ran.stderr


@pytest.mark.django_db
class TestWhatIsKept:
    """By proxies and browsers, after somebody has logged out."""

    ADDRESSES = (
        ("overview", 200), ("prioritisations", 200), ("account_change_password", 200), ("account_reauthenticate", 200),
        ("indicators", 200), ("accounts", 403), ("my-measurements", 403), ("mfa_activate_totp", 302),
    )  # fmt: skip

    def test_nothing_that_somebody_signed_in_was_shown(self) -> None:
        world, client = World(), Client()
        client.force_login(world.users["council"])
        for name, status in self.ADDRESSES:
            answer = client.get(reverse(name))
            assert answer.status_code == status, name
            assert "no-store" in answer.headers.get("Cache-Control", ""), name
            assert "private" in answer.headers["Cache-Control"], name
        assert "no-store" in client.get("/nowhere/").headers["Cache-Control"]

    def test_what_everybody_may_read_may_be_kept(self) -> None:
        World()
        answer = Client().get(reverse("overview"))
        assert "Cache-Control" not in answer.headers
        assert "Cookie" in answer.headers["Vary"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["public", "reporter"])
def test_an_address_with_a_nul_is_refused(role: str) -> None:
    world, client = World(), Client()
    if role != "public":
        client.force_login(world.users[role])
    address = reverse("indicator", args=[world.indicator.code])
    for asked in (f"{address}?group=%00", f"{address}?x=a%00b", "/indicators/?q=%00", "/goal/%00/"):
        assert client.get(asked).status_code == 400, asked


@pytest.mark.django_db
class TestErrorPages:
    def page(self, view: Any, **more: Any) -> HttpResponse:
        request: HttpRequest = RequestFactory().get("/somewhere/")
        request.session = {}  # type: ignore[assignment]
        from django.contrib.auth.models import AnonymousUser

        request.user = AnonymousUser()
        answer: HttpResponse = view(request, **more)
        return answer

    @pytest.mark.parametrize(
        ("view", "code", "advice"),
        [
            (defaults.bad_request, 400, "försök igen"),
            (defaults.permission_denied, 403, "Logga in med ett annat konto"),
            (defaults.page_not_found, 404, "översikten"),
        ],
    )
    def test_say_what_to_do(self, view: Any, code: int, advice: str) -> None:
        answer = self.page(view, exception=Exception(""))
        assert answer.status_code == code
        assert advice in answer.content.decode()

    def test_the_servers_own_fault_asks_for_nothing(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            answer = self.page(defaults.server_error)
        assert answer.status_code == 500
        assert inline(answer.content.decode()) == []

    def test_a_form_without_its_token_is_told_to_load_the_page_again(self) -> None:
        answer = Client(enforce_csrf_checks=True).post(reverse("login"), {"login": "x", "password": "y"})
        assert answer.status_code == 403
        assert "öppet för länge" in answer.content.decode()

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
    def test_too_much_at_once_is_refused(self) -> None:
        answer = Client().post(reverse("login"), {"login": "x" * 2000, "password": "y"})
        assert answer.status_code in (400, 413)


def test_what_one_request_may_send_is_limited() -> None:
    assert project.DATA_UPLOAD_MAX_MEMORY_SIZE <= 10_000_000
    assert project.DATA_UPLOAD_MAX_NUMBER_FIELDS <= 20_000
    assert project.DATA_UPLOAD_MAX_NUMBER_FILES <= 100


SECRETS = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"AKIA[0-9A-Z]{16}",
    r"gh[pousr]_[A-Za-z0-9]{30,}",
    r"(?i)\b(secret_key|api_key|auth_token)\s*=\s*[\"'][A-Za-z0-9+/_\-!@#$%^&*()]{24,}[\"']",
    r"\w+://[^\s:/@{$]+:[^\s:/@{$]{8,}@(?!127\.0\.0\.1|localhost|mail\.example|postgres)",
)


def test_the_repository_holds_no_secrets() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        assert path.name not in (".env", "secret-key", "demonstration-logins.txt"), name
        if path.is_file() and path.stat().st_size < 2_000_000 and path != Path(__file__):
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [f"{name}: {pattern}" for pattern in SECRETS if re.search(pattern, text)]
    assert found == []
