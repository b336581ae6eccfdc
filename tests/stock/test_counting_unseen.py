"""What a blind count keeps from whoever counts, and what a count says of products that are counted again."""

from __future__ import annotations

from httpx import AsyncClient

from retail import stock
from retail.stock import Arrival
from tests.support.stockroom import D, document
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

HELD = "4711"


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def begun(shop: Shop, owner: AsyncClient, *, blind: bool, recount: str = "") -> str:
    """Put 4,711 of the first product on the shelf, and begin to count."""
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(shop.products[0].id, D(HELD), D(50))])
    await shop.db.run(shop.scope, stock.fold)
    form = {"store": str(shop.store), "kind": "full", "name": "Friday", "uncounted": "keep", "areas": "Floor"}
    made = await owner.post(
        f"{home(shop)}/stock/counts", data=form | {"recount": recount} | ({"blind": "on"} if blind else {})
    )
    return made.headers["location"].removesuffix("/entries")


def places(shop: Shop) -> list[str]:
    ware = shop.products[0]
    return [
        f"{home(shop)}/stock/{ware.id}",
        f"{home(shop)}/stock",
        f"{home(shop)}/pocket/stock?q={ware.sku}",
        f"{home(shop)}/products/{ware.id}",
        f"{home(shop)}/products?columns=sku.stock",
    ]


async def tells(who: AsyncClient, path: str) -> bool:
    page = await who.get(path)
    assert page.status_code == 200, path
    return HELD in page.text.replace(",", "")


async def test_whoever_counts_blind_finds_nowhere_what_is_on_hand_until_it_is_finished(shop: Shop, site: Site) -> None:
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    at = await begun(shop, owner, blind=True)
    assert f"/stock/{shop.products[0].id}" not in (await clerk.get(at)).text
    for path in places(shop):
        assert (await tells(clerk, path), await tells(owner, path)) == (False, True), path
    own = (await clerk.get(places(shop)[0])).text
    assert (own.count(">Being counted<"), "when the count is finished" in own, "Reordering" in own) == (1, True, False)
    area = (await owner.get(f"{at}/entries")).text.split('name="area" value="')[1][:36]
    entry = {"code": shop.products[0].sku, "quantity": HELD, "mode": "set", "area": area}
    assert (await owner.post(f"{at}/entries", data=entry)).status_code == 303
    assert (await owner.post(f"{at}/closure", data={})).status_code == 303
    for path in places(shop):
        assert await tells(clerk, path), path


async def test_a_count_that_is_not_blind_hides_nothing(shop: Shop, site: Site) -> None:
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    at = await begun(shop, owner, blind=False)
    assert f"/stock/{shop.products[0].id}" in (await clerk.get(at)).text
    for path in places(shop):
        assert await tells(clerk, path), path


async def test_the_list_of_what_is_low_tells_nobody_what_is_counted_blind(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = 9000 WHERE id = $1", shop.products[0].id)
    at = await begun(shop, owner, blind=True)
    low = f"{home(shop)}/stock/low?store={shop.store}"
    assert (await tells(owner, low), "Being counted" in (await owner.get(low)).text) == (False, True)
    assert (await owner.post(f"{at}/cancellation")).status_code == 303
    assert await tells(owner, low)


async def test_the_page_on_which_people_count_begins_with_what_is_counted_again(shop: Shop, site: Site) -> None:
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    at = await begun(shop, owner, blind=True, recount="1")
    page = (await clerk.get(f"{at}/entries")).text
    assert ('id="again"' in page, "Counts no more" in page) == (False, False)
    area = page.split('name="area" value="')[1][:36]
    ware = shop.products[0]
    entry = {"code": ware.sku, "quantity": "7", "mode": "set", "area": area}
    assert (await clerk.post(f"{at}/entries", data=entry)).status_code == 303
    again = await owner.post(f"{at}/recounts", data={})
    assert again.headers["location"].endswith("?show=again")
    shown = (await owner.get(again.headers["location"])).text.partition('id="lines"')[2]
    assert (ware.sku in shown, shop.products[1].sku in shown) == (True, False)
    page = (await clerk.get(f"{at}/entries")).text
    listed = page.partition('id="again"')[2].partition("</section>")[0]
    assert (ware.name in listed, ware.sku in listed, "Counts no more" in page) == (True, True, True)
    assert page.index('id="again"') < page.index('name="quantity"')
    picked = (await clerk.get(f"{at}/entries?code={ware.sku}&mode=set&area={area}")).text
    assert f'value="{ware.sku}"' in picked
    said = await clerk.post(f"{at}/entries", data=entry | {"quantity": "8"}, headers={"HX-Request": "true"})
    assert (said.status_code, 'id="again"' in said.text, said.text.count("Counts no more")) == (200, False, 1)
    assert ware.sku not in (await owner.get(f"{at}?show=again")).text.partition('id="lines"')[2]
