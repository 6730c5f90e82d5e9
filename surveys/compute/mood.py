"""Whether a person is satisfied, by what they answered to the survey's overall question: all that a comment is told."""

from collections.abc import Mapping

from surveys.compute.questionnaire import POSITIVE_FROM, SINGLE_KINDS, Asked, Given

SATISFIED, DISSATISFIED = "satisfied", "dissatisfied"


def mood(overall: Asked | None, given: Mapping[int, Given]) -> str:
    """“satisfied” for a positive option or a grade that counts as positive, “dissatisfied” for any other; "" where
    there is no such question, where it has no opinion or no answer, and where its kind has no positive side."""
    value = given.get(0)
    if overall is None or value is None or isinstance(value, str):
        return ""
    if overall.kind in SINGLE_KINDS:
        positive = any(option.positive and option.value == value for option in overall.options)
    elif overall.kind in POSITIVE_FROM:
        positive = value >= POSITIVE_FROM[overall.kind]
    else:
        return ""
    return SATISFIED if positive else DISSATISFIED
