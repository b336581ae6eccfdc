"""Ordering within a budget: how much an address wants to spend, and what of the suggestions that buys."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.prices.reading import tax_rates_of
from retail.identity.permissions import VIEW_COSTS
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.stock.reordering.budget import Bought, Candidate, spend
from retail.stock.reordering.queries import Suggested
from retail.tenants.queries import this_tenant

_MILLION: Final = 1_000_000
_PRICES: Final = "SELECT id, price_minor FROM product WHERE tenant_id = $1 AND id = ANY ($2)"

Plan = dict[tuple[UUID, UUID], Bought]
"""What of each suggestion is within a budget, by store and product."""


async def budget_in(read: Read, asked: Asked) -> int | None:
    """Read how much may be spent, in minor units; None where nothing is typed, or for who may not see costs."""
    if not read.scope.holds(VIEW_COSTS):
        return None
    facts = await this_tenant(read)
    asked.locale = facts.locale
    typed = asked.raw("budget").strip()
    budget = asked.money("budget", facts.money, required=False, least=1) if typed else 0
    return budget or None


async def within(read: Read, found: Sequence[Suggested], budget_minor: int) -> Plan:
    """Say what of the suggestions to order for at most so much. Raises Forbidden for who may not see costs."""
    read.scope.require(VIEW_COSTS)
    margins = await _prices(read, sorted({one.product for one in found}))
    candidates = [
        Candidate(one.need, one.suggestion, one.unit_cost, margins[one.product] - one.unit_cost) for one in found
    ]
    bought = spend(candidates, budget_minor)
    return {(one.store, one.product): what for one, what in zip(found, bought, strict=True)}


async def _prices(read: Read, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Give what one brings at its usual price, without tax, in minor units."""
    rates, include = await tax_rates_of(read, products), (await this_tenant(read)).prices_include_tax
    rows = await read.fetch(_PRICES, read.tenant, list(products))
    return {
        row["id"]: Decimal(row["price_minor"] * _MILLION) / (_MILLION + (rates[row["id"]] if include else 0))
        for row in rows
    }
