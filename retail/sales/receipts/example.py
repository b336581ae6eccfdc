"""A made-up sale, so that a template can be seen before anything was sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from retail.kit.text import _
from retail.runtime.tenancy import TenantFacts
from retail.tenants.queries import StoreFacts

_RATE: Final = 190_000
_MILLION: Final = 1_000_000


def example(business: TenantFacts, store: StoreFacts | None, link: str) -> dict[str, Any]:
    """Give the facts of a receipt that shows every part of a template."""
    lines = [
        _line(_("Coffee beans 250 g"), 2_000, 650, offers=[{"name": _("Happy hour"), "amount": 130}]),
        _line(_("Tomatoes"), 762, 499, unit="kg"),
        _line(_("Gift wrap"), 1_000, 150, more=[_("For Anna")]),
    ]
    total = sum(one["amount"] - sum(off["amount"] for off in one["offers"]) for one in lines)
    inclusive = business.prices_include_tax
    net = total * _MILLION // (_MILLION + _RATE) if inclusive else total
    tax = total - net if inclusive else net * _RATE // _MILLION
    due = total if inclusive else total + tax
    tender = {
        "type": "cash", "amount": due + 500, "change": 500, "by_hand": False, "currency": "", "foreign": 0,
        "rate_billionths": 0,
    }  # fmt: skip
    return {
        "kind": "sale", "original": "", "label": "T1-000017", "at": "2026-11-21T11:30:00.000Z",
        "business": business.name, "store": store.name if store else "", "address": store.address if store else "",
        "tax_number": store.tax_number if store else "", "cashier": _("Ben"), "customer": _("Lena Marsh"),
        "lines": lines, "inclusive": inclusive, "subtotal": net, "total": due, "rounding": 0, "tip": 0, "saved": 130,
        "taxes": [{"name": _("Standard"), "rate_micros": _RATE, "base": net, "tax": tax, "parts": []}], "exempt": "",
        "tenders": [tender], "link": link, "proof": "",
    }  # fmt: skip


def _line(
    name: str,
    quantity: int,
    price: int,
    *,
    unit: str = "",
    more: Sequence[str] = (),
    offers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    amount = (2 * quantity * price + 1000) // 2000
    return {
        "name": name, "quantity": quantity, "unit": unit, "decimals": bool(unit), "price": price, "amount": amount,
        "more": list(more), "offers": list(offers), "off": 0,
    }  # fmt: skip
