"""Cells entered, submitted, returned, approved, corrected and cleared; who may, when, and what is refused why."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators import operations
from indicators.compute.plausibility import Check
from indicators.models import (
    Benchmark,
    Evidence,
    Import,
    Indicator,
    InputException,
    InputPeriod,
    JobRun,
    Measurement,
    MeasurementState,
    PeerGroup,
)
from indicators.operations import CellKey, Entered, EntryConflictError, EntryFaultError, EntryRefusedError
from indicators.queries import computation
from tests.integration.measuring_world import NOW, World, build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> World:
    return build()


def statements(captured: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, without the marks of transactions."""
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(marks)]


class TestSavingACell:
    def test_a_value_is_a_draft_and_its_revision_is_given_back(self, world: World) -> None:
        saved = world.save(84)
        assert (saved.revision, saved.state, saved.value, saved.absence) == (0, "draft", 84.0, "")
        row = Measurement.objects.get(indicator_id=world.ids["share"], period="2025")
        assert (row.value, row.state, row.entered_by, row.source) == (
            84,
            "draft",
            world.users["reporter"],
            "department",
        )

    def test_zero_is_a_value(self, world: World) -> None:
        saved = world.save(0, cell=world.cell("days"))
        assert saved.value == 0
        assert Measurement.objects.get(indicator_id=world.ids["days"]).value == 0

    def test_a_reason_stands_instead_of_a_value(self, world: World) -> None:
        saved = world.save(None, absence="confidential")
        assert (saved.value, saved.absence, saved.state) == (None, "confidential", "draft")

    def test_a_share_follows_from_its_parts(self, world: World) -> None:
        saved = world.save(None, numerator=41, denominator=50)
        assert saved.value == 82
        row = Measurement.objects.get(indicator_id=world.ids["share"], period="2025")
        assert (row.value, row.numerator, row.denominator) == (82, 41, 50)

    def test_every_change_is_a_further_revision(self, world: World) -> None:
        world.save(80)
        world.save(81, seen=0)
        world.save(None, seen=1)
        world.save(82, seen=None)
        assert world.revisions() == [("draft", 80), ("draft", 81), ("cleared", None), ("draft", 82)]

    def test_saying_the_same_again_writes_nothing(self, world: World) -> None:
        world.save(80, comment="Så var det")
        again = world.save(80, seen=0, comment=" Så var det\r\n".replace("\r\n", ""))
        assert not again.written
        assert again.revision == 0
        assert len(world.revisions()) == 1

    def test_an_answer_that_was_lost_can_be_asked_for_again(self, world: World) -> None:
        """The browser sends the same again, still naming what it saw before: no conflict with oneself."""
        world.save(80)
        assert world.save(80, seen=None).revision == 0

    def test_clearing_an_empty_cell_writes_nothing(self, world: World) -> None:
        saved = world.save(None)
        assert (saved.revision, saved.written) == (None, False)
        assert world.revisions() == []

    def test_six_queries_at_most_with_session_user_and_roles(self, world: World) -> None:
        who = world.who("reporter")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            operations.save_cell(cell=world.cell(), entered=Entered(84), seen=None, **who)
        assert len(statements(captured)) == 3, statements(captured)

    def test_evidence_of_the_department_goes_along_and_of_another_does_not(self, world: World) -> None:
        files = {
            code: Evidence.objects.create(
                department_id=pk, filename="a.pdf", content_type="application/pdf", size=1, digest="x", content=b"x"
            )
            for code, pk in world.departments.items()
        }
        world.save(84, evidence_id=files["school"].pk, evidence_link="https://example.org/a")
        assert Measurement.objects.get(period="2025").evidence == files["school"]
        with pytest.raises(EntryFaultError, match="none of this department"):
            world.save(85, seen=0, evidence_id=files["care"].pk)
        with pytest.raises(EntryFaultError, match="none of this department"):
            world.save(85, seen=0, evidence_id=0)

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.org", "https://e.org/" + "a" * 500])
    def test_a_link_is_a_web_address(self, world: World, link: str) -> None:
        with pytest.raises(EntryFaultError, match="https://"):
            world.save(84, evidence_link=link)


