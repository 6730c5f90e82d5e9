from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from indicators.operations import JobLostError, NotEmptyError
from indicators.sources.definitions import DefinitionError
from indicators.sources.kolada import KoladaError
from scorecard import pipeline
from scorecard.management.terminal import Terminal


class Command(BaseCommand):
    help = "Make this the installation of a real municipality, with its peers and their values from Kolada."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the municipality's code, four digits: 1384 for Kungsbacka")
        parser.add_argument(
            "--restore-definitions",
            action="store_true",
            help="make every indicator what the reviewed files say, also where people have edited it since",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        terminal = Terminal(self.stdout)
        try:
            pipeline.setup_municipality(
                options["code"],
                today=timezone.localdate(),
                say=terminal.say,
                show=terminal.show,
                restore=options["restore_definitions"],
            )
        except (KoladaError, DefinitionError, NotEmptyError, JobLostError) as error:
            raise CommandError(f"{error}\nWhat is stored stays; run the command again to go on.") from error
        terminal.say("Done. Start the site with: make run")
