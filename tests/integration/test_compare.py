"""The compare pages over a small world of invented municipalities, built through the real import and computation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import operations, pipeline
from indicators.models import Benchmark, Indicator
from indicators.operations import GroupOf
from indicators.queries import computation
from indicators.sources.definitions import Definitions, read_definitions
from indicators.sources.kolada import Page

pytestmark = pytest.mark.django_db

HOME = "9006"
TOWNS = {
    "9001": "Alby", "9002": "Björkö", "9003": "Cederby", "9004": "Dalum", "9005": "Ekeby", "9006": "Hemby",
    "9007": "Fors", "9008": "Granby", "9009": "Åby", "9010": "Äsköping", "9011": "Öby", "9012": "Zinkby",
}  # fmt: skip
NEAR = ("9001", "9002", "9003", "9009", "9010", "9011")
YEARS = range(2017, 2023)
TODAY = date(2023, 11, 21)
TWELVE = ("ald02", "ald08", "ald09", "fsk01", "fsk04", "fsk05", "fsk06", "eko04", "kli01", "sam01", "try01", "nar01")
KPIS = {"ald02": "U23471", "ald08": "N20048", "fsk05": "N15428", "fsk06": "N15507", "kli01": "N00401"}


class Figures:
    """Decoded pages as Kolada's API gives them, from a plain rule and some values of a test's own."""

    def __init__(self, own: Mapping[tuple[str, str, int], float | None]) -> None:
        self.own = own

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Page]:
        cells = [self._cell(kpi, town, year) for kpi in kpis for town in TOWNS for year in years if year in YEARS]
        yield Page(1, "test", [cell for cell in cells if cell is not None])

    def _cell(self, kpi: str, town: str, year: int) -> dict[str, Any] | None:
        usual = 50.0 + 2 * int(town[-2:]) + 0.5 * (year - 2017)
        value = self.own.get((kpi, town, year), usual)
        if value is None:
            return None
        entry = {"gender": "T", "count": 1, "status": "", "value": value, "isdeleted": False}
        return {"kpi": kpi, "municipality": town, "period": year, "values": [entry]}


@pytest.fixture(scope="module")
def shipped() -> Definitions:
    return read_definitions(Path(settings.BASE_DIR) / "fixtures" / "definitions")


def build(
    shipped: Definitions,
    *,
    codes: Sequence[str] | None = TWELVE,
    own: Mapping[tuple[str, str, int], float | None] | None = None,
) -> None:
    """Places, definitions, values and everything derived."""
    operations.store_municipalities(
        places=[(code, name, "K") for code, name in TOWNS.items()], home=HOME, invented=True, by=None
    )
    operations.store_definitions(
        units=shipped.units,
        areas=shipped.areas,
        departments=shipped.departments,
        indicators=[d for d in shipped.indicators if codes is None or d["code"] in codes],
        by=None,
    )
    groups = [
        GroupOf("all", {"sv": "Alla kommuner", "en": "All municipalities"}, "all", dict.fromkeys(TOWNS, (None, None))),
        GroupOf(
            "near", {"sv": "Hembys län", "en": "Hemby county"}, "county", dict.fromkeys(NEAR, (None, None)), order=3
        ),
        GroupOf("like", {"sv": "Liknande", "en": "Similar"}, "similar", dict.fromkeys(NEAR, (None, None)), order=1),
    ]
    operations.store_groups(groups=groups, by=None)
    pipeline.import_peer_values(Figures(own or {}), kpis=computation.imported_kpis(), today=TODAY, kind="demonstration")
    pipeline.refresh(computation.indicator_ids(), today=TODAY)


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    return re.sub(r"[ \n]+", " ", response.content.decode())


def rows(page: str) -> dict[str, str]:
    """Rows of the list by indicator name."""
    found = re.findall(
        r'<tr role="row"> ?<th scope="row" role="rowheader"><a href="[^"]*">(.*?)</a></th>(.*?)</tr>', page
    )
    return dict(found)


def names(page: str) -> list[str]:
    return list(rows(page))


# ── all indicators ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_shows_place_median_and_counts_as_they_are_stored(client: Client, shipped: Definitions) -> None:
    build(shipped)
    page = html(client, "/en/compare/")
    stored = Benchmark.objects.get(indicator__code="fsk05", group__code="all", year=2022)
    row = rows(page)[Indicator.objects.get(code="fsk05").name_en]
    assert stored.rank == 7
    assert "7 of 12" in row
    assert "64.5%" in row  # 50 + 2·6 + 0.5·5
    assert "2022" in row
    judged = Benchmark.objects.filter(group__code="all", year=2022, eligible=True).exclude(quarter="")
    assert f"of {judged.count()} indicators" in page
    best = judged.filter(quarter="best").count()
    assert f"<b>{best}</b>" in page
    assert len(rows(page)) == 12


def test_marks_of_position_are_never_those_of_status(client: Client, shipped: Definitions) -> None:
    build(shipped)
    for address in ("/en/compare/", "/en/compare/indicator/fsk05/", "/en/compare/cost-quality/"):
        assert "status--" not in html(client, address)


def test_as_many_queries_with_12_indicators_as_with_121(client: Client, shipped: Definitions) -> None:
    addresses = [
        "/compare/",
        "/compare/?group=similar&sort=difference",
        f"/compare/?peers={','.join(NEAR)}",
        "/compare/indicator/fsk05/",
        "/compare/cost-quality/",
    ]

    def asked() -> list[int]:
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                html(client, address)
            counts.append(len(queries))
        return counts

    build(shipped)
    few = asked()
    build(shipped, codes=None)
    assert Indicator.objects.count() == 121
    assert asked() == few
    assert max(few) <= 8


def test_own_choice_of_municipalities_gives_what_a_stored_group_of_them_gives(
    client: Client, shipped: Definitions
) -> None:
    build(shipped)
    stored, chosen = html(client, "/en/compare/?group=near"), html(client, f"/en/compare/?peers={','.join(NEAR)}")
    plain = re.compile(r'href="[^"]*"')
    assert {name: plain.sub("", row) for name, row in rows(chosen).items()} == {
        name: plain.sub("", row) for name, row in rows(stored).items()
    }
    assert "Own choice: 6 municipalities" in chosen
    by_name = html(client, "/en/compare/?peers=Alby,+björkö,Cederby,Åby,Äsköping,Öby")
    assert rows(by_name) == rows(chosen)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("group=nowhere", "near (Hemby county)"),
        ("peers=Albi,9002,9003,9004,9005", "Did you mean Alby"),
        ("peers=9001,9002", "at least 5"),
        ("period=20x2", "Write a year"),
        ("period=2199", "Write a year"),
        ("period=1999", "1999 or earlier"),
        ("area=nowhere", "fsk"),
        ("quarter=top", "best, middle, worst"),
        ("sort=price", "difference"),
    ],
)
def test_unknown_choices_are_answered_with_what_there_is(
    client: Client, shipped: Definitions, asked: str, told: str
) -> None:
    build(shipped)
    assert told in html(client, f"/en/compare/?{asked}", 404)


def test_similar_municipalities_by_kind_and_by_code_are_one_choice(client: Client, shipped: Definitions) -> None:
    build(shipped)
    assert rows(html(client, "/compare/?group=similar")) == rows(html(client, "/compare/?group=like"))


def test_sorts_by_rank_and_filters_by_area_and_quarter(client: Client, shipped: Definitions) -> None:
    build(shipped)

    def listed(address: str) -> list[int]:
        found = (re.search(r">(\d+) of", row) for row in rows(html(client, address)).values())
        return [int(match[1]) for match in found if match]

    best_first = listed("/en/compare/?sort=rank")
    assert best_first == sorted(best_first)
    assert listed("/en/compare/?sort=rank&order=worst") == best_first[::-1]
    assert len(rows(html(client, "/en/compare/?area=ald"))) == 3
    quarters = html(client, "/en/compare/?quarter=middle")
    assert all("Middle half" in row for row in rows(quarters).values())


def test_a_fallback_to_an_earlier_year_is_said(client: Client, shipped: Definitions) -> None:
    alone = {(KPIS["fsk05"], town, 2022): None for town in TOWNS if town != HOME}
    build(shipped, own=alone)
    row = rows(html(client, "/en/compare/"))[Indicator.objects.get(code="fsk05").name_en]
    assert "2021" in row
    assert "our newest value is from 2022" in row


def test_an_earlier_period_shows_what_was_known_by_then(client: Client, shipped: Definitions) -> None:
    build(shipped)
    row = rows(html(client, "/en/compare/?period=2019"))[Indicator.objects.get(code="fsk05").name_en]
    assert "2019" in row
    assert "63.0%" in row


def test_a_measured_zero_is_a_value(client: Client, shipped: Definitions) -> None:
    build(shipped, own={(KPIS["kli01"], HOME, 2022): 0.0})
    row = rows(html(client, "/en/compare/"))[Indicator.objects.get(code="kli01").name_en]
    assert re.search(r">0\.0", row)
    assert "1 of 12" in row


def test_htmx_gets_the_list_alone(client: Client, shipped: Definitions) -> None:
    build(shipped)
    response = client.get("/compare/?area=ald", headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]
    assert len(rows(re.sub(r"[ \n]+", " ", response.content.decode()))) == 3


def test_both_languages(client: Client, shipped: Definitions) -> None:
    build(shipped)
    indicator = Indicator.objects.get(code="fsk05")
    swedish, english = html(client, "/compare/"), html(client, "/en/compare/")
    assert indicator.name_sv in names(swedish)
    assert indicator.name_en in names(english)
    assert "64,5\u00a0%" in swedish
    assert "Alla kommuner" in swedish


def test_before_anything_is_set_up(client: Client) -> None:
    for address in ("/en/compare/", "/en/compare/cost-quality/"):
        assert "yet" in html(client, address)
    html(client, "/en/compare/indicator/", 404)
    html(client, "/en/compare/indicator/fsk05/", 404)


def test_without_values_from_others_the_page_says_what_to_do(client: Client, shipped: Definitions) -> None:
    nothing = {(kpi, town, year): None for kpi in KPIS.values() for town in TOWNS for year in YEARS}
    build(shipped, codes=tuple(KPIS), own=nothing)
    assert "Nothing to compare with yet" in html(client, "/en/compare/")


# ── one indicator ─────────────────────────────────────────────────────────────────────────────────────────────────────


def places(page: str) -> list[tuple[str, str]]:
    """(place, municipality) as listed."""
    return re.findall(r'ranking__place">(\d+)</td><th scope="row" role="rowheader">(.*?)</th>', page)


def test_every_municipality_is_ranked_and_ours_is_marked(client: Client, shipped: Definitions) -> None:
    build(shipped)
    page = html(client, "/en/compare/indicator/fsk05/")
    listed = places(page)
    assert [int(place) for place, _name in listed] == list(range(1, 13))
    assert listed[0][1] == "Zinkby"
    assert ("7", "Hemby") in listed
    assert page.count('class="is-own"') == 1
    bands = [page.index(f"{word}</span>") for word in ("Best quarter", "Middle half", "Worst quarter")]
    assert bands == sorted(bands)


def test_quarter_of_ours_in_the_ranking_is_the_stored_one(client: Client, shipped: Definitions) -> None:
    build(shipped, own={(KPIS["fsk05"], HOME, 2022): 99.0})
    page = html(client, "/en/compare/indicator/fsk05/")
    assert Benchmark.objects.get(indicator__code="fsk05", group__code="all", year=2022).quarter == "best"
    assert page.index("Best quarter</span>") < page.index('id="own"') < page.index("Middle half</span>")


def test_lower_is_better_turns_the_ranking(client: Client, shipped: Definitions) -> None:
    build(shipped)
    assert places(html(client, "/en/compare/indicator/kli01/"))[0][1] == "Alby"


def test_context_is_listed_without_places(client: Client, shipped: Definitions) -> None:
    build(shipped)
    page = html(client, "/en/compare/indicator/ald08/")
    assert places(page) == []
    assert "nobody is ranked" in page
    assert "Zinkby" in page


def test_search_keeps_places_and_is_shown_as_text(client: Client, shipped: Definitions) -> None:
    build(shipped)
    assert places(html(client, "/en/compare/indicator/fsk05/?q=åby")) == [("4", "Åby")]
    page = html(client, "/en/compare/indicator/fsk05/?q=<script>")
    assert "<script>" not in page.split("<main", 1)[1].split("</main>")[0]


def test_sorting_by_name_is_swedish(client: Client, shipped: Definitions) -> None:
    build(shipped)
    listed = [name for _place, name in places(html(client, "/en/compare/indicator/fsk05/?sort=name"))]
    assert listed[-4:] == ["Zinkby", "Åby", "Äsköping", "Öby"]


def test_group_year_and_change_of_indicator(client: Client, shipped: Definitions) -> None:
    build(shipped)
    page = html(client, "/en/compare/indicator/fsk05/?group=near&year=2018")
    assert len(places(page)) == 7
    assert "2018" in page
    moved = client.get("/en/compare/indicator/fsk05/?indicator=kli01&group=near&year=2018&q=x")
    assert moved.headers["Location"] == "/en/compare/indicator/kli01/?group=near"
    first = client.get("/en/compare/indicator/?group=near")
    assert first.headers["Location"].endswith("?group=near")


def test_a_year_with_too_few_is_shown_without_places(client: Client, shipped: Definitions) -> None:
    few = {(KPIS["fsk05"], town, 2022): None for town in list(TOWNS)[6:]}
    build(shipped, own=few | {(KPIS["fsk05"], "9001", 2022): None, (KPIS["fsk05"], "9002", 2022): None})
    page = html(client, "/en/compare/indicator/fsk05/?year=2022")
    assert places(page) == []
    assert "Too few municipalities" in page
    assert "too few others have one: 2021 is compared instead" in html(client, "/en/compare/indicator/fsk05/")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("fsk99/", "Did you mean"),
        ("fsk05/?year=1999", "2022, 2021"),
        ("fsk05/?year=²", "2022, 2021"),
        ("fsk05/?group=nowhere", "near (Hemby county)"),
    ],
)
def test_unknown_indicators_and_years(client: Client, shipped: Definitions, address: str, told: str) -> None:
    build(shipped)
    assert told in html(client, f"/en/compare/indicator/{address}", 404)


# ── cost and quality ──────────────────────────────────────────────────────────────────────────────────────────────────

COSTS = {
    "9001": 300_000, "9002": 200_000, "9003": 210_000, "9004": 220_000, "9005": 260_000, "9006": 250_000,
    "9007": 240_000, "9008": 250_000, "9009": 280_000, "9010": 290_000, "9011": 249_999, "9012": 310_000,
}  # fmt: skip


def pair() -> dict[tuple[str, str, int], float | None]:
    """Costs that rise by 10,000 in five years; quality by the usual rule, higher for higher codes."""
    values: dict[tuple[str, str, int], float | None] = {}
    for town, cost in COSTS.items():
        for year in YEARS:
            values[KPIS["ald08"], town, year] = cost + 2_000 * (year - 2022)
    return values


def table(page: str, heading: str) -> list[str]:
    """Municipalities of the table under a heading."""
    part = page.split(f'<h2 id="{heading}"', 1)[1].split("</section>", 1)[0]
    return re.findall(r'<th scope="row" role="rowheader">(.*?)</th>', re.sub(r"> ", ">", part))


def test_lower_cost_with_at_least_our_quality(client: Client, shipped: Definitions) -> None:
    build(shipped, own=pair())
    page = html(client, "/en/compare/cost-quality/?cost=ald08&quality=ald02")
    assert table(page, "better") == ["Öby", "Fors"]  # Granby costs the same as ours
    assert "2 of 11 others have lower cost" in page
    assert "Hemby has the same cost as the median, but weaker quality." in page
    assert "an association, not a cause" in page


def test_over_time_the_cost_is_told_beside_the_median_change(client: Client, shipped: Definitions) -> None:
    values = pair() | {(KPIS["ald08"], "9003", 2022): 195_000.0, (KPIS["ald08"], "9004", 2022): 205_000.0}
    values[KPIS["ald02"], "9004", 2022] = 20.0  # lower cost, but quality fell
    build(shipped, own=values)
    page = html(client, "/en/compare/cost-quality/?cost=ald08&quality=ald02")
    assert table(page, "over-time") == ["Cederby"]
    assert "From 2017 to 2022" in page


def test_a_break_hides_the_change_over_time(client: Client, shipped: Definitions) -> None:
    build(shipped, own=pair())
    Indicator.objects.get(code="ald02").breaks.create(period="2020", reason="New questions")
    page = html(client, "/en/compare/cost-quality/?cost=ald08&quality=ald02")
    assert "has changed between 2017 and 2022" in page
    assert table(page, "over-time") == []


def test_the_newest_year_of_both_is_compared(client: Client, shipped: Definitions) -> None:
    build(shipped, own=pair() | {(KPIS["ald02"], town, 2022): None for town in TOWNS})
    page = html(client, "/en/compare/cost-quality/?cost=ald08&quality=ald02")
    assert "2021</h2>" in page


def test_a_pair_without_a_common_year_says_so(client: Client, shipped: Definitions) -> None:
    build(shipped, own={(KPIS["ald02"], town, year): None for town in TOWNS for year in YEARS})
    assert "no year in common" in html(client, "/en/compare/cost-quality/?cost=ald08&quality=ald02")


def test_pairs_and_groups_of_the_address(client: Client, shipped: Definitions) -> None:
    build(shipped, own=pair())
    assert "ald08" in html(client, "/en/compare/cost-quality/")
    for address in ("group=similar", f"peers={','.join(NEAR)}", "cost=fsk04", "quality=fsk05"):
        html(client, f"/en/compare/cost-quality/?{address}")
    assert "fsk04, ald08" in html(client, "/en/compare/cost-quality/?cost=none", 404)
    assert "ald02" in html(client, "/en/compare/cost-quality/?quality=none", 404)
