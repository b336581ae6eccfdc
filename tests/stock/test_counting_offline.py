"""Counting without a network: entries wait on the device, and are sent once each, in order, by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from playwright.async_api import Page, expect

from retail.kit.ids import new_id
from retail.stock.counts.operations import NewArea, NewCount, start
from tests.support.office import office
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]

SENT = """
SELECT sku, e.quantity, e.counted_at FROM stock_count_entry e JOIN product p ON p.id = e.product_id
 ORDER BY e.created_at, e.id"""


async def begun(shop: Shop) -> str:
    await stocked(shop, "10", 0)
    await stocked(shop, "10", 1)
    id = new_id()
    await shop.db.run(
        shop.scope, start, NewCount(id, shop.store, "Everything", [NewArea(new_id(), "Floor", True)], "full")
    )
    return f"/t/{shop.tenant.slug}/stock/counts/{id}/entries"


async def entries(shop: Shop) -> list[tuple[str, Decimal, datetime]]:
    async with shop.db.read(shop.scope) as read:
        return [tuple(row) for row in await read.fetch(SENT)]


async def count(page: Page, code: str, quantity: str) -> None:
    await page.get_by_label("Product", exact=True).fill(code)
    await page.get_by_label("Quantity").fill(quantity)
    await page.get_by_role("button", name="Count it").click()


async def test_entries_wait_without_a_network_and_are_sent_once_in_order(shop: Shop, office: Page, site: Site) -> None:
    first, second = shop.products[0].sku, shop.products[1].sku
    broken: list[str] = []
    office.on("pageerror", lambda error: broken.append(str(error)))
    office.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    await office.goto(await begun(shop))
    await count(office, "", "")
    await count(office, "nothing like it", "1")
    await expect(office.locator("#counting .error").first).to_be_visible()
    await office.context.set_offline(True)
    said = office.locator("[data-count-queue]")
    await count(office, first, "3")
    await expect(said).to_have_text("1 entry waits for the network. It is sent by itself.")
    await expect(office.locator("#counting .error")).to_have_count(0)
    await count(office, second, "4")
    await count(office, first, "5")
    await count(office, "no such thing", "1")
    await expect(said).to_have_text("4 entries wait for the network. They are sent by themselves.")
    assert await entries(shop) == []
    assert await office.locator(".toast").count() == 0
    await office.context.set_offline(False)
    await expect(said).to_be_hidden()
    assert [(sku, quantity) for sku, quantity, _at in await entries(shop)] == [(first, 3), (second, 4), (first, 5)]
    await expect(office.locator(".toast")).to_contain_text(
        "no such thing was counted without a network and was not taken."
    )
    await expect(office.locator("#counting")).to_contain_text(shop.products[1].name)
    await count(office, second, "1")
    await expect(office.locator("#counting .banner.ok")).to_contain_text("5")
    assert broken == []


async def test_an_entry_whose_answer_was_lost_is_taken_once(shop: Shop, office: Page, site: Site) -> None:
    await office.goto(await begun(shop))
    lost: list[bool] = []

    async def swallowed(route: object) -> None:
        if lost:
            await route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(True)
        await route.fetch()  # type: ignore[attr-defined]
        await route.abort("connectionreset")  # type: ignore[attr-defined]

    await office.route("**/entries", swallowed)
    await count(office, shop.products[0].sku, "3")
    await expect(office.locator("#counting .row .num").first).to_have_text("+3", timeout=20_000)
    await expect(office.locator("[data-count-queue]")).to_be_hidden()
    assert [quantity for _sku, quantity, _at in await entries(shop)] == [3]


async def test_an_entry_says_when_it_was_counted(shop: Shop, site: Site) -> None:
    at = await begun(shop)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE stock_count SET started_at = now() - interval '2 hours'")
        area = await tx.fetchval("SELECT id FROM stock_count_area WHERE tenant_id = $1", tx.tenant)
    owner, then = await site.member(shop), datetime.now(UTC) - timedelta(hours=1)
    form = {"id": str(new_id()), "code": shop.products[0].sku, "quantity": "3", "mode": "add", "area": str(area)}
    for _twice in range(2):
        await owner.post(at, data=form | {"at": then.isoformat()})
    await owner.post(at, data=form | {"id": str(new_id()), "at": "yesterday"})
    (_sku, _many, first), (_other, _one, second) = await entries(shop)
    assert first == then
    assert second > then + timedelta(minutes=50)
    assert UUID(form["id"])
