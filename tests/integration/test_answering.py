"""A resident answers: links of every kind, pages, what is hidden, what is refused, two languages, sent once."""

import gzip
import io
import logging
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from surveys.log_filter import WithoutCodes
from surveys.models import Comment, Draft, Invitation, Purge, Response, Submission, Wave
from surveys.operations import answering as operations
from surveys.queries import answering as queries
from surveys.queries.answering import Standing
from tests.integration import answering_world
from tests.integration.answering_world import TODAY, World

pytestmark = pytest.mark.django_db

WEIGHT = 60_000


@pytest.fixture(autouse=True)
def _in_swedish() -> Iterator[None]:
    with translation.override("sv"):
        yield


@pytest.fixture
def world() -> World:
    return answering_world.build()


@pytest.fixture
def client() -> Client:
    """A browser without an account, in which the check against forged requests is on."""
    return Client(enforce_csrf_checks=False)


def come(client: Client, world: World, number: int = 0, language: str = "") -> Any:
    return client.get(f"{language}/s/{world.tokens[number]}/", follow=True)


def send(client: Client, page: int, *seen: str, go: str = "next", language: str = "", **fields: Any) -> Any:
    """Fields as question__part: the answer."""
    data = {f"q.{name.replace('__', '.').replace('_', '-')}": value for name, value in fields.items()}
    return client.post(f"{language}/answer/page/{page}/", {"seen": list(seen), "go": go, **data})


def everything(client: Client, world: World) -> None:
    """Answer all pages as somebody without children at school."""
    assert send(client, 1, "place", "recommend", place__0=4, recommend__0=9)["Location"] == "/answer/page/2/"
    assert send(client, 2, "children", children__0=2)["Location"] == "/answer/page/4/"
    fields = {"ways__0": [1, 3], "calls__0": "2", "answer_time__1": 9, "answer_time__2": 4, "chat__1": 1, "chat__2": 3}
    assert send(client, 4, "ways", "calls", "answer-time", "chat", **fields)["Location"] == "/answer/page/5/"
    assert send(client, 5, "sex", "more", sex__0=1, more__0="Mer träd")["Location"] == "/answer/check/"


