"""The questionnaire of a wave that is being prepared: sections, questions, their order and their rules.

Every write locks the wave first and refuses once it has opened: answers that were given would mean something else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from indicators.operations.actor import User, recorded
from indicators.operations.translations import translated
from surveys.models import Item, QuestionVersion, Section, Survey, Wave, WaveState
from surveys.operations.questionnaire import whole_definition
from surveys.operations.questions import (
    Definition,
    QuestionnaireError,
    add_version,
    new_question,
    version_for,
    was_asked,
    write_version,
)

Texts = Mapping[str, str]
LONGEST_CODE = 40


class Rewording(StrEnum):
    """What a changed wording means once the question has been asked."""

    CONTINUES = "continues"
    ANEW = "anew"


@contextmanager
def prepared(find: Callable[[], int], by: User) -> Iterator[Wave]:
    """The wave, locked, in one transaction of this person. `find`: gives its id, asked inside. Raises
    QuestionnaireError where it has opened."""
    with transaction.atomic(), recorded(by):
        wave = Wave.objects.select_for_update().get(pk=find())
        if wave.state != WaveState.PREPARING:
            raise QuestionnaireError(
                _(
                    "The wave has opened, so its questions stand as they are: answers already given would otherwise "
                    "mean something else. Copy the wave to ask differently next time."
                )
            )
        yield wave


def _of_section(section_id: int) -> Callable[[], int]:
    return lambda: Section.objects.values_list("wave_id", flat=True).get(pk=section_id)


def _of_item(item_id: int) -> Callable[[], int]:
    return lambda: Item.objects.values_list("wave_id", flat=True).get(pk=item_id)


# ── sections ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def add_section(*, wave_id: int, title: Texts, intro: Texts, by: User) -> Section:
    """A further page, at the end."""
    with prepared(lambda: wave_id, by) as wave:
        return Section.objects.create(
            wave=wave, order=wave.sections.count(), **translated("title", title), **translated("intro", intro)
        )


def change_section(*, section_id: int, title: Texts, intro: Texts, by: User) -> Section:
    with prepared(_of_section(section_id), by):
        section = Section.objects.get(pk=section_id)
        _set(section, translated("title", title) | translated("intro", intro))
        return section


def move_section(*, section_id: int, up: bool, by: User) -> None:
    """One page up or down; at the end nothing happens."""
    with prepared(_of_section(section_id), by) as wave:
        sections = list(wave.sections.order_by("order", "id"))
        place = next(at for at, section in enumerate(sections) if section.pk == section_id)
        _swap(sections, place, place - 1 if up else place + 1)
        _number(sections)


def remove_section(*, section_id: int, by: User) -> None:
    """A page with its questions. Refused where a question of another page hangs on one of them."""
    with prepared(_of_section(section_id), by):
        section = Section.objects.get(pk=section_id)
        _refuse_deciders(Item.objects.filter(section=section))
        section.items.all().delete()
        section.delete()


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def add_from_library(*, section_id: int, codes: Iterable[str], by: User) -> int:
    """Questions of the library at the end of a page; those that stand in the wave already are passed over. One that
    the survey knows comes in its newest wording. Returns how many were added."""
    with prepared(_of_section(section_id), by) as wave:
        standing = _codes(wave)
        versions = [_newest(wave.survey, code) for code in codes if code not in standing]
        _append(wave, section_id, versions)
        return len(versions)


def add_earlier(*, section_id: int, codes: Iterable[str], by: User) -> int:
    """Questions that the survey has asked or written before, in their newest wording."""
    with prepared(_of_section(section_id), by) as wave:
        standing = _codes(wave)
        wanted = wave.survey.questions.filter(code__in=[code for code in codes if code not in standing])
        versions = [version for q in wanted if (version := q.versions.order_by("-number").first()) is not None]
        _append(wave, section_id, versions)
        return len(versions)


def add_question(*, section_id: int, definition: Definition, by: User) -> Item:
    """A question of one's own at the end of a page; without a code it gets one from its Swedish text."""
    with prepared(_of_section(section_id), by) as wave:
        code = definition.get("code") or _free_code(wave.survey, definition["text"].get("sv", ""))
        if wave.survey.questions.filter(code=code).exists():
            raise QuestionnaireError(
                _("The survey has a question with the code “%(code)s” already. Choose another one.") % {"code": code}
            )
        version = new_question(survey=wave.survey, definition={**definition, "code": code})
        return _append(wave, section_id, [version])[0]