class TestHardChecks:
    @pytest.mark.parametrize(
        ("entered", "check"),
        [
            (Entered(101), Check.OUT_OF_RANGE),
            (Entered(-1), Check.OUT_OF_RANGE),
            (Entered(math.nan), Check.NOT_FINITE),
            (Entered(math.inf), Check.NOT_FINITE),
            (Entered(1e12), Check.TOO_LARGE),
            (Entered(80, absence="missing"), Check.VALUE_AND_REASON),
            (Entered(absence="forgotten"), Check.UNKNOWN_REASON),
            (Entered(numerator=3), Check.PARTS_INCOMPLETE),
            (Entered(numerator=51, denominator=50), Check.NUMERATOR_ABOVE),
            (Entered(numerator=-1, denominator=50), Check.PARTS_NEGATIVE),
            (Entered(numerator=0, denominator=0), Check.ZERO_DENOMINATOR),
            (Entered(81, numerator=41, denominator=50), Check.NOT_THE_SHARE),
            (Entered(comment="alone"), Check.NOTHING_GIVEN),
            (Entered(80, comment="\0"), Check.UNREADABLE_TEXT),
        ],
    )
    def test_they_block_and_nothing_is_stored(self, world: World, entered: Entered, check: Check) -> None:
        with pytest.raises(EntryFaultError) as caught:
            operations.save_cell(cell=world.cell(), entered=entered, seen=None, **world.who("reporter"))
        assert [finding.check for finding in caught.value.findings] == [check]
        assert caught.value.message.endswith((".", "?"))
        assert world.revisions() == []

    @pytest.mark.parametrize(
        ("key", "check"),
        [
            (("share", "2025T1", "T"), Check.WRONG_FREQUENCY),
            (("share", "next year", "T"), Check.NO_PERIOD),
            (("share", "20\0", "T"), Check.NO_PERIOD),
            (("share", "2025", "K"), Check.NOT_DIVIDED),
            (("both", "2025", "X"), Check.UNKNOWN_BREAKDOWN),
            (("both", "2025", "\0"), Check.UNKNOWN_BREAKDOWN),
        ],
    )
    def test_the_place_is_checked(self, world: World, key: tuple[str, str, str], check: Check) -> None:
        InputPeriod.objects.create(
            kind="tertial", period="2025T1", opens_at=NOW - timedelta(1), closes_at=NOW + timedelta(1)
        )
        with pytest.raises(EntryFaultError) as caught:
            world.save(1, cell=world.cell(*key))
        many = operations.save_cells(
            cells=[(world.cell(*key), Entered(1), None)], all_or_nothing=True, **world.who("reporter")
        )
        for findings in (caught.value.findings, many.rejected[0].findings):
            assert [finding.check for finding in findings] == [check]

    def test_a_period_that_has_not_begun(self, world: World) -> None:
        InputPeriod.objects.create(
            kind="year", period="2027", opens_at=NOW - timedelta(1), closes_at=NOW + timedelta(1)
        )
        with pytest.raises(EntryFaultError, match="has not begun; it starts on 2027-01-01"):
            world.save(84, cell=world.cell(period="2027"))

    def test_parts_without_a_value_of_what_is_no_share_spoil_nothing(self, world: World) -> None:
        entered, days = Entered(numerator=3, denominator=5), world.cell("days")
        with pytest.raises(EntryFaultError, match="Only of a share"):
            operations.save_cell(cell=days, entered=entered, seen=None, **world.who("reporter"))
        many = operations.save_cells(
            cells=[(days, entered, None), (world.cell(), Entered(84), None)], all_or_nothing=False,
            **world.who("reporter"),
        )  # fmt: skip
        assert [finding.check for finding in many.rejected[0].findings] == [Check.PARTS_ALONE]
        assert (world.revisions(days), world.revisions()) == ([], [("draft", 84)])

    def test_all_of_all_are_100_per_cent(self, world: World) -> None:
        assert world.save(None, numerator=0.69, denominator=0.69).value == 100

    def test_a_reason_may_go_with_a_denominator_of_nought(self, world: World) -> None:
        saved = world.save(None, absence="not_applicable", numerator=0, denominator=0)
        assert (saved.value, saved.absence) == (None, "not_applicable")


