"""Checks of handed-in values as sentences with their figures, in the reader's language.

No number is made here: they come from the findings, and `templatetags.figures` writes them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.compute.numerals import Unreadable
from indicators.compute.plausibility import Check, Finding
from indicators.templatetags.figures import number, with_unit
from indicators.wording import ABSENCE, FREQUENCY, given_decimals, period_label

Figures = Mapping[str, Any]

# What a check is called in lists, e.g. of those that were overruled.
CHECK_NAMES = {
    Check.FAR_FROM_HISTORY: gettext_lazy("far from its own history"),
    Check.FAR_FROM_PEERS: gettext_lazy("far from similar municipalities"),
    Check.UNIT_SLIP: gettext_lazy("perhaps another unit"),
    Check.SAME_AGAIN: gettext_lazy("the same as last time"),
}


@dataclass(frozen=True)
class Writing:
    """How the numbers of an indicator are written: the unit's symbol and the decimals that are shown; and whether the
    sentence speaks to who entered the value or to somebody else."""

    symbol: str = ""
    decimals: int = 1
    to_author: bool = True

    def entered(self, value: float) -> str:
        """A number as somebody wrote it: with its own decimals."""
        return with_unit(value, given_decimals(value), self.symbol)

    def plain(self, value: float) -> str:
        """A number among others of its kind, without the unit."""
        return number(value, self.decimals)


def sentence(finding: Finding, writing: Writing) -> str:
    """What a check found, what it compared with, and for faults what to do."""
    return SENTENCES[finding.check](finding.figures, writing)


def unreadable(fault: str, text: str) -> str:
    """Why a text is no number, and how to write it."""
    if fault == Unreadable.AMBIGUOUS:
        return _(
            "“%(text)s” can be read in two ways: with thousands or with decimals. Write the thousands without a mark, "
            "or one more decimal."
        ) % {"text": text}
    return _(
        "“%(text)s” is no number. Write it like 1 234,5 or 1234.5, or a mark: – for missing, .. for confidential, "
        ". for not applicable."
    ) % {"text": text}


# ── hard ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _no_period(f: Figures, w: Writing) -> str:
    return _("“%(period)s” is no period. Write it like 2024, 2024T2, 2024Q3 or 2024M05.") % f


def _wrong_frequency(f: Figures, w: Writing) -> str:
    values = {"period": period_label(f["period"]), "often": str(FREQUENCY[f["kind"]])}
    return _("The indicator is measured %(often)s, so %(period)s is none of its periods.") % values


def _not_begun(f: Figures, w: Writing) -> str:
    values = {"period": period_label(f["period"]), "day": f["first_day"]}
    return _("The period %(period)s has not begun; it starts on %(day)s.") % values


def _not_divided(f: Figures, w: Writing) -> str:
    return _("The indicator is not divided into women and men. Enter one value for all.")


def _unknown_breakdown(f: Figures, w: Writing) -> str:
    return _("“%(breakdown)s” is no breakdown. There are T (all), K (women) and M (men).") % f


def _duplicate(f: Figures, w: Writing) -> str:
    return _("The same cell came more than once. Keep one row.")


def _nothing_given(f: Figures, w: Writing) -> str:
    return _("A comment or a file alone cannot be kept. Give a value, or the reason why there is none.")


def _unknown_file(f: Figures, w: Writing) -> str:
    return _("The file is none of this department's. Upload it again here.")


def _not_a_link(f: Figures, w: Writing) -> str:
    return _("The link to the evidence is no web address. It begins with https:// and has at most 500 characters.")


def _unreadable_text(f: Figures, w: Writing) -> str:
    return _("The comment holds a character that cannot be stored. Type the text anew.")


def _unknown_reason(f: Figures, w: Writing) -> str:
    known = ", ".join(str(words) for words in ABSENCE.values())
    return _("“%(reason)s” is no known reason for a missing value. Choose one of: %(known)s.") % {
        "reason": f["reason"],
        "known": known,
    }


def _value_and_reason(f: Figures, w: Writing) -> str:
    return _("Give either a value or a reason why there is none, not both.")


def _not_finite(f: Figures, w: Writing) -> str:
    return _("This is no finite number. Enter the measured value.")


def _too_large(f: Figures, w: Writing) -> str:
    return _("The number is too large to be stored. Check the unit: %(unit)s.") % {"unit": w.symbol or "–"}


def _out_of_range(f: Figures, w: Writing) -> str:
    values = {"given": w.entered(f["given"])}
    if f["minimum"] is not None and f["maximum"] is not None:
        values |= {"low": number(f["minimum"], given_decimals(f["minimum"])), "high": w.entered(f["maximum"])}
        return _("%(given)s is outside what is possible, %(low)s–%(high)s.") % values
    if f["minimum"] is not None:
        return _("%(given)s is below the least that is possible, %(low)s.") % {**values, "low": w.entered(f["minimum"])}
    return _("%(given)s is above the most that is possible, %(high)s.") % {**values, "high": w.entered(f["maximum"])}


def _parts_incomplete(f: Figures, w: Writing) -> str:
    if f["missing"] == "numerator":
        return _("The denominator is given but the numerator is missing. Give both or none.")
    return _("The numerator is given but the denominator is missing. Give both or none.")


def _parts(f: Figures) -> dict[str, str]:
    return {name: number(f[name], given_decimals(f[name])) for name in ("numerator", "denominator")}


def _parts_negative(f: Figures, w: Writing) -> str:
    return _("Numerator %(numerator)s and denominator %(denominator)s cannot be below 0.") % _parts(f)


def _parts_alone(f: Figures, w: Writing) -> str:
    return _(
        "Only of a share does the value follow from numerator and denominator. Give the value too, or the reason why "
        "there is none."
    )


def _numerator_above(f: Figures, w: Writing) -> str:
    return _(
        "The numerator %(numerator)s is larger than the denominator %(denominator)s. Have they changed places?"
    ) % (_parts(f))


def _zero_denominator(f: Figures, w: Writing) -> str:
    return _("The denominator is 0, so no share can be computed. Choose the reason why there is no value.")


def _not_the_share(f: Figures, w: Writing) -> str:
    values = _parts(f) | {"given": w.entered(f["given"]), "share": with_unit(f["share"], w.decimals, w.symbol)}
    return (
        _(
            "%(numerator)s of %(denominator)s is %(share)s, but you entered %(given)s. Leave the value empty, and it "
            "follows from the two."
        )
        % values
    )


# ── soft ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _entered(f: Figures, w: Writing) -> str:
    words = _("You entered %(given)s") if w.to_author else _("%(given)s was entered")
    return words % {"given": w.entered(f["given"])}


def _usual(f: Figures, w: Writing) -> str:
    low, high = w.plain(f["low"]), w.plain(f["high"])
    alike, spread = _("the last %(points)s were all %(low)s"), _("the last %(points)s were %(low)s–%(high)s")
    return (alike if low == high else spread) % {"points": f["points"], "low": low, "high": high}


def _peers(f: Figures, w: Writing) -> str:
    if "peer_low" not in f:
        return ""
    return _("similar municipalities %(low)s–%(high)s") % {
        "low": w.plain(f["peer_low"]),
        "high": w.plain(f["peer_high"]),
    }


def _told(*parts: str) -> str:
    return "; ".join(part for part in parts if part) + "."


def _far_from_history(f: Figures, w: Writing) -> str:
    return _told(_entered(f, w), _usual(f, w), _peers(f, w))


def _far_from_peers(f: Figures, w: Writing) -> str:
    return _told(_entered(f, w), _peers(f, w))


def _unit_slip(f: Figures, w: Writing) -> str:
    would_be = w.plain(f["would_be"])
    values = {"times": number(f["times"], 0), "value": would_be}
    if f["too_large"]:
        slip = _("is it %(times)s times too large? Then it would be %(value)s") % values
    else:
        slip = _("is it %(times)s times too small? Then it would be %(value)s") % values
    return _told(_entered(f, w), _usual(f, w), slip)


def _same_again(f: Figures, w: Writing) -> str:
    values = {"given": w.entered(f["given"]), "times": number(f["times"], 0)}
    return _("%(given)s %(times)s times in a row: was it measured anew?") % values


SENTENCES: dict[Check, Callable[[Figures, Writing], str]] = {
    Check.NO_PERIOD: _no_period,
    Check.WRONG_FREQUENCY: _wrong_frequency,
    Check.NOT_BEGUN: _not_begun,
    Check.NOT_DIVIDED: _not_divided,
    Check.UNKNOWN_BREAKDOWN: _unknown_breakdown,
    Check.DUPLICATE: _duplicate,
    Check.NOTHING_GIVEN: _nothing_given,
    Check.UNKNOWN_FILE: _unknown_file,
    Check.NOT_A_LINK: _not_a_link,
    Check.UNREADABLE_TEXT: _unreadable_text,
    Check.UNKNOWN_REASON: _unknown_reason,
    Check.VALUE_AND_REASON: _value_and_reason,
    Check.NOT_FINITE: _not_finite,
    Check.TOO_LARGE: _too_large,
    Check.OUT_OF_RANGE: _out_of_range,
    Check.PARTS_INCOMPLETE: _parts_incomplete,
    Check.PARTS_NEGATIVE: _parts_negative,
    Check.PARTS_ALONE: _parts_alone,
    Check.NUMERATOR_ABOVE: _numerator_above,
    Check.ZERO_DENOMINATOR: _zero_denominator,
    Check.NOT_THE_SHARE: _not_the_share,
    Check.FAR_FROM_HISTORY: _far_from_history,
    Check.FAR_FROM_PEERS: _far_from_peers,
    Check.UNIT_SLIP: _unit_slip,
    Check.SAME_AGAIN: _same_again,
}
