"""What a receipt says of kept goods: the goods as they were agreed, what is paid with it, and what is still due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from retail.runtime.db import Read
from retail.sales.documents import StoredSale
from retail.sales.layaways.reading import kept_lines
from retail.sales.layaways.rules import label

Plain = dict[str, Any]
# What was paid with this payment, and before it; of a cancellation what had been paid until then.
_KEPT: Final = """
SELECT l.number, l.basket, l.total_minor, l.until,
       coalesce((SELECT sum(s.down_minor) FROM sale s
                  WHERE s.tenant_id = $1 AND s.layaway_id = l.id AND s.kind = 'payment' AND s.down_minor > 0
                    AND (s.occurred_at, s.id) <= ($3, $4)), 0)::bigint AS paid,
       coalesce((SELECT -sum(m.amount_minor) FROM value_move m
                  WHERE m.tenant_id = $1 AND m.account_id = l.id AND m.cause = 'kept' AND m.source_id = $4), 0)::bigint
         AS fee
  FROM layaway l WHERE l.tenant_id = $1 AND l.id = $2"""


async def kept_facts(read: Read, sale: StoredSale) -> tuple[Plain | None, list[Plain]]:
    """Give what a payment's receipt says of the goods, and their lines; nothing of any other document."""
    if sale.kind != "payment":
        return None, []
    row = await read.fetchrow(_KEPT, read.tenant, sale.layaway, sale.occurred_at, sale.id)
    if row is None:  # paid on goods that nobody here knows
        return _told("?", 0, sale.claimed_total, "", 0, sale.claimed_total), []
    basket = json.loads(row["basket"])
    lines = [
        {
            "name": one.name,
            "quantity": one.quantity_milli,
            "unit": "",
            "decimals": one.quantity_milli % 1000 != 0,
            "price": one.price,
            "amount": one.amount,
            "more": _more(told),
            "offers": [],
            "off": one.off or 0,
        }
        for one, told in zip(kept_lines(basket), basket["lines"], strict=True)
    ]
    until = row["until"].isoformat()
    return _told(label(row["number"]), row["total_minor"], row["paid"], until, row["fee"], sale.claimed_total), lines


def _told(number: str, total: int, paid: int, until: str, fee: int, moved: int) -> Plain:  # noqa: PLR0917 - its facts
    return {
        "number": number, "total": total, "paid": paid, "due": max(0, total - paid) if moved > 0 else 0,
        "until": until, "fee": fee, "cancels": moved <= 0,
    }  # fmt: skip


def _more(line: Mapping[str, Any]) -> list[str]:
    """Give what stands under a line: what was chosen with it, and what was noted."""
    chosen = line.get("choices")
    names = [str(one.get("name", "")) for one in chosen if isinstance(one, dict)] if isinstance(chosen, list) else []
    note = line.get("note")
    return [*(f"+ {name}" for name in names if name), *([note] if isinstance(note, str) and note else [])]
