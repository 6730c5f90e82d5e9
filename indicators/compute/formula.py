"""Formulas of computed indicators (METHODS §2): read into a tree, checked, worked out; no code is ever evaluated.

    formula := product (("+" | "−") product)*
    product := factor (("×" | "÷") factor | "per" [number] "inhabitant")*
    factor  := number | code | ("sum" | "last") "(" code ")" | "(" formula ")" | "−" factor

`*`, `/` and `-` stand for ×, ÷ and −; Swedish words (`per 1 000 invånare`, `summa`, `senaste`) for the English ones.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from indicators.compute import series
from indicators.compute.frames import Point
from indicators.compute.series import Aggregation, Break, due_periods
from indicators.compute.validate import LARGEST
from indicators.periods import Kind, Period, span

LONGEST = 1000  # characters
DEEPEST = 50  # parentheses and signs inside each other
INHABITANTS = "inhabitants"  # how the population is named among the missing inputs
PER = {"per"}
PEOPLE = {"inhabitant", "inhabitants", "invånare", "inv", "capita"}
TAKEN_TOGETHER = {
    "sum": Aggregation.SUM,
    "summa": Aggregation.SUM,
    "last": Aggregation.LAST,
    "senaste": Aggregation.LAST,
}
RESERVED = frozenset({*PER, *PEOPLE, *TAKEN_TOGETHER})
SIGNS = {"+": "+", "-": "−", "−": "−", "–": "−", "*": "×", "×": "×", "·": "×", "/": "÷", "÷": "÷"}
# Groups of three after a space; what reads as thousands in one language and as decimals in the other is refused.
NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
NAME = re.compile(r"[^\W\d_]\w*")
# Of several reasons why inputs are missing, the one that says most goes on to the result.
WEIGHT = ("confidential", "too_few_answers", "method_changed", "not_applicable", "not_due", "missing")


class FormulaFault(StrEnum):
    """What can be wrong with a formula; `indicators.definition_wording` has the sentences."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    UNEXPECTED = "unexpected"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    NO_INPUT = "no_input"
    UNKNOWN_CODE = "unknown_code"
    LOOP = "loop"
    FINER = "finer"
    COARSER = "coarser"
    SHARES_SUMMED = "shares_summed"
    NOT_COARSER = "not_coarser"


class FormulaError(ValueError):
    """A formula that cannot be used: `fault` says why, `position` where (from 1), `found` and `expected` what, `names`
    which indicators it is about."""

    def __init__(
        self, fault: FormulaFault, *, position: int = 0, found: str = "", expected: str = "", names: Sequence[str] = ()
    ) -> None:
        self.fault, self.position, self.found, self.expected = fault, position, found, expected
        self.names = tuple(names)
        told = [f"{name} {value!r}" for name, value in (("at", position), ("found", found), ("expected", expected))]
        super().__init__(f"{fault}: {', '.join(told)} {' '.join(self.names)}".strip())


# ── the tree ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Input:
    """Another indicator's value of the same period; with `together`, its finer periods taken together."""

    code: str
    together: Aggregation | None = None


@dataclass(frozen=True)
class Negative:
    of: "Tree"


@dataclass(frozen=True)
class Operation:
    sign: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class PerInhabitant:
    """`of` × `scale` ÷ inhabitants of our municipality in the year in which the period ends."""

    of: "Tree"
    scale: float


