"""What every page says, and what the page about the figures counts."""

from datetime import datetime

from django.db import connection
from django.db.models import Count, Exists, Max, Q

from indicators.models import Import, Indicator, Municipality
from scorecard.models import Vision
from scorecard.rows import Counts, SiteRow


def site() -> SiteRow | None:
    """What every page says of the installation; None until it is set up (1 query)."""
    rows = Municipality.objects.filter(is_home=True).order_by()
    found = rows.values_list("name", "invented", Exists(Vision.objects.filter(example=True))).first()
    return SiteRow(*found) if found else None


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def counts() -> Counts:
    """How many indicators there are, and of which kinds (1 query)."""
    effect = Q(measures="effect")
    row = Indicator.objects.filter(retired_on=None).aggregate(
        indicators=Count("id", distinct=True),
        effect=Count("id", distinct=True, filter=effect),
        experienced=Count("id", distinct=True, filter=effect & Q(experienced=True)),
        comparable=Count("id", distinct=True, filter=Q(comparable=True)),
        targets=Count("id", distinct=True, filter=Q(targets__isnull=False)),
    )
    return Counts(**row)


def last_fetched() -> list[tuple[str, datetime]]:
    """When values last came from each source (1 query)."""
    rows = Import.objects.exclude(fetched_at=None).values_list("source").annotate(Max("fetched_at")).order_by("source")
    return list(rows)
