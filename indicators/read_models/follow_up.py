"""Which follow-up year is shown where the address names none: one rule for all pages."""

from collections.abc import Sequence
from typing import NamedTuple


class YearRow(NamedTuple):
    """A follow-up year: indicators with a target, those of them assessed on a value of the year, those with one."""

    period: str
    targets: int
    assessed: int
    values: int


def default_period(years: Sequence[YearRow]) -> str:
    """The newest year in which at least half of the indicators with a target are assessed on a value of that very year;
    where no year has that many, the newest with any value; "" where there is none."""
    full = [year.period for year in years if year.targets > 0 and 2 * year.assessed >= year.targets]
    return max(full or [year.period for year in years], default="")