Tree = Number | Input | Negative | Operation | PerInhabitant


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node, from left to right."""
    yield tree
    match tree:
        case Negative(of) | PerInhabitant(of):
            yield from walk(of)
        case Operation(_, left, right):
            yield from walk(left)
            yield from walk(right)


def inputs(tree: Tree) -> list[Input]:
    """The indicators that a formula names, each way of taking them once, in the order in which they stand."""
    return list(dict.fromkeys(node for node in walk(tree) if isinstance(node, Input)))


def codes(tree: Tree) -> list[str]:
    return list(dict.fromkeys(node.code for node in inputs(tree)))


def per_inhabitant(tree: Tree) -> bool:
    """Whether the formula needs the number of inhabitants."""
    return any(isinstance(node, PerInhabitant) for node in walk(tree))


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, sign, (, ), end
    text: str
    position: int
    value: float = 0.0
    typed: str = ""  # a sign as it was written


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        character = text[at]
        if character.isspace():
            at += 1
            continue
        if match := NUMBER.match(text, at):
            found.append(_Token("number", match[0], at + 1, _number(match[0], at + 1)))
        elif match := NAME.match(text, at):
            found.append(_Token("name", match[0], at + 1))
        elif character in SIGNS:
            found.append(_Token("sign", SIGNS[character], at + 1, typed=character))
        elif character in "()":
            found.append(_Token(character, character, at + 1))
        else:
            raise FormulaError(FormulaFault.UNEXPECTED, position=at + 1, found=character, expected="value")
        at += len(match[0]) if match else 1
    return [*found, _Token("end", "", len(text) + 1)]


def _number(text: str, position: int) -> float:
    if AMBIGUOUS.fullmatch(text):
        raise FormulaError(FormulaFault.AMBIGUOUS_NUMBER, position=position, found=text)
    digits = re.sub(r"\s", "", text).replace(",", ".")
    if not digits.isascii():
        raise FormulaError(FormulaFault.UNEXPECTED, position=position, found=text, expected="value")
    value = float(digits)
    if not math.isfinite(value):
        raise FormulaError(FormulaFault.TOO_LONG, position=position, found=f"{text[:20]}…")
    return value


class _Reader:
    """One pass over the tokens, a method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.tokens, self.at, self.depth = _tokens(text), 0, 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.token
        self.at += 1
        return token

    def refuse(self, expected: str) -> FormulaError:
        found = self.token.typed or self.token.text
        return FormulaError(FormulaFault.UNEXPECTED, position=self.token.position, found=found, expected=expected)

    def whole(self) -> Tree:
        tree = self.sum()
        if self.token.kind != "end":
            raise self.refuse("sign")
        return tree

    def sum(self) -> Tree:
        tree = self.product()
        while self.token.kind == "sign" and self.token.text in "+−":
            tree = Operation(self.take().text, tree, self.product())
        return tree

    def product(self) -> Tree:
        tree = self.factor()
        while True:
            if self.token.kind == "sign" and self.token.text in "×÷":
                tree = Operation(self.take().text, tree, self.factor())
            elif self.token.kind == "name" and self.token.text.casefold() in PER:
                tree = self.per(tree)
            else:
                return tree

    def per(self, of: Tree) -> Tree:
        self.take()
        scale = 1.0
        if self.token.kind == "number":
            if not self.token.value > 0:
                raise self.refuse("scale")
            scale = self.take().value
        if self.token.kind != "name" or self.token.text.casefold() not in PEOPLE:
            raise self.refuse("inhabitant")
        self.take()
        return PerInhabitant(of, scale)

    def factor(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(FormulaFault.TOO_DEEP, position=self.token.position)
        tree = self._factor()
        self.depth -= 1
        return tree

    def _factor(self) -> Tree:
        token = self.token
        if token.kind == "number":
            return Number(self.take().value)
        if token.kind == "sign" and token.text == "−":
            self.take()
            return Negative(self.factor())
        if token.kind == "(":
            self.take()
            tree = self.sum()
            self.close()
            return tree
        if token.kind == "name":
            return self.named()
        raise self.refuse("value")

    def named(self) -> Tree:
        name = self.take().text.casefold()
        if name in TAKEN_TOGETHER:
            if self.token.kind != "(":
                raise self.refuse("(")
            self.take()
            if self.token.kind != "name" or self.token.text.casefold() in RESERVED:
                raise self.refuse("code")
            tree = Input(self.take().text.casefold(), TAKEN_TOGETHER[name])
            self.close()
            return tree
        if name in RESERVED:
            self.at -= 1
            raise self.refuse("value")
        return Input(name)

    def close(self) -> None:
        if self.token.kind != ")":
            raise self.refuse(")")
        self.take()


def parse(text: str) -> Tree:
    """The tree of a formula. Raises nothing but FormulaError: what was found, where, and what was expected."""
    if len(text) > LONGEST:
        raise FormulaError(FormulaFault.TOO_LONG, position=LONGEST + 1)
    if not text.strip():
        raise FormulaError(FormulaFault.EMPTY)
    tree = _Reader(text).whole()
    if not inputs(tree):
        raise FormulaError(FormulaFault.NO_INPUT)
    return tree


# ── checking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Known:
    """What a formula needs to know of an indicator that it names; `formula` where that is computed itself."""

    code: str
    kind: Kind
    share: bool
    formula: str = ""


def check(code: str, tree: Tree, kind: Kind, known: Mapping[str, Known]) -> None:
    """Raise FormulaError where an indicator measured once a `kind` cannot have this formula: unknown codes, loops,
    other frequencies, shares that would be summed."""
    unknown = [name for name in codes(tree) if name not in known and name != code]
    if unknown:
        raise FormulaError(FormulaFault.UNKNOWN_CODE, names=unknown)
    loop = find_loop(code, tree, known)
    if loop:
        raise FormulaError(FormulaFault.LOOP, names=loop)
    for node in inputs(tree):
        _check_frequency(node, known[node.code], kind)


def _check_frequency(node: Input, named: Known, kind: Kind) -> None:
    if node.together is None:
        if named.kind is not kind:
            fault = FormulaFault.FINER if _makes_up(named.kind, kind) else FormulaFault.COARSER
            raise FormulaError(fault, names=[node.code], found=named.kind.value, expected=kind.value)
    elif named.kind is kind or not _makes_up(named.kind, kind):
        raise FormulaError(FormulaFault.NOT_COARSER, names=[node.code], found=named.kind.value, expected=kind.value)
    elif node.together is Aggregation.SUM and named.share:
        raise FormulaError(FormulaFault.SHARES_SUMMED, names=[node.code])


def _makes_up(fine: Kind, coarse: Kind) -> bool:
    """Whether whole periods of one kind fill a period of another: months a tertial, quarters not."""
    whole = Period(coarse, 2001)
    parts = due_periods(fine, whole, whole)
    return bool(parts) and parts[0].first_day == whole.first_day and parts[-1].last_day == whole.last_day


def find_loop(code: str, tree: Tree, known: Mapping[str, Known]) -> list[str]:
    """The codes on the way from an indicator back to itself, both ends included; empty where there is no such way."""
    ways = [(name, [code, name]) for name in codes(tree)]
    seen: set[str] = set()
    while ways:
        name, way = ways.pop()
        if name == code:
            return way
        if name in seen or name not in known or not known[name].formula:
            continue
        seen.add(name)
        ways += [(further, [*way, further]) for further in codes(parse(known[name].formula))]
    return []


def in_order(formulas: Mapping[str, Tree]) -> list[str]:
    """The computed indicators, each after all that it needs. Raises FormulaError naming a loop."""
    placed: list[str] = []
    waiting = dict(formulas)
    while waiting:
        ready = [code for code, tree in waiting.items() if not any(name in waiting for name in codes(tree))]
        if not ready:
            raise FormulaError(FormulaFault.LOOP, names=sorted(waiting))
        placed += ready
        for code in ready:
            del waiting[code]
    return placed


def dependents(changed: Iterable[str], formulas: Mapping[str, Tree]) -> set[str]:
    """The computed indicators whose values follow, directly or through others, from those that changed."""
    found: set[str] = set()
    waiting = set(changed)
    while waiting:
        waiting = {code for code, tree in formulas.items() if code not in found and waiting & {*codes(tree)}}
        found |= waiting
    return found


def needed(of: Iterable[str], formulas: Mapping[str, Tree]) -> set[str]:
    """Every indicator that the values of these follow from, directly or through others."""
    found: set[str] = set()
    waiting = set(of)
    while waiting:
        waiting = {name for code in waiting if code in formulas for name in codes(formulas[code])} - found
        found |= waiting
    return found


# ── working out ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Lack:
    """An input that was not there: whose, when and why; `code` is INHABITANTS for the population, and "÷" with the
    reason "zero" where something was divided by 0."""

    code: str
    period: str
    absence: str = "missing"


@dataclass(frozen=True)
class Result:
    """A value, or None with everything that was lacking."""

    value: float | None
    lacks: tuple[Lack, ...] = ()

    @property
    def absence(self) -> str:
        """Why there is no value: the weightiest of the reasons."""
        reasons = {lack.absence for lack in self.lacks}
        return next((reason for reason in WEIGHT if reason in reasons), "" if self.value is not None else "missing")


def evaluate(tree: Tree, period: Period, values: Mapping[Input, Result], inhabitants: float | None = None) -> Result:
    """The value of a formula in a period from the values of its inputs; every lacking input is named, not the first.

    Division by 0 gives no value, and says so; so does a number of inhabitants that is missing or not above 0.
    """
    match tree:
        case Number(number):
            return Result(number)
        case Input():
            return values.get(tree, Result(None, (Lack(tree.code, period.code),)))
        case Negative(of):
            inner = evaluate(of, period, values, inhabitants)
            return Result(None if inner.value is None else -inner.value, inner.lacks)
        case PerInhabitant(of, scale):
            inner = evaluate(of, period, values, inhabitants)
            people = _people(inhabitants, period)
            return _combined("÷", _combined("×", inner, Result(scale), period), people, period)
        case Operation(sign, left, right):
            sides = (evaluate(left, period, values, inhabitants), evaluate(right, period, values, inhabitants))
            return _combined(sign, *sides, period)


def _people(inhabitants: float | None, period: Period) -> Result:
    if inhabitants is None or not inhabitants > 0:
        return Result(None, (Lack(INHABITANTS, f"{period.last_day.year}"),))
    return Result(inhabitants)


def _combined(sign: str, left: Result, right: Result, period: Period) -> Result:
    lacks = tuple(dict.fromkeys((*left.lacks, *right.lacks)))
    if left.value is None or right.value is None:
        return Result(None, lacks)
    a, b = left.value, right.value
    if sign == "÷" and b == 0:
        return Result(None, (Lack("÷", period.code, "zero"),))
    value = {"+": lambda: a + b, "−": lambda: a - b, "×": lambda: a * b, "÷": lambda: a / b}[sign]()
    if not math.isfinite(value):
        return Result(None, (Lack("÷", period.code, "too_large"),))
    return Result(value)


def computed_series(
    tree: Tree,
    kind: Kind,
    given: Mapping[str, Sequence[Point]],
    kinds: Mapping[str, Kind],
    inhabitants: Mapping[int, float],
    until: Period | None,
) -> list[Point]:
    """The series of a computed indicator from its inputs' series, one breakdown (METHODS §2).

    From the first value to the newest, or to `until` (what is due by now) if that is later; a period without a value
    says which inputs were lacking. `inhabitants`: by calendar year.
    """
    named = inputs(tree)
    spans = [_reach(given.get(node.code, ()), kind) for node in named]
    begun = [reach for reach in spans if reach is not None]
    if len(begun) < len(named):
        return []
    first, last = max(reach[0] for reach in begun), max(reach[1] for reach in begun)
    tables = {node: _table(node, given[node.code], kinds[node.code], kind) for node in named}
    points = []
    for period in span(first, max(last, until) if until else last):
        values = {node: table[period] for node, table in tables.items() if period in table}
        result = _storable(evaluate(tree, period, values, inhabitants.get(period.last_day.year)), period)
        lacks = tuple((lack.code, lack.period, lack.absence) for lack in result.lacks)
        points.append(Point(period, result.value, result.absence, lacks=lacks))
    valued = [n for n, point in enumerate(points) if point.value is not None]
    begins, ends = (valued[0], valued[-1]) if valued else (0, -1)
    return [p for n, p in enumerate(points) if n >= begins and (n <= ends or until is None or p.period <= until)]


def _storable(result: Result, period: Period) -> Result:
    """A number that no column holds is no value, and says so; on the way to a smaller one it may occur."""
    if result.value is None or abs(result.value) < LARGEST:
        return result
    return Result(None, (Lack("÷", period.code, "too_large"),))


def _reach(points: Sequence[Point], kind: Kind) -> tuple[Period, Period] | None:
    """The periods of `kind` in which an input's first and newest points lie."""
    if not points:
        return None
    return Period.of(kind, points[0].period.last_day), Period.of(kind, points[-1].period.last_day)


def _table(node: Input, points: Sequence[Point], fine: Kind, kind: Kind) -> dict[Period, Result]:
    """An input's result in every period of `kind` that it reaches."""
    if node.together is None:
        return {point.period: _result(node.code, [point], point.value) for point in points}
    rows = [(point.period, math.nan if point.value is None else point.value) for point in points]
    taken = series.aggregate(pd.DataFrame(rows, columns=["period", "value"]), kind, node.together)
    found = {}
    for period, value in zip(taken["period"], taken["value"].tolist(), strict=True):
        parts = due_periods(fine, period, period)
        wanted = parts[-1:] if node.together is Aggregation.LAST else parts
        known = {point.period: point for point in points}
        members = [known.get(part, Point(part, None, "missing")) for part in wanted]
        found[period] = _result(node.code, members, None if value != value else float(value))
    return found


def _result(code: str, points: Sequence[Point], value: float | None) -> Result:
    lacking = (p for p in points if p.value is None)
    return Result(value, tuple(Lack(code, p.period.code, p.absence or "missing") for p in lacking))


def inherited_breaks(own: Sequence[Break], of_inputs: Iterable[Break], kind: Kind) -> tuple[Break, ...]:
    """A computed indicator's breaks: its own, and those of its inputs in the period of `kind` that they fall in, unless
    it says something of that period itself."""
    told = {b.period for b in own}
    moved = {Break(Period.of(kind, b.period.last_day), b.comparable_backwards) for b in of_inputs}
    return tuple(sorted([*own, *(b for b in moved if b.period not in told)], key=lambda b: b.period))


# ── writing back ──────────────────────────────────────────────────────────────────────────────────────────────────────

STRENGTH = {"+": 1, "−": 1, "×": 2, "÷": 2}


@dataclass(frozen=True)
class Words:
    """How the parts of a formula are written for a reader."""

    number: Callable[[float], str]
    input: Callable[[Input], str]
    per: Callable[[float], str]


def written(tree: Tree, words: Words) -> str:
    """The formula as it is understood, with the parentheses that it needs and no more."""
    return _written(tree, words, 0)


def _written(tree: Tree, words: Words, around: int) -> str:
    """`around`: how strongly what stands around binds; what binds less strongly is put in parentheses."""
    match tree:
        case Number(value):
            return words.number(value)
        case Input():
            return words.input(tree)
        case Negative(of):
            text, strength = f"−{_written(of, words, 3)}", 1
        case PerInhabitant(of, scale):
            text, strength = f"{_written(of, words, 2)} {words.per(scale)}", 2
        case Operation(sign, left, right):
            strength = STRENGTH[sign]
            text = f"{_written(left, words, strength)} {sign} {_written(right, words, strength + 1)}"
    return f"({text})" if strength < around else text
