import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scorecard.management.commands.compile_translations import catalogues

SOURCES = ("scorecard", "surveys", "indicators", "templates")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|%[sdf]|\{(\w*)\}")
# Places that people write into letters of surveys themselves, each in their own language.
WRITTEN_BY_PEOPLE = {"{name}", "{link}", "{code}", "{namn}", "{länk}", "{kod}"}


def placeholders(text: str) -> set[str]:
    """What is filled in when the text is shown; `%%` is a percent sign, not a place."""
    return {match.group() for match in PLACEHOLDER.finditer(text.replace("%%", ""))} - WRITTEN_BY_PEOPLE


def faults(catalogue: polib.POFile) -> Iterator[str]:
    """What a reader of the language would notice: untranslated, doubtful or wrongly filled texts."""
    for entry in catalogue:
        if entry.obsolete:
            continue
        if entry.fuzzy:
            yield f"doubtful (fuzzy): {entry.msgid!r}"
        elif not entry.translated():
            yield f"not translated: {entry.msgid!r}"
        else:
            forms = list(entry.msgstr_plural.values()) or [entry.msgstr]
            allowed = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
            # A form for one may leave the number out; nothing may be filled in that the code does not give.
            needed = set() if entry.msgid_plural else allowed
            if any(not needed <= placeholders(form) <= allowed for form in forms):
                yield f"places to fill in differ: {entry.msgid!r}"


def extracted(language: str) -> polib.POFile:
    """The texts that code and templates ask for, found by gettext in a copy, so that no file here changes."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in SOURCES:
            shutil.copytree(settings.BASE_DIR / name, Path(scratch, name))
        Path(scratch, "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "--locale", language, "--verbosity", "0"]
        found = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)  # noqa: S603 (our own)
        if found.returncode:
            raise CommandError(f"gettext found no texts: {found.stderr.strip()}")
        return polib.pofile(str(Path(scratch, "locale", language, "LC_MESSAGES", "django.po")))


def identity(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


class Command(BaseCommand):
    help = "Fail where a text is untranslated, doubtful, or used in code and missing in the catalogue (needs gettext)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[str] = []
        languages = {path.parent.parent.name: path for path in catalogues()}
        if not languages:
            raise CommandError("no catalogue at all: make messages writes one")
        for language, path in languages.items():
            catalogue = polib.pofile(str(path))
            found += [f"{language}: {fault}" for fault in faults(catalogue)]
            known = {identity(entry) for entry in catalogue if not entry.obsolete}
            used = {identity(entry) for entry in extracted(language)}
            for complaint, texts in (("not in the catalogue", used - known), ("not used any more", known - used)):
                found += [f"{language}: {complaint}: {text!r}" for _, text in sorted(texts, key=str)]
        if found:
            raise CommandError("\n".join([*found, f"{len(found)} faults; `make messages` updates the catalogue"]))
        self.stdout.write(f"translations complete: {', '.join(sorted(languages))}")
