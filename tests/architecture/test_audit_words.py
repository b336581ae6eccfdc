"""Every action that the product records has words on the audit trail's pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from retail.audit.action_words import action_words
from retail.audit.fact_words import _facts, _kinds
from retail.audit.words import MONEY_RIGHTS, PERCENT_RIGHTS
from retail.catalog.remembering import _TRAITS
from retail.identity.account_mail import Happening
from retail.identity.permissions import PERMISSIONS

ROOT = Path(__file__).resolve().parents[2]
RECORDERS = {"audit", "note", "note_everywhere", "record"}
PASSES_ON = {"step", "audit_products", "_on_platform"}
"""What records with the facts that it is given."""
PERSONAL = re.compile(
    r"(^|_)(e?mail|phone)$|^(actor|person|cashier|member|customer|owner|inviter|by)_name$|_by_name$"
    r"|^(made|enrolled|revoked|issued|set|claimed|resolved)_by$"
)
PEOPLE = re.compile(r"^(actor|person|member|account|cashier|owner|customer|who|whose|somebody|inviter|approver)$")
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


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Give each call that records something, with its file."""
    for path in sorted((ROOT / "retail").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in RECORDERS | PASSES_ON:
                    yield path.name, node


def keys_of(call: ast.Call) -> set[str]:
    """Name the facts of a call, those within others too."""
    names = {word.arg for word in call.keywords if word.arg}
    dicts = [part for word in call.keywords for part in ast.walk(word.value) if isinstance(part, ast.Dict)]
    return names | {
        key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def kinds_of(call: ast.Call) -> set[str]:
    """Name the kinds of things that a call of Tx.audit or note is about."""
    of_audit = isinstance(call.func, ast.Attribute) and call.func.attr == "audit"
    place = 1 if of_audit else 3 if getattr(call.func, "id", "") == "note" else len(call.args)
    parts = ast.walk(call.args[place]) if place < len(call.args) else ()
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_fact_and_every_kind_is_named_in_words() -> None:
    facts = {(key, file) for file, call in calls() for key in keys_of(call)}
    assert len(facts) > 150
    assert sorted(one for one in facts if one[0] not in _facts()) == []
    kinds = {(kind, file) for file, call in calls() for kind in kinds_of(call) - {"subject_kind"}}  # a column
    assert len(kinds) > 30
    assert sorted(one for one in kinds if one[0] not in _kinds()) == []
    assert sorted(_TRAITS - set(_facts())) == []


def test_amounts_of_rights_are_written_in_the_unit_of_the_table() -> None:
    assert {one.name for one in PERMISSIONS if one.limit == "percent"} == PERCENT_RIGHTS
    assert {one.name for one in PERMISSIONS if one.limit == "money"} == MONEY_RIGHTS


def holds_a_name(value: ast.expr) -> bool:
    """Claim that an expression takes a person's name, e-mail address or telephone number from somewhere."""
    for part in ast.walk(value):
        if isinstance(part, ast.Attribute):
            of = ast.unparse(part.value).rpartition(".")[2]
            if PERSONAL.search(part.attr) or (part.attr == "name" and PEOPLE.search(of)):
                return True
        read = part.slice if isinstance(part, ast.Subscript) else part
        text = read.id if isinstance(read, ast.Name) else str(read.value) if isinstance(read, ast.Constant) else ""
        if not isinstance(part, ast.Constant) and PERSONAL.search(text):
            return True
    return False


def test_no_fact_holds_a_persons_name_or_address() -> None:
    """What is hashed can't be erased: facts keep ids, and the pages look up what these are called."""
    found = [
        f"{file}: {word.arg}={ast.unparse(word.value)}"
        for file, call in calls()
        for word in call.keywords
        if holds_a_name(word.value)
    ]
    assert found == []


def test_a_name_among_facts_is_found() -> None:
    for text in (
        "before.asked_by_name", "by.actor.name", "row['made_by']", "new.email", "{'to': person.name}", "phone",
        "member.name", "[one.inviter_name for one in them]",
    ):  # fmt: skip
        assert holds_a_name(ast.parse(text, mode="eval").body), text
    for text in ("before.asked_by", "by.actor.id", "store.name", "row['name']", "made.name", "new.role"):
        assert not holds_a_name(ast.parse(text, mode="eval").body), text


def test_there_are_actions_to_name() -> None:
    assert len(recorded()) > 100


def test_every_action_is_named_in_words() -> None:
    bare = {
        action: file
        for action, file in recorded().items()
        if action_words(action) == action.replace(".", ": ").replace("_", " ")
    }
    assert bare == {}
