"""What an exception stands on, for people: the facts behind its sentence, and the pages that tell more; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from retail.identity.permissions import MANAGE_DEVICES, VIEW_CATALOGUE, VIEW_SALES, VIEW_SHIFTS, VIEW_STOCK, VIEW_STORES
from retail.kit.text import _
from retail.sales.inbox.suggestions import suggestion
from retail.sales.labels import receipt_label
from retail.sales.listing import Looked
from retail.sales.remarks import AMOUNTS

_LONGEST: Final = 160


def facts_of(looked: Looked, money: Callable[[int], str]) -> list[tuple[str, str]]:
    """Give the facts behind an exception as (words, value); ids are left out, they say nothing to a reader."""
    words = _words()
    return [
        (words[name], _value(name, value, money))
        for name, value in looked.remark.facts.items()
        if name in words and value not in {None, ""}
    ]


def _value(name: str, value: object, money: Callable[[int], str]) -> str:
    if name in AMOUNTS and isinstance(value, int):
        return money(value)
    return str(value)[:_LONGEST]


def pages_of(looked: Looked, may: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Give the pages that tell more of an exception, as (words, path)."""
    found = []
    if looked.sale:
        number = receipt_label(looked.till_code or "", looked.number or 0, looked.kind or "sale")
        found.append((number, f"/sales/{looked.sale}"))
    look = suggestion(looked.remark.code).look
    product = looked.remark.product
    if look == "product" and product and may(VIEW_CATALOGUE):
        found.append((str(looked.remark.facts.get("name") or _("Product")), f"/products/{product}"))
    for name, (words, path, permission) in _places().items():
        if look == name and may(permission):
            found.append((words, path))
    return found


def _places() -> Mapping[str, tuple[str, str, str]]:
    return {
        "tills": (_("Tills"), "/tills", VIEW_STORES),
        "devices": (_("Devices"), "/devices", MANAGE_DEVICES),
        "payments": (_("Card payments"), "/payments", VIEW_SALES),
        "offers": (_("Promotions"), "/promotions", VIEW_CATALOGUE),
        "cash": (_("Shifts"), "/shifts", VIEW_SHIFTS),
        "layaways": (_("Kept goods"), "/sales/layaways", VIEW_SALES),
        "reservations": (_("Reservations"), "/stock/reservations", VIEW_STOCK),
    }


def _words() -> Mapping[str, str]:
    return {
        "name": _("Product"), "charged": _("Charged"), "listed": _("Price list"), "extra": _("Choices"),
        "claimed": _("The till says"), "computed": _("Worked out again"), "paid": _("Paid"), "due": _("Due"),
        "amount": _("Amount"), "taken": _("Taken"), "asked": _("Asked"), "booked": _("Booked"),
        "change": _("Change"), "on_hand": _("In stock"), "number": _("Receipt"), "reason": _("Reason"),
        "cashier": _("Cashier"), "label": _("Device"), "type": _("Way to pay"), "currency": _("Currency"),
        "coupon": _("Coupon"), "outcome": _("Terminal"), "age": _("Age"), "hours": _("Hours without contact"),
        "most": _("Limit"), "sales": _("Sales"), "kept": _("Reserved"),
    }  # fmt: skip
