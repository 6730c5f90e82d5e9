"""Statuses, reasons, targets and traces in words, in the reader's language: every status explains itself.

No number is made here: they come from the trace of `compute.status`, and `templatetags.figures` writes them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators.compute import status as rules
from indicators.compute.comparison import above, equal
from indicators.compute.status import Direction, Form, Reason, Side, Status, Target
from indicators.periods import Period
from indicators.templatetags.figures import MINUS, difference, language, number, with_unit

STATUS = {
    "met": gettext_lazy("Met"),
    "near": gettext_lazy("Partly met"),
    "partly": gettext_lazy("Partly met"),
    "not_met": gettext_lazy("Not met"),
    "not_assessable": gettext_lazy("Cannot be assessed"),
}
CHANGE = {
    "better": gettext_lazy("better"),
    "worse": gettext_lazy("worse"),
    "unchanged": gettext_lazy("unchanged"),
    "uncertain": gettext_lazy("no certain change"),
}
QUARTER = {
    "best": gettext_lazy("best quarter"),
    "middle": gettext_lazy("middle"),
    "worst": gettext_lazy("worst quarter"),
    "no_difference": gettext_lazy("no difference"),
}
REASON = {
    "context_only": gettext_lazy("followed as context, without a target"),
    "no_target": gettext_lazy("has no target"),
    "no_value": gettext_lazy("no value"),
    "not_yet_due": gettext_lazy("not yet due"),
    "not_applicable": gettext_lazy("not applicable"),
    "confidential": gettext_lazy("confidential"),
    "break": gettext_lazy("the method has changed"),
    "too_few_peers": gettext_lazy("too few municipalities to compare with"),
    "too_few_answers": gettext_lazy("too few answers"),
    "baseline_not_positive": gettext_lazy("the baseline is not above zero"),
    "inside_margin": gettext_lazy("inside the margin of error"),
}
ABSENCE = {
    "missing": gettext_lazy("missing"),
    "not_due": gettext_lazy("not yet due"),
    "not_applicable": gettext_lazy("not applicable"),
    "confidential": gettext_lazy("confidential"),
    "method_changed": gettext_lazy("the method has changed"),
    "too_few_answers": gettext_lazy("too few answers"),
}
DIRECTION = {
    "higher": gettext_lazy("Higher values are better"),
    "lower": gettext_lazy("Lower values are better"),
    "interval": gettext_lazy("Best inside an interval"),
    "context": gettext_lazy("Neither high nor low is better"),
}
MEASURES = {
    "effect": gettext_lazy("Effect"),
    "process": gettext_lazy("Process"),
    "resource": gettext_lazy("Resource"),
    "volume": gettext_lazy("Volume"),
}
SOURCE = {
    "kolada": gettext_lazy("Kolada"),
    "department": gettext_lazy("Department"),
    "survey": gettext_lazy("Survey"),
    "computed": pgettext_lazy("source of a value", "Computed"),
}
FREQUENCY = {
    "year": pgettext_lazy("how often", "every year"),
    "half": pgettext_lazy("how often", "every half-year"),
    "tertial": pgettext_lazy("how often", "every four months"),
    "quarter": pgettext_lazy("how often", "every quarter"),
    "month": pgettext_lazy("how often", "every month"),
    "school_year": pgettext_lazy("how often", "every school year"),
}
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
MOST_DECIMALS = 8  # as many as are stored


# ── numbers inside sentences ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Scale:
    """How an indicator's numbers are written: the unit's symbol, decimals, and whether they are shares."""

    symbol: str
    decimals: int
    share: bool

    def level(self, value: float) -> str:
        return with_unit(value, self.decimals, self.symbol)

    def exact(self, value: float) -> str:
        """A level that people have set: with the decimals that it was given, no more."""
        return with_unit(value, given_decimals(value), self.symbol)

    def distance(self, value: float, decimals: int | None = None) -> str:
        """A size without a sign; never shown as 0 unless it is."""
        size = abs(value)
        shown = self.decimals if decimals is None else decimals
        shown = first_fitting(shown, lambda k: equal(size, 0.0) or rounded(size, k) > 0)
        return difference(size, shown, self.symbol, share=self.share, sign=False)

    def exact_distance(self, value: float) -> str:
        return self.distance(value, given_decimals(value))


def given_decimals(value: float) -> int:
    """Decimals of a number as somebody wrote it: 89.0 → 0, 1.5 → 1."""
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return min(MOST_DECIMALS, max(0, -int(exponent)))


def rounded(value: float, decimals: int) -> Decimal:
    """The number that a reader sees."""
    text = number(value, decimals)
    sign = "-" if text.startswith("\u2212") else ""
    digits = "".join(c for c in text if c.isdigit())
    return Decimal(f"{sign}{digits}").scaleb(-decimals)


def first_fitting(decimals: int, fits: Callable[[int], Any]) -> int:
    """The least number of decimals, from `decimals` on, with which a formula is true as it is printed."""
    return next((k for k in range(decimals, MOST_DECIMALS + 1) if fits(k)), MOST_DECIMALS)


def same_order(a: float, b: float, decimals: int) -> bool:
    """Whether a and b stand in the same order rounded as unrounded."""
    return printed_as_they_are(rounded(a, decimals), rounded(b, decimals), a, b)


def printed_as_they_are(x: Decimal, y: Decimal, a: float, b: float) -> bool:
    """Whether the printed x and y stand in the order of a and b, which they stand for."""
    return x == y if equal(a, b) else (x > y) == bool(above(a, b)) and x != y


def has_margin(margin: float | None) -> bool:
    """Whether there is a margin of error to speak of; one of 0 is none."""
    return margin is not None and margin > 0


def _margin(numbers: dict[str, Any]) -> float:
    return float(numbers["margin"]) if has_margin(numbers["margin"]) else 0.0


def period_label(code: str) -> str:
    return Period.parse(code).label(language())


# ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def target_words(target: Target, *, symbol: str, decimals: int, share: bool, group_title: str | None = None) -> str:
    """What is aimed at: “at least 85 %”, “shall increase”, “among the 3 best”. Numbers as they were set."""
    scale = Scale(symbol, decimals, share)
    match target.form:
        case Form.LEVEL | Form.SURVEY:
            return _level_words(target.side, target.value, target.lower, target.upper, scale)
        case Form.DIRECTION:
            return _direction_words(target.wanted, target.baseline_period)
        case Form.YEARLY_CHANGE:
            percent = 0.0 if target.percent is None else target.percent
            size = with_unit(abs(percent), given_decimals(percent), "%")
            values = {
                "change": f"{MINUS if percent < 0 else '+'}{size}",
                "year": period_label(target.baseline_period or ""),
            }
            return pgettext("target", "%(change)s a year from %(year)s") % values
        case Form.NOT_WORSE:
            if target.baseline_period:
                return pgettext("target", "not worse than %(period)s") % {
                    "period": period_label(target.baseline_period)
                }
            return pgettext("target", "not worse than before")
        case Form.POSITION:
            return _position_words(target.percentile, target.rank, group_title)


def _level_words(side: Side | None, value: float | None, lower: float | None, upper: float | None, scale: Scale) -> str:
    if side is Side.AT_LEAST and value is not None:
        return pgettext("target", "at least %(value)s") % {"value": scale.exact(value)}
    if side is Side.AT_MOST and value is not None:
        return pgettext("target", "at most %(value)s") % {"value": scale.exact(value)}
    if lower is None or upper is None:
        raise ValueError("a level target needs a side and its numbers")
    values = {"lower": number(lower, given_decimals(lower)), "upper": scale.exact(upper)}
    return pgettext("target", "between %(lower)s and %(upper)s") % values


def _direction_words(wanted: str | None, start: str | None) -> str:
    if start:
        since = {"period": period_label(start)}
        if wanted == Direction.LOWER:
            return pgettext("target", "shall decrease from %(period)s") % since
        return pgettext("target", "shall increase from %(period)s") % since
    return pgettext("target", "shall decrease") if wanted == Direction.LOWER else pgettext("target", "shall increase")


def _position_words(percentile: float | None, rank: int | None, group_title: str | None) -> str:
    if percentile is not None:
        share = 100 - percentile
        words = pgettext("target", "among the best %(share)s") % {"share": with_unit(share, given_decimals(share), "%")}
    elif rank == 1:
        words = pgettext("target", "the best of all")
    else:
        words = pgettext("target", "among the %(count)s best") % {"count": number(rank)}
    return f"{words} ({group_title})" if group_title else words


# ── why this status ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    """One line of the working: what it is, and its number or rule."""

    name: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """Why a status is as it is: a plain sentence or two, the inequality with its numbers ("" where there is none), and
    every step of the working."""

    sentence: str
    formula: str
    steps: tuple[Step, ...] = ()

    @property
    def html(self) -> str:
        """The sentence with the inequality in bold after it."""
        return format_html("{} <code>{}</code>", self.sentence, self.formula) if self.formula else self.sentence


def explain(
    trace: dict[str, Any],
    *,
    status: str,
    reason: str | None,
    symbol: str,
    decimals: int,
    share: bool,
    good: str,
) -> Explanation:
    """Why an assessment has its status, from its stored trace alone (DESIGN §2, law 8)."""
    scale = Scale(symbol, decimals, share)
    numbers = trace.get("numbers", {})
    if status == Status.NOT_ASSESSABLE:
        sentence, formula = _not_assessable(trace, reason or "", scale)
    else:
        match numbers.get("rule"):
            case "between" | "yearly_change":
                sentence, formula = _level(trace, status, scale)
            case "direction" | "not_worse":
                sentence, formula = _since_before(trace, status, scale)
            case "percentile":
                sentence, formula = _percentile(trace, status)
            case "rank":
                sentence, formula = _rank(trace, status)
            case unknown:
                raise ValueError(f"a trace with the rule {unknown!r} cannot be explained")
    return Explanation(sentence, formula, _steps(trace, formula, scale, good))


def _join(*sentences: str) -> str:
    """Sentences in a row. Where the last word is an abbreviation (“per inh.”) its full stop ends the sentence too."""
    return " ".join(s.removesuffix(".") if s.endswith("..") else s for s in sentences if s)


# levels and yearly changes


def _level(trace: dict[str, Any], status: str, scale: Scale) -> tuple[str, str]:
    numbers = trace["numbers"]
    aim = _yearly_aim(trace, scale) if numbers["rule"] == "yearly_change" else _level_aim(numbers, scale)
    return _join(aim, _level_outcome(numbers, status, scale)), _level_formula(numbers, status, scale)


def _level_aim(numbers: dict[str, Any], scale: Scale) -> str:
    lower, upper = numbers["lower"], numbers["upper"]
    side = Side.AT_LEAST if upper is None else Side.AT_MOST if lower is None else Side.BETWEEN
    words = _level_words(side, lower if upper is None else upper, lower, upper, scale)
    return _("The target is %(target)s.") % {"target": words}


def _yearly_aim(trace: dict[str, Any], scale: Scale) -> str:
    numbers = trace["numbers"]
    percent = abs(numbers["percent"])
    values = {
        "percent": with_unit(percent, given_decimals(percent), "%"),
        "baseline": scale.level(numbers["baseline"]),
        "start": period_label(trace["baseline_period"]),
        "period": period_label(trace["value_period"]),
        "target": scale.level(numbers["target"]),
    }
    if numbers["percent"] > 0:
        return (
            _("The target rises by %(percent)s a year from %(baseline)s (%(start)s): at least %(target)s (%(period)s).")
            % values
        )
    return (
        _("The target falls by %(percent)s a year from %(baseline)s (%(start)s): at most %(target)s (%(period)s).")
        % values
    )


def _level_outcome(numbers: dict[str, Any], status: str, scale: Scale) -> str:
    margin, tolerance = _margin(numbers), numbers["tolerance"]
    miss = -(rules.gap(numbers) or 0.0)
    values = {
        "value": scale.level(numbers["value"]),
        "miss": scale.distance(miss),
        "margin": scale.distance(margin),
        "tolerance": scale.exact_distance(tolerance),
    }
    if status == Status.MET:
        if margin > 0:
            return _("The value, %(value)s, meets it even with the margin of error, ±%(margin)s, counted in.") % values
        return _("The value, %(value)s, meets it.") % values
    if status == Status.NEAR:
        if _inside_margin(numbers):
            return (
                _(
                    "The value is %(value)s, give or take the margin of error, ±%(margin)s: "
                    "it is not certain on which side of the target it lies, so it counts as partly met."
                )
                % values
            )
        return _("The value, %(value)s, misses it by %(miss)s, within the tolerance of %(tolerance)s.") % values
    if margin > 0:
        return _("The value, %(value)s, misses it by %(miss)s, more than the margin of error, ±%(margin)s.") % values
    if tolerance > 0:
        return _("The value, %(value)s, misses it by %(miss)s, more than the tolerance of %(tolerance)s.") % values
    return _("The value, %(value)s, misses it by %(miss)s.") % values


def _bounds(numbers: dict[str, Any]) -> tuple[float, float, float]:
    margin = _margin(numbers)
    return numbers["value"], numbers["value"] - margin, numbers["value"] + margin


def _inside_margin(numbers: dict[str, Any]) -> bool:
    """Whether the interval of the value reaches both sides of a bound of the target."""
    _y, low, high = _bounds(numbers)
    lower, upper = numbers["lower"], numbers["upper"]
    wholly_below = lower is not None and bool(above(lower, high))
    wholly_above = upper is not None and bool(above(low, upper))
    return has_margin(numbers["margin"]) and not wholly_below and not wholly_above


def _level_formula(numbers: dict[str, Any], status: str, scale: Scale) -> str:
    y, low, _high = _bounds(numbers)
    lower, upper, margin = numbers["lower"], numbers["upper"], _margin(numbers)
    tolerance = numbers["tolerance"]
    bounds = [bound for bound in (lower, upper) if bound is not None]
    if margin > 0 and (status != Status.NEAR or _inside_margin(numbers)):
        k = first_fitting(scale.decimals, lambda k: _edges_are_true(y, margin, bounds, k))
    else:
        outer = [(lower, -tolerance), (upper, tolerance)]
        pairs = [(y, bound + slack) for bound, tol in outer if bound is not None for slack in (0.0, tol)]
        k = first_fitting(scale.decimals, lambda k: all(same_order(a, b, k) for a, b in pairs))

    def text(value: float) -> str:
        # A bound that people set keeps its own form; one that was computed is rounded like the value.
        return number(value, min(given_decimals(value), k) if value in bounds else k)

    minus, plus = (f"{text(y)} − {text(margin)}", f"{text(y)} + {text(margin)}") if margin > 0 else (text(y), text(y))
    if status == Status.MET:
        if lower is not None and upper is not None:
            return f"{text(lower)} ≤ {minus if margin > 0 else text(y)}" + (
                f", {plus} ≤ {text(upper)}" if margin > 0 else f" ≤ {text(upper)}"
            )
        return f"{minus} ≥ {text(lower)}" if lower is not None else f"{plus} ≤ {text(upper)}"
    if status == Status.NEAR and _inside_margin(numbers):
        crossed = lower if lower is not None and above(lower, low) else upper
        return f"{minus} < {text(crossed)} ≤ {plus}" if crossed is lower else f"{minus} ≤ {text(crossed)} < {plus}"
    missed_below = lower is not None and bool(above(lower, y))
    bound = text(lower if missed_below else upper)
    slack = number(tolerance, given_decimals(tolerance))
    if status == Status.NEAR:
        return (
            f"{bound} − {slack} ≤ {text(y)} < {bound}" if missed_below else f"{bound} < {text(y)} ≤ {bound} + {slack}"
        )
    if margin > 0:
        return f"{plus} < {bound}" if missed_below else f"{minus} > {bound}"
    if tolerance > 0:
        return f"{text(y)} < {bound} − {slack}" if missed_below else f"{text(y)} > {bound} + {slack}"
    return f"{text(y)} < {bound}" if missed_below else f"{text(y)} > {bound}"


def _edges_are_true(y: float, margin: float, bounds: Sequence[float], decimals: int) -> bool:
    """Whether “y ∓ margin” against each bound holds as it is printed: value and margin are rounded each for itself."""
    printed, half = rounded(y, decimals), rounded(margin, decimals)
    edges = [(printed - half, y - margin), (printed + half, y + margin)]
    limits = [(rounded(bound, min(given_decimals(bound), decimals)), bound) for bound in bounds]
    return all(printed_as_they_are(edge, limit, a, b) for edge, a in edges for limit, b in limits)


# directions and “not worse than before”


def _since_before(trace: dict[str, Any], status: str, scale: Scale) -> tuple[str, str]:
    numbers = trace["numbers"]
    if numbers["rule"] == "direction":
        falling = trace.get("wanted") == Direction.LOWER
        aim = (
            _("The target is that the value shall decrease.")
            if falling
            else _("The target is that the value shall increase.")
        )
        verdict = _direction_verdict(numbers, status, scale)
    else:
        aim = _("The target is that the value shall not be worse than before.")
        verdict = _not_worse_verdict(numbers, status, scale)
    return _join(aim, _movement(trace, scale), verdict), _change_formula(numbers, status, scale)


def _movement(trace: dict[str, Any], scale: Scale) -> str:
    numbers = trace["numbers"]
    difference_ = numbers["value"] - numbers["comparison"]
    decimals = _change_decimals(numbers, scale)
    values = {
        "change": scale.distance(difference_, decimals),
        "before": with_unit(numbers["comparison"], decimals, scale.symbol),
        "earlier": period_label(trace["comparison_period"]),
        "after": with_unit(numbers["value"], decimals, scale.symbol),
        "later": period_label(trace["value_period"]),
    }
    if equal(difference_, 0.0):
        return _("The value is the same, %(after)s, in %(earlier)s and %(later)s.") % values
    if difference_ > 0:
        return _("The value rose by %(change)s, from %(before)s (%(earlier)s) to %(after)s (%(later)s).") % values
    return _("The value fell by %(change)s, from %(before)s (%(earlier)s) to %(after)s (%(later)s).") % values


def _threshold(numbers: dict[str, Any], scale: Scale) -> tuple[str, dict[str, str]]:
    """What a change is held against: "margin", "tolerance" or "" (nothing), and the words for both."""
    margin, tolerance = _margin(numbers), numbers["tolerance"]
    words = {"margin": scale.distance(margin), "tolerance": scale.exact_distance(tolerance)}
    if margin > 0 and margin >= tolerance:
        return "margin", words
    return ("tolerance" if tolerance > 0 else ""), words


def _direction_verdict(numbers: dict[str, Any], status: str, scale: Scale) -> str:
    held_against, words = _threshold(numbers, scale)
    if status == Status.MET:
        return {
            "margin": _("That is more than the margin of error of the difference, ±%(margin)s."),
            "tolerance": _("That is more than the tolerance of %(tolerance)s."),
            "": "",
        }[held_against] % words
    if status == Status.NEAR:
        if has_margin(numbers["margin"]) and not above(abs(numbers["change"]), numbers["margin"]):
            return (
                _("That is inside the margin of error of the difference, ±%(margin)s, so no change is certain.") % words
            )
        return {
            "margin": "",
            "tolerance": _("That is within the tolerance of %(tolerance)s, so it counts as unchanged."),
            "": "",
        }[held_against] % words
    return {
        "margin": _("That is the wrong way, by more than the margin of error of the difference, ±%(margin)s."),
        "tolerance": _("That is the wrong way, by more than the tolerance of %(tolerance)s."),
        "": _("That is the wrong way."),
    }[held_against] % words


def _not_worse_verdict(numbers: dict[str, Any], status: str, scale: Scale) -> str:
    held_against, words = _threshold(numbers, scale)
    if status == Status.MET:
        if has_margin(numbers["margin"]) and not above(abs(numbers["change"]), numbers["margin"]):
            return _("That is inside the margin of error of the difference, ±%(margin)s: not certainly worse.") % words
        if numbers["change"] < 0 and not equal(numbers["change"], 0.0):
            return _("That is within the tolerance of %(tolerance)s, so it does not count as worse.") % words
        return _("That is not worse.")
    return {
        "margin": _("That is worse, by more than the margin of error of the difference, ±%(margin)s."),
        "tolerance": _("That is worse, by more than the tolerance of %(tolerance)s."),
        "": _("That is worse than before."),
    }[held_against] % words


def _change_decimals(numbers: dict[str, Any], scale: Scale) -> int:
    """Decimals with which the difference of the two printed values is the printed change, on the right side of the
    threshold."""
    y, c, d, e = numbers["value"], numbers["comparison"], numbers["change"], numbers["threshold"]
    return first_fitting(
        scale.decimals,
        lambda k: (
            rounded(y, k) - rounded(c, k) == rounded(y - c, k)
            and same_order(abs(d), e, k)
            and (equal(d, 0.0) or rounded(d, k) != 0)
        ),
    )


def _change_formula(numbers: dict[str, Any], status: str, scale: Scale) -> str:
    """The wanted sign's difference against the threshold: “84.0 − 80.0 = 4.0 > 1.0”."""
    first, second = numbers["value"], numbers["comparison"]
    if numbers["sign"] < 0:
        first, second = second, first
    d, e = numbers["change"], numbers["threshold"]
    k = _change_decimals(numbers, scale)
    after = number(second, k)
    after = f"({after})" if rounded(second, k) < 0 else after
    change = number(d, k)
    left = f"{number(first, k)} − {after} = {change}"
    k = min(k, given_decimals(e))
    limit, negative = number(e, k), number(-e, k)
    if numbers["rule"] == "not_worse":
        return f"{left} ≥ {negative}" if status == Status.MET else f"{left} < {negative}"
    if status == Status.MET:
        return f"{left} > {limit}"
    if status == Status.NOT_MET:
        return f"{left} < {negative}"
    return left if equal(e, 0.0) else f"{left}; {negative} ≤ {change} ≤ {limit}"


