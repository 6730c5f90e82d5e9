"""The Kolada client against answers that a good service never gives, and some that it does give."""

import gzip
import json
import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.sources import kolada
from indicators.sources.kolada import (
    Group,
    KoladaClient,
    KoladaError,
    Misshape,
    Place,
    RawValue,
    Trouble,
    flatten,
    unanswered,
)

BASE = "https://kolada.example/v3/"
EMPTY: dict[str, Any] = {"values": [], "next_url": None}


class World:
    """Time that passes only by sleeping, and a service that gives the listed answers in order.

    An answer is a JSON value, a response, an exception to raise, or a function of the request. The last
    one is repeated.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.now = 0.0
        self.waits: list[float] = []
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self.now)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, content=json.dumps(answer))

    def client(self, base_url: str = BASE, **options: Any) -> KoladaClient:
        options = {"requests_per_second": 0, "sleep": self.sleep, "clock": lambda: self.now, **options}
        return KoladaClient(base_url, transport=httpx.MockTransport(self.answer), **options)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.requests]


def read(world: World, **options: Any) -> list[kolada.Page]:
    with world.client(**options) as client:
        return list(client.data(["N00945"], [2022]))


def refusal(world: World, **options: Any) -> KoladaError:
    with pytest.raises(KoladaError) as caught:
        read(world, **options)
    return caught.value


def cell(**changes: Any) -> dict[str, Any]:
    entry = {"gender": "T", "count": 1, "status": "", "value": 90.5, "isdeleted": False}
    return {"kpi": "N00945", "municipality": "0114", "period": 2022, "values": [entry]} | changes


def entry(**changes: Any) -> dict[str, Any]:
    return cell()["values"][0] | changes


# What is asked


def test_ids_and_years_go_in_segments_of_at_most_25() -> None:
    world = World(EMPTY)
    ids = [f"N{number:05}" for number in range(60)]
    with world.client() as client:
        list(client.data(ids + ids[:5], range(1990, 2022)))
    paths = [request.url.path.split("/") for request in world.requests]
    asked = [(path[4].split(","), path[6].split(",")) for path in paths]
    assert all(len(kpis) <= 25 and len(years) <= 25 for kpis, years in asked)
    pairs = [(kpi, year) for kpis, years in asked for kpi in kpis for year in years]
    assert sorted(pairs) == sorted((kpi, str(year)) for kpi in ids for year in range(1990, 2022))
    assert all(request.url.params["per_page"] == "5000" for request in world.requests)


def test_nothing_asked_is_no_request() -> None:
    world = World(EMPTY)
    with world.client() as client:
        assert list(client.data([], [2022])) == list(client.data(["N00945"], [])) == client.kpis([]) == []
    assert world.requests == []


def test_the_product_is_named_and_only_gzip_is_accepted() -> None:
    world = World(EMPTY)
    read(world)
    assert world.requests[0].headers["User-Agent"].startswith("municipal-scorecard/")
    assert world.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("ids", ["N00945", ["N00945", "../N1"], ["N1,N2"], [""], [945], ["N1?x=1"], ["Å1"]])
def test_what_is_not_an_id_is_never_asked_for(ids: Any) -> None:
    world = World(EMPTY)
    with world.client() as client, pytest.raises(KoladaError, match="KPI ids") as caught:
        client.kpis(ids)
    assert (caught.value.trouble, world.requests) == (Trouble.SETTING, [])


@pytest.mark.parametrize("years", [["2022"], [22], [20222], [True], [2022.0]])
def test_what_is_not_a_year_is_never_asked_for(years: Any) -> None:
    world = World(EMPTY)
    with world.client() as client, pytest.raises(KoladaError, match="not all years"):
        list(client.data(["N00945"], years))
    assert world.requests == []


@pytest.mark.parametrize("url", ["", "kolada.example/v3", "ftp://kolada.example/", "https://", "https://k/v3/?a=1"])
def test_a_base_url_must_be_one(url: str) -> None:
    with pytest.raises(KoladaError, match="base URL") as caught:
        KoladaClient(url)
    assert caught.value.trouble == Trouble.SETTING


def test_a_base_url_needs_no_slash_at_its_end() -> None:
    world = World(EMPTY)
    read(world, base_url=BASE.rstrip("/"))
    assert world.urls == [f"{BASE}data/kpi/N00945/year/2022?per_page=5000"]


@pytest.mark.parametrize("pace", [-1, math.nan])
def test_a_pace_below_zero_is_refused(pace: float) -> None:
    with pytest.raises(ValueError, match="requests_per_second"):
        KoladaClient(BASE, requests_per_second=pace)


# From page to page


@pytest.mark.parametrize(
    "link",
    [
        f"{BASE}data/kpi/N00945/year/2022?page=2&per_page=5000",
        "http://kolada.example/v3/data/kpi/N00945/year/2022?page=2&per_page=5000",
        "/v3/data/kpi/N00945/year/2022?page=2&per_page=5000",
        "?page=2&per_page=5000",
    ],
    ids=["absolute", "plain http behind a proxy", "relative", "query only"],
)
@pytest.mark.parametrize("last", [{"next_url": None}, {"next_url": ""}, {}], ids=["null", "empty", "absent"])
def test_pages_are_followed_to_the_last(link: str, last: dict[str, Any]) -> None:
    world = World({"values": [1], "next_url": link}, {"values": [2, 3], **last})
    assert [(page.number, page.cells) for page in read(world)] == [(1, [1]), (2, [2, 3])]
    assert world.urls[1] == f"{BASE}data/kpi/N00945/year/2022?page=2&per_page=5000"


def test_pages_are_numbered_through_all_segments_and_come_one_at_a_time() -> None:
    world = World(EMPTY)
    with world.client() as client:
        pages = client.data([f"N{number:05}" for number in range(30)], [2022])
        assert (next(pages).number, len(world.requests)) == (1, 1)
        assert (next(pages).number, len(world.requests)) == (2, 2)


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/v3/", "//elsewhere.example/", "https://kolada.example:8443/v3/"]
)
def test_a_next_page_on_another_host_is_refused(link: str) -> None:
    world = World({"values": [], "next_url": link})
    assert refusal(world).trouble == Trouble.MOVED
    assert len(world.requests) == 1


def test_a_loop_of_pages_is_an_error() -> None:
    world = World(
        {"values": [], "next_url": "?page=2"},
        {"values": [], "next_url": "?page=3"},
        {"values": [], "next_url": "?page=2"},
    )
    assert refusal(world).trouble == Trouble.LOOP
    assert len(world.requests) == 3


def test_pages_without_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kolada, "PAGES_PER_REQUEST", 7)
    world = World(lambda request: {"values": [], "next_url": f"?page={len(world.requests)}"})
    assert refusal(world).trouble == Trouble.LOOP
    assert len(world.requests) == 7


@pytest.mark.parametrize("link", [7, True, ["?page=2"], {}, "http://[", "mailto:a@b.se", "https://a b/\0"])
def test_a_next_url_that_is_no_address_is_an_error(link: Any) -> None:
    assert refusal(World({"values": [], "next_url": link})).trouble in (Trouble.UNEXPECTED, Trouble.MOVED)


# Pace and patience


def test_requests_keep_the_pace() -> None:
    world = World(EMPTY)
    with world.client(requests_per_second=5) as client:
        list(client.data([f"N{number:05}" for number in range(25 * 11)], [2022]))
    gaps = [later - earlier for earlier, later in zip(world.times, world.times[1:], strict=False)]
    assert len(world.times) == 11
    assert all(gap >= 0.2 - 1e-9 for gap in gaps)


def test_time_spent_elsewhere_counts_towards_the_pace() -> None:
    world = World(EMPTY)
    with world.client(requests_per_second=5) as client:
        for page in client.data([f"N{number:05}" for number in range(75)], [2022]):
            world.now += page.number * 0.15
    assert world.waits == pytest.approx([0.05])


def test_retries_keep_the_pace_too() -> None:
    world = World(httpx.Response(429, headers={"Retry-After": "0"}), EMPTY)
    read(world, requests_per_second=5)
    assert world.times == pytest.approx([0, 0.2])


def busy(status: int = 429, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


DATE = "Mon, 20 Apr 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (busy(Retry_After="7"), 7),
        (busy(Retry_After="0"), 0),
        (busy(Retry_After="1.5"), 1.5),
        (busy(503, Retry_After="9"), 9),
        (busy(Retry_After="Mon, 20 Apr 2026 08:00:42 GMT", Date=DATE), 42),
        (busy(Retry_After="Mon, 20 Apr 2026 10:00:42 +0200", Date=DATE), 42),
        (busy(Retry_After="Mon, 20 Apr 2026 07:00:00 GMT", Date=DATE), 0),
        (busy(Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), 0),
        (busy(Retry_After="Mon, 20 Apr 2026 23:00:00 GMT", Date=DATE), 120),
        (busy(Retry_After="86400"), 120),
        (busy(Retry_After="9" * 30), 120),
    ],
)
def test_retry_after_is_obeyed_up_to_a_cap(answer: httpx.Response, wait: float) -> None:
    world = World(answer, EMPTY)
    assert len(read(world)) == 1
    assert world.waits == [wait]


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan", "inf", "Mon, 99 Foo 2026", "1e9"])
def test_an_unreadable_retry_after_is_an_ordinary_wait(text: str) -> None:
    world = World(busy(Retry_After=text), EMPTY)
    assert len(read(world)) == 1
    assert 1 <= world.waits[0] <= 2


class Pieces(httpx.SyncByteStream):
    """A body in pieces that counts how many were taken; an exception among them is raised."""

    def __init__(self, *pieces: bytes | Exception, before: Callable[[], None] = lambda: None) -> None:
        self.pieces, self.before, self.taken = pieces, before, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            self.before()
            if isinstance(piece, Exception):
                raise piece
            yield piece


CUT = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
PASSING: dict[str, Callable[[httpx.Request], Any]] = {
    "500": lambda _: busy(500),
    "502": lambda _: busy(502),
    "429 without a time": lambda _: busy(429),
    "connection closed": lambda _: httpx.RemoteProtocolError("Server disconnected without sending a response."),
    "no connection": lambda _: httpx.ConnectError("refused"),
    "silence": lambda _: httpx.ReadTimeout("timed out"),
    "cut with an error": lambda _: httpx.Response(200, stream=Pieces(b'{"values": [{"kpi": "N00', CUT)),
    "cut in silence": lambda _: httpx.Response(200, content=b'{"values": [{"kpi": "N00'),
    "cut gzip": lambda _: httpx.Response(
        200, headers={"Content-Encoding": "gzip"}, stream=Pieces(gzip.compress(b'{"values": []}')[:-12])
    ),
    "not gzip": lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Pieces(b'{"values": []}')),
    "a page in HTML": lambda _: httpx.Response(200, text="<html>Just a moment</html>"),
    "nothing": lambda _: httpx.Response(200, content=b""),
    "not text": lambda _: httpx.Response(200, content=b'{"values": ["\xff"]}'),
    "depth without end": lambda _: httpx.Response(200, content=b'{"values": ' + b"[" * 100_000),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_passing_trouble_is_asked_again_with_growing_waits(answer: Callable[..., Any]) -> None:
    world = World(answer, answer, answer, {"values": [1]})
    assert [page.cells for page in read(world)] == [[1]]
    assert len(set(world.urls)) == 1
    assert [2**number <= wait <= 2**number + 1 for number, wait in enumerate(world.waits)] == [True] * 3


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_trouble_that_does_not_pass_is_an_error_that_says_so(answer: Callable[..., Any]) -> None:
    world = World(answer)
    error = refusal(world, attempts=3)
    assert (error.trouble, len(world.requests), len(world.waits)) == (Trouble.UNAVAILABLE, 3, 2)
    assert error.asked == world.urls[0]
    assert "3 attempts" in str(error)
    assert "import again later" in str(error)


def test_a_body_that_drips_without_end_is_given_up() -> None:
    world = World(lambda _: httpx.Response(200, stream=Pieces(*[b" "] * 1000, before=lambda: world.sleep(29))))
    assert "not complete after 300 seconds" in refusal(world, attempts=2).came


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_final_and_told_with_its_reason(status: int) -> None:
    world = World(httpx.Response(status, json={"detail": "at most 25 ids in one path segment"}))
    error = refusal(world)
    assert (error.trouble, len(world.requests), world.waits) == (Trouble.REFUSED, 1, [])
    assert f"HTTP {status}" in str(error)
    assert "at most 25 ids" in str(error)


def test_a_refusal_whose_body_breaks_is_still_a_refusal() -> None:
    world = World(lambda _: httpx.Response(404, stream=Pieces(CUT)))
    assert (refusal(world).trouble, len(world.requests)) == (Trouble.REFUSED, 1)


@pytest.mark.parametrize("status", [204, 301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    world = World(httpx.Response(status, headers={"Location": "https://elsewhere.example/"}))
    assert (refusal(world).trouble, len(world.requests)) == (Trouble.MOVED, 1)


# What is too much


def test_a_body_beyond_the_limit_is_not_read_to_its_end() -> None:
    body = Pieces(*[b" " * 1000] * 100)
    world = World(httpx.Response(200, stream=body))
    error = refusal(world, max_bytes=10_000)
    assert (error.trouble, len(world.requests), body.taken) == (Trouble.TOO_LARGE, 1, 11)
    assert "10000 bytes" in str(error)


def test_an_announced_size_beyond_the_limit_is_not_read_at_all() -> None:
    body = Pieces(b" " * 10_001)
    world = World(httpx.Response(200, headers={"Content-Length": "10001"}, stream=body))
    assert (refusal(world, max_bytes=10_000).trouble, body.taken) == (Trouble.TOO_LARGE, 0)


def test_the_limit_counts_what_gzip_unpacks_to() -> None:
    packed = gzip.compress(b'{"values": []' + b" " * 1_000_000 + b"}")
    assert len(packed) < 10_000
    world = World(lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Pieces(packed)))
    assert (refusal(world, max_bytes=10_000).trouble, len(world.requests)) == (Trouble.TOO_LARGE, 1)
    assert read(world, max_bytes=1_100_000)[0].cells == []


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate", "zstd"])
def test_a_packing_that_was_not_asked_for_is_refused_unread(encoding: str) -> None:
    body = Pieces(gzip.compress(gzip.compress(b"{}")))
    world = World(httpx.Response(200, headers={"Content-Encoding": encoding}, stream=body))
    assert (refusal(world).trouble, body.taken) == (Trouble.UNEXPECTED, 0)


def test_a_body_of_just_the_limit_is_read() -> None:
    body = b'{"values": []}'
    assert len(read(World(httpx.Response(200, content=body)), max_bytes=len(body))) == 1


# What is not an answer


@pytest.mark.parametrize(
    "answer", [[], "text", 7, None, {}, {"value": []}, {"values": None}, {"values": {"0": 1}}, {"values": "[]"}]
)
def test_json_that_is_not_an_answer_is_an_error(answer: Any) -> None:
    world = World(httpx.Response(200, content=json.dumps(answer)))
    error = refusal(world)
    assert (error.trouble, len(world.requests)) == (Trouble.UNEXPECTED, 1)
    assert "API v3" in error.advice


def test_nan_and_infinity_cost_nothing_but_themselves() -> None:
    entries = ", ".join(
        f'{{"gender": "T", "value": {value}}}' for value in ("NaN", "Infinity", "-Infinity", "1e999", "0")
    )
    body = f'{{"values": [{{"kpi": "N00945", "municipality": "0114", "period": 2022, "values": [{entries}]}}]}}'
    rows = flatten(read(World(httpx.Response(200, text=body)))[0].cells).rows
    values = [row[4] for row in rows]
    assert math.isnan(values[0] or 0)
    assert values[1:] == [math.inf, -math.inf, math.inf, 0.0]


# The catalogue


def test_municipalities_regions_and_the_nation_are_told_apart() -> None:
    entries = [("0000", "Riket", "L"), ("0001", "Region Stockholm", "L"), ("0114", "Upplands Väsby", "K")]
    world = World({"values": [{"id": code, "title": title, "type": kind} for code, title, kind in entries]})
    with world.client() as client:
        assert client.municipalities() == [
            Place("0000", "Riket", "N"),
            Place("0001", "Region Stockholm", "L"),
            Place("0114", "Upplands Väsby", "K"),
        ]


def test_groups_have_their_members_once() -> None:
    members = [{"member_id": code, "member_title": "x"} for code in ("0117", "1401", "0117")]
    world = World({"values": [{"id": "G1", "title": "Lika", "members": members}, {"id": "G2", "members": None}]})
    with world.client() as client:
        assert client.groups() == [Group("G1", "Lika", ("0117", "1401")), Group("G2", "", ())]


@pytest.mark.parametrize(
    ("raw", "divided"), [(True, True), (1, True), ("1", True), (False, False), (0, False), ("0", False), (None, False)]
)
@pytest.mark.parametrize(("period", "text"), [("2026", "2026"), (2026, "2026"), (None, "")])
def test_a_kpi_is_read_leniently(raw: Any, divided: bool, period: Any, text: str) -> None:
    world = World({"values": [{"id": "N00945", "is_divided_by_gender": raw, "publ_period": period}]})
    with world.client() as client:
        (kpi,) = client.kpis(["N00945"])
    assert (kpi.divided, kpi.publication_period, kpi.title, kpi.next_publication) == (divided, text, "", None)


def test_a_kpi_has_its_texts_and_days() -> None:
    raw = {
        "id": "U07417",
        "title": " Andel\0 \ud800 ",
        "description": "Rad ett\\nRad två.\\n",
        "is_divided_by_gender": 1,
        "municipality_type": "A",
        "operating_area": "Befolkning",
        "perspective": "Resurser",
        "prel_publication_date": "2026-13-45",
        "publication_date": "2027-03-06",
        "has_ou_data": True,
    }
    with World({"values": [raw]}).client() as client:
        (kpi,) = client.kpis(["U07417"])
    assert (kpi.title, kpi.description) == ("Andel ?", "Rad ett\nRad två.")
    assert (kpi.next_publication, kpi.preliminary_publication) == (date(2027, 3, 6), None)
    assert (kpi.municipality_type, kpi.operating_area, kpi.perspective, kpi.has_units) == (
        "A",
        "Befolkning",
        "Resurser",
        True,
    )


@pytest.mark.parametrize("entry", [None, [], "N00945", {}, {"id": None}, {"id": 945}, {"id": ""}, {"id": "a b"}])
def test_a_catalogue_entry_without_an_id_is_an_error(entry: Any) -> None:
    with World({"values": [entry]}).client() as client:
        for ask in (client.municipalities, client.groups, lambda: client.kpis(["N00945"])):
            with pytest.raises(KoladaError, match="no id") as caught:
                ask()
            assert caught.value.trouble == Trouble.UNEXPECTED


@pytest.mark.parametrize("members", ["0117", {"0117": 1}, [None], [{"id": "0117"}]])
def test_a_group_with_unreadable_members_is_an_error(members: Any) -> None:
    with World({"values": [{"id": "G1", "members": members}]}).client() as client, pytest.raises(KoladaError):
        client.groups()


def test_unanswered_ids_are_named_in_the_order_asked() -> None:
    assert unanswered(["N3", "N1", "N2", "N3"], {"N1"}) == ["N3", "N2"]
    assert unanswered(["N1"], ["N1", "N1"]) == []


# Cells


def test_a_value_keeps_its_ids_and_its_kind_of_nothing() -> None:
    flat = flatten(
        [
            cell(
                period="2021",
                values=[entry(value=0), entry(gender="K", value=None), entry(gender="M", value=None, isdeleted=1)],
            )
        ]
    )
    assert flat.rows == [
        RawValue("N00945", "0114", 2021, "T", 0.0, False),
        RawValue("N00945", "0114", 2021, "K", None, False),
        RawValue("N00945", "0114", 2021, "M", None, True),
    ]
    assert type(flat.rows[0][4]) is float
    assert (flat.rejected, flat.marks, flat.group_cells) == ([], {}, 0)


def test_a_group_is_never_a_municipality() -> None:
    flat = flatten([cell(municipality="G37433"), cell(), cell(municipality="G1", values=[])])
    assert [row[1] for row in flat.rows] == ["0114"]
    assert flat.group_cells == 1
    assert [reject.cell for reject in flat.rejected] == [2]


def test_marks_stand_by_their_rows() -> None:
    values = [entry(), entry(gender="K", value=None, status="Private"), entry(gender="M", status=None)]
    assert flatten([cell(values=values), cell(values=[entry(status=["\0"])])]).marks == {1: "Private", 3: "['\\x00']"}


def test_a_bad_entry_does_not_take_its_neighbours_along() -> None:
    flat = flatten([cell(), cell(values=[entry(), "x", entry(gender="K")]), None, cell(period=2020)])
    assert [(row[2], row[3]) for row in flat.rows] == [(2022, "T"), (2022, "T"), (2022, "K"), (2020, "T")]
    assert [(r.cell, r.entry, r.reason, r.excerpt) for r in flat.rejected] == [
        (1, 1, Misshape.ENTRY, "'x'"),
        (2, None, Misshape.CELL, "None"),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ([], Misshape.CELL),
        (cell(kpi=None), Misshape.KPI),
        (cell(kpi="N1\ud800"), Misshape.KPI),
        (cell(municipality=114), Misshape.MUNICIPALITY),
        (cell(municipality=""), Misshape.MUNICIPALITY),
        (cell(municipality={"id": "0114"}), Misshape.MUNICIPALITY),
        (cell(period=None), Misshape.PERIOD),
        (cell(period="2022-01"), Misshape.PERIOD),
        (cell(period="²²²²"), Misshape.PERIOD),
        (cell(period=2022.0), Misshape.PERIOD),
        (cell(period=True), Misshape.PERIOD),
        (cell(period=10**400), Misshape.PERIOD),
        (cell(values=None), Misshape.VALUES),
        (cell(values={}), Misshape.VALUES),
        (cell(values=[]), Misshape.VALUES),
        (cell(values=[None]), Misshape.ENTRY),
        (cell(values=[entry(gender=None)]), Misshape.GENDER),
        (cell(values=[entry(gender="X")]), Misshape.GENDER),
        (cell(values=[entry(gender=["T"])]), Misshape.GENDER),
        (cell(values=[{"gender": "T"}]), Misshape.ABSENT),
        (cell(values=[entry(value="90,5")]), Misshape.NUMBER),
        (cell(values=[entry(value=True)]), Misshape.NUMBER),
        (cell(values=[entry(value=[1])]), Misshape.NUMBER),
        (cell(values=[entry(value=10**400)]), Misshape.DIGITS),
        (cell(values=[entry(value=2**53 + 1)]), Misshape.DIGITS),
        (cell(values=[entry(isdeleted="perhaps")]), Misshape.DELETED),
        (cell(values=[entry(isdeleted=2)]), Misshape.DELETED),
    ],
)
def test_a_misshapen_cell_is_rejected_with_where_and_why(bad: Any, reason: Misshape) -> None:
    flat = flatten([cell(), bad])
    assert len(flat.rows) == 1
    assert [(reject.cell, reject.reason) for reject in flat.rejected] == [(1, reason)]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
ENTRY = JSON | st.fixed_dictionaries(
    {},
    optional={
        "gender": st.sampled_from("TKM") | JSON,
        "value": st.floats() | JSON,
        "isdeleted": st.booleans() | JSON,
        "status": JSON,
        "count": JSON,
    },
)
CELL = JSON | st.fixed_dictionaries(
    {},
    optional={
        "kpi": st.just("N00945") | JSON,
        "municipality": st.sampled_from(["0114", "G37433"]) | JSON,
        "period": st.sampled_from([2022, "2022"]) | JSON,
        "values": st.lists(ENTRY, max_size=4) | JSON,
    },
)


@given(st.lists(CELL, max_size=6))
def test_flatten_never_raises_and_loses_nothing(cells: list[Any]) -> None:
    flat = flatten(cells)
    whole = {reject.cell for reject in flat.rejected if reject.entry is None}
    partly = [reject for reject in flat.rejected if reject.entry is not None]
    kept = [cell for index, cell in enumerate(cells) if index not in whole]
    read = [cell for cell in kept if cell["municipality"][0] not in "Gg"]
    assert len(kept) - len(read) == flat.group_cells
    assert sum(len(cell["values"]) for cell in read) == len(flat.rows) + len(partly)
    assert all(cell["values"] for cell in read)
    assert all(0 <= index < len(flat.rows) for index in flat.marks)
    for kpi, municipality, period, gender, value, deleted in flat.rows:
        assert (type(kpi), type(municipality), type(period), type(deleted)) == (str, str, int, bool)
        assert gender in ("T", "K", "M")
        assert value is None or type(value) is float
    for reject in flat.rejected:
        assert reject.excerpt.isprintable()
        reject.excerpt.encode()
