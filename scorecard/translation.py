"""Which texts of the chain are kept in Swedish and English."""

from modeltranslation.translator import TranslationOptions, register

from scorecard.models import Committee, Direction, Directive, Goal, GoalJudgement, StrategicIssue, Vision


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
