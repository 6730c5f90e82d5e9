"""The council's product: vision, goals, pages; and the project's settings."""

from scorecard.celery import app as celery_app

__all__ = ["celery_app"]
