"""Formulas of computed indicators: read, refused, worked out by hand, never run as code."""

import math
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators.compute import formula
from indicators.compute.formula import (
    FormulaError,
    FormulaFault,
    Input,
    Known,
    Lack,
    Negative,
    Number,
    Operation,
    PerInhabitant,
    Result,
    Tree,
    Words,
    check,
    computed_series,
    evaluate,
    inherited_breaks,
    parse,
    written,
)
from indicators.compute.frames import Point
from indicators.compute.series import Aggregation, Break
from indicators.periods import Kind, Period

YEAR = Period.parse("2024")


def said(node: Input) -> str:
    return f"{node.together.value}({node.code})" if node.together else node.code


PLAIN = Words(lambda value: f"{value:f}".rstrip("0").rstrip("."), said, lambda scale: f"per {scale:g} inhabitants")


def value_of(text: str, inhabitants: float | None = None, **values: float) -> float | None:
    given_values = {Input(code): Result(value) for code, value in values.items()}
    return evaluate(parse(text), YEAR, given_values, inhabitants).value


def fault_of(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    return caught.value


class TestRead:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("a + b × c", 2 + 3 * 5),
            ("(a + b) * c", 25),
            ("a - b - c", 2 - 3 - 5),
            ("a – (b − c)", 2 - (3 - 5)),
            ("c / b / a", 5 / 3 / 2),
            ("c ÷ (b ÷ a)", 5 / (3 / 2)),
            ("-a × b", -6),
            ("a − −b", 5),
            ("1,5 × a", 3),
            ("1.5*a", 3),
            ("1 000 × a", 2000),
            ("1\u202f000\u202f000,5 × a", 2000001),
            ("A + B", 5),
            ("0 × a", 0),
            ("0,125 × a", 0.25),
        ],
    )
    def test_arithmetic_as_at_school(self, text: str, wanted: float) -> None:
        assert value_of(text, a=2, b=3, c=5) == pytest.approx(wanted)

    @pytest.mark.parametrize("text", ["a per inhabitant", "a per invånare", "A PER INVÅNARE"])
    def test_per_inhabitant(self, text: str) -> None:
        assert value_of(text, 400, a=100) == pytest.approx(0.25)

    def test_per_inhabitant_binds_as_a_division_does(self) -> None:
        """Worked out by hand: 50 + 30 × 1 000 ÷ 60 000 and (50 + 30) × 1 000 ÷ 60 000."""
        assert value_of("a + b per 1 000 invånare", 60_000, a=50, b=30) == pytest.approx(50.5)
        assert value_of("(a + b) per 1 000 invånare", 60_000, a=50, b=30) == pytest.approx(80 / 60)

    def test_finer_periods_are_named(self) -> None:
        assert formula.inputs(parse("summa(a) ÷ senaste(b) + sum(a)")) == [
            Input("a", Aggregation.SUM),
            Input("b", Aggregation.LAST),
        ]

    @pytest.mark.parametrize(
        ("text", "position", "found", "expected"),
        [
            ("a +", 4, "", "value"),
            ("2 × (a", 7, "", ")"),
            ("a b", 3, "b", "sign"),
            ("a ** 2", 4, "*", "value"),
            ("a; b", 2, ";", "value"),
            ("__import__('os')", 1, "_", "value"),
            ("a per cent", 7, "cent", "inhabitant"),
            ("a per 0 inhabitants", 7, "0", "scale"),
            ("sum(2)", 5, "2", "code"),
            ("sum a", 5, "a", "("),
            ("a.__class__", 2, ".", "value"),
            ("1e5 × a", 2, "e5", "sign"),
            ("a % b", 3, "%", "value"),
            (")", 1, ")", "value"),
        ],
    )
    def test_refused_with_place_and_what_was_expected(
        self, text: str, position: int, found: str, expected: str
    ) -> None:
        error = fault_of(text)
        assert (error.fault, error.position, error.found, error.expected) == (
            FormulaFault.UNEXPECTED, position, found, expected,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("", FormulaFault.EMPTY),
            (" \n", FormulaFault.EMPTY),
            ("1.000 × a", FormulaFault.AMBIGUOUS_NUMBER),
            ("1,234 × a", FormulaFault.AMBIGUOUS_NUMBER),
            ("1 + 2", FormulaFault.NO_INPUT),
            ("a" * 1001, FormulaFault.TOO_LONG),
            ("(" * 60 + "a" + ")" * 60, FormulaFault.TOO_DEEP),
            ("-" * 60 + "a", FormulaFault.TOO_DEEP),
        ],
    )
    def test_other_faults(self, text: str, fault: FormulaFault) -> None:
        assert fault_of(text).fault == fault

    def test_the_longest_formula_can_be_worked_out_and_written(self) -> None:
        text = "+".join(["a"] * 500)
        assert value_of(text, a=1) == 500
        assert parse(written(parse(text), PLAIN)[:999].rstrip("+ ")) is not None


