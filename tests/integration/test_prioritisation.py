"""A prioritisation through its operations and pages: prepared, scored, discussed, decided, made goals of."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from indicators import operations as indicator_operations
from indicators import pipeline
from indicators.models import Indicator
from indicators.permissions import RoleName
from scorecard import models as council_models
from scorecard import operations as council_operations
from scorecard.models import Candidate, Decision, Goal, Participant, Prioritisation, Score, Vision
from scorecard.operations import prioritisation as operations
from scorecard.operations.prioritisation import NewCandidate, PrioritisationError
from scorecard.operations.prioritisation_goals import make_goals
from scorecard.queries import prioritisation as queries
from tests.integration import council_world

pytestmark = pytest.mark.django_db
NAMES = ("Alfa", "Beta", "Gamma", "Delta", "Epsilon", "Zeta")


def person(name: str, role: RoleName) -> Any:
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "pw", first_name=name.title())
    indicator_operations.grant_role(user=user, name=role, by=None)
    return user


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def world() -> Iterator[None]:
    council_world.build(values=False)
    with translation.override("en"):
        yield


@pytest.fixture
def strategist(world: None) -> Any:
    return person("stina", RoleName.STRATEGIST)


@pytest.fixture
def members(world: None) -> list[Any]:
    return [person(name, RoleName.COUNCIL) for name in ("ada", "bo", "cia")]


@pytest.fixture
def number(strategist: Any, members: list[Any]) -> int:
    """A session that is prepared: six candidates, two can be chosen, three score."""
    made = operations.create_prioritisation(title="Målen", year=2026, capacity=2, by=strategist).pk
    rows = [NewCandidate(name={"sv": name, "en": ""}, theme={"sv": "Nytt tema", "en": ""}) for name in NAMES]
    rows[0] = NewCandidate(name={"sv": "Alfa", "en": ""}, goal="one", theme={"sv": "Lärande", "en": ""})
    rows[1] = NewCandidate(
        name={"sv": "Beta", "en": ""}, indicators=["hed", "eva"], theme={"sv": "Nytt tema", "en": ""}
    )
    operations.add_candidates(number=made, candidates=rows, by=strategist)
    operations.set_participants(number=made, user_ids=[user.pk for user in members], by=strategist)
    return made


def score(number: int, user: Any, **values: int | None) -> None:
    """One value for a candidate on every criterion but the cost, which gets its reverse."""
    scores: dict[tuple[str, str], int | None] = {}
    for code, value in values.items():
        for criterion in ("effect", "gap", "legal", "influence"):
            scores[code, criterion] = value
        scores[code, "cost"] = None if value is None else 6 - value
    operations.store_scores(number=number, user_id=user.pk, scores=scores, now=timezone.now(), by=user)


@pytest.fixture
def discussed(number: int, strategist: Any, members: list[Any]) -> int:
    """Scored so that the order is beta, alfa, gamma, delta, epsilon, and zeta without scores."""
    operations.open_scoring(number=number, by=strategist)
    score(number, members[0], alfa=4, beta=5, gamma=3, delta=2, epsilon=1, zeta=None)
    score(number, members[1], alfa=4, beta=5, gamma=3, delta=2, epsilon=1)
    score(number, members[2], alfa=4, beta=1, gamma=3)
    operations.open_discussion(number=number, by=strategist)
    return number


def order(number: int) -> list[str]:
    return list(Candidate.objects.filter(prioritisation=number).order_by("place").values_list("code", flat=True))


def decide(number: int, by: Any) -> Decision:
    session = Prioritisation.objects.get(pk=number)
    below = order(number)[session.line or 0 :]
    if below:
        operations.give_reasons(number=number, codes=below, reason="Får vänta", by=by)
    return operations.decide(number=number, version=Prioritisation.objects.get(pk=number).version, by=by)


class TestPreparing:
    def test_a_list_is_taken_whole_or_not_at_all(self, number: int, strategist: Any) -> None:
        client = signed_in(strategist)
        lines = "Eta;Nytt tema;Beskrivning;one\nTheta\n;tema utan namn\nIota;;;finns-inte\nEta"
        answer = client.post(f"/en/prioritisation/{number}/candidates/", {"act": "paste", "lines": lines})
        page = answer.content.decode()
        assert "Line 3: the name is missing." in page
        assert "Line 4: there is no goal or indicator with the code “finns-inte”." in page
        assert "Line 5: “Eta” stands here twice." in page
        assert Candidate.objects.filter(prioritisation=number).count() == len(NAMES)

    def test_a_list_from_a_sheet(self, number: int, strategist: Any) -> None:
        lines = "Eta\tTema\tText\tone, ann\r\nTheta\tTema\t\t\r\n\r\n"
        answer = signed_in(strategist).post(f"/prioritisation/{number}/candidates/", {"act": "paste", "lines": lines})
        assert answer.status_code == 302
        eta = Candidate.objects.get(prioritisation=number, code="eta")
        assert eta.goal is not None
        assert (eta.goal.code, eta.theme_sv, eta.text_sv) == ("one", "Tema", "Text")
        assert [indicator.code for indicator in eta.indicators.all()] == ["ann"]
        assert order(number)[-1] == "theta"

    def test_what_is_there_is_not_added_again(self, number: int, strategist: Any) -> None:
        with pytest.raises(PrioritisationError, match="among the candidates already"):
            operations.add_candidates(
                number=number,
                candidates=[NewCandidate(name={"sv": "Ny"}), NewCandidate(name={"sv": "ALFA"})],
                by=strategist,
            )
        assert Candidate.objects.filter(prioritisation=number).count() == len(NAMES)

    def test_another_sessions_candidates_are_copied_once(self, number: int, strategist: Any) -> None:
        other = operations.create_prioritisation(title="Nästa", year=2027, capacity=2, by=strategist).pk
        assert operations.copy_candidates(number=other, source=number, by=strategist) == len(NAMES)
        assert operations.copy_candidates(number=other, source=number, by=strategist) == 0
        beta = Candidate.objects.get(prioritisation=other, code="beta")
        assert {indicator.code for indicator in beta.indicators.all()} == {"hed", "eva"}

    def test_scoring_says_all_that_it_needs(self, strategist: Any) -> None:
        empty = operations.create_prioritisation(title="Tom", year=2026, capacity=2, by=strategist).pk
        with pytest.raises(PrioritisationError, match=r"more candidates than can be chosen, at least one participant"):
            operations.open_scoring(number=empty, by=strategist)

    def test_the_criteria_are_changed_on_their_page(self, number: int, strategist: Any) -> None:
        client = signed_in(strategist)
        page = client.get(f"/en/prioritisation/{number}/settings/")
        data: dict[str, Any] = {"title": "Annat", "year": 2030, "capacity": 3}
        formset = page.context["criteria"]
        data |= {"criteria-TOTAL_FORMS": 7, "criteria-INITIAL_FORMS": 5}
        for at, one in enumerate(formset.forms):
            for name in ("id", "name_sv", "name_en", "help_sv", "help_en", "weight", "against"):
                value = one.initial.get(name)
                if value not in (None, False):
                    data[f"criteria-{at}-{name}"] = value
        data["criteria-0-weight"] = "0"
        data["criteria-1-DELETE"] = "on"
        data |= {"criteria-5-name_sv": "Bråttom", "criteria-5-weight": "1.5"}
        answer = client.post(f"/en/prioritisation/{number}/settings/", data)
        assert answer.status_code == 302
        session = Prioritisation.objects.get(pk=number)
        assert (session.title, session.year, session.capacity) == ("Annat", 2030, 3)
        weights = {row.code: float(row.weight) for row in session.criteria.all()}
        assert weights == {"effect": 0, "cost": 2, "legal": 1, "influence": 2, "brattom": 1.5}

    def test_who_has_scored_stays(self, number: int, strategist: Any, members: list[Any]) -> None:
        operations.open_scoring(number=number, by=strategist)
        score(number, members[0], alfa=3)
        with pytest.raises(PrioritisationError, match="1 participant has scored already"):
            operations.set_participants(number=number, user_ids=[members[1].pk], by=strategist)
        operations.set_participants(number=number, user_ids=[members[0].pk, strategist.pk], by=strategist)
        assert Participant.objects.filter(prioritisation=number).count() == 2


@pytest.mark.django_db(transaction=True)
class TestTogether:
    """Somebody's scores are on their way while the scoring is closed."""

    def test_who_closes_the_scoring_waits_for_scores_that_are_being_saved(
        self, number: int, strategist: Any, members: list[Any]
    ) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("there is one writer at a time")
        operations.open_scoring(number=number, by=strategist)
        score(number, members[0], alfa=5)
        saving, done = threading.Event(), threading.Event()

        def close() -> None:
            saving.wait(timeout=10)
            operations.open_discussion(number=number, by=strategist)
            done.set()
            connection.close()

        other = threading.Thread(target=close)
        other.start()
        with transaction.atomic():
            score(number, members[1], beta=5, gamma=5)
            saving.set()
            assert not done.wait(timeout=0.5)
        other.join(timeout=10)
        assert done.is_set()
        assert queries.scores(number).scorers["beta"] == 1
        assert set(order(number)[:3]) == {"alfa", "beta", "gamma"}

    def test_scores_that_come_while_the_scoring_is_being_closed_are_refused(
        self, number: int, strategist: Any, members: list[Any]
    ) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("there is one writer at a time")
        operations.open_scoring(number=number, by=strategist)
        score(number, members[0], alfa=5)
        raised: list[Exception] = []
        closing = threading.Event()

        def late() -> None:
            closing.wait(timeout=10)
            try:
                score(number, members[1], beta=5)
            except PrioritisationError as error:
                raised.append(error)
            connection.close()

        other = threading.Thread(target=late)
        other.start()
        with transaction.atomic():
            operations.open_discussion(number=number, by=strategist)
            closing.set()
            other.join(timeout=0.5)
            assert other.is_alive()
        other.join(timeout=10)
        assert len(raised) == 1
        assert not Score.objects.filter(participant__user=members[1]).exists()


