"""A prioritisation from its preparation to the goals that come of it: every write, each under the session's lock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.models import Indicator
from indicators.operations.actor import User, recorded
from indicators.operations.translations import translated
from scorecard.compute.prioritisation import HIGHEST, LOWEST, Standing, propose
from scorecard.models import Candidate, Criterion, Decision, Goal, Participant, Prioritisation, Score
from scorecard.queries import prioritisation as queries

State = Prioritisation.State
NAMES_SHOWN = 3  # of candidates that something is missing for
# Code, name, what is asked, weight, whether a high score speaks against.
CRITERIA: tuple[tuple[str, dict[str, str], dict[str, str], int, bool], ...] = (
    (
        "effect",
        {"sv": "Effekt för invånarna", "en": "Effect for residents"},
        {"sv": "Hur mycket bättre blir det för dem vi är till för?", "en": "How much better will it be for them?"},
        3,
        False,
    ),
    (
        "gap",
        {"sv": "Gap till andra kommuner", "en": "Gap to other municipalities"},
        {"sv": "Hur långt efter jämförbara kommuner ligger vi?", "en": "How far behind comparable ones are we?"},
        2,
        False,
    ),
    (
        "cost",
        {"sv": "Kostnad", "en": "Cost"},
        {"sv": "Vad kostar det i pengar och arbete? Högt talar emot.", "en": "In money and work. High speaks against."},
        2,
        True,
    ),
    (
        "legal",
        {"sv": "Krav i lag", "en": "Legal need"},
        {"sv": "Hur starkt kräver lagen att vi gör något?", "en": "How strongly does the law demand that we act?"},
        1,
        False,
    ),
    (
        "influence",
        {"sv": "Möjlighet att påverka", "en": "Influence"},
        {"sv": "Hur mycket kan kommunen själv göra åt saken?", "en": "How much can the municipality itself do?"},
        2,
        False,
    ),
)


class PrioritisationError(ValueError):
    """What cannot be done in a prioritisation, and why; the message is for the reader."""


@dataclass(frozen=True)
class NewCandidate:
    """A candidate as it is handed in. Texts by language; `indicators` and `goal` by code."""

    name: Mapping[str, str]
    text: Mapping[str, str] = field(default_factory=dict)
    theme: Mapping[str, str] = field(default_factory=dict)
    committee_id: int | None = None
    goal: str = ""
    indicators: Sequence[str] = ()
    code: str = ""


# ── preparation ───────────────────────────────────────────────────────────────────────────────────────────────────────


def create_prioritisation(*, title: str, year: int, capacity: int, by: User) -> Prioritisation:
    """A session with the ordinary criteria, being prepared."""
    with transaction.atomic(), recorded(by):
        made = Prioritisation.objects.create(
            title=title,
            year=year,
            capacity=capacity,
            created_by=by,  # type: ignore[misc]
        )
        Criterion.objects.bulk_create(
            Criterion(
                prioritisation=made,
                code=code,
                weight=weight,
                against=against,
                order=place,
                **translated("name", name),
                **translated("help", help_text),
            )
            for place, (code, name, help_text, weight, against) in enumerate(CRITERIA)
        )
    return made


def change_prioritisation(
    *, number: int, title: str, year: int, capacity: int, criteria: Sequence[Mapping[str, Any]], by: User
) -> None:
    """The heading and the criteria while it is prepared. criteria: fields of `Criterion`, `id` None for a new one,
    `delete` for one that goes."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING)
        Prioritisation.objects.filter(pk=number).update(
            title=title, year=year, capacity=capacity, version=F("version") + 1
        )
        known = {row.pk: row for row in session.criteria.all()}
        gone = [row["id"] for row in criteria if row.get("delete") and row["id"] in known]
        scored = Criterion.objects.filter(pk__in=gone, scores__isnull=False).distinct()
        if scored:
            raise PrioritisationError(
                _("%(names)s has been scored and cannot be removed. Give it the weight 0 instead.")
                % {"names": ", ".join(row.name for row in scored)}
            )
        Criterion.objects.filter(pk__in=gone, prioritisation=session).delete()
        taken = {row.code for pk, row in known.items() if pk not in gone}
        for place, row in enumerate(row for row in criteria if not row.get("delete")):
            fields = {
                **translated("name", row["name"]),
                **translated("help", row.get("help")),
                "weight": row["weight"],
                "against": row["against"],
                "order": place,
            }
            if row.get("id") in known:
                Criterion.objects.filter(pk=row["id"]).update(**fields)
            else:
                code = _free_code(row["name"].get("sv") or row["name"].get("en") or "", taken, 40)
                Criterion.objects.create(prioritisation=session, code=code, **fields)


