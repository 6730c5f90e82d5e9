"""Many who answer at the same time, and one who sends twice: no answer is lost, none counts double."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import translation

from surveys.models import Answer, Draft, Invitation, Response, Submission, Wave
from surveys.operations import answering as operations
from tests.integration import answering_world
from tests.integration.answering_world import TODAY, World
from tests.integration.test_answering import come, everything
from tests.integration.test_entry_concurrency import at_once

PEOPLE = 30


@pytest.fixture(autouse=True)
def _in_swedish() -> Iterator[None]:
    with translation.override("sv"):
        yield


@pytest.fixture
def world(transactional_db: None) -> World:
    return answering_world.build(PEOPLE)


def resident(world: World, number: int) -> Callable[[], str]:
    """From the link to thanks in a browser of their own; gives where the sending led."""

    def answer() -> str:
        client = Client()
        come(client, world, number)
        everything(client, world)
        return str(client.post("/answer/check/")["Location"])

    return answer


def test_thirty_residents_and_the_clock_at_once(world: World) -> None:
    """Mixing goes on meanwhile, twice at a time; what was sent is there exactly once."""
    over = threading.Event()

    def clock() -> None:
        while not over.is_set():
            operations.mix_submissions(wave_id=world.wave.pk, least=3, by=None)
            over.wait(0.02)

    def residents() -> list[Any]:
        try:
            return at_once(*(resident(world, number) for number in range(PEOPLE)))
        finally:
            over.set()

    led, *clocks = at_once(residents, clock, clock)
    assert clocks == [None, None]
    assert led == ["/answer/thanks/"] * PEOPLE
    Wave.objects.update(state="closed")
    operations.mix_all(by=None)
    assert Response.objects.count() == PEOPLE
    assert Counter(Response.objects.values_list("stratum", flat=True)) == {"north": PEOPLE // 2, "south": PEOPLE // 2}
    assert Answer.objects.filter(question_id=world.questions["place"].pk, value=4).count() == PEOPLE
    assert Invitation.objects.filter(answered=True).count() == PEOPLE
    assert not Submission.objects.exists()
    assert not Draft.objects.exists()


def test_one_invitation_on_ten_devices_counts_once(world: World) -> None:
    led = at_once(*(resident(world, 0) for _device in range(10)))
    assert set(led) <= {"/answer/thanks/", "/answer/"}, led
    assert Submission.objects.count() == 1
    assert Invitation.objects.filter(answered=True).count() == 1


@pytest.mark.parametrize("mode", ["web", "link"])
def test_pressed_five_times_it_is_sent_once(world: World, mode: str) -> None:
    client = Client()
    if mode == "web":
        come(client, world)
    else:
        client.get("/answer/citizens/2026/", follow=True)
    everything(client, world)
    cookie = client.cookies["answers_sv"].value

    def press() -> str:
        again = Client()
        again.cookies["answers_sv"] = cookie
        return str(again.post("/answer/check/")["Location"])

    led = at_once(*[press] * 5)
    assert set(led) <= {"/answer/thanks/", "/answer/"}, led
    assert Submission.objects.count() == 1
    assert not Draft.objects.exists()


def test_two_tabs_lose_nothing_of_each_other(world: World) -> None:
    pages = [{"sex": {0: 1}}, {"place": {0: 4}}, {"recommend": {0: 9}}, {"chat": {1: 1, 2: 5}}, {"calls": {0: 0.0}}]

    def save(answers: Any) -> Callable[[], Any]:
        return lambda: operations.save_page(wave_id=world.wave.pk, key="k", answers=answers, day=TODAY)

    results = at_once(*map(save, pages))
    assert not [result for result in results if isinstance(result, Exception)], results
    assert set(Draft.objects.get().answers) == {"sex", "place", "recommend", "chat", "calls"}
    connections.close_all()
