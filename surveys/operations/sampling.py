"""Samples: a register read in, populations and backgrounds set, people drawn and invited, addresses forgotten."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.operations.actor import User, recorded
from surveys.compute import sampling, tokens
from surveys.models import (
    FramePerson,
    Invitation,
    Margin,
    Option,
    Purge,
    Purged,
    SampleFrame,
    Sending,
    Stratum,
    Wave,
    WaveState,
    Weighting,
)
from surveys.read_models.sampling import refusal_text
from surveys.sources.frame_file import FrameFile

BATCH = 1000
KEEP_ADDRESSES_DAYS = 90
LARGEST_SEED = 2**31 - 1
MOST_PEOPLE = 20_000_000
REACHED_BY = ("name", "address", "postcode", "city", "email")
NOTHING: dict[str, str] = dict.fromkeys(REACHED_BY, "")


class SampleError(ValueError):
    """Something that cannot be done with a sample as it stands; the message says why and what to do."""


@dataclass(frozen=True)
class FrameStored:
    """What came of a register. `backgrounds`: codes of the questions whose numbers in the population it gave."""

    people: int
    backgrounds: tuple[str, ...] = ()


def read_frame(
    *, wave_id: int, filename: str, content: bytes, frame: FrameFile, leave_out: bool, by: User
) -> FrameStored:  # fmt: skip
    """Keep the people of a register until the sample is drawn, in the place of an earlier register.

    All or nothing: with rejected rows nothing is kept, unless `leave_out` says that they are left out on purpose. Each
    stratum's population is the number of its rows, or the larger one that was set before. The numbers of background
    questions that every row answers become margins. Raises SampleError.
    """
    if frame.rejected_count and not leave_out:
        raise SampleError(_("Rows were rejected, so nothing was stored. Mend them, or leave them out on purpose."))
    with transaction.atomic(), recorded(by):
        wave = _preparing(wave_id)
        earlier = SampleFrame.objects.filter(wave=wave).first()
        known = {} if earlier else dict(Stratum.objects.filter(wave=wave).values_list("code", "population"))
        if earlier:
            earlier.delete()
        named = [row.stratum or _("Everybody") for row in frame.people]
        rows = Counter(named)
        strata = _replace_strata(wave, {code: max(known.get(code, 0), count) for code, count in rows.items()})
        kept = SampleFrame.objects.create(
            wave=wave,
            filename=filename[:200],
            digest=hashlib.sha256(content).hexdigest(),
            people=len(frame.people),
            rejected=[
                {"row": r.row, "column": r.column, "fault": r.fault.value, "of": r.of} for r in frame.rejected
            ],
            read_by=by,  # type: ignore[misc]
        )  # fmt: skip
        FramePerson.objects.bulk_create(
            [
                FramePerson(
                    frame=kept, stratum=strata[code], name=row.name, address=row.address, postcode=row.postcode,
                    city=row.city, email=row.email, language=row.language,
                )
                for code, row in zip(named, frame.people, strict=True)
            ],
            batch_size=BATCH,
        )  # fmt: skip
        taken = _margins_of_frame(wave, frame)
    return FrameStored(len(frame.people), taken)


def _margins_of_frame(wave: Wave, frame: FrameFile) -> tuple[str, ...]:
    whole = [found for found in frame.backgrounds if not found.unknown and found.counts]
    ids = _background_ids(wave)
    for found in whole:
        _replace_margins(wave, ids[found.code], found.counts)
    return tuple(found.code for found in whole)


def _background_ids(wave: Wave) -> dict[str, int]:
    items = wave.items.filter(version__question__background=True)
    return dict(items.values_list("version__question__code", "version__question_id"))


def _replace_strata(wave: Wave, populations: Mapping[str, int]) -> dict[str, Stratum]:
    Stratum.objects.filter(wave=wave).delete()
    Stratum.objects.bulk_create([Stratum(wave=wave, code=c, population=n) for c, n in sorted(populations.items())])
    _tell_population(wave)
    return {stratum.code: stratum for stratum in Stratum.objects.filter(wave=wave)}


def _tell_population(wave: Wave) -> None:
    """The population of a wave with strata is the sum of theirs."""
    counts = list(Stratum.objects.filter(wave=wave).values_list("population", flat=True))
    wave.population = sum(counts) if counts else None
    wave.save(update_fields=["population"])


def set_counts(*, wave_id: int, counts: Mapping[str, int], by: User) -> None:
    """Say how many people each stratum of the population has. Before a register is read in the strata are exactly
    those named; afterwards they are the register's, and none has fewer people than it. Raises SampleError."""
    if sum(counts.values()) > MOST_PEOPLE:
        raise SampleError(_("A population can have at most %(most)s people. Look for a number too long.") % {
            "most": MOST_PEOPLE
        })  # fmt: skip
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        strata = {stratum.code: stratum for stratum in Stratum.objects.filter(wave=wave)}
        frame = SampleFrame.objects.filter(wave=wave).first()
        if frame is None and not wave.invitations.exists():
            _replace_strata(wave, counts)
            return
        if unknown := sorted(counts.keys() - strata.keys()):
            raise SampleError(
                _("The register has no group called %(names)s. Write the groups as they stand in it: %(known)s.")
                % {"names": ", ".join(unknown), "known": ", ".join(sorted(strata))}
            )
        rows = Counter(FramePerson.objects.filter(frame=frame).values_list("stratum__code", flat=True))
        for code, count in counts.items():
            least = max(rows[code], strata[code].sampled)
            if count < least:
                raise SampleError(
                    _("%(name)s: the population cannot be %(count)s, since the register has %(least)s there.")
                    % {"name": code, "count": count, "least": least}
                )
            strata[code].population = count
        Stratum.objects.bulk_update(strata.values(), ["population"])
        _tell_population(wave)