def add_candidates(*, number: int, candidates: Sequence[NewCandidate], by: User) -> int:
    """Add all of them or none; returns how many. Raises PrioritisationError for one that is there already."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING)
        there = list(session.candidates.values_list("code", "name_sv", "name_en", "order"))
        taken = {code for code, *_names in there}
        names = {name.casefold() for _code, sv, en, _order in there for name in (sv, en) if name}
        indicators = dict(Indicator.objects.values_list("code", "id"))
        goals = dict(Goal.objects.values_list("code", "id"))
        order = max((row[3] for row in there), default=-1) + 1
        made, links = [], []
        for place, one in enumerate(candidates):
            name = one.name.get("sv") or one.name.get("en") or ""
            _refuse_unknown(name, one, names, indicators, goals)
            names.add(name.casefold())
            made.append(
                Candidate(
                    prioritisation=session,
                    code=one.code or _free_code(name, taken, 60),
                    committee_id=one.committee_id,
                    goal_id=goals.get(one.goal),
                    order=order + place,
                    **translated("name", one.name),
                    **translated("text", one.text),
                    **translated("theme", one.theme),
                )
            )
            taken.add(made[-1].code)
            links.append([indicators[code] for code in dict.fromkeys(one.indicators)])
        stored = Candidate.objects.bulk_create(made)
        Candidate.indicators.through.objects.bulk_create(
            Candidate.indicators.through(candidate_id=row.pk, indicator_id=indicator)
            for row, linked in zip(stored, links, strict=True)
            for indicator in linked
        )
        _changed(number)
    return len(made)


def _refuse_unknown(
    name: str, one: NewCandidate, names: set[str], indicators: Mapping[str, int], goals: Mapping[str, int]
) -> None:
    unknown = [code for code in one.indicators if code not in indicators]
    if one.goal and one.goal not in goals:
        unknown.append(one.goal)
    if unknown:
        raise PrioritisationError(
            _("“%(name)s” is linked to %(codes)s, which is neither an indicator nor a goal.")
            % {"name": name, "codes": ", ".join(unknown)}
        )
    if name.casefold() in names:
        raise PrioritisationError(_("“%(name)s” is among the candidates already.") % {"name": name})


def change_candidate(*, number: int, code: str, changed: NewCandidate, by: User) -> None:
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING)
        one = _candidate(session, code)
        others = session.candidates.exclude(pk=one.pk).values_list("name_sv", flat=True)
        indicators = dict(Indicator.objects.values_list("code", "id"))
        goals = dict(Goal.objects.values_list("code", "id"))
        name = changed.name.get("sv") or changed.name.get("en") or ""
        _refuse_unknown(name, changed, {other.casefold() for other in others}, indicators, goals)
        for column, value in {
            **translated("name", changed.name),
            **translated("text", changed.text),
            **translated("theme", changed.theme),
            "committee_id": changed.committee_id,
            "goal_id": goals.get(changed.goal),
        }.items():
            setattr(one, column, value)
        one.save()
        one.indicators.set(indicators[linked] for linked in changed.indicators)
        _changed(number)


def remove_candidate(*, number: int, code: str, by: User) -> None:
    """Take a candidate away that nobody has scored; one that has been scored can only be set aside, with a reason."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING)
        one = _candidate(session, code)
        if one.scores.exists():
            raise PrioritisationError(
                _("“%(name)s” has been scored and cannot be removed. Set it aside with a reason in the discussion.")
                % {"name": one.name}
            )
        one.delete()
        _changed(number)


