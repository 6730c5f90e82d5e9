"""Which of what strategists do with surveys is kept field by field.

Nothing that residents answered or that knows who was asked is here: the log outlives what is deleted. Choices are told
by the wording that they belong to: once it has been asked neither changes.
"""

from indicators.audit import keep_changes_of


def register() -> None:
    """Called once the models are there."""
    from surveys import models

    for model in (
        models.Survey,
        models.Wave,
        models.Question,
        models.QuestionVersion,
        models.SatisfactionIndex,
        models.Stratum,
        models.IndicatorLink,
        models.Hypothesis,
    ):
        keep_changes_of(model)
    # Places in an order say nothing; which wording a question stands in is what a rewording changes.
    keep_changes_of(models.Section, leave_out=("order",))
    keep_changes_of(models.Item, include=("wave", "section", "version", "required", "shown_by", "shown_values"))
