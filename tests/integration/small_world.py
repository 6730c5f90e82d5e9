"""A small installation for the tests of the pipeline, and a source of pages that holds them in memory."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import Any

from indicators import operations, pipeline
from indicators.models import Import, Indicator, PeerValue
from indicators.sources.kolada import Page

TODAY = date(2023, 11, 1)
HOME, NATION, REGION = "1384", "0000", "0013"
PEERS = tuple(f"{code}" for code in range(1401, 1413))
SHARE, COUNT, OTHER = "N10001", "N10002", "N10003"
Cell = dict[str, Any]
Stored = dict[tuple[str, int, str, str, int], float | None]


def texts(words: str) -> dict[str, str]:
    return {"sv": f"{words} på svenska", "en": f"{words} in English"}


def definition(code: str, **more: Any) -> dict[str, Any]:
    """A reviewed definition with everything that it must have; `more` replaces or adds."""
    return {
        "code": code, "name": texts(code), "purpose": texts("Why"), "definition": texts("What"),
        "calculation": texts("How"), "owner": texts("Who"), "area": "all", "unit": "percent", "decimals": 1,
        "direction": "higher", "measures": "effect", "experienced": False, "comparable": True, "influenceable": True,
        "never_good_enough": False, "frequency": "year", "due_days": 60, "source": "kolada", "divided": False,
        "department": "office",
    } | more  # fmt: skip


def define(*definitions: dict[str, Any]) -> list[Indicator]:
    """Take definitions in; the indicators in the order given."""
    operations.store_definitions(
        units=[{"code": "percent", "symbol": "%", "name": texts("per cent"), "share": True}],
        areas=[{"code": "all", "name": texts("Everything")}],
        departments=[{"code": "office", "name": texts("The office")}],
        indicators=definitions,
        by=None,
    )
    found = {indicator.code: indicator for indicator in Indicator.objects.all()}
    return [found[entry["code"]] for entry in definitions]


def settle() -> None:
    """Our municipality, twelve others, a region and the nation; the group of all municipalities."""
    places = [(HOME, "Vår kommun", "K"), (NATION, "Riket", "N"), (REGION, "En region", "L")]
    places += [(code, f"Kommun {code}", "K") for code in PEERS]
    operations.store_municipalities(places=places, home=HOME, invented=False, by=None)
    everyone: dict[str, Any] = {code: (None, None) for code, _name, kind in places if kind == "K"}
    group = operations.GroupOf("all", {"sv": "Alla", "en": "All"}, "all", everyone)
    operations.store_groups(groups=[group], by=None)


def entry(value: Any, gender: Any = "T", **more: Any) -> dict[str, Any]:
    return {"gender": gender, "count": 1, "status": "", "value": value, "isdeleted": False} | more


def cell(value: Any, kpi: Any = SHARE, place: Any = HOME, year: Any = 2020, **more: Any) -> Cell:
    """A cell of API v3 with one value, or with the entries given as a list."""
    entries = value if isinstance(value, list) else [entry(value, **more)]
    return {"kpi": kpi, "municipality": place, "period": year, "values": entries}


class Pages:
    """A source of pages in memory: gives, of the cells that were put in, those of the identities and years asked for.

    `asked` keeps what was asked. Whatever is no cell of an `ordinary` identity comes with every answer, as from a
    service gone wrong.
    `before_page` is called with each page's number, and may raise.
    """

    def __init__(
        self,
        *pages: Sequence[Any],
        before_page: Callable[[int], None] | None = None,
        ordinary: Collection[str] = (SHARE, COUNT, OTHER),
    ) -> None:
        self.pages = [list(page) for page in pages]
        self.ordinary = ordinary
        self.asked: list[tuple[list[str], list[int]]] = []
        self.before_page = before_page

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Page]:
        self.asked.append((list(kpis), list(years)))
        for number, cells in enumerate(self.pages, start=1):
            if self.before_page:
                self.before_page(number)
            wanted = [c for c in cells if self._fits(c, kpis, years)]
            if wanted:
                yield Page(number, "memory", wanted)

    def _fits(self, found: Any, kpis: Sequence[str], years: Sequence[int]) -> bool:
        if not isinstance(found, dict) or found.get("kpi") not in self.ordinary:
            return True
        a_year = type(found.get("period")) is int and 2000 <= found["period"] <= TODAY.year
        return found["kpi"] in kpis and (not a_year or found["period"] in years)


def take_in(*pages: Sequence[Any], kpis: Sequence[str] = (SHARE,), **more: Any) -> Import:
    """Import pages of cells; the delivery that came of it."""
    pipeline.import_peer_values(Pages(*pages), **({"kpis": kpis, "today": TODAY} | more))
    return Import.objects.latest("id")


def stored() -> Stored:
    """Every revision of every value: (kpi, year, municipality, breakdown, revision) → value."""
    fields = ("kpi", "year", "municipality", "breakdown", "revision", "value")
    return {tuple(key): None if v is None else float(v) for *key, v in PeerValue.objects.values_list(*fields)}  # type: ignore[misc]


def reasons(delivery: Import) -> dict[tuple[str, str], int]:
    """The import report: (kpi, fault) → how many."""
    return {(kpi, fault): count for kpi, fault, count in delivery.rejections.values_list("kpi", "fault", "count")}
