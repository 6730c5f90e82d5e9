"""From answers to indicators: collected → weighed → estimated → protected → edition → released → measurements.

Open this file first. The last stage is the one door out of this app (docs/ARCHITECTURE.md, law 6).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from indicators import operations as indicator_operations
from indicators.models import Absence, Indicator, JobKind, JobRun, MeasurementState
from indicators.operations.actor import User
from indicators.operations.breaks import save_break
from indicators.periods import Kind, Period
from indicators.templatetags.figures import rounded
from surveys.compute import release, results, weighing
from surveys.compute.collected import ANSWERED, Collected
from surveys.compute.disclosure.cells import Rule
from surveys.compute.questionnaire import Asked
from surveys.compute.questionnaire import questions as asked_of
from surveys.compute.results import WHOLE, Result
from surveys.compute.waves import response
from surveys.models import Edition, Wave
from surveys.operations import answering, imports, mailings, purges, sampling, surveys, themes
from surveys.operations.editions import Made, mark_released, store_edition
from surveys.queries import editions, estimation, questionnaire
from surveys.queries.editions import Fed

# ── answers → edition ─────────────────────────────────────────────────────────────────────────────────────────────────


def make_results(wave_id: int, *, by: User = None, job: JobRun | None = None) -> Edition:
    """Estimate every result of a wave, hide what would tell of single people, and keep it as a draft edition.

    Raises DesignError or WeightingError where the weights cannot be made: the message says what to mend.
    """
    # Whoever handed in while the wave closed still waits; and no file is read in between responses and their answers.
    answering.mix_submissions(wave_id=wave_id, by=by)
    with transaction.atomic():
        wave = Wave.objects.select_for_update(no_key=True, of=("self",)).get(pk=wave_id)
        asked = list(asked_of(questionnaire.of_wave(wave.pk)))
        indices = estimation.indices(wave.survey_id)
        given, plan = estimation.collected(wave), estimation.plan(wave)
        earlier = editions.binding_editions(wave)
    weighed = weighing.weigh(given, plan)
    found = results.all_results(weighed.collected, weighed.design, asked, indices)
    rule = Rule(least_count=wave.survey.least_count, least_base=wave.survey.least_base)
    released = release.protected(weighed.collected, asked, found, rule, [edition.decision for edition in earlier])
    overall = wave.survey.overall.code if wave.survey.overall else ""
    in_indices = frozenset(code for index in indices for code, *_limits in index.items)
    graded = [question for question in asked if question.code not in _closed(released, overall)]
    drivers = results.drivers_of(weighed.collected, weighed.design, graded, overall, wave.seed % 2**32, in_indices)
    made = Made(
        figures=[*released.figures, *_response_rates(wave)],
        method=_method(wave, weighed, asked, released),
        decision=released.decision,
        audit=released.audit,
        drivers=drivers,
        bound_by=[edition.pk for edition in earlier],
    )
    return store_edition(wave_id=wave.pk, made=made, by=by, job=job)


def _closed(released: release.Released, overall: str) -> frozenset[str]:
    """Questions whose share or mean of everybody is hidden: an area's grade would tell it. The overall question is no
    area."""
    return frozenset(
        figure["question"]
        for figure in released.figures
        if figure["hidden"] and not figure["group"] and figure["statistic"] in ("share", "mean")
    ) - {overall}


def _method(
    wave: Wave, weighed: weighing.Weighed, asked: Sequence[Asked], released: release.Released
) -> dict[str, Any]:
    """What the method page states, as it was when the results were made."""
    strata = release.strata_as_shown(estimation.response_by_stratum(wave), wave.survey.least_count)
    answered = weighed.report["counted"]
    sampled = sum(stratum["invited"] for stratum in strata)
    if sampled and not weighed.report["self_selected"] and estimation.has_answers_of_others(wave):
        sampled = 0  # who was asked elsewhere, and how many, is not known here
    before = editions.previous_wave(wave)
    texts = ("population_text", "frame_text", "mode_text", "change_text")
    report = dict(weighed.report)
    report["modes"] = {mode: count for mode, count in report["modes"].items() if count >= wave.survey.least_count}
    if report["left_out"] < wave.survey.least_count:
        report["left_out"] = 0
    if any(stratum["answered"] is None for stratum in strata):
        # A stratum's people over a weight are its answers, which are hidden.
        report |= dict.fromkeys(("smallest_weight", "largest_weight", "kish"))
    return {
        **report,
        "population": wave.population or sum(stratum["population"] for stratum in strata) or None,
        "invited": sampled or None,
        "answered": answered,
        "response_rate": None
        if weighed.report["self_selected"] or not sampled
        else 100 * response(answered, max(sampled, answered)).rate,
        "opens_on": wave.opens_on.isoformat() if wave.opens_on else None,
        "closes_on": wave.closes_on.isoformat() if wave.closes_on else None,
        "strata": strata,
        "versions": editions.versions(wave),
        "method_break": wave.method_break,
        "breaks": editions.broken_since(before, wave) if before else [],
        "compared_with": before.code if before else None,
        "least_count": wave.survey.least_count,
        "least_base": wave.survey.least_base,
        "questions": len(asked),
        "placed_by_lot": _placed_by_lot(weighed.collected, asked, wave.survey.least_count),
        "item_nonresponse": _passed_over(weighed.collected, asked, released),
        **{
            f"{name}_{language}": getattr(wave, f"{name}_{language}") or ""
            for name in texts
            for language in ("sv", "en")
        },
    }


def _placed_by_lot(collected: Collected, asked: Sequence[Asked], least: int) -> dict[str, int | None]:
    """Background question → how many were placed in its groups by lot; None where they are too few to be counted."""
    counts = {q.code: results.placed(collected, q)[1] for q in asked if q.background}
    return {code: count if count >= least else None for code, count in counts.items() if count}


def _passed_over(
    collected: Collected, asked: Sequence[Asked], released: release.Released
) -> dict[str, float]:  # fmt: skip
    """Question → per cent of those who were shown it that did not answer, where that is more than one in ten and the
    number of answers is shown."""
    open_to_all = release.shown_wholly(released)
    found = {}
    for question in asked:
        if question.code in open_to_all:
            states = collected.states(question.code, question.parts[0])
            shown = int((states > 0).sum())
            silent = 100 * (1 - int((states == ANSWERED).sum()) / shown) if shown else 0.0
            if silent > 10:
                found[question.code] = silent
    return found


def _response_rates(wave: Wave) -> list[dict[str, Any]]:
    """How many of those invited answered, of all; by stratum it stands in the method."""
    strata = estimation.response_by_stratum(wave)
    invited = sum(stratum["invited"] for stratum in strata)
    answered = sum(stratum["answered"] for stratum in strata)
    if invited < max(answered, 1):
        return []
    rate = Result("response_rate", "", WHOLE, 100 * response(answered, invited).rate, invited)
    return [release.figure_of(rate)]


# ── edition → indicators: the one door ────────────────────────────────────────────────────────────────────────────────


def release_edition(edition_id: int, *, by: User, now: datetime, refresh: bool = True) -> int:
    """Release an edition and carry what it feeds over to the indicators; returns how many measurements were new.
    `refresh`: have the indicators computed anew, unless the caller computes everything anyhow.

    Raises EditionError; then nothing is released and nothing carried over.
    """
    with transaction.atomic():
        edition = mark_released(edition_id=edition_id, by=by, now=now)
        return carry_over(edition, by=by, refresh=refresh)


def carry_over(edition: Edition, *, by: User, refresh: bool = True) -> int:
    """The door: approved aggregates become measurements with number of answers, margin and method; a changed method or
    wording becomes a break in the series. What is hidden arrives as “too few answers”."""
    fed = editions.fed_by(edition)
    if not fed:
        return 0
    delivery = indicator_operations.start_import(source="survey", origin=_origin(edition), job=None)
    rows = [_measured(one, edition) for one in fed]
    _break_series(edition, fed, by=by)
    added = indicator_operations.record_measurements(
        rows=rows, source="survey", state=MeasurementState.APPROVED, by=by, delivery=delivery, refresh=refresh
    )
    indicator_operations.finish_import(delivery=delivery, unanswered=[])
    return added


def _origin(edition: Edition) -> str:
    return f"{edition.wave.survey.code}/{edition.wave.code}/{edition.number}"


def _measured(fed: Fed, edition: Edition) -> indicator_operations.Measured:
    """The figure in its indicator's period, rounded as the survey's files are: an indicator's file shows every decimal
    that it has. The margin covers the interval, so that the two never say more than the estimate does."""
    indicator, figure = fed.link.indicator, fed.figure
    period = _period(indicator, edition.wave)
    shared: dict[str, Any] = {
        "indicator_id": indicator.pk,
        "period": period.code,
        "breakdown": fed.link.breakdown,
        "method": _origin(edition),
    }
    if figure is None or figure.hidden or figure.value is None:
        absence = Absence.MISSING if figure is None else Absence.TOO_FEW_ANSWERS
        return indicator_operations.Measured(**shared, absence=absence.value)
    value = float(rounded(figure.value, release.DECIMALS))
    return indicator_operations.Measured(
        **shared, value=value, margin=release.margin(value, figure.lower, figure.upper), respondents=figure.n
    )


def _period(indicator: Indicator, wave: Wave) -> Period:
    """The wave's period, or the indicator's own period that its last day lies in."""
    period = Period.parse(wave.period)
    return period if period.kind == indicator.frequency else Period.of(Kind(indicator.frequency), period.last_day)


def _break_series(edition: Edition, fed: Sequence[Fed], *, by: User) -> None:
    method = edition.method
    for one in fed:
        code = one.link.question.code if one.link.question else ""
        if method.get("method_break") or code in method.get("breaks", []):
            indicator = one.link.indicator
            period = _period(indicator, edition.wave).code
            if not indicator.breaks.filter(period=period).exists():
                save_break(
                    indicator_id=indicator.pk, break_id=None, period=period, comparable_backwards=False, by=by,
                    reason=_reason(edition, code, "sv"), reason_en=_reason(edition, code, "en"),
                )  # fmt: skip


def _reason(edition: Edition, code: str, language: str) -> str:
    with override(language):
        if edition.method.get("method_break"):
            return edition.method.get(f"change_text_{language}") or _("The survey was carried out in another way.")
        return _("The question was worded in another way than the time before.")


# ── jobs and the clock ────────────────────────────────────────────────────────────────────────────────────────────────


def run(job: JobRun) -> None:
    """Do what a claimed job asks for."""
    by = job.requested_by
    match job.kind:
        case JobKind.SURVEY_RESULTS:
            make_results(job.parameters["wave"], by=by, job=job)
        case JobKind.SURVEY_ANSWERS:
            imports.read_in(import_id=job.parameters["import"], job=job, by=by)
        case JobKind.SURVEY_LETTERS:
            mailings.send_waiting(mailing_id=job.parameters["mailing"], job=job, by=by)
        case JobKind.SURVEY_THEMES:
            themes.find_themes(wave_id=job.parameters["wave"], job=job, by=by)
        case _:
            raise ValueError(f"nobody knows how to run a job of kind {job.kind}")


def mix_answers() -> None:
    """Answers that wait become responses, where enough have come."""
    answering.mix_all(by=None)


def keep_house(*, today: date) -> None:
    """What the clock does once a night: first deletes what may be kept no longer, which nothing after it can hinder."""
    answering.purge_drafts(today=today, by=None)
    sampling.forget_old_addresses(today=today, by=None)
    purges.purge_comments(today=today, by=None)
    for wave_id in editions.ended(today):
        surveys.close_wave(wave_id=wave_id, today=today, by=None)
    answering.mix_all(by=None)
