"""What the trail's pages call things: kinds, facts and values, in the words of the shop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from retail.audit.action_words import action_words
from retail.audit.fact_words import fact_words, kind_words
from retail.kit.text import _

PAGES: Final = {
    "product": "/products/{}", "sale": "/sales/{}", "shift": "/shifts/{}", "store": "/stores/{}",
    "layaway": "/sales/layaways/{}",
}  # fmt: skip
"""Where a thing itself is shown, by its kind."""
NOTHING: Final = "\u2013"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_CODE: Final = re.compile(r"[A-Z]{3}")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PERCENT_RIGHTS: Final = frozenset({"discount"})
MONEY_RIGHTS: Final = frozenset({"refund", "pay_out", "finish_count"})
"""Rights whose amounts are in basis points, and in minor units; the table of permissions has them, a test compares."""
_MONEY: Final = frozenset({"amount", "expected", "counted", "variance", "opening_float", "total"}) | MONEY_RIGHTS
_MONEY_WITHIN: Final = frozenset({"rule.value", "rule.ending.step", "rule.ending.rest"})
_PARTS: Final = {"rate_micros": 1_000_000}
"""Shares of a whole, and into how many parts that is divided."""
_COSTS: Final = frozenset({"unit_cost", "cost"})
_EXACT: Final = _COSTS | {"on_hand", "quantity", "reorder_point", "pack_quantity", "min_order_quantity"}
"""What may have decimals, and is written as a text or a number."""

_TELLING: Final = frozenset(
    {
        "reason", "role", "amount", "kind", "variance", "note", "products", "table", "file", "label", "permission",
        "request", "why", "by", "asked_by", "made_by", "person", "way", "tries", "number", "amount_minor", "reference",
        "plan", "days", "until",
    }
)  # fmt: skip
_FIRST: Final = frozenset({"number", "amount_minor"})
"""What tells most: of which invoice, and how much."""

__all__ = [
    "Difference",
    "Manner",
    "action_words",
    "actor_words",
    "differences",
    "fact_words",
    "kind_words",
    "page_of",
    "summary",
    "tone",
]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a page writes values: money in minor units (and of which currency), costs, quantities, moments, and ids.

    `names` says what ids are called; one that is not in it stays an id.
    """

    money: Callable[..., str]
    cost: Callable[[Decimal], str]
    quantity: Callable[[Decimal], str]
    when: Callable[[datetime], str] = str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact: before and after where it changed, else only after. None: there was none."""

    key: str
    name: str
    before: str | None
    after: str | None
    changed: bool


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


def differences(facts: Mapping[str, Any], manner: Manner) -> list[Difference]:
    """Lay facts out for reading: what changed first, then the rest in the order it was told."""
    before, after = facts.get("before"), facts.get("after")
    rest = dict(_flat({name: value for name, value in facts.items() if name not in {"before", "after"}}))
    plain = [
        Difference(name, fact_words(name), None, _value(name, value, manner, rest), changed=False)
        for name, value in rest.items()
    ]
    if before is None and after is None:
        return plain
    old = dict(_flat(before)) if isinstance(before, dict) else {} if before is None else {"": before}
    new = dict(_flat(after)) if isinstance(after, dict) else {} if after is None else {"": after}
    told = [
        Difference(
            name,
            fact_words(name),
            _value(name, old.get(name), manner, rest | old),
            _value(name, new.get(name), manner, rest | new),
            changed=old.get(name) != new.get(name),
        )
        for name in {**old, **new}
    ]
    return [*sorted(told, key=lambda one: not one.changed), *plain]


def summary(facts: Mapping[str, Any], manner: Manner) -> str:
    """Say in one line what changed, or what else was told; an id that has no name tells nobody anything."""
    told = [one for one in differences(facts, manner) if not _ID.fullmatch(one.after or one.before or "")]
    changes = [f"{one.name}: {one.before or NOTHING} → {one.after or NOTHING}" for one in told if one.changed]
    telling = sorted((one for one in told if one.after and one.key in _TELLING), key=lambda one: one.key not in _FIRST)
    plain = [f"{one.name}: {one.after}" for one in telling]
    return "; ".join((changes or plain)[:4])


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


def _value(name: str, value: object, manner: Manner, beside: Mapping[str, Any]) -> str | None:
    """Write a value; `beside` are the facts that stand with it, for they say what an amount is measured in."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(name, item, manner, beside) or NOTHING for item in value)
    if isinstance(value, dict):
        return ", ".join(
            f"{fact_words(key)} {_value(key, item, manner, value) or NOTHING}" for key, item in value.items()
        )
    return _measured(name, value, manner, beside) or _text(name, str(value), manner)


def _measured(name: str, value: object, manner: Manner, beside: Mapping[str, Any]) -> str | None:
    """Write a number in its unit; None where it is a plain one, or none at all."""
    last = name.rpartition(".")[2]
    if last in _EXACT:
        exact = _exact(value)
        return None if exact is None else manner.cost(exact) if last in _COSTS else manner.quantity(exact)
    if not isinstance(value, int):
        return None
    if last in _PARTS:
        return _percent(Decimal(value) * 100 / _PARTS[last], manner)
    if last == "rate_billionths":
        return f"{Decimal(value).scaleb(-9).normalize():f}"
    if _is_percent(name, last, beside):
        return _percent(Decimal(value) / 100, manner)
    return (
        _amount(value, manner, beside) if last.endswith("_minor") or last in _MONEY or name in _MONEY_WITHIN else None
    )


def _amount(value: int, manner: Manner, beside: Mapping[str, Any]) -> str:
    """Write an amount: of the currency that stands with it, as on bills, else of the business's own."""
    code = beside.get("currency")
    return manner.money(value, code) if isinstance(code, str) and _CODE.fullmatch(code) else manner.money(value)


def _is_percent(name: str, last: str, beside: Mapping[str, Any]) -> bool:
    """Claim that a number is in basis points: a limit of such a right, what is asked of it, or a rule of prices."""
    if last == "amount":
        return beside.get("permission") in PERCENT_RIGHTS
    return last in PERCENT_RIGHTS or (name == "rule.value" and beside.get("rule.kind") in {"percent", "margin"})


def _percent(value: Decimal, manner: Manner) -> str:
    return manner.quantity(value) + "\N{NO-BREAK SPACE}%"


def _exact(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _text(name: str, value: str, manner: Manner) -> str:
    if name == "why":
        return _why(value)
    if name == "how":
        return _how(value)
    if name == "permission":
        return value.replace("_", " ")
    if value in manner.names:
        return manner.names[value]
    return manner.when(datetime.fromisoformat(value)) if _MOMENT.fullmatch(value) else value


def _how(code: str) -> str:
    """Say in which way an approval was answered."""
    words = {
        "phone": _("in the back office"), "pin": _("by PIN at the till"), "badge": _("by badge at the till"),
        "pin_offline": _("by PIN at the till, without a network"),
    }  # fmt: skip
    return words.get(code, code.replace("_", " "))


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
        "only_looking": _("was only looking"),
        "stopped": _("they stopped"),
        "time": _("the time was over"),
        "signed_out": _("they signed out"),
    }
    return words.get(code, code.replace("_", " "))
