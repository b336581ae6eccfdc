"""Builders of sales: the JSON that a till sends, valid unless a test makes it otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from retail.cash import open_shift
from retail.kit.ids import new_id
from retail.sales.documents import Outcome, SaleIn
from retail.sales.operations import complete_sales
from retail.sales.reading import parse_json, read_sale
from tests.support.world import Shop, Ware

AT = datetime(2026, 11, 20, 12, 31, 7, tzinfo=UTC)


class Counter:
    """A till as a program: a shift and the next number."""

    def __init__(self, shop: Shop, till: UUID, shift: UUID) -> None:
        self.shop = shop
        self.till = till
        self.shift = shift
        self.next = 1

    def sale(self, *lines: Any, tenders: Sequence[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
        """Make a sale's JSON. A line is a product, (product, quantity), or a dict; it is paid in cash, exactly."""
        made = [line_json(line) for line in lines or (self.shop.products[0],)]
        total = sum(_charged(line) for line in made)
        body = {
            "id": str(new_id()),
            "till": str(self.till),
            "shift": str(self.shift),
            "number": self.next,
            "occurred_at": AT.isoformat().replace("+00:00", "Z"),
            "customer": None,
            "lines": made,
            "tenders": [{"type": "cash", "amount": total, "change": 0}] if tenders is None else list(tenders),
            "total": total,
        }
        self.next += 1
        return body | changes

    async def send(self, *bodies: dict[str, Any], scope: Any = None) -> list[Outcome]:
        """Send sales in one set."""
        return await self.shop.db.run(scope or self.shop.scope, complete_sales, [as_sale(body) for body in bodies])

    async def sell(self, *lines: Any, **changes: Any) -> Outcome:
        """Make a sale and send it."""
        return (await self.send(self.sale(*lines, **changes)))[0]


async def open_counter(shop: Shop, till: UUID | None = None, opening_float: int = 10_000) -> Counter:
    """Open a shift on a till."""
    shift = new_id()
    till = till or shop.till
    await shop.db.run(shop.scope, open_shift, shift, till, opening_float, AT)
    return Counter(shop, till, shift)


def as_sale(body: dict[str, Any]) -> SaleIn:
    """Read a body the way it comes in: as JSON text."""
    return read_sale(parse_json(json.dumps(body)))


def line_json(line: Any) -> dict[str, Any]:
    if isinstance(line, dict):
        return {"id": str(new_id()), "discount": 0} | line
    ware, quantity = (line, 1) if isinstance(line, Ware) else line
    return {
        "id": str(new_id()),
        "product": str(ware.id),
        "quantity": str(quantity),
        "unit_price": ware.price_minor,
        "discount": 0,
    }


def _charged(line: dict[str, Any]) -> int:
    from retail.kit.money import mul_div
    from retail.kit.quantity import to_milli

    return mul_div(to_milli(line["quantity"]), line["unit_price"], 1000) - int(line["discount"])
