"""Files of answers: what columns mean, how texts become answers, what is rejected."""

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.compute.answer_mapping import AnswerMapping, Known, guessed
from surveys.compute.answer_rows import Understood, understand
from surveys.compute.answer_table import AnswerTable, Role, Sample, Target, content_digest, samples, table_of
from surveys.compute.questionnaire import (
    Asked,
    Choice,
    Page,
    Questionnaire,
    completed,
    questions,
)

OPINIONS = (
    Choice(1, "Mycket dålig"), Choice(2, "Dålig"), Choice(3, "Bra", positive=True),
    Choice(4, "Mycket bra", positive=True), Choice(9, "Vet ej", no_opinion=True),
)  # fmt: skip
ENGLISH = {"very bad": 1, "bad": 2, "good": 3, "very good": 4, "don't know": 9}
WAYS = (Choice(1, "Telefon"), Choice(2, "E-post"), Choice(5, "Besök"))


def known(code: str, kind: str, place: tuple[int, int] = (1, 1), **more: Any) -> Known:
    labels = more.pop("labels", {})
    asked = Asked(item_id=0, question_id=more.pop("id"), code=code, kind=kind, text=f"Om {code}?", **more)
    own = {option.label.casefold(): option.value for option in asked.options}
    seconds = frozenset({asked.second_text.casefold().rstrip("?")}) if asked.second_text else frozenset()
    return Known(asked, place, frozenset({f"om {code}"}), seconds, own | labels)


KNOWN = [
    known("safety", "share", (1, 1), id=1, options=OPINIONS, labels=ENGLISH),
    known("grade", "ten", (1, 2), id=2),
    known("contact", "multiple", (1, 3), id=3, options=WAYS),
    known("reply", "five", (2, 1), id=4, shown_by="contact", shown_values=(2,)),
    known("visits", "number", (2, 2), id=5, minimum=0, maximum=50),
    known("care", "expectation", (2, 3), id=6, second_text="Hur blev det?"),
    known("words", "text", (2, 4), id=7),
]


def table(header: str, *rows: str) -> AnswerTable:
    found = table_of(pd.DataFrame([header.split("|"), *(row.split("|") for row in rows)], dtype=object))
    assert found is not None
    return found


def read(header: str, *rows: str, **more: Any) -> Understood:
    """Read with the columns as they are guessed."""
    rows_of = table(header, *rows)
    return understand(rows_of, replace(guessed(rows_of, KNOWN, {}), **more.pop("mapping", {})), KNOWN, **more)


def answers(said: Understood) -> list[tuple[int, int, int, float | str]]:
    """(respondent, question, part, value or reason), sorted."""
    rows = said.answers.itertuples(index=False)
    return sorted((r.respondent, r.question_id, r.part, r.absence or r.value) for r in rows)  # type: ignore[misc]


def faults(said: Understood) -> list[tuple[str, str, list[int]]]:
    return [(rejection.fault.value, rejection.header, rejection.lines.tolist()) for rejection in said.rejections]


