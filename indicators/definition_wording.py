"""What the pages of definitions say: faults of formulas, formulas and what they lack, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from indicators import wording
from indicators.compute import formula
from indicators.compute.formula import FormulaError, FormulaFault
from indicators.compute.series import Aggregation
from indicators.periods import Period
from indicators.templatetags.figures import language, number

EXPECTED = {
    "value": gettext_lazy("a number, an indicator's code or an opening parenthesis"),
    "sign": gettext_lazy("a sign (+ − × ÷), “per inhabitant” or the end"),
    "inhabitant": gettext_lazy("the word “inhabitant”, with a number before it if you like: per 1 000 inhabitants"),
    "scale": gettext_lazy("a number above 0"),
    "(": gettext_lazy("an opening parenthesis"),
    ")": gettext_lazy("a closing parenthesis"),
    "code": gettext_lazy("an indicator's code"),
}
ACT = {
    "comparable": gettext_lazy("Changed; still comparable"),
    "backwards": gettext_lazy("Changed; earlier values can be compared all the same"),
    "break": gettext_lazy("Changed; a break in the series"),
    "retired": gettext_lazy("Retired"),
    "restored": gettext_lazy("Taken up again"),
    "copied": gettext_lazy("Made as a copy"),
}
AGGREGATION = {
    "sum": gettext_lazy("Added up"),
    "weighted_mean": gettext_lazy("Mean, weighted by the denominators"),
    "last": gettext_lazy("The last one counts"),
    "recompute": gettext_lazy("Computed anew from numerators and denominators"),
}
FORM = {
    "level": gettext_lazy("A level"),
    "direction": gettext_lazy("Shall increase or decrease"),
    "yearly_change": gettext_lazy("A change by so many per cent a year"),
    "not_worse": gettext_lazy("Not worse than before"),
    "position": gettext_lazy("A place among other municipalities"),
    "survey": gettext_lazy("A result of a survey"),
}
SIDE = {
    "at_least": pgettext_lazy("of a target", "At least"),
    "at_most": pgettext_lazy("of a target", "At most"),
    "between": pgettext_lazy("of a target", "Between"),
}
WANTED = {"higher": gettext_lazy("Increase"), "lower": gettext_lazy("Decrease")}
GROUP = {
    "all": gettext_lazy("All municipalities"),
    "county": gettext_lazy("The county"),
    "category": gettext_lazy("The same category of municipalities"),
    "size": gettext_lazy("The same size"),
    "similar": gettext_lazy("Similar municipalities"),
    "network": gettext_lazy("Network"),
}
LABEL = {
    "code": pgettext_lazy("of an indicator", "Code"),
    "name": gettext_lazy("Name"),
    "purpose": gettext_lazy("Why we measure it"),
    "definition": gettext_lazy("Definition"),
    "calculation": gettext_lazy("How it is calculated"),
    "quality": gettext_lazy("Good to know"),
    "numerator": gettext_lazy("Numerator"),
    "denominator": gettext_lazy("Denominator"),
    "owner": gettext_lazy("Owner"),
    "area": gettext_lazy("Area"),
    "unit": gettext_lazy("Unit"),
    "decimals": gettext_lazy("Decimals"),
    "minimum": gettext_lazy("Lowest possible value"),
    "maximum": gettext_lazy("Highest possible value"),
    "direction": gettext_lazy("Good direction"),
    "measures": pgettext_lazy("what an indicator does", "Measures"),
    "experienced": gettext_lazy("As residents experience it"),
    "comparable": gettext_lazy("Comparable with other municipalities"),
    "influenceable": gettext_lazy("Can be influenced by staff"),
    "never_good_enough": gettext_lazy("Never good enough"),
    "frequency": gettext_lazy("How often"),
    "due_days": gettext_lazy("Days until it is due"),
    "source": pgettext_lazy("of figures", "Source"),
    "kolada_id": gettext_lazy("Kolada's identity"),
    "respondents_kolada_id": gettext_lazy("Kolada's identity of the number of answers"),
    "margin_kolada_id": gettext_lazy("Kolada's identity of the margin of error"),
    "formula": gettext_lazy("Formula"),
    "divided": gettext_lazy("Women and men apart"),
    "aggregation": gettext_lazy("How periods are taken together"),
    "department": gettext_lazy("Department"),
    "responsible": gettext_lazy("Person who hands the values in"),
    "four_eyes": gettext_lazy("Approved by somebody else"),
    "steering": gettext_lazy("The municipality steers by it"),
    "retired_on": gettext_lazy("Retired on"),
    "form": gettext_lazy("Form of the target"),
    "side": gettext_lazy("At least or at most"),
    "value": gettext_lazy("Level"),
    "lower": gettext_lazy("From"),
    "upper": pgettext_lazy("end of an interval", "To"),
    "tolerance": gettext_lazy("Tolerance"),
    "wanted": gettext_lazy("Wanted direction"),
    "percent": gettext_lazy("Change a year, per cent"),
    "baseline_period": gettext_lazy("Compared with"),
    "percentile": gettext_lazy("Percentile"),
    "rank": pgettext_lazy("among municipalities", "Place"),
    "group": gettext_lazy("Among"),
    "valid_from": gettext_lazy("First year"),
    "valid_to": gettext_lazy("Last year"),
    "period": gettext_lazy("From the period"),
    "reason": gettext_lazy("Reason"),
    "comparable_backwards": gettext_lazy("Earlier values can be compared all the same"),
    "indicator": gettext_lazy("Indicator"),
    "head": gettext_lazy("Head of the department"),
}
HELP = {
    "code": gettext_lazy(
        "Short and lasting: stands in addresses and formulas and is never changed. Small letters, digits, underscores."
    ),
    "name": gettext_lazy("As it stands in lists: short, without abbreviations."),
    "purpose": gettext_lazy("What the figure tells the council, in a sentence or two."),
    "definition": gettext_lazy("Exactly what is counted: who, what, where, when."),
    "calculation": gettext_lazy("How the value comes about, so that another person comes to the same."),
    "quality": gettext_lazy(
        "What a reader must know so as not to be misled: small numbers, uncertain answers, changes."
    ),
    "numerator": gettext_lazy("For shares: what is above the line."),
    "denominator": gettext_lazy("For shares: what is below the line."),
    "owner": gettext_lazy("The role that answers for the figure, as it is shown to the public."),
    "area": gettext_lazy("Where the indicator stands in lists, and which similar municipalities it is compared with."),
    "unit": gettext_lazy("What one step of the value means."),
    "decimals": gettext_lazy("How many decimals are shown. More may be stored."),
    "minimum": gettext_lazy("Values below it are refused when they are entered, for example 0 for a share."),
    "maximum": gettext_lazy("Values above it are refused, for example 100 for a share in per cent."),
    "direction": gettext_lazy("Which way is better. It decides how the place among others and changes are told."),
    "measures": gettext_lazy("The effect for residents, how the work is done, what it costs, or how much is done."),
    "experienced": gettext_lazy("The value comes from what residents say themselves."),
    "comparable": gettext_lazy("Other municipalities measure the same in the same way."),
    "influenceable": gettext_lazy("What staff do makes a difference to the value."),
    "never_good_enough": gettext_lazy("Safety and what the law asks for: no level is said to be enough."),
    "frequency": gettext_lazy("How often there is a new value."),
    "due_days": gettext_lazy("How many days after the end of the period the value shall be there."),
    "source": gettext_lazy("Where the official value comes from. One source at a time."),
    "kolada_id": gettext_lazy(
        "With Kolada as the source: its key figure, for example N00945. With other sources it is emptied."
    ),
    "respondents_kolada_id": gettext_lazy(
        "For surveys in Kolada: the key figure with the number of answers, for margins of error."
    ),
    "margin_kolada_id": gettext_lazy(
        "For surveys in Kolada: the key figure with the margin of error. Where it has no value, the margin is computed."
    ),
    "formula": gettext_lazy(
        "With computed as the source: numbers, codes of indicators, + − × ÷, parentheses, “per inhabitant” or “per "
        "1 000 inhabitants”. sum(code) and last(code) take a more frequent indicator's periods together. Emptied "
        "otherwise."
    ),
    "divided": gettext_lazy("Values are handed in for women and men beside the value for all."),
    "aggregation": gettext_lazy("How values of shorter periods make one for a longer period."),
    "department": gettext_lazy("The department that answers for the value, and sees it among its measurements."),
    "responsible": gettext_lazy(
        "Is reminded when a value is due. Only people with a role in the department can be chosen."
    ),
    "four_eyes": gettext_lazy("A value is approved by another person than the one who entered it."),
    "steering": gettext_lazy(
        "Stands in the lists, in the counts and among what goals can show. Otherwise it is there to be looked up."
    ),
}
FREQUENCY = {
    "year": pgettext_lazy("an indicator's frequency", "yearly"),
    "half": pgettext_lazy("an indicator's frequency", "half-yearly"),
    "tertial": pgettext_lazy("an indicator's frequency", "every four months"),
    "quarter": pgettext_lazy("an indicator's frequency", "quarterly"),
    "month": pgettext_lazy("an indicator's frequency", "monthly"),
    "school_year": pgettext_lazy("an indicator's frequency", "by school year"),
}


def formula_fault(error: FormulaError) -> str:
    """What is wrong with a formula, where, and what to do."""
    names = {"codes": ", ".join(f"“{name}”" for name in error.names), "loop": " → ".join(error.names)}
    match error.fault:
        case FormulaFault.EMPTY:
            return _("Write the formula, for example: complaints ÷ cases × 100.")
        case FormulaFault.TOO_LONG:
            return _("The formula is too long. At most %(count)s characters.") % {"count": number(formula.LONGEST)}
        case FormulaFault.TOO_DEEP:
            return _("Too many parentheses or signs stand inside each other. Split the formula over two indicators.")
        case FormulaFault.AMBIGUOUS_NUMBER:
            text = _("“%(found)s” (character %(position)s) could be thousands or decimals. Write 1 000 or 1,0.")
            return text % {"found": error.found, "position": error.position}
        case FormulaFault.NO_INPUT:
            return _("The formula names no indicator. Write the code of at least one.")
        case FormulaFault.UNKNOWN_CODE:
            return _("There is no indicator with the code %(codes)s. The list of indicators has the codes.") % names
        case FormulaFault.LOOP:
            return _("The formula leads back to itself: %(loop)s. Take one of these out.") % names
        case FormulaFault.SHARES_SUMMED:
            return (
                _(
                    "%(codes)s is a share, and shares are never added up. Make indicators of its numerator and its "
                    "denominator, and divide their sums."
                )
                % names
            )
        case FormulaFault.FINER | FormulaFault.COARSER | FormulaFault.NOT_COARSER:
            return _frequency_fault(error, names["codes"])
    return _unexpected(error)


def _frequency_fault(error: FormulaError, codes: str) -> str:
    values = {
        "code": codes,
        "name": "".join(error.names[:1]),
        "theirs": FREQUENCY[error.found],
        "ours": FREQUENCY[error.expected],
    }
    if error.fault is FormulaFault.FINER:
        return (
            _(
                "%(code)s is measured more often (%(theirs)s) than this indicator (%(ours)s). Write sum(%(name)s) for "
                "the sum of its periods, or last(%(name)s) for the last of them."
            )
            % values
        )
    if error.fault is FormulaFault.COARSER:
        return (
            _(
                "%(code)s is measured %(theirs)s, which does not fit this indicator (%(ours)s). Give this indicator "
                "the same frequency."
            )
            % values
        )
    return (
        _(
            "%(code)s is measured %(theirs)s: its periods cannot be taken together into those of this indicator "
            "(%(ours)s). Write the code alone where both have the same frequency."
        )
        % values
    )


def _unexpected(error: FormulaError) -> str:
    values = {
        "found": error.found,
        "position": error.position,
        "expected": EXPECTED[error.expected],
    }
    if not error.found:
        return _("The formula ends too early: %(expected)s was expected.") % values
    return _("“%(found)s” (character %(position)s) was not expected here, but %(expected)s.") % values


def formula_words(text: str, names: Mapping[str, str] | None = None) -> str:
    """A stored formula as it is understood, in the reader's language; with `names` instead of codes where given."""
    quoted = {code: pgettext("in a formula", "“%(name)s”") % {"name": name} for code, name in (names or {}).items()}

    def named(node: formula.Input) -> str:
        return _input(replace(node, code=quoted.get(node.code, node.code)))

    return formula.written(formula.parse(text), formula.Words(_plain, named, _per))


