"""Which texts are kept in Swedish and English."""

from modeltranslation.translator import TranslationOptions, register

from indicators.models import Area, Department, Indicator, PeerGroup, SeriesBreak, Unit


@register(Unit)
class UnitTranslation(TranslationOptions):
    fields = ("symbol", "name")


@register(Area)
class AreaTranslation(TranslationOptions):
    fields = ("name",)


@register(Department)
class DepartmentTranslation(TranslationOptions):
    fields = ("name",)


@register(PeerGroup)
class PeerGroupTranslation(TranslationOptions):
    fields = ("title",)


@register(Indicator)
class IndicatorTranslation(TranslationOptions):
    fields = ("name", "purpose", "definition", "calculation", "quality", "numerator", "denominator", "owner")


@register(SeriesBreak)
class SeriesBreakTranslation(TranslationOptions):
    fields = ("reason",)
