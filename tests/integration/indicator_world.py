"""A small installation for the indicator's page: forty municipalities that do not exist and six indicators, taken in
and computed by the real operations and the real pipeline."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from indicators import operations, pipeline
from indicators.models import Indicator, MeasurementState
from indicators.sources.kolada import Page
from scorecard import operations as chain_operations

TODAY = date(2023, 6, 1)
YEARS = range(2015, 2023)
HOME = "9001"
OTHERS = [f"{9000 + n}" for n in range(2, 41)]
SIMILAR = OTHERS[:7]
COUNTY = OTHERS[5:17]
PASSED, TRUSTED, COST, ANSWERS = "N90001", "N90002", "N90003", "N90009"


def texts(words: str) -> dict[str, str]:
    return {"sv": words, "en": f"{words} (en)"}


def definition(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "name": texts(f"Mått {code}"), "purpose": texts("Syftet"), "definition": texts("Vad det är"),
        "calculation": texts("Så räknas det"), "owner": texts("Chefen"), "area": "edu", "unit": "percent",
        "decimals": 1, "direction": "higher", "measures": "effect", "experienced": False, "comparable": True,
        "influenceable": True, "never_good_enough": False, "frequency": "year", "due_days": 60,
        "source": "kolada", "divided": False, "department": "school",
    } | more  # fmt: skip


DEFINITIONS = [
    definition(
        "passed",
        kolada_id=PASSED,
        divided=True,
        target={"form": "level", "comparison": "at_least", "value": 89, "tolerance": 1},
    ),
    definition(
        "trusted",
        kolada_id=TRUSTED,
        respondents_kolada_id=ANSWERS,
        decimals=0,
        experienced=True,
        target={"form": "direction", "wanted": "increase", "tolerance": 1},
    ),
    definition("cost", kolada_id=COST, unit="sek", decimals=0, direction="context", measures="resource"),
    definition(
        "calls",
        area="service",
        source="department",
        department="service",
        frequency="month",
        due_days=15,
        comparable=False,
        measures="process",
        target={"form": "level", "comparison": "at_least", "value": 70, "tolerance": 3},
    ),
    definition(
        "heard",
        area="service",
        source="survey",
        department="service",
        comparable=False,
        breaks=[{"period": "2021", "reason": texts("Frågan är ny"), "comparable_backwards": False}],
        target={"form": "not_worse", "tolerance": 0},
    ),
    definition("silent", area="service", source="department", department="service", comparable=False),
]


def passed(n: int, year: int) -> float:
    """Ours (n = 1) falls to 89.8; the others are spread evenly, and improve."""
    if n == 1:
        return 94.0 - 0.6 * (year - 2015)
    return 50.0 + n + 0.3 * (year - 2015) * (n % 5)


class Published:
    """Pages in Kolada's shape. `changes`: (kpi, year, municipality, breakdown) → what the source says by now."""

    def __init__(self, changes: dict[tuple[str, int, str, str], float | None] | None = None) -> None:
        self.changes = changes or {}

    def _values(self, kpi: str, year: int, code: str) -> dict[str, float | None]:
        n = int(code) - 9000
        if kpi == PASSED:
            value = passed(n, year)
            found: dict[str, float | None] = {"T": value, "K": value + 2, "M": value - 2}
        elif kpi == TRUSTED:
            found = {"T": 60.0 + (n % 9) if n > 1 else {2021: 62.0, 2022: 64.0}.get(year, 61.0)}
        elif kpi == COST:
            found = {"T": 100_000.0 + 500 * n + 1000 * (year - 2015)}
        else:
            found = {"T": 500.0}
        return {sex: self.changes.get((kpi, year, code, sex), value) for sex, value in found.items()}

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Page]:
        cells = []
        for kpi in kpis:
            for year in years:
                for code in [HOME, *OTHERS] if year in YEARS else []:
                    if kpi == PASSED and code == HOME and year == 2018:
                        continue
                    values = [
                        {"gender": sex, "value": value, "count": 1, "status": "", "isdeleted": False}
                        for sex, value in self._values(kpi, year, code).items()
                    ]
                    cells.append({"kpi": kpi, "municipality": code, "period": year, "values": values})
        yield Page(1, "test", cells)


