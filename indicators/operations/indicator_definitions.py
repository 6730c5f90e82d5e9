"""Indicators created, changed, copied, retired and taken up again by people; a break goes with the change it is for."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators import definition_wording
from indicators.compute import formula
from indicators.compute.formula import FormulaError, Known
from indicators.models import DefinitionAct, DefinitionNote, Indicator, SeriesBreak, Source, Unit
from indicators.operations.actor import User, recorded
from indicators.operations.jobs import request_import, request_refresh
from indicators.periods import Kind, Period, PeriodError
from indicators.queries import computation

TEXTS = ("name", "purpose", "definition", "calculation", "quality", "numerator", "denominator", "owner")
EDITABLE = (
    *(f"{name}_{language}" for name in TEXTS for language in ("sv", "en")),
    "area", "unit", "decimals", "minimum", "maximum", "direction", "measures", "experienced", "comparable",
    "influenceable", "never_good_enough", "frequency", "due_days", "source", "kolada_id", "respondents_kolada_id",
    "margin_kolada_id", "formula", "divided", "aggregation", "department", "responsible", "four_eyes", "steering",
)  # fmt: skip
# A change of these asks whether the series can still be compared.
METHOD = (
    "definition_sv", "calculation_sv", "numerator_sv", "denominator_sv", "unit", "frequency", "source", "kolada_id",
    "formula",
)  # fmt: skip
CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
Fields = Mapping[str, Any]


class DefinitionFaultError(ValueError):
    """A definition that cannot be stored so; `field` names the field ("": the whole), the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True)
class Comparability:
    """Whether a series can be compared across a change: still, backwards all the same, or not (a break)."""

    answer: DefinitionAct
    reason: str
    period: str = ""
    reason_en: str = ""


def version_of(indicator: Indicator) -> str:
    """What a definition said when somebody began to edit it: two who edit at once are told, nobody is overwritten."""
    told = repr([indicator.serializable_value(name) for name in EDITABLE])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def create_indicator(*, code: str, fields: Fields, by: User, copied_from: Indicator | None = None) -> Indicator:
    """A new indicator, or one made as a copy of another. Raises DefinitionFaultError."""
    if not CODE.fullmatch(code) or code in formula.RESERVED or code == "new":
        raise DefinitionFaultError(
            "code",
            _(
                "A code is 2–20 small letters a–z, digits and underscores, begins with a letter, and is no word of "
                "formulas."
            ),
        )
    with transaction.atomic(), recorded(by):
        if Indicator.objects.filter(code=code).exists():
            taken = _("There is already an indicator with the code “%(code)s”.")
            raise DefinitionFaultError("code", taken % {"code": code})
        indicator = Indicator(code=code, **{name: fields[name] for name in EDITABLE if name in fields})
        _check(indicator)
        indicator.save()
        if copied_from is not None:
            _note(indicator, DefinitionAct.COPIED, copied_from.code, by)
        _ask_for_values(indicator, by)
    return indicator


def method_changes(indicator: Indicator, fields: Fields) -> list[str]:
    """Which of the fields that decide what is measured would change."""
    return [name for name in METHOD if name in fields and getattr(indicator, name) != fields[name]]


def change_indicator(
    *, indicator_id: int, fields: Fields, comparability: Comparability | None, seen: str, by: User
) -> Indicator:
    """Change a definition; a changed method needs an answer about comparability, stored with it in one transaction.

    Raises DefinitionFaultError, also where somebody else has changed it since it was `seen`.
    """
    with transaction.atomic(), recorded(by):
        indicator = Indicator.objects.select_for_update().get(pk=indicator_id)
        if version_of(indicator) != seen:
            raise DefinitionFaultError(
                "",
                _("Somebody else has changed this indicator meanwhile. Open the page again to see how it stands now."),
            )
        changed = method_changes(indicator, fields)
        kpi = indicator.kolada_id
        with_fields(indicator, fields)
        if changed:
            if comparability is None:
                raise DefinitionFaultError("answer", _("Say whether the series can still be compared."))
            _record(indicator, comparability, by)
        indicator.save()
        if indicator.kolada_id != kpi:
            _ask_for_values(indicator, by)
        request_refresh(indicator_ids=[indicator.pk], by=by)
    return indicator


def with_fields(indicator: Indicator, fields: Fields) -> Indicator:
    """The definition as it would be with these fields, not stored. Raises DefinitionFaultError where it cannot be."""
    for name in EDITABLE:
        if name in fields:
            setattr(indicator, name, fields[name])
    _check(indicator)
    return indicator


def _record(indicator: Indicator, told: Comparability, by: User) -> None:
    if not told.reason.strip():
        raise DefinitionFaultError("reason", _("Write why, for those who read the series later."))
    period = ""
    if told.answer is not DefinitionAct.COMPARABLE:
        period = checked_period(indicator, told.period).code
        SeriesBreak.objects.update_or_create(
            indicator=indicator,
            period=period,
            defaults={
                "reason_sv": told.reason,
                "reason_en": told.reason_en or told.reason,
                "comparable_backwards": told.answer is DefinitionAct.BACKWARDS,
            },
        )
    _note(indicator, told.answer, told.reason, by, period)


def checked_period(indicator: Indicator, code: str) -> Period:
    """The period from which a break counts: one of the indicator's own frequency."""
    try:
        period: Period | None = Period.parse(code)
    except PeriodError:
        period = None
    if period is None or period.kind != indicator.frequency:
        example = Period.of(Kind(indicator.frequency), timezone.localdate()).code
        raise DefinitionFaultError(
            "period",
            _("Write the first period with the new method as this indicator has them, for example %(example)s.")
            % {"example": example},
        )
    return period


