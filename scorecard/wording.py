"""How the goals stand, in sentences: number words, the headline, why a goal has its status, what has changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext, pgettext_lazy

from indicators.compute.comparison import at_least, equal
from indicators.periods import Period
from indicators.templatetags.figures import language, number, with_unit
from indicators.wording import CHANGE, STATUS, Scale, first_fitting, same_order
from scorecard.compute.goals import GoalStatus, Proposal

# For things that are neuter in Swedish (mål, nyckeltal): “ett”, not “en”.
NUMBER_WORDS = {
    "sv": (
        "noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv", "tretton",
        "fjorton", "femton", "sexton", "sjutton", "arton", "nitton", "tjugo",
    ),
    "en": (
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ),
}  # fmt: skip

# Peer groups inside a sentence; all municipalities go without saying.
GROUP = {
    "county": gettext_lazy("The county"),
    "category": gettext_lazy("The same category of municipalities"),
    "size": gettext_lazy("The same size"),
    "similar": gettext_lazy("Similar municipalities"),
    "network": gettext_lazy("Network"),
}

# Why indicators could not be assessed, counted: “1 value missing, 2 where the method has changed”.
COUNTED_REASON: dict[str, Promise] = {
    "no_value": ngettext_lazy("%(count)s value missing", "%(count)s values missing", "count"),
    "not_yet_due": ngettext_lazy("%(count)s value not yet due", "%(count)s values not yet due", "count"),
    "break": ngettext_lazy("%(count)s method changed", "%(count)s methods changed", "count"),
    "no_target": ngettext_lazy("%(count)s without a target", "%(count)s without targets", "count"),
    "context_only": ngettext_lazy("%(count)s as context only", "%(count)s as context only", "count"),
    "not_applicable": ngettext_lazy("%(count)s not applicable", "%(count)s not applicable", "count"),
    "confidential": ngettext_lazy("%(count)s confidential", "%(count)s confidential", "count"),
    "too_few_answers": ngettext_lazy("%(count)s with too few answers", "%(count)s with too few answers", "count"),
    "too_few_peers": ngettext_lazy(
        "%(count)s with too few municipalities to compare with",
        "%(count)s with too few municipalities to compare with",
        "count",
    ),
    "baseline_not_positive": ngettext_lazy(
        "%(count)s with a baseline that is not above zero",
        "%(count)s with baselines that are not above zero",
        "count",
    ),
}
BECAUSE = {
    "no_value": gettext_lazy("values are missing"),
    "not_yet_due": gettext_lazy("values are not due yet"),
    "break": gettext_lazy("methods have changed"),
    "no_target": gettext_lazy("targets are missing"),
    "context_only": gettext_lazy("targets are missing"),
    "not_applicable": gettext_lazy("values do not apply"),
    "confidential": gettext_lazy("values are confidential"),
    "too_few_answers": gettext_lazy("too few have answered"),
    "too_few_peers": gettext_lazy("too few municipalities have values to compare with"),
    "baseline_not_positive": gettext_lazy("baselines are not above zero"),
}


def number_word(count: int) -> str:
    """“nine”, “nio” up to twenty, digits from there on."""
    words = NUMBER_WORDS[language()]
    return words[count] if 0 <= count < len(words) else number(count)


def sentence(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def in_running_text(word: object) -> str:
    text = str(word)
    return text[:1].lower() + text[1:]


def status_in_text(status: str) -> str:
    """A status inside a sentence: “partly met”."""
    return in_running_text(STATUS[status])


def period_short(code: str | None) -> str:
    """A period for narrow columns; "" where there is none."""
    return Period.parse(code).short(language()) if code else ""


def listed(items: Sequence[str]) -> str:
    """“a”, “a and b”, “a, b and c”."""
    if len(items) < 2:
        return "".join(items)
    first = pgettext("between items of a list", ", ").join(items[:-1])
    return _("%(first)s and %(last)s") % {"first": first, "last": items[-1]}


def listed_plainly(items: Iterable[str]) -> str:
    """“a, b, c”, without what is empty."""
    return pgettext("between items of a list", ", ").join(item for item in items if item)


# ── what levels are called ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Level:
    """What one and several of a level of the chain are called."""

    singular: str
    plural: str


LEVELS = {
    "vision": (gettext_lazy("Vision"), gettext_lazy("Visions")),
    "issue": (gettext_lazy("Strategic issue"), gettext_lazy("Strategic issues")),
    "goal": (gettext_lazy("Goal"), gettext_lazy("Goals")),
    "direction": (pgettext_lazy("policy", "Direction"), pgettext_lazy("policy", "Directions")),
    "directive": (gettext_lazy("Directive"), gettext_lazy("Directives")),
}


def levels(own: Mapping[str, tuple[str, str]]) -> dict[str, Level]:
    """Every level with its ordinary name, or with the municipality's own where there is one."""
    return {
        level: Level(*own[level]) if level in own else Level(str(singular), str(plural))
        for level, (singular, plural) in LEVELS.items()
    }