# positions


def _percentile(trace: dict[str, Any], status: str) -> tuple[str, str]:
    numbers = trace["numbers"]
    p, q, tolerance = numbers["percentile"], numbers["wanted_percentile"], numbers["tolerance"]
    k = first_fitting(0, lambda k: same_order(p, q, k) and same_order(p, q - tolerance, k))
    wanted, reached = number(q, given_decimals(q)), number(p, k)
    slack = number(tolerance, given_decimals(tolerance))
    values = {
        "target": _position_words(q, None, None),
        "wanted": wanted,
        "percentile": reached,
        "tolerance": slack,
    }
    outcome = {
        Status.MET: _("That is percentile %(percentile)s, and percentile %(wanted)s is asked for."),
        Status.NEAR: _(
            "That is percentile %(percentile)s, below the %(wanted)s asked for but within the tolerance of "
            "%(tolerance)s points."
        ),
        Status.NOT_MET: _("That is percentile %(percentile)s, below the %(wanted)s asked for."),
    }[Status(status)]
    formula = {
        Status.MET: f"{reached} ≥ {wanted}",
        Status.NEAR: f"{wanted} − {slack} ≤ {reached} < {wanted}",
        Status.NOT_MET: f"{reached} < {wanted} − {slack}" if tolerance > 0 else f"{reached} < {wanted}",
    }[Status(status)]
    return _join(_("The target is %(target)s.") % values, _place(trace), outcome % values), formula


