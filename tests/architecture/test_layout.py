"""The house keeps its shape: sizes, names, docstrings, unique file names of templates' first lines."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.exceptions import LONG_FILES

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 300
TOP_LEVEL = {
    "retail", "templates", "static", "workers", "migrations", "tests", "kiosk", "benchmarks", "deploy", "docs",
    "scripts",
}  # fmt: skip
BANNED_NAMES = re.compile(r"(Manager|Helper|Util|Utils|Service)$|^(process_|handle_)")
FEATURE_FILES = {
    "__init__.py", "tables.py", "errors.py", "rules.py", "events.py", "queries.py", "operations.py", "forms.py",
    "handlers.py", "api.py", "routes.py", "channels.py", "jobs.py", "checks.py",
}  # fmt: skip


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


OUR_PYTHON = [path for path in tracked("*.py") if path.is_relative_to(ROOT)]
PRODUCT = [path for path in OUR_PYTHON if path.relative_to(ROOT).parts[0] in {"retail", "workers", "migrations"}]
SIZED = [
    path
    for path in [
        *PRODUCT,
        *tracked("kiosk/*.js", "static/js/*.js", "static/css/*.css", "kiosk/*.css", "templates/*.html"),
    ]
    if "vendor" not in path.parts
]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_only_the_planned_folders_stand_at_the_top() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    assert {folder for folder in folders if not folder.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("path", SIZED, ids=relative)
def test_a_file_is_short_enough_to_read_at_once(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    if relative(path) in LONG_FILES:
        assert lines > MOST_LINES, "short again: remove it from the exceptions"
    else:
        assert lines <= MOST_LINES


def test_every_long_file_in_the_exceptions_exists_and_has_a_reason() -> None:
    assert all((ROOT / name).is_file() and reason for name, reason in LONG_FILES.items())


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_a_module_says_what_it_promises_and_uses_plain_names(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "a module starts with a sentence that promises something"
    names = [
        node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [name for name in names if BANNED_NAMES.search(name)] == []


@pytest.mark.parametrize("path", [path for path in PRODUCT if path.name == "rules.py"], ids=relative)
def test_rules_are_pure(path: Path) -> None:
    tree = ast.parse(path.read_text())
    awaiting = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    assert not [node for node in ast.walk(tree) if isinstance(node, awaiting)]


@pytest.mark.parametrize(
    "path", [path for path in PRODUCT if path.name in {"operations.py", "queries.py"}], ids=relative
)
def test_operations_and_queries_open_no_transaction_of_their_own(path: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    opened = [
        func.attr
        for func in calls
        if isinstance(func, ast.Attribute) and func.attr in {"begin", "platform", "transaction"}
    ]
    assert opened == []


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_nobody_uses_piccolos_own_transactions_or_session_wide_settings(path: Path) -> None:
    text = path.read_text()
    assert "DB.transaction(" not in text
    assert "set_config(" not in text
    assert not re.search(r"\bNOTIFY\b.*,", text)


def test_the_repository_names_no_host_of_a_registry_and_no_place_of_a_machine() -> None:
    pattern = re.compile(r"pypi\.org|registry\.npmjs|files\.pythonhosted|deb\.debian\.org|/work/main|/root/")
    own = Path(__file__).resolve()
    found = [
        relative(path)
        for path in tracked()
        if path.resolve() != own and path.suffix not in {".woff2", ".png", ".gz"} and "vendor" not in path.parts
        if pattern.search(path.read_text(errors="ignore"))
    ]
    assert found == []
