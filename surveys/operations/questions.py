"""Questions and their wordings: kept while waves follow each other, versioned once they have been asked.

Called inside the transaction of the operation that needs a question; nothing here opens one of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from indicators.operations.translations import translated
from surveys.models import Option, Question, QuestionVersion, Survey, WaveState

TEXTS = ("text", "second_text", "help", "unit")
Definition = Mapping[str, Any]


class QuestionnaireError(ValueError):
    """Something that cannot be done with a questionnaire; the message says why and what to do."""


def version_for(*, survey: Survey, definition: Definition) -> QuestionVersion:
    """The wording that a plain definition describes, of the survey's question with that code.

    The question is made where there is none. A wording that has been used is found again; another one becomes a new
    version: a continuation where `continues` gives the reason, otherwise one that starts its series anew.
    """
    question = survey.questions.filter(code=definition["code"]).first()
    if question is None:
        return new_question(survey=survey, definition=definition)
    if question.kind != definition["kind"]:
        raise QuestionnaireError(
            _("The question “%(code)s” is of another kind already. Give the new question a code of its own.")
            % {"code": question.code}
        )
    wanted = content_of(definition)
    for version in question.versions.prefetch_related("options").order_by("-number"):
        if stored_content(version) == wanted:
            return version
    return add_version(question=question, definition=definition, reason=definition.get("continues", ""))


def new_question(*, survey: Survey, definition: Definition) -> QuestionVersion:
    """A question with its first wording."""
    question = Question.objects.create(
        survey=survey,
        code=definition["code"],
        kind=definition["kind"],
        topic=definition.get("topic", ""),
        background=definition.get("background", False),
        published_kpi=definition.get("published_kpi", ""),
    )
    return add_version(question=question, definition=definition, reason="")


def add_version(*, question: Question, definition: Definition, reason: str) -> QuestionVersion:
    """A further wording. `reason`: why it means the same as the one before; empty: it starts a series anew."""
    last = question.versions.aggregate(last=Max("number"))["last"]
    number = 1 if last is None else last + 1
    version = QuestionVersion(question=question, number=number, continues=bool(reason) and number > 1, reason=reason)
    write_version(version=version, definition=definition)
    return version


def write_version(*, version: QuestionVersion, definition: Definition) -> None:
    """Write a definition's texts, range and options into a wording that nobody has answered."""
    for name in TEXTS:
        for column, text in translated(name, definition.get(name)).items():
            setattr(version, column, text)
    version.minimum, version.maximum = definition.get("minimum"), definition.get("maximum")
    version.save()
    given = list(definition.get("options", []))
    version.options.exclude(value__in=[option["value"] for option in given]).delete()
    for order, option in enumerate(given):
        Option.objects.update_or_create(
            version=version,
            value=option["value"],
            defaults={
                **translated("label", option["label"]),
                "positive": option.get("positive", False),
                "no_opinion": option.get("no_opinion", False),
                "order": order,
            },
        )


def was_asked(question_or_version: Question | QuestionVersion) -> bool:
    """Whether it stands in a wave that has opened: then it cannot change meaning any more."""
    if isinstance(question_or_version, Question):
        found = question_or_version.versions.filter(items__wave__state__in=ASKED)
        return found.exists()
    return question_or_version.items.filter(wave__state__in=ASKED).exists()


ASKED = (WaveState.OPEN, WaveState.CLOSED)
Content = tuple[Any, ...]


def content_of(definition: Definition) -> Content:
    """What a definition says, to be compared with what is stored."""
    texts = [text for name in TEXTS for text in translated(name, definition.get(name)).values()]
    options = [
        (
            option["value"],
            *translated("label", option["label"]).values(),
            option.get("positive", False),
            option.get("no_opinion", False),
        )
        for option in definition.get("options", [])
    ]
    return _content(texts, definition.get("minimum"), definition.get("maximum"), options)


def stored_content(version: QuestionVersion) -> Content:
    """What a stored wording says."""
    texts = [getattr(version, f"{name}_{language}") or "" for name in TEXTS for language in ("sv", "en")]
    options = [
        (
            option.value,
            option.label_sv or "",  # type: ignore[attr-defined]
            option.label_en or "",  # type: ignore[attr-defined]
            option.positive,
            option.no_opinion,
        )
        for option in version.options.all()
    ]
    return _content(texts, version.minimum, version.maximum, options)


def _content(texts: Sequence[str], low: float | None, high: float | None, options: Sequence[Any]) -> Content:
    return (tuple(texts), low, high, tuple(options))
