"""Invented residents whose answers are known to the last one: a population, samples of it, and its true figures.

Nobody here exists. The parameters stand in `fixtures/surveys/invented`; the same parameters, questionnaire and seed
always give the same people. A person has a general satisfaction, a satisfaction with each topic that follows it in
part, and answers that follow the topic's in part: so topics drive the overall grade, and the figures of all groups are
known. Whether somebody who is asked answers depends on background alone, as a product of one factor for each: raking to
these backgrounds then finds the truth again.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from indicators.sources.definitions import read_yaml
from surveys.compute.collected import ANSWERED, NO_OPINION, NO_ROW, REFUSED, Collected, Column
from surveys.compute.questionnaire import GRADES, PAIRS, SINGLE_KINDS, Absence, Asked, Questionnaire, questions
from surveys.compute.results import positive

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]

OVERALL = "overall"
GENERAL_IN_TOPIC, TOPIC_IN_ANSWER, TOPICS_IN_OVERALL, OF_A_KIND = 0.45, 0.8, 0.9, 0.85
STEP = 0.9  # between two options in words, in standard deviations of an answer
NO_OPINION_RATE, REFUSED_RATE, UNTOLD_RATE, COMMENT_RATE = 0.05, 0.015, 0.01, 0.35
LIKELY_POSITIVE = (0.5, 0.85)  # where a question without parameters has its share of positive answers
GRADE_SPREAD = {"five": 1.0, "ten": 1.9, "expectation": 1.7}
LIKELY_GRADE = {"five": 3.7, "ten": 6.9, "expectation": 8.2}
GAP = 1.3  # by how much experience stays behind expectation where nothing else is said
REASONS = {NO_OPINION: Absence.NO_OPINION.value, REFUSED: Absence.REFUSED.value}
# Part 1 (it is there) and part 2 (it is missing) of a pair for needs, answers 1 like it … 5 dislike it, as shares.
NEEDS = {
    "must_be": ((0.10, 0.50, 0.32, 0.06, 0.02), (0.01, 0.03, 0.10, 0.20, 0.66)),
    "one_dimensional": ((0.68, 0.20, 0.09, 0.02, 0.01), (0.01, 0.03, 0.09, 0.21, 0.66)),
    "attractive": ((0.66, 0.16, 0.14, 0.03, 0.01), (0.02, 0.10, 0.53, 0.29, 0.06)),
    "indifferent": ((0.10, 0.17, 0.58, 0.11, 0.04), (0.03, 0.11, 0.60, 0.20, 0.06)),
}


@dataclass(frozen=True)
class Parameters:
    """What is known of an invented population. Levels are values of options.

    people: how many there are, or wave → how many. backgrounds: question → level → share of the people. strata: the
    background that the sample is drawn by, "" for none; names: its levels' codes. invited: stratum → how many are
    asked, or "all" of them. mode: how answers come in. register: backgrounds that are counted in a register, to weight
    to. response: the highest part that answers; answering: background → level → factor ≤ 1 to it. satisfaction:
    background → level → shift of general satisfaction, in standard deviations. drivers: topic → weight in the overall
    grade. shifts: wave → question or topic → shift of its answers, in standard deviations. asked: question → its own
    parameters: positive (share), grade (mean), shares (by option), effects (background → level → shift), no_opinion
    (share), need, gap, mean and spread (of a number), tone (of comments). comments: whose texts of comments.yaml are
    written.
    """

    code: str
    people: int | Mapping[str, int]
    backgrounds: Mapping[str, Mapping[int, float]]
    invited: Mapping[str, int | str]
    response: float
    register: Sequence[str] = ()
    mode: str = "web"
    strata: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    answering: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    satisfaction: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    drivers: Mapping[str, float] = field(default_factory=dict)
    shifts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    comments: str = ""

    def number(self, wave: str) -> int:
        """People in a wave."""
        return self.people if isinstance(self.people, int) else self.people[wave]

    @staticmethod
    def read(path: Path) -> "Parameters":
        """From a file of `fixtures/surveys/invented`; its name is the survey's code."""
        return Parameters(code=path.stem, **read_yaml(path))


