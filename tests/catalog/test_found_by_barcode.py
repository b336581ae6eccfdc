"""Lists of goods are searched by a barcode in any of its forms too, beside the words of name and SKU."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from retail.catalog.prices.lines import lines
from retail.catalog.suppliers.queries import products_of
from retail.kit.ids import new_id
from retail.stock.allotting.operations import mark_scarce
from retail.stock.allotting.queries import articles
from retail.stock.reordering.queries import suggestions
from tests.support.shelves import stocked
from tests.support.vendors import a_supplier, sells
from tests.support.web import Site
from tests.support.world import Shop


def forms(shop: Shop) -> list[str]:
    """Give ways in which the first product's barcode is typed or scanned; the last finds nothing."""
    code = shop.products[0].barcode
    return [code, code.zfill(14), f"(01){code.zfill(14)}", f"sour {code}", shop.products[1].barcode]


async def test_what_is_to_order_and_what_is_scarce(shop: Shop) -> None:
    await stocked(shop, "2")
    ware = shop.products[0].id
    await shop.db.run(shop.scope, mark_scarce, new_id(), shop.store, ware, "sales")
    async with shop.db.read(shop.scope) as read:
        order = [[one.product for one in await suggestions(read, text=text)] for text in forms(shop)]
        scarce = [[one.product for one in (await articles(read, text=text, limit=5)).items] for text in forms(shop)]
    assert order == scarce == [[ware], [ware], [ware], [ware], []]


async def test_products_of_a_price_list_and_what_a_supplier_sells(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/price-lists"
    made = (await owner.post(api, json={"name": "Staff"})).json()
    ware = shop.products[0].id
    prices = {"prices": [{"product": str(ware), "price": 100}]}
    assert (await owner.put(f"{api}/{made['id']}/prices", json=prices)).json() == {"changed": 1}
    mill = await a_supplier(shop, "Mill")
    await sells(shop, mill, cost=Decimal(5), supplier_sku="M-77")
    async with shop.db.read(shop.scope) as read:
        listed = [[one.product for one in (await lines(read, UUID(made["id"]), text=text, limit=5)).items]
                  for text in forms(shop)]  # fmt: skip
        sold = [[one.product for one in (await products_of(read, mill, text=text, limit=5)).items]
                for text in [*forms(shop), "m-77", "m-78"]]  # fmt: skip
    assert listed == [[ware], [ware], [ware], [ware], []]
    assert sold == [[ware], [ware], [ware], [ware], [], [ware], []]