class TestNothingIsRun:
    @given(st.text(max_size=60))
    @example("__import__('os').system('true')")
    @example("(lambda: 1)()")
    @example("a if a else b")
    @example("٣ × a")
    @example("²a")
    @example("1" * 400 + " × a")
    def test_any_text_is_a_formula_or_a_formula_error(self, text: str) -> None:
        try:
            tree = parse(text)
        except FormulaError:
            return
        assert formula.inputs(tree)

    @given(st.lists(st.sampled_from(["a", "b1", "(", ")", "+", "-", "×", "/", "2,5", "per", "invånare", "sum"])))
    def test_any_row_of_words_too(self, words: list[str]) -> None:
        text = " ".join(words)
        try:
            tree = parse(text)
        except FormulaError as error:
            place = error.position
        else:
            place = 0
            evaluate(tree, YEAR, {node: Result(1.5) for node in formula.inputs(tree)}, 1000)
        assert 0 <= place <= len(text) + 1

    def test_no_word_of_the_module_can_run_a_text(self) -> None:
        import ast
        import inspect

        named = {node.id for node in ast.walk(ast.parse(inspect.getsource(formula))) if isinstance(node, ast.Name)}
        assert not named & {"eval", "exec", "compile", "__import__", "getattr", "globals"}


def trees() -> st.SearchStrategy[Tree]:
    leaves = st.one_of(
        st.builds(Number, st.sampled_from([0.0, 1.0, 2.5, 1000.0])),
        st.builds(Input, st.sampled_from(["a", "b", "c"])),
        st.builds(Input, st.sampled_from(["d"]), st.sampled_from([Aggregation.SUM, Aggregation.LAST])),
    )

    def bigger(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            st.builds(Negative, inner),
            st.builds(Operation, st.sampled_from("+−×÷"), inner, inner),
            st.builds(PerInhabitant, inner, st.sampled_from([1.0, 1000.0])),
        )

    return st.recursive(leaves, bigger, max_leaves=12)


class TestWritten:
    @given(trees().filter(lambda tree: bool(formula.inputs(tree))))
    def test_what_is_written_is_read_as_the_same(self, tree: Tree) -> None:
        assert parse(written(tree, PLAIN)) == tree

    def test_only_the_parentheses_that_are_needed(self) -> None:
        assert written(parse("((a)*(b)) - ((c) - (a+b))"), PLAIN) == "a × b − (c − (a + b))"


class TestMissing:
    def test_every_lacking_input_is_named(self) -> None:
        result = evaluate(parse("(a + b) per invånare"), YEAR, {Input("a"): Result(1.0)}, None)
        assert result.value is None
        assert result.lacks == (Lack("b", "2024"), Lack(formula.INHABITANTS, "2024"))
        assert result.absence == "missing"

    def test_nought_times_what_is_missing_is_missing(self) -> None:
        assert evaluate(parse("0 × a"), YEAR, {}).value is None

    def test_zero_is_a_value(self) -> None:
        result = evaluate(parse("a + b"), YEAR, {Input("a"): Result(0.0), Input("b"): Result(0.0)})
        assert result == Result(0.0)
        assert result.absence == ""

    def test_division_by_zero_gives_nothing_and_says_so(self) -> None:
        result = evaluate(parse("a ÷ (b − b)"), YEAR, {Input("a"): Result(1.0), Input("b"): Result(2.0)})
        assert (result.value, result.lacks) == (None, (Lack("÷", "2024", "zero"),))

    def test_the_weightiest_reason_goes_on(self) -> None:
        known = {
            Input("a"): Result(None, (Lack("a", "2024", "missing"),)),
            Input("b"): Result(None, (Lack("b", "2024", "confidential"),)),
        }
        assert evaluate(parse("a + b"), YEAR, known).absence == "confidential"

    def test_too_large_for_a_number(self) -> None:
        result = evaluate(parse("a × a"), YEAR, {Input("a"): Result(1e200)})
        assert (result.value, result.lacks[0].absence) == (None, "too_large")


