"""What the trail's pages call things: kinds, facts and values, in the words of the shop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.audit.action_words import action_words
from retail.kit.text import _

PAGES: Final = {
    "product": "/products/{}", "sale": "/sales/{}", "shift": "/shifts/{}", "store": "/stores/{}",
}  # fmt: skip
"""Where a thing itself is shown, by its kind."""
NOTHING: Final = "\u2013"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOBODY: Final[Mapping[str, str]] = {}
_MONEY: Final = frozenset({"amount", "expected", "counted", "variance", "opening_float", "total"})

_TELLING: Final = frozenset(
    {
        "reason", "role", "amount", "kind", "variance", "note", "products", "table", "file", "label", "permission",
        "request", "why",
    }
)  # fmt: skip

__all__ = [
    "Difference",
    "Money",
    "When",
    "action_words",
    "actor_words",
    "differences",
    "fact_words",
    "kind_words",
    "page_of",
    "summary",
    "tone",
]

Money = Callable[[int], str]
When = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact: before and after where it changed, else only after. None: there was none."""

    key: str
    name: str
    before: str | None
    after: str | None
    changed: bool


def kind_words(kind: str) -> str:
    """Name a kind of thing."""
    kinds = {
        "product": _("Product"), "category": _("Group"), "tax_class": _("Tax"), "catalogue": _("Catalogue"),
        "member": _("Member"), "person": _("Person"), "token": _("Token"), "token_family": _("Token"),
        "role": _("Role"), "grant": _("Right"), "device": _("Device"), "session": _("Session"),
        "shift": _("Shift"), "store": _("Store"), "till": _("Till"), "tenant": _("Business"), "sale": _("Sale"),
        "count": _("Count"), "waste_reason": _("Reason of waste"),
        "exception": _("Exception"), "job": _("Job"), "file": _("File"), "audit": _("Audit trail"), "key": _("Key"),
        "table": _("Table"), "request": _("Request"),
    }  # fmt: skip
    return kinds.get(kind) or kind.replace("_", " ")


def actor_words(name: str) -> str:
    """Name whoever did something: before somebody is signed in, nobody knows who it is."""
    return name if name not in {"", "\u2014"} else _("Not signed in")


def tone(action: str) -> str:
    """Give the colour of an action: bad for what was refused or goes wrong, warn for what deserves a look."""
    verb = action.rpartition(".")[2]
    if "refused" in verb or "failed" in verb or verb in {"conflict", "reused", "changed_before_sealing", "set_aside"}:
        return "bad"
    if verb in {"archived", "removed", "ended", "revoked", "drawer_opened", "waste", "returned", "exported", "voided"}:
        return "warn"
    return ""


def differences(
    facts: Mapping[str, Any], money: Money, when: When = str, names: Mapping[str, str] = _NOBODY
) -> list[Difference]:
    """Lay facts out for reading: what changed first, then the rest in the order it was told.

    `names` says what ids are called; one that is not in it stays an id.
    """
    before, after = facts.get("before"), facts.get("after")
    rest = {name: value for name, value in facts.items() if name not in {"before", "after"}}
    plain = [
        Difference(name, fact_words(name), None, _value(name, value, money, when, names), changed=False)
        for name, value in _flat(rest)
    ]
    if before is None and after is None:
        return plain
    old = dict(_flat(before)) if isinstance(before, dict) else {} if before is None else {"": before}
    new = dict(_flat(after)) if isinstance(after, dict) else {} if after is None else {"": after}
    told = [
        Difference(
            name,
            fact_words(name),
            _value(name, old.get(name), money, when, names),
            _value(name, new.get(name), money, when, names),
            changed=old.get(name) != new.get(name),
        )
        for name in {**old, **new}
    ]
    return [*sorted(told, key=lambda one: not one.changed), *plain]


def summary(facts: Mapping[str, Any], money: Money, when: When = str, names: Mapping[str, str] = _NOBODY) -> str:
    """Say in one line what changed, or what else was told; an id that has no name tells nobody anything."""
    told = [one for one in differences(facts, money, when, names) if not _ID.fullmatch(one.after or one.before or "")]
    changes = [f"{one.name}: {one.before or NOTHING} → {one.after or NOTHING}" for one in told if one.changed]
    plain = [f"{one.name}: {one.after}" for one in told if one.after and one.key in _TELLING]
    return "; ".join((changes or plain)[:3])


def fact_words(name: str) -> str:
    """Name a fact: known ones in words, others by their own name."""
    words = {
        "": _("Value"), "name": _("Name"),
        "price_minor": _("Price"), "sku": _("SKU"), "role": _("Role"), "reason": _("Reason"),
        "version": _("Version of the catalogue"), "code": _("Code"), "store": _("Store"), "till": _("Till"),
        "amount": _("Amount"), "note": _("Note"), "file": _("File"), "rows": _("Rows"), "format": _("Format"),
        "rate_micros": _("Rate"), "unit_cost": _("Cost"), "reorder_point": _("Reorder at"), "label": _("Name"),
        "on_hand": _("On hand"), "quantity": _("Quantity"), "category": _("Group"), "barcodes": _("Barcodes"),
        "expected": _("Expected"), "counted": _("Counted"), "variance": _("Over or short"), "email": _("E-mail"),
        "opening_float": _("Float"), "starts_at": _("From"), "ends_at": _("Until"), "everywhere": _("In all stores"),
        "due": _("Due"), "slug": _("Address"), "archived": _("Archived"), "tax_class": _("Tax"),
        "permission": _("Right"), "request": _("Request"), "why": _("Why"), "kind": _("Kind"), "table": _("List"),
        "filters": _("Filters"), "device": _("Device"), "fence": _("Turn at the till"), "member": _("Member"),
    }  # fmt: skip
    return words.get(name) or words.get(name.rpartition(".")[2]) or name.replace("_minor", "").replace("_", " ")


def page_of(kind: str, id: UUID | None) -> str | None:
    """Give the address of the thing itself, where it has a page."""
    return PAGES[kind].format(id) if id is not None and kind in PAGES else None


def _flat(facts: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Give nested facts one by one, under dotted names."""
    for name, value in facts.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _value(name: str, value: object, money: Money, when: When, names: Mapping[str, str]) -> str | None:
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and (name.endswith("_minor") or name.rpartition(".")[2] in _MONEY):
        return money(value)
    if isinstance(value, list):
        return ", ".join(_value(name, item, money, when, names) or NOTHING for item in value)
    if isinstance(value, dict):
        return ", ".join(
            f"{fact_words(key)} {_value(key, item, money, when, names) or NOTHING}" for key, item in value.items()
        )
    return names.get(str(value)) or _text(name, str(value), when)


def _text(name: str, value: str, when: When) -> str:
    if name == "why":
        return _why(value)
    if name == "permission":
        return value.replace("_", " ")
    return when(datetime.fromisoformat(value)) if _MOMENT.fullmatch(value) else value


def _why(code: str) -> str:
    """Say why something was refused; other codes, as of approvals, say themselves."""
    words = {
        "forbidden": _("no right to it"),
        "approval_needed": _("needs an approval"),
        "confirmation_needed": _("had to prove first that it is them"),
        "second_factor_needed": _("has no second step yet"),
        "own_request": _("their own request"),
        "may_not_approve": _("more than they may approve"),
        "beyond_your_rights": _("more than they may do themselves"),
        "stands_still": _("the business stands still"),
    }
    return words.get(code, code.replace("_", " "))
