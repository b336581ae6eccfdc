"""Reading the lines and tenders of what a till sends; a wrong member is noted in its reader, nothing is raised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.sales.documents import SaleLineIn, TenderIn
from retail.sales.members import Reader, clean
from retail.stock.rules import NOTHING_NAMED, TRACE_MOST, Named

NAME_MOST: Final = 1000
"""How much of an article's name is kept; the name on a receipt is what was sold, so it is cut only beyond all use."""
_TYPE: Final = re.compile(r"[a-z][a-z_]{0,19}")


def read_line(read: Reader) -> SaleLineIn:
    """Read a line of a sale; what is wrong with it is noted in the reader."""
    product = read.optional_uuid("product")
    name = read.text("name", NAME_MOST) or read.text("sku", NAME_MOST)
    quantity_milli, discount = read.quantity("quantity"), read.amount("discount")
    if quantity_milli <= 0 and f"{read.prefix}quantity" not in read.errors:
        read.wrong("quantity", _("A sale's quantity is above zero. Take goods back with a return."))
    if discount < 0:
        read.wrong("discount", _("A discount can't be below zero. Charge another price instead."))
    if product is None and not name and read.of.get("product") is None:
        read.wrong("product", _("A line needs a product, or a name."))
    return SaleLineIn(
        read.optional_uuid("id") or new_id(),
        product,
        quantity_milli,
        read.whole("unit_price", 0, MAX_MINOR),
        discount,
        name,
        read.text("tax_code", 20),
        lenient(read.of, "list_price") if read.of.get("list_price") is not None else None,
        read_named(read),
    )


def read_named(read: Reader) -> Named:
    """Read the lot and the serial numbers of a line, as their labels have them; what is none is left out."""
    numbers = read.of.get("serials")
    if numbers is None and read.of.get("lot") is None:
        return NOTHING_NAMED
    texts = numbers if isinstance(numbers, list) else []
    pieces = [_label(one) for one in texts if isinstance(one, str)]
    return Named(_label(read.text("lot", TRACE_MOST)), tuple(dict.fromkeys(one for one in pieces if one)))


def read_tender(read: Reader) -> TenderIn:
    """Read a tender: what was handed over, and what went back."""
    change = read.amount("change")
    if change < 0:
        read.wrong("change", _("Change can't be below zero."))
    return TenderIn(_type(read), read.whole("amount", -MAX_MINOR, MAX_MINOR), change, read.text("reference", 100))


def read_paid_out(read: Reader) -> TenderIn:
    """Read money that was given back; written below zero or above, it is kept above."""
    return TenderIn(_type(read), abs(read.whole("amount", -MAX_MINOR, MAX_MINOR)), 0, read.text("reference", 100))


def read_returned(read: Reader) -> tuple[UUID, int, Named]:
    """Read what comes back: the sold line, how much of it in thousandths, and the labels that were read off it."""
    milli = read.quantity("quantity")
    if milli <= 0:
        read.wrong("quantity", _("Type a quantity above zero."))
    return read.uuid("line"), milli, read_named(read)


def distinct(lines: Sequence[SaleLineIn]) -> tuple[SaleLineIn, ...]:
    """Give a line a new id where the till used one twice in a sale: the goods are sold either way."""
    seen: set[UUID] = set()
    distinct = []
    for line in lines:
        one = replace(line, id=new_id()) if line.id in seen else line
        seen.add(one.id)
        distinct.append(one)
    return tuple(distinct)


def lenient(document: object, name: str) -> int:
    """Read an amount that nothing depends on but a remark; 0 for what is none."""
    given = document.get(name) if isinstance(document, dict) else None
    return given if type(given) is int and abs(given) <= MAX_MINOR else 0


def _type(read: Reader) -> str:
    type = read.text("type", 21)
    if _TYPE.fullmatch(type):
        return type
    read.wrong("type", _("This must be “cash”, “card” or another way to pay, in small letters."))
    return "cash"


def _label(text: str) -> str:
    """Give what a label says on one line, at most 60 letters."""
    return " ".join(clean(text).split())[:TRACE_MOST].strip()