KNOWN = {
    "year": Known("year", Kind.YEAR, False),
    "share": Known("share", Kind.YEAR, True),
    "month": Known("month", Kind.MONTH, False),
    "month_share": Known("month_share", Kind.MONTH, True),
    "quarter": Known("quarter", Kind.QUARTER, False),
    "school": Known("school", Kind.SCHOOL_YEAR, False),
    "made": Known("made", Kind.YEAR, False, "year × 2"),
    "above": Known("above", Kind.YEAR, False, "made + 1"),
}


class TestChecked:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("year + share", Kind.YEAR),
            ("sum(month) + last(quarter)", Kind.YEAR),
            ("last(month_share)", Kind.YEAR),
            ("sum(month)", Kind.TERTIAL),
            ("month × 2", Kind.MONTH),
            ("above + made", Kind.YEAR),
        ],
    )
    def test_what_fits(self, text: str, kind: Kind) -> None:
        check("new", parse(text), kind, KNOWN)

    @pytest.mark.parametrize(
        ("text", "kind", "fault", "names"),
        [
            ("year + nowhere", Kind.YEAR, FormulaFault.UNKNOWN_CODE, ("nowhere",)),
            ("month + year", Kind.YEAR, FormulaFault.FINER, ("month",)),
            ("year", Kind.MONTH, FormulaFault.COARSER, ("year",)),
            ("school", Kind.YEAR, FormulaFault.COARSER, ("school",)),
            ("sum(year)", Kind.YEAR, FormulaFault.NOT_COARSER, ("year",)),
            ("sum(quarter)", Kind.TERTIAL, FormulaFault.NOT_COARSER, ("quarter",)),
            ("sum(month_share)", Kind.YEAR, FormulaFault.SHARES_SUMMED, ("month_share",)),
            ("new + 1", Kind.YEAR, FormulaFault.LOOP, ("new", "new")),
        ],
    )
    def test_what_does_not(self, text: str, kind: Kind, fault: FormulaFault, names: tuple[str, ...]) -> None:
        with pytest.raises(FormulaError) as caught:
            check("new", parse(text), kind, KNOWN)
        assert (caught.value.fault, caught.value.names) == (fault, names)

    def test_a_loop_is_named_all_the_way(self) -> None:
        with pytest.raises(FormulaError) as caught:
            check("year", parse("above"), Kind.YEAR, KNOWN)
        assert caught.value.names == ("year", "above", "made", "year")

    def test_order_dependents_and_needs(self) -> None:
        trees = {"c": parse("b + x"), "b": parse("a"), "a": parse("x + y"), "z": parse("y")}
        order = formula.in_order(trees)
        assert order.index("a") < order.index("b") < order.index("c")
        assert formula.dependents(["x"], trees) == {"a", "b", "c"}
        assert formula.dependents(["y"], trees) == {"a", "b", "c", "z"}
        assert formula.needed(["c"], trees) == {"a", "b", "x", "y"}
        with pytest.raises(FormulaError) as caught:
            formula.in_order({"a": parse("b"), "b": parse("a"), "c": parse("x")})
        assert caught.value.names == ("a", "b")


def points(**values: float | str | None) -> list[Point]:
    return [
        Point(Period.parse(code[1:]), None, value) if isinstance(value, str) else Point(Period.parse(code[1:]), value)
        for code, value in values.items()
    ]


