"""The way of a wave: what is done, what is next, what blocks; one step at most is next."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from django.utils import translation

from surveys.read_models.wave import Standing, Step, steps

START = Standing(
    state="preparing", opens_on=None, closes_on=None, today=date(2026, 9, 1), link_open=False, pages=0, questions=0,
    lacks=1, frame=False, invited=0, answered=0, mailings=0, waiting=0, responses=0, imports=0, comments=0, draft=False,
    blocked=False, released=False,
)  # fmt: skip
WRITTEN = replace(START, pages=3, questions=12, lacks=0)
INVITED = replace(WRITTEN, frame=True, invited=400, mailings=1, closes_on=date(2026, 9, 30))
GOING = replace(INVITED, state="open", opens_on=date(2026, 8, 20), answered=100, waiting=4, responses=96)
CLOSED = replace(GOING, state="closed", waiting=0, responses=100)


def told(standing: Standing) -> dict[str, Step]:
    with translation.override("en"):
        return {step.key: step for step in steps(standing)}


def states(standing: Standing) -> dict[str, str]:
    return {key: step.state for key, step in told(standing).items()}


def next_of(standing: Standing) -> list[str]:
    return [key for key, state in states(standing).items() if state == "next"]


@pytest.mark.parametrize(
    ("standing", "following"),
    [
        (START, ["questionnaire"]),
        (WRITTEN, ["sample"]),
        (replace(WRITTEN, link_open=True), ["open"]),
        (replace(INVITED, mailings=0), ["letters"]),
        (INVITED, ["open"]),
        (replace(GOING, today=date(2026, 10, 1)), ["close"]),
        (CLOSED, ["results"]),
        (replace(CLOSED, draft=True), ["release"]),
        (replace(CLOSED, released=True), []),
    ],
)
def test_what_is_next(standing: Standing, following: list[str]) -> None:
    assert next_of(standing) == following


def test_while_answers_come_in_nothing_else_presses_but_closing_is_at_hand() -> None:
    found = told(GOING)
    assert found["answers"].state == "going"
    assert next_of(GOING) == []
    assert found["close"].act == "close"
    assert "100 answers have come in. Of the sample 100 of 400 have answered: a response rate of 25.0" in (
        found["answers"].text
    )


def test_nobody_answered_is_a_rate_of_nought_and_not_left_out() -> None:
    text = told(replace(GOING, answered=0, waiting=0, responses=0))["answers"].text
    assert "0 of 400" in text
    assert "0.0" in text


def test_opening_says_what_blocks_it() -> None:
    standing = replace(WRITTEN, link_open=True, closes_on=date(2026, 8, 31), opens_on=date(2026, 9, 2))
    assert len(told(standing)["open"].blocks) == 2
    assert told(replace(standing, closes_on=None))["open"].blocks[0] == "The last day for answers is not set."
    fine = replace(standing, opens_on=None, closes_on=date(2026, 9, 1))
    assert told(fine)["open"].blocks == ()


def test_a_prepared_mailing_is_not_told_as_sent() -> None:
    assert told(INVITED)["letters"].text == "1 mailing is prepared or sent."


def test_one_step_at_most_is_next_whatever_has_happened() -> None:
    for state, lacks, invited, link, draft in product(
        ("preparing", "open", "closed"), (0, 2), (0, 9), (True, False), (True, False)
    ):
        standing = replace(INVITED, state=state, lacks=lacks, invited=invited, link_open=link, draft=draft)
        assert len(next_of(standing)) <= 1
