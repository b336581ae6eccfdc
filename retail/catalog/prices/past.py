"""What a product cost at a moment that is over: for sales that arrive late, or at the very moment of a change.

A product's own price is told by its history, a change that is due and not applied yet among it; a list's hours by the
list as it is now. docs/algorithms/prices.md, section 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.catalog.prices import reading
from retail.catalog.prices.rules import Occasion, resolve
from retail.runtime.db import Read

_OWN: Final = """
SELECT u.place, coalesce(
         (SELECT c.to_minor FROM price_change c
           WHERE c.tenant_id = $1 AND c.product_id = p.id AND c.list_id IS NULL AND c.undone_at IS NULL
             AND c.effective_at <= u.at ORDER BY c.effective_at DESC, c.id DESC LIMIT 1),
         (SELECT c.from_minor FROM price_change c
           WHERE c.tenant_id = $1 AND c.product_id = p.id AND c.list_id IS NULL AND c.applied_at IS NOT NULL
             AND c.effective_at > u.at ORDER BY c.effective_at, c.id LIMIT 1),
         p.price_minor) AS price_minor
  FROM unnest($2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS u (product, at, place)
  JOIN product p ON p.tenant_id = $1 AND p.id = u.product
 ORDER BY u.place
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """So many thousandths of a product that was bought in a store at a moment, by somebody of a group (or none)."""

    product: UUID
    store: UUID
    at: datetime
    group: str
    quantity_milli: int


async def prices_then(read: Read, bought: Sequence[Bought]) -> list[int | None]:
    """Give what each cost then; None where there is no such product."""
    rows = await read.fetch(_OWN, read.tenant, [one.product for one in bought], [one.at for one in bought])
    own = {row["place"] - 1: row["price_minor"] for row in rows}
    lists = [facts.of for facts in await reading.price_lists(read)]
    products = {one.product for one in bought}
    offers = await reading.offers(read, lists, products) if lists else {}
    terms, taxes = await reading.terms(read), await reading.tax_rates_of(read, products)
    zones = await reading.zones(read)
    found: list[int | None] = []
    for place, one in enumerate(bought):
        zone, base = zones.get(one.store), own.get(place)
        if zone is None or base is None:
            found.append(None)
            continue
        occasion = Occasion(one.store, one.at.astimezone(zone), one.group or None, one.quantity_milli)
        resolved = resolve(base, offers.get(one.product, []), occasion, terms, taxes.get(one.product, 0))
        found.append(resolved.price_minor)
    return found
