"""Which follow-up period a page shows, and what else can be chosen in its address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from indicators.read_models.follow_up import YearRow, default_period
from scorecard.rows import GoalHead

Address = Callable[[str], str]


class UnknownChoiceError(ValueError):
    """A choice in the address that does not exist; the message is for the reader and names those that do."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool
    url: str = ""


@dataclass(frozen=True)
class Choice:
    """The follow-up period shown, the one shown when none is asked for, and all that can be chosen, oldest first."""

    shown: str
    default: str
    years: tuple[str, ...]

    @property
    def before(self) -> str:
        return str(int(self.shown) - 1)

    @property
    def comparable(self) -> bool:
        """Whether there is a period before to compare with."""
        return self.before in self.years

    @property
    def parameter(self) -> dict[str, str]:
        return {} if self.shown == self.default else {"period": self.shown}

    @property
    def suffix(self) -> str:
        """What the address of a goal or of the overview needs to show the same period."""
        return f"?{urlencode(self.parameter)}" if self.parameter else ""


def choose_period(years: Sequence[YearRow], asked: str | None, *, this_year: int) -> Choice:
    """Raises UnknownChoiceError. Without any values the running year is shown."""
    default = default_period(years) or str(this_year)
    codes = tuple(year.period for year in years)
    if asked and asked != default and asked not in codes:
        offered = f"{codes[0]}–{codes[-1]}" if len(codes) > 1 else default
        raise UnknownChoiceError(
            _("There is no follow-up of “%(asked)s”. There are values for %(offered)s.")
            % {"asked": asked[:40], "offered": offered}
        )
    return Choice(asked or default, default, codes)


def period_options(choice: Choice, address: Callable[[dict[str, str]], str]) -> tuple[Option, ...]:
    """Years to choose between, newest first."""
    return tuple(
        Option(year, year, year == choice.shown, address({"period": year} if year != choice.default else {}))
        for year in reversed(choice.years)
    )


def years_of(goal: GoalHead, years: Sequence[YearRow]) -> list[YearRow]:
    """The years that the goal is valid in."""
    last = goal.valid_to if goal.valid_to is not None else 9999
    return [year for year in years if goal.valid_from <= int(year.period) <= last]


def with_parameters(base: str, parameters: Mapping[str, str]) -> str:
    return f"{base}?{urlencode(parameters)}" if parameters else base
