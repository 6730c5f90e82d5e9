"""How long free texts are kept."""

from datetime import date, timedelta


def texts_go_on(closes_on: date | None, days: int) -> date | None:
    """The day on which a wave's free texts are deleted; None where its last day is not known."""
    return None if closes_on is None else closes_on + timedelta(days=days)
