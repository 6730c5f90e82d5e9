"""Which texts of the chain are kept in Swedish and English."""

from modeltranslation.translator import TranslationOptions, register

from scorecard.models import (
    Candidate,
    Committee,
    Criterion,
    Direction,
    Directive,
    Goal,
    GoalJudgement,
    LevelName,
    StrategicIssue,
    Vision,
)


@register(Committee)
class CommitteeTranslation(TranslationOptions):
    fields = ("name",)


@register(Vision)
class VisionTranslation(TranslationOptions):
    fields = ("title", "text")


@register(StrategicIssue)
class StrategicIssueTranslation(TranslationOptions):
    fields = ("name", "text")


@register(Goal)
class GoalTranslation(TranslationOptions):
    fields = ("sentence", "short")


@register(Direction)
class DirectionTranslation(TranslationOptions):
    fields = ("text",)


@register(Directive)
class DirectiveTranslation(TranslationOptions):
    fields = ("text",)


@register(GoalJudgement)
class GoalJudgementTranslation(TranslationOptions):
    fields = ("motivation", "actions")


@register(LevelName)
class LevelNameTranslation(TranslationOptions):
    fields = ("singular", "plural")


@register(Criterion)
class CriterionTranslation(TranslationOptions):
    fields = ("name", "help")


@register(Candidate)
class CandidateTranslation(TranslationOptions):
    fields = ("name", "text", "theme")