def _rank(trace: dict[str, Any], status: str) -> tuple[str, str]:
    numbers = trace["numbers"]
    rank, wanted, tolerance = numbers["rank"], numbers["wanted_rank"], numbers["tolerance"]
    slack = number(tolerance, given_decimals(tolerance))
    aim = _("The target is %(target)s.") % {"target": _position_words(None, wanted, None)}
    outcome, formula = "", f"{rank} ≤ {wanted}"
    if status == Status.NEAR:
        outcome = ngettext(
            "That is within the tolerance of %(tolerance)s place.",
            "That is within the tolerance of %(tolerance)s places.",
            int(tolerance),
        ) % {"tolerance": slack}
        formula = f"{wanted} < {rank} ≤ {wanted} + {slack}"
    elif status == Status.NOT_MET:
        formula = f"{rank} > {wanted} + {slack}" if tolerance > 0 else f"{rank} > {wanted}"
    return _join(aim, _place(trace), outcome), formula


def _place(trace: dict[str, Any]) -> str:
    numbers = trace["numbers"]
    return _("Our place is %(rank)s of %(peers)s (%(year)s).") % {
        "rank": number(numbers["rank"]),
        "peers": number(numbers["peers"]),
        "year": trace["benchmark_year"],
    }


# not assessable


def _not_assessable(trace: dict[str, Any], reason: str, scale: Scale) -> tuple[str, str]:
    numbers, missing = trace.get("numbers", {}), trace.get("missing")
    newest = period_label(trace["newest_period"]) if trace.get("newest_period") else ""
    match reason:
        case Reason.CONTEXT_ONLY:
            return _("The indicator is followed as context: neither high nor low is better, so no target is set."), ""
        case Reason.NO_TARGET:
            return _("No target is set for this period, so there is nothing to judge the value against."), ""
        case Reason.NO_VALUE if missing in ("comparison", "baseline"):
            return _nothing_to_compare_with(trace), ""
        case Reason.NO_VALUE:
            return _join(_("There is no value that speaks for this period."), _too_old(trace, newest)), ""
        case Reason.NOT_YET_DUE:
            return _join(_("The value is not due yet."), _too_old(trace, newest)), ""
        case Reason.NOT_APPLICABLE:
            return _("The value for %(period)s is stated as not applicable.") % {"period": newest}, ""
        case Reason.CONFIDENTIAL:
            return _("The value for %(period)s is confidential.") % {"period": newest}, ""
        case Reason.TOO_FEW_ANSWERS:
            return _("Too few answered in %(period)s for the result to be shown.") % {"period": newest}, ""
        case Reason.BREAK:
            return _break(trace, newest), ""
        case Reason.TOO_FEW_PEERS:
            return _too_few_peers(numbers.get("peers", 0)), ""
        case Reason.BASELINE_NOT_POSITIVE:
            values = {
                "baseline": scale.level(numbers["baseline"]),
                "period": period_label(trace["baseline_period"]),
            }
            formula = f"{number(numbers['baseline'], scale.decimals)} ≤ 0"
            return (
                _(
                    "The baseline, %(baseline)s (%(period)s), is not above zero, "
                    "so a change in per cent cannot be counted from it."
                )
                % values,
                formula,
            )
    raise ValueError(f"“{reason}” is no reason for “not assessable”")


