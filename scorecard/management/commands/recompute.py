from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.operations import JobLostError
from scorecard import pipeline
from scorecard.management.terminal import Terminal


class Command(BaseCommand):
    help = "Compute series, benchmarks and status of every indicator anew from the raw values."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pipeline.compute_all(today=timezone.localdate(), show=Terminal(self.stdout).show)
        except JobLostError as error:
            raise CommandError(str(error)) from error
