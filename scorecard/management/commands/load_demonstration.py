from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from indicators.models import Assessment
from indicators.operations import JobLostError, NotEmptyError
from indicators.queries.computation import home
from indicators.sources.definitions import DefinitionError
from scorecard import pipeline
from scorecard.management.terminal import Terminal


def is_set_up() -> bool:
    """Whether there is an installation to leave alone; a demonstration that was interrupted is none yet."""
    ours = home()
    return ours is not None and (not ours.invented or Assessment.objects.exists())


class Command(BaseCommand):
    help = "Load the invented municipality with its invented peers, through the real pipeline."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where a municipality is set up")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and is_set_up():
            return
        terminal = Terminal(self.stdout)
        try:
            pipeline.load_demonstration(today=timezone.localdate(), say=terminal.say, show=terminal.show)
        except (DefinitionError, NotEmptyError, JobLostError) as error:
            raise CommandError(str(error)) from error
