"""What a wave's results are estimated from."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveys.compute.collected import ANSWERED, NO_OPINION, NO_ROW, REFUSED, Collected
from surveys.compute.results import IndexOf
from surveys.compute.weighing import Plan
from surveys.models import Answer, Invitation, Margin, Mode, Question, Response, SatisfactionIndex, Stratum, Wave
from surveys.models.answers import NoAnswer

STATE = {"": ANSWERED, NoAnswer.NO_OPINION.value: NO_OPINION, NoAnswer.REFUSED.value: REFUSED}
ROW = np.dtype([("response", "i8"), ("question", "i8"), ("part", "i2"), ("value", "f8"), ("state", "i1")])
BATCH = 20_000
HIGHEST_ID = float(2**62)


def collected(wave: Wave) -> Collected:
    """Every response of a wave with its answers (3 queries; memory: 27 bytes an answer while they are read)."""
    responses = list(
        Response.objects.filter(wave=wave).order_by("id").values_list("id", "stratum", "cluster", "mode", "weight")
    )
    ids = np.array([row[0] for row in responses], dtype=np.int64)
    codes = dict(Question.objects.filter(survey_id=wave.survey_id).values_list("pk", "code"))
    rows = np.fromiter(_answers(wave), dtype=ROW)
    keys, column = np.unique(rows["question"] * 65536 + (rows["part"].astype(np.int64) + 32768), return_inverse=True)
    values = np.full((len(ids), len(keys)), np.nan)
    state = np.full((len(ids), len(keys)), NO_ROW, dtype=np.int8)
    place = np.searchsorted(ids, rows["response"])
    values[place, column], state[place, column] = rows["value"], rows["state"]
    return Collected(
        strata=np.array([row[1] for row in responses], dtype=str),
        clusters=np.array([row[2] for row in responses], dtype=str),
        modes=np.array([row[3] for row in responses], dtype=str),
        weights=np.array([np.nan if row[4] is None else row[4] for row in responses], dtype=float),
        columns={(codes[int(key) // 65536], int(key) % 65536 - 32768): i for i, key in enumerate(keys)},
        values=values,
        state=state,
        lots=_lots(ids),
    )


def _lots(ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number from 0 to 1 for each response, the same whenever results are made: its identity is random already."""
    return ids.astype(np.float64) / HIGHEST_ID


def _answers(wave: Wave) -> Iterable[tuple[int, int, int, float, int]]:
    of_wave = Response.objects.filter(wave=wave).values("id")
    stored = Answer.objects.filter(response_id__in=of_wave)
    for response, question, part, value, absence in stored.values_list(
        "response_id", "question_id", "part", "value", "absence"
    ).iterator(chunk_size=BATCH):
        yield response, question, part, np.nan if value is None else value, STATE[absence]


def plan(wave: Wave) -> Plan:
    """How a wave is to be weighed (2 queries)."""
    strata = list(Stratum.objects.filter(wave=wave).values_list("code", "population", "sampled"))
    margins: dict[str, dict[int, int]] = defaultdict(dict)
    counted = Margin.objects.filter(wave=wave).order_by("question__code", "value")
    for code, value, people in counted.values_list("question__code", "value", "population"):
        margins[code][value] = people
    return Plan(
        weighting=wave.weighting,  # type: ignore[arg-type]  # held to these words by the database
        population={code: people for code, people, _sampled in strata},
        sampled={code: sampled for code, _people, sampled in strata},
        size=wave.population,
        margins=dict(margins),
        adjust_lonely=wave.adjust_lonely,
        least=wave.survey.least_base,
    )


def indices(survey_id: int) -> list[IndexOf]:
    """The indices of a survey (1 query)."""
    return [
        IndexOf(
            index.code,
            tuple((i["question"], float(i["lo"]), float(i["hi"]), float(i.get("weight", 1))) for i in index.items),
            index.least_items,
        )
        for index in SatisfactionIndex.objects.filter(survey_id=survey_id)
    ]


def has_answers_of_others(wave: Wave) -> bool:
    """Whether answers were read in beside a sample that was invited from here: they may be others' (2 queries)."""
    read_in = Response.objects.filter(wave=wave, mode=Mode.IMPORT)
    return read_in.exists() and Invitation.objects.filter(wave=wave).exists()


def response_by_stratum(wave: Wave) -> list[dict[str, Any]]:
    """Of each stratum how many people, invited and answered (3 queries). Answers by the open link are in no stratum;
    where people were invited from here, answers that were read in from elsewhere are not told to be theirs."""
    answered: dict[str, int] = defaultdict(int)
    others = [Mode.LINK, Mode.IMPORT] if Invitation.objects.filter(wave=wave).exists() else [Mode.LINK]
    for stratum in Response.objects.filter(wave=wave).exclude(mode__in=others).values_list("stratum", flat=True):
        answered[stratum] += 1
    return [
        {"code": s.code, "population": s.population, "invited": s.sampled, "answered": answered[s.code]}
        for s in Stratum.objects.filter(wave=wave).order_by("code")
    ]
