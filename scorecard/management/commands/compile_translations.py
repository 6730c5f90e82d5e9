from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


def catalogues() -> list[Path]:
    """The text catalogues of the project, one a language."""
    return sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/django.po"))


def compile_stale() -> list[Path]:
    """Compile what is newer than its compiled form; returns what was compiled. A reader sees the old or the new one."""
    done = []
    for source in catalogues():
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= source.stat().st_mtime:
            written = source.with_suffix(".mo.part")
            polib.pofile(str(source)).save_as_mofile(str(written))
            written.replace(compiled)
            done.append(source)
    return done


class Command(BaseCommand):
    help = "Compile the translations that changed (needs no gettext programs)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for source in compile_stale():
            self.stdout.write(f"compiled {source.relative_to(settings.BASE_DIR)}")
