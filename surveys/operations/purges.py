"""Free texts whose time is over."""

from datetime import date

from django.db import transaction

from indicators.operations.actor import User
from surveys.compute.keeping import texts_go_on
from surveys.models import Comment, Purge, Purged, Wave


def purge_comments(*, today: date, by: User) -> int:
    """Delete the comments of waves whose time for them is over, quotes included; gives how many.

    Themes stay with their words and counts. What was deleted is told in one row a wave, without a word of it.
    """
    waves = Wave.objects.filter(comments__isnull=False, closes_on__lt=today).select_related("survey").distinct()
    return sum(_purge(wave, by=by) for wave in waves if _over(wave, today))


def _over(wave: Wave, today: date) -> bool:
    last = texts_go_on(wave.closes_on, wave.survey.keep_texts_days)
    return last is not None and last <= today


def _purge(wave: Wave, *, by: User) -> int:
    with transaction.atomic():
        Wave.objects.select_for_update().get(pk=wave.pk)
        count = Comment.objects.filter(wave=wave).count()
        if count:
            Comment.objects.filter(wave=wave).delete()
            Purge.objects.create(wave=wave, what=Purged.COMMENTS, count=count, purged_by=by)  # type: ignore[misc]
    return count
