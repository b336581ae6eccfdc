"""Kits and services are not counted: nothing of them lies on a shelf, and a count that took one is finished."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail.kit.ids import new_id
from retail.stock.counts import finishing, queries
from retail.stock.counts.operations import NewArea, NewCount, NewEntry, record, start
from retail.stock.errors import NotStocked
from tests.support.kits import make_kit, make_service
from tests.support.shelves import all_holds, invalid, stocked
from tests.support.stockroom import on_hand
from tests.support.web import Site, site
from tests.support.world import Shop, Ware

__all__ = ["site"]

D = Decimal
SAID = "Nothing of this lies on a shelf"


async def begun(shop: Shop, uncounted: str = "keep") -> NewCount:
    new = NewCount(new_id(), shop.store, "Friday", (NewArea(new_id(), "Floor"),), uncounted=uncounted)
    await shop.db.run(shop.scope, start, new)
    return new


async def no_goods(shop: Shop) -> tuple[Ware, Ware]:
    pack = await make_kit(shop, "Six-pack", 599, {shop.products[0].id: D(6)})
    return pack, await make_service(shop, "Wrapping", 150)


async def slipped_in(shop: Shop, of: NewCount, ware: Ware, quantity: str) -> None:
    """Have a count hold an entry that it took in former days."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "INSERT INTO stock_count_line (tenant_id, count_id, product_id, round) VALUES ($1, $2, $3, 1)",
            tx.tenant, of.id, ware.id,
        )  # fmt: skip
        await tx.execute(
            """INSERT INTO stock_count_entry (tenant_id, id, count_id, product_id, area_id, round, mode, quantity,
                                              counted_at, created_at, actor_id, actor_name)
               VALUES ($1, $2, $3, $4, $5, 1, 'set', $6, $7, $7, $8, $9)""",
            tx.tenant, new_id(), of.id, ware.id, of.areas[0].id, D(quantity), tx.now, tx.actor.id, tx.actor.name,
        )  # fmt: skip


async def test_a_kit_and_a_service_are_refused_by_a_count(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    for ware in await no_goods(shop):
        assert NotStocked(ware.id).sentence().startswith(SAID)
        for mode, quantity in (("add", "1"), ("set", "0")):
            with invalid(SAID):
                await shop.db.run(
                    shop.scope, record, of.id, [NewEntry(new_id(), ware.id, of.areas[0].id, D(quantity), mode)]
                )
    async with shop.db.read(shop.scope) as read:
        assert [one.name for one in await queries.lines(read, await queries.count(read, of.id))] == [
            shop.products[0].name
        ]


async def test_pages_and_programs_are_told_at_the_field(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    pack, wrapping = await no_goods(shop)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    area = str(of.areas[0].id)
    for ware in (pack, wrapping):
        form = {"code": ware.sku, "quantity": "1", "mode": "add", "area": area}
        page = await owner.post(f"{home}/stock/counts/{of.id}/entries", data=form)
        assert (page.status_code, SAID in page.text) == (422, True)
        assert page.text.index(SAID) > page.text.index('id="f-code"'), "at its field, not on top of the page"
    entries = [
        {"id": str(new_id()), "product": str(ware), "area": area, "quantity": "1"}
        for ware in (shop.products[0].id, pack.id)
    ]
    answer = await owner.post(f"{home}/api/v1/stock/counts/{of.id}/entries", json={"entries": entries})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["entries.1.product"])


async def test_a_count_of_a_group_does_not_ask_to_count_a_kit_along(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    pack, _service = await no_goods(shop)
    async with shop.db.begin(shop.scope) as tx:
        group = await tx.fetchval("SELECT category_id FROM product WHERE tenant_id = $1 AND id = $2",
                                  tx.tenant, shop.products[0].id)  # fmt: skip
    new = NewCount(new_id(), shop.store, "Group", (NewArea(new_id(), "Floor"),), kind="some", category=group)
    await shop.db.run(shop.scope, start, new)
    form = {"code": pack.sku, "quantity": "1", "mode": "add", "area": str(new.areas[0].id)}
    owner = await site.member(shop)
    page = await owner.post(f"/t/{shop.tenant.slug}/stock/counts/{new.id}/entries", data=form)
    assert (page.status_code, SAID in page.text, "Count it along" in page.text) == (422, True, False)


@pytest.mark.parametrize("uncounted", ["keep", "zero"])
async def test_a_count_that_holds_a_kit_already_is_finished_without_it(shop: Shop, site: Site, uncounted: str) -> None:
    await stocked(shop, "10")
    of = await begun(shop, uncounted)
    pack, wrapping = await no_goods(shop)
    await slipped_in(shop, of, pack, "3")
    await slipped_in(shop, of, wrapping, "0")
    entry = NewEntry(new_id(), shop.products[0].id, of.areas[0].id, D(8), "set")
    await shop.db.run(shop.scope, record, of.id, [entry])
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/counts/{of.id}"
    left_out = "2 products are left out: they are services, or stocked as their parts."
    page = (await owner.get(at)).text
    assert left_out in page
    assert "not counted" not in page.partition('data-confirm-title="Finish')[0].rpartition("<form")[2]
    done = await owner.post(f"{at}/closure", data={})
    assert done.status_code == 303
    told = (await owner.get(done.headers["location"])).text
    assert f"Finished. The stock is what was counted. {left_out}" in told
    assert await on_hand(shop) == D(8)
    async with shop.db.read(shop.scope) as read:
        finished = await queries.count(read, of.id)
        assert finished.state == "finished"
        assert [one.sku for one in await queries.lines(read, finished) if one.outcome] == [shop.products[0].sku]
    await all_holds(shop)


async def test_a_count_of_kits_alone_says_that_nothing_was_counted(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    pack, _service = await no_goods(shop)
    await slipped_in(shop, of, pack, "3")
    with pytest.raises(finishing.NothingCounted):
        await shop.db.run(shop.scope, finishing.finish, of.id, None)
