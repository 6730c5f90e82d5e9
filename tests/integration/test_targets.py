"""Targets: every form entered, said back, stored as it is judged; no two in one year."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from indicators import operations
from indicators.models import Assessment, Indicator, JobRun, Target
from indicators.permissions import RoleName
from tests.integration import indicator_world as world

pytestmark = pytest.mark.django_db
URL = "/en/definitions/passed/targets/"


@pytest.fixture(autouse=True)
def _built(db: None) -> None:
    world.build()


@pytest.fixture
def client() -> Client:
    user = get_user_model().objects.create_user("stina@example.org", "stina@example.org", "x")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    found = Client()
    found.force_login(user)
    return found


FORMS: list[tuple[str, dict[str, str], dict[str, Any], str]] = [
    (
        "level",
        {"side": "at_least", "value": "89.5", "tolerance": "1"},
        {"form": "level", "value": 89.5},
        "at least 89.5%",
    ),
    ("level", {"side": "at_most", "value": "0"}, {"form": "level", "value": 0, "tolerance": 0}, "at most 0%"),
    (
        "between",
        {"lower": "85", "upper": "95"},
        {"form": "level", "side": "between", "upper": 95},
        "between 85 and 95%",
    ),
    ("direction", {"wanted": "higher"}, {"form": "direction", "wanted": "higher"}, "shall increase"),
    (
        "yearly_change",
        {"percent": "-2.5", "baseline_period": "2019"},
        {"percent": -2.5, "baseline_period": "2019"},
        "−2.5% a year from 2019",
    ),
    ("not_worse", {"baseline_period": "2017"}, {"form": "not_worse", "baseline_period": "2017"}, "not worse than 2017"),
    ("position", {"best_share": "25", "group": "all"}, {"percentile": 75, "rank": None}, "among the best 25%"),
    (
        "position",
        {"rank": "3", "group": "county"},
        {"percentile": None, "rank": 3, "group": "county"},
        "among the 3 best",
    ),
    ("survey", {"side": "at_least", "value": "70"}, {"form": "survey", "value": 70}, "at least 70%"),
]


@pytest.mark.parametrize(("shape", "told", "stored", "words"), FORMS)
def test_each_form_is_said_back_then_stored_and_judged_the_same(
    client: Client, shape: str, told: dict[str, str], stored: dict[str, Any], words: str
) -> None:
    Target.objects.filter(indicator__code="passed").delete()
    told = told | {"valid_from": "2015"}
    shown = client.post(f"{URL}new/?form={shape}", told | {"act": "show"})
    assert not Target.objects.filter(indicator__code="passed").exists()
    verdict = shown.context["verdict"]
    assert words in verdict.words
    assert verdict.year == "2022"
    assert verdict.sentence in shown.content.decode().replace("&#x27;", "'")
    assert client.post(f"{URL}new/?form={shape}", told | {"act": "save"}).status_code == 302
    target = Target.objects.get(indicator__code="passed")
    for name, value in stored.items():
        found = getattr(target, name)
        assert (float(found) if isinstance(value, float) and found is not None else found) == value, name
    world.compute()
    assert Assessment.objects.get(indicator__code="passed", period="2022").status == verdict.status


@pytest.mark.parametrize(
    ("shape", "told", "field"),
    [
        ("level", {"side": "at_least"}, "value"),
        ("level", {"side": "at_least", "value": "many"}, "value"),
        ("level", {"side": "at_least", "value": "1", "tolerance": "-1"}, "tolerance"),
        ("between", {"lower": "5", "upper": "4"}, "upper"),
        ("yearly_change", {"percent": "0", "baseline_period": "2019"}, "percent"),
        ("yearly_change", {"percent": "-100", "baseline_period": "2019"}, "percent"),
        ("yearly_change", {"percent": "2"}, "baseline_period"),
        ("not_worse", {"baseline_period": "2019M01"}, "baseline_period"),
        ("position", {"group": "all"}, "best_share"),
        ("position", {"group": "all", "best_share": "25", "rank": "3"}, "best_share"),
        ("position", {"group": "all", "best_share": "101"}, "best_share"),
        ("level", {"side": "at_least", "value": "1", "valid_to": "2014"}, "valid_to"),
    ],
)
def test_refused_beside_the_field(client: Client, shape: str, told: dict[str, str], field: str) -> None:
    Target.objects.filter(indicator__code="passed").delete()
    answer = client.post(f"{URL}new/?form={shape}", told | {"valid_from": "2015", "act": "save"})
    assert field in answer.context["form"].errors
    assert not Target.objects.filter(indicator__code="passed").exists()


def test_swedish_decimals(client: Client) -> None:
    Target.objects.filter(indicator__code="passed").delete()
    told = {"side": "at_least", "value": "89,5", "valid_from": "2015", "act": "save"}
    assert client.post("/definitions/passed/targets/new/?form=level", told).status_code == 302
    assert float(Target.objects.get(indicator__code="passed").value or 0) == 89.5


class TestValidity:
    NEW = {"side": "at_least", "value": "92", "valid_from": "2024", "act": "save"}

    def test_an_overlap_is_refused_with_both_named(self, client: Client) -> None:
        answer = client.post(f"{URL}new/?form=level", self.NEW)
        (fault,) = answer.context["form"].errors["valid_from"]
        for words in ("2024", "at least 89%", "from 2000", "at least 92%", "from 2024"):
            assert words in fault
        assert Target.objects.filter(indicator__code="passed").count() == 1

    def test_the_one_before_ends_if_asked(self, client: Client) -> None:
        JobRun.objects.all().delete()
        assert client.post(f"{URL}new/?form=level", self.NEW | {"end_earlier": "on"}).status_code == 302
        found = Target.objects.filter(indicator__code="passed").values_list("valid_from", "valid_to")
        assert list(found) == [(2000, 2023), (2024, None)]
        assert JobRun.objects.filter(kind="refresh").exists()

    def test_ended(self, client: Client) -> None:
        target = Target.objects.get(indicator__code="passed")
        answer = client.post(f"{URL}{target.pk}/end/", {"last_year": "1999"})
        assert answer.status_code == 200
        assert client.post(f"{URL}{target.pk}/end/", {"last_year": "2023"}).status_code == 302
        target.refresh_from_db()
        assert target.valid_to == 2023

    def test_mended_in_place(self, client: Client) -> None:
        target = Target.objects.get(indicator__code="passed")
        form = client.get(f"{URL}{target.pk}/").context["form"]
        assert (form["value"].value(), form["tolerance"].value(), form["side"].value()) == (89, 1, "at_least")
        told = {"side": "at_least", "value": "88", "tolerance": "", "valid_from": "2000", "act": "save"}
        assert client.post(f"{URL}{target.pk}/", told).status_code == 302
        target.refresh_from_db()
        assert (float(target.value or 0), float(target.tolerance), target.indicator.code) == (88, 0, "passed")

    def test_only_the_indicators_own(self, client: Client) -> None:
        other = Target.objects.get(indicator__code="calls")
        assert client.get(f"{URL}{other.pk}/").status_code == 404
        assert client.get(f"{URL}{other.pk}/end/").status_code == 404


def test_an_indicator_without_values_says_so(client: Client) -> None:
    told = {"side": "at_least", "value": "1", "valid_from": "2015", "act": "show"}
    verdict = client.post("/en/definitions/silent/targets/new/?form=level", told).context["verdict"]
    assert verdict.status == "not_assessable"


def test_the_page_lists_targets_with_their_verdict(client: Client) -> None:
    page = client.get(URL).content.decode()
    assert "at least 89%" in page
    assert "valid now" in page
    assert "With the figures of 2022" in page
    empty = client.get("/en/definitions/silent/targets/").content.decode()
    assert "No target yet" in empty


def test_an_unknown_form_leads_back(client: Client) -> None:
    answer = client.get(f"{URL}new/?form=wish")
    assert (answer.status_code, answer["Location"]) == (302, URL)
    assert Indicator.objects.get(code="passed").targets.count() == 1