def copy_candidates(*, number: int, source: int, by: User) -> int:
    """Add those of another session that are not there yet by name, with their links; returns how many."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING)
        there = {name.casefold() for name in session.candidates.values_list("name_sv", flat=True)}
        rows = Candidate.objects.filter(prioritisation=source).prefetch_related("indicators").select_related("goal")
        copied = [
            NewCandidate(
                name=_both(row, "name"),
                text=_both(row, "text"),
                theme=_both(row, "theme"),
                committee_id=row.committee_id,
                goal=row.goal.code if row.goal else "",
                indicators=[indicator.code for indicator in row.indicators.all()],
            )
            for row in rows
            if _both(row, "name")["sv"].casefold() not in there
        ]
        return add_candidates(number=number, candidates=copied, by=by)


def set_participants(*, number: int, user_ids: Iterable[int], by: User) -> None:
    """Who scores. Somebody who has scored already stays."""
    wanted = set(user_ids)
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING, State.SCORING)
        _waited_for(session)
        there = {row.user_id: row for row in session.participants.annotate(given=Count("scores"))}
        kept = [user for user, row in there.items() if user not in wanted and row.given]
        if kept:
            raise PrioritisationError(
                ngettext(
                    "%(count)s participant has scored already and cannot be removed.",
                    "%(count)s participants have scored already and cannot be removed.",
                    len(kept),
                )
                % {"count": len(kept)}
            )
        session.participants.exclude(user_id__in=wanted).delete()
        Participant.objects.bulk_create(Participant(prioritisation=session, user_id=u) for u in wanted - set(there))
        _changed(number)


# ── from state to state ───────────────────────────────────────────────────────────────────────────────────────────────


def open_scoring(*, number: int, by: User) -> None:
    """Participants can score from now on. Raises PrioritisationError that says all that is missing."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.PREPARING, State.DISCUSSION)
        missing = []
        if session.candidates.count() <= session.capacity:
            missing.append(_("more candidates than can be chosen"))
        if not session.criteria.filter(weight__gt=0).exists():
            missing.append(_("a criterion with a weight above 0"))
        if not session.participants.exists():
            missing.append(_("at least one participant"))
        if missing:
            raise PrioritisationError(_("Scoring needs %(missing)s.") % {"missing": ", ".join(missing)})
        _to(session, State.SCORING)


def back_to_preparation(*, number: int, by: User) -> None:
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.SCORING)
        _waited_for(session)
        _to(session, State.PREPARING)