def _nothing_to_compare_with(trace: dict[str, Any]) -> str:
    if trace.get("baseline_period"):
        values = {"period": period_label(trace["baseline_period"])}
        return _("There is no value for %(period)s, which the target counts from.") % values
    values = {"period": period_label(trace["value_period"])}
    return _("There is no earlier value to compare %(period)s with.") % values


def _too_old(trace: dict[str, Any], newest: str) -> str:
    if newest and trace.get("newest_absence") == "":
        return _("The newest value is from %(period)s, too old to say how things stand.") % {"period": newest}
    return ""


def _break(trace: dict[str, Any], newest: str) -> str:
    if trace.get("missing") == "value" or "value_period" not in trace:
        return _("The value for %(period)s is left out, since the method has changed.") % {"period": newest}
    earlier = trace["baseline_period" if trace.get("missing") == "baseline" else "comparison_period"]
    values = {"earlier": period_label(earlier), "later": period_label(trace["value_period"])}
    return _("The method changed between %(earlier)s and %(later)s, so the two values cannot be compared.") % values


def _too_few_peers(peers: int) -> str:
    if peers == 0:
        return _("In no year do enough municipalities of the group have a value to compare with.")
    values = {"count": peers, "least": rules.LEAST_PEERS}
    return (
        ngettext(
            "Only %(count)s municipality has a value; at least %(least)s are needed for a place among them.",
            "Only %(count)s municipalities have a value; at least %(least)s are needed for a place among them.",
            peers,
        )
        % values
    )