class TestGuesses:
    def targets(self, header: str, earlier: dict[str, str] | None = None) -> list[str]:
        found = guessed(table(header, "|".join("x" for _ in header.split("|"))), KNOWN, earlier or {})
        return [target.text for target in found.targets]

    def test_codes_and_their_parts(self) -> None:
        assert self.targets("safety|SAFETY|contact[5]|contact_1|care[SQ001]|care[SQ002]") == [
            "safety", "", "contact[5]", "contact[1]", "care[1]", "care[2]",
        ]  # fmt: skip

    def test_wordings_with_labels_in_brackets(self) -> None:
        assert self.targets("Om safety?|Om contact? [Besök]|Hur blev det?|safety. Om annat") == [
            "safety", "contact[5]", "care[2]", "",
        ]  # fmt: skip

    def test_what_limesurvey_calls_by_place(self) -> None:
        assert self.targets("id|submitdate|token|G1Q1|G1Q3[SQ002]|G1Q3[other]|G2Q2|G9Q9") == [
            "=respondent", "", "", "safety", "contact[2]", "", "visits", "",
        ]  # fmt: skip

    def test_words_for_weight_and_groups(self) -> None:
        assert self.targets("Vikt|Stratum|kluster|något") == ["=weight", "=stratum", "=cluster", ""]

    def test_what_was_said_before_comes_first(self) -> None:
        assert self.targets("safety|Q7", {"safety": "grade", "Q7": "safety"}) == ["grade", "safety"]

    def test_a_long_file(self) -> None:
        found = guessed(table("id|fråga|svar", "1|safety|4", "1|Om grade?|7", "1|okänd|x"), KNOWN, {})
        assert [target.role for target in found.targets] == [Role.RESPONDENT, Role.QUESTION, Role.ANSWER]
        assert {text: target.text for text, target in found.items.items()} == {
            "safety": "safety", "Om grade?": "grade", "okänd": "",
        }  # fmt: skip

    def test_stored_and_read_again_it_is_the_same(self) -> None:
        mapping = replace(
            guessed(table("id|fråga|svar", "1|safety|4"), KNOWN, {}), meanings={"safety": {"bäst": "4"}}, leave_out=True
        )
        assert AnswerMapping.of(mapping.stored()) == mapping


class TestOneAnswer:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("4", 4), ("4.0", 4), ("4,0", 4), (" Mycket  bra ", 4), ("VERY GOOD", 4), ("Bra.", 3), ("9", "no_opinion"),
            ("Vet ej", "no_opinion"), ("Don't know", "no_opinion"), ("ingen åsikt", "no_opinion"), ("-9", "refused"),
            ("–", "refused"), ("", "refused"), ("\u00a04\ufeff", 4),
        ],
    )  # fmt: skip
    def test_a_choice(self, text: str, value: float | str) -> None:
        said = read("safety|grade", f"{text}|5")
        assert [row for row in answers(said) if row[1] == 1] == [(0, 1, 0, value)]
        assert said.rejected == 0

    @pytest.mark.parametrize("text", ["5", "0", "kanske", "4.5", "44", "1e9", "NaN", "inf"])
    def test_a_text_that_is_no_choice_is_rejected(self, text: str) -> None:
        said = read("safety|grade", "3|5", f"{text}|5")
        assert faults(said) == [("unknown", "safety", [3])]
        assert (1, 1, 0, "refused") in answers(said)

    @pytest.mark.parametrize(("text", "value"), [("7", 7), ("10 - Mycket nöjd", 10), ("1 (inte alls)", 1)])
    def test_a_grade(self, text: str, value: float) -> None:
        assert answers(read("grade", text)) == [(0, 2, 0, value)]

    @pytest.mark.parametrize("text", ["11", "0", "5 av 10", "-3", "3–4"])
    def test_no_grade(self, text: str) -> None:
        assert faults(read("grade|safety", f"{text}|4")) == [("unknown", "grade", [2])]

    def test_a_declared_code_is_not_answered_but_never_hides_a_choice(self) -> None:
        codes = {"refused": ("99", "4"), "no_opinion": ("98",)}
        said = read("safety|grade|visits", "99|98|4", "4|4|5", mapping=codes)
        assert answers(said) == [
            (0, 1, 0, "refused"), (0, 2, 0, "no_opinion"), (0, 5, 0, "refused"),
            (1, 1, 0, 4), (1, 2, 0, 4), (1, 5, 0, 5),
        ]  # fmt: skip

    def test_what_somebody_said_a_text_means(self) -> None:
        said = read(
            "safety",
            "A1",
            "A2",
            "A3",
            mapping={"meanings": {"safety": {"a1": "4", "a2": "no_opinion", "a3": "refused"}}},
        )
        assert answers(said) == [(0, 1, 0, 4), (1, 1, 0, "no_opinion"), (2, 1, 0, "refused")]

    @pytest.mark.parametrize(
        ("text", "value"), [("0", 0), ("12", 12), ("2,5", 2.5), ("2.5", 2.5), ("N/A", "refused"), ("1,125", 1.125)]
    )
    def test_a_number(self, text: str, value: float | str) -> None:
        assert (0, 5, 0, value) in answers(read("visits|grade", f"{text}|5"))

    @pytest.mark.parametrize(
        ("text", "fault"),
        [("51", "out_of_range"), ("-1", "out_of_range"), ("tre", "not_a_number"), ("1.125", "ambiguous")],
    )
    def test_no_number(self, text: str, fault: str) -> None:
        assert faults(read("visits|grade", f"{text}|5")) == [(fault, "visits", [2])]

    def test_a_decimal_point_is_one_where_the_column_shows_it(self) -> None:
        said = read("visits", "1.125", "0.5", "2")
        assert [row[3] for row in answers(said)] == [1.125, 0.5, 2]
        assert faults(read("visits", "1.125", "0,5")) == [("ambiguous", "visits", [2])]


