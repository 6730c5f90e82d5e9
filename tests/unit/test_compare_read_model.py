"""The compare pages' read models over plain rows: words, order, and what is never claimed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.series import Break
from indicators.periods import Period
from indicators.read_models import cost_quality as pairs
from indicators.read_models.compare import (
    Choice,
    Chosen,
    Landscape,
    NoSuchChoiceError,
    Overview,
    PeerList,
    Ranking,
    Standing,
    Subject,
    Town,
    all_indicators,
    alphabetical,
    choose_group,
    group_options,
    one_indicator,
)

SUBJECT = Subject(1, "fsk05", "Grades", "fsk", "School", "percent", "%", True, 1, "higher", "effect", "N1")
STANDING = Standing(1, 1, 2022, True, 289, 83.9, 79.5, 88.2, 89.8, 46, None, None, 84.0, "best", 0.9, -1.6, -2.0)
ALL = PeerList(1, "G1", "all", "All municipalities", None)
SCHOOLS = PeerList(2, "G2", "similar", "Similar, schools", "fsk")
GENERAL = PeerList(3, "G3", "similar", "Similar", None)
COUNTY = PeerList(4, "G4", "county", "The county", None)


@pytest.fixture(autouse=True)
def _english() -> object:
    with override("en"):
        yield


def overview(
    *standings: Standing,
    choice: Choice | None = None,
    subjects: Sequence[Subject] | None = None,
    margins: dict[tuple[int, int], float] | None = None,
    breaks: dict[int, list[Break]] | None = None,
) -> Overview:
    shown = subjects or [replace(SUBJECT, id=s.indicator_id, code=f"fsk{s.indicator_id:02d}") for s in standings]
    facts = Landscape(
        "Hemby", Chosen("all", "All", (ALL,)), [], shown, {s.indicator_id: s for s in standings}, margins or {},
        breaks or {},
    )  # fmt: skip
    return all_indicators(facts, choice or Choice())


def only_row(page: Overview):  # type: ignore[no-untyped-def]
    return page.sections[0].rows[0]


def test_row_in_words() -> None:
    row = only_row(overview(STANDING))
    assert (row.value, row.median, row.difference, row.rank) == ("89.8%", "83.9", "+5.9", "46 of 290")
    assert row.difference_unit == "percentage points"
    assert row.trend.text == "better than the others"
    assert row.trend.arrow == "down"
    assert row.trend.detail == "we \u22121.6, the others \u22122.0"


def test_nothing_inside_the_margin_is_better_or_worse() -> None:
    row = only_row(overview(STANDING, margins={(1, 2022): 3.0, (1, 2021): 3.0}))
    assert row.trend.verdict == "uncertain"
    assert not row.trend.certain
    sure = only_row(overview(replace(STANDING, own_change=9.0), margins={(1, 2022): 3.0, (1, 2021): 3.0}))
    assert sure.trend.verdict == "ahead"


def test_a_break_silences_the_trend_unless_comparable_backwards() -> None:
    row = only_row(overview(STANDING, breaks={1: [Break(Period.parse("2022"), False)]}))
    assert row.trend.text == "the method has changed"
    kept = only_row(overview(STANDING, breaks={1: [Break(Period.parse("2022"), True)]}))
    assert kept.trend.verdict == "ahead"


def test_no_year_before_is_no_change_and_not_zero() -> None:
    row = only_row(overview(replace(STANDING, own_change=None, peer_change=None)))
    assert row.trend.text == "no value the year before"
    assert row.trend.arrow == ""
    level = only_row(overview(replace(STANDING, own_change=0.0, peer_change=0.0)))
    assert level.trend.arrow == "flat"
    assert level.trend.verdict == "level"


@pytest.mark.parametrize("direction", ["context", "interval"])
def test_without_a_good_direction_nothing_is_judged(direction: str) -> None:
    subject = replace(SUBJECT, direction=direction)
    plain = replace(STANDING, rank=None, percentile=None, quarter="")
    page = overview(plain, subjects=[subject])
    row = only_row(page)
    assert row.rank == ""
    assert row.quarter_word == "No better or worse"
    assert row.trend.verdict == ""
    assert page.lead == ""
    assert [entry["count"] for entry in page.tally] == [0, 0, 0, 1]


def test_changes_that_differ_look_different() -> None:
    row = only_row(overview(replace(STANDING, own_change=-2.21, peer_change=-2.19)))
    assert row.trend.detail == "we \u22122.21, the others \u22122.19"
    same = only_row(overview(replace(STANDING, own_change=-2.2, peer_change=-2.2)))
    assert same.trend.detail == "we \u22122.2, the others \u22122.2"


def test_lower_is_better_turns_the_trend() -> None:
    row = only_row(overview(STANDING, subjects=[replace(SUBJECT, direction="lower")]))
    assert row.trend.verdict == "behind"


def test_zero_is_shown_as_a_value() -> None:
    row = only_row(overview(replace(STANDING, own=0.0, median=0.0)))
    assert (row.value, row.median, row.difference) == ("0.0%", "0.0", "0.0")


def test_a_missing_median_is_a_dash() -> None:
    row = only_row(overview(replace(STANDING, median=None)))
    assert (row.median, row.difference, row.difference_unit) == ("–", "–", "")


def test_possible_places_and_fallback_are_said() -> None:
    row = only_row(overview(replace(STANDING, best_rank=20, worst_rank=80, newest_own=2023)))
    assert row.rank_note == "20–80 within the margin of error"
    assert "2023" in row.year_note
    assert only_row(overview(replace(STANDING, newest_own=2022))).year_note == ""


def test_lead_and_counts() -> None:
    worst = replace(STANDING, indicator_id=2, quarter="worst", own_change=-9.0)
    same = replace(STANDING, indicator_id=3, quarter="no_difference")
    page = overview(STANDING, worst, same)
    assert page.lead == "Hemby is in the best quarter for 1 of 3 indicators and in the worst quarter for 1."
    assert "2 of 3 indicators have developed better" in page.trend_lead
    assert [(e["quarter"], e["count"]) for e in page.tally] == [
        ("best", 1), ("middle", 0), ("worst", 1), ("no_difference", 1),
    ]  # fmt: skip
    assert [c["count"] for c in page.areas[0].counts] == [1, 0, 1]


def test_what_cannot_be_sorted_comes_last_in_both_orders() -> None:
    none = replace(STANDING, indicator_id=2, rank=None, percentile=None, robust_z=None, quarter="")
    low = replace(STANDING, indicator_id=3, rank=200, percentile=20.0, robust_z=-1.0, quarter="worst")
    for sort in ("rank", "difference", "quarter"):
        best = overview(STANDING, none, low, choice=Choice(sort=sort)).sections[0].rows
        worst = overview(STANDING, none, low, choice=Choice(sort=sort, order="worst")).sections[0].rows
        assert [row.code for row in best] == ["fsk01", "fsk03", "fsk02"]
        assert [row.code for row in worst] == ["fsk03", "fsk01", "fsk02"]


def test_filters_leave_the_counts_alone() -> None:
    worst = replace(STANDING, indicator_id=2, quarter="worst")
    page = overview(STANDING, worst, choice=Choice(quarter="worst"))
    assert [row.code for row in page.sections[0].rows] == ["fsk02"]
    assert page.tally[0]["count"] == 1
    assert page.summary == "1 of 2 indicators"
    assert overview(STANDING, choice=Choice(area="none")).sections == []


def test_sorted_column_tells_its_direction() -> None:
    columns = {c.key: c for c in overview(STANDING, choice=Choice(sort="rank")).columns if c.key}
    assert (columns["rank"].sort, columns["rank"].order) == ("ascending", "worst")
    assert (columns["name"].sort, columns["name"].order) == ("", "best")


def test_swedish_alphabet() -> None:
    assert sorted(["Öby", "Åby", "Zinkby", "Äsby", "alby"], key=alphabetical) == [
        "alby",
        "Zinkby",
        "Åby",
        "Äsby",
        "Öby",
    ]


def test_groups_by_kind_and_code() -> None:
    lists = [ALL, SCHOOLS, GENERAL, COUNTY]
    assert [value for value, _title in group_options(lists)] == ["all", "similar", "G4"]
    assert choose_group(lists, "").value == "all"
    similar = choose_group(lists, "G2")
    assert similar.value == "similar"
    assert similar.list_for("fsk") == SCHOOLS
    assert similar.list_for("ald") == GENERAL
    assert choose_group(lists, "G4").lists == (COUNTY,)
    with pytest.raises(NoSuchChoiceError, match=r"G4 \(The county\)"):
        choose_group(lists, "G9")


# ── one indicator ─────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.integers(0, 30), min_size=7, max_size=40), st.sampled_from(["higher", "lower"]))
def test_quarters_are_bands_of_the_ranking(values: list[int], direction: str) -> None:
    towns = {f"{i:04d}": Town(f"{i:04d}", f"Town {i}", own=i == 0) for i in range(len(values))}
    facts = Ranking(
        subject=replace(SUBJECT, direction=direction),
        chosen=Chosen("all", "All"),
        options=[],
        towns=towns,
        values={code: float(v) for code, v in zip(towns, values, strict=True)},
        standings={2022: replace(STANDING, others=len(values) - 1)},
        year=2022,
        newest_eligible=2022,
    )
    page = one_indicator(facts)
    ranks = [int(row.rank) for band in page.bands for row in band.rows]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1
    assert len(ranks) == len(values)
    order = [band.quarter for band in page.bands if band.quarter != "no_difference"]
    assert order == sorted(order, key=["best", "middle", "worst"].index)


# ── cost and quality ──────────────────────────────────────────────────────────────────────────────────────────────────

COST = Subject(10, "ald08", "Cost", "ald", "Care", "sek", "SEK", False, 0, "context", "resource", "C1")
QUALITY = Subject(11, "ald02", "Satisfied", "ald", "Care", "percent", "%", True, 0, "higher", "effect", "Q1")
PLACES = {code: Town(code, code.upper(), own=code == "own") for code in ("own", "a", "b", "c", "d", "e")}


def facts(
    own: tuple[float, float] = (100.0, 70.0), *, margin: float | None = None, quality: Subject = QUALITY
) -> pairs.CostQuality:
    cost_now = {"own": own[0], "a": 90.0, "b": 80.0, "c": 100.0, "d": 120.0, "e": 130.0}
    quality_now = {"own": own[1], "a": 70.0, "b": 60.0, "c": 90.0, "d": 75.0, "e": 65.0}
    return pairs.CostQuality(
        cost=COST,
        quality=quality,
        home=PLACES["own"],
        group="All",
        year=2022,
        earlier=2017,
        cost_standing=replace(STANDING, own=own[0], median=100.0),
        quality_standing=replace(STANDING, own=own[1], median=70.0),
        towns=PLACES,
        values={
            ("C1", 2022): cost_now,
            ("Q1", 2022): quality_now,
            ("C1", 2017): {code: value - 10 for code, value in cost_now.items()} | {"c": 110.0},
            ("Q1", 2017): quality_now | {"d": 0.0},
        },
        breaks={},
        quality_margin=margin,
    )


@pytest.mark.parametrize(
    ("own", "margin", "told"),
    [
        ((90.0, 80.0), None, "lower cost and better quality"),
        ((90.0, 70.0), None, "lower cost than the median, and quality on a level"),
        ((90.0, 60.0), None, "lower cost than the median, but also weaker quality"),
        ((90.0, 60.0), 12.0, "lower cost than the median, and quality on a level"),
        ((100.0, 80.0), None, "the same cost as the median and better quality"),
        ((110.0, 80.0), None, "higher cost than the median, and better quality"),
        ((110.0, 60.0), None, "higher cost and weaker quality"),
    ],
)
def test_where_we_stand(own: tuple[float, float], margin: float | None, told: str) -> None:
    assert told in pairs.cost_quality(facts(own, margin=margin)).lead


def test_lower_is_better_quality_turns_the_sentence() -> None:
    waiting = replace(QUALITY, direction="lower")
    assert "lower cost and better quality" in pairs.cost_quality(facts((90.0, 60.0), quality=waiting)).lead


def test_equal_quality_counts_as_kept_and_equal_cost_not_as_lower() -> None:
    page = pairs.cost_quality(facts())
    assert page.better is not None
    assert [row["cells"][0] for row in page.better["rows"]] == ["A"]
    assert page.over_time is not None
    assert [row["cells"] for row in page.over_time["rows"]] == [["C", "110 → 100", "\u221220", "90 → 90"]]


def test_nobody_better_is_said() -> None:
    page = pairs.cost_quality(facts((10.0, 99.0)))
    assert page.better is None
    assert "None of the 5 others" in page.better_text


def test_without_our_own_values_nobody_is_called_better() -> None:
    base = facts()
    values = {key: {c: v for c, v in row.items() if c != "own"} for key, row in base.values.items()}
    assert pairs.cost_quality(replace(base, values=values)).better is None


def test_pairs_are_completed_and_refused() -> None:
    other = replace(QUALITY, id=12, code="fsk01", area="fsk")
    subjects = [other, COST, QUALITY]
    assert pairs.choose_pair(subjects, "", "") == (COST, QUALITY)
    assert pairs.choose_pair(subjects, "", "fsk01") == (COST, other)
    assert pairs.choose_pair(subjects, "ald08", "fsk01") == (COST, other)
    assert pairs.choose_pair([QUALITY], "", "") is None
    assert pairs.choose_pair([COST], "ald08", "") is None
    with pytest.raises(NoSuchChoiceError, match="ald08"):
        pairs.choose_pair(subjects, "ald02", "")
