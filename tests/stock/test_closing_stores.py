"""A store is archived with open eyes: what is left in it is shown first. Closed, it is offered while it holds stock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from retail import stock
from retail.kit.ids import new_id
from retail.stock.counts.operations import NewArea, NewCount, start
from retail.stock.levels import Narrowed, levels
from retail.stock.reserving.operations import Wish, reserve
from retail.stock.rules import Document, Taken
from retail.stock.transfers.operations import NewTransfer, draft
from retail.tenants.left_behind import LeftBehind, left_behind
from tests.support.shelves import stocked
from tests.support.stockroom import AT, D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def filled(shop: Shop) -> None:
    """Leave goods, a count, a transfer and a reservation in the second store."""
    there, loaf = shop.second_store, shop.products[0].id
    await stocked(shop, "4", store=there)
    await shop.db.run(shop.scope, start, NewCount(new_id(), there, "Friday", (NewArea(new_id(), "Floor"),)))
    await shop.db.run(shop.scope, draft, NewTransfer(new_id(), there, shop.store, ""))
    wish = Wish(new_id(), there, loaf, D(1), datetime.now(UTC) + timedelta(days=1), "")
    await shop.db.run(shop.scope, reserve, wish)


def in_main(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") :]))


async def is_archived(shop: Shop) -> bool:
    async with shop.db.read(shop.scope) as read:
        sql = "SELECT archived_at IS NOT NULL FROM store WHERE tenant_id = $1 AND id = $2"
        return bool(await read.fetchval(sql, read.tenant, shop.second_store))


async def test_what_is_left_in_a_store_is_shown_and_confirmed_first(shop: Shop, site: Site) -> None:
    await filled(shop)
    async with shop.db.read(shop.scope) as read:
        left = await left_behind(read, shop.second_store)
        assert (await left_behind(read, shop.store)).transfers == 1, "either end"
    assert left == LeftBehind(1, 0, 200, 1, 1, 1)
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stores/{shop.second_store}"
    page = in_main((await owner.get(at)).text)
    for said in (
        "1 product on hand, worth €2.00",
        "1 count that isn",
        "1 transfer under way",
        "1 reservation",
        "Go back",
    ):
        assert said in page, said
    unseen = await owner.post(f"{at}/archive", data={"version": "1"})
    assert (unseen.status_code, "Look below" in unseen.text, await is_archived(shop)) == (409, True, False)
    done = await owner.post(f"{at}/archive", data={"version": "1", "left": left.mark})
    assert (done.status_code, await is_archived(shop)) == (303, True)


async def test_a_store_with_nothing_in_it_is_archived_at_once(shop: Shop, site: Site) -> None:
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stores/{shop.second_store}"
    assert "Still in it" not in (await owner.get(at)).text
    assert (await owner.post(f"{at}/archive", data={"version": "1"})).status_code == 303


async def test_tills_that_stand_are_named_before_anybody_is_asked_to_archive(shop: Shop, site: Site) -> None:
    await filled(shop)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    page = (await owner.get(f"{home}/stores/{shop.store}")).text
    assert "Retire these tills first:" in in_main(page)
    assert f'href="{home}/tills/{shop.till}"' in page[page.index("Retire these tills first:") :]
    assert 'id="archive-store"' not in page, "it would be refused"
    assert 'id="archive-store"' in (await owner.get(f"{home}/stores/{shop.second_store}")).text


async def test_a_group_that_a_store_never_had_leads_to_everything(shop: Shop, site: Site) -> None:
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/counts"
    form = {"store": str(shop.second_store), "kind": "cycle", "classes": "A", "name": "New", "uncounted": "keep"}
    refused = await owner.post(at, data=form | {"areas": "Floor"})
    assert refused.status_code == 422
    assert "or Everything: what you find joins the count." in refused.text


PAGES = (
    "", "/moves", "/counts", "/overview", "/lots", "/serials", "/transfers", "/waste", "/valuation", "/insights",
    "/reservations", "/suggestions", "/places",
)  # fmt: skip


async def test_a_closed_store_is_offered_while_it_holds_stock_and_then_no_more(shop: Shop, site: Site) -> None:
    await stocked(shop, "4")
    await stocked(shop, "4", store=shop.second_store)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.second_store)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/stock"
    for page in PAGES:
        answer = await owner.get(f"{home}{page}")
        assert (answer.status_code, "Hafen (closed)" in answer.text) == (200, True), page
    async with shop.db.read(shop.scope) as read:
        shown = (await levels(read, Narrowed(), limit=50)).items
    assert [(one.sku, one.on_hand) for one in shown if one.closed] == [(shop.products[0].sku, D(4))]
    assert len([one for one in shown if not one.closed]) == 6
    gone = [Taken(shop.products[0].id, D(-4))]
    await shop.db.run(shop.scope, stock.adjust, Document(new_id(), shop.second_store, "Gone", AT), gone)
    for page in PAGES:
        assert f'<option value="{shop.second_store}"' not in (await owner.get(f"{home}{page}")).text, page
    picked = await owner.get(f"{home}/counts", params={"store": str(shop.second_store)})
    assert "Hafen (closed)" in picked.text, "an address that names it still says what it is about"
    async with shop.db.read(shop.scope) as read:
        assert not [one for one in (await levels(read, Narrowed(), limit=50)).items if one.closed]
        of_one = await levels(read, Narrowed(product=shop.products[0].id, archived=True), limit=50)
    assert [one.store for one in of_one.items] == [shop.store]
    assert "Hafen" not in in_main((await owner.get(f"{home}/{shop.products[1].id}")).text)