class TestSeveralChoices:
    def test_a_column_an_option(self) -> None:
        said = read("contact[1]|contact[2]|contact[5]", "Y||", "Nej|Ja|0", "||", "1|X|true")
        assert answers(said) == [
            (0, 3, 1, 1), (0, 3, 2, 0), (0, 3, 5, 0), (1, 3, 1, 0), (1, 3, 2, 1), (1, 3, 5, 0),
            (2, 3, 1, 1), (2, 3, 2, 1), (2, 3, 5, 1),
        ]  # fmt: skip

    def test_nothing_ticked_is_not_answered(self) -> None:
        said = read("contact[1]|contact[2]|grade", "||5")
        assert answers(said) == [(0, 2, 0, 5), (0, 3, 1, "refused"), (0, 3, 2, "refused")]

    @pytest.mark.parametrize("text", ["1;5", "Telefon; Besök", "Telefon, Besök", "5|1".replace("|", ";"), "1,5"])
    def test_all_in_one_cell(self, text: str) -> None:
        assert answers(read("contact", text)) == [(0, 3, 1, 1), (0, 3, 2, 0), (0, 3, 5, 1)]

    def test_one_unknown_among_several_rejects_the_cell_once(self) -> None:
        said = read("contact|grade", "1;7|5")
        assert faults(said) == [("unknown", "contact", [2])]
        assert [row[3] for row in answers(said) if row[1] == 3] == ["refused"] * 3


COMBINED = list(
    itertools.product(
        ["", "1", "3", "9"], ["", "10", "98"], ["", "1", "2", "1;2", "5"], ["", "1", "5"], ["", "0", "7,5"]
    )
)


class TestWhatShowed:
    def test_passed_over_and_not_shown_are_two_things(self) -> None:
        said = read("contact|reply", "2|", "1|", "2|3", "1|4")
        assert [row for row in answers(said) if row[1] == 4] == [(0, 4, 0, "refused"), (2, 4, 0, 3)]
        assert next(tally for tally in said.tallies if tally.asked.code == "reply").hidden == 1

    def test_where_the_file_does_not_say_whom_it_showed_to(self) -> None:
        said = read("reply|grade", "3|5", "|5")
        assert [row for row in answers(said) if row[1] == 4] == [(0, 4, 0, 3)]

    @given(st.lists(st.sampled_from(COMBINED), min_size=1, max_size=8))
    def test_as_the_questionnaire_itself_completes_them(self, rows: list[tuple[str, ...]]) -> None:
        """Row by row through `questionnaire.completed`, which answers given here go through."""
        codes = ["safety", "grade", "contact", "reply", "visits"]
        asked = [one.asked for one in KNOWN if one.asked.code in codes]
        form = Questionnaire.of(1, [Page(1, "", "", tuple(asked))])
        given_rows = [row for row in rows if any(row)]
        said = read("|".join(codes), *map("|".join, rows)) if given_rows else None
        expected = []
        for number, row in enumerate(given_rows):
            told = {code: _told(code, text) for code, text in zip(codes, row, strict=True) if text}
            full = completed(form, told)
            expected += [
                (number, one.question_id, part, value)
                for one in questions(form)
                for part, value in full.get(one.code, {}).items()
            ]
        assert (answers(said) if said else []) == sorted(expected)


