"""Articles of past trade put on sale, with as much on the shelf on the first day as they then never ran out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.codes.skus import BySku
from retail.catalog.operations import Draft, put_products
from retail.imports.shop import WebShop
from retail.imports.survey import Article, Survey
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.runtime.db import Tx
from retail.sales.past import id_at
from retail.sales.wares import Ware
from retail.stock import Arrival, Document, on_hand, open_stock

_KEPT: Final = 20

_WARES: Final = """
SELECT p.id, p.sku, p.name, p.price_minor, p.archived_at IS NOT NULL, x.code, x.rate_micros,
       (p.unit_cost * 1000000)::bigint AS unit_cost_micros, 1000000000000000 AS plenty
  FROM product p JOIN tax_class x ON x.tenant_id = p.tenant_id AND x.id = p.tax_class_id
 WHERE p.tenant_id = $1
"""


async def put_articles(tx: Tx, shop: WebShop, found: Survey, cost_percent: int) -> dict[str, Ware]:
    """Put the file's articles on sale, those with a known SKU stay as they are; gives the articles by SKU.

    The file knows no costs: an article is taken to cost `cost_percent` of its usual price.
    """
    known: BySku[None] = BySku()
    for row in await tx.fetch(_WARES, tx.tenant):
        known[row["sku"]] = None
    drafts = [
        Draft(
            new_id(),
            code,
            article.name,
            shop.tax_class,
            article.price_minor,
            unit_cost=Decimal(mul_div(article.price_minor * cost_percent, 10**6, 100)).scaleb(-6),
            favourite=False,
        )
        for code, article in found.articles.items()
        if not known.alike(code)
    ]
    if drafts:
        await put_products(tx, drafts)
    wares: BySku[Ware] = BySku()
    for row in await tx.fetch(_WARES, tx.tenant):
        wares[row["sku"]] = Ware(*row)
    return wares | {code: ware for code in found.articles if (ware := wares.meant(code))}


async def fill_shelves(tx: Tx, shop: WebShop, found: Survey, wares: Mapping[str, Ware], file: int) -> int:
    """Open the stock of the day before the first sale; once per file. Gives how many articles were stocked.

    Every article gets what it needs never to run out, and a twentieth of all its sales on top, which is still there
    at the end; less what the store has of it already.
    """
    if found.first is None:
        return 0
    day_before = found.first - timedelta(days=1)
    document = Document(id_at(day_before, file), shop.store.id, "Opening stock of imported trade", day_before)
    done = await tx.fetchval(
        "SELECT true FROM stock_move WHERE tenant_id = $1 AND source_id = $2 LIMIT 1", tx.tenant, document.id
    )
    if done:
        return 0
    have = await on_hand(tx, shop.store.id, [wares[code].id for code in found.articles])
    arrivals = [
        Arrival(wares[code].id, missing, Decimal(wares[code].unit_cost_micros).scaleb(-6))
        for code, article in sorted(found.articles.items(), key=lambda one: wares[one[0]].id)
        for missing in [_needed(article) - have[wares[code].id]]
        if missing > 0
    ]
    if arrivals:
        await open_stock(tx, document, arrivals)
    return len(arrivals)


def _needed(article: Article) -> Decimal:
    return Decimal(article.least + article.sold // _KEPT)


def shelf(wares: Mapping[str, Ware]) -> dict[UUID, Ware]:
    """Give the articles by id, as the pricing of sales wants them."""
    return {ware.id: ware for ware in wares.values()}
