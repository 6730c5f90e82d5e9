"""Kolada's open API v3: ask politely, take nothing on trust, judge nothing.

Input and output only. What is fetched here is RAW: whether a value is plausible, wanted or due is decided by
the validation that follows. No Django: the settings arrive as arguments.

    with KoladaClient("https://api.kolada.se/v3/") as kolada:
        for page in kolada.data(["N00945", "N15505"], range(2018, 2026)):
            flat = flatten(page.cells)

One client serves one thread.
"""

import json
import logging
import re
import reprlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

logger = logging.getLogger(__name__)

IDS_PER_SEGMENT = 25
CELLS_PER_PAGE = 5000
# Every KPI for every year and place fits in a few hundred pages of one request, so more is a runaway.
PAGES_PER_REQUEST = 5000
NATION = "0000"
# What is published of the citizen survey as a whole: how many answered, and how many per cent of those asked.
SURVEY_ANSWERS, SURVEY_RESPONSE_RATE = "N00528", "N00529"

LONGEST_NAME = 80

_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_PLACE = re.compile(r"[0-9]{4}")
_SECONDS = re.compile(r"\d{1,40}(\.\d{1,40})?")
_GENDERS = frozenset("TKM")
_FLAG_WORDS = {"true": True, "1": True, "false": False, "0": False, "": False}


class Trouble(StrEnum):
    """What kind of failure a KoladaError is; the page has one sentence for each."""

    SETTING = "setting"  # the base URL or an id cannot be asked for at all
    REFUSED = "refused"  # 4xx other than 429: asking again gives the same
    MOVED = "moved"  # a redirect, or a next page on another host
    UNAVAILABLE = "unavailable"  # 429, 5xx, broken answers, every attempt used up
    TOO_LARGE = "too_large"  # the body, once unpacked, is beyond the limit
    UNEXPECTED = "unexpected"  # valid JSON that is not an answer of API v3
    LOOP = "loop"  # next_url leads back to a page already read, or never ends


class KoladaError(Exception):
    """Kolada could not be read: what was asked, what came, what to do. English; pages go by `trouble`."""

    def __init__(self, trouble: Trouble, *, asked: str, came: str, advice: str) -> None:
        super().__init__(f"Kolada, asked for {asked}: {came}. {advice}")
        self.trouble, self.asked, self.came, self.advice = trouble, asked, came, advice


class _PassingError(Exception):
    """A failure that another attempt may cure. `after` is the wait in seconds that the server asked for."""

    def __init__(self, came: str, after: float | None = None) -> None:
        super().__init__(came)
        self.came, self.after = came, after


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality (type "K"), a region ("L") or the nation ("N": code 0000, an L in the API)."""

    code: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group of places. `title` carries name, area and year ("Liknande kommuner, …, Kungsbacka, 2025")."""

    code: str
    title: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI as Kolada describes it, without unit or direction; "" and None stand for what was left out.

    `publication_period` is the period of the next publication, `next_publication` its day.
    """

    id: str
    title: str
    description: str
    divided: bool
    publication_period: str
    next_publication: date | None
    preliminary_publication: date | None
    municipality_type: str
    operating_area: str
    perspective: str
    has_units: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of data: `number` runs from 1 through the whole call, `cells` are decoded JSON as it came."""

    number: int
    url: str
    cells: list[Any]


