"""Why a product costs what it does: in each store, for everybody or a group, so many of it, at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.catalog.prices import reading
from retail.catalog.prices.rules import Occasion, Resolved, resolve
from retail.catalog.prices.windows import next_turn
from retail.kit.errors import NotFound
from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Standing:
    """What a store asks now, which list says so (None: it is the product's own price), and until when at the latest."""

    resolved: Resolved
    until: datetime | None

    @property
    def price_minor(self) -> int:
        """The price."""
        return self.resolved.price_minor


async def standings(
    read: Read, product: UUID, *, group: str | None = None, quantity_milli: int = 0, at: datetime | None = None
) -> dict[UUID, Standing]:
    """Work out what each store asks for a product, with the reasons. Raises NotFound."""
    base = await read.fetchval("SELECT price_minor FROM product WHERE tenant_id = $1 AND id = $2", read.tenant, product)
    if base is None:
        raise NotFound("product")
    lists = [facts.of for facts in await reading.price_lists(read)]
    offers = (await reading.offers(read, lists, [product])).get(product, [])
    terms, taxes = await reading.terms(read), await reading.tax_rates_of(read, [product])
    found = {}
    for store, zone in (await reading.zones(read)).items():
        moment = at or read.now
        occasion = Occasion(store, moment.astimezone(zone), group, quantity_milli)
        resolved = resolve(base, offers, occasion, terms, taxes.get(product, 0))
        until = next_turn(resolved.of.window, zone, moment) if resolved.of else None
        found[store] = Standing(resolved, until)
    return found
