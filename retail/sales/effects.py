"""What a stored sale does to the shelf and to the books: its stock moves and its journal entry; pure."""

from __future__ import annotations

from retail.kit.ids import new_id
from retail.kit.quantity import from_milli
from retail.ledger import Entry, Posting
from retail.sales.assess import net
from retail.sales.documents import StoredSale
from retail.sales.oddities import PURPOSES
from retail.sales.wares import summed
from retail.stock import Move
from retail.stock.rules import trace_of


def moves(sale: StoredSale) -> list[Move]:
    """Give a sale's stock moves: what was sold leaves, what came back returns, each at the cost it was sold at.

    Of kits their parts move, one move for all of a part that the sale's kits hold; services move nothing.
    """
    own = [
        (line.product, line.quantity_milli, line.unit_cost_micros, trace_of(line.named, line.quantity_milli))
        for line in sale.lines
        if line.parts is None and line.quantity_milli
    ]
    of_kits = [
        (one.product, one.quantity_milli, one.unit_cost_micros, "")
        for one in summed([line.parts for line in sale.lines])
    ]
    return [
        Move(
            new_id(),
            sale.store,
            product,
            "sale" if milli > 0 else "return",
            from_milli(-milli),
            from_milli(unit_cost).scaleb(-3),
            "",
            sale.id,
            sale.occurred_at,
            trace,
        )
        for product, milli, unit_cost, trace in (*own, *of_kits)
        if product is not None
    ]


def entry(sale: StoredSale) -> Entry:
    """Give a sale's journal entry. What was paid more or less than is explained goes to payment differences."""
    tips = sum(tender.tip for tender in sale.tenders)
    due = sale.total + sale.down + sale.cash_rounding + tips
    lacking = sum(tender.lacking for tender in sale.tenders)
    return Entry(
        new_id(),
        sale.store,
        sale.kind,
        sale.id,
        sale.occurred_at,
        sale.business_date,
        sale.currency,
        str(sale.number),
        (
            *(Posting(PURPOSES.get(one.type, "card"), one.net - one.lacking) for one in sale.tenders),
            Posting("tips", -tips),
            Posting("revenue", -sale.subtotal),
            Posting("tax", -sale.tax),
            Posting("rounding", -sale.cash_rounding),
            Posting("tender_difference", due - net(sale.tenders) + lacking),
            Posting("down_payments", -sale.down),
            Posting("cogs", sale.cost),
            Posting("stock", -sale.cost),
        ),
    )