class Misshape(StrEnum):
    """Why a cell, or one of its values, has no row."""

    CELL = "cell_is_not_an_object"
    KPI = "kpi_is_not_an_id"
    MUNICIPALITY = "municipality_is_not_an_id"
    PERIOD = "period_is_not_a_year"
    VALUES = "values_is_not_a_filled_list"
    ENTRY = "value_entry_is_not_an_object"
    GENDER = "gender_is_not_t_k_or_m"
    ABSENT = "value_is_absent"
    NUMBER = "value_is_not_a_number"
    DIGITS = "value_has_too_many_digits"
    DELETED = "isdeleted_is_not_a_boolean"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A cell of a page (`cell` from 0), or one entry of its values (`entry` from 0), without a row."""

    cell: int
    entry: int | None
    reason: Misshape
    excerpt: str


class RawValue(NamedTuple):
    """One published value, unjudged. None: null in the answer; nan, inf: left for validation to reject."""

    kpi: str
    municipality: str
    period: int
    gender: str
    value: float | None
    deleted: bool


@dataclass(slots=True)
class Flattened:
    """What became of a page's cells: each is in `rows`, in `rejected`, in both, or counted in `group_cells`.

    `rows` are plain tuples in RawValue's order. `marks` has Kolada's status text by index in `rows`, only
    where there is one (why a value is missing or withheld). `group_cells` counts the cells of groups: an
    unweighted mean is never a municipality's value.
    """

    rows: list[tuple[str, str, int, str, float | None, bool]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    marks: dict[int, str] = field(default_factory=dict)
    group_cells: int = 0


class KoladaClient:
    """Reads the catalogue and the data, within the service's manners. Every failure is a KoladaError.

    `requests_per_second` 0 sets no pace. `timeout` is seconds for connecting and between two pieces of a
    body; a whole body may take ten times that. `max_bytes` counts a body after unpacking. `attempts` is how
    often one page is asked for before giving up; the waits double from one second, with jitter, and a
    Retry-After is obeyed instead, neither beyond `longest_wait` seconds. `sleep`, `clock` (monotonic
    seconds) and `transport` are the world outside, for tests to replace.
    """

    def __init__(
        self,
        base_url: str,
        *,
        requests_per_second: float = 5,
        timeout: float = 30,
        max_bytes: int = 32_000_000,
        attempts: int = 6,
        longest_wait: float = 120,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not requests_per_second >= 0:
            raise ValueError("requests_per_second must be 0 (no pace) or more")
        self._base = _base(base_url)
        self._interval = 1 / requests_per_second if requests_per_second > 0 else 0.0
        self._next_start = float("-inf")
        self._timeout, self._max_bytes, self._longest_wait = timeout, max_bytes, longest_wait
        self._sleep, self._clock = sleep, clock
        self._backoff = wait_exponential_jitter(max=min(60.0, longest_wait))
        self._retrying = Retrying(
            sleep=sleep,
            stop=stop_after_attempt(attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_PassingError),
            before_sleep=_log_retry,
            reraise=True,
        )
        # gzip alone: one layer can be bounded while it is unpacked, stacked or other encodings cannot.
        headers = {"User-Agent": _user_agent(), "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def municipalities(self) -> list[Place]:
        """Every municipality and region, and the nation."""
        return [_place(entry, url) for url, values in self._walk("municipality") for entry in values]

    def groups(self) -> list[Group]:
        """Every group of municipalities with its members, some 3,600."""
        return [_group(entry, url) for url, values in self._walk("municipality_groups") for entry in values]

    def kpis(self, ids: Sequence[str]) -> list[Kpi]:
        """The KPIs that Kolada knows among `ids`; the others are simply absent (see `unanswered`)."""
        paths = [f"kpi/{segment}" for segment in _segments(_checked_ids(ids))]
        return [_kpi(entry, url) for path in paths for url, values in self._walk(path) for entry in values]

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Page]:
        """The cells of `kpis` in `years` for every place, a page in memory at a time."""
        number = 0
        year_segments = _segments(_checked_years(years))
        for ids in _segments(_checked_ids(kpis)):
            for period in year_segments:
                for url, cells in self._walk(f"data/kpi/{ids}/year/{period}"):
                    number += 1
                    yield Page(number, url, cells)

    def _walk(self, path: str) -> Iterator[tuple[str, list[Any]]]:
        """The address and the values of each page, following next_url to the end."""
        url: httpx.URL | None = self._base.join(path).copy_set_param("per_page", CELLS_PER_PAGE)
        seen: set[str] = set()
        while url is not None:
            here = str(url)
            if here in seen or len(seen) >= PAGES_PER_REQUEST:
                came = "a page already read came as the next one" if here in seen else "the pages do not end"
                raise KoladaError(Trouble.LOOP, asked=here, came=came, advice="Import again later.")
            seen.add(here)
            answer = self._get(here)
            yield here, _values(answer, here)
            url = self._next(answer, url)

    def _next(self, answer: dict[str, Any], here: httpx.URL) -> httpx.URL | None:
        link = answer.get("next_url")
        if link is None or link == "":
            return None
        try:
            url = here.join(link) if isinstance(link, str) else None
        except (httpx.InvalidURL, ValueError):
            url = None
        if url is None or url.scheme not in ("http", "https"):
            raise _unexpected(str(here), f"next_url is not an address: {_brief(link)}")
        if (url.host, url.port) != (self._base.host, self._base.port):
            raise KoladaError(
                Trouble.MOVED,
                asked=str(here),
                came=f"the next page is on another host: {_brief(link)}",
                advice="Nothing is fetched from there; check the base URL in the settings.",
            )
        # Behind a proxy that ends TLS the service may write http:// links: never follow them down from https.
        return url.copy_with(scheme=self._base.scheme, fragment=None)

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = self._retrying(self._get_once, url)
        except _PassingError as failure:
            attempts = self._retrying.statistics.get("attempt_number", 1)
            raise KoladaError(
                Trouble.UNAVAILABLE,
                asked=url,
                came=f"no usable answer in {attempts} attempts, the last: {failure.came}",
                advice="Nothing is lost: import again later.",
            ) from failure
        if not isinstance(answer, dict):
            raise _unexpected(url, f"the answer is not a JSON object: {_brief(answer)}")
        return answer

    def _get_once(self, url: str) -> Any:
        self._pace()
        try:
            with self._http.stream("GET", url) as response:
                _check_status(response, url)
                body = self._body(response, url)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _PassingError(f"{type(error).__name__} ({error})") from error
        try:
            # NaN and Infinity are not JSON, yet Python reads them: they stay floats, which validation
            # rejects by name, since one such value must not cost the other 4,999 of its page.
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _PassingError(f"the body of {len(body)} bytes is not JSON ({error})") from error

    def _body(self, response: httpx.Response, url: str) -> bytearray:
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("gzip", "identity", ""):
            raise _unexpected(url, f"the body is packed as {_brief(encoding)}, which was not asked for")
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced[:20]) > self._max_bytes:
            raise self._too_large(url)
        deadline = self._clock() + 10 * self._timeout
        body = bytearray()
        # A piece from the network is at most 64 kB and one layer of gzip expands 1,030-fold at most, so what
        # comes in one step beyond the limit is bounded too.
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self._max_bytes:
                raise self._too_large(url)
            if self._clock() > deadline:
                raise _PassingError(f"the body was not complete after {10 * self._timeout:g} seconds")
        return body

    def _too_large(self, url: str) -> KoladaError:
        return KoladaError(
            Trouble.TOO_LARGE,
            asked=url,
            came=f"a body of more than {self._max_bytes} bytes",
            advice="It was not read further; check the base URL, or raise the limit in the settings.",
        )

    def _pace(self) -> None:
        now = self._clock()
        if now < self._next_start:
            self._sleep(self._next_start - now)
        self._next_start = max(now, self._next_start) + self._interval

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, _PassingError) and failure.after is not None:
            return min(failure.after, self._longest_wait)
        return self._backoff(state)


def unanswered(asked: Iterable[str], seen: Iterable[str]) -> list[str]:
    """The asked ids of which nothing was seen, in the order asked: an unknown id is met with silence."""
    found = set(seen)
    return [kpi for kpi in dict.fromkeys(asked) if kpi not in found]


def flatten(cells: Iterable[Any]) -> Flattened:
    """Rows of the decoded cells of a page. Checks shape only, and never raises for what a cell contains.

    Numbers become float; a period written as text becomes a number; ids keep their leading zeros.
    """
    flat = Flattened()
    rows = flat.rows
    for index, cell in enumerate(cells):
        try:
            kpi, place, period, entries = _cell(cell)
        except _MisshapenError as error:
            flat.rejected.append(Rejected(index, None, error.reason, _brief(cell)))
            continue
        if place[0] in "Gg":
            flat.group_cells += 1
            continue
        for number, entry in enumerate(entries):
            try:
                gender, value, deleted = _entry(entry)
            except _MisshapenError as error:
                flat.rejected.append(Rejected(index, number, error.reason, _brief(entry)))
                continue
            if entry.get("status") not in (None, ""):
                flat.marks[len(rows)] = _mark(entry["status"])
            rows.append((kpi, place, period, gender, value, deleted))
    return flat


class _MisshapenError(Exception):
    def __init__(self, reason: Misshape) -> None:
        super().__init__(reason)
        self.reason = reason


def _cell(cell: Any) -> tuple[str, str, int, list[Any]]:
    if type(cell) is not dict:
        raise _MisshapenError(Misshape.CELL)
    kpi, place = cell.get("kpi"), cell.get("municipality")
    period: Any = cell.get("period")
    entries = cell.get("values")
    if type(kpi) is not str or not _ID.fullmatch(kpi):
        raise _MisshapenError(Misshape.KPI)
    if type(place) is not str or not _ID.fullmatch(place):
        raise _MisshapenError(Misshape.MUNICIPALITY)
    if type(period) is str and len(period) == 4 and period.isascii() and period.isdigit():
        period = int(period)
    if not _is_year(period):
        raise _MisshapenError(Misshape.PERIOD)
    if type(entries) is not list or not entries:
        raise _MisshapenError(Misshape.VALUES)
    return kpi, place, period, entries


def _entry(entry: Any) -> tuple[str, float | None, bool]:
    if type(entry) is not dict:
        raise _MisshapenError(Misshape.ENTRY)
    gender = entry.get("gender")
    if type(gender) is not str or gender not in _GENDERS:
        raise _MisshapenError(Misshape.GENDER)
    if "value" not in entry:
        raise _MisshapenError(Misshape.ABSENT)
    deleted = _flag(entry.get("isdeleted"))
    if deleted is None:
        raise _MisshapenError(Misshape.DELETED)
    value = entry["value"]
    if type(value) is int:
        value = _exact(value)
    elif value is not None and type(value) is not float:
        raise _MisshapenError(Misshape.NUMBER)
    return gender, value, deleted


def _exact(value: int) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise _MisshapenError(Misshape.DIGITS) from None
    if number != value:
        raise _MisshapenError(Misshape.DIGITS)
    return number


def _flag(value: Any) -> bool | None:
    """True or False from a boolean, 0/1, their texts, or null (False); None for anything else."""
    if value is None or type(value) is bool:
        return value is True
    if type(value) is int and value in (0, 1):
        return value == 1
    return _FLAG_WORDS.get(value.strip().lower()) if type(value) is str else None


def _mark(status: Any) -> str:
    return _text(status)[:100] if type(status) is str else _brief(status)


def _place(entry: Any, url: str) -> Place:
    code = _id(entry, "id", url)
    name, kind = _text(entry.get("title")), entry.get("type")
    if not _PLACE.fullmatch(code) or kind not in ("K", "L") or not 0 < len(name) <= LONGEST_NAME:
        raise _unexpected(url, f"that is no municipality and no region: {_brief(entry)}")
    return Place(code, name, "N" if code == NATION else kind)


def _group(entry: Any, url: str) -> Group:
    code = _id(entry, "id", url)
    members = entry.get("members")
    if members is not None and type(members) is not list:
        raise _unexpected(url, f"the members of group {code} are not a list: {_brief(members)}")
    codes = dict.fromkeys(_id(member, "member_id", url) for member in members or [])
    return Group(code, _text(entry.get("title")), tuple(codes))


def _kpi(entry: Any, url: str) -> Kpi:
    return Kpi(
        id=_id(entry, "id", url),
        title=_text(entry.get("title")),
        description=_text(entry.get("description")),
        divided=_flag(entry.get("is_divided_by_gender")) is True,
        publication_period=_text(entry.get("publ_period")),
        next_publication=_day(entry.get("publication_date")),
        preliminary_publication=_day(entry.get("prel_publication_date")),
        municipality_type=_text(entry.get("municipality_type")),
        operating_area=_text(entry.get("operating_area")),
        perspective=_text(entry.get("perspective")),
        has_units=_flag(entry.get("has_ou_data")) is True,
    )


def _id(entry: Any, key: str, url: str) -> str:
    value = entry.get(key) if type(entry) is dict else None
    if type(value) is not str or not _ID.fullmatch(value):
        raise _unexpected(url, f"an entry of the catalogue has no {key}: {_brief(entry)}")
    return value


def _text(value: Any) -> str:
    """Text that a database takes (no NUL, no lone surrogate); "" for what is neither text nor integer."""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        return ""
    # Some descriptions carry a line break as the two characters backslash and n.
    readable = value.replace("\\n", "\n").replace("\0", "")
    return readable.encode("utf-8", "replace").decode("utf-8").strip()


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if type(value) is str else None
    except ValueError:
        return None


def _base(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url.rstrip("/") + "/")
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise KoladaError(
            Trouble.SETTING,
            asked=repr(base_url),
            came="that is not the base URL of an API",
            advice="Write it like https://api.kolada.se/v3/ in the settings.",
        )
    return url


def _checked_ids(ids: Sequence[str]) -> list[str]:
    # A lone text is a sequence of texts too, and would be asked for letter by letter.
    wanted: list[Any] = [None] if isinstance(ids, str) else list(ids)
    if not all(isinstance(kpi, str) and _ID.fullmatch(kpi) for kpi in wanted):
        raise KoladaError(
            Trouble.SETTING,
            asked=_brief(ids),
            came="that is not a list of KPI ids",
            advice="An id is a letter and digits, such as N00945; correct the indicator's definition.",
        )
    return list(dict.fromkeys(wanted))


def _checked_years(years: Sequence[int]) -> list[str]:
    wanted = list(dict.fromkeys(years))
    if not all(_is_year(year) for year in wanted):
        raise KoladaError(
            Trouble.SETTING,
            asked=_brief(wanted),
            came="those are not all years",
            advice="Give years as numbers of four digits.",
        )
    return [str(year) for year in wanted]


def _is_year(value: Any) -> bool:
    return type(value) is int and 1000 <= value <= 9999


def _segments(ids: list[str]) -> list[str]:
    return [",".join(ids[start : start + IDS_PER_SEGMENT]) for start in range(0, len(ids), IDS_PER_SEGMENT)]


def _values(answer: dict[str, Any], url: str) -> list[Any]:
    values = answer.get("values")
    if type(values) is not list:
        found = f"values is {_brief(values)}" if "values" in answer else f"no values in {_brief(answer)}"
        raise _unexpected(url, f"the answer has no list of values ({found})")
    return values


def _unexpected(url: str, came: str) -> KoladaError:
    return KoladaError(
        Trouble.UNEXPECTED,
        asked=url,
        came=came,
        advice="Check that the base URL in the settings is that of Kolada's API v3.",
    )


def _check_status(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 429 or status >= 500:
        raise _PassingError(f"HTTP {status}", _retry_after(response.headers))
    if status < 400:
        location = response.headers.get("Location")
        raise KoladaError(
            Trouble.MOVED,
            asked=url,
            came=f"HTTP {status}" + (f" to {_brief(location)}" if location else ""),
            advice="Redirects are not followed; correct the base URL in the settings.",
        )
    detail = b""
    if "Content-Encoding" not in response.headers:
        with suppress(httpx.HTTPError):
            detail = next(response.iter_bytes(300), b"")
    raise KoladaError(
        Trouble.REFUSED,
        asked=url,
        came=f"HTTP {status} {_brief(detail.decode('utf-8', 'replace'))}",
        advice="Asking again will not help: check the base URL and the ids.",
    )


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait by Retry-After, written as seconds or as a date; None where absent or unreadable.

    A date is compared with the answer's own Date, so that a clock that is wrong here does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = _http_date(text)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(headers.get("Date", "")) or datetime.now(UTC))).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _log_retry(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    logger.warning(
        "Kolada: attempt %d failed (%s), waiting %.1f s", state.attempt_number, failure, state.upcoming_sleep
    )


def _user_agent() -> str:
    try:
        return f"municipal-scorecard/{version('municipal-scorecard')}"
    except PackageNotFoundError:
        return "municipal-scorecard/source"  # run from a checkout


class _Brief(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxdict, self.maxlist, self.maxstring = 3, 6, 4, 120


def _brief(value: Any) -> str:
    """A short, printable picture of anything decoded, for messages and reports."""
    return _Brief().repr(value)[:300]