class TestLinks:
    def test_a_personal_link_takes_the_code_out_of_the_address(self, client: Client, world: World) -> None:
        with CaptureQueriesContext(connection) as asked:
            first = client.get(f"/s/{world.tokens[0]}/")
        assert len(asked) == 0  # so that no failure of the database can write the address into a log
        assert first.status_code == 302
        assert first["Referrer-Policy"] == "no-referrer"
        assert first["Cache-Control"] == "no-store"
        assert world.tokens[0] not in first["Location"]
        start = client.get(first["Location"])
        assert "Medborgarundersökning" in start.content.decode()
        assert world.tokens[0] not in start.content.decode()

    def test_cookies_that_no_script_reads_hold_it_and_none_is_a_session(self, client: Client, world: World) -> None:
        come(client, world)
        client.get("/answer/page/1/")
        holding = {name: cookie for name, cookie in client.cookies.items() if world.tokens[0] in cookie.value}
        assert {(name, cookie["path"]) for name, cookie in holding.items()} == {
            ("answers_sv", "/answer/"),
            ("answers_en", "/en/answer/"),
        }
        assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in holding.values())
        assert "sessionid" not in client.cookies

    @pytest.mark.parametrize("change", ["lower", "spaced"])
    def test_a_code_may_be_typed_as_letters_print_it(self, client: Client, world: World, change: str) -> None:
        code = world.tokens[0]
        typed = code.lower() if change == "lower" else f" {code[:4]}-{code[4:8]} {code[8:]}"
        answer = client.post("/answer/", {"code": typed}, follow=True)
        assert answer.context["asking"].standing == Standing.OPEN

    def test_a_wrong_code_is_told_beside_its_field(self, client: Client, world: World) -> None:
        answer = client.post("/answer/", {"code": "ABCD-EFGH-9999"})
        assert answer.status_code == 422
        assert 'value="ABCD-EFGH-9999"' in answer.content.decode()
        assert "aria-invalid" in answer.content.decode()

    def test_a_wrong_link_says_so_and_offers_the_field(self, client: Client, world: World) -> None:
        answer = client.get("/s/ABCDEFGHJKMN/", follow=True)
        assert answer.status_code == 404
        assert 'name="code"' in answer.content.decode()

    @pytest.mark.parametrize(
        ("of_wave", "status", "standing"),
        [
            ({"state": "preparing"}, 200, Standing.NOT_YET),
            ({"opens_on": date(2098, 1, 1)}, 200, Standing.NOT_YET),
            ({"state": "closed"}, 410, Standing.CLOSED),
            ({"opens_on": date(2020, 1, 1), "closes_on": date(2020, 2, 1)}, 410, Standing.CLOSED),
        ],
    )
    def test_a_wave_that_takes_no_answers_says_so_on_every_page(
        self, client: Client, of_wave: dict[str, Any], status: int, standing: Standing
    ) -> None:
        world = answering_world.build(**of_wave)
        answer = come(client, world)
        assert (answer.status_code, answer.context["asking"].standing) == (status, standing)
        assert "Kvalitetsenheten" in answer.content.decode()
        for address in ("/answer/page/1/", "/answer/check/"):
            assert client.get(address)["Location"] == "/answer/"
            assert client.post(address, {"seen": ["place"], "q.place.0": 1})["Location"] == "/answer/"
        assert not Draft.objects.exists()
        assert not Submission.objects.exists()

    def test_the_first_and_the_last_day_count(self, world: World) -> None:
        Wave.objects.update(opens_on=TODAY, closes_on=TODAY)
        found = [queries.by_token(world.tokens[0], TODAY + timedelta(days=n)).standing for n in (-1, 0, 1)]
        assert found == [Standing.NOT_YET, Standing.OPEN, Standing.CLOSED]

    def test_an_open_link_is_one_only_where_the_wave_has_it(self, client: Client, world: World) -> None:
        assert client.get("/answer/citizens/2026/", follow=True).context["asking"].mode == "link"
        Wave.objects.update(link_open=False)
        assert client.get("/answer/citizens/2026/").status_code == 404
        assert client.get("/answer/page/1/")["Location"] == "/answer/"

    def test_a_household_answers_by_turns_on_one_device(self, client: Client, world: World) -> None:
        come(client, world, 0)
        send(client, 1, "place", "recommend", place__0=4)
        come(client, world, 1)
        assert "checked" not in client.get("/answer/page/1/").content.decode()
        come(client, world, 0)
        assert 'id="q.place.0.4" value="4" checked' in client.get("/answer/page/1/").content.decode()

    @pytest.mark.parametrize(
        "cookie", ["", "x", "t.!!.key.0", f"w.{'9' * 16}.{'a' * 24}.0", f"w.5.{'a' * 24}.0", "~~~"]
    )
    def test_an_invented_cookie_opens_nothing(self, client: Client, world: World, cookie: str) -> None:
        client.cookies["answers_sv"] = cookie
        for address in ("/answer/", "/answer/page/1/", "/answer/check/", "/answer/thanks/", "/answer/leave/"):
            assert client.get(address).status_code in (200, 302, 404)