def build(*, invented: bool = False, more: Sequence[dict[str, Any]] = ()) -> None:
    """The installation, computed. `more`: further definitions."""
    places = [(HOME, "Exempelby", "K"), *((code, f"Ort {code}", "K") for code in OTHERS)]
    operations.store_municipalities(places=places, home=HOME, invented=invented, by=None)
    operations.store_definitions(
        units=[
            {"code": "percent", "symbol": "%", "name": {"sv": "procent", "en": "per cent"}, "share": True},
            {"code": "sek", "symbol": {"sv": "kr", "en": "SEK"}, "name": {"sv": "kronor", "en": "kronor"}},
        ],
        areas=[{"code": "edu", "name": texts("Skolan")}, {"code": "service", "name": texts("Service")}],
        departments=[
            {"code": "school", "name": texts("Skolförvaltningen")},
            {"code": "service", "name": texts("Servicecenter")},
        ],
        indicators=[*DEFINITIONS, *more],
        by=None,
    )  # fmt: skip
    group, nothing = operations.GroupOf, (None, None)
    operations.store_groups(
        by=None,
        groups=[
            group("all", texts("Alla kommuner"), "all", dict.fromkeys([HOME, *OTHERS], nothing)),
            group("G1", texts("Liknande kommuner"), "similar", dict.fromkeys(SIMILAR, nothing), order=10),
            group("G2", texts("Länet"), "county", dict.fromkeys([HOME, *COUNTY], nothing), order=30),
        ],
    )
    publish(Published(), kind="demonstration" if invented else "kolada")
    measure()
    compute()


def publish(source: Published, *, kind: str = "kolada", revise: bool = False) -> None:
    kpis = [PASSED, TRUSTED, COST, ANSWERS]
    pipeline.import_peer_values(source, kpis=kpis, today=TODAY, kind=kind, revise=revise)


def measure() -> None:
    """What our own department and survey have said: 0 is a value, and one month is confidential."""
    ids = dict(Indicator.objects.values_list("code", "id"))
    calls: list[tuple[str, float | None, str]] = [
        ("2022M10", 71.5, ""),
        ("2022M11", None, "confidential"),
        ("2022M12", 0.0, ""),
    ]
    rows = [operations.Measured(ids["calls"], period, value=value, absence=why) for period, value, why in calls]
    heard = [
        operations.Measured(ids["heard"], year, value=40.0 + n, margin=3.0, respondents=612)
        for n, year in enumerate(("2020", "2021", "2022"))
    ]
    for source, found in (("department", rows), ("survey", heard)):
        delivery = operations.start_import(source=source, origin="test", job=None)
        operations.record_measurements(
            rows=found, source=source, state=MeasurementState.APPROVED, by=None, delivery=delivery, refresh=False
        )
        operations.finish_import(delivery=delivery, unanswered=[])


def compute() -> None:
    pipeline.refresh(list(Indicator.objects.values_list("id", flat=True)), today=TODAY)


def set_goals() -> None:
    """A vision with two goals; “passed” shows both."""
    goal = {"committee": "board", "directions": [], "directives": []}
    chain_operations.store_chain(
        chain={
            "committees": [{"code": "board", "name": texts("Nämnden")}],
            "vision": {"title": texts("Visionen"), "text": texts("Text")},
            "issues": [
                {
                    "code": "learn",
                    "name": texts("Lärande"),
                    "goals": [
                        goal
                        | {
                            "code": "g1",
                            "sentence": texts("Alla lär"),
                            "short": texts("Lär"),
                            "indicators": [{"code": "passed"}],
                        },
                        goal
                        | {
                            "code": "g2",
                            "sentence": texts("Alla trivs"),
                            "short": texts("Trivs"),
                            "indicators": [{"code": "passed"}, {"code": "calls"}],
                        },
                    ],
                }
            ],
        },
        departments=[{"code": "school", "committee": "board"}, {"code": "service", "committee": "board"}],
        valid_from=2015,
        example=True,
        by=None,
    )
