"""What the demo keeps for customers: a handful of goods with down payments, one of them overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from retail.customers.operations import add_customer
from retail.customers.rules import Customer
from retail.demo.premises import CUTOFF_HOUR, TIMEZONE, Premises
from retail.kit.clock import business_day
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.runtime.db import Row, Tx
from retail.sales.layaways.keeping import keep
from retail.sales.layaways.reading import read_layaway
from retail.sales.past import in_the_past
from retail.value import Use
from retail.value.desk import receive_payment

# Who, how many pieces, kept so many days ago for so many days, and the percent that is paid.
_KEPT: Final = (
    ("Ines Maurer", "+49 30 5550141", 2, 34, 30, 30),
    ("Jonas Adler", "+49 30 5550142", 1, 12, 30, 20),
    ("Mara Lindt", "+49 30 5550143", 3, 9, 21, 50),
    ("Till Brandes", "+49 30 5550144", 1, 4, 30, 20),
    ("Rosa Keller", "+49 30 5550145", 2, 1, 14, 100),
)
_GOODS: Final = """
SELECT p.id, p.name, p.price_minor, x.code, x.rate_micros FROM stock_balance b
  JOIN product p ON p.tenant_id = $1 AND p.id = b.product_id AND p.kind = 'goods' AND p.decimals = 0
  JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
 WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.on_hand >= 6 AND p.price_minor > 0
 ORDER BY p.price_minor DESC, p.id LIMIT $3"""


async def keep_some(tx: Tx, premises: Premises) -> None:
    """Keep the dearest goods of the first store for some customers, each paid in part."""
    shop = premises.shops[0]
    goods = await tx.fetch(_GOODS, tx.tenant, shop.id, len(_KEPT))
    for (name, phone, pieces, ago, days, percent), row in zip(_KEPT, goods, strict=False):
        customer = new_id()
        await add_customer(tx, customer, Customer(name, phone))
        at = tx.now - timedelta(days=ago)
        quiet = in_the_past(tx, premises.staff.manager, at)
        total = row["price_minor"] * pieces
        until = business_day(at, TIMEZONE, CUTOFF_HOUR) + timedelta(days=days)
        document = {
            "id": str(new_id()), "basket": {"id": str(new_id()), "lines": [_line(row, pieces)], "discount": None},
            "customer": str(customer), "until": until.isoformat(), "total": total,
        }  # fmt: skip
        kept, _created = await keep(quiet, shop.tills[0], read_layaway(document))
        paid = Use(kept.id, max(1, mul_div(total, percent, 100)), new_id(), at)
        await receive_payment(quiet, paid, shop.id, "card")


def _line(row: Row, pieces: int) -> dict[str, Any]:
    return {
        "id": str(new_id()), "product": str(row["id"]), "name": row["name"], "unit": "each", "decimals": 0,
        "quantity": pieces * 1000, "price": row["price_minor"], "base": row["price_minor"], "taxCode": row["code"],
        "taxRate": row["rate_micros"], "discount": None, "off": 0,
    }  # fmt: skip
