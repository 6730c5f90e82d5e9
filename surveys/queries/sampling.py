"""A wave's sample: its register, its strata with their response, and the population's backgrounds."""

from collections import defaultdict
from collections.abc import Mapping

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import override

from indicators.sources.sheet import Limits
from surveys.models import Invitation, Margin, Option, Purge, Purged, QuestionVersion, SampleFrame, Stratum, Wave
from surveys.read_models.sampling import BackgroundRow, ChoiceRow, FrameRow, SampleRows, StratumRow
from surveys.sources.frame_file import Choices

LANGUAGES = ("sv", "en")


def limits() -> Limits:
    """How large a register may be."""
    return Limits(
        bytes=settings.FRAME_MAX_BYTES,
        unpacked=settings.SHEET_MAX_UNPACKED_BYTES,
        ratio=settings.SHEET_MAX_RATIO,
        rows=settings.FRAME_MAX_ROWS,
        columns=settings.SHEET_MAX_COLUMNS,
        cells=settings.FRAME_MAX_ROWS * 20,
    )


def sample(wave: Wave) -> SampleRows:
    """Everything of a wave's sample, as counts (7 queries)."""
    frame = SampleFrame.objects.filter(wave=wave).first()
    in_frame: Mapping[int, int] = {}
    if frame is not None and frame.drawn_at is None:
        in_frame = dict(frame.persons.order_by().values_list("stratum_id").annotate(n=Count("pk")))
    invited = {
        pk: (n, answered)
        for pk, n, answered in Invitation.objects.filter(wave=wave)
        .order_by()
        .values_list("stratum_id")
        .annotate(n=Count("pk"), answered=Count("pk", filter=Q(answered=True)))
    }
    strata = [
        StratumRow(s.pk, s.code, s.population, in_frame.get(s.pk, 0), *invited.get(s.pk, (s.sampled, None)))
        for s in Stratum.objects.filter(wave=wave).order_by("code")
    ]
    purges = Purge.objects.filter(wave=wave, what=Purged.ADDRESSES).order_by("id").values_list("purged_at", "count")
    return SampleRows(
        frame=_frame_row(frame),
        strata=strata,
        invited=sum(n for n, _answered in invited.values()),
        addressed=_addressed(wave),
        purges=list(purges),
        mailings=wave.mailings.count(),
    )


def _frame_row(frame: SampleFrame | None) -> FrameRow | None:
    if frame is None:
        return None
    return FrameRow(frame.filename, frame.people, frame.read_at, frame.drawn_at, list(frame.rejected))


def _addressed(wave: Wave) -> int:
    """Of how many people a name or an address is kept (1 query)."""
    nothing = Q(name="", address="", postcode="", city="", email="")
    return Invitation.objects.filter(wave=wave).exclude(nothing).count()


def backgrounds(wave: Wave) -> list[BackgroundRow]:
    """The background questions of a wave in the reader's language, with how many of the population chose what (3
    queries)."""
    versions = (
        QuestionVersion.objects.filter(items__wave=wave, question__background=True)
        .select_related("question")
        .order_by("items__section__order", "items__order", "items__id")
    )
    options: dict[int, list[Option]] = defaultdict(list)
    asked = Option.objects.filter(version__items__wave=wave, version__question__background=True, no_opinion=False)
    for option in asked.order_by("order", "value"):
        options[option.version_id].append(option)
    known: dict[int, dict[int, int]] = defaultdict(dict)
    for question_id, value, population in Margin.objects.filter(wave=wave).values_list(
        "question_id", "value", "population"
    ):
        known[question_id][value] = population
    return [
        BackgroundRow(
            version.question_id,
            version.question.code,
            version.text,
            [ChoiceRow(o.value, o.label, known[version.question_id].get(o.value)) for o in options[version.pk]],
        )
        for version in versions
    ]


def frame_backgrounds(wave: Wave) -> dict[str, Choices]:
    """What headers and cells of a register may say of background questions: codes, texts and labels in both languages,
    and the stored values (3 queries a language)."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for language in LANGUAGES:
        with override(language):
            for row in backgrounds(wave):
                words = found.setdefault(row.code, {})
                choices = {choice.label: choice.value for choice in row.choices}
                choices |= {str(choice.value): choice.value for choice in row.choices}
                for header in (row.code, row.text):
                    words[header] = words.get(header, {}) | choices
    # A register in one language may be read by somebody who works in the other.
    return {code: {header: _all(words) for header in words} for code, words in found.items()}


def _all(words: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {text: value for choices in words.values() for text, value in choices.items()}
