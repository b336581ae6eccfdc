"""Which functions of the product lead to which, read from the source: who can get to what, whatever the tests run."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.support.source import tree_of

ROOT = Path(__file__).resolve().parents[2]
Name = tuple[str, str]
"""A module and a function in it; methods go by their class."""


def modules(*folders: str) -> dict[str, ast.Module]:
    """Read the modules of some folders, by their dotted names."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[dotted] = tree_of(path)
    return found


@cache
def product() -> dict[str, ast.Module]:
    """Read the product."""
    return modules("retail", "workers")


def _imported(tree: ast.Module) -> dict[str, Name]:
    """Give what a module's names stand for; ('retail.x', '') is a module itself."""
    found: dict[str, Name] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                found[one.asname or one.name] = (inner, "") if inner in product() else (node.module, one.name)
    return found


def _functions(tree: ast.Module) -> dict[str, ast.AST]:
    found: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
    return found


@cache
def uses() -> dict[Name, frozenset[Name]]:
    """Give what each function or class of the product names: calls, and functions that it hands on."""
    found = {}
    for module, tree in product().items():
        imported, own = _imported(tree), _functions(tree)
        for name, body in own.items():
            named: set[Name] = set()
            for node in ast.walk(body):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    base = imported.get(node.value.id)
                    if base and base[1] == "":
                        named.add((base[0], node.attr))
                elif isinstance(node, ast.Name):
                    if node.id in own and node.id != name:
                        named.add((module, node.id))
                    elif node.id in imported:
                        named.add(imported[node.id])
            found[module, name] = frozenset(named)
    return found


def holding(fits: Callable[[str], bool]) -> set[Name]:
    """Give the functions that hold a text that fits, statements of SQL above all."""
    return {
        (module, name)
        for module, tree in product().items()
        for name, body in _functions(tree).items()
        if any(isinstance(n, ast.Constant) and isinstance(n.value, str) and fits(n.value) for n in ast.walk(body))
    }


def leading_to(ends: set[Name]) -> set[Name]:
    """Give every function from which one of these can be reached, themselves included."""
    found = set(ends)
    while True:
        more = {name for name, named in uses().items() if name not in found and named & found}
        if not more:
            return found
        found |= more