class TestSoftChecks:
    def test_the_message_holds_the_figures(self, world: World) -> None:
        saved = world.save(54)
        assert [finding.check for finding in saved.findings] == [Check.FAR_FROM_HISTORY]
        assert saved.findings[0].figures["low"] == 82
        assert saved.findings[0].figures["high"] == 85
        assert Measurement.objects.get(period="2025").checks[0]["check"] == "far_from_history"

    def test_they_ask_for_a_comment_when_it_is_submitted(self, world: World) -> None:
        world.save(54)
        first = operations.submit(cells=[world.cell()], **world.who("reporter"))
        assert first.done == ()
        assert "You entered 54%; the last 5 were 82–85." in first.refused[0][1]
        world.save(54, seen=0, comment="En skola brann ned")
        assert operations.submit(cells=[world.cell()], **world.who("reporter")).done == (world.cell(),)

    def test_similar_municipalities_are_looked_at_where_there_are_any(self, world: World) -> None:
        group = PeerGroup.objects.create(code="sim", title_sv="Liknande", title_en="Similar", kind="similar")
        Benchmark.objects.create(
            indicator_id=world.ids["days"], group=group, year=2024, eligible=True, others=7,
            low=10, high=20, q25=12, q75=15, median=13, mean=13,
        )  # fmt: skip
        cell = world.cell("days")
        assert [f.check for f in world.save(30, cell=cell).findings] == [Check.FAR_FROM_PEERS]
        assert world.save(21, cell=cell, seen=0).findings == ()
        many = operations.save_cells(cells=[(cell, Entered(31), 1)], all_or_nothing=True, **world.who("reporter"))
        assert [f.check for f in many.saved[0].findings] == [Check.FAR_FROM_PEERS]

    def test_values_before_a_break_are_no_history(self, world: World) -> None:
        from indicators.models import SeriesBreak

        SeriesBreak.objects.create(indicator_id=world.ids["share"], period="2024", reason="Ny fråga")
        assert world.save(54).findings == ()
        many = operations.save_cells(
            cells=[(world.cell(), Entered(55), 0)], all_or_nothing=True, **world.who("reporter")
        )
        assert many.saved[0].findings == ()

    def test_values_of_another_frequency_are_no_history(self, world: World) -> None:
        """The years of an indicator that has become monthly: a month is no twelfth of what is usual."""
        rows = [operations.Measured(world.ids["days"], str(year), value=1200.0 + year) for year in range(2015, 2025)]
        operations.record_measurements(
            rows=rows, source="department", state=MeasurementState.APPROVED, by=None, refresh=False
        )
        Indicator.objects.filter(pk=world.ids["days"]).update(frequency="month")
        cell = world.cell("days", "2026M01")
        assert world.save(100, cell=cell).findings == ()
        many = operations.save_cells(cells=[(cell, Entered(101), 0)], all_or_nothing=True, **world.who("reporter"))
        assert many.saved[0].findings == ()


class TestWhoMay:
    @pytest.mark.parametrize("name", ["council", "stranger"])
    def test_others_are_refused_with_whom_to_ask(self, world: World, name: str) -> None:
        with pytest.raises(EntryRefusedError) as caught:
            world.save(84, who=name)
        assert "Skolförvaltningen" in caught.value.message
        assert "Strategist Test (strategist@example.org)" in caught.value.message
        assert world.revisions() == []

    @pytest.mark.parametrize("name", ["reporter", "approver", "strategist"])
    def test_those_of_the_department_and_strategists_may(self, world: World, name: str) -> None:
        assert world.save(84, who=name).state == "draft"

    def test_other_sources_are_not_entered(self, world: World) -> None:
        with pytest.raises(EntryRefusedError, match="not entered by departments"):
            world.save(84, cell=world.cell("fetched"))

    def test_an_indicator_that_is_gone(self, world: World) -> None:
        with pytest.raises(EntryRefusedError, match="no such indicator"):
            world.save(84, cell=CellKey(10**9, "2025"))


