"""Lists as files: the filters of the page are kept, nothing in them runs, and another shop's rows are not there."""

from __future__ import annotations

import csv
import io

import httpx

from retail.catalog.operations import Draft, put_products
from retail.kit.ids import new_id
from retail.runtime.db import Database
from tests.stock.test_stock_live import relay as relay_all
from tests.support.selling import Counter
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


async def rows(visitor: httpx.AsyncClient, shop: Shop, path: str) -> list[dict[str, str]]:
    answer = await visitor.get(f"/t/{shop.tenant.slug}{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_products_keep_the_search_and_no_cell_runs(site: Site, shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [Draft(new_id(), "X-1", "=cmd()", shop.standard, 100, barcodes=())])
    owner = await site.member(shop)
    assert len(await rows(owner, shop, "/products/export?q=&category=&show=")) == len(shop.products) + 1
    assert [row["name"] for row in await rows(owner, shop, "/products/export?q=cmd")] == ["'=cmd()"]
    assert await rows(owner, shop, "/products/export?show=archived") == []
    page = (await owner.get(f"/t/{shop.tenant.slug}/products?q=milk")).text
    assert f'/t/{shop.tenant.slug}/products/export?format=csv&amp;q=milk"' in page
    picked = shop.products[1:3]
    chosen = "&".join(f"ids={ware.id}@1" for ware in picked)
    found = await rows(owner, shop, f"/products/export?q=&category=&{chosen}&new_category=")
    assert [row["sku"] for row in found] == [ware.sku for ware in picked]
    assert (await owner.get(f"/t/{shop.tenant.slug}/products/export?category=x")).status_code == 422


async def test_sales_and_stock_keep_store_and_days(site: Site, counter: Counter, db: Database) -> None:
    shop, other = counter.shop, await open_shop(db)
    await counter.send(counter.sale((shop.products[0], 2)))
    await relay_all(shop)
    owner = await site.member(shop)
    (line,) = await rows(owner, shop, f"/sales/export?store={shop.store}")
    assert (line["sku"], line["quantity"]) == ("SKU-001", "2")
    assert await rows(owner, shop, f"/sales/export?store={shop.second_store}") == []
    assert await rows(owner, shop, "/sales/export?to=2001-01-01") == []
    (level,) = await rows(owner, shop, f"/stock/export?store={shop.store}&q=sku-001")
    assert level["quantity"] == "-2"
    assert await rows(owner, shop, "/stock/export?q=milk") == []
    await counter.send(counter.sale((shop.products[1], 1)))
    await relay_all(shop)
    (first, _second) = await rows(owner, shop, "/sales/export")
    assert [row["sale"] for row in await rows(owner, shop, f"/sales/export?ids={first['sale']}")] == [first["sale"]]
    milk = f"{shop.products[1].id}@1@{shop.store}"
    assert [row["sku"] for row in await rows(owner, shop, f"/stock/export?ids={milk}")] == ["SKU-002"]
    assert (await owner.get(f"/t/{shop.tenant.slug}/stock/export?ids=x")).status_code == 404
    stranger = await site.member(other)
    assert await rows(stranger, other, "/sales/export") == []
    for path in ("products", "sales", "stock"):
        assert f"/{path}/export?" in (await owner.get(f"/t/{shop.tenant.slug}/{path}")).text