class TestScoring:
    @pytest.mark.parametrize("after", ["//evil.example", "https://evil.example/", "nobody", "../../accounts"])
    def test_next_is_a_candidate_or_nothing(self, number: int, strategist: Any, members: list[Any], after: str) -> None:
        operations.open_scoring(number=number, by=strategist)
        answer = signed_in(members[0]).post(
            f"/en/prioritisation/{number}/scoring/save/", {"alfa|effect": "3", "next": after}
        )
        assert answer["Location"] == f"/en/prioritisation/{number}/"

    def test_saving_twice_is_saving_once_and_no_opinion_is_a_row_without_a_value(
        self, number: int, strategist: Any, members: list[Any]
    ) -> None:
        operations.open_scoring(number=number, by=strategist)
        client = signed_in(members[0])
        for value in ("4", "4", "none"):
            answer = client.post(
                f"/prioritisation/{number}/scoring/save/",
                {"alfa|effect": value},
                headers={"X-Requested-With": "fetch"},
            )
            assert answer.status_code == 200
        assert Score.objects.get().value is None
        assert queries.own_scores(number, members[0].pk) == {("alfa", "effect"): None}
        client.post(f"/prioritisation/{number}/scoring/save/", {"alfa|effect": ""})
        assert not Score.objects.exists()

    @pytest.mark.parametrize("value", ["0", "6", "x", "-1", "٣"])
    def test_nothing_but_1_to_5_is_a_score(self, number: int, strategist: Any, members: list[Any], value: str) -> None:
        operations.open_scoring(number=number, by=strategist)
        answer = signed_in(members[0]).post(
            f"/en/prioritisation/{number}/scoring/save/",
            {"alfa|effect": "3", "beta|effect": value},
            headers={"X-Requested-With": "fetch"},
        )
        assert answer.status_code == 409
        assert answer.content
        assert not Score.objects.exists()

    def test_after_the_scoring_nothing_is_saved(self, discussed: int, members: list[Any]) -> None:
        before = Score.objects.count()
        answer = signed_in(members[0]).post(
            f"/en/prioritisation/{discussed}/scoring/save/",
            {"zeta|effect": "3"},
            headers={"X-Requested-With": "fetch"},
        )
        assert (answer.status_code, Score.objects.count()) == (409, before)
        assert b"not open" in answer.content

    def test_who_does_not_take_part_is_told_whom_to_ask(self, number: int, strategist: Any) -> None:
        operations.open_scoring(number=number, by=strategist)
        answer = signed_in(person("dag", RoleName.COUNCIL)).get(f"/en/prioritisation/{number}/scoring/")
        assert answer.status_code == 403
        assert b"Ask a quality strategist" in answer.content

    def test_a_form_without_a_script_saves_all_and_goes_on(
        self, number: int, strategist: Any, members: list[Any]
    ) -> None:
        operations.open_scoring(number=number, by=strategist)
        answer = signed_in(members[0]).post(
            f"/prioritisation/{number}/scoring/save/", {"alfa|effect": "5", "alfa|cost": "none", "next": "beta"}
        )
        assert answer.headers["Location"] == f"/prioritisation/{number}/score/beta/"
        assert Score.objects.count() == 2

    def test_a_screen_shows_what_the_data_says(self, number: int, strategist: Any, members: list[Any]) -> None:
        council_world.measure(council_world.VALUES)
        pipeline.refresh(list(Indicator.objects.values_list("id", flat=True)), today=council_world.TODAY)
        operations.open_scoring(number=number, by=strategist)
        page = signed_in(members[0]).get(f"/en/prioritisation/{number}/score/alfa/").content.decode()
        assert "Mått ann (en)" in page
        assert "82%" in page
        assert "status--met" in page


