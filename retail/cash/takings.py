"""Takings put together from parts, and kept as plain values; pure.

A long shift isn't added up from its sales when it is closed: the worker adds them behind the tills, and only what it
has not heard of yet is added at the end. Adding is exact in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from retail.cash.rules import Takings

_SUMS: Final = (
    "sales", "returns", "total_minor", "tax_minor", "cash_net_minor", "refunds_minor", "cash_rounding_minor",
    "discounts_minor", "payments", "down_payments_minor",
)  # fmt: skip


def added(parts: Iterable[Takings]) -> Takings:
    """Add takings up: every amount, tax by tax, tender by tender, cashier by cashier."""
    several = list(parts)
    if len(several) == 1:
        return several[0]
    firsts = [one.first_number for one in several if one.first_number is not None]
    lasts = [one.last_number for one in several if one.last_number is not None]
    tenders: dict[str, int] = {}
    for one in several:
        for name, amount in one.by_tender.items():
            tenders[name] = tenders.get(name, 0) + amount
    sums = {name: sum(getattr(one, name) for one in several) for name in _SUMS}
    return Takings(
        **sums,
        first_number=min(firsts, default=None),
        last_number=max(lasts, default=None),
        by_tender=dict(sorted(tenders.items())),
        taxes=_taxes([tax for one in several for tax in one.taxes]),
        cashiers=_cashiers([who for one in several for who in one.cashiers]),
    )


def plain(takings: Takings) -> dict[str, Any]:
    """Write takings as JSON values."""
    return asdict(takings)


def read(stored: Mapping[str, Any]) -> Takings:
    """Read what plain() wrote."""
    return Takings(**stored)


def _taxes(all_taxes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    parts: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for tax in all_taxes:
        key = (tax["code"], tax["rate_micros"])
        kept = found.setdefault(key, {"code": key[0], "rate_micros": key[1], "base": 0, "tax": 0})
        kept["base"] += tax["base"]
        kept["tax"] += tax["tax"]
        parts.setdefault(key, []).extend(tax.get("parts", ()))
    for key, several in parts.items():
        if several:
            found[key]["parts"] = _parts(several)
    return sorted(found.values(), key=lambda tax: (-tax["rate_micros"], tax["code"]))


def _parts(several: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for part in several:
        key = (part["name"], part["rate_micros"])
        kept = found.setdefault(key, {"name": key[0], "rate_micros": key[1], "tax": 0})
        kept["tax"] += part["tax"]
    return list(found.values())


def _cashiers(several: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in several:
        kept = found.setdefault(one["id"] or one["name"], dict(one) | {"sales": 0, "returns": 0, "total": 0, "cash": 0})
        for name in ("sales", "returns", "total", "cash"):
            kept[name] += one[name]
    return in_order(found.values())


def in_order(cashiers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put cashiers in order: the most takings first, then by name."""
    return sorted((dict(one) for one in cashiers), key=lambda one: (-one["total"], one["name"], one["id"] or ""))