# every step


def _steps(trace: dict[str, Any], formula: str, scale: Scale, good: str) -> tuple[Step, ...]:
    numbers = trace.get("numbers", {})
    steps = [Step(_("Good direction"), str(DIRECTION[good]))]
    if numbers.get("rule"):
        steps.append(Step(_("Rule"), _rule_words(numbers)))
    if numbers.get("value") is not None and trace.get("value_period"):
        steps.append(Step(_("Value"), f"{scale.level(numbers['value'])} ({period_label(trace['value_period'])})"))
    if numbers.get("comparison") is not None:
        words = f"{scale.level(numbers['comparison'])} ({period_label(trace['comparison_period'])})"
        steps.append(Step(_("Compared with"), words))
    if has_margin(numbers.get("margin")):
        computed = _("computed as for a simple random sample") if trace.get("margin_computed") else ""
        words = f"±{scale.distance(numbers['margin'])}" + (f" ({computed})" if computed else "")
        steps.append(Step(_("Margin of error"), words))
    if numbers.get("tolerance"):
        steps.append(Step(_("Tolerance"), _tolerance_words(numbers, scale)))
    if numbers.get("rule") == "yearly_change" and "target" in numbers:
        steps.append(Step(_("The target's path"), _path_words(numbers, scale)))
    if numbers.get("rule") in ("percentile", "rank"):
        steps.append(Step(_("Place"), _place(trace)))
    if formula:
        steps.append(Step(_("Inequality"), formula))
    return tuple(steps)