class TestSeries:
    def test_by_hand(self) -> None:
        """120 complaints × 1 000 ÷ 80 000 inhabitants = 1.5; then complaints, inhabitants, both are lacking."""
        made = computed_series(
            parse("complaints per 1 000 invånare"),
            Kind.YEAR,
            {"complaints": points(p2022=120.0, p2023="confidential", p2024=90.0)},
            {"complaints": Kind.YEAR},
            {2022: 80_000.0, 2023: 81_000.0},
            Period.parse("2025"),
        )
        assert [(p.period.code, p.value, p.absence, p.lacks) for p in made] == [
            ("2022", 1.5, "", ()),
            ("2023", None, "confidential", (("complaints", "2023", "confidential"),)),
            ("2024", None, "missing", (("inhabitants", "2024", "missing"),)),
            ("2025", None, "missing", (("complaints", "2025", "missing"), ("inhabitants", "2025", "missing"))),
        ]

    def test_finer_periods_are_added_and_the_lacking_one_is_named(self) -> None:
        given_points = {
            "q": points(p2023Q1=1.0, p2023Q2=2.0, p2023Q3=3.0, p2023Q4=4.0, p2024Q1=5.0, p2024Q2=None, p2024Q3=7.0)
        }
        made = computed_series(parse("sum(q)"), Kind.YEAR, given_points, {"q": Kind.QUARTER}, {}, None)
        assert [(p.period.code, p.value) for p in made] == [("2023", 10.0), ("2024", None)]
        assert made[1].lacks == (("q", "2024Q2", "missing"), ("q", "2024Q4", "missing"))
        last = computed_series(parse("last(q)"), Kind.HALF, given_points, {"q": Kind.QUARTER}, {}, None)
        assert [(p.period.code, p.value) for p in last] == [
            ("2023H1", 2.0),
            ("2023H2", 4.0),
            ("2024H1", None),
            ("2024H2", None),
        ]

    def test_begins_where_every_input_has_begun(self) -> None:
        given_points = {"a": points(p2020=1.0, p2021=2.0, p2022=3.0), "b": points(p2021=10.0, p2022=20.0)}
        kinds = dict.fromkeys("ab", Kind.YEAR)
        made = computed_series(parse("a + b"), Kind.YEAR, given_points, kinds, {}, None)
        assert [(p.period.code, p.value) for p in made] == [("2021", 12.0), ("2022", 23.0)]

    def test_an_input_without_any_value_gives_no_series(self) -> None:
        kinds = dict.fromkeys("ab", Kind.YEAR)
        assert computed_series(parse("a + b"), Kind.YEAR, {"a": points(p2020=1.0)}, kinds, {}, None) == []

    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.floats(-100, 100))
    def test_as_python_itself_would_reckon(self, values: list[float], factor: float) -> None:
        own = [Point(Period(Kind.YEAR, 2010 + n), value) for n, value in enumerate(values)]
        tree = Operation("−", Operation("×", Input("a"), Number(factor)), Input("a"))
        made = computed_series(tree, Kind.YEAR, {"a": own}, {"a": Kind.YEAR}, {}, None)
        assert all(
            p.value is not None and math.isclose(p.value, v * factor - v, abs_tol=1e-6)
            for p, v in zip(made, values, strict=True)
        )

    def test_a_number_that_no_column_holds_is_no_value(self) -> None:
        given_points, kinds = {"a": points(p2023=0.0, p2024=9e11)}, {"a": Kind.YEAR}
        made = computed_series(parse("a × 1000"), Kind.YEAR, given_points, kinds, {}, None)
        assert [(p.value, p.absence, p.lacks) for p in made] == [
            (0.0, "", ()),
            (None, "missing", (("÷", "2024", "too_large"),)),
        ]
        back = computed_series(parse("a × 1000 ÷ 1000"), Kind.YEAR, given_points, kinds, {}, None)
        assert back[-1].value == pytest.approx(9e11)

    def test_breaks_of_inputs_are_breaks_of_the_computed_one(self) -> None:
        parse_period: Callable[[str], Period] = Period.parse
        own = [Break(parse_period("2020"), False)]
        of_inputs = [Break(parse_period("2020M05"), True), Break(parse_period("2022M03"), False)]
        found = inherited_breaks(own, of_inputs, Kind.YEAR)
        assert [(b.period.code, b.comparable_backwards) for b in found] == [("2020", False), ("2022", False)]
