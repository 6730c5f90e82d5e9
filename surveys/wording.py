"""Results of surveys in sentences that a council member reads without stumbling.

No number is made here: figures come as they are stored, `templatetags.figures` writes them. Sentences are short and
free of the statistician's words; tests/unit/test_survey_wording.py holds them to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from indicators.templatetags.figures import NO_BREAK_SPACE, number, with_unit
from indicators.wording import CHANGE, Scale
from surveys.compute.questionnaire import GRADES, POSITIVE_FROM, Asked
from surveys.compute.waves import Difference

HIDDEN = ".."
SHARE = Scale("%", 0, True)
GRADE = Scale("", 1, False)

QUADRANT = {
    "prioritise": pgettext_lazy("quadrant of the priority matrix", "Prioritise"),
    "improve_if_possible": pgettext_lazy("quadrant of the priority matrix", "Improve if possible"),
    "keep": pgettext_lazy("quadrant of the priority matrix", "Keep"),
    "lower_priority": pgettext_lazy("quadrant of the priority matrix", "Lower priority"),
}
QUADRANT_MEANS = {
    "prioritise": gettext_lazy("Weighs heavily for how satisfied people are, and is graded lower than other areas."),
    "improve_if_possible": gettext_lazy(
        "Weighs heavily for how satisfied people are, and is graded higher than other areas."
    ),
    "keep": gettext_lazy("Weighs less, and is graded higher than other areas."),
    "lower_priority": gettext_lazy("Weighs less, and is graded lower than other areas."),
}
KANO = {
    "must_be": gettext_lazy("Taken for granted"),
    "one_dimensional": gettext_lazy("The more, the better"),
    "attractive": gettext_lazy("A bonus"),
    "indifferent": gettext_lazy("Makes no difference"),
    "reverse": gettext_lazy("Rather without"),
    "questionable": gettext_lazy("The answers contradict each other"),
    "": gettext_lazy("Opinions differ"),
}
KANO_MEANS = {
    "must_be": gettext_lazy("Nobody praises it when it is there, but it is missed when it is not."),
    "one_dimensional": gettext_lazy("People are more satisfied the better it works, and less the worse."),
    "attractive": gettext_lazy("People are pleased when it is there, but do not miss it."),
    "indifferent": gettext_lazy("Most people do not mind whether it is there or not."),
    "reverse": gettext_lazy("Most people would rather be without it."),
    "questionable": gettext_lazy("Many answered in a way that does not fit together. The question may be unclear."),
    "": gettext_lazy("No single opinion stands out clearly from the others."),
}
NO_DRIVERS = {
    "no_overall_question": gettext_lazy("The survey has no question about satisfaction as a whole in this wave."),
    "no_areas": gettext_lazy("No area of the survey was graded by at least half of those who answered."),
    "too_many_drivers": gettext_lazy(
        "The survey has more areas than can be told apart. Group the questions into fewer areas."
    ),
    "not_answered": gettext_lazy("At least one area was not graded by anybody."),
    "too_few_answers": gettext_lazy(
        "Too few people graded all the areas for the areas to be weighed against each other."
    ),
    "no_variation": gettext_lazy("Everybody gave the same answer to a question, so nothing can be weighed against it."),
    "too_weak": gettext_lazy("The areas of the survey explain too little of how satisfied people are."),
}
MODE = {
    "web": gettext_lazy("On the web, by a personal invitation"),
    "link": gettext_lazy("On the web, by an open link"),
    "import": gettext_lazy("Asked in another system and read in here"),
}
WEIGHTING = {
    "none": gettext_lazy("The answers are not weighted: each counts the same."),
    "design": gettext_lazy("Answers are weighted so that each part of the sample counts as much as it has people."),
    "poststratified": gettext_lazy(
        "Answers are weighted so that groups count as much as they have people in the population."
    ),
    "raked": gettext_lazy(
        "Answers are weighted so that several groupings at once count as much as they have people in the population."
    ),
}

NOT_WEIGHED = {
    "NoAnswersError": gettext_lazy("There are no answers to estimate from: nobody in the sample has answered."),
    "NoMarginsError": gettext_lazy(
        "The weights need the number of people by background. Give them on the sample's page, or choose other weights "
        "in the wave's settings."
    ),
    "SeveralMarginsError": gettext_lazy(
        "Post-stratified weights take one background question only. Choose raking in the wave's settings, or take away "
        "the counts of the others."
    ),
    "SomeWeightsError": gettext_lazy(
        "Some of the answers came with a weight and others without. Choose no weights in the wave's settings, or read "
        "in answers that all have one."
    ),
    "UnknownStratumError": gettext_lazy(
        "Some answers that were read in do not tell which group of the sample they belong to, so they cannot be "
        "weighted. Choose no weights in the wave's settings. Next time: tell which column is the stratum."
    ),
    "FewDecideError": gettext_lazy(
        "With these weights a few answers would decide every result. Correct the counts on the sample's page, or "
        "choose other weights in the wave's settings."
    ),
    "DesignError": gettext_lazy(
        "The answers do not fit the weights that were chosen; perhaps a group has one answer only. Choose no weights, "
        "or margins of error in spite of single answers, in the wave's settings."
    ),
    "WeightingError": gettext_lazy(
        "The answers could not be weighted to the population: some group has people but no answers, or the other way "
        "round. Correct the counts on the sample's page, or choose other weights in the wave's settings."
    ),
}


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_hundred(share: float) -> str:
    """A share in per cent as people of a hundred; never “100” or “0” unless it is all or nobody."""
    if 0 < share < 0.5:
        return _("fewer than 1")
    if 99.5 <= share < 100:
        return _("more than 99")
    return number(share, 0)


def share_text(share: float | None) -> str:
    return with_unit(share, 0, "%")


def interval_text(lower: float | None, upper: float | None, decimals: int = 0, symbol: str = "%") -> str:
    """`84–90 %`; empty where there is no interval. With a minus sign among them the bounds stand apart."""
    if lower is None or upper is None:
        return ""
    low, high = number(lower, decimals), number(upper, decimals)
    apart = f"{NO_BREAK_SPACE}–{NO_BREAK_SPACE}" if lower < 0 or upper < 0 else "–"
    percent = "%" if language_is_english() and symbol == "%" else f"{NO_BREAK_SPACE}{symbol}"
    return f"{low}{apart}{high}{percent}" if symbol else f"{low}{apart}{high}"


def language_is_english() -> bool:
    return (get_language() or "sv").startswith("en")


def answers(n: int | None) -> str:
    """`612 answers`; empty where it is not known."""
    return "" if n is None else ngettext("%(n)s answer", "%(n)s answers", n) % {"n": number(n)}


def why_not_made(error: str) -> str:
    """Why results could not be made, by the trace of the failed job: its last line begins with the error's class."""
    last = error.strip().splitlines()[-1] if error.strip() else ""
    kind = last.partition(":")[0].rpartition(".")[2]
    unknown = _("Something went wrong on our side. Try again; if it fails again, an administrator sees why under Jobs.")
    return str(NOT_WEIGHED.get(kind, unknown))