def _told(code: str, text: str) -> dict[int, float | str]:
    if code == "contact":
        return {part: 1 if str(part) in text.split(";") else 0 for part in (1, 2, 5)}
    if text in ("9", "98"):
        return {0: "no_opinion"} if text == "9" else {0: "refused"}
    return {0: float(text.replace(",", "."))}


class TestTheRespondent:
    def test_weights_and_groups(self) -> None:
        said = read("Vikt|Stratum|Kluster|grade", "1,5|nord|a|5", "0.75|syd|b|6")
        assert said.responses.to_dict("list") == {
            "stratum": ["nord", "syd"], "cluster": ["a", "b"], "weight": [1.5, 0.75],
        }  # fmt: skip

    def test_without_them(self) -> None:
        row = read("grade", "5").responses.iloc[0]
        assert row["stratum"] == row["cluster"] == ""
        assert math.isnan(row["weight"])

    @pytest.mark.parametrize("weight", ["0", "-1", "", "tung", "–"])
    def test_a_weight_that_is_none_rejects_the_row(self, weight: str) -> None:
        said = read("Vikt|grade", f"{weight}|5", "1|6")
        assert faults(said) == [("weight", "Vikt", [2])]
        assert answers(said) == [(0, 2, 0, 6)]

    def test_an_unknown_stratum_rejects_the_row(self) -> None:
        said = read("Stratum|grade", "nord|5", "öst|6", "|7", strata=["nord"])
        assert faults(said) == [("stratum", "Stratum", [3, 4])]
        assert answers(said) == [(0, 2, 0, 5)]

    @pytest.mark.parametrize("cluster", ["", "a" * 41])
    def test_a_cluster_without_a_name_rejects_the_row(self, cluster: str) -> None:
        assert faults(read("Kluster|grade", f"{cluster}|5", "a|6")) == [("cluster", "Kluster", [2])]

    def test_a_respondent_twice_counts_once(self) -> None:
        said = read("id|grade", "a|5", "b|6", "a|7")
        assert faults(said) == [("same_respondent", "id", [4])]
        assert answers(said) == [(0, 2, 0, 5), (1, 2, 0, 6)]

    def test_who_answered_nothing_is_left_out(self) -> None:
        said = read("safety|grade|id", "||a", "4||b")
        assert (said.empty, said.rejected, answers(said)) == (1, 0, [(0, 1, 0, 4), (0, 2, 0, "refused")])


class TestLong:
    ROWS = ("p1|safety|4", "p2|safety|Vet ej", "p1|grade|7", "p3|contact|1", "p3|contact|5", "p2|words|Tack")

    def test_rows_of_a_respondent_belong_together(self) -> None:
        said = read("respondent|fråga|svar", *self.ROWS)
        assert answers(said) == [
            (0, 1, 0, 4), (0, 2, 0, 7), (0, 3, 1, "refused"), (0, 3, 2, "refused"), (0, 3, 5, "refused"),
            (1, 1, 0, "no_opinion"), (1, 2, 0, "refused"),
            (1, 3, 1, "refused"), (1, 3, 2, "refused"), (1, 3, 5, "refused"),
            (2, 1, 0, "refused"), (2, 2, 0, "refused"), (2, 3, 1, 1), (2, 3, 2, 0), (2, 3, 5, 1),
        ]  # fmt: skip
        assert [(text.question_id, text.text) for text in said.texts] == [(7, "Tack")]

    def test_an_answer_given_twice_is_rejected_where_it_stands(self) -> None:
        said = read("respondent|fråga|svar", "p1|grade|7", "p2|grade|8", "p1|grade|9")
        assert faults(said) == [("given_twice", "grade", [4])]
        assert answers(said) == [(0, 2, 0, 7), (1, 2, 0, 8)]

    def test_weights_stand_in_every_row(self) -> None:
        said = read("respondent|fråga|svar|vikt", "p1|grade|7|2", "p2|grade|8|3", "p1|safety|1|2")
        assert said.responses["weight"].tolist() == [2, 3]

    @given(st.data())
    def test_long_and_wide_say_the_same(self, data: st.DataObject) -> None:
        codes = ["safety", "grade", "visits"]
        rows = itertools.product(["", "1", "2", "-9", "Vet ej", "77"], repeat=3)
        wide = data.draw(st.lists(st.sampled_from([row for row in rows if any(row)]), min_size=2, max_size=8))
        long = [f"p{n}|{code}|{text}" for n, row in enumerate(wide) for code, text in zip(codes, row, strict=True)]
        one = read("|".join(codes), *map("|".join, wide))
        other = read("respondent|fråga|svar", *long)
        assert answers(one) == answers(other)
        assert one.rejected == other.rejected