class TestPeriods:
    def at(self, world: World, moment: Any, who: str = "reporter", **more: Any) -> operations.SavedCell:
        return operations.save_cell(
            cell=world.cell(), entered=Entered(84), seen=None, by=world.users[who], person=world.person(who),
            now=moment, **more,
        )  # fmt: skip

    def test_closed_and_not_yet_open_say_when_and_whom_to_ask(self, world: World) -> None:
        period = InputPeriod.objects.get(period="2025")
        with pytest.raises(EntryRefusedError, match=r"closed for values on 2026-03-01 01:00\. Ask .*strategist@"):
            self.at(world, period.closes_at)
        with pytest.raises(EntryRefusedError, match="opens for values on 2026-01-01 01:00"):
            self.at(world, period.opens_at - timedelta(seconds=1))
        assert self.at(world, period.closes_at - timedelta(seconds=1)).state == "draft"

    def test_a_period_that_nobody_opened(self, world: World) -> None:
        with pytest.raises(EntryRefusedError, match="has not been opened"):
            world.save(84, cell=world.cell(period="2023"))

    def test_an_exception_holds_for_its_department(self, world: World) -> None:
        period = InputPeriod.objects.get(period="2025")
        InputException.objects.create(
            input_period=period, department_id=world.departments["school"], reason="Brand",
            closes_at=period.closes_at + timedelta(days=7),
        )  # fmt: skip
        assert self.at(world, period.closes_at).state == "draft"
        with pytest.raises(EntryRefusedError):
            operations.save_cell(
                cell=world.cell("other"), entered=Entered(84), seen=None, by=None, person=world.person("stranger"),
                now=period.closes_at,
            )  # fmt: skip

    def test_a_strategist_may_overrule_and_a_reporter_may_not(self, world: World) -> None:
        late = InputPeriod.objects.get(period="2025").closes_at
        with pytest.raises(EntryRefusedError):
            self.at(world, late, overrule=True)
        with pytest.raises(EntryRefusedError):
            self.at(world, late, who="strategist")
        assert self.at(world, late, who="strategist", overrule=True).state == "draft"

    def test_what_was_sent_back_may_be_mended_after_the_period_has_closed(self, world: World) -> None:
        self.at(world, NOW)
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        operations.send_back(cells=[world.cell()], note="Kontrollera", **world.who("approver"))
        late = {**world.who("reporter"), "now": InputPeriod.objects.get(period="2025").closes_at}
        operations.save_cell(cell=world.cell(), entered=Entered(83), seen=2, **late)
        operations.save_cell(cell=world.cell(), entered=Entered(82), seen=3, **late)
        assert operations.submit(cells=[world.cell()], **late).refused == ()
        with pytest.raises(EntryRefusedError, match="closed"):
            operations.save_cell(cell=world.cell(), entered=Entered(81), seen=5, **late)


class TestConflicts:
    def test_the_second_sees_the_first_and_nothing_is_lost(self, world: World) -> None:
        world.save(80, comment="min")
        with pytest.raises(EntryConflictError) as caught:
            world.save(81, seen=None, who="second")
        error = caught.value
        assert (error.revision, error.value, error.absence, error.who) == (0, 80, "", "Reporter Test")
        assert error.when is not None
        assert "Reporter Test has changed this cell" in error.message
        assert world.revisions() == [("draft", 80)]
        assert world.save(81, seen=error.revision, who="second").revision == 1

    def test_what_was_seen_must_have_been_there(self, world: World) -> None:
        with pytest.raises(EntryConflictError) as caught:
            world.save(81, seen=3)
        assert caught.value.revision is None


