from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


def make_cache_table(using: str, verbosity: int, **kwargs: Any) -> None:
    """Called after every migration; does nothing where the table is there."""
    call_command("createcachetable", database=using, verbosity=0)


class ScorecardConfig(AppConfig):
    name = "scorecard"
    verbose_name = "Municipal scorecard"

    def ready(self) -> None:
        from scorecard import audit

        audit.register()
        post_migrate.connect(make_cache_table, sender=self, dispatch_uid="cache-table")
