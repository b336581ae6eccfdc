"""Reading what a till sends of kept goods: the basket that is to be kept, and payments on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.sales.documents import SaleIn
from retail.sales.held_reading import LINES_MOST
from retail.sales.layaways.rules import KeptLine
from retail.sales.line_reading import read_tender
from retail.sales.members import MAX_QUANTITY_MILLI, Reader, clean
from retail.sales.reading import MAX_OWN_NUMBER, MAX_TENDERS, body_hash, read_proofs

NOTE_MOST: Final = 200
_LARGEST: Final = 500_000


@dataclass(frozen=True, slots=True)
class NewLayaway:
    """A basket that is to be kept; `basket` goes back to tills as it came, `lines` is what it says."""

    id: UUID
    basket: dict[str, Any]
    lines: tuple[KeptLine, ...]
    customer: UUID
    until: date
    total: int
    note: str
    body_hash: bytes

    @property
    def basket_id(self) -> UUID | None:
        """Give the id that the basket has at its till."""
        try:
            return UUID(str(self.basket.get("id")))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class PaymentIn:
    """A payment on kept goods; below zero money goes back, `cancels` them, and `fee` stays with the shop."""

    sale: SaleIn
    layaway: UUID | None
    cancels: bool
    fee: int


def read_layaway(document: object) -> NewLayaway:
    """Read {"id", "basket", "customer", "until", "total", "note"?}. Raises Invalid."""
    read = Reader(document)
    inner = Reader(read.of.get("basket"), "basket.", read)
    lines = tuple(inner.items("lines", _line, LINES_MOST, least=1))
    basket = _cleaned(inner.of)
    if len(json.dumps(basket)) > _LARGEST:
        read.wrong("basket", _("This basket is too large to be kept."))
    found = NewLayaway(
        read.uuid("id"),
        basket,
        lines,
        read.uuid("customer"),
        _day(read),
        read.whole("total", 1, MAX_MINOR),
        read.text("note", NOTE_MOST).strip() if read.of.get("note") is not None else "",
        body_hash(document),
    )
    read.check()
    return found


def kept_lines(basket: dict[str, Any]) -> tuple[KeptLine, ...]:
    """Read the lines of a stored basket."""
    return tuple(_line(Reader(one)) for one in basket["lines"])


def read_payment(document: dict[str, Any]) -> PaymentIn:
    """Read a payment: like a sale, of kind "payment" and without lines. Raises Invalid."""
    read = Reader(document)
    cancels = read.of.get("cancels") is True
    total = read.whole("total", -MAX_MINOR, MAX_MINOR)
    if not (total <= 0 if cancels else total > 0):
        read.wrong("total", _("A payment is above zero; only where goods are cancelled does money go back."))
    tenders = tuple(read.items("tenders", read_tender, MAX_TENDERS))
    if cancels:
        tenders = tuple(replace(one, amount=-abs(one.amount), change=0, tip=0, foreign=None) for one in tenders)
    sale = SaleIn(
        read.uuid("id"), read.uuid("till"), read.optional_uuid("shift"), read.whole("number", 1, MAX_OWN_NUMBER),
        read.moment("occurred_at"), read.customer("customer"), (), tenders, total, read.optional_whole("cash_rounding"),
        body_hash(document), 0, read_proofs(read.of), tuple(read.altered),
    )  # fmt: skip
    sale = replace(sale, receipt_link=_hash(read.of.get("receipt_link")))
    fee = read.whole("fee", 0, MAX_MINOR) if cancels and read.of.get("fee") is not None else 0
    found = PaymentIn(sale, _layaway(read.of.get("layaway")), cancels, fee)
    read.check()
    return found


def _hash(given: object) -> bytes | None:
    try:
        return bytes.fromhex(given) if isinstance(given, str) and len(given) == 64 else None
    except ValueError:
        return None


def _layaway(given: object) -> UUID | None:
    """Read what is paid for; what names none is told when it is looked for, for what is paid is paid."""
    try:
        return UUID(str(given))
    except ValueError:
        return None


def _line(read: Reader) -> KeptLine:
    product = read.of.get("product")
    return KeptLine(
        read.uuid("id"),
        read.uuid("product") if product else None,  # what isn't in the catalogue has none
        read.whole("quantity", 1, MAX_QUANTITY_MILLI),
        read.whole("price", 0, MAX_MINOR),
        read.whole("off", 0, MAX_MINOR) if read.of.get("off") is not None else None,
        read.text("name", 160),
    )


def _day(read: Reader) -> date:
    try:
        return date.fromisoformat(str(read.of.get("until")))
    except ValueError:
        read.wrong("until", _("This must be a day, like 2026-12-31."))
        return date.max


def _cleaned(given: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Replace what no database holds in every text."""
    if isinstance(given, str):
        return clean(given)
    if isinstance(given, list):
        return [_cleaned(one) for one in given]
    if isinstance(given, dict):
        return {clean(name): _cleaned(one) for name, one in given.items()}
    return str(given) if not isinstance(given, (int, float, type(None))) else given