class TestApproval:
    def handed_in(self, world: World, value: float = 84, **more: Any) -> CellKey:
        world.save(value, **more)
        assert operations.submit(cells=[world.cell()], **world.who("reporter")).refused == ()
        return world.cell()

    def test_only_what_is_approved_is_official(self, world: World) -> None:
        ids = [world.ids["share"]]
        cell = self.handed_in(world)
        assert "2025" not in set(computation.measurements(ids)["period"])
        done = operations.approve(cells=[cell], **world.who("approver"))
        assert done == operations.Submitted((cell,), ())
        frame = computation.measurements(ids).set_index("period")
        assert frame.loc["2025", "value"] == 84
        assert JobRun.objects.filter(key=f"indicator:{world.ids['share']}").count() == 1
        assert world.revisions() == [("draft", 84), ("submitted", 84), ("approved", 84)]

    def test_four_eyes(self, world: World) -> None:
        world.save(84, who="approver")
        operations.submit(cells=[world.cell()], **world.who("approver"))
        done = operations.approve(cells=[world.cell()], **world.who("approver"))
        assert done.done == ()
        assert "it takes another person" in done.refused[0][1]
        assert operations.approve(cells=[world.cell()], **world.who("strategist")).refused == ()

    @pytest.mark.parametrize("changed", [{"comment": "Stämmer"}, {"evidence_link": "https://example.org/a"}])
    def test_a_colleagues_comment_makes_nobody_else_the_author(self, world: World, changed: dict[str, str]) -> None:
        world.save(84, who="approver")
        world.save(84, seen=0, who="reporter", **changed)
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        done = operations.approve(cells=[world.cell()], **world.who("approver"))
        assert done.done == ()
        assert "it takes another person" in done.refused[0][1]

    def test_figures_are_of_who_wrote_them_last(self, world: World) -> None:
        world.save(84, who="approver")
        world.save(83, seen=0, who="reporter")
        operations.submit(cells=[world.cell()], **world.who("approver"))
        assert operations.approve(cells=[world.cell()], **world.who("approver")).refused == ()

    def test_figures_mended_after_they_were_sent_back_stay_their_authors(self, world: World) -> None:
        world.save(84, who="approver")
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        operations.send_back(cells=[world.cell()], note="Varför?", **world.who("strategist"))
        world.save(84, seen=2, who="reporter", comment="Därför")
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        assert operations.approve(cells=[world.cell()], **world.who("approver")).done == ()

    @pytest.mark.parametrize("note", ["a\0b", "x" * 4001])
    def test_a_note_that_cannot_be_kept_is_refused(self, world: World, note: str) -> None:
        cell = self.handed_in(world)
        done = operations.send_back(cells=[cell], note=note, **world.who("approver"))
        assert (done.done, len(done.refused)) == ((), 1)
        assert world.revisions()[-1][0] == "submitted"

    def test_two_eyes_where_the_indicator_says_so(self, world: World) -> None:
        from indicators.models import Indicator

        Indicator.objects.filter(code="share").update(four_eyes=False)
        world.save(84, who="approver")
        operations.submit(cells=[world.cell()], **world.who("approver"))
        assert operations.approve(cells=[world.cell()], **world.who("approver")).refused == ()

    @pytest.mark.parametrize("name", ["reporter", "stranger", "council"])
    def test_who_may_not_approve_is_told_who_may(self, world: World, name: str) -> None:
        cell = self.handed_in(world)
        done = operations.approve(cells=[cell], **world.who(name))
        assert done.done == ()
        assert "approved by its approvers and by quality strategists" in done.refused[0][1]

    def test_sent_back_with_a_note_and_never_without(self, world: World) -> None:
        cell = self.handed_in(world)
        without = operations.send_back(cells=[cell], note="  ", **world.who("approver"))
        assert without.done == ()
        operations.send_back(cells=[cell], note="Fel år?", **world.who("approver"))
        row = Measurement.objects.get(period="2025", revision=2)
        assert (row.state, row.note, row.entered_by) == ("returned", "Fel år?", world.users["approver"])
        world.save(83, seen=2)
        operations.submit(cells=[cell], **world.who("reporter"))
        assert operations.approve(cells=[cell], **world.who("approver")).refused == ()

    def test_each_act_needs_its_state(self, world: World) -> None:
        cell = world.cell()
        assert "no value here" in operations.submit(cells=[cell], **world.who("reporter")).refused[0][1]
        world.save(84)
        assert "has not been submitted" in operations.approve(cells=[cell], **world.who("approver")).refused[0][1]
        operations.submit(cells=[cell], **world.who("reporter"))
        assert "submitted already" in operations.submit(cells=[cell], **world.who("reporter")).refused[0][1]
        operations.approve(cells=[cell], **world.who("approver"))
        assert "approved already" in operations.approve(cells=[cell], **world.who("approver")).refused[0][1]

    def test_some_are_done_though_others_are_refused(self, world: World) -> None:
        cell = self.handed_in(world)
        done = operations.approve(cells=[cell, world.cell("days"), cell], **world.who("approver"))
        assert done.done == (cell,)
        assert [key for key, _message in done.refused] == [world.cell("days")]


