"""An invented municipality among invented peers: RAW pages in Kolada's shape, and RAW measurements, from a seed.

Nothing here is a figure of a real place. The parameters stand in `fixtures/demonstration`; the same seed and
parameters always give the same figures. They go through the real pipeline like any other delivery.
"""

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.compute.series import share_margin
from indicators.periods import Kind, Period, span
from indicators.sources.definitions import read_yaml
from indicators.sources.kolada import Page

SEED = 1384_2011
LAST_YEAR = 2025
LAST_DAY = date(2026, 8, 31)
REFERENCE_YEAR = 2025
POPULATION, INCOME, OLD = "N01951", "N00905", "N01957"
CELLS = 5000


@dataclass(frozen=True)
class Settlement:
    """An invented municipality: code, name, county, and what its variables for similarity start from."""

    code: str
    name: str
    county: str
    population: int
    income: int
    old_share: float


class Demonstration:
    """The invented places and their figures. `definitions` are the entries of the definition files.

    Our own series has its gaps from three parameters: `late` (its last period has not come), `absent` (period → reason)
    and `reason` (why the last period has none, where a department or a survey measures). A peer value has no reason, so
    what Kolada would publish is merely missing.
    """

    def __init__(self, folder: Path, definitions: Sequence[Mapping[str, Any]]) -> None:
        content = read_yaml(folder / "municipalities.yaml")
        self.settlements = [Settlement(**entry) for entry in content["municipalities"]]
        self.home = str(content["home"])
        self.definitions = {str(d["code"]): d for d in definitions}
        self.parameters: dict[str, dict[str, Any]] = {}
        for path in sorted(folder.glob("*.yaml")):
            if path.stem not in ("municipalities", "judgements", "candidates"):
                self.parameters |= read_yaml(path)
        self.absent = {
            code: {str(period): str(reason) for period, reason in p.get("absent", {}).items()}
            for code, p in self.parameters.items()
        }
        self.by_kpi = {str(d["kolada_id"]): str(d["code"]) for d in definitions if d.get("kolada_id")}

    def _random(self, name: str) -> np.random.Generator:
        return np.random.default_rng([SEED, zlib.crc32(name.encode())])

    # ── peers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def kpis(self) -> list[str]:
        """Every identity that `data` can give: the indicators', the numbers of answers, and the three of similarity."""
        answers = {str(d["respondents_kolada_id"]) for d in self.definitions.values() if d.get("respondents_kolada_id")}
        return sorted({*self.by_kpi, *answers, POPULATION, INCOME, OLD})

    def data(self, kpis: Sequence[str], years: Sequence[int]) -> Iterator[Page]:
        """Pages of cells as API v3 gives them, for the identities and years asked for."""
        wanted = {year for year in years if year <= LAST_YEAR}
        cells: list[dict[str, Any]] = []
        number = 0
        for kpi in kpis:
            for cell in self._cells(kpi, wanted):
                cells.append(cell)
                if len(cells) == CELLS:
                    number += 1
                    yield Page(number, "demonstration", cells)
                    cells = []
        if cells:
            yield Page(number + 1, "demonstration", cells)

    def _cells(self, kpi: str, years: set[int]) -> Iterator[dict[str, Any]]:
        values, first, women = self._matrix(kpi)
        men = None if women is None else self._possible(2 * values - women, self.definitions[self.by_kpi[kpi]])
        for i, settlement in enumerate(self.settlements):
            for j in range(values.shape[1]):
                year, value = first + j, values[i, j]
                if year not in years or math.isnan(value):
                    continue
                entries = [_entry("T", value)]
                if women is not None and men is not None:
                    entries = [_entry("M", men[i, j]), *entries, _entry("K", women[i, j])]
                yield {"kpi": kpi, "municipality": settlement.code, "period": year, "values": entries}

    def _matrix(self, kpi: str) -> tuple[NDArray[np.float64], int, NDArray[np.float64] | None]:
        """Values [municipalities × years], the first year, and the women's values where divided."""
        variable = self._variable(kpi)
        if variable is not None:
            return variable, 2010, None
        code = self.by_kpi.get(kpi)
        if code is None:  # the number of answers of a survey
            counts = self._random(kpi).normal(520, 60, (len(self.settlements), LAST_YEAR - 2020)).round().clip(120)
            return counts, 2021, None
        return self._indicator(code)

    def _variable(self, kpi: str) -> NDArray[np.float64] | None:
        if kpi not in (POPULATION, INCOME, OLD):
            return None
        years = np.arange(2010, LAST_YEAR + 1) - LAST_YEAR
        growth = self._random("growth").normal(0.006, 0.006, len(self.settlements))
        population = np.array([s.population for s in self.settlements], dtype=float)
        heads = np.round(population[:, None] * (1 + growth[:, None]) ** years)
        if kpi == POPULATION:
            return heads
        if kpi == INCOME:
            return np.round(np.array([s.income for s in self.settlements], dtype=float)[:, None] * 1.025**years, -2)
        return np.round(heads * np.array([s.old_share for s in self.settlements])[:, None])

    def _indicator(self, code: str) -> tuple[NDArray[np.float64], int, NDArray[np.float64] | None]:
        p, definition = self.parameters[code], self.definitions[code]
        random = self._random(code)
        first = int(p.get("first_year", 2012))
        years = np.arange(first, LAST_YEAR + 1)
        places = len(self.settlements)
        standing = random.normal(0, 1, places)
        home = [s.code for s in self.settlements].index(self.home)
        standing[home] = p.get("own", 0.0)
        slope = np.full(places, float(p["trend"])) + random.normal(
            0, abs(p["trend"]) * 0.5 + p["spread"] * 0.02, places
        )
        slope[home] = p["trend"] + p.get("own_trend", 0.0)
        level = p["level"] + standing * p["spread"]
        values = level[:, None] + slope[:, None] * (years - REFERENCE_YEAR)
        values += random.normal(0, p["noise"], values.shape)
        values = self._possible(values, definition)
        missing = random.random(values.shape) < p.get("missing", 0.02)
        missing[home] = False
        values[missing] = np.nan
        if p.get("late"):
            values[home, -1] = np.nan
        values[home, np.isin(years.astype(str), list(self.absent[code]))] = np.nan
        women = None
        if definition.get("divided"):
            shift = p.get("women", 0.0) + random.normal(
                0, abs(p.get("women", 0.0)) * 0.2 + p["noise"] * 0.2, values.shape
            )
            women = self._possible(values + shift, definition)
        return values, first, women

    def _possible(self, values: NDArray[np.float64], definition: Mapping[str, Any]) -> NDArray[np.float64]:
        low, high = definition.get("minimum"), definition.get("maximum")
        if high is not None and low is not None:
            # Women and men lie about the whole; staying half a step inside keeps both of them possible.
            values = values.clip(low + (high - low) * 0.002, high - (high - low) * 0.002)
        elif low is not None:
            values = values.clip(low)
        return values.round(int(definition["decimals"]) + 1)

    # ── our own measurements ──────────────────────────────────────────────────────────────────────────────────────────

    def measurements(self, source: str) -> list[dict[str, Any]]:
        """RAW measurements of the indicators whose source is a department or a survey; fields of `Measured` but for
        the indicator, which goes by `code`."""
        rows: list[dict[str, Any]] = []
        for code, definition in self.definitions.items():
            if definition["source"] == source:
                rows += self._own(code, definition)
        return rows

    def _own(self, code: str, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
        p, random = self.parameters[code], self._random(code)
        kind = Kind(definition["frequency"])
        first = Period.of(kind, date(int(p.get("first_year", 2019)), 7, 1))
        last = Period.of(kind, date(LAST_YEAR, 12, 31) if kind is Kind.YEAR else LAST_DAY)
        periods = span(first, last if last.last_day <= LAST_DAY else last.previous())
        if p.get("late"):
            periods = periods[:-1]
        rows = []
        for i, period in enumerate(periods):
            slope = p["trend"] + p.get("own_trend", 0.0)
            value = p["level"] + slope * (period.x - REFERENCE_YEAR) + random.normal(0, p["noise"])
            value = float(self._possible(np.array([value]), definition)[0])
            stated = self.absent[code].get(period.code) or (p.get("reason") if i == len(periods) - 1 else None)
            rows.append(self._row(code, definition, period, value, stated, random))
        return rows

    def _row(
        self,
        code: str,
        definition: Mapping[str, Any],
        period: Period,
        value: float,
        reason: str | None,
        random: np.random.Generator,
    ) -> dict[str, Any]:
        row: dict[str, Any] = {"code": code, "period": period.code}
        if reason:
            return {**row, "absence": reason}
        row["value"] = value
        if definition["unit"] == "percent" and definition["source"] == "survey":
            answers = int(self.parameters[code].get("respondents", 420) + random.integers(-40, 40))
            row |= {"respondents": answers, "margin": round(share_margin(value, answers), 2)}
        return row


def _entry(gender: str, value: float) -> dict[str, Any]:
    return {"gender": gender, "count": 1, "status": "", "value": round(float(value), 4), "isdeleted": False}