# ── how things stand ──────────────────────────────────────────────────────────────────────────────────────────────────


def headline(counts: Mapping[str, int]) -> str:
    """“Nine of nineteen goals are met”. counts: number of goals by status, at least one goal in all."""
    total, met = sum(counts.values()), counts.get("met", 0)
    values = {"met": number_word(met), "total": number_word(total)}
    if total == 1 and counts.get("partly", 0):
        text = _("The only goal is partly met")
    elif counts.get("not_assessable", 0) == total:
        text = ngettext("The only goal cannot be assessed", "None of the %(total)s goals can be assessed", total)
    elif met == 0:
        text = ngettext("The only goal is not met", "None of the %(total)s goals is met", total)
    elif met == total:
        text = ngettext("The only goal is met", "All %(total)s goals are met", total)
    else:
        text = ngettext("%(met)s of %(total)s goals is met", "%(met)s of %(total)s goals are met", met)
    return sentence(text % values)


def standing(counts: Mapping[str, int], reasons: Mapping[str, int]) -> str:
    """What the headline leaves unsaid: partly met, not met, not assessable and mostly why; "" where it says all.

    reasons: how many indicators of the goals that cannot be assessed lack an assessment for each reason.
    """
    mostly = max(reasons, key=lambda reason: reasons[reason], default=None)
    partly, missed, unknown = (counts.get(status, 0) for status in ("partly", "not_met", "not_assessable"))
    total = sum(counts.values())
    if unknown == total:
        return _("Mostly because %(reason)s.") % {"reason": BECAUSE[mostly]} if mostly else ""
    if total == 1:
        return ""
    clauses = []
    if partly:
        clauses.append(_counted(ngettext("%(count)s is partly met", "%(count)s are partly met", partly), partly))
    if missed:
        clauses.append(_counted(ngettext("%(count)s is not met", "%(count)s are not met", missed), missed))
    sentences = [_("%(clause)s.") % {"clause": sentence(listed(clauses))}] if clauses else []
    if unknown:
        clause = _counted(ngettext("%(count)s cannot be assessed", "%(count)s cannot be assessed", unknown), unknown)
        if mostly is None:
            sentences.append(_("%(clause)s.") % {"clause": sentence(clause)})
        else:
            values = {"clause": sentence(clause), "reason": BECAUSE[mostly]}
            sentences.append(_("%(clause)s, mostly because %(reason)s.") % values)
    return " ".join(sentences)


def _counted(text: str, count: int) -> str:
    return text % {"count": number_word(count)}


