"""The reviewed definition files: complete, consistent, in plain words, and about what residents meet."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from indicators.compute.status import Form
from indicators.periods import Kind, Period
from indicators.sources.definitions import BILINGUAL, DefinitionError, Definitions, read_definitions, read_yaml
from tests.integration.conftest import replay_folder  # noqa: F401 (the fixture)

LANGUAGES = ("sv", "en")
# Texts that are written alike in both languages.
ALIKE = {"index 0–100"}
COPIED = 80  # characters in a row that two texts share only where one was copied from the other


@pytest.fixture(scope="module")
def folder(project: Path) -> Path:
    return project / "fixtures" / "definitions"


@pytest.fixture(scope="module")
def found(folder: Path) -> Definitions:
    return read_definitions(folder)


@pytest.fixture(scope="module")
def indicators(found: Definitions) -> dict[str, dict[str, Any]]:
    return {entry["code"]: entry for entry in found.indicators}


@pytest.fixture(scope="module")
def chain(folder: Path) -> dict[str, Any]:
    return read_yaml(folder / "governance.yaml")


@pytest.fixture(scope="module")
def goals(chain: dict[str, Any]) -> list[dict[str, Any]]:
    return [goal for issue in chain["issues"] for goal in issue["goals"]]


@pytest.fixture(scope="module")
def catalogue(replay_folder: Path) -> dict[str, dict[str, Any]]:  # noqa: F811 (the fixture)
    with gzip.open(replay_folder / "kpi.json.gz", "rt", encoding="utf-8") as file:
        return {kpi["id"]: kpi for kpi in json.load(file)["values"]}


@pytest.fixture(scope="module")
def curated(replay_folder: Path) -> dict[str, dict[str, str]]:  # noqa: F811 (the fixture)
    with (replay_folder / "kpis_curated.csv").open(encoding="utf-8", newline="") as file:
        return {row["kpi"]: row for row in csv.DictReader(file)}


def texts(entry: Any, where: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text in two languages below an entry, with the path to it."""
    if isinstance(entry, dict) and entry.keys() and entry.keys() <= set(LANGUAGES):
        yield where, entry
    elif isinstance(entry, dict):
        for name, inner in entry.items():
            yield from texts(inner, ".".join(filter(None, [where, entry.get("code"), name])))
    elif isinstance(entry, list):
        for number, inner in enumerate(entry):
            yield from texts(inner, f"{where}[{number}]")


class TestTheMix:
    def test_how_many(self, indicators: dict[str, Any]) -> None:
        sources = Counter(entry["source"] for entry in indicators.values())
        assert len(indicators) == 121
        assert 85 <= sources["kolada"] <= 95
        assert sources["department"] >= 10
        assert sources["survey"] >= 5

    def test_most_measure_effect_and_most_of_those_as_residents_experience_it(self, indicators: dict[str, Any]) -> None:
        effect = [entry for entry in indicators.values() if entry["measures"] == "effect"]
        assert len(effect) > 121 / 2
        assert sum(entry["experienced"] for entry in effect) > len(effect) / 2
        assert {entry["measures"] for entry in indicators.values()} == {"effect", "process", "resource", "volume"}

    def test_every_area_is_served(self, found: Definitions) -> None:
        by_area = Counter(entry["area"] for entry in found.indicators)
        assert by_area.keys() == {area["code"] for area in found.areas}
        assert min(by_area.values()) >= 5

    def test_the_contact_centre_is_measured(self, indicators: dict[str, Any]) -> None:
        own = [e for e in indicators.values() if e["area"] == "ser" and e["source"] != "kolada"]
        assert len(own) >= 8
        assert {e["frequency"] for e in own} >= {"month", "quarter", "tertial"}