class TestDiscussion:
    def test_the_list_starts_from_the_computed_order(self, discussed: int) -> None:
        assert order(discussed) == ["beta", "alfa", "gamma", "delta", "epsilon", "zeta"]
        assert Prioritisation.objects.get(pk=discussed).line == 2
        standings = {one.code: one for one in operations.proposal(discussed)}
        assert standings["beta"].score == 5
        assert standings["zeta"].rank is None
        assert standings["zeta"].few
        assert standings["beta"].cells[0].spread == 2
        assert standings["delta"].scorers == 2

    def test_moves(self, discussed: int, strategist: Any) -> None:
        operations.move_candidate(number=discussed, code="zeta", to=1, by=strategist)
        assert order(discussed) == ["zeta", "beta", "alfa", "gamma", "delta", "epsilon"]
        operations.move_candidate(number=discussed, code="zeta", steps=2, by=strategist)
        assert order(discussed) == ["beta", "alfa", "zeta", "gamma", "delta", "epsilon"]
        operations.move_candidate(number=discussed, code="beta", steps=-1, by=strategist)
        operations.move_candidate(number=discussed, code="epsilon", to=99, by=strategist)
        assert order(discussed) == ["beta", "alfa", "zeta", "gamma", "delta", "epsilon"]
        operations.move_line(number=discussed, steps=-5, by=strategist)
        assert Prioritisation.objects.get(pk=discussed).line == 0

    def test_a_screen_is_told_of_changes_and_of_nothing_else(
        self, discussed: int, strategist: Any, members: list[Any]
    ) -> None:
        client = signed_in(members[0])
        session = Prioritisation.objects.get(pk=discussed)
        address = f"/prioritisation/{discussed}/follow/?state=discussion&version={session.version}"
        assert client.get(address).status_code == 204  # the first request of a session renews it
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 204
        assert len(asked) <= 5, [query["sql"] for query in asked]
        operations.move_candidate(number=discussed, code="zeta", to=1, by=strategist)
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.content.index(b"row-zeta") < answer.content.index(b"row-beta")
        decide(discussed, strategist)
        assert client.get(address).headers["HX-Refresh"] == "true"

    def test_nobodys_scores_are_shown_by_name(self, discussed: int, strategist: Any, members: list[Any]) -> None:
        client = signed_in(strategist)
        for path in ("", "candidate/beta/", "decision/"):
            page = client.get(f"/prioritisation/{discussed}/{path}").content.decode()
            assert not [user.first_name for user in members if f">{user.first_name}<" in page]

    def test_members_look_and_do_not_move(self, discussed: int, members: list[Any]) -> None:
        client = signed_in(members[0])
        assert b'name="move"' not in client.get(f"/prioritisation/{discussed}/").content
        assert client.post(f"/prioritisation/{discussed}/move/", {"move": "zeta|up"}).status_code == 403
        assert order(discussed)[-1] == "zeta"

    @pytest.mark.parametrize("move", ["", "zeta|sideways", "zeta|to:", "zeta|to:x", "nobody|up", "zeta|to:99999"])
    def test_a_move_that_means_nothing_changes_nothing(self, discussed: int, strategist: Any, move: str) -> None:
        before = order(discussed)
        answer = signed_in(strategist).post(f"/prioritisation/{discussed}/move/", {"move": move})
        assert answer.status_code == 302
        assert order(discussed) == before


