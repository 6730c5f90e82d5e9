"""The page of an indicator as a pure function of its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from indicators.compute.frames import DatedTarget
from indicators.compute.status import Direction, Form, Side, Target
from indicators.periods import Period
from indicators.read_models import indicator, indicator_chart, indicator_export, indicator_list
from indicators.read_models.follow_up import YearRow, default_period
from indicators.read_models.indicator_list import Filter, ListRow
from indicators.read_models.indicator_rows import (
    Assessed,
    Definition,
    Group,
    PeerValue,
    Place,
    Point,
    Rows,
    SeriesBreak,
    Town,
)

FETCHED = datetime(2023, 2, 14, 8, tzinfo=UTC)
ALL = Group("all", "All municipalities", kind="all", code="all")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def point(period: str, value: float | None, **more: Any) -> Point:
    known: dict[str, Any] = {
        "absence": "" if value is not None else "missing",
        "margin": None,
        "margin_computed": False,
        "respondents": None,
        "revision": 0,
        "earlier_value": None,
        "fetched_at": FETCHED,
        "job": 12,
    }
    return Point(Period.parse(period), value, **(known | more))


def place(year: int, **more: Any) -> Place:
    known: dict[str, Any] = {
        "eligible": True, "others": 40, "mean": 80.0, "median": 81.0, "q25": 75.0, "q75": 85.0, "own": 89.8, "rank": 3,
        "best_rank": None, "worst_rank": None, "percentile": 90.0, "quarter": "best", "low": 60.0, "high": 95.0,
        "own_change": -0.4, "peer_change": 0.2,
    }  # fmt: skip
    return Place(year, **(known | more))


def assessed(period: str = "2022", **more: Any) -> Assessed:
    known: dict[str, Any] = {
        "status": "met", "reason": "", "value": 89.8, "value_period": period, "margin": None,
        "comparison_period": "2021", "change": -0.4, "change_word": "worse", "target_id": 1, "lessons": [],
        "trace": {
            "form": "level",
            "numbers": {"rule": "between", "value": 89.8, "lower": 89.0, "upper": None, "tolerance": 0.0,
                        "margin": None},
            "value_period": period,
        },
        "rule_version": "1", "computed_at": FETCHED,
    }  # fmt: skip
    return Assessed(period, **(known | more))


DEFINITION = Definition(
    id=1, code="x01", name="Passed", purpose="Why", definition="What", calculation="How", quality="", numerator="",
    denominator="", area="edu", area_name="School", unit="per cent", symbol="%", share=True, decimals=1,
    good=Direction.HIGHER, measures="effect", experienced=True, comparable=True, influenceable=True,
    never_good_enough=True, frequency="year", due_days=1, source="kolada", kolada_id="N1", respondents_kolada_id="",
    department="Schools", owner="Head", retired=False,
)  # fmt: skip
TOWNS = {f"{n:04}": Town(f"{n:04}", "Exempelby" if n == 1 else f"Town {n}", n == 1) for n in range(1, 42)}
LEVEL = DatedTarget(1, Target(Form.LEVEL, side=Side.AT_LEAST, value=89.0), 2020, None)


def rows(**more: Any) -> Rows:
    known: dict[str, Any] = {
        "definition": DEFINITION,
        "towns": TOWNS,
        "invented": False,
        "goals": [("g1", "Goal")],
        "series": {"T": [point("2019", 91.0), point("2020", None), point("2021", 90.2), point("2022", 89.8)]},
        "breaks": [],
        "targets": [LEVEL],
        "target_groups": {},
        "assessments": [assessed("2021"), assessed("2022")],
        "period": "2022",
        "groups": [ALL],
        "group": ALL,
        "places": [place(year) for year in range(2017, 2023)],
        "place": place(2022),
        "peers": [PeerValue("0001", 89.8, FETCHED), *(PeerValue(f"{n:04}", 50.0 + n, FETCHED) for n in range(2, 42))],
    }
    return Rows(**(known | more))


def years(*found: tuple[str, int, int, int]) -> list[YearRow]:
    return [YearRow(*row) for row in found]


class TestDefaultPeriod:
    def test_newest_year_with_half_assessed(self) -> None:
        assert default_period(years(("2021", 100, 80, 90), ("2022", 100, 50, 60), ("2023", 100, 49, 99))) == "2022"

    def test_newest_with_anything_where_no_year_has_half(self) -> None:
        assert default_period(years(("2021", 100, 1, 1), ("2022", 100, 0, 3))) == "2022"
        assert default_period(years(("2021", 0, 0, 1))) == "2021"

    def test_nothing(self) -> None:
        assert default_period([]) == ""


class TestPage:
    def test_everything_shown_is_text(self) -> None:
        page = indicator.page(rows(), divided=False)
        assert page.value.number == "89.8%"
        assert page.status is not None
        assert page.status.target == "at least 89%"
        assert page.status.why.formula == "89.8 ≥ 89"
        assert page.change is not None
        assert (page.change.arrow, page.change.certain) == ("down", True)
        assert page.periods == ["2022", "2021"]
        assert page.comparison is not None
        assert page.comparison.rank_text == "Place 3 of 41"
        assert page.no_comparison == ""

    def test_facts_tell_source_time_and_version(self) -> None:
        status = indicator.page(rows(), divided=False).status
        assert status is not None
        facts = {fact["name"]: fact["text"] for fact in status.facts}
        assert facts["Source of the value"] == "Source: Kolada, fetched 2023-02-14"
        assert facts["Version of the rules"] == "1"
        assert facts["Computed"].startswith("2023-02-14")

    def test_other_units_stand_beside_the_number(self) -> None:
        days = replace(DEFINITION, symbol="days", unit="days", share=False, decimals=0)
        value = indicator.page(rows(definition=days), divided=False).value
        assert (value.number, value.unit) == ("90", "days")

    def test_interval_instead_of_a_place(self) -> None:
        spot = place(2022, best_rank=12, worst_rank=58, others=217)
        comparison = indicator.page(rows(place=spot), divided=False).comparison
        assert comparison is not None
        assert comparison.rank_text == "Place 12–58 of 218"
        assert any("margin of error" in note for note in comparison.notes)
        assert comparison.ranking is not None
        ours = next(line for line in comparison.ranking.lines if line.own)
        assert ours.rank == "12–58"

    def test_an_interval_of_one_place_is_a_place(self) -> None:
        comparison = indicator.page(rows(place=place(2022, best_rank=3, worst_rank=3)), divided=False).comparison
        assert comparison is not None
        assert comparison.rank_text == "Place 3 of 41"

    def test_folded_list_shows_the_best_and_those_around_us(self) -> None:
        comparison = indicator.page(rows(), divided=False).comparison
        assert comparison is not None
        ranking = comparison.ranking
        assert ranking is not None
        assert ranking.excerpt is not None
        assert [line.rank for line in ranking.excerpt] == ["1", "2", "3", "4", "5"]
        assert len(ranking.lines) == 41
        assert ranking.count == "Show all 41 municipalities"

    def test_twenty_are_not_folded(self) -> None:
        comparison = indicator.page(rows(peers=rows().peers[:20]), divided=False).comparison
        assert comparison is not None
        assert comparison.ranking is not None
        assert comparison.ranking.excerpt is None

    def test_lower_is_better_turns_the_list(self) -> None:
        lower = replace(DEFINITION, good=Direction.LOWER)
        comparison = indicator.page(rows(definition=lower), divided=False).comparison
        assert comparison is not None
        assert comparison.ranking is not None
        assert [line.name for line in comparison.ranking.lines][:2] == ["Town 2", "Town 3"]
        assert comparison.ranking.lines[0].rank == "1"
        assert comparison.strip is not None
        assert "← better" in comparison.strip["wide"]

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"source": "survey", "kolada_id": ""}, "own survey"),
            ({"source": "department", "kolada_id": ""}, "measures this itself"),
        ],
    )
    def test_why_there_is_no_comparison(self, more: dict[str, str], said: str) -> None:
        alone = rows(definition=replace(DEFINITION, **more), groups=[], group=None, places=[], place=None, peers=[])  # type: ignore[arg-type]
        page = indicator.page(alone, divided=False)
        assert page.comparison is None
        assert said in page.no_comparison

    def test_a_group_without_a_common_year(self) -> None:
        page = indicator.page(rows(place=None, peers=[]), divided=False)
        assert page.no_comparison.startswith("In no year up to 2022 do both we and others")

    def test_never_good_enough(self) -> None:
        facts = {fact["name"]: fact["text"] for fact in indicator.page(rows(), divided=False).definition}
        assert facts["Good enough"].startswith("Never")
        assert facts["Due"] == "1 day after the period has ended"
        assert facts["Measures"] == "Effect, as residents experience it"

    def test_sources_of_invented_figures(self) -> None:
        page = indicator.page(rows(invented=True), divided=False)
        assert all("Kolada" not in line for line in [*page.sources, page.footer])

    def test_without_an_assessment(self) -> None:
        page = indicator.page(rows(assessments=[], period="", place=None, peers=[]), divided=False)
        assert page.status is None
        assert page.value.number == ""
        assert page.lead == "No value has been recorded yet."


class TestChart:
    def drawn(self, **more: Any) -> Any:
        chart = indicator_chart.chart(rows(**more), divided=True)
        assert chart is not None
        return chart

    def line(self, role: str, **more: Any) -> Sequence[Any]:
        return next(line.points for line in self.drawn(**more).lines if line.role == role)

    def test_a_gap_stays_a_gap(self) -> None:
        assert [p.y for p in self.line("own")] == [91.0, None, 90.2, 89.8]

    def test_zero_is_drawn(self) -> None:
        assert [p.y for p in self.line("own", series={"T": [point("2021", 0.0)]})] == [0.0]

    def test_the_target_stands_in_the_years_it_is_valid(self) -> None:
        assert [p.y for p in self.line("target")] == [None, 89.0, 89.0, 89.0]

    def test_an_interval_has_two_lines(self) -> None:
        both = DatedTarget(1, Target(Form.LEVEL, side=Side.BETWEEN, lower=80.0, upper=95.0), 2000, None)
        lines = [line for line in self.drawn(targets=[both]).lines if line.role == "target"]
        assert [line.name for line in lines] == ["target, lower limit", "target, upper limit"]
        assert [line.points[0].y for line in lines] == [80.0, 95.0]

    def test_a_yearly_change_has_its_path(self) -> None:
        target = Target(Form.YEARLY_CHANGE, percent=-10.0, baseline_period="2019")
        path = [p.y for p in self.line("target", targets=[DatedTarget(1, target, 2000, None)])]
        assert path == pytest.approx([91.0, 81.9, 73.71, 66.339])

    @pytest.mark.parametrize("base", [0.0, -1.0, None])
    def test_no_path_from_a_baseline_that_is_not_positive(self, base: float | None) -> None:
        target = DatedTarget(1, Target(Form.YEARLY_CHANGE, percent=-10.0, baseline_period="2019"), 2000, None)
        series = {"T": [point("2019", base), point("2020", 3.0)]}
        assert "target" not in {line.role for line in self.drawn(targets=[target], series=series).lines}

    def test_positions_and_directions_have_no_line(self) -> None:
        for target in (
            Target(Form.POSITION, rank=3),
            Target(Form.DIRECTION, wanted=Direction.HIGHER),
            Target(Form.NOT_WORSE),
        ):
            assert "target" not in {
                line.role for line in self.drawn(targets=[DatedTarget(1, target, 2000, None)]).lines
            }

    def test_a_year_with_too_few_others_is_a_gap_in_the_median(self) -> None:
        places = [place(2019), place(2020, others=4), place(2022)]
        assert [p.y for p in self.line("median", places=places)] == [81.0, None, None, 81.0]

    def test_only_breaks_that_cannot_be_compared_cut_the_line(self) -> None:
        breaks = [SeriesBreak(Period.parse("2021"), "small", True), SeriesBreak(Period.parse("2022"), "large", False)]
        assert [b.x for b in self.drawn(breaks=breaks).breaks] == [2022.0]

    def test_women_and_men(self) -> None:
        series = rows().series | {"K": [point("2021", 92.0)], "M": [point("2021", None)]}  # type: ignore[operator]
        roles = {line.role for line in self.drawn(series=series).lines}
        assert "women" in roles
        assert "men" not in roles, "there is nothing to draw"

    def test_parts_of_a_year(self) -> None:
        series = {"T": [point("2022T1", 1.0), point("2022T2", None), point("2022T3", 3.0)]}
        chart = self.drawn(series=series, places=[], place=None)
        assert [p.label for p in chart.lines[0].points] == ["T1 2022", "T2 2022", "T3 2022"]
        assert chart.summary.startswith("From 1.0% (first four-month period 2022) to 3.0%")

    def test_nothing_to_draw(self) -> None:
        assert indicator_chart.chart(rows(series={}), divided=False) is None
        assert indicator_chart.chart(rows(series={"T": [point("2020", None)]}), divided=False) is None

    def test_ticks_may_need_more_decimals_than_values(self) -> None:
        chart = self.drawn(definition=replace(DEFINITION, decimals=0))
        assert chart.tick(72.5) == "72.5"
        assert chart.y_format(72.5) == "73"


class TestTable:
    def test_newest_first_with_reasons_and_notes(self) -> None:
        table = indicator_chart.table(
            rows(
                series={
                    "T": [
                        point("2020", None, absence="confidential"),
                        point("2021", 0.0, margin=1.5, respondents=1),
                        point("2022", 89.8, revision=1, earlier_value=84.1),
                    ]
                },
                breaks=[SeriesBreak(Period.parse("2021"), "New question", False)],
            )
        )
        cells = [row["cells"] for row in table["rows"]]
        assert [row[0] for row in cells] == ["2022", "2021", "2020"]
        assert cells[0][-1] == "changed by the source: was 84.1%"
        assert cells[1][1] == "0.0%"
        assert cells[1][-1].replace("\u00a0", " ") == (
            "margin of error ±1.5 percentage points; 1 answer; method changed: New question"
        )
        assert cells[2][1] == ".. (confidential)"

    def test_a_part_of_the_series_may_be_missing(self) -> None:
        series = rows().series | {"K": [point("2021", 92.0)]}  # type: ignore[operator]
        table = indicator_chart.table(rows(series=series))
        assert [column["label"] for column in table["columns"]][:3] == ["Period", "Value", "Women"]
        assert [row["cells"][2] for row in table["rows"]] == ["– (missing)", "92.0%", "– (missing)", "– (missing)"]

    def test_corrections_of_departments(self) -> None:
        own = replace(DEFINITION, source="department", kolada_id="")
        series = {"T": [point("2021M05", 2.0, revision=1, earlier_value=3.0)]}
        table = indicator_chart.table(rows(definition=own, series=series, places=[], place=None))
        assert table["rows"][0]["cells"] == ["May 2021", "2.0%", "corrected: was 3.0%"]


class TestExport:
    def test_rows_are_as_wide_as_the_header(self) -> None:
        found = rows()
        for sheet in indicator_export.sheets(found, indicator.page(found, divided=False)):
            assert sheet.rows
            assert all(len(row) == len(sheet.header) for row in sheet.rows), sheet.title

    def test_no_place_without_enough_others(self) -> None:
        sheet = indicator_export.series(rows(places=[place(2022, others=3)]))
        newest = dict(zip(sheet.header, sheet.rows[-1], strict=True))
        assert newest["Median of the others"] is None
        assert newest["Place"] is None
        assert newest["Others with a value"] == 3


def listed(code: str, **more: Any) -> ListRow:
    known: dict[str, Any] = {
        "code": code, "name": f"Name {code}", "name_sv": "Namn", "definition": "D", "purpose": "P", "area": "edu",
        "area_name": "School", "department": "Dep", "owner": "Head", "source": "kolada", "measures": "effect",
        "kolada_id": "N1", "symbol": "%", "share": True, "decimals": 1, "direction": "higher", "status": "met",
        "reason": "", "value": 1.0, "value_period": "2022", "change": 0.5, "change_word": "better",
        "comparison_period": "2021", "rank": 3, "peers": 41, "quarter": "best", "recent": [1.0, None, 2.0],
        "margin": None,
    }  # fmt: skip
    return ListRow(**(known | more))


class TestList:
    def page(self, *found: ListRow, wanted: Filter | None = None) -> indicator_list.ListPage:
        return indicator_list.list_page(found, wanted or Filter(), period="2022", periods=["2021", "2022"])

    def test_all_words_must_fit(self) -> None:
        page = self.page(listed("a"), listed("b", owner="Chief"), wanted=Filter(search=" NAME  chief"))
        assert [line.code for section in page.sections for line in section.lines] == ["b"]
        assert page.summary == "1 of 2 indicators"
        assert page.filtered

    def test_zero_is_shown_and_missing_is_not(self) -> None:
        lines = self.page(listed("a", value=0), listed("b", value=None, status=None, reason=None)).sections[0].lines
        assert lines[0].value == "0.0%"
        assert lines[1].value == ""
        assert lines[1].status == "not_assessable"
        assert lines[1].reason == "no value"

    def test_a_margin_makes_the_place_uncertain(self) -> None:
        lines = self.page(listed("a"), listed("b", margin=2.0), listed("c", rank=None)).sections[0].lines
        assert [line.rank for line in lines] == ["3 of 41", "about 3 of 41", ""]

    def test_areas_keep_their_order(self) -> None:
        page = self.page(listed("a"), listed("b", area="x", area_name="X"), listed("c"))
        assert [(s.code, len(s.lines)) for s in page.sections] == [("edu", 2), ("x", 1)]
