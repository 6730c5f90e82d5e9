"""From responses to figures, on a wave small enough to count by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from surveys.compute import release
from surveys.compute.collected import ANSWERED, NO_OPINION, NO_ROW, REFUSED, Collected
from surveys.compute.disclosure.cells import Rule
from surveys.compute.estimation import Design, DesignError, share
from surveys.compute.questionnaire import Asked, Choice
from surveys.compute.results import WHOLE, Group, IndexOf, Result, all_results, drivers_of, placed
from surveys.compute.weighing import NOT_STATED, FewDecideError, Plan, collapsed, stated, weigh

WORKS = (Choice(4, "bra", positive=True), Choice(3, "ganska bra", positive=True), Choice(2, "ganska dåligt"),
         Choice(1, "dåligt"), Choice(9, "vet ej", no_opinion=True))  # fmt: skip
SEX = (Choice(1, "kvinna"), Choice(2, "man"))
SCHOOL = Asked(1, 1, "school", "share", "Hur fungerar skolan?", options=WORKS, topic="school")
GRADE = Asked(2, 2, "grade", "five", "Hur nöjd är du?", topic="whole")
WHO = Asked(3, 3, "sex", "single", "Är du …", options=SEX, background=True)
WHO_OR_OTHER = replace(WHO, options=(*SEX, Choice(3, "annat"), Choice(9, "vill inte svara", no_opinion=True)))
QUESTIONS = (SCHOOL, GRADE, WHO)


def collected(
    columns: dict[str, Sequence[float | str]], strata: Sequence[str] = (), modes: Sequence[str] = ()
) -> Collected:
    """Answers by question; "vet ej", "" for passed over and "-" for not shown."""
    states = {"vet ej": NO_OPINION, "": REFUSED, "-": NO_ROW}
    n = len(next(iter(columns.values())))
    values = np.array([[np.nan if isinstance(a, str) else a for a in column] for column in columns.values()]).T
    state = np.array([[states.get(str(a), ANSWERED) for a in column] for column in columns.values()], dtype=np.int8).T
    return Collected(
        np.array(strata or [""] * n), np.array([""] * n), np.array(modes or ["web"] * n), np.full(n, np.nan),
        {(code, 0): place for place, code in enumerate(columns)}, values.astype(float), state,
    )  # fmt: skip


def many(n: int = 400, seed: int = 3) -> Collected:
    rng = np.random.default_rng(seed)
    return collected(
        {
            "school": [*rng.choice([1.0, 2.0, 3.0, 4.0], n - 20), *["vet ej"] * 20],
            "grade": rng.integers(1, 6, n).astype(float).tolist(),
            "sex": rng.choice([1.0, 2.0], n).tolist(),
        }
    )


def of(found: Sequence[Result], statistic: str, question: str, group: Group = WHOLE, part: int = 0) -> Result:
    (one,) = [
        r for r in found if (r.statistic, r.question, r.group, r.part) == (statistic, question, group, part)
    ]  # fmt: skip
    return one


class TestResults:
    def test_the_share_leaves_no_opinion_out_and_shows_it(self) -> None:
        answers = collected({"school": [4, 3, 2, 1, "vet ej", "vet ej", "", "-"], "grade": [5] * 8, "sex": [1] * 8})
        found = all_results(answers, Design(np.ones(8)), QUESTIONS, ())
        assert of(found, "share", "school").value == pytest.approx(50.0)
        assert of(found, "share", "school").n == 4
        assert of(found, "share", "school").counts == (2, 2)
        assert of(found, "no_opinion", "school").value == pytest.approx(100 * 2 / 6)

    def test_weights_move_the_share_and_not_the_number(self) -> None:
        answers = collected({"school": [4, 1], "grade": [5, 1], "sex": [1, 2]})
        found = all_results(answers, Design(np.array([3.0, 1.0])), QUESTIONS, ())
        assert of(found, "share", "school").value == pytest.approx(75.0)
        assert of(found, "share", "school").n == 2
        assert of(found, "mean", "grade").value == pytest.approx((3 * 5 + 1) / 4)

    def test_a_group_is_a_domain_of_the_whole_design(self) -> None:
        answers, weights = many(), np.linspace(1, 2, 400)
        found = all_results(answers, Design(weights), QUESTIONS, ())
        ones = np.where(np.isnan(answers.answers("school")), np.nan, (answers.answers("school") >= 3).astype(float))
        alone = share(Design(weights), ones, answers.answers("sex") == 1)
        women = of(found, "share", "school", Group("sex", 1))
        expected = (100 * alone.value, 100 * alone.lower, 100 * alone.upper, alone.n)
        assert (women.value, women.lower, women.upper, women.n) == pytest.approx(expected)

    def test_options_sum_to_everybody_with_an_opinion(self) -> None:
        found = all_results(many(), Design(np.ones(400)), QUESTIONS, ())
        assert sum(r.value for r in found if r.statistic == "option" and r.question == "school") == pytest.approx(100)

    def test_an_index_is_the_mean_of_what_each_persons_answers_give(self) -> None:
        answers = collected({"school": [4] * 3, "grade": [1, 5, ""], "sex": [1] * 3})
        found = all_results(answers, Design(np.ones(3)), QUESTIONS, (IndexOf("nki", (("grade", 1, 5, 1),)),))
        (index,) = [r for r in found if r.statistic == "index" and r.group == WHOLE]
        assert (index.value, index.n) == (pytest.approx(50.0), 2)

    def test_no_drivers_without_an_overall_question(self) -> None:
        told = drivers_of(many(), Design(np.ones(400)), QUESTIONS, "", 1, frozenset())
        assert told["refused"] == "no_overall_question"

    def test_drivers_that_explain_nothing_are_refused_with_the_rule(self) -> None:
        told = drivers_of(many(), Design(np.ones(400)), QUESTIONS, "grade", 1, frozenset())
        assert told["refused"] == "too_weak"


class TestPlacedByLot:
    def many(self, *, small: int) -> Collected:
        sex: list[float | str] = [1.0] * 60 + [2.0] * 40 + [3.0] * small + [""] * 30
        answers = collected({"school": [4.0] * len(sex), "grade": [5.0] * len(sex), "sex": sex})
        return replace(answers, lots=np.random.default_rng(1).random(len(sex)))

    def test_those_who_did_not_tell_or_are_too_few_go_where_the_others_are(self) -> None:
        answers = self.many(small=10)
        levels, by_lot = placed(answers, WHO_OR_OTHER)
        assert by_lot == 40
        assert set(levels) == {1.0, 2.0}
        assert levels[:100].tolist() == answers.answers("sex")[:100].tolist()
        assert 0.4 < (levels[100:] == 1.0).mean() < 0.8  # 60 of 100 told

    def test_a_group_that_is_large_enough_stays_one(self) -> None:
        levels, by_lot = placed(self.many(small=20), WHO_OR_OTHER)
        assert by_lot == 30
        assert levels[100:120].tolist() == [3.0] * 20

    def test_the_lot_is_the_same_when_more_answers_come(self) -> None:
        answers = self.many(small=10)
        fewer = answers.only(np.arange(140) < 130)
        again, before = placed(answers, WHO_OR_OTHER)[0][:130], placed(fewer, WHO_OR_OTHER)[0]
        assert again.tolist() == before.tolist()

    def test_without_lots_nobody_is_placed(self) -> None:
        answers = replace(self.many(small=10), lots=None)
        assert placed(answers, WHO_OR_OTHER)[1] == 0

    def test_nothing_of_the_others_has_to_be_hidden(self) -> None:
        answers = self.many(small=3)
        questions = (SCHOOL, GRADE, WHO_OR_OTHER)
        found = all_results(answers, Design(np.ones(len(answers))), questions, ())
        released = release.protected(answers, questions, found, Rule())
        assert {f["level"] for f in released.figures if f["group"] == "sex" and not f["hidden"]} == {1, 2}
        assert not [f for f in released.figures if f["group"] == "sex" and f["level"] == 3]


class TestWeighing:
    def test_a_stratum_counts_for_its_people(self) -> None:
        answers = collected({"school": [4] * 4}, strata=["a", "a", "a", "b"])
        weighed = weigh(answers, Plan("design", {"a": 30, "b": 20}, adjust_lonely=True))
        assert weighed.design.weights.tolist() == [10, 10, 10, 20]

    def test_a_stratum_of_few_answers_is_weighted_with_the_next_smallest(self) -> None:
        labels, population, merged = collapsed(
            np.array(["a"] * 6 + ["b"] * 30 + ["c"] * 50), {"a": 3_000, "b": 1_000, "c": 2_000, "d": 500}, 20
        )
        assert merged == ["a", "b", "d"]  # nobody answered in d; a and d together are too few
        assert population == {"c": 2_000, "a + b + d": 4_500}
        assert (labels == "a + b + d").sum() == 36

    def test_strata_with_answers_enough_stay_as_they_are(self) -> None:
        labels, population, merged = collapsed(np.array(["a"] * 20 + ["b"] * 30), {"a": 3_000, "b": 1_000}, 20)
        assert (set(labels), population, merged) == ({"a", "b"}, {"a": 3_000, "b": 1_000}, [])

    def test_the_weights_of_merged_strata_sum_to_their_people(self) -> None:
        answers = collected({"school": [4.0] * 86}, strata=["a"] * 6 + ["b"] * 30 + ["c"] * 50)
        weighed = weigh(answers, Plan("design", {"a": 3_000, "b": 1_000, "c": 2_000}, least=20))
        assert weighed.design.weights.sum() == pytest.approx(6_000)
        assert np.unique(weighed.design.weights[:36]) == pytest.approx(4_000 / 36)
        assert weighed.report["merged_strata"] == ["a", "b"]

    def test_those_who_chose_themselves_do_not_mix_with_those_who_were_drawn(self) -> None:
        answers = collected({"school": [4, 4, 1]}, strata=["a", "a", ""], modes=["web", "web", "link"])
        weighed = weigh(answers, Plan("design", {"a": 10}))
        assert (weighed.report["counted"], weighed.report["left_out"]) == (2, 1)
        assert not weighed.report["self_selected"]

    def test_alone_they_count_one_each_and_it_is_said(self) -> None:
        weighed = weigh(collected({"school": [4, 1]}, modes=["link", "link"]), Plan("raked", {"a": 10}))
        assert weighed.report["self_selected"]
        assert weighed.design.weights.tolist() == [1, 1]

    def test_weights_that_make_everybody_of_three_people_are_refused(self) -> None:
        """Counts can be set when all have answered: 99,998 people of the choice that three made show their mean."""
        answers = collected({"school": [4, 1] * 150 + [1, 4, 1], "sex": [1.0, 2.0] * 150 + [3.0] * 3})
        with pytest.raises(FewDecideError):
            weigh(answers, Plan("poststratified", size=5000, margins={"sex": {1: 1, 2: 1, 3: 99_998}}))
        assert weigh(answers, Plan("poststratified", size=5000, margins={"sex": {1: 2500, 2: 2500, 3: 60}}))

    def test_raked_weights_meet_every_margin(self) -> None:
        answers = many()
        weighed = weigh(answers, Plan("raked", size=10_000, margins={"sex": {1: 5_200, 2: 4_800}}))
        assert weighed.design.weights[answers.answers("sex") == 1].sum() == pytest.approx(5_200)
        assert weighed.report["iterations"] >= 1

    def test_who_did_not_tell_is_neither_guessed_nor_left_out(self) -> None:
        labels, target = stated(np.array([1.0, 2.0, np.nan, 9.0]), {1: 60, 2: 40}, np.ones(4))
        assert labels.tolist() == [1, 2, NOT_STATED, NOT_STATED]
        assert target == {1: 30.0, 2: 20.0, NOT_STATED: 50.0}

    @pytest.mark.parametrize(
        ("plan", "said"),
        [
            (Plan("raked"), "population counts"),
            (Plan("design", {"b": 10}), "no such stratum"),
            (Plan("poststratified", margins={"sex": {1: 1}, "age": {1: 1}}), "choose raking"),
        ],
    )
    def test_what_cannot_be_weighed_is_told_with_the_remedy(self, plan: Plan, said: str) -> None:
        with pytest.raises(DesignError, match=said):
            weigh(collected({"school": [4, 1], "sex": [1, 2]}, strata=["a", "a"]), plan)

    def test_nothing_to_weigh(self) -> None:
        nobody = many().only(np.zeros(400, dtype=bool))
        with pytest.raises(DesignError, match="no answers"):
            weigh(nobody, Plan("design"))


class TestRelease:
    def test_a_small_group_is_hidden_in_every_figure(self) -> None:
        rng = np.random.default_rng(5)
        answers = collected(
            {
                "school": rng.choice([1.0, 4.0], 300).tolist(),
                "grade": rng.integers(1, 6, 300).astype(float).tolist(),
                "sex": [1.0] * 3 + [2.0] * 297,
            }
        )
        found = all_results(answers, Design(np.ones(300)), QUESTIONS, ())
        released = release.protected(answers, QUESTIONS, found, Rule())
        assert released.audit["passed"]
        women = [f for f in released.figures if f["group"] == "sex" and f["level"] == 1]
        assert women
        for figure in women:
            assert figure["hidden"] == release.HIDDEN
            assert [figure[name] for name in ("value", "se", "lower", "upper", "n")] == [None] * 5
            assert figure["details"] == {}
        men = [f for f in released.figures if f["group"] == "sex" and f["level"] == 2 and f["question"]]
        assert all(figure["hidden"] for figure in men)  # all − men would tell of the women

    def test_large_groups_are_shown(self) -> None:
        answers = many()
        found = all_results(answers, Design(np.ones(400)), QUESTIONS, ())
        released = release.protected(answers, QUESTIONS, found, Rule())
        assert not [f for f in released.figures if f["hidden"] and f["statistic"] != "no_opinion"]

    def test_the_decision_can_be_stored_and_binds_the_next_edition(self) -> None:
        import json

        first = many()
        found = all_results(first, Design(np.ones(400)), QUESTIONS, ())
        kept = json.loads(json.dumps(release.protected(first, QUESTIONS, found, Rule()).decision))
        later = first.only(np.arange(400) < 399)  # one answer fewer: the difference is one person
        again = all_results(later, Design(np.ones(399)), QUESTIONS, ())
        released = release.protected(later, QUESTIONS, again, Rule(), [kept])
        assert not released.audit["passed"] or all(f["hidden"] for f in released.figures if f["question"] == "school")

    def test_an_index_does_not_tell_the_mean_that_its_question_hides(self) -> None:
        grades = [1.0] * 3 + [4.0] * 97 + [5.0] * 100  # three gave less than four: a share that is hidden
        answers = collected({"school": [4] * 200, "grade": grades, "sex": [1.0, 2.0] * 100})
        indices = (IndexOf("alone", (("grade", 1, 5, 1),)),)
        found = all_results(answers, Design(np.ones(200)), QUESTIONS, indices)
        told = release.protected(answers, QUESTIONS, found, Rule()).figures
        assert all(f["hidden"] for f in told if f["question"] == "grade" and f["statistic"] == "mean")
        assert [f["hidden"] for f in told if f["index"]] == ["protected"] * 3
        assert not any(f["hidden"] for f in told if f["question"] == "school" and f["statistic"] == "share")

    def test_one_small_stratum_hides_the_answers_of_all(self) -> None:
        strata = [{"code": "a", "invited": 50, "answered": 3}, {"code": "b", "invited": 50, "answered": 30}]
        assert [row["answered"] for row in release.strata_as_shown(strata, 5)] == [None, None]
        assert [row["answered"] for row in release.strata_as_shown(strata, 3)] == [3, 30]

    def test_the_margin_covers_the_longer_arm(self) -> None:
        assert release.margin(97.0, 92.0, 99.0) == 5.0
        assert release.margin(0.0, 0.0, 3.0) == 3.0
        assert release.margin(50.0, None, None) is None
        assert release.margin(48.0, 43.19, 52.82) == 4.9
