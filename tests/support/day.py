"""A day in one shop: who has which device, what is on the shelf, what the server knows in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, expect

from retail import stock
from retail.checks import run_checks
from retail.kit.ids import new_id
from retail.stock import Arrival, Document
from tests.support.counter import Counter, Device
from tests.support.house import House, eventually
from tests.support.web import enrol, session
from tests.support.world import Shop, Ware

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@dataclass
class Day:
    """A day in one shop."""

    house: House
    shop: Shop
    browser: Browser
    devices: list[Device] = field(default_factory=list)

    def path(self, rest: str = "/") -> str:
        return f"/t/{self.shop.tenant.slug}{rest}"

    async def device(
        self,
        role: str = "",
        *,
        signed_in: bool = True,
        origin: str = "",
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Device:
        """Give somebody a browser; `role` is who they are, "" a stranger."""
        where = origin or self.house.origin
        opened = context or await self.browser.new_context(
            **{"viewport": DESKTOP, "reduced_motion": "reduce"} | options
        )
        device = Device(opened, where, role or "stranger")
        self.devices.append(device)
        await device.watch()
        if role:
            person, device.email, _secret = await enrol(self.house.db, self.shop.tenant.id, role)
            if signed_in:
                await self.sign_in_quietly(device, person)
        return device

    async def sign_in_quietly(self, device: Device, person: UUID) -> str:
        """Put a session's cookie into a browser, without the form."""
        secret = await session(self.house.db, person)
        await device.context.add_cookies(
            [{"name": "s", "value": secret, "url": device.origin, "httpOnly": True, "sameSite": "Lax"}]
        )
        return secret

    async def at_till(self, device: Device, till: UUID | None = None, *, float_digits: str = "") -> Counter:
        """Open a till's page, and its shift where a float is given."""
        chosen = till or self.shop.till
        page = await device.visit(self.path(f"/tills/{chosen}/sell"))
        counter = await Counter.on(device, page, chosen)
        await expect(page.locator("#till[aria-busy]")).to_have_count(0)
        if float_digits:
            await counter.open_shift(float_digits)
        return counter

    async def stock_up(self, quantities: dict[Ware, str]) -> None:
        """Put goods on the first store's shelf."""
        document = Document(new_id(), self.shop.store, "", datetime.now(UTC))
        arrivals = [Arrival(ware.id, Decimal(quantity), ware.unit_cost) for ware, quantity in quantities.items()]
        await self.house.db.run(self.shop.scope, stock.receive, document, arrivals)

    async def sales(self) -> list[dict[str, Any]]:
        """Give the sales that the server has, by till and number."""
        async with self.house.db.read(self.shop.scope) as read:
            rows = await read.fetch(
                """SELECT s.id, s.number, s.kind, s.total_minor, t.code AS till,
                          array(SELECT x.code FROM sync_exception x
                                 WHERE x.tenant_id = s.tenant_id AND x.sale_id = s.id ORDER BY 1) AS exceptions
                     FROM sale s JOIN till t ON t.tenant_id = s.tenant_id AND t.id = s.till_id
                    WHERE s.tenant_id = $1 ORDER BY t.code, s.number, s.kind""",
                read.tenant,
            )
        return [dict(row) for row in rows]

    async def every_check_holds(self) -> None:
        """Run what `countertop check` runs; the relay may need a moment until rollups have caught up."""

        async def red() -> list[str]:
            async with self.house.db.read(self.shop.scope) as read:
                return [f"{one.name}: {one.detail}" for one in await run_checks(read) if not one.ok]

        await eventually(red, [])

    async def close(self) -> None:
        """Send everybody home; nobody may have complained."""
        # Before the browsers close: a socket that was just being opened complains when its page goes.
        complaints = [f"{device.name}: {one}" for device in self.devices for one in device.unexpected]
        for device in self.devices:
            await device.context.close()
        assert not complaints, "\n".join(complaints)


@asynccontextmanager
async def a_day(house: House, shop: Shop, browser: Browser) -> AsyncIterator[Day]:
    """Open the shop for a test."""
    day = Day(house, shop, browser)
    try:
        yield day
    except BaseException:
        for device in day.devices:
            await device.context.close()
        raise
    await day.close()
