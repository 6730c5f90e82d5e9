"""Which texts of surveys are kept in Swedish and English."""

from modeltranslation.translator import TranslationOptions, register

from surveys.models import Option, QuestionVersion, SatisfactionIndex, Section, Survey, Wave


@register(Survey)
class SurveyTranslation(TranslationOptions):
    fields = ("name", "purpose")


@register(Wave)
class WaveTranslation(TranslationOptions):
    fields = ("population_text", "frame_text", "mode_text", "change_text")


@register(Section)
class SectionTranslation(TranslationOptions):
    fields = ("title", "intro")


@register(QuestionVersion)
class QuestionVersionTranslation(TranslationOptions):
    fields = ("text", "help", "second_text", "unit")


@register(Option)
class OptionTranslation(TranslationOptions):
    fields = ("label",)


@register(SatisfactionIndex)
class SatisfactionIndexTranslation(TranslationOptions):
    fields = ("name",)
