"""Which of what strategists do with surveys is kept field by field. Nothing that residents answered or that knows who
was asked is here: the log outlives what is deleted."""

from indicators.audit import keep_changes_of


def register() -> None:
    """Called once the models are there."""
    from surveys import models

    for model in (
        models.Survey,
        models.Wave,
        models.Section,
        models.Question,
        models.QuestionVersion,
        models.Option,
        models.Item,
        models.SatisfactionIndex,
        models.Stratum,
        models.IndicatorLink,
    ):
        keep_changes_of(model)
