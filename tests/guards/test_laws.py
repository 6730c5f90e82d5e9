"""The laws of the house (docs/ARCHITECTURE.md): each has a test here, or names the one that holds it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("scorecard", "surveys", "indicators")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def where(path: Path, number: int) -> str:
    return f"{path.relative_to(ROOT)}:{number}"


def lines_matching(paths: list[Path], pattern: str) -> list[str]:
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{where(path, number)}: {line.strip()}")
    return found


class TestOneNumberOneFunction:
    def test_no_arithmetic_in_templates(self) -> None:
        assert lines_matching(TEMPLATES, r"\{%\s*widthratio|\|add:|\|floatformat|\|intcomma") == []

    def test_no_statistics_in_sql_or_the_orm(self) -> None:
        """Means, medians, ranks and quartiles are made in compute/ and nowhere else."""
        outside = [p for p in CODE if "compute" not in p.parts]
        pattern = r"percentile_cont|percentile_disc|\bAVG\(|\bstddev|\bAvg\(|\bStdDev\(|\bRank\(|\bNtile\(|RANK\(\)"
        assert lines_matching(outside, pattern) == []

    def test_statistics_are_computed_in_compute_alone(self) -> None:
        outside = [p for p in CODE if "compute" not in p.parts and p.name != "demonstration.py"]
        numpy, pandas = r"np\.(nan)?(mean|median|quantile|percentile|std)\(", r"\.quantile\(|\.median\(\)"
        pattern = rf"{numpy}|{pandas}|statistics\.(mean|median)"
        assert lines_matching(outside, pattern) == []

    def test_methods_document_names_functions_that_exist(self) -> None:
        import importlib

        text = (ROOT / "docs" / "METHODS.md").read_text(encoding="utf-8")
        paths = sorted(set(re.findall(r"`((?:indicators|scorecard|surveys)\.[a-z_.]+\.[A-Za-z_]+)`", text)))
        assert len(paths) >= 20
        for path in paths:
            module, name = path.rsplit(".", 1)
            assert hasattr(importlib.import_module(module), name), f"docs/METHODS.md names {path}, which is not there"

    def test_every_public_method_is_documented(self) -> None:
        text = (ROOT / "docs" / "METHODS.md").read_text(encoding="utf-8")
        modules = ["indicators/compute/status.py", "indicators/compute/benchmark.py", "indicators/compute/series.py",
                   "indicators/compute/similar.py", "scorecard/compute/goals.py"]  # fmt: skip
        for module in modules:
            tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    path = f"{module.removesuffix('.py').replace('/', '.')}.{node.name}"
                    assert path in text, f"{path} is not in docs/METHODS.md"


class TestAReadNeverWrites:
    """Whether GET requests write is tried on every page in tests/integration/test_reads_never_write.py."""

    def test_queries_and_read_models_call_no_writing_method(self) -> None:
        readers = [p for p in CODE if {"queries", "read_models"} & {*p.parts, p.stem}]
        assert readers
        writing = "save|create|bulk_create|update_or_create|get_or_create|bulk_update"
        pattern = rf"\.({writing})\(|objects.*\.(update|delete)\("
        assert lines_matching(readers, pattern) == []

    def test_read_models_know_no_database(self) -> None:
        readers = [p for p in CODE if "read_models" in {*p.parts, p.stem}]
        assert lines_matching(readers, r"\.objects\b|django\.db|connection\.cursor") == []


class TestRawIsAppendOnly:
    RAW = (
        "Measurement", "PeerValue", "GoalJudgement", "Decision", "DefinitionNote", "SignIn", "Response",
        "Answer", "Purge",
    )  # fmt: skip

    def test_nothing_updates_or_deletes_raw_rows(self) -> None:
        found = []
        for path in CODE:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if any(f"{name}.objects" in line for name in self.RAW) and re.search(r"\.(update|delete)\(", line):
                    found.append(where(path, number))
                if re.search(r"(UPDATE|DELETE FROM) .*(measurement|peervalue|goaljudgement)", line, re.IGNORECASE):
                    found.append(where(path, number))
        assert found == []


class TestMissingIsNotZero:
    def test_no_truth_test_of_a_number(self) -> None:
        """`if value`, `value or 0`: a measured 0 would pass for nothing."""
        names = r"(value|margin|comparison|change|gap|lower|upper|baseline|numerator|denominator|rank|percentile)"
        pattern = rf"\bif (not )?(\w+\.)?{names}:|\b(\w+\.)?{names} or (0|None|\"\")|\bif (\w+\.)?{names} else"
        assert lines_matching(CODE, pattern) == []

    def test_no_truth_test_of_a_number_in_templates(self) -> None:
        assert lines_matching(TEMPLATES, r"\{% if \w+\.(raw_)?(value|change|gap|rank|margin) %\}.*default") == []


class TestTextsAreFoundByGettext:
    def test_none_stands_inside_an_f_string(self) -> None:
        """gettext does not look into f-strings: such a text is shown in English to everybody."""
        names = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy", "npgettext"}
        found = [
            where(path, call.lineno)
            for path in CODE
            for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(text, ast.JoinedStr)
            for call in ast.walk(text)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names
        ]
        assert found == []


class TestImportsPointDown:
    def test_contracts_hold(self) -> None:
        ran = subprocess.run(
            [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout[-3000:]


class TestAnswersStayInSurveys:
    def test_nobody_else_imports_models_of_answers(self) -> None:
        others = [p for p in CODE if "surveys" not in p.parts]
        assert lines_matching(others, r"(from|import) surveys\.models") == []

    def test_one_door_into_indicators(self) -> None:
        inside = [p for p in CODE if "surveys" in p.parts]
        reached = lines_matching(inside, r"from indicators import|from indicators\.operations import")
        assert all("surveys/pipeline.py" in line for line in reached), reached


class TestAbsoluteAndRelativeApart:
    def test_position_never_wears_the_colours_of_status(self) -> None:
        css = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "static" / "css").rglob("*.css"))
        status = re.compile(r"var\(--(met|near|missed|unknown)\)")
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            if re.search(r"\.(quarter|position|strip|dot)\b", selector) and "strip-notes" not in selector:
                assert not status.search(body), f"{selector.strip()} uses a status colour"

    def test_status_does_not_look_at_quarters(self) -> None:
        source = (ROOT / "indicators" / "compute" / "status.py").read_text(encoding="utf-8")
        assert "quarter" not in source.lower()


class TestNothingThirdPartyIsCommitted:
    def test_no_vendored_files(self) -> None:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode:
            pytest.skip("not a git checkout")
        endings = (".min.js", ".min.css", ".woff", ".woff2", ".ttf", ".otf", ".csv.gz", ".mo")
        assert [name for name in listed.stdout.splitlines() if name.endswith(endings)] == []

    def test_the_driver_is_psycopg2(self) -> None:
        """psycopg 3, pulled in by another package, would silently replace it in Django."""
        import importlib.util

        assert importlib.util.find_spec("psycopg2")
        assert importlib.util.find_spec("psycopg") is None


class TestNames:
    def test_no_drawers_for_odds_and_ends(self) -> None:
        assert [str(p) for p in CODE if p.stem in {"utils", "helpers", "services", "managers", "misc", "common"}] == []
