"""What the figures can be narrowed to: the choices of each filter, and the words for what was chosen elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.sections.asking import NONE
from retail.analytics.sections.breakdown import tender_words
from retail.analytics.sections.sheet import Sheet
from retail.customers.queries import groups
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants import queries as tenants

Choice = tuple[str, str]

_CATEGORIES: Final = """
WITH RECURSIVE tree AS (
  SELECT c.id, c.name, 0 AS depth, ARRAY[lpad(c.position::text, 10, '0'), c.name] AS path
    FROM category c WHERE c.tenant_id = $1 AND c.parent_id IS NULL
  UNION ALL
  SELECT c.id, c.name, t.depth + 1, t.path || ARRAY[lpad(c.position::text, 10, '0'), c.name]
    FROM category c JOIN tree t ON c.parent_id = t.id WHERE c.tenant_id = $1)
SELECT id, name, depth FROM tree ORDER BY path LIMIT 500
"""
# Who sold lately, so that a shop of ten years doesn't offer everybody who ever worked there.
_CASHIERS: Final = """
SELECT m.person_id AS id, m.name FROM membership m
 WHERE m.tenant_id = $1 AND EXISTS (SELECT FROM sales_day d WHERE d.tenant_id = $1 AND d.cashier_id = m.person_id
                                       AND d.business_date BETWEEN $2 AND $3)
 ORDER BY m.name LIMIT 300
"""
_TENDERS: Final = """
SELECT DISTINCT d.tender FROM sales_day d WHERE d.tenant_id = $1 AND d.business_date BETWEEN $2 AND $3 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of each filter; `product` is the name of the product that is looked at."""

    stores: list[Choice]
    regions: list[Choice]
    tills: list[Choice]
    categories: list[Choice]
    cashiers: list[Choice]
    tenders: list[Choice]
    groups: list[Choice]
    product: str


async def choices(read: Read, asked: Asked, on: Sheet) -> Choices:
    """List what there is to choose from, in the time that is looked at."""
    period = on.asked.period
    stores = await tenants.stores(read)
    cashiers = await read.fetch(_CASHIERS, read.tenant, period.first, period.last)
    paid = await read.fetch(_TENDERS, read.tenant, period.first, period.last)
    categories = await read.fetch(_CATEGORIES, read.tenant)
    product = on.asked.narrowed.product
    return Choices(
        [(str(one.id), one.called) for one in stores],
        [(one, one) for one in sorted({one.region for one in stores if one.region})],
        [(str(one.id), f"{one.code} · {one.store_name}") for one in await tenants.tills(read)],
        [
            *((str(row["id"]), "\u2003" * row["depth"] + row["name"]) for row in categories),
            (NONE, _("Without a category")),
        ],
        [(str(row["id"]), row["name"]) for row in cashiers],
        [(row["tender"], tender_words(row["tender"])) for row in paid],
        [*((one, one) for one in await groups(read)), (NONE, _("No group"))],
        await _product_name(read, asked) if product is not None else "",
    )


async def _product_name(read: Read, asked: Asked) -> str:
    chosen = asked.typed("product")
    if chosen in {NONE, str(NOBODY)}:
        return _("Not in the catalogue")
    found: str | None = await read.fetchval(
        "SELECT name FROM product WHERE tenant_id = $1 AND id = $2::uuid", read.tenant, chosen
    )
    if found is None:
        asked.error("product", _("There is no such product."))
    return found or ""
