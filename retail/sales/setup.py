"""What a till needs to know about itself before it can sell without a network."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from retail.catalog.codes.rulebook import layouts
from retail.identity.approval_rules import rights_at
from retail.kit.currency_numbers import currency_number
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.sales.journal import recovery_epoch
from retail.tenants.life import life_of
from retail.tenants.queries import store, this_tenant, till
from retail.tenants.settings_changes import values


def first_name(scope: Scope, name: str) -> str:
    """Give a person's name as a till may keep it: an enrolled device holds first names only."""
    return name if scope.device is None else (name.split() or [""])[0]


async def setup(read: Read, id: UUID) -> dict[str, Any]:
    """Give the tenant, store, till and cashier of a till. Raises NotFound."""
    facts = await this_tenant(read)
    counter = await till(read, id)
    place = await store(read, counter.store)
    scope = read.scope
    own, business, life = await values(read, place.id), await values(read), await life_of(read, read.tenant)
    return {
        "tenant": {
            "id": facts.id,
            "slug": facts.slug,
            "name": facts.name,
            "currency": facts.currency,
            "exponent": facts.money.exponent,
            "cash_unit": facts.cash_unit_minor,
            "locale": facts.locale,
            "currency_number": currency_number(facts.currency),
            "prices_include_tax": facts.prices_include_tax,
            "barcode_layouts": [layout.text for layout in await layouts(read)],
        },
        "store": {
            "id": place.id,
            "name": place.name,
            "timezone": place.timezone,
            "address": place.address,
            "tax_number": place.tax_number,
            "receipt_footer": place.receipt_footer or business["receipt_note"],
            "day_cutoff_hour": place.day_cutoff_hour,
        },
        "settings": {
            **{key: own[key] for key in ("idle_lock_minutes", "offline_hours", "offline_sales", "negative_stock")},
            "offline_sale_minor": int(own["offline_sale_most"]) * 10**facts.money.exponent,
            "offline_total_minor": int(own["offline_total_most"]) * 10**facts.money.exponent,
        },
        "status": life.status if life else "active",
        "till": {"id": counter.id, "code": counter.code, "name": counter.name},
        "cashier": {
            "id": scope.actor.id,
            "name": scope.actor.name if scope.role == "device" else first_name(scope, scope.actor.name),
            "role": scope.role,
            "permissions": sorted(scope.permissions),
            "rights": rights_at(scope, place.id),
        },
        "now": read.now,
        "recovery_epoch": await recovery_epoch(read),
    }
