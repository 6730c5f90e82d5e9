"""Jobs and data: who may see them, what they say, and what the buttons do."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import operations
from indicators.compute.validate import Fault
from indicators.models import Import, ImportRejection, Indicator, JobKind, JobRun, JobState, SeriesPoint
from indicators.permissions import RoleName, may_see_jobs
from indicators.queries import access
from indicators.read_models.jobs import FAULT, STATE
from indicators.sources.kolada import Misshape

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategist(db: None) -> User:
    user = User.objects.create_user("anna", password="a long enough phrase")
    operations.grant_role(user=user, name=RoleName.STRATEGIST, by=None)
    return user


@pytest.fixture
def signed_in(client: Client, strategist: User) -> Client:
    client.force_login(strategist)
    return client


def html(client: Client, address: str = "/en/jobs/", status: int = 200, **extra: Any) -> str:
    response = client.get(address, **extra)
    assert response.status_code == status, response.content[:500]
    return re.sub(r"[ \n]+", " ", response.content.decode())


def run(state: JobState = JobState.SUCCEEDED, *, kind: JobKind = JobKind.RECOMPUTE, **fields: Any) -> JobRun:
    now = timezone.now()
    usual: dict[str, Any] = {"started_at": now - timedelta(seconds=75), "key": uuid.uuid4().hex, "attempts": 1}
    if state in (JobState.SUCCEEDED, JobState.FAILED):
        usual["finished_at"] = now
    if state == JobState.RUNNING:
        usual |= {"claim": uuid.uuid4(), "heard_at": now}
    return JobRun.objects.create(kind=kind, state=state, **usual | fields)


def municipality(*, invented: bool = False) -> None:
    operations.store_municipalities(
        places=[("9001", "Alby", "K"), ("9002", "Björkö", "K")], home="9001", invented=invented, by=None
    )


def indicator(code: str = "fsk05", *, due_days: int = 30, source: str = "department") -> Indicator:
    both = {"sv": f"{code} på svenska", "en": f"{code} in English"}
    operations.store_definitions(
        units=[{"code": "percent", "symbol": {"sv": "%", "en": "%"}, "name": both, "share": True}],
        areas=[{"code": "fsk", "name": both}],
        departments=[{"code": "school", "name": {"sv": "Skolförvaltningen", "en": "School department"}}],
        indicators=[
            {
                "code": code, "name": both, "purpose": both, "definition": both, "calculation": both, "area": "fsk",
                "unit": "percent", "decimals": 1, "direction": "higher", "measures": "effect", "experienced": False,
                "comparable": False, "influenceable": True, "never_good_enough": False, "frequency": "year",
                "due_days": due_days, "source": source, "divided": False, "department": "school",
                "owner": {"sv": "Rektorn", "en": "The head teacher"},
            }
        ],
        by=None,
    )  # fmt: skip
    return Indicator.objects.get(code=code)


def point(owner: Indicator, period: str, value: float | None, **fields: Any) -> None:
    SeriesPoint.objects.create(indicator_id=owner.pk, breakdown="T", period=period, value=value, **fields)


# ── who may see it ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_strangers_log_in_first(client: Client) -> None:
    response = client.get("/en/jobs/")
    assert response.status_code == 302
    assert "login" in response.headers["Location"]
    assert "next=/en/jobs/" in response.headers["Location"]


def test_others_are_told_whom_to_ask(client: Client) -> None:
    client.force_login(User.objects.create_user("bo"))
    page = html(client, status=403)
    assert "Ask an administrator" in page
    assert "You may not see this page" in page
    assert client.post("/en/jobs/recompute/").status_code == 403
    assert not JobRun.objects.exists()


def test_strategists_and_administrators_may(client: Client, strategist: User) -> None:
    administrator = User.objects.create_superuser("cia")
    assert not may_see_jobs(access.person(User.objects.create_user("dan")))
    assert not may_see_jobs(access.person(User.objects.create_superuser("eva", is_active=False)))
    for user in (strategist, administrator):
        assert may_see_jobs(access.person(user))
        client.force_login(user)
        html(client)


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_empty_installation(signed_in: Client) -> None:
    page = html(signed_in)
    assert "No job has been run" in page
    assert "Nothing is late." in page
    assert "No values have come in yet." in page


def test_runs_with_state_duration_and_who_asked(signed_in: Client, strategist: User) -> None:
    run(requested_by=strategist)
    run(JobState.FAILED, kind=JobKind.KOLADA_IMPORT, error="KoladaError: <b>answered 503</b>", attempts=3)
    page = html(signed_in)
    assert "1 min 15 s" in page
    assert "anna" in page
    assert "the timetable or a command" in page
    assert "3 attempts" in page
    assert "&lt;b&gt;answered 503" in page
    assert "Try again" in page


@pytest.mark.parametrize("kind", JobKind.values)
def test_every_kind_of_job_has_a_name_in_both_languages(signed_in: Client, kind: str) -> None:
    job = run(kind=JobKind(kind))
    for address in ("/jobs/", f"/jobs/{job.pk}/"):
        for language in ("", "/en"):
            assert signed_in.get(language + address).status_code == 200


def test_asks_again_only_while_something_runs(signed_in: Client) -> None:
    run()
    assert "every 2s" not in html(signed_in)
    run(JobState.RUNNING, done=40, total=94, message="N15428")
    page = html(signed_in)
    assert 'hx-trigger="every 2s"' in page
    assert "Load the page again" in page
    assert re.search(r'<progress max="94" value="40"', page)
    fragment = html(signed_in, headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert fragment.strip().startswith('<div id="runs"')


def test_a_queued_refresh_counts_as_going_on(signed_in: Client) -> None:
    run(JobState.QUEUED, kind=JobKind.REFRESH, parameters={"indicators": [1]})
    assert "every 2s" in html(signed_in)


def test_failed_refreshes_are_gathered_until_everything_is_computed(signed_in: Client) -> None:
    for _ in range(3):
        run(JobState.FAILED, kind=JobKind.REFRESH, parameters={"indicators": [1]}, error="x")
    run(kind=JobKind.REFRESH, parameters={"indicators": [1]})
    page = html(signed_in)
    assert "3 refreshes after changes have failed" in page
    assert "1 refresh after a change is done" in page
    run()
    assert "have failed" not in html(signed_in)


def test_a_fixed_number_of_queries(signed_in: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            html(signed_in)
        return len(queries)

    html(signed_in)  # notes that the session is in use, as once in ten minutes

    def more(number: int) -> None:
        owner = indicator(f"fsk{number:02d}")
        delivery = Import.objects.create(source="kolada", started_at=timezone.now(), unanswered=["N1"])
        ImportRejection.objects.create(delivery=delivery, kpi="N1", fault="conflict", count=1, examples=["9001 2022 T"])
        point(owner, "2022", 1, revision=1, earlier_value=2, delivery_id=delivery.pk)
        parent = run(JobState.FAILED)
        run(JobState.FAILED, kind=JobKind.REFRESH, parent=parent, parameters={"indicators": [owner.pk]})
        run(JobState.FAILED, kind=JobKind.REFRESH, parameters={"indicators": [owner.pk]})

    municipality()
    more(1)
    few = asked()
    for number in range(2, 8):
        more(number)
    assert asked() == few


# ── one job ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_detail_shows_parts_indicators_and_error(signed_in: Client) -> None:
    owner = indicator()
    parent = run(JobState.FAILED, error="1 of 2 parts failed", done=2, total=2)
    run(kind=JobKind.REFRESH, parent=parent, parameters={"indicators": [owner.pk]})
    broken = run(
        JobState.FAILED, kind=JobKind.REFRESH, parent=parent, parameters={"indicators": [owner.pk]}, error="oh"
    )
    page = html(signed_in, f"/en/jobs/{parent.pk}/")
    assert "1 of 2 parts failed." in page
    assert page.count("Compute 1 indicator") == 2
    assert "fsk05 in English" in html(signed_in, f"/en/jobs/{broken.pk}/")


def test_unknown_job(signed_in: Client) -> None:
    assert "There is no job with number 404" in html(signed_in, "/en/jobs/404/", 404)
    assert signed_in.post("/en/jobs/404/retry/").status_code == 404


# ── the buttons ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_retry_queues_a_failed_job_again(signed_in: Client, strategist: User) -> None:
    job = run(JobState.FAILED, kind=JobKind.KOLADA_IMPORT, progress={"finished": ["N1"]}, attempts=3)
    page = signed_in.post(f"/en/jobs/{job.pk}/retry/", follow=True).content.decode()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.requested_by, job.progress) == (
        JobState.QUEUED, 0, strategist, {"finished": ["N1"]},
    )  # fmt: skip
    assert "queued again" in page


def test_retry_of_what_has_not_failed_changes_nothing(signed_in: Client) -> None:
    job = run()
    page = signed_in.post(f"/en/jobs/{job.pk}/retry/", follow=True).content.decode()
    assert "has not failed" in page
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED


def test_retry_where_the_same_work_is_queued_already(signed_in: Client) -> None:
    job = run(JobState.FAILED, key="kolada")
    run(JobState.QUEUED, key="kolada")
    assert "newer job already" in signed_in.post(f"/en/jobs/{job.pk}/retry/", follow=True).content.decode()


def test_recompute_and_import_are_asked_for_once(signed_in: Client, strategist: User) -> None:
    municipality()
    for _ in range(2):
        signed_in.post("/en/jobs/recompute/")
        signed_in.post("/en/jobs/import/", {"revise": "1"})
    asked = {job.kind: job for job in JobRun.objects.all()}
    assert JobRun.objects.count() == 2
    assert asked["recompute"].requested_by == strategist
    assert asked["kolada_import"].parameters["revise"] is True


def test_the_demonstration_fetches_nothing(signed_in: Client) -> None:
    municipality(invented=True)
    assert "jobs/import/" not in html(signed_in)
    page = signed_in.post("/en/jobs/import/", follow=True).content.decode()
    assert "Set up a real municipality" in page
    assert not JobRun.objects.exists()


def test_writing_needs_a_post_and_a_token(strategist: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(strategist)
    for address in ("/en/jobs/recompute/", "/en/jobs/import/"):
        assert careful.get(address).status_code == 405
        assert careful.post(address).status_code == 403
    assert not JobRun.objects.exists()


# ── data ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_fault_and_state_has_words() -> None:
    assert set(FAULT) == {*Fault, *Misshape}
    assert set(STATE) == {state.value for state in JobState}


def test_deliveries_in_words(signed_in: Client) -> None:
    municipality()
    delivery = Import.objects.create(
        source="kolada", started_at=timezone.now(), fetched_at=timezone.now(), received=1200, added=1190, rejected=10,
        unanswered=["N99999"],
    )  # fmt: skip
    ImportRejection.objects.create(
        delivery=delivery, kpi="N40008", fault="out_of_range", count=7, examples=["9002 2022 K: -59.79", "<i>x</i>"]
    )
    ImportRejection.objects.create(delivery=delivery, kpi="", fault=Misshape.NUMBER.value, count=3)
    page = html(signed_in)
    assert "1,200" in page
    assert "Björkö 2022, women: -59.79" in page
    assert "&lt;i&gt;x" in page
    assert "The value lies outside what is possible" in page
    assert "The value cannot be read as a number" in page
    assert "1 identity gave no values" in page
    assert "N99999" in page


def test_an_unfinished_delivery_says_so(signed_in: Client) -> None:
    Import.objects.create(source="kolada", started_at=timezone.now())
    assert "not finished" in html(signed_in)


def test_late_is_what_was_due_and_has_no_answer(signed_in: Client) -> None:
    this_year = timezone.localdate().year
    late, answered, never = indicator("fsk01"), indicator("fsk02"), indicator("fsk03")
    point(late, f"{this_year - 3}", 0)
    point(late, f"{this_year - 1}", None, absence="missing")
    point(answered, f"{this_year - 1}", None, absence="confidential")
    page = html(signed_in)
    overdue = page.split('<h2 id="late"')[1].split("</section>")[0]
    assert "fsk01 in English" in overdue
    assert f"{this_year - 3}" in overdue
    assert "The head teacher" in overdue
    assert "School department: 2" in overdue
    assert "fsk02 in English" not in overdue
    assert "fsk03 in English" in overdue
    assert "never" in overdue
    assert "1 of 3 indicators have a value" in page
    assert never.code in overdue


def test_revised_history_shows_both_values(signed_in: Client) -> None:
    owner = indicator()
    delivery = Import.objects.create(source="kolada", started_at=timezone.now(), fetched_at=timezone.now())
    point(owner, "2021", 0, revision=1, earlier_value=1.5, delivery_id=delivery.pk)
    point(owner, "2020", None, absence="missing", revision=1, earlier_value=2.5)
    point(owner, "2019", 4, revision=0)
    page = html(signed_in).split('<h2 id="revised"')[1]
    assert "1.5%" in page
    assert "0.0%" in page
    assert "\u22121.5\u00a0percentage points" in page
    assert "withdrawn by the source" in page
    assert "2019" not in page.split("</section>")[0]


def test_in_swedish_too(signed_in: Client) -> None:
    indicator()
    page = html(signed_in, "/jobs/")
    assert "fsk05 på svenska" in page
    assert "Rektorn" in page