class TestDecision:
    def test_everything_set_aside_needs_a_reason(self, discussed: int, strategist: Any) -> None:
        operations.give_reasons(number=discussed, codes=["gamma", "delta"], reason="Får vänta", by=strategist)
        version = Prioritisation.objects.get(pk=discussed).version
        with pytest.raises(PrioritisationError, match="2 candidates are set aside without a reason"):
            operations.decide(number=discussed, version=version, by=strategist)
        assert not Decision.objects.exists()

    def test_more_than_the_capacity_is_refused_with_the_number(self, discussed: int, strategist: Any) -> None:
        operations.move_line(number=discussed, to=5, by=strategist)
        with pytest.raises(PrioritisationError, match="5 are above the line, but at most 2 can be chosen: move 3"):
            decide(discussed, strategist)
        assert not Decision.objects.exists()

    def test_who_saw_an_older_list_looks_again(self, discussed: int, strategist: Any) -> None:
        operations.give_reasons(number=discussed, codes=order(discussed), reason="Får vänta", by=strategist)
        version = Prioritisation.objects.get(pk=discussed).version
        operations.move_candidate(number=discussed, code="zeta", to=1, by=strategist)
        with pytest.raises(PrioritisationError, match="has changed since"):
            operations.decide(number=discussed, version=version, by=strategist)

    def test_it_keeps_what_was_chosen_set_aside_and_computed(self, discussed: int, strategist: Any) -> None:
        operations.move_candidate(number=discussed, code="gamma", to=1, by=strategist)
        made = decide(discussed, strategist)
        assert made.chosen == ["gamma", "beta"]
        assert made.set_aside == dict.fromkeys(["alfa", "delta", "epsilon", "zeta"], "Får vänta")
        assert [row["code"] for row in made.proposal][:3] == ["beta", "alfa", "gamma"]
        assert (made.decided_by, made.capacity) == (strategist, 2)
        chosen = Candidate.objects.filter(prioritisation=discussed, chosen=True)
        assert {row.code for row in chosen} == {"gamma", "beta"}

    def test_it_is_made_once(self, discussed: int, strategist: Any) -> None:
        decide(discussed, strategist)
        with pytest.raises(PrioritisationError, match="Decided"):
            operations.decide(number=discussed, version=1, by=strategist)
        with pytest.raises(PrioritisationError, match="Decided"):
            operations.move_candidate(number=discussed, code="zeta", to=1, by=strategist)
        assert Decision.objects.count() == 1

    def test_everyone_reads_it_afterwards_and_nobody_outside_before(self, discussed: int, strategist: Any) -> None:
        public = Client()
        reporter = get_user_model().objects.create_user("rut")
        assert public.get(f"/en/prioritisation/{discussed}/").status_code == 302
        assert signed_in(reporter).get(f"/en/prioritisation/{discussed}/").status_code == 403
        assert b"M\xc3\xa5len" not in public.get("/en/prioritisations/").content
        decide(discussed, strategist)
        page = public.get(f"/en/prioritisation/{discussed}/").content.decode()
        assert "Får vänta" in page
        assert page.index("Beta") < page.index("Set aside, and why") < page.index("Gamma")
        assert public.get(f"/en/prioritisation/{discussed}/candidate/gamma/").status_code == 200
        assert b"M\xc3\xa5len" in public.get("/en/prioritisations/").content


