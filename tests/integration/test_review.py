"""The review queue as its readers meet it, the decisions made there, and the page of a cell's history."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators import operations
from indicators.models import Evidence, InputPeriod, Measurement
from indicators.queries import review as queries
from tests.integration.measuring_world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def signed_in(world: World, client: Client) -> Any:
    def sign_in(name: str) -> Client:
        client.force_login(world.users[name])
        return client

    return sign_in


def page(client: Client, address: str = "/en/review/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def key(world: World, revision: int = 1, code: str = "share") -> str:
    return f"{world.ids[code]}-2025-T-{revision}"


def decide(client: Client, **data: Any) -> str:
    answer = client.post("/en/review/decide/", data, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


class TestTheQueue:
    def test_everything_that_speaks_for_and_against_is_there(self, world: World, signed_in: Any) -> None:
        file = Evidence.objects.create(
            department_id=world.departments["school"], filename="underlag.pdf", content_type="application/pdf", size=1,
            digest="x", content=b"x",
        )  # fmt: skip
        world.hand_in(
            None, numerator=27, denominator=50, comment="En skola <brann>", evidence_id=file.pk,
            evidence_link="https://example.org/a",
        )  # fmt: skip
        shown = page(signed_in("approver"))
        assert "1 value waits for approval." in shown
        for text in (
            "Mått share (en)", "54%", "27 of 50", "54% was entered; the last 5 were 82–85.", "En skola &lt;brann&gt;",
            "underlag.pdf", "https://example.org/a", "2024: 83%", "2020: 83%", "at least 80%", "Reporter Test",
            "<svg", reverse("measurement", args=["share", "2025", "T"]).removeprefix("/en"),
        ):  # fmt: skip
            assert text in shown, text

    def test_only_what_is_submitted_now_waits(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        world.save(83, seen=1)
        world.save(4, cell=world.cell("days"))
        assert "Nothing waits for approval" in page(signed_in("approver"))

    def test_an_approver_sees_the_own_department_and_a_strategist_all(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        world.hand_in(70, who="stranger", cell=world.cell("other"))
        assert "Omsorgsförvaltningen" not in page(signed_in("approver"))
        shown = page(signed_in("strategist"))
        assert "Omsorgsförvaltningen" in shown
        assert "All departments (2)" in shown
        care = page(signed_in("strategist"), f"/en/review/?department={world.departments['care']}")
        assert "Mått other" in care
        assert "Mått share" not in care

    @pytest.mark.parametrize("department", ["care", "nonsense"])
    def test_another_department_is_not_there_for_an_approver(
        self, world: World, signed_in: Any, department: str
    ) -> None:
        pk = world.departments.get(department, "x")
        assert signed_in("approver").get(f"/en/review/?department={pk}").status_code == 404

    def test_it_is_not_for_reporters(self, world: World, signed_in: Any) -> None:
        answer = signed_in("reporter").get("/en/review/")
        assert answer.status_code == 403
        assert "approvers of their department" in answer.content.decode()

    def test_queries_do_not_grow_with_what_waits(
        self, world: World, signed_in: Any, django_assert_max_num_queries: Any
    ) -> None:
        client = signed_in("strategist")
        world.hand_in(84)
        page(client)  # the first look of a session also says that it is alive
        with django_assert_max_num_queries(30) as few:
            page(client)
        world.hand_in(70, who="stranger", cell=world.cell("other"))
        world.hand_in(70, cell=world.cell("both", breakdown="K"))
        world.hand_in(70, cell=world.cell("days"))
        with django_assert_max_num_queries(30) as many:
            page(client)
        assert len(many.captured_queries) == len(few.captured_queries)

    def test_own_values_say_who_else_decides(self, world: World, signed_in: Any) -> None:
        world.hand_in(84, who="approver")
        shown = page(signed_in("approver"))
        assert "You entered this value yourself, and it takes another person to approve it." in shown
        assert 'value="approve ' not in shown
        assert re.search(rf'name="cell" value="{key(world)}" disabled', shown)


class TestDecisions:
    def test_one_by_its_button(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        assert "1 value approved." in decide(signed_in("approver"), act=f"approve {key(world)}")
        assert world.revisions()[-1] == ("approved", 84)

    def test_many_by_their_ticks(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        world.hand_in(4, cell=world.cell("days"))
        told = decide(signed_in("approver"), act="approve", cell=[key(world), key(world, code="days")])
        assert "2 values approved." in told
        assert "Nothing waits for approval" in told

    def test_sent_back_with_the_note_of_its_own(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        data = {"act": f"return {key(world)}", f"note-{key(world)}": "Fel år", "note": "något annat", "cell": []}
        assert "1 value sent back." in decide(signed_in("approver"), **data)
        assert Measurement.objects.get(state="returned").note == "Fel år"

    def test_sent_back_together(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        decide(signed_in("approver"), act="return", cell=[key(world)], note="Fel år")
        assert world.revisions()[-1] == ("returned", 84)

    def test_without_a_note_nothing_is_sent_back(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        told = decide(signed_in("approver"), act=f"return {key(world)}")
        assert "Write a note that says what is to be mended." in told
        assert world.revisions()[-1] == ("submitted", 84)

    def test_what_came_of_it_stands_where_the_page_comes_back_to(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        world.hand_in(4, cell=world.cell("days"))
        told = decide(signed_in("approver"), act=f"approve {key(world)}")
        assert told.count("1 value approved.") == 1
        assert told.index('id="queue"') < told.index("1 value approved.") < told.index("data-review-cell")

    def test_a_value_that_changed_since_the_page_was_made_is_not_approved(self, world: World, signed_in: Any) -> None:
        world.hand_in(84)
        world.save(83, seen=1)
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        told = decide(signed_in("approver"), act=f"approve {key(world)}")
        assert "changed and handed in anew" in told
        assert world.revisions()[-1] == ("submitted", 83)

    @pytest.mark.parametrize(
        "data",
        [
            {}, {"act": "approve"}, {"act": "delete", "cell": "1-2025-T-1"}, {"act": "approve x"},
            {"act": "approve", "cell": ["1-2025-T", "-", "1-20\0-T-1", "9" * 30 + "-2025-T-1", "²-2025-T-1"]},
        ],
    )  # fmt: skip
    def test_nonsense_changes_nothing_and_is_told(self, world: World, signed_in: Any, data: dict[str, Any]) -> None:
        world.hand_in(84)
        assert "Nothing was decided" in decide(signed_in("approver"), **data)
        assert world.revisions()[-1] == ("submitted", 84)

    def test_others_cannot(self, world: World, signed_in: Any) -> None:
        cell = world.hand_in(70, who="stranger", cell=world.cell("other"))
        told = decide(signed_in("approver"), act="approve", cell=[key(world, code="other")])
        assert "Values of Omsorgsförvaltningen" in told
        assert world.revisions(cell)[-1] == ("submitted", 70)
        answer = signed_in("reporter").post("/en/review/decide/", {"act": f"approve {key(world)}"})
        assert answer.status_code == 403

    def test_a_look_decides_nothing(self, world: World, signed_in: Any) -> None:
        assert signed_in("approver").get("/en/review/decide/").status_code == 405


class TestTheHistory:
    address = "/en/measurement/share/2025/T/"

    def test_who_did_what_when_newest_first(self, world: World, signed_in: Any) -> None:
        world.hand_in(54, comment="Brand")
        operations.send_back(cells=[world.cell()], note="Är det säkert?", **world.who("approver"))
        world.save(84, seen=2, comment="Nej, 84")
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        operations.approve(cells=[world.cell()], **world.who("approver"))
        world.save(83, seen=5)
        shown = page(signed_in("reporter"), self.address)
        assert "Changed since approval: 84% is official until the new value is approved." in shown
        acts = re.findall(r"<strong>([A-Z][a-z ]+)</strong>", shown.split("review-history", 1)[1])
        wanted = ["Correction begun", "Approved", "Submitted", "Changed", "Sent back", "Submitted", "Entered"]
        assert [act for act in acts if act in wanted] == wanted
        for text in ("Är det säkert?", "Approver Test", "Reporter Test", "Brand", "54% was entered"):
            assert text in shown

    @pytest.mark.parametrize(
        ("name", "status"), [("second", 200), ("strategist", 200), ("stranger", 404), ("council", 403)]
    )
    def test_drafts_are_seen_by_their_department(self, world: World, signed_in: Any, name: str, status: int) -> None:
        world.save(84)
        assert signed_in(name).get(self.address).status_code == status

    @pytest.mark.parametrize(
        "rest", ["share/2024M01/T/", "share/x/T/", "share/2025/X/", "nowhere/2025/T/", "fetched/2025/T/"]
    )
    def test_what_is_not_there(self, world: World, signed_in: Any, rest: str) -> None:
        assert signed_in("strategist").get(f"/en/measurement/{rest}").status_code == 404


def test_overruled_checks_are_counted_by_indicator_and_check(world: World) -> None:
    """Approved all the same: once for each approval, and never for a draft or a correction that was withdrawn."""
    assert queries.overruled_checks() == []
    world.hand_in(54, comment="Brand")
    assert queries.overruled_checks() == []
    operations.approve(cells=[world.cell()], **world.who("approver"))
    world.save(55, seen=2)
    world.save(54, seen=3, comment="Brand")
    assert queries.overruled_checks() == [queries.Overruled(world.ids["share"], "far_from_history", 1)]


def test_what_waits_may_be_decided_after_the_period_has_closed(world: World, signed_in: Any) -> None:
    world.hand_in(84)
    InputPeriod.objects.all().delete()
    assert "1 value approved." in decide(signed_in("approver"), act=f"approve {key(world)}")
