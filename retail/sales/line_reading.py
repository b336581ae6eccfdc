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
from retail.sales.choices import read_choices
from retail.sales.documents import ForeignCash, LineOffer, SaleLineIn, TenderIn
from retail.sales.members import Reader, clean
from retail.stock.rules import NOTHING_NAMED, TRACE_MOST, Named
from retail.value.rules import DOWN_PAYMENT

NOTE_MOST: Final = 200
NAME_MOST: Final = 1000
"""How much of an article's name is kept; the name on a receipt is what was sold, so it is cut only beyond all use."""
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_OFFERS_MOST: Final = 50
_VERSION_MOST: Final = 2**31 - 1
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
        read_choices(read.of.get("choices")),
        read.text("note", NOTE_MOST).strip() if read.of.get("note") is not None else "",
        parent_of(read),
        read.of.get("by_hand") is True,
        read_offers(read.of.get("offers")),
    )


def parent_of(read: Reader) -> UUID | None:
    """Read the line that a line goes with; what names none is none, for a paid sale is stored."""
    try:
        return UUID(str(read.of.get("parent")))
    except ValueError:
        return None


def read_offers(given: object) -> tuple[LineOffer, ...]:
    """Read what offers took off a line; what is none is left out, and missed when the sale is worked out again."""
    some = [_offer(one) for one in given[:_OFFERS_MOST]] if isinstance(given, list) else []
    return tuple({one.offer: one for one in reversed(some) if one is not None}.values())[::-1]


def _offer(given: object) -> LineOffer | None:
    read = Reader(given)
    id = read.uuid("offer")
    version, amount = read.whole("version", 1, _VERSION_MOST), read.whole("amount", 1, MAX_MINOR)
    return None if read.errors else LineOffer(id, version, amount)


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
    return TenderIn(
        _type(read),
        read.whole("amount", -MAX_MINOR, MAX_MINOR),
        change,
        read.text("reference", 100),
        read.optional_uuid("attempt"),
        max(0, lenient(read.of, "tip")),
        _foreign(read),
        _account(read),
    )


def _account(read: Reader) -> UUID | None:
    """Read which account it was taken from; what names none is told when it is looked for: a paid sale is stored.

    The account of a down payment has the id of the kept goods.
    """
    given = read.of.get("layaway" if read.of.get("type") == DOWN_PAYMENT else "value")
    try:
        return UUID(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _foreign(read: Reader) -> ForeignCash | None:
    """Read which notes were handed over; what is none is left out: the worth alone is money."""
    currency, rate = read.of.get("currency"), read.of.get("rate_billionths")
    minor = lenient(read.of, "foreign_amount")
    if not (isinstance(currency, str) and _CURRENCY.fullmatch(currency) and type(rate) is int and 0 < rate <= 10**15):
        return None
    return ForeignCash(currency, minor, rate) if minor > 0 else None


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
    """Give a line a new id where the till used one twice in a sale: the goods are sold either way.

    A line that goes with no other line of the sale, or with itself, stands alone.
    """
    ids = {line.id for line in lines}
    seen: set[UUID] = set()
    distinct = []
    for line in lines:
        one = replace(line, id=new_id()) if line.id in seen else line
        if one.parent is not None and (one.parent not in ids or one.parent == one.id):
            one = replace(one, parent=None)
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