class TestGoals:
    def test_a_new_mandate_carries_goals_over_and_begins_new_ones(self, discussed: int, strategist: Any) -> None:
        decide(discussed, strategist)
        committee = Goal.objects.get(code="three").committee
        made = make_goals(number=discussed, new_mandate=True, committee_id=committee.pk, by=strategist)
        assert (made.made, made.there_already, made.vision.valid_from) == (2, 0, 2026)
        before = Vision.objects.get(valid_from=2000)
        assert (before.valid_to, made.vision.copied_from) == (2025, before)
        carried = Goal.objects.get(code="one-2026")
        assert carried.issue.vision == made.vision
        assert [(row.indicator.code, row.key) for row in carried.links.all()] == [("ann", True), ("ben", False)]
        assert carried.directions.count() == 1
        new = Goal.objects.get(code="beta")
        assert (new.sentence_sv, new.short_sv, new.committee) == ("Beta", "Beta", committee)
        assert [row.indicator.code for row in new.links.all()] == ["eva", "hed"]
        assert new.issue.name_sv == "Nytt tema"
        assert Goal.objects.get(code="one").issue.vision == before

    def test_the_valid_chain_gets_what_it_has_not_got(self, discussed: int, strategist: Any) -> None:
        decide(discussed, strategist)
        committee = Goal.objects.get(code="three").committee
        before = Goal.objects.count()
        made = make_goals(number=discussed, new_mandate=False, committee_id=committee.pk, by=strategist)
        assert (made.made, made.there_already, made.vision.valid_from) == (1, 1, 2000)
        assert Goal.objects.count() == before + 1

    def test_a_goal_that_came_with_a_copied_chain_is_not_made_again(self, discussed: int, strategist: Any) -> None:
        old = Vision.objects.get()
        copied = council_operations.copy_mandate(
            vision_id=old.pk,
            valid_from=2026,
            valid_to=None,
            titles={"title_sv": "Nästa", "title_en": "Next", "text_sv": "", "text_en": ""},
            today=council_world.TODAY,
            by=strategist,
        )
        decide(discussed, strategist)
        committee = council_models.Committee.objects.first()
        made = make_goals(number=discussed, new_mandate=False, committee_id=committee.pk, by=strategist)
        assert made.vision == copied
        assert (made.made, made.there_already) == (1, 1)
        assert Goal.objects.filter(issue__vision=copied, code__startswith="one-").count() == 1
        linked = Candidate.objects.get(prioritisation=discussed, code="alfa").goal
        assert linked is not None
        assert linked.issue.vision == copied

    def test_a_mandate_that_is_prepared_for_later_is_not_overlapped(self, discussed: int, strategist: Any) -> None:
        old = Vision.objects.get()
        council_operations.copy_mandate(
            vision_id=old.pk,
            valid_from=2030,
            valid_to=None,
            titles={"title_sv": "Sedan", "title_en": "Later", "text_sv": "", "text_en": ""},
            today=council_world.TODAY,
            by=strategist,
        )
        decide(discussed, strategist)
        committee = council_models.Committee.objects.first()
        made = make_goals(number=discussed, new_mandate=True, committee_id=committee.pk, by=strategist)
        assert (made.vision.valid_from, made.vision.valid_to) == (2026, 2029)

    def test_never_twice(self, discussed: int, strategist: Any) -> None:
        decide(discussed, strategist)
        committee = Goal.objects.get(code="three").committee
        make_goals(number=discussed, new_mandate=True, committee_id=committee.pk, by=strategist)
        before = (Goal.objects.count(), Vision.objects.count())
        for new_mandate in (True, False):
            with pytest.raises(PrioritisationError, match="become goals already"):
                make_goals(number=discussed, new_mandate=new_mandate, committee_id=committee.pk, by=strategist)
        assert (Goal.objects.count(), Vision.objects.count()) == before

    def test_a_new_goal_needs_a_committee(self, discussed: int, strategist: Any) -> None:
        decide(discussed, strategist)
        before = (Goal.objects.count(), Vision.objects.count())
        with pytest.raises(PrioritisationError, match="Choose one for: Beta"):
            make_goals(number=discussed, new_mandate=True, committee_id=None, by=strategist)
        assert (Goal.objects.count(), Vision.objects.count()) == before

    def test_nothing_before_the_decision(self, discussed: int, strategist: Any) -> None:
        with pytest.raises(PrioritisationError, match="nothing has been decided yet"):
            make_goals(number=discussed, new_mandate=True, committee_id=None, by=strategist)