class TestPages:
    def test_what_was_answered_stands_there_again(self, client: Client, world: World) -> None:
        come(client, world)
        everything(client, world)
        kept = Draft.objects.get()
        assert kept.answers == {
            "place": {"0": 4}, "recommend": {"0": 9}, "children": {"0": 2}, "ways": {"1": 1, "2": 0, "3": 1},
            "calls": {"0": 2.0}, "answer-time": {"1": 9, "2": 4}, "chat": {"1": 1, "2": 3}, "sex": {"0": 1},
            "more": {"0": "Mer träd"},
        }  # fmt: skip
        text = client.get("/answer/page/4/").content.decode()
        for chosen in ("q.ways.0.1", "q.ways.0.3", "q.answer-time.1.9", "q.chat.2.3"):
            assert re.search(rf'id="{re.escape(chosen)}" value="\d+" checked', text), chosen
        assert 'id="q.calls.0" value="2"' in text
        assert "Mer träd" in client.get("/answer/page/5/").content.decode()

    def test_an_answer_can_be_taken_back(self, client: Client, world: World) -> None:
        come(client, world)
        send(client, 4, "ways", "calls", ways__0=[1], calls__0="2")
        send(client, 4, "ways", "calls", go="back")
        assert Draft.objects.get().answers == {}

    def test_a_question_that_was_not_seen_keeps_its_answer(self, client: Client, world: World) -> None:
        """Two pages of one device, one older than the other, never undo each other."""
        come(client, world)
        send(client, 2, "children", "school", children__0=1, school__0=5)
        send(client, 2, "children", children__0=2)
        assert Draft.objects.get().answers["school"] == {"0": 5}

    def test_a_required_question_is_told_with_a_link_and_nothing_is_lost(self, client: Client, world: World) -> None:
        come(client, world)
        answer = send(client, 1, "place", "recommend", recommend__0=9)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert '<a href="#q.place.0.1">' in text
        assert 'id="q.place.fault"' in text
        assert 'id="q.recommend.0.9" value="9" checked' in text
        assert send(client, 1, "place", go="back")["Location"] == "/answer/"  # leaving is never refused

    @pytest.mark.parametrize("typed", ["tre", "51", "-1", "1e3", "12 34 5"])
    def test_a_number_that_cannot_be_kept_stands_there_again(self, client: Client, world: World, typed: str) -> None:
        come(client, world)
        for go in ("next", "back", "language"):
            answer = send(client, 4, "calls", go=go, calls__0=typed)
            assert answer.status_code == 422
            assert f'value="{typed}"' in answer.content.decode()
        assert Draft.objects.get().answers == {}

    def test_zero_times_is_an_answer(self, client: Client, world: World) -> None:
        come(client, world)
        send(client, 4, "calls", calls__0="0")
        assert Draft.objects.get().answers == {"calls": {"0": 0.0}}
        assert 'id="q.calls.0" value="0"' in client.get("/answer/page/4/").content.decode()

    @pytest.mark.parametrize(
        ("fields", "kept"),
        [
            ({"place__0": "no_opinion"}, {"place": {"0": "no_opinion"}}),
            ({"place__0": "99"}, {"place": {"0": "no_opinion"}}),
            ({"place__0": "7"}, {}),
            ({"place__0": "refused"}, {}),
            ({"place__0": "1; DROP"}, {}),
            ({"recommend__0": "11"}, {}),
            ({"recommend__0": "0"}, {}),
            ({"recommend__0": "no_opinion"}, {}),
            ({"recommend__0": "10"}, {"recommend": {"0": 10}}),
        ],
    )
    def test_what_is_no_possible_answer_is_none(
        self, client: Client, world: World, fields: dict[str, Any], kept: dict[str, Any]
    ) -> None:
        come(client, world)
        send(client, 1, "place", "recommend", go="back", **fields)
        assert Draft.objects.get().answers == kept

    def test_several_choices_and_do_not_know_contradict_each_other(self, client: Client, world: World) -> None:
        come(client, world)
        assert send(client, 4, "ways", ways__0=["1", "no_opinion"]).status_code == 422
        send(client, 4, "ways", ways__0=["no_opinion"])
        assert Draft.objects.get().answers == {"ways": dict.fromkeys("123", "no_opinion")}

    def test_a_free_text_is_kept_as_it_was_written_but_for_what_no_text_holds(
        self, client: Client, world: World
    ) -> None:
        come(client, world)
        send(client, 5, "more", go="back", more__0="  <b>Rad 1</b>\r\nRad\x00 2 \x1b[1m ")
        assert Draft.objects.get().answers["more"] == {"0": "<b>Rad 1</b>\nRad 2 [1m"}
        assert "&lt;b&gt;Rad 1&lt;/b&gt;" in client.get("/answer/page/5/").content.decode()
        long = "å" * 4001
        answer = send(client, 5, "more", go="back", more__0=long)
        assert answer.status_code == 422
        assert long in answer.content.decode()

    def test_without_a_script_a_question_that_opens_shows_when_the_page_is_sent(
        self, client: Client, world: World
    ) -> None:
        come(client, world)
        before = client.get("/answer/page/1/").content.decode()
        assert re.search(r'id="q\.why"[^>]* hidden disabled>', before)
        answer = send(client, 1, "place", "recommend", place__0=1)
        assert answer["Location"] == "/answer/page/1/?more=1#q.why"
        assert not re.search(r'id="q\.why"[^>]* hidden', client.get(answer["Location"]).content.decode())
        assert send(client, 1, "place", "recommend", "why", place__0=1)["Location"] == "/answer/page/2/"

    def test_a_page_with_nothing_to_show_is_passed_by_in_both_directions(self, client: Client, world: World) -> None:
        come(client, world)
        assert send(client, 2, "children", children__0=2)["Location"] == "/answer/page/4/"
        assert send(client, 4, "ways", go="back")["Location"] == "/answer/page/2/"
        with_children = send(client, 2, "children", "school", children__0=1)
        assert with_children["Location"] == "/answer/page/3/"

    def test_the_language_is_changed_with_place_and_answers_kept(self, client: Client, world: World) -> None:
        come(client, world)
        answer = send(client, 2, "children", "school", children__0=1, go="language")
        assert answer["Location"] == "/en/answer/page/2/"
        text = client.get("/en/answer/page/2/").content.decode()
        assert "Do you have children at school?" in text
        assert 'id="q.children.0.1" value="1" checked' in text
        assert send(client, 2, "children", go="language", language="/en")["Location"] == "/answer/page/2/"

    def test_a_page_that_is_not_there(self, client: Client, world: World) -> None:
        come(client, world)
        assert client.get("/answer/page/99/").status_code == 404

    def test_what_is_begun_is_found_again_by_the_link_on_the_same_device_only(
        self, client: Client, world: World
    ) -> None:
        come(client, world)
        send(client, 1, "place", "recommend", place__0=3)
        again = come(client, world)
        assert again.context["begun"]
        assert again.context["number"] == 1  # the scale has no answer yet
        other = Client()
        assert not come(other, world).context["begun"]

    def test_leaving_deletes_what_was_begun(self, client: Client, world: World) -> None:
        come(client, world)
        send(client, 1, "place", place__0=3)
        assert client.get("/answer/leave/").status_code == 200
        assert Draft.objects.count() == 1
        client.post("/answer/leave/")
        assert not Draft.objects.exists()
        assert client.get("/answer/page/1/")["Location"] == "/answer/"

    def test_forged_requests_are_refused_and_honest_ones_need_no_session(self, world: World) -> None:
        client = Client(enforce_csrf_checks=True)
        come(client, world)
        client.get("/answer/page/1/")
        assert send(client, 1, "place", place__0=4).status_code == 403
        token = client.cookies["csrftoken"].value
        data = {"seen": ["place"], "q.place.0": 4, "csrfmiddlewaretoken": token}
        assert client.post("/answer/page/1/", data).status_code == 302

    def test_a_page_asks_the_database_a_fixed_number_of_times(self, client: Client, world: World) -> None:
        come(client, world)
        counts = []
        for number in (1, 4):
            with CaptureQueriesContext(connection) as asked:
                client.get(f"/answer/page/{number}/")
            counts.append(len(asked))
        assert counts == [3, 3]  # the site, the invitation, what was begun: the questions were read at the start

    @pytest.mark.parametrize("language", ["", "/en"])
    def test_a_page_weighs_little(self, client: Client, world: World, language: str) -> None:
        come(client, world, language=language)
        for address in ("/answer/", "/answer/page/1/", "/answer/page/4/", "/answer/check/"):
            body = client.get(language + address).content
            names = set(re.findall(rb'(?:href|src)="/static/([^"?]+)"', body))
            assert names
            total = len(gzip.compress(body, 6))
            for name in names:
                found = finders.find(name.decode())
                assert found, name
                total += len(gzip.compress(Path(found).read_bytes(), 6))
            assert total < WEIGHT, (address, total)


