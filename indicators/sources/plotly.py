"""Where plotly.js comes from: npm's small build where it is installed, else the file inside the plotly wheel."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

NAME = "plotly.min.js"
SMALL_BUILD = Path("node_modules/plotly.js-basic-dist-min/plotly-basic.min.js")


def source() -> Path:
    """The file that is served as /static/plotly/plotly.min.js."""
    small = Path(settings.BASE_DIR) / SMALL_BUILD
    return small if small.exists() else Path(str(files("plotly") / "package_data" / NAME))


class PlotlyStorage(FileSystemStorage):
    """Serves the one file under the one name, whatever it is called where it lies."""

    prefix = "plotly"

    def path(self, name: str) -> str:
        return str(source())


class PlotlyFinder(BaseFinder):
    """Nothing third-party is committed, so the script is found where the package manager put it."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [str(source())] if path == f"plotly/{NAME}" else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, PlotlyStorage]]:
        if not matches_patterns(NAME, ignore_patterns):
            yield NAME, PlotlyStorage(location=str(source().parent))