class TestSize:
    def test_pages_ask_as_much_for_many_as_for_few(self, number: int, strategist: Any, members: list[Any]) -> None:
        operations.open_scoring(number=number, by=strategist)
        score(number, members[0], alfa=4, beta=3)
        few = self._asked(number, strategist, members[0])
        operations.back_to_preparation(number=number, by=strategist)
        more = [NewCandidate(name={"sv": f"Fråga {n}"}, indicators=["ann", "cid"]) for n in range(40)]
        operations.add_candidates(number=number, candidates=more, by=strategist)
        users = [*members, *(person(f"p{n}", RoleName.COUNCIL) for n in range(6))]
        operations.set_participants(number=number, user_ids=[user.pk for user in users], by=strategist)
        operations.open_scoring(number=number, by=strategist)
        for user in users:
            score(number, user, alfa=4, beta=3, **{f"fraga-{n}": 3 for n in range(40)})
        assert self._asked(number, strategist, members[0]) == few

    def _asked(self, number: int, strategist: Any, member: Any) -> dict[str, int]:
        found = {}
        for client, path in (
            (signed_in(strategist), ""),
            (signed_in(member), ""),
            (signed_in(member), "scoring/"),
            (signed_in(member), "score/alfa/"),
        ):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/prioritisation/{number}/{path}").status_code == 200
            found[f"{client.session['_auth_user_id']} {path}"] = len(asked)
        operations.open_discussion(number=number, by=strategist)
        client = signed_in(strategist)
        for path in ("", "candidate/alfa/", "decision/"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/prioritisation/{number}/{path}").status_code == 200
            found[f"discussion {path}"] = len(asked)
        operations.open_scoring(number=number, by=strategist)
        return found
