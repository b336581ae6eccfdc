"""CSV goes out through one writer, which guards every cell."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.test_layout import PRODUCT, relative

ALONE = "retail/kit/guard.py"
WRITERS = {"writer", "DictWriter"}


def writers(text: str) -> set[str]:
    """Name what a module takes from csv to write with, under whatever name."""
    tree, found, names = ast.parse(text), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname or one.name for one in node.names if one.name in {"csv", "_csv"}}
        if isinstance(node, ast.ImportFrom) and node.module in {"csv", "_csv"}:
            found |= {one.name for one in node.names} & (WRITERS | {"*"})
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found |= {node.attr} & WRITERS
    return found


def test_csv_is_written_in_one_place() -> None:
    assert {relative(path): found for path in PRODUCT if (found := writers(Path(path).read_text()))} == {
        ALONE: {"writer"}
    }


def test_a_writer_under_another_name_is_found() -> None:
    assert writers("import csv as tables\ntables.DictWriter(x, [])") == {"DictWriter"}
    assert writers("def write():\n    from csv import writer as w\n    w(x)") == {"writer"}
    assert writers("import csv\ncsv.reader(x)") == set()
