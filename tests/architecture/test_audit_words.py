"""Every action that the product records has words on the audit trail's pages."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

from retail.audit.action_words import action_words
from retail.identity.account_mail import Happening

ROOT = Path(__file__).resolve().parents[2]
RECORDERS = {"audit", "note", "note_everywhere", "record"}
NAME = re.compile(r"[a-z_]+\.[a-z_]+")


def recorded() -> dict[str, str]:
    """Give each action that a call names outright, with a file that records it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "retail").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called not in RECORDERS:
                continue
            for argument in node.args:
                for part in ast.walk(argument):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and NAME.fullmatch(part.value):
                        found[part.value] = path.name
    return found


def test_what_happens_to_an_account_is_named_in_words() -> None:
    # recorded as f"person.{happening}", which no call names outright
    actions = [f"person.{happening}" for happening in get_args(Happening) if happening in settled()]
    assert len(actions) == 6
    assert [one for one in actions if action_words(one).startswith("person: ")] == []


def settled() -> set[str]:
    """Give what `settle` is called with: the happenings that are put into the trail."""
    return {
        node.args[-1].value
        for path in (ROOT / "retail/identity").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "settle"
        if isinstance(node.args[-1], ast.Constant) and isinstance(node.args[-1].value, str)
    }


def test_there_are_actions_to_name() -> None:
    assert len(recorded()) > 100


def test_every_action_is_named_in_words() -> None:
    bare = {
        action: file
        for action, file in recorded().items()
        if action_words(action) == action.replace(".", ": ").replace("_", " ")
    }
    assert bare == {}