def movement(better: int, worse: int, gained: int, lost: int, since: str) -> str:
    """How many goals have moved since the period before, “since”; where none has, how many can now or no longer be
    assessed."""
    if not any((better, worse, gained, lost)):
        return _("No goal has changed status since %(period)s.") % {"period": since}
    clauses = []
    if better:
        text = ngettext("%(count)s goal has moved the right way", "%(count)s goals have moved the right way", better)
        clauses.append(_counted(text, better))
    if worse and better:
        clauses.append(_counted(ngettext("%(count)s the wrong way", "%(count)s the wrong way", worse), worse))
    elif worse:
        text = ngettext("%(count)s goal has moved the wrong way", "%(count)s goals have moved the wrong way", worse)
        clauses.append(_counted(text, worse))
    if gained and not clauses:
        text = ngettext("%(count)s goal can now be assessed", "%(count)s goals can now be assessed", gained)
        clauses.append(_counted(text, gained))
    if lost and not clauses:
        text = ngettext("%(count)s goal can no longer be assessed", "%(count)s goals can no longer be assessed", lost)
        clauses.append(_counted(text, lost))
    return _("Since %(period)s %(clauses)s.") % {"period": since, "clauses": listed(clauses)}


# ── one goal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def assessable_words(assessable: int, indicators: int) -> str:
    """“7 of 9 indicators assessable”, always printed beside a goal's status (METHODS §1)."""
    text = ngettext(
        "%(assessable)s of %(total)s indicator assessable",
        "%(assessable)s of %(total)s indicators assessable",
        indicators,
    )
    return text % {"assessable": number(assessable), "total": number(indicators)}


def reasons_words(reasons: Mapping[str, int]) -> str:
    """“1 value missing, 2 where the method has changed”, the most common first; "" where there are none."""
    counted = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return pgettext("between items of a list", ", ").join(
        str(COUNTED_REASON[reason] % {"count": count}) for reason, count in counted
    )


@dataclass(frozen=True)
class Thresholds:
    """The settings of the goal proposal: shares of points for met and partly, least share of weight assessable."""

    met: float
    partly: float
    assessable: float


@dataclass(frozen=True)
class Why:
    sentence: str
    formula: str = ""


def why_goal(proposal: Proposal, thresholds: Thresholds) -> Why:
    """Why a goal's proposal is as it is, with the numbers in it (METHODS §1, “Goal proposal”)."""
    if proposal.indicators == 0:
        return Why(_("No indicator is linked to the goal, so there is nothing to judge it by."))
    if proposal.status is GoalStatus.NOT_ASSESSABLE:
        return _why_not_assessable(proposal, thresholds)
    assert proposal.share is not None
    share, met, partly = (100 * x for x in (proposal.share, thresholds.met, thresholds.partly))
    decimals = first_fitting(0, lambda k: same_order(share, met, k) and same_order(share, partly, k))
    texts = {
        "share": with_unit(share, decimals, "%"),
        "met": share_words(thresholds.met),
        "partly": share_words(thresholds.partly),
    }
    sentences = [
        _("%(clause)s.") % {"clause": sentence(outcomes(proposal))},
        _("Weighted together, with partly met counted as half, that is %(share)s.") % texts,
        _("%(met)s or more counts as met, %(partly)s or more as partly met.") % texts,
    ]
    enough = bool(at_least(proposal.share, thresholds.met))
    if enough and proposal.key_missed:
        sentences.append(_("The share is enough, but the goal is not met while a key indicator is not met."))
    formula = {
        GoalStatus.MET: "%(share)s ≥ %(met)s",
        GoalStatus.PARTLY: "%(share)s ≥ %(met)s" if enough else "%(partly)s ≤ %(share)s < %(met)s",
        GoalStatus.NOT_MET: "%(share)s < %(partly)s",
    }[proposal.status]
    return Why(" ".join(sentences), formula % texts)


def share_words(share: float) -> str:
    """A share that people have set, in per cent, with no more decimals than it was given."""
    percent = 100 * share
    return with_unit(percent, first_fitting(0, lambda k: equal(round(percent, k), percent)), "%")