def open_discussion(*, number: int, by: User) -> None:
    """Close the scoring; the shared list starts from the computed order, with the line at the capacity."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.SCORING)
        _waited_for(session)
        if not Score.objects.filter(candidate__prioritisation=session, value__isnull=False).exists():
            raise PrioritisationError(_("Nobody has scored yet, so there is no order to discuss."))
        by_code = {row.code: row for row in session.candidates.all()}
        for place, standing in enumerate(proposal(number), 1):
            by_code[standing.code].place = place
        Candidate.objects.bulk_update(by_code.values(), ["place"])
        _to(session, State.DISCUSSION, line=min(session.capacity, len(by_code)))


def proposal(number: int) -> tuple[Standing, ...]:
    """The computed order as the scores stand (4 queries)."""
    facts = queries.scores(number)
    return propose(facts.counts, facts.criteria, facts.scorers, facts.participants)


# ── scoring ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def store_scores(
    *,
    number: int,
    user_id: int,
    scores: Mapping[tuple[str, str], int | None],
    withdrawn: Iterable[tuple[str, str]] = (),
    now: datetime,
    by: User,
) -> int:
    """A participant's scores by (candidate, criterion): 1 to 5, None for no opinion; all of them or none. Saving twice
    changes nothing, so that a phone may try again. withdrawn: those to forget. Returns how many were given."""
    with transaction.atomic(), recorded(by):
        # The participant's own row is locked, not the session: forty people save at the same time. Who ends the scoring
        # waits for all of them (`_waited_for`), so that the state is asked for after the lock.
        mine = Participant.objects.select_for_update().filter(prioritisation=number, user_id=user_id).first()
        session = Prioritisation.objects.get(pk=number)
        if session.state != State.SCORING:
            raise PrioritisationError(_("Scoring is not open now, so nothing was saved."))
        if mine is None:
            raise PrioritisationError(_("You are not among the participants of this prioritisation."))
        gone = list(withdrawn)
        asked = [*scores, *gone]
        candidates = dict(session.candidates.filter(code__in={c for c, _k in asked}).values_list("code", "id"))
        criteria = dict(session.criteria.values_list("code", "id"))
        unknown = [f"{c} {k}" for c, k in asked if c not in candidates or k not in criteria]
        if unknown:
            raise PrioritisationError(_("There is no %(what)s to score here.") % {"what": ", ".join(unknown[:5])})
        wrong = [value for value in scores.values() if value is not None and not LOWEST <= value <= HIGHEST]
        if wrong:
            raise PrioritisationError(
                _("A score is from %(lowest)s to %(highest)s.") % {"lowest": LOWEST, "highest": HIGHEST}
            )
        Score.objects.bulk_create(
            [
                Score(participant=mine, candidate_id=candidates[c], criterion_id=criteria[k], value=v, scored_at=now)
                for (c, k), v in scores.items()
            ],
            update_conflicts=True,
            unique_fields=["participant", "candidate", "criterion"],
            update_fields=["value", "scored_at"],
        )
        for c, k in gone:
            Score.objects.filter(participant=mine, candidate=candidates[c], criterion=criteria[k]).delete()
    return len(scores)


def finish_scoring(*, number: int, user_id: int, finished: bool, now: datetime, by: User) -> None:
    """A participant says that they are done, or goes on."""
    with transaction.atomic(), recorded(by):
        _locked(number, State.SCORING)
        Participant.objects.filter(prioritisation=number, user_id=user_id).update(finished_at=now if finished else None)


# ── discussion ────────────────────────────────────────────────────────────────────────────────────────────────────────


def move_candidate(*, number: int, code: str, to: int | None = None, steps: int = 0, by: User) -> None:
    """Put a candidate on a place of the shared list, or so many places further down (up where negative)."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.DISCUSSION)
        one = _candidate(session, code)
        at = one.place or 1
        wanted = min(max(at + steps if to is None else to, 1), session.candidates.count())
        if wanted == at:
            return
        # Everyone between the two places makes room by one, in one statement.
        down = wanted > at
        between = session.candidates.filter(place__gt=at, place__lte=wanted)
        if not down:
            between = session.candidates.filter(place__gte=wanted, place__lt=at)
        between.update(place=F("place") + (-1 if down else 1))
        session.candidates.filter(pk=one.pk).update(place=wanted)
        _changed(number)