class TestCorrection:
    @pytest.fixture
    def cell(self, world: World) -> CellKey:
        world.save(84)
        operations.submit(cells=[world.cell()], **world.who("reporter"))
        operations.approve(cells=[world.cell()], **world.who("approver"))
        return world.cell()

    def official(self, world: World) -> tuple[float, float]:
        row = computation.measurements([world.ids["share"]]).set_index("period").loc["2025"]
        return row["value"], row["earlier_value"]

    def test_the_approved_value_stands_until_the_new_one_is_approved(self, world: World, cell: CellKey) -> None:
        world.save(83, seen=2)
        assert self.official(world)[0] == 84
        refused = operations.submit(cells=[cell], **world.who("reporter")).refused
        assert "Say why it is corrected" in refused[0][1]
        operations.submit(cells=[cell], reason="Två skolor saknades", **world.who("reporter"))
        assert self.official(world)[0] == 84
        operations.approve(cells=[cell], **world.who("approver"))
        assert self.official(world) == (83, 84)
        assert Measurement.objects.get(period="2025", revision=5).note == "Två skolor saknades"

    def test_an_earlier_value_is_an_approved_one(self, world: World, cell: CellKey) -> None:
        """Neither a draft on the way nor the same value approved twice passes for a revision."""
        value, earlier = self.official(world)
        assert value == 84
        assert math.isnan(earlier)
        world.save(84, seen=2, comment="Samma, nu med kommentar")
        operations.submit(cells=[cell], reason="kommentar", **world.who("reporter"))
        operations.approve(cells=[cell], **world.who("approver"))
        frame = computation.measurements([world.ids["share"]]).set_index("period")
        assert math.isnan(frame.loc["2025", "earlier_value"])
        assert frame.loc["2025", "revision"] == 0

    @pytest.mark.parametrize("value", [84, None])
    def test_a_correction_can_be_withdrawn(self, world: World, cell: CellKey, value: float | None) -> None:
        world.save(83, seen=2)
        saved = world.save(value, seen=3)
        assert (saved.state, saved.value) == ("approved", 84)
        assert world.revisions()[-2:] == [("draft", 83), ("approved", 84)]

    def test_an_approved_value_is_not_emptied(self, world: World, cell: CellKey) -> None:
        with pytest.raises(EntryRefusedError, match="cannot be emptied"):
            world.save(None, seen=2)
        assert world.save(None, seen=2, absence="missing").state == "draft"