class TestTexts:
    def test_free_texts_know_the_overall_answer_alone(self) -> None:
        said = read("words|grade", "Det var bra|8", "|3", "Nej|", overall="grade")
        assert next((text.text, text.overall) for text in said.texts) == ("Det var bra", 8)
        assert math.isnan(said.texts[1].overall)
        assert set(said.answers["question_id"]) == {2}

    def test_one_that_is_too_long_is_rejected(self) -> None:
        said = read("words|grade", f"{'a' * 4001}|8", f"{'b' * 4000}|8")
        assert faults(said) == [("too_long", "words", [2])]
        assert [text.text[0] for text in said.texts] == ["b"]


class TestTheTable:
    def test_lines_are_those_of_the_file(self) -> None:
        rows = pd.DataFrame([["", ""], ["safety", "grade"], ["", ""], ["99", "5"]], dtype=object)
        found = table_of(rows)
        assert found is not None
        assert (found.header, found.lines.tolist()) == (("safety", "grade"), [4])

    @pytest.mark.parametrize("rows", [[["", ""]], [["a", "b"]], [["a", "b"], ["", ""]]])
    def test_nothing_below_the_headers(self, rows: list[list[str]]) -> None:
        assert table_of(pd.DataFrame(rows, dtype=object)) is None

    @given(
        st.lists(st.tuples(st.text("ab12", max_size=2), st.text("ab12", max_size=2)), min_size=1, max_size=6),
        st.randoms(),
    )
    def test_the_digest_knows_neither_order(self, rows: list[tuple[str, str]], random: Any) -> None:
        one = _frame(["x", "y"], rows)
        mixed = list(rows)
        random.shuffle(mixed)
        assert content_digest(one) == content_digest(_frame(["y", "x"], [(b, a) for a, b in mixed]))
        assert content_digest(one) != content_digest(_frame(["x", "y"], [*rows, ("a", "b")]))
        assert content_digest(one) != content_digest(_frame(["x", "z"], rows))

    def test_samples_show_no_names(self) -> None:
        names = [f"Person {chr(65 + n)}|{n % 2}|0701234567|a@b.se" for n in range(12)]
        shown = samples(table("namn|svar|tel|post", *names))
        assert shown == [Sample(12, ()), Sample(2, ("0", "1")), Sample(1, ()), Sample(1, ())]

    @pytest.mark.parametrize("text", ["", "=weight", "safety", "contact[2]"])
    def test_a_target_and_its_text(self, text: str) -> None:
        assert Target.of(text).text == text


def _frame(header: list[str], rows: list[tuple[str, str]]) -> AnswerTable:
    return AnswerTable(tuple(header), pd.DataFrame(rows, dtype=object), np.arange(2, len(rows) + 2))


def test_a_mapping_of_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="another file"):
        understand(table("a|b", "1|2"), AnswerMapping((Target(code="grade"),)), KNOWN)
