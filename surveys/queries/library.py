"""The library of ready questions, read once a process."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from surveys.sources.library import Library, read_library


@lru_cache(maxsize=1)
def library() -> Library:
    """The reviewed files below `fixtures/surveys/library`."""
    return read_library(Path(settings.BASE_DIR) / "fixtures" / "surveys" / "library")
