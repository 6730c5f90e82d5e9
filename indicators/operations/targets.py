"""Targets: added, changed and ended; two are never valid in the same year."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from indicators import wording
from indicators.models import Indicator, PeerGroup, Target
from indicators.operations.actor import User, recorded
from indicators.operations.indicator_definitions import DefinitionFaultError
from indicators.operations.jobs import request_refresh
from indicators.queries.computation import target_value
from indicators.read_models.definitions import years

NUMBERS = ("side", "value", "lower", "upper", "wanted", "percent", "baseline_period", "percentile", "rank", "group")
EMPTY: dict[str, Any] = {"side": "", "wanted": "", "baseline_period": "", "group": ""}


def save_target(
    *, indicator_id: int, target_id: int | None, fields: Mapping[str, Any], end_earlier: bool = False, by: User
) -> Target:
    """Add a target, or change one (`target_id`). `end_earlier`: the one valid before ends the year before this begins.

    fields: form, valid_from, valid_to, tolerance and what the form needs. Raises DefinitionFaultError, where two would
    be valid in one year with both named.
    """
    with transaction.atomic(), recorded(by):
        indicator = Indicator.objects.select_for_update().select_related("unit").get(pk=indicator_id)
        target = built_target(indicator, fields)
        target.pk = target_id
        target._state.adding = target_id is None
        if end_earlier:
            _end_earlier(indicator, target)
        _refuse_overlap(indicator, target)
        target.save()
        request_refresh(indicator_ids=[indicator_id], by=by)
    return target


def built_target(indicator: Indicator, fields: Mapping[str, Any]) -> Target:
    """The target that these fields make, not stored: what its form does not use is empty."""
    told = {name: fields.get(name, EMPTY.get(name)) for name in NUMBERS}
    plain = {name: EMPTY.get(name) if value is None else value for name, value in told.items()}
    tolerance = fields.get("tolerance")
    return Target(
        indicator=indicator,
        form=fields["form"],
        valid_from=fields["valid_from"],
        valid_to=fields.get("valid_to"),
        tolerance=0 if tolerance is None else tolerance,
        **plain,
    )


def _end_earlier(indicator: Indicator, target: Target) -> None:
    for earlier in indicator.targets.filter(valid_from__lt=target.valid_from).exclude(pk=target.pk):
        if earlier.valid_to is None or earlier.valid_to >= target.valid_from:
            earlier.valid_to = target.valid_from - 1
            earlier.save()


def _refuse_overlap(indicator: Indicator, target: Target) -> None:
    for other in indicator.targets.exclude(pk=target.pk):
        first, last = max(other.valid_from, target.valid_from), _earliest(other.valid_to, target.valid_to)
        if last is None or first <= last:
            raise DefinitionFaultError(
                "valid_from",
                _(
                    "Two targets would be valid in %(year)s: “%(other)s” (%(other_years)s) and this one, “%(this)s” "
                    "(%(these_years)s). End the one, or begin the other later."
                )
                % {
                    "year": first,
                    "other": words(indicator, other),
                    "other_years": years(other.valid_from, other.valid_to),
                    "this": words(indicator, target),
                    "these_years": years(target.valid_from, target.valid_to),
                },
            )


def _earliest(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def words(indicator: Indicator, target: Target) -> str:
    """A target in words, with its indicator's unit."""
    unit = indicator.unit
    title = str(PeerGroup.Kind(target.group).label) if target.group else None
    return wording.target_words(
        target_value(target), symbol=unit.symbol, decimals=indicator.decimals, share=unit.share, group_title=title
    )


def end_target(*, target_id: int, last_year: int, by: User) -> Target:
    """Let a target be valid to the end of a year and no longer."""
    with transaction.atomic(), recorded(by):
        target = Target.objects.select_for_update().get(pk=target_id)
        if last_year < target.valid_from:
            raise DefinitionFaultError(
                "valid_to",
                _("The target begins %(year)s: its last year is that one or a later.") % {"year": target.valid_from},
            )
        target.valid_to = last_year
        target.save()
        request_refresh(indicator_ids=[target.indicator_id], by=by)
    return target