def set_margins(*, wave_id: int, margins: Mapping[int, Mapping[int, int]], by: User) -> None:
    """Say how many of the population have each background: question → choice's value → people. Of each question named
    the earlier numbers are replaced; one without numbers has none any more. Raises SampleError."""
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        for question_id, counts in margins.items():
            possible = _choices(wave, question_id)
            if counts and counts.keys() != possible:
                raise SampleError(_("Give a number for every choice of the question, or for none."))
            if counts and not sum(counts.values()):
                raise SampleError(_("The numbers of a question must not all be 0."))
            _replace_margins(wave, question_id, counts)


def _choices(wave: Wave, question_id: int) -> set[int]:
    found = Option.objects.filter(
        version__items__wave=wave,
        version__question_id=question_id,
        version__question__background=True,
        no_opinion=False,
    )
    return set(found.values_list("value", flat=True))


def _replace_margins(wave: Wave, question_id: int, counts: Mapping[int, int]) -> None:
    Margin.objects.filter(wave=wave, question_id=question_id).delete()
    Margin.objects.bulk_create(
        [Margin(wave=wave, question_id=question_id, value=v, population=n) for v, n in sorted(counts.items())]
    )


def _preparing(wave_id: int) -> Wave:
    """The wave, locked, where its sample may still change."""
    wave = Wave.objects.select_for_update().get(pk=wave_id)
    if wave.state != WaveState.PREPARING:
        raise SampleError(_("The survey has opened, so its sample can no longer be changed."))
    if wave.invitations.exists():
        raise SampleError(_("The sample has been drawn already. Remove it first, if nothing has been sent."))
    return wave


def draw_sample(*, wave_id: int, wanted: Mapping[str, int], seed: int, now: datetime, by: User) -> int:
    """Draw `wanted` people from each stratum of the register, invite them with a code each, and delete the register's
    people; how many were drawn. The same register, numbers and seed draw the same people. Raises SampleError."""
    if not 0 <= seed <= LARGEST_SEED:
        raise SampleError(_("The seed must be a whole number from 0 to %(most)s.") % {"most": LARGEST_SEED})
    with transaction.atomic(), recorded(by):
        wave = _preparing(wave_id)
        frame = SampleFrame.objects.filter(wave=wave).first()
        if frame is None:
            raise SampleError(_("There is nobody to draw from yet. Read in a register first."))
        strata = {stratum.code: stratum for stratum in Stratum.objects.filter(wave=wave)}
        if refused := sampling.too_small({c: s.population for c, s in strata.items()}, wanted):
            raise SampleError(" ".join(refusal_text(refusal) for refusal in refused))
        persons = list(FramePerson.objects.filter(frame=frame).order_by("pk"))
        codes = {stratum.pk: code for code, stratum in strata.items()}
        try:
            chosen = sampling.draw([codes[person.stratum_id] for person in persons], wanted, seed)
        except sampling.SamplingError as error:
            raise SampleError(_("More people are wanted than the register has. Choose a smaller sample.")) from error
        _invite(wave, [persons[row] for row in chosen])
        for code, stratum in strata.items():
            stratum.wanted = stratum.sampled = wanted[code]
        Stratum.objects.bulk_update(strata.values(), ["wanted", "sampled"])
        FramePerson.objects.filter(frame=frame).delete()
        frame.drawn_at = now
        frame.save(update_fields=["drawn_at"])
        wave.seed = seed
        if wave.weighting == Weighting.NONE:
            wave.weighting = Weighting.DESIGN  # what a sample by strata is drawn for; it can be changed
        wave.save(update_fields=["seed", "weighting"])
    return len(chosen)


