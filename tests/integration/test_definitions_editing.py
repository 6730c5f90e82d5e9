"""Definitions made, changed, copied, retired by people; what the files say is not forced on them; history."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from indicators import operations
from indicators.models import Assessment, DefinitionNote, Department, Indicator, JobRun, SeriesBreak, Target
from indicators.operations.indicator_definitions import DefinitionFaultError, retire_indicator
from indicators.periods import Kind, Period
from indicators.permissions import RoleName
from indicators.queries import definitions as queries
from tests.integration import indicator_world as world

pytestmark = pytest.mark.django_db
ON = "on"


@pytest.fixture(autouse=True)
def _built(db: None) -> None:
    world.build()
    operations.store_definitions(
        units=[{"code": "count", "symbol": "", "name": world.texts("antal")}],
        areas=[],
        departments=[],
        indicators=[],
        by=None,
    )


def person(name: str, role: RoleName, department: str = "") -> Any:
    user = get_user_model().objects.create_user(
        f"{name}@example.org", f"{name}@example.org", "x", first_name=name.title()
    )
    department_id = Department.objects.get(code=department).pk if department else None
    operations.grant_role(user=user, name=role, department_id=department_id, by=None)
    return user


@pytest.fixture
def stina() -> Any:
    return person("stina", RoleName.STRATEGIST)


@pytest.fixture
def client(stina: Any) -> Iterator[Client]:
    found = Client()
    found.force_login(stina)
    with override("en"):
        yield found


def content(client: Client, code: str, **changes: Any) -> dict[str, Any]:
    """What a browser would post from the page of a definition, with some of it changed."""
    form = client.get(f"/en/definitions/{code}/").context["form"]
    found = {name: form[name].value() for name in form.fields}
    plain = {name: value for name, value in found.items() if value is not None and value is not False}
    posted = {name: ON if value is True else getattr(value, "pk", value) for name, value in plain.items()}
    return {name: value for name, value in (posted | changes).items() if value is not None}


def fresh(**more: Any) -> dict[str, Any]:
    return {
        "code": "complaints", "name_sv": "Klagomål", "purpose_sv": "Se vad som skaver", "definition_sv": "Antal",
        "calculation_sv": "Räknas", "owner_sv": "Chefen", "area": "service", "unit": "count", "decimals": "0",
        "direction": "lower", "measures": "process", "frequency": "year", "due_days": "60", "source": "department",
        "aggregation": "sum", "department": Department.objects.get(code="service").pk, "four_eyes": ON,
    } | more  # fmt: skip


def faults(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200, answer.content
    return {name: [str(e) for e in errors] for name, errors in answer.context["form"].errors.items()}


class TestMade:
    def test_a_new_indicator(self, client: Client) -> None:
        answer = client.post("/en/definitions/new/", fresh())
        assert (answer.status_code, answer["Location"]) == (302, "/en/definitions/complaints/targets/")
        made = Indicator.objects.get(code="complaints")
        assert (made.name_sv, made.name_en, made.direction, made.four_eyes) == ("Klagomål", "", "lower", True)  # type: ignore[attr-defined]
        with override("en"):
            assert made.name == "Klagomål"
        assert JobRun.objects.filter(key=f"indicator:{made.pk}").exists()

    @pytest.mark.parametrize(
        ("more", "field", "words"),
        [
            ({"code": "passed"}, "code", "already an indicator"),
            ({"code": "per"}, "code", "no word of formulas"),
            ({"code": "new"}, "code", "no word of formulas"),
            ({"code": "Two-words"}, "code", "small letters"),
            ({"name_sv": " "}, "name_sv", "required"),
            ({"source": "kolada"}, "kolada_id", "N or U and five digits"),
            (
                {"source": "kolada", "kolada_id": world.PASSED},
                "kolada_id",
                "is followed by “Mått passed (en)” (passed)",
            ),
            ({"source": "kolada", "kolada_id": "N12345", "frequency": "month"}, "frequency", "yearly"),
            ({"minimum": "5", "maximum": "5"}, "maximum", "above the lowest"),
            ({"minimum": "much"}, "minimum", "number"),
            ({"source": "computed"}, "formula", "Write the formula"),
            ({"source": "computed", "formula": "passed +"}, "formula", "ends too early"),
            ({"source": "computed", "formula": "passed × nowhere"}, "formula", "no indicator with the code “nowhere”"),
            ({"source": "computed", "formula": "calls ÷ 2"}, "formula", "last(calls)"),
            ({"source": "computed", "formula": "sum(calls)"}, "formula", "shares are never added up"),
            ({"source": "computed", "formula": "complaints × 2"}, "formula", "complaints → complaints"),
        ],
    )
    def test_refused_with_what_to_do(self, client: Client, more: dict[str, Any], field: str, words: str) -> None:
        before = Indicator.objects.count()
        found = faults(client.post("/en/definitions/new/", fresh(**more)))
        assert words in " ".join(found[field])
        assert Indicator.objects.count() == before

    def test_a_copy_has_another_code_and_no_values(self, client: Client) -> None:
        form = client.get("/en/definitions/calls/copy/").context["form"]
        found = {name: form[name].value() for name in form.fields}
        given = {name: value for name, value in found.items() if value is not None and value is not False}
        posted = {name: ON if value is True else getattr(value, "pk", value) for name, value in given.items()}
        answer = client.post("/en/definitions/calls/copy/", posted | {"code": "calls2", "name_sv": "Samtal två"})
        assert answer.status_code == 302, answer.context["form"].errors
        made = Indicator.objects.get(code="calls2")
        assert (made.frequency, made.definition_sv) == ("month", "Vad det är")  # type: ignore[attr-defined]
        assert not made.targets.exists()
        note = DefinitionNote.objects.get(indicator=made)
        assert (note.act, note.reason) == ("copied", "calls")

    def test_a_computed_indicator_is_computed(self, client: Client) -> None:
        answer = client.post("/en/definitions/new/", fresh(source="computed", formula="2 × passed − trusted"))
        assert answer.status_code == 302, answer.context["form"].errors
        world.compute()
        row = Assessment.objects.get(indicator__code="complaints", period="2022")
        parts = {
            r.indicator.code: float(r.value) for r in Assessment.objects.filter(period="2022") if r.value is not None
        }
        assert float(row.value or 0) == pytest.approx(2 * parts["passed"] - parts["trusted"])
        page = client.get("/en/indicator/complaints/").content.decode()
        assert "2 × “Mått passed (en)” − “Mått trusted (en)”" in page
        assert "Computed values are not compared with others" in page
        assert "computed from other indicators" in page


class TestChanged:
    def test_what_is_no_method_is_stored_at_once(self, client: Client) -> None:
        answer = client.post(
            "/en/definitions/calls/", content(client, "calls", owner_sv="En annan chef", due_days="20")
        )
        assert answer.status_code == 302, answer.context["form"].errors
        found = Indicator.objects.get(code="calls")
        assert (found.owner_sv, found.due_days) == ("En annan chef", 20)  # type: ignore[attr-defined]
        assert not DefinitionNote.objects.exists()

    def test_nothing_changed_asks_nothing(self, client: Client) -> None:
        before = Indicator.objects.values().get(code="calls")
        assert client.post("/en/definitions/calls/", content(client, "calls")).status_code == 302
        assert Indicator.objects.values().get(code="calls") == before

    @pytest.mark.parametrize(
        "change",
        [{"definition_sv": "Något annat"}, {"unit": "count"}, {"calculation_sv": "Nytt"}, {"numerator_sv": "Nytt"}],
    )
    def test_a_new_method_asks_first_and_stores_nothing(self, client: Client, change: dict[str, Any]) -> None:
        answer = client.post("/en/definitions/calls/", content(client, "calls", **change))
        assert "Can the series still be compared?" in answer.content.decode()
        assert answer.context["form"]["period"].value() == Period.of(Kind.MONTH, timezone.localdate()).code
        assert Indicator.objects.get(code="calls").unit_id == "percent"
        assert not SeriesBreak.objects.filter(indicator__code="calls").exists()

    @pytest.mark.parametrize(
        ("answer", "period", "broken"),
        [("comparable", "", None), ("backwards", "2022M12", True), ("break", "2022M12", False)],
    )
    def test_the_answer_is_stored_with_the_change(
        self, client: Client, stina: Any, answer: str, period: str, broken: bool | None
    ) -> None:
        told = {"answer": answer, "period": period, "reason": "Ny växel", "definition_sv": "Andel med ny växel"}
        JobRun.objects.all().delete()
        got = client.post("/en/definitions/calls/", content(client, "calls", **told))
        assert got.status_code == 302, got.context["form"].errors
        found = Indicator.objects.get(code="calls")
        assert found.definition_sv == "Andel med ny växel"  # type: ignore[attr-defined]
        note = DefinitionNote.objects.get(indicator=found)
        assert (note.act, note.reason, note.noted_by) == (answer, "Ny växel", stina)
        stored = SeriesBreak.objects.filter(indicator=found).values_list("period", "comparable_backwards")
        assert list(stored) == ([] if broken is None else [("2022M12", broken)])
        assert JobRun.objects.filter(key=f"indicator:{found.pk}").exists()

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"answer": "break", "period": "2022", "reason": "Ny växel"}, "period"),
            ({"answer": "break", "period": "then", "reason": "Ny växel"}, "period"),
            ({"answer": "break", "period": "2022M12", "reason": " "}, "reason"),
            ({"answer": "comparable", "reason": ""}, "reason"),
        ],
    )
    def test_a_poor_answer_stores_neither(self, client: Client, told: dict[str, str], field: str) -> None:
        got = client.post("/en/definitions/calls/", content(client, "calls", definition_sv="Annat", **told))
        assert field in faults(got)
        assert Indicator.objects.get(code="calls").definition_sv == "Vad det är"  # type: ignore[attr-defined]
        assert not DefinitionNote.objects.exists()

    def test_two_who_edit_at_once(self, client: Client) -> None:
        mine = content(client, "calls", owner_sv="Min")
        assert client.post("/en/definitions/calls/", content(client, "calls", owner_sv="Din")).status_code == 302
        assert "Somebody else has changed" in " ".join(faults(client.post("/en/definitions/calls/", mine))["__all__"])
        assert Indicator.objects.get(code="calls").owner_sv == "Din"  # type: ignore[attr-defined]

    def test_an_input_keeps_fitting_the_formulas_that_name_it(self, client: Client) -> None:
        assert client.post("/en/definitions/new/", fresh(source="computed", formula="last(calls)")).status_code == 302
        told = {"frequency": "year", "answer": "break", "period": "2023", "reason": "Nu årsvis"}
        found = faults(client.post("/en/definitions/calls/", content(client, "calls", **told)))
        assert "“complaints” is computed from this indicator" in found["frequency"][0]

    def test_a_loop_through_another_is_named(self, client: Client) -> None:
        client.post("/en/definitions/new/", fresh(source="computed", formula="passed × 2"))
        told = {
            "source": "computed",
            "formula": "complaints + 1",
            "kolada_id": None,
            "answer": "break",
            "period": "2023",
            "reason": "Runt",
        }
        found = faults(client.post("/en/definitions/passed/", content(client, "passed", **told)))
        assert "passed → complaints → passed" in found["formula"][0]

    def test_what_cannot_be_stored_is_told_before_the_question(self, client: Client) -> None:
        client.post("/en/definitions/new/", fresh(source="computed", formula="passed × 2"))
        answer = client.post("/en/definitions/complaints/", content(client, "complaints", formula="passed × ("))
        assert "ends too early" in faults(answer)["formula"][0]
        assert "Can the series still be compared?" not in answer.content.decode()

    def test_who_is_responsible_has_a_role_there(self, client: Client) -> None:
        mine, other = person("mia", RoleName.REPORTER, "service"), person("olle", RoleName.REPORTER, "school")
        found = faults(client.post("/en/definitions/calls/", content(client, "calls", responsible=other.pk)))
        assert "Olle has no role" in found["responsible"][0]
        assert client.post("/en/definitions/calls/", content(client, "calls", responsible=mine.pk)).status_code == 302
        assert Indicator.objects.get(code="calls").responsible == mine


class TestRetired:
    def test_leaves_the_lists_and_stays_readable(self, client: Client) -> None:
        today = timezone.localdate().isoformat()
        answer = client.post("/en/definitions/calls/retire/", {"on": today, "reason": "Ersätts"})
        assert answer.status_code == 302
        assert "Mått calls" not in client.get("/en/indicators/").content.decode()
        assert "Mått calls" not in client.get("/en/definitions/").content.decode()
        assert "Mått calls" in client.get("/en/definitions/?state=retired").content.decode()
        assert "no longer followed" in client.get("/en/indicator/calls/").content.decode()
        assert Assessment.objects.filter(indicator__code="calls").exists()
        assert client.post("/en/definitions/calls/retire/", {"reason": "Behövs ändå"}).status_code == 302
        assert "Mått calls" in client.get("/en/indicators/").content.decode()
        assert [n.act for n in DefinitionNote.objects.all()] == ["restored", "retired"]

    def test_not_in_the_future_not_without_reason_not_under_a_formula(self, client: Client) -> None:
        assert "on" in faults(client.post("/en/definitions/calls/retire/", {"on": "2999-01-01", "reason": "x"}))
        assert "reason" in faults(client.post("/en/definitions/calls/retire/", {"on": "2023-01-01", "reason": " "}))
        client.post("/en/definitions/new/", fresh(source="computed", formula="last(calls)"))
        with pytest.raises(DefinitionFaultError, match="complaints"):
            retire_indicator(
                indicator_id=Indicator.objects.get(code="calls").pk,
                on=world.TODAY,
                reason="x",
                today=world.TODAY,
                by=None,
            )


class TestBreaks:
    def test_added_changed_and_taken_back(self, client: Client) -> None:
        url = "/en/definitions/passed/breaks/"
        assert client.post(url, {"period": "2020", "reason": "Nytt prov"}).status_code == 302
        stored = SeriesBreak.objects.get(indicator__code="passed")
        assert (stored.period, stored.comparable_backwards) == ("2020", False)
        assert "already" in faults(client.post(url, {"period": "2020", "reason": "Igen"}))["period"][0]
        assert "period" in faults(client.post(url, {"period": "2020M01", "reason": "Fel"}))
        assert (
            client.post(
                f"{url}{stored.pk}/", {"period": "2021", "reason": "Nytt", "comparable_backwards": ON}
            ).status_code
            == 302
        )
        stored.refresh_from_db()
        assert (stored.period, stored.comparable_backwards) == ("2021", True)
        assert client.post(f"{url}{stored.pk}/", {"act": "remove"}).status_code == 302
        assert not SeriesBreak.objects.filter(indicator__code="passed").exists()
        assert client.get(f"{url}{stored.pk}/").status_code == 404


class TestHistory:
    def test_field_by_field_who_and_why(self, client: Client) -> None:
        told = {"answer": "break", "period": "2022M12", "reason": "Ny växel", "unit": "count", "never_good_enough": ON}
        assert client.post("/en/definitions/calls/", content(client, "calls", **told)).status_code == 302
        target = Target.objects.get(indicator__code="calls")
        client.post(f"/en/definitions/calls/targets/{target.pk}/end/", {"last_year": "2023"})
        page = client.get("/en/definitions/calls/history/").content.decode()
        assert page.count("Stina") >= 3
        for words in ("Ny växel", "a break in the series", "A target was changed", "A break in the series was recorded",
                      "2023", "antal (en)"):  # fmt: skip
            assert words in page

    def test_what_was_removed_is_told_too(self, client: Client) -> None:
        client.post("/en/definitions/passed/breaks/", {"period": "2020", "reason": "Nytt prov"})
        stored = SeriesBreak.objects.get(indicator__code="passed")
        client.post(f"/en/definitions/passed/breaks/{stored.pk}/", {"act": "remove"})
        page = client.get("/en/definitions/passed/history/").content.decode()
        assert "A break in the series was taken back" in page

    def test_a_fixed_number_of_queries(self, client: Client, django_assert_max_num_queries: Any) -> None:
        for year in range(2010, 2020):
            client.post("/en/definitions/passed/breaks/", {"period": f"{year}", "reason": "Nytt prov"})
        with django_assert_max_num_queries(12):
            queries.history(Indicator.objects.get(code="passed"))


class TestFilesAndPeople:
    def test_what_people_edited_stays(self) -> None:
        Indicator.objects.filter(code="calls").update(owner_sv="Min egen", direction="lower")
        Target.objects.filter(indicator__code="calls").update(value=60)
        Target.objects.get(indicator__code="passed").delete()
        SeriesBreak.objects.create(indicator=Indicator.objects.get(code="calls"), period="2022M05", reason_sv="Egen")
        take_in()
        calls = Indicator.objects.get(code="calls")
        assert (calls.owner_sv, calls.direction, float(calls.targets.get().value or 0)) == ("Min egen", "lower", 60)  # type: ignore[attr-defined]
        assert not Target.objects.filter(indicator__code="passed").exists()
        assert calls.breaks.count() == 1

    def test_what_is_missing_is_created(self) -> None:
        Indicator.objects.get(code="silent").delete()
        take_in()
        assert Indicator.objects.filter(code="silent").exists()

    def test_restored_when_asked_for(self) -> None:
        calls = Indicator.objects.get(code="calls")
        Indicator.objects.filter(code="calls").update(owner_sv="Min egen")
        Target.objects.filter(indicator=calls).update(value=60)
        Target.objects.create(indicator=calls, form="not_worse", valid_from=2024)
        SeriesBreak.objects.create(indicator=calls, period="2022M05", reason_sv="Egen")
        take_in(restore=True)
        calls.refresh_from_db()
        assert calls.owner_sv == "Chefen"  # type: ignore[attr-defined]
        assert [float(t.value or 0) for t in calls.targets.all()] == [70]
        assert not calls.breaks.exists()
        assert SeriesBreak.objects.filter(indicator__code="heard").count() == 1


def take_in(*, restore: bool = False) -> None:
    operations.store_definitions(
        units=[], areas=[], departments=[], indicators=world.DEFINITIONS, by=None, restore=restore
    )


class TestDoors:
    PAGES = ("", "new/", "calls/", "calls/copy/", "calls/retire/", "calls/history/", "calls/targets/", "calls/breaks/")

    @pytest.mark.parametrize("page", PAGES)
    def test_only_who_steers(self, page: str) -> None:
        reporter = Client()
        reporter.force_login(person("rune", RoleName.REPORTER, "service"))
        assert reporter.get(f"/en/definitions/{page}").status_code == 403
        assert Client().get(f"/en/definitions/{page}").status_code == 302

    @pytest.mark.parametrize("page", PAGES)
    def test_in_swedish(self, client: Client, page: str) -> None:
        with override("sv"):
            answer = client.get(f"/definitions/{page}")
        assert answer.status_code == 200
        assert "Definition" in answer.content.decode()

    def test_no_such_indicator(self, client: Client) -> None:
        assert client.get("/en/definitions/nowhere/").status_code == 404
        assert client.get("/en/definitions/?department=nowhere").status_code == 404
        assert client.get("/en/departments/nowhere/").status_code == 404

    def test_the_public_page_has_a_way_to_it_for_who_may(self, client: Client) -> None:
        assert "/en/definitions/calls/" in client.get("/en/indicator/calls/").content.decode()
        assert "/en/definitions/calls/" not in Client().get("/en/indicator/calls/").content.decode()

    def test_the_list_costs_the_same_for_many(self, client: Client, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(2):
            assert len(queries.listed(world.TODAY)) == 6


def test_a_department_gets_a_head(client: Client) -> None:
    mia = person("mia", RoleName.APPROVER, "service")
    told = {"name_sv": "Kundcenter", "name_en": "", "head": mia.pk}
    assert client.post("/en/departments/service/", told).status_code == 302
    found = Department.objects.get(code="service")
    assert (found.name_sv, found.name_en, found.head) == ("Kundcenter", "Kundcenter", mia)  # type: ignore[attr-defined]
    page = client.get("/en/departments/").content.decode()
    assert "Kundcenter" in page
    assert "Mia" in page
