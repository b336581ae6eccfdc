"""What a paid sale says that can't be kept or booked as it says it: each is remarked on, none is refused; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from retail.kit.quantity import quantity_text
from retail.payments.rules import FOREIGN_CASH
from retail.sales.documents import SaleLineIn, StoredLine, TenderIn
from retail.sales.members import Altered
from retail.sales.remarks import Remark
from retail.sales.wares import Ware, demand
from retail.value import PURPOSES as VALUE

CASH: Final = "cash"
EXCHANGE: Final = "exchange"
"""What goods that came back are worth in the sale that was made for them; a return and a sale carry it together."""
PURPOSES: Final[Mapping[str, str]] = {
    CASH: "cash",
    FOREIGN_CASH: "foreign_cash",
    "card": "card",
    EXCHANGE: "exchange",
    **VALUE,
}
"""What the books know each type of tender as; any other is told, and booked like cards."""
_IN_A_SENTENCE: Final = 160


def unknown_tenders(tenders: Sequence[TenderIn]) -> list[Remark]:
    """Remark on ways to pay that the books don't know; they are posted like cards."""
    types = dict.fromkeys(tender.type for tender in tenders if tender.type not in PURPOSES)
    return [Remark("unknown_tender", {"type": type}) for type in types]


def given_as_change(tenders: Sequence[TenderIn]) -> list[Remark]:
    """Remark on change for what wasn't cash: the books take it off what was paid that way, the drawer doesn't."""
    return [
        Remark("change_not_cash", {"type": one.type, "amount": one.amount, "change": one.change, "booked": one.net})
        for one in tenders
        if one.type != CASH and one.change
    ]


def age_unchecked(lines: Sequence[SaleLineIn], known: Sequence[Ware | None], checked: int | None) -> list[Remark]:
    """Remark where something is sold from an age on that nobody has checked; once a sale, on the highest age."""
    aged = [
        (ware.min_age, line, ware) for line, ware in zip(lines, known, strict=True) if ware is not None and ware.min_age
    ]
    if not aged:
        return []
    age, line, ware = max(aged, key=lambda one: one[0])
    if (checked or 0) >= age:
        return []
    return [Remark("age_not_checked", {"line": str(line.id), "name": in_few(ware.name), "age": age}, ware.id)]


def off_the_shelf(ware: Ware, line: SaleLineIn) -> list[Remark]:
    """Take what a line sells off what is there; suspect what falls below zero, and what was kept for somebody.

    Both are suspicions from the balance alone: retail/sales/shortages.py makes sure.
    """
    remarks = []
    for piece, milli in demand(ware, line.quantity_milli):
        piece.on_hand_milli -= milli
        left = quantity_text(piece.on_hand_milli)
        about = {"line": str(line.id), "product": str(piece.id), "name": piece.name, "on_hand": left}
        if piece.on_hand_milli < 0 < milli:
            remarks.append(Remark("stock_below_zero", about, piece.id))
        if milli > 0 and piece.on_hand_milli < piece.kept_milli:
            remarks.append(Remark("reserved_sold", about, piece.id))
    return remarks


def words_changed(altered: Sequence[Altered]) -> list[Remark]:
    """Remark on texts that are not kept as they came. Only an article's is repeated: the others may be a person's."""
    remarks = []
    for one in altered:
        article = one.field.endswith((".name", ".sku"))
        facts = {"field": one.field, **({"text": one.kept} if article else {})}
        if one.replaced:
            remarks.append(Remark("text_replaced", facts))
        if one.length > one.most:
            remarks.append(Remark("text_cut", {**facts, "length": one.length, "most": one.most}))
    return remarks


def cut_discounts(stored: Sequence[StoredLine], sent: Sequence[SaleLineIn]) -> list[Remark]:
    """Remark on discounts above their line: no more than the line can come off it."""
    return [
        Remark(
            "discount_cut",
            {"line": str(line.id), "name": in_few(line.name), "asked": asked.discount, "taken": line.discount},
            line.product,
        )
        for line, asked in zip(stored, sent, strict=True)
        if line.discount != asked.discount
    ]


def in_few(name: str) -> str:
    """Shorten a name for a sentence."""
    return name if len(name) <= _IN_A_SENTENCE else f"{name[: _IN_A_SENTENCE - 1]}…"