def _note(indicator: Indicator, act: DefinitionAct, reason: str, by: User, period: str = "") -> None:
    DefinitionNote.objects.create(indicator=indicator, act=act, reason=reason, period=period, noted_by=by)  # type: ignore[misc]


def _ask_for_values(indicator: Indicator, by: User) -> None:
    """Fetch what Kolada has published of a new identity, where our municipality is a real one; then compute."""
    home = computation.home()
    if indicator.kolada_id and home and not home.invented:
        wanted = (indicator.kolada_id, indicator.respondents_kolada_id, indicator.margin_kolada_id)
        request_import(by=by, kpis=[kpi for kpi in wanted if kpi])
    request_refresh(indicator_ids=[indicator.pk], by=by)


def retire_indicator(*, indicator_id: int, on: date, reason: str, today: date, by: User) -> None:
    """Follow an indicator no longer: it leaves the lists, its page and its series stay. Raises DefinitionFaultError."""
    if on > today:
        raise DefinitionFaultError("on", _("The date lies in the future. Retire the indicator when the day has come."))
    if not reason.strip():
        raise DefinitionFaultError("reason", _("Write why the indicator is retired, for those who look for it later."))
    with transaction.atomic(), recorded(by):
        indicator = Indicator.objects.select_for_update().get(pk=indicator_id)
        using = [code for code in followers(indicator.code) if code != indicator.code]
        if using:
            raise DefinitionFaultError(
                "",
                _(
                    "%(codes)s is computed from this indicator and would lack its values. Change its formula or retire "
                    "it first."
                )
                % {"codes": ", ".join(using)},
            )
        indicator.retired_on = on
        indicator.save()
        _note(indicator, DefinitionAct.RETIRED, reason, by)


def restore_indicator(*, indicator_id: int, reason: str, by: User) -> None:
    """Follow a retired indicator again; what came in meanwhile is computed."""
    with transaction.atomic(), recorded(by):
        indicator = Indicator.objects.select_for_update().get(pk=indicator_id)
        indicator.retired_on = None
        indicator.save()
        _note(indicator, DefinitionAct.RESTORED, reason, by)
        _ask_for_values(indicator, by)


def followers(code: str) -> list[str]:
    """Codes of the indicators in use whose formulas name this one."""
    rows = Indicator.objects.filter(source=Source.COMPUTED, retired_on=None).values_list("code", "formula")
    return sorted(other for other, text in rows if code in formula.codes(formula.parse(text)))


# ── checks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check(indicator: Indicator) -> None:
    """What the columns cannot say by themselves; the formulas of others that name this indicator hold still."""
    _check_source(indicator)
    if indicator.minimum is not None and indicator.maximum is not None and indicator.minimum >= indicator.maximum:
        raise DefinitionFaultError("maximum", _("The highest possible value lies above the lowest."))
    known = _known(indicator)
    if indicator.formula:
        _check_formula(indicator.code, indicator.formula, Kind(indicator.frequency), known, "formula")
        retired = Indicator.objects.filter(code__in=formula.codes(formula.parse(indicator.formula)))
        gone = [i.code for i in retired.exclude(retired_on=None)]
        if gone:
            raise DefinitionFaultError(
                "formula", _("%(codes)s is retired and gets no more values.") % {"codes": ", ".join(gone)}
            )
    for code in followers(indicator.code):
        if code != indicator.code:
            _check_formula(code, known[code].formula, known[code].kind, known, "frequency")


def _check_source(indicator: Indicator) -> None:
    if (indicator.source == Source.KOLADA) != bool(indicator.kolada_id):
        raise DefinitionFaultError(
            "kolada_id", _("An indicator with Kolada as its source has Kolada's identity, and no other has.")
        )
    if indicator.kolada_id:
        twin = Indicator.objects.filter(kolada_id=indicator.kolada_id).exclude(pk=indicator.pk).first()
        if twin:
            raise DefinitionFaultError(
                "kolada_id",
                _("%(kpi)s is followed by “%(name)s” (%(code)s) already.")
                % {"kpi": indicator.kolada_id, "name": twin.name, "code": twin.code},
            )
        if indicator.frequency != Kind.YEAR:
            raise DefinitionFaultError("frequency", _("Kolada's values are yearly: choose every year."))
    if (indicator.source == Source.COMPUTED) != bool(indicator.formula):
        raise DefinitionFaultError("formula", _("A computed indicator has a formula, and no other has."))


def _check_formula(code: str, text: str, kind: Kind, known: Mapping[str, Known], field: str) -> None:
    try:
        formula.check(code, formula.parse(text), kind, known)
    except FormulaError as error:
        told = definition_wording.formula_fault(error)
        if field != "formula":
            told = _("“%(code)s” is computed from this indicator and would not hold: %(fault)s") % {
                "code": code,
                "fault": told,
            }
        raise DefinitionFaultError(field, told) from error


def _known(changed: Indicator) -> dict[str, Known]:
    """Every indicator as formulas see it, with the one that is about to change as it will be."""
    rows = Indicator.objects.values_list("code", "frequency", "unit__share", "formula")
    found = {code: Known(code, Kind(kind), share, text) for code, kind, share, text in rows}
    share = Unit.objects.values_list("share", flat=True).get(pk=changed.unit_id)
    return {**found, changed.code: Known(changed.code, Kind(changed.frequency), share, changed.formula)}