class TestWords:
    def test_names_are_short_and_unlike(self, indicators: dict[str, Any]) -> None:
        for language in LANGUAGES:
            names = [entry["name"][language].casefold() for entry in indicators.values()]
            assert [name for name in names if len(name) > 60] == []
            assert [name for name, count in Counter(names).items() if count > 1] == []

    def test_both_languages_everywhere_and_never_the_same(self, found: Definitions, chain: dict[str, Any]) -> None:
        everything = [found.units, found.areas, found.departments, found.indicators, chain]
        pairs = [pair for part in everything for pair in texts(part)]
        assert len(pairs) > 800
        for where, pair in pairs:
            assert pair.keys() == set(LANGUAGES), where
            assert all(isinstance(text, str) and text == text.strip() for text in pair.values()), where
            if not where.endswith(".symbol"):
                assert all(pair.values()), where
                assert pair["sv"] != pair["en"] or pair["sv"] in ALIKE, f"{where}: {pair['sv']!r}"

    def test_every_indicator_has_its_texts(self, indicators: dict[str, Any]) -> None:
        for code, entry in indicators.items():
            for name in ("name", "purpose", "definition", "calculation", "quality", "owner"):
                assert entry.get(name), f"{code} lacks {name}"
            longest = max(len(text) for name in BILINGUAL for text in entry.get(name, {"sv": ""}).values())
            assert longest < 700, f"{code}: a text of {longest} characters is not read"

    def test_swedish_is_swedish_and_english_english(self, found: Definitions, chain: dict[str, Any]) -> None:
        swedish = re.compile(r"\b(och|som|för|till|andelen|inte|är)\b", re.IGNORECASE)
        english = re.compile(r"\b(and|the|which|share|of|with|are)\b", re.IGNORECASE)
        for where, pair in [pair for part in (found.indicators, chain) for pair in texts(part)]:
            assert not english.search(pair["sv"]), f"{where}: {pair['sv']}"
            assert not swedish.search(pair["en"]), f"{where}: {pair['en']}"

    def test_no_sign_of_carelessness(self, found: Definitions, chain: dict[str, Any]) -> None:
        careless = re.compile(r"  | ,| \.(?!\d)|\.\.|\bTODO\b|\bTBD\b|lorem|\?\?|\bxxx", re.IGNORECASE)
        for where, pair in [pair for part in (found.indicators, chain) for pair in texts(part)]:
            for text in pair.values():
                assert not careless.search(text), f"{where}: {text}"

    def test_the_words_are_our_own(self, indicators: dict[str, Any], catalogue: dict[str, dict[str, Any]]) -> None:
        for code, entry in indicators.items():
            if not entry.get("kolada_id"):
                continue
            theirs = " ".join(catalogue[entry["kolada_id"]]["description"].split())
            for name in BILINGUAL:
                ours = (entry.get(name) or {}).get("sv", "")
                copied = [ours[i : i + COPIED] for i in range(len(ours) - COPIED + 1) if ours[i : i + COPIED] in theirs]
                assert not copied, f"{code} {name}: {copied[0]}"


