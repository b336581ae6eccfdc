"""Reading a basket that is put on hold: what another till may go on with, and nothing else that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.sales.members import MAX_QUANTITY_MILLI, Reader

LINES_MOST: Final = 1000
NOTE_MOST: Final = 120
_CHOICES_MOST: Final = 60
_SERIALS_MOST: Final = 1000
_RATE_MOST: Final = 10_000_000
_FLAGS: Final = ("fixed", "without", "byHand")
_WORDS: Final = {"note": 200, "lot": 60, "tax": 40}
_EACH_MOST: Final = 1_000_000
_AMOUNTS: Final = ("listPrice", "base", "extra")


@dataclass(frozen=True, slots=True)
class Held:
    """A basket as its till put it aside; `basket` is what another till gets of it.

    `noted`: it is on hold already, and the till tells another note of it.
    """

    id: UUID
    basket: dict[str, Any]
    items: int
    total: int
    at: datetime
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """A basket that its own till brought back without asking, since nobody answered."""

    id: UUID
    held: UUID
    at: datetime


def read_held(read: Reader, at: datetime) -> Held:
    """Read {"id", "lines", "items", "total"} and {"discount", "customer", "coupons", "age", "position"} where given.

    Also {"note", "noted"}. Raises Invalid.
    """
    basket: dict[str, Any] = {
        "lines": read.items("lines", _line, LINES_MOST, least=1),
        "discount": _discount(read),
        "coupons": read.items("coupons", _coupon, 20) if read.of.get("coupons") is not None else [],
    }
    for name in ("customer", "position"):
        found = read.optional_uuid(name)
        if found is not None:
            basket[name] = str(found)
    if read.of.get("age") is not None:
        basket["age"] = read.whole("age", 0, 150)
    if read.of.get("note"):
        basket["note"] = read.text("note", NOTE_MOST)
    held = Held(
        read.uuid("id"),
        basket,
        read.whole("items", 0, MAX_QUANTITY_MILLI),
        read.whole("total", -MAX_MINOR, MAX_MINOR),
        at,
        read.of.get("noted") is True,
    )
    read.check()
    return held


def read_brought(read: Reader, at: datetime) -> Brought:
    """Read {"id", "held"}. Raises Invalid."""
    found = Brought(read.uuid("id"), read.uuid("held"), at)
    read.check()
    return found


def _line(read: Reader) -> dict[str, Any]:
    product, parent = read.of.get("product"), read.optional_uuid("parent")
    line: dict[str, Any] = {
        "id": str(read.uuid("id")),
        "product": str(read.uuid("product")) if product else "",  # what isn't in the catalogue has none
        "name": read.text("name", 160),
        "unit": read.text("unit", 40),
        "decimals": read.whole("decimals", 0, 3),
        "quantity": read.whole("quantity", 1, MAX_QUANTITY_MILLI),
        "price": read.whole("price", 0, MAX_MINOR),
        "taxCode": read.text("taxCode", 40),
        "taxRate": read.whole("taxRate", 0, _RATE_MOST),
        "discount": _discount(read),
    }
    if parent is not None:
        line["parent"] = str(parent)
    if read.of.get("each") is not None:
        line["each"] = read.whole("each", 1, _EACH_MOST)
    line |= {name: read.whole(name, -MAX_MINOR, MAX_MINOR) for name in _AMOUNTS if read.of.get(name) is not None}
    line |= {name: read.text(name, most) for name, most in _WORDS.items() if read.of.get(name)}
    line |= {name: True for name in _FLAGS if read.of.get(name) is True}
    if read.of.get("choices") is not None:
        line["choices"] = read.items("choices", _choice, _CHOICES_MOST)
    if read.of.get("serials") is not None:
        line["serials"] = _serials(read)
    return line


def _discount(read: Reader) -> dict[str, Any] | None:
    given = read.of.get("discount")
    if given is None:
        return None
    inner = Reader(given, f"{read.prefix}discount.", read)
    kind = inner.text("kind", 20)
    if kind not in {"amount", "percent"}:
        inner.wrong("kind", _("This must be “amount” or “percent”."))
    return {"kind": kind, "value": inner.whole("value", 0, MAX_MINOR)}


def _choice(read: Reader) -> dict[str, Any]:
    return {
        "id": str(read.uuid("id")),
        "name": read.text("name", 160),
        "price": read.whole("price", -MAX_MINOR, MAX_MINOR),
        "quantity": read.whole("quantity", 1, 1000),
    }


def _coupon(read: Reader) -> dict[str, Any]:
    return {"code": read.text("code", 60), "offer": str(read.uuid("offer")), "name": read.text("name", 160)}


def _serials(read: Reader) -> list[str]:
    given = read.of["serials"]
    if not isinstance(given, list) or len(given) > _SERIALS_MOST or not all(isinstance(one, str) for one in given):
        read.wrong("serials", _("This must be a list of texts."))
        return []
    return [Reader({"one": one}, within=read).text("one", 60) for one in given]
