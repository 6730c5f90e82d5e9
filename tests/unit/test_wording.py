"""Targets, traces and summaries in words: complete for every form and reason, and true as they are printed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from hypothesis import assume, example, given
from hypothesis import strategies as st

from indicators import wording
from indicators.compute import status as rules
from indicators.compute.frames import Point, Verdict, _trace
from indicators.compute.status import Direction, Form, Observation, Reason, Side, Status, Target
from indicators.periods import Period
from indicators.wording import Explanation, Standing

NOW, BEFORE, START = (Period.parse(code) for code in ("2022", "2021", "2015"))
SCALE: dict[str, Any] = {"symbol": "%", "decimals": 1, "share": True}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def explained(
    target: Target | None,
    seen: Observation,
    good: Direction = Direction.HIGHER,
    newest: Point | None = None,
    **scale: Any,
) -> tuple[Explanation, Verdict]:
    """The explanation of a verdict, by way of the trace that is stored."""
    verdict = rules.assess(target, good, seen)
    y = Point(NOW, seen.value, margin=seen.margin) if seen.value is not None else None
    c = Point(BEFORE, seen.comparison) if seen.comparison is not None else None
    position = {"year": 2022, "group_id": 1} if target and target.form is Form.POSITION else None
    trace = _trace(verdict, target, y, c, newest or y, position)
    words = wording.explain(
        trace, status=verdict.status.value, reason=verdict.reason, good=good, **{**SCALE, **scale}
    )  # fmt: skip
    return words, verdict


def level(side: Side, value: float | None = None, tolerance: float = 0.0, **bounds: float) -> Target:
    return Target(Form.LEVEL, side=side, value=value, tolerance=tolerance, **bounds)


# ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (level(Side.AT_LEAST, 85.0), "at least 85%"),
        (level(Side.AT_MOST, 1.5), "at most 1.5%"),
        (level(Side.AT_LEAST, 0.0), "at least 0%"),
        (level(Side.BETWEEN, lower=10.0, upper=14.0), "between 10 and 14%"),
        (Target(Form.SURVEY, side=Side.AT_LEAST, value=75.0), "at least 75%"),
        (Target(Form.DIRECTION, wanted=Direction.HIGHER), "shall increase"),
        (Target(Form.DIRECTION, wanted=Direction.LOWER), "shall decrease"),
        (Target(Form.DIRECTION, wanted=Direction.HIGHER, baseline_period="2019"), "shall increase from 2019"),
        (Target(Form.YEARLY_CHANGE, percent=-2.5, baseline_period="2015"), "−2.5% a year from 2015"),
        (Target(Form.YEARLY_CHANGE, percent=3.0, baseline_period="2015"), "+3% a year from 2015"),
        (Target(Form.NOT_WORSE), "not worse than before"),
        (Target(Form.NOT_WORSE, baseline_period="2019"), "not worse than 2019"),
        (Target(Form.POSITION, percentile=75.0), "among the best 25%"),
        (Target(Form.POSITION, rank=3), "among the 3 best"),
        (Target(Form.POSITION, rank=1), "the best of all"),
    ],
)
def test_target_words(target: Target, words: str) -> None:
    assert plain(wording.target_words(target, **SCALE)) == words


def test_target_words_with_group_and_unit() -> None:
    best = Target(Form.POSITION, percentile=75.0)
    assert wording.target_words(best, **SCALE, group_title="All municipalities").endswith("(All municipalities)")
    days = wording.target_words(level(Side.AT_MOST, 45.0), symbol="days", decimals=0, share=False)
    assert plain(days) == "at most 45 days"


def test_target_words_in_swedish_form() -> None:
    with translation.override("sv"):
        assert plain(wording.target_words(level(Side.AT_LEAST, 1.5), **SCALE)).endswith("1,5 %")


# ── explanations: by hand ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "seen", "good", "status", "formula"),
    [
        (level(Side.AT_LEAST, 89.0), Observation(89.8), "higher", "met", "89.8 ≥ 89"),
        (level(Side.AT_LEAST, 89.0, 1.0), Observation(88.2), "higher", "near", "89 − 1 ≤ 88.2 < 89"),
        (level(Side.AT_LEAST, 89.0, 1.0), Observation(80.0), "higher", "not_met", "80.0 < 89 − 1"),
        (level(Side.AT_LEAST, 89.0), Observation(88.96), "higher", "not_met", "88.96 < 89"),
        (level(Side.AT_MOST, 45.0), Observation(28.0), "lower", "met", "28.0 ≤ 45"),
        (level(Side.AT_MOST, 45.0, 5.0), Observation(47.0), "lower", "near", "45 < 47.0 ≤ 45 + 5"),
        (level(Side.BETWEEN, lower=10.0, upper=14.0), Observation(12.0), "interval", "met", "10 ≤ 12.0 ≤ 14"),
        (level(Side.BETWEEN, lower=10.0, upper=14.0), Observation(15.0), "interval", "not_met", "15.0 > 14"),
        (level(Side.AT_LEAST, 85.0), Observation(90.0, margin=2.5), "higher", "met", "90.0 − 2.5 ≥ 85"),
        (level(Side.AT_LEAST, 85.0), Observation(87.1, margin=2.6), "higher", "near", "87.1 − 2.6 < 85 ≤ 87.1 + 2.6"),
        (level(Side.AT_MOST, 20.0), Observation(19.0, margin=2.0), "lower", "near", "19.0 − 2.0 ≤ 20 < 19.0 + 2.0"),
        (level(Side.AT_LEAST, 85.0), Observation(80.0, margin=2.0), "higher", "not_met", "80.0 + 2.0 < 85"),
        (
            Target(Form.DIRECTION, wanted=Direction.HIGHER, tolerance=1.0),
            Observation(84.0, comparison=80.0),
            "higher",
            "met",
            "84.0 − 80.0 = 4.0 > 1",
        ),
        (
            Target(Form.DIRECTION, wanted=Direction.LOWER, tolerance=1.0),
            Observation(84.0, comparison=80.0),
            "lower",
            "not_met",
            "80.0 − 84.0 = −4.0 < −1",
        ),
        (
            Target(Form.DIRECTION, wanted=Direction.HIGHER, tolerance=1.0),
            Observation(-1.5, comparison=-2.0),
            "higher",
            "near",
            "−1.5 − (−2.0) = 0.5; −1 ≤ 0.5 ≤ 1",
        ),
        (
            Target(Form.DIRECTION, wanted=Direction.HIGHER),
            Observation(80.0, comparison=80.0),
            "higher",
            "near",
            "80.0 − 80.0 = 0.0",
        ),
        (Target(Form.NOT_WORSE), Observation(79.0, comparison=80.0), "higher", "not_met", "79.0 − 80.0 = −1.0 < 0"),
        (
            Target(Form.NOT_WORSE, tolerance=2.0),
            Observation(79.0, comparison=80.0),
            "higher",
            "met",
            "79.0 − 80.0 = −1.0 ≥ −2",
        ),
        (
            Target(Form.YEARLY_CHANGE, percent=-2.5, baseline_period="2015", tolerance=0.5),
            Observation(8.1, baseline=10.0, years=7.0),
            "lower",
            "met",
            "8.1 ≤ 8.4",
        ),
        (
            Target(Form.POSITION, percentile=75.0),
            Observation(90.0, percentile=84.3, rank=46, peers=290),
            "higher",
            "met",
            "84 ≥ 75",
        ),
        (
            Target(Form.POSITION, percentile=75.0, tolerance=10.0),
            Observation(90.0, percentile=74.9, rank=73, peers=290),
            "higher",
            "near",
            "75 − 10 ≤ 74.9 < 75",
        ),
        (
            Target(Form.POSITION, rank=3),
            Observation(90.0, percentile=40.0, rank=4, peers=8),
            "higher",
            "not_met",
            "4 > 3",
        ),
        (
            Target(Form.POSITION, rank=3, tolerance=1.0),
            Observation(90.0, percentile=40.0, rank=4, peers=8),
            "higher",
            "near",
            "3 < 4 ≤ 3 + 1",
        ),
    ],
)
def test_formula(target: Target, seen: Observation, good: str, status: str, formula: str) -> None:
    words, verdict = explained(target, seen, Direction(good))
    assert verdict.status == status
    assert words.formula == formula
    assert words.sentence
    assert words.steps[-1].text == formula


def test_sentences_read_well() -> None:
    words, _verdict = explained(level(Side.AT_LEAST, 89.0, 1.0), Observation(88.2))
    assert plain(words.sentence) == (
        "The target is at least 89%. The value, 88.2%, misses it by 0.8 percentage points, "
        "within the tolerance of 1 percentage point."
    )
    words, _verdict = explained(Target(Form.NOT_WORSE), Observation(70.0, margin=3.0, comparison=72.0))
    assert plain(words.sentence) == (
        "The target is that the value shall not be worse than before. The value fell by 2.0 percentage points, from "
        "72.0% (2021) to 70.0% (2022). That is inside the margin of error of the difference, ±3.0 percentage points: "
        "not certainly worse."
    )


def test_an_abbreviated_unit_does_not_end_in_two_stops() -> None:
    words, _verdict = explained(
        level(Side.AT_MOST, 5.0, 1.0), Observation(8.0), Direction.LOWER, symbol="per inh.", share=False
    )
    assert words.sentence.endswith("per inh.")
    assert ".." not in words.sentence


def test_a_change_that_rounds_to_nothing_is_shown_with_more_decimals() -> None:
    words, verdict = explained(
        Target(Form.DIRECTION, wanted=Direction.HIGHER), Observation(66.43, comparison=66.41), decimals=0
    )
    assert verdict.status is Status.MET
    assert words.formula == "66.43 − 66.41 = 0.02 > 0"
    assert "0.02 percentage points" in plain(words.sentence)


def test_html_is_escaped() -> None:
    words = Explanation("a < b", "1 < 2")
    assert words.html == "a &lt; b <code>1 &lt; 2</code>"
    assert Explanation("only words", "").html == "only words"


# ── explanations: every reason ────────────────────────────────────────────────────────────────────────────────────────

DIRECTED = Target(Form.DIRECTION, wanted=Direction.HIGHER)
YEARLY = Target(Form.YEARLY_CHANGE, percent=-2.0, baseline_period="2015")
PLACED = Target(Form.POSITION, percentile=75.0)
GONE = Point(NOW, None, "confidential")
CASES: list[tuple[Reason, Target | None, Observation, Direction, str]] = [
    (Reason.CONTEXT_ONLY, DIRECTED, Observation(1.0), Direction.CONTEXT, "followed as context"),
    (Reason.NO_TARGET, None, Observation(1.0), Direction.HIGHER, "No target is set"),
    (Reason.NO_VALUE, DIRECTED, Observation(None), Direction.HIGHER, "no value that speaks for this period"),
    (Reason.NO_VALUE, DIRECTED, Observation(1.0), Direction.HIGHER, "no earlier value to compare 2022 with"),
    (Reason.NO_VALUE, YEARLY, Observation(1.0), Direction.LOWER, "no value for 2015"),
    (Reason.NOT_YET_DUE, DIRECTED, Observation(None, absence=Reason.NOT_YET_DUE), Direction.HIGHER, "not due yet"),
    (
        Reason.NOT_APPLICABLE,
        DIRECTED,
        Observation(None, absence=Reason.NOT_APPLICABLE),
        Direction.HIGHER,
        "not applicable",
    ),
    (
        Reason.CONFIDENTIAL,
        DIRECTED,
        Observation(None, absence=Reason.CONFIDENTIAL),
        Direction.HIGHER,
        "2022 is confidential",
    ),
    (
        Reason.TOO_FEW_ANSWERS,
        DIRECTED,
        Observation(None, absence=Reason.TOO_FEW_ANSWERS),
        Direction.HIGHER,
        "Too few answered in 2022",
    ),
    (Reason.BREAK, DIRECTED, Observation(None, absence=Reason.BREAK), Direction.HIGHER, "2022 is left out"),
    (
        Reason.BREAK,
        DIRECTED,
        Observation(1.0, comparison=2.0, break_since_comparison=True),
        Direction.HIGHER,
        "between 2021 and 2022",
    ),
    (
        Reason.BREAK,
        YEARLY,
        Observation(1.0, baseline=2.0, years=7.0, break_since_baseline=True),
        Direction.LOWER,
        "between 2015 and 2022",
    ),
    (Reason.TOO_FEW_PEERS, PLACED, Observation(1.0), Direction.HIGHER, "In no year do enough"),
    (
        Reason.TOO_FEW_PEERS,
        PLACED,
        Observation(1.0, peers=4, rank=1, percentile=50.0),
        Direction.HIGHER,
        "Only 4 municipalities have",
    ),
    (
        Reason.BASELINE_NOT_POSITIVE,
        YEARLY,
        Observation(1.0, baseline=0.0, years=7.0),
        Direction.LOWER,
        "is not above zero",
    ),
]


@pytest.mark.parametrize(("reason", "target", "seen", "good", "said"), CASES)
def test_reason(reason: Reason, target: Target | None, seen: Observation, good: Direction, said: str) -> None:
    words, verdict = explained(target, seen, good, newest=GONE)
    assert verdict.reason is reason
    assert said in words.sentence
    assert "None" not in words.sentence


def test_every_reason_has_a_case_and_words() -> None:
    assert {case[0] for case in CASES} | {Reason.INSIDE_MARGIN} == set(Reason)
    assert set(wording.REASON) == {reason.value for reason in Reason}
    assert set(wording.DIRECTION) == {direction.value for direction in Direction}


def test_a_value_that_is_too_old_is_told_of() -> None:
    words, _verdict = explained(DIRECTED, Observation(None), newest=Point(Period.parse("2018"), 5.0))
    assert "The newest value is from 2018, too old" in words.sentence


def test_an_unknown_trace_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be explained"):
        wording.explain({"numbers": {"rule": "guess"}}, status="met", reason="", good="higher", **SCALE)
    with pytest.raises(ValueError, match="no reason"):
        wording.explain({"numbers": {}}, status="not_assessable", reason="mood", good="higher", **SCALE)


# ── explanations: what is printed is true ─────────────────────────────────────────────────────────────────────────────

VALUES = st.one_of(
    st.decimals(-1000, 1000, places=1).map(float), st.decimals(-10, 10, places=4).map(float), st.just(0.0)
)
SIZES = st.one_of(st.just(0.0), st.decimals(0, 20, places=2).map(float))
MARGINS = st.one_of(st.none(), st.decimals("0.1", 20, places=3).map(float))
COMPARE = {"<": lambda a, b: a < b, "≤": lambda a, b: a <= b, ">": lambda a, b: a > b, "≥": lambda a, b: a >= b,
           "=": lambda a, b: abs(a - b) < 1e-9}  # fmt: skip


def is_true(formula: str) -> bool:
    """Works the printed inequality out with the printed numbers."""
    for part in re.split(r"[;,] ", formula):
        pieces = re.split(r" ([<>≤≥=]) ", part)
        amounts = [_sum(text) for text in pieces[::2]]
        if not all(COMPARE[sign](a, b) for sign, a, b in zip(pieces[1::2], amounts, amounts[1:], strict=False)):
            return False
    return True


def _sum(text: str) -> float:
    total, sign = 0.0, 1
    for piece in re.split(r" ([−+]) ", text):
        if piece in "−+":
            sign = -1 if piece == "−" else 1
        else:
            total += sign * float(piece.strip("()").replace("−", "-").replace(",", ""))
    return round(total, 9)


@given(VALUES, VALUES, SIZES, MARGINS, st.sampled_from([Side.AT_LEAST, Side.AT_MOST]), st.integers(0, 2))
@example(y=0.15, t=0.0, tolerance=0.0, margin=0.2, side=Side.AT_LEAST, decimals=0)  # 0.2 − 0.2 < 0 was printed
def test_level_formulas_are_true(
    y: float, t: float, tolerance: float, margin: float | None, side: Side, decimals: int
) -> None:
    words, _verdict = explained(level(side, t, tolerance), Observation(y, margin=margin), decimals=decimals)
    assert is_true(words.formula), words.formula


@given(VALUES, VALUES, SIZES, SIZES, MARGINS)
def test_interval_formulas_are_true(y: float, low: float, width: float, tolerance: float, margin: float | None) -> None:
    target = level(Side.BETWEEN, None, tolerance, lower=low, upper=round(low + width, 4))
    words, _verdict = explained(target, Observation(y, margin=margin), Direction.INTERVAL)
    assert is_true(words.formula), words.formula


@given(VALUES, VALUES, SIZES, MARGINS, st.booleans(), st.booleans())
def test_change_formulas_are_true(
    y: float, c: float, tolerance: float, margin: float | None, rising: bool, not_worse: bool
) -> None:
    good = Direction.HIGHER if rising else Direction.LOWER
    form = Form.NOT_WORSE if not_worse else Form.DIRECTION
    target = Target(form, wanted=None if not_worse else good, tolerance=tolerance)
    seen = Observation(y, margin=margin, comparison=c, comparison_margin=margin)
    words, verdict = explained(target, seen, good)
    assert is_true(words.formula), words.formula
    inside = margin is not None and abs(y - c) <= margin
    if inside:
        assert "better" not in words.sentence
        assert "That is worse" not in words.sentence
        assert verdict.status is not Status.NOT_MET


@given(st.floats(0.1, 1000), st.floats(0.1, 1000), st.floats(-30, 30), st.integers(1, 12), SIZES)
def test_yearly_formulas_are_true(y: float, baseline: float, percent: float, years: int, tolerance: float) -> None:
    percent = round(percent, 1)
    assume(percent != 0)
    target = Target(Form.YEARLY_CHANGE, percent=percent, baseline_period="2015", tolerance=tolerance)
    words, verdict = explained(target, Observation(y, baseline=baseline, years=float(years)))
    t = verdict.trace["target"]
    # A value a billionth from the target is on its side by the tolerance of floats, which no print can show.
    assume(min(abs(y - t), abs(y - t - tolerance), abs(y - t + tolerance)) > 1e-6)
    assert is_true(words.formula), words.formula
    assert any(step.text.startswith(wording.number(baseline, 1)) for step in words.steps)


@given(st.floats(0, 100), st.decimals(0, 100, places=1).map(float), SIZES)
def test_percentile_formulas_are_true(p: float, q: float, tolerance: float) -> None:
    assume(min(abs(p - q), abs(p - q + tolerance)) > 1e-6)
    target = Target(Form.POSITION, percentile=q, tolerance=tolerance)
    words, _verdict = explained(target, Observation(1.0, percentile=p, rank=5, peers=10))
    assert is_true(words.formula), words.formula


# ── the summary ───────────────────────────────────────────────────────────────────────────────────────────────────────


def summed(**known: Any) -> str:
    return plain(wording.summary(Standing(**known), **SCALE))


def test_summary() -> None:
    text = summed(
        value=89.8, value_period="2022", change=-1.6, change_word="worse", comparison_period="2021", municipality="Ex",
        rank=46, peers=290, quarter="best", group="All", group_year=2022,
    )  # fmt: skip
    assert text == (
        "The value for 2022 is 89.8%. That is 1.6 percentage points less than for 2021, which is worse. "
        "In the group “All” Ex has place 46 of 290 (2022), in the best quarter."
    )


def test_summary_inside_the_margin() -> None:
    text = summed(
        value=60.0, value_period="2022", margin=3.0, change=2.0, change_word="uncertain", comparison_period="2021",
        municipality="Ex", rank=30, best_rank=12, worst_rank=58, peers=218, group="All", group_year=2022,
    )  # fmt: skip
    assert "give or take 3.0 percentage points" in text
    assert "The difference from 2021 lies inside the margin of error." in text
    assert "place 12–58 of 218" in text
    assert "better" not in text
    assert "worse" not in text


def test_summary_of_nothing() -> None:
    assert summed(value=None, reason="not_yet_due") == "The value is not due yet."
    assert summed(value=None, reason="confidential") == "There is no value to show: confidential."
    assert summed(value=None) == "There is no value for the period."


def test_summary_of_zero_and_of_no_change() -> None:
    text = summed(value=0.0, value_period="2022", change=0.0, change_word="unchanged", comparison_period="2021")
    assert text == "The value for 2022 is 0.0%. That is the same as for 2021."


@pytest.mark.parametrize(
    ("change", "word", "said"),
    [
        (1.6, "better", "better: up 1.6 since 2021"),
        (-1.6, "better", "better: down 1.6 since 2021"),
        (1.6, "worse", "worse: up 1.6 since 2021"),
        (-1.6, "worse", "worse: down 1.6 since 2021"),
        (1.6, "", "up 1.6 since 2021"),
        (-1.6, "", "down 1.6 since 2021"),
        (0.0, "unchanged", "unchanged since 2021"),
        (1.6, "uncertain", "no certain change since 2021"),
    ],
)
def test_change_words(change: float, word: str, said: str) -> None:
    assert wording.change_words(change, word, "1.6", "2021") == said