def rule_words(weights: Sequence[float], keys: Sequence[str], untargeted: int, thresholds: Thresholds) -> list[str]:
    """How a goal will be judged, before any figures: the rule of `compute.goals.propose` in plain words.

    weights: of its indicators; keys: names of the key ones; untargeted: how many have no target this year.
    """
    if not weights:
        return [_("No indicator is linked to the goal, so there is nothing to judge it by.")]
    texts = {
        "count": number(len(weights)),
        "met": share_words(thresholds.met),
        "partly": share_words(thresholds.partly),
        "least": share_words(thresholds.assessable),
    }
    first = ngettext(
        "The goal is judged by %(count)s indicator, against its own target.",
        "The goal is judged by %(count)s indicators, each against its own target.",
        len(weights),
    )
    found = [
        first % texts,
        _("They count as much as each other, a partly met one half.")
        if len(set(weights)) == 1
        else _("Each counts as much as its weight, a partly met one half of it."),
        _("The goal is met when that gives at least %(met)s, and partly met from %(partly)s.") % texts,
    ]
    if keys:
        found.append(_("It is not met while a key indicator is not met: %(keys)s.") % {"keys": listed(keys)})
    found.append(_("Where less than %(least)s of the weight can be assessed, the goal cannot be assessed.") % texts)
    if untargeted:
        text = ngettext(
            "%(count)s indicator has no target this year and cannot be assessed until it gets one.",
            "%(count)s indicators have no target this year and cannot be assessed until they get one.",
            untargeted,
        )
        found.append(text % {"count": number(untargeted)})
    return found


def outcomes(proposal: Proposal) -> str:
    """“of 6 indicators that can be assessed, 3 are met, 1 is partly met and 2 are not met”"""
    clauses = [
        text % {"count": number(count)}
        for count, text in (
            (proposal.met, ngettext("%(count)s is met", "%(count)s are met", proposal.met)),
            (proposal.near, ngettext("%(count)s is partly met", "%(count)s are partly met", proposal.near)),
            (proposal.not_met, ngettext("%(count)s is not met", "%(count)s are not met", proposal.not_met)),
        )
        if count
    ]
    text = ngettext(
        "of %(total)s indicator that can be assessed, %(clauses)s",
        "of %(total)s indicators that can be assessed, %(clauses)s",
        proposal.assessable,
    )
    return text % {"total": number(proposal.assessable), "clauses": listed(clauses)}


def _why_not_assessable(proposal: Proposal, thresholds: Thresholds) -> Why:
    least = with_unit(100 * thresholds.assessable, 0, "%")
    if proposal.assessable == 0:
        return Why(_("None of the goal's indicators can be assessed."))
    decimals = 0 if proposal.weight == int(proposal.weight) else 2
    weights = {
        "assessable": number(proposal.assessable_weight, decimals),
        "total": number(proposal.weight, decimals),
        "least": least,
    }
    text = _(
        "The indicators that can be assessed carry %(assessable)s of the goal's weight of %(total)s, "
        "and at least %(least)s of it is needed."
    )
    return Why(text % weights, f"{weights['assessable']} < {least} · {weights['total']}")


# ── change ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Change:
    """arrow: where the number went (up, down, flat, "" where there is no earlier one); text: whether that is good."""

    arrow: str
    text: str
    certain: bool = True


def change_words(change: float | None, word: str | None, scale: Scale) -> Change:
    """“better, up 1.6 percentage points”; inside the margin of error never better or worse."""
    if change is None:
        return Change("", "")
    if equal(change, 0.0):
        return Change("flat", str(CHANGE["unchanged"]))
    up = change > 0
    size = (_("up %(size)s") if up else _("down %(size)s")) % {"size": scale.distance(change)}
    arrow = "up" if up else "down"
    if word in ("better", "worse"):
        return Change(arrow, _("%(judged)s, %(change)s") % {"judged": CHANGE[word], "change": size})
    if word == "uncertain":
        return Change(arrow, f"{CHANGE['uncertain']} ({size})", certain=False)
    return Change(arrow, size)


def status_change(move: str, before: str, after: str) -> tuple[str, str]:
    """Words around a changed status: what stands before the new status, and the new status itself ("" where lost)."""
    if move == "lost":
        return _("can no longer be assessed"), ""
    if move == "gained":
        return _("can now be assessed:"), status_in_text(after)
    return _("from %(before)s to") % {"before": status_in_text(before)}, status_in_text(after)