@dataclass(frozen=True)
class Population:
    """All people of a wave. `collected`: what each would answer if asked, with nobody refusing; answering: (N,) the
    chance that somebody who is asked answers; liking: topic → (N,) how satisfied with it, in standard deviations."""

    parameters: Parameters
    wave: str
    questionnaire: Questionnaire
    collected: Collected
    answering: Floats
    liking: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.answering)

    @cached_property
    def by_stratum(self) -> dict[str, NDArray[np.intp]]:
        """Code of stratum → row numbers of its people."""
        codes, places = np.unique(self.collected.strata, return_inverse=True)
        return {str(code): np.flatnonzero(places == place) for place, code in enumerate(codes)}

    def strata(self) -> dict[str, int]:
        """Code of stratum → people."""
        return {code: len(rows) for code, rows in self.by_stratum.items()}

    def margins(self) -> dict[str, dict[int, int]]:
        """Background → level → people, of those that a register counts: what weights are raked to."""
        return {code: self.levels(code) for code in self.parameters.register}

    def levels(self, background: str) -> dict[int, int]:
        """Level → people."""
        levels, counts = np.unique(self.collected.answers(background), return_counts=True)
        return {int(level): int(count) for level, count in zip(levels, counts, strict=True)}


@dataclass(frozen=True)
class Sample:
    """Who was asked, by stratum, and who of the population answered: row numbers, in the order of `collected`."""

    invited: Mapping[str, int]
    rows: NDArray[np.intp]
    collected: Collected


def parameter_files(folder: Path) -> list[Path]:
    """The files of parameters, one a survey."""
    return sorted(path for path in folder.glob("*.yaml") if path.stem != "comments")


# ── the people ────────────────────────────────────────────────────────────────────────────────────────────────────────


def population(questionnaire: Questionnaire, parameters: Parameters, wave: str, seed: int = 0) -> Population:
    """The invented people of a wave and what each would answer. Raises ValueError where the parameters name a
    background that the questionnaire does not ask."""
    unknown = sorted({*parameters.backgrounds} - {*questionnaire.by_code})
    if unknown:
        raise ValueError(f"{parameters.code}: the questionnaire does not ask for the background {', '.join(unknown)}")
    people = _People(parameters, wave, seed)
    values: dict[Column, Floats] = {}
    states: dict[Column, NDArray[np.int8]] = {}
    for asked in questions(questionnaire):
        if asked.kind == "text":
            continue
        shown = _shown(asked, questionnaire, values, people.number)
        silent = people.without_opinion(asked)
        for part, given in people.answers(asked).items():
            state = np.where(shown, np.where(silent, NO_OPINION, ANSWERED), NO_ROW).astype(np.int8)
            values[asked.code, part], states[asked.code, part] = np.where(state == ANSWERED, given, np.nan), state
    collected = Collected(
        strata=people.strata(),
        clusters=np.full(people.number, "", dtype="U1"),
        modes=np.full(people.number, parameters.mode, dtype="U8"),
        weights=np.full(people.number, np.nan),
        columns={column: place for place, column in enumerate(values)},
        values=np.column_stack(list(values.values())),
        state=np.column_stack(list(states.values())),
    )
    return Population(parameters, wave, questionnaire, collected, people.answering(), people.liking)


def truths(people: Population) -> pd.DataFrame:
    """What an estimate should find: columns question, part, statistic, background, level, value, n.

    share: part of 1 with a positive answer (of several choices: who chose `part`) among those with an opinion; mean: of
    grades and numbers. background "" is everybody, then every level of each. n: people with an answer.
    """
    groups: list[tuple[str, int | None, Masks]] = [("", None, np.ones(len(people), dtype=bool))]
    for code in people.parameters.backgrounds:
        groups += [(code, level, people.collected.answers(code) == level) for level in people.levels(code)]
    rows = []
    for asked in questions(people.questionnaire):
        if asked.background:
            continue
        for statistic, part, values in figures_of(people.collected, asked):
            for background, level, inside in groups:
                known = values[inside & ~np.isnan(values)]
                value = float(known.mean()) if len(known) else np.nan
                rows.append((asked.code, part, statistic, background, level, value, len(known)))
    return pd.DataFrame(rows, columns=["question", "part", "statistic", "background", "level", "value", "n"])


def figures_of(collected: Collected, asked: Asked) -> Iterator[tuple[str, int, Floats]]:
    """(statistic, part, (n,) values) of a question: 1, 0 and NaN for shares, answers and NaN for means."""
    ones = positive(collected, asked)
    if ones is not None:
        yield "share", 0, ones
    if asked.kind == "multiple":
        yield from (("share", part, collected.answers(asked.code, part)) for part in asked.parts)
    if asked.kind in ("five", "ten", "number", "expectation"):
        yield from (("mean", part, collected.answers(asked.code, part)) for part in asked.parts)


# ── the sample ────────────────────────────────────────────────────────────────────────────────────────────────────────


