"""What a resident's device keeps of the surveys that it answers: by which link it came, and the key to its answers.

Only cookies below the answer pages' own addresses, one for each language, hold it, and no script can read them. The
server keeps the key's digest beside the answers and never beside the link.
"""

import re
import secrets
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override

from indicators.templatetags.figures import language
from surveys.compute.tokens import cleaned

DAYS = 30
MOST = 4  # links of one device: those of a household
KIND_TOKEN, KIND_WAVE = "t", "w"
ENTRY = re.compile(r"([tw])\.([A-Za-z0-9]{1,16})\.([A-Za-z0-9_-]{20,60})\.([01])")
HANDED_OVER = "answer_link"
NOT_A_CODE = "0"  # what was no token: it is told so where no link stands in the address


@dataclass(frozen=True)
class Entry:
    """A link that was opened. `which`: the token, or the wave of an open link; `done`: answered from here."""

    kind: str
    which: str
    key: str
    done: bool = False

    @property
    def token(self) -> str:
        return self.which if self.kind == KIND_TOKEN else ""

    @property
    def wave_id(self) -> int:
        return int(self.which) if self.kind == KIND_WAVE and self.which.isdigit() else 0

    def __str__(self) -> str:
        return f"{self.kind}.{self.which}.{self.key}.{int(self.done)}"


@dataclass(frozen=True)
class Device:
    """The links of a device, the one it answers by now first."""

    entries: tuple[Entry, ...] = ()

    @staticmethod
    def of(request: HttpRequest) -> "Device":
        """What the request's cookies tell, with the link that has just been opened in front."""
        known = request.COOKIES.get(_name(language()), "").split("~")
        found = [Entry(m[1], m[2], m[3], m[4] == "1") for m in map(ENTRY.fullmatch, known) if m]
        device = Device(tuple(found[:MOST]))
        token = request.COOKIES.get(HANDED_OVER, "")
        return device.opened(KIND_TOKEN, token) if _plausible(token) else device

    @property
    def current(self) -> Entry | None:
        return self.entries[0] if self.entries else None

    def opened(self, kind: str, which: str) -> "Device":
        """With this link in front: a known one keeps its key, so that its answers are found again."""
        known = next((entry for entry in self.entries if (entry.kind, entry.which) == (kind, which)), None)
        entry = known or Entry(kind, which, secrets.token_urlsafe(24))
        others = [other for other in self.entries if other != known]
        return Device((entry, *others)[:MOST])

    def finished(self) -> "Device":
        """With the link in front marked as answered from here."""
        return Device((replace(self.entries[0], done=True), *self.entries[1:]))

    def without_current(self) -> "Device":
        return Device(self.entries[1:])

    def keep(self, response: HttpResponse) -> None:
        """Let the browser keep it for a while, for the pages of every language."""
        for code, _label in settings.LANGUAGES:
            if self.entries:
                _set(response, _name(code), "~".join(map(str, self.entries)), _path(code), DAYS * 86_400)
            else:
                response.delete_cookie(_name(code), path=_path(code), samesite="Lax")
        response.delete_cookie(HANDED_OVER, path=_path(language()), samesite="Lax")


def hand_over(response: HttpResponse, token: str) -> None:
    """Let the browser carry a token from its link to the first page, where it stands in no address any more."""
    plain = cleaned(token)
    _set(response, HANDED_OVER, plain if _plausible(plain) else NOT_A_CODE, _path(language()), 600)


def _plausible(token: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]{1,16}", token) is not None


def _set(response: HttpResponse, name: str, value: str, path: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path=path, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _name(code: str) -> str:
    """Two cookies of one name at two paths could not be set by one answer."""
    return f"answers_{code}"


def _path(code: str) -> str:
    with override(code):
        return reverse("answer-start")