def move_line(*, number: int, to: int | None = None, steps: int = 0, by: User) -> None:
    """Draw the line after a place, or so many places further down. It may stand below the capacity while people
    discuss; deciding so is refused."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.DISCUSSION)
        wanted = (session.line or 0) + steps if to is None else to
        line = min(max(wanted, 0), session.candidates.count())
        if line != session.line:
            Prioritisation.objects.filter(pk=number).update(line=line, version=F("version") + 1)


def give_reasons(*, number: int, codes: Iterable[str], reason: str, by: User) -> int:
    """One reason for several candidates; returns how many have it now."""
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.DISCUSSION)
        if not reason.replace("\0", "").strip():
            raise PrioritisationError(_("Write a reason first."))
        found = session.candidates.filter(code__in=list(codes)).update(reason=reason.replace("\0", "").strip())
        if not found:
            raise PrioritisationError(_("Tick the candidates that the reason is for."))
        _changed(number)
    return found


# ── decision ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def decide(*, number: int, version: int, by: User) -> Decision:
    """Record what stands above the line as chosen, and the rest as set aside with its reasons.

    version: of the list that the person saw; where somebody has moved something since, nothing is recorded.
    """
    with transaction.atomic(), recorded(by):
        session = _locked(number, State.DISCUSSION)
        if session.version != version:
            raise PrioritisationError(
                _("The list has changed since you opened this page. Look at it once more, then decide.")
            )
        rows = list(session.candidates.order_by("place", "order", "id"))
        line = session.line or 0
        chosen, aside = rows[:line], rows[line:]
        _refuse_undecidable(session, chosen, aside)
        for place, row in enumerate(rows):
            row.chosen = place < line
        Candidate.objects.bulk_update(rows, ["chosen"])
        made = Decision.objects.create(
            prioritisation=session,
            decided_by=by,  # type: ignore[misc]
            capacity=session.capacity,
            chosen=[row.code for row in chosen],
            set_aside={row.code: row.reason for row in aside},
            proposal=[_as_stored(one) for one in proposal(number)],
        )
        _to(session, State.DECIDED)
    return made


def _refuse_undecidable(session: Prioritisation, chosen: Sequence[Candidate], aside: Sequence[Candidate]) -> None:
    if not chosen:
        raise PrioritisationError(_("Nothing stands above the line, so there is nothing to decide."))
    over = len(chosen) - session.capacity
    if over > 0:
        raise PrioritisationError(
            ngettext(
                "%(chosen)s are above the line, but at most %(capacity)s can be chosen: move %(over)s below it.",
                "%(chosen)s are above the line, but at most %(capacity)s can be chosen: move %(over)s below it.",
                over,
            )
            % {"chosen": len(chosen), "capacity": session.capacity, "over": over}
        )
    silent = [row.name for row in aside if not row.reason.strip()]
    if silent:
        names = ", ".join(_("“%(name)s”") % {"name": name} for name in silent[:NAMES_SHOWN])
        raise PrioritisationError(
            ngettext(
                "%(count)s candidate is set aside without a reason: %(names)s.",
                "%(count)s candidates are set aside without a reason, among them %(names)s.",
                len(silent),
            )
            % {"count": len(silent), "names": names}
        )


def _as_stored(one: Standing) -> dict[str, Any]:
    return {
        "code": one.code,
        "rank": one.rank,
        "score": one.score,
        "spread": one.spread,
        "scorers": one.scorers,
        "cells": [[cell.scorers, cell.median, cell.spread] for cell in one.cells],
    }


# ── shared ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def locked(number: int) -> Prioritisation:
    """The session, which nobody else can change until the transaction ends."""
    return Prioritisation.objects.select_for_update().get(pk=number)


def _locked(number: int, *states: str) -> Prioritisation:
    session = locked(number)
    if session.state not in states:
        raise PrioritisationError(
            _("The prioritisation is in the state “%(state)s”, in which this cannot be changed.")
            % {"state": session.get_state_display()}
        )
    return session


def _waited_for(session: Prioritisation) -> None:
    """Scores that are being saved are saved before it goes on, and further ones wait until it has."""
    list(session.participants.select_for_update().order_by("pk").values_list("pk"))


def _to(session: Prioritisation, state: str, **fields: Any) -> None:
    for name, value in {"state": state, "version": session.version + 1, **fields}.items():
        setattr(session, name, value)
    session.save()


def _changed(number: int) -> None:
    Prioritisation.objects.filter(pk=number).update(version=F("version") + 1)


def _candidate(session: Prioritisation, code: str) -> Candidate:
    found = session.candidates.filter(code=code).first()
    if found is None:
        raise _no_candidate(code)
    return found


def _both(row: Candidate, field: str) -> dict[str, str]:
    """A text of a candidate by language, as it is stored."""
    return {code: getattr(row, f"{field}_{code}") or "" for code in ("sv", "en")}


def _no_candidate(code: str) -> PrioritisationError:
    return PrioritisationError(_("There is no candidate “%(code)s” in this prioritisation.") % {"code": code[:60]})


def _free_code(name: str, taken: set[str], longest: int) -> str:
    """A code made of the name that nobody has."""
    base = slugify(name.translate(str.maketrans("åäöÅÄÖ", "aaoAAO")))[: longest - 4].strip("-") or "x"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    taken.add(code)
    return code
