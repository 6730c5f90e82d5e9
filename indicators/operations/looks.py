"""How often an indicator's page is opened: a count a day, of nobody in particular."""

from datetime import date

from django.db import transaction
from django.db.models import F

from indicators.models import Indicator, Look

MOST_A_DAY = 2_000  # an indicator and a day: who counts on and on, counts in vain


def count_look(*, code: str, day: date) -> bool:
    """One look more; False where there is no such indicator. Beyond the most that is counted nothing is written."""
    indicator_id = Indicator.objects.filter(code=code).values_list("pk", flat=True).first()
    if indicator_id is None:
        return False
    with transaction.atomic():
        Look.objects.bulk_create([Look(indicator_id=indicator_id, day=day)], ignore_conflicts=True)
        Look.objects.filter(indicator_id=indicator_id, day=day, count__lt=MOST_A_DAY).update(count=F("count") + 1)
    return True
