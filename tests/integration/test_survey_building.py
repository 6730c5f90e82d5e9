"""A survey through the builder's operations and pages: written, ordered, opened, reworded, copied, closed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from indicators import operations as indicator_operations
from indicators.permissions import RoleName
from surveys.models import Draft, Edition, Item, Option, Question, Response, Submission, Survey, Wave, WaveState
from surveys.operations import editing
from surveys.operations import surveys as operations
from surveys.operations.questionnaire import store_survey
from surveys.operations.questions import QuestionnaireError
from surveys.queries import building as queries
from surveys.queries import questionnaire

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)
LAST = date(2026, 9, 30)
DEFINITION: dict[str, Any] = {
    "code": "try",
    "name": {"sv": "Försök", "en": "Try"},
    "overall": "runs-services",
    "waves": [
        {
            "code": "2026",
            "period": "2026",
            "closes_on": LAST,
            "sections": [
                {"title": {"sv": "Ett", "en": "One"}, "questions": ["contacted", "runs-services"]},
                {
                    "title": {"sv": "Två", "en": "Two"},
                    "questions": [{"library": "treated-well", "shown_by": "contacted", "shown_values": [1]}, "sex"],
                },
            ],
        }
    ],
}
REWORDED: dict[str, Any] = {
    "text": {"sv": "Har du varit i kontakt med kommunen i år?", "en": "Have you been in touch this year?"},
    "options": [
        {"value": 1, "label": {"sv": "Ja", "en": "Yes"}},
        {"value": 2, "label": {"sv": "Nej", "en": "No"}},
    ],
}


@pytest.fixture
def survey() -> Iterator[Survey]:
    with translation.override("en"):
        yield store_survey(definition=DEFINITION, by=None)


@pytest.fixture
def wave(survey: Survey) -> Wave:
    return survey.waves.get()


@pytest.fixture
def strategist() -> Any:
    user = get_user_model().objects.create_user("stina", "stina@example.org", "pw")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    return user


@pytest.fixture
def client(strategist: Any) -> Client:
    client = Client()
    client.force_login(strategist)
    return client


def codes(wave: Wave) -> list[list[str]]:
    return [[asked.code for asked in page.questions] for page in questionnaire.of_wave(wave.pk).pages]


def item(wave: Wave, code: str) -> Item:
    return wave.items.get(version__question__code=code)


def opened(wave: Wave) -> Wave:
    return operations.open_wave(wave_id=wave.pk, by=None, today=TODAY)


def page(name: str, *args: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=args)


class TestOrder:
    def test_a_question_moves_across_the_edge_of_its_page_and_back(self, wave: Wave) -> None:
        moved = item(wave, "runs-services")
        editing.move_item(item_id=moved.pk, up=False, by=None)
        assert codes(wave) == [["contacted"], ["runs-services", "treated-well", "sex"]]
        editing.move_item(item_id=moved.pk, up=True, by=None)
        editing.move_item(item_id=moved.pk, up=True, by=None)
        assert codes(wave) == [["runs-services", "contacted"], ["treated-well", "sex"]]

    def test_at_the_end_nothing_happens(self, wave: Wave) -> None:
        before = codes(wave)
        editing.move_item(item_id=item(wave, "contacted").pk, up=True, by=None)
        editing.move_item(item_id=item(wave, "sex").pk, up=False, by=None)
        assert codes(wave) == before

    def test_pages_change_places_and_a_rule_that_then_points_forwards_keeps_the_wave_shut(self, wave: Wave) -> None:
        editing.move_section(section_id=wave.sections.order_by("order")[1].pk, up=True, by=None)
        assert codes(wave) == [["treated-well", "sex"], ["contacted", "runs-services"]]
        with pytest.raises(QuestionnaireError, match="not complete"):
            opened(wave)
        assert Wave.objects.get(pk=wave.pk).state == WaveState.PREPARING

    def test_a_question_that_another_hangs_on_stays(self, wave: Wave) -> None:
        with pytest.raises(QuestionnaireError, match="shown only by an answer"):
            editing.remove_item(item_id=item(wave, "contacted").pk, by=None)
        with pytest.raises(QuestionnaireError, match="shown only by an answer"):
            editing.remove_section(section_id=item(wave, "contacted").section_id, by=None)
        editing.remove_item(item_id=item(wave, "treated-well").pk, by=None)
        editing.remove_item(item_id=item(wave, "contacted").pk, by=None)
        assert codes(wave) == [["runs-services"], ["sex"]]

    def test_a_rule_may_only_hang_on_what_is_asked_before(self, wave: Wave) -> None:
        first, last = item(wave, "contacted"), item(wave, "sex")
        with pytest.raises(QuestionnaireError, match="asked before"):
            editing.set_rule(item_id=first.pk, required=False, shown_by=last.pk, shown_values=[1], by=None)
        with pytest.raises(QuestionnaireError, match="asked before"):
            editing.set_rule(item_id=first.pk, required=False, shown_by=first.pk, shown_values=[1], by=None)
        editing.set_rule(item_id=last.pk, required=True, shown_by=first.pk, shown_values=[2, 1, 2], by=None)
        assert (item(wave, "sex").shown_values, item(wave, "sex").required) == ([1, 2], True)


class TestAdding:
    def test_from_the_library_once_only(self, wave: Wave) -> None:
        section = wave.sections.order_by("order")[1]
        add: dict[str, Any] = {"section_id": section.pk, "codes": ["sex", "age", "recommend"], "by": None}
        assert editing.add_from_library(**add) == 2
        assert editing.add_from_library(**add) == 0
        assert codes(wave)[1] == ["treated-well", "sex", "age", "recommend"]

    def test_ones_own_gets_a_code_of_its_own(self, wave: Wave) -> None:
        section = wave.sections.order_by("order")[0]
        definition = {"kind": "text", "text": {"sv": "Något mer?", "en": "Anything else?"}}
        made = [editing.add_question(section_id=section.pk, definition=definition, by=None) for _ in range(2)]
        assert [one.version.question.code for one in made] == ["nagot-mer", "nagot-mer-2"]

    def test_a_question_that_was_taken_out_can_be_added_again_with_its_identity(self, wave: Wave) -> None:
        section = wave.sections.order_by("order")[0]
        definition = {"kind": "text", "text": {"sv": "Något mer?", "en": "Anything else?"}}
        made = editing.add_question(section_id=section.pk, definition=definition, by=None)
        editing.remove_item(item_id=made.pk, by=None)
        assert queries.earlier(wave) == [("nagot-mer", "Anything else?")]
        assert editing.add_earlier(section_id=section.pk, codes=["nagot-mer"], by=None) == 1
        assert item(wave, "nagot-mer").version.question_id == made.version.question_id

    def test_a_library_question_that_the_survey_has_reworded_comes_in_its_newest_wording(self, wave: Wave) -> None:
        opened(wave)
        copy = operations.copy_wave(wave_id=wave.pk, code="2027", period="2027", by=None)
        one = item(copy, "runs-services")
        version = editing.reword(
            item_id=one.pk,
            definition={"text": {"sv": "Ny?", "en": "New?"}, "options": []},
            how=editing.Rewording.ANEW,
            reason="",
            by=None,
        )
        editing.remove_item(item_id=one.pk, by=None)
        editing.add_from_library(section_id=one.section_id, codes=["runs-services"], by=None)
        assert item(copy, "runs-services").version_id == version.pk

    def test_a_question_that_means_something_else_is_not_shown_beside_others(self, wave: Wave) -> None:
        one = item(wave, "runs-services")
        assert one.version.question.published_kpi == "N00668"
        definition = {"text": {"sv": "Ny?", "en": "New?"}, "options": []}
        for comparable, expected in ((True, "N00668"), (False, "")):
            editing.reword(
                item_id=one.pk, definition=definition | {"comparable": comparable}, how=None, reason="", by=None
            )
            assert Question.objects.get(survey=wave.survey, code="runs-services").published_kpi == expected


class TestOpening:
    def test_it_stands_fast_once_it_has_opened(self, wave: Wave) -> None:
        section = wave.sections.order_by("order")[0]
        one = item(wave, "sex")
        opened(wave)
        before = codes(wave)
        texts = {"title": {"sv": "Ny", "en": "New"}, "intro": {}}
        for change in (
            lambda: editing.add_section(wave_id=wave.pk, **texts, by=None),
            lambda: editing.change_section(section_id=section.pk, **texts, by=None),
            lambda: editing.move_section(section_id=section.pk, up=False, by=None),
            lambda: editing.remove_section(section_id=section.pk, by=None),
            lambda: editing.add_from_library(section_id=section.pk, codes=["age"], by=None),
            lambda: editing.add_earlier(section_id=section.pk, codes=["age"], by=None),
            lambda: editing.add_question(section_id=section.pk, definition=REWORDED, by=None),
            lambda: editing.reword(item_id=one.pk, definition=REWORDED, how=None, reason="", by=None),
            lambda: editing.set_rule(item_id=one.pk, required=True, shown_by=None, shown_values=[], by=None),
            lambda: editing.move_item(item_id=one.pk, up=True, by=None),
            lambda: editing.remove_item(item_id=one.pk, by=None),
            lambda: operations.open_wave(wave_id=wave.pk, by=None, today=TODAY),
        ):
            with pytest.raises(QuestionnaireError, match="has opened"):
                change()
        assert codes(wave) == before
        assert item(wave, "sex").required is False

    @pytest.mark.parametrize(
        ("columns", "told"),
        [
            ({"closes_on": None}, "last day"),
            ({"closes_on": date(2026, 8, 31)}, "has passed"),
            ({"opens_on": date(2026, 9, 2)}, "to open on"),
        ],
    )
    def test_dates_must_hold(self, wave: Wave, columns: dict[str, Any], told: str) -> None:
        operations.change_wave(wave_id=wave.pk, columns=columns, texts={}, by=None)
        with pytest.raises(QuestionnaireError, match=told):
            opened(wave)

    def test_both_languages_must_be_there(self, wave: Wave) -> None:
        Option.objects.filter(version__items__wave=wave, value=2).update(label_en="")
        with pytest.raises(QuestionnaireError, match="not complete"):
            opened(wave)

    def test_settings_that_people_were_told_stand_fast(self, wave: Wave) -> None:
        opened(wave)
        columns = {"code": "other", "period": "2030", "opens_on": date(2020, 1, 1), "closes_on": date(2026, 10, 5)}
        changed = operations.change_wave(wave_id=wave.pk, columns=columns, texts={}, by=None)
        assert (changed.code, changed.period, changed.opens_on) == ("2026", "2026", TODAY)
        assert changed.closes_on == date(2026, 10, 5)

    def test_closing_mixes_what_waits_and_happens_once(self, wave: Wave) -> None:
        opened(wave)
        for _ in range(3):
            Submission.objects.create(
                wave=wave, mode="link", language="sv", day=TODAY, answers={"contacted": {"0": 2}, "sex": {"0": 1}}
            )
        closed = operations.close_wave(wave_id=wave.pk, by=None, today=date(2026, 9, 10))
        assert (closed.state, closed.closes_on) == (WaveState.CLOSED, date(2026, 9, 10))
        assert (Submission.objects.count(), Response.objects.filter(wave=wave).count()) == (0, 3)
        with pytest.raises(QuestionnaireError, match="Only an open wave"):
            operations.close_wave(wave_id=wave.pk, by=None, today=TODAY)


class TestRewording:
    def test_before_anybody_was_asked_it_is_a_correction(self, wave: Wave) -> None:
        one = item(wave, "contacted")
        version = editing.reword(item_id=one.pk, definition=REWORDED, how=None, reason="", by=None)
        assert version.pk == one.version_id
        assert version.number == 1
        assert version.text_sv == REWORDED["text"]["sv"]  # type: ignore[attr-defined]

    def test_afterwards_it_is_a_continuation_with_a_reason_or_a_new_series(self, wave: Wave) -> None:
        opened(wave)
        copy = operations.copy_wave(wave_id=wave.pk, code="2027", period="2027", by=None)
        one = item(copy, "contacted")
        reword: dict[str, Any] = {"item_id": one.pk, "definition": REWORDED, "by": None}
        with pytest.raises(QuestionnaireError, match="Say whether"):
            editing.reword(**reword, how=None, reason="")
        with pytest.raises(QuestionnaireError, match="Say why"):
            editing.reword(**reword, how=editing.Rewording.CONTINUES, reason="  ")
        version = editing.reword(**reword, how=editing.Rewording.CONTINUES, reason="Same thing, plainer words.")
        assert (version.number, version.continues, version.reason) == (2, True, "Same thing, plainer words.")
        assert version.question_id == item(wave, "contacted").version.question_id
        assert item(wave, "contacted").version.number == 1, "what was asked is left as it was"

    def test_a_new_series_needs_no_reason(self, wave: Wave) -> None:
        opened(wave)
        copy = operations.copy_wave(wave_id=wave.pk, code="2027", period="2027", by=None)
        version = editing.reword(
            item_id=item(copy, "contacted").pk, definition=REWORDED, how=editing.Rewording.ANEW, reason="x", by=None
        )
        assert (version.number, version.continues, version.reason) == (2, False, "")


class TestCopy:
    def test_it_asks_the_same_questions_by_its_own_rules(self, wave: Wave) -> None:
        opened(wave)
        copy = operations.copy_wave(wave_id=wave.pk, code="2027", period="2027", by=None)
        assert codes(copy) == codes(wave)
        assert [i.version_id for i in copy.items.all()] == [i.version_id for i in wave.items.all()]
        hanging = item(copy, "treated-well")
        assert hanging.shown_by is not None
        assert hanging.shown_by.wave_id == copy.pk, "not the item of the wave that was copied"
        assert hanging.shown_values == [1]
        assert (copy.state, copy.opens_on, copy.closes_on) == (WaveState.PREPARING, None, None)
        assert Question.objects.filter(survey=wave.survey).count() == 4

    def test_a_taken_code_is_refused(self, wave: Wave) -> None:
        with pytest.raises(QuestionnaireError, match="already"):
            operations.copy_wave(wave_id=wave.pk, code="2026", period="2027", by=None)


def test_least_numbers_stand_fast_once_results_are_released(wave: Wave) -> None:
    survey = wave.survey
    settings: dict[str, Any] = {
        "survey_id": survey.pk, "name": {"sv": "F", "en": "T"}, "purpose": {}, "department_id": None,
        "keep_texts_days": 10, "overall_id": None, "by": None,
    }  # fmt: skip
    operations.change_survey(**settings, least_count=7, least_base=30)
    Edition.objects.create(wave=wave, number=1, state="released", released_at=timezone.now())
    with pytest.raises(QuestionnaireError, match="stand fast"):
        operations.change_survey(**settings, least_count=3, least_base=30)
    operations.change_survey(**(settings | {"keep_texts_days": 20}), least_count=7, least_base=30)
    survey.refresh_from_db()
    assert (survey.least_count, survey.least_base, survey.keep_texts_days) == (7, 30, 20)


class TestPages:
    def test_a_survey_from_nothing_to_open(self, client: Client, strategist: Any) -> None:
        with translation.override("en"):
            client.post(page("survey-steer-new"), {"name_sv": "Bibliotek", "name_en": "Library", "code": "library"})
            client.post(page("wave-new", "library"), {"code": "2026", "period": "2026"})
            wave = Wave.objects.get(survey__code="library")
            at = ("library", "2026")
            client.post(page("wave-section-new", *at), {"title_sv": "Sidan", "title_en": "The page"})
            section = wave.sections.get()
            client.post(page("wave-item-add", *at, section.pk), {"ready": ["library-books"]})
            choices = {"choice-TOTAL_FORMS": "3", "choice-INITIAL_FORMS": "0"}
            rows = [("Ofta", "Often", "positive"), ("Sällan", "Seldom", ""), ("Vet ej", "Don't know", "no_opinion")]
            for at_row, (swedish, english, mark) in enumerate(rows):
                choices |= {f"choice-{at_row}-label_sv": swedish, f"choice-{at_row}-label_en": english}
                choices |= {f"choice-{at_row}-{mark}": "on"} if mark else {}
            text = {"text_sv": "Hur ofta lånar du?", "text_en": "How often do you borrow?", "scale": "own"}
            client.post(page("wave-item-new", *at, section.pk, "share"), text | choices)
            own = item(wave, "hur-ofta-lanar-du")
            options = own.version.options.values_list("value", "positive", "no_opinion")
            assert list(options) == [(2, True, False), (1, False, False), (9, False, True)]
            books = item(wave, "library-books")
            client.post(page("wave-item-rule", *at, own.pk), {"shown_by": [f"{books.pk}:3", f"{books.pk}:4"]})
            own.refresh_from_db()
            assert (own.shown_by_id, own.shown_values) == (books.pk, [3, 4])
            last = timezone.localdate().isoformat()
            settings = {"code": "2026", "period": "2026", "closes_on": last, "weighting": "none"}
            client.post(page("wave-settings", *at), settings)
            answer = client.post(page("wave-open", *at), follow=True).content.decode()
        wave.refresh_from_db()
        assert wave.state == WaveState.OPEN
        assert "The wave is open." in answer
        mine = LogEntry.objects.filter(actor=strategist).values_list("content_type__model", flat=True)
        assert {"survey", "wave", "section", "question", "questionversion", "item"} <= set(mine)

    def test_refused_input_stays_and_says_where(self, client: Client, wave: Wave) -> None:
        section = wave.sections.first()
        assert section is not None
        address = page("wave-item-new", "try", "2026", section.pk, "share")
        data = {
            "scale": "own",
            "text_sv": "",
            "text_en": "Kept text",
            "choice-TOTAL_FORMS": "1",
            "choice-INITIAL_FORMS": "0",
            "choice-0-label_sv": "Bra",
            "choice-0-positive": "on",
            "choice-0-no_opinion": "on",
        }
        answer = client.post(address, data).content.decode()
        assert "Kept text" in answer
        assert "cannot be a good answer" in answer
        assert answer.count("errorlist") == 2
        assert codes(wave) == [["contacted", "runs-services"], ["treated-well", "sex"]]

    def test_answers_of_two_questions_cannot_be_one_rule(self, client: Client, wave: Wave) -> None:
        one, two = item(wave, "contacted"), item(wave, "runs-services")
        address = page("wave-item-rule", "try", "2026", item(wave, "sex").pk)
        answer = client.post(address, {"shown_by": [f"{one.pk}:1", f"{two.pk}:4"]}).content.decode()
        assert "different questions" in answer
        assert item(wave, "sex").shown_by is None

    def test_the_preview_shows_both_languages_and_stores_nothing(self, client: Client, wave: Wave) -> None:
        address = page("wave-preview", "try", "2026")
        swedish = client.get(address, {"language": "sv", "page": "2"}).content.decode()
        english = client.get(address, {"language": "en", "page": "2"}).content.decode()
        assert "bemött av kommunens personal" in swedish
        assert "staff treated you" in english
        assert "Shown only after" in english
        assert client.get(address, {"page": "3"}).status_code == 404
        assert client.get(address, {"language": "fi"}).status_code == 404
        assert (Draft.objects.count(), Submission.objects.count(), Response.objects.count()) == (0, 0, 0)

    def test_codes_that_are_none_or_come_twice_add_a_question_once(self, client: Client, wave: Wave) -> None:
        section = wave.sections.first()
        assert section is not None
        before = wave.items.count()
        for ticked in (["children-at-home", "children-at-home"], ["a\0"]):
            answer = client.post(
                page("wave-item-add", "try", "2026", section.pk), {"ready": ticked, "earlier": ["a\0", "no-such"]}
            )
            assert answer.status_code in (200, 302)
        assert wave.items.count() == before + 1

    def test_the_list_of_what_is_missing_leads_to_each_place(self, client: Client, wave: Wave) -> None:
        one = item(wave, "sex")
        Option.objects.filter(version=one.version, value=1).update(label_en="")
        body = client.get(page("wave-questionnaire", "try", "2026")).content.decode()
        assert f'href="#item-{one.pk}"' in body
        assert "A choice has no words in English." in body

    def test_pages_ask_the_database_as_often_whatever_the_number_of_questions(
        self, client: Client, survey: Survey, wave: Wave
    ) -> None:
        addresses = [
            page("survey-steer"), page("survey-steer-edit", "try"), page("wave", "try", "2026"),
            page("wave-questionnaire", "try", "2026"), page("wave-preview", "try", "2026"),
        ]  # fmt: skip
        counts = []
        for more in ([], ["age", "tenure", "recommend", "good-place", "contact-expectation"]):
            section = wave.sections.first()
            assert section is not None
            editing.add_from_library(section_id=section.pk, codes=more, by=None)
            for address in addresses:
                client.get(address)
                with CaptureQueriesContext(connection) as captured:
                    client.get(address)
                counts.append(len(captured))
        half = len(counts) // 2
        assert counts[:half] == counts[half:]
        assert max(counts) < 30

    def test_a_code_that_addresses_use_is_refused(self, client: Client, survey: Survey) -> None:
        body = client.post(page("wave-new", "try"), {"code": "links", "period": "2026"}).content.decode()
        assert "has a use of its own" in body
        body = client.post(page("wave-new", "try"), {"code": "w", "period": "2026X"}).content.decode()
        assert "That is no period" in body
        assert survey.waves.count() == 1

    def test_a_survey_called_page_would_hide_its_open_link(self, client: Client) -> None:
        body = client.post(page("survey-steer-new"), {"code": "page"}).content.decode()
        assert "has a use of its own" in body
