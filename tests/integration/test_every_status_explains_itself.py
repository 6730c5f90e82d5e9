"""Law 8: every stored status explains itself in both languages, and can be worked out again from its trace alone."""

import pytest
from django.utils import translation

from indicators.compute import status
from indicators.compute.status import Status, Verdict
from indicators.models import Assessment
from indicators.wording import explain
from tests.integration import indicator_world

pytestmark = pytest.mark.django_db


def judged_again(trace: dict[str, object]) -> Verdict:
    """The verdict that the numbers of a trace give, with nothing else at hand."""
    n = trace["numbers"]
    assert isinstance(n, dict)
    match n["rule"]:
        case "between":
            return status.between(n["value"], n["lower"], n["upper"], n["tolerance"], n["margin"])
        case "yearly_change":
            return status.yearly_change(
                n["value"], n["baseline"], n["percent"], n["years"], n["tolerance"], n["margin"]
            )
        case "direction":
            # The margin of the difference is in the trace; as the margin of one value beside an exact one it is itself.
            return status.direction(n["value"], n["comparison"], n["sign"], n["tolerance"], n["margin"])
        case "not_worse":
            return status.not_worse(n["value"], n["comparison"], n["sign"], n["tolerance"], n["margin"])
        case "percentile":
            return status.position_percentile(n["percentile"], n["wanted_percentile"], n["tolerance"])
        case "rank":
            return status.position_rank(n["rank"], n["wanted_rank"], n["tolerance"])
    raise AssertionError(f"no rule in {trace}")


MORE = [
    indicator_world.definition(
        f"more{number}", source="department", comparable=False, target=target, frequency="month", due_days=15
    )
    for number, target in enumerate(
        [
            {"form": "yearly_change", "percent": -2.5, "baseline_period": "2022M10"},
            {"form": "position", "percentile": 75, "tolerance": 5},
            {"form": "position", "rank": 3},
            {"form": "level", "comparison": "between", "lower": 10, "upper": 20, "tolerance": 1},
        ]
    )
]


def test_every_status_explains_itself() -> None:
    indicator_world.build(more=MORE)
    assessments = list(Assessment.objects.select_related("indicator__unit"))
    statuses = {assessment.status for assessment in assessments}
    assert statuses >= {"met", "near", "not_assessable"}, statuses
    for assessment in assessments:
        unit, indicator = assessment.indicator.unit, assessment.indicator
        for language in ("sv", "en"):
            with translation.override(language):
                told = explain(
                    assessment.trace,
                    status=assessment.status,
                    reason=assessment.reason,
                    symbol=unit.symbol,
                    decimals=indicator.decimals,
                    share=unit.share,
                    good=indicator.direction,
                )
            assert told.sentence, (indicator.code, assessment.period)
            assert told.formula or assessment.status == Status.NOT_ASSESSABLE
        assert assessment.rule_version == status.RULE_VERSION
        assert (assessment.reason != "") or assessment.status != Status.NOT_ASSESSABLE
        if assessment.status != Status.NOT_ASSESSABLE:
            again = judged_again(assessment.trace)
            assert (again.status, again.reason or "") == (assessment.status, assessment.reason)