class TestNumbers:
    def test_identities_are_kept_by_kolada(
        self, indicators: dict[str, Any], catalogue: dict[str, Any], curated: dict[str, Any]
    ) -> None:
        ids = [entry["kolada_id"] for entry in indicators.values() if entry["source"] == "kolada"]
        assert [kpi for kpi in ids if kpi not in catalogue and kpi not in curated] == []
        assert len(set(ids)) == len(ids)
        answers = {entry.get("respondents_kolada_id") for entry in indicators.values()} - {None}
        assert answers <= catalogue.keys() | curated.keys()

    def test_only_what_kolada_keeps_has_an_identity(self, indicators: dict[str, Any]) -> None:
        for code, entry in indicators.items():
            assert bool(entry.get("kolada_id")) == (entry["source"] == "kolada"), code
            if entry.get("respondents_kolada_id"):
                assert (entry["source"], entry["unit"]) == ("kolada", "percent"), code

    def test_the_good_way_is_not_turned_round(self, indicators: dict[str, Any], curated: dict[str, Any]) -> None:
        opposite = {("higher", "lower_is_better"), ("lower", "higher_is_better")}
        for code, entry in indicators.items():
            theirs = curated.get(entry.get("kolada_id", ""), {}).get("direction")
            assert (entry["direction"], theirs) not in opposite, code

    def test_women_and_men_where_values_of_them_are_published(
        self,
        indicators: dict[str, Any],
        replay_folder: Path,  # noqa: F811 (the fixture)
    ) -> None:
        """The catalogue's own word is not to be relied on: it is wrong both ways."""
        published: dict[str, set[str]] = {}
        with gzip.open(replay_folder / "values.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for kpi, _place, _year, gender, _value in csv.reader(line for line in file if ",1384," in line):
                published.setdefault(kpi, set()).add(gender)
        for code, entry in indicators.items():
            if entry.get("kolada_id"):
                assert entry["divided"] == ({"K", "M"} <= published[entry["kolada_id"]]), code

    def test_possible_range_and_shares(self, indicators: dict[str, Any], found: Definitions) -> None:
        shares = {unit["code"] for unit in found.units if unit.get("share")}
        for code, entry in indicators.items():
            low, high = entry.get("minimum"), entry.get("maximum")
            assert low is None or high is None or low < high, code
            assert (entry.get("numerator") is None) == (entry.get("denominator") is None), code
            assert 0 <= entry["decimals"] <= 3, code
            if entry["unit"] in shares:
                assert high is None or high >= 100, code
                assert entry.get("aggregation", "last") in ("last", "recompute"), code

    def test_frequencies(self, indicators: dict[str, Any]) -> None:
        for code, entry in indicators.items():
            assert entry["frequency"] in {kind.value for kind in Kind}, code
            assert entry["source"] != "kolada" or entry["frequency"] == "year", code
            assert 0 < entry["due_days"] <= 800, code
        assert {e["frequency"] for e in indicators.values()} == {kind.value for kind in Kind}

    def test_breaks_name_a_period_of_the_series_and_a_reason(self, indicators: dict[str, Any]) -> None:
        broken = [(code, item) for code, entry in indicators.items() for item in entry.get("breaks", ())]
        assert broken
        for code, item in broken:
            assert Period.parse(str(item["period"])).kind == indicators[code]["frequency"], code
            assert set(item["reason"]) == set(LANGUAGES), code


class TestTargets:
    def test_six_forms(self, indicators: dict[str, Any]) -> None:
        forms = Counter(entry["target"]["form"] for entry in indicators.values() if entry.get("target"))
        assert forms.keys() == {form.value for form in Form}
        assert 90 <= sum(forms.values()) <= 115
        assert max(forms.values()) < sum(forms.values()) / 2, "one form for all is no choice"

    def test_a_target_asks_for_something_that_can_be(self, indicators: dict[str, Any]) -> None:
        for code, entry in indicators.items():
            target = entry.get("target")
            if entry["direction"] == "context":
                assert target is None, f"{code} is context only"
            if target is None:
                continue
            low, high = entry.get("minimum", float("-inf")), entry.get("maximum", float("inf"))
            for bound in ("value", "lower", "upper"):
                assert low <= target.get(bound, low if low > float("-inf") else 0) <= high, f"{code}: {bound}"
            assert target.get("tolerance", 0) >= 0, code
            if target.get("comparison") == "between":
                assert target["lower"] < target["upper"], code
            if target.get("comparison") in ("at_least", "at_most"):
                way = {"at_least": "higher", "at_most": "lower"}[target["comparison"]]
                assert entry["direction"] in (way, "interval"), (
                    f"{code} wants {way} and calls {entry['direction']} good"
                )
            if target["form"] == "yearly_change":
                assert Period.parse(str(target["baseline_period"])).kind == entry["frequency"], code
                assert (target["percent"] > 0) == (entry["direction"] == "higher"), code
            if target["form"] == "direction":
                assert {"increase": "higher", "decrease": "lower"}[target["wanted"]] == entry["direction"], code
            if target["form"] == "position":
                assert entry["comparable"], f"{code} is not comparable"
                assert ("percentile" in target) != ("rank" in target), code
                assert entry["source"] == "kolada", code


class TestTheChain:
    def test_nineteen_goals_of_three_to_twelve_indicators(
        self, goals: list[dict[str, Any]], indicators: dict[str, Any]
    ) -> None:
        assert len(goals) == 19
        assert len({goal["code"] for goal in goals}) == 19
        for goal in goals:
            codes = [link["code"] for link in goal["indicators"]]
            assert 3 <= len(codes) <= 12, goal["code"]
            assert len(set(codes)) == len(codes), goal["code"]
            assert set(codes) <= indicators.keys(), goal["code"]
            assert all(0 < link.get("weight", 1) <= 5 for link in goal["indicators"]), goal["code"]

    def test_all_six_forms_are_among_their_indicators(
        self, goals: list[dict[str, Any]], indicators: dict[str, Any]
    ) -> None:
        linked = [indicators[link["code"]] for goal in goals for link in goal["indicators"]]
        assert {e["target"]["form"] for e in linked if e.get("target")} == {form.value for form in Form}
        keys = [indicators[link["code"]] for goal in goals for link in goal["indicators"] if link.get("key")]
        assert all(entry.get("target") for entry in keys), "a key indicator without a target can never be missed"

    def test_every_goal_can_be_assessed_at_all(self, goals: list[dict[str, Any]], indicators: dict[str, Any]) -> None:
        for goal in goals:
            weights = {link["code"]: link.get("weight", 1) for link in goal["indicators"]}
            aimed = sum(weight for code, weight in weights.items() if indicators[code].get("target"))
            assert 2 * aimed >= sum(weights.values()), goal["code"]

    def test_some_indicators_serve_two_goals_and_some_none(
        self, goals: list[dict[str, Any]], indicators: dict[str, Any]
    ) -> None:
        links = Counter(link["code"] for goal in goals for link in goal["indicators"])
        assert sum(count == 2 for count in links.values()) >= 5
        assert max(links.values()) <= 3
        assert len(indicators.keys() - links.keys()) >= 5

    def test_under_a_vision_with_directions_and_directives(self, chain: dict[str, Any]) -> None:
        committees = {entry["code"] for entry in chain["committees"]}
        assert chain["vision"]["title"]
        assert 4 <= len(chain["issues"]) <= 8
        for issue in chain["issues"]:
            assert issue["goals"], issue["code"]
            for goal in issue["goals"]:
                assert goal["committee"] in committees, goal["code"]
                assert len(goal["short"]["sv"]) <= 45, goal["code"]
                assert goal["direction"], goal["code"]
                assert goal["directives"], goal["code"]
                for directive in goal["directives"]:
                    assert directive["committee"] in committees, goal["code"]
                    assert int(directive["valid_from"]) <= int(directive["valid_to"]), goal["code"]

    def test_every_department_serves_a_committee(self, chain: dict[str, Any], found: Definitions) -> None:
        committees = {entry["code"] for entry in chain["committees"]}
        assert {department["committee"] for department in found.departments} <= committees
        assert {e["department"] for e in found.indicators} == {department["code"] for department in found.departments}


# ── files with a fault ────────────────────────────────────────────────────────────────────────────────────────────────

Change = Callable[[Path], None]


def edited(name: str, change: Callable[[Any], None]) -> Change:
    def apply(folder: Path) -> None:
        content = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        change(content)
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    return apply


def written(name: str, text: bytes) -> Change:
    return lambda folder: (folder / name).write_bytes(text) and None


ALD = "indicators/ald.yaml"
FAULTS: list[tuple[Change, str]] = [
    (lambda folder: (folder / "units.yaml").unlink(), "units.yaml is missing"),
    (lambda folder: (folder / ALD).unlink(), "ald.yaml is missing"),
    (written("areas.yaml", b"- {code: ald"), "areas.yaml cannot be read"),
    (written("areas.yaml", b"\xff\xfe\x00"), "areas.yaml cannot be read"),
    (written(ALD, b"!!python/object/apply:os.getcwd []"), "ald.yaml cannot be read"),
    (written(ALD, b"area: ald\n"), "ald.yaml"),
    (written(ALD, b"[]\n"), "ald.yaml"),
    (written("units.yaml", b"percent\n"), "units.yaml"),
    (edited(ALD, lambda c: c.update(area="dem")), "says area 'dem'"),
    (edited(ALD, lambda c: c["indicators"][0].pop("unit")), "ald01 lacks unit"),
    (edited(ALD, lambda c: c["indicators"][0].pop("code")), "lacks code"),
    (edited(ALD, lambda c: c["indicators"][0].update(due_days=None)), "ald01 lacks due_days"),
    (edited(ALD, lambda c: c["indicators"][0]["name"].pop("en")), "ald01 needs name in Swedish"),
    (edited(ALD, lambda c: c["indicators"][0]["purpose"].update(sv="")), "ald01 needs purpose"),
    (edited(ALD, lambda c: c["indicators"][0].update(name="only one")), "ald01 needs name"),
    (edited(ALD, lambda c: c["indicators"][0].update(unit="furlong")), "unit 'furlong'"),
    (edited(ALD, lambda c: c["indicators"][0].update(department="nobody")), "department 'nobody'"),
    (edited(ALD, lambda c: c["indicators"][1].update(code="ald01")), "the code 'ald01'"),
    (
        edited(ALD, lambda c: c["indicators"][1].update(kolada_id=c["indicators"][0]["kolada_id"])),
        "two indicators have the kolada_id",
    ),
    (edited(ALD, lambda c: c["indicators"][1]["name"].update(en=c["indicators"][0]["name"]["en"])), r"name \(en\)"),
]


class TestFaultyFiles:
    def copy(self, folder: Path, target: Path) -> Path:
        (target / "indicators").mkdir()
        for path in [*folder.glob("*.yaml"), *(folder / "indicators").glob("*.yaml")]:
            (target / path.relative_to(folder)).write_bytes(path.read_bytes())
        return target

    def test_the_copy_is_sound(self, folder: Path, found: Definitions, tmp_path: Path) -> None:
        assert read_definitions(self.copy(folder, tmp_path)) == found

    @pytest.mark.parametrize(("change", "told"), FAULTS, ids=[told for _, told in FAULTS])
    def test_a_fault_is_told_with_its_place(self, folder: Path, tmp_path: Path, change: Change, told: str) -> None:
        copy = self.copy(folder, tmp_path)
        change(copy)
        with pytest.raises(DefinitionError, match=told):
            read_definitions(copy)
