"""From invented answers to indicators: estimated, protected, released, carried over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import translation

from indicators import pipeline as indicator_pipeline
from indicators.models import Absence, Indicator, JobKind, JobRun, Measurement
from indicators.operations import claim_job, grant_role
from indicators.permissions import RoleName
from scorecard.pipeline import store_definitions
from surveys import demonstration, pipeline
from surveys.models import Edition, EditionState, Figure, Purge, Statistic, Submission, Survey, Wave
from surveys.operations.editions import EditionError, Made, request_results, store_edition, withdraw_edition
from surveys.queries import questionnaire
from surveys.sources import demonstration as source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "surveys"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _loaded_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The four invented waves, made once for this module and rolled back at its end; each test has a savepoint of its
    own inside."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("sv"):
        store_definitions(example=False)
        demonstration.load(FIXTURES, now=NOW, say=lambda _text: None)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(_loaded_once: None, db: None) -> None:
    """Every test may change what was loaded: it is undone."""


def whole(wave: Wave, question: str, statistic: str = "share") -> Figure:
    edition = wave.editions.get(state=EditionState.RELEASED)
    return edition.figures.get(question__code=question, statistic=statistic, group=None, part=0)


class TestTheDemonstration:
    def test_every_wave_is_released_and_its_audit_passed(self, loaded: None) -> None:
        assert Edition.objects.count() == 4
        for edition in Edition.objects.all():
            assert edition.state == EditionState.RELEASED, edition.audit["findings"][:3]
            assert edition.audit["passed"]

    def test_the_truth_lies_within_the_intervals_nineteen_times_of_twenty(self, loaded: None) -> None:
        """Known, since the people are invented; of all questions of both waves of the citizen survey together."""
        inside = total = 0
        for wave in Wave.objects.filter(survey__code="citizen-survey"):
            path = FIXTURES / "invented" / "citizen-survey.yaml"
            people = source.population(questionnaire.of_wave(wave.pk), source.Parameters.read(path), wave.code)
            true = source.truths(people).query("background == '' and statistic == 'share' and part == 0")
            for row in true.itertuples():
                figure = whole(wave, row.question)
                if figure.value is not None and not figure.hidden:
                    total += 1
                    inside += figure.lower <= 100 * row.value <= figure.upper
        assert total >= 40
        assert inside / total >= 0.85  # 95 % promised; of about 60 correlated questions in two samples

    def test_loading_again_changes_nothing(self, loaded: None) -> None:
        before = Figure.objects.count(), Measurement.objects.count()
        demonstration.load(FIXTURES, now=NOW, say=lambda _text: None)
        assert (Figure.objects.count(), Measurement.objects.count()) == before


class TestTheDoor:
    def test_released_results_are_measurements_with_margin_number_and_method(self, loaded: None) -> None:
        for wave in Wave.objects.filter(survey__code="citizen-survey"):
            figure = whole(wave, "tax-money-wise")
            stored = Measurement.objects.filter(
                indicator__code="eko07", period=wave.period, breakdown="T", source="survey"
            ).latest("revision")
            assert float(stored.value) == pytest.approx(figure.value, abs=0.0501)
            assert stored.respondents == figure.n
            assert stored.method == f"citizen-survey/{wave.code}/1"
            assert stored.value == round(stored.value, 1), "an indicator's file shows every decimal"
            assert stored.margin == round(stored.margin, 1)
            assert float(stored.value - stored.margin) <= figure.lower + 1e-7
            assert float(stored.value + stored.margin) >= figure.upper - 1e-7

    def test_women_and_men_come_from_the_group(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        figure = wave.editions.get().figures.get(
            question__code="tax-money-wise", statistic="share", group__code="sex", level=1
        )
        stored = Measurement.objects.filter(indicator__code="eko07", period="2026", breakdown="K").latest("revision")
        assert float(stored.value) == pytest.approx(figure.value, abs=0.0501)

    def test_a_wave_in_a_coarser_period_stands_for_the_part_it_ended_in(self, loaded: None) -> None:
        assert Measurement.objects.filter(
            indicator__code="ser12", period="2026H2", method__startswith="citizen"
        ).exists()

    def test_what_is_hidden_arrives_as_too_few_answers(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        edition = pipeline.make_results(wave.pk)
        edition.figures.filter(question__code="tax-money-wise", group=None).update(
            hidden="protected", value=None, se=None, lower=None, upper=None, n=None
        )
        pipeline.release_edition(edition.pk, by=None, now=NOW)
        stored = Measurement.objects.filter(indicator__code="eko07", period="2026", breakdown="T").latest("revision")
        assert stored.value is None
        assert stored.absence == Absence.TOO_FEW_ANSWERS

    def test_a_method_break_becomes_a_break_of_the_series(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        wave.method_break, wave.change_text_sv, wave.change_text_en = (
            True,
            "Webb i stället för papper.",
            "Web, not paper.",
        )
        wave.save()
        pipeline.release_edition(pipeline.make_results(wave.pk).pk, by=None, now=NOW)
        broken = Indicator.objects.get(code="eko07").breaks.get(period="2026")
        assert (broken.reason_sv, broken.reason_en) == ("Webb i stället för papper.", "Web, not paper.")
        assert not broken.comparable_backwards


class TestEditions:
    def test_a_released_edition_is_never_released_twice(self, loaded: None) -> None:
        edition = Edition.objects.first()
        with pytest.raises(EditionError):
            pipeline.release_edition(edition.pk, by=None, now=NOW)

    def test_results_made_while_another_edition_was_released_are_not_kept(self, loaded: None) -> None:
        """They were protected against fewer editions than readers have by now."""
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        known = list(wave.editions.values_list("pk", flat=True))
        edition = pipeline.make_results(wave.pk)
        pipeline.release_edition(edition.pk, by=None, now=NOW)
        made = Made(figures=[], method={}, decision={}, audit={"passed": True}, bound_by=known)
        with pytest.raises(EditionError):
            store_edition(wave_id=wave.pk, made=made, by=None)
        assert set(wave.editions.values_list("state", flat=True)) == {EditionState.RELEASED}

    def test_a_draft_that_was_made_anew_meanwhile_is_told_and_not_released(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        first = pipeline.make_results(wave.pk)
        pipeline.make_results(wave.pk)
        with pytest.raises(EditionError):
            pipeline.release_edition(first.pk, by=None, now=NOW)

    def test_who_handed_in_while_the_wave_closed_is_counted(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        before = wave.responses.count()
        Submission.objects.create(wave=wave, stratum="norra", mode="web", language="sv", day=NOW.date(), answers={})
        edition = pipeline.make_results(wave.pk)
        assert wave.responses.count() == before + 1
        assert not wave.submissions.exists()
        assert edition.state in (EditionState.DRAFT, EditionState.BLOCKED)

    def test_a_blocked_edition_is_not_released_and_feeds_nothing(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        edition = pipeline.make_results(wave.pk)
        Edition.objects.filter(pk=edition.pk).update(state=EditionState.BLOCKED)
        before = Measurement.objects.count()
        with pytest.raises(EditionError):
            pipeline.release_edition(edition.pk, by=None, now=NOW)
        assert Measurement.objects.count() == before

    def test_making_again_gives_the_same_figures(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="home-care")
        fields = (
            "question__code",
            "statistic",
            "part",
            "group__code",
            "level",
            "value",
            "lower",
            "upper",
            "n",
            "hidden",
        )
        first = list(wave.editions.get().figures.values_list(*fields).order_by("pk"))
        again = list(pipeline.make_results(wave.pk).figures.values_list(*fields).order_by("pk"))
        assert [row[:5] for row in first] == [row[:5] for row in again]
        for old, new in zip(first, again, strict=True):
            if not old[-1] and not new[-1]:
                assert old[5:] == pytest.approx(new[5:], nan_ok=True)

    def test_withdrawing_needs_a_reason(self, loaded: None) -> None:
        edition = Edition.objects.filter(state=EditionState.RELEASED).first()
        with pytest.raises(EditionError):
            withdraw_edition(edition_id=edition.pk, note="  ", by=None)
        withdraw_edition(edition_id=edition.pk, note="Fel datum.", by=None)
        edition.refresh_from_db()
        assert edition.state == EditionState.WITHDRAWN

    def test_results_of_an_open_survey_are_refused(self, loaded: None) -> None:
        wave = Wave.objects.first()
        Wave.objects.filter(pk=wave.pk).update(state="open")
        with pytest.raises(EditionError):
            request_results(wave_id=wave.pk, by=None)

    def test_people_who_chose_themselves_are_said_to(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="after-contact", state="closed")
        method = wave.editions.get().method
        assert method["self_selected"] is True
        assert method["response_rate"] is None
        assert not wave.editions.get().figures.filter(statistic=Statistic.RESPONSE_RATE).exists()


@pytest.fixture
def strategist(client: Client) -> Client:
    user = User.objects.create_user("strategist", "strategist@example.org", "a long password")
    grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return client


RESULTS = "/steer/surveys/citizen-survey/2026/results/"


class TestThePages:
    def test_a_draft_says_what_its_release_would_change(self, loaded: None, strategist: Client) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        pipeline.make_results(wave.pk)
        page = strategist.get(RESULTS).content.decode()
        assert "Vad publiceringen ändrar i nyckeltalen" in page
        assert "Skattepengarna används klokt" in page
        assert "ingen säker förändring" in page
        assert "Publicera resultaten" in page

    def test_results_are_made_by_a_job_and_released_by_a_person(self, loaded: None, strategist: Client) -> None:
        strategist.post(f"{RESULTS}make/")
        job = JobRun.objects.get(kind=JobKind.SURVEY_RESULTS)
        claimed = claim_job(job_id=job.pk)
        assert claimed is not None
        pipeline.run(claimed)
        draft = Edition.objects.get(wave__survey__code="citizen-survey", wave__code="2026", state=EditionState.DRAFT)
        strategist.post(f"/steer/surveys/edition/{draft.pk}/release/")
        draft.refresh_from_db()
        assert draft.state == EditionState.RELEASED
        assert draft.released_by is not None
        job.refresh_from_db()
        assert job.state == "succeeded"

    def test_a_blocked_draft_shows_why_and_has_no_button(self, loaded: None, strategist: Client) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2026")
        edition = pipeline.make_results(wave.pk)
        finding = {"table": "recommend", "variable": "sex", "level": "1", "how": "sums"}
        audit = {"passed": False, "findings": [finding]}
        Edition.objects.filter(pk=edition.pk).update(state=EditionState.BLOCKED, audit=audit)
        page = strategist.get(RESULTS).content.decode()
        assert "Granskningen stoppar publiceringen" in page
        assert "går att räkna ut från summor" in page
        assert "Publicera resultaten" not in page

    def test_withdrawing_asks_for_the_reason_and_readers_are_told(self, loaded: None, strategist: Client) -> None:
        edition = Edition.objects.get(wave__survey__code="citizen-survey", wave__code="2026")
        address = f"/steer/surveys/edition/{edition.pk}/withdraw/"
        assert "Varför dras den tillbaka?" in strategist.post(address, {"note": ""}).content.decode()
        strategist.post(address, {"note": "Fel vikter."})
        assert "Fel vikter." in strategist.get(RESULTS).content.decode()

    def test_links_are_made_and_removed(self, loaded: None, strategist: Client) -> None:
        address = "/steer/surveys/home-care/links/"
        survey = Survey.objects.get(code="home-care")
        question = survey.questions.get(code="home-care-respect")
        indicator = Indicator.objects.get(code="ser13")
        told = {"indicator": indicator.pk, "breakdown": "T", "result": f"{question.pk}-share", "group": ""}
        strategist.post(address, told)
        link = survey.links.get()
        assert (link.indicator_id, link.question_id, link.statistic) == (indicator.pk, question.pk, "share")
        assert "matar redan nyckeltalet" in strategist.post(address, told).content.decode()
        strategist.post(f"{address}{link.pk}/remove/")
        assert not survey.links.exists()

    def test_the_number_of_queries_is_fixed(
        self, loaded: None, strategist: Client, django_assert_max_num_queries: Any
    ) -> None:
        pipeline.make_results(Wave.objects.get(survey__code="citizen-survey", code="2026").pk)
        with django_assert_max_num_queries(18):
            strategist.get(RESULTS)

    def test_the_indicator_leads_to_what_residents_answered(self, loaded: None, client: Client) -> None:
        indicator_pipeline.refresh([Indicator.objects.get(code="eko07").pk], today=NOW.date())
        page = client.get("/indicator/eko07/").content.decode()
        assert "/surveys/citizen-survey/" in page
        assert "felmarginal" in page


class TestTheNight:
    def test_a_wave_whose_last_day_has_passed_is_closed_and_its_answers_are_mixed(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="after-contact", code="2026-t3")
        Wave.objects.filter(pk=wave.pk).update(opens_on=date(2026, 9, 1), closes_on=date(2026, 11, 20))
        Submission.objects.create(
            wave=wave, mode="link", language="sv", day=date(2026, 11, 20), answers={"contact-overall": {"0": 5}}
        )
        pipeline.keep_house(today=date(2026, 11, 21))
        wave.refresh_from_db()
        assert wave.state == "closed"
        assert not wave.submissions.exists()
        assert wave.responses.count() == 1

    def test_free_texts_go_when_their_time_is_over_and_it_is_logged(self, loaded: None) -> None:
        wave = Wave.objects.get(survey__code="citizen-survey", code="2024")
        assert wave.comments.exists()
        pipeline.keep_house(today=date(2026, 11, 21))
        assert not wave.comments.exists()
        assert Purge.objects.filter(wave=wave, what="comments").exists()
        assert Wave.objects.get(survey__code="citizen-survey", code="2026").comments.exists()
