"""What a questionnaire lacks: one fault at a time, and none where nothing is missing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.compute.completeness import Fault, Lack, Written, WrittenChoice, WrittenPage, faults

BOTH = {"sv": "Text", "en": "Text"}
NONE: dict[str, str] = {"sv": "", "en": ""}
YES = WrittenChoice(1, {"sv": "Ja", "en": "Yes"}, positive=True)
NO = WrittenChoice(2, {"sv": "Nej", "en": "No"})
UNSURE = WrittenChoice(9, {"sv": "Vet ej", "en": "Don't know"}, no_opinion=True)
SHARE = Written(1, "one", "share", BOTH, NONE, NONE, NONE, (YES, NO, UNSURE))
TEXT = Written(2, "two", "text", BOTH, NONE, NONE, NONE)
PAIR = Written(3, "three", "kano", BOTH, BOTH, NONE, NONE)


def page(*questions: Written, section_id: int = 7) -> WrittenPage:
    return WrittenPage(section_id, BOTH, NONE, questions)


def lacks(*questions: Written) -> list[Lack]:
    return [fault.lack for fault in faults([page(*questions)])]


def test_a_whole_questionnaire_lacks_nothing() -> None:
    hanging = replace(TEXT, shown_by=1, shown_values=(2,))
    assert faults([page(SHARE), page(hanging, PAIR, section_id=8)]) == []


def test_without_questions_it_says_so_once_and_names_the_empty_page() -> None:
    assert faults([]) == [Fault(Lack.NO_QUESTIONS)]
    assert faults([page()]) == [Fault(Lack.NO_QUESTIONS), Fault(Lack.EMPTY_SECTION, 7)]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_missing_text_is_told_with_its_language(language: str) -> None:
    half = {**BOTH, language: "  "}
    assert faults([page(replace(TEXT, text=half))]) == [Fault(Lack.TEXT, 7, 2, language)]
    assert faults([page(replace(PAIR, second_text=half))]) == [Fault(Lack.SECOND_TEXT, 7, 3, language)]
    assert faults([page(replace(TEXT, help=half))]) == [Fault(Lack.HELP, 7, 2, language)]
    assert faults([replace(page(TEXT), title=half)]) == [Fault(Lack.TITLE, 7, 0, language)]
    label = replace(NO, label={**NO.label, language: ""})
    assert faults([page(replace(SHARE, choices=(YES, label)))]) == [Fault(Lack.LABEL, 7, 1, language)]


def test_help_may_be_left_out_in_both_languages() -> None:
    assert lacks(replace(TEXT, help=NONE)) == []


def test_choices() -> None:
    assert lacks(replace(SHARE, choices=(YES, UNSURE))) == [Lack.TOO_FEW_CHOICES]
    assert lacks(replace(SHARE, choices=(NO, replace(NO, value=3)))) == [Lack.NO_POSITIVE]
    assert lacks(replace(SHARE, choices=(YES, replace(YES, value=3)))) == [Lack.ALL_POSITIVE]
    assert lacks(replace(SHARE, kind="single", choices=(NO, replace(NO, value=3)))) == []


def test_rules_point_backwards_at_answers_that_exist() -> None:
    hanging = replace(TEXT, shown_by=1, shown_values=(1,))
    assert lacks(SHARE, hanging) == []
    assert lacks(hanging, SHARE) == [Lack.RULE_FORWARDS]
    assert lacks(SHARE, replace(hanging, shown_values=(5,))) == [Lack.RULE_VALUES]
    assert lacks(SHARE, replace(hanging, shown_values=())) == [Lack.RULE_VALUES]
    assert lacks(SHARE, replace(hanging, shown_values=(9,))) == [Lack.RULE_VALUES], "no opinion shows nothing"


@given(st.permutations([SHARE, TEXT, PAIR, replace(SHARE, item_id=4, shown_by=1, shown_values=(2,))]))
def test_order_matters_to_rules_alone(questions: list[Written]) -> None:
    order = [question.item_id for question in questions]
    expected = [] if order.index(1) < order.index(4) else [Lack.RULE_FORWARDS]
    assert lacks(*questions) == expected
