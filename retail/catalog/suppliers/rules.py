"""What a supplier and its terms for a product may be; pure. Sentences are told by field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.quantity import LINE_MOST, TooMany
from retail.kit.text import _
from retail.tenants.countries import CURRENCIES

NAME_LENGTH: Final = 160
CODE_LENGTH: Final = 40
LONGEST_LEAD: Final = 365
MOST_MINOR: Final = 10**12
MOST_QUANTITY: Final = LINE_MOST
MOST_COST: Final = Decimal(10**9)
MOST_PER_PRODUCT: Final = 50
"""So many suppliers may sell one product: they are shown on one page."""

LENGTHS: Final = {
    "name": NAME_LENGTH, "code": CODE_LENGTH, "email": 254, "phone": 40, "website": 200, "address": 500,
    "payment_terms": 200, "notes": 2000,
}  # fmt: skip
SUPPLIER_SKU_LENGTH: Final = 60
_EMAIL: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")
_WEBSITE: Final = re.compile(r"(https?://)?[^\s/:@.]+(\.[^\s/:@.]+)+(:[0-9]{1,5})?(/\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier as somebody wants it. `min_order_minor`: an order's least, in its currency's minor units."""

    name: str
    currency: str
    code: str | None = None
    email: str = ""
    phone: str = ""
    website: str = ""
    address: str = ""
    lead_days: int | None = None
    min_order_minor: int | None = None
    payment_terms: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """On which terms a supplier sells a product.

    `cost` is of one unit, in minor units of the supplier's currency. `preferred` None: where the product has no
    preferred one yet.
    """

    product: UUID
    supplier: UUID
    supplier_sku: str = ""
    pack_quantity: Decimal | None = None
    cost: Decimal | None = None
    min_order_quantity: Decimal | None = None
    lead_days: int | None = None
    preferred: bool | None = None


def address_of_website(typed: str) -> str:
    """Give a website's address as it is stored: with its scheme; what has another one is left as it is."""
    return f"https://{typed}" if typed and "://" not in typed else typed


def problems(of: Supplier) -> dict[str, list[str]]:
    """Say what is wrong with a supplier by itself, by field; {} where nothing is."""
    wrong: dict[str, list[str]] = {}
    for name, most in LENGTHS.items():
        if len(getattr(of, name) or "") > most:
            wrong[name] = [_("Use at most %(most)d characters.") % {"most": most}]
    if not of.name.strip():
        wrong["name"] = [_("Fill this in.")]
    if of.email and not _EMAIL.fullmatch(of.email):
        wrong["email"] = [_("This is no e-mail address. Write it like orders@example.com, or leave it empty.")]
    if of.website and not _WEBSITE.fullmatch(of.website):
        wrong["website"] = [_("This is no web address. Write it like www.example.com, or leave it empty.")]
    if of.currency not in CURRENCIES:
        wrong["currency"] = [_("Pick one from the list.")]
    if of.min_order_minor is not None and not 0 <= of.min_order_minor <= MOST_MINOR:
        wrong["min_order"] = [_("Type an amount of zero or more, or leave it empty.")]
    return wrong | _lead_problem(of.lead_days)


def supply_problems(of: Supply) -> dict[str, list[str]]:
    """Say what is wrong with the terms of a product by themselves, by field; {} where nothing is."""
    wrong = _lead_problem(of.lead_days)
    if len(of.supplier_sku) > SUPPLIER_SKU_LENGTH:
        wrong["supplier_sku"] = [_("Use at most %(most)d characters.") % {"most": SUPPLIER_SKU_LENGTH}]
    for name in ("pack_quantity", "min_order_quantity"):
        value: Decimal | None = getattr(of, name)
        if value is not None and value > MOST_QUANTITY:
            wrong[name] = [str(TooMany())]
        elif value is not None and value <= 0:
            wrong[name] = [_("Type a quantity above zero, or leave it empty.")]
        elif value is not None and value != round(value, 3):
            wrong[name] = [_("Use at most three decimals.")]
    if of.cost is not None and not 0 <= of.cost <= MOST_COST:
        wrong["cost"] = [_("Type a cost of zero or more, or leave it empty.")]
    elif of.cost is not None and of.cost != round(of.cost, 6):
        wrong["cost"] = [_("The cost has too many decimals.")]
    return wrong


def _lead_problem(days: int | None) -> dict[str, list[str]]:
    if days is None or 0 <= days <= LONGEST_LEAD:
        return {}
    return {"lead_days": [_("Type a whole number of days from 0 to %(most)d.") % {"most": LONGEST_LEAD}]}
