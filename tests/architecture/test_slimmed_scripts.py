"""What is sent of our scripts runs as they were written: no name is read in a list of declarations before its own turn.

Releases 2.24.11 and 2.24.12 of the library that slims them put `const [a] = f(b), b = g()` in place of two statements
in the right order; the browser then throws, and a scan is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from retail.runtime.web.slim import slim

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path for top in ("kiosk", "static") for path in (ROOT / top).rglob("*.js") if "vendor" not in path.parts
)
FUNCTIONS = {"arrow_function", "function_expression", "function_declaration", "method_definition", "generator_function"}
PARSER = Parser(Language(tree_sitter_javascript.language()))


def declared(node: Node) -> Iterator[str]:
    """Give the names that a declarator's left side makes."""
    if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
        yield text(node)
    for child in node.named_children:
        if node.type == "pair_pattern" and child == node.child_by_field_name("key"):
            continue
        if node.type in {"assignment_pattern", "object_assignment_pattern"} and child == node.named_children[-1]:
            continue
        yield from declared(child)


def read_at_once(node: Node) -> Iterator[str]:
    """Give the names that an expression reads when it is reached; what functions in it read, they read later."""
    if node.type in FUNCTIONS:
        return
    if node.type in {"identifier", "shorthand_property_identifier"}:
        yield text(node)
    for child in node.named_children:
        yield from read_at_once(child)


def text(node: Node) -> str:
    return (node.text or b"").decode()


def too_early(source: str) -> list[str]:
    """Give the lists of declarations that read a name which they only make later."""
    found = []
    waiting = [PARSER.parse(source.encode()).root_node]
    while waiting:
        node = waiting.pop()
        waiting += node.named_children
        if node.type != "lexical_declaration":
            continue
        parts = [one for one in node.named_children if one.type == "variable_declarator"]
        made = [set(declared(left)) if (left := one.child_by_field_name("name")) else set() for one in parts]
        for place, one in enumerate(parts):
            value = one.child_by_field_name("value")
            later = set().union(*made[place:])
            if value is not None and later & set(read_at_once(value)):
                found.append(text(node)[:120])
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_is_read_before_it_is_made(path: Path) -> None:
    sent = slim(PurePath(path.name), path.read_bytes()).decode()
    assert not PARSER.parse(sent.encode()).root_node.has_error
    assert too_early(sent) == []


def test_the_guard_sees_what_those_releases_made() -> None:
    assert too_early("export function f(e){const[n,s]=[...t].at(-1),t=g(e);return n+s+t}") != []
    assert too_early("export function f(e){const t=g(e),[n,s]=[...t].at(-1),u=()=>v(),v=1;return n+s+t+u}") == []
    assert too_early("const{a:b,c=d}=e,f=({g})=>h,h=f;") == []