def _tolerance_words(numbers: dict[str, Any], scale: Scale) -> str:
    tolerance = numbers["tolerance"]
    text = number(tolerance, given_decimals(tolerance))
    if numbers["rule"] == "percentile":
        return _("%(count)s points of percentile") % {"count": text}
    if numbers["rule"] == "rank":
        return ngettext("%(count)s place", "%(count)s places", int(tolerance)) % {"count": text}
    return scale.exact_distance(tolerance)


def _path_words(numbers: dict[str, Any], scale: Scale) -> str:
    percent, years = numbers["percent"], numbers["years"]
    factor = 1 + percent / 100
    power = number(years, given_decimals(years))
    power = power.translate(SUPERSCRIPTS) if power.isdigit() else f"^{power}"
    base, target = number(numbers["baseline"], scale.decimals), number(numbers["target"], scale.decimals)
    return f"{base} · {number(factor, given_decimals(round(factor, 6)))}{power} = {target}"


def _rule_words(numbers: dict[str, Any]) -> str:
    match numbers["rule"]:
        case "between" | "yearly_change" if has_margin(numbers.get("margin")):
            return _(
                "Met if the whole interval of error lies on the good side of the target, not met if all of it lies on "
                "the bad side (and beyond the tolerance), otherwise partly met."
            )
        case "between" | "yearly_change":
            return _("Met if the value reaches the target, partly met if it misses by no more than the tolerance.")
        case "direction":
            return _(
                "Met if the change in the wanted direction is larger than both the tolerance and the margin of error "
                "of the difference, not met if it is as large the other way, otherwise partly met."
            )
        case "not_worse":
            return _(
                "Met unless the value is worse than before by more than both the tolerance and the margin of error of "
                "the difference."
            )
        case "percentile":
            return _(
                "Percentile: the share of the municipalities that do worse, with half of those that are equal to us, "
                "ourselves counted in. Met if it reaches what is asked for, partly met within the tolerance."
            )
        case _:
            return _("Met if the place is as good as asked for, partly met within the tolerance. Place 1 is the best.")


