"""How a survey was made, generated from what its edition keeps of the method: nobody writes this page by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.templatetags.figures import number
from surveys import wording
from surveys.compute.waves import response
from surveys.read_models.results import Head, head, participation
from surveys.read_models.results_rows import EditionRow, Results
from surveys.wording import HIDDEN

Facts = list[dict[str, str]]
PERCENT = 100


@dataclass(frozen=True)
class Section:
    """A heading with facts, sentences and tables, each left out where it is empty."""

    title: str
    anchor: str
    facts: Facts
    lines: list[str]
    tables: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class MethodPage:
    head: Head
    lead: str
    sections: list[Section]


def method_page(rows: Results) -> MethodPage:
    sections = [_who(rows), _how(rows), _response(rows), _background(rows), _weights(rows), _errors(rows),
                _protection(rows), _changes(rows), _editions(rows)]  # fmt: skip
    return MethodPage(
        head=head(rows.shown),
        lead=participation(rows.shown.edition),
        sections=[s for s in sections if any(f["text"] for f in s.facts) or s.lines or s.tables],
    )


def _fact(name: str, text: str) -> dict[str, str]:
    return {"name": name, "text": text}


def _count(value: Any) -> str:
    return "" if value is None else number(value)


def _who(rows: Results) -> Section:
    edition = rows.shown.edition
    wave, method = edition.wave, edition.method
    facts = [
        _fact(_("Who the survey is about"), edition.text("population_text")),
        _fact(_("People in the population"), _count(method.get("population", wave.population))),
        _fact(_("Register that the sample was drawn from"), edition.text("frame_text")),
        _fact(_("People asked"), _count(method.get("invited"))),
    ]
    return Section(_("Who was asked"), "who", facts, [rows.shown.survey.purpose] if rows.shown.survey.purpose else [])


def _how(rows: Results) -> Section:
    wave, method = rows.shown.edition.wave, rows.shown.edition.method
    opens, closes = method.get("opens_on") or wave.opens_on, method.get("closes_on") or wave.closes_on
    facts = [
        _fact(_("First day for answers"), str(opens or "")),
        _fact(_("Last day for answers"), str(closes or "")),
        *(
            _fact(str(wording.MODE.get(mode, mode)), wording.answers(count))
            for mode, count in method.get("modes", {}).items()
        ),
        _fact(_("Number of questions"), number(len(rows.questionnaire.by_code))),
    ]
    mode_text = rows.shown.edition.text("mode_text")
    lines = [mode_text] if mode_text else []
    left_out = method.get("left_out")
    if left_out:
        lines.append(
            ngettext(
                "%(n)s answer by the open link is not counted, since others were drawn by lot.",
                "%(n)s answers by the open link are not counted, since others were drawn by lot.",
                left_out,
            )
            % {"n": number(left_out)}
        )
    return Section(_("How people were asked"), "how", facts, lines)


def _response(rows: Results) -> Section:
    method = rows.shown.edition.method
    lines = []
    if method.get("self_selected"):
        lines.append(wording.reach(self_selected=True, drawn=False))
    elif method.get("response_rate") is not None:
        lines.append(
            _(
                "Those who do not answer may think otherwise than those who do. Weights even out what is known of who "
                "they are, not what they think."
            )
        )
    if method.get("placed_by_lot"):
        lines.append(
            _(
                "Some people did not tell their background, or belong to a group that is too small to be shown. In "
                "results by group they are placed by lot among the other groups, in proportion to these. At most "
                "%(n)s of the answers were placed so."
            )
            % {"n": number(max(count or 0 for count in method["placed_by_lot"].values()) or method["least_count"])}
        )
    facts = [_fact(_("Answers"), _count(method.get("answered")))]
    rate = method.get("response_rate")
    if rate is not None:
        facts.append(_fact(_("Response rate"), wording.share_text(rate)))
    tables = [table for table in (_strata(method), _passed_over(rows)) if table is not None]
    return Section(_("How many answered"), "response", facts, lines, tables)


def _passed_over(rows: Results) -> dict[str, Any] | None:
    shares = rows.shown.edition.method.get("item_nonresponse", {})
    if not shares:
        return None
    return {
        "caption": _("Questions that more than one in ten did not answer, or had no opinion on"),
        "columns": [{"label": _("Question"), "number": False}, {"label": _("Share"), "number": True}],
        "rows": [{"cells": [_question_text(rows, code), wording.share_text(share)]} for code, share in shares.items()],
    }


def _strata(method: Mapping[str, Any]) -> dict[str, Any] | None:
    strata = method.get("strata") or []
    if len(strata) < 2:
        return None
    return {
        "caption": _("Response by group of the sample"),
        "columns": [
            {"label": _("Group of the sample"), "number": False},
            {"label": _("People"), "number": True},
            {"label": _("Asked"), "number": True},
            {"label": _("Answered"), "number": True},
            {"label": _("Response rate"), "number": True},
        ],
        "rows": [
            {
                "cells": [
                    str(s["code"]),
                    _count(s.get("population")),
                    _count(s.get("invited")),
                    HIDDEN if s.get("answered") is None else number(s["answered"]),
                    _rate(s),
                ]
            }
            for s in strata
        ],
    }


def _rate(stratum: Mapping[str, Any]) -> str:
    answered, invited = stratum.get("answered"), stratum.get("invited")
    if answered is None or not invited:
        return ""
    return wording.share_text(PERCENT * response(answered, max(invited, answered)).rate)


def _background(rows: Results) -> Section:
    """How many answered of each group: what the results by group rest on."""
    tables = []
    for asked in rows.questionnaire.by_code.values():
        options = [option for option in asked.options if asked.background and not option.no_opinion]
        found = [
            (option.label, rows.figures.find("", "respondents", group=asked.code, level=option.value))
            for option in options
        ]
        lines = [(label, HIDDEN if f.hidden else _count(f.n)) for label, f in found if f is not None]
        if lines:
            columns = [{"label": _("Group"), "number": False}, {"label": _("Answers"), "number": True}]
            rows_ = [{"cells": list(line)} for line in lines]
            tables.append({"caption": asked.text, "columns": columns, "rows": rows_})
    return Section(_("Who answered"), "background", [], [], tables)


def _weights(rows: Results) -> Section:
    method = rows.shown.edition.method
    kind = method.get("weighting") or rows.shown.edition.wave.weighting
    lines = [str(wording.WEIGHTING[kind])] if kind in wording.WEIGHTING else []
    margins = [_question_text(rows, code) for code in method.get("margins", ())]
    facts = [
        _fact(_("Weighted by"), ", ".join(margins)),
        _fact(_("Smallest weight"), _decimal(method.get("smallest_weight"), 1)),
        _fact(_("Largest weight"), _decimal(method.get("largest_weight"), 1)),
        _fact(_("Weights widen the variance by the factor"), _decimal(method.get("kish"), 2)),
        _fact(_("Rounds until the weights fitted"), _count(method.get("iterations"))),
    ]
    if method.get("merged_strata"):
        lines.append(
            _("Groups of the sample with few answers are weighted together: %(groups)s.")
            % {"groups": ", ".join(method["merged_strata"])}
        )
    return Section(_("How answers are weighted"), "weights", facts, lines)


def _question_text(rows: Results, code: str) -> str:
    asked = rows.questionnaire.by_code.get(code)
    return asked.text if asked else code


def _decimal(value: Any, decimals: int) -> str:
    return "" if value is None else number(value, decimals)


def _errors(rows: Results) -> Section:
    lines = [
        _("The margin of error is a 95 per cent confidence interval that takes account of the sample and the weights."),
        _(
            "A change since the wave before is called certain when the interval of the difference leaves out 0. "
            "Among twenty questions without any change one may look certain by chance."
        ),
        _("Those who have no opinion are left out of a share; how many they are is shown beside it."),
    ]
    return Section(_("How sure the results are"), "errors", [], lines)


def _protection(rows: Results) -> Section:
    method = rows.shown.edition.method
    least, base = method.get("least_count"), method.get("least_base")
    if least is None or base is None:
        return Section("", "protection", [], [])
    lines = [
        _("No count below %(least)s and no share or mean of fewer than %(base)s people in a group is shown.")
        % {"least": number(least), "base": number(base)},
        _("What is hidden is shown as “..”. Other numbers are hidden too where they could reveal it."),
        _("Answers are kept without names, addresses or times, and cannot be traced back to a person."),
    ]
    return Section(_("How individuals are protected"), "protection", [], lines)


def _changes(rows: Results) -> Section:
    edition = rows.shown.edition
    change_text = edition.text("change_text")
    lines = [change_text] if change_text else []
    if edition.wave.method_break:
        lines.append(_("The method is another, so that results cannot be compared with earlier waves."))
    broken = [_question_text(rows, code) for code in edition.method.get("breaks", ())]
    if broken:
        lines.append(_("These questions do not continue those of the wave before: %(questions)s") % {
            "questions": "; ".join(broken)
        })  # fmt: skip
    return Section(_("What was changed"), "changes", [], lines)


def _editions(rows: Results) -> Section:
    table = {
        "columns": [
            {"label": _("Edition"), "number": False},
            {"label": _("Released"), "number": False},
            {"label": _("Note"), "number": False},
        ],
        "rows": [
            {"cells": [str(e.number), e.released_on.isoformat() if e.released_on else "", _state(e)]}
            for e in sorted(rows.shown.editions, key=lambda e: -e.number)
        ],
    }
    return Section(_("Editions of these results"), "editions", [], [], [table])


def _state(edition: EditionRow) -> str:
    words = {
        "draft": _("Draft"),
        "blocked": _("Draft that may not be released"),
        "released": _("Released"),
        "withdrawn": _("Withdrawn"),
    }
    return f"{words[edition.state]}. {edition.note}" if edition.note else words[edition.state]
