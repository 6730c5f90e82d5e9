import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from indicators import operations
from indicators import pipeline as indicator_pipeline
from indicators.sources.kolada import KoladaError
from scorecard import pipeline
from scorecard.management.terminal import Terminal


def identity(text: str) -> str:
    """Checked before a job is queued for it: with an id that cannot be asked for it would fail again and again."""
    if not re.fullmatch(r"[A-Z]\d{5}", text):
        raise ArgumentTypeError(f"{text!r} is no identity of Kolada's; one looks like N00945")
    return text


class Command(BaseCommand):
    help = "Fetch new values from Kolada here and now; what changed is computed by the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--revise", action="store_true", help="ask for all years again, to find revised history")
        parser.add_argument(
            "--kpi", action="append", type=identity, metavar="ID", help="only this identity (may be repeated)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        terminal = Terminal(self.stdout)
        try:
            indicator_pipeline.require_real_home()
        except operations.NotSetUpError as error:
            raise CommandError(str(error)) from error
        job = operations.request_import(by=None, revise=options["revise"], kpis=options["kpi"], here=True)
        try:
            pipeline.run_here(job, today=timezone.localdate(), show=terminal.show)
        except (KoladaError, operations.JobLostError) as error:
            raise CommandError(f"{error}\nWhat is stored stays; run the command again to go on.") from error
        job.refresh_from_db()
        for delivery in job.imports.all():
            terminal.say(
                f"{delivery.received} values received: {delivery.added} new, {delivery.revised} revised, "
                f"{delivery.unchanged} unchanged, {delivery.rejected} rejected"
            )
            for line in delivery.rejections.all():
                terminal.say(f"  rejected {line.kpi} {line.fault} × {line.count}: {'; '.join(line.examples)}")
            if delivery.unanswered:
                terminal.say(f"  gave nothing: {', '.join(delivery.unanswered)}")