# ── the summary ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """What the summary of an indicator says: numbers of an assessment and of a benchmark, None where there are none."""

    value: float | None
    value_period: str = ""
    margin: float | None = None
    change: float | None = None
    change_word: str = ""
    comparison_period: str = ""
    reason: str = ""
    municipality: str = ""
    rank: int | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    peers: int | None = None
    quarter: str = ""
    group: str = ""
    group_year: int | None = None


def summary(standing: Standing, *, symbol: str, decimals: int, share: bool) -> str:
    """How the indicator stands, in two or three sentences: the value, its change, our place. Inside the margin of error
    nothing is called better or worse."""
    scale = Scale(symbol, decimals, share)
    if standing.value is None:
        if standing.reason == Reason.NOT_YET_DUE:
            return _("The value is not due yet.")
        if standing.reason in (Reason.CONFIDENTIAL, Reason.NOT_APPLICABLE, Reason.TOO_FEW_ANSWERS, Reason.BREAK):
            return _("There is no value to show: %(reason)s.") % {"reason": REASON[standing.reason]}
        return _("There is no value for the period.")
    return _join(_value_sentence(standing, scale), _change_sentence(standing, scale), _place_sentence(standing))


def _value_sentence(standing: Standing, scale: Scale) -> str:
    assert standing.value is not None
    values = {"period": period_label(standing.value_period), "value": scale.level(standing.value)}
    if standing.margin is not None and has_margin(standing.margin):
        values["margin"] = scale.distance(standing.margin)
        return _("The value for %(period)s is %(value)s, give or take %(margin)s.") % values
    return _("The value for %(period)s is %(value)s.") % values


