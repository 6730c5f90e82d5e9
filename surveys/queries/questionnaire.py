"""A wave's questionnaire as plain values, in the reader's language."""

from collections import defaultdict

from surveys.compute.questionnaire import Asked, Choice, Page, Questionnaire
from surveys.models import Item, Option, Section


def of_wave(wave_id: int) -> Questionnaire:
    """The pages of a wave with their questions and choices (3 queries)."""
    items = (
        Item.objects.filter(wave_id=wave_id)
        .select_related("version__question", "shown_by__version__question")
        .order_by("section__order", "section_id", "order", "id")
    )
    choices: dict[int, list[Choice]] = defaultdict(list)
    for option in Option.objects.filter(version__items__wave_id=wave_id).order_by("order", "value"):
        choices[option.version_id].append(Choice(option.value, option.label, option.positive, option.no_opinion))
    asked: dict[int, list[Asked]] = defaultdict(list)
    for item in items:
        asked[item.section_id].append(_asked(item, tuple(choices[item.version_id])))
    sections = Section.objects.filter(wave_id=wave_id).order_by("order", "id")
    return Questionnaire.of(
        wave_id,
        [Page(section.pk, section.title, section.intro, tuple(asked[section.pk])) for section in sections],
    )


def _asked(item: Item, options: tuple[Choice, ...]) -> Asked:
    version = item.version
    question = version.question
    return Asked(
        item_id=item.pk,
        question_id=question.pk,
        code=question.code,
        kind=question.kind,
        text=version.text,
        second_text=version.second_text,
        help=version.help,
        options=options,
        required=item.required,
        background=question.background,
        shown_by=item.shown_by.version.question.code if item.shown_by else "",
        shown_values=tuple(item.shown_values),
        minimum=version.minimum,
        maximum=version.maximum,
        unit=version.unit,
        topic=question.topic,
        published_kpi=question.published_kpi,
        version_id=version.pk,
    )