def draw(people: Population, seed: int = 0) -> Sample:
    """A stratified random sample without replacement, and who of it answers; some pass over a question."""
    rng = _random(people.parameters.code, people.wave, "sample", str(seed))
    invited, asked_rows = {}, []
    for stratum, rows in people.by_stratum.items():
        wanted = people.parameters.invited[stratum]
        number = len(rows) if wanted == "all" else min(int(wanted), len(rows))
        asked_rows.append(rng.choice(rows, number, replace=False))
        invited[stratum] = number
    chosen = np.concatenate(asked_rows)
    rows = np.sort(chosen[rng.random(len(chosen)) < people.answering[chosen]])
    return Sample(invited, rows, _with_refusals(people, rows, rng))


def _with_refusals(people: Population, rows: NDArray[np.intp], rng: np.random.Generator) -> Collected:
    whole = people.collected
    values, state = whole.values[rows], whole.state[rows].copy()
    for (code, _part), place in whole.columns.items():
        asked = people.questionnaire.by_code[code]
        if asked.shown_by:
            decides = people.questionnaire.by_code[asked.shown_by]
            places = [whole.columns[decides.code, each] for each in decides.parts]
            state[(state[:, places] == REFUSED).all(axis=1), place] = NO_ROW
        if asked.required:
            continue
        passed = rng.random(len(rows)) < (UNTOLD_RATE if asked.background else REFUSED_RATE)
        offered = asked.background and any(option.no_opinion for option in asked.options)
        state[passed & (state[:, place] != NO_ROW), place] = NO_OPINION if offered else REFUSED
    return Collected(
        whole.strata[rows], whole.clusters[rows], whole.modes[rows], whole.weights[rows],
        whole.columns, np.where(state == ANSWERED, values, np.nan), state,
    )  # fmt: skip


def responses(sample: Sample, opens_on: date, closes_on: date, seed: int = 0) -> pd.DataFrame:
    """Columns stratum, cluster, mode, day, weight; a row a response. Most answer in the first days."""
    rng = _random("days", str(opens_on), str(seed))
    length = (closes_on - opens_on).days
    days = np.minimum(rng.exponential(max(length, 1) / 4, len(sample.rows)).astype(int), length)
    return pd.DataFrame(
        {
            "stratum": sample.collected.strata,
            "cluster": sample.collected.clusters,
            "mode": sample.collected.modes,
            "day": [opens_on + timedelta(days=int(day)) for day in days],
            "weight": np.full(len(sample.rows), np.nan),
        }
    )