def _change_sentence(standing: Standing, scale: Scale) -> str:
    if standing.change is None or not standing.comparison_period:
        return ""
    values = {"change": scale.distance(standing.change), "period": period_label(standing.comparison_period)}
    if standing.change_word == "uncertain":
        return _("The difference from %(period)s lies inside the margin of error.") % values
    if equal(standing.change, 0.0):
        return _("That is the same as for %(period)s.") % values
    sentences = {
        (True, "better"): _("That is %(change)s more than for %(period)s, which is better."),
        (True, "worse"): _("That is %(change)s more than for %(period)s, which is worse."),
        (False, "better"): _("That is %(change)s less than for %(period)s, which is better."),
        (False, "worse"): _("That is %(change)s less than for %(period)s, which is worse."),
    }
    plain = {
        True: _("That is %(change)s more than for %(period)s."),
        False: _("That is %(change)s less than for %(period)s."),
    }
    up = standing.change > 0
    return sentences.get((up, standing.change_word), plain[up]) % values


def _place_sentence(standing: Standing) -> str:
    if standing.rank is None or standing.peers is None:
        return ""
    values = {
        "municipality": standing.municipality,
        "place": place_words(standing.rank, standing.best_rank, standing.worst_rank, standing.peers),
        "group": standing.group,
        "year": standing.group_year,
    }
    sentences = {
        "best": _("In the group “%(group)s” %(municipality)s has %(place)s (%(year)s), in the best quarter."),
        "middle": _("In the group “%(group)s” %(municipality)s has %(place)s (%(year)s), in the middle half."),
        "worst": _("In the group “%(group)s” %(municipality)s has %(place)s (%(year)s), in the worst quarter."),
    }
    plain = _("In the group “%(group)s” %(municipality)s has %(place)s (%(year)s).")
    return sentences.get(standing.quarter, plain) % values


def change_words(change: float, word: str, size: str, period: str) -> str:
    """A change in a few words: “better: up 1.6 percentage points since 2021”. `size` is the change as text, no sign."""
    values = {"size": size, "period": period}
    if word == "uncertain":
        return _("no certain change since %(period)s") % values
    if word == "unchanged" or equal(change, 0.0):
        return _("unchanged since %(period)s") % values
    up = {
        "better": _("better: up %(size)s since %(period)s"),
        "worse": _("worse: up %(size)s since %(period)s"),
    }
    down = {
        "better": _("better: down %(size)s since %(period)s"),
        "worse": _("worse: down %(size)s since %(period)s"),
    }
    if change > 0:
        return up.get(word, _("up %(size)s since %(period)s")) % values
    return down.get(word, _("down %(size)s since %(period)s")) % values


def place_words(rank: int, best: int | None, worst: int | None, peers: int) -> str:
    """“place 46 of 290”; with a margin of error that other places lie inside of, “place 12–58 of 218” (METHODS §3)."""
    values = {"rank": number(rank), "peers": number(peers)}
    if best is not None and worst is not None and best != worst:
        values |= {"best": number(best), "worst": number(worst)}
        return pgettext("position", "place %(best)s–%(worst)s of %(peers)s") % values
    return pgettext("position", "place %(rank)s of %(peers)s") % values
