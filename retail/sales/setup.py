"""What a till needs to know about itself before it can sell without a network."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from retail.cash.standards import rules_of
from retail.catalog.codes.rulebook import layouts
from retail.catalog.prices.reading import rates
from retail.identity.approval_rules import rights_at
from retail.identity.displays import how_many
from retail.kit.clock import business_day
from retail.kit.currency_numbers import currency_number
from retail.kit.money import currency
from retail.payments.queries import rates_then
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.sales.journal import recovery_epoch
from retail.sales.keys.layouts import keys_at
from retail.sales.receipts.template import template_of
from retail.sales.short_shares import allotments_of
from retail.sales.standing import next_return
from retail.tenants.life import life_of
from retail.tenants.queries import StoreFacts, store, this_tenant, till
from retail.tenants.settings_changes import values

_TOLD: Final = (
    "idle_lock_minutes", "offline_hours", "offline_sales", "offline_hours_then", "offline_sales_then",
    "offline_sale_then", "offline_total_then", "negative_stock", "named_goods", "coupons_offline",
    "customer_card_prefix",
    "allotment_then",
)  # fmt: skip
"""The settings that tills go by, as they are."""


def first_name(scope: Scope, name: str) -> str:
    """Give a person's name as a till may keep it: an enrolled device holds first names only."""
    return name if scope.device is None else (name.split() or [""])[0]


async def _currencies(read: Read, place: StoreFacts, own: str) -> list[dict[str, Any]]:
    """Give the other currencies that are taken in cash, with today's rate in the store."""
    today = business_day(read.now, place.timezone, place.day_cutoff_hour)
    codes = sorted({rate.currency for rate in await rates(read)} - {own})
    then = await rates_then(read, [(code, today) for code in codes])
    return [
        {"code": code, "exponent": currency(code).exponent, "rate_billionths": then[code, today]}
        for code in codes
        if (code, today) in then
    ]


async def setup(read: Read, id: UUID, logo: str | None = None) -> dict[str, Any]:
    """Give the tenant, store, till and cashier of a till; `logo` is the name of the business's. Raises NotFound."""
    facts = await this_tenant(read)
    counter = await till(read, id)
    place = await store(read, counter.store)
    scope = read.scope
    own, business, life = await values(read, place.id), await values(read), await life_of(read, read.tenant)
    cash = rules_of(own, 10**facts.money.exponent)
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
            **{key: own[key] for key in _TOLD},
            "language": "" if own["till_language"] == "same" else own["till_language"],
            "offline_sale_minor": int(own["offline_sale_most"]) * 10**facts.money.exponent,
            "offline_total_minor": int(own["offline_total_most"]) * 10**facts.money.exponent,
            "drawer_most_minor": cash.drawer_most_minor,
            "float_left_minor": cash.float_left_minor,
            "reasons": cash.reasons,
            "risk": {key.removeprefix("risk_"): value for key, value in own.items() if key.startswith("risk_")},
        },
        "receipt": {"paper": own["receipt_paper"], "logo": logo, "template": template_of(own, place, business)},
        "payments": {
            "terminal": own["card_terminal"],
            "tips": own["tips"],
            "currencies": await _currencies(read, place, facts.currency) if own["foreign_cash"] else [],
        },
        "returns": {
            "without_receipt": own["returns_without_receipt"],
            "in_cash": own["refunds_in_cash"],
            "next": await next_return(read, counter.id),
        },
        "allotments": await allotments_of(read, counter.id),
        "displays": await how_many(read, counter.id),
        "keys": await keys_at(read, place.id, counter.id),
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