def _invite(wave: Wave, persons: list[FramePerson]) -> None:
    codes: set[str] = set()
    while len(codes) < len(persons):
        codes.add("".join(secrets.choice(tokens.ALPHABET) for _place in range(tokens.LENGTH)))
    invitations = [
        Invitation(
            wave=wave, stratum_id=person.stratum_id, token=code, language=person.language,
            **{name: getattr(person, name) for name in REACHED_BY},
        )
        for person, code in zip(persons, codes, strict=True)
    ]  # fmt: skip
    Invitation.objects.bulk_create(invitations, batch_size=BATCH)


def remove_sample(*, wave_id: int, by: User) -> None:
    """Take back a sample to which nothing has been sent, or a register that was not drawn from. The strata stay with
    their populations; to draw again, the register is read in again. Raises SampleError."""
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        if wave.state != WaveState.PREPARING or wave.mailings.exists():
            raise SampleError(
                _("Letters have been prepared or the survey has opened, so the sample can no longer be removed.")
            )
        Invitation.objects.filter(wave=wave).delete()
        SampleFrame.objects.filter(wave=wave).delete()
        Stratum.objects.filter(wave=wave).update(wanted=0, sampled=0)


def forget_addresses(*, wave_id: int, by: User) -> int:
    """Blank the names and addresses of a closed wave's sample and of a register that was never drawn from; how many
    people are forgotten. How many were asked and how many answered stays. Raises SampleError."""
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        if wave.state != WaveState.CLOSED:
            raise SampleError(_("Addresses are needed while the survey is open. Close it first."))
        unused = FramePerson.objects.filter(frame__wave=wave)
        reached = Invitation.objects.filter(wave=wave).exclude(**NOTHING)
        forgotten = unused.count() + reached.count()
        if forgotten:
            unused.delete()
            reached.update(**NOTHING)
            Sending.objects.filter(mailing__wave=wave).exclude(error="").update(error="")  # a server may name whom
            Purge.objects.create(wave=wave, what=Purged.ADDRESSES, count=forgotten, purged_by=by)  # type: ignore[misc]
    return forgotten


def forget_old_addresses(*, today: date, by: User) -> int:
    """What the clock does: forget the addresses of waves that closed 90 days ago or earlier, and registers that were
    read in as long ago and not drawn from; how many waves."""
    last = today - timedelta(days=KEEP_ADDRESSES_DAYS)
    due = Wave.objects.filter(state=WaveState.CLOSED, closes_on__lte=last)
    done = 0
    for wave_id in due.order_by("pk").values_list("pk", flat=True):
        done += bool(forget_addresses(wave_id=wave_id, by=by))
    unused = SampleFrame.objects.filter(wave__state=WaveState.PREPARING, drawn_at=None, read_at__date__lte=last)
    for wave_id in unused.order_by("wave_id").values_list("wave_id", flat=True):
        done += _forget_register(wave_id, last, by)
    return done


def _forget_register(wave_id: int, last: date, by: User) -> bool:
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=wave_id)
        frame = SampleFrame.objects.filter(wave=wave, drawn_at=None, read_at__date__lte=last).first()
        if frame is None or wave.state != WaveState.PREPARING:
            return False
        Purge.objects.create(wave=wave, what=Purged.ADDRESSES, count=frame.persons.count(), purged_by=by)  # type: ignore[misc]
        frame.delete()
    return True
