"""The documents say what is so: links lead somewhere, commands and files exist, examples give what they state."""

import ast
import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))
METHODS = ROOT / "docs" / "METHODS.md"

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?:[\w.*-]+/)+(?:[\w.*-]+\.(?:py|md|yaml|yml|toml|txt|html|css|js|svg|png|po))?")
BARE_FILES = {"Makefile", "Dockerfile", "LICENSE", "docker-compose.yml", "pyproject.toml", ".env.example", ".ci/run"}
# Made by running the program, or named as what may be there; never part of a checkout.
NOT_IN_A_CHECKOUT = ("var/", ".venv/", "node_modules/")
SIGNED = re.compile(r"`((?:indicators|scorecard|surveys)(?:\.\w+)+)` `(\([^`]*\))`")
SETTING = re.compile(r"[A-Z][A-Z]+(?:_[A-Z]+)+")


def by_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    """The names that headings can be linked to by."""
    titles = HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def in_code(path: Path) -> list[str]:
    """Everything set as code in a document: spans in the text, and the lines of blocks."""
    text = path.read_text(encoding="utf-8")
    blocks = [line for _language, body in FENCE.findall(text) for line in body.splitlines()]
    return [*CODE.findall(FENCE.sub("", text)), *blocks]


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_name)
class TestEveryDocument:
    def test_links_lead_somewhere(self, document: Path) -> None:
        text = FENCE.sub("", document.read_text(encoding="utf-8"))
        lost = []
        for link in map("".join, LINK.findall(text)):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (document.parent / name).resolve() if name else document
            if not target.exists() or (anchor and anchor not in anchors(target)):
                lost.append(link)
        assert lost == []

    def test_commands_exist(self, document: Path) -> None:
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        code = "\n".join(in_code(document))
        made = set(re.findall(r"(?:^|[\s`])make ((?:[A-Z]+=\S+ )*)([a-z]+)\b", code, re.MULTILINE))
        assert {target for _variables, target in made} <= targets
        managed = set(re.findall(r"manage(?:\.py)? ([a-z_]+)", code))
        assert managed <= set(get_commands())

    def test_files_exist(self, document: Path) -> None:
        """Code that is a path and nothing else, from the top or inside an app; a test's name may follow it."""
        named = {span.partition("::")[0] for span in in_code(document)}
        files = {name for name in named if FILE.fullmatch(name) or name in BARE_FILES}
        made = {name for name in files if name.startswith(NOT_IN_A_CHECKOUT)}
        there = {name for name in files if any(any(ROOT.glob(f"{top}{name.rstrip('/')}")) for top in ("", "*/"))}
        assert sorted(files - made - there) == []

    def test_tests_exist(self, document: Path) -> None:
        named = [span for span in in_code(document) if re.fullmatch(r"tests/[\w/]+\.py(::\w+)+", span)]
        missing = []
        for span in named:
            file, *path = span.split("::")
            body: list[ast.stmt] = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
            for name in path:
                found = [n for n in body if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == name]
                body = found[0].body if found else []
                missing += [] if found else [span]
        assert missing == []

    def test_settings_exist(self, document: Path) -> None:
        """What is set from outside is read in one file; what starts processes and tests names a few more."""
        sources = [ROOT / name for name in ("scorecard/settings.py", "Makefile", "docker-compose.yml", ".env.example")]
        sources += [
            *(ROOT / "tests").glob("*.py"),
            *(ROOT / "tests").glob("*/conftest.py"),
            ROOT / "benchmarks/database.py",
        ]
        known = "\n".join(path.read_text(encoding="utf-8") for path in sources)
        words = [word for span in in_code(document) if not span.startswith(">>>") for word in span.split()]
        named = {name for word in words if SETTING.fullmatch(name := word.partition("=")[0])}
        assert sorted(name for name in named if not re.search(rf"\b{name}\b", known)) == []


def examples() -> doctest.DocTest:
    """The examples of docs/METHODS.md in order; all other lines are blanked, so that numbers of lines hold."""
    text = METHODS.read_text(encoding="utf-8")
    kept = [""] * text.count("\n")
    for match in re.finditer(r"^```pycon\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        start = text.count("\n", 0, match.start(1))
        body = match[1].splitlines()
        kept[start : start + len(body)] = body
    return doctest.DocTestParser().get_doctest("\n".join(kept), {}, METHODS.name, str(METHODS), 0)


def plain_signature(function: object) -> str:
    """A signature without its types: names, kinds and defaults."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(bare))


class TestMethods:
    def test_examples_give_what_they_state(self) -> None:
        test, told = examples(), list[str]()
        doctest.DocTestRunner(verbose=False).run(test, out=told.append)
        assert len(test.examples) >= 80
        assert "".join(told) == ""

    def test_signatures_are_those_of_the_code(self) -> None:
        named = SIGNED.findall(METHODS.read_text(encoding="utf-8"))
        assert len(named) >= 40
        wrong = []
        for path, signature in named:
            module, name = path.rsplit(".", 1)
            actual = plain_signature(getattr(importlib.import_module(module), name))
            if actual != signature:
                wrong.append(f"{path}{actual}, not {signature}")
        assert wrong == []


class TestMap:
    """The map of the house in docs/ARCHITECTURE.md names what is there, and everything in the two apps."""

    APPS = ("scorecard", "indicators")
    IN_EVERY_APP = ("__init__.py", "apps.py", "migrations", "__pycache__")

    def entries(self) -> dict[str, list[str]]:
        """Folders at the top → what the map lists below each."""
        text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
        block = text.split("## The house", 1)[1].split("```")[1]
        found: dict[str, list[str]] = {}
        for indent, names in re.findall(r"^( *)([\w./]+(?:, [\w./]+)*)(?=\s|$)", block, re.MULTILINE):
            if indent:
                found[next(reversed(found))] += names.split(", ")
            else:
                found[names] = []
        return found

    def test_what_it_names_is_there(self) -> None:
        named = [f"{folder}{name}" for folder, names in self.entries().items() for name in ["", *names]]
        assert len(named) >= 40
        assert [name for name in named if not (ROOT / name).exists()] == []

    @pytest.mark.parametrize("app", APPS)
    def test_nothing_of_an_app_is_missing(self, app: str) -> None:
        named = {name.split("/")[0] for name in self.entries()[f"{app}/"]}
        there = {path.name for path in (ROOT / app).iterdir() if path.is_dir() or path.suffix == ".py"}
        assert sorted(there - named - set(self.IN_EVERY_APP)) == []


class TestRecords:
    """Decisions, docs/adr: numbered without gaps, all of one shape, all listed in the architecture."""

    def test_numbers_have_no_gaps(self) -> None:
        assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))

    @pytest.mark.parametrize("record", RECORDS, ids=by_name)
    def test_shape(self, record: Path) -> None:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Situation", "Decision", "What follows"]
        assert f"adr/{record.name})" in (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
