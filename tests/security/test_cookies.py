"""Cookies: each is bound to its host, hidden from scripts, and not sent for other sites."""

from __future__ import annotations

import ast

from tests.support.callers import product


def test_every_cookie_is_bound_to_its_host_and_hidden_from_scripts() -> None:
    given = [
        (module, call)
        for module, tree in product().items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"set_cookie", "delete_cookie"}
    ]
    assert len(given) >= 5
    for module, call in given:
        said = {word.arg: ast.unparse(word.value) for word in call.keywords}
        where = f"{module}:{call.lineno}"
        assert said["httponly"] == "True", where
        assert said["samesite"] in {"'lax'", "'strict'"}, where
        assert said["secure"].endswith(".secure"), f"{where}: as secure as the browser's connection"
        assert "domain" not in said, f"{where}: a cookie with a domain goes to other hosts"
        assert said.get("path", "'/'") == "'/'", f"{where}: __Host- asks for the path /"


def test_nothing_writes_a_cookie_by_hand() -> None:
    by_hand = [
        module
        for module, tree in product().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        if str(node.value).lower() in {"set-cookie", "b'set-cookie'"}
    ]
    assert by_hand == []
