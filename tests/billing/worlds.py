"""Builders: a business on trial, its subscription, how it stands, and the letters that it got."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from retail.billing.operations import Buyer, Payment, note_payment, subscribe
from retail.billing.queries import Invoice, invoices
from retail.billing.run import run
from retail.kit.clock import FixedClock
from retail.seller import Seller
from retail.tenants.life import life_of
from tests.support.world import Shop

SELLER = Seller("Countertop GmbH", "Hafenstr. 1\n20457 Hamburg", "DE", "DE123456789", "DE02120300000000202051")
BUYER = Buyer("Corner & Co", "Altstadt 1\n10115 Berlin", "DE")
DAY = timedelta(days=1)


async def put_on_trial(shop: Shop, ends: datetime) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET status = 'trial', trial_ends_at = $2 WHERE id = $1", tx.tenant, ends)


async def take_out(shop: Shop, plan: str = "pro", cycle: str = "month", buyer: Buyer = BUYER) -> None:
    await shop.db.run(shop.scope, subscribe, plan, cycle, buyer, SELLER)


async def hour(shop: Shop, clock: FixedClock, by: timedelta = timedelta(hours=1)) -> None:
    """Let time pass, and the hourly run come."""
    clock.advance(by)
    await run(shop.db, SELLER)


async def status(shop: Shop) -> str:
    async with shop.db.platform() as unit:
        found = await life_of(unit, shop.tenant.id)
    assert found is not None
    return found.status


async def bills(shop: Shop) -> list[Invoice]:
    """Give all invoices, the oldest first."""
    async with shop.db.read(shop.scope) as read:
        return list(reversed((await invoices(read)).items))


async def pay(shop: Shop, invoice: Invoice, amount: int | None = None, reference: str = "") -> None:
    paid = Payment(
        invoice.id, "transfer", reference or f"T {invoice.number}", amount or invoice.open_minor,
        shop.db.clock.now().astimezone(UTC).date(),
    )  # fmt: skip
    await shop.db.run(shop.scope, note_payment, paid)


async def rows(shop: Shop, sql: str, *args: object) -> list[Any]:
    async with shop.db.read(shop.scope) as read:
        return await read.fetch(sql, read.tenant, *args)
