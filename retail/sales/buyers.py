"""Who bought: a sale that names a card gets the customer whose card it is, where the business knows one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.customers.queries import CustomerFacts, by_card, known, names
from retail.runtime.db import Read, Tx
from retail.sales.documents import StoredSale

_LENGTH_OF_ID: Final = 36


async def with_buyers(tx: Tx, sales: Sequence[StoredSale]) -> list[StoredSale]:
    """Put the customer's id to sales that name a card; what no card says stays as it was written."""
    cards = {sale.customer for sale in sales if sale.customer and not _is_id(sale.customer)}
    if not cards:
        return list(sales)
    owners = await by_card(tx, list(cards))
    return [replace(one, customer=str(owners[one.customer])) if one.customer in owners else one for one in sales]


async def buyer(read: Read, customer: str) -> CustomerFacts | None:
    """Give who a stored sale's `customer` is; None for nobody, and for a name that is on no file."""
    found = await known(read, UUID(customer)) if _is_id(customer) else None
    if found is None or found.merged_into is None:
        return found
    return await known(read, found.merged_into)


async def buyer_names(read: Read, customers: Sequence[str]) -> dict[str, str]:
    """Give the names that `customers` have on file today, by what they were written as; who has none is left out."""
    ids = {one: UUID(one) for one in set(customers) if _is_id(one)}
    found = await names(read, sorted(ids.values())) if ids else {}
    return {one: found[id] for one, id in ids.items() if id in found}


def _is_id(customer: str) -> bool:
    try:
        return len(customer) == _LENGTH_OF_ID and bool(UUID(customer))
    except ValueError:
        return False
