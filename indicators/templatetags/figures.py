"""The one place where numbers become text: Swedish and English form, units, differences, missing values.

Plain functions first, for read models; the filters of the same names come last, for templates.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils.translation import get_language, ngettext

register = template.Library()

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MISSING = "–"
NOT_APPLICABLE = "."
CONFIDENTIAL = ".."
MARK = {"not_applicable": NOT_APPLICABLE, "confidential": CONFIDENTIAL, "too_few_answers": CONFIDENTIAL}


def language() -> str:
    """“sv” or “en”: Swedish unless English is chosen."""
    return "en" if (get_language() or "sv").startswith("en") else "sv"


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """A number as it is shown, half away from zero; for files that must say what pages say."""
    # repr gives the shortest text of a float, so that 0.125 rounds as a reader expects and not as its binary tail does.
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(value: float | Decimal | None, decimals: int = 0, *, sign: bool = False) -> str:
    """`1 234,5` in Swedish, `1,234.5` in English, true minus; “–” where there is none. `sign` shows + too."""
    if value is None or value != value:
        return MISSING
    shown = rounded(value, decimals)
    digits = f"{abs(shown):,.{decimals}f}"
    if language() == "sv":
        digits = digits.replace(",", NARROW_SPACE).replace(".", ",")
    if shown < 0:
        return f"{MINUS}{digits}"
    return f"+{digits}" if sign and shown > 0 else digits


def with_unit(value: float | Decimal | None, decimals: int, symbol: str) -> str:
    """A number with its unit's symbol: `90,5 %`, `90.5%`, `28 dagar`, `4,2`."""
    text = number(value, decimals)
    if value is None or value != value or not symbol:
        return text
    if symbol == "%" and language() == "en":
        return f"{text}%"
    return f"{text}{NO_BREAK_SPACE}{symbol}"


def difference(value: float | Decimal | None, decimals: int, symbol: str, *, share: bool, sign: bool = True) -> str:
    """A difference in the indicator's unit; of shares in percentage points: `+1,6 procentenheter`."""
    text = number(value, decimals, sign=sign)
    if value is None or value != value:
        return text
    if share:
        # With decimals it is always “points”: 1 percentage point, 1.0 percentage points.
        one = text.lstrip(f"+{MINUS}") == "1"
        return f"{text}{NO_BREAK_SPACE}" + ngettext("percentage point", "percentage points", 1 if one else 2)
    return f"{text}{NO_BREAK_SPACE}{symbol}" if symbol else text


def missing(absence: str) -> str:
    """The mark for a value that is not there: “–” missing, “.” not applicable, “..” confidential."""
    return MARK.get(absence, MISSING)


@register.filter(name="number")
def number_filter(value: Any, decimals: int = 0) -> str:
    return number(value, int(decimals))
