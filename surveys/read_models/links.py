"""Which results can feed which indicators, and which do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

BREAKDOWN = {"T": gettext_lazy("All"), "K": gettext_lazy("Women"), "M": gettext_lazy("Men")}
# What of a kind of question can be followed over time.
STATISTICS = {"share": ("share",), "single": ("share",), "five": ("share", "mean"), "ten": ("share", "mean"),
              "number": ("mean",), "expectation": ("gap",)}  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """Choices of the form: indicators, results and groups; `feeds` by a result's value, `levels` by a group's."""

    indicators: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    feeds: Mapping[str, Mapping[str, Any]]
    levels: Mapping[str, Mapping[str, Any]]

    def feed(self, result: str, group: str) -> dict[str, Any]:
        """The result that was chosen, of the group that was."""
        return {**self.feeds[result], **(self.levels[group] if group else {})}


@dataclass(frozen=True)
class Line:
    id: int
    code: str
    name: str
    breakdown: str
    result: str
    group: str


def offered(indicators: Iterable[Any], indices: Iterable[Any], versions: Sequence[Any]) -> Offered:
    """indicators, indices and versions: rows with code and name, and the newest wordings with their options."""
    words = {"share": _("share of positive answers"), "mean": _("mean"), "gap": _("gap to expectation")}
    results, feeds = [], {}
    for index in indices:
        results.append((f"index-{index.pk}", _("Index: %(name)s") % {"name": index.name}))
        feeds[f"index-{index.pk}"] = {"statistic": "index", "index_id": index.pk}
    groups, levels = [], {}
    for version in versions:
        question = version.question
        positive = any(option.positive for option in version.options.all())
        for statistic in STATISTICS.get(question.kind, ()):
            if statistic == "share" and question.kind in ("share", "single") and not positive:
                continue
            value = f"{question.pk}-{statistic}"
            results.append((value, f"{version.text} – {words[statistic]}"))
            feeds[value] = {"statistic": statistic, "question_id": question.pk}
        if question.background:
            for option in version.options.all():
                value = f"{question.pk}-{option.value}"
                groups.append((value, f"{version.text} {option.label}"))
                levels[value] = {"group_id": question.pk, "level": option.value}
    named = tuple((str(indicator.pk), f"{indicator.code} {indicator.name}") for indicator in indicators)
    return Offered(named, tuple(results), tuple(groups), feeds, levels)


def lines(links: Iterable[Any], offer: Offered) -> tuple[Line, ...]:
    """The links that there are, in words."""
    results, groups = dict(offer.results), dict(offer.groups)
    return tuple(
        Line(
            id=link.pk,
            code=link.indicator.code,
            name=link.indicator.name,
            breakdown=str(BREAKDOWN[link.breakdown]),
            result=results.get(
                f"index-{link.index_id}" if link.index_id else f"{link.question_id}-{link.statistic}", "–"
            ),
            group=groups.get(f"{link.group_id}-{link.level}", ""),
        )
        for link in links
    )