def _plain(value: float) -> str:
    return number(value, wording.given_decimals(value))


def _input(node: formula.Input) -> str:
    if node.together is Aggregation.SUM:
        return pgettext("in a formula", "sum(%(code)s)") % {"code": node.code}
    if node.together is Aggregation.LAST:
        return pgettext("in a formula", "last(%(code)s)") % {"code": node.code}
    return node.code


def _per(scale: float) -> str:
    if scale == 1:
        return pgettext("in a formula", "per inhabitant")
    return pgettext("in a formula", "per %(scale)s inhabitants") % {"scale": _plain(scale)}


def lacks_words(lacks: Sequence[Sequence[str]] | None) -> str:
    """Which inputs of a computed value were missing, and when; "" where none was."""
    if not lacks:
        return ""
    reasons = {why for code, _period, why in lacks if code == "÷"}
    if reasons:
        zero = "zero" in reasons
        return _("cannot be computed: division by 0") if zero else _("cannot be computed: too large a number")
    told = [_lack(code, period, why) for code, period, why in lacks[:3]]
    rest = len(lacks) - len(told)
    if rest > 0:
        told.append(ngettext("%(count)s more", "%(count)s more", rest) % {"count": rest})
    return _("lacks %(inputs)s") % {"inputs": ", ".join(told)}


def _lack(code: str, period: str, why: str) -> str:
    label = Period.parse(period).label(language())
    if code == formula.INHABITANTS:
        return _("the number of inhabitants %(period)s") % {"period": label}
    if why == "missing":
        return _("%(code)s for %(period)s") % {"code": code, "period": label}
    return _("%(code)s for %(period)s (%(why)s)") % {"code": code, "period": label, "why": wording.ABSENCE[why]}
