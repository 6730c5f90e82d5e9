"""Samples: a register in all or nothing, populations, backgrounds, a draw that can be done again, people forgotten."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from indicators import operations as indicator_operations
from indicators.permissions import RoleName
from surveys.compute.tokens import ALPHABET
from surveys.models import FramePerson, Invitation, Margin, Purge, SampleFrame, Stratum, Wave, WaveState
from surveys.operations import sampling
from surveys.operations.sampling import SampleError
from surveys.queries import sampling as queries
from tests.integration import sample_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategist(client: Client) -> User:
    user = User.objects.create_user("stina", "stina@example.org", first_name="Stina", last_name="Ek")
    indicator_operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    client.force_login(user)
    return user


def address(name: str, *args: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=["resident", "2026", *args])


def draw(wave: Wave, seed: int = 7, **wanted: int) -> int:
    return sampling.draw_sample(wave_id=wave.pk, wanted=wanted, seed=seed, now=timezone.now(), by=None)


class TestRegister:
    def test_people_strata_population_and_backgrounds(self) -> None:
        wave = world.wave()
        stored = world.read(wave, world.register(("Norr", 60), ("Syd", 100)))
        assert (stored.people, stored.backgrounds) == (160, ("gender",))
        assert dict(Stratum.objects.values_list("code", "population")) == {"Norr": 60, "Syd": 100}
        assert dict(Margin.objects.values_list("value", "population")) == {1: 80, 2: 80}
        wave.refresh_from_db()
        assert wave.population == 160

    def test_one_faulty_row_and_nothing_is_kept_unless_it_is_left_out(self) -> None:
        wave, content = world.wave(), world.register(("Norr", 3)) + b"\n;Nobody;;;;;sv;Man"
        with pytest.raises(SampleError):
            world.read(wave, content)
        assert not SampleFrame.objects.exists()
        assert not Stratum.objects.exists()
        assert world.read(wave, content, leave_out=True).people == 3
        kept = SampleFrame.objects.get()
        assert kept.rejected == [{"row": 5, "column": "A", "fault": "no_stratum", "of": 0}]
        assert "Nobody" not in str(kept.rejected)

    def test_a_further_register_takes_the_place_of_the_first(self) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 60)))
        world.read(wave, world.register(("Syd", 70)))
        assert list(Stratum.objects.values_list("code", "population")) == [("Syd", 70)]
        assert FramePerson.objects.count() == 70

    def test_a_background_with_unknown_cells_gives_no_margin(self) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 3)).replace(b"Kvinna", b"?"))
        assert not Margin.objects.exists()

    def test_counts_that_were_set_before_are_kept_where_they_are_larger(self) -> None:
        wave = world.wave()
        sampling.set_counts(wave_id=wave.pk, counts={"Norr": 500, "Syd": 10, "Gone": 5}, by=None)
        world.read(wave, world.register(("Norr", 60), ("Syd", 100)))
        assert dict(Stratum.objects.values_list("code", "population")) == {"Norr": 500, "Syd": 100}

    @pytest.mark.parametrize("state", [WaveState.OPEN, WaveState.CLOSED])
    def test_not_once_the_survey_has_opened(self, state: str) -> None:
        wave = world.wave(state=state)
        with pytest.raises(SampleError):
            world.read(wave, world.register(("Norr", 60)))

    def test_a_hundred_thousand_people(self) -> None:
        wave = world.wave()
        assert world.read(wave, world.register(("Norr", 40_000), ("Syd", 60_000))).people == 100_000
        assert draw(wave, Norr=480, Syd=720) == 1200
        assert not FramePerson.objects.exists()


class TestCounts:
    def test_are_not_below_the_register(self) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 60), ("Syd", 100)))
        sampling.set_counts(wave_id=wave.pk, counts={"Norr": 75}, by=None)
        wave.refresh_from_db()
        assert wave.population == 175
        for counts in ({"Norr": 59}, {"Nord": 100}):
            with pytest.raises(SampleError):
                sampling.set_counts(wave_id=wave.pk, counts=counts, by=None)
        assert dict(Stratum.objects.values_list("code", "population")) == {"Norr": 75, "Syd": 100}

    def test_margins_are_for_every_choice_or_none(self) -> None:
        wave = world.wave()
        question = wave.items.get().version.question_id
        sampling.set_margins(wave_id=wave.pk, margins={question: {1: 0, 2: 9}}, by=None)
        assert dict(Margin.objects.values_list("value", "population")) == {1: 0, 2: 9}
        for counts in ({1: 5}, {1: 5, 2: 5, 3: 5}, {1: 0, 2: 0}):
            with pytest.raises(SampleError):
                sampling.set_margins(wave_id=wave.pk, margins={question: counts}, by=None)
        sampling.set_margins(wave_id=wave.pk, margins={question: {}}, by=None)
        assert not Margin.objects.exists()


class TestDraw:
    def test_as_many_as_wanted_with_a_code_each_and_the_others_deleted(self) -> None:
        wave = world.drawn(("Norr", 25), ("Syd", 40))
        invitations = list(Invitation.objects.select_related("stratum"))
        assert sorted({(i.stratum.code, i.stratum.sampled) for i in invitations}) == [("Norr", 25), ("Syd", 40)]
        assert len(invitations) == len({i.token for i in invitations}) == 65
        assert all(len(i.token) == 12 and set(i.token) <= set(ALPHABET) for i in invitations)
        assert all(i.name.startswith(f"Person {i.stratum.code} ") for i in invitations)
        assert not FramePerson.objects.exists()
        wave.refresh_from_db()
        assert wave.seed == 7

    def test_the_same_register_and_seed_draw_the_same_people_with_other_codes(self) -> None:
        wave = world.drawn(("Norr", 25))
        first = {i.name: i.token for i in Invitation.objects.all()}
        sampling.remove_sample(wave_id=wave.pk, by=None)
        assert not Invitation.objects.exists()
        assert not SampleFrame.objects.exists()
        world.drawn(("Norr", 25), of=wave)
        again = {i.name: i.token for i in Invitation.objects.all()}
        assert again.keys() == first.keys()
        assert not set(again.values()) & set(first.values())
        sampling.remove_sample(wave_id=wave.pk, by=None)
        world.drawn(("Norr", 25), of=wave, seed=8)
        assert {i.name for i in Invitation.objects.all()} != first.keys()

    @pytest.mark.parametrize(
        ("people", "wanted"), [(49, 49), (50, 19), (200, 0), (200, 201)], ids=["few", "sample", "none", "more"]
    )
    def test_what_would_point_people_out_is_refused_with_the_reason(self, people: int, wanted: int) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", people), ("Syd", 100)))
        with pytest.raises(SampleError) as refused, translation.override("en"):
            draw(wave, Norr=wanted, Syd=20)
        if wanted <= people:
            assert "Norr" in str(refused.value)
            assert "merge it" in str(refused.value)
        assert FramePerson.objects.count() == people + 100
        assert not Invitation.objects.exists()

    def test_once(self) -> None:
        wave = world.drawn(("Norr", 25))
        with pytest.raises(SampleError):
            draw(wave, Norr=25)
        assert Invitation.objects.count() == 25

    def test_the_database_holds_no_sample_larger_than_its_population(self) -> None:
        stratum = Stratum.objects.create(wave=world.wave(), code="Norr", population=10)
        with pytest.raises(IntegrityError), transaction.atomic():
            Stratum.objects.filter(pk=stratum.pk).update(sampled=11)

    def test_a_sample_that_was_written_to_stays(self) -> None:
        wave = world.drawn(("Norr", 25))
        world.prepared(wave)
        with pytest.raises(SampleError):
            sampling.remove_sample(wave_id=wave.pk, by=None)


class TestForgetting:
    def test_addresses_go_and_counts_stay(self) -> None:
        wave = world.drawn(("Norr", 25))
        Invitation.objects.filter(pk__in=Invitation.objects.values("pk")[:6]).update(answered=True)
        with pytest.raises(SampleError):
            sampling.forget_addresses(wave_id=wave.pk, by=None)
        Wave.objects.update(state=WaveState.CLOSED)
        assert sampling.forget_addresses(wave_id=wave.pk, by=None) == 25
        for invitation in Invitation.objects.all():
            assert [getattr(invitation, name) for name in sampling.REACHED_BY] == [""] * 5
        assert Invitation.objects.filter(answered=True).count() == 6
        assert Purge.objects.get().count == 25
        assert sampling.forget_addresses(wave_id=wave.pk, by=None) == 0
        assert Purge.objects.count() == 1

    def test_by_the_clock_ninety_days_after_closing(self) -> None:
        wave = world.drawn(("Norr", 25))
        Wave.objects.update(state=WaveState.CLOSED, closes_on=date(2026, 10, 31))
        assert sampling.forget_old_addresses(today=date(2027, 1, 28), by=None) == 0
        assert sampling.forget_old_addresses(today=date(2027, 1, 29), by=None) == 1
        assert not Invitation.objects.exclude(name="").exists()
        assert sampling.forget_old_addresses(today=date(2027, 1, 30), by=None) == 0
        assert wave.purges.count() == 1

    def test_a_register_that_was_never_drawn_from_goes_too(self) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 60)))
        Wave.objects.update(state=WaveState.CLOSED)
        assert sampling.forget_addresses(wave_id=wave.pk, by=None) == 60
        assert not FramePerson.objects.exists()

    def test_a_register_that_lies_unused_for_ninety_days_goes_by_the_clock(self) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 60)))
        read_on = timezone.localdate(SampleFrame.objects.get().read_at)
        assert sampling.forget_old_addresses(today=read_on + timedelta(days=89), by=None) == 0
        assert FramePerson.objects.count() == 60
        assert sampling.forget_old_addresses(today=read_on + timedelta(days=90), by=None) == 1
        assert not FramePerson.objects.exists()
        assert wave.purges.get().count == 60
        assert sampling.forget_old_addresses(today=read_on + timedelta(days=91), by=None) == 0

    @pytest.mark.parametrize("people", [2_147_483_648, 10**30])
    def test_a_population_too_large_to_be_kept_is_refused(self, people: int) -> None:
        wave = world.wave()
        with pytest.raises(SampleError):
            sampling.set_counts(wave_id=wave.pk, counts={"Norr": people}, by=None)
        assert not wave.strata.exists()


class TestPages:
    def test_from_register_to_draw(self, client: Client, strategist: User) -> None:
        world.wave()
        file = SimpleUploadedFile("register.csv", world.register(("Norr", 400), ("Syd", 600)))
        told = client.post(address("wave-frame-upload"), {"file": file}, follow=True).content.decode()
        assert "1,000 people were read in." in told
        choices = {"people": "200", "method": "proportional", "least": "20", "rate": "40", "seed": "99"}
        with CaptureQueriesContext(connection) as queried:
            plan = client.get(address("wave-draw"), choices).content.decode()
        assert not [q for q in queried.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        # √(0.16·0.92·0.25/31 + 0.36·0.92·0.25/47) = 5.43 points, times t(78) = 1.991
        assert "± 10.8 percentage points" in plan
        assert "Draw 200 people" in plan
        assert not Invitation.objects.exists()
        told = client.post(address("wave-draw"), choices, follow=True).content.decode()
        assert "200 people were drawn" in told
        assert dict(Stratum.objects.values_list("code", "sampled")) == {"Norr": 80, "Syd": 120}
        assert Wave.objects.get().seed == 99

    def test_rejected_rows_are_listed_and_nothing_lost(self, client: Client, strategist: User) -> None:
        world.wave()
        content = world.register(("Norr", 60)) + b"\nNorr;Hemlig Person;;;;fel;sv;Man"
        answer = client.post(address("wave-frame-upload"), {"file": SimpleUploadedFile("register.csv", content)})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "1 row was rejected, so nothing was stored." in page
        assert "F62: " in page
        assert "Hemlig" not in page
        file = SimpleUploadedFile("register.csv", content)
        client.post(address("wave-frame-upload"), {"file": file, "leave_out": "on"})
        assert FramePerson.objects.count() == 60

    def test_a_plan_that_points_people_out_cannot_be_drawn(self, client: Client, strategist: User) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 30), ("Syd", 600)))
        choices = {"people": "200", "method": "proportional", "least": "0", "rate": "40", "seed": "1"}
        page = client.get(address("wave-draw"), choices).content.decode()
        assert "“Norr” has 30 people." in page
        assert "Draw 200 people" not in page
        assert client.post(address("wave-draw"), choices).status_code == 422
        assert not Invitation.objects.exists()

    def test_neyman_asks_for_the_deviations(self, client: Client, strategist: User) -> None:
        wave = world.wave()
        world.read(wave, world.register(("Norr", 500), ("Syd", 500)))
        choices = {"people": "200", "method": "neyman", "least": "20", "rate": "40", "seed": "1"}
        page = client.get(address("wave-draw"), choices)
        assert page.status_code == 422
        assert "Standard deviation in “Norr”" in page.content.decode()
        ids = dict(Stratum.objects.values_list("code", "pk"))
        choices |= {f"spread_{ids['Norr']}": "1", f"spread_{ids['Syd']}": "3"}
        client.post(address("wave-draw"), choices)
        assert dict(Stratum.objects.values_list("code", "sampled")) == {"Norr": 50, "Syd": 150}

    def test_response_is_told_by_group_but_not_of_a_few(self, client: Client, strategist: User) -> None:
        world.drawn(("Norr", 25), ("Syd", 40), ("Vast", 30))
        for code, count in (("Norr", 3), ("Syd", 20), ("Vast", 11)):
            some = Invitation.objects.filter(stratum__code=code).values("pk")[:count]
            Invitation.objects.filter(pk__in=list(some.values_list("pk", flat=True))).update(answered=True)
        rows = queries.sample(Wave.objects.get()).strata
        assert {row.code: row.answered for row in rows} == {"Norr": 3, "Syd": 20, "Vast": 11}
        page = client.get(address("wave-sample")).content.decode()
        answered = page.split('data-label="Answered">')[1:]
        assert [cell.partition("<")[0] for cell in answered] == ["..", "20", "..", "34"]

    def test_the_page_asks_a_fixed_number_of_times(self, client: Client, strategist: User) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as queried:
                client.get(address("wave-sample"))
            return len(queried.captured_queries)

        wave = world.wave()
        world.read(wave, world.register(("Norr", 50)))
        client.get(address("wave-sample"))
        few = asked()
        world.read(wave, world.register(*((f"S{n}", 50) for n in range(30))))
        assert asked() == few

    def test_populations_are_pasted(self, client: Client, strategist: User) -> None:
        world.wave()
        client.post(address("wave-counts"), {"lines": "Norr\t1 234\nSyd\t500"})
        assert dict(Stratum.objects.values_list("code", "population")) == {"Norr": 1234, "Syd": 500}
        refused = client.post(address("wave-counts"), {"lines": "Norr\tmany\nSyd\tx"})
        assert refused.status_code == 422
        assert "Norr\tmany" in refused.content.decode()
        assert dict(Stratum.objects.values_list("code", "population")) == {"Norr": 1234, "Syd": 500}

    def test_backgrounds_are_typed(self, client: Client, strategist: User) -> None:
        question = world.wave().items.get().version.question_id
        names = [f"margin_{question}_{value}" for value in (1, 2)]
        refused = client.post(address("wave-margins"), {names[0]: "1 200", names[1]: ""})
        assert refused.status_code == 422
        assert "1 200" in refused.content.decode()
        client.post(address("wave-margins"), {names[0]: "1 200", names[1]: "0"})
        assert dict(Margin.objects.values_list("value", "population")) == {1: 1200, 2: 0}

    @pytest.mark.parametrize("wrong", ["Woman\t700", "Woman\t700\nMan\tmany", "Woman\t700\nMan\t1\nOther\t2"])
    def test_backgrounds_are_pasted(self, client: Client, strategist: User, wrong: str) -> None:
        question = world.wave().items.get().version.question_id
        client.post(address("wave-margins"), {f"paste_{question}": "Answer\tPeople\nman\t1 300\nWoman\t700"})
        assert dict(Margin.objects.values_list("value", "population")) == {1: 700, 2: 1300}
        refused = client.post(address("wave-margins"), {f"paste_{question}": wrong})
        assert refused.status_code == 422
        assert "Woman\t700" in refused.content.decode()
        assert dict(Margin.objects.values_list("value", "population")) == {1: 700, 2: 1300}

    def test_addresses_are_deleted_by_hand_after_closing(self, client: Client, strategist: User) -> None:
        world.drawn(("Norr", 25))
        client.post(address("wave-addresses-forget"))
        assert Invitation.objects.exclude(name="").count() == 25
        Wave.objects.update(state=WaveState.CLOSED)
        assert client.get(address("wave-addresses-forget")).status_code == 200
        client.post(address("wave-addresses-forget"))
        assert not Invitation.objects.exclude(name="").exists()
        assert Purge.objects.get().purged_by == strategist

    def test_no_such_wave_is_told(self, client: Client, strategist: User) -> None:
        world.wave()
        with translation.override("en"):
            answer = client.get(reverse("wave-sample", args=["resident", "1999"]))
        assert answer.status_code == 404