def reword(*, item_id: int, definition: Definition, how: Rewording | None, reason: str, by: User) -> QuestionVersion:
    """Another wording for a question of this wave.

    One that has never been asked is simply corrected; with `comparable` False it is no longer shown beside other
    municipalities' results. Of one that was asked a new version is made: CONTINUES declares
    that it means the same and says why; ANEW starts its series again.
    """
    with prepared(_of_item(item_id), by):
        item = Item.objects.select_related("version__question").get(pk=item_id)
        version = item.version
        if not was_asked(version):
            write_version(version=version, definition=definition)
            _describe(item, definition)
            return version
        if how is None:
            raise QuestionnaireError(_("Say whether the new wording means the same as the one that was asked."))
        if how is Rewording.CONTINUES and not reason.strip():
            raise QuestionnaireError(
                _("Say why the new wording means the same: the series goes on only with a reason.")
            )
        item.version = add_version(
            question=version.question,
            definition=definition,
            reason=reason.strip() if how is Rewording.CONTINUES else "",
        )
        item.save()
        return item.version


def _describe(item: Item, definition: Definition) -> None:
    """What holds for the question whatever its wording; fixed once it has been asked."""
    question = item.version.question
    if not was_asked(question):
        question.background = definition.get("background", False)
        if not definition.get("comparable", True):
            question.published_kpi = ""
        question.save()


def set_rule(
    *, item_id: int, required: bool, shown_by: int | None, shown_values: Sequence[int], by: User
) -> Item:  # fmt: skip
    """Whether the question must be answered, and on which answers it hangs (`shown_by`: an item asked before it)."""
    with prepared(_of_item(item_id), by) as wave:
        item = Item.objects.get(pk=item_id)
        order = [other.pk for other in _in_order(wave)]
        if shown_by is not None and (shown_by not in order or order.index(shown_by) >= order.index(item.pk)):
            raise QuestionnaireError(_("A question can only hang on one that is asked before it."))
        item.required, item.shown_by_id = required, shown_by
        item.shown_values = sorted(set(shown_values)) if shown_by is not None else []
        item.save()
        return item


def move_item(*, item_id: int, up: bool, by: User) -> None:
    """One place up or down; from the edge of a page to the page beside it."""
    with prepared(_of_item(item_id), by) as wave:
        sections = list(wave.sections.order_by("order", "id"))
        item = Item.objects.get(pk=item_id)
        here = next(at for at, section in enumerate(sections) if section.pk == item.section_id)
        rows = list(item.section.items.order_by("order", "id"))
        place = rows.index(item)
        target = place - 1 if up else place + 1
        if 0 <= target < len(rows):
            _swap(rows, place, target)
            _number(rows)
            return
        beside = here - 1 if up else here + 1
        if 0 <= beside < len(sections):
            others = list(sections[beside].items.order_by("order", "id"))
            item.section = sections[beside]
            others.insert(len(others) if up else 0, item)
            item.save()
            _number(others)


def remove_item(*, item_id: int, by: User) -> None:
    """Take a question out of the wave; the survey keeps it. Refused where another one hangs on it."""
    with prepared(_of_item(item_id), by):
        item = Item.objects.get(pk=item_id)
        _refuse_deciders(Item.objects.filter(pk=item_id))
        item.delete()


def _newest(survey: Survey, code: str) -> QuestionVersion:
    definition = whole_definition(code)
    known = QuestionVersion.objects.filter(
        question__survey=survey, question__code=code, question__kind=definition["kind"]
    )
    return known.order_by("-number").first() or version_for(survey=survey, definition=definition)


# ── what the operations above share ───────────────────────────────────────────────────────────────────────────────────


def _refuse_deciders(leaving: Any) -> None:
    hanging = (
        Item.objects.filter(shown_by__in=leaving).exclude(pk__in=leaving).select_related("version__question").first()
    )
    if hanging is not None:
        raise QuestionnaireError(
            _("“%(text)s” is shown only by an answer to it. Change that rule first.") % {"text": hanging.version.text}
        )


def _codes(wave: Wave) -> set[str]:
    return set(wave.items.values_list("version__question__code", flat=True))


def _append(wave: Wave, section_id: int, versions: Iterable[QuestionVersion]) -> list[Item]:
    start = Item.objects.filter(section_id=section_id).count()
    return [
        Item.objects.create(wave=wave, section_id=section_id, version=version, order=start + at)
        for at, version in enumerate(versions)
    ]


def _free_code(survey: Survey, text: str) -> str:
    stem = slugify(text)[: LONGEST_CODE - 4].strip("-") or "question"
    taken = set(survey.questions.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in _numbered(stem) if code not in taken)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _in_order(wave: Wave) -> list[Item]:
    return list(wave.items.order_by("section__order", "section_id", "order", "id"))


def _swap(rows: list[Any], one: int, other: int) -> None:
    if 0 <= other < len(rows):
        rows[one], rows[other] = rows[other], rows[one]


def _number(rows: Sequence[Any]) -> None:
    for place, row in enumerate(rows):
        if row.order != place:
            row.order = place
            row.save(update_fields=["order"])


def _set(row: Any, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
