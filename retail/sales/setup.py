"""What a till needs to know about itself before it can sell without a network."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from retail.runtime.db import Read
from retail.sales.journal import recovery_epoch
from retail.tenants.queries import store, this_tenant, till


async def setup(read: Read, id: UUID) -> dict[str, Any]:
    """Give the tenant, store, till and cashier of a till. Raises NotFound."""
    facts = await this_tenant(read)
    counter = await till(read, id)
    place = await store(read, counter.store)
    scope = read.scope
    return {
        "tenant": {
            "id": facts.id,
            "slug": facts.slug,
            "name": facts.name,
            "currency": facts.currency,
            "exponent": facts.money.exponent,
            "cash_unit": facts.cash_unit_minor,
            "locale": facts.locale,
            "prices_include_tax": facts.prices_include_tax,
        },
        "store": {
            "id": place.id,
            "name": place.name,
            "timezone": place.timezone,
            "address": place.address,
            "tax_number": place.tax_number,
            "receipt_footer": place.receipt_footer,
            "day_cutoff_hour": place.day_cutoff_hour,
        },
        "till": {"id": counter.id, "code": counter.code, "name": counter.name},
        "cashier": {
            "id": scope.actor.id,
            "name": scope.actor.name,
            "role": scope.role,
            "permissions": sorted(scope.permissions),
        },
        "now": read.now,
        "recovery_epoch": await recovery_epoch(read),
    }