def answers(people: Population, sample: Sample) -> pd.DataFrame:
    """Columns respondent (row of `responses`), question_id, part, value, absence ("" for an answer); a row an answer.
    What was not shown has no row."""
    parts = []
    for (code, part), place in sample.collected.columns.items():
        state = sample.collected.state[:, place]
        rows = np.flatnonzero(state != NO_ROW)
        parts.append(
            pd.DataFrame(
                {
                    "respondent": rows,
                    "question_id": people.questionnaire.by_code[code].question_id,
                    "part": part,
                    "value": sample.collected.values[rows, place],
                    "absence": [REASONS.get(int(each), "") for each in state[rows]],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def comments(people: Population, sample: Sample, texts: Mapping[str, Any], seed: int = 0) -> pd.DataFrame:
    """Columns respondent, question_id, text, mood: what those who write a comment write, unmasked.

    texts: the content of comments.yaml. mood: whether the person is satisfied on the whole. The satisfied praise the
    topic they like most, others complain of the one they like least, unless the question asks for one of the two
    (its parameter `tone`). A text comes again only when all of its kind have been used.
    """
    asked = [q for q in questions(people.questionnaire) if q.kind == "text"]
    rng = _random(people.parameters.code, people.wave, "comments", str(seed))
    themes: Mapping[str, Mapping[str, Sequence[str]]] = texts["surveys"][people.parameters.comments or "citizen"]
    used: dict[tuple[str, str], list[str]] = {}
    rows = []
    for question in asked:
        tone = people.parameters.asked.get(question.code, {}).get("tone")
        for respondent, row in enumerate(sample.rows):
            if rng.random() >= COMMENT_RATE:
                continue
            liking = {topic: float(people.liking[topic][row]) for topic in people.liking}
            mood = "satisfied" if liking[OVERALL] + 0.3 * rng.normal() > 0 else "dissatisfied"
            strength = {name: liking.get(name, liking[OVERALL]) + 0.8 * rng.normal() for name in themes}
            said = tone or mood
            theme = (max if said == "satisfied" else min)(strength, key=lambda name: strength[name])
            left = used.setdefault((theme, said), [])
            if not left:
                left += rng.permutation(np.array(themes[theme][said], dtype=object)).tolist()
            words = {slot: str(rng.choice(options)) for slot, options in texts["slots"].items()}
            rows.append((respondent, question.question_id, left.pop().format(**words), mood))
    return pd.DataFrame(rows, columns=["respondent", "question_id", "text", "mood"])


# ── how a person answers ──────────────────────────────────────────────────────────────────────────────────────────────


def _random(*names: str) -> np.random.Generator:
    """Every question has numbers of its own, so that one more question changes no other answers."""
    return np.random.default_rng([zlib.crc32(name.encode()) for name in names])


def _shown(asked: Asked, questionnaire: Questionnaire, values: Mapping[Column, Floats], people: int) -> Masks:
    """Who sees the question: `is_shown` for everybody at once."""
    if not asked.shown_by:
        return np.ones(people, dtype=bool)
    decides = questionnaire.by_code[asked.shown_by]
    shown = np.zeros(people, dtype=bool)
    if decides.kind == "multiple":
        for value in asked.shown_values:
            shown |= values.get((decides.code, value), np.zeros(people)) == 1
        return shown
    for part in decides.parts:
        shown |= np.isin(values[decides.code, part], asked.shown_values)
    return shown


class _People:
    """The people of one wave while their answers are made."""

    def __init__(self, parameters: Parameters, wave: str, seed: int) -> None:
        self.parameters, self.wave, self.seed = parameters, wave, str(seed)
        self.number = parameters.number(wave)
        self.backgrounds = {
            code: self._spread(f"background {code}", shares) for code, shares in parameters.backgrounds.items()
        }
        self.general = self._noise("general") + self._by_background(parameters.satisfaction)
        self.liking: dict[str, Floats] = {}
        for topic in parameters.drivers:
            self._like(topic)
        driven = sum((weight * self.liking[topic] for topic, weight in parameters.drivers.items()), self.general * 0)
        spread = driven.std() if parameters.drivers else 1.0
        part = TOPICS_IN_OVERALL if parameters.drivers else 0.0
        self.liking[OVERALL] = part * driven / spread + _rest(part) * self._noise(OVERALL)

    def _noise(self, name: str) -> Floats:
        return self._rng(name).normal(size=self.number)

    def _rng(self, name: str) -> np.random.Generator:
        return _random(self.parameters.code, self.wave, self.seed, name)

    def _spread(self, name: str, shares: Mapping[int, float]) -> Floats:
        """Each level to exactly its share of the people, in random order."""
        parts = np.cumsum(list(shares.values())) / sum(shares.values())
        place = (np.arange(self.number) + 0.5) / self.number
        levels = np.array(list(shares), dtype=float)[np.searchsorted(parts, place)]
        return self._rng(name).permutation(levels)

    def _by_background(self, shifts: Mapping[str, Mapping[int, float]]) -> Floats:
        total = np.zeros(self.number)
        for code, levels in shifts.items():
            for level, shift in levels.items():
                total += shift * (self.backgrounds[code] == level)
        return total

    def _like(self, topic: str) -> Floats:
        if topic not in self.liking:
            own = _rest(GENERAL_IN_TOPIC) * self._noise(f"topic {topic}")
            shift = self.parameters.shifts.get(self.wave, {}).get(topic, 0.0)
            self.liking[topic] = GENERAL_IN_TOPIC * self.general + own + shift
        return self.liking[topic]

    def strata(self) -> NDArray[np.str_]:
        if not self.parameters.strata:
            return np.full(self.number, next(iter(self.parameters.invited)), dtype="U40")
        levels = self.backgrounds[self.parameters.strata].astype(int)
        return np.array([self.parameters.names[level] for level in levels], dtype="U40")

    def answering(self) -> Floats:
        """(N,) the chance to answer: a product of one factor a background."""
        chance = np.full(self.number, self.parameters.response)
        for code, factors in self.parameters.answering.items():
            for level, factor in factors.items():
                chance[self.backgrounds[code] == level] *= factor
        return chance

    def without_opinion(self, asked: Asked) -> Masks:
        """Who would say “don't know”: only where the question offers it."""
        own = self.parameters.asked.get(asked.code, {})
        offered = any(option.no_opinion for option in asked.options) and not asked.background
        rate = own.get("no_opinion", NO_OPINION_RATE) if offered else 0.0
        # Who has no opinion on one thing has none on others either.
        silence = OF_A_KIND * self._noise("no opinion") + _rest(OF_A_KIND) * self._noise(f"no opinion {asked.code}")
        return np.asarray(silence < ndtri(rate))

    def answers(self, asked: Asked) -> dict[int, Floats]:
        """Part → (N,) what everybody would answer if they saw it and had an opinion."""
        if asked.code in self.backgrounds:
            return {0: self.backgrounds[asked.code]}
        own = self.parameters.asked.get(asked.code, {})
        if asked.kind == "multiple":
            shares = own.get("shares", {})
            return {
                part: (self._rng(f"{asked.code} {part}").random(self.number) < shares.get(part, 0.3)) * 1.0
                for part in asked.parts
            }
        if asked.kind in PAIRS:
            return self._needs(asked, own) if asked.kind == "kano" else self._expectation(asked, own)
        if asked.kind == "number":
            return {0: self._number(asked, own)}
        if asked.kind in SINGLE_KINDS:
            return {0: self._choice(asked, own)}
        low, high = GRADES[asked.kind]
        grade = own.get("grade", LIKELY_GRADE[asked.kind])
        return {0: _grades(grade + GRADE_SPREAD[asked.kind] * self._latent(asked, own), low, high)}

    def _latent(self, asked: Asked, own: Mapping[str, Any], name: str = "") -> Floats:
        """(N,) how well each likes what is asked about, of about unit spread."""
        topic = self.liking[OVERALL] if asked.topic == OVERALL else self._like(asked.topic or asked.code)
        shift = self.parameters.shifts.get(self.wave, {}).get(asked.code, 0.0)
        latent = TOPIC_IN_ANSWER * topic + _rest(TOPIC_IN_ANSWER) * self._noise(f"answer {asked.code} {name}")
        return latent + shift + self._by_background(own.get("effects", {}))

    def _choice(self, asked: Asked, own: Mapping[str, Any]) -> Floats:
        options = [option for option in asked.options if not option.no_opinion]
        good = [option for option in options if option.positive]
        values = np.array([option.value for option in options], dtype=float)
        if "shares" in own or not good:
            shares = own.get("shares") or {option.value: 0.6**place for place, option in enumerate(options)}
            return self._spread(f"answer {asked.code}", {int(v): float(shares.get(int(v), 0.0)) for v in values})
        best_first = options[0].positive
        if best_first:
            values = values[::-1]  # from the worst to the best, as the latent grows
        share = own.get("positive", _between(*LIKELY_POSITIVE, asked.code))
        start = float(ndtri(1 - share))
        others = len(options) - len(good)
        edges = start + STEP * (np.arange(1, len(options)) - others)
        return values[np.searchsorted(edges, self._latent(asked, own))]

    def _expectation(self, asked: Asked, own: Mapping[str, Any]) -> dict[int, Floats]:
        low, high = GRADES["expectation"]
        wanted = own.get("grade", LIKELY_GRADE["expectation"]) + self._noise(f"expectation {asked.code}")
        met = wanted - own.get("gap", GAP) + GRADE_SPREAD["expectation"] * self._latent(asked, own)
        return {1: _grades(wanted, low, high), 2: _grades(met, low, high)}

    def _needs(self, asked: Asked, own: Mapping[str, Any]) -> dict[int, Floats]:
        rng = self._rng(f"need {asked.code}")
        there, missing = NEEDS[own.get("need", "one_dimensional")]
        low, high = GRADES["kano"]
        grades = np.arange(low, high + 1, dtype=float)
        return {1: rng.choice(grades, self.number, p=there), 2: rng.choice(grades, self.number, p=missing)}

    def _number(self, asked: Asked, own: Mapping[str, Any]) -> Floats:
        least = 0.0 if asked.minimum is None else asked.minimum
        most = least + 100.0 if asked.maximum is None else asked.maximum
        mean, spread = own.get("mean", (least + most) / 3), own.get("spread", (most - least) / 6)
        return np.clip(np.round(mean + spread * self._noise(f"answer {asked.code}")), least, most)


def _grades(latent: Floats, low: int, high: int) -> Floats:
    return np.clip(np.round(latent), low, high)


def _rest(part: float) -> float:
    """The weight of noise beside a part of unit spread, so that both together have unit spread."""
    return float(np.sqrt(1 - part**2))


def _between(low: float, high: float, name: str) -> float:
    return low + (high - low) * (zlib.crc32(name.encode()) % 1000) / 1000
