"""What the pages of a sample show. Of the response only what points nobody out (surveys/compute/sampling.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from indicators.sources.sheet import column_letters
from indicators.templatetags.figures import CONFIDENTIAL, MISSING, number, with_unit
from surveys.compute.sampling import (
    LEAST_POPULATION,
    LEAST_SAMPLE,
    LEAST_SHOWN,
    Method,
    Refusal,
    TooSmall,
    expected_answers,
    hidden_counts,
    planned_margin,
    response_share,
    too_small,
)
from surveys.sources.frame_file import BadLine, Fault, FrameFile, Rejected

FAULT = {
    Fault.NO_STRATUM: gettext_lazy("The group is missing. Write which group the person belongs to."),
    Fault.NOT_REACHED: gettext_lazy("There is neither an address nor an e-mail. Fill one of them in."),
    Fault.NO_CITY: gettext_lazy("The address has no town, so a letter would not arrive. Fill in the town."),
    Fault.BAD_EMAIL: gettext_lazy("What stands here is no e-mail address. Correct it, or leave it empty."),
    Fault.BAD_LANGUAGE: gettext_lazy("The language is not known here. Write sv or en, or leave it empty for Swedish."),
    Fault.TOO_LONG: gettext_lazy("The text is longer than there is room for. Shorten it."),
    Fault.NOT_TEXT: gettext_lazy("The cell holds a date or true/false where there should be text. Write it as text."),
    Fault.TWICE: gettext_lazy("The same person stands in row %(of)s already. Keep one of the two."),
}
METHODS = {
    Method.PROPORTIONAL: gettext_lazy("In proportion to the population of each group"),
    Method.EQUAL: gettext_lazy("The same number in each group"),
    Method.NEYMAN: gettext_lazy("More where answers differ more (Neyman)"),
}


# ── rows in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FrameRow:
    """A register that was read in. `rejected`: rows left out, as the database keeps them."""

    filename: str
    people: int
    read_at: datetime
    drawn_at: datetime | None
    rejected: list[Mapping[str, Any]]


@dataclass(frozen=True)
class StratumRow:
    """`in_frame`: people who can be drawn; `sampled`: who were drawn; `answered`: None where nobody was drawn."""

    id: int
    code: str
    population: int
    in_frame: int
    sampled: int
    answered: int | None


@dataclass(frozen=True)
class SampleRows:
    """`invited`: people drawn; `addressed`: those whose name or address is kept; `purges`: (when, how many)."""

    frame: FrameRow | None
    strata: list[StratumRow]
    invited: int
    addressed: int
    purges: list[tuple[datetime, int]]
    mailings: int


@dataclass(frozen=True)
class ChoiceRow:
    """`population`: None where no number has been given."""

    value: int
    label: str
    population: int | None


@dataclass(frozen=True)
class BackgroundRow:
    question_id: int
    code: str
    text: str
    choices: list[ChoiceRow]


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def refusal_text(refusal: Refusal) -> str:
    """Why a stratum must not be sampled like this, and what to do."""
    words = {"name": refusal.stratum, "count": number(refusal.count)}
    if refusal.reason is TooSmall.POPULATION:
        told = _(
            "“%(name)s” has %(count)s people. With fewer than %(least)s, those who are asked could be pointed out: "
            "merge it with another group in the register."
        )
        return told % {**words, "least": LEAST_POPULATION}
    told = _(
        "In “%(name)s” %(count)s would be asked. With fewer than %(least)s, those who are asked could be pointed out: "
        "ask more people, set a least number for each group, or merge it with another group."
    )
    return told % {**words, "least": LEAST_SAMPLE}


def rejected_text(rejected: Rejected) -> str:
    """“C12: The town is missing. …”"""
    return f"{rejected.column}{rejected.row}: " + str(FAULT[rejected.fault]) % {"of": rejected.of}


def stored_rejections(stored: Sequence[Mapping[str, Any]]) -> list[str]:
    return [rejected_text(Rejected(r["row"], r["column"], Fault(r["fault"]), r.get("of", 0))) for r in stored]


def bad_line_text(bad: BadLine) -> str:
    """What is wrong with a line of counts."""
    words = {"line": bad.line, "cell": f"{column_letters(bad.column - 1)}{bad.line}", "text": bad.text[:40]}
    if bad.column == 1 and bad.text:
        return _("Line %(line)s: “%(text)s” comes twice or is too long. Keep one line for each group.") % words
    if bad.column == 1:
        return _("Line %(line)s has a number but no name. Write which group it counts.") % words
    if bad.text:
        return _("Line %(line)s: “%(text)s” is no whole number. Write it like 1 234.") % words
    return _("Line %(line)s has a name but no number. Write how many people it counts.") % words


def moment(when: datetime) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}"


def margin_text(margin: float) -> str:
    """“± 4,5 procentenheter”; “–” where there is none to promise."""
    if margin != margin:
        return MISSING
    return _("± %(points)s percentage points") % {"points": number(margin, 1)}


# ── the sample's page ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class StratumShown:
    code: str
    population: str
    in_frame: str
    sampled: str
    answered: str
    rate: str
    refusal: str = ""


@dataclass(frozen=True)
class SamplePage:
    """`step`: “empty”, “counted” (populations but no register), “read” (a register to draw from) or “drawn”."""

    step: str
    lead: str
    facts: list[dict[str, str]]
    strata: list[StratumShown]
    hidden_note: str
    rejected: list[str]
    rejected_text: str
    total: StratumShown | None
    may_remove: bool
    may_forget: bool
    purges: list[str]


def sample_page(rows: SampleRows, *, state: str, seed: int) -> SamplePage:
    """`state` and `seed`: of the wave."""
    step = _step(rows)
    return SamplePage(
        step=step,
        lead=_lead(step, rows),
        facts=_facts(rows, seed),
        strata=_strata(rows),
        hidden_note=_hidden_note(rows),
        rejected=stored_rejections(rows.frame.rejected) if rows.frame else [],
        rejected_text=_left_out(len(rows.frame.rejected)) if rows.frame and rows.frame.rejected else "",
        total=_total(rows),
        may_remove=state == "preparing" and not rows.mailings and (step in ("read", "drawn")),
        may_forget=state == "closed" and rows.addressed > 0,
        purges=[_purged(when, count) for when, count in rows.purges],
    )


def _step(rows: SampleRows) -> str:
    if rows.invited:
        return "drawn"
    if rows.frame is not None and rows.frame.drawn_at is None:
        return "read"
    return "counted" if rows.strata else "empty"


def _lead(step: str, rows: SampleRows) -> str:
    if step == "drawn":
        told = ngettext("%(n)s person has been drawn.", "%(n)s people have been drawn.", rows.invited)
        return told % {"n": number(rows.invited)}
    if step == "read":
        assert rows.frame is not None
        told = ngettext(
            "The register has %(n)s person. The sample has not been drawn yet.",
            "The register has %(n)s people. The sample has not been drawn yet.",
            rows.frame.people,
        )
        return told % {"n": number(rows.frame.people)}
    if step == "counted":
        return _("The population is known, but no register has been read in, so nobody can be drawn.")
    return _("Decide who is asked: read in a register, look at the margin of error to expect, and draw a sample.")


def _facts(rows: SampleRows, seed: int) -> list[dict[str, str]]:
    facts = []
    if rows.frame is not None:
        facts.append({"name": _("Register"), "text": rows.frame.filename})
        facts.append({"name": _("Read in"), "text": moment(rows.frame.read_at)})
        if rows.frame.drawn_at is not None:
            facts.append({"name": _("Drawn"), "text": moment(rows.frame.drawn_at)})
            facts.append({"name": _("Seed of the draw"), "text": f"{seed}"})
    if rows.invited:
        facts.append({"name": _("Names and addresses"), "text": _kept(rows.addressed)})
    return facts


def _kept(addressed: int) -> str:
    if not addressed:
        return _("deleted")
    told = ngettext("kept for %(n)s person", "kept for %(n)s people", addressed)
    return told % {"n": number(addressed)}


def _left_out(count: int) -> str:
    told = ngettext(
        "%(n)s row of the register was left out.", "%(n)s rows of the register were left out.", count
    )  # fmt: skip
    return told % {"n": number(count)}


def _purged(when: datetime, count: int) -> str:
    told = ngettext(
        "%(when)s: the name and address of %(n)s person were deleted.",
        "%(when)s: the names and addresses of %(n)s people were deleted.",
        count,
    )
    return told % {"when": moment(when), "n": number(count)}


def _answered(rows: SampleRows) -> dict[str, int]:
    return {row.code: row.answered for row in rows.strata if row.answered is not None}


def _strata(rows: SampleRows) -> list[StratumShown]:
    answered = _answered(rows)
    hidden = hidden_counts(answered)
    if 0 < sum(answered.values()) < LEAST_SHOWN:
        hidden = frozenset(answered)
    refused = {} if rows.invited else {r.stratum: refusal_text(r) for r in _hopeless(rows)}
    return [
        StratumShown(
            row.code,
            number(row.population),
            number(row.in_frame),
            number(row.sampled),
            *_told(row.answered, row.sampled, row.code in hidden),
            refusal=refused.get(row.code, ""),
        )
        for row in rows.strata
    ]


def _hopeless(rows: SampleRows) -> list[Refusal]:
    """The strata that no sample could make large enough: too few people, or too few of them in the register."""
    populations = {row.code: row.population for row in rows.strata}
    if rows.frame is None:
        return [r for r in too_small(populations, {}) if r.reason is TooSmall.POPULATION]
    return too_small(populations, {row.code: row.in_frame for row in rows.strata})


def _told(answered: int | None, sampled: int, hidden: bool) -> tuple[str, str]:
    """How many answered and which part that is; “..” where it is not told."""
    if answered is None or sampled == 0:
        return MISSING, MISSING
    if hidden:
        return CONFIDENTIAL, CONFIDENTIAL
    return number(answered), with_unit(response_share(answered, sampled), 0, "%")


def _total(rows: SampleRows) -> StratumShown | None:
    if len(rows.strata) < 2:
        return None
    answered = _answered(rows)
    total = sum(answered.values()) if answered else None
    sampled = sum(row.sampled for row in rows.strata)
    return StratumShown(
        pgettext("row of a table", "Total"),
        number(sum(row.population for row in rows.strata)),
        number(sum(row.in_frame for row in rows.strata)),
        number(sampled),
        *_told(total, sampled, total is not None and 0 < total < LEAST_SHOWN),
    )


def _hidden_note(rows: SampleRows) -> str:
    answered = _answered(rows)
    if not hidden_counts(answered) and not 0 < sum(answered.values()) < LEAST_SHOWN:
        return ""
    return _("“..” stands where so few have answered that it is not told, or where such a number could be worked out.")


# ── before the draw ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PlannedStratum:
    id: int
    code: str
    population: str
    sampled: str
    answers: str
    margin: str
    refusal: str


@dataclass(frozen=True)
class Plan:
    """What a draw would do. `refused`: reasons why it must not be done; then it cannot be confirmed."""

    strata: list[PlannedStratum]
    sampled: int
    sampled_text: str
    summary: str
    refused: list[str] = field(default_factory=list)


def plan(strata: Sequence[StratumRow], wanted: Mapping[str, int], response_rate: float) -> Plan:
    """The sample in numbers, with the margin of error to expect at 50 %. `response_rate`: from 0 to 1."""
    refused = {r.stratum: refusal_text(r) for r in too_small({s.code: s.population for s in strata}, wanted)}
    for row in strata:
        if wanted[row.code] > row.in_frame and row.code not in refused:
            refused[row.code] = _short(row, wanted[row.code])
    total = sum(wanted.values())
    margin = planned_margin([wanted[s.code] for s in strata], [s.population for s in strata], response_rate)
    told = ngettext(
        "%(n)s person is asked, and about %(answers)s answers are expected.",
        "%(n)s people are asked, and about %(answers)s answers are expected.",
        total,
    ) % {"n": number(total), "answers": number(float(expected_answers(total, response_rate)))}
    if margin == margin:
        told += " " + _(
            "A share near 50 per cent then gets a margin of error of about %(margin)s for the whole population."
        ) % {"margin": margin_text(margin)}
    else:
        told += " " + _("That is too few to say anything about the whole population.")
    return Plan(
        strata=[_planned(row, wanted[row.code], response_rate, refused.get(row.code, "")) for row in strata],
        sampled=total,
        sampled_text=number(total),
        summary=told,
        refused=list(refused.values()),
    )


def _short(row: StratumRow, wanted: int) -> str:
    return _(
        "“%(name)s”: %(wanted)s would be asked, but the register has %(there)s people there. Choose a smaller sample "
        "or another division."
    ) % {"name": row.code, "wanted": number(wanted), "there": number(row.in_frame)}


def _planned(row: StratumRow, wanted: int, rate: float, refusal: str) -> PlannedStratum:
    return PlannedStratum(
        row.id,
        row.code,
        number(row.population),
        number(wanted),
        number(float(expected_answers(wanted, rate))),
        margin_text(planned_margin(wanted, row.population, rate)),
        refusal,
    )


# ── a register that was refused ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refused:
    """A register with rejected rows: nothing of it was kept."""

    title: str
    accepted: str
    rows: list[str]
    more: str


def refused(frame: FrameFile) -> Refused:
    named, count = [rejected_text(row) for row in frame.rejected], frame.rejected_count
    more = count - len(named)
    return Refused(
        ngettext(
            "%(n)s row was rejected, so nothing was stored.", "%(n)s rows were rejected, so nothing was stored.", count
        )
        % {"n": number(count)},
        ngettext("%(n)s row is in order.", "%(n)s rows are in order.", len(frame.people))
        % {"n": number(len(frame.people))},
        named,
        ngettext("… and %(n)s more.", "… and %(n)s more.", more) % {"n": number(more)} if more else "",
    )


# ── backgrounds ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class MarginNote:
    """Whether the numbers of a background question fit the population."""

    text: str
    agrees: bool


def margin_note(row: BackgroundRow, population: int | None) -> MarginNote | None:
    """None where no number has been given or the population is not known."""
    counts = [choice.population for choice in row.choices if choice.population is not None]
    if not counts or population is None:
        return None
    total = sum(counts)
    words = {"total": number(total), "population": number(population)}
    if total == population:
        return MarginNote(_("Sums to %(total)s, which is the population.") % words, True)
    return MarginNote(
        _("Sums to %(total)s, but the population is %(population)s. Check the numbers: they should sum to it.") % words,
        False,
    )