# ── sentences ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def headline(
    asked: Asked, statement: str, share: float, lower: float | None, upper: float | None, strongest: float | None
) -> str:
    """What the share of positive answers to a question says, with its interval.

    statement: how the library says what positive answers mean ("think that …"), empty where it does not; then the
    question and its answers are quoted. strongest: share who chose the first of several positive choices, or None.
    """
    count, good = of_hundred(share), [option.label for option in asked.options if option.positive]
    values: dict[str, Any] = {"count": count, "interval": _between(lower, upper)}
    if statement:
        said = _("%(count)s of 100 %(statement)s%(interval)s.") % (values | {"statement": statement})
    elif asked.kind in POSITIVE_FROM:
        values |= {"question": asked.text, "grade": POSITIVE_FROM[asked.kind], "most": GRADES[asked.kind][1]}
        said = _("“%(question)s” %(count)s of 100 give at least %(grade)s out of %(most)s%(interval)s.") % values
    else:
        values |= {"question": asked.text, "answers": either(good)}
        said = _("“%(question)s” %(count)s of 100 answer %(answers)s%(interval)s.") % values
    said = said[:1].upper() + said[1:]
    if strongest is None:
        return said
    more = _("%(strong)s of them answer “%(strongest)s”.") % {"strong": of_hundred(strongest), "strongest": good[0]}
    return f"{said} {more[:1].upper()}{more[1:]}"


def _between(lower: float | None, upper: float | None) -> str:
    """The interval in whole numbers; with a decimal where both ends would read the same."""
    if lower is None or upper is None:
        return ""
    alike = number(lower, 0) == number(upper, 0)
    low, high = (number(bound, 1 if alike else 0) for bound in (lower, upper))
    return " " + _("(between %(lower)s and %(upper)s)") % {"lower": low, "upper": high}


def either(labels: Sequence[str]) -> str:
    """“Very good” or “Good”."""
    quoted = [_("“%(text)s”") % {"text": label} for label in labels]
    if len(quoted) < 2:
        return "".join(quoted)
    return _("%(first)s or %(last)s") % {"first": ", ".join(quoted[:-1]), "last": quoted[-1]}


def counted(asked: Asked, average: float | None = None) -> str:
    """Which answers a share is of: “Nej”, or from which grade, there with the mean grade."""
    if asked.kind not in POSITIVE_FROM:
        return either([option.label for option in asked.options if option.positive])
    values = {"grade": POSITIVE_FROM[asked.kind], "most": GRADES[asked.kind][1]}
    if average is None:
        return _("at least %(grade)s of %(most)s") % values
    return _("at least %(grade)s of %(most)s, mean %(mean)s") % (values | {"mean": number(average, 1)})


