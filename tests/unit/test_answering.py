"""Answering without a database: questions as fields, what is sent read back, the way through pages, moods."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from surveys.compute.mood import mood
from surveys.compute.questionnaire import LONGEST_TEXT, PAIRS, Asked, Choice, Given, Page, Questionnaire, is_possible
from surveys.forms.answering import Handed, read_page
from surveys.log_filter import IN_ADDRESS
from surveys.read_models.answering import field_name, first_page, question_views, review, way
from surveys.views.device import Device

KINDS = ("share", "five", "ten", "single", "multiple", "number", "text", "expectation", "kano")
WORDS = (Choice(1, "Dåligt"), Choice(2, "Bra", positive=True), Choice(9, "Vet ej", no_opinion=True))


@pytest.fixture(autouse=True)
def _in_swedish() -> Iterator[None]:
    with translation.override("sv"):
        yield


def asked(code: str, kind: str = "share", **more: Any) -> Asked:
    options = WORDS if kind in ("share", "single", "multiple") else ()
    return Asked(
        **({"item_id": 1, "question_id": 1, "code": code, "kind": kind, "text": code, "options": options} | more)
    )


def asking(*pages: tuple[Asked, ...]) -> Questionnaire:
    return Questionnaire.of(1, [Page(n, f"Sida {n}", "", questions) for n, questions in enumerate(pages, start=1)])


def sent(questions: list[Asked], **fields: Any) -> Handed:
    data = QueryDict(mutable=True)
    data.setlist("seen", [question.code for question in questions])
    for name, values in fields.items():
        code, part = name.rsplit("__", 1)
        data.setlist(field_name(code, int(part)), values if isinstance(values, list) else [values])
    return read_page(questions, data)


class TestMood:
    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            ("share", 2, "satisfied"), ("share", 1, "dissatisfied"), ("share", "no_opinion", ""),
            ("five", 4, "satisfied"), ("five", 3, "dissatisfied"), ("ten", 7, "satisfied"), ("ten", 6, "dissatisfied"),
            ("number", 0, ""), ("kano", 1, ""),
        ],
    )  # fmt: skip
    def test_of_an_answer(self, kind: str, value: Given, expected: str) -> None:
        assert mood(asked("overall", kind), {0: value}) == expected

    def test_nothing_tells_nothing(self) -> None:
        assert mood(None, {0: 1}) == mood(asked("overall"), {}) == mood(asked("overall"), {0: "refused"}) == ""


class TestFields:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_has_fields_with_ids_of_their_own(self, kind: str) -> None:
        question = asked("q", kind, second_text="Andra halvan")
        (view,) = question_views([question], asking((question,)), {})
        ids = [tick.id for part in view.parts for tick in (*part.ticks, *([part.apart] if part.apart else []))]
        assert len(set(ids)) == len(ids)
        assert len(view.parts) == (2 if kind in PAIRS else 1)
        assert view.first_field in [*ids, view.parts[0].id]

    def test_do_not_know_stands_apart(self) -> None:
        (view,) = question_views([asked("q")], asking((asked("q"),)), {"q": {0: "no_opinion"}})
        assert [tick.label for tick in view.parts[0].ticks] == ["Dåligt", "Bra"]
        assert view.parts[0].apart is not None
        assert (view.parts[0].apart.label, view.parts[0].apart.chosen) == ("Vet ej", True)

    def test_the_ends_of_a_scale_are_said_with_their_numbers(self) -> None:
        question = asked("q", "ten", options=(Choice(1, "Lägst"), Choice(10, "Högst")))
        (view,) = question_views([question], asking((question,)), {})
        notes = [(tick.label, tick.note) for tick in view.parts[0].ticks if tick.note]
        assert notes == [("1", "Lägst"), ("10", "Högst")]
        assert len(view.parts[0].ticks) == 10

    @pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (2.0, "2"), (2.5, "2,5"), (1234.0, "1\u202f234")])
    def test_a_number_stands_as_it_is_read_again(self, value: float, text: str) -> None:
        question = asked("q", "number")
        (view,) = question_views([question], asking((question,)), {"q": {0: value}})
        assert view.parts[0].typed == text
        assert sent([question], q__0=text).answers == {"q": {0: value}}


class TestReading:
    @given(st.sampled_from(KINDS), st.lists(st.text(max_size=30), max_size=4), st.sampled_from([0, 1, 2]))
    def test_whatever_is_sent_becomes_a_possible_answer_or_none(self, kind: str, texts: list[str], part: int) -> None:
        question = asked("q", kind, minimum=0.0, maximum=10.0)
        with translation.override("sv"):
            handed = sent([question], **{f"q__{part}": texts})
        for number, value in handed.answers["q"].items():
            assert number in question.parts
            assert is_possible(question, value)
            assert "\x00" not in str(value)

    @given(st.integers(1, 10))
    def test_a_grade_comes_back_as_it_was_chosen(self, grade: int) -> None:
        assert sent([asked("q", "ten")], q__0=str(grade)).answers == {"q": {0: grade}}

    def test_a_question_that_was_not_seen_is_not_answered(self) -> None:
        assert read_page([asked("q")], QueryDict("q.q.0=1")).answers == {}

    def test_nobody_can_refuse_by_a_field(self) -> None:
        assert sent([asked("q")], q__0="refused").answers == {"q": {}}
        assert sent([asked("q", "ten")], q__0="no_opinion").answers == {"q": {}}  # it offers none

    def test_a_text_at_the_limit_is_taken_and_one_beyond_is_told(self) -> None:
        question = asked("q", "text")
        assert sent([question], q__0="å" * LONGEST_TEXT).faults == {}
        beyond = sent([question], q__0="å" * (LONGEST_TEXT + 1))
        assert set(beyond.faults) == {"q"}
        assert len(beyond.typed["q.q.0"]) == LONGEST_TEXT + 1


class TestWay:
    ASKED = asking(
        (asked("a"),),
        (asked("b", shown_by="a", shown_values=(1,)),),
        (asked("c"), asked("d", shown_by="c", shown_values=(2,))),
        (),
    )

    def test_hidden_pages_are_not_counted(self) -> None:
        hidden, open_ = way(self.ASKED, {}, 3), way(self.ASKED, {"a": {0: 1}}, 3)
        assert (hidden.position, hidden.count, hidden.before, hidden.after) == (2, 3, 1, 4)
        assert (open_.position, open_.count, open_.before, open_.after) == (3, 4, 2, 4)

    def test_one_goes_on_where_something_is_open(self) -> None:
        assert first_page(self.ASKED, {}) == 1
        assert first_page(self.ASKED, {"a": {0: 2}}) == 3
        assert first_page(self.ASKED, {"a": {0: 1}}) == 2
        assert first_page(self.ASKED, {"a": {0: 2}, "c": {0: 1}}) == 4

    def test_what_would_be_sent_is_told_in_words(self) -> None:
        pages = asking((asked("a"), asked("b"), asked("e", "multiple")))
        told = review(pages, {"a": {0: "no_opinion"}, "e": {1: 1, 2: 1}}, ["b"])
        assert [(line.answer, line.lacking) for line in told[0].answered] == [
            ("Vet ej", False), ("", True), ("Dåligt, Bra", False),
        ]  # fmt: skip


class TestDevice:
    def test_a_known_link_keeps_its_key_and_comes_to_the_front(self) -> None:
        device = Device().opened("t", "AAAA").opened("t", "BBBB").opened("t", "AAAA")
        assert [entry.which for entry in device.entries] == ["AAAA", "BBBB"]
        assert device.entries[0].key == Device(device.entries[:1]).opened("t", "AAAA").entries[0].key

    def test_only_a_few_are_kept(self) -> None:
        device = Device()
        for number in range(9):
            device = device.opened("t", f"A{number}")
        assert [entry.which for entry in device.entries] == ["A8", "A7", "A6", "A5"]

    def test_keys_cannot_be_guessed(self) -> None:
        keys = {Device().opened("w", "1").entries[0].key for _ in range(50)}
        assert len(keys) == 50
        assert min(map(len, keys)) >= 32


@pytest.mark.parametrize(
    "line",
    ["Not Found: /s/ABCD/", "Internal Server Error: /en/s/ABCD/", "<WSGIRequest: GET '/s/ABCD/'>", "/S/ABCD?x=ABCD"],
)
def test_a_code_in_an_address_is_told_nobody(line: str) -> None:
    assert "ABCD" not in IN_ADDRESS.sub(r"\1…", line)
    assert "/s/…" in IN_ADDRESS.sub(r"\1…", line).lower()