class TestManyCells:
    def cells(self, world: World, *values: float) -> list[tuple[CellKey, Entered, int | None]]:
        keys = [world.cell("month", "2025M12"), world.cell("both", "2025", "K"), world.cell("both", "2025", "M")]
        return [(key, Entered(value), None) for key, value in zip(keys, values, strict=True)]

    def test_good_ones_are_stored_and_bad_ones_named(self, world: World) -> None:
        done = operations.save_cells(cells=self.cells(world, 1, 2, 300), all_or_nothing=False, **world.who("reporter"))
        assert [saved.value for saved in done.saved] == [1, 2]
        assert [(bad.cell, bad.findings[0].check) for bad in done.rejected] == [
            (world.cell("both", "2025", "M"), Check.OUT_OF_RANGE)
        ]
        assert done.stored
        assert Measurement.objects.filter(state="draft").count() == 2

    def test_all_or_nothing(self, world: World) -> None:
        done = operations.save_cells(cells=self.cells(world, 1, 2, 300), all_or_nothing=True, **world.who("reporter"))
        assert (done.stored, done.saved) == (False, ())
        assert not Measurement.objects.filter(state="draft").exists()

    def test_a_cell_that_comes_twice(self, world: World) -> None:
        cell = world.cell()
        same = [(cell, Entered(84), None), (cell, Entered(84), None)]
        done = operations.save_cells(cells=same, all_or_nothing=False, **world.who("reporter"))
        assert (len(done.saved), len(done.rejected)) == (1, 1)
        cell = world.cell("days")
        other = [(cell, Entered(84), None), (cell, Entered(85), None)]
        done = operations.save_cells(cells=other, all_or_nothing=False, **world.who("reporter"))
        assert (len(done.saved), len(done.rejected)) == (0, 2)

    def test_conflicts_name_who_wrote(self, world: World) -> None:
        world.save(80)
        done = operations.save_cells(
            cells=[(world.cell(), Entered(81), None)], all_or_nothing=False, **world.who("second")
        )
        error = done.rejected[0].error
        assert isinstance(error, EntryConflictError)
        assert (error.revision, error.value, error.who) == (0, 80, "Reporter Test")

    def test_a_delivery_counts(self, world: World) -> None:
        world.save(2, cell=world.cell("both", "2025", "K"))
        delivery = operations.start_import(source="department", origin="blad.xlsx", job=None)
        cells = [
            (key, entered, 0 if key.breakdown == "K" else None) for key, entered, _ in self.cells(world, 1, 3, 300)
        ]
        operations.save_cells(cells=cells, all_or_nothing=False, delivery=delivery, **world.who("reporter"))
        found = Import.objects.get(pk=delivery.pk)
        assert (found.received, found.added, found.revised, found.unchanged, found.rejected) == (3, 1, 1, 0, 1)
        assert Measurement.objects.filter(delivery=delivery).count() == 2

    @pytest.mark.parametrize("number", [1, 300])
    def test_queries_do_not_grow_and_both_ways_store_the_same(self, world: World, number: int) -> None:
        codes = [f"{year}M{month:02d}" for year in range(1990, 2026) for month in range(1, 13)][:number]
        InputPeriod.objects.bulk_create(
            InputPeriod(kind="month", period=code, opens_at=NOW, closes_at=NOW + timedelta(1))
            for code in codes if code != "2025M12"
        )  # fmt: skip
        cells = [
            (world.cell("month", code), Entered(n / 7, comment=f"tab\t{n}\n\\å"), None) for n, code in enumerate(codes)
        ]
        who = world.who("reporter")
        with CaptureQueriesContext(connection) as captured:
            done = operations.save_cells(cells=cells, all_or_nothing=True, **who)
        assert done.rejected == ()
        assert len(statements(captured)) <= 8
        rows = Measurement.objects.filter(indicator_id=world.ids["month"]).order_by("period")
        assert [(float(row.value or 0), row.comment, row.checks) for row in rows] == [
            (round(n / 7, 8), f"tab\t{n}\n\\å", []) for n in range(number)
        ]
        assert {row.entered_by_id for row in rows} == {world.users["reporter"].pk}