def answered(n: int | None, invited: int | None, rate: float | None) -> str:
    """How many took part. rate in per cent; None where nobody was drawn and anybody could answer."""
    if n is None:
        return ""
    if invited is None or rate is None:
        return ngettext("%(n)s person answered.", "%(n)s people answered.", n) % {"n": number(n)}
    return ngettext(
        "%(n)s of the %(invited)s people who were asked answered. That is %(rate)s of 100.",
        "%(n)s of the %(invited)s people who were asked answered. That is %(rate)s of 100.",
        n,
    ) % {"n": number(n), "invited": number(invited), "rate": of_hundred(rate)}


def reach(*, self_selected: bool, drawn: bool) -> str:
    """What the way of asking means for how far the results carry; empty where it is not known."""
    if self_selected:
        return _("Anybody could answer. The results tell what those who answered think, not what everybody thinks.")
    if drawn:
        return _("Those who were asked were drawn by lot. That is why the answers can stand for more than themselves.")
    return ""


def reading_help(*, self_selected: bool) -> str:
    """How to read a bar. Where people chose themselves, nothing can be said of everybody."""
    if self_selected:
        return _("The line on each bar is the margin of error. It tells what chance may do, not who chose to answer.")
    return _(
        "The line on each bar is the margin of error. Had everybody been asked, the result would most likely lie "
        "somewhere on the line."
    )


# ── change since the wave before ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Change:
    """verdict: better, worse, uncertain, or why nothing is said (wording, method, new, hidden); arrow for
    components/change.html."""

    verdict: str
    arrow: str
    text: str

    @property
    def certain(self) -> bool:
        return self.verdict in ("better", "worse")


def change(found: Difference, scale: Scale) -> Change:
    """A difference of two waves where higher is better, as word and arrow."""
    if not found.certain:
        return Change("uncertain", "flat", str(CHANGE["uncertain"]))
    size = scale.distance(found.value)
    if found.value > 0:
        return Change("better", "up", _("better, up %(size)s") % {"size": size})
    return Change("worse", "down", _("worse, down %(size)s") % {"size": size})


def no_change(why: str) -> Change:
    words = {
        "wording": _("the wording was changed"),
        "method": _("the method was changed"),
        "new": _("not asked the time before"),
        "hidden": _("cannot be compared"),
    }
    return Change(why, "", words[why])


def changes_lead(counts: Mapping[str, int], since: str) -> str:
    """How many questions changed for sure; empty where none could be compared."""
    compared = sum(counts.get(verdict, 0) for verdict in ("better", "worse", "uncertain"))
    if compared == 0:
        return ""
    values = {"since": since, "all": compared, "better": counts.get("better", 0), "worse": counts.get("worse", 0)}
    if values["better"] == values["worse"] == 0:
        return _("No question shows a certain change since %(since)s.") % values
    return (
        ngettext(
            "Since %(since)s %(better)s of %(all)s question has become better for certain and %(worse)s worse.",
            "Since %(since)s %(better)s of %(all)s questions have become better for certain and %(worse)s worse.",
            compared,
        )
        % values
    )


# ── other results ─────────────────────────────────────────────────────────────────────────────────────────────────────


def gap(expectation: float, experience: float, certain: bool) -> str:
    """Expectation and experience on the scale from 1 to 10."""
    values = {"expected": number(expectation, 1), "experienced": number(experience, 1)}
    if not certain:
        return _("People expected %(expected)s of 10 and experienced %(experienced)s: no certain difference.") % values
    if experience < expectation:
        return _("People expected %(expected)s of 10 but experienced %(experienced)s: worse than expected.") % values
    return _("People expected %(expected)s of 10 and experienced %(experienced)s: better than expected.") % values


def band(value: float, bands: Sequence[Mapping[str, Any]]) -> str:
    """The word of the highest band that the value reaches; empty where the survey has set no words."""
    reached = [b for b in bands if value >= float(b["from"])]
    if not reached:
        return ""
    word = max(reached, key=lambda b: float(b["from"]))["word"]
    return str(word["en" if language_is_english() else "sv"] if isinstance(word, Mapping) else word)


STATISTIC = {
    "respondents": gettext_lazy("Number of answers"),
    "share": gettext_lazy("Share of positive answers"),
    "option": gettext_lazy("Share who chose the answer"),
    "no_opinion": gettext_lazy("Share without an opinion"),
    "mean": pgettext_lazy("kind of number", "Mean"),
    "median": pgettext_lazy("kind of number", "Median"),
    "index": pgettext_lazy("kind of number", "Index"),
    "gap": gettext_lazy("Experience less expectation"),
    "kano": gettext_lazy("Kind of need"),
    "driver": gettext_lazy("Share of what explains satisfaction"),
    "response_rate": gettext_lazy("Response rate"),
}