class TestSending:
    def test_sent_it_waits_without_the_code_and_the_invitation_is_marked(self, client: Client, world: World) -> None:
        come(client, world)
        everything(client, world)
        review = client.get("/answer/check/").content.decode()
        assert "Mer träd" in review
        assert client.post("/answer/check/")["Location"] == "/answer/thanks/"
        sent = Submission.objects.get()
        assert (sent.stratum, sent.mode, sent.language) == ("north", "web", "sv")
        assert sent.answers["place"] == {"0": 4}
        assert "why" not in sent.answers
        assert "lessons" not in sent.answers
        assert world.tokens[0] not in str(Submission.objects.values())
        assert not Draft.objects.exists()
        assert [i.answered for i in Invitation.objects.order_by("id")] == [True, False, False, False]
        assert client.get("/answer/thanks/").context["nothing"] is False

    def test_a_question_that_was_passed_over_is_not_answered_and_one_not_shown_is_nothing(
        self, client: Client, world: World
    ) -> None:
        come(client, world)
        send(client, 1, "place", "recommend", place__0="no_opinion")
        send(client, 5, "sex", "more", sex__0=2)
        client.post("/answer/check/")
        sent = Submission.objects.get().answers
        assert sent["place"] == {"0": "no_opinion"}
        assert sent["recommend"] == {"0": "refused"}
        assert sent["chat"] == {"1": "refused", "2": "refused"}
        assert sent["ways"] == dict.fromkeys("123", "refused")
        assert not {"why", "school", "lessons", "more"} & set(sent)

    def test_what_is_hidden_again_is_not_sent(self, client: Client, world: World) -> None:
        come(client, world)
        send(client, 1, "place", "recommend", "why", place__0=1, why__0="För mörkt")
        send(client, 1, "place", "recommend", place__0=4)
        send(client, 5, "sex", sex__0=2)
        client.post("/answer/check/")
        assert "why" not in Submission.objects.get().answers

    def test_what_must_be_answered_is_asked_for_before_sending(self, client: Client, world: World) -> None:
        come(client, world)
        send(client, 1, "place", "recommend", place__0=4)
        answer = client.post("/answer/check/")
        assert answer.status_code == 422
        assert '<a href="/answer/page/5/#q.sex">' in answer.content.decode()
        assert not Submission.objects.exists()
        assert Draft.objects.count() == 1

    def test_nothing_is_not_sent(self, client: Client, world: World) -> None:
        come(client, world)
        assert client.get("/answer/check/").context["nothing"]
        assert client.post("/answer/check/")["Location"] == "/answer/thanks/"
        assert client.get("/answer/thanks/").context["nothing"]
        assert not Submission.objects.exists()

    def test_sent_twice_it_counts_once(self, client: Client, world: World) -> None:
        come(client, world)
        everything(client, world)
        before = client.cookies["answers_sv"].value
        for _time in range(3):
            client.cookies["answers_sv"] = before  # as a second press, or the back button, would send it
            assert client.post("/answer/check/")["Location"] in ("/answer/thanks/", "/answer/")
        assert Submission.objects.count() == 1
        assert client.get("/answer/page/1/")["Location"] == "/answer/"
        assert client.post("/answer/page/1/", {"seen": ["place"], "q.place.0": 1})["Location"] == "/answer/"
        assert not Draft.objects.exists()

    def test_by_two_devices_the_first_counts_and_the_second_is_told(self, world: World) -> None:
        one, two = Client(), Client()
        for device in (one, two):
            come(device, world)
            everything(device, world)
        one.post("/answer/check/")
        assert two.post("/answer/check/")["Location"] == "/answer/"
        told = two.get("/answer/")
        assert told.context["before"]
        assert Submission.objects.count() == 1

    def test_by_the_open_link_once_a_device_unless_somebody_else_answers(self, client: Client, world: World) -> None:
        for time in (1, 2):
            client.get("/answer/citizens/2026/", follow=True)
            everything(client, world)
            client.post("/answer/check/")
            client.post("/answer/check/")
            assert Submission.objects.filter(mode="link", stratum="").count() == time
            assert client.get("/answer/citizens/2026/", follow=True).context["before"]
            assert client.post("/answer/leave/", {"again": "1"})["Location"] == "/answer/citizens/2026/"
        assert not Invitation.objects.filter(answered=True).exists()

    def test_a_wave_that_closes_meanwhile_takes_nothing(self, client: Client, world: World) -> None:
        come(client, world)
        everything(client, world)
        key = client.cookies["answers_sv"].value.split(".")[2]
        Wave.objects.update(state="closed")
        with pytest.raises(operations.NotTakenError):
            operations.submit_draft(
                wave_id=world.wave.pk, key=key, mode="web", language="sv", token=world.tokens[0], day=TODAY
            )
        assert client.post("/answer/check/")["Location"] == "/answer/"
        assert not Submission.objects.exists()
        assert not Invitation.objects.filter(answered=True).exists()

    def test_another_waves_code_is_refused(self, world: World) -> None:
        with pytest.raises(operations.NotTakenError) as refusal:
            operations.submit_answers(
                wave_id=world.wave.pk, answers={"sex": {0: 1}}, mode="web", language="sv", token="x", day=TODAY
            )
        assert refusal.value.standing == Standing.UNKNOWN

    def test_a_failure_leaves_the_invitation_unanswered(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(**_values: Any) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(Submission.objects, "create", refuse)
        with pytest.raises(OSError, match="full"):
            operations.submit_answers(
                wave_id=world.wave.pk, answers={"sex": {0: 1}}, mode="web", language="sv", token=world.tokens[0],
                day=TODAY,
            )  # fmt: skip
        assert not Invitation.objects.filter(answered=True).exists()


class TestMixing:
    def answered(self, world: World, count: int, **answers: Any) -> None:
        for code in world.tokens[:count]:
            operations.submit_answers(
                wave_id=world.wave.pk, answers={"sex": {0: 1}} | answers, mode="web", language="sv", token=code,
                day=TODAY,
            )  # fmt: skip

    def test_nine_wait_and_ten_are_mixed(self) -> None:
        world = answering_world.build(12)
        self.answered(world, 9)
        assert operations.mix_all(by=None) == 0
        assert (Submission.objects.count(), Response.objects.count()) == (9, 0)
        world.tokens = world.tokens[9:10]
        self.answered(world, 1)
        assert operations.mix_all(by=None) == 10
        assert (Submission.objects.count(), Response.objects.count()) == (0, 10)

    def test_a_closed_wave_is_mixed_whatever_it_has(self, world: World) -> None:
        self.answered(world, 3)
        Wave.objects.update(state="closed")
        assert operations.mix_submissions(wave_id=world.wave.pk, by=None) == 3
        assert operations.mix_submissions(wave_id=world.wave.pk, by=None) == 0
        assert Response.objects.count() == 3

    def test_what_was_said_is_what_is_kept(self, world: World) -> None:
        from surveys.models import Answer

        answers = {"place": {0: 4}, "calls": {0: 0.0}, "ways": {1: 1, 2: 0, 3: 0}, "recommend": {0: "no_opinion"}}
        self.answered(world, 1, **answers, more={0: "Ring 19121212-1212 om träden"})
        Wave.objects.update(state="closed")
        operations.mix_all(by=None)
        response = Response.objects.get()
        assert (response.stratum, response.mode, response.day, response.weight) == ("north", "web", TODAY, None)
        kept = {
            (row.question_id, row.part): (row.value, row.absence)
            for row in Answer.objects.filter(response_id=response.pk)
        }
        ids = {code: question.pk for code, question in world.questions.items()}
        assert kept == {
            (ids["sex"], 0): (1.0, ""), (ids["place"], 0): (4.0, ""), (ids["calls"], 0): (0.0, ""),
            (ids["ways"], 1): (1.0, ""), (ids["ways"], 2): (0.0, ""), (ids["ways"], 3): (0.0, ""),
            (ids["recommend"], 0): (None, "no_opinion"), (ids["children"], 0): (None, "refused"),
            (ids["answer-time"], 1): (None, "refused"), (ids["answer-time"], 2): (None, "refused"),
            (ids["chat"], 1): (None, "refused"), (ids["chat"], 2): (None, "refused"),
        }  # fmt: skip
        comment = Comment.objects.get()
        assert (comment.question_id, comment.mood, comment.masked) == (ids["more"], "satisfied", 1)
        assert "1212" not in comment.text
        assert "träden" in comment.text


class TestPurging:
    def test_what_lay_untouched_for_a_month_is_deleted_and_written_down(self, world: World) -> None:
        for key, days in (("a", 31), ("b", 30), ("c", 40)):
            operations.save_page(
                wave_id=world.wave.pk, key=key, answers={"sex": {0: 1}}, day=TODAY - timedelta(days=days)
            )
        assert operations.purge_drafts(today=TODAY, by=None) == 2
        assert queries.draft(world.wave.pk, "b") == {"sex": {0: 1}}
        assert list(Purge.objects.values_list("wave", "what", "count")) == [(world.wave.pk, "drafts", 2)]
        assert operations.purge_drafts(today=TODAY, by=None) == 0
        assert Purge.objects.count() == 1

    def test_a_closed_wave_keeps_none(self, world: World) -> None:
        operations.save_page(wave_id=world.wave.pk, key="a", answers={"sex": {0: 1}}, day=TODAY)
        Wave.objects.update(state="closed")
        assert operations.purge_drafts(today=TODAY, by=None) == 1


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """What the project's own handler writes, at the most talkative level but for SQL, which is a developer's."""
    root, sql = logging.getLogger(), logging.getLogger("django.db.backends")
    handler = next(h for h in root.handlers if any(isinstance(f, WithoutCodes) for f in h.filters))
    assert isinstance(handler, logging.StreamHandler)
    level, written = root.level, io.StringIO()
    before = handler.setStream(written)
    root.setLevel(logging.DEBUG)
    sql.setLevel(logging.INFO)
    yield written
    handler.setStream(before)
    root.setLevel(level)
    sql.setLevel(logging.NOTSET)


def test_no_log_holds_a_code_or_an_answer(client: Client, world: World, console: io.StringIO) -> None:
    code = world.tokens[0]
    come(client, world)
    send(client, 1, "place", "why", place__0=1, why__0="hemligt ord")
    client.get("/answer/page/99/")
    come(client, world, language="/en")
    client.get("/s/NOSUCHCODEEE/", follow=True)
    client.post(f"/s/{code}/")
    client.get(f"/s/{code}/more/")
    client.get(f"/S/{code}/")
    client.get(f"/s/{code}/", headers={"host": "elsewhere.example"})
    everything(client, world)
    client.post("/answer/check/")
    told = console.getvalue()
    for address in ("/answer/page/99/", "/s/…", "/S/…"):
        assert f"Not Found: {address}" in told  # the log was listened to
    assert "Method Not Allowed (POST): /s/…" in told
    for secret in (code, "NOSUCHCODEEE", "hemligt"):
        assert secret not in told
